// SPDX-License-Identifier: GPL-2.0-or-later
// The exception model of ARMv7-M and ARMv6-M: priorities, entry, return, sleep.
//
// After the pseudo-code of the ARMv7-M Architecture Reference Manual, B1.5 (exception model), with
// the times of the Cortex-M4 and Cortex-M0 manuals for memory without wait states: entry 12 (16)
// cycles, return 10, tail-chaining 6, and 17 more for a floating-point frame that is really moved.
// Vector fetch runs beside stacking on another bus, so wait states of flash hide behind it.
//
// A late arrival takes the place of an exception whose entry has just ended, and an exception that
// arrived while a return unstacked is tail-chained: both are recognised afterwards, when no
// instruction has run since, because the engine does entries and returns in one go. The time comes
// out right except that a return abandoned in its first four cycles costs them all.
#include "cortexm_exc.h"
#include <string.h>

enum { TAIL_CHAIN_CYCLES = 6, FP_FRAME_CYCLES = 17, FRAME = 0x20, FP_FRAME = 0x68 };

static unsigned entry_cycles(const cm_exc_t *e) { return e->v6m ? 16 : 12; }
// The Cortex-M0 manual gives no number for the return; two less than the entry, as on the M4.
static unsigned exit_cycles(const cm_exc_t *e) { return e->v6m ? 14 : 10; }

static void wake_if_due(cm_exc_t *e);

// ---- Priorities -------------------------------------------------------------------------------------

int cm_exc_priority(const cm_exc_t *e, unsigned n)
{
    return n <= EXC_HARD ? (int)n - 4 : e->s.priority[n];
}

int cm_exc_group(const cm_exc_t *e, int priority)
{
    if (priority < 0 || priority > 255)
        return priority;
    return priority & ~((2 << e->s.prigroup) - 1);
}

bool cm_exc_enabled(const cm_exc_t *e, unsigned n) { return cm_bit(e->s.enabled, n); }

bool cm_exc_privileged(cm_exc_t *e)
{
    return (cm_get(e->cpu, CM_XPSR) & XPSR_IPSR) || !(cm_get(e->cpu, CM_CONTROL) & CONTROL_NPRIV);
}

static int masked_priority(cm_exc_t *e, bool with_primask)
{
    int boosted = 256;
    if (!e->v6m) {
        unsigned basepri = cm_get(e->cpu, CM_BASEPRI) & e->priority_mask;
        if (basepri)
            boosted = cm_exc_group(e, basepri);
    }
    if (with_primask && cm_get(e->cpu, CM_PRIMASK) & 1)
        boosted = 0;
    if (!e->v6m && cm_get(e->cpu, CM_FAULTMASK) & 1)
        boosted = -1;
    return MIN(boosted, e->active_priority);
}

int cm_exc_execution_priority(cm_exc_t *e) { return masked_priority(e, true); }

void cm_exc_update(cm_exc_t *e)
{
    e->best = 0;
    e->best_priority = 257;
    e->active_priority = 256;
    for (unsigned w = 0; w * 32 < e->count; w++) {
        for (uint32_t set = e->s.pending[w] & e->s.enabled[w]; set; set &= set - 1) {
            unsigned n = w * 32 + __builtin_ctz(set);
            int priority = cm_exc_priority(e, n);
            if (priority < e->best_priority) {
                e->best = n;
                e->best_priority = priority;
            }
        }
        for (uint32_t set = e->s.active[w]; set; set &= set - 1) {
            int group = cm_exc_group(e, cm_exc_priority(e, w * 32 + __builtin_ctz(set)));
            e->active_priority = MIN(group, e->active_priority);
        }
    }
    if (e->best)
        cm_attention(e->cpu);
}

void cm_exc_pend(cm_exc_t *e, unsigned n)
{
    if (cm_bit(e->s.pending, n))
        return;
    cm_bit_set(e->s.pending, n, true);
    e->s.arrived[n] = clk_ticks(e->m->cpu_clk, machine_now_ps(e->m));
    if (e->s.scr & SCR_SEVONPEND)
        e->s.event = true;
    cm_exc_update(e);
    wake_if_due(e);
}

