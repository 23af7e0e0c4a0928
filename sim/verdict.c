// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a Python program as seen on the serial line: see verdict.h.
#include "verdict.h"
#include <string.h>

enum { LINE_MAX_KEPT = 4096 };
static const char prompt[] = ">>> ";

void verdict_init(verdict_t *v) { *v = (verdict_t){.line = g_string_new(NULL)}; }

void verdict_clear(verdict_t *v) { g_string_free(v->line, TRUE); }

bool verdict_at_prompt(const verdict_t *v) { return !strcmp(v->line->str, prompt); }

// Lines that the firmware itself writes between a traceback and its prompt.
static bool from_firmware(const char *line)
{
    return !*line || g_str_has_prefix(line, "Adder ") || g_str_has_prefix(line, "MicroPython ") ||
           g_str_has_prefix(line, "Type \"help()\"");
}

static void end_of_line(verdict_t *v)
{
    const char *line = v->line->str;
    if (g_str_has_prefix(line, "Traceback (most recent call last):"))
        v->traceback = VERDICT_IN_TRACEBACK;
    else if (v->traceback == VERDICT_IN_TRACEBACK)
        v->traceback = *line == ' ' ? VERDICT_IN_TRACEBACK : VERDICT_AFTER_TRACEBACK;
    else if (v->traceback == VERDICT_AFTER_TRACEBACK && !from_firmware(line))
        v->traceback = VERDICT_NO_TRACEBACK;
    g_string_truncate(v->line, 0);
}

void verdict_feed(verdict_t *v, uint8_t byte)
{
    if (byte == '\n') {
        end_of_line(v);
    } else if (byte != '\r' && v->line->len < LINE_MAX_KEPT) {
        g_string_append_c(v->line, byte);
        if (!v->finished && verdict_at_prompt(v)) {
            v->finished = true;
            v->failed = v->traceback == VERDICT_AFTER_TRACEBACK;
        }
    }
}
