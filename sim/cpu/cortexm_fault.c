// SPDX-License-Identifier: GPL-2.0-or-later
// Faults of ARMv7-M and ARMv6-M, and what else an instruction raises: status registers, escalation
// to HardFault, lock-up, SVC, BKPT, and floating-point instructions that may not run as they are.
//
// After the ARMv7-M Architecture Reference Manual, B1.5.14 (fault behaviour) and B1.5.15 (lock-up).
// ARMv6-M has no status registers and HardFault only. CCR.BFHFNMIGN is not modelled.
#include "cortexm_exc.h"

static const struct fault {
    uint8_t exception;
    uint32_t cfsr;
    const char *what;
} faults[] = {
    [CM_FAULT_BUS_DATA] = { EXC_BUS, BFSR_PRECISERR, "bus error, nothing answers at" },
    [CM_FAULT_BUS_FETCH] = { EXC_BUS, BFSR_IBUSERR, "bus error, no code at" },
    [CM_FAULT_XN] = { EXC_MEM, MMFSR_IACCVIOL, "execution from where none is allowed," },
    [CM_FAULT_UNDEFINED] = { EXC_USAGE, UFSR_UNDEFINSTR, "undefined instruction at" },
    [CM_FAULT_INVSTATE] = { EXC_USAGE, UFSR_INVSTATE, "branch to ARM code (bit 0 clear) at" },
    [CM_FAULT_UNALIGNED] = { EXC_USAGE, UFSR_UNALIGNED, "unaligned access to" },
    [CM_FAULT_DIVBYZERO] = { EXC_USAGE, UFSR_DIVBYZERO, "division by zero" },
    [CM_FAULT_NOCP] = { EXC_USAGE, UFSR_NOCP, "coprocessor or FPU that is absent or off (CPACR)" },
};

bool cm_exc_raise(cm_exc_t *e, unsigned n)
{
    int now = cm_exc_execution_priority(e);
    bool can = cm_exc_enabled(e, n) && cm_exc_group(e, cm_exc_priority(e, n)) < now;
    if (!can && n != EXC_HARD) {
        n = EXC_HARD;
        if (!e->v6m)
            e->s.hfsr |= HFSR_FORCED;
        can = now > -1;
    }
    if (!can) {
        cm_exc_lockup(e, now == -2 ? "a fault inside the NMI handler"
                                   : "a fault inside a fault handler");
        return false;
    }
    cm_exc_pend(e, n);
    return true;
}

void cm_exc_lockup(cm_exc_t *e, const char *why)
{
    if (e->s.locked)
        return;
    e->s.locked = true;
    machine_report(e->m, REPORT_GUEST_ERROR, 0,
                   "the CPU is locked up: %s; exception %u, SP 0x%08x, CFSR 0x%08x", why,
                   cm_get(e->cpu, CM_XPSR) & XPSR_IPSR, cm_get(e->cpu, CM_SP), e->s.cfsr);
    cm_lockup(e->cpu);
    line_pulse(e->lockup); // some chips reset themselves
}

static void tell(cm_exc_t *e, cm_fault_t kind, uint32_t address)
{
    bool addressed = kind != CM_FAULT_DIVBYZERO && kind != CM_FAULT_NOCP;
    char at[16] = "";
    if (kind == CM_FAULT_UNDEFINED)
        address = cm_get(e->cpu, CM_PC);
    if (addressed)
        g_snprintf(at, sizeof at, " 0x%08x", address);
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_FAULT(kind) | cm_get(e->cpu, CM_PC),
                   "%s%s", faults[kind].what, at);
}

void cm_exc_fault(cortexm_t *c, cm_fault_t kind, uint32_t address)
{
    cm_exc_t *e = cm_exc(c);
    const struct fault *f = &faults[kind];
    if (!e->v6m) {
        e->s.cfsr |= f->cfsr;
        if (kind == CM_FAULT_BUS_DATA) {
            e->s.cfsr |= BFSR_VALID;
            e->s.bfar = address;
        }
    }
    tell(e, kind, address);
    if (cm_exc_raise(e, e->v6m ? EXC_HARD : f->exception))
        cm_exc_take(c);
}

bool cm_exc_store_fault(cortexm_t *c, uint32_t address)
{
    cm_exc_t *e = cm_exc(c);
    if (e->v6m || e->s.actlr & ACTLR_DISDEFWBUF)
        return false;
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_STORE | address,
                   "bus error, nothing takes a write to 0x%08x", address);
    e->s.cfsr |= BFSR_IMPRECISERR;
    unsigned n = EXC_BUS;
    if (!cm_exc_enabled(e, n)) {
        e->s.hfsr |= HFSR_FORCED;
        n = EXC_HARD;
    }
    cm_exc_pend(e, n);
    return true;
}

void cm_exc_unstack_fault(cm_exc_t *e)
{
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_UNSTACKING,
                   "bus error while unstacking, SP 0x%08x", cm_get(e->cpu, CM_SP));
    if (!e->v6m)
        e->s.cfsr |= BFSR_UNSTKERR;
}

void cm_exc_svc(cortexm_t *c)
{
    if (cm_exc_raise(cm_exc(c), EXC_SVC))
        cm_exc_take(c);
}

void cm_exc_bkpt(cortexm_t *c)
{
    cm_exc_t *e = cm_exc(c);
    unsigned n = EXC_DEBUG;
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_BKPT | cm_get(c, CM_PC),
                   "breakpoint instruction and no debugger");
    if (!e->v6m)
        e->s.dfsr |= 2;
    if (e->v6m || !cm_exc_enabled(e, n) ||
        cm_exc_group(e, cm_exc_priority(e, n)) >= cm_exc_execution_priority(e)) {
        n = EXC_HARD;
        if (!e->v6m)
            e->s.hfsr |= HFSR_DEBUGEVT;
    }
    if (cm_exc_raise(e, n))
        cm_exc_take(c);
}

// ---- Floating point ---------------------------------------------------------------------------------

static bool fp_allowed(cm_exc_t *e)
{
    switch (e->s.cpacr >> 20 & 3) {
    case 3:
        return e->fpu;
    case 1:
        return e->fpu && cm_exc_privileged(e);
    default:
        return false;
    }
}

void cm_exc_fp_update(cm_exc_t *e)
{
    bool full = e->fpu && (e->s.cpacr >> 20 & 3) == 3;
    cm_set_fp_trap(e->cpu, !full || e->s.fpccr & FPCCR_LSPACT);
}

bool cm_exc_fp(cortexm_t *c)
{
    cm_exc_t *e = cm_exc(c);
    if (!fp_allowed(e)) {
        cm_exc_fault(c, CM_FAULT_NOCP, 0);
        return false;
    }
    if (!(e->s.fpccr & FPCCR_LSPACT))
        return true;
    // The frame that was only reserved at entry is written now. Its data are those at the entry:
    // nothing else can have changed them.
    e->s.fpccr &= ~FPCCR_LSPACT;
    cm_exc_fp_update(e);
    cm_add_cycles(c, 17);
    if (cm_exc_store_fp(e, e->s.fpcar & ~7u))
        return true;
    machine_report(e->m, REPORT_GUEST_ERROR, REPORT_STACKING | 0x200,
                   "bus error while stacking FPU registers at 0x%08x", e->s.fpcar);
    e->s.cfsr |= BFSR_LSPERR;
    if (cm_exc_raise(e, EXC_BUS))
        cm_exc_take(c);
    return false;
}
