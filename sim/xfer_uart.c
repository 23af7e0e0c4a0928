// SPDX-License-Identifier: GPL-2.0-or-later
// UART frames on wires. See xfer.h.
//
// A frame goes to a receiver as a whole (one event) when nobody needs edges and every receiver on
// the net samples it as it was meant: same format, bit times close enough. Otherwise the sender
// draws edges, and receivers sample them: that also decodes pins toggled by software, and breaks.
// Both ways give the same bytes at the same times.
#include "xfer.h"
#include "machine.h"

// Start, data and parity bits, and the first stop bit: what a receiver samples.
static unsigned sampled_bits(const uart_frame_t *f)
{
    return 1 + f->bits + (f->parity != 'n') + 1;
}

static uint32_t parity_of(const uart_frame_t *f, uint32_t data)
{
    return ((unsigned)__builtin_popcount(data) & 1) ^ (f->parity == 'o');
}

static uint32_t data_mask(const uart_frame_t *f) { return (1u << f->bits) - 1; }

uint64_t uart_frame_ps(const uart_frame_t *f)
{
    return (sampled_bits(f) - 1) * f->bit_ps + f->half_stops * f->bit_ps / 2;
}

// ---- Receiver -----------------------------------------------------------------------------------

static void rx_tell(void *ctx, uint64_t now_ps)
{
    uart_rx_t *rx = ctx;
    if (rx->frame)
        rx->frame(rx->ctx, rx->data, rx->errors, now_ps);
}

// A new start bit while the last frame's stop bit is still running.
static void rx_tell_early(uart_rx_t *rx, uint64_t now_ps)
{
    if (event_pending(&rx->done)) {
        machine_cancel(rx->m, &rx->done);
        rx_tell(rx, now_ps);
    }
}

static uint64_t sample_ps(const uart_rx_t *rx, unsigned i)
{
    return rx->start_ps + (2 * i + 1) * rx->latched.bit_ps / 2;
}

// All bits are sampled: takes them apart.
static void rx_finish(uart_rx_t *rx)
{
    const uart_frame_t *f = &rx->latched;
    uint32_t seen = rx->seen >> 1, parity = seen >> f->bits & 1;
    bool stop = rx->seen >> (sampled_bits(f) - 1) & 1;
    rx->active = false;
    machine_cancel(rx->m, &rx->sampled);
    rx->data = seen & data_mask(f);
    rx->errors = UART_OK;
    if (!stop)
        rx->errors |= UART_FRAMING | (rx->seen == 0 ? UART_BREAK : 0);
    if (f->parity != 'n' && parity != parity_of(f, rx->data) && !(rx->errors & UART_BREAK))
        rx->errors |= UART_PARITY;
    machine_at(rx->m, &rx->done, rx->start_ps + sampled_bits(f) * f->bit_ps);
}

// Samples the line's level up to `now_ps`; it has not changed since the last call.
static void rx_advance(uart_rx_t *rx, uint64_t now_ps)
{
    unsigned n = sampled_bits(&rx->latched);
    while (rx->active && rx->next < n && sample_ps(rx, rx->next) <= now_ps) {
        rx->seen |= (uint32_t)rx->level << rx->next;
        if (rx->next == 0 && rx->level) { // a spike, no start bit
            rx->active = false;
            machine_cancel(rx->m, &rx->sampled);
            return;
        }
        rx->next++;
    }
    if (rx->active && rx->next == n)
        rx_finish(rx);
}

static void rx_sampled(void *ctx, uint64_t now_ps) { rx_advance(ctx, now_ps); }

static void rx_edge(void *ctx, pin_t *pin)
{
    uart_rx_t *rx = ctx;
    bool level = pin_level(pin);
    if (level == rx->level)
        return;
    uint64_t now_ps = machine_now_ps(rx->m);
    rx_advance(rx, now_ps);
    rx->level = level;
    if (level || rx->active || now_ps < rx->busy_until_ps)
        return;
    rx_tell_early(rx, now_ps);
    rx->active = true;
    rx->start_ps = now_ps;
    rx->latched = rx->format;
    rx->seen = rx->next = 0;
    machine_at(rx->m, &rx->sampled, sample_ps(rx, sampled_bits(&rx->latched) - 1));
}

// Whether this receiver samples the frame, starting now, exactly as it was meant.
static bool rx_takes_whole(const uart_rx_t *rx, const uart_frame_t *f, uint64_t now_ps)
{
    const uart_frame_t *own = &rx->format;
    if (rx->active || !rx->level || now_ps < rx->busy_until_ps)
        return false;
    if (own->bits != f->bits || own->parity != f->parity || f->brk)
        return false;
    unsigned n = sampled_bits(f); // the last sample must fall into its bit; the others then do too
    uint64_t last = (2 * n - 1) * own->bit_ps / 2;
    return last >= (n - 1) * f->bit_ps && last < n * f->bit_ps;
}

