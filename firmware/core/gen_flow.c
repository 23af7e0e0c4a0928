/* SPDX-License-Identifier: MIT
 * gen_flow.c: code for what changes the flow of control: if, loops, try, with, and leaving them.
 *
 * try ... finally: the finally block is compiled once. A register says why it was entered (EXIT_*),
 * the next one holds the exception or the value to return; behind the block the code goes on
 * accordingly. `with` is the same with a call of __exit__ as its block.
 */
#include "codegen.h"
#include "vm.h"

/* ---- leaving loops, functions and finally blocks ---- */

void gen_exit(gen_t *g, unsigned kind, unsigned reg) {
    context_t *c = g->context;
    for (; c; c = c->outer) {
        if (c->finally) {
            if (kind == EXIT_RETURN && reg != c->reg + 1u)
                emit(g, I_MOVE, c->reg + 1u, reg, 0);
            load_value(g, V_INT(kind), c->reg);
            c->exits |= 1 << kind;
            emit_jump(g, I_JUMP, 0, 0, 0, c->finally);
            break;
        }
        if (kind != EXIT_RETURN) {
            emit_jump(g, I_JUMP, 0, 0, 0, kind == EXIT_BREAK ? c->on_break : c->on_continue);
            break;
        }
    }
    if (!c) {
        if (kind != EXIT_RETURN)
            gen_error(g, kind == EXIT_BREAK ? "'break' outside loop" : "'continue' not properly in loop");
        emit(g, I_RETURN, reg, 0, 0);
    }
    bound_all(g);
}

void gen_return(gen_t *g, node_t *n) {
    context_t *c = g->context;
    while (c && !c->finally)
        c = c->outer;
    if (n->a) {
        gen_exit(g, EXIT_RETURN, operand(g, n->a));
    } else if (c) {
        unsigned t = alloc(g, 1);
        load_value(g, V_NONE, t);
        gen_exit(g, EXIT_RETURN, t);
    } else {
        emit(g, I_RETNONE, 0, 0, 0);
        bound_all(g);
    }
}

static void finally_begin(gen_t *g, context_t *c, label_t *l) {
    memset(c, 0, sizeof *c);
    c->outer = g->context;
    c->finally = l;
    c->reg = (uint8_t)alloc(g, 2);
    g->context = c;
}

/* Behind the guarded block: the entrance of the finally block. */
static void finally_enter(gen_t *g, context_t *c, uint32_t start) {
    label_t enter = LABEL;
    uint32_t end = g->n;
    g->context = c->outer;
    load_value(g, V_INT(EXIT_NONE), c->reg);
    emit_jump(g, I_JUMP, 0, 0, 0, &enter);
    add_handler(g, start, end, c->reg + 1u);
    load_value(g, V_INT(EXIT_RAISE), c->reg);
    place(g, &enter);
    place(g, c->finally);
}

static void finally_leave(gen_t *g, context_t *c) {
    emit(g, I_ENDFINALLY, c->reg, 0, 0);
    for (unsigned kind = EXIT_RETURN; kind <= EXIT_CONTINUE; kind++) {
        if (!(c->exits & 1 << kind))
            continue;
        label_t next = LABEL;
        bound_t before = g->bound;
        emit_jump(g, I_JEQI, c->reg, kind, false, &next);
        gen_exit(g, kind, c->reg + 1u);
        g->bound = before;
        place(g, &next);
    }
}

/* ---- loops ---- */

void gen_while(gen_t *g, node_t *n) {
    label_t body = LABEL, test = LABEL, end = LABEL;
    context_t c = {.outer = g->context, .on_break = &end, .on_continue = &test};
    bound_t before = g->bound;
    bool forever = n->a->kind == N_CONST && op_is_true(n->a->v);
    if (!forever)
        emit_jump(g, I_JUMP, 0, 0, 0, &test);
    place(g, &body);
    if (forever)
        place(g, &test);
    g->context = &c;
    statements(g, n->b);
    g->context = c.outer;
    g->bound = before;
    if (forever) {
        emit_jump(g, I_JUMP, 0, 0, 0, &body);
    } else {
        place(g, &test);
        g->line = n->line;
        cond_jump(g, n->a, true, &body);
    }
    statements(g, block_else(g, n->b, n->c, false));
    g->bound = before;
    place(g, &end);
}

static bool is_range_call(gen_t *g, const node_t *n) {
    symbol_t *sym;
    if (n->kind != N_CALL || n->a->kind != N_NAME || n->a->v != VQ(range) ||
        resolve_name(g, Q(range), &sym) != VAR_GLOBAL)
        return false;
    unsigned args = 0;
    for (const node_t *i = n->b; i; i = i->next, args++)
        if (i->kind == N_STAR || i->kind == N_DSTAR || i->kind == N_KEYWORD)
            return false;
    return args >= 1 && args <= 3;
}

