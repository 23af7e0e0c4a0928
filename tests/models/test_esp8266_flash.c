// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 SPI0 and its flash chip: commands, times, rules, power cuts.
#include "esp8266.h"

enum { SPI0 = 0x60000200, CMD = SPI0, ADDR = SPI0 + 0x04, CTRL0 = SPI0 + 0x08, STATUS = SPI0 + 0x10,
       CLOCK = SPI0 + 0x18, USER0 = SPI0 + 0x1C, USER1 = SPI0 + 0x20, USER2 = SPI0 + 0x24,
       PIN = SPI0 + 0x2C, SLAVE0 = SPI0 + 0x30, W0 = SPI0 + 0x40, EXT2 = SPI0 + 0xF8 };
#define READ (1u << 31)
enum { WREN = 1 << 30, WRDI = 1 << 29, RDID = 1 << 28, RDSR = 1 << 27, WRSR = 1 << 26, PP = 1 << 25,
       SE = 1 << 24, BE = 1 << 23, CE = 1 << 22, DP = 1 << 21, RES = 1 << 20, USR = 1 << 18 };
enum { WIP = 1, WEL = 2, QE = 2 };
enum { FLASH = 0x40200000, CLOCK_40MHZ = 0x101 };

static chip_t *flash_new(void)
{
    chip_t *c = esp8266_new();
    wr(c, CTRL0, CLOCK_40MHZ);
    return c;
}

// A command; it must take exactly `clocks` of 40 MHz.
static void command(chip_t *c, uint32_t cmd, uint64_t clocks)
{
    uint64_t end = clk_ps(machine_clk(c->m, "apb"),
                          clk_tick_from(machine_clk(c->m, "apb"), machine_now_ps(c->m)) + 2 * clocks);
    wr(c, CMD, cmd);
    g_assert_cmphex(rd(c, EXT2), !=, 0);
    run_to(c, end - 1);
    g_assert_cmphex(rd(c, CMD), ==, cmd);
    run_to(c, end);
    g_assert_cmphex(rd(c, CMD), ==, 0);
    g_assert_cmphex(rd(c, EXT2), ==, 0);
}

static uint32_t status(chip_t *c)
{
    command(c, RDSR, 16);
    return rd(c, STATUS);
}

// The operation that has just begun takes `ps`.
static void busy_for(chip_t *c, uint64_t ps)
{
    uint64_t begin = machine_now_ps(c->m);
    g_assert_cmphex(status(c), ==, WIP | WEL);
    run_to(c, begin + ps - 1000000);
    g_assert_cmphex(status(c), ==, WIP | WEL);
    run_to(c, begin + ps);
    g_assert_cmphex(status(c), ==, 0);
}

static void fill(chip_t *c, uint32_t offset, uint8_t byte, uint32_t n)
{
    g_autofree uint8_t *bytes = g_malloc(n);
    memset(bytes, byte, n);
    g_assert_true(bus_poke(c->m->bus, FLASH + offset, bytes, n));
}

static uint8_t at(chip_t *c, uint32_t offset)
{
    uint8_t byte = 0;
    g_assert_true(bus_peek(c->m->bus, FLASH + offset, &byte, 1));
    return byte;
}

static void all_are(chip_t *c, uint32_t offset, uint32_t n, uint8_t byte)
{
    for (uint32_t i = 0; i < n; i++)
        g_assert_cmphex(at(c, offset + i), ==, byte);
}

static void program(chip_t *c, uint32_t offset, const void *bytes, unsigned n)
{
    uint32_t w[16] = {0};
    memcpy(w, bytes, n);
    for (unsigned i = 0; i < 16; i++)
        wr(c, W0 + 4 * i, w[i]);
    command(c, WREN, 8);
    wr(c, ADDR, n << 24 | offset);
    command(c, PP, 32 + 8 * n);
}

static void test_identity(void)
{
    chip_t *c = flash_new();
    wr(c, W0, 0xFFFFFFFF);
    command(c, RDID, 32);
    g_assert_cmphex(rd(c, W0), ==, 0x1640EF);
    chip_done(c);
}

