/* SPDX-License-Identifier: MIT
 * fat.c: format and mount, block cache, allocation table, files. After Microsoft's "FAT: General Overview of On-Disk
 * Format" 1.03.
 */
#include "fat_core.h"
#include <string.h>

enum { NO_BLOCK = 0xffffffff, MAX_FAT12 = 4084, MAX_FAT16 = 65524 };

uint32_t fat_now(const fat_t *fs)
{
    return fs->clock ? fs->clock() : (uint32_t)((2020 - 1980) << 9 | 1 << 5 | 1) << 16;
}

/* ---- blocks ---- */

int fat_flush(fat_t *fs, fat_cache_t *c)
{
    if (!c->dirty)
        return 0;
    unsigned copies = c == &fs->table ? fs->tables : 1;
    for (unsigned i = copies; i-- > 0;) {
        int result = fs->dev.write(fs->dev.context, c->block + i * fs->table_blocks, c->data, 1);
        if (result < 0)
            return result;
    }
    c->dirty = false;
    return 0;
}

static int load(fat_t *fs, fat_cache_t *c, uint32_t block)
{
    if (c->block == block)
        return 0;
    int result = fat_flush(fs, c);
    if (result < 0)
        return result;
    c->block = NO_BLOCK;
    result = fs->dev.read(fs->dev.context, block, c->data, 1);
    if (result < 0)
        return result;
    c->block = block;
    return 0;
}

int fat_load(fat_t *fs, uint32_t block) { return load(fs, &fs->data, block); }

int fat_sync(fat_t *fs)
{
    int result = fat_flush(fs, &fs->data), table = fat_flush(fs, &fs->table);
    int dev = fs->dev.sync ? fs->dev.sync(fs->dev.context) : 0;
    return result < 0 ? result : table < 0 ? table : dev < 0 ? dev : 0;
}

uint32_t fat_cluster_block(const fat_t *fs, uint32_t cluster)
{
    return fs->data_start + (cluster - 2) * fs->cluster_blocks;
}

/* ---- format and mount ---- */

static uint32_t table_size(uint32_t clusters, unsigned bits)
{
    return ((clusters + 2) * bits + FAT_BLOCK * 8 - 1) / (FAT_BLOCK * 8);
}

static void put_label(uint8_t *to, const char *label)
{
    memset(to, ' ', 11);
    for (unsigned i = 0; i < 11 && label[i]; i++)
        to[i] = (uint8_t)label[i];
}

int fat_format(const fat_device_t *dev, const char *label, uint32_t serial)
{
    uint32_t root = dev->blocks < 512 ? 6 : dev->blocks < 8192 ? 8 : 32; /* blocks */
    uint32_t per = 1, clusters, table;
    unsigned bits;
    if (dev->blocks < 16)
        return -E_NOSPC;
    for (;; per *= 2) {
        bits = 12;
        for (;;) { /* the table takes some of what it describes: go down to where both fit */
            clusters = (dev->blocks - 1 - root) / per;
            do {
                table = table_size(clusters, bits);
            } while (1 + table + root + clusters-- * per > dev->blocks);
            clusters++;
            if (bits == 16 || clusters <= MAX_FAT12)
                break;
            bits = 16;
        }
        if (clusters <= MAX_FAT12 ? bits == 12 : clusters <= MAX_FAT16)
            break;
        if (per == 128)
            return -E_INVAL;
    }

    uint8_t b[FAT_BLOCK];
    memset(b, 0, sizeof b);
    int result = 0;
    for (uint32_t i = 1; i < 1 + table + root && result >= 0; i++) {
        b[0] = i == 1 ? 0xf8 : 0;
        b[1] = b[2] = i == 1 ? 0xff : 0;
        b[3] = i == 1 && bits == 16 ? 0xff : 0;
        if (i == 1 + table && label) {
            put_label(b, label);
            b[D_ATTR] = FAT_ATTR_LABEL;
            put32(b + D_TIME, (uint32_t)((2020 - 1980) << 9 | 1 << 5 | 1) << 16);
        }
        result = dev->write(dev->context, i, b, 1);
        memset(b, 0, ENTRY);
    }
    if (result < 0)
        return result;
    memcpy(b, "\xeb\x3c\x90" "ADDER   ", 11);
    put16(b + 11, FAT_BLOCK);
    b[13] = (uint8_t)per;
    put16(b + 14, 1); /* reserved blocks */
    b[16] = 1;        /* tables: a second one next to it would not be safer in flash */
    put16(b + 17, root * ENTRIES_PER_BLOCK);
    if (dev->blocks < 0x10000)
        put16(b + 19, dev->blocks);
    else
        put32(b + 32, dev->blocks);
    b[21] = 0xf8; /* fixed disk */
    put16(b + 22, table);
    put16(b + 24, 1); /* geometry: of no meaning */
    put16(b + 26, 1);
    b[36] = 0x80;
    b[38] = 0x29;
    put32(b + 39, serial);
    put_label(b + 43, label ? label : "NO NAME");
    memcpy(b + 54, bits == 12 ? "FAT12   " : "FAT16   ", 8);
    put16(b + 510, 0xaa55);
    result = dev->write(dev->context, 0, b, 1);
    if (result >= 0 && dev->sync)
        result = dev->sync(dev->context);
    return result < 0 ? result : 0;
}