void cm_exc_unpend(cm_exc_t *e, unsigned n)
{
    cm_bit_set(e->s.pending, n, false);
    cm_exc_update(e);
}

void cm_exc_irq(cortexm_t *c, unsigned line, bool level)
{
    cm_exc_t *e = cm_exc(c);
    unsigned n = EXC_IRQ0 + line;
    if (n >= e->count || cm_bit(e->s.level, n) == level)
        return;
    cm_bit_set(e->s.level, n, level);
    if (level)
        cm_exc_pend(e, n); // also while active: it is taken again after its handler
}

static void nmi_line(void *ctx, int arg, bool level)
{
    if (level)
        cm_exc_pend(ctx, EXC_NMI);
}

unsigned cm_exc_pending(cortexm_t *c)
{
    cm_exc_t *e = cm_exc(c);
    if (!e->best || (e->s.locked && e->best != EXC_NMI))
        return 0;
    int group = cm_exc_group(e, e->best_priority);
    return group < e->active_priority && group < cm_exc_execution_priority(e) ? e->best : 0;
}

// ---- Entry ------------------------------------------------------------------------------------------

// The frame of exception `original` could not be written: BusFault pends, and whoever is more
// urgent goes first.
static void stacking_fault(cm_exc_t *e, unsigned original)
{
    unsigned n = EXC_BUS;
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_STACKING | original,
                   "bus error while stacking for exception %u, SP 0x%08x", original,
                   cm_get(e->cpu, CM_SP));
    if (!e->v6m)
        e->s.cfsr |= BFSR_STKERR;
    if (e->v6m || !cm_exc_enabled(e, n)) {
        n = EXC_HARD;
        // Its handler runs although its frame could not be written.
        if (original == EXC_HARD)
            return;
        e->s.hfsr |= HFSR_FORCED;
    }
    cm_exc_pend(e, n);
}

static void lazy_fp_frame(cm_exc_t *e, uint32_t at)
{
    bool thread = !(cm_get(e->cpu, CM_XPSR) & XPSR_IPSR);
    int priority = cm_exc_execution_priority(e);
    uint32_t v = e->s.fpccr & (FPCCR_ASPEN | FPCCR_LSPEN);
    v |= FPCCR_LSPACT | (thread ? FPCCR_THREAD : 0) | (cm_exc_privileged(e) ? 0 : FPCCR_USER);
    if (priority > -1)
        v |= FPCCR_HFRDY;
    if (cm_exc_enabled(e, EXC_BUS) && priority > cm_exc_priority(e, EXC_BUS))
        v |= FPCCR_BFRDY;
    if (cm_exc_enabled(e, EXC_MEM) && priority > cm_exc_priority(e, EXC_MEM))
        v |= FPCCR_MMRDY;
    if (cm_exc_enabled(e, EXC_DEBUG) && priority > cm_exc_priority(e, EXC_DEBUG))
        v |= FPCCR_MONRDY;
    e->s.fpccr = v;
    e->s.fpcar = at;
    cm_exc_fp_update(e);
}

bool cm_exc_store_fp(cm_exc_t *e, uint32_t at)
{
    bool ok = true;
    for (unsigned i = 0; i < 16; i++)
        ok = ok && cm_store(e->cpu, at + 4 * i, 4, cm_get(e->cpu, CM_S0 + i));
    return ok && cm_store(e->cpu, at + 64, 4, cm_get(e->cpu, CM_FPSCR));
}

