// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs give the same registers, memory and cycles on all ways of the LX106 engine: by
// blocks, one instruction at a time, in short slices, and stepped by a debugger. The programs run from
// flash behind a small cache and from IRAM, read the time, write over their own code and are
// interrupted by a timer of the part, by their own accesses to it and by CCOMPARE0, so that a
// difference of one cycle anywhere spreads.
#include "lx.h"
#include <string.h>

enum { SEEDS = 24, BODY = 300, TURNS = 40, CACHE_LINES = 16 };
enum { A_DATA = 1, A_TEMP = 12, A_COUNT = 13, A_IRAM = 14, A_PART = 15 };
#define DATA (LX_DRAM + 0x1000)
#define LEAF (LX_IRAM + 0x2000)
#define MAIN LX_FLASH

typedef struct gen {
    GRand *rand;
    lx_asm_t main, iram;
    uint8_t main_code[0x4000], iram_code[0x4000];
    uint32_t pool; // literals: LEAF, and some values
} gen_t;

static unsigned pick(gen_t *g, unsigned n) { return g_rand_int(g->rand) % n; }
static unsigned reg(gen_t *g) { return 2 + pick(g, 10); }

// ---- Interrupts: every cause is quenched, and the time goes into the hash ------------------------------

static void handler(lx_asm_t *a)
{
    a->at = LX_IRAM + 0x50;
    lx_j(a, LX_IRAM + 0x100);
    a->at = LX_IRAM + 0x100;
    lx_sr(a, LX_OP_wsr, 209, A_TEMP);
    lx_movi(a, A_TEMP, 0x100);
    lx_row(a, LX_OP_s32i, 0, A_PART, A_TEMP, LX_LOWER / 4);
    lx_sr(a, LX_OP_wsr, 227, A_TEMP);
    lx_sr(a, LX_OP_rsr, 240, A_TEMP);
    lx_sr(a, LX_OP_wsr, 240, A_TEMP);
    lx_sr(a, LX_OP_rsr, 177, A_TEMP);
    lx_row(a, LX_OP_s32i, 0, A_PART, A_TEMP, LX_TIME / 4);
    lx_sr(a, LX_OP_rsr, 209, A_TEMP);
    lx_row(a, LX_OP_rfe, 0, 0, 0, 0);
}

// ---- Programs ---------------------------------------------------------------------------------------

static void alu(gen_t *g, lx_asm_t *a)
{
    static const uint8_t ops[] = {LX_OP_add, LX_OP_subx4, LX_OP_xor, LX_OP_add_n, LX_OP_mul16u,
                                  LX_OP_mull, LX_OP_movnez, LX_OP_src, LX_OP_and};
    switch (pick(g, 4)) {
    case 0: lx_row(a, LX_OP_addi, 0, reg(g), reg(g), pick(g, 256)); break;
    case 1: lx_row(a, LX_OP_ssr, 0, reg(g), 0, 0); break;
    default: lx_row(a, ops[pick(g, sizeof ops)], reg(g), reg(g), reg(g), 0); break;
    }
}

static void memory(gen_t *g, lx_asm_t *a)
{
    static const uint8_t ops[] = {LX_OP_l32i, LX_OP_s32i, LX_OP_l8ui, LX_OP_s8i, LX_OP_l16si,
                                  LX_OP_s16i, LX_OP_l32i, LX_OP_s32i};
    lx_row(a, ops[pick(g, sizeof ops)], 0, A_DATA, reg(g), pick(g, 64));
}

static void slow_memory(gen_t *g, lx_asm_t *a)
{
    switch (pick(g, 4)) {
    case 0: lx_l32r(a, reg(g), g->pool + 4 * pick(g, 8)); break;
    case 1: lx_row(a, LX_OP_l32i, 0, A_IRAM, reg(g), pick(g, 16)); break;
    case 2: lx_row(a, LX_OP_s32i, 0, A_IRAM, reg(g), 128 + pick(g, 16)); break;
    case 3: // its own code, with what is there
        lx_row(a, LX_OP_l32i, 0, A_IRAM, A_TEMP, 0);
        lx_row(a, LX_OP_s32i, 0, A_IRAM, A_TEMP, 0);
        break;
    }
}

static void peripheral(gen_t *g, lx_asm_t *a)
{
    switch (pick(g, 6)) {
    case 0: case 1: lx_row(a, LX_OP_l32i, 0, A_PART, reg(g), LX_TIME / 4); break;
    case 2: lx_row(a, LX_OP_s32i, 0, A_PART, reg(g), LX_TIME / 4); break;
    case 3:
        lx_movi(a, A_TEMP, 1 + pick(g, 200));
        lx_row(a, LX_OP_s32i, 0, A_PART, A_TEMP, LX_TIMER / 4);
        break;
    case 4:
        lx_movi(a, A_TEMP, 0x100);
        lx_row(a, LX_OP_s32i, 0, A_PART, A_TEMP, LX_RAISE / 4);
        break;
    case 5: // narrow
        lx_row(a, LX_OP_l8ui, 0, A_PART, reg(g), 0);
        break;
    }
}

