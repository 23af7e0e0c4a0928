// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 general-purpose I/O port (RM0090 chapter 8). The variant is the port: 0 = A.
//
// Modelled: all four modes, push-pull and open drain, pull-up and pull-down, atomic set and reset,
// the lock with its key sequence, alternate functions through the chip's table. OSPEEDR is kept but
// edges are ideal. In analog mode an analog output (DAC) drives its pin. A pad that several pins
// select sits on the pin that selected it last (reported).
//
// Pins PA0 ... PA15. Lines 0 ... 15: the level that the input stage sees (low in analog mode).
#include "machine.h"
#include <string.h>

enum { GPIO_MODER = 0x00, GPIO_OTYPER = 0x04, GPIO_OSPEEDR = 0x08, GPIO_PUPDR = 0x0C,
       GPIO_IDR = 0x10, GPIO_ODR = 0x14, GPIO_BSRR = 0x18, GPIO_LCKR = 0x1C, GPIO_AFRL = 0x20 };
enum { LCKK = 1 << 16 };
enum { PINS = 16, FUNCTIONS = SOC_ANALOG + 1, PADS = 2 }; // two pads: a timer's channel 1 and its trigger

typedef enum { MODE_INPUT, MODE_OUTPUT, MODE_ALTERNATE, MODE_ANALOG } pin_mode_t;

typedef struct {
    part_t p;
    pin_t *pins[PINS];
    line_t *lines[PINS];
    pad_t *afs[PINS][FUNCTIONS][PADS]; // from the chip's table
    pad_t **routed[PINS];              // the row of afs in use, or NULL
    uint16_t idr;                      // saved: levels, analog pins included
    uint16_t locked;                   // saved
    uint8_t lock_step;                 // saved: writes of the key sequence that were right
    uint16_t lock_bits;                // saved: what the sequence locks
} stm32_gpio_t;

static pin_mode_t mode_of(part_t *p, unsigned i) { return R(p, GPIO_MODER) >> 2 * i & 3; }

static void drive_pull(part_t *p, unsigned i)
{
    pin_t *pin = ((stm32_gpio_t *)p)->pins[i];
    switch (R(p, GPIO_PUPDR) >> 2 * i & 3) {
    case 1: pin_drive(pin, DRIVE_PULL, NET_VDD_MV); break;
    case 2: pin_drive(pin, DRIVE_PULL, 0); break;
    default: pin_release(pin);
    }
}

static void drive_level(part_t *p, unsigned i, bool level)
{
    if (level && R(p, GPIO_OTYPER) >> i & 1)
        drive_pull(p, i);
    else
        pin_set(((stm32_gpio_t *)p)->pins[i], level);
}

// The pad that drives the pin in alternate mode, or NULL.
static pad_t *driving_pad(stm32_gpio_t *g, unsigned i)
{
    for (unsigned k = 0; g->routed[i] && k < PADS; k++)
        if (g->routed[i][k] && g->routed[i][k]->pin == g->pins[i] && g->routed[i][k]->enabled)
            return g->routed[i][k];
    return NULL;
}

static void drive(stm32_gpio_t *g, unsigned i)
{
    part_t *p = &g->p;
    pad_t *pad;
    switch (mode_of(p, i)) {
    case MODE_INPUT: drive_pull(p, i); break;
    case MODE_OUTPUT: drive_level(p, i, R(p, GPIO_ODR) >> i & 1); break;
    case MODE_ALTERNATE:
        pad = driving_pad(g, i);
        if (pad)
            drive_level(p, i, pad->level);
        else
            drive_pull(p, i);
        break;
    case MODE_ANALOG:
        pad = driving_pad(g, i);
        if (pad)
            pin_drive(g->pins[i], DRIVE_SOURCE, pad->mv);
        else
            pin_release(g->pins[i]);
        break;
    }
}

static void pad_changed(void *gpio, int index, pad_t *pad) { drive(gpio, index); }

static void tell_line(stm32_gpio_t *g, unsigned i)
{
    line_set(g->lines[i], g->idr >> i & 1 && mode_of(&g->p, i) != MODE_ANALOG);
}

static void pin_changed(void *ctx, pin_t *pin)
{
    stm32_gpio_t *g = ctx;
    unsigned i = pin->index;
    bool level = pin_level(pin);
    if (level == (g->idr >> i & 1))
        return;
    g->idr ^= 1 << i;
    tell_line(g, i);
    for (unsigned k = 0; g->routed[i] && k < PADS; k++)
        if (g->routed[i][k] && g->routed[i][k]->pin == pin)
            pad_input(g->routed[i][k]);
}

