// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks of the LX106 engine: decoding, static cycles, the cache of blocks, and dropping them when
// their code changes.
//
// Static cycles (measured on parts with CCOUNT, see tests/cpu/test_lx_cycles.c): code is fetched by
// words, one a cycle, so that straight code never waits; where the flow is redirected to an instruction
// that crosses a word's end, one cycle more. A load's or multiplication's result is there a cycle
// late. A load from instruction memory stops the pipeline and fetches anew.
#include "lx106_int.h"
#include <string.h>

typedef struct builder {
    lx106_t *c;
    lx_slot_t slot[LX_MAX_SLOTS];
    unsigned n;
    uint32_t start, pc; // pc: of the instruction in work
    uint32_t cum;
    uint16_t late;      // registers whose value comes a cycle late
    lx_op_t *slow;      // the load before, whose refill depends on the next instruction
    bool refill;        // the instruction before has redirected the flow
    uint32_t line;      // flash line last entered, or UINT32_MAX
} builder_t;

static lx_op_t *put(builder_t *b, unsigned op)
{
    lx_op_t *o = &b->slot[b->n++].op;
    *o = (lx_op_t){.go = b->c->handler[op], .id = op, .cum = b->cum, .off = b->pc - b->start};
    return o;
}

static lx_link_t *put_link(builder_t *b, uint32_t target)
{
    lx_link_t *l = &b->slot[b->n++].link;
    *l = (lx_link_t){.to = &b->c->none, .target = target};
    return l;
}

// ---- Fetching ---------------------------------------------------------------------------------------

static void mark(lx_region_t *r, uint32_t offset)
{
    offset = (offset + r->offset) / LX_GRANULE;
    r->marks[offset / 32] |= 1u << offset % 32;
}

// One byte of code. NULL where nothing can be fetched.
static const uint8_t *code_byte(lx106_t *c, uint32_t address)
{
    lx_region_t *r = lx_region_at(c, address);
    if (!r || !r->code || c->code_attr[address >> 29] == 15 || (r->off && r->mem->kind != MEM_FLASH))
        return NULL;
    mark(r, address - r->base);
    return r->mem->data + r->offset + (address - r->base);
}

// Entering the lines of the flash window that the bytes `from` to `to` lie in.
static bool enter_lines(builder_t *b, uint32_t from, uint32_t to)
{
    lx106_t *c = b->c;
    for (uint32_t at = from; at <= to; at = (at | (LX_LINE - 1)) + 1) {
        lx_region_t *r = lx_region_at(c, at);
        if (!r || r->mem->kind != MEM_FLASH)
            continue;
        if (!c->cache_lines && r->off) {
            put(b, LX_OP_cache_off);
            return false;
        }
        if (!c->cache_lines)
            continue;
        uint32_t line = (r->offset + at - r->base) / LX_LINE;
        if (line != b->line) {
            b->line = line;
            lx_op_t *o = put(b, LX_OP_line);
            o->imm = line;
            o->slot = line % c->cache_lines;
        }
    }
    return true;
}

static bool fetch(builder_t *b, uint32_t *word)
{
    lx106_t *c = b->c;
    unsigned len = 1;
    *word = 0;
    for (unsigned i = 0; i < len; i++) {
        const uint8_t *byte = code_byte(c, b->pc + i);
        if (!byte) {
            lx_region_t *r = lx_region_at(c, b->pc + i);
            lx_op_t *o = put(b, LX_OP_fetch);
            o->imm = b->pc + i;
            o->x = c->code_attr[(b->pc + i) >> 29] == 15 ? LX_FETCH_PROHIBITED
                   : r                                   ? LX_FETCH_ERROR
                                                         : LX_FETCH_ADDRESS;
            return false;
        }
        *word |= (uint32_t)*byte << 8 * i;
        if (!i)
            len = (*byte & 15) >= 8 && (*byte & 15) <= 13 ? 2 : 3;
    }
    return enter_lines(b, b->pc, b->pc + len - 1);
}

// ---- One instruction --------------------------------------------------------------------------------

static bool crosses(uint32_t pc, unsigned len) { return (pc & 3) + len > 4; }

static uint16_t reads(const lx_insn_t *i, unsigned flags)
{
    return (flags & LX_R_R ? 1u << i->r : 0) | (flags & LX_R_S ? 1u << i->s : 0) |
           (flags & LX_R_T ? 1u << i->t : 0) | (flags & LX_R_0 ? 1u : 0);
}

static uint16_t writes(const lx_insn_t *i, unsigned flags)
{
    return (flags & LX_W_R ? 1u << i->r : 0) | (flags & LX_W_S ? 1u << i->s : 0) |
           (flags & LX_W_T ? 1u << i->t : 0);
}

// The operation that loads a literal: where it lies is known now.
static void put_literal(builder_t *b, const lx_insn_t *i)
{
    lx106_t *c = b->c;
    lx_region_t *r = lx_region_at(c, i->imm);
    bool flash = r && r->mem->kind == MEM_FLASH && c->cache_lines;
    bool fixed = r && r->code && (!r->off || flash) && c->data_attr[i->imm >> 29] != 15 && !c->points.watches &&
                 !(c->dbreakc >> 30) && r->size - (i->imm - r->base) >= 4;
    lx_op_t *o = put(b, !fixed ? LX_OP_l32r : flash ? LX_OP_l32r_flash : LX_OP_l32r_ram);
    o->t = i->t;
    o->imm = i->imm;
    if (!fixed) {
        b->slow = o;
        return;
    }
    uint32_t offset = r->offset + (i->imm - r->base);
    lx_link_t *l = put_link(b, offset / LX_LINE);
    l->literal = (const uint32_t *)(r->mem->data + offset);
    l->slot = flash ? offset / LX_LINE % c->cache_lines : 0;
    b->cum += LX_SLOW_LOAD;
    b->refill = true;
}

