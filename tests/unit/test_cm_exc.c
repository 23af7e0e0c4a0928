// SPDX-License-Identifier: GPL-2.0-or-later
// Cortex-M exceptions without a CPU: entry, return, order, faults.
#include "cm_rig.h"
#include <string.h>

static void entry_and_return(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 5, 0x40);
    c->r[CM_XPSR] = 0x61000000 | 0x0600FC00; // Z, C, inside an IT block
    cm_exc_irq(c, 5, true);
    uint64_t before = c->now;
    rig_boundary(c);
    g_assert_cmpuint(c->now - before, ==, 12);
    g_assert_cmpuint(ipsr(c), ==, 21);
    g_assert_cmphex(c->r[CM_PC], ==, HANDLER(21));
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFF9);
    g_assert_cmphex(c->r[CM_XPSR] & 0x0600FC00, ==, 0);
    uint32_t sp = c->r[CM_MSP];
    g_assert_cmphex(sp, ==, STACK - 0x20);
    for (unsigned i = 0; i < 4; i++)
        g_assert_cmphex(rig_ram(c, sp + 4 * i), ==, 0x1000 + i);
    g_assert_cmphex(rig_ram(c, sp + 0x10), ==, 0x100C);
    g_assert_cmphex(rig_ram(c, sp + 0x14), ==, 0x100E);
    g_assert_cmphex(rig_ram(c, sp + 0x18), ==, THREAD_PC);
    g_assert_cmphex(rig_ram(c, sp + 0x1C), ==, 0x6700FC00);

    for (unsigned i = 0; i < 4; i++)
        c->r[CM_R0 + i] = 0;
    c->r[CM_R12] = 0;
    cm_exc_irq(c, 5, false);
    before = c->now;
    rig_return(c);
    g_assert_cmpuint(c->now - before, ==, 10);
    g_assert_cmphex(c->r[CM_XPSR], ==, 0x6700FC00);
    g_assert_cmphex(c->r[CM_PC], ==, THREAD_PC);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK);
    g_assert_cmphex(c->r[CM_R0 + 3], ==, 0x1003);
    g_assert_cmphex(c->r[CM_R12], ==, 0x100C);
    g_assert_cmphex(c->r[CM_LR], ==, 0x100E);
    rig_free(c);
}

static void stack_alignment(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 0, 0);
    c->r[CM_MSP] = STACK - 4;
    scs_set(c, 0x200, 1);
    rig_boundary(c);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK - 0x28);
    g_assert_cmphex(rig_ram(c, STACK - 0x28 + 0x1C) & 0x200, ==, 0x200);
    rig_return(c);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK - 4);

    scs_set(c, 0xD14, 0); // STKALIGN off
    scs_set(c, 0x200, 1);
    rig_boundary(c);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK - 0x24);
    g_assert_cmphex(rig_ram(c, STACK - 0x24 + 0x1C) & 0x200, ==, 0);
    rig_return(c);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK - 4);
    rig_free(c);
}

static void process_stack(void)
{
    rig_t *c = rig_new(false);
    c->r[CM_CONTROL] = CONTROL_SPSEL;
    uint32_t psp = c->r[CM_PSP];
    rig_enable(c, 1, 0x80);
    rig_enable(c, 2, 0x40);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFFD);
    g_assert_cmphex(c->r[CM_CONTROL], ==, 0);
    g_assert_cmphex(c->r[CM_PSP], ==, psp - 0x20);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK);
    c->now += 5;
    scs_set(c, 0x200, 4); // nested: on the main stack
    rig_boundary(c);
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFF1);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK - 0x20);
    g_assert_cmphex(rig_ram(c, c->r[CM_MSP] + 0x1C) & 0x1FF, ==, 17);
    g_assert_cmphex(scs(c, 0x300), ==, 6);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 17);
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFFD);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 0);
    g_assert_cmphex(c->r[CM_CONTROL], ==, CONTROL_SPSEL);
    g_assert_cmphex(c->r[CM_PSP], ==, psp);
    rig_free(c);
}

