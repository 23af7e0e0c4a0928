// SPDX-License-Identifier: GPL-2.0-or-later
// Code that changes while it runs: rewritten in RAM by the program, by a DMA or a debugger; flash that
// is programmed anew. Stores into flash reach its model; many machines live side by side.
#include "core.h"
#include <string.h>

// Counts in RAM: r0 = rounds; each rewrites the immediate of `movs r2, #n` behind `target` and calls
// it; r3 gathers.
static const uint16_t rewriter[] = {
    0x4C08,         //     ldr r4, =target
    0x2300,         //     movs r3, #0
    0x1C65,         //     adds r5, r4, #1     (Thumb bit)
    0x2100,         //     movs r1, #0
    0xF041, 0x0600, // 1:  orr r6, r1, #0
    0xF446, 0x5608, //     orr r6, r6, #0x2200 (movs r2, #r1)
    0x8026,         //     strh r6, [r4]
    0x47A8,         //     blx r5
    0x189B,         //     adds r3, r3, r2
    0x3101,         //     adds r1, #1
    0xB2C9,         //     uxtb r1, r1
    0x3801,         //     subs r0, #1
    0xD1F4,         //     bne 1b
    0xBE00,         //     bkpt
    0xBF00, 0xBF00,
    0x0000, 0x0000, //     =target, at 0x24 from the start
};
static const uint16_t target[] = {0x2200, 0x4770}; // movs r2, #0; bx lr

static const uint32_t vectors[] = {CORE_RAM + 0x8000, CORE_FLASH + 0x101, 0, CORE_FLASH + 0x181};

static core_t *boot(const uint16_t *code, unsigned n, bool exact)
{
    static const uint16_t stuck = 0xE7FE;
    core_t *k = core_new("m4");
    core_put(k, CORE_FLASH, vectors, sizeof vectors);
    core_put(k, CORE_FLASH + 0x100, code, n);
    core_put(k, CORE_FLASH + 0x180, &stuck, 2);
    k->c->exact_only = exact;
    k->c->cpu.debugger = true; // BKPT ends the run
    core_start(k);
    return k;
}

static void run_to_break(core_t *k)
{
    g_assert_cmpint(machine_run(k->m, k->m->now_ps + PS_PER_MS), ==, MACHINE_BREAK);
}

static core_t *rewrite(uint32_t where, bool exact)
{
    uint16_t code[G_N_ELEMENTS(rewriter)];
    memcpy(code, rewriter, sizeof rewriter);
    memcpy(code + 18, &where, 4);
    core_t *k = boot(code, sizeof code, exact);
    core_put(k, where, target, sizeof target);
    core_set(k, CM_R0, 1000);
    run_to_break(k);
    return k;
}

static void test_rewritten_in_ram(void)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 1000; i++)
        sum += i & 0xFF;
    core_t *a = rewrite(CORE_RAM + 0x400, false), *b = rewrite(CORE_RAM + 0x400, true);
    g_assert_cmpuint(core_reg(a, CM_R3), ==, sum);
    g_assert_cmpuint(core_reg(b, CM_R3), ==, sum);
    g_assert_cmpuint(core_cycles(a), ==, core_cycles(b));
    core_free(a);
    core_free(b);
}

// movs r0, #1; b . -> rewritten from outside between runs.
static void rewritten_from_outside(uint32_t at, bool exact)
{
    uint16_t code[] = {0x4801, 0x4687, 0xBF00, 0xBF00, 0, 0}; // ldr r0, =at; mov pc, r0
    static const uint16_t one[] = {0x2001, 0x2101, 0xBE00}, two[] = {0x2002, 0x2102, 0xBE00};
    memcpy(code + 4, &at, 4);
    core_t *k = boot(code, sizeof code, exact);
    for (int round = 0; round < 3; round++) {
        core_put(k, at, round & 1 ? two : one, sizeof one);
        core_set(k, CM_PC, CORE_FLASH + 0x100);
        run_to_break(k);
        g_assert_cmpuint(core_reg(k, CM_R0), ==, 1 + (round & 1));
        g_assert_cmpuint(core_reg(k, CM_R1), ==, 1 + (round & 1));
    }
    core_free(k);
}

