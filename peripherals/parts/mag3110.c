// SPDX-License-Identifier: GPL-2.0-or-later
// MAG3110 three-axis magnetometer (Freescale data sheet MAG3110 rev 9.2). Pins VDD, GND, SCL, SDA,
// INT1.
//
// I2C target at 0x0E. Modelled: standby, active and triggered measurements at all output rates,
// 0.1 microtesla per count, user offsets (unless RAW), fast read, data-ready and overrun flags, the
// interrupt (high from a new sample until one of it is read), the chip's temperature. Properties: the field in
// microtesla along the directions of the board, which attribute `axes` turns into the chip's own:
// "+x+y+z", or such as "+y-x-z" for a chip that is mounted another way. `heading` is the compass
// heading of a flat board: it turns the field's horizontal part. Not modelled: noise, the drift
// that a magnetic reset removes, and writes that the chip ignores while it is active.
#include "machine.h"
#include "xfer.h"
#include <math.h>
#include <string.h>

enum { DR_STATUS, OUT_X, OUT_LAST = 6, WHO_AM_I, SYSMOD, OFF_X, OFF_LAST = 0x0E, DIE_TEMP, CTRL1,
       CTRL2, REGISTERS };
enum { FIELD_X, FIELD_Y, FIELD_Z, CELSIUS, AXES = 3 };

#define ADDRESS   0x0E
#define ID        0xC4
#define AC        0x01u // CTRL1
#define TM        0x02u
#define FAST      0x04u
#define RAW       0x20u // CTRL2
#define MAG_RST   0x10u
#define ZYXOW     0x80u // DR_STATUS
#define ZYXDR     0x08u
#define SUPPLY_MV 1950
#define FULL      30000
#define TURN_ON_PS (25 * PS_PER_MS) // first sample after standby, at least

typedef struct {
    part_t p;
    pin_t *vdd, *gnd, *int1;
    i2c_regs_t i2c;
    event_t sampled;
    int axis[AXES];         // sign x (which + 1) of the board's direction
    uint8_t reg[REGISTERS]; // saved
    int16_t out[AXES];      // saved
} mag3110_t;

// 80 Hz halved by each step of DR and of OS (data sheet, table 32).
static uint64_t period_ps(const mag3110_t *g)
{
    unsigned dr = g->reg[CTRL1] >> 5, os = g->reg[CTRL1] >> 3 & 3;
    return PS_PER_S / 80 << (dr + os);
}

static void drive_int(mag3110_t *g)
{
    if (g->i2c.on)
        pin_set(g->int1, g->reg[DR_STATUS] & ZYXDR);
    else
        pin_release(g->int1);
}

static int16_t offset_of(const mag3110_t *g, unsigned axis)
{
    const uint8_t *r = &g->reg[OFF_X + 2 * axis];
    return (int16_t)(int16_t)(r[0] << 8 | r[1]) >> 1;
}

static void plan(mag3110_t *g, uint64_t ps)
{
    machine_at(g->p.m, &g->sampled, ps);
}

static void sampled(void *ctx, uint64_t now_ps)
{
    mag3110_t *g = ctx;
    for (unsigned i = 0; i < AXES; i++) {
        double field = g->p.prop[FIELD_X + abs(g->axis[i]) - 1] * (g->axis[i] < 0 ? -10 : 10);
        long counts = lround(field) - (g->reg[CTRL2] & RAW ? 0 : offset_of(g, i));
        g->out[i] = (int16_t)CLAMP(counts, -FULL, FULL);
    }
    g->reg[DIE_TEMP] = (uint8_t)(int8_t)lround(g->p.prop[CELSIUS]);
    g->reg[DR_STATUS] |= g->reg[DR_STATUS] & ZYXDR ? 0xFF : 0x0F;
    g->reg[CTRL1] &= (uint8_t)~TM;
    if (g->reg[CTRL1] & AC)
        plan(g, now_ps + period_ps(g));
    drive_int(g);
}

static void start(mag3110_t *g)
{
    uint64_t wait = period_ps(g);
    plan(g, machine_now_ps(g->p.m) + MAX(wait, TURN_ON_PS));
}

static void power_up(mag3110_t *g)
{
    memset(g->reg, 0, sizeof g->reg);
    memset(g->out, 0, sizeof g->out);
    g->reg[WHO_AM_I] = ID;
    g->i2c.pointer = 0;
    machine_cancel(g->p.m, &g->sampled);
    drive_int(g);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    mag3110_t *g = ctx;
    bool on = pin_supplied(g->vdd, g->gnd, SUPPLY_MV);
    if (on == g->i2c.on)
        return;
    g->i2c.on = on;
    power_up(g);
}

