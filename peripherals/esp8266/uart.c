// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 UART ("ESP8266 Technical Reference", UART; registers as in the SDK's uart_register.h).
//
// Modelled: 5 to 8 bits, parity, 1 / 1.5 / 2 stop bits, any divider of the APB clock, both FIFOs of
// 128 bytes with their thresholds and resets, break, all interrupts, the receiver's time-out, RTS
// and CTS by hand and by the hardware, DTR and DSR, inversion of all six signals, loop-back inside
// the chip, the measurement of pulses for automatic baud rates, the exchange of TXD with RTS and
// RXD with CTS (line swap, from dport.c).
// A frame begins on the first APB cycle after the write that starts it; one bit lasts CLKDIV
// cycles.
// Interrupts of the FIFO levels come back as long as the level lasts. The time-out is RX_TOUT_THRHD
// times eight bit times after the end of the last byte, while the FIFO holds something (the unit is
// not in any manual). Pulses shorter than the glitch filter are left out of the measurement, both
// edges; of the others the counters tell twelve clocks less than they last, because the mask ROM
// adds that.
//
// Pads: txd rxd cts rts dtr dsr, and txd2, the second place of TXD. Line: irq.
#include "machine.h"
#include "xfer.h"

enum { FIFO = 0x00, INT_RAW = 0x04, INT_ST = 0x08, INT_ENA = 0x0C, INT_CLR = 0x10, CLKDIV = 0x14,
       AUTOBAUD = 0x18, STATUS = 0x1C, CONF0 = 0x20, CONF1 = 0x24, LOWPULSE = 0x28,
       HIGHPULSE = 0x2C, PULSE_NUM = 0x30 };
enum { INT_RX_FULL = 1 << 0, INT_TX_EMPTY = 1 << 1, INT_PARITY = 1 << 2, INT_FRAME = 1 << 3,
       INT_OVERFLOW = 1 << 4, INT_DSR = 1 << 5, INT_CTS = 1 << 6, INT_BREAK = 1 << 7,
       INT_TIMEOUT = 1 << 8, INTS = 0x1FF };
enum { STATUS_DSR = 1 << 13, STATUS_CTS = 1 << 14, STATUS_RXD = 1 << 15, STATUS_DTR = 1 << 29,
       STATUS_RTS = 1 << 30 };
#define STATUS_TXD (1u << 31)
enum { CONF0_ODD = 1 << 0, CONF0_PARITY = 1 << 1, CONF0_RTS = 1 << 6, CONF0_DTR = 1 << 7,
       CONF0_BREAK = 1 << 8, CONF0_LOOPBACK = 1 << 14, CONF0_TX_FLOW = 1 << 15,
       CONF0_RX_RESET = 1 << 17, CONF0_TX_RESET = 1 << 18, CONF0_INV_RXD = 1 << 19,
       CONF0_INV_CTS = 1 << 20, CONF0_INV_DSR = 1 << 21, CONF0_INV_TXD = 1 << 22,
       CONF0_INV_RTS = 1 << 23, CONF0_INV_DTR = 1 << 24 };
enum { CONF1_RX_FLOW = 1 << 23 };
#define CONF1_TIMEOUT (1u << 31)
enum { AUTOBAUD_ENABLE = 1 << 0, PULSE_MAX = 0xFFFFF, PULSE_UNSEEN = 12, EDGES_MAX = 0x3FF };
enum { DEPTH = 128, TIMEOUT_BITS = 8 };

typedef enum { TXD, RXD, CTS, RTS, DTR, DSR, TXD2, PADS } signal_t;

typedef struct {
    uint8_t byte[DEPTH];
    unsigned first, n;
} fifo_t;

typedef struct {
    part_t p;
    line_t *irq, *swap;
    pad_t *pad[PADS];
    pin_t *pin[PADS];     // where the pads were routed last
    bool level[PADS];     // saved: what they read there
    uart_tx_t tx_wire[2]; // TXD and its second place
    uart_rx_t rx_wire;
    pin_t *tx_core, *rx_core; // the signals before and behind an inverter
    event_t sent;         // saved: the frame on the wire ends
    event_t timeout;      // saved
    uint64_t begin_tick, end_tick; // saved: of the APB clock, of the frame on the wire
    bool sending;         // saved
    uint8_t shift;        // saved: the byte that is being sent
    fifo_t tx, rx;        // saved
    bool routing;
    bool rxd_level;       // saved: for the measurement of pulses
    uint64_t edge_tick;   // saved: of the last edge there
} esp8266_uart_t;

