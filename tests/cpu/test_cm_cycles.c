// SPDX-License-Identifier: GPL-2.0-or-later
// Cycles of the pieces of cycles.S, without and with flash wait states, and interrupts at each cycle.
// A number here is what sim/cpu/cortexm_cycles.c and cortexm_fetch.c say it should be, worked out by
// hand; those files say what is documented and what is an assumption.
#include "core.h"
#include <stdlib.h>

static const char *image_path;

typedef struct piece {
    const char *name;
    unsigned cycles;
    uint32_t r0, r1;
} piece_t;

static const piece_t pieces[] = {
    {"loop", 1 + 10 * 1 + 9 * 2 + 1},
    {"nops_loop", 1 + 10 * 4 + 9 * 2 + 1},
    {"ldr_ldr", 2 + 1},
    {"ldr_add", 2 + 1},
    {"ldr_str", 2 + 1},
    {"str_ldr", 1 + 1},
    {"ldr_chain", 1 + 1 + 2 + 2},
    {"made_address", 1 + 2 + 1},
    {"str_register", 1 + 1 + 2},
    {"ldm4", 1 + 4},
    {"push_pop", 1 + 4 + 1 + 4},
    {"ldrd", 1 + 2},
    {"multiply", 3},
    {"udiv", 2, 7, 100},
    {"udiv", 3, 100, 100},
    {"udiv", 5, 100, 7},
    {"udiv", 12, 0xFFFFFFFF, 1},
    {"udiv", 2, 5, 0},
    {"sdiv", 5, -100, 7},
    {"sdiv", 5, 100, -7},
    {"sdiv", 2, -3, 100},
    {"sdiv", 12, 0x80000000, 1},
    {"it_true", 1 + 0 + 2},
    {"it_false", 1 + 0 + 1},
    {"ite_divide", 1 + 0 + 5 + 1, 100, 7},
    {"ite_divide", 1 + 0 + 1 + 5, 7, 100},
    {"call", 2 + 3 + 2},
    {"unaligned_target", 2 + 1 + 1},
    {"table_branch", 1 + 2 + 3},
    {"vdiv", 14},
    {"vadd_free", 1 + 1},
    {"vadd_chain", 1 + 1 + 1},
    {"vfma", 3},
    {"part_read", 2 + 2},
    {"part_write", 1 + 1},
    {"lines16", 14 + 2},
    {"lines32", 7 + 2},
    {"long", 120 * (3 + 3 + 3) + 2},
    {"across", 2 + 2 + 1 + 0 + 1 + 2 + 1 + 1},
};

static uint32_t symbol(core_t *k, const char *name)
{
    uint32_t at = 0;
    if (!image_symbol_find(k->m->image, name, &at))
        g_error("no symbol %s", name);
    return at & ~1u;
}

static core_t *boot(bool exact)
{
    g_autoptr(GError) error = NULL;
    core_t *k = core_new("m4");
    image_t *image = image_load(image_path, NULL, &error);
    g_assert_no_error(error);
    machine_load(k->m, image, &error);
    g_assert_no_error(error);
    k->c->exact_only = exact;
    core_start(k);
    cpu_t *cpu = k->m->cpu;
    cpu->cls->breakpoint(cpu, symbol(k, "ready"), true);
    g_assert_cmpint(machine_run(k->m, 10000 * (uint64_t)CORE_CYCLE_PS), ==, MACHINE_BREAK);
    cpu->cls->breakpoint(cpu, symbol(k, "ready"), false);
    return k;
}

static uint64_t now(core_t *k) { return k->m->now_ps; }

// Runs a piece and returns its cycles.
static unsigned run_piece(core_t *k, const char *name)
{
    g_autofree char *end = g_strconcat(name, "_end", NULL);
    cpu_t *cpu = k->m->cpu;
    uint32_t stop = symbol(k, end);
    core_set(k, CM_PC, symbol(k, name));
    uint64_t from = core_cycles(k);
    cpu->cls->breakpoint(cpu, stop, true);
    g_assert_cmpint(machine_run(k->m, now(k) + 2000 * (uint64_t)CORE_CYCLE_PS), ==, MACHINE_BREAK);
    g_assert_cmphex(core_reg(k, CM_PC), ==, stop);
    cpu->cls->breakpoint(cpu, stop, false);
    return core_cycles(k) - from;
}

