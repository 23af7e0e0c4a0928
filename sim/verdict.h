// SPDX-License-Identifier: GPL-2.0-or-later
// How did the program end? Reads the board's serial text and recognises the end of main.py (the
// firmware shows its prompt) and an uncaught exception (its traceback is the last thing before the
// firmware's banner and prompt; a traceback that a program prints itself and survives is none).
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct verdict {
    GString *line; // the one being written
    enum { VERDICT_NO_TRACEBACK, VERDICT_IN_TRACEBACK, VERDICT_AFTER_TRACEBACK } traceback;
    bool finished; // the prompt has been shown
    bool failed;   // and main.py had ended by an exception
} verdict_t;

void verdict_init(verdict_t *v);
void verdict_clear(verdict_t *v);
void verdict_feed(verdict_t *v, uint8_t byte);
bool verdict_at_prompt(const verdict_t *v); // the last thing written is the prompt
