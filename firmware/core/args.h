/* SPDX-License-Identifier: MIT
 * args.h: arguments of native functions that take keywords.
 *
 *     static val_t pin_init(unsigned n, unsigned nkw, const val_t *args) {
 *         enum { SELF, MODE, PULL, VALUE };
 *         static const arg_spec_t specs[] = {
 *             {Q(self), ARG_OBJ | ARG_REQUIRED},
 *             {Q(mode), ARG_INT, {.i = -1}},
 *             {Q(pull), ARG_OBJ, {.v = V_NONE}},
 *             {Q(value), ARG_OBJ | ARG_KEYWORD, {.v = V_UNDEF}},
 *         };
 *         arg_t a[COUNT_OF(specs)];
 *         args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
 *         ... a[MODE].i ... a[PULL].v
 *     }
 */
#ifndef ADDER_ARGS_H
#define ADDER_ARGS_H

#include "object.h"

typedef union arg {
    val_t v;
    intptr_t i;
    bool b;
} arg_t;

enum {
    ARG_OBJ = 0, ARG_INT = 1, ARG_BOOL = 2, ARG_TYPE = 3,
    ARG_REQUIRED = 4, /* no default */
    ARG_KEYWORD = 8   /* by keyword only */
};

typedef struct arg_spec {
    const str_t *name;
    uint8_t flags;
    arg_t value; /* default */
} arg_spec_t;

/* TypeError for missing, surplus, doubled and unknown arguments. */
void args_parse(unsigned n, unsigned nkw, const val_t *args, unsigned count,
                const arg_spec_t *specs, arg_t *out);
/* Check the count of positional arguments and refuse keywords, for make and call slots. */
void args_check(unsigned n, unsigned nkw, unsigned min, unsigned max);
/* The value of one keyword among nkw pairs, or V_UNDEF. kw = args + n. */
val_t args_keyword(unsigned nkw, const val_t *kw, const str_t *name);

#endif
