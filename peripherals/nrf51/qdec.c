// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 quadrature decoder (nRF51 Series Reference Manual v3.0, chapter QDEC).
//
// Modelled: sampling every 128 us to 16,384 us, accumulation of single and double transitions with
// their limits, reports, overflow, shortcuts, the LED before each sample. The input filter (DBFEN)
// takes a change when it has lasted for two samples.
//
// Pads a b led.
#include "nrf51.h"

enum { START = 0x000, STOP = 0x004, READCLRACC = 0x008 };
enum { SAMPLERDY = 0x100, REPORTRDY = 0x104, ACCOF = 0x108 };
enum { ENABLE = 0x500, LEDPOL = 0x504, SAMPLEPER = 0x508, SAMPLE = 0x50C, REPORTPER = 0x510,
       ACC = 0x514, ACCREAD = 0x518, PSELLED = 0x51C, PSELA = 0x520, PSELB = 0x524, DBFEN = 0x528,
       LEDPRE = 0x540, ACCDBL = 0x544, ACCDBLREAD = 0x548 };
enum { ACC_MAX = 1023, DBL_MAX_COUNT = 15 };

typedef struct {
    nrf_t n;
    pad_t *a, *b, *led;
    event_t light, sample; // saved
    uint8_t phase;   // saved: A << 1 | B as taken last
    uint8_t raw;     // saved: as seen last, before the filter
    bool first;      // saved: no sample yet to compare with
    uint16_t count;  // saved: samples since the last report
} nrf51_qdec_t;

static nrf51_qdec_t *of(part_t *p) { return (nrf51_qdec_t *)p; }

static uint64_t period_ps(const part_t *p) { return (uint64_t)(128u << R(p, SAMPLEPER)) * PS_PER_US; }

static bool lit(const part_t *p, bool on) { return on == (R(p, LEDPOL) & 1); }

static void schedule(nrf51_qdec_t *q, uint64_t from_ps)
{
    part_t *p = &q->n.p;
    uint64_t lead = R(p, LEDPRE) * PS_PER_US, period = period_ps(p);
    machine_at(p->m, &q->sample, from_ps + period);
    if (R(p, PSELLED) != NRF_NO_PIN)
        machine_at(p->m, &q->light, from_ps + period - MIN(lead, period));
}

static void light(void *ctx, uint64_t now)
{
    nrf51_qdec_t *q = ctx;
    pad_drive(q->led, true, lit(&q->n.p, true));
}

// Steps of the Gray code 00 01 11 10: 0, 1, 2 = double transition, -1.
static int step(unsigned from, unsigned to)
{
    static const int8_t place[4] = {0, 1, 3, 2};
    int d = (place[to] - place[from]) & 3;
    return d == 3 ? -1 : d;
}

static uint8_t filtered(nrf51_qdec_t *q, uint8_t now)
{
    bool steady = now == q->raw;
    q->raw = now;
    return !(R(&q->n.p, DBFEN) & 1) || steady ? now : q->phase;
}

static void accumulate(nrf51_qdec_t *q, int d)
{
    part_t *p = &q->n.p;
    int acc = (int)R(p, ACC) + d;
    if (d == 2) {
        if (R(p, ACCDBL) < DBL_MAX_COUNT)
            R(p, ACCDBL)++;
        else
            nrf_event(p, ACCOF);
    } else if (acc > ACC_MAX || acc < -ACC_MAX - 1) {
        nrf_event(p, ACCOF);
    } else {
        R(p, ACC) = (uint32_t)acc;
    }
}

static void sampled(void *ctx, uint64_t now)
{
    static const uint16_t reports[8] = {10, 40, 80, 120, 160, 200, 240, 280};
    nrf51_qdec_t *q = ctx;
    part_t *p = &q->n.p;
    uint8_t seen = (uint8_t)(pad_level(q->a) << 1 | pad_level(q->b));
    if (q->first)
        q->raw = q->phase = seen;
    uint8_t phase = filtered(q, seen);
    int d = step(q->phase, phase);
    q->first = false;
    q->phase = phase;
    R(p, SAMPLE) = (uint32_t)d;
    pad_drive(q->led, true, lit(p, false));
    schedule(q, now); // a shortcut may stop it
    accumulate(q, d);
    nrf_event(p, SAMPLERDY);
    if (++q->count < reports[R(p, REPORTPER)])
        return;
    q->count = 0;
    if (R(p, ACC))
        nrf_event(p, REPORTRDY);
}

