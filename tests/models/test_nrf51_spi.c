// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 SPI master: byte times, the bytes behind TXD and RXD, bit order and modes, pins.
#include "nrf51.h"
#include "xfer.h"

enum { SPI = 0x40004000, SCK = 23, MOSI = 21, MISO = 22 };
enum { READY = SPI + 0x108, ENABLE = SPI + 0x500, PSELSCK = SPI + 0x508, PSELMOSI = SPI + 0x50C,
       PSELMISO = SPI + 0x510, RXD = SPI + 0x518, TXD = SPI + 0x51C, FREQUENCY = SPI + 0x524,
       CONFIG = SPI + 0x554 };

typedef struct {
    chip_t *c;
    spi_target_t target;
    GString *log;
} bench_t;

static void on_byte(void *ctx, uint8_t mosi)
{
    bench_t *b = ctx;
    g_string_append_printf(b->log, "%02x ", mosi);
    b->target.reply = mosi ^ 0xFF;
}

static bench_t *bench_new(uint8_t mode)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    static const unsigned places[] = {SCK, MOSI, MISO};
    bench_t *b = g_new0(bench_t, 1);
    pin_t *pins[3], *cs;
    b->c = chip_new("nrf51822");
    b->log = g_string_new(NULL);
    part_t *p = machine_add_part(b->c->m, &outside, "outside", NULL);
    for (unsigned i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        pins[i] = part_add_pin(p, name, NULL, NULL);
        pin_connect(pins[i], gpio_pin(b->c, places[i]));
    }
    cs = part_add_pin(p, "CS", NULL, NULL);
    pin_set(cs, true);
    b->target = (spi_target_t){.mode = mode, .reply = 0xC3, .byte = on_byte, .ctx = b};
    spi_target_attach(&b->target, pins[0], pins[1], pins[2], cs);
    chip_start(b->c);
    wr(b->c, PSELSCK, SCK);
    wr(b->c, PSELMOSI, MOSI);
    wr(b->c, PSELMISO, MISO);
    wr(b->c, CONFIG, (mode & 1) << 1 | (mode & 2) << 1);
    wr(b->c, ENABLE, 1);
    pin_set(cs, false);
    return b;
}

static void bench_free(bench_t *b)
{
    chip_done(b->c);
    g_string_free(b->log, TRUE);
    g_free(b);
}

static void test_rates(void)
{
    static const struct {
        uint32_t frequency;
        uint64_t byte_ns;
    } rates[] = {{0x02000000, 64000}, {0x04000000, 32000}, {0x08000000, 16000}, {0x10000000, 8000},
                 {0x20000000, 4000}, {0x40000000, 2000}, {0x80000000, 1000}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
        bench_t *b = bench_new(0);
        wr(b->c, FREQUENCY, rates[i].frequency);
        wr(b->c, TXD, 0x9A);
        event_comes(b->c, READY, rates[i].byte_ns * PS_PER_NS);
        g_assert_cmphex(rd(b->c, RXD), ==, 0xC3);
        g_assert_cmpstr(b->log->str, ==, "9a ");
        bench_free(b);
    }
}

// TXD and RXD have a byte behind them: a second READY comes when the first byte was taken.
static void test_buffers(void)
{
    bench_t *b = bench_new(0);
    chip_t *c = b->c;
    wr(c, FREQUENCY, 0x80000000);
    wr(c, TXD, 1);
    wr(c, TXD, 2); // goes out without a gap
    event_comes(c, READY, 1 * US);
    run_to(c, 2 * US);
    g_assert_cmpstr(b->log->str, ==, "01 02 ");
    g_assert_false(event(c, READY));
    g_assert_cmphex(rd(c, RXD), ==, 0xC3);
    g_assert_true(event(c, READY));
    g_assert_cmphex(rd(c, RXD), ==, 0xFE);
    g_assert_false(event(c, READY));
    // A third that nobody has room for is lost.
    for (unsigned i = 3; i <= 5; i++) {
        wr(c, TXD, i);
        run_for(c, 1 * US);
    }
    g_assert_cmphex(rd(c, RXD), ==, 0xFD);
    g_assert_cmphex(rd(c, RXD), ==, 0xFC);
    wr(c, TXD, 6);
    run_for(c, 1 * US);
    g_assert_cmphex(rd(c, RXD), ==, 0xFA);
    bench_free(b);
}

static void test_modes(void)
{
    for (uint8_t mode = 0; mode < 4; mode++) {
        bench_t *b = bench_new(mode);
        g_assert_cmpint(pin_level(gpio_pin(b->c, SCK)), ==, mode >> 1);
        wr(b->c, TXD, 0x81);
        run_for(b->c, 32 * US);
        g_assert_cmphex(rd(b->c, RXD), ==, 0xC3);
        wr(b->c, CONFIG, rd(b->c, CONFIG) | 1); // least significant bit first
        wr(b->c, TXD, 0x13);
        run_for(b->c, 32 * US);
        g_assert_cmphex(rd(b->c, RXD), ==, 0x7E);
        g_assert_cmpstr(b->log->str, ==, "81 c8 ");
        bench_free(b);
    }
}

static void test_switched_off(void)
{
    bench_t *b = bench_new(0);
    chip_t *c = b->c;
    wr(c, TXD, 0x55);
    run_for(c, 5 * US);
    wr(c, ENABLE, 0);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, READY));
    g_assert_cmpstr(b->log->str, ==, "");
    wr(c, TXD, 0x56);
    run_for(c, PS_PER_MS);
    g_assert_cmpstr(b->log->str, ==, "");
    wr(c, ENABLE, 2);
    g_assert_true(reported(c, "SPIS"));
    g_string_truncate(c->reports, 0);
    bench_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/spi/rates", test_rates);
    g_test_add_func("/nrf51/spi/buffers", test_buffers);
    g_test_add_func("/nrf51/spi/modes", test_modes);
    g_test_add_func("/nrf51/spi/switched-off", test_switched_off);
    return g_test_run();
}
