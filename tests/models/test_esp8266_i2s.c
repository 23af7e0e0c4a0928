// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 I2S and its DMA: what is on the wires and when, lists of buffers, interrupts.
#include "rig.h"
#include <string.h>

enum { I2S = 0x60000E00, TXFIFO = I2S, RXFIFO = I2S + 4, CONF = I2S + 8, INT_RAW = I2S + 0x0C,
       INT_ST = I2S + 0x10, INT_ENA = I2S + 0x14, INT_CLR = I2S + 0x18, FIFO_CONF = I2S + 0x20,
       EOF_NUM = I2S + 0x24, SINGLE = I2S + 0x28, CHANNELS = I2S + 0x2C };
enum { TX_START = 1 << 8, RX_START = 1 << 9, TX_SHIFT = 1 << 10, RX_SHIFT = 1 << 11, RF = 1 << 6,
       MR = 1 << 7, TX_RESET = 1, RX_RESET = 2, TX_FIFO_RESET = 4, DMA = 1 << 12,
       LEVELS = 32 << 6 | 32 };
enum { SLC = 0x60000B00, CONF0 = SLC, SLC_RAW = SLC + 4, SLC_ST = SLC + 8, SLC_ENA = SLC + 12,
       SLC_CLR = SLC + 16, RX_LINK = SLC + 0x24, TX_LINK = SLC + 0x28, RX_EOF_ADDR = SLC + 0x48,
       TX_EOF_ADDR = SLC + 0x4C };
enum { MODE1 = 1 << 12, START = 1 << 29, STOP = 1 << 28, RESTART = 1 << 30 };
enum { TX_DONE = 1 << 14, TX_EOF = 1 << 15, RX_DONE = 1 << 16, RX_EOF = 1 << 17, TX_ERROR = 1 << 19,
       RX_ERROR = 1 << 20, TX_EMPTY = 1 << 21 };
#define OWNER (1u << 31)
enum { EOF_BIT = 1 << 30 };
enum { RAM = 0x3FFE8000, LISTS = RAM, BUFFERS = RAM + 0x1000 };
enum { DATA, BCK, WS, IN };
#define NS PS_PER_NS

static GString *reports;

static void report(void *ctx, report_t kind, const char *text)
{
    g_string_append_printf(reports, "%s\n", text);
}

// The wires of the transmitter, and the receiver's data from outside.
static machine_t *i2s_machine(void)
{
    static soc_t soc;
    soc = *soc_find("esp8266ex");
    soc.cpu = NULL;
    machine_t *m = rig_new(&soc);
    reports = g_string_new(NULL);
    m->report = report;
    pin_connect(rig_pin(m, IN), rig_pin(m, 8));
    rig_start(m);
    clk_set(machine_clk(m, "apb"), 80000000, 1, 0);
    rig_route(m, DATA, "i2so.data", false);
    rig_route(m, BCK, "i2so.bck", false);
    rig_route(m, WS, "i2so.ws", false);
    rig_route(m, IN, "i2si.data", false);
    return m;
}

static void i2s_free(machine_t *m)
{
    g_assert_cmpstr(reports->str, ==, "");
    g_string_free(reports, TRUE);
    machine_free(m);
}

static uint32_t dividers(unsigned clkm, unsigned bck) { return clkm << 16 | bck << 22; }

// What a converter on the wires makes of them: a bit at each rising edge of BCK.
typedef struct {
    machine_t *m;
    uint8_t data[256], ws[256];
    uint64_t ps[256];
    unsigned n;
} dac_t;

static void bck_edge(void *ctx, net_t *net, bool level, uint64_t ps)
{
    dac_t *d = ctx;
    if (!level || d->n == 256)
        return;
    d->data[d->n] = pin_level(rig_pin(d->m, DATA));
    d->ws[d->n] = pin_level(rig_pin(d->m, WS));
    d->ps[d->n++] = ps;
}

static uint32_t bits_at(const dac_t *d, unsigned first, unsigned n)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 1 | d->data[first + i];
    return v;
}

