// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 I2S, transmitter and receiver (names as in the SDK's i2s_reg.h; what is behind them from
// the firmware that uses it).
//
// Modelled: both sides as master, two FIFOs of 128 words, 16 bits a channel (FIFO mode 0: one word
// is a frame) or 24 (mode 2: two words, of which the upper 24 bits count), BITS_MOD clocks more a
// channel that carry 0, order of the channels and of the halves of a word, the one bit between WS
// and data (MSB_SHIFT), exact times, interrupts, requests to the DMA (slc.c) and its end of a
// block. The bit clock is 160 MHz / CLKM_DIV / BCK_DIV (each at least 1), that is twice the APB
// clock. BCK falls where a bit begins; WS is high for the right channel. A pin that is watched has
// all its edges at their times; otherwise only the end of each frame is seen. An empty FIFO sends
// CONF_SINGLE_DATA (assumed). The DMA is asked for bursts of 16 words. Not modelled (reported):
// slave modes, other FIFO and channel modes. Not modelled: TIMING; that the PLL must be told to
// give this clock.
//
// Pads: i2so.data i2so.bck i2so.ws; i2si.data i2si.bck i2si.ws. Lines: irq; tx_request and
// rx_request to the DMA, rx_eof while the last word of RX_EOF_NUM is taken.
#include "machine.h"

enum { TXFIFO = 0x00, RXFIFO = 0x04, CONF = 0x08, INT_RAW = 0x0C, INT_ST = 0x10, INT_ENA = 0x14,
       INT_CLR = 0x18, TIMING = 0x1C, FIFO_CONF = 0x20, RX_EOF_NUM = 0x24, SINGLE_DATA = 0x28,
       CHANNELS = 0x2C };
// For the transmitter; the receiver's bit is one higher.
enum { CONF_RESET = 1 << 0, CONF_FIFO_RESET = 1 << 2, CONF_SLAVE = 1 << 4, CONF_START = 1 << 8,
       CONF_SHIFT = 1 << 10 };
enum { CONF_RIGHT_FIRST = 1 << 6, CONF_MSB_RIGHT = 1 << 7 };
enum { INT_TAKE = 1 << 0, INT_PUT = 1 << 1, INT_RX_FULL = 1 << 2, INT_RX_EMPTY = 1 << 3,
       INT_TX_FULL = 1 << 4, INT_TX_EMPTY = 1 << 5 };
enum { FIFO_CONF_DMA = 1 << 12 };
enum { DEPTH = 128, BURST = 16 };
enum { DATA, BCK, WS, PADS };

typedef struct esp8266_i2s esp8266_i2s_t;

typedef struct side {
    esp8266_i2s_t *s;
    unsigned rx; // 0: transmitter, 1: receiver
    pad_t *pad[PADS];
    line_t *request;
    event_t event, edge;  // saved: the end of the frame; the next edge in it
    uint64_t tick;        // saved: of the I2S clock, when the frame has begun
    uint64_t frame;       // saved: its bits, the first one highest
    unsigned bits;        // saved: in it; 0: nothing is on the wires
    unsigned bit_ticks;   // saved: how long one takes
    unsigned half;        // saved: half bits of it that have been drawn
    unsigned sampled;     // saved: bits of it that have been received
    bool level;           // saved: of the data wire, since the last change
    uint32_t fifo[DEPTH]; // saved
    unsigned first, count; // saved
} side_t;

struct esp8266_i2s {
    part_t p;
    line_t *irq, *rx_eof;
    clk_t *clk; // 160 MHz
    side_t side[2];
    uint32_t taken; // saved: words since the last end of a block
};

static esp8266_i2s_t *of(part_t *p) { return (esp8266_i2s_t *)p; }
static uint32_t conf(const side_t *d) { return R(&d->s->p, CONF) >> d->rx; }
static bool wide(const side_t *d) { return (R(&d->s->p, FIFO_CONF) >> (d->rx ? 16 : 13) & 7) == 2; }