// ---- Registers ----------------------------------------------------------------------------------

static void write_register(void *ctx, uint8_t reg, uint8_t value)
{
    mag3110_t *g = ctx;
    uint8_t old = reg < REGISTERS ? g->reg[reg] : 0;
    if (reg >= OFF_X && reg <= OFF_LAST) {
        g->reg[reg] = value;
    } else if (reg == CTRL2) {
        g->reg[reg] = value & 0xB0 & (uint8_t)~MAG_RST; // the reset pulse is over at once
    } else if (reg == CTRL1) {
        g->reg[reg] = value;
        bool was = old & (AC | TM), is = value & (AC | TM);
        if (is && !was)
            start(g);
        else if (!is)
            machine_cancel(g->p.m, &g->sampled);
    }
}

static uint8_t read_register(void *ctx, uint8_t reg)
{
    mag3110_t *g = ctx;
    if (reg < OUT_X || reg > OUT_LAST)
        return reg == SYSMOD ? (g->reg[CTRL1] & (AC | TM) ? g->reg[CTRL2] & RAW ? 1 : 2 : 0)
                             : reg < REGISTERS ? g->reg[reg] : 0;
    unsigned axis = (reg - OUT_X) / 2;
    if ((reg - OUT_X) % 2)
        return (uint8_t)g->out[axis];
    uint8_t gone = (uint8_t)(0x11u << axis);
    g->reg[DR_STATUS] &= (uint8_t)~(gone | ZYXDR | ZYXOW);
    drive_int(g);
    return (uint8_t)(g->out[axis] >> 8);
}

static uint8_t after(void *ctx, uint8_t reg)
{
    const mag3110_t *g = ctx;
    bool low = g->reg[CTRL1] & FAST && reg >= OUT_X && reg < OUT_LAST; // the low bytes are left out
    return low ? (uint8_t)(reg + (reg == OUT_LAST - 1 ? 1 : 2)) : (uint8_t)(reg + 1);
}

// ---- Properties ---------------------------------------------------------------------------------

enum { HEADING = CELSIUS + 1 };

// North is where the field's horizontal part points; x is to the right, y to the top of the board.
static void heading_changed(part_t *p, unsigned index)
{
    double horizontal = hypot(p->prop[FIELD_X], p->prop[FIELD_Y]);
    double angle = p->prop[HEADING] * G_PI / 180;
    p->prop[FIELD_X] = -horizontal * sin(angle);
    p->prop[FIELD_Y] = horizontal * cos(angle);
}

static void field_changed(part_t *p, unsigned index)
{
    double degrees = atan2(-p->prop[FIELD_X], p->prop[FIELD_Y]) * 180 / G_PI;
    p->prop[HEADING] = degrees < 0 ? degrees + 360 : degrees;
}

static bool mag3110_init(part_t *p, GError **error)
{
    mag3110_t *g = (mag3110_t *)p;
    event_init(&g->sampled, "mag3110 sampled", sampled, g);
    g->vdd = part_pin(p, "VDD");
    g->gnd = part_pin(p, "GND");
    g->int1 = part_pin(p, "INT1");
    g->vdd->changed = g->gnd->changed = supply_changed;
    g->vdd->ctx = g->gnd->ctx = g;
    g->i2c = (i2c_regs_t){.address = ADDRESS, .write = write_register, .read = read_register,
                          .after = after, .ctx = g};
    i2c_regs_attach(&g->i2c, part_pin(p, "SCL"), part_pin(p, "SDA"));
    return part_attr_axes(p, "axes", g->axis, error);
}

static const char *const mag3110_pins[] = {"VDD", "GND", "SCL", "SDA", "INT1", NULL};
static const char *const mag3110_attrs[] = {"axes=+x+y+z", "label=", NULL};
#define FIELD(name_, value)                                                                       \
    {.name = name_, .unit = "\u00b5T", .min = -1000, .max = 1000, .def = value, .step = 0.1,       \
     .changed = field_changed}
static const part_prop_t mag3110_props[] = {
    FIELD("fieldX", 0),
    FIELD("fieldY", 20),
    FIELD("fieldZ", -44),
    {.name = "celsius", .alias = "temperature", .unit = "\u00b0C", .min = -40, .max = 125, .def = 22,
     .step = 1},
    {.name = "heading", .unit = "\u00b0", .max = 360, .step = 1, .changed = heading_changed},
    {0},
};

const part_class_t mag3110_class = {
    .name = "mag3110",
    .brief = "MAG3110 three-axis magnetometer on I2C",
    .size = sizeof(mag3110_t),
    .pins = mag3110_pins,
    .attrs = mag3110_attrs,
    .props = mag3110_props,
    .init = mag3110_init,
};
