/* SPDX-License-Identifier: MIT
 * value.h: val_t, a Python value in one machine word.
 *
 *   ...x1  small int, shifted left by one (31 bits on 32-bit machines, 63 on 64-bit ones)
 *   ..10   immediates: False, True, None, Ellipsis, NotImplemented
 *   ..00   pointer to an object in heap or flash, whose first word is its `const type_t *`
 *   0      V_UNDEF, no value: unbound variable, end of an iteration, "not supported" from a slot.
 *          It never reaches Python code, and natives never get it as an argument.
 *
 * An int that fits a small int is always one (so that `==` on words decides equality of small
 * ints); larger ones are objects of type_int. `bool` is two immediates.
 */
#ifndef ADDER_VALUE_H
#define ADDER_VALUE_H

#include "config.h"

typedef uintptr_t val_t;
typedef struct type type_t;
typedef struct str str_t;
typedef struct out out_t;

/* Head of every object. */
typedef struct obj {
    const type_t *type;
} obj_t;

#define V_UNDEF          ((val_t)0)
#define V_IMM(n)         ((val_t)(((n) << 2) | 2))
#define V_FALSE          V_IMM(0)
#define V_TRUE           V_IMM(1)
#define V_NONE           V_IMM(2)
#define V_ELLIPSIS       V_IMM(3)
#define V_NOTIMPLEMENTED V_IMM(4)
#define V_IMM_COUNT      5

/* Small ints. V_INT also works in constant initialisers. */
#define V_INT(i)      ((val_t)(((uintptr_t)(i) << 1) | 1))
#define V_INT_MAX     (INTPTR_MAX >> 1)
#define V_INT_MIN     (INTPTR_MIN >> 1)
#define V_INT_FITS(i) ((i) >= V_INT_MIN && (i) <= V_INT_MAX)

/* A pointer to any object as a value; works in constant initialisers: V_OBJ(&type_list). */
#define V_OBJ(...) ((val_t)(__VA_ARGS__))
#define V_BOOL(b) ((b) ? V_TRUE : V_FALSE)

static inline bool is_int(val_t v) { return v & 1; } /* small int */
static inline intptr_t int_of(val_t v) { return (intptr_t)v >> 1; }
static inline bool is_imm(val_t v) { return (v & 3) == 2; }
static inline bool is_obj(val_t v) { return (v & 3) == 0; } /* or V_UNDEF: rule that out first */
static inline bool is_bool(val_t v) { return (v & ~(val_t)4) == V_FALSE; }
static inline obj_t *obj_of(val_t v) { return (obj_t *)v; }

/* Copy n values; up: to a higher place that overlaps. For few words quicker than memmove. */
static inline void values_copy(val_t *to, const val_t *from, size_t n) {
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}
static inline void values_copy_up(val_t *to, const val_t *from, size_t n) {
    while (n--)
        to[n] = from[n];
}

/* Exact type, for heap objects only (not ints and immediates): the quick test of fast paths. */
static inline bool is_exact(val_t v, const type_t *type) {
    return is_obj(v) && obj_of(v)->type == type;
}

#endif
