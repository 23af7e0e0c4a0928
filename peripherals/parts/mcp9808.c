// SPDX-License-Identifier: GPL-2.0-or-later
// MCP9808 digital temperature sensor (Microchip data sheet DS25095, chapters 4 and 5).
//
// I2C target at 0x18 + A2 A1 A0 (open address pins are low, as on breakout boards). Modelled: all
// registers, conversions of 30 to 250 ms at four resolutions, shutdown, locks, limits with
// hysteresis, the open-drain alert output in comparator and interrupt mode, loss of supply. Not
// modelled: the sensor's error, SMBus time-out and alert response address.
//
// No event runs while nothing can change: conversions follow each other without a gap from
// `epoch_ps`, and only the first one after a change of temperature is looked at.
#include "machine.h"
#include "xfer.h"
#include <math.h>

enum { CONFIG = 1, UPPER, LOWER, CRIT, TA, MAKER, DEVICE, RESOLUTION, REGISTERS };

#define CFG_MODE       0x0001u // interrupt, not comparator
#define CFG_POLARITY   0x0002u // active high
#define CFG_CRIT_ONLY  0x0004u
#define CFG_ALERT_ON   0x0008u
#define CFG_ASSERTED   0x0010u // read only
#define CFG_CLEAR      0x0020u // reads 0
#define CFG_WIN_LOCK   0x0040u
#define CFG_CRIT_LOCK  0x0080u
#define CFG_SHUTDOWN   0x0100u
#define CFG_HYSTERESIS 0x0600u
#define CFG_LOCKS      (CFG_WIN_LOCK | CFG_CRIT_LOCK)
#define CFG_LOCKED     (CFG_MODE | CFG_POLARITY | CFG_CRIT_ONLY | CFG_ALERT_ON | CFG_HYSTERESIS)

#define TA_ABOVE_CRIT  0x8000u
#define TA_ABOVE_UPPER 0x4000u
#define TA_BELOW_LOWER 0x2000u
#define TA_FLAGS       0xE000u
#define LIMIT_MASK     0x1FFCu

#define SUPPLY_MV 2700

typedef struct {
    part_t p;
    pin_t *vdd, *gnd, *alert, *address[3];
    i2c_target_t i2c;
    event_t converted;
    uint16_t reg[REGISTERS]; // saved
    bool on;                 // saved: has supply
    bool told;               // saved: addressed without supply, reported
    bool interrupt;          // saved: interrupt mode: not yet cleared
    uint64_t epoch_ps;       // saved: conversions began here
    uint8_t pointer, index, high; // saved: transfer
} mcp9808_t;

// 13-bit two's complement in sixteenths of a degree.
static int sixteenths(uint16_t reg) { return (int)((reg & 0x1FFF) ^ 0x1000) - 0x1000; }

static uint64_t conversion_ps(const mcp9808_t *t)
{
    static const uint16_t ms[] = {30, 65, 130, 250};
    return ms[t->reg[RESOLUTION] & 3] * PS_PER_MS;
}

// ---- Alert --------------------------------------------------------------------------------------

// A limit with hysteresis on the way down.
static unsigned above(int ta, int limit, int hysteresis, bool was, bool equal, unsigned flag)
{
    bool now = equal ? ta >= limit : ta > limit;
    if (was && !now)
        now = equal ? ta >= limit - hysteresis : ta > limit - hysteresis;
    return now ? flag : 0;
}

static unsigned flags_of(const mcp9808_t *t, int ta)
{
    static const int hysteresis[] = {0, 24, 48, 96}; // 0, 1.5, 3 and 6 degrees
    int h = hysteresis[(t->reg[CONFIG] & CFG_HYSTERESIS) >> 9];
    unsigned old = t->reg[TA] & TA_FLAGS;
    int lower = sixteenths(t->reg[LOWER]);
    bool below = old & TA_BELOW_LOWER ? ta < lower : ta < lower - h;
    return above(ta, sixteenths(t->reg[CRIT]), h, old & TA_ABOVE_CRIT, true, TA_ABOVE_CRIT) |
           above(ta, sixteenths(t->reg[UPPER]), h, old & TA_ABOVE_UPPER, false, TA_ABOVE_UPPER) |
           (below ? TA_BELOW_LOWER : 0);
}