static void special(gen_t *g, lx_asm_t *a)
{
    switch (pick(g, 4)) {
    case 0: lx_row(a, LX_OP_rsil, 0, pick(g, 2), A_TEMP, 0); break;
    case 1: lx_sr(a, LX_OP_rsr, 234, reg(g)); break;
    case 2:
        lx_sr(a, LX_OP_rsr, 234, A_TEMP);
        lx_row(a, LX_OP_addi, 0, A_TEMP, A_TEMP, 20 + pick(g, 100));
        lx_sr(a, LX_OP_wsr, 240, A_TEMP);
        break;
    case 3:
        lx_movi(a, A_TEMP, -1);
        lx_sr(a, LX_OP_wsr, 228, A_TEMP);
        break;
    }
}

static void any(gen_t *g, lx_asm_t *a, bool leaf);

// A branch over a few instructions.
static void branch(gen_t *g, lx_asm_t *a, bool leaf)
{
    static const uint8_t ops[] = {LX_OP_beq, LX_OP_bne, LX_OP_bltu, LX_OP_bge, LX_OP_bbs, LX_OP_bany};
    uint32_t at = a->at;
    unsigned op = ops[pick(g, sizeof ops)], s = reg(g), t = reg(g);
    lx_row(a, op, 0, s, t, 0);
    for (unsigned n = 1 + pick(g, 3); n; n--)
        any(g, a, leaf);
    uint32_t end = a->at;
    a->at = at;
    lx_row(a, op, 0, s, t, (end - at - 4) & 0xFF);
    a->at = end;
}

static void any(gen_t *g, lx_asm_t *a, bool leaf)
{
    switch (pick(g, 20)) {
    case 0: case 1: case 2: case 3: case 4: case 5: memory(g, a); break;
    case 6: leaf ? alu(g, a) : slow_memory(g, a); break;
    case 7: peripheral(g, a); break;
    case 8: special(g, a); break;
    case 9: case 10: branch(g, a, leaf); break;
    case 11:
        if (leaf) {
            alu(g, a);
        } else {
            lx_l32r(a, 0, g->pool);
            lx_row(a, LX_OP_callx0, 0, 0, 0, 0);
        }
        break;
    default: alu(g, a); break;
    }
}

static void generate(gen_t *g)
{
    g->main = (lx_asm_t){g->main_code, MAIN, MAIN, sizeof g->main_code};
    g->iram = (lx_asm_t){g->iram_code, LX_IRAM, LX_IRAM, sizeof g->iram_code};
    handler(&g->iram);
    g->iram.at = LEAF;
    for (unsigned i = 0; i < 20; i++)
        any(g, &g->iram, true);
    lx_row(&g->iram, LX_OP_ret_n, 0, 0, 0, 0);
    lx_asm_t *a = &g->main;
    lx_j(a, MAIN + 64);
    lx_align(a, 4);
    g->pool = a->at;
    lx_word_at(a, LEAF);
    while (a->at < MAIN + 64)
        lx_word_at(a, g_rand_int(g->rand));
    uint32_t top = a->at;
    for (unsigned i = 0; i < BODY; i++)
        any(g, a, false);
    lx_row(a, LX_OP_addi, 0, A_COUNT, A_COUNT, 0xFF);
    lx_emit(a, 0x16 | A_COUNT << 8 | 2 << 12, 3); // beqz
    lx_j(a, top);
    lx_movi(a, 2, 1);
    lx_row(a, LX_OP_simcall, 0, 0, 0, 0);
}

// ---- The ways ---------------------------------------------------------------------------------------

typedef enum { FAST, EXACT, SLICED, STEPPED, WAYS } way_t;

typedef struct result {
    uint64_t cycles, hash;
    uint32_t a[16], data[128];
    unsigned interrupts;
} result_t;

static result_t run(gen_t *g, way_t way)
{
    lx_stand_t *k = lx_new();
    machine_stop_t stop = MACHINE_TIME;
    lx_put(k, LX_IRAM, g->iram_code, g->iram.at - LX_IRAM);
    lx_put(k, MAIN, g->main_code, g->main.at - MAIN);
    lx_start(k, MAIN);
    lx_flash(k, CACHE_LINES);
    k->c->exact_only = way == EXACT;
    k->c->intenable = 0x3FFF;
    for (unsigned i = 0; i < 16; i++)
        k->c->a[i] = i * 0x01234567;
    k->c->a[A_DATA] = DATA;
    k->c->a[A_COUNT] = TURNS;
    k->c->a[A_IRAM] = LEAF;
    k->c->a[A_PART] = LX_PART;
    for (unsigned i = 0; (stop == MACHINE_TIME || stop == MACHINE_BREAK) && i < 10000000; i++)
        stop = way == STEPPED ? machine_step(k->m) : lx_run(k, way == SLICED ? 1 + i % 97 : 100000);
    g_assert_cmpint(stop, ==, MACHINE_EXIT);
    g_assert_cmpuint(k->reports->len, ==, 0);
    result_t r = {.cycles = k->c->cycles, .hash = k->hash, .interrupts = k->log->len};
    memcpy(r.a, k->c->a, sizeof r.a);
    g_assert_true(bus_peek(k->m->bus, DATA, r.data, sizeof r.data));
    lx_free(k);
    return r;
}

