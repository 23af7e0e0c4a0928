// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 HSPI as a master: phases, times, modes, orders of bits and bytes.
#include "rig.h"
#include "xfer.h"

enum { HSPI = 0x60000100, CMD = HSPI, ADDR = HSPI + 0x04, CTRL0 = HSPI + 0x08, CLOCK = HSPI + 0x18,
       USER0 = HSPI + 0x1C, USER1 = HSPI + 0x20, USER2 = HSPI + 0x24, PINS = HSPI + 0x2C,
       SLAVE0 = HSPI + 0x30, W0 = HSPI + 0x40, EXT2 = HSPI + 0xF8 };
enum { USR = 1 << 18 };
enum { DUPLEX = 1 << 0, OUT_EDGE = 1 << 7, RD_ORDER = 1 << 10, WR_ORDER = 1 << 11, SIO = 1 << 16,
       IN_HIGH = 1 << 24, OUT_HIGH = 1 << 25, MOSI = 1 << 27, MISO = 1 << 28, DUMMY = 1 << 29,
       ADDRESS = 1 << 30 };
#define COMMAND (1u << 31)
enum { RD_LSB = 1 << 25, WR_LSB = 1 << 26, IDLE_HIGH = 1 << 29 };
enum { SCK, DOUT, DIN, CS };
enum { BIT_PS = 50000 }; // 20 MHz

static const soc_t soc = {
    .name = "hspi",
    .clks = (const soc_clk_t[]){{"apb", 80000000}, {NULL}},
    .parts = (const soc_part_t[]){{"esp8266-spi", "spi1", HSPI, "apb", 1, NULL}, {NULL}},
};

static void report(void *ctx, report_t kind, const char *text)
{
    g_string_append_printf(ctx, "%s\n", text);
}

// A device, also one that records all bits: its bytes end where bits end.
typedef struct {
    spi_target_t target;
    machine_t *m;
    GString *reports;
    uint8_t got[80], answer[80];
    unsigned n, selects;
} bench_t;

static void device_byte(void *ctx, uint8_t mosi)
{
    bench_t *b = ctx;
    b->got[b->n++ % sizeof b->got] = mosi;
    b->target.reply = b->answer[b->n % sizeof b->answer];
}

static void device_select(void *ctx, bool selected)
{
    bench_t *b = ctx;
    if (!selected)
        return;
    b->selects++;
    b->n = 0;
    b->target.reply = b->answer[0];
}

static bench_t *bench_new(unsigned mode)
{
    bench_t *b = g_new0(bench_t, 1);
    b->target = (spi_target_t){
        .mode = mode, .byte = device_byte, .select = device_select, .ctx = b};
    for (unsigned i = 0; i < sizeof b->answer; i++)
        b->answer[i] = 0xA1 + 3 * i;
    b->reports = g_string_new(NULL);
    machine_t *m = b->m = rig_new(&soc);
    m->report = report;
    m->report_ctx = b->reports;
    for (int i = 0; i < 4; i++)
        pin_connect(rig_pin(m, i), rig_pin(m, 8 + i));
    spi_target_attach(&b->target, rig_pin(m, 8), rig_pin(m, 9), rig_pin(m, 10), rig_pin(m, 11));
    rig_start(m);
    static const char *const pads[] = {"hspi.clk", "hspi.mosi", "hspi.miso", "hspi.cs"};
    for (int i = 0; i < 4; i++)
        rig_route(m, i, pads[i], false);
    wr(m, CLOCK, 3 << 12 | 1 << 6); // a quarter: 20 MHz
    wr(m, PINS, mode & 2 ? IDLE_HIGH : 0);
    wr(m, USER0, mode == 1 || mode == 2 ? OUT_EDGE : 0);
    b->selects = 0; // without what a floating wire did
    return b;
}

static void bench_free(bench_t *b)
{
    machine_free(b->m);
    g_string_free(b->reports, TRUE);
    g_free(b);
}

static void bench_done(bench_t *b)
{
    g_assert_cmpstr(b->reports->str, ==, "");
    bench_free(b);
}

static void set_user(bench_t *b, uint32_t bits)
{
    wr(b->m, USER0, (rd(b->m, USER0) & OUT_EDGE) | bits);
}

