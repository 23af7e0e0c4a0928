// SPDX-License-Identifier: GPL-2.0-or-later
// Writing random Thumb programs, for tests that run them in two ways.
#pragma once
#include "core.h"

typedef struct gen {
    GRand *rand;
    uint8_t code[0x8000];
    uint32_t at, leaf[4]; // where the next instruction goes; functions to call
    bool v6m;             // for a Cortex-M0
} gen_t;

static inline unsigned pick(gen_t *g, unsigned n) { return g_rand_int(g->rand) % n; }
static inline unsigned low(gen_t *g) { return pick(g, 8); }

static inline void put16(gen_t *g, unsigned h)
{
    g->code[g->at++] = h;
    g->code[g->at++] = h >> 8;
}

static inline void put32(gen_t *g, unsigned h, unsigned h2)
{
    put16(g, h);
    put16(g, h2);
}

static inline void branch_link(gen_t *g, uint32_t to)
{
    int32_t d = (int32_t)(to - (g->at + 4)) >> 1;
    unsigned s = d < 0, i1 = d >> 22 & 1, i2 = d >> 21 & 1;
    put32(g, 0xF000 | s << 10 | (d >> 11 & 0x3FF),
          0xD000 | !(i1 ^ s) << 13 | !(i2 ^ s) << 11 | (d & 0x7FF));
}

// reg = v
static inline void literal32(gen_t *g, unsigned reg, uint32_t v)
{
    if (g->v6m) { // by bytes
        put16(g, 0x2000 | reg << 8 | v >> 24);
        for (int shift = 16; shift >= 0; shift -= 8) {
            put16(g, 8 << 6 | reg << 3 | reg);
            put16(g, 0x3000 | reg << 8 | (v >> shift & 0xFF));
        }
        return;
    }
    for (unsigned top = 0; top < 2; top++, v >>= 16)
        put32(g, (top ? 0xF2C0 : 0xF240) | (v >> 12 & 15) | (v >> 11 & 1) << 10,
              (v >> 8 & 7) << 12 | reg << 8 | (v & 0xFF));
}
