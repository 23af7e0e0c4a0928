// SPDX-License-Identifier: GPL-2.0-or-later
// TMP36 analog temperature sensor (Analog Devices data sheet TMP35/36/37): 500 mV at 0 degrees
// Celsius, 10 mV per degree, -40 to 125 degrees, supply 2.7 to 5.5 V. Pins VCC, OUT, GND.
//
// Without supply the output floats. The output does not come closer than 50 mV to the supply. Not
// modelled: the error of the real part (up to 2 degrees), self-heating, the SHUTDOWN pin of the
// SO-8.
#include "machine.h"
#include <math.h>

#define SUPPLY_MV 2700
#define ROOM_MV   50

typedef struct {
    part_t p;
    pin_t *vcc, *out, *gnd;
} tmp36_t;

static void update(tmp36_t *t)
{
    int32_t mv = (int32_t)lround(500 + 10 * t->p.prop[0]);
    if (pin_supplied(t->vcc, t->gnd, SUPPLY_MV))
        pin_drive(t->out, DRIVE_SOURCE, MIN(pin_mv(t->gnd) + mv, pin_mv(t->vcc) - ROOM_MV));
    else
        pin_release(t->out);
}

static void supply_changed(void *ctx, pin_t *pin) { update(ctx); }
static void celsius_changed(part_t *p, unsigned index) { update((tmp36_t *)p); }

static bool tmp36_init(part_t *p, GError **error)
{
    tmp36_t *t = (tmp36_t *)p;
    t->vcc = part_pin(p, "VCC");
    t->out = part_pin(p, "OUT");
    t->gnd = part_pin(p, "GND");
    t->vcc->changed = t->gnd->changed = supply_changed;
    t->vcc->ctx = t->gnd->ctx = t;
    return true;
}

static const char *const tmp36_pins[] = {"VCC", "OUT", "GND", NULL};
static const char *const tmp36_attrs[] = {"label=", NULL};
static const part_prop_t tmp36_props[] = {
    {.name = "celsius", .alias = "temperature", .unit = "\u00b0C", .min = -40, .max = 125,
     .def = 22, .step = 0.1, .changed = celsius_changed},
    {0},
};

const part_class_t tmp36_class = {
    .name = "tmp36",
    .brief = "TMP36 analog temperature sensor",
    .size = sizeof(tmp36_t),
    .pins = tmp36_pins,
    .attrs = tmp36_attrs,
    .props = tmp36_props,
    .init = tmp36_init,
};
