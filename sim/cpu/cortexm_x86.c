// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks of a Cortex-M as code of x86-64. A block checks the deadline, pays for its fetches as cm_fetch_block
// does, and ends with a branch to the code of the next one, if there is any.
//
// A block is translated twice: the first time tells which flags each instruction sets and which are needed.
#include "cortexm_x86.h"

#define FLASH(field) ((uint32_t)offsetof(cm_flash_t, field))

// ---- Enter, leave ----------------------------------------------------------------------------------

static const uint8_t *leave_code(const cm_native_t *n) { return n->code + 32; }

void cm_x86_start(cm_native_t *n)
{
    emit_t x = {n->code};
    // enter(n, code)
    emit_1(&x, 0x53);          // push rbx
    emit_2(&x, 0x41, 0x56);    // push r14
    emit_2(&x, 0x41, 0x57);    // push r15
    emit_3(&x, 0x48, 0x89, 0xFB); // mov rbx, rdi
    emit_3(&x, 0x4C, 0x8B, 0x7B), emit_1(&x, AT(cycles)); // mov r15, [rbx + cycles]
    emit_3(&x, 0x4C, 0x8B, 0x73), emit_1(&x, AT(flash));  // mov r14, [rbx + flash]
    emit_2(&x, 0xFF, 0xE6);    // jmp rsi
    x.at = n->code + 32;
    emit_3(&x, 0x4C, 0x89, 0x7B), emit_1(&x, AT(cycles)); // mov [rbx + cycles], r15
    emit_2(&x, 0x41, 0x5F);
    emit_2(&x, 0x41, 0x5E);
    emit_1(&x, 0x5B);
    emit_1(&x, 0xC3);
    n->at = n->code + 64;
    memcpy(&n->enter, &n->code, sizeof n->enter);
}

void cm_x86_link(uint8_t *site, const void *to) { emit_to(site, to); }

// eax: why
void tr_leave(tr_t *t, native_exit_t why)
{
    emit_imm(&t->x, EAX, why);
    emit_to(emit_jmp(&t->x), leave_code(t->n));
}

void tr_call(tr_t *t, uintptr_t function)
{
    emit_imm64(&t->x, EAX, function);
    emit_2(&t->x, 0xFF, 0xD0);
}

void tr_add_cycles(tr_t *t, uint32_t n)
{
    if (!n)
        return;
    emit_3(&t->x, 0x4D, 0x8D, 0xBF); // lea r15, [r15 + n]
    emit_32(&t->x, n);
}

// ---- Blocks ----------------------------------------------------------------------------------------

static uint64_t fetch(cortexm_t *c, const cm_block_t *b, uint64_t now)
{
    c->cycles = now;
    cm_fetch_block(c, b);
    return c->cycles;
}

// ecx = slot of a line; the branch to the slow way if that is 0.
static void load_slot(tr_t *t, unsigned data, uint32_t line)
{
    emit_imm64(&t->x, EAX, (uintptr_t)&t->c->flash.cache[data].where[line]);
    emit_3(&t->x, 0x0F, 0xB6, 0x08); // movzx ecx, byte [rax]
}

// What is done where a line is not in the cache, behind the block.
static void if_none(tr_t *t, unsigned line)
{
    emit_test(&t->x, ECX);
    t->fetch_cold[t->fetch_colds++] = (fetch_cold_t){emit_jcc(&t->x, J_E), t->x.at, line};
}

// stamp[ecx] = edx + cum
static void stamp(tr_t *t, unsigned data, uint32_t cum)
{
    emit_t *x = &t->x;
    unsigned reg = EDX;
    if (cum) {
        emit_2(x, 0x8D, 0x82); // lea eax, [rdx + cum]
        emit_32(x, cum);
        reg = EAX;
    }
    emit_3(x, 0x41, 0x89, 0x84 | reg << 3), emit_1(x, 0x8E); // mov [r14 + rcx * 4 + stamp], reg
    emit_32(x, FLASH(cache) + data * sizeof(cm_cache_t) + offsetof(cm_cache_t, stamp));
}

