// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F1/F2/F4 serial peripheral interface (RM0090 chapter 28).
//
// Modelled: master with 8 and 16 bits, all modes, LSB first, full duplex, receive only, one-wire
// transmit and receive, TXE RXNE BSY OVR MODF with their clearing sequences, CRC, NSS by software,
// as output and as input, interrupts and DMA. A word takes bits * 2^(BR+1) cycles of the bus clock
// and begins on the first one after the write; words that are ready follow without a gap.
// Not modelled (reported): slave mode, TI frames, I2S.
//
// Pads sck mosi miso nss. Lines: irq; dma_tx and dma_rx are high while a request stands.
#include "machine.h"
#include "xfer.h"

enum { SPI_CR1 = 0x00, SPI_CR2 = 0x04, SPI_SR = 0x08, SPI_DR = 0x0C, SPI_CRCPR = 0x10,
       SPI_RXCRCR = 0x14, SPI_TXCRCR = 0x18, SPI_I2SCFGR = 0x1C, SPI_I2SPR = 0x20 };
enum { CR1_MSTR = 1 << 2, CR1_SPE = 1 << 6, CR1_LSBFIRST = 1 << 7, CR1_SSI = 1 << 8,
       CR1_SSM = 1 << 9, CR1_RXONLY = 1 << 10, CR1_DFF = 1 << 11, CR1_CRCNEXT = 1 << 12,
       CR1_CRCEN = 1 << 13, CR1_BIDIOE = 1 << 14, CR1_BIDIMODE = 1 << 15 };
enum { CR2_RXDMAEN = 1 << 0, CR2_TXDMAEN = 1 << 1, CR2_SSOE = 1 << 2, CR2_FRF = 1 << 4,
       CR2_ERRIE = 1 << 5, CR2_RXNEIE = 1 << 6, CR2_TXEIE = 1 << 7 };
enum { SR_RXNE = 1 << 0, SR_TXE = 1 << 1, SR_CRCERR = 1 << 4, SR_MODF = 1 << 5, SR_OVR = 1 << 6,
       SR_BSY = 1 << 7 };
enum { I2SCFGR_I2SMOD = 1 << 11 };

typedef struct {
    part_t p;
    line_t *irq, *dma_tx, *dma_rx;
    pad_t *sck, *mosi, *miso, *nss;
    event_t event;     // saved: the word on the wires ends
    uint64_t tick;     // saved: of the bus clock, when `event` is due
    uint16_t tx, rx;   // saved: what DR takes and gives; TXE and RXNE tell what they hold
    uint16_t shift;    // saved: the word on the wires
    bool crc_word;     // saved: that word is the CRC
    bool modf_seen;    // saved: SR was read while MODF stood
    bool ovr_read;     // saved: DR was read while OVR stood
} stm32_spi_t;

static unsigned word_bits(const part_t *p) { return R(p, SPI_CR1) & CR1_DFF ? 16 : 8; }

static bool is_master(const part_t *p)
{
    return (R(p, SPI_CR1) & (CR1_SPE | CR1_MSTR)) == (CR1_SPE | CR1_MSTR);
}

// The clock runs by itself while the interface is on (28.3.5).
static bool only_receives(const part_t *p)
{
    uint32_t cr1 = R(p, SPI_CR1);
    return cr1 & CR1_BIDIMODE ? !(cr1 & CR1_BIDIOE) : cr1 & CR1_RXONLY;
}

static bool only_sends(const part_t *p)
{
    return (R(p, SPI_CR1) & (CR1_BIDIMODE | CR1_BIDIOE)) == (CR1_BIDIMODE | CR1_BIDIOE);
}

static void update(stm32_spi_t *s)
{
    part_t *p = &s->p;
    uint32_t sr = R(p, SPI_SR), cr1 = R(p, SPI_CR1), cr2 = R(p, SPI_CR2);
    bool master = is_master(p);
    pad_drive(s->sck, master, cr1 >> 1 & 1);
    pad_drive(s->mosi, master && !only_receives(p), s->mosi->level);
    pad_drive(s->nss, master && cr2 & CR2_SSOE && !(cr1 & CR1_SSM), false);
    line_set(s->irq, (sr & SR_TXE && cr2 & CR2_TXEIE) || (sr & SR_RXNE && cr2 & CR2_RXNEIE) ||
                         (sr & (SR_CRCERR | SR_MODF | SR_OVR) && cr2 & CR2_ERRIE));
    line_set(s->dma_tx, sr & SR_TXE && cr2 & CR2_TXDMAEN);
    line_set(s->dma_rx, sr & SR_RXNE && cr2 & CR2_RXDMAEN);
}

