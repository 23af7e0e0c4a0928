/* SPDX-License-Identifier: MIT
 * flash.c: the flash chip [SPI0], and the flash disk: 0x100000 to 0x3FB000, erased in sectors of 4 KB.
 *
 * While the chip works, nothing can be read from it: code here is in IRAM and the cache is off. Its lines stay valid,
 * since the firmware does not change. Of the interrupts only that of PWM goes on; what comes in at the UART is taken by
 * looking.
 *
 * The disk keeps one sector that is being changed in RAM. It is written when another one is wanted or on hal_disk_sync,
 * so the order of writes is that of the file system. No sector is erased before its new content is safe in a journal:
 *
 *   1. its content is written to the next one of SPARES spare sectors,
 *   2. a header with number, target and checksum is appended to the sector of headers: from now on it counts,
 *   3. the target is erased and written,
 *   4. the header is marked as done.
 *
 * When the disk is mounted, a header that is not done is carried out again. A cut of the supply before 2 leaves the old
 * sector, later the new one. Blocks that are blank and get written hold nothing that could be lost: they are written in
 * place.
 */
#include "esp8266.h"
#include "espflash.h"
#include <string.h>

enum {
    BLOCK = 512, PER_SECTOR = FLASH_SECTOR / BLOCK, DISK_START = 0x100000, DISK_END = 0x3fb000,
    BLOCKS = (DISK_END - DISK_START) / BLOCK, PAGE = 256,
    /* The journal, between firmware and disk. */
    SPARES = 15, HEADERS = 0xf0000, SPARE_FIRST = HEADERS + FLASH_SECTOR,
    MAGIC = 0x4a6f7572, NONE = 0xffffffff
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

/* ---- journal ---- */

typedef struct header {
    uint32_t magic, number, target, crc, check; /* target: address; check: of the words before */
    uint32_t done; /* all ones until it is */
    uint32_t unused[2];
} header_t;
enum { HEADER_COUNT = FLASH_SECTOR / sizeof(header_t) };

static struct {
    uint32_t data[FLASH_SECTOR / 4]; /* the sector that is being changed */
    uint32_t address;                /* its own; NONE */
    uint32_t number, slot;           /* of the next header */
    bool mounted;
} disk = {.address = NONE};

static const uint32_t crc_table[16] IN_DRAM = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

/* CRC-32 as Ethernet has it. */
static uint32_t crc32(const uint32_t *p, uint32_t words)
{
    uint32_t crc = ~0u;
    for (; words--; p++) {
        crc ^= *p;
        for (unsigned i = 0; i < 8; i++)
            crc = crc >> 4 ^ crc_table[crc & 15];
    }
    return ~crc;
}

static bool is_blank(const uint32_t *p, uint32_t words)
{
    for (; words--; p++)
        if (*p != 0xffffffff)
            return false;
    return true;
}

static uint32_t spare(uint32_t number) { return SPARE_FIRST + number % SPARES * FLASH_SECTOR; }

/* What is blank need not be written. */
static bool program_sector(uint32_t address)
{
    bool ok = true;
    for (uint32_t at = 0; ok && at < FLASH_SECTOR; at += PAGE)
        if (!is_blank(disk.data + at / 4, PAGE / 4))
            ok = flash_program(address + at, disk.data + at / 4, PAGE);
    return ok;
}

static bool write_target(uint32_t address, uint32_t slot)
{
    static const uint32_t done IN_DRAM = 0;
    return flash_erase(address / FLASH_SECTOR) && program_sector(address) &&
           flash_program(HEADERS + slot * sizeof(header_t) + offsetof(header_t, done), &done, 4);
}

/* disk.data to its sector by way of the journal. */
static bool replace(uint32_t address)
{
    uint32_t at = spare(disk.number);
    if (!flash_erase(at / FLASH_SECTOR) || !program_sector(at))
        return false;
    if (disk.slot == HEADER_COUNT) { /* all of them are done */
        if (!flash_erase(HEADERS / FLASH_SECTOR))
            return false;
        disk.slot = 0;
    }
    header_t h = {MAGIC, disk.number, address, crc32(disk.data, FLASH_SECTOR / 4), 0, NONE, {NONE, NONE}};
    h.check = crc32(&h.magic, offsetof(header_t, check) / 4);
    uint32_t slot = disk.slot++;
    disk.number++;
    return flash_program(HEADERS + slot * sizeof h, &h, sizeof h) && write_target(address, slot);
}

static bool valid(const header_t *h)
{
    return h->magic == MAGIC && h->check == crc32(&h->magic, offsetof(header_t, check) / 4) &&
           h->target >= DISK_START && h->target < DISK_END && h->target % FLASH_SECTOR == 0;
}

/* Find where the journal ends, and carry out what was cut off. Only the last header may be open; a slot that is neither
 * valid nor blank was cut off itself and is passed over. */
static void mount(void)
{
    header_t h;
    uint32_t open = NONE, target = NONE, crc = 0;
    disk.mounted = true;
    for (uint32_t i = 0; i < HEADER_COUNT; i++) {
        if (!flash_read(HEADERS + i * sizeof h, &h, sizeof h))
            return;
        if (is_blank(&h.magic, sizeof h / 4))
            continue;
        disk.slot = i + 1;
        open = NONE;
        if (!valid(&h))
            continue;
        disk.number = h.number + 1;
        if (h.done == NONE) {
            open = i;
            target = h.target;
            crc = h.crc;
        }
    }
    if (open == NONE || !flash_read(spare(disk.number - 1), disk.data, FLASH_SECTOR))
        return;
    if (crc32(disk.data, FLASH_SECTOR / 4) == crc)
        write_target(target, open);
}

/* ---- the disk ---- */

uint32_t hal_disk_blocks(void)
{
    if (!disk.mounted)
        mount();
    return flash_size() >= DISK_END ? BLOCKS : 0;
}

int hal_disk_sync(void)
{
    uint32_t now[BLOCK / 4], address = disk.address;
    bool ok = true, erase = false;
    uint8_t changed = 0;
    if (address == NONE)
        return 0;
    for (unsigned i = 0; ok && i < PER_SECTOR; i++) {
        ok = flash_read(address + i * BLOCK, now, BLOCK);
        if (memcmp(now, disk.data + i * BLOCK / 4, BLOCK) != 0) {
            changed |= (uint8_t)(1 << i);
            erase |= !is_blank(now, BLOCK / 4);
        }
    }
    if (erase)
        ok = ok && replace(address);
    for (unsigned i = 0; ok && !erase && i < PER_SECTOR; i++)
        if (changed >> i & 1)
            ok = flash_program(address + i * BLOCK, disk.data + i * BLOCK / 4, BLOCK);
    disk.address = NONE;
    return ok ? 0 : -E_IO;
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
            int result = hal_disk_sync();
            if (result < 0)
                return result;
            if (!flash_read(sector, disk.data, FLASH_SECTOR))
                return -E_IO;
            disk.address = sector;
        }
        memcpy((uint8_t *)disk.data + (address - sector), data, BLOCK);
    }
    return 0;
}
