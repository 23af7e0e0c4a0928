// SPDX-License-Identifier: GPL-2.0-or-later
// The pyboard of the demo with a bare program (pyboard.c): serial line, LEDs, switch, reset
// button, both sensors, by hardware and by toggled pins; and that two runs are the same to the
// cycle.
#include "board.h"
#include "serial.h"
#include "trace.h"
#include <string.h>

static const char *elf;

typedef struct {
    diagram_t *d;
    machine_t *m;
    part_t *serial;
    trace_t *trace;
    GString *got;
    GPtrArray *reports;
} bench_t;

static void take(void *ctx, uint8_t byte, uint64_t now_ps) { g_string_append_c(ctx, byte); }

static void keep(void *ctx, report_t kind, const char *text)
{
    g_ptr_array_add(ctx, g_strdup(text));
}

static void run(bench_t *b, uint64_t ps)
{
    g_assert_cmpint(machine_run(b->m, machine_now_ps(b->m) + ps), ==, MACHINE_TIME);
}

static bench_t bench_new(bool traced)
{
    g_autoptr(GError) error = NULL;
    bench_t b = {.got = g_string_new(""), .reports = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *path = data_path("boards/pyboard/demo/diagram.json", &error);
    g_assert_no_error(error);
    b.d = diagram_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(b.d->warnings->len, ==, 0);
    b.m = diagram_build(b.d, 1, &error);
    g_assert_no_error(error);
    b.m->report = keep;
    b.m->report_ctx = b.reports;
    image_t *image = image_load(elf, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(machine_load(b.m, image, &error));
    b.serial = machine_part(b.m, "serialMonitor");
    serial_listen(b.serial, take, b.got);
    if (traced) {
        b.trace = trace_new(b.m);
        trace_all(b.trace);
    }
    g_assert_true(machine_start(b.m, &error));
    run(&b, 10 * PS_PER_MS);
    g_assert_cmpstr(b.got->str, ==, "ready 0\n");
    return b;
}

static void bench_free(bench_t *b)
{
    for (guint i = 0; i < b->reports->len; i++)
        g_test_message("%s", (char *)b->reports->pdata[i]);
    g_assert_cmpuint(b->reports->len, ==, 0);
    trace_free(b->trace);
    machine_free(b->m);
    diagram_free(b->d);
    g_string_free(b->got, TRUE);
    g_ptr_array_unref(b->reports);
}

static const char *ask(bench_t *b, const char *letter)
{
    g_string_truncate(b->got, 0);
    serial_send(b->serial, letter, 1);
    run(b, 20 * PS_PER_MS);
    return b->got->str;
}

static void set(bench_t *b, const char *part, const char *prop, double value)
{
    part_t *p = machine_part(b->m, part);
    g_assert_true(part_prop_set(p, part_prop_find(p, prop), value, NULL));
}

static double get(bench_t *b, const char *part, const char *prop)
{
    part_t *p = machine_part(b->m, part);
    return part_prop_get(p, part_prop_find(p, prop));
}

static void analog_sensor(void)
{
    static const struct {
        double celsius;
        unsigned mv;
    } rows[] = {{22, 720}, {100, 1500}, {-40, 100}};
    bench_t b = bench_new(false);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        set(&b, "tmp36", "celsius", rows[i].celsius);
        const char *answer = ask(&b, "a");
        g_assert_true(g_str_has_prefix(answer, "adc "));
        double mv = (double)g_ascii_strtoull(answer + 4, NULL, 16) * 3300 / 4096;
        g_assert_cmpfloat_with_epsilon(mv, rows[i].mv, 1.7); // two steps of the converter
    }
    bench_free(&b);
}

static void digital_sensor(gconstpointer traced)
{
    bench_t b = bench_new(traced != NULL);
    set(&b, "mcp9808", "celsius", 30.25);
    run(&b, PS_PER_S / 4);
    g_assert_cmpstr(ask(&b, "i"), ==, "hard c1e4\n"); // above the limits, which are 0
    g_assert_cmpstr(ask(&b, "b"), ==, "pins c1e4\n");
    set(&b, "mcp9808", "temperature", -1);
    run(&b, PS_PER_S / 4);
    g_assert_cmpstr(ask(&b, "b"), ==, "pins 3ff0\n");
    g_assert_cmpstr(ask(&b, "i"), ==, "hard 3ff0\n");
    g_assert_cmpstr(ask(&b, "n"), ==, "hard eeee\n"); // nobody there
    g_assert_cmpstr(ask(&b, "m"), ==, "pins eeee\n");
    g_assert_cmpstr(ask(&b, "x"), ==, "hard 0\n"); // the accelerometer, once it has supply
    bench_free(&b);
}

static void serial_line(gconstpointer traced)
{
    bench_t b = bench_new(traced != NULL);
    static const char text[] = "QWERTYUZOPQWERTYUZOPQWERTYUZOP"; // echoed, back to back
    g_string_truncate(b.got, 0);
    serial_send(b.serial, text, strlen(text));
    run(&b, 10 * PS_PER_MS);
    g_assert_cmpstr(b.got->str, ==, text);
    g_assert_cmpstr(ask(&b, "v"), ==, "U");
    bench_free(&b);
}

static void lights(void)
{
    bench_t b = bench_new(false);
    ask(&b, "1");
    g_assert_cmpfloat(get(&b, "led1", "lit"), ==, 1);
    g_assert_cmpfloat(get(&b, "led2", "lit"), ==, 0);
    ask(&b, "0");
    g_assert_cmpfloat(get(&b, "led1", "lit"), ==, 0);
    ask(&b, "p");
    run(&b, PS_PER_S / 5);
    g_assert_cmpfloat_with_epsilon(get(&b, "led3", "brightness"), 0.25, 0.02);
    bench_free(&b);
}

static void buttons(void)
{
    bench_t b = bench_new(false);
    g_assert_cmpstr(ask(&b, "s"), ==, "switch 1\n");
    set(&b, "usr", "pressed", 1);
    g_assert_cmpstr(ask(&b, "s"), ==, "switch 0\n");
    set(&b, "usr", "pressed", 0);
    g_assert_cmpstr(ask(&b, "s"), ==, "switch 1\n");
    ask(&b, "1");
    set(&b, "rst", "pressed", 1);
    g_assert_cmpstr(ask(&b, "s"), ==, ""); // held
    g_assert_cmpfloat(get(&b, "led1", "lit"), ==, 0);
    set(&b, "rst", "pressed", 0);
    run(&b, 20 * PS_PER_MS);
    g_assert_cmpstr(b.got->str, ==, "ready 0\n");
    bench_free(&b);
}

static void twice_the_same(void)
{
    uint64_t hash[2], edges[2], cycles[3]; // the third run is not traced: that changes nothing
    for (unsigned i = 0; i < 3; i++) {
        bench_t b = bench_new(i < 2);
        set(&b, "tmp36", "celsius", 31);
        ask(&b, "a");
        ask(&b, "p");
        ask(&b, "b");
        ask(&b, "i");
        if (b.trace) {
            hash[i] = trace_hash(b.trace);
            edges[i] = trace_edges(b.trace);
        }
        cycles[i] = b.m->cpu->cls->cycles(b.m->cpu);
        bench_free(&b);
    }
    g_assert_cmpuint(edges[0], >, 500);
    g_assert_cmphex(hash[0], ==, hash[1]);
    g_assert_cmpuint(edges[0], ==, edges[1]);
    g_assert_cmpuint(cycles[0], ==, cycles[1]);
    g_assert_cmpuint(cycles[0], ==, cycles[2]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    elf = argv[1];
    g_test_add_func("/pyboard/analog-sensor", analog_sensor);
    g_test_add_data_func("/pyboard/digital-sensor", NULL, digital_sensor);
    g_test_add_data_func("/pyboard/digital-sensor-traced", "", digital_sensor);
    g_test_add_data_func("/pyboard/serial-line", NULL, serial_line);
    g_test_add_data_func("/pyboard/serial-line-traced", "", serial_line);
    g_test_add_func("/pyboard/lights", lights);
    g_test_add_func("/pyboard/buttons", buttons);
    g_test_add_func("/pyboard/twice-the-same", twice_the_same);
    return g_test_run();
}
