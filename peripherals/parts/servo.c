// SPDX-License-Identifier: GPL-2.0-or-later
// Hobby servo of 180 degrees. Pins GND, V+, PWM.
//
// A pulse of 544 us asks for 0 degrees, one of 2400 us for 180 (the limits of Arduino's Servo
// library); what is outside of them asks for the end that is nearer. Pulses below 0.3 ms or above 3
// ms are not taken. The horn turns by 60 degrees in 0.1 s; `angle` is where it is now. Without
// pulses for 0.1 s or without supply it stays where it is. Not modelled: load, dead band, the
// current that it takes.
#include "machine.h"
#include <math.h>

#define SUPPLY_MV   3000
#define ZERO_PS     (544 * PS_PER_US)
#define FULL_PS     (2400 * PS_PER_US)
#define LEAST_PS    (300 * PS_PER_US)
#define MOST_PS     (3 * PS_PER_MS)
#define DEGREES     180.0
#define PER_SECOND  600.0
#define PATIENCE_PS (PS_PER_S / 10)

typedef struct {
    part_t p;
    pin_t *gnd, *plus, *pwm;
    bool high;         // saved
    uint64_t rose_ps;  // saved
    double from, to;   // saved: degrees
    uint64_t since_ps; // saved: it stood at `from`
    uint64_t pulse_ps; // saved: end of the last pulse
} servo_t;

static double angle_at(const servo_t *s, uint64_t ps)
{
    uint64_t end = MIN(ps, s->pulse_ps + PATIENCE_PS); // it goes on for as long as pulses come
    double way = end > s->since_ps ? (double)(end - s->since_ps) / PS_PER_S * PER_SECOND : 0;
    double far = s->to - s->from;
    return fabs(far) <= way ? s->to : s->from + copysign(way, far);
}

// From now on its way leads to `to`.
static void aim(servo_t *s, double to)
{
    uint64_t now = machine_now_ps(s->p.m);
    s->from = angle_at(s, now);
    s->to = to;
    s->since_ps = now;
}

static void pwm_changed(void *ctx, pin_t *pin)
{
    servo_t *s = ctx;
    uint64_t now = machine_now_ps(s->p.m);
    bool supplied = pin_supplied(s->plus, s->gnd, SUPPLY_MV);
    bool high = pin_level(s->pwm) && isfinite(pin_ohms(s->pwm)) && supplied;
    if (!supplied && s->from != s->to)
        aim(s, angle_at(s, now));
    if (high == s->high)
        return;
    s->high = high;
    if (high) {
        s->rose_ps = now;
        return;
    }
    uint64_t width = now - s->rose_ps;
    if (!supplied || width < LEAST_PS || width > MOST_PS)
        return;
    double part = ((double)width - ZERO_PS) / (FULL_PS - ZERO_PS);
    aim(s, DEGREES * CLAMP(part, 0, 1));
    s->pulse_ps = now;
}

static double read_angle(part_t *p, unsigned index)
{
    return angle_at((servo_t *)p, machine_now_ps(p->m));
}

static bool servo_init(part_t *p, GError **error)
{
    servo_t *s = (servo_t *)p;
    s->gnd = part_pin(p, "GND");
    s->plus = part_pin(p, "V+");
    s->pwm = part_pin(p, "PWM");
    s->gnd->changed = s->plus->changed = s->pwm->changed = pwm_changed;
    s->gnd->ctx = s->plus->ctx = s->pwm->ctx = s;
    return true;
}

static const char *const servo_pins[] = {"GND", "V+", "PWM", NULL};
static const char *const servo_attrs[] = {"horn=single", "hornColor=#ccc", "label=", NULL};
static const part_prop_t servo_props[] = {
    {.name = "angle",
     .unit = "\u00b0",
     .max = DEGREES,
     .step = 0.1,
     .kind = PROP_OUTPUT,
     .read = read_angle},
    {0},
};

const part_class_t servo_class = {
    .name = "servo",
    .alias = "wokwi-servo",
    .brief = "servo of 180 degrees, shows its angle",
    .size = sizeof(servo_t),
    .pins = servo_pins,
    .attrs = servo_attrs,
    .props = servo_props,
    .init = servo_init,
};
