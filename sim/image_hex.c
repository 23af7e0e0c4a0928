// SPDX-License-Identifier: GPL-2.0-or-later
// Reader for Intel HEX (Intel, Hexadecimal Object File Format Specification, revision A, 1988).
//
// All six record types. Records may come in any order and leave gaps; an end record must be last.
//
// Also universal HEX (micro:bit Universal Hex Format Specification 0.4.0): the file holds images for
// several boards, each in sections between a block start record (0A, with a board id) and a block
// end record (0B). Sections of other boards are skipped; what is padding (0C) or other data (0E)
// is not loaded.
#include "image_formats.h"

#include <string.h>

typedef enum {
    DATA,
    END,
    SEGMENT,
    START_SEGMENT,
    LINEAR,
    START_LINEAR,
    BLOCK_START = 0x0A,
    BLOCK_END,
    PADDED,
    CUSTOM_DATA, // data, by a type that the first version's interface chip passes over
    OTHER_DATA,
    TYPES,
} record_type_t;

typedef struct {
    uint32_t line;
    uint8_t type;
    uint8_t length;
    uint16_t offset;
    uint8_t data[255];
} record_t;

typedef struct {
    uint32_t base;  // what a data record's offset is added to
    bool segmented; // offsets wrap within 64 KB (record type 2)
    bool ended;
    bool in_block;
    bool skip;        // in the block of another board
    bool taken;       // a block for this board has come
    uint32_t others;  // blocks for other boards, and ...
    uint16_t other;   // ... the id of the first
} hex_state_t;

static bool fail(const image_reader_t *r, const record_t *record, GError **error,
                 image_error_t code, const char *what)
{
    return image_fail_line(r, record->line, error, code, "%s", what);
}

// Decodes the digits after the colon and checks length and checksum.
static bool decode(const image_reader_t *r, const char *text, size_t length, record_t *record,
                   GError **error)
{
    uint8_t raw[5 + 255];
    uint8_t sum = 0;
    if (length < 1 || text[0] != ':') {
        return fail(r, record, error, IMAGE_ERROR_FORMAT, "a record starts with a colon");
    }
    for (size_t i = 1; i < length; i++) {
        if (!g_ascii_isxdigit(text[i])) {
            return image_fail_line(r, record->line, error, IMAGE_ERROR_FORMAT,
                                   "column %zu: not a hexadecimal digit", i + 1);
        }
    }
    size_t bytes = (length - 1) / 2;
    if (bytes > sizeof raw) {
        return fail(r, record, error, IMAGE_ERROR_FORMAT, "the record is too long");
    }
    for (size_t i = 0; i < bytes; i++) {
        raw[i] = (uint8_t)(g_ascii_xdigit_value(text[1 + 2 * i]) << 4 |
                           g_ascii_xdigit_value(text[2 + 2 * i]));
        sum = (uint8_t)(sum + raw[i]);
    }
    if (bytes < 5 || length % 2 == 0 || bytes < 5u + raw[0]) {
        return fail(r, record, error, IMAGE_ERROR_TRUNCATED, "the record is cut off");
    }
    if (bytes > 5u + raw[0]) {
        return image_fail_line(r, record->line, error, IMAGE_ERROR_FORMAT,
                               "the record says %u data bytes and has %zu", raw[0], bytes - 5);
    }
    if (sum != 0) {
        uint8_t given = raw[bytes - 1];
        return image_fail_line(r, record->line, error, IMAGE_ERROR_CHECKSUM,
                               "bad checksum: %02X, the bytes give %02X", given,
                               (uint8_t)(given - sum));
    }
    record->length = raw[0];
    record->offset = (uint16_t)(raw[1] << 8 | raw[2]);
    record->type = raw[3];
    memcpy(record->data, raw + 4, record->length);
    return true;
}

static uint32_t big_endian(const record_t *record)
{
    uint32_t value = 0;
    for (int i = 0; i < record->length; i++) {
        value = value << 8 | record->data[i];
    }
    return value;
}

// In segmented files a record that passes offset 0xFFFF goes on at offset 0 of its segment.
static bool add_data(image_reader_t *r, const hex_state_t *state, const record_t *record,
                     GError **error)
{
    uint32_t first = record->length;
    if (state->segmented && record->offset + first > 0x10000) {
        first = 0x10000u - record->offset;
    }
    return image_add_text(r, state->base + record->offset, record->data, first, record->line,
                          error) &&
           image_add_text(r, state->base, record->data + first, record->length - first,
                          record->line, error);
}