static void test_rewritten_from_outside(void)
{
    for (int exact = 0; exact < 2; exact++) {
        rewritten_from_outside(CORE_RAM + 0x100, exact);
        rewritten_from_outside(CORE_FLASH + 0x1000, exact);
        rewritten_from_outside(0x2000, exact); // flash at its second address
    }
}

// ---- Stores into flash ------------------------------------------------------------------------------

typedef struct stores {
    core_t *k;
    GArray *log; // of uint32_t: offset, size, value
    uint64_t cycle[8];
} stores_t;

static stores_t *current; // the flash model of this test: its hook has no context of its own

static void flash_store(part_t *writer, mem_t *mem, uint32_t offset, unsigned size, uint32_t value)
{
    uint32_t row[3] = {offset, size, value};
    if (current->log->len / 3 < G_N_ELEMENTS(current->cycle))
        current->cycle[current->log->len / 3] = core_cycles(current->k);
    g_array_append_vals(current->log, row, 3);
    memcpy(mem->data + offset, &value, size);
    bus_code_changed(current->k->m->bus, mem, offset, size);
}

static void flash_stores(bool exact)
{
    static const uint16_t program[] = {
        0x2207,         // movs r2, #7
        0x6001,         // str r1, [r0]
        0xF820, 0x2F04, // strh r2, [r0, #4]!
        0xE9C0, 0x1201, // strd r1, r2, [r0, #4]
        0x3201,         // adds r2, #1
        0xBE00,
    };
    stores_t s = {.log = g_array_new(false, false, 4)};
    core_t *k = s.k = boot(program, sizeof program, exact);
    current = &s;
    bus_mem_named(k->m->bus, "flash")->store = flash_store;
    core_set(k, CM_R0, CORE_FLASH + 0x1000);
    core_set(k, CM_R1, 0x11223344);
    uint64_t start = core_cycles(k);
    run_to_break(k);
    static const uint32_t expected[] = {
        0x1000, 4, 0x11223344, 0x1004, 2, 7, 0x1008, 4, 0x11223344, 0x100C, 4, 7,
    };
    g_assert_cmpmem(s.log->data, s.log->len * 4, expected, sizeof expected);
    g_assert_cmphex(core_reg(k, CM_R0), ==, CORE_FLASH + 0x1004);
    g_assert_cmpuint(core_reg(k, CM_R2), ==, 8);
    g_assert_cmpuint(s.cycle[0] - start, ==, 1);
    g_assert_cmpuint(s.cycle[1] - start, ==, 2);
    g_assert_cmpuint(s.cycle[2] - start, ==, 3);
    core_free(k);
    g_array_unref(s.log);
}

static void test_stores_into_flash(void)
{
    flash_stores(false);
    flash_stores(true);
}

// ---- Many -------------------------------------------------------------------------------------------

static void test_many_machines(void)
{
    static const uint16_t program[] = {0x3001, 0xE7FD}; // 1: adds r0, #1; b 1b
    core_t *k[12];
    for (unsigned i = 0; i < G_N_ELEMENTS(k); i++)
        k[i] = boot(program, sizeof program, false);
    for (unsigned round = 1; round <= 5; round++)
        for (unsigned i = 0; i < G_N_ELEMENTS(k); i++) {
            machine_run(k[i]->m, round * (100 + i) * (uint64_t)CORE_CYCLE_PS);
            // Turns of three cycles; the first instruction of a turn is one of them.
            unsigned cycles = round * (100 + i), turns = cycles / 3 + (cycles % 3 > 0);
            g_assert_cmpuint(core_reg(k[i], CM_R0), ==, turns);
        }
    for (unsigned i = 0; i < G_N_ELEMENTS(k); i++)
        core_free(k[i]);
}

