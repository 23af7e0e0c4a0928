// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 POWER and CLOCK, NVMC, FICR, UICR: clocks' start-up times, resets and what they keep, system
// OFF, flash with its times.
#include "nrf51.h"

enum { POWER = 0x40000000, RESETREAS = POWER + 0x400, HFCLKSTAT = POWER + 0x40C,
       LFCLKSTAT = POWER + 0x418, SYSTEMOFF = POWER + 0x500, LFCLKSRC = POWER + 0x518,
       GPREGRET = POWER + 0x51C, PROTENSET = POWER + 0x600, CTIV = POWER + 0x538 };
enum { HFCLKSTARTED = POWER + 0x100, LFCLKSTARTED = POWER + 0x104, DONE = POWER + 0x10C,
       CTTO = POWER + 0x110 };
enum { NVMC = 0x4001E000, READY = NVMC + 0x400, CONFIG = NVMC + 0x504, ERASEPAGE = NVMC + 0x508,
       ERASEALL = NVMC + 0x50C, ERASEUICR = NVMC + 0x514, UICR = 0x10001000, FICR = 0x10000000 };
enum { PIN_CNF = NRF_GPIO + 0x700 };
#define WORD_PS (UINT64_C(46300) * PS_PER_NS)
#define ERASE_PS (UINT64_C(22300) * US)

static chip_t *started(void)
{
    chip_t *c = chip_new("nrf51822");
    chip_start(c);
    return c;
}

static void clocks(void)
{
    chip_t *c = started();
    g_assert_cmphex(rd(c, HFCLKSTAT), ==, 0x10000); // RC
    task(c, POWER);
    event_comes(c, HFCLKSTARTED, 800 * US);
    g_assert_cmphex(rd(c, HFCLKSTAT), ==, 0x10001);
    g_assert_cmpuint(machine_clk(c->m, "lfclk")->num, ==, 0);
    wr(c, POWER + 0x304, 2);
    task(c, POWER + 8);
    event_comes(c, LFCLKSTARTED, (800 + 390) * US);
    g_assert_cmphex(rd(c, LFCLKSTAT), ==, 0x10000);
    g_assert_cmpuint(machine_clk(c->m, "lfclk")->num, ==, 32768);
    task(c, POWER + 0x10); // CAL
    event_comes(c, DONE, (800 + 390 + 17000) * US);
    wr(c, CTIV, 2);
    task(c, POWER + 0x14);
    event_comes(c, CTTO, (800 + 390 + 17000 + 500000) * US);
    task(c, POWER + 0xC);
    g_assert_cmphex(rd(c, LFCLKSTAT), ==, 0);
    g_assert_cmpuint(machine_clk(c->m, "lfclk")->num, ==, 0);
    task(c, POWER + 4);
    g_assert_cmphex(rd(c, HFCLKSTAT), ==, 0x10000);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, LFCLKSRC, 1);
    task(c, POWER + 8);
    run_for(c, 2 * PS_PER_S);
    g_assert_false(event(c, LFCLKSTARTED));
    g_assert_true(reported(c, "this board has no 32,768 Hz crystal"));
    chip_free(c);
}

static void resets(void)
{
    static const struct {
        const char *line;
        uint32_t reason;
    } rows[] = {{"nrst.assert", 1}, {"wdt.reset", 2}, {"cpu.sysresetreq", 4}, {"cpu.lockup", 8}};
    chip_t *c = started();
    g_assert_cmphex(rd(c, RESETREAS), ==, 0);
    wr(c, GPREGRET, 0x5A);
    wr(c, PIN_CNF, 1);
    poke(c, NRF_RAM, "kept", 5);
    uint32_t all = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        char text[5];
        line_pulse(machine_line(c->m, rows[i].line));
        machine_reset(c->m, false);
        all |= rows[i].reason;
        g_assert_cmphex(rd(c, RESETREAS), ==, all); // they pile up
        g_assert_cmphex(rd(c, GPREGRET), ==, 0x5A);
        g_assert_cmphex(rd(c, PIN_CNF), ==, 2);
        peek(c, NRF_RAM, text, 5);
        g_assert_cmpstr(text, ==, "kept");
    }
    wr(c, RESETREAS, 5);
    g_assert_cmphex(rd(c, RESETREAS), ==, 0xA);
    machine_reset(c->m, true);
    g_assert_cmphex(rd(c, RESETREAS), ==, 0);
    g_assert_cmphex(rd(c, GPREGRET), ==, 0);
    chip_free(c);
}

