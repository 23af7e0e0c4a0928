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
    const clk_t *apb = machine_clk(c->m, "apb");
    uint64_t end = clk_ps(apb, clk_tick_from(apb, machine_now_ps(c->m)) + 2 * clocks);
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

static const soc_t small = {
    .name = "small",
    .mems = (const soc_mem_t[]){{"flash", MEM_FLASH, FLASH, 1 << 20}, {0}},
    .clks = (const soc_clk_t[]){{"apb", 80000000}, {0}},
    .parts = (const soc_part_t[]){{"esp8266-spi", "spi0", SPI0, "apb", 0, NULL}, {0}},
};

// A chip of 1 MB has another id, wraps at its own end, and is erased sooner.
static void test_small_chip(void)
{
    GError *error = NULL;
    chip_t c = {.m = machine_new(&small, 1, &error), .reports = g_string_new(NULL)};
    g_assert_no_error(error);
    c.m->report = chip_report;
    c.m->report_ctx = &c;
    chip_start(&c);
    wr(&c, CTRL0, CLOCK_40MHZ);
    command(&c, RDID, 32);
    g_assert_cmphex(rd(&c, W0), ==, 0x1440EF);
    fill(&c, 0xFC000, 0x42, 4);
    wr(&c, ADDR, 4u << 24 | 0x3FC000);
    command(&c, READ, 64);
    g_assert_cmphex(rd(&c, W0), ==, 0x42424242);
    wr(&c, ADDR, 0x3FC000);
    command(&c, WREN, 8);
    command(&c, SE, 32);
    busy_for(&c, 45 * MS);
    g_assert_cmphex(at(&c, 0xFC000), ==, 0xFF);
    command(&c, WREN, 8);
    command(&c, CE, 8);
    busy_for(&c, 2500 * MS);
    g_assert_cmpstr(c.reports->str, ==, "");
    g_string_free(c.reports, TRUE);
    machine_free(c.m);
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

// Half of the clocks of a bit on each additional wire; the address too with DIO and QIO.
static void test_read_modes(void)
{
    static const struct {
        uint32_t bits;
        unsigned clocks; // of 16 bytes
    } modes[] = {{0, 8 + 24 + 128},
                 {1 << 13, 8 + 24 + 8 + 128},
                 {1 << 13 | 1 << 14, 8 + 24 + 8 + 64},
                 {1 << 13 | 1 << 20, 8 + 24 + 8 + 32},
                 {1 << 13 | 1 << 23, 8 + 12 + 4 + 64},
                 {1 << 13 | 1 << 24, 8 + 6 + 6 + 32}};
    chip_t *c = flash_new();
    wr(c, STATUS, QE << 8);
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 22);
    command(c, WREN, 8);
    command(c, WRSR, 24);
    busy_for(c, 10 * MS);
    bus_poke(c->m->bus, FLASH + 0x2F00, "sixteen letters", 16);
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        wr(c, CTRL0, CLOCK_40MHZ | modes[i].bits);
        wr(c, W0, 0);
        wr(c, ADDR, 16u << 24 | 0x2F00);
        command(c, READ, modes[i].clocks);
        g_assert_cmphex(rd(c, W0), ==, 0x74786973);
        g_assert_cmphex(rd(c, W0 + 12), ==, 0x00737265);
    }
    chip_done(c);
}

static uint32_t line_ns(chip_t *c) { return bus_mem_named(c->m->bus, "flash")->timing.line_ns; }

// What a missing line of the cache takes follows the way of reading and the clock.
static void test_line_time(void)
{
    chip_t *c = flash_new();
    g_assert_cmpuint(line_ns(c), ==, (8 + 24 + 256) * 25 + 50);
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 13 | 1 << 24);
    g_assert_cmpuint(line_ns(c), ==, 2150); // as measured
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 13 | 1 << 23);
    g_assert_cmpuint(line_ns(c), ==, (8 + 12 + 4 + 128) * 25 + 50);
    wr(c, CTRL0, 1 << 12 | 1 << 13 | 1 << 24);
    g_assert_cmpuint(line_ns(c), ==, 84 * 12.5 + 50);
    clk_set(machine_clk(c->m, "apb"), 52000000, 1, machine_now_ps(c->m));
    g_assert_cmpuint(line_ns(c), ==, 1615 + 50);
    chip_done(c);
}

