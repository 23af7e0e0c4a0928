// SPDX-License-Identifier: GPL-2.0-or-later
// Random programs give the same registers, memory and cycles on both ways of the Cortex-M engine:
// mostly on *fast*, and with a look at every instruction. The programs read the time, so that a
// difference of one cycle anywhere spreads; they are interrupted by a timer of the part, by their own
// accesses to it, and by SysTick.
#include "gen.h"
#include <string.h>

#define MAIN 0x400u
#define DATA 0x100u // in RAM, where r8 points

// ---- Instructions -----------------------------------------------------------------------------------

static void alu(gen_t *g)
{
    switch (pick(g, 6)) {
    case 0: put16(g, 0x4000 | pick(g, 16) << 6 | low(g) << 3 | low(g)); break;
    case 1: put16(g, 0x2000 | pick(g, 4) << 11 | low(g) << 8 | pick(g, 256)); break;
    case 2: put16(g, 0x1800 | pick(g, 4) << 9 | low(g) << 6 | low(g) << 3 | low(g)); break;
    case 3: put32(g, 0xEB00 | low(g), low(g) << 8 | low(g)); break;            // ADD.W
    case 4: put32(g, 0xFB00 | low(g), low(g) << 12 | low(g) << 8 | low(g)); break; // MLA
    case 5: put32(g, 0xFBA0 | low(g), low(g) << 12 | 12 << 8 | low(g)); break; // UMULL
    }
}

static void divide(gen_t *g)
{
    put32(g, (pick(g, 2) ? 0xFBB0 : 0xFB90) | low(g), 0xF0F0 | low(g) << 8 | low(g));
}

static void memory(gen_t *g)
{
    unsigned offset = pick(g, 64) * 4;
    switch (pick(g, 9)) {
    case 0: put32(g, 0xF8D8, low(g) << 12 | offset); break; // LDR.W
    case 1: put32(g, 0xF8C8, low(g) << 12 | offset); break; // STR.W
    case 2: put32(g, 0xF898, low(g) << 12 | (offset + pick(g, 4))); break; // LDRB.W
    case 3: put32(g, 0xF8A8, low(g) << 12 | offset); break; // STRH.W
    case 4:
        put32(g, 0xF000 | low(g), 0x0CFC); // AND r12, rn, #0xFC
        put32(g, pick(g, 2) ? 0xF858 : 0xF848, low(g) << 12 | 12);
        break;
    case 5: put32(g, 0xE9D8, low(g) << 12 | 12 << 8 | offset / 4); break; // LDRD
    case 6: put32(g, 0xE9C8, low(g) << 12 | low(g) << 8 | offset / 4); break; // STRD
    case 7:
        put32(g, 0xF108, 12 << 8 | pick(g, 64)); // ADD r12, r8, #n
        put32(g, 0xF02C, 0x0C03);                // BIC r12, r12, #3
        put32(g, pick(g, 2) ? 0xE8BC : 0xE8AC, pick(g, 256) | 0x81);
        break;
    case 8: put32(g, 0xF8DF, low(g) << 12 | pick(g, 128) * 4); break; // LDR from code
    }
}

static void stack(gen_t *g)
{
    unsigned list = pick(g, 255) + 1;
    put16(g, 0xB400 | list);
    alu(g);
    put16(g, 0xBC00 | list);
}

static void peripheral(gen_t *g)
{
    switch (pick(g, 8)) {
    case 0: case 1: case 2: put32(g, 0xF8D9, low(g) << 12 | CORE_TIME); break;
    case 3: case 4: put32(g, 0xF8C9, low(g) << 12 | CORE_TIME); break;
    case 5:
        put32(g, 0xF000 | low(g), 0x0C7F); // AND r12, rn, #0x7F
        put32(g, 0xF8C9, 12 << 12 | CORE_TIMER);
        break;
    case 6: put32(g, 0xF8C9, low(g) << 12 | CORE_RAISE); break;
    case 7: put32(g, 0xE9D9, low(g) << 12 | 12 << 8); break; // LDRD
    }
}

