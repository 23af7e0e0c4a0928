// SPDX-License-Identifier: GPL-2.0-or-later
// Hot blocks run as code of the host: the same registers, flags, memory and cycles as Unicorn gives, for
// every instruction that is translated, with operands that change from turn to turn.
#include "gen.h"
#include "cpu/cortexm_native.h"
#include <string.h>

#define MAIN 0x400u
#define DATA 0x1000u // in RAM, where r8 points
#define LITERALS 64

// What results may go to, and what operands may come from.
static unsigned to(gen_t *g)
{
    static const uint8_t regs[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 12};
    return regs[pick(g, g->v6m ? 8 : sizeof regs)];
}

static unsigned from(gen_t *g) { return g->v6m ? low(g) : pick(g, 13); }

static unsigned other_than(gen_t *g, unsigned reg)
{
    unsigned r;
    while ((r = to(g)) == reg)
        ;
    return r;
}

// A register that points at an offset into the data; r12.
static void point(gen_t *g, unsigned align)
{
    if (g->v6m) {
        put16(g, 0x4647); // MOV r7, r8
        put16(g, 0x3700 | (pick(g, 32) * 4));
        return;
    }
    put32(g, 0xF108, 12 << 8 | (align * pick(g, 60))); // ADD r12, r8, #n
}

// ---- 16 bits ----------------------------------------------------------------------------------------

static void alu16(gen_t *g)
{
    switch (pick(g, 7)) {
    case 0: put16(g, pick(g, 3) << 11 | pick(g, 32) << 6 | low(g) << 3 | low(g)); break;
    case 1: put16(g, 0x1800 | pick(g, 4) << 9 | low(g) << 6 | low(g) << 3 | low(g)); break;
    case 2: put16(g, 0x2000 | pick(g, 4) << 11 | low(g) << 8 | pick(g, 256)); break;
    case 3: case 4: put16(g, 0x4000 | pick(g, 16) << 6 | low(g) << 3 | low(g)); break;
    case 5: { // ADD, CMP, MOV with high registers
        unsigned d = low(g), op = pick(g, 3), m = op == 1 ? 8 + pick(g, 5) : from(g);
        put16(g, 0x4400 | op << 8 | m << 3 | d);
        break;
    }
    case 6:
        switch (pick(g, 4)) {
        case 0: put16(g, 0xB200 | pick(g, 4) << 6 | low(g) << 3 | low(g)); break;
        case 1: { // REV, REV16, REVSH
            static const uint8_t ops[] = {0, 1, 3};
            put16(g, 0xBA00 | ops[pick(g, 3)] << 6 | low(g) << 3 | low(g));
            break;
        }
        case 2: put16(g, 0xA000 | pick(g, 2) << 11 | low(g) << 8 | pick(g, 256)); break; // ADR, ADD SP
        case 3: // SUB SP, ADD SP
            put16(g, 0xB080 | 4);
            put16(g, 0xB000 | 4);
            break;
        }
        break;
    }
}

static void memory16(gen_t *g)
{
    unsigned base = g->v6m ? 7 : 12, d = pick(g, 7);
    if (!g->v6m)
        base = 7, put32(g, 0xF108, 7 << 8 | 4 * pick(g, 20)); // ADD r7, r8, #n
    else
        point(g, 4);
    switch (pick(g, 6)) {
    case 0: put16(g, (pick(g, 2) ? 0x6000 : 0x6800) | pick(g, 32) << 6 | base << 3 | d); break;
    case 1: put16(g, (pick(g, 2) ? 0x7000 : 0x7800) | pick(g, 32) << 6 | base << 3 | d); break;
    case 2: put16(g, (pick(g, 2) ? 0x8000 : 0x8800) | pick(g, 32) << 6 | base << 3 | d); break;
    case 3: { // offset in a register
        unsigned index = (d + 1) % 7;
        put16(g, 0x2000 | index << 8 | 4 * pick(g, 30));
        put16(g, 0x5000 | pick(g, 8) << 9 | index << 6 | base << 3 | d);
        break;
    }
    case 4: put16(g, (pick(g, 2) ? 0xC000 : 0xC800) | base << 8 | (pick(g, 127) + 1)); break; // STM, LDM
    case 5: put16(g, 0x4800 | d << 8 | pick(g, LITERALS)); break; // LDR from code
    }
}

