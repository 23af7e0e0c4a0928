/* SPDX-License-Identifier: MIT
 * flash.c: the flash disk: 224 blocks of 512 bytes in sectors 1 to 4 of the flash (16, 16, 16, 64 KB).
 *
 * Reading is copying. Written blocks wait in the CCM until they are flushed; then, for each flash
 * sector that has any, the sector's other blocks join them, the sector is erased (only if a bit must go
 * from 0 to 1) and programmed. The CCM holds 128 blocks, a whole 64 KB sector. Sectors are flushed from
 * the last to the first where possible, as the allocation table and the root directory stand in the first one:
 * data is there before what points to it. The CPU stands still meanwhile; what is typed then, uart.c keeps.
 */
#include "stm32f4.h"
#include <string.h>

enum { BLOCK = 512, BLOCKS = 224, SLOTS = 128, KEEP_FREE = 32, NO_SLOT = 0xff, SECTORS = 4 };
#define DISK ((const uint8_t *)0x08004000u)

static const struct {
    uint8_t number, first, count; /* of the flash sector; its blocks */
} sectors[SECTORS] = {{1, 0, 32}, {2, 32, 32}, {3, 64, 32}, {4, 96, 128}};

static uint8_t slots[SLOTS][BLOCK] __attribute__((section(".ccm"), aligned(4)));
static uint8_t slot_of[BLOCKS]; /* slot + 1 of a block, 0: none */
static uint8_t block_in[SLOTS]; /* block + 1 in a slot, 0: free */
static unsigned used;

static const uint8_t *in_flash(unsigned block) { return DISK + block * BLOCK; }

uint32_t hal_disk_blocks(void) { return BLOCKS; }

int hal_disk_read(uint32_t block, uint8_t *data, uint32_t count)
{
    if (block > BLOCKS || count > BLOCKS - block)
        return -E_INVAL;
    for (; count--; block++, data += BLOCK)
        memcpy(data, slot_of[block] ? slots[slot_of[block] - 1] : in_flash(block), BLOCK);
    return 0;
}

/* A slot for the block, with the block's contents of now if asked for. */
static uint8_t *take_slot(unsigned block, bool fill)
{
    if (!slot_of[block]) {
        unsigned s = 0;
        while (block_in[s])
            s++;
        block_in[s] = (uint8_t)(block + 1);
        slot_of[block] = (uint8_t)(s + 1);
        used++;
        if (fill)
            memcpy(slots[s], in_flash(block), BLOCK);
    }
    return slots[slot_of[block] - 1];
}

static void drop_slot(unsigned block)
{
    block_in[slot_of[block] - 1] = 0;
    slot_of[block] = 0;
    used--;
}

static bool is_blank(unsigned block)
{
    const uint32_t *p = (const uint32_t *)in_flash(block);
    for (unsigned i = 0; i < BLOCK / 4; i++)
        if (p[i] != 0xffffffff)
            return false;
    return true;
}

/* ---- programming [3.6] ---- */

static bool flash_wait(void)
{
    /* Each step takes some ten cycles; the longest erase 2 s. While the flash is busy, fetching the loop waits. */
    if (!wait_for(&FLASH->sr, FLASH_SR_BSY, 0, 100000000))
        return false;
    uint32_t errors = FLASH->sr & FLASH_SR_ERRORS;
    FLASH->sr = errors;
    return errors == 0;
}

static void unlock(void)
{
    if (FLASH->cr & FLASH_CR_LOCK) {
        FLASH->keyr = 0x45670123;
        FLASH->keyr = 0xcdef89ab;
    }
}

static bool erase(unsigned sector)
{
    FLASH->cr = FLASH_CR_PSIZE_32 | FLASH_CR_SER | sector << FLASH_CR_SNB_POS;
    FLASH->cr |= FLASH_CR_STRT;
    __asm volatile("dsb" ::: "memory");
    bool ok = flash_wait();
    FLASH->cr = FLASH_CR_PSIZE_32;
    /* The caches may still hold what was erased [3.5.2]. */
    uint32_t acr = FLASH->acr;
    FLASH->acr = acr & ~(uint32_t)(FLASH_ACR_ICEN | FLASH_ACR_DCEN);
    FLASH->acr |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH->acr = acr;
    return ok;
}

