/* SPDX-License-Identifier: MIT
 * bigint.c: arithmetic of big integers. Division is Knuth's algorithm D (The Art of Computer
 * Programming 2, 4.3.1); bit operations see negative numbers in two's complement.
 */
#include <math.h>
#include "bigint.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

void big_view(view_t *v, val_t x) {
    if (is_obj(x)) {
        const big_t *b = (const big_t *)x;
        v->d = b->d;
        v->n = b->n;
        v->negative = b->negative;
        return;
    }
    intptr_t i = is_int(x) ? int_of(x) : x == V_TRUE;
    uintptr_t u = i < 0 ? (uintptr_t)0 - (uintptr_t)i : (uintptr_t)i;
    v->negative = i < 0;
    v->d = v->small;
    v->n = 0;
    for (; u; u = (uintptr_t)((uint64_t)u >> 32))
        v->small[v->n++] = (uint32_t)u;
}

big_t *big_new(size_t n, bool negative) {
    if (n > UINT32_MAX / 8)
        raise_memory();
    big_t *b = heap_alloc(&type_int, sizeof *b + n * 4);
    b->negative = negative;
    b->n = (uint32_t)n;
    return b;
}

val_t big_finish(big_t *b) {
    uint32_t n = b->n;
    while (n && !b->d[n - 1])
        n--;
    if (n * 4 <= sizeof(intptr_t)) {
        uintptr_t u = 0;
        for (uint32_t i = n; i-- > 0;)
            u = (uintptr_t)((uint64_t)u << 32 | b->d[i]);
        if (u <= (uintptr_t)V_INT_MAX + b->negative)
            return b->negative ? V_INT((uintptr_t)0 - u) : V_INT(u);
    }
    if (n < b->n) {
        b->n = n;
        heap_resize(b, sizeof *b + n * 4);
    }
    return V_OBJ(b);
}

/* ---- magnitudes ---- */

static int compare_magnitude(const view_t *a, const view_t *b) {
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i])
            return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static val_t add_magnitude(const view_t *a, const view_t *b, bool negative) {
    size_t n = a->n > b->n ? a->n : b->n;
    big_t *r = big_new(n + 1, negative);
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)(i < a->n ? a->d[i] : 0) + (i < b->n ? b->d[i] : 0);
        r->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    r->d[n] = (uint32_t)carry;
    return big_finish(r);
}

