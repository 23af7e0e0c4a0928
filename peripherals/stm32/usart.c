// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 USART and UART (RM0090 chapter 30).
//
// Modelled: asynchronous mode with 8 or 9 bits, parity, 1 / 1.5 / 2 stop bits, oversampling by 16
// and 8 with the fractional divider, the idle preamble after TE, break, half duplex on TX, RTS/CTS,
// all status flags with their clearing sequences, interrupts and DMA requests. One bit lasts the
// programmed number of kernel clock cycles; a frame begins on the first cycle after the write that
// starts it.
// Not modelled (reported): mute mode, LIN, synchronous clock, smartcard, IrDA.
//
// Pads tx rx cts rts. Lines: irq; dma_rx and dma_tx are high while a request stands.
#include "machine.h"
#include "xfer.h"

enum { USART_SR = 0x00, USART_DR = 0x04, USART_BRR = 0x08, USART_CR1 = 0x0C, USART_CR2 = 0x10,
       USART_CR3 = 0x14, USART_GTPR = 0x18 };
enum { SR_PE = 1 << 0, SR_FE = 1 << 1, SR_NF = 1 << 2, SR_ORE = 1 << 3, SR_IDLE = 1 << 4,
       SR_RXNE = 1 << 5, SR_TC = 1 << 6, SR_TXE = 1 << 7, SR_LBD = 1 << 8, SR_CTS = 1 << 9,
       SR_ERRORS = SR_PE | SR_FE | SR_NF | SR_ORE };
enum { CR1_SBK = 1 << 0, CR1_RWU = 1 << 1, CR1_RE = 1 << 2, CR1_TE = 1 << 3, CR1_IDLEIE = 1 << 4,
       CR1_RXNEIE = 1 << 5, CR1_TCIE = 1 << 6, CR1_TXEIE = 1 << 7, CR1_PEIE = 1 << 8,
       CR1_PS = 1 << 9, CR1_PCE = 1 << 10, CR1_M = 1 << 12, CR1_UE = 1 << 13, CR1_OVER8 = 1 << 15 };
enum { CR2_LBDIE = 1 << 6, CR2_CLKEN = 1 << 11, CR2_LINEN = 1 << 14 };
enum { CR3_EIE = 1 << 0, CR3_IREN = 1 << 1, CR3_IRLP = 1 << 2, CR3_HDSEL = 1 << 3,
       CR3_NACK = 1 << 4, CR3_SCEN = 1 << 5, CR3_DMAR = 1 << 6, CR3_DMAT = 1 << 7,
       CR3_RTSE = 1 << 8, CR3_CTSE = 1 << 9, CR3_CTSIE = 1 << 10, CR3_ONEBIT = 1 << 11 };

typedef enum { SEND_NOTHING, SEND_IDLE, SEND_DATA, SEND_BREAK, SEND_BREAK_STOP } send_t;

typedef struct {
    part_t p;
    line_t *irq, *dma_rx, *dma_tx;
    pad_t *tx, *rx, *cts, *rts;
    pin_t *tx_pin, *rx_pin; // where the pads were routed last
    uart_tx_t tx_wire;
    uart_rx_t rx_wire;
    event_t sent;      // saved: the frame on the wire ends
    event_t idle;      // saved: the line has been idle for one frame
    uint64_t end_tick; // saved: of the kernel clock, when `sent` is due
    send_t sending;    // saved
    bool preamble;     // saved: an idle frame is to be sent first
    uint16_t tdr, rdr; // saved; TXE and RXNE tell whether they hold something
    uint32_t seen;     // saved: flags that the last read of SR showed
} stm32_usart_t;

// ---- Formats ------------------------------------------------------------------------------------

static bool enabled(const part_t *p, uint32_t what)
{
    return (R(p, USART_CR1) & (CR1_UE | what)) == (CR1_UE | what);
}

// Kernel clock cycles of one bit. BRR holds USARTDIV in 1/16; with OVER8 in 1/8, bit 3 unused.
static uint32_t bit_cycles(const part_t *p)
{
    uint32_t brr = R(p, USART_BRR);
    if (R(p, USART_CR1) & CR1_OVER8)
        brr = (brr >> 4) * 8 + (brr & 7);
    return brr;
}

