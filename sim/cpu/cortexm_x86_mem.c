// SPDX-License-Identifier: GPL-2.0-or-later
// Code of x86-64 for accesses to memory and for the ends of blocks. Memories of the board are accessed in place;
// before any other access the block is left.
#include "cortexm_x86.h"

// ---- Memory ----------------------------------------------------------------------------------------

static bool is_direct(const mem_t *m, bool is_store)
{
    return !m->window && !m->off && (m->kind == MEM_RAM || !is_store);
}

// Looks for a memory with `bytes` at ecx: rsi + rdx is there. From number `from` on; FALSE: there is none.
static bool find_memory(tr_t *t, unsigned *from, unsigned bytes, bool is_store, uint8_t **other)
{
    bus_t *bus = t->c->cpu.m->bus;
    unsigned count = bus_mem_count(bus);
    for (; *from < 3 * count; ++*from) {
        // RAM first, then the others, then what these are at a second address
        const mem_t *m = bus_mem(bus, *from % count);
        unsigned turn = *from / count;
        if (!is_direct(m, is_store) || m->size < bytes || (turn == 0) != (m->kind == MEM_RAM && turn != 2) ||
            (turn == 2 && !m->alias_on))
            continue;
        emit_2(&t->x, 0x8D, 0x91); // lea edx, [rcx - base]
        emit_32(&t->x, -(turn == 2 ? m->alias : m->base));
        emit_op_imm(&t->x, X_CMP, EDX, m->size - bytes);
        *other = emit_jcc(&t->x, J_A);
        emit_imm64(&t->x, ESI, (uintptr_t)m->data);
        ++*from;
        return true;
    }
    return false;
}

// rsi + rdx is where `bytes` bytes at ecx are.
static void tr_locate(tr_t *t, unsigned bytes, unsigned align, bool is_store)
{
    unsigned from = 0;
    uint8_t *other;
    t->host = HOST_NONE;
    if (align > 1) {
        emit_3(&t->x, 0xF6, 0xC1, align - 1); // test cl, align - 1
        tr_before(t, emit_jcc(&t->x, J_NE));
    }
    if (!find_memory(t, &from, bytes, is_store, &other) || t->colds == TR_MOST_COLD) {
        t->failed = true;
        return;
    }
    tr_use(t, FLAG_ALL);
    t->cold[t->colds++] = (cold_t){.site = other, .back = t->x.at, .ins = t->i, .bytes = bytes, .store = is_store};
}

void tr_cold_memory(tr_t *t, const cold_t *o, uint8_t **site)
{
    unsigned from = 0;
    uint8_t *other = NULL, *start = t->x.at;
    find_memory(t, &from, o->bytes, o->store, &other);
    t->x.at = start; // the first one was looked at
    uint8_t *here_ = o->site;
    while (find_memory(t, &from, o->bytes, o->store, &other)) {
        emit_to(here_, start);
        emit_to(emit_jmp(&t->x), o->back);
        here_ = other;
        start = t->x.at;
    }
    *site = here_;
}

// mov between reg and [rsi + rdx + offset], of `size` bytes
static void tr_access_load(tr_t *t, unsigned reg, unsigned size, bool is_signed, unsigned offset)
{
    emit_t *x = &t->x;
    if (size == 4) {
        emit_1(x, 0x8B);
    } else {
        emit_2(x, 0x0F, (is_signed ? 0xBE : 0xB6) | (size == 2));
    }
    emit_3(x, 0x44 | reg << 3, 0x16, offset);
}

static void access_store(tr_t *t, unsigned reg, unsigned size, unsigned offset)
{
    emit_t *x = &t->x;
    if (size == 2)
        emit_1(x, 0x66);
    emit_1(x, size == 1 ? 0x88 : 0x89);
    emit_3(x, 0x44 | reg << 3, 0x16, offset);
}

static void address(tr_t *t)
{
    const cm_ins_t *i = t->ins;
    if (i->base == 15 && i->index == CM_NO_REG) {
        emit_imm(&t->x, ECX, i->literal);
        return;
    }
    tr_load(t, ECX, i->base);
    if (i->index != CM_NO_REG) {
        tr_load(t, EDX, i->index);
        if (i->shift)
            emit_shift(&t->x, X_SHL, EDX, i->shift);
        emit_op(&t->x, X_ADD, ECX, EDX);
    } else if (i->disp) {
        emit_op_imm(&t->x, X_ADD, ECX, (uint32_t)i->disp);
    }
    t->host = HOST_NONE;
}

static void write_back(tr_t *t)
{
    if (!t->ins->writeback)
        return;
    tr_load(t, ECX, t->ins->base);
    emit_op_imm(&t->x, X_ADD, ECX, (uint32_t)t->ins->writeback);
    tr_store(t, ECX, t->ins->base);
}

// ---- Ends of blocks --------------------------------------------------------------------------------

