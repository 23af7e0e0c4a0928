// SPDX-License-Identifier: GPL-2.0-or-later
// Cortex-M0 and Cortex-M4F: the engine interface of cpu.h on top of Unicorn (cortexm_uc.c) and the
// exception model (cortexm_exc.c). Here: the run loop, the class, the debugger.
//
// Not modelled: unaligned LDM / LDRD on *fast* (they work instead of faulting), the local exclusive
// monitor's clearing by exceptions, the one or two extra cycles of unaligned data, a change of mem_t.alias
// while running.
#include "cortexm_native.h"
#include <string.h>

// ---- Blocks that are new or no longer what they were ------------------------------------------------

static void forget_block(cortexm_t *c, cm_block_t *b)
{
    cm_block_t **slot = &c->cache[(b->address >> 1) % CM_CACHE];
    if (*slot == b)
        *slot = &c->none;
    gint64 key = b->address | (gint64)b->it << 32;
    g_hash_table_remove(c->blocks, &key);
}

static void mark_breakpoints(cortexm_t *c, cm_block_t *b)
{
    b->flags &= ~BF_BREAK;
    if (points_break_in(&c->points, b->address, b->end - b->address))
        b->flags |= BF_BREAK;
}

// The block at `address`, decoded and as it is in memory now. NULL: no code can be there.
static cm_block_t *prepare(cortexm_t *c, uint32_t address)
{
    cm_block_t *b = cm_lookup(c, address, c->it);
    if (b && (!b->copy || !memcmp(b->copy, b->bytes, b->end - b->address)))
        return b;
    if (b) {
        cm_uc_drop(c, b->address, b->end);
        forget_block(c, b);
    }
    b = cm_block_decode(c, address, c->it);
    if (!b)
        return NULL;
    if (b->copy) // Unicorn may know older code here
        cm_uc_drop(c, b->address, b->end);
    gint64 *key = g_new(gint64, 1);
    *key = address | (gint64)c->it << 32;
    g_hash_table_insert(c->blocks, key, b);
    mark_breakpoints(c, b);
    cm_uc_probe(c, b);
    return cm_lookup(c, address, c->it);
}

static void clear_cache(cortexm_t *c)
{
    for (unsigned i = 0; i < CM_CACHE; i++)
        c->cache[i] = &c->none;
}

static gboolean overlaps(gpointer key, gpointer value, gpointer user)
{
    const cm_block_t *b = value;
    const uint32_t *range = user;
    return b->address < range[1] && b->end > range[0];
}

static void drop_code(cortexm_t *c, uint32_t address, uint32_t n)
{
    uint32_t offset;
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    cm_leave(c);
    clear_cache(c);
    cm_path_forget_all(c);
    cm_native_forget(c);
    for (int alias = 0; alias < (mem && mem->alias_on ? 2 : 1); alias++) {
        uint32_t base = mem ? (alias ? mem->alias : mem->base) + offset : address;
        uint32_t range[2] = {base, base + n};
        g_hash_table_foreach_remove(c->blocks, overlaps, range);
        cm_uc_drop(c, range[0], range[1]);
    }
}

static void drop_dirty(cortexm_t *c)
{
    for (guint i = 0; i + 1 < c->dirty->len; i += 2)
        drop_code(c, g_array_index(c->dirty, uint32_t, i),
                  g_array_index(c->dirty, uint32_t, i + 1));
    g_array_set_size(c->dirty, 0);
}

// ---- Running ----------------------------------------------------------------------------------------

static bool wants_exact(cortexm_t *c, const cm_block_t *b)
{
    return cm_exact_only(c) || c->blk != &c->none || c->it || !b || b->flags & c->trap ||
           c->cycles + b->worst > c->limit;
}

static void run_stretch(cortexm_t *c)
{
    cm_block_t *b = NULL;
    if (c->it_unknown) {
        uint32_t x = 0;
        uc_reg_read(c->cur, UC_ARM_REG_XPSR, &x);
        c->it = (x >> 25 & 3) | (x >> 8 & 0xFC);
        c->it_unknown = false;
    }
    if (c->blk == &c->none)
        b = prepare(c, c->resume);
    if (b && b->flags & BF_NATIVE && c->blk == &c->none && !c->it && !cm_exact_only(c) &&
        c->cycles + b->worst <= c->limit && cm_native_run(c, b)) {
        c->bkpt = false;
        return;
    }
    cm_uc_use(c, wants_exact(c, b));
    c->fresh = true;
    c->none.end = c->resume; // the first block is not branched to
    cm_uc_start(c, c->resume);
    bool bkpt = c->ev == EV_INTR && c->intr == 7 && !c->split;
    cm_stopped(c);
    c->bkpt = bkpt;
}

