// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 images: what the mask ROM finds at flash address 0 and boots (Espressif, "ESP8266 Technical
// Reference", and the file format of esptool).
//
// Version 1, 0xE9: header (magic, number of segments, flash mode, flash size and clock, entry), then
// segments, each {address, length} and data for RAM; zeros so that the checksum (0xEF XOR all bytes of
// segments) is the last byte of a block of 16. What follows is not the ROM's: code that runs from flash.
// Version 2, 0xEA: the part for the flash comes first, then a whole header and segments as in version 1,
// then a CRC-32 of the file. The SDK's boot loader starts it at flash address 0x1000.
//
// Where there is a flash (options.has_base), a file is put into it whole, as a programmer would do it, and
// the ROM does the loading. So a flash dump with such an image at its start is one too. Without a flash, the
// segments go to RAM. Other formats (ELF) hold the segments alone: image_for_flash makes of them what
// esptool would write.
#include "image_formats.h"

#include <string.h>

enum {
    MAGIC_V1 = 0xE9,
    MAGIC_V2 = 0xEA,
    HEADER = 8,
    SEGMENT_HEADER = 8,
    SEGMENTS_MAX = 16, // the ROM's own limit
    CHECKSUM_START = 0xEF,
    V2_SEGMENTS = 4, // where version 1 has their number
    V2_PLACE = 0x1000,
};

// Reads one header with its segments at `at`; *end is behind the checksum.
static bool read_part(image_reader_t *r, uint32_t at, uint32_t *end, GError **error)
{
    uint32_t start = at, count = r->bytes[at + 1];
    uint8_t sum = CHECKSUM_START;
    if (count == 0 || count > SEGMENTS_MAX) {
        return image_fail_at(r, at + 1, error, IMAGE_ERROR_FORMAT,
                             "an ESP8266 image has 1 to %u segments, not %u", SEGMENTS_MAX, count);
    }
    at += HEADER;
    for (uint32_t i = 0; i < count; i++) {
        if (!image_need(r, at, SEGMENT_HEADER, "the header of a segment", error)) {
            return false;
        }
        uint32_t length = image_u32(r->bytes + at + 4);
        if (length % 4 != 0) {
            return image_fail_at(r, at + 4, error, IMAGE_ERROR_FORMAT,
                                 "a segment of 0x%x bytes, which is no multiple of 4", length);
        }
        at += SEGMENT_HEADER;
        uint32_t address = image_u32(r->bytes + at - SEGMENT_HEADER);
        if (!image_need(r, at, length, "a segment", error) ||
            (!r->options->has_base && !image_add(r, address, at, length, error))) {
            return false;
        }
        for (uint32_t k = 0; k < length; k++) {
            sum ^= r->bytes[at + k];
        }
        at += length;
    }
    at = start + ((at - start) | 15);
    if (!image_need(r, at, 1, "the checksum", error)) {
        return false;
    }
    if (r->bytes[at] != sum) {
        return image_fail_at(r, at, error, IMAGE_ERROR_CHECKSUM,
                             "the checksum is 0x%02x, the segments give 0x%02x", r->bytes[at], sum);
    }
    *end = at + 1;
    r->image->has_entry = true;
    r->image->entry = image_u32(r->bytes + start + 4);
    return true;
}

// The SDK's CRC: CRC-32 without the last inversion, and with a sign of its own.
static uint32_t crc_v2(const uint8_t *bytes, uint32_t n)
{
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
        }
    }
    crc = ~crc;
    return crc & 0x80000000 ? ~crc : crc + 1;
}

static bool read_v2(image_reader_t *r, GError **error)
{
    uint32_t at = HEADER, end;
    if (r->bytes[1] != V2_SEGMENTS) {
        return image_fail_at(r, 1, error, IMAGE_ERROR_FORMAT,
                             "an ESP8266 image of version 2 has %u here, not %u", V2_SEGMENTS,
                             r->bytes[1]);
    }
    if (!image_need(r, at, SEGMENT_HEADER, "the header of a segment", error)) {
        return false;
    }
    uint32_t length = image_u32(r->bytes + at + 4);
    at += SEGMENT_HEADER;
    if (!image_need(r, at, length, "the part that runs from flash", error) ||
        !image_need(r, at + length, HEADER, "the second header", error)) {
        return false;
    }
    at += length;
    if (r->bytes[at] != MAGIC_V1) {
        return image_fail_at(r, at, error, IMAGE_ERROR_FORMAT,
                             "the second header begins with 0x%02x, not 0x%02x", r->bytes[at], MAGIC_V1);
    }
    if (!read_part(r, at, &end, error) || !image_need(r, end, 4, "the CRC", error)) {
        return false;
    }
    uint32_t crc = crc_v2(r->bytes, end), got = image_u32(r->bytes + end);
    if (crc != got) {
        return image_fail_at(r, end, error, IMAGE_ERROR_CHECKSUM, "the CRC is 0x%08x, the file gives 0x%08x",
                             got, crc);
    }
    return true;
}

