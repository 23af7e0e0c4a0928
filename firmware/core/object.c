/* SPDX-License-Identifier: MIT
 * object.c: type objects, method lookup and its cache, attributes of any value.
 */
#include "args.h"
#include "class.h"
#include "heap.h"
#include "ops.h"

adder_t adder;

const type_t *const type_of_imm[V_IMM_COUNT + 1] = {
    &type_bool, &type_bool, &type_none, &type_ellipsis, &type_notimplemented, &type_object};

/* ---- lookup ---- */

bool type_is(const type_t *type, const type_t *base) {
    if (base == &type_object)
        return true;
    if (type->mro) {
        for (size_t i = 0; i < type->mro->n; i++)
            if (type->mro->v[i] == V_OBJ(base))
                return true;
        return false;
    }
    for (; type; type = type->base)
        if (type == base)
            return true;
    return false;
}

val_t native_of(val_t v, const type_t *type) {
    if (is_int(v))
        return type == &type_int ? v : V_UNDEF;
    const type_t *t = type_of(v);
    if (t == type)
        return v;
    if (t->flags & T_CLASS) {
        if (t->flags & T_NATIVE_BASE) {
            val_t p = class_native(v);
            if (is_a(p, type))
                return p;
        }
        return V_UNDEF;
    }
    return type_is(t, type) ? v : V_UNDEF;
}

static val_t lookup_slow(const type_t *type, const str_t *name) {
    val_t v;
    if (type->mro) {
        for (size_t i = 0; i < type->mro->n; i++) {
            const type_t *t = (const type_t *)type->mro->v[i];
            if (t->attrs && (v = dict_get_str(t->attrs, name)))
                return v;
        }
        return V_UNDEF;
    }
    for (const type_t *t = type; t; t = t->base)
        if (t->attrs && (v = dict_get_str(t->attrs, name)))
            return v;
    return type == &type_object ? V_UNDEF : dict_get_str(type_object.attrs, name);
}

val_t type_lookup(const type_t *type, const str_t *name) {
    method_cache_t *c = &adder.cache[method_hash(type, name)];
    if (c->type == type && c->name == name)
        return c->value;
    val_t v = lookup_slow(type, name);
    c->type = type;
    c->name = name;
    c->value = v;
    return v;
}

void type_flush(void) { memset(adder.cache, 0, sizeof adder.cache); }

/* ---- attributes ---- */

val_t type_bind(val_t obj, val_t v, const str_t *name) {
    if (!is_obj(v))
        return v;
    const type_t *t = obj_of(v)->type;
    if (t == &type_function)
        return method_new(obj, v);
    if (t == &type_native)
        return method_new(class_self_for_native(obj, v, name), v);
    if (t == &type_getset)
        return ((getset_t *)v)->get(class_self_for_native(obj, v, name));
    if (t == &type_staticmethod)
        return ((wrapper_t *)v)->fn;
    if (t == &type_classmethod)
        return method_new(V_OBJ(type_of(obj)), ((wrapper_t *)v)->fn);
    if (t == &type_property)
        return property_get(v, obj);
    if (t->flags & T_CLASS) {
        val_t get = type_lookup(t, Q(__get__));
        if (get) {
            const val_t args[] = {v, obj, V_OBJ(type_of(obj))};
            return call(get, 3, 0, args);
        }
    }
    return v;
}

static val_t class_attr(const type_t *cls, const str_t *name) {
    val_t v = type_lookup(cls, name);
    if (v && is_obj(v)) {
        const type_t *t = obj_of(v)->type;
        if (t == &type_staticmethod)
            return ((wrapper_t *)v)->fn;
        if (t == &type_classmethod)
            return method_new(V_OBJ(cls), ((wrapper_t *)v)->fn);
        if (t == &type_getset && type_lookup(&type_type, name))
            return V_UNDEF;
        if (t->flags & T_CLASS) {
            val_t get = type_lookup(t, Q(__get__));
            if (get) {
                const val_t args[] = {v, V_NONE, V_OBJ(cls)};
                return call(get, 3, 0, args);
            }
        }
    }
    return v;
}

static val_t module_attr(module_t *m, const str_t *name) {
    val_t v = dict_get_str(m->dict, name);
    if (v && is_exact(v, &type_getset))
        return ((getset_t *)v)->get(V_OBJ(m));
    if (!v && name == Q(__name__))
        return V_OBJ(m->name);
    if (!v && name == Q(__dict__))
        return V_OBJ(m->dict);
    if (!v && (v = dict_get_str(m->dict, Q(__getattr__))))
        return call_1(v, V_OBJ(name));
    return v;
}

static val_t instance_dict_copy(val_t obj) {
    val_t d = dict_new(0);
    dict_update(dict_of(d), instance_dict(obj));
    return d;
}

