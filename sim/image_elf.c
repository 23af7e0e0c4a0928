// SPDX-License-Identifier: GPL-2.0-or-later
// Reader for ELF (Tool Interface Standard, ELF 1.2; ELF for the Arm architecture): executables of
// 32 bits, little endian, for ARM and Xtensa. Segments go to their physical address, which is where
// initialised data lies in flash. Symbols come from the symbol table; relocations are not applied.
#include "image_formats.h"

#include <string.h>

enum {
    ELF_HEADER = 52,
    PROGRAM_HEADER = 32,
    SECTION_HEADER = 40,
    SYMBOL = 16,
};

enum { ET_EXEC = 2, PT_LOAD = 1, SHT_SYMTAB = 2 };
enum { STT_NOTYPE = 0, STT_OBJECT = 1, STT_FUNC = 2, SHN_UNDEF = 0, SHN_LORESERVE = 0xFF00 };

static bool fail(const image_reader_t *r, uint32_t offset, GError **error, const char *what)
{
    return image_fail_at(r, offset, error, IMAGE_ERROR_FORMAT, "%s", what);
}

static bool read_header(image_reader_t *r, GError **error)
{
    static const struct {
        uint16_t machine;
        image_arch_t arch;
        const char *name;
    } MACHINES[] = {
        {40, IMAGE_ARCH_ARM, "ARM"},     {94, IMAGE_ARCH_XTENSA, "Xtensa"},
        {3, IMAGE_ARCH_UNKNOWN, "x86"},  {62, IMAGE_ARCH_UNKNOWN, "x86-64"},
        {8, IMAGE_ARCH_UNKNOWN, "MIPS"}, {183, IMAGE_ARCH_UNKNOWN, "AArch64"},
        {83, IMAGE_ARCH_UNKNOWN, "AVR"}, {243, IMAGE_ARCH_UNKNOWN, "RISC-V"},
    };
    const uint8_t *h = r->bytes;
    const char *name = "an unknown processor";
    if (!image_need(r, 0, 20, "the ELF header", error)) {
        return false;
    }
    uint16_t machine = h[5] == 2 ? (uint16_t)(h[18] << 8 | h[19]) : image_u16(h + 18);
    for (size_t i = 0; i < G_N_ELEMENTS(MACHINES); i++) {
        if (MACHINES[i].machine == machine) {
            name = MACHINES[i].name;
            r->image->arch = MACHINES[i].arch;
        }
    }
    if (r->image->arch == IMAGE_ARCH_UNKNOWN || h[4] != 1 || h[5] != 1) {
        return image_fail_at(r, h[4] != 1 ? 4 : h[5] != 1 ? 5 : 18, error,
                             IMAGE_ERROR_ARCHITECTURE,
                             "built for %s (machine %u, %s, %s endian), not for a board", name,
                             machine, h[4] == 1 ? "32 bits" : "64 bits",
                             h[5] == 1 ? "little" : "big");
    }
    if (!image_need(r, 0, ELF_HEADER, "the ELF header", error)) {
        return false;
    }
    if (image_u16(h + 16) != ET_EXEC) {
        return fail(r, 16, error, "not an executable: was it linked?");
    }
    r->image->has_entry = true;
    r->image->entry = image_u32(h + 24);
    return true;
}

// Where entry INDEX of a table is in the file; false with an error if it is not in it.
static bool table_entry(const image_reader_t *r, uint32_t table, uint32_t size, uint32_t index,
                        const char *what, uint32_t *offset, GError **error)
{
    uint64_t at = (uint64_t)table + (uint64_t)size * index;
    *offset = (uint32_t)MIN(at, UINT32_MAX);
    return image_need(r, *offset, size, what, error);
}