// A bit of 160 MHz / 5 / 10 lasts 312.5 ns, a frame 10 us.
static void test_frames(void)
{
    machine_t *m = i2s_machine();
    dac_t dac = {.m = m};
    net_watch(rig_pin(m, BCK)->net, bck_edge, &dac);
    wr(m, TXFIFO, 0x12348765);
    wr(m, TXFIFO, 0xFFFF0001);
    wr(m, CONF, TX_START | RF | MR | TX_SHIFT | dividers(5, 10));
    rig_run(m, 20 * PS_PER_US - 1);
    g_assert_cmpuint(dac.n, ==, 64);
    g_assert_cmphex(bits_at(&dac, 0, 32), ==, 0x12348765);
    g_assert_cmphex(bits_at(&dac, 32, 32), ==, 0xFFFF0001);
    for (unsigned i = 0; i < 64; i++) {
        g_assert_cmpuint(dac.ps[i], ==, 156250 + i * 312500);
        g_assert_cmpuint(dac.ws[i], ==, (i + 1) % 32 < 16); // right first, a bit before its data
    }
    i2s_free(m);
}

// Which half of the word goes first, and which channel it is.
static void test_order(void)
{
    for (unsigned i = 0; i < 4; i++) {
        machine_t *m = i2s_machine();
        dac_t dac = {.m = m};
        net_watch(rig_pin(m, BCK)->net, bck_edge, &dac);
        wr(m, TXFIFO, 0xAAAA5555);
        wr(m, CONF, TX_START | (i & 1 ? RF : 0) | (i & 2 ? MR : 0) | dividers(2, 2));
        rig_run(m, 2 * PS_PER_US);
        bool upper_is_right = i & 2, right_first = i & 1;
        g_assert_cmphex(bits_at(&dac, 0, 16), ==, upper_is_right == right_first ? 0xAAAA : 0x5555);
        g_assert_cmpuint(dac.ws[0], ==, right_first);
        g_assert_cmpuint(dac.ws[15], ==, right_first);
        g_assert_cmpuint(dac.ws[16], ==, !right_first);
        i2s_free(m);
    }
}

// 24 bits a channel; 16 bits in 19; 24 in 20.
static void test_widths(void)
{
    static const struct {
        unsigned more, mode;
        uint32_t first, second;
    } rows[] = {{8, 2, 0xABCDEF, 0x123456},
                {3, 0, 0xABCD << 3, 0xEF99 << 3},
                {4, 2, 0xABCDE, 0x12345},
                {15, 2, 0xABCDEF << 7, 0x123456 << 7}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        machine_t *m = i2s_machine();
        dac_t dac = {.m = m};
        unsigned n = 16 + rows[i].more;
        net_watch(rig_pin(m, BCK)->net, bck_edge, &dac);
        wr(m, FIFO_CONF, LEVELS | rows[i].mode << 13);
        wr(m, TXFIFO, 0xABCDEF99);
        wr(m, TXFIFO, 0x12345677);
        wr(m, CONF, TX_START | RF | MR | rows[i].more << 12 | dividers(1, 16));
        rig_run(m, 2 * n * 100 * NS - 1);
        g_assert_cmpuint(dac.n, ==, 2 * n);
        g_assert_cmphex(bits_at(&dac, 0, n), ==, rows[i].first);
        g_assert_cmphex(bits_at(&dac, n, n), ==, rows[i].second);
        i2s_free(m);
    }
}

// Nobody looks: the frames take their time all the same, and an empty FIFO is told.
static void test_fifo(void)
{
    machine_t *m = i2s_machine();
    wr(m, INT_ENA, 1 << 5);
    for (unsigned i = 0; i < 130; i++)
        wr(m, TXFIFO, i);
    g_assert_cmphex(rd(m, INT_RAW), ==, 1 << 1 | 1 << 4); // it was below its mark; it was full
    wr(m, INT_CLR, 0x3F);
    g_assert_cmphex(rd(m, INT_RAW), ==, 0);
    wr(m, CONF, TX_START | RF | MR | dividers(5, 10));
    rig_run(m, 96 * 10 * PS_PER_US - 1);
    g_assert_cmphex(rd(m, INT_RAW), ==, 0);
    rig_run(m, 96 * 10 * PS_PER_US); // the 97th is taken
    g_assert_cmphex(rd(m, INT_RAW), ==, 1 << 1);
    rig_run(m, 128 * 10 * PS_PER_US - 1);
    g_assert_false(rig_level(m, "i2s.irq"));
    rig_run(m, 128 * 10 * PS_PER_US);
    g_assert_true(rig_level(m, "i2s.irq"));
    g_assert_true(rig_level(m, "irq.2"));
    g_assert_cmphex(rd(m, INT_ST), ==, 1 << 5);
    wr(m, INT_CLR, 1 << 5);
    g_assert_false(rig_level(m, "i2s.irq"));
    // It stops at the end of a frame; a reset of the FIFO empties it.
    wr(m, CONF, RF | MR | dividers(5, 10));
    rig_run(m, 140 * 10 * PS_PER_US);
    g_assert_cmphex(rd(m, INT_RAW), ==, 1 << 1);
    i2s_free(m);
}

