/* SPDX-License-Identifier: MIT
 * repl.h: the prompt, with the raw modes that tools such as mpremote speak.
 */
#ifndef ADDER_REPL_H
#define ADDER_REPL_H

#include "lineedit.h"

/* What outlives a soft reset. All zero at power-on. */
typedef struct repl {
    bool raw;
    history_t history;
} repl_t;

/* Read and run until Ctrl-D at an empty prompt (soft reset, true) or the end of input (false). */
bool repl_run(repl_t *r);
/* Run a file as __main__; prints the traceback if it fails. False: it failed; SystemExit counts as success. */
bool repl_run_file(const char *path);
/* The greeting: name, version, board. */
void repl_banner(void);

#endif
