/* SPDX-License-Identifier: MIT
 * float.c: the type float. Text is in float_text.c.
 */
#include <math.h>
#include "args.h"
#include "bigint.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

val_t float_new(real_t x) {
    float_obj_t *f = heap_alloc_raw(&type_float, sizeof *f);
    f->value = x;
    return V_OBJ(f);
}

bool float_try(val_t v, real_t *x) {
    if (is_int(v))
        *x = (real_t)int_of(v);
    else if (is_float(v))
        *x = float_of(v);
    else if (is_bool(v))
        *x = v == V_TRUE;
    else if (is_exact(v, &type_int))
        *x = float_of(int_unary(UN_FLOAT, v));
    else if (!is_imm(v) && (type_of(v)->flags & T_NATIVE_BASE)) {
        val_t n = native_of(v, &type_float);
        if (!n)
            n = native_of(v, &type_int);
        return n && float_try(n, x);
    } else {
        return false;
    }
    return true;
}

real_t float_arg(val_t v) {
    real_t x;
    if (float_try(v, &x))
        return x;
    const type_t *t = type_of(v);
    val_t r = t->flags & T_CLASS && t->unary ? t->unary(UN_FLOAT, v) : V_UNDEF;
    if (r && is_float(r))
        return float_of(r);
    raise_format(&type_TypeError, "can't convert %T to float", v);
}

/* ---- operators ---- */

static val_t divmod(op_t op, real_t a, real_t b) {
    if (b == 0)
        raise_text(&type_ZeroDivisionError, "divide by zero");
    real_t m = REAL_FN(fmod)(a, b), q = (a - m) / b;
    if (m != 0) {
        if ((m < 0) != (b < 0)) {
            m += b;
            q -= 1;
        }
    } else {
        m = REAL_FN(copysign)(0, b);
    }
    if (q != 0) {
        real_t f = REAL_FN(floor)(q);
        q = q - f > REAL_C(0.5) ? f + 1 : f;
    } else {
        q = REAL_FN(copysign)(0, a / b);
    }
    if (op == OP_MOD)
        return float_new(m);
    if (op == OP_FLOORDIV)
        return float_new(q);
    const val_t both[] = {float_new(q), float_new(m)};
    return tuple_new(2, both);
}

static val_t power(real_t a, real_t b) {
    if (a == 0 && b < 0)
        raise_text(&type_ZeroDivisionError, "0.0 to a negative power");
    if (a < 0 && a - a == 0 && b - b == 0 && b != REAL_FN(floor)(b)) {
        const val_t x = float_new(a);
        return type_complex.binary(OP_POW, x, float_new(b));
    }
    real_t r = REAL_FN(pow)(a, b);
    if (r - r != 0 && a - a == 0 && b - b == 0)
        raise_text(&type_OverflowError, "float too large");
    return float_new(r);
}

/* Exactly: -1, 0, 1, or 2 if x is no number. */
static int compare_int(val_t i, real_t x) {
    if (x != x)
        return 2;
    if (x - x != 0)
        return x > 0 ? -1 : 1;
    int c = big_compare(i, big_from_real(x));
    real_t rest = x - REAL_FN(trunc)(x);
    return c ? c : rest > 0 ? -1 : rest < 0;
}

static bool is_wide_int(val_t v) {
    return (is_int(v) || is_exact(v, &type_int)) && big_bit_length(v) > (ADDER_DOUBLE ? 53 : 24);
}

static val_t compare(op_t op, int c) {
    switch (op) {
    case OP_LT: return V_BOOL(c == -1);
    case OP_LE: return V_BOOL(c <= 0);
    case OP_GT: return V_BOOL(c == 1);
    case OP_GE: return V_BOOL(c == 0 || c == 1);
    case OP_EQ: return V_BOOL(c == 0);
    default: return V_BOOL(c != 0);
    }
}

val_t float_binary(op_t op, val_t va, val_t vb) {
    op &= OP_MASK;
    real_t a, b;
    if (op >= OP_LT && op <= OP_NE) {
        if (is_wide_int(va) && is_float(vb))
            return compare(op, compare_int(va, float_of(vb)));
        if (is_wide_int(vb) && is_float(va)) {
            int c = compare_int(vb, float_of(va));
            return compare(op, c == 2 ? c : -c);
        }
    }
    if (!float_try(va, &a) || !float_try(vb, &b))
        return V_UNDEF;
    switch (op) {
    case OP_ADD: return float_new(a + b);
    case OP_SUB: return float_new(a - b);
    case OP_MUL: return float_new(a * b);
    case OP_TRUEDIV:
        if (b == 0)
            raise_text(&type_ZeroDivisionError, "divide by zero");
        return float_new(a / b);
    case OP_FLOORDIV:
    case OP_MOD:
    case OP_DIVMOD: return divmod(op, a, b);
    case OP_POW: return power(a, b);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE: return compare(op, a < b ? -1 : a > b ? 1 : a == b ? 0 : 2);
    default: return V_UNDEF;
    }
}

