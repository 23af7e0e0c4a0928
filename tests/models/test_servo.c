// SPDX-License-Identifier: GPL-2.0-or-later
// Servo: angle by the width of pulses, its speed, pulses that are none, supply.
#include "../stand.h"

#define US PS_PER_US
#define MS PS_PER_MS

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *plus, *pwm;
} turn_t;

static turn_t turn_new(void)
{
    turn_t t = {.r = stand_new()};
    t.part = stand_part(t.r, "wokwi-servo", "s", NULL);
    t.plus = stand_pin(t.r, "probe:plus");
    t.pwm = stand_pin(t.r, "probe:pwm");
    stand_wire(t.r, "probe:plus", "s:V+");
    stand_wire(t.r, "probe:gnd", "s:GND");
    stand_wire(t.r, "probe:pwm", "s:PWM");
    stand_start(t.r);
    pin_set(stand_pin(t.r, "probe:gnd"), false);
    pin_set(t.pwm, false);
    pin_drive(t.plus, DRIVE_STRONG, 5000);
    return t;
}

static void pulses(turn_t *t, uint64_t width_ps, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        pin_set(t->pwm, true);
        stand_run(t->r, width_ps);
        pin_set(t->pwm, false);
        stand_run(t->r, 20 * MS - width_ps);
    }
}

static void assert_angle(turn_t *t, double expected)
{
    g_assert_cmpfloat_with_epsilon(stand_get(t->part, "angle"), expected, 1e-6);
}

static void angles(void)
{
    static const struct {
        uint64_t us;
        double degrees;
    } rows[] = {{1472, 90}, {544, 0}, {2400, 180}, {2900, 180}, {400, 0}, {1008, 45}};
    turn_t t = turn_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        pulses(&t, rows[i].us * US, 20); // 0.4 s: enough for all of the way
        assert_angle(&t, rows[i].degrees);
    }
    pulses(&t, 299 * US, 20); // no pulses for it
    pulses(&t, 3001 * US, 20);
    assert_angle(&t, 45);
    stand_free(t.r);
}

static void speed(void)
{
    turn_t t = turn_new();
    pulses(&t, 2400 * US, 1);
    stand_run(t.r, 2400 * US); // 20 ms since the end of the pulse
    assert_angle(&t, 12);
    stand_run(t.r, 79 * MS);
    assert_angle(&t, 59.4);
    stand_run(t.r, MS + PS_PER_S); // nobody asks any more
    assert_angle(&t, 60);
    pulses(&t, 544 * US, 2);
    g_assert_cmpfloat(stand_get(t.part, "angle"), <, 60 - 12 * 1.9);
    stand_free(t.r);
}

static void supply(void)
{
    turn_t t = turn_new();
    pulses(&t, 2400 * US, 3);
    double at = stand_get(t.part, "angle");
    pin_release(t.plus);
    stand_run(t.r, PS_PER_S);
    assert_angle(&t, at);
    pulses(&t, 544 * US, 20);
    assert_angle(&t, at);
    stand_free(t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/servo/angles", angles);
    g_test_add_func("/servo/speed", speed);
    g_test_add_func("/servo/supply", supply);
    return g_test_run();
}
