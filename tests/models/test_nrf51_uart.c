// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 UART: bit times, both directions, FIFO, flow control, errors.
#include "nrf51.h"
#include "xfer.h"

enum { UART = 0x40002000, STARTRX = UART, STOPRX = UART + 4, STARTTX = UART + 8,
       STOPTX = UART + 0xC, CTS = UART + 0x100, NCTS = UART + 0x104, RXDRDY = UART + 0x108,
       TXDRDY = UART + 0x11C, FAILED = UART + 0x124, RXTO = UART + 0x144, SHORTS = UART + 0x200,
       INTENSET = UART + 0x304, ERRORSRC = UART + 0x480, ENABLE = UART + 0x500,
       PSEL = UART + 0x508, RXD = UART + 0x518, TXD = UART + 0x51C, BAUDRATE = UART + 0x524,
       CONFIG = UART + 0x56C };
enum { PIN_RTS = 8, PIN_TX = 24, PIN_CTS = 10, PIN_RX = 25, PERIPHERAL_POWER = UART + 0xFFC };
enum { BAUD_9600 = 0x275000, BAUD_115200 = 0x1D7E000 };

typedef struct {
    chip_t *c;
    uart_rx_t rx;
    uart_tx_t tx;
    pin_t *in, *out, *cts;
    GString *got;
    unsigned errors;
} line_rig_t;

static void on_frame(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    line_rig_t *l = ctx;
    g_string_append_c(l->got, data);
    l->errors |= errors;
}

static uint64_t bit_ps(uint32_t baudrate) { return (UINT64_C(62500) << 32) / baudrate; }

static line_rig_t *rig(uint32_t baudrate, bool flow)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    line_rig_t *l = g_new0(line_rig_t, 1);
    l->c = chip_new("nrf51822");
    l->got = g_string_new(NULL);
    part_t *p = machine_add_part(l->c->m, &outside, "outside", NULL);
    l->in = part_add_pin(p, "IN", NULL, NULL);
    l->out = part_add_pin(p, "OUT", NULL, NULL);
    l->cts = part_add_pin(p, "CTS", NULL, NULL);
    pin_connect(l->in, gpio_pin(l->c, PIN_TX));
    pin_connect(l->out, gpio_pin(l->c, PIN_RX));
    pin_connect(l->cts, gpio_pin(l->c, PIN_CTS));
    pin_set(l->out, true);
    pin_set(l->cts, false);
    chip_start(l->c);
    l->rx = (uart_rx_t){.format = {.bits = 8, .parity = 'n', .half_stops = 2,
                                   .bit_ps = bit_ps(baudrate)},
                        .frame = on_frame, .ctx = l};
    uart_rx_attach(&l->rx, l->in);
    uart_tx_attach(&l->tx, l->out);
    static const unsigned pins[] = {PIN_RTS, PIN_TX, PIN_CTS, PIN_RX};
    for (unsigned i = 0; i < 4; i++)
        wr(l->c, PSEL + 4 * i, pins[i]);
    wr(l->c, BAUDRATE, baudrate);
    wr(l->c, CONFIG, flow);
    wr(l->c, ENABLE, 4);
    return l;
}

static void rig_free(line_rig_t *l)
{
    g_assert_cmpstr(l->c->reports->str, ==, "");
    uart_rx_attach(&l->rx, NULL);
    uart_tx_attach(&l->tx, NULL);
    chip_free(l->c);
    g_string_free(l->got, TRUE);
    g_free(l);
}

static void send(line_rig_t *l, uint8_t byte, uint64_t bit, char parity)
{
    uart_frame_t f = {.data = byte, .bits = 8, .parity = parity, .half_stops = 2, .bit_ps = bit};
    uart_tx_send(&l->tx, &f, machine_now_ps(l->c->m));
    run_for(l->c, uart_frame_ps(&f));
}

static void transmits(void)
{
    static const uint32_t rates[] = {BAUD_9600, BAUD_115200, 0x10000000};
    for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
        line_rig_t *l = rig(rates[i], false);
        uint64_t frame = 10 * bit_ps(rates[i]);
        wr(l->c, TXD, 'x'); // not started: lost
        task(l->c, STARTTX);
        wr(l->c, TXD, 'a');
        event_comes(l->c, TXDRDY, frame);
        wr(l->c, TXD, 'b');
        event_comes(l->c, TXDRDY, 2 * frame);
        g_assert_cmpstr(l->got->str, ==, "ab");
        g_assert_cmpuint(l->errors, ==, 0);
        // Without a pin the same time passes.
        wr(l->c, PSEL + 4, UINT32_MAX);
        wr(l->c, TXD, 'c');
        event_comes(l->c, TXDRDY, 3 * frame);
        g_assert_cmpstr(l->got->str, ==, "ab");
        rig_free(l);
    }
}

// 115200: the divider gives 115,203.86 baud, a bit of 8.68 us.
static void bit_times(void)
{
    line_rig_t *l = rig(BAUD_115200, false);
    uint64_t from = machine_now_ps(l->c->m), bit = bit_ps(BAUD_115200);
    g_assert_cmpuint(bit / 1000, ==, 8680);
    gpio_pin(l->c, PIN_TX)->edges = true;
    task(l->c, STARTTX);
    wr(l->c, TXD, 0x55); // each bit is an edge
    for (unsigned i = 0; i < 10; i++) {
        run_to(l->c, from + i * bit + bit / 2);
        g_assert_cmpint(pin_level(l->in), ==, i & 1);
    }
    rig_free(l);
}