// On to the block at `to`, which is known now.
void tr_chain(tr_t *t, uint32_t to, bool taken)
{
    const cm_block_t *b = t->b;
    uint32_t cost = b->cost;
    if (to == b->end)
        taken = false;
    if (taken)
        cost += b->taken + cm_entry_penalty(t->c, to);
    tr_add_cycles(t, cost);
    cm_block_t *next = cm_lookup(t->c, to, 0);
    uint8_t *site = emit_jmp(&t->x);
    if (to == b->address) {
        emit_to(site, t->entry);
    } else if (next && next->native) {
        emit_to(site, next->native);
    } else {
        emit_here(&t->x, site);
        emit_imm64(&t->x, EAX, (uintptr_t)site);
        emit_3(&t->x, 0x48, 0x89, 0x43), emit_1(&t->x, AT(site)); // mov [rbx + site], rax
        emit_store_imm(&t->x, AT(resume), to);
        tr_leave(t, NATIVE_LINK);
    }
}

// To the address in eax, bit 0 clear.
static void chain_indirect(tr_t *t)
{
    emit_t *x = &t->x;
    uint32_t cost = t->b->cost + t->b->taken;
    emit_op_imm(x, X_CMP, EAX, t->b->end);
    uint8_t *falls = emit_jcc(x, J_E);
    emit_mov(x, ECX, EAX);
    emit_shift(x, X_SHR, ECX, 1);
    emit_op_imm(x, X_AND, ECX, CM_CACHE - 1);
    emit_3(x, 0x48, 0x8B, 0x53), emit_1(x, AT(cache)); // mov rdx, [rbx + cache]
    emit_2(x, 0x48, 0x8B), emit_2(x, 0x14, 0xCA);      // mov rdx, [rdx + rcx * 8]
    emit_3(x, 0x39, 0x42, offsetof(cm_block_t, address)); // cmp [rdx + address], eax
    uint8_t *miss = emit_jcc(x, J_NE);
    emit_3(x, 0x48, 0x8B, 0xB2), emit_32(x, offsetof(cm_block_t, native)); // mov rsi, [rdx + native]
    emit_3(x, 0x48, 0x85, 0xF6);                      // test rsi, rsi
    uint8_t *none = emit_jcc(x, J_E);
    emit_3(x, 0x0F, 0xB6, 0x4A), emit_1(x, offsetof(cm_block_t, entry)); // movzx ecx, byte [rdx + entry]
    emit_3(x, 0x4D, 0x8D, 0xBC), emit_1(x, 0x0F), emit_32(x, cost); // lea r15, [r15 + rcx + cost]
    emit_2(x, 0xFF, 0xE6);                            // jmp rsi
    emit_here(x, miss);
    emit_here(x, none);
    tr_add_cycles(t, cost);
    emit_store(x, EAX, AT(resume));
    tr_leave(t, NATIVE_INDIRECT);
    emit_here(x, falls);
    tr_chain(t, t->b->end, false);
}

// What eax holds becomes PC, as BX and loads have it.
void tr_check_target(tr_t *t)
{
    emit_op_imm(&t->x, X_CMP, EAX, 0xF0000000);
    tr_before(t, emit_jcc(&t->x, J_AE));
    emit_2(&t->x, 0xA8, 1); // test al, 1
    tr_before(t, emit_jcc(&t->x, J_E));
}

void tr_end_indirect(tr_t *t)
{
    emit_3(&t->x, 0x83, 0xE0, 0xFE); // and eax, ~1
    t->host = HOST_NONE;
    chain_indirect(t);
    t->ended = true;
}

void tr_end_direct(tr_t *t, uint32_t to)
{
    tr_chain(t, to, true);
    t->ended = true;
}

void tr_end_conditional(tr_t *t, unsigned cond, uint32_t to)
{
    sites_t no = tr_unless(t, cond);
    tr_chain(t, to, true);
    tr_here(t, &no);
    tr_chain(t, t->b->end, false);
    t->ended = true;
}

// ---- Loads and stores ------------------------------------------------------------------------------

static bool is_signed_load(const tr_t *t)
{
    if (t->ins->len == 2)
        return (t->h & 0xFE00) == 0x5600 || (t->h & 0xFE00) == 0x5E00;
    return t->h & 0x100;
}

// A constant: what flash holds changes only with a call of code_changed.
static bool literal(tr_t *t)
{
    const cm_ins_t *i = t->ins;
    uint32_t offset, v = 0;
    const mem_t *m = bus_mem_at(t->c->cpu.m->bus, i->literal, &offset);
    if (i->index != CM_NO_REG || !m || m != t->b->mem || m->kind == MEM_RAM || m->size - offset < i->size)
        return false;
    memcpy(&v, m->data + offset, i->size);
    if (is_signed_load(t) && i->size < 4)
        v = i->size == 1 ? (uint32_t)(int8_t)v : (uint32_t)(int16_t)v;
    emit_imm(&t->x, EAX, v);
    return true;
}