static void test_clock(void)
{
    chip_t *c = flash_new();
    wr(c, CTRL0, 0x313); // a quarter
    wr(c, CMD, RDSR);
    run_for(c, 16 * 50 * PS_PER_NS - 1);
    g_assert_cmphex(rd(c, CMD), ==, RDSR);
    run_for(c, 1);
    g_assert_cmphex(rd(c, CMD), ==, 0);
    wr(c, CTRL0, 1 << 12); // all of it
    wr(c, CMD, RDSR);
    run_for(c, 16 * 12500 - 1);
    g_assert_cmphex(rd(c, CMD), ==, RDSR);
    run_for(c, 1);
    g_assert_cmphex(rd(c, CMD), ==, 0);
    // The clock changes in the middle: the rest of the bits are slower.
    wr(c, CTRL0, CLOCK_40MHZ);
    wr(c, CMD, RDSR);
    run_for(c, 200 * PS_PER_NS);
    clk_set(machine_clk(c->m, "apb"), 20000000, 1, machine_now_ps(c->m));
    run_for(c, 800 * PS_PER_NS - 1);
    g_assert_cmphex(rd(c, CMD), ==, RDSR);
    run_for(c, 1);
    g_assert_cmphex(rd(c, CMD), ==, 0);
    chip_done(c);
}

static uint32_t bits_of(uint32_t user0, unsigned address, unsigned out, unsigned in, unsigned dummy)
{
    return (user0 & 1u << 30 ? address - 1 : 0) << 26 | (user0 & 1 << 27 ? out - 1 : 0) << 17 |
           (user0 & 1 << 28 ? in - 1 : 0) << 8 | (user0 & 1 << 29 ? dummy - 1 : 0);
}

// A user transaction of 8 bits of command and whatever else is not 0.
static void user(chip_t *c, uint8_t opcode, unsigned address, unsigned dummy, unsigned out,
                 unsigned in)
{
    uint32_t user0 = 1u << 31 | (address ? 1u << 30 : 0) | (dummy ? 1 << 29 : 0) |
                     (in ? 1 << 28 : 0) | (out ? 1 << 27 : 0);
    wr(c, CLOCK, 1 << 12 | 1 << 6); // a half: 40 MHz
    wr(c, USER0, user0);
    wr(c, USER1, bits_of(user0, address, out, in, dummy));
    wr(c, USER2, 7u << 28 | opcode);
    command(c, USR, 8 + address + dummy + out + in);
}

static void test_user(void)
{
    chip_t *c = flash_new();
    user(c, 0x9F, 0, 0, 0, 24);
    g_assert_cmphex(rd(c, W0) & 0xFFFFFF, ==, 0x1640EF);
    user(c, 0x90, 24, 0, 0, 32);
    g_assert_cmphex(rd(c, W0), ==, 0x15EF15EF);
    wr(c, ADDR, 1 << 8); // the address stands at the upper end
    user(c, 0x90, 24, 0, 0, 16);
    g_assert_cmphex(rd(c, W0) & 0xFFFF, ==, 0xEF15);
    user(c, 0xAB, 0, 24, 0, 8);
    g_assert_cmphex(rd(c, W0) & 0xFF, ==, 0x15);
    run_for(c, 3 * US);
    user(c, 0x4B, 0, 32, 0, 64);
    uint32_t id[2] = {rd(c, W0), rd(c, W0 + 4)};
    g_assert_true(id[0] != id[1] && id[0] && id[1]);
    bus_poke(c->m->bus, FLASH + 0x345678 % 0x400000, "fast", 4);
    wr(c, ADDR, 0x34567800);
    user(c, 0x0B, 24, 8, 0, 32);
    g_assert_cmphex(rd(c, W0), ==, 0x74736166);
    // Program and erase.
    user(c, 0x06, 0, 0, 0, 0);
    wr(c, W0, 0x64636261);
    wr(c, ADDR, 0x00100000);
    user(c, 0x02, 24, 0, 32, 0);
    busy_for(c, 37500 * PS_PER_NS);
    g_assert_cmpint(at(c, 0x1003), ==, 'd');
    user(c, 0x06, 0, 0, 0, 0);
    user(c, 0x52, 24, 0, 0, 0); // 32 KB
    busy_for(c, 120 * MS);
    all_are(c, 0x1000, 4, 0xFF);
    chip_done(c);
}

