// SPDX-License-Identifier: GPL-2.0-or-later
// The host's end of the board's serial connection: a part ("serial-monitor") with pins TX and RX whose
// other side is two byte queues. Bytes travel at the real bit time in both directions.
#pragma once
#include "part.h"

// Called for each byte from the board, at the simulated end of its stop bit.
typedef void (*serial_fn_t)(void *ctx, uint8_t byte, uint64_t now_ps);
void serial_listen(part_t *serial, serial_fn_t fn, void *ctx);
// Queues bytes towards the board, sent back to back from now on. The queue has no bound.
void serial_send(part_t *serial, const void *bytes, size_t n);
size_t serial_pending(const part_t *serial); // bytes not yet sent
