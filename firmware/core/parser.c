/* SPDX-License-Identifier: MIT
 * parser.c: recursive descent to the tree of ast.h. Here: what all of it is made with, and expressions
 * down to their operators; their operands: parse_primary.c. Statements: parse_stmt.c.
 */
#include "parser.h"

static const uint8_t fields[N_COUNT] = {
#define NODE(kind, n) n,
    NODE_KINDS(NODE)
#undef NODE
};

_Noreturn void parse_error(parser_t *p, const char *text) {
    lexer_error(&p->lx, &type_SyntaxError, text);
}

node_t *parse_node(parser_t *p, kind_t kind, uint32_t line) {
    static const uint8_t sizes[] = {
        offsetof(node_t, a), offsetof(node_t, b), offsetof(node_t, c), offsetof(node_t, d),
        offsetof(node_t, e), sizeof(node_t)};
    node_t *n = arena_alloc(sizes[fields[kind]]);
    n->kind = kind;
    n->line = (uint16_t)line;
    return n;
}

node_t *parse_new(parser_t *p, kind_t kind) { return parse_node(p, kind, p->lx.line); }

node_t *parse_new_after(parser_t *p, kind_t kind) {
    node_t *n = parse_new(p, kind);
    lexer_next(&p->lx);
    return n;
}

node_t *parse_const(parser_t *p, val_t v) {
    node_t *n = parse_new(p, N_CONST);
    n->v = v;
    return n;
}

node_t *parse_name_node(parser_t *p, val_t name) {
    node_t *n = parse_new(p, N_NAME);
    n->v = name;
    return n;
}

void list_add(node_list_t *l, node_t *n) {
    if (l->last)
        l->last->next = n;
    else
        l->first = n;
    l->last = n;
}

bool parse_accept(parser_t *p, token_t t) {
    if (p->lx.token != t)
        return false;
    lexer_next(&p->lx);
    return true;
}

void parse_expect(parser_t *p, token_t t, const char *what) {
    if (!parse_accept(p, t))
        parse_error(p, what);
}

val_t parse_identifier(parser_t *p) {
    if (p->lx.token != TK_NAME)
        parse_error(p, "invalid syntax");
    val_t v = p->lx.value;
    lexer_next(&p->lx);
    return v;
}

/* ---- constant folding ---- */

static bool is_number(const node_t *n) {
    return n && n->kind == N_CONST && (is_int(n->v) || is_float(n->v) || is_exact(n->v, &type_int));
}

static bool fold_worth(op_t op, val_t a, val_t b) {
    if (op == OP_LSHIFT)
        return is_int(b) && int_of(b) < 64;
    if (op == OP_POW)
        return is_float(a) || is_float(b) ||
               (is_int(a) && is_int(b) && int_of(a) < 1024 && int_of(a) > -1024 && int_of(b) < 32);
    return true;
}

/* V_UNDEF: it raises, as 1 / 0 does; then at run time. */
static NOINLINE val_t fold_value(op_t op, val_t a, val_t b) {
    catch_t c;
    volatile val_t v = V_UNDEF;
    if (TRY(c)) {
        v = op_binary(op, a, b);
        catch_end(&c);
    }
    return v;
}

static node_t *fold_binary(parser_t *p, node_t *n) {
    if (!is_number(n->a) || !is_number(n->b) || !fold_worth(n->op, n->a->v, n->b->v))
        return n;
    val_t v = fold_value(n->op, n->a->v, n->b->v);
    if (v == V_UNDEF)
        return n;
    n->a->v = v;
    return n->a;
}

static node_t *fold_unary(parser_t *p, node_t *n) {
    if (!is_number(n->a) || (n->op == UN_INVERT && is_float(n->a->v)))
        return n;
    n->a->v = op_unary(n->op, n->a->v);
    return n->a;
}

/* ---- operators ---- */

static node_t *parse_await(parser_t *p) {
    if (p->lx.token != TK_AWAIT)
        return parse_primary(p);
    if (!p->in_function)
        parse_error(p, "'await' outside function");
    node_t *n = parse_new_after(p, N_YIELD_FROM);
    n->op = 1;
    n->a = parse_primary(p);
    return n;
}

static node_t *parse_unary(parser_t *p);

static node_t *parse_power(parser_t *p) {
    node_t *base = parse_await(p);
    if (p->lx.token != TK_DSTAR)
        return base;
    node_t *n = parse_new_after(p, N_BINARY);
    n->op = OP_POW;
    n->a = base;
    n->b = parse_unary(p);
    return fold_binary(p, n);
}

