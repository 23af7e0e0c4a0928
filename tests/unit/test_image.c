// SPDX-License-Identifier: GPL-2.0-or-later
// Images: every format as it should be, cut off at every byte, garbled in chosen and in random
// ways. The images are made here, byte by byte, from the formats' specifications.
#include "image.h"

#include <glib/gstdio.h>
#include <string.h>

// ---- making images -----------------------------------------------------------------------------

static void put(GByteArray *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        g_byte_array_append(to, &byte, 1);
    }
}

static void put_text(GByteArray *to, const char *text)
{
    g_byte_array_append(to, (const guint8 *)text, (guint)strlen(text));
}

static void put_zeros(GByteArray *to, int count)
{
    for (int i = 0; i < count; i++) {
        put(to, 0, 1);
    }
}

static void poke(GByteArray *in, uint32_t offset, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        in->data[offset + (uint32_t)i] = (uint8_t)(value >> 8 * i);
    }
}

static void put_symbol(GByteArray *to, uint32_t name, uint32_t value, uint32_t size, int type,
                       int section)
{
    put(to, name, 4);
    put(to, value, 4);
    put(to, size, 4);
    put(to, (uint32_t)type | 0x10, 1);
    put(to, 0, 1);
    put(to, (uint32_t)section, 2);
}

enum {
    ELF_SEGMENTS = 52,
    ELF_DATA = 52 + 2 * 32,
    ELF_SYMBOLS = ELF_DATA + 12,
    ELF_STRINGS = ELF_SYMBOLS + 7 * 16,
    ELF_SECTIONS = ELF_STRINGS + 40,
};

// Two segments (8 bytes of code, 4 of data whose home in RAM differs), symbols, sections last.
static GByteArray *make_elf(void)
{
    GByteArray *e = g_byte_array_new();
    static const uint8_t IDENT[] = {0x7F, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    g_byte_array_append(e, IDENT, sizeof IDENT);
    put(e, 2, 2);
    put(e, 40, 2);
    put(e, 1, 4);
    put(e, 0x08000101, 4);
    put(e, ELF_SEGMENTS, 4);
    put(e, ELF_SECTIONS, 4);
    put(e, 0x05000400, 4);
    put(e, 52, 2);
    put(e, 32, 2);
    put(e, 2, 2);
    put(e, 40, 2);
    put(e, 3, 2);
    put(e, 2, 2);
    static const uint32_t SEGMENTS[2][8] = {
        {1, ELF_DATA, 0x08000000, 0x08000000, 8, 8, 5, 4},
        {1, ELF_DATA + 8, 0x20000000, 0x08000010, 4, 0x100, 6, 4},
    };
    for (int i = 0; i < 16; i++) {
        put(e, SEGMENTS[i / 8][i % 8], 4);
    }
    put_text(e, "ABCDEFGHdata");
    put_symbol(e, 0, 0, 0, 0, 0);
    put_symbol(e, 1, 0x08000101, 0x20, 2, 1);  // main, Thumb
    put_symbol(e, 6, 0x08000200, 0, 0, 1);     // label, no size
    put_symbol(e, 12, 0x20000000, 0x10, 1, 1); // table
    put_symbol(e, 18, 0x08000100, 0, 0, 1);    // $t: not wanted
    put_symbol(e, 21, 0x20001000, 0, 0, 0xFFF1); // absolute: not wanted
    put_symbol(e, 25, 0x08000108, 0, 0, 1);    // a label inside main
    g_byte_array_append(e, (const guint8 *)"\0main\0label\0table\0$t\0top\0inner", 31);
    put_zeros(e, 9);
    static const uint32_t SECTIONS[3][10] = {
        {0},
        {1, 2, 0, 0, ELF_SYMBOLS, 7 * 16, 2, 1, 4, 16},
        {9, 3, 0, 0, ELF_STRINGS, 40, 0, 0, 1, 0},
    };
    for (int i = 0; i < 30; i++) {
        put(e, SECTIONS[i / 10][i % 10], 4);
    }
    return e;
}

static GByteArray *make_hex(void)
{
    GByteArray *h = g_byte_array_new();
    put_text(h, ":020000040800F2\r\n"         // linear base 0x08000000
                ":0400080065666768" "5A\r\n"   // out of order
                ":040000004142434" "4F2\r\n"   //
                ":02000400616237\r\n"          // joins the two around it with a gap of two
                "\r\n"                         // empty lines are let through
                ":020000021000EC\r\n"          // segment 0x10000
                ":04FFFE007172737435\r\n"      // wraps: 0x1FFFE and 0x10000
                ":0400000508000101ED\r\n"      // start
                ":00000001FF\r\n");
    return h;
}

static uint32_t crc32_dfu(const uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length * 8; i++) {
        uint32_t bit = (crc ^ bytes[i / 8] >> i % 8) & 1;
        crc = crc >> 1 ^ (bit ? 0xEDB88320 : 0);
    }
    return crc;
}

static void fix_dfuse(GByteArray *d)
{
    if (d->len >= 16) {
        poke(d, d->len - 4, crc32_dfu(d->data, d->len - 4), 4);
    }
}

enum { DFUSE_TARGET = 11, DFUSE_FIRST = DFUSE_TARGET + 274, DFUSE_SIZE = DFUSE_FIRST + 12 + 13 };

