// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of the nRF51 radio, bit by bit: see radio_packet.h.
#include "radio_packet.h"

static uint32_t field(uint32_t word, unsigned at, unsigned n) { return word >> at & ((1u << n) - 1); }

packet_layout_t packet_layout(const part_t *p)
{
    uint32_t p0 = R(p, PCNF0), p1 = R(p, PCNF1), crc = R(p, CRCCNF);
    return (packet_layout_t){.s0 = field(p0, 8, 1) * 8, .length = MIN(field(p0, 0, 4), 8),
                             .s1 = MIN(field(p0, 16, 4), 8), .max = field(p1, 0, 8),
                             .stat = field(p1, 8, 8), .base = CLAMP(field(p1, 16, 3), 2, 4),
                             .msb_first = field(p1, 24, 1), .whiten = field(p1, 25, 1),
                             .crc = field(crc, 0, 2), .crc_skips_address = field(crc, 8, 1)};
}

uint64_t packet_address(const part_t *p, const packet_layout_t *l, unsigned logical)
{
    uint32_t base = R(p, logical ? BASE1 : BASE0) >> (8 * (4 - l->base));
    uint8_t prefix = R(p, PREFIX0 + (logical & 4)) >> 8 * (logical & 3);
    return base | (uint64_t)prefix << 8 * l->base;
}

// Whitening: x^7 + x^4 + 1; bit 0 of the register is its last stage.
static bool white(uint8_t *lfsr)
{
    bool out = *lfsr & 1;
    *lfsr = (uint8_t)(*lfsr >> 1 ^ (out ? 0x44 : 0));
    return out;
}

static uint32_t crc_bit(const part_t *p, const packet_layout_t *l, uint32_t crc, bool bit)
{
    unsigned n = 8 * l->crc;
    if (!n)
        return 0;
    bool feed = (crc >> (n - 1) & 1) != bit;
    return (crc << 1 ^ (feed ? R(p, CRCPOLY) : 0)) & (uint32_t)((UINT64_C(1) << n) - 1);
}

stream_t stream_open(part_t *p, const air_port_t *port, air_packet_t *out, const air_packet_t *in)
{
    stream_t s = {.p = p, .port = port, .l = packet_layout(p), .out = out, .in = in};
    s.lfsr = (R(p, DATAWHITEIV) & 0x3F) | 0x40;
    s.crc = R(p, CRCINIT) & (uint32_t)((UINT64_C(1) << 8 * s.l.crc) - 1);
    return s;
}

// One bit as it is on the air.
static bool raw_bit(stream_t *s, bool bit)
{
    uint32_t at = s->at++;
    if (s->in)
        return air_bit(s->port, s->in, at, PACKET_MARGIN_DB);
    if (bit)
        s->out->data[at / 8] |= 1u << at % 8;
    return bit;
}

static uint64_t plain_bits(stream_t *s, uint64_t value, unsigned n, bool crc)
{
    uint64_t got = 0;
    for (unsigned i = 0; i < n; i++) {
        bool bit = raw_bit(s, value >> i & 1);
        got |= (uint64_t)bit << i;
        if (crc)
            s->crc = crc_bit(s->p, &s->l, s->crc, bit);
    }
    return got;
}

uint32_t stream_field(stream_t *s, uint32_t value, unsigned n)
{
    uint32_t got = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned place = s->l.msb_first ? n - 1 - i : i;
        bool mask = s->l.whiten && white(&s->lfsr);
        bool bit = raw_bit(s, (value >> place & 1) ^ mask) ^ mask;
        got |= (uint32_t)bit << place;
        s->crc = crc_bit(s->p, &s->l, s->crc, bit);
    }
    return got;
}

uint32_t stream_crc(stream_t *s)
{
    uint32_t value = s->crc, got = 0;
    for (unsigned i = 8 * s->l.crc; i-- > 0;) {
        bool mask = s->l.whiten && white(&s->lfsr);
        got = got << 1 | (raw_bit(s, (value >> i & 1) ^ mask) ^ mask);
    }
    return got;
}

uint64_t stream_address(stream_t *s, uint64_t address)
{
    s->at = 0;
    plain_bits(s, address & 1 ? 0x55 : 0xAA, PREAMBLE_BITS, false);
    return plain_bits(s, address, 8 * (s->l.base + 1), !s->l.crc_skips_address);
}

unsigned stream_header(stream_t *s, uint8_t *memory, unsigned *length)
{
    unsigned n = 0, widths[3] = {s->l.s0, s->l.length, s->l.s1};
    *length = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (!widths[i])
            continue;
        memory[n] = stream_field(s, memory[n], widths[i]);
        if (i == 1)
            *length = memory[n] & ((1u << widths[i]) - 1);
        n++;
    }
    return n;
}
