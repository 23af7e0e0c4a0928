/* SPDX-License-Identifier: MIT
 * slot_methods.c: special methods of native types, as functions over their slots: what (5).__add__ and
 * super().__repr__ find.
 */
#include "class.h"
#include "ops.h"
#include "vm.h"

static val_t slot_len(val_t a) { return V_INT(op_len(a)); }
static val_t slot_hash(val_t a) { return V_INT(op_hash(a)); }
static val_t slot_bool(val_t a) { return V_BOOL(op_is_true(a)); }
static val_t slot_setitem(val_t a, val_t k, val_t v) {
    op_set_item(a, k, v);
    return V_NONE;
}
static val_t slot_delitem(val_t a, val_t k) {
    op_del_item(a, k);
    return V_NONE;
}
static val_t slot_contains(val_t a, val_t b) { return V_BOOL(op_contains(a, b)); }
static val_t slot_next(val_t a) {
    val_t v = op_next(a);
    if (!v)
        raise_new(&type_StopIteration, adder.stop_value != V_NONE, &adder.stop_value);
    return v;
}
static val_t slot_abs(val_t a) { return op_unary(UN_ABS, a); }
static val_t slot_neg(val_t a) { return op_unary(UN_NEG, a); }
static val_t slot_call(unsigned n, unsigned nkw, const val_t *args) {
    return call(args[0], n - 1, nkw, args + 1);
}

/* Not through the class, so that a class's own __repr__ may call it by super(). */
static val_t plain_text(val_t self, print_t how) {
    builder_t b;
    builder_init(&b, 32);
    if (type_of(self)->flags & T_HAS_DICT)
        class_print_plain(&b.out, self, how);
    else
        out_value(&b.out, self, how);
    return builder_str(&b);
}
static val_t slot_repr(val_t a) { return plain_text(a, PRINT_REPR); }
static val_t slot_str(val_t a) { return plain_text(a, PRINT_STR); }
static val_t slot_eq(val_t a, val_t b) {
    if (type_of(a)->flags & T_HAS_DICT)
        return a == b ? V_TRUE : V_NOTIMPLEMENTED;
    return V_BOOL(op_equal(a, b));
}
static val_t slot_ne(val_t a, val_t b) { return V_BOOL(!op_equal(a, b)); }

#define SLOT_OP(name, op)                                                                          \
    static val_t slot_##name(val_t a, val_t b) { return op_binary(op, a, b); }
SLOT_OP(add, OP_ADD)
SLOT_OP(sub, OP_SUB)
SLOT_OP(mul, OP_MUL)
SLOT_OP(mod, OP_MOD)
SLOT_OP(floordiv, OP_FLOORDIV)
SLOT_OP(truediv, OP_TRUEDIV)
SLOT_OP(and, OP_AND)
SLOT_OP(or, OP_OR)
SLOT_OP(lt, OP_LT)
SLOT_OP(le, OP_LE)
SLOT_OP(gt, OP_GT)
SLOT_OP(ge, OP_GE)

static const dict_entry_t slot_table[] = {
    METHOD_1(__len__, slot_len), METHOD_1(__hash__, slot_hash), METHOD_1(__bool__, slot_bool),
    METHOD_2(__getitem__, op_get_item), METHOD_3(__setitem__, slot_setitem),
    METHOD_2(__delitem__, slot_delitem), METHOD_2(__contains__, slot_contains),
    METHOD_1(__iter__, op_iter), METHOD_1(__next__, slot_next), METHOD_1(__repr__, slot_repr),
    METHOD_1(__str__, slot_str), METHOD_1(__abs__, slot_abs), METHOD_1(__neg__, slot_neg),
    METHOD_K(__call__, slot_call, 1, ARGS_ANY), METHOD_2(__eq__, slot_eq),
    METHOD_2(__ne__, slot_ne), METHOD_2(__add__, slot_add), METHOD_2(__sub__, slot_sub),
    METHOD_2(__mul__, slot_mul), METHOD_2(__mod__, slot_mod), METHOD_2(__floordiv__, slot_floordiv),
    METHOD_2(__truediv__, slot_truediv), METHOD_2(__and__, slot_and), METHOD_2(__or__, slot_or),
    METHOD_2(__lt__, slot_lt), METHOD_2(__le__, slot_le), METHOD_2(__gt__, slot_gt),
    METHOD_2(__ge__, slot_ge),
};
static const dict_t slot_attrs = ROM_DICT(slot_table);

static bool has_slot(const type_t *t, const str_t *name) {
    if (name == Q(__repr__) || name == Q(__str__) || name == Q(__eq__) || name == Q(__ne__) ||
        name == Q(__hash__))
        return true;
    if (t->flags & T_CLASS) {
        t = t->base;
        if (!t)
            return false;
    }
    if (name == Q(__iter__))
        return t->iter;
    if (name == Q(__next__))
        return t->next;
    if (name == Q(__getitem__) || name == Q(__setitem__) || name == Q(__delitem__))
        return t->index;
    if (name == Q(__call__))
        return t->call;
    if (name == Q(__len__) || name == Q(__bool__) || name == Q(__abs__) || name == Q(__neg__))
        return t->unary;
    return t->binary;
}

val_t class_slot_function(const type_t *type, const str_t *name) {
    if (name->data[0] != '_' || name->data[1] != '_')
        return V_UNDEF;
    val_t f = dict_get_str(&slot_attrs, name);
    return f && has_slot(type, name) ? f : V_UNDEF;
}

val_t class_slot_method(val_t obj, const str_t *name) {
    val_t f = class_slot_function(type_of(obj), name);
    return f ? method_new(class_self_for_native(obj, f, name), f) : V_UNDEF;
}
