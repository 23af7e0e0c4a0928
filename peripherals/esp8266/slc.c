// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 SLC: the DMA between lists of buffers and the I2S FIFOs (names as in the SDK's
// slc_register.h). Its names are those of the SDIO host: "RX" is what leaves the memory (to I2S),
// "TX" what comes in.
//
// Modelled, in mode 1: both links, with start, stop and restart, descriptors with size, length,
// owner and end of frame, the chain's end, interrupts at the end of a buffer and of a frame, the
// addresses of the last end, write-back (always of incoming buffers, of outgoing ones with
// CONF0.RX_AUTO_WRBACK). An incoming buffer must be the DMA's (owner 1), an outgoing one is sent in
// any case. A descriptor takes 3 APB cycles, a word one; words move as I2S asks for them. Not
// modelled (reported): mode 0, the SDIO slave. Not modelled: bursts, tokens, the host's registers
// (plain storage).
//
// Descriptor: word 0 = size 11:0, length 23:12, sub-SOF 29, EOF 30, owner 31; buffer; next (0: the
// end).
// Lines in: i2s.tx_request, i2s.rx_request, i2s.rx_eof. Line out: irq.
#include "machine.h"

enum { CONF0 = 0x00, INT_RAW = 0x04, INT_ST = 0x08, INT_ENA = 0x0C, INT_CLR = 0x10,
       RX_STATUS = 0x14, RX_LINK = 0x24, TX_LINK = 0x28, RX_EOF_ADDR = 0x48,
       TX_EOF_ADDR = 0x4C, RX_EOF_BUFFER = 0x50, TX_DSCR = 0x60, RX_DSCR = 0x6C };
enum { CONF0_TX_RESET = 1 << 0, CONF0_RX_RESET = 1 << 1, CONF0_WRITE_BACK = 1 << 6 };
enum { LINK_STOP = 1 << 28, LINK_START = 1 << 29, LINK_RESTART = 1 << 30, LINK_ADDRESS = 0xFFFFF };
#define LINK_PARK (1u << 31)
enum { DSCR_EOF = 1 << 30 };
#define DSCR_OWNER (1u << 31)
enum { MEMORY = 0x3FF00000, DRAM = 0x3FFE8000, DRAM_SIZE = 0x18000, FIFO_OUT = 0x60000E00,
       FIFO_IN = 0x60000E04 };
enum { BURST = 16, DSCR_CYCLES = 3 };

typedef struct {
    uint16_t link, dscr, eof_address;           // registers
    uint32_t done, eof, start, error, reset; // bits of INT_RAW and of CONF0
} ends_t;

static const ends_t out_ends = {RX_LINK, RX_DSCR, RX_EOF_ADDR, 1 << 16, 1 << 17,
                                1 << 8,  1 << 20, CONF0_RX_RESET};
static const ends_t in_ends = {TX_LINK, TX_DSCR, TX_EOF_ADDR, 1 << 14, 1 << 15,
                               1 << 9,  1 << 19, CONF0_TX_RESET};
enum { INT_TX_EMPTY = 1 << 21 };

typedef struct esp8266_slc esp8266_slc_t;

typedef struct {
    esp8266_slc_t *s;
    const ends_t *ends;
    line_t *request;
    event_t event;     // saved: the descriptor, or some words, have been moved
    uint64_t tick;     // saved: of the APB clock, when `event` is due
    bool active;       // saved
    bool loaded;       // saved: the descriptor below is that at `address`
    uint32_t address;  // saved: of the descriptor, or of the next one
    uint32_t dscr[3];  // saved
    uint32_t at;       // saved: bytes of its buffer that have been moved
} channel_t;

struct esp8266_slc {
    part_t p;
    line_t *irq;
    channel_t out, in;
    bool block_ends; // I2S says so while a word is being taken
};

static esp8266_slc_t *of(part_t *p) { return (esp8266_slc_t *)p; }

static void post(esp8266_slc_t *s, uint32_t bits)
{
    R(&s->p, INT_RAW) |= bits;
    line_set(s->irq, R(&s->p, INT_RAW) & R(&s->p, INT_ENA));
}

static void halt(channel_t *c, uint32_t why)
{
    c->active = c->loaded = false;
    machine_cancel(c->s->p.m, &c->event);
    R(&c->s->p, c->ends->link) |= LINK_PARK;
    post(c->s, why);
}

static void after(channel_t *c, unsigned cycles)
{
    part_t *p = &c->s->p;
    c->tick = MAX(clk_tick_from(p->clk, machine_now_ps(p->m)), c->tick) + cycles;
    machine_at(p->m, &c->event, clk_ps(p->clk, c->tick));
}

