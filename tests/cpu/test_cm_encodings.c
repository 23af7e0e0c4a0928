// SPDX-License-Identifier: GPL-2.0-or-later
// Every instruction that native code takes does what Unicorn has it do, and what Unicorn finds undefined is left
// to it: all of 16 bits, and many of 32, each alone as a block, inside an IT block and not.
#include "core.h"
#include "cpu/cortexm_native.h"
#include <string.h>

#define SLOT 32u // of flash, for each
#define TARGETS 0x200u // of branches to registers
#define SLOTS_AT 0x1000u
#define SLOTS_END 0x10000u // Unicorn dies when it has translated too much
#define RAM_AT 0x4000u

typedef struct pair {
    core_t *native, *oracle;
    GRand *rand;
    unsigned taken, compared;
    uint32_t slot;
    bool v6m;
} pair_t;

static unsigned pick(pair_t *p, unsigned n) { return g_rand_int(p->rand) % n; }

static core_t *boot(bool v6m)
{
    static const uint32_t vectors[4] = {CORE_RAM + 0x8000, CORE_FLASH + 0x101, CORE_FLASH + 0x181, CORE_FLASH + 0x181};
    static const uint16_t loop[] = {0x3001, 0xE7FD}, stay[] = {0xE7FE};
    core_t *k = core_new(v6m ? "m0" : "m4");
    core_put(k, CORE_FLASH, vectors, sizeof vectors);
    core_put(k, CORE_FLASH + 0x100, loop, sizeof loop);
    core_put(k, CORE_FLASH + 0x180, stay, sizeof stay);
    core_start(k);
    machine_run(k->m, 10000 * (uint64_t)CORE_CYCLE_PS);
    return k;
}

static uint32_t value(pair_t *p)
{
    switch (pick(p, 8)) {
    case 0: return pick(p, 64);
    case 1: return g_rand_int(p->rand);
    case 2: return -pick(p, 4);
    case 3: return 0x7FFFFFFF + pick(p, 3);
    case 4: return (CORE_FLASH + TARGETS + pick(p, 256)) | 1;
    case 5: return 0x20 + pick(p, 8);
    default: return CORE_RAM + RAM_AT + 4 * pick(p, 64) + (pick(p, 8) ? 0 : pick(p, 4));
    }
}

// FALSE: native code does not take it.
static bool one(pair_t *p, const uint16_t *code, unsigned n, const char **wrong)
{
    core_t *a = p->native, *b = p->oracle;
    cortexm_t *c = a->c;
    cm_native_t *native = c->native;
    mem_t *flash = bus_mem_named(a->m->bus, "flash");
    uint8_t *at = native->at;
    *wrong = NULL;
    memcpy(flash->data + p->slot, code, n * 2);
    memcpy(bus_mem_named(b->m->bus, "flash")->data + p->slot, code, n * 2);
    cm_block_t *block = cm_block_decode(c, CORE_FLASH + p->slot, 0);
    if (block->flags & (BF_EXACT | BF_MASK | BF_IT | BF_FP)) {
        cm_block_free(block);
        return false;
    }
    const void *run = cm_x86_translate(native, block);
    if (!run) {
        cm_block_free(block);
        return false;
    }
    p->taken++;
    for (unsigned i = 0; i < 15; i++)
        native->r[i] = value(p);
    native->r[13] = CORE_RAM + 0x6000;
    native->nz = pick(p, 3) - 1;
    native->c = pick(p, 2);
    native->v = pick(p, 2);
    native->q = 0;
    native->cycles = 0;
    native->limit = 100000;
    uint32_t before[15];
    memcpy(before, native->r, sizeof before);
    uint32_t flags = (native->nz & 0x80000000) | (uint32_t)!native->nz << 30 | (uint32_t)native->c << 29 |
                     (uint32_t)native->v << 28 | 1u << 24;
    mem_t *ram = bus_mem_named(a->m->bus, "ram"), *other = bus_mem_named(b->m->bus, "ram");
    native_exit_t why = native->enter(native, run);
    uint64_t cycles = native->cycles;
    native->at = at;
    bool ended = why == NATIVE_INDIRECT || why == NATIVE_LINK;
    if (why == NATIVE_INDIRECT)
        cycles += cm_entry_penalty(c, native->resume);
    uint32_t pc = native->resume;
    cm_block_free(block);
    // Unicorn would translate what is elsewhere.
    bool is_near = pc - (CORE_FLASH + p->slot) < SLOT;
    bool is_target = why == NATIVE_INDIRECT && pc - (CORE_FLASH + TARGETS) < 0x100;
    if (ended && !is_near && !is_target) {
        memcpy(ram->data, other->data, ram->size);
        return true;
    }
    if (!ended) { // nothing may have happened that is not undone by starting the instruction again
        if (memcmp(before, native->r, sizeof before) && n < 3)
            *wrong = "left with other registers";
        memcpy(ram->data, other->data, ram->size);
        return true;
    }
    for (unsigned i = 0; i < 15; i++)
        core_set(b, CM_R0 + i, before[i]);
    core_set(b, CM_PC, CORE_FLASH + p->slot);
    core_set(b, CM_XPSR, flags);
    uint64_t start = core_cycles(b);
    bool is_it = n > 2 && code[0] >> 8 == 0xBF;
    cpu_t *cpu = b->m->cpu;
    for (unsigned steps = 0; steps < n; steps++) {
        if (steps > is_it && core_reg(b, CM_PC) == pc)
            break;
        cpu->cls->step(cpu);
    }
    p->compared++;
    uint32_t now = (native->nz & 0x80000000) | (uint32_t)!native->nz << 30 | (uint32_t)native->c << 29 |
                   (uint32_t)native->v << 28 | (uint32_t)native->q << 27;
    uint32_t x = core_reg(b, CM_XPSR);
    if (x & 0x1FF)
        *wrong = "a fault";
    else if ((x & 0xF8000000) != now)
        *wrong = "flags";
    else if (core_reg(b, CM_PC) != pc)
        *wrong = "pc";
    else if (core_cycles(b) - start != cycles)
        *wrong = "cycles";
    for (unsigned i = 0; i < 15 && !*wrong; i++)
        if (core_reg(b, CM_R0 + i) != native->r[i])
            *wrong = "a register";
    if (!*wrong && memcmp(ram->data, other->data, ram->size))
        *wrong = "memory";
    if (*wrong) {
        memcpy(other->data, ram->data, ram->size);
        cpu->cls->reset(cpu, true);
    }
    return true;
}

