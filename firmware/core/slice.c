/* SPDX-License-Identifier: MIT
 * slice.c: the type slice.
 */
#include "args.h"
#include "heap.h"
#include "ops.h"

static val_t slice_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 3);
    return n == 1 ? slice_new(V_NONE, args[0], V_NONE) : slice_new(args[0], args[1], n > 2 ? args[2] : V_NONE);
}

static void slice_print(out_t *out, val_t self, print_t how) {
    const slice_t *s = (slice_t *)self;
    out_printf(out, "slice(%v, %v, %v)", s->start, s->stop, s->step);
}

static val_t slice_binary(op_t op, val_t a, val_t b) {
    const slice_t *x = (slice_t *)a, *y = (slice_t *)b;
    if ((op & OP_MASK) != OP_EQ || !is_exact(b, &type_slice) || !is_exact(a, &type_slice))
        return V_UNDEF;
    return V_BOOL(op_equal(x->start, y->start) && op_equal(x->stop, y->stop) && op_equal(x->step, y->step));
}

static val_t slice_unary(unary_t op, val_t self) { return op == UN_HASH ? V_NONE : V_UNDEF; }

static val_t slice_indices(val_t self, val_t len) {
    intptr_t n = int_arg(len);
    if (n < 0)
        raise_value("length should not be negative");
    span_t s;
    slice_resolve((slice_t *)self, (size_t)n, &s);
    const val_t r[] = {V_INT(s.start), V_INT(s.stop), V_INT(s.step)};
    return tuple_new(3, r);
}
static val_t slice_get_start(val_t self) { return ((slice_t *)self)->start; }
static val_t slice_get_stop(val_t self) { return ((slice_t *)self)->stop; }
static val_t slice_get_step(val_t self) { return ((slice_t *)self)->step; }

static const dict_entry_t slice_table[] = {
    METHOD_2(indices, slice_indices),
    PROPERTY(start, slice_get_start, NULL),
    PROPERTY(stop, slice_get_stop, NULL),
    PROPERTY(step, slice_get_step, NULL),
};
static const dict_t slice_attrs = ROM_DICT(slice_table);
const type_t type_slice = {TYPE_HEAD, .name = Q(slice), .attrs = &slice_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 4, .make = slice_make, .print = slice_print,
    .unary = slice_unary, .binary = slice_binary};