val_t op_find_attr(val_t obj, const str_t *name) {
    const type_t *type = type_of(obj);
    val_t v;
    if (name == Q(__class__))
        return V_OBJ(type);
    if (FIELD(type, flags) & T_HAS_DICT) {
        if ((v = dict_get_str(instance_dict(obj), name)))
            return v;
        if ((v = type_lookup(type, name)))
            return type_bind(obj, v, name);
        if (name == Q(__dict__))
            return instance_dict_copy(obj);
        if (type->flags & T_NATIVE_BASE && (v = op_find_attr(class_native(obj), name)))
            return v;
        if (type->flags & T_HAS_GETATTR)
            return call_2(type_lookup(type, Q(__getattr__)), obj, V_OBJ(name));
        return class_slot_method(obj, name);
    }
    if (type == &type_type) {
        if ((v = class_attr((const type_t *)obj, name)))
            return v;
        if (!(v = type_lookup(type, name)))
            return class_slot_function((const type_t *)obj, name);
        return type_bind(obj, v, name);
    }
    if (type == &type_module)
        return module_attr((module_t *)obj, name);
    if (type->attr && (v = type->attr(obj, (str_t *)name, V_UNDEF)))
        return v;
    v = type_lookup(type, name);
    return v ? type_bind(obj, v, name) : class_slot_method(obj, name);
}

static _Noreturn void no_attribute(val_t obj, const str_t *name) {
    if (is_exact(obj, &type_type))
        raise_format(&type_AttributeError, "type object '%q' has no attribute '%q'",
                     ((const type_t *)obj)->name, name);
    if (is_exact(obj, &type_module))
        raise_format(&type_AttributeError, "module '%q' has no attribute '%q'",
                     ((module_t *)obj)->name, name);
    raise_format(&type_AttributeError, "'%T' object has no attribute '%q'", obj, name);
}

val_t op_get_attr(val_t obj, const str_t *name) {
    val_t v = op_find_attr(obj, name);
    if (UNLIKELY(!v))
        no_attribute(obj, name);
    return v;
}

/* Store through a data descriptor of the class; false if there is none. value V_UNDEF deletes. */
static bool descriptor_set(val_t obj, const type_t *type, const str_t *name, val_t value) {
    val_t d = type_lookup(type, name);
    if (!d || !is_obj(d))
        return false;
    const type_t *t = obj_of(d)->type;
    if (t == &type_property) {
        property_set(d, obj, value, name);
        return true;
    }
    if (t == &type_getset) {
        const getset_t *g = (const getset_t *)d;
        if (!g->set)
            no_attribute(obj, name);
        g->set(class_self_for_native(obj, d, name), value);
        return true;
    }
    if (t->flags & T_CLASS) {
        val_t f = type_lookup(t, value ? Q(__set__) : Q(__delete__));
        if (f) {
            const val_t args[] = {d, obj, value};
            call(f, value ? 3 : 2, 0, args);
            return true;
        }
    }
    return false;
}

/* The default __setattr__ and __delattr__. */
void class_store(val_t obj, const str_t *name, val_t value) {
    const type_t *type = type_of(obj);
    if ((type->flags & T_HAS_SETATTR || type->flags & T_EXC) && descriptor_set(obj, type, name, value))
        return;
    dict_t *d = instance_dict(obj);
    if (value) {
        unsigned before = d->used;
        dict_set_str(d, name, value);
        if (d->used != before && type->flags & T_CLASS && type_lookup(type, name))
            ((type_t *)type)->flags |= T_SHADOWED;
    } else if (!dict_delete(d, V_OBJ(name))) {
        no_attribute(obj, name);
    }
}

static void store(val_t obj, const str_t *name, val_t value) {
    const type_t *type = type_of(obj);
    if (FIELD(type, flags) & T_HAS_DICT) {
        val_t f = type->flags & T_HAS_SETATTR
                      ? type_lookup(type, value ? Q(__setattr__) : Q(__delattr__)) : V_UNDEF;
        if (f && !is_exact(f, &type_native)) {
            const val_t args[] = {obj, V_OBJ(name), value};
            call(f, value ? 3 : 2, 0, args);
        } else {
            class_store(obj, name, value);
        }
        return;
    }
    if (type == &type_type) {
        const type_t *cls = (const type_t *)obj;
        if (!(cls->flags & T_CLASS))
            no_attribute(obj, name);
        if (value)
            class_set((type_t *)cls, name, value);
        else if (!dict_delete((dict_t *)cls->attrs, V_OBJ(name)))
            no_attribute(obj, name);
        type_flush();
        return;
    }
    if (type == &type_module) {
        dict_t *d = (dict_t *)((module_t *)obj)->dict;
        val_t old = dict_get_str(d, name);
        if (old && is_exact(old, &type_getset) && ((getset_t *)old)->set) {
            ((getset_t *)old)->set(obj, value);
            return;
        }
        if (!heap_has(d))
            no_attribute(obj, name);
        if (value)
            dict_set_str(d, name, value);
        else if (!dict_delete(d, V_OBJ(name)))
            no_attribute(obj, name);
        return;
    }
    if (type->attr && type->attr(obj, (str_t *)name, value ? value : V_NOTIMPLEMENTED))
        return;
    if (!descriptor_set(obj, type, name, value))
        no_attribute(obj, name);
}

void op_set_attr(val_t obj, const str_t *name, val_t value) { store(obj, name, value); }
void op_del_attr(val_t obj, const str_t *name) { store(obj, name, V_UNDEF); }

/* ---- isinstance ---- */

bool op_isinstance(const type_t *type, val_t classes) {
    if (is_exact(classes, &type_type))
        return type_is(type, (const type_t *)classes);
    if (!is_tuple(classes))
        raise_type("isinstance() arg 2 must be a type or tuple of types");
    for (size_t i = 0; i < tuple_of(classes)->n; i++)
        if (op_isinstance(type, tuple_of(classes)->v[i]))
            return true;
    return false;
}
