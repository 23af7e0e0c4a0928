// SPDX-License-Identifier: GPL-2.0-or-later
// What image.c offers to the readers of the formats, and the readers.
#pragma once

#include "image.h"

// A file being read: where it goes, and the pieces found so far.
typedef struct {
    const char *name;
    const uint8_t *bytes;
    uint32_t size;
    const image_options_t *options;
    GArray *chunks;   // chunk_t
    GByteArray *text; // bytes decoded from a text format
    image_t *image;
} image_reader_t;

// Fails with "name: offset 0x..: ..." and with "name:line: ...". Always false.
bool image_fail_at(const image_reader_t *r, uint32_t offset, GError **error, image_error_t code,
                   const char *format, ...) G_GNUC_PRINTF(5, 6);
bool image_fail_line(const image_reader_t *r, uint32_t line, GError **error, image_error_t code,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

// True if LENGTH bytes at OFFSET are in the file; otherwise fails, saying that WHAT is cut off.
bool image_need(const image_reader_t *r, uint32_t offset, uint32_t length, const char *what,
                GError **error);
// Adds bytes of the file. False with an error where they would pass the end of the address space.
bool image_add(image_reader_t *r, uint32_t address, uint32_t offset, uint32_t length,
               GError **error);
// Adds bytes decoded from a line of text.
bool image_add_text(image_reader_t *r, uint32_t address, const uint8_t *bytes, uint32_t length,
                    uint32_t line, GError **error);

static inline uint16_t image_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t image_u32(const uint8_t *p)
{
    return (uint32_t)image_u16(p) | (uint32_t)image_u16(p + 2) << 16;
}

bool image_read_elf(image_reader_t *r, GError **error);
bool image_read_hex(image_reader_t *r, GError **error);
bool image_read_dfuse(image_reader_t *r, GError **error);
bool image_read_uf2(image_reader_t *r, GError **error);
bool image_read_esp(image_reader_t *r, GError **error);
