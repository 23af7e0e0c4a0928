// SPDX-License-Identifier: GPL-2.0-or-later
// Light-emitting diode. Pins: A anode, C cathode.
//
// It lights when the voltage across it exceeds its forward voltage and what stands behind its
// pins lets at least 0.1 mA through: an output or a supply does, also through a resistor; the 40
// kilohm pull-up of an input does not. It is fully bright from 1 mA. `brightness` is the mean
// over the last full frame of 1/60 s of simulated time, so PWM shows as its duty. Not modelled:
// the load of the diode on the net between it and its resistor; damage by over-current.
#include "machine.h"

#define FRAME_PS (PS_PER_S / 60)
#define DARK_MA  0.1
#define FULL_MA  1.0

typedef struct {
    part_t p;
    pin_t *a, *c;
    double forward_mv;
    double light;       // saved: now, 0 to 1
    double sum;         // saved: light x picoseconds in the present frame, up to `since_ps`
    double last;        // saved: mean of the last full frame
    uint64_t frame;     // saved: number of the present frame
    uint64_t since_ps;  // saved
} led_t;

static double forward_mv(const char *color)
{
    static const struct {
        const char *color;
        double mv;
    } rows[] = {{"red", 1800},  {"orange", 1900}, {"yellow", 2000}, {"green", 2100},
                {"blue", 2800}, {"white", 2800},  {"purple", 2800}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!g_ascii_strcasecmp(color, rows[i].color))
            return rows[i].mv;
    return 2000;
}

// Brings the sums up to now.
static void led_advance(led_t *led)
{
    uint64_t now = machine_now_ps(led->p.m), frame = now / FRAME_PS;
    if (frame != led->frame) {
        uint64_t end = (led->frame + 1) * FRAME_PS;
        led->last = (led->sum + led->light * (double)(end - led->since_ps)) / FRAME_PS;
        if (frame != led->frame + 1)
            led->last = led->light;
        led->frame = frame;
        led->since_ps = frame * FRAME_PS;
        led->sum = 0;
    }
    led->sum += led->light * (double)(now - led->since_ps);
    led->since_ps = now;
}

static void led_changed(void *ctx, pin_t *pin)
{
    led_t *led = ctx;
    double ma = (pin_mv(led->a) - pin_mv(led->c) - led->forward_mv) /
                (pin_ohms(led->a) + pin_ohms(led->c));
    double light = ma < DARK_MA ? 0 : MIN(1, ma / FULL_MA);
    if (light == led->light)
        return;
    led_advance(led);
    led->light = light;
}

static double read_brightness(part_t *p, unsigned index)
{
    led_t *led = (led_t *)p;
    led_advance(led);
    return led->last;
}

static double read_lit(part_t *p, unsigned index) { return ((led_t *)p)->light > 0; }

static bool led_init(part_t *p, GError **error)
{
    led_t *led = (led_t *)p;
    led->forward_mv = forward_mv(part_attr(p, "color"));
    led->a = part_pin(p, "A");
    led->c = part_pin(p, "C");
    led->a->changed = led->c->changed = led_changed;
    led->a->ctx = led->c->ctx = led;
    return true;
}

static const char *const led_pins[] = {"A", "C", NULL};
static const char *const led_attrs[] = {"color=red", "lightColor=", "label=", "gamma=2.8",
                                        "flip=",     "fps=80",      NULL};
static const part_prop_t led_props[] = {
    {.name = "brightness", .max = 1, .kind = PROP_OUTPUT, .read = read_brightness},
    {.name = "lit", .max = 1, .kind = PROP_OUTPUT, .read = read_lit},
    {0},
};

const part_class_t led_class = {
    .name = "led",
    .alias = "wokwi-led",
    .brief = "light-emitting diode",
    .size = sizeof(led_t),
    .pins = led_pins,
    .attrs = led_attrs,
    .props = led_props,
    .init = led_init,
};
