// SPDX-License-Identifier: GPL-2.0-or-later
// A session: a board, its firmware, its files and its serial line, ready to run. What the commands
// `run` and `test` and the tests share.
//
// A diagram with several boards gives a session for each. They run together (world.h); the first is
// the one that was opened, and closing it closes all. Each board may say what it runs, by attributes
// of its part in the diagram: "firmware" and "program", paths relative to the diagram.
#pragma once
#include "board.h"
#include "machine.h"
#include "serial.h"
#include "verdict.h"
#include "world.h"

typedef struct session_options {
    const char *target;   // PROGRAM.py, a folder, diagram.json, a firmware image, or NULL: the demo
    const char *board;    // NULL: the diagram's, or feather-huzzah-esp8266
    const char *firmware; // NULL: the board's own
    const char *rom;      // the mask ROM of the chips that have one; NULL: ours
    // Files that hold the flash from one run to the next: "FILE" for the first board, "ID=FILE" for any; ends
    // with NULL, or NULL. What a file holds stays, but for what `target` and `firmware` put there.
    char **flash;
    const char *diagram;  // the wiring, where the target does not hold it; NULL: as the target says
    uint32_t seed;
    bool strict, semihosting;
    bool no_demo;         // target NULL: the board as it is, with its own firmware
    report_fn_t report;   // NULL: reports are dropped
    void *report_ctx;
} session_options_t;

typedef struct session {
    world_t *world;      // of all boards, shared; owns the machines
    GPtrArray *boards;   // of session_t *, shared, in the order of the diagram; [0] owns the others
    const char *id;      // of this board in the diagram
    diagram_t *diagram;  // of this board; the first owns those of the others
    machine_t *m;
    report_fn_t report;  // with the board's id before the text, where there are several
    void *report_ctx;
    part_t *serial;      // the serial monitor, or NULL: the board has none
    char *firmware;      // path of the image, or NULL: what the flash file holds
    struct flash_file *flash; // or NULL
    bool has_program;    // a main.py was put on the board
    verdict_t verdict;
    GArray *listeners;   // of {serial_fn_t, ctx}
} session_t;

GQuark session_error_quark(void);
// Loads everything and applies power. NULL with a clear error.
session_t *session_open(const session_options_t *o, GError **error);
void session_close(session_t *s); // the first
session_t *session_board(const session_t *s, const char *id); // NULL if there is none
// The board on which a part is: of "board2:P0" or "board2.led1" board2, else the first that has it.
// *part (may be NULL) is the part, or NULL for the board itself. NULL if there is none.
session_t *session_find_part(const session_t *s, const char *name, part_t **part);
// Called for each byte that the board sends, at the simulated end of its stop bit.
void session_on_serial(session_t *s, serial_fn_t fn, void *ctx);
void session_off_serial(session_t *s, serial_fn_t fn, void *ctx);
void session_write(session_t *s, const void *bytes, size_t n);
void session_control(session_t *s, serial_control_t control);
