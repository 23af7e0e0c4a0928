// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 TWI: byte times, events, shortcuts, suspend, errors, the bus, with a target that logs.
#include "nrf51.h"
#include "xfer.h"

enum { TWI = 0x40003000, SCL = 0, SDA = 30 };
enum { STARTRX = TWI, STARTTX = TWI + 0x08, STOP = TWI + 0x14, SUSPEND = TWI + 0x1C,
       RESUME = TWI + 0x20, STOPPED = TWI + 0x104, RXDREADY = TWI + 0x108, TXDSENT = TWI + 0x11C,
       ERROR = TWI + 0x124, BB = TWI + 0x138, SUSPENDED = TWI + 0x148, SHORTS = TWI + 0x200,
       ERRORSRC = TWI + 0x4C4, ENABLE = TWI + 0x500, PSELSCL = TWI + 0x508, PSELSDA = TWI + 0x50C,
       RXD = TWI + 0x518, TXD = TWI + 0x51C, FREQUENCY = TWI + 0x524, ADDRESS = TWI + 0x588 };
enum { OPEN_DRAIN_UP = 0x60C }; // S0D1, input, pull-up

typedef struct {
    chip_t *c;
    i2c_target_t target;
    pin_t *hold; // somebody else on SDA
    GString *log;
    uint8_t next;
    unsigned refuse_after; // bytes that are acknowledged
} bench_t;

static bool on_start(void *ctx, uint8_t address7, bool read)
{
    bench_t *b = ctx;
    bool mine = address7 == 0x1D;
    if (mine)
        g_string_append(b->log, read ? "R " : "W ");
    return mine;
}

static bool on_write(void *ctx, uint8_t byte)
{
    bench_t *b = ctx;
    g_string_append_printf(b->log, "%02x ", byte);
    return b->refuse_after && b->refuse_after--;
}

static uint8_t on_read(void *ctx)
{
    bench_t *b = ctx;
    g_string_append(b->log, "r ");
    return b->next++;
}

static void on_stop(void *ctx) { g_string_append(((bench_t *)ctx)->log, "P "); }

static bench_t *bench_new(void)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    bench_t *b = g_new0(bench_t, 1);
    b->c = chip_new("nrf51822");
    b->log = g_string_new(NULL);
    b->next = 0x40;
    b->refuse_after = 100;
    part_t *p = machine_add_part(b->c->m, &outside, "outside", NULL);
    pin_t *scl = part_add_pin(p, "SCL", NULL, NULL), *sda = part_add_pin(p, "SDA", NULL, NULL);
    pin_connect(scl, gpio_pin(b->c, SCL));
    pin_connect(sda, gpio_pin(b->c, SDA));
    b->hold = part_add_pin(p, "HOLD", NULL, NULL);
    pin_connect(sda, b->hold);
    b->target = (i2c_target_t){.start = on_start, .write = on_write, .read = on_read,
                               .stop = on_stop, .ctx = b};
    i2c_target_attach(&b->target, scl, sda);
    chip_start(b->c);
    wr(b->c, NRF_GPIO + 0x700 + 4 * SCL, OPEN_DRAIN_UP);
    wr(b->c, NRF_GPIO + 0x700 + 4 * SDA, OPEN_DRAIN_UP);
    wr(b->c, PSELSCL, SCL);
    wr(b->c, PSELSDA, SDA);
    wr(b->c, ADDRESS, 0x1D);
    wr(b->c, ENABLE, 5);
    return b;
}

static void bench_free(bench_t *b)
{
    chip_done(b->c);
    g_string_free(b->log, TRUE);
    g_free(b);
}

static void test_reset_values(void)
{
    bench_t *b = bench_new();
    part_reset(machine_part(b->c->m, "serial0"), true);
    g_assert_cmphex(rd(b->c, PSELSCL), ==, UINT32_MAX);
    g_assert_cmphex(rd(b->c, FREQUENCY), ==, 0x04000000);
    g_assert_cmphex(rd(b->c, ENABLE), ==, 0);
    task(b->c, STARTTX); // switched off: nothing
    run_for(b->c, PS_PER_MS);
    g_assert_cmpstr(b->log->str, ==, "");
    bench_free(b);
}

