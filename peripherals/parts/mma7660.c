// SPDX-License-Identifier: GPL-2.0-or-later
// MMA7660FC three-axis accelerometer (Freescale data sheet MMA7660FC rev 8). Pins AVDD, GND, SCL,
// SDA, INT.
//
// I2C target at 0x4C. Modelled: 6-bit samples of +-1.5 g (21.33 counts per g) at the rates of SR,
// standby and active mode, writes only in standby, supply from a pin. The alert bit never shows:
// a sample is taken at once. Not modelled, reported: tilt, tap and shake detection, interrupts,
// auto-sleep.
//
// No event runs while nothing can change: samples follow each other from `epoch_ps`, and only the
// first one after a change of acceleration is looked at.
#include "machine.h"
#include "xfer.h"
#include <math.h>

enum { XOUT, YOUT, ZOUT, TILT, SRST, SPCNT, INTSU, MODE, SR, PDET, PD, REGISTERS };

#define ADDRESS     0x4C
#define MODE_ACTIVE 0x01u
#define SR_RATE     0x07u
#define SUPPLY_MV   2400
#define TURN_ON_PS  (12 * PS_PER_MS) // AVDD on or standby to active, before the first sample begins
#define COUNTS_PER_G (64 / 3.0)

typedef struct {
    part_t p;
    pin_t *avdd, *gnd;
    i2c_regs_t i2c;
    event_t sampled;
    uint8_t reg[REGISTERS]; // saved
    uint64_t epoch_ps;      // saved: the first sample's period began here
} mma7660_t;

static uint64_t period_ps(const mma7660_t *a)
{
    static const uint8_t hz[] = {120, 64, 32, 16, 8, 4, 2, 1};
    return PS_PER_S / hz[a->reg[SR] & SR_RATE];
}

static void sampled(void *ctx, uint64_t now_ps)
{
    mma7660_t *a = ctx;
    for (unsigned i = 0; i < 3; i++) {
        long counts = lround(a->p.prop[i] * COUNTS_PER_G);
        a->reg[XOUT + i] = CLAMP(counts, -32, 31) & 0x3F;
    }
}

// The first sample that ends after now.
static void plan(mma7660_t *a)
{
    if (!a->i2c.on || !(a->reg[MODE] & MODE_ACTIVE)) {
        machine_cancel(a->p.m, &a->sampled);
        return;
    }
    uint64_t now = machine_now_ps(a->p.m);
    uint64_t n = now < a->epoch_ps ? 0 : (now - a->epoch_ps) / period_ps(a);
    machine_at(a->p.m, &a->sampled, a->epoch_ps + (n + 1) * period_ps(a));
}

static void acceleration_changed(part_t *p, unsigned index) { plan((mma7660_t *)p); }

static void supply_changed(void *ctx, pin_t *pin)
{
    mma7660_t *a = ctx;
    bool on = pin_supplied(a->avdd, a->gnd, SUPPLY_MV);
    if (on == a->i2c.on)
        return;
    a->i2c.on = on;
    for (unsigned i = 0; i < REGISTERS; i++)
        a->reg[i] = 0;
    plan(a);
}

static void unmodelled(mma7660_t *a, unsigned reg)
{
    static const char *const names[REGISTERS] = {
        [TILT] = "tilt, tap and shake", [SPCNT] = "auto-sleep", [INTSU] = "interrupts",
        [PDET] = "tap detection", [PD] = "tap detection"};
    machine_report(a->p.m, REPORT_UNMODELLED, g_str_hash(a->p.name) + reg, "not modelled: %s of %s",
                   names[reg], a->p.name);
}

static void write_register(void *ctx, uint8_t reg, uint8_t value)
{
    mma7660_t *a = ctx;
    bool active = a->reg[MODE] & MODE_ACTIVE;
    if (reg >= REGISTERS || reg <= SRST || (active && reg != MODE))
        return; // read only, or only in standby
    a->reg[reg] = value;
    if (value && (reg == SPCNT || reg == INTSU))
        unmodelled(a, reg);
    if (value && (reg == PDET || reg == PD))
        unmodelled(a, PDET);
    if (reg == MODE && !active)
        a->epoch_ps = machine_now_ps(a->p.m) + TURN_ON_PS;
    if (reg == MODE)
        plan(a);
}

static uint8_t read_register(void *ctx, uint8_t reg)
{
    mma7660_t *a = ctx;
    if (reg == TILT)
        unmodelled(a, TILT);
    return reg < REGISTERS ? a->reg[reg] : 0;
}

static bool mma7660_init(part_t *p, GError **error)
{
    mma7660_t *a = (mma7660_t *)p;
    event_init(&a->sampled, "mma7660 sampled", sampled, a);
    a->avdd = part_pin(p, "AVDD");
    a->gnd = part_pin(p, "GND");
    a->avdd->changed = a->gnd->changed = supply_changed;
    a->avdd->ctx = a->gnd->ctx = a;
    a->i2c = (i2c_regs_t){.address = ADDRESS, .write = write_register, .read = read_register,
                          .ctx = a};
    i2c_regs_attach(&a->i2c, part_pin(p, "SCL"), part_pin(p, "SDA"));
    return true;
}

static const char *const mma7660_pins[] = {"AVDD", "GND", "SCL", "SDA", "INT", NULL};
static const char *const mma7660_attrs[] = {"label=", NULL};
static const part_prop_t mma7660_props[] = {
    {.name = "accelX", .unit = "g", .min = -1.5, .max = 1.5, .step = 0.05,
     .changed = acceleration_changed},
    {.name = "accelY", .unit = "g", .min = -1.5, .max = 1.5, .step = 0.05,
     .changed = acceleration_changed},
    {.name = "accelZ", .unit = "g", .min = -1.5, .max = 1.5, .def = 1, .step = 0.05,
     .changed = acceleration_changed},
    {0},
};

const part_class_t mma7660_class = {
    .name = "mma7660",
    .brief = "MMA7660FC three-axis accelerometer on I2C",
    .size = sizeof(mma7660_t),
    .pins = mma7660_pins,
    .attrs = mma7660_attrs,
    .props = mma7660_props,
    .init = mma7660_init,
};
