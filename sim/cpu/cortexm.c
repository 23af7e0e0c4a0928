// SPDX-License-Identifier: GPL-2.0-or-later
// Cortex-M0 and Cortex-M4F: the engine interface of cpu.h on top of Unicorn (cortexm_uc.c) and the
// exception model (cortexm_exc.c). Here: the run loop, registers, debugger, semihosting.
//
// Not modelled: unaligned LDM / LDRD on *fast* (they work instead of faulting), the local exclusive
// monitor's clearing by exceptions, the one or two extra cycles of unaligned data, a change of mem_t.alias
// while running.
#include "cortexm_int.h"
#include <string.h>

// ---- Registers --------------------------------------------------------------------------------------

static int uc_reg(unsigned reg)
{
    static const int ids[] = {
        UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4, UC_ARM_REG_R5,
        UC_ARM_REG_R6, UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9, UC_ARM_REG_R10,
        UC_ARM_REG_R11, UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC,
        UC_ARM_REG_XPSR, UC_ARM_REG_MSP, UC_ARM_REG_PSP, UC_ARM_REG_CONTROL, UC_ARM_REG_PRIMASK,
        UC_ARM_REG_BASEPRI, UC_ARM_REG_FAULTMASK, UC_ARM_REG_FPSCR,
    };
    return reg < CM_S0 ? ids[reg] : (int)(UC_ARM_REG_S0 + (reg - CM_S0));
}

// Unicorn hides the system registers from itself while the guest is unprivileged. Handler mode is
// privileged, so go there for the access. Returns the xPSR to come back with, 0 = stay.
static uint32_t raise_privilege(cortexm_t *c, unsigned reg)
{
    uint32_t control = 0, xpsr = 0, handler;
    if (reg < CM_MSP || reg > CM_FAULTMASK)
        return 0;
    uc_reg_read(c->cur, UC_ARM_REG_CONTROL, &control);
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &xpsr);
    if (!(control & 1) || xpsr & 0x1FF)
        return 0;
    handler = xpsr | 3;
    uc_reg_write(c->cur, UC_ARM_REG_XPSR, &handler);
    return xpsr | 1u << 24;
}

uint32_t cm_get(cortexm_t *c, unsigned reg)
{
    uint32_t v = 0, xpsr;
    if (reg == CM_PC)
        return c->resume;
    if (c->v6m && (reg == CM_BASEPRI || reg == CM_FAULTMASK || reg >= CM_FPSCR))
        return 0;
    xpsr = reg == CM_CONTROL ? 0 : raise_privilege(c, reg); // everybody may read CONTROL
    uc_reg_read(c->cur, uc_reg(reg), &v);
    if (xpsr)
        uc_reg_write(c->cur, UC_ARM_REG_XPSR, &xpsr);
    if (reg == CM_CONTROL)
        v &= 7;
    if (reg == CM_XPSR)
        v |= 1u << 24;
    return v;
}

void cm_set(cortexm_t *c, unsigned reg, uint32_t value)
{
    if (c->v6m && (reg == CM_BASEPRI || reg == CM_FAULTMASK || reg >= CM_FPSCR))
        return;
    switch (reg) {
    case CM_PC:
        c->resume = value & ~1u;
        return;
    case CM_XPSR:
        value |= 1u << 24;
        c->it_unknown = true;
        break;
    case CM_CONTROL:
        value &= 7;
        break;
    }
    uint32_t xpsr = raise_privilege(c, reg);
    uc_reg_write(c->cur, uc_reg(reg), &value);
    if (xpsr)
        uc_reg_write(c->cur, UC_ARM_REG_XPSR, &xpsr);
}

void cm_get_many(cortexm_t *c, const uint8_t *regs, uint32_t *values, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        values[i] = cm_get(c, regs[i]);
}

void cm_set_many(cortexm_t *c, const uint8_t *regs, const uint32_t *values, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        cm_set(c, regs[i], values[i]);
}

// ---- What the exception model asks for --------------------------------------------------------------

machine_t *cm_machine(const cortexm_t *c) { return c->cpu.m; }
const struct soc *cm_soc(const cortexm_t *c) { return c->soc; }
cm_exc_t *cm_exc(const cortexm_t *c) { return c->exc; }
bool cm_v6m(const cortexm_t *c) { return c->v6m; }
bool cm_in_step(const cortexm_t *c) { return c->stepping; }

