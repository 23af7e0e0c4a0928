// SPDX-License-Identifier: GPL-2.0-or-later
// ROM functions that use the chip: flash and cache, GPIO, UART, timers, watchdog.
#include "rom.h"

#define FLASH 0x40200000u
enum { DATA = ROM_DATA, SECTOR = 0x1000 };

static uint32_t rd(rom_t *r, uint32_t address)
{
    uint32_t v = 0;
    g_assert_true(bus_read(r->m->bus, address, 4, &v));
    return v;
}
static void wr(rom_t *r, uint32_t address, uint32_t v)
{
    g_assert_true(bus_write(r->m->bus, address, 4, v));
}

static rom_t *with_flash(void)
{
    rom_t *r = rom_booted();
    rom_call(r, 0x40004644, 0); // spi_flash_attach
    return r;
}

static void done(rom_t *r)
{
    g_assert_cmpstr(r->reports->str, ==, "");
    rom_free(r);
}

// ---- Flash -------------------------------------------------------------------------------------

static int spi_read(rom_t *r, uint32_t at, uint32_t to, uint32_t n)
{
    return (int)(uint32_t)rom_call(r, 0x40004B1C, 3, at, to, n);
}
static int spi_write(rom_t *r, uint32_t at, uint32_t from, uint32_t n)
{
    return (int)(uint32_t)rom_call(r, 0x40004A4C, 3, at, from, n);
}

// Any address, any length, to all kinds of memory, in all modes.
static void reads_and_writes(void)
{
    static const uint8_t frequencies[] = {0, 1, 2, 15};
    rom_t *r = with_flash();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    uint8_t data[600], is[600];
    for (unsigned i = 0; i < 60; i++) {
        rom_call(r, 0x40004568, 2, 0, frequencies[i / 3 % 4]);
        g_assert_cmpuint((uint32_t)rom_call(r, 0x400048EC, 1, i % 6), ==, 0);
        for (unsigned k = 0; k < sizeof data; k++)
            data[k] = (uint8_t)g_rand_int(rand);
        uint32_t n = g_rand_int(rand) % 550, odd = g_rand_int(rand) & 3,
                 at = 0x20000 + g_rand_int(rand) % 0x400;
        g_assert_cmpint((int)(uint32_t)rom_call(r, 0x40004A00, 1, 0x20), ==, 0);
        rom_put(r, DATA, data, sizeof data);
        g_assert_cmpint(spi_write(r, at, DATA + odd, n), ==, 0);
        g_assert_true(bus_peek(r->m->bus, FLASH + at, is, n));
        g_assert_cmpmem(is, n, data + odd, n);
        g_assert_cmpint(spi_read(r, at, DATA + 0x400 + (i & 3), n), ==, 0);
        rom_get(r, DATA + 0x400 + (i & 3), is, n);
        g_assert_cmpmem(is, n, data + odd, n);
        g_assert_cmpint(spi_read(r, at, ROM_FREE, n & ~3u), ==,
                        0); // instruction memory takes words
        rom_get(r, ROM_FREE, is, n & ~3u);
        g_assert_cmpmem(is, n & ~3u, data + odd, n & ~3u);
    }
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400048EC, 1, 6), ==, 1); // no such mode
    g_assert_cmpint(spi_read(r, 0x400000 - 8, DATA, 12), ==, 1);
    g_assert_cmpint(spi_write(r, 0x400000, DATA, 4), ==, 1);
    done(r);
}

