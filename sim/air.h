// SPDX-License-Identifier: GPL-2.0-or-later
// The air between radios of several boards: packets with their times, bit by bit.
//
// A radio's model joins with a port, and hears what ports of other machines send. What a radio sends
// at time T cannot be noticed by any other before T + AIR_NOTICE_PS: that is what it takes to get
// through the sender's and the receiver's chains. So boards may run that far apart; a radio that is
// far from sending says so (`silent_until`), and they may run further apart (world.h).
//
// Everything sent is handed over by air_deliver, between two slices of the machines, in an order that
// depends on the packets alone. All boards hear each other equally well, but for the losses that
// ports have (their distance).
#pragma once
#include "event.h"
#include <stdbool.h>
#include <stdint.h>

#define AIR_NOTICE_PS (4 * PS_PER_US)
enum { AIR_BYTES = 280, AIR_SILENCE_DBM = -120 };

struct machine;
typedef struct air air_t;
typedef struct air_port air_port_t;

typedef struct air_packet {
    uint64_t number;   // in order of delivery, from 1; 0 = not yet delivered
    uint64_t start_ps; // of its first bit
    uint64_t cut_ps;   // the carrier went away then; PS_NEVER: not before the end
    uint64_t bit_ps;
    uint32_t bits;     // preamble included
    uint16_t mhz;      // carrier
    uint8_t modulation; // receivers understand only their own; the radio's numbers
    int8_t dbm;        // at the sender's antenna
    double loss_db;    // of the sender
    const air_port_t *from;
    uint64_t tag;      // the sender's own, for air_cut
    uint8_t data[AIR_BYTES]; // first bit on the air = bit 0 of data[0]
} air_packet_t;

struct air_port {
    struct machine *m;
    // The earliest time at which this radio may send or cut off something that it has not yet told,
    // as its state is at `now_ps`; never before `now_ps`.
    uint64_t (*silent_until)(void *ctx, uint64_t now_ps);
    // Somebody else's packet. The machine's time may be after its start, but not by AIR_NOTICE_PS.
    // `p` stays valid until 20 ms after the longest packet that could begin now.
    void (*heard)(void *ctx, const air_packet_t *p);
    void *ctx;
    double loss_db; // between this radio and the middle of the room; may change at any time
    air_t *air;     // internal: NULL while not joined
};

air_t *air_new(void);
void air_free(air_t *a); // after the machines
void air_join(air_t *a, air_port_t *port); // NULL: nobody listens
// Sends; `p` is copied. number and from are filled in.
void air_send(air_port_t *port, const air_packet_t *p);
// The packet with this tag of this port ends at `ps` already.
void air_cut(air_port_t *port, uint64_t tag, uint64_t ps);

static inline uint64_t air_end_ps(const air_packet_t *p)
{
    uint64_t end = p->start_ps + p->bits * p->bit_ps;
    return p->cut_ps < end ? p->cut_ps : end;
}
// How strong it is at a port.
static inline double air_level_dbm(const air_port_t *at, const air_packet_t *p)
{
    return p->dbm - p->loss_db - at->loss_db;
}
// The strongest of what others send on this carrier at that moment; AIR_SILENCE_DBM: nothing.
double air_strongest_dbm(const air_port_t *at, uint16_t mhz, uint64_t ps);
// A bit of a packet as this port receives it: that of the packet, or noise where the carrier is
// gone or others on it are stronger than `margin_db` below.
bool air_bit(const air_port_t *at, const air_packet_t *p, uint32_t bit, double margin_db);

// ---- For world.c --------------------------------------------------------------------------------
// Hands over all that was sent since the last call.
void air_deliver(air_t *a);
// The earliest moment at which something may be noticed that has not been delivered yet, when the
// machine of each port does nothing before `wakes(m)`.
uint64_t air_horizon_ps(const air_t *a, uint64_t (*wakes)(const struct machine *m));
