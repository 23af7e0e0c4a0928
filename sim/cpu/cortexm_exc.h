// SPDX-License-Identifier: GPL-2.0-or-later
// Shared by the files of the exception model: cortexm_exc.c (priorities, entry, return, sleep),
// cortexm_fault.c, cortexm_scs.c (NVIC and SCB registers) and cortexm_timers.c (SysTick, DWT).
// What the engine may use is in cortexm.h.
#pragma once
#include "cortexm.h"
#include "../event.h"
#include "../machine.h"

enum {
    EXC_RESET = 1,
    EXC_NMI = 2,
    EXC_HARD = 3,
    EXC_MEM = 4,
    EXC_BUS = 5,
    EXC_USAGE = 6,
    EXC_SVC = 11,
    EXC_DEBUG = 12,
    EXC_PENDSV = 14,
    EXC_SYSTICK = 15,
    EXC_IRQ0 = 16,
    EXC_COUNT = 256,
};

// CFSR
#define MMFSR_IACCVIOL  (1u << 0)
#define BFSR_IBUSERR     (1u << 8)
#define BFSR_PRECISERR   (1u << 9)
#define BFSR_IMPRECISERR (1u << 10)
#define BFSR_UNSTKERR    (1u << 11)
#define BFSR_STKERR      (1u << 12)
#define BFSR_LSPERR      (1u << 13)
#define BFSR_VALID       (1u << 15)
#define UFSR_UNDEFINSTR (1u << 16)
#define UFSR_INVSTATE   (1u << 17)
#define UFSR_INVPC      (1u << 18)
#define UFSR_NOCP       (1u << 19)
#define UFSR_UNALIGNED  (1u << 24)
#define UFSR_DIVBYZERO  (1u << 25)
// HFSR
#define HFSR_VECTTBL  (1u << 1)
#define HFSR_FORCED   (1u << 30)
#define HFSR_DEBUGEVT (1u << 31)
// SHCSR
#define SHCSR_MEMFAULTENA (1u << 16)
#define SHCSR_BUSFAULTENA (1u << 17)
#define SHCSR_USGFAULTENA (1u << 18)
// CCR
#define CCR_NONBASETHRDENA (1u << 0)
#define CCR_USERSETMPEND   (1u << 1)
#define CCR_UNALIGN_TRP    (1u << 3)
#define CCR_DIV_0_TRP      (1u << 4)
#define CCR_BFHFNMIGN      (1u << 8)
#define CCR_STKALIGN       (1u << 9)
// SCR
#define SCR_SLEEPONEXIT (1u << 1)
#define SCR_SLEEPDEEP   (1u << 2)
#define SCR_SEVONPEND   (1u << 4)
// ACTLR
#define ACTLR_DISDEFWBUF (1u << 1) // every store waits for its answer
// FPCCR
#define FPCCR_LSPACT (1u << 0)
#define FPCCR_USER   (1u << 1)
#define FPCCR_THREAD (1u << 3)
#define FPCCR_HFRDY  (1u << 4)
#define FPCCR_MMRDY  (1u << 5)
#define FPCCR_BFRDY  (1u << 6)
#define FPCCR_MONRDY (1u << 8)
#define FPCCR_LSPEN  (1u << 30)
#define FPCCR_ASPEN  (1u << 31)
// CONTROL
#define CONTROL_NPRIV (1u << 0)
#define CONTROL_SPSEL (1u << 1)
#define CONTROL_FPCA  (1u << 2)
// xPSR
#define XPSR_ALIGN  (1u << 9)
#define XPSR_T      (1u << 24)
#define XPSR_IPSR   0x1FFu
#define XPSR_APSR   0xF80F0000u
#define XPSR_EPSR   0x0700FC00u // T, ICI/IT
#define DEMCR_TRCENA (1u << 24)

// Keys of reports that are told once: what in the upper half, where in the lower.
#define REPORT_FAULT(kind) ((UINT64_C(0x100) + (kind)) << 40)
#define REPORT_STORE       (UINT64_C(0x110) << 40)
#define REPORT_BKPT        (UINT64_C(0x111) << 40)
#define REPORT_RETURN      (UINT64_C(0x112) << 40)
#define REPORT_STACKING    (UINT64_C(0x113) << 40)
#define REPORT_UNSTACKING  (UINT64_C(0x114) << 40)

// An exception entry or return that has just ended. While no instruction has run since, a later
// exception may still take its place (late arrival, or a return that was not worth its while).
typedef struct cm_sequence {
    bool valid;
    uint8_t exception; // entered, or returned from
    uint64_t end;      // cycle
    uint32_t pc;       // where it led to
    uint32_t exc_return;
} cm_sequence_t;

