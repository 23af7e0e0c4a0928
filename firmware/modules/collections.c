/* SPDX-License-Identifier: MIT
 * collections.c: the module collections: namedtuple, deque, OrderedDict, defaultdict.
 */
#include "args.h"
#include "core/class.h"
#include "core/dict_methods.h"
#include "heap.h"
#include "module.h"

/* ---- OrderedDict: dict keeps the order; what is left are a few methods ---- */

static const type_t type_OrderedDict, type_defaultdict;

static val_t ordered_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, 0, 0, 1);
    dict_t *d = dict_of(dict_new(0));
    d->type = &type_OrderedDict;
    dict_fill(d, n, nkw, args);
    return V_OBJ(d);
}

static void ordered_print(out_t *out, val_t self, print_t how) {
    out_text(out, "OrderedDict(");
    if (dict_len(dict_of(self)))
        dict_print_items(out, self);
    out_text(out, ")");
}

static val_t ordered_binary(op_t op, val_t a, val_t b) {
    val_t r = dict_binary(op, a, b);
    if ((op & OP_MASK) != OP_EQ || r != V_TRUE || !is_exact(a, &type_OrderedDict) || !is_exact(b, &type_OrderedDict))
        return r;
    unsigned i = 0, j = 0; /* among themselves the order counts */
    val_t x, y;
    while (dict_next(dict_of(a), &i, &x, NULL) && dict_next(dict_of(b), &j, &y, NULL))
        if (!op_equal(x, y))
            return V_FALSE;
    return r;
}

static val_t ordered_popitem(unsigned n, unsigned nkw, const val_t *args) {
    val_t last = n > 1 ? args[1] : args_keyword(nkw, args + n, Q(last));
    return dict_pop_at(dict_of(args[0]), !last || op_is_true(last));
}

static val_t ordered_move_to_end(unsigned n, unsigned nkw, const val_t *args) {
    dict_t *d = dict_of(args[0]);
    val_t last = n > 2 ? args[2] : args_keyword(nkw, args + n, Q(last)), v = dict_delete(d, args[1]);
    if (!v)
        raise_key(args[1]);
    if (last && !op_is_true(last)) { /* rebuilt behind it */
        dict_t *rest = dict_of(dict_copy(d));
        dict_clear(d);
        dict_set(d, args[1], v);
        dict_update(d, rest);
    } else {
        dict_set(d, args[1], v);
    }
    return V_NONE;
}

static val_t ordered_copy(val_t self) { return ordered_make(&type_OrderedDict, 1, 0, &self); }

static const dict_entry_t ordered_table[] = {
    METHOD_K(popitem, ordered_popitem, 1, 2),
    METHOD_K(move_to_end, ordered_move_to_end, 2, 3),
    METHOD_1(copy, ordered_copy),
};
static const dict_t ordered_attrs = ROM_DICT(ordered_table);

static val_t dict_iterator(val_t self) { return type_dict.iter(self); }

static const type_t type_OrderedDict = {TYPE_HEAD, .name = Q(OrderedDict), .attrs = &ordered_attrs,
    .base = &type_dict, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .make = ordered_make,
    .print = ordered_print, .unary = dict_unary, .binary = ordered_binary, .index = dict_index,
    .iter = dict_iterator};

/* ---- defaultdict ---- */

typedef struct default_dict {
    dict_t dict;
    val_t factory;
} default_dict_t;

static val_t default_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, 0, 0, 2);
    default_dict_t *d = HEAP_NEW(&type_defaultdict, default_dict_t);
    d->dict.block = (dict_block_t *)&dict_no_entries;
    d->factory = n ? args[0] : V_NONE;
    if (d->factory != V_NONE && !op_callable(d->factory))
        raise_type("first argument must be callable or None");
    dict_fill(&d->dict, n ? n - 1 : 0, nkw, args + (n ? 1 : 0));
    return V_OBJ(d);
}

static val_t default_missing(val_t self, val_t key) {
    val_t f = ((default_dict_t *)self)->factory;
    if (f == V_NONE)
        raise_key(key);
    val_t v = call_0(f);
    dict_set(dict_of(self), key, v);
    return v;
}

static val_t default_index(val_t self, val_t key, val_t value) {
    val_t v = value ? V_NONE : dict_get(dict_of(self), key);
    return value ? dict_index(self, key, value) : v ? v : default_missing(self, key);
}