// PushStack: moves SP down, writes the frame, and returns EXC_RETURN. `cycles` grows by what a
// floating-point frame costs.
static uint32_t push_frame(cm_exc_t *e, unsigned *cycles, bool *ok)
{
    cortexm_t *c = e->cpu;
    uint32_t psr = cm_get(c, CM_XPSR), control = cm_get(c, CM_CONTROL);
    bool thread = !(psr & XPSR_IPSR), psp = thread && control & CONTROL_SPSEL;
    bool fp = e->fpu && control & CONTROL_FPCA && e->s.fpccr & FPCCR_ASPEN;
    bool align = fp || e->s.ccr & CCR_STKALIGN;
    uint32_t sp = cm_get(c, psp ? CM_PSP : CM_MSP) & ~3u;
    uint32_t padded = align && sp & 4 ? XPSR_ALIGN : 0;
    sp = (sp - (fp ? FP_FRAME : FRAME)) & (align ? ~7u : ~3u);
    cm_set(c, psp ? CM_PSP : CM_MSP, sp);

    const uint32_t frame[8] = {
        cm_get(c, CM_R0),      cm_get(c, CM_R1),  cm_get(c, CM_R2),     cm_get(c, CM_R3),
        cm_get(c, CM_R12), cm_get(c, CM_LR), cm_get(c, CM_PC) & ~1u,
        (psr & ~XPSR_ALIGN) | padded,
    };
    *ok = true;
    for (unsigned i = 0; i < 8 && *ok; i++)
        *ok = cm_store(c, sp + 4 * i, 4, frame[i]);
    if (fp && e->s.fpccr & FPCCR_LSPEN) {
        lazy_fp_frame(e, sp + FRAME);
    } else if (fp) {
        *ok = *ok && cm_exc_store_fp(e, sp + FRAME);
        *cycles += FP_FRAME_CYCLES;
    }
    return 0xFFFFFFE1u | (fp ? 0 : 0x10) | (thread ? 0x8 : 0) | (psp ? 0x4 : 0);
}

static void set_handler_mode(cm_exc_t *e, unsigned n)
{
    cortexm_t *c = e->cpu;
    uint32_t psr = cm_get(c, CM_XPSR);
    // First the mode: which stack pointer r13 is depends on it.
    cm_set(c, CM_XPSR, (psr & XPSR_APSR) | XPSR_T | n);
    cm_set(c, CM_CONTROL, cm_get(c, CM_CONTROL) & CONTROL_NPRIV);
}

// ExceptionTaken, with the frame in place. Returns FALSE when there was nothing to go to.
static bool taken(cm_exc_t *e, unsigned n, uint32_t exc_return)
{
    cortexm_t *c = e->cpu;
    uint32_t vector = 0;
    while (!cm_load(c, e->s.vtor + 4 * n, 4, &vector)) {
        e->s.hfsr |= HFSR_VECTTBL;
        if (n == EXC_HARD || n == EXC_NMI || e->active_priority < 0) {
            set_handler_mode(e, n);
            cm_exc_lockup(e, "its vector cannot be read");
            return false;
        }
        n = EXC_HARD; // the original one stays pending
    }
    cm_bit_set(e->s.pending, n, false);
    cm_bit_set(e->s.active, n, true);
    cm_exc_update(e);
    set_handler_mode(e, n);
    cm_set(c, CM_LR, exc_return);
    cm_set(c, CM_PC, vector & ~1u);
    e->s.event = true;
    e->s.locked = false; // by an NMI
    e->s.exit.valid = false;
    e->s.entry = (cm_sequence_t){ .valid = true, .exception = n, .end = cm_now(c),
                                  .pc = vector & ~1u, .exc_return = exc_return };
    if (!(vector & 1)) {
        e->s.entry.valid = false;
        cm_exc_fault(c, CM_FAULT_INVSTATE, vector);
    }
    return true;
}

// TRUE when `q` has just ended, nothing has run since, and exception n arrived during it.
static bool overtakes(cm_exc_t *e, const cm_sequence_t *q, unsigned n)
{
    return q->valid && q->end == cm_now(e->cpu) && q->pc == (cm_get(e->cpu, CM_PC) & ~1u) &&
           e->s.arrived[n] < q->end;
}