static esp8266_uart_t *of(part_t *p) { return (esp8266_uart_t *)p; }

static void put(fifo_t *f, uint8_t byte) { f->byte[(f->first + f->n++) % DEPTH] = byte; }

static uint8_t take(fifo_t *f)
{
    uint8_t byte = f->byte[f->first];
    f->first = (f->first + 1) % DEPTH;
    f->n--;
    return byte;
}

// ---- Formats ------------------------------------------------------------------------------------

static uint32_t divider(const part_t *p) { return R(p, CLKDIV) & 0xFFFFF; }

static uart_frame_t format(const part_t *p)
{
    static const uint8_t half_stops[4] = {2, 2, 3, 4};
    uint32_t c = R(p, CONF0);
    return (uart_frame_t){
        .bits = 5 + (c >> 2 & 3),
        .parity = !(c & CONF0_PARITY) ? 'n' : c & CONF0_ODD ? 'o' : 'e',
        .half_stops = half_stops[c >> 4 & 3],
        .bit_ps = clk_span_ps(p->clk, divider(p)),
    };
}

static uint64_t frame_ticks(const part_t *p, const uart_frame_t *f)
{
    return (uint64_t)divider(p) * (2u * (1 + f->bits + (f->parity != 'n')) + f->half_stops) / 2;
}

static bool running(const part_t *p) { return divider(p) && p->clk->num; }

// ---- Levels and interrupts ----------------------------------------------------------------------

static bool conf0(const part_t *p, uint32_t bit) { return R(p, CONF0) & bit; }
static bool loopback(const part_t *p) { return conf0(p, CONF0_LOOPBACK); }

// The pad of a signal: UART pins may be exchanged.
static pad_t *pad_of(const esp8266_uart_t *u, signal_t s)
{
    static const signal_t other[PADS] = {RTS, CTS, RXD, TXD, DTR, DSR, TXD2};
    return u->pad[u->swap->level ? other[s] : s];
}

// Active low, as the wires are.
static bool rts(const part_t *p)
{
    uint32_t c = R(p, CONF1);
    bool room = c & CONF1_RX_FLOW ? of((part_t *)p)->rx.n < (c >> 16 & 127) : conf0(p, CONF0_RTS);
    return !room ^ conf0(p, CONF0_INV_RTS);
}

static bool dtr(const part_t *p) { return !conf0(p, CONF0_DTR) ^ conf0(p, CONF0_INV_DTR); }

static bool cts(const part_t *p)
{
    bool level = loopback(p) ? rts(p) : pad_level(pad_of(of((part_t *)p), CTS));
    return level ^ conf0(p, CONF0_INV_CTS);
}

static bool dsr(const part_t *p)
{
    bool level = loopback(p) ? dtr(p) : pad_level(of((part_t *)p)->pad[DSR]);
    return level ^ conf0(p, CONF0_INV_DSR);
}

static bool inverted_txd(const part_t *p) { return conf0(p, CONF0_INV_TXD); }
static bool inverted_rxd(const part_t *p) { return conf0(p, CONF0_INV_RXD); }

static void update(part_t *p)
{
    esp8266_uart_t *u = of(p);
    uint32_t c = R(p, CONF1);
    if (u->rx.n && u->rx.n >= (c & 127))
        R(p, INT_RAW) |= INT_RX_FULL;
    if (u->tx.n <= (c >> 8 & 127))
        R(p, INT_RAW) |= INT_TX_EMPTY;
    pad_drive(pad_of(u, RTS), true, rts(p));
    pad_drive(u->pad[DTR], true, dtr(p));
    line_set(u->irq, R(p, INT_RAW) & R(p, INT_ENA));
}

static void raise_int(part_t *p, uint32_t bits)
{
    R(p, INT_RAW) |= bits;
    update(p);
}

// ---- Wires --------------------------------------------------------------------------------------

static bool breaking(const part_t *p) { return conf0(p, CONF0_BREAK); }

// Between frames TXD is high, or low in a break.
static void drive_idle(part_t *p)
{
    esp8266_uart_t *u = of(p);
    bool level = (!breaking(p) || loopback(p)) ^ inverted_txd(p);
    if (u->sending && !loopback(p))
        return;
    pad_drive(pad_of(u, TXD), true, level);
    pad_drive(u->pad[TXD2], true, level);
}