static uart_frame_t format(const part_t *p)
{
    static const uint8_t half_stops[4] = {2, 1, 4, 3};
    uint32_t cr1 = R(p, USART_CR1);
    bool parity = cr1 & CR1_PCE;
    return (uart_frame_t){
        .bits = (cr1 & CR1_M ? 9 : 8) - parity,
        .parity = !parity ? 'n' : cr1 & CR1_PS ? 'o' : 'e',
        .half_stops = half_stops[R(p, USART_CR2) >> 12 & 3],
        .bit_ps = clk_span_ps(p->clk, bit_cycles(p)),
    };
}

// The parity bit takes the place of the most significant data bit (30.3.7).
static uint16_t parity_bit(const uart_frame_t *f, uint16_t data)
{
    bool odd = __builtin_parity(data & ((1u << f->bits) - 1));
    return f->parity == 'n' ? 0 : (uint16_t)((odd ^ (f->parity == 'o')) << f->bits);
}

// Duration of a frame in half bits.
static unsigned frame_halves(const uart_frame_t *f)
{
    return 2u * (1 + f->bits + (f->parity != 'n')) + f->half_stops;
}

// ---- Outputs ------------------------------------------------------------------------------------

static void update(stm32_usart_t *u)
{
    part_t *p = &u->p;
    uint32_t sr = R(p, USART_SR), cr1 = R(p, USART_CR1), cr3 = R(p, USART_CR3);
    bool irq = (sr & SR_TXE && cr1 & CR1_TXEIE) || (sr & SR_TC && cr1 & CR1_TCIE) ||
               (sr & (SR_RXNE | SR_ORE) && cr1 & CR1_RXNEIE) ||
               (sr & SR_IDLE && cr1 & CR1_IDLEIE) || (sr & SR_PE && cr1 & CR1_PEIE) ||
               (sr & SR_CTS && cr3 & CR3_CTSIE) ||
               (sr & (SR_FE | SR_NF | SR_ORE) && cr3 & CR3_EIE && cr3 & CR3_DMAR);
    pad_drive(u->rts, enabled(p, 0) && cr3 & CR3_RTSE, sr & SR_RXNE);
    line_set(u->irq, irq);
    line_set(u->dma_rx, enabled(p, 0) && cr3 & CR3_DMAR && sr & SR_RXNE);
    line_set(u->dma_tx, enabled(p, 0) && cr3 & CR3_DMAT && sr & SR_TXE);
}

// Joins the wires as registers and routing say. In half duplex TX is also the receiver's input and
// is driven only while a frame is on its way (30.3.10).
static void route(stm32_usart_t *u)
{
    part_t *p = &u->p;
    bool half = R(p, USART_CR3) & CR3_HDSEL;
    bool tx = u->sending != SEND_NOTHING || (enabled(p, CR1_TE) && !half);
    pad_drive(u->tx, tx, u->sending == SEND_NOTHING || u->tx->level);
    uart_tx_attach(&u->tx_wire, tx ? u->tx->pin : NULL);
    pin_t *in = enabled(p, CR1_RE) ? half ? u->tx->pin : u->rx->pin : NULL;
    u->rx_wire.format = format(p);
    if (!u->rx_wire.format.bit_ps)
        in = NULL;
    uart_rx_attach(&u->rx_wire, in);
}

static void rerouted(void *ctx, pad_t *pad, bool level)
{
    stm32_usart_t *u = ctx;
    pin_t **known = pad == u->tx ? &u->tx_pin : &u->rx_pin;
    if (*known == pad->pin)
        return; // only the level changed: the decoder sees that for itself
    *known = pad->pin;
    route(u);
}

// ---- Transmitter --------------------------------------------------------------------------------

