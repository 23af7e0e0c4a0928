// SPDX-License-Identifier: GPL-2.0-or-later
// What Unicorn calls while it runs a Cortex-M: on *fast* before each block, on *exact* before each instruction,
// and where either ends otherwise. Accesses to peripherals are in cortexm_access.c.
#include "cortexm_int.h"
#include <string.h>

// ---- Blocks -----------------------------------------------------------------------------------------

static gint64 block_key(uint32_t address, uint8_t it) { return address | (gint64)it << 32; }

cm_block_t *cm_lookup(cortexm_t *c, uint32_t address, uint8_t it)
{
    cm_block_t *b = c->cache[(address >> 1) % CM_CACHE];
    if (b->address == address && !it)
        return b;
    gint64 key = block_key(address, it);
    b = g_hash_table_lookup(c->blocks, &key);
    if (b && !it)
        c->cache[(address >> 1) % CM_CACHE] = b;
    return b;
}

unsigned cm_index_at(const cm_block_t *b, uint32_t address)
{
    uint32_t offset = address - b->address;
    unsigned i = 0;
    while (i < b->n && b->ins[i].offset != offset)
        i++;
    return i;
}

static inline bool changed(const cm_block_t *b)
{
    return b->copy && memcmp(b->copy, b->bytes, b->end - b->address);
}

static void stop(cortexm_t *c, uc_engine *uc, uint32_t resume)
{
    c->ev = EV_STOP;
    c->resume = resume;
    uc_emu_stop(uc);
}

// More cycles for a branch to `address`: an unaligned 32-bit instruction there.
unsigned cm_entry_penalty(cortexm_t *c, uint32_t address)
{
    uint32_t offset;
    const mem_t *mem = address & 2 && !c->v6m ? bus_mem_at(c->cpu.m->bus, address, &offset) : NULL;
    return mem && offset + 1 < mem->size && mem->data[offset + 1] >= 0xE8;
}

// Stops before the instruction at `address`, to go on at `resume` (it, or one that is skipped before
// it). Unicorn does not stop at a conditional instruction but runs it and those that follow in its IT
// block: they are undone.
static void stop_before(cortexm_t *c, uc_engine *uc, uint32_t address, uint32_t resume)
{
    unsigned n = cm_index_at(c->blk, address);
    if (n < c->blk->n ? c->blk->ins[n].cond : c->blk != &c->none || c->it)
        cm_split(c, SPLIT_STOP, n, address);
    stop(c, uc, resume);
}

// ---- fast: one hook a block -------------------------------------------------------------------------

#define SLOW __attribute__((noinline))

// The first run of a block tells how Unicorn cuts it. TRUE: the next block is another one.
static bool look(cortexm_t *c, cm_block_t *b, uint32_t size)
{
    uint32_t own = b->end - b->address;
    if (size > own) {
        b->flags |= BF_EXACT;
        return false;
    }
    c->part_next = size < own ? b->address + size : 1;
    if (size == own && !b->copy)
        b->flags &= ~BF_LOOK;
    return !changed(b);
}

// A block starts, and something is to be looked at.
SLOW static void fast_slow(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
    cortexm_t *c = user;
    uint32_t address = at;
    const cm_block_t *p = c->blk;
    if (c->split) {
        stop(c, uc, address);
        return;
    }
    if (address == c->part_next) { // Unicorn cut the block in two
        c->part_next = address + size < p->end ? address + size : 1;
        cm_set_limit(c, c->limit);
        return;
    }
    bool taken = address != p->end, from = p != &c->none;
    cm_finish(c, taken);
    if (taken && from)
        c->cycles += cm_entry_penalty(c, address);
    if (p->flags & BF_MASK && !c->attention && cm_exc_pending(c))
        cm_attention(c);
    cm_block_t *b = cm_lookup(c, address, 0);
    if (!b || c->it || c->cycles + b->worst > c->limit || b->flags & c->trap || !cm_uc_has_room(c, b) ||
        !look(c, b, size)) {
        c->part_next = 1;
        stop(c, uc, address);
        return;
    }
    cm_fetch_block(c, b);
    c->blk = b;
    cm_set_limit(c, c->limit);
}

// A block starts, and no path says which.
SLOW static void fast_enter(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    cortexm_t *c = user;
    cm_step_t *from = c->at;
    cm_path_leave(c);
    const cm_block_t *p = c->blk;
    cm_block_t *b = c->cache[(address >> 1) % CM_CACHE];
    unsigned cost = p->cost;
    if (address != p->end)
        cost += p->taken + b->entry;
    uint64_t now = c->cycles + cost;
    if (b->address != address || now + b->worst > c->gate ||
        (b->flags & c->trap_look) | (p->flags & (BF_MASK | BF_IT))) {
        cm_path_end(c);
        fast_slow(uc, address, size, c);
        return;
    }
    c->cycles = now;
    c->place = CM_BLOCK_START;
    cm_fetch_leave(c);
    cm_fetch_block(c, b);
    c->blk = b;
    cm_path_entered(c, from, b, cost);
}

