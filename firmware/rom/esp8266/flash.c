// SPDX-License-Identifier: MIT
// The flash chip on SPI0, and the cache that shows it to the CPU. Results: 0 good, 1 error.
#include "rom.h"

enum { WREN = BIT(30), RDSR = BIT(27), WRSR = BIT(26), PP = BIT(25), SE = BIT(24), BE = BIT(23), CE = BIT(22) };
#define READ BIT(31)
enum { BUSY = 1, WRITE_ENABLED = 2, PROTECTION = 0x1C, QUAD = BIT(9) };
enum { CTRL_FAST = BIT(13), CTRL_DOUT = BIT(14), CTRL_AHB = BIT(17), CTRL_QOUT = BIT(20), CTRL_STATUS_16 = BIT(22),
       CTRL_DIO = BIT(23), CTRL_QIO = BIT(24) };
enum { CHUNK = 32 }; // bytes of one command

flash_chip_t flash_descriptor SECTION(".data.flash_descriptor") = {0x1640EF, 0x400000, 0x10000, 0x1000, 0x100, 0xFFFF};
flash_chip_t *flashchip SECTION(".data.flashchip") = &flash_descriptor;

static void command(uint32_t what)
{
    SPI_CMD = what;
    while (SPI_CMD) {}
}

int SPI_read_status(flash_chip_t *chip, uint32_t *status)
{
    uint32_t s;
    do {
        SPI_RD_STATUS = 0;
        command(RDSR);
        s = SPI_RD_STATUS & chip->status_mask;
    } while (s & BUSY);
    *status = s;
    return 0;
}

int Wait_SPI_Idle(flash_chip_t *chip)
{
    uint32_t status;
    while (DPORT_CACHE & BIT(9)) {}
    return SPI_read_status(chip, &status);
}

int SPI_write_enable(flash_chip_t *chip)
{
    uint32_t status;
    Wait_SPI_Idle(chip);
    command(WREN);
    do
        SPI_read_status(chip, &status);
    while (!(status & WRITE_ENABLED));
    return 0;
}

int SPI_write_status(flash_chip_t *chip, uint32_t status)
{
    Wait_SPI_Idle(chip);
    SPI_RD_STATUS = status;
    command(WRSR);
    return 0;
}

// The quad enable bit of the second status byte.
int Enable_QMode(flash_chip_t *chip);
int Enable_QMode(flash_chip_t *chip)
{
    uint32_t status;
    SPI_CTRL |= CTRL_STATUS_16;
    SPI_read_status(chip, &status);
    if (status & QUAD)
        return 0;
    SPI_write_enable(chip);
    SPI_write_status(chip, status | QUAD);
    return Wait_SPI_Idle(chip);
}

static int change_protection(uint32_t bits)
{
    uint32_t status;
    SPI_read_status(flashchip, &status);
    SPI_write_enable(flashchip);
    SPI_write_status(flashchip, (status & ~(uint32_t)(PROTECTION | WRITE_ENABLED)) | bits);
    return Wait_SPI_Idle(flashchip);
}

int SPILock(void);
int SPILock(void) { return change_protection(PROTECTION); }
int SPIUnlock(void) { return change_protection(0); }

int SPIParamCfg(uint32_t id, uint32_t chip, uint32_t block, uint32_t sector, uint32_t page, uint32_t mask)
{
    *flashchip = (flash_chip_t){id, chip, block, sector, page, mask};
    return 0;
}

// ---- Reading, writing, erasing ------------------------------------------------------------------------------------

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Whole words go to the target as words, so that it may be instruction memory.
int SPIRead(uint32_t address, void *to, uint32_t n)
{
    if (address > flashchip->chip_size || n > flashchip->chip_size - address)
        return 1;
    Wait_SPI_Idle(flashchip);
    bool words = ((uintptr_t)to & 3) == 0;
    for (uint8_t *p = to; n;) {
        uint32_t chunk = least(n, CHUNK);
        SPI_ADDR = chunk << 24 | (address & 0xFFFFFF);
        command(READ);
        for (uint32_t i = 0; i < chunk; i += 4) {
            uint32_t w = SPI_W(i / 4);
            if (words && chunk - i >= 4)
                *(uint32_t *)(p + i) = w;
            else
                for (uint32_t k = i; k < chunk && k < i + 4; k++, w >>= 8)
                    p[k] = (uint8_t)w;
        }
        p += chunk, address += chunk, n -= chunk;
    }
    return 0;
}

static uint32_t word_of(const uint8_t *p, uint32_t n, bool words)
{
    if (words && n >= 4)
        return *(const uint32_t *)p;
    uint32_t w = 0xFFFFFFFF;
    for (unsigned i = 0; i < 4 && i < n; i++)
        w = (w & ~(0xFFu << 8 * i)) | (uint32_t)p[i] << 8 * i;
    return w;
}

int SPIWrite(uint32_t address, const void *from, uint32_t n)
{
    if (address > flashchip->chip_size || n > flashchip->chip_size - address)
        return 1;
    for (const uint8_t *p = from; n;) {
        bool words = ((uintptr_t)p & 3) == 0;
        uint32_t chunk = least(n, least(CHUNK, flashchip->page_size - address % flashchip->page_size));
        SPI_write_enable(flashchip);
        for (uint32_t i = 0; i < chunk; i += 4)
            SPI_W(i / 4) = word_of(p + i, chunk - i, words);
        SPI_ADDR = chunk << 24 | (address & 0xFFFFFF);
        command(PP);
        p += chunk, address += chunk, n -= chunk;
    }
    return Wait_SPI_Idle(flashchip);
}

