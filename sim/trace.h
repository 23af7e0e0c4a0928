// SPDX-License-Identifier: GPL-2.0-or-later
// Traces of a machine: the pin history as a hash and as a VCD file.
#pragma once
#include "machine.h"
#include <stdio.h>

typedef struct trace trace_t;
trace_t *trace_new(machine_t *m);
void trace_free(trace_t *t);
// Watches one net / all nets of the board. Each change (time, net, level) enters the hash.
void trace_net(trace_t *t, net_t *net);
void trace_all(trace_t *t);
uint64_t trace_hash(const trace_t *t); // FNV-1a, 64 bit, over (time_ps, net id, level)
uint64_t trace_edges(const trace_t *t);
// Writes changes to a VCD file as they happen, timescale 1 ps. Errors of writing come from trace_vcd_end.
bool trace_vcd(trace_t *t, const char *path, GError **error);
bool trace_vcd_end(trace_t *t, GError **error);
