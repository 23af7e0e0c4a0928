// SPDX-License-Identifier: GPL-2.0-or-later
// `solderless run`: a board, paced to real time or as fast as it goes, with a front end and the serial
// line on the host.
#include "commands.h"
#include "host/link.h"
#include "trace.h"
#include "ui/ui.h"
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAME_US = 16000,  // between two calls of the front end
    SLICE_US = 4000,   // between two looks at the serial line
    MAX_SECONDS = 18000000, // the clock holds 213 days; some room is left above
    MAX_LAG_US = 100000, // a host that cannot keep up is forgiven, not chased
};
static const uint64_t quiet_ps = 10 * PS_PER_MS; // a script types on after so much silence

typedef struct run_options {
    char *board, *firmware, *rom, *diagram, *speed_text, *screenshot, *view, *vcd;
    char **serial, **flash;
    double seconds;
    gboolean headless, strict, semihosting, report_end;
    int seed;
} run_options_t;

typedef struct board_end { // the host's end of one board
    session_t *session;
    link_t *link;   // of its serial line
    trace_t *trace; // of all pins, when statistics or a VCD file are wanted
} board_end_t;

typedef struct run {
    const run_options_t *o;
    session_t *session; // of the first board, which has the terminal
    link_t *link;       // and its link
    board_end_t *ends;  // of all boards
    unsigned boards;
    ui_t *ui;
    double speed;     // 0 = as fast as possible
    uint64_t end_ps;
    // What a file or a pipe on standard input types, line by line.
    GByteArray *script;
    uint64_t last_byte_ps;
    bool heard, script_end;
} run_t;

static volatile sig_atomic_t interrupted; // a signal handler cannot reach anything else
static void on_signal(int sig) { interrupted = 1; }

static uint64_t now_ps(const run_t *r) { return world_now_ps(r->session->world); }

// ---- The serial lines ---------------------------------------------------------------------------------

static void on_serial(void *ctx, uint8_t byte, uint64_t at_ps)
{
    run_t *r = ctx;
    r->heard = true;
    r->last_byte_ps = at_ps;
    link_write(r->link, &byte, 1);
}

static void on_other_serial(void *ctx, uint8_t byte, uint64_t at_ps)
{
    link_write(((board_end_t *)ctx)->link, &byte, 1);
}

// All that has come from the host, bytes and settings in their order; `script`: bytes are kept there.
static void pump(board_end_t *e, GByteArray *script)
{
    uint8_t bytes[512];
    size_t n;
    serial_control_t control;
    link_flush(e->link);
    do {
        while ((n = link_read(e->link, bytes, sizeof bytes)))
            if (script)
                g_byte_array_append(script, bytes, n);
            else
                session_write(e->session, bytes, n);
        n = link_control(e->link, &control);
        if (n)
            session_control(e->session, control);
    } while (n);
}

// Types the next line once the board has been silent for a moment, as somebody would who waits for
// the prompt. So a piped script does not overrun the board and the run depends on the script alone.
static void type_script(run_t *r)
{
    if (!r->script->len || !r->heard || serial_pending(r->session->serial) ||
        now_ps(r) - r->last_byte_ps < quiet_ps)
        return;
    const uint8_t *end = memchr(r->script->data, '\n', r->script->len);
    size_t n = end ? (size_t)(end - r->script->data) + 1 : link_eof(r->link) ? r->script->len : 0;
    if (!n)
        return;
    session_write(r->session, r->script->data, n);
    g_byte_array_remove_range(r->script, 0, n);
    r->last_byte_ps = now_ps(r);
}

static void pump_serial(run_t *r)
{
    bool script = link_is_script(r->link);
    for (unsigned i = 0; i < r->boards; i++)
        pump(&r->ends[i], script && i == 0 ? r->script : NULL);
    if (script && r->session->serial)
        type_script(r);
}

// The program or the piped script is through: there is nothing to wait for any more.
static bool finished(const run_t *r)
{
    const verdict_t *v = &r->session->verdict;
    if (!link_is_script(r->link) || !link_eof(r->link) || r->script->len || !r->session->serial)
        return false;
    return v->finished && verdict_at_prompt(v) && !serial_pending(r->session->serial) &&
           now_ps(r) - r->last_byte_ps >= quiet_ps;
}

