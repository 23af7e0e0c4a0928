// SPDX-License-Identifier: GPL-2.0-or-later
// SPI: a target in each mode behind a hardware master and behind toggled pins; wrong modes, bit
// order, 16-bit words, chip select, loop-back, and the edges that are drawn.
#include "../stand.h"
#include "xfer.h"

typedef struct {
    stand_t *r;
    pin_t *sck, *mosi, *miso, *cs;
    spi_target_t t;
    uint8_t got[16], next;
    unsigned n, selects;
} spi_rig_t;

// Answers each byte with the complement of the one before it; the first answer is 0x81.
static void on_byte(void *ctx, uint8_t mosi)
{
    spi_rig_t *s = ctx;
    s->got[s->n++ % 16] = mosi;
    s->t.reply = (uint8_t)~mosi;
}

static void on_select(void *ctx, bool selected)
{
    spi_rig_t *s = ctx;
    s->selects += selected;
    s->t.reply = 0x81;
}

static void rig_init(spi_rig_t *s, unsigned target_mode, unsigned master_mode)
{
    *s = (spi_rig_t){.r = stand_new()};
    s->sck = stand_pin(s->r, "probe:sck");
    s->mosi = stand_pin(s->r, "probe:mosi");
    s->miso = stand_pin(s->r, "probe:miso");
    s->cs = stand_pin(s->r, "probe:cs");
    pin_set(s->cs, true);
    pin_set(s->sck, master_mode >> 1);
    pin_set(s->mosi, false);
    stand_wire(s->r, "probe:sck", "probe:tsck");
    stand_wire(s->r, "probe:mosi", "probe:tmosi");
    stand_wire(s->r, "probe:miso", "probe:tmiso");
    stand_wire(s->r, "probe:cs", "probe:tcs");
    s->t = (spi_target_t){.mode = target_mode, .byte = on_byte, .select = on_select, .ctx = s};
    spi_target_attach(&s->t, stand_pin(s->r, "probe:tsck"), stand_pin(s->r, "probe:tmosi"),
                      stand_pin(s->r, "probe:tmiso"), stand_pin(s->r, "probe:tcs"));
    stand_start(s->r);
}

static uint8_t bang(spi_rig_t *s, unsigned mode, uint8_t out)
{
    uint8_t in = 0;
    bool cpol = mode >> 1, cpha = mode & 1;
    for (int i = 7; i >= 0; i--) {
        if (cpha)
            pin_set(s->sck, !cpol);
        pin_set(s->mosi, out >> i & 1);
        stand_run(s->r, PS_PER_US);
        pin_set(s->sck, cpha ? cpol : !cpol);
        in = in << 1 | pin_level(s->miso);
        stand_run(s->r, PS_PER_US);
        if (!cpha)
            pin_set(s->sck, cpol);
    }
    return in;
}

static void all_modes(void)
{
    for (unsigned mode = 0; mode < 4; mode++)
        for (unsigned by_pins = 0; by_pins < 2; by_pins++) {
            spi_rig_t s;
            rig_init(&s, mode, mode);
            g_assert_true(isinf(pin_ohms(s.miso))); // not selected: floats
            pin_set(s.cs, false);
            static const uint8_t out[] = {0x00, 0xA5, 0x0F, 0xFF};
            static const uint8_t in[] = {0x81, 0xFF, 0x5A, 0xF0};
            for (unsigned i = 0; i < 4; i++) {
                uint8_t got =
                    by_pins ? bang(&s, mode, out[i])
                            : spi_transfer(s.sck, s.mosi, s.miso, out[i], 8, mode, false, 1000);
                g_assert_cmphex(got, ==, in[i]);
                g_assert_cmphex(s.got[i], ==, out[i]);
            }
            pin_set(s.cs, true);
            g_assert_true(isinf(pin_ohms(s.miso)));
            g_assert_cmpuint(s.selects, ==, 1);
            g_assert_cmpuint(s.n, ==, 4);
            stand_free(s.r);
        }
}