static void update(esp8266_i2s_t *s)
{
    part_t *p = &s->p;
    const side_t *tx = &s->side[0], *rx = &s->side[1];
    uint32_t levels = R(p, FIFO_CONF);
    if (tx->count < (levels >> 6 & 63))
        R(p, INT_RAW) |= INT_PUT;
    if (rx->count && rx->count >= (levels & 63))
        R(p, INT_RAW) |= INT_TAKE;
    line_set(s->irq, R(p, INT_RAW) & R(p, INT_ENA));
    bool dma = levels & FIFO_CONF_DMA;
    line_set(tx->request, dma && DEPTH - tx->count >= BURST && !(conf(tx) & CONF_FIFO_RESET));
    line_set(rx->request, dma && rx->count);
}

// ---- FIFOs -------------------------------------------------------------------------------------

static void push(side_t *d, uint32_t word)
{
    if (d->count < DEPTH)
        d->fifo[(d->first + d->count++) % DEPTH] = word;
    else
        R(&d->s->p, INT_RAW) |= d->rx ? INT_RX_FULL : INT_TX_FULL;
}

static uint32_t pop(side_t *d, uint32_t empty)
{
    if (!d->count) {
        R(&d->s->p, INT_RAW) |= d->rx ? INT_RX_EMPTY : INT_TX_EMPTY;
        return empty;
    }
    uint32_t word = d->fifo[d->first];
    d->first = (d->first + 1) % DEPTH;
    d->count--;
    return word;
}

// ---- Frames ------------------------------------------------------------------------------------

static unsigned channel_bits(const side_t *d) { return 16 + (R(&d->s->p, CONF) >> 12 & 15); }

static bool high_first(const part_t *p)
{
    return !(R(p, CONF) & CONF_RIGHT_FIRST) == !(R(p, CONF) & CONF_MSB_RIGHT);
}

// The channel's bits at the upper end of `n`.
static uint64_t channel(uint32_t value, unsigned bits, unsigned n)
{
    return n >= bits ? (uint64_t)value << (n - bits) : value >> (bits - n);
}

static uint64_t frame_out(side_t *d)
{
    part_t *p = &d->s->p;
    unsigned n = channel_bits(d);
    uint32_t word = pop(d, R(p, SINGLE_DATA));
    if (wide(d))
        return channel(word >> 8, 24, n) << n | channel(pop(d, R(p, SINGLE_DATA)) >> 8, 24, n);
    uint32_t first = high_first(p) ? word >> 16 : word & 0xFFFF;
    uint32_t second = high_first(p) ? word & 0xFFFF : word >> 16;
    return channel(first, 16, n) << n | channel(second, 16, n);
}

static void frame_in(side_t *d)
{
    unsigned n = d->bits / 2;
    uint64_t first = d->frame >> n, second = d->frame & ((UINT64_C(1) << n) - 1);
    if (wide(d)) { // what of the 24 bits has not come is 0
        push(d, (uint32_t)(first << (32 - n)) & 0xFFFFFF00);
        push(d, (uint32_t)(second << (32 - n)) & 0xFFFFFF00);
        return;
    }
    first = first >> (n - 16) & 0xFFFF;
    second = second >> (n - 16) & 0xFFFF;
    bool high = high_first(&d->s->p);
    push(d, (uint32_t)(first << (high ? 16 : 0) | second << (high ? 0 : 16)));
}

static uint64_t half_ps(const side_t *d, unsigned half)
{
    const clk_t *clk = d->s->clk;
    uint64_t tick = d->tick + (uint64_t)(half / 2) * d->bit_ticks, at = clk_ps(clk, tick);
    return half & 1 ? at + (clk_ps(clk, tick + d->bit_ticks) - at) / 2 : at;
}

// WS changes a bit before the data when they are shifted.
static bool ws_level(const side_t *d, unsigned bit)
{
    bool second = (bit + !!(conf(d) & CONF_SHIFT)) % d->bits >= d->bits / 2;
    return second != !!(R(&d->s->p, CONF) & CONF_RIGHT_FIRST);
}

static bool data_level(const side_t *d, unsigned bit)
{
    return d->frame >> (d->bits - 1 - bit) & 1;
}

static void show_half(side_t *d, unsigned half)
{
    if (!d->rx)
        pad_drive(d->pad[DATA], true, data_level(d, half / 2));
    pad_drive(d->pad[WS], true, ws_level(d, half / 2));
    pad_drive(d->pad[BCK], true, half & 1);
}

