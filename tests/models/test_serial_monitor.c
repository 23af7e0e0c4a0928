// SPDX-License-Identifier: GPL-2.0-or-later
// Serial monitor: two of them talk to each other at real bit times.
#include "../stand.h"
#include "serial.h"
#include <string.h>

typedef struct {
    GString *text;
    uint64_t last_ps;
} sink_t;

static void take(void *ctx, uint8_t byte, uint64_t now_ps)
{
    sink_t *s = ctx;
    g_string_append_c(s->text, byte);
    s->last_ps = now_ps;
}

static void ignore(void *ctx, net_t *net, bool level, uint64_t ps) {}

static void both_ways(void)
{
    stand_t *r = stand_new();
    part_t *a = stand_part(r, "serial-monitor", "a", "baud=1000000");
    part_t *b = stand_part(r, "serial-monitor", "b", "baud=1000000");
    stand_wire(r, "a:TX", "b:RX");
    stand_wire(r, "a:RX", "b:TX");
    stand_start(r);
    sink_t to_a = {.text = g_string_new("")}, to_b = {.text = g_string_new("")};
    serial_listen(a, take, &to_a);
    serial_listen(b, take, &to_b);
    serial_send(a, "Hello, ", 7);
    serial_send(a, "board", 5);
    serial_send(b, "\xC3\xA4\0z", 4);
    g_assert_cmpuint(serial_pending(a), ==, 11);
    stand_run(r, 60 * PS_PER_US);
    serial_send(a, "!", 1);
    stand_run(r, 70 * PS_PER_US);
    g_assert_cmpstr(to_b.text->str, ==, "Hello, board!");
    g_assert_cmpuint(to_b.last_ps, ==, 130 * PS_PER_US); // 13 bytes of 10 us
    g_assert_cmpuint(to_a.text->len, ==, 4);
    g_assert_true(!memcmp(to_a.text->str, "\xC3\xA4\0z", 4));
    g_assert_cmpuint(serial_pending(a), ==, 0);
    g_string_free(to_a.text, TRUE);
    g_string_free(to_b.text, TRUE);
    stand_free(r);
}

// A monitor that follows reads any speed, drawn as edges or not, until its own is set.
static void follow(void)
{
    stand_t *r = stand_new();
    part_t *a = stand_part(r, "serial-monitor", "a", "baud=74880");
    part_t *b = stand_part(r, "serial-monitor", "b", "baud=115200");
    stand_wire(r, "a:TX", "b:RX");
    stand_start(r);
    sink_t to_b = {.text = g_string_new("")};
    serial_listen(b, take, &to_b);
    serial_send(a, "ets", 3);
    stand_run(r, PS_PER_MS);
    g_assert_cmpstr(to_b.text->str, !=, "ets");
    g_string_truncate(to_b.text, 0);
    serial_follow(b);
    serial_send(a, "ets", 3);
    stand_run(r, 2 * PS_PER_MS);
    g_assert_cmpstr(to_b.text->str, ==, "ets");
    net_watch(part_pin(b, "RX")->net, ignore, NULL);
    serial_control(a, (serial_control_t){SERIAL_BAUD, 300000});
    serial_send(a, " Jan", 4);
    stand_run(r, 4 * PS_PER_MS);
    g_assert_cmpstr(to_b.text->str, ==, "ets Jan");
    serial_control(b, (serial_control_t){SERIAL_BAUD, 115200});
    serial_send(a, "  8", 3);
    stand_run(r, 6 * PS_PER_MS);
    g_assert_cmpstr(to_b.text->str, !=, "ets Jan  8");
    g_string_free(to_b.text, TRUE);
    stand_free(r);
}

