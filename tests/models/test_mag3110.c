// SPDX-License-Identifier: GPL-2.0-or-later
// MAG3110: identity, output rates, counts, offsets, flags and interrupt, triggered mode, mounting.
#include "../stand.h"
#include "xfer.h"

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *scl, *sda, *vdd;
} mag_t;

static mag_t mag_new(const char *attrs)
{
    mag_t g = {.r = stand_new()};
    g.part = stand_part(g.r, "mag3110", "g", attrs);
    g.scl = stand_pin(g.r, "probe:scl");
    g.sda = stand_pin(g.r, "probe:sda");
    g.vdd = stand_pin(g.r, "probe:vdd");
    stand_wire(g.r, "probe:scl", "g:SCL");
    stand_wire(g.r, "probe:sda", "g:SDA");
    stand_wire(g.r, "probe:vdd", "g:VDD");
    stand_wire(g.r, "probe:gnd", "g:GND");
    pin_drive(g.scl, DRIVE_PULL, NET_VDD_MV);
    pin_drive(g.sda, DRIVE_PULL, NET_VDD_MV);
    pin_set(stand_pin(g.r, "probe:gnd"), false);
    stand_start(g.r);
    pin_set(g.vdd, true);
    return g;
}

static void put(mag_t *g, uint8_t reg, uint8_t value)
{
    g_assert_cmpint(i2c_start(g->scl, g->sda, 0x0E, false, 1000), ==, I2C_ACK);
    i2c_write(g->scl, g->sda, reg, 1000);
    i2c_write(g->scl, g->sda, value, 1000);
    i2c_stop(g->scl, g->sda, 1000);
}

static void get(mag_t *g, uint8_t reg, uint8_t *to, unsigned n)
{
    g_assert_cmpint(i2c_start(g->scl, g->sda, 0x0E, false, 1000), ==, I2C_ACK);
    i2c_write(g->scl, g->sda, reg, 1000);
    i2c_start(g->scl, g->sda, 0x0E, true, 1000);
    for (unsigned i = 0; i < n; i++)
        to[i] = i2c_read(g->scl, g->sda, i + 1 < n, 1000);
    i2c_stop(g->scl, g->sda, 1000);
}

static uint8_t one(mag_t *g, uint8_t reg)
{
    uint8_t v;
    get(g, reg, &v, 1);
    return v;
}

static void assert_axes(mag_t *g, int x, int y, int z)
{
    uint8_t v[6];
    get(g, 1, v, 6);
    g_assert_cmpint((int16_t)(v[0] << 8 | v[1]), ==, x);
    g_assert_cmpint((int16_t)(v[2] << 8 | v[3]), ==, y);
    g_assert_cmpint((int16_t)(v[4] << 8 | v[5]), ==, z);
}

static bool interrupt(mag_t *g) { return pin_level(stand_pin(g->r, "g:INT1")); }

static void supply(void)
{
    mag_t g = mag_new(NULL);
    g_assert_cmphex(one(&g, 7), ==, 0xC4);
    put(&g, 9, 0x12);
    g_assert_cmphex(one(&g, 9), ==, 0x12);
    pin_set(g.vdd, false);
    g_assert_cmpint(i2c_start(g.scl, g.sda, 0x0E, false, 1000), ==, I2C_NACK);
    i2c_stop(g.scl, g.sda, 1000);
    pin_set(g.vdd, true);
    g_assert_cmphex(one(&g, 9), ==, 0);
    stand_free(g.r);
}

// The time between samples at each setting: 80 Hz, halved by each step.
static void rates(void)
{
    for (unsigned setting = 0; setting < 32; setting++) {
        uint64_t period = PS_PER_S / 80 << ((setting >> 2) + (setting & 3));
        mag_t g = mag_new(NULL);
        put(&g, 0x10, (uint8_t)(setting << 3 | 1));
        uint64_t first = MAX(period, 25 * PS_PER_MS);
        stand_run(g.r, first - 1);
        g_assert_cmphex(one(&g, 0), ==, 0);
        g_assert_false(interrupt(&g));
        stand_run(g.r, 1);
        g_assert_cmphex(one(&g, 0), ==, 0x0F);
        g_assert_true(interrupt(&g));
        assert_axes(&g, 0, 200, -440);
        g_assert_cmphex(one(&g, 0), ==, 0);
        g_assert_false(interrupt(&g));
        stand_run(g.r, period - 1);
        g_assert_cmphex(one(&g, 0), ==, 0);
        stand_run(g.r, 1);
        g_assert_cmphex(one(&g, 0), ==, 0x0F);
        stand_free(g.r);
    }
}