uint64_t cm_now(const cortexm_t *c)
{
    if (c->in_access)
        return c->access_now;
    return c->blk == &c->none ? c->cycles : cm_ins_time(c, c->cur == c->exact ? c->next : 0);
}

void cm_add_cycles(cortexm_t *c, unsigned n) { c->cycles += n; }

void cm_attention(cortexm_t *c)
{
    c->attention = true;
    cm_set_limit(c, 0);
}

void cm_set_fp_trap(cortexm_t *c, bool on)
{
    c->fp_trap = on;
    c->trap = BF_EXACT | BF_BREAK | (on ? BF_FP : 0);
    c->trap_look = c->trap | BF_LOOK;
}

void cm_set_traps(cortexm_t *c, bool unaligned, bool div0)
{
    c->unaligned_trap = unaligned;
    c->div0_trap = div0;
    cm_attention(c);
}

void cm_wake(cortexm_t *c) { c->sleeping = false; }
void cm_sleep(cortexm_t *c) { c->sleeping = true; }

void cm_want_reset(cortexm_t *c)
{
    c->reset_wanted = true;
    cm_attention(c);
}

void cm_lockup(cortexm_t *c)
{
    c->locked = true;
    cm_attention(c);
}

bool cm_load(cortexm_t *c, uint32_t address, unsigned size, uint32_t *value)
{
    uint32_t offset;
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    *value = 0;
    if (mem) {
        if (mem->size - offset < size)
            return false;
        memcpy(value, mem->data + offset, size);
        c->cycles += cm_fetch_data(c, mem, offset);
        return true;
    }
    c->cycles += cm_wait_cycles(c, address, false);
    if (address >> 20 == 0xE00)
        return cm_scs_read(c, address, size, value);
    return bus_read(c->cpu.m->bus, address, size, value);
}

bool cm_store(cortexm_t *c, uint32_t address, unsigned size, uint32_t value)
{
    c->cycles += cm_wait_cycles(c, address, true);
    if (address >> 20 == 0xE00)
        return cm_scs_write(c, address, size, value);
    return bus_write(c->cpu.m->bus, address, size, value);
}

// ---- Place ------------------------------------------------------------------------------------------

void cm_fold(cortexm_t *c, unsigned i)
{
    c->cycles = cm_ins_time(c, i);
    if (c->blk != &c->none)
        c->it = i < c->blk->n ? c->blk->ins[i].it : c->blk->it_out;
    c->place = CM_BLOCK_START;
    c->blk = &c->none;
}

void cm_finish(cortexm_t *c, bool taken)
{
    cm_block_t *b = c->blk;
    if (b == &c->none)
        return;
    c->cycles += b->cost + (taken ? b->taken : 0);
    c->it = taken ? 0 : b->it_out;
    c->place = CM_BLOCK_START;
    c->blk = &c->none;
}

// An exception leads away from here: the block's rest is given up.
static void leave(cortexm_t *c)
{
    if (c->blk != &c->none)
        cm_fold(c, c->next);
}

static void set_it(cortexm_t *c, uint8_t it)
{
    uint32_t x = 0;
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &x);
    x = (x & ~0x0600FC00u) | 1u << 24 | (it & 3u) << 25 | (uint32_t)(it >> 2) << 10;
    uc_reg_write(c->cur, UC_ARM_REG_XPSR, &x);
}

// ---- Blocks that are new or no longer what they were ------------------------------------------------

static void forget_block(cortexm_t *c, cm_block_t *b)
{
    cm_block_t **slot = &c->cache[(b->address >> 1) % CM_CACHE];
    if (*slot == b)
        *slot = &c->none;
    gint64 key = b->address | (gint64)b->it << 32;
    g_hash_table_remove(c->blocks, &key);
}

static void mark_breakpoints(cortexm_t *c, cm_block_t *b)
{
    b->flags &= ~BF_BREAK;
    for (guint i = 0; i < c->breakpoints->len; i++)
        if (g_array_index(c->breakpoints, uint32_t, i) - b->address < b->end - b->address)
            b->flags |= BF_BREAK;
}

// The block at `address`, decoded and as it is in memory now. NULL: no code can be there.
static cm_block_t *prepare(cortexm_t *c, uint32_t address)
{
    cm_block_t *b = cm_lookup(c, address, c->it);
    if (b && (!b->copy || !memcmp(b->copy, b->bytes, b->end - b->address)))
        return b;
    if (b) {
        cm_uc_drop(c, b->address, b->end);
        forget_block(c, b);
    }
    b = cm_block_decode(c, address, c->it);
    if (!b)
        return NULL;
    if (b->copy) // Unicorn may know older code here
        cm_uc_drop(c, b->address, b->end);
    gint64 *key = g_new(gint64, 1);
    *key = address | (gint64)c->it << 32;
    g_hash_table_insert(c->blocks, key, b);
    mark_breakpoints(c, b);
    cm_uc_probe(c, b);
    return cm_lookup(c, address, c->it);
}

