// SPDX-License-Identifier: GPL-2.0-or-later
// Nets: who drives, which voltage and level come of it, and who is told. See net.h.
//
// A net without links is decided by a look at its pins. Links (resistors, closed switches) make
// small networks: nets with a strong driver are its fixed ends, the others are unknowns of a
// linear system of conductances, whose inverse gives each unknown's voltage and the resistance
// behind it.
#include "machine.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#define SOLVE_MAX     24  // unknown nets that one network may have
#define CONTENTION_MV 200 // strong drivers that differ by more fight
#define CONTENTION_PS PS_PER_NS // shorter than this it is a hand-over, not worth a report

typedef struct {
    net_fn_t fn;
    void *ctx;
} net_watcher_t;

// ---- Pins and nets ------------------------------------------------------------------------------

static void report_contention(void *ctx, uint64_t now_ps);

void net_new(machine_t *m, pin_t *pin)
{
    net_t *net = g_new0(net_t, 1);
    net->name = g_strdup_printf("%s:%s", pin->part->name, pin->name);
    net->id = m->nets->len ? ((net_t *)g_ptr_array_index(m->nets, m->nets->len - 1))->id + 1 : 0;
    net->pins = g_ptr_array_new();
    net->m = m;
    net->ohms = INFINITY;
    event_init(&net->contend, "net contention", report_contention, net);
    net_charge_init(net);
    g_ptr_array_add(m->nets, net);
    g_ptr_array_add(net->pins, pin);
    pin->net = net;
}

void net_free(net_t *net)
{
    event_cancel(&net->m->events, &net->contend);
    event_cancel(&net->m->events, &net->moves);
    g_ptr_array_unref(net->pins);
    if (net->watchers)
        g_array_unref(net->watchers);
    g_free(net->name);
    g_free(net);
}

void net_set_name(net_t *net, const char *name)
{
    g_free(net->name);
    net->name = g_strdup(name);
}

static pin_t *net_pin(const net_t *net, guint i) { return g_ptr_array_index(net->pins, i); }

#define FOR_EACH_LINK(l, pin) \
    for (pin_link_t *l = (pin)->links; l; l = l->a == (pin) ? l->next_a : l->next_b)

static net_t *far_net(const pin_link_t *l, const pin_t *pin)
{
    return (l->a == pin ? l->b : l->a)->net;
}

// ---- Telling ------------------------------------------------------------------------------------

static void tell_watchers(net_t *net, bool level, uint64_t ps)
{
    for (guint i = 0; i < net->watchers->len; i++) {
        net_watcher_t w = g_array_index(net->watchers, net_watcher_t, i);
        w.fn(w.ctx, net, level, ps);
    }
}

// Watchers come first: a pin's reaction may change the net again, and they want to see both in
// order.
static void tell(net_t *net, bool level_changed)
{
    if (level_changed && net->watchers && net->watchers->len)
        tell_watchers(net, net->level, machine_now_ps(net->m));
    for (guint i = 0; i < net->pins->len; i++) {
        pin_t *pin = net_pin(net, i);
        if (level_changed && pin->edge)
            pin->edge(pin->edge_ctx, pin);
        if (pin->changed)
            pin->changed(pin->ctx, pin);
    }
}

static void report_contention(void *ctx, uint64_t now_ps)
{
    net_t *net = ctx;
    if (!net->contention || net->reported)
        return;
    net->reported = true;
    for (guint i = 0; i < net->pins->len; i++) // the other end of a closed contact knows the same
        FOR_EACH_LINK(l, net_pin(net, i))
            if (far_net(l, net_pin(net, i))->contention)
                far_net(l, net_pin(net, i))->reported = true;
    pin_t *high = NULL, *low = NULL;
    for (guint i = 0; i < net->pins->len; i++) {
        pin_t *pin = net_pin(net, i);
        if (pin->drive != DRIVE_STRONG)
            continue;
        if (!high || pin->mv > high->mv)
            high = pin;
        if (!low || pin->mv < low->mv)
            low = pin;
    }
    if (high && low && high->mv - low->mv > CONTENTION_MV)
        machine_report(net->m, REPORT_WARNING, 0,
                       "short circuit: %s:%s drives %d mV against %s:%s at %d mV",
                       high->part->name, high->name, high->mv, low->part->name, low->name, low->mv);
    else
        machine_report(net->m, REPORT_WARNING, 0,
                       "short circuit: a closed contact at net %s joins two strong drivers",
                       net->name);
}

