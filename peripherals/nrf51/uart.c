// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 UART (nRF51 Series Reference Manual, chapter UART).
//
// Modelled: 8 bits with or without even parity, one stop bit, any baud rate; the six-byte receive FIFO,
// RTS with room for four more bytes, the receiver's end with its timeout, CTS, errors, SUSPEND. TXDRDY
// comes at the end of the byte's frame, also where TXD is on no pin. A byte written while another is
// on its way waits; a second one takes its place (the manual only says: wait for TXDRDY).
//
// Pads txd rxd cts rts.
#include "nrf51.h"
#include "xfer.h"

enum { CTS = 0x100, NCTS = 0x104, RXDRDY = 0x108, TXDRDY = 0x11C, ERROR = 0x124, RXTO = 0x144 };
enum { UART_ERRORSRC = 0x480, UART_ENABLE = 0x500, UART_PSELRTS = 0x508, UART_PSELTXD = 0x50C,
       UART_PSELCTS = 0x510, UART_PSELRXD = 0x514, UART_RXD = 0x518, UART_TXD = 0x51C,
       UART_BAUDRATE = 0x524, UART_CONFIG = 0x56C };
enum { ENABLED = 4, CONFIG_HWFC = 1, CONFIG_PARITY = 0xE };
enum { OVERRUN = 1, PARITY = 2, FRAMING = 4, BREAK = 8 };
enum { FIFO = 6, RTS_ROOM = 4 };
#define CLOCK_HZ UINT64_C(16000000)

typedef enum { RX_OFF, RX_ON, RX_STOPPING } rx_state_t;

typedef struct {
    nrf_t n;
    pad_t *txd, *rxd, *cts, *rts;
    pin_t *rx_pin, *tx_pin; // where the pads were routed last
    uart_tx_t tx_wire;
    uart_rx_t rx_wire;
    event_t sent, timeout; // saved
    bool tx_on, sending, waiting; // saved: started; a frame is on the wire; a byte waits for its end
    bool routing, again;   // pins are being chosen; and once more
    uint8_t tdr;           // saved
    rx_state_t rx;         // saved
    uint8_t fifo[FIFO], rx_count; // saved
    uint8_t rdr;           // saved: what RXD reads when the FIFO is empty
} nrf51_uart_t;

static bool enabled(const part_t *p) { return (R(p, UART_ENABLE) & 7) == ENABLED; }
static bool flow(const part_t *p) { return R(p, UART_CONFIG) & CONFIG_HWFC; }

// BAUDRATE / 2^32 of 16 MHz.
static uart_frame_t format(const part_t *p)
{
    uint32_t rate = R(p, UART_BAUDRATE);
    return (uart_frame_t){
        .bits = 8,
        .parity = (R(p, UART_CONFIG) & CONFIG_PARITY) == CONFIG_PARITY ? 'e' : 'n',
        .half_stops = 2,
        .bit_ps = rate ? (PS_PER_S / CLOCK_HZ << 32) / rate : 0,
    };
}

// ---- Wires --------------------------------------------------------------------------------------

static void drive_rts(nrf51_uart_t *u)
{
    part_t *p = &u->n.p;
    bool room = u->rx == RX_ON && FIFO - u->rx_count > RTS_ROOM;
    pad_drive(u->rts, enabled(p), !(flow(p) && room));
}

static void route_once(nrf51_uart_t *u)
{
    part_t *p = &u->n.p;
    bool on = enabled(p);
    pad_drive(u->txd, on, !u->sending || u->txd->level);
    drive_rts(u);
    nrf_psel(p->m, u->txd, on ? R(p, UART_PSELTXD) : NRF_NO_PIN);
    nrf_psel(p->m, u->rts, on && flow(p) ? R(p, UART_PSELRTS) : NRF_NO_PIN);
    nrf_psel(p->m, u->cts, on ? R(p, UART_PSELCTS) : NRF_NO_PIN);
    nrf_psel(p->m, u->rxd, on ? R(p, UART_PSELRXD) : NRF_NO_PIN);
    u->rx_wire.format = format(p);
    uart_tx_attach(&u->tx_wire, on ? u->txd->pin : NULL);
    uart_rx_attach(&u->rx_wire,
                   on && u->rx != RX_OFF && u->rx_wire.format.bit_ps ? u->rxd->pin : NULL);
}

