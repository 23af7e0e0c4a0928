// SPDX-License-Identifier: GPL-2.0-or-later
// WS2812B chain: bits by their widths, colours, latch, what goes on to the next chain, supply.
#include "../stand.h"
#include <string.h>

#define NS PS_PER_NS

typedef struct {
    stand_t *r;
    part_t *part, *second;
    pin_t *din, *vdd;
} chain_t;

static chain_t chain_new(void)
{
    chain_t n = {.r = stand_new()};
    n.part = stand_part(n.r, "neopixel", "n", "pixels=2");
    n.second = stand_part(n.r, "wokwi-neopixel", "k", NULL);
    n.din = stand_pin(n.r, "probe:din");
    n.vdd = stand_pin(n.r, "probe:vdd");
    stand_wire(n.r, "probe:din", "n:DIN");
    stand_wire(n.r, "probe:vdd", "n:VCC");
    stand_wire(n.r, "probe:vdd", "k:VDD");
    stand_wire(n.r, "probe:gnd", "n:GND");
    stand_wire(n.r, "probe:gnd", "k:VSS");
    stand_wire(n.r, "n:DOUT", "k:DIN");
    stand_start(n.r);
    pin_set(stand_pin(n.r, "probe:gnd"), false);
    pin_set(n.din, false);
    pin_set(n.vdd, true);
    return n;
}

static void pulse(chain_t *n, uint64_t high_ps, uint64_t low_ps)
{
    pin_set(n->din, true);
    stand_run(n->r, high_ps);
    pin_set(n->din, false);
    stand_run(n->r, low_ps);
}

static void send(chain_t *n, uint32_t grb)
{
    for (int i = 23; i >= 0; i--)
        if (grb >> i & 1)
            pulse(n, 800 * NS, 450 * NS);
        else
            pulse(n, 400 * NS, 850 * NS);
}

static void assert_shown(part_t *p, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    p->cls->show(p, text);
    g_assert_cmpstr(text->str, ==, expected);
}

static void colours(void)
{
    chain_t n = chain_new();
    send(&n, 0x20FF40); // green, red, blue
    send(&n, 0x000001);
    assert_shown(n.part, "000000\n000000\n");
    stand_run(n.r, 49 * PS_PER_US);
    assert_shown(n.part, "000000\n000000\n");
    stand_run(n.r, PS_PER_US);
    assert_shown(n.part, "ff2040\n000001\n");
    g_assert_cmpfloat(stand_get(n.part, "red0"), ==, 0xFF);
    g_assert_cmpfloat(stand_get(n.part, "green0"), ==, 0x20);
    g_assert_cmpfloat(stand_get(n.part, "blue0"), ==, 0x40);
    g_assert_cmpfloat_with_epsilon(stand_get(n.part, "brightness"), 352.0 / (6 * 255), 1e-9);
    assert_shown(n.second, "000000\n");
    send(&n, 0x000200); // only the first, and half a colour that counts for nothing
    pulse(&n, 800 * NS, 450 * NS);
    stand_run(n.r, 50 * PS_PER_US);
    assert_shown(n.part, "020000\n000001\n");
    send(&n, 0x111111);
    send(&n, 0x222222);
    send(&n, 0xAABBCC); // that is the next chain's
    stand_run(n.r, 60 * PS_PER_US);
    assert_shown(n.part, "111111\n222222\n");
    assert_shown(n.second, "bbaacc\n");
    pin_set(n.vdd, false);
    assert_shown(n.part, "000000\n000000\n");
    stand_free(n.r);
}

// The limits between nothing, 0, 1 and no bit at all.
static void widths(void)
{
    chain_t n = chain_new();
    for (int i = 0; i < 12; i++) {
        pulse(&n, 599 * NS, 500 * NS);
        pulse(&n, 100 * NS, 500 * NS); // not seen
        pulse(&n, 600 * NS, 500 * NS);
    }
    stand_run(n.r, 50 * PS_PER_US);
    assert_shown(n.part, "555555\n000000\n");
    g_assert_cmpuint(n.r->reports->len, ==, 0);
    pulse(&n, 800 * NS, 500 * NS);
    pulse(&n, 6000 * NS, 500 * NS);
    pulse(&n, 6000 * NS, 500 * NS);
    g_assert_cmpuint(n.r->reports->len, ==, 1);
    g_assert_cmpstr(n.r->reports->pdata[0], ==, "n: a pulse of 6.0 us is no bit");
    stand_free(n.r);
}

static void bad_counts(void)
{
    static const char *const counts[] = {"0", "-1", "1.5", "many", "1e9"};
    for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(GError) error = NULL;
        stand_t *r = stand_new();
        part_t *p = machine_add_part(r->m, part_class_find("neopixel"), "n", NULL);
        part_set_attr(p, "pixels", counts[i]);
        g_assert_false(part_init(p, &error));
        g_assert_nonnull(error);
        stand_free(r);
    }
}

// How many when nobody says.
static void counts(void)
{
    stand_t *r = stand_new();
    assert_shown(stand_part(r, "neopixel", "one", NULL), "000000\n");
    part_t *ring = stand_part(r, "wokwi-led-ring", "ring", "type=wokwi-led-ring");
    g_autoptr(GString) text = g_string_new(NULL);
    ring->cls->show(ring, text);
    g_assert_cmpuint(text->len, ==, 16 * strlen("000000\n"));
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/neopixel/colours", colours);
    g_test_add_func("/neopixel/widths", widths);
    g_test_add_func("/neopixel/bad-counts", bad_counts);
    g_test_add_func("/neopixel/counts", counts);
    return g_test_run();
}
