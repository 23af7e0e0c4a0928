/* SPDX-License-Identifier: MIT
 * parser.c: expressions; recursive descent to the tree of ast.h. Statements: parse_stmt.c.
 */
#include "parser.h"
#include "heap.h"

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

static node_t *new(parser_t *p, kind_t kind) { return parse_node(p, kind, p->lx.line); }

node_t *parse_const(parser_t *p, val_t v) {
    node_t *n = new(p, N_CONST);
    n->v = v;
    return n;
}

node_t *parse_name_node(parser_t *p, val_t name) {
    node_t *n = new(p, N_NAME);
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

static bool is_const(const node_t *n) { return n && n->kind == N_CONST; }
static bool is_number(const node_t *n) {
    return is_const(n) && (is_int(n->v) || is_float(n->v) || is_exact(n->v, &type_int));
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

/* ---- f-strings ---- */

static node_t *fstring_part(parser_t *p, const char *s, const char *end, bool raw, const char **rest,
                            bool in_spec);

/* The end of an expression inside braces: at }, !r or : outside of brackets and strings. */
static const char *expr_end(parser_t *p, const char *s, const char *end) {
    int depth = 0;
    for (; s < end; s++) {
        char c = *s;
        if (c == '\'' || c == '"') {
            const char *q = s + 1;
            while (q < end && *q != c)
                q += *q == '\\' ? 2 : 1;
            s = q;
        } else if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (depth && (c == ')' || c == ']' || c == '}')) {
            depth--;
        } else if (!depth && (c == '}' || c == ':')) {
            return s;
        } else if (!depth && c == '!' && s + 1 < end && s[1] != '=') {
            return s;
        }
    }
    parse_error(p, "f-string: expecting '}'");
}

static node_t *sub_expression(parser_t *p, const char *s, const char *e) {
    parser_t inner = *p; /* the same context, another text */
    reader_t r;
    /* brackets make newlines inside triple-quoted strings count as space */
    builder_t b;
    builder_init(&b, (size_t)(e - s) + 2);
    builder_char(&b, '(');
    builder_add(&b, s, (size_t)(e - s));
    builder_char(&b, ')');
    str_t *text = str_of(builder_str(&b));
    reader_text(&r, text->data, text->len);
    lexer_init(&inner.lx, &r, p->lx.file);
    inner.lx.line = inner.lx.next_line = p->lx.line;
    lexer_next(&inner.lx);
    node_t *n = parse_expr_list(&inner);
    if (inner.lx.token != TK_NEWLINE && inner.lx.token != TK_EOF)
        parse_error(p, "f-string: invalid syntax");
    (void)text->data[0]; /* alive until here */
    return n;
}

static node_t *fstring_field(parser_t *p, const char *s, const char *end, bool raw, const char **rest) {
    const char *e = expr_end(p, s, end);
    const char *stop = e;
    node_t *debug = NULL;
    const char *q = e; /* {x=} */
    while (q > s && (q[-1] == ' ' || q[-1] == '\t'))
        q--;
    if (q - s > 1 && q[-1] == '=' && !strchr("=!<>", q[-2])) {
        debug = parse_const(p, str_new(s, (size_t)(e - s)));
        stop = q - 1;
    }
    const char *only = s;
    while (only < stop && (*only == ' ' || *only == '\n' || *only == '\t'))
        only++;
    if (only == stop)
        parse_error(p, "f-string: empty expression not allowed");
    node_t *n = new(p, N_FORMAT);
    n->a = sub_expression(p, s, stop);
    if (e < end && *e == '!') {
        n->op = (uint8_t)e[1];
        e += 2;
        if (!n->op || !strchr("sra", n->op))
            parse_error(p, "f-string: invalid conversion character");
    } else if (debug && *e == '}') {
        n->op = 'r';
    }
    if (e < end && *e == ':')
        n->b = fstring_part(p, e + 1, end, raw, &e, true);
    if (e >= end || *e != '}')
        parse_error(p, "f-string: expecting '}'");
    *rest = e + 1;
    if (!debug)
        return n;
    debug->next = n;
    return debug;
}

/* Literal text and fields up to the end (in a format spec: up to the closing brace). */
static node_t *fstring_part(parser_t *p, const char *s, const char *end, bool raw, const char **rest,
                            bool in_spec) {
    vm_check_stack();
    node_list_t parts = {0};
    builder_t b;
    builder_init(&b, 16);
    while (s < end && !(in_spec && *s == '}')) {
        if ((*s == '{' || *s == '}') && s + 1 < end && s[1] == *s && !in_spec) {
            builder_char(&b, *s);
            s += 2;
        } else if (*s == '{') {
            if (b.len) {
                list_add(&parts, parse_const(p, builder_str(&b)));
                builder_init(&b, 16);
            }
            node_t *n = fstring_field(p, s + 1, end, raw, &s);
            list_add(&parts, n);
            if (n->next)
                parts.last = n->next;
        } else if (*s == '}') {
            parse_error(p, "f-string: single '}' is not allowed");
        } else {
            const char *q = s;
            while (q < end && *q != '{' && *q != '}')
                if (*q == '\\' && !raw && q + 1 < end)
                    q += q[1] == '{' || q[1] == '}' ? 1 : 2;
                else
                    q++;
            lexer_unescape(&p->lx, &b, s, q, raw);
            s = q;
        }
    }
    if (b.len)
        list_add(&parts, parse_const(p, builder_str(&b)));
    *rest = s;
    node_t *n = new(p, N_FSTRING);
    n->a = parts.first;
    return n;
}

enum { SHORT_STRING = 10 };

/* Adjacent literals are one. */
static node_t *parse_strings(parser_t *p) {
    node_list_t parts = {0};
    bool format = false;
    while (p->lx.token == TK_STRING || p->lx.token == TK_FSTRING) {
        node_t *n;
        if (p->lx.token == TK_FSTRING) {
            const str_t *s = str_of(p->lx.value);
            const char *rest;
            n = fstring_part(p, s->data, s->data + s->len, p->lx.raw, &rest, false)->a;
            (void)s->data[0];
            format = true;
        } else {
            val_t v = p->lx.value;
            if (is_str(v) && str_of(v)->len <= SHORT_STRING) /* the same text may come again and again: notes, names */
                v = V_OBJ(str_intern_val(v));
            n = parse_const(p, v);
        }
        for (node_t *next; n; n = next) {
            next = n->next;
            n->next = NULL;
            if (n->kind == N_CONST && parts.last && parts.last->kind == N_CONST) {
                if (obj_of(parts.last->v)->type != obj_of(n->v)->type)
                    parse_error(p, "cannot mix bytes and nonbytes literals");
                parts.last->v = str_concat(parts.last->v, n->v);
            } else {
                list_add(&parts, n);
            }
        }
        lexer_next(&p->lx);
    }
    if (!format)
        return parts.first;
    node_t *n = new(p, N_FSTRING);
    n->a = parts.first;
    return n;
}

/* ---- displays and comprehensions ---- */

static node_t *parse_clauses(parser_t *p) {
    node_list_t l = {0};
    for (;;) {
        node_t *n;
        if (p->lx.token == TK_FOR || p->lx.token == TK_ASYNC) {
            n = new(p, N_CLAUSE_FOR);
            if (parse_accept(p, TK_ASYNC))
                n->op = 1;
            parse_expect(p, TK_FOR, "invalid syntax");
            n->a = parse_targets(p);
            parse_expect(p, TK_IN, "invalid syntax");
            n->b = parse_or(p);
        } else if (p->lx.token == TK_IF) {
            n = new(p, N_CLAUSE_IF);
            lexer_next(&p->lx);
            n->a = parse_no_cond(p);
        } else {
            return l.first;
        }
        list_add(&l, n);
    }
}

static bool at_comp(parser_t *p) { return p->lx.token == TK_FOR || p->lx.token == TK_ASYNC; }

static node_t *parse_comp(parser_t *p, comp_t kind, node_t *element, node_t *value) {
    node_t *n = new(p, N_COMP);
    if (element->kind == N_STAR)
        parse_error(p, "iterable unpacking cannot be used in comprehension");
    n->op = kind;
    n->a = element;
    n->b = value;
    n->c = parse_clauses(p);
    return n;
}

static node_t *star_or_named(parser_t *p) {
    if (p->lx.token != TK_STAR)
        return parse_named(p);
    node_t *n = new(p, N_STAR);
    lexer_next(&p->lx);
    n->a = parse_or(p);
    return n;
}

static node_t *parse_paren(parser_t *p) {
    uint32_t line = p->lx.line;
    lexer_next(&p->lx);
    node_t *n = parse_node(p, N_TUPLE, line);
    if (parse_accept(p, TK_RPAR))
        return n;
    if (p->lx.token == TK_YIELD) {
        node_t *y = parse_yield(p);
        parse_expect(p, TK_RPAR, "invalid syntax");
        return y;
    }
    node_t *first = star_or_named(p);
    if (at_comp(p)) {
        n = parse_comp(p, COMP_GENERATOR, first, NULL);
        parse_expect(p, TK_RPAR, "invalid syntax");
        return n;
    }
    if (p->lx.token == TK_RPAR) {
        if (first->kind == N_STAR)
            parse_error(p, "cannot use starred expression here");
        lexer_next(&p->lx);
        return first;
    }
    node_list_t l = {0};
    list_add(&l, first);
    while (parse_accept(p, TK_COMMA) && p->lx.token != TK_RPAR)
        list_add(&l, star_or_named(p));
    parse_expect(p, TK_RPAR, "invalid syntax");
    n->a = l.first;
    return n;
}

static node_t *parse_list_display(parser_t *p) {
    node_t *n = new(p, N_LIST);
    lexer_next(&p->lx);
    node_list_t l = {0};
    while (p->lx.token != TK_RBRACKET) {
        list_add(&l, star_or_named(p));
        if (at_comp(p) && l.first == l.last) {
            n = parse_comp(p, COMP_LIST, l.first, NULL);
            parse_expect(p, TK_RBRACKET, "invalid syntax");
            return n;
        }
        if (!parse_accept(p, TK_COMMA))
            break;
    }
    parse_expect(p, TK_RBRACKET, "invalid syntax");
    n->a = l.first;
    return n;
}

static node_t *parse_brace_display(parser_t *p) {
    node_t *n = new(p, N_DICT);
    lexer_next(&p->lx);
    node_list_t l = {0};
    bool is_set = false;
    while (p->lx.token != TK_RBRACE) {
        node_t *item;
        if (p->lx.token == TK_DSTAR && !is_set) {
            item = new(p, N_PAIR);
            lexer_next(&p->lx);
            item->b = parse_or(p);
        } else {
            node_t *key = star_or_named(p);
            if (!l.first)
                is_set = p->lx.token != TK_COLON;
            if (is_set) {
                item = key;
            } else {
                item = new(p, N_PAIR);
                parse_expect(p, TK_COLON, "invalid syntax");
                item->a = key;
                item->b = parse_expr(p);
            }
            if (at_comp(p) && !l.first) {
                n = is_set ? parse_comp(p, COMP_SET, item, NULL)
                           : parse_comp(p, COMP_DICT, key, item->b);
                parse_expect(p, TK_RBRACE, "invalid syntax");
                return n;
            }
        }
        list_add(&l, item);
        if (!parse_accept(p, TK_COMMA))
            break;
    }
    parse_expect(p, TK_RBRACE, "invalid syntax");
    if (is_set)
        n->kind = N_SET;
    n->a = l.first;
    return n;
}

/* ---- primaries ---- */

node_t *parse_arguments(parser_t *p) {
    node_list_t l = {0};
    while (p->lx.token != TK_RPAR) {
        node_t *n;
        if (p->lx.token == TK_STAR || p->lx.token == TK_DSTAR) {
            n = new(p, p->lx.token == TK_STAR ? N_STAR : N_DSTAR);
            lexer_next(&p->lx);
            n->a = parse_expr(p);
        } else {
            n = parse_named(p);
            if (p->lx.token == TK_ASSIGN) {
                if (n->kind != N_NAME)
                    parse_error(p, "expression cannot contain assignment, perhaps you meant \"==\"?");
                node_t *kw = new(p, N_KEYWORD);
                lexer_next(&p->lx);
                kw->v = n->v;
                kw->b = parse_expr(p);
                n = kw;
            } else if (at_comp(p)) {
                n = parse_comp(p, COMP_GENERATOR, n, NULL);
            } else if (l.last && (l.last->kind == N_KEYWORD || l.last->kind == N_DSTAR)) {
                parse_error(p, "positional argument follows keyword argument");
            }
        }
        list_add(&l, n);
        if (!parse_accept(p, TK_COMMA))
            break;
    }
    parse_expect(p, TK_RPAR, "invalid syntax");
    return l.first;
}

static node_t *parse_slice(parser_t *p) {
    node_t *n = new(p, N_SLICE);
    node_t *first = NULL;
    if (p->lx.token != TK_COLON) {
        first = star_or_named(p);
        if (p->lx.token != TK_COLON)
            return first;
    }
    n->a = first;
    lexer_next(&p->lx);
    if (p->lx.token != TK_COLON && p->lx.token != TK_RBRACKET && p->lx.token != TK_COMMA)
        n->b = parse_expr(p);
    if (parse_accept(p, TK_COLON) && p->lx.token != TK_RBRACKET && p->lx.token != TK_COMMA)
        n->c = parse_expr(p);
    return n;
}

static node_t *parse_subscript(parser_t *p) {
    node_t *first = parse_slice(p);
    if (p->lx.token != TK_COMMA) {
        parse_expect(p, TK_RBRACKET, "invalid syntax");
        return first;
    }
    node_t *n = new(p, N_TUPLE);
    node_list_t l = {0};
    list_add(&l, first);
    while (parse_accept(p, TK_COMMA) && p->lx.token != TK_RBRACKET)
        list_add(&l, parse_slice(p));
    parse_expect(p, TK_RBRACKET, "invalid syntax");
    n->a = l.first;
    return n;
}

static node_t *parse_atom(parser_t *p) {
    node_t *n;
    switch (p->lx.token) {
    case TK_NAME:
        if (p->consts && (is_interned(p->lx.value))) {
            val_t v = dict_get(p->consts, p->lx.value);
            if (v && p->lx.c0 != '=') {
                n = parse_const(p, v);
                break;
            }
        }
        n = parse_name_node(p, p->lx.value);
        break;
    case TK_NUMBER:
        n = parse_const(p, p->lx.value);
        break;
    case TK_STRING:
    case TK_FSTRING:
        return parse_strings(p);
    case TK_TRUE:
        n = parse_const(p, V_TRUE);
        break;
    case TK_FALSE:
        n = parse_const(p, V_FALSE);
        break;
    case TK_NONE:
        n = parse_const(p, V_NONE);
        break;
    case TK_ELLIPSIS:
        n = parse_const(p, V_ELLIPSIS);
        break;
    case TK_LPAR:
        return parse_paren(p);
    case TK_LBRACKET:
        return parse_list_display(p);
    case TK_LBRACE:
        return parse_brace_display(p);
    case TK_INDENT:
        lexer_error(&p->lx, &type_IndentationError, "unexpected indent");
    default:
        parse_error(p, "invalid syntax");
    }
    lexer_next(&p->lx);
    return n;
}

node_t *parse_primary(parser_t *p) {
    node_t *n = parse_atom(p);
    for (;;) {
        node_t *outer;
        switch (p->lx.token) {
        case TK_DOT:
            outer = new(p, N_ATTR);
            lexer_next(&p->lx);
            outer->a = n;
            outer->b = parse_name_node(p, p->lx.value);
            parse_identifier(p);
            break;
        case TK_LPAR:
            outer = new(p, N_CALL);
            lexer_next(&p->lx);
            outer->a = n;
            outer->b = parse_arguments(p);
            if (n->kind == N_NAME && n->v == VQ(const) && outer->b && !outer->b->next &&
                is_const(outer->b))
                outer = outer->b;
            break;
        case TK_LBRACKET:
            outer = new(p, N_INDEX);
            lexer_next(&p->lx);
            outer->a = n;
            outer->b = parse_subscript(p);
            break;
        default:
            return n;
        }
        n = outer;
    }
}

static node_t *parse_await(parser_t *p) {
    if (p->lx.token != TK_AWAIT)
        return parse_primary(p);
    if (!p->in_function)
        parse_error(p, "'await' outside function");
    node_t *n = new(p, N_YIELD_FROM);
    lexer_next(&p->lx);
    n->op = 1;
    n->a = parse_primary(p);
    return n;
}

static node_t *parse_unary(parser_t *p);

static node_t *parse_power(parser_t *p) {
    node_t *base = parse_await(p);
    if (p->lx.token != TK_DSTAR)
        return base;
    node_t *n = new(p, N_BINARY);
    lexer_next(&p->lx);
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
    node_t *n = new(p, N_UNARY);
    lexer_next(&p->lx);
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
        node_t *n = new(p, N_BINARY);
        lexer_next(&p->lx);
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
        n = new(p, N_COMPARISON);
        lexer_next(&p->lx);
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
    node_t *n = new(p, N_NOT);
    lexer_next(&p->lx);
    n->a = parse_not(p);
    return n;
}

static node_t *parse_and(parser_t *p) {
    node_t *left = parse_not(p);
    while (p->lx.token == TK_AND) {
        node_t *n = new(p, N_AND);
        lexer_next(&p->lx);
        n->a = left;
        n->b = parse_not(p);
        left = n;
    }
    return left;
}

node_t *parse_or(parser_t *p) {
    node_t *left = parse_and(p);
    while (p->lx.token == TK_OR) {
        node_t *n = new(p, N_OR);
        lexer_next(&p->lx);
        n->a = left;
        n->b = parse_and(p);
        left = n;
    }
    return left;
}

static node_t *parse_lambda(parser_t *p) {
    node_t *n = new(p, N_LAMBDA);
    lexer_next(&p->lx);
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
        node_t *w = new(p, N_WALRUS);
        lexer_next(&p->lx);
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
    node_t *n = new(p, N_COND);
    lexer_next(&p->lx);
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
    node_t *w = new(p, N_WALRUS);
    lexer_next(&p->lx);
    w->a = n;
    w->b = parse_expr(p);
    return w;
}

node_t *parse_yield(parser_t *p) {
    if (!p->in_function)
        parse_error(p, "'yield' outside function");
    node_t *n = new(p, N_YIELD);
    lexer_next(&p->lx);
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
    node_t *first = star_or_named(p);
    if (p->lx.token != TK_COMMA)
        return first;
    node_t *n = parse_node(p, N_TUPLE, line);
    node_list_t l = {0};
    list_add(&l, first);
    while (parse_accept(p, TK_COMMA) && !ends_list(p->lx.token))
        list_add(&l, star_or_named(p));
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