// Everything that a snapshot saves of the exception model.
typedef struct cm_exc_state {
    uint32_t pending[EXC_COUNT / 32], enabled[EXC_COUNT / 32], active[EXC_COUNT / 32];
    uint32_t level[EXC_COUNT / 32]; // of the request lines
    uint8_t priority[EXC_COUNT];    // of exceptions from MemManage on
    uint64_t arrived[EXC_COUNT];    // cycle at which it became pending
    uint32_t prigroup, vtor, scr, ccr, cfsr, hfsr, dfsr, mmfar, bfar, cpacr, actlr;
    uint32_t fpccr, fpcar, fpdscr;
    uint32_t demcr;
    uint32_t mpu_ctrl, mpu_rnr, mpu_rbar[8], mpu_rasr[8];
    // SysTick: the counter was `st_value` at tick `st_epoch` of its clock.
    uint32_t st_ctrl, st_load, st_value;
    uint64_t st_epoch, st_wraps; // wraps since the epoch that COUNTFLAG has told
    bool st_flag;
    // DWT: CYCCNT is `base` + (cycles awake - `epoch`) while it runs.
    struct cm_dwt {
        uint32_t ctrl, base;
        uint64_t epoch;
        uint32_t comp[4], mask[4], function[4];
    } dwt;
    bool event, sleeping, sleeping_wfe, locked;
    uint64_t sleep_since, slept; // cycles
    cm_sequence_t entry, exit;
} cm_exc_state_t;

struct cm_exc {
    cortexm_t *cpu;
    machine_t *m;
    bool v6m, fpu;
    unsigned irqs;          // external interrupt lines
    unsigned count;         // exceptions: 16 + irqs
    uint8_t priority_mask;  // implemented bits
    uint8_t scs_row[1024]; // word of the System Control Space -> row of its table + 1
    event_t systick;
    line_t *deepsleep;      // for the power controller: asleep with SLEEPDEEP set
    line_t *lockup;
    line_t *sleeping;       // for watchdogs: asleep at all
    cm_exc_state_t s;
    // Derived from s by cm_exc_update.
    unsigned best;          // most urgent pending and enabled exception, 0 = none
    int best_priority, active_priority;
};

static inline bool cm_bit(const uint32_t *set, unsigned n) { return set[n / 32] >> n % 32 & 1; }
static inline void cm_bit_set(uint32_t *set, unsigned n, bool on)
{
    if (on)
        set[n / 32] |= 1u << n % 32;
    else
        set[n / 32] &= ~(1u << n % 32);
}

int cm_exc_priority(const cm_exc_t *e, unsigned n);  // as configured; NMI -2, HardFault -1
int cm_exc_group(const cm_exc_t *e, int priority);   // the part of it that preempts
int cm_exc_execution_priority(cm_exc_t *e);          // what runs now, with the masks; 256 = thread
void cm_exc_update(cm_exc_t *e);                     // after pending, enabled, priorities changed
void cm_exc_pend(cm_exc_t *e, unsigned n);
void cm_exc_unpend(cm_exc_t *e, unsigned n);
bool cm_exc_enabled(const cm_exc_t *e, unsigned n);
bool cm_exc_privileged(cm_exc_t *e);
void cm_exc_lockup(cm_exc_t *e, const char *why);
// Pends a synchronous exception, or HardFault when it cannot run now; FALSE: locked up.
bool cm_exc_raise(cm_exc_t *e, unsigned n);
void cm_exc_unstack_fault(cm_exc_t *e);
bool cm_exc_store_fp(cm_exc_t *e, uint32_t at); // S0-S15 and FPSCR
void cm_exc_fp_update(cm_exc_t *e);             // CPACR or FPCCR.LSPACT changed
void cm_scs_create(cm_exc_t *e);

// Timers.
void cm_timers_reset(cm_exc_t *e);
void cm_timers_create(cm_exc_t *e);
void cm_timers_destroy(cm_exc_t *e);
uint32_t cm_systick_read(cm_exc_t *e, uint32_t offset, bool peek);
void cm_systick_write(cm_exc_t *e, uint32_t offset, uint32_t value);
uint32_t cm_dwt_read(cm_exc_t *e, uint32_t offset);
void cm_dwt_write(cm_exc_t *e, uint32_t offset, uint32_t value);
void cm_dwt_set_demcr(cm_exc_t *e, uint32_t demcr); // TRCENA gates the counter