static void lengths(bench_t *b, unsigned address, unsigned out, unsigned in, unsigned dummy)
{
    wr(b->m, USER1, (address - 1) << 26 | ((out - 1) & 511) << 17 | ((in - 1) & 511) << 8 |
                        ((dummy - 1) & 255));
}

// A transaction that takes exactly `bits`.
static void go(bench_t *b, unsigned bits)
{
    machine_t *m = b->m;
    uint64_t start = machine_now_ps(m);
    wr(m, CMD, USR);
    g_assert_cmphex(rd(m, EXT2), !=, 0);
    g_assert_false(pin_level(rig_pin(m, CS)));
    rig_run(m, start + bits * BIT_PS - 1);
    g_assert_cmphex(rd(m, CMD), ==, USR);
    rig_run(m, start + bits * BIT_PS);
    g_assert_cmphex(rd(m, CMD), ==, 0);
    g_assert_cmphex(rd(m, EXT2), ==, 0);
    g_assert_true(pin_level(rig_pin(m, CS)));
}

// Both ways at once, in all modes.
static void test_duplex(void)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        bench_t *b = bench_new(mode);
        g_assert_cmpint(pin_level(rig_pin(b->m, SCK)), ==, mode >> 1);
        set_user(b, MOSI | DUPLEX);
        lengths(b, 1, 24, 1, 1);
        wr(b->m, W0, 0x99563412);
        go(b, 24);
        g_assert_cmphex(b->n, ==, 3);
        g_assert_cmphex(b->got[0], ==, 0x12);
        g_assert_cmphex(b->got[1], ==, 0x34);
        g_assert_cmphex(b->got[2], ==, 0x56);
        g_assert_cmphex(rd(b->m, W0), ==, 0x99A7A4A1); // the highest byte stays
        bench_done(b);
    }
}

// A target of another mode sees other bits.
static void test_wrong_mode(void)
{
    bench_t *b = bench_new(0);
    wr(b->m, USER0, OUT_EDGE | MOSI); // mode 1
    lengths(b, 1, 8, 1, 1);
    wr(b->m, W0, 0xA5);
    go(b, 8);
    g_assert_cmphex(b->got[0], ==, 0xA5 >> 1);
    bench_done(b);
}

// Command, address, dummy, MOSI, MISO, in this order.
static void test_phases(void)
{
    bench_t *b = bench_new(0);
    set_user(b, COMMAND | ADDRESS | DUMMY | MOSI | MISO);
    lengths(b, 24, 16, 32, 8);
    wr(b->m, USER2, 15u << 28 | 0x4321); // the low byte goes first
    wr(b->m, ADDR, 0xABCDEF99);          // the upper end
    wr(b->m, W0, 0x2211);
    go(b, 16 + 24 + 8 + 16 + 32);
    static const uint8_t wanted[] = {0x21, 0x43, 0xAB, 0xCD, 0xEF, 0x00, 0x11, 0x22};
    g_assert_cmpmem(b->got, sizeof wanted, wanted, sizeof wanted);
    g_assert_cmpuint(b->n, ==, 12);
    g_assert_cmphex(rd(b->m, W0), ==, 0xC2BFBCB9 + 0x0); // answers 8 to 11
    g_assert_cmpuint(b->selects, ==, 1);
    bench_done(b);
}

// Phases that do not end at bytes: the device sees one stream of bits.
static void test_odd_lengths(void)
{
    bench_t *b = bench_new(3);
    set_user(b, COMMAND | ADDRESS | DUMMY | MOSI);
    lengths(b, 5, 13, 1, 2);
    wr(b->m, USER2, 3u << 28 | 0xC0); // 1100
    wr(b->m, ADDR, 0x15u << 27);      // 10101
    wr(b->m, W0, 0xF8FF);             // 8 ones, 5 ones
    go(b, 4 + 5 + 2 + 13);
    // 1100 1010 | 1001 1111 | 1111 1111
    g_assert_cmpuint(b->n, ==, 3);
    g_assert_cmphex(b->got[0], ==, 0xCA);
    g_assert_cmphex(b->got[1], ==, 0x9F);
    g_assert_cmphex(b->got[2], ==, 0xFF);
    bench_done(b);
}

