// SPDX-License-Identifier: GPL-2.0-or-later
// The bare Cortex-M: see core.h.
#include "core.h"
#include <string.h>

typedef struct core_part {
    part_t part;
    core_t *k;
} core_part_t;

static void note(core_t *k, uint64_t what)
{
    uint64_t x = k->hash ^ what ^ core_cycles(k) << 20;
    k->hash = (x ^ x >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
}

static uint32_t part_read(part_t *p, uint32_t offset, unsigned size)
{
    core_t *k = ((core_part_t *)p)->k;
    if (p->peeking)
        return 0;
    note(k, offset << 8 | size);
    return core_cycles(k);
}

static void part_write(part_t *p, uint32_t offset, unsigned size, uint32_t value)
{
    core_t *k = ((core_part_t *)p)->k;
    note(k, (uint64_t)value << 16 | offset << 8 | size | 0x80);
    switch (offset & ~3u) {
    case CORE_TIME:
        g_array_append_val(k->log, value);
        break;
    case CORE_TIMER:
        machine_at(k->m, &k->timer,
                   machine_now_ps(k->m) + (uint64_t)(value & 0xFFFF) * CORE_CYCLE_PS);
        break;
    case CORE_RAISE:
        line_set(k->irq, true);
        break;
    case CORE_LOWER:
        line_set(k->irq, false);
        break;
    }
}

static const part_class_t core_part_class = {
    .name = "core-part", .size = sizeof(core_part_t), .mmio_size = 0x400,
    .mmio_read = part_read, .mmio_write = part_write,
};

static void timer_due(void *ctx, uint64_t now_ps) { line_set(((core_t *)ctx)->irq, true); }

static void keep_report(void *ctx, report_t kind, const char *text)
{
    g_ptr_array_add(ctx, g_strdup(text));
}

static const soc_mem_t mems[] = {
    {"flash", MEM_FLASH, CORE_FLASH, 256 * 1024, .alias = 0, .alias_on = true},
    {"ram", MEM_RAM, CORE_RAM, 64 * 1024},
    {"rom", MEM_ROM, 0x1FFF0000, 1024},
    {0},
};
static const soc_clk_t clks[] = {{"cpu", 100000000}, {"systick", 12500000}, {0}};
static const struct soc_wait waits[] = {{CORE_PART, 0x400, 2, 1}, {0}};
static const soc_t chips[] = {
    {.name = "m4", .cpu = "cortex-m4f", .irq_lines = 8, .priority_bits = 4, .fpu = true,
     .cpu_clk = "cpu", .waits = waits, .mems = mems, .clks = clks},
    {.name = "m0", .cpu = "cortex-m0", .irq_lines = 8, .priority_bits = 2, .cpu_clk = "cpu",
     .waits = waits, .mems = mems, .clks = clks},
};

core_t *core_new(const char *cpu)
{
    g_autoptr(GError) error = NULL;
    core_t *k = g_new0(core_t, 1);
    k->log = g_array_new(false, false, 4);
    k->reports = g_ptr_array_new_with_free_func(g_free);
    k->m = machine_new(&chips[!strcmp(cpu, "m0")], 1, &error);
    g_assert_no_error(error);
    k->m->report = keep_report;
    k->m->report_ctx = k->reports;
    k->c = (cortexm_t *)k->m->cpu;
    k->part = machine_add_part(k->m, &core_part_class, "part", &error);
    ((core_part_t *)k->part)->k = k;
    k->part->base = CORE_PART;
    g_assert_true(part_init(k->part, &error));
    k->irq = machine_line(k->m, "irq.0");
    event_init(&k->timer, "core-timer", timer_due, k);
    return k;
}

void core_free(core_t *k)
{
    machine_cancel(k->m, &k->timer);
    machine_free(k->m);
    g_array_unref(k->log);
    g_ptr_array_unref(k->reports);
    g_free(k);
}

void core_flash_timing(core_t *k, unsigned ws, unsigned icache, unsigned dcache, bool prefetch)
{
    mem_t *mem = bus_mem_named(k->m->bus, "flash");
    mem->timing = (mem_timing_t){ws, 16, icache, dcache, prefetch};
    bus_timing_changed(k->m->bus, mem);
}

void core_put(core_t *k, uint32_t address, const void *bytes, uint32_t n)
{
    g_assert_true(bus_poke(k->m->bus, address, bytes, n));
}

void core_start(core_t *k)
{
    g_autoptr(GError) error = NULL;
    machine_start(k->m, &error);
    g_assert_no_error(error);
}

uint32_t core_word(core_t *k, uint32_t address)
{
    uint32_t v = 0;
    g_assert_true(bus_peek(k->m->bus, address, &v, 4));
    return v;
}

uint64_t core_cycles(core_t *k) { return k->m->cpu->cls->cycles(k->m->cpu); }
uint32_t core_reg(core_t *k, unsigned reg) { return k->m->cpu->cls->reg_get(k->m->cpu, reg); }
void core_set(core_t *k, unsigned reg, uint32_t value)
{
    k->m->cpu->cls->reg_set(k->m->cpu, reg, value);
}

void core_compare(core_t *a, core_t *b, uint32_t seed)
{
    uint64_t x = core_cycles(a), y = core_cycles(b);
    for (unsigned r = 0; a->m->cpu->cls->regs[r].name; r++)
        if (a->m->cpu->cls->reg_get(a->m->cpu, r) != b->m->cpu->cls->reg_get(b->m->cpu, r))
            g_error("seed %u: %s is 0x%" G_GINT64_MODIFIER "x or 0x%" G_GINT64_MODIFIER
                    "x at pc 0x%x, cycle %" G_GUINT64_FORMAT, seed, a->m->cpu->cls->regs[r].name,
                    a->m->cpu->cls->reg_get(a->m->cpu, r), b->m->cpu->cls->reg_get(b->m->cpu, r),
                    core_reg(a, CM_PC), x);
    if (x != y)
        g_error("seed %u: %" G_GUINT64_FORMAT " or %" G_GUINT64_FORMAT " cycles", seed, x, y);
    g_assert_cmphex(a->hash, ==, b->hash);
    mem_t *m = bus_mem_named(a->m->bus, "ram"), *n = bus_mem_named(b->m->bus, "ram");
    g_assert_cmpmem(m->data, m->size, n->data, n->size);
}
