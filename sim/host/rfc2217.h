// SPDX-License-Identifier: GPL-2.0-or-later
// The server's side of the Telnet COM port control option (RFC 2217; Telnet: RFC 854, 855, 1143): takes the
// bytes of a client apart into data and settings of the port, and makes the answers. Sockets are link.c's.
#pragma once
#include "serial.h"

typedef struct rfc2217 {
    // How far into a command of the client: see rfc2217.c.
    uint8_t state, verb;
    bool after_cr;
    uint8_t sub[64]; // of a subnegotiation
    unsigned sub_len;
    uint8_t us, them;           // options that are on, one bit each
    uint32_t baud;              // what the client has set
    uint8_t bits, parity, stops; // as RFC 2217 numbers them
    uint8_t lines;              // SERIAL_DTR, SERIAL_RTS
    bool brk, suspended;        // suspended: the client takes nothing now
    bool has_control;
    serial_control_t control;
    GByteArray *replies;        // to the client, not yet taken
} rfc2217_t;

void rfc2217_init(rfc2217_t *t, uint32_t baud);
void rfc2217_clear(rfc2217_t *t);
// A client has come: what it has set is kept, as a port does. Fills `replies` with our offers.
void rfc2217_open(rfc2217_t *t);
// It is gone: lines and break that it left asserted. Each call gives one; FALSE: no more.
bool rfc2217_closed(rfc2217_t *t, serial_control_t *control);
// Takes up to n bytes from the client and puts data bytes, not more than those, to `to`. Stops behind a
// change of the port, which rfc2217_control then gives. Returns how many bytes were taken.
size_t rfc2217_read(rfc2217_t *t, const uint8_t *from, size_t n, uint8_t *to, size_t *got);
bool rfc2217_control(rfc2217_t *t, serial_control_t *control);
// A data byte for the client, into one or two; returns how many.
unsigned rfc2217_escape(uint8_t byte, uint8_t to[2]);
