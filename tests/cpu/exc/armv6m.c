// SPDX-License-Identifier: GPL-2.0-or-later
// Cortex-M0: entry in 16 cycles, two bits of priority, HardFault for every fault, PendSV and SysTick.
#include "guest.h"

static volatile uint32_t entered, order, trace[8], faults, fault_pc;

static void mark(uint32_t n) { trace[order++ & 7] = n; }

// r7 is the address of BOX_CYCLE in `probe`; its value comes back in r6.
__attribute__((naked)) void irq0(void) { __asm__("ldr r6, [r7]\n bx lr\n"); }

__attribute__((naked)) static uint32_t probe(void)
{
    __asm__("push {r4-r7, lr}\n"
            "ldr r7, =0x40000024\n"
            "ldr r5, =0xE000E200\n"
            "movs r4, #1\n"
            "ldr r3, [r7]\n"  // 2 cycles
            "str r4, [r5]\n"  // 2
            "nop\n"
            "subs r0, r6, r3\n"
            "pop {r4-r7, pc}\n"
            ".ltorg\n");
}

void irq1(void)
{
    mark(17);
    ISPR = 4;
    mark(117);
}
void irq2(void) { mark(18); }
void pendsv(void) { mark(14); }
void systick(void)
{
    SYST_CSR = 0;
    mark(15);
}

__attribute__((used)) void note(uint32_t *frame)
{
    faults++;
    fault_pc = frame[6];
    frame[6] += 2;
    mark(ipsr());
}
__attribute__((naked)) void hard(void) { __asm__("mov r0, sp\n b note\n"); }

__attribute__((noinline)) static void load(void)
{
    __asm__ volatile("ldr r0, =0x60000000\n ldr r0, [r0]\n" : : : "r0");
}
void image(void)
{
    enable_irq(0, 0);
    EQ(probe(), 2 + 2 + 16);

    enable_irq(1, 0xFF);
    EQ(REG(0xE000E400), 0x0000C000);
    enable_irq(2, 0x80);
    ISPR = 2;
    EQ(order, 3);
    EQ(trace[1], 18); // preempts
    enable_irq(2, 0xC0);
    order = 0;
    ISPR = 2;
    EQ(trace[2], 18); // follows

    order = 0;
    set_primask(1);
    ICSR = PENDSVSET;
    SYST_RVR = 99;
    SYST_CVR = 0;
    SYST_CSR = 7;
    __asm__ volatile("wfi");
    __asm__ volatile("wfi"); // SysTick pends: does not sleep
    EQ(order, 0);
    set_primask(0);
    __asm__ volatile("isb");
    EQ(order, 1); // PendSV: the first WFI did not sleep either, and SysTick is still to come
    __asm__ volatile("wfi");
    EQ(order, 2);
    EQ(trace[0], 14);
    EQ(trace[1], 15);

    order = 0;
    load();
    __asm__ volatile("udf #0");
    EQ(faults, 2);
    EQ(trace[0], 3);
    EQ(trace[1], 3);
}
