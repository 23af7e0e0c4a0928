/* SPDX-License-Identifier: MIT
 * vm_help.h: the parts of instructions that are not in the loop itself (vm.c calls vm_help.c). They
 * raise; the loop has saved its position.
 */
#ifndef ADDER_VM_HELP_H
#define ADDER_VM_HELP_H

#include "vm_frame.h"

static inline intptr_t floor_div(intptr_t a, intptr_t b) { /* b > 0 */
    intptr_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}
static inline intptr_t floor_mod(intptr_t a, intptr_t b) {
    intptr_t m = a % b;
    return m < 0 ? m + b : m;
}
static inline bool shift_fits(val_t x, val_t y) {
    uintptr_t n = (uintptr_t)int_of(y);
    if (n >= sizeof(val_t) * 8 - 2)
        return false;
    intptr_t v = int_of(x);
    return v >= V_INT_MIN >> n && v <= V_INT_MAX >> n;
}

/* Find who handles the exception run->c.exc; sets run->r and returns where to go on. Raises it in
 * the caller of vm_run if nobody here does. */
const uint32_t *vm_unwind(run_t *run);
/* The window of the frame that called r's, and give back the chunk that r began. */
val_t *vm_caller(run_t *run, val_t *r);
/* A call that is not quick: arguments to distribute, or no room. Returns the window (*kind gets
 * LINK_CHUNK if it begins a chunk), or NULL if a generator has been made: it is in base[-3]. */
val_t *vm_call_slowly(run_t *run, uint32_t *kind, val_t f, val_t *base, unsigned n, unsigned nkw);
val_t vm_call_unpacked(val_t *a);

/* Put the generator's frame on the stack; returns where it goes on, NULL if it is finished. */
const uint32_t *vm_enter_generator(run_t *run, val_t gen, const uint32_t *pc);
/* Keep the window in the generator, to go on at pc. */
void vm_leave_generator(val_t *r, const uint32_t *pc);
val_t vm_delegate(val_t *it);
val_t vm_awaitable(val_t v);

val_t vm_get_global(uint32_t *ins, const dict_t *globals, const str_t *name);
val_t vm_find_global(const dict_t *globals, const str_t *name);
void vm_set_global(uint32_t *ins, dict_t *globals, const str_t *name, val_t v);
_Noreturn void vm_unbound(const str_t *name);
val_t vm_get_attr(uint32_t *ins, val_t obj, const str_t *name);
void vm_set_attr(uint32_t *ins, val_t obj, const str_t *name, val_t v);
void vm_get_method(val_t obj, const str_t *name, val_t *to); /* to[0], to[3] */

void vm_for_range(val_t *a, unsigned n);
val_t vm_build_set(unsigned n, const val_t *items);
val_t vm_build_dict(unsigned n, const val_t *pairs);
void vm_set_extend(val_t set, val_t iterable);
void vm_dict_extend(dict_t *d, val_t from, bool keywords);
val_t vm_format(const val_t *v, unsigned how);
val_t vm_concat(const val_t *parts, unsigned n);
void vm_unpack(val_t v, val_t *to, unsigned before, bool star, unsigned after);
val_t vm_make_function(val_t *r, val_t code, unsigned defaults);
val_t vm_make_class(val_t *a, unsigned n, str_t *name);
val_t vm_import_from(val_t module, const str_t *name);
_Noreturn void vm_raise(val_t v, val_t cause);
void vm_with_enter(val_t *exit, val_t *context, bool is_async);
void vm_with_exit(val_t *exit, bool is_async);
void vm_print_result(val_t v, dict_t *globals);

#endif
