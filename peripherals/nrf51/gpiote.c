// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 GPIO tasks and events (nRF51 Series Reference Manual, chapter GPIOTE).
//
// Modelled: four channels, each as an event on an edge of a pin or as a task that writes, clears or
// toggles one, with its initial value; the PORT event on DETECT. An edge is seen when it happens (the
// chip samples at 16 MHz).
//
// Pads 0 ... 3. Line in: detect.
#include "nrf51.h"

enum { OUT = 0x000, IN = 0x100, PORT = 0x17C, GPIOTE_CONFIG = 0x510 };
enum { CHANNELS = 4, PINS = 32 };
enum { MODE_EVENT = 1, MODE_TASK = 3 };
enum { LO_TO_HI = 1, HI_TO_LO = 2, TOGGLE = 3 };

typedef struct {
    nrf_t n;
    pad_t *pads[CHANNELS];
    uint8_t edges[CHANNELS]; // saved: pin whose edges the channel wants, + 1
} nrf51_gpiote_t;

static uint32_t config(const part_t *p, unsigned i) { return R(p, GPIOTE_CONFIG + 4 * i); }
static unsigned mode(const part_t *p, unsigned i) { return config(p, i) & 3; }
static unsigned psel(const part_t *p, unsigned i) { return config(p, i) >> 8 & 31; }
static unsigned polarity(const part_t *p, unsigned i) { return config(p, i) >> 16 & 3; }

static void pin_edge(void *ctx, int pin, bool level)
{
    part_t *p = ctx;
    for (unsigned i = 0; i < CHANNELS; i++)
        if (mode(p, i) == MODE_EVENT && psel(p, i) == (unsigned)pin &&
            polarity(p, i) & (level ? LO_TO_HI : HI_TO_LO))
            nrf_event(p, IN + 4 * i);
}

static void detect(void *ctx, int arg, bool level)
{
    if (level)
        nrf_event(ctx, PORT);
}

static void out(part_t *p, unsigned i)
{
    pad_t *pad = ((nrf51_gpiote_t *)p)->pads[i];
    if (mode(p, i) != MODE_TASK)
        return;
    switch (polarity(p, i)) {
    case LO_TO_HI: pad_drive(pad, true, true); break;
    case HI_TO_LO: pad_drive(pad, true, false); break;
    case TOGGLE: pad_drive(pad, true, !pad->level); break;
    }
}

static void configure(nrf51_gpiote_t *g, unsigned i)
{
    part_t *p = &g->n.p;
    bool task = mode(p, i) == MODE_TASK;
    uint8_t edges = mode(p, i) == MODE_EVENT ? psel(p, i) + 1 : 0;
    pad_drive(g->pads[i], task, config(p, i) >> 20 & 1);
    nrf_psel(p->m, g->pads[i], task ? psel(p, i) : NRF_NO_PIN);
    if (edges == g->edges[i])
        return;
    if (g->edges[i])
        nrf_pin_edges(p->m, g->edges[i] - 1, false);
    if (edges)
        nrf_pin_edges(p->m, edges - 1, true);
    g->edges[i] = edges;
}

static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    configure((nrf51_gpiote_t *)p, n);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{OUT, out, CHANNELS}, {0}},
};

static bool gpiote_init(part_t *p, GError **error)
{
    nrf51_gpiote_t *g = (nrf51_gpiote_t *)p;
    nrf_init(p, &desc);
    for (unsigned i = 0; i < CHANNELS; i++) {
        char name[2] = {(char)('0' + i)};
        g->pads[i] = part_pad(p, name, NULL, g);
    }
    for (unsigned i = 0; i < PINS; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "gpio.%u", i);
        line_listen(machine_line(p->m, name), pin_edge, g, i);
    }
    line_listen(part_line(p, "detect"), detect, g, 0);
    return true;
}

static void gpiote_reset(part_t *p, bool power)
{
    for (unsigned i = 0; i < CHANNELS; i++)
        configure((nrf51_gpiote_t *)p, i);
    nrf_reset(p);
}

static const part_reg_t gpiote_regs[] = {
    NRF_TASKS("OUT", OUT, CHANNELS),
    NRF_EVENTS("IN", IN, CHANNELS),
    NRF_EVENT("PORT", PORT),
    NRF_INTEN(0x8000000F),
    {"CONFIG", GPIOTE_CONFIG, .count = CHANNELS, .ro = ~0x131F03u, .write = config_write},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_gpiote_class = {
    .name = "nrf51-gpiote",
    .brief = "nRF51 GPIO tasks and events",
    .size = sizeof(nrf51_gpiote_t),
    .regs = gpiote_regs,
    .mmio_size = NRF_SIZE,
    .init = gpiote_init,
    .reset = gpiote_reset,
};
