// SPDX-License-Identifier: GPL-2.0-or-later
// Hot blocks of a Cortex-M as machine code of the host (x86-64), for the engine's files only. Integer code
// in flash and ROM that accesses memories; what else a block has, Unicorn runs it.
#pragma once
#include "cortexm_int.h"

// How the host's code was left.
typedef enum {
    NATIVE_BOUNDARY, // a block starts at `resume` that cannot be run (now)
    NATIVE_LINK,     // ... that the host's code has not seen yet; `site` branches there
    NATIVE_INDIRECT, // ... and its entry penalty is not counted
    NATIVE_BEFORE,   // before instruction exit_ins of exit_block
} native_exit_t;

// What the code of the host works on. Its register rbx points here.
typedef struct cm_native {
    uint32_t r[16];  // of the guest; r[15] is not used
    uint32_t nz;     // N and Z are those of this value
    uint8_t c, v, q; // flags, 0 or 1
    uint32_t resume;
    uint32_t exit_ins;
    cm_block_t *exit_block;
    uint8_t *site;   // of a 32-bit displacement
    uint64_t cycles, limit;
    cm_flash_t *flash;
    cm_block_t **cache;
    cortexm_t *cpu;
    uint32_t xpsr;   // as it was taken over
    uint8_t *code, *at, *end; // the buffer
    unsigned (*enter)(struct cm_native *n, const void *code);
    bool failed; // no memory
} cm_native_t;

// cortexm_native.c
void cm_native_clear(cortexm_t *c);
void cm_native_forget(cortexm_t *c); // all code
bool cm_native_run(cortexm_t *c, cm_block_t *b); // FALSE: nothing was run
void cm_native_hot(cortexm_t *c, cm_block_t *b); // entered often: shall it be native?

// cortexm_x86.c
void cm_x86_start(cm_native_t *n);               // the code that enters and leaves
void *cm_x86_translate(cm_native_t *n, const cm_block_t *b); // NULL: cannot be
void cm_x86_link(uint8_t *site, const void *to);
