// SPDX-License-Identifier: GPL-2.0-or-later
// A session: what to run, found and put together. See session.h.
#include "session.h"
#include "files.h"
#include "firmware.h"
#include "host/flash_file.h"
#include <string.h>

G_DEFINE_QUARK(solderless-session-error, session_error)

static const char default_board[] = "feather-huzzah-esp8266";

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
    if (o->diagram) {
        g_free(t->diagram);
        t->diagram = g_strdup(o->diagram);
    } else if (!o->target && !o->firmware && !o->no_demo) {
        find_demo(board, t);
    }
    if (!t->diagram)
        return diagram_of_board(board, error);
    diagram_t *d = diagram_load(t->diagram, error);
    bool has = !o->board;
    for (const diagram_t *one = d; one && !has; one = one->next)
        has = !strcmp(one->board->name, o->board);
    if (d && !has) {
        g_set_error(error, session_error_quark(), 0, "%s: this is for board '%s', not '%s'",
                    t->diagram, d->board->name, o->board);
        g_clear_pointer(&d, diagram_free);
    }
    return d;
}

// A path that the board's part in the diagram names; NULL: it names none.
static char *own_path(const diagram_t *d, const char *attr)
{
    const char *path = g_hash_table_lookup(diagram_find(d->parts, d->board_id)->attrs, attr);
    if (!path || g_path_is_absolute(path))
        return g_strdup(path);
    g_autofree char *dir = g_path_get_dirname(d->path);
    return g_build_filename(dir, path, NULL);
}