static void drive_alert(mcp9808_t *t)
{
    uint16_t config = t->reg[CONFIG];
    unsigned watched = config & CFG_CRIT_ONLY ? TA_ABOVE_CRIT : TA_FLAGS;
    unsigned active = t->reg[TA] & watched;
    bool interrupts = config & CFG_MODE && !(config & CFG_CRIT_ONLY);
    bool asserted = interrupts ? t->interrupt || active & TA_ABOVE_CRIT : active;
    asserted = asserted && config & CFG_ALERT_ON;
    t->reg[CONFIG] = asserted ? config | CFG_ASSERTED : config & ~CFG_ASSERTED;
    bool high = asserted == !!(config & CFG_POLARITY);
    if (t->on && config & CFG_ALERT_ON && !high)
        pin_drive(t->alert, DRIVE_STRONG, pin_mv(t->gnd));
    else
        pin_release(t->alert);
}

static void new_flags(mcp9808_t *t, unsigned flags)
{
    unsigned watched = t->reg[CONFIG] & CFG_CRIT_ONLY ? TA_ABOVE_CRIT : TA_FLAGS;
    if ((flags ^ t->reg[TA]) & watched && t->reg[CONFIG] & CFG_ALERT_ON)
        t->interrupt = true; // any crossing, in either direction
    t->reg[TA] = (t->reg[TA] & ~TA_FLAGS) | flags;
    drive_alert(t);
}

// ---- Conversion ---------------------------------------------------------------------------------

static void converted(void *ctx, uint64_t now_ps)
{
    mcp9808_t *t = ctx;
    int step = 8 >> (t->reg[RESOLUTION] & 3); // in sixteenths
    int ta = step * (int)floor(t->p.prop[0] * 16 / step + 0.5);
    unsigned flags = flags_of(t, ta);
    t->reg[TA] = (t->reg[TA] & TA_FLAGS) | (ta & 0x1FFF);
    new_flags(t, flags);
}

static bool converting(const mcp9808_t *t) { return t->on && !(t->reg[CONFIG] & CFG_SHUTDOWN); }

// The first conversion that ends after now.
static void plan(mcp9808_t *t)
{
    if (!converting(t)) {
        machine_cancel(t->p.m, &t->converted);
        return;
    }
    uint64_t n = (machine_now_ps(t->p.m) - t->epoch_ps) / conversion_ps(t);
    machine_at(t->p.m, &t->converted, t->epoch_ps + (n + 1) * conversion_ps(t));
}

static void restart(mcp9808_t *t)
{
    t->epoch_ps = machine_now_ps(t->p.m);
    plan(t);
}

static void celsius_changed(part_t *p, unsigned index) { plan((mcp9808_t *)p); }

static void power_up(mcp9808_t *t)
{
    static const uint16_t values[REGISTERS] = {[MAKER] = 0x0054, [DEVICE] = 0x0400,
                                               [RESOLUTION] = 3};
    for (unsigned i = 0; i < REGISTERS; i++)
        t->reg[i] = values[i];
    t->pointer = 0;
    t->interrupt = false;
    drive_alert(t);
    restart(t);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    mcp9808_t *t = ctx;
    bool on = pin_supplied(t->vdd, t->gnd, SUPPLY_MV);
    if (on == t->on)
        return;
    t->on = on;
    power_up(t);
}

// ---- Registers ----------------------------------------------------------------------------------

static void write_config(mcp9808_t *t, uint16_t value)
{
    uint16_t old = t->reg[CONFIG];
    uint16_t keep = CFG_ASSERTED | (uint16_t)~0x07FFu | (old & CFG_LOCKS); // locks stay
    if (old & CFG_LOCKS)
        keep |= CFG_LOCKED | (value & CFG_SHUTDOWN ? CFG_SHUTDOWN : 0);
    if (value & CFG_CLEAR)
        t->interrupt = false;
    t->reg[CONFIG] = ((old & keep) | (value & ~keep)) & ~CFG_CLEAR;
    drive_alert(t);
    if ((old ^ t->reg[CONFIG]) & CFG_SHUTDOWN)
        restart(t);
}

