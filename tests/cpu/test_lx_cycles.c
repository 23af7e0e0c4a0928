// SPDX-License-Identifier: GPL-2.0-or-later
// Cycles of the LX106, measured as on parts: CCOUNT before and after.
//
// Published measurements of the ESP8266 that the expected values come from: straight code of 2- and
// 3-byte instructions 1 cycle each; taken branches and jumps 3, one more to an address that ends in
// binary 11; loops of addi.n + bnez 4, of add + addi + bne 5; call0 with ret about 7; L32R from IRAM
// 7 to 8; a load's or multiplication's result used at once 1 more; a 32-byte line from flash 2.1 to
// 2.2 us, at 80 and at 160 MHz.
#include "lx.h"
#include <string.h>

#define CODE (LX_IRAM + 0x1000)
#define DATA (LX_DRAM + 0x1000) // where a3 points

typedef struct bench {
    lx_stand_t *k;
    lx_asm_t a;
    uint8_t code[0x10000];
} bench_t;

static bench_t *bench_new(uint32_t base)
{
    bench_t *b = g_new0(bench_t, 1);
    b->k = lx_new();
    b->a = (lx_asm_t){b->code, base, base, sizeof b->code};
    return b;
}

static void bench_free(bench_t *b)
{
    lx_free(b->k);
    g_free(b);
}

static void op(bench_t *b, unsigned op, unsigned r, unsigned s, unsigned t, unsigned imm8)
{
    lx_row(&b->a, op, r, s, t, imm8);
}

static void nop(bench_t *b) { op(b, LX_OP_nop, 0, 0, 0, 0); }
static void nop_n(bench_t *b) { op(b, LX_OP_nop_n, 0, 0, 0, 0); }

// Fills up with nops, so that what follows lies at an address that ends in `place`.
static void place(bench_t *b, unsigned place)
{
    while (b->a.at % 4 != place)
        if ((b->a.at + 3) % 4 == place || (b->a.at + 1) % 4 == place)
            nop(b);
        else
            nop_n(b);
}

// The measured code follows, at an address that ends in `where`.
static void begin(bench_t *b, unsigned where)
{
    place(b, (where + 1) % 4);
    lx_sr(&b->a, LX_OP_rsr, 234, 14);
}

static void end(bench_t *b)
{
    lx_sr(&b->a, LX_OP_rsr, 234, 15);
    lx_movi(&b->a, 2, 1);
    lx_row(&b->a, LX_OP_simcall, 0, 0, 0, 0);
}

// Cycles between begin and end, without those of the measuring itself.
static unsigned run_from(bench_t *b, uint32_t pc)
{
    lx_put(b->k, b->a.base, b->code, b->a.at - b->a.base);
    lx_start(b->k, pc);
    b->k->c->a[3] = DATA;
    b->k->c->a[4] = LX_IRAM + 0x800;
    b->k->c->a[5] = LX_PART;
    g_assert_cmpint(lx_run(b->k, 1000000), ==, MACHINE_EXIT);
    return b->k->c->a[15] - b->k->c->a[14] - 1;
}

static unsigned run(bench_t *b) { return run_from(b, b->a.base); }

typedef void (*body_t)(bench_t *b);

static unsigned measure(unsigned where, body_t body)
{
    bench_t *b = bench_new(CODE);
    begin(b, where);
    body(b);
    end(b);
    unsigned cycles = run(b);
    bench_free(b);
    return cycles;
}

static void check(body_t body, unsigned p0, unsigned p1, unsigned p2, unsigned p3)
{
    unsigned want[4] = {p0, p1, p2, p3};
    for (unsigned i = 0; i < 4; i++)
        g_assert_cmpuint(measure(i, body), ==, want[i]);
}

// ---- Straight code ----------------------------------------------------------------------------------

static void nothing(bench_t *b) {}

static void twos(bench_t *b)
{
    for (unsigned i = 0; i < 4; i++) {
        nop_n(b);
        op(b, LX_OP_add_n, 6, 7, 8, 0);
    }
}

static void threes(bench_t *b)
{
    for (unsigned i = 0; i < 8; i++)
        lx_movi(&b->a, 6, i);
}

static void straight(void)
{
    check(nothing, 0, 0, 0, 0);
    check(twos, 8, 8, 8, 8);
    check(threes, 8, 8, 8, 8);
}