static void words_and_bit_order(void)
{
    spi_rig_t s;
    rig_init(&s, 0, 0);
    pin_set(s.cs, false);
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0x1234, 16, 0, false, 1000), ==, 0x81ED);
    g_assert_cmphex(s.got[0], ==, 0x12);
    g_assert_cmphex(s.got[1], ==, 0x34);
    // Least significant bit first: the wire carries the bits turned round. The reply is ~0x34 =
    // 0xCB.
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0x01, 8, 0, true, 1000), ==, 0xD3);
    g_assert_cmphex(s.got[2], ==, 0x80);
    stand_free(s.r);
}

// Half a byte, deselected: the next byte begins anew.
static void deselected_within_a_byte(void)
{
    spi_rig_t s;
    rig_init(&s, 0, 0);
    pin_set(s.cs, false);
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0xF, 4, 0, false, 1000), ==, 0x8);
    pin_set(s.cs, true);
    pin_set(s.cs, false);
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0x3C, 8, 0, false, 1000), ==, 0x81);
    g_assert_cmpuint(s.n, ==, 1);
    g_assert_cmphex(s.got[0], ==, 0x3C);
    stand_free(s.r);
}

// The target samples at the edge where the master's data changes and sees each bit one clock late.
static void wrong_mode(void)
{
    spi_rig_t s;
    rig_init(&s, 0, 1);
    pin_set(s.cs, false);
    spi_transfer(s.sck, s.mosi, s.miso, 0xC3, 8, 1, false, 1000);
    g_assert_cmphex(s.got[0], ==, 0xC3 >> 1);
    stand_free(s.r);
}

static void nobody_there(void)
{
    spi_rig_t s;
    rig_init(&s, 0, 0);
    pin_drive(s.miso, DRIVE_PULL, NET_VDD_MV); // not selected
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0x55, 8, 0, false, 1000), ==, 0xFF);
    pin_drive(s.miso, DRIVE_PULL, 0);
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.miso, 0x55, 8, 0, false, 1000), ==, 0x00);
    // Loop-back.
    g_assert_cmphex(spi_transfer(s.sck, s.mosi, s.mosi, 0x55, 8, 0, true, 1000), ==, 0x55);
    g_assert_cmphex(spi_transfer(s.sck, NULL, NULL, 0x55, 8, 0, true, 1000), ==, 0x00);
    g_assert_cmpuint(s.n, ==, 0);
    stand_free(s.r);
}

typedef struct {
    net_t *sck, *mosi;
    bool level;
    unsigned word, clocks;
    uint64_t last_ps;
} probe_t;

static void watch(void *ctx, net_t *net, bool level, uint64_t ps)
{
    probe_t *p = ctx;
    g_assert_cmpuint(ps, >=, p->last_ps);
    p->last_ps = ps;
    if (net == p->mosi)
        p->level = level;
    else if (level) { // mode 0: sampled where the clock rises
        p->word = p->word << 1 | p->level;
        p->clocks++;
    }
}

static void drawn_edges(void)
{
    spi_rig_t s;
    rig_init(&s, 0, 0);
    probe_t p = {.sck = s.sck->net, .mosi = s.mosi->net};
    net_watch(p.sck, watch, &p);
    net_watch(p.mosi, watch, &p);
    pin_set(s.cs, false);
    stand_run(s.r, PS_PER_MS);
    spi_transfer(s.sck, s.mosi, s.miso, 0xBEEF, 16, 0, false, 1000);
    g_assert_cmphex(p.word, ==, 0xBEEF);
    g_assert_cmpuint(p.clocks, ==, 16);
    g_assert_cmpuint(p.last_ps, ==, PS_PER_MS);
    stand_free(s.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xfer-spi/all-modes", all_modes);
    g_test_add_func("/xfer-spi/words-and-bit-order", words_and_bit_order);
    g_test_add_func("/xfer-spi/deselected-within-a-byte", deselected_within_a_byte);
    g_test_add_func("/xfer-spi/wrong-mode", wrong_mode);
    g_test_add_func("/xfer-spi/nobody-there", nobody_there);
    g_test_add_func("/xfer-spi/drawn-edges", drawn_edges);
    return g_test_run();
}