// Pins keep their state, nothing else runs; DETECT ends it by a reset.
static void system_off(void)
{
    chip_t *c = started();
    feed(c, 5, 0);
    wr(c, PIN_CNF + 4 * 3, 1);
    wr(c, NRF_GPIO + 0x508, 1 << 3);
    wr(c, PIN_CNF + 4 * 5, 2 << 16);
    task(c, 0x40008000);
    task(c, POWER + 8);
    run_to(c, PS_PER_MS);
    wr(c, SYSTEMOFF, 1);
    run_to(c, 5 * PS_PER_S);
    g_assert_true(pin_level(gpio_pin(c, 3)));
    g_assert_cmpuint(machine_clk(c->m, "lfclk")->num, ==, 0);
    g_assert_cmphex(rd(c, RESETREAS), ==, 0);
    feed(c, 5, 3300);
    run_for(c, 20 * US);
    g_assert_cmphex(rd(c, RESETREAS), ==, 1 << 16);
    g_assert_cmphex(rd(c, PIN_CNF + 4 * 3), ==, 2);
    chip_free(c);
}

static void flash(void)
{
    chip_t *c = started();
    g_assert_cmphex(rd(c, 0x1000), ==, UINT32_MAX);
    wr(c, CONFIG, 1);
    wr(c, 0x1000, 0x12345678);
    g_assert_cmphex(rd(c, 0x1000), ==, 0x12345678);
    g_assert_cmphex(rd(c, READY), ==, 0);
    run_to(c, WORD_PS - 1);
    g_assert_cmphex(rd(c, READY), ==, 0);
    run_to(c, WORD_PS);
    g_assert_cmphex(rd(c, READY), ==, 1);
    wr(c, 0x1000, 0xFFFF0000); // bits can only be cleared
    wr(c, 0x13FC, 1);          // waits for the one before
    wr(c, 0x1400, 2);
    run_to(c, 4 * WORD_PS);
    g_assert_cmphex(rd(c, 0x1000), ==, 0x12340000);
    g_assert_cmphex(rd(c, READY), ==, 1);
    wr(c, CONFIG, 2);
    wr(c, ERASEPAGE, 0x1000);
    run_to(c, 4 * WORD_PS + ERASE_PS - 1);
    g_assert_cmphex(rd(c, READY), ==, 0);
    run_to(c, 4 * WORD_PS + ERASE_PS);
    g_assert_cmphex(rd(c, READY), ==, 1);
    g_assert_cmphex(rd(c, 0x1000), ==, UINT32_MAX);
    g_assert_cmphex(rd(c, 0x13FC), ==, UINT32_MAX);
    g_assert_cmphex(rd(c, 0x1400), ==, 2);
    wr(c, ERASEALL, 1);
    g_assert_cmphex(rd(c, 0x1400), ==, UINT32_MAX);
    chip_done(c);
}

static void refused(void)
{
    chip_t *c = started();
    g_assert_false(bus_write(c->m->bus, 0x1000, 4, 0));
    g_assert_true(reported(c, "a write that CONFIG does not enable, at 0x00001000"));
    wr(c, ERASEPAGE, 0x1000);
    g_assert_true(reported(c, "an erase that CONFIG does not enable"));
    wr(c, CONFIG, 1);
    g_assert_false(bus_write(c->m->bus, 0x1000, 2, 0));
    g_assert_true(reported(c, "a write that is not a word"));
    wr(c, PROTENSET, 2); // block 1: 0x1000 to 0x1FFF
    wr(c, PROTENSET, 0);
    g_assert_false(bus_write(c->m->bus, 0x1000, 4, 0));
    g_assert_true(reported(c, "a write to a protected block"));
    g_assert_cmphex(rd(c, 0x1000), ==, UINT32_MAX);
    wr(c, 0x2000, 0);
    g_assert_cmphex(rd(c, 0x2000), ==, 0);
    wr(c, CONFIG, 2);
    wr(c, ERASEPAGE, 0x1C00);
    g_assert_true(reported(c, "an erase of a protected block"));
    wr(c, ERASEPAGE, 0x40000);
    g_assert_true(reported(c, "an erase of what is no page"));
    chip_free(c);
}

static void information(void)
{
    chip_t *c = started(), *other = started();
    g_assert_cmpuint(rd(c, FICR + 0x10) * rd(c, FICR + 0x14), ==, 256 * 1024);
    g_assert_cmpuint(rd(c, FICR + 0x34) * rd(c, FICR + 0x38), ==, 16 * 1024);
    g_assert_cmphex(rd(c, FICR + 0x60), ==, rd(other, FICR + 0x60)); // the same seed
    g_assert_cmphex(rd(c, FICR + 0x60), !=, rd(c, FICR + 0x64));
    g_assert_cmphex(rd(c, UICR + 0x80), ==, UINT32_MAX);
    wr(c, CONFIG, 1);
    wr(c, UICR + 0x80, 5);
    g_assert_cmphex(rd(c, UICR + 0x80), ==, 5);
    wr(c, CONFIG, 2);
    wr(c, ERASEUICR, 1);
    g_assert_cmphex(rd(c, UICR + 0x80), ==, UINT32_MAX);
    chip_free(c);
    chip_free(other);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/system/clocks", clocks);
    g_test_add_func("/nrf51/system/resets", resets);
    g_test_add_func("/nrf51/system/off", system_off);
    g_test_add_func("/nrf51/system/flash", flash);
    g_test_add_func("/nrf51/system/refused", refused);
    g_test_add_func("/nrf51/system/information", information);
    return g_test_run();
}