/* A boot block that describes a file system we can use, which fits the device. */
static bool read_boot_block(fat_t *fs, uint32_t start)
{
    const uint8_t *b = fs->data.data;
    uint32_t per = b[13], reserved = get16(b + 14), table = get16(b + 22);
    uint32_t total = get16(b + 19) ? get16(b + 19) : get32(b + 32);
    if (get16(b + 510) != 0xaa55 || get16(b + 11) != FAT_BLOCK || per == 0 || per & (per - 1) || !reserved ||
        (b[16] != 1 && b[16] != 2) || !table || total > fs->dev.blocks - start)
        return false;
    fs->tables = b[16];
    fs->cluster_blocks = (uint8_t)per;
    fs->root_entries = get16(b + 17);
    fs->table_start = start + reserved;
    fs->table_blocks = table;
    fs->root_start = fs->table_start + fs->tables * table;
    uint32_t root_blocks = (fs->root_entries + ENTRIES_PER_BLOCK - 1) / ENTRIES_PER_BLOCK;
    fs->data_start = fs->root_start + root_blocks;
    if (!fs->root_entries || fs->data_start - start >= total)
        return false;
    fs->clusters = (total - (fs->data_start - start)) / per;
    fs->bits = fs->clusters <= MAX_FAT12 ? 12 : 16;
    return fs->clusters <= MAX_FAT16 && table >= table_size(fs->clusters, fs->bits);
}

int fat_mount(fat_t *fs, const fat_device_t *dev)
{
    memset(fs, 0, sizeof *fs);
    fs->dev = *dev;
    fs->data.block = fs->table.block = NO_BLOCK;
    fs->next_free = 2;
    int result = fat_load(fs, 0);
    if (result < 0)
        return result;
    if (read_boot_block(fs, 0))
        return 0;
    const uint8_t *partition = fs->data.data + 446;
    uint32_t start = get32(partition + 8);
    if (get16(fs->data.data + 510) == 0xaa55 && partition[4] && start && start < dev->blocks) {
        result = fat_load(fs, start);
        if (result < 0)
            return result;
        if (read_boot_block(fs, start))
            return 0;
    }
    fs->bits = 0;
    return -E_NODEV;
}

/* ---- allocation table ---- */

/* The byte of the table, for reading or changing. */
static int table_byte(fat_t *fs, uint32_t offset, uint8_t **p)
{
    int result = load(fs, &fs->table, fs->table_start + offset / FAT_BLOCK);
    *p = fs->table.data + offset % FAT_BLOCK;
    return result;
}

static int32_t table_get(fat_t *fs, uint32_t cluster)
{
    uint32_t offset = cluster * fs->bits / 8, value = 0;
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p;
        int result = table_byte(fs, offset + i, &p);
        if (result < 0)
            return result;
        value |= (uint32_t)*p << i * 8;
    }
    if (fs->bits == 12)
        value = cluster & 1 ? value >> 4 : value & 0xfff;
    return (int32_t)value;
}

