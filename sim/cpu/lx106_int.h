// SPDX-License-Identifier: GPL-2.0-or-later
// The insides of the LX106 engine, shared by its files.
//
// How it runs. Code is decoded once into blocks of pre-decoded operations (lx106_block.c), which a
// threaded interpreter runs (lx106_run.c). A block goes on behind branches that are not taken and ends
// at jumps; its exits remember the block that they lead to. No operation counts: `cum` of an operation
// is the number of cycles of its block before it, so that the time is base + cum, and what depends on
// data (peripherals, loads from instruction memory, lines that the flash cache lacks) is added to the
// base. A block is entered only if it cannot pass the limit; near the limit, instructions run one at a
// time, by the same operations, so that interrupts and deadlines hit the exact instruction.
//
// Everything static is in `cum`: the word that a jump has to fetch twice, a result used too early.
#pragma once
#include "points.h"
#include "../machine.h"

typedef struct lx106 lx106_t;
typedef struct lx_block lx_block_t;

// Kinds of immediates; how each is read stands in lx106_isa.c.
typedef enum {
    LX_IMM_NONE, LX_IMM_S8, LX_IMM_S8_256, LX_IMM_ADDI_N, LX_IMM_S12, LX_IMM_MOVI_N, LX_IMM_S_BIT4,
    LX_IMM_SLLI, LX_IMM_SRAI, LX_IMM_S, LX_IMM_EXTUI, LX_IMM_L32R, LX_IMM_U8, LX_IMM_U8_2,
    LX_IMM_U8_4, LX_IMM_R_4, LX_IMM_J18, LX_IMM_CALL18, LX_IMM_RETURN, LX_IMM_B12, LX_IMM_B_N,
    LX_IMM_B4, LX_IMM_B4U, LX_IMM_B8, LX_IMM_B8_BIT, LX_IMM_SR,
} lx_imm_t;

enum { // flags of a row
    LX_W_R = 1, LX_W_S = 2, LX_W_T = 4,                // writes a[r], a[s], a[t]
    LX_R_R = 8, LX_R_S = 16, LX_R_T = 32, LX_R_0 = 64, // reads a[r] ..., a0
    LX_LATE = 128,       // its result comes a cycle late
    LX_LINK = 256,       // has a fixed target: a second operation holds the link
    LX_ENDS = 512,       // nothing follows
};

typedef struct lx_row {
    const char *name, *operands;
    uint32_t match, mask;
    uint16_t flags;
    uint8_t imm, cycles;
} lx_row_t;

enum { // numbers of the rows, then of what is no instruction
#define LX(id, ...) LX_OP_##id,
#define LXI(id, ...) LX_OP_##id,
#include "lx106_isa.def"
#undef LX
#undef LXI
    LX_OPS,
    LX_ROWS = LX_OP_line
};
extern const lx_row_t lx_rows[LX_ROWS];

typedef struct lx_insn { // one decoded instruction
    uint8_t op, len, r, s, t;
    uint32_t imm, second; // second: EXTUI's width, a branch's target
} lx_insn_t;

// `word`: the three bytes at `pc`. FALSE: illegal; len is set all the same.
bool lx_decode(uint32_t pc, uint32_t word, lx_insn_t *i);
void lx_format(const lx_insn_t *i, char *to, size_t n);
bool lx_sr_valid(unsigned op, unsigned sr);

typedef struct lx_op {
    int32_t go;    // handler, relative to the first one
    uint32_t imm;
    uint16_t cum;  // cycles of the block before it
    uint8_t off;   // of the instruction, from the block's start
    uint8_t id;    // LX_OP_
    union {
        struct {
            uint8_t r, s, t;
            uint8_t x; // EXTUI: width; loads and stores: cycles more from instruction memory
        };
        uint16_t slot; // flash lines: where in the cache
    };
} lx_op_t;

typedef struct lx_link { // behind an operation with LX_LINK, l32r_*, end
    union {
        lx_block_t *to;          // &none: not known yet
        const uint32_t *literal;
    };
    uint32_t target; // address; l32r_flash: line
    uint32_t slot;   // l32r_flash: where in the cache
} lx_link_t;

typedef union lx_slot {
    lx_op_t op;
    lx_link_t link;
} lx_slot_t;

