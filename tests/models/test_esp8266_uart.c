// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 UART: bit times at three APB clocks, both FIFOs, every interrupt, modem lines, inversion,
// loop-back, the exchange of pins, the measurement of a baud rate.
#include "esp8266.h"
#include "uart_rig.h"

enum { UART0 = 0x60000000, UART1 = 0x60000F00, MUX = 0x60000800 };
enum { FIFO = 0x00, INT_RAW = 0x04, INT_ST = 0x08, INT_ENA = 0x0C, INT_CLR = 0x10, CLKDIV = 0x14,
       AUTOBAUD = 0x18, STATUS = 0x1C, CONF0 = 0x20, CONF1 = 0x24, LOWPULSE = 0x28,
       HIGHPULSE = 0x2C, PULSE_NUM = 0x30 };
enum { RX_FULL = 1, TX_EMPTY = 2, PARITY = 4, FRAME = 8, OVERFLOW = 16, DSR = 32, CTS = 64,
       BREAK = 128, TIMEOUT = 256 };
enum { DIV_115200 = 694, MUX_CTS = MUX + 0x08, MUX_DSR = MUX + 0x0C, MUX_RTS = MUX + 0x10,
       MUX_DTR = MUX + 0x04, MUX_GPIO2 = MUX + 0x38, F2 = 2 << 4, F4 = 1 << 8 };

// One APB cycle at 80 MHz is 12.5 ns.
static uint64_t bits(uint32_t divider, uint64_t n) { return n * divider * 12500; }

static line_rig_t *rig_on(unsigned tx, unsigned rx, unsigned other, uint64_t bit_ps)
{
    g_autofree char *tx_name = g_strdup_printf("gpio:GPIO%u", tx);
    g_autofree char *rx_name = g_strdup_printf("gpio:GPIO%u", rx);
    g_autofree char *other_name = g_strdup_printf("gpio:GPIO%u", other);
    return line_rig("esp8266ex", tx_name, rx_name, other_name, bit_ps);
}

static line_rig_t *rig(unsigned other)
{
    line_rig_t *l = rig_on(1, 3, other, bits(DIV_115200, 1));
    esp8266_pll(l->c);
    return l;
}

static void put(line_rig_t *l, uint32_t offset, uint32_t v) { wr(l->c, UART0 + offset, v); }
static uint32_t get(line_rig_t *l, uint32_t offset) { return rd(l->c, UART0 + offset); }

static void send_byte(line_rig_t *l, uint8_t byte) { send(l, byte, bits(DIV_115200, 1), 'n'); }

static unsigned rx_count(line_rig_t *l) { return get(l, STATUS) & 0xFF; }
static unsigned tx_count(line_rig_t *l) { return get(l, STATUS) >> 16 & 0xFF; }

// ---- Transmitter --------------------------------------------------------------------------------

static void transmits(void)
{
    line_rig_t *l = rig(5);
    uint64_t frame = bits(DIV_115200, 10);
    g_assert_cmpuint(get(l, CLKDIV), ==, DIV_115200); // at reset
    put(l, FIFO, 'a');
    put(l, FIFO, 'b');
    put(l, FIFO, 'c');
    g_assert_cmpuint(tx_count(l), ==, 2); // the first is on the wire
    g_assert_cmphex(get(l, STATUS) >> 24 & 15, ==, 1);
    run_to(l->c, frame - 1);
    g_assert_cmphex(get(l, STATUS) >> 24 & 15, ==, 11); // stop bit
    run_to(l->c, frame);
    g_assert_cmpstr(l->got->str, ==, "a");
    g_assert_cmpuint(tx_count(l), ==, 1);
    run_to(l->c, 3 * frame);
    g_assert_cmpstr(l->got->str, ==, "abc");
    g_assert_cmpuint(l->last_ps, ==, 3 * frame);
    g_assert_cmpuint(get(l, STATUS) >> 16 & 0xFFF, ==, 0); // nothing left, idle
    g_assert_cmpuint(l->errors, ==, 0);
    rig_free(l);
}

