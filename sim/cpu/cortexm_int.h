// SPDX-License-Identifier: GPL-2.0-or-later
// The insides of the Cortex-M engine, shared by its files.
//
// How it runs. Two Unicorn instances, *fast* and *exact*, share the memories. Guest code is seen as
// blocks: decoded once, they know the cycles of each instruction. *fast* has one hook at the start of
// each block, which adds the cycles of the block that has just ended; *exact* has a hook on each
// instruction. Both walk the same blocks with the same sums, so that they agree to the cycle. *fast*
// starts at block starts only and runs a block only when it cannot reach the deadline.
//
// Blocks that are entered often run as code of the host where that is an x86-64 (cortexm_native.c, _x86*.c):
// integer code in flash that accesses memories only. It keeps the same sums, and ends where a block starts
// that it cannot run, before an access to a peripheral, and before the deadline; Unicorn takes over there.
// What stays on *fast* is made short by paths (cortexm_path.c).
//
// Time inside a block: cycles + ins[i].cum, where cycles is that of its start and grows by what depends
// on data as it happens: division, conditional instructions that do run, waits of peripherals.
#pragma once
#include "cortexm.h"
#include "points.h"
#include "../soc.h"
#include <capstone/capstone.h>
#include <unicorn/unicorn.h>

typedef enum {
    INS_PLAIN,
    INS_DIV,    // cycles depend on operands: base / index
    INS_BRANCH, // writes PC
    INS_SVC, INS_BKPT, INS_WFI, INS_WFE, INS_YIELD, INS_SEV,
    INS_MASK,   // CPS, MSR: may unmask an exception
    INS_IT,
    INS_UNDEFINED,
} cm_kind_t;

#define CM_NO_REG 0xFF

typedef struct cm_ins {
    uint16_t offset;    // from the block's start, bytes
    uint16_t cum;       // cycles of the block before it, with all that depends on data at its least
    uint8_t len;        // 2 or 4
    uint8_t kind;
    uint8_t it;         // ITSTATE before it
    bool cond;          // inside an IT block
    bool load, store, fp, is_signed;
    uint8_t cost, skip; // cycles when it runs (without the branch), when its condition fails
    uint8_t extra_max;  // what may come on top (division, condition)
    // Memory operand: registers, 0xFF = none; base 15: a literal at `literal`.
    uint8_t base, index, shift, size, count, rt, rt2;
    int16_t disp, writeback;
    uint16_t list;      // LDM, STM; 0: rt, rt2
    uint32_t literal;
} cm_ins_t;

enum {
    BF_FP = 1,     // has floating-point instructions
    BF_EXACT = 2,  // Unicorn sees other block edges here: always on *exact*
    BF_BREAK = 4,  // holds a breakpoint
    BF_MASK = 8,   // ends with CPS or MSR
    BF_IT = 16,    // ends inside an IT block
    BF_LOOK = 32,  // lies in RAM (may change), was not run yet, or Unicorn cuts it into several
    BF_NATIVE = 64, // is to be run as code of the host
};

typedef struct cm_block {
    // What the hook of *fast* reads comes first.
    uint32_t address; // odd: no block
    uint32_t end;     // address behind it
    uint32_t cost;    // cycles when it falls through
    uint32_t taken;   // more when it does not
    uint32_t worst;   // upper bound of all that it can take
    uint8_t flags;    // BF_
    uint8_t entry;    // more when it is branched to (unaligned 32-bit instruction)
    uint8_t it, it_out;
    uint16_t lines, literals;
    uint32_t line0, line_last; // first and last flash line, in 16-byte units
    uint32_t last_cum;         // when the last one is entered
    uint16_t n;
    bool is_simple; // one or two lines of flash, no literals
    uint8_t hits;   // entries in the long way, until a path begins here
    bool never_native;    // it has what only Unicorn runs
    uint8_t native_short; // how often the host's code was left soon
    const void *native;   // code of the host
    uint32_t era[2];      // in which Unicorn translated it, on *fast* and on *exact*; 0: never
    uint16_t path;  // that begins here, index; 0: none
    const uint8_t *bytes;  // in the host's buffer
    uint8_t *copy;         // as decoded; NULL in flash and ROM
    mem_t *mem;
    uint16_t *line_cum;    // when each line is entered
    uint32_t *literal;     // lines of PC-relative loads
    cm_ins_t *ins;
} cm_block_t;

