// SPDX-License-Identifier: GPL-2.0-or-later
// MMA8652FC and MMA8653FC three-axis accelerometers (Freescale data sheets MMA8652FC rev 3.3 and
// MMA8653FC rev 2.2). Pins VDD, GND, SCL, SDA, INT1, INT2. Attribute `model`: 8652 (12 bits,
// WHO_AM_I 4A) or 8653 (10 bits, 5A).
//
// I2C target at 0x1D. Modelled: standby and active, the eight output rates, ranges of 2, 4 and 8 g,
// fast read, offsets, data-ready and overrun flags, freefall and motion detection with its
// threshold, count and latch, orientation (portrait, landscape, front, back) with its count, the two interrupt
// pins with polarity and open drain, reset by software. Properties: the acceleration in g along the
// directions of the board, which attribute `axes` turns into the chip's: "+x+y+z", or such as
// "+y-x-z" for a chip that is mounted another way; and `shake`: while it is held, a hand shakes the
// board along its x with 2.5 g, ten times a second. Not modelled, reported: pulse and
// transient detection, auto-sleep, the 8652's FIFO and high-pass filter, self-test. Orientation
// trips at 45 degrees, whatever the thresholds.
#include "machine.h"
#include "xfer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATUS, OUT_X, OUT_LAST = 6, F_SETUP = 0x09, SYSMOD = 0x0B, INT_SOURCE, WHO_AM_I, XYZ_DATA_CFG,
    PL_STATUS = 0x10, PL_CFG, PL_COUNT, FF_MT_CFG = 0x15, FF_MT_SRC, FF_MT_THS, FF_MT_COUNT,
    TRANSIENT_CFG = 0x1D, PULSE_CFG = 0x21, CTRL1 = 0x2A, CTRL2, CTRL3, CTRL4, CTRL5, OFF_X,
    OFF_Z = 0x31, REGISTERS
};
enum { AXES = 3, SHAKE = 3 }; // the last: a property

#define ADDRESS    0x1D
#define ACTIVE     0x01u // CTRL1
#define F_READ     0x02u
#define RST        0x40u // CTRL2
#define SELF_TEST  0x80u
#define SLPE       0x04u
#define IPOL       0x02u // CTRL3
#define OPEN_DRAIN 0x01u
#define I_DRDY     0x01u // INT_SOURCE, CTRL4, CTRL5
#define I_FF_MT    0x04u
#define I_LNDPRT   0x10u
#define ZYXDR      0x08u // STATUS
#define ZYXOW      0x80u
#define PL_EN      0x40u
#define PL_NEW     0x80u
#define FF_ELE     0x80u
#define FF_OAE     0x40u
#define FF_EA      0x80u
#define SUPPLY_MV  1950
#define G_PER_THS  0.063
#define G_PER_OFF  0.002
#define SHAKE_G    2.5
#define SHAKE_PS   (PS_PER_S / 20) // half a swing

typedef struct {
    part_t p;
    pin_t *vdd, *gnd, *interrupt[2];
    i2c_regs_t i2c;
    event_t sampled;
    bool is_8653;
    int axis[AXES];         // sign x (which + 1) of the board's direction
    uint8_t reg[REGISTERS]; // saved
    int16_t out[AXES];      // saved: left-justified
    uint8_t ff_n, pl_n;     // saved: samples towards the counts
} accel_t;

static uint64_t period_ps(const accel_t *a)
{
    // 800, 400, 200, 100, 50, 12.5, 6.25 and 1.5625 a second
    static const uint16_t n[] = {1, 2, 4, 8, 16, 64, 128, 512};
    return PS_PER_S / 800 * n[a->reg[CTRL1] >> 3 & 7];
}

// ---- Interrupts ---------------------------------------------------------------------------------

static void drive_int(accel_t *a)
{
    uint8_t source = (a->reg[STATUS] & ZYXDR ? I_DRDY : 0) |
                     (a->reg[FF_MT_SRC] & FF_EA ? I_FF_MT : 0) |
                     (a->reg[PL_STATUS] & PL_NEW ? I_LNDPRT : 0);
    a->reg[INT_SOURCE] = source & a->reg[CTRL4];
    for (unsigned i = 0; i < 2; i++) {
        uint8_t routed = i ? (uint8_t)~a->reg[CTRL5] : a->reg[CTRL5];
        bool asserted = a->reg[INT_SOURCE] & routed;
        bool high = asserted == !!(a->reg[CTRL3] & IPOL);
        if (!a->i2c.on || (high && a->reg[CTRL3] & OPEN_DRAIN))
            pin_release(a->interrupt[i]);
        else
            pin_set(a->interrupt[i], high);
    }
}

// ---- Samples ------------------------------------------------------------------------------------