static bool check_length(const image_reader_t *r, const record_t *record, GError **error)
{
    static const int LENGTHS[TYPES] = {-1, 0, 2, 4, 2, 4, [BLOCK_START] = 4, [BLOCK_END] = -1,
                                       [PADDED] = -1, [CUSTOM_DATA] = -1, [OTHER_DATA] = -1};
    if (record->type >= TYPES || (record->type > START_LINEAR && record->type < BLOCK_START)) {
        return image_fail_line(r, record->line, error, IMAGE_ERROR_FORMAT,
                               "unknown record type %02X", record->type);
    }
    if (LENGTHS[record->type] >= 0 && record->length != LENGTHS[record->type]) {
        return image_fail_line(r, record->line, error, IMAGE_ERROR_FORMAT,
                               "a record of type %02X has %d data bytes, not %u", record->type,
                               LENGTHS[record->type], record->length);
    }
    return true;
}

static bool start_block(const image_reader_t *r, hex_state_t *state, const record_t *record,
                        GError **error)
{
    if (state->in_block) {
        return fail(r, record, error, IMAGE_ERROR_FORMAT, "a block starts within a block");
    }
    uint16_t id = (uint16_t)(record->data[0] << 8 | record->data[1]);
    const uint16_t *ids = r->options->block_ids;
    while (ids != NULL && *ids != 0 && *ids != id) {
        ids++;
    }
    state->in_block = true;
    state->skip = ids == NULL || *ids == 0;
    state->taken |= !state->skip;
    if (state->skip && state->others++ == 0) {
        state->other = id;
    }
    return true;
}

static bool end_block(const image_reader_t *r, hex_state_t *state, const record_t *record,
                      GError **error)
{
    if (!state->in_block) {
        return fail(r, record, error, IMAGE_ERROR_FORMAT, "a block ends that did not start");
    }
    state->in_block = state->skip = false;
    return true;
}

static bool apply(image_reader_t *r, hex_state_t *state, const record_t *record, GError **error)
{
    if (state->ended) {
        return fail(r, record, error, IMAGE_ERROR_FORMAT, "a record after the end record");
    }
    if (!check_length(r, record, error)) {
        return false;
    }
    uint32_t value = record->length <= 4 ? big_endian(record) : 0;
    switch ((record_type_t)record->type) {
    case DATA:
    case CUSTOM_DATA:
        return state->skip || add_data(r, state, record, error);
    case END:
        state->ended = true;
        break;
    case SEGMENT:
        state->base = value << 4;
        state->segmented = true;
        break;
    case LINEAR:
        state->base = value << 16;
        state->segmented = false;
        break;
    case START_SEGMENT:
        if (state->skip) {
            break;
        }
        r->image->has_entry = true;
        r->image->entry = ((value >> 16) << 4) + (value & 0xFFFF);
        break;
    case START_LINEAR:
        if (state->skip) {
            break;
        }
        r->image->has_entry = true;
        r->image->entry = value;
        break;
    case BLOCK_START:
        return start_block(r, state, record, error);
    case BLOCK_END:
        return end_block(r, state, record, error);
    case PADDED:
    case OTHER_DATA:
    case TYPES:
        break;
    }
    return true;
}

bool image_read_hex(image_reader_t *r, GError **error)
{
    hex_state_t state = {0};
    record_t record = {0};
    const char *text = (const char *)r->bytes, *end = text + r->size;
    while (text < end) {
        const char *next = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((next != NULL ? next : end) - text);
        record.line++;
        while (length > 0 && g_ascii_isspace(text[length - 1])) {
            length--;
        }
        if (length > 0 &&
            !(decode(r, text, length, &record, error) && apply(r, &state, &record, error))) {
            return false;
        }
        text = next != NULL ? next + 1 : end;
    }
    if (!state.ended) {
        return fail(r, &record, error, IMAGE_ERROR_TRUNCATED,
                    "the file is cut off: no end record");
    }
    if (state.others > 0 && !state.taken && r->chunks->len == 0) {
        return image_fail_line(r, record.line, error, IMAGE_ERROR_EMPTY,
                               "a universal HEX for other boards (the first has id %04X)",
                               state.other);
    }
    return true;
}
