// SPDX-License-Identifier: GPL-2.0-or-later
// Machines that run together. See world.h.
#include "world.h"

// A machine stops at the end of an instruction or exception entry, so up to this much late.
static const uint64_t late_ps = 2 * PS_PER_US;
G_STATIC_ASSERT(2 * PS_PER_US < AIR_NOTICE_PS);

struct world {
    GPtrArray *machines; // of machine_t *, owned
    air_t *air;
};

world_t *world_new(void)
{
    world_t *w = g_new0(world_t, 1);
    w->machines = g_ptr_array_new();
    w->air = air_new();
    return w;
}

void world_free(world_t *w)
{
    if (!w)
        return;
    for (guint i = 0; i < w->machines->len; i++)
        machine_free(w->machines->pdata[i]);
    g_ptr_array_unref(w->machines);
    air_free(w->air);
    g_free(w);
}

air_t *world_air(world_t *w) { return w->air; }

void world_add(world_t *w, machine_t *m)
{
    m->air = w->air;
    g_ptr_array_add(w->machines, m);
}

unsigned world_count(const world_t *w) { return w->machines->len; }

machine_t *world_machine(const world_t *w, unsigned i) { return w->machines->pdata[i]; }

uint64_t world_now_ps(const world_t *w)
{
    uint64_t now = PS_NEVER;
    for (guint i = 0; i < w->machines->len; i++)
        now = MIN(now, machine_now_ps(w->machines->pdata[i]));
    return now;
}

bool world_asleep(const world_t *w)
{
    for (guint i = 0; i < w->machines->len; i++)
        if (!machine_asleep(w->machines->pdata[i]))
            return false;
    return true;
}

// How far all may run before anything has to be handed over. What came from outside since the last
// run may have woken a board.
static uint64_t slice_end(const world_t *w, bool first, uint64_t until_ps)
{
    uint64_t horizon = air_horizon_ps(w->air, first ? machine_now_ps : machine_wakes_ps);
    return horizon == PS_NEVER ? until_ps : MIN(until_ps, horizon - late_ps);
}

// All to `until_ps`, or to the time at which one of them stops.
static machine_stop_t run_slice(world_t *w, uint64_t until_ps, machine_t **which)
{
    machine_stop_t stop = MACHINE_TIME;
    for (guint i = 0; i < w->machines->len; i++) {
        machine_t *m = w->machines->pdata[i];
        if (machine_now_ps(m) >= until_ps)
            continue;
        machine_stop_t one = machine_run(m, until_ps);
        if (one == MACHINE_TIME || stop != MACHINE_TIME)
            continue;
        stop = one;
        *which = m;
        until_ps = machine_now_ps(m);
        i = -1; // those before it are there already, or catch up
    }
    return stop;
}

machine_stop_t world_run(world_t *w, uint64_t until_ps, machine_t **which)
{
    machine_t *dummy;
    if (!which)
        which = &dummy;
    *which = w->machines->pdata[0];
    if (w->machines->len == 1)
        return machine_run(*which, until_ps);
    machine_stop_t stop = MACHINE_TIME;
    for (bool first = true; stop == MACHINE_TIME && world_now_ps(w) < until_ps; first = false) {
        stop = run_slice(w, slice_end(w, first, until_ps), which);
        air_deliver(w->air);
    }
    return stop;
}