// A command whose last byte is not whole has no effect.
static void test_broken_off(void)
{
    chip_t *c = flash_new();
    user(c, 0x06, 0, 3, 0, 0);
    g_assert_cmphex(status(c), ==, 0);
    user(c, 0x06, 0, 0, 0, 0);
    user(c, 0x20, 20, 0, 0, 0);
    g_assert_cmphex(status(c), ==, WEL);
    user(c, 0x20, 16, 0, 0, 0);
    g_assert_cmphex(status(c), ==, WEL);
    user(c, 0x20, 24, 0, 0, 0);
    g_assert_cmphex(status(c), ==, WEL | WIP);
    chip_done(c);
}

static uint32_t status2(chip_t *c)
{
    user(c, 0x35, 0, 0, 0, 8);
    return rd(c, W0) & 0xFF;
}

static void test_status_registers(void)
{
    chip_t *c = flash_new();
    g_assert_cmphex(status2(c), ==, 0);
    wr(c, STATUS, QE << 8);
    command(c, WREN, 8);
    command(c, WRSR, 16); // one byte: the second register stays
    run_for(c, 10 * MS);
    g_assert_cmphex(status2(c), ==, 0);
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 22);
    wr(c, STATUS, QE << 8);
    command(c, WRSR, 24); // not enabled
    g_assert_cmphex(status(c), ==, 0);
    wr(c, STATUS, QE << 8);
    command(c, WREN, 8);
    command(c, WRSR, 24);
    busy_for(c, 10 * MS);
    g_assert_cmphex(status2(c), ==, QE);
    wr(c, W0, 0x40); // CMP, until the power goes
    user(c, 0x50, 0, 0, 0, 0);
    user(c, 0x31, 0, 0, 8, 0);
    g_assert_cmphex(status(c), ==, 0);
    g_assert_cmphex(status2(c), ==, 0x40);
    machine_reset(c->m, false);
    wr(c, CTRL0, CLOCK_40MHZ);
    g_assert_cmphex(status2(c), ==, 0x40);
    machine_reset(c->m, true);
    wr(c, CTRL0, CLOCK_40MHZ);
    g_assert_cmphex(status2(c), ==, QE);
    wr(c, W0, 0x60);
    user(c, 0x06, 0, 0, 0, 0);
    user(c, 0x11, 0, 0, 8, 0);
    busy_for(c, 10 * MS);
    user(c, 0x15, 0, 0, 0, 8);
    g_assert_cmphex(rd(c, W0) & 0xFF, ==, 0x60);
    chip_done(c);
}

// Without QE the chip does not listen to what needs four wires.
static void test_quad_enable(void)
{
    chip_t *c = flash_new();
    fill(c, 0x100, 0, 4);
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 13 | 1 << 24);
    wr(c, ADDR, 4u << 24 | 0x100);
    command(c, READ, 8 + 6 + 6 + 8);
    g_assert_cmphex(rd(c, W0), ==, 0xFFFFFFFF);
    g_assert_true(reported(c, "guest-error flash: opcode 0xeb without QE"));
    chip_free(c);
}

static void set_status(chip_t *c, uint32_t value)
{
    wr(c, CTRL0, CLOCK_40MHZ | 1 << 22);
    command(c, WREN, 8);
    wr(c, STATUS, value);
    command(c, WRSR, 24);
    run_for(c, 10 * MS);
}

// The two addresses where protection begins and ends, by trying to program one byte each.
static bool takes(chip_t *c, uint32_t offset)
{
    fill(c, offset, 0xFF, 1);
    program(c, offset, "", 1);
    run_for(c, MS);
    return at(c, offset) == 0;
}

