// SPDX-License-Identifier: GPL-2.0-or-later
// `solderless test SCENARIO...`: runs whole boards step by step, for CI.
#include "commands.h"
#include "scenario.h"
#include <stdio.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 30000 };

typedef struct test_options {
    session_options_t session;
    double timeout_ms;
    gboolean quiet;
} test_options_t;

typedef struct console { // a log line never splits a line that the board is writing
    bool mid_line, quiet;
    GPtrArray *voices; // of voice_t *
} console_t;

typedef struct voice { // of one board
    console_t *console;
    session_t *session;
    GString *line; // with several boards: whole lines are shown, with the board's id before them
} voice_t;

static void show(console_t *c, uint8_t byte)
{
    if (byte != '\r')
        putchar(byte);
    c->mid_line = byte != '\n' && (c->mid_line || byte != '\r');
}

static void show_line(voice_t *v)
{
    if (v->line->len)
        printf("%s: %s\n", v->session->id, v->line->str);
    g_string_truncate(v->line, 0);
}

static void on_serial(void *ctx, uint8_t byte, uint64_t now_ps)
{
    voice_t *v = ctx;
    if (v->console->quiet)
        return;
    if (v->console->voices->len == 1)
        show(v->console, byte);
    else if (byte == '\n')
        show_line(v);
    else if (byte && byte != '\r')
        g_string_append_c(v->line, (char)byte);
}

static void console_open(console_t *c, session_t *session, bool quiet)
{
    *c = (console_t){.quiet = quiet, .voices = g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < session->boards->len; i++) {
        voice_t *v = g_new0(voice_t, 1);
        *v = (voice_t){c, session->boards->pdata[i], g_string_new(NULL)};
        g_ptr_array_add(c->voices, v);
        session_on_serial(v->session, on_serial, v);
    }
}

static void show_rests(console_t *c)
{
    for (guint i = 0; i < c->voices->len; i++)
        show_line(c->voices->pdata[i]);
}

static void console_close(console_t *c)
{
    show_rests(c);
    for (guint i = 0; i < c->voices->len; i++)
        g_string_free(((voice_t *)c->voices->pdata[i])->line, TRUE);
    g_ptr_array_unref(c->voices);
}

static void log_line(void *ctx, const char *line)
{
    console_t *c = ctx;
    show_rests(c);
    if (c->mid_line)
        putchar('\n');
    c->mid_line = false;
    puts(line);
    fflush(stdout);
}

static int usage_error(const GError *error)
{
    fprintf(stderr, "solderless: %s\n", error->message);
    return EXIT_USAGE;
}

// The scenario says what to run; the command line overrides it.
static session_t *open_session(const scenario_t *s, const test_options_t *o, GError **error)
{
    session_options_t so = o->session;
    so.no_demo = true;
    g_autofree char *beside = NULL;
    so.board = so.board ? so.board : s->board;
    so.target = so.target ? so.target : s->target;
    so.firmware = so.firmware ? so.firmware : s->firmware;
    so.diagram = so.diagram ? so.diagram : s->diagram;
    if (!so.target && !so.diagram) {
        g_autofree char *dir = g_path_get_dirname(s->path);
        beside = g_build_filename(dir, "diagram.json", NULL);
        if (g_file_test(beside, G_FILE_TEST_EXISTS))
            so.target = beside;
    }
    return session_open(&so, error);
}

static int run_one(const char *path, const test_options_t *o)
{
    g_autoptr(GError) error = NULL;
    scenario_t *s = scenario_load(path, &error);
    session_t *session = s ? open_session(s, o, &error) : NULL;
    if (!session || !scenario_check(s, session, &error)) {
        session_close(session);
        scenario_free(s);
        return usage_error(error);
    }
    console_t console;
    console_open(&console, session, o->quiet);
    int code = scenario_run(s, session, (uint64_t)(o->timeout_ms * PS_PER_MS), log_line, &console);
    console_close(&console);
    session_close(session);
    scenario_free(s);
    return code;
}

// The worst of several results: usage, then failure, then timeout.
static int worse(int a, int b)
{
    static const int order[] = {EXIT_USAGE, EXIT_FAIL, EXIT_TIMEOUT};
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return EXIT_PASS;
}

static int test_main(int argc, char **argv)
{
    gboolean strict = FALSE;
    int seed = 1;
    g_auto(GStrv) flash = NULL;
    g_autofree char *board = NULL, *firmware = NULL, *rom = NULL, *program = NULL, *diagram = NULL;
    test_options_t o = {.timeout_ms = DEFAULT_TIMEOUT_MS};
    GOptionEntry entries[] = {
        {"board", 'b', 0, G_OPTION_ARG_STRING, &board, "Board, instead of the scenario's", "NAME"},
        {"program", 'p', 0, G_OPTION_ARG_FILENAME, &program,
         "What to run: PROGRAM.py, a folder, diagram.json or a firmware image", "PATH"},
        {"diagram", 'd', 0, G_OPTION_ARG_FILENAME, &diagram, "Wiring, where it is not with the program",
         "FILE"},
        {"firmware", 'f', 0, G_OPTION_ARG_FILENAME, &firmware, "Firmware image", "IMAGE"},
        {"rom", 0, 0, G_OPTION_ARG_FILENAME, &rom, "Mask ROM of an ESP8266 (ours)", "FILE"},
        {"flash", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &flash,
         "Keep the board's flash in this file from one scenario to the next; ID=FILE for one of several", "FILE"},
        {"timeout", 't', 0, G_OPTION_ARG_DOUBLE, &o.timeout_ms,
         "Stop after this much simulated time (30000)", "MS"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "Use of anything not modelled is a failure", NULL},
        {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "Seed of the board's random numbers (1)", "N"},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o.quiet, "Do not show what the board writes", NULL},
        {NULL}};
    if (!command_options(&argc, &argv, "SCENARIO...",
                         "Runs scenarios (YAML) on a simulated board, in simulated time.",
                         "Exit code: 0 passed, 1 failed, 42 ran out of time, 2 wrong usage or files.",
                         entries))
        return EXIT_USAGE;
    if (argc < 2 || !(o.timeout_ms > 0 && o.timeout_ms < 1e13)) {
        fprintf(stderr, argc < 2 ? "solderless test: no scenario given\n"
                                 : "solderless test: --timeout wants milliseconds above 0\n");
        return EXIT_USAGE;
    }
    o.session = (session_options_t){.target = program, .diagram = diagram, .board = board, .firmware = firmware, .rom = rom, .flash = flash,
                                    .seed = seed, .strict = strict, .report = command_report};
    int code = EXIT_PASS, passed = 0;
    for (int i = 1; i < argc; i++) {
        int one = run_one(argv[i], &o);
        passed += one == EXIT_PASS;
        code = worse(code, one);
    }
    if (argc > 2)
        printf("%d passed, %d failed\n", passed, argc - 1 - passed);
    return code;
}

const command_t command_test = {"test", "run scenarios on a board, for CI", test_main};
