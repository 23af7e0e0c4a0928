// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 clocks: start-up times, the PLL, prescalers, gates, resets, the backup domain.
#include "chip.h"

enum { RCC = 0x40023800, CR = RCC, PLLCFGR = RCC + 4, CFGR = RCC + 8, CIR = RCC + 0xC,
       AHB1RSTR = RCC + 0x10, AHB1ENR = RCC + 0x30, APB1ENR = RCC + 0x40, BDCR = RCC + 0x70,
       CSR = RCC + 0x74 };

static uint64_t clk(chip_t *c, const char *name)
{
    double hz = clk_hz(machine_clk(c->m, name));
    return (uint64_t)(hz + 0.5);
}

// HSE 12 MHz * 336 / 12 / 2 = 168 MHz, the pyboard's setting.
static void to_168(chip_t *c)
{
    set_bits(c, CR, 1 << 16);
    run_for(c, 2 * PS_PER_MS);
    wr(c, PLLCFGR, 12 | 336 << 6 | 0 << 16 | 1 << 22 | 7 << 24);
    set_bits(c, CR, 1 << 24);
    run_for(c, 200 * PS_PER_US);
    wr(c, CFGR, 5 << 10 | 4 << 13 | 2);
}

static void test_reset_state(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    g_assert_cmphex(rd(c, CR), ==, 0x00000083);
    g_assert_cmphex(rd(c, PLLCFGR), ==, 0x24003010);
    g_assert_cmphex(rd(c, CFGR), ==, 0);
    g_assert_cmphex(rd(c, AHB1ENR), ==, 0x00100000);
    g_assert_cmphex(rd(c, CSR), ==, 0x0E000000);
    g_assert_cmpuint(clk(c, "hclk"), ==, 16000000);
    g_assert_cmpuint(clk(c, "hse"), ==, 0);
    chip_free(c);
}

static void test_pll(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    set_bits(c, CR, 1 << 16);
    run_to(c, 2 * PS_PER_MS - 1);
    g_assert_cmphex(rd(c, CR), ==, 0x00010083);
    run_to(c, 2 * PS_PER_MS);
    g_assert_cmphex(rd(c, CR), ==, 0x00030083);
    to_168(c);
    g_assert_cmphex(rd(c, CFGR), ==, 5 << 10 | 4 << 13 | 2 | 2 << 2);
    g_assert_cmpuint(clk(c, "sysclk"), ==, 168000000);
    g_assert_cmpuint(clk(c, "hclk"), ==, 168000000);
    g_assert_cmpuint(clk(c, "systick"), ==, 21000000);
    g_assert_cmpuint(clk(c, "pclk1"), ==, 42000000);
    g_assert_cmpuint(clk(c, "pclk2"), ==, 84000000);
    g_assert_cmpuint(clk(c, "timclk1"), ==, 84000000);
    g_assert_cmpuint(clk(c, "timclk2"), ==, 168000000);
    g_assert_cmpuint(clk(c, "pll48"), ==, 48000000);
    // What the system runs on cannot be switched off.
    wr(c, CR, rd(c, CR) & ~(1u << 24 | 1u << 16));
    g_assert_cmpuint(clk(c, "hclk"), ==, 168000000);
    g_assert_true(reported(c, "cannot be switched off"));
    chip_free(c);
}

// Selecting a source that is not ready waits for it.
static void test_switch_waits(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, CR, rd(c, CR) | 1 << 16);
    wr(c, CFGR, 1);
    g_assert_cmphex(rd(c, CFGR), ==, 1);
    g_assert_cmpuint(clk(c, "hclk"), ==, 16000000);
    run_to(c, 2 * PS_PER_MS);
    g_assert_cmphex(rd(c, CFGR), ==, 5);
    g_assert_cmpuint(clk(c, "hclk"), ==, 12000000);
    chip_free(c);
}

