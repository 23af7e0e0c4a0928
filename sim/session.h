// SPDX-License-Identifier: GPL-2.0-or-later
// A session: a board, its firmware, its files and its serial line, ready to run. What the commands
// `run` and `test` and the tests share.
#pragma once
#include "board.h"
#include "machine.h"
#include "serial.h"
#include "verdict.h"

typedef struct session_options {
    const char *target;   // PROGRAM.py, a folder, diagram.json, a firmware image, or NULL: the demo
    const char *board;    // NULL: the diagram's, or pyboard
    const char *firmware; // NULL: the board's own
    uint32_t seed;
    bool strict, semihosting;
    report_fn_t report;   // NULL: reports are dropped
    void *report_ctx;
} session_options_t;

typedef struct session {
    diagram_t *diagram;
    machine_t *m;
    part_t *serial;      // the serial monitor, or NULL: the board has none
    char *firmware;      // path of the image
    bool has_program;    // a main.py was put on the board
    verdict_t verdict;
    GArray *listeners;   // of {serial_fn_t, ctx}
} session_t;

GQuark session_error_quark(void);
// Loads everything and applies power. NULL with a clear error.
session_t *session_open(const session_options_t *o, GError **error);
void session_close(session_t *s);
// Called for each byte that the board sends, at the simulated end of its stop bit.
void session_on_serial(session_t *s, serial_fn_t fn, void *ctx);
void session_off_serial(session_t *s, serial_fn_t fn, void *ctx);
void session_write(session_t *s, const void *bytes, size_t n);
