/* SPDX-License-Identifier: MIT
 * vm_help.c: slow paths of instructions, see vm_help.h.
 */
#include "vm_help.h"
#include "class.h"
#include "heap.h"
#include "module.h"
#include "opcodes.h"
#include "vm.h"

/* ---- frames and exceptions ---- */

val_t *vm_caller(run_t *run, val_t *r) {
    uint32_t link = (uint32_t)r[-1];
    if (link & LINK_CHUNK) {
        val_t *caller = adder.chunk->caller;
        vm_drop_chunk();
        run->chunk = adder.chunk;
        return caller;
    }
    unsigned back = link >> 8 & 255;
    switch (link & LINK_KIND) {
    case LINK_CALL:
        return r - (back + 3);
    case LINK_MAKE:
        return r - (back + 4);
    default:
        return r - back;
    }
}

/* A frame of a generator is left by an exception. */
static val_t leave_by(val_t *r, val_t exc) {
    generator_finish(r[-4]);
    if (!is_a(exc, &type_StopIteration))
        return exc;
    val_t e = exc_make(&type_RuntimeError, "generator raised StopIteration");
    exc_of(e)->cause = exc;
    return e;
}

const uint32_t *vm_unwind(run_t *run) {
    volatile val_t exc = run->c.exc; /* volatile: also in memory, for the collector */
    const uint32_t *pc = run->pc;
    val_t *r = run->r;
    for (;;) {
        const code_t *code = frame_fn(r)->code;
        const uint32_t *start = code_start(code);
        size_t at = pc > start ? (size_t)(pc - start) - 1 : 0;
        unsigned op = start[at] & 255;
        adder.top = r + code->regs;
        run->r = r;
        if (op != I_RERAISE && op != I_ENDFINALLY)
            exc_add_traceback(exc, code->file, code_line(code, at), code->name);
        const handler_t *h = (const handler_t *)code->tables->data;
        for (unsigned i = 0; i < code->handlers; i++, h++) {
            if (at >= h->start && at < h->end) {
                r[h->reg] = exc;
                return start + h->target;
            }
        }
        switch ((uint32_t)r[-1] & LINK_KIND) {
        case LINK_CALL:
        case LINK_MAKE:
            pc = (const uint32_t *)r[-2];
            r = vm_caller(run, r);
            break;
        case LINK_FOR:
            exc = leave_by(r, exc);
            pc = (const uint32_t *)r[-2];
            r = vm_caller(run, r);
            break;
        case LINK_RESUME:
            exc = leave_by(r, exc);
            /* fall through */
        default:
            adder.run = run->prev;
            adder.catcher = run->c.prev;
            raise(exc);
        }
    }
}

val_t *vm_call_slowly(run_t *run, uint32_t *kind, val_t f, val_t *base, unsigned n, unsigned nkw) {
    function_t *fn = (function_t *)f;
    const code_t *code = fn->code;
    size_t given = n + 2 * nkw;
    size_t need = given > code->regs ? given : code->regs;
    val_t *r = base;
    bool chunk = base + need + 2 * FRAME_SLACK > adder.stack_end;
    if (chunk) {
        r = vm_new_chunk(need, run->r);
        memcpy(r, base, given * sizeof(val_t));
    }
    adder.top = r + need;
    if (!(code->flags & CODE_SIMPLE) || nkw || n != code->params)
        vm_bind_args(fn, r, n, nkw);
    if (code->flags & CODE_GENERATOR) {
        base[-3] = generator_new(fn, r);
        if (chunk)
            vm_drop_chunk();
        adder.top = run->r + frame_fn(run->r)->code->regs;
        return NULL;
    }
    if (chunk) {
        *kind |= LINK_CHUNK;
        run->chunk = adder.chunk;
    }
    return r;
}