// The board sleeps and nobody is there who could wake it.
static bool sleeps_for_ever(const run_t *r)
{
    GPollFD fd;
    bool script = link_is_script(r->link), typed = !r->script->len || !r->heard;
    bool silent = script ? link_eof(r->link) && typed : !link_poll_fds(r->link, &fd, 1);
    for (unsigned i = 1; i < r->boards; i++)
        silent = silent && !link_poll_fds(r->ends[i].link, &fd, 1);
    return !r->ui && silent && world_asleep(r->session->world);
}

// ---- The loop -----------------------------------------------------------------------------------------

static void wait_us(run_t *r, gint64 us)
{
    GPollFD fds[16];
    unsigned n = 0;
    for (unsigned i = 0; i < r->boards; i++)
        n += link_poll_fds(r->ends[i].link, fds + n, G_N_ELEMENTS(fds) - n);
    g_poll(fds, n, (gint)((us + 999) / 1000));
}

typedef struct pace {
    gint64 host_us; // at this host time ...
    uint64_t ps;    // ... the board's clock should show this
} pace_t;

// The time to which the board should run now.
static uint64_t slice_target(const run_t *r, pace_t *pace, gint64 host_us)
{
    uint64_t now = now_ps(r);
    if (r->speed <= 0)
        return MIN(r->end_ps, now + 10 * PS_PER_MS);
    uint64_t want = pace->ps + (uint64_t)((host_us - pace->host_us) * r->speed * PS_PER_US);
    uint64_t lag = (uint64_t)(MAX_LAG_US * r->speed * PS_PER_US);
    if (want > now + lag) {
        *pace = (pace_t){host_us, now};
        want = now + (uint64_t)(SLICE_US * r->speed * PS_PER_US);
    }
    return MIN(r->end_ps, want);
}

// Exit code, or -1 to go on.
static int after_stop(run_t *r, machine_stop_t stop, const machine_t *m)
{
    switch (stop) {
    case MACHINE_TIME:
    case MACHINE_PAUSE:
    case MACHINE_BREAK:
        break;
    case MACHINE_EXIT:
        return m->exit_code;
    case MACHINE_LOCKUP:
        link_flush(r->link);
        fprintf(stderr, "solderless: the CPU is locked up and nothing can free it\n");
        return EXIT_FAIL;
    case MACHINE_FATAL:
        link_flush(r->link);
        fprintf(stderr, "solderless: %s\n",
                r->o->strict ? "stopped by --strict" : "the simulation cannot go on");
        return EXIT_FAIL;
    }
    bool ends = now_ps(r) >= r->end_ps || finished(r) || interrupted || link_quit(r->link);
    if (!ends && r->o->seconds < 0 && sleeps_for_ever(r)) {
        link_flush(r->link);
        fprintf(stderr, "solderless: the board sleeps and nothing is left to wake it\n");
        ends = true;
    }
    bool failed = false;
    for (unsigned i = 0; i < r->boards; i++)
        failed |= r->ends[i].session->has_program && r->ends[i].session->verdict.failed;
    return !ends ? -1 : failed ? EXIT_FAIL : EXIT_PASS;
}

static int loop(run_t *r)
{
    pace_t pace = {g_get_monotonic_time(), now_ps(r)};
    gint64 next_frame = 0;
    for (;;) {
        gint64 now = g_get_monotonic_time();
        pump_serial(r);
        if (r->ui && now >= next_frame) {
            if (!r->ui->cls->frame(r->ui))
                interrupted = 1;
            next_frame = now + FRAME_US;
        }
        uint64_t target = slice_target(r, &pace, now);
        machine_stop_t stop = MACHINE_TIME;
        machine_t *m = r->session->m;
        if (target > now_ps(r))
            stop = world_run(r->session->world, target, &m);
        int code = after_stop(r, stop, m);
        if (code >= 0)
            return code;
        gint64 left = now + SLICE_US - g_get_monotonic_time();
        if (r->speed > 0 && left > 0)
            wait_us(r, left);
    }
}

// ---- Setting up ---------------------------------------------------------------------------------------