static void load_one(tr_t *t)
{
    const cm_ins_t *i = t->ins;
    if (i->base != 15 || !literal(t)) {
        address(t);
        tr_locate(t, i->size, t->c->v6m ? i->size : 1, false);
        tr_access_load(t, EAX, i->size, is_signed_load(t), 0);
    }
    if (i->rt == 15)
        tr_check_target(t);
    write_back(t);
    if (i->rt == 15)
        tr_end_indirect(t);
    else
        tr_store(t, EAX, i->rt);
    if (i->rt != 15)
        t->host = HOST_NONE;
}

static void store_one(tr_t *t)
{
    address(t);
    tr_locate(t, t->ins->size, t->c->v6m ? t->ins->size : 1, true);
    tr_load(t, EAX, t->ins->rt);
    access_store(t, EAX, t->ins->size, 0);
    write_back(t);
}

static void load_many(tr_t *t, uint32_t list, const uint8_t *regs, unsigned n)
{
    address(t);
    tr_locate(t, 4 * n, 4, false);
    bool pc = list >> 15 & 1;
    if (pc) {
        tr_access_load(t, EAX, 4, false, 4 * (n - 1));
        tr_check_target(t);
        emit_mov(&t->x, EDI, EAX);
    }
    for (unsigned k = 0; k < n - pc; k++) {
        tr_access_load(t, EAX, 4, false, 4 * k);
        if (t->ins->writeback && regs[k] == t->ins->base)
            t->failed = true;
        tr_store(t, EAX, regs[k]);
    }
    write_back(t);
    if (pc) {
        emit_mov(&t->x, EAX, EDI);
        tr_end_indirect(t);
    }
}

static void store_many(tr_t *t, const uint8_t *regs, unsigned n)
{
    address(t);
    tr_locate(t, 4 * n, 4, true);
    for (unsigned k = 0; k < n; k++) {
        tr_load(t, EAX, regs[k]);
        access_store(t, EAX, 4, 4 * k);
    }
    write_back(t);
}

// Of 32 bits, the encodings that the decoder takes for loads and stores without asking further: is it one, and one
// whose result is known? Not the exclusives, and what is undefined or unpredictable, Unicorn decides about that.
static bool is_known(const tr_t *t)
{
    const cm_ins_t *i = t->ins;
    unsigned h = t->h, h2 = t->h2, mode = h >> 7 & 3;
    if ((h & 0xFE40) == 0xE800) // LDM, STM
        return (mode == 1 || mode == 2) && i->base != 15 && i->count > 1 && !(i->writeback && i->list >> i->base & 1);
    if ((h & 0xFE40) == 0xE840) // LDRD, STRD
        return (h & 0x120) && !(h & 0x20 && (i->base == i->rt || i->base == i->rt2));
    if (h & 0x100 && (i->store || i->size == 4))
        return false; // a sign that is none
    if (i->base == 15)
        return i->load;
    if (h & 0x80)
        return true;
    return h2 & 0x800 ? h2 & 0x500 && !(h2 & 0x100 && i->base == i->rt) : !(h2 & 0x7C0);
}

void tr_transfer(tr_t *t)
{
    const cm_ins_t *i = t->ins;
    uint8_t regs[16];
    unsigned n = 0;
    if (i->len == 4 && !is_known(t)) {
        t->failed = true;
    } else if (!i->list && i->count == 1) {
        i->load ? load_one(t) : store_one(t);
    } else {
        if (i->list) {
            for (unsigned r = 0; r < 16; r++)
                if (i->list >> r & 1)
                    regs[n++] = r;
        } else {
            regs[n++] = i->rt;
            regs[n++] = i->rt2;
        }
        bool odd = n != i->count || (!i->load && (i->list >> 15 & 1)) ||
                   (!i->list && i->base == 15) || (i->list >> 13 & 1);
        if (odd)
            t->failed = true;
        else if (i->load)
            load_many(t, i->list, regs, n);
        else
            store_many(t, regs, n);
    }
}

// TBB, TBH
void tr_table_branch(tr_t *t)
{
    const cm_ins_t *i = t->ins;
    if (t->h2 >> 5 != 0xF000 >> 5)
        t->failed = true;
    if (i->base == 15)
        emit_imm(&t->x, ECX, t->pc);
    else
        tr_load(t, ECX, i->base);
    tr_load(t, EDX, i->index);
    if (i->size == 2)
        emit_op(&t->x, X_ADD, EDX, EDX);
    emit_op(&t->x, X_ADD, ECX, EDX);
    tr_locate(t, i->size, 1, false);
    tr_access_load(t, EAX, i->size, false, 0);
    emit_op(&t->x, X_ADD, EAX, EAX);
    emit_op_imm(&t->x, X_ADD, EAX, t->pc);
    tr_end_indirect(t);
}

