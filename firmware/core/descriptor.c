/* SPDX-License-Identifier: MIT
 * descriptor.c: property, staticmethod, classmethod, super.
 */
#include "args.h"
#include "class.h"
#include "heap.h"
#include "ops.h"

/* ---- property ---- */

static val_t property_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(fget), ARG_OBJ, {.v = V_NONE}},
        {Q(fset), ARG_OBJ, {.v = V_NONE}},
        {Q(fdel), ARG_OBJ, {.v = V_NONE}},
        {Q(doc), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    property_t *p = HEAP_NEW(type, property_t);
    p->get = a[0].v;
    p->set = a[1].v;
    p->del = a[2].v;
    return V_OBJ(p);
}

val_t property_get(val_t self, val_t obj) {
    property_t *p = (property_t *)self;
    if (p->get == V_NONE)
        raise_text(&type_AttributeError, "unreadable attribute");
    return call_1(p->get, obj);
}

void property_set(val_t self, val_t obj, val_t value, const str_t *name) {
    property_t *p = (property_t *)self;
    val_t f = value ? p->set : p->del;
    if (f == V_NONE)
        raise_format(&type_AttributeError, "can't %s attribute '%q'", value ? "set" : "delete", name);
    const val_t args[] = {obj, value};
    call(f, value ? 2 : 1, 0, args);
}

static val_t property_with(val_t self, val_t *which, val_t fn) {
    property_t *p = HEAP_NEW(&type_property, property_t);
    size_t offset = (size_t)((char *)which - (char *)self);
    *p = *(property_t *)self;
    *(val_t *)((char *)p + offset) = fn;
    return V_OBJ(p);
}
static val_t property_getter(val_t self, val_t fn) { return property_with(self, &((property_t *)self)->get, fn); }
static val_t property_setter(val_t self, val_t fn) { return property_with(self, &((property_t *)self)->set, fn); }
static val_t property_deleter(val_t self, val_t fn) { return property_with(self, &((property_t *)self)->del, fn); }
static val_t property_fget(val_t self) { return ((property_t *)self)->get; }
static val_t property_fset(val_t self) { return ((property_t *)self)->set; }
static const dict_entry_t property_table[] = {
    METHOD_2(getter, property_getter),     METHOD_2(setter, property_setter),
    METHOD_2(deleter, property_deleter),   PROPERTY(fget, property_fget, NULL),
    PROPERTY(fset, property_fset, NULL),
};
static const dict_t property_attrs = ROM_DICT(property_table);
const type_t type_property = {TYPE_HEAD, .name = Q(property), .attrs = &property_attrs,
    .flags = T_DESCRIPTOR | T_NO_SUBCLASS, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 4,
    .make = property_make};

const type_t type_getset = {TYPE_HEAD, .name = Q(getset), .flags = T_DESCRIPTOR | T_NO_SUBCLASS};

/* ---- staticmethod, classmethod ---- */

static val_t wrapper_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 1);
    wrapper_t *w = HEAP_NEW(type, wrapper_t);
    w->fn = args[0];
    return V_OBJ(w);
}
static val_t wrapper_call(val_t self, unsigned n, unsigned nkw, const val_t *args) {
    return call(((wrapper_t *)self)->fn, n, nkw, args);
}
const type_t type_staticmethod = {TYPE_HEAD, .name = Q(staticmethod),
    .flags = T_DESCRIPTOR | T_NO_SUBCLASS, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2,
    .make = wrapper_make, .call = wrapper_call};
const type_t type_classmethod = {TYPE_HEAD, .name = Q(classmethod),
    .flags = T_DESCRIPTOR | T_NO_SUBCLASS, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2,
    .make = wrapper_make};

/* ---- super ---- */

typedef struct super {
    const type_t *type;
    val_t cls; /* search behind this one */
    val_t self; /* instance, or a class for class methods */
} super_t;

static val_t super_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 2, 2);
    if (!is_exact(args[0], &type_type))
        raise_type("super() argument 1 must be a type");
    super_t *s = HEAP_NEW(type, super_t);
    s->cls = args[0];
    s->self = args[1];
    return V_OBJ(s);
}

static val_t super_attr(val_t self, str_t *name, val_t value) {
    super_t *s = (super_t *)self;
    if (value)
        return V_UNDEF;
    bool for_class = is_exact(s->self, &type_type);
    const type_t *type = for_class ? (const type_t *)s->self : type_of(s->self);
    if (!type->mro)
        return V_UNDEF;
    size_t i = 0;
    while (i < type->mro->n && type->mro->v[i] != s->cls)
        i++;
    for (i++; i < type->mro->n; i++) {
        const type_t *t = (const type_t *)type->mro->v[i];
        val_t v = t->attrs ? dict_get_str(t->attrs, name) : V_UNDEF;
        if (!v)
            continue;
        if (!for_class)
            return type_bind(s->self, v, name);
        if (is_exact(v, &type_classmethod))
            return method_new(s->self, ((wrapper_t *)v)->fn);
        return is_exact(v, &type_staticmethod) ? ((wrapper_t *)v)->fn : v;
    }
    return for_class ? V_UNDEF : class_slot_method(s->self, name);
}

const type_t type_super = {TYPE_HEAD, .name = Q(super), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .make = super_make, .attr = super_attr};