static void fast_next(uc_engine *uc, uint64_t address, uint32_t size, void *user);

// A block starts that no open gate was found for.
SLOW static void fast_other(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
    cortexm_t *c = user;
    cm_step_t *s = c->at;
    uint32_t address = at;
    if (s->gate.address == (address | 1) && cm_path_open(c, &s->gate)) {
        c->at = s + 1;
        return;
    }
    for (cm_link_t *l = s->links; l; l = l->next) {
        bool is_shut = l->gate.address == (address | 1);
        if ((l->gate.address != address && !is_shut) || c->cycles + l->delta + l->need > c->gate)
            continue;
        if (is_shut && !cm_path_open(c, &l->gate))
            break;
        s->link = l;
        fast_next(uc, at, size, user);
        return;
    }
    fast_enter(uc, at, size, user);
}

// A block starts that is not the one expected on the path.
SLOW static void fast_next(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    cortexm_t *c = user;
    cm_step_t *s = c->at;
    const cm_link_t *l = s->link;
    uint64_t start = c->cycles, next = start + l->delta;
    if (l->gate.address != (uint32_t)address || next + l->need > c->gate) {
        fast_other(uc, address, size, user);
        return;
    }
    uint64_t before = s->left;
    s->left = start;
    c->came = s;
    c->cycles = next;
    c->at = l->to;
    if (!before)
        cm_path_mark(c, s);
}

// This runs some hundred million times in a second of the host's. This one and the one above end with calls to
// their like only, so that the compiler saves no registers.
void cm_hook_block(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    cortexm_t *c = user;
    cm_step_t *s = c->at;
    if (__builtin_expect_with_probability(s->gate.address != (uint32_t)address, 0, 1.0)) {
        fast_next(uc, address, size, user);
        return;
    }
    c->at = s + 1;
}

static unsigned divide_extra(cortexm_t *c, const cm_ins_t *i)
{
    return cm_divide_cycles(cm_get(c, i->base), cm_get(c, i->index), i->is_signed);
}

// What an instruction that is about to run costs more than its least.
static unsigned extra(cortexm_t *c, const cm_ins_t *i)
{
    unsigned more = i->cond && i->cost > i->skip ? i->cost - i->skip : 0;
    return i->kind == INS_DIV ? more + divide_extra(c, i) : more;
}

static void add_extra(cortexm_t *c, const cm_ins_t *i)
{
    c->cycles += extra(c, i);
    if (i->kind == INS_SEV)
        cm_exc_sev(c);
}

// FALSE: not on a path, or it must be left for this instruction.
static bool probe_on_path(cortexm_t *c, uint32_t address)
{
    if (c->at == &c->no_step)
        return false;
    const cm_block_t *b = c->at[-1].b;
    unsigned n = cm_index_at(b, address);
    const cm_ins_t *i = &b->ins[n];
    if (n == b->n || i->kind == INS_SEV || (i->kind == INS_DIV && c->div0_trap) || !cm_path_late(c, extra(c, i)))
        return false;
    c->probe_at = c->at;
    c->probe_start = c->cycles;
    c->probe_ins = n;
    return true;
}

// *fast*, before an instruction whose cycles depend on data. Not called when its condition fails.
void cm_hook_probe(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    cortexm_t *c = user;
    if (probe_on_path(c, address))
        return;
    cm_path_leave(c);
    if (c->split || c->blk == &c->none)
        return;
    unsigned n = cm_index_at(c->blk, address);
    if (n == c->blk->n)
        return;
    const cm_ins_t *i = &c->blk->ins[n];
    c->next = c->probed = n;
    c->sub = 0;
    if (i->kind == INS_DIV && c->div0_trap && !cm_get(c, i->index)) {
        stop_before(c, uc, address, address); // *exact* raises the fault
        return;
    }
    add_extra(c, i);
}

// ---- exact: one hook an instruction -----------------------------------------------------------------

// On the boundary before `address`: is it where the run ends?
static bool boundary(cortexm_t *c, uint32_t address, uint64_t now)
{
    if (c->fresh) {
        c->fresh = false;
        return false;
    }
    if (points_break_in(&c->points, address, 1))
        c->break_hit = true;
    return c->attention || now >= c->until || c->stepping || c->break_hit || c->watch_hit;
}

// Where the block starts that follows c->blk, when `address` is the next instruction that runs: those
// before it may be conditional ones that do not.
static uint32_t next_start(const cortexm_t *c, uint32_t address)
{
    const cm_block_t *b = c->blk;
    if (b == &c->none)
        return c->resume;
    return b->ins[b->n - 1].kind == INS_BRANCH ? address : b->end;
}

