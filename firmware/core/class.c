/* SPDX-License-Identifier: MIT
 * class.c: classes made by Python code: method resolution order, instances, and the slots that
 * look up special methods.
 */
#include "class.h"
#include "args.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

/* ---- method resolution order (C3) ---- */

static vals_t *mro_of(const type_t *type) {
    if (type->mro)
        return (vals_t *)type->mro;
    size_t n = 0;
    for (const type_t *t = type; t && t != &type_object; t = t->base)
        n++;
    vals_t *mro = tuple_of(tuple_new(n + 1, NULL));
    n = 0;
    for (const type_t *t = type; t && t != &type_object; t = t->base)
        mro->v[n++] = V_OBJ(t);
    mro->v[n] = V_OBJ(&type_object);
    return mro;
}

static bool in_tail(const list_t *seqs, const val_t *heads, val_t type) {
    for (size_t i = 0; i < seqs->n; i++) {
        const vals_t *s = tuple_of(seqs->items->v[i]);
        for (size_t j = (size_t)int_of(heads[i]) + 1; j < s->n; j++)
            if (s->v[j] == type)
                return true;
    }
    return false;
}

static vals_t *compute_mro(const type_t *cls, const vals_t *bases) {
    list_t *result = list_of(list_new(4, NULL));
    list_append(result, V_OBJ(cls));
    list_t *seqs = list_of(list_new(bases->n + 1, NULL));
    for (size_t i = 0; i < bases->n; i++)
        list_append(seqs, V_OBJ(mro_of((const type_t *)bases->v[i])));
    list_append(seqs, V_OBJ(bases));
    vals_t *heads = vals_new(seqs->n); /* as small ints */
    for (size_t i = 0; i < seqs->n; i++)
        heads->v[i] = V_INT(0);
    for (;;) {
        val_t next = V_UNDEF;
        bool left = false;
        for (size_t i = 0; i < seqs->n && !next; i++) {
            const vals_t *s = tuple_of(seqs->items->v[i]);
            size_t h = (size_t)int_of(heads->v[i]);
            if (h >= s->n)
                continue;
            left = true;
            if (!in_tail(seqs, heads->v, s->v[h]))
                next = s->v[h];
        }
        if (!left)
            return tuple_of(tuple_new(result->n, result->items->v));
        if (!next)
            raise_type("Cannot create a consistent method resolution order (MRO)");
        list_append(result, next);
        for (size_t i = 0; i < seqs->n; i++) {
            const vals_t *s = tuple_of(seqs->items->v[i]);
            size_t h = (size_t)int_of(heads->v[i]);
            if (h < s->n && s->v[h] == next)
                heads->v[i] = V_INT(h + 1);
        }
    }
}

/* ---- making classes ---- */

static void note_attr(type_t *cls, const str_t *name, val_t value) {
    if (name == Q(__setattr__) || name == Q(__delattr__))
        cls->flags |= T_HAS_SETATTR;
    if (name == Q(__getattr__))
        cls->flags |= T_HAS_GETATTR;
    const type_t *t = type_of(value);
    if (t == &type_property || t == &type_getset ||
        (t->flags & T_CLASS && (type_lookup(t, Q(__set__)) || type_lookup(t, Q(__delete__)))))
        cls->flags |= T_HAS_SETATTR;
}

void class_set(type_t *cls, const str_t *name, val_t value) {
    note_attr(cls, name, value);
    if (type_of(value)->flags & T_FUNCTION)
        adder.classes_changed = true;
    dict_set_str((dict_t *)cls->attrs, name, value);
}

static const type_t instance_slots;

