/* SPDX-License-Identifier: MIT
 * fat_files.c: fsys.h on the flash disk's FAT: current directory, "..", first boot.
 */
#include "fsys.h"
#include "../fs/fat.h"
#include <string.h>

enum { IDLE_MS = 500 };

static struct {
    fat_t fs;
    bool dirty;
    uint32_t written_ms; /* when something was written last */
    char cwd[FSYS_PATH_MAX];
} disk;

_Static_assert(sizeof(fat_file_t) <= sizeof(fsys_file_t), "fsys_file_t is too small");
_Static_assert(sizeof(fat_dir_t) <= sizeof(fsys_dir_t), "fsys_dir_t is too small");

static const char boot_py[] =
    "# boot.py runs first, at every start, also before a tool takes over the prompt.\n"
    "# Put here what the board always needs. main.py runs after it.\n";
static const char main_py[] = "# main.py runs after boot.py. Put your program here.\n"
                              "# Ctrl-C at the prompt stops it, Ctrl-D starts it again.\n";

/* ---- the device ---- */

static int disk_read(void *context, uint32_t block, uint8_t *data, uint32_t count)
{
    return hal_disk_read(block, data, count);
}

static int disk_write(void *context, uint32_t block, const uint8_t *data, uint32_t count)
{
    disk.dirty = true;
    disk.written_ms = hal_ticks_ms();
    return hal_disk_write(block, data, count);
}

static int disk_sync(void *context) { return hal_disk_sync(); }

/* Days from 1 January 1970 to a date of the Gregorian calendar. */
static int32_t days_from_date(int32_t year, uint32_t month, uint32_t day)
{
    year -= month <= 2;
    int32_t era = year / 400;
    uint32_t yoe = (uint32_t)(year - era * 400);
    uint32_t doy = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
    return era * 146097 + (int32_t)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - 719468;
}

static uint32_t fat_clock(void)
{
    hal_datetime_t t;
    hal_rtc_get(&t);
    uint32_t date = (uint32_t)(t.year - 1980) << 9 | (uint32_t)t.month << 5 | t.day;
    return date << 16 | (uint32_t)t.hour << 11 | (uint32_t)t.minute << 5 | t.second / 2u;
}

static int64_t seconds_of(uint32_t stamp)
{
    uint32_t date = stamp >> 16;
    int64_t days = days_from_date((int32_t)(1980 + (date >> 9)), date >> 5 & 15, date & 31);
    return days * 86400 + (stamp >> 11 & 31) * 3600 + (stamp >> 5 & 63) * 60 + (stamp & 31) * 2;
}

static void create(const char *path, const char *text)
{
    fat_file_t f;
    if (fat_open(&disk.fs, &f, path, FAT_WRITE | FAT_CREATE) == 0) {
        fat_write(&f, text, (uint32_t)strlen(text));
        fat_close(&f);
    }
}

int fsys_mount(void)
{
    fat_device_t dev = {NULL, disk_read, disk_write, disk_sync, hal_disk_blocks()};
    memcpy(disk.cwd, "/", 2);
    int result = fat_mount(&disk.fs, &dev);
    if (result == -E_NODEV) {
        fat_device_t unsynced = {NULL, disk_read, disk_write, NULL, hal_disk_blocks()}; /* at the end is enough */
        result = fat_format(&unsynced, "ADDER", hal_random());
        if (result == 0)
            result = fat_mount(&disk.fs, &dev);
        if (result == 0) {
            disk.fs.clock = fat_clock;
            create("boot.py", boot_py);
            create("main.py", main_py);
            result = fat_sync(&disk.fs);
            disk.dirty = false;
        }
    }
    disk.fs.clock = fat_clock;
    return result;
}

uint32_t fsys_idle(void)
{
    if (!disk.dirty)
        return HAL_FOREVER_MS;
    uint32_t waited = hal_ticks_ms() - disk.written_ms;
    if (waited < IDLE_MS)
        return IDLE_MS - waited;
    fsys_sync();
    return HAL_FOREVER_MS;
}

void fsys_reset(void)
{
    fsys_sync();
    memcpy(disk.cwd, "/", 2);
}

/* ---- paths ---- */

/* The path from the root, without "." and "..". Empty if it is too long. */
static const char *absolute(const char *path, char out[FSYS_PATH_MAX])
{
    size_t n = 0;
    if (*path != '/') {
        n = strlen(disk.cwd);
        memcpy(out, disk.cwd, n);
    }
    while (*path) {
        size_t len = strcspn(path, "/");
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            while (n && out[--n] != '/') {
            }
        } else if (len && !(len == 1 && path[0] == '.')) {
            if (n + len + 2 > FSYS_PATH_MAX)
                return "\x01"; /* a name that no file can have */
            if (!n || out[n - 1] != '/')
                out[n++] = '/';
            memcpy(out + n, path, len);
            n += len;
        }
        path += len + (path[len] == '/');
    }
    if (!n)
        out[n++] = '/';
    out[n] = 0;
    /* Programs for the pyboard know this disk as /flash. */
    if (strncmp(out, "/flash", 6) == 0 && (!out[6] || out[6] == '/'))
        return out[6] ? out + 6 : "/";
    return out;
}

