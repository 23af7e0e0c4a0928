/* SPDX-License-Identifier: MIT
 * iterators.h: the built-in iterator types.
 */
#ifndef ADDER_ITERATORS_H
#define ADDER_ITERATORS_H

#include "ops.h"

extern const type_t type_enumerate, type_zip, type_map, type_filter, type_reversed;
val_t iter_calls(val_t fn, val_t end); /* iter(fn, end) */

#endif
