// SPDX-License-Identifier: GPL-2.0-or-later
// I2C between controllers and targets. See xfer.h. Bus rules: NXP UM10204, chapter 3.
//
// A hardware controller's calls reach the targets on its nets byte by byte. A target also listens
// to the edges of its own lines, so that a program that toggles pins is understood: the decoder
// below drives acknowledge and data onto SDA while SCL is low. Lines are only ever pulled low, so
// the bus needs its pull-ups. Not modelled: clock stretching by targets, 10-bit addresses,
// arbitration.
#include "machine.h"
#include "xfer.h"

enum { IDLE, ADDRESS, WRITING, READING, IGNORING };

// ---- Decoder of bit-banged controllers ----------------------------------------------------------

static void sda_low(i2c_target_t *t, bool low)
{
    if (low)
        pin_drive(t->sda, DRIVE_STRONG, 0);
    else
        pin_release(t->sda);
}

static void deselect(i2c_target_t *t)
{
    if (t->selected && t->stop)
        t->stop(t->ctx);
    t->selected = false;
}

static bool address(i2c_target_t *t, uint8_t address7, bool read)
{
    bool taken = t->start(t->ctx, address7, read);
    if (!taken)
        deselect(t);
    t->selected = taken;
    return taken;
}

static void started(i2c_target_t *t)
{
    t->state = ADDRESS;
    t->bit = t->shift = 0;
    sda_low(t, false);
}

static void stopped(i2c_target_t *t)
{
    t->state = IDLE;
    sda_low(t, false);
    deselect(t);
}

// SCL rose: the bit on SDA counts.
static void clock_rose(i2c_target_t *t)
{
    if (t->state == IDLE || t->state == IGNORING)
        return;
    if (t->bit < 8 && t->state != READING)
        t->shift = t->shift << 1 | t->sda_level;
    if (t->bit == 8 && t->state == READING)
        t->ack = !t->sda_level; // the controller's
    t->bit++;
}

// Eight bits have come in: what the target says to them.
static bool byte_came(i2c_target_t *t)
{
    if (t->state == WRITING)
        return t->write(t->ctx, t->shift);
    t->reading = t->shift & 1;
    return address(t, t->shift >> 1, t->reading);
}

// The ninth clock is over: what comes next.
static void byte_over(i2c_target_t *t)
{
    t->bit = 0;
    if (t->state == ADDRESS)
        t->state = !t->selected ? IGNORING : t->reading ? READING : WRITING;
    else if (t->state == READING && !t->ack)
        t->state = IGNORING; // until the stop or the next start
    if (t->state == READING)
        t->shift = t->read(t->ctx);
}

// SCL fell: SDA may change.
static void clock_fell(i2c_target_t *t)
{
    if (t->state == IDLE || t->state == IGNORING)
        return;
    if (t->bit == 9)
        byte_over(t);
    if (t->state == READING)
        sda_low(t, t->bit < 8 && !(t->shift >> (7 - t->bit) & 1));
    else
        sda_low(t, t->bit == 8 && byte_came(t));
}

static void scl_edge(void *ctx, pin_t *pin)
{
    i2c_target_t *t = ctx;
    if (pin_level(pin) == t->scl_level)
        return;
    t->scl_level = pin_level(pin);
    if (t->scl_level)
        clock_rose(t);
    else
        clock_fell(t);
}

static void sda_edge(void *ctx, pin_t *pin)
{
    i2c_target_t *t = ctx;
    if (pin_level(pin) == t->sda_level)
        return;
    t->sda_level = pin_level(pin);
    if (!pin_level(t->scl))
        return;
    if (t->sda_level)
        stopped(t);
    else
        started(t);
}

void i2c_target_attach(i2c_target_t *t, pin_t *scl, pin_t *sda)
{
    t->scl = scl;
    t->sda = sda;
    t->scl_level = pin_level(scl);
    t->sda_level = pin_level(sda);
    sda->i2c_target = t;
    scl->edge = scl_edge;
    sda->edge = sda_edge;
    scl->edge_ctx = sda->edge_ctx = t;
}

// ---- Edges of a hardware controller's bytes, for those who watch --------------------------------

static bool watched(const pin_t *scl, const pin_t *sda)
{
    return net_watched(scl->net) || net_watched(sda->net);
}

