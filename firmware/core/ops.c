/* SPDX-License-Identifier: MIT
 * ops.c: operators and built-in operations on any value.
 */
#include "ops.h"
#include "args.h"
#include "class.h"
#include "heap.h"
#include "vm.h"

/* ORDER OP, object.h */
const str_t *const op_names[OP_COUNT] = {
    Q(__add__), Q(__sub__), Q(__mul__), Q(__truediv__), Q(__floordiv__), Q(__mod__), Q(__pow__),
    Q(__matmul__), Q(__and__), Q(__or__), Q(__xor__), Q(__lshift__), Q(__rshift__), Q(__lt__),
    Q(__le__), Q(__gt__), Q(__ge__), Q(__eq__), Q(__ne__), Q(__contains__), Q(__divmod__)};
const str_t *const op_rnames[OP_COUNT] = {
    Q(__radd__), Q(__rsub__), Q(__rmul__), Q(__rtruediv__), Q(__rfloordiv__), Q(__rmod__),
    Q(__rpow__), Q(__rmatmul__), Q(__rand__), Q(__ror__), Q(__rxor__), Q(__rlshift__),
    Q(__rrshift__), Q(__gt__), Q(__ge__), Q(__lt__), Q(__le__), Q(__eq__), Q(__ne__),
    Q(__contains__), Q(__rdivmod__)};
