/* SPDX-License-Identifier: MIT
 * call.c: functions, methods, cells as objects; distributing arguments; calling from C; the value
 * stack's chunks.
 */
#include "args.h"
#include "heap.h"
#include "opcodes.h"
#include "ops.h"
#include "port.h"
#include "vm.h"
#include "vm_frame.h"

/* ---- the value stack ---- */

void vm_set_chunk(void *chunk) {
    adder.chunk = chunk;
    adder.stack_end = adder.chunk ? adder.chunk->end - FRAME_SLACK : NULL;
}

val_t *vm_new_chunk(size_t n, val_t *caller) {
    size_t need = n + FRAME_HEAD + FRAME_SLACK;
    size_t words = need > ADDER_STACK_CHUNK ? need : ADDER_STACK_CHUNK;
    uintptr_t total = adder.chunk ? adder.chunk->total : 0;
    uintptr_t limit = adder.heap.cells / 2; /* a quarter of the heap */
    if (limit > ADDER_MAX_DEPTH * 32u)
        limit = ADDER_MAX_DEPTH * 32u;
    if (total + words > limit && adder.chunk)
        raise_text(&type_RuntimeError, "maximum recursion depth exceeded");
    stack_chunk_t *c = adder.spare;
    adder.spare = NULL;
    if (!c || (size_t)(c->end - c->words) < words) {
        c = heap_alloc_raw(&type_raw, sizeof *c + words * sizeof(val_t));
        c->end = c->words + words;
    }
    c->size = 0;
    c->prev = adder.chunk;
    c->saved_top = c->words;
    c->caller = caller;
    c->total = total + words;
    if (adder.chunk)
        adder.chunk->saved_top = adder.top;
    vm_set_chunk(c);
    adder.top = c->words;
    return c->words + FRAME_HEAD;
}

void vm_drop_chunk(void) {
    stack_chunk_t *c = adder.chunk;
    adder.spare = c;
    vm_set_chunk(c->prev);
}

/* ---- arguments ---- */

static const str_t *param_name(const code_t *code, unsigned i) {
    return str_of(code->consts->v[code->param_names + i]);
}

static _Noreturn void missing(const function_t *f, unsigned i) {
    raise_format(&type_TypeError, "%q() missing required argument: '%q'", f->code->name,
                 param_name(f->code, i));
}

static void bind_keywords(function_t *f, val_t *r, unsigned nkw, const val_t *kw, val_t rest) {
    const code_t *code = f->code;
    unsigned named = code->params + code->kw_only;
    for (unsigned k = 0; k < nkw; k++) {
        unsigned i = code->pos_only;
        while (i < named && V_OBJ(param_name(code, i)) != kw[2 * k])
            i++;
        if (i < named) {
            if (r[i])
                raise_format(&type_TypeError, "%q() got multiple values for argument '%q'",
                             code->name, str_of(kw[2 * k]));
            r[i] = kw[2 * k + 1];
        } else if (rest) {
            dict_set(dict_of(rest), kw[2 * k], kw[2 * k + 1]);
        } else {
            raise_format(&type_TypeError, "%q() got an unexpected keyword argument '%q'", code->name,
                         str_of(kw[2 * k]));
        }
    }
}

void vm_bind_args(function_t *f, val_t *r, unsigned n, unsigned nkw) {
    const code_t *code = f->code;
    unsigned params = code->params, named = params + code->kw_only;
    val_t kw[nkw * 2 + 1], rest = V_UNDEF, extra = V_UNDEF;
    memcpy(kw, r + n, nkw * 2 * sizeof(val_t));
    if (code->flags & CODE_VARARGS)
        extra = n > params ? tuple_new(n - params, r + params) : V_OBJ(&tuple_empty);
    else if (n > params)
        raise_format(&type_TypeError, "%q() takes %u positional arguments but %u were given",
                     code->name, params, n);
    if (code->flags & CODE_VARKW)
        rest = dict_new(nkw);
    for (unsigned i = n < params ? n : params; i < code->regs; i++)
        r[i] = V_UNDEF;
    if (nkw)
        bind_keywords(f, r, nkw, kw, rest);
    unsigned defaults = f->defaults ? (unsigned)f->defaults->n : 0;
    for (unsigned i = n; i < params; i++) {
        if (r[i])
            continue;
        if (i + defaults < params)
            missing(f, i);
        r[i] = f->defaults->v[i + defaults - params];
    }
    for (unsigned i = params; i < named; i++) {
        if (r[i])
            continue;
        r[i] = f->kw_defaults ? dict_get_str(f->kw_defaults, param_name(code, i)) : V_UNDEF;
        if (!r[i])
            missing(f, i);
    }
    if (extra)
        r[named++] = extra;
    if (rest)
        r[named] = rest;
}

