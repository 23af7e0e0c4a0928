// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware images and mask ROMs, found and put into a machine. See firmware.h.
#include "firmware.h"
#include "paths.h"
#include <string.h>

G_DEFINE_QUARK(solderless-firmware-error, firmware_error)

// ---- The board's own ------------------------------------------------------------------------------

// Somebody else's: where their Debian package puts it, also where it is only unpacked.
static char *packaged(const board_t *b, GError **error)
{
    const char *roots[] = {"", PATH_BUILD "/deps/root"};
    for (unsigned i = 0; i < G_N_ELEMENTS(roots); i++) {
        g_autofree char *path = g_strconcat(roots[i], b->firmware, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
    }
    g_set_error(error, firmware_error_quark(), 0,
                "%s: not found; it comes with the Debian package %s (scripts/setup installs it), "
                "or give another firmware with --firmware", b->firmware, b->package);
    return NULL;
}

char *firmware_own(const board_t *b, GError **error)
{
    if (!b->firmware) {
        g_set_error(error, firmware_error_quark(), 0,
                    "board '%s' has no firmware of its own: give one with --firmware", b->name);
        return NULL;
    }
    if (b->package)
        return packaged(b, error);
    g_autofree char *relative = g_build_filename("firmware", b->firmware, NULL);
    return data_path(relative, error);
}

// ---- Images -----------------------------------------------------------------------------------------

static const soc_mem_t *first_mem(const soc_t *soc, mem_kind_t kind)
{
    const soc_mem_t *mem = soc->mems;
    while (mem && mem->name && mem->kind != kind)
        mem++;
    return mem && mem->name ? mem : NULL;
}

// The ROM copies into RAM only.
static bool check_ram(machine_t *m, const image_t *image, const soc_mem_t *flash, GError **error)
{
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        uint32_t offset = 0, n = (uint32_t)g_bytes_get_size(s->bytes);
        mem_t *mem = bus_mem_at(m->bus, s->address, &offset);
        bool fits = mem && n <= mem->size - offset;
        // Banks of RAM that follow each other are one to the linker.
        for (uint32_t at = s->address; mem && mem->kind == MEM_RAM && !fits;) {
            at += mem->size - offset;
            mem = bus_mem_at(m->bus, at, &offset);
            fits = mem && s->address + n - at <= mem->size - offset;
        }
        if (fits && (mem->kind == MEM_RAM || s->address - flash->base < flash->size))
            continue;
        g_set_error(error, firmware_error_quark(), 0,
                    "the image puts %u bytes at 0x%08x, but %s has no RAM or flash for them there", n,
                    s->address, m->soc->name);
        return false;
    }
    return true;
}

// A linker leaves the ELF file with the symbols beside what it made of it.
static void find_symbols(image_t *image, const char *path, const image_options_t *o)
{
    const char *dot = strrchr(path, '.');
    if (image->symbols->len || !dot || strchr(dot, '/'))
        return;
    g_autofree char *stem = g_strndup(path, dot - path), *elf = g_strconcat(stem, ".elf", NULL);
    if (!g_file_test(elf, G_FILE_TEST_IS_REGULAR))
        return;
    g_autoptr(image_t) symbols = image_load(elf, o, NULL);
    if (symbols)
        image_take_symbols(image, symbols);
}

mem_t *firmware_flash(machine_t *m)
{
    const soc_mem_t *flash = first_mem(m->soc, MEM_FLASH);
    return flash ? bus_mem_named(m->bus, flash->name) : NULL;
}

// The image as it lies in memory.
static image_t *load(machine_t *m, const board_t *b, const char *path, GError **error)
{
    const soc_mem_t *flash = first_mem(m->soc, MEM_FLASH);
    image_options_t o = {.arch = m->cpu ? m->cpu->cls->arch : IMAGE_ARCH_ARM, .has_base = true,
                         .base = flash ? flash->base : 0, .block_ids = b->block_ids};
    g_autoptr(GError) failure = NULL;
    image_t *image = image_load(path, &o, &failure);
    if (!image) {
        bool other = g_error_matches(failure, IMAGE_ERROR, IMAGE_ERROR_ARCHITECTURE);
        g_propagate_error(error, g_steal_pointer(&failure));
        if (other)
            g_prefix_error(error, "the board is '%s', choose another with --board: ", b->name);
        return NULL;
    }
    find_symbols(image, path, &o);
    if (m->soc->rom && flash &&
        (!check_ram(m, image, flash, error) || !image_for_flash(image, flash->base, flash->size, error))) {
        g_prefix_error(error, "%s: ", path);
        g_clear_pointer(&image, image_free);
    }
    return image;
}