static void clear_cache(cortexm_t *c)
{
    for (unsigned i = 0; i < CM_CACHE; i++)
        c->cache[i] = &c->none;
}

static gboolean overlaps(gpointer key, gpointer value, gpointer user)
{
    const cm_block_t *b = value;
    const uint32_t *range = user;
    return b->address < range[1] && b->end > range[0];
}

static void drop_code(cortexm_t *c, uint32_t address, uint32_t n)
{
    uint32_t offset;
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    leave(c);
    clear_cache(c);
    for (int alias = 0; alias < (mem && mem->alias_on ? 2 : 1); alias++) {
        uint32_t base = mem ? (alias ? mem->alias : mem->base) + offset : address;
        uint32_t range[2] = {base, base + n};
        g_hash_table_foreach_remove(c->blocks, overlaps, range);
        cm_uc_drop(c, range[0], range[1]);
    }
}

static void drop_dirty(cortexm_t *c)
{
    for (guint i = 0; i + 1 < c->dirty->len; i += 2)
        drop_code(c, g_array_index(c->dirty, uint32_t, i),
                  g_array_index(c->dirty, uint32_t, i + 1));
    g_array_set_size(c->dirty, 0);
}

// ---- Semihosting (ARM, "Semihosting for AArch32 and AArch64") ---------------------------------------

static void console_text(cortexm_t *c, uint32_t address, bool is_string)
{
    machine_t *m = c->cpu.m;
    char byte;
    while (bus_peek(m->bus, address++, &byte, 1) && (byte || !is_string)) {
        if (m->console)
            m->console(m->console_ctx, &byte, 1);
        if (!is_string)
            return;
    }
}

static void exit_program(cortexm_t *c, uint32_t reason, uint32_t code)
{
    c->cpu.exit_code = reason == 0x20026 ? (int)code : 1; // ADP_Stopped_ApplicationExit
    c->exit_wanted = true;
}

static void semihosting(cortexm_t *c)
{
    uint32_t op = cm_get(c, CM_R0), arg = cm_get(c, CM_R1), word[2] = {0};
    uint32_t result = 0;
    switch (op) {
    case 0x03: console_text(c, arg, false); break; // SYS_WRITEC
    case 0x04: console_text(c, arg, true); break;  // SYS_WRITE0
    case 0x10: result = machine_now_ps(c->cpu.m) / (10 * PS_PER_MS); break; // SYS_CLOCK
    case 0x18: exit_program(c, arg, 0); break;     // SYS_EXIT
    case 0x20:                                     // SYS_EXIT_EXTENDED
        bus_peek(c->cpu.m->bus, arg, word, sizeof word);
        exit_program(c, word[0], word[1]);
        break;
    case 0x30: { // SYS_ELAPSED
        uint64_t now = cm_now(c);
        cm_store(c, arg, 4, now);
        cm_store(c, arg + 4, 4, now >> 32);
        break;
    }
    case 0x31: // SYS_TICKFREQ
        result = clk_hz(c->cpu.m->cpu_clk);
        break;
    default:
        machine_report(c->cpu.m, REPORT_GUEST_ERROR, 0x5E000000 + op,
                       "semihosting: operation 0x%x is not supported", op);
        result = UINT32_MAX;
    }
    cm_set(c, CM_R0, result);
}

// ---- What ended a stretch ---------------------------------------------------------------------------

static bool handler_mode(cortexm_t *c) { return cm_get(c, CM_XPSR) & 0x1FF; }

static uint32_t uc_pc(cortexm_t *c)
{
    uint32_t pc = 0;
    uc_reg_read(c->cur, UC_ARM_REG_PC, &pc);
    return pc;
}

// A fault of the instruction at `address`, or of the fetch from there.
static void fault_at(cortexm_t *c, uint32_t address, cm_fault_t kind, uint32_t where)
{
    unsigned i = cm_index_at(c->blk, address);
    if (i < c->blk->n)
        cm_fold(c, i);
    else
        cm_finish(c, address != c->blk->end);
    c->resume = address;
    c->it_unknown = false;
    set_it(c, c->it);
    cm_exc_fault(c, kind, where);
}

