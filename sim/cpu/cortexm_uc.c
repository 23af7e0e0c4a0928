// SPDX-License-Identifier: GPL-2.0-or-later
// The two Unicorn instances of a Cortex-M: what they map, which one has the registers, what they translated.
#include "cortexm_int.h"

// Bytes for translations.
#define FAST_BUFFER (32u << 20)
#define EXACT_BUFFER (8u << 20)

static bool failed(uc_err e, const char *what, GError **error)
{
    if (e == UC_ERR_OK)
        return false;
    g_set_error(error, g_quark_from_static_string("solderless-cpu"), e, "Unicorn: %s: %s", what,
                uc_strerror(e));
    return true;
}

static uc_engine *open_instance(cortexm_t *c, bool exact, GError **error)
{
    uc_engine *uc;
    uc_hook h;
    // With UC_MODE_MCLASS, 2.1.1 takes a Cortex-M33 whatever the model says. A real Cortex-M0 refuses
    // what ARMv6-M does not have, and unaligned accesses.
    uc_mode mode = c->v6m ? UC_MODE_THUMB : UC_MODE_THUMB | UC_MODE_MCLASS;
    if (failed(uc_open(UC_ARCH_ARM, mode, &uc), "cannot open", error))
        return NULL;
    uc_err e = uc_ctl_set_cpu_model(uc, c->v6m ? UC_CPU_ARM_CORTEX_M0 : UC_CPU_ARM_CORTEX_M4);
    if (!e) // bounds the memory for translations; the default reserves 1 GB
        e = uc_ctl_set_tcg_buffer_size(uc, exact ? EXACT_BUFFER : FAST_BUFFER);
    if (!e)
        e = exact ? uc_hook_add(uc, &h, UC_HOOK_CODE, cm_hook_code, c, (uint64_t)1, (uint64_t)0)
                  : uc_hook_add(uc, &h, UC_HOOK_BLOCK, cm_hook_block, c, (uint64_t)1, (uint64_t)0);
    if (!e)
        e = uc_hook_add(uc, &h, UC_HOOK_INTR, cm_hook_interrupt, c, (uint64_t)1, (uint64_t)0);
    if (!e)
        e = uc_hook_add(uc, &h, UC_HOOK_INSN_INVALID, cm_hook_invalid, c, (uint64_t)1, (uint64_t)0);
    if (!e)
        e = uc_hook_add(uc, &h, UC_HOOK_MEM_INVALID, cm_hook_memory, c, (uint64_t)1, (uint64_t)0);
    if (!e)
        e = uc_context_alloc(uc, &c->home[exact]);
    if (!e)
        e = uc_context_save(uc, c->home[exact]);
    if (failed(e, "cannot set up", error)) {
        uc_close(uc);
        return NULL;
    }
    return uc;
}

static uc_err map_memory(uc_engine *uc, const mem_t *mem)
{
    uint32_t prot = mem->kind == MEM_RAM ? UC_PROT_ALL : UC_PROT_READ | UC_PROT_EXEC;
    size_t size = (mem->size + 1023) & ~(size_t)1023;
    uc_err e = uc_mem_map_ptr(uc, mem->base, size, prot, mem->data);
    if (!e && mem->alias_on)
        e = uc_mem_map_ptr(uc, mem->alias, size, prot, mem->data);
    return e;
}

static bool map_instance(cortexm_t *c, uc_engine *uc, GError **error)
{
    bus_t *bus = c->cpu.m->bus;
    for (unsigned i = 0; i < bus_mem_count(bus); i++)
        if (failed(map_memory(uc, bus_mem(bus, i)), bus_mem(bus, i)->name, error))
            return false;
    for (guint i = 0; i < c->regions->len; i += 2) {
        cm_region_t *r = c->regions->pdata[i], *end = c->regions->pdata[i + 1];
        uc_err e = uc_mmio_map(uc, r->base, end->base - r->base, cm_mmio_read, r, cm_mmio_write, r);
        g_autofree char *what = g_strdup_printf("peripherals at 0x%08x", r->base);
        if (failed(e, what, error))
            return false;
    }
    return true;
}

typedef struct range {
    uint64_t base, end;
} range_t;

static void add_range(GArray *ranges, uint64_t base, uint64_t size)
{
    range_t r = {base & ~UINT64_C(1023), (base + size + 1023) & ~UINT64_C(1023)};
    if (size)
        g_array_append_val(ranges, r);
}

static gint by_base(gconstpointer a, gconstpointer b)
{
    const range_t *x = a, *y = b;
    return x->base < y->base ? -1 : x->base > y->base;
}

static void add_bit_band(GArray *ranges, uint64_t base, uint64_t size)
{
    uint64_t region = base & ~UINT64_C(0xFFFFF);
    if (region == 0x20000000 || region == 0x40000000) {
        uint64_t end = MIN(base + size, region + 0x100000);
        add_range(ranges, region + 0x02000000 + (base - region) * 32, (end - base) * 32);
    }
}

static void add_region(cortexm_t *c, uint32_t base)
{
    cm_region_t *r = g_new(cm_region_t, 1);
    *r = (cm_region_t){c, base};
    g_ptr_array_add(c->regions, r);
}

