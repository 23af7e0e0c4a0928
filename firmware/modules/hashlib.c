/* SPDX-License-Identifier: MIT
 * hashlib.c: the module hashlib: SHA-256 (FIPS 180-4). Its constants, the fractional parts of square and cube roots of the
 * first primes, are computed when an object is made: that takes less room than their table.
 */
#include "args.h"
#include "heap.h"
#include "module.h"

typedef struct sha256 {
    const type_t *type;
    raw_t *k;         /* the 64 constants, shared by copies */
    uint32_t h[8];
    uint64_t size;    /* bytes so far */
    uint8_t block[64];
} sha256_t;

static const type_t type_sha256;

/* floor(a * b / 2^32) for a < 2^46, b < 2^36, without 128-bit types */
static uint64_t scaled_product(uint64_t a, uint64_t b) {
    uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    return (low >> 32) + (a >> 32) * (b & UINT32_MAX) + (a & UINT32_MAX) * (b >> 32) + ((a >> 32) * (b >> 32) << 32);
}

/* The first 32 bits behind the point of the square or cube root of a small prime, bit by bit: the largest x with
 * x * x (* x) < p, in numbers with 32 bits behind the point. */
static uint32_t root_bits(uint32_t p, bool cube) {
    uint64_t x = 0, limit = (uint64_t)p << 32;
    for (uint64_t bit = (uint64_t)1 << 34; bit; bit >>= 1) {
        uint64_t y = x | bit, power = scaled_product(y, y);
        if (cube) { /* of the whole square: its lower half counts too */
            uint64_t low = scaled_product((uint32_t)(y * y), y);
            power = scaled_product(power, y) + (((uint32_t)(power * y) + low) >> 32);
        }
        if (power < limit)
            x = y;
    }
    return (uint32_t)x;
}

static uint32_t rotate(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static void transform(sha256_t *s) {
    const uint32_t *k = (const uint32_t *)s->k->data;
    uint32_t w[16], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)s->block[i * 4] << 24 | (uint32_t)s->block[i * 4 + 1] << 16 |
               (uint32_t)s->block[i * 4 + 2] << 8 | s->block[i * 4 + 3];
    memcpy(v, s->h, sizeof v);
    for (int i = 0; i < 64; i++) {
        if (i >= 16) {
            uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
            w[i & 15] += (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[(i + 9) & 15] +
                         (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
        }
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i & 15];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        s->h[i] += v[i];
}

static void add(sha256_t *s, const uint8_t *p, size_t n) {
    while (n--) {
        s->block[s->size++ % 64] = *p++;
        if (s->size % 64 == 0)
            transform(s);
    }
}

static val_t sha256_update(val_t self, val_t data) {
    buffer_t b;
    op_buffer(data, &b, false);
    add((sha256_t *)self, b.data, b.size);
    return V_NONE;
}

static val_t sha256_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    sha256_t *s = HEAP_NEW(&type_sha256, sha256_t);
    s->k = heap_alloc(&type_raw, sizeof(raw_t) + 64 * 4);
    s->k->size = 64 * 4;
    uint32_t *k = (uint32_t *)s->k->data;
    unsigned count = 0;
    for (uint32_t p = 2; count < 64; p++) {
        bool prime = true;
        for (uint32_t d = 2; d * d <= p; d++)
            prime &= p % d != 0;
        if (!prime)
            continue;
        if (count < 8)
            s->h[count] = root_bits(p, false);
        k[count++] = root_bits(p, true);
    }
    if (n)
        sha256_update(V_OBJ(s), args[0]);
    return V_OBJ(s);
}

static val_t sha256_digest(val_t self) {
    sha256_t *s = HEAP_NEW(&type_sha256, sha256_t);
    *s = *(sha256_t *)self;
    uint64_t bits = s->size * 8;
    uint8_t pad = 0x80, length[8];
    add(s, &pad, 1);
    for (pad = 0; s->size % 64 != 56;)
        add(s, &pad, 1);
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    add(s, length, 8);
    str_t *r = str_alloc(&type_bytes, 32);
    for (int i = 0; i < 32; i++)
        r->data[i] = (char)(s->h[i / 4] >> (24 - i % 4 * 8));
    return V_OBJ(r);
}
static val_t sha256_hexdigest(val_t self) { return call_method(sha256_digest(self), Q(hex), 0, NULL); }
static val_t sha256_copy(val_t self) {
    sha256_t *s = HEAP_NEW(&type_sha256, sha256_t);
    *s = *(sha256_t *)self;
    return V_OBJ(s);
}

static const dict_entry_t sha256_table[] = {
    METHOD_2(update, sha256_update),
    METHOD_1(digest, sha256_digest),
    METHOD_1(hexdigest, sha256_hexdigest),
    METHOD_1(copy, sha256_copy),
};
static const dict_t sha256_attrs = ROM_DICT(sha256_table);
static const type_t type_sha256 = {TYPE_HEAD, .name = Q(sha256), .attrs = &sha256_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .make = sha256_make};

static const dict_entry_t hashlib_table[] = {
    {VQ(__name__), VQ(hashlib)},
    {VQ(sha256), V_OBJ(&type_sha256)},
};
MODULE(hashlib, hashlib_table);