static uint32_t after(const cortexm_t *c, unsigned i)
{
    return c->blk->address + c->blk->ins[i].offset + c->blk->ins[i].len;
}

static bool executable(uint32_t address)
{
    return address < 0x40000000 || (address >= 0x60000000 && address < 0xA0000000);
}

static void interrupt(cortexm_t *c)
{
    uint32_t pc = uc_pc(c), refill = c->blk->taken;
    switch (c->intr) {
    case 2: // SVC
        c->resume = pc;
        cm_finish(c, false);
        cm_exc_svc(c);
        break;
    case 7: // BKPT
        c->resume = pc; // see breakpoint_instruction
        break;
    case 8: // EXC_RETURN
        if (handler_mode(c)) {
            cm_finish(c, true);
            c->cycles -= refill; // the return has its own
            c->resume = pc;
            cm_exc_return(c, pc | 1);
        } else {
            fault_at(c, pc, CM_FAULT_XN, pc);
        }
        break;
    case 3:
        fault_at(c, pc, executable(pc) ? CM_FAULT_BUS_FETCH : CM_FAULT_XN, pc);
        break;
    case 17:
        fault_at(c, pc, CM_FAULT_NOCP, pc);
        break;
    case 18:
        fault_at(c, pc, CM_FAULT_INVSTATE, pc);
        break;
    case 4:
        fault_at(c, pc, CM_FAULT_UNALIGNED, pc);
        break;
    default:
        fault_at(c, pc, CM_FAULT_UNDEFINED, pc);
    }
}

static void invalid(cortexm_t *c)
{
    uint32_t pc = uc_pc(c), xpsr = 0;
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &xpsr);
    if (!(xpsr >> 24 & 1)) {
        if (c->cur == c->fast && c->blk->address == pc)
            cm_fold(c, 0); // its hook ran, but as ARM code
        else
            cm_finish(c, true);
        fault_at(c, pc, CM_FAULT_INVSTATE, pc);
        return;
    }
    const cm_ins_t *last = c->blk->n ? &c->blk->ins[c->blk->n - 1] : NULL;
    if (last && (last->kind == INS_WFE || last->kind == INS_YIELD) && pc == c->blk->end) {
        bool wfe = last->kind == INS_WFE;
        cm_finish(c, false);
        c->resume = pc;
        c->it_unknown = false;
        set_it(c, c->it);
        if (wfe && cm_exc_sleep(c, true))
            c->sleeping = true;
        return;
    }
    fault_at(c, pc, CM_FAULT_UNDEFINED, pc);
}

// Finishes a store that Unicorn refused: into flash, which its model executes, or to where nobody is
// (`mem` NULL).
static void finish_store(cortexm_t *c, mem_t *mem, uint32_t offset)
{
    unsigned n = c->mem_ins;
    const cm_ins_t *i = &c->blk->ins[n];
    uint32_t base = i->writeback ? cm_get(c, i->base) : 0, next = after(c, n);
    cm_uc_use(c, true);
    c->next = n;
    c->access_now = cm_ins_time(c, n);
    c->in_access = true;
    if (!mem) {
        // the write buffer has taken it, and loses it
    } else if (i->count == 1 && !i->list) {
        mem->store(mem->writer, mem, offset, c->mem_size, c->mem_value);
    } else {
        uint32_t list = i->list ? i->list : 1u << i->rt | 1u << i->rt2;
        for (unsigned reg = 0, at = offset; reg < 16 && at < mem->size; reg++)
            if (list >> reg & 1) {
                mem->store(mem->writer, mem, at, 4, reg == 15 ? next : cm_get(c, reg));
                at += 4;
            }
    }
    c->in_access = false;
    if (i->writeback)
        cm_set(c, i->base, base + i->writeback);
    c->next = n + 1;
    c->resume = next;
    set_it(c, n + 1 < c->blk->n ? c->blk->ins[n + 1].it : c->blk->it_out);
    if (c->next == c->blk->n)
        cm_finish(c, false);
}

// A store to where nobody is: did the write buffer take it?
static bool buffered(cortexm_t *c, uint32_t address)
{
    c->log_ins = c->mem_ins;
    c->access_now = cm_ins_time(c, c->mem_ins);
    c->in_access = true;
    bool yes = cm_exc_store_fault(c, address);
    c->in_access = false;
    return yes;
}