static void stack16(gen_t *g)
{
    unsigned list = pick(g, 255) + 1;
    put16(g, 0xB400 | list);
    alu16(g);
    put16(g, (pick(g, 2) ? 0x9000 : 0x9800) | low(g) << 8 | 0);
    put16(g, 0xBC00 | list);
}

// ---- 32 bits ----------------------------------------------------------------------------------------

static void alu32(gen_t *g)
{
    static const uint8_t ops[] = {0, 1, 2, 3, 4, 8, 10, 11, 13, 14};
    static const uint8_t tests[] = {0, 4, 8, 13};
    unsigned s = pick(g, 2), imm = pick(g, 0x800), shift = pick(g, 32), type = pick(g, 4);
    unsigned amount = (shift & 0x1C) << 10 | (shift & 3) << 6 | type << 4;
    unsigned constant = (imm & 0x700) << 4 | (imm & 0xFF);
    if (!(imm & 0xFF))
        constant |= 1;
    switch (pick(g, 4)) {
    case 0: put32(g, 0xEA00 | ops[pick(g, 10)] << 5 | s << 4 | from(g), amount | to(g) << 8 | from(g)); break;
    case 1:
        put32(g, 0xF000 | pick(g, 2) << 10 | ops[pick(g, 10)] << 5 | s << 4 | from(g), constant | to(g) << 8);
        break;
    case 2: // TST, TEQ, CMN, CMP
        put32(g, 0xEA10 | tests[pick(g, 4)] << 5 | from(g), amount | 15 << 8 | from(g));
        break;
    case 3: // MOV, MVN
        put32(g, 0xEA4F | pick(g, 2) << 5 | s << 4, amount | to(g) << 8 | from(g));
        break;
    }
}

static void plain32(gen_t *g)
{
    unsigned imm = pick(g, 0x10000), lsb = pick(g, 32), width = pick(g, 32 - lsb);
    unsigned at = (lsb & 0x1C) << 10 | (lsb & 3) << 6;
    unsigned tail = (imm >> 8 & 7) << 12 | (imm & 0xFF), i = (imm >> 11 & 1) << 10;
    switch (pick(g, 8)) {
    case 0: put32(g, 0xF200 | i | from(g), tail | to(g) << 8); break;      // ADDW
    case 1: put32(g, 0xF2A0 | i | from(g), tail | to(g) << 8); break;      // SUBW
    case 2: put32(g, 0xF240 | i | imm >> 12, tail | to(g) << 8); break;    // MOVW
    case 3: put32(g, 0xF2C0 | i | imm >> 12, tail | to(g) << 8); break;    // MOVT
    case 4: put32(g, 0xF340 | from(g), at | to(g) << 8 | width); break;    // SBFX
    case 5: put32(g, 0xF3C0 | from(g), at | to(g) << 8 | width); break;    // UBFX
    case 6: put32(g, 0xF360 | from(g), at | to(g) << 8 | (lsb + width)); break; // BFI
    case 7: put32(g, 0xF36F, at | to(g) << 8 | (lsb + width)); break;      // BFC
    }
}

static void register32(gen_t *g)
{
    static const uint8_t extends[] = {0, 1, 4, 5};
    switch (pick(g, 6)) {
    case 0: put32(g, 0xFA00 | pick(g, 8) << 4 | from(g), 0xF000 | to(g) << 8 | from(g)); break; // shifts
    case 1: put32(g, 0xFA0F | extends[pick(g, 4)] << 4, 0xF080 | to(g) << 8 | pick(g, 4) << 4 | from(g)); break;
    case 2:
        put32(g, 0xFA00 | extends[pick(g, 4)] << 4 | from(g), 0xF080 | to(g) << 8 | pick(g, 4) << 4 | from(g));
        break;
    case 3: {
        unsigned m = from(g);
        put32(g, 0xFA90 | m, 0xF080 | pick(g, 4) << 4 | to(g) << 8 | m);
        break;
    }
    case 5: { // DSB, DMB, NOP
        static const uint16_t ops[] = {0x8F4F, 0x8F5F};
        if (pick(g, 3))
            put32(g, 0xF3BF, ops[pick(g, 2)]);
        else
            put32(g, 0xF3AF, 0x8000);
        break;
    }
    case 4: { // CLZ
        unsigned m = from(g);
        put32(g, 0xFAB0 | m, 0xF080 | to(g) << 8 | m);
        break;
    }
    }
}

