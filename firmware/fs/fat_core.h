/* SPDX-License-Identifier: MIT
 * fat_core.h: what fat.c (blocks, table, chains, files) and fat_dir.c (names, directories) share.
 */
#ifndef ADDER_FAT_CORE_H
#define ADDER_FAT_CORE_H

#include "fat.h"
#include "../ports/hal.h" /* E_* */

enum { ENTRY = 32, ENTRIES_PER_BLOCK = FAT_BLOCK / ENTRY };
enum { E_NOTEMPTY = 39, E_NAMETOOLONG = 36 };
/* Offsets in a directory entry. */
enum { D_ATTR = 11, D_CASE = 12, D_CTIME = 14, D_TIME = 22, D_DATE = 24, D_FIRST = 26, D_SIZE = 28 };

static inline uint32_t get16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t get32(const uint8_t *p) { return get16(p) | get16(p + 2) << 16; }
static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}
static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

/* The data block in fs->data.data; to be changed: mark fs->data.dirty. */
int fat_load(fat_t *fs, uint32_t block);
int fat_flush(fat_t *fs, fat_cache_t *c);
uint32_t fat_cluster_block(const fat_t *fs, uint32_t cluster);
/* The cluster after this one; 0: end of the chain; negative: error or nonsense in the table. */
int32_t fat_next(fat_t *fs, uint32_t cluster);
/* A free cluster, marked as end of a chain and hung on `after` (0: a new chain). Negative: none. */
int32_t fat_allocate(fat_t *fs, uint32_t after);
int fat_free_chain(fat_t *fs, uint32_t cluster);
uint32_t fat_now(const fat_t *fs);

/* A directory entry that was found or made: its data is in fs->data. */
typedef struct fat_found {
    uint32_t dir;          /* first cluster of the directory */
    uint32_t start, index; /* first entry of the long name, the entry itself */
    uint32_t entry;        /* block * 16 + number */
    uint8_t raw[ENTRY];
} fat_found_t;
int fat_lookup(fat_t *fs, const char *path, fat_found_t *found);
/* Lookup, and if it is missing a new entry with these attributes and first cluster. 1: it was made. */
int fat_lookup_or_make(fat_t *fs, const char *path, uint8_t attr, uint32_t first, fat_found_t *found);

#endif
