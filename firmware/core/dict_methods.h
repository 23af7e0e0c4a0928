/* SPDX-License-Identifier: MIT
 * dict_methods.h: slots of dict and parts of them, for types that derive from it.
 */
#ifndef ADDER_DICT_METHODS_H
#define ADDER_DICT_METHODS_H

#include "ops.h"

void dict_update_from(dict_t *d, val_t from); /* a mapping or pairs */
void dict_fill(dict_t *d, unsigned n, unsigned nkw, const val_t *args); /* as dict(...) does */
void dict_print_items(out_t *out, val_t self);
val_t dict_unary(unary_t op, val_t self);
val_t dict_binary(op_t op, val_t a, val_t b);
val_t dict_index(val_t self, val_t key, val_t value);
val_t dict_pop_at(dict_t *d, bool last); /* an item from either end */
val_t dict_reversed(val_t d);

#endif