val_t class_new(str_t *name, const vals_t *bases, dict_t *attrs) {
    const val_t object = V_OBJ(&type_object);
    if (bases->n == 0)
        bases = tuple_of(tuple_new(1, &object));
    type_t *cls = HEAP_NEW(&type_type, type_t);
    uint16_t flags = T_CLASS | T_HAS_DICT;
    const type_t *native = NULL;
    for (size_t i = 0; i < bases->n; i++)
        if (!is_exact(bases->v[i], &type_type))
            raise_format(&type_TypeError, "'%T' object is not a class to derive from", bases->v[i]);
    const vals_t *mro = compute_mro(cls, bases);
    for (size_t i = 1; i < mro->n; i++) {
        const type_t *t = (const type_t *)mro->v[i];
        if (t->flags & T_NO_SUBCLASS)
            raise_format(&type_TypeError, "type '%q' is not an acceptable base type", t->name);
        flags |= t->flags & (T_EXC | T_HAS_SETATTR | T_HAS_GETATTR);
        if (!(t->flags & T_CLASS) && t != &type_object && !native)
            native = t;
        else if (!(t->flags & T_CLASS) && !type_is(native ? native : t, t))
            raise_type("multiple bases have instance lay-out conflict");
    }
    if (native && !(flags & T_EXC))
        flags |= T_NATIVE_BASE | T_HAS_SETATTR;
    *cls = instance_slots;
    cls->name = name;
    cls->attrs = attrs;
    cls->base = native;
    cls->mro = mro;
    cls->flags = flags;
    cls->trace_to = flags & T_EXC ? 7 : flags & T_NATIVE_BASE ? 5 : 3;
    unsigned pos = 0;
    val_t k, v;
    while (dict_next(attrs, &pos, &k, &v))
        if (is_str(k))
            note_attr(cls, str_of(k), v);
    dict_set_str(attrs, Q(__bases__), V_OBJ(bases));
    pos = 0;
    while (dict_next(attrs, &pos, &k, &v)) {
        val_t f = type_of(v)->flags & T_CLASS ? op_special(v, Q(__set_name__)) : V_UNDEF;
        if (f) {
            const val_t args[] = {v, V_OBJ(cls), k};
            call(f, 3, 0, args);
        }
    }
    return V_OBJ(cls);
}

/* ---- instances ---- */

static bool made_at_birth(const type_t *t) {
    static const type_t *const immutable[] = {&type_int, &type_float, &type_str, &type_bytes,
                                              &type_tuple, &type_frozenset, &type_complex};
    for (size_t i = 0; i < COUNT_OF(immutable); i++)
        if (type_is(t, immutable[i]))
            return true;
    return false;
}

val_t class_instance(const type_t *cls, unsigned n, unsigned nkw, const val_t *args) {
    if (!(cls->flags & T_CLASS))
        return cls->make ? cls->make(cls, n, nkw, args) : V_NONE;
    if (cls->flags & T_EXC)
        return exc_new(cls, n, args);
    bool native = cls->flags & T_NATIVE_BASE;
    instance_t *o = heap_alloc(cls, native ? sizeof(instance_sub_t) : sizeof(instance_t));
    o->block = (dict_block_t *)&dict_no_entries;
    if (native && made_at_birth(cls->base))
        ((instance_sub_t *)o)->native = cls->base->make(cls->base, n, nkw, args);
    return V_OBJ(o);
}

val_t class_native(val_t obj) {
    instance_sub_t *o = (instance_sub_t *)obj;
    if (!o->native) {
        const type_t *base = o->inst.type->base;
        if (!base->make)
            raise_format(&type_TypeError, "cannot create '%q' instances", base->name);
        o->native = base->make(base, 0, 0, NULL);
    }
    return o->native;
}

