// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of the nRF51 radio on the air (nRF51 Series Reference Manual v3.0, chapter RADIO): preamble,
// base address, prefix, S0, LENGTH, S1, payload, CRC. The radio's registers say how they are made.
#pragma once
#include "air.h"
#include "nrf51.h"

enum { PCNF0 = 0x514, PCNF1 = 0x518, BASE0 = 0x51C, BASE1 = 0x520, PREFIX0 = 0x524, PREFIX1 = 0x528,
       CRCCNF = 0x534, CRCPOLY = 0x538, CRCINIT = 0x53C, DATAWHITEIV = 0x554 };
// PACKET_MAX: bytes in memory. Another carrier this much weaker does no harm (C/I, co-channel).
enum { PREAMBLE_BITS = 8, PACKET_MAX = 3 + 255, PACKET_MARGIN_DB = 10 };

typedef struct {
    unsigned s0, length, s1; // bits on the air
    unsigned stat, max;      // bytes
    unsigned base;           // bytes of the base address
    unsigned crc;            // bytes
    bool msb_first, whiten, crc_skips_address;
} packet_layout_t;

packet_layout_t packet_layout(const part_t *p);
static inline unsigned packet_address_bits(const packet_layout_t *l) // with the preamble
{
    return PREAMBLE_BITS + 8 * (l->base + 1);
}
static inline unsigned packet_header_bits(const packet_layout_t *l)
{
    return l->s0 + l->length + l->s1;
}
// Bytes of the payload, the static ones included.
static inline unsigned packet_payload(const packet_layout_t *l, unsigned length)
{
    return MIN(length + l->stat, l->max);
}
// The address as it is on the air, least significant bit first: base, then prefix.
uint64_t packet_address(const part_t *p, const packet_layout_t *l, unsigned logical);

// The bits of one packet, going out or coming in. Fields are passed in their order; when a packet is
// received the values passed are ignored and what came is returned.
typedef struct {
    part_t *p;
    const air_port_t *port;
    packet_layout_t l;
    air_packet_t *out;      // sending: bits are appended; or
    const air_packet_t *in; // receiving
    uint32_t at;            // next bit
    uint8_t lfsr;           // whitening
    uint32_t crc;           // of the bits so far
} stream_t;

stream_t stream_open(part_t *p, const air_port_t *port, air_packet_t *out, const air_packet_t *in);
uint64_t stream_address(stream_t *s, uint64_t address); // with the preamble
// S0, LENGTH and S1, each a byte of memory if it is there at all. Returns how many bytes they take.
unsigned stream_header(stream_t *s, uint8_t *memory, unsigned *length);
// A field of the header or a byte of the payload: whitened, in the bit order of ENDIAN.
uint32_t stream_field(stream_t *s, uint32_t value, unsigned n);
uint32_t stream_crc(stream_t *s); // most significant bit first
