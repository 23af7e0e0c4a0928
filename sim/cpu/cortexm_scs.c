// SPDX-License-Identifier: GPL-2.0-or-later
// The private peripheral bus of a Cortex-M, 0xE0000000-0xE00FFFFF: System Control Space (SysTick,
// NVIC, System Control Block, FPU and debug control), DWT, ROM table.
//
// After the ARMv7-M Architecture Reference Manual, B3 and C1, and the Cortex-M4 manual (DDI 0439)
// for reset and identification values. Not modelled, told at first use: MPU regions (stored; nothing is
// protected), FPDSCR other than 0, ITM, TPIU, ETM, FPB. A register of one width accepts all: bytes
// and half-words act on their lanes. Unprivileged code gets a bus error, except from STIR with
// CCR.USERSETMPEND.
#include "cortexm_exc.h"

typedef struct scs_row scs_row_t;
struct scs_row {
    uint16_t offset, count; // words
    bool v6m;               // ARMv6-M has it too
    uint32_t value;         // when `read` is NULL
    uint32_t (*read)(cm_exc_t *e, unsigned n);
    // `value` is zero outside `lanes`. NULL: read-only.
    void (*write)(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes);
};

static uint32_t merge(uint32_t old, uint32_t value, uint32_t lanes, uint32_t writable)
{
    lanes &= writable;
    return (old & ~lanes) | (value & lanes);
}

// ---- NVIC -------------------------------------------------------------------------------------------

// 32 interrupts from number 32n, out of a set of exceptions.
static uint32_t irq_word(const uint32_t *set, unsigned n)
{
    uint32_t high = n + 1 < EXC_COUNT / 32 ? set[n + 1] : 0;
    return set[n] >> EXC_IRQ0 | high << (32 - EXC_IRQ0);
}

static void irq_change(cm_exc_t *e, uint32_t *set, unsigned n, uint32_t bits, bool on)
{
    for (; bits; bits &= bits - 1) {
        unsigned x = EXC_IRQ0 + 32 * n + __builtin_ctz(bits);
        if (x < e->count)
            cm_bit_set(set, x, on);
    }
    cm_exc_update(e);
}

static uint32_t enable_read(cm_exc_t *e, unsigned n) { return irq_word(e->s.enabled, n); }
static uint32_t pend_read(cm_exc_t *e, unsigned n) { return irq_word(e->s.pending, n); }
static uint32_t active_read(cm_exc_t *e, unsigned n) { return irq_word(e->s.active, n); }

static void iser_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    irq_change(e, e->s.enabled, n, value, true);
}

static void icer_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    irq_change(e, e->s.enabled, n, value, false);
}

static void ispr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    for (; value; value &= value - 1) {
        unsigned x = EXC_IRQ0 + 32 * n + __builtin_ctz(value);
        if (x < e->count)
            cm_exc_pend(e, x);
    }
}

static void icpr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    // A request that is still there pends again at once, except while its handler runs.
    value &= ~(irq_word(e->s.level, n) & ~irq_word(e->s.active, n));
    irq_change(e, e->s.pending, n, value, false);
}

// Four priorities from exception `first`; `present`: which of them exist.
static uint32_t priority_word(const cm_exc_t *e, unsigned first)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 4 && first + i < e->count; i++)
        v |= (uint32_t)e->s.priority[first + i] << 8 * i;
    return v;
}

static void set_priorities(cm_exc_t *e, unsigned first, uint32_t value, uint32_t lanes)
{
    for (unsigned i = 0; i < 4 && first + i < e->count; i++)
        if (lanes >> 8 * i & 0xFF)
            e->s.priority[first + i] = value >> 8 * i & e->priority_mask;
    cm_exc_update(e);
}

static uint32_t ipr_read(cm_exc_t *e, unsigned n) { return priority_word(e, EXC_IRQ0 + 4 * n); }
static void ipr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    set_priorities(e, EXC_IRQ0 + 4 * n, value, lanes);
}