static double in_g(const accel_t *a, unsigned axis)
{
    unsigned which = (unsigned)abs(a->axis[axis]) - 1;
    double g = a->p.prop[which];
    if (which == 0 && a->p.prop[SHAKE])
        g += machine_now_ps(a->p.m) / SHAKE_PS % 2 ? SHAKE_G : -SHAKE_G;
    g *= a->axis[axis] < 0 ? -1 : 1;
    return g + (int8_t)a->reg[OFF_X + axis] * G_PER_OFF;
}

static void detect_motion(accel_t *a, const double *g)
{
    uint8_t cfg = a->reg[FF_MT_CFG], flags = 0;
    double threshold = (a->reg[FF_MT_THS] & 0x7F) * G_PER_THS;
    bool any = false, all = cfg & 0x38;
    for (unsigned i = 0; i < AXES; i++)
        if (cfg >> (3 + i) & 1) {
            bool above = fabs(g[i]) > threshold;
            any |= above;
            all &= !above;
            flags |= (uint8_t)((above ? 2u : 0u) << 2 * i | (g[i] < 0 ? 1u : 0u) << 2 * i);
        }
    bool event = cfg & FF_OAE ? any : all;
    a->ff_n = event ? (uint8_t)MIN(a->ff_n + 1, 255) : 0;
    bool ea = event && a->ff_n >= MAX(a->reg[FF_MT_COUNT], 1);
    if (ea && !(a->reg[FF_MT_SRC] & FF_EA && cfg & FF_ELE))
        a->reg[FF_MT_SRC] = FF_EA | flags;
    else if (!ea && !(cfg & FF_ELE))
        a->reg[FF_MT_SRC] = flags;
}

static void detect_orientation(accel_t *a, const double *g)
{
    if (!(a->reg[PL_CFG] & PL_EN))
        return;
    uint8_t old = a->reg[PL_STATUS] & 0x07, now = old;
    if (MAX(fabs(g[0]), fabs(g[1])) > fabs(g[2]) * 0.5) { // else it lies too flat to tell
        bool landscape = fabs(g[0]) > fabs(g[1]);
        now = (uint8_t)((now & 1) | (landscape ? (g[0] < 0 ? 3 : 2) : (g[1] < 0 ? 0 : 1)) << 1);
    }
    if (fabs(g[2]) > 0.35)
        now = (uint8_t)((now & 6) | (g[2] < 0));
    a->pl_n = now != old ? (uint8_t)MIN(a->pl_n + 1, 255) : 0;
    if (now == old || a->pl_n < a->reg[PL_COUNT])
        return;
    a->reg[PL_STATUS] = (uint8_t)(PL_NEW | now);
    a->pl_n = 0;
}

static void sampled(void *ctx, uint64_t now_ps)
{
    accel_t *a = ctx;
    unsigned drop = a->is_8653 ? 6 : 4; // low bits that read 0
    double g[AXES];
    for (unsigned i = 0; i < AXES; i++) {
        g[i] = in_g(a, i);
        double counts = g[i] * (1 << 14 >> (a->reg[XYZ_DATA_CFG] & 3)) / (1 << drop);
        long limit = 1L << (15 - drop);
        a->out[i] = (int16_t)(CLAMP(lround(counts), -limit, limit - 1) * (1 << drop));
    }
    detect_motion(a, g);
    detect_orientation(a, g);
    a->reg[STATUS] |= a->reg[STATUS] & ZYXDR ? 0xFF : 0x0F;
    machine_at(a->p.m, &a->sampled, now_ps + period_ps(a));
    drive_int(a);
}

static void set_active(accel_t *a, bool active)
{
    a->reg[SYSMOD] = active;
    if (active) // turn-on time: two periods and a millisecond
        machine_at(a->p.m, &a->sampled, machine_now_ps(a->p.m) + 2 * period_ps(a) + PS_PER_MS);
    else
        machine_cancel(a->p.m, &a->sampled);
}

static void power_up(accel_t *a)
{
    memset(a->reg, 0, sizeof a->reg);
    memset(a->out, 0, sizeof a->out);
    a->reg[WHO_AM_I] = a->is_8653 ? 0x5A : 0x4A;
    a->reg[PL_CFG] = 0x80;
    a->ff_n = a->pl_n = a->i2c.pointer = 0;
    set_active(a, false);
    drive_int(a);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    accel_t *a = ctx;
    bool on = pin_supplied(a->vdd, a->gnd, SUPPLY_MV);
    if (on == a->i2c.on)
        return;
    a->i2c.on = on;
    power_up(a);
}

// ---- Registers ----------------------------------------------------------------------------------