// What is to be done on the boundary that we stand on. TRUE: *why ends the run.
static bool at_boundary(cortexm_t *c, cpu_stop_t *why)
{
    if (c->attention) {
        c->attention = false;
        cm_set_limit(c, c->until);
        if (c->dirty->len)
            drop_dirty(c);
    }
    if (c->reset_wanted || c->exit_wanted) {
        *why = c->exit_wanted ? CPU_EXIT : CPU_RESET;
        c->reset_wanted = c->exit_wanted = false;
        return true;
    }
    c->break_hit = false; // asked below
    if (c->watch_hit) {
        c->watch_hit = false;
        *why = CPU_BREAK;
        return true;
    }
    if (cm_now(c) >= c->until)
        return *why = CPU_DEADLINE, true;
    if (cm_exc_pending(c)) {
        cm_leave(c);
        c->sleeping = c->locked = false;
        cm_exc_take(c);
        if (c->stepping)
            return *why = CPU_BREAK, true;
        return at_boundary(c, why);
    }
    if (c->locked || c->sleeping)
        return *why = c->locked ? CPU_LOCKUP : CPU_SLEEP, true;
    if (!c->stepping && points_break_in(&c->points, c->resume, 1) &&
        (c->resume != c->broke_pc || cm_now(c) != c->broke_at))
        return *why = CPU_BREAK, true;
    return false;
}

static cpu_stop_t note_break(cortexm_t *c, cpu_stop_t why)
{
    if (why == CPU_BREAK) {
        c->broke_pc = c->resume;
        c->broke_at = cm_now(c);
    }
    return why;
}

static cpu_stop_t run(cpu_t *cpu, uint64_t until)
{
    cortexm_t *c = (cortexm_t *)cpu;
    cpu_stop_t why = CPU_DEADLINE;
    cm_flash_rebase(c);
    c->until = until;
    cm_set_limit(c, c->attention ? 0 : until);
    while (c->replay_state == REPLAY_ARMED || !at_boundary(c, &why)) {
        run_stretch(c);
        if (c->bkpt && cm_breakpoint_instruction(c, &why))
            break;
    }
    return note_break(c, why);
}

static cpu_stop_t step(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    cpu_stop_t why = CPU_BREAK;
    c->stepping = true;
    c->until = UINT64_MAX;
    cm_set_limit(c, UINT64_MAX);
    if (!at_boundary(c, &why)) {
        run_stretch(c);
        why = CPU_BREAK;
        if (c->bkpt)
            cm_breakpoint_instruction(c, &why);
        c->watch_hit = false;
        if (c->exit_wanted || c->reset_wanted)
            at_boundary(c, &why);
    }
    c->stepping = false;
    return note_break(c, why);
}

static uint64_t cycles(const cpu_t *cpu) { return cm_now((const cortexm_t *)cpu); }

static void cut(cpu_t *cpu, uint64_t until)
{
    cortexm_t *c = (cortexm_t *)cpu;
    c->until = MIN(c->until, until);
    cm_set_limit(c, MIN(c->limit, until));
}

static void skip(cpu_t *cpu, uint64_t to)
{
    cortexm_t *c = (cortexm_t *)cpu;
    cm_leave(c);
    c->cycles = MAX(c->cycles, to);
}

static void irq(cpu_t *cpu, unsigned line, bool level)
{
    cm_exc_irq((cortexm_t *)cpu, line, level);
}

static void event(cpu_t *cpu) { cm_exc_event((cortexm_t *)cpu); }

static void code_changed(cpu_t *cpu, uint32_t address, uint32_t n)
{
    cortexm_t *c = (cortexm_t *)cpu;
    const mem_t *mem = bus_mem_at(cpu->m->bus, address, NULL);
    if (mem && mem->kind == MEM_RAM)
        return; // compared whenever it is entered
    if (!cpu->in_run) {
        drop_code(c, address, n);
        return;
    }
    g_array_append_val(c->dirty, address);
    g_array_append_val(c->dirty, n);
    cm_attention(c);
}

