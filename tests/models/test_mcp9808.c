// SPDX-License-Identifier: GPL-2.0-or-later
// MCP9808: registers, formats, conversion times, limits and alert, locks, shutdown, supply,
// addresses.
#include "../stand.h"
#include "xfer.h"
#include <string.h>

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *scl, *sda, *vdd;
} mcp_t;

#define MS PS_PER_MS

static mcp_t mcp_new(const char *attrs)
{
    mcp_t t = {.r = stand_new()};
    t.part = stand_part(t.r, "mcp9808", "t", attrs);
    t.scl = stand_pin(t.r, "probe:scl");
    t.sda = stand_pin(t.r, "probe:sda");
    t.vdd = stand_pin(t.r, "probe:vdd");
    stand_wire(t.r, "probe:scl", "t:SCL");
    stand_wire(t.r, "probe:sda", "t:SDA");
    stand_wire(t.r, "probe:vdd", "t:VDD");
    stand_wire(t.r, "probe:gnd", "t:GND");
    stand_wire(t.r, "probe:alert", "t:ALERT");
    pin_drive(t.scl, DRIVE_PULL, NET_VDD_MV);
    pin_drive(t.sda, DRIVE_PULL, NET_VDD_MV);
    pin_drive(stand_pin(t.r, "probe:alert"), DRIVE_PULL, NET_VDD_MV);
    pin_set(stand_pin(t.r, "probe:gnd"), false);
    stand_start(t.r);
    pin_set(t.vdd, true);
    return t;
}

static void put(mcp_t *t, uint8_t reg, uint16_t value)
{
    g_assert_cmpint(i2c_start(t->scl, t->sda, 0x18, false, 1000), ==, I2C_ACK);
    i2c_write(t->scl, t->sda, reg, 1000);
    if (reg != 8)
        i2c_write(t->scl, t->sda, value >> 8, 1000);
    i2c_write(t->scl, t->sda, value, 1000);
    i2c_stop(t->scl, t->sda, 1000);
}

static uint16_t get(mcp_t *t, uint8_t reg)
{
    g_assert_cmpint(i2c_start(t->scl, t->sda, 0x18, false, 1000), ==, I2C_ACK);
    i2c_write(t->scl, t->sda, reg, 1000);
    i2c_start(t->scl, t->sda, 0x18, true, 1000);
    uint16_t value = i2c_read(t->scl, t->sda, reg != 8, 1000);
    if (reg != 8)
        value = value << 8 | i2c_read(t->scl, t->sda, false, 1000);
    i2c_stop(t->scl, t->sda, 1000);
    return value;
}

static bool alert_low(mcp_t *t) { return !pin_level(stand_pin(t->r, "probe:alert")); }

static void registers_after_power_up(void)
{
    mcp_t t = mcp_new("celsius=25");
    static const uint16_t expected[] = {0, 0, 0, 0, 0, 0, 0x0054, 0x0400, 3, 0};
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_cmphex(get(&t, i), ==, expected[i]);
    put(&t, 6, 0x1234); // read only
    put(&t, 5, 0x1234);
    g_assert_cmphex(get(&t, 6), ==, 0x0054);
    g_assert_cmphex(get(&t, 5), ==, 0);
    put(&t, 2, 0xFFFF);
    g_assert_cmphex(get(&t, 2), ==, 0x1FFC);
    stand_free(t.r);
}

static void formats(void)
{
    static const struct {
        double celsius;
        uint16_t ta;
    } rows[] = {{25, 0x0190}, {25.25, 0x0194}, {0, 0}, {-0.0625, 0x1FFF}, {-25.5, 0x1E68},
                {125, 0x07D0}, {-40, 0x1D80}, {22.03, 0x0160}, {22.04, 0x0161}};
    mcp_t t = mcp_new(NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_set(t.part, "celsius", rows[i].celsius);
        stand_run(t.r, 250 * MS);
        g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, rows[i].ta);
    }
    stand_free(t.r);
}

static void conversion_times(void)
{
    static const unsigned ms[] = {30, 65, 130, 250};
    static const uint16_t ta[] = {0x0168, 0x0164, 0x0166, 0x0166}; // 22.36 degrees
    for (unsigned i = 0; i < 4; i++) {
        mcp_t t = mcp_new("celsius=-10");
        put(&t, 8, i);
        stand_set(t.part, "celsius", 22.36);
        stand_run(t.r, ms[i] * MS - 1);
        g_assert_cmphex(get(&t, 5), ==, 0);
        stand_run(t.r, 1);
        g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, ta[i]);
        // A change in the middle of a later conversion shows at its end, in step with the first.
        stand_run(t.r, 10 * ms[i] * MS + MS);
        stand_set(t.part, "celsius", 50);
        stand_run(t.r, (ms[i] - 1) * MS - 1);
        g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, ta[i]);
        stand_run(t.r, 1);
        g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, 0x0320);
        g_assert_cmpuint(t.r->m->events.count, ==, 0); // nothing runs while nothing changes
        stand_free(t.r);
    }
}

// Temperature to `celsius`, one conversion; the three flags as upper, lower, critical letters.
static const char *flags_at(mcp_t *t, double celsius, char *to)
{
    stand_set(t->part, "celsius", celsius);
    stand_run(t->r, 250 * MS);
    uint16_t ta = get(t, 5);
    g_snprintf(to, 8, "%s%s%s", ta & 0x4000 ? "U" : "", ta & 0x2000 ? "L" : "",
               ta & 0x8000 ? "C" : "");
    return to;
}