// As the ROM finds the clock, 694 gives 52 MHz / 694 = 74,928 baud. The new clock has its effect at
// once.
static void clocks(void)
{
    const uint64_t slow = UINT64_C(694) * 1000000 / 52;
    line_rig_t *l = rig_on(1, 3, 5, slow);
    put(l, FIFO, 'x');
    run_for(l->c, 10 * slow + 10);
    g_assert_cmpstr(l->got->str, ==, "x");
    g_assert_cmpuint(l->errors, ==, 0);
    put(l, FIFO, 'y');
    run_for(l->c, 10 * slow - 1000);
    esp8266_pll(l->c); // in the stop bit
    run_for(l->c, bits(694, 1));
    g_assert_cmpstr(l->got->str, ==, "xy");
    uint64_t from = machine_now_ps(l->c->m);
    l->rx.format.bit_ps = bits(694, 1);
    put(l, FIFO, 'z');
    run_for(l->c, bits(694, 10));
    g_assert_cmpstr(l->got->str, ==, "xyz");
    g_assert_cmpuint(l->last_ps, ==, from + bits(694, 10));
    wr(l->c, 0x3FF00014, 1); // the core at 160 MHz changes nothing
    put(l, FIFO, '!');
    run_for(l->c, bits(694, 10));
    g_assert_cmpstr(l->got->str, ==, "xyz!");
    rig_free(l);
}

static void bit_times(void)
{
    line_rig_t *l = rig(5);
    esp_pin(l->c, 1)->edges = true;
    put(l, FIFO, 0x55); // each bit is an edge
    for (unsigned i = 0; i < 10; i++) {
        run_to(l->c, bits(DIV_115200, i));
        g_assert_cmpint(pin_level(l->in), ==, i & 1);
        run_to(l->c, bits(DIV_115200, i + 1) - 1);
        g_assert_cmpint(pin_level(l->in), ==, i & 1);
    }
    rig_free(l);
}

static void formats(void)
{
    static const struct {
        uint32_t conf0;
        uint8_t n_bits, halves;
        char parity;
    } rows[] = {{0x10, 5, 2, 'n'}, {0x14, 6, 2, 'n'}, {0x2A, 7, 3, 'e'}, {0x2E, 7, 3, 'e'},
                {0x3F, 8, 4, 'o'}, {0x1E, 8, 2, 'e'}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        line_rig_t *l = rig(5);
        unsigned n = 5 + (rows[i].conf0 >> 2 & 3);
        put(l, CONF0, rows[i].conf0);
        l->rx.format.bits = n;
        l->rx.format.parity = rows[i].parity;
        put(l, FIFO, 0xFB);
        put(l, FIFO, 0x14);
        unsigned halves = 2 * (1 + n + (rows[i].parity != 'n')) + rows[i].halves;
        run_for(l->c, bits(DIV_115200, 1) * halves / 2 - 1);
        g_assert_cmpuint(tx_count(l), ==, 1);
        run_for(l->c, 1);
        g_assert_cmpuint(tx_count(l), ==, 0);
        run_for(l->c, bits(DIV_115200, 12));
        g_assert_cmphex((uint8_t)l->got->str[0], ==, 0xFB & ((1 << n) - 1));
        g_assert_cmphex((uint8_t)l->got->str[1], ==, 0x14 & ((1 << n) - 1));
        g_assert_cmpuint(l->errors, ==, 0);
        rig_free(l);
    }
}

static void tx_fifo(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF1, 0x6060 & ~0x7F00u); // threshold 0
    put(l, INT_ENA, TX_EMPTY);
    g_assert_true(level(l->c, "irq.5"));
    for (unsigned i = 0; i < 129; i++)
        put(l, FIFO, 'a');
    g_assert_cmpuint(tx_count(l), ==, 128);
    put(l, INT_CLR, TX_EMPTY);
    g_assert_false(level(l->c, "irq.5"));
    put(l, FIFO, 'b');
    g_assert_true(reported(l->c, "uart0: a byte is written to a full FIFO, and lost"));
    g_string_truncate(l->c->reports, 0);
    run_to(l->c, bits(DIV_115200, 10) * 128 - 1);
    g_assert_false(level(l->c, "irq.5"));
    run_to(l->c, bits(DIV_115200, 10) * 128); // the last one goes on the wire
    g_assert_true(level(l->c, "irq.5"));
    put(l, INT_CLR, TX_EMPTY); // comes back as long as it is empty
    g_assert_true(level(l->c, "irq.5"));
    put(l, FIFO, 'c');
    put(l, CONF0, 0x1C | 1 << 18); // the FIFO is emptied, the byte on the wire goes on
    put(l, CONF0, 0x1C);
    run_for(l->c, bits(DIV_115200, 20));
    g_assert_cmpuint(l->got->len, ==, 129);
    rig_free(l);
}