static void default_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "defaultdict(%v, ", ((default_dict_t *)self)->factory);
    dict_print_items(out, self);
    out_text(out, ")");
}
static val_t default_copy(val_t self) {
    const val_t args[] = {((default_dict_t *)self)->factory, self};
    return default_make(&type_defaultdict, 2, 0, args);
}
static val_t default_get_factory(val_t self) { return ((default_dict_t *)self)->factory; }
static void default_set_factory(val_t self, val_t f) { ((default_dict_t *)self)->factory = f ? f : V_NONE; }

static const dict_entry_t default_table[] = {
    METHOD_2(__missing__, default_missing),
    METHOD_1(copy, default_copy),
    PROPERTY(default_factory, default_get_factory, default_set_factory),
};
static const dict_t default_attrs = ROM_DICT(default_table);
static const type_t type_defaultdict = {TYPE_HEAD, .name = Q(defaultdict), .attrs = &default_attrs,
    .base = &type_dict, .trace = TRACE_WORDS, .trace_from = 1,
    .trace_to = offsetof(default_dict_t, factory) / sizeof(val_t) + 1, .make = default_make,
    .print = default_print, .unary = dict_unary, .binary = dict_binary, .index = default_index,
    .iter = dict_iterator};

/* ---- deque: a ring of values ---- */

typedef struct deque {
    const type_t *type;
    vals_t *ring;
    size_t first, n;
    size_t max;   /* SIZE_MAX: no limit */
    size_t changes;
    bool strict;  /* deque(iterable, maxlen, 1): IndexError when full */
} deque_t;

static const type_t type_deque;

static val_t *slot(const deque_t *d, size_t i) { return &d->ring->v[(d->first + i) % d->ring->n]; }

static void grow(deque_t *d) {
    if (d->n < d->ring->n)
        return;
    vals_t *ring = vals_new(d->ring->n * 2 + 4);
    for (size_t i = 0; i < d->n; i++)
        ring->v[i] = *slot(d, i);
    d->ring = ring;
    d->first = 0;
}

static val_t deque_take(val_t self, bool left) {
    deque_t *d = (deque_t *)self;
    if (!d->n)
        raise_text(&type_IndexError, "pop from an empty deque");
    val_t *p = slot(d, left ? 0 : d->n - 1), v = *p;
    *p = V_UNDEF;
    if (left)
        d->first = (d->first + 1) % d->ring->n;
    d->n--;
    d->changes++;
    return v;
}

static void deque_put(val_t self, val_t v, bool left) {
    deque_t *d = (deque_t *)self;
    if (d->n >= d->max) {
        if (d->strict)
            raise_text(&type_IndexError, "full");
        if (!d->max)
            return;
        deque_take(self, !left);
    }
    grow(d);
    if (left)
        d->first = (d->first + d->ring->n - 1) % d->ring->n;
    d->n++;
    d->changes++;
    *slot(d, left ? 0 : d->n - 1) = v;
}

static void put_all(val_t self, val_t from, bool left) {
    if (from == self)
        from = list_from(from);
    val_t it = op_iter(from), v;
    while ((v = op_next(it)))
        deque_put(self, v, left);
}

