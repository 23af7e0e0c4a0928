// SPDX-License-Identifier: GPL-2.0-or-later
// The bare LX106: see lx.h.
#include "lx.h"
#include <string.h>

typedef struct lx_part {
    part_t part;
    lx_stand_t *k;
} lx_part_t;

static void note(lx_stand_t *k, uint64_t what)
{
    uint64_t x = k->hash ^ what ^ k->c->cycles << 20;
    k->hash = (x ^ x >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
}

static uint32_t part_read(part_t *p, uint32_t offset, unsigned size)
{
    lx_stand_t *k = ((lx_part_t *)p)->k;
    if (p->peeking)
        return 0;
    note(k, offset << 8 | size);
    return k->c->cpu.cls->cycles(&k->c->cpu);
}

static void lines(lx_stand_t *k, uint32_t which, bool level)
{
    for (unsigned i = 0; i < 15; i++)
        if (which >> i & 1) {
            g_autofree char *name = g_strdup_printf("irq.%u", i);
            line_set(machine_line(k->m, name), level);
        }
}

static void part_write(part_t *p, uint32_t offset, unsigned size, uint32_t value)
{
    lx_stand_t *k = ((lx_part_t *)p)->k;
    note(k, (uint64_t)value << 16 | offset << 8 | size | 0x80);
    switch (offset & ~3u) {
    case LX_TIME:
        g_array_append_val(k->log, value);
        break;
    case LX_TIMER:
        machine_at(k->m, &k->timer,
                   machine_now_ps(k->m) + clk_span_ps(k->m->cpu_clk, value & 0xFFFF));
        break;
    case LX_RAISE:
        lines(k, value, true);
        break;
    case LX_LOWER:
        lines(k, value, false);
        break;
    }
}

static const part_class_t lx_part_class = {
    .name = "lx-part", .size = sizeof(lx_part_t), .mmio_size = 0x400,
    .mmio_read = part_read, .mmio_write = part_write,
};

static void timer_due(void *ctx, uint64_t now_ps)
{
    lx_stand_t *k = ctx;
    lines(k, 1 << 8, false);
    lines(k, 1 << 8, true);
}

static void keep_report(void *ctx, report_t kind, const char *text)
{
    g_ptr_array_add(ctx, g_strdup(text));
}

static const soc_mem_t mems[] = {
    {"dram", MEM_RAM, LX_DRAM, LX_DRAM_SIZE},
    {"rom", MEM_ROM, LX_ROM, 0x1000},
    {"iram", MEM_RAM, LX_IRAM, LX_IRAM_SIZE},
    {"flash", MEM_FLASH, LX_FLASH, LX_FLASH_SIZE, .window = LX_FLASH_SIZE / 2},
    {0},
};
static const soc_clk_t clks[] = {{"cpu", LX_HZ}, {0}};
static const struct soc_wait waits[] = {{LX_PART, 0x400, LX_PART_WAIT, LX_PART_WAIT}, {0}};
static const soc_t chip = {
    .name = "lx", .cpu = "lx106", .irq_lines = 15, .cpu_clk = "cpu", .waits = waits,
    .mems = mems, .clks = clks, .boot_address = 0x40000080,
};

lx_stand_t *lx_new(void)
{
    g_autoptr(GError) error = NULL;
    lx_stand_t *k = g_new0(lx_stand_t, 1);
    k->log = g_array_new(false, false, 4);
    k->reports = g_ptr_array_new_with_free_func(g_free);
    k->m = machine_new(&chip, 1, &error);
    g_assert_no_error(error);
    k->m->report = keep_report;
    k->m->report_ctx = k->reports;
    k->m->semihosting = true;
    k->c = (lx106_t *)k->m->cpu;
    part_t *part = machine_add_part(k->m, &lx_part_class, "part", &error);
    ((lx_part_t *)part)->k = k;
    part->base = LX_PART;
    g_assert_true(part_init(part, &error));
    event_init(&k->timer, "lx-timer", timer_due, k);
    return k;
}

void lx_free(lx_stand_t *k)
{
    machine_cancel(k->m, &k->timer);
    machine_free(k->m);
    g_array_unref(k->log);
    g_ptr_array_unref(k->reports);
    g_free(k);
}

void lx_put(lx_stand_t *k, uint32_t address, const void *bytes, uint32_t n)
{
    g_assert_true(bus_poke(k->m->bus, address, bytes, n));
}

uint32_t lx_word(lx_stand_t *k, uint32_t address)
{
    uint32_t v = 0;
    g_assert_true(bus_peek(k->m->bus, address, &v, 4));
    return v;
}

void lx_start(lx_stand_t *k, uint32_t pc)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(machine_start(k->m, &error));
    k->c->ps = LX_PS_UM;
    k->c->vecbase = LX_IRAM;
    k->c->pc = pc;
}

void lx_flash(lx_stand_t *k, unsigned cache_lines)
{
    mem_t *mem = bus_mem_named(k->m->bus, "flash");
    mem->timing.icache_lines = cache_lines;
    mem->timing.flushes++;
    bus_timing_changed(k->m->bus, mem);
}

machine_stop_t lx_run(lx_stand_t *k, uint64_t cycles)
{
    return machine_run(k->m, clk_ps(k->m->cpu_clk, k->c->cycles + cycles));
}

// ---- Assembler --------------------------------------------------------------------------------------

void lx_emit(lx_asm_t *a, uint32_t word, unsigned len)
{
    g_assert_cmpuint(a->at - a->base + len, <=, a->size);
    memcpy(a->code + (a->at - a->base), &word, len);
    a->at += len;
}

void lx_align(lx_asm_t *a, unsigned n)
{
    while (a->at % n)
        lx_emit(a, 0, 1);
}

void lx_word_at(lx_asm_t *a, uint32_t value) { lx_emit(a, value, 4); }

void lx_row(lx_asm_t *a, unsigned op, unsigned r, unsigned s, unsigned t, unsigned imm8)
{
    uint32_t w = r << 12 | s << 8 | t << 4 | imm8 << 16;
    unsigned op0 = lx_rows[op].match & 15;
    lx_emit(a, (w & ~lx_rows[op].mask) | lx_rows[op].match, op0 >= 8 && op0 <= 13 ? 2 : 3);
}

void lx_l32r(lx_asm_t *a, unsigned t, uint32_t literal)
{
    uint32_t imm = (literal - ((a->at + 3) & ~3u)) >> 2;
    lx_emit(a, 1 | t << 4 | (imm & 0xFFFF) << 8, 3);
}

void lx_sr(lx_asm_t *a, unsigned op, unsigned sr, unsigned t)
{
    lx_emit(a, lx_rows[op].match | sr << 8 | t << 4, 3);
}

void lx_j(lx_asm_t *a, uint32_t target) { lx_emit(a, 6 | ((target - a->at - 4) & 0x3FFFF) << 6, 3); }

void lx_movi(lx_asm_t *a, unsigned t, int value)
{
    lx_row(a, LX_OP_movi, 0, value >> 8 & 15, t, value & 0xFF);
}
