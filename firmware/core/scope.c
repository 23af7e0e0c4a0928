/* SPDX-License-Identifier: MIT
 * scope.c: what names mean: local, cell shared with an inner function, free (of an outer one),
 * global, or class attribute. List, set and dict comprehensions are compiled in place, so their
 * scope only renames; generator expressions are functions.
 */
#include "ast.h"
#include "parser.h"

typedef struct analyser {
    parser_t *parser;
    scope_t *scope;
} analyser_t;

static void visit(analyser_t *an, node_t *n);

static void visit_list(analyser_t *an, node_t *n) {
    for (; n; n = n->next)
        visit(an, n);
}

static _Noreturn void error(analyser_t *an, const node_t *n, const char *text) {
    an->parser->lx.line = n->line;
    parse_error(an->parser, text);
}

symbol_t *scope_find(const scope_t *s, const str_t *name) {
    symbol_t *sym = s->symbols;
    while (sym && sym->name != name)
        sym = sym->next;
    return sym;
}

static symbol_t *symbol(scope_t *s, const str_t *name) {
    symbol_t **p = &s->symbols;
    for (; *p; p = &(*p)->next)
        if ((*p)->name == name)
            return *p;
    *p = arena_alloc(sizeof(symbol_t));
    (*p)->name = name;
    return *p;
}

static scope_t *enter(analyser_t *an, scope_kind_t kind) {
    scope_t *s = arena_alloc(sizeof *s), **p = &an->scope->child;
    s->kind = (uint8_t)kind;
    s->parent = an->scope;
    while (*p)
        p = &(*p)->sibling;
    *p = s;
    an->scope = s;
    return s;
}

/* A scope with a frame of its own: where yield and := belong. */
static scope_t *frame_scope(scope_t *s) {
    while (s->kind == SCOPE_COMP)
        s = s->parent;
    return s;
}

static void leave(analyser_t *an) {
    scope_t *s = an->scope;
    an->scope = s->parent;
    if (s->kind == SCOPE_COMP) /* what is not bound in it is looked up outside */
        for (symbol_t *sym = s->symbols; sym; sym = sym->next)
            if (!(sym->flags & SYM_BOUND))
                symbol(an->scope, sym->name)->flags |= SYM_USED;
}

static void bind(analyser_t *an, const str_t *name) { symbol(an->scope, name)->flags |= SYM_BOUND; }
static void use(analyser_t *an, const str_t *name) { symbol(an->scope, name)->flags |= SYM_USED; }

/* A name that is unbound somewhere must be checked wherever it is read. */
static void unbind(analyser_t *an, const str_t *name) {
    symbol(an->scope, name)->flags |= SYM_BOUND | SYM_CHECK;
}

static void visit_target(analyser_t *an, node_t *n) {
    switch (n->kind) {
    case N_NAME:
        bind(an, str_of(n->v));
        break;
    case N_TUPLE:
    case N_LIST:
        for (node_t *i = n->a; i; i = i->next)
            visit_target(an, i);
        break;
    case N_STAR:
        visit_target(an, n->a);
        break;
    default:
        visit(an, n);
    }
}

static void visit_deleted(analyser_t *an, node_t *n) {
    if (n->kind == N_NAME)
        unbind(an, str_of(n->v));
    else if (n->kind == N_TUPLE || n->kind == N_LIST)
        for (node_t *i = n->a; i; i = i->next)
            visit_deleted(an, i);
    else
        visit(an, n);
}

static void visit_comp(analyser_t *an, node_t *n) {
    visit(an, n->c->b); /* the first iterable belongs to the outside */
    scope_t *s = enter(an, n->op == COMP_GENERATOR ? SCOPE_FUNCTION : SCOPE_COMP);
    n->comp_scope = s;
    if (n->op == COMP_GENERATOR) {
        s->generator = true;
        symbol(s, Q(iter0))->flags |= SYM_BOUND | SYM_PARAM;
    }
    for (node_t *c = n->c; c; c = c->next) {
        if (c->kind == N_CLAUSE_IF) {
            visit(an, c->a);
        } else {
            visit_target(an, c->a);
            if (c->op && n->op == COMP_GENERATOR)
                s->is_async = true;
            if (c != n->c)
                visit(an, c->b);
        }
    }
    visit(an, n->a);
    if (n->b)
        visit(an, n->b);
    leave(an);
}
QNAME(iter0, ".0")

