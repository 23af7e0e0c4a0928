/* SPDX-License-Identifier: MIT
 * parse_stmt.c: statements; expressions are in parser.c and parse_primary.c.
 */
#include "heap.h"
#include "parser.h"

static node_t *parse_compound(parser_t *p);
static node_t *parse_simple_line(parser_t *p);

static node_t *optional_name(parser_t *p) {
    return parse_accept(p, TK_AS) ? parse_name_node(p, parse_identifier(p)) : NULL;
}

/* ---- blocks ---- */

/* ": NEWLINE INDENT statements DEDENT" or ": simple statements" */
static node_t *parse_block(parser_t *p) {
    vm_check_stack();
    parse_expect(p, TK_COLON, "expected ':'");
    if (p->streaming)
        return parse_new(p, N_BLOCK);
    bool lines = parse_block_begin(p);
    node_list_t l = {0};
    do {
        node_t *n = parse_block_statement(p, lines);
        for (; n; n = n->next)
            list_add(&l, n);
    } while (lines && parse_block_more(p));
    return l.first;
}

bool parse_block_begin(parser_t *p) {
    if (p->lx.token != TK_NEWLINE)
        return false;
    lexer_next(&p->lx);
    if (p->lx.token != TK_INDENT)
        lexer_error(&p->lx, &type_IndentationError, "expected an indented block");
    lexer_next(&p->lx);
    return true;
}

node_t *parse_block_statement(parser_t *p, bool lines) {
    return lines ? parse_compound(p) : parse_simple_line(p);
}

bool parse_block_more(parser_t *p) {
    return !parse_accept(p, TK_DEDENT) && p->lx.token != TK_EOF;
}

static node_t *parse_else(parser_t *p) {
    if (p->lx.token != TK_ELSE)
        return NULL;
    lexer_next(&p->lx);
    return parse_block(p);
}

static node_t *parse_if(parser_t *p) {
    node_t *n = parse_new_after(p, N_IF);
    n->a = parse_named(p);
    n->b = parse_block(p);
    if (!p->streaming)
        n->c = parse_block_else(p, true);
    return n;
}

node_t *parse_block_else(parser_t *p, bool elif) {
    return elif && p->lx.token == TK_ELIF ? parse_if(p) : parse_else(p);
}

static node_t *parse_while(parser_t *p) {
    node_t *n = parse_new_after(p, N_WHILE);
    n->a = parse_named(p);
    n->b = parse_block(p);
    if (!p->streaming)
        n->c = parse_else(p);
    return n;
}

static node_t *parse_for(parser_t *p, bool is_async) {
    node_t *n = parse_new_after(p, N_FOR);
    n->op = is_async;
    n->a = parse_targets(p);
    parse_expect(p, TK_IN, "invalid syntax");
    n->b = parse_expr_list(p);
    n->c = parse_block(p);
    if (!p->streaming)
        n->d = parse_else(p);
    return n;
}

static node_t *parse_try(parser_t *p) {
    node_t *n = parse_new_after(p, N_TRY);
    n->a = parse_block(p);
    node_list_t handlers = {0};
    while (p->lx.token == TK_EXCEPT) {
        node_t *h = parse_new_after(p, N_HANDLER);
        if (handlers.last && !handlers.last->a)
            parse_error(p, "default 'except:' must be last");
        if (p->lx.token != TK_COLON) {
            h->a = parse_expr(p);
            h->b = optional_name(p);
        }
        h->c = parse_block(p);
        list_add(&handlers, h);
    }
    n->b = handlers.first;
    if (n->b)
        n->c = parse_else(p);
    if (parse_accept(p, TK_FINALLY)) {
        n->d = parse_block(p);
    } else if (!n->b) {
        parse_error(p, "expected 'except' or 'finally' block");
    }
    return n;
}

/* The items of a with statement, nested in each other. */
static node_t *parse_with_items(parser_t *p, bool is_async) {
    node_t *n = parse_new(p, N_WITH);
    n->op = is_async;
    n->a = parse_expr(p);
    if (parse_accept(p, TK_AS)) {
        n->b = parse_primary(p);
        parse_check_target(p, n->b, false);
    }
    n->c = parse_accept(p, TK_COMMA) ? parse_with_items(p, is_async) : parse_block(p);
    return n;
}

static node_t *parse_with(parser_t *p, bool is_async) {
    lexer_next(&p->lx);
    return parse_with_items(p, is_async);
}

/* ---- functions and classes ---- */