static void test_pieces(gconstpointer exact)
{
    core_t *k = boot(exact);
    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++)
        for (int again = 0; again < 2; again++) { // decoded anew, then as known
            const piece_t *p = &pieces[i];
            core_set(k, CM_R0, p->r0);
            core_set(k, CM_R1, p->r1);
            unsigned n = run_piece(k, p->name);
            if (n != p->cycles)
                g_error("%s(%d, %d): %u cycles, not %u", p->name, p->r0, p->r1, n, p->cycles);
        }
    core_free(k);
}

static void test_cycle_counter(gconstpointer exact)
{
    core_t *k = boot(exact);
    run_piece(k, "cycle_counter");
    g_assert_cmpuint(core_reg(k, CM_R3), ==, 2 + 3);
    core_free(k);
}

typedef struct flash_case {
    const char *name;
    unsigned ws, icache, dcache;
    bool prefetch;
    unsigned first, second; // cycles of the first and of the second run
} flash_case_t;

static const flash_case_t flash_cases[] = {
    {"lines16", 0, 64, 8, true, 16, 16},
    {"lines16", 5, 0, 0, false, 16 + 2 * 5, 16 + 2 * 5},
    {"lines16", 5, 64, 8, false, 16 + 2 * 5, 16},
    {"lines16", 5, 0, 0, true, 16 + 5, 16 + 5}, // the second line is there in time
    {"lines32", 5, 0, 0, true, 9 + 5 + 1, 9 + 5 + 1}, // one cycle late
    {"lines32", 5, 64, 8, true, 9 + 5 + 1, 9},
    {"line_loop", 5, 0, 0, false, 1 + 4 * 3 + 3 * 2 + 1 + 5, 1 + 4 * 3 + 3 * 2 + 1},
    // movs b; 4 x (nop b subs), 3 x (beq b), beq taken: 30. Nine lines are entered, or two missed. The
    // second run finds the last line of the first in the buffer.
    {"far_loop", 5, 0, 0, false, 30 + 9 * 5, 30 + 8 * 5},
    {"far_loop", 5, 64, 0, false, 30 + 2 * 5, 30},
    // Two literals in one line, 2 + 1 + 2 cycles: the line of code waits, and the line of literals.
    {"literal", 5, 0, 0, false, 5 + 5 + 5, 5 + 5},
    {"literal", 5, 64, 8, false, 5 + 5 + 5, 5},
};

static void test_flash(gconstpointer exact)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(flash_cases); i++) {
        const flash_case_t *f = &flash_cases[i];
        core_t *k = boot(exact);
        core_flash_timing(k, f->ws, f->icache, f->dcache, f->prefetch);
        unsigned first = run_piece(k, f->name), second = run_piece(k, f->name);
        if (first != f->first || second != f->second)
            g_error("%s at %u wait states, caches %u %u, prefetch %d: %u, %u cycles, not %u, %u",
                    f->name, f->ws, f->icache, f->dcache, f->prefetch, first, second, f->first,
                    f->second);
        core_free(k);
    }
}

typedef struct place {
    uint64_t cycle;
    uint32_t pc;
} place_t;

// Where each instruction of `mixed` begins, by stepping.
static GArray *walk(uint64_t *start)
{
    GArray *places = g_array_new(false, false, sizeof(place_t));
    core_t *k = boot(false);
    uint32_t end = symbol(k, "mixed_end");
    core_set(k, CM_PC, symbol(k, "mixed"));
    *start = core_cycles(k);
    do {
        place_t p = {core_cycles(k), core_reg(k, CM_PC)};
        g_array_append_val(places, p);
        g_assert_cmpint(machine_step(k->m), ==, MACHINE_BREAK);
    } while (core_reg(k, CM_PC) != end);
    core_free(k);
    return places;
}

