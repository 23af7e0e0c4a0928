// SPDX-License-Identifier: GPL-2.0-or-later
// Push-button, normally open. Pins 1.l and 1.r are one contact, 2.l and 2.r the other.
//
// The contact bounces for about a millisecond after each press and release, at times that come
// from the machine's seed; attribute bounce=0 switches that off.
#include "machine.h"
#include <string.h>

#define BOUNCES   5
#define BOUNCE_PS (400 * PS_PER_US) // longest time between two of them

typedef struct {
    part_t p;
    pin_link_t contact;
    event_t bounce;
    bool bounces;
    unsigned left; // saved: bounces to come
} pushbutton_t;

// The last of them, with left = 0, is the state that was asked for.
static void set_contact(pushbutton_t *b)
{
    bool closed = (b->p.prop[0] != 0) ^ (b->left & 1);
    pin_link_set(&b->contact, closed ? NET_SHORT_OHMS : INFINITY);
}

static void next_bounce(void *ctx, uint64_t now_ps)
{
    pushbutton_t *b = ctx;
    b->left--;
    set_contact(b);
    if (b->left)
        machine_at(b->p.m, &b->bounce,
                   now_ps + BOUNCE_PS * (1 + machine_random(b->p.m) % 1000) / 1000);
}

static void pressed_changed(part_t *p, unsigned index)
{
    pushbutton_t *b = (pushbutton_t *)p;
    b->left = b->bounces ? 2 * (1 + machine_random(p->m) % (BOUNCES / 2)) : 0;
    set_contact(b);
    machine_cancel(p->m, &b->bounce);
    if (b->left)
        machine_at(p->m, &b->bounce,
                   machine_now_ps(p->m) + BOUNCE_PS * (1 + machine_random(p->m) % 1000) / 1000);
}

static bool pushbutton_init(part_t *p, GError **error)
{
    pushbutton_t *b = (pushbutton_t *)p;
    b->bounces = strcmp(part_attr(p, "bounce"), "0") != 0;
    event_init(&b->bounce, "button bounces", next_bounce, b);
    pin_connect(part_pin(p, "1.l"), part_pin(p, "1.r"));
    pin_connect(part_pin(p, "2.l"), part_pin(p, "2.r"));
    pin_link(&b->contact, part_pin(p, "1.l"), part_pin(p, "2.l"), INFINITY);
    return true;
}

static const char *const pushbutton_pins[] = {"1.l", "2.l", "1.r", "2.r", NULL};
static const char *const pushbutton_attrs[] = {"color=red", "xray=", "label=", "key=",
                                               "bounce=1",  NULL};
static const part_prop_t pushbutton_props[] = {
    {.name = "pressed", .max = 1, .step = 1, .kind = PROP_SWITCH, .changed = pressed_changed},
    {0},
};

const part_class_t pushbutton_class = {
    .name = "pushbutton",
    .alias = "wokwi-pushbutton wokwi-pushbutton-6mm",
    .brief = "push-button, closed while pressed",
    .size = sizeof(pushbutton_t),
    .pins = pushbutton_pins,
    .attrs = pushbutton_attrs,
    .props = pushbutton_props,
    .init = pushbutton_init,
};
