// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 odds and ends: power modes, random numbers, CRC, identity.
#include "chip.h"

enum { RCC_CR = 0x40023800, PLLCFGR = 0x40023804, CFGR = 0x40023808, AHB1ENR = 0x40023830,
       AHB2ENR = 0x40023834, APB1ENR = 0x40023840 };
enum { RNG_CR = 0x50060800, RNG_SR = 0x50060804, RNG_DR = 0x50060808 };
enum { PWR_CR = 0x40007000, PWR_CSR = 0x40007004 };

static void pll_on(chip_t *c)
{
    wr(c, PLLCFGR, 16 | 336 << 6 | 0 << 16 | 7 << 24); // HSI: 168 MHz and 48 MHz
    wr(c, RCC_CR, rd(c, RCC_CR) | 1 << 24);
    run_for(c, 200 * PS_PER_US);
}

static void test_rng(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, AHB2ENR, 1 << 6);
    wr(c, RNG_CR, 1 << 2 | 1 << 3);
    g_assert_cmphex(rd(c, RNG_SR), ==, 1 << 1 | 1 << 5); // no 48 MHz yet
    g_assert_true(level(c, "irq.80"));
    pll_on(c);
    g_assert_cmphex(rd(c, RNG_SR), ==, 1 << 5);
    wr(c, RNG_SR, 0);
    g_assert_false(level(c, "irq.80"));
    uint64_t on = machine_now_ps(c->m), forty = (40 * PS_PER_S + 48000000 - 1) / 48000000;
    run_to(c, on + forty - 1);
    g_assert_cmphex(rd(c, RNG_SR), ==, 0);
    run_to(c, on + forty);
    g_assert_cmphex(rd(c, RNG_SR), ==, 1);
    g_assert_true(level(c, "irq.80"));
    uint32_t first = rd(c, RNG_DR);
    g_assert_cmphex(rd(c, RNG_SR), ==, 0);
    run_for(c, forty);
    g_assert_cmphex(rd(c, RNG_SR), ==, 1);
    g_assert_cmphex(rd(c, RNG_DR), !=, first);
    chip_free(c);
}

// The bytes "12345678" by the bitwise algorithm for bytes, in another language.
static void test_crc(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, AHB1ENR, 1 << 12);
    g_assert_cmphex(rd(c, 0x40023000), ==, 0xFFFFFFFF);
    wr(c, 0x40023000, 0x31323334);
    wr(c, 0x40023000, 0x35363738);
    g_assert_cmphex(rd(c, 0x40023000), ==, 0x49E3C2FB);
    wr(c, 0x40023008, 1);
    g_assert_cmphex(rd(c, 0x40023000), ==, 0xFFFFFFFF);
    chip_free(c);
}

static void test_dbgmcu(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    g_assert_cmphex(rd(c, 0xE0042000) & 0xFFF, ==, 0x413);
    chip_free(c);
}

// Stop: the clocks stand still until EXTI sees an edge, then HSI runs.
static void test_stop(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    pll_on(c);
    wr(c, CFGR, 2 | 5 << 10 | 4 << 13);
    clk_t *hclk = machine_clk(c->m, "hclk");
    line_t *sleep = machine_line(c->m, "cpu.deepsleep");
    wr(c, 0x40013C00, 1 << 22); // the RTC's wake-up timer
    wr(c, 0x40013C08, 1 << 22);
    line_set(sleep, true);
    g_assert_cmpuint(hclk->num, ==, 0);
    uint64_t ticks = clk_ticks(hclk, machine_now_ps(c->m));
    run_for(c, PS_PER_S);
    g_assert_cmpuint(clk_ticks(hclk, machine_now_ps(c->m)), ==, ticks);
    line_set(machine_line(c->m, "rtc.wakeup"), true);
    run_for(c, 13 * PS_PER_US - 1);
    g_assert_cmpuint(hclk->num, ==, 0);
    run_for(c, 1);
    g_assert_cmpuint(hclk->num, ==, 16000000);
    g_assert_cmphex(rd(c, CFGR) & 15, ==, 0);
    g_assert_cmphex(rd(c, RCC_CR) & 1 << 24, ==, 0);
    chip_free(c);
}

static void test_standby(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, APB1ENR, 1 << 28);
    g_assert_cmphex(rd(c, PWR_CR), ==, 0x4000);
    wr(c, PWR_CR, 0x4000 | 2); // PDDS
    wr(c, PWR_CSR, 1 << 8);    // EWUP
    line_set(machine_line(c->m, "cpu.deepsleep"), true);
    run_for(c, PS_PER_S);
    line_set(machine_line(c->m, "gpioa.0"), true);
    run_for(c, 375 * PS_PER_US);
    machine_run(c->m, machine_now_ps(c->m) + 1);
    g_assert_cmphex(rd(c, AHB1ENR), ==, 0x00100000); // was reset
    wr(c, APB1ENR, 1 << 28);
    g_assert_cmphex(rd(c, PWR_CSR) & 3, ==, 3);
    wr(c, PWR_CR, 0x4000 | 4 | 8);
    g_assert_cmphex(rd(c, PWR_CSR) & 3, ==, 0);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-system/rng", test_rng);
    g_test_add_func("/stm32-system/crc", test_crc);
    g_test_add_func("/stm32-system/dbgmcu", test_dbgmcu);
    g_test_add_func("/stm32-system/stop", test_stop);
    g_test_add_func("/stm32-system/standby", test_standby);
    return g_test_run();
}
