/* SPDX-License-Identifier: MIT
 * files.c: fsys.h on the computer's own files.
 */
#include "../fsys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static intptr_t result_of(intptr_t result) { return result < 0 ? -errno : result; }

static int fd_of(const fsys_file_t *f) { return (int)f->state[0] - 1; }

int fsys_open(fsys_file_t *f, const char *path, unsigned flags)
{
    int mode = flags & FSYS_WRITE ? (flags & FSYS_READ ? O_RDWR : O_WRONLY) : O_RDONLY;
    mode |= (flags & FSYS_CREATE ? O_CREAT : 0) | (flags & FSYS_EXCLUSIVE ? O_EXCL : 0) |
            (flags & FSYS_TRUNCATE ? O_TRUNC : 0) | (flags & FSYS_APPEND ? O_APPEND : 0) | O_CLOEXEC;
    int fd = open(path, mode, 0666);
    if (fd < 0)
        return -errno;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) { /* opening a directory for reading works here */
        close(fd);
        return -EISDIR;
    }
    f->state[0] = (uintptr_t)fd + 1;
    return 0;
}

intptr_t fsys_read(fsys_file_t *f, void *to, size_t len) { return result_of(read(fd_of(f), to, len)); }
intptr_t fsys_write(fsys_file_t *f, const void *from, size_t len) { return result_of(write(fd_of(f), from, len)); }

intptr_t fsys_seek(fsys_file_t *f, intptr_t offset, int whence)
{
    static const int names[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    return result_of(lseek(fd_of(f), offset, names[whence]));
}

int fsys_flush(fsys_file_t *f) { return 0; }

int fsys_close(fsys_file_t *f)
{
    int fd = fd_of(f);
    f->state[0] = 0;
    return fd < 0 ? 0 : (int)result_of(close(fd));
}

/* ---- directories ---- */

int fsys_list(fsys_dir_t *d, const char *path)
{
    DIR *dir = opendir(path);
    d->state[0] = (uintptr_t)dir;
    return dir ? 0 : -errno;
}

static void fill(fsys_stat_t *stat, const struct stat *st)
{
    stat->size = S_ISDIR(st->st_mode) ? 0 : (uint32_t)st->st_size;
    stat->is_dir = S_ISDIR(st->st_mode);
    stat->modified = st->st_mtime;
}

int fsys_next(fsys_dir_t *d, fsys_entry_t *entry)
{
    DIR *dir = (DIR *)d->state[0];
    const struct dirent *e;
    do {
        e = readdir(dir);
    } while (e && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
    if (!e) {
        closedir(dir);
        return 0;
    }
    struct stat st = {0};
    fstatat(dirfd(dir), e->d_name, &st, 0);
    fill(&entry->stat, &st);
    snprintf(entry->name, sizeof entry->name, "%s", e->d_name);
    return 1;
}

void fsys_list_close(fsys_dir_t *d) { closedir((DIR *)d->state[0]); }

int fsys_stat(const char *path, fsys_stat_t *stat_)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    fill(stat_, &st);
    return 0;
}

int fsys_mkdir(const char *path) { return (int)result_of(mkdir(path, 0777)); }
int fsys_rmdir(const char *path) { return (int)result_of(rmdir(path)); }
int fsys_remove(const char *path) { return (int)result_of(unlink(path)); }
int fsys_rename(const char *from, const char *to) { return (int)result_of(rename(from, to)); }
int fsys_chdir(const char *path) { return (int)result_of(chdir(path)); }
int fsys_getcwd(char *path, size_t size) { return getcwd(path, size) ? 0 : -errno; }

int fsys_space(const char *path, fsys_space_t *space)
{
    struct statvfs st;
    if (statvfs(path, &st) < 0)
        return -errno;
    space->block_size = (uint32_t)st.f_frsize;
    space->blocks = (uint32_t)st.f_blocks;
    space->free = (uint32_t)st.f_bavail;
    return 0;
}

int fsys_sync(void) { return 0; }
