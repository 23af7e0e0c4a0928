// SPDX-License-Identifier: MIT
// What programs find of the radio: the registers behind the internal bus, and the table of functions that
// phy_get_romfuncs gives. There is no radio to calibrate: the other functions of the table do nothing and return 0.
#include "rom.h"

enum { WRITE = BIT(24), UNDER_WAY = BIT(25) };
#define MASTER(n) REG(0x60000D00u + 4 * (n))

uint32_t rom_i2c_readReg(uint8_t block, uint8_t host, uint8_t reg);
uint32_t rom_i2c_readReg_Mask(uint8_t block, uint8_t host, uint8_t reg, uint8_t high, uint8_t low);
void rom_i2c_writeReg(uint8_t block, uint8_t host, uint8_t reg, uint8_t data);
void rom_i2c_writeReg_Mask(uint8_t block, uint8_t host, uint8_t reg, uint8_t high, uint8_t low, uint8_t data);
uint32_t rom_mhz2ieee(uint32_t mhz, uint32_t flags);
int rom_abs_temp(int x);
void **phy_get_romfuncs(void);

uint32_t rom_i2c_readReg(uint8_t block, uint8_t host, uint8_t reg)
{
    MASTER(host) = block | (uint32_t)reg << 8;
    while (MASTER(host) & UNDER_WAY) {}
    return MASTER(host) >> 16 & 0xFF;
}

void rom_i2c_writeReg(uint8_t block, uint8_t host, uint8_t reg, uint8_t data)
{
    MASTER(host) = block | (uint32_t)reg << 8 | (uint32_t)data << 16 | WRITE;
    while (MASTER(host) & UNDER_WAY) {}
}

static uint32_t bits(uint8_t high, uint8_t low) { return ((2u << (high & 7)) - 1) & ~((1u << (low & 7)) - 1); }

uint32_t rom_i2c_readReg_Mask(uint8_t block, uint8_t host, uint8_t reg, uint8_t high, uint8_t low)
{
    return (rom_i2c_readReg(block, host, reg) & bits(high, low)) >> low;
}

void rom_i2c_writeReg_Mask(uint8_t block, uint8_t host, uint8_t reg, uint8_t high, uint8_t low, uint8_t data)
{
    uint32_t mask = bits(high, low), old = rom_i2c_readReg(block, host, reg);
    rom_i2c_writeReg(block, host, reg, (uint8_t)((old & ~mask) | ((uint32_t)data << low & mask)));
}

int rom_abs_temp(int x) { return x < 0 ? -x : x; }

// The channel of a frequency in MHz (IEEE 802.11).
uint32_t rom_mhz2ieee(uint32_t mhz, uint32_t flags)
{
    (void)flags;
    return mhz == 2484 ? 14 : mhz < 2484 ? (mhz - 2407) / 5 : 15 + (mhz - 2512) / 20;
}

extern void *phy_functions[70]; // phy_table.S
void **phy_functions_at SECTION(".data.phy_functions_at") = phy_functions;
void **phy_get_romfuncs(void) { return phy_functions_at; }
