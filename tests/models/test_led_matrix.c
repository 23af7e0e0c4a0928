// SPDX-License-Identifier: GPL-2.0-or-later
// LED matrix: a multiplexed picture is steady at any scan rate, its levels, and what is seen when the
// scan stops; its LEDs as light sensors.
#include "../stand.h"
#include <string.h>

enum { ROWS = 3, COLUMNS = 9 };

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *row[ROWS], *column[COLUMNS];
} matrix_t;

static matrix_t matrix_new(void)
{
    matrix_t x = {.r = stand_new()};
    x.part = stand_part(x.r, "led-matrix", "m", NULL);
    for (int i = 0; i < ROWS + COLUMNS; i++) {
        bool row = i < ROWS;
        g_autofree char *name = g_strdup_printf("%s%d", row ? "ROW" : "COL", row ? i + 1 : i + 1 - ROWS);
        g_autofree char *mine = g_strconcat("probe:", name, NULL);
        g_autofree char *its = g_strconcat("m:", name, NULL);
        pin_t *pin = stand_pin(x.r, mine);
        *(row ? &x.row[i] : &x.column[i - ROWS]) = pin;
        stand_wire(x.r, mine, its);
        pin_set(pin, !row); // all dark
    }
    stand_start(x.r);
    return x;
}

// One scan: for each row its columns are low for `level` of ten parts of the row's time.
static void scan(matrix_t *x, uint64_t row_ps, const char *const *levels)
{
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++)
            pin_set(x->column[c], levels[r][c] == '0');
        pin_set(x->row[r], true);
        for (int part = 1; part <= 10; part++) {
            stand_run(x->r, row_ps / 10);
            for (int c = 0; c < COLUMNS; c++)
                if (levels[r][c] - '0' == part && part < 10)
                    pin_set(x->column[c], true);
        }
        pin_set(x->row[r], false);
    }
}

static void assert_shown(const matrix_t *x, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    x->part->cls->show(x->part, text);
    g_assert_cmpstr(text->str, ==, expected);
}

// ':' is the tenth part: all of the row's time.
static void steady(void)
{
    static const uint64_t row_us[] = {200, 2000, 6000, 11000};
    for (unsigned i = 0; i < G_N_ELEMENTS(row_us); i++) {
        matrix_t x = matrix_new();
        assert_shown(&x, "00000\n00000\n00000\n00000\n00000\n");
        static const char *const rows[] = {":::000000", "000000000", "000000000"};
        for (int n = 0; n < 40; n++) {
            scan(&x, row_us[i] * PS_PER_US, rows);
            if (n < 2)
                continue;
            g_assert_cmpfloat_with_epsilon(stand_get(x.part, "x0y0"), 1, 1e-9);
            g_assert_cmpfloat_with_epsilon(stand_get(x.part, "x2y0"), 1, 1e-9);
            g_assert_cmpfloat(stand_get(x.part, "x1y0"), ==, 0);
        }
        assert_shown(&x, "90909\n00000\n00000\n00000\n00000\n");
        stand_free(x.r);
    }
}

// The whole map: each wired place alone lights its LED of the picture and no other.
static void places(void)
{
    static const char *const map =
        "11 24 12 25 13 34 35 36 37 38 22 19 23 39 21 18 17 16 15 14 33 27 31 26 32";
    matrix_t x = matrix_new();
    for (int led = 0; led < 25; led++) {
        char wiring[ROWS][COLUMNS + 1] = {"000000000", "000000000", "000000000"};
        const char *rows[] = {wiring[0], wiring[1], wiring[2]};
        wiring[map[3 * led] - '1'][map[3 * led + 1] - '1'] = ':';
        for (int n = 0; n < 3; n++)
            scan(&x, PS_PER_MS, rows);
        char picture[] = "00000\n00000\n00000\n00000\n00000\n";
        picture[led / 5 * 6 + led % 5] = '9';
        assert_shown(&x, picture);
    }
    stand_free(x.r);
}

// A tenth of the row's time is 1 / 1.9^3.6 of full brightness, and so on.
static void levels(void)
{
    static const char *const rows[] = {"124000000", "000000000", "000000000"};
    matrix_t x = matrix_new();
    for (int n = 0; n < 5; n++)
        scan(&x, 6 * PS_PER_MS, rows);
    g_assert_cmpfloat_with_epsilon(stand_get(x.part, "x0y0"), 0.1, 1e-9);
    g_assert_cmpfloat_with_epsilon(stand_get(x.part, "x2y0"), 0.2, 1e-9);
    assert_shown(&x, "50608\n00000\n00000\n00000\n00000\n");
    stand_free(x.r);
}

static void scan_stops(void)
{
    static const char *const rows[] = {":00000000", "000000000", "000000000"};
    matrix_t x = matrix_new();
    for (int n = 0; n < 5; n++)
        scan(&x, 6 * PS_PER_MS, rows);
    stand_run(x.r, 10 * PS_PER_MS);
    g_assert_cmpfloat_with_epsilon(stand_get(x.part, "x0y0"), 1, 1e-9); // the eye has not seen it yet
    stand_run(x.r, PS_PER_S); // nobody looked in between
    g_assert_cmpfloat(stand_get(x.part, "x0y0"), ==, 0);
    // Lit without a scan: as bright as it gets.
    pin_set(x.row[0], true);
    pin_set(x.column[0], false);
    stand_run(x.r, PS_PER_S / 5);
    g_assert_cmpfloat(stand_get(x.part, "x0y0"), ==, 1);
    // A pull-up instead of an output does not light it.
    pin_drive(x.row[0], DRIVE_PULL, NET_VDD_MV);
    stand_run(x.r, PS_PER_S / 5);
    g_assert_cmpfloat(stand_get(x.part, "x0y0"), ==, 0);
    stand_free(x.r);
}

