// SPDX-License-Identifier: GPL-2.0-or-later
// The contract of a front end. One file per front end (ui_window.c, ui_terminal.c; a web view would be
// the next), and all pictures come from the scene (scene.h).
//
// The run loop calls `frame` about sixty times a second of host time; that is the only place where a
// front end reads input, and what it changes on the board (a button, a thermometer) takes effect at
// the machine's present time. A front end never advances the machine.
#pragma once
#include "../session.h"

typedef struct ui ui_t;

typedef struct ui_class {
    const char *name, *brief;
    // NULL if it can work here, else why it cannot ("no display").
    const char *(*unavailable)(void);
    ui_t *(*open)(session_t *s, GError **error);
    bool (*frame)(ui_t *ui); // FALSE: the user wants to leave
    void (*close)(ui_t *ui);
} ui_class_t;

struct ui { // first member of every front end's struct
    const ui_class_t *cls;
    session_t *session;
};

extern const ui_class_t ui_window, ui_terminal;
