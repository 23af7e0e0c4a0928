// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware images: ELF, Intel HEX (also universal), raw binary, DfuSe, UF2 and ESP8266 images, told
// apart by their content.
//
// An image is a list of segments (what to put at which address), where it starts if it says so,
// and its symbols if it has any. Errors name the place: "file:line: what" in text formats,
// "file: offset 0x..: what" in binary ones.
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define IMAGE_ERROR (image_error_quark())

typedef enum {
    IMAGE_ERROR_READ,      // the file cannot be read
    IMAGE_ERROR_EMPTY,     // nothing in it that could be loaded
    IMAGE_ERROR_FORMAT,    // breaks the rules of its format
    IMAGE_ERROR_TRUNCATED, // ends too early
    IMAGE_ERROR_CHECKSUM,
    IMAGE_ERROR_OVERLAP, // two pieces want the same address
    IMAGE_ERROR_TOO_LARGE,
    IMAGE_ERROR_ARCHITECTURE, // for another processor than the board's
} image_error_t;

typedef enum {
    IMAGE_FORMAT_RAW,
    IMAGE_FORMAT_ELF,
    IMAGE_FORMAT_HEX,
    IMAGE_FORMAT_DFUSE,
    IMAGE_FORMAT_UF2,
    IMAGE_FORMAT_ESP,
} image_format_t;

typedef enum {
    IMAGE_ARCH_UNKNOWN, // only ELF and ESP8266 images say
    IMAGE_ARCH_ARM,
    IMAGE_ARCH_XTENSA,
} image_arch_t;

typedef struct {
    uint32_t address;
    GBytes *bytes; // owned by the image, never empty
} image_segment_t;

typedef struct {
    uint32_t address; // without the Thumb bit
    uint32_t size;    // 0: reaches to the next symbol
    const char *name; // owned by the image
    bool function;
} image_symbol_t;

typedef struct image {
    image_format_t format;
    image_arch_t arch;
    bool has_entry;
    uint32_t entry;   // as the file has it: with the Thumb bit
    uint32_t family;  // UF2 family, 0: none given
    GArray *segments; // image_segment_t by rising address, apart from each other
    GArray *symbols;  // image_symbol_t by rising address
    char *names;      // of the symbols, one after the other
} image_t;

// What the board knows. Zero is the default of every field.
typedef struct {
    bool has_base;     // raw binaries are only accepted with a base, and
                       // if their name ends in .bin or has no ending
    uint32_t base;     // where a raw binary goes; of ESP8266 images: flash address 0
    image_arch_t arch; // refuse images that say they are for another one
    uint32_t family;   // load only the UF2 blocks of this family
    const uint16_t *block_ids; // load only the blocks of a universal HEX with these ids (ends with 0)
} image_options_t;

GQuark image_error_quark(void);

// OPTIONS may be NULL. The result is freed by image_free.
image_t *image_load(const char *path, const image_options_t *options, GError **error);
// The same for bytes in memory; NAME is for messages and its ending may tell the format.
image_t *image_parse(const char *name, GBytes *file, const image_options_t *options,
                     GError **error);
void image_free(image_t *image);

const char *image_format_name(image_format_t format);
const char *image_arch_name(image_arch_t arch);
// Bytes of all segments.
uint32_t image_size(const image_t *image);
// The name of what holds ADDRESS and how far into it, NULL where nothing does.
const char *image_symbol_at(const image_t *image, uint32_t address, uint32_t *offset);
// Turns segments for RAM into an image in the flash at BASE that an ESP8266's mask ROM loads there.
// An image that begins at BASE, and has nothing for RAM, stays as it is.
bool image_for_flash(image_t *image, uint32_t base, uint32_t size, GError **error);
// Takes the symbols of another image.
void image_take_symbols(image_t *image, image_t *from);
// The address of a symbol (functions: without the Thumb bit).
bool image_symbol_find(const image_t *image, const char *name, uint32_t *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_t, image_free)