// As cm_fetch_block has it when nothing stalls; else that begins anew: until all is looked at, only times of
// use change. rsi is when the line before became current.
static void pay_fetch(tr_t *t)
{
    const cm_block_t *b = t->b;
    emit_t *x = &t->x;
    t->fetch_done = NULL;
    if (!t->c->flash.ws || !b->lines)
        return;
    if (b->lines + b->literals > G_N_ELEMENTS(t->fetch_cold)) {
        t->failed = true;
        return;
    }
    emit_3(x, 0x44, 0x89, 0xFA);                                 // mov edx, r15d
    emit_3(x, 0x41, 0x2B, 0x96), emit_32(x, FLASH(base));        // sub edx, [r14 + base]
    load_slot(t, 0, b->line0);
    emit_3(x, 0x49, 0x8B, 0xB6), emit_32(x, FLASH(cur_time));    // mov rsi, [r14 + cur_time]
    emit_3(x, 0x41, 0x81, 0xBE), emit_32(x, FLASH(cur)), emit_32(x, b->line0); // cmp [r14 + cur], line
    uint8_t *same = emit_jcc(x, J_E);
    if_none(t, 0);
    emit_3(x, 0x4C, 0x89, 0xFE); // mov rsi, r15
    emit_here(x, same);
    stamp(t, 0, 0);
    for (unsigned i = 1; i < b->lines; i++) {
        load_slot(t, 0, b->line0 + i);
        if ((unsigned)(b->line_cum[i] - b->line_cum[i - 1]) < t->c->flash.lead)
            if_none(t, i); // else it has been prefetched
        stamp(t, 0, b->line_cum[i]);
    }
    for (unsigned i = 0; i < b->literals; i++) {
        load_slot(t, 1, b->literal[i]);
        if_none(t, UINT_MAX);
        stamp(t, 1, 0);
    }
    if (b->lines > 1) {
        emit_3(x, 0x49, 0x8D, 0xB7), emit_32(x, b->last_cum);    // lea rsi, [r15 + last_cum]
    }
    emit_3(x, 0x49, 0x89, 0xB6), emit_32(x, FLASH(cur_time));    // mov [r14 + cur_time], rsi
    emit_3(x, 0x41, 0xC7, 0x86), emit_32(x, FLASH(cur)), emit_32(x, b->line_last);
    t->fetch_done = x->at;
}

// The line before may have brought this one. Branches that it has not.
static sites_t unless_prefetched(tr_t *t, const fetch_cold_t *o)
{
    emit_t *x = &t->x;
    sites_t s = {.n = 0};
    if (o->line == 0) {
        emit_3(x, 0x41, 0x8B, 0x86), emit_32(x, FLASH(cur));     // mov eax, [r14 + cur]
        emit_op_imm(x, X_ADD, EAX, 1);
        emit_op_imm(x, X_CMP, EAX, t->b->line0);
        s.at[s.n++] = emit_jcc(x, J_NE);
    }
    emit_3(x, 0x49, 0x8D, 0x87), emit_32(x, t->b->line_cum[o->line]); // lea rax, [r15 + cum]
    emit_3(x, 0x48, 0x29, 0xF0);                                 // sub rax, rsi
    emit_2(x, 0x48, 0x3D), emit_32(x, t->c->flash.lead);         // cmp rax, lead
    s.at[s.n++] = emit_jcc(x, J_B);
    return s;
}

static void slow_fetch(tr_t *t)
{
    emit_t *x = &t->x;
    uint8_t *slow[2 * G_N_ELEMENTS(t->fetch_cold)];
    unsigned n = 0;
    if (!t->fetch_done)
        return;
    for (unsigned i = 0; i < t->fetch_colds; i++) {
        const fetch_cold_t *o = &t->fetch_cold[i];
        if (o->line > 1 || !t->c->flash.prefetch) {
            slow[n++] = o->site;
            continue;
        }
        emit_here(x, o->site);
        sites_t none = unless_prefetched(t, o);
        emit_to(emit_jmp(x), o->back);
        while (none.n)
            slow[n++] = none.at[--none.n];
    }
    while (n)
        emit_here(x, slow[--n]);
    emit_imm64(x, EDI, (uintptr_t)t->c);
    emit_imm64(x, ESI, (uintptr_t)t->b);
    emit_3(x, 0x4C, 0x89, 0xFA); // mov rdx, r15
    tr_call(t, (uintptr_t)fetch);
    emit_3(x, 0x49, 0x89, 0xC7); // mov r15, rax
    // cm_fetch_leave
    emit_3(x, 0x41, 0xC7, 0x86), emit_32(x, FLASH(cur)), emit_32(x, t->b->line_last);
    emit_to(emit_jmp(x), t->fetch_done);
}

