/* SPDX-License-Identifier: MIT
 * iterators.c: enumerate, zip, map, filter, reversed and iter(function, sentinel).
 */
#include "iterators.h"
#include "args.h"
#include "heap.h"

typedef struct iter {
    const type_t *type;
    val_t fn;   /* function, or the start of enumerate */
    val_t over; /* an iterator, or a tuple of them */
    val_t end;  /* sentinel */
} iter_t;

static val_t iter_self(val_t self) { return self; }

static val_t make(const type_t *type, val_t fn, val_t over) {
    iter_t *it = HEAP_NEW(type, iter_t);
    it->fn = fn;
    it->over = over;
    return V_OBJ(it);
}

#define ITER_TYPE(name_, q_)                                                                        \
    const type_t type_##name_ = {TYPE_HEAD, .name = q_, .trace = TRACE_WORDS,            \
        .trace_from = 1, .trace_to = 4, .make = name_##_make, .iter = iter_self, .next = name_##_next}

/* ---- enumerate ---- */

static val_t enumerate_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(iterable), ARG_OBJ | ARG_REQUIRED},
        {Q(start), ARG_OBJ, {.v = V_INT(0)}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    return make(type, a[1].v, op_iter(a[0].v));
}

static val_t enumerate_next(val_t self) {
    iter_t *it = (iter_t *)self;
    val_t v = op_next(it->over);
    if (!v)
        return V_UNDEF;
    const val_t both[] = {it->fn, v};
    it->fn = op_binary(OP_ADD, it->fn, V_INT(1));
    return tuple_new(2, both);
}
ITER_TYPE(enumerate, Q(enumerate));

/* ---- zip, map: over several ---- */

static val_t iterators_of(unsigned n, const val_t *args) {
    val_t t = tuple_new(n, NULL);
    for (unsigned i = 0; i < n; i++)
        tuple_of(t)->v[i] = op_iter(args[i]);
    return t;
}

/* A tuple of the next of each; V_UNDEF as soon as one ends. */
static val_t next_of_all(val_t iterators) {
    const vals_t *from = tuple_of(iterators);
    val_t t = tuple_new(from->n, NULL);
    for (size_t i = 0; i < from->n; i++)
        if (!(tuple_of(t)->v[i] = op_next(from->v[i])))
            return V_UNDEF;
    return from->n ? t : V_UNDEF;
}

static val_t zip_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, ARGS_ANY);
    return make(type, V_NONE, iterators_of(n, args));
}
static val_t zip_next(val_t self) { return next_of_all(((iter_t *)self)->over); }
ITER_TYPE(zip, Q(zip));

static val_t map_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 2, ARGS_ANY);
    return make(type, args[0], iterators_of(n - 1, args + 1));
}
static val_t map_next(val_t self) {
    iter_t *it = (iter_t *)self;
    val_t t = next_of_all(it->over);
    return t ? call(it->fn, (unsigned)tuple_of(t)->n, 0, tuple_of(t)->v) : V_UNDEF;
}
ITER_TYPE(map, Q(map));

/* ---- filter ---- */

static val_t filter_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 2, 2);
    return make(type, args[0], op_iter(args[1]));
}
static val_t filter_next(val_t self) {
    iter_t *it = (iter_t *)self;
    val_t v;
    while ((v = op_next(it->over)))
        if (op_is_true(it->fn == V_NONE ? v : call_1(it->fn, v)))
            return v;
    return V_UNDEF;
}
ITER_TYPE(filter, Q(filter));

/* ---- reversed ---- */

static val_t reversed_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 1);
    val_t f = op_find_attr(args[0], Q(__reversed__));
    if (f)
        return call_0(f);
    if (!type_of(args[0])->index || native_of(args[0], &type_dict))
        raise_format(&type_TypeError, "'%T' object is not reversible", args[0]);
    return make(type, V_INT(op_len(args[0])), args[0]);
}
static val_t reversed_next(val_t self) {
    iter_t *it = (iter_t *)self;
    if (int_of(it->fn) <= 0)
        return V_UNDEF;
    it->fn -= 2; /* one less */
    return op_get_item(it->over, it->fn);
}
ITER_TYPE(reversed, Q(reversed));

/* ---- iter(function, sentinel) ---- */

static val_t calls_next(val_t self) {
    iter_t *it = (iter_t *)self;
    if (!it->fn)
        return V_UNDEF;
    val_t v = call_0(it->fn);
    if (!op_equal(v, it->end))
        return v;
    it->fn = V_UNDEF;
    return V_UNDEF;
}
static const type_t type_calls = {TYPE_HEAD, .name = Q(callable_iterator), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 4, .iter = iter_self, .next = calls_next};

val_t iter_calls(val_t fn, val_t end) {
    val_t it = make(&type_calls, fn, V_NONE);
    ((iter_t *)it)->end = end;
    return it;
}
