/* SPDX-License-Identifier: MIT
 * softfloat.c: conversions of the run-time ABI that libgcc does by way of doubles, for which there is no room (RTABI 4.1.2).
 */
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
