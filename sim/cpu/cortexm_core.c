// SPDX-License-Identifier: GPL-2.0-or-later
// The Cortex-M engine's registers and place, and what the exception model asks of it (cortexm.h).
#include "cortexm_native.h"
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
    if (reg <= CM_R12) {
        uc_reg_read(c->cur, UC_ARM_REG_R0 + reg, &v);
        return v;
    }
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
    c->trap = BF_EXACT | BF_BREAK | BF_NATIVE | (on ? BF_FP : 0);
    c->trap_look = c->trap | BF_LOOK;
    cm_path_forget_all(c);
}

void cm_set_traps(cortexm_t *c, bool unaligned, bool div0)
{
    c->unaligned_trap = unaligned;
    if (div0 != c->div0_trap)
        cm_native_forget(c);
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
    cm_fetch_leave(c);
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
    cm_fetch_leave(c);
    c->blk = &c->none;
}

// An exception leads away from here: the block's rest is given up.
void cm_leave(cortexm_t *c)
{
    if (c->blk != &c->none)
        cm_fold(c, c->next);
}

void cm_set_it(cortexm_t *c, uint8_t it)
{
    uint32_t x = 0;
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &x);
    x = (x & ~0x0600FC00u) | 1u << 24 | cm_it_bits(it);
    uc_reg_write(c->cur, UC_ARM_REG_XPSR, &x);
}
