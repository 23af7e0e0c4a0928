// SPDX-License-Identifier: GPL-2.0-or-later
// The contract of a front end. One file per front end (ui_window.c, ui_terminal.c, ui_picture.c; a web
// view would be the next), and all pictures come from the scene (scene.h).
//
// The run loop calls `frame` about sixty times a second of host time; that is the only place where a
// front end reads input, and what it changes on the board (a button, a thermometer) takes effect at
// the machine's present time. A front end never advances the machine.
//
// What needs large libraries is a module of its own, which module.c loads when it is asked for: the
// window and the picture. A run without them neither loads SDL2 and librsvg nor needs them.
#pragma once
#include "../session.h"
#include <gmodule.h>

typedef struct ui ui_t;

typedef struct ui_class {
    const char *name;
    // Whether it can work here; an error says why not ("no display").
    bool (*available)(GError **error);
    ui_t *(*open)(session_t *s, GError **error);
    bool (*frame)(ui_t *ui); // FALSE: the user wants to leave
    // The scene as it is now, or one part of it (`part` not NULL), as a PNG file.
    GBytes *(*png)(ui_t *ui, const char *part, GError **error);
    void (*close)(ui_t *ui);
} ui_class_t;

struct ui { // first member of every front end's struct
    const ui_class_t *cls; // of the module, where there is one
    session_t *session;
};

// The window and the terminal have `frame`, the picture has `png`.
extern const ui_class_t ui_window, ui_terminal, ui_picture;

// What each module defines, with `open` and what an open front end needs.
G_MODULE_EXPORT extern const ui_class_t ui_module;
