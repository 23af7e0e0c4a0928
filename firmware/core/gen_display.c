/* SPDX-License-Identifier: MIT
 * gen_display.c: code for what is made of many parts: displays of tuples, lists, sets and dicts,
 * f-strings, comprehensions.
 */
#include "codegen.h"

/* ---- displays ---- */

unsigned node_count(const node_t *n) {
    unsigned c = 0;
    for (; n; n = n->next)
        c++;
    return c;
}

enum { BATCH = 16 }; /* items of a display that are evaluated before they are stored */

bool has_star(const node_t *n) {
    for (; n; n = n->next)
        if (n->kind == N_STAR || n->kind == N_DSTAR)
            return true;
    return false;
}

/* Items of any number, stars among them, appended to the list or set in reg. */
static void gen_items(gen_t *g, node_t *items, unsigned reg, bool set) {
    for (node_t *i = items; i; i = i->next) {
        unsigned saved = g->next;
        if (i->kind == N_STAR)
            emit(g, set ? I_SETEXT : I_LISTEXT, reg, operand(g, i->a), 0);
        else
            emit(g, set ? I_SETADD : I_LISTADD, reg, operand(g, i), 0);
        g->next = saved;
    }
}

enum { BIG_LIST = 16 };

static bool all_const(const node_t *n) {
    for (; n; n = n->next)
        if (n->kind != N_CONST)
            return false;
    return true;
}

void expr_display(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned items = node_count(n->a);
    opcode_t op = n->kind == N_LIST ? I_LIST : n->kind == N_SET ? I_SET : I_TUPLE;
    bool constant_items = all_const(n->a);
    if (constant_items && (op == I_TUPLE || (op == I_LIST && items > BIG_LIST))) {
        val_t t = tuple_new(items, NULL);
        unsigned k = 0;
        for (node_t *i = n->a; i; i = i->next)
            tuple_of(t)->v[k++] = i->v;
        if (op == I_TUPLE) {
            load_value(g, t, dst);
        } else { /* neither an instruction nor a register for each item */
            unsigned list = scratch(g, dst), from = alloc(g, 1);
            emit(g, I_LIST, list, g->next, 0);
            load_value(g, t, from);
            emit(g, I_LISTEXT, list, from, 0);
            move_to(g, dst, list);
            g->next = saved;
        }
        return;
    }
    if (items <= BATCH && !has_star(n->a)) {
        unsigned first = g->next;
        for (node_t *i = n->a; i; i = i->next)
            expr(g, i, alloc(g, 1));
        emit(g, op, dst, first, items);
        g->next = saved;
        return;
    }
    unsigned t = scratch(g, dst);
    emit(g, op == I_SET ? I_SET : I_LIST, t, g->next, 0);
    gen_items(g, n->a, t, op == I_SET);
    if (op == I_TUPLE)
        emit(g, I_TOTUPLE, dst, t, 0);
    else
        move_to(g, dst, t);
    g->next = saved;
}

void expr_dict(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    bool simple = node_count(n->a) <= BATCH / 2;
    for (node_t *i = n->a; i; i = i->next)
        simple &= i->a != NULL;
    unsigned first = simple ? g->next : 0;
    if (simple) {
        for (node_t *i = n->a; i; i = i->next) {
            expr(g, i->a, alloc(g, 1));
            expr(g, i->b, alloc(g, 1));
        }
        emit(g, I_DICT, dst, first, node_count(n->a));
        g->next = saved;
        return;
    }
    unsigned t = scratch(g, dst);
    emit(g, I_DICT, t, g->next, 0);
    for (node_t *i = n->a; i; i = i->next) {
        unsigned mark = g->next;
        if (i->a) {
            unsigned k = operand(g, i->a);
            emit(g, I_DICTSET, t, k, operand(g, i->b));
        } else {
            emit(g, I_DICTEXT, t, operand(g, i->b), 0);
        }
        g->next = mark;
    }
    move_to(g, dst, t);
    g->next = saved;
}

/* ---- f-strings ---- */

