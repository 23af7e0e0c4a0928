// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 serial block: SPI master and two-wire master (TWI), which share an address, an interrupt and
// registers (nRF51 Series Reference Manual v3.0, chapters SPI and TWI). ENABLE says which it is.
//
// SPI: all modes, LSB first, 125 kbit/s to 8 Mbit/s, TXD and RXD with one byte behind them, READY when
// a byte has come to RXD.
// TWI: 100, 250 and 400 kbit/s, TXDSENT, RXDREADY, BB before each data byte, SUSPEND and RESUME,
// repeated start, ERROR with its sources; the clock is stretched while there is nothing to send and
// while suspended. A start or stop condition lasts one bit, a byte nine; the rise time of wires is 0.
// STOP before the end of a received byte refuses it (NACK); SUSPEND holds the clock after the byte.
// A start on a bus that is held low waits until it is free.
// Not modelled (reported): SPIS, the SPI slave. A third byte that nobody has taken from RXD is lost.
//
// Pads: scl sda; sck mosi miso. Open drain is the pins' drive setting S0D1.
#include "nrf51.h"
#include "xfer.h"

enum { STARTRX = 0x000, STARTTX = 0x008, STOP = 0x014, SUSPEND = 0x01C, RESUME = 0x020 };
enum { STOPPED = 0x104, RXDREADY = 0x108, READY = RXDREADY, TXDSENT = 0x11C, ERROR = 0x124,
       BB = 0x138, SUSPENDED = 0x148 };
enum { ERRORSRC = 0x4C4, ENABLE = 0x500, PSELSCL = 0x508, PSELSDA = 0x50C, PSELMISO = 0x510,
       RXD = 0x518, TXD = 0x51C, FREQUENCY = 0x524, CONFIG = 0x554, ADDRESS = 0x588 };
enum { IS_SPI = 1, IS_SPIS = 2, IS_TWI = 5 };
enum { SRC_OVERRUN = 1 << 0, SRC_ANACK = 1 << 1, SRC_DNACK = 1 << 2 };
enum { CONFIG_LSB = 1 << 0, CONFIG_CPHA = 1 << 1, CONFIG_CPOL = 1 << 2 };

typedef enum {
    IDLE,
    WAITING,   // TWI: for a free bus
    STARTING,  // the (repeated) start condition is on the wires
    ADDRESSING, // start is over, the address is on the wires
    REFUSED,   // not acknowledged: waits for STOP or a start
    SENDING,
    SEND_WAIT, // nothing to send
    RECEIVING,
    HELD,      // suspended
    STOPPING,  // the stop condition is on the wires
    SHIFTING,  // SPI: a byte is on the wires
} state_t;

typedef struct {
    nrf_t n;
    pad_t *scl, *sda, *sck, *mosi, *miso;
    event_t event;         // saved: what is on the wires ends
    uint64_t tick;         // saved: of hfclk, when `event` is due
    state_t state;         // saved
    bool reading;          // saved: direction of the transfer
    bool stop, suspend, restart, restart_reading; // saved: asked for, at the end of the byte
    bool routing; // pins are being chosen
    uint8_t shift, tx;     // saved: on the wires; behind it, when tx_full
    uint8_t rx[2];         // saved: RXD and what waits behind it
    uint8_t rx_count;      // saved
    bool tx_full;          // saved
} nrf51_serial_t;

static nrf51_serial_t *of(part_t *p) { return (nrf51_serial_t *)p; }

// ---- Time and pins ------------------------------------------------------------------------------

// Periods of hfclk for one bit. FREQUENCY is an increment of 2^32; the documented values of TWI are
// rounded (0x01980000 is 100 kbit/s).
static uint32_t bit_cycles(const part_t *p)
{
    uint32_t f = R(p, FREQUENCY);
    if (f == 0x01980000)
        return 160;
    return f < 0x00100000 ? 4096 : (uint32_t)(((UINT64_C(1) << 32) + f / 2) / f);
}

static uint64_t bit_ps(const part_t *p) { return clk_span_ps(p->clk, bit_cycles(p)); }

// The wires were still: the next thing on them begins now.
static void from_now(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    s->tick = clk_tick_from(p->clk, machine_now_ps(p->m));
}

