// SPDX-License-Identifier: GPL-2.0-or-later
// Exceptions, interrupts, timer and special registers of the LX106 (Xtensa ISA, chapters 4.4 and 4.7 and
// "Special Register Reference"; vectors and levels as the ESP8266 has them).
//
// The NMI (level 3) is masked by nothing: neither by INTENABLE nor by PS. While it is served its
// source must be quiet. What the part reads back from reserved bits is not known: they read 0.
#include "lx106_int.h"

uint32_t lx_pc(const lx106_t *c) { return c->blk ? c->blk->pc + c->at->op.off : c->pc; }

void lx_set_limit(lx106_t *c)
{
    uint64_t limit = MIN(MIN(c->until, c->timer_at), LX_LAST);
    c->limit = c->exact_only || c->icountlevel > (c->ps & LX_PS_LEVEL) ? 0 : limit;
}

// ---- Exceptions -------------------------------------------------------------------------------------

static void go(lx106_t *c, uint32_t offset)
{
    c->pc = c->vecbase + offset;
    c->blk = NULL;
    c->nocross = c->mid = false;
    c->cycles += LX_ENTRY;
    c->limit = 0; // PS has changed
}

static void enter_level(lx106_t *c, unsigned level, uint32_t offset)
{
    c->epc[level] = c->pc;
    c->eps[level] = c->ps;
    c->ps = (c->ps & ~LX_PS_LEVEL) | level | LX_PS_EXCM;
    go(c, offset);
}

void lx_raise(lx106_t *c, unsigned cause, uint32_t vaddr)
{
    c->exccause = cause;
    c->excvaddr = vaddr;
    if (c->ps & LX_PS_EXCM) {
        c->depc = c->pc;
        go(c, 0x70);
        return;
    }
    c->epc[1] = c->pc;
    c->ps |= LX_PS_EXCM;
    go(c, c->ps & LX_PS_UM ? 0x50 : 0x30);
}

void lx_raise_debug(lx106_t *c, unsigned cause)
{
    c->debugcause = cause;
    enter_level(c, 2, 0x10);
}

uint32_t lx_rfe(lx106_t *c)
{
    c->ps &= ~LX_PS_EXCM;
    c->limit = 0;
    return c->epc[1];
}

uint32_t lx_rfi(lx106_t *c, unsigned level)
{
    c->ps = c->eps[level];
    c->limit = 0;
    return c->epc[level];
}

// ---- Interrupts -------------------------------------------------------------------------------------

bool lx_interrupt_due(const lx106_t *c)
{
    if (c->interrupt & LX_INT_NMI)
        return true;
    return c->interrupt & c->intenable && !(c->ps & (LX_PS_LEVEL | LX_PS_EXCM));
}

// Something that decides about interrupts has changed.
static void look(lx106_t *c)
{
    if (lx_interrupt_due(c))
        c->limit = 0;
}

bool lx_take_interrupt(lx106_t *c)
{
    if (!lx_interrupt_due(c))
        return false;
    c->pc = lx_pc(c);
    c->waiting = false;
    if (c->interrupt & LX_INT_NMI) {
        c->interrupt &= ~LX_INT_NMI;
        enter_level(c, 3, 0x20);
    } else {
        lx_raise(c, LX_LEVEL1, c->excvaddr);
    }
    return true;
}

void lx_irq(lx106_t *c, unsigned line, bool level)
{
    uint32_t bit = line < 15 ? 1u << line : 0;
    bool rises = level && !(c->lines & bit);
    c->lines = level ? c->lines | bit : c->lines & ~bit;
    if (bit & LX_INT_LEVEL)
        c->interrupt = level ? c->interrupt | bit : c->interrupt & ~bit;
    else if (rises && bit & (LX_INT_EDGE | LX_INT_NMI))
        c->interrupt |= bit;
    look(c);
}

