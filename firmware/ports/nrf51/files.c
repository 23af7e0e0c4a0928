/* SPDX-License-Identifier: MIT
 * files.c: fsys.h in the flash pages between the firmware and the appended program; without directories, in 40 bytes of RAM
 * and the buffer of one block. (A FAT needs a sector's buffer, its tables and 10 KB of code.)
 *
 * The pages hold blocks of 128 bytes. A block is written once, its first word last, and given back by clearing that word:
 *   word 0  kind, number of the file, number of the block in the file; all ones: free, 0: given back
 *   word 1  bytes of text in the block
 *   then up to 120 bytes: the file's name, or its data
 * A file is a block with its name and blocks of data, which may lie anywhere; all but the last are full. Nothing is kept in
 * RAM: to find a block means to look at the first words, 192 at most. What was not finished when power failed is a block without
 * name, or a second block with the same numbers; fsys_mount gives such back. One page is always empty: when no
 * block is free, what lives in the page with the most dead blocks is moved there, and that page erased.
 *
 * Files are written through one buffer, which belongs to the file that was written last.
 */
#include <string.h>
#include "../fsys.h"
#include "nrf51.h"

enum { BLOCK_WORDS = 32, TEXT = 120, PAGE = 1024, PAGE_BLOCKS = 8, NAME_MAX = ADDER_PATH_MAX - 1, FREE_KIND = 0xff };
enum { KIND_NAME = 'N', KIND_DATA = 'D' };
/* fsys_file_t's words */
enum { FILE_NUMBER, FILE_FLAGS, FILE_AT };
enum { SCRIPT = 0xfe, OPEN = 0x100 };
#define FREE_WORD 0xffffffffu

typedef struct block {
    uint8_t kind, file;
    uint16_t index;
    uint32_t len;
    uint8_t text[TEXT];
} block_t;
_Static_assert(sizeof(block_t) == BLOCK_WORDS * 4, "a block is 32 words");

extern block_t _files_start[], _files_end[]; /* not const: they change, behind the compiler's back */
extern const uint8_t _script_start[], _script_end[];

static struct {
    block_t buffer;
    bool dirty;       /* the buffer holds text that is not in the flash yet; kind 0: it is nobody's */
    uint8_t opened;   /* files open for writing */
    uint16_t next;    /* where the search for a free block goes on, so that all pages wear alike */
} disk;

static inline unsigned block_count(void) { return (unsigned)(_files_end - _files_start); }
static inline uint32_t head_of(const block_t *b) { return *(const volatile uint32_t *)b; }
static inline uint32_t head(unsigned kind, unsigned file, unsigned index) { return kind | file << 8 | index << 16; }

/* ---- flash [6]: the CPU stands still while the flash is busy ---- */

static void flash_wait(void)
{
    while (!NVMC_READY) {
    }
}

static void flash_word(const void *at, uint32_t value)
{
    NVMC_CONFIG = NVMC_WRITE;
    flash_wait();
    *(volatile uint32_t *)(uintptr_t)at = value;
    flash_wait();
    NVMC_CONFIG = NVMC_READ_ONLY;
    flash_wait();
    __asm volatile("" ::: "memory"); /* blocks are read in other sizes too */
}

static void flash_erase(const block_t *page)
{
    NVMC_CONFIG = NVMC_ERASE;
    flash_wait();
    NVMC_ERASEPAGE = (uint32_t)page;
    flash_wait();
    NVMC_CONFIG = NVMC_READ_ONLY;
    flash_wait();
}

/* ---- blocks ---- */

static void give_back(const block_t *b)
{
    if (b)
        flash_word(b, 0);
}

/* The block with these numbers but for `but`, or NULL. */
static const block_t *find_other(uint32_t wanted, const block_t *but)
{
    for (const block_t *b = _files_start; b < _files_end; b++)
        if (head_of(b) == wanted && b != but)
            return b;
    return NULL;
}

static const block_t *find(unsigned kind, unsigned file, unsigned index) { return find_other(head(kind, file, index), NULL); }

static void write_block(const block_t *to, const block_t *from)
{
    unsigned words = (8 + from->len + 3) / 4;
    for (unsigned i = 1; i < words; i++) {
        uint32_t word;
        memcpy(&word, (const uint8_t *)from + 4 * i, sizeof word);
        flash_word((const uint8_t *)to + 4 * i, word);
    }
    flash_word(to, head(from->kind, from->file, from->index));
}

typedef struct page_use {
    unsigned free, dead;
} page_use_t;