// Who preempts whom by group priority, and who goes first by sub-priority and number.
static void priorities(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, 0xD0C, 0x05FA0500); // PRIGROUP 5: bits 7:6 preempt, 5:4 order
    rig_enable(c, 10, 0x90);
    rig_enable(c, 11, 0x80);
    rig_enable(c, 12, 0x80);
    scs_set(c, 0x200, 7 << 10);
    g_assert_cmpuint(cm_exc_pending(c), ==, 27); // 11: sub-priority before 10, number before 12
    rig_boundary(c);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0); // the same group does not preempt
    rig_enable(c, 13, 0x70);
    scs_set(c, 0x200, 1 << 13);
    g_assert_cmpuint(cm_exc_pending(c), ==, 29);
    scs_set(c, 0xD0C, 0x05FA0700); // no group bits: nobody preempts
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    scs_set(c, 0xD0C, 0x05FA0000);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, 29);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 27);
    rig_return(c); // tail-chains to 12, then to 10
    g_assert_cmpuint(ipsr(c), ==, 28);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 26);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 0);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK);
    rig_free(c);
}

static void masks(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 3, 0x60);
    scs_set(c, 0x200, 8);
    c->r[CM_PRIMASK] = 1;
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    c->r[CM_PRIMASK] = 0;
    c->r[CM_BASEPRI] = 0x60;
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    c->r[CM_BASEPRI] = 0x70;
    g_assert_cmpuint(cm_exc_pending(c), ==, 19);
    c->r[CM_FAULTMASK] = 1;
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    line_set(&c->nmi, true);
    g_assert_cmpuint(cm_exc_pending(c), ==, EXC_NMI);
    rig_boundary(c);
    c->now++;
    rig_return(c); // from the NMI: FAULTMASK stays
    g_assert_cmphex(c->r[CM_FAULTMASK], ==, 1);
    c->r[CM_FAULTMASK] = 0;
    rig_boundary(c);
    c->r[CM_FAULTMASK] = 1;
    scs_set(c, 0x280, 8);
    rig_return(c);
    g_assert_cmphex(c->r[CM_FAULTMASK], ==, 0);
    rig_free(c);
}

static void tail_chain(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    rig_enable(c, 2, 0x80);
    cm_exc_irq(c, 1, true);
    rig_boundary(c);
    rig_run(c, 20);
    cm_exc_irq(c, 1, false);
    cm_exc_irq(c, 2, true);
    uint64_t before = c->now;
    uint32_t sp = c->r[CM_MSP];
    rig_return(c);
    g_assert_cmpuint(c->now - before, ==, 6);
    g_assert_cmpuint(ipsr(c), ==, 18);
    g_assert_cmphex(c->r[CM_MSP], ==, sp);
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFF9);
    // Still requested: taken again after its handler, as on a level-sensitive line.
    rig_run(c, 20);
    g_assert_cmphex(scs(c, 0x200), ==, 0);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 18);
    // A pulse during the handler pends once more.
    cm_exc_irq(c, 2, false);
    cm_exc_irq(c, 2, true);
    cm_exc_irq(c, 2, false);
    g_assert_cmphex(scs(c, 0x200), ==, 4);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 18);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 0);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK);
    rig_free(c);
}

typedef struct {
    event_t e;
    rig_t *c;
    unsigned irq;
} kick_t;

static void kick_fire(void *ctx, uint64_t now_ps)
{
    kick_t *k = ctx;
    cm_exc_irq(k->c, k->irq, true);
}

static void kick_at(kick_t *k, rig_t *c, unsigned irq, uint64_t cycle)
{
    k->c = c;
    k->irq = irq;
    event_init(&k->e, "kick", kick_fire, k);
    event_at(&c->m.events, &k->e, clk_ps(&c->clk, cycle));
}

static void late_arrival(void)
{
    // Cycle of the second request after the first, cycles until the second's handler runs.
    static const struct { unsigned at, until; bool nested; } cases[] = {
        { 3, 12, false }, { 6, 12, false }, { 8, 14, false }, { 11, 17, false }, { 12, 24, true },
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        rig_t *c = rig_new(false);
        rig_enable(c, 1, 0x80);
        rig_enable(c, 2, 0x40);
        kick_t k;
        kick_at(&k, c, 2, c->now + cases[i].at);
        uint64_t before = c->now;
        cm_exc_irq(c, 1, true);
        rig_boundary(c);
        rig_boundary(c); // before the handler's first instruction
        g_assert_cmpuint(ipsr(c), ==, 18);
        g_assert_cmpuint(c->now - before, ==, cases[i].until);
        g_assert_cmphex(c->r[CM_LR], ==, cases[i].nested ? 0xFFFFFFF1 : 0xFFFFFFF9);
        g_assert_cmphex(c->r[CM_MSP], ==, cases[i].nested ? STACK - 0x40 : STACK - 0x20);
        cm_exc_irq(c, 2, false);
        cm_exc_irq(c, 1, false);
        c->now += 10;
        rig_return(c);
        g_assert_cmpuint(ipsr(c), ==, 17);
        rig_return(c);
        g_assert_cmpuint(ipsr(c), ==, 0);
        g_assert_cmphex(c->r[CM_MSP], ==, STACK);
        g_assert_cmphex(scs(c, 0x300), ==, 0);
        rig_free(c);
    }
}