static val_t float_unary(unary_t op, val_t self) {
    real_t x = float_of(self);
    switch (op) {
    case UN_NEG: return float_new(-x);
    case UN_POS:
    case UN_FLOAT: return self;
    case UN_ABS: return float_new(REAL_FN(fabs)(x));
    case UN_BOOL: return V_BOOL(x != 0);
    case UN_INT: return int_from_real(x);
    case UN_HASH: {
        if (x - x != 0)
            return V_INT(x != x ? 0 : x > 0 ? 314159 : -314159);
        if (x == REAL_FN(floor)(x)) /* as the equal int */
            return int_from_real(x);
        uint32_t w[sizeof x / 4];
        memcpy(w, &x, sizeof x);
        return V_INT((w[0] ^ (sizeof x > 4 ? w[sizeof x / 4 - 1] * 31 : 0)) & 0x3fffffff);
    }
    default: return V_UNDEF;
    }
}

/* round(x, digits) for digits >= 0: by decimal text, so that it is right. */
static real_t round_digits(real_t x, intptr_t digits) {
    char buf[ADDER_DOUBLE ? 420 : 100];
    size_t len;
    vm_need_stack(2 * sizeof buf);
    if (x - x != 0 || digits > (ADDER_DOUBLE ? 330 : 50))
        return x;
    if (digits < 0) {
        if (digits < -320)
            return 0;
        real_t scale = REAL_FN(pow)(10, (real_t)-digits);
        return REAL_FN(rint)(x / scale) * scale;
    }
    if (REAL_FN(fabs)(x) > REAL_C(1e18) || !float_format(x, 'f', (int)digits, false, buf, sizeof buf, &len))
        return x;
    float_parse(buf, len, &x);
    return x;
}

val_t float_round(val_t v, val_t digits) {
    real_t x = float_of(v);
    return digits == V_NONE ? int_from_real(REAL_FN(rint)(x)) : float_new(round_digits(x, int_arg(digits)));
}

/* ---- the type ---- */

static val_t float_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    if (!n)
        return float_new(0);
    val_t v = args[0];
    real_t x;
    size_t len;
    const char *s = NULL;
    buffer_t buf;
    if (native_of(v, &type_str)) {
        s = str_arg(v, &len);
    } else if (native_of(v, &type_bytes) || native_of(v, &type_bytearray)) {
        op_buffer(v, &buf, false);
        s = buf.data;
        len = buf.size;
    }
    if (s) {
        if (!float_parse(s, len, &x))
            raise_format(&type_ValueError, "could not convert string to float: %v", v);
        return float_new(x);
    }
    if (is_float(v))
        return v;
    if (!float_try(v, &x) && type_of(v)->flags & T_CLASS) {
        val_t f = op_special(v, Q(__float__));
        if (!f && (f = op_special(v, Q(__index__))))
            return float_new(float_arg(call_1(f, v)));
    }
    return float_new(float_arg(v));
}

static void float_print(out_t *out, val_t self, print_t how) {
    char buf[FLOAT_TEXT_MAX];
    out->write(out, buf, float_repr(float_of(self), buf));
}

static val_t float_is_integer(val_t self) {
    real_t x = float_of(self);
    return V_BOOL(x - x == 0 && x == REAL_FN(floor)(x));
}
static val_t float_get_real(val_t self) { return self; }
static val_t float_get_imag(val_t self) { return float_new(0); }

static val_t float_as_integer_ratio(val_t self) {
    real_t x = float_of(self);
    int_from_real(x); /* refuses inf and nan */
    val_t den = V_INT(1);
    while (x != REAL_FN(floor)(x)) {
        x *= 2;
        den = int_binary(OP_LSHIFT, den, V_INT(1));
    }
    const val_t both[] = {int_from_real(x), den};
    return tuple_new(2, both);
}

static const dict_entry_t float_table[] = {
    METHOD_1(is_integer, float_is_integer),
    METHOD_1(as_integer_ratio, float_as_integer_ratio),
    METHOD_1(conjugate, float_get_real),
    PROPERTY(real, float_get_real, NULL),
    PROPERTY(imag, float_get_imag, NULL),
};
static const dict_t float_attrs = ROM_DICT(float_table);
const type_t type_float = {TYPE_HEAD, .name = Q(float), .attrs = &float_attrs, .make = float_make,
    .print = float_print, .unary = float_unary, .binary = float_binary};