// Start 1 bit, address 9, data 9 each, stop 1; BB as each data byte begins.
static void write_at(uint32_t frequency, uint64_t bit_ns)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    uint64_t bit = bit_ns * PS_PER_NS;
    wr(c, FREQUENCY, frequency);
    wr(c, TXD, 0xA5);
    task(c, STARTTX);
    event_comes(c, BB, 10 * bit);
    event_comes(c, TXDSENT, 19 * bit);
    g_assert_cmpstr(b->log->str, ==, "W a5 ");
    run_to(c, 30 * bit); // the clock is stretched
    wr(c, TXD, 0x5A);
    g_assert_true(event(c, BB));
    event_comes(c, TXDSENT, 39 * bit);
    task(c, STOP);
    event_comes(c, STOPPED, 40 * bit);
    g_assert_cmpstr(b->log->str, ==, "W a5 5a P ");
    g_assert_false(event(c, ERROR));
    bench_free(b);
}

static void test_write(void)
{
    write_at(0x01980000, 10000);
    write_at(0x04000000, 4000);
    write_at(0x06680000, 2500);
}

// Three bytes as drivers read them: BB suspends, before the last byte BB stops.
static void test_read(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    const uint64_t bit = 4 * US;
    wr(c, SHORTS, 1);
    task(c, STARTRX);
    event_comes(c, RXDREADY, 19 * bit);
    g_assert_true(event(c, SUSPENDED));
    g_assert_cmphex(rd(c, RXD), ==, 0x40);
    run_to(c, 50 * bit); // held
    g_assert_cmpstr(b->log->str, ==, "R r ");
    task(c, RESUME);
    event_comes(c, RXDREADY, 59 * bit);
    g_assert_cmphex(rd(c, RXD), ==, 0x41);
    wr(c, SHORTS, 2);
    task(c, RESUME);
    event_comes(c, RXDREADY, 68 * bit);
    event_comes(c, STOPPED, 69 * bit);
    g_assert_cmphex(rd(c, RXD), ==, 0x42);
    run_for(c, PS_PER_MS);
    g_assert_cmpstr(b->log->str, ==, "R r r r P ");
    bench_free(b);
}

// The same with a PPI channel from BB to SUSPEND and then to STOP.
static void test_read_by_ppi(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    wr(c, NRF_PPI + 0x510, BB);
    wr(c, NRF_PPI + 0x514, SUSPEND);
    wr(c, NRF_PPI + 0x504, 1);
    task(c, STARTRX);
    event_comes(c, RXDREADY, 76 * US);
    rd(c, RXD);
    wr(c, NRF_PPI + 0x514, STOP);
    run_to(c, 100 * US);
    task(c, RESUME);
    event_comes(c, RXDREADY, 136 * US);
    event_comes(c, STOPPED, 140 * US);
    g_assert_cmpstr(b->log->str, ==, "R r r P ");
    bench_free(b);
}

// A byte that nobody takes in time.
static void test_overrun(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    task(c, STARTRX);
    run_to(c, 76 * US);
    g_assert_false(event(c, ERROR));
    event_comes(c, ERROR, 112 * US);
    g_assert_cmpuint(rd(c, ERRORSRC), ==, 1);
    wr(c, ERRORSRC, 1);
    g_assert_cmpuint(rd(c, ERRORSRC), ==, 0);
    g_assert_cmphex(rd(c, RXD), ==, 0x40);
    bench_free(b);
}

static void test_repeated_start(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    wr(c, TXD, 0x0D);
    task(c, STARTTX);
    event_comes(c, TXDSENT, 76 * US);
    wr(c, SHORTS, 2);
    task(c, STARTRX); // 1 + 9 bits, then the byte
    event_comes(c, RXDREADY, (76 + 76) * US);
    event_comes(c, STOPPED, (76 + 80) * US);
    g_assert_cmpstr(b->log->str, ==, "W 0d R r P ");
    bench_free(b);
}

static void test_refused(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    wr(c, ADDRESS, 0x1C);
    wr(c, TXD, 1);
    task(c, STARTTX);
    event_comes(c, ERROR, 40 * US);
    g_assert_cmpuint(rd(c, ERRORSRC), ==, 2);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, TXDSENT));
    task(c, STOP);
    event_comes(c, STOPPED, machine_now_ps(c->m) + 4 * US);
    wr(c, ERRORSRC, 7);
    // Data refused.
    wr(c, ADDRESS, 0x1D);
    b->refuse_after = 0;
    uint64_t start = machine_now_ps(c->m);
    wr(c, TXD, 0x77);
    task(c, STARTTX);
    event_comes(c, ERROR, start + 76 * US);
    g_assert_cmpuint(rd(c, ERRORSRC), ==, 4);
    g_assert_false(event(c, TXDSENT));
    task(c, STOP);
    event_comes(c, STOPPED, start + 80 * US);
    g_assert_cmpstr(b->log->str, ==, "W 77 P ");
    bench_free(b);
}

