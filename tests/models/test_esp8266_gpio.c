// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 GPIO, IO_MUX and GPIO16: levels, functions, pulls, open drain, interrupts, straps,
// sigma-delta, the calibration of the slow clock.
#include "esp8266.h"

enum { GPIO = 0x60000300, OUT = GPIO, OUT_W1TS = GPIO + 0x04, OUT_W1TC = GPIO + 0x08,
       ENABLE = GPIO + 0x0C, ENABLE_W1TS = GPIO + 0x10, ENABLE_W1TC = GPIO + 0x14, IN = GPIO + 0x18,
       STATUS = GPIO + 0x1C, STATUS_W1TS = GPIO + 0x20, STATUS_W1TC = GPIO + 0x24,
       PIN0 = GPIO + 0x28, SIGMA_DELTA = GPIO + 0x68, CALIB_SYNC = GPIO + 0x6C,
       CALIB_VALUE = GPIO + 0x70 };
enum { MUX_CONF = 0x60000800, RTC = 0x60000700, RTC_OUT = RTC + 0x68,
       RTC_ENABLE = RTC + 0x74, RTC_IN = RTC + 0x8C, XPD_CONF = RTC + 0xA0 };
enum { PULL_UP = 1 << 7, PULL_DOWN = 1 << 6, RISING = 1 << 7, FALLING = 2 << 7, ANY = 3 << 7,
       LOW = 4 << 7, HIGH = 5 << 7, OPEN_DRAIN = 1 << 2, SD = 1, WAKE = 1 << 10 };

static uint32_t mux(unsigned gpio)
{
    static const uint8_t at[16] = {0x34, 0x18, 0x38, 0x14, 0x3C, 0x40, 0x1C, 0x20,
                                   0x24, 0x28, 0x2C, 0x30, 0x04, 0x08, 0x0C, 0x10};
    return MUX_CONF + at[gpio];
}

// The pin becomes a GPIO.
static void as_gpio(chip_t *c, unsigned gpio, uint32_t bits)
{
    bool plain = gpio == 0 || gpio == 2 || gpio == 4 || gpio == 5;
    wr(c, mux(gpio), (plain ? 0 : 3 << 4) | bits);
}

static part_t *outside_part(chip_t *c)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    return machine_add_part(c->m, &outside, "outside", NULL);
}

// A pin outside, joined to a GPIO.
static pin_t *wire(part_t *outside, unsigned gpio)
{
    g_autofree char *name = g_strdup_printf("%u", gpio);
    pin_t *pin = part_add_pin(outside, name, NULL, NULL);
    g_autofree char *full = g_strdup_printf(gpio == 16 ? "rtc:GPIO%u" : "gpio:GPIO%u", gpio);
    pin_connect(pin, machine_pin(outside->m, full, NULL));
    return pin;
}

static void outputs(void)
{
    static const uint8_t free_pins[] = {0, 1, 2, 3, 4, 5, 9, 10, 12, 13, 14, 15};
    chip_t *c = esp8266_new();
    for (unsigned k = 0; k < G_N_ELEMENTS(free_pins); k++) {
        unsigned i = free_pins[k];
        pin_t *pin = esp_pin(c, i);
        as_gpio(c, i, 0);
        wr(c, ENABLE_W1TS, 1u << i);
        g_assert_false(pin_level(pin));
        wr(c, OUT_W1TS, 1u << i);
        g_assert_true(pin_level(pin));
        g_assert_cmphex(rd(c, OUT), ==, 1u << i);
        g_assert_cmphex(rd(c, IN) & 0xFFFF & 1u << i, ==, 1u << i);
        wr(c, OUT_W1TC, 1u << i);
        g_assert_false(pin_level(pin));
        wr(c, OUT, 1u << i);
        g_assert_true(pin_level(pin));
        wr(c, ENABLE_W1TC, 1u << i);
        g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
        g_assert_cmphex(rd(c, ENABLE), ==, 0);
        wr(c, OUT, 0);
    }
    chip_done(c);
}