// Something may be to do.
static void kick(channel_t *c)
{
    if (c->active && !event_pending(&c->event) && (!c->loaded || c->request->level))
        after(c, c->loaded ? 1 : DSCR_CYCLES);
}

// ---- Descriptors -------------------------------------------------------------------------------

// It reaches the data memory only.
static bool reaches(uint32_t address) { return !(address & 3) && address - DRAM < DRAM_SIZE; }

static bool read_word(channel_t *c, uint32_t address, uint32_t *value)
{
    return reaches(address) && bus_read(c->s->p.m->bus, address, 4, value);
}

static void bad(channel_t *c, uint32_t address, const char *what)
{
    machine_report(c->s->p.m, REPORT_GUEST_ERROR, address, "slc: %s at 0x%08x", what, address);
    halt(c, c->ends->error);
}

static void load(channel_t *c)
{
    if (c->address == 0) {
        halt(c, c == &c->s->in ? INT_TX_EMPTY : 0);
        return;
    }
    for (unsigned i = 0; i < 3; i++)
        if (!read_word(c, c->address + 4 * i, &c->dscr[i])) {
            bad(c, c->address, "no descriptor");
            return;
        }
    R(&c->s->p, c->ends->dscr) = c->address;
    if (c == &c->s->in && !(c->dscr[0] & DSCR_OWNER)) {
        halt(c, INT_TX_EMPTY);
        return;
    }
    c->loaded = true;
    c->at = 0;
}

static uint32_t size(const channel_t *c) { return c->dscr[0] & 0xFFF; }
static uint32_t length(const channel_t *c) { return c->dscr[0] >> 12 & 0xFFF; }

static void next(channel_t *c, bool eof)
{
    part_t *p = &c->s->p;
    if (eof)
        R(p, c->ends->eof_address) = c->address;
    c->address = c->dscr[2];
    c->loaded = false;
    post(c->s, c->ends->done | (eof ? c->ends->eof : 0));
}

static void out_done(channel_t *c)
{
    part_t *p = &c->s->p;
    bool eof = c->dscr[0] & DSCR_EOF;
    if (R(p, CONF0) & CONF0_WRITE_BACK)
        bus_write(p->m->bus, c->address, 4, c->dscr[0] & ~DSCR_OWNER);
    if (eof)
        R(p, RX_EOF_BUFFER) = c->dscr[1];
    next(c, eof);
}

static void in_done(channel_t *c, bool eof)
{
    uint32_t head = (c->dscr[0] & ~(DSCR_OWNER | DSCR_EOF | 0xFFF000)) | c->at << 12;
    bus_write(c->s->p.m->bus, c->address, 4, head | (eof ? DSCR_EOF : 0));
    next(c, eof);
}

// ---- Words -------------------------------------------------------------------------------------

static unsigned move_out(channel_t *c)
{
    unsigned moved = 0;
    bus_t *bus = c->s->p.m->bus;
    for (; moved < BURST && c->at < length(c) && c->request->level; moved++, c->at += 4) {
        uint32_t word;
        if (!read_word(c, c->dscr[1] + c->at, &word)) {
            bad(c, c->dscr[1] + c->at, "no buffer");
            return moved;
        }
        bus_write(bus, FIFO_OUT, 4, word);
    }
    if (c->at >= length(c))
        out_done(c);
    return moved;
}

static unsigned move_in(channel_t *c)
{
    unsigned moved = 0;
    bus_t *bus = c->s->p.m->bus;
    bool eof = false;
    for (; moved < BURST && c->at + 4 <= size(c) && c->request->level && !eof; moved++) {
        uint32_t word = 0;
        c->s->block_ends = false;
        bus_read(bus, FIFO_IN, 4, &word);
        eof = c->s->block_ends;
        if (!reaches(c->dscr[1] + c->at) || !bus_write(bus, c->dscr[1] + c->at, 4, word)) {
            bad(c, c->dscr[1] + c->at, "no buffer");
            return moved;
        }
        c->at += 4;
    }
    if (eof || c->at + 4 > size(c))
        in_done(c, eof);
    return moved;
}

static void step(void *ctx, uint64_t now)
{
    channel_t *c = ctx;
    unsigned cycles = 0;
    if (!c->loaded)
        load(c);
    else
        cycles = c == &c->s->out ? move_out(c) : move_in(c);
    if (!c->active)
        return;
    if (cycles > 1 && c->loaded && c->request->level)
        after(c, cycles);
    else
        kick(c);
}

static void requested(void *ctx, int arg, bool level)
{
    if (level)
        kick(ctx);
}

static void block_end(void *ctx, int arg, bool level)
{
    ((esp8266_slc_t *)ctx)->block_ends |= level;
}