static void multiply32(gen_t *g)
{
    unsigned lo = to(g), hi = other_than(g, lo), kind = pick(g, 7);
    switch (kind) {
    case 0: put32(g, 0xFB00 | from(g), 0xF000 | to(g) << 8 | from(g)); break; // MUL
    case 1: put32(g, 0xFB00 | from(g), from(g) << 12 | to(g) << 8 | pick(g, 2) << 4 | from(g)); break;
    case 2: put32(g, 0xFB10 | from(g), 0xF000 | to(g) << 8 | pick(g, 4) << 4 | from(g)); break; // SMULxy
    case 3: put32(g, 0xFB10 | from(g), from(g) << 12 | to(g) << 8 | pick(g, 4) << 4 | from(g)); break;
    case 4: put32(g, (pick(g, 2) ? 0xFB90 : 0xFBB0) | from(g), 0xF0F0 | to(g) << 8 | from(g)); break;
    case 5: case 6: // SMULL, UMULL, SMLAL, UMLAL
        put32(g, 0xFB80 | pick(g, 2) << 5 | (kind == 6) << 6 | from(g), lo << 12 | hi << 8 | from(g));
        break;
    }
}

static void memory32(gen_t *g)
{
    static const uint16_t ops[] = {0xF800, 0xF810, 0xF820, 0xF830, 0xF840, 0xF850, 0xF910, 0xF930};
    unsigned op = ops[pick(g, 8)], t = to(g);
    point(g, 1 + pick(g, 4));
    while (t == 12)
        t = to(g);
    switch (pick(g, 8)) {
    case 0: put32(g, op | 0x80 | 12, t << 12 | pick(g, 512)); break;
    case 1: { // before, after, with the base written or not
        static const uint16_t modes[] = {0xC00, 0xD00, 0xF00, 0x900, 0xB00};
        put32(g, op | 12, t << 12 | modes[pick(g, 5)] | pick(g, 256));
        break;
    }
    case 2: {
        unsigned index = other_than(g, 12);
        put32(g, 0xF000 | from(g), index << 8 | 0x3F); // AND index, rn, #63
        put32(g, op | 12, t << 12 | pick(g, 4) << 4 | index);
        break;
    }
    case 3: { // LDRD, STRD
        static const uint16_t modes[] = {0xE9C0, 0xE940, 0xE9E0, 0xE960, 0xE8E0, 0xE860};
        unsigned t2 = t;
        point(g, 4);
        while (t2 == t || t2 == 12)
            t2 = to(g);
        put32(g, modes[pick(g, 6)] | pick(g, 2) << 4 | 12, t << 12 | t2 << 8 | pick(g, 64));
        break;
    }
    case 4: case 5: { // LDM, STM
        unsigned list = pick(g, 256) | 0x81;
        point(g, 4);
        put32(g, (pick(g, 2) ? 0xE880 : 0xE900) | pick(g, 2) << 5 | pick(g, 2) << 4 | 12, list);
        break;
    }
    case 6: put32(g, 0xF8DF, t << 12 | pick(g, LITERALS) * 4); break;
    case 7: // what the part answers
        put32(g, 0xF8D9, t << 12 | CORE_TIME);
        break;
    }
}

static void any_plain(gen_t *g)
{
    switch (pick(g, g->v6m ? 3 : 10)) {
    case 0: alu16(g); break;
    case 1: memory16(g); break;
    case 2: pick(g, 2) ? alu16(g) : stack16(g); break;
    case 3: case 4: alu32(g); break;
    case 5: plain32(g); break;
    case 6: register32(g); break;
    case 7: multiply32(g); break;
    case 8: case 9: memory32(g); break;
    }
}

// ---- Ways -------------------------------------------------------------------------------------------

