// SPDX-License-Identifier: GPL-2.0-or-later
// The test stand: see stand.h.
#include "stand.h"
#include <string.h>

static const part_class_t probe_class = {.name = "probe", .size = sizeof(part_t)};
static const soc_t no_chip = {.name = "no chip"};

static void keep_report(void *ctx, report_t kind, const char *text)
{
    g_ptr_array_add(ctx, g_strdup(text));
}

stand_t *stand_new(void)
{
    stand_t *r = g_new0(stand_t, 1);
    r->reports = g_ptr_array_new_with_free_func(g_free);
    r->m = machine_new(&no_chip, 1, NULL);
    r->m->report = keep_report;
    r->m->report_ctx = r->reports;
    r->probe = machine_add_part(r->m, &probe_class, "probe", NULL);
    g_assert_true(part_init(r->probe, NULL));
    return r;
}

void stand_free(stand_t *r)
{
    machine_free(r->m);
    g_ptr_array_unref(r->reports);
    g_free(r);
}

part_t *stand_part(stand_t *r, const char *cls, const char *name, const char *attrs)
{
    g_autoptr(GError) error = NULL;
    const part_class_t *c = part_class_find(cls);
    g_assert_nonnull(c);
    part_t *p = machine_add_part(r->m, c, name, &error);
    g_assert_no_error(error);
    g_auto(GStrv) rows = g_strsplit(attrs ? attrs : "", " ", -1);
    for (char **row = rows; *row; row++) {
        g_auto(GStrv) pair = g_strsplit(*row, "=", 2);
        part_set_attr(p, pair[0], pair[1]);
    }
    part_init(p, &error);
    g_assert_no_error(error);
    return p;
}

pin_t *stand_pin(stand_t *r, const char *name)
{
    g_autoptr(GError) error = NULL;
    if (g_str_has_prefix(name, "probe:") && !part_pin(r->probe, name + 6))
        part_add_pin(r->probe, name + 6, NULL, NULL);
    pin_t *pin = machine_pin(r->m, name, &error);
    g_assert_no_error(error);
    return pin;
}

void stand_wire(stand_t *r, const char *a, const char *b)
{
    pin_t *first = stand_pin(r, a); // its net's name stays
    pin_connect(first, stand_pin(r, b));
}

void stand_start(stand_t *r)
{
    g_autoptr(GError) error = NULL;
    machine_start(r->m, &error);
    g_assert_no_error(error);
}

void stand_run(stand_t *r, uint64_t ps)
{
    uint64_t until = machine_now_ps(r->m) + ps;
    g_assert_cmpint(machine_run(r->m, until), ==, MACHINE_TIME);
    g_assert_cmpuint(machine_now_ps(r->m), ==, until);
}

static unsigned prop_index(part_t *p, const char *prop)
{
    int i = part_prop_find(p, prop);
    g_assert_cmpint(i, >=, 0);
    return i;
}

void stand_set(part_t *p, const char *prop, double value)
{
    g_autoptr(GError) error = NULL;
    part_prop_set(p, prop_index(p, prop), value, &error);
    g_assert_no_error(error);
}

double stand_get(part_t *p, const char *prop) { return part_prop_get(p, prop_index(p, prop)); }