// ---- Words --------------------------------------------------------------------------------------

static uint32_t crc(uint32_t value, uint32_t polynomial, uint16_t word, unsigned bits)
{
    value ^= word;
    for (unsigned i = 0; i < bits; i++)
        value = value >> (bits - 1) & 1 ? value << 1 ^ polynomial : value << 1;
    return value & ((1u << bits) - 1);
}

static unsigned bit_cycles(const part_t *p) { return 2u << (R(p, SPI_CR1) >> 3 & 7); }

static void begin(stm32_spi_t *s, uint16_t word, bool back_to_back)
{
    part_t *p = &s->p;
    if (!back_to_back)
        s->tick = clk_tick_from(p->clk, machine_now_ps(p->m));
    s->shift = word;
    R(p, SPI_SR) |= SR_BSY;
    s->tick += (uint64_t)word_bits(p) * bit_cycles(p);
    machine_at(p->m, &s->event, clk_ps(p->clk, s->tick));
}

// Begins the next word if there is one.
static void pump(stm32_spi_t *s, bool back_to_back)
{
    part_t *p = &s->p;
    if (!is_master(p) || event_pending(&s->event) || !p->clk->num)
        return;
    if (only_receives(p)) {
        begin(s, 0, back_to_back);
    } else if (!(R(p, SPI_SR) & SR_TXE)) {
        R(p, SPI_SR) |= SR_TXE;
        begin(s, s->tx, back_to_back);
    } else if (back_to_back && !s->crc_word && R(p, SPI_CR1) & CR1_CRCNEXT) {
        s->crc_word = true;
        begin(s, R(p, SPI_TXCRCR), back_to_back);
    }
}

// Exchanges the word on the wires as they are routed now.
static uint16_t exchange(stm32_spi_t *s)
{
    part_t *p = &s->p;
    uint32_t cr1 = R(p, SPI_CR1);
    unsigned bits = word_bits(p);
    pin_t *out = s->mosi->pin, *in = s->miso->pin;
    if (cr1 & CR1_BIDIMODE)
        in = cr1 & CR1_BIDIOE ? NULL : out;
    if (only_receives(p))
        out = NULL;
    if (!s->sck->pin)
        return in && pin_level(in) ? (1u << bits) - 1 : 0;
    uint16_t got = spi_transfer(s->sck->pin, out, in, s->shift, bits, (cr1 & 2) | (cr1 & 1),
                                cr1 & CR1_LSBFIRST, clk_span_ps(p->clk, bit_cycles(p)));
    if (out) // MOSI stays at the last bit
        pad_drive(s->mosi, s->mosi->enabled, s->shift >> (cr1 & CR1_LSBFIRST ? bits - 1 : 0) & 1);
    return got;
}

static void check_crc(stm32_spi_t *s, uint16_t got)
{
    part_t *p = &s->p;
    unsigned bits = word_bits(p);
    if (s->crc_word) {
        if (got != R(p, SPI_RXCRCR))
            R(p, SPI_SR) |= SR_CRCERR;
        R(p, SPI_CR1) &= ~CR1_CRCNEXT;
        return;
    }
    R(p, SPI_TXCRCR) = crc(R(p, SPI_TXCRCR), R(p, SPI_CRCPR), s->shift, bits);
    R(p, SPI_RXCRCR) = crc(R(p, SPI_RXCRCR), R(p, SPI_CRCPR), got, bits);
}

static void word_done(void *ctx, uint64_t now)
{
    stm32_spi_t *s = ctx;
    part_t *p = &s->p;
    uint16_t got = exchange(s);
    if (R(p, SPI_CR1) & CR1_CRCEN)
        check_crc(s, got);
    if (!only_sends(p)) {
        if (R(p, SPI_SR) & SR_RXNE) {
            R(p, SPI_SR) |= SR_OVR; // the new word is lost
        } else {
            s->rx = got;
            R(p, SPI_SR) |= SR_RXNE;
        }
    }
    pump(s, true);
    if (!event_pending(&s->event)) {
        R(p, SPI_SR) &= ~SR_BSY;
        s->crc_word = false;
    }
    update(s);
}

// A master whose NSS input is low has lost the bus (28.3.10).
static void check_mode_fault(stm32_spi_t *s)
{
    part_t *p = &s->p;
    uint32_t cr1 = R(p, SPI_CR1);
    bool low = cr1 & CR1_SSM ? !(cr1 & CR1_SSI)
                             : !(R(p, SPI_CR2) & CR2_SSOE) && !pad_level(s->nss);
    if (!is_master(p) || !low)
        return;
    R(p, SPI_CR1) &= ~(CR1_SPE | CR1_MSTR);
    R(p, SPI_SR) = (R(p, SPI_SR) | SR_MODF) & ~SR_BSY;
    machine_cancel(p->m, &s->event);
}