static void break_out(void)
{
    line_rig_t *l = rig(5);
    put(l, FIFO, 'a');
    put(l, CONF0, 0x1C | 1 << 8);
    put(l, FIFO, 'b');
    run_for(l->c, bits(DIV_115200, 10));
    g_assert_cmpstr(l->got->str, ==, "a");
    g_assert_false(pin_level(l->in));
    run_for(l->c, bits(DIV_115200, 20));
    g_assert_cmpuint(l->errors, ==, UART_BREAK | UART_FRAMING);
    put(l, CONF0, 0x1C);
    run_for(l->c, bits(DIV_115200, 10));
    g_assert_cmphex((uint8_t)l->got->str[l->got->len - 1], ==, 'b');
    rig_free(l);
}

// ---- Receiver -----------------------------------------------------------------------------------

static void receives(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF1, 0x6003);
    put(l, INT_ENA, RX_FULL | OVERFLOW);
    g_assert_cmphex(get(l, FIFO), ==, 0);
    send_byte(l, 'a');
    send_byte(l, 'b');
    g_assert_cmpuint(rx_count(l), ==, 2);
    g_assert_false(level(l->c, "irq.5"));
    send_byte(l, 'c');
    g_assert_true(level(l->c, "irq.5"));
    g_assert_cmphex(get(l, INT_ST), ==, RX_FULL);
    g_assert_cmphex(rd(l->c, 0x3FF20020), ==, 1);
    put(l, INT_CLR, RX_FULL); // comes back
    g_assert_cmphex(get(l, INT_ST), ==, RX_FULL);
    uint32_t peeked = 0;
    bus_peek(l->c->m->bus, UART0 + FIFO, &peeked, 4);
    g_assert_cmphex(peeked, ==, 'a');
    g_assert_cmphex(get(l, FIFO), ==, 'a');
    put(l, INT_CLR, RX_FULL);
    g_assert_cmphex(get(l, INT_ST), ==, 0);
    g_assert_false(level(l->c, "irq.5"));
    g_assert_cmphex(rd(l->c, 0x3FF20020), ==, 0);
    for (unsigned i = 0; i < 126; i++)
        send_byte(l, i);
    g_assert_cmpuint(rx_count(l), ==, 128);
    g_assert_cmphex(get(l, INT_ST), ==, RX_FULL);
    send_byte(l, 'x');
    g_assert_cmphex(get(l, INT_ST), ==, RX_FULL | OVERFLOW);
    g_assert_cmphex(get(l, FIFO), ==, 'b');
    g_assert_cmphex(get(l, FIFO), ==, 'c');
    g_assert_cmphex(get(l, FIFO), ==, 0);
    put(l, CONF0, 0x1C | 1 << 17);
    g_assert_cmpuint(rx_count(l), ==, 0);
    send_byte(l, 'y'); // into the reset
    put(l, CONF0, 0x1C);
    g_assert_cmpuint(rx_count(l), ==, 0);
    rig_free(l);
}