static void rx_take_whole(uart_rx_t *rx, const uart_frame_t *f, uint64_t now_ps)
{
    rx_tell_early(rx, now_ps);
    unsigned n = sampled_bits(f);
    rx->data = f->data & data_mask(f);
    rx->errors = UART_OK;
    rx->busy_until_ps = now_ps + (2 * n - 1) * rx->format.bit_ps / 2;
    machine_at(rx->m, &rx->done, now_ps + n * rx->format.bit_ps);
}

void uart_rx_attach(uart_rx_t *rx, pin_t *pin)
{
    if (rx->pin == pin)
        return;
    if (rx->pin) {
        machine_cancel(rx->m, &rx->sampled);
        machine_cancel(rx->m, &rx->done);
        if (rx->pin->uart_rx == rx) {
            rx->pin->uart_rx = NULL;
            rx->pin->edge = NULL;
        }
    }
    rx->pin = pin;
    rx->active = false;
    rx->busy_until_ps = 0;
    if (!pin)
        return;
    rx->m = pin->net->m;
    event_init(&rx->sampled, "uart frame sampled", rx_sampled, rx);
    event_init(&rx->done, "uart frame received", rx_tell, rx);
    rx->level = pin_level(pin);
    pin->uart_rx = rx;
    pin->edge = rx_edge;
    pin->edge_ctx = rx;
}

bool uart_rx_busy(const uart_rx_t *rx) { return rx->active || event_pending(&rx->done); }

// ---- Sender -------------------------------------------------------------------------------------

static void tx_level(uart_tx_t *tx, bool level)
{
    if (tx->pad)
        pad_drive(tx->pad, tx->pad->enabled, level);
    else if (tx->pin)
        pin_set(tx->pin, level);
}

// Level of bit `i` of the frame on the wire; after its end the line is high.
static bool wire_bit(const uart_frame_t *f, unsigned i)
{
    if (f->brk)
        return i * f->bit_ps >= uart_frame_ps(f);
    if (i == 0)
        return false;
    if (i <= f->bits)
        return f->data >> (i - 1) & 1;
    if (i == f->bits + 1u && f->parity != 'n')
        return parity_of(f, f->data & data_mask(f));
    return true;
}

static void tx_plan(uart_tx_t *tx)
{
    const uart_frame_t *f = &tx->now;
    unsigned i = tx->next + 1, end = sampled_bits(f) + 2;
    bool level = wire_bit(f, tx->next);
    while (i <= end && wire_bit(f, i) == level)
        i++;
    tx->next = i;
    if (i > end)
        return;
    uint64_t at = i * f->bit_ps;
    machine_at(tx->m, &tx->edge, tx->start_ps + (f->brk ? MIN(at, uart_frame_ps(f)) : at));
}

static void tx_edge(void *ctx, uint64_t now_ps)
{
    uart_tx_t *tx = ctx;
    tx_level(tx, wire_bit(&tx->now, tx->next));
    tx_plan(tx);
}

void uart_tx_attach(uart_tx_t *tx, pin_t *pin)
{
    if (tx->pin == pin)
        return;
    if (tx->pin) {
        machine_cancel(tx->m, &tx->edge);
        tx_level(tx, true);
    }
    tx->pin = pin;
    if (!pin)
        return;
    tx->m = pin->net->m;
    event_init(&tx->edge, "uart edge", tx_edge, tx);
    tx_level(tx, true);
}

static bool needs_edges(const net_t *net, const uart_frame_t *f, uint64_t now_ps)
{
    if (f->brk || !net->level || net_watched(net))
        return true;
    for (guint i = 0; i < net->pins->len; i++) {
        const pin_t *pin = g_ptr_array_index(net->pins, i);
        if (pin->uart_rx && !rx_takes_whole(pin->uart_rx, f, now_ps))
            return true;
    }
    return false;
}

static void set_followers(const net_t *net, const uart_frame_t *f)
{
    for (guint i = 0; i < net->pins->len && !f->brk; i++) {
        uart_rx_t *rx = ((const pin_t *)g_ptr_array_index(net->pins, i))->uart_rx;
        if (rx && rx->follow)
            rx->format = *f;
    }
}

void uart_tx_send(uart_tx_t *tx, const uart_frame_t *frame, uint64_t now_ps)
{
    if (!tx->pin)
        return;
    net_t *net = tx->pin->net;
    set_followers(net, frame);
    machine_cancel(tx->m, &tx->edge);
    if (needs_edges(net, frame, now_ps)) {
        tx->now = *frame;
        tx->start_ps = now_ps;
        tx->next = 0;
        tx_level(tx, false);
        tx_plan(tx);
        return;
    }
    for (guint i = 0; i < net->pins->len; i++) {
        const pin_t *pin = g_ptr_array_index(net->pins, i);
        if (pin->uart_rx)
            rx_take_whole(pin->uart_rx, frame, now_ps);
    }
}