static void tx_core_changed(void *ctx, pin_t *pin)
{
    esp8266_uart_t *u = ctx;
    if (!inverted_txd(&u->p) || !u->sending || loopback(&u->p))
        return;
    pad_drive(pad_of(u, TXD), true, !pin_level(pin));
    pad_drive(u->pad[TXD2], true, !pin_level(pin));
}

static void route(esp8266_uart_t *u)
{
    part_t *p = &u->p;
    if (u->routing)
        return;
    u->routing = true;
    bool loop = loopback(p), measures = R(p, AUTOBAUD) & AUTOBAUD_ENABLE;
    pad_t *rxd = pad_of(u, RXD), *txd = pad_of(u, TXD);
    u->tx_wire[0].pad = inverted_txd(p) ? NULL : txd;
    uart_tx_attach(&u->tx_wire[0], loop ? NULL : inverted_txd(p) ? u->tx_core : txd->pin);
    uart_tx_attach(&u->tx_wire[1], loop || inverted_txd(p) ? NULL : u->pad[TXD2]->pin);
    u->rx_wire.format = format(p);
    pin_t *in = inverted_rxd(p) ? u->rx_core : rxd->pin;
    uart_rx_attach(&u->rx_wire, loop || !running(p) ? NULL : in);
    pad_set_edges(u->pad[RXD], rxd == u->pad[RXD] && (measures || inverted_rxd(p)));
    pad_set_edges(u->pad[CTS], rxd == u->pad[CTS] && (measures || inverted_rxd(p)));
    drive_idle(p);
    u->routing = false;
}

static void measure(part_t *p, bool level)
{
    esp8266_uart_t *u = of(p);
    uint64_t tick = clk_ticks(p->clk, machine_now_ps(p->m)), width = tick - u->edge_tick;
    if (level == u->rxd_level)
        return;
    u->rxd_level = level;
    u->edge_tick = tick;
    if (!(R(p, AUTOBAUD) & AUTOBAUD_ENABLE))
        return;
    uint32_t *edges = &R(p, PULSE_NUM), *least = &R(p, level ? LOWPULSE : HIGHPULSE);
    if (*edges && width < (R(p, AUTOBAUD) >> 8 & 255)) {
        *edges -= 1; // the glitch had two edges, and neither counts
        return;
    }
    if (*edges) // before the first edge no pulse began
        *least = MIN(*least, width < PULSE_UNSEEN ? 0 : MIN(width - PULSE_UNSEEN, PULSE_MAX));
    *edges = MIN(*edges + 1, EDGES_MAX);
}

static void pump(part_t *p, bool back_to_back, uint64_t now);

// A pad's level or place changed.
static void pad_changed(void *ctx, pad_t *pad, bool level)
{
    esp8266_uart_t *u = ctx;
    part_t *p = &u->p;
    unsigned s = 0;
    while (u->pad[s] != pad)
        s++;
    bool moved = u->pin[s] != pad->pin, changed = u->level[s] != level;
    u->pin[s] = pad->pin;
    u->level[s] = level;
    if (moved)
        route(u);
    if (pad == pad_of(u, RXD)) {
        measure(p, level);
        if (inverted_rxd(p))
            pin_set(u->rx_core, !level);
    } else if (changed && pad == pad_of(u, CTS)) {
        raise_int(p, INT_CTS);
        pump(p, false, machine_now_ps(p->m));
    } else if (changed && s == DSR) {
        raise_int(p, INT_DSR);
    }
}

// ---- Transmitter --------------------------------------------------------------------------------

static bool may_send(part_t *p)
{
    return !breaking(p) && running(p) && !(conf0(p, CONF0_TX_FLOW) && cts(p));
}

// Begins the next frame, if there is one and it may be sent.
static void pump(part_t *p, bool back_to_back, uint64_t now)
{
    esp8266_uart_t *u = of(p);
    if (u->sending || !u->tx.n || !may_send(p))
        return;
    uart_frame_t f = format(p);
    u->shift = take(&u->tx);
    u->sending = true;
    u->begin_tick = back_to_back ? u->end_tick : clk_tick_from(p->clk, now);
    u->end_tick = u->begin_tick + frame_ticks(p, &f);
    machine_at(p->m, &u->sent, clk_ps(p->clk, u->end_tick));
    f.data = u->shift;
    for (unsigned i = 0; i < 2; i++)
        if (u->tx_wire[i].pin)
            uart_tx_send(&u->tx_wire[i], &f, now);
}