static void receives(void)
{
    line_rig_t *l = rig(BAUD_9600, false);
    uint64_t bit = bit_ps(BAUD_9600);
    send(l, 'x', bit, 'n'); // not started
    wr(l->c, INTENSET, 1 << 2);
    task(l->c, STARTRX);
    send(l, 'a', bit, 'n');
    g_assert_true(level(l->c, "irq.2"));
    g_assert_true(event(l->c, RXDRDY));
    g_assert_cmphex(rd(l->c, RXD), ==, 'a');
    g_assert_false(event(l->c, RXDRDY));
    for (unsigned i = 0; i < 6; i++)
        send(l, '0' + i, bit, 'n');
    for (unsigned i = 0; i < 6; i++) { // each moves up with an event
        g_assert_true(event(l->c, RXDRDY));
        g_assert_cmphex(rd(l->c, RXD), ==, '0' + i);
    }
    g_assert_false(event(l->c, RXDRDY));
    g_assert_false(event(l->c, FAILED));
    for (unsigned i = 0; i < 7; i++)
        send(l, '0' + i, bit, 'n');
    g_assert_true(event(l->c, FAILED));
    g_assert_cmphex(rd(l->c, ERRORSRC), ==, 1); // overrun
    wr(l->c, ERRORSRC, 1);
    g_assert_cmphex(rd(l->c, ERRORSRC), ==, 0);
    rig_free(l);
}

static void errors(void)
{
    line_rig_t *l = rig(BAUD_115200, false);
    uint64_t bit = bit_ps(BAUD_115200);
    wr(l->c, CONFIG, 0xE); // even parity
    task(l->c, STARTRX);
    send(l, 'a', bit, 'e');
    g_assert_false(event(l->c, FAILED));
    send(l, 'a', bit, 'o');
    g_assert_true(event(l->c, FAILED));
    g_assert_cmphex(rd(l->c, ERRORSRC), ==, 2);
    wr(l->c, ERRORSRC, 15);
    pin_set(l->out, false);
    run_for(l->c, 30 * bit);
    g_assert_true(event(l->c, FAILED));
    g_assert_cmphex(rd(l->c, ERRORSRC), ==, 0xC); // break
    pin_set(l->out, true);
    run_for(l->c, 30 * bit);
    rig_free(l);
}

static void flow(void)
{
    line_rig_t *l = rig(BAUD_115200, true);
    uint64_t bit = bit_ps(BAUD_115200), from;
    pin_t *rts = gpio_pin(l->c, PIN_RTS);
    g_assert_true(pin_level(rts));
    task(l->c, STARTRX);
    g_assert_false(pin_level(rts));
    send(l, 'a', bit, 'n');
    g_assert_false(pin_level(rts));
    send(l, 'b', bit, 'n'); // room for four
    g_assert_true(pin_level(rts));
    rd(l->c, RXD);
    g_assert_false(pin_level(rts));
    task(l->c, STOPRX);
    g_assert_true(pin_level(rts));
    from = machine_now_ps(l->c->m);
    send(l, 'c', bit, 'n'); // four more may come
    event_comes(l->c, RXTO, from + 40 * bit);
    rd(l->c, RXD);
    g_assert_cmphex(rd(l->c, RXD), ==, 'c');
    send(l, 'd', bit, 'n');
    g_assert_cmphex(rd(l->c, RXD), ==, 'c');

    task(l->c, STARTTX);
    pin_set(l->cts, true);
    g_assert_true(event(l->c, NCTS));
    wr(l->c, TXD, 'x');
    run_for(l->c, 20 * bit);
    g_assert_false(event(l->c, TXDRDY));
    pin_set(l->cts, false);
    g_assert_true(event(l->c, CTS));
    event_comes(l->c, TXDRDY, machine_now_ps(l->c->m) + 10 * bit);
    g_assert_cmpstr(l->got->str, ==, "x");
    rig_free(l);
}

static void power_register(void)
{
    line_rig_t *l = rig(BAUD_115200, false);
    wr(l->c, PERIPHERAL_POWER, 0);
    g_assert_cmphex(rd(l->c, ENABLE), ==, 0);
    g_assert_cmphex(rd(l->c, PERIPHERAL_POWER), ==, 0);
    wr(l->c, PERIPHERAL_POWER, 1);
    g_assert_cmphex(rd(l->c, BAUDRATE), ==, 0x04000000);
    g_assert_cmphex(rd(l->c, PSEL), ==, UINT32_MAX);
    rig_free(l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/uart/transmits", transmits);
    g_test_add_func("/nrf51/uart/bits", bit_times);
    g_test_add_func("/nrf51/uart/receives", receives);
    g_test_add_func("/nrf51/uart/errors", errors);
    g_test_add_func("/nrf51/uart/flow", flow);
    g_test_add_func("/nrf51/uart/power", power_register);
    return g_test_run();
}
