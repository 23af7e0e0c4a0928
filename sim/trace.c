// SPDX-License-Identifier: GPL-2.0-or-later
// Traces: see trace.h. Value change dumps: IEEE 1364-2005, chapter 18.
#include "trace.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FNV_BASIS  UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)
#define HORIZON_PS (20 * PS_PER_MS) // no byte on a wire takes longer

typedef struct {
    trace_t *t;
    net_t *net;
    bool level;       // the last one told
    bool in_file;
    uint32_t index;   // among the entries
    uint64_t last_ps, hash, edges;
} entry_t;

typedef struct {
    uint64_t ps;
    uint32_t entry;
    bool level;
} change_t;

struct trace {
    machine_t *m;
    GPtrArray *entries; // of entry_t *, in the order of watching
    FILE *file;
    char *path;
    int error;          // errno of the first failed write
    GArray *held;       // of change_t, sorted by time
    guint head;         // first of them not yet written
    uint64_t written_ps;
};

static uint64_t fnv(uint64_t hash, uint64_t word, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hash = (hash ^ (word >> 8 * i & 0xFF)) * FNV_PRIME;
    return hash;
}

// ---- The file -----------------------------------------------------------------------------------

static void check_write(trace_t *t, int result)
{
    if (result < 0 && !t->error)
        t->error = errno ? errno : EIO;
}

// Identifier codes are printable characters, '!' to '~', least significant first.
static const char *code(uint32_t n, char to[8])
{
    unsigned i = 0;
    do {
        to[i++] = (char)('!' + n % 94);
        n /= 94;
    } while (n && i < 7);
    to[i] = 0;
    return to;
}

static void write_change(trace_t *t, const change_t *c)
{
    char id[8];
    if (t->error)
        return;
    uint64_t ps = MAX(c->ps, t->written_ps);
    if (ps != t->written_ps)
        check_write(t, fprintf(t->file, "#%" G_GUINT64_FORMAT "\n", ps));
    t->written_ps = ps;
    check_write(t, fprintf(t->file, "%d%s\n", c->level, code(c->entry, id)));
}

static void flush_until(trace_t *t, uint64_t ps)
{
    while (t->head < t->held->len && g_array_index(t->held, change_t, t->head).ps <= ps)
        write_change(t, &g_array_index(t->held, change_t, t->head++));
    if (t->head > 4096 && t->head * 2 > t->held->len) {
        g_array_remove_range(t->held, 0, t->head);
        t->head = 0;
    }
}

static void hold(trace_t *t, change_t c)
{
    g_array_append_val(t->held, c);
    change_t *held = (change_t *)t->held->data;
    guint i = t->held->len - 1;
    for (; i > t->head && held[i - 1].ps > c.ps; i--)
        held[i] = held[i - 1];
    held[i] = c;
    uint64_t now = machine_now_ps(t->m);
    if (now > HORIZON_PS)
        flush_until(t, now - HORIZON_PS);
}

// A name that readers take: "1.l" becomes "1_l".
static char *clean(const char *name, size_t n)
{
    char *s = g_strndup(name, n);
    g_strcanon(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-", '_');
    return s;
}

static void write_header(trace_t *t)
{
    char id[8];
    check_write(t, fprintf(t->file, "$version Solderless $end\n$timescale 1 ps $end\n"));
    for (guint i = 0; i < t->entries->len; i++) {
        entry_t *e = t->entries->pdata[i];
        const char *colon = strchr(e->net->name, ':');
        g_autofree char *scope = clean(e->net->name, colon ? colon - e->net->name : 0);
        const char *rest = colon ? colon + 1 : e->net->name;
        g_autofree char *name = clean(rest, strlen(rest));
        e->in_file = true;
        check_write(t, fprintf(t->file,
                               "$scope module %s $end\n$var wire 1 %s %s $end\n$upscope $end\n",
                               *scope ? scope : "board", code(i, id), name));
    }
    t->written_ps = machine_now_ps(t->m);
    check_write(t, fprintf(t->file, "$enddefinitions $end\n#%" G_GUINT64_FORMAT "\n$dumpvars\n",
                           t->written_ps));
    for (guint i = 0; i < t->entries->len; i++)
        check_write(t, fprintf(t->file, "%d%s\n", ((entry_t *)t->entries->pdata[i])->level,
                               code(i, id)));
    check_write(t, fprintf(t->file, "$end\n"));
}

bool trace_vcd(trace_t *t, const char *path, GError **error)
{
    t->file = fopen(path, "w");
    if (!t->file) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
        return false;
    }
    t->path = g_strdup(path);
    t->error = 0;
    write_header(t);
    return true;
}