static void begin(stm32_usart_t *u, send_t what, bool back_to_back, uint64_t now)
{
    part_t *p = &u->p;
    uart_frame_t f = format(p);
    u->sending = what;
    route(u);
    f.data = u->tdr;
    f.brk = what == SEND_BREAK;
    if (f.brk)
        f.half_stops = 2;
    unsigned halves = what == SEND_BREAK_STOP ? 2 : frame_halves(&f);
    if (!back_to_back)
        u->end_tick = clk_tick_from(p->clk, now);
    u->end_tick += (uint64_t)bit_cycles(p) * halves / 2;
    machine_at(p->m, &u->sent, clk_ps(p->clk, u->end_tick));
    if (what == SEND_DATA || what == SEND_BREAK)
        uart_tx_send(&u->tx_wire, &f, now);
}

// Begins the next frame if the transmitter may. TRUE if it did.
static bool pump(stm32_usart_t *u, bool back_to_back, uint64_t now)
{
    part_t *p = &u->p;
    if (u->sending || !enabled(p, CR1_TE) || !bit_cycles(p) || !p->clk->num)
        return false;
    if (u->preamble) {
        u->preamble = false;
        begin(u, SEND_IDLE, back_to_back, now);
    } else if (R(p, USART_CR1) & CR1_SBK) {
        begin(u, SEND_BREAK, back_to_back, now);
    } else if (!(R(p, USART_SR) & SR_TXE) &&
               !(R(p, USART_CR3) & CR3_CTSE && pad_level(u->cts))) {
        R(p, USART_SR) |= SR_TXE;
        begin(u, SEND_DATA, back_to_back, now);
    } else {
        return false;
    }
    return true;
}

static void frame_sent(void *ctx, uint64_t now)
{
    stm32_usart_t *u = ctx;
    part_t *p = &u->p;
    if (u->sending == SEND_BREAK) {
        R(p, USART_CR1) &= ~CR1_SBK;
        begin(u, SEND_BREAK_STOP, true, now);
        return;
    }
    u->sending = SEND_NOTHING;
    if (!pump(u, true, now)) {
        if (R(p, USART_SR) & SR_TXE)
            R(p, USART_SR) |= SR_TC;
        route(u);
    }
    update(u);
}

static void cts_changed(void *ctx, pad_t *pad, bool level)
{
    stm32_usart_t *u = ctx;
    if (!enabled(&u->p, 0) || !(R(&u->p, USART_CR3) & CR3_CTSE))
        return;
    R(&u->p, USART_SR) |= SR_CTS;
    pump(u, false, machine_now_ps(u->p.m));
    update(u);
}

// ---- Receiver -----------------------------------------------------------------------------------

static void frame_received(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    stm32_usart_t *u = ctx;
    part_t *p = &u->p;
    if (!enabled(p, CR1_RE))
        return;
    uart_frame_t f = format(p);
    if (R(p, USART_SR) & SR_RXNE) {
        R(p, USART_SR) |= SR_ORE; // and nothing else: the new frame is lost (30.6.1, FE and ORE)
    } else {
        if (errors & UART_BREAK)
            data = 0;
        u->rdr = data;
        if (f.parity != 'n' && !(errors & UART_BREAK))
            u->rdr |= parity_bit(&f, data) ^ (errors & UART_PARITY ? 1u << f.bits : 0);
        R(p, USART_SR) |= SR_RXNE | (errors & (UART_FRAMING | UART_BREAK) ? SR_FE : 0) |
                          (errors & UART_PARITY ? SR_PE : 0) |
                          (errors & UART_NOISE && !(R(p, USART_CR3) & CR3_ONEBIT) ? SR_NF : 0);
    }
    machine_at(p->m, &u->idle, now + uart_frame_ps(&f));
    update(u);
}

static void line_idle(void *ctx, uint64_t now)
{
    stm32_usart_t *u = ctx;
    if (!enabled(&u->p, CR1_RE) || uart_rx_busy(&u->rx_wire))
        return; // the frame that is coming in will ask again
    R(&u->p, USART_SR) |= SR_IDLE;
    update(u);
}

// ---- Registers ----------------------------------------------------------------------------------

static uint32_t sr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    if (!p->peeking)
        ((stm32_usart_t *)p)->seen = R(p, USART_SR);
    return R(p, USART_SR);
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_usart_t *)p);
}

static uint32_t dr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_usart_t *u = (stm32_usart_t *)p;
    if (p->peeking)
        return u->rdr;
    R(p, USART_SR) &= ~(SR_RXNE | (u->seen & (SR_ERRORS | SR_IDLE)));
    u->seen = 0;
    update(u);
    return u->rdr;
}