static bool parse_speed(const char *text, double *speed)
{
    char *end = NULL;
    if (!strcmp(text, "max")) {
        *speed = 0;
        return true;
    }
    *speed = g_ascii_strtod(text, &end);
    return end != text && !*end && isfinite(*speed) && *speed > 0 && *speed <= 1e6;
}

// Opens the view that was asked for, or the best one that works here; NULL without error: headless.
static ui_t *open_view(run_t *r, GError **error)
{
    static const ui_class_t *const views[] = {&ui_window, &ui_terminal};
    g_autoptr(GError) reason = NULL;
    if (r->o->headless)
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(views); i++) {
        if (r->o->view && strcmp(r->o->view, views[i]->name) != 0)
            continue;
        if (!views[i]->available(reason ? NULL : &reason)) {
            if (!r->o->view)
                continue;
            g_propagate_prefixed_error(error, g_steal_pointer(&reason), "--view %s: ", r->o->view);
            return NULL;
        }
        if (reason)
            fprintf(stderr, "solderless: %s, so here is the %s view; Ctrl-] leaves\n", reason->message,
                    views[i]->name);
        return views[i]->open(r->session, error);
    }
    return NULL;
}

static bool save_screenshot(run_t *r, GError **error)
{
    if (!r->o->screenshot)
        return true;
    ui_t *picture = ui_picture.open(r->session, error);
    g_autoptr(GBytes) png = picture ? picture->cls->png(picture, NULL, error) : NULL;
    if (picture)
        picture->cls->close(picture);
    gsize n = 0;
    const char *bytes = png ? g_bytes_get_data(png, &n) : NULL;
    return bytes && g_file_set_contents(r->o->screenshot, bytes, n, error); // names the file and the reason
}

// The VCD file of a board: FILE, or FILE.ID for those after the first.
static char *vcd_path(const run_t *r, unsigned i)
{
    if (!r->o->vcd)
        return NULL;
    return i ? g_strdup_printf("%s.%s", r->o->vcd, r->ends[i].session->id) : g_strdup(r->o->vcd);
}

// Watched from power-on, so that two runs can be compared edge by edge.
static bool start_traces(run_t *r, GError **error)
{
    if (!r->o->vcd && !r->o->report_end)
        return true;
    for (unsigned i = 0; i < r->boards; i++) {
        board_end_t *e = &r->ends[i];
        g_autofree char *path = vcd_path(r, i);
        e->trace = trace_new(e->session->m);
        trace_all(e->trace);
        if (path && !trace_vcd(e->trace, path, error))
            return false;
    }
    return true;
}

static bool end_traces(run_t *r, GError **error)
{
    for (unsigned i = 0; r->o->vcd && i < r->boards; i++)
        if (!trace_vcd_end(r->ends[i].trace, error))
            return false;
    return true;
}

static void console(void *ctx, const char *text, size_t n)
{
    fwrite(text, 1, n, stdout);
    fflush(stdout);
}

// Tools on a port get what the wire gives; people in a terminal can read all of it.
static bool open_where(board_end_t *e, const char *where, GError **error)
{
    e->link = link_open(where, error);
    if (e->link && e->session->serial && !strcmp(where, "stdio"))
        serial_follow(e->session->serial);
    return e->link;
}

// "WHERE" is for the first board, "ID=WHERE" for any.
static bool open_link(run_t *r, const char *spec, GError **error)
{
    const char *equals = strchr(spec, '='), *where = equals ? equals + 1 : spec;
    g_autofree char *id = equals ? g_strndup(spec, equals - spec) : NULL;
    board_end_t *e = id ? NULL : r->ends;
    for (unsigned i = 0; i < r->boards && id; i++)
        if (!strcmp(r->ends[i].session->id, id))
            e = &r->ends[i];
    if (!e)
        g_set_error(error, G_OPTION_ERROR, 0, "--serial %s: there is no board '%s'", spec, id);
    else if (e->link)
        g_set_error(error, G_OPTION_ERROR, 0, "--serial %s: that board has one already", spec);
    else if (e != r->ends && !strcmp(where, "stdio"))
        g_set_error(error, G_OPTION_ERROR, 0, "--serial %s: stdio is for the first board", spec);
    else
        open_where(e, where, error);
    if (e && e->link && link_where(e->link))
        fprintf(stderr, "solderless: serial port %s%son %s\n", id ? id : "", id ? " " : "",
                link_where(e->link));
    return e && e->link && !*error;
}

