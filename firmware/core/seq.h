/* SPDX-License-Identifier: MIT
 * seq.h: vals_t (a block of values), tuple, list, range, slice and the common iterator.
 */
#ifndef ADDER_SEQ_H
#define ADDER_SEQ_H

#include "object.h"

/* tuple, and the storage of lists (type_vals; n is then the capacity, unused words are 0). */
struct vals {
    const type_t *type;
    uintptr_t n;
    val_t v[];
};

/* A constant tuple of n values, for tables: TUPLE_OBJ(2, V_INT(1), V_NONE). File scope only. */
#define TUPLE_OBJ(n_, ...)                                                                         \
    V_OBJ((&(const struct { const type_t *type; uintptr_t n; val_t v[n_]; }){                      \
        &type_tuple, n_, {__VA_ARGS__}}))
extern const vals_t tuple_empty; /* there is only this one */

static inline vals_t *tuple_of(val_t v) { return (vals_t *)v; }
static inline bool is_tuple(val_t v) { return is_exact(v, &type_tuple); }
val_t tuple_new(size_t n, const val_t *items); /* items NULL: all V_UNDEF, to be filled at once */
vals_t *vals_new(size_t n);                    /* zeroed */

typedef struct list {
    const type_t *type;
    vals_t *items; /* never NULL; items->n is the capacity */
    uintptr_t n;
} list_t;

static inline list_t *list_of(val_t v) { return (list_t *)v; }
static inline bool is_list(val_t v) { return is_exact(v, &type_list); }
val_t list_new(size_t n, const val_t *items); /* items may be NULL if n is a capacity: empty list */
void list_append(list_t *l, val_t item);
void list_reserve(list_t *l, size_t capacity);
void list_resize(list_t *l, size_t n); /* new items are V_UNDEF, to be filled at once */
void list_extend(list_t *l, val_t iterable);
val_t list_from(val_t iterable);
val_t tuple_from(val_t iterable);

/* Items of a list or tuple (subclasses too) without copying; false for other types. */
bool seq_items(val_t v, size_t *n, const val_t **items);

typedef struct range {
    const type_t *type;
    intptr_t start, stop, step;
} range_t;
val_t range_new(intptr_t start, intptr_t stop, intptr_t step);
size_t range_len(const range_t *r);

typedef struct slice {
    const type_t *type;
    val_t start, stop, step; /* None where left out */
} slice_t;
val_t slice_new(val_t start, val_t stop, val_t step);

/* A slice over a sequence of len items. start, stop are clipped, count is the number of items. */
typedef struct span {
    intptr_t start, stop, step;
    size_t count;
} span_t;
void slice_resolve(const slice_t *s, size_t len, span_t *out);
/* A key of a sequence: an index in range (negative ones from the end) or IndexError/TypeError. */
size_t index_resolve(val_t key, size_t len, const char *what);

/* The common iterator: an object and a position, with a function that knows how to go on. */
typedef struct iterator {
    const type_t *type; /* &type_iterator */
    val_t over;
    uintptr_t pos;
    val_t (*next)(struct iterator *it); /* V_UNDEF at the end */
} iterator_t;
val_t iterator_new(val_t over, val_t (*next)(iterator_t *it));

#endif
