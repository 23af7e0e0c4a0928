/* SPDX-License-Identifier: MIT
 * ops.h: what can be done with any value: the C side of operators and built-in functions.
 * All raise the proper exception when the type does not support it.
 */
#ifndef ADDER_OPS_H
#define ADDER_OPS_H

#include "object.h"
#include "number.h"
#include "seq.h"
#include "func.h"
#include "exc.h"

extern const str_t *const op_names[OP_COUNT];   /* Q(__add__), in the order of op_t */
extern const str_t *const op_rnames[OP_COUNT];  /* Q(__radd__); comparisons: the mirrored one */
extern const char *const op_symbols[OP_COUNT];

val_t op_binary(op_t op, val_t a, val_t b); /* also OP_INPLACE and comparisons */
val_t op_unary(unary_t op, val_t v);
bool op_equal(val_t a, val_t b);
bool op_less(val_t a, val_t b);
bool op_is_true(val_t v);
bool op_contains(val_t container, val_t item);
unsigned op_hash(val_t v); /* 32 bits; TypeError for unhashable types */
size_t op_len(val_t v);
intptr_t op_len_hint(val_t v); /* -1 if it has no length */

val_t op_get_item(val_t obj, val_t key);
void op_set_item(val_t obj, val_t key, val_t value);
void op_del_item(val_t obj, val_t key);

val_t op_get_attr(val_t obj, const str_t *name);
val_t op_find_attr(val_t obj, const str_t *name); /* V_UNDEF instead of AttributeError */
void op_set_attr(val_t obj, const str_t *name, val_t value);
void op_del_attr(val_t obj, const str_t *name);
/* The special method of obj's class, unbound; V_UNDEF if none. */
static inline val_t op_special(val_t obj, const str_t *name) {
    return type_lookup(type_of(obj), name);
}

val_t op_iter(val_t obj);
val_t op_next(val_t iterator); /* V_UNDEF at the end */

val_t op_repr(val_t v);
val_t op_str(val_t v);
val_t op_format(val_t v, val_t spec); /* format(v, spec) */
bool op_callable(val_t v);
val_t op_import(const str_t *name, val_t fromlist, unsigned level, dict_t *globals);
/* bytes, bytearray, memoryview, array and str (read only): raises TypeError for others. */
void op_buffer(val_t v, buffer_t *buf, bool writable);
bool op_isinstance(const type_t *type, val_t classes);

#endif
