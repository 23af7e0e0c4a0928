// SPDX-License-Identifier: GPL-2.0-or-later
// The micro:bit with a bare program (microbit.c): cycles of loops at 16 MHz, time by the RTC and by
// cycles, flash with its times, faults and resets, the serial line at both of its rates.
#include "bare.h"
#include "xfer.h"

static const char *elf;

typedef struct {
    bare_t bare;   // first; its serial line is at 115200 baud
    part_t *probe;
    GString *slow; // what came at 9600 baud
    uart_rx_t rx;
} bench_t;

static void take_slow(void *ctx, uint16_t data, unsigned errors, uint64_t now_ps)
{
    bench_t *b = ctx;
    if (!errors)
        g_string_append_c(b->slow, data);
}

static bench_t *bench_new(void)
{
    static const part_class_t probe_class = {.name = "probe", .size = sizeof(part_t)};
    g_autoptr(GError) error = NULL;
    bench_t *b = g_new0(bench_t, 1);
    bare_init(&b->bare, "microbit", elf);
    b->slow = g_string_new("");
    b->probe = machine_add_part(b->bare.m, &probe_class, "probe", &error);
    pin_t *pin = part_add_pin(b->probe, "IN", NULL, NULL);
    pin_connect(machine_pin(b->bare.m, "gpio:P0.24", &error), pin);
    b->rx = (uart_rx_t){.format = {.bits = 8, .parity = 'n', .half_stops = 2,
                                   .bit_ps = PS_PER_S / 9600},
                        .frame = take_slow, .ctx = b};
    bare_start(&b->bare, 10 * PS_PER_MS, "ready 0\n");
    return b;
}

static void bench_free(bench_t *b)
{
    uart_rx_attach(&b->rx, NULL);
    bare_clear(&b->bare);
    g_string_free(b->slow, TRUE);
    g_free(b);
}

static void run(bench_t *b, uint64_t ps) { bare_run(&b->bare, ps); }

static const char *ask(bench_t *b, const char *letters, uint64_t ps)
{
    return bare_ask(&b->bare, letters, ps);
}

// The number after the word of an answer.
static uint32_t number(const char *answer, const char *word)
{
    if (!g_str_has_prefix(answer, word))
        g_error("asked for '%s', got '%s'", word, answer);
    return g_ascii_strtoull(answer + strlen(word), NULL, 16);
}

