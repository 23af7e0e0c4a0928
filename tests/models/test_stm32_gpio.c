// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 GPIO: modes, atomic set and reset, lock, alternate functions.
#include "chip.h"

enum { A = 0x40020000, B = 0x40020400, C = 0x40020800, AHB1ENR = 0x40023830 };
enum { MODER = 0, OTYPER = 4, OSPEEDR = 8, PUPDR = 0xC, IDR = 0x10, ODR = 0x14, BSRR = 0x18,
       LCKR = 0x1C, AFRL = 0x20, AFRH = 0x24 };

static chip_t *start(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, AHB1ENR, 0x1FF);
    return c;
}

static void test_reset_values(void)
{
    chip_t *c = start();
    g_assert_cmphex(rd(c, A + MODER), ==, 0xA8000000);
    g_assert_cmphex(rd(c, A + PUPDR), ==, 0x64000000);
    g_assert_cmphex(rd(c, B + MODER), ==, 0x00000280);
    g_assert_cmphex(rd(c, B + OSPEEDR), ==, 0x000000C0);
    g_assert_cmphex(rd(c, C + MODER), ==, 0);
    // PA13 and PA15 are pulled up, PA14 down.
    g_assert_cmphex(rd(c, A + IDR) & 0xE000, ==, 0xA000);
    chip_free(c);
}

static void test_output(void)
{
    chip_t *c = start();
    pin_t *pin = chip_pin(c, "gpioc:PC3");
    wr(c, C + MODER, 1 << 6);
    g_assert_cmpint(pin->drive, ==, DRIVE_STRONG);
    g_assert_false(pin_level(pin));
    wr(c, C + BSRR, 1 << 3 | 1 << 19); // set wins
    g_assert_cmphex(rd(c, C + ODR), ==, 1 << 3);
    g_assert_true(pin_level(pin));
    g_assert_cmphex(rd(c, C + IDR), ==, 1 << 3);
    wr_size(c, C + BSRR + 2, 2, 1 << 3);
    g_assert_cmphex(rd(c, C + ODR), ==, 0);
    g_assert_false(pin_level(pin));
    wr_size(c, C + ODR, 1, 8);
    g_assert_true(pin_level(pin));
    wr(c, C + OTYPER, 1 << 3); // open drain: high is released
    g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
    wr(c, C + PUPDR, 1 << 6);
    g_assert_cmpint(pin->drive, ==, DRIVE_PULL);
    g_assert_cmpint(pin->mv, ==, 3300);
    wr(c, C + MODER, 3 << 6); // analog
    g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
    g_assert_cmphex(rd(c, C + IDR), ==, 0);
    chip_free(c);
}

static void test_lock(void)
{
    chip_t *c = start();
    wr(c, C + MODER, 1 << 6);
    wr(c, C + LCKR, 1 << 16 | 8);
    wr(c, C + LCKR, 8);
    wr(c, C + LCKR, 1 << 16 | 9); // other bits: aborted
    g_assert_cmphex(rd(c, C + LCKR) & 1 << 16, ==, 0);
    wr(c, C + MODER, 2 << 6);
    g_assert_cmphex(rd(c, C + MODER), ==, 2 << 6);
    wr(c, C + LCKR, 1 << 16 | 8);
    wr(c, C + LCKR, 8);
    wr(c, C + LCKR, 1 << 16 | 8);
    g_assert_cmphex(rd(c, C + LCKR), ==, 1 << 16 | 8);
    wr(c, C + MODER, 1 << 8);
    wr(c, C + AFRL, 0x77777777);
    wr(c, C + OTYPER, 0xFFFF);
    g_assert_cmphex(rd(c, C + MODER), ==, 2 << 6 | 1 << 8);
    g_assert_cmphex(rd(c, C + AFRL), ==, 0x77770777);
    g_assert_cmphex(rd(c, C + OTYPER), ==, 0xFFF7);
    chip_free(c);
}

static int inputs;
static bool last_input;

static void on_input(void *ctx, pad_t *pad, bool high)
{
    inputs++;
    last_input = high;
}

// TIM5 channel 1 is AF2 of PA0.
static void test_alternate(void)
{
    chip_t *c = chip_new("stm32f405");
    pad_t *pad = machine_pad(c->m, "tim5.ch1");
    pin_t *pin = chip_pin(c, "gpioa:PA0");
    chip_start(c);
    pad->input = on_input;
    inputs = 0;
    wr(c, AHB1ENR, 1);
    wr(c, A + AFRL, 2);
    g_assert_null(pad->pin);
    wr(c, A + MODER, 0xA8000002);
    g_assert_true(pad->pin == pin);
    g_assert_cmpint(inputs, ==, 1);
    pad_drive(pad, true, true);
    g_assert_cmpint(pin->drive, ==, DRIVE_STRONG);
    g_assert_true(pin_level(pin));
    g_assert_cmpint(inputs, ==, 2);
    g_assert_true(last_input);
    pad_drive(pad, false, false);
    g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
    wr(c, A + AFRL, 1);
    g_assert_null(pad->pin);
    g_assert_true(machine_pad(c->m, "tim2.ch1")->pin == pin);
    g_assert_true(machine_pad(c->m, "tim2.etr")->pin == pin);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-gpio/reset-values", test_reset_values);
    g_test_add_func("/stm32-gpio/output", test_output);
    g_test_add_func("/stm32-gpio/lock", test_lock);
    g_test_add_func("/stm32-gpio/alternate", test_alternate);
    return g_test_run();
}
