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
    frame[6] += *(uint16_t *)frame[6] >= 0xE800 ? 4 : 2;
    mark(ipsr());
}
__attribute__((naked)) void hard(void) { __asm__("mov r0, sp\n b note\n"); }

__attribute__((noinline)) static void load(void)
{
    __asm__ volatile("ldr r0, [%0]\n" : : "r"(0x60000000) : "r0");
}
// Unaligned accesses: each is one HardFault at the instruction itself, and has no effect.
__attribute__((naked)) static uint32_t unaligned_word(uint32_t *at)
{
    __asm__("adds r0, #1\n movs r1, #9\n ldr r1, [r0]\n mov r0, r1\n bx lr\n");
}
__attribute__((naked)) static uint32_t unaligned_half(uint32_t *at)
{
    __asm__("adds r0, #1\n movs r1, #9\n ldrh r1, [r0]\n mov r0, r1\n bx lr\n");
}
__attribute__((naked)) static uint32_t unaligned_store(uint32_t *at)
{
    __asm__("adds r0, #2\n movs r1, #9\n str r1, [r0]\n mov r0, r1\n bx lr\n");
}
__attribute__((naked)) static uint32_t unaligned_multiple(uint32_t *at)
{
    __asm__("adds r0, #2\n movs r1, #9\n movs r2, #8\n stmia r0!, {r1, r2}\n"
            "mov r0, r1\n bx lr\n");
}

static void unaligned(uint32_t (*f)(uint32_t *), uint32_t instruction)
{
    uint32_t words[4] = {1, 2, 3, 4};
    uint32_t before = faults;
    EQ(f(words), 9);
    EQ(faults, before + 1);
    EQ(fault_pc, ((uint32_t)f & ~1u) + instruction);
    EQ(words[0], 1);
    EQ(words[1], 2);
    EQ(words[2], 3);
}

// What only ARMv7-M has is undefined.
#define ONLY_V7M(name, code) \
    __attribute__((naked)) static uint32_t name(void) \
    { \
        __asm__("movs r0, #7\n" code "\n nop\n bx lr\n"); \
    }
ONLY_V7M(v7m_cbz, ".short 0xB100")
ONLY_V7M(v7m_it, ".short 0xBF08")
ONLY_V7M(v7m_movw, ".short 0xF241\n .short 0x2000")
ONLY_V7M(v7m_ldrw, ".short 0xF8D0\n .short 0x0000")
ONLY_V7M(v7m_sdiv, ".short 0xFB90\n .short 0xF0F0")
ONLY_V7M(v7m_vadd, ".short 0xEE30\n .short 0x0A00")

static void undefined(uint32_t (*f)(void))
{
    uint32_t before = faults;
    EQ(f(), 7);
    EQ(faults, before + 1);
    EQ(fault_pc, ((uint32_t)f & ~1u) + 2);
}

// A process on PSP that an interrupt interrupts: its frame is there, the handler's stack is not.
static uint32_t process_stack[32];
static volatile uint32_t psp_in_handler;
void irq3(void)
{
    uint32_t psp;
    __asm__ volatile("mrs %0, psp" : "=r"(psp));
    psp_in_handler = psp;
    mark(ipsr());
}

static void on_psp(void)
{
    uint32_t sp;
    __asm__ volatile("msr psp, %0" : : "r"(process_stack + 32));
    set_control(2);
    EQ(control(), 2);
    ISPR = 8;
    __asm__ volatile("isb");
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    set_control(0);
    EQ(sp - psp_in_handler, 32);
}

// Code in RAM has the same cycles: there is one bus.
static const uint16_t ram_code[] = {
    0x6818,         // ldr r0, [r3]: time
    0x6819, 0x6819, // ldr: 2 each
    0xBF00, 0x6819, // nop, ldr r1, [r3]: time
    0x1A08, 0x4770, // subs r0, r1, r0; bx lr
};

static uint16_t in_ram[8];

static uint32_t run_in_ram(void)
{
    for (unsigned i = 0; i < sizeof ram_code / 2; i++)
        ((volatile uint16_t *)in_ram)[i] = ram_code[i];
    register uint32_t r0 __asm__("r0"), r3 __asm__("r3") = 0x40000024;
    __asm__ volatile("blx %1" : "=r"(r0) : "r"((uint32_t)in_ram | 1), "r"(r3) : "r1", "lr", "memory");
    return r0;
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

    unaligned(unaligned_word, 4);
    unaligned(unaligned_half, 4);
    unaligned(unaligned_store, 4);
    unaligned(unaligned_multiple, 6);

    undefined(v7m_cbz);
    undefined(v7m_it);
    undefined(v7m_movw);
    undefined(v7m_ldrw);
    undefined(v7m_sdiv);
    undefined(v7m_vadd);

    order = 0;
    enable_irq(3, 0x40);
    on_psp();
    EQ(order, 1);
    EQ(trace[0], 19);
    EQ(run_in_ram(), 2 + 2 + 2 + 1);
}