static GByteArray *make_dfuse(void)
{
    GByteArray *d = g_byte_array_new();
    put_text(d, "DfuSe");
    put(d, 1, 1);
    put(d, DFUSE_SIZE, 4);
    put(d, 1, 1);
    put_text(d, "Target");
    put(d, 0, 1);
    put(d, 1, 4);
    put_text(d, "name");
    put_zeros(d, 251);
    put(d, 12 + 13, 4);
    put(d, 2, 4);
    put(d, 0x08020000, 4);
    put(d, 4, 4);
    put_text(d, "main");
    put(d, 0x08000000, 4);
    put(d, 5, 4);
    put_text(d, "start");
    put(d, 0x2200, 2);
    put(d, 0xDF11, 2);
    put(d, 0x0483, 2);
    put(d, 0x011A, 2);
    put_text(d, "UFD");
    put(d, 16, 1);
    put_zeros(d, 4);
    fix_dfuse(d);
    return d;
}

static void put_uf2(GByteArray *to, uint32_t flags, uint32_t address, uint32_t number,
                    uint32_t count, uint32_t family)
{
    const uint32_t header[] = {0x0A324655, 0x9E5D5157, flags, address, 256, number, count, family};
    for (size_t i = 0; i < G_N_ELEMENTS(header); i++) {
        put(to, header[i], 4);
    }
    for (uint32_t i = 0; i < 476; i++) {
        put(to, i < 256 ? number + i : 0, 1);
    }
    put(to, 0x0AB16F30, 4);
}

#define FAMILY_F4 0x57755A57u

// Blocks 0 and 2 are neighbours, 1 is elsewhere, 3 is not for the flash.
static GByteArray *make_uf2(void)
{
    GByteArray *u = g_byte_array_new();
    put_uf2(u, 0x2000, 0x08000000, 0, 4, FAMILY_F4);
    put_uf2(u, 0x2000, 0x08010000, 1, 4, FAMILY_F4);
    put_uf2(u, 0x2000, 0x08000100, 2, 4, FAMILY_F4);
    put_uf2(u, 0x2001, 0x08000000, 3, 4, FAMILY_F4);
    return u;
}

typedef struct {
    const char *name;
    image_format_t format;
    GByteArray *(*make)(void);
} sample_t;

enum { ESP_SECOND = 8 + 8 + 8, ESP_SIZE = 48 };

static void put_esp_checksum(GByteArray *e, guint start)
{
    uint8_t sum = 0xEF;
    guint at = start + 8;
    for (int i = 0; i < e->data[start + 1]; i++) {
        uint32_t length = e->data[at + 4] | (uint32_t)e->data[at + 5] << 8;
        for (at += 8; length > 0; length--) {
            sum ^= e->data[at++];
        }
    }
    put_zeros(e, 15 - (int)(e->len - start) % 16);
    put(e, sum, 1);
}

// Code of 8 bytes for IRAM, data of 4 for DRAM.
static void put_esp(GByteArray *e)
{
    guint start = e->len;
    put(e, 0x400002E9, 4); // 4 MB, QIO, 40 MHz, two segments
    put(e, 0x40100004, 4);
    put(e, 0x40100000, 4);
    put(e, 8, 4);
    put_text(e, "ABCDEFGH");
    put(e, 0x3FFE8000, 4);
    put(e, 4, 4);
    put_text(e, "data");
    put_esp_checksum(e, start);
}

static GByteArray *make_esp(void)
{
    GByteArray *e = g_byte_array_new();
    put_esp(e);
    return e;
}

// Version 2: 16 bytes for the flash first, a CRC last.
static GByteArray *make_esp_v2(void)
{
    GByteArray *e = g_byte_array_new();
    put(e, 0x400004EA, 4);
    put(e, 0x40100004, 4);
    put(e, 0, 4);
    put(e, 16, 4);
    put_text(e, "flash code here!");
    put_esp(e);
    put(e, 0x73B0F5D4, 4); // by zlib.crc32, with the SDK's rule for the sign
    return e;
}

static const sample_t SAMPLES[] = {
    {"good.elf", IMAGE_FORMAT_ELF, make_elf},
    {"good.hex", IMAGE_FORMAT_HEX, make_hex},
    {"good.dfu", IMAGE_FORMAT_DFUSE, make_dfuse},
    {"good.uf2", IMAGE_FORMAT_UF2, make_uf2},
    {"good.bin", IMAGE_FORMAT_ESP, make_esp},
    {"good2.bin", IMAGE_FORMAT_ESP, make_esp_v2},
};

// ---- checking ----------------------------------------------------------------------------------

static image_t *parse(const char *name, const GByteArray *bytes, const image_options_t *options,
                      GError **error)
{
    // A copy of the exact size, so that the sanitizer sees a read past the end.
    g_autoptr(GBytes) file = g_bytes_new(bytes->data, bytes->len);
    return image_parse(name, file, options, error);
}

static image_t *parse_good(const char *name, GByteArray *bytes, const image_options_t *options)
{
    GError *error = NULL;
    image_t *image = parse(name, bytes, options, &error);
    g_assert_no_error(error);
    g_byte_array_unref(bytes);
    return image;
}

static void check_segment(const image_t *image, guint index, uint32_t address, const char *bytes,
                          size_t length)
{
    g_assert_cmpuint(index, <, image->segments->len);
    const image_segment_t *s = &g_array_index(image->segments, image_segment_t, index);
    gsize size;
    const void *data = g_bytes_get_data(s->bytes, &size);
    g_assert_cmphex(s->address, ==, address);
    g_assert_cmpmem(data, size, bytes, length);
}

// Takes BYTES. The message must begin with the name and contain WHAT.
static void check_bad(const char *name, GByteArray *bytes, const image_options_t *options,
                      image_error_t code, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(parse(name, bytes, options, &error));
    g_assert_error(error, IMAGE_ERROR, (gint)code);
    g_assert_true(g_str_has_prefix(error->message, name));
    if (strstr(error->message, what) == NULL) {
        g_error("\"%s\" does not contain \"%s\"", error->message, what);
    }
    g_byte_array_unref(bytes);
}

