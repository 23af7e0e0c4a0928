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
static const soc_clk_t clks[] = {{"cpu", 52000000}, {"apb", 52000000}, {"rtc", 0}, {0}};

// A store to GPIO costs six cycles in all (measured: 6.6 MHz is the fastest toggling at 80 MHz); the other
// accesses go the same way. At 160 MHz the peripherals stay at 80, and the engine doubles these.
static const struct soc_wait waits[] = {
    {0x60000000, 0x10000, 5, 5},
    {0x3FF00000, 0x40000, 5, 5},
    {0},
};

static const soc_part_t parts[] = {
    {"esp8266-pll", "pll", 0x60000D00},
    {"esp8266-dport", "dport", 0x3FF00000},
    {"esp8266-wdev", "wdev", 0x3FF20000},
    {"esp8266-uart", "uart0", 0x60000000, "apb"},
    {"esp8266-uart", "uart1", 0x60000F00, "apb"},
    {"esp8266-iomux", "iomux", 0x60000800}, // before gpio, which looks for it
    {"esp8266-gpio", "gpio", 0x60000300},
    {"esp8266-frc", "frc", 0x60000600, "apb"},
    {"esp8266-rtc", "rtc", 0x60000700},
    {"esp8266-wdt", "wdt", 0x60000900},
    {"esp8266-store", "radio0", 0x60000400, NULL, 0x17C},
    {"esp8266-store", "radio1", 0x60009800},
    {"esp8266-store", "radio2", 0x60009A00},
    {"esp8266-store", "radio3", 0x60009C00},
    {"esp8266-store", "radio4", 0x60009E00},
    {"esp8266-spi", "spi1", 0x60000100, "apb", 1, NULL}, // HSPI
    {"esp8266-spi", "spi0", 0x60000200, "apb", 0, NULL},
    {"esp8266-slc", "slc", 0x60000B00, "apb", 0, NULL},
    {"esp8266-saradc", "saradc", 0x60000D50, "apb", 0, NULL},
    {"esp8266-i2s", "i2s", 0x60000E00, "apb", 0, NULL},
    {0},
};

static const soc_wire_t wires[] = {
    {"slc.irq", "irq.1"},
    {"spi0.irq", "irq.2"},       {"spi1.irq", "irq.2"},       {"i2s.irq", "irq.2"},
    {"spi0.irq", "dport.spi0"},  {"spi1.irq", "dport.spi1"},  {"i2s.irq", "dport.i2s"},
    {"rtc.irq", "irq.3"},        {"gpio.irq", "irq.4"},
    {"uart0.irq", "irq.5"},      {"uart1.irq", "irq.5"},
    {"uart0.irq", "wdev.uart0"}, {"uart1.irq", "wdev.uart1"},
    {"wdt.irq", "dport.wdt"},    {"frc.frc1", "dport.frc1"}, {"frc.frc2", "dport.frc2"},
    {"dport.int_wdt", "irq.8"},  {"dport.int_frc1", "irq.9"}, {"dport.int_frc2", "irq.10"},
    {"dport.nmi", "irq.14"},
    {"dport.swap_uart0", "uart0.swap"}, {"dport.swap_uart1", "uart1.swap"},
    {"dport.wdt_stop", "wdt.stop"},
    {"wdt.reset", "rtc.wdt"},
    {"gpio.wake", "rtc.wake"},
    {"rtc.off", "gpio.off"},
    {"iomux.0", "gpio.mux.0"},   {"iomux.1", "gpio.mux.1"},   {"iomux.2", "gpio.mux.2"},
    {"iomux.3", "gpio.mux.3"},   {"iomux.4", "gpio.mux.4"},   {"iomux.5", "gpio.mux.5"},
    {"iomux.6", "gpio.mux.6"},   {"iomux.7", "gpio.mux.7"},   {"iomux.8", "gpio.mux.8"},
    {"iomux.9", "gpio.mux.9"},   {"iomux.10", "gpio.mux.10"}, {"iomux.11", "gpio.mux.11"},
    {"iomux.12", "gpio.mux.12"}, {"iomux.13", "gpio.mux.13"}, {"iomux.14", "gpio.mux.14"},
    {"iomux.15", "gpio.mux.15"},
    {"spi0.power_fail", "nrst.assert"},
    {0},
};

// Functions of IO_MUX. Those of GPIO itself (0 or 3) have no pad; functions 0 of the pins of the flash chip
// are SDIO, of the others JTAG.
static const soc_af_t afs[] = {
    {"GPIO1", 0, "uart0.txd"},
    {"GPIO2", 1, "i2so.ws"},     {"GPIO2", 2, "uart1.txd"},   {"GPIO2", 4, "uart0.txd2"},
    {"GPIO3", 0, "uart0.rxd"},   {"GPIO3", 1, "i2so.data"},
    {"GPIO6", 4, "uart1.cts"},
    {"GPIO7", 4, "uart1.txd2"},
    {"GPIO8", 4, "uart1.rxd"},
    {"GPIO11", 4, "uart1.rts"},
    {"GPIO12", 1, "i2si.data"},   {"GPIO12", 2, "hspi.miso"},  {"GPIO12", 4, "uart0.dtr"},
    {"GPIO13", 1, "i2si.bck"},   {"GPIO13", 2, "hspi.mosi"},  {"GPIO13", 4, "uart0.cts"},
    {"GPIO14", 1, "i2si.ws"},   {"GPIO14", 2, "hspi.clk"},   {"GPIO14", 4, "uart0.dsr"},
    {"GPIO15", 1, "i2so.bck"},  {"GPIO15", 2, "hspi.cs"},    {"GPIO15", 4, "uart0.rts"},
    {0},
};

// The rest of the peripherals' bus. Accesses there are no error on the chip.
static const soc_unmodelled_t unmodelled[] = {
    {"the unknown part of the peripherals' bus", 0x60000000, 0xA000},
    {"the unknown part of DPORT", 0x3FF00000, 0x40000},
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
    .afs = afs,
    .unmodelled = unmodelled,
};
