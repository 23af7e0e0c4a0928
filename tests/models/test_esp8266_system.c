// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 DPORT, WDEV, PLL and RTC: the flash window and its cache, clocks, the MAC address, random
// numbers, the slow counter, light and deep sleep, the five reasons of a reset and what survives
// them.
#include "esp8266.h"

enum { DPORT = 0x3FF00000, CACHE = DPORT + 0x0C, CTL = DPORT + 0x14, INT_STATUS = DPORT + 0x20,
       BANKS = DPORT + 0x24, IO_SWAP = DPORT + 0x28, EFUSE = DPORT + 0x50 };
enum { WDEV = 0x3FF20000, COUNT = WDEV + 0xC00, RANDOM = WDEV + 0xE44, MAC_TIMER = WDEV + 0x1048 };
enum { RTC = 0x60000700, SLP_VAL = RTC + 0x04, SLP_CTL = RTC + 0x08, REASON = RTC + 0x14,
       WAKE = RTC + 0x18, COUNTER = RTC + 0x1C, INT_ENA = RTC + 0x20, INT_CLR = RTC + 0x24,
       STATE = RTC + 0x28, SCRATCH = RTC + 0x30, POWER_DOWN = RTC + 0x44, XPD_CONF = RTC + 0xA0 };
enum { RTC_RAM = 0x60001000, DRAM = 0x3FFE8000, SLEEP = 1 << 20 };
enum { WDT = 0x60000900, GPIO = 0x60000300, MUX_GPIO2 = 0x60000838, MUX_GPIO5 = 0x60000840,
       FRC2 = 0x60000620 };
#define TICK (6 * US) // of the slow clock

static mem_t *mem(chip_t *c, const char *name) { return bus_mem_named(c->m->bus, name); }

// ---- Flash cache --------------------------------------------------------------------------------

// As the ROM's Cache_Read_Enable does it.
static void cache(void)
{
    chip_t *c = esp8266_new();
    mem_t *flash = mem(c, "flash");
    g_assert_true(flash->off);
    g_assert_false(mem(c, "iram1")->off || mem(c, "iram2")->off);
    wr(c, CACHE, 0);
    wr(c, CACHE, 1);
    g_assert_cmphex(rd(c, CACHE), ==, 3); // empty
    wr(c, CACHE, 0);
    g_assert_cmphex(rd(c, CACHE), ==, 0);
    set_bits(c, BANKS, 1 << 3);
    g_assert_true(mem(c, "iram2")->off);
    g_assert_false(mem(c, "iram1")->off);
    g_assert_true(flash->off);
    set_bits(c, CACHE, 1 << 8);
    g_assert_false(flash->off);
    g_assert_cmpuint(flash->timing.icache_lines, ==, 512); // 16 KB
    g_assert_cmpuint(flash->timing.line_bytes, ==, 32);
    g_assert_cmphex(flash->window_offset, ==, 0);
    g_assert_cmphex(rd(c, CACHE) & 0x200, ==, 0); // not busy
    wr(c, CACHE, 0);
    g_assert_true(flash->off);
    set_bits(c, BANKS, 1 << 4);
    g_assert_true(mem(c, "iram1")->off);
    wr(c, CACHE, 1 << 26 | 1 << 8);
    g_assert_cmpuint(flash->timing.icache_lines, ==, 1024); // 32 KB
    uint32_t flushes = flash->timing.flushes;
    set_bits(c, CACHE, 1);
    g_assert_cmpuint(flash->timing.flushes, ==, flushes + 1);
    wr(c, BANKS, 0); // RAM again: the cache has nowhere to be
    g_assert_true(flash->off);
    g_assert_false(mem(c, "iram1")->off || mem(c, "iram2")->off);
    chip_done(c);
}

static void window(void)
{
    static const struct {
        uint32_t map, offset;
    } rows[] = {{0, 0}, {1 << 25, 0x100000}, {1 << 16, 0x200000}, {1 << 16 | 1 << 25, 0x300000},
                {2 << 16, 0}, {3 << 16 | 1 << 25, 0x300000}}; // modulo 4 MB
    chip_t *c = esp8266_new();
    wr(c, BANKS, 0x18);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        wr(c, CACHE, 1 << 26 | 1 << 8 | rows[i].map);
        g_assert_cmphex(mem(c, "flash")->window_offset, ==, rows[i].offset);
    }
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, CACHE, 1 << 24);
    g_assert_true(reported(c, "bits 0x01000000 of dport.CACHE_CTRL"));
    chip_free(c);
}

// ---- Clocks -------------------------------------------------------------------------------------