static GByteArray *text(const char *s)
{
    GByteArray *bytes = g_byte_array_new();
    put_text(bytes, s);
    return bytes;
}

static GByteArray *elf_with(uint32_t offset, uint32_t value, int bytes)
{
    GByteArray *e = make_elf();
    poke(e, offset, value, bytes);
    return e;
}

static GByteArray *dfuse_with(uint32_t offset, uint32_t value, int bytes)
{
    GByteArray *d = make_dfuse();
    poke(d, offset, value, bytes);
    fix_dfuse(d);
    return d;
}

static GByteArray *uf2_with(uint32_t offset, uint32_t value, int bytes)
{
    GByteArray *u = make_uf2();
    poke(u, offset, value, bytes);
    return u;
}

// ---- tests -------------------------------------------------------------------------------------

static void test_elf(void)
{
    image_options_t options = {.arch = IMAGE_ARCH_ARM};
    g_autoptr(image_t) image = parse_good("a.elf", make_elf(), &options);
    uint32_t offset = 99, address = 0;
    g_assert_cmpint(image->format, ==, IMAGE_FORMAT_ELF);
    g_assert_cmpint(image->arch, ==, IMAGE_ARCH_ARM);
    g_assert_true(image->has_entry);
    g_assert_cmphex(image->entry, ==, 0x08000101);
    g_assert_cmpuint(image->segments->len, ==, 2);
    check_segment(image, 0, 0x08000000, "ABCDEFGH", 8);
    check_segment(image, 1, 0x08000010, "data", 4);
    g_assert_cmpuint(image_size(image), ==, 12);

    g_assert_cmpuint(image->symbols->len, ==, 4);
    g_assert_cmpstr(image_symbol_at(image, 0x08000100, &offset), ==, "main");
    g_assert_cmpuint(offset, ==, 0);
    g_assert_cmpstr(image_symbol_at(image, 0x08000106, &offset), ==, "main");
    g_assert_cmpuint(offset, ==, 6);
    g_assert_cmpstr(image_symbol_at(image, 0x0800010A, &offset), ==, "inner");
    g_assert_cmpuint(offset, ==, 2);
    g_assert_cmpstr(image_symbol_at(image, 0x08000200, NULL), ==, "label");
    g_assert_cmpstr(image_symbol_at(image, 0x2000000F, &offset), ==, "table");
    g_assert_cmpuint(offset, ==, 15);
    g_assert_null(image_symbol_at(image, 0x20000010, NULL));
    g_assert_null(image_symbol_at(image, 0x080000FF, NULL));
    g_assert_true(image_symbol_find(image, "main", &address));
    g_assert_cmphex(address, ==, 0x08000100);
    g_assert_false(image_symbol_find(image, "nothing", &address));
}

static void test_elf_bad(void)
{
    image_options_t xtensa = {.arch = IMAGE_ARCH_XTENSA};
    check_bad("a.elf", elf_with(18, 3, 2), NULL, IMAGE_ERROR_ARCHITECTURE, "x86");
    check_bad("a.elf", elf_with(4, 2, 1), NULL, IMAGE_ERROR_ARCHITECTURE, "64 bits");
    check_bad("a.elf", elf_with(5, 2, 1), NULL, IMAGE_ERROR_ARCHITECTURE, "big endian");
    check_bad("a.elf", make_elf(), &xtensa, IMAGE_ERROR_ARCHITECTURE, "the board has Xtensa");
    check_bad("a.elf", elf_with(16, 1, 2), NULL, IMAGE_ERROR_FORMAT, "offset 0x10: not an exec");
    check_bad("a.elf", elf_with(44, 0, 2), NULL, IMAGE_ERROR_EMPTY, "nothing");
    check_bad("a.elf", elf_with(28, 0xFFFFFFF0, 4), NULL, IMAGE_ERROR_TRUNCATED, "program header");
    check_bad("a.elf", elf_with(ELF_SEGMENTS + 4, 0xFFFFFFFF, 4), NULL, IMAGE_ERROR_TRUNCATED,
              "a segment");
    check_bad("a.elf", elf_with(ELF_SEGMENTS + 12, 0xFFFFFFFC, 4), NULL, IMAGE_ERROR_FORMAT,
              "address space");
    check_bad("a.elf", elf_with(ELF_SEGMENTS + 20, 7, 4), NULL, IMAGE_ERROR_FORMAT, "in memory");
    check_bad("a.elf", elf_with(ELF_SEGMENTS + 32 + 12, 0x08000007, 4), NULL, IMAGE_ERROR_OVERLAP,
              "0x08000007 was already given at offset 0x74");
    check_bad("a.elf", elf_with(ELF_SYMBOLS + 16, 1000, 4), NULL, IMAGE_ERROR_FORMAT, "name");
    check_bad("a.elf", elf_with(ELF_SECTIONS + 40 + 24, 9, 4), NULL, IMAGE_ERROR_FORMAT, "names");
    check_bad("a.elf", elf_with(ELF_STRINGS + 39, 'x', 1), NULL, IMAGE_ERROR_FORMAT, "no end");
    check_bad("a.elf", elf_with(ELF_SECTIONS + 80 + 20, 0, 4), NULL, IMAGE_ERROR_FORMAT, "no end");
}

static void test_hex(void)
{
    g_autoptr(image_t) image = parse_good("a.hex", make_hex(), NULL);
    g_assert_cmpint(image->format, ==, IMAGE_FORMAT_HEX);
    g_assert_cmpint(image->arch, ==, IMAGE_ARCH_UNKNOWN);
    g_assert_cmpuint(image->segments->len, ==, 4);
    check_segment(image, 0, 0x00010000, "st", 2);
    check_segment(image, 1, 0x0001FFFE, "qr", 2);
    check_segment(image, 2, 0x08000000, "ABCDab", 6);
    check_segment(image, 3, 0x08000008, "efgh", 4);
    g_assert_true(image->has_entry);
    g_assert_cmphex(image->entry, ==, 0x08000101);
}

