/* SPDX-License-Identifier: MIT
 * gen_emit.c: emitting instructions with their lines, jumps, handlers, constants; registers.
 */
#include "codegen.h"
#include "heap.h"

/* ---- instructions ---- */

/* Room for n more bytes behind `used`. */
static raw_t *reserve(raw_t *raw, uint32_t used, uint32_t n) {
    if (raw && used + n <= raw->size)
        return raw;
    uint32_t size = used + (used < 512 ? used / 2 : 256) + n + 24; /* memory is short just now */
    if (raw && heap_resize(raw, sizeof *raw + size)) {
        raw->size = size;
        return raw;
    }
    raw_t *to = heap_alloc_high(&type_raw, sizeof *to + size);
    to->size = size;
    if (raw)
        memcpy(to->data, raw->data, used);
    heap_free(raw);
    return to;
}

static void note_line(gen_t *g) {
    uint32_t pcs = g->n - g->last_pc;
    int32_t diff = (int32_t)(g->line - g->last_line);
    while (pcs || diff) {
        uint32_t p = pcs > 255 ? 255 : pcs;
        int32_t d = pcs > 255 ? 0 : diff > 127 ? 127 : diff < -128 ? -128 : diff;
        g->lines = reserve(g->lines, g->lines_n, 2);
        g->lines->data[g->lines_n++] = (uint8_t)p;
        g->lines->data[g->lines_n++] = (uint8_t)d;
        pcs -= p;
        diff -= d;
    }
    g->last_pc = g->n;
    g->last_line = g->line;
}

static void emit_word(gen_t *g, uint32_t w) {
    g->ins = reserve(g->ins, g->n * 4, 4);
    gen_words(g)[g->n++] = w;
    if (g->n > 32000)
        gen_error(g, "function too long");
}

uint32_t emit(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c) {
    if (g->line != g->last_line)
        note_line(g);
    emit_word(g, op | a << 8 | (b & 255) << 16 | (uint32_t)(c & 255) << 24);
    return g->n - 1;
}

void emit_i(gen_t *g, opcode_t op, unsigned a, int i) {
    emit(g, op, a, (unsigned)i & 255, (unsigned)i >> 8 & 255);
}

void emit_x(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c, uint32_t x) {
    emit(g, op, a, b, c);
    emit_word(g, x);
}

/* ---- jumps: until the label is placed, a jump's distance holds the way to the previous one ---- */

static unsigned size_of(uint32_t w) {
    static const uint8_t sizes[] = {
#define OP(name, words) words,
        OPCODES(OP)
#undef OP
    };
    return sizes[w & 255];
}

static int32_t get_distance(const uint32_t *w) {
    if (size_of(*w) == 2)
        return (int32_t)w[1];
    return (*w & 255) == I_JUMP ? (int32_t)*w >> 8 : (int32_t)*w >> 16;
}

static void set_distance(uint32_t *w, int32_t d) {
    if (size_of(*w) == 2)
        w[1] = (uint32_t)d;
    else if ((*w & 255) == I_JUMP)
        *w = (*w & 0xff) | (uint32_t)d << 8;
    else
        *w = (*w & 0xffff) | (uint32_t)d << 16;
}

void emit_jump(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c, label_t *to) {
    uint32_t at = emit(g, op, a, b, c);
    if (size_of(op) == 2)
        emit_word(g, 0);
    if (to->pos >= 0) {
        set_distance(gen_words(g) + at, to->pos - (int32_t)g->n);
    } else {
        set_distance(gen_words(g) + at, to->last >= 0 ? (int32_t)at - to->last : 0);
        to->last = (int32_t)at;
    }
}

void place(gen_t *g, label_t *l) {
    l->pos = (int32_t)g->n;
    int32_t at = l->last;
    while (at >= 0) {
        uint32_t *w = gen_words(g) + at;
        int32_t back = get_distance(w);
        set_distance(w, l->pos - (at + (int32_t)size_of(*w)));
        at = back ? at - back : -1;
    }
    l->last = -1;
}

void add_handler(gen_t *g, uint32_t start, uint32_t end, unsigned reg) {
    if (start == end)
        return;
    g->handlers = reserve(g->handlers, g->handlers_n * (uint32_t)sizeof(handler_t), sizeof(handler_t));
    ((handler_t *)g->handlers->data)[g->handlers_n++] =
        (handler_t){(uint16_t)start, (uint16_t)end, (uint16_t)g->n, (uint16_t)reg};
}

/* ---- constants and registers ---- */

unsigned constant(gen_t *g, val_t v) {
    list_t *l = g->consts;
    for (size_t i = 0; i < l->n; i++)
        if (l->items->v[i] == v)
            return (unsigned)i;
    if (l->n == 32767)
        gen_error(g, "too many constants");
    list_append(l, v);
    return (unsigned)l->n - 1;
}

void load_value(gen_t *g, val_t v, unsigned dst) {
    intptr_t w = (intptr_t)v;
    if (!is_obj(v) && w >= INT16_MIN && w <= INT16_MAX) {
        emit_i(g, I_LOADI, dst, (int)w);
        return;
    }
    if (is_str(v) && str_of(v)->len <= 32)
        v = V_OBJ(str_intern_val(v));
    emit_i(g, I_LOADK, dst, (int)constant(g, v));
}

unsigned alloc(gen_t *g, unsigned n) {
    unsigned r = g->next;
    g->next += n;
    if (g->next > MAX_REGS)
        gen_error(g, "too many local variables or arguments");
    if (g->next > g->max)
        g->max = g->next;
    return r;
}
