// SPDX-License-Identifier: GPL-2.0-or-later
// Two threads on the process stack, switched by PendSV from SysTick, both with floating point in all
// 32 registers: what a small operating system does.
#include "guest.h"

static uint32_t stacks[2][256] __attribute__((aligned(8)));
static uint32_t *saved[2]; // stack pointers of the threads that wait
static unsigned running, switches, ticks;
static uint32_t rounds[2];

// r4-r11 and EXC_RETURN, and s16-s31 when the frame has floating point, go below the frame.
__attribute__((naked)) void pendsv(void)
{
    __asm__("mrs r0, psp\n"
            "tst lr, #0x10\n"
            "it eq\n"
            "vstmdbeq r0!, {s16-s31}\n"
            "stmdb r0!, {r4-r11, lr}\n"
            "bl next_thread\n"
            "ldmia r0!, {r4-r11, lr}\n"
            "tst lr, #0x10\n"
            "it eq\n"
            "vldmiaeq r0!, {s16-s31}\n"
            "msr psp, r0\n"
            "bx lr\n");
}

__attribute__((used)) uint32_t *next_thread(uint32_t *sp)
{
    saved[running] = sp;
    running ^= 1;
    switches++;
    return saved[running];
}

void systick(void)
{
    ticks++;
    ICSR = PENDSVSET;
}

// Fills and checks registers with values of its own, for ever.
__attribute__((naked)) static void thread(uint32_t seed, uint32_t *count)
{
    __asm__("mov r4, r0\n"
            "mov r5, r1\n"
            "1: vmov s0, r4\n"
            "vmov.f32 s1, s0\n vmov.f32 s15, s0\n vmov.f32 s16, s0\n vmov.f32 s31, s0\n"
            "mov r6, #50\n"
            "mov r7, r4\n mov r8, r4\n mov r12, r4\n"
            "2: vmov r0, s0\n vmov r1, s15\n vmov r2, s16\n vmov r3, s31\n"
            "cmp r0, r4\n bne 3f\n"
            "cmp r1, r4\n bne 3f\n"
            "cmp r2, r4\n bne 3f\n"
            "cmp r3, r4\n bne 3f\n"
            "cmp r7, r4\n bne 3f\n"
            "cmp r8, r4\n bne 3f\n"
            "cmp r12, r4\n bne 3f\n"
            "subs r6, #1\n"
            "bne 2b\n"
            "ldr r0, [r5]\n"
            "adds r0, #1\n"
            "str r0, [r5]\n"
            "b 1b\n"
            "3: movs r0, #0\n"
            "mov r1, r4\n"
            "movs r2, #0\n"
            "bl guest_eq\n");
}

// SVC ends it: back to the main stack's thread.
static volatile uint32_t svc_return;
void svc(void) { svc_return = 1; }

// A waiting thread as PendSV leaves it: nine registers below a basic frame.
static void prepare(unsigned n)
{
    uint32_t *sp = stacks[n] + 256 - 8;
    sp[0] = 0x11111111 * (n + 1);
    sp[1] = (uint32_t)&rounds[n];
    sp[6] = (uint32_t)thread & ~1u;
    sp[7] = 1u << 24;
    sp -= 9;
    sp[8] = 0xFFFFFFFD;
    saved[n] = sp;
}

static void start(void)
{
    // The thread that runs now becomes thread 0 by way of its own stack.
    uint32_t psp = (uint32_t)(stacks[0] + 256);
    __asm__ volatile("msr psp, %0" : : "r"(psp));
    set_control(2);
    SYST_RVR = 997;
    SYST_CVR = 0;
    SYST_CSR = 7;
    __asm__ volatile("mov r0, %0\nmov r1, %1\nb thread\n" : : "r"(0x11111111), "r"(&rounds[0])
                     : "r0", "r1");
}

void irq0(void)
{
    // After 100,000 cycles: everything went on.
    BOX_LOWER = 0;
    EQ(ticks, 100);
    EQ(switches, 100);
    EQ(rounds[0] > 15, 1);
    EQ(rounds[1] > 15, 1);
    EQ(FPCCR >> 30, 3);
    BOX_DONE = 0;
}

void image(void)
{
    __asm__ volatile("svc #0");
    EQ(svc_return, 1);
    SHPR(14) = 0xF0; // PendSV last
    SHPR(15) = 0x40;
    prepare(1);
    enable_irq(0, 0);
    BOX_DELAY = 100000;
    BOX_LATER = 0;
    start();
}