static val_t sub_magnitude(const view_t *a, const view_t *b, bool negative) { /* |a| >= |b| */
    big_t *r = big_new(a->n, negative);
    int64_t borrow = 0;
    for (size_t i = 0; i < a->n; i++) {
        borrow += (int64_t)a->d[i] - (i < b->n ? b->d[i] : 0);
        r->d[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    return big_finish(r);
}

static val_t add(const view_t *a, const view_t *b, bool b_negative) {
    if (a->negative == b_negative)
        return add_magnitude(a, b, a->negative);
    return compare_magnitude(a, b) >= 0 ? sub_magnitude(a, b, a->negative) : sub_magnitude(b, a, b_negative);
}

static val_t multiply(const view_t *a, const view_t *b) {
    big_t *r = big_new(a->n + b->n, a->negative != b->negative);
    for (size_t i = 0; i < a->n; i++) {
        uint64_t carry = 0, by = a->d[i];
        for (size_t j = 0; j < b->n; j++) {
            carry += by * b->d[j] + r->d[i + j];
            r->d[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        r->d[i + b->n] = (uint32_t)carry;
        if ((i & 63) == 63)
            vm_poll();
    }
    return big_finish(r);
}

/* ---- division ---- */

/* to = from << bits (0..31), n limbs; returns what fell out. */
static uint32_t shift_left(uint32_t *to, const uint32_t *from, size_t n, unsigned bits) {
    uint32_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)from[i] << bits | carry;
        to[i] = (uint32_t)x;
        carry = (uint32_t)(x >> 32);
    }
    return carry;
}

/* One limb of the quotient: subtracts q * v from u[0..n], and returns q. */
static uint32_t divide_step(uint32_t *u, const uint32_t *v, size_t n) {
    uint64_t top = (uint64_t)u[n] << 32 | u[n - 1];
    uint64_t q = top / v[n - 1], rest = top % v[n - 1];
    while (q > UINT32_MAX || q * v[n - 2] > (rest << 32 | u[n - 2])) {
        q--;
        rest += v[n - 1];
        if (rest > UINT32_MAX)
            break;
    }
    uint64_t carry = 0;
    int64_t borrow = 0;
    for (size_t i = 0; i < n; i++) {
        carry += q * v[i];
        borrow += (int64_t)u[i] - (uint32_t)carry;
        u[i] = (uint32_t)borrow;
        borrow >>= 32;
        carry >>= 32;
    }
    borrow += (int64_t)u[n] - (int64_t)carry;
    u[n] = (uint32_t)borrow;
    if (borrow < 0) { /* q was one too large: add back */
        q--;
        carry = 0;
        for (size_t i = 0; i < n; i++) {
            carry += (uint64_t)u[i] + v[i];
            u[i] = (uint32_t)carry;
            carry >>= 32;
        }
        u[n] += (uint32_t)carry;
    }
    return (uint32_t)q;
}

/* |a| / |b|; |a| >= |b|. The remainder keeps a's sign, the quotient is negative if signs differ. */
static val_t divide(const view_t *a, const view_t *b, val_t *remainder) {
    big_t *q = big_new(a->n - b->n + 1, a->negative != b->negative);
    if (b->n == 1) {
        q->n = (uint32_t)a->n;
        uint64_t rest = 0;
        for (size_t i = a->n; i-- > 0;) {
            rest = rest << 32 | a->d[i];
            q->d[i] = (uint32_t)(rest / b->d[0]);
            rest %= b->d[0];
        }
        *remainder = a->negative ? int_from(-(intmax_t)rest) : int_from((intmax_t)rest);
        return big_finish(q);
    }
    unsigned bits = (unsigned)__builtin_clz(b->d[b->n - 1]);
    big_t *u = big_new(a->n + 1, a->negative);
    const uint32_t *v = b->d;
    u->d[a->n] = shift_left(u->d, a->d, a->n, bits);
    if (bits) {
        big_t *copy = big_new(b->n, false);
        shift_left(copy->d, b->d, b->n, bits);
        v = copy->d;
    }
    for (size_t i = a->n - b->n + 1; i-- > 0;) {
        q->d[i] = divide_step(u->d + i, v, b->n);
        if ((i & 63) == 63)
            vm_poll();
    }
    for (size_t i = 0; i < b->n; i++)
        u->d[i] = (uint32_t)(((uint64_t)u->d[i + 1] << 32 | u->d[i]) >> bits);
    u->n = (uint32_t)b->n;
    *remainder = big_finish(u);
    return big_finish(q);
}

val_t big_divmod(val_t x, val_t y, val_t *remainder) {
    view_t a, b;
    big_view(&a, x);
    big_view(&b, y);
    val_t q = V_INT(0);
    if (compare_magnitude(&a, &b) < 0)
        *remainder = is_bool(x) ? V_INT(x == V_TRUE) : x;
    else
        q = divide(&a, &b, remainder);
    if (*remainder != V_INT(0) && a.negative != b.negative) { /* floor */
        *remainder = big_binary(OP_ADD, *remainder, y);
        q = big_binary(OP_SUB, q, V_INT(1));
    }
    return q;
}

/* ---- bits ---- */

/* Limb i of v in two's complement; *carry begins as v->negative. To be asked in ascending order. */
static uint32_t twos_limb(const view_t *v, size_t i, uint32_t *carry) {
    uint32_t d = i < v->n ? v->d[i] : 0;
    if (!v->negative)
        return d;
    d = ~d + *carry;
    *carry = *carry && d == 0;
    return d;
}

static val_t bitwise(op_t op, const view_t *a, const view_t *b) {
    bool negative = op == OP_AND ? a->negative && b->negative
                    : op == OP_OR ? a->negative || b->negative : a->negative != b->negative;
    size_t n = (a->n > b->n ? a->n : b->n) + 1;
    big_t *r = big_new(n, negative);
    uint32_t ca = a->negative, cb = b->negative, cr = negative;
    for (size_t i = 0; i < n; i++) {
        uint32_t x = twos_limb(a, i, &ca), y = twos_limb(b, i, &cb);
        x = op == OP_AND ? x & y : op == OP_OR ? x | y : x ^ y;
        if (negative) {
            x = ~x + cr;
            cr = cr && x == 0;
        }
        r->d[i] = x;
    }
    return big_finish(r);
}

static val_t left(const view_t *a, size_t by) {
    size_t words = by / 32;
    unsigned bits = by % 32;
    big_t *r = big_new(a->n + words + 1, a->negative);
    r->d[a->n + words] = shift_left(r->d + words, a->d, a->n, bits);
    return big_finish(r);
}

static val_t right(const view_t *a, size_t by) { /* towards minus infinity */
    size_t words = by / 32;
    unsigned bits = by % 32;
    if (words >= a->n)
        return V_INT(a->negative ? -1 : 0);
    bool lost = false;
    for (size_t i = 0; i < words; i++)
        lost |= a->d[i] != 0;
    lost |= (a->d[words] & (((uint32_t)1 << bits) - 1)) != 0;
    size_t n = a->n - words;
    big_t *r = big_new(n + 1, a->negative);
    for (size_t i = 0; i < n; i++) {
        uint64_t x = a->d[words + i] | (uint64_t)(i + 1 < n ? a->d[words + i + 1] : 0) << 32;
        r->d[i] = (uint32_t)(x >> bits);
    }
    for (size_t i = 0; a->negative && lost; i++) /* the magnitude grows by one */
        lost = ++r->d[i] == 0;
    return big_finish(r);
}

static val_t shift(op_t op, const view_t *a, val_t by) {
    if (int_sign(by) < 0)
        raise_value("negative shift count");
    if (!is_int(by) && !is_bool(by)) {
        if (op == OP_LSHIFT && a->n)
            raise_text(&type_OverflowError, "shift count too large");
        return V_INT(op == OP_RSHIFT && a->negative ? -1 : 0);
    }
    size_t n = is_int(by) ? (size_t)int_of(by) : by == V_TRUE;
    if (op == OP_RSHIFT)
        return right(a, n);
    return a->n ? left(a, n) : V_INT(0);
}

val_t big_binary(op_t op, val_t x, val_t y) {
    view_t a, b;
    big_view(&a, x);
    big_view(&b, y);
    switch (op) {
    case OP_ADD: return add(&a, &b, b.negative);
    case OP_SUB: return add(&a, &b, !b.negative);
    case OP_MUL: return multiply(&a, &b);
    case OP_AND:
    case OP_OR:
    case OP_XOR: return bitwise(op, &a, &b);
    case OP_LSHIFT:
    case OP_RSHIFT: return shift(op, &a, y);
    default: return V_UNDEF;
    }
}

int big_compare(val_t x, val_t y) {
    view_t a, b;
    big_view(&a, x);
    big_view(&b, y);
    if (a.negative != b.negative)
        return a.negative ? -1 : 1;
    int c = compare_magnitude(&a, &b);
    return a.negative ? -c : c;
}

size_t big_bit_length(val_t x) {
    view_t v;
    big_view(&v, x);
    return v.n ? v.n * 32 - (size_t)__builtin_clz(v.d[v.n - 1]) : 0;
}

/* ---- floats ---- */

real_t big_to_real(val_t x, bool sticky) {
    view_t v;
    big_view(&v, x);
    size_t bits = big_bit_length(x), drop = bits > 64 ? bits - 64 : 0;
    uint64_t top = 0;
    for (size_t i = v.n; i-- > drop / 32;) { /* the highest 64 bits, and whether more follow */
        unsigned s = (unsigned)(drop % 32);
        size_t at = i * 32;
        top |= at >= drop ? (uint64_t)v.d[i] << (at - drop) : (uint64_t)v.d[i] >> s;
        if (at < drop)
            sticky |= (v.d[i] & (((uint32_t)1 << s) - 1)) != 0;
    }
    for (size_t i = 0; i < drop / 32; i++)
        sticky |= v.d[i] != 0;
    if (sticky && drop)
        top |= 1;
    real_t r = (real_t)top;
    if (drop)
        r = drop > 20000 ? (real_t)INFINITY : REAL_FN(ldexp)(r, (int)drop);
    return v.negative ? -r : r;
}

real_t big_true_divide(val_t a, val_t b) {
    intptr_t la = (intptr_t)big_bit_length(a), lb = (intptr_t)big_bit_length(b);
    intptr_t limit = ADDER_DOUBLE ? 53 : 24;
    if (la <= limit && lb <= limit)
        return big_to_real(a, false) / big_to_real(b, false);
    if (la - lb > 1100 || la - lb < -1200)
        return la > lb ? (real_t)INFINITY : 0;
    /* the quotient with some 66 bits, and sticky */
    intptr_t by = 66 - (la - lb);
    val_t rest;
    bool negative = (int_sign(a) < 0) != (int_sign(b) < 0);
    if (int_sign(a) < 0)
        a = int_unary(UN_NEG, a);
    if (int_sign(b) < 0)
        b = int_unary(UN_NEG, b);
    if (by > 0)
        a = big_binary(OP_LSHIFT, a, V_INT(by));
    else
        b = big_binary(OP_LSHIFT, b, V_INT(-by));
    val_t q = big_divmod(a, b, &rest);
    real_t r = REAL_FN(ldexp)(big_to_real(q, rest != V_INT(0)), (int)-by);
    return negative ? -r : r;
}

val_t big_from_real(real_t x) {
    int e;
    real_t m = REAL_FN(frexp)(x, &e);
    if (e <= 62)
        return int_from((intmax_t)x);
    val_t i = int_from((intmax_t)REAL_FN(ldexp)(m, 60));
    return big_binary(OP_LSHIFT, i, V_INT(e - 60));
}