static bool open_links(run_t *r, GError **error)
{
    for (char **spec = r->o->serial; spec && *spec; spec++)
        if (!open_link(r, *spec, error))
            return false;
    for (unsigned i = 0; i < r->boards; i++)
        if (!r->ends[i].link && !open_where(&r->ends[i], i ? "none" : "stdio", error))
            return false;
    r->link = r->ends[0].link;
    return true;
}

static void open_ends(run_t *r)
{
    r->boards = r->session->boards->len;
    r->ends = g_new0(board_end_t, r->boards);
    for (unsigned i = 0; i < r->boards; i++) {
        r->ends[i].session = r->session->boards->pdata[i];
        r->ends[i].session->m->console = console;
    }
}

static void listen_all(run_t *r)
{
    session_on_serial(r->session, on_serial, r);
    for (unsigned i = 1; i < r->boards; i++)
        session_on_serial(r->ends[i].session, on_other_serial, &r->ends[i]);
}

static int run_session(run_t *r, GError **error)
{
    open_ends(r);
    if (!open_links(r, error) || (r->o->screenshot && !ui_picture.available(error)))
        return EXIT_USAGE;
    r->ui = start_traces(r, error) ? open_view(r, error) : NULL;
    if (*error)
        return EXIT_USAGE;
    if (link_is_terminal(r->link) && !r->ui)
        fprintf(stderr, "solderless: %s, Ctrl-] leaves\r\n", r->session->diagram->board->title);
    listen_all(r);
    struct sigaction sa = {.sa_handler = on_signal};
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
    int code = loop(r);
    link_flush(r->link);
    return end_traces(r, error) && save_screenshot(r, error) ? code : EXIT_USAGE;
}

static void print_statistics(const run_t *r)
{
    for (unsigned i = 0; i < r->boards; i++) {
        const board_end_t *e = &r->ends[i];
        const machine_t *m = e->session->m;
        if (!e->trace)
            continue;
        fprintf(stderr,
                "solderless: %s%s%.9f s simulated, %" G_GUINT64_FORMAT " cycles, %" G_GUINT64_FORMAT
                " edges on pins, hash %016" G_GINT64_MODIFIER "x\n",
                r->boards > 1 ? e->session->id : "", r->boards > 1 ? ": " : "",
                (double)machine_now_ps(m) / PS_PER_S, m->cpu ? m->cpu->cls->cycles(m->cpu) : 0,
                trace_edges(e->trace), trace_hash(e->trace));
    }
}

static void close_ends(run_t *r)
{
    for (unsigned i = 0; i < r->boards; i++) {
        link_close(r->ends[i].link);
        trace_free(r->ends[i].trace);
    }
    g_free(r->ends);
}