// Slots of a cache, and of these the first one in use. Slot 0 takes what is written for lines that are not cached.
#define CM_SLOTS 72
#define CM_FIRST_SLOT 8
#define CM_SET 8 // slots

// The lines of a cache that replaces the one used longest ago.
typedef struct cm_cache {
    // Last use of each slot, in cycles since cm_flash_t.base; 0 is that of an empty one.
    int32_t stamp[CM_SLOTS] __attribute__((aligned(16)));
    int32_t least[CM_SLOTS / CM_SET]; // by set of slots: none of them has less
    uint32_t line[CM_SLOTS];          // by slot; UINT32_MAX: none
    uint8_t *where;                   // slot by line; 0: not cached
    unsigned n;                       // slots in use
} cm_cache_t;

// Flash with its accelerator (cortexm_fetch.c).
typedef struct cm_flash {
    unsigned ws;         // 0: no model needed
    uint32_t cur;         // line in the buffer, before c->blk began
    uint64_t cur_time;   // since when
    uint64_t lead;       // from a line's arrival to that of the prefetched next one
    uint64_t base;
    cm_cache_t cache[2]; // of instructions, of data
    bool prefetch;
    mem_t *mem;
} cm_flash_t;

// Paths (cortexm_path.c).
// Where *fast* may go without a look, while all lines that this needs are in the flash caches.
typedef struct cm_gate {
    uint32_t address; // odd: not now, or never
    uint16_t first, n; // needs, in cm_paths_t
} cm_gate_t;

// To a path that has followed in this one's place.
typedef struct cm_link {
    cm_gate_t gate;
    uint32_t delta;      // from the start of this path to that of the other one, cycles
    uint32_t need;       // of the other one
    struct cm_step *to;  // what that one expects behind its first block
    struct cm_link *next; // of the same step
} cm_link_t;

// One block of a path.
typedef struct cm_step {
    cm_gate_t gate;   // its address; odd also where the path ends
    cm_link_t *link;  // the last one taken when something else came
    uint64_t left;    // start of the path when that was last the case, cycles; 0: not lately
    cm_link_t *links; // all of them
    cm_block_t *b;
    uint32_t cum;     // from the path's start to that of this block, cycles
    uint32_t arrive;  // when the current line became that, from the path's start
    uint16_t path, lines; // of the path's lines, those of the blocks before this one
    bool same;        // it was before
} __attribute__((aligned(64))) cm_step_t;

typedef struct cm_path {
    cm_step_t *steps; // the last one only ends it
    unsigned n;
    uint32_t need;        // cycles to its end, at most
    unsigned line, lines; // in cm_paths_t
    uint64_t leaves;      // steps where it was left since the stamps of its lines were right, a bit each
    unsigned marked;      // lines that it has used since then
    uint64_t entered;     // its start when it was last entered in the long way, cycles
} cm_path_t;

typedef struct cm_path_line {
    uint32_t line;
    bool data, needs; // of the data cache; must be there
    uint16_t uses;    // so many, at first_use in cm_paths_t
    uint32_t first_use;
} cm_path_line_t;

// A path uses a line: in which step, and when, from the path's start.
typedef struct cm_use {
    uint32_t step : 6, cum : 26;
} cm_use_t;

// A gate needs a line.
typedef struct cm_need {
    cm_gate_t *gate;
    uint32_t line;
    uint16_t next; // in the list of the gates that are open while the line is there, in cm_paths_t; 0: none
    bool data, is_listed;
} cm_need_t;

