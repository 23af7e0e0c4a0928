// SPDX-License-Identifier: GPL-2.0-or-later
// The address map of one machine: memories with host buffers, and parts with registers.
//
// The CPU engine maps the memories for itself and calls bus_read / bus_write for everything else; DMA
// and debuggers come through here for all of it.
#pragma once
#include "part.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct bus bus_t;

typedef enum { MEM_RAM, MEM_ROM, MEM_FLASH } mem_kind_t;

// How fast the CPU fetches from a memory; written by the flash model, read by the engine.
typedef struct mem_timing {
    uint8_t wait_states;
    uint8_t line_bytes;   // bytes that one access brings (16 on STM32F4); 0 = no line buffer
    uint16_t icache_lines, dcache_lines; // 0 = off
    bool prefetch;
    uint32_t flushes; // counts up when the cache is emptied
    uint32_t line_ns; // filling a line of the cache takes so long; 0: as the engine knows it
} mem_timing_t;

typedef struct mem {
    char *name;   // owned
    mem_kind_t kind;
    uint32_t base, size;
    uint32_t alias; // second address of the same bytes; 0 with alias_on false = none
    bool alias_on;
    uint8_t *data;  // owned, page-aligned
    mem_timing_t timing;
    // The CPU sees only `window` bytes (0: all), those from window_offset on; everybody else, from `base`
    // on, sees all. `off`: the CPU does not see it now. Changes are told by bus_timing_changed.
    uint32_t window, window_offset;
    bool off;
    part_t *writer; // MEM_FLASH: a store by the CPU goes to its mmio_write hook of this part ...
    // ... as this call; NULL: a store is a bus error.
    void (*store)(part_t *writer, struct mem *mem, uint32_t offset, unsigned size, uint32_t value);
    // Asked before; FALSE: a bus error. NULL: any store is taken.
    bool (*may_store)(part_t *writer, struct mem *mem, uint32_t offset, unsigned size);
} mem_t;

// Memory that is no RAM: does it take this store, or is it a bus error?
static inline bool mem_takes(mem_t *mem, uint32_t offset, unsigned size)
{
    return mem->store && (!mem->may_store || mem->may_store(mem->writer, mem, offset, size));
}

bus_t *bus_new(machine_t *m);
void bus_free(bus_t *b);
mem_t *bus_add_mem(bus_t *b, const char *name, mem_kind_t kind, uint32_t base, uint32_t size);
void bus_add_part(bus_t *b, part_t *p); // at p->base, p->cls->mmio_size bytes
mem_t *bus_mem_at(const bus_t *b, uint32_t address, uint32_t *offset); // NULL if no memory there
mem_t *bus_mem_named(const bus_t *b, const char *name);
unsigned bus_mem_count(const bus_t *b);
mem_t *bus_mem(const bus_t *b, unsigned i);
part_t *bus_part_at(const bus_t *b, uint32_t address); // NULL if no part there

// Accesses with their side effects, by the CPU (outside memories) or by a DMA (anywhere).
// FALSE: nobody answers there = bus error. Not reported here: the caller knows what it means.
bool bus_read(bus_t *b, uint32_t address, unsigned size, uint32_t *value);
bool bus_write(bus_t *b, uint32_t address, unsigned size, uint32_t value);
// Without side effects, for debuggers and tests. Poke writes flash too, and drops translated code.
bool bus_peek(bus_t *b, uint32_t address, void *to, uint32_t n);
bool bus_poke(bus_t *b, uint32_t address, const void *from, uint32_t n);
// A model wrote into a memory's bytes, or changed `timing`: the engine forgets what it decoded.
void bus_code_changed(bus_t *b, mem_t *mem, uint32_t offset, uint32_t n);
void bus_timing_changed(bus_t *b, mem_t *mem);
