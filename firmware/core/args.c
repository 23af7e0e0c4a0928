/* SPDX-License-Identifier: MIT
 * args.c: checking and parsing arguments of native functions.
 */
#include "args.h"
#include "ops.h"

void args_check(unsigned n, unsigned nkw, unsigned min, unsigned max) {
    if (nkw)
        raise_type("function doesn't take keyword arguments");
    if (n < min || (n > max && max != ARGS_ANY)) {
        if (min == max)
            raise_format(&type_TypeError, "function takes %u positional arguments but %u were given",
                         min, n);
        raise_format(&type_TypeError, "function %s %u positional arguments but %u were given",
                     n < min ? "needs at least" : "takes at most", n < min ? min : max, n);
    }
}

val_t args_keyword(unsigned nkw, const val_t *kw, const str_t *name) {
    for (unsigned i = 0; i < nkw; i++)
        if (kw[2 * i] == V_OBJ(name))
            return kw[2 * i + 1];
    return V_UNDEF;
}

static arg_t convert(const arg_spec_t *spec, val_t v) {
    arg_t a;
    switch (spec->flags & ARG_TYPE) {
    case ARG_INT:
        a.i = int_arg(v);
        break;
    case ARG_BOOL:
        a.v = 0;
        a.b = op_is_true(v);
        break;
    default:
        a.v = v;
    }
    return a;
}

void args_parse(unsigned n, unsigned nkw, const val_t *args, unsigned count,
                const arg_spec_t *specs, arg_t *out) {
    const val_t *kw = args + n;
    unsigned taken = 0, used_kw = 0;
    for (unsigned i = 0; i < count; i++) {
        val_t v = args_keyword(nkw, kw, specs[i].name);
        if (taken < n && !(specs[i].flags & ARG_KEYWORD)) {
            if (v)
                raise_format(&type_TypeError, "function got multiple values for argument '%q'",
                             specs[i].name);
            out[i] = convert(&specs[i], args[taken++]);
        } else if (v) {
            used_kw++;
            out[i] = convert(&specs[i], v);
        } else if (specs[i].flags & ARG_REQUIRED) {
            raise_format(&type_TypeError, "function missing argument '%q'", specs[i].name);
        } else {
            out[i] = specs[i].value;
        }
    }
    if (taken < n)
        raise_format(&type_TypeError, "function takes at most %u positional arguments but %u were given",
                     taken, n);
    if (used_kw < nkw)
        raise_type("unexpected keyword argument");
}