void gen_iterator(gen_t *g, node_t *n, unsigned it) {
    unsigned saved = g->next;
    g->line = n->line;
    if (is_range_call(g, n)) {
        unsigned args = 0;
        load_name(g, Q(range), it);
        for (node_t *i = n->b; i; i = i->next, args++)
            expr(g, i, alloc(g, 1));
        emit(g, I_FORRANGE, it, args, 0);
    } else {
        emit(g, I_GETITER, it, operand(g, n), 0);
    }
    g->next = saved;
}

/* async for: iterator in it; the body is left by StopAsyncIteration. */
NOINLINE static void gen_async_next(gen_t *g, unsigned it, node_t *target, label_t *end) {
    unsigned saved = g->next;
    unsigned co = alloc(g, 2), t = alloc(g, 1), exc = alloc(g, 2);
    label_t done = LABEL, other = LABEL;
    uint32_t start = g->n;
    emit(g, I_ANEXT, co, it, 0);
    gen_delegate(g, I_AWAITABLE, co, co, t);
    uint32_t stop = g->n;
    emit_jump(g, I_JUMP, 0, 0, 0, &done);
    add_handler(g, start, stop, exc);
    load_value(g, V_OBJ(&type_StopAsyncIteration), exc + 1);
    emit(g, I_EXCMATCH, exc + 1, exc, exc + 1);
    emit_jump(g, I_JTRUE, exc + 1, 0, 0, end);
    place(g, &other);
    emit(g, I_RERAISE, exc, 0, 0);
    place(g, &done);
    store(g, target, t);
    g->next = saved;
}

void gen_for(gen_t *g, node_t *target, node_t *iterable, int iter, bool is_async,
             void (*body)(gen_t *g, void *data), void *data, context_t *ctx) {
    label_t top = LABEL, next = LABEL, end = LABEL;
    unsigned saved = g->next;
    unsigned it = iter >= 0 ? (unsigned)iter : alloc(g, 3);
    uint32_t line = iterable->line;
    if (iter < 0 && is_async) {
        expr(g, iterable, it);
        emit(g, I_ANEXT, it, it, 1);
    } else if (iter < 0) {
        gen_iterator(g, iterable, it);
    }
    bound_t before = g->bound;
    ctx->outer = g->context;
    ctx->on_break = &end;
    ctx->on_continue = &next;
    g->context = ctx;
    if (is_async) {
        label_t over = LABEL;
        place(g, &next);
        gen_async_next(g, it, target, &over);
        body(g, data);
        emit_jump(g, I_JUMP, 0, 0, 0, &next);
        place(g, &over);
    } else {
        int r = target_reg(g, target);
        unsigned t = r >= 0 ? (unsigned)r : alloc(g, 1);
        emit_jump(g, I_JUMP, 0, 0, 0, &next);
        place(g, &top);
        if (r >= 0)
            bound_set(g, t);
        else
            store(g, target, t);
        body(g, data);
        place(g, &next);
        g->line = line;
        emit_jump(g, I_FORITER, it, t, 0, &top);
    }
    g->context = ctx->outer;
    g->bound = before;
    if (ctx->reg) { /* the else block, of a statement */
        const node_t *n = data;
        statements(g, block_else(g, n->c, n->d, false));
    }
    g->bound = before;
    place(g, &end);
    g->next = saved;
}

static void for_body(gen_t *g, void *data) { statements(g, ((node_t *)data)->c); }

void gen_for_statement(gen_t *g, node_t *n) {
    context_t c = {.reg = 1};
    gen_for(g, n->a, n->b, -1, n->op, for_body, n, &c);
}

void gen_if(gen_t *g, node_t *n) {
    label_t otherwise = LABEL, end = LABEL;
    cond_jump(g, n->a, false, &otherwise);
    bound_t before = g->bound;
    statements(g, n->b);
    bound_t after = g->bound;
    g->bound = before;
    node_t *rest = block_else(g, n->b, n->c, true);
    if (rest) {
        emit_jump(g, I_JUMP, 0, 0, 0, &end);
        place(g, &otherwise);
        statements(g, rest);
    } else {
        place(g, &otherwise);
    }
    bound_meet(&g->bound, &after);
    place(g, &end);
}

/* ---- try and with ---- */

