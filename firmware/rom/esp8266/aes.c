// SPDX-License-Identifier: MIT
// AES with keys of 128 bits, deciphering (FIPS 197); key unwrapping (RFC 3394); RC4.
#include "crypto.h"

enum { ROUNDS = 10, KEY_WORDS = 4 * (ROUNDS + 1) };

static uint32_t load(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static void save(uint8_t *p, uint32_t x) { p[0] = x >> 24, p[1] = x >> 16, p[2] = x >> 8, p[3] = x; }
static uint32_t right(uint32_t x, unsigned n) { return n ? x >> n | x << (32 - n) : x; }
static uint32_t s_box(uint32_t x) { return Te0[x & 0xFF] >> 8 & 0xFF; }

void rijndaelKeySetupEnc(uint32_t keys[44], const uint8_t key[16])
{
    for (unsigned i = 0; i < 4; i++)
        keys[i] = load(key + 4 * i);
    for (unsigned i = 4; i < KEY_WORDS; i++) {
        uint32_t x = keys[i - 1];
        if (i % 4 == 0)
            x = (s_box(x >> 16) << 24 | s_box(x >> 8) << 16 | s_box(x) << 8 | s_box(x >> 24)) ^
                (uint32_t)rcons[i / 4 - 1] << 24;
        keys[i] = keys[i - 4] ^ x;
    }
}

// Round keys in the order of deciphering, those in the middle with their columns mixed backwards.
void rijndaelKeySetupDec(uint32_t keys[44], const uint8_t key[16])
{
    rijndaelKeySetupEnc(keys, key);
    for (unsigned i = 0, j = KEY_WORDS - 4; i < j; i += 4, j -= 4)
        for (unsigned k = 0; k < 4; k++) {
            uint32_t x = keys[i + k];
            keys[i + k] = keys[j + k];
            keys[j + k] = x;
        }
    for (unsigned i = 4; i < KEY_WORDS - 4; i++) {
        uint32_t x = keys[i];
        keys[i] = Td0[s_box(x >> 24)] ^ right(Td0[s_box(x >> 16)], 8) ^ right(Td0[s_box(x >> 8)], 16) ^
                  right(Td0[s_box(x)], 24);
    }
}

static void decipher(const uint32_t *keys, const uint8_t *from, uint8_t *to)
{
    uint32_t s[4], t[4];
    for (unsigned i = 0; i < 4; i++)
        s[i] = load(from + 4 * i) ^ keys[i];
    for (unsigned round = 1; round < ROUNDS; round++) {
        keys += 4;
        for (unsigned i = 0; i < 4; i++)
            t[i] = Td0[s[i] >> 24] ^ right(Td0[s[(i + 3) & 3] >> 16 & 0xFF], 8) ^
                   right(Td0[s[(i + 2) & 3] >> 8 & 0xFF], 16) ^ right(Td0[s[(i + 1) & 3] & 0xFF], 24) ^ keys[i];
        memcpy(s, t, sizeof s);
    }
    keys += 4;
    for (unsigned i = 0; i < 4; i++)
        t[i] = (uint32_t)Td4s[s[i] >> 24] << 24 | (uint32_t)Td4s[s[(i + 3) & 3] >> 16 & 0xFF] << 16 |
               (uint32_t)Td4s[s[(i + 2) & 3] >> 8 & 0xFF] << 8 | Td4s[s[(i + 1) & 3] & 0xFF];
    for (unsigned i = 0; i < 4; i++)
        save(to + 4 * i, t[i] ^ keys[i]);
}

// There is no heap here: one context at a time.
static uint32_t context_keys[KEY_WORDS];

void *aes_decrypt_init(const uint8_t *key, uint32_t length)
{
    if (length != 16)
        return NULL;
    rijndaelKeySetupDec(context_keys, key);
    return context_keys;
}

void aes_decrypt(void *context, const uint8_t *from, uint8_t *to) { decipher(context, from, to); }

void aes_decrypt_deinit(void *context) { memset(context, 0, sizeof context_keys); }

// n: 64-bit pieces of the key that is unwrapped. -1: the wrapping is not whole.
int aes_unwrap(const uint8_t *key, int n, const uint8_t *from, uint8_t *to)
{
    uint32_t keys[KEY_WORDS];
    uint8_t b[16], a[8];
    rijndaelKeySetupDec(keys, key);
    memcpy(a, from, 8);
    memmove(to, from + 8, 8 * (uint32_t)n);
    for (int j = 5; j >= 0; j--)
        for (int i = n; i >= 1; i--) {
            memcpy(b, a, 8);
            save(b + 4, load(b + 4) ^ (uint32_t)(n * j + i));
            memcpy(b + 8, to + 8 * (i - 1), 8);
            decipher(keys, b, b);
            memcpy(a, b, 8);
            memcpy(to + 8 * (i - 1), b + 8, 8);
        }
    for (unsigned i = 0; i < 8; i++)
        if (a[i] != 0xA6)
            return -1;
    return 0;
}

// The stream from byte `skip` on, over n bytes of data.
int rc4_skip(const uint8_t *key, uint32_t key_length, uint32_t skip, uint8_t *data, uint32_t n)
{
    uint8_t s[256];
    unsigned i, j = 0, k = 0;
    for (i = 0; i < 256; i++)
        s[i] = i;
    for (i = 0; i < 256; i++) {
        uint8_t x = s[i];
        j = (j + x + key[k]) & 0xFF;
        s[i] = s[j];
        s[j] = x;
        k = k + 1 < key_length ? k + 1 : 0;
    }
    i = j = 0;
    for (uint32_t at = 0; at < skip + n; at++) {
        i = (i + 1) & 0xFF;
        uint8_t x = s[i];
        j = (j + x) & 0xFF;
        s[i] = s[j];
        s[j] = x;
        if (at >= skip)
            *data++ ^= s[(s[i] + x) & 0xFF];
    }
    return 0;
}