static node_t *parse_unary(parser_t *p) {
    vm_check_stack();
    token_t t = p->lx.token;
    if (t != TK_PLUS && t != TK_MINUS && t != TK_TILDE)
        return parse_power(p);
    node_t *n = parse_new_after(p, N_UNARY);
    n->op = t == TK_PLUS ? UN_POS : t == TK_MINUS ? UN_NEG : UN_INVERT;
    n->a = parse_unary(p);
    return fold_unary(p, n);
}

/* Binary operators by precedence; TK_PLUS .. TK_SHR stand in the order of op_t. */
static unsigned precedence(token_t t) {
    switch (t) {
    case TK_BAR:
        return 1;
    case TK_CARET:
        return 2;
    case TK_AMP:
        return 3;
    case TK_SHL:
    case TK_SHR:
        return 4;
    case TK_PLUS:
    case TK_MINUS:
        return 5;
    case TK_STAR:
    case TK_SLASH:
    case TK_DSLASH:
    case TK_PERCENT:
    case TK_AT:
        return 6;
    default:
        return 0;
    }
}

static op_t binary_op(token_t t) {
    static const uint8_t ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_TRUEDIV, OP_FLOORDIV, OP_MOD, OP_POW,
                                  OP_MATMUL, OP_AND, OP_OR, OP_XOR, OP_LSHIFT, OP_RSHIFT};
    return ops[t - TK_PLUS];
}
op_t parse_augmented_op(token_t t) { return binary_op((token_t)(t - TK_APLUS + TK_PLUS)); }

static node_t *parse_binary(parser_t *p, unsigned min) {
    node_t *left = parse_unary(p);
    for (;;) {
        token_t t = p->lx.token;
        unsigned prec = precedence(t);
        if (!prec || prec < min)
            return left;
        node_t *n = parse_new_after(p, N_BINARY);
        n->op = binary_op(t);
        n->a = left;
        n->b = parse_binary(p, prec + 1);
        left = fold_binary(p, n);
    }
}

node_t *parse_arith(parser_t *p) { return parse_binary(p, 1); }

static node_t *parse_comparison(parser_t *p) {
    node_t *left = parse_arith(p);
    node_list_t l = {0};
    for (;;) {
        token_t t = p->lx.token;
        node_t *n;
        unsigned op;
        if (t >= TK_LT && t <= TK_NE)
            op = OP_LT + (t - TK_LT);
        else if (t == TK_IN && !p->no_in)
            op = CMP_IN;
        else if (t == TK_IS)
            op = CMP_IS;
        else if (t == TK_NOT)
            op = CMP_NOT_IN;
        else
            break;
        n = parse_new_after(p, N_COMPARISON);
        if (op == CMP_NOT_IN)
            parse_expect(p, TK_IN, "invalid syntax");
        if (op == CMP_IS && parse_accept(p, TK_NOT))
            op = CMP_IS_NOT;
        n->op = (uint8_t)op;
        n->a = parse_arith(p);
        list_add(&l, n);
    }
    if (!l.first)
        return left;
    node_t *n = parse_node(p, N_COMPARE, left->line);
    n->a = left;
    n->b = l.first;
    return n;
}

static node_t *parse_not(parser_t *p) {
    vm_check_stack();
    if (p->lx.token != TK_NOT)
        return parse_comparison(p);
    node_t *n = parse_new_after(p, N_NOT);
    n->a = parse_not(p);
    return n;
}

static node_t *parse_and(parser_t *p) {
    node_t *left = parse_not(p);
    while (p->lx.token == TK_AND) {
        node_t *n = parse_new_after(p, N_AND);
        n->a = left;
        n->b = parse_not(p);
        left = n;
    }
    return left;
}

node_t *parse_or(parser_t *p) {
    node_t *left = parse_and(p);
    while (p->lx.token == TK_OR) {
        node_t *n = parse_new_after(p, N_OR);
        n->a = left;
        n->b = parse_and(p);
        left = n;
    }
    return left;
}

static node_t *parse_lambda(parser_t *p) {
    node_t *n = parse_new_after(p, N_LAMBDA);
    bool outer = p->in_function, no_in = p->no_in;
    n->a = parse_params(p, TK_COLON);
    parse_expect(p, TK_COLON, "invalid syntax");
    p->in_function = true;
    p->no_in = false;
    n->b = parse_expr(p);
    p->in_function = outer;
    p->no_in = no_in;
    return n;
}

