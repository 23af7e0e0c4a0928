// SPDX-License-Identifier: GPL-2.0-or-later
// Two micro:bits with the Debian package's MicroPython that talk by radio as fast as they can: nothing
// depends on where the run is sliced, and both ends tell the same story.
#include "session.h"
#include "trace.h"
#include <stdlib.h>
#include <string.h>

static char *diagram;
enum { BOARDS = 2 };

typedef struct {
    session_t *s;
    trace_t *trace[BOARDS];
    GString *said[BOARDS];
    GRand *rand;      // or NULL: no slices but those that inputs need
    int longest_us;   // of a slice
} bench_t;

static void take(void *ctx, uint8_t byte, uint64_t now_ps) { g_string_append_c(ctx, byte); }

static session_t *board(bench_t *b, unsigned i) { return b->s->boards->pdata[i]; }

static bench_t bench_new(int longest_us)
{
    g_autoptr(GError) error = NULL;
    session_options_t o = {.target = diagram, .seed = 1};
    bench_t b = {.s = session_open(&o, &error), .longest_us = longest_us};
    b.rand = longest_us ? g_rand_new_with_seed(longest_us) : NULL;
    g_assert_no_error(error);
    g_assert_cmpuint(b.s->boards->len, ==, BOARDS);
    for (unsigned i = 0; i < BOARDS; i++) {
        b.said[i] = g_string_new(NULL);
        session_on_serial(board(&b, i), take, b.said[i]);
        b.trace[i] = trace_new(board(&b, i)->m);
        trace_all(b.trace[i]);
    }
    return b;
}

static void bench_free(bench_t *b)
{
    for (unsigned i = 0; i < BOARDS; i++) {
        g_string_free(b->said[i], TRUE);
        trace_free(b->trace[i]);
    }
    session_close(b->s);
    if (b->rand)
        g_rand_free(b->rand);
}

static void run_to(bench_t *b, uint64_t ps)
{
    uint64_t now;
    while ((now = world_now_ps(b->s->world)) < ps) {
        uint64_t to = b->rand ? now + (uint64_t)g_rand_int_range(b->rand, 1, b->longest_us) * PS_PER_US : ps;
        g_assert_cmpint(world_run(b->s->world, MIN(to, ps), NULL), ==, MACHINE_TIME);
    }
}

static void type(bench_t *b, unsigned i, const char *text)
{
    session_write(board(b, i), text, strlen(text));
}

// Everything that can be seen of a run.
static char *story(int longest_us)
{
    static const char *const lines[] = {
        "import radio\r", "radio.on(); n = 0\r",
        "while n < 30: radio.send(str(n)); m = radio.receive(); n += 1 if m else 0; m and print(m)\r\r"};
    bench_t b = bench_new(longest_us);
    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++)
        for (unsigned k = 0; k < BOARDS; k++) { // one a little later than the other
            run_to(&b, (500 + 50 * i + k) * PS_PER_MS);
            type(&b, k, lines[i]);
        }
    run_to(&b, 1500 * PS_PER_MS);
    GString *s = g_string_new(NULL);
    for (unsigned i = 0; i < BOARDS; i++) {
        machine_t *m = board(&b, i)->m;
        g_string_append_printf(s, "%s\n%" G_GUINT64_FORMAT " cycles, %" G_GUINT64_FORMAT
                               " edges, %016" G_GINT64_MODIFIER "x\n", b.said[i]->str,
                               m->cpu->cls->cycles(m->cpu), trace_edges(b.trace[i]),
                               trace_hash(b.trace[i]));
    }
    bench_free(&b);
    return g_string_free(s, FALSE);
}

static void test_same_run(void)
{
    g_autofree char *whole = story(0);
    // Each heard the other to the end, whatever collided.
    unsigned ends = 0;
    for (const char *at = whole; (at = strstr(at, "\r\n28\r\n")); at++)
        ends++;
    g_assert_cmpuint(ends, ==, BOARDS);
    for (int longest_us = 5000; longest_us >= 50; longest_us /= 10) {
        g_autofree char *sliced = story(longest_us);
        g_assert_cmpstr(sliced, ==, whole);
    }
}

// One stops exactly when asked to, the other has come as far.
static void stop_now(void *ctx, uint64_t now_ps) { machine_pause(ctx); }

static void test_pause(void)
{
    bench_t b = bench_new(0);
    machine_t *m = board(&b, 1)->m, *which = NULL;
    event_t e = {0};
    const uint64_t at = 123456789 * PS_PER_NS;
    event_init(&e, "stop", stop_now, m);
    machine_at(m, &e, at);
    g_assert_cmpint(world_run(b.s->world, PS_PER_S, &which), ==, MACHINE_PAUSE);
    g_assert_true(which == m);
    g_assert_cmpuint(machine_now_ps(m) - at, <, 2 * PS_PER_US);
    g_assert_cmpuint(world_now_ps(b.s->world), >=, at);
    bench_free(&b);
}

// The boards differ in what is random on them, and in the number that the factory gave them.
static void test_different(void)
{
    bench_t b = bench_new(0);
    uint32_t id[BOARDS][2];
    for (unsigned i = 0; i < BOARDS; i++)
        g_assert_true(bus_peek(board(&b, i)->m->bus, 0x10000060, id[i], 8));
    g_assert_cmphex(id[0][0], !=, id[1][0]);
    bench_free(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    diagram = argv[1];
    g_test_add_func("/two-boards/same-run", test_same_run);
    g_test_add_func("/two-boards/pause", test_pause);
    g_test_add_func("/two-boards/different", test_different);
    return g_test_run();
}
