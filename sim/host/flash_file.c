// SPDX-License-Identifier: GPL-2.0-or-later
// A flash in a file: the file's pages lie where the memory was. See flash_file.h.
//
// All blocks of the file exist before it is mapped, so that no later write can fail for want of room. The
// system writes changed pages back by itself, also after the end of this process.
#include "host/flash_file.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct flash_file {
    int fd;
    void *memory;
    size_t size;
};

static bool fail(const char *path, int code, GError **error)
{
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "--flash %s: %s", path,
                code == EWOULDBLOCK ? "in use by another run" : g_strerror(code));
    return false;
}

static bool fill_erased(const char *path, int fd, size_t size, GError **error)
{
    uint8_t block[4096];
    memset(block, 0xFF, sizeof block);
    for (size_t at = 0; at < size;) {
        ssize_t n = pwrite(fd, block, MIN(sizeof block, size - at), (off_t)at);
        if (n <= 0 && errno != EINTR) {
            int code = n ? errno : ENOSPC;
            if (ftruncate(fd, 0) != 0) // empty: the next run may make it
                g_debug("%s: %s", path, g_strerror(errno));
            return fail(path, code, error);
        }
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool prepare(const char *path, int fd, size_t size, bool *fresh, GError **error)
{
    struct stat status;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &status) != 0)
        return fail(path, errno, error);
    *fresh = status.st_size == 0;
    if (*fresh)
        return fill_erased(path, fd, size, error);
    if ((size_t)status.st_size != size) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "--flash %s: the file has %lld bytes, the board's flash %zu", path,
                    (long long)status.st_size, size);
        return false;
    }
    int code = posix_fallocate(fd, 0, (off_t)size); // it may have holes
    return !code || fail(path, code, error);
}

flash_file_t *flash_file_open(const char *path, void *memory, size_t size, bool *fresh, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    struct stat status;
    if (fd < 0) {
        fail(path, errno, error);
        return NULL;
    }
    bool ok = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (!ok)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "--flash %s: not a file", path);
    ok = ok && prepare(path, fd, size, fresh, error);
    if (ok && mmap(memory, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
        ok = fail(path, errno, error);
    if (!ok) {
        close(fd);
        return NULL;
    }
    flash_file_t *f = g_new0(flash_file_t, 1);
    *f = (flash_file_t){fd, memory, size};
    return f;
}

void flash_file_close(flash_file_t *f)
{
    if (!f)
        return;
    if (mmap(f->memory, f->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
        g_error("cannot let go of the flash file: %s", g_strerror(errno));
    close(f->fd);
    g_free(f);
}