#define CM_PATHS 1024
#define CM_PATH_STEPS 32
#define CM_NEEDS 0xFFFF
#define CM_PATH_USES 256

typedef struct cm_paths {
    cm_path_t path[CM_PATHS]; // from 1
    cm_step_t step[CM_PATHS * 16];
    cm_path_line_t line[CM_PATHS * 16];
    cm_use_t use[CM_PATHS * 64];
    cm_link_t link[CM_PATHS * 8];
    cm_need_t need[CM_NEEDS]; // from 1
    unsigned paths, steps, lines, uses, links, needs; // in use
    unsigned making;         // a path is being made: its index; 0: no
    uint16_t used[CM_PATHS]; // paths that are
    unsigned used_n;
    uint32_t period;         // since the start: how often stamps were brought up to date
    // By line, of instructions and of data: the first need in its list; the last period in which a path with it
    // was used.
    uint16_t *needed[2];
    uint32_t *behind[2];
} cm_paths_t;

#define CM_BLOCK_START UINT64_C(0xFFFFFFFF00000000) // place: nothing done, nothing probed
#define CM_CACHE 8192 // entries of the block cache, a power of two
#define CM_LOG 32

typedef enum { EV_NONE, EV_STOP, EV_INTR, EV_INVALID, EV_MEM } cm_event_t;
// SPLIT_STOP: no access; Unicorn cannot stop before a conditional instruction.
typedef enum { SPLIT_NONE, SPLIT_AFTER, SPLIT_FAULT, SPLIT_STOP } cm_split_t;

typedef struct cm_region {
    cortexm_t *c;
    uint32_t base;
} cm_region_t;

struct cortexm {
    cpu_t cpu;
    // What the hook of *fast* uses, together. On a path, cycles is that of the path's start, blk and place
    // are stale; call-backs begin with cm_path_leave.
    uint64_t cycles; // saved: now, when blk is &none; else see above
    uint64_t gate;   // what the hook of *fast* compares: limit, or 0 when something is to be looked at
    cm_step_t *at;   // the step that a path expects next; &no_step: on no path
    cm_block_t *blk; // being run, or &none: a block starts at PC
    union {
        struct {
            uint16_t next;   // exact: of blk, the next to begin; fast: the first that may access memory
            uint16_t sub;    // ... and how many of its accesses are done
            uint32_t probed; // fast: the instruction whose probe ran last
        };
        uint64_t place; // all three
    };
    cm_step_t *came; // what another path had expected when this one began; NULL: it was on none
    uint8_t trap;      // block flags that end *fast*; with BF_LOOK in trap_look
    uint8_t trap_look;
    cm_flash_t flash;

    const soc_t *soc;
    cm_exc_t *exc;
    bool v6m, mapped;
    uc_engine *fast, *exact, *cur; // exact is opened when first needed
    // What each of them has translated since it forgot all, at most, in bytes, and how often that was. Unicorn
    // 2.1.1 crashes where its memory for translations runs full.
    size_t translated[2];
    uint32_t era[2];
    uc_context *context, *split_context;
    uc_context *home[2]; // of fast and exact as opened
    csh disassembler;
    cs_insn *insn;
    GPtrArray *regions; // cm_region_t *, owned

    // Time.
    uint64_t until;  // of the run
    uint64_t limit;  // *fast* may not pass it: until, or 0 to stop at once
    bool in_access;  // inside a call-back of a peripheral
    uint64_t access_now;

    // Place.
    cm_block_t none;
    uint8_t it;       // ITSTATE at PC when blk is &none
    bool it_unknown;  // read it from xPSR
    uint32_t part_next; // fast: Unicorn split a block; its next part starts here (odd: no)
    bool fresh;       // the next boundary is where the run started: do not stop there
    uint32_t resume;  // where a stop left off

    GHashTable *blocks; // address | it << 32 -> cm_block_t *, owned
    GHashTable *probes; // addresses of *fast* that have a code hook