static double mhz(chip_t *c, const char *clk) { return clk_hz(machine_clk(c->m, clk)) / 1e6; }

static void clocks(void)
{
    chip_t *c = chip_new("esp8266ex");
    chip_start(c);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 52);
    g_assert_cmpfloat(mhz(c, "apb"), ==, 52);
    wr(c, CTL, 1);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 104);
    wr(c, CTL, 0);
    wr(c, ESP_PLL, 0x00000167); // read
    g_assert_cmphex(rd(c, ESP_PLL), ==, 0x02080167); // busy
    run_for(c, 2 * US);
    g_assert_cmphex(rd(c, ESP_PLL), ==, 0x00080167);
    wr(c, ESP_PLL, ESP_PLL_26MHZ_1);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 52);
    wr(c, ESP_PLL, ESP_PLL_26MHZ_2);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 80);
    g_assert_cmpfloat(mhz(c, "apb"), ==, 80);
    wr(c, CTL, 1);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 160);
    g_assert_cmpfloat(mhz(c, "apb"), ==, 80);
    wr(c, 0x60000D08, 0x0155086A); // any slave keeps its registers
    wr(c, 0x60000D08, 0x0000086A);
    g_assert_cmphex(rd(c, 0x60000D08) >> 16 & 0xFF, ==, 0x55);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, ESP_PLL, 0x01A10267);
    g_assert_true(reported(c, "PLL registers 1 and 2 = 0x88, 0xa1"));
    g_assert_cmpfloat(mhz(c, "apb"), ==, 80);
    wr(c, ESP_PLL, 0x01F10267);
    g_assert_cmpfloat(mhz(c, "apb"), ==, 65);
    wr(c, ESP_PLL, ESP_PLL_26MHZ_2);
    wr(c, ESP_PLL, 0x01C80167);
    g_assert_cmpfloat(mhz(c, "apb"), ==, 160);
    wr(c, RTC, 1u << 31);
    run_for(c, 1);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 52);
    chip_free(c);
}

static void crystal(void)
{
    chip_t *c = chip_new("esp8266ex");
    part_set_attr(machine_part(c->m, "pll"), "crystal_hz", "40000000");
    chip_start(c);
    g_assert_cmpfloat(mhz(c, "cpu"), ==, 80);
    chip_done(c);
    g_autoptr(GError) error = NULL;
    c = chip_new("esp8266ex");
    part_set_attr(machine_part(c->m, "pll"), "crystal_hz", "1");
    g_assert_false(machine_start(c->m, &error));
    g_assert_cmpstr(error->message, ==, "pll: 'crystal_hz' must be 1000000 to 80000000");
    chip_done(c);
}

// ---- eFuse, WDEV --------------------------------------------------------------------------------

static void mac(void)
{
    chip_t *c = chip_new("esp8266ex");
    part_set_attr(machine_part(c->m, "dport"), "mac", "18:fe:34:12:ab:56");
    chip_start(c);
    g_assert_cmphex(rd(c, EFUSE), ==, 0x56000000);
    g_assert_cmphex(rd(c, EFUSE + 4), ==, 0x12AB);
    g_assert_cmphex(rd(c, EFUSE + 8) & 0x9000, ==, 0x9000);
    g_assert_cmphex(rd(c, EFUSE + 12), ==, 0x18FE34);
    chip_done(c);
    c = esp8266_new();
    g_assert_cmphex(rd(c, EFUSE + 12), ==, 0x5CCF7F);
    g_assert_cmphex(rd(c, EFUSE + 4), !=, 0);
    chip_done(c);
    static const char *const bad[] = {"18:fe:34:12:ab", "18:fe:34:12:ab:5g", "19:fe:34:12:ab:56",
                                      "1:2:3:4:5:6", "18:fe:34:12:ab:56:78"};
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        c = chip_new("esp8266ex");
        part_set_attr(machine_part(c->m, "dport"), "mac", bad[i]);
        g_assert_false(machine_start(c->m, &error));
        g_assert_true(strstr(error->message, "dport: 'mac' must be such as"));
        chip_done(c);
    }
}

