// SPDX-License-Identifier: GPL-2.0-or-later
// The air between radios. See air.h.
#include "air.h"
#include "machine.h"
#include <math.h>
#include <string.h>

// No packet lasts longer; kept twice as long.
static const uint64_t longest_ps = 20 * PS_PER_MS;

struct air {
    GPtrArray *ports;  // of air_port_t *, not owned
    GPtrArray *outbox; // of air_packet_t *, owned: sent, not yet delivered
    GPtrArray *sent;   // of air_packet_t *, owned: delivered, in order
    GArray *cuts;      // of cut_t, not yet applied
    uint64_t next_number;
};

typedef struct cut {
    const air_port_t *from;
    uint64_t tag, ps;
} cut_t;

air_t *air_new(void)
{
    air_t *a = g_new0(air_t, 1);
    a->ports = g_ptr_array_new();
    a->outbox = g_ptr_array_new_with_free_func(g_free);
    a->sent = g_ptr_array_new_with_free_func(g_free);
    a->cuts = g_array_new(FALSE, FALSE, sizeof(cut_t));
    a->next_number = 1;
    return a;
}

void air_free(air_t *a)
{
    if (!a)
        return;
    g_ptr_array_unref(a->ports);
    g_ptr_array_unref(a->outbox);
    g_ptr_array_unref(a->sent);
    g_array_unref(a->cuts);
    g_free(a);
}

void air_join(air_t *a, air_port_t *port)
{
    port->air = a;
    if (a)
        g_ptr_array_add(a->ports, port);
}

void air_send(air_port_t *port, const air_packet_t *p)
{
    if (!port->air)
        return;
    air_packet_t *copy = g_memdup2(p, sizeof *p);
    copy->from = port;
    copy->number = 0;
    copy->loss_db = port->loss_db;
    g_ptr_array_add(port->air->outbox, copy);
}

void air_cut(air_port_t *port, uint64_t tag, uint64_t ps)
{
    cut_t c = {port, tag, ps};
    if (port->air)
        g_array_append_val(port->air->cuts, c);
}

// ---- Delivery -----------------------------------------------------------------------------------

static guint port_index(const air_t *a, const air_port_t *port)
{
    guint i = 0;
    while (i < a->ports->len && a->ports->pdata[i] != port)
        i++;
    return i;
}

static gint by_start(gconstpointer a, gconstpointer b, gpointer air)
{
    const air_packet_t *p = *(air_packet_t *const *)a, *q = *(air_packet_t *const *)b;
    if (p->start_ps != q->start_ps)
        return p->start_ps < q->start_ps ? -1 : 1;
    return (gint)port_index(air, p->from) - (gint)port_index(air, q->from);
}

static void forget_old(air_t *a, uint64_t now_ps)
{
    guint old = 0;
    while (((air_packet_t *)a->sent->pdata[old])->start_ps + 2 * longest_ps < now_ps)
        old++;
    if (old)
        g_ptr_array_remove_range(a->sent, 0, old);
}

static void apply_cuts(air_t *a)
{
    for (guint i = 0; i < a->cuts->len; i++) {
        const cut_t *c = &g_array_index(a->cuts, cut_t, i);
        for (guint k = a->sent->len; k-- > 0;) {
            air_packet_t *p = a->sent->pdata[k];
            if (p->from == c->from && p->tag == c->tag) {
                p->cut_ps = MIN(p->cut_ps, c->ps);
                break;
            }
        }
    }
    g_array_set_size(a->cuts, 0);
}

void air_deliver(air_t *a)
{
    g_ptr_array_sort_with_data(a->outbox, by_start, a);
    guint first = a->sent->len;
    while (a->outbox->len) {
        air_packet_t *p = g_ptr_array_steal_index(a->outbox, 0);
        p->number = a->next_number++;
        g_ptr_array_add(a->sent, p);
    }
    apply_cuts(a); // before anybody hears: sent and cut off in one slice
    for (guint i = first; i < a->sent->len; i++) {
        const air_packet_t *p = a->sent->pdata[i];
        for (guint k = 0; k < a->ports->len; k++) {
            air_port_t *port = a->ports->pdata[k];
            if (port->m != p->from->m)
                port->heard(port->ctx, p);
        }
    }
    if (first < a->sent->len)
        forget_old(a, ((air_packet_t *)a->sent->pdata[a->sent->len - 1])->start_ps);
}

uint64_t air_horizon_ps(const air_t *a, uint64_t (*wakes)(const struct machine *m))
{
    uint64_t horizon = PS_NEVER;
    for (guint i = 0; i < a->ports->len; i++) {
        const air_port_t *port = a->ports->pdata[i];
        uint64_t now = wakes(port->m);
        if (now == PS_NEVER)
            continue;
        uint64_t silent = port->silent_until(port->ctx, now);
        if (silent != PS_NEVER)
            horizon = MIN(horizon, silent + AIR_NOTICE_PS);
    }
    return horizon;
}

// ---- Reception ----------------------------------------------------------------------------------

// The strongest but `except`.
static double strongest(const air_port_t *at, uint16_t mhz, uint64_t ps, const air_packet_t *except)
{
    double best = AIR_SILENCE_DBM;
    for (guint i = at->air ? at->air->sent->len : 0; i-- > 0;) {
        const air_packet_t *p = at->air->sent->pdata[i];
        if (p->start_ps + longest_ps < ps)
            break; // as all before it
        if (p != except && p->from->m != at->m && p->mhz == mhz && p->start_ps <= ps &&
            ps < air_end_ps(p))
            best = MAX(best, air_level_dbm(at, p));
    }
    return best;
}

double air_strongest_dbm(const air_port_t *at, uint16_t mhz, uint64_t ps)
{
    return strongest(at, mhz, ps, NULL);
}

// Noise that depends on the packet and the bit alone (the finalizer of splitmix64).
static bool noise(const air_packet_t *p, uint32_t bit)
{
    uint64_t x = p->number * UINT64_C(0x9E3779B97F4A7C15) + bit;
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return (x ^ x >> 31) & 1;
}

bool air_bit(const air_port_t *at, const air_packet_t *p, uint32_t bit, double margin_db)
{
    uint64_t ps = p->start_ps + bit * p->bit_ps;
    if (bit >= p->bits || ps >= p->cut_ps)
        return noise(p, bit);
    if (strongest(at, p->mhz, ps, p) > air_level_dbm(at, p) - margin_db)
        return noise(p, bit);
    return p->data[bit / 8] >> bit % 8 & 1;
}