static void add_param(parser_t *p, node_list_t *l, node_t *n) {
    for (node_t *i = l->first; i; i = i->next)
        if (i->v == n->v && n->v)
            parse_error(p, "duplicate argument in function definition");
    list_add(l, n);
}

static node_t *parse_param(parser_t *p, param_t kind, bool annotated) {
    node_t *n = parse_new(p, N_PARAM);
    n->op = kind;
    n->v = parse_identifier(p);
    if (annotated && parse_accept(p, TK_COLON))
        parse_expr(p);
    return n;
}

/* Parameters up to the end token, which stays. lambda (end ':') has no annotations. */
node_t *parse_params(parser_t *p, token_t end) {
    node_list_t l = {0};
    param_t kind = PARAM_PLAIN;
    bool annotated = end == TK_RPAR, defaults = false, bare_star = false, done = false;
    while (p->lx.token != end) {
        if (done)
            parse_error(p, "arguments cannot follow var-keyword argument");
        if (parse_accept(p, TK_STAR)) {
            if (kind == PARAM_KW_ONLY)
                parse_error(p, "* argument may appear only once");
            kind = PARAM_KW_ONLY;
            bare_star = p->lx.token == TK_COMMA;
            if (!bare_star)
                add_param(p, &l, parse_param(p, PARAM_ARGS, annotated));
        } else if (parse_accept(p, TK_DSTAR)) {
            if (bare_star)
                parse_error(p, "named arguments must follow bare *");
            add_param(p, &l, parse_param(p, PARAM_KWARGS, annotated));
            done = true;
        } else if (p->lx.token == TK_SLASH) {
            if (!l.first || kind == PARAM_KW_ONLY || l.first->op == PARAM_POS_ONLY)
                parse_error(p, "invalid syntax");
            lexer_next(&p->lx);
            for (node_t *n = l.first; n; n = n->next)
                n->op = PARAM_POS_ONLY;
        } else {
            node_t *n = parse_param(p, kind, annotated);
            bare_star = false;
            if (parse_accept(p, TK_ASSIGN)) {
                n->b = parse_expr(p);
                defaults = true;
            } else if (defaults && kind == PARAM_PLAIN) {
                parse_error(p, "non-default argument follows default argument");
            }
            add_param(p, &l, n);
        }
        if (!parse_accept(p, TK_COMMA))
            break;
    }
    if (bare_star)
        parse_error(p, "named arguments must follow bare *");
    return l.first;
}

static node_t *parse_def(parser_t *p, node_t *decorators, bool is_async) {
    node_t *n = parse_new_after(p, N_DEF);
    n->op = is_async;
    n->e = decorators;
    n->d = parse_name_node(p, parse_identifier(p));
    parse_expect(p, TK_LPAR, "expected '('");
    n->a = parse_params(p, TK_RPAR);
    parse_expect(p, TK_RPAR, "invalid syntax");
    if (parse_accept(p, TK_ARROW))
        parse_expr(p);
    bool outer = p->in_function;
    p->in_function = true;
    n->b = parse_block(p);
    p->in_function = outer;
    return n;
}

static node_t *parse_class(parser_t *p, node_t *decorators) {
    node_t *n = parse_new_after(p, N_CLASS);
    n->e = decorators;
    n->d = parse_name_node(p, parse_identifier(p));
    if (parse_accept(p, TK_LPAR))
        n->a = parse_arguments(p);
    bool outer = p->in_function;
    p->in_function = false;
    n->b = parse_block(p);
    p->in_function = outer;
    return n;
}

static node_t *parse_async(parser_t *p, node_t *decorators) {
    lexer_next(&p->lx);
    if (p->lx.token == TK_DEF)
        return parse_def(p, decorators, true);
    if (!p->in_function || decorators)
        parse_error(p, "'async' outside function");
    if (p->lx.token == TK_FOR)
        return parse_for(p, true);
    if (p->lx.token == TK_WITH)
        return parse_with(p, true);
    parse_error(p, "invalid syntax");
}

static node_t *parse_decorated(parser_t *p) {
    node_list_t l = {0};
    while (parse_accept(p, TK_AT)) {
        list_add(&l, parse_named(p));
        parse_expect(p, TK_NEWLINE, "invalid syntax");
    }
    if (p->lx.token == TK_DEF)
        return parse_def(p, l.first, false);
    if (p->lx.token == TK_ASYNC)
        return parse_async(p, l.first);
    if (p->lx.token != TK_CLASS)
        parse_error(p, "invalid syntax");
    return parse_class(p, l.first);
}

