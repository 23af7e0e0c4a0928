// SPDX-License-Identifier: GPL-2.0-or-later
// MMA8652/8653: identity, rates, ranges and bits, flags and interrupts, freefall, orientation, fast
// read, standby rules, mounting.
#include "../stand.h"
#include "xfer.h"
#include <string.h>

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *scl, *sda, *vdd;
} accel_t;

static accel_t accel_new(const char *attrs)
{
    accel_t a = {.r = stand_new()};
    a.part = stand_part(a.r, "mma8652", "a", attrs);
    a.scl = stand_pin(a.r, "probe:scl");
    a.sda = stand_pin(a.r, "probe:sda");
    a.vdd = stand_pin(a.r, "probe:vdd");
    stand_wire(a.r, "probe:scl", "a:SCL");
    stand_wire(a.r, "probe:sda", "a:SDA");
    stand_wire(a.r, "probe:vdd", "a:VDD");
    stand_wire(a.r, "probe:gnd", "a:GND");
    pin_drive(a.scl, DRIVE_PULL, NET_VDD_MV);
    pin_drive(a.sda, DRIVE_PULL, NET_VDD_MV);
    pin_set(stand_pin(a.r, "probe:gnd"), false);
    stand_start(a.r);
    pin_set(a.vdd, true);
    return a;
}

static void put(accel_t *a, uint8_t reg, uint8_t value)
{
    g_assert_cmpint(i2c_start(a->scl, a->sda, 0x1D, false, 1000), ==, I2C_ACK);
    i2c_write(a->scl, a->sda, reg, 1000);
    i2c_write(a->scl, a->sda, value, 1000);
    i2c_stop(a->scl, a->sda, 1000);
}

static void get(accel_t *a, uint8_t reg, uint8_t *to, unsigned n)
{
    g_assert_cmpint(i2c_start(a->scl, a->sda, 0x1D, false, 1000), ==, I2C_ACK);
    i2c_write(a->scl, a->sda, reg, 1000);
    i2c_start(a->scl, a->sda, 0x1D, true, 1000);
    for (unsigned i = 0; i < n; i++)
        to[i] = i2c_read(a->scl, a->sda, i + 1 < n, 1000);
    i2c_stop(a->scl, a->sda, 1000);
}

static uint8_t one(accel_t *a, uint8_t reg)
{
    uint8_t v;
    get(a, reg, &v, 1);
    return v;
}

static void assert_axes(accel_t *a, int x, int y, int z)
{
    uint8_t v[6];
    get(a, 1, v, 6);
    g_assert_cmpint((int16_t)(v[0] << 8 | v[1]), ==, x);
    g_assert_cmpint((int16_t)(v[2] << 8 | v[3]), ==, y);
    g_assert_cmpint((int16_t)(v[4] << 8 | v[5]), ==, z);
}

static bool level(accel_t *a, const char *pin) { return pin_level(stand_pin(a->r, pin)); }

static void identity(void)
{
    accel_t a = accel_new("model=8652"), b = accel_new(NULL);
    g_assert_cmphex(one(&a, 0x0D), ==, 0x4A);
    g_assert_cmphex(one(&b, 0x0D), ==, 0x5A);
    put(&a, 0x2E, 0x55);
    put(&a, 0x2B, 0x40); // reset
    g_assert_cmphex(one(&a, 0x2E), ==, 0);
    pin_set(a.vdd, false);
    g_assert_cmpint(i2c_start(a.scl, a.sda, 0x1D, false, 1000), ==, I2C_NACK);
    i2c_stop(a.scl, a.sda, 1000);
    stand_free(a.r);
    stand_free(b.r);
}

static void rates(void)
{
    static const double hz[] = {800, 400, 200, 100, 50, 12.5, 6.25, 1.5625};
    for (unsigned dr = 0; dr < 8; dr++) {
        uint64_t period = (uint64_t)((double)PS_PER_S / hz[dr]);
        accel_t a = accel_new(NULL);
        put(&a, 0x2A, (uint8_t)(dr << 3 | 1));
        g_assert_cmpint(one(&a, 0x0B), ==, 1);
        stand_run(a.r, 2 * period + PS_PER_MS - 1);
        g_assert_cmphex(one(&a, 0), ==, 0);
        stand_run(a.r, 1);
        g_assert_cmphex(one(&a, 0), ==, 0x0F);
        assert_axes(&a, 0, 0, -16384);
        g_assert_cmphex(one(&a, 0), ==, 0);
        stand_run(a.r, period);
        one(&a, 3); // Y only
        g_assert_cmphex(one(&a, 0), ==, 0x05);
        stand_run(a.r, 2 * period);
        g_assert_cmphex(one(&a, 0), ==, 0xFF);
        put(&a, 0x2A, 0);
        stand_run(a.r, PS_PER_S);
        g_assert_cmpuint(a.r->m->events.count, ==, 0);
        g_assert_cmpint(one(&a, 0x0B), ==, 0);
        stand_free(a.r);
    }
}

