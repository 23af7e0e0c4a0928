// SPDX-License-Identifier: GPL-2.0-or-later
// The ROM's digests and ciphers: against GLib's, and against the examples of their standards.
#include "rom.h"

enum {
    DATA = ROM_DATA,
    KEY = ROM_DATA + 0xC00,
    RESULT = ROM_DATA + 0xD00,
    CONTEXT = ROM_DATA + 0x1000,
    LISTS = ROM_DATA + 0x1200
};

static char *hex(rom_t *r, uint32_t address, unsigned n)
{
    GString *s = g_string_new(NULL);
    for (unsigned i = 0; i < n; i++) {
        uint8_t b;
        rom_get(r, address + i, &b, 1);
        g_string_append_printf(s, "%02x", b);
    }
    return g_string_free(s, false);
}

static void put_hex(rom_t *r, uint32_t address, const char *text)
{
    for (; *text; text += 2) {
        uint8_t b = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
        rom_put(r, address++, &b, 1);
    }
}

static void check(rom_t *r, unsigned n, const char *want)
{
    g_autofree char *is = hex(r, RESULT, n);
    g_assert_cmpstr(is, ==, want);
}

// All lengths around the ends of blocks, in pieces.
static void digests(void)
{
    static const struct {
        GChecksumType type;
        uint32_t init, update, final, size;
    } kinds[] = {{G_CHECKSUM_MD5, 0x40009818, 0x40009834, 0x40009900, 16},
                 {G_CHECKSUM_SHA1, 0x4000B584, 0x4000B5A8, 0x4000B648, 20}};
    rom_t *r = rom_booted();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    uint8_t data[1000];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)g_rand_int(rand);
    rom_put(r, DATA, data, sizeof data);
    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (unsigned n = 0; n < 300; n++) {
            unsigned cut = n ? g_rand_int(rand) % n : 0;
            rom_call(r, kinds[k].init, 1, CONTEXT);
            rom_call(r, kinds[k].update, 3, CONTEXT, DATA, cut);
            rom_call(r, kinds[k].update, 3, CONTEXT, DATA + cut, n - cut);
            rom_call(r, kinds[k].final, 2, RESULT, CONTEXT);
            g_autofree char *want = g_compute_checksum_for_data(kinds[k].type, data, n);
            check(r, kinds[k].size, want);
        }
    rom_free(r);
}

static void hmac(void)
{
    static const struct {
        GChecksumType type;
        uint32_t one, vector, size;
    } kinds[] = {{G_CHECKSUM_MD5, 0x4000A2CC, 0x4000A160, 16},
                 {G_CHECKSUM_SHA1, 0x4000BA28, 0x4000B8B4, 20}};
    rom_t *r = rom_booted();
    uint8_t key[100], data[200];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7), key[i % sizeof key] = (uint8_t)(i * 13 + 1);
    rom_put(r, DATA, data, sizeof data);
    rom_put(r, KEY, key, sizeof key);
    uint32_t lists[4] = {DATA, DATA + 50, 50, 150};
    rom_put(r, LISTS, lists, sizeof lists);
    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (unsigned n = 1; n <= sizeof key; n += 33) {
            g_autofree char *want =
                g_compute_hmac_for_data(kinds[k].type, key, n, data, sizeof data);
            rom_call(r, kinds[k].one, 5, KEY, n, DATA, (uint32_t)sizeof data, RESULT);
            check(r, kinds[k].size, want);
            rom_call(r, kinds[k].vector, 6, KEY, n, 2, LISTS, LISTS + 8, RESULT);
            check(r, kinds[k].size, want);
        }
    rom_free(r);
}

