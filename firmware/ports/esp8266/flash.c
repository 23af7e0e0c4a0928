/* SPDX-License-Identifier: MIT
 * flash.c: the flash chip [SPI0], and the flash disk: 0x100000 to 0x3FB000, erased in sectors of 4 KB.
 *
 * While the chip works, nothing can be read from it: code here is in IRAM and the cache is off. Its lines stay valid,
 * since the firmware does not change. Of the interrupts only that of PWM goes on; what comes in at the UART is taken by
 * looking.
 *
 * The disk keeps one sector that is being changed in RAM. When another one is wanted it goes to the journal (fs/journal.h), and
 * hal_disk_sync ends the journal's group: what the file system changes between two syncs is there after a cut of the
 * supply as a whole or not at all, if it is in no more than 15 sectors. Blocks that are blank and get written hold nothing that
 * could be lost, and nothing points to them yet: they are written in place.
 */
#include "esp8266.h"
#include "espflash.h"
#include "../../fs/journal.h"
#include <string.h>

enum {
    BLOCK = 512, PER_SECTOR = FLASH_SECTOR / BLOCK, DISK_START = 0x100000, DISK_END = 0x3fb000,
    BLOCKS = (DISK_END - DISK_START) / BLOCK, PAGE = 256,
    JOURNAL = DISK_START - JOURNAL_SIZE, /* between firmware and disk */
    NONE = 0xffffffff
};

/* ---- the chip ---- */

static IN_IRAM void cache_off(void)
{
    wait_for(&DPORT_FLASH, FLASH_BUSY, 0, 100000);
    DPORT_FLASH &= ~(uint32_t)FLASH_CACHE_ON;
    wait_for(&DPORT_FLASH, FLASH_CACHE_ON, 0, 100000);
    SPI_CTRL(0) &= ~(uint32_t)SPI_CTRL_AHB;
}

static IN_IRAM void cache_on(void)
{
    SPI_CTRL(0) |= SPI_CTRL_AHB;
    DPORT_FLASH |= FLASH_CACHE_ON;
    wait_for(&DPORT_FLASH, FLASH_CACHE_ON, FLASH_CACHE_ON, 100000);
}

/* From here to end() code and data must not be in the flash. */
static IN_IRAM uint32_t start(void)
{
    uint32_t enabled = READ_SR(intenable);
    WRITE_SR(intenable, enabled & 1u << INT_FRC1);
    cache_off();
    return enabled;
}

static IN_IRAM void end(uint32_t enabled)
{
    cache_on();
    WRITE_SR(intenable, enabled);
}

static IN_IRAM bool command(uint32_t bits)
{
    SPI_CMD(0) = bits;
    return wait_for(&SPI_CMD(0), bits, 0, 1000000);
}

/* While it is busy the UART is looked after. */
static IN_IRAM bool wait_ready(void)
{
    uint32_t from = WDEV_US;
    do {
        SPI_RD_STATUS(0) = 0;
        if (!command(SPI_CMD_RDSR))
            return false;
        if (!(SPI_RD_STATUS(0) & 1))
            return true;
        uart_drain();
    } while (WDEV_US - from < 3000000);
    return false;
}

IN_IRAM bool flash_read(uint32_t address, void *to, uint32_t len)
{
    uint32_t enabled = start();
    bool ok = wait_ready() && SPIRead(address, to, len) == 0;
    end(enabled);
    return ok;
}

IN_IRAM bool flash_program(uint32_t address, const void *from, uint32_t len)
{
    const uint32_t *p = from;
    bool ok = true;
    while (ok && len) {
        uint32_t n = PAGE - address % PAGE;
        n = n < len ? n : len;
        uint32_t enabled = start();
        ok = SPIWrite(address, p, n) == 0 && wait_ready();
        end(enabled);
        address += n;
        p += n / 4;
        len -= n;
    }
    return ok;
}

IN_IRAM bool flash_erase(uint32_t sector)
{
    uint32_t enabled = start();
    bool ok = wait_ready() && command(SPI_CMD_WREN);
    SPI_ADDR(0) = sector * FLASH_SECTOR;
    ok = ok && command(SPI_CMD_SE) && wait_ready();
    end(enabled);
    uart_drained();
    return ok;
}

