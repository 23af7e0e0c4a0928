// SPDX-License-Identifier: GPL-2.0-or-later
// Slide switch: its common contact 2 is joined to 1 (left) or 3 (right). Attribute value "1"
// starts it on the right. It breaks before it makes, at once; it does not bounce.
#include "machine.h"
#include <string.h>

typedef struct {
    part_t p;
    pin_link_t left, right;
} slide_switch_t;

static void position_changed(part_t *p, unsigned index)
{
    slide_switch_t *s = (slide_switch_t *)p;
    bool right = p->prop[0] != 0;
    pin_link_set(right ? &s->left : &s->right, INFINITY);
    pin_link_set(right ? &s->right : &s->left, NET_SHORT_OHMS);
}

static bool slide_switch_init(part_t *p, GError **error)
{
    slide_switch_t *s = (slide_switch_t *)p;
    if (!strcmp(part_attr(p, "value"), "1"))
        p->prop[0] = 1;
    pin_link(&s->left, part_pin(p, "1"), part_pin(p, "2"), INFINITY);
    pin_link(&s->right, part_pin(p, "3"), part_pin(p, "2"), INFINITY);
    position_changed(p, 0);
    return true;
}

static const char *const slide_switch_pins[] = {"1", "2", "3", NULL};
static const char *const slide_switch_attrs[] = {"value=", "bounce=0", "label=", NULL};
static const part_prop_t slide_switch_props[] = {
    {.name = "position", .max = 1, .step = 1, .changed = position_changed},
    {0},
};

const part_class_t slide_switch_class = {
    .name = "slide-switch",
    .alias = "wokwi-slide-switch",
    .brief = "slide switch with two positions",
    .size = sizeof(slide_switch_t),
    .pins = slide_switch_pins,
    .attrs = slide_switch_attrs,
    .props = slide_switch_props,
    .init = slide_switch_init,
};
