// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 analog-to-digital converters ADC1, ADC2, ADC3 and their common registers, as one part
// (RM0090 chapter 13; the three sit 0x100 apart, the common registers at +0x300).
//
// Modelled: regular and injected groups, single, continuous, scan and discontinuous modes,
// automatic injection, injection that interrupts a regular conversion, all resolutions and
// alignments, sampling times, end of conversion per group or per conversion (EOCS), overrun, analog
// watchdog, external triggers, DMA requests with and without DDS, temperature sensor, reference and
// battery channels.
// A conversion takes (sampling time + resolution) cycles of ADCCLK and begins on one of its edges;
// the voltage is held at the end of the sampling time. Conversion is ideal: code = round(V / LSB).
// Not modelled (reported): dual and triple modes. The power-up time after ADON is 0.
//
// Lines in: ext.N and jext.N, the triggers in the order of EXTSEL and JEXTSEL; last1-3, high while
// the DMA's next transfer is its last. Lines out: irq (shared by all), dma1-3 (high while a request
// stands).
// Factory calibration (TS_CAL1, TS_CAL2, VREFINT_CAL) is written to the system memory at power-on.
#include "machine.h"
#include <math.h>
#include <string.h>

enum { UNITS = 3, UNIT_STRIDE = 0x100 };
enum { ADC_SR = 0x00, ADC_CR1 = 0x04, ADC_CR2 = 0x08, ADC_SMPR1 = 0x0C, ADC_SMPR2 = 0x10,
       ADC_JOFR1 = 0x14, ADC_HTR = 0x24, ADC_LTR = 0x28, ADC_SQR1 = 0x2C, ADC_SQR2 = 0x30,
       ADC_SQR3 = 0x34, ADC_JSQR = 0x38, ADC_JDR1 = 0x3C, ADC_DR = 0x4C, ADC_CSR = 0x300,
       ADC_CCR = 0x304, ADC_CDR = 0x308 };
enum { SR_AWD = 1 << 0, SR_EOC = 1 << 1, SR_JEOC = 1 << 2, SR_JSTRT = 1 << 3, SR_STRT = 1 << 4,
       SR_OVR = 1 << 5, SR_ALL = 0x3F };
enum { CR1_EOCIE = 1 << 5, CR1_AWDIE = 1 << 6, CR1_JEOCIE = 1 << 7, CR1_SCAN = 1 << 8,
       CR1_AWDSGL = 1 << 9, CR1_JAUTO = 1 << 10, CR1_DISCEN = 1 << 11, CR1_JDISCEN = 1 << 12,
       CR1_JAWDEN = 1 << 22, CR1_AWDEN = 1 << 23, CR1_OVRIE = 1 << 26 };
enum { CR2_ADON = 1 << 0, CR2_CONT = 1 << 1, CR2_DMA = 1 << 8, CR2_DDS = 1 << 9, CR2_EOCS = 1 << 10,
       CR2_ALIGN = 1 << 11, CR2_JSWSTART = 1 << 22, CR2_SWSTART = 1 << 30 };
enum { CCR_VBATE = 1 << 22, CCR_TSVREFE = 1 << 23, CCR_MULTI = 0xEF1F };
enum { PROP_CELSIUS, PROP_VBAT };

typedef enum { IDLE, SAMPLING, CONVERTING } phase_t;

typedef struct stm32_adc stm32_adc_t;

typedef struct unit {
    stm32_adc_t *adc;
    unsigned n;
    line_t *dma, *last;
    pin_t *pins[16];
    event_t event;       // saved: the end of the phase
    uint64_t tick;       // saved: of pclk2, when `event` is due
    double held_mv;      // saved: the voltage on the sampling capacitor
    phase_t phase;       // saved
    bool injected;       // saved: which group the conversion in progress belongs to
    bool regular_on;     // saved: the regular group is being converted (or interrupted)
    uint8_t next, left;  // saved: place in the regular sequence; conversions to the next trigger
    uint8_t jnext;       // saved: place in the injected sequence
    bool dma_request;    // saved
    bool dma_ended;      // saved: DDS = 0 and the DMA's last transfer is done
} unit_t;

struct stm32_adc {
    part_t p;
    line_t *irq;
    unit_t unit[UNITS];
};

static uint32_t *ur(unit_t *u, uint32_t offset)
{
    return &R(&u->adc->p, offset + u->n * UNIT_STRIDE);
}

// ---- Analog -------------------------------------------------------------------------------------