struct lx_block {
    uint32_t pc;
    uint32_t end;       // address behind it
    uint64_t bound;     // most cycles that it takes without what is added on the way; huge: never fast
    uint16_t n;         // slots
    uint8_t cross;      // of `bound`: fetching the first instruction takes one more word
    lx_block_t *next;   // in the hash chain
    lx_slot_t ops[];
};

#define LX_NEVER (UINT64_C(1) << 62) // as a bound: above every limit
#define LX_LAST (UINT64_C(1) << 61)  // greatest limit

enum {
    LX_MAX_INS = 64,   // of a block: then it ends where nothing is under way,
    LX_MOST_INS = 80,  // or here
    LX_MAX_SLOTS = 2 * LX_MOST_INS + 32,
    LX_CACHE = 4096,   // direct-mapped, in front of the chains
    LX_CHAINS = 16384,
    LX_ARENA = 6 << 20, // bytes of blocks; everything is dropped when it is full
    LX_REGIONS = 16,
    LX_GRANULE = 32,   // bytes of memory for which one bit says that there are blocks
    LX_LINE = 32,      // bytes of a line of the flash cache
    LX_MAX_LINES = 1024,
};

// Costs (facts of the part are in tests/cpu/test_lx_cycles.c).
enum {
    LX_REFILL = 2,     // a taken branch, on top of its cycle
    LX_SLOW_LOAD = 6,  // a load from instruction memory stops the pipeline, on top of its cycle
    LX_SLOW_STORE = 2, // a store there: an estimate
    LX_ENTRY = 5,      // entry of an exception or interrupt: an estimate
    LX_MISS_NS = 2150, // a line from flash, if its model does not tell
};

enum { // EXCCAUSE
    LX_ILLEGAL = 0, LX_SYSCALL = 1, LX_FETCH_ERROR = 2, LX_LOAD_STORE_ERROR = 3, LX_LEVEL1 = 4,
    LX_UNALIGNED = 9, LX_FETCH_ADDRESS = 14, LX_DATA_ADDRESS = 15, LX_FETCH_PROHIBITED = 20,
    LX_LOAD_PROHIBITED = 28, LX_STORE_PROHIBITED = 29,
};

enum { // DEBUGCAUSE
    LX_DEBUG_ICOUNT = 1, LX_DEBUG_IBREAK = 2, LX_DEBUG_DBREAK = 4, LX_DEBUG_BREAK = 8,
    LX_DEBUG_BREAK_N = 16,
};

enum { LX_PS_LEVEL = 15, LX_PS_EXCM = 16, LX_PS_UM = 32 };

enum { // INTERRUPT, by the configuration of the part
    LX_INT_LEVEL = 0x003F,  // follow their lines
    LX_INT_TIMER = 1 << 6,
    LX_INT_SOFT = 1 << 7,
    LX_INT_EDGE = 0x3F00,   // latched
    LX_INT_NMI = 1 << 14,   // latched, by its entry cleared
};

typedef struct lx_region { // a memory as the CPU sees it
    mem_t *mem;
    uint32_t base, size, offset; // offset: of the window into the memory's bytes
    bool code;      // on the instruction side: whole words only, slow; can be executed
    bool off;
    uint32_t *marks; // one bit per granule of mem->data: blocks were decoded there
} lx_region_t;

struct lx106 {
    cpu_t cpu;
    uint32_t a[16]; // saved: all registers below
    uint32_t sar, ps, pc;
    uint64_t cycles; // saved: now; while a block runs: at the start of the last SYNC'ed instruction
    uint64_t limit;  // blocks may not pass it; 0: something is to be looked at
    uint64_t until;  // of the run
    // Where we are: in blk, before `at`; blk NULL: at pc, with no block yet.
    const lx_block_t *blk;
    const lx_slot_t *at;
    const lx_slot_t *one_next; // one instruction at a time: the operation behind it
    bool nocross;   // pc was not jumped to: its first instruction's words are there
    bool mid;       // inside an instruction: no interrupt before it has run

    uint32_t epc[4], eps[4], excsave[4], depc, vecbase, exccause, excvaddr, intenable, litbase;
    uint32_t interrupt; // pending bits: lines of level interrupts and latches
    uint32_t lines;     // as driven
    uint32_t ccount_offset, ccompare, icount, icountlevel, ibreakenable, ibreaka, dbreaka, dbreakc;
    uint32_t ddr, debugcause, mmid;
    uint64_t timer_at;  // the cycle at which CCOUNT reaches CCOMPARE0 next
    uint8_t code_attr[8], data_attr[8];
    bool waiting;       // WAITI
    event_t wake;       // CCOMPARE0 while waiting