static uint8_t reversed(uint8_t x)
{
    uint8_t r = 0;
    for (unsigned i = 0; i < 8; i++)
        r |= (x >> i & 1) << (7 - i);
    return r;
}

static void test_orders(void)
{
    bench_t *b = bench_new(0);
    set_user(b, MOSI | DUPLEX | WR_ORDER | RD_ORDER);
    lengths(b, 1, 24, 1, 1);
    wr(b->m, W0, 0x12345678);
    go(b, 24);
    g_assert_cmphex(b->got[0], ==, 0x12);
    g_assert_cmphex(b->got[2], ==, 0x56);
    g_assert_cmphex(rd(b->m, W0), ==, 0xA1A4A778);
    // Least significant bit first, 12 bits.
    set_user(b, MOSI | DUPLEX);
    wr(b->m, CTRL0, WR_LSB | RD_LSB);
    lengths(b, 1, 16, 1, 1);
    wr(b->m, W0, 0x1234);
    go(b, 16);
    g_assert_cmphex(b->got[0], ==, reversed(0x34));
    g_assert_cmphex(b->got[1], ==, reversed(0x12));
    g_assert_cmphex(rd(b->m, W0), ==, reversed(0xA4) << 8 | reversed(0xA1));
    // One of the two.
    wr(b->m, CTRL0, RD_LSB);
    wr(b->m, W0, 0x1234);
    go(b, 16);
    g_assert_cmphex(b->got[0], ==, 0x34);
    g_assert_cmphex(rd(b->m, W0), ==, reversed(0xA4) << 8 | reversed(0xA1));
    // Command and address follow the order of writing.
    wr(b->m, CTRL0, WR_LSB);
    set_user(b, COMMAND | ADDRESS);
    lengths(b, 8, 1, 1, 1);
    wr(b->m, USER2, 7u << 28 | 0x01);
    wr(b->m, ADDR, 0x03);
    go(b, 16);
    g_assert_cmphex(b->got[0], ==, 0x80);
    g_assert_cmphex(b->got[1], ==, 0xC0);
    bench_done(b);
}

static void test_512_bits(void)
{
    bench_t *b = bench_new(0);
    set_user(b, MOSI | DUPLEX);
    lengths(b, 1, 512, 1, 1);
    for (unsigned i = 0; i < 16; i++)
        wr(b->m, W0 + 4 * i, 0x03020100 + i * 0x04040404);
    go(b, 512);
    for (unsigned i = 0; i < 64; i++) {
        g_assert_cmphex(b->got[i], ==, i);
        g_assert_cmphex(rd(b->m, W0 + (i & ~3u)) >> 8 * (i % 4) & 0xFF, ==, b->answer[i]);
    }
    // One bit.
    lengths(b, 1, 1, 1, 1);
    wr(b->m, W0, 0);
    go(b, 1);
    g_assert_cmphex(rd(b->m, W0), ==, 0x80); // the first of 0xA1
    // The upper half.
    for (unsigned i = 0; i < 16; i++)
        wr(b->m, W0 + 4 * i, 0x100 + i);
    set_user(b, MOSI | DUPLEX | OUT_HIGH);
    lengths(b, 1, 32, 1, 1);
    go(b, 32);
    g_assert_cmphex(b->got[0], ==, 0x08);
    g_assert_cmphex(rd(b->m, W0 + 32), ==, 0x108);
    set_user(b, MISO | IN_HIGH);
    lengths(b, 1, 1, 8, 1);
    go(b, 8);
    g_assert_cmphex(rd(b->m, W0 + 32), ==, 0x1A1);
    bench_done(b);
}

// The divider, exactly, also where a bit is no whole number of nanoseconds.
static void test_divider(void)
{
    static const struct {
        uint32_t clock, cycles;
    } rows[] = {{1u << 31, 1},
                {0x009C1040, 80},
                {2 << 12, 3},
                {6 << 18 | 10 << 12, 77},
                {0x7FFFFFFF, 8192 * 64}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        bench_t *b = bench_new(0);
        wr(b->m, CLOCK, rows[i].clock);
        set_user(b, MOSI);
        lengths(b, 1, 9, 1, 1);
        wr(b->m, CMD, USR);
        rig_run(b->m, UINT64_C(9) * rows[i].cycles * 12500 - 1);
        g_assert_cmphex(rd(b->m, CMD), ==, USR);
        rig_run(b->m, UINT64_C(9) * rows[i].cycles * 12500);
        g_assert_cmphex(rd(b->m, CMD), ==, 0);
        bench_done(b);
    }
}