static void set_timer(lx106_t *c)
{
    uint32_t left = c->ccompare - (uint32_t)(c->cycles + c->ccount_offset);
    c->timer_at = c->cycles + (left ? left : UINT64_C(1) << 32);
    if (c->limit)
        lx_set_limit(c);
}

void lx_timer(lx106_t *c)
{
    if (c->cycles < c->timer_at)
        return;
    c->interrupt |= LX_INT_TIMER;
    c->timer_at += ((c->cycles - c->timer_at) >> 32 << 32) + (UINT64_C(1) << 32);
}

void lx_set_level(lx106_t *c, unsigned level)
{
    c->ps = (c->ps & ~LX_PS_LEVEL) | level;
    if (c->icountlevel)
        c->limit = 0;
    look(c);
}

void lx_waiti(lx106_t *c, unsigned level)
{
    lx_set_level(c, level);
    c->waiting = true;
    c->limit = 0;
}

void lx_set_attribute(lx106_t *c, uint8_t *attr, uint32_t address, uint32_t value)
{
    attr[address >> 29] = value & 15;
    lx_map_ram(c);
    c->flush = true;
    c->limit = 0;
}

// ---- Special registers ------------------------------------------------------------------------------

enum {
    SR_SAR = 3, SR_LITBASE = 5, SR_MMID = 89, SR_IBREAKENABLE = 96, SR_DDR = 104, SR_IBREAKA = 128,
    SR_DBREAKA = 144, SR_DBREAKC = 160, SR_CONFIGID0 = 176, SR_EPC1 = 177, SR_DEPC = 192,
    SR_EPS2 = 194, SR_CONFIGID1 = 208, SR_EXCSAVE1 = 209, SR_INTERRUPT = 226, SR_INTCLEAR = 227,
    SR_INTENABLE = 228, SR_PS = 230, SR_VECBASE = 231, SR_EXCCAUSE = 232, SR_DEBUGCAUSE = 233,
    SR_CCOUNT = 234, SR_PRID = 235, SR_ICOUNT = 236, SR_ICOUNTLEVEL = 237, SR_EXCVADDR = 238,
    SR_CCOMPARE = 240,
};

uint32_t lx_sr_read(lx106_t *c, unsigned sr)
{
    switch (sr) {
    case SR_SAR: return c->sar;
    case SR_LITBASE: return c->litbase;
    case SR_IBREAKENABLE: return c->ibreakenable;
    case SR_DDR: return c->ddr;
    case SR_IBREAKA: return c->ibreaka;
    case SR_DBREAKA: return c->dbreaka;
    case SR_DBREAKC: return c->dbreakc;
    case SR_CONFIGID0: return 0xC28CDAFA;
    case SR_CONFIGID1: return 0x1082B6F6;
    case SR_EPC1: case SR_EPC1 + 1: case SR_EPC1 + 2: return c->epc[sr - SR_EPC1 + 1];
    case SR_DEPC: return c->depc;
    case SR_EPS2: case SR_EPS2 + 1: return c->eps[sr - SR_EPS2 + 2];
    case SR_EXCSAVE1: case SR_EXCSAVE1 + 1: case SR_EXCSAVE1 + 2:
        return c->excsave[sr - SR_EXCSAVE1 + 1];
    case SR_INTERRUPT: lx_timer(c); return c->interrupt;
    case SR_INTENABLE: return c->intenable;
    case SR_PS: return c->ps;
    case SR_VECBASE: return c->vecbase;
    case SR_EXCCAUSE: return c->exccause;
    case SR_DEBUGCAUSE: return c->debugcause;
    case SR_CCOUNT: return c->cycles + c->ccount_offset;
    case SR_ICOUNT: return c->icount;
    case SR_ICOUNTLEVEL: return c->icountlevel;
    case SR_EXCVADDR: return c->excvaddr;
    case SR_CCOMPARE: return c->ccompare;
    default: return 0; // PRID
    }
}