static void stir_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    unsigned x = EXC_IRQ0 + (value & 0x1FF);
    if (x < e->count)
        cm_exc_pend(e, x);
}

static uint32_t ictr_read(cm_exc_t *e, unsigned n) { return e->irqs ? (e->irqs - 1) / 32 : 0; }

// ---- System Control Block ---------------------------------------------------------------------------

static uint32_t cpuid_read(cm_exc_t *e, unsigned n) { return e->v6m ? 0x410CC200 : 0x410FC241; }

// VECTPENDING heeds BASEPRI and FAULTMASK, not PRIMASK.
static unsigned vect_pending(cm_exc_t *e)
{
    int limit = 256, group = cm_exc_group(e, e->best_priority);
    if (!e->v6m) {
        unsigned basepri = cm_get(e->cpu, CM_BASEPRI) & e->priority_mask;
        if (basepri)
            limit = cm_exc_group(e, basepri);
        if (cm_get(e->cpu, CM_FAULTMASK) & 1)
            limit = -1;
    }
    return e->best && group < limit ? e->best : 0;
}

static uint32_t icsr_read(cm_exc_t *e, unsigned n)
{
    unsigned ipsr = cm_get(e->cpu, CM_XPSR) & XPSR_IPSR, others = 0;
    bool external = false;
    for (unsigned w = 0; w < EXC_COUNT / 32; w++) {
        uint32_t irqs = w ? ~0u : ~0u << EXC_IRQ0;
        external = external || e->s.pending[w] & irqs;
        uint32_t own = ipsr / 32 == w ? 1u << ipsr % 32 : 0;
        others += __builtin_popcount(e->s.active[w] & ~own);
    }
    uint32_t v = ipsr | vect_pending(e) << 12 | (external ? 1u << 22 : 0);
    if (ipsr && !others)
        v |= 1u << 11; // RETTOBASE
    v |= (uint32_t)cm_bit(e->s.pending, EXC_SYSTICK) << 26;
    v |= (uint32_t)cm_bit(e->s.pending, EXC_PENDSV) << 28;
    v |= (uint32_t)cm_bit(e->s.pending, EXC_NMI) << 31;
    return v;
}

static void icsr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (value >> 25 & 1)
        cm_exc_unpend(e, EXC_SYSTICK);
    if (value >> 27 & 1)
        cm_exc_unpend(e, EXC_PENDSV);
    if (value >> 26 & 1)
        cm_exc_pend(e, EXC_SYSTICK);
    if (value >> 28 & 1)
        cm_exc_pend(e, EXC_PENDSV);
    if (value >> 31)
        cm_exc_pend(e, EXC_NMI);
}

static uint32_t vtor_read(cm_exc_t *e, unsigned n) { return e->s.vtor; }
static void vtor_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    e->s.vtor = merge(e->s.vtor, value, lanes, 0x3FFFFF80);
}

static uint32_t aircr_read(cm_exc_t *e, unsigned n) { return 0xFA050000 | e->s.prigroup << 8; }
static void aircr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (value >> 16 != 0x05FA)
        return;
    if (!e->v6m) {
        e->s.prigroup = value >> 8 & 7;
        cm_exc_update(e);
    }
    if (value & 3) // VECTRESET and VECTCLRACTIVE are a halted debugger's
        machine_unmodelled(e->m, 0xE000ED0C, "AIRCR: VECTRESET, VECTCLRACTIVE");
    if (value & 4)
        cm_want_reset(e->cpu);
}

static uint32_t scr_read(cm_exc_t *e, unsigned n) { return e->s.scr; }
static void scr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    e->s.scr = merge(e->s.scr, value, lanes, SCR_SLEEPONEXIT | SCR_SLEEPDEEP | SCR_SEVONPEND);
}

