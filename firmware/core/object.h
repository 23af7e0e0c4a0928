/* SPDX-License-Identifier: MIT
 * object.h: types, and how to define types, methods, functions and modules as constant data.
 *
 * A type is a struct of slots. A native type is `const` and lives in flash:
 *
 *     static val_t list_append(val_t self, val_t item) { ...; return V_NONE; }
 *
 *     static const dict_entry_t list_table[] = {
 *         METHOD_2(append, list_append),         // exactly 2 arguments (self, item)
 *         METHOD_V(pop, list_pop, 1, 2),         // 1 or 2 arguments, as an array
 *         METHOD_K(sort, list_sort, 1, 1),       // positional arguments and keywords
 *         PROPERTY(length, list_get_length, NULL), // computed attribute; setter may be NULL
 *         {VQ(version), V_INT(3)},               // any constant value
 *     };
 *     static const dict_t list_attrs = ROM_DICT(list_table);
 *
 *     const type_t type_list = {TYPE_HEAD, .name = Q(list), .attrs = &list_attrs,
 *         .make = list_make, .print = list_print, .binary = list_binary, ...};
 *
 * A class made by Python code is the same struct in the heap, its slots filled with functions
 * that look up __add__ and friends (class.c).
 *
 * Calls. Native functions take (self, ...) as plain C arguments when their count is fixed and at
 * most 3; as (n, args) when it varies; as (n, nkw, args) when they take keywords: args[0..n-1]
 * are positional, followed by nkw pairs, name (an interned str) and value. See args.h to parse.
 * Argument counts are checked before the function is called. Return a value, never V_UNDEF.
 */
#ifndef ADDER_OBJECT_H
#define ADDER_OBJECT_H

#include "value.h"

typedef struct dict dict_t;
typedef struct vals vals_t;

/* ---- operators: ORDER OP, the same order in ops.c (names of special methods) and opcodes.h */
typedef enum {
    OP_ADD, OP_SUB, OP_MUL, OP_TRUEDIV, OP_FLOORDIV, OP_MOD, OP_POW, OP_MATMUL,
    OP_AND, OP_OR, OP_XOR, OP_LSHIFT, OP_RSHIFT,
    OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE, /* NE is asked only of classes that define it */
    OP_CONTAINS,                              /* binary(OP_CONTAINS, container, item) */
    OP_DIVMOD,
    OP_COUNT,
    OP_INPLACE = 0x20,   /* flag: a += b; may return a itself. Natives that don't care mask it off */
    OP_REFLECTED = 0x40, /* flag: this is b's type being asked; operands stay in source order */
    OP_MASK = 0x1f
} op_t;

typedef enum { UN_NEG, UN_POS, UN_INVERT, UN_ABS, UN_LEN, UN_HASH, UN_BOOL, UN_INT, UN_FLOAT } unary_t;

/* How to print: PRINT_REPR inside containers and at the prompt, PRINT_STR for print() and str(). */
typedef enum { PRINT_STR, PRINT_REPR } print_t;

/* Memory of a bytes-like object, see type_t.buffer. */
typedef struct buffer {
    void *data;
    size_t size;   /* bytes */
    char typecode; /* as in array.array; 'B' for bytes */
    bool writable;
} buffer_t;

/* How the collector reads an object (heap.h). Words that are small ints, immediates or point out
 * of the heap are skipped, so a range may also cover plain integers and pointers to constants. */
typedef enum {
    TRACE_LEAF,  /* no references */
    TRACE_WORDS, /* words trace_from .. trace_to-1 of the object are values or object pointers */
    TRACE_VALS   /* vals_t layout: word 1 is the count, values follow */
} trace_t;

enum {                     /* type_t.flags */
    T_CLASS = 1,           /* made by a class statement: instances are instance_t */
    T_EXC = 2,             /* an exception: instances are exc_t */
    T_NATIVE_BASE = 4,     /* a class with a native base: instances are instance_sub_t */
    T_HAS_SETATTR = 8,     /* class has __setattr__/__delattr__ or data descriptors: no quick stores */
    T_HAS_GETATTR = 16,    /* class has __getattr__ */
    T_HAS_DEL = 32,        /* heap objects of it want type->finalise before they are freed */
    T_NO_SUBCLASS = 64,    /* bool, NoneType, function ... */
    T_FUNCTION = 128,      /* binds to an instance when found in its class (function, native) */
    T_DESCRIPTOR = 256,    /* property, or a class with __get__: type_get/type_set handle it */
    T_HAS_CALL = 512,
    T_HAS_DICT = 1024,     /* instances begin as instance_t: attributes can be set (classes, exceptions) */
    T_SHADOWED = 2048      /* some instance has an attribute of the same name as one of the class */
};