static page_use_t page_use(const block_t *page)
{
    page_use_t use = {0, 0};
    for (unsigned i = 0; i < PAGE_BLOCKS; i++) {
        use.free += head_of(&page[i]) == FREE_WORD;
        use.dead += head_of(&page[i]) == 0;
    }
    return use;
}

/* The empty page that is kept: the last one that has nothing in it. */
static const block_t *spare_page(void)
{
    for (const block_t *page = _files_end - PAGE_BLOCKS; page >= _files_start; page -= PAGE_BLOCKS)
        if (page_use(page).free == PAGE_BLOCKS)
            return page;
    return NULL;
}

/* Move what lives in the page with the most dead blocks to the empty one, and erase it. */
static bool collect(void)
{
    const block_t *worst = NULL, *spare = spare_page();
    unsigned most = 0;
    for (const block_t *page = _files_start; page < _files_end; page += PAGE_BLOCKS) {
        unsigned dead = page_use(page).dead;
        if (dead > most) {
            most = dead;
            worst = page;
        }
    }
    if (!worst)
        return false;
    for (unsigned i = 0; i < PAGE_BLOCKS && spare; i++)
        if (head_of(&worst[i]) != FREE_WORD && head_of(&worst[i]) != 0)
            write_block(spare++, &worst[i]);
    flash_erase(worst);
    return true;
}

/* A free block, not of the page that is kept empty; NULL: the flash is full. */
static const block_t *take_block(void)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        const block_t *spare = spare_page();
        for (unsigned i = 0; i < block_count(); i++) {
            const block_t *b = &_files_start[(disk.next + i) % block_count()];
            if (head_of(b) == FREE_WORD && !(spare && b >= spare && b < spare + PAGE_BLOCKS)) {
                disk.next = (uint16_t)(b - _files_start + 1);
                return b;
            }
        }
        if (!collect())
            break;
    }
    return NULL;
}

/* Put a block in the place of the one with the same numbers, if there is one. */
static int store(const block_t *b)
{
    const block_t *to = take_block();
    if (!to)
        return -E_NOSPC;
    const block_t *old = find(b->kind, b->file, b->index);
    write_block(to, b);
    give_back(old);
    return 0;
}

static int flush(void)
{
    if (!disk.dirty)
        return 0;
    disk.dirty = false;
    return store(&disk.buffer);
}

static void give_back_data(unsigned file, unsigned from)
{
    if (disk.buffer.file == file && disk.buffer.index >= from) {
        disk.dirty = false;
        disk.buffer.kind = 0;
    }
    for (const block_t *b = _files_start; b < _files_end; b++)
        if (b->kind == KIND_DATA && b->file == file && b->index >= from)
            give_back(b);
}

/* ---- names ---- */

/* There is one directory: "/main.py" and "./main.py" are "main.py". */
static const char *bare(const char *path)
{
    if (path[0] == '.' && (path[1] == '/' || !path[1]))
        path++;
    while (*path == '/')
        path++;
    return path;
}

static const block_t *find_name(const char *name)
{
    size_t len = strlen(name);
    for (const block_t *b = _files_start; b < _files_end; b++)
        if (b->kind == KIND_NAME && b->len == len && memcmp(b->text, name, len) == 0)
            return b;
    return NULL;
}

/* 0: it is fine. */
static int check_name(const char *name)
{
    if (!*name)
        return -E_ISDIR;
    return strlen(name) > NAME_MAX ? -E_INVAL : strchr(name, '/') ? -E_NOENT : 0;
}

/* What an editor has appended to the image: "MP", the length, the program. */
static uint32_t script_len(void)
{
    uint32_t len = _script_start[2] | (uint32_t)_script_start[3] << 8;
    return _script_start[0] == 'M' && _script_start[1] == 'P' && len <= (uint32_t)(_script_end - _script_start - 4) ? len : 0;
}

/* It is main.py, unless there is a file of this name. */
static bool is_script(const char *name) { return strcmp(name, "main.py") == 0 && script_len() && !find_name(name); }

static int write_name(unsigned file, const char *name)
{
    block_t b = {KIND_NAME, (uint8_t)file, 0, (uint32_t)strlen(name), {0}};
    memcpy(b.text, name, b.len);
    const block_t *to = take_block();
    if (!to)
        return -E_NOSPC;
    write_block(to, &b);
    return 0;
}

static uint32_t file_size(unsigned file)
{
    uint32_t size = 0;
    for (const block_t *b = _files_start; b < _files_end; b++) {
        if (b->kind == KIND_DATA && b->file == file) {
            uint32_t end = b->index * (uint32_t)TEXT + b->len;
            size = end > size ? end : size;
        }
    }
    if (disk.buffer.kind && disk.buffer.file == file) {
        uint32_t end = disk.buffer.index * (uint32_t)TEXT + disk.buffer.len;
        size = end > size ? end : size;
    }
    return size;
}