static void bad_maps(void)
{
    static const char *const maps[] = {"", "11", "1",
        "11 24 12 25 13 34 35 36 37 38 22 19 23 39 21 18 17 16 15 14 33 27 31 26 32 11",
        "11 24 12 25 13 34 35 36 37 38 22 19 23 39 21 18 17 16 15 14 33 27 31 26 42",
        "11 24 12 25 13 34 35 36 37 38 22 19 23 39 21 18 17 16 15 14 33 27 31 26 30"};
    for (unsigned i = 0; i < G_N_ELEMENTS(maps); i++) {
        g_autoptr(GError) error = NULL;
        stand_t *r = stand_new();
        part_t *p = machine_add_part(r->m, part_class_find("led-matrix"), "m", NULL);
        part_set_attr(p, "map", maps[i]);
        g_assert_false(part_init(p, &error));
        g_assert_true(g_str_has_prefix(error->message, "m: 'map' must have 25 places"));
        stand_free(r);
    }
}

// ---- The LEDs as light sensors --------------------------------------------------------------------

// Rows low, all columns high, then column `c` floats.
static void let_go(matrix_t *x, int c)
{
    for (int r = 0; r < ROWS; r++)
        pin_set(x->row[r], false);
    for (int i = 0; i < COLUMNS; i++)
        pin_set(x->column[i], true);
    stand_run(x->r, 5 * PS_PER_US);
    pin_release(x->column[c]);
}

// Between events the net is late by less than 3 mV; another current brings it up to now.
static int32_t exact_mv(pin_t *pin)
{
    pin_leak(pin, (leak_t){.siemens = 1e-15});
    pin_leak(pin, (leak_t){0});
    return pin_mv(pin);
}

// 80 pF lose 70 pA for each lux and LED of the column: three at column 1, two at column 8.
static void light_discharges(void)
{
    static const struct {
        double lux;
        int column;
        int32_t mv; // after 2 ms
    } rows[] = {{0.1, 0, 3299}, {100, 0, 2775}, {300, 0, 1725},
                {300, 7, 2250}, {600, 0, 150},  {5000, 0, -300}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        matrix_t x = matrix_new();
        stand_set(x.part, "light", rows[i].lux);
        let_go(&x, rows[i].column);
        stand_run(x.r, 2 * PS_PER_MS);
        g_assert_cmpint(exact_mv(x.column[rows[i].column]), ==, rows[i].mv);
        g_assert_cmpint(pin_level(x.column[rows[i].column]), ==, rows[i].mv > 990);
        assert_shown(&x, "00000\n00000\n00000\n00000\n00000\n");
        stand_free(x.r);
    }
}

// The level falls when 2310 mV are gone: at 300 lux after 2310 mV x 80 pF / 63 nA = 2.933 ms.
static void level_falls_in_time(void)
{
    matrix_t x = matrix_new();
    stand_set(x.part, "light", 300);
    let_go(&x, 1);
    stand_run(x.r, 2930 * PS_PER_US);
    g_assert_true(pin_level(x.column[1]));
    stand_run(x.r, 8 * PS_PER_US);
    g_assert_false(pin_level(x.column[1]));
    stand_free(x.r);
}

static void light_changes(void)
{
    matrix_t x = matrix_new();
    stand_set(x.part, "light", 300); // 0.7875 mV each microsecond
    let_go(&x, 0);
    stand_run(x.r, PS_PER_MS);
    stand_set(x.part, "light", 0.1);
    g_assert_cmpint(pin_mv(x.column[0]), ==, 2513);
    stand_run(x.r, 10 * PS_PER_MS);
    g_assert_cmpint(exact_mv(x.column[0]), ==, 2510);
    stand_set(x.part, "light", 100);
    stand_run(x.r, PS_PER_MS);
    g_assert_cmpint(exact_mv(x.column[0]), ==, 2247);
    pin_set(x.row[0], true); // its LED stops 1.4 V below the row, after 347 mV or 1.323 ms of three
    stand_run(x.r, 2323 * PS_PER_US);
    g_assert_cmpint(exact_mv(x.column[0]), >=, 1900 - 175 - 2);
    g_assert_cmpint(exact_mv(x.column[0]), <=, 1900 - 175 + 2);
    stand_free(x.r);
}

// Pins that drive, and pulls, do not notice; neither does anything flow to rows that float.
static void light_is_weak(void)
{
    matrix_t x = matrix_new();
    stand_set(x.part, "light", 5000);
    let_go(&x, 0);
    pin_drive(x.column[0], DRIVE_PULL, NET_VDD_MV);
    stand_run(x.r, PS_PER_S);
    g_assert_cmpint(pin_mv(x.column[0]), ==, NET_VDD_MV);
    g_assert_cmpint(pin_mv(x.column[1]), ==, NET_VDD_MV);
    for (int r = 0; r < ROWS; r++)
        pin_release(x.row[r]);
    pin_release(x.column[0]);
    stand_run(x.r, PS_PER_S);
    g_assert_cmpint(pin_mv(x.column[0]), ==, NET_VDD_MV);
    stand_free(x.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/led-matrix/steady", steady);
    g_test_add_func("/led-matrix/places", places);
    g_test_add_func("/led-matrix/levels", levels);
    g_test_add_func("/led-matrix/scan-stops", scan_stops);
    g_test_add_func("/led-matrix/bad-maps", bad_maps);
    g_test_add_func("/led-matrix/light-discharges", light_discharges);
    g_test_add_func("/led-matrix/level-falls-in-time", level_falls_in_time);
    g_test_add_func("/led-matrix/light-changes", light_changes);
    g_test_add_func("/led-matrix/light-is-weak", light_is_weak);
    return g_test_run();
}
