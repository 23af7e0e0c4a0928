/* SPDX-License-Identifier: MIT
 * list.c: the type list. Sorting is in sort.c.
 */
#include "args.h"
#include "heap.h"
#include "sort.h"
#include "tuple.h"

/* ---- slots ---- */

static val_t list_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    return n ? list_from(args[0]) : list_new(0, NULL);
}

static void list_print(out_t *out, val_t self, print_t how) {
    out_text(out, "[");
    seq_print(out, self);
    out_text(out, "]");
}

static val_t list_unary(unary_t op, val_t self) {
    return op == UN_LEN ? V_INT(list_of(self)->n) : op == UN_HASH ? V_NONE : V_UNDEF;
}

static val_t repeat(list_t *to, const list_t *from, val_t times) {
    size_t len = from->n, n = seq_times(len, times);
    list_reserve(to, n);
    memmove(to->items->v, from->items->v, (n ? len : 0) * sizeof(val_t));
    for (size_t i = len; i < n; i += len)
        memcpy(to->items->v + i, to->items->v, len * sizeof(val_t));
    list_resize(to, n);
    return V_OBJ(to);
}

static val_t list_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(seq_find(a, b, 0, SIZE_MAX) >= 0);
    if (op == OP_MUL) {
        val_t l = native_of(a, &type_list);
        val_t times = l ? b : a;
        if (!is_integer(times))
            return V_UNDEF;
        list_t *from = list_of(l ? l : native_of(b, &type_list));
        return repeat(inplace && l ? from : list_of(list_new(0, NULL)), from, times);
    }
    val_t x = native_of(a, &type_list), y = native_of(b, &type_list);
    if (!x)
        return V_UNDEF;
    if (op == OP_ADD && inplace) {
        list_extend(list_of(x), b);
        return x;
    }
    if (!y)
        return V_UNDEF;
    if (op >= OP_LT && op <= OP_NE)
        return seq_compare(op, x, y);
    if (op != OP_ADD)
        return V_UNDEF;
    list_t *r = list_of(list_new(list_of(x)->n + list_of(y)->n, NULL));
    list_extend(r, x);
    list_extend(r, y);
    return V_OBJ(r);
}

static void remove_items(list_t *l, size_t at, size_t count) {
    memmove(l->items->v + at, l->items->v + at + count, (l->n - at - count) * sizeof(val_t));
    list_resize(l, l->n - count);
}

static val_t get_slice(const list_t *l, const span_t *s) {
    if (s->step == 1)
        return list_new(s->count, s->count ? l->items->v + s->start : NULL);
    list_t *r = list_of(list_new(s->count, NULL));
    for (size_t i = 0; i < s->count; i++)
        r->items->v[i] = l->items->v[s->start + (intptr_t)i * s->step];
    r->n = s->count;
    return V_OBJ(r);
}

static void delete_slice(list_t *l, const span_t *s) {
    if (s->step == 1) {
        remove_items(l, (size_t)s->start, s->count);
        return;
    }
    if (!s->count)
        return;
    size_t step = (size_t)(s->step < 0 ? -s->step : s->step);
    size_t at = (size_t)(s->step < 0 ? s->start + (intptr_t)(s->count - 1) * s->step : s->start);
    size_t to = at, next = at, left = s->count;
    for (size_t i = at; i < l->n; i++) {
        if (i == next && left) {
            next += step;
            left--;
        } else {
            l->items->v[to++] = l->items->v[i];
        }
    }
    list_resize(l, to);
}

static void set_slice(list_t *l, const slice_t *key, val_t value) {
    span_t s;
    val_t seq = native_of(value, &type_tuple);
    if (!seq || value == V_OBJ(l))
        seq = native_of(value, &type_list) && value != V_OBJ(l) ? native_of(value, &type_list) : list_from(value);
    size_t n;
    const val_t *items;
    seq_items(seq, &n, &items);
    slice_resolve(key, l->n, &s);
    if (s.step == 1) {
        size_t old = s.count, at = (size_t)s.start, tail = l->n - at - old;
        if (n > old)
            list_resize(l, l->n + n - old);
        memmove(l->items->v + at + n, l->items->v + at + old, tail * sizeof(val_t));
        memcpy(l->items->v + at, items, n * sizeof(val_t));
        if (n < old)
            list_resize(l, l->n - (old - n));
        return;
    }
    if (n != s.count)
        raise_format(&type_ValueError, "attempt to assign sequence of size %lu to extended slice of size %lu", n, s.count);
    for (size_t i = 0; i < n; i++)
        l->items->v[s.start + (intptr_t)i * s.step] = items[i];
}

