// SPDX-License-Identifier: GPL-2.0-or-later
// The stack is gone: HardFault's handler is entered all the same, and locks up at its first load
// from there.
#include "guest.h"

__attribute__((naked)) void hard(void)
{
    __asm__("ldr r0, =0xE000ED28\n ldr r0, [r0]\n" // CFSR
            "ldr r1, =0x4000001C\n str r0, [r1]\n" // BOX_GOT
            "push {r0, lr}\n"    // into the write buffer, and lost
            "pop {r0, pc}\n b .\n");
}
void image(void) { __asm__ volatile("ldr r0, =0x10\n mov sp, r0\n udf #1" : : : "r0"); }