/* ---- simple statements ---- */

/* a.b.c; the token behind it is next */
static val_t parse_dotted(parser_t *p) {
    val_t name = parse_identifier(p);
    while (parse_accept(p, TK_DOT)) {
        val_t part = parse_identifier(p);
        name = str_concat(str_concat(name, VQ(dot)), part);
    }
    return V_OBJ(str_intern_val(name));
}
QNAME(dot, ".")

static node_t *parse_import(parser_t *p) {
    node_list_t l = {0};
    lexer_next(&p->lx);
    do {
        node_t *n = parse_new(p, N_IMPORT);
        n->v = parse_dotted(p);
        n->b = optional_name(p);
        list_add(&l, n);
    } while (parse_accept(p, TK_COMMA));
    return l.first;
}

static node_t *parse_from(parser_t *p) {
    node_t *n = parse_new_after(p, N_FROM);
    unsigned level = 0;
    for (;; lexer_next(&p->lx)) {
        if (p->lx.token == TK_DOT)
            level++;
        else if (p->lx.token == TK_ELLIPSIS)
            level += 3;
        else
            break;
    }
    if (level > 255)
        parse_error(p, "too many dots");
    n->op = (uint8_t)level;
    if (p->lx.token != TK_IMPORT || !level)
        n->v = parse_dotted(p);
    parse_expect(p, TK_IMPORT, "expected 'import'");
    if (parse_accept(p, TK_STAR))
        return n;
    bool brackets = parse_accept(p, TK_LPAR);
    node_list_t l = {0};
    do {
        if (brackets && p->lx.token == TK_RPAR)
            break;
        node_t *alias = parse_new(p, N_ALIAS);
        alias->v = parse_identifier(p);
        alias->b = optional_name(p);
        list_add(&l, alias);
    } while (parse_accept(p, TK_COMMA));
    if (brackets)
        parse_expect(p, TK_RPAR, "invalid syntax");
    n->b = l.first;
    return n;
}

static node_t *parse_names(parser_t *p, kind_t kind) {
    node_t *n = parse_new_after(p, kind);
    node_list_t l = {0};
    do
        list_add(&l, parse_name_node(p, parse_identifier(p)));
    while (parse_accept(p, TK_COMMA));
    n->a = l.first;
    return n;
}

/* const() of the micropython module: later uses of the name are the number itself. */
static void note_const(parser_t *p, node_t *n, bool called) {
    if (p->consts && called && n->a->kind == N_NAME && !n->a->next && n->b->kind == N_CONST)
        dict_set(p->consts, n->a->v, n->b->v);
}

static node_t *parse_expr_statement(parser_t *p) {
    uint32_t line = p->lx.line;
    bool bracket = p->lx.token == TK_LPAR;
    node_t *first = parse_expr_list(p);
    token_t t = p->lx.token;
    if (first->kind == N_WALRUS && !bracket)
        parse_error(p, "invalid syntax");
    if (t == TK_ASSIGN) {
        node_t *n = parse_node(p, N_ASSIGN, line);
        node_list_t targets = {0};
        bool called = false;
        while (p->lx.token == TK_ASSIGN) {
            parse_check_target(p, first, false);
            list_add(&targets, first);
            lexer_next(&p->lx);
            called = p->lx.token == TK_NAME && p->lx.value == VQ(const);
            first = parse_expr_list(p);
        }
        n->a = targets.first;
        n->b = first;
        note_const(p, n, called);
        return n;
    }
    if (t >= TK_APLUS && t <= TK_ASHR) {
        if (first->kind != N_NAME && first->kind != N_ATTR && first->kind != N_INDEX)
            parse_error(p, "illegal expression for augmented assignment");
        node_t *n = parse_node(p, N_AUGMENT, line);
        lexer_next(&p->lx);
        n->op = parse_augmented_op(t);
        n->a = first;
        n->b = parse_expr_list(p);
        return n;
    }
    if (t == TK_COLON && (first->kind == N_NAME || first->kind == N_ATTR || first->kind == N_INDEX)) {
        lexer_next(&p->lx);
        parse_expr(p);
        node_t *n = parse_node(p, p->lx.token == TK_ASSIGN ? N_ASSIGN : N_ANNOTATION, line);
        n->a = first;
        if (parse_accept(p, TK_ASSIGN))
            n->b = parse_expr_list(p);
        return n;
    }
    node_t *n = parse_node(p, N_EXPR, line);
    n->a = first;
    return n;
}

