// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F4 CRC calculation unit (RM0090 chapter 4): CRC-32 (0x04C11DB7), whole words, most significant bit
// first. A word takes 4 AHB cycles; software that reads sooner waits in the chip and not here.
#include "machine.h"

enum { CRC_DR = 0x00, CRC_IDR = 0x04, CRC_CR = 0x08 };

static void dr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t crc = old ^ p->written;
    for (unsigned i = 0; i < 32; i++)
        crc = crc << 1 ^ (crc >> 31 ? 0x04C11DB7 : 0);
    R(p, CRC_DR) = crc;
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, CRC_CR) & 1)
        R(p, CRC_DR) = 0xFFFFFFFF;
    R(p, CRC_CR) = 0;
}

static const part_reg_t crc_regs[] = {
    {"DR", CRC_DR, .reset = 0xFFFFFFFF, .write = dr_write},
    {"IDR", CRC_IDR, .ro = 0xFFFFFF00},
    {"CR", CRC_CR, .ro = 0xFFFFFFFE, .write = cr_write},
    {0},
};

const part_class_t stm32_crc_class = {
    .name = "stm32-crc",
    .brief = "STM32F4 CRC unit",
    .size = sizeof(part_t),
    .regs = crc_regs,
    .mmio_size = 0x400,
};