void expr_fstring(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned first = g->next, parts = 0;
    if (!n->a) {
        load_value(g, VQ(empty), dst);
        return;
    }
    for (node_t *i = n->a; i; i = i->next) {
        if (parts == BATCH) { /* join what there is */
            emit(g, I_CONCAT, first, first, parts);
            g->next = first + 1;
            parts = 1;
        }
        unsigned t = alloc(g, 1);
        parts++;
        if (i->kind == N_CONST) {
            load_value(g, i->v, t);
            continue;
        }
        unsigned v = alloc(g, 2);
        expr(g, i->a, v);
        if (i->b)
            expr(g, i->b, v + 1);
        g->line = n->line;
        emit(g, I_FORMAT, t, v, i->op | (i->b ? 128u : 0));
        g->next = t + 1;
    }
    emit(g, I_CONCAT, dst, first, parts);
    g->next = saved;
}

/* ---- comprehensions ---- */

typedef struct comp {
    node_t *node;
    node_t *clause; /* the next one */
    unsigned dst;
    int iter;       /* register of the first iterator, if it exists already */
} comp_state_t;

static void comp_level(gen_t *g, comp_state_t *c);

static void comp_inner(gen_t *g, void *data) { comp_level(g, data); }

static void comp_element(gen_t *g, comp_state_t *c) {
    unsigned saved = g->next;
    node_t *n = c->node;
    if (n->op == COMP_DICT) {
        unsigned k = operand(g, n->a);
        emit(g, I_DICTSET, c->dst, k, operand(g, n->b));
    } else if (n->op == COMP_GENERATOR) {
        unsigned v = operand(g, n->a);
        emit(g, I_YIELD, alloc(g, 1), v, 0);
    } else {
        emit(g, n->op == COMP_SET ? I_SETADD : I_LISTADD, c->dst, operand(g, n->a), 0);
    }
    g->next = saved;
}

static void comp_level(gen_t *g, comp_state_t *c) {
    node_t *n = c->clause;
    if (!n) {
        comp_element(g, c);
        return;
    }
    if (n->kind == N_CLAUSE_IF) {
        label_t skip = LABEL;
        cond_jump(g, n->a, false, &skip);
        bound_t before = g->bound;
        comp_state_t inner = *c;
        inner.clause = n->next;
        comp_level(g, &inner);
        g->bound = before;
        place(g, &skip);
        return;
    }
    comp_state_t inner = *c;
    inner.clause = n->next;
    inner.iter = -1;
    context_t ctx = {0};
    gen_for(g, n->a, n->b, c->iter, n->op, comp_inner, &inner, &ctx);
}

void gen_comp_body(gen_t *g, node_t *n, unsigned iter, unsigned dst) {
    comp_state_t c = {n, n->c, dst, (int)iter};
    comp_level(g, &c);
}

void expr_comp(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    if (n->op == COMP_GENERATOR) {
        unsigned base = alloc(g, 3);
        gen_function(g, n, CODE_GENEXP, base);
        unsigned arg = alloc(g, 1);
        expr(g, n->c->b, arg);
        if (n->c->op)
            emit(g, I_ANEXT, arg, arg, 1);
        else
            emit(g, I_GETITER, arg, arg, 0);
        emit(g, I_CALL, base, 1, dst);
        g->next = saved;
        return;
    }
    static const uint8_t empty[] = {I_LIST, I_SET, I_DICT};
    bound_t before = g->bound;
    unsigned t = alloc(g, 1);
    unsigned iter = alloc(g, 3); /* for the first iterable, evaluated outside */
    if (n->c->op) {
        expr(g, n->c->b, iter);
        emit(g, I_ANEXT, iter, iter, 1);
    } else {
        gen_iterator(g, n->c->b, iter);
    }
    emit(g, empty[n->op], t, g->next, 0);
    scope_t *outer = g->scope;
    g->scope = n->comp_scope;
    bind_symbols(g, n->comp_scope);
    gen_comp_body(g, n, iter, t);
    g->scope = outer;
    g->next = saved;
    g->bound = before;
    move_to(g, dst, t);
}