// ---- DMA ---------------------------------------------------------------------------------------

static uint32_t list(unsigned i) { return LISTS + 12 * i; }

static void put_list(machine_t *m, unsigned i, uint32_t flags, uint32_t buffer, unsigned bytes,
                     uint32_t next)
{
    wr(m, list(i), flags | bytes << 12 | bytes);
    wr(m, list(i) + 4, buffer);
    wr(m, list(i) + 8, next);
}

// Two buffers in a ring, as firmware for sound and for lights has them.
static void test_ring(void)
{
    machine_t *m = i2s_machine();
    dac_t dac = {.m = m};
    net_watch(rig_pin(m, BCK)->net, bck_edge, &dac);
    for (unsigned i = 0; i < 512; i++)
        wr(m, BUFFERS + 4 * i, i * 0x01010101);
    put_list(m, 0, OWNER | EOF_BIT, BUFFERS, 1024, list(1));
    put_list(m, 1, OWNER | EOF_BIT, BUFFERS + 1024, 1024, list(0));
    wr(m, CONF0, MODE1);
    wr(m, SLC_ENA, RX_EOF);
    wr(m, FIFO_CONF, LEVELS | DMA);
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    rig_run(m, 5 * PS_PER_US); // the FIFO is full before anything is sent
    g_assert_cmphex(rd(m, SLC_RAW), ==, 1 << 8);
    wr(m, CONF, TX_START | RF | MR | dividers(5, 10));
    rig_run(m, 85 * PS_PER_US);
    for (unsigned i = 0; i < 8; i++)
        g_assert_cmphex(bits_at(&dac, 32 * i, 32), ==, i * 0x01010101);
    g_assert_false(rig_level(m, "slc.irq"));
    // 256 words are in the FIFO when 128 and some have been sent.
    rig_run(m, 5 * PS_PER_US + 128 * 10 * PS_PER_US - NS);
    g_assert_cmphex(rd(m, SLC_ST), ==, 0);
    rig_run(m, 5 * PS_PER_US + 144 * 10 * PS_PER_US + PS_PER_US);
    g_assert_true(rig_level(m, "slc.irq"));
    g_assert_true(rig_level(m, "irq.1"));
    g_assert_cmphex(rd(m, SLC_ST), ==, RX_EOF);
    g_assert_cmphex(rd(m, RX_EOF_ADDR), ==, list(0));
    wr(m, SLC_CLR, UINT32_MAX);
    g_assert_false(rig_level(m, "slc.irq"));
    rig_run(m, 5 * PS_PER_US + (256 + 144) * 10 * PS_PER_US + PS_PER_US);
    g_assert_cmphex(rd(m, RX_EOF_ADDR), ==, list(1));
    g_assert_cmphex(rd(m, list(0)), ==, OWNER | EOF_BIT | 1024 << 12 | 1024); // as before
    g_assert_cmphex(rd(m, INT_RAW) & 1 << 5, ==, 0);
    wr(m, RX_LINK, STOP);
    rig_run(m, 20 * PS_PER_MS);
    g_assert_cmphex(rd(m, INT_RAW) & 1 << 5, !=, 0);
    i2s_free(m);
}

// The end of a chain; going on behind it; write-back.
static void test_chain(void)
{
    machine_t *m = i2s_machine();
    put_list(m, 0, OWNER, BUFFERS, 64, list(1));
    put_list(m, 1, OWNER | EOF_BIT, BUFFERS, 32, 0);
    put_list(m, 2, OWNER | EOF_BIT, BUFFERS, 0, 0);
    wr(m, CONF0, MODE1 | 1 << 6);
    wr(m, FIFO_CONF, LEVELS | DMA);
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    rig_run(m, PS_PER_US);
    g_assert_cmphex(rd(m, SLC_RAW), ==, 1 << 8 | RX_DONE | RX_EOF);
    g_assert_cmphex(rd(m, list(0)), ==, 64 << 12 | 64);
    g_assert_cmphex(rd(m, RX_LINK) >> 31, ==, 1);
    wr(m, SLC_CLR, UINT32_MAX);
    wr(m, list(1) + 8, list(2));
    wr(m, RX_LINK, RESTART);
    rig_run(m, 2 * PS_PER_US);
    g_assert_cmphex(rd(m, RX_EOF_ADDR), ==, list(2));
    wr(m, CONF, TX_START | dividers(1, 2));
    rig_run(m, 2 * PS_PER_US + 23 * 400 * NS);
    g_assert_cmphex(rd(m, INT_RAW) & 1 << 5, ==, 0);
    rig_run(m, 2 * PS_PER_US + 24 * 400 * NS);
    g_assert_cmphex(rd(m, INT_RAW) & 1 << 5, !=, 0); // 24 words it was
    i2s_free(m);
}

