// SPDX-License-Identifier: GPL-2.0-or-later
// AIRCR.SYSRESETREQ: RAM keeps its content, registers do not, the store's next instruction never runs.
#include "guest.h"

__attribute__((section(".keep"))) static uint32_t magic, after;

void irq0(void) {}

void image(void)
{
    if (magic != 0xC0FFEE) {
        magic = 0xC0FFEE;
        after = 0;
        enable_irq(0, 0x80);
        VTOR = 0x20000000;
        AIRCR = 0x00000004; // no key: nothing happens
        set_primask(1);
        __asm__ volatile("str %1, [%0]\n movs %1, #1\n str %1, [%2]\n b .\n"
                         : : "r"(&AIRCR), "r"(0x05FA0004), "r"(&after) : "memory");
    }
    EQ(after, 0);
    EQ(VTOR, 0);
    EQ(ISER, 0);
    EQ(control(), 0);
    uint32_t primask;
    __asm__ volatile("mrs %0, primask" : "=r"(primask));
    EQ(primask, 0);
}
