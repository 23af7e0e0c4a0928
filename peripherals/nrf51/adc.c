// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 analog-to-digital converter (nRF51 Series Reference Manual v3.0, chapter ADC).
//
// Modelled: 8, 9 and 10 bits in 20, 36 and 68 us; all inputs, prescalings and references; the supply as
// input. The voltage counts at the end of the conversion. Conversion is ideal: code = round(V / LSB).
// While it converts, an input conducts to half of the band gap, as Nordic says. Here that moves the
// charge of a pin that floats (a LED column as a light sensor), but does not load what drives a pin.
// The resistance comes from readings that people published of a source of 180 kilohms with a
// prescaling of 1/3, and is taken for all prescalings.
#include "nrf51.h"
#include <math.h>

#define INPUT_OHMS    540000.0
#define INPUT_HALF_MV 600.0

enum { START = 0x000, STOP = 0x004, END = 0x100, BUSY = 0x400, ENABLE = 0x500, CONFIG = 0x504,
       RESULT = 0x508 };

typedef struct {
    nrf_t n;
    event_t done; // saved
    pin_t *loaded; // saved: the pin that is converted
} nrf51_adc_t;

// P0 pins of AIN0 ... AIN7 and of AREF0, AREF1 (product specification, pin assignments).
static const uint8_t inputs[8] = {26, 27, 1, 2, 3, 4, 5, 6};
static const uint8_t references[2] = {0, 6};

static double pin_volts(part_t *p, unsigned index)
{
    pin_t *pin = nrf_pin(p->m, index);
    return pin ? pin_mv(pin) : 0;
}

static void load(nrf51_adc_t *a, pin_t *pin)
{
    if (a->loaded)
        pin_leak(a->loaded, (leak_t){0});
    a->loaded = pin;
    if (pin)
        pin_leak(pin, (leak_t){.siemens = 1 / INPUT_OHMS, .mv = INPUT_HALF_MV});
}

// The pin of the input that CONFIG selects, or NULL.
static pin_t *input_pin(part_t *p)
{
    uint32_t psel = R(p, CONFIG) >> 8 & 0xFF;
    return psel ? nrf_pin(p->m, inputs[__builtin_ctz(psel)]) : NULL;
}

static double input_mv(part_t *p)
{
    pin_t *input = input_pin(p);
    double pin = input ? pin_mv(input) : 0;
    switch (R(p, CONFIG) >> 2 & 7) {
    case 0: return pin;
    case 1: return pin * 2 / 3;
    case 2: return pin / 3;
    case 5: return NET_VDD_MV * 2 / 3.0;
    case 6: return NET_VDD_MV / 3.0;
    default: return 0; // reserved
    }
}

static double reference_mv(part_t *p)
{
    uint32_t config = R(p, CONFIG), external = config >> 16 & 3;
    switch (config >> 5 & 3) {
    case 0: return 1200; // band gap
    case 1: return external == 1 || external == 2 ? pin_volts(p, references[external - 1]) : 0;
    case 2: return NET_VDD_MV / 2.0;
    default: return NET_VDD_MV / 3.0;
    }
}

static unsigned bits(const part_t *p) { return 8 + MIN(R(p, CONFIG) & 3, 2); }

static void done(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    load((nrf51_adc_t *)p, NULL); // first: the voltage is exact then
    double reference = reference_mv(p), full = 1u << bits(p);
    double code = reference > 0 ? floor(input_mv(p) / reference * full + 0.5) : full - 1;
    R(p, RESULT) = (uint32_t)CLAMP(code, 0, full - 1);
    R(p, BUSY) = 0;
    nrf_event(p, END);
}

static void start(part_t *p, unsigned n)
{
    static const uint64_t times_us[] = {20, 36, 68};
    nrf51_adc_t *a = (nrf51_adc_t *)p;
    if (!(R(p, ENABLE) & 1) || event_pending(&a->done))
        return;
    R(p, BUSY) = 1;
    load(a, (R(p, CONFIG) >> 2 & 7) <= 2 ? input_pin(p) : NULL);
    machine_at(p->m, &a->done, machine_now_ps(p->m) + times_us[bits(p) - 8] * PS_PER_US);
}

static void stop(part_t *p, unsigned n)
{
    machine_cancel(p->m, &((nrf51_adc_t *)p)->done);
    load((nrf51_adc_t *)p, NULL);
    R(p, BUSY) = 0;
}

static void enable_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (!(R(p, ENABLE) & 1))
        stop(p, 0);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{START, start}, {STOP, stop}, {0}},
};

static bool adc_init(part_t *p, GError **error)
{
    nrf_init(p, &desc);
    event_init(&((nrf51_adc_t *)p)->done, "conversion", done, p);
    return true;
}

static void adc_reset(part_t *p, bool power)
{
    nrf_reset(p);
    stop(p, 0);
}

static const part_reg_t adc_regs[] = {
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_EVENT("END", END),
    NRF_INTEN(1),
    {"BUSY", BUSY, .ro = ~0u},
    {"ENABLE", ENABLE, .ro = ~3u, .write = enable_write},
    {"CONFIG", CONFIG, .reset = 0x18, .ro = ~0x3FF7Fu},
    {"RESULT", RESULT, .ro = ~0u},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_adc_class = {
    .name = "nrf51-adc",
    .brief = "nRF51 analog-to-digital converter",
    .size = sizeof(nrf51_adc_t),
    .regs = adc_regs,
    .mmio_size = NRF_SIZE,
    .init = adc_init,
    .reset = adc_reset,
};