// Cycles left of a tail-chain that began when n arrived.
static unsigned chain_rest(cm_exc_t *e, unsigned n)
{
    uint64_t gone = cm_now(e->cpu) - e->s.arrived[n];
    return gone < TAIL_CHAIN_CYCLES ? TAIL_CHAIN_CYCLES - gone : 0;
}

void cm_exc_take(cortexm_t *c)
{
    cm_exc_t *e = cm_exc(c);
    unsigned n = e->best;
    if (overtakes(e, &e->s.entry, n)) { // late arrival: same frame, another vector
        cm_bit_set(e->s.active, e->s.entry.exception, false);
        cm_bit_set(e->s.pending, e->s.entry.exception, true);
        cm_exc_update(e);
        cm_add_cycles(c, chain_rest(e, n));
        taken(e, n, e->s.entry.exc_return);
        return;
    }
    bool ok, chained = overtakes(e, &e->s.exit, n);
    unsigned cycles = entry_cycles(e);
    uint32_t exc_return = push_frame(e, &cycles, &ok);
    // A return that is abandoned leaves the frame where it was: the push wrote the same bytes.
    cm_add_cycles(c, chained ? chain_rest(e, n) : cycles);
    if (!ok) {
        stacking_fault(e, n);
        if (cm_exc_group(e, e->best_priority) < cm_exc_group(e, cm_exc_priority(e, n)))
            n = e->best;
    }
    taken(e, n, exc_return);
}

// ---- Return -----------------------------------------------------------------------------------------

static void deactivate(cm_exc_t *e, unsigned n)
{
    cm_bit_set(e->s.active, n, false);
    if (n != EXC_NMI && !e->v6m)
        cm_set(e->cpu, CM_FAULTMASK, 0);
    if (cm_bit(e->s.level, n)) { // a request that is still there asks again
        cm_bit_set(e->s.pending, n, true);
        e->s.arrived[n] = cm_now(e->cpu);
    }
    cm_exc_update(e);
}

// A return that fails its checks: the frame stays, UsageFault takes the handler's place.
static void bad_return(cm_exc_t *e, uint32_t exc_return, const char *why)
{
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_RETURN | cm_get(e->cpu, CM_LR),
                   "exception return 0x%08x refused: %s", exc_return, why);
    if (!e->v6m)
        e->s.cfsr |= UFSR_INVPC;
    cm_add_cycles(e->cpu, TAIL_CHAIN_CYCLES);
    if (cm_exc_raise(e, e->v6m ? EXC_HARD : EXC_USAGE))
        taken(e, e->best, exc_return);
}

static const char *check_return(cm_exc_t *e, uint32_t exc_return, unsigned n)
{
    unsigned nested = 0;
    for (unsigned w = 0; w * 32 < e->count; w++)
        nested += __builtin_popcount(e->s.active[w]);
    if (!cm_bit(e->s.active, n))
        return "the exception is not active";
    if ((exc_return & 0x0FFFFFE0) != 0x0FFFFFE0 || (!e->fpu && !(exc_return & 0x10)))
        return "no such return value";
    switch (exc_return & 0xF) {
    case 0x1:
        return NULL;
    case 0x9:
    case 0xD:
        if (nested != 1 && !(e->s.ccr & CCR_NONBASETHRDENA))
            return "to thread mode while another exception is active";
        return NULL;
    default:
        return "no such return value";
    }
}

typedef struct frame {
    uint32_t r[8], s[17];
    bool fp, moved; // it has room for S0-S15 and FPSCR; they are really there
} frame_t;

static bool load_frame(cm_exc_t *e, uint32_t exc_return, uint32_t sp, frame_t *f)
{
    bool ok = true;
    f->fp = e->fpu && !(exc_return & 0x10);
    f->moved = f->fp && !(e->s.fpccr & FPCCR_LSPACT);
    for (unsigned i = 0; i < 8 && ok; i++)
        ok = cm_load(e->cpu, sp + 4 * i, 4, &f->r[i]);
    for (unsigned i = 0; f->moved && i < 17 && ok; i++)
        ok = cm_load(e->cpu, sp + FRAME + 4 * i, 4, &f->s[i]);
    return ok;
}

