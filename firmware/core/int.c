/* SPDX-License-Identifier: MIT
 * int.c: int and bool: conversion, operators, text and bytes.
 */
#include <math.h>
#include "args.h"
#include "bigint.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

/* ---- from and to C ---- */

val_t int_from_u(uintmax_t u) {
    if (u <= (uintmax_t)V_INT_MAX)
        return V_INT(u);
    big_t *b = big_new(2, false);
    b->d[0] = (uint32_t)u;
    b->d[1] = (uint32_t)(u >> 32);
    return big_finish(b);
}

val_t int_from(intmax_t i) {
    if (V_INT_FITS(i))
        return V_INT((intptr_t)i);
    uintmax_t u = i < 0 ? (uintmax_t)0 - (uintmax_t)i : (uintmax_t)i;
    big_t *b = big_new(2, i < 0);
    b->d[0] = (uint32_t)u;
    b->d[1] = (uint32_t)(u >> 32);
    return big_finish(b);
}

val_t int_from_real(real_t x) {
    if (x != x)
        raise_value("can't convert NaN to int");
    if (REAL_FN(fabs)(x) == (real_t)INFINITY)
        raise_text(&type_OverflowError, "can't convert inf to int");
    return big_from_real(x);
}

bool is_integer(val_t v) { return is_int(v) || native_of(v, &type_int); }

/* v as an int (bool becomes one); __index__ is asked; V_UNDEF if it is none. */
static val_t as_int(val_t v) {
    if (is_int(v))
        return v;
    if (is_bool(v))
        return V_INT(v == V_TRUE);
    val_t n = native_of(v, &type_int);
    if (n)
        return n;
    val_t f = type_of(v)->flags & T_CLASS ? op_special(v, Q(__index__)) : V_UNDEF;
    if (!f)
        return V_UNDEF;
    v = call_1(f, v);
    if (!is_integer(v))
        raise_type("__index__ returned non-int");
    return as_int(v);
}

static val_t need_int(val_t v) {
    val_t i = as_int(v);
    if (!i)
        raise_format(&type_TypeError, "can't convert %T to int", v);
    return i;
}

static uint64_t low_bits(val_t v) { /* two's complement */
    view_t a;
    big_view(&a, v);
    uint64_t u = a.n > 0 ? a.d[0] : 0;
    if (a.n > 1)
        u |= (uint64_t)a.d[1] << 32;
    return a.negative ? (uint64_t)0 - u : u;
}

intptr_t int_arg(val_t v) {
    v = need_int(v);
    if (!is_int(v)) {
        intptr_t i = (intptr_t)low_bits(v);
        if (big_bit_length(v) > sizeof i * 8 - 1 || (i < 0) != (int_sign(v) < 0))
            raise_text(&type_OverflowError, "overflow converting long int to machine word");
        return i;
    }
    return int_of(v);
}

int64_t int64_arg(val_t v) {
    v = need_int(v);
    int64_t i = (int64_t)low_bits(v);
    if (big_bit_length(v) > 63 && (i != INT64_MIN || int_sign(v) > 0))
        raise_text(&type_OverflowError, "int too large");
    return i;
}

uint32_t uint32_arg(val_t v) { return (uint32_t)low_bits(need_int(v)); }

int int_sign(val_t v) {
    if (is_obj(v))
        return ((big_t *)v)->negative ? -1 : 1;
    intptr_t i = is_int(v) ? int_of(v) : v == V_TRUE;
    return i < 0 ? -1 : i > 0;
}

/* ---- operators ---- */

static _Noreturn void divided_by_zero(void) {
    raise_text(&type_ZeroDivisionError, "divide by zero");
}

static val_t power(val_t a, val_t b) {
    val_t r = V_INT(1);
    if (!is_int(b)) {
        if (a == V_INT(1) || a == V_INT(0))
            return a;
        if (a == V_INT(-1))
            return low_bits(b) & 1 ? a : r;
        raise_memory();
    }
    for (uintptr_t n = (uintptr_t)int_of(b); n;) {
        if (n & 1)
            r = int_binary(OP_MUL, r, a);
        n >>= 1;
        if (n)
            a = int_binary(OP_MUL, a, a);
    }
    return r;
}

