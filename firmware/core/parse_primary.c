/* SPDX-License-Identifier: MIT
 * parse_primary.c: what binds closer than any operator: names, literals, displays, comprehensions, and
 * the calls, attributes and items behind them.
 */
#include "parser.h"

/* ---- displays and comprehensions ---- */

static node_t *parse_clauses(parser_t *p) {
    node_list_t l = {0};
    for (;;) {
        node_t *n;
        if (p->lx.token == TK_FOR || p->lx.token == TK_ASYNC) {
            n = parse_new(p, N_CLAUSE_FOR);
            if (parse_accept(p, TK_ASYNC))
                n->op = 1;
            parse_expect(p, TK_FOR, "invalid syntax");
            n->a = parse_targets(p);
            parse_expect(p, TK_IN, "invalid syntax");
            n->b = parse_or(p);
        } else if (p->lx.token == TK_IF) {
            n = parse_new_after(p, N_CLAUSE_IF);
            n->a = parse_no_cond(p);
        } else {
            return l.first;
        }
        list_add(&l, n);
    }
}

static bool at_comp(parser_t *p) { return p->lx.token == TK_FOR || p->lx.token == TK_ASYNC; }

static node_t *parse_comp(parser_t *p, comp_t kind, node_t *element, node_t *value) {
    node_t *n = parse_new(p, N_COMP);
    if (element->kind == N_STAR)
        parse_error(p, "iterable unpacking cannot be used in comprehension");
    n->op = kind;
    n->a = element;
    n->b = value;
    n->c = parse_clauses(p);
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
    node_t *first = parse_star_or_named(p);
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
        list_add(&l, parse_star_or_named(p));
    parse_expect(p, TK_RPAR, "invalid syntax");
    n->a = l.first;
    return n;
}

static node_t *parse_list_display(parser_t *p) {
    node_t *n = parse_new_after(p, N_LIST);
    node_list_t l = {0};
    while (p->lx.token != TK_RBRACKET) {
        list_add(&l, parse_star_or_named(p));
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
    node_t *n = parse_new_after(p, N_DICT);
    node_list_t l = {0};
    bool is_set = false;
    while (p->lx.token != TK_RBRACE) {
        node_t *item;
        if (p->lx.token == TK_DSTAR && !is_set) {
            item = parse_new_after(p, N_PAIR);
            item->b = parse_or(p);
        } else {
            node_t *key = parse_star_or_named(p);
            if (!l.first)
                is_set = p->lx.token != TK_COLON;
            if (is_set) {
                item = key;
            } else {
                item = parse_new(p, N_PAIR);
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
            n = parse_new_after(p, p->lx.token == TK_STAR ? N_STAR : N_DSTAR);
            n->a = parse_expr(p);
        } else {
            n = parse_named(p);
            if (p->lx.token == TK_ASSIGN) {
                if (n->kind != N_NAME)
                    parse_error(p, "expression cannot contain assignment, perhaps you meant \"==\"?");
                node_t *kw = parse_new_after(p, N_KEYWORD);
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
    node_t *n = parse_new(p, N_SLICE);
    node_t *first = NULL;
    if (p->lx.token != TK_COLON) {
        first = parse_star_or_named(p);
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
    node_t *n = parse_new(p, N_TUPLE);
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
            outer = parse_new_after(p, N_ATTR);
            outer->a = n;
            outer->b = parse_name_node(p, p->lx.value);
            parse_identifier(p);
            break;
        case TK_LPAR:
            outer = parse_new_after(p, N_CALL);
            outer->a = n;
            outer->b = parse_arguments(p);
            if (n->kind == N_NAME && n->v == VQ(const) && outer->b && !outer->b->next &&
                outer->b->kind == N_CONST)
                outer = outer->b;
            break;
        case TK_LBRACKET:
            outer = parse_new_after(p, N_INDEX);
            outer->a = n;
            outer->b = parse_subscript(p);
            break;
        default:
            return n;
        }
        n = outer;
    }
}
