// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware images: tells the formats apart, joins what their readers found into segments, and
// answers questions about symbols. The readers are in image_elf.c, image_hex.c, image_blocks.c and
// image_esp.c.
#include "image_formats.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define IMAGE_MAX (64u << 20) // no microcontroller has more; guards against a wrong file

typedef struct {
    uint32_t address;
    uint32_t length;
    uint32_t offset; // in the file, or in the reader's text
    uint32_t line;   // 0: a binary format
} chunk_t;

typedef struct {
    image_format_t format;
    const char *name;
    const char *magic;
    const char *endings; // of file names that promise this format
    bool (*read)(image_reader_t *r, GError **error);
} format_t;

static bool read_raw(image_reader_t *r, GError **error);

static const format_t FORMATS[] = {
    {IMAGE_FORMAT_ELF, "ELF", "\177ELF", ".elf .axf .out", image_read_elf},
    {IMAGE_FORMAT_HEX, "Intel HEX", ":", ".hex .ihx .ihex", image_read_hex},
    {IMAGE_FORMAT_DFUSE, "DfuSe", "DfuSe", ".dfu", image_read_dfuse},
    {IMAGE_FORMAT_UF2, "UF2", "UF2\n", ".uf2", image_read_uf2},
    // No other chip's binary begins so: there the stack pointer comes first, a multiple of four.
    {IMAGE_FORMAT_ESP, "ESP8266 image", "\xE9", "", image_read_esp},
    {IMAGE_FORMAT_ESP, "ESP8266 image", "\xEA", "", image_read_esp},
    {IMAGE_FORMAT_RAW, "raw binary", "", "", read_raw}, // last: its magic fits everything
};

GQuark image_error_quark(void)
{
    return g_quark_from_static_string("image-error");
}

const char *image_format_name(image_format_t format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        if (FORMATS[i].format == format) {
            return FORMATS[i].name;
        }
    }
    return "unknown";
}

const char *image_arch_name(image_arch_t arch)
{
    static const char *const NAMES[] = {"an unknown processor", "ARM", "Xtensa"};
    return NAMES[arch];
}

// ---- for the readers ---------------------------------------------------------------------------

bool image_fail_at(const image_reader_t *r, uint32_t offset, GError **error, image_error_t code,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, IMAGE_ERROR, (gint)code, "%s: offset 0x%x: %s", r->name, offset, what);
    return false;
}

bool image_fail_line(const image_reader_t *r, uint32_t line, GError **error, image_error_t code,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, IMAGE_ERROR, (gint)code, "%s:%u: %s", r->name, line, what);
    return false;
}

bool image_need(const image_reader_t *r, uint32_t offset, uint32_t length, const char *what,
                GError **error)
{
    if (offset <= r->size && length <= r->size - offset) {
        return true;
    }
    return image_fail_at(r, MIN(offset, r->size), error, IMAGE_ERROR_TRUNCATED,
                         "the file is cut off: %s needs %u bytes at 0x%x, the file has 0x%x", what,
                         length, offset, r->size);
}

bool image_add(image_reader_t *r, uint32_t address, uint32_t offset, uint32_t length,
               GError **error)
{
    chunk_t chunk = {address, length, offset, 0};
    if (length == 0) {
        return true;
    }
    if (length - 1 > UINT32_MAX - address) {
        return image_fail_at(r, offset, error, IMAGE_ERROR_FORMAT,
                             "0x%x bytes at address 0x%08x pass the end of the address space",
                             length, address);
    }
    g_array_append_val(r->chunks, chunk);
    return true;
}

bool image_add_text(image_reader_t *r, uint32_t address, const uint8_t *bytes, uint32_t length,
                    uint32_t line, GError **error)
{
    chunk_t chunk = {address, length, r->text->len, line};
    if (length == 0) {
        return true;
    }
    if (length - 1 > UINT32_MAX - address) {
        return image_fail_line(r, line, error, IMAGE_ERROR_FORMAT,
                               "the record passes the end of the address space");
    }
    g_byte_array_append(r->text, bytes, length);
    g_array_append_val(r->chunks, chunk);
    return true;
}

static bool read_raw(image_reader_t *r, GError **error)
{
    const char *ending = strrchr(r->name, '.');
    bool named = ending == NULL || strchr(ending, '/') != NULL ||
                 g_ascii_strcasecmp(ending, ".bin") == 0;
    if (!r->options->has_base || !named) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_FORMAT,
                    "%s: neither ELF, Intel HEX, DfuSe nor UF2, and %s", r->name,
                    named ? "no address for a raw binary" : "not named .bin as a raw binary");
        return false;
    }
    return image_add(r, r->options->base, 0, r->size, error);
}