val_t int_pow_mod(val_t a, val_t b, val_t m) {
    a = need_int(a);
    b = need_int(b);
    m = need_int(m);
    if (m == V_INT(0))
        raise_value("pow() 3rd argument cannot be 0");
    if (int_sign(b) < 0)
        raise_value("pow() with 3 arguments needs a positive exponent");
    view_t e;
    big_view(&e, b);
    val_t r = int_binary(OP_MOD, V_INT(1), m);
    a = int_binary(OP_MOD, a, m);
    for (size_t i = big_bit_length(b); i-- > 0;) {
        r = int_binary(OP_MOD, int_binary(OP_MUL, r, r), m);
        if (e.d[i / 32] >> i % 32 & 1)
            r = int_binary(OP_MOD, int_binary(OP_MUL, r, a), m);
        vm_poll();
    }
    return r;
}

static val_t compare(op_t op, int c) {
    switch (op) {
    case OP_LT: return V_BOOL(c < 0);
    case OP_LE: return V_BOOL(c <= 0);
    case OP_GT: return V_BOOL(c > 0);
    case OP_GE: return V_BOOL(c >= 0);
    case OP_EQ: return V_BOOL(c == 0);
    default: return V_BOOL(c != 0);
    }
}

/* Both small; V_UNDEF: to be done with big ints. */
static val_t small_binary(op_t op, intptr_t a, intptr_t b) {
    intptr_t r;
    switch (op) {
    case OP_ADD: return int_from((intmax_t)a + b);
    case OP_SUB: return int_from((intmax_t)a - b);
    case OP_MUL:
        return __builtin_mul_overflow(a, b, &r) ? V_UNDEF : int_from(r);
    case OP_FLOORDIV:
    case OP_MOD:
    case OP_DIVMOD: {
        intptr_t q = a / b, m = a % b;
        if (m && (m < 0) != (b < 0)) {
            m += b;
            q--;
        }
        if (op != OP_DIVMOD)
            return op == OP_MOD ? V_INT(m) : int_from(q);
        const val_t both[] = {int_from(q), V_INT(m)};
        return tuple_new(2, both);
    }
    case OP_AND: return V_INT(a & b);
    case OP_OR: return V_INT(a | b);
    case OP_XOR: return V_INT(a ^ b);
    case OP_RSHIFT:
        if (b >= 0)
            return V_INT(b >= (intptr_t)sizeof a * 8 ? (a < 0 ? -1 : 0) : a >> b);
        return V_UNDEF;
    case OP_LSHIFT:
        if (b >= 0 && b < (intptr_t)sizeof a * 8 - 2) {
            r = (intptr_t)((uintptr_t)a << b);
            if (r >> b == a && V_INT_FITS(r))
                return V_INT(r);
        }
        return V_UNDEF;
    default: return V_UNDEF;
    }
}

static val_t true_divide(val_t a, val_t b) {
    if (b == V_INT(0))
        divided_by_zero();
    real_t r = big_true_divide(a, b);
    if (REAL_FN(fabs)(r) == (real_t)INFINITY)
        raise_text(&type_OverflowError, "integer division result too large for a float");
    return float_new(r);
}

val_t int_binary(op_t op, val_t a, val_t b) {
    op &= OP_MASK;
    if (is_float(a) || is_float(b))
        return float_binary(op, a, b);
    bool booleans = is_bool(a) && is_bool(b) && op >= OP_AND && op <= OP_XOR;
    if (!is_int(a) && !(a = is_bool(a) ? V_INT(a == V_TRUE) : native_of(a, &type_int)))
        return V_UNDEF;
    if (!is_int(b) && !(b = is_bool(b) ? V_INT(b == V_TRUE) : native_of(b, &type_int)))
        return V_UNDEF;
    bool small = is_int(a) && is_int(b);
    if (op >= OP_LT && op <= OP_NE)
        return compare(op, small ? (int_of(a) > int_of(b)) - (int_of(a) < int_of(b)) : big_compare(a, b));
    if (op == OP_POW)
        return int_sign(b) < 0 ? float_binary(op, a, b) : power(a, b);
    if (op == OP_TRUEDIV)
        return true_divide(a, b);
    bool division = op == OP_FLOORDIV || op == OP_MOD || op == OP_DIVMOD;
    if (division && b == V_INT(0))
        divided_by_zero();
    val_t r = small ? small_binary(op, int_of(a), int_of(b)) : V_UNDEF;
    if (r)
        return booleans ? V_BOOL(r != V_INT(0)) : r;
    if (division) {
        val_t both[2];
        both[0] = big_divmod(a, b, &both[1]);
        return op == OP_FLOORDIV ? both[0] : op == OP_MOD ? both[1] : tuple_new(2, both);
    }
    return big_binary(op, a, b);
}

