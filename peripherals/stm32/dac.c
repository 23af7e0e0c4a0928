// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 digital-to-analog converter with two channels (RM0090 chapter 14).
//
// Modelled: all holding registers, triggers by lines and software, noise and triangle waves, DMA
// requests with underrun. A value reaches the output one cycle of the bus clock after it is written
// or triggered by software, three after another trigger. The output is ideal: no settling time, no
// offset, and the buffer (BOFF) makes no difference.
//
// Pads out1 out2 (analog). Lines in: trig.N in the order of TSEL. Lines out: irq; dma1 and dma2 are
// high while a request stands.
#include "machine.h"

enum { CHANNELS = 2 };
enum { DAC_CR = 0x00, DAC_SWTRIGR = 0x04, DAC_DHR12R1 = 0x08, DAC_DHR12L1 = 0x0C, DAC_DHR8R1 = 0x10,
       DAC_DHR12R2 = 0x14, DAC_DHR12L2 = 0x18, DAC_DHR8R2 = 0x1C, DAC_DHR12RD = 0x20,
       DAC_DHR12LD = 0x24, DAC_DHR8RD = 0x28, DAC_DOR1 = 0x2C, DAC_SR = 0x34 };
// Of channel 1; channel 2 has the same 16 bits higher.
enum { CR_EN = 1 << 0, CR_TEN = 1 << 2, CR_DMAEN = 1 << 12, CR_DMAUDRIE = 1 << 13 };
enum { SR_DMAUDR = 1 << 13 };
enum { SOFTWARE_TRIGGER = 7, WAVE_NONE = 0, WAVE_NOISE = 1 };

typedef struct stm32_dac stm32_dac_t;

typedef struct {
    stm32_dac_t *d;
    unsigned n;
    pad_t *out;
    line_t *dma;
    event_t event;      // saved: the value reaches the output
    uint16_t dhr;       // saved: data holding register
    uint16_t lfsr;      // saved: of the noise
    uint16_t triangle;  // saved: counter, and ...
    bool falling;       // saved: ... its direction
    bool triggered;     // saved: `event` is of a trigger: the wave goes on
    bool request;       // saved
} channel_t;

struct stm32_dac {
    part_t p;
    line_t *irq;
    channel_t channel[CHANNELS];
};

static uint32_t control(const channel_t *c) { return R(&c->d->p, DAC_CR) >> 16 * c->n & 0xFFFF; }
static unsigned trigger_of(const channel_t *c) { return control(c) >> 3 & 7; }

static void update(stm32_dac_t *d)
{
    part_t *p = &d->p;
    uint32_t under = R(p, DAC_SR) & R(p, DAC_CR);
    for (unsigned i = 0; i < CHANNELS; i++) {
        channel_t *c = &d->channel[i];
        uint32_t code = R(p, DAC_DOR1 + 4 * i);
        pad_drive_mv(c->out, control(c) & CR_EN, (code * NET_VDD_MV + 2047) / 4095);
        line_set(c->dma, c->request && control(c) & CR_DMAEN);
    }
    line_set(d->irq, under & (SR_DMAUDR | SR_DMAUDR << 16));
}

// ---- Conversion ---------------------------------------------------------------------------------

static void later(channel_t *c, unsigned cycles, bool triggered)
{
    part_t *p = &c->d->p;
    uint64_t tick = clk_tick_from(p->clk, machine_now_ps(p->m));
    c->triggered = triggered;
    machine_at(p->m, &c->event, clk_ps(p->clk, tick + cycles));
}

// What the wave generator adds (14.3.8, 14.3.9), and its next step.
static uint32_t wave(channel_t *c)
{
    unsigned kind = control(c) >> 6 & 3, bits = MIN((control(c) >> 8 & 15) + 1, 12);
    uint32_t mask = (1u << bits) - 1, value;
    if (kind == WAVE_NOISE) {
        value = c->lfsr & mask;
        unsigned feedback = (c->lfsr ^ c->lfsr >> 1 ^ c->lfsr >> 4 ^ c->lfsr >> 6) & 1;
        c->lfsr = c->lfsr >> 1 | (c->lfsr ? feedback : 1) << 11;
        return value;
    }
    value = c->triangle;
    if (value == 0)
        c->falling = false;
    else if (value >= mask)
        c->falling = true;
    c->triangle += c->falling ? -1 : 1;
    return value;
}

static void convert(void *ctx, uint64_t now)
{
    channel_t *c = ctx;
    uint32_t value = c->dhr;
    if (c->triggered && control(c) >> 6 & 3)
        value += wave(c);
    value = MIN(value, 4095);
    R(&c->d->p, DAC_DOR1 + 4 * c->n) = value;
    update(c->d);
}

static void trigger(channel_t *c, bool software)
{
    uint32_t cr = control(c);
    later(c, software ? 1 : 3, true);
    if (software || !(cr & CR_DMAEN))
        return;
    if (c->request) // the last one was not served (14.3.7)
        R(&c->d->p, DAC_SR) |= SR_DMAUDR << 16 * c->n;
    c->request = !(R(&c->d->p, DAC_SR) >> 16 * c->n & SR_DMAUDR);
}

static void trigger_line(void *ctx, int arg, bool level)
{
    stm32_dac_t *d = ctx;
    for (unsigned i = 0; i < CHANNELS && level; i++) {
        channel_t *c = &d->channel[i];
        if ((control(c) & (CR_EN | CR_TEN)) == (CR_EN | CR_TEN) && trigger_of(c) == (unsigned)arg)
            trigger(c, false);
    }
    update(d);
}