static void ranges(void)
{
    static const struct {
        const char *attrs;
        uint8_t range;
        int x, y, z; // of 0.5, -2 and 3 g
    } rows[] = {
        {"model=8652", 0, 8192, -32768, 32752}, // the last: full scale, 12 bits
        {"model=8652", 1, 4096, -16384, 24576},
        {"model=8652", 2, 2048, -8192, 12288},
        {"model=8653", 0, 8192, -32768, 32704}, // 10 bits
        {"model=8653", 2, 2048, -8192, 12288},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        accel_t a = accel_new(rows[i].attrs);
        stand_set(a.part, "accelX", 0.5);
        stand_set(a.part, "accelY", -2);
        stand_set(a.part, "accelZ", 3);
        put(&a, 0x0E, rows[i].range);
        put(&a, 0x2A, 0x01);
        put(&a, 0x0E, 0); // only in standby
        g_assert_cmphex(one(&a, 0x0E), ==, rows[i].range);
        stand_run(a.r, 10 * PS_PER_MS);
        assert_axes(&a, rows[i].x, rows[i].y, rows[i].z);
        stand_free(a.r);
    }
}

static void fast_read_and_offset(void)
{
    accel_t a = accel_new("axes=+y-x-z model=8652");
    stand_set(a.part, "accelX", 0.5);
    stand_set(a.part, "accelY", 0.25);
    put(&a, 0x2F, 125); // 0.25 g
    put(&a, 0x2A, 0x03);
    stand_run(a.r, 10 * PS_PER_MS);
    uint8_t v[5];
    get(&a, 0, v, 5);
    g_assert_cmphex(v[1], ==, 0x20);
    g_assert_cmphex(v[2], ==, 0xE0);
    g_assert_cmphex(v[3], ==, 0x40);
    g_assert_cmphex(v[4], ==, 0); // status again: all has been read
    stand_free(a.r);
}

static void interrupts(void)
{
    accel_t a = accel_new(NULL);
    g_assert_true(level(&a, "a:INT1")); // active low
    put(&a, 0x2D, 1);
    put(&a, 0x2E, 1);
    put(&a, 0x2A, 0x21); // 50 Hz
    stand_run(a.r, 41 * PS_PER_MS - 1);
    g_assert_true(level(&a, "a:INT1"));
    stand_run(a.r, 1);
    g_assert_false(level(&a, "a:INT1"));
    g_assert_true(level(&a, "a:INT2"));
    g_assert_cmphex(one(&a, 0x0C), ==, 1);
    assert_axes(&a, 0, 0, -16384);
    g_assert_true(level(&a, "a:INT1"));
    put(&a, 0x2A, 0);
    put(&a, 0x2C, 2); // active high, INT2
    put(&a, 0x2E, 0);
    g_assert_false(level(&a, "a:INT2"));
    put(&a, 0x2A, 0x21);
    stand_run(a.r, 41 * PS_PER_MS);
    g_assert_true(level(&a, "a:INT2"));
    g_assert_false(level(&a, "a:INT1"));
    stand_free(a.r);
}

