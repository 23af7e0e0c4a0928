// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F1/F2/F4 I2C controller, "version 1" (RM0090 chapter 27).
//
// Modelled: master transmitter and receiver with the event sequences of 27.3.3 (SB, ADDR, TXE,
// RXNE, BTF, AF, ARLO on a stuck bus), repeated start, ACK and POS rules for 1, 2 and N bytes,
// clock stretching while software is late, standard and fast mode clocks, BUSY from the lines,
// SWRST, interrupts and DMA with LAST. START and STOP conditions last one bit, a byte nine; the
// rise time of the wires is 0.
// Not modelled (reported): slave mode, 10-bit addresses, SMBus, packet error checking.
//
// Pads scl sda (open drain). Lines: irq_ev, irq_er; dma_tx and dma_rx are high while a request
// stands; last is an input, high while the DMA's next transfer is its last.
#include "machine.h"
#include "xfer.h"

enum { I2C_CR1 = 0x00, I2C_CR2 = 0x04, I2C_OAR1 = 0x08, I2C_OAR2 = 0x0C, I2C_DR = 0x10,
       I2C_SR1 = 0x14, I2C_SR2 = 0x18, I2C_CCR = 0x1C, I2C_TRISE = 0x20 };
enum { CR1_PE = 1 << 0, CR1_START = 1 << 8, CR1_STOP = 1 << 9, CR1_ACK = 1 << 10, CR1_POS = 1 << 11,
       CR1_SWRST = 1 << 15, CR1_SMBUS = 0x307A };
enum { CR2_ITERREN = 1 << 8, CR2_ITEVTEN = 1 << 9, CR2_ITBUFEN = 1 << 10, CR2_DMAEN = 1 << 11,
       CR2_LAST = 1 << 12 };
enum { SR1_SB = 1 << 0, SR1_ADDR = 1 << 1, SR1_BTF = 1 << 2, SR1_RXNE = 1 << 6, SR1_TXE = 1 << 7,
       SR1_ARLO = 1 << 9, SR1_AF = 1 << 10, SR1_ERRORS = 0xDF00 };
enum { SR2_MSL = 1 << 0, SR2_BUSY = 1 << 1, SR2_TRA = 1 << 2 };
enum { CCR_DUTY = 1 << 14, CCR_FS = 1 << 15 };

typedef enum {
    IDLE,      // no transfer of ours
    STARTING,  // the (repeated) start condition is on the wires
    STARTED,   // SB: waits for the address in DR
    ADDRESS,   // the address byte is on the wires
    ADDRESSED, // ADDR: waits until software has seen it
    REFUSED,   // AF: waits for STOP or START
    SENDING,   // a byte goes out
    SEND_WAIT, // nothing to send, SCL stretched
    RECEIVING, // a byte comes in
    FULL,      // DR and shift register hold a byte each, SCL stretched
    RECEIVED,  // the last byte was not acknowledged: waits for STOP or START
    STOPPING,  // the stop condition is on the wires
} state_t;

typedef struct {
    part_t p;
    line_t *ev, *er, *dma_tx, *dma_rx, *last;
    pad_t *scl, *sda;
    event_t event;      // saved: what is on the wires ends
    uint64_t tick;      // saved: of pclk1, when `event` is due
    state_t state;      // saved
    uint32_t seen;      // saved: flags that the last read of SR1 showed
    uint8_t dr, shift;  // saved
    bool shift_full;    // saved: a received byte waits in the shift register
    bool reading;       // saved: direction of the transfer
    bool next_ack;      // saved: POS = 1: acknowledge of the byte now coming in
    bool acked;         // saved: the last received byte was acknowledged
} stm32_i2c_t;

// ---- Time and wires -----------------------------------------------------------------------------

// Cycles of pclk1 for one bit (27.6.8).
static uint32_t bit_cycles(const part_t *p)
{
    uint32_t ccr = R(p, I2C_CCR), n = ccr & 0xFFF;
    return !(ccr & CCR_FS) ? 2 * n : ccr & CCR_DUTY ? 25 * n : 3 * n;
}

static uint64_t bit_ps(const part_t *p)
{
    return clk_span_ps(p->clk, bit_cycles(p));
}

// Both pads sit on pins. Software may take them away at any time: then nobody answers.
static bool routed(const stm32_i2c_t *i) { return i->scl->pin && i->sda->pin; }

static bool lines_free(stm32_i2c_t *i)
{
    return !routed(i) || i2c_bus_ready(i->scl->pin, i->sda->pin);
}

