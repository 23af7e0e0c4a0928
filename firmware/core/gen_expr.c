/* SPDX-License-Identifier: MIT
 * gen_expr.c: code for expressions. expr() puts the value into the register it is told, by its last
 * instruction only if that register is a local (the local may occur in the expression, and must
 * keep its value if an exception comes); operand() says where the value is.
 */
#include "codegen.h"
#include "vm.h"

static bool is_local(const gen_t *g, unsigned reg) { return reg < g->first_temp; }

unsigned scratch(gen_t *g, unsigned dst) { return is_local(g, dst) ? alloc(g, 1) : dst; }

void move_to(gen_t *g, unsigned dst, unsigned src) {
    if (dst != src)
        emit(g, I_MOVE, dst, src, 0);
}

unsigned operand(gen_t *g, node_t *n) {
    int r = local_reg(g, n);
    if (r >= 0)
        return (unsigned)r;
    unsigned t = alloc(g, 1);
    expr(g, n, t);
    return t;
}

/* operand() that may use a temporary which is free anyway. */
static unsigned operand_in(gen_t *g, node_t *n, unsigned temp) {
    int r = local_reg(g, n);
    if (r >= 0)
        return (unsigned)r;
    unsigned t = is_local(g, temp) ? alloc(g, 1) : temp;
    expr(g, n, t);
    return t;
}

static bool small_const(const node_t *n, intptr_t lo, intptr_t hi) {
    return n->kind == N_CONST && is_int(n->v) && int_of(n->v) >= lo && int_of(n->v) <= hi;
}

/* ---- operators ---- */

void gen_binary(gen_t *g, op_t op, bool inplace, unsigned dst, unsigned left, node_t *right,
                unsigned temp) {
    if ((op == OP_ADD || op == OP_SUB) && small_const(right, 0, 127)) {
        opcode_t i = op == OP_ADD ? (inplace ? I_IADDI : I_ADDI) : (inplace ? I_ISUBI : I_SUBI);
        emit(g, i, dst, left, (unsigned)int_of(right->v));
        return;
    }
    unsigned r = left == temp ? operand(g, right) : operand_in(g, right, temp);
    emit(g, (opcode_t)((inplace ? I_IADD : I_ADD) + op), dst, left, r);
}

NOINLINE static void expr_binary(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned a = operand_in(g, n->a, dst);
    uint32_t line = n->line;
    g->line = line;
    gen_binary(g, n->op, false, dst, a, n->b, dst);
    g->next = saved;
}

/* One comparison as a value. */
static void compare_value(gen_t *g, unsigned op, unsigned dst, unsigned a, unsigned b) {
    emit(g, (opcode_t)(I_LT + (op >= CMP_IN ? I_IN - I_LT + (op - CMP_IN) : op - OP_LT)), dst, a, b);
}

NOINLINE static void expr_compare(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    node_t *c = n->b;
    if (!c->next) {
        unsigned a = operand_in(g, n->a, dst);
        unsigned b = a == dst ? operand(g, c->a) : operand_in(g, c->a, dst);
        compare_value(g, c->op, dst, a, b);
        g->next = saved;
        return;
    }
    /* a < b < c: each middle value is evaluated once */
    label_t end = LABEL;
    unsigned t = scratch(g, dst);
    unsigned left = alloc(g, 2);
    expr(g, n->a, left);
    for (; c; c = c->next) {
        expr(g, c->a, left + 1);
        compare_value(g, c->op, t, left, left + 1);
        if (c->next) {
            emit_jump(g, I_JFALSE, t, 0, 0, &end);
            emit(g, I_MOVE, left, left + 1, 0);
        }
    }
    place(g, &end);
    move_to(g, dst, t);
    g->next = saved;
}

NOINLINE static void expr_logic(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    label_t end = LABEL;
    unsigned t = scratch(g, dst);
    expr(g, n->a, t);
    emit_jump(g, n->kind == N_AND ? I_JFALSE : I_JTRUE, t, 0, 0, &end);
    bound_t before = g->bound;
    expr(g, n->b, t);
    g->bound = before;
    place(g, &end);
    move_to(g, dst, t);
    g->next = saved;
}

NOINLINE static void expr_cond(gen_t *g, node_t *n, unsigned dst) {
    label_t otherwise = LABEL, end = LABEL;
    cond_jump(g, n->b, false, &otherwise);
    bound_t before = g->bound;
    expr(g, n->a, dst);
    g->bound = before;
    emit_jump(g, I_JUMP, 0, 0, 0, &end);
    place(g, &otherwise);
    expr(g, n->c, dst);
    g->bound = before;
    place(g, &end);
}

/* ---- conditions ---- */