NOINLINE static void gen_handlers(gen_t *g, node_t *h, unsigned exc, label_t *end, const bound_t *before,
                         bound_t *after) {
    int outer = g->exc_reg;
    g->exc_reg = (int)exc;
    bool all = false;
    for (; h; h = h->next) {
        label_t next = LABEL;
        g->bound = *before;
        g->line = h->line;
        if (h->a) {
            unsigned saved = g->next;
            unsigned t = alloc(g, 1);
            unsigned classes = operand(g, h->a);
            emit(g, I_EXCMATCH, t, exc, classes);
            emit_jump(g, I_JFALSE, t, 0, 0, &next);
            g->next = saved;
        } else {
            all = true;
        }
        if (h->b)
            store_name(g, str_of(h->b->v), exc);
        statements(g, h->c);
        if (h->b) { /* unbind, whether the body deleted it or not */
            unsigned t = alloc(g, 1);
            load_value(g, V_NONE, t);
            store_name(g, str_of(h->b->v), t);
            delete_name(g, str_of(h->b->v));
            g->next = t;
        }
        bound_meet(after, &g->bound);
        emit_jump(g, I_JUMP, 0, 0, 0, end);
        place(g, &next);
    }
    if (!all)
        emit(g, I_RERAISE, exc, 0, 0);
    g->exc_reg = outer;
}

static void gen_try_except(gen_t *g, node_t *n) {
    unsigned exc = alloc(g, 1);
    label_t otherwise = LABEL, end = LABEL;
    bound_t before = g->bound;
    uint32_t start = g->n;
    statements(g, n->a);
    bound_t after = g->bound;
    uint32_t stop = g->n;
    emit_jump(g, I_JUMP, 0, 0, 0, &otherwise);
    add_handler(g, start, stop, exc);
    bound_t handled;
    memset(&handled, 0xff, sizeof handled);
    gen_handlers(g, n->b, exc, &end, &before, &handled);
    place(g, &otherwise);
    g->bound = after;
    statements(g, n->c);
    bound_meet(&g->bound, &handled);
    place(g, &end);
    bound_clear(g, exc);
}

void gen_try(gen_t *g, node_t *n) {
    if (!n->d) {
        gen_try_except(g, n);
        return;
    }
    label_t l = LABEL;
    context_t c;
    finally_begin(g, &c, &l);
    bound_t before = g->bound;
    uint32_t start = g->n;
    if (n->b)
        gen_try_except(g, n);
    else
        statements(g, n->a);
    bound_t after = g->bound;
    finally_enter(g, &c, start);
    g->bound = before;
    statements(g, n->d);
    for (unsigned i = 0; i < BOUND_WORDS; i++) /* what either has bound */
        g->bound.w[i] |= after.w[i];
    finally_leave(g, &c);
}

/* For async with: await what is in co, result to dst. */
static void gen_await(gen_t *g, unsigned co, unsigned dst) {
    unsigned saved = g->next;
    gen_delegate(g, I_AWAITABLE, alloc(g, 2), co, dst);
    g->next = saved;
}

void gen_with(gen_t *g, node_t *n) {
    unsigned exit = alloc(g, 1); /* in front of the two of the finally block */
    label_t l = LABEL;
    context_t c;
    unsigned value = alloc(g, 2);
    g->next = value;
    expr(g, n->a, value);
    g->line = n->line;
    emit(g, I_WITHENTER, exit, value, n->op);
    if (n->op)
        gen_await(g, value, value);
    finally_begin(g, &c, &l);
    bound_t before = g->bound;
    uint32_t start = g->n;
    if (n->b)
        store(g, n->b, value);
    statements(g, n->c);
    finally_enter(g, &c, start);
    g->bound = before;
    g->line = n->line;
    emit(g, I_WITHEXIT, exit, 0, n->op);
    if (n->op) {
        unsigned t = alloc(g, 1);
        gen_await(g, exit, t);
        emit(g, I_WITHSWALLOW, exit, t, 0);
    }
    finally_leave(g, &c);
}

/* ---- raise, assert ---- */

void gen_assert(gen_t *g, node_t *n) {
    label_t ok = LABEL;
    if (adder.opt_level)
        return;
    cond_jump(g, n->a, true, &ok);
    bound_t before = g->bound;
    unsigned base = alloc(g, 3);
    load_value(g, V_OBJ(&type_AssertionError), base);
    if (n->b)
        expr(g, n->b, alloc(g, 1));
    g->line = n->line;
    emit(g, I_CALL, base, n->b != NULL, base);
    alloc(g, 2);
    emit(g, I_RAISE, base, REG_NONE, 0);
    g->bound = before;
    place(g, &ok);
}

void gen_raise(gen_t *g, node_t *n) {
    if (!n->a) {
        if (g->exc_reg >= 0) {
            emit(g, I_RERAISE, (unsigned)g->exc_reg, 0, 0);
        } else {
            unsigned t = alloc(g, 1);
            load_value(g, V_NONE, t);
            emit(g, I_RERAISE, t, 0, 0);
        }
    } else {
        unsigned a = operand(g, n->a);
        unsigned b = n->b ? operand(g, n->b) : REG_NONE;
        emit(g, I_RAISE, a, b, 0);
    }
    bound_all(g);
}