static void errors(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF0, 0x1E); // even
    send(l, 'a', bits(DIV_115200, 1), 'e');
    g_assert_cmphex(get(l, INT_RAW) & ~(uint32_t)TX_EMPTY, ==, 0);
    send(l, 'a', bits(DIV_115200, 1), 'o');
    g_assert_cmphex(get(l, INT_RAW) & ~(uint32_t)TX_EMPTY, ==, PARITY);
    put(l, CONF0, 0x1C);
    put(l, INT_CLR, 0x1FF);
    send(l, 0x80, bits(DIV_115200, 1) * 3 / 5, 'n'); // too fast: no stop bit where it is looked for
    pin_set(l->out, false);
    run_for(l->c, bits(DIV_115200, 2));
    pin_set(l->out, true);
    run_for(l->c, bits(DIV_115200, 20));
    put(l, INT_CLR, 0x1FF);
    pin_set(l->out, false);
    run_for(l->c, bits(DIV_115200, 30));
    g_assert_cmphex(get(l, INT_RAW) & BREAK, ==, BREAK);
    pin_set(l->out, true);
    run_for(l->c, bits(DIV_115200, 30));
    rig_free(l);
}

// Two groups of eight bit times after the end of the last byte, once.
static void timeout(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF1, 0x82006010 | 0x7F);
    put(l, INT_ENA, TIMEOUT);
    run_for(l->c, bits(DIV_115200, 100));
    g_assert_cmphex(get(l, INT_ST), ==, 0); // nothing came
    send_byte(l, 'a');
    run_for(l->c, bits(DIV_115200, 10));
    send_byte(l, 'b');
    uint64_t from = machine_now_ps(l->c->m);
    run_to(l->c, from + bits(DIV_115200, 16) - 1);
    g_assert_false(level(l->c, "irq.5"));
    run_to(l->c, from + bits(DIV_115200, 16));
    g_assert_true(level(l->c, "irq.5"));
    put(l, INT_CLR, TIMEOUT);
    run_for(l->c, bits(DIV_115200, 100));
    g_assert_false(level(l->c, "irq.5"));
    send_byte(l, 'c');
    get(l, FIFO), get(l, FIFO), get(l, FIFO); // read in time
    run_for(l->c, bits(DIV_115200, 100));
    g_assert_false(level(l->c, "irq.5"));
    rig_free(l);
}

// ---- Modem lines, inversion, loop-back ----------------------------------------------------------

static void flow(void)
{
    line_rig_t *l = rig(13); // the other side drives CTS
    pin_t *rts = esp_pin(l->c, 15);
    pin_set(l->other, false);
    put(l, INT_CLR, 0x1FF);
    wr(l->c, MUX_CTS, F4);
    g_assert_cmphex(get(l, INT_RAW) & CTS, ==, 0); // the level is what it was
    wr(l->c, MUX_RTS, F4);
    g_assert_true(pin_level(rts)); // not asserted
    put(l, CONF0, 0x1C | 1 << 6);
    g_assert_false(pin_level(rts));
    g_assert_false(get(l, STATUS) >> 30 & 1);
    put(l, CONF0, 0x1C | 1 << 23);
    g_assert_false(pin_level(rts)); // inverted
    put(l, CONF1, 0x6060 | 2 << 16 | 1 << 23);
    put(l, CONF0, 0x1C | 1 << 15);
    send_byte(l, 'a');
    g_assert_false(pin_level(rts));
    send_byte(l, 'b');
    g_assert_true(pin_level(rts)); // no room
    get(l, FIFO);
    g_assert_false(pin_level(rts));

    put(l, INT_CLR, 0x1FF);
    put(l, INT_ENA, CTS);
    pin_set(l->other, true);
    g_assert_true(level(l->c, "irq.5"));
    g_assert_cmphex(get(l, STATUS) & 1 << 14, ==, 1 << 14);
    put(l, INT_CLR, CTS);
    put(l, FIFO, 'x');
    run_for(l->c, bits(DIV_115200, 20));
    g_assert_cmpstr(l->got->str, ==, "");
    uint64_t from = machine_now_ps(l->c->m);
    pin_set(l->other, false);
    run_for(l->c, bits(DIV_115200, 11));
    g_assert_cmpstr(l->got->str, ==, "x");
    g_assert_cmpuint(l->last_ps, ==, from + bits(DIV_115200, 10));
    rig_free(l);
}