// A request during unstacking abandons it.
static void late_arrival_at_return(void)
{
    static const struct { unsigned at, until; } cases[] = { { 5, 11 }, { 9, 15 }, { 10, 22 } };
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        rig_t *c = rig_new(false);
        rig_enable(c, 1, 0x80);
        rig_enable(c, 2, 0x80);
        scs_set(c, 0x200, 2);
        rig_boundary(c);
        rig_run(c, 20);
        kick_t k;
        kick_at(&k, c, 2, c->now + cases[i].at);
        uint64_t before = c->now;
        rig_return(c);
        rig_boundary(c);
        g_assert_cmpuint(ipsr(c), ==, 18);
        g_assert_cmpuint(c->now - before, ==, cases[i].until);
        cm_exc_irq(c, 2, false);
        rig_return(c);
        g_assert_cmphex(c->r[CM_MSP], ==, STACK);
        g_assert_cmphex(c->r[CM_R0 + 2], ==, 0x1002);
        rig_free(c);
    }
}

static void fill_fp(rig_t *c, uint32_t from)
{
    for (unsigned i = 0; i < 32; i++)
        c->r[CM_S0 + i] = from + i;
    c->r[CM_FPSCR] = from << 20;
}

static void fp_frame(void)
{
    for (unsigned lazy = 0; lazy < 2; lazy++) {
        rig_t *c = rig_new(false);
        g_assert_true(c->fp_trap); // CPACR is 0
        scs_set(c, 0xD88, 0xF << 20);
        g_assert_false(c->fp_trap);
        scs_set(c, 0xF34, lazy ? 0xC0000000 : 0x80000000);
        rig_enable(c, 1, 0x80);
        fill_fp(c, 0x100);
        c->r[CM_CONTROL] = CONTROL_FPCA;
        c->r[CM_MSP] = STACK - 4; // always aligned to 8 with a floating-point frame
        uint64_t before = c->now;
        scs_set(c, 0x200, 2);
        rig_boundary(c);
        g_assert_cmpuint(c->now - before, ==, lazy ? 12 : 29);
        uint32_t sp = c->r[CM_MSP];
        g_assert_cmphex(sp, ==, STACK - 0x70);
        g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFE9);
        g_assert_cmphex(c->r[CM_CONTROL], ==, 0);
        g_assert_cmpint(c->fp_trap, ==, lazy);
        if (lazy) {
            g_assert_cmphex(scs(c, 0xF34), ==, 0xC0000019); // LSPACT, THREAD, HFRDY
            g_assert_cmphex(scs(c, 0xF38), ==, sp + 0x20);
            g_assert_cmphex(rig_ram(c, sp + 0x20), ==, 0);
            before = c->now;
            g_assert_true(cm_exc_fp(c));
            g_assert_cmpuint(c->now - before, ==, 17);
            g_assert_false(c->fp_trap);
        }
        g_assert_cmphex(scs(c, 0xF34) & 1, ==, 0);
        g_assert_cmphex(rig_ram(c, sp + 0x20 + 60), ==, 0x10F);
        g_assert_cmphex(rig_ram(c, sp + 0x60), ==, 0x10000000);
        fill_fp(c, 0x200);
        c->r[CM_CONTROL] = CONTROL_FPCA; // the handler used the FPU
        before = c->now;
        rig_return(c);
        g_assert_cmpuint(c->now - before, ==, 27);
        g_assert_cmphex(c->r[CM_S0 + 15], ==, 0x10F);
        g_assert_cmphex(c->r[CM_S0 + 16], ==, 0x210); // callee-saved: not in the frame
        g_assert_cmphex(c->r[CM_FPSCR], ==, 0x10000000);
        g_assert_cmphex(c->r[CM_CONTROL], ==, CONTROL_FPCA);
        g_assert_cmphex(c->r[CM_MSP], ==, STACK - 4);
        rig_free(c);
    }
}

