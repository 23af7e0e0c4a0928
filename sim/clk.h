// SPDX-License-Identifier: GPL-2.0-or-later
// Clocks: the exact conversion between picoseconds and the ticks of one clock signal.
//
// A clk_t is one node of a clock tree (hclk, pclk1, lse ...). The model of the clock controller sets
// its frequency; the models that count on it are told before and after, so that they can latch their
// count and schedule anew. Ticks round down, deadlines round up, so that
// clk_ticks(c, clk_ps(c, n)) == n always holds.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct clk clk_t;
// `before` is true just before the frequency changes (counts still read at the old one), then false
// just after (schedule anew).
typedef void (*clk_fn_t)(void *ctx, clk_t *clk, bool before, uint64_t now_ps);

struct clk {
    char *name;           // owned
    uint64_t num;         // frequency = num / den Hz; num 0 = stopped
    uint32_t den;
    uint64_t epoch_ps;    // saved: at this time ...
    uint64_t epoch_ticks; // saved: ... the clock had made this many ticks
    GArray *listeners;    // of clk_listener_t
};

void clk_init(clk_t *c, const char *name, uint64_t hz);
void clk_clear(clk_t *c);
// Ticks completed by `ps` (which is not before the last frequency change).
uint64_t clk_ticks(const clk_t *c, uint64_t ps);
// The first tick that is completed at or after `ps`: where something that begins at `ps` begins.
uint64_t clk_tick_from(const clk_t *c, uint64_t ps);
// The first picosecond at which `ticks` ticks are completed; PS_NEVER when stopped or out of range.
uint64_t clk_ps(const clk_t *c, uint64_t ticks);
// How long `ticks` ticks last at the present frequency, rounded down; 0 when stopped.
uint64_t clk_span_ps(const clk_t *c, uint64_t ticks);
// Changes the frequency at `now_ps`; no effect and no calls when it is the same.
void clk_set(clk_t *c, uint64_t num, uint32_t den, uint64_t now_ps);
void clk_listen(clk_t *c, clk_fn_t fn, void *ctx);
double clk_hz(const clk_t *c);