static void enter(stm32_i2c_t *i, state_t state, unsigned bits)
{
    part_t *p = &i->p;
    i->state = state;
    i->tick += (uint64_t)bits * bit_cycles(p);
    machine_at(p->m, &i->event, clk_ps(p->clk, i->tick));
}

// The wires were still (idle or stretched): the next thing on them begins now.
static void from_now(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    i->tick = clk_tick_from(p->clk, machine_now_ps(p->m));
}

static void update(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    uint32_t sr1 = R(p, I2C_SR1), cr2 = R(p, I2C_CR2);
    bool buffer = sr1 & (SR1_TXE | SR1_RXNE) && cr2 & CR2_ITBUFEN;
    line_set(i->ev, cr2 & CR2_ITEVTEN && (sr1 & (SR1_SB | SR1_ADDR | SR1_BTF) || buffer));
    line_set(i->er, cr2 & CR2_ITERREN && sr1 & SR1_ERRORS);
    line_set(i->dma_tx, cr2 & CR2_DMAEN && sr1 & SR1_TXE);
    line_set(i->dma_rx, cr2 & CR2_DMAEN && sr1 & SR1_RXNE);
}

// ---- The master ---------------------------------------------------------------------------------

// At the end of a byte, or while stretching: STOP goes before START (27.6.1). TRUE if one began.
static bool turn(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    uint32_t cr1 = R(p, I2C_CR1);
    if (!(cr1 & (CR1_STOP | CR1_START)))
        return false;
    R(p, I2C_SR1) &= ~(SR1_TXE | (i->shift_full ? 0 : SR1_BTF));
    enter(i, cr1 & CR1_STOP ? STOPPING : STARTING, 1);
    return true;
}

// An idle controller begins when the bus is free.
static void try_start(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    if (i->state != IDLE || (R(p, I2C_CR1) & (CR1_PE | CR1_START)) != (CR1_PE | CR1_START) ||
        !bit_cycles(p) || !p->clk->num || !lines_free(i))
        return;
    from_now(i);
    enter(i, STARTING, 1);
}

static void send(stm32_i2c_t *i)
{
    i->shift = i->dr;
    R(&i->p, I2C_SR1) |= SR1_TXE;
    enter(i, SENDING, 9);
}

static void address_sent(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    i2c_ack_t ack = I2C_NACK;
    if (routed(i))
        ack = i2c_start(i->scl->pin, i->sda->pin, i->shift >> 1, i->reading, bit_ps(p));
    if (ack == I2C_STUCK) { // somebody holds a line that we let go
        R(p, I2C_SR1) |= SR1_ARLO;
        R(p, I2C_SR2) &= ~(SR2_MSL | SR2_TRA);
        i->state = IDLE;
    } else if (ack == I2C_NACK) {
        R(p, I2C_SR1) |= SR1_AF;
        i->state = REFUSED;
        turn(i);
    } else {
        R(p, I2C_SR1) |= SR1_ADDR;
        R(p, I2C_SR2) = (R(p, I2C_SR2) & ~SR2_TRA) | (i->reading ? 0 : SR2_TRA);
        i->next_ack = R(p, I2C_CR1) & CR1_ACK;
        i->state = ADDRESSED;
    }
}

static void byte_sent(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    if (!routed(i) || i2c_write(i->scl->pin, i->sda->pin, i->shift, bit_ps(p)) != I2C_ACK) {
        R(p, I2C_SR1) |= SR1_AF;
        i->state = REFUSED;
        turn(i);
    } else if (turn(i)) {
        return;
    } else if (R(p, I2C_SR1) & SR1_TXE) {
        R(p, I2C_SR1) |= SR1_BTF;
        i->state = SEND_WAIT;
    } else {
        send(i);
    }
}

// POS = 0: ACK is for the byte that is coming in; POS = 1: for the one after it. With DMA, LAST = 1
// refuses the byte that the DMA's last transfer will fetch.
static bool decide_ack(stm32_i2c_t *i)
{
    uint32_t cr1 = R(&i->p, I2C_CR1), cr2 = R(&i->p, I2C_CR2);
    bool ack = cr1 & CR1_ACK;
    if (cr1 & CR1_POS) {
        bool later = ack;
        ack = i->next_ack;
        i->next_ack = later;
    }
    return ack && !(cr2 & CR2_DMAEN && cr2 & CR2_LAST && i->last->level);
}

