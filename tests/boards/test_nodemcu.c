// SPDX-License-Identifier: GPL-2.0-or-later
// The NodeMCU with a bare program (nodemcu.c) instead of a mask ROM: interrupts at the exact cycle,
// how fast a pin toggles, the serial line through clock changes, the flash cache with its times,
// sleep and resets.
#include "bare.h"

static const char *elf;

enum { EDGES = 16 };

typedef struct {
    bare_t bare; // first
    uint64_t edge_ps[EDGES]; // of the LED's pin
    unsigned edges;
} bench_t;

static void edge(void *ctx, net_t *net, bool level, uint64_t ps)
{
    bench_t *b = ctx;
    if (b->edges < EDGES)
        b->edge_ps[b->edges] = ps;
    b->edges++;
}

static pin_t *board_pin_of(bench_t *b, const char *name)
{
    g_autofree char *full = g_strdup_printf("%s:%s", b->bare.d->board_id, name);
    return diagram_pin(b->bare.d, b->bare.m, full, NULL);
}

// `wired`: D0 is joined to RST.
static bench_t *bench_new(bool wired)
{
    bench_t *b = g_new0(bench_t, 1);
    bare_init(&b->bare, "nodemcu", elf);
    net_watch(board_pin_of(b, "D4")->net, edge, b);
    if (wired)
        pin_connect(board_pin_of(b, "D0"), board_pin_of(b, "RST"));
    bare_start(&b->bare, 5 * PS_PER_MS, "r 100\nm 0\nk 0\n");
    return b;
}

static void bench_free(bench_t *b)
{
    g_assert_cmpstr(b->bare.reports->str, ==, "");
    bare_clear(&b->bare);
    g_free(b);
}

static void run(bench_t *b, uint64_t ps) { bare_run(&b->bare, ps); }

static const char *ask(bench_t *b, const char *letters, uint64_t ps)
{
    return bare_ask(&b->bare, letters, ps);
}

// The numbers of an answer, one a line, each behind its letter.
static unsigned numbers(const char *answer, const char *letters, uint32_t *to)
{
    unsigned n = 0;
    for (const char *at = answer; *at && letters[n]; n++) {
        char *end;
        if (*at != letters[n] || at[1] != ' ')
            g_error("expected '%s', got '%s'", letters, answer);
        to[n] = g_ascii_strtoull(at + 2, &end, 16);
        at = end + 1;
    }
    return n;
}

// The same number of cycles from the timer's end to the handler, whatever its length: to the cycle
// at 80 MHz, to the tick of the timer at 160.
static void timer_at(bench_t *b, const char *letter, unsigned ratio)
{
    uint32_t n[8], least = UINT32_MAX, most = 0;
    g_assert_cmpuint(numbers(ask(b, letter, 20 * PS_PER_MS), "ffffffff", n), ==, 8);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t more = n[i] - ratio * (1000 + i);
        least = MIN(least, more);
        most = MAX(most, more);
    }
    // Starting it, entering (5), the jump and two instructions up to the clock.
    g_assert_cmpuint(least, >=, 12);
    g_assert_cmpuint(least, <=, 24);
    g_assert_cmpuint(most - least, <=, ratio - 1);
}

static void timer(void)
{
    bench_t *b = bench_new(false);
    timer_at(b, "f", 1);
    timer_at(b, "n", 1);
    ask(b, "x", 5 * PS_PER_MS);
    timer_at(b, "f", 2);
    bench_free(b);
}

// A store to GPIO takes 6 cycles at 80 MHz: 6.67 MHz. At 160 MHz the peripherals are no faster, but
// the store's own cycle is.
static void toggles(void)
{
    bench_t *b = bench_new(false);
    static const uint64_t each_ps[] = {6 * 12500, 11 * 6250};
    for (unsigned k = 0; k < 2; k++) {
        b->edges = 0;
        ask(b, "t", 5 * PS_PER_MS);
        g_assert_cmpuint(b->edges, ==, 8);
        for (unsigned i = 1; i < 8; i++)
            g_assert_cmpuint(b->edge_ps[i] - b->edge_ps[i - 1], ==, each_ps[k]);
        g_assert_cmpstr(ask(b, "x", 5 * PS_PER_MS), ==, "x a0\n");
    }
    bench_free(b);
}

// Every byte comes back by interrupts, the last one a frame and a few microseconds behind it.
static void echo(void)
{
    bench_t *b = bench_new(false);
    g_autoptr(GString) all = g_string_new("");
    for (unsigned i = 0; i < 1000; i++)
        g_string_append_c(all, "abcdefghijklmnop"[i % 16]);
    g_string_append_c(all, 'q');
    for (unsigned k = 0; k < 2; k++) { // at 80 MHz, at 160
        ask(b, "e", PS_PER_MS);
        uint64_t from = machine_now_ps(b->bare.m), bit = PS_PER_S / 115200;
        g_assert_cmpstr(ask(b, all->str, 100 * PS_PER_MS), ==, all->str);
        g_assert_cmpuint(b->bare.got_ps - from, >=, 1002 * 10 * bit - bit);
        g_assert_cmpuint(b->bare.got_ps - from, <, 1002 * 10 * bit + 20 * PS_PER_US);
        g_assert_cmpstr(ask(b, "x", 5 * PS_PER_MS), ==, "x a0\n");
    }
    bench_free(b);
}

