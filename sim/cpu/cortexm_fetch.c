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
#include "cortexm_native.h"
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
        for (unsigned data = 0; data < 2; data++) {
            f->cache[data].where = g_malloc0(mem->size / 16 + 1);
            memset(f->cache[data].line, 0xFF, sizeof f->cache[data].line);
        }
        cm_path_add_lines(c, mem->size / 16 + 1);
    }
    cm_flash_timing(c, true);
}

void cm_flash_clear(cortexm_t *c)
{
    for (unsigned data = 0; data < 2; data++)
        g_clear_pointer(&c->flash.cache[data].where, g_free);
}

// Slots that are not in use are never the oldest.
static void keep_rest(cm_cache_t *cache)
{
    for (unsigned i = CM_FIRST_SLOT + cache->n; i < CM_SLOTS; i++)
        cache->stamp[i] = INT32_MAX;
    memset(cache->least, 0, sizeof cache->least);
}

static void empty(cm_cache_t *cache)
{
    for (unsigned i = 0; i < CM_SLOTS; i++)
        if (cache->line[i] != UINT32_MAX)
            cache->where[cache->line[i]] = 0;
    memset(cache->line, 0xFF, sizeof cache->line);
    memset(cache->stamp, 0, sizeof cache->stamp);
    keep_rest(cache);
}

static void age(cm_cache_t *cache, uint64_t by)
{
    for (unsigned i = 0; i < CM_SLOTS; i++)
        cache->stamp[i] = cache->stamp[i] > (int64_t)by ? cache->stamp[i] - by : 1;
    keep_rest(cache);
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
    for (unsigned data = 0; data < 2; data++)
        age(&f->cache[data], by);
}

// Takes over mem->timing. A cache that is off holds nothing; `forget` empties both.
void cm_flash_timing(cortexm_t *c, bool forget)
{
    cm_flash_t *f = &c->flash;
    if (!f->mem)
        return;
    const mem_timing_t *t = &f->mem->timing;
    cm_path_forget_all(c);
    cm_native_forget(c);
    const unsigned lines[2] = {t->icache_lines, t->dcache_lines};
    for (unsigned data = 0; data < 2; data++) {
        cm_cache_t *cache = &f->cache[data];
        unsigned n = MIN(lines[data], CM_SLOTS - CM_FIRST_SLOT);
        bool other = n != cache->n;
        cache->n = n;
        if (forget || other)
            empty(cache);
    }
    if (forget) {
        f->cur = NO_LINE;
        f->cur_time = 0;
    }
    f->ws = t->line_bytes ? t->wait_states : 0;
    f->prefetch = t->prefetch;
    f->lead = t->prefetch ? f->ws : UINT64_MAX / 2;
}

typedef int32_t vector_t __attribute__((vector_size(16)));

static inline vector_t lesser(vector_t a, vector_t b)
{
    vector_t less = a < b;
    return (a & less) | (b & ~less);
}

static int32_t least_of_set(const int32_t *stamp)
{
    const vector_t *v = (const vector_t *)stamp, least = lesser(v[0], v[1]);
    return MIN(MIN(least[0], least[1]), MIN(least[2], least[3]));
}

// The slot that was used longest ago. Stamps only grow, and so the least one that a set once had is a bound.
static unsigned oldest_slot(cm_cache_t *cache)
{
    unsigned set = CM_FIRST_SLOT / CM_SET, end = (CM_FIRST_SLOT + cache->n + CM_SET - 1) / CM_SET;
    for (int32_t least;;) {
        unsigned oldest = set;
        for (unsigned i = set + 1; i < end; i++)
            if (cache->least[i] < cache->least[oldest])
                oldest = i;
        const int32_t *stamp = &cache->stamp[oldest * CM_SET];
        least = least_of_set(stamp);
        if (least == cache->least[oldest]) {
            unsigned slot = 0;
            while (stamp[slot] != least)
                slot++;
            return oldest * CM_SET + slot;
        }
        cache->least[oldest] = least;
    }
}

// A line goes into the slot that was used longest ago. Stamps of lines that paths use may be behind, never
// ahead: the oldest one will do when its own is right.
static void insert(cortexm_t *c, uint32_t line, int32_t stamp, bool data)
{
    cm_cache_t *cache = &c->flash.cache[data];
    unsigned slot = oldest_slot(cache);
    uint32_t old = cache->line[slot];
    if (old != UINT32_MAX && cm_path_is_behind(c, old, data)) {
        cm_path_catch_up(c);
        slot = oldest_slot(cache);
        old = cache->line[slot];
    }
    if (old != UINT32_MAX) {
        cache->where[old] = 0;
        cm_path_gone(c, old, data);
    }
    cache->line[slot] = line;
    cache->stamp[slot] = stamp;
    cache->where[line] = slot;
}

static unsigned fetch_miss(cortexm_t *c, uint32_t line, uint64_t now)
{
    cm_flash_t *f = &c->flash;
    unsigned stall = f->ws;
    if (f->prefetch && line == f->cur + 1) {
        uint64_t ready = f->cur_time + f->ws;
        stall = ready > now ? ready - now : 0;
    }
    if (stall && f->cache[0].n)
        insert(c, line, now - f->base, false);
    return stall;
}

static unsigned data_line(cortexm_t *c, uint32_t line)
{
    cm_flash_t *f = &c->flash;
    int32_t stamp = c->cycles - f->base;
    cm_cache_t *cache = &f->cache[1];
    if (cache->where[line]) {
        cache->stamp[cache->where[line]] = stamp;
        return 0;
    }
    if (cache->n)
        insert(c, line, stamp, true);
    return f->ws;
}

static void fetch_lines(cortexm_t *c, const cm_block_t *b)
{
    cm_flash_t *f = &c->flash;
    cm_cache_t *cache = &f->cache[0];
    unsigned stall = 0;
    for (unsigned i = 0; i < b->lines; i++) {
        uint32_t line = b->line0 + i;
        uint64_t now = c->cycles + b->line_cum[i] + stall;
        if (line == f->cur) { // used once more, as paths have it
            cache->stamp[cache->where[line]] = now - f->base;
            continue;
        }
        if (cache->where[line]) {
            cache->stamp[cache->where[line]] = now - f->base;
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
    cm_cache_t *cache = &f->cache[0];
    uint32_t line = b->line0;
    uint64_t now = c->cycles;
    if (line == f->cur) {
        cache->stamp[cache->where[line]] = now - f->base;
    } else {
        unsigned slot = cache->where[line];
        if (!slot && (line != f->cur + 1 || now < f->cur_time + f->lead)) {
            fetch_lines(c, b);
            return;
        }
        cache->stamp[slot] = now - f->base;
        f->cur = line;
        f->cur_time = now;
    }
    if (b->line_last != line) {
        unsigned slot = cache->where[line + 1];
        if (!slot && now + b->last_cum < f->cur_time + f->lead) {
            fetch_lines(c, b); // finds the first line current
            return;
        }
        f->cur = line + 1;
        f->cur_time = now + b->last_cum;
        cache->stamp[slot] = f->cur_time - f->base;
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