static void conditional(gen_t *g)
{
    unsigned n = pick(g, 4) + 1, cond = pick(g, 14), mask = 0;
    for (unsigned i = 1; i < n; i++)
        mask |= pick(g, 2) << (4 - i);
    mask |= 1 << (4 - n);
    put16(g, 0xBF00 | cond << 4 | mask);
    for (unsigned i = 0; i < n; i++)
        switch (pick(g, 8)) {
        case 7: put32(g, 0xF8D9, to(g) << 12 | CORE_TIME); break; // what the part answers
        case 0: put32(g, 0xF8D8, to(g) << 12 | pick(g, 64) * 4); break;
        case 1: put32(g, 0xF8C8, to(g) << 12 | pick(g, 64) * 4); break;
        case 2: put32(g, (pick(g, 2) ? 0xFB90 : 0xFBB0) | from(g), 0xF0F0 | to(g) << 8 | from(g)); break;
        case 3: put16(g, 0x2800 | low(g) << 8 | pick(g, 256)); break;
        case 4: alu32(g); break;
        case 5: put16(g, 0x4000 | pick(g, 16) << 6 | low(g) << 3 | low(g)); break;
        case 6: put16(g, 0x1800 | pick(g, 4) << 9 | low(g) << 6 | low(g) << 3 | low(g)); break;
        }
}

// Over one to three others: a condition, or a register that is zero.
static void forward(gen_t *g)
{
    uint32_t start = g->at;
    put16(g, 0xBF00);
    for (unsigned n = pick(g, 3) + 1; n; n--)
        any_plain(g);
    unsigned d = (g->at - start - 4) / 2, h = 0xD000 | pick(g, 14) << 8 | d;
    if (!g->v6m && pick(g, 4) == 0 && d < 64)
        h = 0xB100 | pick(g, 2) << 11 | (d & 32) << 4 | (d & 31) << 3 | low(g);
    g->code[start] = h;
    g->code[start + 1] = h >> 8;
}

static void table(gen_t *g) // TBB, TBH
{
    unsigned reg = from(g);
    put32(g, 0xF000 | reg, 0x0C03); // AND r12, rn, #3
    if (pick(g, 2)) {
        put32(g, 0xE8DF, 0xF00C);
        put16(g, 0x0302);
        put16(g, 0x0504);
    } else {
        put32(g, 0xE8DF, 0xF01C);
        for (unsigned i = 0; i < 4; i++)
            put16(g, 4 + i);
    }
    for (unsigned i = 0; i < 4; i++)
        put16(g, 0x3001 | low(g) << 8);
}

static void piece(gen_t *g)
{
    switch (pick(g, g->v6m ? 8 : 11)) {
    default: any_plain(g); break;
    case 5: case 6: forward(g); break;
    case 7: branch_link(g, g->leaf[0]); break;
    case 8: conditional(g); break;
    case 9: table(g); break;
    case 10: // BX r14 and back
        put32(g, 0xF20F, 0x0E00 | 9); // ADR lr, behind; bit 0 set
        put16(g, 0x4770);
        for (unsigned n = 0; n < 4; n++)
            put16(g, 0xBF00);
        break;
    }
}

static void program(gen_t *g)
{
    for (g->at = 0; g->at < sizeof g->code;)
        put16(g, 0xBF00);
    g->at = 0x100;
    put16(g, 0xE7FE); // HardFault: b .
    g->leaf[0] = g->at = 0x140;
    put16(g, 0xB510); // PUSH {r4, lr}
    for (unsigned n = 3; n; n--)
        alu16(g);
    put16(g, 0xBD10); // POP {r4, pc}
    const uint32_t vectors[] = {CORE_RAM + 0x8000, CORE_FLASH + MAIN + 1, 0, CORE_FLASH + 0x101};
    memcpy(g->code, vectors, sizeof vectors);
    g->at = MAIN;
    literal32(g, 0, CORE_RAM + DATA);
    put16(g, 0x4680); // MOV r8, r0
    literal32(g, 0, CORE_PART);
    put16(g, 0x4681); // MOV r9, r0
    for (unsigned r = 0; r < 8; r++)
        literal32(g, r, g_rand_int(g->rand) >> pick(g, 32));
    uint32_t top = g->at;
    for (unsigned loops = 4; loops; loops--) {
        put16(g, 0x20FF & ~pick(g, 128)); // MOV r0, #n
        put16(g, 0x4683);                 // MOV r11, r0
        uint32_t again = g->at;
        for (unsigned n = pick(g, 8) + 1; n; n--)
            piece(g);
        put16(g, 0x4658); // MOV r0, r11
        put16(g, 0x3801); // SUBS r0, #1
        put16(g, 0x4683); // MOV r11, r0
        put16(g, 0xD000); // BEQ over
        int32_t d = (int32_t)(again - g->at - 4) / 2;
        put16(g, 0xE000 | (d & 0x7FF));
    }
    int32_t d = (int32_t)(top - g->at - 4) / 2;
    put16(g, 0xE000 | (d & 0x7FF));
    g_assert_cmpint(d, >=, -1024);
}

