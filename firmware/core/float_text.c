/* SPDX-License-Identifier: MIT
 * float_text.c: floats to text and back, exactly: shortest digits that read back as the same
 * float, any number of digits correctly rounded (half to even), and correctly rounded reading.
 * All by integer arithmetic on numbers of a fixed size: no tables, no dependence on libm.
 *
 * Steele and White, "How to print floating-point numbers accurately" (1990), as improved by
 * Burger and Dybvig (1996): the value is r/s, and m is half the gap to its neighbours.
 */
#include <math.h>
#include "number.h"
#include "str.h"
#include "vm.h"

#if ADDER_DOUBLE
enum { MANT_BITS = 53, EXP_MIN = -1074, EXP_MAX = 1024, LIMBS = 124, DIGITS_MAX = 800, TEN_MAX = 310, TEN_MIN = -345 };
typedef uint64_t mant_t;
#else
enum { MANT_BITS = 24, EXP_MIN = -149, EXP_MAX = 128, LIMBS = 22, DIGITS_MAX = 120, TEN_MAX = 40, TEN_MIN = -60 };
typedef uint32_t mant_t;
#endif

/* ---- natural numbers ---- */

typedef struct nat {
    int n;
    uint32_t d[LIMBS]; /* lowest first, d[n-1] != 0 */
} nat_t;