// Pins of the channels (data sheet table 7: ADC123_IN0 = PA0 ...).
static const char *const pins12[16] = {"PA0", "PA1", "PA2", "PA3", "PA4", "PA5", "PA6", "PA7",
                                       "PB0", "PB1", "PC0", "PC1", "PC2", "PC3", "PC4", "PC5"};
static const char *const pins3[16] = {"PA0", "PA1", "PA2", "PA3", "PF6", "PF7", "PF8", "PF9",
                                      "PF10", "PF3", "PC0", "PC1", "PC2", "PC3", "PF4", "PF5"};

// Data sheet 5.3.21: V25 = 0.76 V, 2.5 mV per degree; 5.3.24: internal reference 1.21 V.
static double sensor_mv(double celsius) { return 760.0 + 2.5 * (celsius - 25.0); }
static const double vrefint_mv = 1210.0;

static uint32_t code12(double mv)
{
    double code = floor(mv * 4096.0 / NET_VDD_MV + 0.5);
    return code < 0 ? 0 : code > 4095 ? 4095 : (uint32_t)code;
}

static double channel_mv(unit_t *u, unsigned channel)
{
    part_t *p = &u->adc->p;
    uint32_t ccr = R(p, ADC_CCR);
    if (channel < 16)
        return u->pins[channel] ? pin_mv(u->pins[channel]) : 0;
    if (u->n == 0 && channel == 16 && ccr & CCR_TSVREFE)
        return sensor_mv(part_prop_get(p, PROP_CELSIUS));
    if (u->n == 0 && channel == 17 && ccr & CCR_TSVREFE)
        return vrefint_mv;
    if (u->n == 0 && channel == 18 && ccr & CCR_VBATE)
        return part_prop_get(p, PROP_VBAT) * 1000 / 2; // through a bridge that divides by two
    return 0;
}

static unsigned resolution(unit_t *u) { return 12 - 2 * (*ur(u, ADC_CR1) >> 24 & 3); }

static unsigned sampling_cycles(unit_t *u, unsigned channel)
{
    static const uint16_t cycles[8] = {3, 15, 28, 56, 84, 112, 144, 480};
    if (channel > 18) // there is none: it has no field
        return cycles[0];
    uint32_t smpr = channel < 10 ? *ur(u, ADC_SMPR2) >> 3 * channel
                                 : *ur(u, ADC_SMPR1) >> 3 * (channel - 10);
    return cycles[smpr & 7];
}

// ---- Sequences ----------------------------------------------------------------------------------

static unsigned regular_length(unit_t *u)
{
    return *ur(u, ADC_CR1) & CR1_SCAN ? (*ur(u, ADC_SQR1) >> 20 & 15) + 1 : 1;
}

static unsigned regular_channel(unit_t *u)
{
    static const uint16_t regs[3] = {ADC_SQR3, ADC_SQR2, ADC_SQR1};
    return *ur(u, regs[u->next / 6]) >> 5 * (u->next % 6) & 31;
}

static unsigned injected_fields(unit_t *u) { return (*ur(u, ADC_JSQR) >> 20 & 3) + 1; }

static unsigned injected_length(unit_t *u)
{
    return *ur(u, ADC_CR1) & CR1_SCAN ? injected_fields(u) : 1;
}

// A sequence of n channels is JSQ(5-n) ... JSQ4 (13.13.12).
static unsigned injected_channel(unit_t *u)
{
    return *ur(u, ADC_JSQR) >> 5 * (4 - injected_fields(u) + u->jnext) & 31;
}

// ---- Outputs ------------------------------------------------------------------------------------

static void update(stm32_adc_t *a)
{
    bool irq = false;
    for (unsigned i = 0; i < UNITS; i++) {
        unit_t *u = &a->unit[i];
        uint32_t sr = *ur(u, ADC_SR), cr1 = *ur(u, ADC_CR1);
        irq |= (sr & SR_EOC && cr1 & CR1_EOCIE) || (sr & SR_JEOC && cr1 & CR1_JEOCIE) ||
               (sr & SR_AWD && cr1 & CR1_AWDIE) || (sr & SR_OVR && cr1 & CR1_OVRIE);
        line_set(u->dma, u->dma_request && *ur(u, ADC_CR2) & CR2_DMA);
    }
    line_set(a->irq, irq);
}

// ---- Conversions --------------------------------------------------------------------------------

static unsigned prescaler(stm32_adc_t *a) { return 2 * ((R(&a->p, ADC_CCR) >> 16 & 3) + 1); }

