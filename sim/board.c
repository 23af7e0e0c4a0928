// SPDX-License-Identifier: GPL-2.0-or-later
// Boards: reads boards/<name>/board.json. See board.h.
#include "board.h"
#include "json.h"
#include <stdlib.h>
#include <string.h>

static const char *const top_fields[] = {
    "version", "name",       "title", "author", "soc",   "picture",     "width",    "height",
    "firmware", "fileSystem", "chip",  "serial", "pins",  "parts",       "connections",
    "package",  "script",     "hexIds", "controls", NULL};

static void pin_free(gpointer pin)
{
    board_pin_t *p = pin;
    g_free(p->name);
    g_free(p->target);
    g_free(p);
}

static void chip_attr_free(gpointer attr)
{
    board_chip_attr_t *a = attr;
    g_free(a->part);
    g_free(a->name);
    g_free(a->value);
    g_free(a);
}

void board_free(board_t *b)
{
    if (!b)
        return;
    char *strings[] = {b->name, b->title,    b->dir,       b->path,     b->picture,
                       b->soc,  b->firmware, b->serial.tx, b->serial.rx, b->script_magic,
                       b->package};
    for (unsigned i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_ptr_array_unref(b->controls);
    g_ptr_array_unref(b->pins);
    g_ptr_array_unref(b->chip_attrs);
    g_ptr_array_unref(b->parts);
    g_ptr_array_unref(b->connections);
    g_ptr_array_unref(b->warnings);
    g_free(b);
}

// ---- Names --------------------------------------------------------------------------------------

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *board_names(void)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) dirs = data_dirs();
    for (guint i = 0; i < dirs->len; i++) {
        g_autofree char *boards = g_build_filename(dirs->pdata[i], "boards", NULL);
        g_autoptr(GDir) dir = g_dir_open(boards, 0, NULL);
        const char *name;
        while (dir && (name = g_dir_read_name(dir))) {
            g_autofree char *file = g_build_filename(boards, name, "board.json", NULL);
            if (g_file_test(file, G_FILE_TEST_IS_REGULAR) &&
                !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
                g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_ptr_array_sort(names, by_name);
    return names;
}

static const board_pin_t *exact_pin(const board_t *b, const char *name)
{
    for (guint i = 0; i < b->pins->len; i++) {
        const board_pin_t *pin = b->pins->pdata[i];
        if (!strcmp(pin->name, name))
            return pin;
    }
    return NULL;
}

const board_pin_t *board_pin(const board_t *b, const char *name)
{
    const board_pin_t *pin = exact_pin(b, name);
    const char *dot = strrchr(name, '.');
    bool repeat = dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1);
    g_autofree char *other = repeat ? g_strndup(name, dot - name) : g_strconcat(name, ".1", NULL);
    return pin ? pin : exact_pin(b, other);
}

// ---- Fields -------------------------------------------------------------------------------------

static bool read_top(board_t *b, json_at_t root, GError **error)
{
    g_autoptr(GList) names = json_names(root);
    for (GList *n = names; n; n = n->next)
        if (!g_strv_contains(top_fields, n->data)) {
            json_at_t value;
            json_member(root, n->data, &value);
            return json_fail(value, error, "unknown field '%s'", (char *)n->data);
        }
    const char *name = NULL, *title = NULL, *soc = NULL, *firmware = NULL, *package = NULL;
    const char *picture = "board.svg";
    if (!json_string(root, "name", true, &name, error) ||
        !json_string(root, "title", true, &title, error) ||
        !json_string(root, "soc", true, &soc, error) ||
        !json_string(root, "picture", false, &picture, error) ||
        !json_string(root, "firmware", false, &firmware, error) ||
        !json_string(root, "package", false, &package, error) ||
        !json_number(root, "width", true, &b->width, error) ||
        !json_number(root, "height", true, &b->height, error))
        return false;
    json_at_t at;
    if (!soc_find(soc)) {
        json_member(root, "soc", &at);
        return json_fail(at, error, "unknown chip '%s'", soc);
    }
    b->name = g_strdup(name);
    b->title = g_strdup(title);
    b->soc = g_strdup(soc);
    b->firmware = g_strdup(firmware);
    b->package = g_strdup(package);
    b->picture = g_build_filename(b->dir, picture, NULL);
    return true;
}

// An address or a size: a number, or text that may be hexadecimal.
static bool read_word(json_at_t at, const char *name, uint32_t *to, GError **error)
{
    json_at_t value;
    if (!json_member(at, name, &value))
        return json_fail(at, error, "'%s' is missing", name);
    g_autofree char *text = json_text(value, name, error);
    if (!text)
        return false;
    char *end;
    guint64 n = g_ascii_strtoull(text, &end, 0);
    if (!*text || *end || *text == '-' || n > UINT32_MAX)
        return json_fail(value, error, "'%s' must be a number of 32 bits, not '%s'", name, text);
    *to = (uint32_t)n;
    return true;
}

static bool read_file_system(board_t *b, json_at_t root, GError **error)
{
    json_at_t at;
    if (!json_member(root, "fileSystem", &at))
        return true;
    if (!json_is_object(at))
        return json_fail(at, error, "'fileSystem' must be an object");
    json_at_t more;
    return read_word(at, "base", &b->fs_base, error) && read_word(at, "size", &b->fs_size, error) &&
           (!json_member(at, "log", &more) || read_word(at, "log", &b->fs_log, error)) &&
           (!json_member(at, "journal", &more) || read_word(at, "journal", &b->fs_journal, error));
}

// {"base": "0x3E000", "size": "0x2000", "magic": "MP"}
static bool read_script(board_t *b, json_at_t root, GError **error)
{
    json_at_t at;
    const char *magic = NULL;
    if (!json_member(root, "script", &at))
        return true;
    if (!json_is_object(at))
        return json_fail(at, error, "'script' must be an object");
    if (!read_word(at, "base", &b->script_base, error) ||
        !read_word(at, "size", &b->script_size, error) ||
        !json_string(at, "magic", true, &magic, error))
        return false;
    b->script_magic = g_strdup(magic);
    return true;
}

static bool read_hex_ids(board_t *b, json_at_t root, GError **error)
{
    json_at_t list, item = {0};
    unsigned n = 0;
    if (!json_member(root, "hexIds", &list))
        return true;
    for (unsigned i = 0; json_is_array(list) && json_next(list, &i, &item);) {
        g_autofree char *text = json_text(item, "hexIds", error);
        char *end = NULL;
        guint64 id = text ? g_ascii_strtoull(text, &end, 0) : 0;
        if (!text)
            return false;
        if (*end || !id || id > UINT16_MAX || n + 1 == G_N_ELEMENTS(b->block_ids))
            return json_fail(item, error, "'hexIds' has up to %zu ids from 1 to 0xffff",
                             G_N_ELEMENTS(b->block_ids) - 1);
        b->block_ids[n++] = (uint16_t)id;
    }
    return n || json_fail(list, error, "'hexIds' must be a list of ids");
}

static bool read_controls(board_t *b, json_at_t root, GError **error)
{
    json_at_t list, item = {0};
    if (!json_member(root, "controls", &list))
        return true;
    if (!json_is_array(list))
        return json_fail(list, error, "'controls' must be a list of parts");
    for (unsigned i = 0; json_next(list, &i, &item);) {
        char *text = json_text(item, "controls", error);
        if (!text)
            return false;
        g_ptr_array_add(b->controls, text);
    }
    return true;
}

// {"rcc": {"hse_hz": "12000000"}}
static bool read_chip(board_t *b, json_at_t root, GError **error)
{
    json_at_t chip, part, value;
    if (!json_member(root, "chip", &chip))
        return true;
    if (!json_is_object(chip))
        return json_fail(chip, error, "'chip' must be an object");
    g_autoptr(GList) parts = json_names(chip);
    for (GList *p = parts; p; p = p->next) {
        json_member(chip, p->data, &part);
        if (!json_is_object(part))
            return json_fail(part, error, "'%s' must be an object of attributes", (char *)p->data);
        g_autoptr(GList) names = json_names(part);
        for (GList *n = names; n; n = n->next) {
            json_member(part, n->data, &value);
            char *text = json_text(value, n->data, error);
            if (!text)
                return false;
            board_chip_attr_t *a = g_new0(board_chip_attr_t, 1);
            *a = (board_chip_attr_t){g_strdup(p->data), g_strdup(n->data), text, json_line(value)};
            g_ptr_array_add(b->chip_attrs, a);
        }
    }
    return true;
}

static bool read_pins(board_t *b, json_at_t root, GError **error)
{
    json_at_t pins, at;
    if (!json_member(root, "pins", &pins) || !json_is_object(pins))
        return json_fail(root, error, "'pins' must be an object");
    g_autoptr(GList) names = json_names(pins);
    for (GList *n = names; n; n = n->next) {
        const char *target = NULL;
        json_member(pins, n->data, &at);
        if (!json_is_object(at))
            return json_fail(at, error, "pin '%s' must be an object", (char *)n->data);
        board_pin_t *pin = g_new0(board_pin_t, 1);
        pin->name = g_strdup(n->data);
        pin->line = json_line(at);
        g_ptr_array_add(b->pins, pin);
        json_at_t x;
        pin->placed = json_member(at, "x", &x);
        if (!json_string(at, "target", true, &target, error) ||
            !json_number(at, "x", false, &pin->x, error) ||
            !json_number(at, "y", pin->placed, &pin->y, error))
            return false;
        pin->target = g_strdup(target);
    }
    return true;
}

static bool read_serial(board_t *b, json_at_t root, GError **error)
{
    json_at_t at;
    const char *tx = NULL, *rx = NULL;
    double baud = 115200;
    if (!json_member(root, "serial", &at))
        return true;
    if (!json_is_object(at))
        return json_fail(at, error, "'serial' must be an object");
    if (!json_string(at, "tx", true, &tx, error) || !json_string(at, "rx", true, &rx, error) ||
        !json_number(at, "baud", false, &baud, error))
        return false;
    if (baud < 1 || baud > 20e6)
        return json_fail(at, error, "'baud' must be from 1 to 20000000");
    const char *names[] = {tx, rx};
    for (unsigned i = 0; i < 2; i++)
        if (!board_pin(b, names[i]))
            return json_fail(at, error, "'serial' names a pin '%s' that 'pins' does not have",
                             names[i]);
    b->serial = (board_serial_t){g_strdup(tx), g_strdup(rx), (uint32_t)baud};
    return true;
}

// End points that are not parts. Whether the chip has a pin of that name shows when it is built.
static name_check_t other_name(const void *ctx, const char *part, const char *pin)
{
    if (!strcmp(part, "chip") || (!strcmp(part, "$serialMonitor") && ((const board_t *)ctx)->serial.tx))
        return NAME_OK;
    if (strcmp(part, "board"))
        return NAME_NO_PART;
    return board_pin(ctx, pin) ? NAME_OK : NAME_NO_PIN;
}

board_t *board_load_file(const char *path, GError **error)
{
    g_autoptr(json_doc_t) doc = json_doc_load(path, error);
    if (!doc)
        return NULL;
    json_at_t root = json_root(doc);
    board_t *b = g_new0(board_t, 1);
    b->path = g_strdup(path);
    b->dir = g_path_get_dirname(path);
    b->controls = g_ptr_array_new_with_free_func(g_free);
    b->pins = g_ptr_array_new_with_free_func(pin_free);
    b->chip_attrs = g_ptr_array_new_with_free_func(chip_attr_free);
    b->parts = g_ptr_array_new_with_free_func(diagram_part_free);
    b->connections = g_ptr_array_new_with_free_func(diagram_wire_free);
    b->warnings = g_ptr_array_new_with_free_func(g_free);
    if (!read_top(b, root, error) || !read_file_system(b, root, error) ||
        !read_script(b, root, error) || !read_hex_ids(b, root, error) ||
        !read_controls(b, root, error) ||
        !read_chip(b, root, error) || !read_pins(b, root, error) || !read_serial(b, root, error) ||
        !diagram_read_parts(root, b->parts, b->warnings, false, error) ||
        !diagram_read_wires(root, b->connections, error) ||
        !diagram_check_wires(path, b->connections, b->parts, other_name, b, error))
        g_clear_pointer(&b, board_free);
    return b;
}

board_t *board_load(const char *name, GError **error)
{
    g_autofree char *relative = g_build_filename("boards", name, "board.json", NULL);
    g_autofree char *path = strchr(name, '/') ? NULL : data_path(relative, NULL);
    if (path)
        return board_load_file(path, error);
    g_autoptr(GPtrArray) names = board_names();
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)names->pdata);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "there is no board '%s'; there is: %s",
                name, *list ? list : "none");
    return NULL;
}