/* ---- calling from C ---- */

val_t vm_call_native(const native_t *f, unsigned n, unsigned nkw, const val_t *args) {
    if (nkw && FIELD(f, form) != NATIVE_K)
        raise_type("function doesn't take keyword arguments");
    unsigned min = FIELD(f, min), max = FIELD(f, max);
    if (n < min || (n > max && max != ARGS_ANY))
        args_check(n, 0, min, max);
    switch (FIELD(f, form)) {
    case 0:
        return f->fn.f0();
    case 1:
        return f->fn.f1(args[0]);
    case 2:
        return f->fn.f2(args[0], args[1]);
    case 3:
        return f->fn.f3(args[0], args[1], args[2]);
    case NATIVE_V:
        return f->fn.fv(n, args);
    default:
        return f->fn.fk(n, nkw, args);
    }
}

static val_t call_function(function_t *f, val_t self, unsigned n, unsigned nkw, const val_t *args) {
    vm_check_stack();
    const code_t *code = f->code;
    val_t *top = adder.top;
    stack_chunk_t *chunk = adder.chunk;
    size_t given = n + 2 * nkw + 1;
    size_t need = given > code->regs ? given : code->regs;
    val_t *r = top + FRAME_HEAD;
    if (!adder.chunk || r + need > adder.stack_end)
        r = vm_new_chunk(need, NULL);
    unsigned i = 0;
    if (self)
        r[i++] = self;
    for (unsigned j = 0; j < n + 2 * nkw; j++)
        r[i++] = args[j];
    n += self != V_UNDEF;
    adder.top = r + need;
    r[-3] = V_OBJ(f);
    r[-1] = LINK_ENTRY;
    if (!(code->flags & CODE_SIMPLE) || n != code->params || nkw)
        vm_bind_args(f, r, n, nkw);
    val_t result;
    if (code->flags & CODE_GENERATOR) {
        result = generator_new(f, r);
    } else {
        adder.top = r + code->regs;
        result = vm_run(r, code_start(code), V_UNDEF);
    }
    if (adder.chunk != chunk)
        vm_drop_chunk();
    adder.top = top;
    return result;
}

val_t call_self(val_t fn, val_t self, unsigned n, unsigned nkw, const val_t *args) {
    if (is_exact(fn, &type_function))
        return call_function((function_t *)fn, self, n, nkw, args);
    val_t buf[n + 2 * nkw + 1];
    buf[0] = self;
    if (n + nkw)
        memcpy(buf + 1, args, (n + 2 * nkw) * sizeof(val_t));
    return call(fn, n + 1, nkw, buf);
}

val_t call(val_t fn, unsigned n, unsigned nkw, const val_t *args) {
    const type_t *t = type_of(fn);
    if (t == &type_function)
        return call_function((function_t *)fn, V_UNDEF, n, nkw, args);
    if (t == &type_native)
        return vm_call_native((const native_t *)fn, n, nkw, args);
    if (t == &type_method)
        return call_self(((method_t *)fn)->fn, ((method_t *)fn)->self, n, nkw, args);
    if (!t->call)
        raise_format(&type_TypeError, "'%T' object is not callable", fn);
    vm_check_stack();
    return t->call(fn, n, nkw, args);
}