static void erases(void)
{
    rom_t *r = with_flash();
    g_autofree uint8_t *all = g_malloc(0x40000);
    static const struct {
        uint32_t function, arg, from, to;
    } rows[] = {{0x40004A00, 3, 0x3000, 0x4000},
                {0x400049B4, 2, 0x20000, 0x30000},
                {0x40004984, 0, 0, 0x40000}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        memset(all, 0x55, 0x40000);
        g_assert_true(bus_poke(r->m->bus, FLASH, all, 0x40000));
        g_assert_cmpuint((uint32_t)rom_call(r, rows[i].function, 1, rows[i].arg), ==, 0);
        g_assert_true(bus_peek(r->m->bus, FLASH, all, 0x40000));
        for (uint32_t at = 0; at < 0x40000; at++)
            g_assert_cmphex(all[at], ==, at >= rows[i].from && at < rows[i].to ? 0xFF : 0x55);
    }
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40004A00, 1, 1024), ==, 1);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400049B4, 1, 64), ==, 1);
    rom_call(r, 0x40004C2C, 6, 0, 0x100000, 0x10000, 0x1000, 0x100, 0xFFFF); // a chip of 1 MB
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40004A00, 1, 256), ==, 1);
    done(r);
}

static void status(void)
{
    rom_t *r = with_flash();
    uint32_t chip = 0x3FFFC718;
    g_assert_cmpuint((uint32_t)rom_call(r, 0x4000443C, 1, chip), ==, 0); // write enable
    rom_call(r, 0x400043C8, 2, chip, DATA);
    g_assert_cmphex(rd(r, DATA) & 2, ==, 2);
    rom_call(r, 0x400048A8, 0); // lock
    rom_call(r, 0x400043C8, 2, chip, DATA);
    g_assert_cmphex(rd(r, DATA) & 0x1F, ==, 0x1C);
    rom_call(r, 0x40004878, 0); // unlock
    rom_call(r, 0x400043C8, 2, chip, DATA);
    g_assert_cmphex(rd(r, DATA) & 0x1F, ==, 0);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400044C0, 1, chip), ==, 0); // quad mode
    rom_call(r, 0x40004878, 0);
    rom_call(r, 0x400048EC, 1, 0);
    g_assert_cmpint(spi_read(r, 0, DATA, 64), ==, 0);
    done(r);
}

// What lies at 0x40200000 while the cache is on.
static void cache(void)
{
    static const uint8_t load[] = {0x28, 0x02, 0x0D, 0xF0}; // l32i.n a2, a2, 0; ret.n
    static const struct {
        uint32_t odd, two_mb, at;
    } maps[] = {{0, 0, 0}, {1, 0, 0x100000}, {0, 1, 0x200000}, {1, 1, 0x300000}};
    rom_t *r = with_flash();
    for (unsigned i = 0; i < G_N_ELEMENTS(maps); i++) {
        uint32_t word = 0x1000 + i;
        g_assert_true(bus_poke(r->m->bus, FLASH + maps[i].at + 0x40, &word, 4));
    }
    rom_put(r, ROM_FREE, load, sizeof load);
    for (unsigned i = 0; i < G_N_ELEMENTS(maps); i++) {
        rom_call(r, 0x40004678, 3, maps[i].odd, maps[i].two_mb, 1);
        g_assert_cmphex((uint32_t)rom_call(r, ROM_FREE, 1, FLASH + 0x40), ==, 0x1000 + i);
        rom_call(r, 0x400047F0, 0);
        g_assert_cmphex(rd(r, 0x3FF0000C) & 0x100, ==, 0);
        g_assert_cmpint(spi_read(r, maps[i].at + 0x40, DATA, 4), ==, 0); // nothing is in the way
        g_assert_cmphex(rd(r, DATA), ==, 0x1000 + i);
    }
    rom_call(r, 0x40004678, 3, 0, 0, 1);
    g_assert_cmphex(rd(r, 0x3FF0000C) & ~2u, ==, 0x04000100);
    g_assert_cmphex(rd(r, 0x3FF00024) & 0x18, ==, 0x18);
    done(r);
}

// ---- GPIO --------------------------------------------------------------------------------------

