/* SPDX-License-Identifier: MIT
 * class.h: Python classes and their instances; descriptors. Between object.c, class.c and vm.c.
 */
#ifndef ADDER_CLASS_H
#define ADDER_CLASS_H

#include "object.h"

/* class name(bases): body. attrs becomes the class's own dictionary. */
val_t class_new(str_t *name, const vals_t *bases, dict_t *attrs);
/* Store a class attribute and keep the flags up to date. */
void class_set(type_t *cls, const str_t *name, val_t value);
/* A new instance without __init__ called. args are what the class was called with. */
val_t class_instance(const type_t *cls, unsigned n, unsigned nkw, const val_t *args);
/* The native part of an instance of a class with T_NATIVE_BASE. */
val_t class_native(val_t obj);
/* For the interpreter's quick way of making instances: __init__ if nothing but a plain instance
 * and a call of it is needed, else V_UNDEF. */
val_t class_init_of(const type_t *cls);
/* object.__setattr__ and, with V_UNDEF, __delattr__: past the class's own. */
void class_store(val_t obj, const str_t *name, val_t value);
/* What object.__repr__ gives, or the native base's. */
void class_print_plain(out_t *out, val_t self, print_t how);

/* What a native function or property found in obj's class gets as self: the native part if the
 * function belongs to the native base, obj itself if it belongs to object. */
val_t class_self_for_native(val_t obj, val_t fn, const str_t *name);
/* What obj.name gives when the class has v under that name: bound, or a property's value. */
val_t type_bind(val_t obj, val_t v, const str_t *name);
/* obj.__len__ and the like of native types (slot_methods.c); V_UNDEF if not supported. */
val_t class_slot_function(const type_t *type, const str_t *name);
val_t class_slot_method(val_t obj, const str_t *name);

typedef struct property {
    const type_t *type; /* &type_property */
    val_t get, set, del; /* V_NONE where missing */
} property_t;
val_t property_get(val_t property, val_t obj);
void property_set(val_t property, val_t obj, val_t value, const str_t *name);

#endif
