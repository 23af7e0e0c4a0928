// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 low-power comparator (nRF51 Series Reference Manual v3.0, chapter LPCOMP): an analog input
// against a fraction of the supply or against an external reference.
//
// Modelled: READY 140 us after START, UP, DOWN, CROSS, the latched result, shortcuts, ANADETECT for the
// wake-up from system OFF. No hysteresis and no delay of the comparator itself.
//
// Pins AIN0 ... AIN7, AREF0, AREF1 listen on the chip's pins. Line out: anadetect (a pulse).
#include "nrf51.h"

enum { START = 0x000, STOP = 0x004, SAMPLE = 0x008 };
enum { READY = 0x100, DOWN = 0x104, UP = 0x108, CROSS = 0x10C };
enum { RESULT = 0x400, ENABLE = 0x500, PSEL = 0x504, REFSEL = 0x508, EXTREFSEL = 0x50C,
       ANADETECT = 0x520 };
enum { INPUTS = 8, LISTENERS = 10 };
static const uint64_t startup_ps = 140 * PS_PER_US;

typedef struct {
    nrf_t n;
    pin_t *pins[LISTENERS]; // inputs, references
    line_t *anadetect;
    event_t ready; // saved
    bool running;  // saved
    bool above;    // saved
} nrf51_lpcomp_t;

static const uint8_t places[LISTENERS] = {26, 27, 1, 2, 3, 4, 5, 6, 0, 6};

static nrf51_lpcomp_t *of(part_t *p) { return (nrf51_lpcomp_t *)p; }

static bool compare(nrf51_lpcomp_t *l)
{
    part_t *p = &l->n.p;
    uint32_t ref = R(p, REFSEL);
    double reference = ref < 7 ? NET_VDD_MV * (ref + 1) / 8.0
                               : pin_mv(l->pins[INPUTS + (R(p, EXTREFSEL) & 1)]);
    return pin_mv(l->pins[R(p, PSEL) & 7]) > reference;
}

static void changed(void *ctx, pin_t *pin)
{
    nrf51_lpcomp_t *l = ctx;
    part_t *p = &l->n.p;
    if (!l->running)
        return;
    bool above = compare(l);
    if (above == l->above)
        return;
    l->above = above;
    uint32_t detect = R(p, ANADETECT) & 3; // CROSS, UP, DOWN
    if (detect == 0 || detect == (above ? 1 : 2))
        line_pulse(l->anadetect);
    nrf_event(p, above ? UP : DOWN);
    nrf_event(p, CROSS);
}

static void ready(void *ctx, uint64_t now)
{
    nrf51_lpcomp_t *l = ctx;
    l->running = true;
    l->above = compare(l);
    nrf_event(&l->n.p, READY);
}

static void start(part_t *p, unsigned n)
{
    nrf51_lpcomp_t *l = of(p);
    if (R(p, ENABLE) == 1 && !l->running && !event_pending(&l->ready))
        machine_at(p->m, &l->ready, machine_now_ps(p->m) + startup_ps);
}

static void stop(part_t *p, unsigned n)
{
    machine_cancel(p->m, &of(p)->ready);
    of(p)->running = false;
}

static void sample(part_t *p, unsigned n)
{
    if (of(p)->running)
        R(p, RESULT) = of(p)->above;
}

static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, ENABLE) != 1)
        stop(p, 0);
    changed(p, NULL);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{START, start}, {STOP, stop}, {SAMPLE, sample}, {0}},
    .shorts = (const nrf_short_t[]){{0, READY, SAMPLE}, {1, READY, STOP}, {2, DOWN, STOP},
                                    {3, UP, STOP}, {4, CROSS, STOP}, {0}},
};

static bool lpcomp_init(part_t *p, GError **error)
{
    nrf51_lpcomp_t *l = of(p);
    nrf_init(p, &desc);
    for (unsigned i = 0; i < LISTENERS; i++) {
        g_autofree char *name = g_strdup_printf(i < INPUTS ? "AIN%u" : "AREF%u", i % INPUTS);
        l->pins[i] = part_add_pin(p, name, changed, l);
    }
    l->anadetect = part_line(p, "anadetect");
    event_init(&l->ready, "lpcomp", ready, l);
    return true;
}

static bool lpcomp_wired(part_t *p, GError **error)
{
    for (unsigned i = 0; i < LISTENERS; i++)
        if (nrf_pin(p->m, places[i]))
            pin_connect(nrf_pin(p->m, places[i]), of(p)->pins[i]);
    return true;
}

static void lpcomp_reset(part_t *p, bool power)
{
    nrf_reset(p);
    stop(p, 0);
}

static const part_reg_t lpcomp_regs[] = {
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_TASK("SAMPLE", SAMPLE),
    NRF_EVENT("READY", READY),
    NRF_EVENT("DOWN", DOWN),
    NRF_EVENT("UP", UP),
    NRF_EVENT("CROSS", CROSS),
    NRF_SHORTS(0x1F),
    NRF_INTEN(0xF),
    {"RESULT", RESULT, .ro = ~0u},
    {"ENABLE", ENABLE, .ro = ~3u, .write = config_write},
    {"PSEL", PSEL, .ro = ~7u, .write = config_write},
    {"REFSEL", REFSEL, .ro = ~7u, .write = config_write},
    {"EXTREFSEL", EXTREFSEL, .ro = ~1u, .write = config_write},
    {"ANADETECT", ANADETECT, .ro = ~3u},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_lpcomp_class = {
    .name = "nrf51-lpcomp",
    .brief = "nRF51 low-power comparator",
    .size = sizeof(nrf51_lpcomp_t),
    .regs = lpcomp_regs,
    .mmio_size = NRF_SIZE,
    .init = lpcomp_init,
    .wired = lpcomp_wired,
    .reset = lpcomp_reset,
};