static void test_out_of_range(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, PLLCFGR, 8 | 432 << 6); // HSI: 2 MHz * 432 = 864 MHz
    set_bits(c, CR, 1 << 24);
    run_for(c, 200 * PS_PER_US);
    g_assert_true(reported(c, "guest-error rcc: PLL VCO at 864.000 MHz is outside 100..432 MHz"));
    chip_free(c);
}

static void test_ready_interrupt(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, CIR, 1 << 11); // HSERDYIE
    set_bits(c, CR, 1 << 16);
    run_to(c, 2 * PS_PER_MS);
    g_assert_cmphex(rd(c, CIR), ==, 1 << 11 | 1 << 3);
    g_assert_true(level(c, "irq.5"));
    set_bits(c, CIR, 1 << 19);
    g_assert_cmphex(rd(c, CIR), ==, 1 << 11);
    g_assert_false(level(c, "irq.5"));
    chip_free(c);
}

// A reset while HSI starts: it runs at once, and its start is nothing to tell afterwards.
static void test_reset_while_starting(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    set_bits(c, CR, 1 << 16);
    run_for(c, 3 * PS_PER_MS);
    wr(c, CFGR, 1); // HSE
    wr(c, CR, 1 << 16);
    g_assert_cmphex(rd(c, CR) & 3, ==, 0);
    set_bits(c, CR, 1);
    run_for(c, PS_PER_US);
    g_assert_cmphex(rd(c, CR) & 3, ==, 1);
    machine_reset(c->m, false);
    g_assert_cmphex(rd(c, CR) & 3, ==, 3);
    run_for(c, PS_PER_MS);
    g_assert_cmphex(rd(c, CIR), ==, 0);
    chip_free(c);
}

static void test_gates(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    g_assert_cmphex(rd(c, 0x40020000), ==, 0);
    g_assert_true(reported(c, "gpioa"));
    set_bits(c, AHB1ENR, 1);
    g_assert_cmphex(rd(c, 0x40020000), ==, 0xA8000000);
    wr(c, 0x40020000, 0xA8000001);
    wr(c, AHB1RSTR, 1);
    wr(c, AHB1RSTR, 0);
    g_assert_cmphex(rd(c, 0x40020000), ==, 0xA8000000);
    chip_free(c);
}

// The backup domain opens with PWR_CR.DBP and outlives a system reset; flags tell who reset.
static void test_backup_and_flags(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, BDCR, 1);
    g_assert_cmphex(rd(c, BDCR), ==, 0);
    g_assert_true(reported(c, "write-protected"));
    line_set(machine_line(c->m, "rcc.dbp"), true);
    wr(c, BDCR, 1 | 1 << 8 | 1 << 15);
    run_to(c, 2 * PS_PER_S);
    g_assert_cmphex(rd(c, BDCR), ==, 0x8103);
    g_assert_cmpuint(clk(c, "rtcclk"), ==, 32768);
    line_pulse(machine_line(c->m, "cpu.sysresetreq"));
    machine_reset(c->m, false);
    g_assert_cmphex(rd(c, BDCR), ==, 0x8103);
    g_assert_cmphex(rd(c, CSR), ==, 0x1E000000);
    wr(c, CSR, 1 << 24);
    line_pulse(machine_line(c->m, "iwdg.reset"));
    machine_run(c->m, machine_now_ps(c->m) + 1);
    g_assert_cmphex(rd(c, CSR), ==, 0x24000000);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-rcc/reset-state", test_reset_state);
    g_test_add_func("/stm32-rcc/pll", test_pll);
    g_test_add_func("/stm32-rcc/switch-waits", test_switch_waits);
    g_test_add_func("/stm32-rcc/out-of-range", test_out_of_range);
    g_test_add_func("/stm32-rcc/ready-interrupt", test_ready_interrupt);
    g_test_add_func("/stm32-rcc/reset-while-starting", test_reset_while_starting);
    g_test_add_func("/stm32-rcc/gates", test_gates);
    g_test_add_func("/stm32-rcc/backup-and-flags", test_backup_and_flags);
    return g_test_run();
}