NOINLINE static void cond_compare(gen_t *g, node_t *n, bool sense, label_t *to) {
    node_t *c = n->b;
    unsigned saved = g->next;
    if (c->op == CMP_IS || c->op == CMP_IS_NOT) {
        if (c->a->kind == N_CONST && c->a->v == V_NONE) {
            unsigned a = operand(g, n->a);
            emit_jump(g, sense == (c->op == CMP_IS) ? I_JNONE : I_JNOTNONE, a, 0, 0, to);
            g->next = saved;
            return;
        }
    }
    unsigned a = operand(g, n->a);
    if (c->op < CMP_IN && small_const(c->a, -128, 127)) {
        emit_jump(g, (opcode_t)(I_JLTI + (c->op - OP_LT)), a, (unsigned)int_of(c->a->v), sense, to);
    } else {
        unsigned b = operand(g, c->a);
        emit_jump(g, (opcode_t)(c->op >= CMP_IN ? I_JIN + (c->op - CMP_IN) : I_JLT + (c->op - OP_LT)),
                  a, b, sense, to);
    }
    g->next = saved;
}

/* Jump if the truth of n is `sense`, else go on. */
void cond_jump(gen_t *g, node_t *n, bool sense, label_t *to) {
    vm_check_stack();
    switch (n->kind) {
    case N_NOT:
        cond_jump(g, n->a, !sense, to);
        return;
    case N_AND:
    case N_OR: {
        bound_t before;
        if ((n->kind == N_AND) == !sense) { /* either one decides */
            cond_jump(g, n->a, sense, to);
            before = g->bound;
            cond_jump(g, n->b, sense, to);
        } else {
            label_t skip = LABEL;
            cond_jump(g, n->a, !sense, &skip);
            before = g->bound;
            cond_jump(g, n->b, sense, to);
            place(g, &skip);
        }
        g->bound = before;
        return;
    }
    case N_COMPARE:
        if (!n->b->next) {
            g->line = n->line;
            cond_compare(g, n, sense, to);
            return;
        }
        break;
    case N_CONST:
        if (op_is_true(n->v) == sense)
            emit_jump(g, I_JUMP, 0, 0, 0, to);
        return;
    default:
        break;
    }
    unsigned saved = g->next;
    unsigned r = operand(g, n);
    emit_jump(g, sense ? I_JTRUE : I_JFALSE, r, 0, 0, to);
    g->next = saved;
}

/* ---- attributes, items ---- */

NOINLINE static void expr_slice(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned r = alloc(g, 3);
    node_t *parts[] = {n->a, n->b, n->c};
    for (unsigned i = 0; i < 3; i++) {
        if (parts[i])
            expr(g, parts[i], r + i);
        else
            load_value(g, V_NONE, r + i);
    }
    emit(g, I_SLICE, dst, r, 0);
    g->next = saved;
}

NOINLINE static void expr_index(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned a = operand_in(g, n->a, dst);
    unsigned b = a == dst ? operand(g, n->b) : operand_in(g, n->b, dst);
    g->line = n->line;
    emit(g, I_GETITEM, dst, a, b);
    g->next = saved;
}

NOINLINE static void expr_attr(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned a = operand_in(g, n->a, dst);
    g->line = n->line;
    emit_x(g, I_GETATTR, dst, a, 0, constant(g, n->b->v));
    g->next = saved;
}

/* ---- calls ---- */

/* super() without arguments: the class being defined and the first parameter. */
static bool gen_super_args(gen_t *g, node_t *n) {
    symbol_t *cls, *self = NULL;
    if (n->a->kind != N_NAME || n->a->v != VQ(super) || n->b ||
        resolve_name(g, Q(__class__), &cls) != VAR_FREE)
        return false;
    for (symbol_t *s = g->frame->symbols; s; s = s->next)
        if (s->flags & SYM_PARAM && s->reg == 0)
            self = s;
    if (!self)
        return false;
    load_name(g, Q(__class__), alloc(g, 1));
    load_name(g, self->name, alloc(g, 1));
    return true;
}

/* f(*a, **k): arguments as a list and a dict. */
NOINLINE static void call_unpacked(gen_t *g, node_t *n, unsigned base, unsigned dst) {
    bool keywords = false;
    expr(g, n->a, base);
    unsigned list = alloc(g, 2);
    emit(g, I_LIST, list, g->next, 0);
    for (node_t *i = n->b; i; i = i->next) {
        if (i->kind == N_KEYWORD || i->kind == N_DSTAR) {
            keywords = true;
            continue;
        }
        unsigned saved = g->next;
        bool star = i->kind == N_STAR;
        emit(g, star ? I_LISTEXT : I_LISTADD, list, operand(g, star ? i->a : i), 0);
        g->next = saved;
    }
    if (!keywords) {
        load_value(g, V_NONE, list + 1);
    } else {
        emit(g, I_DICT, list + 1, g->next, 0);
        for (node_t *i = n->b; i; i = i->next) {
            unsigned saved = g->next;
            if (i->kind == N_DSTAR) {
                emit(g, I_DICTEXT, list + 1, operand(g, i->a), 1);
            } else if (i->kind == N_KEYWORD) {
                unsigned d = alloc(g, 1), k = alloc(g, 2);
                load_value(g, i->v, k);
                expr(g, i->b, k + 1);
                emit(g, I_DICT, d, k, 1);
                emit(g, I_DICTEXT, list + 1, d, 1);
            }
            g->next = saved;
        }
    }
    g->line = n->line;
    emit(g, I_CALLX, base, 0, dst);
}