val_t call_2(val_t fn, val_t a, val_t b) {
    const val_t args[] = {a, b};
    return call(fn, 2, 0, args);
}

val_t call_method(val_t obj, const str_t *name, unsigned n, const val_t *args) {
    return call(op_get_attr(obj, name), n, 0, args);
}

bool call_protected(val_t fn, unsigned n, const val_t *args) {
    catch_t c;
    if (TRY(c)) {
        call(fn, n, 0, args);
        catch_end(&c);
        return true;
    }
    exc_print(&out_console, c.exc);
    return false;
}

/* ---- the objects ---- */

val_t cell_new(val_t value) {
    cell_t *c = HEAP_NEW(&type_cell, cell_t);
    c->value = value;
    return V_OBJ(c);
}

val_t method_new(val_t self, val_t fn) {
    method_t *m = HEAP_NEW(&type_method, method_t);
    m->self = self;
    m->fn = fn;
    return V_OBJ(m);
}

unsigned code_line(const code_t *code, size_t at) {
    const raw_t *t = code->tables;
    unsigned line = code->first_line;
    size_t pc = 0;
    size_t i = code->handlers * sizeof(handler_t) + code->captures * 2u;
    for (; i + 1 < t->size; i += 2) {
        pc += t->data[i];
        if (pc > at)
            break;
        line += (unsigned)(int8_t)t->data[i + 1];
    }
    return line;
}

static void function_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "<function %q at %p>", ((function_t *)self)->code->name, (void *)self);
}
static val_t function_name(val_t self) { return V_OBJ(((function_t *)self)->code->name); }
static val_t function_globals(val_t self) { return V_OBJ(((function_t *)self)->globals); }
static const dict_entry_t function_table[] = {
    PROPERTY(__name__, function_name, NULL),
    PROPERTY(__qualname__, function_name, NULL),
    PROPERTY(__globals__, function_globals, NULL),
};
static const dict_t function_attrs = ROM_DICT(function_table);
static val_t any_call(val_t self, unsigned n, unsigned nkw, const val_t *args) {
    return call(self, n, nkw, args);
}
const type_t type_function = {TYPE_HEAD, .name = Q(function), .attrs = &function_attrs,
    .flags = T_FUNCTION | T_NO_SUBCLASS, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 6,
    .print = function_print, .call = any_call};

static void native_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "<function at %p>", (void *)self);
}
const type_t type_native = {TYPE_HEAD, .name = Q(builtin_function),
    .flags = T_FUNCTION | T_NO_SUBCLASS, .trace = TRACE_LEAF, .print = native_print,
    .call = any_call};

static void method_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "<bound_method %v of %T object>", ((method_t *)self)->fn, ((method_t *)self)->self);
}
static val_t method_attr(val_t self, str_t *name, val_t value) {
    method_t *m = (method_t *)self;
    if (value)
        return V_UNDEF;
    if (name == Q(__self__))
        return m->self;
    if (name == Q(__func__))
        return m->fn;
    return op_find_attr(m->fn, name);
}
static val_t method_binary(op_t op, val_t a, val_t b) {
    if ((op & OP_MASK) != OP_EQ || !is_exact(a, &type_method) || !is_exact(b, &type_method))
        return V_UNDEF;
    return V_BOOL(((method_t *)a)->self == ((method_t *)b)->self && ((method_t *)a)->fn == ((method_t *)b)->fn);
}
static val_t method_unary(unary_t op, val_t self) {
    if (op != UN_HASH)
        return V_UNDEF;
    return V_INT((((method_t *)self)->self >> 3 ^ ((method_t *)self)->fn >> 2) & 0xffffff);
}
const type_t type_method = {TYPE_HEAD, .name = Q(bound_method), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .print = method_print,
    .attr = method_attr, .binary = method_binary, .unary = method_unary, .call = any_call};

const type_t type_cell = {TYPE_HEAD, .name = Q(cell), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2};

/* consts, ins, tables, name, file */
const type_t type_code = {TYPE_HEAD, .name = Q(code), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 6};
