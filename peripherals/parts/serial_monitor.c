// SPDX-License-Identifier: GPL-2.0-or-later
// The serial monitor: the host's end of the board's serial connection. Interface: sim/serial.h.
//
// Pins as in Wokwi's diagrams: TX is the monitor's output (to the board's RX), RX its input (from
// the board's TX). 8 data bits, no parity, 1 stop bit, until the computer sets them otherwise. Bytes with
// framing errors are passed on as they were sampled, as a terminal does; a break is not passed on. DTR and
// RTS are low when asserted, as at a CP2104; nobody asserts them until the computer does. Its inputs for
// modem lines (CTS, DSR, ...) are not modelled, as no board here connects them.
#include "machine.h"
#include "serial.h"
#include "xfer.h"

// A byte sent 20 ms after the last change of a line would not notice; a computer's program waits longer.
static const uint64_t line_gap_ps = 20 * PS_PER_MS;

typedef struct {
    serial_control_t control;
    guint before; // at which byte of the queue it takes effect
} waiting_t;

typedef struct {
    part_t p;
    pin_t *tx_pin, *dtr, *rts;
    uart_tx_t tx;
    uart_rx_t rx;
    uart_frame_t format;
    event_t sent;
    GByteArray *queue; // saved: towards the board
    guint head;        // saved: first unsent byte of the queue
    GArray *controls;  // saved: of waiting_t
    uint64_t lines_ps; // saved: when the lines may change again
    bool sending;      // saved
    bool breaking;     // saved
    serial_fn_t listener;
    void *listener_ctx;
} serial_monitor_t;

// ---- Towards the board ----------------------------------------------------------------------------

// Where both change, they do at once, and nothing may come of the order in which they are told here: the
// way between never leads through "RTS alone", which means reset to an auto-reset circuit.
static void set_lines(serial_monitor_t *s, bool dtr, bool rts)
{
    if (dtr)
        pin_set(s->dtr, false);
    pin_set(s->rts, !rts);
    if (!dtr)
        pin_set(s->dtr, true);
}

static void apply(serial_monitor_t *s, serial_control_t c)
{
    switch (c.what) {
    case SERIAL_BAUD:
        s->rx.follow = false;
        s->format.bit_ps = (uint64_t)(PS_PER_S / (double)c.value + 0.5);
        break;
    case SERIAL_BITS:
        s->format.bits = (uint8_t)c.value;
        break;
    case SERIAL_PARITY:
        s->format.parity = (char)c.value;
        break;
    case SERIAL_HALF_STOPS:
        s->format.half_stops = (uint8_t)c.value;
        break;
    case SERIAL_LINES:
        set_lines(s, c.value & SERIAL_DTR, c.value & SERIAL_RTS);
        break;
    case SERIAL_BREAK:
        s->breaking = c.value;
        pin_set(s->tx_pin, !s->breaking);
        break;
    case SERIAL_PURGE:
        break;
    }
    s->rx.format = s->format;
}

// Lines that do not change need not wait.
static bool same_lines(const serial_monitor_t *s, uint32_t lines)
{
    return lines == (uint32_t)((pin_level(s->dtr) ? 0 : SERIAL_DTR) | (pin_level(s->rts) ? 0 : SERIAL_RTS));
}

// Controls whose turn it is. FALSE: the first has to wait, and the bytes behind it with it.
static bool apply_due(serial_monitor_t *s, uint64_t now_ps)
{
    while (s->controls->len) {
        waiting_t w = g_array_index(s->controls, waiting_t, 0);
        if (w.before > s->head)
            return true;
        if (w.control.what == SERIAL_LINES && !same_lines(s, w.control.value)) {
            if (now_ps < s->lines_ps) {
                machine_at(s->p.m, &s->sent, s->lines_ps);
                return false;
            }
            s->lines_ps = now_ps + line_gap_ps;
        }
        g_array_remove_index(s->controls, 0);
        apply(s, w.control);
    }
    return true;
}

static void send_next(void *ctx, uint64_t now_ps)
{
    serial_monitor_t *s = ctx;
    s->sending = true;
    if (!apply_due(s, now_ps))
        return;
    s->sending = s->head < s->queue->len;
    if (!s->sending) {
        g_byte_array_set_size(s->queue, 0);
        s->head = 0;
        return;
    }
    uart_frame_t frame = s->format;
    frame.data = s->queue->data[s->head++];
    if (!s->breaking) // otherwise they are lost
        uart_tx_send(&s->tx, &frame, now_ps);
    machine_at(s->p.m, &s->sent, now_ps + uart_frame_ps(&frame));
}

static void purge(serial_monitor_t *s)
{
    g_byte_array_set_size(s->queue, s->head);
    for (guint i = 0; i < s->controls->len; i++)
        g_array_index(s->controls, waiting_t, i).before = s->head;
}

void serial_control(part_t *serial, serial_control_t control)
{
    serial_monitor_t *s = (serial_monitor_t *)serial;
    if (control.what == SERIAL_PURGE) {
        purge(s);
        return;
    }
    waiting_t w = {control, s->queue->len};
    g_array_append_val(s->controls, w);
    if (!s->sending)
        send_next(s, machine_now_ps(serial->m));
}

// ---- From the board ---------------------------------------------------------------------------------

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

void serial_follow(part_t *serial)
{
    ((serial_monitor_t *)serial)->rx.follow = true;
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
    s->controls = g_array_new(FALSE, FALSE, sizeof(waiting_t));
    event_init(&s->sent, "serial monitor frame sent", send_next, s);
    double baud;
    if (!part_attr_double(p, "baud", &baud, error))
        return false;
    if (baud < 1 || baud > SERIAL_BAUD_MAX) {
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
    s->dtr = part_pin(p, "DTR");
    s->rts = part_pin(p, "RTS");
    pin_set(s->dtr, true);
    pin_set(s->rts, true);
    return true;
}

static void serial_monitor_finish(part_t *p)
{
    serial_monitor_t *s = (serial_monitor_t *)p;
    if (s->queue)
        g_byte_array_unref(s->queue);
    if (s->controls)
        g_array_unref(s->controls);
}

static const char *const serial_monitor_pins[] = {"TX", "RX", "DTR", "RTS", NULL};
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