    // Memory.
    lx_region_t region[LX_REGIONS];
    unsigned regions;
    lx_region_t *last;  // hit last time
    uint8_t *ram; // the data RAM; words 0 while its accesses have to be looked at
    uint32_t ram_base, ram_bytes, ram_words, ram_size;
    const struct soc_wait *waits, *last_wait;
    unsigned wait_ratio; // the core may run at twice the peripherals' clock
    // Flash cache: the line in each slot, or UINT32_MAX.
    uint32_t tag[LX_MAX_LINES];
    unsigned cache_lines; // 0: the window is as fast as memory
    bool flash_off;
    uint32_t miss_ns, miss_cycles, cache_flush;

    // Blocks.
    lx_block_t none;
    lx_slot_t none_ops[1];
    lx_block_t *cache[LX_CACHE];
    lx_block_t **chains;
    uint8_t *arena;
    size_t used;
    lx_slot_t one[8];
    int32_t handler[LX_OPS];
    bool flush;         // drop all blocks at the next boundary
    bool exact_only;    // ICOUNT, watchpoints for tests and traces: one instruction at a time

    // Debugger.
    points_t points;
    uint32_t broke_pc;   // where and when the last CPU_BREAK was: not again at once
    uint64_t broke_at;
    bool watch_hit, exit_wanted, break_wanted, stepping, in_access;
};

// lx106_block.c
lx_block_t *lx_find(lx106_t *c, uint32_t pc); // NULL: no room, drop all first
void lx_drop_blocks(lx106_t *c);
void lx_code_changed(lx106_t *c, const mem_t *mem, uint32_t offset, uint32_t n);
static inline unsigned lx_hash(uint32_t pc) { return (pc ^ pc >> 12) % LX_CACHE; }

// lx106_run.c
// Runs from c->at. `one`: one instruction. Returns on a boundary between instructions (but see c->mid).
void lx_exec(lx106_t *c, bool one);
void lx_handlers(lx106_t *c); // fills c->handler

// lx106_mem.c
void lx_map(lx106_t *c);    // regions of the bus
void lx_map_ram(lx106_t *c); // what the fast path of loads and stores may touch
void lx_timing(lx106_t *c, const mem_t *mem);
void lx_miss_time(lx106_t *c); // after a change of the clock or of the flash
lx_region_t *lx_region_at(lx106_t *c, uint32_t address);
// Accesses by the CPU that the fast path does not do. Cycles on top, or -1: an exception was taken.
int lx_load(lx106_t *c, uint32_t address, unsigned size, uint32_t *value, unsigned extra);
int lx_store(lx106_t *c, uint32_t address, unsigned size, uint32_t value, unsigned extra);
// The flash line misses: it is in the cache now.
uint32_t lx_miss(lx106_t *c, unsigned slot, uint32_t line);

// lx106_exc.c
void lx_exc_reset(lx106_t *c);
void lx_raise(lx106_t *c, unsigned cause, uint32_t vaddr); // at c->pc, which becomes the vector
void lx_raise_debug(lx106_t *c, unsigned cause);
bool lx_take_interrupt(lx106_t *c); // TRUE: one was taken
bool lx_interrupt_due(const lx106_t *c);
void lx_irq(lx106_t *c, unsigned line, bool level);
void lx_timer(lx106_t *c); // CCOMPARE0, at c->cycles
void lx_set_limit(lx106_t *c);
uint32_t lx_sr_read(lx106_t *c, unsigned sr);
void lx_sr_write(lx106_t *c, unsigned sr, uint32_t value);
uint32_t lx_rfe(lx106_t *c);
uint32_t lx_rfi(lx106_t *c, unsigned level);
void lx_set_level(lx106_t *c, unsigned level);
void lx_waiti(lx106_t *c, unsigned level);
void lx_set_attribute(lx106_t *c, uint8_t *attr, uint32_t address, uint32_t value);
uint32_t lx_pc(const lx106_t *c);

// lx106_simcall.c
void lx_simcall(lx106_t *c);
