// SPDX-License-Identifier: GPL-2.0-or-later
// SysTick and the cycle counter of the DWT, both computed from an epoch.
//
// SysTick (ARMv7-M Architecture Reference Manual B3.3): counts CPU cycles or every eighth of them
// (STM32's external reference is HCLK/8), asleep too. It is exact to the cycle: LOAD + 1 ticks from
// wrap to wrap, reload on the tick after zero, COUNTFLAG and the interrupt on the step from 1 to 0.
// DWT (C1.8): CTRL and CYCCNT, which stands still while the core sleeps, as it does on chips. The
// event counters (CPICNT ...) read 0; comparators are storage and told as not modelled when enabled.
#include "cortexm_exc.h"

enum { ST_ENABLE = 1, ST_TICKINT = 2, ST_CLKSOURCE = 4, ST_COUNTFLAG = 1 << 16 };

// ---- SysTick ----------------------------------------------------------------------------------------

static unsigned ratio(const cm_exc_t *e) { return e->s.st_ctrl & ST_CLKSOURCE ? 1 : 8; }
static uint64_t tick_now(cm_exc_t *e) { return cm_now(e->cpu) / ratio(e); }

// Ticks from the epoch to the first step onto zero; 0 = there will be none.
static uint64_t first_wrap(const cm_exc_t *e)
{
    if (e->s.st_value)
        return e->s.st_value;
    return e->s.st_load ? (uint64_t)e->s.st_load + 1 : 0;
}

static uint64_t wraps(cm_exc_t *e)
{
    uint64_t first = first_wrap(e), gone = tick_now(e) - e->s.st_epoch;
    if (!(e->s.st_ctrl & ST_ENABLE) || !first || gone < first)
        return 0;
    return e->s.st_load ? 1 + (gone - first) / ((uint64_t)e->s.st_load + 1) : 1;
}

static uint32_t value_now(cm_exc_t *e)
{
    if (!(e->s.st_ctrl & ST_ENABLE))
        return e->s.st_value;
    uint64_t gone = tick_now(e) - e->s.st_epoch, period = (uint64_t)e->s.st_load + 1;
    if (gone <= e->s.st_value)
        return e->s.st_value - gone;
    return period - 1 - (gone - e->s.st_value - 1) % period;
}

static bool flag_now(cm_exc_t *e) { return e->s.st_flag || wraps(e) > e->s.st_wraps; }

static void clear_flag(cm_exc_t *e)
{
    e->s.st_flag = false;
    e->s.st_wraps = wraps(e);
}

static void schedule(cm_exc_t *e)
{
    // An instruction that began before a wrap may get here after it and before its event.
    if (event_pending(&e->systick) && e->systick.when_ps <= machine_now_ps(e->m))
        cm_exc_pend(e, EXC_SYSTICK);
    uint64_t first = first_wrap(e), n = wraps(e);
    uint32_t on = ST_ENABLE | ST_TICKINT;
    if ((e->s.st_ctrl & on) != on || !first || (n && !e->s.st_load)) {
        event_cancel(&e->m->events, &e->systick);
        return;
    }
    uint64_t tick = e->s.st_epoch + first + n * ((uint64_t)e->s.st_load + 1);
    event_at(&e->m->events, &e->systick, clk_ps(e->m->cpu_clk, tick * ratio(e)));
}

static void systick_due(void *ctx, uint64_t now_ps)
{
    cm_exc_t *e = ctx;
    cm_exc_pend(e, EXC_SYSTICK);
    // Not from the core's cycle: that may be past this wrap and even past the next.
    uint64_t cycle = clk_ticks(e->m->cpu_clk, now_ps);
    if (e->s.st_load)
        event_at(&e->m->events, &e->systick,
                 clk_ps(e->m->cpu_clk, cycle + ((uint64_t)e->s.st_load + 1) * ratio(e)));
}

static void cpu_clk_changed(void *ctx, clk_t *clk, bool before, uint64_t now_ps)
{
    if (!before)
        schedule(ctx);
}

// Makes now the epoch, so that what determines the count may change.
static void rebase(cm_exc_t *e)
{
    uint32_t value = value_now(e);
    e->s.st_flag = flag_now(e);
    e->s.st_wraps = 0;
    e->s.st_value = value;
    e->s.st_epoch = tick_now(e);
}

