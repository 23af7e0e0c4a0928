// SPDX-License-Identifier: MIT
// Division of 64-bit integers: libgcc's names and results. Division by zero executes ILL.
#include "rom.h"

uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divdi3(int64_t n, int64_t d);

static unsigned leading_zeros(uint64_t x)
{
    uint32_t high = x >> 32;
    return high ? (unsigned)__builtin_clz(high) : 32u + (unsigned)__builtin_clz((uint32_t)x | 1);
}

static uint64_t shifted_left(uint64_t x, unsigned n) // n < 64
{
    uint32_t low = (uint32_t)x, high = x >> 32;
    if (n >= 32)
        return (uint64_t)(low << (n - 32)) << 32;
    return n ? (uint64_t)(high << n | low >> (32 - n)) << 32 | low << n : x;
}

// high:low / d, where high < d: bits of the quotient take the place of those of `low` that are done with.
static uint32_t by_word(uint32_t high, uint32_t low, uint32_t d, uint32_t *rest)
{
    for (unsigned i = 0; i < 32; i++) {
        bool carry = (int32_t)high < 0;
        high = high << 1 | low >> 31;
        low <<= 1;
        if (carry || high >= d) {
            high -= d;
            low |= 1;
        }
    }
    *rest = high;
    return low;
}

// n / d; the rest goes to *rest.
static uint64_t divide(uint64_t n, uint64_t d, uint64_t *rest)
{
    uint32_t high = n >> 32, low = (uint32_t)n, divisor = (uint32_t)d;
    if (d == 0)
        __asm__ volatile("ill");
    if (d >> 32 == 0) {
        uint32_t q_high = 0, q_low, left;
        if (high >= divisor) {
            q_high = high / divisor;
            high -= q_high * divisor;
        }
        if (high) {
            q_low = by_word(high, low, divisor, &left);
        } else {
            q_low = low / divisor;
            left = low - q_low * divisor;
        }
        *rest = left;
        return (uint64_t)q_high << 32 | q_low;
    }
    uint32_t q = 0; // a bit at a time, as many as it has
    if (n >= d) {
        unsigned bits = leading_zeros(d) - leading_zeros(n);
        d = shifted_left(d, bits);
        do {
            q += q;
            if (n >= d) {
                n -= d;
                q |= 1;
            }
            d >>= 1;
        } while (bits--);
    }
    *rest = n;
    return q;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    uint64_t rest;
    return divide(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;
    divide(n, d, &rest);
    return rest;
}

int64_t __divdi3(int64_t n, int64_t d)
{
    uint64_t rest, q = divide(n < 0 ? -(uint64_t)n : (uint64_t)n, d < 0 ? -(uint64_t)d : (uint64_t)d, &rest);
    return (int64_t)((n ^ d) < 0 ? -q : q);
}