static void memory_event(cortexm_t *c)
{
    uint32_t offset, address = c->mem_address;
    bool write = c->mem_type == UC_MEM_WRITE_PROT || c->mem_type == UC_MEM_WRITE_UNMAPPED;
    if (c->mem_type == UC_MEM_FETCH_UNMAPPED || c->mem_type == UC_MEM_FETCH_PROT) {
        uint32_t pc = uc_pc(c);
        fault_at(c, pc, executable(address) ? CM_FAULT_BUS_FETCH : CM_FAULT_XN, address);
        return;
    }
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    if (write && mem && mem->store) {
        finish_store(c, mem, offset);
        return;
    }
    if (write && buffered(c, address)) {
        finish_store(c, NULL, 0);
        return;
    }
    uint32_t at = c->blk->address + c->blk->ins[c->mem_ins].offset;
    fault_at(c, at, CM_FAULT_BUS_DATA, address);
}

static void wait_for_interrupt(cortexm_t *c)
{
    const cm_block_t *b = c->blk;
    c->resume = uc_pc(c);
    if (!b->n || b->ins[b->n - 1].kind != INS_WFI) {
        machine_report(c->cpu.m, REPORT_WARNING, 0, "the CPU engine stopped at 0x%08x", c->resume);
        c->locked = true; // cannot happen, and must not loop
        return;
    }
    cm_finish(c, false);
    set_it(c, c->it);
    if (cm_exc_sleep(c, false))
        c->sleeping = true;
}

// What was found before the instruction at c->resume ran.
static void before_instruction(cortexm_t *c)
{
    if (c->pre_faulted) {
        c->pre_faulted = false;
        fault_at(c, c->resume, c->pre_fault, c->pre_address);
    } else if (c->pre_fp) {
        c->pre_fp = false;
        leave(c);
        c->fp_pass = cm_exc_fp(c);
    }
}

// A hook stopped Unicorn before the instruction at c->resume.
static void stopped_between(cortexm_t *c)
{
    uint32_t xpsr = 0;
    uint8_t it = c->blk == &c->none ? c->it : c->blk->ins[c->next].it;
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &xpsr);
    if (!(xpsr >> 24 & 1)) { // a branch left Thumb state
        fault_at(c, c->resume, CM_FAULT_INVSTATE, c->resume);
        return;
    }
    if (it)
        set_it(c, it);
    before_instruction(c);
}

static void stopped(cortexm_t *c)
{
    cm_split_t split = c->split;
    if (split)
        cm_uc_rejoin(c);
    if (split == SPLIT_FAULT) {
        fault_at(c, c->resume, CM_FAULT_BUS_DATA, c->split_address);
        return;
    }
    switch (split ? EV_STOP : c->ev) {
    case EV_STOP:
        stopped_between(c);
        break;
    case EV_INTR:
        interrupt(c);
        break;
    case EV_INVALID:
        invalid(c);
        break;
    case EV_MEM:
        memory_event(c);
        break;
    case EV_NONE:
        wait_for_interrupt(c);
        break;
    }
}

// BKPT, at c->resume. TRUE: the run ends.
static bool breakpoint_instruction(cortexm_t *c, cpu_stop_t *why)
{
    uint8_t code[2] = {0};
    c->break_hit = false;
    cm_finish(c, false);
    bus_peek(c->cpu.m->bus, c->resume, code, 2);
    if (code[0] == 0xAB && c->cpu.m->semihosting) {
        c->resume += 2;
        set_it(c, c->it);
        semihosting(c);
        return false;
    }
    if (c->cpu.debugger) {
        *why = CPU_BREAK;
        return true;
    }
    cm_exc_bkpt(c);
    return false;
}

// ---- Running ----------------------------------------------------------------------------------------

static bool wants_exact(cortexm_t *c, const cm_block_t *b)
{
    return cm_exact_only(c) || c->blk != &c->none || c->it || !b || b->flags & c->trap ||
           c->cycles + b->worst > c->limit;
}

static void run_stretch(cortexm_t *c)
{
    cm_block_t *b = NULL;
    if (c->it_unknown) {
        uint32_t x = 0;
        uc_reg_read(c->cur, UC_ARM_REG_XPSR, &x);
        c->it = (x >> 25 & 3) | (x >> 8 & 0xFC);
        c->it_unknown = false;
    }
    if (c->blk == &c->none)
        b = prepare(c, c->resume);
    cm_uc_use(c, wants_exact(c, b));
    c->fresh = true;
    c->none.end = c->resume; // the first block is not branched to
    cm_uc_start(c, c->resume);
    bool bkpt = c->ev == EV_INTR && c->intr == 7 && !c->split;
    stopped(c);
    c->bkpt = bkpt;
}

