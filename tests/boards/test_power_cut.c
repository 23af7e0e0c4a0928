// SPDX-License-Identifier: GPL-2.0-or-later
// The flash disk of Adder on the ESP8266 and a supply that fails at any moment: a program changes
// files, the power goes at a step of the erases and programs that this takes (half way and just
// done), the board starts again, and tells how far the changes have come. All before the cut are
// there, all behind it are not, the one that was under way is one or the other, and other files are
// whole. The simulator's own FAT reads the same.
//
// Most of the 14,000 steps are pieces of 32 bytes of a sector that is written where nobody looks
// yet. So the power goes in each erase, at the steps around every fourth (among them the journal's
// headers), and at one in 499 of the rest; at all of them, in an hour, with the argument "every".
//
// --args: ADDER.bin, the program, "every" or nothing.
#include "fat.h"
#include "session.h"
#include <stdlib.h>
#include <string.h>

static char *firmware, *program;
static bool every;
enum { FILES = 0x100000, FILES_END = 0x3FB000, JOURNAL = 0xF0000 };

typedef struct {
    session_t *s;
    mem_t *flash;
    part_t *spi0;
    unsigned cut_at, steps; // properties
    GString *said;
} bench_t;

static void take(void *ctx, uint8_t byte, uint64_t now_ps) { g_string_append_c(ctx, byte); }

static bench_t bench_new(void)
{
    g_autoptr(GError) error = NULL;
    session_options_t o = {.target = program, .board = "feather-huzzah-esp8266",
                           .firmware = firmware, .seed = 1};
    bench_t b = {.s = session_open(&o, &error), .said = g_string_new(NULL)};
    g_assert_no_error(error);
    b.flash = bus_mem_named(b.s->m->bus, "flash");
    b.spi0 = machine_part(b.s->m, "spi0");
    b.cut_at = (unsigned)part_prop_find(b.spi0, "cut-at");
    b.steps = (unsigned)part_prop_find(b.spi0, "steps");
    session_on_serial(b.s, take, b.said);
    return b;
}

static void bench_free(bench_t *b)
{
    session_close(b->s);
    g_string_free(b->said, TRUE);
}

static unsigned steps(bench_t *b) { return (unsigned)part_prop_get(b->spi0, b->steps); }

// From now on the power fails at a step; 0: never.
static void cut_at(bench_t *b, unsigned step)
{
    g_assert_true(part_prop_set(b->spi0, b->cut_at, step, NULL));
}

static void power_on(bench_t *b)
{
    cut_at(b, 0);
    machine_reset(b->s->m, true);
    g_string_truncate(b->said, 0);
}

// Runs until the board has said this; FALSE: the power failed before.
static bool run_until(bench_t *b, const char *text)
{
    machine_t *m = b->s->m;
    uint64_t end = machine_now_ps(m) + 60 * PS_PER_S;
    while (!strstr(b->said->str, text)) {
        if (machine_run(m, machine_now_ps(m) + 5 * PS_PER_MS) == MACHINE_PAUSE)
            return false;
        if (machine_now_ps(m) > end)
            g_error("waiting for '%s', got '%s'", text, b->said->str);
        // NULs are of the ROM's greeting, at another baud rate
        for (gsize i = 0; i < b->said->len; i++)
            if (!b->said->str[i])
                b->said->str[i] = '?';
    }
    return true;
}

static const char *state(bench_t *b)
{
    g_assert_true(run_until(b, ">>> "));
    const char *at = strstr(b->said->str, "state ");
    if (!at)
        g_error("%s", b->said->str);
    return at + 6;
}

// ---- what the simulator reads
// ----------------------------------------------------------------------

static int disk_read(void *context, uint32_t block, uint8_t *data, uint32_t count)
{
    memcpy(data, (const uint8_t *)context + block * FAT_BLOCK, count * FAT_BLOCK);
    return 0;
}

static int disk_write(void *context, uint32_t block, const uint8_t *data, uint32_t count)
{
    return -5;
}