static void arm(unit_t *u, unsigned adcclk_cycles)
{
    u->tick += (uint64_t)adcclk_cycles * prescaler(u->adc);
    machine_at(u->adc->p.m, &u->event, clk_ps(u->adc->p.clk, u->tick));
}

static void begin(unit_t *u, bool injected, bool back_to_back)
{
    part_t *p = &u->adc->p;
    u->injected = injected;
    u->phase = SAMPLING;
    if (!back_to_back) { // on the next edge of ADCCLK
        uint64_t tick = clk_tick_from(p->clk, machine_now_ps(p->m));
        unsigned div = prescaler(u->adc);
        u->tick = (tick + div - 1) / div * div;
    }
    arm(u, sampling_cycles(u, injected ? injected_channel(u) : regular_channel(u)));
}

static void start_regular(unit_t *u)
{
    if (!(*ur(u, ADC_CR2) & CR2_ADON) || u->regular_on || *ur(u, ADC_SR) & SR_OVR)
        return;
    u->regular_on = true;
    u->left = *ur(u, ADC_CR1) & CR1_DISCEN ? (*ur(u, ADC_CR1) >> 13 & 7) + 1 : 0;
    if (u->next >= regular_length(u))
        u->next = 0;
    *ur(u, ADC_SR) |= SR_STRT;
    if (u->phase == IDLE)
        begin(u, false, false);
}

static void start_injected(unit_t *u)
{
    if (!(*ur(u, ADC_CR2) & CR2_ADON) || (u->phase != IDLE && u->injected))
        return;
    if (u->jnext >= injected_length(u))
        u->jnext = 0;
    *ur(u, ADC_SR) |= SR_JSTRT;
    begin(u, true, false); // a regular conversion is given up and made again afterwards
}

static void watch(unit_t *u, unsigned channel, uint32_t enable, uint32_t code)
{
    uint32_t cr1 = *ur(u, ADC_CR1);
    if (cr1 & enable && (!(cr1 & CR1_AWDSGL) || (cr1 & 31) == channel) &&
        (code > *ur(u, ADC_HTR) || code < *ur(u, ADC_LTR)))
        *ur(u, ADC_SR) |= SR_AWD;
}

// FALSE: overrun, the conversions stop (13.8.1).
static bool store_regular(unit_t *u, uint32_t code, bool last)
{
    uint32_t cr2 = *ur(u, ADC_CR2), *sr = ur(u, ADC_SR);
    bool dma = cr2 & CR2_DMA && !u->dma_ended;
    if ((dma && u->dma_request) || (!(cr2 & CR2_DMA) && cr2 & CR2_EOCS && *sr & SR_EOC)) {
        *sr |= SR_OVR;
        u->dma_request = false;
        u->regular_on = false;
        return false;
    }
    // Left alignment: to bit 15, but 6 bits stay in the low byte (13.4, figure 46).
    unsigned bits = resolution(u);
    *ur(u, ADC_DR) = !(cr2 & CR2_ALIGN) ? code : bits == 6 ? code << 2 : code << (16 - bits);
    u->dma_request |= dma;
    if (last || cr2 & CR2_EOCS)
        *sr |= SR_EOC;
    return true;
}

static void regular_done(unit_t *u, uint32_t code)
{
    bool last = u->next + 1u >= regular_length(u);
    watch(u, regular_channel(u), CR1_AWDEN, code);
    if (!store_regular(u, code, last))
        return;
    u->next = last ? 0 : u->next + 1;
    uint32_t cr1 = *ur(u, ADC_CR1);
    if (last && cr1 & CR1_JAUTO) {
        u->jnext = 0;
        *ur(u, ADC_SR) |= SR_JSTRT;
        u->regular_on = *ur(u, ADC_CR2) & CR2_CONT;
        begin(u, true, true);
        return;
    }
    bool stop = cr1 & CR1_DISCEN ? last || --u->left == 0
                                 : last && !(*ur(u, ADC_CR2) & CR2_CONT);
    if (stop)
        u->regular_on = false;
    else
        begin(u, false, true);
}