// What is to be done on the boundary that we stand on. TRUE: *why ends the run.
static bool at_boundary(cortexm_t *c, cpu_stop_t *why)
{
    if (c->attention) {
        c->attention = false;
        cm_set_limit(c, c->until);
        if (c->dirty->len)
            drop_dirty(c);
    }
    if (c->reset_wanted || c->exit_wanted) {
        *why = c->exit_wanted ? CPU_EXIT : CPU_RESET;
        c->reset_wanted = c->exit_wanted = false;
        return true;
    }
    c->break_hit = false; // asked below
    if (c->watch_hit) {
        c->watch_hit = false;
        *why = CPU_BREAK;
        return true;
    }
    if (cm_now(c) >= c->until)
        return *why = CPU_DEADLINE, true;
    if (cm_exc_pending(c)) {
        leave(c);
        c->sleeping = c->locked = false;
        cm_exc_take(c);
        if (c->stepping)
            return *why = CPU_BREAK, true;
        return at_boundary(c, why);
    }
    if (c->locked || c->sleeping)
        return *why = c->locked ? CPU_LOCKUP : CPU_SLEEP, true;
    if (c->breakpoints->len && !c->stepping && cm_at_breakpoint(c, c->resume) &&
        (c->resume != c->broke_pc || cm_now(c) != c->broke_at))
        return *why = CPU_BREAK, true;
    return false;
}

static cpu_stop_t note_break(cortexm_t *c, cpu_stop_t why)
{
    if (why == CPU_BREAK) {
        c->broke_pc = c->resume;
        c->broke_at = cm_now(c);
    }
    return why;
}

static cpu_stop_t run(cpu_t *cpu, uint64_t until)
{
    cortexm_t *c = (cortexm_t *)cpu;
    cpu_stop_t why = CPU_DEADLINE;
    cm_flash_rebase(c);
    c->until = until;
    cm_set_limit(c, c->attention ? 0 : until);
    while (c->replay_state == REPLAY_ARMED || !at_boundary(c, &why)) {
        run_stretch(c);
        if (c->bkpt && breakpoint_instruction(c, &why))
            break;
    }
    return note_break(c, why);
}

static cpu_stop_t step(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    cpu_stop_t why = CPU_BREAK;
    c->stepping = true;
    c->until = UINT64_MAX;
    cm_set_limit(c, UINT64_MAX);
    if (!at_boundary(c, &why)) {
        run_stretch(c);
        why = CPU_BREAK;
        if (c->bkpt)
            breakpoint_instruction(c, &why);
        c->watch_hit = false;
        if (c->exit_wanted || c->reset_wanted)
            at_boundary(c, &why);
    }
    c->stepping = false;
    return note_break(c, why);
}

static uint64_t cycles(const cpu_t *cpu) { return cm_now((const cortexm_t *)cpu); }

static void cut(cpu_t *cpu, uint64_t until)
{
    cortexm_t *c = (cortexm_t *)cpu;
    c->until = MIN(c->until, until);
    cm_set_limit(c, MIN(c->limit, until));
}

static void skip(cpu_t *cpu, uint64_t to)
{
    cortexm_t *c = (cortexm_t *)cpu;
    leave(c);
    c->cycles = MAX(c->cycles, to);
}

static void irq(cpu_t *cpu, unsigned line, bool level)
{
    cm_exc_irq((cortexm_t *)cpu, line, level);
}

static void event(cpu_t *cpu) { cm_exc_event((cortexm_t *)cpu); }

static void code_changed(cpu_t *cpu, uint32_t address, uint32_t n)
{
    cortexm_t *c = (cortexm_t *)cpu;
    const mem_t *mem = bus_mem_at(cpu->m->bus, address, NULL);
    if (mem && mem->kind == MEM_RAM)
        return; // compared whenever it is entered
    if (!cpu->in_run) {
        drop_code(c, address, n);
        return;
    }
    g_array_append_val(c->dirty, address);
    g_array_append_val(c->dirty, n);
    cm_attention(c);
}

static void timing_changed(cpu_t *cpu, const mem_t *mem)
{
    cm_flash_timing((cortexm_t *)cpu, false);
}