static void unroute(stm32_gpio_t *g, unsigned i)
{
    pad_t **pads = g->routed[i];
    g->routed[i] = NULL;
    for (unsigned k = 0; pads && k < PADS; k++)
        if (pads[k] && pads[k]->pin == g->pins[i])
            pad_route(pads[k], NULL, NULL, NULL, 0);
}

static void route(stm32_gpio_t *g, unsigned i, pad_t **pads)
{
    g->routed[i] = pads;
    for (unsigned k = 0; k < PADS && pads[k]; k++) {
        if (pads[k]->pin && pads[k]->pin != g->pins[i])
            machine_report(g->p.m, REPORT_WARNING, (uintptr_t)pads[k],
                           "%s is on %s and %s at once; only the latter is modelled", pads[k]->name,
                           pads[k]->pin->name, g->pins[i]->name);
        pad_route(pads[k], g->pins[i], pad_changed, g, i);
    }
}

// Pins whose software or timer may look at each edge: a transfer through them must be drawn.
static bool needs_edges(stm32_gpio_t *g, unsigned i)
{
    if (g->routed[i] && g->routed[i][0])
        return !strncmp(g->routed[i][0]->name, "tim", 3);
    return mode_of(&g->p, i) == MODE_INPUT;
}

// Mode or function of a pin changed.
static void configure(stm32_gpio_t *g, unsigned i)
{
    part_t *p = &g->p;
    pad_t **pads = NULL;
    if (mode_of(p, i) == MODE_ALTERNATE) {
        unsigned af = R(p, GPIO_AFRL + i / 8 * 4) >> i % 8 * 4 & 15;
        if (g->afs[i][af][0])
            pads = g->afs[i][af];
    } else if (mode_of(p, i) == MODE_ANALOG && g->afs[i][SOC_ANALOG][0]) {
        pads = g->afs[i][SOC_ANALOG];
    }
    if (pads != g->routed[i]) {
        unroute(g, i);
        drive(g, i); // before the peripheral sees its new pin
        if (pads)
            route(g, i, pads);
    }
    drive(g, i);
    g->pins[i]->edges = needs_edges(g, i);
    tell_line(g, i);
}

// ---- Registers ----------------------------------------------------------------------------------

// Repeats each bit of a 16-bit mask `width` times.
static uint32_t spread(uint32_t mask, unsigned width, unsigned shift)
{
    uint32_t v = 0;
    for (unsigned i = shift; i < PINS && (i - shift) * width < 32; i++)
        if (mask >> i & 1)
            v |= ((1u << width) - 1) << (i - shift) * width;
    return v;
}

// Puts back the fields of locked pins, `width` bits each, the register beginning with pin `first`.
static uint32_t keep_locked(stm32_gpio_t *g, uint32_t now, uint32_t old, unsigned width,
                            unsigned first)
{
    if (!g->locked)
        return now;
    uint32_t keep = spread(g->locked, width, first);
    return (now & ~keep) | (old & keep);
}

static void two_bits_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    uint32_t *r = &R(p, reg->offset);
    *r = keep_locked(g, *r, old, 2, 0);
    if (reg->offset == GPIO_OSPEEDR)
        return;
    for (unsigned i = 0; i < PINS; i++)
        if ((*r ^ old) >> 2 * i & 3) {
            if (reg->offset == GPIO_MODER)
                configure(g, i);
            else
                drive(g, i);
        }
}

static void drive_changed(stm32_gpio_t *g, uint32_t changed)
{
    while (changed) {
        unsigned i = __builtin_ctz(changed);
        changed &= changed - 1;
        drive(g, i);
    }
}

static void otyper_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    R(p, GPIO_OTYPER) = keep_locked(g, R(p, GPIO_OTYPER), old, 1, 0);
    drive_changed(g, R(p, GPIO_OTYPER) ^ old);
}

static void odr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    drive_changed((stm32_gpio_t *)p, R(p, GPIO_ODR) ^ old);
}

static void bsrr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t odr = R(p, GPIO_ODR), set = p->written & 0xFFFF, clear = p->written >> 16;
    R(p, GPIO_BSRR) = 0; // write-only
    R(p, GPIO_ODR) = (odr & ~clear) | set;
    drive_changed((stm32_gpio_t *)p, R(p, GPIO_ODR) ^ odr);
}

