// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 GPIO, GPIOTE and PPI: pins, their settings, edges as events, tasks on pins, channels.
#include "nrf51.h"

enum { OUT = NRF_GPIO + 0x504, OUTSET = NRF_GPIO + 0x508, OUTCLR = NRF_GPIO + 0x50C,
       IN = NRF_GPIO + 0x510, DIRECTION = NRF_GPIO + 0x514, DIRSET = NRF_GPIO + 0x518,
       DIRCLR = NRF_GPIO + 0x51C, PIN_CNF = NRF_GPIO + 0x700 };
enum { GPIOTE = 0x40006000, PORT = GPIOTE + 0x17C, CONFIG = GPIOTE + 0x510,
       INTENSET = GPIOTE + 0x304, INTENCLR = GPIOTE + 0x308 };
enum { TIMER = 0x40008000 };

static chip_t *started(void)
{
    chip_t *c = chip_new("nrf51822");
    chip_start(c);
    return c;
}

static void cnf(chip_t *c, unsigned pin, uint32_t value) { wr(c, PIN_CNF + 4 * pin, value); }

static void outputs(void)
{
    chip_t *c = started();
    g_assert_cmphex(rd(c, PIN_CNF + 4 * 7), ==, 2); // input, buffer off
    wr(c, DIRSET, 1 << 7);
    g_assert_cmphex(rd(c, PIN_CNF + 4 * 7), ==, 3);
    g_assert_false(pin_level(gpio_pin(c, 7)));
    wr(c, OUTSET, 1 << 7);
    g_assert_true(pin_level(gpio_pin(c, 7)));
    g_assert_cmphex(rd(c, OUTCLR), ==, 1 << 7);
    g_assert_cmphex(rd(c, IN), ==, 0); // its buffer is off
    cnf(c, 7, 1);
    g_assert_cmphex(rd(c, IN), ==, 1 << 7);
    wr(c, OUTCLR, 1 << 7);
    g_assert_cmphex(rd(c, OUT), ==, 0);
    wr(c, OUT, 0x80);
    g_assert_true(pin_level(gpio_pin(c, 7)));
    wr(c, DIRCLR, 1 << 7);
    g_assert_cmpint(gpio_pin(c, 7)->drive, ==, DRIVE_NONE);
    g_assert_cmphex(rd(c, PIN_CNF + 4 * 7), ==, 0);
    g_assert_cmphex(rd(c, DIRECTION), ==, 0);
    chip_done(c);
}

// DRIVE: which levels are driven.
static void drive_modes(void)
{
    static const struct {
        bool low, high;
    } rows[8] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}, {0, 1}, {0, 1}, {1, 0}, {1, 0}};
    chip_t *c = started();
    for (unsigned i = 0; i < 8; i++) {
        cnf(c, 3, 1 | i << 8);
        wr(c, OUTCLR, 1 << 3);
        g_assert_cmpint(gpio_pin(c, 3)->drive, ==, rows[i].low ? DRIVE_STRONG : DRIVE_NONE);
        wr(c, OUTSET, 1 << 3);
        g_assert_cmpint(gpio_pin(c, 3)->drive, ==, rows[i].high ? DRIVE_STRONG : DRIVE_NONE);
    }
    cnf(c, 3, 0xC); // pull-up
    g_assert_cmphex(rd(c, IN), ==, 1 << 3);
    g_assert_cmpint(gpio_pin(c, 3)->drive, ==, DRIVE_PULL);
    cnf(c, 3, 4); // pull-down
    g_assert_cmphex(rd(c, IN), ==, 0);
    chip_free(c);
}

static void detect(void)
{
    chip_t *c = started();
    feed(c, 5, 0);
    feed(c, 6, 3300);
    wr(c, INTENSET, 1u << 31);
    cnf(c, 5, 2 << 16); // SENSE high
    g_assert_false(level(c, "gpio.detect"));
    feed(c, 5, 3300);
    g_assert_true(level(c, "gpio.detect"));
    g_assert_true(level(c, "irq.6"));
    g_assert_true(event(c, PORT));
    g_assert_false(level(c, "irq.6"));
    cnf(c, 6, 2 << 16); // the level stays: no new event
    g_assert_false(event(c, PORT));
    feed(c, 5, 0);
    feed(c, 6, 0);
    g_assert_false(level(c, "gpio.detect"));
    cnf(c, 6, 3 << 16); // SENSE low
    g_assert_true(event(c, PORT));
    chip_free(c);
}

static void edges(void)
{
    chip_t *c = started();
    feed(c, 17, 3300);
    wr(c, CONFIG + 4, 1 | 17 << 8 | 2 << 16); // channel 1: falling
    wr(c, CONFIG + 8, 1 | 17 << 8 | 3 << 16); // channel 2: both
    feed(c, 17, 0);
    g_assert_true(event(c, GPIOTE + 0x104));
    g_assert_true(event(c, GPIOTE + 0x108));
    feed(c, 17, 3300);
    g_assert_false(event(c, GPIOTE + 0x104));
    g_assert_true(event(c, GPIOTE + 0x108));
    wr(c, CONFIG + 8, 0);
    feed(c, 17, 0);
    g_assert_true(event(c, GPIOTE + 0x104));
    g_assert_false(event(c, GPIOTE + 0x108));
    chip_free(c);
}