static void renew(pair_t *p)
{
    if (p->native) {
        core_free(p->native);
        core_free(p->oracle);
    }
    p->native = boot(p->v6m);
    p->oracle = boot(p->v6m);
    p->oracle->c->exact_only = true;
    p->slot = SLOTS_AT;
}

static unsigned second_half(pair_t *p)
{
    unsigned h2 = pick(p, 65536);
    static const uint16_t set[] = {0xF000, 0, 0}, clear[] = {0, 0x0F00, 0x00F0};
    for (unsigned i = 0; i < 3; i++)
        if (pick(p, 3) == 0)
            h2 = (h2 | set[i]) & ~clear[i];
    return h2;
}

static void encoding(pair_t *p, unsigned h, bool it)
{
    uint16_t code[4];
    unsigned n = 0;
    const char *wrong;
    p->slot += SLOT;
    if (!p->native || p->slot >= SLOTS_END)
        renew(p);
    if (it)
        code[n++] = 0xBF08 | pick(p, 14) << 4;
    code[n++] = h;
    if (h >= 0xE800)
        code[n++] = second_half(p);
    code[n] = 0xE000 | (16 - 2 * n - 4) / 2; // B to behind
    n++;
    one(p, code, n, &wrong);
    if (wrong) {
        char text[80] = "";
        cm_disassemble(p->oracle->m->cpu, CORE_FLASH + p->slot + 2 * it, text, sizeof text);
        g_error("%04x %04x%s, %s: %s", h, code[1 + it], it ? " in an IT block" : "", text, wrong);
    }
}

static void all(bool v6m, unsigned least)
{
    pair_t p = {.rand = g_rand_new_with_seed(1), .v6m = v6m};
    unsigned more = g_test_thorough() ? 6 : 1;
#ifndef __x86_64__
    g_test_skip("no native code here");
    return;
#endif
    for (unsigned h = 0; h < 0xE800; h += more > 1 ? 1 : 3)
        for (unsigned i = 0; i < 2 * more; i++)
            encoding(&p, h, !v6m && i & 1);
    for (unsigned h = 0xE800; h < 0x10000; h++)
        for (unsigned i = 0; i < 4 * more; i++)
            encoding(&p, h, !v6m && i & 1);
    g_assert_cmpuint(p.taken, >, least);
    g_assert_cmpuint(p.compared, >, least / 2);
    core_free(p.native);
    core_free(p.oracle);
    g_rand_free(p.rand);
}

static void test_m4(void) { all(false, 20000); }
static void test_m0(void) { all(true, 20000); }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cortexm/encodings/m4", test_m4);
    g_test_add_func("/cortexm/encodings/m0", test_m0);
    return g_test_run();
}