static void ways(void)
{
    gen_t *g = g_new0(gen_t, 1);
    unsigned interrupts = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        g->rand = g_rand_new_with_seed(seed);
        generate(g);
        result_t want = run(g, EXACT);
        interrupts += want.interrupts;
        for (way_t way = FAST; way < WAYS; way++) {
            if (way == EXACT || (way == STEPPED && seed % 4))
                continue;
            result_t got = run(g, way);
            if (got.cycles != want.cycles || got.hash != want.hash)
                g_test_message("seed %u, way %u", seed, way);
            g_assert_cmpuint(got.cycles, ==, want.cycles);
            g_assert_cmpuint(got.hash, ==, want.hash);
            g_assert_cmpmem(got.a, sizeof got.a, want.a, sizeof want.a);
            g_assert_cmpmem(got.data, sizeof got.data, want.data, sizeof want.data);
        }
        g_rand_free(g->rand);
    }
    g_assert_cmpuint(interrupts, >, SEEDS * TURNS);
    g_free(g);
}

// ---- Noise ------------------------------------------------------------------------------------------

enum { NOISE_SEEDS = 80, NOISE_BYTES = 0x3000, NOISE_CYCLES = 60000 };

static void noise_code(GRand *rand, uint32_t base, uint8_t *code)
{
    lx_asm_t a = {code, base, base, NOISE_BYTES};
    while (a.at < base + NOISE_BYTES - 4) {
        const lx_row_t *row = &lx_rows[g_rand_int(rand) % LX_ROWS];
        uint32_t w = g_rand_int(rand) & 0xFFFFFF;
        if (g_rand_int(rand) % 32)
            w = (w & ~row->mask) | row->match;
        if ((w & 15) == 5 || (w & 0x3F) == 6) // jumps that stay near
            w &= 0x01FFFF;
        unsigned op0 = w & 15;
        lx_emit(&a, w, op0 >= 8 && op0 <= 13 ? 2 : 3);
    }
}

static result_t run_noise(uint32_t seed, way_t way)
{
    static const uint32_t places[] = {LX_IRAM, LX_FLASH, LX_DRAM, LX_PART, LX_ROM};
    GRand *rand = g_rand_new_with_seed(seed);
    lx_stand_t *k = lx_new();
    g_autofree uint8_t *code = g_malloc0(NOISE_BYTES);
    for (unsigned i = 0; i < 2; i++) {
        noise_code(rand, places[i], code);
        lx_put(k, places[i], code, NOISE_BYTES);
    }
    lx_start(k, places[seed % 2] + 0x400);
    lx_flash(k, seed % 3 ? CACHE_LINES : 0);
    k->m->semihosting = false;
    k->c->exact_only = way == EXACT;
    k->c->intenable = 0x3FFF;
    for (unsigned i = 0; i < 16; i++)
        k->c->a[i] = g_rand_int(rand) % 4 ? places[g_rand_int(rand) % 5] + g_rand_int(rand) % 0x1000
                                          : g_rand_int(rand);
    while (k->c->cycles < NOISE_CYCLES) {
        uint64_t slice = k->c->cycles + 1 + k->c->cycles % 13;
        machine_run(k->m, clk_ps(k->m->cpu_clk,
                                 way == SLICED ? MIN(NOISE_CYCLES, slice) : NOISE_CYCLES));
    }
    result_t r = {.cycles = k->c->cycles, .hash = k->hash};
    memcpy(r.a, k->c->a, sizeof r.a);
    g_assert_true(bus_peek(k->m->bus, LX_DRAM, r.data, sizeof r.data));
    g_rand_free(rand);
    lx_free(k);
    return r;
}

// Whatever lies in memory: no crash, no hang, and the same on all ways.
static void noise(void)
{
    for (uint32_t seed = 0; seed < NOISE_SEEDS; seed++) {
        result_t want = run_noise(seed, EXACT);
        for (way_t way = FAST; way < STEPPED; way++) {
            result_t got = way == EXACT ? want : run_noise(seed, way);
            if (got.cycles != want.cycles || memcmp(got.a, want.a, sizeof got.a))
                g_test_message("seed %u, way %u", seed, way);
            g_assert_cmpuint(got.cycles, ==, want.cycles);
            g_assert_cmpuint(got.hash, ==, want.hash);
            g_assert_cmpmem(got.a, sizeof got.a, want.a, sizeof want.a);
            g_assert_cmpmem(got.data, sizeof got.data, want.data, sizeof want.data);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lx106/random/ways", ways);
    g_test_add_func("/lx106/random/noise", noise);
    return g_test_run();
}