// PopStack, with a frame that is known to be good.
static void pop_frame(cm_exc_t *e, uint32_t exc_return, uint32_t sp, const frame_t *f)
{
    cortexm_t *c = e->cpu;
    bool psp = exc_return & 0x4, align = f->fp || e->s.ccr & CCR_STKALIGN;
    sp += f->fp ? FP_FRAME : FRAME;
    if (align && f->r[7] & XPSR_ALIGN)
        sp |= 4;
    for (unsigned i = 0; i < 4; i++)
        cm_set(c, CM_R0 + i, f->r[i]);
    cm_set(c, CM_R12, f->r[4]);
    cm_set(c, CM_LR, f->r[5]);
    if (f->moved) {
        for (unsigned i = 0; i < 16; i++)
            cm_set(c, CM_S0 + i, f->s[i]);
        cm_set(c, CM_FPSCR, f->s[16]);
    } else if (f->fp) { // nobody touched the registers: they are still right
        e->s.fpccr &= ~FPCCR_LSPACT;
        cm_exc_fp_update(e);
    }
    cm_set(c, psp ? CM_PSP : CM_MSP, sp);
    cm_set(c, CM_XPSR, f->r[7] & (XPSR_APSR | XPSR_EPSR | XPSR_IPSR));
    cm_set(c, CM_CONTROL, (cm_get(c, CM_CONTROL) & CONTROL_NPRIV) | (psp ? CONTROL_SPSEL : 0) |
                              (f->fp ? CONTROL_FPCA : 0));
    cm_set(c, CM_PC, f->r[6] & ~1u);
    e->s.event = true;
}

void cm_exc_return(cortexm_t *c, uint32_t exc_return)
{
    cm_exc_t *e = cm_exc(c);
    unsigned n = cm_get(c, CM_XPSR) & (EXC_COUNT - 1);
    exc_return |= 0xF0000001u;
    e->s.entry.valid = false;
    const char *wrong = check_return(e, exc_return, n);
    deactivate(e, n);
    if (wrong) {
        bad_return(e, exc_return, wrong);
        return;
    }
    if (cm_exc_pending(c)) {
        cm_add_cycles(c, TAIL_CHAIN_CYCLES);
        taken(e, e->best, exc_return);
        return;
    }
    frame_t f;
    bool thread = exc_return & 0x8;
    uint32_t sp = cm_get(c, exc_return & 0x4 ? CM_PSP : CM_MSP) & ~3u;
    bool ok = load_frame(e, exc_return, sp, &f);
    cm_add_cycles(c, exit_cycles(e) + (f.moved ? FP_FRAME_CYCLES : 0));
    if (!ok) {
        cm_exc_unstack_fault(e);
        if (cm_exc_raise(e, e->v6m ? EXC_HARD : EXC_BUS))
            taken(e, e->best, exc_return);
        return;
    }
    if (thread != !(f.r[7] & XPSR_IPSR)) {
        bad_return(e, exc_return, "the frame's IPSR does not fit the mode");
        return;
    }
    pop_frame(e, exc_return, sp, &f);
    e->s.exit = (cm_sequence_t){ .valid = true, .exception = n, .end = cm_now(c),
                                 .pc = f.r[6] & ~1u, .exc_return = exc_return };
    if (!(f.r[7] & XPSR_T))
        cm_exc_fault(c, CM_FAULT_INVSTATE, 0);
    else if (thread && e->active_priority == 256 && e->s.scr & SCR_SLEEPONEXIT &&
             cm_exc_sleep(c, false))
        cm_sleep(c);
}

// ---- Sleep ------------------------------------------------------------------------------------------

// What ends WFI: an exception that would be taken if PRIMASK were clear.
static bool due(cm_exc_t *e)
{
    if (e->s.sleeping_wfe && e->s.event)
        return true;
    return e->best && cm_exc_group(e, e->best_priority) < masked_priority(e, false);
}

