// SPDX-License-Identifier: GPL-2.0-or-later
// A session: what to run, found and put together. See session.h.
#include "session.h"
#include "files.h"
#include <string.h>

G_DEFINE_QUARK(solderless-session-error, session_error)

static const char default_board[] = "pyboard";

typedef struct listener {
    serial_fn_t fn;
    void *ctx;
} listener_t;

// What the target on the command line is.
typedef struct target {
    char *diagram;  // path of a diagram.json
    char *program;  // a .py file, or a folder of files for the board
    char *firmware; // an image
} target_t;

static void target_clear(target_t *t)
{
    g_free(t->diagram);
    g_free(t->program);
    g_free(t->firmware);
}

static bool read_target(const char *path, target_t *t, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        t->program = g_strdup(path);
        g_autofree char *diagram = g_build_filename(path, "diagram.json", NULL);
        if (g_file_test(diagram, G_FILE_TEST_EXISTS))
            t->diagram = g_steal_pointer(&diagram);
    } else if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, session_error_quark(), 0, "%s: no such file or folder", path);
        return false;
    } else if (g_str_has_suffix(path, ".json")) {
        t->diagram = g_strdup(path);
        g_autofree char *dir = g_path_get_dirname(path);
        g_autofree char *main_py = g_build_filename(dir, "main.py", NULL);
        if (g_file_test(main_py, G_FILE_TEST_EXISTS))
            t->program = g_steal_pointer(&dir);
    } else if (g_str_has_suffix(path, ".py")) {
        t->program = g_strdup(path);
    } else {
        t->firmware = g_strdup(path);
    }
    return true;
}

// No target: the board's demo.
static bool find_demo(const char *board, target_t *t)
{
    g_autofree char *relative = g_build_filename("boards", board, "demo", NULL);
    g_autofree char *dir = data_path(relative, NULL);
    return dir && read_target(dir, t, NULL);
}

static diagram_t *open_diagram(const session_options_t *o, target_t *t, GError **error)
{
    const char *board = o->board ? o->board : default_board;
    if (!o->target && !o->firmware)
        find_demo(board, t);
    if (!t->diagram)
        return diagram_of_board(board, error);
    diagram_t *d = diagram_load(t->diagram, error);
    if (d && o->board && strcmp(d->board->name, o->board) != 0) {
        g_set_error(error, session_error_quark(), 0, "%s: this is for board '%s', not '%s'",
                    t->diagram, d->board->name, o->board);
        g_clear_pointer(&d, diagram_free);
    }
    return d;
}

static char *find_firmware(const session_options_t *o, const target_t *t, const board_t *b,
                           GError **error)
{
    if (o->firmware || t->firmware)
        return g_strdup(o->firmware ? o->firmware : t->firmware);
    if (!b->firmware) {
        g_set_error(error, session_error_quark(), 0,
                    "board '%s' has no firmware of its own: give one with --firmware", b->name);
        return NULL;
    }
    g_autofree char *relative = g_build_filename("firmware", b->firmware, NULL);
    return data_path(relative, error);
}

static bool load_firmware(session_t *s, GError **error)
{
    image_options_t o = {.arch = IMAGE_ARCH_ARM, .has_base = true};
    const soc_mem_t *mem = s->m->soc->mems;
    while (mem && mem->name && mem->kind != MEM_FLASH)
        mem++;
    o.base = mem && mem->name ? mem->base : 0;
    image_t *image = image_load(s->firmware, &o, error);
    if (!image)
        return false;
    if (machine_load(s->m, image, error))
        return true;
    g_prefix_error(error, "%s: ", s->firmware);
    return false;
}

static void on_byte(void *ctx, uint8_t byte, uint64_t now_ps)
{
    session_t *s = ctx;
    verdict_feed(&s->verdict, byte);
    for (guint i = 0; i < s->listeners->len; i++) {
        listener_t l = g_array_index(s->listeners, listener_t, i);
        l.fn(l.ctx, byte, now_ps);
    }
}

static bool put_program(session_t *s, const char *program, GError **error)
{
    if (!program)
        return true;
    s->has_program = true;
    return files_put(s->m, s->diagram->board, program, error);
}

session_t *session_open(const session_options_t *o, GError **error)
{
    target_t t = {0};
    session_t *s = g_new0(session_t, 1);
    verdict_init(&s->verdict);
    s->listeners = g_array_new(FALSE, FALSE, sizeof(listener_t));
    bool ok = (!o->target || read_target(o->target, &t, error)) &&
              (s->diagram = open_diagram(o, &t, error)) &&
              (s->m = diagram_build(s->diagram, o->seed, error)) &&
              (s->firmware = find_firmware(o, &t, s->diagram->board, error));
    for (guint i = 0; s->diagram && o->report && i < s->diagram->warnings->len; i++)
        o->report(o->report_ctx, REPORT_WARNING, s->diagram->warnings->pdata[i]);
    if (ok) {
        s->m->report = o->report;
        s->m->report_ctx = o->report_ctx;
        s->m->strict = o->strict;
        s->m->semihosting = o->semihosting;
        s->serial = machine_part(s->m, "serialMonitor");
        if (s->serial)
            serial_listen(s->serial, on_byte, s);
        ok = load_firmware(s, error) && put_program(s, t.program, error) &&
             machine_start(s->m, error);
    }
    target_clear(&t);
    if (!ok)
        g_clear_pointer(&s, session_close);
    return s;
}

void session_close(session_t *s)
{
    if (!s)
        return;
    machine_free(s->m);
    diagram_free(s->diagram);
    verdict_clear(&s->verdict);
    g_array_unref(s->listeners);
    g_free(s->firmware);
    g_free(s);
}

void session_on_serial(session_t *s, serial_fn_t fn, void *ctx)
{
    listener_t l = {fn, ctx};
    g_array_append_val(s->listeners, l);
}

void session_off_serial(session_t *s, serial_fn_t fn, void *ctx)
{
    for (guint i = 0; i < s->listeners->len; i++) {
        listener_t *l = &g_array_index(s->listeners, listener_t, i);
        if (l->fn == fn && l->ctx == ctx) {
            g_array_remove_index(s->listeners, i);
            return;
        }
    }
}

void session_write(session_t *s, const void *bytes, size_t n)
{
    if (s->serial)
        serial_send(s->serial, bytes, n);
}