/* ---- life ---- */

int fsys_mount(void)
{
    disk.next = (uint16_t)(hal_random() % block_count());
    for (const block_t *b = _files_start; b < _files_end; b++) {
        uint32_t h = head_of(b);
        if (h == FREE_WORD || h == 0)
            continue;
        bool named = b->kind == KIND_NAME || (b->kind == KIND_DATA && find(KIND_NAME, b->file, 0));
        if (!named || b->len > TEXT || find_other(h, b)) /* power failed while it was written or moved */
            give_back(b);
    }
    for (unsigned i = 0; i < block_count() / PAGE_BLOCKS && !spare_page(); i++)
        if (!collect())
            break;
    return 0;
}

uint32_t fsys_idle(void) { return HAL_FOREVER_MS; }

void fsys_reset(void)
{
    flush();
    disk.buffer.kind = 0;
    disk.opened = 0;
}

int fsys_sync(void) { return flush(); }

/* ---- files ---- */

static int open_script(fsys_file_t *f, unsigned flags)
{
    if (flags & FSYS_WRITE)
        return -E_ROFS;
    f->state[FILE_NUMBER] = SCRIPT;
    f->state[FILE_FLAGS] = flags | OPEN;
    f->state[FILE_AT] = 0;
    return 0;
}

static int make_file(const char *name, unsigned *file)
{
    for (unsigned i = 1; i < SCRIPT; i++) {
        if (!find(KIND_NAME, i, 0)) {
            *file = i;
            return write_name(i, name);
        }
    }
    return -E_NOSPC;
}

int fsys_open(fsys_file_t *f, const char *path, unsigned flags)
{
    const char *name = bare(path);
    int result = check_name(name);
    if (result < 0)
        return result;
    if (!(flags & FSYS_WRITE) && is_script(name))
        return open_script(f, flags);
    const block_t *b = find_name(name);
    unsigned file = b ? b->file : 0;
    if (b && flags & FSYS_EXCLUSIVE)
        return -E_EXIST;
    if (!b && !(flags & FSYS_CREATE))
        return -E_NOENT;
    if (!b)
        result = make_file(name, &file);
    else if (flags & FSYS_TRUNCATE)
        give_back_data(file, 0);
    if (result < 0)
        return result;
    f->state[FILE_NUMBER] = file;
    f->state[FILE_FLAGS] = flags | OPEN;
    f->state[FILE_AT] = 0;
    return 0;
}

/* The text of a file's block: in the buffer, in the flash, or NULL. */
static const block_t *block_at(unsigned file, unsigned index)
{
    if (disk.buffer.kind && disk.buffer.file == file && disk.buffer.index == index)
        return &disk.buffer;
    return find(KIND_DATA, file, index);
}

intptr_t fsys_read(fsys_file_t *f, void *to, size_t len)
{
    if (!(f->state[FILE_FLAGS] & FSYS_READ))
        return -E_PERM;
    size_t done = 0;
    if (f->state[FILE_NUMBER] == SCRIPT) {
        size_t left = script_len() - f->state[FILE_AT];
        done = len < left ? len : left;
        memcpy(to, _script_start + 4 + f->state[FILE_AT], done);
        f->state[FILE_AT] += done;
        return (intptr_t)done;
    }
    while (done < len) {
        unsigned index = f->state[FILE_AT] / TEXT, offset = f->state[FILE_AT] % TEXT;
        const block_t *b = block_at(f->state[FILE_NUMBER], index);
        if (!b || b->len <= offset)
            break;
        size_t n = b->len - offset < len - done ? b->len - offset : len - done;
        memcpy((uint8_t *)to + done, b->text + offset, n);
        done += n;
        f->state[FILE_AT] += n;
    }
    return (intptr_t)done;
}

/* Let the buffer hold this block of the file. */
static int fill_buffer(unsigned file, unsigned index)
{
    block_t *b = &disk.buffer;
    if (b->kind && b->file == file && b->index == index)
        return 0;
    int result = flush();
    const block_t *old = find(KIND_DATA, file, index);
    if (old) {
        memcpy(b, old, sizeof *b);
    } else {
        memset(b->text, 0, sizeof b->text);
        b->len = 0;
    }
    b->kind = KIND_DATA;
    b->file = (uint8_t)file;
    b->index = (uint16_t)index;
    return result;
}