static int run_main(int argc, char **argv)
{
    run_options_t o = {.seconds = -1, .seed = 1};
    GOptionEntry entries[] = {
        {"board", 'b', 0, G_OPTION_ARG_STRING, &o.board, "Board (feather-huzzah-esp8266); see 'solderless boards'", "NAME"},
        {"firmware", 'f', 0, G_OPTION_ARG_FILENAME, &o.firmware,
         "Firmware image: ELF, HEX, BIN, DfuSe, UF2 or ESP8266 image (the board's own)", "IMAGE"},
        {"rom", 0, 0, G_OPTION_ARG_FILENAME, &o.rom,
         "Mask ROM of an ESP8266: an ELF file or a dump of 64 KB (ours)", "FILE"},
        {"flash", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.flash,
         "Keep the board's flash in this file, made when missing. What it holds is run; --firmware, IMAGE and "
         "PROGRAM are written into it. ID=FILE for another board of the diagram", "FILE"},
        {"diagram", 'd', 0, G_OPTION_ARG_FILENAME, &o.diagram,
         "Wiring (diagram.json), where it is not with the program", "FILE"},
        {"headless", 0, 0, G_OPTION_ARG_NONE, &o.headless, "No window, no status line", NULL},
        {"view", 0, 0, G_OPTION_ARG_STRING, &o.view,
         "Front end: window or terminal (the first that works)", "VIEW"},
        {"seconds", 's', 0, G_OPTION_ARG_DOUBLE, &o.seconds, "End after S simulated seconds", "S"},
        {"speed", 0, 0, G_OPTION_ARG_STRING, &o.speed_text,
         "1 = real time, 10 = ten times as fast, max (1; headless: max)", "X|max"},
        {"serial", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.serial,
         "Where the serial line goes: stdio, pty, tcp:PORT, rfc2217:PORT or none (stdio); ID=WHERE for another "
         "board of the diagram (none)", "WHERE"},
        {"screenshot", 0, 0, G_OPTION_ARG_FILENAME, &o.screenshot,
         "At the end, write the picture of the board to this PNG file", "FILE"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &o.strict, "Use of anything not modelled ends the run", NULL},
        {"vcd", 0, 0, G_OPTION_ARG_FILENAME, &o.vcd,
         "Write all changes on pins to this VCD file (for GTKWave)", "FILE"},
        {"semihosting", 0, 0, G_OPTION_ARG_NONE, &o.semihosting,
         "Serve the program's semihosting calls (output, exit code)", NULL},
        {"seed", 0, 0, G_OPTION_ARG_INT, &o.seed, "Seed of the board's random numbers (1)", "N"},
        {"statistics", 0, 0, G_OPTION_ARG_NONE, &o.report_end,
         "At the end, tell the simulated time, the cycles and a hash of all changes on pins", NULL},
        {NULL}};
    if (!command_options(
            &argc, &argv, "[PROGRAM.py | DIR | diagram.json | IMAGE]",
            "Runs a board. A Python program (or a folder with main.py) is put into the board's\n"
            "file system and run as main.py. Without an argument, the demo.",
            "In a terminal, Ctrl-] leaves. Exit code: 0, or 1 when the program ended by an exception\n"
            "or the CPU locked up, 2 for wrong usage or files.",
            entries))
        return EXIT_USAGE;

    g_autoptr(GError) error = NULL;
    run_t r = {.o = &o, .end_ps = MAX_SECONDS * PS_PER_S, .script = g_byte_array_new()};
    int code = EXIT_USAGE;
    if (!o.speed_text)
        o.speed_text = g_strdup(o.headless ? "max" : "1");
    if (argc > 2)
        g_set_error(&error, G_OPTION_ERROR, 0, "one thing to run at a time, not '%s' as well", argv[2]);
    else if (!parse_speed(o.speed_text, &r.speed))
        g_set_error(&error, G_OPTION_ERROR, 0, "--speed wants a factor above 0 or max, not '%s'", o.speed_text);
    else if (o.seconds != -1 && !(o.seconds >= 0 && o.seconds <= MAX_SECONDS))
        g_set_error(&error, G_OPTION_ERROR, 0, "--seconds wants a number from 0 to %d", MAX_SECONDS);
    else {
        session_options_t so = {.target = argc > 1 ? argv[1] : NULL, .board = o.board,
                                .firmware = o.firmware, .rom = o.rom, .flash = o.flash, .diagram = o.diagram,
                                .seed = o.seed, .strict = o.strict, .semihosting = o.semihosting, .report = command_report};
        if (o.seconds >= 0)
            r.end_ps = (uint64_t)llround(o.seconds * PS_PER_S);
        r.session = session_open(&so, &error);
        if (r.session)
            code = run_session(&r, &error);
        if (r.ui)
            r.ui->cls->close(r.ui);
        if (o.report_end)
            print_statistics(&r);
        close_ends(&r);
        session_close(r.session);
    }
    if (error)
        fprintf(stderr, "solderless: %s\n", error->message);
    g_byte_array_unref(r.script);
    char *owned[] = {o.board, o.firmware, o.rom, o.diagram, o.speed_text, o.screenshot, o.view, o.vcd};
    for (unsigned i = 0; i < G_N_ELEMENTS(owned); i++)
        g_free(owned[i]);
    g_strfreev(o.serial);
    g_strfreev(o.flash);
    return error ? EXIT_USAGE : code;
}

const command_t command_run = {"run", "run a board with its firmware and, if given, a program", run_main};