static void write_register(mcp9808_t *t, uint16_t value)
{
    bool locked = t->reg[CONFIG] & (t->pointer == CRIT ? CFG_CRIT_LOCK : CFG_WIN_LOCK);
    switch (t->pointer) {
    case CONFIG:
        write_config(t, value);
        break;
    case UPPER:
    case LOWER:
    case CRIT:
        if (!locked)
            t->reg[t->pointer] = value & LIMIT_MASK;
        plan(t); // the flags follow with the next conversion
        break;
    case RESOLUTION:
        t->reg[RESOLUTION] = value & 3;
        restart(t);
        break;
    default: // the others are read only
        break;
    }
}

// ---- I2C ----------------------------------------------------------------------------------------

static bool on_start(void *ctx, uint8_t address7, bool read)
{
    mcp9808_t *t = ctx;
    uint8_t own = 0x18;
    for (unsigned i = 0; i < 3; i++)
        own |= (uint8_t)(pin_level(t->address[i]) << i);
    if (address7 != own)
        return false;
    if (!t->on && !t->told) {
        t->told = true;
        machine_report(t->p.m, REPORT_WARNING, 0,
                       "%s is addressed, but has no supply at VDD and GND", t->p.name);
    }
    t->index = 0;
    return t->on;
}

static bool on_write(void *ctx, uint8_t byte)
{
    mcp9808_t *t = ctx;
    unsigned index = t->index++;
    if (index == 0)
        t->pointer = byte & 0x0F;
    else if (t->pointer == RESOLUTION)
        write_register(t, byte);
    else if (index & 1)
        t->high = byte;
    else
        write_register(t, (uint16_t)(t->high << 8 | byte));
    return true;
}

static uint8_t on_read(void *ctx)
{
    mcp9808_t *t = ctx;
    uint16_t value = t->pointer < REGISTERS ? t->reg[t->pointer] : 0;
    bool low = t->index++ & 1 || t->pointer == RESOLUTION;
    return low ? value & 0xFF : value >> 8;
}

// ---- The part -----------------------------------------------------------------------------------

static bool mcp9808_init(part_t *p, GError **error)
{
    static const char *const address[] = {"A0", "A1", "A2"};
    mcp9808_t *t = (mcp9808_t *)p;
    event_init(&t->converted, "mcp9808 converted", converted, t);
    t->vdd = part_pin(p, "VDD");
    t->gnd = part_pin(p, "GND");
    t->alert = part_pin(p, "ALERT");
    for (unsigned i = 0; i < 3; i++)
        t->address[i] = part_pin(p, address[i]);
    t->vdd->changed = t->gnd->changed = supply_changed;
    t->vdd->ctx = t->gnd->ctx = t;
    t->i2c = (i2c_target_t){.start = on_start, .write = on_write, .read = on_read, .ctx = t};
    i2c_target_attach(&t->i2c, part_pin(p, "SCL"), part_pin(p, "SDA"));
    return true;
}

static const char *const mcp9808_pins[] = {"VDD", "GND", "SCL", "SDA", "ALERT",
                                           "A0",  "A1",  "A2",  NULL};
static const char *const mcp9808_attrs[] = {"label=", NULL};
static const part_prop_t mcp9808_props[] = {
    {.name = "celsius", .alias = "temperature", .unit = "\u00b0C", .min = -40, .max = 125,
     .def = 22, .step = 0.1, .changed = celsius_changed},
    {0},
};

const part_class_t mcp9808_class = {
    .name = "mcp9808",
    .brief = "MCP9808 digital temperature sensor on I2C",
    .size = sizeof(mcp9808_t),
    .pins = mcp9808_pins,
    .attrs = mcp9808_attrs,
    .props = mcp9808_props,
    .init = mcp9808_init,
};
