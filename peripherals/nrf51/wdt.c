// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 watchdog (nRF51 Series Reference Manual v3.0, chapter WDT).
//
// Modelled: the time-out of (CRV + 1) / 32768 s, eight reload requests, the lock of the configuration
// while it runs, pause in sleep, TIMEOUT and the reset, two periods later when the interrupt is on. It
// goes on through a soft reset. It keeps time by itself, as if the 32 kHz oscillator that it switches
// on had no start-up.
// Not modelled: the pause while a debugger has halted the CPU (time does not pass then).
//
// Line in: "cpu.sleeping". Line out: reset (a pulse, before the chip is reset).
#include "nrf51.h"

enum { START = 0x000, TIMEOUT = 0x100, RUNSTATUS = 0x400, REQSTATUS = 0x404, CRV = 0x504,
       RREN = 0x508, CONFIG = 0x50C, RR = 0x600 };
enum { CONFIG_SLEEP = 1 << 0 };
enum { RELOAD = 0x6E524635, TICKS_PER_S = 32768, CRV_MIN = 0xF };

typedef struct {
    nrf_t n;
    line_t *reset, *sleeping;
    event_t timeout, fall; // saved
    uint64_t left_ps;      // saved: while it pauses
    bool soft;             // saved: the coming reset is a soft one
} nrf51_wdt_t;

static uint64_t ticks_ps(uint64_t ticks)
{
    return (uint64_t)((unsigned __int128)ticks * PS_PER_S / TICKS_PER_S);
}

static bool paused(const nrf51_wdt_t *w)
{
    return w->sleeping->level && !(R(&w->n.p, CONFIG) & CONFIG_SLEEP);
}

static void reload(nrf51_wdt_t *w)
{
    part_t *p = &w->n.p;
    R(p, REQSTATUS) = R(p, RREN);
    w->left_ps = ticks_ps((uint64_t)R(p, CRV) + 1);
    if (!paused(w))
        machine_at(p->m, &w->timeout, machine_now_ps(p->m) + w->left_ps);
}

static void fall(void *ctx, uint64_t now)
{
    nrf51_wdt_t *w = ctx;
    machine_report(w->n.p.m, REPORT_NOTE, 0, "wdt: the watchdog resets the chip");
    line_pulse(w->reset);
    machine_want_reset(w->n.p.m);
}

static void timed_out(void *ctx, uint64_t now)
{
    nrf51_wdt_t *w = ctx;
    part_t *p = &w->n.p;
    machine_at(p->m, &w->fall, now + (R(p, NRF_INTEN_AT) & 1 ? ticks_ps(2) : 0));
    nrf_event(p, TIMEOUT);
}

static void start(part_t *p, unsigned n)
{
    if (R(p, RUNSTATUS))
        return;
    R(p, RUNSTATUS) = 1;
    reload((nrf51_wdt_t *)p);
}

static void slept(void *ctx, int arg, bool sleeping)
{
    nrf51_wdt_t *w = ctx;
    part_t *p = &w->n.p;
    uint64_t now = machine_now_ps(p->m);
    if (!R(p, RUNSTATUS) || R(p, CONFIG) & CONFIG_SLEEP)
        return;
    if (!sleeping) {
        machine_at(p->m, &w->timeout, now + w->left_ps);
    } else if (event_pending(&w->timeout)) {
        w->left_ps = w->timeout.when_ps - now;
        machine_cancel(p->m, &w->timeout);
    }
}

// Blocked while it runs.
static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, RUNSTATUS))
        R(p, reg->offset) = old;
    else if (reg->offset == CRV)
        R(p, CRV) = MAX(R(p, CRV), CRV_MIN);
}

static void rr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    bool right = R(p, RR + 4 * n) == RELOAD;
    R(p, RR + 4 * n) = 0;
    if (!right || !R(p, RUNSTATUS) || !(R(p, REQSTATUS) >> n & 1))
        return;
    R(p, REQSTATUS) &= ~(1u << n);
    if (!R(p, REQSTATUS))
        reload((nrf51_wdt_t *)p);
}

static void soft_reset(void *ctx, int arg, bool level)
{
    if (level)
        ((nrf51_wdt_t *)ctx)->soft = true;
}

static const nrf_desc_t desc = {.tasks = (const nrf_task_t[]){{START, start}, {0}}};

static bool wdt_init(part_t *p, GError **error)
{
    nrf51_wdt_t *w = (nrf51_wdt_t *)p;
    nrf_init(p, &desc);
    w->reset = part_line(p, "reset");
    w->sleeping = machine_line(p->m, "cpu.sleeping");
    line_listen(w->sleeping, slept, w, 0);
    line_listen(machine_line(p->m, "cpu.sysresetreq"), soft_reset, w, 0);
    event_init(&w->timeout, "wdt", timed_out, w);
    event_init(&w->fall, "wdt reset", fall, w);
    return true;
}

static void wdt_reset(part_t *p, bool power)
{
    nrf51_wdt_t *w = (nrf51_wdt_t *)p;
    bool goes_on = w->soft && !power;
    w->soft = false;
    if (goes_on)
        return;
    for (const part_reg_t *reg = p->cls->regs; reg->name; reg++)
        for (unsigned n = 0; n < MAX(reg->count, 1); n++)
            R(p, reg->offset + 4 * n) = reg->reset;
    machine_cancel(p->m, &w->timeout);
    machine_cancel(p->m, &w->fall);
    nrf_reset(p);
}

static const part_reg_t wdt_regs[] = {
    NRF_TASK("START", START),
    NRF_EVENT("TIMEOUT", TIMEOUT),
    NRF_INTEN(1),
    {"RUNSTATUS", RUNSTATUS, .ro = ~0u},
    {"REQSTATUS", REQSTATUS, .reset = 1, .ro = ~0u},
    {"CRV", CRV, .reset = ~0u, .write = config_write},
    {"RREN", RREN, .reset = 1, .ro = ~0xFFu, .write = config_write},
    {"CONFIG", CONFIG, .reset = 1, .ro = ~9u, .write = config_write},
    {"RR", RR, .count = 8, .write = rr_write},
    {"POWER", NRF_POWER_AT, .reset = 1, .ro = ~1u},
    {0},
};

const part_class_t nrf51_wdt_class = {
    .name = "nrf51-wdt",
    .brief = "nRF51 watchdog",
    .size = sizeof(nrf51_wdt_t),
    .regs = wdt_regs,
    .mmio_size = NRF_SIZE,
    .init = wdt_init,
    .reset = wdt_reset,
    .keeps_registers = true, // through a soft reset
};