NOINLINE static void expr_call(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned base;
    if (!is_local(g, dst) && dst + 1 == g->next) {
        base = dst;
        alloc(g, 2);
    } else {
        base = alloc(g, 3);
    }
    if (has_star(n->b)) {
        call_unpacked(g, n, base, dst);
        g->next = saved;
        return;
    }
    bool method = n->a->kind == N_ATTR;
    if (method) {
        unsigned self = alloc(g, 1);
        int r = local_reg(g, n->a->a);
        if (r < 0)
            expr(g, n->a->a, self);
        g->line = n->a->line;
        emit_x(g, I_METHOD, base, r < 0 ? self : (unsigned)r, 0, constant(g, n->a->b->v));
    } else {
        expr(g, n->a, base);
    }
    unsigned args = 0, kws = 0;
    if (gen_super_args(g, n))
        args = 2;
    for (node_t *i = n->b; i; i = i->next) {
        if (i->kind == N_KEYWORD) {
            for (node_t *j = n->b; j != i; j = j->next)
                if (j->kind == N_KEYWORD && j->v == i->v)
                    gen_error(g, "keyword argument repeated");
            load_value(g, i->v, alloc(g, 1));
            expr(g, i->b, alloc(g, 1));
            kws++;
        } else {
            expr(g, i, alloc(g, 1));
            args++;
        }
    }
    g->line = n->line;
    if (kws)
        emit_x(g, I_CALLK, base, args, dst, kws | (method ? 256u : 0));
    else
        emit(g, method ? I_CALLM : I_CALL, base, args, dst);
    alloc(g, 2); /* the interpreter may shift the arguments to make room for self */
    g->next = saved;
}

/* ---- all ---- */

void gen_delegate(gen_t *g, opcode_t op, unsigned it, unsigned from, unsigned dst) {
    emit(g, op, it, from, 0);
    load_value(g, V_NONE, it + 1);
    emit(g, I_YIELDFROM, dst, it, 0);
}

NOINLINE static void expr_yield_from(gen_t *g, node_t *n, unsigned dst) {
    unsigned saved = g->next;
    unsigned it = alloc(g, 2);
    expr(g, n->a, it);
    gen_delegate(g, n->op ? I_AWAITABLE : I_GETITER, it, it, dst);
    g->next = saved;
}

void expr(gen_t *g, node_t *n, unsigned dst) {
    vm_check_stack();
    unsigned saved = g->next;
    g->line = n->line;
    switch ((kind_t)n->kind) {
    case N_NAME:
        load_name(g, str_of(n->v), dst);
        break;
    case N_CONST:
        load_value(g, n->v, dst);
        break;
    case N_FSTRING:
        expr_fstring(g, n, dst);
        break;
    case N_TUPLE:
    case N_LIST:
    case N_SET:
        expr_display(g, n, dst);
        break;
    case N_DICT:
        expr_dict(g, n, dst);
        break;
    case N_BINARY:
        expr_binary(g, n, dst);
        break;
    case N_UNARY: {
        unsigned a = operand_in(g, n->a, dst);
        emit(g, I_UNARY, dst, a, n->op);
        break;
    }
    case N_NOT: {
        unsigned a = operand_in(g, n->a, dst);
        emit(g, I_NOT, dst, a, 0);
        break;
    }
    case N_AND:
    case N_OR:
        expr_logic(g, n, dst);
        break;
    case N_COMPARE:
        expr_compare(g, n, dst);
        break;
    case N_COND:
        expr_cond(g, n, dst);
        break;
    case N_LAMBDA:
        gen_function(g, n, CODE_LAMBDA, dst);
        break;
    case N_CALL:
        expr_call(g, n, dst);
        break;
    case N_ATTR:
        expr_attr(g, n, dst);
        break;
    case N_INDEX:
        expr_index(g, n, dst);
        break;
    case N_SLICE:
        expr_slice(g, n, dst);
        break;
    case N_COMP:
        expr_comp(g, n, dst);
        break;
    case N_YIELD: {
        unsigned v;
        if (n->a)
            v = operand(g, n->a);
        else
            load_value(g, V_NONE, v = alloc(g, 1));
        emit(g, I_YIELD, dst, v, 0);
        break;
    }
    case N_YIELD_FROM:
        expr_yield_from(g, n, dst);
        break;
    case N_WALRUS: {
        unsigned t = scratch(g, dst);
        expr(g, n->b, t);
        store_name(g, str_of(n->a->v), t);
        move_to(g, dst, t);
        break;
    }
    case N_STAR:
        gen_error(g, "can't use starred expression here");
    default:
        gen_error(g, "invalid syntax");
    }
    g->next = saved;
}
