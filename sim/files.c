// SPDX-License-Identifier: GPL-2.0-or-later
// Host files into the board's flash: see files.h. The file system is the firmware's own code
// (firmware/fs/fat.c), built for the host, on the bytes of the flash memory.
#include "files.h"
#include "disk_log.h"
#include "fat.h"
#include "journal.h"
#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_QUARK(solderless-files-error, files_error)

enum { MAX_DEPTH = 16 };

// What a folder of a project holds besides the board's files.
static const char *const not_for_the_board[] = {"diagram.json", "wokwi.toml", "README.md", NULL};

typedef struct volume {
    uint8_t *data; // in the flash memory
    fat_t fs;
    fat_device_t device;
} volume_t;

static int volume_read(void *context, uint32_t block, uint8_t *data, uint32_t count)
{
    volume_t *v = context;
    memcpy(data, v->data + (size_t)block * FAT_BLOCK, (size_t)count * FAT_BLOCK);
    return 0;
}

static int volume_write(void *context, uint32_t block, const uint8_t *data, uint32_t count)
{
    volume_t *v = context;
    memcpy(v->data + (size_t)block * FAT_BLOCK, data, (size_t)count * FAT_BLOCK);
    return 0;
}

static bool fail(GError **error, const char *path, const char *what, int negative_errno)
{
    g_set_error(error, files_error_quark(), 0, "%s: %s: %s", path, what,
                negative_errno == -28 /* ENOSPC */ ? "the board's file system is full"
                                                   : g_strerror(-negative_errno));
    return false;
}

static bool put_bytes(volume_t *v, const char *to, const char *bytes, gsize n, const char *from,
                      GError **error)
{
    fat_file_t f;
    int rc = fat_open(&v->fs, &f, to, FAT_WRITE | FAT_CREATE | FAT_TRUNCATE);
    if (rc < 0)
        return fail(error, from, "cannot be put on the board", rc);
    int32_t written = fat_write(&f, bytes, n);
    rc = fat_close(&f);
    if (written >= 0 && (gsize)written < n)
        rc = -28;
    else if (written < 0)
        rc = written;
    return rc >= 0 || fail(error, from, "cannot be put on the board", rc);
}

