// SPDX-License-Identifier: GPL-2.0-or-later
// A register file and memory in the place of the Cortex-M engine, for tests of the exception model
// without a CPU. RAM at 0x20000000, vectors at 0: exception n leads to HANDLER(n). A cycle is 10 ns.
#pragma once
#include "cpu/cortexm_exc.h"

#define HANDLER(n) (0x08000000u + 0x100 * (n))
#define STACK 0x20008000u
#define THREAD_PC 0x08010000u
#define CYCLE_PS 10000
enum { RIG_IRQS = 82 };

struct cortexm {
    cpu_t cpu;
    machine_t m;
    soc_t soc;
    clk_t clk;
    line_t deepsleep, sleeping, lockup, nmi;
    cm_exc_t *exc;
    bool v6m;
    uint32_t r[CM_REGS];
    uint8_t ram[0x10000];
    uint32_t vectors[EXC_COUNT];
    bool vectors_gone;
    uint64_t now;
    bool in_event, asleep, locked, reset_wanted, fp_trap, unaligned_trap, div0_trap;
    unsigned reports, unmodelled;
};
typedef struct cortexm rig_t;

rig_t *rig_new(bool v6m);
void rig_free(rig_t *c);
// Time passes; events due come; what pends is taken.
void rig_boundary(rig_t *c);
void rig_run(rig_t *c, unsigned cycles);
void rig_run_to(rig_t *c, uint64_t cycle);
void rig_return(rig_t *c); // BX LR in a handler
uint32_t rig_ram(rig_t *c, uint32_t address);
uint32_t scs(rig_t *c, uint32_t offset);
void scs_set(rig_t *c, uint32_t offset, uint32_t value);
void rig_enable(rig_t *c, unsigned irq, uint8_t priority);
static inline unsigned ipsr(rig_t *c) { return c->r[CM_XPSR] & 0x1FF; }