struct type {
    const type_t *type; /* &type_type */
    const str_t *name;
    const dict_t *attrs;   /* methods and class attributes, own ones only */
    const type_t *base;    /* first base, or NULL for object itself (NULL also means object) */
    const vals_t *mro;     /* classes: tuple of types, this one first. Native: NULL, follow base */
    uint16_t flags;        /* T_* */
    uint8_t trace;         /* trace_t */
    uint8_t trace_from, trace_to; /* words, for TRACE_WORDS */

    /* Slots; NULL where not supported. Any of them may raise. */
    val_t (*make)(const type_t *type, unsigned n, unsigned nkw, const val_t *args); /* T(...) */
    val_t (*call)(val_t self, unsigned n, unsigned nkw, const val_t *args);
    void (*print)(out_t *out, val_t self, print_t how);  /* NULL: <name object at 0x...> */
    /* unary: V_UNDEF: not supported (UN_HASH: by address; UN_BOOL: by length, else true);
     * UN_HASH returns V_NONE for types that cannot be hashed. */
    val_t (*unary)(unary_t op, val_t self);
    val_t (*binary)(op_t op, val_t a, val_t b);          /* V_UNDEF: not supported, ask the other */
    /* attr: value == V_UNDEF loads (returns V_UNDEF if there is none, then attrs are searched);
     * otherwise stores, or deletes if value is V_NOTIMPLEMENTED; returns V_UNDEF if it cannot. */
    val_t (*attr)(val_t self, str_t *name, val_t value);
    /* index: value == V_UNDEF loads self[key]; V_NOTIMPLEMENTED deletes; else stores. Raises. */
    val_t (*index)(val_t self, val_t key, val_t value);
    val_t (*iter)(val_t self); /* new iterator (an iterator returns itself) */
    val_t (*next)(val_t self); /* V_UNDEF at the end */
    bool (*buffer)(val_t self, buffer_t *buf, bool writable); /* false: refused */
    void (*finalise)(val_t self); /* with heap_alloc_final only: release outside resources; may
                                     not allocate, raise or use other objects */
};

#define TYPE_HEAD .type = &type_type

/* ---- native functions ---- */
typedef struct native {
    const type_t *type; /* &type_native */
    union {
        val_t (*f0)(void);
        val_t (*f1)(val_t);
        val_t (*f2)(val_t, val_t);
        val_t (*f3)(val_t, val_t, val_t);
        val_t (*fv)(unsigned n, const val_t *args);
        val_t (*fk)(unsigned n, unsigned nkw, const val_t *args);
    } fn;
    uint8_t form; /* 0..3: f0..f3 */
    uint8_t min, max; /* positional arguments, self included; max 255: any number */
} native_t;
enum { NATIVE_V = 4, NATIVE_K = 5, ARGS_ANY = 255 };

#define NATIVE_OBJ(member, fn_, form_, min_, max_)                                                 \
    V_OBJ(&(const native_t){&type_native, {.member = fn_}, form_, min_, max_})

/* A native function as a value, for tables and constants (file scope only: it is static data). */
#define NATIVE_FN0(fn)           NATIVE_OBJ(f0, fn, 0, 0, 0)
#define NATIVE_FN1(fn)           NATIVE_OBJ(f1, fn, 1, 1, 1)
#define NATIVE_FN2(fn)           NATIVE_OBJ(f2, fn, 2, 2, 2)
#define NATIVE_FN3(fn)           NATIVE_OBJ(f3, fn, 3, 3, 3)
#define NATIVE_FNV(fn, min, max) NATIVE_OBJ(fv, fn, NATIVE_V, min, max)
#define NATIVE_FNK(fn, min, max) NATIVE_OBJ(fk, fn, NATIVE_K, min, max)

