// SPDX-License-Identifier: GPL-2.0-or-later
// Memory of the LX106: what lies where for the CPU, accesses beyond the fast path, the flash cache.
//
// The core has a data side (below 0x40000000) and an instruction side (to 0x5FFFFFFF), where code runs
// and only aligned words are loaded and stored; everything else is the peripherals' bus. The cache of
// the flash window is direct-mapped: how the part's is organised is not known. Its lines are filled
// at once when missed; that SPI0 may be busy with something else at that time is not modelled.
#include "lx106_int.h"
#include <string.h>

enum { CODE_BASE = 0x40000000, CODE_END = 0x60000000 };

static uint32_t window_size(const mem_t *mem) { return mem->window ? mem->window : mem->size; }

void lx_map_ram(lx106_t *c)
{
    bool look = c->points.watches || c->dbreakc >> 30 || c->data_attr[c->ram_base >> 29] == 15;
    c->ram_words = look ? 0 : c->ram_size / 4;
}

void lx_map(lx106_t *c)
{
    bus_t *bus = c->cpu.m->bus;
    for (unsigned i = 0; i < bus_mem_count(bus) && c->regions < LX_REGIONS; i++) {
        mem_t *mem = bus_mem(bus, i);
        lx_region_t *r = &c->region[c->regions++];
        r->mem = mem;
        r->base = mem->base;
        r->size = window_size(mem);
        r->offset = mem->window_offset;
        r->off = mem->off;
        r->code = mem->base >= CODE_BASE && mem->base < CODE_END;
        r->marks = g_malloc0(mem->size / LX_GRANULE / 8 + 4);
        if (!r->code && mem->kind == MEM_RAM && mem->base < CODE_BASE && mem->size > c->ram_size) {
            c->ram = mem->data;
            c->ram_base = mem->base;
            c->ram_size = mem->size;
        }
        if (mem->kind == MEM_FLASH)
            lx_timing(c, mem);
    }
    lx_map_ram(c);
}

lx_region_t *lx_region_at(lx106_t *c, uint32_t address)
{
    lx_region_t *r = c->last;
    if (r && address - r->base < r->size)
        return r;
    for (unsigned i = 0; i < c->regions; i++)
        if (address - c->region[i].base < c->region[i].size)
            return c->last = &c->region[i];
    return NULL;
}

void lx_miss_time(lx106_t *c)
{
    double ns = c->miss_ns ? c->miss_ns : LX_MISS_NS;
    c->miss_cycles = (uint32_t)(clk_hz(c->cpu.m->cpu_clk) * ns / 1e9 + 0.5);
}

// The cache goes on and off around every access to the flash chip, so blocks survive that: they ask
// for their lines, which are gone.
void lx_timing(lx106_t *c, const mem_t *mem)
{
    for (unsigned i = 0; i < c->regions; i++) {
        lx_region_t *r = &c->region[i];
        if (r->mem != mem)
            continue;
        bool flash = mem->kind == MEM_FLASH, empty = r->off != mem->off;
        unsigned lines = flash ? MIN(mem->timing.icache_lines, LX_MAX_LINES) : 0;
        bool drop = r->offset != mem->window_offset || (flash && lines != c->cache_lines) ||
                    (empty && !lines);
        r->off = mem->off;
        r->offset = mem->window_offset;
        if (flash) {
            if (drop || empty || c->cache_flush != mem->timing.flushes)
                memset(c->tag, 0xFF, sizeof c->tag);
            c->cache_lines = lines;
            c->cache_flush = mem->timing.flushes;
            c->flash_off = mem->off;
            c->miss_ns = mem->timing.line_ns;
            lx_miss_time(c);
        }
        if (drop) {
            c->flush = true;
            c->limit = 0;
        }
    }
}

uint32_t lx_miss(lx106_t *c, unsigned slot, uint32_t line)
{
    c->tag[slot] = line;
    return c->miss_cycles;
}

// A load in the flash window passes through the cache too.
static unsigned flash_cycles(lx106_t *c, const lx_region_t *r, uint32_t address)
{
    if (r->mem->kind != MEM_FLASH || !c->cache_lines)
        return 0;
    uint32_t line = (r->offset + address - r->base) / LX_LINE, slot = line % c->cache_lines;
    return c->tag[slot] == line ? 0 : lx_miss(c, slot, line);
}

static int fail(lx106_t *c, unsigned cause, uint32_t address)
{
    c->pc = lx_pc(c);
    lx_raise(c, cause, address);
    return -1;
}