static void freefall(void)
{
    accel_t a = accel_new(NULL);
    put(&a, 0x15, 0xB8); // latched, all axes below
    put(&a, 0x17, 3);    // 0.189 g
    put(&a, 0x18, 5);    // samples
    put(&a, 0x2D, 4);
    put(&a, 0x2E, 4);
    put(&a, 0x2A, 0x01);
    stand_run(a.r, 100 * PS_PER_MS);
    g_assert_cmphex(one(&a, 0x16), ==, 0);
    stand_set(a.part, "accelZ", 0.1);
    stand_run(a.r, 4 * PS_PER_S / 800);
    g_assert_true(level(&a, "a:INT1"));
    stand_run(a.r, PS_PER_S / 800);
    g_assert_false(level(&a, "a:INT1"));
    stand_set(a.part, "accelZ", -1);
    stand_run(a.r, 10 * PS_PER_MS);
    g_assert_cmphex(one(&a, 0x0C), ==, 4);
    g_assert_cmphex(one(&a, 0x16), ==, 0x80);
    g_assert_cmphex(one(&a, 0x16), ==, 0);
    g_assert_true(level(&a, "a:INT1"));
    // Motion on X alone, not latched.
    put(&a, 0x2A, 0);
    put(&a, 0x15, 0x48);
    put(&a, 0x17, 16); // 1.008 g
    put(&a, 0x18, 0);
    put(&a, 0x2A, 0x01);
    stand_set(a.part, "accelX", -1.1);
    stand_run(a.r, 10 * PS_PER_MS);
    g_assert_cmphex(one(&a, 0x16), ==, 0x83);
    stand_set(a.part, "accelX", 0);
    stand_run(a.r, 10 * PS_PER_MS);
    g_assert_cmphex(one(&a, 0x16), ==, 0);
    stand_free(a.r);
}

static void orientation(void)
{
    static const struct {
        double x, y, z;
        uint8_t status;
    } rows[] = {{0, -1, 0, 0x80}, {0, 1, 0, 0x82}, {1, 0, 0, 0x84}, {-1, 0, 0, 0x86},
                {0, 0, -1, 0x87}, {0, 0, 1, 0x86}};
    accel_t a = accel_new(NULL);
    stand_set(a.part, "accelZ", 0);
    stand_set(a.part, "accelY", 1);
    put(&a, 0x11, 0xC0);
    put(&a, 0x12, 3);
    put(&a, 0x2A, 0x01);
    stand_run(a.r, 50 * PS_PER_MS);
    g_assert_cmphex(one(&a, 0x10), ==, 0x82);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_set(a.part, "accelX", rows[i].x);
        stand_set(a.part, "accelY", rows[i].y);
        stand_set(a.part, "accelZ", rows[i].z);
        stand_run(a.r, 2 * PS_PER_S / 800);
        g_assert_cmphex(one(&a, 0x10) & 0x80, ==, 0); // not yet
        stand_run(a.r, 2 * PS_PER_S / 800);
        g_assert_cmphex(one(&a, 0x10), ==, rows[i].status);
        g_assert_cmphex(one(&a, 0x10), ==, rows[i].status & 0x7F);
    }
    stand_free(a.r);
}

static void shaken(void)
{
    accel_t a = accel_new(NULL);
    put(&a, 0x0E, 2);
    put(&a, 0x2A, 0x01);
    stand_set(a.part, "accelX", 0.5);
    stand_set(a.part, "shake", 1);
    stand_run(a.r, 49 * PS_PER_MS);
    assert_axes(&a, -8192, 0, -4096);
    stand_run(a.r, 50 * PS_PER_MS);
    assert_axes(&a, 12288, 0, -4096);
    stand_set(a.part, "shake", 0);
    stand_run(a.r, 50 * PS_PER_MS);
    assert_axes(&a, 2048, 0, -4096);
    stand_free(a.r);
}

static void not_modelled(void)
{
    accel_t a = accel_new(NULL);
    put(&a, 0x21, 0x15);
    put(&a, 0x21, 0x15);
    put(&a, 0x2B, 0x84);
    g_assert_cmpuint(a.r->reports->len, ==, 3);
    g_assert_cmpstr(a.r->reports->pdata[0], ==, "not modelled: pulse detection of a");
    stand_free(a.r);
    static const char *const bad[][2] = {{"axes", "xyz"}, {"model", "8451"}};
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        stand_t *r = stand_new();
        part_t *p = machine_add_part(r->m, part_class_find("mma8653"), "a", NULL);
        part_set_attr(p, bad[i][0], bad[i][1]);
        g_assert_false(part_init(p, &error));
        g_assert_true(strstr(error->message, bad[i][1]) != NULL);
        stand_free(r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mma8652/identity", identity);
    g_test_add_func("/mma8652/rates", rates);
    g_test_add_func("/mma8652/ranges", ranges);
    g_test_add_func("/mma8652/fast-read-and-offset", fast_read_and_offset);
    g_test_add_func("/mma8652/interrupts", interrupts);
    g_test_add_func("/mma8652/freefall", freefall);
    g_test_add_func("/mma8652/orientation", orientation);
    g_test_add_func("/mma8652/shaken", shaken);
    g_test_add_func("/mma8652/not-modelled", not_modelled);
    return g_test_run();
}
