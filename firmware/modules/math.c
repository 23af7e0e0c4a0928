/* SPDX-License-Identifier: MIT
 * math.c: the module math.
 */
#include <math.h>
#include "args.h"
#include "heap.h"
#include "module.h"

static _Noreturn void domain_error(void) { raise_value("math domain error"); }

/* A result that is no number, of arguments that are, is an error. */
static val_t checked(real_t r, bool finite_args) {
    if (r != r && finite_args)
        domain_error();
    if (r - r != 0 && finite_args)
        raise_text(&type_OverflowError, "math range error");
    return float_new(r);
}

/* Functions of libm with one or two arguments: name, function. */
#define MATH_1(name, fn)                                                                           \
    static val_t math_##name(val_t v) {                                                            \
        real_t x = float_arg(v);                                                                   \
        return checked(REAL_FN(fn)(x), x - x == 0);                                                \
    }
#define MATH_2(name, fn)                                                                           \
    static val_t math_##name(val_t a, val_t b) {                                                   \
        real_t x = float_arg(a), y = float_arg(b);                                                 \
        return checked(REAL_FN(fn)(x, y), x - x == 0 && y - y == 0);                               \
    }

MATH_1(sqrt, sqrt)
MATH_1(exp, exp)
MATH_1(sin, sin)
MATH_1(cos, cos)
MATH_1(tan, tan)
MATH_1(asin, asin)
MATH_1(acos, acos)
MATH_1(atan, atan)
MATH_1(fabs, fabs)
MATH_2(atan2, atan2)
MATH_2(copysign, copysign)

static val_t math_fmod(val_t a, val_t b) {
    real_t x = float_arg(a), y = float_arg(b);
    if (y == 0)
        domain_error();
    return checked(REAL_FN(fmod)(x, y), x - x == 0);
}

static val_t math_pow(val_t a, val_t b) {
    real_t x = float_arg(a), y = float_arg(b);
    if (x == 0 && y < 0)
        domain_error();
    return checked(REAL_FN(pow)(x, y), x - x == 0 && y - y == 0);
}

/* log of what is larger than any float, too */
static real_t log_arg(val_t v) {
    if (is_integer(v) && int_sign(v) <= 0)
        domain_error();
    real_t x = float_arg(v);
    if (x <= 0)
        domain_error();
    return x;
}
static val_t math_log(unsigned n, const val_t *args) {
    real_t x = REAL_FN(log)(log_arg(args[0]));
    if (n == 1)
        return float_new(x);
    real_t base = REAL_FN(log)(log_arg(args[1]));
    if (base == 0)
        raise_text(&type_ZeroDivisionError, "divide by zero");
    return float_new(x / base);
}
static val_t math_log2(val_t v) { return float_new(REAL_FN(log2)(log_arg(v))); }
static val_t math_log10(val_t v) { return float_new(REAL_FN(log10)(log_arg(v))); }
#if ADDER_MATH_SPECIAL
MATH_1(expm1, expm1)
MATH_1(sinh, sinh)
MATH_1(cosh, cosh)
MATH_1(tanh, tanh)
MATH_1(asinh, asinh)
MATH_1(acosh, acosh)
MATH_1(atanh, atanh)
MATH_1(erf, erf)
MATH_1(erfc, erfc)

static val_t math_gamma(val_t v) {
    real_t x = float_arg(v);
    if (x <= 0 && x == REAL_FN(floor)(x))
        domain_error();
    return checked(REAL_FN(tgamma)(x), x - x == 0);
}
static val_t math_lgamma(val_t v) {
    real_t x = float_arg(v);
    if (x <= 0 && x == REAL_FN(floor)(x))
        domain_error();
    return checked(REAL_FN(lgamma)(x), x - x == 0);
}

static val_t math_log1p(val_t v) {
    real_t x = float_arg(v);
    if (x <= -1)
        domain_error();
    return float_new(REAL_FN(log1p)(x));
}
#endif

