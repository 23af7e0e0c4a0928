/* SPDX-License-Identifier: MIT
 * codegen.c: names; building code objects.
 */
#include "codegen.h"
#include "heap.h"
#include "vm.h"

_Noreturn void gen_error(gen_t *g, const char *text) {
    g->parser->lx.line = g->line;
    lexer_error(&g->parser->lx, &type_SyntaxError, text);
}

/* ---- names ---- */

static bool bound_get(const gen_t *g, unsigned reg) {
    return reg / 32 < BOUND_WORDS && g->bound.w[reg / 32] >> reg % 32 & 1;
}
void bound_set(gen_t *g, unsigned reg) {
    if (reg / 32 < BOUND_WORDS)
        g->bound.w[reg / 32] |= 1u << reg % 32;
}
void bound_clear(gen_t *g, unsigned reg) {
    if (reg / 32 < BOUND_WORDS)
        g->bound.w[reg / 32] &= ~(1u << reg % 32);
}
void bound_all(gen_t *g) { memset(&g->bound, 0xff, sizeof g->bound); }
void bound_meet(bound_t *b, const bound_t *other) {
    for (unsigned i = 0; i < BOUND_WORDS; i++)
        b->w[i] &= other->w[i];
}

var_t resolve_name(gen_t *g, const str_t *name, symbol_t **sym) {
    scope_t *s = g->scope;
    for (; s->kind == SCOPE_COMP; s = s->parent)
        if ((*sym = scope_find(s, name)) && (*sym)->flags & SYM_BOUND)
            return (*sym)->flags & SYM_CELL ? VAR_CELL : VAR_LOCAL;
    if (s->kind == SCOPE_MODULE)
        return VAR_GLOBAL;
    *sym = scope_find(s, name);
    if (!*sym || (*sym)->flags & SYM_GLOBAL)
        return VAR_GLOBAL;
    if (s->kind == SCOPE_CLASS) {
        if ((*sym)->flags & SYM_CELL)
            return VAR_CELL;
        if ((*sym)->flags & SYM_BOUND && !((*sym)->flags & SYM_NONLOCAL))
            return VAR_NAME;
    }
    if ((*sym)->flags & SYM_FREE)
        return VAR_FREE;
    if (!((*sym)->flags & SYM_BOUND))
        return VAR_GLOBAL;
    return (*sym)->flags & SYM_CELL ? VAR_CELL : VAR_LOCAL;
}

static bool surely_bound(gen_t *g, const symbol_t *sym) {
    return !(sym->flags & SYM_CHECK) && bound_get(g, sym->reg);
}

static void check_local(gen_t *g, const symbol_t *sym) {
    if (surely_bound(g, sym))
        return;
    emit_i(g, I_CHECK, sym->reg, (int)constant(g, V_OBJ(sym->name)));
    if (sym->reg < g->check_from)
        g->check_from = sym->reg;
    if (sym->reg >= g->check_to)
        g->check_to = sym->reg + 1u;
    bound_set(g, sym->reg);
}

int local_reg(gen_t *g, const node_t *n) {
    symbol_t *sym;
    if (n->kind != N_NAME || g->frame->walrus || resolve_name(g, str_of(n->v), &sym) != VAR_LOCAL)
        return -1;
    check_local(g, sym);
    return sym->reg;
}

void load_name(gen_t *g, const str_t *name, unsigned dst) {
    symbol_t *sym;
    switch (resolve_name(g, name, &sym)) {
    case VAR_LOCAL:
        check_local(g, sym);
        if (sym->reg != dst)
            emit(g, I_MOVE, dst, sym->reg, 0);
        break;
    case VAR_CELL:
        emit_x(g, I_GETCELL, dst, sym->reg, 0, constant(g, V_OBJ(name)));
        break;
    case VAR_FREE:
        emit_x(g, I_GETFREE, dst, sym->index, 0, constant(g, V_OBJ(name)));
        break;
    case VAR_NAME:
        emit_x(g, I_GETNAME, dst, 0, 0, constant(g, V_OBJ(name)));
        break;
    default:
        emit_x(g, I_GETGLOBAL, dst, 0, 0, constant(g, V_OBJ(name)));
    }
}

void store_name(gen_t *g, const str_t *name, unsigned src) {
    symbol_t *sym;
    switch (resolve_name(g, name, &sym)) {
    case VAR_LOCAL:
        if (sym->reg != src)
            emit(g, I_MOVE, sym->reg, src, 0);
        bound_set(g, sym->reg);
        break;
    case VAR_CELL:
        emit(g, I_SETCELL, sym->reg, src, 0);
        break;
    case VAR_FREE:
        emit(g, I_SETFREE, sym->index, src, 0);
        break;
    case VAR_NAME:
        emit_x(g, I_SETNAME, src, 0, 0, constant(g, V_OBJ(name)));
        break;
    default:
        emit_x(g, I_SETGLOBAL, src, 0, 0, constant(g, V_OBJ(name)));
    }
}