// ---- Registers ----------------------------------------------------------------------------------

static void control_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    uint32_t cr1 = R(p, SPI_CR1);
    if (reg->offset == SPI_CR1) {
        if (s->modf_seen)
            R(p, SPI_SR) &= ~SR_MODF;
        s->modf_seen = false;
        if (cr1 & ~old & CR1_CRCEN)
            R(p, SPI_RXCRCR) = R(p, SPI_TXCRCR) = 0;
        if ((cr1 & (CR1_SPE | CR1_MSTR)) == CR1_SPE)
            machine_unmodelled(p->m, p->base + SPI_CR1, "SPI slave mode");
    }
    check_mode_fault(s);
    update(s); // the clock line idles before the first word
    pump(s, false);
    update(s);
}

static uint32_t sr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    uint32_t value = R(p, SPI_SR);
    if (!p->peeking) {
        s->modf_seen = value & SR_MODF;
        if (s->ovr_read)
            R(p, SPI_SR) &= ~SR_OVR;
        s->ovr_read = false;
        update(s);
    }
    return value;
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_spi_t *)p);
}

static uint32_t dr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    if (!p->peeking) {
        R(p, SPI_SR) &= ~SR_RXNE;
        s->ovr_read = R(p, SPI_SR) & SR_OVR;
        update(s);
    }
    return s->rx;
}

static void dr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    s->tx = p->written & ((1u << word_bits(p)) - 1);
    R(p, SPI_SR) &= ~SR_TXE;
    pump(s, false);
    update(s);
}

static void nss_changed(void *ctx, pad_t *pad, bool level)
{
    stm32_spi_t *s = ctx;
    check_mode_fault(s);
    update(s);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_spi_t *s = ctx;
    if (!before && R(&s->p, SPI_SR) & SR_BSY) // its event may have been lost while the clock stood still
        machine_at(s->p.m, &s->event, clk_ps(clk, s->tick));
}

// ---- The part -----------------------------------------------------------------------------------

static bool spi_init(part_t *p, GError **error)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    s->irq = part_line(p, "irq");
    s->dma_tx = part_line(p, "dma_tx");
    s->dma_rx = part_line(p, "dma_rx");
    s->sck = part_pad(p, "sck", NULL, s);
    s->mosi = part_pad(p, "mosi", NULL, s);
    s->miso = part_pad(p, "miso", NULL, s);
    s->nss = part_pad(p, "nss", nss_changed, s);
    s->nss->idle = true;
    event_init(&s->event, "spi word", word_done, s);
    clk_listen(p->clk, clock_changed, s);
    return true;
}

static void spi_reset(part_t *p, bool power)
{
    stm32_spi_t *s = (stm32_spi_t *)p;
    machine_cancel(p->m, &s->event);
    s->tx = s->rx = s->shift = 0;
    s->crc_word = s->modf_seen = s->ovr_read = false;
    pad_drive(s->mosi, false, false);
    update(s);
}

static const part_reg_t spi_regs[] = {
    {"CR1", SPI_CR1, .ro = ~0xFFFFu, .write = control_write},
    {"CR2", SPI_CR2, .ro = ~0xF7u, .unimp = CR2_FRF, .write = control_write},
    {"SR", SPI_SR, .reset = SR_TXE, .ro = ~(uint32_t)SR_CRCERR, .w0c = SR_CRCERR, .read = sr_read,
     .write = sr_write},
    {"DR", SPI_DR, .ro = ~0xFFFFu, .read = dr_read, .write = dr_write},
    {"CRCPR", SPI_CRCPR, .reset = 7, .ro = ~0xFFFFu},
    {"RXCRCR", SPI_RXCRCR, .ro = ~0u},
    {"TXCRCR", SPI_TXCRCR, .ro = ~0u},
    {"I2SCFGR", SPI_I2SCFGR, .ro = ~0xFBFu, .unimp = I2SCFGR_I2SMOD},
    {"I2SPR", SPI_I2SPR, .reset = 2, .ro = ~0x3FFu},
    {NULL},
};

const part_class_t stm32_spi_class = {
    .name = "stm32-spi",
    .brief = "STM32F1/F2/F4 serial peripheral interface",
    .size = sizeof(stm32_spi_t),
    .regs = spi_regs,
    .mmio_size = 0x400,
    .init = spi_init,
    .reset = spi_reset,
};
