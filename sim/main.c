// SPDX-License-Identifier: GPL-2.0-or-later
// The command `solderless`: picks the subcommand. The only file that ends the process.
#include "commands.h"
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const command_t *const commands[] = {&command_run, &command_test, &command_boards,
                                            &command_parts};

static void usage(FILE *to)
{
    fprintf(to, "Usage: solderless COMMAND [OPTION...] [ARGUMENT...]\n\n"
                "Runs microcontroller boards that nobody has to solder.\n\nCommands:\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->brief);
    fprintf(to, "\n'solderless COMMAND --help' tells more. 'solderless run' opens the demo.\n");
}

int main(int argc, char **argv)
{
    // Unicorn takes and gives back memory in turns. It stays ours, else each turn asks the kernel for it anew.
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    setlocale(LC_CTYPE, ""); // not LC_NUMERIC: numbers in files have points
    signal(SIGPIPE, SIG_IGN); // a reader that goes away is noticed at the write
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        usage(stdout);
        return EXIT_PASS;
    }
    if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
        puts("solderless " SOLDERLESS_VERSION);
        return EXIT_PASS;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        if (!strcmp(word, commands[i]->name))
            return commands[i]->main(argc - 1, argv + 1);
    fprintf(stderr, "solderless: there is no command '%s'\n\n", word);
    usage(stderr);
    return EXIT_USAGE;
}