static void gpio(void)
{
    rom_t *r = rom_booted();
    rom_call(r, 0x40004C50, 0); // init
    wr(r, 0x60000804, 0x30);    // GPIO12
    rom_call(r, 0x40004CD0, 4, 1 << 12, 0, 1 << 12, 0);
    g_assert_cmphex(rom_call(r, 0x40004CF0, 0) & 1 << 12, ==, 1 << 12);
    rom_call(r, 0x40004CD0, 4, 0, 1 << 12, 0, 0);
    g_assert_cmphex(rom_call(r, 0x40004CF0, 0) & 1 << 12, ==, 0);
    rom_call(r, 0x40004D04, 2, 0, 1 << 12); // OUT
    g_assert_cmphex((uint32_t)rom_call(r, 0x40004D5C, 1, 0), ==, 1 << 12);
    rom_call(r, 0x40004D90, 2, 12, 1); // rising edges
    g_assert_cmphex(rd(r, 0x60000328 + 12 * 4) >> 7 & 7, ==, 1);
    rom_call(r, 0x40004E28, 2, ROM_PUT_CHAR, 0);
    rom_clear_text(r);
    rom_call(r, 0x40004CD0, 4, 0, 1 << 12, 0, 0);
    rom_call(r, 0x40004CD0, 4, 1 << 12, 0, 0, 0);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40004D88, 0), ==, 1 << 12);
    rom_call(r, 0x40004DCC, 1, 1 << 12); // acknowledged
    g_assert_cmphex((uint32_t)rom_call(r, 0x40004D88, 0), ==, 0);
    rom_call(r, 0x40004E90, 2, 12, 4); // wakes when low
    g_assert_cmphex(rd(r, 0x60000328 + 12 * 4) >> 7 & 15, ==, 12);
    rom_call(r, 0x40004E90, 2, 13, 2); // an edge does not
    g_assert_cmphex(rd(r, 0x60000328 + 13 * 4) >> 7 & 15, ==, 0);
    rom_call(r, 0x40004ED4, 0);
    g_assert_cmphex(rd(r, 0x60000328 + 12 * 4) >> 7 & 15, ==, 0);
    done(r);
}

// ---- UART --------------------------------------------------------------------------------------

enum { UART0 = 0x60000000, CONF0 = 0x20, LOOPBACK = 1 << 14 };

static void run_ms(rom_t *r, unsigned ms) { rom_call(r, 0x40002ECC, 1, ms * 1000); }

static void uart(void)
{
    rom_t *r = rom_booted();
    rom_call(r, 0x4000383C, 0);    // attach
    rom_call(r, 0x40003A14, 1, 0); // init
    g_assert_cmpuint(rd(r, UART0 + 0x14), ==, 694);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40003F4C, 0), ==, 0x3FFFDE10);
    g_assert_cmphex(rd(r, 0x3FFFDE10 + 28), ==, 0x3FFFDE60);
    rom_call(r, 0x400039D8, 2, 0, 100); // faster
    wr(r, UART0 + CONF0, rd(r, UART0 + CONF0) | LOOPBACK);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40003B8C, 1, DATA), ==, 1); // nothing there
    for (unsigned i = 0; i < 200; i++) // more than the FIFO holds: it waits
        rom_call(r, 0x40003B30, 1, 'a' + i % 26);
    run_ms(r, 1);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40003B8C, 1, DATA), ==, 0);
    g_assert_cmphex(rd(r, DATA) & 0xFF, ==, 'a');
    g_assert_cmphex(rom_call(r, 0x40003B64, 0) & 0xFF, ==, 'b');

    run_ms(r, 10);
    rom_call(r, 0x400038A4, 1, 0); // forgets what is there
    rom_call(r, 0x40000FA8, 1, 1 << 5);
    wr(r, UART0 + 0x24, 1); // interrupt from one byte on
    wr(r, UART0 + 0x0C, 1);
    r->ps = LX_PS_UM;
    for (unsigned i = 0; i < 300; i++) { // by interrupt into the buffer
        rom_call(r, 0x40003B30, 1, i & 0xFF);
        run_ms(r, 1);
        if (i == 200)
            for (unsigned k = 0; k < 100; k++)
                g_assert_cmphex(rom_call(r, 0x40003B64, 0) & 0xFF, ==, k);
    }
    for (unsigned k = 100; k < 300; k++)
        g_assert_cmphex(rom_call(r, 0x40003B64, 0) & 0xFF, ==, k & 0xFF);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40003B8C, 1, DATA), ==, 1);

    rom_put(r, DATA, "ab\xC0\xDBz\n", 6); // packets come back through their escapes
    rom_call(r, 0x40003C80, 2, DATA, 6);
    run_ms(r, 1);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40003D08, 3, DATA + 0x100, 100, 0), ==, 6);
    char back[8] = {0};
    rom_get(r, DATA + 0x100, back, 6);
    g_assert_cmpstr(back, ==, "ab\xC0\xDBz\n");
    rom_call(r, 0x40003CF4, 2, DATA + 4, 2);
    for (unsigned i = 0; i < 2; i++)
        rom_call(r, 0x40002BE8, 1, "y\r"[i]);
    run_ms(r, 1);
    rom_call(r, 0x40003C30, 2, DATA + 0x200, 8); // a line
    rom_get(r, DATA + 0x200, back, 4);
    g_assert_cmphex((uint8_t)back[0], ==, 0xC0);
    g_assert_cmphex(back[1], ==, 'z');
    done(r);
}