static void limits_and_hysteresis(void)
{
    mcp_t t = mcp_new(NULL);
    char text[8];
    put(&t, 2, 30 << 4); // upper
    put(&t, 3, 10 << 4); // lower
    put(&t, 4, 50 << 4); // critical
    put(&t, 1, 0x0200);  // hysteresis 1.5
    g_assert_cmpstr(flags_at(&t, 20, text), ==, "");
    g_assert_cmpstr(flags_at(&t, 30, text), ==, "");
    g_assert_cmpstr(flags_at(&t, 30.25, text), ==, "U");
    g_assert_cmpstr(flags_at(&t, 28.75, text), ==, "U"); // 30 - 1.5 is not reached yet
    g_assert_cmpstr(flags_at(&t, 28.5, text), ==, "");
    g_assert_cmpstr(flags_at(&t, 50, text), ==, "UC");
    g_assert_cmpstr(flags_at(&t, 48.5, text), ==, "UC");
    g_assert_cmpstr(flags_at(&t, 48.25, text), ==, "U");
    g_assert_cmpstr(flags_at(&t, 8.5, text), ==, "");
    g_assert_cmpstr(flags_at(&t, 8.25, text), ==, "L");
    g_assert_cmpstr(flags_at(&t, 9.9, text), ==, "L");
    g_assert_cmpstr(flags_at(&t, 10, text), ==, "");
    stand_free(t.r);
}

static void alert_comparator(void)
{
    mcp_t t = mcp_new(NULL);
    char text[8];
    put(&t, 2, 30 << 4);
    put(&t, 4, 50 << 4);
    flags_at(&t, 40, text);
    g_assert_false(alert_low(&t)); // not enabled
    put(&t, 1, 0x0008);
    g_assert_true(alert_low(&t));
    g_assert_cmphex(get(&t, 1), ==, 0x0018);
    put(&t, 1, 0x000C); // critical only
    g_assert_false(alert_low(&t));
    flags_at(&t, 51, text);
    g_assert_true(alert_low(&t));
    put(&t, 1, 0x000A); // active high: open drain lets go
    g_assert_false(alert_low(&t));
    flags_at(&t, 20, text);
    g_assert_true(alert_low(&t));
    stand_free(t.r);
}

static void alert_interrupt(void)
{
    mcp_t t = mcp_new(NULL);
    char text[8];
    put(&t, 2, 30 << 4);
    put(&t, 4, 50 << 4);
    flags_at(&t, 20, text);
    put(&t, 1, 0x0009);
    put(&t, 1, 0x0029);
    g_assert_false(alert_low(&t));
    flags_at(&t, 35, text);
    g_assert_true(alert_low(&t));
    put(&t, 1, 0x0029); // cleared, though still above
    g_assert_false(alert_low(&t));
    flags_at(&t, 36, text);
    g_assert_false(alert_low(&t));
    flags_at(&t, 20, text); // the way back is a crossing too
    g_assert_true(alert_low(&t));
    put(&t, 1, 0x0029);
    flags_at(&t, 60, text); // critical cannot be cleared
    put(&t, 1, 0x0029);
    g_assert_true(alert_low(&t));
    stand_free(t.r);
}

static void locks_and_shutdown(void)
{
    mcp_t t = mcp_new("celsius=20");
    char text[8];
    put(&t, 4, 50 << 4);
    put(&t, 1, 0x0080); // critical lock
    put(&t, 4, 60 << 4);
    put(&t, 2, 30 << 4);
    g_assert_cmphex(get(&t, 4), ==, 50 << 4);
    g_assert_cmphex(get(&t, 2), ==, 30 << 4);
    put(&t, 1, 0x010F); // neither unlocks, nor shuts down, nor changes the alert
    g_assert_cmphex(get(&t, 1), ==, 0x0080);
    put(&t, 1, 0x0040); // the other lock can join
    put(&t, 2, 10 << 4);
    g_assert_cmphex(get(&t, 1), ==, 0x00C0);
    g_assert_cmphex(get(&t, 2), ==, 30 << 4);
    pin_set(t.vdd, false); // only the supply unlocks
    pin_set(t.vdd, true);
    g_assert_cmphex(get(&t, 1), ==, 0);

    flags_at(&t, 20, text);
    put(&t, 1, 0x0100);
    flags_at(&t, 90, text);
    g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, 20 << 4);
    put(&t, 1, 0);
    stand_run(t.r, 250 * MS);
    g_assert_cmphex(get(&t, 5) & 0x1FFF, ==, 90 << 4);
    stand_free(t.r);
}

static void addresses_and_supply(void)
{
    mcp_t t = mcp_new(NULL);
    g_assert_cmpint(i2c_start(t.scl, t.sda, 0x19, false, 1000), ==, I2C_NACK);
    stand_wire(t.r, "probe:vdd", "t:A0");
    stand_wire(t.r, "probe:vdd", "t:A2");
    g_assert_cmpint(i2c_start(t.scl, t.sda, 0x18, false, 1000), ==, I2C_NACK);
    g_assert_cmpint(i2c_start(t.scl, t.sda, 0x1D, false, 1000), ==, I2C_ACK);
    pin_release(t.vdd);
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(i2c_start(t.scl, t.sda, 0x1D, false, 1000), ==, I2C_NACK);
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==, "t is addressed, but has no supply at VDD and GND");
    stand_free(t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mcp9808/registers-after-power-up", registers_after_power_up);
    g_test_add_func("/mcp9808/formats", formats);
    g_test_add_func("/mcp9808/conversion-times", conversion_times);
    g_test_add_func("/mcp9808/limits-and-hysteresis", limits_and_hysteresis);
    g_test_add_func("/mcp9808/alert-comparator", alert_comparator);
    g_test_add_func("/mcp9808/alert-interrupt", alert_interrupt);
    g_test_add_func("/mcp9808/locks-and-shutdown", locks_and_shutdown);
    g_test_add_func("/mcp9808/addresses-and-supply", addresses_and_supply);
    return g_test_run();
}