static uint32_t ccr_read(cm_exc_t *e, unsigned n) { return e->s.ccr; }
static void ccr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (e->v6m)
        return;
    e->s.ccr = merge(e->s.ccr, value, lanes, 0x31B);
    cm_set_traps(e->cpu, e->s.ccr & CCR_UNALIGN_TRP, e->s.ccr & CCR_DIV_0_TRP);
    if (value & CCR_BFHFNMIGN)
        machine_unmodelled(e->m, 0xE000ED14, "CCR: BFHFNMIGN");
}

static uint32_t shpr_read(cm_exc_t *e, unsigned n) { return priority_word(e, 4 + 4 * n); }
static void shpr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    static const uint32_t v7m[] = { 0x00FFFFFF, 0xFF000000, 0xFFFF00FF };
    static const uint32_t v6m[] = { 0, 0xFF000000, 0xFFFF0000 };
    set_priorities(e, 4 + 4 * n, value, lanes & (e->v6m ? v6m : v7m)[n]);
}

// SHCSR: which bit tells what of which exception.
static const struct {
    uint8_t bit, exception;
} shcsr_active[] = { { 0, EXC_MEM },     { 1, EXC_BUS },    { 3, EXC_USAGE },  { 7, EXC_SVC },
                     { 8, EXC_DEBUG }, { 10, EXC_PENDSV }, { 11, EXC_SYSTICK } },
  shcsr_pending[] = { { 12, EXC_USAGE }, { 13, EXC_MEM }, { 14, EXC_BUS }, { 15, EXC_SVC } },
  shcsr_enabled[] = { { 16, EXC_MEM }, { 17, EXC_BUS }, { 18, EXC_USAGE } };

static uint32_t shcsr_read(cm_exc_t *e, unsigned n)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_active) && !e->v6m; i++)
        v |= (uint32_t)cm_bit(e->s.active, shcsr_active[i].exception) << shcsr_active[i].bit;
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_pending); i++)
        v |= (uint32_t)cm_bit(e->s.pending, shcsr_pending[i].exception) << shcsr_pending[i].bit;
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_enabled) && !e->v6m; i++)
        v |= (uint32_t)cm_bit(e->s.enabled, shcsr_enabled[i].exception) << shcsr_enabled[i].bit;
    return v;
}

static void shcsr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    value = merge(shcsr_read(e, 0), value, lanes, 0x0007FD8B);
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_active); i++)
        cm_bit_set(e->s.active, shcsr_active[i].exception, value >> shcsr_active[i].bit & 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_pending); i++)
        cm_bit_set(e->s.pending, shcsr_pending[i].exception, value >> shcsr_pending[i].bit & 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(shcsr_enabled); i++)
        cm_bit_set(e->s.enabled, shcsr_enabled[i].exception, value >> shcsr_enabled[i].bit & 1);
    cm_exc_update(e);
}

static uint32_t cfsr_read(cm_exc_t *e, unsigned n) { return e->s.cfsr; }
static void cfsr_write(cm_exc_t *e, unsigned n, uint32_t v, uint32_t lanes) { e->s.cfsr &= ~v; }
static uint32_t hfsr_read(cm_exc_t *e, unsigned n) { return e->s.hfsr; }
static void hfsr_write(cm_exc_t *e, unsigned n, uint32_t v, uint32_t lanes) { e->s.hfsr &= ~v; }
static uint32_t dfsr_read(cm_exc_t *e, unsigned n) { return e->s.dfsr; }
static void dfsr_write(cm_exc_t *e, unsigned n, uint32_t v, uint32_t lanes) { e->s.dfsr &= ~v; }
static uint32_t mmfar_read(cm_exc_t *e, unsigned n) { return e->s.mmfar; }
static void mmfar_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    e->s.mmfar = merge(e->s.mmfar, value, lanes, ~0u);
}
static uint32_t bfar_read(cm_exc_t *e, unsigned n) { return e->s.bfar; }
static void bfar_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    e->s.bfar = merge(e->s.bfar, value, lanes, ~0u);
}
static uint32_t actlr_read(cm_exc_t *e, unsigned n) { return e->s.actlr; }
static void actlr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    e->s.actlr = merge(e->s.actlr, value, lanes, 0x307);
}

