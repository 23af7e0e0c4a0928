/* SPDX-License-Identifier: MIT
 * state.h: everything that Adder remembers, in one struct, so that a soft reset can begin anew.
 */
#ifndef ADDER_STATE_H
#define ADDER_STATE_H

#include "heap.h"
#include "exc.h"
#include "func.h"

enum { HEAP_ROOTS = 16, SCHEDULE_MAX = 8 };

typedef struct stack_chunk {
    const type_t *type;  /* &type_raw */
    uintptr_t size;
    struct stack_chunk *prev;
    val_t *end;          /* first word behind the chunk */
    val_t *saved_top;    /* adder.top when the next chunk was begun */
    val_t *caller;       /* window of the frame that called the first one here */
    uintptr_t total;     /* words of this chunk and those before */
    val_t words[];
} stack_chunk_t;

typedef struct method_cache {
    const type_t *type;
    const str_t *name;
    val_t value;
} method_cache_t;

typedef struct adder {
    heap_t heap;

    /* interpreter */
    struct run *run;       /* innermost activation of the interpreter's loop, vm_frame.h */
    val_t *top;            /* end of the running frame's window: everything below is scanned */
    val_t *stack_end;      /* of the chunk */
    stack_chunk_t *chunk;  /* of the value stack */
    stack_chunk_t *spare;
    catch_t *catcher;      /* innermost TRY */
    uint8_t epoch;         /* counts rebuilt dicts: see GETBUILTIN in vm.c */
    union {                /* why the loop should be left at the next jump or call; set in interrupts */
        volatile uint32_t pending;
        struct {
            volatile uint8_t interrupt, callback;
        } pend;
    };
    uint8_t opt_level;     /* micropython.opt_level: 1 and up drop assert */
    val_t stop_value;      /* return value of the generator that ended last */
    char *stack_top, *stack_limit; /* of the C stack */

    /* roots */
    dict_t *modules;       /* sys.modules: loaded from files */
    val_t path, argv;      /* sys.path, sys.argv: lists */
    dict_t *main;          /* globals of __main__ */
    val_t memory_error;    /* allocated in advance */
    val_t last;            /* _ at the prompt */
    val_t compiler_root;   /* syntax tree and constants of the running compilation */
    val_t *roots[HEAP_ROOTS];
    uint8_t root_count;

    /* interned strings made at run time; weak */
    raw_t *interned;
    uint32_t interned_count;

    method_cache_t cache[ADDER_METHOD_CACHE]; /* by method_hash */
    bool classes_changed; /* functions were put in classes later: T_SHADOWED doesn't tell all */

    uint64_t random;       /* state of the module random */

    /* vm_schedule: ring buffer */
    struct {
        val_t fn, arg;
    } scheduled[SCHEDULE_MAX];
    volatile uint8_t schedule_in, schedule_out;
    uint8_t schedule_lock;
} adder_t;

extern adder_t adder;

static inline unsigned method_hash(const type_t *type, const str_t *name) {
    return (unsigned)(((uintptr_t)type >> 4) ^ ((uintptr_t)name >> 2)) % ADDER_METHOD_CACHE;
}

/* heap_alloc for objects of one cell, in line. The word behind the type is not zeroed. */
static inline void *heap_quick(const type_t *type) {
    uintptr_t p = adder.heap.cur;
    if (UNLIKELY(p == adder.heap.end))
        return heap_alloc_raw(type, HEAP_CELL);
    uintptr_t cell = (p - adder.heap.base) / HEAP_CELL;
    adder.heap.block[cell / (8 * sizeof(uintptr_t))] |= (uintptr_t)1 << cell % (8 * sizeof(uintptr_t));
    adder.heap.cur = p + HEAP_CELL;
    ((obj_t *)p)->type = type;
    return (void *)p;
}

/* Does it point into the heap? */
static inline bool heap_has(const void *p) {
    return (uintptr_t)p - adder.heap.base < (uintptr_t)adder.heap.cells * HEAP_CELL;
}

#endif
