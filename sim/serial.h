// SPDX-License-Identifier: GPL-2.0-or-later
// The host's end of the board's serial connection: a part ("serial-monitor") with pins TX and RX whose
// other side is two byte queues. Bytes travel at the real bit time in both directions. It is the board's
// USB-serial bridge too: its pins DTR and RTS, and the speed and form of its frames, are set from the host.
#pragma once
#include "part.h"

// Called for each byte from the board, at the simulated end of its stop bit.
typedef void (*serial_fn_t)(void *ctx, uint8_t byte, uint64_t now_ps);
void serial_listen(part_t *serial, serial_fn_t fn, void *ctx);
// Queues bytes towards the board, sent back to back from now on. The queue has no bound.
void serial_send(part_t *serial, const void *bytes, size_t n);
// What the board sends is read at the speed at which it sends, whatever that is, until somebody sets the
// speed: for people, who want to read also what a boot ROM says before the firmware sets another speed.
void serial_follow(part_t *serial);
size_t serial_pending(const part_t *serial); // bytes not yet sent

// What a computer sets on its serial port.
typedef enum {
    SERIAL_BAUD,       // 1 to SERIAL_BAUD_MAX
    SERIAL_BITS,       // data bits, 5 to 8
    SERIAL_PARITY,     // 'n', 'e' or 'o'
    SERIAL_HALF_STOPS, // stop bits x 2
    SERIAL_LINES,      // of SERIAL_DTR and SERIAL_RTS, those that are asserted
    SERIAL_BREAK,      // 1: the line to the board is low from now on; 0: no longer
    SERIAL_PURGE,      // forget the bytes that are not sent yet
} serial_what_t;
enum { SERIAL_BAUD_MAX = 20000000, SERIAL_DTR = 1, SERIAL_RTS = 2 };
typedef struct serial_control {
    serial_what_t what;
    uint32_t value;
} serial_control_t;
// Takes effect behind the bytes that were queued before it, those queued later wait for it; only
// SERIAL_PURGE does at once. Between two changes of lines 20 ms pass: a computer leaves as much and more
// between those that mean something, and one that is held up must not make them one.
void serial_control(part_t *serial, serial_control_t control);
