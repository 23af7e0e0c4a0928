// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 timer/counter (nRF51 Series Reference Manual, chapter TIMER). The variant is the greatest
// width in bits: TIMER0 32, TIMER1 and TIMER2 16.
//
// Modelled: timer and counter mode, widths of 8 to 32 bits, prescaler, capture, compare events with
// their shortcuts. A compare event comes at the moment when the counter becomes CC by counting, also
// by wrapping; cleared by its shortcut at that moment, the period is CC ticks. CLEAR restarts the
// prescaler too; STOP keeps both. The word at C0C, by which firmware goes round anomaly 73 of the
// chip (it keeps the timer's clock on), is stored and has no other effect: the clock always runs.
#include "nrf51.h"

enum { COMPARE = 0x140, TIMER_MODE = 0x504, TIMER_BITMODE = 0x508, TIMER_PRESCALER = 0x510,
       TIMER_CC = 0x540 };
enum { CHANNELS = 4 };

typedef struct {
    nrf_t n;
    event_t match;    // saved: the counter becomes one of CC
    bool running;     // saved
    uint64_t epoch;   // saved: running as a timer: tick of the clock at which it was ...
    uint64_t counted; // saved: ... here, in ticks of the clock (not of the prescaler)
} nrf51_timer_t;

static bool counts_time(const nrf51_timer_t *t)
{
    return t->running && !(R(&t->n.p, TIMER_MODE) & 1);
}

static unsigned bitmode(const part_t *p)
{
    static const uint8_t bits[4] = {16, 8, 24, 32};
    return bits[R(p, TIMER_BITMODE) & 3];
}

static unsigned width(const part_t *p) { return MIN(bitmode(p), p->variant); }

static uint32_t mask(const part_t *p) { return UINT32_MAX >> (32 - width(p)); }
static unsigned prescaler(const part_t *p) { return MIN(R(p, TIMER_PRESCALER) & 15, 9); }

static uint64_t clock_ticks(const nrf51_timer_t *t)
{
    const part_t *p = &t->n.p;
    if (!counts_time(t))
        return t->counted;
    return t->counted + clk_ticks(p->clk, machine_now_ps(p->m)) - t->epoch;
}

static uint32_t count(const nrf51_timer_t *t)
{
    return (uint32_t)(clock_ticks(t) >> prescaler(&t->n.p)) & mask(&t->n.p);
}

// Puts the epoch at the present, so that mode, prescaler and width may change.
static void latch(nrf51_timer_t *t)
{
    t->counted = clock_ticks(t);
    t->epoch = clk_ticks(t->n.p.clk, machine_now_ps(t->n.p.m));
}

static void schedule(nrf51_timer_t *t)
{
    part_t *p = &t->n.p;
    uint64_t next = UINT64_MAX, period = (uint64_t)mask(p) + 1;
    if (!counts_time(t)) {
        machine_cancel(p->m, &t->match);
        return;
    }
    uint32_t now = count(t);
    for (unsigned i = 0; i < CHANNELS; i++) {
        uint32_t left = (R(p, TIMER_CC + 4 * i) - now) & mask(p);
        next = MIN(next, left ? left : period);
    }
    uint64_t at = ((clock_ticks(t) >> prescaler(p)) + next) << prescaler(p); // in clock_ticks
    uint64_t done = clk_ticks(p->clk, machine_now_ps(p->m));
    machine_at(p->m, &t->match, clk_ps(p->clk, done + (at - clock_ticks(t))));
}

// The counter has just become `now` by counting.
static void compare(nrf51_timer_t *t, uint32_t now)
{
    part_t *p = &t->n.p;
    unsigned equal = 0;
    for (unsigned i = 0; i < CHANNELS; i++)
        equal |= (unsigned)((R(p, TIMER_CC + 4 * i) & mask(p)) == now) << i;
    for (unsigned i = 0; i < CHANNELS; i++)
        if (equal >> i & 1)
            nrf_event(p, COMPARE + 4 * i);
}

