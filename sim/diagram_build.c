// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a machine of a diagram: chip, board with its headers, parts, wires. See board.h.
#include "board.h"
#include <string.h>

#define MONITOR      "$serialMonitor"
#define MONITOR_PART "serialMonitor"

typedef struct {
    diagram_t *d;
    machine_t *m;
    part_t *board;
} build_t;

static GQuark quark(void) { return g_quark_from_static_string("solderless-diagram-error"); }

// Puts "path:line: " before what went wrong.
static bool at_line(const char *path, int line, GError **error)
{
    g_prefix_error(error, "%s:%d: ", path, line);
    return false;
}

// ---- The board as a part ------------------------------------------------------------------------

// The pin RST of a header: low holds the chip in reset.
static void reset_pin_changed(void *ctx, pin_t *pin)
{
    line_set(machine_line(ctx, "nrst.assert"), !pin_level(pin));
}

static const part_class_t board_class = {
    .name = "board",
    .brief = "a board with its headers",
    .size = sizeof(part_t),
};

static pin_t *chip_pin(machine_t *m, const char *name)
{
    for (guint i = 0; i < m->parts->len; i++) {
        part_t *p = m->parts->pdata[i];
        pin_t *pin = p->on_chip ? part_pin(p, name) : NULL;
        if (pin)
            return pin;
    }
    return NULL;
}

// The header pin before this one with the same target: they are one net.
static pin_t *same_target(build_t *b, guint before, const char *target)
{
    for (guint i = 0; i < before; i++) {
        const board_pin_t *row = b->d->board->pins->pdata[i];
        if (!strcmp(row->target, target))
            return b->board->pins->pdata[i];
    }
    return NULL;
}

static bool connect_header(build_t *b, guint i, GError **error)
{
    static const struct {
        const char *target;
        drive_t drive;
        int32_t mv;
    } rails[] = {{"GND", DRIVE_STRONG, 0},
                 {"3V3", DRIVE_STRONG, NET_VDD_MV},
                 {"5V", DRIVE_STRONG, 5000},
                 {"NRST", DRIVE_PULL, NET_VDD_MV},
                 {"NC", DRIVE_NONE, 0}};
    const board_pin_t *row = b->d->board->pins->pdata[i];
    pin_t *pin = b->board->pins->pdata[i], *other = same_target(b, i, row->target);
    if (other && strcmp(row->target, "NC")) {
        pin_connect(other, pin);
        return true;
    }
    for (unsigned r = 0; r < G_N_ELEMENTS(rails); r++)
        if (!strcmp(rails[r].target, row->target)) {
            pin_drive(pin, rails[r].drive, rails[r].mv);
            if (rails[r].drive == DRIVE_PULL) {
                pin->changed = reset_pin_changed;
                pin->ctx = b->m;
            }
            return true;
        }
    pin_t *chip = chip_pin(b->m, row->target);
    if (!chip) {
        g_set_error(error, quark(), 0, "%s:%d: the chip has no pin '%s'", b->d->board->path,
                    row->line, row->target);
        return false;
    }
    pin_connect(pin, chip);
    return true;
}

static bool add_board(build_t *b, GError **error)
{
    const board_t *board = b->d->board;
    b->board = machine_add_part(b->m, &board_class, b->d->board_id, error);
    if (!b->board || !part_init(b->board, error))
        return false;
    b->board->on_board = true;
    for (guint i = 0; i < board->pins->len; i++)
        part_add_pin(b->board, ((board_pin_t *)board->pins->pdata[i])->name, NULL, NULL);
    for (guint i = 0; i < board->pins->len; i++)
        if (!connect_header(b, i, error))
            return false;
    for (guint i = 0; i < board->chip_attrs->len; i++) {
        const board_chip_attr_t *a = board->chip_attrs->pdata[i];
        part_t *p = machine_part(b->m, a->part);
        if (!p || !p->on_chip) {
            g_set_error(error, quark(), 0, "%s:%d: the chip has no part '%s'", board->path, a->line,
                        a->part);
            return false;
        }
        part_set_attr(p, a->name, a->value);
    }
    return true;
}

// ---- Parts --------------------------------------------------------------------------------------

static char *name_on_board(const diagram_t *d, const char *id)
{
    return diagram_find(d->parts, id) ? g_strconcat(d->board_id, ".", id, NULL) : g_strdup(id);
}

static bool add_part(build_t *b, const diagram_part_t *row, const char *name, bool on_board,
                     GError **error)
{
    const char *path = on_board ? b->d->board->path : b->d->path;
    part_t *p = machine_add_part(b->m, row->cls, name, error);
    if (!p)
        return at_line(path, row->line, error);
    part_set_attr(p, "type", row->type); // a class may differ by the name it was asked for by
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, row->attrs);
    while (g_hash_table_iter_next(&iter, &key, &value))
        part_set_attr(p, key, value);
    p->left = row->left;
    p->top = row->top;
    p->rotate = row->rotate;
    p->on_board = on_board;
    return part_init(p, error) || at_line(path, row->line, error);
}

