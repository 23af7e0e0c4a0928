/* SPDX-License-Identifier: MIT
 * sort.h: sorting of lists.
 */
#ifndef ADDER_SORT_H
#define ADDER_SORT_H

#include "seq.h"

/* Stable; key is None or a function. The list is empty for others meanwhile. */
void list_sort(list_t *l, val_t key, bool reverse);

#endif
