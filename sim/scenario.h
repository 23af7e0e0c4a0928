// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios: a whole board exercised step by step, in simulated time. The grammar is Wokwi's
// automation scenario (name, version 1, author, steps); what is ours is marked so.
//
// Where the diagram has several boards (session.h):
// - `serial: ID` beside wait-serial or write-serial says whose serial line is meant; the first board's
//   without it. What a board has written since the last wait-serial for it counts as well, because the
//   others' steps take time, too;
// - part-id: the id of a board for its pins, "ID.part" for a part on it (a button, a sensor); parts of
//   the diagram have their own ids. A name without an id is looked for on all boards, in order.
//
// The rows of a display: a LED matrix shows digits from 0 (off) to 9 (full), a chain of WS2812 a row
// "rrggbb" for each light (each part's file says what its text is). In the rows of a step '?' stands
// for any character and '+' for any but 0.
#pragma once
#include "session.h"

typedef enum {
    STEP_DELAY,          // "N unit": run that much simulated time
    STEP_EXPECT_PIN,     // part-id, name, value: the level now
    STEP_EXPECT_CONTROL, // ours: part-id, control, value, tolerance: a property now
    STEP_SET_CONTROL,    // part-id, control, value
    STEP_WAIT_SERIAL,    // run until these bytes appear, pause exactly there
    STEP_WRITE_SERIAL,   // string or list of bytes
    STEP_WAIT_CONTROL,   // ours: as expect-control: run until it is so, to the millisecond
    STEP_EXPECT_DISPLAY, // ours: part-id, rows: what a display shows now, as lines of text
    STEP_WAIT_DISPLAY,   // ours: run until it shows that, to the millisecond
    STEP_SCREENSHOT,     // part-id, save-to and/or compare-with
} step_kind_t;

typedef struct scenario_step {
    step_kind_t kind;
    char *title;     // its `name`, or NULL
    int line;
    uint64_t delay_ps;
    GBytes *text;    // of a display: its rows, each with a line feed
    char *serial;     // ours: id of the board whose serial line it is, or NULL
    char *part, *pin; // pin: or the control's name
    double value, tolerance;
    char *save_to, *compare_with; // absolute, or relative to the current folder
} scenario_step_t;

typedef struct scenario {
    char *path, *name;
    GArray *steps; // of scenario_step_t
    // Ours, all optional: what to run (paths relative to the scenario) and for how long at most.
    char *board, *target, *diagram, *firmware;
    uint64_t timeout_ps; // 0 = the command line's
} scenario_t;

typedef enum { SCENARIO_PASS = 0, SCENARIO_FAIL = 1, SCENARIO_TIMEOUT = 42 } scenario_result_t;

GQuark scenario_error_quark(void);
// NULL with "file:line: what".
scenario_t *scenario_load(const char *path, GError **error);
void scenario_free(scenario_t *s);
// Parts, pins and controls exist: checked before the start. FALSE with "file:line: what".
bool scenario_check(const scenario_t *s, session_t *session, GError **error);
// Runs all steps. Log lines go to `log` ("[name] ..."), failures as "[<ns>ns] ...".
scenario_result_t scenario_run(const scenario_t *s, session_t *session, uint64_t timeout_ps,
                               void (*log)(void *ctx, const char *line), void *ctx);