static void test_protection(void)
{
    enum { BP0 = 1 << 2, TB = 1 << 5, SEC = 1 << 6, CMP = 0x4000 };
    static const struct {
        uint32_t status, from, to; // to - 1 is the last that is protected
    } rows[] = {{BP0, 0x3F0000, 0x400000},           {3 * BP0, 0x3C0000, 0x400000},
                {6 * BP0, 0x200000, 0x400000},       {TB | 2 * BP0, 0, 0x20000},
                {7 * BP0, 0, 0x400000},              {SEC | BP0, 0x3FF000, 0x400000},
                {SEC | TB | 4 * BP0, 0, 0x8000},     {SEC | 5 * BP0, 0x3F8000, 0x400000},
                {CMP | BP0, 0, 0x3F0000},            {CMP | TB | BP0, 0x10000, 0x400000},
                {CMP, 0, 0x400000}};
    chip_t *c = flash_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint32_t from = rows[i].from, to = rows[i].to;
        set_status(c, rows[i].status);
        g_assert_cmphex(status(c), ==, rows[i].status & 0xFF);
        g_assert_false(takes(c, from));
        g_assert_false(takes(c, to - 1));
        g_assert_true(from == 0 || takes(c, from - 1));
        g_assert_true(to == 0x400000 || takes(c, to));
    }
    g_assert_true(reported(c, "guest-error flash: program at 0x3fff00, which the status register"));
    set_status(c, BP0);
    g_string_truncate(c->reports, 0);
    command(c, WREN, 8);
    command(c, CE, 8);
    g_assert_true(reported(c, "guest-error flash: erase at 0x000000, which the status register"));
    g_assert_cmphex(status(c) & 3, ==, 0);
    set_status(c, CMP | 7 * BP0); // turned round: nothing
    g_assert_true(takes(c, 0) && takes(c, 0x3FFFFF));
    chip_free(c);
}

static void test_chip_erase(void)
{
    chip_t *c = flash_new();
    fill(c, 0, 0, 0x400000);
    command(c, WREN, 8);
    command(c, CE, 8);
    busy_for(c, 10 * PS_PER_S);
    for (uint32_t i = 0; i < 0x400000; i += 0xFFF)
        g_assert_cmphex(at(c, i), ==, 0xFF);
    chip_done(c);
}

// At work, it only tells its status.
static void test_busy(void)
{
    chip_t *c = flash_new();
    fill(c, 0x9000, 0x12, 4);
    wr(c, ADDR, 0x8000);
    command(c, WREN, 8);
    command(c, SE, 32);
    wr(c, ADDR, 4u << 24 | 0x9000);
    command(c, READ, 64);
    g_assert_cmphex(rd(c, W0), ==, 0xFFFFFFFF);
    command(c, WRDI, 8);
    wr(c, ADDR, 4u << 24 | 0x9000);
    command(c, PP, 64);
    busy_for(c, 45 * MS - 32 * 25 * PS_PER_NS * 2 - 8 * 25 * PS_PER_NS - 64 * 25 * PS_PER_NS);
    all_are(c, 0x9000, 4, 0x12);
    command(c, READ, 64);
    g_assert_cmphex(rd(c, W0), ==, 0x12121212);
    chip_done(c);
}

static void test_power_down(void)
{
    chip_t *c = flash_new();
    command(c, DP, 8);
    wr(c, W0, 0);
    command(c, RDID, 32);
    g_assert_cmphex(rd(c, W0), ==, 0xFFFFFF);
    machine_reset(c->m, false); // which the chip does not see
    wr(c, CTRL0, CLOCK_40MHZ);
    command(c, RDID, 32);
    g_assert_cmphex(rd(c, W0), ==, 0xFFFFFF);
    command(c, RES, 8);
    command(c, RDID, 32); // it takes 3 us to wake
    g_assert_cmphex(rd(c, W0), ==, 0xFFFFFF);
    run_for(c, 3 * US);
    command(c, RDID, 32);
    g_assert_cmphex(rd(c, W0), ==, 0x1640EF);
    chip_done(c);
}

