// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 ADC: sweeps, their time, and the SDK's arithmetic on what they give.
#include "esp8266.h"

enum { SAR = 0x60000D50, CFG = SAR, TIM1 = SAR + 4, TIM2 = SAR + 8, CFG1 = SAR + 12,
       DATA = SAR + 0x30 };
enum { START = 2, STATE = 7 << 24, TOUT = 1 << 21, VDD = 1 << 23 };

static void feed(chip_t *c, int32_t mv) { pin_drive(chip_pin(c, "saradc:TOUT"), DRIVE_SOURCE, mv); }

static void sweep(chip_t *c, uint64_t ps)
{
    wr(c, CFG, rd(c, CFG) & ~(uint32_t)START);
    wr(c, CFG, rd(c, CFG) | START);
    uint64_t end = machine_now_ps(c->m) + ps;
    run_to(c, end - 1);
    g_assert_cmphex(rd(c, CFG) & STATE, !=, 0);
    run_to(c, end);
    g_assert_cmphex(rd(c, CFG) & STATE, ==, 0);
}

// What the SDK does with the words: the sum of its corrected samples.
static unsigned sum(chip_t *c)
{
    unsigned total = 0;
    for (unsigned i = 0; i < 8; i++) {
        int x = ~rd(c, DATA + 4 * i) & 0x7FF, low = (x & 0xFF) - 21;
        low = low < 0 ? 0 : low * 279 >> 8;
        total += (x & 0x700) + (low > 255 ? 255 : low);
    }
    return total;
}

static unsigned code(chip_t *c)
{
    unsigned v = (sum(c) + 8) >> 4, a = v * 12 / 11;
    return a < 1024 ? a : 1024;
}

// Every code that a whole number of millivolts gives; one in twelve is not among the SDK's.
static void test_codes(void)
{
    chip_t *c = esp8266_new();
    wr(c, CFG1, TOUT);
    for (int mv = 0; mv <= 1000; mv++) {
        feed(c, mv);
        sweep(c, 20800 * PS_PER_NS);
        unsigned wanted = mv * 1024 / 1000;
        g_assert_cmpuint(code(c), ==, wanted % 12 == 11 ? wanted + 1 : wanted);
    }
    feed(c, 1050);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpuint(code(c), ==, 1024);
    feed(c, 3300);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpuint(code(c), ==, 1024);
    feed(c, -200);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpuint(code(c), ==, 0);
    chip_done(c);
}

static void test_sources(void)
{
    chip_t *c = esp8266_new();
    feed(c, 500);
    wr(c, CFG1, VDD);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpint(abs((int)(sum(c) / 4) - 3300 * 1024 / 1000), <=, 4);
    wr(c, CFG1, 0);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpuint(code(c), ==, 0);
    wr(c, CFG1, TOUT);
    sweep(c, 20800 * PS_PER_NS);
    g_assert_cmpuint(code(c), ==, 512);
    chip_done(c);
}

// One sample only: the other words stay. The voltage is that at the end.
static void test_one_sample(void)
{
    chip_t *c = esp8266_new();
    wr(c, CFG1, TOUT);
    feed(c, 900);
    sweep(c, 20800 * PS_PER_NS);
    uint32_t before = rd(c, DATA + 4);
    wr(c, CFG, rd(c, CFG) & ~0x1Cu);
    wr(c, TIM1, 4 * 5 - 1); // divider 4
    wr(c, TIM2, (4 * 10 - 1) << 16 | (4 * 11 - 1));
    wr(c, CFG, rd(c, CFG) & ~(uint32_t)START);
    feed(c, 900);
    wr(c, CFG, rd(c, CFG) | START);
    run_for(c, 500 * PS_PER_NS);
    feed(c, 250);
    wr(c, CFG, rd(c, CFG) & ~(uint32_t)START); // at work, it does not care
    wr(c, CFG, rd(c, CFG) | START);
    run_for(c, 800 * PS_PER_NS);
    g_assert_cmphex(rd(c, CFG) & STATE, ==, 0);
    g_assert_cmphex(rd(c, DATA + 4), ==, before);
    uint32_t x = ~rd(c, DATA) & 0x7FF;
    uint32_t s = (x & 0x700) + (((x & 0xFF) - 21) * 279 >> 8);
    g_assert_cmpuint((s + 1) / 2 * 12 / 11, ==, 256);
    // No edge, no sweep.
    wr(c, CFG, rd(c, CFG) | START);
    g_assert_cmphex(rd(c, CFG) & STATE, ==, 0);
    wr(c, DATA, 0);
    g_assert_cmphex(rd(c, DATA), ==, ~x & 0x7FF);
    chip_done(c);
}

static void test_reset(void)
{
    chip_t *c = esp8266_new();
    wr(c, CFG1, TOUT);
    wr(c, CFG, rd(c, CFG) & ~(uint32_t)START);
    wr(c, CFG, rd(c, CFG) | START);
    clk_set(machine_clk(c->m, "apb"), 40000000, 1, machine_now_ps(c->m));
    run_for(c, 41600 * PS_PER_NS - 1);
    g_assert_cmphex(rd(c, CFG) & STATE, !=, 0);
    machine_reset(c->m, false);
    g_assert_cmphex(rd(c, CFG) & STATE, ==, 0);
    run_for(c, MS);
    g_assert_cmphex(rd(c, DATA), ==, 0);
    chip_done(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266-saradc/codes", test_codes);
    g_test_add_func("/esp8266-saradc/sources", test_sources);
    g_test_add_func("/esp8266-saradc/one-sample", test_one_sample);
    g_test_add_func("/esp8266-saradc/reset", test_reset);
    return g_test_run();
}