val_t vm_call_unpacked(val_t *a) {
    const list_t *l = list_of(a[3]);
    const dict_t *d = a[4] == V_NONE ? NULL : dict_of(a[4]);
    unsigned nkw = d ? dict_len(d) : 0;
    vals_t *args = vals_new(l->n + 2 * nkw);
    memcpy(args->v, l->items->v, l->n * sizeof(val_t));
    unsigned pos = 0, i = (unsigned)l->n;
    val_t k, v;
    while (d && dict_next(d, &pos, &k, &v)) {
        if (!is_str(k))
            raise_type("keywords must be strings");
        args->v[i++] = V_OBJ(str_intern_val(k));
        args->v[i++] = v;
    }
    val_t result = call(a[0], (unsigned)l->n, nkw, args->v);
    heap_free(args);
    return result;
}

/* ---- names ---- */

void vm_unbound(const str_t *name) {
    raise_format(&type_NameError, "free variable '%q' referenced before assignment", name);
}

val_t vm_find_global(const dict_t *globals, const str_t *name) {
    val_t v = dict_get_str(globals, name);
    if (!v)
        v = dict_get_str(&builtins_dict, name);
    if (!v)
        raise_format(&type_NameError, "name '%q' isn't defined", name);
    return v;
}

/* Finds the name and leaves a hint in the instruction: the number of its entry in the globals, or, as
 * GETBUILTIN, that of the builtin together with what tells that no such global has come. */
val_t vm_get_global(uint32_t *ins, const dict_t *globals, const str_t *name) {
    int i = dict_find_str(globals, name);
    uint32_t a = ins[0] & 0xff00;
    if (i >= 0) {
        ins[0] = I_GETGLOBAL | a | (uint32_t)(i < 256 ? i : 0) << 16;
        return globals->block->e[i].value;
    }
    i = dict_find_str(&builtins_dict, name);
    if (i < 0)
        raise_format(&type_NameError, "name '%q' isn't defined", name);
    if (i < 256 && globals->used < 0xffff) {
        ins[0] = I_GETBUILTIN | a | (uint32_t)i << 16 | (uint32_t)adder.epoch << 24;
        ins[1] = (ins[1] & 0xffff) | globals->used << 16;
    }
    return builtins_dict.block->e[i].value;
}

void vm_set_global(uint32_t *ins, dict_t *globals, const str_t *name, val_t v) {
    dict_set_str(globals, name, v);
    int i = dict_find_str(globals, name);
    if (i < 256)
        ins[0] = (ins[0] & 0xffff) | (uint32_t)i << 16;
}

/* ---- attributes ---- */

static void set_hint(uint32_t *ins, int i) {
    if (i >= 0 && i < 256)
        ins[0] = (ins[0] & 0xffffff) | (uint32_t)i << 24;
}

val_t vm_get_attr(uint32_t *ins, val_t obj, const str_t *name) {
    const type_t *t = type_of(obj);
    const dict_t *d = FIELD(t, flags) & T_HAS_DICT ? (const dict_t *)obj
                      : t == &type_module ? ((module_t *)obj)->dict : NULL;
    if (d) {
        int i = dict_find_str(d, name);
        if (i >= 0 && !is_exact(d->block->e[i].value, &type_getset)) {
            set_hint(ins, i);
            return d->block->e[i].value;
        }
    }
    return op_get_attr(obj, name);
}

void vm_set_attr(uint32_t *ins, val_t obj, const str_t *name, val_t v) {
    op_set_attr(obj, name, v);
    const type_t *t = type_of(obj);
    if ((FIELD(t, flags) & (T_HAS_DICT | T_HAS_SETATTR | T_EXC)) == T_HAS_DICT)
        set_hint(ins, dict_find_str((const dict_t *)obj, name));
}