static void set_contention(net_t *net, bool contention)
{
    if (net->contention == contention)
        return;
    net->contention = contention;
    if (contention && !net->reported)
        machine_at(net->m, &net->contend, machine_now_ps(net->m) + CONTENTION_PS);
    else
        machine_cancel(net->m, &net->contend);
}

enum { CHANGED = 1, LEVEL_CHANGED = 2 };

// Stores what was found; what tell() is to do with it.
static unsigned store(net_t *net, int32_t mv, drive_t strength, double ohms)
{
    bool level = mv > NET_VDD_MV * 7 / 10 ? true : mv < NET_VDD_MV * 3 / 10 ? false : net->level;
    if (mv == net->mv && strength == net->strength && ohms == net->ohms)
        return 0;
    unsigned what = CHANGED | (level != net->level ? LEVEL_CHANGED : 0);
    net->mv = mv;
    net->strength = strength;
    net->ohms = ohms;
    net->level = level;
    return what;
}

static void settle(net_t *net, int32_t mv, drive_t strength, double ohms)
{
    unsigned what = store(net, mv, strength, ohms);
    if (!what)
        return;
    net_charge_begin(net);
    tell(net, what & LEVEL_CHANGED);
}

void net_float_to(net_t *net, int32_t mv)
{
    unsigned what = store(net, mv, DRIVE_NONE, INFINITY);
    if (what)
        tell(net, what & LEVEL_CHANGED);
}

// ---- One net by itself --------------------------------------------------------------------------

typedef struct {
    drive_t strength;
    int32_t mv; // mean of the strongest
    unsigned n; // how many are that strong
    bool contention;
} drivers_t;

static drivers_t drivers_of(const net_t *net)
{
    drivers_t d = {0};
    int64_t sum = 0;
    int32_t min = 0, max = 0;
    for (guint i = 0; i < net->pins->len; i++) {
        const pin_t *pin = net_pin(net, i);
        if (pin->drive < d.strength || pin->drive == DRIVE_NONE)
            continue;
        if (pin->drive > d.strength) {
            d.strength = pin->drive;
            d.n = 0;
            sum = 0;
            min = max = pin->mv;
        }
        sum += pin->mv;
        min = MIN(min, pin->mv);
        max = MAX(max, pin->mv);
        d.n++;
    }
    d.mv = d.n ? (int32_t)(sum / d.n) : net->mv;
    d.contention = d.strength == DRIVE_STRONG && max - min > CONTENTION_MV;
    return d;
}

static double ohms_of(drive_t strength, unsigned n)
{
    switch (strength) {
    case DRIVE_STRONG: return NET_STRONG_OHMS / n;
    case DRIVE_SOURCE: return NET_SOURCE_OHMS / n;
    case DRIVE_PULL: return NET_PULL_OHMS / n;
    default: return INFINITY;
    }
}

// ---- Networks -----------------------------------------------------------------------------------

typedef struct {
    net_t *net[SOLVE_MAX];
    unsigned n;
    bool too_large;
} network_t;

// Only a driver of its own makes a net that strong.
static bool is_fixed(const net_t *net)
{
    return net->strength == DRIVE_STRONG;
}

static int place_of(const network_t *w, const net_t *net)
{
    return net->mark && net->mark <= w->n && w->net[net->mark - 1] == net ? (int)net->mark - 1 : -1;
}

static void take(network_t *w, net_t *net)
{
    if (place_of(w, net) >= 0)
        return;
    if (w->n == SOLVE_MAX) {
        w->too_large = true;
        return;
    }
    w->net[w->n++] = net;
    net->mark = w->n;
}

// Collects the unknown nets that conduct to `from`, itself included.
static void collect(network_t *w, net_t *from)
{
    take(w, from);
    for (unsigned done = 0; done < w->n; done++) {
        net_t *net = w->net[done];
        for (guint i = 0; net->links && i < net->pins->len; i++)
            FOR_EACH_LINK(l, net_pin(net, i))
            {
                net_t *far = far_net(l, net_pin(net, i));
                if (isfinite(l->ohms) && far != net && !is_fixed(far))
                    take(w, far);
            }
    }
    if (w->too_large)
        machine_report(from->m, REPORT_WARNING, UINT64_C(0x6e657473) << 32 | from->id,
                       "more than %d nets are linked at %s: the rest keeps its voltage", SOLVE_MAX,
                       from->name);
}