static bool at_end(parser_t *p) {
    return p->lx.token == TK_NEWLINE || p->lx.token == TK_SEMICOLON || p->lx.token == TK_EOF;
}

static node_t *parse_simple(parser_t *p) {
    node_t *n;
    switch (p->lx.token) {
    case TK_PASS:
        return parse_new_after(p, N_PASS);
    case TK_BREAK:
        return parse_new_after(p, N_BREAK);
    case TK_CONTINUE:
        return parse_new_after(p, N_CONTINUE);
    case TK_RETURN:
        if (!p->in_function)
            parse_error(p, "'return' outside function");
        n = parse_new_after(p, N_RETURN);
        if (!at_end(p))
            n->a = parse_expr_list(p);
        return n;
    case TK_RAISE:
        n = parse_new_after(p, N_RAISE);
        if (!at_end(p)) {
            n->a = parse_expr(p);
            if (parse_accept(p, TK_FROM))
                n->b = parse_expr(p);
        }
        return n;
    case TK_ASSERT:
        n = parse_new_after(p, N_ASSERT);
        n->a = parse_expr(p);
        if (parse_accept(p, TK_COMMA))
            n->b = parse_expr(p);
        return n;
    case TK_DEL:
        n = parse_new_after(p, N_DEL);
        n->a = parse_expr_list(p);
        parse_check_target(p, n->a, true);
        return n;
    case TK_GLOBAL:
        return parse_names(p, N_GLOBAL);
    case TK_NONLOCAL:
        return parse_names(p, N_NONLOCAL);
    case TK_IMPORT:
        return parse_import(p);
    case TK_FROM:
        return parse_from(p);
    default:
        return parse_expr_statement(p);
    }
}

static node_t *parse_simple_line(parser_t *p) {
    node_list_t l = {0};
    do {
        if (l.first && at_end(p))
            break;
        for (node_t *n = parse_simple(p); n; n = n->next)
            list_add(&l, n);
    } while (parse_accept(p, TK_SEMICOLON));
    if (p->lx.token != TK_NEWLINE && p->lx.token != TK_EOF)
        parse_error(p, "invalid syntax");
    parse_accept(p, TK_NEWLINE);
    return l.first;
}

/* Those whose whole tree is wanted before there is code for the first line. */
static node_t *parse_whole(parser_t *p) {
    switch (p->lx.token) {
    case TK_TRY:
        return parse_try(p);
    case TK_DEF:
        return parse_def(p, NULL, false);
    case TK_CLASS:
        return parse_class(p, NULL);
    case TK_AT:
        return parse_decorated(p);
    case TK_ASYNC:
        return parse_async(p, NULL);
    default:
        return parse_simple_line(p);
    }
}

static node_t *parse_compound(parser_t *p) {
    vm_check_stack();
    switch (p->lx.token) {
    case TK_IF:
        return parse_if(p);
    case TK_WHILE:
        return parse_while(p);
    case TK_FOR:
        return parse_for(p, false);
    case TK_WITH:
        return parse_with(p, false);
    default: {
        uint8_t streaming = p->streaming;
        p->streaming = 0;
        node_t *n = parse_whole(p);
        p->streaming = streaming;
        return n;
    }
    }
}

/* ---- entry points ---- */

void parser_init(parser_t *p, reader_t *r, const str_t *file) {
    memset(p, 0, sizeof *p);
    lexer_init(&p->lx, r, file);
}

node_t *parse_statement(parser_t *p) {
    if (!p->begun)
        lexer_next(&p->lx);
    p->begun = true;
    while (p->lx.token == TK_NEWLINE)
        lexer_next(&p->lx);
    if (p->lx.token == TK_EOF)
        return NULL;
    if (p->lx.token == TK_INDENT)
        lexer_error(&p->lx, &type_IndentationError, "unexpected indent");
    return parse_compound(p);
}

node_t *parse_eval(parser_t *p) {
    do
        lexer_next(&p->lx);
    while (p->lx.token == TK_NEWLINE || p->lx.token == TK_INDENT);
    node_t *n = parse_node(p, N_RETURN, p->lx.line);
    n->a = parse_expr_list(p);
    while (p->lx.token == TK_NEWLINE || p->lx.token == TK_DEDENT)
        lexer_next(&p->lx);
    if (p->lx.token != TK_EOF)
        parse_error(p, "invalid syntax");
    return n;
}

node_t *parse_single(parser_t *p) { return parse_statement(p); }