// ---- Life -------------------------------------------------------------------------------------------

static void block_destroy(gpointer b) { cm_block_free(b); }

static void destroy(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (c->exc)
        cm_exc_destroy(c->exc);
    cm_uc_destroy(c);
    if (c->insn)
        cs_free(c->insn, 1);
    if (c->disassembler)
        cs_close(&c->disassembler);
    cm_flash_clear(c);
    g_ptr_array_unref(c->regions);
    g_hash_table_unref(c->blocks);
    g_hash_table_unref(c->probes);
    g_array_unref(c->dirty);
    g_array_unref(c->breakpoints);
    g_free(c);
}

static cpu_t *create(machine_t *m, const soc_t *soc, const cpu_class_t *cls, GError **error)
{
    cortexm_t *c = g_new0(cortexm_t, 1);
    c->cpu.cls = cls;
    c->cpu.m = m;
    c->soc = soc;
    c->v6m = !strcmp(cls->name, "cortex-m0");
    c->none.address = c->none.end = 1;
    c->blk = &c->none;
    c->part_next = 1;
    c->regions = g_ptr_array_new_with_free_func(g_free);
    c->blocks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, block_destroy);
    c->probes = g_hash_table_new(NULL, NULL);
    c->dirty = g_array_new(false, false, sizeof(uint32_t));
    c->breakpoints = g_array_new(false, false, sizeof(uint32_t));
    clear_cache(c);
    if (cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS, &c->disassembler)) {
        g_set_error(error, g_quark_from_static_string("solderless-cpu"), 0, "Capstone: cannot open");
        destroy(&c->cpu);
        return NULL;
    }
    cs_option(c->disassembler, CS_OPT_DETAIL, CS_OPT_ON);
    c->insn = cs_malloc(c->disassembler);
    cm_set_fp_trap(c, false);
    if (!cm_uc_create(c, error)) {
        destroy(&c->cpu);
        return NULL;
    }
    c->exc = cm_exc_create(c, soc);
    return &c->cpu;
}

extern const cpu_class_t cortexm4f_cpu, cortexm0_cpu;

static cpu_t *create_m4f(machine_t *m, const soc_t *soc, GError **error)
{
    return create(m, soc, &cortexm4f_cpu, error);
}

static cpu_t *create_m0(machine_t *m, const soc_t *soc, GError **error)
{
    return create(m, soc, &cortexm0_cpu, error);
}

static void reset(cpu_t *cpu, bool power)
{
    cortexm_t *c = (cortexm_t *)cpu;
    g_autoptr(GError) error = NULL;
    uint32_t sp = 0, pc = 0;
    leave(c);
    if (!c->mapped) {
        if (!cm_uc_map(c, &error))
            g_error("%s", error->message); // a chip's table is wrong: our mistake
        cm_flash_init(c);
    } else {
        cm_flash_timing(c, true);
    }
    drop_dirty(c);
    c->attention = c->sleeping = c->locked = c->reset_wanted = c->exit_wanted = false;
    c->split = SPLIT_NONE;
    c->replay_state = REPLAY_NONE;
    c->unaligned_trap = c->div0_trap = false;
    cm_set_fp_trap(c, false);
    cm_set(c, CM_XPSR, 1u << 24);
    cm_set(c, CM_CONTROL, 0);
    for (unsigned i = CM_R0; i < CM_REGS; i++)
        if (i != CM_XPSR && i != CM_CONTROL && i != CM_PC && i != CM_SP)
            cm_set(c, i, i == CM_LR ? 0xFFFFFFFF : 0);
    cm_exc_reset(c, power);
    bus_peek(cpu->m->bus, c->soc->boot_address, &sp, 4);
    bus_peek(cpu->m->bus, c->soc->boot_address + 4, &pc, 4);
    cm_set(c, CM_MSP, sp & ~3u);
    cm_set(c, CM_PC, pc);
    c->it = 0;
    c->it_unknown = false;
}

// ---- Debugger ---------------------------------------------------------------------------------------