uint32_t cm_systick_read(cm_exc_t *e, uint32_t offset, bool peek)
{
    switch (offset) {
    case 0x10: {
        uint32_t v = e->s.st_ctrl | (flag_now(e) ? ST_COUNTFLAG : 0);
        if (!peek)
            clear_flag(e);
        return v;
    }
    case 0x14:
        return e->s.st_load;
    case 0x18:
        return value_now(e);
    default:
        return cm_soc(e->cpu)->systick_calib;
    }
}

void cm_systick_write(cm_exc_t *e, uint32_t offset, uint32_t value)
{
    if (offset == 0x1C)
        return;
    rebase(e);
    if (offset == 0x10) {
        e->s.st_ctrl = value & (ST_ENABLE | ST_TICKINT | ST_CLKSOURCE);
        e->s.st_epoch = tick_now(e); // of the clock that it has now
    } else if (offset == 0x14) {
        e->s.st_load = value & 0xFFFFFF;
    } else {
        e->s.st_value = 0;
        e->s.st_flag = false;
    }
    schedule(e);
}

// ---- DWT --------------------------------------------------------------------------------------------

static uint64_t awake_cycles(cm_exc_t *e)
{
    return (e->s.sleeping ? e->s.sleep_since : cm_now(e->cpu)) - e->s.slept;
}

static bool counting(const cm_exc_t *e)
{
    return e->s.demcr & DEMCR_TRCENA && e->s.dwt.ctrl & 1;
}

static uint32_t cyccnt(cm_exc_t *e)
{
    return e->s.dwt.base + (counting(e) ? (uint32_t)(awake_cycles(e) - e->s.dwt.epoch) : 0);
}

void cm_dwt_set_demcr(cm_exc_t *e, uint32_t demcr)
{
    e->s.dwt.base = cyccnt(e);
    e->s.dwt.epoch = awake_cycles(e);
    e->s.demcr = demcr;
}

uint32_t cm_dwt_read(cm_exc_t *e, uint32_t offset)
{
    if (!(e->s.demcr & DEMCR_TRCENA))
        return 0;
    unsigned n = offset >> 4 & 3;
    switch (offset) {
    case 0x00:
        return e->s.dwt.ctrl | 4u << 28; // four comparators
    case 0x04:
        return cyccnt(e);
    case 0x1C:
        return cm_get(e->cpu, CM_PC);
    case 0x20: case 0x30: case 0x40: case 0x50:
        return e->s.dwt.comp[n ^ 2];
    case 0x24: case 0x34: case 0x44: case 0x54:
        return e->s.dwt.mask[n ^ 2];
    case 0x28: case 0x38: case 0x48: case 0x58:
        return e->s.dwt.function[n ^ 2];
    default:
        return 0;
    }
}

void cm_dwt_write(cm_exc_t *e, uint32_t offset, uint32_t value)
{
    if (!(e->s.demcr & DEMCR_TRCENA))
        return;
    unsigned n = (offset >> 4 & 3) ^ 2;
    switch (offset) {
    case 0x00:
        e->s.dwt.base = cyccnt(e);
        e->s.dwt.epoch = awake_cycles(e);
        e->s.dwt.ctrl = value & 0x007F1FFF;
        if (value & 0x007F1000)
            machine_unmodelled(e->m, 0xE0001000, "DWT_CTRL: trace and event counters");
        break;
    case 0x04:
        e->s.dwt.base = value;
        e->s.dwt.epoch = awake_cycles(e);
        break;
    case 0x20: case 0x30: case 0x40: case 0x50:
        e->s.dwt.comp[n] = value;
        break;
    case 0x24: case 0x34: case 0x44: case 0x54:
        e->s.dwt.mask[n] = value & 0x1F;
        break;
    case 0x28: case 0x38: case 0x48: case 0x58:
        e->s.dwt.function[n] = value & 0x000FFFFF;
        if (value & 0xF)
            machine_unmodelled(e->m, 0xE0001000 + offset, "DWT comparator");
        break;
    }
}

// ---- Life -------------------------------------------------------------------------------------------

void cm_timers_create(cm_exc_t *e)
{
    event_init(&e->systick, "systick", systick_due, e);
    clk_listen(e->m->cpu_clk, cpu_clk_changed, e);
}

void cm_timers_destroy(cm_exc_t *e) { event_cancel(&e->m->events, &e->systick); }

void cm_timers_reset(cm_exc_t *e)
{
    event_cancel(&e->m->events, &e->systick);
    // A system reset leaves CYCCNT where it was; `slept` begins anew, so does the epoch.
    e->s.dwt.epoch = awake_cycles(e);
}
