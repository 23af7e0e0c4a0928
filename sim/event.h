// SPDX-License-Identifier: GPL-2.0-or-later
// Simulated time and the event queue.
//
// Time is picoseconds since power-on in a uint64_t (213 days). Nothing is ticked: a model that has
// something to do later schedules an event. Events at the same picosecond fire in the order in which
// they were scheduled, so a run is reproducible.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PS_PER_S  UINT64_C(1000000000000)
#define PS_PER_MS UINT64_C(1000000000)
#define PS_PER_US UINT64_C(1000000)
#define PS_PER_NS UINT64_C(1000)
#define PS_NEVER  UINT64_MAX

// Called when the event is due; `now_ps` is exactly the time it was scheduled for. The event is idle
// again at that moment and may be scheduled anew from inside.
typedef void (*event_fn_t)(void *ctx, uint64_t now_ps);

// Embedded in its owner; zero it and call event_init once.
typedef struct event {
    const char *name; // for traces; not owned
    event_fn_t fn;
    void *ctx;
    uint64_t when_ps;  // saved: valid while scheduled
    uint64_t seq;      // saved: order among equals
    uint32_t slot;     // place in the heap + 1; 0 = idle
} event_t;

typedef struct event_queue {
    event_t **heap; // binary min-heap on (when_ps, seq)
    uint32_t count, cap;
    uint64_t next_seq;
    // Called when a newly scheduled event became the first one: the running CPU slice must shorten.
    void (*earlier)(void *ctx, uint64_t when_ps);
    void *earlier_ctx;
} event_queue_t;

void event_queue_init(event_queue_t *q);
void event_queue_clear(event_queue_t *q); // frees the heap; events are their owners'

void event_init(event_t *e, const char *name, event_fn_t fn, void *ctx);
// Schedules or moves `e` to `when_ps` (absolute). PS_NEVER cancels.
void event_at(event_queue_t *q, event_t *e, uint64_t when_ps);
void event_cancel(event_queue_t *q, event_t *e);
static inline bool event_pending(const event_t *e) { return e->slot != 0; }
// Time of the first event, or PS_NEVER.
static inline uint64_t event_next_ps(const event_queue_t *q)
{
    return q->count ? q->heap[0]->when_ps : PS_NEVER;
}
// Removes the first event and calls it. The queue must not be empty.
void event_pop_run(event_queue_t *q);