static void byte_received(stm32_i2c_t *i)
{
    part_t *p = &i->p;
    i->acked = decide_ack(i);
    i->shift = routed(i) ? i2c_read(i->scl->pin, i->sda->pin, i->acked, bit_ps(p)) : 0xFF;
    if (R(p, I2C_SR1) & SR1_RXNE) {
        i->shift_full = true;
        R(p, I2C_SR1) |= SR1_BTF;
    } else {
        i->dr = i->shift;
        R(p, I2C_SR1) |= SR1_RXNE;
    }
    if (turn(i))
        return;
    if (i->shift_full)
        i->state = FULL;
    else if (i->acked)
        enter(i, RECEIVING, 9);
    else
        i->state = RECEIVED;
}

static void wires_done(void *ctx, uint64_t now)
{
    stm32_i2c_t *i = ctx;
    part_t *p = &i->p;
    switch (i->state) {
    case STARTING:
        R(p, I2C_CR1) &= ~CR1_START;
        R(p, I2C_SR1) = (R(p, I2C_SR1) & ~SR1_BTF) | SR1_SB;
        R(p, I2C_SR2) |= SR2_MSL;
        i->state = STARTED;
        break;
    case ADDRESS:
        address_sent(i);
        break;
    case SENDING:
        byte_sent(i);
        break;
    case RECEIVING:
        byte_received(i);
        break;
    case STOPPING:
        if (routed(i))
            i2c_stop(i->scl->pin, i->sda->pin, bit_ps(p));
        R(p, I2C_CR1) &= ~CR1_STOP;
        R(p, I2C_SR1) &= ~(SR1_TXE | SR1_BTF | SR1_SB | SR1_ADDR);
        R(p, I2C_SR2) &= ~(SR2_MSL | SR2_TRA);
        i->state = IDLE;
        try_start(i);
        break;
    default:
        break;
    }
    update(i);
}

// ADDR was seen: the transfer goes on.
static void proceed(stm32_i2c_t *i)
{
    from_now(i);
    if (i->reading) {
        enter(i, RECEIVING, 9);
        return;
    }
    R(&i->p, I2C_SR1) |= SR1_TXE;
    i->state = SEND_WAIT;
    turn(i);
}

static void release(stm32_i2c_t *i)
{
    machine_cancel(i->p.m, &i->event);
    if (i->state != IDLE && routed(i) && i->p.clk->num)
        i2c_stop(i->scl->pin, i->sda->pin, bit_ps(&i->p)); // the released lines look like a stop
    i->state = IDLE;
    i->shift_full = false;
    i->seen = 0;
}

// ---- Registers ----------------------------------------------------------------------------------

static void cr1_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    uint32_t cr1 = R(p, I2C_CR1);
    if (cr1 & CR1_SWRST) {
        part_reset(p, false);
        R(p, I2C_CR1) = CR1_SWRST;
        return;
    }
    if (!(cr1 & CR1_PE)) { // 27.6.1: all flags and requests go with PE
        release(i);
        R(p, I2C_CR1) &= ~(CR1_START | CR1_STOP);
        R(p, I2C_SR1) = R(p, I2C_SR2) = 0;
    } else if (cr1 & (CR1_START | CR1_STOP)) {
        switch (i->state) {
        case IDLE:
            try_start(i);
            break;
        case STARTED:
            if (!(cr1 & CR1_STOP))
                break; // START while its SB stands: nothing new
            from_now(i);
            turn(i);
            break;
        case REFUSED:
        case SEND_WAIT:
        case FULL:
        case RECEIVED:
            from_now(i);
            turn(i);
            break;
        default: // at the end of what is on the wires, or when ADDR has been seen
            break;
        }
    }
    update(i);
}

static void cr2_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_i2c_t *)p);
}

static void ccr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    try_start((stm32_i2c_t *)p);
}

// An address that devices may have (0x08-0x77) means slave mode; drivers write others as a dummy.
static void oar1_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t address = R(p, I2C_OAR1) >> 1 & 0x7F;
    if (address >= 0x08 && address <= 0x77)
        machine_unmodelled(p->m, p->base + I2C_OAR1, "own address: I2C slave mode");
}

static uint32_t dr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    uint8_t value = i->dr;
    if (p->peeking)
        return value;
    R(p, I2C_SR1) &= ~(SR1_RXNE | (i->reading ? SR1_BTF : 0));
    if (i->shift_full) {
        i->shift_full = false;
        i->dr = i->shift;
        R(p, I2C_SR1) |= SR1_RXNE;
    }
    if (i->state == FULL) {
        from_now(i);
        if (i->acked)
            enter(i, RECEIVING, 9);
        else
            i->state = RECEIVED;
    }
    update(i);
    return value;
}

