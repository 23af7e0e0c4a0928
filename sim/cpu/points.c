// SPDX-License-Identifier: GPL-2.0-or-later
// Breakpoints and watchpoints. See points.h.
#include "points.h"

void points_init(points_t *p) { p->breaks = g_array_new(false, false, sizeof(uint32_t)); }
void points_clear(points_t *p) { g_clear_pointer(&p->breaks, g_array_unref); }

void points_break(points_t *p, uint32_t address, bool on)
{
    for (guint i = 0; i < p->breaks->len; i++)
        if (g_array_index(p->breaks, uint32_t, i) == address) {
            g_array_remove_index_fast(p->breaks, i);
            break;
        }
    if (on)
        g_array_append_val(p->breaks, address);
}

bool points_break_in(const points_t *p, uint32_t address, uint32_t n)
{
    for (guint i = 0; i < p->breaks->len; i++)
        if (g_array_index(p->breaks, uint32_t, i) - address < n)
            return true;
    return false;
}

bool points_watch(points_t *p, uint32_t address, uint32_t n, watch_t kind)
{
    for (unsigned i = 0; i < p->watches; i++)
        if (p->watch[i].address == address && p->watch[i].n == n)
            p->watch[i--] = p->watch[--p->watches];
    if (kind == WATCH_NONE)
        return true;
    if (p->watches == POINTS_WATCHES)
        return false;
    unsigned i = p->watches++;
    p->watch[i].address = address;
    p->watch[i].n = n;
    p->watch[i].kind = kind;
    return true;
}

bool points_watched(const points_t *p, uint32_t address, uint32_t n, bool write, uint32_t *at)
{
    bool found = false;
    for (unsigned i = 0; i < p->watches; i++) {
        if (!(p->watch[i].kind & (write ? WATCH_WRITE : WATCH_READ)) ||
            address >= p->watch[i].address + p->watch[i].n || p->watch[i].address >= address + n)
            continue;
        found = true;
        if (at)
            *at = MAX(address, p->watch[i].address);
    }
    return found;
}