// RFC 6070 and IEEE 802.11, annex on suggested pass-phrase-to-PSK mapping.
static void pbkdf2(void)
{
    rom_t *r = rom_booted();
    rom_put(r, KEY, "password", 9);
    rom_put(r, DATA, "salt", 4);
    rom_call(r, 0x4000B840, 6, KEY, DATA, 4, 1, RESULT, 20);
    check(r, 20, "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    rom_call(r, 0x4000B840, 6, KEY, DATA, 4, 4096, RESULT, 20);
    check(r, 20, "4b007901b765489abead49d926f721d065a429c1");
    rom_put(r, DATA, "IEEE", 4);
    uint64_t before = r->m->cpu->cls->cycles(r->m->cpu);
    rom_call(r, 0x4000B840, 6, KEY, DATA, 4, 4096, RESULT, 32);
    g_test_message("4096 rounds, 32 bytes: %u cycles",
                   (unsigned)(r->m->cpu->cls->cycles(r->m->cpu) - before));
    check(r, 32, "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e");
    rom_free(r);
}

// sha1_prf: what IEEE 802.11 defines, put together from HMACs here.
static void prf(void)
{
    rom_t *r = rom_booted();
    static const uint8_t key[] = {0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb,
                                  0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb};
    rom_put(r, KEY, key, sizeof key);
    rom_put(r, DATA, "Hi There", 8);
    rom_put(r, LISTS, "prefix", 7);
    rom_call(r, 0x4000BA48, 7, KEY, (uint32_t)sizeof key, LISTS, DATA, 8, RESULT, 64);
    check(r, 64,
          "bcd4c650b30b9684951829e0d75f9d54b862175ed9f00606e17d8da35402ffee75df78c3d31e0f889f012120"
          "c0862beb67753e7439ae242e"
          "db8373698356cf5a");
    rom_free(r);
}

static void aes(void)
{
    rom_t *r = rom_booted();
    put_hex(r, KEY, "000102030405060708090a0b0c0d0e0f"); // FIPS 197, C.1
    put_hex(r, DATA, "69c4e0d86a7b0430d8cdb78070b4c55a");
    uint32_t context = (uint32_t)rom_call(r, 0x40008EA4, 2, KEY, 16);
    g_assert_cmphex(context, !=, 0);
    rom_call(r, 0x400092D4, 3, context, DATA, RESULT);
    check(r, 16, "00112233445566778899aabbccddeeff");
    rom_call(r, 0x400092E4, 1, context);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40008EA4, 2, KEY, 32), ==, 0);
    put_hex(r, DATA, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"); // RFC 3394, 4.1
    g_assert_cmphex((uint32_t)rom_call(r, 0x40009410, 4, KEY, 2, DATA, RESULT), ==, 0);
    check(r, 16, "00112233445566778899aabbccddeeff");
    put_hex(r, DATA, "1e");
    g_assert_cmphex((uint32_t)rom_call(r, 0x40009410, 4, KEY, 2, DATA, RESULT), ==, UINT32_MAX);
    put_hex(r, KEY, "2b7e151628aed2a6abf7158809cf4f3c"); // FIPS 197, A.1
    rom_call(r, 0x40009300, 2, CONTEXT, KEY);
    uint32_t last;
    rom_get(r, CONTEXT + 43 * 4, &last, 4);
    g_assert_cmphex(last, ==, 0xB6630CA6);
    rom_free(r);
}

static void rc4(void) // RFC 6229, key of 40 bits
{
    rom_t *r = rom_booted();
    put_hex(r, KEY, "0102030405");
    for (unsigned i = 0; i < 2; i++) {
        put_hex(r, RESULT, "00000000000000000000000000000000");
        rom_call(r, 0x4000DD68, 5, KEY, 5, i ? 240 : 0, RESULT, 16);
        check(r, 16, i ? "28cb1132c96ce286421dcaadb8b69eae" : "b2396305f03dc027ccc3524a0a1118a8");
    }
    rom_free(r);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    g_test_add_func("/rom/crypto/digests", digests);
    g_test_add_func("/rom/crypto/hmac", hmac);
    g_test_add_func("/rom/crypto/pbkdf2", pbkdf2);
    g_test_add_func("/rom/crypto/prf", prf);
    g_test_add_func("/rom/crypto/aes", aes);
    g_test_add_func("/rom/crypto/rc4", rc4);
    return g_test_run();
}