// ---- Timers ------------------------------------------------------------------------------------

static void timers(void)
{
    enum { SIZE = 20 };
    rom_t *r = rom_booted();
    rom_call(r, 0x40002E68, 0); // init
    r->ps = LX_PS_UM;
    rom_clear_text(r);
    for (unsigned i = 0; i < 3; i++)
        rom_call(r, 0x40002C48, 3, DATA + i * SIZE, ROM_PUT_CHAR, 'A' + i);
    // Without the PLL both the timers and the delay are slow, by the same factor.
    rom_call(r, 0x40002CC4, 3, DATA, 40, 0);
    rom_call(r, 0x40002CC4, 3, DATA + SIZE, 10, 1); // again and again
    rom_call(r, 0x40002CC4, 3, DATA + 2 * SIZE, 25, 0);
    run_ms(r, 53);
    g_autofree char *first = rom_text(r);
    g_assert_cmpstr(first, ==, "BBCBABB");
    rom_call(r, 0x40002D40, 1, DATA + SIZE);
    rom_call(r, 0x40002CC4, 3, DATA, 5, 0);
    rom_call(r, 0x40002CC4, 3, DATA, 15, 0); // armed anew
    rom_call(r, 0x40002CC4, 3, DATA + 2 * SIZE, 1, 0);
    rom_call(r, 0x40002D40, 1, DATA + 2 * SIZE);
    run_ms(r, 12);
    g_autofree char *second = rom_text(r);
    g_assert_cmpstr(second, ==, "BBCBABB");
    run_ms(r, 10);
    g_autofree char *third = rom_text(r);
    g_assert_cmpstr(third, ==, "BBCBABBA");
    done(r);
}

static void watchdog(void)
{
    rom_t *r = rom_booted();
    r->ps = LX_PS_UM;
    rom_call(r, 0x40002FA0, 3, 3, 3, 12);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40002F34, 0), ==, 3);
    g_assert_cmphex(rd(r, 0x60000904), ==, 11);
    g_assert_cmphex(rd(r, 0x60000908), ==, 13);
    for (unsigned i = 0; i < 20; i++)
        run_ms(r, 1000); // the interrupt feeds it
    g_assert_cmphex(rd(r, 0x60000900), ==, 0x39);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400030F0, 0), ==, 3);
    g_assert_cmphex(rd(r, 0x60000900) & 1, ==, 0);
    rom_call(r, 0x40003158, 1, 2);
    g_assert_cmphex(rd(r, 0x60000900) & 1, ==, 1);
    rom_call(r, 0x40003170, 0);
    g_assert_cmphex(rd(r, 0x60000900) & 1, ==, 0);
    done(r);
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {{"reads-and-writes", reads_and_writes},
                 {"erases", erases},
                 {"status", status},
                 {"cache", cache},
                 {"gpio", gpio},
                 {"uart", uart},
                 {"timers", timers},
                 {"watchdog", watchdog}};
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/rom/chip/%s", tests[i].name);
        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
