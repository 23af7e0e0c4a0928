/* SPDX-License-Identifier: MIT
 * arena.c: memory of the compiler, given back after each statement.
 */
#include "ast.h"
#include "heap.h"

enum { ARENA_WORDS = ADDER_ARENA_WORDS };

static void add_block(size_t n) {
    vals_t *more = heap_alloc_high(&type_vals, sizeof *more + n * sizeof(val_t));
    more->n = n;
    more->v[0] = adder.compiler_root;
    more->v[1] = V_INT(2);
    adder.compiler_root = V_OBJ(more);
}

/* vals_t block: v[0] the previous block, v[1] words in use as a small int, then memory. */
void *arena_alloc(size_t size) {
    size_t n = (size + sizeof(val_t) - 1) / sizeof(val_t);
    vals_t *block = (vals_t *)adder.compiler_root;
    if (!block || (size_t)int_of(block->v[1]) + n > block->n) {
        add_block(n + 2 > ARENA_WORDS ? n + 2 : ARENA_WORDS);
        block = (vals_t *)adder.compiler_root;
    }
    val_t *p = &block->v[int_of(block->v[1])];
    block->v[1] += 2 * n;
    return p;
}

val_t arena_mark(void) {
    val_t root = adder.compiler_root;
    add_block(ARENA_WORDS); /* what follows begins a block of its own */
    return root;
}

void arena_release(val_t mark) {
    while (adder.compiler_root && adder.compiler_root != mark) {
        vals_t *block = (vals_t *)adder.compiler_root;
        adder.compiler_root = block->v[0];
        heap_free(block);
    }
}
