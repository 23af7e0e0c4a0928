// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 real-time counter (nRF51 Series Reference Manual, chapter RTC). The variant is the number of
// compare registers: RTC0 3, RTC1 4.
//
// Modelled: 24-bit counter, prescaler, compare, tick and overflow events. A task takes effect, as a
// new CC value does, on the first rising edge of the 32,768 Hz clock after a falling one: 15 to 46 us
// later. So CC = COUNTER + 2 always matches, COUNTER + 1 only when written in the first half of the
// period, and an old CC may still match meanwhile. An event's register is set only where EVTEN or
// INTEN lets it, and only EVTEN leads it to PPI. Without LFCLK nothing moves.
#include "nrf51.h"

enum { TICK = 0x100, OVRFLW = 0x104, COMPARE = 0x140 };
enum { RTC_EVTEN = 0x340, RTC_EVTENSET = 0x344, RTC_EVTENCLR = 0x348, RTC_COUNTER = 0x504,
       RTC_PRESCALER = 0x508, RTC_CC = 0x540 };
enum { CHANNELS = 4, EVENT_BITS = 0xF0003 };
#define COUNTER_MASK 0xFFFFFFu
#define NEVER UINT64_MAX

typedef enum { RTC_START, RTC_STOP, RTC_CLEAR, RTC_TRIGOVRFLW, RTC_TASKS } rtc_task_t;

typedef struct {
    nrf_t n;
    event_t edge;               // saved: the next edge at which something happens
    bool running;               // saved
    uint64_t epoch;             // saved: edge of LFCLK at which ...
    uint32_t counted, fraction; // saved: ... the counter and the prescaler were these
    uint32_t prescaler;         // saved: latched at START, CLEAR, TRIGOVRFLW
    uint64_t due[RTC_TASKS];    // saved: edge at which the task takes effect, or NEVER
    uint32_t cc[CHANNELS];      // saved: value in force ...
    uint64_t cc_due[CHANNELS];  // saved: ... until this edge, then the register's; NEVER: it is
} nrf51_rtc_t;

// The number of edges so far.
static uint64_t edges(const nrf51_rtc_t *t)
{
    return clk_ticks(t->n.p.clk, machine_now_ps(t->n.p.m));
}

// The first rising edge after the next falling one. LFCLK is stopped: its first edge.
static uint64_t synchronised(const nrf51_rtc_t *t)
{
    const clk_t *c = t->n.p.clk;
    uint64_t now = machine_now_ps(t->n.p.m), n = clk_ticks(c, now);
    if (!c->num)
        return n + 1;
    uint64_t falling = clk_ps(c, n) / 2 + clk_ps(c, n + 1) / 2;
    return now <= falling ? n + 1 : n + 2;
}

// Ticks of the prescaler between the epoch and edge `at`.
static uint64_t ticks_to(const nrf51_rtc_t *t, uint64_t at)
{
    return t->running ? (t->fraction + at - t->epoch) / (t->prescaler + 1) : 0;
}

static uint32_t count(const nrf51_rtc_t *t, uint64_t at)
{
    return (t->counted + ticks_to(t, at)) & COUNTER_MASK;
}

static bool allowed(const part_t *p, uint16_t event)
{
    uint32_t bit = 1u << (event - 0x100) / 4;
    return (R(p, RTC_EVTEN) | R(p, NRF_INTEN_AT)) & bit;
}

static bool routed(part_t *p, uint16_t event)
{
    return R(p, RTC_EVTEN) & 1u << (event - 0x100) / 4;
}

// ---- Edges --------------------------------------------------------------------------------------

// The edge at which the counter becomes `value` (again).
static uint64_t edge_of(const nrf51_rtc_t *t, uint64_t at, uint32_t value)
{
    uint64_t left = (value - count(t, at)) & COUNTER_MASK;
    uint64_t ticks = ticks_to(t, at) + (left ? left : COUNTER_MASK + UINT64_C(1));
    return t->epoch + ticks * (t->prescaler + 1) - t->fraction;
}

static void schedule(nrf51_rtc_t *t)
{
    part_t *p = &t->n.p;
    uint64_t now = edges(t), next = NEVER;
    for (unsigned i = 0; i < RTC_TASKS; i++)
        next = MIN(next, t->due[i]);
    for (unsigned i = 0; i < p->variant; i++)
        next = MIN(next, t->cc_due[i]);
    if (t->running) {
        if (allowed(p, TICK))
            next = MIN(next, edge_of(t, now, count(t, now) + 1));
        if (allowed(p, OVRFLW))
            next = MIN(next, edge_of(t, now, 0));
        for (unsigned i = 0; i < p->variant; i++)
            if (allowed(p, COMPARE + 4 * i))
                next = MIN(next, edge_of(t, now, t->cc[i]));
    }
    machine_at(p->m, &t->edge, next == NEVER || !p->clk->num ? PS_NEVER : clk_ps(p->clk, next));
}

static void latch(nrf51_rtc_t *t, uint64_t at)
{
    uint64_t ticks = ticks_to(t, at);
    if (t->running) {
        t->fraction = t->fraction + at - t->epoch - ticks * (t->prescaler + 1);
        t->counted = (t->counted + ticks) & COUNTER_MASK;
    }
    t->epoch = at;
}