// Registers that decide how blocks are decoded and run.
static void debug_changed(lx106_t *c)
{
    lx_map_ram(c);
    c->flush = true;
    c->limit = 0;
}

static void write_debug(lx106_t *c, unsigned sr, uint32_t v)
{
    switch (sr) {
    case SR_IBREAKENABLE: c->ibreakenable = v & 1; break;
    case SR_IBREAKA: c->ibreaka = v; break;
    case SR_DBREAKA: c->dbreaka = v; break;
    case SR_DBREAKC: c->dbreakc = v & 0xC000003F; break;
    case SR_ICOUNT: c->icount = v; break;
    case SR_ICOUNTLEVEL: c->icountlevel = v & 15; break;
    }
    debug_changed(c);
}

static void write_interrupt(lx106_t *c, unsigned sr, uint32_t v)
{
    switch (sr) {
    case SR_INTERRUPT: c->interrupt |= v & LX_INT_SOFT; break;
    case SR_INTCLEAR: c->interrupt &= ~(v & (LX_INT_EDGE | LX_INT_SOFT | LX_INT_NMI)); break;
    case SR_INTENABLE: c->intenable = v & 0x3FFF; break;
    case SR_PS:
        c->ps = v & (LX_PS_LEVEL | LX_PS_EXCM | LX_PS_UM);
        if (c->icountlevel)
            c->limit = 0;
        break;
    case SR_CCOUNT:
        c->ccount_offset = v - (uint32_t)c->cycles;
        set_timer(c);
        break;
    case SR_CCOMPARE:
        c->ccompare = v;
        c->interrupt &= ~LX_INT_TIMER;
        set_timer(c);
        break;
    }
    look(c);
}

void lx_sr_write(lx106_t *c, unsigned sr, uint32_t v)
{
    lx_timer(c);
    switch (sr) {
    case SR_SAR: c->sar = v & 63; break;
    case SR_LITBASE: c->litbase = v & 0xFFFFF001; break;
    case SR_MMID: c->mmid = v; break;
    case SR_DDR: c->ddr = v; break;
    case SR_EPC1: case SR_EPC1 + 1: case SR_EPC1 + 2: c->epc[sr - SR_EPC1 + 1] = v; break;
    case SR_DEPC: c->depc = v; break;
    case SR_EPS2: case SR_EPS2 + 1:
        c->eps[sr - SR_EPS2 + 2] = v & (LX_PS_LEVEL | LX_PS_EXCM | LX_PS_UM);
        break;
    case SR_EXCSAVE1: case SR_EXCSAVE1 + 1: case SR_EXCSAVE1 + 2:
        c->excsave[sr - SR_EXCSAVE1 + 1] = v;
        break;
    case SR_VECBASE: c->vecbase = v & ~0x7Fu; break;
    case SR_EXCCAUSE: c->exccause = v & 63; break;
    case SR_EXCVADDR: c->excvaddr = v; break;
    case SR_IBREAKENABLE: case SR_IBREAKA: case SR_DBREAKA: case SR_DBREAKC: case SR_ICOUNT:
    case SR_ICOUNTLEVEL:
        write_debug(c, sr, v);
        break;
    default: write_interrupt(c, sr, v); break;
    }
}

// ---- Reset ------------------------------------------------------------------------------------------

void lx_exc_reset(lx106_t *c)
{
    c->ps = 0x1F;
    c->vecbase = 0x40000000;
    c->intenable = c->ibreakenable = c->dbreakc = c->icountlevel = c->litbase = 0;
    c->interrupt = c->lines & LX_INT_LEVEL;
    c->ccompare = 0;
    c->ccount_offset = -(uint32_t)c->cycles;
    c->waiting = false;
    // ROM code sets the attributes to 0x2222211F before anything else runs.
    for (unsigned i = 0; i < 8; i++)
        c->code_attr[i] = c->data_attr[i] = i == 0 ? 15 : i < 3 ? 1 : 2;
    c->limit = 0;
    set_timer(c);
}