// ---- Results that come late -------------------------------------------------------------------------

static void load_apart(bench_t *b)
{
    op(b, LX_OP_l32i_n, 0, 3, 6, 0);
    nop_n(b);
    op(b, LX_OP_add_n, 7, 6, 6, 0);
}

static void load_use(bench_t *b)
{
    op(b, LX_OP_l32i_n, 0, 3, 6, 0);
    op(b, LX_OP_add_n, 7, 6, 6, 0);
}

static void load_store(bench_t *b)
{
    op(b, LX_OP_l8ui, 0, 3, 6, 0);
    op(b, LX_OP_s32i_n, 0, 3, 6, 0);
}

static void load_other(bench_t *b)
{
    op(b, LX_OP_l32i_n, 0, 3, 6, 0);
    op(b, LX_OP_add_n, 6, 7, 8, 0);
}

static void mul_use(bench_t *b)
{
    op(b, LX_OP_mul16u, 6, 7, 8, 0);
    op(b, LX_OP_add_n, 7, 6, 6, 0);
}

static void mul_apart(bench_t *b)
{
    op(b, LX_OP_mul16u, 6, 7, 8, 0);
    nop_n(b);
    op(b, LX_OP_add_n, 7, 6, 6, 0);
}

static void late(void)
{
    check(load_apart, 3, 3, 3, 3);
    check(load_use, 3, 3, 3, 3);
    check(load_store, 3, 3, 3, 3);
    check(load_other, 2, 2, 2, 2);
    check(mul_use, 3, 3, 3, 3);
    check(mul_apart, 3, 3, 3, 3);
}

// ---- Jumps ------------------------------------------------------------------------------------------

static void not_taken(bench_t *b)
{
    op(b, LX_OP_beq, 0, 3, 4, 2);
    nop_n(b);
}

// A branch over `gap` bytes; behind it a 2-byte instruction.
static void taken(bench_t *b, unsigned gap)
{
    op(b, LX_OP_bne, 0, 3, 4, gap - 1);
    for (unsigned i = 0; i < gap; i++)
        lx_emit(&b->a, 0, 1);
    nop_n(b);
}

static void taken_4(bench_t *b) { taken(b, 4); }
static void taken_5(bench_t *b) { taken(b, 5); }

static void jump(bench_t *b)
{
    lx_j(&b->a, b->a.at + 5);
    lx_emit(&b->a, 0, 2);
    nop_n(b);
}

static void jump_3(bench_t *b) // to a 3-byte instruction
{
    lx_j(&b->a, b->a.at + 4);
    lx_emit(&b->a, 0, 1);
    nop(b);
}

static void jumps(void)
{
    check(not_taken, 2, 2, 2, 2);
    // The target lies 7 bytes behind: at 3, 0, 1, 2.
    check(taken_4, 5, 4, 4, 4);
    check(taken_5, 4, 4, 4, 5);
    check(jump, 4, 4, 5, 4);
    check(jump_3, 4, 4, 5, 5); // one of 3 bytes at 2 needs two words as well
}

static void call_return(void)
{
    for (unsigned i = 0; i < 4; i++) {
        bench_t *b = bench_new(CODE);
        place(b, 0);
        uint32_t function = b->a.at;
        op(b, LX_OP_ret_n, 0, 0, 0, 0);
        place(b, 0);
        uint32_t start = b->a.at;
        begin(b, i);
        lx_emit(&b->a, 5 | (((function - (b->a.at & ~3u) - 4) >> 2) & 0x3FFFF) << 6, 3);
        end(b);
        unsigned cycles = run_from(b, start);
        g_assert_cmpuint(cycles, >=, 6);
        g_assert_cmpuint(cycles, <=, 8);
        bench_free(b);
    }
}

// Cycles of a turn of a loop whose body `extra` instructions, addi and a branch make.
static unsigned turn(unsigned extra, bool narrow)
{
    bench_t *b = bench_new(CODE);
    lx_movi(&b->a, 6, 100);
    begin(b, 0);
    uint32_t top = b->a.at;
    while (extra--)
        op(b, LX_OP_add, 7, 8, 9, 0);
    if (narrow)
        op(b, LX_OP_addi_n, 6, 6, 0, 0);
    else
        op(b, LX_OP_addi, 0, 6, 6, 0xFF);
    lx_emit(&b->a, 0x56 | 6 << 8 | ((top - b->a.at - 4) & 0xFFF) << 12, 3); // bnez
    end(b);
    unsigned cycles = run(b);
    bench_free(b);
    return (cycles + 2) / 100; // the last branch falls through
}