static void take_effect(nrf51_rtc_t *t, rtc_task_t task, uint64_t at)
{
    t->due[task] = NEVER;
    latch(t, at);
    switch (task) {
    case RTC_START:
        if (t->running)
            return;
        t->running = true;
        break;
    case RTC_STOP: t->running = false; return;
    case RTC_CLEAR: t->counted = 0; break;
    default: t->counted = COUNTER_MASK & ~15u; break;
    }
    t->fraction = 0;
    t->prescaler = R(&t->n.p, RTC_PRESCALER);
}

static void edge(void *ctx, uint64_t now_ps)
{
    nrf51_rtc_t *t = ctx;
    part_t *p = &t->n.p;
    uint64_t now = edges(t);
    for (unsigned i = 0; i < p->variant; i++)
        if (t->cc_due[i] <= now) {
            t->cc[i] = R(p, RTC_CC + 4 * i);
            t->cc_due[i] = NEVER;
        }
    bool ticked = t->running && now > t->epoch && ticks_to(t, now) != ticks_to(t, now - 1);
    uint32_t value = count(t, now);
    for (unsigned i = 0; i < RTC_TASKS; i++)
        if (t->due[i] <= now)
            take_effect(t, i, now);
    if (ticked) {
        if (allowed(p, TICK))
            nrf_event(p, TICK);
        if (!value && allowed(p, OVRFLW))
            nrf_event(p, OVRFLW);
        for (unsigned i = 0; i < p->variant; i++)
            if (t->cc[i] == value && allowed(p, COMPARE + 4 * i))
                nrf_event(p, COMPARE + 4 * i);
    }
    schedule(t);
}

// ---- Registers ----------------------------------------------------------------------------------

static void task(part_t *p, unsigned n)
{
    nrf51_rtc_t *t = (nrf51_rtc_t *)p;
    t->due[n] = synchronised(t);
    schedule(t);
}

static uint32_t counter_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    const nrf51_rtc_t *t = (const nrf51_rtc_t *)p;
    return count(t, edges(t));
}

static void prescaler_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (((nrf51_rtc_t *)p)->running)
        R(p, RTC_PRESCALER) = old; // read-only then
}

static void cc_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_rtc_t *t = (nrf51_rtc_t *)p;
    if (n < p->variant)
        t->cc_due[n] = synchronised(t);
    schedule(t);
}

static uint32_t evten_read(part_t *p, const part_reg_t *reg, unsigned n) { return R(p, RTC_EVTEN); }

static void evten_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t bits = p->written & EVENT_BITS;
    if (reg->offset == RTC_EVTENSET)
        R(p, RTC_EVTEN) |= bits;
    else if (reg->offset == RTC_EVTENCLR)
        R(p, RTC_EVTEN) &= ~bits;
    schedule((nrf51_rtc_t *)p);
}

static void inten_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf_inten_write(p, reg, n, old);
    schedule((nrf51_rtc_t *)p);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (!before)
        schedule(ctx);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{0x000, task, RTC_TASKS}, {0}},
    .routed = routed,
};

static bool rtc_init(part_t *p, GError **error)
{
    nrf51_rtc_t *t = (nrf51_rtc_t *)p;
    nrf_init(p, &desc);
    event_init(&t->edge, "rtc edge", edge, t);
    clk_listen(p->clk, clock_changed, t);
    return true;
}

static void rtc_reset(part_t *p, bool power)
{
    nrf51_rtc_t *t = (nrf51_rtc_t *)p;
    t->running = false;
    t->counted = t->fraction = t->prescaler = 0;
    t->epoch = edges(t);
    for (unsigned i = 0; i < RTC_TASKS; i++)
        t->due[i] = NEVER;
    for (unsigned i = 0; i < CHANNELS; i++) {
        t->cc[i] = 0;
        t->cc_due[i] = NEVER;
    }
    machine_cancel(p->m, &t->edge);
    nrf_reset(p);
}

static const part_reg_t rtc_regs[] = {
    NRF_TASK("START", 0x000),
    NRF_TASK("STOP", 0x004),
    NRF_TASK("CLEAR", 0x008),
    NRF_TASK("TRIGOVRFLW", 0x00C),
    NRF_EVENT("TICK", TICK),
    NRF_EVENT("OVRFLW", OVRFLW),
    NRF_EVENTS("COMPARE", COMPARE, CHANNELS),
    {"INTEN", NRF_INTEN_AT, .ro = ~(uint32_t)EVENT_BITS, .write = inten_write},
    {"INTENSET", NRF_INTENSET_AT, .ro = ~0u, .read = nrf_inten_read, .write = inten_write},
    {"INTENCLR", NRF_INTENCLR_AT, .ro = ~0u, .read = nrf_inten_read, .write = inten_write},
    {"EVTEN", RTC_EVTEN, .ro = ~(uint32_t)EVENT_BITS, .write = evten_write},
    {"EVTENSET", RTC_EVTENSET, .ro = ~0u, .read = evten_read, .write = evten_write},
    {"EVTENCLR", RTC_EVTENCLR, .ro = ~0u, .read = evten_read, .write = evten_write},
    {"COUNTER", RTC_COUNTER, .ro = ~0u, .read = counter_read},
    {"PRESCALER", RTC_PRESCALER, .ro = ~0xFFFu, .write = prescaler_write},
    {"CC", RTC_CC, .count = CHANNELS, .ro = ~COUNTER_MASK, .write = cc_write},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_rtc_class = {
    .name = "nrf51-rtc",
    .brief = "nRF51 real-time counter",
    .size = sizeof(nrf51_rtc_t),
    .regs = rtc_regs,
    .mmio_size = NRF_SIZE,
    .init = rtc_init,
    .reset = rtc_reset,
};