static const cpu_reg_desc_t m4f_regs[] = {
    {"r0", 32}, {"r1", 32}, {"r2", 32}, {"r3", 32}, {"r4", 32}, {"r5", 32}, {"r6", 32}, {"r7", 32},
    {"r8", 32}, {"r9", 32}, {"r10", 32}, {"r11", 32}, {"r12", 32}, {"sp", 32}, {"lr", 32},
    {"pc", 32}, {"xpsr", 32}, {"msp", 32}, {"psp", 32}, {"control", 8}, {"primask", 8},
    {"basepri", 8}, {"faultmask", 8}, {"fpscr", 32},
    {"d0", 64}, {"d1", 64}, {"d2", 64}, {"d3", 64}, {"d4", 64}, {"d5", 64}, {"d6", 64}, {"d7", 64},
    {"d8", 64}, {"d9", 64}, {"d10", 64}, {"d11", 64}, {"d12", 64}, {"d13", 64}, {"d14", 64},
    {"d15", 64},
    {NULL, 0},
};

static const cpu_reg_desc_t m0_regs[] = {
    {"r0", 32}, {"r1", 32}, {"r2", 32}, {"r3", 32}, {"r4", 32}, {"r5", 32}, {"r6", 32}, {"r7", 32},
    {"r8", 32}, {"r9", 32}, {"r10", 32}, {"r11", 32}, {"r12", 32}, {"sp", 32}, {"lr", 32},
    {"pc", 32}, {"xpsr", 32}, {"msp", 32}, {"psp", 32}, {"control", 8}, {"primask", 8},
    {NULL, 0},
};

static uint64_t reg_get(cpu_t *cpu, unsigned i)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (i < CM_S0)
        return cm_get(c, i);
    i = CM_S0 + 2 * (i - CM_S0);
    return cm_get(c, i) | (uint64_t)cm_get(c, i + 1) << 32;
}

static void reg_set(cpu_t *cpu, unsigned i, uint64_t value)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (i == CM_PC || i == CM_XPSR)
        leave(c);
    if (i == CM_PC && (uint32_t)(value & ~1u) != c->resume) {
        c->it = 0;
        set_it(c, 0);
    }
    if (i < CM_S0) {
        cm_set(c, i, value);
        return;
    }
    i = CM_S0 + 2 * (i - CM_S0);
    cm_set(c, i, value);
    cm_set(c, i + 1, value >> 32);
}

static uint32_t pc(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (c->in_access && c->blk != &c->none)
        return c->blk->address + c->blk->ins[MIN(c->log_ins, c->blk->n - 1u)].offset;
    return c->resume;
}

static bool breakpoint(cpu_t *cpu, uint32_t address, bool on)
{
    cortexm_t *c = (cortexm_t *)cpu;
    address &= ~1u;
    for (guint i = 0; i < c->breakpoints->len; i++)
        if (g_array_index(c->breakpoints, uint32_t, i) == address) {
            g_array_remove_index_fast(c->breakpoints, i);
            break;
        }
    if (on)
        g_array_append_val(c->breakpoints, address);
    GHashTableIter it;
    gpointer b;
    g_hash_table_iter_init(&it, c->blocks);
    while (g_hash_table_iter_next(&it, NULL, &b))
        mark_breakpoints(c, b);
    return true;
}

static bool watchpoint(cpu_t *cpu, uint32_t address, uint32_t n, watch_t kind)
{
    cortexm_t *c = (cortexm_t *)cpu;
    for (unsigned i = 0; i < c->watches; i++)
        if (c->watch[i].address == address && c->watch[i].n == n)
            c->watch[i--] = c->watch[--c->watches];
    if (kind == WATCH_NONE)
        return true;
    if (c->watches == CM_WATCHES)
        return false;
    c->watch[c->watches++] = (cm_watch_t){address, n, kind};
    return true;
}

const cpu_class_t cortexm4f_cpu = {
    .name = "cortex-m4f", .create = create_m4f, .destroy = destroy, .reset = reset, .run = run,
    .cycles = cycles, .cut = cut, .skip = skip, .irq = irq, .event = event,
    .code_changed = code_changed, .timing_changed = timing_changed, .regs = m4f_regs,
    .reg_get = reg_get, .reg_set = reg_set, .pc = pc, .step = step, .breakpoint = breakpoint,
    .watchpoint = watchpoint, .disassemble = cm_disassemble,
};

const cpu_class_t cortexm0_cpu = {
    .name = "cortex-m0", .create = create_m0, .destroy = destroy, .reset = reset, .run = run,
    .cycles = cycles, .cut = cut, .skip = skip, .irq = irq, .event = event,
    .code_changed = code_changed, .timing_changed = timing_changed, .regs = m0_regs,
    .reg_get = reg_get, .reg_set = reg_set, .pc = pc, .step = step, .breakpoint = breakpoint,
    .watchpoint = watchpoint, .disassemble = cm_disassemble,
};
