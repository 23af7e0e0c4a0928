/* SPDX-License-Identifier: MIT
 * complex.c: the type complex.
 */
#include <math.h>
#include "args.h"
#include "heap.h"
#include "ops.h"

typedef struct complex {
    const type_t *type;
    real_t re, im;
} complex_t;

static val_t complex_new(real_t re, real_t im) {
    complex_t *c = heap_alloc_raw(&type_complex, sizeof *c);
    c->re = re;
    c->im = im;
    return V_OBJ(c);
}

static bool get(val_t v, complex_t *c) {
    val_t n = native_of(v, &type_complex);
    if (n)
        *c = *(complex_t *)n;
    else
        c->im = 0;
    return n || float_try(v, &c->re);
}

/* "1+2j", "-2.5", "3j", in parentheses or not */
static bool parse(const char *p, size_t n, real_t *re, real_t *im) {
    while (n && strchr(" \t\n\r", p[0]))
        p++, n--;
    while (n && strchr(" \t\n\r", p[n - 1]))
        n--;
    if (n > 1 && p[0] == '(' && p[n - 1] == ')')
        p++, n -= 2;
    *re = *im = 0;
    if (!n || (p[n - 1] | 32) != 'j')
        return float_parse(p, n, re);
    size_t i = --n;
    while (i > 0 && !((p[i] == '+' || p[i] == '-') && (p[i - 1] | 32) != 'e'))
        i--;
    if (i > 0 && !float_parse(p, i, re))
        return false;
    if (n - i == 0 || (n - i == 1 && (p[i] == '+' || p[i] == '-'))) {
        *im = n > i && p[i] == '-' ? -1 : 1;
        return true;
    }
    return float_parse(p + i, n - i, im);
}

static val_t complex_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(real), ARG_OBJ, {.v = V_INT(0)}},
        {Q(imag), ARG_OBJ, {.v = V_INT(0)}},
    };
    arg_t a[COUNT_OF(specs)];
    complex_t x, y;
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (native_of(a[0].v, &type_str)) {
        size_t len;
        const char *s = str_arg(a[0].v, &len);
        if (!parse(s, len, &x.re, &x.im))
            raise_value("complex() arg is a malformed string");
        return complex_new(x.re, x.im);
    }
    val_t f = op_special(a[0].v, Q(__complex__));
    if (f)
        a[0].v = call_1(f, a[0].v);
    if (!get(a[0].v, &x)) {
        x.re = float_arg(a[0].v);
        x.im = 0;
    }
    if (!get(a[1].v, &y)) {
        y.re = float_arg(a[1].v);
        y.im = 0;
    }
    return complex_new(x.re - y.im, x.im + y.re);
}

static void print_part(out_t *out, real_t x, bool sign) {
    char buf[FLOAT_TEXT_MAX];
    unsigned n = float_repr(x, buf);
    if (n > 2 && buf[n - 1] == '0' && buf[n - 2] == '.')
        n -= 2;
    if (sign && buf[0] != '-')
        out_text(out, "+");
    out->write(out, buf, n);
}

static void complex_print(out_t *out, val_t self, print_t how) {
    const complex_t *c = (complex_t *)self;
    bool both = c->re != 0 || __builtin_signbit(c->re);
    if (both) {
        out_text(out, "(");
        print_part(out, c->re, false);
    }
    print_part(out, c->im, both);
    out_text(out, both ? "j)" : "j");
}

static val_t complex_unary(unary_t op, val_t self) {
    const complex_t *c = (complex_t *)self;
    switch (op) {
    case UN_NEG: return complex_new(-c->re, -c->im);
    case UN_POS: return self;
    case UN_ABS: return float_new(REAL_FN(hypot)(c->re, c->im));
    case UN_BOOL: return V_BOOL(c->re != 0 || c->im != 0);
    case UN_HASH: {
        val_t re = float_new(c->re);
        if (c->im == 0) /* as the equal float */
            return re;
        return V_INT((op_hash(re) + 1000003 * op_hash(float_new(c->im))) & 0x3fffffff);
    }
    default: return V_UNDEF;
    }
}

static val_t divide(complex_t a, complex_t b) {
    real_t d = b.re * b.re + b.im * b.im;
    if (d == 0)
        raise_text(&type_ZeroDivisionError, "complex divide by zero");
    return complex_new((a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d);
}

static val_t power(complex_t a, complex_t b) {
    if (b.re == 0 && b.im == 0)
        return complex_new(1, 0);
    if (a.re == 0 && a.im == 0) {
        if (b.im != 0 || b.re < 0)
            raise_text(&type_ZeroDivisionError, "0.0 to a complex power");
        return complex_new(0, 0);
    }
    if (b.im == 0 && b.re == REAL_FN(floor)(b.re) && REAL_FN(fabs)(b.re) <= 100) { /* exactly, by squaring */
        complex_t r = {&type_complex, 1, 0};
        for (int n = (int)REAL_FN(fabs)(b.re); n; n >>= 1) {
            if (n & 1)
                r = (complex_t){&type_complex, r.re * a.re - r.im * a.im, r.re * a.im + r.im * a.re};
            a = (complex_t){&type_complex, a.re * a.re - a.im * a.im, 2 * a.re * a.im};
        }
        return b.re < 0 ? divide((complex_t){&type_complex, 1, 0}, r) : complex_new(r.re, r.im);
    }
    real_t size = REAL_FN(hypot)(a.re, a.im), angle = REAL_FN(atan2)(a.im, a.re);
    real_t len = REAL_FN(pow)(size, b.re), at = angle * b.re;
    if (b.im != 0) {
        len /= REAL_FN(exp)(angle * b.im);
        at += b.im * REAL_FN(log)(size);
    }
    return complex_new(len * REAL_FN(cos)(at), len * REAL_FN(sin)(at));
}

static val_t complex_binary(op_t op, val_t va, val_t vb) {
    complex_t a, b;
    if (!get(va, &a) || !get(vb, &b))
        return V_UNDEF;
    switch (op & OP_MASK) {
    case OP_ADD: return complex_new(a.re + b.re, a.im + b.im);
    case OP_SUB: return complex_new(a.re - b.re, a.im - b.im);
    case OP_MUL: return complex_new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
    case OP_TRUEDIV: return divide(a, b);
    case OP_POW: return power(a, b);
    case OP_EQ: return V_BOOL(a.re == b.re && a.im == b.im);
    default: return V_UNDEF;
    }
}

static val_t complex_get_real(val_t self) { return float_new(((complex_t *)self)->re); }
static val_t complex_get_imag(val_t self) { return float_new(((complex_t *)self)->im); }
static val_t complex_conjugate(val_t self) { return complex_new(((complex_t *)self)->re, -((complex_t *)self)->im); }
static const dict_entry_t complex_table[] = {
    PROPERTY(real, complex_get_real, NULL),
    PROPERTY(imag, complex_get_imag, NULL),
    METHOD_1(conjugate, complex_conjugate),
};
static const dict_t complex_attrs = ROM_DICT(complex_table);
const type_t type_complex = {TYPE_HEAD, .name = Q(complex), .attrs = &complex_attrs, .make = complex_make,
    .print = complex_print, .unary = complex_unary, .binary = complex_binary};