static void test_hex_start_segment(void)
{
    g_autoptr(image_t) image =
        parse_good("a.hex", text(":0100000041BE\n:0400000312340005AE\n:00000001FF"), NULL);
    g_assert_cmphex(image->entry, ==, 0x12345);
    check_segment(image, 0, 0, "A", 1);
}

// Records of a universal HEX; check sums are appended.
static GByteArray *records(const char *const *rows)
{
    GByteArray *h = g_byte_array_new();
    for (; *rows != NULL; rows++) {
        uint8_t sum = 0;
        for (size_t i = 0; i < strlen(*rows); i += 2) {
            sum = (uint8_t)(sum + (g_ascii_xdigit_value((*rows)[i]) << 4) +
                            g_ascii_xdigit_value((*rows)[i + 1]));
        }
        g_autofree char *line = g_strdup_printf(":%s%02X\n", *rows, (uint8_t)-sum);
        put_text(h, line);
    }
    return h;
}

static const char *const UNIVERSAL[] = {
    "020000040000", "0400000A9901C0DE", "0400000041424344", "0400000C00000000", "0000000B",
    "020000041000", "0400000A9900C0DE", "0410140000003C00", "0400000B00000000",
    "020000040000", "0400000A9903C0DE", "0400000D61626364", "0400000500000101", "0000000B",
    "0200000E4142", "00000001", NULL,
};

static void test_hex_universal(void)
{
    static const uint16_t V1[] = {0x9900, 0x9901, 0}, V2[] = {0x9903, 0}, NONE[] = {0x9904, 0};
    image_options_t options = {.block_ids = V1};
    g_autoptr(image_t) v1 = parse_good("u.hex", records(UNIVERSAL), &options);
    g_assert_cmpuint(v1->segments->len, ==, 2);
    check_segment(v1, 0, 0x00000000, "ABCD", 4);
    check_segment(v1, 1, 0x10001014, "\0\0<\0", 4);
    g_assert_false(v1->has_entry); // that is the other board's
    options.block_ids = V2;
    g_autoptr(image_t) v2 = parse_good("u.hex", records(UNIVERSAL), &options);
    g_assert_cmpuint(v2->segments->len, ==, 1);
    check_segment(v2, 0, 0x00000000, "abcd", 4);
    g_assert_cmphex(v2->entry, ==, 0x101);
    options.block_ids = NONE;
    check_bad("u.hex", records(UNIVERSAL), &options, IMAGE_ERROR_EMPTY,
              "u.hex:16: a universal HEX for other boards (the first has id 9901)");
    check_bad("u.hex", records(UNIVERSAL), NULL, IMAGE_ERROR_EMPTY, "for other boards");
}

static void test_hex_universal_bad(void)
{
    static const uint16_t V1[] = {0x9900, 0};
    static const struct {
        const char *rows[6];
        image_error_t code;
        const char *what;
    } CASES[] = {
        {{"0400000A9900C0DE", "0400000A9900C0DE"}, IMAGE_ERROR_FORMAT, ":2: a block starts within"},
        {{"0000000B"}, IMAGE_ERROR_FORMAT, ":1: a block ends that did not start"},
        {{"0200000A9900"}, IMAGE_ERROR_FORMAT, ":1: a record of type 0A has 4 data bytes, not 2"},
        {{"0000000F"}, IMAGE_ERROR_FORMAT, ":1: unknown record type 0F"},
        {{"00000009"}, IMAGE_ERROR_FORMAT, ":1: unknown record type 09"},
        {{"0400000A9900C0DE", "0100000041"}, IMAGE_ERROR_TRUNCATED, "no end record"},
        {{"0400000A9900C0DE", "0100000041", "0000000B", "0100000D42", "00000001"},
         IMAGE_ERROR_OVERLAP, ":4: address 0x00000000 was already given in line 2"},
        {{"0400000A9900C0DE", "0000000B", "00000001"}, IMAGE_ERROR_EMPTY, "nothing in it to load"},
    };
    image_options_t options = {.block_ids = V1};
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        check_bad("u.hex", records(CASES[i].rows), &options, CASES[i].code, CASES[i].what);
    }
}