// ---- Registers ----------------------------------------------------------------------------------

static void hold(channel_t *c, uint32_t value)
{
    c->dhr = value & 0xFFF;
    c->request = false;
    if (!(control(c) & CR_TEN))
        later(c, 1, false);
}

static void dhr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_dac_t *d = (stm32_dac_t *)p;
    uint32_t value = R(p, reg->offset);
    if (reg->offset >= DAC_DHR12RD) { // both channels
        bool eight = reg->offset == DAC_DHR8RD, left = reg->offset == DAC_DHR12LD;
        hold(&d->channel[0], eight ? (value & 0xFF) << 4 : left ? value >> 4 : value);
        hold(&d->channel[1], eight ? value >> 8 << 4 : left ? value >> 20 : value >> 16);
    } else {
        unsigned at = reg->offset - DAC_DHR12R1;
        hold(&d->channel[at / 12], at % 12 == 0 ? value : at % 12 == 4 ? value >> 4 : value << 4);
    }
    update(d);
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_dac_t *d = (stm32_dac_t *)p;
    for (unsigned i = 0; i < CHANNELS; i++) {
        channel_t *c = &d->channel[i];
        if (!(control(c) >> 6 & 3)) { // 14.3.8: the wave is reset when it is off
            c->lfsr = 0xAAA;
            c->triangle = 0;
        }
        if (!(control(c) & CR_DMAEN))
            c->request = false;
    }
    update(d);
}

static void swtrigr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_dac_t *d = (stm32_dac_t *)p;
    R(p, DAC_SWTRIGR) = 0; // cleared when the value is taken
    for (unsigned i = 0; i < CHANNELS; i++) {
        channel_t *c = &d->channel[i];
        if (p->written >> i & 1 && trigger_of(c) == SOFTWARE_TRIGGER &&
            (control(c) & (CR_EN | CR_TEN)) == (CR_EN | CR_TEN))
            trigger(c, true);
    }
    update(d);
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_dac_t *)p);
}

// ---- The part -----------------------------------------------------------------------------------

static bool dac_init(part_t *p, GError **error)
{
    stm32_dac_t *d = (stm32_dac_t *)p;
    char name[16];
    d->irq = part_line(p, "irq");
    for (unsigned i = 0; i < CHANNELS; i++) {
        channel_t *c = &d->channel[i];
        c->d = d;
        c->n = i;
        g_snprintf(name, sizeof name, "out%u", i + 1);
        c->out = part_pad(p, name, NULL, c);
        g_snprintf(name, sizeof name, "dma%u", i + 1);
        c->dma = part_line(p, name);
        event_init(&c->event, "dac output", convert, c);
    }
    for (int i = 0; i < SOFTWARE_TRIGGER; i++) {
        g_snprintf(name, sizeof name, "trig.%d", i);
        line_listen(part_line(p, name), trigger_line, d, i);
    }
    return true;
}

static void dac_reset(part_t *p, bool power)
{
    stm32_dac_t *d = (stm32_dac_t *)p;
    for (unsigned i = 0; i < CHANNELS; i++) {
        channel_t *c = &d->channel[i];
        machine_cancel(p->m, &c->event);
        c->dhr = c->triangle = 0;
        c->lfsr = 0xAAA;
        c->falling = c->request = false;
    }
    update(d);
}

static const part_reg_t dac_regs[] = {
    {"CR", DAC_CR, .ro = 0xC000C000, .write = cr_write},
    {"SWTRIGR", DAC_SWTRIGR, .write = swtrigr_write},
    {"DHR12R1", DAC_DHR12R1, .ro = ~0xFFFu, .write = dhr_write},
    {"DHR12L1", DAC_DHR12L1, .ro = ~0xFFF0u, .write = dhr_write},
    {"DHR8R1", DAC_DHR8R1, .ro = ~0xFFu, .write = dhr_write},
    {"DHR12R2", DAC_DHR12R2, .ro = ~0xFFFu, .write = dhr_write},
    {"DHR12L2", DAC_DHR12L2, .ro = ~0xFFF0u, .write = dhr_write},
    {"DHR8R2", DAC_DHR8R2, .ro = ~0xFFu, .write = dhr_write},
    {"DHR12RD", DAC_DHR12RD, .ro = ~0x0FFF0FFFu, .write = dhr_write},
    {"DHR12LD", DAC_DHR12LD, .ro = ~0xFFF0FFF0u, .write = dhr_write},
    {"DHR8RD", DAC_DHR8RD, .ro = ~0xFFFFu, .write = dhr_write},
    {"DOR", DAC_DOR1, .count = CHANNELS, .ro = ~0u},
    {"SR", DAC_SR, .ro = ~(uint32_t)(SR_DMAUDR | SR_DMAUDR << 16),
     .w1c = SR_DMAUDR | SR_DMAUDR << 16, .write = sr_write},
    {NULL},
};

const part_class_t stm32_dac_class = {
    .name = "stm32-dac",
    .brief = "STM32F2/F4 digital-to-analog converter",
    .size = sizeof(stm32_dac_t),
    .regs = dac_regs,
    .mmio_size = 0x400,
    .init = dac_init,
    .reset = dac_reset,
};
