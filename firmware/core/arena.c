/* SPDX-License-Identifier: MIT
 * arena.c: memory of the compiler, given back after each statement.
 */
#include "ast.h"
#include "heap.h"

enum { ARENA_WORDS = ADDER_ARENA_WORDS };

/* vals_t block: v[0] the previous block, v[1] words in use as a small int, then memory. */
void *arena_alloc(size_t size) {
    size_t n = (size + sizeof(val_t) - 1) / sizeof(val_t);
    vals_t *block = (vals_t *)adder.compiler_root;
    if (!block || (size_t)int_of(block->v[1]) + n > block->n) {
        vals_t *more = vals_new(n + 2 > ARENA_WORDS ? n + 2 : ARENA_WORDS);
        more->v[0] = V_OBJ(block);
        more->v[1] = V_INT(2);
        adder.compiler_root = V_OBJ(more);
        block = more;
    }
    val_t *p = &block->v[int_of(block->v[1])];
    block->v[1] += 2 * n;
    return p;
}

val_t arena_mark(void) {
    val_t root = adder.compiler_root;
    vals_t *fresh = vals_new(ARENA_WORDS); /* what follows begins a block of its own */
    fresh->v[0] = root;
    fresh->v[1] = V_INT(2);
    adder.compiler_root = V_OBJ(fresh);
    return root;
}

void arena_release(val_t mark) {
    while (adder.compiler_root && adder.compiler_root != mark) {
        vals_t *block = (vals_t *)adder.compiler_root;
        adder.compiler_root = block->v[0];
        heap_free(block);
    }
}