/* Rows of attribute tables; METHOD in types (self first), FUNC in modules: the same thing. */
#define METHOD_0(name, fn)           {VQ(name), NATIVE_FN0(fn)}
#define METHOD_1(name, fn)           {VQ(name), NATIVE_FN1(fn)}
#define METHOD_2(name, fn)           {VQ(name), NATIVE_FN2(fn)}
#define METHOD_3(name, fn)           {VQ(name), NATIVE_FN3(fn)}
#define METHOD_V(name, fn, min, max) {VQ(name), NATIVE_FNV(fn, min, max)}
#define METHOD_K(name, fn, min, max) {VQ(name), NATIVE_FNK(fn, min, max)}
#define FUNC_0                       METHOD_0
#define FUNC_1                       METHOD_1
#define FUNC_2                       METHOD_2
#define FUNC_3                       METHOD_3
#define FUNC_V                       METHOD_V
#define FUNC_K                       METHOD_K
/* Static and class methods of native types: cls.fn(args) without self / with the class first. */
#define STATIC_METHOD(name, native) {VQ(name), V_OBJ(&(const wrapper_t){&type_staticmethod, native})}
#define CLASS_METHOD(name, native)  {VQ(name), V_OBJ(&(const wrapper_t){&type_classmethod, native})}

typedef struct wrapper { /* staticmethod, classmethod */
    const type_t *type;
    val_t fn;
} wrapper_t;

/* A computed attribute of a native type, or of a module (self is then the module). */
typedef struct getset {
    const type_t *type; /* &type_getset */
    val_t (*get)(val_t self);
    void (*set)(val_t self, val_t value); /* NULL: read only. value V_UNDEF: delete */
} getset_t;
#define PROPERTY(name, get, set) {VQ(name), V_OBJ(&(const getset_t){&type_getset, get, set})}

/* ---- objects of Python classes ---- */
/* An instance *is* a dict with another type: the dict functions work on it (instance_dict). */
typedef struct instance {
    const type_t *type;
    struct dict_block *block; /* these three as in dict_t */
    void *index;
    uint32_t used : 21, dead : 10, mixed : 1;
} instance_t;

/* Of a class that derives from a native type: what the native type's functions work on. */
typedef struct instance_sub {
    instance_t inst;
    val_t native; /* an object of the native base, made by its __init__ or at first use */
} instance_sub_t;

/* ---- modules ---- */
typedef struct module {
    const type_t *type; /* &type_module */
    const str_t *name;
    const dict_t *dict; /* ROM_DICT, or a heap dict for Python modules */
} module_t;

/* MODULE(time, time_table): defines `const module_t module_time`. modules/meson.build lists it. */
#define MODULE(name_, table)                                                                       \
    static const dict_t module_##name_##_dict = ROM_DICT(table);                                   \
    extern const module_t module_##name_;                                                          \
    const module_t module_##name_ = {&type_module, Q(name_), &module_##name_##_dict}

/* ---- the types of the core ---- */
extern const type_t type_object, type_type, type_none, type_ellipsis, type_notimplemented,
    type_bool, type_int, type_float, type_complex, type_str, type_bytes, type_bytearray,
    type_memoryview, type_list, type_tuple, type_dict, type_set, type_frozenset, type_range,
    type_slice, type_function, type_native, type_method, type_code, type_cell, type_generator,
    type_coroutine, type_module, type_property, type_getset, type_staticmethod, type_classmethod,
    type_super, type_iterator, type_dict_view;
/* blocks owned by other objects, never seen by Python code */
extern const type_t type_vals, type_raw, type_free;

/* ---- questions about types ---- */
extern const type_t *const type_of_imm[V_IMM_COUNT + 1];

static inline const type_t *type_of(val_t v) {
    if (is_int(v))
        return &type_int;
    if (is_imm(v))
        return type_of_imm[v >> 2];
    return obj_of(v)->type;
}

/* isinstance for one type; subclasses count. */
bool type_is(const type_t *type, const type_t *base);
static inline bool is_a(val_t v, const type_t *type) {
    const type_t *t = type_of(v);
    return t == type || type_is(t, type);
}

/* The object that functions of a native type work on: v itself if it is of exactly that type,
 * the native part if v's class derives from it, else V_UNDEF. Use it for arguments that may be
 * subclass instances; `self` of a native method has always been converted already. */
val_t native_of(val_t v, const type_t *type);

/* Attribute of a type through its bases, unbound; V_UNDEF if none. Cached. */
val_t type_lookup(const type_t *type, const str_t *name);
/* Drop the method cache: after a class attribute changed. */
void type_flush(void);

static inline dict_t *instance_dict(val_t inst) { return (dict_t *)inst; }

#include "dict.h"
#include "str.h"

#endif
