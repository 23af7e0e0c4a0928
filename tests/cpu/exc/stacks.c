// SPDX-License-Identifier: GPL-2.0-or-later
// Stacks that are not there when an exception is entered or left, returns that do not exist, and the
// padding word of an unaligned stack.
#include "guest.h"

static volatile uint32_t cfsr, entered;
static uint32_t frame[8] __attribute__((aligned(8)));

extern const char back[];

// Puts the process stack right: its thread goes on at `back`.
void bus(void)
{
    cfsr = CFSR;
    CFSR = cfsr;
    frame[6] = (uint32_t)back & ~1u;
    frame[7] = 1u << 24;
    __asm__ volatile("msr psp, %0" : : "r"(frame));
}

void irq0(void) { entered++; }
void irq1(void) // loses the stack that it came from
{
    __asm__ volatile("msr psp, %0" : : "r"(0x10000000));
}

// On the process stack `psp`, pends what `what` says.
__attribute__((naked)) static void run(uint32_t psp, uint32_t what)
{
    __asm__("push {r4-r11, lr}\n"
            "ldr r2, =0xE000E200\n"
            "msr psp, r0\n"
            "movs r3, #2\n"
            "msr control, r3\n"
            "isb\n"
            "str r1, [r2]\n"
            "nop\n nop\n"
            "back: movs r3, #0\n"
            "msr control, r3\n"
            "isb\n"
            "pop {r4-r11, pc}\n"
            ".ltorg\n");
}

volatile uint32_t usage_cfsr;
volatile uint32_t next_lr; // handed to usage
__attribute__((naked)) void usage(void)
{
    __asm__("ldr r0, =0xE000ED28\n"
            "ldr r1, [r0]\n"
            "str r1, [r0]\n"
            "ldr r0, =usage_cfsr\n"
            "str r1, [r0]\n"
            "ldr r0, =next_lr\n"
            "ldr r0, [r0]\n"
            "bx r0\n"
            ".ltorg\n");
}

volatile uint32_t bad_lr;
__attribute__((naked)) void irq2(void)
{
    __asm__("ldr r0, =bad_lr\n"
            "ldr r0, [r0]\n"
            "bx r0\n"
            ".ltorg\n");
}

static void returns(void)
{
    static const uint32_t bad[] = {0xFFFFFFF5, 0xFFFFFFF1, 0xFFFFFFE5, 0xFFFFFF09};
    next_lr = 0xFFFFFFF9;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        usage_cfsr = 0;
        bad_lr = bad[i];
        enable_irq(2, 0x80);
        ISPR = 4;
        EQ(usage_cfsr, 0x40000);
        EQ(IABR, 0);
        EQ(SHCSR & 0xFFF, 0);
    }
}

// Exceptions on a stack that is aligned to 4 only.
volatile uint32_t handler_sp, frame_psr;
__attribute__((naked)) void irq3(void)
{
    __asm__("ldr r0, =handler_sp\n"
            "mov r1, sp\n"
            "str r1, [r0]\n"
            "ldr r0, =frame_psr\n"
            "ldr r1, [sp, #28]\n"
            "str r1, [r0]\n"
            "bx lr\n"
            ".ltorg\n");
}

static void alignment(uint32_t stkalign)
{
    uint32_t sp;
    CCR = stkalign;
    enable_irq(3, 0x80);
    for (unsigned pad = 0; pad < 8; pad += 4) {
        uint32_t after;
        __asm__ volatile("mov r4, sp\n"
                         "bic r5, r4, #7\n"
                         "sub r5, %2\n"
                         "mov sp, r5\n"
                         "ldr r6, =0xE000E200\n"
                         "movs r7, #8\n"
                         "str r7, [r6]\n"
                         "nop\n nop\n"
                         "mov %0, r5\n"
                         "mov %1, sp\n"
                         "mov sp, r4\n"
                         : "=&r"(sp), "=&r"(after) : "r"(pad) : "r4", "r5", "r6", "r7", "memory");
        EQ(after, sp);
        EQ(handler_sp, sp - 32 - (stkalign && pad ? 4 : 0));
        EQ(frame_psr >> 9 & 1, stkalign && pad ? 1 : 0);
    }
}

void image(void)
{
    SHCSR = 7u << 16;
    enable_irq(0, 0x80);
    run(0x20000008, 1); // the frame would start below RAM
    EQ(cfsr, 0x1000);   // STKERR
    EQ(entered, 1);     // afterwards, from the stack that has been put right
    enable_irq(1, 0x80);
    run((uint32_t)frame + sizeof frame, 2);
    EQ(cfsr, 0x800); // UNSTKERR
    returns();
    alignment(0x200);
    alignment(0);
}