// Inverts the symmetric positive matrix g in place (Gauss-Jordan; conductances need no pivoting).
static void invert(double g[SOLVE_MAX][SOLVE_MAX], unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        double p = 1 / g[k][k];
        g[k][k] = 1;
        for (unsigned j = 0; j < n; j++)
            g[k][j] *= p;
        for (unsigned i = 0; i < n; i++) {
            double f = g[i][k];
            if (i == k || f == 0)
                continue;
            g[i][k] = 0;
            for (unsigned j = 0; j < n; j++)
                g[i][j] -= f * g[k][j];
        }
    }
}

// Fills row `i`: conductances to the other unknowns, and current from pins and fixed ends.
// Returns whether anything outside the network conducts into this net.
static bool fill_row(const network_t *w, unsigned i, double *g, double *current)
{
    net_t *net = w->net[i];
    bool driven = false;
    for (guint k = 0; k < net->pins->len; k++) {
        pin_t *pin = net_pin(net, k);
        if (pin->drive != DRIVE_NONE) {
            double s = 1 / ohms_of(pin->drive, 1);
            g[i] += s;
            *current += s * pin->mv;
            driven = true;
        }
        FOR_EACH_LINK(l, pin)
        {
            net_t *far = far_net(l, pin);
            int j = place_of(w, far);
            if (!isfinite(l->ohms) || far == net || (j < 0 && !is_fixed(far)))
                continue;
            double s = 1 / l->ohms;
            g[i] += s;
            if (j >= 0)
                g[j] -= s;
            else {
                *current += s * far->mv;
                driven = true;
            }
        }
    }
    return driven;
}

static void solve(net_t *from)
{
    network_t w = {.n = 0};
    double g[SOLVE_MAX][SOLVE_MAX], current[SOLVE_MAX];
    bool driven = false;
    collect(&w, from);
    for (unsigned i = 0; i < w.n; i++) {
        for (unsigned j = 0; j < w.n; j++)
            g[i][j] = 0;
        current[i] = 0;
        driven |= fill_row(&w, i, g[i], &current[i]);
    }
    if (driven)
        invert(g, w.n);
    unsigned what[SOLVE_MAX];
    for (unsigned i = 0; i < w.n; i++) {
        net_t *net = w.net[i];
        double v = 0;
        for (unsigned j = 0; driven && j < w.n; j++)
            v += g[i][j] * current[j];
        net->mark = 0;
        set_contention(net, false);
        what[i] = driven ? store(net, (int32_t)lround(v), MAX(drivers_of(net).strength, DRIVE_PULL),
                                 g[i][i])
                         : store(net, net->mv, DRIVE_NONE, INFINITY);
    }
    // All are stored before anybody is told: a call-back may drive these nets again.
    for (unsigned i = 0; i < w.n; i++)
        if (what[i])
            net_charge_begin(w.net[i]);
    for (unsigned i = 0; i < w.n; i++)
        if (what[i])
            tell(w.net[i], what[i] & LEVEL_CHANGED);
}

// A closed contact between two nets that are both driven strong.
static bool shorted(const net_t *net, int32_t mv)
{
    for (guint i = 0; i < net->pins->len; i++)
        FOR_EACH_LINK(l, net_pin(net, i))
        {
            const net_t *far = far_net(l, net_pin(net, i));
            if (l->ohms < 1 && is_fixed(far) && abs(far->mv - mv) > CONTENTION_MV)
                return true;
        }
    return false;
}

static void resolve_linked(net_t *net)
{
    drivers_t d = drivers_of(net);
    if (d.strength != DRIVE_STRONG) {
        solve(net);
        return;
    }
    set_contention(net, d.contention || shorted(net, d.mv));
    settle(net, d.mv, d.strength, ohms_of(d.strength, d.n));
    // Each network that this net is an end of.
    for (guint i = 0; i < net->pins->len; i++)
        FOR_EACH_LINK(l, net_pin(net, i))
        {
            net_t *far = far_net(l, net_pin(net, i));
            if (isfinite(l->ohms) && far != net && !is_fixed(far))
                solve(far);
        }
}

static void resolve(net_t *net)
{
    if (net->links) {
        resolve_linked(net);
        return;
    }
    drivers_t d = drivers_of(net);
    if (d.contention != net->contention)
        set_contention(net, d.contention);
    settle(net, d.mv, d.strength, ohms_of(d.strength, d.n));
}

