// SPDX-License-Identifier: GPL-2.0-or-later
// Unit test of machine.c: time, and the guard against time that stands still; erased flash.
#include "../stand.h"
#include <string.h>

typedef struct {
    stand_t *s;
    event_t event;
    uint64_t period_ps;
    unsigned count;
} ticker_t;

static void tick(void *ctx, uint64_t now_ps)
{
    ticker_t *t = ctx;
    t->count++;
    machine_at(t->s->m, &t->event, now_ps + t->period_ps);
}

static void ticker_start(ticker_t *t, uint64_t period_ps)
{
    *t = (ticker_t){.s = stand_new(), .period_ps = period_ps};
    stand_start(t->s);
    event_init(&t->event, "ticker", tick, t);
    machine_at(t->s->m, &t->event, PS_PER_US);
}

// An event that comes again at once ends the run and is named, instead of hanging the host.
static void test_standstill(void)
{
    ticker_t t;
    ticker_start(&t, 0);
    g_assert_cmpint(machine_run(t.s->m, PS_PER_S), ==, MACHINE_FATAL);
    g_assert_cmpuint(machine_now_ps(t.s->m), <=, PS_PER_US);
    g_assert_cmpuint(t.s->reports->len, ==, 1);
    g_assert_nonnull(strstr(t.s->reports->pdata[0], "ticker"));
    stand_free(t.s);
}

// However small the step, that goes on.
static void test_small_steps(void)
{
    ticker_t t;
    ticker_start(&t, 1);
    g_assert_cmpint(machine_run(t.s->m, 3 * PS_PER_US), ==, MACHINE_TIME);
    g_assert_cmpuint(t.count, ==, 2000001);
    g_assert_cmpuint(t.s->reports->len, ==, 0);
    stand_free(t.s);
}

// A machine that is asked again and again for no time at all is not one that stands still.
static void test_no_time(void)
{
    stand_t *s = stand_new();
    stand_start(s);
    for (unsigned i = 0; i < 1100000; i++)
        g_assert_cmpint(machine_run(s->m, 0), ==, MACHINE_TIME);
    stand_free(s);
}

// Events go by time, then in the order in which they were scheduled; the end of a run is inclusive.
typedef struct {
    GString *log;
    char letter;
} letter_t;

static void note(void *ctx, uint64_t now_ps)
{
    letter_t *l = ctx;
    g_string_append_printf(l->log, "%c%d ", l->letter, (int)now_ps);
}

static void test_order(void)
{
    stand_t *s = stand_new();
    g_autoptr(GString) log = g_string_new(NULL);
    letter_t letters[4];
    event_t events[4] = {0};
    const uint64_t times[4] = {20, 10, 20, 10};
    stand_start(s);
    for (unsigned i = 0; i < 4; i++) {
        letters[i] = (letter_t){log, (char)('a' + i)};
        event_init(&events[i], "note", note, &letters[i]);
        machine_at(s->m, &events[i], times[i]);
    }
    machine_at(s->m, &events[1], 10); // anew: behind d
    g_assert_cmpint(machine_run(s->m, 20), ==, MACHINE_TIME);
    g_assert_cmpstr(log->str, ==, "d10 b10 a20 c20 ");
    g_assert_cmpuint(machine_now_ps(s->m), ==, 20);
    stand_free(s);
}

// With nothing scheduled and no end asked for, there is nothing to wait for.
static void test_nothing_to_come(void)
{
    stand_t *s = stand_new();
    stand_start(s);
    g_assert_cmpint(machine_run(s->m, PS_NEVER), ==, MACHINE_PAUSE);
    stand_free(s);
}

// Erased flash is the same pages of the host over and over, until one of them is written.
static void test_erased_flash(void)
{
    static const uint32_t sizes[] = {1024, 0x31000, 4 << 20};
    bus_t *b = bus_new(NULL);
    mem_t *other = bus_add_mem(b, "other", MEM_FLASH, 0x80000000, 4 << 20);
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        mem_t *mem = bus_add_mem(b, "flash", MEM_FLASH, i << 24, sizes[i]);
        for (uint32_t at = 0; at < mem->size; at++)
            g_assert_cmpuint(mem->data[at], ==, 0xFF);
        for (uint32_t at = 0; at < mem->size; at += 0x10000)
            mem->data[at] = (uint8_t)(at >> 16);
        for (uint32_t at = 0; at < mem->size; at++)
            g_assert_cmpuint(mem->data[at], ==, at & 0xFFFF ? 0xFF : at >> 16);
    }
    for (uint32_t at = 0; at < other->size; at++)
        g_assert_cmpuint(other->data[at], ==, 0xFF);
    bus_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machine/standstill", test_standstill);
    g_test_add_func("/machine/small-steps", test_small_steps);
    g_test_add_func("/machine/no-time", test_no_time);
    g_test_add_func("/machine/order", test_order);
    g_test_add_func("/machine/nothing-to-come", test_nothing_to_come);
    g_test_add_func("/machine/erased-flash", test_erased_flash);
    return g_test_run();
}