// More code than Unicorn keeps translated: flash full of short blocks, three times over, on each way.
static void more_code_than_fits(bool exact)
{
    static uint16_t code[0x1F000];
    unsigned at = 0, blocks = 0;
    for (; at + 12 < G_N_ELEMENTS(code); blocks++) {
        code[at++] = 0x3001; // adds r0, #1
        code[at++] = 0xE894; // ldm r4, {r1-r3, r7, r9-r12, lr}: this makes much code
        code[at++] = 0x5E8E;
        code[at++] = 0xE7FF; // b to the next one
    }
    code[at++] = 0x3D01; // subs r5, #1
    code[at++] = 0xD001; // beq over
    code[at++] = 0x4730; // bx r6
    code[at++] = 0xBF00;
    code[at++] = 0xBE00;
    core_t *k = boot(code, 0x40, exact);
    core_put(k, CORE_FLASH + 0x200, code, sizeof code);
    core_set(k, CM_PC, CORE_FLASH + 0x200);
    core_set(k, CM_R0, 0);
    core_set(k, CM_R4, CORE_RAM);
    core_set(k, CM_R5, 3);
    core_set(k, CM_R6, CORE_FLASH + 0x201);
    g_assert_cmpint(machine_run(k->m, k->m->now_ps + 100 * PS_PER_MS), ==, MACHINE_BREAK);
    g_assert_cmpuint(core_reg(k, CM_R0), ==, 3 * blocks);
    core_free(k);
}

static void test_more_code_than_fits(void)
{
    more_code_than_fits(true);
    more_code_than_fits(false);
}

// Flash changes in pages that one way or the other has run, or neither, after moves between both.
static void test_flash_changes_after_moves(void)
{
    static const uint16_t one[] = {0x3001, 0x3101, 0x4770}; // adds r0, #1; adds r1, #1; bx lr
    static const uint16_t loop[] = {0x47A0, 0x3D01, 0xD1FC, 0xBE00, 0xE7FE}; // 1: blx r4; subs r5, #1; bne 1b
    core_t *k = boot(loop, sizeof loop, false);
    for (uint32_t page = 0x1000; page < 0x9000; page += 0x400)
        core_put(k, CORE_FLASH + page, one, sizeof one);
    for (unsigned round = 0; round < 40; round++) {
        uint32_t page = CORE_FLASH + 0x1000 + round % 32 * 0x400;
        k->c->exact_only = round / 2 % 2;
        core_set(k, CM_PC, CORE_FLASH + 0x100);
        core_set(k, CM_R0, 0);
        core_set(k, CM_R4, page + 1);
        core_set(k, CM_R5, 20 + round);
        machine_run(k->m, k->m->now_ps + 7 * CORE_CYCLE_PS); // in the middle of a block
        g_assert_cmpint(machine_run(k->m, k->m->now_ps + PS_PER_MS), ==, MACHINE_BREAK);
        g_assert_cmpuint(core_reg(k, CM_R0), ==, 20 + round);
        core_put(k, CORE_FLASH + 0x1000 + (round * 7 + 3) % 32 * 0x400, one, sizeof one);
        core_put(k, 0x1000 + (round * 5 + 1) % 32 * 0x400, one, sizeof one);
        core_put(k, CORE_FLASH + 0x20000 + round * 0x400, one, sizeof one);
    }
    core_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cortexm/rewritten-in-ram", test_rewritten_in_ram);
    g_test_add_func("/cortexm/rewritten-from-outside", test_rewritten_from_outside);
    g_test_add_func("/cortexm/stores-into-flash", test_stores_into_flash);
    g_test_add_func("/cortexm/many-machines", test_many_machines);
    g_test_add_func("/cortexm/more-code-than-fits", test_more_code_than_fits);
    g_test_add_func("/cortexm/flash-changes-after-moves", test_flash_changes_after_moves);
    return g_test_run();
}
