// SPDX-License-Identifier: GPL-2.0-or-later
// Readers for the two block formats that boot loaders take over USB.
//
// DfuSe: ST UM0391, DfuSe File Format Specification: a prefix, target images made of elements,
// and the suffix of USB DFU 1.1 with a CRC of the whole file. Every target's elements are loaded.
// UF2: microsoft/uf2, "USB Flashing Format": self-contained blocks of 512 bytes. Blocks that are
// not for the main flash (flags 0x1 and 0x1000) are passed over; MD5 sums and tags are not read.
#include "image_formats.h"

#include <string.h>

enum {
    DFUSE_PREFIX = 11,
    DFUSE_TARGET = 274,
    DFUSE_ELEMENT = 8,
    DFU_SUFFIX = 16,
};

// CRC-32 as USB DFU 1.1 (appendix B) wants it: reflected, all ones to begin with, not inverted.
static uint32_t dfu_crc(const uint8_t *bytes, uint32_t length)
{
    uint32_t crc = 0xFFFFFFFF;
    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
        }
    }
    return crc;
}

static bool check_suffix(const image_reader_t *r, uint32_t suffix, GError **error)
{
    if (!image_need(r, suffix, DFU_SUFFIX, "the DFU suffix", error)) {
        return false;
    }
    const uint8_t *s = r->bytes + suffix;
    if (memcmp(s + 8, "UFD", 3) != 0 || s[11] != DFU_SUFFIX) {
        return image_fail_at(r, suffix + 8, error, IMAGE_ERROR_FORMAT,
                             "no DFU suffix at the end of the image");
    }
    if (r->size != suffix + DFU_SUFFIX) {
        return image_fail_at(r, suffix + DFU_SUFFIX, error, IMAGE_ERROR_FORMAT,
                             "something follows the DFU suffix");
    }
    uint32_t given = image_u32(s + 12), crc = dfu_crc(r->bytes, r->size - 4);
    if (given != crc) {
        return image_fail_at(r, suffix + 12, error, IMAGE_ERROR_CHECKSUM,
                             "bad CRC: %08x, the bytes give %08x", given, crc);
    }
    return true;
}

static bool read_target(image_reader_t *r, uint32_t *at, GError **error)
{
    if (!image_need(r, *at, DFUSE_TARGET, "a target prefix", error)) {
        return false;
    }
    const uint8_t *target = r->bytes + *at;
    if (memcmp(target, "Target", 6) != 0) {
        return image_fail_at(r, *at, error, IMAGE_ERROR_FORMAT, "not a target prefix");
    }
    uint32_t size = image_u32(target + 266), count = image_u32(target + 270);
    *at += DFUSE_TARGET;
    if (!image_need(r, *at, size, "a target", error)) {
        return false;
    }
    uint32_t end = *at + size;
    for (uint32_t i = 0; i < count; i++) {
        if (end - *at < DFUSE_ELEMENT ||
            image_u32(r->bytes + *at + 4) > end - *at - DFUSE_ELEMENT) {
            return image_fail_at(r, *at, error, IMAGE_ERROR_FORMAT,
                                 "element %u of %u does not fit into its target", i + 1, count);
        }
        uint32_t length = image_u32(r->bytes + *at + 4);
        if (!image_add(r, image_u32(r->bytes + *at), *at + DFUSE_ELEMENT, length, error)) {
            return false;
        }
        *at += DFUSE_ELEMENT + length;
    }
    if (*at != end) {
        return image_fail_at(r, *at, error, IMAGE_ERROR_FORMAT,
                             "the target has 0x%x bytes more than its elements", end - *at);
    }
    return true;
}

bool image_read_dfuse(image_reader_t *r, GError **error)
{
    if (!image_need(r, 0, DFUSE_PREFIX, "the DfuSe prefix", error)) {
        return false;
    }
    uint32_t at = DFUSE_PREFIX, suffix = image_u32(r->bytes + 6);
    if (r->bytes[5] != 1) {
        return image_fail_at(r, 5, error, IMAGE_ERROR_FORMAT, "version %u of the format is unknown",
                             r->bytes[5]);
    }
    if (!check_suffix(r, suffix, error)) {
        return false;
    }
    for (int i = 0; i < r->bytes[10]; i++) {
        if (!read_target(r, &at, error)) {
            return false;
        }
    }
    if (at != suffix) {
        return image_fail_at(r, at, error, IMAGE_ERROR_FORMAT,
                             "the targets end here, the prefix says 0x%x", suffix);
    }
    return true;
}

// ---- UF2 ---------------------------------------------------------------------------------------