// A handler that leaves the FPU alone: the frame is never written, and the return is short.
static void fp_lazy_unused(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, 0xD88, 0xF << 20);
    rig_enable(c, 1, 0x80);
    fill_fp(c, 0x100);
    c->r[CM_CONTROL] = CONTROL_FPCA;
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    uint64_t before = c->now;
    rig_return(c);
    g_assert_cmpuint(c->now - before, ==, 10);
    g_assert_false(c->fp_trap);
    g_assert_cmphex(c->r[CM_S0], ==, 0x100);
    g_assert_cmphex(c->r[CM_MSP], ==, STACK);
    g_assert_cmphex(c->r[CM_CONTROL], ==, CONTROL_FPCA);
    g_assert_cmphex(rig_ram(c, STACK - 0x68 + 0x20), ==, 0);
    rig_free(c);
}

static void faults(void)
{
    static const struct {
        cm_fault_t kind;
        unsigned exception;
        uint32_t enable, cfsr;
    } cases[] = {
        { CM_FAULT_BUS_DATA, EXC_BUS, SHCSR_BUSFAULTENA, 0x8200 },
        { CM_FAULT_BUS_FETCH, EXC_BUS, SHCSR_BUSFAULTENA, 0x100 },
        { CM_FAULT_XN, EXC_MEM, SHCSR_MEMFAULTENA, 1 },
        { CM_FAULT_UNDEFINED, EXC_USAGE, SHCSR_USGFAULTENA, 1 << 16 },
        { CM_FAULT_INVSTATE, EXC_USAGE, SHCSR_USGFAULTENA, 2 << 16 },
        { CM_FAULT_NOCP, EXC_USAGE, SHCSR_USGFAULTENA, 8 << 16 },
        { CM_FAULT_UNALIGNED, EXC_USAGE, SHCSR_USGFAULTENA, 0x100 << 16 },
        { CM_FAULT_DIVBYZERO, EXC_USAGE, SHCSR_USGFAULTENA, 0x200 << 16 },
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
        for (unsigned enabled = 0; enabled < 2; enabled++) {
            rig_t *c = rig_new(false);
            scs_set(c, 0xD24, enabled ? cases[i].enable : 0);
            uint64_t before = c->now;
            cm_exc_fault(c, cases[i].kind, 0x60000004);
            g_assert_cmpuint(c->now - before, ==, 12);
            g_assert_cmpuint(ipsr(c), ==, enabled ? cases[i].exception : EXC_HARD);
            g_assert_cmphex(scs(c, 0xD28), ==, cases[i].cfsr);
            g_assert_cmphex(scs(c, 0xD2C), ==, enabled ? 0 : HFSR_FORCED);
            if (cases[i].kind == CM_FAULT_BUS_DATA)
                g_assert_cmphex(scs(c, 0xD38), ==, 0x60000004);
            g_assert_cmphex(rig_ram(c, c->r[CM_MSP] + 0x18), ==, THREAD_PC);
            scs_set(c, 0xD28, cases[i].cfsr);
            g_assert_cmphex(scs(c, 0xD28), ==, 0);
            scs_set(c, 0xD2C, HFSR_FORCED);
            g_assert_cmphex(scs(c, 0xD2C), ==, 0);
            g_assert_false(c->locked);
            g_assert_cmpuint(c->reports, ==, 1);
            rig_free(c);
        }
}

// Escalation by priority, then lock-up, then the NMI as the way out.
static void escalation_and_lockup(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, 0xD24, SHCSR_USGFAULTENA);
    rig_enable(c, 7, 0);
    scs_set(c, 0xD18, 0x00200000); // UsageFault at 0x20: below interrupt 7
    scs_set(c, 0x200, 1 << 7);
    rig_boundary(c);
    cm_exc_fault(c, CM_FAULT_UNDEFINED, 0);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD2C), ==, HFSR_FORCED);
    g_assert_false(c->locked);
    cm_exc_fault(c, CM_FAULT_BUS_DATA, 4);
    g_assert_true(c->locked);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    scs_set(c, 0x200, 1 << 8);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    line_set(&c->nmi, true);
    g_assert_cmpuint(cm_exc_pending(c), ==, EXC_NMI);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_NMI);
    c->locked = false;
    cm_exc_svc(c); // SVC in the NMI handler
    g_assert_true(c->locked);
    rig_free(c);
}

static void bad_vector(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    c->vectors[17] &= ~1u; // not Thumb
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD28), ==, UFSR_INVSTATE);
    g_assert_cmphex(rig_ram(c, c->r[CM_MSP] + 0x18), ==, HANDLER(17));
    rig_free(c);

    c = rig_new(false);
    scs_set(c, 0xD08, 0x30000000); // no memory there: HardFault's vector cannot be read either
    rig_enable(c, 1, 0x80);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    g_assert_true(c->locked);
    g_assert_cmphex(scs(c, 0xD2C), ==, HFSR_VECTTBL);
    rig_free(c);
}