// CTS, at its new pin, may start or stop the receiver by a shortcut, which wants this again.
static void route(nrf51_uart_t *u)
{
    if (u->routing) {
        u->again = true;
        return;
    }
    u->routing = true;
    u->again = false;
    route_once(u);
    if (u->again) // no third time: two signals on one pin would take it from each other for ever
        route_once(u);
    u->routing = false;
}

static void rerouted(void *ctx, pad_t *pad, bool level)
{
    nrf51_uart_t *u = ctx;
    pin_t **known = pad == u->txd ? &u->tx_pin : &u->rx_pin;
    if (*known == pad->pin)
        return; // only the level changed: the decoder sees that for itself
    *known = pad->pin;
    if (pad == u->txd)
        uart_tx_attach(&u->tx_wire, pad->pin);
    else if (!pad->pin)
        uart_rx_attach(&u->rx_wire, NULL);
}

// ---- Transmitter --------------------------------------------------------------------------------

static void send(nrf51_uart_t *u)
{
    part_t *p = &u->n.p;
    uart_frame_t f = format(p);
    if (u->sending || !u->waiting || !u->tx_on || !enabled(p) || !f.bit_ps ||
        (flow(p) && pad_level(u->cts)))
        return;
    u->waiting = false;
    u->sending = true;
    f.data = u->tdr;
    uint64_t now = machine_now_ps(p->m);
    machine_at(p->m, &u->sent, now + uart_frame_ps(&f));
    uart_tx_send(&u->tx_wire, &f, now);
}

static void frame_sent(void *ctx, uint64_t now)
{
    nrf51_uart_t *u = ctx;
    u->sending = false;
    nrf_event(&u->n.p, TXDRDY);
    send(u);
}

static void cts_changed(void *ctx, pad_t *pad, bool level)
{
    nrf51_uart_t *u = ctx;
    if (!enabled(&u->n.p))
        return;
    send(u);
    nrf_event(&u->n.p, level ? NCTS : CTS);
}

static void start_tx(part_t *p, unsigned n)
{
    ((nrf51_uart_t *)p)->tx_on = true;
    send((nrf51_uart_t *)p);
}

static void stop_tx(part_t *p, unsigned n)
{
    ((nrf51_uart_t *)p)->tx_on = false; // the byte on the wire goes on to its end
    ((nrf51_uart_t *)p)->waiting = false;
}

// ---- Receiver -----------------------------------------------------------------------------------

static void fail(nrf51_uart_t *u, uint32_t what)
{
    R(&u->n.p, UART_ERRORSRC) |= what;
    nrf_event(&u->n.p, ERROR);
}

static void frame_received(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    nrf51_uart_t *u = ctx;
    part_t *p = &u->n.p;
    if (u->rx == RX_OFF || !enabled(p))
        return;
    if (u->rx_count == FIFO) {
        fail(u, OVERRUN);
        return;
    }
    u->fifo[u->rx_count++] = errors & UART_BREAK ? 0 : data;
    drive_rts(u);
    uint32_t wrong = (errors & UART_PARITY ? PARITY : 0) | (errors & UART_FRAMING ? FRAMING : 0) |
                     (errors & UART_BREAK ? FRAMING | BREAK : 0);
    if (wrong)
        fail(u, wrong);
    if (u->rx_count == 1)
        nrf_event(p, RXDRDY);
}

static void start_rx(part_t *p, unsigned n)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    machine_cancel(p->m, &u->timeout);
    u->rx = RX_ON;
    route(u);
}

// Four bytes may still come in.
static void stop_rx(part_t *p, unsigned n)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    uart_frame_t f = format(p);
    if (u->rx != RX_ON)
        return;
    u->rx = RX_STOPPING;
    drive_rts(u);
    machine_at(p->m, &u->timeout, machine_now_ps(p->m) + RTS_ROOM * uart_frame_ps(&f));
}

static void timed_out(void *ctx, uint64_t now)
{
    nrf51_uart_t *u = ctx;
    u->rx = RX_OFF;
    route(u);
    nrf_event(&u->n.p, RXTO);
}

static void suspend(part_t *p, unsigned n)
{
    stop_tx(p, 0);
    stop_rx(p, 0);
}