const char *const op_symbols[OP_COUNT] = {"+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^",
    "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "in", "divmod()"};

/* ---- binary ---- */

static _Noreturn void unsupported(op_t op, val_t a, val_t b) {
    unsigned o = op & OP_MASK;
    if (o >= OP_LT && o <= OP_GE)
        raise_format(&type_TypeError, "'%s' not supported between instances of '%T' and '%T'",
                     op_symbols[o], a, b);
    raise_format(&type_TypeError, "unsupported operand type(s) for %s%s: '%T' and '%T'",
                 op_symbols[o], op & OP_INPLACE ? "=" : "", a, b);
}

val_t op_binary(op_t op, val_t a, val_t b) {
    const type_t *ta = type_of(a), *tb = type_of(b);
    op_t plain = op & OP_MASK;
    val_t r = V_UNDEF;
    if (plain == OP_NE && !(ta->flags & T_CLASS) && !(tb->flags & T_CLASS))
        return V_BOOL(!op_equal(a, b));
    bool asked = false;
    if (tb != ta && (tb->flags & T_CLASS) && ta != &type_object && type_is(tb, ta) && tb->binary) {
        asked = true; /* a subclass on the right goes first */
        r = tb->binary(plain | OP_REFLECTED, a, b);
    }
    if (!r && ta->binary)
        r = ta->binary(op, a, b);
    bool compare = plain >= OP_LT && plain <= OP_NE && tb->flags & T_CLASS;
    if (!r && (tb != ta || compare) && !asked && tb->binary)
        r = tb->binary(plain | OP_REFLECTED, a, b);
    if (r)
        return r;
    if (plain == OP_EQ)
        return V_BOOL(a == b);
    if (plain == OP_NE)
        return V_BOOL(!op_equal(a, b));
    unsupported(op, a, b);
}

bool op_equal(val_t a, val_t b) {
    if (a == b && !is_float(a))
        return true;
    if (is_int(a) && is_int(b))
        return false;
    return op_is_true(op_binary(OP_EQ, a, b));
}

bool op_less(val_t a, val_t b) {
    if (is_int(a) && is_int(b))
        return (intptr_t)a < (intptr_t)b;
    return op_is_true(op_binary(OP_LT, a, b));
}

bool op_contains(val_t container, val_t item) {
    const type_t *t = type_of(container);
    val_t r = t->binary ? t->binary(OP_CONTAINS, container, item) : V_UNDEF;
    if (r)
        return op_is_true(r);
    if (!t->iter && !t->index && !(t->flags & T_CLASS))
        raise_format(&type_TypeError, "argument of type '%T' is not iterable", container);
    val_t it = op_iter(container), x;
    while ((x = op_next(it)))
        if (x == item || op_equal(x, item))
            return true;
    return false;
}

/* ---- unary ---- */

val_t op_unary(unary_t op, val_t v) {
    const type_t *t = type_of(v);
    val_t r = t->unary ? t->unary(op, v) : V_UNDEF;
    if (r)
        return r;
    if (op <= UN_INVERT) {
        static const char symbols[] = "-+~";
        raise_format(&type_TypeError, "bad operand type for unary %c: '%T'", symbols[op], v);
    }
    static const char *const what[] = {"can't take abs() of '%T'", "object of type '%T' has no len()",
                                       "unhashable type: '%T'", "no truth value of '%T'",
                                       "can't convert %T to int", "can't convert %T to float"};
    raise_format(&type_TypeError, what[op - UN_ABS], v);
}

bool op_is_true(val_t v) {
    if (is_imm(v))
        return v != V_FALSE && v != V_NONE;
    if (is_int(v))
        return v != V_INT(0);
    const type_t *t = obj_of(v)->type;
    if (t == &type_float)
        return float_of(v) != 0;
    if (!t->unary)
        return true;
    val_t r = t->unary(UN_BOOL, v);
    if (!r) {
        r = t->unary(UN_LEN, v);
        return !r || r != V_INT(0);
    }
    return r != V_FALSE && r != V_INT(0);
}

unsigned op_hash(val_t v) {
    if (is_int(v))
        return (unsigned)int_of(v);
    if (is_str(v))
        return str_hash(str_of(v));
    if (v == V_TRUE || v == V_FALSE)
        return v == V_TRUE;
    const type_t *t = type_of(v);
    val_t r = t->unary ? t->unary(UN_HASH, v) : V_UNDEF;
    if (r == V_NONE) /* the type says that it cannot be hashed */
        raise_format(&type_TypeError, "unhashable type: '%T'", v);
    if (!r)
        return (unsigned)(v >> 3);
    return is_int(r) ? (unsigned)int_of(r) : op_hash(r);
}

intptr_t op_len_hint(val_t v) {
    const type_t *t = type_of(v);
    val_t r = t->unary ? t->unary(UN_LEN, v) : V_UNDEF;
    return r ? int_arg(r) : -1;
}

size_t op_len(val_t v) {
    if (is_obj(v)) {
        const type_t *t = obj_of(v)->type;
        if (t == &type_list)
            return list_of(v)->n;
        if (t == &type_tuple)
            return tuple_of(v)->n;
        if (t == &type_dict)
            return dict_len(dict_of(v));
    }
    intptr_t n = op_len_hint(v);
    if (n < 0)
        raise_format(&type_TypeError, "object of type '%T' has no len()", v);
    return (size_t)n;
}

/* ---- items ---- */

static val_t index_of(val_t obj, val_t key, val_t value, const char *what) {
    const type_t *t = type_of(obj);
    if (!t->index)
        raise_format(&type_TypeError, "'%T' object %s", obj, what);
    return t->index(obj, key, value);
}

val_t op_get_item(val_t obj, val_t key) {
    if (is_list(obj) && is_int(key)) {
        list_t *l = list_of(obj);
        intptr_t i = int_of(key);
        if (i < 0)
            i += (intptr_t)l->n;
        if ((uintptr_t)i < l->n)
            return l->items->v[i];
    }
    if (is_exact(obj, &type_type)) {
        val_t f = type_lookup((const type_t *)obj, Q(__class_getitem__));
        if (f)
            return call_1(op_get_attr(obj, Q(__class_getitem__)), key);
    }
    return index_of(obj, key, V_UNDEF, "isn't subscriptable");
}

void op_set_item(val_t obj, val_t key, val_t value) {
    index_of(obj, key, value, "doesn't support item assignment");
}
void op_del_item(val_t obj, val_t key) {
    index_of(obj, key, V_NOTIMPLEMENTED, "doesn't support item deletion");
}

/* ---- iteration ---- */

/* The old protocol: __getitem__ with 0, 1, 2 ... until IndexError. */
static val_t getitem_next(iterator_t *it) {
    catch_t c;
    val_t v = V_UNDEF;
    if (TRY(c)) {
        v = op_get_item(it->over, V_INT(it->pos));
        catch_end(&c);
    } else {
        if (is_a(c.exc, &type_IndexError) || is_a(c.exc, &type_StopIteration))
            return V_UNDEF;
        raise(c.exc);
    }
    it->pos++;
    return v;
}

val_t op_iter(val_t obj) {
    const type_t *t = type_of(obj);
    if (t->iter) {
        val_t it = t->iter(obj);
        if (it)
            return it;
    }
    if (t->flags & T_CLASS && type_lookup(t, Q(__getitem__)))
        return iterator_new(obj, getitem_next);
    raise_format(&type_TypeError, "'%T' object is not iterable", obj);
}

val_t op_next(val_t it) {
    const type_t *t = type_of(it);
    if (!t->next)
        raise_format(&type_TypeError, "'%T' object is not an iterator", it);
    adder.stop_value = V_NONE;
    return t->next(it);
}

/* ---- the rest ---- */

bool op_callable(val_t v) {
    const type_t *t = type_of(v);
    return t->call && (!(FIELD(t, flags) & T_CLASS) || type_lookup(t, Q(__call__)));
}

val_t op_format(val_t v, val_t spec) {
    if (FIELD(type_of(v), flags) & T_CLASS) {
        val_t f = op_special(v, Q(__format__));
        if (f)
            return call_2(f, v, spec);
    }
    return str_format_value(v, str_of(spec));
}

void op_buffer(val_t v, buffer_t *buf, bool writable) {
    const type_t *t = type_of(v);
    if (FIELD(t, flags) & T_NATIVE_BASE) {
        v = class_native(v);
        t = type_of(v);
    }
    if (!t->buffer || !t->buffer(v, buf, writable))
        raise_type(writable && t->buffer ? "read-only buffer" : "object with buffer protocol required");
}
