// SPDX-License-Identifier: GPL-2.0-or-later
// Resistor between pins 1 and 2; attribute value in ohms.
#include "machine.h"

typedef struct {
    part_t p;
    pin_link_t body;
} resistor_t;

static bool resistor_init(part_t *p, GError **error)
{
    resistor_t *r = (resistor_t *)p;
    double ohms;
    if (!part_attr_double(p, "value", &ohms, error))
        return false;
    if (ohms < 0) {
        g_set_error(error, g_quark_from_static_string("part"), 0, "%s: %g ohms is not possible",
                    p->name, ohms);
        return false;
    }
    pin_link(&r->body, part_pin(p, "1"), part_pin(p, "2"), MAX(ohms, NET_SHORT_OHMS));
    return true;
}

static const char *const resistor_pins[] = {"1", "2", NULL};
static const char *const resistor_attrs[] = {"value=1000", NULL};

const part_class_t resistor_class = {
    .name = "resistor",
    .alias = "wokwi-resistor",
    .brief = "resistor",
    .size = sizeof(resistor_t),
    .pins = resistor_pins,
    .attrs = resistor_attrs,
    .init = resistor_init,
};