// ---- Registers ----------------------------------------------------------------------------------

static uint32_t rxd_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    if (p->peeking)
        return u->rx_count ? u->fifo[0] : u->rdr;
    if (!u->rx_count)
        return u->rdr;
    u->rdr = u->fifo[0];
    u->rx_count--;
    for (unsigned i = 0; i < u->rx_count; i++)
        u->fifo[i] = u->fifo[i + 1];
    drive_rts(u);
    if (u->rx_count)
        nrf_event(p, RXDRDY); // the next one moved up
    return u->rdr;
}

static void txd_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    if (!u->tx_on || !enabled(p))
        return;
    if (u->waiting)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + UART_TXD,
                       "%s: TXD written twice before TXDRDY; a byte is lost", p->name);
    u->tdr = p->written;
    u->waiting = true;
    send(u);
}

static void config_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    if (!enabled(p)) {
        machine_cancel(p->m, &u->sent);
        machine_cancel(p->m, &u->timeout);
        u->tx_on = u->sending = u->waiting = false;
        u->rx = RX_OFF;
        u->rx_count = 0;
    }
    route(u);
    send(u);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{0x000, start_rx}, {0x004, stop_rx}, {0x008, start_tx},
                                  {0x00C, stop_tx}, {0x01C, suspend}, {0}},
    .shorts = (const nrf_short_t[]){{3, CTS, 0x000}, {4, NCTS, 0x004}, {0}},
};

static bool uart_init(part_t *p, GError **error)
{
    nrf51_uart_t *u = (nrf51_uart_t *)p;
    nrf_init(p, &desc);
    u->txd = part_pad(p, "txd", rerouted, u);
    u->rxd = part_pad(p, "rxd", rerouted, u);
    u->cts = part_pad(p, "cts", cts_changed, u);
    u->rts = part_pad(p, "rts", NULL, u);
    u->rxd->idle = true;
    u->tx_wire.pad = u->txd;
    u->rx_wire.frame = frame_received;
    u->rx_wire.ctx = u;
    event_init(&u->sent, "uart frame sent", frame_sent, u);
    event_init(&u->timeout, "uart receiver timeout", timed_out, u);
    return true;
}

static void uart_reset(part_t *p, bool power)
{
    config_write(p, NULL, 0, 0); // disabled
    nrf_reset(p);
}

#define PSEL(name, offset) {name, offset, .reset = NRF_NO_PIN, .write = config_write}
static const part_reg_t uart_regs[] = {
    NRF_TASK("STARTRX", 0x000),
    NRF_TASK("STOPRX", 0x004),
    NRF_TASK("STARTTX", 0x008),
    NRF_TASK("STOPTX", 0x00C),
    NRF_TASK("SUSPEND", 0x01C),
    NRF_EVENT("CTS", CTS),
    NRF_EVENT("NCTS", NCTS),
    NRF_EVENT("RXDRDY", RXDRDY),
    NRF_EVENT("TXDRDY", TXDRDY),
    NRF_EVENT("ERROR", ERROR),
    NRF_EVENT("RXTO", RXTO),
    NRF_SHORTS(0x18),
    NRF_INTEN(0x20287),
    {"ERRORSRC", UART_ERRORSRC, .ro = ~15u, .w1c = 15},
    {"ENABLE", UART_ENABLE, .ro = ~7u, .write = config_write},
    PSEL("PSELRTS", UART_PSELRTS),
    PSEL("PSELTXD", UART_PSELTXD),
    PSEL("PSELCTS", UART_PSELCTS),
    PSEL("PSELRXD", UART_PSELRXD),
    {"RXD", UART_RXD, .ro = ~0u, .read = rxd_read},
    {"TXD", UART_TXD, .ro = ~0u, .write = txd_write},
    {"BAUDRATE", UART_BAUDRATE, .reset = 0x04000000, .write = config_write},
    {"CONFIG", UART_CONFIG, .ro = ~15u, .write = config_write},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_uart_class = {
    .name = "nrf51-uart",
    .brief = "nRF51 universal asynchronous receiver/transmitter",
    .size = sizeof(nrf51_uart_t),
    .regs = uart_regs,
    .mmio_size = NRF_SIZE,
    .init = uart_init,
    .reset = uart_reset,
};
