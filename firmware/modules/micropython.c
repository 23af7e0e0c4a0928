/* SPDX-License-Identifier: MIT
 * micropython.c: the module micropython: const() (which the compiler knows), scheduling, memory, the interrupt character.
 */
#include "module.h"
#include "port.h"
#include "state.h"
#include "vm.h"

static val_t mp_const(val_t v) { return v; }
static val_t mp_decorator(val_t fn) { return fn; } /* native, viper: there is one speed here */

static val_t mp_schedule(val_t fn, val_t arg)
{
    if (!op_callable(fn))
        raise_type("function must be callable");
    if (!vm_schedule(fn, arg))
        raise_text(&type_RuntimeError, "schedule queue full");
    return V_NONE;
}

static val_t mp_opt_level(unsigned n, const val_t *args)
{
    if (n == 0)
        return V_INT(adder.opt_level);
    adder.opt_level = (uint8_t)int_arg(args[0]);
    return V_NONE;
}

static size_t stack_used(void)
{
    char here;
    return (size_t)(adder.stack_top - &here);
}

static val_t mp_stack_use(void) { return V_INT(stack_used()); }

static val_t mp_mem_info(unsigned n, const val_t *args)
{
    size_t used, free, largest;
    heap_stats(&used, &free, &largest);
    out_printf(&out_console, "stack: %u out of %u\n", (unsigned)stack_used(),
               (unsigned)(adder.stack_top - adder.stack_limit));
    out_printf(&out_console, "GC: total: %u, used: %u, free: %u\n", (unsigned)(used + free), (unsigned)used, (unsigned)free);
    out_printf(&out_console, " largest free block: %u, collections: %u\n", (unsigned)largest, adder.heap.collections);
    return V_NONE;
}

static val_t mp_qstr_info(unsigned n, const val_t *args)
{
    out_printf(&out_console, "qstr pool: n_str_made=%u\n", (unsigned)adder.interned_count);
    return V_NONE;
}

static val_t mp_heap_lock(void)
{
    heap_lock();
    return V_NONE;
}

static val_t mp_heap_unlock(void)
{
    heap_unlock();
    return V_INT(adder.heap.locked);
}

static val_t mp_heap_locked(void) { return V_INT(adder.heap.locked); }

static val_t mp_kbd_intr(val_t c)
{
    port_interrupt_char((int)int_arg(c));
    return V_NONE;
}

/* Exceptions are made in advance where memory may be short; there is nothing to set aside. */
static val_t mp_alloc_emergency_exception_buf(val_t size) { return V_NONE; }

static const dict_entry_t micropython_table[] = {
    FUNC_1(const, mp_const),
    FUNC_1(native, mp_decorator),
    FUNC_1(viper, mp_decorator),
    FUNC_2(schedule, mp_schedule),
    FUNC_V(opt_level, mp_opt_level, 0, 1),
    FUNC_0(stack_use, mp_stack_use),
    FUNC_V(mem_info, mp_mem_info, 0, 1),
    FUNC_V(qstr_info, mp_qstr_info, 0, 1),
    FUNC_0(heap_lock, mp_heap_lock),
    FUNC_0(heap_unlock, mp_heap_unlock),
    FUNC_0(heap_locked, mp_heap_locked),
    FUNC_1(kbd_intr, mp_kbd_intr),
    FUNC_1(alloc_emergency_exception_buf, mp_alloc_emergency_exception_buf),
};
MODULE(micropython, micropython_table);