static int table_set(fat_t *fs, uint32_t cluster, uint32_t value)
{
    uint32_t offset = cluster * fs->bits / 8, mask = 0xffff;
    if (fs->bits == 12) {
        mask = cluster & 1 ? 0xfff0 : 0x0fff;
        value = cluster & 1 ? value << 4 : value;
    }
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p;
        int result = table_byte(fs, offset + i, &p);
        if (result < 0)
            return result;
        *p = (uint8_t)((*p & ~(mask >> i * 8)) | (value & mask) >> i * 8);
        fs->table.dirty = true;
    }
    return 0;
}

static bool valid(const fat_t *fs, uint32_t cluster) { return cluster >= 2 && cluster < fs->clusters + 2; }
static uint32_t end_mark(const fat_t *fs) { return fs->bits == 12 ? 0xfff : 0xffff; }

int32_t fat_next(fat_t *fs, uint32_t cluster)
{
    if (!valid(fs, cluster))
        return -E_IO;
    int32_t next = table_get(fs, cluster);
    if (next < 0)
        return next;
    if ((uint32_t)next >= (end_mark(fs) & ~7u))
        return 0;
    return valid(fs, (uint32_t)next) ? next : -E_IO;
}

int32_t fat_allocate(fat_t *fs, uint32_t after)
{
    for (uint32_t i = 0, c = fs->next_free; i < fs->clusters; i++, c++) {
        if (c >= fs->clusters + 2)
            c = 2;
        int32_t entry = table_get(fs, c);
        if (entry < 0)
            return entry;
        if (entry)
            continue;
        int result = table_set(fs, c, end_mark(fs));
        if (result >= 0 && after)
            result = table_set(fs, after, c);
        fs->next_free = c + 1;
        return result < 0 ? result : (int32_t)c;
    }
    return -E_NOSPC;
}

int fat_free_chain(fat_t *fs, uint32_t cluster)
{
    for (uint32_t i = 0; cluster && i < fs->clusters; i++) {
        int32_t next = fat_next(fs, cluster);
        int result = valid(fs, cluster) ? table_set(fs, cluster, 0) : -E_IO;
        if (result < 0)
            return result;
        if (cluster < fs->next_free)
            fs->next_free = cluster;
        if (next < 0)
            return next;
        cluster = (uint32_t)next;
    }
    return 0;
}

uint32_t fat_free_clusters(fat_t *fs)
{
    uint32_t count = 0;
    for (uint32_t c = 2; c < fs->clusters + 2; c++)
        count += table_get(fs, c) == 0;
    return count;
}

/* ---- files ---- */

int fat_open(fat_t *fs, fat_file_t *f, const char *path, unsigned flags)
{
    fat_found_t found;
    int result = flags & FAT_CREATE ? fat_lookup_or_make(fs, path, 0x20, 0, &found)
                                    : fat_lookup(fs, path, &found);
    if (result < 0)
        return result;
    if (found.raw[D_ATTR] & FAT_ATTR_DIR)
        return -E_ISDIR;
    if (result == 0 && flags & FAT_EXCLUSIVE)
        return -E_EXIST;
    if (flags & FAT_WRITE && found.raw[D_ATTR] & FAT_ATTR_READ_ONLY)
        return -E_ACCES;
    memset(f, 0, sizeof *f);
    f->fs = fs;
    f->first = get16(found.raw + D_FIRST);
    f->size = get32(found.raw + D_SIZE);
    f->entry = found.entry;
    f->flags = (uint8_t)flags;
    if (flags & FAT_TRUNCATE) {
        f->old = f->first;
        f->changed = f->size || f->first;
        f->first = f->size = 0;
    }
    return 0;
}

static int update_entry(fat_file_t *f);

/* A cluster more; the old content gives way if nothing else is free. */
static int32_t allocate(fat_file_t *f, uint32_t after)
{
    int32_t c = fat_allocate(f->fs, after);
    if (c != -E_NOSPC || !f->old)
        return c;
    uint32_t first = f->first, size = f->size;
    f->first = f->size = 0; /* what is written so far is not yet the file's */
    int result = update_entry(f);
    f->first = first;
    f->size = size;
    f->changed = true;
    return result < 0 ? result : fat_allocate(f->fs, after);
}

