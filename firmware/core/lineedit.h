/* SPDX-License-Identifier: MIT
 * lineedit.h: editing a line on a terminal, with history, cursor keys and completion. For the prompt and for input().
 */
#ifndef ADDER_LINEEDIT_H
#define ADDER_LINEEDIT_H

#include "str.h"

/* Bytes of history, 0 for none. It is not in the heap: it outlives a soft reset. */
#ifndef ADDER_HISTORY
#define ADDER_HISTORY 512
#endif

typedef struct history {
    uint16_t used;
    char text[ADDER_HISTORY + 1]; /* lines, the newest first, each ended by a NUL */
} history_t;

typedef struct line_edit {
    const char *prompt;
    history_t *history;      /* NULL: none */
    unsigned indent;         /* spaces to begin with */
    const char *before;      /* lines above that belong to the same statement, for history; or NULL */
    bool at_prompt;          /* completion, and control characters end an empty line (see below) */
} line_edit_t;

/* Print the prompt, add a line to the text. Returns what ended it: '\r'; 3 for Ctrl-C; at the prompt, on an empty line,
 * 1, 2, 4 or 5 for Ctrl-A, B, D, E; elsewhere 4 on an empty line; -1 at the end of input. */
int line_edit(const line_edit_t *e, builder_t *text);
void history_add(history_t *h, const char *text, size_t len);

/* Complete the name that ends at text[len-1]. Adds what is certain to `more`; if there are several, `list` gets their
 * names, separated by blanks. complete.c. */
void complete(const char *text, size_t len, builder_t *more, builder_t *list);

#endif
