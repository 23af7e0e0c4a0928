// SPDX-License-Identifier: MIT
// SHA-1 (FIPS 180-4), HMAC-SHA-1 (RFC 2104), PBKDF2 (RFC 8018) and the pseudo-random function of IEEE 802.11.
#include "crypto.h"

static inline uint32_t turned(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

// Word i of the schedule, kept in a ring of sixteen.
#define NEXT(w, i) (w[(i) & 15] = turned(w[((i) + 13) & 15] ^ w[((i) + 8) & 15] ^ w[((i) + 2) & 15] ^ w[(i) & 15], 1))
#define ROUND(a, b, c, d, e, f, k, word) (e += turned(a, 5) + (f) + (k) + (word), b = turned(b, 30))
#define CHOICE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))
#define FIVE(f, k, word, i) \
    ROUND(a, b, c, d, e, f(b, c, d), k, word(i)); \
    ROUND(e, a, b, c, d, f(a, b, c), k, word(i + 1)); \
    ROUND(d, e, a, b, c, f(e, a, b), k, word(i + 2)); \
    ROUND(c, d, e, a, b, f(d, e, a), k, word(i + 3)); \
    ROUND(b, c, d, e, a, f(c, d, e), k, word(i + 4))
#define FIRST(i) (w[i])
#define LATER(i) NEXT(w, i)
#define EITHER(i) ((i) < 16 ? w[i] : NEXT(w, i))

static void rounds(uint32_t state[5], uint32_t w[16])
{
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (unsigned i = 0; i < 15; i += 5) {
        FIVE(CHOICE, 0x5A827999, FIRST, i);
    }
    FIVE(CHOICE, 0x5A827999, EITHER, 15);
    for (unsigned i = 20; i < 40; i += 5) {
        FIVE(PARITY, 0x6ED9EBA1, LATER, i);
    }
    for (unsigned i = 40; i < 60; i += 5) {
        FIVE(MAJORITY, 0x8F1BBCDC, LATER, i);
    }
    for (unsigned i = 60; i < 80; i += 5) {
        FIVE(PARITY, 0xCA62C1D6, LATER, i);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

void SHA1Transform(uint32_t state[5], const uint8_t block[64])
{
    uint32_t w[16];
    for (unsigned i = 0; i < 16; i++, block += 4)
        w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    rounds(state, w);
}

void SHA1Init(sha1_t *s)
{
    static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memcpy(s->state, start, sizeof start);
    s->bits[0] = s->bits[1] = 0;
}

void SHA1Update(sha1_t *s, const void *data, uint32_t n)
{
    const uint8_t *p = data;
    uint32_t used = s->bits[0] >> 3 & 63;
    s->bits[1] += n >> 29;
    s->bits[0] += n << 3;
    s->bits[1] += s->bits[0] < n << 3;
    while (n) {
        uint32_t piece = n < 64 - used ? n : 64 - used;
        memcpy(s->buffer + used, p, piece);
        used += piece, p += piece, n -= piece;
        if (used == 64) {
            SHA1Transform(s->state, s->buffer);
            used = 0;
        }
    }
}

static void put_word(uint8_t *to, uint32_t x) { to[0] = x >> 24, to[1] = x >> 16, to[2] = x >> 8, to[3] = x; }

void SHA1Final(uint8_t digest[20], sha1_t *s)
{
    uint32_t used = s->bits[0] >> 3 & 63;
    s->buffer[used++] = 0x80;
    memset(s->buffer + used, 0, 64 - used);
    if (used > 56) {
        SHA1Transform(s->state, s->buffer);
        memset(s->buffer, 0, 56);
    }
    put_word(s->buffer + 56, s->bits[1]);
    put_word(s->buffer + 60, s->bits[0]);
    SHA1Transform(s->state, s->buffer);
    for (unsigned i = 0; i < 5; i++)
        put_word(digest + 4 * i, s->state[i]);
    memset(s, 0, sizeof *s);
}

int sha1_vector(uint32_t count, const uint8_t *const *data, const uint32_t *lengths, uint8_t *digest)
{
    sha1_t s;
    SHA1Init(&s);
    for (uint32_t i = 0; i < count; i++)
        SHA1Update(&s, data[i], lengths[i]);
    SHA1Final(digest, &s);
    return 0;
}

// ---- HMAC ---------------------------------------------------------------------------------------------------------

// The two digests that have taken in the key.
static void key_in(sha1_t *inner, sha1_t *outer, const uint8_t *key, uint32_t key_length)
{
    uint8_t pad[64] = {0};
    if (key_length > 64)
        sha1_vector(1, &key, &key_length, pad);
    else
        memcpy(pad, key, key_length);
    for (unsigned i = 0; i < 64; i++)
        pad[i] ^= 0x36;
    SHA1Init(inner);
    SHA1Update(inner, pad, 64);
    for (unsigned i = 0; i < 64; i++)
        pad[i] ^= 0x36 ^ 0x5C;
    SHA1Init(outer);
    SHA1Update(outer, pad, 64);
}

int hmac_sha1_vector(const uint8_t *key, uint32_t key_length, uint32_t count, const uint8_t *const *data,
                     const uint32_t *lengths, uint8_t *mac)
{
    sha1_t inner, outer;
    uint8_t digest[20];
    key_in(&inner, &outer, key, key_length);
    for (uint32_t i = 0; i < count; i++)
        SHA1Update(&inner, data[i], lengths[i]);
    SHA1Final(digest, &inner);
    SHA1Update(&outer, digest, 20);
    SHA1Final(mac, &outer);
    return 0;
}

int hmac_sha1(const uint8_t *key, uint32_t key_length, const uint8_t *data, uint32_t length, uint8_t *mac)
{
    return hmac_sha1_vector(key, key_length, 1, &data, &length, mac);
}

// HMAC of label, 0, data and a counter, as often as n asks for.
int sha1_prf(const uint8_t *key, uint32_t key_length, const char *label, const uint8_t *data, uint32_t length,
             uint8_t *to, uint32_t n)
{
    uint8_t counter = 0, mac[20];
    const uint8_t *pieces[3] = {(const uint8_t *)label, data, &counter};
    uint32_t lengths[3] = {strlen(label) + 1, length, 1};
    for (; n; counter++) {
        uint32_t piece = n < 20 ? n : 20;
        hmac_sha1_vector(key, key_length, 3, pieces, lengths, mac);
        memcpy(to, mac, piece);
        to += piece, n -= piece;
    }
    return 0;
}

// ---- PBKDF2: the digests take the key in once, and a digest of a digest is a single block -------------------------

static void digest_of_digest(const sha1_t *keyed, uint32_t x[5])
{
    uint32_t w[16] = {x[0], x[1], x[2], x[3], x[4], 0x80000000, [15] = (64 + 20) * 8};
    memcpy(x, keyed->state, 20);
    rounds(x, w);
}

int pbkdf2_sha1(const char *passphrase, const char *ssid, uint32_t ssid_length, int iterations, uint8_t *to, uint32_t n)
{
    sha1_t inner, outer, first;
    key_in(&inner, &outer, (const uint8_t *)passphrase, strlen(passphrase));
    for (uint32_t block = 1; n; block++) {
        uint8_t text[20];
        uint32_t x[5], sum[5], piece = n < 20 ? n : 20;
        first = inner;
        put_word(text, block);
        SHA1Update(&first, ssid, ssid_length);
        SHA1Update(&first, text, 4);
        SHA1Final(text, &first);
        for (unsigned i = 0; i < 5; i++)
            x[i] = (uint32_t)text[4 * i] << 24 | (uint32_t)text[4 * i + 1] << 16 | (uint32_t)text[4 * i + 2] << 8 |
                   text[4 * i + 3];
        digest_of_digest(&outer, x);
        memcpy(sum, x, 20);
        for (int k = 1; k < iterations; k++) {
            digest_of_digest(&inner, x);
            digest_of_digest(&outer, x);
            for (unsigned i = 0; i < 5; i++)
                sum[i] ^= x[i];
        }
        for (unsigned i = 0; i < 5; i++)
            put_word(text + 4 * i, sum[i]);
        memcpy(to, text, piece);
        to += piece, n -= piece;
    }
    return 0;
}