static void visit_params(analyser_t *an, node_t *params) {
    for (node_t *n = params; n; n = n->next)
        symbol(an->scope, str_of(n->v))->flags |= SYM_BOUND | SYM_PARAM;
}

static void visit_function(analyser_t *an, node_t *n) {
    if (n->kind == N_DEF) {
        visit_list(an, n->e);
        bind(an, str_of(n->d->v));
    }
    for (node_t *i = n->a; i; i = i->next)
        if (i->b)
            visit(an, i->b);
    scope_t *s = enter(an, SCOPE_FUNCTION);
    n->scope = s;
    if (n->kind == N_DEF && n->op)
        s->is_async = s->generator = true;
    visit_params(an, n->a);
    visit_list(an, n->b);
    leave(an);
}

static void visit_class(analyser_t *an, node_t *n) {
    visit_list(an, n->e);
    visit_list(an, n->a);
    bind(an, str_of(n->d->v));
    n->scope = enter(an, SCOPE_CLASS);
    visit_list(an, n->b);
    leave(an);
}

static void visit_declaration(analyser_t *an, node_t *n) {
    for (node_t *i = n->a; i; i = i->next) {
        symbol_t *sym = symbol(an->scope, str_of(i->v));
        if (sym->flags & SYM_PARAM)
            error(an, n, "name is parameter and global or nonlocal");
        if (sym->flags & (SYM_BOUND | SYM_USED) && an->scope->kind != SCOPE_MODULE)
            error(an, n, "name is used prior to global or nonlocal declaration");
        if (n->kind == N_NONLOCAL && an->scope->kind == SCOPE_MODULE)
            error(an, n, "nonlocal declaration not allowed at module level");
        sym->flags |= n->kind == N_GLOBAL ? SYM_GLOBAL : SYM_NONLOCAL;
    }
}

static void visit_import(analyser_t *an, node_t *n) {
    const str_t *name = str_of(n->v);
    if (n->b)
        name = str_of(n->b->v);
    else
        for (uint32_t i = 0; i < name->len; i++)
            if (name->data[i] == '.') { /* import a.b binds a */
                name = str_intern(name->data, i);
                break;
            }
    bind(an, name);
}

static void visit_yield(analyser_t *an, node_t *n) {
    scope_t *s = frame_scope(an->scope);
    if (s->kind != SCOPE_FUNCTION)
        error(an, n, "'yield' outside function");
    if (n->kind == N_YIELD_FROM && n->op) {
        if (!s->is_async)
            error(an, n, "'await' outside async function");
    } else {
        s->generator = true;
    }
    if (n->a)
        visit(an, n->a);
}

