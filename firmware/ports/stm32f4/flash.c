/* SPDX-License-Identifier: MIT
 * flash.c: the flash disk: 224 blocks of 512 bytes, at home in sectors 1 to 4 (16, 16, 16, 64 KB), with the log of
 * what was written since in sectors 9 to 11 (128 KB each; fs/disk_log.h).
 *
 * Written blocks wait in the CCM until hal_disk_sync, which makes them one group: so what the file system changes between two
 * syncs is there after a cut as a whole or not at all. (A write of more than SLOTS blocks is more than one group,
 * in the order of the file system: data before what points to it.)
 *
 * A block takes 2.1 ms; between its words of 16 us interrupts are served. Every 100 to 240 blocks a sector of the log is erased,
 * which takes 1 s. Nothing can be fetched from the flash meanwhile: code in RAM waits with interrupts off, and looks
 * after the receivers of the UARTs.
 */
#include "stm32f4.h"
#include "../../fs/disk_log.h"
#include <string.h>

enum { BLOCK = DISK_LOG_BLOCK, BLOCKS = DISK_LOG_BLOCKS, SLOTS = 96, LOG_SECTOR = 9 };
#define HOME ((const uint8_t *)0x08004000u)
#define LOG  ((const uint8_t *)0x080a0000u)

_Static_assert((int)SLOTS <= (int)DISK_LOG_GROUP, "a group takes what can wait");

static uint8_t slots[SLOTS][BLOCK] __attribute__((section(".ccm"), aligned(4)));
static struct {
    disk_log_t log;
    uint8_t slot_of[BLOCKS]; /* slot + 1 of a block, 0: none */
    uint8_t block_in[SLOTS];
    uint8_t used;
    bool mounted;
} disk;

/* ---- programming [3.6] ---- */

static bool no_errors(void)
{
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

/* The caches may still hold what was there before [3.5.2]. */
static void reset_caches(uint32_t enable, uint32_t reset)
{
    uint32_t acr = FLASH->acr;
    FLASH->acr = acr & ~enable;
    FLASH->acr |= reset;
    FLASH->acr = acr & ~reset;
}

static bool program(void *context, uint32_t offset, const uint32_t *words, uint32_t count)
{
    volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)(LOG + offset);
    bool ok = true;
    unlock();
    FLASH->cr = FLASH_CR_PSIZE_32 | FLASH_CR_PG;
    for (unsigned i = 0; ok && i < count; i++) {
        to[i] = words[i];
        __asm volatile("dsb" ::: "memory");
        ok = wait_for(&FLASH->sr, FLASH_SR_BSY, 0, 1000000) && no_errors();
    }
    FLASH->cr = FLASH_CR_LOCK;
    reset_caches(FLASH_ACR_DCEN, FLASH_ACR_DCRST);
    return ok;
}

/* The longest erase takes 2 s; a watchdog that a program has started is not to go off meanwhile. */
static IN_RAM bool run_erase(uint32_t cr)
{
    uint32_t from = DWT->cyccnt;
    FLASH->cr = cr;
    FLASH->cr = cr | FLASH_CR_STRT;
    __asm volatile("dsb" ::: "memory");
    while (FLASH->sr & FLASH_SR_BSY) {
        uart_poll();
        IWDG->kr = 0xaaaa;
        if (DWT->cyccnt - from > 3u * 168000000)
            return false;
    }
    return true;
}

static bool erase(void *context, unsigned sector)
{
    clock_stall_t stall;
    hal_stdout_flush(); /* nothing is sent meanwhile */
    clock_stall_begin(&stall);
    uint32_t state = hal_irq_disable();
    unlock();
    uart_stall_begin();
    bool ok = run_erase(FLASH_CR_PSIZE_32 | FLASH_CR_SER | (LOG_SECTOR + sector) << FLASH_CR_SNB_POS) && no_errors();
    uart_stall_end();
    FLASH->cr = FLASH_CR_LOCK;
    reset_caches(FLASH_ACR_ICEN | FLASH_ACR_DCEN, FLASH_ACR_ICRST | FLASH_ACR_DCRST);
    hal_irq_restore(state);
    clock_stall_end(&stall);
    return ok;
}

/* ---- the disk ---- */

uint32_t hal_disk_blocks(void)
{
    static const disk_log_flash_t flash = {NULL, HOME, LOG, BLOCKS, program, erase};
    if (!disk.mounted)
        disk_log_mount(&disk.log, &flash);
    disk.mounted = true;
    return BLOCKS;
}

static bool in_range(uint32_t block, uint32_t count) { return block <= BLOCKS && count <= BLOCKS - block; }

int hal_disk_read(uint32_t block, uint8_t *data, uint32_t count)
{
    if (!in_range(block, count))
        return -E_INVAL;
    for (; count--; block++, data += BLOCK)
        memcpy(data, disk.slot_of[block] ? slots[disk.slot_of[block] - 1] : disk_log_block(&disk.log, block), BLOCK);
    return 0;
}

int hal_disk_sync(void)
{
    if (!disk.used)
        return 0;
    if (!disk_log_begin(&disk.log, disk.used))
        return -E_IO;
    for (unsigned i = 0; i < disk.used; i++)
        if (!disk_log_append(&disk.log, disk.block_in[i], slots[i]))
            return -E_IO;
    for (unsigned i = 0; i < disk.used; i++)
        disk.slot_of[disk.block_in[i]] = 0;
    disk.used = 0;
    return 0;
}

int hal_disk_write(uint32_t block, const uint8_t *data, uint32_t count)
{
    if (!in_range(block, count))
        return -E_INVAL;
    for (; count--; block++, data += BLOCK) {
        if (!disk.slot_of[block]) {
            if (memcmp(disk_log_block(&disk.log, block), data, BLOCK) == 0)
                continue;
            int result = disk.used == SLOTS ? hal_disk_sync() : 0;
            if (result < 0)
                return result;
            disk.block_in[disk.used] = (uint8_t)block;
            disk.slot_of[block] = ++disk.used;
        }
        memcpy(slots[disk.slot_of[block] - 1], data, BLOCK);
    }
    return 0;
}
