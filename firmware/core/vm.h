/* SPDX-License-Identifier: MIT
 * vm.h: starting and driving the interpreter.
 */
#ifndef ADDER_VM_H
#define ADDER_VM_H

#include "ops.h"
#include "state.h"

/* Begin (again): empty heap in the given memory, built-in types ready, __main__ empty.
 * stack_top: address of a local variable in the outermost function; stack_size: bytes of C stack
 * that may be used below it. Call again for a soft reset (after heap_finish). */
void vm_init(void *heap, size_t heap_size, void *stack_top, size_t stack_size);

/* Compile and run. Source text comes through a reader, so that a file need not fit in memory. */
typedef struct reader {
    int (*get)(struct reader *r); /* next byte, -1 at the end; may raise */
    void *data;
    const char *text, *end;       /* for reader_text */
} reader_t;
void reader_text(reader_t *r, const char *text, size_t len);

typedef enum { MODE_FILE, MODE_SINGLE, MODE_EVAL } vm_mode_t;
/* MODE_FILE: statement after statement is compiled, run and forgotten. MODE_SINGLE: one
 * interactive statement, an expression's value is printed. MODE_EVAL: returns the value. */
val_t vm_exec(reader_t *r, const str_t *file, vm_mode_t mode, dict_t *globals);
/* The same, whole input as a callable function object without parameters (compile()). */
val_t vm_compile(reader_t *r, const str_t *file, vm_mode_t mode, dict_t *globals);
/* Does the text at the prompt need another line (open bracket, string or block)? */
bool vm_needs_more(const char *text, size_t len);

/* Globals of the innermost running Python function; __main__'s if there is none. */
dict_t *vm_globals(void);

/* From interrupt handlers: let Python code run fn(arg) soon, in thread mode. False: queue full. */
bool vm_schedule(val_t fn, val_t arg);
/* Raise KeyboardInterrupt in the running program as soon as possible. */
void vm_interrupt(void);
/* Handle what is pending; natives that wait in a loop call it (may raise KeyboardInterrupt). */
void vm_poll(void);
/* Raise RuntimeError if the C stack is almost used up; natives that recurse call it. */
void vm_check_stack(void);
/* The same for a native that wants much more of it than usual. */
void vm_need_stack(size_t bytes);

#endif