static void timing_changed(cpu_t *cpu, const mem_t *mem)
{
    cm_flash_timing((cortexm_t *)cpu, false);
}

// ---- Life -------------------------------------------------------------------------------------------

static void block_destroy(gpointer b) { cm_block_free(b); }

static void destroy(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (c->exc)
        cm_exc_destroy(c->exc);
    cm_uc_destroy(c);
    if (c->insn)
        cs_free(c->insn, 1);
    if (c->disassembler)
        cs_close(&c->disassembler);
    cm_flash_clear(c);
    cm_path_clear(c);
    cm_native_clear(c);
    g_ptr_array_unref(c->regions);
    g_hash_table_unref(c->blocks);
    g_hash_table_unref(c->probes);
    g_array_unref(c->dirty);
    points_clear(&c->points);
    g_aligned_free(c);
}

static cpu_t *create(machine_t *m, const soc_t *soc, const cpu_class_t *cls, GError **error)
{
    cortexm_t *c = g_aligned_alloc0(1, sizeof *c, 64);
    c->cpu.cls = cls;
    c->cpu.m = m;
    c->soc = soc;
    c->v6m = !strcmp(cls->name, "cortex-m0");
    c->none.address = c->none.end = 1;
    c->blk = &c->none;
    c->part_next = 1;
    c->regions = g_ptr_array_new_with_free_func(g_free);
    c->blocks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, block_destroy);
    c->probes = g_hash_table_new(NULL, NULL);
    c->dirty = g_array_new(false, false, sizeof(uint32_t));
    points_init(&c->points);
    clear_cache(c);
    cm_path_init(c);
    if (cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS, &c->disassembler)) {
        g_set_error(error, g_quark_from_static_string("solderless-cpu"), 0, "Capstone: cannot open");
        destroy(&c->cpu);
        return NULL;
    }
    cs_option(c->disassembler, CS_OPT_DETAIL, CS_OPT_ON);
    c->insn = cs_malloc(c->disassembler);
    cm_set_fp_trap(c, false);
    if (!cm_uc_create(c, error)) {
        destroy(&c->cpu);
        return NULL;
    }
    c->exc = cm_exc_create(c, soc);
    return &c->cpu;
}

extern const cpu_class_t cortexm4f_cpu, cortexm0_cpu;

static cpu_t *create_m4f(machine_t *m, const soc_t *soc, GError **error)
{
    return create(m, soc, &cortexm4f_cpu, error);
}

static cpu_t *create_m0(machine_t *m, const soc_t *soc, GError **error)
{
    return create(m, soc, &cortexm0_cpu, error);
}

static void reset(cpu_t *cpu, bool power)
{
    cortexm_t *c = (cortexm_t *)cpu;
    g_autoptr(GError) error = NULL;
    uint32_t sp = 0, pc = 0;
    cm_leave(c);
    if (!c->mapped) {
        if (!cm_uc_map(c, &error))
            g_error("%s", error->message); // a chip's table is wrong: our mistake
        cm_flash_init(c);
    } else {
        cm_flash_timing(c, true);
    }
    drop_dirty(c);
    c->attention = c->sleeping = c->locked = c->reset_wanted = c->exit_wanted = false;
    c->split = SPLIT_NONE;
    c->replay_state = REPLAY_NONE;
    c->unaligned_trap = c->div0_trap = false;
    cm_set_fp_trap(c, false);
    cm_set(c, CM_XPSR, 1u << 24);
    cm_set(c, CM_CONTROL, 0);
    for (unsigned i = CM_R0; i < CM_REGS; i++)
        if (i != CM_XPSR && i != CM_CONTROL && i != CM_PC && i != CM_SP)
            cm_set(c, i, i == CM_LR ? 0xFFFFFFFF : 0);
    cm_exc_reset(c, power);
    bus_peek(cpu->m->bus, cpu->m->boot_address, &sp, 4);
    bus_peek(cpu->m->bus, cpu->m->boot_address + 4, &pc, 4);
    cm_set(c, CM_MSP, sp & ~3u);
    cm_set(c, CM_PC, pc);
    c->it = 0;
    c->it_unknown = false;
}

// ---- Debugger ---------------------------------------------------------------------------------------