static void enter(nrf51_serial_t *s, state_t state, unsigned bits)
{
    part_t *p = &s->n.p;
    s->state = state;
    s->tick += (uint64_t)bits * bit_cycles(p);
    machine_at(p->m, &s->event, clk_ps(p->clk, s->tick));
}

static bool routed(const nrf51_serial_t *s) { return s->scl->pin && s->sda->pin; }

static void route(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    bool spi = R(p, ENABLE) == IS_SPI, twi = R(p, ENABLE) == IS_TWI;
    s->routing = true;
    nrf_psel(p->m, s->scl, twi ? R(p, PSELSCL) : NRF_NO_PIN);
    nrf_psel(p->m, s->sda, twi ? R(p, PSELSDA) : NRF_NO_PIN);
    pad_drive(s->sck, true, R(p, CONFIG) & CONFIG_CPOL);
    nrf_psel(p->m, s->sck, spi ? R(p, PSELSCL) : NRF_NO_PIN);
    nrf_psel(p->m, s->mosi, spi ? R(p, PSELSDA) : NRF_NO_PIN);
    nrf_psel(p->m, s->miso, spi ? R(p, PSELMISO) : NRF_NO_PIN);
    s->routing = false;
}

// A byte for RXD; FALSE: there is no room.
static bool take(nrf51_serial_t *s, uint8_t byte, unsigned room)
{
    if (s->rx_count >= room)
        return false;
    s->rx[s->rx_count++] = byte;
    if (s->rx_count == 1)
        nrf_event(&s->n.p, RXDREADY);
    return true;
}

// ---- SPI ----------------------------------------------------------------------------------------

static void spi_begin(nrf51_serial_t *s)
{
    s->shift = s->tx;
    s->tx_full = false;
    enter(s, SHIFTING, 8);
}

static uint8_t spi_exchange(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    uint32_t config = R(p, CONFIG);
    bool lsb = config & CONFIG_LSB;
    unsigned mode = (config & CONFIG_CPOL ? 2 : 0) | (config & CONFIG_CPHA ? 1 : 0);
    if (!s->sck->pin)
        return s->miso->pin && pin_level(s->miso->pin) ? 0xFF : 0;
    uint8_t got = spi_transfer(s->sck->pin, s->mosi->pin, s->miso->pin, s->shift, 8, mode, lsb,
                               bit_ps(p));
    pad_drive(s->mosi, true, s->shift >> (lsb ? 7 : 0) & 1); // stays at the last bit
    return got;
}

static void spi_done(nrf51_serial_t *s)
{
    uint8_t got = spi_exchange(s);
    s->state = IDLE;
    if (s->tx_full)
        spi_begin(s);
    take(s, got, 2);
}

// ---- TWI ----------------------------------------------------------------------------------------

static void error(nrf51_serial_t *s, uint32_t source)
{
    R(&s->n.p, ERRORSRC) |= source;
    nrf_event(&s->n.p, ERROR);
}

static void twi_send(nrf51_serial_t *s)
{
    s->shift = s->tx;
    s->tx_full = false;
    enter(s, SENDING, 9);
    nrf_event(&s->n.p, BB);
}

static void twi_receive(nrf51_serial_t *s)
{
    enter(s, RECEIVING, 9);
    nrf_event(&s->n.p, BB);
}

static void twi_start(nrf51_serial_t *s)
{
    s->restart = false;
    s->reading = s->restart_reading;
    enter(s, STARTING, 1);
}

// A byte or its answer is over, or the clock is held: what comes next.
static void twi_next(nrf51_serial_t *s)
{
    if (s->stop) {
        s->stop = s->suspend = false;
        enter(s, STOPPING, 1);
    } else if (s->restart) {
        twi_start(s);
    } else if (s->state == REFUSED) {
        return;
    } else if (s->suspend) {
        s->suspend = false;
        s->state = HELD;
        nrf_event(&s->n.p, SUSPENDED);
    } else if (s->reading) {
        twi_receive(s);
    } else if (s->tx_full) {
        twi_send(s);
    } else {
        s->state = SEND_WAIT;
    }
}

static void address_done(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    i2c_ack_t ack = routed(s) ? i2c_start(s->scl->pin, s->sda->pin, R(p, ADDRESS) & 0x7F,
                                          s->reading, bit_ps(p))
                              : I2C_NACK;
    if (ack != I2C_ACK) {
        s->state = REFUSED;
        error(s, SRC_ANACK);
    }
    twi_next(s);
}

