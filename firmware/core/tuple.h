/* SPDX-License-Identifier: MIT
 * tuple.h: what list and tuple share (tuple.c). Arguments are lists or tuples, already converted.
 */
#ifndef ADDER_TUPLE_H
#define ADDER_TUPLE_H

#include "ops.h"

val_t seq_compare(op_t op, val_t a, val_t b);
void seq_print(out_t *out, val_t v); /* without brackets */
intptr_t seq_find(val_t v, val_t item, size_t from, size_t to); /* -1: not there */
val_t seq_count(val_t v, val_t item);
val_t seq_index(unsigned n, const val_t *args); /* the method index() */
size_t seq_times(size_t n, val_t times);        /* length of a sequence of n items times an int */

#endif
