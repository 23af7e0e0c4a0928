/* SPDX-License-Identifier: MIT
 * dict_methods.c: the type dict with its views. collections' OrderedDict and defaultdict build on it.
 */
#include "dict_methods.h"
#include "args.h"
#include "heap.h"
#include "vm.h"

/* ---- iteration ---- */

typedef enum { KEYS, VALUES, ITEMS } kind_t;

typedef struct dict_iter {
    const type_t *type;
    dict_t *dict;
    uint32_t pos, len;
    kind_t kind;
} dict_iter_t;

static val_t item_of(kind_t kind, val_t k, val_t v) {
    const val_t both[] = {k, v};
    return kind == KEYS ? k : kind == VALUES ? v : tuple_new(2, both);
}

static val_t iter_self(val_t self) { return self; }

static val_t dict_iter_next(val_t self) {
    dict_iter_t *it = (dict_iter_t *)self;
    if (!it->dict)
        return V_UNDEF;
    if (dict_len(it->dict) != it->len)
        raise_text(&type_RuntimeError, "dictionary changed size during iteration");
    val_t k, v;
    unsigned pos = it->pos;
    if (!dict_next(it->dict, &pos, &k, &v)) {
        it->dict = NULL;
        return V_UNDEF;
    }
    it->pos = pos;
    return item_of(it->kind, k, v);
}
static const type_t type_dict_iterator = {TYPE_HEAD, .name = Q(dict_iterator), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .iter = iter_self, .next = dict_iter_next};

static val_t iterate(val_t d, kind_t kind) {
    dict_iter_t *it = HEAP_NEW(&type_dict_iterator, dict_iter_t);
    it->dict = dict_of(d);
    it->len = dict_len(dict_of(d));
    it->kind = kind;
    return V_OBJ(it);
}
static val_t dict_iter(val_t self) { return iterate(self, KEYS); }

/* ---- views ---- */

typedef struct view {
    const type_t *type;
    val_t dict;
    kind_t kind;
} view_t;

static val_t view_new(val_t d, kind_t kind) {
    view_t *v = HEAP_NEW(&type_dict_view, view_t);
    v->dict = d;
    v->kind = kind;
    return V_OBJ(v);
}

static val_t view_iter(val_t self) { return iterate(((view_t *)self)->dict, ((view_t *)self)->kind); }

static void view_print(out_t *out, val_t self, print_t how) {
    static const char *const names[] = {"dict_keys([", "dict_values([", "dict_items(["};
    const view_t *w = (view_t *)self;
    unsigned pos = 0;
    val_t k, v;
    out_text(out, names[w->kind]);
    for (bool first = true; dict_next(dict_of(w->dict), &pos, &k, &v); first = false) {
        if (!first)
            out_text(out, ", ");
        out_value(out, item_of(w->kind, k, v), PRINT_REPR);
    }
    out_text(out, "])");
}

static val_t view_unary(unary_t op, val_t self) {
    return op == UN_LEN ? V_INT(dict_len(dict_of(((view_t *)self)->dict))) : op == UN_HASH ? V_NONE : V_UNDEF;
}

static bool view_has(const view_t *w, val_t item) {
    dict_t *d = dict_of(w->dict);
    if (w->kind == KEYS)
        return dict_get(d, item);
    if (w->kind == ITEMS) {
        if (!is_tuple(item) || tuple_of(item)->n != 2)
            return false;
        val_t v = dict_get(d, tuple_of(item)->v[0]);
        return v && op_equal(v, tuple_of(item)->v[1]);
    }
    unsigned pos = 0;
    val_t v;
    while (dict_next(d, &pos, NULL, &v))
        if (op_equal(v, item))
            return true;
    return false;
}

