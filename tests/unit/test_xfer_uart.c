// SPDX-License-Identifier: GPL-2.0-or-later
// UART frames: whole and as edges, formats that differ, parity, breaks, software-made edges.
#include "../stand.h"
#include "xfer.h"

typedef struct {
    stand_t *r;
    uart_tx_t tx;
    uart_rx_t rx;
    pin_t *out, *in;
    uint16_t data[64];
    unsigned errors[64], n;
    uint64_t at[64];
} link_t;

static void on_frame(void *ctx, uint16_t data, unsigned errors, uint64_t now_ps)
{
    link_t *l = ctx;
    g_assert_cmpuint(now_ps, ==, machine_now_ps(l->r->m));
    l->data[l->n % 64] = data;
    l->errors[l->n % 64] = errors;
    l->at[l->n++ % 64] = now_ps;
}

static uart_frame_t format(unsigned bits, char parity, unsigned half_stops, uint64_t bit_ps)
{
    return (uart_frame_t){.bits = bits, .parity = parity, .half_stops = half_stops,
                          .bit_ps = bit_ps};
}

static link_t *link_new(uart_frame_t rx_format)
{
    link_t *l = g_new0(link_t, 1);
    l->r = stand_new();
    l->out = stand_pin(l->r, "probe:out");
    l->in = stand_pin(l->r, "probe:in");
    stand_wire(l->r, "probe:out", "probe:in");
    l->rx.format = rx_format;
    l->rx.frame = on_frame;
    l->rx.ctx = l;
    uart_tx_attach(&l->tx, l->out);
    uart_rx_attach(&l->rx, l->in);
    stand_start(l->r);
    return l;
}

static void link_free(link_t *l)
{
    uart_rx_attach(&l->rx, NULL);
    uart_tx_attach(&l->tx, NULL);
    stand_free(l->r);
    g_free(l);
}

static void send(link_t *l, uart_frame_t f, uint16_t data)
{
    f.data = data;
    uart_tx_send(&l->tx, &f, machine_now_ps(l->r->m));
    stand_run(l->r, uart_frame_ps(&f));
}

#define BIT 8680556u // 115200 baud

static void frame_times(void)
{
    static const struct {
        unsigned bits, half_stops;
        char parity;
        double expected; // bit times
    } rows[] = {
        {8, 2, 'n', 10}, {8, 2, 'e', 11}, {9, 4, 'n', 12}, {7, 3, 'o', 10.5}, {8, 1, 'n', 9.5}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uart_frame_t f = format(rows[i].bits, rows[i].parity, rows[i].half_stops, 1000);
        g_assert_cmpuint(uart_frame_ps(&f), ==, (uint64_t)(rows[i].expected * 1000));
    }
}

// All formats, frames back to back; as a whole and as edges: the same bytes at the same times.
static void whole_and_edges_agree(void)
{
    static const char parities[] = "neo";
    for (unsigned bits = 5; bits <= 9; bits++)
        for (unsigned p = 0; p < 3; p++)
            for (unsigned edges = 0; edges < 2; edges++) {
                uart_frame_t f = format(bits, parities[p], 2, BIT);
                link_t *l = link_new(f);
                l->in->edges = edges;
                uint64_t frame = uart_frame_ps(&f);
                for (unsigned i = 0; i < 40; i++)
                    send(l, f, i * 37 & ((1 << bits) - 1));
                stand_run(l->r, BIT);
                g_assert_cmpuint(l->n, ==, 40);
                for (unsigned i = 0; i < 40; i++) {
                    g_assert_cmpuint(l->data[i], ==, i * 37 & ((1 << bits) - 1));
                    g_assert_cmpuint(l->errors[i], ==, 0);
                    g_assert_cmpuint(l->at[i], ==, (i + 1) * frame);
                }
                link_free(l);
            }
}

// The sender's clock is off: up to 4 % both ways every frame arrives, back to back.
static void clocks_that_differ(void)
{
    static const double rates[] = {0.96, 0.98, 0.999, 1.001, 1.02, 1.04};
    for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++)
        for (unsigned edges = 0; edges < 2; edges++) {
            link_t *l = link_new(format(8, 'n', 2, BIT));
            l->in->edges = edges;
            uart_frame_t f = format(8, 'n', 2, (uint64_t)(BIT * rates[i]));
            for (unsigned k = 0; k < 50; k++)
                send(l, f, k * 5 & 0xFF);
            stand_run(l->r, BIT);
            g_assert_cmpuint(l->n, ==, 50);
            for (unsigned k = 0; k < 50; k++) {
                g_assert_cmpuint(l->data[k], ==, k * 5 & 0xFF);
                g_assert_cmpuint(l->errors[k], ==, 0);
            }
            link_free(l);
        }
}

// A receiver at 2.2 bit times of the sender: worked out by hand from the waveform.
static void wrong_baud(void)
{
    link_t *l = link_new(format(8, 'n', 2, BIT * 11 / 5));
    // 0x55 falls at 0, 2, 4, 6, 8 of the sender's bits and is high again 1.1 later, in the middle
    // of what the receiver takes for a start bit: spikes.
    send(l, format(8, 'n', 2, BIT), 0x55);
    stand_run(l->r, 20 * BIT);
    g_assert_cmpuint(l->n, ==, 0);
    // 0xC0 is low for 7 bits: samples at 1.1, 3.3, 5.5 are low, at 7.7 and later high.
    send(l, format(8, 'n', 2, BIT), 0xC0);
    stand_run(l->r, 20 * BIT);
    g_assert_cmpuint(l->n, ==, 1);
    g_assert_cmphex(l->data[0], ==, 0xFC);
    g_assert_cmpuint(l->errors[0], ==, 0);
    // Four times too fast a receiver: 0x00 is nine low bits = 36 of its own: break, and only one.
    l->rx.format.bit_ps = BIT / 4;
    send(l, format(8, 'n', 2, BIT), 0x00);
    stand_run(l->r, 20 * BIT);
    g_assert_cmpuint(l->n, ==, 2);
    g_assert_cmpuint(l->errors[1], ==, UART_FRAMING | UART_BREAK);
    link_free(l);
}