static void pulls(void)
{
    chip_t *c = esp8266_new();
    static const uint8_t high[] = {0, 2, 9, 10, 12, 13, 14}, low[] = {15};
    for (unsigned i = 0; i < G_N_ELEMENTS(high); i++)
        g_assert_true(pin_level(esp_pin(c, high[i])));
    for (unsigned i = 0; i < G_N_ELEMENTS(low); i++)
        g_assert_false(pin_level(esp_pin(c, low[i])));
    as_gpio(c, 4, PULL_UP);
    g_assert_cmpint(pin_mv(esp_pin(c, 4)), ==, NET_VDD_MV);
    as_gpio(c, 4, 0);
    g_assert_cmpint(esp_pin(c, 4)->drive, ==, DRIVE_NONE);
    as_gpio(c, 4, PULL_DOWN); // there is none
    g_assert_cmpint(esp_pin(c, 4)->drive, ==, DRIVE_NONE);
    as_gpio(c, 15, PULL_UP);
    g_assert_true(pin_level(esp_pin(c, 15)));
    as_gpio(c, 15, PULL_DOWN);
    g_assert_false(pin_level(esp_pin(c, 15)));
    // Open drain: high is the pull-up.
    as_gpio(c, 5, PULL_UP);
    wr(c, PIN0 + 4 * 5, OPEN_DRAIN);
    wr(c, ENABLE, 1 << 5);
    g_assert_false(pin_level(esp_pin(c, 5)));
    wr(c, OUT, 1 << 5);
    g_assert_true(pin_level(esp_pin(c, 5)));
    g_assert_cmpint(esp_pin(c, 5)->drive, ==, DRIVE_PULL);
    chip_done(c);
}

static void edges(void)
{
    chip_t *c = chip_new("esp8266ex");
    pin_t *four = wire(outside_part(c), 4);
    pin_set(four, false);
    chip_start(c);
    static const struct {
        uint32_t type;
        bool up, down;
    } rows[] = {{0, false, false}, {RISING, true, false}, {FALLING, false, true},
                {ANY, true, true}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        wr(c, PIN0 + 4 * 4, rows[i].type);
        pin_set(four, true);
        g_assert_cmphex(rd(c, STATUS), ==, rows[i].up ? 1 << 4 : 0);
        g_assert_cmpint(level(c, "irq.4"), ==, rows[i].up);
        wr(c, STATUS_W1TC, 0xFFFF);
        g_assert_false(level(c, "irq.4"));
        pin_set(four, false);
        g_assert_cmphex(rd(c, STATUS), ==, rows[i].down ? 1 << 4 : 0);
        g_assert_cmpint(level(c, "irq.4"), ==, rows[i].down);
        wr(c, STATUS_W1TC, 1 << 4);
    }
    wr(c, STATUS_W1TS, 1 << 9);
    g_assert_cmphex(rd(c, STATUS), ==, 1 << 9);
    g_assert_true(level(c, "irq.4"));
    wr(c, STATUS, 0);
    g_assert_false(level(c, "irq.4"));
    chip_done(c);
}

// A start bit wakes through the pin of RXD too.
static void edges_of_rxd(void)
{
    chip_t *c = chip_new("esp8266ex");
    pin_t *three = wire(outside_part(c), 3);
    pin_set(three, true);
    chip_start(c);
    g_assert_false(net_watched(three->net));
    wr(c, PIN0 + 4 * 3, FALLING);
    g_assert_true(net_watched(three->net)); // frames come as edges now
    pin_set(three, false);
    g_assert_cmphex(rd(c, STATUS), ==, 1 << 3);
    pin_set(three, true);
    wr(c, PIN0 + 4 * 3, 0);
    g_assert_false(net_watched(three->net));
    chip_done(c);
}

static void levels(void)
{
    chip_t *c = chip_new("esp8266ex");
    pin_t *four = wire(outside_part(c), 4);
    pin_set(four, false);
    chip_start(c);
    wr(c, PIN0 + 4 * 4, HIGH);
    g_assert_false(level(c, "irq.4"));
    pin_set(four, true);
    g_assert_true(level(c, "irq.4"));
    wr(c, STATUS_W1TC, 1 << 4); // comes back as long as it is high
    g_assert_true(level(c, "irq.4"));
    pin_set(four, false);
    g_assert_true(level(c, "irq.4")); // latched
    wr(c, STATUS_W1TC, 1 << 4);
    g_assert_false(level(c, "irq.4"));
    wr(c, PIN0 + 4 * 4, LOW);
    g_assert_cmphex(rd(c, STATUS), ==, 1 << 4);
    chip_done(c);
}

// The levels when the reset pin is released, and not when a program or the watchdog resets the
// chip.
static void straps(void)
{
    chip_t *c = chip_new("esp8266ex");
    part_t *outside = outside_part(c);
    pin_t *zero = wire(outside, 0), *two = wire(outside, 2), *fifteen = wire(outside, 15);
    chip_start(c);
    g_assert_cmphex(rd(c, IN) >> 16, ==, 0xC003); // by the pulls: flash boot, mode (3, 6)
    pin_set(zero, false); // after the power came, at the same time
    run_to(c, 1);
    g_assert_cmphex(rd(c, IN) >> 16, ==, 0xC001); // download
    pin_set(zero, true);
    line_set(machine_line(c->m, "nrst.assert"), true);
    run_for(c, US);
    pin_set(two, false);
    pin_set(fifteen, true);
    run_for(c, US);
    line_set(machine_line(c->m, "nrst.assert"), false);
    run_for(c, US);
    g_assert_cmphex(rd(c, IN) >> 16, ==, 0xC006);
    pin_set(two, true);
    pin_set(fifteen, false);
    wr(c, RTC, 1u << 31);
    run_for(c, US);
    g_assert_cmphex(rd(c, RTC + 0x14), ==, 3); // it was a reset
    g_assert_cmphex(rd(c, IN) >> 16, ==, 0xC006);
    chip_done(c);
}

