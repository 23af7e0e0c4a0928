// SPDX-License-Identifier: GPL-2.0-or-later
// Cycles of exception entry, return, tail-chaining and late arrival, with and without floating point.
//
// `probe` keeps the address of CYCCNT in r7: handlers read it with their first instruction, which
// tells the cycle at which that instruction begins. r8-r11 are nobody's, so handlers leave times there.
#include "guest.h"

static struct times {
    uint32_t before, first, last, second, after, lr;
} t;

// Stores `value` to `at`, which pends something, between two readings of the counter.
__attribute__((naked)) static void probe(volatile uint32_t *at, uint32_t value, struct times *times)
{
    __asm__("push {r4-r11, lr}\n"
            "ldr r7, =0xE0001004\n"
            "mov r4, r0\n mov r5, r1\n mov r12, r2\n"
            "mov r8, #0\n mov r9, #0\n mov r10, #0\n mov r11, #0\n"
            "nop\n"
            "ldr r6, [r7]\n"
            "nop\n"
            "str r5, [r4]\n"
            "nop\n"
            "ldr r0, [r7]\n"
            "nop\n"
            "stmia r12!, {r6, r8, r9, r10}\n"
            "stmia r12!, {r0, r11}\n"
            "pop {r4-r11, pc}\n"
            ".ltorg\n");
}

__attribute__((naked)) void irq0(void)
{
    __asm__("ldr r8, [r7]\n"
            "mov r11, lr\n"
            "nop\n"
            "ldr r9, [r7]\n" // 2 cycles
            "bx lr\n");      // 1, and the return
}

// Pends irq2, which is of the same priority: it tail-chains.
__attribute__((naked)) void irq1(void)
{
    __asm__("ldr r8, [r7]\n"
            "ldr r0, =0xE000E200\n"
            "movs r1, #4\n"
            "str r1, [r0]\n"
            "nop\n"
            "ldr r9, [r7]\n"
            "bx lr\n"
            ".ltorg\n");
}

volatile uint32_t second_lr;
__attribute__((naked)) void irq2(void)
{
    __asm__("ldr r10, [r7]\n"
            "ldr r0, =second_lr\n"
            "str lr, [r0]\n"
            "ldr r0, =0x40000008\n" // BOX_LOWER
            "movs r1, #2\n"
            "str r1, [r0]\n"
            "bx lr\n"
            ".ltorg\n");
}

// Uses the FPU: a lazily stacked frame is written by its first floating-point instruction.
__attribute__((naked)) void irq3(void)
{
    __asm__("ldr r8, [r7]\n"
            "nop\n"
            "vadd.f32 s0, s1, s2\n"
            "nop\n"
            "ldr r9, [r7]\n"
            "bx lr\n");
}

static void use_fpu(void)
{
    __asm__ volatile("vmov.f32 s0, #1.0\n vmov.f32 s1, s0" : : : "s0", "s1");
}

// Machine time minus the cycle counter: the same as long as both count the same.
__attribute__((naked, noinline)) static uint32_t skew(void)
{
    __asm__("ldr r0, =0x40000024\n" // BOX_CYCLE
            "ldr r1, =0xE0001004\n"
            "nop\n"
            "ldr r0, [r0]\n"
            "ldr r1, [r1]\n"
            "subs r0, r0, r1\n"
            "bx lr\n"
            ".ltorg\n");
}

static void plain(uint32_t span)
{
    uint32_t before = skew();
    enable_irq(0, 0x80);
    probe(&ISPR, 1, &t);
    EQ(t.first - t.before, span - 1 + 12); // taken before the NOP behind the store
    EQ(t.after - t.last, 2 + 1 + 10 + 1);
    EQ(t.lr, 0xFFFFFFF9);
    EQ(control() & 4, 0);

    enable_irq(1, 0x80);
    enable_irq(2, 0x80);
    probe(&ISPR, 2, &t);
    EQ(t.first - t.before, span - 1 + 12);
    EQ(t.second - t.last, 2 + 1 + 6);
    EQ(skew(), before);
}

static void floating(uint32_t span)
{
    enable_irq(3, 0x80);
    FPCCR = 0x80000000; // ASPEN, not lazy
    use_fpu();
    probe(&ISPR, 1, &t);
    EQ(t.first - t.before, span - 1 + 29);
    EQ(t.after - t.last, 2 + 1 + 27 + 1);
    EQ(t.lr, 0xFFFFFFE9);
    FPCCR = 0xC0000000; // lazy, and the handler leaves the FPU alone
    use_fpu();
    probe(&ISPR, 1, &t);
    EQ(t.first - t.before, span - 1 + 12);
    EQ(t.after - t.last, 2 + 1 + 10 + 1);
    EQ(t.lr, 0xFFFFFFE9);
    use_fpu(); // lazy, and it uses it
    probe(&ISPR, 8, &t);
    EQ(t.first - t.before, span - 1 + 12);
    EQ(t.last - t.first, 2 + 1 + 17 + 1 + 1);
    EQ(t.after - t.last, 2 + 1 + 27 + 1);
}

// As probe, with a store to BOX_LATER three cycles before irq0 is to be taken.
__attribute__((naked)) static void probe_twice(struct times *times)
{
    __asm__("push {r4-r11, lr}\n"
            "ldr r7, =0xE0001004\n"
            "ldr r4, =0xE000E200\n"
            "ldr r5, =0x40000010\n"
            "movs r2, #2\n movs r3, #1\n"
            "mov r12, r0\n"
            "mov r8, #0\n mov r9, #0\n mov r10, #0\n mov r11, #0\n"
            "nop\n"
            "ldr r6, [r7]\n"
            "nop\n"
            "str r2, [r5]\n"
            "nop\n"
            "str r3, [r4]\n"
            "nop\n nop\n nop\n nop\n"
            "stmia r12!, {r6, r8, r9, r10}\n"
            "pop {r4-r11, pc}\n"
            ".ltorg\n");
}

static void late_arrival(void)
{
    enable_irq(0, 0x80);
    enable_irq(2, 0x40);
    for (int32_t arrival = -2; arrival <= 16; arrival++) {
        // Cycles from irq0's entry to irq2's first instruction.
        uint32_t second = arrival < 6 ? 12 : arrival < 12 ? arrival + 6 : arrival == 12 ? 24 :
                          arrival < 15 ? 26 : arrival + 12;
        set_control(0); // no floating-point context
        BOX_DELAY = arrival + 3;
        probe_twice(&t);
        uint32_t entry = t.before + 2 + 1 + 3;
        if (arrival < 0) {
            EQ(t.second - entry, arrival + 12);
        } else {
            EQ(t.second - entry, second);
            EQ(second_lr, arrival < 12 ? 0xFFFFFFF9 : 0xFFFFFFF1);
        }
        if (arrival <= 12)
            EQ(t.first > t.second, 1);
        else
            EQ(t.first - entry, 12);
    }
}

void image(void)
{
    probe(&ISPR, 0, &t); // nothing pends
    uint32_t span = t.after - t.before;
    EQ(span, 2 + 1 + 1 + 1);
    plain(span);
    floating(span);
    late_arrival();
}