// The chip goes on when the processor is reset.
static void test_reset(void)
{
    chip_t *c = flash_new();
    fill(c, 0x8000, 0, 0x1000);
    wr(c, ADDR, 0x8000);
    command(c, WREN, 8);
    command(c, SE, 32);
    run_for(c, 10 * MS);
    wr(c, CMD, RDSR);
    machine_reset(c->m, false);
    g_assert_cmphex(rd(c, CMD), ==, 0);
    run_for(c, 36 * MS);
    all_are(c, 0x8000, 0x1000, 0xFF);
    // By its own command it ends what it does at once.
    wr(c, CTRL0, CLOCK_40MHZ);
    fill(c, 0x8000, 0, 0x1000);
    wr(c, ADDR, 0x8000);
    command(c, WREN, 8);
    command(c, SE, 32);
    user(c, 0x99, 0, 0, 0, 0); // not without 66 before
    g_assert_cmphex(status(c), ==, WIP | WEL);
    user(c, 0x66, 0, 0, 0, 0);
    user(c, 0x99, 0, 0, 0, 0);
    run_for(c, 30 * US);
    g_assert_cmphex(status(c), ==, 0);
    unsigned erased = 0;
    for (unsigned i = 0; i < 0x1000; i += 256)
        erased += at(c, 0x8000 + i) == 0xFF;
    g_assert_cmpuint(erased, <, 16);
    chip_done(c);
}

static void test_interrupt(void)
{
    chip_t *c = flash_new();
    wr(c, SLAVE0, 1 << 9);
    g_assert_false(level(c, "spi0.irq"));
    command(c, RDSR, 16);
    g_assert_true(level(c, "spi0.irq"));
    g_assert_cmphex(rd(c, SLAVE0), ==, 1 << 9 | 1 << 4 | 1 << 23);
    wr(c, SLAVE0, 1 << 9);
    g_assert_false(level(c, "spi0.irq"));
    chip_done(c);
}

// ---- With a processor -----------------------------------------------------------------------------

// j 1f; .word SPI0, WREN, SE;  1: l32r a2, SPI0; l32r a3, WREN; l32r a4, SE; movi a6, 0;
// s32i a3, a2, 0;  2: l32i a5, a2, 0; bnez a5, 2b;  s32i a4, a2, 0;  3: addi a6, a6, 1; j 3b
static const uint8_t eraser[] = {
    0x06, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00, 0x60, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x01,
    0x21, 0xFD, 0xFF, 0x31, 0xFD, 0xFF, 0x41, 0xFD, 0xFF, 0x62, 0xA0, 0x00, 0x32, 0x62, 0x00, 0x52,
    0x22, 0x00, 0x56, 0x95, 0xFF, 0x42, 0x62, 0x00, 0x62, 0xC6, 0x01, 0x46, 0xFE, 0xFF};

static unsigned cpu_reg(machine_t *m, const char *name)
{
    unsigned i = 0;
    while (strcmp(m->cpu->cls->regs[i].name, name))
        i++;
    return i;
}

// Erases sector 0x100000 by code at `address`; gives how often it then counted in 40 ms.
static uint64_t counts(uint32_t address, bool cached, GString *reports)
{
    chip_t c = {.reports = reports};
    GError *error = NULL;
    machine_t *m = c.m = machine_new(soc_find("esp8266ex"), 1, &error);
    g_assert_no_error(error);
    m->report = chip_report;
    m->report_ctx = &c;
    chip_start(&c);
    bus_poke(m->bus, address, eraser, sizeof eraser);
    mem_t *flash = bus_mem_named(m->bus, "flash");
    flash->off = !cached;
    bus_timing_changed(m->bus, flash);
    wr(&c, ADDR, 0x100000);
    m->cpu->cls->reg_set(m->cpu, cpu_reg(m, "pc"), address);
    machine_run(m, 40 * MS);
    uint64_t n = m->cpu->cls->reg_get(m->cpu, cpu_reg(m, "a6"));
    wr(&c, CMD, RDSR);
    machine_run(m, 41 * MS);
    g_assert_cmphex(rd(&c, STATUS) & WIP, ==, WIP);
    machine_free(m);
    return n;
}

