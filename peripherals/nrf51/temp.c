// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 thermometer on the chip (nRF51 Series Reference Manual v3.0, chapter TEMP). A measurement takes
// 36 us; the value is in steps of 0.25 degrees and exact. The property is the chip's temperature.
#include "nrf51.h"
#include <math.h>

enum { START = 0x000, STOP = 0x004, DATARDY = 0x100, TEMP = 0x508 };
static const uint64_t measurement_ps = 36 * PS_PER_US;

typedef struct {
    nrf_t n;
    event_t done; // saved
} nrf51_temp_t;

static void done(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    R(p, TEMP) = (uint32_t)(int32_t)lround(p->prop[0] * 4);
    nrf_event(p, DATARDY);
}

static void start(part_t *p, unsigned n)
{
    machine_at(p->m, &((nrf51_temp_t *)p)->done, machine_now_ps(p->m) + measurement_ps);
}

static void stop(part_t *p, unsigned n) { machine_cancel(p->m, &((nrf51_temp_t *)p)->done); }

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{START, start}, {STOP, stop}, {0}},
};

static bool temp_init(part_t *p, GError **error)
{
    nrf_init(p, &desc);
    event_init(&((nrf51_temp_t *)p)->done, "temperature", done, p);
    return true;
}

static void temp_reset(part_t *p, bool power)
{
    nrf_reset(p);
    stop(p, 0);
}

static const part_reg_t temp_regs[] = {
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_EVENT("DATARDY", DATARDY),
    NRF_INTEN(1),
    // Not in the manual: product anomaly 28 has drivers write 0 here before the first measurement.
    {"anomaly 28", 0x504},
    {"TEMP", TEMP, .ro = ~0u},
    NRF_POWER,
    {0},
};

static const part_prop_t temp_props[] = {
    {"celsius", "\u00b0C", -25, 75, 24, 0.25, .alias = "temperature"},
    {0},
};

const part_class_t nrf51_temp_class = {
    .name = "nrf51-temp",
    .brief = "nRF51 thermometer on the chip",
    .size = sizeof(nrf51_temp_t),
    .regs = temp_regs,
    .mmio_size = NRF_SIZE,
    .props = temp_props,
    .init = temp_init,
    .reset = temp_reset,
};
