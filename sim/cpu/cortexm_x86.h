// SPDX-License-Identifier: GPL-2.0-or-later
// The insides of the translator to x86-64, shared by its files: cortexm_x86.c (blocks), _ops.c (flags, sums,
// shifts), _mem.c (memory, ends of blocks) and _thumb.c (instructions).
//
// rbx points to cm_native_t, where the guest's registers and flags are; r14 to cm_flash_t; r15 is what
// cortexm_t.cycles is while a block runs. eax, ecx, edx, esi and edi are free.
#pragma once
#include "cortexm_native.h"
#include "x86.h"

#define AT(field) ((unsigned)offsetof(cm_native_t, field))
#define REG(n) ((unsigned)(4 * (n)))
#define TR_MOST_COLD 512
#define TR_MOST_INS 256
#define TR_NOWHERE 16 // no register: the result is for the flags only

enum { FLAG_NZ = 1, FLAG_C = 2, FLAG_V = 4, FLAG_ALL = 7 };
// What the flags of the host are now, those of the guest's last result: nothing, of an addition, of a
// subtraction, only its sign and whether it is 0.
typedef enum { HOST_NONE, HOST_ADD, HOST_SUB, HOST_NZ } host_t;
typedef enum { OP_ADD, OP_ADC, OP_SUB, OP_SBC, OP_RSB } sum_t;
typedef enum { OP_AND, OP_BIC, OP_ORR, OP_ORN, OP_EOR } logic_t;

// Code that is seldom run, written behind the block: another memory than the usual one for the access at
// `back`, then (back NULL: at once) the block is left before the instruction.
typedef struct cold {
    uint8_t *site, *back;
    uint16_t ins, bytes;
    bool store;
} cold_t;

// Where a line of flash (by number in the block; more than it has: of literals) is not in its cache.
typedef struct fetch_cold {
    uint8_t *site, *back;
    unsigned line;
} fetch_cold_t;

typedef struct sites {
    uint8_t *at[2];
    unsigned n;
} sites_t;

// All that is addressed with eight bits.
_Static_assert(offsetof(cm_native_t, cache) < 128, "cm_native_t");
_Static_assert(offsetof(cm_block_t, entry) < 128 && offsetof(cm_block_t, address) < 128, "cm_block_t");

typedef struct tr {
    cm_native_t *n;
    cortexm_t *c;
    const cm_block_t *b;
    emit_t x;
    const uint8_t *entry;
    // The instruction.
    unsigned i;
    const cm_ins_t *ins;
    uint32_t pc;    // as it reads it
    unsigned h, h2; // its halfwords
    host_t host;
    bool failed;    // it cannot be translated
    bool ended;     // the block has branched
    // Flags by instruction: set, used, needed behind it. Known from the first turn on.
    uint8_t sets[TR_MOST_INS], uses[TR_MOST_INS], need[TR_MOST_INS];
    cold_t cold[TR_MOST_COLD];
    unsigned colds;
    fetch_cold_t fetch_cold[64];
    unsigned fetch_colds;
    uint8_t *fetch_done, *late;
} tr_t;

// cortexm_x86.c
void tr_leave(tr_t *t, native_exit_t why);
void tr_call(tr_t *t, uintptr_t function);
void tr_add_cycles(tr_t *t, uint32_t n);

// cortexm_x86_ops.c. Results and first operands are in eax, second ones in ecx; edx is lost.
void tr_use(tr_t *t, unsigned flags); // the instruction needs them
void tr_before(tr_t *t, uint8_t *site); // the branch at `site` leaves the block before the instruction
void tr_set_c(tr_t *t, unsigned cc);
void tr_set_c_const(tr_t *t, bool v);
sites_t tr_unless(tr_t *t, unsigned cond); // branches for when `cond` does not hold
void tr_here(tr_t *t, const sites_t *s);
void tr_load(tr_t *t, unsigned to, unsigned reg);
void tr_store(tr_t *t, unsigned from, unsigned reg);
void tr_sum(tr_t *t, sum_t op, unsigned to, bool flags);
void tr_sum_imm(tr_t *t, sum_t op, unsigned to, unsigned from, uint32_t imm, bool flags);
void tr_logic(tr_t *t, logic_t op, unsigned to, bool flags);
void tr_move(tr_t *t, unsigned to, bool flags);
void tr_shift_imm(tr_t *t, unsigned reg, unsigned type, unsigned n, bool carry);
void tr_shift_by_register(tr_t *t, unsigned type, bool carry);

// cortexm_x86_mem.c
void tr_chain(tr_t *t, uint32_t to, bool taken); // on to the block there
void tr_check_target(tr_t *t);
void tr_end_indirect(tr_t *t);
void tr_end_direct(tr_t *t, uint32_t to);
void tr_end_conditional(tr_t *t, unsigned cond, uint32_t to);
void tr_transfer(tr_t *t);
void tr_table_branch(tr_t *t);
void tr_cold_memory(tr_t *t, const cold_t *o, uint8_t **site);

// cortexm_x86_thumb.c
void tr_thumb16(tr_t *t);
void tr_thumb32(tr_t *t);