static void matched(void *ctx, uint64_t now)
{
    nrf51_timer_t *t = ctx;
    compare(t, count(t));
    schedule(t);
}

// ---- Tasks --------------------------------------------------------------------------------------

static void start(part_t *p, unsigned n)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    latch(t);
    t->running = true;
    schedule(t);
}

static void stop(part_t *p, unsigned n)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    latch(t);
    t->running = false;
    schedule(t);
}

static void clear(part_t *p, unsigned n)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    latch(t);
    t->counted = 0;
    schedule(t);
}

static void shutdown(part_t *p, unsigned n)
{
    stop(p, 0);
    clear(p, 0);
}

static void count_one(part_t *p, unsigned n)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    if (!t->running || !(R(p, TIMER_MODE) & 1))
        return;
    t->counted += UINT64_C(1) << prescaler(p);
    compare(t, count(t));
}

static void capture(part_t *p, unsigned n)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    R(p, TIMER_CC + 4 * n) = count(t);
    schedule(t);
}

// ---- Registers ----------------------------------------------------------------------------------

// MODE, BITMODE, PRESCALER: meant to be written while stopped. The count stays what it was.
static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    uint32_t now = R(p, reg->offset);
    R(p, reg->offset) = old;
    latch(t);
    uint64_t before = t->counted >> prescaler(p);
    R(p, reg->offset) = now;
    if (reg->offset == TIMER_PRESCALER)
        t->counted = before << prescaler(p);
    if (bitmode(p) > p->variant)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + TIMER_BITMODE,
                       "%s has only %u bits", p->name, p->variant);
    schedule(t);
}

static void cc_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    schedule((nrf51_timer_t *)p);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{0x000, start}, {0x004, stop}, {0x008, count_one},
                                  {0x00C, clear}, {0x010, shutdown}, {0x040, capture, CHANNELS},
                                  {0}},
    .shorts = (const nrf_short_t[]){{0, 0x140, 0x00C}, {1, 0x144, 0x00C}, {2, 0x148, 0x00C},
                                    {3, 0x14C, 0x00C}, {8, 0x140, 0x004}, {9, 0x144, 0x004},
                                    {10, 0x148, 0x004}, {11, 0x14C, 0x004}, {0}},
};

static bool timer_init(part_t *p, GError **error)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    nrf_init(p, &desc);
    event_init(&t->match, "timer compare", matched, t);
    return true;
}

static void timer_reset(part_t *p, bool power)
{
    nrf51_timer_t *t = (nrf51_timer_t *)p;
    t->running = false;
    t->counted = 0;
    machine_cancel(p->m, &t->match);
    nrf_reset(p);
}

static const part_reg_t timer_regs[] = {
    NRF_TASK("START", 0x000),
    NRF_TASK("STOP", 0x004),
    NRF_TASK("COUNT", 0x008),
    NRF_TASK("CLEAR", 0x00C),
    NRF_TASK("SHUTDOWN", 0x010),
    NRF_TASKS("CAPTURE", 0x040, CHANNELS),
    NRF_EVENTS("COMPARE", COMPARE, CHANNELS),
    NRF_SHORTS(0xF0F),
    NRF_INTEN(0xF0000),
    {"MODE", TIMER_MODE, .ro = ~1u, .write = config_write},
    {"BITMODE", TIMER_BITMODE, .ro = ~3u, .write = config_write},
    {"PRESCALER", TIMER_PRESCALER, .reset = 4, .ro = ~15u, .write = config_write},
    {"CC", TIMER_CC, .count = CHANNELS, .write = cc_write},
    {"PAN73", 0xC0C, .ro = ~1u},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_timer_class = {
    .name = "nrf51-timer",
    .brief = "nRF51 timer/counter",
    .size = sizeof(nrf51_timer_t),
    .regs = timer_regs,
    .mmio_size = NRF_SIZE,
    .init = timer_init,
    .reset = timer_reset,
};