// ---- Registers ---------------------------------------------------------------------------------

static void link_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_slc_t *s = of(p);
    channel_t *c = reg->offset == RX_LINK ? &s->out : &s->in;
    uint32_t *r = &R(p, reg->offset), v = *r;
    *r &= ~(uint32_t)(LINK_START | LINK_STOP | LINK_RESTART);
    if (v & LINK_STOP)
        halt(c, 0);
    if (!(v & (LINK_START | LINK_RESTART)))
        return;
    if ((R(p, CONF0) >> 12 & 3) != 1) {
        machine_unmodelled(p->m, p->base + CONF0, "the SDIO slave (mode of SLC other than 1)");
        return;
    }
    if (v & LINK_START) {
        c->address = MEMORY | (v & LINK_ADDRESS);
        c->loaded = false;
    } else if (c->active || !read_word(c, R(p, c->ends->dscr) + 8, &c->address)) {
        return; // else it goes on behind the descriptor where it stood
    }
    *r &= ~LINK_PARK;
    c->active = true;
    post(s, c->ends->start);
    kick(c);
}

static void conf_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_slc_t *s = of(p);
    channel_t *both[] = {&s->out, &s->in};
    for (unsigned i = 0; i < 2; i++)
        if (R(p, CONF0) & both[i]->ends->reset)
            halt(both[i], 0);
}

static uint32_t status_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return R(p, INT_RAW) & R(p, INT_ENA);
}

static void clear_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    R(p, INT_RAW) &= ~p->written;
    R(p, INT_CLR) = 0;
    post(of(p), 0);
}

static void enable_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    post(of(p), 0);
}

static void apb_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    channel_t *c = ctx;
    if (!before && event_pending(&c->event))
        machine_at(c->s->p.m, &c->event, clk_ps(clk, c->tick));
}

// ---- The part ----------------------------------------------------------------------------------

static void channel_init(esp8266_slc_t *s, channel_t *c, const ends_t *ends, const char *request)
{
    c->s = s;
    c->ends = ends;
    c->request = machine_line(s->p.m, request);
    line_listen(c->request, requested, c, 0);
    event_init(&c->event, "slc", step, c);
    clk_listen(s->p.clk, apb_changed, c);
}

static bool slc_init(part_t *p, GError **error)
{
    esp8266_slc_t *s = of(p);
    s->irq = part_line(p, "irq");
    channel_init(s, &s->out, &out_ends, "i2s.tx_request");
    channel_init(s, &s->in, &in_ends, "i2s.rx_request");
    line_listen(machine_line(p->m, "i2s.rx_eof"), block_end, s, 0);
    return true;
}

static void slc_reset(part_t *p, bool power)
{
    esp8266_slc_t *s = of(p);
    halt(&s->out, 0);
    halt(&s->in, 0);
    s->out.address = s->in.address = s->out.tick = s->in.tick = 0;
    R(p, RX_LINK) = R(p, TX_LINK) = 0;
}

static const part_reg_t slc_regs[] = {
    {"CONF0", CONF0, .write = conf_write},
    {"INT_RAW", INT_RAW, .ro = ~0u},
    {"INT_ST", INT_ST, .ro = ~0u, .read = status_read},
    {"INT_ENA", INT_ENA, .write = enable_write},
    {"INT_CLR", INT_CLR, .write = clear_write},
    {"RX_STATUS", RX_STATUS, .count = 4},
    {"RX_LINK", RX_LINK, .ro = LINK_PARK, .write = link_write},
    {"TX_LINK", TX_LINK, .ro = LINK_PARK, .write = link_write},
    {"HOST", 0x2C, .count = 7},
    {"RX_EOF_DES_ADDR", RX_EOF_ADDR, .ro = ~0u},
    {"TX_EOF_DES_ADDR", TX_EOF_ADDR, .ro = ~0u},
    {"RX_EOF_BFR_DES_ADDR", RX_EOF_BUFFER, .ro = ~0u},
    {"TEST", 0x54, .count = 2},
    {"RX_DSCR_CONF", 0x5C},
    {"TXLINK_DSCR", TX_DSCR, .ro = ~0u},
    {"TXLINK_BF", 0x64, .count = 2},
    {"RXLINK_DSCR", RX_DSCR, .ro = ~0u},
    {"RXLINK_BF", 0x70, .count = 2},
    {"DATE", 0x78, .count = 18},
    {0},
};

const part_class_t esp8266_slc_class = {
    .name = "esp8266-slc",
    .brief = "ESP8266 DMA for I2S",
    .size = sizeof(esp8266_slc_t),
    .regs = slc_regs,
    .mmio_size = 0x100,
    .init = slc_init,
    .reset = slc_reset,
};
