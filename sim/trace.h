// SPDX-License-Identifier: GPL-2.0-or-later
// Traces of a machine: the pin history as a hash and as a VCD file.
//
// Edges of bytes that a hardware controller moved are told when the byte is over (net.h), so
// edges of different nets may come out of order. The file holds edges back until the order is
// certain, and the hash is one per net, joined in the order of the nets.
#pragma once
#include "machine.h"

typedef struct trace trace_t;
trace_t *trace_new(machine_t *m);
void trace_free(trace_t *t); // before the machine; ends the file, too
// Watches one net / all nets that have more than one pin or a pin of the chip. A net is watched
// once.
void trace_net(trace_t *t, net_t *net);
void trace_all(trace_t *t);
// FNV-1a, 64 bit: of each net over its edges (time_ps, level), then over (net id, its hash).
uint64_t trace_hash(const trace_t *t);
uint64_t trace_edges(const trace_t *t);
// Writes the nets that are watched by now to a VCD file as they change, timescale 1 ps. Errors of
// writing (a full disk) come from trace_vcd_end; after the first nothing more is written.
bool trace_vcd(trace_t *t, const char *path, GError **error);
bool trace_vcd_end(trace_t *t, GError **error);
