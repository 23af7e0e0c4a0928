// SPDX-License-Identifier: GPL-2.0-or-later
// The event queue: an intrusive binary heap. It grows only when more events than ever are pending at
// once, so a machine that has warmed up allocates nothing.
#include "event.h"
#include <assert.h>
#include <glib.h>

static bool before(const event_t *a, const event_t *b)
{
    return a->when_ps != b->when_ps ? a->when_ps < b->when_ps : a->seq < b->seq;
}

static void put(event_queue_t *q, uint32_t i, event_t *e)
{
    q->heap[i] = e;
    e->slot = i + 1;
}

static void sift_up(event_queue_t *q, uint32_t i, event_t *e)
{
    while (i > 0 && before(e, q->heap[(i - 1) / 2])) {
        put(q, i, q->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(q, i, e);
}

static void sift_down(event_queue_t *q, uint32_t i, event_t *e)
{
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= q->count)
            break;
        if (child + 1 < q->count && before(q->heap[child + 1], q->heap[child]))
            child++;
        if (!before(q->heap[child], e))
            break;
        put(q, i, q->heap[child]);
        i = child;
    }
    put(q, i, e);
}

void event_queue_init(event_queue_t *q)
{
    *q = (event_queue_t){.cap = 64, .heap = g_new(event_t *, 64)};
}

void event_queue_clear(event_queue_t *q)
{
    g_clear_pointer(&q->heap, g_free);
    q->count = q->cap = 0;
}

void event_init(event_t *e, const char *name, event_fn_t fn, void *ctx)
{
    *e = (event_t){.name = name, .fn = fn, .ctx = ctx};
}

void event_cancel(event_queue_t *q, event_t *e)
{
    if (!e->slot)
        return;
    uint32_t i = e->slot - 1;
    e->slot = 0;
    event_t *last = q->heap[--q->count];
    if (last == e)
        return;
    if (i > 0 && before(last, q->heap[(i - 1) / 2]))
        sift_up(q, i, last);
    else
        sift_down(q, i, last);
}

void event_at(event_queue_t *q, event_t *e, uint64_t when_ps)
{
    assert(e->fn);
    event_cancel(q, e);
    if (when_ps == PS_NEVER)
        return;
    if (q->count == q->cap) {
        q->cap *= 2;
        q->heap = g_renew(event_t *, q->heap, q->cap);
    }
    e->when_ps = when_ps;
    e->seq = q->next_seq++;
    sift_up(q, q->count++, e);
    if (e->slot == 1 && q->earlier)
        q->earlier(q->earlier_ctx, when_ps);
}

void event_pop_run(event_queue_t *q)
{
    event_t *e = q->heap[0];
    event_cancel(q, e);
    e->fn(e->ctx, e->when_ps);
}