static void look(bench_t *b)
{
    fat_device_t dev = {b->flash->data + FILES, disk_read, disk_write, NULL,
                        (FILES_END - FILES) / FAT_BLOCK};
    fat_t fs;
    fat_file_t f;
    char text[3501];
    g_assert_cmpint(fat_mount(&fs, &dev), ==, 0);
    static const char *const names[] = {"/keep", "/d/keep"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpint(fat_open(&fs, &f, names[i], FAT_READ), ==, 0);
        g_assert_cmpint(fat_read(&f, text, sizeof text), ==, 3500);
        for (unsigned k = 0; k < 3500; k += 5)
            g_assert_cmpmem(text + k, 5, "kept ", 5);
    }
}

// ---- tests
// -----------------------------------------------------------------------------------------

// Done, at most one in an allowed state between, not done.
static void check_order(const char *said, unsigned step)
{
    const char *p = said;
    p += strspn(p, "1");
    p += *p == '-';
    p += strspn(p, "0");
    if (p - said != 9 || !g_str_has_prefix(p, " kept"))
        g_error("step %u: %.40s", step, said);
}

// Lets the program make its changes; which steps are worth a cut. An erase takes 45 ms, a program
// less than 1.
static GArray *rehearse(bench_t *b, unsigned first)
{
    machine_t *m = b->s->m;
    GArray *cuts = g_array_new(false, false, sizeof(unsigned));
    unsigned before = first, same = 0, erases = 0;
    session_write(b->s, "go()\r", 5);
    while (!strstr(b->said->str, "all done")) {
        machine_run(m, machine_now_ps(m) + 5 * PS_PER_MS);
        unsigned now = steps(b);
        same = now == before ? same + 1 : 0;
        before = now;
        if (same != 3 || now == first)
            continue;
        for (unsigned step = now - first - 3; step <= now - first + 2; step++)
            if (step == now - first - 1 || (step >= 1 && (every || erases % 4 == 0)))
                g_array_append_val(cuts, step);
        erases++;
    }
    unsigned count = steps(b) - first;
    for (unsigned step = 1; step <= count; step += every ? 1 : 499)
        g_array_append_val(cuts, step);
    return cuts;
}

static void test_cuts(void)
{
    bench_t b = bench_new();
    g_assert_true(run_until(&b, ">>> "));
    g_assert_true(g_str_has_prefix(state(&b), "000000000 kept"));
    g_autofree uint8_t *before = g_memdup2(b.flash->data + JOURNAL, FILES_END - JOURNAL);
    power_on(&b);
    state(&b);
    g_autoptr(GArray) cuts = rehearse(&b, steps(&b));
    unsigned seen_old = 0, seen_new = 0;
    g_assert_cmpuint(cuts->len, >, 80);
    power_on(&b);
    g_assert_true(g_str_has_prefix(state(&b), "111111111 kept"));
    for (unsigned i = 0; i < cuts->len; i++) {
        unsigned step = g_array_index(cuts, unsigned, i);
        memcpy(b.flash->data + JOURNAL, before, FILES_END - JOURNAL);
        power_on(&b);
        state(&b);
        cut_at(&b, steps(&b) + step);
        session_write(b.s, "go()\r", 5);
        if (run_until(&b, "all done")) // the steps of the last erase go beyond the end
            continue;
        power_on(&b);
        const char *said = state(&b);
        check_order(said, step);
        seen_old += said[0] == '0';
        seen_new += said[7] == '1';
        look(&b);
    }
    g_assert_cmpuint(seen_old, >, 0);
    g_assert_cmpuint(seen_new, >, 0);
    g_test_message("%u cuts", cuts->len);
    bench_free(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, >=, 3);
    firmware = argv[1];
    program = argv[2];
    every = argc > 3 && strcmp(argv[3], "every") == 0;
    g_test_add_func("/power-cut/files", test_cuts);
    return g_test_run();
}