static void wdev(void)
{
    chip_t *c = esp8266_new();
    run_to(c, 1234567 * PS_PER_NS);
    g_assert_cmpuint(rd(c, COUNT), ==, 1234);
    run_to(c, UINT64_C(5000) * PS_PER_S);
    g_assert_cmpuint(rd(c, COUNT), ==, 5000000000 - (UINT64_C(1) << 32));
    g_assert_cmpuint(rd(c, MAC_TIMER), ==, 5000000000 - (UINT64_C(1) << 32));
    g_assert_cmpuint(rd(c, MAC_TIMER + 4), ==, 1);
    uint32_t all = 0, none = ~0u, last = 0;
    for (unsigned i = 0; i < 100; i++) {
        uint32_t v = rd(c, RANDOM), peeked = 0;
        bus_peek(c->m->bus, RANDOM, &peeked, 4);
        g_assert_cmphex(v, !=, last);
        g_assert_cmphex(peeked, ==, v);
        all |= v;
        none &= v;
        last = v;
    }
    g_assert_cmphex(all, ==, ~0u);
    g_assert_cmphex(none, ==, 0);
    g_assert_cmpstr(c->reports->str, ==, "");
    wr(c, WDEV + 0x100, 0x12345678);
    g_assert_cmphex(rd(c, WDEV + 0x100), ==, 0x12345678);
    wr(c, WDEV + 0x104, 1);
    g_assert_cmpstr(c->reports->str, ==, "unmodelled not modelled: the Wi-Fi MAC (0x3ff20000)\n");
    chip_free(c);
}

static void radio(void)
{
    static const uint32_t at[] = {0x60000400, 0x600005FC, 0x60009800, 0x60009BFC, 0x60009EFC};
    chip_t *c = esp8266_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(at); i++) {
        wr(c, at[i], 0x12345678 + i);
        g_assert_cmphex(rd(c, at[i]), ==, 0x12345678 + i);
    }
    g_assert_cmphex(rd(c, 0x6000057C), ==, 1u << 31);
    g_assert_cmpstr(c->reports->str, ==, "unmodelled not modelled: the radio (0x60000400)\n");
    rd(c, 0x6000A000 - 4); // no bus error anywhere on the bus
    rd(c, 0x3FF10000);
    chip_free(c);
}

static void spi_status(void)
{
    chip_t *c = esp8266_new();
    static const struct {
        const char *line;
        uint32_t bit;
    } rows[] = {{"spi0.irq", 1 << 4}, {"spi1.irq", 1 << 7}, {"i2s.irq", 1 << 9}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        line_set(machine_line(c->m, rows[i].line), true);
        g_assert_cmphex(rd(c, INT_STATUS), ==, rows[i].bit);
        g_assert_true(level(c, "irq.2"));
        line_set(machine_line(c->m, rows[i].line), false);
        g_assert_false(level(c, "irq.2"));
    }
    chip_done(c);
}

// ---- RTC ----------------------------------------------------------------------------------------

static void counter(void)
{
    chip_t *c = esp8266_new();
    run_to(c, 100 * TICK - 1);
    g_assert_cmpuint(rd(c, COUNTER), ==, 99);
    run_to(c, 100 * TICK);
    g_assert_cmpuint(rd(c, COUNTER), ==, 100);
    wr(c, RTC, 1u << 31);
    run_to(c, 200 * TICK);
    g_assert_cmpuint(rd(c, COUNTER), ==, 200); // resets do not touch it
    chip_done(c);
}

// The core stands still, and STATE tells that it was woken: what the SDK waits for at each start.
static void light_sleep(void)
{
    chip_t *c = esp8266_new();
    run_to(c, MS);
    wr(c, INT_ENA, 1);
    wr(c, WAKE, 8);
    wr(c, RTC, 0x30); // says nothing about how deep
    wr(c, SLP_VAL, rd(c, COUNTER) + 136);
    wr(c, SLP_CTL, SLEEP);
    g_assert_cmpuint(c->m->stall_ps, ==, PS_NEVER);
    g_assert_cmphex(rd(c, SLP_CTL), ==, 0);
    run_to(c, (166 + 136) * TICK - 1);
    g_assert_cmphex(rd(c, STATE), ==, 0);
    g_assert_cmpuint(c->m->stall_ps, ==, PS_NEVER);
    run_to(c, (166 + 136) * TICK);
    g_assert_cmphex(rd(c, STATE), ==, 1);
    g_assert_cmpuint(c->m->stall_ps, ==, 0);
    g_assert_true(level(c, "irq.3"));
    g_assert_cmphex(rd(c, WAKE) >> 8, ==, 8);
    wr(c, INT_CLR, 0x7F);
    g_assert_false(level(c, "irq.3"));
    g_assert_cmphex(rd(c, REASON), ==, 1); // no reset
    // An alarm that has passed: at once.
    wr(c, SLP_VAL, rd(c, COUNTER) - 1);
    wr(c, SLP_CTL, SLEEP);
    run_for(c, 1);
    g_assert_cmphex(rd(c, STATE), ==, 1);
    g_assert_cmpuint(c->m->stall_ps, ==, 0);
    wr(c, INT_CLR, 0x7F);
    // By a pin.
    wr(c, MUX_GPIO5, 1 << 7);
    wr(c, GPIO + 0x28 + 4 * 5, 1 << 10 | 4 << 7); // low level
    wr(c, WAKE, 0);
    wr(c, SLP_CTL, SLEEP);
    run_for(c, PS_PER_S);
    g_assert_cmphex(rd(c, STATE), ==, 0);
    pin_set(esp_pin(c, 5), false);
    g_assert_cmphex(rd(c, STATE), ==, 1);
    g_assert_cmpuint(c->m->stall_ps, ==, 0);
    pin_release(esp_pin(c, 5));
    chip_done(c);
}

