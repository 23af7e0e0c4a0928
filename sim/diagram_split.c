// SPDX-License-Identifier: GPL-2.0-or-later
// Diagrams with several boards: which part goes with which board. See board.h.
//
// Boards of one diagram are machines of their own, which meet by radio only, so no signal can run
// from one to the other. Supplies of all boards are the same three rails: a part may have its ground
// from one board and its signal from another, and gets the ground of the latter.
#include "board.h"
#include "json.h"
#include <string.h>

static GQuark quark(void) { return g_quark_from_static_string("solderless-diagram-error"); }

typedef struct {
    diagram_t *d;       // the first; the others behind it
    GPtrArray *parts;   // of diagram_part_t: all that are no boards, not owned
    diagram_t **owner;  // of each of them, or NULL
} split_t;

const diagram_part_t *diagram_find(const GPtrArray *parts, const char *id)
{
    for (guint i = 0; i < parts->len; i++)
        if (!strcmp(((diagram_part_t *)parts->pdata[i])->id, id))
            return parts->pdata[i];
    return NULL;
}

// ---- Ends of wires ------------------------------------------------------------------------------

typedef struct {
    int part;          // index in split.parts, or -1
    diagram_t *board;  // the board that this end is on, or NULL
    const char *pin, *supply; // the rail of a board's pin, or NULL
} end_t;

static const char *supply_of(const diagram_t *d, const char *pin)
{
    static const char *const rails[] = {"GND", "3V3", "5V", NULL};
    const board_pin_t *row = board_pin(d->board, pin);
    return row && g_strv_contains(rails, row->target) ? row->target : NULL;
}

static end_t end_of(const split_t *s, const char *name)
{
    end_t e = {.part = -1, .pin = strchr(name, ':') + 1};
    g_autofree char *part = g_strndup(name, e.pin - name - 1);
    for (diagram_t *d = s->d; d; d = d->next)
        if (!strcmp(d->board_id, part)) {
            e.board = d;
            e.supply = supply_of(d, e.pin);
        }
    for (guint i = 0; i < s->parts->len; i++)
        if (!strcmp(((diagram_part_t *)s->parts->pdata[i])->id, part))
            e.part = (int)i;
    return e;
}

static diagram_t *owner_of(const split_t *s, const end_t *e)
{
    return e->board ? e->board : e->part >= 0 ? s->owner[e->part] : NULL;
}

// ---- Parts --------------------------------------------------------------------------------------

// One round along the wires; TRUE if a part found its board.
static bool spread(split_t *s, const GPtrArray *wires, bool supplies)
{
    bool found = false;
    for (guint i = 0; i < wires->len; i++) {
        const diagram_wire_t *w = wires->pdata[i];
        end_t ends[2] = {end_of(s, w->from), end_of(s, w->to)};
        if (!supplies && (ends[0].supply || ends[1].supply))
            continue;
        for (unsigned k = 0; k < 2; k++) {
            diagram_t *other = owner_of(s, &ends[!k]);
            if (ends[k].part >= 0 && !s->owner[ends[k].part] && other) {
                s->owner[ends[k].part] = other;
                found = true;
            }
        }
    }
    return found;
}

static void assign_parts(split_t *s, const GPtrArray *wires)
{
    while (spread(s, wires, false))
        ;
    while (spread(s, wires, true))
        ;
    for (guint i = 0; i < s->parts->len; i++) {
        diagram_t *d = s->owner[i] ? s->owner[i] : s->d;
        s->owner[i] = d;
        g_ptr_array_add(d->parts, s->parts->pdata[i]);
    }
}

// ---- Wires --------------------------------------------------------------------------------------

// The same rail on the board where the part is.
static bool move_supply(char **end, const diagram_t *to, const char *rail)
{
    for (guint i = 0; i < to->board->pins->len; i++) {
        const board_pin_t *row = to->board->pins->pdata[i];
        if (strcmp(row->target, rail))
            continue;
        g_free(*end);
        *end = g_strconcat(to->board_id, ":", row->name, NULL);
        return true;
    }
    return false;
}

// Takes the wire.
static bool assign_wire(split_t *s, diagram_wire_t *w, GError **error)
{
    end_t from = end_of(s, w->from), to = end_of(s, w->to);
    diagram_t *a = owner_of(s, &from), *b = owner_of(s, &to);
    bool ok = !a || !b || a == b;
    if (!ok && from.supply && to.supply) { // rails are the same everywhere
        diagram_wire_free(w);
        return true;
    }
    if (!ok && from.supply && move_supply(&w->from, b, from.supply)) {
        ok = true;
        a = b;
    } else if (!ok && to.supply && move_supply(&w->to, a, to.supply)) {
        ok = true;
    }
    if (!ok)
        g_set_error(error, quark(), 0,
                    "%s:%d: '%s' belongs to board '%s' and '%s' to board '%s': boards meet by "
                    "radio, not by wires",
                    s->d->path, w->line, w->from, a->board_id, w->to, b->board_id);
    diagram_t *d = a ? a : b ? b : s->d;
    g_ptr_array_add(d->connections, w);
    return ok;
}

static bool divide(split_t *s, GError **error)
{
    GPtrArray *wires = s->d->connections;
    s->owner = g_new0(diagram_t *, s->parts->len);
    s->d->connections = g_ptr_array_new_with_free_func(diagram_wire_free);
    assign_parts(s, wires);
    bool ok = true;
    while (wires->len && ok)
        ok = assign_wire(s, g_ptr_array_steal_index(wires, 0), error);
    g_ptr_array_unref(wires);
    g_free(s->owner);
    return ok;
}

// ---- Boards -------------------------------------------------------------------------------------

// Moves each board's row into a diagram of its own; the other parts to s->parts.
static void take_boards(split_t *s)
{
    g_autoptr(GPtrArray) rows = s->d->parts;
    g_ptr_array_set_free_func(rows, NULL);
    s->d->parts = g_ptr_array_new_with_free_func(diagram_part_free);
    diagram_t *last = NULL;
    for (guint i = 0; i < rows->len; i++) {
        diagram_part_t *row = rows->pdata[i];
        if (row->cls) {
            g_ptr_array_add(s->parts, row);
            continue;
        }
        diagram_t *d = last ? diagram_new(s->d->path) : s->d;
        if (last)
            last->next = d;
        d->board_id = g_strdup(row->id);
        g_ptr_array_add(d->parts, row);
        last = d;
    }
}

bool diagram_split(diagram_t *d, json_at_t at, GError **error)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    split_t s = {.d = d, .parts = parts};
    bool ok = true, any = false;
    for (guint i = 0; i < d->parts->len; i++)
        any |= !((diagram_part_t *)d->parts->pdata[i])->cls;
    if (!any)
        return json_fail(at, error, "there is no board among the parts, such as "
                         "{\"id\": \"pyb\", \"type\": \"board-pyboard\"}");
    take_boards(&s);
    for (diagram_t *one = d; ok && one; one = one->next) {
        const char *type = diagram_find(one->parts, one->board_id)->type;
        one->board = board_load(type + strlen("board-"), error);
        ok = one->board != NULL;
    }
    if (ok)
        return divide(&s, error);
    for (guint i = 0; i < parts->len; i++)
        diagram_part_free(parts->pdata[i]);
    return false;
}