static void wake_if_due(cm_exc_t *e)
{
    if (!e->s.sleeping || !due(e))
        return;
    if (e->s.sleeping_wfe)
        e->s.event = false;
    e->s.sleeping = false;
    e->s.slept += cm_now(e->cpu) - e->s.sleep_since;
    line_set(e->deepsleep, false);
    line_set(e->sleeping, false);
    cm_wake(e->cpu);
}

bool cm_exc_sleep(cortexm_t *c, bool wfe)
{
    cm_exc_t *e = cm_exc(c);
    e->s.sleeping_wfe = wfe;
    if (due(e)) {
        if (wfe)
            e->s.event = false;
        return false;
    }
    e->s.sleeping = true;
    e->s.sleep_since = cm_now(c);
    line_set(e->deepsleep, e->s.scr & SCR_SLEEPDEEP);
    line_set(e->sleeping, true);
    return true;
}

void cm_exc_sev(cortexm_t *c) { cm_exc_event(c); }

void cm_exc_event(cortexm_t *c)
{
    cm_exc_t *e = cm_exc(c);
    e->s.event = true;
    wake_if_due(e);
}

// ---- Life -------------------------------------------------------------------------------------------

cm_exc_t *cm_exc_create(cortexm_t *c, const soc_t *soc)
{
    cm_exc_t *e = g_new0(cm_exc_t, 1);
    e->cpu = c;
    e->m = cm_machine(c);
    e->v6m = cm_v6m(c);
    e->fpu = soc->fpu && !e->v6m;
    e->irqs = MIN(soc->irq_lines, (unsigned)EXC_COUNT - EXC_IRQ0);
    e->count = EXC_IRQ0 + e->irqs;
    unsigned bits = e->v6m ? 2 : CLAMP(soc->priority_bits, 3, 8);
    e->priority_mask = 0xFF00 >> bits;
    e->deepsleep = machine_line(e->m, "cpu.deepsleep");
    e->sleeping = machine_line(e->m, "cpu.sleeping");
    e->lockup = machine_line(e->m, "cpu.lockup");
    line_listen(machine_line(e->m, "cpu.nmi"), nmi_line, e, 0);
    cm_timers_create(e);
    cm_scs_create(e);
    return e;
}

void cm_exc_destroy(cm_exc_t *e)
{
    if (!e)
        return;
    cm_timers_destroy(e);
    g_free(e);
}

void cm_exc_reset(cortexm_t *c, bool power)
{
    cm_exc_t *e = cm_exc(c);
    cm_dwt_set_demcr(e, e->s.demcr); // latches CYCCNT
    const cm_exc_state_t old = e->s;
    line_set(e->deepsleep, false);
    line_set(e->sleeping, false);
    e->s = (cm_exc_state_t){ .vtor = e->m->boot_address, .ccr = CCR_STKALIGN };
    if (e->v6m)
        e->s.ccr |= CCR_UNALIGN_TRP;
    if (e->fpu)
        e->s.fpccr = FPCCR_ASPEN | FPCCR_LSPEN;
    e->s.enabled[0] = 1u << EXC_RESET | 1u << EXC_NMI | 1u << EXC_HARD | 1u << EXC_SVC |
                      1u << EXC_PENDSV | 1u << EXC_SYSTICK;
    if (!power) { // the debug domain keeps its state over a system reset
        e->s.demcr = old.demcr;
        e->s.dwt = old.dwt;
    }
    cm_timers_reset(e);
    cm_exc_fp_update(e);
    // ARMv6-M faults on every unaligned access by itself: the engine's core does that.
    cm_set_traps(c, false, false);
    // The peripherals have been reset: a line that is still up asks again.
    memcpy(e->s.level, old.level, sizeof old.level);
    memcpy(e->s.pending, old.level, sizeof old.level);
    cm_exc_update(e);
}