typedef struct {
    chip_t *c;
    pin_t *rst;
    uint64_t low_ps, high_ps; // of the last pulse there
} board_t;

static void rst_changed(void *ctx, pin_t *pin)
{
    board_t *b = ctx;
    uint64_t *ps = pin_level(pin) ? &b->high_ps : &b->low_ps;
    *ps = machine_now_ps(b->c->m);
    line_set(machine_line(b->c->m, "nrst.assert"), !pin_level(pin));
}

// A board; `joined`: GPIO16 is on RST.
static board_t *board_new(bool joined)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    board_t *b = g_new0(board_t, 1);
    b->c = chip_new("esp8266ex");
    b->rst = part_add_pin(machine_add_part(b->c->m, &outside, "outside", NULL), "RST", NULL, NULL);
    if (joined)
        pin_connect(b->rst, esp_pin(b->c, 16));
    pin_drive(b->rst, DRIVE_PULL, NET_VDD_MV);
    b->rst->changed = rst_changed;
    b->rst->ctx = b;
    chip_start(b->c);
    return b;
}

static void board_free(board_t *b)
{
    chip_done(b->c);
    g_free(b);
}

static void fill(chip_t *c)
{
    wr(c, SCRATCH, 0x5C5C0001);
    wr(c, SCRATCH + 12, 0x5C5C0004);
    wr(c, RTC_RAM, 0xA5A50001);
    wr(c, RTC_RAM + 0x3FC, 0xA5A50002);
    wr(c, DRAM + 0x1000, 0xD0D0D0D0);
    wr(c, MUX_GPIO2, 1 << 8);
}

static void kept(chip_t *c, bool ram)
{
    g_assert_cmphex(rd(c, SCRATCH), ==, 0x5C5C0001);
    g_assert_cmphex(rd(c, SCRATCH + 12), ==, 0x5C5C0004);
    g_assert_cmphex(rd(c, RTC_RAM), ==, 0xA5A50001);
    g_assert_cmphex(rd(c, RTC_RAM + 0x3FC), ==, 0xA5A50002);
    if (ram)
        g_assert_cmphex(rd(c, DRAM + 0x1000), ==, 0xD0D0D0D0);
    else
        g_assert_cmphex(rd(c, DRAM + 0x1000), !=, 0xD0D0D0D0);
}

// As the SDK does it: the registers say deep, the alarm says when.
static void fall_asleep(chip_t *c, uint32_t ticks)
{
    fill(c);
    wr(c, XPD_CONF, 3);
    wr(c, POWER_DOWN, 0x20);
    wr(c, SLP_VAL, rd(c, COUNTER) + ticks);
    wr(c, WAKE, ticks ? 8 : 0);
    wr(c, SLP_CTL, SLEEP);
}