static core_t *boot(const gen_t *g, bool exact, uint32_t seed)
{
    core_t *k = core_new(g->v6m ? "m0" : "m4");
    core_put(k, CORE_FLASH, g->code, sizeof g->code);
    k->c->exact_only = exact;
    core_start(k);
    if (!g->v6m && seed % 4) // caches that are large enough, and some that are not
        core_flash_timing(k, seed % 4 + seed % 3, seed % 3 ? 64 : 3 + seed % 5, seed % 5 ? 8 : 2, seed & 4);
    return k;
}

static uint64_t run_seed(uint32_t seed, bool v6m)
{
    gen_t g = {.rand = g_rand_new_with_seed(seed), .v6m = v6m};
    program(&g);
    core_t *a = boot(&g, false, seed), *b = boot(&g, true, seed);
    uint64_t until = 0;
    for (unsigned i = 0; i < 8; i++) {
        until += (5000 + pick(&g, 20000)) * (uint64_t)CORE_CYCLE_PS;
        machine_run(a->m, until);
        machine_run(b->m, until);
        core_compare(a, b, seed);
    }
    g_assert_cmphex(core_reg(a, CM_PC), !=, CORE_FLASH + 0x100); // no fault
    uint64_t native = a->c->native_cycles;
    g_assert_cmpuint(b->c->native_cycles, ==, 0);
    core_free(a);
    core_free(b);
    g_rand_free(g.rand);
    return native;
}

static void run_seeds(bool v6m)
{
    unsigned seeds = g_test_thorough() ? 3000 : v6m ? 100 : 400, n = 0;
    for (uint32_t seed = 1; seed <= seeds; seed++)
        n += run_seed(seed, v6m) > 20000;
#ifdef __x86_64__
    g_assert_cmpuint(n, >, seeds / 3); // most of these programs ran that way for a while
#endif
}

static void test_m4(void) { run_seeds(false); }
static void test_m0(void) { run_seeds(true); }

// ---- What changes under hot code --------------------------------------------------------------------

// 1: adds r0, #1; b 2f; nop; 2: adds r1, #1; udiv r3, r4, r5; b 1b
static core_t *hot(void)
{
    static const uint16_t loop[] = {0x3001, 0xE000, 0xBF00, 0x3101, 0xFBB4, 0xF3F5, 0xE7F8}, stay[] = {0xE7FE};
    static const uint32_t vectors[] = {CORE_RAM + 0x8000, CORE_FLASH + MAIN + 1, 0, CORE_FLASH + 0x101};
    core_t *k = core_new("m4");
    core_put(k, CORE_FLASH, vectors, sizeof vectors);
    core_put(k, CORE_FLASH + 0x100, stay, sizeof stay);
    core_put(k, CORE_FLASH + MAIN, loop, sizeof loop);
    core_start(k);
    machine_run(k->m, 20000 * (uint64_t)CORE_CYCLE_PS);
#ifdef __x86_64__
    g_assert_cmpuint(k->c->native_cycles, >, 10000);
#endif
    return k;
}

static void more(core_t *k, uint64_t cycles)
{
    machine_run(k->m, machine_now_ps(k->m) + cycles * CORE_CYCLE_PS);
}

static void test_breakpoint(void)
{
    core_t *k = hot();
    cpu_t *cpu = k->m->cpu;
    uint64_t before = k->c->native_cycles;
    cpu->debugger = true;
    cpu->cls->breakpoint(cpu, CORE_FLASH + MAIN + 6, true);
    for (unsigned i = 0; i < 3; i++) {
        uint32_t ones = core_reg(k, CM_R1);
        more(k, 1000);
        g_assert_cmphex(core_reg(k, CM_PC), ==, CORE_FLASH + MAIN + 6);
        g_assert_cmpuint(core_reg(k, CM_R1) - ones, <=, 1);
        g_assert_cmpuint(core_reg(k, CM_R0), ==, core_reg(k, CM_R1) + 1);
    }
    g_assert_cmpuint(k->c->native_cycles, ==, before);
    cpu->cls->breakpoint(cpu, CORE_FLASH + MAIN + 6, false);
    more(k, 20000);
#ifdef __x86_64__
    g_assert_cmpuint(k->c->native_cycles, >, before);
#endif
    core_free(k);
}

