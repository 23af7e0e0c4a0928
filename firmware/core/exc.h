/* SPDX-License-Identifier: MIT
 * exc.h: exceptions: objects, raising and catching in C, printing tracebacks.
 *
 * Raising does not return: it longjmps to the innermost catch_t, which is either the interpreter's
 * loop or a TRY in a native:
 *
 *     catch_t c;
 *     if (TRY(c)) {              // runs the block once
 *         risky();
 *         catch_end(&c);         // always, on the normal way out of the block (no return before)
 *     } else {
 *         ... c.exc is the exception; raise(c.exc) to pass it on ...
 *     }
 *
 * Local variables changed inside the block and read after it must be volatile (setjmp).
 * Nothing needs freeing on the way: memory belongs to the collector. Restore hardware state
 * yourself with TRY, or better, do what can raise first.
 */
#ifndef ADDER_EXC_H
#define ADDER_EXC_H

#include "object.h"

/* A port may bring its own setjmp, of so many words: newlib's keeps 23 where a Cortex-M0 has 10. */
#ifdef ADDER_JUMP_WORDS
typedef uintptr_t jump_t[ADDER_JUMP_WORDS];
int jump_set(jump_t j) __attribute__((returns_twice)); /* 0; 1 after jump_to */
_Noreturn void jump_to(jump_t j);
#else
#include <setjmp.h>
typedef jmp_buf jump_t;
#define jump_set(j) setjmp(j)
#define jump_to(j)  longjmp(j, 1)
#endif

/* Any exception, of native or Python class. Begins like an instance, so it can have attributes. */
typedef struct exc {
    instance_t inst;
    vals_t *args;     /* tuple */
    val_t traceback;  /* list of (file, line, function), innermost first; V_UNDEF if none */
    val_t cause;      /* raise ... from cause; V_UNDEF if none */
} exc_t;

extern const type_t type_BaseException, type_Exception, type_SystemExit, type_KeyboardInterrupt,
    type_GeneratorExit, type_StopIteration, type_StopAsyncIteration, type_ArithmeticError,
    type_OverflowError, type_ZeroDivisionError, type_AssertionError, type_AttributeError,
    type_EOFError, type_ImportError, type_ModuleNotFoundError, type_LookupError, type_IndexError,
    type_KeyError, type_MemoryError, type_NameError, type_UnboundLocalError, type_OSError,
    type_RuntimeError, type_NotImplementedError, type_RecursionError, type_SyntaxError,
    type_IndentationError, type_TypeError, type_ValueError, type_UnicodeError;

typedef struct catch {
    struct catch *prev;
    struct run *run;   /* the interpreter's state to go back to */
    val_t *top;
    void *chunk;
    val_t exc;
    jump_t jump;
} catch_t;

void catch_begin(catch_t *c);
void catch_end(catch_t *c);
#define TRY(c) (catch_begin(&(c)), jump_set((c).jump) == 0)

_Noreturn void raise(val_t exc); /* an exception object */
_Noreturn void raise_new(const type_t *type, unsigned n, const val_t *args);
_Noreturn void raise_text(const type_t *type, const char *text);
/* out_printf's formats: raise_format(&type_TypeError, "can't convert %T to int", v) */
_Noreturn void raise_format(const type_t *type, const char *fmt, ...);
_Noreturn void raise_type(const char *text);  /* TypeError */
_Noreturn void raise_value(const char *text); /* ValueError */
_Noreturn void raise_os(int errno_value);     /* OSError(errno) */
_Noreturn void raise_key(val_t key);          /* KeyError(key) */
_Noreturn void raise_memory(void);            /* MemoryError; needs no memory */

val_t exc_new(const type_t *type, unsigned n, const val_t *args);
val_t exc_make(const type_t *type, const char *text);
static inline exc_t *exc_of(val_t v) { return (exc_t *)v; }
bool is_exc(val_t v); /* an instance of BaseException */
/* Does exc match what stands after `except`: a class or a tuple of classes? */
bool exc_match(val_t exc, val_t classes);
void exc_add_traceback(val_t exc, const str_t *file, unsigned line, const str_t *function);
/* Traceback and message, as CPython's layout has it. */
void exc_print(out_t *out, val_t exc);
val_t exc_value(val_t exc); /* args[0], or None: StopIteration's value, SystemExit's code */

#endif
