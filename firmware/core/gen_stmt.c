/* SPDX-License-Identifier: MIT
 * gen_stmt.c: code for statements.
 * Those that change the flow of control: gen_flow.c.
 */
#include "codegen.h"
#include "vm.h"

static void statement(gen_t *g, node_t *n);

/* ---- blocks of a module's statements, which are read one statement after the other ---- */

static void analyse(gen_t *g, node_t *n) { g->frame->walrus |= scope_analyse(g->parser, n)->walrus; }

NOINLINE static void block(gen_t *g) {
    bool lines = parse_block_begin(g->parser);
    g->parser->streaming--;
    do {
        val_t mark = arena_mark();
        node_t *n = parse_block_statement(g->parser, lines);
        analyse(g, n);
        statements(g, n);
        arena_release(mark);
    } while (lines && parse_block_more(g->parser));
    g->parser->streaming++;
}

NOINLINE void statements_of_file(gen_t *g) {
    for (bool more = true; more;) {
        val_t mark = arena_mark();
        node_t *n = parse_statement(g->parser);
        more = n != NULL;
        if (n) {
            analyse(g, n);
            statements(g, n);
        }
        arena_release(mark);
    }
}

node_t *block_else(gen_t *g, const node_t *body, node_t *n, bool elif) {
    if (body->kind == N_BLOCK) {
        n = parse_block_else(g->parser, elif);
        if (n)
            analyse(g, n);
    }
    return n;
}

void statements(gen_t *g, node_t *n) {
    for (; n; n = n->next)
        if (n->kind == N_BLOCK)
            block(g);
        else
            statement(g, n);
}

/* ---- targets ---- */

static void store_sequence(gen_t *g, node_t *n, unsigned src) {
    unsigned total = 0, before = 0;
    bool star = false;
    for (node_t *i = n->a; i; i = i->next, total++) {
        if (i->kind == N_STAR)
            star = true;
        else if (!star)
            before++;
    }
    unsigned saved = g->next;
    unsigned first = alloc(g, total);
    if (star)
        emit_x(g, I_UNPACKX, src, first, before, total - before - 1);
    else
        emit(g, I_UNPACK, src, first, total);
    for (node_t *i = n->a; i; i = i->next)
        store(g, i->kind == N_STAR ? i->a : i, first++);
    g->next = saved;
}

void store(gen_t *g, node_t *n, unsigned src) {
    unsigned saved = g->next;
    switch (n->kind) {
    case N_NAME:
        store_name(g, str_of(n->v), src);
        break;
    case N_ATTR: {
        unsigned a = operand(g, n->a);
        g->line = n->line;
        emit_x(g, I_SETATTR, a, src, 0, constant(g, n->b->v));
        break;
    }
    case N_INDEX: {
        unsigned a = operand(g, n->a);
        unsigned b = operand(g, n->b);
        g->line = n->line;
        emit(g, I_SETITEM, a, b, src);
        break;
    }
    default:
        store_sequence(g, n, src);
    }
    g->next = saved;
}

int target_reg(gen_t *g, node_t *n) {
    symbol_t *sym;
    if (n->kind != N_NAME || resolve_name(g, str_of(n->v), &sym) != VAR_LOCAL)
        return -1;
    return sym->reg;
}

static bool plain_tuple(const node_t *n) { return n->kind == N_TUPLE && !has_star(n->a); }

NOINLINE static void gen_assign(gen_t *g, node_t *n) {
    node_t *target = n->a;
    int r = target->next ? -1 : target_reg(g, target);
    if (r >= 0) {
        expr(g, n->b, (unsigned)r);
        bound_set(g, (unsigned)r);
        return;
    }
    if (!target->next && plain_tuple(target) && plain_tuple(n->b) && node_count(target->a) == node_count(n->b->a)) {
        unsigned t = g->next; /* a, b = b, a: no tuple */
        for (node_t *i = n->b->a; i; i = i->next)
            expr(g, i, alloc(g, 1));
        for (node_t *i = target->a; i; i = i->next)
            store(g, i, t++);
        return;
    }
    unsigned v = operand(g, n->b);
    for (; target; target = target->next)
        store(g, target, v);
}

NOINLINE static void gen_augment(gen_t *g, node_t *n) {
    node_t *t = n->a;
    int r = target_reg(g, t);
    if (r >= 0) {
        unsigned left = operand(g, t);
        gen_binary(g, n->op, true, (unsigned)r, left, n->b, (unsigned)r);
        bound_set(g, (unsigned)r);
        return;
    }
    unsigned v = alloc(g, 1);
    unsigned a = 0, b = 0;
    if (t->kind == N_NAME) {
        load_name(g, str_of(t->v), v);
    } else if (t->kind == N_ATTR) {
        a = operand(g, t->a);
        emit_x(g, I_GETATTR, v, a, 0, constant(g, t->b->v));
    } else {
        a = operand(g, t->a);
        b = operand(g, t->b);
        emit(g, I_GETITEM, v, a, b);
    }
    gen_binary(g, n->op, true, v, v, n->b, v);
    if (t->kind == N_NAME)
        store_name(g, str_of(t->v), v);
    else if (t->kind == N_ATTR)
        emit_x(g, I_SETATTR, a, v, 0, constant(g, t->b->v));
    else
        emit(g, I_SETITEM, a, b, v);
}