// ---- FPU and MPU ------------------------------------------------------------------------------------

static uint32_t cpacr_read(cm_exc_t *e, unsigned n) { return e->s.cpacr; }
static void cpacr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (!e->fpu)
        return;
    e->s.cpacr = merge(e->s.cpacr, value, lanes, 0x00F00000);
    cm_exc_fp_update(e);
}

static uint32_t fp_read(cm_exc_t *e, unsigned n)
{
    const uint32_t r[] = { e->s.fpccr, e->s.fpcar, e->s.fpdscr, 0x10110021, 0x11000011 };
    return e->fpu ? r[n] : 0;
}

static void fp_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (!e->fpu)
        return;
    if (n == 0)
        e->s.fpccr = merge(e->s.fpccr, value, lanes, 0xC000017B);
    else if (n == 1)
        e->s.fpcar = merge(e->s.fpcar, value, lanes, ~7u);
    else if (n == 2)
        e->s.fpdscr = merge(e->s.fpdscr, value, lanes, 0x07C00000);
    if (e->s.fpdscr)
        machine_unmodelled(e->m, 0xE000EF3C, "FPDSCR: defaults other than 0");
    cm_exc_fp_update(e);
}

enum { MPU_TYPE, MPU_CTRL, MPU_RNR, MPU_RBAR, MPU_RASR }; // and three aliases of the last two

static uint32_t mpu_read(cm_exc_t *e, unsigned n)
{
    unsigned region = e->s.mpu_rnr & 7;
    switch (n) {
    case MPU_TYPE:
        return 8 << 8; // regions
    case MPU_CTRL:
        return e->s.mpu_ctrl;
    case MPU_RNR:
        return e->s.mpu_rnr;
    default:
        return n & 1 ? e->s.mpu_rbar[region] | region : e->s.mpu_rasr[region];
    }
}

static void mpu_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    if (n == MPU_CTRL) {
        e->s.mpu_ctrl = merge(e->s.mpu_ctrl, value, lanes, 7);
        if (e->s.mpu_ctrl & 1)
            machine_unmodelled(e->m, 0xE000ED94, "MPU_CTRL: protection of regions");
    } else if (n == MPU_RNR) {
        e->s.mpu_rnr = merge(e->s.mpu_rnr, value, lanes, 0xFF);
    } else if (n >= MPU_RBAR && n & 1) {
        if (value & 0x10)
            e->s.mpu_rnr = value & 7;
        unsigned region = e->s.mpu_rnr & 7;
        e->s.mpu_rbar[region] = merge(e->s.mpu_rbar[region], value, lanes, ~0x1Fu);
    } else if (n >= MPU_RASR) {
        unsigned region = e->s.mpu_rnr & 7;
        e->s.mpu_rasr[region] = merge(e->s.mpu_rasr[region], value, lanes, 0x173FFF3F);
    }
}

// ---- Debug control ----------------------------------------------------------------------------------

static uint32_t demcr_read(cm_exc_t *e, unsigned n) { return e->s.demcr; }
static void demcr_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    cm_dwt_set_demcr(e, merge(e->s.demcr, value, lanes, 0x010D07F1));
    cm_bit_set(e->s.enabled, EXC_DEBUG, e->s.demcr >> 16 & 1);
    if (value >> 17 & 1)
        cm_exc_pend(e, EXC_DEBUG);
    cm_exc_update(e);
}

static uint32_t systick_read(cm_exc_t *e, unsigned n)
{
    return cm_systick_read(e, 0x10 + 4 * n, !e->m->cpu || !e->m->cpu->in_run);
}

static void systick_write(cm_exc_t *e, unsigned n, uint32_t value, uint32_t lanes)
{
    cm_systick_write(e, 0x10 + 4 * n, value);
}