static void floating(gen_t *g)
{
    unsigned d = pick(g, 16), n = pick(g, 16), m = pick(g, 16), offset = pick(g, 64);
    switch (pick(g, 7)) {
    case 0: put32(g, 0xED98, d << 12 | 0xA00 | offset); break; // VLDR
    case 1: put32(g, 0xED88, d << 12 | 0xA00 | offset); break; // VSTR
    case 2: put32(g, 0xEE30 | n, d << 12 | 0xA00 | m); break;  // VADD
    case 3: put32(g, 0xEE20 | n, d << 12 | 0xA00 | m); break;  // VMUL
    case 4: put32(g, 0xEE80 | n, d << 12 | 0xA00 | m); break;  // VDIV
    case 5: put32(g, 0xEEA0 | n, d << 12 | 0xA00 | m); break;  // VFMA
    case 6: put32(g, 0xEE10 | n, low(g) << 12 | 0xA10); break; // VMOV to a core register
    }
}

static void conditional(gen_t *g)
{
    unsigned n = pick(g, 4) + 1, cond = pick(g, 14), mask = 0;
    for (unsigned i = 1; i < n; i++)
        mask |= pick(g, 2) << (4 - i);
    mask |= 1 << (4 - n);
    put16(g, 0xBF00 | cond << 4 | mask);
    for (unsigned i = 0; i < n; i++)
        switch (pick(g, 8)) {
        case 0: put32(g, 0xF8D8, low(g) << 12 | pick(g, 64) * 4); break;
        case 1: put32(g, 0xF8C8, low(g) << 12 | pick(g, 64) * 4); break;
        case 2: divide(g); break;
        case 3: put16(g, 0x2800 | low(g) << 8 | pick(g, 256)); break; // CMP
        case 4: put32(g, 0xF8D9, low(g) << 12 | CORE_TIME); break;
        case 5: put32(g, 0xF8C9, low(g) << 12 | CORE_RAISE); break;
        case 6: put32(g, 0xE9D8, low(g) << 12 | 12 << 8 | pick(g, 64)); break;
        case 7: put16(g, 0x2000 | low(g) << 8 | pick(g, 256)); break; // MOV
        }
}

static void special(gen_t *g)
{
    switch (pick(g, 9)) {
    case 0: put16(g, 0xB672); break;         // CPSID i
    case 1: case 2: put16(g, 0xB662); break; // CPSIE i
    case 3: put32(g, 0xF3BF, 0x8F4F); break; // DSB
    case 4: put32(g, 0xF3BF, 0x8F6F); break; // ISB
    case 5: put32(g, 0xF3EF, 0x8C03); break; // MRS r12, xPSR
    case 6: // SVC, not masked: that would be a fault
        put16(g, 0xB662);
        put16(g, 0xDF00);
        break;
    case 7:                                  // TBB
        put32(g, 0xF000 | low(g), 0x0C03);
        put32(g, 0xE8DF, 0xF00C);
        put16(g, 0x0302);
        put16(g, 0x0504);
        for (int i = 0; i < 4; i++)
            put16(g, 0x3001 | low(g) << 8);
        break;
    case 8: put16(g, 0xBF40); break; // SEV
    }
}

static void any(gen_t *g);

static void forward(gen_t *g)
{
    uint32_t from = g->at;
    unsigned kind = pick(g, 3), reg = low(g), cond = pick(g, 14);
    put16(g, 0xBF00);
    for (unsigned n = pick(g, 3) + 1; n; n--)
        any(g);
    unsigned h, d = (g->at - from - 4) / 2;
    if (kind == 0 && d < 64)
        h = 0xB100 | pick(g, 2) << 11 | (d & 32) << 4 | (d & 31) << 3 | reg; // CBZ, CBNZ
    else
        h = d < 120 ? 0xD000 | cond << 8 | d : 0xBF00;
    g->code[from] = h;
    g->code[from + 1] = h >> 8;
}

static void loop(gen_t *g)
{
    put32(g, 0xF04F, 0x0B00 | (pick(g, 6) + 1)); // MOV r11, #n
    uint32_t top = g->at;
    for (unsigned n = pick(g, 3) + 1; n; n--)
        pick(g, 2) ? alu(g) : memory(g);
    put32(g, 0xF1BB, 0x0B01); // SUBS r11, r11, #1
    put16(g, 0xD100 | ((top - g->at - 4) / 2 & 0xFF));
}

static void any(gen_t *g)
{
    switch (pick(g, 13)) {
    case 0: case 1: case 2: alu(g); break;
    case 3: case 4: memory(g); break;
    case 5: divide(g); break;
    case 6: peripheral(g); break;
    case 7: floating(g); break;
    case 8: conditional(g); break;
    case 9: pick(g, 2) ? stack(g) : special(g); break;
    case 10: forward(g); break;
    case 11: branch_link(g, g->leaf[pick(g, 4)]); break;
    case 12: loop(g); break;
    }
}