static void modem(void)
{
    line_rig_t *l = rig(14);
    pin_t *dtr = esp_pin(l->c, 12);
    wr(l->c, MUX_DSR, F4);
    wr(l->c, MUX_DTR, F4);
    g_assert_true(pin_level(dtr));
    put(l, CONF0, 0x1C | 1 << 7);
    g_assert_false(pin_level(dtr));
    pin_set(l->other, true);
    put(l, INT_CLR, 0x1FF);
    g_assert_cmphex(get(l, STATUS) & 1 << 13, ==, 1 << 13);
    put(l, INT_ENA, DSR);
    pin_set(l->other, false);
    g_assert_true(level(l->c, "irq.5"));
    g_assert_cmphex(get(l, STATUS) & 1 << 13, ==, 0);
    put(l, CONF0, 0x1C | 1 << 21);
    g_assert_cmphex(get(l, STATUS) & 1 << 13, ==, 1 << 13);
    g_assert_true(pin_level(dtr));
    put(l, CONF0, 0x1C | 1 << 24); // inverted
    g_assert_false(pin_level(dtr));
    put(l, CONF0, 0x1C | 1 << 20); // CTS, on no pin: low
    g_assert_cmphex(get(l, STATUS) & 1 << 14, ==, 1 << 14);
    rig_free(l);
}

static void inversion(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF0, 0x1C | 1 << 22);
    g_assert_false(pin_level(l->in)); // idle
    run_for(l->c, bits(DIV_115200, 30));
    g_string_truncate(l->got, 0);
    uint64_t from = machine_now_ps(l->c->m);
    put(l, FIFO, 0x55);
    for (unsigned i = 0; i < 10; i++) {
        run_to(l->c, from + bits(DIV_115200, i) + 1);
        g_assert_cmpint(pin_level(l->in), ==, !(i & 1));
    }
    run_to(l->c, from + bits(DIV_115200, 20));
    // The other way round: what comes in is inverted twice.
    put(l, CONF0, 0x1C | 1 << 19);
    put(l, CONF0, 0x1C | 1 << 19 | 1 << 17);
    pin_set(l->out, false);
    put(l, CONF0, 0x1C | 1 << 19);
    put(l, INT_CLR, 0x1FF);
    from = machine_now_ps(l->c->m);
    for (unsigned i = 0; i < 10; i++) { // 0xA6: start, 0 1 1 0 0 1 0 1, stop
        pin_set(l->out, !(0x34C >> i & 1));
        run_for(l->c, bits(DIV_115200, 1));
    }
    g_assert_cmpuint(rx_count(l), ==, 1);
    g_assert_cmphex(get(l, FIFO), ==, 0xA6);
    g_assert_cmphex(get(l, INT_RAW) & (FRAME | BREAK), ==, 0);
    rig_free(l);
}

static void loopback(void)
{
    line_rig_t *l = rig(5);
    put(l, CONF0, 0x1C | 1 << 14 | 1 << 6);
    g_assert_cmphex(get(l, STATUS) & 1 << 14, ==, 0); // RTS is CTS
    put(l, CONF0, 0x1C | 1 << 14);
    g_assert_cmphex(get(l, STATUS) & 1 << 14, ==, 1 << 14);
    put(l, FIFO, 'l');
    run_for(l->c, bits(DIV_115200, 10) - 1);
    g_assert_cmpuint(rx_count(l), ==, 0);
    run_for(l->c, 1);
    g_assert_cmphex(get(l, FIFO), ==, 'l');
    g_assert_cmpstr(l->got->str, ==, ""); // nothing outside
    send_byte(l, 'x');
    g_assert_cmpuint(rx_count(l), ==, 0);
    rig_free(l);
}

// ---- Places -------------------------------------------------------------------------------------

// TXD with RTS, RXD with CTS: GPIO15 and GPIO13.
static void swap(void)
{
    line_rig_t *l = rig_on(15, 13, 5, bits(DIV_115200, 1));
    esp8266_pll(l->c);
    wr(l->c, MUX_CTS, F4);
    wr(l->c, MUX_RTS, F4);
    put(l, FIFO, 'n');
    run_for(l->c, bits(DIV_115200, 10));
    wr(l->c, 0x3FF00028, 1 << 2);
    put(l, FIFO, 'y');
    send_byte(l, 'z');
    g_assert_cmpstr(l->got->str, ==, "y");
    g_assert_cmphex(get(l, FIFO), ==, 'z');
    rig_free(l);
}

