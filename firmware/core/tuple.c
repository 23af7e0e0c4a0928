/* SPDX-License-Identifier: MIT
 * tuple.c: the type tuple; comparison and printing of sequences, shared with list.c.
 */
#include "tuple.h"
#include "args.h"
#include "heap.h"
#include "vm.h"

val_t seq_compare(op_t op, val_t a, val_t b) {
    size_t na, nb;
    const val_t *x, *y;
    vm_check_stack();
    seq_items(a, &na, &x);
    seq_items(b, &nb, &y);
    if ((op == OP_EQ || op == OP_NE) && na != nb)
        return V_BOOL(op == OP_NE);
    for (size_t i = 0; i < na && i < nb; i++) {
        if (x[i] != y[i] && !op_equal(x[i], y[i])) {
            if (op == OP_EQ || op == OP_NE)
                return V_BOOL(op == OP_NE);
            return op_binary(op, x[i], y[i]);
        }
        seq_items(a, &na, &x); /* __eq__ may have changed the lists */
        seq_items(b, &nb, &y);
    }
    switch (op) {
    case OP_LT: return V_BOOL(na < nb);
    case OP_LE: return V_BOOL(na <= nb);
    case OP_GT: return V_BOOL(na > nb);
    case OP_GE: return V_BOOL(na >= nb);
    default: return V_BOOL((na == nb) == (op == OP_EQ));
    }
}

void seq_print(out_t *out, val_t v) {
    size_t n;
    const val_t *x;
    seq_items(v, &n, &x);
    for (size_t i = 0; i < n; i++) {
        if (i)
            out_text(out, ", ");
        out_value(out, x[i], PRINT_REPR);
        seq_items(v, &n, &x);
    }
}

intptr_t seq_find(val_t v, val_t item, size_t from, size_t to) {
    size_t n;
    const val_t *x;
    seq_items(v, &n, &x);
    for (size_t i = from; i < n && i < to; i++) {
        if (x[i] == item || op_equal(x[i], item))
            return (intptr_t)i;
        seq_items(v, &n, &x);
    }
    return -1;
}

val_t seq_count(val_t v, val_t item) {
    size_t n;
    const val_t *x;
    seq_items(v, &n, &x);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += x[i] == item || op_equal(x[i], item);
        seq_items(v, &n, &x);
    }
    return V_INT(count);
}

val_t seq_index(unsigned n, const val_t *args) {
    size_t len;
    const val_t *x;
    seq_items(args[0], &len, &x);
    slice_t s = {&type_slice, n > 2 ? args[2] : V_NONE, n > 3 ? args[3] : V_NONE, V_NONE};
    span_t span;
    slice_resolve(&s, len, &span);
    intptr_t i = seq_find(args[0], args[1], (size_t)span.start, (size_t)span.stop);
    if (i < 0)
        raise_value("object not in sequence");
    return V_INT(i);
}

/* The number of items of n * times; MemoryError if that cannot be. */
size_t seq_times(size_t n, val_t times) {
    intptr_t t = int_sign(times) <= 0 ? 0 : int_arg(times);
    if (n && (size_t)t > SIZE_MAX / 2 / sizeof(val_t) / n)
        raise_memory();
    return n * (size_t)t;
}

/* ---- tuple ---- */

static val_t tuple_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    return n ? tuple_from(args[0]) : V_OBJ(&tuple_empty);
}

static void tuple_print(out_t *out, val_t self, print_t how) {
    out_text(out, "(");
    seq_print(out, self);
    out_text(out, tuple_of(self)->n == 1 ? ",)" : ")");
}

static val_t tuple_unary(unary_t op, val_t self) {
    const vals_t *t = tuple_of(self);
    if (op == UN_LEN)
        return V_INT(t->n);
    if (op != UN_HASH)
        return V_UNDEF;
    uint32_t h = 3430008;
    vm_check_stack();
    for (size_t i = 0; i < t->n; i++)
        h = (h ^ op_hash(t->v[i])) * 1000003;
    return V_INT(h & 0x3fffffff);
}

static val_t tuple_binary(op_t op, val_t a, val_t b) {
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(seq_find(a, b, 0, SIZE_MAX) >= 0);
    if (op == OP_MUL) {
        val_t t = native_of(a, &type_tuple) ? a : b, times = t == a ? b : a;
        if (!is_integer(times))
            return V_UNDEF;
        const vals_t *from = tuple_of(native_of(t, &type_tuple));
        size_t n = seq_times(from->n, times);
        if (n == from->n)
            return V_OBJ(from);
        val_t r = tuple_new(n, NULL);
        for (size_t i = 0; i < n; i += from->n)
            memcpy(tuple_of(r)->v + i, from->v, from->n * sizeof(val_t));
        return r;
    }
    val_t x = native_of(a, &type_tuple), y = native_of(b, &type_tuple);
    if (!x || !y)
        return V_UNDEF;
    if (op >= OP_LT && op <= OP_NE)
        return seq_compare(op, x, y);
    if (op != OP_ADD)
        return V_UNDEF;
    const vals_t *s = tuple_of(x), *t = tuple_of(y);
    if (!s->n)
        return y;
    val_t r = tuple_new(s->n + t->n, NULL);
    memcpy(tuple_of(r)->v, s->v, s->n * sizeof(val_t));
    memcpy(tuple_of(r)->v + s->n, t->v, t->n * sizeof(val_t));
    return r;
}

static val_t tuple_index(val_t self, val_t key, val_t value) {
    const vals_t *t = tuple_of(self);
    if (value)
        raise_format(&type_TypeError, "'tuple' object doesn't support item %s",
                     value == V_NOTIMPLEMENTED ? "deletion" : "assignment");
    if (!is_exact(key, &type_slice))
        return t->v[index_resolve(key, t->n, "tuple")];
    span_t s;
    slice_resolve((slice_t *)key, t->n, &s);
    if (s.step == 1)
        return s.count == t->n ? self : tuple_new(s.count, t->v + s.start);
    val_t r = tuple_new(s.count, NULL);
    for (size_t i = 0; i < s.count; i++)
        tuple_of(r)->v[i] = t->v[s.start + (intptr_t)i * s.step];
    return r;
}

static val_t tuple_next(iterator_t *it) {
    const vals_t *t = tuple_of(it->over);
    return it->pos < t->n ? t->v[it->pos++] : V_UNDEF;
}
static val_t tuple_iter(val_t self) { return iterator_new(self, tuple_next); }

static const dict_entry_t tuple_table[] = {
    METHOD_V(index, seq_index, 2, 4),
    METHOD_2(count, seq_count),
};
static const dict_t tuple_attrs = ROM_DICT(tuple_table);
const type_t type_tuple = {TYPE_HEAD, .name = Q(tuple), .attrs = &tuple_attrs, .trace = TRACE_VALS,
    .make = tuple_make, .print = tuple_print, .unary = tuple_unary, .binary = tuple_binary,
    .index = tuple_index, .iter = tuple_iter};