static void injected_done(unit_t *u, uint32_t code)
{
    bool last = u->jnext + 1u >= injected_length(u);
    watch(u, injected_channel(u), CR1_JAWDEN, code);
    int32_t value = (int32_t)code - (int32_t)(*ur(u, ADC_JOFR1 + 4 * u->jnext) & 0xFFF);
    if (*ur(u, ADC_CR2) & CR2_ALIGN) // sign in bit 15; 6 bits end in the low byte
        value = resolution(u) == 6 ? value * 2 : value * (1 << (15 - resolution(u)));
    *ur(u, ADC_JDR1 + 4 * u->jnext) = value & 0xFFFF;
    u->jnext = last ? 0 : u->jnext + 1;
    if (last)
        *ur(u, ADC_SR) |= SR_JEOC;
    if (!last && !(*ur(u, ADC_CR1) & CR1_JDISCEN))
        begin(u, true, true);
    else if (u->regular_on)
        begin(u, false, true);
}

static void phase_over(void *ctx, uint64_t now)
{
    unit_t *u = ctx;
    if (u->phase == SAMPLING) {
        u->held_mv = channel_mv(u, u->injected ? injected_channel(u) : regular_channel(u));
        u->phase = CONVERTING;
        arm(u, resolution(u));
        return;
    }
    u->phase = IDLE;
    uint32_t code = code12(u->held_mv) >> (12 - resolution(u));
    if (u->injected)
        injected_done(u, code);
    else
        regular_done(u, code);
    update(u->adc);
}

static void stop(unit_t *u)
{
    machine_cancel(u->adc->p.m, &u->event);
    u->phase = IDLE;
    u->regular_on = false;
    u->next = u->jnext = 0;
}

// A trigger line changed; bit 4 of `arg`: an injected one. EXTEN: 1 rising, 2 falling, 3 both
// edges.
static void triggered(void *ctx, int arg, bool level)
{
    stm32_adc_t *a = ctx;
    for (unsigned i = 0; i < UNITS; i++) {
        unit_t *u = &a->unit[i];
        uint32_t field = *ur(u, ADC_CR2) >> (arg & 16 ? 16 : 24);
        if ((field & 15) != (arg & 15u) || !(field >> 4 & (level ? 1 : 2)))
            continue;
        if (arg & 16)
            start_injected(u);
        else
            start_regular(u);
    }
    update(a);
}

// ---- Registers ----------------------------------------------------------------------------------

static void plain_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_adc_t *)p);
}

static void cr2_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    unit_t *u = &a->unit[n];
    uint32_t now = *ur(u, ADC_CR2);
    *ur(u, ADC_CR2) &= ~(CR2_SWSTART | CR2_JSWSTART); // cleared when the conversion starts
    if (!(now & CR2_ADON))
        stop(u);
    if (!(now & CR2_DMA))
        u->dma_request = u->dma_ended = false;
    if (now & CR2_JSWSTART)
        start_injected(u);
    if (now & CR2_SWSTART)
        start_regular(u);
    update(a);
}

static uint32_t dr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    unit_t *u = &a->unit[n];
    if (!p->peeking) {
        *ur(u, ADC_SR) &= ~SR_EOC;
        if (u->dma_request && u->last->level && !(*ur(u, ADC_CR2) & CR2_DDS))
            u->dma_ended = true;
        u->dma_request = false;
        update(a);
    }
    return *ur(u, ADC_DR);
}

static uint32_t csr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    uint32_t csr = 0;
    for (unsigned i = 0; i < UNITS; i++)
        csr |= *ur(&a->unit[i], ADC_SR) << 8 * i;
    return csr;
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_adc_t *a = ctx;
    for (unsigned i = 0; i < UNITS && !before; i++)
        if (a->unit[i].phase != IDLE)
            machine_at(a->p.m, &a->unit[i].event, clk_ps(clk, a->unit[i].tick));
}

// ---- The part -----------------------------------------------------------------------------------

static bool adc_init(part_t *p, GError **error)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    char name[16];
    a->irq = part_line(p, "irq");
    for (unsigned i = 0; i < UNITS; i++) {
        unit_t *u = &a->unit[i];
        u->adc = a;
        u->n = i;
        g_snprintf(name, sizeof name, "dma%u", i + 1);
        u->dma = part_line(p, name);
        g_snprintf(name, sizeof name, "last%u", i + 1);
        u->last = part_line(p, name);
        event_init(&u->event, "adc phase", phase_over, u);
    }
    for (int i = 0; i < 16; i++) {
        g_snprintf(name, sizeof name, "ext.%d", i);
        line_listen(part_line(p, name), triggered, a, i);
        g_snprintf(name, sizeof name, "jext.%d", i);
        line_listen(part_line(p, name), triggered, a, 16 | i);
    }
    clk_listen(p->clk, clock_changed, a);
    return true;
}

