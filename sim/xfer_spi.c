// SPDX-License-Identifier: GPL-2.0-or-later
// SPI between masters and targets. See xfer.h.
//
// A hardware master's word goes to the selected targets on its clock net as whole bytes when its
// mode suits them; otherwise, and when a program toggles the pins, the target's shift register is
// clocked bit by bit, so that a wrong mode shifts the data as it does on real wires.
#include "machine.h"
#include "xfer.h"

static bool cpol(unsigned mode) { return mode >> 1 & 1; }
// Modes 0 and 3 sample at the rising edge, 1 and 2 at the falling one.
static bool samples_rising(unsigned mode) { return mode == 0 || mode == 3; }

// ---- The target's shift register ----------------------------------------------------------------

static bool miso_bit(const spi_target_t *t) { return t->out >> 7 & 1; }

static void drive_miso(spi_target_t *t)
{
    if (!t->miso)
        return;
    if (t->selected)
        pin_set(t->miso, miso_bit(t));
    else
        pin_release(t->miso);
}

static void load(spi_target_t *t)
{
    t->bit = t->in = 0;
    t->out = t->reply;
}

// One edge of the clock: it samples, or shifts. Where a byte begins its first bit stands already:
// with CPHA 0 before the leading edge, with CPHA 1 that edge makes no difference.
static void clock_edge(spi_target_t *t, bool sck, bool mosi)
{
    if (sck != samples_rising(t->mode)) {
        if (t->bit)
            t->out <<= 1;
        return;
    }
    t->in = t->in << 1 | mosi;
    if (++t->bit == 8) {
        t->byte(t->ctx, t->in);
        load(t);
    }
}

static void sck_edge(void *ctx, pin_t *pin)
{
    spi_target_t *t = ctx;
    if (pin_level(pin) == t->sck_level)
        return;
    t->sck_level = pin_level(pin);
    if (!t->selected)
        return;
    clock_edge(t, t->sck_level, t->mosi && pin_level(t->mosi));
    if (t->sck_level != samples_rising(t->mode))
        drive_miso(t);
}

static void cs_edge(void *ctx, pin_t *pin)
{
    spi_target_t *t = ctx;
    bool selected = !pin_level(pin);
    if (selected == t->selected)
        return;
    t->selected = selected;
    t->sck_level = pin_level(t->sck);
    if (t->select)
        t->select(t->ctx, selected);
    load(t);
    drive_miso(t);
}

void spi_target_attach(spi_target_t *t, pin_t *sck, pin_t *mosi, pin_t *miso, pin_t *cs)
{
    t->sck = sck;
    t->mosi = mosi;
    t->miso = miso;
    t->cs = cs;
    t->sck_level = pin_level(sck);
    sck->spi_target = t;
    sck->edge = sck_edge;
    sck->edge_ctx = t;
    t->selected = !cs;
    load(t);
    if (cs) {
        cs->edge = cs_edge;
        cs->edge_ctx = t;
        cs_edge(t, cs);
    }
    drive_miso(t);
}

// ---- Hardware masters ---------------------------------------------------------------------------

// The word on the wire, its first bit the most significant of `bits`.
static uint16_t in_wire_order(uint16_t word, unsigned bits, bool lsb_first)
{
    uint16_t wire = 0;
    for (unsigned i = 0; i < bits && lsb_first; i++)
        wire = wire << 1 | (word >> i & 1);
    return lsb_first ? wire : word;
}

// Whole bytes: the target's register is between two bytes, and both ends mean the same edges.
static bool takes_bytes(const spi_target_t *t, unsigned bits, unsigned mode)
{
    return bits % 8 == 0 && t->bit == 0 && samples_rising(mode) == samples_rising(t->mode);
}

static uint16_t exchange_bytes(spi_target_t *t, uint16_t wire, unsigned bits)
{
    uint16_t answer = 0;
    for (unsigned at = bits; at > 0; at -= 8) {
        answer = answer << 8 | t->out;
        t->byte(t->ctx, wire >> (at - 8));
        load(t);
    }
    drive_miso(t);
    return answer;
}

// `level`: what MOSI was before. A device samples before its master's edge changes the line.
static uint16_t exchange_bits(spi_target_t *t, uint16_t wire, unsigned bits, unsigned mode,
                              bool level)
{
    uint16_t answer = 0;
    bool cpha = mode & 1;
    for (unsigned at = bits; at > 0; at--) {
        bool mosi = wire >> (at - 1) & 1, sampled = miso_bit(t);
        clock_edge(t, !cpol(mode), cpha ? level : mosi);
        if (cpha)
            sampled = miso_bit(t);
        clock_edge(t, cpol(mode), mosi);
        answer = answer << 1 | sampled;
        level = mosi;
    }
    drive_miso(t);
    return answer;
}

static void draw(pin_t *pin, bool level, uint64_t ps)
{
    if (pin)
        net_draw(pin->net, level, ps);
}

// The word's edges; its last clock ends now.
static void draw_word(pin_t *sck, pin_t *mosi, pin_t *miso, uint16_t out, uint16_t in,
                      unsigned bits, unsigned mode, uint64_t bit_ps)
{
    uint64_t now = machine_now_ps(sck->net->m), start = now - MIN(now, bits * bit_ps);
    // CPHA 0: data comes half a bit before the first edge.
    uint64_t lead = mode & 1 ? 0 : bit_ps / 2;
    for (unsigned i = 0; i < bits; i++) {
        uint64_t at = start + i * bit_ps;
        draw(mosi, out >> (bits - 1 - i) & 1, at);
        draw(miso, in >> (bits - 1 - i) & 1, at);
        draw(sck, !cpol(mode), at + lead);
        draw(sck, cpol(mode), at + lead + bit_ps / 2);
    }
}

static bool watched(const pin_t *pin) { return pin && net_watched(pin->net); }

uint16_t spi_transfer(pin_t *sck, pin_t *mosi, pin_t *miso, uint16_t word, unsigned bits,
                      unsigned mode, bool lsb_first, uint64_t bit_ps)
{
    uint16_t mask = (1u << bits) - 1;
    uint16_t wire = in_wire_order(word & mask, bits, lsb_first);
    uint16_t in = miso && pin_level(miso) ? mask : 0;
    if (miso && mosi && miso->net == mosi->net)
        in = wire;
    for (guint i = 0; i < sck->net->pins->len; i++) {
        spi_target_t *t = ((pin_t *)sck->net->pins->pdata[i])->spi_target;
        if (!t || !t->selected)
            continue;
        // Not wired to our MOSI, it sees what is there.
        bool level = t->mosi && pin_level(t->mosi);
        bool wired = mosi && t->mosi && t->mosi->net == mosi->net;
        uint16_t seen = wired ? wire : level ? mask : 0;
        uint16_t answer = takes_bytes(t, bits, mode)
                              ? exchange_bytes(t, seen, bits)
                              : exchange_bits(t, seen, bits, mode, level);
        if (miso && t->miso && t->miso->net == miso->net)
            in = answer & mask;
    }
    if (watched(sck) || watched(mosi) || watched(miso))
        draw_word(sck, mosi, miso, wire, in, bits, mode, bit_ps);
    return in_wire_order(in, bits, lsb_first);
}