// ---- Tasks and registers ------------------------------------------------------------------------

static void start(part_t *p, unsigned n)
{
    nrf51_qdec_t *q = of(p);
    if (!(R(p, ENABLE) & 1) || event_pending(&q->sample))
        return;
    q->first = true;
    q->count = 0;
    schedule(q, machine_now_ps(p->m));
}

static void stop(part_t *p, unsigned n)
{
    machine_cancel(p->m, &of(p)->sample);
    machine_cancel(p->m, &of(p)->light);
    pad_drive(of(p)->led, true, lit(p, false));
}

static void read_clear(part_t *p, unsigned n)
{
    R(p, ACCREAD) = R(p, ACC);
    R(p, ACCDBLREAD) = R(p, ACCDBL);
    R(p, ACC) = R(p, ACCDBL) = 0;
}

static void route(part_t *p)
{
    bool on = R(p, ENABLE) & 1;
    nrf_psel(p->m, of(p)->led, on ? R(p, PSELLED) : NRF_NO_PIN);
    nrf_psel(p->m, of(p)->a, on ? R(p, PSELA) : NRF_NO_PIN);
    nrf_psel(p->m, of(p)->b, on ? R(p, PSELB) : NRF_NO_PIN);
}

static void pins_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (!(R(p, ENABLE) & 1))
        stop(p, 0);
    route(p);
}

static void polarity_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    pad_drive(of(p)->led, true, lit(p, false));
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{START, start}, {STOP, stop}, {READCLRACC, read_clear}, {0}},
    .shorts = (const nrf_short_t[]){{0, REPORTRDY, READCLRACC}, {1, SAMPLERDY, STOP}, {0}},
};

static bool qdec_init(part_t *p, GError **error)
{
    nrf51_qdec_t *q = of(p);
    nrf_init(p, &desc);
    q->a = part_pad(p, "a", NULL, q);
    q->b = part_pad(p, "b", NULL, q);
    q->led = part_pad(p, "led", NULL, q);
    event_init(&q->light, "qdec led", light, q);
    event_init(&q->sample, "qdec sample", sampled, q);
    return true;
}

static void qdec_reset(part_t *p, bool power)
{
    nrf51_qdec_t *q = of(p);
    nrf_reset(p);
    stop(p, 0);
    q->phase = q->raw = 0;
    q->count = 0;
    route(p);
}

static const part_reg_t qdec_regs[] = {
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_TASK("READCLRACC", READCLRACC),
    NRF_EVENT("SAMPLERDY", SAMPLERDY),
    NRF_EVENT("REPORTRDY", REPORTRDY),
    NRF_EVENT("ACCOF", ACCOF),
    NRF_SHORTS(3),
    NRF_INTEN(7),
    {"ENABLE", ENABLE, .ro = ~1u, .write = pins_write},
    {"LEDPOL", LEDPOL, .ro = ~1u, .write = polarity_write},
    {"SAMPLEPER", SAMPLEPER, .ro = ~7u},
    {"SAMPLE", SAMPLE, .ro = ~0u},
    {"REPORTPER", REPORTPER, .ro = ~7u},
    {"ACC", ACC, .ro = ~0u},
    {"ACCREAD", ACCREAD, .ro = ~0u},
    {"PSELLED", PSELLED, .reset = NRF_NO_PIN, .write = pins_write},
    {"PSELA", PSELA, .reset = NRF_NO_PIN, .write = pins_write},
    {"PSELB", PSELB, .reset = NRF_NO_PIN, .write = pins_write},
    {"DBFEN", DBFEN, .ro = ~1u},
    {"LEDPRE", LEDPRE, .reset = 0x10, .ro = ~0x1FFu},
    {"ACCDBL", ACCDBL, .ro = ~0u},
    {"ACCDBLREAD", ACCDBLREAD, .ro = ~0u},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_qdec_class = {
    .name = "nrf51-qdec",
    .brief = "nRF51 quadrature decoder",
    .size = sizeof(nrf51_qdec_t),
    .regs = qdec_regs,
    .mmio_size = NRF_SIZE,
    .init = qdec_init,
    .reset = qdec_reset,
};
