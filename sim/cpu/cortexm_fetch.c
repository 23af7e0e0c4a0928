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
    }
    cm_flash_timing(c, true);
}

void cm_flash_clear(cortexm_t *c)
{
    g_clear_pointer(&c->flash.where, g_free);
    g_clear_pointer(&c->flash.dwhere, g_free);
}

static void forget_all(uint8_t *where, uint32_t *line, uint64_t *stamp, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (line[i] != UINT32_MAX)
            where[line[i]] = 0;
        line[i] = UINT32_MAX;
        stamp[i] = 0;
    }
}

// Takes over mem->timing. A cache that is off holds nothing; `forget` empties both.
void cm_flash_timing(cortexm_t *c, bool forget)
{
    cm_flash_t *f = &c->flash;
    if (!f->mem)
        return;
    const mem_timing_t *t = &f->mem->timing;
    if (forget)
        memset(f->line, 0xFF, sizeof f->line), memset(f->dline, 0xFF, sizeof f->dline);
    if (forget || !t->icache_lines)
        forget_all(f->where, f->line, f->stamp, G_N_ELEMENTS(f->line));
    if (forget || !t->dcache_lines)
        forget_all(f->dwhere, f->dline, f->dstamp, G_N_ELEMENTS(f->dline));
    if (forget) {
        memset(f->where, 0, f->mem->size / 16 + 1);
        memset(f->dwhere, 0, f->mem->size / 16 + 1);
        f->cur = NO_LINE;
        f->cur_time = 0;
    }
    f->ws = t->line_bytes ? t->wait_states : 0;
    f->icache = MIN(t->icache_lines, G_N_ELEMENTS(f->line) - 1);
    f->dcache = MIN(t->dcache_lines, G_N_ELEMENTS(f->dline) - 1);
    f->prefetch = t->prefetch;
    f->lead = t->prefetch ? f->ws : UINT64_MAX / 2;
}

static uint64_t use_stamp(uint64_t now, unsigned place) { return now << 8 | MIN(place, 255); }

static void insert(uint8_t *where, uint32_t *lines, uint64_t *stamps, unsigned n, uint32_t line,
                   uint64_t stamp)
{
    unsigned oldest = 1;
    for (unsigned i = 2; i <= n; i++)
        if (stamps[i] < stamps[oldest])
            oldest = i;
    if (lines[oldest] != UINT32_MAX)
        where[lines[oldest]] = 0;
    lines[oldest] = line;
    stamps[oldest] = stamp;
    where[line] = oldest;
}

static unsigned fetch_miss(cortexm_t *c, uint32_t line, uint64_t now, unsigned place)
{
    cm_flash_t *f = &c->flash;
    unsigned stall = f->ws;
    if (f->prefetch && line == f->cur + 1) {
        uint64_t ready = f->cur_time + f->ws;
        stall = ready > now ? ready - now : 0;
    }
    if (stall && f->icache)
        insert(f->where, f->line, f->stamp, f->icache, line, use_stamp(c->cycles, place));
    return stall;
}

static unsigned data_line(cortexm_t *c, uint32_t line, unsigned place)
{
    cm_flash_t *f = &c->flash;
    if (f->dwhere[line]) {
        f->dstamp[f->dwhere[line]] = use_stamp(c->cycles, place);
        return 0;
    }
    if (f->dcache)
        insert(f->dwhere, f->dline, f->dstamp, f->dcache, line, use_stamp(c->cycles, place));
    return f->ws;
}

void cm_fetch_slow(cortexm_t *c, const cm_block_t *b)
{
    cm_flash_t *f = &c->flash;
    unsigned stall = 0;
    for (unsigned i = 0; i < b->lines; i++) {
        uint32_t line = b->line0 + i;
        uint64_t now = c->cycles + b->line_cum[i] + stall;
        if (line == f->cur)
            continue;
        if (f->where[line]) {
            f->stamp[f->where[line]] = use_stamp(c->cycles, i);
        } else {
            unsigned s = fetch_miss(c, line, now, i);
            stall += s;
            now += s;
        }
        f->cur_time = now;
        f->cur = line;
    }
    for (unsigned i = 0; i < b->literals; i++)
        stall += data_line(c, b->literal[i], i);
    c->cycles += stall;
}

// A data read by the core itself (vectors).
unsigned cm_fetch_data(cortexm_t *c, const mem_t *mem, uint32_t offset)
{
    return mem == c->flash.mem && c->flash.ws ? data_line(c, offset / 16, 0) : 0;
}