// Code in instruction RAM goes on while the chip erases; code in flash stands still, which is told.
static void test_code(void)
{
    GString *reports = g_string_new(NULL);
    g_assert_cmpuint(counts(0x40100000, false, reports), >, 100000);
    g_assert_cmpuint(counts(0x40100000, true, reports), >, 100000);
    g_assert_null(strstr(reports->str, "flash:"));
    g_assert_cmpuint(counts(FLASH, true, reports), <, 100);
    g_assert_nonnull(strstr(reports->str, "flash: erase is begun by code in flash"));
    g_string_free(reports, TRUE);
}

// ---- Power cuts --------------------------------------------------------------------------------

enum { FIRST = 0x10000, SPAN = 0x2000 };

// What a small program does to its flash: erase, program, program, erase the next sector.
static void wait_idle(chip_t *c)
{
    do {
        wr(c, CMD, RDSR);
        if (machine_run(c->m, machine_now_ps(c->m) + 10 * US) != MACHINE_TIME)
            return;
    } while (rd(c, STATUS) & WIP);
}

static bool fails(chip_t *c) { return level(c, "nrst.assert"); }

static void order(chip_t *c, uint32_t cmd)
{
    wr(c, CMD, WREN);
    machine_run(c->m, machine_now_ps(c->m) + US);
    wr(c, CMD, cmd);
    machine_run(c->m, machine_now_ps(c->m) + 20 * US);
    wait_idle(c);
}

static void workload(chip_t *c)
{
    for (unsigned i = 0; i < 16; i++)
        wr(c, W0 + 4 * i, 0x01010101 * (i + 1));
    wr(c, ADDR, FIRST);
    order(c, SE);
    wr(c, ADDR, 32u << 24 | FIRST);
    if (!fails(c))
        order(c, PP);
    wr(c, ADDR, 32u << 24 | (FIRST + 32));
    if (!fails(c))
        order(c, PP);
    wr(c, ADDR, FIRST + 0x1000);
    if (!fails(c))
        order(c, SE);
}

static void set_cut(chip_t *c, uint32_t step)
{
    part_t *spi0 = machine_part(c->m, "spi0");
    g_assert_true(part_prop_set(spi0, part_prop_find(spi0, "cut-at"), step, NULL));
}

static uint32_t cut(chip_t *c, uint32_t step, uint8_t *bytes)
{
    part_t *spi0 = machine_part(c->m, "spi0");
    fill(c, FIRST, 0x5A, SPAN);
    set_cut(c, step);
    workload(c);
    g_assert_true(bus_peek(c->m->bus, FLASH + FIRST, bytes, SPAN));
    return part_prop_get(spi0, part_prop_find(spi0, "steps"));
}

