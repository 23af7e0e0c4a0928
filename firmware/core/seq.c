/* SPDX-License-Identifier: MIT
 * seq.c: storage and indexing of tuple, list, range and slice; the common iterator. Methods of
 * list and tuple are in list.c and tuple.c.
 */
#include "seq.h"
#include "heap.h"
#include "ops.h"

const vals_t tuple_empty = {&type_tuple, 0};
static const vals_t no_items = {&type_vals, 0};

vals_t *vals_new(size_t n) {
    if (n >= SIZE_MAX / 2 / sizeof(val_t))
        raise_memory();
    vals_t *v = heap_alloc(&type_vals, sizeof *v + n * sizeof(val_t));
    v->n = n;
    return v;
}

val_t tuple_new(size_t n, const val_t *items) {
    if (n == 0)
        return V_OBJ(&tuple_empty);
    vals_t *t = vals_new(n);
    t->type = &type_tuple;
    if (items)
        values_copy(t->v, items, n);
    return V_OBJ(t);
}

val_t list_new(size_t n, const val_t *items) {
    list_t *l = HEAP_NEW(&type_list, list_t);
    l->items = (vals_t *)&no_items;
    if (n) {
        l->items = vals_new(n);
        if (items) {
            values_copy(l->items->v, items, n);
            l->n = n;
        }
    }
    return V_OBJ(l);
}

void list_reserve(list_t *l, size_t capacity) {
    vals_t *old = l->items;
    if (capacity <= old->n)
        return;
    if (capacity >= SIZE_MAX / 4 / sizeof(val_t))
        raise_memory();
    if (old->n && heap_resize(old, sizeof *old + capacity * sizeof(val_t))) {
        old->n = capacity;
        return;
    }
    vals_t *items = vals_new(capacity);
    memcpy(items->v, l->items->v, l->n * sizeof(val_t));
    l->items = items; /* the old ones may still be in use by a native: left to the collector */
}

void list_append(list_t *l, val_t item) {
    if (l->n == l->items->n)
        list_reserve(l, l->n < 4 ? 4 : l->n + l->n / 2);
    l->items->v[l->n++] = item;
}

void list_resize(list_t *l, size_t n) {
    if (n > l->items->n)
        list_reserve(l, n);
    for (size_t i = n; i < l->n; i++)
        l->items->v[i] = V_UNDEF;
    l->n = n;
}

bool seq_items(val_t v, size_t *n, const val_t **items) {
    val_t s = native_of(v, &type_tuple);
    if (s) {
        *n = tuple_of(s)->n;
        *items = tuple_of(s)->v;
        return true;
    }
    s = native_of(v, &type_list);
    if (!s)
        return false;
    *n = list_of(s)->n;
    *items = list_of(s)->items->v;
    return true;
}

void list_extend(list_t *l, val_t iterable) {
    size_t n;
    const val_t *items;
    if (seq_items(iterable, &n, &items)) {
        list_reserve(l, l->n + n);
        seq_items(iterable, &n, &items); /* l may be what is added to itself */
        memcpy(l->items->v + l->n, items, n * sizeof(val_t));
        l->n += n;
        return;
    }
    val_t it = op_iter(iterable), item;
    while ((item = op_next(it)))
        list_append(l, item);
}

val_t list_from(val_t iterable) {
    val_t l = list_new(0, NULL);
    list_extend(list_of(l), iterable);
    return l;
}

val_t tuple_from(val_t iterable) {
    if (is_tuple(iterable))
        return iterable;
    list_t *l = list_of(list_from(iterable));
    return tuple_new(l->n, l->items->v);
}

/* ---- range, slice ---- */

val_t range_new(intptr_t start, intptr_t stop, intptr_t step) {
    if (step == 0)
        raise_value("range() arg 3 must not be zero");
    range_t *r = HEAP_NEW(&type_range, range_t);
    r->start = start;
    r->stop = stop;
    r->step = step;
    return V_OBJ(r);
}

size_t range_len(const range_t *r) {
    if (r->step > 0)
        return r->start < r->stop ? ((size_t)r->stop - (size_t)r->start - 1) / (size_t)r->step + 1 : 0;
    return r->start > r->stop ? ((size_t)r->start - (size_t)r->stop - 1) / ((size_t)0 - (size_t)r->step) + 1 : 0;
}

val_t slice_new(val_t start, val_t stop, val_t step) {
    slice_t *s = HEAP_NEW(&type_slice, slice_t);
    s->start = start;
    s->stop = stop;
    s->step = step;
    return V_OBJ(s);
}

/* A bound of a slice, clipped to lo..hi. */
static intptr_t clip(val_t v, intptr_t none, intptr_t len, intptr_t lo, intptr_t hi) {
    if (v == V_NONE)
        return none;
    intptr_t i;
    if (is_int(v))
        i = int_of(v);
    else if (is_exact(v, &type_int))
        i = int_sign(v) < 0 ? INTPTR_MIN / 2 : INTPTR_MAX / 2;
    else
        i = int_arg(v);
    if (i < 0)
        i += len;
    return i < lo ? lo : i > hi ? hi : i;
}

void slice_resolve(const slice_t *s, size_t length, span_t *out) {
    intptr_t len = (intptr_t)length;
    intptr_t step = s->step == V_NONE ? 1 : int_arg(s->step);
    if (step == 0)
        raise_value("slice step cannot be zero");
    out->step = step;
    if (step > 0) {
        out->start = clip(s->start, 0, len, 0, len);
        out->stop = clip(s->stop, len, len, 0, len);
        out->count = out->start < out->stop ? (size_t)((out->stop - out->start - 1) / step) + 1 : 0;
    } else {
        out->start = clip(s->start, len - 1, len, -1, len - 1);
        out->stop = clip(s->stop, -1, len, -1, len - 1);
        out->count = out->start > out->stop
                         ? (size_t)(out->start - out->stop - 1) / ((size_t)0 - (size_t)step) + 1 : 0;
    }
}

size_t index_resolve(val_t key, size_t len, const char *what) {
    intptr_t i = is_int(key) ? int_of(key) : INTPTR_MIN;
    if (!is_int(key)) {
        if (!is_integer(key) && !op_special(key, Q(__index__)))
            raise_format(&type_TypeError, "%s indices must be integers or slices, not %T", what, key);
        i = int_arg(key);
    }
    if (i < 0)
        i += (intptr_t)len;
    if (i < 0 || (size_t)i >= len)
        raise_format(&type_IndexError, "%s index out of range", what);
    return (size_t)i;
}

/* ---- iterator ---- */

val_t iterator_new(val_t over, val_t (*next)(iterator_t *it)) {
    iterator_t *it = HEAP_NEW(&type_iterator, iterator_t);
    it->over = over;
    it->next = next;
    return V_OBJ(it);
}

static val_t iterator_iter(val_t self) { return self; }

static val_t iterator_next(val_t self) {
    iterator_t *it = (iterator_t *)self;
    return it->next(it);
}

const type_t type_iterator = {TYPE_HEAD, .name = Q(iterator), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .iter = iterator_iter,
    .next = iterator_next};
const type_t type_vals = {TYPE_HEAD, .name = Q(vals), .trace = TRACE_VALS};
const type_t type_raw = {TYPE_HEAD, .name = Q(raw), .trace = TRACE_LEAF};
