// SPDX-License-Identifier: GPL-2.0-or-later
// The flash disk of Adder and a supply that fails at any moment: a program changes files, the power
// goes at a step of the erases and programs that this takes (half way and just done), the board
// starts again, and tells how far the changes have come. All before the cut are there, all behind it
// are not, the one that was under way is one or the other, and other files are whole. The
// simulator's own FAT reads the same, and a program that is installed then (as by `run --flash FILE
// PROGRAM`) is what runs.
//
// Most of the steps are pieces of data that are written where nobody looks yet. So the power goes in
// each erase, at the steps around these, around the end of what is written in one go (where it begins
// to count), and at one in some hundreds of the rest; at all of them, in an hour, with the argument
// "every".
//
// --args: ADDER, its board, the program, "every" or nothing.
#include "disk_log.h"
#include "fat.h"
#include "files.h"
#include "session.h"
#include <glib/gstdio.h>
#include <string.h>

static char *firmware, *program, *installed; // the last one is another program, which says so
static bool every;
enum { PYBOARD_FILES = 0x4000, PYBOARD_LOG = 0xA0000 };

// Offsets in the flash; what a run changes.
typedef struct {
    uint32_t first, end;
} range_t;
typedef struct bench bench_t;
typedef struct {
    const char *name, *flash; // its part
    range_t files, log;
    unsigned poll_us; // no program takes so long
    unsigned idle;    // polls without a step, and nothing is being written
    unsigned dense;   // steps before and behind one that are all tried
    unsigned sparse;  // of the rest one in so many
    unsigned erase_ms; // every erase takes longer
    void (*fill)(bench_t *b); // before all, or NULL
} kind_t;
static const kind_t *kind;

struct bench {
    session_t *s;
    mem_t *flash;
    part_t *chip;
    unsigned cut_at, steps; // properties
    GString *said;
};

static void take(void *ctx, uint8_t byte, uint64_t now_ps) { g_string_append_c(ctx, byte); }

static bench_t bench_new(void)
{
    g_autoptr(GError) error = NULL;
    session_options_t o = {.target = program, .board = kind->name,
                           .firmware = firmware, .seed = 1};
    bench_t b = {.s = session_open(&o, &error), .said = g_string_new(NULL)};
    g_assert_no_error(error);
    b.flash = bus_mem_named(b.s->m->bus, "flash");
    b.chip = machine_part(b.s->m, kind->flash);
    b.cut_at = (unsigned)part_prop_find(b.chip, "cut-at");
    b.steps = (unsigned)part_prop_find(b.chip, "steps");
    session_on_serial(b.s, take, b.said);
    return b;
}

static void bench_free(bench_t *b)
{
    session_close(b->s);
    g_string_free(b->said, TRUE);
}

static unsigned steps(bench_t *b) { return (unsigned)part_prop_get(b->chip, b->steps); }

