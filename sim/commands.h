// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of `solderless`. argv[0] is the subcommand's name; the result is the exit code.
#pragma once
#include "session.h"

enum { EXIT_PASS = 0, EXIT_FAIL = 1, EXIT_USAGE = 2, EXIT_TIMEOUT = 42 };

typedef struct command {
    const char *name, *brief;
    int (*main)(int argc, char **argv);
} command_t;

extern const command_t command_run, command_test, command_boards, command_parts;

// Parses options for a subcommand; FALSE: an error was printed. `operands` describes the arguments.
bool command_options(int *argc, char ***argv, const char *operands, const char *summary,
                     const char *more, GOptionEntry *entries);
// Prints reports of the machine to standard error.
void command_report(void *ctx, report_t kind, const char *text);