bool trace_vcd_end(trace_t *t, GError **error)
{
    if (!t->file)
        return true;
    flush_until(t, UINT64_MAX);
    uint64_t now = machine_now_ps(t->m);
    if (now > t->written_ps && !t->error) // how long the last levels lasted
        check_write(t, fprintf(t->file, "#%" G_GUINT64_FORMAT "\n", now));
    check_write(t, fflush(t->file));
    check_write(t, fclose(t->file));
    t->file = NULL;
    g_autofree char *path = g_steal_pointer(&t->path);
    if (t->error)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(t->error), "%s: %s", path,
                    g_strerror(t->error));
    return !t->error;
}

// ---- Watching -----------------------------------------------------------------------------------

static void changed(void *ctx, net_t *net, bool level, uint64_t ps)
{
    entry_t *e = ctx;
    if (level == e->level)
        return;
    ps = MAX(ps, e->last_ps);
    e->level = level;
    e->last_ps = ps;
    e->edges++;
    e->hash = fnv(fnv(e->hash, ps, 8), level, 1);
    if (!e->in_file || !e->t->file)
        return;
    hold(e->t, (change_t){ps, e->index, level});
}

void trace_net(trace_t *t, net_t *net)
{
    for (guint i = 0; i < t->entries->len; i++)
        if (((entry_t *)t->entries->pdata[i])->net == net)
            return;
    entry_t *e = g_new0(entry_t, 1);
    *e = (entry_t){.t = t, .net = net, .level = net->level, .hash = FNV_BASIS,
                   .index = t->entries->len};
    g_ptr_array_add(t->entries, e);
    net_watch(net, changed, e);
}

void trace_all(trace_t *t)
{
    for (guint i = 0; i < t->m->nets->len; i++) {
        net_t *net = t->m->nets->pdata[i];
        const pin_t *first = net->pins->len ? net->pins->pdata[0] : NULL;
        if (net->pins->len > 1 || (first && first->part->on_chip))
            trace_net(t, net);
    }
}

static gint by_net_id(gconstpointer a, gconstpointer b)
{
    const entry_t *x = *(entry_t *const *)a, *y = *(entry_t *const *)b;
    return x->net->id < y->net->id ? -1 : x->net->id > y->net->id;
}

uint64_t trace_hash(const trace_t *t)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (guint i = 0; i < t->entries->len; i++)
        g_ptr_array_add(sorted, t->entries->pdata[i]);
    g_ptr_array_sort(sorted, by_net_id);
    uint64_t hash = FNV_BASIS;
    for (guint i = 0; i < sorted->len; i++) {
        const entry_t *e = sorted->pdata[i];
        if (e->edges)
            hash = fnv(fnv(hash, e->net->id, 4), e->hash, 8);
    }
    return hash;
}

uint64_t trace_edges(const trace_t *t)
{
    uint64_t n = 0;
    for (guint i = 0; i < t->entries->len; i++)
        n += ((entry_t *)t->entries->pdata[i])->edges;
    return n;
}

trace_t *trace_new(machine_t *m)
{
    trace_t *t = g_new0(trace_t, 1);
    t->m = m;
    t->entries = g_ptr_array_new_with_free_func(g_free);
    t->held = g_array_new(FALSE, FALSE, sizeof(change_t));
    return t;
}

void trace_free(trace_t *t)
{
    if (!t)
        return;
    trace_vcd_end(t, NULL);
    for (guint i = 0; i < t->entries->len; i++) {
        entry_t *e = t->entries->pdata[i];
        net_unwatch(e->net, changed, e);
    }
    g_ptr_array_unref(t->entries);
    g_array_unref(t->held);
    g_free(t);
}