static val_t deque_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(iterable), ARG_OBJ, {.v = VQ(empty)}},
        {Q(maxlen), ARG_OBJ, {.v = V_NONE}},
        {Q(flags), ARG_INT, {.i = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    deque_t *d = HEAP_NEW(&type_deque, deque_t);
    intptr_t max = a[1].v == V_NONE ? -1 : int_arg(a[1].v);
    if (max < 0 && a[1].v != V_NONE)
        raise_value("maxlen must be non-negative");
    d->max = (size_t)max;
    d->strict = a[2].i & 1;
    d->ring = vals_new(max >= 0 && max <= 16 ? (size_t)max + 1 : 4);
    put_all(V_OBJ(d), a[0].v, false);
    return V_OBJ(d);
}

static val_t deque_append(val_t self, val_t v) {
    deque_put(self, v, false);
    return V_NONE;
}
static val_t deque_appendleft(val_t self, val_t v) {
    deque_put(self, v, true);
    return V_NONE;
}
static val_t deque_extend(val_t self, val_t v) {
    put_all(self, v, false);
    return V_NONE;
}
static val_t deque_extendleft(val_t self, val_t v) {
    put_all(self, v, true);
    return V_NONE;
}
static val_t deque_pop(val_t self) { return deque_take(self, false); }
static val_t deque_popleft(val_t self) { return deque_take(self, true); }
static val_t deque_clear(val_t self) {
    deque_t *d = (deque_t *)self;
    d->ring = vals_new(4);
    d->n = d->first = 0;
    d->changes++;
    return V_NONE;
}
static val_t deque_rotate(unsigned n, const val_t *args) {
    deque_t *d = (deque_t *)args[0];
    intptr_t by = n > 1 ? int_arg(args[1]) : 1, len = (intptr_t)d->n;
    if (len)
        for (by = (by % len + len) % len; by > 0; by--)
            deque_put(args[0], deque_take(args[0], false), true);
    return V_NONE;
}
static val_t deque_count(val_t self, val_t v) {
    val_t l = list_from(self);
    return call_method(l, Q(count), 1, &v);
}
static val_t deque_find(unsigned n, const val_t *args) {
    val_t l = list_from(args[0]);
    return call_method(l, Q(index), n - 1, args + 1);
}
static void become(val_t self, val_t list) {
    deque_clear(self);
    put_all(self, list, false);
}
static val_t deque_remove(val_t self, val_t v) {
    val_t l = list_from(self);
    call_method(l, Q(remove), 1, &v);
    become(self, l);
    return V_NONE;
}
static val_t deque_reverse(val_t self) {
    val_t l = list_from(self);
    call_method(l, Q(reverse), 0, NULL);
    become(self, l);
    return V_NONE;
}
static val_t deque_insert(val_t self, val_t at, val_t v) {
    const val_t args[] = {at, v};
    if (((deque_t *)self)->n >= ((deque_t *)self)->max)
        raise_text(&type_IndexError, "deque already at its maximum size");
    val_t l = list_from(self);
    call_method(l, Q(insert), 2, args);
    become(self, l);
    return V_NONE;
}
static val_t deque_get_maxlen(val_t self) {
    const deque_t *d = (deque_t *)self;
    return d->max == SIZE_MAX ? V_NONE : V_INT(d->max);
}
static val_t deque_copy(val_t self) {
    const val_t args[] = {self, deque_get_maxlen(self)};
    return deque_make(&type_deque, 2, 0, args);
}

static val_t deque_index(val_t self, val_t key, val_t value) {
    deque_t *d = (deque_t *)self;
    size_t i = index_resolve(key, d->n, "deque");
    if (value == V_NOTIMPLEMENTED) {
        val_t l = list_from(self);
        op_del_item(l, V_INT(i));
        become(self, l);
        return V_NONE;
    }
    if (value)
        *slot(d, i) = value;
    return *slot(d, i);
}

static val_t deque_unary(unary_t op, val_t self) {
    return op == UN_LEN ? V_INT(((deque_t *)self)->n) : op == UN_HASH ? V_NONE : V_UNDEF;
}

static val_t deque_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(op_contains(list_from(a), b));
    if (op == OP_ADD && inplace)
        return put_all(a, b, false), a;
    if (!is_exact(a, &type_deque) || !is_exact(b, &type_deque))
        return V_UNDEF;
    if (op >= OP_LT && op <= OP_EQ)
        return op_binary(op, list_from(a), list_from(b));
    if (op != OP_ADD)
        return V_UNDEF;
    val_t r = deque_copy(a);
    put_all(r, b, false);
    return r;
}

typedef struct deque_iter {
    const type_t *type;
    deque_t *deque;
    size_t pos, changes;
} deque_iter_t;

static val_t iter_self(val_t self) { return self; }
static val_t deque_iter_next(val_t self) {
    deque_iter_t *it = (deque_iter_t *)self;
    if (it->changes != it->deque->changes)
        raise_text(&type_RuntimeError, "deque mutated during iteration");
    return it->pos < it->deque->n ? *slot(it->deque, it->pos++) : V_UNDEF;
}
static const type_t type_deque_iterator = {TYPE_HEAD, .name = Q(deque_iterator), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .iter = iter_self, .next = deque_iter_next};
static val_t deque_iter(val_t self) {
    deque_iter_t *it = HEAP_NEW(&type_deque_iterator, deque_iter_t);
    it->deque = (deque_t *)self;
    it->changes = it->deque->changes;
    return V_OBJ(it);
}

static void deque_print(out_t *out, val_t self, print_t how) {
    const deque_t *d = (deque_t *)self;
    out_printf(out, "deque(%v", list_from(self));
    if (d->max != SIZE_MAX)
        out_printf(out, ", maxlen=%lu", d->max);
    out_text(out, ")");
}

