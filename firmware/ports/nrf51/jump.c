/* SPDX-License-Identifier: MIT
 * jump.c: the core's setjmp for Armv6-M: r4 to r11, the stack pointer, the return address.
 */
#include "../../core/exc.h"

__attribute__((naked)) int jump_set(jump_t j)
{
    __asm volatile("stmia r0!, {r4-r7}\n"
                   "mov r1, r8\n mov r2, r9\n mov r3, r10\n"
                   "stmia r0!, {r1-r3}\n"
                   "mov r1, r11\n mov r2, sp\n mov r3, lr\n"
                   "stmia r0!, {r1-r3}\n"
                   "mov r0, #0\n"
                   "bx lr\n");
}

__attribute__((naked)) _Noreturn void jump_to(jump_t j)
{
    __asm volatile("add r0, #16\n"
                   "ldmia r0!, {r1-r3}\n"
                   "mov r8, r1\n mov r9, r2\n mov r10, r3\n"
                   "ldmia r0!, {r1-r3}\n"
                   "mov r11, r1\n mov sp, r2\n"
                   "sub r0, #40\n"
                   "ldmia r0!, {r4-r7}\n"
                   "mov r0, #1\n"
                   "bx r3\n");
}
