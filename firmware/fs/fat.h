/* SPDX-License-Identifier: MIT
 * fat.h: FAT12 and FAT16 with long names on any device of 512-byte blocks. Plain C: knows nothing of Adder,
 * allocates nothing; the simulator uses it too. Functions return a negative errno (hal.h's numbers, which are Linux's).
 *
 * Paths are UTF-8, parts separated by '/', from the root directory; "." is skipped, ".." is not known. Names keep their
 * case and are found regardless of the case of ASCII letters. At most 255 bytes a name.
 *
 * One block of data and one of the table are cached in fat_t; files and directories hold positions only, so
 * several may be open. What was written is complete on the device after fat_file_sync or fat_sync. Order of writes: what is pointed to
 * before what points to it, so a lost supply costs clusters at worst, not files.
 */
#ifndef ADDER_FAT_H
#define ADDER_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAT_BLOCK = 512, FAT_NAME_MAX = 255 };

typedef struct fat_device {
    void *context;
    int (*read)(void *context, uint32_t block, uint8_t *data, uint32_t count);
    int (*write)(void *context, uint32_t block, const uint8_t *data, uint32_t count);
    int (*sync)(void *context); /* may be NULL */
    uint32_t blocks;
} fat_device_t;

typedef struct fat_cache {
    uint32_t block;
    bool dirty;
    uint8_t data[FAT_BLOCK];
} fat_cache_t;

typedef struct fat {
    fat_device_t dev;
    uint32_t (*clock)(void); /* date << 16 | time as directories have them; NULL: 1 January 2020 */
    uint32_t table_start, table_blocks;
    uint32_t root_start, root_entries;
    uint32_t data_start, clusters;
    uint32_t next_free; /* where to search */
    uint8_t bits;       /* 12 or 16; 0: not mounted */
    uint8_t tables;
    uint8_t cluster_blocks;
    fat_cache_t data, table;
} fat_t;

/* New, empty file system; label of up to 11 characters or NULL. Writes the device, mounts nothing. */
int fat_format(const fat_device_t *dev, const char *label, uint32_t serial);
/* Find the file system, on the device as a whole or in its first partition. */
int fat_mount(fat_t *fs, const fat_device_t *dev);
int fat_sync(fat_t *fs);

/* ---- files ---- */
enum {
    FAT_READ = 1, FAT_WRITE = 2,
    FAT_CREATE = 4,     /* make it if it does not exist */
    FAT_EXCLUSIVE = 8,  /* fail if it exists */
    FAT_TRUNCATE = 16,  /* the old content stays until the file is synced or closed, if there is room for both */
    FAT_APPEND = 32     /* every write goes to the end */
};

typedef struct fat_file {
    fat_t *fs;
    uint32_t first, size, pos;
    uint32_t cluster, index; /* the cluster last used, and its number in the chain */
    uint32_t entry;          /* directory entry: block * 16 + number */
    uint32_t old;            /* first cluster of what FAT_TRUNCATE is to replace; 0: none */
    uint8_t flags;
    bool changed;
} fat_file_t;

int fat_open(fat_t *fs, fat_file_t *f, const char *path, unsigned flags);
int32_t fat_read(fat_file_t *f, void *to, uint32_t len);
int32_t fat_write(fat_file_t *f, const void *from, uint32_t len); /* less than len: full */
int fat_seek(fat_file_t *f, uint32_t pos); /* beyond the end: grows when written */
int fat_truncate(fat_file_t *f, uint32_t size);
int fat_file_sync(fat_file_t *f);
int fat_close(fat_file_t *f);

/* ---- directories ---- */
typedef struct fat_info {
    uint32_t size;
    uint32_t first;    /* cluster, for the curious */
    uint32_t modified; /* date << 16 | time */
    uint8_t attr;      /* FAT_ATTR_* */
    char name[FAT_NAME_MAX + 1];
} fat_info_t;
enum { FAT_ATTR_READ_ONLY = 1, FAT_ATTR_HIDDEN = 2, FAT_ATTR_SYSTEM = 4, FAT_ATTR_LABEL = 8, FAT_ATTR_DIR = 16 };

typedef struct fat_dir {
    fat_t *fs;
    uint32_t first; /* cluster, 0: root */
    uint32_t cluster, cluster_index;
    uint32_t index; /* of the next entry */
} fat_dir_t;

int fat_dir_open(fat_t *fs, fat_dir_t *d, const char *path);
int fat_dir_next(fat_dir_t *d, fat_info_t *info); /* 1: here is one, 0: end. Without "." and ".." */
int fat_stat(fat_t *fs, const char *path, fat_info_t *info);
int fat_mkdir(fat_t *fs, const char *path);
int fat_remove(fat_t *fs, const char *path); /* a file */
int fat_rmdir(fat_t *fs, const char *path);  /* an empty directory */
/* Replaces a file: at every moment the one or the other has the name. */
int fat_rename(fat_t *fs, const char *from, const char *to);
uint32_t fat_free_clusters(fat_t *fs);

#endif