static void bad_stack(void)
{
    rig_t *c = rig_new(false);
    c->r[CM_MSP] = 0x20000010; // the frame does not fit
    rig_enable(c, 1, 0x80);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD28), ==, BFSR_STKERR);
    g_assert_cmphex(scs(c, 0xD2C), ==, HFSR_FORCED);
    g_assert_cmphex(scs(c, 0x200), ==, 2); // still to come
    g_assert_cmphex(c->r[CM_MSP], ==, 0x1FFFFFF0);
    rig_free(c);

    // BusFault of a lower priority than the interrupt only pends.
    c = rig_new(false);
    scs_set(c, 0xD24, SHCSR_BUSFAULTENA);
    scs_set(c, 0xD18, 0x0000F000);
    c->r[CM_MSP] = 0x20000010;
    rig_enable(c, 1, 0x80);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, 17);
    g_assert_cmphex(scs(c, 0xD24), ==, SHCSR_BUSFAULTENA | 1 << 14);
    rig_free(c);

    c = rig_new(false); // unstacking
    scs_set(c, 0xD24, SHCSR_BUSFAULTENA);
    rig_enable(c, 1, 0x80);
    scs_set(c, 0x200, 2);
    rig_boundary(c);
    c->r[CM_MSP] = 0x30000000;
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_BUS);
    g_assert_cmphex(scs(c, 0xD28), ==, BFSR_UNSTKERR);
    g_assert_cmphex(c->r[CM_LR], ==, 0xFFFFFFF9);
    rig_free(c);
}

static void bad_return(void)
{
    static const struct { uint32_t value; bool frame; } cases[] = {
        { 0xFFFFFFF1, true },  // to handler mode, but the frame is a thread's
        { 0xFFFFFFF5, false }, // no such value
        { 0xFFFFFF00, false },
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        rig_t *c = rig_new(false);
        scs_set(c, 0xD24, SHCSR_USGFAULTENA);
        rig_enable(c, 1, 0x80);
        scs_set(c, 0x200, 2);
        rig_boundary(c);
        cm_exc_return(c, cases[i].value);
        g_assert_cmpuint(ipsr(c), ==, EXC_USAGE);
        g_assert_cmphex(scs(c, 0xD28), ==, UFSR_INVPC);
        g_assert_cmphex(scs(c, 0x300), ==, 0); // deactivated all the same
        g_assert_cmphex(c->r[CM_MSP], ==, STACK - 0x20);
        rig_free(c);
    }
    // To thread mode from a nested handler, unless CCR allows it.
    for (unsigned allowed = 0; allowed < 2; allowed++) {
        rig_t *c = rig_new(false);
        rig_enable(c, 1, 0x80);
        rig_enable(c, 2, 0x40);
        scs_set(c, 0xD14, allowed);
        scs_set(c, 0x200, 2);
        rig_boundary(c);
        c->now++;
        scs_set(c, 0x200, 4);
        rig_boundary(c);
        memset(c->ram + (c->r[CM_MSP] + 0x1C - 0x20000000), 0, 2); // IPSR of the frame
        cm_exc_return(c, 0xFFFFFFF9);
        g_assert_cmpuint(ipsr(c), ==, allowed ? 0 : EXC_HARD);
        rig_free(c);
    }
}

static void calls(void)
{
    rig_t *c = rig_new(false);
    c->r[CM_PC] = THREAD_PC + 2;
    cm_exc_svc(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_SVC);
    g_assert_cmphex(rig_ram(c, c->r[CM_MSP] + 0x18), ==, THREAD_PC + 2);
    scs_set(c, 0xD04, 1 << 28); // PendSV, of the same priority: after SVC
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_SVC);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_PENDSV);
    rig_return(c);
    c->r[CM_PRIMASK] = 1;
    cm_exc_svc(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD2C), ==, HFSR_FORCED);
    rig_free(c);

    c = rig_new(false);
    cm_exc_bkpt(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD2C), ==, HFSR_DEBUGEVT);
    g_assert_cmphex(scs(c, 0xD30), ==, 2);
    rig_free(c);

    c = rig_new(false);
    scs_set(c, 0xDFC, 1 << 16); // MON_EN
    cm_exc_bkpt(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_DEBUG);
    rig_free(c);
}

