// SPDX-License-Identifier: GPL-2.0-or-later
// Cortex-M: the boundary between the engine (cortexm.c and cortexm_*.c: executes instructions on
// Unicorn and counts their cycles) and the exception model (cortexm_exc.c, cortexm_scs.c: everything
// that Unicorn does not have). Private to sim/cpu/. The engine's own insides are in cortexm_int.h.
//
// Times. An exception is looked at on instruction boundaries only. Whenever the engine calls one of
// the cm_exc_ functions outside an access to 0xE0000000-0xE00FFFFF, cm_get(c, CM_PC) is the address
// of the instruction that would run next (for a fault: of the one that failed; its effects are
// undone), and cm_now(c) is the time of that boundary.
#pragma once
#include "../cpu.h"
#include "../machine.h"

typedef struct cortexm cortexm_t; // its first member is a cpu_t: cast freely
typedef struct cm_exc cm_exc_t;   // the exception model's state

// ---- The engine's side: for cortexm_exc.c and cortexm_scs.c ----------------------------------------

typedef enum {
    CM_R0, CM_R1, CM_R2, CM_R3, CM_R4, CM_R5, CM_R6, CM_R7, CM_R8, CM_R9, CM_R10, CM_R11, CM_R12,
    CM_SP, // the one in use: writing CM_XPSR (IPSR) or CM_CONTROL may change which one that is
    CM_LR,
    CM_PC, // bit 0 is always clear; the core stays in Thumb state
    CM_XPSR, // N Z C V Q GE, IPSR, IT/ICI; the T bit reads 1 and is not written
    CM_MSP, CM_PSP,
    CM_CONTROL, // nPRIV, SPSEL, FPCA (set by the core when a floating-point instruction ran)
    CM_PRIMASK, CM_BASEPRI, CM_FAULTMASK,
    CM_FPSCR,
    CM_S0, // CM_S0 + n
    CM_S31 = CM_S0 + 31,
    CM_REGS
} cm_reg_t;

uint32_t cm_get(cortexm_t *c, unsigned reg);
void cm_set(cortexm_t *c, unsigned reg, uint32_t value);
void cm_get_many(cortexm_t *c, const uint8_t *regs, uint32_t *values, unsigned n);
void cm_set_many(cortexm_t *c, const uint8_t *regs, const uint32_t *values, unsigned n);

machine_t *cm_machine(const cortexm_t *c);
const struct soc *cm_soc(const cortexm_t *c);
cm_exc_t *cm_exc(const cortexm_t *c); // what cm_exc_create returned
bool cm_v6m(const cortexm_t *c);      // Cortex-M0: ARMv6-M
bool cm_in_step(const cortexm_t *c);  // a debugger steps one instruction

// Data accesses as the core makes them for stacking, unstacking and vectors: with side effects on
// peripherals, wait states added to the count. size 1, 2, 4. FALSE: bus error (nothing is raised).
bool cm_load(cortexm_t *c, uint32_t address, unsigned size, uint32_t *value);
bool cm_store(cortexm_t *c, uint32_t address, unsigned size, uint32_t value);

uint64_t cm_now(const cortexm_t *c);          // cycles, exact also inside an access
void cm_add_cycles(cortexm_t *c, unsigned n); // the core was busy (entry, return, tail-chain)

// Something that cm_exc_pending answers, or a mask, may have changed: asked again at the next
// instruction boundary. Cheap; may be called from anywhere, also when nothing changed.
void cm_attention(cortexm_t *c);
// Floating-point instructions are (not) to be announced by cm_exc_fp before they run: CPACR denies
// them, or a lazily stacked frame waits to be written (FPCCR.LSPACT).
void cm_set_fp_trap(cortexm_t *c, bool on);
// CCR.UNALIGN_TRP / CCR.DIV_0_TRP: the engine then raises CM_FAULT_UNALIGNED / CM_FAULT_DIVBYZERO.
void cm_set_traps(cortexm_t *c, bool unaligned, bool div0);
// The core wakes from cm_exc_sleep.
void cm_wake(cortexm_t *c);
void cm_want_reset(cortexm_t *c); // AIRCR.SYSRESETREQ: run() ends with CPU_RESET after this instruction
void cm_lockup(cortexm_t *c);     // run() ends with CPU_LOCKUP until reset or an exception is taken

// ---- The exception model's side: for the engine ----------------------------------------------------

typedef enum {
    CM_FAULT_BUS_DATA,   // precise data bus error; address is valid
    CM_FAULT_BUS_FETCH,  // instruction fetch from where nothing answers
    CM_FAULT_XN,         // instruction fetch from an execute-never region
    CM_FAULT_UNDEFINED,  // undefined instruction
    CM_FAULT_INVSTATE,   // execution with the Thumb bit clear
    CM_FAULT_UNALIGNED,
    CM_FAULT_DIVBYZERO,
    CM_FAULT_NOCP,       // a coprocessor instruction that is not the FPU's
} cm_fault_t;

cm_exc_t *cm_exc_create(cortexm_t *c, const struct soc *soc);
void cm_exc_destroy(cm_exc_t *e);
// Reset of the exception model. The engine has set all registers to their reset values and does the
// rest: MSP and PC from the vectors at soc->boot_address.
void cm_exc_reset(cortexm_t *c, bool power);

// The exception that preempts at this boundary, 0 = none. Pure, and cheap when nothing is pending.
unsigned cm_exc_pending(cortexm_t *c);
// Takes the one that cm_exc_pending tells (entry, tail-chaining, late arrival), with its cycles.
void cm_exc_take(cortexm_t *c);
// Branch to an EXC_RETURN value in handler mode (PC is meaningless).
void cm_exc_return(cortexm_t *c, uint32_t exc_return);
// Sets status registers and takes the fault's exception (or locks up).
void cm_exc_fault(cortexm_t *c, cm_fault_t kind, uint32_t address);
// A store was answered by nobody. TRUE: the write buffer had taken it, so the instruction has run and
// an imprecise fault pends; FALSE: the instruction fails (CM_FAULT_BUS_DATA).
bool cm_exc_store_fault(cortexm_t *c, uint32_t address);
void cm_exc_svc(cortexm_t *c);  // PC is behind the SVC
void cm_exc_bkpt(cortexm_t *c); // BKPT with no debugger attached; PC is the BKPT
// A floating-point instruction is about to run and the trap is on. TRUE: it may (the trap is off now);
// FALSE: an exception was taken instead.
bool cm_exc_fp(cortexm_t *c);
// WFI (wfe false) or WFE: PC is behind it. TRUE: the core sleeps until cm_wake. Also called, as WFI,
// on return from the last handler with SLEEPONEXIT: there the exception model may call cm_sleep.
bool cm_exc_sleep(cortexm_t *c, bool wfe);
void cm_sleep(cortexm_t *c); // engine: sleep as if WFI had run
void cm_exc_sev(cortexm_t *c);
void cm_exc_irq(cortexm_t *c, unsigned line, bool level);
void cm_exc_event(cortexm_t *c); // RXEV

// Accesses to 0xE0000000-0xE00FFFFF. FALSE: bus error.
bool cm_scs_read(cortexm_t *c, uint32_t address, unsigned size, uint32_t *value);
bool cm_scs_write(cortexm_t *c, uint32_t address, unsigned size, uint32_t value);