    // What ended the last stretch.
    cm_event_t ev;
    uint32_t intr;
    uc_mem_type mem_type;
    uint32_t mem_address, mem_size;
    uint64_t mem_value;
    unsigned mem_ins;

    // An access on *fast* after which the rest of the block must not run (see cortexm_access.c).
    cm_split_t split;
    unsigned split_ins;
    uint32_t split_address;
    bool ram_saved;
    uint8_t *ram_copy;
    uint32_t log[CM_LOG]; // values of the accesses of the instruction log_ins
    unsigned log_n, log_ins, replay;
    enum { REPLAY_NONE, REPLAY_ARMED, REPLAY_RUNS } replay_state;

    // Requests.
    bool attention, sleeping, locked, reset_wanted, exit_wanted, stepping, break_hit, watch_hit, bkpt;
    bool fp_trap, unaligned_trap, div0_trap;
    bool exact_only; // for tests and instruction traces
    cm_fault_t pre_fault; // found before an instruction ran
    bool pre_faulted, pre_fp;
    bool fp_pass; // the next floating-point instruction has been announced
    uint32_t pre_address;

    GArray *dirty; // of uint32_t address, n: flash that changed inside a call-back
    points_t points;
    uint32_t broke_pc;   // where and when the last CPU_BREAK was: not again at once
    uint64_t broke_at;
    const struct soc_wait *last_wait;
    cm_step_t no_step;
    cm_link_t no_link;
    cm_paths_t *paths;
    struct cm_native *native; // NULL: not yet
    unsigned native_blocks;   // that have code of the host
    uint64_t native_cycles;   // that passed in it
    bool no_native;           // for tests
    // On a path, where instructions took longer than their least, so that its start moved to late_start: since
    // when the line is current that became that late_arrive cycles after the start.
    uint64_t late_start, late_since;
    uint32_t late_arrive;
    // The probe that ran last on a path: c->at, the path's start, and the instruction.
    cm_step_t *probe_at;
    uint64_t probe_start;
    unsigned probe_ins;
    cm_block_t *cache[CM_CACHE]; // blocks by address
};

// cortexm_cycles.c
unsigned cm_cost(const cortexm_t *c, unsigned id, const cm_ins_t *ins, unsigned *taken);
unsigned cm_divide_cycles(uint32_t n, uint32_t d, bool is_signed); // on top of the least

// cortexm_block.c
cm_block_t *cm_block_decode(cortexm_t *c, uint32_t address, uint8_t it); // NULL: no memory there
void cm_block_free(cm_block_t *b);
bool cm_block_needs_probe(const cm_ins_t *ins);
unsigned cm_disassemble(cpu_t *cpu, uint32_t address, char *to, size_t n);
// cortexm_boot.c
bool cm_find_boot(cpu_t *c, const image_t *image, uint32_t flash, GError **error);

// cortexm_fetch.c
void cm_flash_init(cortexm_t *c);
void cm_flash_clear(cortexm_t *c);
void cm_flash_rebase(cortexm_t *c); // now and then: stamps are short
void cm_flash_timing(cortexm_t *c, bool forget);
void cm_fetch_block(cortexm_t *c, const cm_block_t *b); // it starts now: its stalls go to c->cycles
void cm_fetch_leave(cortexm_t *c); // before c->blk becomes another one
unsigned cm_fetch_data(cortexm_t *c, const mem_t *mem, uint32_t offset);

// cortexm_path.c
void cm_path_init(cortexm_t *c);
void cm_path_add_lines(cortexm_t *c, unsigned n); // of flash
void cm_path_clear(cortexm_t *c);
void cm_path_forget_all(cortexm_t *c);
void cm_path_entered(cortexm_t *c, cm_step_t *from, cm_block_t *b, unsigned cost);
void cm_path_end(cortexm_t *c); // of the one that is being made
void cm_path_left(cortexm_t *c);
void cm_path_mark(cortexm_t *c, const cm_step_t *s);
bool cm_path_late(cortexm_t *c, unsigned cycles);
void cm_path_catch_up(cortexm_t *c);
bool cm_path_is_behind(const cortexm_t *c, uint32_t line, bool data);
void cm_path_gone(cortexm_t *c, uint32_t line, bool data); // from its cache
bool cm_path_open(cortexm_t *c, cm_gate_t *gate);

