// SPDX-License-Identifier: GPL-2.0-or-later
// Flash wait states and the accelerator in front of it: line buffer, prefetch of the next line,
// instruction cache and data cache, both fully associative with least-recently-used replacement
// (ST RM0090 3.5.2). Sizes and switches come from mem_t.timing.
//
// Documented: a read brings a line of 128 bits and takes ws + 1 cycles; the line in the buffer, a
// prefetched line and cached lines cost nothing; a line that missed all three is copied into the
// instruction cache.
// Assumptions: the prefetch of line n + 1 starts when line n arrives; a prefetched line that was
// needed before it arrived counts as missed (it is copied), one that was there in time does not; all
// stalls of a block are charged at its start, in the order of its lines; literals do not delay
// instruction fetches; two reads of one line of literals in a row are one; data reads of flash other
// than PC-relative ones are taken as hits.
#include "cortexm_int.h"
#include <string.h>

#define NO_LINE 0xFFFFFFF0 // nor is any line next to it

void cm_flash_init(cortexm_t *c)
{
    cm_flash_t *f = &c->flash;
    for (unsigned i = 0; i < bus_mem_count(c->cpu.m->bus); i++) {
        mem_t *mem = bus_mem(c->cpu.m->bus, i);
        if (mem->kind != MEM_FLASH || f->mem)
            continue;
        f->mem = mem;
        f->where = g_malloc0(mem->size / 16 + 1);
        f->dwhere = g_malloc0(mem->size / 16 + 1);
        cm_path_add_lines(c, mem->size / 16 + 1);
    }
    cm_flash_timing(c, true);
}

void cm_flash_clear(cortexm_t *c)
{
    g_clear_pointer(&c->flash.where, g_free);
    g_clear_pointer(&c->flash.dwhere, g_free);
}

static void forget_all(uint8_t *where, uint32_t *line, int32_t *stamp, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (line[i] != UINT32_MAX)
            where[line[i]] = 0;
        line[i] = UINT32_MAX;
        stamp[i] = 0;
    }
}

static void age(int32_t *stamp, unsigned n, uint64_t by)
{
    for (unsigned i = 0; i < n; i++)
        stamp[i] = stamp[i] > (int64_t)by ? stamp[i] - by : 1;
}

void cm_flash_rebase(cortexm_t *c)
{
    cm_flash_t *f = &c->flash;
    uint64_t by = c->cycles - f->base;
    if (by < 1 << 29)
        return;
    by -= 1 << 28; // of what is older, the order does not matter any more
    cm_path_catch_up(c);
    f->base += by;
    age(f->stamp, CM_ICACHE, by);
    age(f->dstamp, CM_DCACHE, by);
}

// Takes over mem->timing. A cache that is off holds nothing; `forget` empties both.
void cm_flash_timing(cortexm_t *c, bool forget)
{
    cm_flash_t *f = &c->flash;
    if (!f->mem)
        return;
    const mem_timing_t *t = &f->mem->timing;
    cm_path_forget_all(c);
    if (forget)
        memset(f->line, 0xFF, sizeof f->line), memset(f->dline, 0xFF, sizeof f->dline);
    if (forget || !t->icache_lines)
        forget_all(f->where, f->line, f->stamp, CM_ICACHE);
    if (forget || !t->dcache_lines)
        forget_all(f->dwhere, f->dline, f->dstamp, CM_DCACHE);
    if (forget) {
        memset(f->where, 0, f->mem->size / 16 + 1);
        memset(f->dwhere, 0, f->mem->size / 16 + 1);
        f->cur = NO_LINE;
        f->cur_time = 0;
    }
    f->ws = t->line_bytes ? t->wait_states : 0;
    f->icache = MIN(t->icache_lines, 64);
    f->dcache = MIN(t->dcache_lines, CM_DCACHE - 1);
    f->prefetch = t->prefetch;
    f->lead = t->prefetch ? f->ws : UINT64_MAX / 2;
}

typedef int32_t vector_t __attribute__((vector_size(16)));

static inline vector_t lesser(vector_t a, vector_t b)
{
    vector_t less = a < b;
    return (a & less) | (b & ~less);
}

// The slot that was used longest ago, of slots 1 to n; with a full cache this is the engine's hottest
// loop, hence the vectors.
static unsigned oldest_slot(int32_t *stamps, unsigned n)
{
    unsigned oldest = 1;
    if (n != 64) {
        for (unsigned i = 2; i <= n; i++)
            if (stamps[i] < stamps[oldest])
                oldest = i;
        return oldest;
    }
    vector_t *v = (vector_t *)stamps, least;
    stamps[0] = stamps[65] = stamps[66] = stamps[67] = INT32_MAX;
    least = lesser(v[0], v[1]);
    for (unsigned i = 2; i < CM_ICACHE / 4; i++)
        least = lesser(least, v[i]);
    int32_t min = MIN(MIN(least[0], least[1]), MIN(least[2], least[3]));
    vector_t wanted = {min, min, min, min};
    for (unsigned i = 0;; i++) {
        typedef int64_t halves_t __attribute__((vector_size(16)));
        halves_t found = (halves_t)(v[i] == wanted);
        if (!(found[0] | found[1]))
            continue;
        for (oldest = 4 * i; stamps[oldest] != min; oldest++)
            ;
        return oldest;
    }
}