intptr_t fsys_write(fsys_file_t *f, const void *from, size_t len)
{
    unsigned file = f->state[FILE_NUMBER];
    if (!(f->state[FILE_FLAGS] & FSYS_WRITE))
        return -E_PERM;
    if (f->state[FILE_FLAGS] & FSYS_APPEND)
        f->state[FILE_AT] = file_size(file);
    for (size_t done = 0; done < len;) {
        unsigned index = f->state[FILE_AT] / TEXT, offset = f->state[FILE_AT] % TEXT;
        int result = fill_buffer(file, index);
        if (result < 0)
            return result;
        size_t n = TEXT - offset < len - done ? TEXT - offset : len - done;
        memcpy(disk.buffer.text + offset, (const uint8_t *)from + done, n);
        if (disk.buffer.len < offset + n)
            disk.buffer.len = offset + n;
        disk.dirty = true;
        done += n;
        f->state[FILE_AT] += n;
        if (offset + n == TEXT)
            result = flush();
        if (result < 0)
            return result;
    }
    return (intptr_t)len;
}

intptr_t fsys_seek(fsys_file_t *f, intptr_t offset, int whence)
{
    unsigned file = f->state[FILE_NUMBER];
    intptr_t size = (intptr_t)(file == SCRIPT ? script_len() : file_size(file));
    intptr_t from = whence == 1 ? (intptr_t)f->state[FILE_AT] : whence == 2 ? size : 0;
    if (from + offset < 0)
        return -E_INVAL;
    if (from + offset > size)
        offset = size - from; /* files have no holes */
    f->state[FILE_AT] = (uintptr_t)(from + offset);
    return from + offset;
}

int fsys_flush(fsys_file_t *f) { return f->state[FILE_FLAGS] & FSYS_WRITE ? flush() : 0; }

int fsys_close(fsys_file_t *f)
{
    int result = f->state[FILE_FLAGS] & OPEN ? fsys_flush(f) : 0;
    f->state[FILE_FLAGS] = 0;
    return result;
}

/* ---- the directory ---- */

int fsys_list(fsys_dir_t *d, const char *path)
{
    d->state[0] = 0;
    return *bare(path) ? -E_NOTDIR : 0;
}

int fsys_next(fsys_dir_t *d, fsys_entry_t *entry)
{
    while (d->state[0] < block_count()) {
        const block_t *b = &_files_start[d->state[0]++];
        if (b->kind != KIND_NAME)
            continue;
        memcpy(entry->name, b->text, b->len);
        entry->name[b->len] = 0;
        entry->stat = (fsys_stat_t){file_size(b->file), 0, false};
        return 1;
    }
    return 0;
}

void fsys_list_close(fsys_dir_t *d) {}

int fsys_stat(const char *path, fsys_stat_t *stat)
{
    const char *name = bare(path);
    *stat = (fsys_stat_t){0, 0, false};
    const block_t *b = find_name(name);
    if (!*name)
        stat->is_dir = true;
    else if (b)
        stat->size = file_size(b->file);
    else if (is_script(name))
        stat->size = script_len();
    else
        return -E_NOENT;
    return 0;
}

int fsys_mkdir(const char *path) { return -E_PERM; }
int fsys_rmdir(const char *path) { return -E_PERM; }
int fsys_chdir(const char *path) { return *bare(path) ? -E_NOENT : 0; }

int fsys_getcwd(char *path, size_t size)
{
    memcpy(path, "/", 2);
    return 0;
}

int fsys_remove(const char *path)
{
    const block_t *b = find_name(bare(path));
    if (!b)
        return -E_NOENT;
    unsigned file = b->file;
    give_back(b);
    give_back_data(file, 0);
    return 0;
}

int fsys_rename(const char *from, const char *to)
{
    const char *name = bare(to);
    const block_t *old = find_name(bare(from)), *target = find_name(name);
    int result = check_name(name);
    if (!old || result < 0)
        return old ? result : -E_NOENT;
    if (target == old)
        return 0;
    unsigned file = old->file;
    if (target)
        fsys_remove(name);
    result = write_name(file, name);
    if (result == 0) { /* the collector may have moved the old one */
        const block_t *b = find_name(bare(from));
        give_back(b);
    }
    return result;
}

int fsys_space(const char *path, fsys_space_t *space)
{
    unsigned used = 0;
    for (const block_t *b = _files_start; b < _files_end; b++)
        used += head_of(b) != FREE_WORD && head_of(b) != 0;
    space->block_size = TEXT;
    space->blocks = block_count() - PAGE_BLOCKS;
    space->free = space->blocks - used;
    return 0;
}