// The ROM sends its banner on GPIO2 too.
static void second_place(void)
{
    line_rig_t *l = rig_on(2, 3, 1, bits(DIV_115200, 1));
    esp8266_pll(l->c);
    wr(l->c, MUX_GPIO2, F4);
    uart_rx_t first = {.format = l->rx.format, .frame = on_frame, .ctx = l};
    uart_rx_attach(&first, l->other);
    put(l, FIFO, 'b');
    run_for(l->c, bits(DIV_115200, 10));
    g_assert_cmpstr(l->got->str, ==, "bb");
    uart_rx_attach(&first, NULL);
    // UART1 has the same pin as its TXD.
    wr(l->c, MUX_GPIO2, F2);
    wr(l->c, UART1 + CLKDIV, DIV_115200);
    wr(l->c, UART1 + FIFO, '1');
    wr(l->c, UART1 + INT_ENA, TX_EMPTY);
    g_assert_true(level(l->c, "irq.5"));
    g_assert_cmphex(rd(l->c, 0x3FF20020), ==, 4);
    run_for(l->c, bits(DIV_115200, 10));
    g_assert_cmpstr(l->got->str, ==, "bb1");
    rig_free(l);
}

// esptool's SYNC at 115200 to the ROM, whose clock is 52 MHz: a bit is 451.39 cycles.
static void autobaud(void)
{
    const uint64_t bit = PS_PER_S / 115200;
    line_rig_t *l = rig_on(1, 3, 5, bit);
    put(l, AUTOBAUD, 0x801);
    wr(l->c, MUX + 0x14, 1 << 7); // the pad's pull-up changes nothing
    g_assert_cmpuint(get(l, PULSE_NUM), ==, 0);
    send(l, 0x55, bit, 'n');
    g_assert_cmpuint(get(l, PULSE_NUM), ==, 10);
    send(l, 0x55, bit, 'n');
    send(l, 0xC0, bit, 'n');
    g_assert_cmpuint(get(l, PULSE_NUM), ==, 22);
    g_assert_cmpuint(get(l, LOWPULSE), >=, 438);
    g_assert_cmpuint(get(l, LOWPULSE), <=, 440);
    g_assert_cmpuint(get(l, HIGHPULSE), >=, 438);
    g_assert_cmpuint(get(l, HIGHPULSE), <=, 440);
    // A glitch of 100 ns, 5 cycles, is not a pulse; nor are its edges counted.
    pin_set(l->out, false);
    run_for(l->c, 100 * PS_PER_NS);
    pin_set(l->out, true);
    run_for(l->c, 20 * bit);
    g_assert_cmpuint(get(l, PULSE_NUM), ==, 22);
    g_assert_cmpuint(get(l, LOWPULSE), >=, 438);
    put(l, AUTOBAUD, 0);
    put(l, AUTOBAUD, 1); // begins anew
    g_assert_cmpuint(get(l, PULSE_NUM), ==, 0);
    g_assert_cmphex(get(l, LOWPULSE), ==, 0xFFFFF);
    rig_free(l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/esp8266/uart/transmits", transmits);
    g_test_add_func("/esp8266/uart/clocks", clocks);
    g_test_add_func("/esp8266/uart/bits", bit_times);
    g_test_add_func("/esp8266/uart/formats", formats);
    g_test_add_func("/esp8266/uart/tx-fifo", tx_fifo);
    g_test_add_func("/esp8266/uart/break", break_out);
    g_test_add_func("/esp8266/uart/receives", receives);
    g_test_add_func("/esp8266/uart/errors", errors);
    g_test_add_func("/esp8266/uart/timeout", timeout);
    g_test_add_func("/esp8266/uart/flow", flow);
    g_test_add_func("/esp8266/uart/modem", modem);
    g_test_add_func("/esp8266/uart/inversion", inversion);
    g_test_add_func("/esp8266/uart/loopback", loopback);
    g_test_add_func("/esp8266/uart/swap", swap);
    g_test_add_func("/esp8266/uart/second-place", second_place);
    g_test_add_func("/esp8266/uart/autobaud", autobaud);
    return g_test_run();
}