static void test_rewritten(void)
{
    static const uint16_t two[] = {0x3102}; // adds r1, #2
    core_t *k = hot();
    core_put(k, CORE_FLASH + MAIN + 6, two, sizeof two);
    uint32_t turns = core_reg(k, CM_R0), sum = core_reg(k, CM_R1);
    more(k, 20000);
    turns = core_reg(k, CM_R0) - turns;
    g_assert_cmpuint(turns, >, 1000);
    g_assert_cmpint(ABS((int)(core_reg(k, CM_R1) - sum - 2 * turns)), <=, 2);
    core_free(k);
}

// A division by zero in hot code once the trap for it is on.
static void test_divide_trap(void)
{
    core_t *k = hot();
    cm_set_traps(k->c, false, true);
    uint32_t turns = core_reg(k, CM_R0);
    more(k, 1000);
    g_assert_cmpuint(core_reg(k, CM_R0) - turns, <=, 1);
    g_assert_cmphex(core_reg(k, CM_PC), ==, CORE_FLASH + 0x100);
    core_free(k);
}

// A load that fails in hot code, or a division that traps, between two instructions that set flags: those of the
// first one are in the exception's frame.
static void test_flags_at_exit(void)
{
    // 1: adds r0, r0, r1; ldr r2, [r4]; nop or udiv r2, r0, r4; adds r3, #1; b 1b
    static const uint16_t loops[2][5] = {{0x1840, 0x6822, 0xBF00, 0x3301, 0xE7FA},
                                         {0x1840, 0xFBB0, 0xF2F4, 0x3301, 0xE7FA}};
    static const uint16_t stay[] = {0xE7FE};
    static const uint32_t vectors[] = {CORE_RAM + 0x8000, CORE_FLASH + MAIN + 1, 0, CORE_FLASH + 0x101};
    for (unsigned n = 0; n < 8; n++) {
        uint32_t frame[2];
        for (unsigned exact = 0; exact < 2; exact++) {
            core_t *k = core_new("m4");
            core_put(k, CORE_FLASH, vectors, sizeof vectors);
            core_put(k, CORE_FLASH + 0x100, stay, sizeof stay);
            core_put(k, CORE_FLASH + MAIN, loops[n / 4], sizeof loops[0]);
            k->c->exact_only = exact;
            core_start(k);
            cm_set_traps(k->c, false, true);
            core_set(k, CM_R4, CORE_RAM);
            more(k, 20000);
            static const uint32_t to[] = {0, 0x80000000, 0x7FFFFFFF, 0xFFFFFFFF};
            core_set(k, CM_R0, to[n % 4]);
            core_set(k, CM_R1, to[3 - n % 4]);
            core_set(k, CM_R4, n < 4 ? 0x70000000 : 0);
            more(k, 1000);
            g_assert_cmphex(core_reg(k, CM_PC), ==, CORE_FLASH + 0x100);
            frame[exact] = core_word(k, core_reg(k, CM_SP) + 28);
            core_free(k);
        }
        g_assert_cmphex(frame[0], ==, frame[1]);
    }
}

// The host gives no memory for code: everything is Unicorn's.
static void test_no_memory(void)
{
    core_t *a = hot(), *b = core_new("m4");
    b->c->native = g_new0(cm_native_t, 1);
    b->c->native->failed = true;
    core_put(b, CORE_FLASH, bus_mem_named(a->m->bus, "flash")->data, 0x1000);
    core_start(b);
    machine_run(b->m, 20000 * (uint64_t)CORE_CYCLE_PS);
    g_assert_cmpuint(b->c->native_cycles, ==, 0);
    core_compare(a, b, 0);
    cm_native_forget(b->c);
    more(a, 5000);
    more(b, 5000);
    core_compare(a, b, 0);
    core_free(a);
    core_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cortexm/native/m4", test_m4);
    g_test_add_func("/cortexm/native/m0", test_m0);
    g_test_add_func("/cortexm/native/breakpoint", test_breakpoint);
    g_test_add_func("/cortexm/native/rewritten", test_rewritten);
    g_test_add_func("/cortexm/native/divide-trap", test_divide_trap);
    g_test_add_func("/cortexm/native/flags-at-exit", test_flags_at_exit);
    g_test_add_func("/cortexm/native/no-memory", test_no_memory);
    return g_test_run();
}
