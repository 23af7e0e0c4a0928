// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266EX: memories, clocks, where the models sit and how they are wired inside the chip (Espressif,
// "ESP8266 Technical Reference"; addresses as in the SDK's headers).
//
// The memory "flash" is the flash chip on the module, 4 MB. The CPU sees one megabyte of it through the
// cache, at 0x40200000; which one is mem_t.window_offset. For images and debuggers the whole chip lies
// at 0x40200000. "iram1" and "iram2" are the banks that the cache takes when it is on (mem_t.off).
//
// Interrupts of the core: 0 MAC, 1 SLC, 2 SPI, 3 RTC, 4 GPIO, 5 UART, 6 CCOMPARE0, 7 software, 8 WDT,
// 9 FRC1, 10 FRC2, 14 NMI; 6 and 7 are inside the core.
#include "soc.h"

#define KB 1024u

static const soc_mem_t mems[] = {
    {"dram", MEM_RAM, 0x3FFE8000, 96 * KB}, // the last 16 KB are the ROM's data and stack
    {"rom", MEM_ROM, 0x40000000, 64 * KB},
    {"iram", MEM_RAM, 0x40100000, 32 * KB},
    {"iram1", MEM_RAM, 0x40108000, 16 * KB},
    {"iram2", MEM_RAM, 0x4010C000, 16 * KB},
    {"flash", MEM_FLASH, 0x40200000, 4096 * KB, .window = 1024 * KB},
    {"rtcram", MEM_RAM, 0x60001000, 1 * KB},
    {0},
};

// As the mask ROM finds them: the PLL, set for a crystal of 40 MHz, makes 52 MHz of one of 26 MHz.
static const soc_clk_t clks[] = {{"cpu", 52000000}, {"apb", 52000000}, {0}};

// A store to GPIO costs six cycles in all (measured: 6.6 MHz is the fastest toggling at 80 MHz); the other
// accesses go the same way. At 160 MHz the peripherals stay at 80, and the engine doubles these.
static const struct soc_wait waits[] = {
    {0x60000000, 0x10000, 5, 5},
    {0x3FF00000, 0x40000, 5, 5},
    {0},
};

static const soc_part_t parts[] = {
    {"esp8266-spi", "spi1", 0x60000100, "apb", 1, NULL}, // HSPI
    {"esp8266-spi", "spi0", 0x60000200, "apb", 0, NULL},
    {"esp8266-slc", "slc", 0x60000B00, "apb", 0, NULL},
    {"esp8266-saradc", "saradc", 0x60000D50, "apb", 0, NULL},
    {"esp8266-i2s", "i2s", 0x60000E00, "apb", 0, NULL},
    {0},
};

static const soc_wire_t wires[] = {
    {"slc.irq", "irq.1"},
    {"spi0.irq", "irq.2"},
    {"spi1.irq", "irq.2"},
    {"i2s.irq", "irq.2"},
    {"spi0.power_fail", "nrst.assert"},
    {0},
};

extern const soc_t esp8266ex_soc;
const soc_t esp8266ex_soc = {
    .name = "esp8266ex",
    .brief = "ESP8266EX, Xtensa LX106",
    .cpu = "lx106",
    .irq_lines = 15,
    .boot_address = 0x40000080,
    .rom = "esp8266-rom.elf",
    .cpu_clk = "cpu",
    .waits = waits,
    .mems = mems,
    .clks = clks,
    .parts = parts,
    .wires = wires,
};