// ---- Wiring and driving -------------------------------------------------------------------------

void pin_drive(pin_t *pin, drive_t drive, int32_t mv)
{
    if (drive == DRIVE_NONE)
        mv = 0;
    if (pin->drive == drive && pin->mv == mv)
        return;
    pin->drive = drive;
    pin->mv = mv;
    resolve(pin->net);
}

void pin_connect(pin_t *a, pin_t *b)
{
    net_t *to = a->net, *from = b->net;
    if (to == from)
        return;
    machine_t *m = to->m;
    for (guint i = 0; i < from->pins->len; i++) {
        pin_t *pin = net_pin(from, i);
        pin->net = to;
        g_ptr_array_add(to->pins, pin);
    }
    for (guint i = 0; from->watchers && i < from->watchers->len; i++) {
        net_watcher_t *w = &g_array_index(from->watchers, net_watcher_t, i);
        net_watch(to, w->fn, w->ctx);
    }
    to->links += from->links;
    to->farads += from->farads;
    guint at;
    bool found = g_ptr_array_find(m->nets, from, &at);
    assert(found);
    g_ptr_array_steal_index(m->nets, at);
    net_free(from);
    resolve(to);
    tell(to, true); // those who came may find another level
}

void pin_add_farads(pin_t *pin, double farads) { pin->net->farads += farads; }

void pin_link(pin_link_t *link, pin_t *a, pin_t *b, double ohms)
{
    assert(a != b);
    link->a = a;
    link->b = b;
    link->ohms = INFINITY;
    link->next_a = a->links;
    a->links = link;
    link->next_b = b->links;
    b->links = link;
    a->net->links++;
    b->net->links++;
    pin_link_set(link, ohms);
}

void pin_link_set(pin_link_t *link, double ohms)
{
    if (link->ohms == ohms)
        return;
    link->ohms = ohms;
    resolve(link->a->net);
    resolve(link->b->net);
}

// ---- Watching -----------------------------------------------------------------------------------

void net_watch(net_t *net, net_fn_t fn, void *ctx)
{
    net_watcher_t w = {fn, ctx};
    if (!net->watchers)
        net->watchers = g_array_new(FALSE, FALSE, sizeof(net_watcher_t));
    g_array_append_val(net->watchers, w);
}

void net_unwatch(net_t *net, net_fn_t fn, void *ctx)
{
    for (guint i = 0; net->watchers && i < net->watchers->len; i++) {
        net_watcher_t *w = &g_array_index(net->watchers, net_watcher_t, i);
        if (w->fn == fn && w->ctx == ctx) {
            g_array_remove_index(net->watchers, i);
            return;
        }
    }
}

bool net_watched(const net_t *net)
{
    if (net->watchers && net->watchers->len)
        return true;
    for (guint i = 0; i < net->pins->len; i++)
        if (net_pin(net, i)->edges)
            return true;
    return false;
}

void net_draw(net_t *net, bool level, uint64_t ps)
{
    if (net->watchers && net->watchers->len)
        tell_watchers(net, level, ps);
}

// ---- Pads ---------------------------------------------------------------------------------------

void pad_drive(pad_t *pad, bool enabled, bool level)
{
    if (pad->enabled == enabled && pad->level == level)
        return;
    pad->enabled = enabled;
    pad->level = level;
    if (pad->output)
        pad->output(pad->gpio, pad->gpio_index, pad);
}

void pad_set_edges(pad_t *pad, bool edges)
{
    if (pad->edges == edges)
        return;
    pad->edges = edges;
    if (pad->output)
        pad->output(pad->gpio, pad->gpio_index, pad);
}

void pad_drive_mv(pad_t *pad, bool enabled, int32_t mv)
{
    if (pad->enabled == enabled && pad->mv == mv)
        return;
    pad->enabled = enabled;
    pad->mv = mv;
    if (pad->output)
        pad->output(pad->gpio, pad->gpio_index, pad);
}

void pad_route(pad_t *pad, pin_t *pin, void (*output)(void *, int, pad_t *), void *gpio, int index)
{
    pad->pin = pin;
    pad->output = pin ? output : NULL;
    pad->gpio = pin ? gpio : NULL;
    pad->gpio_index = pin ? index : 0;
    pad_input(pad);
}
