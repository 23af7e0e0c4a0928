// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 analog-to-digital converter (no manual; what is known comes from the SDK's code that uses
// it).
//
// Modelled: a sweep of one to eight samples after each rising edge of CFG bit 1, its state in CFG
// 26:24, its time, and the choice of what is measured: pin TOUT (CFG1 bit 21) or the chip's supply
// (CFG1 bit 23, as the SDK reads VDD33). A sweep takes 26 periods of the SAR clock for each sample,
// which TIM1 and TIM2 tell in APB cycles: with the usual divider 8, eight samples take 20.8 us (46
// to 48 kHz were measured). The voltage is that at the end of the sweep. Not modelled: the power
// and receive-level detectors (they read 0 V), noise, and the switch en_test in the internal I2C
// slave 0x6C.
//
// The samples are what the SDK's correction turns into the code A = floor(mV * 1024 / 1000):
//   SDK:      x = ~word & 0x7FF;  low = (max(0, (x & 0xFF) - 21) * 279) >> 8;
//             s = (x & 0x700) + low;
//             v = (sum of 8 s + 8) >> 4;  A = min(1024, v * 12 / 11)
//   inverse:  v = ceil(A * 11 / 12), at most 1023;  every s = 2 v;
//             x = (s & 0x700) + 21 + ceil((s & 0xFF) * 256 / 279)
// 21 of the 256 values of `low` do not come out of the correction; then four samples are one less
// and four one more. Codes 11, 23, 35 ... do not come out of the SDK's last step: they read one
// higher.
#include "machine.h"

enum { CFG = 0x00, TIM1 = 0x04, TIM2 = 0x08, CFG1 = 0x0C, DATA = 0x30 }; // from 0x60000D50
enum { CFG_START = 1 << 1, CFG_STATE = 7 << 24, CFG_STATE_BUSY = 1 << 24 };
enum { CFG1_TOUT = 1 << 21, CFG1_VDD = 1 << 23 };
enum { SAMPLES = 8 };

typedef struct {
    part_t p;
    pin_t *tout;
    event_t event; // saved: the sweep is over
    uint64_t tick; // saved: of the APB clock, when `event` is due
} esp8266_saradc_t;

static esp8266_saradc_t *of(part_t *p) { return (esp8266_saradc_t *)p; }

// Three parts of a sample: 5, 11 and 10 periods of the SAR clock.
static uint32_t sample_cycles(const part_t *p)
{
    uint32_t tim1 = R(p, TIM1), tim2 = R(p, TIM2);
    return (tim1 & 255) + 1 + (tim2 & 255) + 1 + (tim2 >> 16 & 255) + 1;
}

static unsigned samples(const part_t *p) { return (R(p, CFG) >> 2 & 7) + 1; }

// Of the supply, 3/11 are measured, so that the SDK's sum / 4 is its voltage * 1024.
static int32_t measured_mv(esp8266_saradc_t *a)
{
    uint32_t what = R(&a->p, CFG1) & (CFG1_TOUT | CFG1_VDD);
    return what == CFG1_TOUT ? pin_mv(a->tout) : what == CFG1_VDD ? NET_VDD_MV * 3 / 11 : 0;
}

// The sample whose correction is s; FALSE: there is none.
static bool raw(uint32_t s, uint32_t *word)
{
    uint32_t low = s & 0xFF, x = (low * 256 + 278) / 279;
    *word = ~((s & 0x700) + 21 + x) & 0x7FF;
    return x * 279 >> 8 == low;
}

static void sweep_done(void *ctx, uint64_t now)
{
    esp8266_saradc_t *a = ctx;
    part_t *p = &a->p;
    int32_t code = MAX(measured_mv(a), 0) * 1024 / 1000;
    uint32_t s = 2 * MIN((code * 11 + 11) / 12, 1023), word;
    bool there = raw(s, &word);
    for (unsigned i = 0; i < samples(p); i++) {
        if (!there)
            raw(i < SAMPLES / 2 ? s - 1 : s + 1, &word);
        R(p, DATA + 4 * i) = word;
    }
    R(p, CFG) &= ~CFG_STATE;
}

static void cfg_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_saradc_t *a = of(p);
    if (!(R(p, CFG) & ~old & CFG_START) || R(p, CFG) & CFG_STATE)
        return;
    R(p, CFG) |= CFG_STATE_BUSY;
    a->tick = clk_tick_from(p->clk, machine_now_ps(p->m)) + samples(p) * sample_cycles(p);
    machine_at(p->m, &a->event, clk_ps(p->clk, a->tick));
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    esp8266_saradc_t *a = ctx;
    if (!before && R(&a->p, CFG) & CFG_STATE)
        machine_at(a->p.m, &a->event, clk_ps(clk, a->tick));
}

static bool saradc_init(part_t *p, GError **error)
{
    esp8266_saradc_t *a = of(p);
    a->tout = part_pin(p, "TOUT");
    event_init(&a->event, "adc sweep", sweep_done, a);
    clk_listen(p->clk, clock_changed, a);
    return true;
}

static void saradc_reset(part_t *p, bool power) { machine_cancel(p->m, &of(p)->event); }

// Reset values as the SDK leaves them: divider 8, eight samples.
static const part_reg_t saradc_regs[] = {
    {"CFG", CFG, .reset = 0x000908BC, .ro = CFG_STATE, .write = cfg_write},
    {"TIM1", TIM1, .reset = 0x00070727},
    {"TIM2", TIM2, .reset = 0x004F1757},
    {"CFG1", CFG1},
    {"CFG2", 0x10},
    {"SAR", 0x14, .count = 7},
    {"DATA", DATA, .count = SAMPLES, .ro = ~0u},
    {0},
};

const part_class_t esp8266_saradc_class = {
    .name = "esp8266-saradc",
    .brief = "ESP8266 analog-to-digital converter",
    .size = sizeof(esp8266_saradc_t),
    .regs = saradc_regs,
    .mmio_size = 0x50,
    .pins = (const char *const[]){"TOUT", NULL},
    .init = saradc_init,
    .reset = saradc_reset,
};