static void frame_received(void *ctx, uint16_t data, unsigned errors, uint64_t now);

static void frame_sent(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    esp8266_uart_t *u = of(p);
    u->sending = false;
    if (loopback(p))
        frame_received(u, u->shift & ((1u << format(p).bits) - 1), 0, now);
    pump(p, true, now);
    drive_idle(p);
    update(p);
}

// ---- Receiver -----------------------------------------------------------------------------------

static void start_timeout(part_t *p, uint64_t now)
{
    esp8266_uart_t *u = of(p);
    uint32_t c = R(p, CONF1), groups = c >> 24 & 127;
    if (c & CONF1_TIMEOUT && u->rx.n && running(p))
        machine_at(p->m, &u->timeout, 
                   now + groups * TIMEOUT_BITS * clk_span_ps(p->clk, divider(p)));
    else
        machine_cancel(p->m, &u->timeout);
}

static void timed_out(void *ctx, uint64_t now)
{
    esp8266_uart_t *u = ctx;
    if (u->rx.n && !uart_rx_busy(&u->rx_wire)) // the frame that is coming in will ask again
        raise_int(&u->p, INT_TIMEOUT);
}

static void frame_received(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    esp8266_uart_t *u = ctx;
    part_t *p = &u->p;
    uint32_t what = (errors & UART_PARITY ? INT_PARITY : 0) |
                    (errors & UART_FRAMING ? INT_FRAME : 0) |
                    (errors & UART_BREAK ? INT_BREAK : 0);
    if (conf0(p, CONF0_RX_RESET))
        return;
    if (u->rx.n == DEPTH)
        what |= INT_OVERFLOW; // and the byte is lost
    else
        put(&u->rx, errors & UART_BREAK ? 0 : data);
    start_timeout(p, now);
    raise_int(p, what);
}

// ---- Registers ----------------------------------------------------------------------------------

static uint32_t fifo_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    esp8266_uart_t *u = of(p);
    if (p->peeking || !u->rx.n)
        return u->rx.n ? u->rx.byte[u->rx.first] : 0;
    uint8_t byte = take(&u->rx);
    if (!u->rx.n)
        machine_cancel(p->m, &u->timeout);
    update(p);
    return byte;
}

static void fifo_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_uart_t *u = of(p);
    if (conf0(p, CONF0_TX_RESET))
        return;
    if (u->tx.n == DEPTH) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + FIFO,
                       "%s: a byte is written to a full FIFO, and lost", p->name);
        return;
    }
    put(&u->tx, p->written);
    pump(p, false, machine_now_ps(p->m));
    update(p);
}

static uint32_t int_st_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return R(p, INT_RAW) & R(p, INT_ENA);
}

static void int_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (reg->offset == INT_CLR) {
        R(p, INT_RAW) &= ~p->written;
        R(p, INT_CLR) = 0;
    }
    update(p);
}

// 0 idle, 1 start bit, 2 to 9 data, 10 parity, 11 and 12 stop bits.
static uint32_t tx_state(part_t *p)
{
    esp8266_uart_t *u = of(p);
    uart_frame_t f = format(p);
    uint64_t now = clk_ticks(p->clk, machine_now_ps(p->m));
    if (!u->sending || !running(p))
        return 0;
    uint64_t bit = now < u->begin_tick ? 0 : (now - u->begin_tick) / divider(p);
    if (bit <= f.bits)
        return 1 + bit;
    bit -= f.bits + (f.parity != 'n');
    return bit ? MIN(10 + bit, 12u) : 10;
}

static uint32_t status_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    esp8266_uart_t *u = of(p);
    pad_t *txd = pad_of(u, TXD);
    bool in = pad_level(pad_of(u, RXD)) ^ inverted_rxd(p);
    return u->rx.n | u->tx.n << 16 | tx_state(p) << 24 | (dsr(p) ? STATUS_DSR : 0) |
           (cts(p) ? STATUS_CTS : 0) | (in ? STATUS_RXD : 0) | (dtr(p) ? STATUS_DTR : 0) |
           (rts(p) ? STATUS_RTS : 0) | (txd->level ? STATUS_TXD : 0);
}

static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_uart_t *u = of(p);
    if (conf0(p, CONF0_RX_RESET)) {
        u->rx.n = 0;
        machine_cancel(p->m, &u->timeout);
    }
    if (conf0(p, CONF0_TX_RESET))
        u->tx.n = 0;
    if (inverted_rxd(p))
        pin_set(u->rx_core, !pad_level(pad_of(u, RXD)));
    route(u);
    pump(p, false, machine_now_ps(p->m));
    update(p);
}

