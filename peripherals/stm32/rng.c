// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 random number generator (RM0090 chapter 24). A number takes 40 periods of the 48 MHz clock;
// numbers come from the machine's seed. A clock slower than HCLK / 16 is a clock error. The noise
// source never fails, so seed errors cannot happen.
#include "machine.h"

enum { RNG_CR = 0x00, RNG_SR = 0x04, RNG_DR = 0x08 };
enum { CR_RNGEN = 1 << 2, CR_IE = 1 << 3 };
enum { SR_DRDY = 1 << 0, SR_CECS = 1 << 1, SR_CEIS = 1 << 5, SR_SEIS = 1 << 6 };
enum { PERIODS = 40 };

typedef struct {
    part_t p;
    line_t *irq;
    clk_t *hclk;
    event_t ready; // saved
} stm32_rng_t;

static void update_irq(stm32_rng_t *g)
{
    line_set(g->irq, R(&g->p, RNG_CR) & CR_IE && R(&g->p, RNG_SR) & (SR_DRDY | SR_CEIS | SR_SEIS));
}

static bool clock_good(stm32_rng_t *g) { return clk_hz(g->p.clk) >= clk_hz(g->hclk) / 16; }

// Begins the next number, or stops.
static void restart(stm32_rng_t *g)
{
    part_t *p = &g->p;
    bool on = R(p, RNG_CR) & CR_RNGEN;
    if (on && !clock_good(g))
        R(p, RNG_SR) |= SR_CECS | SR_CEIS;
    else
        R(p, RNG_SR) &= ~SR_CECS;
    if (!on || !clock_good(g))
        machine_cancel(p->m, &g->ready);
    else if (!event_pending(&g->ready) && !(R(p, RNG_SR) & SR_DRDY))
        machine_at(p->m, &g->ready,
                   clk_ps(p->clk, clk_ticks(p->clk, machine_now_ps(p->m)) + PERIODS));
    update_irq(g);
}

static void ready(void *ctx, uint64_t now)
{
    stm32_rng_t *g = ctx;
    R(&g->p, RNG_DR) = machine_random(g->p.m);
    R(&g->p, RNG_SR) |= SR_DRDY;
    update_irq(g);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_rng_t *g = ctx;
    if (before)
        return;
    machine_cancel(g->p.m, &g->ready);
    restart(g);
}

static void reg_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    restart((stm32_rng_t *)p);
}

static uint32_t dr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    uint32_t v = R(p, RNG_DR);
    if (!p->peeking && R(p, RNG_SR) & SR_DRDY) {
        R(p, RNG_SR) &= ~SR_DRDY;
        R(p, RNG_DR) = 0;
        restart((stm32_rng_t *)p);
    }
    return v;
}

static bool rng_init(part_t *p, GError **error)
{
    stm32_rng_t *g = (stm32_rng_t *)p;
    g->irq = part_line(p, "irq");
    g->hclk = part_clk(p, "hclk");
    event_init(&g->ready, "random number", ready, g);
    clk_listen(p->clk, clock_changed, g);
    clk_listen(g->hclk, clock_changed, g);
    return true;
}

static void rng_reset(part_t *p, bool power)
{
    machine_cancel(p->m, &((stm32_rng_t *)p)->ready);
    restart((stm32_rng_t *)p);
}

static const part_reg_t rng_regs[] = {
    {"CR", RNG_CR, .ro = 0xFFFFFFF3, .write = reg_write},
    {"SR", RNG_SR, .ro = 0xFFFFFF9F, .w0c = SR_CEIS | SR_SEIS, .write = reg_write},
    {"DR", RNG_DR, .ro = 0xFFFFFFFF, .read = dr_read},
    {0},
};

const part_class_t stm32_rng_class = {
    .name = "stm32-rng",
    .brief = "STM32F4 random number generator",
    .size = sizeof(stm32_rng_t),
    .regs = rng_regs,
    .mmio_size = 0x400,
    .init = rng_init,
    .reset = rng_reset,
};