typedef struct {
    unsigned rising, falling;
    uint64_t first, last;
} edges_t;

static void on_edge(void *ctx, net_t *net, bool level, uint64_t ps)
{
    edges_t *e = ctx;
    if (!e->rising && level)
        e->first = ps;
    e->rising += level;
    e->falling += !level;
    e->last = ps;
}

// Where somebody looks, the clock has its edges.
static void test_edges(void)
{
    bench_t *b = bench_new(0);
    edges_t clk = {0}, cs = {0};
    net_watch(rig_pin(b->m, SCK)->net, on_edge, &clk);
    net_watch(rig_pin(b->m, CS)->net, on_edge, &cs);
    set_user(b, MOSI);
    lengths(b, 1, 20, 1, 1);
    rig_run(b->m, PS_PER_US);
    go(b, 20);
    g_assert_cmpuint(clk.rising, ==, 20);
    g_assert_cmpuint(clk.falling, ==, 20);
    g_assert_cmpuint(clk.first, ==, PS_PER_US + BIT_PS / 2);
    g_assert_cmpuint(clk.last, ==, PS_PER_US + 20 * BIT_PS);
    g_assert_cmpuint(cs.falling, ==, 1);
    g_assert_cmpuint(cs.last, ==, PS_PER_US + 20 * BIT_PS);
    bench_done(b);
}

// CS0 can be left to the program.
static void test_own_select(void)
{
    bench_t *b = bench_new(0);
    wr(b->m, PINS, 1);
    set_user(b, MOSI | DUPLEX);
    lengths(b, 1, 8, 1, 1);
    wr(b->m, CMD, USR);
    g_assert_true(pin_level(rig_pin(b->m, CS)));
    rig_run(b->m, PS_PER_US);
    g_assert_cmpuint(b->selects, ==, 0);
    g_assert_cmpuint(b->n, ==, 0);
    bench_done(b);
}

// One data wire for both directions: MOSI is let go while the other side sends.
static void test_three_wires(void)
{
    machine_t *m = rig_new(&soc);
    pin_connect(rig_pin(m, DOUT), rig_pin(m, 8));
    rig_start(m);
    rig_route(m, SCK, "hspi.clk", false);
    rig_route(m, DOUT, "hspi.mosi", false);
    wr(m, USER0, MOSI | MISO | SIO);
    wr(m, USER1, 7 << 17 | 7 << 8);
    wr(m, CLOCK, 3 << 12);
    for (unsigned level = 0; level < 2; level++) {
        pin_drive(rig_pin(m, 8), DRIVE_PULL, level * NET_VDD_MV);
        wr(m, W0, 0x5A);
        uint64_t start = machine_now_ps(m);
        wr(m, CMD, USR);
        rig_run(m, start + 12 * BIT_PS);
        g_assert_cmpint(rig_pin(m, DOUT)->drive, ==, DRIVE_NONE);
        rig_run(m, start + 16 * BIT_PS);
        g_assert_cmphex(rd(m, W0), ==, level ? 0xFF : 0);
    }
    machine_free(m);
}

static void test_interrupt(void)
{
    bench_t *b = bench_new(0);
    set_user(b, MOSI);
    lengths(b, 1, 8, 1, 1);
    go(b, 8);
    g_assert_false(rig_level(b->m, "spi1.irq"));
    g_assert_cmphex(rd(b->m, SLAVE0) & 0x10, ==, 0x10);
    wr(b->m, SLAVE0, 1 << 9);
    go(b, 8);
    g_assert_true(rig_level(b->m, "spi1.irq"));
    g_assert_cmpuint(rd(b->m, SLAVE0) >> 23 & 15, ==, 2);
    wr(b->m, SLAVE0, 0);
    g_assert_false(rig_level(b->m, "spi1.irq"));
    bench_done(b);
}

