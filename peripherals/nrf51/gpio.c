// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 general-purpose I/O, 32 pins (nRF51 Series Reference Manual, chapter GPIO).
//
// Modelled: OUT and DIR with their set and clear registers, which read as the register itself; PIN_CNF
// with its copy of DIR, input buffer, pulls, the eight drive settings (disconnected sides are open
// drain or open source; high drive is ideal as standard drive is), SENSE and DETECT; peripherals that
// take a pin over (nrf_psel in nrf51.h).
//
// Pins P0.00 ... P0.31. Lines 0 ... 31: the level on the pin, whether or not its buffer is connected
// (GPIOTE and other peripherals connect it themselves). Line detect: DETECT, high while any pin is at
// the level that its SENSE waits for.
#include "nrf51.h"
#include <string.h>

enum { GPIO_OUT = 0x504, GPIO_OUTSET = 0x508, GPIO_OUTCLR = 0x50C, GPIO_IN = 0x510,
       GPIO_DIR = 0x514, GPIO_DIRSET = 0x518, GPIO_DIRCLR = 0x51C, GPIO_PIN_CNF = 0x700 };
enum { CNF_DIR = 1 << 0, CNF_INPUT_OFF = 1 << 1, CNF_BITS = 0x3070F };
enum { PULL_DOWN = 1, PULL_UP = 3, SENSE_HIGH = 2, SENSE_LOW = 3 };
enum { PINS = 32 };

typedef struct {
    part_t p;
    pin_t *pins[PINS];
    line_t *lines[PINS], *detect;
    pad_t *pads[PINS];  // of the peripheral that has the pin, or NULL
    uint32_t levels;    // saved
    uint32_t connected; // saved: input buffers that are on
    uint32_t sensing;   // saved: pins at their SENSE level
    uint8_t edges[PINS]; // saved: how many want to see every edge
} nrf51_gpio_t;

static uint32_t cnf(const part_t *p, unsigned i) { return R(p, GPIO_PIN_CNF + 4 * i); }

static void drive_pull(nrf51_gpio_t *g, unsigned i)
{
    switch (cnf(&g->p, i) >> 2 & 3) {
    case PULL_UP: pin_drive(g->pins[i], DRIVE_PULL, NET_VDD_MV); break;
    case PULL_DOWN: pin_drive(g->pins[i], DRIVE_PULL, 0); break;
    default: pin_release(g->pins[i]);
    }
}

// DRIVE: S0S1 H0S1 S0H1 H0H1 D0S1 D0H1 S0D1 H0D1.
static void drive(nrf51_gpio_t *g, unsigned i)
{
    part_t *p = &g->p;
    const pad_t *pad = g->pads[i];
    unsigned kind = cnf(p, i) >> 8 & 7;
    bool out = pad ? pad->enabled : R(p, GPIO_DIR) >> i & 1;
    bool level = pad ? pad->level : R(p, GPIO_OUT) >> i & 1;
    bool open = level ? kind >= 6 : kind == 4 || kind == 5;
    if (out && !open)
        pin_set(g->pins[i], level);
    else
        drive_pull(g, i);
}

static void drive_changed(nrf51_gpio_t *g, uint32_t changed)
{
    for (; changed; changed &= changed - 1)
        drive(g, __builtin_ctz(changed));
}

// ---- Inputs -------------------------------------------------------------------------------------

static void sense(nrf51_gpio_t *g, unsigned i)
{
    unsigned kind = cnf(&g->p, i) >> 16 & 3;
    bool met = g->levels >> i & 1 ? kind == SENSE_HIGH : kind == SENSE_LOW;
    met = met && g->connected >> i & 1;
    g->sensing = (g->sensing & ~(1u << i)) | (uint32_t)met << i;
    line_set(g->detect, g->sensing);
}

static void pin_changed(void *ctx, pin_t *pin)
{
    nrf51_gpio_t *g = ctx;
    unsigned i = pin->index;
    bool level = pin_level(pin);
    if (level == (g->levels >> i & 1))
        return;
    g->levels ^= 1u << i;
    line_set(g->lines[i], level);
    if (g->pads[i] && g->pads[i]->pin) // else it is just being put here, and told then
        pad_input(g->pads[i]);
    sense(g, i);
}

// Software may look at each edge of a pin that no peripheral has: a transfer must be drawn there.
static void configure(nrf51_gpio_t *g, unsigned i)
{
    uint32_t c = cnf(&g->p, i);
    g->connected = (g->connected & ~(1u << i)) | (uint32_t)!(c & CNF_INPUT_OFF) << i;
    g->pins[i]->edges = g->edges[i] || (!g->pads[i] && !(c & CNF_INPUT_OFF));
    drive(g, i);
    sense(g, i);
}

// ---- Pins for peripherals -----------------------------------------------------------------------

static void pad_changed(void *gpio, int index, pad_t *pad) { drive(gpio, index); }

