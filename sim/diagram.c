// SPDX-License-Identifier: GPL-2.0-or-later
// Diagrams: reads parts and connections in Wokwi's grammar, for diagram.json and board.json, and
// finds what is wrong with them. diagram_build.c makes the machine.
#include "board.h"
#include "json.h"
#include <string.h>

static GQuark quark(void) { return g_quark_from_static_string("solderless-diagram-error"); }

#define MONITOR "$serialMonitor"

void diagram_part_free(gpointer part)
{
    diagram_part_t *p = part;
    g_free(p->id);
    g_free(p->type);
    if (p->attrs)
        g_hash_table_unref(p->attrs);
    g_free(p);
}

void diagram_wire_free(gpointer wire)
{
    diagram_wire_t *w = wire;
    g_free(w->from);
    g_free(w->to);
    g_free(w->color);
    g_free(w);
}

void diagram_free(diagram_t *d)
{
    if (!d)
        return;
    g_free(d->path);
    g_free(d->board_id);
    g_ptr_array_unref(d->parts);
    g_ptr_array_unref(d->connections);
    g_ptr_array_unref(d->warnings);
    board_free(d->board);
    diagram_free(d->next);
    g_free(d);
}

// ---- Parts --------------------------------------------------------------------------------------

static bool knows_attr(const part_class_t *c, const char *name)
{
    size_t n = strlen(name);
    for (const char *const *a = c->attrs; a && *a; a++)
        if (!strncmp(*a, name, n) && (!(*a)[n] || (*a)[n] == '='))
            return true;
    for (const part_prop_t *p = c->props; p && p->name; p++)
        if (p->kind != PROP_OUTPUT && (!strcmp(p->name, name) || !g_strcmp0(p->alias, name)))
            return true;
    return false;
}

static bool read_attrs(diagram_part_t *p, json_at_t at, GPtrArray *warnings, GError **error)
{
    json_at_t attrs, value;
    if (!json_member(at, "attrs", &attrs))
        return true;
    if (!json_is_object(attrs))
        return json_fail(attrs, error, "'attrs' must be an object");
    g_autoptr(GList) names = json_names(attrs);
    for (GList *n = names; n; n = n->next) {
        json_member(attrs, n->data, &value);
        g_autofree char *what = g_strdup_printf("attribute '%s'", (char *)n->data);
        char *text = json_text(value, what, error);
        if (!text)
            return false;
        g_hash_table_replace(p->attrs, g_strdup(n->data), text);
        if (p->cls && !knows_attr(p->cls, n->data))
            g_ptr_array_add(warnings,
                            g_strdup_printf("%s:%d: part '%s' (%s) has no attribute '%s'",
                                            at.doc->path, json_line(value), p->id, p->type,
                                            (char *)n->data));
    }
    return true;
}

static bool is_board(const char *type)
{
    g_autofree char *relative = NULL;
    if (!g_str_has_prefix(type, "board-") || strchr(type, '/'))
        return false;
    relative = g_build_filename("boards", type + strlen("board-"), "board.json", NULL);
    g_autofree char *path = data_path(relative, NULL);
    return path != NULL;
}

static bool unknown_type(json_at_t at, const char *type, GError **error)
{
    if (!g_str_has_prefix(type, "board-"))
        return json_fail(at, error, "unknown part type '%s'; `solderless parts` lists them", type);
    g_autoptr(GPtrArray) names = board_names();
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv(", board-", (char **)names->pdata);
    return json_fail(at, error, "unknown board '%s'; there is: %s%s", type, *list ? "board-" : "",
                     *list ? list : "none");
}

static bool find_type(diagram_part_t *p, json_at_t at, bool boards, GError **error)
{
    json_at_t type;
    json_member(at, "type", &type);
    p->cls = part_class_find(p->type);
    if (p->cls && p->cls->mmio_size)
        return json_fail(type, error, "'%s' is inside chips and cannot be placed", p->type);
    if (p->cls || (boards && is_board(p->type)))
        return true;
    return unknown_type(type, p->type, error);
}