val_t int_unary(unary_t op, val_t v) {
    val_t i = is_bool(v) ? V_INT(v == V_TRUE) : v;
    switch (op) {
    case UN_NEG: return int_binary(OP_SUB, V_INT(0), i);
    case UN_POS:
    case UN_INT: return i;
    case UN_INVERT: return int_binary(OP_SUB, V_INT(-1), i);
    case UN_ABS: return int_sign(i) < 0 ? int_binary(OP_SUB, V_INT(0), i) : i;
    case UN_BOOL: return V_BOOL(i != V_INT(0));
    case UN_FLOAT: {
        real_t r = big_to_real(i, false);
        if (REAL_FN(fabs)(r) == (real_t)INFINITY)
            raise_text(&type_OverflowError, "int too large to convert to float");
        return float_new(r);
    }
    case UN_HASH: {
        view_t a;
        big_view(&a, i);
        uint32_t h = a.negative;
        for (size_t n = 0; n < a.n; n++)
            h = h * 1000003 ^ a.d[n];
        return is_int(i) ? i : V_INT(h & 0x3fffffff);
    }
    default: return V_UNDEF;
    }
}

/* ---- bytes ---- */

val_t int_from_bytes(const uint8_t *p, size_t n, bool big_endian, bool is_signed) {
    bool negative = is_signed && n && (p[big_endian ? 0 : n - 1] & 0x80);
    big_t *b = big_new(n / 4 + 1, negative);
    unsigned carry = 1;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = p[big_endian ? n - 1 - i : i];
        if (negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
        }
        b->d[i / 4] |= (uint32_t)(byte & 0xff) << i % 4 * 8;
    }
    if (negative && carry)
        b->d[n / 4] |= (uint32_t)1 << n % 4 * 8;
    return big_finish(b);
}

bool int_to_bytes(val_t v, uint8_t *p, size_t n, bool big_endian) {
    view_t a;
    big_view(&a, v);
    unsigned carry = 1;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = i / 4 < a.n ? a.d[i / 4] >> i % 4 * 8 & 0xff : 0;
        if (a.negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
        }
        p[big_endian ? n - 1 - i : i] = (uint8_t)byte;
    }
    size_t bits = big_bit_length(v);
    return bits <= n * 8;
}

static bool order_arg(val_t v) {
    size_t len;
    const char *s = str_arg(v, &len);
    if (strcmp(s, "little") == 0)
        return false;
    if (strcmp(s, "big"))
        raise_value("byteorder must be either 'little' or 'big'");
    return true;
}