static void bad_baud(void)
{
    static const struct {
        const char *value, *expected;
    } rows[] = {{"x", "s: attribute 'baud' is 'x', which is not a number"},
                {"0", "s: baud 0 is not possible"},
                {"-1", "s: baud -1 is not possible"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stand_t *r = stand_new();
        g_autoptr(GError) error = NULL;
        part_t *p = machine_add_part(r->m, part_class_find("serial-monitor"), "s", NULL);
        part_set_attr(p, "baud", rows[i].value);
        g_assert_false(part_init(p, &error));
        g_assert_cmpstr(error->message, ==, rows[i].expected);
        stand_free(r);
    }
}

static void set(part_t *p, serial_what_t what, uint32_t value)
{
    serial_control(p, (serial_control_t){what, value});
}

// Speed and form of the frames, each behind the bytes that came before it.
static void settings_in_their_order(void)
{
    stand_t *r = stand_new();
    part_t *a = stand_part(r, "serial-monitor", "a", "baud=115200");
    part_t *b = stand_part(r, "serial-monitor", "b", "baud=115200");
    stand_wire(r, "a:TX", "b:RX");
    stand_start(r);
    sink_t to_b = {.text = g_string_new("")};
    serial_listen(b, take, &to_b);
    serial_send(a, "slow", 4);
    set(a, SERIAL_BAUD, 1000000);
    set(a, SERIAL_PARITY, 'e');
    set(a, SERIAL_HALF_STOPS, 4);
    serial_send(a, "fast", 4);
    stand_run(r, 39 * PS_PER_S / 115200); // the last slow frame is at its stop bit
    g_assert_cmpstr(to_b.text->str, ==, "slo");
    set(b, SERIAL_BAUD, 1000000);
    set(b, SERIAL_PARITY, 'e');
    stand_run(r, 100 * PS_PER_US);
    g_assert_cmpstr(to_b.text->str, ==, "slowfast");
    // 40 bits of 8.680556 us, then four frames of 12 bits, the last without its second stop bit.
    g_assert_cmpuint(to_b.last_ps, ==, UINT64_C(40) * 8680556 + (4 * 12 - 1) * PS_PER_US);
    set(a, SERIAL_BITS, 7);
    set(b, SERIAL_BITS, 7);
    serial_send(a, "\xC1", 1);
    stand_run(r, 100 * PS_PER_US);
    g_assert_cmpstr(to_b.text->str, ==, "slowfastA");
    g_string_free(to_b.text, TRUE);
    stand_free(r);
}

static void break_and_purge(void)
{
    stand_t *r = stand_new();
    part_t *a = stand_part(r, "serial-monitor", "a", "baud=115200");
    pin_t *tx = stand_pin(r, "probe:tx");
    stand_wire(r, "a:TX", "probe:tx");
    stand_start(r);
    g_assert_true(pin_level(tx));
    set(a, SERIAL_BREAK, 1);
    g_assert_false(pin_level(tx));
    serial_send(a, "lost", 4);
    stand_run(r, PS_PER_MS);
    g_assert_false(pin_level(tx));
    set(a, SERIAL_BREAK, 0);
    g_assert_true(pin_level(tx));
    serial_send(a, "0123456789", 10);
    set(a, SERIAL_LINES, SERIAL_DTR);
    stand_run(r, 100 * PS_PER_US); // the second is on its way
    g_assert_cmpuint(serial_pending(a), ==, 8);
    set(a, SERIAL_PURGE, 0);
    g_assert_cmpuint(serial_pending(a), ==, 0);
    g_assert_true(pin_level(part_pin(a, "DTR")));
    stand_run(r, 100 * PS_PER_US);
    g_assert_false(pin_level(part_pin(a, "DTR"))); // what was behind the purged bytes still happens
    stand_free(r);
}

static void modem_lines(void)
{
    stand_t *r = stand_new();
    part_t *a = stand_part(r, "serial-monitor", "a", "baud=115200");
    pin_t *dtr = part_pin(a, "DTR"), *rts = part_pin(a, "RTS");
    stand_start(r);
    stand_run(r, PS_PER_MS);
    g_assert_true(pin_level(dtr) && pin_level(rts)); // nobody is there
    set(a, SERIAL_LINES, SERIAL_RTS);
    g_assert_true(pin_level(dtr) && !pin_level(rts)); // at once
    set(a, SERIAL_LINES, SERIAL_RTS);                 // no change: no wait
    set(a, SERIAL_LINES, SERIAL_DTR | SERIAL_RTS);
    set(a, SERIAL_LINES, SERIAL_DTR);
    serial_send(a, "U", 1);
    stand_run(r, 20 * PS_PER_MS - 1);
    g_assert_true(pin_level(dtr) && !pin_level(rts));
    stand_run(r, 1);
    g_assert_true(!pin_level(dtr) && !pin_level(rts));
    stand_run(r, 20 * PS_PER_MS - 1);
    g_assert_cmpuint(serial_pending(a), ==, 1); // in its order
    stand_run(r, 1);
    g_assert_true(!pin_level(dtr) && pin_level(rts));
    g_assert_cmpuint(serial_pending(a), ==, 0);
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/serial-monitor/both-ways", both_ways);
    g_test_add_func("/serial-monitor/bad-baud", bad_baud);
    g_test_add_func("/serial-monitor/follow", follow);
    g_test_add_func("/serial-monitor/settings-in-their-order", settings_in_their_order);
    g_test_add_func("/serial-monitor/break-and-purge", break_and_purge);
    g_test_add_func("/serial-monitor/modem-lines", modem_lines);
    return g_test_run();
}