void vm_get_method(val_t obj, const str_t *name, val_t *to) {
    const type_t *t = type_of(obj);
    if (t != &type_type && t != &type_module && !t->attr) {
        val_t v = FIELD(t, flags) & T_HAS_DICT ? dict_get_str(instance_dict(obj), name) : V_UNDEF;
        if (!v) {
            v = type_lookup(t, name);
            if (is_obj(v) && v) {
                const type_t *vt = obj_of(v)->type;
                if (vt == &type_function || vt == &type_native) {
                    to[3] = vt == &type_native && FIELD(t, flags) & T_NATIVE_BASE
                                ? class_self_for_native(obj, v, name) : obj;
                    to[0] = v;
                    return;
                }
            }
        }
    }
    to[0] = op_get_attr(obj, name);
    to[3] = V_UNDEF;
}

/* ---- iteration ---- */

void vm_for_range(val_t *a, unsigned n) {
    const val_t *v = a + 3;
    if (a[0] == V_OBJ(&type_range) && is_int(v[0]) && (n < 2 || is_int(v[1])) &&
        (n < 3 || (is_int(v[2]) && v[2] != V_INT(0)))) {
        range_t r = {NULL, n == 1 ? 0 : int_of(v[0]), n == 1 ? int_of(v[0]) : int_of(v[1]),
                     n == 3 ? int_of(v[2]) : 1};
        size_t count = range_len(&r);
        if (count <= (size_t)V_INT_MAX) {
            a[0] = V_INT(count);
            a[1] = V_INT(r.start);
            a[2] = (val_t)r.step << 1;
            return;
        }
    }
    a[0] = op_iter(call(a[0], n, 0, v));
}

void vm_unpack(val_t v, val_t *to, unsigned before, bool star, unsigned after) {
    size_t n;
    const val_t *items;
    list_t *copy = NULL;
    if (!seq_items(v, &n, &items)) {
        val_t it = op_iter(v), item;
        copy = list_of(list_new(0, NULL));
        while ((star || copy->n <= before) && (item = op_next(it)))
            list_append(copy, item);
        n = copy->n;
        items = copy->items->v;
    }
    if (n < before + after)
        raise_format(&type_ValueError, "not enough values to unpack (expected %s%u, got %u)",
                     star ? "at least " : "", before + after, (unsigned)n);
    if (!star && n > before)
        raise_format(&type_ValueError, "too many values to unpack (expected %u)", before);
    val_t rest = V_UNDEF;
    if (star) {
        size_t middle = n - before - after;
        rest = list_new(middle, middle ? items + before : NULL);
    }
    for (unsigned i = 0; i < before; i++)
        to[i] = items[i];
    if (star) {
        to[before] = rest;
        for (unsigned i = 0; i < after; i++)
            to[before + 1 + i] = items[n - after + i];
    }
}

/* ---- building ---- */

val_t vm_build_set(unsigned n, const val_t *items) {
    val_t s = set_new(&type_set);
    for (unsigned i = 0; i < n; i++)
        set_add(set_of(s), items[i]);
    return s;
}

val_t vm_build_dict(unsigned n, const val_t *pairs) {
    val_t d = dict_new(n);
    for (unsigned i = 0; i < n; i++)
        dict_set(dict_of(d), pairs[2 * i], pairs[2 * i + 1]);
    return d;
}

void vm_set_extend(val_t set, val_t iterable) {
    val_t it = op_iter(iterable), v;
    while ((v = op_next(it)))
        set_add(set_of(set), v);
}

void vm_dict_extend(dict_t *d, val_t from, bool keywords) {
    val_t native = native_of(from, &type_dict);
    val_t k, v;
    if (native) {
        unsigned pos = 0;
        while (dict_next(dict_of(native), &pos, &k, &v)) {
            if (keywords && dict_get(d, k))
                raise_format(&type_TypeError, "function got multiple values for keyword argument '%V'", k);
            dict_set(d, k, v);
        }
        return;
    }
    val_t it = op_iter(call_method(from, Q(keys), 0, NULL));
    while ((k = op_next(it)))
        dict_set(d, k, op_get_item(from, k));
}