static bool read_part(json_at_t at, GPtrArray *parts, GPtrArray *warnings, bool boards,
                      GError **error)
{
    const char *id = NULL, *type = NULL;
    json_at_t value;
    if (!json_is_object(at))
        return json_fail(at, error, "a part must be an object");
    if (!json_string(at, "id", true, &id, error) || !json_string(at, "type", true, &type, error))
        return false;
    json_member(at, "id", &value);
    if (!*id || strpbrk(id, ":$ "))
        return json_fail(value, error, "'%s' cannot be the id of a part", id);
    if (diagram_find(parts, id))
        return json_fail(value, error, "there are two parts with the id '%s'", id);
    diagram_part_t *p = g_new0(diagram_part_t, 1);
    p->id = g_strdup(id);
    p->type = g_strdup(type);
    p->attrs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    p->line = json_line(at);
    g_ptr_array_add(parts, p);
    return find_type(p, at, boards, error) && json_number(at, "left", false, &p->left, error) &&
           json_number(at, "top", false, &p->top, error) &&
           json_number(at, "rotate", false, &p->rotate, error) &&
           json_flag(at, "hide", &p->hide, error) &&
           read_attrs(p, at, warnings, error);
}

bool diagram_read_parts(json_at_t root, GPtrArray *parts, GPtrArray *warnings, bool boards,
                        GError **error)
{
    json_at_t array, item = {0};
    if (!json_member(root, "parts", &array))
        return json_fail(root, error, "'parts' is missing");
    if (!json_is_array(array))
        return json_fail(array, error, "'parts' must be a list");
    for (unsigned i = 0; json_next(array, &i, &item);)
        if (!read_part(item, parts, warnings, boards, error))
            return false;
    return true;
}

// ---- Connections --------------------------------------------------------------------------------

static bool read_wire(json_at_t at, GPtrArray *wires, GError **error)
{
    const char *ends[3] = {NULL, NULL, ""}; // from, to, colour
    json_at_t item = {0};
    unsigned i = 0;
    if (!json_is_array(at))
        return json_fail(at, error,
                         "a connection must be a list: [\"led1:A\", \"r1:1\", \"green\"]");
    for (; json_next(at, &i, &item) && i <= 3;) {
        if (!JSON_NODE_HOLDS_VALUE(item.node) ||
            json_node_get_value_type(item.node) != G_TYPE_STRING)
            return json_fail(item, error, "the %s of a connection must be a string",
                             i == 1 ? "first end" : i == 2 ? "second end" : "colour");
        ends[i - 1] = json_node_get_string(item.node);
        if (i <= 2 && (!strchr(ends[i - 1], ':') || *ends[i - 1] == ':'))
            return json_fail(item, error, "'%s' is not of the form part:pin", ends[i - 1]);
    }
    if (!ends[1])
        return json_fail(at, error, "a connection needs two ends");
    if (json_array_get_length(json_node_get_array(at.node)) > 4)
        return json_fail(at, error, "a connection has at most four items");
    diagram_wire_t *w = g_new0(diagram_wire_t, 1);
    *w = (diagram_wire_t){g_strdup(ends[0]), g_strdup(ends[1]), g_strdup(ends[2]), json_line(at)};
    g_ptr_array_add(wires, w);
    return true;
}

bool diagram_read_wires(json_at_t root, GPtrArray *wires, GError **error)
{
    json_at_t array, item = {0};
    if (!json_member(root, "connections", &array))
        return true;
    if (!json_is_array(array))
        return json_fail(array, error, "'connections' must be a list");
    for (unsigned i = 0; json_next(array, &i, &item);)
        if (!read_wire(item, wires, error))
            return false;
    return true;
}

static bool class_has_pin(const part_class_t *c, const char *pin)
{
    for (const char *const *p = c->pins; p && *p; p++)
        if (!strcmp(*p, pin))
            return true;
    return false;
}

