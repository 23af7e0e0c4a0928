// SPDX-License-Identifier: GPL-2.0-or-later
// The serial monitor: the host's end of the board's serial connection. Interface: sim/serial.h.
//
// Pins as in Wokwi's diagrams: TX is the monitor's output (to the board's RX), RX its input (from
// the board's TX). 8 data bits, no parity, 1 stop bit. Bytes with framing errors are passed on as
// they were sampled, as a terminal does; a break is not passed on.
#include "machine.h"
#include "serial.h"
#include "xfer.h"

typedef struct {
    part_t p;
    pin_t *tx_pin;
    uart_tx_t tx;
    uart_rx_t rx;
    uart_frame_t format;
    event_t sent;
    GByteArray *queue; // saved: towards the board
    guint head;        // saved: first unsent byte of the queue
    bool sending;      // saved
    serial_fn_t listener;
    void *listener_ctx;
} serial_monitor_t;

static void send_next(void *ctx, uint64_t now_ps)
{
    serial_monitor_t *s = ctx;
    s->sending = s->head < s->queue->len;
    if (!s->sending) {
        g_byte_array_set_size(s->queue, 0);
        s->head = 0;
        return;
    }
    uart_frame_t frame = s->format;
    frame.data = s->queue->data[s->head++];
    uart_tx_send(&s->tx, &frame, now_ps);
    machine_at(s->p.m, &s->sent, now_ps + uart_frame_ps(&frame));
}

static void received(void *ctx, uint16_t data, unsigned errors, uint64_t now_ps)
{
    serial_monitor_t *s = ctx;
    if (s->listener && !(errors & UART_BREAK))
        s->listener(s->listener_ctx, data, now_ps);
}

void serial_listen(part_t *serial, serial_fn_t fn, void *ctx)
{
    serial_monitor_t *s = (serial_monitor_t *)serial;
    s->listener = fn;
    s->listener_ctx = ctx;
}

void serial_send(part_t *serial, const void *bytes, size_t n)
{
    serial_monitor_t *s = (serial_monitor_t *)serial;
    g_byte_array_append(s->queue, bytes, n);
    if (!s->sending)
        send_next(s, machine_now_ps(serial->m));
}

size_t serial_pending(const part_t *serial)
{
    const serial_monitor_t *s = (const serial_monitor_t *)serial;
    return s->queue->len - s->head;
}

static bool serial_monitor_init(part_t *p, GError **error)
{
    serial_monitor_t *s = (serial_monitor_t *)p;
    s->queue = g_byte_array_new();
    event_init(&s->sent, "serial monitor frame sent", send_next, s);
    double baud;
    if (!part_attr_double(p, "baud", &baud, error))
        return false;
    if (baud < 1 || baud > 20e6) {
        g_set_error(error, g_quark_from_static_string("part"), 0, "%s: baud %g is not possible",
                    p->name, baud);
        return false;
    }
    s->format = (uart_frame_t){.bits = 8, .parity = 'n', .half_stops = 2,
                               .bit_ps = (uint64_t)(PS_PER_S / baud + 0.5)};
    s->rx.format = s->format;
    s->rx.frame = received;
    s->rx.ctx = s;
    s->tx_pin = part_pin(p, "TX");
    uart_tx_attach(&s->tx, s->tx_pin);
    uart_rx_attach(&s->rx, part_pin(p, "RX"));
    return true;
}

static void serial_monitor_finish(part_t *p)
{
    serial_monitor_t *s = (serial_monitor_t *)p;
    if (s->queue)
        g_byte_array_unref(s->queue);
}

static const char *const serial_monitor_pins[] = {"TX", "RX", NULL};
static const char *const serial_monitor_attrs[] = {"baud=115200", NULL};

const part_class_t serial_monitor_class = {
    .name = "serial-monitor",
    .brief = "the host's end of a serial connection",
    .size = sizeof(serial_monitor_t),
    .pins = serial_monitor_pins,
    .attrs = serial_monitor_attrs,
    .init = serial_monitor_init,
    .finish = serial_monitor_finish,
};
