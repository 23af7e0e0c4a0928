// SPDX-License-Identifier: GPL-2.0-or-later
// Photoresistor: Wokwi's table of voltages, the comparator, other resistors, supply.
#include "../stand.h"

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *vcc, *analog, *digital;
} ldr_t;

static ldr_t ldr_new(const char *attrs, int32_t vcc_mv)
{
    ldr_t t = {.r = stand_new()};
    t.part = stand_part(t.r, "wokwi-photoresistor-sensor", "l", attrs);
    t.vcc = stand_pin(t.r, "probe:vcc");
    t.analog = stand_pin(t.r, "probe:ao");
    t.digital = stand_pin(t.r, "probe:do");
    stand_wire(t.r, "probe:vcc", "l:VCC");
    stand_wire(t.r, "probe:gnd", "l:GND");
    stand_wire(t.r, "probe:ao", "l:AO");
    stand_wire(t.r, "probe:do", "l:DO");
    stand_start(t.r);
    pin_set(stand_pin(t.r, "probe:gnd"), false);
    pin_drive(t.vcc, DRIVE_STRONG, vcc_mv);
    return t;
}

static void voltages(void)
{
    static const struct {
        double lux;
        int32_t mv; // of 5 V, as Wokwi's page has them
    } rows[] = {{0.1, 4960}, {1, 4810},   {10, 4170},   {50, 3090},  {100, 2500},
                {400, 1370}, {1000, 830}, {10000, 190}, {100000, 40}};
    ldr_t t = ldr_new(NULL, 5000);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_set(t.part, "lux", rows[i].lux);
        g_assert_cmpint(ABS(pin_mv(t.analog) - rows[i].mv), <=, 10);
        g_assert_cmpint(pin_level(t.digital), ==, rows[i].lux < 100); // dark: high
    }
    stand_free(t.r);
}

static void other_resistor(void)
{
    ldr_t t = ldr_new("rl10=10 gamma=1 threshold=1 lux=10", 3300);
    g_assert_cmpint(ABS(pin_mv(t.analog) - 1650), <=, 1);
    g_assert_true(pin_level(t.digital));
    stand_set(t.part, "lux", 100); // 1 k against 10 k
    g_assert_cmpint(ABS(pin_mv(t.analog) - 300), <=, 1);
    g_assert_false(pin_level(t.digital));
    pin_release(t.vcc);
    g_assert_false(isfinite(pin_ohms(t.digital)));
    stand_free(t.r);
}

static void bad_attributes(void)
{
    static const char *const rows[][2] = {
        {"rl10", "0"}, {"rl10", "many"}, {"gamma", "-1"}, {"threshold", "1e9"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        stand_t *r = stand_new();
        part_t *p = machine_add_part(r->m, part_class_find("photoresistor"), "l", NULL);
        part_set_attr(p, rows[i][0], rows[i][1]);
        g_assert_false(part_init(p, &error));
        g_assert_nonnull(error);
        stand_free(r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/photoresistor/voltages", voltages);
    g_test_add_func("/photoresistor/other-resistor", other_resistor);
    g_test_add_func("/photoresistor/bad-attributes", bad_attributes);
    return g_test_run();
}