static val_t to_int(val_t v, const str_t *name, real_t (*fn)(real_t)) {
    if (is_integer(v))
        return int_unary(UN_POS, is_bool(v) ? v : native_of(v, &type_int));
    val_t f = op_special(v, name);
    return f ? call_1(f, v) : int_from_real(fn(float_arg(v)));
}
static val_t math_floor(val_t v) { return to_int(v, Q(__floor__), REAL_FN(floor)); }
static val_t math_ceil(val_t v) { return to_int(v, Q(__ceil__), REAL_FN(ceil)); }
static val_t math_trunc(val_t v) { return to_int(v, Q(__trunc__), REAL_FN(trunc)); }

static val_t math_frexp(val_t v) {
    int e = 0;
    real_t x = float_arg(v), m = x - x == 0 ? REAL_FN(frexp)(x, &e) : x;
    const val_t both[] = {float_new(m), V_INT(e)};
    return tuple_new(2, both);
}
static val_t math_ldexp(val_t v, val_t by) {
    intptr_t e = int_arg(by);
    real_t x = float_arg(v);
    return checked(REAL_FN(ldexp)(x, e > 10000 ? 10000 : e < -10000 ? -10000 : (int)e), x - x == 0);
}
static val_t math_modf(val_t v) {
    real_t x = float_arg(v), whole = REAL_FN(trunc)(x);
    real_t rest = x - x != 0 && x == x ? 0 : x - whole;
    const val_t both[] = {float_new(REAL_FN(copysign)(rest, x)), float_new(whole)};
    return tuple_new(2, both);
}

static val_t math_isnan(val_t v) {
    real_t x = float_arg(v);
    return V_BOOL(x != x);
}
static val_t math_isinf(val_t v) {
    real_t x = float_arg(v);
    return V_BOOL(x == x && x - x != 0);
}
static val_t math_isfinite(val_t v) {
    real_t x = float_arg(v);
    return V_BOOL(x - x == 0);
}

static val_t math_isclose(unsigned n, unsigned nkw, const val_t *args) {
    val_t rel = args_keyword(nkw, args + n, Q(rel_tol)), abs = args_keyword(nkw, args + n, Q(abs_tol));
    real_t a = float_arg(args[0]), b = float_arg(args[1]);
    real_t r = rel ? float_arg(rel) : REAL_C(1e-9), t = abs ? float_arg(abs) : 0;
    if (r < 0 || t < 0)
        raise_value("tolerances must be non-negative");
    if (a == b)
        return V_TRUE;
    real_t d = REAL_FN(fabs)(a - b), m = REAL_FN(fmax)(REAL_FN(fabs)(a), REAL_FN(fabs)(b));
    return V_BOOL(d - d == 0 && m - m == 0 && (d <= r * m || d <= t));
}

static val_t math_degrees(val_t v) { return float_new(float_arg(v) * (180 / REAL_C(3.14159265358979323846))); }
static val_t math_radians(val_t v) { return float_new(float_arg(v) * (REAL_C(3.14159265358979323846) / 180)); }

static val_t math_factorial(val_t v) {
    intptr_t n = int_arg(v);
    if (n < 0)
        raise_value("factorial() not defined for negative values");
    val_t r = V_INT(1);
    for (intptr_t i = 2; i <= n; i++)
        r = int_binary(OP_MUL, r, V_INT(i));
    return r;
}

static val_t gcd(val_t a, val_t b) {
    while (op_is_true(b)) {
        val_t r = int_binary(OP_MOD, a, b);
        a = b;
        b = r;
    }
    return int_unary(UN_ABS, a);
}
static val_t index_arg(val_t v) {
    if (!is_integer(v))
        raise_format(&type_TypeError, "'%T' object cannot be interpreted as an integer", v);
    return int_unary(UN_POS, is_bool(v) ? v : native_of(v, &type_int));
}
static val_t math_gcd(unsigned n, const val_t *args) {
    val_t r = V_INT(0);
    for (unsigned i = 0; i < n; i++)
        r = gcd(r, index_arg(args[i]));
    return r;
}