static bool watched(const side_t *d, int pad)
{
    return d->pad[pad]->pin && net_watched(d->pad[pad]->pin->net);
}

// The next half bit at which something that is watched changes.
static void plan_edge(side_t *d)
{
    bool bck = watched(d, BCK), data = !d->rx && watched(d, DATA), ws = watched(d, WS);
    unsigned i = d->half + 1;
    if (!bck) {
        unsigned bit = d->half / 2 + 1;
        while (bit < d->bits && !(data && data_level(d, bit) != data_level(d, bit - 1)) &&
               !(ws && ws_level(d, bit) != ws_level(d, bit - 1)))
            bit++;
        i = 2 * bit;
    }
    d->half = i;
    if (i < 2 * d->bits && (bck || data || ws))
        machine_at(d->s->p.m, &d->edge, half_ps(d, i));
}

static void edge(void *ctx, uint64_t now)
{
    side_t *d = ctx;
    show_half(d, d->half);
    plan_edge(d);
}

// The bits whose middle has passed had the level that stood until now.
static void sample(side_t *d, uint64_t now)
{
    while (d->sampled < d->bits && half_ps(d, 2 * d->sampled + 1) < now) {
        d->frame = d->frame << 1 | d->level;
        d->sampled++;
    }
    d->level = pad_level(d->pad[DATA]);
}

static void begin_frame(side_t *d)
{
    part_t *p = &d->s->p;
    uint32_t c = R(p, CONF);
    d->bits = 2 * channel_bits(d);
    d->bit_ticks = MAX(c >> 16 & 63, 1) * MAX(c >> 22 & 63, 1);
    d->half = d->sampled = 0;
    d->frame = d->rx ? 0 : frame_out(d);
    d->level = pad_level(d->pad[DATA]);
    show_half(d, 0);
    plan_edge(d);
    machine_at(p->m, &d->event, half_ps(d, 2 * d->bits));
}

static void frame_done(void *ctx, uint64_t now)
{
    side_t *d = ctx;
    machine_cancel(d->s->p.m, &d->edge);
    show_half(d, 2 * d->bits - 1);
    if (d->rx) {
        sample(d, now);
        frame_in(d);
    }
    d->tick += (uint64_t)d->bits * d->bit_ticks;
    if (conf(d) & CONF_START)
        begin_frame(d);
    else
        d->bits = 0;
    update(d->s);
}

static void data_changed(void *ctx, pad_t *pad, bool level)
{
    side_t *d = ctx;
    if (d->bits)
        sample(d, machine_now_ps(d->s->p.m));
}

static void stop(side_t *d)
{
    machine_cancel(d->s->p.m, &d->event);
    machine_cancel(d->s->p.m, &d->edge);
    d->bits = 0;
}

// ---- Registers ---------------------------------------------------------------------------------

static void check_modes(side_t *d)
{
    part_t *p = &d->s->p;
    unsigned mode = R(p, FIFO_CONF) >> (d->rx ? 16 : 13) & 7;
    if (conf(d) & CONF_SLAVE)
        machine_unmodelled(p->m, p->base + CONF, "I2S slave mode");
    if (mode != 0 && mode != 2)
        machine_unmodelled(p->m, p->base + FIFO_CONF, "I2S FIFO modes other than 0 and 2");
    if (R(p, CHANNELS) >> (d->rx ? 3 : 0) & (d->rx ? 3 : 7))
        machine_unmodelled(p->m, p->base + CHANNELS, "I2S channel modes other than 0");
}

static void conf_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_i2s_t *s = of(p);
    for (unsigned i = 0; i < 2; i++) {
        side_t *d = &s->side[i];
        uint32_t c = conf(d);
        if (c & CONF_FIFO_RESET)
            d->first = d->count = 0;
        if (c & CONF_RESET)
            stop(d);
        else if (c & CONF_START && !(c & CONF_SLAVE) && !d->bits) {
            d->tick = clk_tick_from(s->clk, machine_now_ps(p->m));
            begin_frame(d);
        }
        if (c & CONF_START)
            check_modes(d);
    }
    update(s);
}

static void fifo_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_i2s_t *s = of(p);
    push(&s->side[0], p->written);
    update(s);
}

