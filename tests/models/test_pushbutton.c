// SPDX-License-Identifier: GPL-2.0-or-later
// Buttons: contact, bouncing from the seed, reset; slide switch and potentiometer.
#include "../stand.h"

static void contact(void)
{
    stand_t *r = stand_new();
    part_t *b = stand_part(r, "wokwi-pushbutton-6mm", "b", "bounce=0");
    pin_t *in = stand_pin(r, "probe:in");
    stand_wire(r, "probe:in", "b:1.r");
    stand_wire(r, "probe:gnd", "b:2.l");
    stand_start(r);
    pin_set(stand_pin(r, "probe:gnd"), false);
    pin_drive(in, DRIVE_PULL, 3300);
    g_assert_true(pin_level(in));
    g_assert_cmpint(pin_mv(stand_pin(r, "b:1.l")), ==, 3300);
    stand_set(b, "pressed", 1);
    g_assert_cmpint(pin_mv(in), ==, 0);
    stand_set(b, "pressed", 0);
    g_assert_cmpint(pin_mv(in), ==, 3300);
    stand_free(r);
}

static void count_edges(void *ctx, net_t *net, bool level, uint64_t ps) { ++*(int *)ctx; }

static void bounces(void)
{
    stand_t *r = stand_new();
    part_t *b = stand_part(r, "pushbutton", "b", NULL);
    pin_t *in = stand_pin(r, "probe:in");
    stand_wire(r, "probe:in", "b:1.r");
    stand_wire(r, "probe:gnd", "b:2.l");
    stand_start(r);
    pin_set(stand_pin(r, "probe:gnd"), false);
    pin_drive(in, DRIVE_PULL, 3300);
    int edges = 0;
    net_watch(in->net, count_edges, &edges);
    for (int press = 1; press <= 10; press++) {
        edges = 0;
        stand_set(b, "pressed", press & 1);
        stand_run(r, 3 * PS_PER_MS);
        g_assert_cmpint(edges, >=, 3);
        g_assert_cmpint(edges & 1, ==, 1);
        g_assert_cmpint(pin_level(in), ==, !(press & 1));
    }
    stand_set(b, "pressed", 1); // let go while it still bounces
    stand_set(b, "pressed", 0);
    stand_run(r, 3 * PS_PER_MS);
    g_assert_true(pin_level(in));
    stand_free(r);
}

static void reset_button(void)
{
    stand_t *r = stand_new();
    part_t *b = stand_part(r, "reset-button", "rst", NULL);
    stand_start(r);
    stand_set(b, "pressed", 1);
    g_assert_true(r->m->halted);
    stand_set(b, "pressed", 0);
    g_assert_false(r->m->halted);
    stand_free(r);
}

static void potentiometer(void)
{
    stand_t *r = stand_new();
    part_t *pot = stand_part(r, "wokwi-slide-potentiometer", "pot", "value=1023");
    pin_t *sig = stand_pin(r, "probe:sig");
    stand_wire(r, "probe:sig", "pot:SIG");
    stand_wire(r, "probe:vcc", "pot:VCC");
    stand_wire(r, "probe:gnd", "pot:GND");
    stand_start(r);
    pin_set(stand_pin(r, "probe:vcc"), true);
    g_assert_cmpint(pin_mv(sig), ==, 3300);
    stand_set(pot, "position", 0.5);
    g_assert_cmpint(pin_mv(sig), ==, 3300); // GND is not connected
    pin_set(stand_pin(r, "probe:gnd"), false);
    g_assert_cmpint(pin_mv(sig), ==, 1650);
    stand_set(pot, "position", 0.25);
    g_assert_cmpint(pin_mv(sig), ==, 825);
    pin_drive(sig, DRIVE_PULL, 3300); // 40 k against 2.5 k || 7.5 k = 1875
    g_assert_cmpint(pin_mv(sig), ==, 936);
    stand_set(pot, "position", 0);
    g_assert_cmpint(pin_mv(sig), ==, 0);
    stand_free(r);
}

static void slide_switch(void)
{
    stand_t *r = stand_new();
    part_t *s = stand_part(r, "wokwi-slide-switch", "s", "value=1");
    pin_t *common = stand_pin(r, "probe:common");
    stand_wire(r, "probe:common", "s:2");
    stand_wire(r, "probe:high", "s:3");
    stand_wire(r, "probe:low", "s:1");
    stand_start(r);
    pin_set(stand_pin(r, "probe:high"), true);
    pin_set(stand_pin(r, "probe:low"), false);
    g_assert_cmpint(pin_mv(common), ==, 3300);
    stand_set(s, "position", 0);
    g_assert_cmpint(pin_mv(common), ==, 0);
    stand_set(s, "position", 1);
    g_assert_cmpint(pin_mv(common), ==, 3300);
    stand_run(r, PS_PER_MS);
    g_assert_cmpuint(r->reports->len, ==, 0); // never a short circuit
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pushbutton/contact", contact);
    g_test_add_func("/pushbutton/bounces", bounces);
    g_test_add_func("/pushbutton/reset-button", reset_button);
    g_test_add_func("/pushbutton/potentiometer", potentiometer);
    g_test_add_func("/pushbutton/slide-switch", slide_switch);
    return g_test_run();
}
