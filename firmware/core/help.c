/* SPDX-License-Identifier: MIT
 * help.c: help(): what the prompt can do, what an object has, which modules there are.
 */
#include "help.h"
#include "ops.h"
#include "module.h"
#include "state.h"

#ifndef ADDER_BOARD
#define ADDER_BOARD "this computer"
#endif

static const char welcome[] =
    "Adder is a small Python for microcontrollers, with MicroPython's modules.\n"
    "This is " ADDER_BOARD ".\n"
    "\n"
    "  import machine          pins, buses, timers, sleep; try help(machine)\n"
    "  help('modules')         all modules\n"
    "  help(anything)          what it has\n"
    "\n"
    "Keys at the prompt:\n"
    "  Tab                     complete a name\n"
    "  cursor up, down         lines entered before\n"
    "  Ctrl-C                  stop the program, or forget the line\n"
    "  Ctrl-D                  on an empty line: start again (boot.py, main.py)\n"
    "  Ctrl-E                  on an empty line: paste several lines\n"
    "  Ctrl-A, Ctrl-B          on an empty line: raw mode for tools, and back\n";

static void help_modules(void) {
    enum { WIDTH = 18, COLUMNS = 4 };
    unsigned pos = 0, column = 0;
    val_t name;
    while (dict_next(&modules_native, &pos, &name, NULL)) {
        if (str_of(name)->data[0] == 'u' && dict_get_str(&modules_native, str_intern(str_of(name)->data + 1,
                                                                                    str_of(name)->len - 1)))
            continue; /* an old name of another one */
        out_value(&out_console, name, PRINT_STR);
        column = (column + 1) % COLUMNS;
        for (size_t i = str_of(name)->len; column && i < WIDTH; i++)
            out_text(&out_console, " ");
        if (!column)
            out_text(&out_console, "\n");
    }
    out_text(&out_console, column ? "\nand those in files along sys.path\n" : "and those in files along sys.path\n");
}

static void help_object(val_t obj) {
    size_t n;
    const val_t *names;
    out_printf(&out_console, "object %V is of type %T\n", op_repr(obj), obj);
    val_t list = call_1(dict_get_str(&builtins_dict, Q(dir)), obj);
    if (!seq_items(list, &n, &names))
        return;
    for (size_t i = 0; i < n; i++) {
        const str_t *name = str_of(names[i]);
        val_t value = name->data[0] == '_' ? V_UNDEF : op_find_attr(obj, str_intern_val(names[i]));
        if (value)
            out_printf(&out_console, "  %q -- %V\n", name, op_repr(value));
    }
}

val_t core_help(unsigned n, const val_t *args) {
    if (n == 0)
        out_text(&out_console, welcome);
    else if (args[0] == VQ(modules) || (is_str(args[0]) && op_equal(args[0], VQ(modules))))
        help_modules();
    else
        help_object(args[0]);
    return V_NONE;
}
