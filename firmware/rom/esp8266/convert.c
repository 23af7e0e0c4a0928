// SPDX-License-Identifier: MIT
// Conversions between numbers (IEEE 754): libgcc's names. Numbers are handled as their bits; to integers it is cut
// off, and what is out of range becomes the nearest there is; a NaN counts as positive.
#include "rom.h"

typedef uint32_t f32;
typedef uint64_t f64;
uint32_t __fixunssfsi(f32 x);
int32_t __fixdfsi(f64 x);
uint32_t __fixunsdfsi(f64 x);
f32 __truncdfsf2(f64 x);
f64 __extendsfdf2(f32 x);
f32 __floatunsisf(uint32_t x);
f32 __floatsisf(int32_t x);
f64 __floatunsidf(uint32_t x);
f64 __floatsidf(int32_t x);

static bool f64_is_nan(f64 x) { return x << 1 > UINT64_C(0xFFE0000000000000); }

// Negative ones that fit in 32 bits wrap round, as on most machines.
uint32_t __fixunssfsi(f32 x)
{
    int32_t e = (int32_t)(x >> 23 & 0xFF) - 127;
    bool negative = x >> 31;
    if (e < 0)
        return 0;
    if (e > 31)
        return negative && x << 1 <= 0xFF000000u ? 0x80000000u : 0xFFFFFFFFu;
    uint32_t m = (x << 8 | 0x80000000u) >> (31 - e);
    return negative ? -m : m;
}

static uint32_t f64_magnitude(f64 x, int32_t e) // e: 0 to 31
{
    uint32_t m = (uint32_t)(x >> 21) | 0x80000000u;
    return m >> (31 - e);
}

int32_t __fixdfsi(f64 x)
{
    int32_t e = (int32_t)(x >> 52 & 0x7FF) - 1023;
    bool negative = x >> 63;
    if (e < 0)
        return 0;
    if (e > 30)
        return negative && !f64_is_nan(x) ? INT32_MIN : INT32_MAX;
    int32_t m = (int32_t)f64_magnitude(x, e);
    return negative ? -m : m;
}

uint32_t __fixunsdfsi(f64 x)
{
    int32_t e = (int32_t)(x >> 52 & 0x7FF) - 1023;
    bool negative = x >> 63;
    if (e < 0)
        return 0;
    if (e > 31)
        return negative && !f64_is_nan(x) ? 0x80000000u : 0xFFFFFFFFu;
    uint32_t m = f64_magnitude(x, e);
    return negative ? -m : m;
}

// Rounds to nearest, halves to even.
f32 __truncdfsf2(f64 x)
{
    uint32_t high = (uint32_t)(x >> 32), low = (uint32_t)x, sign = high & 0x80000000u;
    int32_t e = (int32_t)(high >> 20 & 0x7FF) - 1023 + 127;
    uint32_t m = (high & 0xFFFFF) << 10 | low >> 22 | BIT(30); // 24 bits and seven more
    m |= (low << 10) != 0;
    if (e >= 255) {
        if (f64_is_nan(x))
            return sign | 0x7FC00000u | (high & 0x7FFFF) << 3 | low >> 29;
        return sign | 0x7F800000u;
    }
    if (e <= 0) { // doubles as small as to be denormal are far below half the smallest
        if (e < -25)
            return sign;
        unsigned shift = 1u - (unsigned)e;
        m = m >> shift | ((m & ((1u << shift) - 1)) != 0);
        e = 1;
    }
    m = (m + 63 + (m >> 7 & 1)) >> 7;
    return sign | (m + ((uint32_t)(e - 1) << 23));
}

f64 __extendsfdf2(f32 x)
{
    uint32_t sign = x & 0x80000000u, e = x >> 23 & 0xFF, m = x & 0x7FFFFF;
    if (e == 0xFF)
        return (f64)(sign | 0x7FF00000u | (m ? 0x80000u : 0) | m >> 3) << 32 | m << 29;
    if (e == 0) {
        if (m == 0)
            return (f64)sign << 32;
        unsigned shift = (unsigned)__builtin_clz(m) - 8;
        m = m << shift & 0x7FFFFF;
        e = 1 - shift;
    }
    return (f64)(sign | (e + 1023 - 127) << 20 | m >> 3) << 32 | m << 29;
}

static f32 f32_of(uint32_t x, uint32_t sign)
{
    if (x == 0)
        return 0;
    unsigned shift = (unsigned)__builtin_clz(x);
    x <<= shift; // 24 bits and eight more
    uint32_t m = x >> 8, rest = x & 0xFF;
    m += rest > 0x80 || (rest == 0x80 && m & 1);
    return sign | (m + ((126 + 31 - shift) << 23));
}

f32 __floatunsisf(uint32_t x) { return f32_of(x, 0); }
f32 __floatsisf(int32_t x) { return x < 0 ? f32_of(-(uint32_t)x, 0x80000000u) : f32_of((uint32_t)x, 0); }

static f64 f64_of(uint32_t x, uint32_t sign)
{
    if (x == 0)
        return 0;
    unsigned shift = (unsigned)__builtin_clz(x);
    x <<= shift;
    return (f64)(sign | (((1022 + 31 - shift) << 20) + (x >> 11))) << 32 | x << 21;
}

f64 __floatunsidf(uint32_t x) { return f64_of(x, 0); }
f64 __floatsidf(int32_t x) { return x < 0 ? f64_of(-(uint32_t)x, 0x80000000u) : f64_of((uint32_t)x, 0); }
