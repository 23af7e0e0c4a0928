// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 window watchdog (RM0090 chapter 22). The counter falls by one every 4096 << WDGTB cycles of PCLK1
// and resets the chip when it leaves 0x40, or when it is reloaded before it reached the window. A write
// to CR starts a whole period (22.4, the formula of the time-out).
//
// Lines out: irq (early wake-up at 0x40), reset (a pulse).
#include "machine.h"

enum { WWDG_CR = 0x00, WWDG_CFR = 0x04, WWDG_SR = 0x08 };
enum { CR_T = 0x7F, CR_WDGA = 1 << 7, CFR_W = 0x7F, CFR_EWI = 1 << 9 };

typedef struct {
    part_t p;
    line_t *irq, *reset;
    event_t step;        // saved: the counter reaches 0x40, or leaves it
    uint64_t epoch_tick; // saved: of PCLK1, when the counter was `epoch_t`
    uint32_t epoch_t;    // saved
} stm32_wwdg_t;

static uint64_t period(part_t *p) { return (uint64_t)4096 << (R(p, WWDG_CFR) >> 7 & 3); }

static uint32_t counter(stm32_wwdg_t *w)
{
    part_t *p = &w->p;
    uint64_t ticks = clk_ticks(p->clk, machine_now_ps(p->m)) - w->epoch_tick;
    return (w->epoch_t - (uint32_t)(ticks / period(p))) & CR_T;
}

static void schedule(stm32_wwdg_t *w)
{
    part_t *p = &w->p;
    uint32_t t = w->epoch_t, now = counter(w), steps = t - 0x3F;
    if (!(R(p, WWDG_CR) & CR_WDGA) || p->off) {
        machine_cancel(p->m, &w->step);
        return;
    }
    if (now > 0x40) // first its early warning
        steps = t - 0x40;
    machine_at(p->m, &w->step, clk_ps(p->clk, w->epoch_tick + steps * period(p)));
}

static void bite(stm32_wwdg_t *w, const char *why)
{
    machine_report(w->p.m, REPORT_NOTE, 0, "wwdg: the watchdog resets the chip: %s", why);
    line_pulse(w->reset);
}

static void step(void *ctx, uint64_t now)
{
    stm32_wwdg_t *w = ctx;
    part_t *p = &w->p;
    if (counter(w) < 0x40) {
        bite(w, "it ran out");
        return;
    }
    R(p, WWDG_SR) |= 1;
    line_set(w->irq, R(p, WWDG_CFR) & CFR_EWI);
    schedule(w);
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_wwdg_t *w = (stm32_wwdg_t *)p;
    uint32_t *cr = &R(p, WWDG_CR);
    bool early = old & CR_WDGA && counter(w) > (R(p, WWDG_CFR) & CFR_W);
    *cr |= old & CR_WDGA; // only a reset switches it off
    w->epoch_tick = clk_ticks(p->clk, machine_now_ps(p->m));
    w->epoch_t = *cr & CR_T;
    if (early)
        bite(w, "reloaded before the window");
    else if (*cr & CR_WDGA && w->epoch_t < 0x40)
        bite(w, "CR.T6 was written 0");
    else
        schedule(w);
}

static uint32_t cr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return (R(p, WWDG_CR) & CR_WDGA) | counter((stm32_wwdg_t *)p);
}

static void cfr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_wwdg_t *w = (stm32_wwdg_t *)p;
    uint32_t now = R(p, WWDG_CFR);
    R(p, WWDG_CFR) = old;
    w->epoch_t = counter(w);
    w->epoch_tick = clk_ticks(p->clk, machine_now_ps(p->m));
    R(p, WWDG_CFR) = now | (old & CFR_EWI); // only a reset clears it
    line_set(w->irq, R(p, WWDG_CFR) & CFR_EWI && R(p, WWDG_SR));
    schedule(w);
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    line_set(((stm32_wwdg_t *)p)->irq, R(p, WWDG_CFR) & CFR_EWI && R(p, WWDG_SR));
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (!before)
        schedule(ctx);
}

static bool wwdg_init(part_t *p, GError **error)
{
    stm32_wwdg_t *w = (stm32_wwdg_t *)p;
    w->irq = part_line(p, "irq");
    w->reset = part_line(p, "reset");
    event_init(&w->step, "wwdg", step, w);
    clk_listen(p->clk, clock_changed, w);
    return true;
}

static void wwdg_reset(part_t *p, bool power)
{
    stm32_wwdg_t *w = (stm32_wwdg_t *)p;
    machine_cancel(p->m, &w->step);
    w->epoch_tick = clk_ticks(p->clk, machine_now_ps(p->m));
    w->epoch_t = CR_T;
    line_set(w->irq, false);
}

static const part_reg_t wwdg_regs[] = {
    {"CR", WWDG_CR, .reset = 0x7F, .ro = 0xFFFFFF00, .read = cr_read, .write = cr_write},
    {"CFR", WWDG_CFR, .reset = 0x7F, .ro = 0xFFFFFC00, .write = cfr_write},
    {"SR", WWDG_SR, .ro = 0xFFFFFFFE, .w0c = 1, .write = sr_write},
    {0},
};

const part_class_t stm32_wwdg_class = {
    .name = "stm32-wwdg",
    .brief = "STM32 window watchdog",
    .size = sizeof(stm32_wwdg_t),
    .regs = wwdg_regs,
    .mmio_size = 0x400,
    .init = wwdg_init,
    .reset = wwdg_reset,
};