// Loops within loops that nothing disturbs: most of it runs on paths.
static void busy(gen_t *g)
{
    put32(g, 0xF04F, 0x0B00 | (pick(g, 40) + 2)); // MOV r11, #n
    uint32_t top = g->at;
    for (unsigned n = pick(g, 4) + 1; n; n--)
        switch (pick(g, 6)) {
        case 0: case 1: alu(g); break;
        case 2: memory(g); break;
        case 3: divide(g); break;
        case 4: // over some, by a bit that a generator of pseudo-random numbers changes
            put32(g, 0xEA8A, 0x3A4A);                // EOR r10, r10, r10, LSL #13
            put32(g, 0xEA8A, 0x4A5A);                // EOR r10, r10, r10, LSR #17
            put32(g, 0xEA8A, 0x1A4A);                // EOR r10, r10, r10, LSL #5
            put32(g, 0xF01A, 0x0F01 | pick(g, 4));   // TST r10, #bits
            put16(g, 0xD100 | pick(g, 4));           // BNE
            for (unsigned i = 0; i < 5; i++)
                put16(g, 0x3001 | low(g) << 8);
            break;
        case 5: branch_link(g, g->leaf[pick(g, 4)]); break;
        }
    put32(g, 0xF1BB, 0x0B01); // SUBS r11, r11, #1
    put16(g, 0xD100 | ((top - g->at - 4) / 2 & 0xFF));
}

static const uint32_t vectors[] = {
    [0] = CORE_RAM + 0x8000, [1] = CORE_FLASH + MAIN + 1,
    [3] = CORE_FLASH + 0x101, [11] = CORE_FLASH + 0x141, [15] = CORE_FLASH + 0x141,
    [16] = CORE_FLASH + 0x181,
};

static void handlers(gen_t *g)
{
    g->at = 0x100;
    put16(g, 0xE7FE); // HardFault: b .
    g->at = 0x140;    // SVC, SysTick: count
    put32(g, 0xF8D8, 0x0000);
    put16(g, 0x3001);
    put32(g, 0xF8C8, 0x0000);
    put16(g, 0x4770);
    g->at = 0x180;            // the part: fall silent, note the time
    put32(g, 0xF8C9, CORE_LOWER);
    put32(g, 0xF8D9, 1 << 12 | CORE_TIME);
    put32(g, 0xF8C8, 1 << 12 | 4);
    put16(g, 0x4770);
    g->at = 0x1C0;
    for (unsigned i = 0; i < 4; i++) {
        g->leaf[i] = g->at;
        for (unsigned n = pick(g, 4); n; n--)
            pick(g, 2) ? alu(g) : memory(g);
        put16(g, 0x4770);
    }
    g_assert_cmpuint(g->at, <, MAIN);
}

static void store_word(gen_t *g, uint32_t address, uint32_t value)
{
    literal32(g, 0, address);
    literal32(g, 1, value);
    put16(g, 0x6001);
}

static void program(gen_t *g, bool in_ram, void (*piece)(gen_t *), unsigned size)
{
    while (g->at < sizeof g->code)
        put16(g, 0xBF00);
    handlers(g);
    memcpy(g->code, vectors, sizeof vectors);
    g->at = MAIN;
    literal32(g, 8, CORE_RAM + DATA);
    literal32(g, 9, CORE_PART);
    store_word(g, 0xE000E100, 1);         // enable interrupt 0
    store_word(g, 0xE000ED88, 0xF00000);  // FPU
    store_word(g, 0xE000E014, (piece == busy ? 70000 : 700) + pick(g, 1000));
    store_word(g, 0xE000E010, 7);
    for (unsigned r = 0; r < 8; r++)
        literal32(g, r, g_rand_int(g->rand) >> pick(g, 32));
    literal32(g, 10, 2463534242);
    literal32(g, 12, (in_ram ? CORE_RAM + 0xC000 : CORE_FLASH) + g->at + 10 + 1);
    put16(g, 0x4760); // BX r12
    uint32_t top = g->at;
    while (g->at < top + size)
        piece(g);
    int32_t d = (int32_t)(top - g->at - 4) / 2; // B.W
    put32(g, 0xF000 | 1 << 10 | (d >> 11 & 0x3FF), 0xB800 | (d & 0x7FF));
}