static void imprecise(void)
{
    rig_t *c = rig_new(false);
    scs_set(c, 0xD24, SHCSR_BUSFAULTENA);
    c->r[CM_PRIMASK] = 1; // it waits, unlike a precise one
    g_assert_true(cm_exc_store_fault(c, 0x60000000));
    g_assert_cmphex(scs(c, 0xD28), ==, BFSR_IMPRECISERR);
    g_assert_cmpuint(cm_exc_pending(c), ==, 0);
    c->r[CM_PRIMASK] = 0;
    rig_boundary(c);
    g_assert_cmpuint(ipsr(c), ==, EXC_BUS);
    scs_set(c, 0x008, 2); // DISDEFWBUF
    g_assert_false(cm_exc_store_fault(c, 0x60000000));
    rig_free(c);
}

static void no_fpu_access(void)
{
    rig_t *c = rig_new(false);
    g_assert_false(cm_exc_fp(c));
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD28), ==, UFSR_NOCP);
    rig_free(c);
    c = rig_new(false);
    scs_set(c, 0xD88, 5 << 20); // privileged code only
    g_assert_true(cm_exc_fp(c));
    c->r[CM_CONTROL] = CONTROL_NPRIV;
    g_assert_false(cm_exc_fp(c));
    rig_free(c);
}

static void armv6m(void)
{
    rig_t *c = rig_new(true);
    rig_enable(c, 1, 0xFF);
    g_assert_cmphex(scs(c, 0x400), ==, 0xC000);
    rig_enable(c, 2, 0x80);
    scs_set(c, 0x200, 6);
    uint64_t before = c->now;
    rig_boundary(c);
    g_assert_cmpuint(c->now - before, ==, 16);
    g_assert_cmpuint(ipsr(c), ==, 18);
    cm_exc_fault(c, CM_FAULT_BUS_DATA, 0);
    g_assert_cmpuint(ipsr(c), ==, EXC_HARD);
    g_assert_cmphex(scs(c, 0xD28), ==, 0); // no status
    g_assert_cmphex(scs(c, 0xD00), ==, 0x410CC200);
    g_assert_cmphex(scs(c, 0xD08), ==, 0);
    rig_return(c);
    g_assert_cmpuint(ipsr(c), ==, 18);
    cm_exc_fault(c, CM_FAULT_UNDEFINED, 0);
    cm_exc_fault(c, CM_FAULT_UNDEFINED, 0);
    g_assert_true(c->locked);
    rig_free(c);
}

static void system_reset(void)
{
    rig_t *c = rig_new(false);
    rig_enable(c, 1, 0x80);
    cm_exc_irq(c, 2, true);
    scs_set(c, 0xD08, 0x20000000);
    cm_exc_fault(c, CM_FAULT_UNDEFINED, 0);
    cm_exc_reset(c, false);
    c->r[CM_XPSR] = XPSR_T;
    g_assert_cmphex(scs(c, 0x100), ==, 0);
    g_assert_cmphex(scs(c, 0x200), ==, 4); // its line is still up
    g_assert_cmphex(scs(c, 0xD08), ==, 0);
    g_assert_cmphex(scs(c, 0xD28), ==, 0);
    g_assert_cmphex(scs(c, 0xD14), ==, 0x200);
    rig_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exc/entry_and_return", entry_and_return);
    g_test_add_func("/exc/stack_alignment", stack_alignment);
    g_test_add_func("/exc/process_stack", process_stack);
    g_test_add_func("/exc/priorities", priorities);
    g_test_add_func("/exc/masks", masks);
    g_test_add_func("/exc/tail_chain", tail_chain);
    g_test_add_func("/exc/late_arrival", late_arrival);
    g_test_add_func("/exc/late_arrival_at_return", late_arrival_at_return);
    g_test_add_func("/exc/fp_frame", fp_frame);
    g_test_add_func("/exc/fp_lazy_unused", fp_lazy_unused);
    g_test_add_func("/exc/faults", faults);
    g_test_add_func("/exc/escalation_and_lockup", escalation_and_lockup);
    g_test_add_func("/exc/bad_vector", bad_vector);
    g_test_add_func("/exc/bad_stack", bad_stack);
    g_test_add_func("/exc/bad_return", bad_return);
    g_test_add_func("/exc/calls", calls);
    g_test_add_func("/exc/imprecise", imprecise);
    g_test_add_func("/exc/no_fpu_access", no_fpu_access);
    g_test_add_func("/exc/armv6m", armv6m);
    g_test_add_func("/exc/system_reset", system_reset);
    return g_test_run();
}