// An interrupt that is due at a cycle is taken on the first boundary not before it.
static void test_interrupt_everywhere(gconstpointer exact)
{
    uint64_t start;
    g_autoptr(GArray) places = walk(&start);
    const place_t *last = &g_array_index(places, place_t, places->len - 1);
    g_assert_cmpuint(places->len, ==, 18);
    for (uint64_t due = start + 1; due <= last->cycle; due++) {
        unsigned i = 0;
        while (g_array_index(places, place_t, i).cycle < due)
            i++;
        const place_t *p = &g_array_index(places, place_t, i);
        core_t *k = boot(exact);
        core_set(k, CM_PC, symbol(k, "mixed"));
        g_assert_cmpuint(core_cycles(k), ==, start);
        machine_at(k->m, &k->timer, due * CORE_CYCLE_PS);
        k->m->cpu->cls->breakpoint(k->m->cpu, symbol(k, "handler"), true);
        g_assert_cmpint(machine_run(k->m, now(k) + 500 * (uint64_t)CORE_CYCLE_PS), ==,
                        MACHINE_BREAK);
        g_assert_cmphex(core_word(k, core_reg(k, CM_SP) + 24), ==, p->pc);
        uint64_t entry = core_cycles(k) - p->cycle;
        g_assert_true(entry == 12 || entry == 12 + 17); // with a floating-point frame, or without
        core_free(k);
    }
}

// Stepping and running take the same time.
static void test_stepping(void)
{
    uint64_t start;
    g_autoptr(GArray) places = walk(&start);
    core_t *k = boot(false);
    unsigned n = run_piece(k, "mixed");
    const place_t *last = &g_array_index(places, place_t, places->len - 1);
    g_assert_cmpuint(start + n, ==, last->cycle + 1);
    core_free(k);
}

static void test_breakpoints_and_watchpoints(void)
{
    core_t *k = boot(false);
    cpu_t *cpu = k->m->cpu;
    core_set(k, CM_PC, symbol(k, "push_pop"));
    uint32_t sp = core_reg(k, CM_SP);
    cpu->cls->watchpoint(cpu, sp - 8, 4, WATCH_WRITE);
    g_assert_cmpint(machine_run(k->m, now(k) + 500 * (uint64_t)CORE_CYCLE_PS), ==, MACHINE_BREAK);
    g_assert_cmphex(core_reg(k, CM_PC), ==, symbol(k, "push_pop") + 2); // behind the access
    g_assert_cmphex(cpu->stop_address, ==, sp - 8);
    cpu->cls->watchpoint(cpu, sp - 8, 4, WATCH_NONE);
    cpu->cls->watchpoint(cpu, sp - 16, 4, WATCH_READ);
    g_assert_cmpint(machine_run(k->m, now(k) + 500 * (uint64_t)CORE_CYCLE_PS), ==, MACHINE_BREAK);
    g_assert_cmphex(core_reg(k, CM_PC), ==, symbol(k, "push_pop_end"));
    cpu->cls->watchpoint(cpu, sp - 16, 4, WATCH_NONE);
    // On an instruction inside a block, and past it again.
    core_set(k, CM_PC, symbol(k, "lines16"));
    cpu->cls->breakpoint(cpu, symbol(k, "lines16") + 6, true);
    for (int round = 0; round < 2; round++) {
        uint64_t from = core_cycles(k);
        g_assert_cmpint(machine_run(k->m, now(k) + 500 * (uint64_t)CORE_CYCLE_PS), ==,
                        MACHINE_BREAK);
        g_assert_cmphex(core_reg(k, CM_PC), ==, symbol(k, "lines16") + 6);
        g_assert_cmpuint(core_cycles(k) - from, ==, 3);
        core_set(k, CM_PC, symbol(k, "lines16"));
    }
    char text[64];
    g_assert_cmpuint(cpu->cls->disassemble(cpu, symbol(k, "ldm4"), text, sizeof text), ==, 4);
    g_assert_cmpstr(text, ==, "ldm.w r8, {r0, r1, r2, r3}");
    core_free(k);
}

static void add_both(const char *name, GTestDataFunc fn)
{
    g_autofree char *fast = g_strdup_printf("/cortexm/%s/fast", name);
    g_autofree char *exact = g_strdup_printf("/cortexm/%s/exact", name);
    g_test_add_data_func(fast, NULL, fn);
    g_test_add_data_func(exact, GINT_TO_POINTER(1), fn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    image_path = argv[argc - 1];
    add_both("pieces", test_pieces);
    add_both("cycle-counter", test_cycle_counter);
    add_both("flash", test_flash);
    add_both("interrupt-everywhere", test_interrupt_everywhere);
    g_test_add_func("/cortexm/stepping", test_stepping);
    g_test_add_func("/cortexm/breakpoints-and-watchpoints", test_breakpoints_and_watchpoints);
    return g_test_run();
}
