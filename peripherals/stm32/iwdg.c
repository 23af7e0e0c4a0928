// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 independent watchdog (RM0090 chapter 21) on its own 32 kHz oscillator, which it switches on
// and which starts with it. The time-out is (RLR + 1) * prescaler periods; a new PR or RLR shows in SR
// for 5 periods. Not modelled: the hardware watchdog option.
//
// Line out: reset (a pulse).
#include "machine.h"

enum { IWDG_KR = 0x00, IWDG_PR = 0x04, IWDG_RLR = 0x08, IWDG_SR = 0x0C };
enum { SR_PVU = 1 << 0, SR_RVU = 1 << 1 };
enum { KEY_ACCESS = 0x5555, KEY_RELOAD = 0xAAAA, KEY_START = 0xCCCC };
static const uint64_t period_ps = PS_PER_S / 32000;

typedef struct {
    part_t p;
    line_t *reset;
    event_t timeout;              // saved
    bool open, running;           // saved
    uint64_t pvu_ps, rvu_ps;      // saved: until then the values are on their way
} stm32_iwdg_t;

static void reload(stm32_iwdg_t *w)
{
    part_t *p = &w->p;
    uint64_t prescaler = 4u << MIN(R(p, IWDG_PR), 6);
    if (w->running)
        machine_at(p->m, &w->timeout,
                   machine_now_ps(p->m) + (R(p, IWDG_RLR) + 1) * prescaler * period_ps);
}

static void timeout(void *ctx, uint64_t now)
{
    stm32_iwdg_t *w = ctx;
    machine_report(w->p.m, REPORT_NOTE, 0, "iwdg: the watchdog resets the chip");
    line_pulse(w->reset);
}

static void kr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_iwdg_t *w = (stm32_iwdg_t *)p;
    uint32_t key = p->written;
    R(p, IWDG_KR) = 0;
    w->open = key == KEY_ACCESS;
    if (key == KEY_START)
        w->running = true;
    if (key == KEY_START || key == KEY_RELOAD)
        reload(w);
}

static void value_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_iwdg_t *w = (stm32_iwdg_t *)p;
    uint64_t *until = reg->offset == IWDG_PR ? &w->pvu_ps : &w->rvu_ps, now = machine_now_ps(p->m);
    if (!w->open || now < *until) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + reg->offset, "iwdg: %s is written %s",
                       reg->name, w->open ? "while the last value is on its way" : "without key 0x5555");
        R(p, reg->offset) = old;
        return;
    }
    *until = now + 5 * period_ps;
}

static uint32_t sr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_iwdg_t *w = (stm32_iwdg_t *)p;
    uint64_t now = machine_now_ps(p->m);
    return (now < w->pvu_ps ? SR_PVU : 0) | (now < w->rvu_ps ? SR_RVU : 0);
}

static bool iwdg_init(part_t *p, GError **error)
{
    stm32_iwdg_t *w = (stm32_iwdg_t *)p;
    w->reset = part_line(p, "reset");
    event_init(&w->timeout, "iwdg", timeout, w);
    return true;
}

static void iwdg_reset(part_t *p, bool power)
{
    stm32_iwdg_t *w = (stm32_iwdg_t *)p;
    machine_cancel(p->m, &w->timeout);
    w->open = w->running = false;
    w->pvu_ps = w->rvu_ps = 0;
}

static const part_reg_t iwdg_regs[] = {
    {"KR", IWDG_KR, .write = kr_write},
    {"PR", IWDG_PR, .ro = 0xFFFFFFF8, .write = value_write},
    {"RLR", IWDG_RLR, .reset = 0xFFF, .ro = 0xFFFFF000, .write = value_write},
    {"SR", IWDG_SR, .ro = 0xFFFFFFFF, .read = sr_read},
    {0},
};

const part_class_t stm32_iwdg_class = {
    .name = "stm32-iwdg",
    .brief = "STM32 independent watchdog",
    .size = sizeof(stm32_iwdg_t),
    .regs = iwdg_regs,
    .mmio_size = 0x400,
    .init = iwdg_init,
    .reset = iwdg_reset,
};