static uint32_t fifo_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    esp8266_i2s_t *s = of(p);
    side_t *rx = &s->side[1];
    if (p->peeking)
        return rx->count ? rx->fifo[rx->first] : 0;
    bool had = rx->count;
    uint32_t word = pop(rx, 0);
    if (had && ++s->taken >= R(p, RX_EOF_NUM)) {
        s->taken = 0;
        line_pulse(s->rx_eof);
    }
    update(s);
    return word;
}

static uint32_t status_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return R(p, INT_RAW) & R(p, INT_ENA);
}

static void clear_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    R(p, INT_RAW) &= ~p->written;
    R(p, INT_CLR) = 0;
    update(of(p));
}

static void any_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old) { update(of(p)); }

// ---- Clocks ------------------------------------------------------------------------------------

static void apb_changed(void *ctx, clk_t *apb, bool before, uint64_t now)
{
    esp8266_i2s_t *s = ctx;
    if (before)
        return;
    clk_set(s->clk, 2 * apb->num, apb->den, now);
    for (unsigned i = 0; i < 2; i++) {
        side_t *d = &s->side[i];
        if (!d->bits)
            continue;
        machine_at(s->p.m, &d->event, half_ps(d, 2 * d->bits));
        if (event_pending(&d->edge))
            machine_at(s->p.m, &d->edge, MAX(half_ps(d, d->half), now));
    }
}

// ---- The part ----------------------------------------------------------------------------------

static bool i2s_init(part_t *p, GError **error)
{
    static const char *const pads[2][PADS] = {{"i2so.data", "i2so.bck", "i2so.ws"},
                                              {"i2si.data", "i2si.bck", "i2si.ws"}};
    esp8266_i2s_t *s = of(p);
    s->irq = part_line(p, "irq");
    s->rx_eof = part_line(p, "rx_eof");
    s->clk = part_clk(p, "i2s");
    for (unsigned i = 0; i < 2; i++) {
        side_t *d = &s->side[i];
        d->s = s;
        d->rx = i;
        d->request = part_line(p, i ? "rx_request" : "tx_request");
        event_init(&d->event, "i2s frame", frame_done, d);
        event_init(&d->edge, "i2s edge", edge, d);
        for (unsigned k = 0; k < PADS; k++)
            d->pad[k] = machine_pad(p->m, pads[i][k]);
    }
    s->side[1].pad[DATA]->input = data_changed;
    s->side[1].pad[DATA]->ctx = &s->side[1];
    clk_listen(p->clk, apb_changed, s);
    apb_changed(s, p->clk, false, 0);
    return true;
}

static void i2s_reset(part_t *p, bool power)
{
    esp8266_i2s_t *s = of(p);
    s->taken = 0;
    for (unsigned i = 0; i < 2; i++) {
        side_t *d = &s->side[i];
        stop(d);
        d->first = d->count = 0;
        for (unsigned k = i ? BCK : DATA; k < PADS; k++)
            pad_drive(d->pad[k], true, false);
    }
    update(s);
}

// Reset values that nobody tells are 0.
static const part_reg_t i2s_regs[] = {
    {"TXFIFO", TXFIFO, .write = fifo_write},
    {"RXFIFO", RXFIFO, .ro = ~0u, .read = fifo_read},
    {"CONF", CONF, .ro = 0xF0000000, .write = conf_write},
    {"INT_RAW", INT_RAW, .ro = ~0u},
    {"INT_ST", INT_ST, .ro = ~0u, .read = status_read},
    {"INT_ENA", INT_ENA, .ro = ~0x3Fu, .write = any_write},
    {"INT_CLR", INT_CLR, .write = clear_write},
    {"TIMING", TIMING},
    {"FIFO_CONF", FIFO_CONF, .reset = 32 << 6 | 32, .write = any_write},
    {"RX_EOF_NUM", RX_EOF_NUM, .reset = 64},
    {"SINGLE_DATA", SINGLE_DATA},
    {"CHANNELS", CHANNELS},
    {0},
};

const part_class_t esp8266_i2s_class = {
    .name = "esp8266-i2s",
    .brief = "ESP8266 I2S",
    .size = sizeof(esp8266_i2s_t),
    .regs = i2s_regs,
    .mmio_size = 0x100,
    .init = i2s_init,
    .reset = i2s_reset,
};
