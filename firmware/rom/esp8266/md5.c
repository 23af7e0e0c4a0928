// SPDX-License-Identifier: MIT
// MD5 (RFC 1321) and HMAC-MD5 (RFC 2104).
#include "crypto.h"

static const uint8_t turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static void transform(uint32_t buf[4], const uint32_t in[16])
{
    uint32_t a = buf[0], b = buf[1], c = buf[2], d = buf[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i >> 4, k;
        uint32_t f;
        if (round == 0)
            f = d ^ (b & (c ^ d)), k = i;
        else if (round == 1)
            f = c ^ (d & (b ^ c)), k = 5 * i + 1;
        else if (round == 2)
            f = b ^ c ^ d, k = 3 * i + 5;
        else
            f = c ^ (b | ~d), k = 7 * i;
        uint32_t x = a + f + md5_sines[i] + in[k & 15], turn = turns[round][i & 3];
        a = d, d = c, c = b;
        b += x << turn | x >> (32 - turn);
    }
    buf[0] += a, buf[1] += b, buf[2] += c, buf[3] += d;
}

void MD5Init(md5_t *m)
{
    m->buf[0] = 0x67452301, m->buf[1] = 0xEFCDAB89, m->buf[2] = 0x98BADCFE, m->buf[3] = 0x10325476;
    m->bits[0] = m->bits[1] = 0;
}

void MD5Update(md5_t *m, const void *data, uint32_t n)
{
    const uint8_t *p = data;
    uint32_t used = m->bits[0] >> 3 & 63;
    m->bits[1] += n >> 29;
    m->bits[0] += n << 3;
    m->bits[1] += m->bits[0] < n << 3;
    while (n) {
        uint32_t piece = n < 64 - used ? n : 64 - used;
        memcpy(m->in + used, p, piece);
        used += piece, p += piece, n -= piece;
        if (used == 64) {
            transform(m->buf, (uint32_t *)m->in);
            used = 0;
        }
    }
}

void MD5Final(uint8_t digest[16], md5_t *m)
{
    uint32_t used = m->bits[0] >> 3 & 63;
    m->in[used++] = 0x80;
    memset(m->in + used, 0, 64 - used);
    if (used > 56) {
        transform(m->buf, (uint32_t *)m->in);
        memset(m->in, 0, 56);
    }
    memcpy(m->in + 56, m->bits, 8);
    transform(m->buf, (uint32_t *)m->in);
    memcpy(digest, m->buf, 16);
    memset(m, 0, sizeof *m);
}

int md5_vector(uint32_t count, const uint8_t *const *data, const uint32_t *lengths, uint8_t *digest)
{
    md5_t m;
    MD5Init(&m);
    for (uint32_t i = 0; i < count; i++)
        MD5Update(&m, data[i], lengths[i]);
    MD5Final(digest, &m);
    return 0;
}

int hmac_md5_vector(const uint8_t *key, uint32_t key_length, uint32_t count, const uint8_t *const *data,
                    const uint32_t *lengths, uint8_t *mac)
{
    uint8_t pad[64] = {0}, inner[16];
    md5_t m;
    if (key_length > 64)
        md5_vector(1, &key, &key_length, pad);
    else
        memcpy(pad, key, key_length);
    for (unsigned i = 0; i < 64; i++)
        pad[i] ^= 0x36;
    MD5Init(&m);
    MD5Update(&m, pad, 64);
    for (uint32_t i = 0; i < count; i++)
        MD5Update(&m, data[i], lengths[i]);
    MD5Final(inner, &m);
    for (unsigned i = 0; i < 64; i++)
        pad[i] ^= 0x36 ^ 0x5C;
    MD5Init(&m);
    MD5Update(&m, pad, 64);
    MD5Update(&m, inner, 16);
    MD5Final(mac, &m);
    return 0;
}

int hmac_md5(const uint8_t *key, uint32_t key_length, const uint8_t *data, uint32_t length, uint8_t *mac)
{
    return hmac_md5_vector(key, key_length, 1, &data, &length, mac);
}