/* object.__init__: for classes with a native base, that base's initialisation. */
static val_t object_init(unsigned n, unsigned nkw, const val_t *args) {
    const type_t *t = type_of(args[0]);
    if (t->flags & T_NATIVE_BASE && !made_at_birth(t->base) && t->base->make)
        ((instance_sub_t *)args[0])->native = t->base->make(t->base, n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t object_new(unsigned n, unsigned nkw, const val_t *args) {
    if (!is_exact(args[0], &type_type))
        raise_type("__new__ needs a type");
    return class_instance((const type_t *)args[0], n - 1, nkw, args + 1);
}

static val_t object_setattr(val_t self, val_t name, val_t value) {
    str_arg(name, NULL);
    class_store(self, str_intern_val(name), value);
    return V_NONE;
}

static val_t object_delattr(val_t self, val_t name) {
    str_arg(name, NULL);
    class_store(self, str_intern_val(name), V_UNDEF);
    return V_NONE;
}

static const native_t object_init_fn = {&type_native, {.fk = object_init}, NATIVE_K, 1, ARGS_ANY};
static const native_t object_new_fn = {&type_native, {.fk = object_new}, NATIVE_K, 1, ARGS_ANY};
static const wrapper_t object_new_static = {&type_staticmethod, V_OBJ(&object_new_fn)};
static const dict_entry_t object_table[] = {
    {VQ(__init__), V_OBJ(&object_init_fn)},
    {VQ(__new__), V_OBJ(&object_new_static)},
    METHOD_3(__setattr__, object_setattr),
    METHOD_2(__delattr__, object_delattr),
};
static const dict_t object_attrs = ROM_DICT(object_table);

static val_t class_make(const type_t *cls, unsigned n, unsigned nkw, const val_t *args) {
    val_t make = type_lookup(cls, Q(__new__));
    val_t obj;
    bool own_new = make != V_OBJ(&object_new_static);
    if (own_new) {
        if (is_exact(make, &type_staticmethod))
            make = ((wrapper_t *)make)->fn;
        obj = call_self(make, V_OBJ(cls), n, nkw, args);
        if (!is_a(obj, cls))
            return obj;
    } else {
        obj = class_instance(cls, n, nkw, args);
    }
    val_t init = type_lookup(cls, Q(__init__));
    if (init == V_OBJ(&object_init_fn)) {
        if (!(cls->flags & T_NATIVE_BASE) && !own_new && n + nkw)
            raise_format(&type_TypeError, "%q() takes no arguments", cls->name);
    }
    if (init && call_self(init, obj, n, nkw, args) != V_NONE)
        raise_type("__init__() should return None");
    return obj;
}

val_t class_self_for_native(val_t obj, val_t fn, const str_t *name) {
    if (!(type_of(obj)->flags & T_NATIVE_BASE) || dict_get_str(&object_attrs, name) == fn)
        return obj;
    return class_native(obj);
}

val_t class_init_of(const type_t *cls) {
    if (type_lookup(cls, Q(__new__)) != V_OBJ(&object_new_static) || cls->flags & T_NATIVE_BASE)
        return V_UNDEF;
    return type_lookup(cls, Q(__init__));
}

/* ---- slots: look up the special method, else ask the native base ---- */

static const type_t *native_base(val_t self) {
    const type_t *t = type_of(self);
    return t->flags & T_NATIVE_BASE ? t->base : NULL;
}

static val_t inst_binary(op_t op, val_t a, val_t b) {
    bool reflected = op & OP_REFLECTED;
    op_t plain = op & OP_MASK;
    val_t self = reflected ? b : a, other = reflected ? a : b;
    const type_t *t = type_of(self);
    val_t f = V_UNDEF, r = V_NOTIMPLEMENTED;
    if (op & OP_INPLACE && plain <= OP_RSHIFT) {
        char name[16] = "__i";
        strcpy(name + 3, op_names[plain]->data + 2);
        f = type_lookup(t, str_intern(name, strlen(name)));
        if (f && (r = call_2(f, self, other)) != V_NOTIMPLEMENTED)
            return r;
    }
    f = type_lookup(t, reflected ? op_rnames[plain] : op_names[plain]);
    if (f == V_NONE)
        return V_UNDEF;
    if (f)
        r = call_2(f, self, other);
    if (r != V_NOTIMPLEMENTED)
        return plain == OP_CONTAINS ? V_BOOL(op_is_true(r)) : r;
    if (f)
        return V_UNDEF;
    if (plain == OP_NE && (f = type_lookup(t, Q(__eq__)))) {
        r = call_2(f, self, other);
        return r == V_NOTIMPLEMENTED ? V_UNDEF : V_BOOL(!op_is_true(r));
    }
    const type_t *base = native_base(self);
    if (base && base->binary && plain != OP_NE) {
        val_t p = class_native(self);
        val_t o = type_of(other)->flags & T_NATIVE_BASE ? class_native(other) : other;
        return reflected ? base->binary(op, o, p) : base->binary(op, p, o);
    }
    return V_UNDEF;
}

static const str_t *const unary_names[] = {Q(__neg__), Q(__pos__), Q(__invert__), Q(__abs__),
    Q(__len__), Q(__hash__), Q(__bool__), Q(__int__), Q(__float__)};

static val_t inst_unary(unary_t op, val_t self) {
    const type_t *t = type_of(self);
    val_t f = type_lookup(t, unary_names[op]);
    if (f && f != V_NONE) {
        val_t r = call_1(f, self);
        if (op == UN_BOOL && r != V_TRUE && r != V_FALSE)
            raise_type("__bool__ should return bool");
        if (op == UN_LEN && (!is_integer(r) || int_sign(r) < 0))
            raise_text(is_integer(r) ? &type_ValueError : &type_TypeError, "__len__() should return >= 0");
        return r;
    }
    if (op == UN_HASH && (f == V_NONE || type_lookup(t, Q(__eq__))))
        return V_NONE;
    const type_t *base = native_base(self);
    return base && base->unary ? base->unary(op, class_native(self)) : V_UNDEF;
}

static val_t inst_index(val_t self, val_t key, val_t value) {
    const str_t *name = value == V_UNDEF ? Q(__getitem__)
                        : value == V_NOTIMPLEMENTED ? Q(__delitem__) : Q(__setitem__);
    val_t f = op_special(self, name);
    if (f) {
        const val_t args[] = {self, key, value};
        return call(f, value == V_UNDEF || value == V_NOTIMPLEMENTED ? 2 : 3, 0, args);
    }
    const type_t *base = native_base(self);
    if (base && base->index) {
        val_t p = class_native(self);
        if (base == &type_dict && value == V_UNDEF && (f = op_special(self, Q(__missing__))) &&
            !dict_get(dict_of(p), key))
            return call_2(f, self, key);
        return base->index(p, key, value);
    }
    raise_format(&type_TypeError, "'%T' object %s", self,
                 value == V_UNDEF ? "isn't subscriptable" : "doesn't support item assignment");
}

static val_t inst_iter(val_t self) {
    val_t f = op_special(self, Q(__iter__));
    if (f == V_NONE)
        return V_UNDEF;
    if (f)
        return call_1(f, self);
    const type_t *base = native_base(self);
    return base && base->iter ? base->iter(class_native(self)) : V_UNDEF;
}

/* Calls f(self); StopIteration is the end. */
static val_t call_next(val_t f, val_t self) {
    catch_t c;
    if (TRY(c)) {
        val_t v = call_1(f, self);
        catch_end(&c);
        return v;
    }
    if (!is_a(c.exc, &type_StopIteration))
        raise(c.exc);
    adder.stop_value = exc_value(c.exc);
    return V_UNDEF;
}

static val_t inst_next(val_t self) {
    val_t f = op_special(self, Q(__next__));
    if (f)
        return call_next(f, self);
    const type_t *base = native_base(self);
    if (!base || !base->next)
        raise_format(&type_TypeError, "'%T' object is not an iterator", self);
    return base->next(class_native(self));
}

static val_t inst_call(val_t self, unsigned n, unsigned nkw, const val_t *args) {
    val_t f = op_special(self, Q(__call__));
    const type_t *base = native_base(self);
    if (!f && base && base->call)
        return base->call(class_native(self), n, nkw, args);
    if (!f)
        raise_format(&type_TypeError, "'%T' object is not callable", self);
    return call_self(f, self, n, nkw, args);
}

void class_print_plain(out_t *out, val_t self, print_t how) {
    const type_t *t = type_of(self);
    if (t->flags & T_EXC)
        type_BaseException.print(out, self, how);
    else if (t->flags & T_NATIVE_BASE && t->base->print)
        out_value(out, class_native(self), how);
    else
        out_printf(out, "<%q object at %p>", t->name, (void *)self);
}

static void inst_print(out_t *out, val_t self, print_t how) {
    val_t f = how == PRINT_STR ? op_special(self, Q(__str__)) : V_UNDEF;
    bool plain_str = how == PRINT_STR && type_of(self)->flags & T_EXC;
    if (!f && !plain_str)
        f = op_special(self, Q(__repr__));
    if (!f) {
        class_print_plain(out, self, how);
        return;
    }
    val_t s = call_1(f, self);
    if (!native_of(s, &type_str))
        raise_format(&type_TypeError, "__str__ returned non-string (type %T)", s);
    out_value(out, native_of(s, &type_str), PRINT_STR);
}

static bool inst_buffer(val_t self, buffer_t *buf, bool writable) { return false; }

static const type_t instance_slots = {TYPE_HEAD, .trace = TRACE_WORDS, .trace_from = 0,
    .trace_to = 3, .make = class_make, .call = inst_call, .print = inst_print,
    .unary = inst_unary, .binary = inst_binary, .index = inst_index, .iter = inst_iter,
    .next = inst_next, .buffer = inst_buffer};

/* ---- object and type ---- */

static val_t object_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 0);
    return V_OBJ(heap_alloc(type, sizeof(obj_t)));
}
const type_t type_object = {TYPE_HEAD, .name = Q(object), .attrs = &object_attrs,
    .make = object_make};

