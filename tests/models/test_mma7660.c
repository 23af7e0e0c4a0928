// SPDX-License-Identifier: GPL-2.0-or-later
// MMA7660: supply from a pin, standby and active, sample times, formats, auto-increment.
#include "../stand.h"
#include "xfer.h"

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *scl, *sda, *avdd;
} accel_t;

static accel_t accel_new(void)
{
    accel_t a = {.r = stand_new()};
    a.part = stand_part(a.r, "mma7660", "a", "accelX=0.5");
    a.scl = stand_pin(a.r, "probe:scl");
    a.sda = stand_pin(a.r, "probe:sda");
    a.avdd = stand_pin(a.r, "probe:avdd");
    stand_wire(a.r, "probe:scl", "a:SCL");
    stand_wire(a.r, "probe:sda", "a:SDA");
    stand_wire(a.r, "probe:avdd", "a:AVDD");
    stand_wire(a.r, "probe:gnd", "a:GND");
    pin_drive(a.scl, DRIVE_PULL, NET_VDD_MV);
    pin_drive(a.sda, DRIVE_PULL, NET_VDD_MV);
    pin_set(stand_pin(a.r, "probe:gnd"), false);
    stand_start(a.r);
    return a;
}

static bool addressed(accel_t *a)
{
    bool ack = i2c_start(a->scl, a->sda, 0x4C, false, 1000) == I2C_ACK;
    i2c_stop(a->scl, a->sda, 1000);
    return ack;
}

static void put(accel_t *a, uint8_t reg, uint8_t value)
{
    g_assert_cmpint(i2c_start(a->scl, a->sda, 0x4C, false, 1000), ==, I2C_ACK);
    i2c_write(a->scl, a->sda, reg, 1000);
    i2c_write(a->scl, a->sda, value, 1000);
    i2c_stop(a->scl, a->sda, 1000);
}

static void get(accel_t *a, uint8_t reg, uint8_t *to, unsigned n)
{
    g_assert_cmpint(i2c_start(a->scl, a->sda, 0x4C, false, 1000), ==, I2C_ACK);
    i2c_write(a->scl, a->sda, reg, 1000);
    i2c_start(a->scl, a->sda, 0x4C, true, 1000);
    for (unsigned i = 0; i < n; i++)
        to[i] = i2c_read(a->scl, a->sda, i + 1 < n, 1000);
    i2c_stop(a->scl, a->sda, 1000);
}

static void supply(void)
{
    accel_t a = accel_new();
    g_assert_false(addressed(&a));
    pin_set(a.avdd, true);
    g_assert_true(addressed(&a));
    put(&a, 7, 1);
    uint8_t mode;
    get(&a, 7, &mode, 1);
    g_assert_cmphex(mode, ==, 1);
    pin_set(a.avdd, false);
    g_assert_false(addressed(&a));
    pin_set(a.avdd, true);
    get(&a, 7, &mode, 1); // standby again
    g_assert_cmphex(mode, ==, 0);
    stand_free(a.r);
}

static void samples(void)
{
    accel_t a = accel_new();
    uint8_t v[3];
    pin_set(a.avdd, true);
    put(&a, 8, 2); // 32 a second
    put(&a, 7, 1);
    put(&a, 8, 7); // only in standby
    stand_run(a.r, 12 * PS_PER_MS + PS_PER_S / 32 - 1);
    get(&a, 0, v, 3);
    g_assert_cmphex(v[2], ==, 0);
    stand_run(a.r, 1);
    get(&a, 0, v, 3);
    g_assert_cmphex(v[0], ==, 11); // 0.5 g
    g_assert_cmphex(v[1], ==, 0);
    g_assert_cmphex(v[2], ==, 21); // 1 g
    g_assert_cmpuint(a.r->m->events.count, ==, 0);
    stand_run(a.r, PS_PER_S / 64);
    stand_set(a.part, "accelX", -0.5);
    stand_set(a.part, "accelY", 1.5);
    stand_set(a.part, "accelZ", -1.5);
    stand_run(a.r, PS_PER_S / 64 - 1);
    get(&a, 0, v, 3);
    g_assert_cmphex(v[0], ==, 11);
    stand_run(a.r, 1);
    get(&a, 0, v, 3);
    g_assert_cmphex(v[0], ==, 0x3F & -11);
    g_assert_cmphex(v[1], ==, 31);
    g_assert_cmphex(v[2], ==, 0x20);
    put(&a, 7, 0);
    stand_set(a.part, "accelX", 0);
    stand_run(a.r, PS_PER_S);
    get(&a, 0, v, 1);
    g_assert_cmphex(v[0], ==, 0x3F & -11);
    g_assert_cmpuint(a.r->reports->len, ==, 0);
    put(&a, 6, 0xC0);
    put(&a, 6, 0xC0);
    g_assert_cmpuint(a.r->reports->len, ==, 1);
    g_assert_cmpstr(a.r->reports->pdata[0], ==, "not modelled: interrupts of a");
    stand_free(a.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mma7660/supply", supply);
    g_test_add_func("/mma7660/samples", samples);
    return g_test_run();
}
