/* SPDX-License-Identifier: MIT
 * journal.h: changing sectors of 4 KB in a flash so that a lost supply leaves all of a group of them changed, or none. Plain
 * C: knows nothing of Adder, allocates nothing; the simulator uses it too.
 *
 * No sector is erased before the new contents of all of the group are safe:
 *
 *   1. the content of each one is written to the next of JOURNAL_SPARES spare sectors, and a header with number, target and
 *      checksum is appended to the sector of headers,
 *   2. a header that ends the group is appended: from now on it counts,
 *   3. the targets are erased and written,
 *   4. the last header is marked as done.
 *
 * Mounting carries out a group that ended and is not done. A cut before 2 leaves the old contents, later the new ones.
 */
#ifndef ADDER_JOURNAL_H
#define ADDER_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

enum { JOURNAL_SECTOR = 4096, JOURNAL_SPARES = 15, JOURNAL_SIZE = (1 + JOURNAL_SPARES) * JOURNAL_SECTOR };

typedef struct journal_flash {
    void *context;
    uint32_t headers;    /* address of their sector; the spare ones lie behind it */
    uint32_t first, end; /* what may be a target */
    bool (*read)(void *context, uint32_t address, void *to, uint32_t len);
    bool (*program)(void *context, uint32_t address, const void *from, uint32_t len); /* within 256 bytes */
    bool (*erase)(void *context, uint32_t address);
} journal_flash_t;

typedef struct journal {
    journal_flash_t flash;
    uint32_t number; /* of the next header; its content lies in spare sector number % JOURNAL_SPARES */
    uint16_t slot;   /* of the next header */
    uint16_t open;   /* sectors in the group so far */
    uint32_t targets[JOURNAL_SPARES];
} journal_t;

void journal_mount(journal_t *j, const journal_flash_t *flash);
/* Where the content of a sector lies that was put last. */
uint32_t journal_find(const journal_t *j, uint32_t sector);
/* Into the group; a group that is full ends before. False, here and below: the flash has failed. */
bool journal_put(journal_t *j, uint32_t sector, const uint32_t *data);
bool journal_commit(journal_t *j);

#endif
