/* SPDX-License-Identifier: MIT
 * softfloat.c: conversions of the run-time ABI that libgcc does by way of doubles, for which there is no room (RTABI 4.1.2),
 * and functions of libm that follow from others, in a tenth of its flash.
 */
#include <math.h>
#include <stdint.h>

uint64_t __aeabi_f2ulz(float x);
int64_t __aeabi_f2lz(float x);

/* Towards zero; what does not fit is the nearest that does. */
uint64_t __aeabi_f2ulz(float x)
{
    union {
        float f;
        uint32_t u;
    } bits = {x};
    int exponent = (int)(bits.u >> 23 & 0xff) - 127;
    if (bits.u >> 31 || exponent < 0)
        return 0;
    uint64_t fraction = (bits.u & 0x7fffff) | 0x800000;
    if (exponent > 63)
        return UINT64_MAX;
    return exponent > 23 ? fraction << (exponent - 23) : fraction >> (23 - exponent);
}

int64_t __aeabi_f2lz(float x)
{
    union {
        float f;
        uint32_t u;
    } bits = {x};
    uint32_t negative = bits.u >> 31;
    bits.u &= 0x7fffffff;
    uint64_t size = __aeabi_f2ulz(bits.f);
    if (size > INT64_MAX)
        return negative ? INT64_MIN : INT64_MAX;
    return negative ? -(int64_t)size : (int64_t)size;
}

float __aeabi_ul2f(uint64_t i);
float __aeabi_l2f(int64_t i);

/* Rounded to nearest, ties to even. */
float __aeabi_ul2f(uint64_t i)
{
    int shift = 0; /* until 31 bits are left: below 24 there is no rounding, and the rest goes into the lowest */
    if (i < 0x80000000u)
        return (float)(int32_t)i;
    while (i >> shift > 0x7fffffff)
        shift++;
    uint32_t top = (uint32_t)(i >> shift);
    if (i & (((uint64_t)1 << shift) - 1))
        top |= 1;
    union {
        float f;
        uint32_t u;
    } bits = {(float)(int32_t)top};
    bits.u += (uint32_t)shift << 23;
    return bits.f;
}

float __aeabi_l2f(int64_t i) { return i < 0 ? -__aeabi_ul2f((uint64_t)0 - (uint64_t)i) : __aeabi_ul2f((uint64_t)i); }

/* ---- functions by way of others ---- */

float asinf(float x) { return atan2f(x, sqrtf((1 - x) * (1 + x))); }
float acosf(float x) { return atan2f(sqrtf((1 - x) * (1 + x)), x); }
float tanf(float x) { return sinf(x) / cosf(x); }

/* ---- sin, cos, tan: libm's step that takes multiples of pi/2 off, in a tenth of its flash ---- */

int32_t __ieee754_rem_pio2f(float x, float *y);

/* 32 bits of 2/pi from a bit on; bit 0 is the first behind the point. */
static uint32_t two_over_pi(int at)
{
    static const uint32_t bits[] = {0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
    unsigned from = (unsigned)(at + 32);
    uint64_t two = (uint64_t)bits[from / 32] << 32 | (from / 32 + 1 < sizeof bits / 4 ? bits[from / 32 + 1] : 0);
    return (uint32_t)(two << from % 32 >> 32);
}

static float scaled(float x, int by)
{
    union {
        float f;
        uint32_t u;
    } bits = {x};
    if (!(bits.u >> 23 & 0xff))
        return 0;
    bits.u += (uint32_t)by << 23;
    return bits.f;
}

/* x = n * pi/2 + y[0] + y[1]. Of x * 2/pi only 2 bits in front of the point matter: so many bits of 2/pi are enough,
 * wherever the point is (Payne and Hanek). */
int32_t __ieee754_rem_pio2f(float x, float *y)
{
    union {
        float f;
        uint32_t u;
    } bits = {x};
    uint32_t negative = bits.u >> 31, m = (bits.u & 0x7fffff) | 0x800000;
    int e = (int)(bits.u >> 23 & 0xff) - 150;
    y[1] = 0;
    if (e < -25) { /* less than 1/2 */
        y[0] = x;
        return 0;
    }
    if (e > 104) {
        y[0] = y[1] = x - x;
        return 0;
    }
    uint64_t turns = (uint64_t)m * two_over_pi(e - 2) << 32; /* in units of 2^-62 quarters */
    turns += (uint64_t)m * two_over_pi(e + 30) + ((uint64_t)m * two_over_pi(e + 62) >> 32);
    int32_t n = (int32_t)(turns >> 62);
    turns <<= 2;
    if (turns >> 63) { /* the nearest multiple is the next one */
        n++;
        turns = 0 - turns;
        negative ^= 1;
    }
    int shift = 0;
    while (turns && !(turns >> 63)) {
        turns <<= 1;
        shift++;
    }
    uint64_t angle = (turns >> 32) * 0xc90fdaa2u + ((turns & 0xffffffff) * 0xc90fdaa2u >> 32); /* pi/2 in 2^-31 */
    angle >>= 1; /* so that it is a positive int64_t; now in units of 2^(-62 - shift) */
    float high = __aeabi_ul2f(angle), low = __aeabi_l2f((int64_t)(angle - __aeabi_f2ulz(high)));
    high = scaled(high, -62 - shift);
    low = low != 0 ? scaled(low, -62 - shift) : 0;
    y[0] = negative ? -high : high;
    y[1] = negative ? -low : low;
    return bits.u >> 31 ? -n : n;
}
