/* SPDX-License-Identifier: MIT
 * vm_frame.h: frames on the value stack; between vm.c, call.c and generator.c.
 *
 * A frame is a window of code->regs words. It overlaps the window of its caller, who has put the
 * arguments there: they are the callee's first registers. In front of it stand
 *
 *   R[-4]  the generator, of a generator's frame
 *   R[-3]  the function; the caller's register a, where it was called from
 *   R[-2]  where the caller goes on (an instruction's address, not a value)
 *   R[-1]  link: kind of frame, and fields a and c of the calling instruction
 *
 * The stack is a chain of chunks; a frame that does not fit begins a new one (LINK_CHUNK), so that
 * frames never move.
 */
#ifndef ADDER_VM_FRAME_H
#define ADDER_VM_FRAME_H

#include "ops.h"
#include "state.h"

enum {
    LINK_CALL = 1,     /* the result goes to register c of the caller */
    LINK_MAKE = 3,     /* __init__: register a of the caller, the instance, goes to register c */
    LINK_ENTRY = 5,    /* called from C: vm_run returns */
    LINK_FOR = 7,      /* generator resumed by FORITER; the window follows the caller's */
    LINK_RESUME = 9,   /* generator resumed from C */
    LINK_CHUNK = 0x80, /* flag: first frame of a chunk, chunk->caller is the caller's window */
    LINK_KIND = 0x7f,
    FRAME_HEAD = 4,    /* words in front of a window */
    FRAME_SLACK = 8    /* free words behind a window, for arguments that are shifted */
};

typedef struct run {
    catch_t c;
    struct run *prev;
    volatile uint8_t poll; /* adder.pending may have something; a copy, because it is read so often */
    const uint32_t *pc; /* behind the first word of the instruction that may raise */
    val_t *r;           /* the running frame's window */
    stack_chunk_t *chunk;
} run_t;

static inline function_t *frame_fn(const val_t *r) { return (function_t *)r[-3]; }
static inline const uint32_t *code_start(const code_t *c) { return (const uint32_t *)c->ins->data; }

/* Run the frame from pc until it returns or yields; exc, if any, is raised there first. */
val_t vm_run(val_t *r, const uint32_t *pc, val_t exc);

void vm_set_chunk(void *chunk);
/* A place for a window of n words (and FRAME_HEAD) that does not fit in the chunk. */
val_t *vm_new_chunk(size_t n, val_t *caller);
/* Give back the current chunk. */
void vm_drop_chunk(void);

/* Distribute arguments to parameters: n values and nkw pairs stand at r. adder.top covers them. */
void vm_bind_args(function_t *f, val_t *r, unsigned n, unsigned nkw);
/* A generator for the function whose arguments stand at r. */
val_t generator_new(function_t *f, const val_t *r);
/* Its function returned or raised. */
void generator_finish(val_t gen);
unsigned code_line(const code_t *code, size_t at);

/* For the loop. */
val_t vm_call_native(const native_t *f, unsigned n, unsigned nkw, const val_t *args);
void vm_import_all(val_t module, dict_t *globals);

#endif
