/* SPDX-License-Identifier: MIT
 * heap.h: the heap and its mark-sweep collector.
 *
 * Memory is divided into cells of two words (8 bytes on a device). Two bits per cell, in two
 * bitmaps, say all: 00 inside a block, 10 allocated block begins, 11 the same and marked,
 * 01 free block begins. A sweep is word-wise logic on the bitmaps and touches no object. Blocks
 * never move. Allocation bumps through the current free run.
 *
 * Every block begins with a type word, also storage such as a list's items (type_vals, type_raw):
 * that tells the marker how to read it (type_t.trace).
 *
 * Roots: the C stack and registers (conservatively; also pointers into the middle of a block), the
 * value stack, struct roots of adder_t, and heap_root() for the few variables of modules. So C
 * code may hold objects in local variables and arguments without ceremony. What is NOT found:
 * pointers in static variables, in memory got elsewhere, and pointers stored inside type_raw,
 * str or bytes objects.
 *
 * Any allocation may collect, and may raise MemoryError. An object must be valid for the marker
 * when the next allocation happens: heap_alloc returns zeroed memory with the type set.
 */
#ifndef ADDER_HEAP_H
#define ADDER_HEAP_H

#include "object.h"

enum { HEAP_CELL = 2 * sizeof(void *) };

typedef struct heap {
    uintptr_t base;      /* first cell */
    uint32_t cells;
    uint32_t words;      /* of each bitmap */
    uintptr_t *block;    /* bitmaps, in front of the cells */
    uintptr_t *mark;
    uintptr_t cur, end;  /* current free run, to bump through */
    uint32_t scan;       /* cell where the search for the next run goes on */
    uint32_t finals;     /* living blocks that have a finaliser */
    uint32_t threshold;  /* gc.threshold(): collect after so many bytes, 0: when full */
    uint32_t allocated;  /* bytes since the last collection, for the threshold */
    uint16_t collections;
    uint8_t locked;      /* micropython.heap_lock: allocation raises MemoryError */
    bool disabled;       /* gc.disable */
    bool running;
} heap_t;

/* Give the heap its memory; stack_top is the highest address of the C stack in use. */
void heap_init(void *memory, size_t size, void *stack_top);
/* A zeroed object of the type; size in bytes, with the head. */
void *heap_alloc(const type_t *type, size_t size);
/* Not zeroed behind the type word: for str, bytes and raw data. */
void *heap_alloc_raw(const type_t *type, size_t size);
/* With finaliser: type->finalise is called before the memory is reused, and at soft reset. */
void *heap_alloc_final(const type_t *type, size_t size);
/* The same, for what will be given back soon: far from what stays, so that it leaves no holes in between. */
void *heap_alloc_high(const type_t *type, size_t size);
/* Grow or shrink in place; false if that cannot be done. */
bool heap_resize(void *block, size_t size);
/* Give back now a block that nothing refers to any more (big temporary buffers). */
void heap_free(void *block);
size_t heap_size(const void *block);
/* Make a variable outside the heap a root until soft reset (at most HEAP_ROOTS). */
void heap_root(val_t *variable);
void heap_collect(void);
/* Run all finalisers (soft reset). */
void heap_finish(void);
/* During a collection, after marking: will it survive? */
bool heap_is_marked(const void *p);
void heap_stats(size_t *used, size_t *free, size_t *largest);

/* micropython.heap_lock: while the count is not 0, allocation raises MemoryError. */
void heap_lock(void);
void heap_unlock(void);

#define HEAP_NEW(type, struct_t) ((struct_t *)heap_alloc(type, sizeof(struct_t)))

#include "state.h"

#endif