/* Keys and items are like sets: operators work on sets made of them. */
static val_t view_binary(op_t op, val_t a, val_t b) {
    bool reflected = op & OP_REFLECTED;
    op &= OP_MASK;
    const view_t *w = (view_t *)(reflected ? b : a);
    if (op == OP_CONTAINS)
        return V_BOOL(view_has(w, b));
    bool set_like = (op >= OP_AND && op <= OP_XOR) || op == OP_SUB || (op >= OP_LT && op <= OP_EQ);
    val_t other = reflected ? a : b;
    if (w->kind == VALUES || !set_like)
        return V_UNDEF;
    if (op >= OP_LT && op <= OP_EQ && !is_a(other, &type_set) && !is_a(other, &type_frozenset) && !is_exact(other, &type_dict_view))
        return V_UNDEF;
    return op_binary(op, call_1(V_OBJ(&type_set), a), call_1(V_OBJ(&type_set), b));
}

static val_t view_isdisjoint(val_t self, val_t other) {
    val_t s = call_1(V_OBJ(&type_set), self);
    return call_method(s, Q(isdisjoint), 1, &other);
}
static const dict_entry_t view_table[] = {METHOD_2(isdisjoint, view_isdisjoint)};
static const dict_t view_attrs = ROM_DICT(view_table);
const type_t type_dict_view = {TYPE_HEAD, .name = Q(dict_view), .attrs = &view_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .print = view_print, .unary = view_unary,
    .binary = view_binary, .iter = view_iter};

/* ---- dict ---- */

void dict_update_from(dict_t *d, val_t from) {
    val_t other = native_of(from, &type_dict);
    if (other) {
        dict_update(d, dict_of(other));
        return;
    }
    val_t keys = op_find_attr(from, Q(keys)), k;
    if (keys) {
        val_t it = op_iter(call_0(keys));
        while ((k = op_next(it)))
            dict_set(d, k, op_get_item(from, k));
        return;
    }
    val_t it = op_iter(from), pair;
    while ((pair = op_next(it))) {
        size_t n;
        const val_t *items;
        if (!seq_items(pair, &n, &items)) {
            pair = tuple_from(pair);
            seq_items(pair, &n, &items);
        }
        if (n != 2)
            raise_value("dictionary update sequence elements must have length 2");
        dict_set(d, items[0], items[1]);
    }
}

void dict_fill(dict_t *d, unsigned n, unsigned nkw, const val_t *args) {
    if (n)
        dict_update_from(d, args[0]);
    for (unsigned i = 0; i < nkw; i++)
        dict_set(d, args[n + 2 * i], args[n + 2 * i + 1]);
}

static val_t dict_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, 0, 0, 1);
    val_t d = dict_new(0);
    dict_fill(dict_of(d), n, nkw, args);
    return d;
}

void dict_print_items(out_t *out, val_t self) {
    unsigned pos = 0;
    val_t k, v;
    out_text(out, "{");
    for (bool first = true; dict_next(dict_of(self), &pos, &k, &v); first = false)
        out_printf(out, first ? "%v: %v" : ", %v: %v", k, v);
    out_text(out, "}");
}
static void dict_print(out_t *out, val_t self, print_t how) { dict_print_items(out, self); }

val_t dict_unary(unary_t op, val_t self) {
    return op == UN_LEN ? V_INT(dict_len(dict_of(self))) : op == UN_HASH ? V_NONE : V_UNDEF;
}

static bool equal(const dict_t *a, const dict_t *b) {
    if (dict_len(a) != dict_len(b))
        return false;
    unsigned pos = 0;
    val_t k, v;
    vm_check_stack();
    while (dict_next(a, &pos, &k, &v)) {
        val_t w = dict_get(b, k);
        if (!w || (v != w && !op_equal(v, w)))
            return false;
    }
    return true;
}

val_t dict_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(dict_get(dict_of(a), b) != V_UNDEF);
    val_t x = native_of(a, &type_dict), y = native_of(b, &type_dict);
    if (op == OP_OR && inplace && x) {
        dict_update_from(dict_of(x), b);
        return a;
    }
    if (!x || !y)
        return V_UNDEF;
    if (op == OP_EQ)
        return V_BOOL(equal(dict_of(x), dict_of(y)));
    if (op != OP_OR)
        return V_UNDEF;
    val_t r = dict_copy(dict_of(x));
    dict_update(dict_of(r), dict_of(y));
    return r;
}