// The mean voltage of the pulses.
static void sigma_delta(void)
{
    chip_t *c = esp8266_new();
    as_gpio(c, 5, 0);
    wr(c, ENABLE, 1 << 5);
    wr(c, PIN0 + 4 * 5, SD);
    g_assert_cmpint(pin_mv(esp_pin(c, 5)), ==, 0);
    wr(c, SIGMA_DELTA, 1 << 16 | 64);
    g_assert_cmpint(pin_mv(esp_pin(c, 5)), ==, NET_VDD_MV / 4);
    wr(c, SIGMA_DELTA, 1 << 16 | 0xFF00 | 192);
    g_assert_cmpint(pin_mv(esp_pin(c, 5)), ==, NET_VDD_MV * 3 / 4);
    wr(c, PIN0 + 4 * 5, 0);
    g_assert_cmpint(pin_mv(esp_pin(c, 5)), ==, 0);
    chip_done(c);
}

// N periods of 6 us are 480 N cycles of 80 MHz; 0 is 1024.
static void calibration(void)
{
    chip_t *c = esp8266_new();
    wr(c, CALIB_SYNC, 100);
    wr(c, CALIB_SYNC, 1u << 31 | 100);
    g_assert_cmphex(rd(c, CALIB_VALUE), ==, 0);
    run_for(c, 599 * US);
    g_assert_cmphex(rd(c, CALIB_VALUE), ==, 0);
    run_for(c, 7 * US); // the first edge, then 100 periods
    g_assert_cmphex(rd(c, CALIB_VALUE), ==, 3u << 30 | 48000);
    wr(c, CALIB_SYNC, 0);
    wr(c, CALIB_SYNC, 1u << 31);
    run_for(c, 6 * MS);
    g_assert_cmphex(rd(c, CALIB_VALUE) >> 31, ==, 0);
    run_for(c, MS);
    g_assert_cmphex(rd(c, CALIB_VALUE), ==, 3u << 30 | 0x78000);
    chip_done(c);
}

static void gpio16(void)
{
    chip_t *c = chip_new("esp8266ex");
    pin_t *outside = wire(outside_part(c), 16);
    chip_start(c);
    g_assert_true(pin_level(outside)); // XPD_DCDC
    wr(c, XPD_CONF, 1);
    g_assert_cmpint(esp_pin(c, 16)->drive, ==, DRIVE_NONE);
    wr(c, RTC_ENABLE, 1);
    g_assert_false(pin_level(outside));
    wr(c, RTC_OUT, 1);
    g_assert_true(pin_level(outside));
    wr(c, RTC_ENABLE, 0);
    wr(c, XPD_CONF, 1 | 1 << 3);
    g_assert_false(pin_level(outside)); // pull-down
    g_assert_cmphex(rd(c, RTC_IN), ==, 0);
    wr(c, XPD_CONF, 1 | 1 << 2);
    g_assert_cmphex(rd(c, RTC_IN), ==, 1);
    pin_set(outside, false);
    g_assert_cmphex(rd(c, RTC_IN), ==, 0);
    chip_done(c);
}

static void misuse(void)
{
    chip_t *c = esp8266_new();
    wr(c, mux(9), 1 << 4); // SPIHD, as the ROM sets it
    as_gpio(c, 9, 0); // free when the flash chip needs two wires only
    g_assert_cmpstr(c->reports->str, ==, "");
    as_gpio(c, 6, 0);
    g_assert_true(reported(c, "guest-error GPIO6 is a wire to the flash chip"));
    wr(c, mux(4), 1 << 4);
    g_assert_true(reported(c, "unmodelled not modelled: function 1 of GPIO4"));
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266/gpio/outputs", outputs);
    g_test_add_func("/esp8266/gpio/pulls", pulls);
    g_test_add_func("/esp8266/gpio/edges", edges);
    g_test_add_func("/esp8266/gpio/edges-of-rxd", edges_of_rxd);
    g_test_add_func("/esp8266/gpio/levels", levels);
    g_test_add_func("/esp8266/gpio/straps", straps);
    g_test_add_func("/esp8266/gpio/sigma-delta", sigma_delta);
    g_test_add_func("/esp8266/gpio/calibration", calibration);
    g_test_add_func("/esp8266/gpio/16", gpio16);
    g_test_add_func("/esp8266/gpio/misuse", misuse);
    return g_test_run();
}
