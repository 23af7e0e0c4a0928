/* SPDX-License-Identifier: MIT
 * disk_log.h: a disk of 512-byte blocks in a flash of large sectors, which a lost supply leaves whole: blocks are written in
 * groups, and after a cut at any moment all of a group are there or none. Plain C: knows nothing of Adder, allocates
 * nothing; the simulator uses it too.
 *
 * Nothing is written in place. `home` is the disk as a programmer put it there, plain, and is only read. What is written goes to the
 * end of a log of three sectors of 128 KB: the data first, then 16 bytes that tell what it is; the last record of a group says
 * how many there are and so makes them count. Of each block the last one that counts is the disk's. When a sector is
 * full, the next one is erased, what is still of use in the oldest is copied there, and then its header is written,
 * which makes the oldest free: two sectors hold the log, and the third one may be in any state. So nothing that an erase
 * leaves half done is ever read: a sector counts by its header, which comes last.
 *
 *   sector   header of 16 bytes (magic, number, 0, check), 248 records of 16 bytes from 128 on, 248 blocks from 4096 on
 *   record   block | records in the group << 16 (0: more follow), number of the group, sum of the data, check
 *
 * A new disk is one group of the log like any other; erased bytes are an empty log.
 */
#ifndef ADDER_DISK_LOG_H
#define ADDER_DISK_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DISK_LOG_BLOCK = 512, DISK_LOG_BLOCKS = 224, /* at most */
    DISK_LOG_SECTOR = 0x20000, DISK_LOG_SECTORS = 3,
    DISK_LOG_SLOTS = DISK_LOG_SECTOR / DISK_LOG_BLOCK, DISK_LOG_FIRST = 8, /* the first ones hold the records */
    /* Most blocks in a group: of what two full sectors hold, one has room for so many at least. */
    DISK_LOG_GROUP = DISK_LOG_SLOTS - DISK_LOG_FIRST - DISK_LOG_BLOCKS / 2
};

/* Memory that is programmed by words, which can only clear bits, and is erased by sectors to ones. */
typedef struct disk_log_flash {
    void *context;
    const uint8_t *home, *log; /* both lie in memory; the sectors of the log side by side */
    uint32_t blocks;
    bool (*program)(void *context, uint32_t offset, const uint32_t *words, uint32_t count); /* offset in the log */
    bool (*erase)(void *context, unsigned sector);                                          /* of the log */
} disk_log_flash_t;

typedef struct disk_log {
    disk_log_flash_t flash;
    uint16_t where[DISK_LOG_BLOCKS]; /* place in the log, 0: at home */
    uint32_t sector;                 /* number of the last one, which is written; 0: none. Its place: modulo 3 */
    uint32_t group;                  /* number of the next one, from 1 */
    uint16_t slot;                   /* the next free one of the sector */
    uint16_t count, done;            /* of the group that is being written */
} disk_log_t;

void disk_log_mount(disk_log_t *l, const disk_log_flash_t *flash);
const uint8_t *disk_log_block(const disk_log_t *l, uint32_t block);
/* A group: begin, then as many blocks as were told, each one once. It counts when the last one has been taken.
 * False: the flash has failed, and nothing of it counts. */
bool disk_log_begin(disk_log_t *l, unsigned count);
bool disk_log_append(disk_log_t *l, uint32_t block, const uint8_t *data); /* at an address of words */

#endif