// An address without data, to see who is there.
static void test_address_only(void)
{
    bench_t *b = bench_new();
    task(b->c, STARTTX);
    task(b->c, STOP);
    event_comes(b->c, STOPPED, 44 * US);
    g_assert_false(event(b->c, ERROR));
    g_assert_cmpstr(b->log->str, ==, "W P ");
    bench_free(b);
}

static void test_suspended_write(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    wr(c, TXD, 1);
    task(c, STARTTX);
    run_to(c, 50 * US);
    task(c, SUSPEND);
    wr(c, TXD, 2);
    event_comes(c, SUSPENDED, 76 * US);
    run_to(c, 200 * US);
    g_assert_cmpstr(b->log->str, ==, "W 01 ");
    task(c, RESUME);
    run_to(c, 236 * US);
    g_assert_cmpstr(b->log->str, ==, "W 01 02 ");
    task(c, STOP);
    bench_free(b);
}

// Somebody holds SDA: the start waits. Switched off, the pins are GPIO's again.
static void test_bus(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    pin_drive(b->hold, DRIVE_STRONG, 0);
    wr(c, TXD, 9);
    task(c, STARTTX);
    run_to(c, PS_PER_MS);
    g_assert_cmpstr(b->log->str, ==, "");
    pin_release(b->hold);
    event_comes(c, TXDSENT, PS_PER_MS + 76 * US);
    g_assert_true(pin_level(gpio_pin(c, SCL)));
    wr(c, ENABLE, 0);
    g_assert_cmpstr(b->log->str, ==, "W 09 P "); // released lines look like a stop
    wr(c, NRF_GPIO + 0x518, 1u << SCL); // DIRSET, OUT 0
    g_assert_false(pin_level(gpio_pin(c, SCL)));
    wr(c, ENABLE, 5);
    g_assert_true(pin_level(gpio_pin(c, SCL)));
    bench_free(b);
}

// Both blocks on the same wires, one after the other.
static void test_two_blocks(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    enum { OTHER = 0x1000 };
    wr(c, PSELSCL + OTHER, SCL);
    wr(c, PSELSDA + OTHER, SDA);
    wr(c, ADDRESS + OTHER, 0x1D);
    wr(c, ENABLE + OTHER, 5);
    for (uint32_t at = 0; at <= OTHER; at += OTHER) {
        wr(c, TXD + at, 0x10 + at / OTHER);
        task(c, STARTTX + at);
        run_for(c, 76 * US);
        g_assert_true(event(c, TXDSENT + at));
        task(c, STOP + at);
        run_for(c, 4 * US);
        g_assert_true(event(c, STOPPED + at));
    }
    g_assert_cmpstr(b->log->str, ==, "W 10 P W 11 P ");
    bench_free(b);
}

static void test_interrupts(void)
{
    bench_t *b = bench_new();
    chip_t *c = b->c;
    wr(c, TWI + 0x304, 1 << 7 | 1 << 1);
    wr(c, TXD, 9);
    task(c, STARTTX);
    run_to(c, 75 * US);
    g_assert_false(level(c, "irq.3"));
    run_to(c, 76 * US);
    g_assert_true(level(c, "irq.3"));
    wr(c, TXDSENT, 0);
    g_assert_false(level(c, "irq.3"));
    task(c, STOP);
    run_to(c, 80 * US);
    g_assert_true(level(c, "irq.3"));
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/twi/reset-values", test_reset_values);
    g_test_add_func("/nrf51/twi/write", test_write);
    g_test_add_func("/nrf51/twi/read", test_read);
    g_test_add_func("/nrf51/twi/read-by-ppi", test_read_by_ppi);
    g_test_add_func("/nrf51/twi/overrun", test_overrun);
    g_test_add_func("/nrf51/twi/repeated-start", test_repeated_start);
    g_test_add_func("/nrf51/twi/refused", test_refused);
    g_test_add_func("/nrf51/twi/address-only", test_address_only);
    g_test_add_func("/nrf51/twi/suspended-write", test_suspended_write);
    g_test_add_func("/nrf51/twi/bus", test_bus);
    g_test_add_func("/nrf51/twi/two-blocks", test_two_blocks);
    g_test_add_func("/nrf51/twi/interrupts", test_interrupts);
    return g_test_run();
}