void delete_name(gen_t *g, const str_t *name) {
    symbol_t *sym;
    unsigned saved = g->next;
    switch (resolve_name(g, name, &sym)) {
    case VAR_LOCAL:
        bound_clear(g, sym->reg);
        check_local(g, sym);
        emit_i(g, I_LOADI, sym->reg, 0);
        bound_clear(g, sym->reg);
        break;
    case VAR_CELL:
    case VAR_FREE: {
        unsigned t = alloc(g, 1);
        load_name(g, name, t); /* raises if it is not bound */
        emit_i(g, I_LOADI, t, 0);
        store_name(g, name, t);
        break;
    }
    case VAR_NAME:
        emit_x(g, I_DELNAME, 0, 0, 0, constant(g, V_OBJ(name)));
        break;
    default:
        emit_x(g, I_DELGLOBAL, 0, 0, 0, constant(g, V_OBJ(name)));
    }
    g->next = saved;
}

/* ---- functions ---- */

static void bind_symbol(gen_t *g, symbol_t *sym) {
    sym->reg = (uint8_t)alloc(g, 1);
    bound_clear(g, sym->reg);
    if (sym->flags & SYM_CELL)
        emit(g, I_NEWCELL, sym->reg, 0, 0);
}

void bind_symbols(gen_t *g, scope_t *s) {
    for (symbol_t *sym = s->symbols; sym; sym = sym->next) {
        bool local = sym->flags & SYM_BOUND && !(sym->flags & (SYM_GLOBAL | SYM_NONLOCAL | SYM_PARAM));
        if (s->kind == SCOPE_CLASS)
            local = sym->flags & SYM_CELL;
        if (local)
            bind_symbol(g, sym);
    }
}

static symbol_t *param(gen_t *g, code_t *code, const str_t *name) {
    symbol_t *sym = scope_find(g->frame, name);
    sym->reg = (uint8_t)alloc(g, 1);
    bound_set(g, sym->reg);
    list_append(g->consts, V_OBJ(name));
    return sym;
}

/* Registers in the order of code_t: positional, keyword only, *args, **kw. */
static void gen_params(gen_t *g, node_t *params, code_t *code) {
    static const struct {
        param_t first, last;
    } order[] = {{PARAM_POS_ONLY, PARAM_PLAIN}, {PARAM_KW_ONLY, PARAM_KW_ONLY},
                 {PARAM_ARGS, PARAM_ARGS}, {PARAM_KWARGS, PARAM_KWARGS}};
    code->param_names = (uint16_t)g->consts->n;
    bool defaults = false;
    for (unsigned i = 0; i < COUNT_OF(order); i++) {
        for (node_t *n = params; n; n = n->next) {
            if (n->op < order[i].first || n->op > order[i].last)
                continue;
            param(g, code, str_of(n->v));
            defaults |= n->b != NULL;
            code->params += i == 0;
            code->pos_only += n->op == PARAM_POS_ONLY;
            code->kw_only += i == 1;
            code->flags |= i == 2 ? CODE_VARARGS : i == 3 ? CODE_VARKW : 0;
        }
    }
    if (!defaults && !code->kw_only && !code->flags)
        code->flags |= CODE_SIMPLE;
    for (symbol_t *sym = g->frame->symbols; sym; sym = sym->next)
        if (sym->flags & SYM_PARAM && sym->flags & SYM_CELL)
            emit(g, I_MKCELL, sym->reg, 0, 0);
}

static void gen_init(gen_t *g, parser_t *p, scope_t *s, uint32_t line) {
    memset(g, 0, sizeof *g);
    g->parser = p;
    g->scope = g->frame = s;
    g->consts = list_of(list_new(0, NULL));
    g->line = g->last_line = g->first_line = line;
    g->exc_reg = -1;
    g->check_from = MAX_REGS;
    emit(g, I_NOP, 0, 0, 0); /* becomes CLEAR if some local must be checked */
}

/* Handlers, captures and lines in one block; positions move down by `shift`. */
static raw_t *gen_tables(gen_t *g, unsigned shift, unsigned captures) {
    uint32_t h = g->handlers_n * (uint32_t)sizeof(handler_t);
    raw_t *t = heap_alloc(&type_raw, sizeof *t + h + captures * 2 + g->lines_n);
    t->size = h + captures * 2 + g->lines_n;
    for (uint32_t i = 0; i < g->handlers_n; i++) {
        handler_t e = ((handler_t *)g->handlers->data)[i];
        e.start = (uint16_t)(e.start - shift);
        e.end = (uint16_t)(e.end - shift);
        e.target = (uint16_t)(e.target - shift);
        ((handler_t *)t->data)[i] = e;
    }
    uint8_t *p = t->data + h + captures * 2;
    if (g->lines_n) {
        memcpy(p, g->lines->data, g->lines_n);
        if (shift && p[0])
            p[0]--;
    }
    return t;
}