// Eight lines of 2.15 us, once; then 128 instructions in about as many cycles. What lies there
// depends on which megabyte the window shows.
static void flash(void)
{
    bench_t *b = bench_new(false);
    for (unsigned ratio = 1; ratio <= 2; ratio++) {
        uint32_t n[6];
        g_assert_cmpuint(numbers(ask(b, "c", 20 * PS_PER_MS), "abcdeg", n), ==, 6);
        g_assert_cmpuint(n[0] - n[1], ==, 8 * 172 * ratio);
        g_assert_cmpuint(n[1], >=, 128);
        g_assert_cmpuint(n[1], <=, 145);
        g_assert_cmphex(n[2], ==, 0x11111111);
        g_assert_cmphex(n[3], ==, 0x22222222);
        g_assert_cmpuint(n[4], ==, n[0]); // emptied by the flush
        g_assert_cmphex(n[5], ==, 0);
        static const char told[] = "load from flash while the cache is off";
        g_assert_true(ratio == 2 || strstr(b->bare.reports->str, told)); // once
        g_string_truncate(b->bare.reports, 0);
        ask(b, "x", 5 * PS_PER_MS);
    }
    bench_free(b);
}

static void light_sleep(void)
{
    bench_t *b = bench_new(false);
    uint32_t us;
    numbers(ask(b, "l", 50 * PS_PER_MS), "l", &us);
    g_assert_cmpuint(us, >=, 1000 * 6 - 6); // the first tick had begun
    g_assert_cmpuint(us, <=, 1000 * 6 + 6);
    bench_free(b);
}

// Pins float, data RAM is lost; the alarm pulls RST 100 ms later, and the chip knows why it starts.
static void deep_sleep(void)
{
    bench_t *b = bench_new(true);
    pin_t *led = machine_pin(b->bare.m, "gpio:GPIO2", NULL);
    ask(b, "d", 50 * PS_PER_MS);
    g_assert_cmpint(led->drive, ==, DRIVE_NONE);
    g_assert_cmpstr(b->bare.got->str, ==, "");
    run(b, 100 * PS_PER_MS);
    g_assert_true(g_str_has_prefix(b->bare.got->str, "r 508\nm 12345678\nk "));
    g_assert_false(g_str_has_suffix(b->bare.got->str, "k 12345678\n"));
    g_assert_true(g_str_has_prefix(ask(b, "r", 10 * PS_PER_MS), "r 300\nm 12345678\n"));
    bench_free(b);
    b = bench_new(false); // without the wire it sleeps on
    ask(b, "d", 500 * PS_PER_MS);
    g_assert_cmpstr(b->bare.got->str, ==, "");
    bench_free(b);
}

static void resets(void)
{
    bench_t *b = bench_new(false);
    g_assert_true(g_str_has_prefix(ask(b, "w", 20 * PS_PER_MS), "r 400\n"));
    g_assert_cmpstr(b->bare.reports->str, ==, "wdt: the watchdog resets the chip\n");
    g_string_truncate(b->bare.reports, 0);
    g_assert_cmpstr(ask(b, "s", 10 * PS_PER_MS), ==, "s c003\n");
    part_t *button = machine_part(b->bare.m, "rst");
    part_t *flash_button = machine_part(b->bare.m, "flash");
    g_string_truncate(b->bare.got, 0);
    part_prop_set(button, 0, 1, NULL);
    run(b, 50 * PS_PER_MS);
    g_assert_cmpstr(b->bare.got->str, ==, "");
    part_prop_set(flash_button, 0, 1, NULL);
    run(b, PS_PER_MS);
    part_prop_set(button, 0, 0, NULL);
    run(b, 10 * PS_PER_MS);
    part_prop_set(flash_button, 0, 0, NULL);
    g_assert_true(g_str_has_prefix(b->bare.got->str, "r 200\n"));
    g_assert_cmpstr(ask(b, "s", 10 * PS_PER_MS), ==, "s c001\n"); // the FLASH button was held
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    elf = argv[1];
    g_test_add_func("/nodemcu/timer", timer);
    g_test_add_func("/nodemcu/toggles", toggles);
    g_test_add_func("/nodemcu/echo", echo);
    g_test_add_func("/nodemcu/flash", flash);
    g_test_add_func("/nodemcu/light-sleep", light_sleep);
    g_test_add_func("/nodemcu/deep-sleep", deep_sleep);
    g_test_add_func("/nodemcu/resets", resets);
    return g_test_run();
}
