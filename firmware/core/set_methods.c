/* SPDX-License-Identifier: MIT
 * set_methods.c: the types set and frozenset.
 */
#include "args.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

/* ---- helpers ---- */

static val_t as_set(val_t v) { /* V_UNDEF if it is none */
    val_t s = native_of(v, &type_set);
    return s ? s : native_of(v, &type_frozenset);
}

static void add_all(set_t *s, val_t iterable) {
    val_t it, v;
    if ((it = as_set(iterable))) {
        unsigned pos = 0;
        while (set_next(set_of(it), &pos, &v))
            set_add(s, v);
        return;
    }
    it = op_iter(iterable);
    while ((v = op_next(it)))
        set_add(s, v);
}

static val_t set_from(const type_t *type, val_t iterable) {
    val_t s = set_new(type);
    add_all(set_of(s), iterable);
    return s;
}

/* Any iterable as a set to look into. */
static val_t to_set(val_t v) {
    val_t s = as_set(v);
    return s ? s : set_from(&type_set, v);
}

static const type_t *kind_of(val_t s) { return is_exact(s, &type_frozenset) ? &type_frozenset : &type_set; }

static bool is_subset(val_t a, val_t b) {
    unsigned pos = 0;
    val_t v;
    if (set_len(set_of(a)) > set_len(set_of(b)))
        return false;
    while (set_next(set_of(a), &pos, &v))
        if (!set_has(set_of(b), v))
            return false;
    return true;
}

/* Those of a that are (not) in b, added to `to`. */
static void filter(set_t *to, val_t a, val_t b, bool in_b) {
    unsigned pos = 0;
    val_t v;
    while (set_next(set_of(a), &pos, &v))
        if (set_has(set_of(b), v) == in_b)
            set_add(to, v);
}

static val_t combine(op_t op, val_t a, val_t b) {
    set_t *r = set_of(set_new(kind_of(a)));
    switch (op) {
    case OP_AND: filter(r, a, b, true); break;
    case OP_OR:
        add_all(r, a);
        add_all(r, b);
        break;
    case OP_XOR:
        filter(r, a, b, false);
        filter(r, b, a, false);
        break;
    default: filter(r, a, b, false);
    }
    return V_OBJ(r);
}

static void become(val_t self, val_t other) {
    set_t *s = set_of(self), *o = set_of(other);
    s->keys = o->keys;
    s->index = o->index;
    s->used = o->used;
    s->dead = o->dead;
    s->mixed = o->mixed;
}

/* ---- slots ---- */

static val_t set_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    if (n && type == &type_frozenset && is_exact(args[0], &type_frozenset))
        return args[0];
    return n ? set_from(type, args[0]) : set_new(type);
}

static void set_print(out_t *out, val_t self, print_t how) {
    const set_t *s = set_of(self);
    bool frozen = s->type == &type_frozenset;
    if (!set_len(s)) {
        out_text(out, frozen ? "frozenset()" : "set()");
        return;
    }
    out_text(out, frozen ? "frozenset({" : "{");
    unsigned pos = 0;
    val_t v;
    for (bool first = true; set_next(s, &pos, &v); first = false)
        out_printf(out, first ? "%v" : ", %v", v);
    out_text(out, frozen ? "})" : "}");
}

static val_t set_unary(unary_t op, val_t self) {
    const set_t *s = set_of(self);
    if (op == UN_LEN)
        return V_INT(set_len(s));
    if (op != UN_HASH)
        return V_UNDEF;
    if (s->type == &type_set)
        return V_NONE;
    uint32_t h = 1927868237 + set_len(s);
    unsigned pos = 0;
    val_t v;
    while (set_next(s, &pos, &v)) {
        uint32_t x = op_hash(v);
        h ^= (x ^ x << 16 ^ 89869747) * 3644798167u;
    }
    return V_INT(h & 0x3fffffff);
}

static val_t set_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_CONTAINS) {
        val_t s = native_of(b, &type_set); /* a set looks for the equal frozenset */
        return V_BOOL(set_has(set_of(a), s ? set_from(&type_frozenset, s) : b));
    }
    val_t x = as_set(a), y = as_set(b);
    if (!x || !y)
        return V_UNDEF;
    unsigned nx = set_len(set_of(x)), ny = set_len(set_of(y));
    switch (op) {
    case OP_EQ: return V_BOOL(nx == ny && is_subset(x, y));
    case OP_LE: return V_BOOL(is_subset(x, y));
    case OP_LT: return V_BOOL(nx < ny && is_subset(x, y));
    case OP_GE: return V_BOOL(is_subset(y, x));
    case OP_GT: return V_BOOL(ny < nx && is_subset(y, x));
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_SUB: break;
    default: return V_UNDEF;
    }
    val_t r = combine(op, x, y);
    if (!inplace || kind_of(x) == &type_frozenset)
        return r;
    become(x, r);
    return a;
}

typedef struct set_iter {
    const type_t *type;
    set_t *set;
    uint32_t pos, len;
} set_iter_t;