// ---- The table --------------------------------------------------------------------------------------

static const scs_row_t scs_rows[] = {
    { 0x004, 1, .read = ictr_read },
    { 0x008, 1, .read = actlr_read, .write = actlr_write },
    { 0x010, 4, true, .read = systick_read, .write = systick_write },
    { 0x100, 8, true, .read = enable_read, .write = iser_write },
    { 0x180, 8, true, .read = enable_read, .write = icer_write },
    { 0x200, 8, true, .read = pend_read, .write = ispr_write },
    { 0x280, 8, true, .read = pend_read, .write = icpr_write },
    { 0x300, 8, .read = active_read },
    { 0x400, 60, true, .read = ipr_read, .write = ipr_write },
    { 0xD00, 1, true, .read = cpuid_read },
    { 0xD04, 1, true, .read = icsr_read, .write = icsr_write },
    { 0xD08, 1, .read = vtor_read, .write = vtor_write },
    { 0xD0C, 1, true, .read = aircr_read, .write = aircr_write },
    { 0xD10, 1, true, .read = scr_read, .write = scr_write },
    { 0xD14, 1, true, .read = ccr_read, .write = ccr_write },
    { 0xD18, 3, true, .read = shpr_read, .write = shpr_write },
    { 0xD24, 1, true, .read = shcsr_read, .write = shcsr_write },
    { 0xD28, 1, .read = cfsr_read, .write = cfsr_write },
    { 0xD2C, 1, .read = hfsr_read, .write = hfsr_write },
    { 0xD30, 1, .read = dfsr_read, .write = dfsr_write },
    { 0xD34, 1, .read = mmfar_read, .write = mmfar_write },
    { 0xD38, 1, .read = bfar_read, .write = bfar_write },
    { 0xD3C, 1 },                      // AFSR: no bits
    { 0xD40, 1, .value = 0x00000030 }, // ID_PFR0 ...
    { 0xD44, 1, .value = 0x00000200 },
    { 0xD48, 1, .value = 0x00100000 },
    { 0xD4C, 1 },
    { 0xD50, 1, .value = 0x00100030 }, // ID_MMFR0 ...
    { 0xD54, 1 },
    { 0xD58, 1, .value = 0x01000000 },
    { 0xD5C, 1 },
    { 0xD60, 1, .value = 0x01101110 }, // ID_ISAR0 ...
    { 0xD64, 1, .value = 0x02112000 },
    { 0xD68, 1, .value = 0x21232231 },
    { 0xD6C, 1, .value = 0x01111131 },
    { 0xD70, 1, .value = 0x01310102 },
    { 0xD88, 1, .read = cpacr_read, .write = cpacr_write },
    { 0xD90, 11, .read = mpu_read, .write = mpu_write },
    { 0xDF0, 3 }, // DHCSR, DCRSR, DCRDR: a debugger's, and none is attached this way
    { 0xDFC, 1, .read = demcr_read, .write = demcr_write },
    { 0xF00, 1, .write = stir_write },
    { 0xF34, 5, .read = fp_read, .write = fp_write },
    { 0xFD0, 1, .value = 0x04 }, // peripheral and component identification
    { 0xFE0, 1, .value = 0x0C },
    { 0xFE4, 1, .value = 0xB0 },
    { 0xFE8, 1, .value = 0x0B },
    { 0xFF0, 1, .value = 0x0D },
    { 0xFF4, 1, .value = 0xE0 },
    { 0xFF8, 1, .value = 0x05 },
    { 0xFFC, 1, .value = 0xB1 },
};

void cm_scs_create(cm_exc_t *e)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(scs_rows); i++)
        for (unsigned n = 0; n < scs_rows[i].count && (scs_rows[i].v6m || !e->v6m); n++)
            e->scs_row[scs_rows[i].offset / 4 + n] = i + 1;
}