static void sent(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    if (!routed(s) || i2c_write(s->scl->pin, s->sda->pin, s->shift, bit_ps(p)) != I2C_ACK) {
        s->state = REFUSED;
        error(s, SRC_DNACK);
    } else {
        s->state = SEND_WAIT;
        nrf_event(p, TXDSENT);
    }
    twi_next(s);
}

static void received(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    uint8_t byte = routed(s) ? i2c_read(s->scl->pin, s->sda->pin, !s->stop, bit_ps(p)) : 0xFF;
    twi_next(s); // the wires go on
    if (!take(s, byte, 1))
        error(s, SRC_OVERRUN);
}

static void stopped(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    if (routed(s))
        i2c_stop(s->scl->pin, s->sda->pin, bit_ps(p));
    s->state = IDLE;
    if (s->restart) // asked for meanwhile
        twi_start(s);
    nrf_event(p, STOPPED);
}

static void wires_done(void *ctx, uint64_t now)
{
    nrf51_serial_t *s = ctx;
    switch (s->state) {
    case STARTING: enter(s, ADDRESSING, 9); break;
    case ADDRESSING: address_done(s); break;
    case SENDING: sent(s); break;
    case RECEIVING: received(s); break;
    case STOPPING: stopped(s); break;
    case SHIFTING: spi_done(s); break;
    default: break;
    }
}

// The bus is let go in the middle of whatever happened.
static void release(nrf51_serial_t *s)
{
    part_t *p = &s->n.p;
    machine_cancel(p->m, &s->event);
    bool twi = s->state != IDLE && s->state != WAITING && s->state != SHIFTING;
    if (twi && routed(s))
        i2c_stop(s->scl->pin, s->sda->pin, bit_ps(p)); // released lines look like a stop
    s->state = IDLE;
    s->stop = s->suspend = s->restart = s->tx_full = false;
    s->rx_count = 0;
}

// ---- Tasks --------------------------------------------------------------------------------------

static bool is_twi(part_t *p) { return R(p, ENABLE) == IS_TWI; }

static void try_start(nrf51_serial_t *s)
{
    route(s); // the other block may be on the same wires
    if (routed(s) && !i2c_bus_ready(s->scl->pin, s->sda->pin)) {
        s->state = WAITING;
        return;
    }
    from_now(s);
    twi_start(s);
}

static void start(part_t *p, bool reading)
{
    nrf51_serial_t *s = of(p);
    if (!is_twi(p))
        return;
    s->restart = true;
    s->restart_reading = reading;
    if (s->state == IDLE || s->state == WAITING) {
        s->stop = s->suspend = false;
        try_start(s);
    } else if (s->state == SEND_WAIT || s->state == REFUSED || s->state == HELD) {
        from_now(s);
        twi_next(s);
    }
}

static void start_rx(part_t *p, unsigned n) { start(p, true); }
static void start_tx(part_t *p, unsigned n) { start(p, false); }

static void stop(part_t *p, unsigned n)
{
    nrf51_serial_t *s = of(p);
    if (!is_twi(p) || s->state == IDLE || s->state == STOPPING)
        return;
    if (s->state == WAITING) {
        release(s);
        return;
    }
    s->stop = true;
    if (s->state == SEND_WAIT || s->state == REFUSED || s->state == HELD) {
        from_now(s);
        twi_next(s);
    }
}

static void suspend(part_t *p, unsigned n)
{
    nrf51_serial_t *s = of(p);
    if (!is_twi(p) || s->state == IDLE || s->state == HELD)
        return;
    s->suspend = true;
    if (s->state == SEND_WAIT)
        twi_next(s);
}

static void resume(part_t *p, unsigned n)
{
    nrf51_serial_t *s = of(p);
    s->suspend = false;
    if (s->state != HELD)
        return;
    from_now(s);
    twi_next(s);
}

// ---- Registers ----------------------------------------------------------------------------------

static void enable_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, ENABLE) == old)
        return;
    if (R(p, ENABLE) == IS_SPIS)
        machine_unmodelled(p->m, p->base + ENABLE, "SPIS, the SPI slave");
    release(of(p));
    route(of(p));
}

static void pins_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_serial_t *s = of(p);
    if (R(p, reg->offset) == old)
        return;
    if (s->state == WAITING)
        try_start(s); // the new wires may be free
    else
        route(s);
}