static void nat_muladd(nat_t *a, uint32_t by, uint32_t plus) {
    uint64_t carry = plus;
    for (int i = 0; i < a->n; i++) {
        carry += (uint64_t)a->d[i] * by;
        a->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        a->d[a->n++] = (uint32_t)carry;
}

static void nat_mul_ten(nat_t *a, int power) {
    for (; power >= 9; power -= 9)
        nat_muladd(a, 1000000000, 0);
    while (power-- > 0)
        nat_muladd(a, 10, 0);
}

static void nat_shift(nat_t *a, int bits) {
    int words = bits / 32;
    bits %= 32;
    if (bits)
        nat_muladd(a, (uint32_t)1 << bits, 0);
    if (words && a->n) {
        memmove(a->d + words, a->d, (size_t)a->n * 4);
        memset(a->d, 0, (size_t)words * 4);
        a->n += words;
    }
}

static void nat_set(nat_t *a, uint64_t x) {
    a->d[0] = (uint32_t)x;
    a->d[1] = (uint32_t)(x >> 32);
    a->n = a->d[1] ? 2 : a->d[0] != 0;
}

static int nat_compare(const nat_t *a, const nat_t *b) {
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i])
            return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static void nat_add(nat_t *a, const nat_t *b) {
    uint64_t carry = 0;
    int i;
    for (i = 0; i < b->n || carry; i++) {
        carry += i < b->n ? b->d[i] : 0;
        carry += i < a->n ? a->d[i] : 0;
        a->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (a->n < i)
        a->n = i;
}

static void nat_sub(nat_t *a, const nat_t *b) { /* a >= b */
    int64_t borrow = 0;
    for (int i = 0; i < a->n; i++) {
        borrow += (int64_t)a->d[i] - (i < b->n ? b->d[i] : 0);
        a->d[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    while (a->n && !a->d[a->n - 1])
        a->n--;
}

static int nat_bits(const nat_t *a) {
    return a->n ? a->n * 32 - __builtin_clz(a->d[a->n - 1]) : 0;
}

/* ---- the parts of a float ---- */

/* |x| = m * 2^e, x finite */
static mant_t split(real_t x, int *e) {
    mant_t bits;
    memcpy(&bits, &x, sizeof x);
    mant_t m = bits & (((mant_t)1 << (MANT_BITS - 1)) - 1);
    int biased = (int)(bits >> (MANT_BITS - 1)) & (EXP_MAX * 2 - 1);
    if (biased)
        m |= (mant_t)1 << (MANT_BITS - 1);
    else
        biased = 1;
    *e = biased - 1 + EXP_MIN;
    return m;
}

static bool is_negative(real_t x) { return __builtin_signbit(x); }

/* ---- float to digits ---- */

typedef struct digits {
    nat_t r, s, m;   /* value = r/s * 10^(k-1), with 1 <= r/s < 10; m: half the gap below */
    bool wide;       /* the gap above is twice the gap below */
    int k;           /* the decimal point stands behind the first k digits */
} digits_t;

static void double_of(nat_t *to, const nat_t *a) {
    to->n = a->n;
    memcpy(to->d, a->d, (size_t)a->n * 4);
    nat_muladd(to, 2, 0);
}

static void begin(digits_t *g, real_t x) {
    int e;
    mant_t m = split(x, &e);
    g->wide = m == (mant_t)1 << (MANT_BITS - 1) && e > EXP_MIN;
    nat_set(&g->r, m);
    nat_set(&g->s, 1);
    nat_set(&g->m, 1);
    int up = 1 + g->wide; /* so that m, and the gap above, are integers */
    nat_shift(&g->r, (e > 0 ? e : 0) + up);
    nat_shift(&g->s, (e < 0 ? -e : 0) + up);
    nat_shift(&g->m, e > 0 ? e : 0);
    /* 10^k just above x: 1233/4096 is log10(2); the estimate is at most one too low */
    int bits = nat_bits(&g->r) - nat_bits(&g->s);
    g->k = (int)((bits - 1) * 1233 >> 12);
    if (g->k >= 0) {
        nat_mul_ten(&g->s, g->k);
    } else {
        nat_mul_ten(&g->r, -g->k);
        nat_mul_ten(&g->m, -g->k);
    }
    while (nat_compare(&g->r, &g->s) >= 0) {
        nat_muladd(&g->s, 10, 0);
        g->k++;
    }
    nat_muladd(&g->r, 10, 0);
    nat_muladd(&g->m, 10, 0);
    while (nat_compare(&g->r, &g->s) < 0) { /* the estimate was too high */
        nat_muladd(&g->r, 10, 0);
        nat_muladd(&g->m, 10, 0);
        g->k--;
    }
}

static int next_digit(digits_t *g) {
    int d = 0;
    while (nat_compare(&g->r, &g->s) >= 0) {
        nat_sub(&g->r, &g->s);
        d++;
    }
    return d;
}

/* Adds one to the last of n digits; true if that made one digit more (1000). */
static bool round_up(char *buf, int n) {
    while (n > 0 && buf[n - 1] == '9')
        buf[--n] = '0';
    if (n == 0) {
        buf[0] = '1'; /* the zeros that follow are one short: the caller knows */
        return true;
    }
    buf[n - 1]++;
    return false;
}

/* Shortest digits of x > 0 into buf; returns their number, *k is the place of the point. */
static int shortest(real_t x, char *buf, int *k) {
    digits_t g;
    int e;
    vm_need_stack(2 * sizeof g);
    bool even = !(split(x, &e) & 1);
    nat_t t;
    begin(&g, x);
    int n = 0;
    /* If even the neighbourhood above reaches the next power of ten, the digits are "1". */
    for (;;) {
        int d = next_digit(&g);
        int low = nat_compare(&g.r, &g.m);
        bool below = even ? low <= 0 : low < 0;
        if (g.wide)
            double_of(&t, &g.m);
        else
            t = g.m;
        nat_add(&t, &g.r);
        int high = nat_compare(&t, &g.s);
        bool above = even ? high >= 0 : high > 0;
        buf[n++] = (char)('0' + d);
        if (below || above) {
            if (below && above) {
                double_of(&t, &g.r);
                int c = nat_compare(&t, &g.s);
                above = c > 0 || (c == 0 && (d & 1));
            }
            if (above && round_up(buf, n)) {
                g.k++;
                n = 1;
            }
            break;
        }
        nat_muladd(&g.r, 10, 0);
        nat_muladd(&g.m, 10, 0);
    }
    while (n > 1 && buf[n - 1] == '0')
        n--;
    *k = g.k;
    return n;
}

/* Digits of x > 0, correctly rounded: n of them, or, if fixed, up to n behind the point. The number
 * of digits is returned, at most room; *k is the place of the point. 0 digits: it rounds to 0. */
static int exact(real_t x, int n, bool fixed, char *buf, int room, int *k) {
    digits_t g;
    vm_need_stack(2 * sizeof g);
    begin(&g, x);
    *k = g.k;
    if (fixed)
        n += g.k;
    if (n < 0)
        return 0;
    if (n > room)
        n = room;
    int i = 0;
    while (i < n) {
        buf[i++] = (char)('0' + next_digit(&g));
        nat_muladd(&g.r, 10, 0);
    }
    /* r/s is ten times the rest: compare with 5 */
    nat_t half = g.s;
    nat_muladd(&half, 5, 0);
    int c = nat_compare(&g.r, &half);
    if (c > 0 || (c == 0 && n && (buf[n - 1] & 1))) {
        if (round_up(buf, n)) {
            ++*k;
            if (fixed || n == 0)
                n++; /* one digit more in front of the point */
            for (i = 1; i < n; i++)
                buf[i] = '0';
        }
    }
    return n;
}

/* ---- layout ---- */

typedef struct text {
    char *p, *end;
    bool full;
} text_t;

static void put(text_t *t, char c) {
    if (t->p < t->end)
        *t->p++ = c;
    else
        t->full = true;
}

static void put_digits(text_t *t, const char *d, int n, int from, int count) {
    for (int i = from; i < from + count; i++)
        put(t, i >= 0 && i < n ? d[i] : '0');
}

static void put_fixed(text_t *t, const char *d, int n, int k, int precision, bool point) {
    if (k <= 0)
        put(t, '0');
    put_digits(t, d, n, 0, k);
    if (precision > 0 || point)
        put(t, '.');
    put_digits(t, d, n, k, precision);
}

static void put_exponent(text_t *t, const char *d, int n, int k, int precision, bool point, char e) {
    put_digits(t, d, n, 0, 1);
    if (precision > 0 || point)
        put(t, '.');
    put_digits(t, d, n, 1, precision);
    int x = n ? k - 1 : 0;
    put(t, e);
    put(t, x < 0 ? '-' : '+');
    if (x < 0)
        x = -x;
    if (x >= 100)
        put(t, (char)('0' + x / 100));
    put(t, (char)('0' + x / 10 % 10));
    put(t, (char)('0' + x % 10));
}

static bool put_special(text_t *t, real_t x, bool upper) {
    if (is_negative(x) && x == x)
        put(t, '-');
    const char *word = x != x ? "nan" : x == x + x && x != 0 ? "inf" : NULL;
    for (int i = 0; word && i < 3; i++)
        put(t, upper ? (char)(word[i] - 32) : word[i]);
    return word;
}

unsigned float_repr(real_t x, char *buf) {
    text_t t = {buf, buf + FLOAT_TEXT_MAX - 1, false};
    if (!put_special(&t, x, false)) {
        char d[20] = "0";
        int k = 1, n = 1;
        if (x != 0)
            n = shortest(is_negative(x) ? -x : x, d, &k);
        if (k < -3 || k > 16)
            put_exponent(&t, d, n, k, n - 1, false, 'e');
        else
            put_fixed(&t, d, n, k, n > k ? n - k : 1, false);
    }
    *t.p = 0;
    return (unsigned)(t.p - buf);
}

bool float_format(real_t x, char type, int precision, bool alternate, char *buf, size_t size, size_t *len) {
    text_t t = {buf, buf + size, false};
    char lower = (char)(type | 32);
    if (!put_special(&t, x, type != lower)) {
        char d[LIMBS * 10];
        int k = 1, n = 0, room = (int)sizeof d;
        if (is_negative(x))
            x = -x;
        if (lower == 'f') {
            if (x != 0)
                n = exact(x, precision, true, d, room, &k);
            put_fixed(&t, d, n, n ? k : 0, precision, alternate);
        } else if (lower == 'e') {
            if (x != 0)
                n = exact(x, precision + 1, false, d, room, &k);
            put_exponent(&t, d, n, k, precision, alternate, type);
        } else {
            if (precision == 0)
                precision = 1;
            if (x != 0)
                n = exact(x, precision, false, d, room, &k);
            int shown = precision;
            if (!alternate) {
                shown = n < precision ? n : precision;
                while (shown > 1 && d[shown - 1] == '0')
                    shown--;
                if (shown < 1)
                    shown = 1;
            }
            if (n && (k < -3 || k > precision))
                put_exponent(&t, d, n, k, shown - 1, alternate, (char)(type - 2));
            else
                put_fixed(&t, d, n, k, shown > k ? shown - k : 0, alternate);
        }
    }
    *len = (size_t)(t.p - buf);
    return !t.full;
}

/* ---- text to float ---- */

/* m * 2^e, m with MANT_BITS + 1 bits and more to come if sticky; rounds half to even. */
static real_t join(mant_t m, int e, bool sticky) {
    int drop = 1;
    if (e + 1 < EXP_MIN)
        drop = EXP_MIN - e; /* subnormal: fewer bits */
    if (drop > MANT_BITS + 1)
        return 0;
    mant_t low = m & (((mant_t)1 << drop) - 1), half = (mant_t)1 << (drop - 1);
    m >>= drop;
    if (low > half || (low == half && (sticky || (m & 1))))
        m++;
    return REAL_FN(ldexp)((real_t)m, e + drop);
}

/* The decimal digits of text * 10^exp10; text has digits, points and underscores only. */
static real_t convert(const char *p, const char *end, int exp10) {
    nat_t num, den;
    nat_set(&num, 0);
    int digits = 0;
    bool sticky = false, point = false;
    for (; p < end; p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        if (*p == '_')
            continue;
        exp10 -= point;
        if (digits < DIGITS_MAX) {
            nat_muladd(&num, 10, (uint32_t)(*p - '0'));
            digits += num.n != 0;
        } else {
            sticky |= *p != '0';
            exp10++;
        }
    }
    if (!num.n)
        return 0;
    if (digits + exp10 > TEN_MAX)
        return REAL_FN(ldexp)(1, EXP_MAX + 1);
    if (digits + exp10 < TEN_MIN)
        return 0;
    nat_set(&den, 1);
    nat_mul_ten(exp10 < 0 ? &den : &num, exp10 < 0 ? -exp10 : exp10);
    int e = nat_bits(&num) - nat_bits(&den);
    nat_shift(e > 0 ? &den : &num, e > 0 ? e : -e);
    if (nat_compare(&num, &den) < 0) {
        nat_muladd(&num, 2, 0);
        e--;
    }
    mant_t m = 0; /* num/den is in 1 .. 2: bit after bit */
    for (int i = 0; i <= MANT_BITS; i++) {
        m <<= 1;
        if (nat_compare(&num, &den) >= 0) {
            nat_sub(&num, &den);
            m |= 1;
        }
        nat_muladd(&num, 2, 0);
    }
    return join(m, e - MANT_BITS, sticky || num.n);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool word_is(const char *p, const char *end, const char *word) {
    for (; *word && p < end; p++, word++)
        if ((*p | 32) != *word)
            return false;
    return !*word && p == end;
}

bool float_parse(const char *p, size_t len, real_t *x) {
    const char *end = p + len;
    while (p < end && strchr(" \t\n\r\f\v", *p) && *p)
        p++;
    while (end > p && strchr(" \t\n\r\f\v", end[-1]) && end[-1])
        end--;
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (word_is(p, end, "inf") || word_is(p, end, "infinity")) {
        *x = negative ? -(real_t)INFINITY : (real_t)INFINITY;
        return true;
    }
    if (word_is(p, end, "nan")) {
        *x = (real_t)NAN;
        return true;
    }
    const char *from = p;
    bool any = false, point = false;
    for (; p < end; p++) {
        if (is_digit(*p))
            any = true;
        else if (*p == '.' && !point)
            point = true;
        else if (!(*p == '_' && p > from && is_digit(p[-1]) && p + 1 < end && is_digit(p[1])))
            break;
    }
    if (!any)
        return false;
    const char *to = p;
    int e = 0;
    if (p < end && (*p | 32) == 'e') {
        p++;
        bool minus = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        if (p == end || !is_digit(*p))
            return false;
        for (; p < end; p++) {
            if (*p == '_' && is_digit(p[-1]) && p + 1 < end && is_digit(p[1]))
                continue;
            if (!is_digit(*p))
                break;
            if (e < 100000)
                e = e * 10 + (*p - '0');
        }
        if (minus)
            e = -e;
    }
    if (p != end)
        return false;
    real_t r = convert(from, to, e);
    *x = negative ? -r : r;
    return true;
}
