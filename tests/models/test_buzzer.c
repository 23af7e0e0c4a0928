// SPDX-License-Identifier: GPL-2.0-or-later
// Buzzer: the frequency and the duty of what is between its pins, and silence.
#include "../stand.h"

static stand_t *rig(part_t **part, pin_t **plus)
{
    stand_t *r = stand_new();
    *part = stand_part(r, "wokwi-buzzer", "bz", NULL);
    *plus = stand_pin(r, "probe:plus");
    stand_wire(r, "probe:minus", "bz:1");
    stand_wire(r, "probe:plus", "bz:2");
    stand_start(r);
    pin_set(stand_pin(r, "probe:minus"), false);
    pin_set(*plus, false);
    return r;
}

static void wave(stand_t *r, pin_t *pin, int n, uint64_t high_ps, uint64_t low_ps)
{
    while (n--) {
        pin_set(pin, true);
        stand_run(r, high_ps);
        pin_set(pin, false);
        stand_run(r, low_ps);
    }
}

static void tones(void)
{
    part_t *part;
    pin_t *plus;
    stand_t *r = rig(&part, &plus);
    g_assert_cmpfloat(stand_get(part, "frequency"), ==, 0);
    wave(r, plus, 1, 1136 * PS_PER_US, 1136 * PS_PER_US);
    g_assert_cmpfloat(stand_get(part, "frequency"), ==, 0); // a period ends with the next rise
    wave(r, plus, 3, 1136 * PS_PER_US, 1136 * PS_PER_US);
    g_assert_cmpfloat_with_epsilon(stand_get(part, "frequency"), 440.14, 0.01);
    g_assert_cmpfloat_with_epsilon(stand_get(part, "duty"), 0.5, 1e-9);
    g_assert_cmpfloat(stand_get(part, "sounds"), ==, 1);
    wave(r, plus, 3, 10 * PS_PER_US, 30 * PS_PER_US); // too high to hear
    g_assert_cmpfloat_with_epsilon(stand_get(part, "frequency"), 25000, 0.01);
    g_assert_cmpfloat_with_epsilon(stand_get(part, "duty"), 0.25, 1e-9);
    g_assert_cmpfloat(stand_get(part, "sounds"), ==, 0);
    stand_run(r, PS_PER_S / 20);
    g_assert_cmpfloat(stand_get(part, "frequency"), ==, 0);
    g_assert_cmpfloat(stand_get(part, "duty"), ==, 0);
    wave(r, plus, 2, PS_PER_S / 4, PS_PER_S / 4); // a light switch, not a tone
    g_assert_cmpfloat(stand_get(part, "frequency"), ==, 0);
    stand_free(r);
}

// Both ends driven, against each other; and one end that floats.
static void between_its_pins(void)
{
    part_t *part;
    pin_t *plus;
    stand_t *r = rig(&part, &plus);
    pin_t *minus = stand_pin(r, "probe:minus");
    for (int i = 0; i < 5; i++) {
        pin_set(minus, i % 2);
        pin_set(plus, !(i % 2));
        stand_run(r, PS_PER_MS);
    }
    g_assert_cmpfloat_with_epsilon(stand_get(part, "frequency"), 500, 1e-6);
    pin_release(minus);
    stand_run(r, PS_PER_S);
    wave(r, plus, 5, PS_PER_MS, PS_PER_MS);
    g_assert_cmpfloat(stand_get(part, "frequency"), ==, 0);
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/buzzer/tones", tones);
    g_test_add_func("/buzzer/between-its-pins", between_its_pins);
    return g_test_run();
}