static void loops(void)
{
    g_assert_cmpuint(turn(0, true), ==, 4);
    g_assert_cmpuint(turn(0, false), ==, 4);
    g_assert_cmpuint(turn(1, false), ==, 5);
}

// ---- Instruction memory as data ---------------------------------------------------------------------

static void literals(bench_t *b)
{
    for (unsigned i = 0; i < 4; i++)
        lx_l32r(&b->a, 6 + i, CODE - 16);
}

static void iram_loads(bench_t *b)
{
    for (unsigned i = 0; i < 4; i++)
        op(b, LX_OP_l32i_n, i, 4, 6 + i, 0);
}

static void iram(void)
{
    // Each fetches the next instruction anew: one more where that crosses a word.
    for (unsigned i = 0; i < 4; i++) {
        unsigned l = measure(i, literals), d = measure(i, iram_loads);
        g_assert_cmpuint(l, >=, 4 * 7);
        g_assert_cmpuint(l, <=, 4 * 8);
        g_assert_cmpuint(d, >=, 4 * 7);
        g_assert_cmpuint(d, <=, 4 * 8);
    }
    check(literals, 30, 30, 30, 30); // two of the four
    check(iram_loads, 28, 30, 29, 30);
}

// ---- Peripherals ------------------------------------------------------------------------------------

// At twice the peripherals' clock their cycles count twice.
static void peripheral_at(unsigned ratio)
{
    const unsigned wait = LX_PART_WAIT * ratio;
    bench_t *b = bench_new(CODE);
    clk_set(machine_clk(b->k->m, "apb"), LX_HZ, 1, 0);
    clk_set(b->k->m->cpu_clk, (uint64_t)LX_HZ * ratio, 1, 0);
    begin(b, 0);
    nop_n(b);
    op(b, LX_OP_l32i_n, 0, 5, 6, 0); // the time, at a known place
    op(b, LX_OP_l32i_n, 0, 5, 7, 0);
    op(b, LX_OP_add_n, 8, 9, 9, 0);
    op(b, LX_OP_l32i_n, 0, 5, 8, 0);
    end(b);
    g_assert_cmpuint(run(b), ==, 5 + 3 * wait);
    lx106_t *c = b->k->c;
    g_assert_cmpuint(c->a[6] - c->a[14], ==, 2);
    g_assert_cmpuint(c->a[7] - c->a[6], ==, 1 + wait);
    g_assert_cmpuint(c->a[8] - c->a[7], ==, 2 + wait);
    bench_free(b);
}

static void peripheral(void)
{
    peripheral_at(1);
    peripheral_at(2);
}

// ---- Flash ------------------------------------------------------------------------------------------

static const unsigned line_80 = 172; // 2.15 us at 80 MHz

// Straight code over `lines` lines of flash; run `times` times. `line_ns`: as its model tells, or 0.
static unsigned flash_at(unsigned cache, unsigned lines, unsigned times, uint64_t hz,
                         uint32_t line_ns)
{
    bench_t *b = bench_new(LX_FLASH);
    clk_set(b->k->m->cpu_clk, hz, 1, 0);
    lx_movi(&b->a, 6, times);
    lx_j(&b->a, LX_FLASH + 32);
    while (b->a.at < LX_FLASH + 32)
        lx_emit(&b->a, 0, 1);
    uint32_t top = b->a.at;
    lx_sr(&b->a, LX_OP_rsr, 234, 14);
    while (b->a.at < top + lines * 32 - 8)
        if (b->a.at % 2)
            nop(b);
        else
            nop_n(b);
    lx_sr(&b->a, LX_OP_rsr, 234, 15);
    op(b, LX_OP_addi, 0, 6, 6, 0xFF);
    uint32_t at = b->a.at;
    lx_emit(&b->a, 0x16 | 6 << 8 | 2 << 12, 3); // beqz: over the jump
    lx_j(&b->a, top);
    g_assert_cmpuint(b->a.at, ==, at + 6);
    lx_movi(&b->a, 2, 1);
    lx_row(&b->a, LX_OP_simcall, 0, 0, 0, 0);
    lx_put(b->k, LX_FLASH, b->code, b->a.at - LX_FLASH);
    lx_start(b->k, LX_FLASH);
    bus_mem_named(b->k->m->bus, "flash")->timing.line_ns = line_ns;
    lx_flash(b->k, cache);
    b->k->c->a[5] = LX_PART;
    g_assert_cmpint(lx_run(b->k, 100000000), ==, MACHINE_EXIT);
    unsigned cycles = b->k->c->a[15] - b->k->c->a[14];
    bench_free(b);
    return cycles;
}

