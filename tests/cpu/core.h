// SPDX-License-Identifier: GPL-2.0-or-later
// A bare Cortex-M on which tests of the engine run code: 256 KB of flash at 0x08000000 and at 0, 64 KB
// of RAM at 0x20000000, and one part at 0x40000000 that tells the time and interrupts.
#pragma once
#include "machine.h"
#include "cpu/cortexm_int.h"

#define CORE_FLASH 0x08000000u
#define CORE_RAM 0x20000000u
#define CORE_PART 0x40000000u
#define CORE_CYCLE_PS 10000 // 100 MHz

// Registers of the part.
enum {
    CORE_TIME = 0,   // read: cycles; write: remembered
    CORE_TIMER = 4,  // write: the interrupt rises this many cycles later
    CORE_RAISE = 8,  // write: the interrupt rises now
    CORE_LOWER = 12, // write: ... and falls
};

typedef struct core {
    machine_t *m;
    cortexm_t *c;
    part_t *part;
    event_t timer;
    line_t *irq;
    GArray *log;        // of uint32_t: what was written to CORE_TIME
    GPtrArray *reports; // of char *
    uint64_t hash;      // over all accesses to the part and their times
} core_t;

core_t *core_new(const char *cpu);
void core_free(core_t *k);
void core_flash_timing(core_t *k, unsigned ws, unsigned icache, unsigned dcache, bool prefetch);
void core_put(core_t *k, uint32_t address, const void *bytes, uint32_t n); // before core_start
void core_start(core_t *k);
uint32_t core_word(core_t *k, uint32_t address);
uint64_t core_cycles(core_t *k);
uint32_t core_reg(core_t *k, unsigned reg); // CM_R0 ...
void core_set(core_t *k, unsigned reg, uint32_t value);
// Registers, cycles, accesses to the part with their times and RAM: the test ends where they differ.
void core_compare(core_t *a, core_t *b, uint32_t seed);
