// SPDX-License-Identifier: GPL-2.0-or-later
// Native code of a Cortex-M: when it runs, and the way there and back. See sim/README.md.
//
// A block that the hook of *fast* has seen often gets the flag BF_NATIVE, which stops *fast* before it. Native
// code then runs until it meets something that it cannot do; blocks that it meets on its way are translated and
// linked. A block where stays begin that are soon over loses the flag for good.
#include "cortexm_native.h"
#include <sys/mman.h>

#define BUFFER (8u << 20)
#define BLOCK_MOST (256u << 10) // room that a block may need
#define SHORT 2500             // cycles: a stay that was not worth the way there and back
#define PATIENCE 16            // so many such stays

static const uint8_t moved[] = {CM_R0, CM_R1, CM_R2, CM_R3, CM_R4, CM_R5, CM_R6, CM_R7, CM_R8,
                                CM_R9, CM_R10, CM_R11, CM_R12, CM_SP, CM_LR};

static cm_native_t *get(cortexm_t *c)
{
    if (c->native)
        return c->native->failed ? NULL : c->native;
    cm_native_t *n = c->native = g_new0(cm_native_t, 1);
    n->cpu = c;
    n->flash = &c->flash;
    n->cache = c->cache;
#ifdef __x86_64__
    n->code = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#else
    n->code = MAP_FAILED;
#endif
    n->failed = n->code == MAP_FAILED;
    if (n->failed)
        return NULL;
    n->at = n->code;
    n->end = n->code + BUFFER - BLOCK_MOST;
    cm_x86_start(n);
    return n;
}

void cm_native_clear(cortexm_t *c)
{
    if (c->native && !c->native->failed)
        munmap(c->native->code, BUFFER);
    g_clear_pointer(&c->native, g_free);
}

void cm_native_forget(cortexm_t *c)
{
    GHashTableIter it;
    gpointer value;
    if (!c->native || c->native->failed || !c->native_blocks)
        return;
    g_hash_table_iter_init(&it, c->blocks);
    while (g_hash_table_iter_next(&it, NULL, &value)) {
        cm_block_t *b = value;
        b->native = NULL;
        if (b->flags & BF_NATIVE)
            b->hits = 0; // and so soon again
        b->flags &= ~BF_NATIVE;
    }
    c->native_blocks = 0;
    c->native->at = c->native->code;
    cm_x86_start(c->native);
}

static bool translate(cortexm_t *c, cm_block_t *b)
{
    cm_native_t *n = get(c);
    if (b->native)
        return true;
    if (!n || b->never_native || b->copy || b->it || b->flags & (BF_EXACT | BF_BREAK | BF_MASK | BF_IT | BF_FP))
        return false;
    if (n->at > n->end)
        cm_native_forget(c);
    b->native = cm_x86_translate(n, b);
    b->never_native = !b->native;
    c->native_blocks += b->native != NULL;
    return b->native;
}

void cm_native_hot(cortexm_t *c, cm_block_t *b)
{
    if (!c->no_native && b->native_short < PATIENCE && translate(c, b))
        b->flags |= BF_NATIVE;
}

static bool take_over(cortexm_t *c, cm_native_t *n)
{
    uint32_t x = 0;
    uc_reg_read(c->cur, UC_ARM_REG_XPSR, &x);
    if (x >> 30 == 3 || !(x >> 24 & 1))
        return false; // N and Z both
    for (unsigned i = 0; i < G_N_ELEMENTS(moved); i++)
        n->r[i] = cm_get(c, moved[i]);
    n->xpsr = x;
    n->nz = x >> 31 ? 0x80000000 : !(x >> 30 & 1);
    n->c = x >> 29 & 1;
    n->v = x >> 28 & 1;
    n->q = x >> 27 & 1;
    return true;
}

static void give_back(cortexm_t *c, const cm_native_t *n, uint8_t it)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(moved); i++)
        cm_set(c, moved[i], n->r[i]);
    uint32_t x = (n->xpsr & 0x00FF01FF) | 1u << 24 | (n->nz & 0x80000000) | (uint32_t)!n->nz << 30 |
                 (uint32_t)n->c << 29 | (uint32_t)n->v << 28 | (uint32_t)n->q << 27;
    x |= cm_it_bits(it);
    uc_reg_write(c->cur, UC_ARM_REG_XPSR, &x);
}

static void leave_before(cortexm_t *c, const cm_native_t *n)
{
    c->blk = n->exit_block;
    c->place = 0;
    c->next = n->exit_ins;
    c->resume = c->blk->address + c->blk->ins[n->exit_ins].offset;
}

bool cm_native_run(cortexm_t *c, cm_block_t *b)
{
    cm_native_t *n = get(c);
    if (!n || !b->native || !take_over(c, n))
        return false;
    uint64_t start = c->cycles;
    const void *code = b->native;
    native_exit_t why;
    n->limit = c->limit;
    for (;;) {
        n->cycles = c->cycles;
        why = n->enter(n, code);
        c->cycles = n->cycles;
        if (why == NATIVE_INDIRECT)
            c->cycles += cm_entry_penalty(c, n->resume);
        if (why != NATIVE_LINK && why != NATIVE_INDIRECT)
            break;
        cm_block_t *to = cm_lookup(c, n->resume, 0);
        uint8_t *site = n->site;
        unsigned blocks = c->native_blocks;
        if (!to || !translate(c, to))
            break;
        if (why == NATIVE_LINK && c->native_blocks >= blocks)
            cm_x86_link(site, to->native);
        code = to->native;
    }
    uint8_t it = 0;
    c->resume = n->resume;
    if (why == NATIVE_BEFORE) {
        leave_before(c, n);
        it = c->blk->ins[n->exit_ins].it;
    }
    c->it = 0;
    give_back(c, n, it);
    c->native_cycles += c->cycles - start;
    if (c->cycles - start >= SHORT) {
        b->native_short = 0;
    } else if (c->cycles + SHORT < c->limit && ++b->native_short >= PATIENCE) {
        b->flags &= ~BF_NATIVE;
    }
    return true;
}