static val_t int_to_bytes_method(unsigned n, unsigned nkw, const val_t *args) {
    enum { SELF, LENGTH, ORDER, SIGNED };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(length), ARG_INT, {.i = 1}},
        {Q(byteorder), ARG_OBJ, {.v = VQ(big)}},
        {Q(signed), ARG_BOOL, {.v = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t v = need_int(a[SELF].v);
    bool big = order_arg(a[ORDER].v);
    if (a[LENGTH].i < 0)
        raise_value("length argument must be non-negative");
    size_t size = (size_t)a[LENGTH].i;
    if (int_sign(v) < 0 && !a[SIGNED].b)
        raise_text(&type_OverflowError, "can't convert negative int to unsigned");
    str_t *s = str_alloc(&type_bytes, size);
    bool fits = int_to_bytes(v, (uint8_t *)s->data, size, big);
    if (fits && a[SIGNED].b && size) {
        bool top = s->data[big ? 0 : size - 1] & 0x80;
        fits = v == V_INT(0) || top == (int_sign(v) < 0);
    }
    if (!fits)
        raise_text(&type_OverflowError, "int too big to convert");
    return str_finish(s);
}

static val_t int_from_bytes_method(unsigned n, unsigned nkw, const val_t *args) {
    enum { CLS, BYTES, ORDER, SIGNED };
    static const arg_spec_t specs[] = {
        {Q(cls), ARG_OBJ | ARG_REQUIRED},
        {Q(bytes), ARG_OBJ | ARG_REQUIRED},
        {Q(byteorder), ARG_OBJ, {.v = VQ(big)}},
        {Q(signed), ARG_BOOL, {.v = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    bool big = order_arg(a[ORDER].v);
    buffer_t buf;
    if (!type_of(a[BYTES].v)->buffer)
        a[BYTES].v = call_1(V_OBJ(&type_bytes), a[BYTES].v);
    op_buffer(a[BYTES].v, &buf, false);
    return int_from_bytes(buf.data, buf.size, big, a[SIGNED].b);
}

/* ---- the types ---- */

static val_t int_bit_length(val_t self) { return V_INT(big_bit_length(self)); }

static val_t int_bit_count(val_t self) {
    view_t a;
    big_view(&a, self);
    unsigned count = 0;
    for (size_t i = 0; i < a.n; i++)
        for (uint32_t x = a.d[i]; x; x &= x - 1)
            count++;
    return V_INT(count);
}

static val_t int_conjugate(val_t self) { return int_unary(UN_POS, self); }
static val_t int_get_real(val_t self) { return int_unary(UN_POS, self); }
static val_t int_get_imag(val_t self) { return V_INT(0); }
static val_t int_get_denominator(val_t self) { return V_INT(1); }

static val_t from_text(val_t v, const char *text, size_t len, unsigned base) {
    val_t r;
    if (!int_parse(text, len, base, &r))
        raise_format(&type_ValueError, "invalid literal for int() with base %u: %v", base, v);
    return r;
}

/* int(x) for what is no text. */
static val_t truncate(val_t v) {
    const type_t *t = type_of(v);
    if (is_bool(v) || is_a(v, &type_int))
        return need_int(v);
    val_t r = t->unary ? t->unary(UN_INT, v) : V_UNDEF;
    if (!r && t->flags & T_CLASS) {
        val_t f = op_special(v, Q(__index__));
        if (!f)
            f = op_special(v, Q(__trunc__));
        r = f ? call_1(f, v) : V_UNDEF;
    }
    if (!r)
        raise_format(&type_TypeError, "can't convert %T to int", v);
    return need_int(r);
}

static val_t int_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(x), ARG_OBJ, {.v = V_INT(0)}},
        {Q(base), ARG_OBJ, {.v = V_UNDEF}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t v = a[0].v;
    unsigned base = 10;
    if (a[1].v) {
        intptr_t b = int_arg(a[1].v);
        if (b < 0 || b == 1 || b > 36)
            raise_value("int() base must be >= 2 and <= 36, or 0");
        base = (unsigned)b;
    }
    size_t len;
    if (native_of(v, &type_str)) {
        const char *s = str_arg(v, &len);
        return from_text(v, s, len, base);
    }
    if (native_of(v, &type_bytes) || native_of(v, &type_bytearray)) {
        buffer_t buf;
        op_buffer(v, &buf, false);
        return from_text(v, buf.data, buf.size, base);
    }
    if (a[1].v)
        raise_type("int() can't convert non-string with explicit base");
    return truncate(v);
}

void int_print(out_t *out, val_t v, print_t how) {
    if (is_int(v)) {
        out_printf(out, "%ld", (intptr_t)int_of(v));
        return;
    }
    out_value(out, int_to_str(v, 10), PRINT_STR);
}

static const dict_entry_t int_table[] = {
    METHOD_1(bit_length, int_bit_length),
    METHOD_1(bit_count, int_bit_count),
    METHOD_K(to_bytes, int_to_bytes_method, 1, 4),
    CLASS_METHOD(from_bytes, NATIVE_FNK(int_from_bytes_method, 2, 4)),
    METHOD_1(conjugate, int_conjugate),
    PROPERTY(real, int_get_real, NULL),
    PROPERTY(imag, int_get_imag, NULL),
    PROPERTY(numerator, int_get_real, NULL),
    PROPERTY(denominator, int_get_denominator, NULL),
};
static const dict_t int_attrs = ROM_DICT(int_table);
const type_t type_int = {TYPE_HEAD, .name = Q(int), .attrs = &int_attrs, .make = int_make,
    .print = int_print, .unary = int_unary, .binary = int_binary};

static val_t bool_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    return V_BOOL(n && op_is_true(args[0]));
}
const type_t type_bool = {TYPE_HEAD, .name = Q(bool), .attrs = &int_attrs, .base = &type_int,
    .flags = T_NO_SUBCLASS, .make = bool_make, .unary = int_unary, .binary = int_binary};
