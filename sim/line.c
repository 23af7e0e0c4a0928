// SPDX-License-Identifier: GPL-2.0-or-later
// Lines: see line.h.
#include "line.h"

typedef struct {
    line_fn_t fn;
    void *ctx;
    int arg;
} line_listener_t;

void line_init(line_t *l, const char *name)
{
    *l = (line_t){.name = g_strdup(name)};
    l->listeners = g_array_new(FALSE, FALSE, sizeof(line_listener_t));
}

void line_clear(line_t *l)
{
    g_clear_pointer(&l->name, g_free);
    g_clear_pointer(&l->listeners, g_array_unref);
}

void line_listen(line_t *l, line_fn_t fn, void *ctx, int arg)
{
    line_listener_t x = {fn, ctx, arg};
    g_array_append_val(l->listeners, x);
}

void line_set(line_t *l, bool level)
{
    if (l->level == level)
        return;
    l->level = level;
    for (guint i = 0; i < l->listeners->len; i++) {
        line_listener_t *x = &g_array_index(l->listeners, line_listener_t, i);
        x->fn(x->ctx, x->arg, level);
    }
}

void line_pulse(line_t *l)
{
    line_set(l, true);
    line_set(l, false);
}

static void forward(void *ctx, int arg, bool level)
{
    line_t *to = ctx;
    to->high = level ? to->high + 1 : to->high - 1;
    line_set(to, to->high > 0);
}

void line_join(line_t *from, line_t *to)
{
    line_listen(from, forward, to, 0);
    if (from->level)
        forward(to, 0, true);
}