// A line goes into the slot that was used longest ago. Stamps of lines that paths use may be behind, never
// ahead: the oldest one will do when its own is right.
static void insert(cortexm_t *c, uint32_t line, int32_t stamp, bool data)
{
    cm_flash_t *f = &c->flash;
    uint8_t *where = data ? f->dwhere : f->where;
    uint32_t *lines = data ? f->dline : f->line;
    int32_t *stamps = data ? f->dstamp : f->stamp;
    unsigned n = data ? f->dcache : f->icache, slot = oldest_slot(stamps, n);
    if (lines[slot] != UINT32_MAX && cm_path_is_behind(c, lines[slot], data)) {
        cm_path_catch_up(c);
        slot = oldest_slot(stamps, n);
    }
    if (lines[slot] != UINT32_MAX) {
        where[lines[slot]] = 0;
        cm_path_changed(c, lines[slot], data, false);
    }
    lines[slot] = line;
    stamps[slot] = stamp;
    where[line] = slot;
    cm_path_changed(c, line, data, true);
}

static unsigned fetch_miss(cortexm_t *c, uint32_t line, uint64_t now)
{
    cm_flash_t *f = &c->flash;
    unsigned stall = f->ws;
    if (f->prefetch && line == f->cur + 1) {
        uint64_t ready = f->cur_time + f->ws;
        stall = ready > now ? ready - now : 0;
    }
    if (stall && f->icache)
        insert(c, line, now - f->base, false);
    return stall;
}

static unsigned data_line(cortexm_t *c, uint32_t line)
{
    cm_flash_t *f = &c->flash;
    int32_t stamp = c->cycles - f->base;
    if (f->dwhere[line]) {
        f->dstamp[f->dwhere[line]] = stamp;
        return 0;
    }
    if (f->dcache)
        insert(c, line, stamp, true);
    return f->ws;
}

static void fetch_lines(cortexm_t *c, const cm_block_t *b)
{
    cm_flash_t *f = &c->flash;
    unsigned stall = 0;
    for (unsigned i = 0; i < b->lines; i++) {
        uint32_t line = b->line0 + i;
        uint64_t now = c->cycles + b->line_cum[i] + stall;
        if (line == f->cur) { // used once more, as paths have it
            f->stamp[f->where[line]] = now - f->base;
            continue;
        }
        if (f->where[line]) {
            f->stamp[f->where[line]] = now - f->base;
        } else {
            unsigned s = fetch_miss(c, line, now);
            stall += s;
            now += s;
        }
        f->cur_time = now;
        f->cur = line;
    }
    for (unsigned i = 0; i < b->literals; i++)
        stall += data_line(c, b->literal[i]);
    c->cycles += stall;
}

// Short cuts for the common cases without stalls: lines that are current, cached, or prefetched in time.
void cm_fetch_block(cortexm_t *c, const cm_block_t *b)
{
    cm_flash_t *f = &c->flash;
    if (!f->ws)
        return;
    if (!b->is_simple) {
        fetch_lines(c, b);
        return;
    }
    uint32_t line = b->line0;
    uint64_t now = c->cycles;
    if (line == f->cur) {
        f->stamp[f->where[line]] = now - f->base;
    } else {
        unsigned slot = f->where[line];
        if (!slot && (line != f->cur + 1 || now < f->cur_time + f->lead)) {
            fetch_lines(c, b);
            return;
        }
        f->stamp[slot] = now - f->base;
        f->cur = line;
        f->cur_time = now;
    }
    if (b->line_last != line) {
        unsigned slot = f->where[line + 1];
        if (!slot && now + b->last_cum < f->cur_time + f->lead) {
            fetch_lines(c, b); // finds the first line current
            return;
        }
        f->cur = line + 1;
        f->cur_time = now + b->last_cum;
        f->stamp[slot] = f->cur_time - f->base;
    }
}

// What a path has left to be done.
void cm_fetch_leave(cortexm_t *c)
{
    if (c->blk->lines && c->flash.ws)
        c->flash.cur = c->blk->line_last;
}

// A data read by the core itself (vectors).
unsigned cm_fetch_data(cortexm_t *c, const mem_t *mem, uint32_t offset)
{
    return mem == c->flash.mem && c->flash.ws ? data_line(c, offset / 16) : 0;
}