void nrf_psel(machine_t *m, pad_t *pad, uint32_t psel)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)machine_part(m, "gpio");
    if (!g)
        return; // in a test without pins
    unsigned old = pad->pin ? (unsigned)pad->pin->index : PINS;
    if (old == psel || (old == PINS && psel >= PINS))
        return;
    if (old < PINS) {
        g->pads[old] = NULL;
        pad_route(pad, NULL, NULL, NULL, 0);
        configure(g, old);
    }
    if (psel >= PINS)
        return;
    pad_t *other = g->pads[psel];
    if (other) {
        // Two blocks of TWI on the same wires do no harm: drivers keep both.
        if (strcmp(strchr(pad->name, '.'), strchr(other->name, '.')))
            machine_report(m, REPORT_WARNING, (uintptr_t)pad, "%s takes %s from %s", pad->name,
                           g->pins[psel]->name, other->name);
        pad_route(other, NULL, NULL, NULL, 0);
    }
    g->pads[psel] = pad;
    configure(g, psel); // before the peripheral sees its new pin
    pad_route(pad, g->pins[psel], pad_changed, g, psel);
    drive(g, psel);
}

void nrf_pin_edges(machine_t *m, unsigned index, bool wanted)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)machine_part(m, "gpio");
    if (!g || index >= PINS)
        return;
    g->edges[index] += wanted ? 1 : -1;
    configure(g, index);
}

pin_t *nrf_pin(machine_t *m, unsigned index)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)machine_part(m, "gpio");
    return g && index < PINS ? g->pins[index] : NULL;
}

// ---- Registers ----------------------------------------------------------------------------------

static void set_dir(nrf51_gpio_t *g, uint32_t dir)
{
    part_t *p = &g->p;
    uint32_t changed = R(p, GPIO_DIR) ^ dir;
    R(p, GPIO_DIR) = dir;
    for (uint32_t left = changed; left; left &= left - 1)
        R(p, GPIO_PIN_CNF + 4 * __builtin_ctz(left)) ^= CNF_DIR;
    drive_changed(g, changed);
}

static void out_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t out = R(p, GPIO_OUT), now = out;
    switch (reg->offset) {
    case GPIO_OUT: now = p->written | (out & ~p->lanes); break;
    case GPIO_OUTSET: now = out | p->written; break;
    case GPIO_OUTCLR: now = out & ~p->written; break;
    }
    R(p, GPIO_OUT) = now;
    drive_changed((nrf51_gpio_t *)p, now ^ out);
}

static void dir_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t dir = R(p, GPIO_DIR);
    switch (reg->offset) {
    case GPIO_DIR: dir = p->written | (dir & ~p->lanes); break;
    case GPIO_DIRSET: dir |= p->written; break;
    case GPIO_DIRCLR: dir &= ~p->written; break;
    }
    set_dir((nrf51_gpio_t *)p, dir);
}

static uint32_t out_read(part_t *p, const part_reg_t *reg, unsigned n) { return R(p, GPIO_OUT); }
static uint32_t dir_read(part_t *p, const part_reg_t *reg, unsigned n) { return R(p, GPIO_DIR); }

static uint32_t in_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)p;
    return g->levels & g->connected;
}

static void cnf_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t dir = R(p, GPIO_DIR) & ~(1u << n);
    R(p, GPIO_DIR) = dir | (cnf(p, n) & CNF_DIR) << n;
    configure((nrf51_gpio_t *)p, n);
}

// ---- The part -----------------------------------------------------------------------------------

static bool gpio_init(part_t *p, GError **error)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)p;
    for (unsigned i = 0; i < PINS; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "P0.%02u", i);
        g->pins[i] = part_add_pin(p, name, pin_changed, g);
        g_snprintf(name, sizeof name, "%u", i);
        g->lines[i] = part_line(p, name);
    }
    g->detect = part_line(p, "detect");
    return true;
}

static void gpio_reset(part_t *p, bool power)
{
    nrf51_gpio_t *g = (nrf51_gpio_t *)p;
    for (unsigned i = 0; i < PINS; i++) {
        pad_t *pad = g->pads[i];
        g->pads[i] = NULL;
        if (pad)
            pad_route(pad, NULL, NULL, NULL, 0);
        configure(g, i);
    }
}

static const part_reg_t gpio_regs[] = {
    {"OUT", GPIO_OUT, .ro = ~0u, .write = out_write},
    {"OUTSET", GPIO_OUTSET, .ro = ~0u, .read = out_read, .write = out_write},
    {"OUTCLR", GPIO_OUTCLR, .ro = ~0u, .read = out_read, .write = out_write},
    {"IN", GPIO_IN, .ro = ~0u, .read = in_read},
    {"DIR", GPIO_DIR, .ro = ~0u, .write = dir_write},
    {"DIRSET", GPIO_DIRSET, .ro = ~0u, .read = dir_read, .write = dir_write},
    {"DIRCLR", GPIO_DIRCLR, .ro = ~0u, .read = dir_read, .write = dir_write},
    {"PIN_CNF", GPIO_PIN_CNF, .count = PINS, .reset = CNF_INPUT_OFF, .ro = ~(uint32_t)CNF_BITS,
     .write = cnf_write},
    {0},
};

const part_class_t nrf51_gpio_class = {
    .name = "nrf51-gpio",
    .brief = "nRF51 general-purpose I/O",
    .size = sizeof(nrf51_gpio_t),
    .regs = gpio_regs,
    .mmio_size = NRF_SIZE,
    .init = gpio_init,
    .reset = gpio_reset,
};