// ---- chunks to segments ------------------------------------------------------------------------

static gint compare_chunks(gconstpointer a, gconstpointer b)
{
    const chunk_t *x = a, *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    return 0;
}

static bool fail_overlap(const image_reader_t *r, const chunk_t *a, const chunk_t *b,
                         GError **error)
{
    const chunk_t *later = (a->line | a->offset) > (b->line | b->offset) ? a : b;
    if (a->line != 0 && b->line != 0) {
        later = a->line > b->line ? a : b;
        return image_fail_line(r, later->line, error, IMAGE_ERROR_OVERLAP,
                               "address 0x%08x was already given in line %u", b->address,
                               later == a ? b->line : a->line);
    }
    return image_fail_at(r, later->offset, error, IMAGE_ERROR_OVERLAP,
                         "address 0x%08x was already given at offset 0x%x", b->address,
                         later == a ? b->offset : a->offset);
}

static void take_segment(image_reader_t *r, uint32_t address, GByteArray *bytes)
{
    image_segment_t segment = {address, g_byte_array_free_to_bytes(bytes)};
    g_array_append_val(r->image->segments, segment);
}

// Sorts the chunks, joins neighbours, refuses overlaps.
static bool join_chunks(image_reader_t *r, GError **error)
{
    if (r->chunks->len == 0) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_EMPTY, "%s: nothing in it to load", r->name);
        return false;
    }
    g_array_sort(r->chunks, compare_chunks);
    GByteArray *bytes = g_byte_array_new();
    uint32_t start = 0;
    for (guint i = 0; i < r->chunks->len; i++) {
        const chunk_t *c = &g_array_index(r->chunks, chunk_t, i);
        const uint8_t *from = (c->line != 0 ? r->text->data : r->bytes) + c->offset;
        if (i > 0 && c->address - c[-1].address < c[-1].length) {
            g_byte_array_unref(bytes);
            return fail_overlap(r, &c[-1], c, error);
        }
        if (bytes->len > 0 && start + bytes->len != c->address) {
            take_segment(r, start, bytes);
            bytes = g_byte_array_new();
        }
        if (bytes->len == 0) {
            start = c->address;
        }
        g_byte_array_append(bytes, from, c->length);
    }
    take_segment(r, start, bytes);
    return true;
}

// ---- loading -----------------------------------------------------------------------------------

static const format_t *detect(const char *name, const uint8_t *bytes, size_t size, GError **error)
{
    const format_t *format = FORMATS;
    while (size < strlen(format->magic) ||
           memcmp(bytes, format->magic, strlen(format->magic)) != 0) {
        format++;
    }
    const char *ending = strrchr(name, '.');
    if (format->format == IMAGE_FORMAT_RAW && ending != NULL) {
        for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
            g_auto(GStrv) endings = g_strsplit(FORMATS[i].endings, " ", 0);
            g_autofree char *lower = g_ascii_strdown(ending, -1);
            if (g_strv_contains((const char *const *)endings, lower)) {
                g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_FORMAT,
                            "%s: offset 0x0: not %s, although its name says so", name,
                            FORMATS[i].name);
                return NULL;
            }
        }
    }
    return format;
}

static void clear_segment(gpointer segment)
{
    g_bytes_unref(((image_segment_t *)segment)->bytes);
}

static image_t *image_new(image_format_t format)
{
    image_t *image = g_new0(image_t, 1);
    image->format = format;
    image->segments = g_array_new(FALSE, FALSE, sizeof(image_segment_t));
    g_array_set_clear_func(image->segments, clear_segment);
    image->symbols = g_array_new(FALSE, FALSE, sizeof(image_symbol_t));
    return image;
}

void image_free(image_t *image)
{
    if (image == NULL) {
        return;
    }
    g_array_unref(image->segments);
    g_array_unref(image->symbols);
    g_free(image->names);
    g_free(image);
}

static bool check_arch(const image_reader_t *r, GError **error)
{
    image_arch_t wanted = r->options->arch, got = r->image->arch;
    if (wanted == IMAGE_ARCH_UNKNOWN || got == IMAGE_ARCH_UNKNOWN || wanted == got) {
        return true;
    }
    g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_ARCHITECTURE,
                "%s: offset 0x12: built for %s, the board has %s", r->name, image_arch_name(got),
                image_arch_name(wanted));
    return false;
}

