// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 UART: bit times, both directions, FIFO, flow control, errors.
#include "nrf51.h"
#include "uart_rig.h"

enum { UART = 0x40002000, STARTRX = UART, STOPRX = UART + 4, STARTTX = UART + 8,
       STOPTX = UART + 0xC, CTS = UART + 0x100, NCTS = UART + 0x104, RXDRDY = UART + 0x108,
       TXDRDY = UART + 0x11C, FAILED = UART + 0x124, RXTO = UART + 0x144, SHORTS = UART + 0x200,
       INTENSET = UART + 0x304, ERRORSRC = UART + 0x480, ENABLE = UART + 0x500,
       PSEL = UART + 0x508, RXD = UART + 0x518, TXD = UART + 0x51C, BAUDRATE = UART + 0x524,
       CONFIG = UART + 0x56C };
enum { PIN_RTS = 8, PIN_TX = 24, PIN_CTS = 10, PIN_RX = 25, PERIPHERAL_POWER = UART + 0xFFC };
enum { BAUD_9600 = 0x275000, BAUD_115200 = 0x1D7E000 };

static uint64_t bit_ps(uint32_t baudrate) { return (UINT64_C(62500) << 32) / baudrate; }

static line_rig_t *rig(uint32_t baudrate, bool flow)
{
    line_rig_t *l = line_rig("nrf51822", "gpio:P0.24", "gpio:P0.25", "gpio:P0.10", bit_ps(baudrate));
    pin_set(l->other, false); // CTS
    static const unsigned pins[] = {PIN_RTS, PIN_TX, PIN_CTS, PIN_RX};
    for (unsigned i = 0; i < 4; i++)
        wr(l->c, PSEL + 4 * i, pins[i]);
    wr(l->c, BAUDRATE, baudrate);
    wr(l->c, CONFIG, flow);
    wr(l->c, ENABLE, 4);
    return l;
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
    pin_set(l->other, true);
    g_assert_true(event(l->c, NCTS));
    wr(l->c, TXD, 'x');
    run_for(l->c, 20 * bit);
    g_assert_false(event(l->c, TXDRDY));
    pin_set(l->other, false);
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