IN_IRAM uint32_t flash_id(void)
{
    uint32_t enabled = start();
    SPI_W(0, 0) = 0;
    uint32_t id = command(SPI_CMD_RDID) ? SPI_W(0, 0) & 0xffffff : 0;
    end(enabled);
    return id;
}

uint32_t flash_size(void)
{
    uint32_t shift = flash_id() >> 16;
    return shift >= 16 && shift <= 24 ? 1u << shift : 0;
}

/* ---- the disk ---- */

static struct {
    uint32_t data[FLASH_SECTOR / 4]; /* the sector that is being changed */
    uint32_t address;                /* its own; NONE */
    journal_t journal;
    bool mounted;
} disk = {.address = NONE};

static bool journal_read(void *context, uint32_t address, void *to, uint32_t len) { return flash_read(address, to, len); }

static bool journal_program(void *context, uint32_t address, const void *from, uint32_t len)
{
    return flash_program(address, from, len);
}

static bool journal_erase(void *context, uint32_t address) { return flash_erase(address / FLASH_SECTOR); }

uint32_t hal_disk_blocks(void)
{
    static const journal_flash_t flash = {NULL, JOURNAL, DISK_START, DISK_END, journal_read, journal_program,
                                          journal_erase};
    if (!disk.mounted)
        journal_mount(&disk.journal, &flash);
    disk.mounted = true;
    return flash_size() >= DISK_END ? BLOCKS : 0;
}

static bool is_blank(const uint32_t *p, uint32_t words)
{
    for (; words--; p++)
        if (*p != 0xffffffff)
            return false;
    return true;
}

/* What is in RAM, to the journal or in place. */
static bool write_out(void)
{
    uint32_t now[BLOCK / 4], address = disk.address;
    if (address == NONE)
        return true;
    uint32_t newest = journal_find(&disk.journal, address);
    bool ok = true, erase = false;
    uint8_t changed = 0;
    for (unsigned i = 0; ok && i < PER_SECTOR; i++) {
        ok = flash_read(newest + i * BLOCK, now, BLOCK);
        if (memcmp(now, disk.data + i * BLOCK / 4, BLOCK) != 0) {
            changed |= (uint8_t)(1 << i);
            erase |= newest != address || !is_blank(now, BLOCK / 4);
        }
    }
    if (erase)
        ok = ok && journal_put(&disk.journal, address, disk.data);
    for (unsigned i = 0; ok && !erase && i < PER_SECTOR; i++)
        if (changed >> i & 1)
            ok = flash_program(address + i * BLOCK, disk.data + i * BLOCK / 4, BLOCK);
    disk.address = NONE;
    return ok;
}

int hal_disk_sync(void)
{
    bool ok = write_out();
    return journal_commit(&disk.journal) && ok ? 0 : -E_IO;
}

static bool in_range(uint32_t block, uint32_t count) { return block <= BLOCKS && count <= BLOCKS - block; }

int hal_disk_read(uint32_t block, uint8_t *data, uint32_t count)
{
    uint32_t aligned[BLOCK / 4];
    if (!in_range(block, count))
        return -E_INVAL;
    for (; count--; block++, data += BLOCK) {
        uint32_t address = DISK_START + block * BLOCK;
        if (disk.address != NONE && address - disk.address < FLASH_SECTOR) {
            memcpy(data, disk.data + (address - disk.address) / 4, BLOCK);
            continue;
        }
        bool direct = ((uintptr_t)data & 3) == 0;
        uint32_t sector = address & ~(uint32_t)(FLASH_SECTOR - 1);
        address = journal_find(&disk.journal, sector) + (address - sector);
        if (!flash_read(address, direct ? (void *)data : aligned, BLOCK))
            return -E_IO;
        if (!direct)
            memcpy(data, aligned, BLOCK);
    }
    return 0;
}

int hal_disk_write(uint32_t block, const uint8_t *data, uint32_t count)
{
    if (!in_range(block, count))
        return -E_INVAL;
    for (; count--; block++, data += BLOCK) {
        uint32_t address = DISK_START + block * BLOCK, sector = address & ~(uint32_t)(FLASH_SECTOR - 1);
        if (disk.address != sector) {
            if (!write_out() || !flash_read(journal_find(&disk.journal, sector), disk.data, FLASH_SECTOR))
                return -E_IO;
            disk.address = sector;
        }
        memcpy((uint8_t *)disk.data + (address - sector), data, BLOCK);
    }
    return 0;
}
