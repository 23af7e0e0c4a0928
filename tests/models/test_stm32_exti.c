// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 EXTI and SYSCFG: from a pin to an interrupt line.
#include "chip.h"

enum { GPIOB = 0x40020400, GPIOC = 0x40020800, AHB1ENR = 0x40023830, APB2ENR = 0x40023844 };
enum { EXTICR1 = 0x40013808, IMR = 0x40013C00, EMR = IMR + 4, RTSR = IMR + 8, FTSR = IMR + 0xC,
       SWIER = IMR + 0x10, PR = IMR + 0x14 };

static chip_t *start(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, AHB1ENR, 0x1FF);
    wr(c, APB2ENR, 1 << 14);
    wr(c, EXTICR1, 1 << 12); // EXTI3 = PB3
    wr(c, GPIOB, 1 << 6);    // which is an output
    wr(c, IMR, 1 << 3);
    return c;
}

static void pin3(chip_t *c, bool high) { wr(c, GPIOB + 0x18, high ? 1 << 3 : 1 << 19); }

static void test_edges(void)
{
    chip_t *c = start();
    wr(c, RTSR, 1 << 3);
    pin3(c, true);
    g_assert_cmphex(rd(c, PR), ==, 1 << 3);
    g_assert_true(level(c, "irq.9"));
    wr(c, PR, 1 << 3);
    g_assert_cmphex(rd(c, PR), ==, 0);
    g_assert_false(level(c, "irq.9"));
    pin3(c, false);
    g_assert_cmphex(rd(c, PR), ==, 0);
    wr(c, RTSR, 0);
    wr(c, FTSR, 1 << 3);
    pin3(c, true);
    g_assert_cmphex(rd(c, PR), ==, 0);
    pin3(c, false);
    g_assert_cmphex(rd(c, PR), ==, 1 << 3);
    wr(c, IMR, 0);
    g_assert_false(level(c, "irq.9"));
    chip_free(c);
}

static void test_port_selection(void)
{
    chip_t *c = start();
    wr(c, RTSR, 1 << 3);
    wr(c, EXTICR1, 2 << 12); // PC3
    pin3(c, true);
    g_assert_cmphex(rd(c, PR), ==, 0);
    wr(c, GPIOC, 1 << 6);
    wr(c, GPIOC + 0x18, 1 << 3);
    g_assert_cmphex(rd(c, PR), ==, 1 << 3);
    wr(c, PR, 1 << 3);
    wr(c, GPIOC + 0x18, 1 << 19);
    wr(c, EXTICR1, 1 << 12); // switching to a high pin is a rising edge
    g_assert_cmphex(rd(c, PR), ==, 1 << 3);
    chip_free(c);
}

static unsigned wakes;
static void count_wake(void *ctx, int arg, bool high) { wakes += high; }

// An event line has no pending bit but wakes; shared vectors stay up while any line is pending.
static void test_masks_and_shared(void)
{
    chip_t *c = start();
    wakes = 0;
    line_listen(machine_line(c->m, "exti.wake"), count_wake, NULL, 0);
    wr(c, IMR, 0);
    wr(c, EMR, 1 << 3);
    wr(c, RTSR, 1 << 3);
    pin3(c, true);
    g_assert_cmphex(rd(c, PR), ==, 0);
    g_assert_cmpuint(wakes, ==, 1);
    wr(c, EMR, 0);
    wr(c, IMR, 3 << 5);
    wr(c, SWIER, 3 << 5);
    g_assert_cmphex(rd(c, PR), ==, 3 << 5);
    g_assert_true(level(c, "irq.23"));
    wr(c, PR, 1 << 5);
    g_assert_cmphex(rd(c, SWIER), ==, 1 << 6);
    g_assert_true(level(c, "irq.23"));
    wr(c, PR, 1 << 6);
    g_assert_false(level(c, "irq.23"));
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-exti/edges", test_edges);
    g_test_add_func("/stm32-exti/port-selection", test_port_selection);
    g_test_add_func("/stm32-exti/masks-and-shared", test_masks_and_shared);
    return g_test_run();
}