static void test_errors(void)
{
    machine_t *m = i2s_machine();
    wr(m, FIFO_CONF, LEVELS | DMA);
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    g_assert_nonnull(strstr(reports->str, "mode of SLC"));
    wr(m, CONF0, MODE1);
    wr(m, RX_LINK, START | 0xE00); // no memory there
    rig_run(m, PS_PER_US);
    g_assert_cmphex(rd(m, SLC_RAW) & RX_ERROR, !=, 0);
    g_assert_nonnull(strstr(reports->str, "no descriptor at 0x3ff00e00"));
    put_list(m, 0, OWNER, 0x60000E00, 64, 0); // its own FIFO
    wr(m, SLC_CLR, UINT32_MAX);
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    rig_run(m, 2 * PS_PER_US);
    g_assert_cmphex(rd(m, SLC_RAW) & RX_ERROR, !=, 0);
    g_assert_nonnull(strstr(reports->str, "no buffer at 0x60000e00"));
    // Empty descriptors in a ring: time goes on.
    put_list(m, 0, OWNER, BUFFERS, 0, list(0));
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    rig_run(m, PS_PER_MS);
    wr(m, CONF0, MODE1 | 2);
    wr(m, CONF, 1 << 4 | TX_START);
    g_assert_nonnull(strstr(reports->str, "I2S slave mode"));
    g_string_truncate(reports, 0);
    i2s_free(m);
}

// ---- Receiver ----------------------------------------------------------------------------------

// 32 bits of 160 MHz / 5 / 10 on the wire, changing where a bit begins.
static void feed(machine_t *m, uint64_t start, uint32_t word)
{
    for (unsigned i = 0; i < 32; i++) {
        if (i) // the first is there in time: its middle counts
            rig_run(m, start + i * 312500);
        pin_set(rig_pin(m, 8), word >> (31 - i) & 1);
    }
    rig_run(m, start + 32 * 312500);
}

static void test_receive(void)
{
    machine_t *m = i2s_machine();
    pin_set(rig_pin(m, 8), false);
    wr(m, CONF, RX_START | RF | MR | RX_SHIFT | dividers(5, 10));
    feed(m, 0, 0x12348765);
    feed(m, 10 * PS_PER_US, 0xFFFF0001);
    feed(m, 20 * PS_PER_US, 0x80000000);
    g_assert_cmphex(rd(m, RXFIFO), ==, 0x12348765);
    g_assert_cmphex(rd(m, RXFIFO), ==, 0xFFFF0001);
    g_assert_cmphex(rd(m, RXFIFO), ==, 0x80000000);
    g_assert_cmphex(rd(m, RXFIFO), ==, 0);
    g_assert_cmphex(rd(m, INT_RAW) & 1 << 3, !=, 0);
    i2s_free(m);
}

