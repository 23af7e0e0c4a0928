/* SPDX-License-Identifier: MIT
 * func.h: Python functions, code objects, cells, methods, generators. Native functions: object.h.
 */
#ifndef ADDER_FUNC_H
#define ADDER_FUNC_H

#include "seq.h"

enum { /* code_t.flags */
    CODE_VARARGS = 1, CODE_VARKW = 2, CODE_GENERATOR = 4, CODE_COROUTINE = 8,
    CODE_SIMPLE = 16 /* only plain positional parameters, no defaults, not a generator */
};

/* Raw bytes owned by another object. */
typedef struct raw {
    const type_t *type; /* &type_raw */
    uintptr_t size;     /* bytes */
    uint8_t data[];
} raw_t;

typedef struct code {
    const type_t *type; /* &type_code */
    vals_t *consts;     /* constants, names, inner code; then names of parameters at param_names */
    raw_t *ins;         /* uint32_t instructions, see opcodes.h */
    raw_t *tables;      /* exception table, line table, captures: see codegen */
    str_t *name, *file;
    uint16_t first_line;
    uint16_t param_names;   /* index in consts of the first parameter's name */
    uint8_t flags;
    uint8_t regs;           /* size of the window */
    uint8_t params;         /* positional parameters */
    uint8_t pos_only;       /* the first so many of them are positional only */
    uint8_t kw_only;        /* keyword-only parameters, after those; then *args, **kw */
    uint8_t captures;       /* cells taken from the enclosing function */
    uint8_t quick;          /* number of arguments that go in place without more ado; 255: none */
    uint16_t handlers;      /* entries in the exception table */
} code_t;

typedef struct function {
    const type_t *type; /* &type_function */
    code_t *code;
    dict_t *globals;
    vals_t *defaults;    /* of the last positional parameters, or NULL */
    dict_t *kw_defaults; /* name -> default, or NULL */
    vals_t *cells;       /* captured cells, or NULL */
} function_t;

typedef struct cell {
    const type_t *type; /* &type_cell */
    val_t value;        /* V_UNDEF: unbound */
} cell_t;
val_t cell_new(val_t value);

typedef struct method { /* bound */
    const type_t *type; /* &type_method */
    val_t self, fn;
} method_t;
val_t method_new(val_t self, val_t fn);

/* A generator or coroutine keeps its window here between resumptions. */
typedef struct generator {
    const type_t *type;
    uintptr_t n;       /* words that follow: TRACE_VALS */
    val_t fn;          /* function_t, None when finished */
    val_t pc;          /* V_INT: instruction offset to go on at; running: V_NONE */
    val_t started;     /* V_TRUE after the first resumption */
    val_t regs[];
} generator_t;

/* Resume: send value in, or throw exc in if it is not V_UNDEF. Returns what was yielded, or
 * V_UNDEF when it ended, with the return value in adder.stop_value. */
val_t generator_resume(val_t gen, val_t value, val_t exc);
val_t generator_close(val_t gen);

/* ---- calling Python from C ---- */
val_t call(val_t fn, unsigned n, unsigned nkw, const val_t *args);
static inline val_t call_0(val_t fn) { return call(fn, 0, 0, NULL); }
static inline val_t call_1(val_t fn, val_t a) { return call(fn, 1, 0, &a); }
val_t call_2(val_t fn, val_t a, val_t b);
/* fn(self, args...) */
val_t call_self(val_t fn, val_t self, unsigned n, unsigned nkw, const val_t *args);
/* obj.name(args...) */
val_t call_method(val_t obj, const str_t *name, unsigned n, const val_t *args);
/* For callbacks from the scheduler: prints an exception instead of raising it. False if there was one. */
bool call_protected(val_t fn, unsigned n, const val_t *args);

#endif