static void unmodelled(accel_t *a, unsigned reg, uint8_t value)
{
    static const struct {
        uint8_t reg, mask;
        const char *what;
    } rows[] = {{F_SETUP, 0xC0, "the FIFO"},         {XYZ_DATA_CFG, 0x10, "the high-pass filter"},
                {TRANSIENT_CFG, 0x0E, "transients"}, {PULSE_CFG, 0x3F, "pulse detection"},
                {CTRL2, SLPE, "auto-sleep"},         {CTRL2, SELF_TEST, "self-test"},
                {CTRL4, 0xEA & ~0x40, "interrupts of what is not modelled"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (reg == rows[i].reg && value & rows[i].mask)
            machine_report(a->p.m, REPORT_UNMODELLED, g_str_hash(a->p.name) + i,
                           "not modelled: %s of %s", rows[i].what, a->p.name);
}

static void write_register(void *ctx, uint8_t reg, uint8_t value)
{
    accel_t *a = ctx;
    bool read_only = reg <= OUT_LAST || (reg >= SYSMOD && reg <= WHO_AM_I) || reg == PL_STATUS ||
                     reg == FF_MT_SRC || reg >= REGISTERS;
    bool active = a->reg[CTRL1] & ACTIVE;
    if (read_only || (active && reg != CTRL1 && reg != CTRL2 && reg < OFF_X))
        return; // most may only be written in standby
    unmodelled(a, reg, value);
    if (reg == CTRL2 && value & RST) {
        power_up(a);
        return;
    }
    a->reg[reg] = value;
    if (reg == CTRL1 && active != !!(value & ACTIVE))
        set_active(a, !active);
    drive_int(a);
}

static uint8_t read_register(void *ctx, uint8_t reg)
{
    accel_t *a = ctx;
    if (reg >= OUT_X && reg <= OUT_LAST) {
        unsigned axis = (reg - OUT_X) / 2;
        if ((reg - OUT_X) % 2)
            return (uint8_t)a->out[axis];
        a->reg[STATUS] &= (uint8_t)~(0x11u << axis | ZYXDR | ZYXOW);
        drive_int(a);
        return (uint8_t)(a->out[axis] >> 8);
    }
    uint8_t value = reg < REGISTERS ? a->reg[reg] : 0;
    if (reg == FF_MT_SRC)
        a->reg[FF_MT_SRC] = 0;
    else if (reg == PL_STATUS)
        a->reg[PL_STATUS] &= (uint8_t)~PL_NEW;
    else
        return value;
    drive_int(a);
    return value;
}

// After the data the pointer goes back to the status; fast read leaves the low bytes out.
static uint8_t after(void *ctx, uint8_t reg)
{
    const accel_t *a = ctx;
    bool fast = a->reg[CTRL1] & F_READ;
    if (reg == OUT_LAST || (fast && reg == OUT_LAST - 1))
        return STATUS;
    return (uint8_t)(fast && reg >= OUT_X && reg < OUT_LAST ? reg + 2 : reg + 1);
}

// ---- The part -----------------------------------------------------------------------------------

static bool mma8652_init(part_t *p, GError **error)
{
    accel_t *a = (accel_t *)p;
    const char *model = part_attr(p, "model");
    a->is_8653 = !strcmp(model, "8653");
    if (!a->is_8653 && strcmp(model, "8652")) {
        g_set_error(error, part_error_quark(), 0, "%s: 'model' must be 8652 or 8653, not '%s'", p->name,
                    model);
        return false;
    }
    event_init(&a->sampled, "mma8652 sampled", sampled, a);
    a->vdd = part_pin(p, "VDD");
    a->gnd = part_pin(p, "GND");
    a->interrupt[0] = part_pin(p, "INT1");
    a->interrupt[1] = part_pin(p, "INT2");
    a->vdd->changed = a->gnd->changed = supply_changed;
    a->vdd->ctx = a->gnd->ctx = a;
    a->i2c = (i2c_regs_t){.address = ADDRESS, .write = write_register, .read = read_register,
                          .after = after, .ctx = a};
    i2c_regs_attach(&a->i2c, part_pin(p, "SCL"), part_pin(p, "SDA"));
    return part_attr_axes(p, "axes", a->axis, error);
}

static const char *const mma8652_pins[] = {"VDD", "GND", "SCL", "SDA", "INT1", "INT2", NULL};
static const char *const mma8652_attrs[] = {"model=8653", "axes=+x+y+z", "label=", NULL};
#define ACCEL(name_, value)                                                                       \
    {.name = name_, .unit = "g", .min = -8, .max = 8, .def = value, .step = 0.01}
static const part_prop_t mma8652_props[] = {
    ACCEL("accelX", 0),
    ACCEL("accelY", 0),
    ACCEL("accelZ", -1),
    {.name = "shake", .max = 1, .step = 1, .kind = PROP_SWITCH},
    {0},
};

const part_class_t mma8652_class = {
    .name = "mma8652",
    .alias = "mma8653",
    .brief = "MMA8652FC or MMA8653FC three-axis accelerometer on I2C",
    .size = sizeof(accel_t),
    .pins = mma8652_pins,
    .attrs = mma8652_attrs,
    .props = mma8652_props,
    .init = mma8652_init,
};