static void afr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    uint32_t *r = &R(p, GPIO_AFRL + 4 * n);
    *r = keep_locked(g, *r, old, 4, 8 * n);
    for (unsigned i = 0; i < 8; i++)
        if ((*r ^ old) >> 4 * i & 15)
            configure(g, 8 * n + i);
}

static uint32_t idr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    uint32_t m = R(p, GPIO_MODER), analog = m & m >> 1 & 0x55555555, idr = g->idr;
    while (analog) {
        idr &= ~(1u << __builtin_ctz(analog) / 2);
        analog &= analog - 1;
    }
    return idr;
}

// 8.4.8: write 1 + bits, 0 + bits, 1 + bits, then read. The register freezes until the next reset.
static void lckr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    uint32_t w = p->written;
    if (old & LCKK) {
        R(p, GPIO_LCKR) = old;
        return;
    }
    R(p, GPIO_LCKR) = w & 0xFFFF; // the key reads 1 only when the lock is active
    bool key = w & LCKK, right = p->access == 4 && (g->lock_step == 0 || g->lock_bits == (w & 0xFFFF));
    if (right && key == (g->lock_step != 1) && g->lock_step < 3) {
        g->lock_bits = w;
        g->lock_step++;
    } else {
        g->lock_step = 0;
    }
}

static uint32_t lckr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    if (!p->peeking && g->lock_step) {
        if (g->lock_step == 3) {
            g->locked = g->lock_bits;
            R(p, GPIO_LCKR) |= LCKK;
        }
        g->lock_step = 0;
    }
    return R(p, GPIO_LCKR);
}

// ---- The part -----------------------------------------------------------------------------------

static bool gpio_init(part_t *p, GError **error)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    for (unsigned i = 0; i < PINS; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "P%c%u", 'A' + (char)p->variant, i);
        g->pins[i] = part_add_pin(p, name, pin_changed, g);
        for (const soc_af_t *af = p->m->soc->afs; af && af->pin; af++) {
            if (strcmp(af->pin, name))
                continue;
            pad_t **row = g->afs[i][af->af];
            row[row[0] != NULL] = machine_pad(p->m, af->pad);
        }
        g_snprintf(name, sizeof name, "%u", i);
        g->lines[i] = part_line(p, name);
    }
    return true;
}

// The debug port's pins are alternate functions with pulls at reset (8.3.1).
static void gpio_reset(part_t *p, bool power)
{
    stm32_gpio_t *g = (stm32_gpio_t *)p;
    if (p->variant == 0) {
        R(p, GPIO_MODER) = 0xA8000000;
        R(p, GPIO_OSPEEDR) = 0x0C000000;
        R(p, GPIO_PUPDR) = 0x64000000;
    } else if (p->variant == 1) {
        R(p, GPIO_MODER) = 0x00000280;
        R(p, GPIO_OSPEEDR) = 0x000000C0;
        R(p, GPIO_PUPDR) = 0x00000100;
    }
    g->locked = g->lock_bits = 0;
    g->lock_step = 0;
    for (unsigned i = 0; i < PINS; i++)
        configure(g, i);
}

static const part_reg_t gpio_regs[] = {
    {"MODER", GPIO_MODER, .write = two_bits_write},
    {"OTYPER", GPIO_OTYPER, .ro = 0xFFFF0000, .write = otyper_write},
    {"OSPEEDR", GPIO_OSPEEDR, .write = two_bits_write},
    {"PUPDR", GPIO_PUPDR, .write = two_bits_write},
    {"IDR", GPIO_IDR, .ro = 0xFFFFFFFF, .read = idr_read},
    {"ODR", GPIO_ODR, .ro = 0xFFFF0000, .write = odr_write},
    {"BSRR", GPIO_BSRR, .write = bsrr_write},
    {"LCKR", GPIO_LCKR, .ro = 0xFFFE0000, .read = lckr_read, .write = lckr_write},
    {"AFR", GPIO_AFRL, .count = 2, .write = afr_write},
    {0},
};

const part_class_t stm32_gpio_class = {
    .name = "stm32-gpio",
    .brief = "STM32F4 general-purpose I/O port",
    .size = sizeof(stm32_gpio_t),
    .regs = gpio_regs,
    .mmio_size = 0x400,
    .init = gpio_init,
    .reset = gpio_reset,
};