static void dr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    i->dr = p->written & 0xFF;
    if (i->state == STARTED && i->seen & SR1_SB) {
        if ((i->dr & 0xF8) == 0xF0)
            machine_unmodelled(p->m, p->base + I2C_DR, "10-bit I2C address");
        R(p, I2C_SR1) &= ~SR1_SB;
        i->seen = 0;
        i->shift = i->dr;
        i->reading = i->dr & 1;
        from_now(i);
        enter(i, ADDRESS, 9);
    } else if (i->state == SEND_WAIT) {
        R(p, I2C_SR1) &= ~SR1_BTF;
        from_now(i);
        send(i);
    } else if (i->state == SENDING || i->state == REFUSED) {
        R(p, I2C_SR1) &= ~SR1_TXE;
    }
    update(i);
}

static uint32_t sr1_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    if (!p->peeking)
        ((stm32_i2c_t *)p)->seen = R(p, I2C_SR1);
    return R(p, I2C_SR1);
}

static void sr1_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update((stm32_i2c_t *)p);
}

static uint32_t sr2_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    bool busy = R(p, I2C_CR1) & CR1_PE && (i->state != IDLE || !lines_free(i));
    uint32_t value = R(p, I2C_SR2) | (busy ? SR2_BUSY : 0);
    if (!p->peeking && R(p, I2C_SR1) & SR1_ADDR && i->seen & SR1_ADDR) {
        R(p, I2C_SR1) &= ~SR1_ADDR;
        i->seen = 0;
        if (i->state == ADDRESSED)
            proceed(i);
        update(i);
    }
    return value;
}

// Something is on the wires, and `event` is its end.
static bool moving(const stm32_i2c_t *i)
{
    return i->state == STARTING || i->state == ADDRESS || i->state == SENDING ||
           i->state == RECEIVING || i->state == STOPPING;
}

static void lines_changed(void *ctx, pad_t *pad, bool level)
{
    if (level)
        try_start(ctx);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_i2c_t *i = ctx;
    if (!before && moving(i)) // its event may have been lost while the clock stood still
        machine_at(i->p.m, &i->event, clk_ps(clk, i->tick));
}

// ---- The part -----------------------------------------------------------------------------------

static bool i2c_init(part_t *p, GError **error)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    i->ev = part_line(p, "irq_ev");
    i->er = part_line(p, "irq_er");
    i->dma_tx = part_line(p, "dma_tx");
    i->dma_rx = part_line(p, "dma_rx");
    i->last = part_line(p, "last");
    i->scl = part_pad(p, "scl", lines_changed, i);
    i->sda = part_pad(p, "sda", lines_changed, i);
    i->scl->idle = i->sda->idle = true;
    event_init(&i->event, "i2c", wires_done, i);
    clk_listen(p->clk, clock_changed, i);
    return true;
}

static void i2c_reset(part_t *p, bool power)
{
    stm32_i2c_t *i = (stm32_i2c_t *)p;
    release(i);
    i->dr = i->shift = 0;
    i->reading = i->acked = i->next_ack = false;
    // Both lines are let go: transfers draw the edges that anybody watches.
    pad_drive(i->scl, true, true);
    pad_drive(i->sda, true, true);
    update(i);
}

static const part_reg_t i2c_regs[] = {
    {"CR1", I2C_CR1, .ro = ~0xBFFBu, .unimp = CR1_SMBUS, .write = cr1_write},
    {"CR2", I2C_CR2, .ro = ~0x1F3Fu, .write = cr2_write},
    {"OAR1", I2C_OAR1, .ro = ~0xC3FFu, .write = oar1_write},
    {"OAR2", I2C_OAR2, .ro = ~0xFFu, .unimp = 1},
    {"DR", I2C_DR, .ro = ~0xFFu, .read = dr_read, .write = dr_write},
    {"SR1", I2C_SR1, .ro = ~(uint32_t)SR1_ERRORS, .w0c = SR1_ERRORS, .read = sr1_read,
     .write = sr1_write},
    {"SR2", I2C_SR2, .ro = ~0u, .read = sr2_read},
    {"CCR", I2C_CCR, .ro = ~0xCFFFu, .write = ccr_write},
    {"TRISE", I2C_TRISE, .reset = 2, .ro = ~0x3Fu},
    {NULL},
};

const part_class_t stm32_i2c_class = {
    .name = "stm32-i2c",
    .brief = "STM32F1/F2/F4 I2C controller",
    .size = sizeof(stm32_i2c_t),
    .regs = i2c_regs,
    .mmio_size = 0x400,
    .init = i2c_init,
    .reset = i2c_reset,
};