static pin_t *chip_pin(machine_t *m, const char *name)
{
    for (guint i = 0; i < m->parts->len; i++) {
        part_t *p = m->parts->pdata[i];
        pin_t *pin = p->on_chip ? part_pin(p, name) : NULL;
        if (pin)
            return pin;
    }
    return NULL; // the package does not bond it out
}

static bool adc_wired(part_t *p, GError **error)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    for (int i = 0; i < 16; i++) {
        a->unit[0].pins[i] = a->unit[1].pins[i] = chip_pin(p->m, pins12[i]);
        a->unit[2].pins[i] = chip_pin(p->m, pins3[i]);
    }
    return true;
}

// Data sheet tables 70 and 73: 16-bit raw codes at VDDA = 3.3 V.
static void write_calibration(machine_t *m)
{
    const struct {
        uint32_t address;
        double mv;
    } rows[] = {
        {0x1FFF7A2A, vrefint_mv}, {0x1FFF7A2C, sensor_mv(30)}, {0x1FFF7A2E, sensor_mv(110)}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint16_t code = GUINT16_TO_LE(code12(rows[i].mv));
        bus_poke(m->bus, rows[i].address, &code, sizeof code);
    }
}

static void adc_reset(part_t *p, bool power)
{
    stm32_adc_t *a = (stm32_adc_t *)p;
    for (unsigned i = 0; i < UNITS; i++) {
        stop(&a->unit[i]);
        a->unit[i].dma_request = a->unit[i].dma_ended = false;
    }
    update(a);
    if (power)
        write_calibration(p->m);
}

// One register that each of the three converters has.
#define EACH(name_, offset_, mask_, ...) \
    {name_, offset_, .count = UNITS, .stride = UNIT_STRIDE, .ro = ~(uint32_t)(mask_), __VA_ARGS__}

static const part_reg_t adc_regs[] = {
    EACH("SR", ADC_SR, SR_ALL, .w0c = SR_ALL, .write = plain_write),
    EACH("CR1", ADC_CR1, 0x07C0FFFF, .write = plain_write),
    EACH("CR2", ADC_CR2, 0x7F7F0F03, .write = cr2_write),
    EACH("SMPR1", ADC_SMPR1, 0x07FFFFFF),
    EACH("SMPR2", ADC_SMPR2, 0x3FFFFFFF),
    EACH("JOFR1", ADC_JOFR1, 0xFFF),
    EACH("JOFR2", ADC_JOFR1 + 4, 0xFFF),
    EACH("JOFR3", ADC_JOFR1 + 8, 0xFFF),
    EACH("JOFR4", ADC_JOFR1 + 12, 0xFFF),
    EACH("HTR", ADC_HTR, 0xFFF, .reset = 0xFFF),
    EACH("LTR", ADC_LTR, 0xFFF),
    EACH("SQR1", ADC_SQR1, 0x00FFFFFF),
    EACH("SQR2", ADC_SQR2, 0x3FFFFFFF),
    EACH("SQR3", ADC_SQR3, 0x3FFFFFFF),
    EACH("JSQR", ADC_JSQR, 0x003FFFFF),
    EACH("JDR1", ADC_JDR1, 0),
    EACH("JDR2", ADC_JDR1 + 4, 0),
    EACH("JDR3", ADC_JDR1 + 8, 0),
    EACH("JDR4", ADC_JDR1 + 12, 0),
    EACH("DR", ADC_DR, 0, .read = dr_read),
    {"CSR", ADC_CSR, .ro = ~0u, .read = csr_read},
    {"CCR", ADC_CCR, .ro = ~0x00C3EF1Fu, .unimp = CCR_MULTI},
    {"CDR", ADC_CDR, .ro = ~0u},
    {NULL},
};

static const part_prop_t adc_props[] = {
    [PROP_CELSIUS] = {"celsius", "°C", -40, 125, 30, 0.5, .alias = "temperature"},
    [PROP_VBAT] = {"vbat", "V", 1.65, 3.6, 3.3, 0.05},
    {NULL},
};

const part_class_t stm32_adc_class = {
    .name = "stm32-adc",
    .brief = "STM32F2/F4 analog-to-digital converters 1 to 3",
    .size = sizeof(stm32_adc_t),
    .regs = adc_regs,
    .mmio_size = 0x400,
    .props = adc_props,
    .init = adc_init,
    .wired = adc_wired,
    .reset = adc_reset,
};
