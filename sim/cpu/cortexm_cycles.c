// SPDX-License-Identifier: GPL-2.0-or-later
// Cycles of Cortex-M4 and Cortex-M0 instructions without wait states.
//
// Documented: ARM DDI 0439 (Cortex-M4 TRM) 3.3.1 and 7.2.3, ARM DDI 0432 (Cortex-M0 TRM) 3.3. Where
// the manual gives a range, the value here is an assumption, marked so; it was chosen to agree with
// published measurements (subs + bne loop: 3 cycles on M4, 4 on M0).
#include "cortexm_int.h"

// Pipeline refill P of a taken branch. Manual: 1 to 3.
enum {
    M4_P_IMMEDIATE = 1, // assumption: the target of B, BL, CBZ is known early
    M4_P_REGISTER = 2,  // assumption: BX, BLX, MOV PC
    M4_P_LOAD = 3,      // assumption: LDR PC, LDM, POP, TBB
    M0_P = 2,           // documented: B, BX 3
};

typedef struct row {
    uint16_t id;
    uint8_t m4, m0; // 0: the core does not have it
} row_t;

// Everything that is not 1 cycle on both and is not a load, store or branch.
static const row_t rows[] = {
    {ARM_INS_SDIV, 2, 0},    {ARM_INS_UDIV, 2, 0}, // least; 12 at most
    {ARM_INS_MRS, 2, 4},     {ARM_INS_MSR, 2, 4}, // M4: assumption (1-2)
    {ARM_INS_DMB, 1, 4},     {ARM_INS_DSB, 1, 4}, // M4: assumption: nothing to drain
    {ARM_INS_ISB, 3, 4},     // M4: assumption: 1 + refill
    {ARM_INS_WFI, 1, 2},     {ARM_INS_WFE, 1, 2},
    {ARM_INS_VMLA, 3, 0},    {ARM_INS_VMLS, 3, 0},  {ARM_INS_VNMLA, 3, 0},  {ARM_INS_VNMLS, 3, 0},
    {ARM_INS_VFMA, 3, 0},    {ARM_INS_VFMS, 3, 0},  {ARM_INS_VFNMA, 3, 0},  {ARM_INS_VFNMS, 3, 0},
    // The manual lets integer instructions run on beside these two; not modelled.
    {ARM_INS_VDIV, 14, 0},   {ARM_INS_VSQRT, 14, 0},
};

static unsigned base_cost(bool v6m, unsigned id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].id == id)
            return v6m && rows[i].m0 ? rows[i].m0 : rows[i].m4;
    return 1;
}

static unsigned m4_taken(unsigned id, const cm_ins_t *ins)
{
    if (ins->load)
        return M4_P_LOAD;
    switch (id) {
    case ARM_INS_B: case ARM_INS_CBZ: case ARM_INS_CBNZ: case ARM_INS_BL:
        return M4_P_IMMEDIATE;
    default:
        return M4_P_REGISTER;
    }
}

static unsigned memory_cost(const cortexm_t *c, unsigned id, const cm_ins_t *ins)
{
    if (id == ARM_INS_TBB || id == ARM_INS_TBH)
        return 2;
    if (ins->list || ins->count > 1)
        return 1 + ins->count;
    if (c->v6m || ins->load || ins->index != CM_NO_REG || ins->fp)
        return 2;
    return 1; // STR with an immediate: the write buffer takes it
}

// Cycles when the instruction runs and, in *taken, more when it branches.
unsigned cm_cost(const cortexm_t *c, unsigned id, const cm_ins_t *ins, unsigned *taken)
{
    *taken = 0;
    if (ins->kind == INS_BRANCH) {
        if (!c->v6m)
            *taken = m4_taken(id, ins);
        else if (id == ARM_INS_BL)
            *taken = 3;
        else if (ins->load)
            *taken = 3; // POP with PC: 4 + N
        else
            *taken = M0_P;
    }
    return ins->load || ins->store ? memory_cost(c, id, ins) : base_cost(c->v6m, id);
}

// Manual: 2 to 12, "terminates when the divide calculation completes", by the leading zeros and ones
// of the operands. Assumption: 2 when the quotient is 0 or by zero; else 3, and 2 more for each 7 bits
// by which the dividend is longer than the divisor.
unsigned cm_divide_cycles(uint32_t n, uint32_t d, bool is_signed)
{
    if (is_signed && (int32_t)n < 0)
        n = -n;
    if (is_signed && (int32_t)d < 0)
        d = -d;
    if (!d || n < d)
        return 0;
    unsigned bits = __builtin_clz(d) - __builtin_clz(n);
    return 1 + (2 * bits + 6) / 7;
}