static void tasks(void)
{
    chip_t *c = started();
    wr(c, DIRSET, 1 << 3);
    wr(c, CONFIG, 3 | 3 << 8 | 3 << 16 | 1 << 20); // toggles P0.03, high at first
    g_assert_true(pin_level(gpio_pin(c, 3)));
    wr(c, OUTCLR, 1 << 3); // overridden
    g_assert_true(pin_level(gpio_pin(c, 3)));
    task(c, GPIOTE);
    g_assert_false(pin_level(gpio_pin(c, 3)));
    task(c, GPIOTE);
    g_assert_true(pin_level(gpio_pin(c, 3)));
    wr(c, GPIOTE, 0); // no task
    g_assert_true(pin_level(gpio_pin(c, 3)));
    wr(c, CONFIG, 0); // OUT has it again
    g_assert_false(pin_level(gpio_pin(c, 3)));
    // Two peripherals on one pin: the last one has it.
    wr(c, CONFIG, 3 | 3 << 8 | 3 << 16);
    wr(c, CONFIG + 4, 3 | 3 << 8 | 3 << 16 | 1 << 20);
    g_assert_true(pin_level(gpio_pin(c, 3)));
    g_assert_true(reported(c, "gpiote.1 takes P0.03 from gpiote.0"));
    chip_free(c);
}

// A timer toggles a pin by PPI: each edge one 16 MHz period behind the compare event.
static void channels(void)
{
    chip_t *c = started();
    wr(c, CONFIG, 3 | 3 << 8 | 3 << 16);
    wr(c, NRF_PPI + 0x510, TIMER + 0x140);
    wr(c, NRF_PPI + 0x514, GPIOTE);
    wr(c, NRF_PPI + 0x504, 1);
    wr(c, TIMER + 0x510, 4); // 1 MHz
    wr(c, TIMER + 0x540, 10);
    wr(c, TIMER + 0x200, 1); // cleared at 10
    task(c, TIMER);
    for (unsigned i = 1; i <= 4; i++) {
        run_to(c, i * 10 * US + 62500 - 1);
        g_assert_cmpint(pin_level(gpio_pin(c, 3)), ==, (i + 1) & 1);
        run_to(c, i * 10 * US + 62500);
        g_assert_cmpint(pin_level(gpio_pin(c, 3)), ==, i & 1);
    }
    wr(c, NRF_PPI + 0x508, 1);
    g_assert_cmphex(rd(c, NRF_PPI + 0x500), ==, 0);
    run_to(c, 60 * US);
    g_assert_false(pin_level(gpio_pin(c, 3)));
    // Groups.
    wr(c, NRF_PPI + 0x800 + 4, 1 | 1 << 30);
    task(c, NRF_PPI + 8);
    g_assert_cmphex(rd(c, NRF_PPI + 0x504), ==, 1 | 1 << 30);
    task(c, NRF_PPI + 12);
    g_assert_cmphex(rd(c, NRF_PPI + 0x500), ==, 0);
    g_assert_cmpstr(c->reports->str, ==, "");
    // An address that is no task.
    wr(c, NRF_PPI + 0x514, 0x20000000);
    wr(c, NRF_PPI + 0x504, 1);
    run_to(c, 80 * US);
    g_assert_true(reported(c, "PPI channel 0 leads to 0x20000000, which is no task"));
    chip_free(c);
}

// Channel 31 is RTC0's: it starts TIMER0.
static void fixed_channel(void)
{
    chip_t *c = started();
    wr(c, NRF_PPI + 0x504, 1u << 31);
    task(c, 0x40000008); // LFCLKSTART, RC: 390 us
    run_to(c, 390 * US);
    wr(c, 0x4000B344, 1 << 16); // EVTEN COMPARE0
    wr(c, 0x4000B540, 3);
    task(c, 0x4000B000);
    run_to(c, 2 * PS_PER_MS);
    task(c, TIMER + 0x040);
    uint64_t lf = PS_PER_S / 32768; // START at edge 1, compare at edge 4
    uint32_t us = (2 * PS_PER_MS - 390 * US - 4 * lf) / US;
    g_assert_cmpuint(rd(c, TIMER + 0x540), ==, us);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/gpio/outputs", outputs);
    g_test_add_func("/nrf51/gpio/drive", drive_modes);
    g_test_add_func("/nrf51/gpio/detect", detect);
    g_test_add_func("/nrf51/gpiote/edges", edges);
    g_test_add_func("/nrf51/gpiote/tasks", tasks);
    g_test_add_func("/nrf51/ppi/channels", channels);
    g_test_add_func("/nrf51/ppi/fixed", fixed_channel);
    return g_test_run();
}