static val_t math_isqrt(val_t v) {
    v = index_arg(v);
    if (int_sign(v) < 0)
        raise_value("isqrt() argument must be nonnegative");
    /* Newton's method from above */
    val_t bits = call_method(v, Q(bit_length), 0, NULL);
    val_t x = int_binary(OP_LSHIFT, V_INT(1), V_INT((int_of(bits) + 1) / 2));
    for (;;) {
        val_t y = int_binary(OP_RSHIFT, int_binary(OP_ADD, x, op_is_true(x) ? int_binary(OP_FLOORDIV, v, x) : V_INT(0)), V_INT(1));
        if (int_binary(OP_GE, y, x) == V_TRUE)
            return x;
        x = y;
    }
}

static const float_obj_t pi = {&type_float, REAL_C(3.14159265358979323846)};
static const float_obj_t tau = {&type_float, REAL_C(6.28318530717958647692)};
static const float_obj_t euler = {&type_float, REAL_C(2.71828182845904523536)};
static const float_obj_t inf_obj = {&type_float, (real_t)INFINITY};
static const float_obj_t not_a_number = {&type_float, (real_t)NAN};

static const dict_entry_t math_table[] = {
    {VQ(__name__), VQ(math)},
    {VQ(pi), V_OBJ(&pi)},
    {VQ(tau), V_OBJ(&tau)},
    {VQ(e), V_OBJ(&euler)},
    {VQ(inf), V_OBJ(&inf_obj)},
    {VQ(nan), V_OBJ(&not_a_number)},
    FUNC_1(sqrt, math_sqrt),
    FUNC_1(sin, math_sin),
    FUNC_1(cos, math_cos),
    FUNC_1(tan, math_tan),
    FUNC_1(asin, math_asin),
    FUNC_1(acos, math_acos),
    FUNC_1(atan, math_atan),
    FUNC_2(atan2, math_atan2),
    FUNC_1(exp, math_exp),
    FUNC_V(log, math_log, 1, 2),
    FUNC_1(log2, math_log2),
    FUNC_1(log10, math_log10),
    FUNC_2(pow, math_pow),
    FUNC_1(floor, math_floor),
    FUNC_1(ceil, math_ceil),
    FUNC_1(trunc, math_trunc),
    FUNC_1(fabs, math_fabs),
    FUNC_2(fmod, math_fmod),
    FUNC_2(copysign, math_copysign),
    FUNC_1(frexp, math_frexp),
    FUNC_2(ldexp, math_ldexp),
    FUNC_1(modf, math_modf),
    FUNC_1(isnan, math_isnan),
    FUNC_1(isinf, math_isinf),
    FUNC_1(isfinite, math_isfinite),
    FUNC_K(isclose, math_isclose, 2, 2),
    FUNC_1(degrees, math_degrees),
    FUNC_1(radians, math_radians),
#if ADDER_MATH_SPECIAL
    FUNC_1(expm1, math_expm1),
    FUNC_1(log1p, math_log1p),
    FUNC_1(sinh, math_sinh),
    FUNC_1(cosh, math_cosh),
    FUNC_1(tanh, math_tanh),
    FUNC_1(asinh, math_asinh),
    FUNC_1(acosh, math_acosh),
    FUNC_1(atanh, math_atanh),
    FUNC_1(erf, math_erf),
    FUNC_1(erfc, math_erfc),
    FUNC_1(gamma, math_gamma),
    FUNC_1(lgamma, math_lgamma),
#endif
    FUNC_1(factorial, math_factorial),
    FUNC_V(gcd, math_gcd, 0, ARGS_ANY),
    FUNC_1(isqrt, math_isqrt),
};
MODULE(math, math_table);