static void test_hex_bad(void)
{
    static const struct {
        const char *text;
        image_error_t code;
        const char *what;
    } CASES[] = {
        {":0100000041BF\n:00000001FF\n", IMAGE_ERROR_CHECKSUM, "a.hex:1: bad checksum: BF"},
        {":0100000041BE\n", IMAGE_ERROR_TRUNCATED, "no end record"},
        {":0100000041BE\n:0000", IMAGE_ERROR_TRUNCATED, "a.hex:2: the record is cut off"},
        {":0100000041B\n:00000001FF\n", IMAGE_ERROR_TRUNCATED, "a.hex:1:"},
        {":0100000041BE00\n:00000001FF\n", IMAGE_ERROR_FORMAT, "says 1 data bytes and has 2"},
        {":01000000G1BE\n:00000001FF\n", IMAGE_ERROR_FORMAT, "column 10"},
        {":0100000041BE\nhello\n", IMAGE_ERROR_FORMAT, "a.hex:2: a record starts with a colon"},
        {":0100000641B8\n:00000001FF\n", IMAGE_ERROR_FORMAT, "type 06"},
        {":0100000408F3\n:00000001FF\n", IMAGE_ERROR_FORMAT, "type 04 has 2 data bytes, not 1"},
        {":00000001FF\n:0100000041BE\n", IMAGE_ERROR_FORMAT, "a.hex:2: a record after the end"},
        {":00000001FF\n", IMAGE_ERROR_EMPTY, "nothing"},
        {":0100000041BE\n:0100000042BD\n:00000001FF\n", IMAGE_ERROR_OVERLAP,
         "a.hex:2: address 0x00000000 was already given in line 1"},
        {":02000004FFFFFC\n:02FFFF004142" "7D\n:00000001FF\n", IMAGE_ERROR_FORMAT,
         "a.hex:2: the record passes the end"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        check_bad("a.hex", text(CASES[i].text), NULL, CASES[i].code, CASES[i].what);
    }
    GByteArray *line = text(":");
    for (int i = 0; i < 300; i++) {
        put_text(line, "00");
    }
    check_bad("a.hex", line, NULL, IMAGE_ERROR_FORMAT, "a.hex:1: the record is too long");
}

static void test_raw(void)
{
    image_options_t options = {.has_base = true, .base = 0x08000000};
    g_autoptr(image_t) image = parse_good("a.bin", text("any bytes"), &options);
    g_assert_cmpint(image->format, ==, IMAGE_FORMAT_RAW);
    g_assert_false(image->has_entry);
    check_segment(image, 0, 0x08000000, "any bytes", 9);
    check_bad("a.bin", text("any bytes"), NULL, IMAGE_ERROR_FORMAT, "no address");
    check_bad("a.elf", text("any bytes"), &options, IMAGE_ERROR_FORMAT, "not ELF, although");
    check_bad("a.HEX", text("any bytes"), &options, IMAGE_ERROR_FORMAT, "not Intel HEX");
    check_bad("a.txt", text("any bytes"), &options, IMAGE_ERROR_FORMAT, "not named .bin");
    check_bad("a.bin", g_byte_array_new(), &options, IMAGE_ERROR_EMPTY, "empty");
    options.base = 0xFFFFFFF8;
    check_bad("a.bin", text("any bytes"), &options, IMAGE_ERROR_FORMAT, "address space");
}

static void test_dfuse(void)
{
    g_autoptr(image_t) image = parse_good("a.dfu", make_dfuse(), NULL);
    g_assert_cmpint(image->format, ==, IMAGE_FORMAT_DFUSE);
    g_assert_cmpuint(image->segments->len, ==, 2);
    check_segment(image, 0, 0x08000000, "start", 5);
    check_segment(image, 1, 0x08020000, "main", 4);
}

static void test_dfuse_bad(void)
{
    GByteArray *bad_crc = make_dfuse();
    bad_crc->data[DFUSE_FIRST + 8] ^= 1;
    check_bad("a.dfu", bad_crc, NULL, IMAGE_ERROR_CHECKSUM, "bad CRC");
    check_bad("a.dfu", dfuse_with(5, 2, 1), NULL, IMAGE_ERROR_FORMAT, "version 2");
    check_bad("a.dfu", dfuse_with(6, 0xFFFFFFFF, 4), NULL, IMAGE_ERROR_TRUNCATED, "DFU suffix");
    check_bad("a.dfu", dfuse_with(6, DFUSE_SIZE - 1, 4), NULL, IMAGE_ERROR_FORMAT, "no DFU suffix");
    check_bad("a.dfu", dfuse_with(10, 2, 1), NULL, IMAGE_ERROR_TRUNCATED, "target prefix");
    check_bad("a.dfu", dfuse_with(10, 0, 1), NULL, IMAGE_ERROR_FORMAT, "the prefix says");
    check_bad("a.dfu", dfuse_with(DFUSE_TARGET, 'X', 1), NULL, IMAGE_ERROR_FORMAT, "offset 0xb");
    check_bad("a.dfu", dfuse_with(DFUSE_TARGET + 266, 0xFFFFFFFF, 4), NULL, IMAGE_ERROR_TRUNCATED,
              "a target");
    check_bad("a.dfu", dfuse_with(DFUSE_TARGET + 270, 3, 4), NULL, IMAGE_ERROR_FORMAT,
              "element 3 of 3");
    check_bad("a.dfu", dfuse_with(DFUSE_TARGET + 270, 1, 4), NULL, IMAGE_ERROR_FORMAT,
              "more than its elements");
    check_bad("a.dfu", dfuse_with(DFUSE_FIRST + 4, 0xFFFFFFFF, 4), NULL, IMAGE_ERROR_FORMAT,
              "element 1 of 2");
    check_bad("a.dfu", dfuse_with(DFUSE_FIRST, 0x08000001, 4), NULL, IMAGE_ERROR_OVERLAP,
              "0x08000001 was already given");
    GByteArray *tail = make_dfuse();
    put(tail, 0, 1);
    check_bad("a.dfu", tail, NULL, IMAGE_ERROR_FORMAT, "follows the DFU suffix");
}

static void test_uf2(void)
{
    image_options_t options = {.family = FAMILY_F4};
    GByteArray *u = make_uf2();
    put_uf2(u, 0x2000, 0x10000000, 0, 1, 0xE48BFF56); // another family's, passed over
    g_autoptr(image_t) image = parse_good("a.uf2", u, &options);
    g_assert_cmpint(image->format, ==, IMAGE_FORMAT_UF2);
    g_assert_cmphex(image->family, ==, FAMILY_F4);
    g_assert_cmpuint(image->segments->len, ==, 2);
    const image_segment_t *s = &g_array_index(image->segments, image_segment_t, 0);
    const uint8_t *bytes = g_bytes_get_data(s->bytes, NULL);
    g_assert_cmphex(s->address, ==, 0x08000000);
    g_assert_cmpuint(g_bytes_get_size(s->bytes), ==, 512);
    g_assert_cmpuint(bytes[255], ==, 255);
    g_assert_cmpuint(bytes[256], ==, 2);
    s++;
    g_assert_cmphex(s->address, ==, 0x08010000);
    g_assert_cmpuint(g_bytes_get_size(s->bytes), ==, 256);
}

static void test_uf2_bad(void)
{
    image_options_t other = {.family = 0xE48BFF56};
    check_bad("a.uf2", make_uf2(), &other, IMAGE_ERROR_ARCHITECTURE, "family 0xe48bff56");
    check_bad("a.uf2", uf2_with(4, 0, 4), NULL, IMAGE_ERROR_FORMAT, "offset 0x0: not a UF2");
    check_bad("a.uf2", uf2_with(512 + 508, 0, 4), NULL, IMAGE_ERROR_FORMAT, "offset 0x200");
    check_bad("a.uf2", uf2_with(16, 477, 4), NULL, IMAGE_ERROR_FORMAT, "cannot hold 477");
    check_bad("a.uf2", uf2_with(20, 4, 4), NULL, IMAGE_ERROR_FORMAT, "block number 4 of 4");
    check_bad("a.uf2", uf2_with(20, 1, 4), NULL, IMAGE_ERROR_OVERLAP, "block 1 is there twice");
    check_bad("a.uf2", uf2_with(24, 5, 4), NULL, IMAGE_ERROR_TRUNCATED, "should be 5");
    check_bad("a.uf2", uf2_with(512 + 24, 3, 4), NULL, IMAGE_ERROR_FORMAT, "others say 4");
    check_bad("a.uf2", uf2_with(512 + 12, 0x080001FF, 4), NULL, IMAGE_ERROR_OVERLAP, "0x080001ff");
    check_bad("a.uf2", uf2_with(512 + 28, 1, 4), NULL, IMAGE_ERROR_FORMAT, "two families");
    GByteArray *cut = make_uf2();
    g_byte_array_set_size(cut, 3 * 512);
    check_bad("a.uf2", cut, NULL, IMAGE_ERROR_TRUNCATED, "3 blocks, there should be 4");
}

static GByteArray *esp_with(GByteArray *(*make)(void), uint32_t offset, uint32_t value, int bytes)
{
    GByteArray *e = make();
    poke(e, offset, value, bytes);
    return e;
}

static void test_esp(void)
{
    g_autoptr(image_t) ram = parse_good("a.bin", make_esp(), NULL);
    g_assert_cmpint(ram->format, ==, IMAGE_FORMAT_ESP);
    g_assert_cmpint(ram->arch, ==, IMAGE_ARCH_XTENSA);
    g_assert_cmphex(ram->entry, ==, 0x40100004);
    g_assert_cmpuint(ram->segments->len, ==, 2);
    check_segment(ram, 0, 0x3FFE8000, "data", 4);
    check_segment(ram, 1, 0x40100000, "ABCDEFGH", 8);

    // Into the flash whole, with what follows.
    image_options_t options = {.has_base = true, .base = 0x40200000, .arch = IMAGE_ARCH_XTENSA};
    GByteArray *longer = make_esp();
    put_text(longer, "code in flash");
    g_autoptr(GByteArray) copy = g_byte_array_ref(longer);
    g_autoptr(image_t) flash = parse_good("a.bin", longer, &options);
    check_segment(flash, 0, 0x40200000, (const char *)copy->data, ESP_SIZE + 13);
    g_autoptr(GError) error = NULL;
    g_assert_true(image_for_flash(flash, 0x40200000, 0x400000, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(flash->segments->len, ==, 1);

    g_autoptr(image_t) v2 = parse_good("a.bin", make_esp_v2(), &options);
    g_assert_cmphex(g_array_index(v2->segments, image_segment_t, 0).address, ==, 0x40201000);
    g_assert_cmphex(v2->entry, ==, 0x40100004);
}

static void test_esp_bad(void)
{
    image_options_t arm = {.arch = IMAGE_ARCH_ARM};
    check_bad("a.bin", make_esp(), &arm, IMAGE_ERROR_ARCHITECTURE, "built for Xtensa");
    check_bad("a.bin", esp_with(make_esp, 1, 0, 1), NULL, IMAGE_ERROR_FORMAT, "offset 0x1: an ESP8266");
    check_bad("a.bin", esp_with(make_esp, 1, 17, 1), NULL, IMAGE_ERROR_FORMAT, "not 17");
    check_bad("a.bin", esp_with(make_esp, 12, 6, 4), NULL, IMAGE_ERROR_FORMAT, "offset 0xc: a segment of 0x6");
    check_bad("a.bin", esp_with(make_esp, ESP_SECOND + 4, 0x10000, 4), NULL, IMAGE_ERROR_TRUNCATED,
              "a segment needs 65536 bytes");
    check_bad("a.bin", esp_with(make_esp, ESP_SECOND + 8, 'D', 1), NULL, IMAGE_ERROR_CHECKSUM,
              "offset 0x2f: the checksum");
    check_bad("a.bin", esp_with(make_esp, 16, 'a', 1), NULL, IMAGE_ERROR_CHECKSUM, "the segments give");
    check_bad("a.bin", esp_with(make_esp, 8, 0xFFFFFFFC, 4), NULL, IMAGE_ERROR_FORMAT, "address space");
    check_bad("a.bin", esp_with(make_esp_v2, 1, 2, 1), NULL, IMAGE_ERROR_FORMAT, "version 2 has 4 here, not 2");
    check_bad("a.bin", esp_with(make_esp_v2, 12, 0x20, 4), NULL, IMAGE_ERROR_FORMAT, "the second header begins");
    check_bad("a.bin", esp_with(make_esp_v2, 20, 'F', 1), NULL, IMAGE_ERROR_CHECKSUM, "the CRC is");
}

static image_t *segments_at(uint32_t a, uint32_t b)
{
    GByteArray *e = make_elf();
    poke(e, 18, 94, 2); // Xtensa
    poke(e, ELF_SEGMENTS + 12, a, 4);
    poke(e, ELF_SEGMENTS + 32 + 12, b, 4);
    return parse_good("a.elf", e, NULL);
}

static void check_not_for_flash(image_t *image, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(image_for_flash(image, 0x40200000, 0x400000, &error));
    g_assert_nonnull(strstr(error->message, what));
    image_free(image);
}

// What esptool makes of an ELF file: RAM in an image at 0, the rest at its place.
static void test_esp_from_segments(void)
{
    g_autoptr(image_t) image = segments_at(0x40100000, 0x40209000);
    g_autoptr(GError) error = NULL;
    g_assert_true(image_for_flash(image, 0x40200000, 0x400000, &error));
    g_assert_cmpuint(image->segments->len, ==, 2);
    const char boot[] = "\xE9\1\0\x40\1\1\0\x08\0\0\x10\x40\x08\0\0\0ABCDEFGH\0\0\0\0\0\0\0\xE7";
    check_segment(image, 0, 0x40200000, boot, 32); // 0xE7 = 0xEF ^ 'A' ^ ... ^ 'H'
    check_segment(image, 1, 0x40209000, "data", 4);
    uint32_t address;
    g_assert_true(image_symbol_find(image, "main", &address));

    check_not_for_flash(segments_at(0x40209000, 0x4020A000), "nothing in RAM");
    check_not_for_flash(segments_at(0x40100000, 0x40200010), "take 0x20 bytes of flash, but at 0x40200010");
    check_not_for_flash(segments_at(0x40200000, 0x40209000), "begins with 0x41");
    image_options_t options = {.has_base = true, .base = 0x40200000};
    check_not_for_flash(parse_good("a.bin", text("garbage"), &options), "begins with 0x67, not with 0xe9");
    g_autoptr(image_t) erased = parse_good("a.bin", text("\xFF\xFF"), &options);
    g_assert_true(image_for_flash(erased, 0x40200000, 0x400000, NULL));
}

static void test_symbols_of_another(void)
{
    g_autoptr(image_t) image = parse_good("a.bin", make_esp(), NULL);
    image_t *elf = parse_good("a.elf", make_elf(), NULL);
    image_take_symbols(image, elf);
    image_free(elf);
    g_assert_cmpstr(image_symbol_at(image, 0x08000204, NULL), ==, "label");
}

static void test_truncated(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
        g_autoptr(GByteArray) whole = SAMPLES[i].make();
        // The last line's end may go; the record before it may not.
        guint last = SAMPLES[i].format == IMAGE_FORMAT_HEX ? whole->len - 2 : whole->len;
        for (guint length = 0; length < last; length++) {
            GByteArray *part = g_byte_array_new();
            g_byte_array_append(part, whole->data, length);
            g_autoptr(GError) error = NULL;
            g_assert_null(parse(SAMPLES[i].name, part, NULL, &error));
            g_assert_nonnull(error);
            g_assert_true(error->domain == IMAGE_ERROR);
            g_assert_true(g_str_has_prefix(error->message, SAMPLES[i].name));
            g_byte_array_unref(part);
        }
    }
}

static void fix_hex_line(GByteArray *h, guint at)
{
    guint8 *line = h->data + at, *end = memchr(line, '\r', h->len - at);
    uint8_t sum = 0;
    if (end == NULL || end - line < 11) {
        return;
    }
    for (guint8 *p = line + 1; p + 3 < end; p += 2) {
        sum = (uint8_t)(sum + g_ascii_xdigit_value((gchar)p[0]) * 16 +
                        g_ascii_xdigit_value((gchar)p[1]));
    }
    g_autofree char *check = g_strdup_printf("%02X", (uint8_t)-sum);
    memcpy(end - 2, check, 2);
}

// As of the unharmed file: what a changed byte does to the checksum, the last of 16, is undone.
static void fix_esp(GByteArray *e)
{
    g_autoptr(GByteArray) good = e->data[0] == 0xE9 ? make_esp() : make_esp_v2();
    guint check = e->data[0] == 0xE9 ? ESP_SIZE - 1 : 32 + ESP_SIZE - 1, start = check - ESP_SIZE + 1;
    static const struct { guint at, n; } DATA[] = {{16, 8}, {ESP_SECOND + 8, 4}};
    uint8_t sum = 0;
    for (int i = 0; i < 2; i++) {
        for (guint k = DATA[i].at; k < DATA[i].at + DATA[i].n; k++) {
            if (start + k < e->len) {
                sum ^= e->data[start + k] ^ good->data[start + k];
            }
        }
    }
    if (check < e->len) {
        e->data[check] = good->data[check] ^ sum;
    }
    if (start > 0 && e->len > 4) {
        uint32_t crc = ~crc32_dfu(e->data, e->len - 4);
        poke(e, e->len - 4, crc & 0x80000000 ? ~crc : crc + 1, 4);
    }
}

static void mutate(GByteArray *bytes, image_format_t format, GRand *rand)
{
    static const uint8_t EDGES[] = {0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, '0', 'F', ':'};
    for (int n = g_rand_int_range(rand, 1, 5); n > 0; n--) {
        guint at = (guint)g_rand_int_range(rand, 0, (gint32)bytes->len);
        guint8 *byte = &bytes->data[at];
        switch (g_rand_int_range(rand, 0, 5)) {
        case 0:
            *byte = (guint8)(*byte ^ 1 << g_rand_int_range(rand, 0, 8));
            break;
        case 1:
            *byte = EDGES[g_rand_int_range(rand, 0, G_N_ELEMENTS(EDGES))];
            break;
        case 2:
            *byte = (guint8)g_rand_int(rand);
            break;
        case 3:
            g_byte_array_remove_index(bytes, at);
            break;
        default: // moves a piece over another one
            memmove(byte, bytes->data, MIN(bytes->len - at, 16));
            break;
        }
    }
    if (format == IMAGE_FORMAT_ESP && bytes->len >= ESP_SIZE && g_rand_boolean(rand)) {
        fix_esp(bytes);
    }
    if (format == IMAGE_FORMAT_DFUSE && g_rand_boolean(rand)) {
        fix_dfuse(bytes); // otherwise the CRC would hide everything behind it
    }
    for (guint at = 0; format == IMAGE_FORMAT_HEX && at < bytes->len; at++) {
        if (bytes->data[at] == ':') {
            fix_hex_line(bytes, at);
        }
    }
}

static void check_sound(const image_t *image)
{
    uint64_t end = 0;
    g_assert_cmpuint(image->segments->len, >, 0);
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        g_assert_cmpuint(g_bytes_get_size(s->bytes), >, 0);
        g_assert_true(i == 0 || s->address > end); // neighbours would have been joined
        end = (uint64_t)s->address + g_bytes_get_size(s->bytes);
        g_assert_cmpuint(end, <=, (uint64_t)1 << 32);
    }
    for (guint i = 0; i < image->symbols->len; i++) {
        const image_symbol_t *s = &g_array_index(image->symbols, image_symbol_t, i);
        g_assert_cmpuint(strlen(s->name), >, 0);
        g_assert_nonnull(image_symbol_at(image, s->address, NULL));
    }
}

static void test_mutated(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
        GRand *rand = g_rand_new_with_seed((guint32)(20251 + i));
        int good = 0, bad = 0;
        for (int round = 0; round < 4000; round++) {
            GByteArray *bytes = SAMPLES[i].make();
            g_autoptr(GError) error = NULL;
            mutate(bytes, SAMPLES[i].format, rand);
            g_autoptr(image_t) image = parse(SAMPLES[i].name, bytes, NULL, &error);
            g_byte_array_unref(bytes);
            g_assert_true((image != NULL) == (error == NULL));
            if (image != NULL) {
                check_sound(image);
                good++;
            } else {
                g_assert_true(error->domain == IMAGE_ERROR);
                bad++;
            }
        }
        g_rand_free(rand);
        g_test_message("%s: %d read, %d refused", SAMPLES[i].name, good, bad);
        g_assert_cmpint(good, >, 40); // or the mutations test nothing but the first check
        g_assert_cmpint(bad, >, 400);
    }
}

