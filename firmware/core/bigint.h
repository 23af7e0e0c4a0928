/* SPDX-License-Identifier: MIT
 * bigint.h: ints that do not fit a small int: sign and magnitude, in limbs of 32 bits. Between bigint.c,
 * bigint_text.c and int.c.
 */
#ifndef ADDER_BIGINT_H
#define ADDER_BIGINT_H

#include "number.h"

typedef struct big {
    const type_t *type; /* &type_int */
    uint32_t negative;
    uint32_t n;
    uint32_t d[];       /* lowest first, d[n-1] != 0 */
} big_t;

/* Any int or bool, for reading. d may point to `small`, so do not copy the struct. */
typedef struct view {
    const uint32_t *d;
    size_t n;
    bool negative;
    uint32_t small[sizeof(intptr_t) / 4];
} view_t;

void big_view(view_t *v, val_t x);
/* A result to be filled in; n limbs, zeroed. Then big_finish: trims it; a small int if it fits. */
big_t *big_new(size_t n, bool negative);
val_t big_finish(big_t *b);

val_t big_binary(op_t op, val_t a, val_t b); /* both int or bool; not OP_POW, OP_TRUEDIV, comparisons */
int big_compare(val_t a, val_t b);
val_t big_divmod(val_t a, val_t b, val_t *remainder); /* floor; b != 0 */
size_t big_bit_length(val_t v);
/* Correctly rounded; infinite if too large. sticky: a little more than v. */
real_t big_to_real(val_t v, bool sticky);
real_t big_true_divide(val_t a, val_t b);
val_t big_from_real(real_t x); /* integral part of a finite x */

#endif