static val_t type_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    if (n == 1)
        return V_OBJ(type_of(args[0]));
    args_check(n, nkw, 3, 3);
    str_arg(args[0], NULL);
    if (!is_tuple(args[1]) || !native_of(args[2], &type_dict))
        raise_type("type() takes a name, a tuple of bases and a dict");
    return class_new(str_intern_val(args[0]), tuple_of(args[1]),
                     dict_of(dict_copy(dict_of(native_of(args[2], &type_dict)))));
}

static val_t type_call(val_t self, unsigned n, unsigned nkw, const val_t *args) {
    const type_t *t = (const type_t *)self;
    if (!t->make)
        raise_format(&type_TypeError, "cannot create '%q' instances", t->name);
    return t->make(t, n, nkw, args);
}

static void type_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "<class '%q'>", ((const type_t *)self)->name);
}

static val_t type_get_name(val_t self) { return V_OBJ(((const type_t *)self)->name); }
static val_t type_get_mro(val_t self) { return V_OBJ(mro_of((const type_t *)self)); }
static val_t type_get_bases(val_t self) {
    const type_t *t = (const type_t *)self;
    const val_t base = V_OBJ(t->base ? t->base : &type_object);
    return t == &type_object ? V_OBJ(&tuple_empty) : tuple_new(1, &base);
}
static val_t type_get_dict(val_t self) {
    const type_t *t = (const type_t *)self;
    return t->attrs ? dict_copy(t->attrs) : dict_new(0);
}
static val_t type_mro(val_t self) { return list_from(type_get_mro(self)); }

static const dict_entry_t type_table[] = {
    PROPERTY(__name__, type_get_name, NULL),   PROPERTY(__qualname__, type_get_name, NULL),
    PROPERTY(__mro__, type_get_mro, NULL),     PROPERTY(__bases__, type_get_bases, NULL),
    PROPERTY(__dict__, type_get_dict, NULL),   METHOD_1(mro, type_mro),
};
static const dict_t type_attrs = ROM_DICT(type_table);

const type_t type_type = {TYPE_HEAD, .name = Q(type), .attrs = &type_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 5, .make = type_make, .call = type_call,
    .print = type_print};