bool firmware_load(machine_t *m, const board_t *b, const char *path, GError **error)
{
    image_t *image = load(m, b, path, error);
    if (!image)
        return false;
    const soc_mem_t *flash = first_mem(m->soc, MEM_FLASH);
    const cpu_class_t *cls = m->cpu ? m->cpu->cls : NULL;
    bool ok = machine_load(m, image, error);
    if (ok && !m->soc->rom && cls && cls->find_boot)
        ok = cls->find_boot(m->cpu, m->image, flash ? flash->base : 0, error);
    if (!ok)
        g_prefix_error(error, "%s: ", path);
    return ok;
}

static bool is_there(machine_t *m, const image_t *image)
{
    for (guint i = 0; i < image->segments->len; i++) {
        const image_segment_t *s = &g_array_index(image->segments, image_segment_t, i);
        gsize n;
        const uint8_t *bytes = g_bytes_get_data(s->bytes, &n);
        uint32_t offset;
        const mem_t *mem = bus_mem_at(m->bus, s->address, &offset);
        if (!mem || n > mem->size - offset || memcmp(mem->data + offset, bytes, n))
            return false;
    }
    return true;
}

void firmware_recognise(machine_t *m, const board_t *b, const char *path)
{
    image_t *image = load(m, b, path, NULL);
    if (image && is_there(m, image))
        m->image = image;
    else
        image_free(image);
}

// ---- Mask ROM -----------------------------------------------------------------------------------------

static image_t *dump(const char *path, GBytes *bytes, const soc_mem_t *rom, GError **error)
{
    if (g_bytes_get_size(bytes) != rom->size) {
        g_set_error(error, firmware_error_quark(), 0,
                    "%s: neither ELF nor a dump of the ROM: it has %zu bytes, the ROM %u", path,
                    g_bytes_get_size(bytes), rom->size);
        return NULL;
    }
    image_options_t o = {.has_base = true, .base = rom->base};
    return image_parse("rom.bin", bytes, &o, error);
}

bool firmware_load_rom(machine_t *m, const char *path, GError **error)
{
    const soc_mem_t *rom = first_mem(m->soc, MEM_ROM);
    if (!m->soc->rom || !rom) {
        if (path)
            g_set_error(error, firmware_error_quark(), 0, "--rom %s: %s has no ROM to be replaced", path,
                        m->soc->name);
        return !path;
    }
    g_autofree char *relative = g_build_filename("firmware", m->soc->rom, NULL);
    g_autofree char *own = path ? NULL : data_path(relative, error);
    if (!path && !own) {
        g_prefix_error(error, "the mask ROM of %s: ", m->soc->name);
        return false;
    }
    const char *from = path ? path : own;
    if (!g_file_test(from, G_FILE_TEST_IS_REGULAR)) { // reading a pipe would never end
        g_set_error(error, firmware_error_quark(), 0, "%s: not a file", from);
        return false;
    }
    GMappedFile *mapped = g_mapped_file_new(from, FALSE, error);
    if (!mapped)
        return false;
    image_options_t o = {.arch = m->cpu->cls->arch};
    g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(mapped);
    g_mapped_file_unref(mapped);
    bool elf = g_bytes_get_size(bytes) >= 4 && !memcmp(g_bytes_get_data(bytes, NULL), "\177ELF", 4);
    image_t *image = elf ? image_parse(from, bytes, &o, error) : dump(from, bytes, rom, error);
    if (!image)
        return false;
    if (machine_load_rom(m, image, error))
        return true;
    g_prefix_error(error, "%s: ", from);
    return false;
}