// A second command in the middle has no effect; the reset ends the first.
static void test_in_the_middle(void)
{
    bench_t *b = bench_new(0);
    set_user(b, MOSI);
    lengths(b, 1, 64, 1, 1);
    wr(b->m, CMD, USR);
    rig_run(b->m, PS_PER_US);
    wr(b->m, CMD, USR);
    rig_run(b->m, 64 * BIT_PS);
    g_assert_cmphex(rd(b->m, CMD), ==, 0);
    wr(b->m, CMD, USR);
    rig_run(b->m, 64 * BIT_PS + PS_PER_US);
    wr(b->m, SLAVE0, 1u << 31);
    g_assert_cmphex(rd(b->m, CMD), ==, 0);
    g_assert_true(pin_level(rig_pin(b->m, CS)));
    wr(b->m, CMD, 1 << 27 | USR);
    bench_free(b);
}

// What is not there is told.
static void test_unmodelled(void)
{
    bench_t *b = bench_new(0);
    wr(b->m, CMD, 1 << 28);
    g_assert_cmphex(rd(b->m, CMD), ==, 0);
    g_assert_nonnull(strstr(b->reports->str, "flash commands on HSPI"));
    set_user(b, MOSI);
    wr(b->m, CTRL0, 1 << 24);
    wr(b->m, CMD, USR);
    g_assert_nonnull(strstr(b->reports->str, "two or four data wires"));
    rig_run(b->m, PS_PER_MS);
    wr(b->m, SLAVE0, 1 << 30);
    g_assert_nonnull(strstr(b->reports->str, "SLAVE0"));
    g_assert_cmpint(rig_pin(b->m, SCK)->drive, ==, DRIVE_NONE);
    bench_free(b);
}

// On the pins of the chip, as IO_MUX routes them: GPIO12 joined to GPIO13.
static void test_pins(void)
{
    static soc_t chip;
    GError *error = NULL;
    chip = *soc_find("esp8266ex");
    chip.cpu = NULL;
    machine_t *m = rig_new(&chip);
    pin_t *pin[4];
    for (unsigned i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("gpio:GPIO%u", 12 + i);
        pin[i] = machine_pin(m, name, &error);
        g_assert_no_error(error);
    }
    pin_connect(pin[0], pin[1]);
    rig_start(m);
    edges_t clk = {0}, cs = {0};
    for (uint32_t offset = 0x04; offset <= 0x10; offset += 4)
        wr(m, 0x60000800 + offset, 2 << 4);
    wr(m, CLOCK, 1 << 12);
    net_watch(pin[2]->net, on_edge, &clk);
    net_watch(pin[3]->net, on_edge, &cs);
    wr(m, USER0, MOSI | DUPLEX);
    wr(m, USER1, 31 << 17);
    wr(m, W0, 0x12ABCDEF);
    wr(m, CMD, USR);
    g_assert_false(pin_level(pin[3]));
    wr(m, W0 + 4, 0);
    rig_run(m, (64 * PS_PER_S + 51999999) / 52000000); // 32 bits of two cycles of 52 MHz
    g_assert_cmphex(rd(m, CMD), ==, 0);
    g_assert_cmphex(rd(m, W0), ==, 0x12ABCDEF);
    g_assert_cmpuint(clk.rising, ==, 32);
    g_assert_cmpuint(cs.falling + cs.rising, ==, 2);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266-spi/duplex", test_duplex);
    g_test_add_func("/esp8266-spi/wrong-mode", test_wrong_mode);
    g_test_add_func("/esp8266-spi/phases", test_phases);
    g_test_add_func("/esp8266-spi/odd-lengths", test_odd_lengths);
    g_test_add_func("/esp8266-spi/orders", test_orders);
    g_test_add_func("/esp8266-spi/512-bits", test_512_bits);
    g_test_add_func("/esp8266-spi/divider", test_divider);
    g_test_add_func("/esp8266-spi/edges", test_edges);
    g_test_add_func("/esp8266-spi/own-select", test_own_select);
    g_test_add_func("/esp8266-spi/three-wires", test_three_wires);
    g_test_add_func("/esp8266-spi/interrupt", test_interrupt);
    g_test_add_func("/esp8266-spi/in-the-middle", test_in_the_middle);
    g_test_add_func("/esp8266-spi/unmodelled", test_unmodelled);
    g_test_add_func("/esp8266-spi/pins", test_pins);
    return g_test_run();
}