static const dict_entry_t deque_table[] = {
    METHOD_2(append, deque_append),
    METHOD_2(appendleft, deque_appendleft),
    METHOD_1(pop, deque_pop),
    METHOD_1(popleft, deque_popleft),
    METHOD_2(extend, deque_extend),
    METHOD_2(extendleft, deque_extendleft),
    METHOD_1(clear, deque_clear),
    METHOD_1(copy, deque_copy),
    METHOD_V(rotate, deque_rotate, 1, 2),
    METHOD_2(count, deque_count),
    METHOD_V(index, deque_find, 2, 4),
    METHOD_2(remove, deque_remove),
    METHOD_1(reverse, deque_reverse),
    METHOD_3(insert, deque_insert),
    PROPERTY(maxlen, deque_get_maxlen, NULL),
};
static const dict_t deque_attrs = ROM_DICT(deque_table);
static const type_t type_deque = {TYPE_HEAD, .name = Q(deque), .attrs = &deque_attrs,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .make = deque_make, .print = deque_print,
    .unary = deque_unary, .binary = deque_binary, .index = deque_index, .iter = deque_iter};

/* ---- namedtuple: a type made at run time, a kind of tuple with an attr slot ---- */

static const vals_t *fields_of(const type_t *type) {
    while (!type->attrs || !dict_get_str(type->attrs, Q(_fields)))
        type = type->base;
    return tuple_of(dict_get_str(type->attrs, Q(_fields)));
}

static val_t named_attr(val_t self, str_t *name, val_t value) {
    const vals_t *fields = fields_of(type_of(self));
    for (size_t i = 0; i < fields->n; i++)
        if (fields->v[i] == V_OBJ(name)) {
            if (value)
                raise_text(&type_AttributeError, "can't set attribute");
            return tuple_of(self)->v[i];
        }
    return V_UNDEF;
}

static val_t named_new(const type_t *type, const val_t *values) {
    const vals_t *fields = fields_of(type);
    vals_t *t = heap_alloc(type, sizeof *t + fields->n * sizeof(val_t));
    t->n = fields->n;
    memcpy(t->v, values, fields->n * sizeof(val_t));
    return V_OBJ(t);
}

static val_t named_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    const vals_t *fields = fields_of(type);
    const vals_t *defaults = tuple_of(dict_get_str(type->attrs, Q(_defaults)));
    vals_t *t = heap_alloc(type, sizeof *t + fields->n * sizeof(val_t));
    t->n = fields->n;
    if (n > t->n)
        raise_format(&type_TypeError, "%q() takes %u positional arguments but %u were given", type->name,
                     (unsigned)t->n, n);
    for (size_t i = 0; i < t->n; i++) {
        val_t v = args_keyword(nkw, args + n, str_of(fields->v[i]));
        if (v && i < n)
            raise_format(&type_TypeError, "function got multiple values for argument '%q'", str_of(fields->v[i]));
        if (i < n)
            v = args[i];
        else if (!v && i + defaults->n >= t->n)
            v = defaults->v[i + defaults->n - t->n];
        if (!v)
            raise_format(&type_TypeError, "function missing argument '%q'", str_of(fields->v[i]));
        t->v[i] = v;
    }
    for (unsigned k = 0; k < nkw; k++) {
        bool known = false;
        for (size_t i = 0; i < fields->n; i++)
            known |= fields->v[i] == args[n + 2 * k];
        if (!known)
            raise_format(&type_TypeError, "unexpected keyword argument '%q'", str_of(args[n + 2 * k]));
    }
    return V_OBJ(t);
}

static void named_print(out_t *out, val_t self, print_t how) {
    const vals_t *t = tuple_of(self), *fields = fields_of(t->type);
    out_printf(out, "%q(", t->type->name);
    for (size_t i = 0; i < t->n; i++)
        out_printf(out, i ? ", %q=%v" : "%q=%v", str_of(fields->v[i]), t->v[i]);
    out_text(out, ")");
}

static val_t named_asdict(val_t self) {
    dict_t *d = dict_of(dict_new(0));
    const vals_t *fields = fields_of(type_of(self));
    d->type = &type_OrderedDict;
    for (size_t i = 0; i < fields->n; i++)
        dict_set(d, fields->v[i], tuple_of(self)->v[i]);
    return V_OBJ(d);
}