static val_t list_index(val_t self, val_t key, val_t value) {
    list_t *l = list_of(self);
    if (is_exact(key, &type_slice)) {
        span_t s;
        if (value && value != V_NOTIMPLEMENTED) {
            set_slice(l, (slice_t *)key, value);
            return V_NONE;
        }
        slice_resolve((slice_t *)key, l->n, &s);
        if (!value)
            return get_slice(l, &s);
        delete_slice(l, &s);
        return V_NONE;
    }
    size_t i = index_resolve(key, l->n, "list");
    if (!value)
        return l->items->v[i];
    if (value == V_NOTIMPLEMENTED)
        remove_items(l, i, 1);
    else
        l->items->v[i] = value;
    return V_NONE;
}

static val_t list_next(iterator_t *it) {
    const list_t *l = list_of(it->over);
    if (it->pos < l->n)
        return l->items->v[it->pos++];
    it->pos = SIZE_MAX; /* it has ended for good */
    return V_UNDEF;
}
static val_t list_iter(val_t self) { return iterator_new(self, list_next); }

/* ---- methods ---- */

static val_t list_append_method(val_t self, val_t item) {
    list_append(list_of(self), item);
    return V_NONE;
}
static val_t list_extend_method(val_t self, val_t from) {
    list_extend(list_of(self), from);
    return V_NONE;
}
static val_t list_insert(val_t self, val_t at, val_t item) {
    list_t *l = list_of(self);
    intptr_t i = int_arg(at), n = (intptr_t)l->n;
    i = i < 0 ? (i + n < 0 ? 0 : i + n) : i > n ? n : i;
    list_append(l, V_NONE);
    memmove(l->items->v + i + 1, l->items->v + i, (size_t)(n - i) * sizeof(val_t));
    l->items->v[i] = item;
    return V_NONE;
}
static val_t list_pop(unsigned n, const val_t *args) {
    list_t *l = list_of(args[0]);
    if (!l->n)
        raise_text(&type_IndexError, "pop from empty list");
    size_t i = n > 1 ? index_resolve(args[1], l->n, "list") : l->n - 1;
    val_t v = l->items->v[i];
    remove_items(l, i, 1);
    return v;
}
static val_t list_remove(val_t self, val_t item) {
    intptr_t i = seq_find(self, item, 0, SIZE_MAX);
    if (i < 0)
        raise_value("list.remove(x): x not in list");
    if ((size_t)i < list_of(self)->n)
        remove_items(list_of(self), (size_t)i, 1);
    return V_NONE;
}
static val_t list_clear(val_t self) {
    list_resize(list_of(self), 0);
    list_of(self)->items = vals_new(0);
    return V_NONE;
}
static val_t list_copy(val_t self) { return list_new(list_of(self)->n, list_of(self)->items->v); }
static val_t list_reverse(val_t self) {
    list_t *l = list_of(self);
    for (size_t i = 0, j = l->n; i + 1 < j; i++) {
        val_t t = l->items->v[--j];
        l->items->v[j] = l->items->v[i];
        l->items->v[i] = t;
    }
    return V_NONE;
}

static val_t list_sort_method(unsigned n, unsigned nkw, const val_t *args) {
    enum { SELF, KEY, REVERSE };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(key), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(reverse), ARG_BOOL | ARG_KEYWORD, {.v = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    list_sort(list_of(a[SELF].v), a[KEY].v, a[REVERSE].b);
    return V_NONE;
}

static const dict_entry_t list_table[] = {
    METHOD_2(append, list_append_method),
    METHOD_V(pop, list_pop, 1, 2),
    METHOD_2(extend, list_extend_method),
    METHOD_3(insert, list_insert),
    METHOD_2(remove, list_remove),
    METHOD_V(index, seq_index, 2, 4),
    METHOD_2(count, seq_count),
    METHOD_1(reverse, list_reverse),
    METHOD_K(sort, list_sort_method, 1, 1),
    METHOD_1(clear, list_clear),
    METHOD_1(copy, list_copy),
};
static const dict_t list_attrs = ROM_DICT(list_table);
const type_t type_list = {TYPE_HEAD, .name = Q(list), .attrs = &list_attrs, .trace = TRACE_WORDS,
    .trace_from = 1, .trace_to = 2, .make = list_make, .print = list_print, .unary = list_unary,
    .binary = list_binary, .index = list_index, .iter = list_iter};