/* Make f->cluster the one with this number in the file's chain, with new ones at its end if wanted. */
static int find_cluster(fat_file_t *f, uint32_t index, bool grow)
{
    fat_t *fs = f->fs;
    if (!f->first) {
        int32_t c = grow ? allocate(f, 0) : -E_IO;
        if (c < 0)
            return c;
        f->first = (uint32_t)c;
        f->changed = true;
        f->cluster = 0;
    }
    if (!f->cluster || index < f->index) {
        f->cluster = f->first;
        f->index = 0;
    }
    while (f->index < index) {
        int32_t next = fat_next(fs, f->cluster);
        if (next == 0)
            next = grow ? allocate(f, f->cluster) : -E_IO;
        if (next < 0)
            return next;
        f->cluster = (uint32_t)next;
        f->index++;
    }
    return valid(fs, f->cluster) ? 0 : -E_IO;
}

/* The block where pos lies, and how many of the `len` bytes from there can go in one piece: some whole
 * blocks, or (*whole false) a part of one. */
static int locate(fat_file_t *f, uint32_t len, bool grow, uint32_t *block, uint32_t *count, bool *whole)
{
    uint32_t cluster_size = f->fs->cluster_blocks * (uint32_t)FAT_BLOCK;
    int result = find_cluster(f, f->pos / cluster_size, grow);
    if (result < 0)
        return result;
    uint32_t in_cluster = f->pos % cluster_size, in_block = f->pos % FAT_BLOCK;
    *block = fat_cluster_block(f->fs, f->cluster) + in_cluster / FAT_BLOCK;
    *whole = in_block == 0 && len >= FAT_BLOCK;
    uint32_t most = *whole ? cluster_size - in_cluster : FAT_BLOCK - in_block;
    *count = len < most ? len : most;
    if (*whole)
        *count -= *count % FAT_BLOCK;
    return 0;
}

static bool cached_within(const fat_t *fs, uint32_t block, uint32_t count)
{
    return fs->data.block != NO_BLOCK && fs->data.block - block < count;
}

int32_t fat_read(fat_file_t *f, void *to, uint32_t len)
{
    fat_t *fs = f->fs;
    uint8_t *p = to;
    if (!(f->flags & FAT_READ))
        return -E_BADF;
    if (f->pos >= f->size)
        return 0;
    if (len > f->size - f->pos)
        len = f->size - f->pos;
    for (uint32_t left = len; left;) {
        uint32_t block, count;
        bool whole;
        int result = locate(f, left, false, &block, &count, &whole);
        if (result >= 0 && whole) {
            if (cached_within(fs, block, count / FAT_BLOCK))
                result = fat_flush(fs, &fs->data);
            if (result >= 0)
                result = fs->dev.read(fs->dev.context, block, p, count / FAT_BLOCK);
        } else if (result >= 0) {
            result = fat_load(fs, block);
            if (result >= 0)
                memcpy(p, fs->data.data + f->pos % FAT_BLOCK, count);
        }
        if (result < 0)
            return result;
        f->pos += count;
        p += count;
        left -= count;
    }
    return (int32_t)len;
}

/* Bytes from pos on into clusters that exist or are added. NULL: zeros. */
static int32_t put(fat_file_t *f, const uint8_t *from, uint32_t len)
{
    fat_t *fs = f->fs;
    uint32_t done = 0;
    while (done < len) {
        uint32_t block, count;
        bool whole;
        int result = locate(f, len - done, true, &block, &count, &whole);
        if (result >= 0 && whole && from) {
            if (cached_within(fs, block, count / FAT_BLOCK)) {
                fs->data.block = NO_BLOCK; /* overwritten as a whole */
                fs->data.dirty = false;
            }
            result = fs->dev.write(fs->dev.context, block, from + done, count / FAT_BLOCK);
        } else if (result >= 0) {
            if (count > FAT_BLOCK)
                count = FAT_BLOCK;
            if (f->pos % FAT_BLOCK == 0 && f->pos >= f->size && fs->data.block != block) {
                result = fat_flush(fs, &fs->data); /* nothing in it yet: no need to read it */
                fs->data.block = result < 0 ? NO_BLOCK : block;
                memset(fs->data.data, 0, FAT_BLOCK);
            } else {
                result = fat_load(fs, block);
            }
            if (result >= 0) {
                uint8_t *at = fs->data.data + f->pos % FAT_BLOCK;
                if (from)
                    memcpy(at, from + done, count);
                else
                    memset(at, 0, count);
                fs->data.dirty = true;
            }
        }
        if (result == -E_NOSPC && done)
            break;
        if (result < 0)
            return result;
        done += count;
        f->pos += count;
        f->changed = true;
        if (f->pos > f->size)
            f->size = f->pos;
    }
    return (int32_t)done;
}