/* Data cache lines of programmed words are stale as well; the caller resets the cache after all. */
static bool program(unsigned block)
{
    volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)in_flash(block);
    const uint32_t *from = (const uint32_t *)slots[slot_of[block] - 1];
    bool ok = true;
    FLASH->cr = FLASH_CR_PSIZE_32 | FLASH_CR_PG;
    for (unsigned i = 0; ok && i < BLOCK / 4; i++) {
        if (to[i] == from[i])
            continue;
        to[i] = from[i];
        __asm volatile("dsb" ::: "memory");
        ok = flash_wait();
    }
    FLASH->cr = FLASH_CR_PSIZE_32;
    return ok;
}

static void reset_data_cache(void)
{
    uint32_t acr = FLASH->acr;
    FLASH->acr = acr & ~(uint32_t)FLASH_ACR_DCEN;
    FLASH->acr |= FLASH_ACR_DCRST;
    FLASH->acr = acr & ~(uint32_t)FLASH_ACR_DCRST;
}

/* Programming can only clear bits. */
static bool needs_erase(unsigned block)
{
    const uint32_t *now = (const uint32_t *)in_flash(block);
    const uint32_t *next = (const uint32_t *)slots[slot_of[block] - 1];
    for (unsigned i = 0; i < BLOCK / 4; i++)
        if (next[i] & ~now[i])
            return true;
    return false;
}

/* How many blocks of the sector would have to join before an erase; -1: no erase needed; -2: nothing to do. */
static int sector_needs(unsigned i)
{
    int join = 0;
    bool any = false, must_erase = false;
    for (unsigned b = sectors[i].first; b < sectors[i].first + sectors[i].count; b++) {
        if (slot_of[b]) {
            any = true;
            must_erase |= needs_erase(b);
        } else if (!is_blank(b)) {
            join++;
        }
    }
    return !any ? -2 : must_erase ? join : -1;
}

static bool flush_sector(unsigned i, bool must_erase)
{
    unsigned first = sectors[i].first, end = first + sectors[i].count;
    bool ok = true;
    clock_stall_t stall;
    clock_stall_begin(&stall);
    console_stall_begin();
    unlock();
    if (must_erase) {
        for (unsigned b = first; b < end; b++)
            if (!slot_of[b] && !is_blank(b))
                take_slot(b, true);
        ok = erase(sectors[i].number);
    }
    for (unsigned b = end; b-- > first;) {
        if (slot_of[b]) {
            ok = ok && program(b);
            drop_slot(b);
        }
    }
    reset_data_cache();
    FLASH->cr = FLASH_CR_LOCK;
    console_stall_end();
    clock_stall_end(&stall);
    return ok;
}

int hal_disk_sync(void)
{
    bool ok = true;
    if (!used)
        return 0;
    hal_stdout_flush(); /* the CPU stands still while the flash works */
    for (unsigned done = 0; done < SECTORS;) {
        done = 0;
        for (unsigned i = SECTORS; i-- > 0;) {
            int needs = sector_needs(i);
            if (needs == -2)
                done++;
            else if (needs == -1 || (unsigned)needs <= SLOTS - used)
                ok = flush_sector(i, needs >= 0) && ok;
        }
    }
    return ok ? 0 : -E_IO;
}

int hal_disk_write(uint32_t block, const uint8_t *data, uint32_t count)
{
    if (block > BLOCKS || count > BLOCKS - block)
        return -E_INVAL;
    for (; count--; block++, data += BLOCK) {
        if (!slot_of[block]) {
            if (memcmp(in_flash(block), data, BLOCK) == 0)
                continue;
            /* A 16 KB sector must always find room to be flushed. */
            if (used >= SLOTS - KEEP_FREE) {
                int result = hal_disk_sync();
                if (result)
                    return result;
            }
        }
        memcpy(take_slot(block, false), data, BLOCK);
    }
    return 0;
}