// Whatever somebody answers at, and no more: the rest stays unmapped, so that bus errors are precise.
bool cm_uc_map(cortexm_t *c, GError **error)
{
    machine_t *m = c->cpu.m;
    g_autoptr(GArray) ranges = g_array_new(false, false, sizeof(range_t));
    for (guint i = 0; i < m->parts->len; i++) {
        const part_t *p = m->parts->pdata[i];
        if (bus_part_at(m->bus, p->base) == p)
            add_range(ranges, p->base, p->cls->mmio_size);
    }
    for (const soc_unmodelled_t *u = c->soc->unmodelled; u && u->name; u++)
        add_range(ranges, u->base, u->size);
    guint own = ranges->len;
    for (guint i = 0; i < own && !c->v6m; i++) {
        range_t r = g_array_index(ranges, range_t, i);
        add_bit_band(ranges, r.base, r.end - r.base);
    }
    for (unsigned i = 0; i < bus_mem_count(m->bus) && !c->v6m; i++)
        add_bit_band(ranges, bus_mem(m->bus, i)->base, bus_mem(m->bus, i)->size);
    add_range(ranges, 0xE0000000, 0x100000);
    g_array_sort(ranges, by_base);
    uint64_t end = 0;
    for (guint i = 0; i < ranges->len; i++) {
        const range_t *r = &g_array_index(ranges, range_t, i);
        if (!c->regions->len || r->base > end) {
            if (c->regions->len)
                add_region(c, end);
            add_region(c, r->base);
        }
        end = MAX(end, r->end);
    }
    add_region(c, end);
    c->mapped = true;
    return map_instance(c, c->fast, error);
}

bool cm_uc_create(cortexm_t *c, GError **error)
{
    c->fast = open_instance(c, false, error);
    if (!c->fast)
        return false;
    c->cur = c->fast;
    c->era[0] = c->era[1] = 1;
    uc_context_alloc(c->fast, &c->context);
    uc_context_alloc(c->fast, &c->split_context);
    return true;
}

// A context holds pointers to memory of its instance, so that a move takes them along. Each instance
// needs its own back, or closing both would free one twice.
static void close_instance(uc_engine *uc, uc_context *home)
{
    if (!uc)
        return;
    uc_context_restore(uc, home);
    uc_context_free(home);
    uc_close(uc);
}

void cm_uc_destroy(cortexm_t *c)
{
    if (c->context)
        uc_context_free(c->context);
    if (c->split_context)
        uc_context_free(c->split_context);
    close_instance(c->exact, c->home[1]);
    close_instance(c->fast, c->home[0]);
    g_free(c->ram_copy);
}

// Moves the registers to the instance that is to run.
void cm_uc_use(cortexm_t *c, bool exact)
{
    if (exact && !c->exact) {
        g_autoptr(GError) error = NULL;
        c->exact = open_instance(c, true, &error);
        if (!c->exact || !map_instance(c, c->exact, &error))
            g_error("%s", error->message); // memory is out
    }
    uc_engine *to = exact ? c->exact : c->fast;
    if (c->cur == to)
        return;
    uc_context_save(c->cur, c->context);
    uc_context_restore(to, c->context);
    c->cur = to;
}

// What Unicorn needs for a block, at most. (Measured: 400 bytes, and 80 for each access.)
static size_t translation_size(const cortexm_t *c, const cm_block_t *b)
{
    size_t size = 400 + b->n * (c->cur == c->exact ? 180 : 100);
    for (unsigned i = 0; i < b->n; i++)
        size += b->ins[i].load || b->ins[i].store ? 100 * b->ins[i].count : 0;
    return size;
}

static bool is_full(const cortexm_t *c, bool exact)
{
    return c->translated[exact] > (exact ? EXACT_BUFFER : FAST_BUFFER) / 4 * 3;
}

bool cm_uc_has_room(cortexm_t *c, cm_block_t *b)
{
    bool exact = c->cur == c->exact;
    if (b->era[exact] == c->era[exact])
        return true;
    if (is_full(c, exact))
        return false;
    b->era[exact] = c->era[exact];
    c->translated[exact] += translation_size(c, b);
    return true;
}

static void make_room(cortexm_t *c)
{
    bool exact = c->cur == c->exact;
    GHashTableIter it;
    gpointer b;
    if (c->blk != &c->none) // begins in the middle of a block: one more to translate
        c->translated[exact] += translation_size(c, c->blk);
    if (!is_full(c, exact))
        return;
    uc_ctl_flush_tb(c->cur);
    c->translated[exact] = 0;
    c->era[exact]++;
    if (exact)
        return;
    cm_path_forget_all(c); // the hook counts what it looks at
    g_hash_table_iter_init(&it, c->blocks);
    while (g_hash_table_iter_next(&it, NULL, &b))
        ((cm_block_t *)b)->flags |= BF_LOOK;
}

void cm_uc_start(cortexm_t *c, uint32_t pc)
{
    make_room(c);
    c->ev = EV_NONE;
    c->part_next = 1;
    cm_set_limit(c, c->limit);
    uc_emu_start(c->cur, pc | 1, 0xFFFFFFFF, 0, 0);
    cm_path_leave(c);
    cm_path_end(c);
}

void cm_uc_drop(cortexm_t *c, uint32_t address, uint32_t end)
{
    uc_ctl_remove_cache(c->fast, (uint64_t)address, (uint64_t)end);
    if (c->exact)
        uc_ctl_remove_cache(c->exact, (uint64_t)address, (uint64_t)end);
}

// Code hooks of *fast* for what depends on data in a new block.
void cm_uc_probe(cortexm_t *c, const cm_block_t *b)
{
    bool added = false;
    for (unsigned n = 0; n < b->n; n++) {
        uint64_t at = b->address + b->ins[n].offset;
        if (!cm_block_needs_probe(&b->ins[n]) ||
            !g_hash_table_add(c->probes, GUINT_TO_POINTER((guint)at)))
            continue;
        uc_hook h;
        uc_hook_add(c->fast, &h, UC_HOOK_CODE, cm_hook_probe, c, at, at);
        added = true;
    }
    if (added)
        uc_ctl_remove_cache(c->fast, (uint64_t)b->address, (uint64_t)b->end);
}