static bool put_file(volume_t *v, const char *from, const char *to, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize n;
    if (!g_file_test(from, G_FILE_TEST_IS_REGULAR)) { // reading a pipe would never end
        g_set_error(error, files_error_quark(), 0, "%s: not a file", from);
        return false;
    }
    return g_file_get_contents(from, &bytes, &n, error) && put_bytes(v, to, bytes, n, from, error);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The entries of a folder in a fixed order, so that the same folder gives the same flash.
static GPtrArray *list_folder(const char *path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, error);
    if (!dir)
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (*name != '.' && strcmp(name, "__pycache__") != 0 &&
            !g_strv_contains(not_for_the_board, name) && !g_str_has_suffix(name, ".yaml") &&
            !g_str_has_suffix(name, ".yml"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, by_name);
    return names;
}

static bool put_folder(volume_t *v, const char *from, const char *to, int depth, GError **error)
{
    if (depth > MAX_DEPTH) {
        g_set_error(error, files_error_quark(), 0, "%s: folders nest too deep", from);
        return false;
    }
    g_autoptr(GPtrArray) names = list_folder(from, error);
    bool ok = names != NULL;
    for (guint i = 0; ok && i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *source = g_build_filename(from, name, NULL);
        g_autofree char *target = g_strdup_printf("%s/%s", to, name);
        if (g_file_test(source, G_FILE_TEST_IS_DIR)) {
            int rc = fat_mkdir(&v->fs, target);
            ok = rc >= 0 || rc == -17 /* EEXIST */ ? put_folder(v, source, target, depth + 1, error)
                         : fail(error, source, "cannot be put on the board", rc);
        } else {
            ok = put_file(v, source, target, error);
        }
    }
    return ok;
}

// What the firmware has written to its log becomes part of the volume, and the log empty: otherwise it would win
// over what is written here.
static bool settle_log(const volume_t *v, machine_t *m, const board_t *b, GError **error)
{
    enum { BYTES = DISK_LOG_SECTORS * DISK_LOG_SECTOR };
    uint32_t offset = 0;
    mem_t *mem = bus_mem_at(m->bus, b->fs_log, &offset);
    if (!mem || BYTES > mem->size - offset || b->fs_size > DISK_LOG_BLOCKS * DISK_LOG_BLOCK) {
        g_set_error(error, files_error_quark(), 0, "%s: no memory for 'log' at 0x%x", b->path, b->fs_log);
        return false;
    }
    uint8_t *log = mem->data + offset;
    disk_log_flash_t flash = {.home = v->data, .log = log, .blocks = b->fs_size / DISK_LOG_BLOCK};
    disk_log_t l;
    disk_log_mount(&l, &flash);
    for (uint32_t i = 0; i < flash.blocks; i++)
        if (disk_log_block(&l, i) != v->data + i * DISK_LOG_BLOCK)
            memcpy(v->data + i * DISK_LOG_BLOCK, disk_log_block(&l, i), DISK_LOG_BLOCK);
    for (uint32_t i = 1; l.sector && i <= DISK_LOG_SECTORS; i++) // the last one last, should we be killed here
        memset(log + (l.sector + i) % DISK_LOG_SECTORS * DISK_LOG_SECTOR, 0xFF, DISK_LOG_SECTOR);
    return true;
}

// Addresses of the journal are those in the memory.
static bool journal_read(void *context, uint32_t address, void *to, uint32_t len)
{
    memcpy(to, ((mem_t *)context)->data + address, len);
    return true;
}

static bool journal_program(void *context, uint32_t address, const void *from, uint32_t len)
{
    memcpy(((mem_t *)context)->data + address, from, len);
    return true;
}

static bool journal_erase(void *context, uint32_t address)
{
    memset(((mem_t *)context)->data + address, 0xFF, JOURNAL_SECTOR);
    return true;
}

// What the firmware had begun to write when it was stopped is written: otherwise it would do that later, over
// what is written here.
static bool settle_journal(const volume_t *v, machine_t *m, const board_t *b, GError **error)
{
    uint32_t offset = 0;
    mem_t *mem = bus_mem_at(m->bus, b->fs_journal, &offset);
    uint32_t first = (uint32_t)(v->data - (mem ? mem->data : v->data));
    if (!mem || JOURNAL_SIZE > mem->size - offset || first > mem->size - b->fs_size) {
        g_set_error(error, files_error_quark(), 0, "%s: no memory for 'journal' at 0x%x", b->path, b->fs_journal);
        return false;
    }
    journal_flash_t flash = {mem, offset, first, first + b->fs_size, journal_read, journal_program, journal_erase};
    journal_t j;
    journal_mount(&j, &flash);
    return true;
}

static bool open_volume(volume_t *v, machine_t *m, const board_t *b, GError **error)
{
    uint32_t offset = 0;
    mem_t *mem = b->fs_size ? bus_mem_at(m->bus, b->fs_base, &offset) : NULL;
    if (!mem || b->fs_size > mem->size - offset) {
        g_set_error(error, files_error_quark(), 0, "board '%s' has no file system", b->name);
        return false;
    }
    v->data = mem->data + offset;
    if ((b->fs_log && !settle_log(v, m, b, error)) || (b->fs_journal && !settle_journal(v, m, b, error)))
        return false;
    v->device = (fat_device_t){.context = v, .read = volume_read, .write = volume_write,
                               .blocks = b->fs_size / FAT_BLOCK};
    int rc = fat_mount(&v->fs, &v->device);
    if (rc < 0)
        rc = fat_format(&v->device, b->name, 0x50592011);
    if (rc >= 0)
        rc = fat_mount(&v->fs, &v->device);
    return rc >= 0 || fail(error, b->name, "cannot make a file system", rc);
}

// ---- A script appended to the firmware ------------------------------------------------------------

enum { SCRIPT_ALIGN = 16 };

static bool append_script(machine_t *m, const board_t *b, const char *path, bool again, GError **error)
{
    g_autofree char *text = NULL;
    gsize n;
    uint32_t offset = 0;
    mem_t *mem = bus_mem_at(m->bus, b->script_base, &offset);
    size_t header = strlen(b->script_magic) + 2;
    if (!mem || b->script_size > mem->size - offset || header >= b->script_size) {
        g_set_error(error, files_error_quark(), 0, "%s: no memory for 'script' at 0x%x", b->path,
                    b->script_base);
        return false;
    }
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, files_error_quark(), 0, "%s: not a file", path);
        return false;
    }
    if (!g_file_get_contents(path, &text, &n, error))
        return false;
    if (again && !memcmp(mem->data + offset, b->script_magic, strlen(b->script_magic)))
        memset(mem->data + offset, 0xFF, b->script_size);
    size_t room = MIN(b->script_size - header, UINT16_MAX);
    if (n > room) {
        g_set_error(error, files_error_quark(), 0,
                    "%s: %zu bytes, but the board's firmware takes scripts of %zu at most", path, n,
                    room);
        return false;
    }
    g_autoptr(GByteArray) all = g_byte_array_new();
    const uint8_t length[2] = {n & 0xFF, n >> 8};
    static const uint8_t zeros[SCRIPT_ALIGN];
    g_byte_array_append(all, (const uint8_t *)b->script_magic, strlen(b->script_magic));
    g_byte_array_append(all, length, sizeof length);
    g_byte_array_append(all, (const uint8_t *)text, n);
    g_byte_array_append(all, zeros, -all->len % SCRIPT_ALIGN);
    for (guint i = 0; i < all->len && i < b->script_size; i++)
        if (mem->data[offset + i] != 0xFF) {
            g_set_error(error, files_error_quark(), 0,
                        "%s: the firmware itself has something at 0x%x, where scripts go", path,
                        b->script_base + i);
            return false;
        }
    bus_poke(m->bus, b->script_base, all->data, MIN(all->len, b->script_size));
    return true;
}

static bool put_script(machine_t *m, const board_t *b, const char *program, bool again, GError **error)
{
    if (!g_file_test(program, G_FILE_TEST_IS_DIR))
        return append_script(m, b, program, again, error);
    g_autofree char *path = g_build_filename(program, "main.py", NULL);
    return append_script(m, b, path, again, error);
}

bool files_put(machine_t *m, const board_t *b, const char *program, bool again, GError **error)
{
    if (b->script_size)
        return put_script(m, b, program, again, error);
    g_autofree volume_t *v = g_new0(volume_t, 1);
    if (!open_volume(v, m, b, error))
        return false;
    bool ok = g_file_test(program, G_FILE_TEST_IS_DIR) ? put_folder(v, program, "", 0, error)
                                                       : put_file(v, program, "main.py", error);
    int rc = ok ? fat_sync(&v->fs) : 0;
    return ok && (rc >= 0 || fail(error, program, "cannot be put on the board", rc));
}
