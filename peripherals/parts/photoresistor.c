// SPDX-License-Identifier: GPL-2.0-or-later
// Photoresistor module: a light-dependent resistor from AO to GND, 10 kilohms from VCC to AO, and a
// comparator whose output DO is high while AO is above `threshold` volts, that is in the dark. Pins
// VCC, GND, DO, AO.
//
// The resistance is rl10 kilohms at 10 lux and falls by the power `gamma` of the light. Property
// lux, from 0.1 (full moon) to 100000 (direct sun). Not modelled: how slowly such a resistor
// follows the light, the hysteresis and the lights of the module.
#include "machine.h"
#include <math.h>

#define SUPPLY_MV   2700
#define SERIES_OHMS 10000.0

typedef struct {
    part_t p;
    pin_t *vcc, *gnd, *digital, *analog;
    pin_link_t ldr, series;
    double rl10_ohms, gamma;
    int32_t threshold_mv;
} photoresistor_t;

static double ldr_ohms(const photoresistor_t *t)
{
    return t->rl10_ohms * pow(10 / t->p.prop[0], t->gamma);
}

static void update(void *ctx, pin_t *pin)
{
    photoresistor_t *t = ctx;
    if (pin_supplied(t->vcc, t->gnd, SUPPLY_MV))
        pin_drive(t->digital, DRIVE_STRONG,
                  pin_mv(t->analog) - pin_mv(t->gnd) > t->threshold_mv ? pin_mv(t->vcc)
                                                                       : pin_mv(t->gnd));
    else
        pin_release(t->digital);
}

static void lux_changed(part_t *p, unsigned index)
{
    photoresistor_t *t = (photoresistor_t *)p;
    pin_link_set(&t->ldr, ldr_ohms(t));
}

static bool photoresistor_init(part_t *p, GError **error)
{
    photoresistor_t *t = (photoresistor_t *)p;
    double volts, kilohms;
    if (!part_attr_double(p, "threshold", &volts, error) ||
        !part_attr_double(p, "rl10", &kilohms, error) ||
        !part_attr_double(p, "gamma", &t->gamma, error))
        return false;
    if (!(kilohms > 0 && kilohms <= 1e6 && t->gamma > 0 && t->gamma <= 10 && fabs(volts) <= 100)) {
        g_set_error(error, part_error_quark(), 0,
                    "%s: 'rl10' and 'gamma' must be above 0, 'threshold' in volts", p->name);
        return false;
    }
    t->rl10_ohms = kilohms * 1000;
    t->threshold_mv = (int32_t)lround(volts * 1000);
    t->vcc = part_pin(p, "VCC");
    t->gnd = part_pin(p, "GND");
    t->digital = part_pin(p, "DO");
    t->analog = part_pin(p, "AO");
    t->vcc->changed = t->gnd->changed = t->analog->changed = update;
    t->vcc->ctx = t->gnd->ctx = t->analog->ctx = t;
    pin_link(&t->series, t->vcc, t->analog, SERIES_OHMS);
    pin_link(&t->ldr, t->analog, t->gnd, ldr_ohms(t));
    return true;
}

static const char *const photoresistor_pins[] = {"VCC", "GND", "DO", "AO", NULL};
static const char *const photoresistor_attrs[] = {"threshold=2.5", "rl10=50", "gamma=0.7",
                                                  "label=", NULL};
static const part_prop_t photoresistor_props[] = {
    {.name = "lux", .unit = "lux", .min = 0.1, .max = 100000, .def = 500, .changed = lux_changed},
    {0},
};

const part_class_t photoresistor_class = {
    .name = "photoresistor",
    .alias = "wokwi-photoresistor-sensor",
    .brief = "photoresistor with 10 kilohms and a comparator",
    .size = sizeof(photoresistor_t),
    .pins = photoresistor_pins,
    .attrs = photoresistor_attrs,
    .props = photoresistor_props,
    .init = photoresistor_init,
};
