// SPDX-License-Identifier: GPL-2.0-or-later
// LED: what lights it, and brightness as the duty of a frame of 1/60 s.
#include "../stand.h"

#define FRAME (PS_PER_S / 60)

static void what_lights_it(void)
{
    static const struct {
        drive_t a, c;
        int a_mv, c_mv;
        bool lit;
    } rows[] = {
        {DRIVE_STRONG, DRIVE_STRONG, 3300, 0, true},
        {DRIVE_STRONG, DRIVE_STRONG, 0, 3300, false}, // the wrong way round
        {DRIVE_STRONG, DRIVE_STRONG, 3300, 3300, false},
        {DRIVE_STRONG, DRIVE_STRONG, 1700, 0, false}, // below the forward voltage
        {DRIVE_PULL, DRIVE_STRONG, 3300, 0, false},   // an input with its pull-up
        {DRIVE_STRONG, DRIVE_PULL, 3300, 0, false},
        {DRIVE_NONE, DRIVE_STRONG, 0, 0, false},
        {DRIVE_STRONG, DRIVE_NONE, 3300, 0, false},
        {DRIVE_STRONG, DRIVE_STRONG, 5000, 0, true},
    };
    stand_t *r = stand_new();
    part_t *led = stand_part(r, "wokwi-led", "led", "color=red");
    pin_t *a = stand_pin(r, "probe:a"), *c = stand_pin(r, "probe:c");
    stand_wire(r, "probe:a", "led:A");
    stand_wire(r, "probe:c", "led:C");
    stand_start(r);
    g_assert_cmpfloat(stand_get(led, "lit"), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        pin_drive(a, rows[i].a, rows[i].a_mv);
        pin_drive(c, rows[i].c, rows[i].c_mv);
        g_assert_cmpfloat(stand_get(led, "lit"), ==, rows[i].lit);
    }
    stand_free(r);
}

static void through_a_resistor(void)
{
    static const struct {
        const char *value;
        double brightness; // of a red LED at 3.3 V: (3300 - 1800) mV / (R + 20), in mA, 1 at most
    } rows[] = {{"value=220", 1}, {"value=4980", 0.3}, {"value=100000", 0}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_t *r = stand_new();
        part_t *led = stand_part(r, "led", "led", NULL);
        stand_part(r, "resistor", "r", rows[i].value);
        stand_wire(r, "probe:a", "led:A");
        stand_wire(r, "led:C", "r:1");
        stand_wire(r, "probe:gnd", "r:2");
        stand_start(r);
        pin_set(stand_pin(r, "probe:gnd"), false);
        pin_set(stand_pin(r, "probe:a"), true);
        stand_run(r, 2 * FRAME);
        g_assert_cmpfloat_with_epsilon(stand_get(led, "brightness"), rows[i].brightness, 0.001);
        stand_free(r);
    }
}

// 25 % PWM at 1 kHz, then 100 %, then off: the mean of the last full frame, read at any time.
static void duty(void)
{
    stand_t *r = stand_new();
    part_t *led = stand_part(r, "led", "led", NULL);
    pin_t *a = stand_pin(r, "probe:a");
    stand_wire(r, "probe:a", "led:A");
    stand_wire(r, "probe:c", "led:C");
    stand_start(r);
    pin_set(stand_pin(r, "probe:c"), false);
    for (int i = 0; i < 100; i++) {
        pin_set(a, true);
        stand_run(r, PS_PER_MS / 4);
        pin_set(a, false);
        stand_run(r, PS_PER_MS * 3 / 4);
        if (i >= 17 && i % 7 == 0)
            g_assert_cmpfloat_with_epsilon(stand_get(led, "brightness"), 0.25, 0.02);
    }
    pin_set(a, true);
    stand_run(r, 2 * FRAME);
    g_assert_cmpfloat(stand_get(led, "brightness"), ==, 1);
    pin_set(a, false);
    g_assert_cmpfloat(stand_get(led, "brightness"), ==, 1); // the eye has not seen it yet
    stand_run(r, 100 * FRAME);                               // nobody looked in between
    g_assert_cmpfloat(stand_get(led, "brightness"), ==, 0);
    stand_free(r);
}

// On for exactly a third of one frame.
static void exact_frame(void)
{
    stand_t *r = stand_new();
    part_t *led = stand_part(r, "led", "led", NULL);
    pin_t *a = stand_pin(r, "probe:a");
    stand_wire(r, "probe:a", "led:A");
    stand_wire(r, "probe:c", "led:C");
    stand_start(r);
    pin_set(stand_pin(r, "probe:c"), false);
    stand_run(r, FRAME + FRAME / 2);
    pin_set(a, true);
    stand_run(r, FRAME / 3);
    pin_set(a, false);
    stand_run(r, FRAME / 2);
    g_assert_cmpfloat_with_epsilon(stand_get(led, "brightness"), 1.0 / 3, 1e-9);
    stand_run(r, FRAME);
    g_assert_cmpfloat(stand_get(led, "brightness"), ==, 0);
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/led/what-lights-it", what_lights_it);
    g_test_add_func("/led/through-a-resistor", through_a_resistor);
    g_test_add_func("/led/duty", duty);
    g_test_add_func("/led/exact-frame", exact_frame);
    return g_test_run();
}