static void wrong_parity(void)
{
    link_t *l = link_new(format(8, 'e', 2, BIT));
    send(l, format(8, 'o', 2, BIT), 0x31);
    send(l, format(8, 'e', 2, BIT), 0x31);
    stand_run(l->r, BIT);
    g_assert_cmpuint(l->n, ==, 2);
    g_assert_cmpuint(l->errors[0], ==, UART_PARITY);
    g_assert_cmpuint(l->errors[1], ==, 0);
    g_assert_cmphex(l->data[0], ==, 0x31);
    link_free(l);
}

static void breaks(void)
{
    link_t *l = link_new(format(8, 'n', 2, BIT));
    uart_frame_t f = format(8, 'n', 2, BIT);
    f.brk = true;
    send(l, f, 0);
    g_assert_true(pin_level(l->out)); // the line is back at the frame's end
    stand_run(l->r, BIT);
    g_assert_cmpuint(l->n, ==, 1);
    g_assert_cmpuint(l->errors[0], ==, UART_FRAMING | UART_BREAK);
    send(l, format(8, 'n', 2, BIT), 'A');
    stand_run(l->r, BIT);
    g_assert_cmpuint(l->n, ==, 2);
    g_assert_cmpuint(l->data[1], ==, 'A');
    g_assert_cmpuint(l->errors[1], ==, 0);
    link_free(l);
}

// A program toggles the pin; there is no uart_tx.
static void software_edges(void)
{
    link_t *l = link_new(format(8, 'n', 2, 1000));
    uart_tx_attach(&l->tx, NULL);
    static const char wire[] = "0" "10010110" "1" "0" "01100001" "1"; // 0x69, 0x86
    for (const char *bit = wire; *bit; bit++) {
        pin_set(l->out, *bit == '1');
        stand_run(l->r, 1000);
    }
    g_assert_cmpuint(l->n, ==, 2);
    g_assert_cmphex(l->data[0], ==, 0x69);
    g_assert_cmphex(l->data[1], ==, 0x86);
    g_assert_cmpuint(l->at[1], ==, 20000);
    // A spike shorter than half a bit is no start bit.
    pin_set(l->out, false);
    stand_run(l->r, 400);
    pin_set(l->out, true);
    g_assert_true(uart_rx_busy(&l->rx));
    stand_run(l->r, 20000);
    g_assert_false(uart_rx_busy(&l->rx));
    g_assert_cmpuint(l->n, ==, 2);
    link_free(l);
}

static void busy(void)
{
    link_t *l = link_new(format(8, 'n', 2, 1000));
    uart_frame_t f = format(8, 'n', 2, 1000);
    g_assert_false(uart_rx_busy(&l->rx));
    uart_tx_send(&l->tx, &f, 0);
    g_assert_true(uart_rx_busy(&l->rx));
    stand_run(l->r, 9999);
    g_assert_true(uart_rx_busy(&l->rx));
    stand_run(l->r, 1);
    g_assert_false(uart_rx_busy(&l->rx));
    // Detached in the middle of a frame: nothing comes.
    uart_tx_send(&l->tx, &f, 10000);
    stand_run(l->r, 5000);
    uart_rx_attach(&l->rx, NULL);
    stand_run(l->r, 50000);
    g_assert_cmpuint(l->n, ==, 1);
    link_free(l);
}

typedef struct {
    uint64_t ps[16];
    unsigned n;
} edges_t;

static void log_edge(void *ctx, net_t *net, bool level, uint64_t ps)
{
    edges_t *e = ctx;
    g_assert_cmpint(level, ==, e->n & 1);
    e->ps[e->n++ % 16] = ps;
}

static void drawn_edges(void)
{
    link_t *l = link_new(format(8, 'n', 2, 1000));
    edges_t e = {.n = 0};
    net_watch(l->out->net, log_edge, &e);
    send(l, format(8, 'n', 2, 1000), 0x0F); // low 0-1, high 1-5, low 5-9, high
    static const uint64_t expected[] = {0, 1000, 5000, 9000};
    g_assert_cmpuint(e.n, ==, 4);
    for (unsigned i = 0; i < 4; i++)
        g_assert_cmpuint(e.ps[i], ==, expected[i]);
    link_free(l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xfer-uart/frame-times", frame_times);
    g_test_add_func("/xfer-uart/whole-and-edges-agree", whole_and_edges_agree);
    g_test_add_func("/xfer-uart/clocks-that-differ", clocks_that_differ);
    g_test_add_func("/xfer-uart/wrong-baud", wrong_baud);
    g_test_add_func("/xfer-uart/wrong-parity", wrong_parity);
    g_test_add_func("/xfer-uart/breaks", breaks);
    g_test_add_func("/xfer-uart/software-edges", software_edges);
    g_test_add_func("/xfer-uart/busy", busy);
    g_test_add_func("/xfer-uart/drawn-edges", drawn_edges);
    return g_test_run();
}