/* The condition of a comprehension: no `x if y else z` without brackets, but lambda and :=. */
node_t *parse_no_cond(parser_t *p) {
    if (p->lx.token == TK_LAMBDA)
        return parse_lambda(p);
    node_t *n = parse_or(p);
    if (p->lx.token == TK_WALRUS && n->kind == N_NAME) {
        node_t *w = parse_new_after(p, N_WALRUS);
        w->a = n;
        w->b = parse_or(p);
        return w;
    }
    return n;
}

node_t *parse_expr(parser_t *p) {
    vm_check_stack();
    if (p->lx.token == TK_LAMBDA)
        return parse_lambda(p);
    node_t *value = parse_or(p);
    if (p->lx.token != TK_IF)
        return value;
    node_t *n = parse_new_after(p, N_COND);
    n->a = value;
    n->b = parse_or(p);
    parse_expect(p, TK_ELSE, "expected 'else' after 'if' expression");
    n->c = parse_expr(p);
    return n;
}

/* expression, or name := expression */
node_t *parse_named(parser_t *p) {
    node_t *n = parse_expr(p);
    if (p->lx.token != TK_WALRUS)
        return n;
    if (n->kind != N_NAME)
        parse_error(p, "cannot use assignment expressions with this target");
    node_t *w = parse_new_after(p, N_WALRUS);
    w->a = n;
    w->b = parse_expr(p);
    return w;
}

node_t *parse_star_or_named(parser_t *p) {
    if (p->lx.token != TK_STAR)
        return parse_named(p);
    node_t *n = parse_new_after(p, N_STAR);
    n->a = parse_or(p);
    return n;
}

node_t *parse_yield(parser_t *p) {
    if (!p->in_function)
        parse_error(p, "'yield' outside function");
    node_t *n = parse_new_after(p, N_YIELD);
    if (parse_accept(p, TK_FROM)) {
        n->kind = N_YIELD_FROM;
        n->a = parse_expr(p);
    } else if (p->lx.token != TK_NEWLINE && p->lx.token != TK_RPAR && p->lx.token != TK_RBRACKET &&
               p->lx.token != TK_RBRACE && p->lx.token != TK_ASSIGN && p->lx.token != TK_SEMICOLON &&
               p->lx.token != TK_COMMA && p->lx.token != TK_EOF) {
        n->a = parse_expr_list(p);
    }
    return n;
}

static bool ends_list(token_t t) {
    return t == TK_NEWLINE || t == TK_EOF || t == TK_ASSIGN || t == TK_RPAR || t == TK_RBRACKET ||
           t == TK_RBRACE || t == TK_COLON || t == TK_SEMICOLON || t == TK_IN ||
           (t >= TK_APLUS && t <= TK_ASHR);
}

/* a, *b, c: a tuple without brackets, or one expression. */
node_t *parse_expr_list(parser_t *p) {
    if (p->lx.token == TK_YIELD)
        return parse_yield(p);
    uint32_t line = p->lx.line;
    node_t *first = parse_star_or_named(p);
    if (p->lx.token != TK_COMMA)
        return first;
    node_t *n = parse_node(p, N_TUPLE, line);
    node_list_t l = {0};
    list_add(&l, first);
    while (parse_accept(p, TK_COMMA) && !ends_list(p->lx.token))
        list_add(&l, parse_star_or_named(p));
    n->a = l.first;
    return n;
}

/* Targets of for: like an expression list in which `in` is no operator. */
node_t *parse_targets(parser_t *p) {
    bool outer = p->no_in;
    p->no_in = true;
    node_t *n = parse_expr_list(p);
    p->no_in = outer;
    parse_check_target(p, n, false);
    return n;
}

void parse_check_target(parser_t *p, node_t *n, bool deleting) {
    switch (n->kind) {
    case N_NAME:
    case N_ATTR:
    case N_INDEX:
        return;
    case N_TUPLE:
    case N_LIST: {
        unsigned stars = 0;
        for (node_t *i = n->a; i; i = i->next) {
            stars += i->kind == N_STAR;
            parse_check_target(p, i->kind == N_STAR && !deleting ? i->a : i, deleting);
        }
        if (stars > 1)
            parse_error(p, "multiple starred expressions in assignment");
        return;
    }
    case N_STAR:
        parse_error(p, "starred assignment target must be in a list or tuple");
    default:
        parse_error(p, deleting ? "cannot delete expression" : "cannot assign to expression");
    }
}