static char *find_firmware(const session_options_t *o, const target_t *t, const diagram_t *d,
                           GError **error)
{
    char *own = own_path(d, "firmware");
    if (own)
        return own;
    if (o->firmware || t->firmware)
        return g_strdup(o->firmware ? o->firmware : t->firmware);
    return firmware_own(d->board, error);
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

// The file for this board's flash, or NULL.
static const char *flash_path(const session_t *s, const session_options_t *o)
{
    const char *path = NULL;
    for (char **spec = o->flash; spec && *spec; spec++) {
        const char *equals = strchr(*spec, '=');
        g_autofree char *id = equals ? g_strndup(*spec, equals - *spec) : NULL;
        bool named = false; // a name of a file may have a '=' too
        for (const diagram_t *d = s->boards->len ? ((session_t *)s->boards->pdata[0])->diagram : NULL; d && id; d = d->next)
            named = named || !strcmp(d->board_id, id);
        if (named ? !strcmp(id, s->id) : s->boards->len == 1)
            path = named ? equals + 1 : *spec;
    }
    return path;
}

// Puts the flash into its file. *kept: the file holds what an earlier run left.
static bool open_flash(session_t *s, const session_options_t *o, bool *kept, GError **error)
{
    const char *path = flash_path(s, o);
    mem_t *mem = firmware_flash(s->m);
    bool fresh = true;
    *kept = false;
    if (!path)
        return true;
    if (!mem) {
        g_set_error(error, session_error_quark(), 0, "--flash %s: %s has no flash", path, s->m->soc->name);
        return false;
    }
    s->flash = flash_file_open(path, mem->data, mem->size, &fresh, error);
    *kept = s->flash && !fresh;
    return s->flash;
}

// What the file of the flash holds wins over everything but what was asked for in so many words.
static bool put_firmware(session_t *s, const session_options_t *o, const target_t *t, bool kept,
                         GError **error)
{
    bool asked = o->firmware || t->firmware;
    s->firmware = find_firmware(o, t, s->diagram, kept && !asked ? NULL : error);
    if (!kept || asked)
        return s->firmware && firmware_load(s->m, s->diagram->board, s->firmware, error);
    if (s->firmware)
        firmware_recognise(s->m, s->diagram->board, s->firmware);
    return true;
}

static bool put_program(session_t *s, const session_options_t *o, const target_t *t, bool kept,
                        GError **error)
{
    if (kept && !o->target)
        return true;
    g_autofree char *own = own_path(s->diagram, "program");
    const char *program = own ? own : t->program;
    if (!program)
        return true;
    s->has_program = true;
    return files_put(s->m, s->diagram->board, program, kept, error);
}

static void board_report(void *ctx, report_t kind, const char *text)
{
    const session_t *s = ctx;
    g_autofree char *full = s->boards->len > 1 ? g_strdup_printf("%s: %s", s->id, text) : NULL;
    if (s->report)
        s->report(s->report_ctx, kind, full ? full : text);
}

static session_t *session_new(diagram_t *d, world_t *world, GPtrArray *boards)
{
    session_t *s = g_new0(session_t, 1);
    verdict_init(&s->verdict);
    s->listeners = g_array_new(FALSE, FALSE, sizeof(listener_t));
    s->diagram = d;
    s->id = d->board_id;
    s->world = world;
    s->boards = boards;
    g_ptr_array_add(boards, s);
    return s;
}

// Boards differ in what is random on them.
static uint32_t board_seed(const session_options_t *o, guint index)
{
    return o->seed + index * 0x9E3779B9u;
}

static bool open_board(session_t *s, const session_options_t *o, const target_t *t, GError **error)
{
    s->report = o->report;
    s->report_ctx = o->report_ctx;
    for (guint i = 0; o->report && i < s->diagram->warnings->len; i++)
        o->report(o->report_ctx, REPORT_WARNING, s->diagram->warnings->pdata[i]);
    s->m = diagram_build(s->diagram, board_seed(o, s->boards->len - 1), error);
    if (!s->m)
        return false;
    world_add(s->world, s->m);
    s->m->report = o->report ? board_report : NULL;
    s->m->report_ctx = s;
    s->m->strict = o->strict;
    s->m->semihosting = o->semihosting;
    s->serial = machine_part(s->m, "serialMonitor");
    if (s->serial)
        serial_listen(s->serial, on_byte, s);
    bool kept;
    return firmware_load_rom(s->m, o->rom, error) && open_flash(s, o, &kept, error) &&
           put_firmware(s, o, t, kept, error) && put_program(s, o, t, kept, error) &&
           machine_start(s->m, error);
}

session_t *session_open(const session_options_t *o, GError **error)
{
    target_t t = {0};
    bool ok = !o->target || read_target(o->target, &t, error);
    diagram_t *d = ok ? open_diagram(o, &t, error) : NULL;
    session_t *first = NULL;
    for (diagram_t *one = d; one && (ok || !first); one = one->next) {
        session_t *s = first ? session_new(one, first->world, first->boards)
                             : session_new(one, world_new(), g_ptr_array_new());
        first = first ? first : s;
        ok = open_board(s, o, &t, error);
    }
    target_clear(&t);
    if (!ok)
        g_clear_pointer(&first, session_close);
    return first;
}

void session_close(session_t *s)
{
    if (!s)
        return;
    GPtrArray *boards = s->boards;
    for (guint i = 0; i < boards->len; i++)
        flash_file_close(((session_t *)boards->pdata[i])->flash);
    world_free(s->world);
    diagram_free(s->diagram);
    for (guint i = 0; i < boards->len; i++) {
        session_t *one = boards->pdata[i];
        verdict_clear(&one->verdict);
        g_array_unref(one->listeners);
        g_free(one->firmware);
        g_free(one);
    }
    g_ptr_array_unref(boards);
}

// ---- Boards -------------------------------------------------------------------------------------

session_t *session_board(const session_t *s, const char *id)
{
    for (guint i = 0; i < s->boards->len; i++)
        if (!strcmp(((session_t *)s->boards->pdata[i])->id, id))
            return s->boards->pdata[i];
    return NULL;
}

session_t *session_find_part(const session_t *s, const char *name, part_t **part)
{
    part_t *dummy;
    part = part ? part : &dummy;
    *part = NULL;
    const char *dot = strchr(name, '.');
    g_autofree char *id = dot ? g_strndup(name, dot - name) : g_strdup(name);
    session_t *one = session_board(s, id);
    if (one && !dot)
        return one;
    if (one) {
        *part = machine_part(one->m, name);
        *part = *part ? *part : machine_part(one->m, dot + 1);
        return *part ? one : NULL;
    }
    for (guint i = 0; i < s->boards->len; i++) {
        one = s->boards->pdata[i];
        *part = machine_part(one->m, name);
        if (*part)
            return one;
    }
    return NULL;
}

// ---- Serial -------------------------------------------------------------------------------------

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

void session_control(session_t *s, serial_control_t control)
{
    if (s->serial)
        serial_control(s->serial, control);
}
