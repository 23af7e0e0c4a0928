// SPDX-License-Identifier: GPL-2.0-or-later
// Xtensa LX106 (ESP8266): the engine interface of cpu.h on top of an interpreter of our own
// (lx106_int.h says how it works). Here: the run loop, the class, the debugger.
//
// Where the chip's ROM is empty at the reset vector, an image with an entry point starts there, with
// the stack and PS that the ROM would have left.
//
// Not modelled: what a debug probe does through the OCD port, extended L32R (LITBASE is stored),
// and the rest of the rows that lx106_isa.def names.
#include "lx106_int.h"
#include <string.h>

// ---- Running ----------------------------------------------------------------------------------------

// What the machine does not know: how long WAITI lasts if nothing but CCOMPARE0 comes.
static void wait_for_timer(lx106_t *c)
{
    if (c->intenable & LX_INT_TIMER)
        machine_at(c->cpu.m, &c->wake, clk_ps(c->cpu.m->cpu_clk, c->timer_at));
}

static void woken(void *ctx, uint64_t now_ps) {} // the boundary looks at CCOUNT

// TRUE: a debug exception was taken instead of the instruction.
static bool debug_exception(lx106_t *c)
{
    unsigned level = c->ps & LX_PS_LEVEL;
    uint32_t pc = lx_pc(c);
    if (level < 2 && (c->ibreakenable & 1) && pc == c->ibreaka) {
        c->pc = pc;
        lx_raise_debug(c, LX_DEBUG_IBREAK);
        return true;
    }
    if (c->icountlevel <= level)
        return false;
    if (c->icount != UINT32_MAX || level >= 2) {
        c->icount++;
        return false;
    }
    c->pc = pc;
    lx_raise_debug(c, LX_DEBUG_ICOUNT);
    return true;
}

// What is to be done on the boundary that we stand on. TRUE: *why ends the run.
static bool at_boundary(lx106_t *c, cpu_stop_t *why)
{
    lx_timer(c);
    lx_set_limit(c);
    if (c->flush)
        lx_drop_blocks(c);
    if (c->exit_wanted) {
        c->exit_wanted = false;
        return *why = CPU_EXIT, true;
    }
    if (c->watch_hit || c->break_wanted) {
        c->watch_hit = c->break_wanted = false;
        return *why = CPU_BREAK, true;
    }
    if (c->cycles >= c->until)
        return *why = CPU_DEADLINE, true;
    if (lx_take_interrupt(c)) {
        if (c->stepping)
            return *why = CPU_BREAK, true;
        return at_boundary(c, why);
    }
    if (c->waiting) {
        wait_for_timer(c);
        return *why = CPU_SLEEP, true;
    }
    uint32_t pc = lx_pc(c);
    if (!c->stepping && points_break_in(&c->points, pc, 1) &&
        (pc != c->broke_pc || c->cycles != c->broke_at))
        return *why = CPU_BREAK, true;
    return false;
}

// The block at pc, to be run from its start.
static bool find_place(lx106_t *c)
{
    if (c->blk)
        return true;
    c->blk = lx_find(c, c->pc);
    if (!c->blk)
        return false;
    c->at = c->blk->ops;
    c->cycles += c->nocross ? 0 : c->blk->cross;
    c->nocross = false;
    return true;
}

static void run_stretch(lx106_t *c, bool one)
{
    if (!c->mid && (c->ibreakenable || c->icountlevel) && debug_exception(c))
        return;
    if (!find_place(c))
        return; // no room: blocks are dropped at the next boundary
    one = one || c->mid || c->cycles - c->at->op.cum + c->blk->bound > c->limit;
    c->mid = false;
    lx_exec(c, one);
}

static cpu_stop_t note_break(lx106_t *c, cpu_stop_t why)
{
    if (why == CPU_BREAK) {
        c->broke_pc = lx_pc(c);
        c->broke_at = c->cycles;
    }
    return why;
}

static cpu_stop_t run(cpu_t *cpu, uint64_t until)
{
    lx106_t *c = (lx106_t *)cpu;
    cpu_stop_t why = CPU_DEADLINE;
    machine_cancel(cpu->m, &c->wake);
    c->until = until;
    while (c->mid || !at_boundary(c, &why))
        run_stretch(c, false);
    return note_break(c, why);
}

static cpu_stop_t step(cpu_t *cpu)
{
    lx106_t *c = (lx106_t *)cpu;
    cpu_stop_t why = CPU_BREAK;
    machine_cancel(cpu->m, &c->wake);
    c->stepping = true;
    c->until = UINT64_MAX;
    if (c->mid || !at_boundary(c, &why)) {
        uint64_t before = c->cycles;
        do
            run_stretch(c, true);
        while (c->flush && c->cycles == before && (lx_drop_blocks(c), true));
        why = CPU_BREAK;
        if (c->exit_wanted)
            at_boundary(c, &why);
        c->watch_hit = c->break_wanted = false;
    }
    c->stepping = false;
    return note_break(c, why);
}