static void conf1_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if ((R(p, CONF1) ^ old) >> 24)
        start_timeout(p, machine_now_ps(p->m));
    update(p);
}

static void autobaud_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, AUTOBAUD) & ~old & AUTOBAUD_ENABLE) {
        R(p, LOWPULSE) = R(p, HIGHPULSE) = PULSE_MAX;
        R(p, PULSE_NUM) = 0;
        of(p)->rxd_level = pad_level(pad_of(of(p), RXD));
    }
    route(of(p));
}

// ---- The part -----------------------------------------------------------------------------------

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    part_t *p = ctx;
    esp8266_uart_t *u = of(p);
    if (before)
        return;
    if (u->sending)
        machine_at(p->m, &u->sent, clk_ps(clk, u->end_tick));
    route(u);
    pump(p, false, now);
}

static void swapped(void *ctx, int arg, bool level) { route(ctx); }

static bool uart_init(part_t *p, GError **error)
{
    static const char *const names[PADS] = {"txd", "rxd", "cts", "rts", "dtr", "dsr", "txd2"};
    esp8266_uart_t *u = of(p);
    u->irq = part_line(p, "irq");
    u->swap = part_line(p, "swap");
    line_listen(u->swap, swapped, u, 0);
    for (unsigned i = 0; i < PADS; i++)
        u->pad[i] = part_pad(p, names[i], pad_changed, u);
    u->pad[RXD]->idle = true;
    u->tx_core = part_add_pin(p, "txd before the inverter", tx_core_changed, u);
    u->rx_core = part_add_pin(p, "rxd behind the inverter", NULL, NULL);
    u->tx_core->edges = u->rx_core->edges = true;
    u->tx_wire[1].pad = u->pad[TXD2];
    u->rx_wire.frame = frame_received;
    u->rx_wire.ctx = u;
    event_init(&u->sent, "uart frame sent", frame_sent, u);
    event_init(&u->timeout, "uart receiver timeout", timed_out, u);
    clk_listen(p->clk, clock_changed, u);
    return true;
}

static void uart_reset(part_t *p, bool power)
{
    esp8266_uart_t *u = of(p);
    machine_cancel(p->m, &u->sent);
    machine_cancel(p->m, &u->timeout);
    u->sending = false;
    u->tx.n = u->rx.n = 0;
    pin_set(u->rx_core, true);
    route(u);
    update(p);
}

static const part_reg_t uart_regs[] = {
    {"FIFO", FIFO, .ro = ~0u, .read = fifo_read, .write = fifo_write},
    {"INT_RAW", INT_RAW, .ro = ~0u},
    {"INT_ST", INT_ST, .ro = ~0u, .read = int_st_read},
    {"INT_ENA", INT_ENA, .ro = ~(uint32_t)INTS, .write = int_write},
    {"INT_CLR", INT_CLR, .ro = ~(uint32_t)INTS, .write = int_write},
    {"CLKDIV", CLKDIV, .reset = 0x2B6, .ro = ~0xFFFFFu, .write = config_write},
    {"AUTOBAUD", AUTOBAUD, .ro = ~0xFF01u, .write = autobaud_write},
    {"STATUS", STATUS, .ro = ~0u, .read = status_read},
    {"CONF0", CONF0, .reset = 0x1C, .ro = 0xFE000000, .write = config_write},
    {"CONF1", CONF1, .reset = 0x6060, .write = conf1_write},
    {"LOWPULSE", LOWPULSE, .reset = PULSE_MAX, .ro = ~0u},
    {"HIGHPULSE", HIGHPULSE, .reset = PULSE_MAX, .ro = ~0u},
    {"PULSE_NUM", PULSE_NUM, .ro = ~0u},
    {"34", 0x34, .count = 17},
    {"DATE", 0x78, .reset = 0x00062000},
    {"ID", 0x7C, .reset = 0x00000500},
    {0},
};

const part_class_t esp8266_uart_class = {
    .name = "esp8266-uart",
    .brief = "ESP8266 universal asynchronous receiver/transmitter",
    .size = sizeof(esp8266_uart_t),
    .regs = uart_regs,
    .mmio_size = 0x80,
    .init = uart_init,
    .reset = uart_reset,
};