static unsigned flash_code(unsigned cache, unsigned lines, unsigned times, uint64_t hz)
{
    return flash_at(cache, lines, times, hz, 0);
}

static void flash_lines(void)
{
    unsigned warm = flash_code(1024, 10, 2, LX_HZ);
    g_assert_cmpuint(flash_code(0, 10, 1, LX_HZ), ==, warm); // no time for the cache
    // The first line was entered before the first measurement.
    g_assert_cmpuint(flash_code(1024, 10, 1, LX_HZ), ==, warm + 9 * line_80);
    g_assert_cmpuint(flash_code(1024, 2, 1, LX_HZ), ==, flash_code(1024, 2, 2, LX_HZ) + line_80);
    // 2.1 to 2.2 us at both clocks.
    for (unsigned mhz = 80; mhz <= 160; mhz += 80) {
        unsigned cold = flash_code(1024, 2, 1, mhz * 1000000);
        unsigned again = flash_code(1024, 2, 2, mhz * 1000000);
        g_assert_cmpuint(cold - again, >=, 21 * mhz / 10);
        g_assert_cmpuint(cold - again, <=, 22 * mhz / 10);
        g_assert_cmpuint(flash_at(1024, 2, 1, mhz * 1000000, 3850), ==, again + 385 * mhz / 100);
    }
}

// Code larger than the cache never stays in it.
static void flash_size(void)
{
    unsigned fits = flash_code(512, 500, 2, LX_HZ), cold = flash_code(512, 500, 1, LX_HZ);
    g_assert_cmpuint(cold, ==, fits + 499 * line_80);
    unsigned large = flash_code(512, 1020, 2, LX_HZ); // all but a few lines share their place
    g_assert_cmpuint(large, >, flash_code(512, 1020, 1, LX_HZ) - 8 * line_80);
    g_assert_cmpuint(flash_code(1024, 1020, 2, LX_HZ), <, large - 1000 * line_80);
}

// Loads from the window pass through the cache, L32R too.
static void flash_data(void)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        bench_t *b = bench_new(CODE);
        begin(b, 0);
        op(b, LX_OP_l32i_n, 0, 4, 6, 0);
        nop_n(b);
        if (pass)
            op(b, LX_OP_l32i_n, 7, 4, 6, 0); // the same line
        nop_n(b);
        end(b);
        lx_put(b->k, CODE, b->code, b->a.at - CODE);
        lx_start(b->k, CODE);
        lx_flash(b->k, 1024);
        b->k->c->a[4] = LX_FLASH + 0x4000;
        g_assert_cmpint(lx_run(b->k, 1000000), ==, MACHINE_EXIT);
        unsigned cycles = b->k->c->a[15] - b->k->c->a[14] - 1;
        g_assert_cmpuint(cycles, ==, line_80 + 9 + 7 * pass);
        g_assert_cmphex(b->k->c->a[6], ==, 0xFFFFFFFF);
        bench_free(b);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lx106/cycles/straight", straight);
    g_test_add_func("/lx106/cycles/late", late);
    g_test_add_func("/lx106/cycles/jumps", jumps);
    g_test_add_func("/lx106/cycles/call-return", call_return);
    g_test_add_func("/lx106/cycles/loops", loops);
    g_test_add_func("/lx106/cycles/iram", iram);
    g_test_add_func("/lx106/cycles/peripheral", peripheral);
    g_test_add_func("/lx106/cycles/flash-lines", flash_lines);
    g_test_add_func("/lx106/cycles/flash-size", flash_size);
    g_test_add_func("/lx106/cycles/flash-data", flash_data);
    return g_test_run();
}
