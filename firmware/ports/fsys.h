/* SPDX-License-Identifier: MIT
 * fsys.h: files, as open() and the os module want them from a port. Devices have them on FAT (fat_files.c), the host has its own
 * (host/files.c). Everything returns a negative errno on failure.
 */
#ifndef ADDER_FSYS_H
#define ADDER_FSYS_H

#include "../core/config.h"
#include "hal.h"

enum {
    FSYS_READ = 1, FSYS_WRITE = 2, FSYS_CREATE = 4, FSYS_EXCLUSIVE = 8, FSYS_TRUNCATE = 16, FSYS_APPEND = 32
};
enum { FSYS_PATH_MAX = ADDER_PATH_MAX };

typedef struct fsys_file {
    uintptr_t state[ADDER_FILE_WORDS]; /* the implementation's; all zero: closed */
} fsys_file_t;

typedef struct fsys_stat {
    uint32_t size;
    int64_t modified; /* seconds since 1970 */
    bool is_dir;
} fsys_stat_t;

typedef struct fsys_dir {
    uintptr_t state[ADDER_DIR_WORDS];
} fsys_dir_t;

typedef struct fsys_entry {
    fsys_stat_t stat;
    char name[FSYS_PATH_MAX];
} fsys_entry_t;

typedef struct fsys_space {
    uint32_t block_size, blocks, free;
} fsys_space_t;

int fsys_open(fsys_file_t *f, const char *path, unsigned flags);
intptr_t fsys_read(fsys_file_t *f, void *to, size_t len);
intptr_t fsys_write(fsys_file_t *f, const void *from, size_t len);
intptr_t fsys_seek(fsys_file_t *f, intptr_t offset, int whence); /* 0 start, 1 here, 2 end; the new place */
int fsys_flush(fsys_file_t *f);
int fsys_close(fsys_file_t *f);

int fsys_list(fsys_dir_t *d, const char *path);
int fsys_next(fsys_dir_t *d, fsys_entry_t *entry); /* 1: here is one; 0: end, closed */
void fsys_list_close(fsys_dir_t *d);

int fsys_stat(const char *path, fsys_stat_t *stat);
int fsys_mkdir(const char *path);
int fsys_rmdir(const char *path);
int fsys_remove(const char *path);
int fsys_rename(const char *from, const char *to);
int fsys_chdir(const char *path);
int fsys_getcwd(char *path, size_t size);
int fsys_space(const char *path, fsys_space_t *space);
int fsys_sync(void);

/* ---- for the life of a board, device.c ---- */
/* Make the flash disk ready; an empty one is formatted. */
int fsys_mount(void);
/* Write what waits, if nothing was written for a while: the prompt calls it when idle, but not in raw mode.
 * Returns the milliseconds until it wants to be called again, or HAL_FOREVER_MS. */
uint32_t fsys_idle(void);
/* Soft reset: all files have been closed; back to the root directory. */
void fsys_reset(void);

#endif