static void begin(tr_t *t)
{
    emit_t *x = &t->x;
    emit_3(x, 0x49, 0x8D, 0x87), emit_32(x, t->b->worst);         // lea rax, [r15 + worst]
    emit_3(x, 0x48, 0x3B, 0x43), emit_1(x, AT(limit));            // cmp rax, [rbx + limit]
    t->late = emit_jcc(x, J_A);
    pay_fetch(t);
}

// What was put off.
static void finish(tr_t *t)
{
    emit_t *x = &t->x;
    uint8_t *tail[TR_MOST_COLD];
    unsigned tails = 0;
    emit_here(x, t->late);
    emit_store_imm(x, AT(resume), t->b->address);
    tr_leave(t, NATIVE_BOUNDARY);
    slow_fetch(t);
    for (unsigned i = 0; i < t->colds; i++) {
        const cold_t *o = &t->cold[i];
        uint8_t *site = o->site;
        if (o->back)
            tr_cold_memory(t, o, &site);
        emit_here(x, site);
        const cm_ins_t *ins = &t->b->ins[o->ins];
        if (ins->cond && ins->cost > ins->skip)
            tr_add_cycles(t, -(ins->cost - ins->skip)); // it has not run
        emit_imm(x, ECX, o->ins);
        tail[tails++] = emit_jmp(x);
    }
    for (unsigned i = 0; i < tails; i++)
        emit_here(x, tail[i]);
    if (tails) {
        emit_store(x, ECX, AT(exit_ins));
        emit_imm64(x, EAX, (uintptr_t)t->b);
        emit_3(x, 0x48, 0x89, 0x43), emit_1(x, AT(exit_block)); // mov [rbx + exit_block], rax
        tr_leave(t, NATIVE_BEFORE);
    }
}

static void instruction(tr_t *t)
{
    const cm_ins_t *i = t->ins = &t->b->ins[t->i];
    const uint8_t *code = t->b->bytes + i->offset;
    t->h = code[0] | code[1] << 8;
    t->h2 = i->len == 4 ? code[2] | code[3] << 8 : 0;
    t->pc = t->b->address + i->offset + 4;
    sites_t skip = {.n = 0};
    if (i->fp || (i->kind != INS_PLAIN && i->kind != INS_DIV && i->kind != INS_BRANCH && i->kind != INS_IT)) {
        t->failed = true;
        return;
    }
    if (i->cond) {
        t->host = HOST_NONE;
        if (i->it >> 4 < 14)
            skip = tr_unless(t, i->it >> 4);
        if (i->cost > i->skip)
            tr_add_cycles(t, i->cost - i->skip);
    }
    if (i->load && i->kind == INS_BRANCH && i->index != CM_NO_REG && i->len == 4 && (t->h & 0xFFF0) == 0xE8D0)
        tr_table_branch(t);
    else if (i->load || i->store)
        tr_transfer(t);
    else if (i->len == 2)
        tr_thumb16(t);
    else
        tr_thumb32(t);
    if (i->cond) {
        t->host = HOST_NONE;
        tr_here(t, &skip);
        if (skip.n && t->ended)
            tr_chain(t, t->b->end, false);
    }
}

static void block(tr_t *t)
{
    t->entry = t->x.at;
    t->host = HOST_NONE;
    t->ended = t->failed = false;
    t->colds = t->fetch_colds = 0;
    begin(t);
    for (t->i = 0; t->i < t->b->n && !t->failed; t->i++)
        instruction(t);
    if (!t->failed && !t->ended)
        tr_chain(t, t->b->end, false);
    if (!t->failed)
        finish(t);
}

void *cm_x86_translate(cm_native_t *n, const cm_block_t *b)
{
    tr_t t = {.n = n, .c = n->cpu, .b = b};
    if (b->n > G_N_ELEMENTS(t.need))
        return NULL;
    memset(t.need, FLAG_ALL, sizeof t.need);
    for (unsigned turn = 0; turn < 2; turn++) {
        t.x.at = (uint8_t *)(((uintptr_t)n->at + 15) & ~(uintptr_t)15);
        block(&t);
        if (t.failed)
            return NULL;
        for (unsigned i = b->n, need = FLAG_ALL; i--;) {
            t.need[i] = need;
            if (!b->ins[i].cond)
                need &= ~t.sets[i];
            need |= t.uses[i];
            if (b->ins[i].cond)
                need = FLAG_ALL;
        }
    }
    n->at = t.x.at;
    return (void *)t.entry;
}