static void gen_finish(gen_t *g, code_t *code, unsigned captures) {
    unsigned shift = 1;
    if (g->check_from < g->check_to) {
        gen_words(g)[0] = I_CLEAR | g->check_from << 8 | g->check_to << 16;
        shift = 0;
    }
    raw_t *ins = heap_alloc(&type_raw, sizeof *ins + (g->n - shift) * 4);
    ins->size = (g->n - shift) * 4;
    memcpy(ins->data, gen_words(g) + shift, ins->size);
    code->ins = ins;
    code->tables = gen_tables(g, shift, captures);
    code->consts = tuple_of(tuple_new(g->consts->n, g->consts->items->v));
    code->name = g->name;
    code->file = (str_t *)g->parser->lx.file;
    code->first_line = (uint16_t)g->first_line;
    code->regs = (uint8_t)g->max;
    code->handlers = (uint16_t)g->handlers_n;
    code->captures = (uint8_t)captures;
    if (g->frame->generator) {
        code->flags |= CODE_GENERATOR | (g->frame->is_async ? CODE_COROUTINE : 0);
        code->flags &= ~CODE_SIMPLE;
    }
    code->quick = code->flags & CODE_SIMPLE ? code->params : 255;
    heap_free(g->ins);
    heap_free(g->lines);
    heap_free(g->handlers);
}

/* Where the enclosing function finds the cells that the inner one takes along. */
static void gen_captures(gen_t *g, scope_t *inner, code_t *code) {
    uint8_t *p = code->tables->data + code->handlers * sizeof(handler_t);
    for (symbol_t *sym = inner->symbols; sym; sym = sym->next) {
        if (!(sym->flags & SYM_FREE))
            continue;
        scope_t *s = g->scope;
        symbol_t *from = NULL;
        for (; s->kind == SCOPE_COMP; s = s->parent)
            if ((from = scope_find(s, sym->name)) && from->flags & SYM_BOUND)
                break;
        if (s->kind != SCOPE_COMP)
            from = scope_find(s, sym->name);
        bool own = s->kind == SCOPE_COMP || !(from->flags & SYM_FREE);
        p[sym->index * 2] = own;
        p[sym->index * 2 + 1] = own ? from->reg : from->index;
    }
}

static void gen_body(gen_t *g, node_t *n, code_kind_t kind, code_t *code) {
    switch (kind) {
    case CODE_LAMBDA:
    case CODE_FUNCTION:
        gen_params(g, n->a, code);
        break;
    case CODE_GENEXP:
        code->params = 1;
        code->param_names = (uint16_t)g->consts->n;
        param(g, code, Q(iter0));
        break;
    case CODE_CLASS:
        code->params = 1;
        code->flags = CODE_SIMPLE;
        alloc(g, 1); /* its dict */
        break;
    default:
        code->flags = CODE_SIMPLE;
    }
    if (g->frame->kind != SCOPE_MODULE)
        bind_symbols(g, g->frame);
    g->first_temp = g->next;
    switch (kind) {
    case CODE_LAMBDA: {
        unsigned t = alloc(g, 1);
        expr(g, n->b, t);
        emit(g, I_RETURN, t, 0, 0);
        return;
    }
    case CODE_GENEXP:
        gen_comp_body(g, n, 0, 0);
        break;
    case CODE_CLASS: {
        symbol_t *cls = scope_find(g->frame, Q(__class__));
        statements(g, n->b);
        if (cls && cls->flags & SYM_CELL)
            emit_x(g, I_SETNAME, cls->reg, 0, 0, constant(g, VQ(__classcell__)));
        break;
    }
    case CODE_FUNCTION:
        statements(g, n->b);
        break;
    default:
        statements(g, n);
        if (!n)
            statements_of_file(g);
    }
    emit(g, I_RETNONE, 0, 0, 0);
}

/* In the heap, because functions nest and the C stack is small. The caller's pointer into the block keeps it alive. */
static gen_t *gen_new(void) {
    size_t n = (sizeof(gen_t) + sizeof(val_t) - 1) / sizeof(val_t);
    vals_t *v = heap_alloc_high(&type_vals, sizeof *v + n * sizeof(val_t));
    v->n = n;
    return (gen_t *)v->v;
}
static void gen_free(gen_t *g) { heap_free((char *)g - offsetof(vals_t, v)); }