val_t dict_index(val_t self, val_t key, val_t value) {
    dict_t *d = dict_of(self);
    if (value == V_UNDEF) {
        val_t v = dict_get(d, key);
        if (!v)
            raise_key(key);
        return v;
    }
    if (value == V_NOTIMPLEMENTED) {
        if (!dict_delete(d, key))
            raise_key(key);
    } else {
        dict_set(d, key, value);
    }
    return V_NONE;
}

/* ---- methods ---- */

static val_t dict_get_method(unsigned n, const val_t *args) {
    val_t v = dict_get(dict_of(args[0]), args[1]);
    return v ? v : n > 2 ? args[2] : V_NONE;
}

static val_t dict_setdefault(unsigned n, const val_t *args) {
    val_t v = dict_get(dict_of(args[0]), args[1]);
    if (!v)
        dict_set(dict_of(args[0]), args[1], v = n > 2 ? args[2] : V_NONE);
    return v;
}

static val_t dict_pop(unsigned n, const val_t *args) {
    val_t v = dict_delete(dict_of(args[0]), args[1]);
    if (!v && n < 3)
        raise_key(args[1]);
    return v ? v : args[2];
}

val_t dict_pop_at(dict_t *d, bool last) {
    unsigned i = last ? d->used : 0;
    if (!dict_len(d))
        raise_key(str_from("popitem(): dictionary is empty"));
    if (last)
        while (!d->block->e[--i].key)
            ;
    else
        while (!d->block->e[i].key)
            i++;
    const val_t both[] = {d->block->e[i].key, d->block->e[i].value};
    dict_delete(d, both[0]);
    return tuple_new(2, both);
}
static val_t dict_popitem(val_t self) { return dict_pop_at(dict_of(self), true); }

static val_t dict_update_method(unsigned n, unsigned nkw, const val_t *args) {
    dict_fill(dict_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}
static val_t dict_clear_method(val_t self) {
    dict_clear(dict_of(self));
    return V_NONE;
}
static val_t dict_copy_method(val_t self) {
    val_t d = dict_copy(dict_of(self));
    return d;
}
static val_t dict_keys(val_t self) { return view_new(self, KEYS); }
static val_t dict_values(val_t self) { return view_new(self, VALUES); }
static val_t dict_items(val_t self) { return view_new(self, ITEMS); }

static val_t dict_fromkeys(unsigned n, const val_t *args) {
    val_t d = call_0(args[0]), it = op_iter(args[1]), k;
    while ((k = op_next(it)))
        op_set_item(d, k, n > 2 ? args[2] : V_NONE);
    return d;
}

val_t dict_reversed(val_t d) {
    list_t *l = list_of(list_from(d));
    for (size_t i = 0, j = l->n; i + 1 < j; i++) {
        val_t t = l->items->v[--j];
        l->items->v[j] = l->items->v[i];
        l->items->v[i] = t;
    }
    return op_iter(V_OBJ(l));
}

static const dict_entry_t dict_table[] = {
    METHOD_V(get, dict_get_method, 2, 3),
    METHOD_1(items, dict_items),
    METHOD_1(keys, dict_keys),
    METHOD_1(values, dict_values),
    METHOD_V(setdefault, dict_setdefault, 2, 3),
    METHOD_V(pop, dict_pop, 2, 3),
    METHOD_K(update, dict_update_method, 1, 2),
    METHOD_1(popitem, dict_popitem),
    METHOD_1(clear, dict_clear_method),
    METHOD_1(copy, dict_copy_method),
    METHOD_1(__reversed__, dict_reversed),
    CLASS_METHOD(fromkeys, NATIVE_FNV(dict_fromkeys, 2, 3)),
};
static const dict_t dict_attrs = ROM_DICT(dict_table);
const type_t type_dict = {TYPE_HEAD, .name = Q(dict), .attrs = &dict_attrs, .trace = TRACE_WORDS,
    .trace_from = 1, .trace_to = 3, .make = dict_make, .print = dict_print, .unary = dict_unary,
    .binary = dict_binary, .index = dict_index, .iter = dict_iter};