// c->blk has ended; the next one starts. FALSE: stop at c->resume.
static bool exact_enter(cortexm_t *c, uint32_t address)
{
    const cm_block_t *p = c->blk;
    uint32_t start = next_start(c, address);
    bool taken = start != p->end, from = p != &c->none, mask = p->flags & BF_MASK;
    cm_finish(c, taken);
    if (taken && from)
        c->cycles += cm_entry_penalty(c, start);
    cm_block_t *b = cm_lookup(c, start, c->it);
    if (mask && !c->attention && cm_exc_pending(c))
        cm_attention(c);
    c->resume = start;
    if (!b || changed(b) || !cm_uc_has_room(c, b)) // decode it, make room outside
        return false;
    if (boundary(c, start, c->cycles))
        return false;
    if (from && !cm_exact_only(c) && !c->it && !(b->flags & c->trap & ~BF_NATIVE) &&
        c->cycles + b->worst <= c->limit)
        return false; // back to *fast*
    cm_fetch_block(c, b);
    c->blk = b;
    return true;
}

// Walks to the instruction that starts now, over those whose condition failed. FALSE: stop at resume.
static bool exact_advance(cortexm_t *c, uint32_t address)
{
    for (bool entered = false;; entered = false) {
        const cm_block_t *b = c->blk;
        if (c->next == b->n) {
            if (!exact_enter(c, address))
                return false;
            b = c->blk;
            entered = true;
        }
        uint32_t at = b->address + b->ins[c->next].offset;
        if (at != address && !b->ins[c->next].cond) { // Unicorn is elsewhere: cannot happen
            cm_fold(c, c->next);
            c->resume = address;
            return false;
        }
        if (!entered && boundary(c, at, cm_ins_time(c, c->next))) {
            c->resume = at;
            return false;
        }
        if (at == address)
            return true;
        c->next++;
    }
}

static void watch_access(cortexm_t *c, const cm_ins_t *i)
{
    for (unsigned n = 0; n < i->count; n++) {
        uint32_t at = cm_address_of(c, i, n);
        if (points_watched(&c->points, at, i->size, i->store, &c->cpu.stop_address))
            c->watch_hit = true;
    }
}

// Faults that are found before the instruction runs.
static bool fails_before(cortexm_t *c, const cm_ins_t *i)
{
    c->pre_fp = i->fp && c->fp_trap && !c->fp_pass;
    c->fp_pass = false;
    if (i->kind == INS_DIV && c->div0_trap && !cm_get(c, i->index)) {
        c->pre_faulted = true;
        c->pre_fault = CM_FAULT_DIVBYZERO;
    }
    if (c->v6m && i->kind == INS_UNDEFINED) {
        c->pre_faulted = true;
        c->pre_fault = CM_FAULT_UNDEFINED;
    }
    if ((i->load || i->store) && i->base != 15 && (c->unaligned_trap || i->count > 1 || i->list)) {
        uint32_t at = cm_address_of(c, i, 0);
        if (at % i->size) {
            c->pre_faulted = true;
            c->pre_fault = CM_FAULT_UNALIGNED;
            c->pre_address = at;
        }
    }
    return c->pre_fp || c->pre_faulted;
}

void cm_hook_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    cortexm_t *c = user;
    if (c->split || c->ev != EV_NONE) {
        stop(c, uc, c->resume);
        return;
    }
    if (c->replay_state == REPLAY_RUNS)
        c->replay_state = REPLAY_NONE;
    if (!exact_advance(c, address)) {
        stop_before(c, uc, address, c->resume);
        return;
    }
    const cm_ins_t *i = &c->blk->ins[c->next];
    if (c->replay_state == REPLAY_ARMED) { // its extra cycles are counted
        c->replay_state = REPLAY_RUNS;
        c->next++;
        return;
    }
    if (fails_before(c, i)) {
        stop_before(c, uc, address, address);
        return;
    }
    c->log_n = 0;
    if (c->points.watches && (i->load || i->store))
        watch_access(c, i);
    add_extra(c, i);
    c->next++;
}

// ---- Everything that ends a block otherwise ---------------------------------------------------------

bool cm_hook_memory(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                        void *user)
{
    cortexm_t *c = user;
    cm_path_leave(c);
    if (c->split)
        return false;
    c->ev = EV_MEM;
    c->mem_type = type;
    c->mem_address = address;
    c->mem_size = size;
    c->mem_value = value;
    bool write = type == UC_MEM_WRITE_UNMAPPED || type == UC_MEM_WRITE_PROT;
    bool fetch = type == UC_MEM_FETCH_UNMAPPED || type == UC_MEM_FETCH_PROT;
    if (!fetch && c->blk != &c->none)
        c->mem_ins = cm_accessor(c, address, write);
    return false;
}

void cm_hook_interrupt(uc_engine *uc, uint32_t n, void *user)
{
    cortexm_t *c = user;
    cm_path_leave(c);
    if (!c->split) {
        c->ev = EV_INTR;
        c->intr = n;
    }
    uc_emu_stop(uc);
}

bool cm_hook_invalid(uc_engine *uc, void *user)
{
    cortexm_t *c = user;
    cm_path_leave(c);
    if (!c->split)
        c->ev = EV_INVALID;
    return false;
}
