// SPDX-License-Identifier: GPL-2.0-or-later
// Start and vector table of the test images.
#include "guest.h"

extern uint32_t bss_start[], bss_end[], stack_top[];
void reset(void);

void guest_eq(int line, uint32_t got, uint32_t want)
{
    if (got == want)
        return;
    BOX_LINE = line;
    BOX_GOT = got;
    BOX_WANT = want;
    BOX_DONE = 1;
}

static void unexpected(void)
{
    guest_eq(0, ipsr(), 0);
    for (;;) {
    }
}

#define WEAK(name) void name(void) __attribute__((weak, alias("unexpected")))
WEAK(nmi);
WEAK(hard);
WEAK(mem);
WEAK(bus);
WEAK(usage);
WEAK(svc);
WEAK(debug);
WEAK(pendsv);
WEAK(systick);
WEAK(irq0);
WEAK(irq1);
WEAK(irq2);
WEAK(irq3);

typedef void (*vector_t)(void);
__attribute__((section(".vectors"), used)) const vector_t vectors[20] = {
    (vector_t)stack_top, reset, nmi, hard, mem, bus, usage, 0, 0, 0, 0, svc, debug, 0, pendsv,
    systick, irq0, irq1, irq2, irq3,
};

void reset(void)
{
    for (volatile uint32_t *to = bss_start; to < bss_end; to++)
        *to = 0;
#if __ARM_ARCH >= 7
    CPACR = 0xFu << 20;
    DEMCR |= 1u << 24;
    CYCCNT = 0;
    REG(0xE0001000) = 1;
#endif
    image();
    BOX_DONE = 0;
    for (;;) {
    }
}