static void test_read(void)
{
    chip_t *c = flash_new();
    uint8_t bytes[64];
    for (unsigned i = 0; i < 64; i++)
        bytes[i] = 0x80 + i;
    bus_poke(c->m->bus, FLASH + 0x12345, bytes, 64);
    wr(c, ADDR, 32u << 24 | 0x12345);
    command(c, READ, 8 + 24 + 256);
    for (unsigned i = 0; i < 8; i++)
        g_assert_cmphex(rd(c, W0 + 4 * i), ==, 0x83828180 + i * 0x04040404);
    g_assert_cmphex(rd(c, W0 + 32), ==, 0);
    // Three bytes leave the fourth of the word; addresses wrap at the end of the chip.
    fill(c, 0x3FFFFF, 0x11, 1);
    fill(c, 0, 0x22, 2);
    wr(c, ADDR, 3u << 24 | 0xFFFFFF);
    command(c, READ, 8 + 24 + 24);
    g_assert_cmphex(rd(c, W0), ==, 0x83222211);
    chip_done(c);
}

static void test_write_enable(void)
{
    chip_t *c = flash_new();
    g_assert_cmphex(status(c), ==, 0);
    fill(c, 0x5000, 0, 16);
    wr(c, ADDR, 0x5000);
    command(c, SE, 32); // not enabled
    g_assert_cmphex(status(c), ==, 0);
    command(c, WREN, 8);
    g_assert_cmphex(status(c), ==, WEL);
    command(c, WRDI, 8);
    g_assert_cmphex(status(c), ==, 0);
    command(c, SE, 32);
    run_for(c, 100 * MS);
    all_are(c, 0x5000, 16, 0);
    chip_done(c);
}

static void test_erase(void)
{
    static const struct {
        uint32_t cmd, size;
        uint64_t ms;
    } kinds[] = {{SE, 0x1000, 45}, {BE, 0x10000, 150}};
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        chip_t *c = flash_new();
        uint32_t first = 0x120000, n = kinds[i].size;
        fill(c, first - 16, 0x55, n + 32);
        wr(c, ADDR, first + n - 1); // anywhere in it
        command(c, WREN, 8);
        command(c, kinds[i].cmd, 32);
        all_are(c, first, 16, 0x55);
        busy_for(c, kinds[i].ms * MS);
        all_are(c, first, n, 0xFF);
        all_are(c, first - 16, 16, 0x55);
        all_are(c, first + n, 16, 0x55);
        chip_done(c);
    }
}

static void test_program(void)
{
    chip_t *c = flash_new();
    uint8_t bytes[32];
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = i * 7;
    program(c, 0x7010, bytes, 32);
    busy_for(c, 107500 * PS_PER_NS); // 30 + 31 * 2.5 us
    for (unsigned i = 0; i < 32; i++)
        g_assert_cmphex(at(c, 0x7010 + i), ==, bytes[i]);
    all_are(c, 0x7000, 16, 0xFF);
    all_are(c, 0x7030, 16, 0xFF);
    // Bits are only cleared.
    program(c, 0x7011, "\xF5", 1);
    busy_for(c, 30 * US);
    g_assert_cmphex(at(c, 0x7011), ==, (7 & 0xF5));
    // At the end of the page it goes on at its start.
    program(c, 0x80FE, "abcd", 4);
    run_for(c, MS);
    g_assert_cmpint(at(c, 0x80FE), ==, 'a');
    g_assert_cmpint(at(c, 0x80FF), ==, 'b');
    g_assert_cmpint(at(c, 0x8000), ==, 'c');
    g_assert_cmpint(at(c, 0x8001), ==, 'd');
    g_assert_cmphex(at(c, 0x8100), ==, 0xFF);
    chip_done(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266-flash/identity", test_identity);
    g_test_add_func("/esp8266-flash/read", test_read);
    g_test_add_func("/esp8266-flash/write-enable", test_write_enable);
    g_test_add_func("/esp8266-flash/erase", test_erase);
    g_test_add_func("/esp8266-flash/program", test_program);
    return g_test_run();
}
