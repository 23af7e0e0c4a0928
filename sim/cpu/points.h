// SPDX-License-Identifier: GPL-2.0-or-later
// Breakpoints and watchpoints of a debugger, as every engine keeps them.
#pragma once
#include "../cpu.h"

#define POINTS_WATCHES 16

typedef struct points {
    GArray *breaks; // of uint32_t: addresses of instructions
    struct {
        uint32_t address, n;
        watch_t kind;
    } watch[POINTS_WATCHES];
    unsigned watches;
} points_t;

void points_init(points_t *p);
void points_clear(points_t *p);

void points_break(points_t *p, uint32_t address, bool on);
// Any in `n` bytes from `address` on?
bool points_break_in(const points_t *p, uint32_t address, uint32_t n);

// WATCH_NONE takes away what is at these bytes. FALSE: there are too many.
bool points_watch(points_t *p, uint32_t address, uint32_t n, watch_t kind);
// Does an access touch watched bytes? *at: where it begins to, of the last watchpoint; may be NULL.
bool points_watched(const points_t *p, uint32_t address, uint32_t n, bool write, uint32_t *at);