void gen_function(gen_t *outer, node_t *n, code_kind_t kind, unsigned dst) {
    vm_check_stack();
    gen_t *g = gen_new();
    code_t *code = HEAP_NEW(&type_code, code_t);
    scope_t *s = kind == CODE_GENEXP ? n->comp_scope : n->scope;
    unsigned saved = outer->next, base = REG_NONE;
    /* defaults, in the enclosing function */
    unsigned defaults = 0, kw_defaults = 0;
    if (kind == CODE_FUNCTION || kind == CODE_LAMBDA)
        for (node_t *p = n->a; p; p = p->next)
            if (p->b)
                *(p->op == PARAM_KW_ONLY ? &kw_defaults : &defaults) += 1;
    if (defaults || kw_defaults) {
        base = alloc(outer, 2);
        unsigned t = outer->next;
        for (node_t *p = n->a; p; p = p->next)
            if (p->b && p->op != PARAM_KW_ONLY)
                expr(outer, p->b, alloc(outer, 1));
        if (defaults)
            emit(outer, I_TUPLE, base, t, defaults);
        else
            load_value(outer, V_NONE, base);
        outer->next = t;
        for (node_t *p = n->a; p; p = p->next)
            if (p->b && p->op == PARAM_KW_ONLY) {
                load_value(outer, p->v, alloc(outer, 1));
                expr(outer, p->b, alloc(outer, 1));
            }
        if (kw_defaults)
            emit(outer, I_DICT, base + 1, t, kw_defaults);
        else
            load_value(outer, V_NONE, base + 1);
    }
    gen_init(g, outer->parser, s, n->line);
    g->name = (str_t *)(kind == CODE_LAMBDA ? Q(lt_lambda) : kind == CODE_GENEXP ? Q(lt_genexpr)
                                                                                : str_of(n->d->v));
    gen_body(g, n, kind, code);
    gen_finish(g, code, s->frees);
    gen_free(g);
    gen_captures(outer, s, code);
    emit_x(outer, I_FUNC, dst, base, 0, constant(outer, V_OBJ(code)));
    outer->next = saved;
}
QNAME(lt_lambda, "<lambda>")
QNAME(lt_genexpr, "<genexpr>")
QNAME(lt_module, "<module>")

/* ---- entry points ---- */

NOINLINE static val_t gen_module(parser_t *p, node_t *n, bool interactive, dict_t *globals) {
    scope_t *s = scope_analyse(p, n);
    gen_t *g = gen_new();
    code_t *code = HEAP_NEW(&type_code, code_t);
    gen_init(g, p, s, n ? n->line : 1);
    g->name = (str_t *)Q(lt_module);
    g->interactive = interactive;
    gen_body(g, n, CODE_MODULE, code);
    gen_finish(g, code, 0);
    gen_free(g);
    function_t *f = HEAP_NEW(&type_function, function_t);
    f->code = code;
    f->globals = globals;
    return V_OBJ(f);
}

static int text_get(reader_t *r) { return r->text < r->end ? (unsigned char)*r->text++ : -1; }
void reader_text(reader_t *r, const char *text, size_t len) {
    r->get = text_get;
    r->data = (void *)text; /* keeps the object it is in alive */
    r->text = text;
    r->end = text + len;
}

/* Compile the next statement of the text, or all of a file; V_UNDEF at the end. */
static val_t compile_next(parser_t *p, vm_mode_t mode, bool all, dict_t *globals) {
    val_t mark = arena_mark();
    catch_t c;
    if (TRY(c)) {
        val_t f = V_UNDEF;
        p->streaming = STREAMED_LEVELS;
        node_t *n = mode == MODE_EVAL ? parse_eval(p) : all && mode == MODE_FILE ? NULL : parse_statement(p);
        if (n || all)
            f = gen_module(p, n, mode == MODE_SINGLE, globals);
        catch_end(&c);
        arena_release(mark);
        return f;
    }
    arena_release(mark);
    raise(c.exc);
}

val_t vm_compile(reader_t *r, const str_t *file, vm_mode_t mode, dict_t *globals) {
    parser_t p;
    parser_init(&p, r, file);
    return compile_next(&p, mode, true, globals);
}

val_t vm_exec(reader_t *r, const str_t *file, vm_mode_t mode, dict_t *globals) {
    parser_t p;
    parser_init(&p, r, file);
    p.consts = dict_of(dict_new(0));
    val_t result = V_NONE, f;
    while ((f = compile_next(&p, mode, false, globals))) {
        result = call_0(f);
        if (mode == MODE_EVAL)
            break;
    }
    return result;
}