// The reader's names lie in the file, which is not kept: a firmware's is for the most part its debug
// information.
static void keep_names(image_t *image)
{
    size_t size = 0;
    for (guint i = 0; i < image->symbols->len; i++) {
        size += strlen(g_array_index(image->symbols, image_symbol_t, i).name) + 1;
    }
    char *to = image->names = g_malloc(size);
    for (guint i = 0; i < image->symbols->len; i++) {
        image_symbol_t *s = &g_array_index(image->symbols, image_symbol_t, i);
        size_t n = strlen(s->name) + 1;
        s->name = memcpy(to, s->name, n);
        to += n;
    }
}

image_t *image_parse(const char *name, GBytes *file, const image_options_t *options,
                     GError **error)
{
    static const image_options_t DEFAULTS = {0};
    size_t size;
    const uint8_t *bytes = g_bytes_get_data(file, &size);
    if (size == 0) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_EMPTY, "%s: the file is empty", name);
        return NULL;
    }
    if (size > IMAGE_MAX) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_TOO_LARGE,
                    "%s: %zu bytes are too large for a firmware image (%u at most)", name, size,
                    IMAGE_MAX);
        return NULL;
    }
    const format_t *format = detect(name, bytes, size, error);
    if (format == NULL) {
        return NULL;
    }
    image_reader_t reader = {
        .name = name,
        .bytes = bytes,
        .size = (uint32_t)size,
        .options = options != NULL ? options : &DEFAULTS,
        .chunks = g_array_new(FALSE, FALSE, sizeof(chunk_t)),
        .text = g_byte_array_new(),
        .image = image_new(format->format),
    };
    bool ok = format->read(&reader, error) && check_arch(&reader, error) &&
              join_chunks(&reader, error);
    g_array_unref(reader.chunks);
    g_byte_array_unref(reader.text);
    if (ok) {
        keep_names(reader.image);
    } else {
        g_clear_pointer(&reader.image, image_free);
    }
    return reader.image;
}

image_t *image_load(const char *path, const image_options_t *options, GError **error)
{
    GStatBuf status;
    if (g_stat(path, &status) != 0) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_READ, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_READ, "%s: not a file", path);
        return NULL;
    }
    if (status.st_size > IMAGE_MAX) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_TOO_LARGE,
                    "%s: %lld bytes are too large for a firmware image (%u at most)", path,
                    (long long)status.st_size, IMAGE_MAX);
        return NULL;
    }
    g_autoptr(GError) failure = NULL;
    GMappedFile *mapped = g_mapped_file_new(path, FALSE, &failure);
    if (mapped == NULL) {
        g_set_error(error, IMAGE_ERROR, IMAGE_ERROR_READ, "%s: cannot be read: %s", path,
                    failure->message);
        return NULL;
    }
    g_autoptr(GBytes) file = g_mapped_file_get_bytes(mapped);
    g_mapped_file_unref(mapped);
    return image_parse(path, file, options, error);
}

// ---- questions ---------------------------------------------------------------------------------

uint32_t image_size(const image_t *image)
{
    size_t size = 0;
    for (guint i = 0; i < image->segments->len; i++) {
        size += g_bytes_get_size(g_array_index(image->segments, image_segment_t, i).bytes);
    }
    return (uint32_t)size;
}

const char *image_symbol_at(const image_t *image, uint32_t address, uint32_t *offset)
{
    guint low = 0, high = image->symbols->len;
    while (low < high) { // the first symbol above address
        guint middle = low + (high - low) / 2;
        if (g_array_index(image->symbols, image_symbol_t, middle).address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    // Symbols nest seldom and not deeply: a label inside a function, an object inside a region.
    for (guint i = low; i > 0 && low - i < 16; i--) {
        const image_symbol_t *s = &g_array_index(image->symbols, image_symbol_t, i - 1);
        if (s->size == 0 ? i == low : address - s->address < s->size) {
            if (offset != NULL) {
                *offset = address - s->address;
            }
            return s->name;
        }
    }
    return NULL;
}

void image_take_symbols(image_t *image, image_t *from)
{
    GArray *symbols = image->symbols;
    char *names = image->names;
    image->symbols = from->symbols;
    image->names = from->names;
    from->symbols = symbols;
    from->names = names;
}

bool image_symbol_find(const image_t *image, const char *name, uint32_t *address)
{
    for (guint i = 0; i < image->symbols->len; i++) {
        const image_symbol_t *s = &g_array_index(image->symbols, image_symbol_t, i);
        if (strcmp(s->name, name) == 0) {
            *address = s->address;
            return true;
        }
    }
    return false;
}