static bool read_segments(image_reader_t *r, GError **error)
{
    const uint8_t *h = r->bytes;
    uint32_t table = image_u32(h + 28), size = image_u16(h + 42), count = image_u16(h + 44);
    if (count > 0 && size < PROGRAM_HEADER) {
        return fail(r, 42, error, "program headers are too small");
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at;
        if (!table_entry(r, table, size, i, "a program header", &at, error)) {
            return false;
        }
        const uint8_t *p = r->bytes + at;
        uint32_t offset = image_u32(p + 4), length = image_u32(p + 16);
        if (image_u32(p) != PT_LOAD || length == 0) {
            continue;
        }
        if (length > image_u32(p + 20)) {
            return fail(r, at + 16, error, "a segment is larger in the file than in memory");
        }
        if (!image_need(r, offset, length, "a segment", error) ||
            !image_add(r, image_u32(p + 12), offset, length, error)) {
            return false;
        }
    }
    return true;
}

// Labels of the assembler and the $t $a $d marks that say what a disassembler should expect.
static bool wanted_symbol(const uint8_t *s, const char *name)
{
    uint16_t section = image_u16(s + 14);
    uint8_t type = s[12] & 15;
    return section != SHN_UNDEF && section < SHN_LORESERVE && type <= STT_FUNC && name[0] != '\0' &&
           name[0] != '$';
}

static bool read_symbol_table(image_reader_t *r, const uint8_t *section, const uint8_t *strings,
                              GError **error)
{
    uint32_t table = image_u32(section + 16), size = image_u32(section + 20);
    uint32_t names = image_u32(strings + 16), names_size = image_u32(strings + 20);
    if (!image_need(r, table, size, "the symbol table", error) ||
        !image_need(r, names, names_size, "the symbol names", error)) {
        return false;
    }
    if (names_size == 0 || r->bytes[names + names_size - 1] != '\0') {
        return fail(r, names, error, "the symbol names have no end");
    }
    for (uint32_t at = table; at - table + SYMBOL <= size; at += SYMBOL) {
        const uint8_t *s = r->bytes + at;
        uint32_t name = image_u32(s);
        if (name >= names_size) {
            return fail(r, at, error, "a symbol's name lies outside the symbol names");
        }
        image_symbol_t symbol = {image_u32(s + 4), image_u32(s + 8),
                                 (const char *)r->bytes + names + name, (s[12] & 15) == STT_FUNC};
        if (symbol.function && r->image->arch == IMAGE_ARCH_ARM) {
            symbol.address &= ~1u;
        }
        if (wanted_symbol(s, symbol.name)) {
            g_array_append_val(r->image->symbols, symbol);
        }
    }
    return true;
}

// By address; at one address those with a size last, so that a search from above meets them first.
static gint compare_symbols(gconstpointer a, gconstpointer b)
{
    const image_symbol_t *x = a, *y = b;
    if (x->address != y->address) {
        return x->address < y->address ? -1 : 1;
    }
    if ((x->size != 0) != (y->size != 0)) {
        return x->size != 0 ? 1 : -1;
    }
    if (x->function != y->function) {
        return x->function ? 1 : -1;
    }
    return strcmp(x->name, y->name);
}

static bool read_symbols(image_reader_t *r, GError **error)
{
    const uint8_t *h = r->bytes;
    uint32_t table = image_u32(h + 32), size = image_u16(h + 46), count = image_u16(h + 48);
    if (table == 0 || count == 0) {
        return true; // stripped
    }
    if (size < SECTION_HEADER) {
        return fail(r, 46, error, "section headers are too small");
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at, strings;
        if (!table_entry(r, table, size, i, "a section header", &at, error)) {
            return false;
        }
        if (image_u32(r->bytes + at + 4) != SHT_SYMTAB) {
            continue;
        }
        uint32_t link = image_u32(r->bytes + at + 24);
        if (link >= count) {
            return fail(r, at + 24, error, "the symbol table names no section of symbol names");
        }
        if (!table_entry(r, table, size, link, "a section header", &strings, error) ||
            !read_symbol_table(r, r->bytes + at, r->bytes + strings, error)) {
            return false;
        }
    }
    g_array_sort(r->image->symbols, compare_symbols);
    return true;
}

bool image_read_elf(image_reader_t *r, GError **error)
{
    return read_header(r, error) && read_segments(r, error) && read_symbols(r, error);
}