static void visit(analyser_t *an, node_t *n) {
    vm_check_stack();
    switch ((kind_t)n->kind) {
    case N_NAME:
        use(an, str_of(n->v));
        if (n->v == VQ(super))
            use(an, Q(__class__));
        break;
    case N_CONST:
    case N_BLOCK:
    case N_PASS:
    case N_BREAK:
    case N_CONTINUE:
        break;
    case N_ATTR:
        visit(an, n->a);
        break;
    case N_KEYWORD:
        visit(an, n->b);
        break;
    case N_COMP:
        visit_comp(an, n);
        break;
    case N_LAMBDA:
    case N_DEF:
        visit_function(an, n);
        break;
    case N_CLASS:
        visit_class(an, n);
        break;
    case N_WALRUS: {
        visit(an, n->b);
        scope_t *s = an->scope, *host = frame_scope(s);
        host->walrus = true;
        for (scope_t *i = s; i != host; i = i->parent) {
            symbol_t *sym = scope_find(i, str_of(n->a->v));
            if (sym && sym->flags & SYM_BOUND)
                error(an, n, "assignment expression cannot rebind comprehension iteration variable");
        }
        symbol(host, str_of(n->a->v))->flags |= SYM_BOUND;
        if (s != host)
            symbol(s, str_of(n->a->v))->flags |= SYM_USED;
        break;
    }
    case N_YIELD:
    case N_YIELD_FROM:
        visit_yield(an, n);
        break;
    case N_ASSIGN:
        visit(an, n->b);
        for (node_t *t = n->a; t; t = t->next)
            visit_target(an, t);
        break;
    case N_AUGMENT:
        visit(an, n->b);
        visit(an, n->a);
        visit_target(an, n->a);
        break;
    case N_DEL:
        visit_deleted(an, n->a);
        break;
    case N_ANNOTATION:
        visit_target(an, n->a);
        break;
    case N_FOR:
        visit(an, n->b);
        visit_target(an, n->a);
        visit_list(an, n->c);
        visit_list(an, n->d);
        break;
    case N_WITH:
        visit(an, n->a);
        if (n->b)
            visit_target(an, n->b);
        visit_list(an, n->c);
        break;
    case N_HANDLER:
        if (n->a)
            visit(an, n->a);
        if (n->b)
            unbind(an, str_of(n->b->v));
        visit_list(an, n->c);
        break;
    case N_TRY:
        visit_list(an, n->a);
        visit_list(an, n->b);
        visit_list(an, n->c);
        visit_list(an, n->d);
        break;
    case N_GLOBAL:
    case N_NONLOCAL:
        visit_declaration(an, n);
        break;
    case N_IMPORT:
        visit_import(an, n);
        break;
    case N_FROM:
        if (!n->b && an->scope->kind != SCOPE_MODULE)
            error(an, n, "import * only allowed at module level");
        for (node_t *i = n->b; i; i = i->next)
            bind(an, str_of(i->b ? i->b->v : i->v));
        break;
    case N_COND:
    case N_SLICE:
    case N_IF:
    case N_WHILE:
        visit_list(an, n->a);
        visit_list(an, n->b);
        visit_list(an, n->c);
        break;
    case N_FORMAT:
    case N_PAIR:
    case N_BINARY:
    case N_AND:
    case N_OR:
    case N_COMPARE:
    case N_CALL:
    case N_INDEX:
    case N_CLAUSE_FOR:
    case N_RAISE:
    case N_ASSERT:
        visit_list(an, n->a);
        visit_list(an, n->b);
        break;
    default: /* one field */
        visit_list(an, n->a);
    }
}

/* ---- resolving ---- */

/* Look for a name in the functions around scope s; every function on the way passes it on. */
static bool find_outer(scope_t *s, const str_t *name) {
    for (; s; s = s->parent) {
        symbol_t *sym = scope_find(s, name);
        if (s->kind == SCOPE_MODULE)
            return false;
        if (s->kind == SCOPE_COMP) {
            if (sym && sym->flags & SYM_BOUND) {
                sym->flags |= SYM_CELL;
                return true;
            }
            continue;
        }
        if (s->kind == SCOPE_CLASS && name == Q(__class__)) {
            symbol(s, name)->flags |= SYM_CELL;
            return true;
        }
        if (sym && sym->flags & SYM_FREE)
            return true;
        if (s->kind == SCOPE_FUNCTION && sym) {
            if (sym->flags & SYM_GLOBAL)
                return false;
            if (sym->flags & SYM_BOUND && !(sym->flags & SYM_NONLOCAL)) {
                sym->flags |= SYM_CELL;
                return true;
            }
        }
        if (!find_outer(s->parent, name))
            return false;
        sym = symbol(s, name);
        sym->flags |= SYM_FREE;
        sym->index = s->frees++;
        return true;
    }
    return false;
}

static void resolve(analyser_t *an, scope_t *s) {
    vm_check_stack();
    if (s->kind == SCOPE_FUNCTION || s->kind == SCOPE_CLASS) {
        for (symbol_t *sym = s->symbols; sym; sym = sym->next) {
            bool local = sym->flags & SYM_BOUND && !(sym->flags & SYM_NONLOCAL);
            if (local || sym->flags & (SYM_GLOBAL | SYM_FREE | SYM_CELL))
                continue;
            if (find_outer(s->parent, sym->name)) {
                sym->flags |= SYM_FREE;
                sym->index = s->frees++;
            } else if (sym->flags & SYM_NONLOCAL) {
                parse_error(an->parser, "no binding for nonlocal found");
            }
        }
    }
    for (scope_t *c = s->child; c; c = c->sibling)
        resolve(an, c);
}

scope_t *scope_analyse(parser_t *p, node_t *statement) {
    analyser_t an = {p, arena_alloc(sizeof(scope_t))};
    scope_t *module = an.scope;
    visit_list(&an, statement);
    resolve(&an, module);
    return module;
}
