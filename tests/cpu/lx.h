// SPDX-License-Identifier: GPL-2.0-or-later
// A bare LX106 on which tests of the engine run code: instruction RAM, data RAM, flash behind a cache,
// and one part at 0x60000000 that tells the time and interrupts. A small assembler too.
#pragma once
#include "machine.h"
#include "cpu/lx106_int.h"

#define LX_ROM 0x40000000u
#define LX_IRAM 0x40100000u
#define LX_IRAM_SIZE 0x100000u
#define LX_FLASH 0x40200000u
#define LX_FLASH_SIZE 0x200000u // two windows of 1 MB
#define LX_DRAM 0x3FF80000u
#define LX_DRAM_SIZE 0x80000u
#define LX_PART 0x60000000u
#define LX_PART_WAIT 3 // more cycles of an access
#define LX_HZ 80000000u

// Registers of the part.
enum {
    LX_TIME = 0,   // read: cycles; write: remembered
    LX_TIMER = 4,  // write: interrupt line 8 rises this many cycles later
    LX_RAISE = 8,  // write: these interrupt lines rise now
    LX_LOWER = 12, // write: ... and fall
};

typedef struct lx_stand {
    machine_t *m;
    lx106_t *c;
    event_t timer;
    GArray *log;        // of uint32_t: what was written to LX_TIME
    GPtrArray *reports; // of char *
    uint64_t hash;      // over all accesses to the part and their times
} lx_stand_t;

lx_stand_t *lx_new(void);
void lx_free(lx_stand_t *k);
void lx_put(lx_stand_t *k, uint32_t address, const void *bytes, uint32_t n);
uint32_t lx_word(lx_stand_t *k, uint32_t address);
// Reset, then everything ready to run at `pc`, PS.UM set, VECBASE at instruction RAM.
void lx_start(lx_stand_t *k, uint32_t pc);
void lx_flash(lx_stand_t *k, unsigned lines); // the cache; 0: flash without a cache's time
machine_stop_t lx_run(lx_stand_t *k, uint64_t cycles); // so many more

// ---- Assembler: code grows at `at` ------------------------------------------------------------------

typedef struct lx_asm {
    uint8_t *code; // bytes from `base` on
    uint32_t base, at, size;
} lx_asm_t;

void lx_emit(lx_asm_t *a, uint32_t word, unsigned len);
void lx_align(lx_asm_t *a, unsigned n); // with zeros
void lx_word_at(lx_asm_t *a, uint32_t value);
// An instruction by its row, with its fields r, s, t and the byte or other bits above them.
void lx_row(lx_asm_t *a, unsigned op, unsigned r, unsigned s, unsigned t, unsigned imm8);
void lx_l32r(lx_asm_t *a, unsigned t, uint32_t literal);
void lx_sr(lx_asm_t *a, unsigned op, unsigned sr, unsigned t);
void lx_j(lx_asm_t *a, uint32_t target);
void lx_movi(lx_asm_t *a, unsigned t, int value); // -2048 .. 2047