static void dr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_usart_t *u = (stm32_usart_t *)p;
    u->tdr = p->written & 0x1FF;
    R(p, USART_SR) &= ~(SR_TXE | (u->seen & (SR_TC | SR_PE)));
    u->seen = 0;
    pump(u, false, machine_now_ps(p->m));
    update(u);
}

static void control_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_usart_t *u = (stm32_usart_t *)p;
    if (reg->offset == USART_CR1) {
        if (R(p, USART_CR1) & ~old & CR1_TE)
            u->preamble = true;
        if (!enabled(p, CR1_RE))
            machine_cancel(p->m, &u->idle);
        if (enabled(p, 0) && !bit_cycles(p))
            machine_report(p->m, REPORT_GUEST_ERROR, p->base + USART_BRR,
                           "%s is enabled with BRR = 0: it has no bit rate", p->name);
    }
    route(u);
    pump(u, false, machine_now_ps(p->m));
    update(u);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_usart_t *u = ctx;
    if (before)
        return;
    if (u->sending)
        machine_at(u->p.m, &u->sent, clk_ps(clk, u->end_tick));
    route(u);
    pump(u, false, now);
    update(u);
}

// ---- The part -----------------------------------------------------------------------------------

static bool usart_init(part_t *p, GError **error)
{
    stm32_usart_t *u = (stm32_usart_t *)p;
    u->irq = part_line(p, "irq");
    u->dma_rx = part_line(p, "dma_rx");
    u->dma_tx = part_line(p, "dma_tx");
    u->tx = part_pad(p, "tx", rerouted, u);
    u->rx = part_pad(p, "rx", rerouted, u);
    u->cts = part_pad(p, "cts", cts_changed, u);
    u->rts = part_pad(p, "rts", NULL, u);
    u->rx->idle = true;
    u->tx_wire.pad = u->tx;
    u->rx_wire.frame = frame_received;
    u->rx_wire.ctx = u;
    event_init(&u->sent, "usart frame sent", frame_sent, u);
    event_init(&u->idle, "usart line idle", line_idle, u);
    clk_listen(p->clk, clock_changed, u);
    return true;
}

static void usart_reset(part_t *p, bool power)
{
    stm32_usart_t *u = (stm32_usart_t *)p;
    machine_cancel(p->m, &u->sent);
    machine_cancel(p->m, &u->idle);
    u->sending = SEND_NOTHING;
    u->preamble = false;
    u->tdr = u->rdr = 0;
    u->seen = 0;
    route(u);
    update(u);
}

static const part_reg_t usart_regs[] = {
    {"SR", USART_SR, .reset = SR_TC | SR_TXE, .ro = ~(uint32_t)(SR_RXNE | SR_TC | SR_LBD | SR_CTS),
     .w0c = SR_RXNE | SR_TC | SR_LBD | SR_CTS, .read = sr_read, .write = sr_write},
    {"DR", USART_DR, .ro = ~0x1FFu, .read = dr_read, .write = dr_write},
    {"BRR", USART_BRR, .ro = ~0xFFFFu, .write = control_write},
    {"CR1", USART_CR1, .ro = ~0xBFFFu, .unimp = CR1_RWU, .write = control_write},
    {"CR2", USART_CR2, .ro = ~0x7F6Fu, .unimp = CR2_LBDIE | CR2_CLKEN | CR2_LINEN,
     .write = control_write},
    {"CR3", USART_CR3, .ro = ~0xFFFu, .unimp = CR3_IREN | CR3_IRLP | CR3_NACK | CR3_SCEN,
     .write = control_write},
    {"GTPR", USART_GTPR, .ro = ~0xFFFFu},
    {NULL},
};

const part_class_t stm32_usart_class = {
    .name = "stm32-usart",
    .brief = "STM32F2/F4 universal synchronous asynchronous receiver transmitter",
    .size = sizeof(stm32_usart_t),
    .regs = usart_regs,
    .mmio_size = 0x400,
    .init = usart_init,
    .reset = usart_reset,
};