static bool check_end(const char *end, const GPtrArray *parts, name_check_fn_t other,
                      const void *ctx, char **what)
{
    const char *pin = strchr(end, ':') + 1, *type = NULL;
    g_autofree char *part = g_strndup(end, pin - end - 1);
    name_check_t found = NAME_NO_PART;
    for (guint i = 0; i < parts->len; i++) {
        const diagram_part_t *p = parts->pdata[i];
        if (!p->cls || strcmp(p->id, part))
            continue;
        type = p->type;
        found = class_has_pin(p->cls, pin) ? NAME_OK : NAME_NO_PIN;
    }
    if (!type)
        found = other(ctx, part, pin);
    if (found == NAME_NO_PART)
        *what = g_strdup_printf("there is no part '%s'", part);
    else if (found == NAME_NO_PIN)
        *what = type ? g_strdup_printf("part '%s' (%s) has no pin '%s'", part, type, pin)
                     : g_strdup_printf("'%s' has no pin '%s'", part, pin);
    return found == NAME_OK;
}

bool diagram_check_wires(const char *path, const GPtrArray *wires, const GPtrArray *parts,
                         name_check_fn_t other, const void *ctx, GError **error)
{
    for (guint i = 0; i < wires->len; i++) {
        const diagram_wire_t *w = wires->pdata[i];
        g_autofree char *what = NULL;
        if (!check_end(w->from, parts, other, ctx, &what) ||
            !check_end(w->to, parts, other, ctx, &what)) {
            g_set_error(error, quark(), 0, "%s:%d: %s", path, w->line, what);
            return false;
        }
    }
    return true;
}

// ---- Diagrams -----------------------------------------------------------------------------------

// The board's header pins; chip pins ("PA13") when it is built; the serial monitor.
static name_check_t other_name(const void *ctx, const char *part, const char *pin)
{
    const diagram_t *d = ctx;
    if (!strcmp(part, MONITOR)) {
        if (!d->board->serial.tx)
            return NAME_NO_PART;
        return !strcmp(pin, "TX") || !strcmp(pin, "RX") ? NAME_OK : NAME_NO_PIN;
    }
    if (strcmp(part, d->board_id))
        return NAME_NO_PART;
    if (board_pin(d->board, pin))
        return NAME_OK;
    // A pin of the chip that has a name on the board.
    for (guint i = 0; i < d->board->pins->len; i++)
        if (!strcmp(((board_pin_t *)d->board->pins->pdata[i])->target, pin))
            return NAME_OK;
    return NAME_NO_PIN;
}

diagram_t *diagram_new(const char *path)
{
    diagram_t *d = g_new0(diagram_t, 1);
    d->path = g_strdup(path);
    d->parts = g_ptr_array_new_with_free_func(diagram_part_free);
    d->connections = g_ptr_array_new_with_free_func(diagram_wire_free);
    d->warnings = g_ptr_array_new_with_free_func(g_free);
    return d;
}

static void take_warnings(diagram_t *d)
{
    for (guint i = 0; i < d->board->warnings->len; i++)
        g_ptr_array_add(d->warnings, g_strdup(d->board->warnings->pdata[i]));
}

diagram_t *diagram_load(const char *path, GError **error)
{
    g_autoptr(json_doc_t) doc = json_doc_load(path, error);
    if (!doc)
        return NULL;
    json_at_t root = json_root(doc), parts;
    diagram_t *d = diagram_new(path);
    bool ok = diagram_read_parts(root, d->parts, d->warnings, true, error) &&
              diagram_read_wires(root, d->connections, error) &&
              json_member(root, "parts", &parts) && diagram_split(d, parts, error);
    for (diagram_t *one = d; ok && one; one = one->next) {
        ok = diagram_check_wires(path, one->connections, one->parts, other_name, one, error);
        take_warnings(one);
    }
    if (!ok)
        g_clear_pointer(&d, diagram_free);
    return d;
}

diagram_t *diagram_of_board(const char *board_name, GError **error)
{
    board_t *b = board_load(board_name, error);
    if (!b)
        return NULL;
    diagram_t *d = diagram_new(b->path);
    diagram_part_t *p = g_new0(diagram_part_t, 1);
    p->id = g_strdup("board");
    p->type = g_strconcat("board-", board_name, NULL);
    p->attrs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    p->line = 1;
    g_ptr_array_add(d->parts, p);
    d->board = b;
    d->board_id = g_strdup(p->id);
    take_warnings(d);
    return d;
}
