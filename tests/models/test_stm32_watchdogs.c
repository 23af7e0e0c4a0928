// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 watchdogs: the exact time of the bite, windows, keys.
#include "chip.h"

enum { KR = 0x40003000, PR = KR + 4, RLR = KR + 8, SR = KR + 0xC };
enum { WCR = 0x40002C00, WCFR = WCR + 4, WSR = WCR + 8 };
enum { APB1ENR = 0x40023840, CSR = 0x40023874 };

static bool bitten(chip_t *c, uint32_t flag) { return rd(c, CSR) & flag; }

static void test_iwdg_time(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, KR, 0x5555);
    wr(c, PR, 3); // / 32: 1 kHz
    wr(c, RLR, 499);
    g_assert_cmphex(rd(c, SR), ==, 3);
    run_to(c, 5 * PS_PER_S / 32000);
    g_assert_cmphex(rd(c, SR), ==, 0);
    wr(c, KR, 0xCCCC);
    uint64_t from = machine_now_ps(c->m);
    run_to(c, from + 400 * PS_PER_MS);
    wr(c, KR, 0xAAAA); // 500 ms more
    run_to(c, from + 900 * PS_PER_MS - 1);
    g_assert_false(bitten(c, 1 << 29));
    run_for(c, 1);
    machine_run(c->m, machine_now_ps(c->m) + 1);
    g_assert_true(bitten(c, 1 << 29));
    g_assert_cmphex(rd(c, RLR), ==, 0xFFF);
    run_for(c, 10 * PS_PER_S); // the reset stopped it
    g_assert_cmphex(rd(c, CSR) >> 24, ==, 0x2E);
    chip_free(c);
}

static void test_iwdg_keys(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, RLR, 5);
    g_assert_cmphex(rd(c, RLR), ==, 0xFFF);
    g_assert_true(reported(c, "without key"));
    wr(c, KR, 0x5555);
    wr(c, RLR, 5);
    g_assert_cmphex(rd(c, RLR), ==, 5);
    wr(c, KR, 0xAAAA); // closes
    wr(c, RLR, 6);
    g_assert_cmphex(rd(c, RLR), ==, 5);
    chip_free(c);
}

// 16 MHz / 4096 / 8: one step is 2.048 ms.
static void test_wwdg_time(void)
{
    chip_t *c = chip_new("stm32f405");
    const uint64_t step = 2048 * PS_PER_US;
    chip_start(c);
    wr(c, APB1ENR, 1 << 11);
    wr(c, WCFR, 0x7F | 3 << 7 | 1 << 9);
    wr(c, WCR, 0x80 | 0x50);
    run_to(c, 3 * step);
    g_assert_cmphex(rd(c, WCR), ==, 0x80 | 0x4D);
    run_to(c, 16 * step - 1);
    g_assert_false(level(c, "irq.0"));
    run_to(c, 16 * step);
    g_assert_true(level(c, "irq.0"));
    wr(c, WSR, 0);
    g_assert_false(level(c, "irq.0"));
    run_to(c, 17 * step - 1);
    g_assert_false(bitten(c, 1 << 30));
    machine_run(c->m, 17 * step + 1);
    g_assert_true(bitten(c, 1 << 30));
    chip_free(c);
}

static void test_wwdg_window(void)
{
    chip_t *c = chip_new("stm32f405");
    const uint64_t step = 256 * PS_PER_US; // / 4096
    chip_start(c);
    wr(c, APB1ENR, 1 << 11);
    wr(c, WCFR, 0x60);
    wr(c, WCR, 0xFF);
    run_to(c, 0x1F * step); // 0x60: in the window
    wr(c, WCR, 0xFF);
    machine_run(c->m, machine_now_ps(c->m) + 1);
    g_assert_false(bitten(c, 1 << 30));
    run_for(c, 0x1E * step);
    wr(c, WCR, 0xFF);
    machine_run(c->m, machine_now_ps(c->m) + 1);
    g_assert_true(bitten(c, 1 << 30));
    g_assert_true(reported(c, "before the window"));
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-watchdogs/iwdg-time", test_iwdg_time);
    g_test_add_func("/stm32-watchdogs/iwdg-keys", test_iwdg_keys);
    g_test_add_func("/stm32-watchdogs/wwdg-time", test_wwdg_time);
    g_test_add_func("/stm32-watchdogs/wwdg-window", test_wwdg_window);
    return g_test_run();
}