static uint64_t cycles(const cpu_t *cpu) { return ((const lx106_t *)cpu)->cycles; }

static void cut(cpu_t *cpu, uint64_t until)
{
    lx106_t *c = (lx106_t *)cpu;
    c->until = MIN(c->until, until);
    c->limit = MIN(c->limit, until);
}

static void skip(cpu_t *cpu, uint64_t to)
{
    lx106_t *c = (lx106_t *)cpu;
    c->cycles = MAX(c->cycles, to);
}

static void irq(cpu_t *cpu, unsigned line, bool level) { lx_irq((lx106_t *)cpu, line, level); }

static void event(cpu_t *cpu) {} // the LX106 has no events

static void code_changed(cpu_t *cpu, uint32_t address, uint32_t n)
{
    lx106_t *c = (lx106_t *)cpu;
    for (unsigned i = 0; i < c->regions; i++) {
        const mem_t *mem = c->region[i].mem;
        if (address - mem->base < mem->size)
            lx_code_changed(c, mem, address - mem->base, n);
    }
}

static void timing_changed(cpu_t *cpu, const mem_t *mem) { lx_timing((lx106_t *)cpu, mem); }

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now_ps)
{
    lx106_t *c = ctx;
    double cpu = clk_hz(c->cpu.m->cpu_clk), apb = clk_hz(machine_clk(c->cpu.m, "apb"));
    if (before)
        return;
    lx_miss_time(c);
    c->wait_ratio = apb > 0 && cpu > 1.5 * apb ? 2 : 1;
}

// ---- Life -------------------------------------------------------------------------------------------

static void destroy(cpu_t *cpu)
{
    lx106_t *c = (lx106_t *)cpu;
    machine_cancel(cpu->m, &c->wake);
    for (unsigned i = 0; i < c->regions; i++)
        g_free(c->region[i].marks);
    points_clear(&c->points);
    g_free(c->chains);
    g_free(c->arena);
    g_free(c);
}

static cpu_t *create(machine_t *m, const soc_t *soc, GError **error)
{
    lx106_t *c = g_new0(lx106_t, 1);
    c->cpu.cls = cpu_class_find("lx106");
    c->cpu.m = m;
    c->waits = soc->waits;
    points_init(&c->points);
    c->chains = g_new0(lx_block_t *, LX_CHAINS);
    c->arena = g_malloc(LX_ARENA);
    c->none.bound = LX_NEVER;
    event_init(&c->wake, "ccompare0", woken, c);
    clk_listen(m->cpu_clk, clock_changed, c);
    clk_listen(machine_clk(m, "apb"), clock_changed, c);
    clock_changed(c, m->cpu_clk, false, 0);
    lx_handlers(c);
    memset(c->tag, 0xFF, sizeof c->tag);
    lx_drop_blocks(c);
    return &c->cpu;
}

// No ROM: what it would have left behind.
static void start_image(lx106_t *c)
{
    const image_t *image = c->cpu.m->image;
    uint32_t rom = 0;
    bus_peek(c->cpu.m->bus, c->cpu.m->boot_address, &rom, 4);
    if (rom || !image || !image->has_entry)
        return;
    c->pc = image->entry;
    c->ps = LX_PS_UM;
    c->a[1] = 0x40000000;
}

static void reset(cpu_t *cpu, bool power)
{
    lx106_t *c = (lx106_t *)cpu;
    if (!c->regions)
        lx_map(c);
    lx_exc_reset(c);
    if (power)
        memset(c->a, 0, sizeof c->a);
    c->blk = NULL;
    c->mid = c->nocross = c->exit_wanted = c->break_wanted = c->watch_hit = false;
    c->pc = c->cpu.m->boot_address;
    lx_map_ram(c);
    lx_drop_blocks(c);
    start_image(c);
}

// ---- Debugger ---------------------------------------------------------------------------------------

enum { REG_PC = 16, REG_SAR, REG_PS, REG_SPECIAL };

static const struct special {
    const char *name;
    uint8_t sr;
} specials[] = {
    {"litbase", 5}, {"vecbase", 231}, {"exccause", 232}, {"excvaddr", 238}, {"depc", 192},
    {"epc1", 177}, {"epc2", 178}, {"epc3", 179}, {"eps2", 194}, {"eps3", 195},
    {"excsave1", 209}, {"excsave2", 210}, {"excsave3", 211}, {"interrupt", 226},
    {"intenable", 228}, {"ccount", 234}, {"ccompare0", 240}, {"ibreakenable", 96},
    {"ibreaka0", 128}, {"dbreaka0", 144}, {"dbreakc0", 160}, {"icount", 236},
    {"icountlevel", 237}, {"debugcause", 233}, {"ddr", 104},
};