static val_t named_replace(unsigned n, unsigned nkw, const val_t *args) {
    const vals_t *fields = fields_of(type_of(args[0]));
    val_t copy = named_new(type_of(args[0]), tuple_of(args[0])->v);
    for (unsigned k = 0; k < nkw; k++) {
        size_t i = 0;
        while (i < fields->n && fields->v[i] != args[n + 2 * k])
            i++;
        if (i == fields->n)
            raise_format(&type_ValueError, "Got unexpected field names: %v", args[n + 2 * k]);
        tuple_of(copy)->v[i] = args[n + 2 * k + 1];
    }
    return copy;
}

static val_t named_from(val_t cls, val_t iterable) {
    val_t t = tuple_from(iterable);
    return call(cls, (unsigned)tuple_of(t)->n, 0, tuple_of(t)->v);
}

static val_t tuple_slot_binary(op_t op, val_t a, val_t b) { return type_tuple.binary(op, a, b); }
static val_t tuple_slot_unary(unary_t op, val_t a) { return type_tuple.unary(op, a); }
static val_t tuple_slot_index(val_t a, val_t key, val_t value) {
    if (is_exact(key, &type_slice) && !value)
        a = tuple_new(tuple_of(a)->n, tuple_of(a)->v);
    return type_tuple.index(a, key, value);
}
static val_t tuple_slot_iter(val_t a) { return type_tuple.iter(a); }

static const dict_entry_t named_table[] = {
    METHOD_1(_asdict, named_asdict),
    METHOD_K(_replace, named_replace, 1, 1),
    CLASS_METHOD(_make, NATIVE_FN2(named_from)),
};
static const dict_t named_attrs = ROM_DICT(named_table);
static const type_t named_slots = {TYPE_HEAD, .base = &type_tuple, .trace = TRACE_VALS, .make = named_make,
    .print = named_print, .unary = tuple_slot_unary, .binary = tuple_slot_binary, .attr = named_attr,
    .index = tuple_slot_index, .iter = tuple_slot_iter};

static val_t intern_names(val_t names) {
    if (native_of(names, &type_str)) { /* "x y" or "x, y" */
        const val_t comma[] = {str_new(",", 1), str_new(" ", 1)};
        names = call_method(native_of(names, &type_str), Q(replace), 2, comma);
        names = call_method(names, Q(split), 0, NULL);
    }
    val_t t = tuple_from(names);
    t = tuple_new(tuple_of(t)->n, tuple_of(t)->v);
    for (size_t i = 0; i < tuple_of(t)->n; i++) {
        str_arg(tuple_of(t)->v[i], NULL);
        tuple_of(t)->v[i] = V_OBJ(str_intern_val(tuple_of(t)->v[i]));
    }
    return t;
}

static val_t collections_namedtuple(unsigned n, unsigned nkw, const val_t *args) {
    enum { NAME, FIELDS, RENAME, DEFAULTS };
    static const arg_spec_t specs[] = {
        {Q(typename), ARG_OBJ | ARG_REQUIRED},
        {Q(field_names), ARG_OBJ | ARG_REQUIRED},
        {Q(rename), ARG_BOOL | ARG_KEYWORD, {.v = 0}},
        {Q(defaults), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    str_arg(a[NAME].v, NULL);
    val_t fields = intern_names(a[FIELDS].v);
    val_t defaults = a[DEFAULTS].v == V_NONE ? V_OBJ(&tuple_empty) : tuple_from(a[DEFAULTS].v);
    if (tuple_of(defaults)->n > tuple_of(fields)->n)
        raise_type("Got more default values than field names");
    dict_t *attrs = dict_of(dict_copy(&named_attrs));
    dict_set_str(attrs, Q(_fields), fields);
    dict_set_str(attrs, Q(_defaults), defaults);
    type_t *type = HEAP_NEW(&type_type, type_t);
    *type = named_slots;
    type->name = str_intern_val(a[NAME].v);
    type->attrs = attrs;
    return V_OBJ(type);
}

static const dict_entry_t collections_table[] = {
    {VQ(__name__), VQ(collections)},
    FUNC_K(namedtuple, collections_namedtuple, 2, 2),
    {VQ(deque), V_OBJ(&type_deque)},
    {VQ(OrderedDict), V_OBJ(&type_OrderedDict)},
    {VQ(defaultdict), V_OBJ(&type_defaultdict)},
};
MODULE(collections, collections_table);