static uint32_t rxd_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    nrf51_serial_t *s = of(p);
    uint8_t byte = s->rx[0];
    if (p->peeking || !s->rx_count)
        return byte;
    s->rx_count--;
    if (s->rx_count) {
        s->rx[0] = s->rx[1];
        nrf_event(p, RXDREADY);
    }
    return byte;
}

static void txd_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_serial_t *s = of(p);
    uint32_t kind = R(p, ENABLE);
    if (kind != IS_SPI && kind != IS_TWI)
        return;
    s->tx = R(p, TXD);
    s->tx_full = true;
    if (kind == IS_SPI && s->state == IDLE) {
        from_now(s);
        spi_begin(s);
    } else if (kind == IS_TWI && s->state == SEND_WAIT) {
        from_now(s);
        twi_next(s);
    }
}

static void lines_changed(void *ctx, pad_t *pad, bool level)
{
    nrf51_serial_t *s = ctx;
    if (s->state == WAITING && !s->routing)
        try_start(s);
}

// ---- The part -----------------------------------------------------------------------------------

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{STARTRX, start_rx}, {STARTTX, start_tx}, {STOP, stop},
                                  {SUSPEND, suspend}, {RESUME, resume}, {0}},
    .shorts = (const nrf_short_t[]){{0, BB, SUSPEND}, {1, BB, STOP}, {0}},
};

static bool serial_init(part_t *p, GError **err)
{
    nrf51_serial_t *s = of(p);
    nrf_init(p, &desc);
    s->scl = part_pad(p, "scl", lines_changed, s);
    s->sda = part_pad(p, "sda", lines_changed, s);
    s->scl->idle = s->sda->idle = true;
    s->sck = part_pad(p, "sck", NULL, s);
    s->mosi = part_pad(p, "mosi", NULL, s);
    s->miso = part_pad(p, "miso", NULL, s);
    event_init(&s->event, "serial", wires_done, s);
    return true;
}

static void serial_reset(part_t *p, bool power)
{
    nrf51_serial_t *s = of(p);
    nrf_reset(p);
    release(s);
    s->shift = s->tx = s->rx[0] = s->rx[1] = 0;
    // The two wires are let go: transfers draw the edges that anybody watches.
    pad_drive(s->scl, true, true);
    pad_drive(s->sda, true, true);
    pad_drive(s->mosi, true, false);
    pad_drive(s->miso, false, false);
    route(s);
}

static const part_reg_t serial_regs[] = {
    NRF_TASK("STARTRX", STARTRX),
    NRF_TASK("STARTTX", STARTTX),
    NRF_TASK("STOP", STOP),
    NRF_TASK("SUSPEND", SUSPEND),
    NRF_TASK("RESUME", RESUME),
    NRF_EVENT("STOPPED", STOPPED),
    NRF_EVENT("RXDREADY", RXDREADY), // and READY of SPI
    NRF_EVENT("TXDSENT", TXDSENT),
    NRF_EVENT("ERROR", ERROR),
    NRF_EVENT("BB", BB),
    NRF_EVENT("SUSPENDED", SUSPENDED),
    NRF_SHORTS(3),
    NRF_INTEN(0x00044286),
    {"ERRORSRC", ERRORSRC, .ro = ~7u, .w1c = 7},
    {"ENABLE", ENABLE, .ro = ~7u, .write = enable_write},
    {"PSELSCL", PSELSCL, .reset = NRF_NO_PIN, .write = pins_write},
    {"PSELSDA", PSELSDA, .reset = NRF_NO_PIN, .write = pins_write},
    {"PSELMISO", PSELMISO, .reset = NRF_NO_PIN, .write = pins_write},
    {"RXD", RXD, .ro = ~0u, .read = rxd_read},
    {"TXD", TXD, .ro = ~0xFFu, .write = txd_write},
    {"FREQUENCY", FREQUENCY, .reset = 0x04000000},
    {"CONFIG", CONFIG, .ro = ~7u, .write = pins_write},
    {"ADDRESS", ADDRESS, .ro = ~0x7Fu},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_serial_class = {
    .name = "nrf51-serial",
    .brief = "nRF51 SPI and TWI (I2C) master",
    .size = sizeof(nrf51_serial_t),
    .regs = serial_regs,
    .mmio_size = NRF_SIZE,
    .init = serial_init,
    .reset = serial_reset,
};