static const cpu_reg_desc_t regs[] = {
    {"a0", 32}, {"a1", 32}, {"a2", 32}, {"a3", 32}, {"a4", 32}, {"a5", 32}, {"a6", 32}, {"a7", 32},
    {"a8", 32}, {"a9", 32}, {"a10", 32}, {"a11", 32}, {"a12", 32}, {"a13", 32}, {"a14", 32},
    {"a15", 32}, {"pc", 32}, {"sar", 32}, {"ps", 32},
    {"litbase", 32}, {"vecbase", 32}, {"exccause", 32}, {"excvaddr", 32}, {"depc", 32},
    {"epc1", 32}, {"epc2", 32}, {"epc3", 32}, {"eps2", 32}, {"eps3", 32},
    {"excsave1", 32}, {"excsave2", 32}, {"excsave3", 32}, {"interrupt", 32},
    {"intenable", 32}, {"ccount", 32}, {"ccompare0", 32}, {"ibreakenable", 32},
    {"ibreaka0", 32}, {"dbreaka0", 32}, {"dbreakc0", 32}, {"icount", 32},
    {"icountlevel", 32}, {"debugcause", 32}, {"ddr", 32},
    {NULL, 0},
};

static uint64_t reg_get(cpu_t *cpu, unsigned i)
{
    lx106_t *c = (lx106_t *)cpu;
    if (i < 16)
        return c->a[i];
    switch (i) {
    case REG_PC: return lx_pc(c);
    case REG_SAR: return c->sar;
    case REG_PS: return c->ps;
    default:
        return i - REG_SPECIAL < G_N_ELEMENTS(specials)
                   ? lx_sr_read(c, specials[i - REG_SPECIAL].sr) : 0;
    }
}

static void reg_set(cpu_t *cpu, unsigned i, uint64_t value)
{
    lx106_t *c = (lx106_t *)cpu;
    if (i < 16) {
        c->a[i] = value;
    } else if (i == REG_PC) {
        if ((uint32_t)value == lx_pc(c))
            return;
        c->pc = value;
        c->blk = NULL;
        c->nocross = c->mid = c->waiting = false;
    } else if (i == REG_SAR || i == REG_PS) {
        lx_sr_write(c, i == REG_SAR ? 3 : 230, value);
    } else if (i - REG_SPECIAL < G_N_ELEMENTS(specials)) {
        lx_sr_write(c, specials[i - REG_SPECIAL].sr, value);
    }
}

static uint32_t pc(cpu_t *cpu) { return lx_pc((lx106_t *)cpu); }

static bool breakpoint(cpu_t *cpu, uint32_t address, bool on)
{
    lx106_t *c = (lx106_t *)cpu;
    points_break(&c->points, address, on);
    c->flush = true;
    return true;
}

static bool watchpoint(cpu_t *cpu, uint32_t address, uint32_t n, watch_t kind)
{
    lx106_t *c = (lx106_t *)cpu;
    bool room = points_watch(&c->points, address, n, kind);
    c->flush = true;
    lx_map_ram(c);
    return room;
}

static unsigned disassemble(cpu_t *cpu, uint32_t address, char *to, size_t n)
{
    lx106_t *c = (lx106_t *)cpu;
    uint32_t word = 0;
    unsigned have = 0;
    for (; have < 3; have++) {
        uint8_t byte;
        lx_region_t *r = c->regions ? lx_region_at(c, address + have) : NULL;
        if (r)
            byte = r->mem->data[r->offset + (address + have - r->base)];
        else if (!bus_mem_at(cpu->m->bus, address + have, NULL) ||
                 !bus_peek(cpu->m->bus, address + have, &byte, 1))
            break;
        word |= (uint32_t)byte << 8 * have;
    }
    lx_insn_t i;
    bool legal = lx_decode(address, word, &i);
    if (i.len > have)
        return 0;
    if (legal)
        lx_format(&i, to, n);
    else
        g_snprintf(to, n, ".byte 0x%02x", word & 0xFF); // as long as it looks
    return i.len;
}

extern const cpu_class_t lx106_cpu;
const cpu_class_t lx106_cpu = {
    .name = "lx106", .arch = IMAGE_ARCH_XTENSA, .create = create,
    .destroy = destroy, .reset = reset, .run = run,
    .cycles = cycles, .cut = cut, .skip = skip, .irq = irq, .event = event,
    .code_changed = code_changed, .timing_changed = timing_changed, .regs = regs,
    .reg_get = reg_get, .reg_set = reg_set, .pc = pc, .step = step, .breakpoint = breakpoint,
    .watchpoint = watchpoint, .disassemble = disassemble,
};