// Cycles of one turn of the loop in volatile_loop, after the Cortex-M0 manual.
static uint32_t turn_by_manual(bench_t *b)
{
    static const struct {
        const char *name;
        unsigned cycles;
    } rows[] = {{"ldr", 2}, {"str", 2}, {"add", 1}, {"sub", 1}, {"cmp", 1}, {"mov", 1}};
    uint32_t at = 0, end, cycles = 0, target = 0, starts[32], costs[32];
    unsigned n = 0;
    g_assert_true(image_symbol_find(b->bare.m->image, "volatile_loop", &at));
    for (; n < 32; at = end) {
        char text[64];
        end = at + b->bare.m->cpu->cls->disassemble(b->bare.m->cpu, at, text, sizeof text);
        starts[n] = at;
        costs[n] = 0;
        if (text[0] == 'b') { // the branch back ends the loop
            target = g_ascii_strtoull(strchr(text, '#') + 1, NULL, 0);
            costs[n++] = 3;
            break;
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
            if (g_str_has_prefix(text, rows[i].name))
                costs[n] = rows[i].cycles;
        n++;
    }
    for (unsigned i = 0; i < n; i++)
        if (starts[i] >= target) {
            g_assert_cmpuint(costs[i], >, 0);
            cycles += costs[i];
        }
    return cycles;
}

static void loops(void)
{
    bench_t *b = bench_new();
    g_assert_cmpuint(number(ask(b, "s", 20 * PS_PER_MS), "short "), ==, 4000); // 250 ns a turn
    g_assert_cmpuint(number(ask(b, "l", 20 * PS_PER_MS), "long "), ==, 7000);
    g_assert_cmpuint(number(ask(b, "d", 20 * PS_PER_MS), "delay "), ==, 8000); // 500 ns
    uint32_t turn = turn_by_manual(b);
    g_assert_cmpuint(turn, >=, 8); // load, add, store, count, branch back
    g_assert_cmpuint(number(ask(b, "v", 20 * PS_PER_MS), "volatile "), ==, 1000 * turn);
    g_assert_cmpstr(b->bare.reports->str, ==, "");
    bench_free(b);
}

// A second by the RTC is a second by cycles, to the loop that looks at COUNTER.
static void second(void)
{
    bench_t *b = bench_new();
    uint32_t cycles = number(ask(b, "r", 2 * PS_PER_S), "second ");
    g_assert_cmpuint(cycles, >=, 16000000 - 16);
    g_assert_cmpuint(cycles, <=, 16000000 + 16);
    bench_free(b);
}

static void flash(void)
{
    bench_t *b = bench_new();
    uint32_t write = number(ask(b, "w", 20 * PS_PER_MS), "write ");
    g_assert_cmpuint(write, >=, 740); // 46.3 us are 740.8 cycles
    g_assert_cmpuint(write, <=, 760);
    g_assert_cmpuint(number(ask(b, "f", 20 * PS_PER_MS), "flash "), ==, 0x1234);
    uint32_t erase = number(ask(b, "e", 50 * PS_PER_MS), "erase ");
    g_assert_cmpuint(erase, >=, 356800); // 22.3 ms
    g_assert_cmpuint(erase, <=, 356820);
    g_assert_cmpuint(number(ask(b, "f", 20 * PS_PER_MS), "flash "), ==, UINT32_MAX);
    g_assert_cmpstr(b->bare.reports->str, ==, "");
    // Not enabled: a HardFault at the store (its encoding: STR, immediate).
    uint32_t at = number(ask(b, "h", 20 * PS_PER_MS), "fault ");
    g_assert_cmphex(at & 0xF800, ==, 0x6000);
    g_assert_nonnull(strstr(b->bare.reports->str, "a write that CONFIG does not enable, at 0x0003f000"));
    g_assert_cmpuint(number(ask(b, "f", 20 * PS_PER_MS), "flash "), ==, UINT32_MAX);
    bench_free(b);
}

static void resets(void)
{
    bench_t *b = bench_new();
    g_assert_cmpstr(ask(b, "q", 20 * PS_PER_MS), ==, "ready 4\n");
    g_assert_cmpstr(ask(b, "k", 20 * PS_PER_MS), ==, "ready 8\n");
    g_assert_nonnull(strstr(b->bare.reports->str, "the CPU is locked up"));
    part_t *button = machine_part(b->bare.m, "reset");
    g_string_truncate(b->bare.got, 0);
    part_prop_set(button, 0, 1, NULL);
    run(b, 50 * PS_PER_MS);
    g_assert_cmpstr(b->bare.got->str, ==, "");
    part_prop_set(button, 0, 0, NULL);
    run(b, 20 * PS_PER_MS);
    g_assert_cmpstr(b->bare.got->str, ==, "ready 1\n");
    bench_free(b);
}

// Bytes back to back: none is lost.
static void typing(void)
{
    bench_t *b = bench_new();
    g_autoptr(GString) all = g_string_new(">");
    for (unsigned i = 0; i < 2000; i++)
        g_string_append_c(all, ' ' + i % 95);
    g_string_append_c(all, '\n');
    g_assert_cmpstr(ask(b, all->str, PS_PER_S), ==, all->str + 1);
    g_assert_cmpstr(b->bare.reports->str, ==, "");
    bench_free(b);
}

static void slow_rate(void)
{
    bench_t *b = bench_new();
    ask(b, "9", 5 * PS_PER_MS);
    uart_rx_attach(&b->rx, b->probe->pins->pdata[0]);
    // A letter at 9600 baud cannot come from the monitor; the probe drives the pin for one frame.
    uart_tx_t tx = {0};
    uart_frame_t f = {.data = 's', .bits = 8, .parity = 'n', .half_stops = 2,
                      .bit_ps = PS_PER_S / 9600};
    uart_tx_attach(&tx, part_pin(b->bare.serial, "TX"));
    uart_tx_send(&tx, &f, machine_now_ps(b->bare.m));
    run(b, 50 * PS_PER_MS);
    g_assert_cmpstr(b->slow->str, ==, "short fa0\n");
    uart_tx_attach(&tx, NULL);
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    elf = argv[1];
    g_test_add_func("/microbit/loops", loops);
    g_test_add_func("/microbit/second", second);
    g_test_add_func("/microbit/flash", flash);
    g_test_add_func("/microbit/resets", resets);
    g_test_add_func("/microbit/typing", typing);
    g_test_add_func("/microbit/9600", slow_rate);
    return g_test_run();
}
