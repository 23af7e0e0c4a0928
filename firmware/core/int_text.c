/* SPDX-License-Identifier: MIT
 * int_text.c: integers of any size to text and back, in bases 2 to 36.
 */
#include "bigint.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

/* The largest power of base that fits a limb, and its exponent. */
static uint32_t chunk_of(unsigned base, unsigned *digits) {
    uint32_t power = base;
    *digits = 1;
    while ((uint64_t)power * base <= UINT32_MAX) {
        power *= base;
        ++*digits;
    }
    return power;
}

val_t int_to_str(val_t v, unsigned base) {
    view_t a;
    big_view(&a, v);
    unsigned bits_per_digit = 31 - (unsigned)__builtin_clz(base); /* rounded down: enough room */
    size_t room = a.n * 32 / bits_per_digit + 3;
    builder_t b;
    builder_init(&b, room);
    char *p = b.s->data + room, *end = p;
    size_t n = a.n;
    big_t *work = big_new(n, false);
    memcpy(work->d, a.d, n * 4);
    unsigned per_chunk;
    uint32_t chunk = chunk_of(base, &per_chunk);
    do {
        uint64_t rest = 0;
        for (size_t i = n; i-- > 0;) {
            rest = rest << 32 | work->d[i];
            work->d[i] = (uint32_t)(rest / chunk);
            rest %= chunk;
        }
        while (n && !work->d[n - 1])
            n--;
        for (unsigned i = 0; i < per_chunk && (n || rest || i == 0); i++) {
            *--p = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base];
            rest /= base;
        }
        vm_poll();
    } while (n);
    if (a.negative)
        *--p = '-';
    b.len = (size_t)(end - p);
    memmove(b.s->data, p, b.len);
    return builder_str(&b);
}

static unsigned digit_value(char c) {
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    c |= 32;
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a' + 10) : 99;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* 0x, 0o, 0b in front: its base, or 0. */
static unsigned prefix_base(const char *p, const char *end) {
    if (end - p < 2 || p[0] != '0')
        return 0;
    switch (p[1] | 32) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 0;
    }
}

bool int_parse(const char *p, size_t len, unsigned base, val_t *result) {
    const char *end = p + len;
    while (p < end && is_space(*p))
        p++;
    while (end > p && is_space(end[-1]))
        end--;
    bool negative = p < end && *p == '-', zeros_only = false;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    unsigned prefix = prefix_base(p, end);
    if (prefix && (base == 0 || base == prefix)) {
        base = prefix;
        p += 2;
        if (p < end && *p == '_')
            p++;
    } else if (base == 0) {
        base = 10;
        zeros_only = p < end && *p == '0';
    }
    if (p == end || *p == '_' || end[-1] == '_')
        return false;
    unsigned per_chunk;
    uint32_t chunk = chunk_of(base, &per_chunk);
    size_t digits = (size_t)(end - p);
    unsigned bits_per_digit = 32 - (unsigned)__builtin_clz(base - 1);
    big_t *big = NULL; /* only if the number is long */
    uint32_t n = 0;
    if (digits * bits_per_digit > 31)
        big = big_new(digits * bits_per_digit / 32 + 2, negative);
    uint32_t value = 0, power = 1;
    for (; p < end; p++) {
        if (*p == '_') {
            if (p[-1] == '_')
                return false;
            continue;
        }
        unsigned d = digit_value(*p);
        if (d >= base || (zeros_only && d))
            return false;
        value = value * base + d;
        power *= base;
        if (big && (power == chunk || p + 1 == end)) {
            uint64_t carry = value;
            for (uint32_t i = 0; i < n; i++) {
                carry += (uint64_t)big->d[i] * power;
                big->d[i] = (uint32_t)carry;
                carry >>= 32;
            }
            if (carry)
                big->d[n++] = (uint32_t)carry;
            value = 0;
            power = 1;
        }
    }
    if (!big)
        *result = negative ? int_from(-(intmax_t)value) : V_INT(value);
    else
        *result = big_finish(big);
    return true;
}