int32_t fat_write(fat_file_t *f, const void *from, uint32_t len)
{
    if (!(f->flags & FAT_WRITE))
        return -E_BADF;
    if (f->flags & FAT_APPEND)
        f->pos = f->size;
    if (len > 0x7fffffff - f->pos)
        return -E_INVAL;
    uint32_t pos = f->pos;
    if (len && pos > f->size) { /* a hole: zeros */
        f->pos = f->size;
        int32_t filled = put(f, NULL, pos - f->size);
        if (filled < 0 || f->pos != pos) {
            f->pos = pos;
            return filled < 0 ? filled : -E_NOSPC;
        }
    }
    return put(f, from, len);
}

int fat_seek(fat_file_t *f, uint32_t pos)
{
    if (pos > 0x7fffffff)
        return -E_INVAL;
    f->pos = pos;
    return 0;
}

/* Write what the directory says of the file; then what it replaces can go. */
static int update_entry(fat_file_t *f)
{
    fat_t *fs = f->fs;
    int result = fat_flush(fs, &fs->data);
    if (result >= 0)
        result = fat_flush(fs, &fs->table);
    if (result >= 0)
        result = fat_load(fs, f->entry / ENTRIES_PER_BLOCK);
    if (result < 0)
        return result;
    uint8_t *e = fs->data.data + f->entry % ENTRIES_PER_BLOCK * ENTRY;
    uint32_t old = get16(e + D_FIRST) == f->old ? f->old : 0; /* another handle may have replaced it before */
    f->old = 0;
    e[D_ATTR] |= 0x20;
    put16(e + D_FIRST, f->first);
    put32(e + D_SIZE, f->size);
    put32(e + D_TIME, fat_now(fs));
    fs->data.dirty = true;
    f->changed = false;
    result = fat_flush(fs, &fs->data);
    return result >= 0 && old ? fat_free_chain(fs, old) : result;
}

int fat_truncate(fat_file_t *f, uint32_t size)
{
    fat_t *fs = f->fs;
    uint32_t drop = 0;
    if (!(f->flags & FAT_WRITE))
        return -E_BADF;
    if (size > f->size) {
        uint32_t pos = f->pos;
        f->pos = f->size;
        int32_t done = put(f, NULL, size - f->size);
        bool all = f->pos == size;
        f->pos = pos;
        return done < 0 ? (int)done : all ? 0 : -E_NOSPC;
    }
    uint32_t last = 0; /* cluster where the chain will end */
    if (size == 0) {
        drop = f->first;
        f->first = 0;
    } else if (f->first) {
        int result = find_cluster(f, (size - 1) / (fs->cluster_blocks * (uint32_t)FAT_BLOCK), false);
        int32_t next = result < 0 ? result : fat_next(fs, f->cluster);
        if (next < 0)
            return next;
        last = f->cluster;
        drop = (uint32_t)next;
    }
    f->cluster = f->index = 0;
    f->size = size;
    int result = update_entry(f);
    if (result >= 0 && drop && last)
        result = table_set(fs, last, end_mark(fs));
    return result < 0 ? result : fat_free_chain(fs, drop);
}

int fat_file_sync(fat_file_t *f)
{
    int result = f->changed ? update_entry(f) : 0;
    int all = fat_sync(f->fs);
    return result < 0 ? result : all;
}

int fat_close(fat_file_t *f)
{
    if (!f->fs)
        return 0;
    int result = f->changed ? update_entry(f) : 0;
    if (result >= 0)
        result = fat_flush(f->fs, &f->fs->data);
    if (result >= 0)
        result = fat_flush(f->fs, &f->fs->table);
    f->fs = NULL;
    return result;
}
