// SPDX-License-Identifier: GPL-2.0-or-later
// What ended a stretch of Unicorn's, turned into exceptions, sleep, stores into flash and semihosting.
#include "cortexm_int.h"
#include <string.h>

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
    cm_set_it(c, c->it);
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

// A branch to an EXC_RETURN value, with bit 0 clear.
static void exception_return(cortexm_t *c, uint32_t pc)
{
    uint32_t refill = c->blk->taken;
    cm_finish(c, true);
    c->cycles -= refill; // the return has its own
    c->resume = pc;
    cm_exc_return(c, pc | 1);
}

// ARMv6-M has no register for the address of a fault; it is told in the report.
static uint32_t unaligned_address(cortexm_t *c, uint32_t pc)
{
    unsigned i = cm_index_at(c->blk, pc);
    return i < c->blk->n ? cm_address_of(c, &c->blk->ins[i], 0) : pc;
}

static void interrupt(cortexm_t *c)
{
    uint32_t pc = uc_pc(c);
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
        if (handler_mode(c))
            exception_return(c, pc);
        else
            fault_at(c, pc, CM_FAULT_XN, pc);
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
        fault_at(c, pc, CM_FAULT_UNALIGNED, unaligned_address(c, pc));
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
        cm_set_it(c, c->it);
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
    cm_set_it(c, n + 1 < c->blk->n ? c->blk->ins[n + 1].it : c->blk->it_out);
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
        if (c->v6m && pc >= 0xFFFFFF00 && handler_mode(c)) { // not recognised: see open_instance
            exception_return(c, pc);
            return;
        }
        fault_at(c, pc, executable(address) ? CM_FAULT_BUS_FETCH : CM_FAULT_XN, address);
        return;
    }
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    if (write && mem && mem_takes(mem, offset, c->mem_size)) {
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
    cm_set_it(c, c->it);
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
        cm_leave(c);
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
        cm_set_it(c, it);
    before_instruction(c);
}

void cm_stopped(cortexm_t *c)
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
bool cm_breakpoint_instruction(cortexm_t *c, cpu_stop_t *why)
{
    uint8_t code[2] = {0};
    c->break_hit = false;
    cm_finish(c, false);
    bus_peek(c->cpu.m->bus, c->resume, code, 2);
    if (code[0] == 0xAB && c->cpu.m->semihosting) {
        c->resume += 2;
        cm_set_it(c, c->it);
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