val_t vm_format(const val_t *v, unsigned how) {
    val_t x = v[0];
    char conversion = (char)(how & 127);
    if (conversion)
        x = conversion == 's' ? op_str(x) : op_repr(x);
    if (!(how & 128)) {
        if (is_str(x))
            return x;
        if (!(type_of(x)->flags & T_CLASS))
            return op_str(x);
    }
    return op_format(x, how & 128 ? v[1] : VQ(empty));
}

val_t vm_concat(const val_t *parts, unsigned n) {
    if (n == 1)
        return parts[0];
    size_t total = 0;
    for (unsigned i = 0; i < n; i++)
        total += str_of(parts[i])->len;
    str_t *s = str_alloc(&type_str, total);
    char *p = s->data;
    uint8_t flags = STR_ASCII;
    for (unsigned i = 0; i < n; i++) {
        const str_t *part = str_of(parts[i]);
        memcpy(p, part->data, part->len);
        p += part->len;
        flags &= part->flags;
    }
    s->flags = flags;
    return V_OBJ(s);
}

val_t vm_make_function(val_t *r, val_t code, unsigned defaults) {
    code_t *c = (code_t *)code;
    function_t *outer = frame_fn(r);
    function_t *f = HEAP_NEW(&type_function, function_t);
    f->code = c;
    f->globals = outer->globals;
    if (defaults != 255) {
        f->defaults = r[defaults] == V_NONE ? NULL : tuple_of(r[defaults]);
        f->kw_defaults = r[defaults + 1] == V_NONE ? NULL : dict_of(r[defaults + 1]);
    }
    if (c->captures) {
        const uint8_t *p = c->tables->data + c->handlers * sizeof(handler_t);
        f->cells = vals_new(c->captures);
        for (unsigned i = 0; i < c->captures; i++, p += 2)
            f->cells->v[i] = p[0] ? r[p[1]] : outer->cells->v[p[1]];
    }
    return V_OBJ(f);
}

val_t vm_make_class(val_t *a, unsigned n, str_t *name) {
    val_t attrs = dict_new(0);
    function_t *body = (function_t *)a[0];
    val_t module = dict_get_str(body->globals, Q(__name__));
    if (module)
        dict_set_str(dict_of(attrs), Q(__module__), module);
    call_1(a[0], attrs);
    val_t cell = dict_delete(dict_of(attrs), VQ(__classcell__));
    val_t cls = class_new(name, tuple_of(tuple_new(n, a + 3)), dict_of(attrs));
    if (cell)
        ((cell_t *)cell)->value = cls;
    return cls;
}

/* ---- raise, with ---- */

static val_t make_exc(val_t v) {
    if (is_exact(v, &type_type) && ((const type_t *)v)->flags & T_EXC)
        v = call_0(v);
    if (!is_exc(v))
        raise_type("exceptions must derive from BaseException");
    return v;
}

void vm_raise(val_t v, val_t cause) {
    v = make_exc(v);
    if (cause)
        exc_of(v)->cause = cause == V_NONE ? V_NONE : make_exc(cause);
    raise(v);
}

void vm_with_enter(val_t *exit, val_t *context, bool is_async) {
    val_t obj = *context;
    *exit = op_get_attr(obj, is_async ? Q(__aexit__) : Q(__exit__));
    *context = call_method(obj, is_async ? Q(__aenter__) : Q(__enter__), 0, NULL);
}

void vm_with_exit(val_t *x, bool is_async) {
    bool raised = x[1] == V_INT(1);
    const val_t args[] = {raised ? V_OBJ(type_of(x[2])) : V_NONE, raised ? x[2] : V_NONE, V_NONE};
    val_t v = call(x[0], 3, 0, args);
    if (is_async)
        x[0] = v;
    else if (raised && op_is_true(v))
        x[1] = V_INT(0);
}

void vm_print_result(val_t v, dict_t *globals) {
    if (v == V_NONE)
        return;
    out_value(&out_console, v, PRINT_REPR);
    out_text(&out_console, "\n");
    dict_set_str(globals, Q(_), v);
}