// From now on the power fails at a step; 0: never.
static void cut_at(bench_t *b, unsigned step)
{
    g_assert_true(part_prop_set(b->chip, b->cut_at, step, NULL));
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
    fat_device_t dev = {b->flash->data + kind->files.first, disk_read, disk_write, NULL,
                        (kind->files.end - kind->files.first) / FAT_BLOCK};
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

static void install(bench_t *b)
{
    g_autoptr(GError) error = NULL;
    files_put(b->s->m, b->s->diagram->board, installed, true, &error);
    g_assert_no_error(error);
    look(b);
}

// ---- tests
// -----------------------------------------------------------------------------------------

// Done, then not done.
static void check_order(const char *said, unsigned step)
{
    const char *p = said;
    p += strspn(p, "1");
    p += strspn(p, "0");
    if (p - said != 9 || !g_str_has_prefix(p, " kept"))
        g_error("step %u: %.40s", step, said);
}

static void add(GArray *cuts, unsigned from, unsigned to)
{
    if (cuts->len && g_array_index(cuts, unsigned, cuts->len - 1) >= from)
        from = g_array_index(cuts, unsigned, cuts->len - 1) + 1;
    for (; from <= to; from++)
        g_array_append_val(cuts, from);
}

// Lets the program make its changes; which steps are worth a cut. Where they pause, an erase is under way or all
// that belongs together is written.
static GArray *rehearse(bench_t *b, unsigned first)
{
    machine_t *m = b->s->m;
    GArray *cuts = g_array_new(false, false, sizeof(unsigned));
    unsigned before = first, same = 0, pauses = 0, erases = 0;
    session_write(b->s, "go()\r", 5);
    while (!strstr(b->said->str, "all done")) {
        machine_run(m, machine_now_ps(m) + kind->poll_us * PS_PER_US);
        unsigned now = steps(b);
        same = now == before ? same + 1 : 0;
        before = now;
        erases += same == kind->erase_ms * 1000 / kind->poll_us;
        if (same != kind->idle || now == first)
            continue;
        unsigned at = now - first, near = every || pauses % 4 == 0 ? kind->dense : 1;
        add(cuts, at > near ? at - near : 1, near > 1 ? at + 2 : at - 1);
        pauses++;
    }
    unsigned count = steps(b) - first;
    for (unsigned step = 1; step <= count; step += every ? 1 : kind->sparse)
        g_array_append_val(cuts, step);
    g_test_message("%u steps, %u pauses, %u of them erases", count, pauses, erases);
    g_assert_cmpuint(erases, >, 0);
    return cuts;
}

// The log of large sectors is filled until one of them will have to be erased.
static void fill_log(bench_t *b)
{
    const uint8_t *flash = b->flash->data;
    disk_log_flash_t f = {.home = flash + PYBOARD_FILES, .log = flash + PYBOARD_LOG, .blocks = DISK_LOG_BLOCKS};
    disk_log_t l;
    for (disk_log_mount(&l, &f); l.sector < 3 || l.slot < DISK_LOG_SLOTS - 40; disk_log_mount(&l, &f)) {
        g_string_truncate(b->said, 0);
        session_write(b->s, "churn()\r", 8);
        g_assert_true(run_until(b, "churned"));
    }
}

static uint8_t *save(bench_t *b, const range_t *r)
{
    return g_memdup2(b->flash->data + r->first, r->end - r->first);
}

static void restore(bench_t *b, const range_t *r, const uint8_t *bytes)
{
    memcpy(b->flash->data + r->first, bytes, r->end - r->first);
}

static void test_cuts(void)
{
    bench_t b = bench_new();
    g_assert_true(run_until(&b, ">>> "));
    g_assert_true(g_str_has_prefix(state(&b), "000000000 kept"));
    if (kind->fill)
        kind->fill(&b);
    g_autofree uint8_t *files = save(&b, &kind->files), *log = save(&b, &kind->log);
    power_on(&b);
    state(&b);
    g_autoptr(GArray) cuts = rehearse(&b, steps(&b));
    unsigned seen_old = 0, seen_new = 0;
    g_assert_cmpuint(cuts->len, >, 50);
    power_on(&b);
    g_assert_true(g_str_has_prefix(state(&b), "111111111 kept"));
    for (unsigned i = 0; i < cuts->len; i++) {
        unsigned step = g_array_index(cuts, unsigned, i);
        restore(&b, &kind->files, files);
        restore(&b, &kind->log, log);
        power_on(&b);
        state(&b);
        cut_at(&b, steps(&b) + step);
        session_write(b.s, "go()\r", 5);
        if (run_until(&b, "all done")) // the steps of the last erase go beyond the end
            continue;
        if (i % 2)
            install(&b);
        power_on(&b);
        const char *said = state(&b);
        check_order(said, step);
        seen_old += said[0] == '0';
        seen_new += said[7] == '1';
        g_assert_cmpint(strstr(b.said->str, "installed") != NULL, ==, i % 2);
        if (i % 2 == 0)
            install(&b);
    }
    g_assert_cmpuint(seen_old, >, 0);
    g_assert_cmpuint(seen_new, >, 0);
    g_test_message("%u cuts", cuts->len);
    bench_free(&b);
}

static const kind_t kinds[] = {
    {"feather-huzzah-esp8266", "spi0", {0x100000, 0x3FB000}, {0xF0000, 0x100000}, 5000, 3, 3, 499, 40, NULL},
    {"pyboard", "flash", {PYBOARD_FILES, 0x20000}, {PYBOARD_LOG, 0x100000}, 50, 2, 6, 449, 500, fill_log},
    {0},
};
int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, >=, 4);
    firmware = argv[1];
    for (kind = kinds; kind->name && strcmp(kind->name, argv[2]) != 0; kind++) {
    }
    g_assert_nonnull(kind->name);
    program = argv[3];
    every = argc > 4 && strcmp(argv[4], "every") == 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("power-cut-XXXXXX", &error), *text = NULL;
    g_assert_no_error(error);
    installed = g_build_filename(dir, "installed.py", NULL);
    g_assert_true(g_file_get_contents(program, &text, NULL, NULL));
    g_autofree char *more = g_strconcat("print('installed')\n", text, NULL);
    g_assert_true(g_file_set_contents(installed, more, -1, NULL));
    g_test_add_func("/power-cut/files", test_cuts);
    int result = g_test_run();
    g_unlink(installed);
    g_rmdir(dir);
    g_free(installed);
    return result;
}