static void deep_sleep(void)
{
    board_t *b = board_new(true);
    chip_t *c = b->c;
    esp8266_pll(c);
    wr(c, MUX_GPIO5, 0);
    wr(c, GPIO + 0x0C, 1 << 5);
    wr(c, GPIO, 1 << 5);
    wr(c, FRC2 + 8, 1 << 7);
    run_to(c, 10 * TICK);
    fall_asleep(c, 1000);
    run_for(c, 1);
    g_assert_cmpuint(c->m->stall_ps, ==, PS_NEVER);
    for (unsigned i = 0; i < 16; i++)
        g_assert_cmpint(esp_pin(c, i)->drive, ==, DRIVE_NONE);
    g_assert_true(pin_level(b->rst));
    run_to(c, 1010 * TICK - 1);
    g_assert_true(pin_level(b->rst));
    g_assert_cmpuint(c->m->stall_ps, ==, PS_NEVER);
    run_to(c, 1010 * TICK);
    g_assert_cmpuint(b->low_ps, ==, 1010 * TICK);
    run_for(c, 1);
    g_assert_true(c->m->halted); // in reset
    run_for(c, MS);
    g_assert_false(c->m->halted);
    g_assert_cmpuint(b->high_ps - b->low_ps, ==, 100 * US);
    g_assert_cmpuint(c->m->stall_ps, ==, 0);
    g_assert_cmphex(rd(c, REASON), ==, 5);
    g_assert_cmphex(rd(c, WAKE) >> 8 & 63, ==, 8);
    g_assert_cmphex(rd(c, FRC2 + 8), ==, 0);
    g_assert_cmpuint(rd(c, COUNTER), ==, (machine_now_ps(c->m)) / TICK);
    g_assert_true(esp_pin(c, 0)->drive == DRIVE_PULL); // pins live again
    kept(c, false);
    // The next reset by the pin is an ordinary one.
    pin_set(b->rst, false);
    run_for(c, US);
    pin_drive(b->rst, DRIVE_PULL, NET_VDD_MV);
    run_for(c, US);
    g_assert_cmphex(rd(c, REASON), ==, 2);
    g_assert_cmphex(rd(c, WAKE) >> 8 & 63, ==, 0);
    kept(c, false);
    board_free(b);
}

// Without the wire, or without an alarm, only the button wakes it.
static void sleep_for_ever(void)
{
    for (unsigned i = 0; i < 2; i++) {
        board_t *b = board_new(i == 1);
        chip_t *c = b->c;
        run_to(c, MS);
        fall_asleep(c, i == 0 ? 1000 : 0);
        run_for(c, 3600 * PS_PER_S);
        g_assert_cmpuint(c->m->stall_ps, ==, PS_NEVER);
        pin_set(b->rst, false);
        run_for(c, MS);
        pin_drive(b->rst, DRIVE_PULL, NET_VDD_MV);
        run_for(c, MS);
        g_assert_cmphex(rd(c, REASON), ==, 5); // the chip cannot tell who pulled
        kept(c, false);
        board_free(b);
    }
}

static void reasons(void)
{
    board_t *b = board_new(false);
    chip_t *c = b->c;
    g_assert_cmphex(rd(c, REASON), ==, 1);
    fill(c);
    pin_set(b->rst, false);
    run_for(c, US);
    g_assert_true(c->m->halted);
    pin_drive(b->rst, DRIVE_PULL, NET_VDD_MV);
    run_for(c, US);
    g_assert_cmphex(rd(c, REASON), ==, 2);
    kept(c, true);
    g_assert_cmphex(rd(c, MUX_GPIO2), ==, 1 << 7); // IO_MUX is as after power-on
    wr(c, RTC, 1u << 31);
    run_for(c, US);
    g_assert_cmphex(rd(c, REASON), ==, 3);
    g_assert_cmphex(rd(c, RTC), ==, 0);
    kept(c, true);
    wr(c, WDT + 4, 0);
    wr(c, WDT + 8, 0);
    wr(c, WDT, 1);
    run_for(c, 2 * MS);
    g_assert_cmphex(rd(c, REASON), ==, 4);
    kept(c, true);
    g_assert_cmpstr(c->reports->str, ==, "note wdt: the watchdog resets the chip\n");
    g_string_truncate(c->reports, 0);
    machine_reset(c->m, true);
    g_assert_cmphex(rd(c, REASON), ==, 1);
    g_assert_cmphex(rd(c, SCRATCH), ==, 0);
    g_assert_cmphex(rd(c, RTC_RAM), ==, 0);
    g_assert_cmpuint(rd(c, COUNTER), ==, 0);
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266/system/cache", cache);
    g_test_add_func("/esp8266/system/window", window);
    g_test_add_func("/esp8266/system/clocks", clocks);
    g_test_add_func("/esp8266/system/crystal", crystal);
    g_test_add_func("/esp8266/system/mac", mac);
    g_test_add_func("/esp8266/system/wdev", wdev);
    g_test_add_func("/esp8266/system/radio", radio);
    g_test_add_func("/esp8266/system/spi-status", spi_status);
    g_test_add_func("/esp8266/rtc/counter", counter);
    g_test_add_func("/esp8266/rtc/light-sleep", light_sleep);
    g_test_add_func("/esp8266/rtc/deep-sleep", deep_sleep);
    g_test_add_func("/esp8266/rtc/for-ever", sleep_for_ever);
    g_test_add_func("/esp8266/rtc/reasons", reasons);
    return g_test_run();
}