// cortexm_uc.c
bool cm_uc_create(cortexm_t *c, GError **error);
void cm_uc_destroy(cortexm_t *c);
bool cm_uc_map(cortexm_t *c, GError **error);
void cm_uc_use(cortexm_t *c, bool exact);
void cm_uc_start(cortexm_t *c, uint32_t pc);
void cm_uc_drop(cortexm_t *c, uint32_t address, uint32_t end); // translations
bool cm_uc_has_room(cortexm_t *c, cm_block_t *b); // FALSE: cm_uc_start makes some before b can run
void cm_uc_probe(cortexm_t *c, const cm_block_t *b);
void cm_uc_rejoin(cortexm_t *c); // ends a split: registers and RAM as they were
unsigned cm_wait_cycles(cortexm_t *c, uint32_t address, bool write);
uint32_t cm_address_of(cortexm_t *c, const cm_ins_t *ins, unsigned sub);

// cortexm_hooks.c
cm_block_t *cm_lookup(cortexm_t *c, uint32_t address, uint8_t it);
unsigned cm_index_at(const cm_block_t *b, uint32_t address); // n: none
unsigned cm_entry_penalty(cortexm_t *c, uint32_t address);   // more cycles for a branch there
void cm_hook_block(uc_engine *uc, uint64_t address, uint32_t size, void *c);
void cm_hook_probe(uc_engine *uc, uint64_t address, uint32_t size, void *c);
void cm_hook_code(uc_engine *uc, uint64_t address, uint32_t size, void *c);
bool cm_hook_memory(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value, void *c);
void cm_hook_interrupt(uc_engine *uc, uint32_t n, void *c);
bool cm_hook_invalid(uc_engine *uc, void *c);

// cortexm_access.c
void cm_split(cortexm_t *c, cm_split_t why, unsigned ins, uint32_t address);
unsigned cm_accessor(cortexm_t *c, uint32_t address, bool write); // the instruction that accesses
uint64_t cm_mmio_read(uc_engine *uc, uint64_t offset, unsigned size, void *region);
void cm_mmio_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *region);

// cortexm_stop.c
void cm_stopped(cortexm_t *c);
bool cm_breakpoint_instruction(cortexm_t *c, cpu_stop_t *why); // at c->resume; TRUE: the run ends

// cortexm_core.c
void cm_leave(cortexm_t *c);              // an exception leads away from inside a block
void cm_set_it(cortexm_t *c, uint8_t it); // to Unicorn's xPSR
void cm_fold(cortexm_t *c, unsigned i); // time becomes that before ins[i]; leaves the block
void cm_finish(cortexm_t *c, bool taken); // the block has ended

// ITSTATE as it stands in xPSR.
static inline uint32_t cm_it_bits(uint8_t it) { return (it & 3u) << 25 | (uint32_t)(it >> 2) << 10; }

// Every instruction is to be looked at.
static inline bool cm_exact_only(const cortexm_t *c)
{
    return c->exact_only || c->stepping || c->points.watches || c->unaligned_trap;
}

static inline void cm_set_limit(cortexm_t *c, uint64_t limit)
{
    c->limit = limit;
    c->gate = c->part_next & 1 && !c->split ? limit : 0;
}

// Off the path: c->cycles, c->blk and c->place are those of the block being run.
static inline void cm_path_leave(cortexm_t *c)
{
    if (c->at != &c->no_step)
        cm_path_left(c);
}

static inline uint64_t cm_ins_time(const cortexm_t *c, unsigned i)
{
    const cm_block_t *b = c->blk;
    return c->cycles + (i < b->n ? b->ins[i].cum : b->cost);
}