enum {
    UF2_BLOCK = 512,
    UF2_PAYLOAD_MAX = 476,
    UF2_NOT_MAIN_FLASH = 0x0001,
    UF2_FILE_CONTAINER = 0x1000,
    UF2_FAMILY = 0x2000,
};

#define UF2_MAGIC_FIRST 0x0A324655u
#define UF2_MAGIC_SECOND 0x9E5D5157u
#define UF2_MAGIC_LAST 0x0AB16F30u

// What belongs together in a file: the blocks of one family number themselves.
typedef struct {
    uint32_t count;   // blocks that there should be
    uint32_t seen;    // blocks that there were
    uint8_t *numbers; // a bit for each
} uf2_set_t;

static bool check_block(const image_reader_t *r, uint32_t at, GError **error)
{
    const uint8_t *b = r->bytes + at;
    if (!image_need(r, at, UF2_BLOCK, "a block", error)) {
        return false;
    }
    if (image_u32(b) != UF2_MAGIC_FIRST || image_u32(b + 4) != UF2_MAGIC_SECOND ||
        image_u32(b + 508) != UF2_MAGIC_LAST) {
        return image_fail_at(r, at, error, IMAGE_ERROR_FORMAT, "not a UF2 block (magic numbers)");
    }
    if (image_u32(b + 16) > UF2_PAYLOAD_MAX) {
        return image_fail_at(r, at + 16, error, IMAGE_ERROR_FORMAT,
                             "a block cannot hold %u bytes", image_u32(b + 16));
    }
    return true;
}

static bool count_block(const image_reader_t *r, uf2_set_t *set, uint32_t at, GError **error)
{
    uint32_t number = image_u32(r->bytes + at + 20), count = image_u32(r->bytes + at + 24);
    uint32_t room = r->size / UF2_BLOCK;
    if (number >= count) {
        return image_fail_at(r, at + 20, error, IMAGE_ERROR_FORMAT, "block number %u of %u", number,
                             count);
    }
    if (set->count != 0 && set->count != count) {
        return image_fail_at(r, at + 24, error, IMAGE_ERROR_FORMAT,
                             "this block says there are %u, others say %u", count, set->count);
    }
    set->count = count;
    if (count > room) {
        return image_fail_at(r, r->size, error, IMAGE_ERROR_TRUNCATED,
                             "the file is cut off: %u blocks, there should be %u", room, count);
    }
    if (set->numbers[number / 8] >> number % 8 & 1) {
        return image_fail_at(r, at + 20, error, IMAGE_ERROR_OVERLAP, "block %u is there twice",
                             number);
    }
    set->numbers[number / 8] |= (uint8_t)(1 << number % 8);
    set->seen++;
    return true;
}

// Whether a block is to be loaded, after counting it. The first family found is the image's,
// unless the caller wants another one.
static bool take_block(image_reader_t *r, uf2_set_t *set, uint32_t at, bool *take, GError **error)
{
    const uint8_t *b = r->bytes + at;
    uint32_t flags = image_u32(b + 8), family = flags & UF2_FAMILY ? image_u32(b + 28) : 0;
    *take = false;
    if (family != 0 && r->options->family != 0 && family != r->options->family) {
        return true;
    }
    if (set->seen > 0 && family != r->image->family) {
        return image_fail_at(r, at + 28, error, IMAGE_ERROR_FORMAT,
                             "images for two families, 0x%08x and 0x%08x: which one?",
                             r->image->family, family);
    }
    r->image->family = family;
    *take = (flags & (UF2_NOT_MAIN_FLASH | UF2_FILE_CONTAINER)) == 0;
    return count_block(r, set, at, error);
}

bool image_read_uf2(image_reader_t *r, GError **error)
{
    g_autofree uint8_t *numbers = g_malloc0(r->size / UF2_BLOCK / 8 + 1);
    uf2_set_t set = {.numbers = numbers};
    for (uint32_t at = 0; at < r->size; at += UF2_BLOCK) {
        bool take;
        if (!check_block(r, at, error) || !take_block(r, &set, at, &take, error)) {
            return false;
        }
        const uint8_t *b = r->bytes + at;
        if (take && !image_add(r, image_u32(b + 12), at + 32, image_u32(b + 16), error)) {
            return false;
        }
    }
    if (set.seen == 0) {
        return image_fail_at(r, 0, error, IMAGE_ERROR_ARCHITECTURE,
                             "no block is for the board's family 0x%08x", r->options->family);
    }
    if (set.seen != set.count) {
        return image_fail_at(r, r->size, error, IMAGE_ERROR_TRUNCATED,
                             "the file is cut off: %u blocks, there should be %u", set.seen,
                             set.count);
    }
    return true;
}