static bool all(const uint8_t *bytes, unsigned n, uint8_t value)
{
    for (unsigned i = 0; i < n; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

// Each 256 bytes are as before, erased, or neither; each of these is there somewhere.
static void half_erased(const uint8_t *bytes)
{
    unsigned as_before = 0, erased = 0;
    for (unsigned i = 0; i < 16; i++) {
        as_before += all(bytes + 256 * i, 256, 0x5A);
        erased += all(bytes + 256 * i, 256, 0xFF);
    }
    g_assert_cmpuint(as_before, >, 0);
    g_assert_cmpuint(erased, >, 0);
    g_assert_cmpuint(as_before + erased, <, 16);
}

static void test_power_cuts(void)
{
    uint8_t bytes[SPAN], again[SPAN];
    chip_t *c = flash_new();
    g_assert_cmpuint(cut(c, 0, bytes), ==, 8);
    g_assert_false(fails(c));
    chip_done(c);
    for (unsigned step = 1; step <= 8; step++) {
        c = flash_new();
        g_assert_cmpuint(cut(c, step, bytes), ==, (step + 1) / 2 * 2);
        g_assert_true(fails(c));
        g_assert_true(reported(c, step % 2 ? "half way" : "just done"));
        g_assert_true(reported(c, "note flash: the power fails at step "));
        if (step == 1)
            g_assert_true(reported(c, " step 1, erase of 4096 bytes at 0x010000 half way"));
        if (step == 1)
            half_erased(bytes);
        else if (step < 7)
            g_assert_true(all(bytes + 64, 0x1000 - 64, 0xFF) && all(bytes + 0x1000, 0x1000, 0x5A));
        if (step == 2)
            g_assert_true(all(bytes, 64, 0xFF));
        if (step == 3) { // 16 bytes are there, and maybe something of the next
            g_assert_true(all(bytes, 4, 1) && all(bytes + 12, 4, 4) && all(bytes + 17, 47, 0xFF));
            g_assert_cmphex(bytes[16] & 5, ==, 5);
        }
        if (step == 4)
            g_assert_true(all(bytes + 28, 4, 8) && all(bytes + 32, 32, 0xFF));
        if (step >= 6)
            g_assert_true(all(bytes + 60, 4, 8));
        if (step == 7)
            half_erased(bytes + 0x1000);
        if (step == 8)
            g_assert_true(all(bytes + 0x1000, 0x1000, 0xFF));
        // The chip is dead until the power comes back; the same cut leaves the same bytes.
        wr(c, CTRL0, CLOCK_40MHZ);
        command(c, RDID, 32);
        g_assert_cmphex(rd(c, W0), ==, 0xFFFFFF);
        if (step % 2)
            machine_reset(c->m, true);
        else
            set_cut(c, 0);
        g_assert_false(fails(c));
        g_assert_cmphex(rd(c, CTRL0), ==, 0); // all of the board has started anew
        g_assert_cmpuint(cut(c, 2, again), ==, 2); // and so have the steps
        g_assert_true(fails(c));
        set_cut(c, 0);
        wr(c, CTRL0, CLOCK_40MHZ);
        command(c, RDID, 32);
        g_assert_cmphex(rd(c, W0), ==, 0x1640EF);
        chip_free(c);
        c = flash_new();
        cut(c, step, again);
        g_assert_cmpmem(bytes, SPAN, again, SPAN);
        chip_free(c);
    }
}

// The power may also go at any time, without a step to be given.
static void test_power_on_while_busy(void)
{
    uint8_t bytes[0x1000];
    chip_t *c = flash_new();
    fill(c, FIRST, 0x5A, 0x1000);
    wr(c, ADDR, FIRST);
    command(c, WREN, 8);
    command(c, SE, 32);
    run_for(c, MS);
    machine_reset(c->m, true);
    g_assert_true(bus_peek(c->m->bus, FLASH + FIRST, bytes, 0x1000));
    half_erased(bytes);
    wr(c, CTRL0, CLOCK_40MHZ);
    g_assert_cmphex(status(c), ==, 0);
    chip_done(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266-flash/identity", test_identity);
    g_test_add_func("/esp8266-flash/small-chip", test_small_chip);
    g_test_add_func("/esp8266-flash/read", test_read);
    g_test_add_func("/esp8266-flash/read-modes", test_read_modes);
    g_test_add_func("/esp8266-flash/line-time", test_line_time);
    g_test_add_func("/esp8266-flash/clock", test_clock);
    g_test_add_func("/esp8266-flash/user", test_user);
    g_test_add_func("/esp8266-flash/broken-off", test_broken_off);
    g_test_add_func("/esp8266-flash/write-enable", test_write_enable);
    g_test_add_func("/esp8266-flash/status-registers", test_status_registers);
    g_test_add_func("/esp8266-flash/quad-enable", test_quad_enable);
    g_test_add_func("/esp8266-flash/protection", test_protection);
    g_test_add_func("/esp8266-flash/erase", test_erase);
    g_test_add_func("/esp8266-flash/chip-erase", test_chip_erase);
    g_test_add_func("/esp8266-flash/program", test_program);
    g_test_add_func("/esp8266-flash/busy", test_busy);
    g_test_add_func("/esp8266-flash/power-down", test_power_down);
    g_test_add_func("/esp8266-flash/reset", test_reset);
    g_test_add_func("/esp8266-flash/interrupt", test_interrupt);
    g_test_add_func("/esp8266-flash/code", test_code);
    g_test_add_func("/esp8266-flash/power-cuts", test_power_cuts);
    g_test_add_func("/esp8266-flash/power-on-while-busy", test_power_on_while_busy);
    return g_test_run();
}
