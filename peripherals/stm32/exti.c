// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 external interrupt and event controller (RM0090 chapter 12), 23 lines.
//
// Modelled: both edges, masks, pending bits, software interrupts, events (they wake WFE). An edge sets
// its pending bit only while the line is unmasked in IMR (12.2.3: an event line's bit is not set).
//
// Lines in: in.0 ... in.22. Lines out: irq.N (pending); edge.N, a pulse for each selected edge;
// wake, a pulse for each edge that ends stop mode.
#include "machine.h"

enum { EXTI_IMR = 0x00, EXTI_EMR = 0x04, EXTI_RTSR = 0x08, EXTI_FTSR = 0x0C, EXTI_SWIER = 0x10,
       EXTI_PR = 0x14 };
enum { LINES = 23, RESERVED = (int)0xFF800000 };

typedef struct {
    part_t p;
    line_t *irq[LINES], *edge[LINES], *wake;
} stm32_exti_t;

static void update_irqs(stm32_exti_t *x)
{
    uint32_t active = R(&x->p, EXTI_PR) & R(&x->p, EXTI_IMR);
    for (unsigned i = 0; i < LINES; i++)
        line_set(x->irq[i], active >> i & 1);
}

static void fire(stm32_exti_t *x, unsigned i)
{
    part_t *p = &x->p;
    uint32_t bit = 1u << i;
    R(p, EXTI_PR) |= R(p, EXTI_IMR) & bit;
    line_set(x->irq[i], R(p, EXTI_PR) & R(p, EXTI_IMR) & bit);
    line_pulse(x->edge[i]);
    if (R(p, EXTI_EMR) & bit && p->m->cpu)
        p->m->cpu->cls->event(p->m->cpu);
    if ((R(p, EXTI_EMR) | R(p, EXTI_IMR)) & bit)
        line_pulse(x->wake);
}

static void input(void *ctx, int i, bool level)
{
    stm32_exti_t *x = ctx;
    if (R(&x->p, level ? EXTI_RTSR : EXTI_FTSR) >> i & 1)
        fire(x, i);
}

static void imr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update_irqs((stm32_exti_t *)p);
}

static void swier_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    for (unsigned i = 0; i < LINES; i++)
        if ((R(p, EXTI_SWIER) & ~old) >> i & 1)
            fire((stm32_exti_t *)p, i);
}

static void pr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    R(p, EXTI_SWIER) &= ~p->written;
    update_irqs((stm32_exti_t *)p);
}

static bool exti_init(part_t *p, GError **error)
{
    stm32_exti_t *x = (stm32_exti_t *)p;
    char name[16];
    for (unsigned i = 0; i < LINES; i++) {
        g_snprintf(name, sizeof name, "irq.%u", i);
        x->irq[i] = part_line(p, name);
        g_snprintf(name, sizeof name, "edge.%u", i);
        x->edge[i] = part_line(p, name);
        g_snprintf(name, sizeof name, "in.%u", i);
        line_listen(part_line(p, name), input, x, i);
    }
    x->wake = part_line(p, "wake");
    return true;
}

static void exti_reset(part_t *p, bool power) { update_irqs((stm32_exti_t *)p); }

static const part_reg_t exti_regs[] = {
    {"IMR", EXTI_IMR, .ro = RESERVED, .write = imr_write},
    {"EMR", EXTI_EMR, .ro = RESERVED},
    {"RTSR", EXTI_RTSR, .ro = RESERVED},
    {"FTSR", EXTI_FTSR, .ro = RESERVED},
    // A 0 does not take the request back; clearing the pending bit does.
    {"SWIER", EXTI_SWIER, .ro = RESERVED, .write = swier_write},
    {"PR", EXTI_PR, .ro = RESERVED, .w1c = 0x007FFFFF, .write = pr_write},
    {0},
};

const part_class_t stm32_exti_class = {
    .name = "stm32-exti",
    .brief = "STM32F405 external interrupts",
    .size = sizeof(stm32_exti_t),
    .regs = exti_regs,
    .mmio_size = 0x400,
    .init = exti_init,
    .reset = exti_reset,
};