static uint32_t scs_word(cm_exc_t *e, uint32_t offset)
{
    unsigned row = e->scs_row[offset / 4];
    if (!row)
        return 0; // reserved: reads as zero
    const scs_row_t *r = &scs_rows[row - 1];
    return r->read ? r->read(e, (offset - r->offset) / 4) : r->value;
}

static void scs_word_write(cm_exc_t *e, uint32_t offset, uint32_t value, uint32_t lanes)
{
    unsigned row = e->scs_row[offset / 4];
    if (row && scs_rows[row - 1].write)
        scs_rows[row - 1].write(e, (offset - scs_rows[row - 1].offset) / 4, value, lanes);
}

// ---- The rest of the private peripheral bus ---------------------------------------------------------

static uint32_t rom_table(uint32_t offset)
{
    static const uint32_t entries[] = { 0xFFF0F003, 0xFFF02003, 0xFFF03003,
                                        0xFFF01003, 0xFFF41003, 0xFFF42003 };
    static const uint8_t component[] = { 0x0D, 0x10, 0x05, 0xB1 };
    if (offset < sizeof entries)
        return entries[offset / 4];
    if (offset >= 0xFF0)
        return component[(offset - 0xFF0) / 4];
    return offset == 0xFCC; // MEMTYPE: system memory is present
}

static const struct {
    uint32_t base, size;
    const char *read, *write;
} unmodelled[] = {
    { 0xE0000000, 0x1000, "read of ITM", "write of ITM" },
    { 0xE0002000, 0x1000, "read of FPB", "write of FPB" },
    { 0xE0040000, 0x1000, "read of TPIU", "write of TPIU" },
    { 0xE0041000, 0x1000, "read of ETM", "write of ETM" },
};

static bool known_unmodelled(cm_exc_t *e, uint32_t address, bool write)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(unmodelled); i++)
        if (address - unmodelled[i].base < unmodelled[i].size) {
            machine_unmodelled(e->m, unmodelled[i].base,
                               write ? unmodelled[i].write : unmodelled[i].read);
            return true;
        }
    return false;
}

static bool allowed(cm_exc_t *e, uint32_t address)
{
    return cm_exc_privileged(e) ||
           (address - 0xE000EF00 < 4 && e->s.ccr & CCR_USERSETMPEND);
}

bool cm_scs_read(cortexm_t *c, uint32_t address, unsigned size, uint32_t *value)
{
    cm_exc_t *e = cm_exc(c);
    uint32_t word;
    *value = 0;
    if (!cm_exc_privileged(e))
        return false;
    if (address >> 12 == 0xE000E)
        word = scs_word(e, address & 0xFFC);
    else if (address >> 12 == 0xE0001 && !e->v6m)
        word = cm_dwt_read(e, address & 0xFFC);
    else if (address >> 12 == 0xE00FF && !e->v6m)
        word = rom_table(address & 0xFFC);
    else if (known_unmodelled(e, address, false))
        return true;
    else // the chip's own, such as DBGMCU
        return bus_read(e->m->bus, address, size, value);
    *value = word >> 8 * (address & 3) & (size == 4 ? ~0u : (1u << 8 * size) - 1);
    return true;
}

bool cm_scs_write(cortexm_t *c, uint32_t address, unsigned size, uint32_t value)
{
    cm_exc_t *e = cm_exc(c);
    uint32_t lanes = (size == 4 ? ~0u : (1u << 8 * size) - 1) << 8 * (address & 3);
    uint32_t word = value << 8 * (address & 3) & lanes;
    if (!allowed(e, address))
        return false;
    if (address >> 12 == 0xE000E)
        scs_word_write(e, address & 0xFFC, word, lanes);
    else if (address >> 12 == 0xE0001 && !e->v6m)
        cm_dwt_write(e, address & 0xFFC, word);
    else if (address >> 12 == 0xE00FF || known_unmodelled(e, address, true))
        return true;
    else
        return bus_write(e->m->bus, address, size, value);
    return true;
}
