// SPDX-License-Identifier: GPL-2.0-or-later
// Lines: digital signals inside a chip (interrupt requests, DMA requests, a timer's output on its way
// to a pin). One driver, any number of listeners, two levels, no strength; wires on the board are nets
// (net.h). A line belongs to the machine and is found by its name "part.signal".
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct line line_t;
// Called on a change of level only.
typedef void (*line_fn_t)(void *ctx, int arg, bool level);

struct line {
    char *name; // owned: "usart1.irq"
    bool level; // saved
    uint32_t high; // saved: how many of the lines joined to this one are high
    GArray *listeners;
};

void line_init(line_t *l, const char *name);
void line_clear(line_t *l);
void line_listen(line_t *l, line_fn_t fn, void *ctx, int arg);
void line_set(line_t *l, bool level);
// A pulse: up and down at the same time, for edge-like signals (a timer's TRGO).
void line_pulse(line_t *l);
// Whoever drives `from` also drives `to`. A line that several are joined to is their OR (shared
// interrupts: "tim1.up" and "tim10.irq" on "irq.25").
void line_join(line_t *from, line_t *to);