static void counts(void)
{
    mag_t g = mag_new(NULL);
    put(&g, 0x10, 0x01);
    stand_set(g.part, "fieldX", -12.34);
    stand_set(g.part, "fieldY", 1000);
    stand_set(g.part, "fieldZ", 0.05);
    stand_set(g.part, "celsius", -5);
    stand_run(g.r, 25 * PS_PER_MS);
    g_assert_cmphex(one(&g, 0x0F), ==, 0xFB);
    g_assert_cmpint(one(&g, 8), ==, 2);
    assert_axes(&g, -123, 10000, 1);
    put(&g, 9, 0xFF); // X: -2 counts, doubled in the register
    put(&g, 0x0A, 0xFC);
    put(&g, 0x0B, 0x01); // Y: 128
    stand_run(g.r, 25 * PS_PER_MS);
    g_assert_cmphex(one(&g, 0), ==, 0xFF); // overrun
    assert_axes(&g, -121, 9872, 1);
    put(&g, 0x11, 0x20); // RAW
    stand_run(g.r, 25 * PS_PER_MS);
    g_assert_cmpint(one(&g, 8), ==, 1);
    assert_axes(&g, -123, 10000, 1);
    put(&g, 0x10, 0);
    stand_run(g.r, PS_PER_S);
    g_assert_cmphex(one(&g, 0), ==, 0);
    g_assert_cmpuint(g.r->m->events.count, ==, 0);
    stand_free(g.r);
}

static void triggered(void)
{
    mag_t g = mag_new(NULL);
    put(&g, 0x10, 0x06); // once, fast read
    stand_run(g.r, PS_PER_S);
    g_assert_cmphex(one(&g, 0x10), ==, 0x04);
    g_assert_cmphex(one(&g, 0), ==, 0x0F);
    uint8_t v[4];
    get(&g, 1, v, 4); // high bytes, then WHO_AM_I
    g_assert_cmphex(v[0], ==, 0);
    g_assert_cmphex(v[1], ==, 0);
    g_assert_cmphex(v[2], ==, 0xFE);
    g_assert_cmphex(v[3], ==, 0x48);
    stand_free(g.r);
}

static void mounting(void)
{
    mag_t g = mag_new("axes=-y+x-z");
    stand_set(g.part, "fieldX", 10);
    stand_set(g.part, "fieldY", 20);
    stand_set(g.part, "fieldZ", 30);
    put(&g, 0x10, 0x01);
    stand_run(g.r, 25 * PS_PER_MS);
    assert_axes(&g, -200, 100, -300);
    stand_set(g.part, "fieldX", 0);
    g_assert_cmpfloat(stand_get(g.part, "heading"), ==, 0);
    stand_set(g.part, "heading", 90); // the board's top points east: north is to its left
    g_assert_cmpfloat_with_epsilon(stand_get(g.part, "fieldX"), -20, 1e-9);
    g_assert_cmpfloat_with_epsilon(stand_get(g.part, "fieldY"), 0, 1e-9);
    stand_set(g.part, "fieldX", 20);
    g_assert_cmpfloat_with_epsilon(stand_get(g.part, "heading"), 270, 1e-6);
    stand_free(g.r);
    g_autoptr(GError) error = NULL;
    stand_t *r = stand_new();
    part_t *p = machine_add_part(r->m, part_class_find("mag3110"), "g", NULL);
    part_set_attr(p, "axes", "+x+y+w");
    g_assert_false(part_init(p, &error));
    g_assert_cmpstr(error->message, ==, "g: 'axes' must be such as \"+x+y+z\", not \"+x+y+w\"");
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mag3110/supply", supply);
    g_test_add_func("/mag3110/rates", rates);
    g_test_add_func("/mag3110/counts", counts);
    g_test_add_func("/mag3110/triggered", triggered);
    g_test_add_func("/mag3110/mounting", mounting);
    return g_test_run();
}