static int erase(uint32_t what, uint32_t address)
{
    if (address >= flashchip->chip_size)
        return 1;
    SPI_write_enable(flashchip);
    SPI_ADDR = address & 0xFFFFFF;
    command(what);
    return Wait_SPI_Idle(flashchip);
}

int SPIEraseChip(void) { return erase(CE, 0); }

int SPIEraseBlock(uint32_t block)
{
    return block >= flashchip->chip_size / flashchip->block_size ? 1 : erase(BE, block * flashchip->block_size);
}

int SPIEraseSector(uint32_t sector)
{
    return sector >= flashchip->chip_size / flashchip->sector_size ? 1 : erase(SE, sector * flashchip->sector_size);
}

// n bytes from the sector with `address` on. The chip's ROM forgets to count the sectors before the first boundary of
// a block, and erases that many more than it is asked to; because esptool without its stub asks for fewer, so must
// we.
int SPIEraseArea(uint32_t address, uint32_t n)
{
    uint32_t per_block = flashchip->block_size / flashchip->sector_size, sector = address / flashchip->sector_size;
    uint32_t count = (n + flashchip->sector_size - 1) / flashchip->sector_size;
    if (address > flashchip->chip_size || n > flashchip->chip_size - address)
        return 1;
    for (uint32_t head = least(count, per_block - sector % per_block); head; head--)
        if (SPIEraseSector(sector++))
            return 1;
    uint32_t end = least(sector + count, flashchip->chip_size / flashchip->sector_size);
    while (sector < end) {
        bool whole = sector % per_block == 0 && end - sector >= per_block;
        if (whole ? SPIEraseBlock(sector / per_block) : SPIEraseSector(sector))
            return 1;
        sector += whole ? per_block : 1;
    }
    return 0;
}

// ---- How it is connected ------------------------------------------------------------------------------------------

// GPIO6 to 11 are the flash's.
void SelectSpiFunction(void)
{
    for (unsigned offset = 0x1C; offset <= 0x30; offset += 4)
        IOMUX(offset) = (IOMUX(offset) & ~0x130u) | BIT(4);
}

// mode as in an image's header (0 QIO, 1 QOUT, 2 DIO, 3 DOUT; 4 fast, 5 slow reading); 0 good.
int SPIReadModeCnfig(uint32_t mode)
{
    static const uint32_t bits[] = {
        CTRL_QIO | CTRL_FAST, CTRL_QOUT | CTRL_FAST, CTRL_DIO | CTRL_FAST, CTRL_DOUT | CTRL_FAST, CTRL_FAST, 0};
    if (mode > 5)
        return 1;
    if (mode < 2)
        Enable_QMode(flashchip);
    SPI_CTRL = (SPI_CTRL & ~(uint32_t)(CTRL_QIO | CTRL_QOUT | CTRL_DIO | CTRL_DOUT | CTRL_FAST)) | bits[mode];
    return 0;
}

// The clock: frequency as in an image's header (0 a half of the system's, 1 a third, 2 a quarter, 15 the system's),
// or the number by which the system's clock is divided. `mode` is left to SPIReadModeCnfig.
void SPIFlashModeConfig(uint32_t mode, uint32_t frequency)
{
    (void)mode;
    if (frequency == 15) {
        SPI_CTRL = (SPI_CTRL & ~0xFFFu) | BIT(12);
        IOMUX(0) |= BIT(8);
        return;
    }
    uint32_t n = frequency <= 2 ? frequency + 1 : frequency - 1; // clocks of the flash's less one
    SPI_CTRL = (SPI_CTRL & ~0x1FFFu) | n << 8 | (n - 1) / 2 << 4 | n;
    IOMUX(0) &= ~BIT(8);
}

void spi_flash_attach(void)
{
    SelectSpiFunction();
    SPIFlashModeConfig(5, 4);
    SPIReadModeCnfig(5);
}

// ---- Cache --------------------------------------------------------------------------------------------------------

enum { FLUSH = BIT(0), FLUSHED = BIT(1), ENABLE = BIT(8), SIZE_32K = BIT(26) };

static void cache_switch(uint32_t on)
{
    DPORT_CACHE = (DPORT_CACHE & ~(uint32_t)ENABLE) | on;
    while ((DPORT_CACHE & ENABLE) != on) {}
}

static void cache_flush(void)
{
    DPORT_CACHE &= ~(uint32_t)FLUSH;
    DPORT_CACHE |= FLUSH;
    while (!(DPORT_CACHE & FLUSHED)) {}
    DPORT_CACHE &= ~(uint32_t)FLUSH;
}

void Cache_Read_Disable(void);
void Cache_Read_Enable(uint32_t odd, uint32_t two_mb, uint32_t is_32k);

void Cache_Read_Disable(void)
{
    while (SPI_EXT2) {}
    cache_switch(0);
    SPI_CTRL &= ~(uint32_t)CTRL_AHB;
    cache_flush();
}

// Shows the flash's megabyte two_mb * 2 + (odd ? 1 : 0); a cache of 32 KB rather than 16.
void Cache_Read_Enable(uint32_t odd, uint32_t two_mb, uint32_t is_32k)
{
    static const uint32_t maps[] = {0, BIT(25), BIT(24)};
    cache_switch(0);
    cache_flush();
    Wait_SPI_Idle(flashchip);
    uint32_t c = DPORT_CACHE & ~(7u << 16 | 3u << 24 | SIZE_32K);
    DPORT_CACHE = c | (two_mb & 7) << 16 | maps[odd > 2 ? 2 : odd] | (is_32k ? SIZE_32K : 0);
    DPORT_BANKS |= is_32k ? 0x18 : 0x08;
    SPI_CTRL |= CTRL_AHB;
    cache_switch(ENABLE);
}