bool image_read_esp(image_reader_t *r, GError **error)
{
    uint32_t end;
    r->image->arch = IMAGE_ARCH_XTENSA;
    if (!image_need(r, 0, HEADER, "the header", error)) {
        return false;
    }
    bool v2 = r->bytes[0] == MAGIC_V2;
    if (!(v2 ? read_v2(r, error) : read_part(r, 0, &end, error))) {
        return false;
    }
    uint32_t place = r->options->base + (v2 ? V2_PLACE : 0);
    return !r->options->has_base || image_add(r, place, 0, r->size, error);
}

// ---- Segments to a flash image -------------------------------------------------------------------

static void put_word(GByteArray *to, uint32_t value)
{
    const uint8_t bytes[] = {value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >> 24};
    g_byte_array_append(to, bytes, 4);
}

// The code of the header for a flash chip of that size; the clock is 40 MHz.
static uint8_t size_code(uint32_t flash_size)
{
    static const struct {
        uint32_t kb;
        uint8_t code;
    } SIZES[] = {{256, 0x10}, {512, 0x00}, {1024, 0x20}, {2048, 0x30}, {4096, 0x40}, {8192, 0x80}};
    for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        if (SIZES[i].kb * 1024 >= flash_size) {
            return SIZES[i].code;
        }
    }
    return 0x90;
}

static void put_segment(GByteArray *boot, const image_segment_t *s, uint8_t *sum)
{
    gsize n;
    const uint8_t *bytes = g_bytes_get_data(s->bytes, &n);
    guint start = boot->len + SEGMENT_HEADER;
    put_word(boot, s->address);
    put_word(boot, (uint32_t)(n + 3) & ~3u);
    g_byte_array_append(boot, bytes, (guint)n);
    static const uint8_t ZEROS[4];
    g_byte_array_append(boot, ZEROS, -n & 3);
    for (guint i = start; i < boot->len; i++) {
        *sum ^= boot->data[i];
    }
}

static bool in_flash(const image_segment_t *s, uint32_t base, uint32_t size)
{
    return s->address - base < size;
}

static GByteArray *make_boot(const image_t *image, uint32_t base, uint32_t size, unsigned count)
{
    GByteArray *boot = g_byte_array_new();
    const uint8_t header[] = {MAGIC_V1, (uint8_t)count, 0, size_code(size)};
    uint8_t sum = CHECKSUM_START;
    g_byte_array_append(boot, header, sizeof header);
    put_word(boot, image->entry);
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        if (!in_flash(s, base, size)) {
            put_segment(boot, s, &sum);
        }
    }
    static const uint8_t ZEROS[16];
    g_byte_array_append(boot, ZEROS, 15 - boot->len % 16);
    g_byte_array_append(boot, &sum, 1);
    return boot;
}

// What lies at flash address 0 is an image for the ROM, or erased.
static bool check_start(const image_segment_t *s, GError **error)
{
    uint8_t byte = *(const uint8_t *)g_bytes_get_data(s->bytes, NULL);
    if (byte == MAGIC_V1 || byte == 0xFF) {
        return true;
    }
    g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_FORMAT,
                "offset 0x0: begins with 0x%02x, not with 0x%02x as an ESP8266 image does", byte, MAGIC_V1);
    return false;
}

bool image_for_flash(image_t *image, uint32_t base, uint32_t size, GError **error)
{
    unsigned count = 0;
    uint32_t lowest = UINT32_MAX;
    const image_segment_t *first = &g_array_index(image->segments, image_segment_t, 0);
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        bool flash = in_flash(s, base, size);
        count += !flash;
        lowest = flash ? MIN(lowest, s->address) : lowest;
    }
    if (count == 0 && (image->format == IMAGE_FORMAT_ESP || lowest == base)) {
        return image->format == IMAGE_FORMAT_ESP || check_start(first, error);
    }
    if (count == 0 || count > SEGMENTS_MAX || !image->has_entry) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_FORMAT,
                    count == 0 ? "all of it is in flash and nothing in RAM, which the ROM could start"
                    : count > SEGMENTS_MAX ? "more than 16 segments for RAM, which the ROM does not load"
                                           : "it does not say where it starts");
        return false;
    }
    GByteArray *boot = make_boot(image, base, size, count);
    if (boot->len > size || lowest - base < boot->len) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_OVERLAP,
                    "its segments for RAM take 0x%x bytes of flash, but at 0x%08x there is code that runs "
                    "from flash", boot->len, lowest);
        g_byte_array_unref(boot);
        return false;
    }
    for (guint i = image->segments->len; i-- > 0;) {
        if (!in_flash(&g_array_index(image->segments, image_segment_t, i), base, size)) {
            g_array_remove_index(image->segments, i);
        }
    }
    image_segment_t made = {base, g_byte_array_free_to_bytes(boot)};
    g_array_prepend_val(image->segments, made);
    return true;
}
