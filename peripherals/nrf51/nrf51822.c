// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51822-QFAA (nRF51 Series Reference Manual v3.0, nRF51822 Product Specification v3.1): memories,
// clocks, where the models sit and how they are wired inside the chip. A peripheral's number, its
// address (0x40000000 + number * 0x1000) and its interrupt are one.
//
// The chip has no table of alternate functions: PSEL registers choose pins (nrf51.h).
#include "soc.h"

#define KB 1024u

static const soc_mem_t mems[] = {
    {"flash", MEM_FLASH, 0x00000000, 256 * KB},
    {"ficr", MEM_ROM, 0x10000000, 1 * KB},   // factory information
    {"uicr", MEM_FLASH, 0x10001000, 1 * KB}, // user information
    {"ram", MEM_RAM, 0x20000000, 16 * KB},
    {"romtable", MEM_ROM, 0xF0000000, 4 * KB}, // CoreSight identification
    {0},
};

static const soc_clk_t clks[] = {
    {"hfclk", 16000000}, // from the RC oscillator or the crystal
    {"lfclk", 0},
    {0},
};

static const soc_part_t parts[] = {
    {"nrf51-ppi", "ppi", 0x4001F000, "hfclk"}, // first: the others look for it
    {"nrf51-gpio", "gpio", 0x50000000},
    {"nrf51-ficr", "ficr"},
    {"nrf51-power", "power", 0x40000000},
    {"nrf51-radio", "radio", 0x40001000},
    {"nrf51-uart", "uart0", 0x40002000},
    {"nrf51-serial", "serial0", 0x40003000, "hfclk"},
    {"nrf51-serial", "serial1", 0x40004000, "hfclk"},
    {"nrf51-gpiote", "gpiote", 0x40006000},
    {"nrf51-adc", "adc", 0x40007000},
    {"nrf51-timer", "timer0", 0x40008000, "hfclk", 32},
    {"nrf51-timer", "timer1", 0x40009000, "hfclk", 16},
    {"nrf51-timer", "timer2", 0x4000A000, "hfclk", 16},
    {"nrf51-rtc", "rtc0", 0x4000B000, "lfclk", 3},
    {"nrf51-temp", "temp", 0x4000C000},
    {"nrf51-rng", "rng", 0x4000D000},
    {"nrf51-ecb", "ecb", 0x4000E000},
    {"nrf51-ccm", "ccm", 0x4000F000},
    {"nrf51-wdt", "wdt", 0x40010000},
    {"nrf51-rtc", "rtc1", 0x40011000, "lfclk", 4},
    {"nrf51-qdec", "qdec", 0x40012000},
    {"nrf51-lpcomp", "lpcomp", 0x40013000},
    {"nrf51-nvmc", "nvmc", 0x4001E000},
    {0},
};

static const soc_wire_t wires[] = {
    {"power.irq", "irq.0"},   {"radio.irq", "irq.1"},   {"uart0.irq", "irq.2"},
    {"serial0.irq", "irq.3"}, {"serial1.irq", "irq.4"},
    {"gpiote.irq", "irq.6"},  {"adc.irq", "irq.7"},
    {"timer0.irq", "irq.8"},  {"timer1.irq", "irq.9"},  {"timer2.irq", "irq.10"},
    {"rtc0.irq", "irq.11"},   {"temp.irq", "irq.12"},   {"rng.irq", "irq.13"},
    {"ecb.irq", "irq.14"},    {"ccm.irq", "irq.15"},
    {"wdt.irq", "irq.16"},    {"rtc1.irq", "irq.17"},   {"qdec.irq", "irq.18"},
    {"lpcomp.irq", "irq.19"}, // 20 to 25 are software's: no peripheral behind them
    {"gpio.detect", "gpiote.detect"},
    {"gpio.detect", "power.detect"},
    {"lpcomp.anadetect", "power.anadetect"},
    {"wdt.reset", "power.dog"},
    {0},
};

const soc_t nrf51822_soc = {
    .name = "nrf51822",
    .brief = "Nordic nRF51822-QFAA: Cortex-M0 16 MHz, 256 KB flash, 16 KB RAM",
    .cpu = "cortex-m0",
    .irq_lines = 32,
    .priority_bits = 2,
    .boot_address = 0x00000000,
    .cpu_clk = "hfclk",
    .mems = mems,
    .clks = clks,
    .parts = parts,
    .wires = wires,
};
