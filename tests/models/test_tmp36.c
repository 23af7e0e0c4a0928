// SPDX-License-Identifier: GPL-2.0-or-later
// TMP36: its line of 10 mV per degree, its range, and its supply.
#include "../stand.h"

static void line(void)
{
    static const struct {
        double celsius;
        int mv;
    } rows[] = {{0, 500}, {25, 750}, {-40, 100}, {125, 1750}, {22.5, 725},
                {-10.1, 399}, {200, 1750}, {-300, 100}};
    stand_t *r = stand_new();
    part_t *t = stand_part(r, "tmp36", "t", "celsius=30");
    pin_t *out = stand_pin(r, "t:OUT");
    stand_wire(r, "probe:vcc", "t:VCC");
    stand_wire(r, "probe:gnd", "t:GND");
    stand_start(r);
    pin_set(stand_pin(r, "probe:gnd"), false);
    g_assert_true(isinf(pin_ohms(out))); // no supply yet
    pin_set(stand_pin(r, "probe:vcc"), true);
    g_assert_cmpint(pin_mv(out), ==, 800);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_set(t, i & 1 ? "celsius" : "temperature", rows[i].celsius);
        g_assert_cmpint(pin_mv(out), ==, rows[i].mv);
    }
    pin_release(stand_pin(r, "probe:gnd"));
    g_assert_true(isinf(pin_ohms(out)));
    stand_free(r);
}

static void bad_attribute(void)
{
    stand_t *r = stand_new();
    g_autoptr(GError) error = NULL;
    part_t *p = machine_add_part(r->m, part_class_find("tmp36"), "t", NULL);
    part_set_attr(p, "temperature", "warm");
    g_assert_false(part_init(p, &error));
    g_assert_cmpstr(error->message, ==,
                    "t: attribute 'temperature' is 'warm', which is not a number");
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tmp36/line", line);
    g_test_add_func("/tmp36/bad-attribute", bad_attribute);
    return g_test_run();
}