// ---- Watchpoints ------------------------------------------------------------------------------------

static bool data_break(lx106_t *c, uint32_t address, unsigned size, bool write)
{
    if (!(c->dbreakc >> (write ? 31 : 30) & 1) || (c->ps & LX_PS_LEVEL) >= 2)
        return false;
    uint32_t mask = 0xFFFFFFC0 | (c->dbreakc & 0x3F);
    return (address & mask) == (c->dbreaka & mask) ||
           ((address + size - 1) & mask) == (c->dbreaka & mask);
}

// What may stop an access before it is made. TRUE: an exception was taken.
static bool stopped(lx106_t *c, uint32_t address, unsigned size, bool write)
{
    if (address & (size - 1)) {
        fail(c, LX_UNALIGNED, address);
        return true;
    }
    if (c->data_attr[address >> 29] == 15) {
        fail(c, write ? LX_STORE_PROHIBITED : LX_LOAD_PROHIBITED, address);
        return true;
    }
    if (c->dbreakc >> 30 && data_break(c, address, size, write)) {
        c->pc = lx_pc(c);
        lx_raise_debug(c, LX_DEBUG_DBREAK);
        return true;
    }
    if (points_watched(&c->points, address, size, write, NULL)) {
        c->watch_hit = true;
        c->limit = 0;
        c->cpu.stop_address = address;
    }
    return false;
}

// ---- Accesses ---------------------------------------------------------------------------------------

static unsigned wait_cycles(lx106_t *c, uint32_t address, bool write)
{
    const struct soc_wait *w = c->last_wait;
    if (!w || address - w->base >= w->size) {
        for (w = c->waits; w && w->size && address - w->base >= w->size; w++)
            ;
        if (!w || !w->size)
            return 0;
        c->last_wait = w;
    }
    return (write ? w->write : w->read) * c->wait_ratio;
}

static int nobody(lx106_t *c, uint32_t address, bool write)
{
    machine_report(c->cpu.m, REPORT_GUEST_ERROR, address, "%s where nothing is (0x%08x)",
                   write ? "store" : "load", address);
    return fail(c, LX_DATA_ADDRESS, address);
}

int lx_load(lx106_t *c, uint32_t address, unsigned size, uint32_t *value, unsigned extra)
{
    if (stopped(c, address, size, false))
        return -1;
    lx_region_t *r = lx_region_at(c, address);
    *value = 0;
    if (!r && address - CODE_BASE >= CODE_END - CODE_BASE) {
        unsigned wait = wait_cycles(c, address, false);
        c->in_access = true;
        bool ok = bus_read(c->cpu.m->bus, address, size, value);
        c->in_access = false;
        return ok ? (int)wait : nobody(c, address, false);
    }
    if (!r)
        return nobody(c, address, false);
    if (r->code && size != 4)
        return fail(c, LX_LOAD_STORE_ERROR, address);
    if (r->off) {
        if (r->mem->kind == MEM_FLASH)
            machine_report(c->cpu.m, REPORT_GUEST_ERROR, lx_pc(c),
                           "load from flash while the cache is off");
        return r->code ? (int)(LX_SLOW_LOAD + extra) : 0;
    }
    memcpy(value, r->mem->data + r->offset + (address - r->base), size);
    return r->code ? (int)(LX_SLOW_LOAD + extra + flash_cycles(c, r, address))
                   : (int)wait_cycles(c, address, false);
}

int lx_store(lx106_t *c, uint32_t address, unsigned size, uint32_t value, unsigned extra)
{
    if (stopped(c, address, size, true))
        return -1;
    lx_region_t *r = lx_region_at(c, address);
    if (!r && address - CODE_BASE >= CODE_END - CODE_BASE) {
        unsigned wait = wait_cycles(c, address, true);
        c->in_access = true;
        bool ok = bus_write(c->cpu.m->bus, address, size, value);
        c->in_access = false;
        return ok ? (int)wait : nobody(c, address, true);
    }
    if (!r)
        return nobody(c, address, true);
    if (r->code && size != 4)
        return fail(c, LX_LOAD_STORE_ERROR, address);
    if (r->mem->kind != MEM_RAM)
        return fail(c, LX_STORE_PROHIBITED, address);
    if (!r->off) {
        uint32_t offset = r->offset + (address - r->base);
        memcpy(r->mem->data + offset, &value, size);
        if (r->code)
            lx_code_changed(c, r->mem, offset, size);
    }
    return r->code ? (int)(LX_SLOW_STORE + extra) : (int)wait_cycles(c, address, true);
}
