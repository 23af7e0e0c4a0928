/* SPDX-License-Identifier: MIT
 * binascii.c: the module binascii: hexlify, unhexlify, base64, CRC-32.
 */
#include "args.h"
#include "heap.h"
#include "module.h"

static val_t binascii_hexlify(unsigned n, const val_t *args) {
    buffer_t b, sep = {"", 0, 'B', false};
    op_buffer(args[0], &b, false);
    if (n > 1)
        op_buffer(args[1], &sep, false);
    builder_t r;
    builder_init(&r, b.size * 2);
    for (size_t i = 0; i < b.size; i++) {
        if (i)
            builder_add(&r, sep.data, sep.size);
        out_printf(&r.out, "%02x", (unsigned)((uint8_t *)b.data)[i]);
    }
    return builder_bytes(&r);
}

static int hex(uint8_t c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static val_t binascii_unhexlify(val_t data) {
    buffer_t b;
    op_buffer(data, &b, false);
    const uint8_t *p = b.data;
    if (b.size % 2)
        raise_value("odd-length string");
    str_t *s = str_alloc(&type_bytes, b.size / 2);
    for (size_t i = 0; i < b.size; i += 2) {
        int high = hex(p[i]), low = hex(p[i + 1]);
        if (high < 0 || low < 0)
            raise_value("non-hex digit found");
        s->data[i / 2] = (char)(high << 4 | low);
    }
    return V_OBJ(s);
}

static char base64_char(unsigned v) {
    return (char)(v < 26 ? 'A' + v : v < 52 ? 'a' + v - 26 : v < 62 ? '0' + v - 52 : v == 62 ? '+' : '/');
}
static int base64_value(uint8_t c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static val_t binascii_b2a_base64(unsigned n, unsigned nkw, const val_t *args) {
    val_t newline = args_keyword(nkw, args + n, Q(newline));
    buffer_t b;
    op_buffer(args[0], &b, false);
    const uint8_t *p = b.data;
    builder_t r;
    builder_init(&r, b.size / 3 * 4 + 5);
    for (size_t i = 0; i < b.size; i += 3) {
        size_t left = b.size - i;
        unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0u);
        builder_char(&r, base64_char(v >> 18));
        builder_char(&r, base64_char(v >> 12 & 63));
        builder_char(&r, left > 1 ? base64_char(v >> 6 & 63) : '=');
        builder_char(&r, left > 2 ? base64_char(v & 63) : '=');
    }
    if (!newline || op_is_true(newline))
        builder_char(&r, '\n');
    return builder_bytes(&r);
}

static val_t binascii_a2b_base64(val_t data) {
    buffer_t b;
    op_buffer(data, &b, false);
    const uint8_t *p = b.data;
    builder_t r;
    builder_init(&r, b.size / 4 * 3);
    uint32_t bits = 0;
    unsigned n = 0, pads = 0;
    for (size_t i = 0; i < b.size; i++) {
        int v = base64_value(p[i]);
        pads += p[i] == '=';
        if (v < 0)
            continue;
        bits = bits << 6 | (uint32_t)v;
        n += 6;
        if (n >= 8) {
            n -= 8;
            builder_char(&r, (char)(bits >> n));
        }
    }
    if (n == 6 || (n && pads != n / 2))
        raise_value("incorrect padding");
    return builder_bytes(&r);
}

static val_t binascii_crc32(unsigned n, const val_t *args) {
    buffer_t b;
    op_buffer(args[0], &b, false);
    uint32_t crc = n > 1 ? ~uint32_arg(args[1]) : UINT32_MAX;
    for (size_t i = 0; i < b.size; i++) {
        crc ^= ((uint8_t *)b.data)[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return int_from_u((uint32_t)~crc);
}

static const dict_entry_t binascii_table[] = {
    {VQ(__name__), VQ(binascii)},
    FUNC_V(hexlify, binascii_hexlify, 1, 2),
    FUNC_1(unhexlify, binascii_unhexlify),
    FUNC_K(b2a_base64, binascii_b2a_base64, 1, 1),
    FUNC_1(a2b_base64, binascii_a2b_base64),
    FUNC_V(crc32, binascii_crc32, 1, 2),
};
MODULE(binascii, binascii_table);