// Eight bits and the acknowledge, ending now with SCL low.
static void draw_byte(pin_t *scl, pin_t *sda, uint8_t byte, bool ack, uint64_t bit_ps)
{
    if (!watched(scl, sda))
        return;
    uint64_t now = machine_now_ps(scl->net->m), start = now - MIN(now, 9 * bit_ps);
    for (unsigned i = 0; i < 9; i++) {
        uint64_t at = start + i * bit_ps;
        net_draw(sda->net, i < 8 ? byte >> (7 - i) & 1 : !ack, at + bit_ps / 4);
        net_draw(scl->net, true, at + bit_ps / 2);
        net_draw(scl->net, false, at + bit_ps);
    }
}

// A (repeated) start condition whose byte ends now: SDA falls one bit time before the byte begins.
static void draw_start(pin_t *scl, pin_t *sda, uint64_t bit_ps)
{
    if (!watched(scl, sda))
        return;
    uint64_t now = machine_now_ps(scl->net->m), start = now - MIN(now, 10 * bit_ps);
    net_draw(sda->net, true, start);
    net_draw(scl->net, true, start + bit_ps / 4);
    net_draw(sda->net, false, start + bit_ps / 2);
    net_draw(scl->net, false, start + bit_ps);
}

// ---- Hardware controllers -----------------------------------------------------------------------

#define FOR_EACH_TARGET(t, scl, sda)                                                 \
    for (guint i_ = 0; i_ < (sda)->net->pins->len; i_++)                             \
        for (i2c_target_t *t = ((pin_t *)(sda)->net->pins->pdata[i_])->i2c_target;   \
             t && t->scl->net == (scl)->net; t = NULL)

bool i2c_bus_ready(const pin_t *scl, const pin_t *sda) { return pin_level(scl) && pin_level(sda); }

i2c_ack_t i2c_start(pin_t *scl, pin_t *sda, uint8_t address7, bool read, uint64_t bit_ps)
{
    if (!i2c_bus_ready(scl, sda))
        return I2C_STUCK;
    bool ack = false;
    FOR_EACH_TARGET(t, scl, sda)
        ack |= address(t, address7, read);
    draw_start(scl, sda, bit_ps);
    draw_byte(scl, sda, address7 << 1 | read, ack, bit_ps);
    return ack ? I2C_ACK : I2C_NACK;
}

i2c_ack_t i2c_write(pin_t *scl, pin_t *sda, uint8_t byte, uint64_t bit_ps)
{
    bool ack = false;
    FOR_EACH_TARGET(t, scl, sda)
        if (t->selected)
            ack |= t->write(t->ctx, byte);
    draw_byte(scl, sda, byte, ack, bit_ps);
    return ack ? I2C_ACK : I2C_NACK;
}

uint8_t i2c_read(pin_t *scl, pin_t *sda, bool ack, uint64_t bit_ps)
{
    uint8_t byte = 0xFF; // what nobody pulls down is high
    FOR_EACH_TARGET(t, scl, sda)
        if (t->selected)
            byte &= t->read(t->ctx);
    draw_byte(scl, sda, byte, ack, bit_ps);
    return byte;
}

void i2c_stop(pin_t *scl, pin_t *sda, uint64_t bit_ps)
{
    FOR_EACH_TARGET(t, scl, sda)
        deselect(t);
    if (!watched(scl, sda))
        return;
    uint64_t now = machine_now_ps(scl->net->m), start = now - MIN(now, bit_ps);
    net_draw(sda->net, false, start + bit_ps / 4);
    net_draw(scl->net, true, start + bit_ps / 2);
    net_draw(sda->net, true, now);
}

// ---- Targets of byte registers ------------------------------------------------------------------

static bool regs_start(void *ctx, uint8_t address7, bool read)
{
    i2c_regs_t *r = ctx;
    r->pointed = false;
    return r->on && address7 == r->address;
}

static bool regs_write(void *ctx, uint8_t byte)
{
    i2c_regs_t *r = ctx;
    if (!r->pointed)
        r->pointer = byte;
    else
        r->write(r->ctx, r->pointer++, byte);
    r->pointed = true;
    return true;
}

static uint8_t regs_read(void *ctx)
{
    i2c_regs_t *r = ctx;
    uint8_t reg = r->pointer;
    r->pointer = r->after ? r->after(r->ctx, reg) : reg + 1;
    return r->read(r->ctx, reg);
}

void i2c_regs_attach(i2c_regs_t *r, pin_t *scl, pin_t *sda)
{
    r->target = (i2c_target_t){.start = regs_start, .write = regs_write, .read = regs_read, .ctx = r};
    i2c_target_attach(&r->target, scl, sda);
}