static void test_garbage(void)
{
    GRand *rand = g_rand_new_with_seed(7);
    static const char *const HEADS[] = {"\177ELF\1\1\1", ":02", "DfuSe\1", "UF2\nWQ]\236", "\xE9\2",
                                        "\xEA\4"};
    for (int round = 0; round < 2000; round++) {
        GByteArray *bytes = text(HEADS[round % 6]);
        for (int n = g_rand_int_range(rand, 0, 1200); n > 0; n--) {
            put(bytes, g_rand_int(rand), 1);
        }
        g_autoptr(GError) error = NULL;
        g_assert_null(parse(SAMPLES[round % 6].name, bytes, NULL, &error));
        g_assert_true(error->domain == IMAGE_ERROR);
        g_byte_array_unref(bytes);
    }
    g_rand_free(rand);
}

static void test_files(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("image-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.hex", NULL);
    g_autoptr(GByteArray) hex = make_hex();

    g_assert_null(image_load(path, NULL, &error));
    g_assert_error(error, IMAGE_ERROR, IMAGE_ERROR_READ);
    g_assert_true(g_str_has_prefix(error->message, path));
    g_clear_error(&error);
    g_assert_null(image_load(folder, NULL, &error));
    g_assert_error(error, IMAGE_ERROR, IMAGE_ERROR_READ);
    g_clear_error(&error);

    g_assert_true(g_file_set_contents(path, (const char *)hex->data, (gssize)hex->len, NULL));
    image_t *image = image_load(path, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(image->segments->len, ==, 4);
    image_free(image);

    FILE *large = g_fopen(path, "wb");
    fseek(large, 65L << 20, SEEK_SET);
    fputc(0, large);
    fclose(large);
    g_assert_null(image_load(path, NULL, &error));
    g_assert_error(error, IMAGE_ERROR, IMAGE_ERROR_TOO_LARGE);
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/elf", test_elf);
    g_test_add_func("/image/elf-bad", test_elf_bad);
    g_test_add_func("/image/hex", test_hex);
    g_test_add_func("/image/hex-start-segment", test_hex_start_segment);
    g_test_add_func("/image/hex-universal", test_hex_universal);
    g_test_add_func("/image/hex-universal-bad", test_hex_universal_bad);
    g_test_add_func("/image/hex-bad", test_hex_bad);
    g_test_add_func("/image/raw", test_raw);
    g_test_add_func("/image/dfuse", test_dfuse);
    g_test_add_func("/image/dfuse-bad", test_dfuse_bad);
    g_test_add_func("/image/uf2", test_uf2);
    g_test_add_func("/image/uf2-bad", test_uf2_bad);
    g_test_add_func("/image/esp", test_esp);
    g_test_add_func("/image/esp-bad", test_esp_bad);
    g_test_add_func("/image/esp-from-segments", test_esp_from_segments);
    g_test_add_func("/image/symbols-of-another", test_symbols_of_another);
    g_test_add_func("/image/truncated", test_truncated);
    g_test_add_func("/image/mutated", test_mutated);
    g_test_add_func("/image/garbage", test_garbage);
    g_test_add_func("/image/files", test_files);
    return g_test_run();
}
