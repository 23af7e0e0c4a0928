// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 random number generator (nRF51 Series Reference Manual v3.0, chapter RNG). Bytes come from the
// machine's seed, after a start-up of 128 us: every 63 us, or with the correction of bias at times that
// cannot be foretold, 677 us apart on average (each bit takes as many tries as it needs).
#include "nrf51.h"

enum { START = 0x000, STOP = 0x004, VALRDY = 0x100, CONFIG = 0x504, VALUE = 0x508 };
enum { CONFIG_DERCEN = 1 << 0 };
static const uint64_t startup_ps = 128 * PS_PER_US, raw_ps = 63 * PS_PER_US;
// A bit needs two tries on average.
static const uint64_t try_ps = 677 * PS_PER_US / 16;

typedef struct {
    nrf_t n;
    event_t ready; // saved
} nrf51_rng_t;

static uint64_t byte_ps(part_t *p)
{
    if (!(R(p, CONFIG) & CONFIG_DERCEN))
        return raw_ps;
    uint64_t tries = 0;
    for (unsigned bit = 0; bit < 8; bit++) // as many as there are zeros at the end, and one
        tries += 1 + (unsigned)__builtin_ctz(machine_random(p->m) | 1u << 31);
    return tries * try_ps;
}

static void ready(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    R(p, VALUE) = machine_random(p->m) & 0xFF;
    machine_at(p->m, &((nrf51_rng_t *)p)->ready, now + byte_ps(p));
    nrf_event(p, VALRDY); // may stop
}

static void start(part_t *p, unsigned n)
{
    nrf51_rng_t *g = (nrf51_rng_t *)p;
    if (!event_pending(&g->ready))
        machine_at(p->m, &g->ready, machine_now_ps(p->m) + startup_ps + byte_ps(p));
}

static void stop(part_t *p, unsigned n) { machine_cancel(p->m, &((nrf51_rng_t *)p)->ready); }

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{START, start}, {STOP, stop}, {0}},
    .shorts = (const nrf_short_t[]){{0, VALRDY, STOP}, {0}},
};

static bool rng_init(part_t *p, GError **error)
{
    nrf_init(p, &desc);
    event_init(&((nrf51_rng_t *)p)->ready, "random byte", ready, p);
    return true;
}

static void rng_reset(part_t *p, bool power)
{
    nrf_reset(p);
    stop(p, 0);
}

static const part_reg_t rng_regs[] = {
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_EVENT("VALRDY", VALRDY),
    NRF_SHORTS(1),
    NRF_INTEN(1),
    {"CONFIG", CONFIG, .ro = ~1u},
    {"VALUE", VALUE, .ro = ~0u},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_rng_class = {
    .name = "nrf51-rng",
    .brief = "nRF51 random number generator",
    .size = sizeof(nrf51_rng_t),
    .regs = rng_regs,
    .mmio_size = NRF_SIZE,
    .init = rng_init,
    .reset = rng_reset,
};