static void put_insn(builder_t *b, const lx_insn_t *i)
{
    const lx_row_t *row = &lx_rows[i->op];
    if (i->op == LX_OP_l32r) {
        put_literal(b, i);
    } else {
        lx_op_t *o = put(b, i->op);
        o->r = i->r;
        o->s = i->s;
        o->t = i->t;
        o->imm = i->imm;
        if (i->op == LX_OP_extui)
            o->x = i->second;
        if (i->op > LX_OP_l32r && i->op <= LX_OP_s32i_n) // the memory rows
            b->slow = o;
        if (row->flags & LX_LINK)
            put_link(b, i->second);
    }
    b->cum += row->cycles;
    b->late = row->flags & LX_LATE ? writes(i, row->flags) : 0;
}

// One instruction; FALSE: the block ends with it.
static bool step(builder_t *b)
{
    uint32_t word;
    lx_insn_t i;
    unsigned first = b->n;
    if (!fetch(b, &word))
        return false;
    bool legal = lx_decode(b->pc, word, &i);
    unsigned flags = legal ? lx_rows[i.op].flags : LX_ENDS;
    if (crosses(b->pc, i.len)) {
        if (b->refill)
            b->cum++;
        if (b->slow)
            b->slow->x = 1;
    }
    if (b->late & reads(&i, flags))
        b->cum++;
    b->refill = false;
    b->slow = NULL;
    for (; first < b->n; first++) // lines entered
        b->slot[first].op.cum = b->cum;
    if (!legal) {
        put(b, LX_OP_ill);
        b->cum++;
        return false;
    }
    put_insn(b, &i);
    b->pc += i.len;
    return !(flags & LX_ENDS);
}

// ---- Blocks -----------------------------------------------------------------------------------------

static bool never_fast(const lx106_t *c, const builder_t *b)
{
    return points_break_in(&c->points, b->start, b->pc - b->start + 1) ||
           ((c->ibreakenable & 1) && c->ibreaka - b->start <= b->pc - b->start);
}

static lx_block_t *decode(lx106_t *c, uint32_t pc)
{
    builder_t b = {.c = c, .start = pc, .pc = pc, .line = UINT32_MAX, .refill = true};
    bool more = true;
    size_t room = sizeof(lx_block_t) + LX_MAX_SLOTS * sizeof(lx_slot_t);
    if (c->used + room > LX_ARENA)
        return NULL;
    for (unsigned i = 0; more && (i < LX_MAX_INS || b.late || b.slow || b.refill) && i < LX_MOST_INS; i++)
        more = step(&b);
    if (more) {
        put(&b, LX_OP_end);
        put_link(&b, b.pc);
    }
    lx_block_t *block = (lx_block_t *)(c->arena + c->used);
    size_t bytes = sizeof *block + b.n * sizeof(lx_slot_t);
    c->used += (bytes + 15) & ~(size_t)15;
    *block = (lx_block_t){.pc = pc, .end = b.pc, .n = b.n};
    memcpy(block->ops, b.slot, b.n * sizeof(lx_slot_t));
    block->cross = block->ops[0].op.cum;
    block->bound = never_fast(c, &b) ? LX_NEVER : b.cum + LX_REFILL + 1;
    return block;
}

lx_block_t *lx_find(lx106_t *c, uint32_t pc)
{
    lx_block_t **chain = &c->chains[(pc ^ pc >> 14) % LX_CHAINS], *b = *chain;
    while (b && b->pc != pc)
        b = b->next;
    if (!b) {
        b = decode(c, pc);
        if (!b) {
            c->flush = true;
            return NULL;
        }
        b->next = *chain;
        *chain = b;
    }
    c->cache[lx_hash(pc)] = b;
    return b;
}

void lx_drop_blocks(lx106_t *c)
{
    if (c->blk) { // goes on with the same cycles: nothing is fetched anew
        c->pc = c->blk->pc + c->at->op.off;
        c->nocross = true;
        c->blk = NULL;
    }
    c->flush = false;
    c->used = 0;
    memset(c->chains, 0, LX_CHAINS * sizeof *c->chains);
    for (unsigned i = 0; i < LX_CACHE; i++)
        c->cache[i] = &c->none;
    for (unsigned i = 0; i < c->regions; i++)
        memset(c->region[i].marks, 0, c->region[i].mem->size / LX_GRANULE / 8 + 4);
}

void lx_code_changed(lx106_t *c, const mem_t *mem, uint32_t offset, uint32_t n)
{
    for (unsigned i = 0; i < c->regions; i++) {
        lx_region_t *r = &c->region[i];
        if (r->mem != mem || !n)
            continue;
        uint32_t last = MIN(offset + n, mem->size) - 1;
        for (uint32_t g = offset / LX_GRANULE; g <= last / LX_GRANULE; g++)
            if (r->marks[g / 32] >> g % 32 & 1) {
                c->flush = true;
                c->limit = 0;
                return;
            }
    }
}
