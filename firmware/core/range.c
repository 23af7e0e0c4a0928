/* SPDX-License-Identifier: MIT
 * range.c: the type range.
 */
#include "args.h"
#include "heap.h"
#include "ops.h"

static val_t item(const range_t *r, size_t i) { return int_from((intmax_t)r->start + (intmax_t)i * r->step); }

static val_t range_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 3);
    intptr_t first = int_arg(args[0]);
    return n == 1 ? range_new(0, first, 1) : range_new(first, int_arg(args[1]), n > 2 ? int_arg(args[2]) : 1);
}

static void range_print(out_t *out, val_t self, print_t how) {
    const range_t *r = (range_t *)self;
    out_printf(out, "range(%ld, %ld", r->start, r->stop);
    if (r->step != 1)
        out_printf(out, ", %ld", r->step);
    out_text(out, ")");
}

static val_t range_unary(unary_t op, val_t self) {
    const range_t *r = (range_t *)self;
    size_t n = range_len(r);
    switch (op) {
    case UN_LEN: return int_from_u(n);
    case UN_BOOL: return V_BOOL(n);
    case UN_HASH: return V_INT((n * 31 + (n ? (size_t)r->start : 0) + (n > 1 ? (size_t)r->step * 7 : 0)) & 0x3fffffff);
    default: return V_UNDEF;
    }
}

/* The index of an int in it; -1 if it is not there. */
static intptr_t find(const range_t *r, val_t v) {
    if (is_bool(v))
        v = V_INT(v == V_TRUE);
    if (!is_int(v)) {
        if (!is_float(v) || float_of(v) - float_of(v) != 0)
            return -1;
        val_t i = int_from_real(float_of(v));
        if (!is_int(i) || !op_equal(i, v))
            return -1;
        v = i;
    }
    intptr_t off = int_of(v) - r->start;
    if (off % r->step)
        return -1;
    off /= r->step;
    return off >= 0 && (size_t)off < range_len(r) ? off : -1;
}

static val_t range_binary(op_t op, val_t a, val_t b) {
    op &= OP_MASK;
    const range_t *x = (range_t *)a, *y = (range_t *)b;
    if (op == OP_CONTAINS)
        return V_BOOL(find(x, b) >= 0);
    if (op != OP_EQ || !is_exact(b, &type_range) || !is_exact(a, &type_range))
        return V_UNDEF;
    size_t n = range_len(x);
    return V_BOOL(n == range_len(y) &&
                  (n == 0 || (x->start == y->start && (n == 1 || x->step == y->step))));
}

static val_t range_index(val_t self, val_t key, val_t value) {
    const range_t *r = (range_t *)self;
    if (value)
        raise_format(&type_TypeError, "'range' object doesn't support item %s",
                     value == V_NOTIMPLEMENTED ? "deletion" : "assignment");
    if (is_exact(key, &type_slice)) {
        span_t s;
        slice_resolve((slice_t *)key, range_len(r), &s);
        intptr_t start = r->start + s.start * r->step, step = r->step * s.step;
        return range_new(start, r->start + s.stop * r->step, step);
    }
    return item(r, index_resolve(key, range_len(r), "range"));
}

static val_t range_next(iterator_t *it) {
    const range_t *r = (range_t *)it->over;
    return it->pos < range_len(r) ? item(r, it->pos++) : V_UNDEF;
}
static val_t range_iter(val_t self) { return iterator_new(self, range_next); }

static val_t range_index_method(val_t self, val_t v) {
    intptr_t i = find((range_t *)self, v);
    if (i < 0)
        raise_value("value not in range");
    return V_INT(i);
}
static val_t range_count(val_t self, val_t v) { return V_INT(find((range_t *)self, v) >= 0); }
static val_t range_get_start(val_t self) { return int_from(((range_t *)self)->start); }
static val_t range_get_stop(val_t self) { return int_from(((range_t *)self)->stop); }
static val_t range_get_step(val_t self) { return int_from(((range_t *)self)->step); }

static const dict_entry_t range_table[] = {
    METHOD_2(index, range_index_method),
    METHOD_2(count, range_count),
    PROPERTY(start, range_get_start, NULL),
    PROPERTY(stop, range_get_stop, NULL),
    PROPERTY(step, range_get_step, NULL),
};
static const dict_t range_attrs = ROM_DICT(range_table);
const type_t type_range = {TYPE_HEAD, .name = Q(range), .attrs = &range_attrs, .flags = T_NO_SUBCLASS,
    .make = range_make, .print = range_print, .unary = range_unary, .binary = range_binary,
    .index = range_index, .iter = range_iter};