static void test_receive_dma(void)
{
    machine_t *m = i2s_machine();
    pin_set(rig_pin(m, 8), false);
    for (unsigned i = 0; i < 3; i++)
        put_list(m, i, OWNER, BUFFERS + 64 * i, 16, i < 2 ? list(i + 1) : list(0));
    wr(m, CONF0, MODE1);
    wr(m, SLC_ENA, TX_EOF);
    wr(m, FIFO_CONF, LEVELS | DMA);
    wr(m, EOF_NUM, 6);
    wr(m, TX_LINK, START | (list(0) & 0xFFFFF));
    wr(m, CONF, RX_START | RF | MR | dividers(5, 10));
    for (unsigned i = 0; i < 6; i++)
        feed(m, i * 10 * PS_PER_US, 0x11111111 * (i + 1));
    rig_run(m, 60 * PS_PER_US + 100 * NS);
    g_assert_true(rig_level(m, "slc.irq"));
    g_assert_cmphex(rd(m, SLC_RAW), ==, 1 << 9 | TX_DONE | TX_EOF);
    g_assert_cmphex(rd(m, TX_EOF_ADDR), ==, list(1));
    g_assert_cmphex(rd(m, list(0)), ==, 16 << 12 | 16);          // full
    g_assert_cmphex(rd(m, list(1)), ==, EOF_BIT | 8 << 12 | 16); // two words and the end
    for (unsigned i = 0; i < 6; i++)
        g_assert_cmphex(rd(m, BUFFERS + 64 * (i / 4) + 4 * (i % 4)), ==, 0x11111111 * (i + 1));
    // Only buffers that are the DMA's are filled.
    for (unsigned i = 6; i < 11; i++)
        feed(m, i * 10 * PS_PER_US, 0xABCDEF00 + i);
    rig_run(m, 112 * PS_PER_US);
    g_assert_cmphex(rd(m, list(2)), ==, 16 << 12 | 16);
    g_assert_cmphex(rd(m, BUFFERS + 128), ==, 0xABCDEF06);
    g_assert_cmphex(rd(m, SLC_RAW) & TX_EMPTY, !=, 0);
    g_assert_cmphex(rd(m, BUFFERS), ==, 0x11111111);
    i2s_free(m);
}

// ---- Lights ------------------------------------------------------------------------------------

// As firmware drives WS2812B lights at GPIO3: four bits on the wire for one of the light, at 3.2 MHz.
static void test_neopixel(void)
{
    static soc_t soc;
    GError *error = NULL;
    soc = *soc_find("esp8266ex");
    soc.cpu = NULL;
    machine_t *m = rig_new(&soc);
    part_t *lights = machine_add_part(m, part_class_find("neopixel"), "lights", &error);
    part_set_attr(lights, "pixels", "3");
    g_assert_true(part_init(lights, &error));
    pin_t *gpio3 = machine_pin(m, "gpio:GPIO3", &error);
    g_assert_no_error(error);
    pin_connect(gpio3, part_pin(lights, "DIN"));
    rig_start(m);
    clk_set(machine_clk(m, "apb"), 80000000, 1, 0);
    pin_set(part_pin(lights, "VDD"), true);
    pin_set(part_pin(lights, "GND"), false);
    wr(m, 0x60000814, 1 << 4); // IO_MUX: GPIO3 is I2SO_DATA
    // Green, red, blue.
    static const uint8_t colours[9] = {0x20, 0x10, 0x30, 0xFF, 0x00, 0x81, 0x5A, 0xA5, 0x01};
    for (unsigned i = 0; i < 9; i++) { // one byte is a word; the upper half goes first
        uint32_t word = 0;
        for (unsigned b = 0; b < 8; b++)
            word = word << 4 | (colours[i] >> (7 - b) & 1 ? 0xE : 0x8);
        wr(m, BUFFERS + 4 * i, word);
    }
    put_list(m, 0, OWNER | EOF_BIT, BUFFERS, 36, list(1));
    put_list(m, 1, OWNER, BUFFERS + 1024, 64, list(1)); // zeros for ever
    wr(m, CONF0, MODE1);
    wr(m, FIFO_CONF, LEVELS | DMA);
    wr(m, RX_LINK, START | (list(0) & 0xFFFFF));
    rig_run(m, PS_PER_US);
    wr(m, CONF, TX_START | RF | MR | TX_SHIFT | dividers(5, 10));
    rig_run(m, 300 * PS_PER_US);
    GString *shown = g_string_new(NULL);
    lights->cls->show(lights, shown);
    g_assert_cmpstr(shown->str, ==, "102030\n00ff81\na55a01\n");
    g_string_free(shown, TRUE);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266-i2s/frames", test_frames);
    g_test_add_func("/esp8266-i2s/order", test_order);
    g_test_add_func("/esp8266-i2s/widths", test_widths);
    g_test_add_func("/esp8266-i2s/fifo", test_fifo);
    g_test_add_func("/esp8266-i2s/ring", test_ring);
    g_test_add_func("/esp8266-i2s/chain", test_chain);
    g_test_add_func("/esp8266-i2s/errors", test_errors);
    g_test_add_func("/esp8266-i2s/receive", test_receive);
    g_test_add_func("/esp8266-i2s/receive-dma", test_receive_dma);
    g_test_add_func("/esp8266-i2s/neopixel", test_neopixel);
    return g_test_run();
}
