// SPDX-License-Identifier: GPL-2.0-or-later
// Potentiometer of 10 kilohms. Pins GND and VCC are the ends of its track, SIG the wiper; property
// position goes from 0 (at GND) to 1 (at VCC), attribute value is its start in 0..1023.
#include "machine.h"

#define TRACK_OHMS 10000.0

typedef struct {
    part_t p;
    pin_link_t low, high;
} potentiometer_t;

static void position_changed(part_t *p, unsigned index)
{
    potentiometer_t *pot = (potentiometer_t *)p;
    double low = TRACK_OHMS * p->prop[0];
    pin_link_set(&pot->low, MAX(low, NET_SHORT_OHMS));
    pin_link_set(&pot->high, MAX(TRACK_OHMS - low, NET_SHORT_OHMS));
}

static bool potentiometer_init(part_t *p, GError **error)
{
    potentiometer_t *pot = (potentiometer_t *)p;
    double value;
    if (!part_attr_double(p, "value", &value, error))
        return false;
    p->prop[0] = CLAMP(value / 1023, 0, 1);
    pin_link(&pot->low, part_pin(p, "GND"), part_pin(p, "SIG"), TRACK_OHMS);
    pin_link(&pot->high, part_pin(p, "SIG"), part_pin(p, "VCC"), TRACK_OHMS);
    position_changed(p, 0);
    return true;
}

static const char *const potentiometer_pins[] = {"GND", "SIG", "VCC", NULL};
static const char *const potentiometer_attrs[] = {"value=0", "travelLength=30", NULL};
static const part_prop_t potentiometer_props[] = {
    {.name = "position", .max = 1, .step = 0.01, .changed = position_changed},
    {0},
};

const part_class_t potentiometer_class = {
    .name = "potentiometer",
    .alias = "wokwi-potentiometer wokwi-slide-potentiometer",
    .brief = "potentiometer, 10 kilohms",
    .size = sizeof(potentiometer_t),
    .pins = potentiometer_pins,
    .attrs = potentiometer_attrs,
    .props = potentiometer_props,
    .init = potentiometer_init,
};