NOINLINE static void gen_delete(gen_t *g, node_t *n) {
    switch (n->kind) {
    case N_NAME:
        delete_name(g, str_of(n->v));
        break;
    case N_ATTR:
        emit_x(g, I_DELATTR, operand(g, n->a), 0, 0, constant(g, n->b->v));
        break;
    case N_INDEX: {
        unsigned a = operand(g, n->a);
        emit(g, I_DELITEM, a, operand(g, n->b), 0);
        break;
    }
    default:
        for (node_t *i = n->a; i; i = i->next)
            gen_delete(g, i);
    }
}

/* ---- imports, definitions ---- */

NOINLINE static void gen_import(gen_t *g, node_t *n) {
    unsigned t = alloc(g, 1);
    const str_t *name = str_of(n->v);
    emit_x(g, I_IMPORT, t, 0, n->b != NULL, constant(g, n->v));
    if (n->b) {
        name = str_of(n->b->v);
    } else {
        const char *dot = memchr(name->data, '.', name->len);
        if (dot)
            name = str_intern(name->data, (size_t)(dot - name->data));
    }
    store_name(g, name, t);
}

NOINLINE static void gen_from(gen_t *g, node_t *n) {
    unsigned m = alloc(g, 2);
    emit_x(g, I_IMPORT, m, n->op, 1, constant(g, n->v ? n->v : VQ(empty)));
    if (!n->b)
        emit(g, I_IMPORTALL, m, 0, 0);
    for (node_t *i = n->b; i; i = i->next) {
        emit_x(g, I_IMPORTFROM, m + 1, m, 0, constant(g, i->v));
        store_name(g, str_of(i->b ? i->b->v : i->v), m + 1);
    }
}

/* Decorated definition: d1(d2(f)); the decorators are evaluated first. */
NOINLINE static void gen_decorated(gen_t *g, node_t *n, void (*make)(gen_t *g, node_t *n, unsigned dst)) {
    unsigned t = alloc(g, 1);
    unsigned count = 0;
    for (node_t *d = n->e; d; d = d->next, count++) {
        expr(g, d, t);
        alloc(g, 3);
        t += 3;
    }
    make(g, n, t);
    while (count--) { /* each result stands where the next one expects its argument */
        t -= 3;
        g->line = n->line;
        emit(g, I_CALL, t, 1, t);
    }
    alloc(g, 2);
    store_name(g, str_of(n->d->v), t);
}

NOINLINE static void make_def(gen_t *g, node_t *n, unsigned dst) { gen_function(g, n, CODE_FUNCTION, dst); }

NOINLINE static void make_class(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned base = alloc(g, 3), bases = 0;
    gen_function(g, n, CODE_CLASS, base);
    for (node_t *i = n->a; i; i = i->next) {
        if (i->kind == N_STAR || i->kind == N_DSTAR)
            gen_error(g, "unpacking of bases is not supported");
        if (i->kind == N_KEYWORD) {
            unsigned t = alloc(g, 1); /* metaclass and the like: evaluated and ignored */
            expr(g, i->b, t);
            g->next = t;
            continue;
        }
        expr(g, i, alloc(g, 1));
        bases++;
    }
    alloc(g, 1);
    g->line = n->line;
    emit_x(g, I_CLASS, base, bases, dst, constant(g, n->d->v));
    g->next = saved;
}

static void statement(gen_t *g, node_t *n) {
    vm_check_stack();
    unsigned saved = g->next;
    g->line = n->line;
    switch ((kind_t)n->kind) {
    case N_EXPR:
        if (n->a->kind == N_CONST && !g->interactive)
            break;
        if (g->interactive && g->frame->kind == SCOPE_MODULE)
            emit(g, I_PRINT, operand(g, n->a), 0, 0);
        else
            expr(g, n->a, alloc(g, 1));
        break;
    case N_ASSIGN:
        gen_assign(g, n);
        break;
    case N_AUGMENT:
        gen_augment(g, n);
        break;
    case N_RETURN:
        gen_return(g, n);
        break;
    case N_RAISE:
        gen_raise(g, n);
        break;
    case N_ASSERT:
        gen_assert(g, n);
        break;
    case N_DEL:
        gen_delete(g, n->a);
        break;
    case N_BREAK:
        gen_exit(g, EXIT_BREAK, 0);
        break;
    case N_CONTINUE:
        gen_exit(g, EXIT_CONTINUE, 0);
        break;
    case N_IF:
        gen_if(g, n);
        break;
    case N_WHILE:
        gen_while(g, n);
        break;
    case N_FOR:
        gen_for_statement(g, n);
        break;
    case N_TRY:
        gen_try(g, n);
        break;
    case N_WITH:
        gen_with(g, n);
        break;
    case N_DEF:
        gen_decorated(g, n, make_def);
        break;
    case N_CLASS:
        gen_decorated(g, n, make_class);
        break;
    case N_IMPORT:
        gen_import(g, n);
        break;
    case N_FROM:
        gen_from(g, n);
        break;
    default: /* pass, global, annotations */
        break;
    }
    g->next = saved;
}