// ---- Comparing --------------------------------------------------------------------------------------

// `unicorn`: nothing runs as code of the host.
static core_t *boot(const gen_t *g, bool in_ram, bool exact, bool unicorn)
{
    core_t *k = core_new("m4");
    core_put(k, CORE_FLASH, g->code, sizeof g->code);
    if (in_ram)
        core_put(k, CORE_RAM + 0xC000, g->code, 0x4000);
    k->c->exact_only = exact;
    k->c->no_native = unicorn;
    core_start(k);
    return k;
}

static void run_seed(uint32_t seed, unsigned slices)
{
    gen_t g = {.rand = g_rand_new_with_seed(seed)};
    bool in_ram = seed % 4 == 3;
    program(&g, in_ram, any, 1800);
    core_t *a = boot(&g, in_ram, false, seed / 2 % 2), *b = boot(&g, in_ram, true, false);
    if (seed % 2) {
        core_flash_timing(a, 5, seed % 3 ? 64 : 0, seed % 3 ? 8 : 0, seed % 5);
        core_flash_timing(b, 5, seed % 3 ? 64 : 0, seed % 3 ? 8 : 0, seed % 5);
    }
    uint64_t until = 0;
    for (unsigned i = 0; i < slices; i++) {
        until += (1 + pick(&g, 6000)) * (uint64_t)CORE_CYCLE_PS;
        g_assert_cmpint(machine_run(a->m, until), ==, MACHINE_TIME);
        g_assert_cmpint(machine_run(b->m, until), ==, MACHINE_TIME);
        core_compare(a, b, seed);
    }
    g_assert_cmphex(core_reg(a, CM_PC), !=, CORE_FLASH + 0x100); // no fault
    core_free(a);
    core_free(b);
    g_rand_free(g.rand);
}

static void test_fast_and_exact_agree(void)
{
    for (uint32_t seed = 1; seed <= (g_test_thorough() ? 400 : 40); seed++)
        run_seed(seed, 40);
}

// Paths, links between them, and what the flash caches hold meanwhile: programs that fit into the caches, and
// programs that do not.
static void run_busy(bool unicorn)
{
    for (uint32_t seed = 1; seed <= (g_test_thorough() ? 200 : 20); seed++) {
        gen_t g = {.rand = g_rand_new_with_seed(seed)};
        program(&g, false, busy, 300 + seed % 8 * 200);
        core_t *a = boot(&g, false, false, unicorn), *b = boot(&g, false, true, false);
        unsigned lines = seed % 3 ? 64 : 16;
        core_flash_timing(a, 1 + seed % 7, lines, 8, seed % 5);
        core_flash_timing(b, 1 + seed % 7, lines, 8, seed % 5);
        for (uint64_t until = 0, i = 0; i < 6; i++) {
            until += (100000 + pick(&g, 100000)) * (uint64_t)CORE_CYCLE_PS;
            machine_run(a->m, until);
            machine_run(b->m, until);
            core_compare(a, b, seed);
        }
        core_free(a);
        core_free(b);
        g_rand_free(g.rand);
    }
}

static void test_paths_agree(void) { run_busy(true); }
static void test_native_agrees(void) { run_busy(false); }

// The same run twice, cut into other slices: nothing depends on where it was stopped.
static void test_slices_do_not_matter(void)
{
    gen_t g = {.rand = g_rand_new_with_seed(1234)};
    program(&g, false, any, 1800);
    core_t *a = boot(&g, false, false, false), *b = boot(&g, false, false, false);
    core_flash_timing(a, 5, 64, 8, true);
    core_flash_timing(b, 5, 64, 8, true);
    uint64_t end = 200000 * (uint64_t)CORE_CYCLE_PS, until = 0;
    machine_run(a->m, end);
    while (until < end) {
        until = MIN(end, until + (1 + pick(&g, 300)) * (uint64_t)CORE_CYCLE_PS);
        machine_run(b->m, until);
    }
    core_compare(a, b, 1234);
    core_free(a);
    core_free(b);
    g_rand_free(g.rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cortexm/fast-and-exact-agree", test_fast_and_exact_agree);
    g_test_add_func("/cortexm/paths-agree", test_paths_agree);
    g_test_add_func("/cortexm/native-agrees", test_native_agrees);
    g_test_add_func("/cortexm/slices-do-not-matter", test_slices_do_not_matter);
    return g_test_run();
}