static const cpu_reg_desc_t m4f_regs[] = {
    {"r0", 32}, {"r1", 32}, {"r2", 32}, {"r3", 32}, {"r4", 32}, {"r5", 32}, {"r6", 32}, {"r7", 32},
    {"r8", 32}, {"r9", 32}, {"r10", 32}, {"r11", 32}, {"r12", 32}, {"sp", 32}, {"lr", 32},
    {"pc", 32}, {"xpsr", 32}, {"msp", 32}, {"psp", 32}, {"control", 8}, {"primask", 8},
    {"basepri", 8}, {"faultmask", 8}, {"fpscr", 32},
    {"d0", 64}, {"d1", 64}, {"d2", 64}, {"d3", 64}, {"d4", 64}, {"d5", 64}, {"d6", 64}, {"d7", 64},
    {"d8", 64}, {"d9", 64}, {"d10", 64}, {"d11", 64}, {"d12", 64}, {"d13", 64}, {"d14", 64},
    {"d15", 64},
    {NULL, 0},
};

static const cpu_reg_desc_t m0_regs[] = {
    {"r0", 32}, {"r1", 32}, {"r2", 32}, {"r3", 32}, {"r4", 32}, {"r5", 32}, {"r6", 32}, {"r7", 32},
    {"r8", 32}, {"r9", 32}, {"r10", 32}, {"r11", 32}, {"r12", 32}, {"sp", 32}, {"lr", 32},
    {"pc", 32}, {"xpsr", 32}, {"msp", 32}, {"psp", 32}, {"control", 8}, {"primask", 8},
    {NULL, 0},
};

static uint64_t reg_get(cpu_t *cpu, unsigned i)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (i < CM_S0)
        return cm_get(c, i);
    i = CM_S0 + 2 * (i - CM_S0);
    return cm_get(c, i) | (uint64_t)cm_get(c, i + 1) << 32;
}

static void reg_set(cpu_t *cpu, unsigned i, uint64_t value)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (i == CM_PC || i == CM_XPSR)
        cm_leave(c);
    if (i == CM_PC && (uint32_t)(value & ~1u) != c->resume) {
        c->it = 0;
        cm_set_it(c, 0);
    }
    if (i < CM_S0) {
        cm_set(c, i, value);
        return;
    }
    i = CM_S0 + 2 * (i - CM_S0);
    cm_set(c, i, value);
    cm_set(c, i + 1, value >> 32);
}

static uint32_t pc(cpu_t *cpu)
{
    cortexm_t *c = (cortexm_t *)cpu;
    if (c->in_access && c->blk != &c->none)
        return c->blk->address + c->blk->ins[MIN(c->log_ins, c->blk->n - 1u)].offset;
    return c->resume;
}

static bool breakpoint(cpu_t *cpu, uint32_t address, bool on)
{
    cortexm_t *c = (cortexm_t *)cpu;
    points_break(&c->points, address & ~1u, on);
    cm_path_forget_all(c);
    cm_native_forget(c);
    GHashTableIter it;
    gpointer b;
    g_hash_table_iter_init(&it, c->blocks);
    while (g_hash_table_iter_next(&it, NULL, &b))
        mark_breakpoints(c, b);
    return true;
}

static bool watchpoint(cpu_t *cpu, uint32_t address, uint32_t n, watch_t kind)
{
    return points_watch(&((cortexm_t *)cpu)->points, address, n, kind);
}

const cpu_class_t cortexm4f_cpu = {
    .name = "cortex-m4f", .arch = IMAGE_ARCH_ARM, .create = create_m4f,
    .destroy = destroy, .reset = reset, .run = run,
    .cycles = cycles, .cut = cut, .skip = skip, .irq = irq, .event = event,
    .code_changed = code_changed, .timing_changed = timing_changed, .regs = m4f_regs,
    .reg_get = reg_get, .reg_set = reg_set, .pc = pc, .step = step, .breakpoint = breakpoint,
    .watchpoint = watchpoint, .disassemble = cm_disassemble, .find_boot = cm_find_boot,
};

const cpu_class_t cortexm0_cpu = {
    .name = "cortex-m0", .arch = IMAGE_ARCH_ARM, .create = create_m0,
    .destroy = destroy, .reset = reset, .run = run,
    .cycles = cycles, .cut = cut, .skip = skip, .irq = irq, .event = event,
    .code_changed = code_changed, .timing_changed = timing_changed, .regs = m0_regs,
    .reg_get = reg_get, .reg_set = reg_set, .pc = pc, .step = step, .breakpoint = breakpoint,
    .watchpoint = watchpoint, .disassemble = cm_disassemble, .find_boot = cm_find_boot,
};
