// SPDX-License-Identifier: GPL-2.0-or-later
// Tests of a whole board with a bare program that answers letters on the serial line.
#pragma once
#include "board.h"
#include "serial.h"
#include <string.h>

typedef struct {
    diagram_t *d;
    machine_t *m;
    part_t *serial;
    GString *got, *reports;
    uint64_t got_ps; // when the last byte came
} bare_t;

static inline void bare_take(void *ctx, uint8_t byte, uint64_t now_ps)
{
    bare_t *b = ctx;
    g_string_append_c(b->got, byte);
    b->got_ps = now_ps;
}

static inline void bare_keep(void *ctx, report_t kind, const char *text)
{
    g_string_append_printf(((bare_t *)ctx)->reports, "%s\n", text);
}

// Not started: parts may be added and wired first.
static inline void bare_init(bare_t *b, const char *board, const char *elf)
{
    g_autoptr(GError) error = NULL;
    b->got = g_string_new("");
    b->reports = g_string_new("");
    b->d = diagram_of_board(board, &error);
    g_assert_no_error(error);
    b->m = diagram_build(b->d, 1, &error);
    g_assert_no_error(error);
    b->m->report = bare_keep;
    b->m->report_ctx = b;
    image_t *image = image_load(elf, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(machine_load(b->m, image, &error));
    b->serial = machine_part(b->m, "serialMonitor");
    serial_listen(b->serial, bare_take, b);
}

static inline void bare_run(bare_t *b, uint64_t ps)
{
    g_assert_cmpint(machine_run(b->m, machine_now_ps(b->m) + ps), ==, MACHINE_TIME);
}

// Starts, and checks what the program says after `ps`.
static inline void bare_start(bare_t *b, uint64_t ps, const char *says)
{
    g_autoptr(GError) error = NULL;
    machine_start(b->m, &error);
    g_assert_no_error(error);
    bare_run(b, ps);
    g_assert_cmpstr(b->got->str, ==, says);
}

static inline void bare_clear(bare_t *b)
{
    machine_free(b->m);
    diagram_free(b->d);
    g_string_free(b->got, TRUE);
    g_string_free(b->reports, TRUE);
}

// What the board says within `ps` after these letters.
static inline const char *bare_ask(bare_t *b, const char *letters, uint64_t ps)
{
    g_string_truncate(b->got, 0);
    serial_send(b->serial, letters, strlen(letters));
    bare_run(b, ps);
    return b->got->str;
}
