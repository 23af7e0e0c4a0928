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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/serial-monitor/both-ways", both_ways);
    g_test_add_func("/serial-monitor/bad-baud", bad_baud);
    return g_test_run();
}