static val_t iter_self(val_t self) { return self; }
static val_t set_iter_next(val_t self) {
    set_iter_t *it = (set_iter_t *)self;
    val_t v;
    if (!it->set)
        return V_UNDEF;
    if (set_len(it->set) != it->len)
        raise_text(&type_RuntimeError, "Set changed size during iteration");
    unsigned pos = it->pos;
    if (!set_next(it->set, &pos, &v)) {
        it->set = NULL;
        return V_UNDEF;
    }
    it->pos = pos;
    return v;
}
static const type_t type_set_iterator = {TYPE_HEAD, .name = Q(set_iterator), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .iter = iter_self, .next = set_iter_next};

static val_t set_iter(val_t self) {
    set_iter_t *it = HEAP_NEW(&type_set_iterator, set_iter_t);
    it->set = set_of(self);
    it->len = set_len(set_of(self));
    return V_OBJ(it);
}

/* ---- methods ---- */

static val_t set_add_method(val_t self, val_t v) {
    set_add(set_of(self), v);
    return V_NONE;
}
static val_t set_discard(val_t self, val_t v) {
    set_remove(set_of(self), v);
    return V_NONE;
}
static val_t set_remove_method(val_t self, val_t v) {
    if (!set_remove(set_of(self), v))
        raise_key(v);
    return V_NONE;
}
static val_t set_pop(val_t self) {
    unsigned pos = 0;
    val_t v;
    if (!set_next(set_of(self), &pos, &v))
        raise_key(str_from("pop from an empty set"));
    set_remove(set_of(self), v);
    return v;
}
static val_t set_clear_method(val_t self) {
    set_clear(set_of(self));
    return V_NONE;
}
static val_t set_copy(val_t self) { return set_from(kind_of(self), self); }

static val_t with_all(op_t op, unsigned n, const val_t *args) {
    val_t r = set_copy(args[0]);
    for (unsigned i = 1; i < n; i++)
        r = combine(op, r, to_set(args[i]));
    return r;
}
static val_t set_union(unsigned n, const val_t *args) { return with_all(OP_OR, n, args); }
static val_t set_intersection(unsigned n, const val_t *args) { return with_all(OP_AND, n, args); }
static val_t set_difference(unsigned n, const val_t *args) { return with_all(OP_SUB, n, args); }
static val_t set_symmetric_difference(val_t a, val_t b) { return combine(OP_XOR, a, to_set(b)); }

static val_t set_update(unsigned n, const val_t *args) {
    for (unsigned i = 1; i < n; i++)
        add_all(set_of(args[0]), args[i] == args[0] ? set_copy(args[i]) : args[i]);
    return V_NONE;
}
static val_t set_intersection_update(unsigned n, const val_t *args) {
    become(args[0], with_all(OP_AND, n, args));
    return V_NONE;
}
static val_t set_difference_update(unsigned n, const val_t *args) {
    become(args[0], with_all(OP_SUB, n, args));
    return V_NONE;
}
static val_t set_symmetric_difference_update(val_t a, val_t b) {
    become(a, combine(OP_XOR, a, to_set(b)));
    return V_NONE;
}

static val_t set_issubset(val_t a, val_t b) { return V_BOOL(is_subset(a, to_set(b))); }
static val_t set_issuperset(val_t a, val_t b) { return V_BOOL(is_subset(to_set(b), a)); }
static val_t set_isdisjoint(val_t a, val_t b) {
    unsigned pos = 0;
    val_t v;
    b = to_set(b);
    while (set_next(set_of(b), &pos, &v))
        if (set_has(set_of(a), v))
            return V_FALSE;
    return V_TRUE;
}

static const dict_entry_t set_table[] = {
    METHOD_2(add, set_add_method),
    METHOD_2(remove, set_remove_method),
    METHOD_2(discard, set_discard),
    METHOD_1(pop, set_pop),
    METHOD_1(clear, set_clear_method),
    METHOD_V(update, set_update, 1, ARGS_ANY),
    METHOD_V(intersection_update, set_intersection_update, 1, ARGS_ANY),
    METHOD_V(difference_update, set_difference_update, 1, ARGS_ANY),
    METHOD_2(symmetric_difference_update, set_symmetric_difference_update),
    METHOD_1(copy, set_copy),
    METHOD_V(union, set_union, 1, ARGS_ANY),
    METHOD_V(intersection, set_intersection, 1, ARGS_ANY),
    METHOD_V(difference, set_difference, 1, ARGS_ANY),
    METHOD_2(symmetric_difference, set_symmetric_difference),
    METHOD_2(issubset, set_issubset),
    METHOD_2(issuperset, set_issuperset),
    METHOD_2(isdisjoint, set_isdisjoint),
};
/* frozenset has those that change nothing: the last ones. */
enum { CHANGING = 9 };
static const dict_t set_attrs = ROM_DICT(set_table);
static const dict_t frozenset_attrs = {&type_dict,
    (dict_block_t *)((uintptr_t)(set_table + CHANGING) - offsetof(dict_block_t, e)), NULL,
    COUNT_OF(set_table) - CHANGING, 0, 0};

const type_t type_set = {TYPE_HEAD, .name = Q(set), .attrs = &set_attrs, .trace = TRACE_WORDS,
    .trace_from = 1, .trace_to = 3, .make = set_make, .print = set_print, .unary = set_unary,
    .binary = set_binary, .iter = set_iter};
const type_t type_frozenset = {TYPE_HEAD, .name = Q(frozenset), .attrs = &frozenset_attrs,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .make = set_make, .print = set_print,
    .unary = set_unary, .binary = set_binary, .iter = set_iter};