/* After a change: into the flash with it, as a program may run on without ever coming to rest. */
static int finish(int result)
{
    if (result < 0)
        return result;
    return fsys_sync();
}

/* ---- files ---- */

static fat_file_t *fat_of(fsys_file_t *f) { return (fat_file_t *)f->state; }

int fsys_open(fsys_file_t *f, const char *path, unsigned flags)
{
    char full[FSYS_PATH_MAX];
    return disk.fs.bits ? fat_open(&disk.fs, fat_of(f), absolute(path, full), flags) : -E_NODEV;
}

intptr_t fsys_read(fsys_file_t *f, void *to, size_t len)
{
    return fat_read(fat_of(f), to, (uint32_t)len);
}

intptr_t fsys_write(fsys_file_t *f, const void *from, size_t len)
{
    return fat_write(fat_of(f), from, (uint32_t)len);
}

intptr_t fsys_seek(fsys_file_t *f, intptr_t offset, int whence)
{
    fat_file_t *file = fat_of(f);
    intptr_t from = whence == 1 ? (intptr_t)file->pos : whence == 2 ? (intptr_t)file->size : 0;
    if (from + offset < 0)
        return -E_INVAL;
    int result = fat_seek(file, (uint32_t)(from + offset));
    return result < 0 ? result : (intptr_t)file->pos;
}

int fsys_flush(fsys_file_t *f) { return fat_file_sync(fat_of(f)); }

int fsys_close(fsys_file_t *f)
{
    fat_file_t *file = fat_of(f);
    if (!file->fs)
        return 0;
    bool written = file->flags & FAT_WRITE;
    int result = fat_close(file);
    return written ? finish(result) : result;
}

/* ---- directories ---- */

int fsys_list(fsys_dir_t *d, const char *path)
{
    char full[FSYS_PATH_MAX];
    return disk.fs.bits ? fat_dir_open(&disk.fs, (fat_dir_t *)d->state, absolute(path, full)) : -E_NODEV;
}

static void fill_stat(fsys_stat_t *stat, const fat_info_t *info)
{
    stat->size = info->size;
    stat->is_dir = info->attr & FAT_ATTR_DIR;
    stat->modified = info->modified ? seconds_of(info->modified) : 0;
}

int fsys_next(fsys_dir_t *d, fsys_entry_t *entry)
{
    fat_info_t info;
    int result = fat_dir_next((fat_dir_t *)d->state, &info);
    if (result == 1) {
        fill_stat(&entry->stat, &info);
        memcpy(entry->name, info.name, sizeof entry->name);
    }
    return result;
}

void fsys_list_close(fsys_dir_t *d) {}

int fsys_stat(const char *path, fsys_stat_t *stat)
{
    char full[FSYS_PATH_MAX];
    fat_info_t info;
    int result = disk.fs.bits ? fat_stat(&disk.fs, absolute(path, full), &info) : -E_NODEV;
    if (result == 0)
        fill_stat(stat, &info);
    return result;
}

int fsys_mkdir(const char *path)
{
    char full[FSYS_PATH_MAX];
    return disk.fs.bits ? finish(fat_mkdir(&disk.fs, absolute(path, full))) : -E_NODEV;
}

int fsys_rmdir(const char *path)
{
    char full[FSYS_PATH_MAX];
    const char *at = absolute(path, full);
    if (strcmp(at, disk.cwd) == 0)
        return -E_INVAL;
    return disk.fs.bits ? finish(fat_rmdir(&disk.fs, at)) : -E_NODEV;
}

int fsys_remove(const char *path)
{
    char full[FSYS_PATH_MAX];
    return disk.fs.bits ? finish(fat_remove(&disk.fs, absolute(path, full))) : -E_NODEV;
}

int fsys_rename(const char *from, const char *to)
{
    char full_from[FSYS_PATH_MAX], full_to[FSYS_PATH_MAX];
    if (!disk.fs.bits)
        return -E_NODEV;
    return finish(fat_rename(&disk.fs, absolute(from, full_from), absolute(to, full_to)));
}

int fsys_chdir(const char *path)
{
    char full[FSYS_PATH_MAX];
    fsys_stat_t stat;
    int result = fsys_stat(path, &stat);
    if (result < 0)
        return result;
    if (!stat.is_dir)
        return -E_NOTDIR;
    const char *to = absolute(path, full);
    memcpy(disk.cwd, to, strlen(to) + 1);
    return 0;
}

int fsys_getcwd(char *path, size_t size)
{
    size_t n = strlen(disk.cwd);
    if (n >= size)
        return -E_INVAL;
    memcpy(path, disk.cwd, n + 1);
    return 0;
}

int fsys_space(const char *path, fsys_space_t *space)
{
    if (!disk.fs.bits)
        return -E_NODEV;
    space->block_size = disk.fs.cluster_blocks * (uint32_t)FAT_BLOCK;
    space->blocks = disk.fs.clusters;
    space->free = fat_free_clusters(&disk.fs);
    return 0;
}

int fsys_sync(void)
{
    disk.dirty = false;
    return disk.fs.bits ? fat_sync(&disk.fs) : 0;
}