static bool add_parts(build_t *b, GError **error)
{
    const board_t *board = b->d->board;
    for (guint i = 0; i < board->parts->len; i++) {
        const diagram_part_t *row = board->parts->pdata[i];
        g_autofree char *name = name_on_board(b->d, row->id);
        if (!add_part(b, row, name, true, error))
            return false;
    }
    for (guint i = 0; i < b->d->parts->len; i++) {
        const diagram_part_t *row = b->d->parts->pdata[i];
        if (row->cls && !add_part(b, row, row->id, false, error))
            return false;
    }
    return true;
}

// ---- Wires --------------------------------------------------------------------------------------

// A header pin by its name with or without a repeat, or a pin of the chip.
static pin_t *pin_of_board(diagram_t *d, machine_t *m, const char *name)
{
    const board_pin_t *row = board_pin(d->board, name);
    return row ? part_pin(machine_part(m, d->board_id), row->name) : chip_pin(m, name);
}

pin_t *diagram_pin(diagram_t *d, machine_t *m, const char *name, GError **error)
{
    const char *colon = strchr(name, ':');
    size_t n = colon ? (size_t)(colon - name) : 0;
    if (colon && n == strlen(d->board_id) && !strncmp(name, d->board_id, n)) {
        pin_t *pin = pin_of_board(d, m, colon + 1);
        if (!pin)
            g_set_error(error, quark(), 0, "'%s' has no pin '%s'", d->board_id, colon + 1);
        return pin;
    }
    if (*name == '$')
        name++; // "$serialMonitor:TX"
    return machine_pin(m, name, error);
}

// End points in a board file: "chip:PA13", "board:X9", "$serialMonitor:DTR", or a part on the board.
static pin_t *pin_in_board_file(build_t *b, const char *name, GError **error)
{
    const char *pin_name = strchr(name, ':') + 1;
    g_autofree char *part = g_strndup(name, pin_name - name - 1);
    if (!strcmp(part, MONITOR))
        return machine_pin(b->m, name + 1, error);
    if (strcmp(part, "chip") && strcmp(part, "board")) {
        g_autofree char *there = name_on_board(b->d, part);
        g_autofree char *full = g_strconcat(there, ":", pin_name, NULL);
        return machine_pin(b->m, full, error);
    }
    pin_t *pin = strcmp(part, "chip") ? pin_of_board(b->d, b->m, pin_name)
                                      : chip_pin(b->m, pin_name);
    if (!pin)
        g_set_error(error, quark(), 0, "the %s has no pin '%s'", part, pin_name);
    return pin;
}

static bool connect(build_t *b, const diagram_wire_t *w, bool on_board, GError **error)
{
    const char *names[] = {w->from, w->to};
    pin_t *ends[2];
    for (unsigned i = 0; i < 2; i++) {
        ends[i] = on_board ? pin_in_board_file(b, names[i], error)
                           : diagram_pin(b->d, b->m, names[i], error);
        if (!ends[i])
            return at_line(on_board ? b->d->board->path : b->d->path, w->line, error);
    }
    // The board's name of a net is the telling one.
    bool second = ends[1]->part == b->board;
    pin_connect(ends[second], ends[!second]);
    return true;
}

static bool connect_all(build_t *b, GError **error)
{
    for (guint i = 0; i < b->d->board->connections->len; i++)
        if (!connect(b, b->d->board->connections->pdata[i], true, error))
            return false;
    for (guint i = 0; i < b->d->connections->len; i++)
        if (!connect(b, b->d->connections->pdata[i], false, error))
            return false;
    return true;
}

static bool wires_monitor(const diagram_t *d)
{
    for (guint i = 0; i < d->connections->len; i++) {
        const diagram_wire_t *w = d->connections->pdata[i];
        if (g_str_has_prefix(w->from, MONITOR ":") || g_str_has_prefix(w->to, MONITOR ":"))
            return true;
    }
    return false;
}

static bool add_monitor(build_t *b, GError **error)
{
    const board_serial_t *serial = &b->d->board->serial;
    if (!serial->tx)
        return true;
    part_t *p = machine_add_part(b->m, part_class_find("serial-monitor"), MONITOR_PART, error);
    if (!p)
        return false;
    g_autofree char *baud = g_strdup_printf("%u", serial->baud);
    part_set_attr(p, "baud", baud);
    p->on_board = true;
    if (!part_init(p, error))
        return false;
    if (!wires_monitor(b->d)) {
        pin_connect(pin_of_board(b->d, b->m, serial->tx), part_pin(p, "RX"));
        pin_connect(pin_of_board(b->d, b->m, serial->rx), part_pin(p, "TX"));
    }
    return true;
}

machine_t *diagram_build(diagram_t *d, uint32_t seed, GError **error)
{
    build_t b = {.d = d};
    const soc_t *soc = soc_find(d->board->soc);
    if (!soc) {
        g_set_error(error, quark(), 0, "%s: unknown chip '%s'", d->board->path, d->board->soc);
        return NULL;
    }
    b.m = machine_new(soc, seed, error);
    if (!b.m)
        return NULL;
    if (add_board(&b, error) && add_parts(&b, error) && add_monitor(&b, error) &&
        connect_all(&b, error))
        return b.m;
    machine_free(b.m);
    return NULL;
}
