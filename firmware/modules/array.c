/* SPDX-License-Identifier: MIT
 * array.c: the module array; the type is in core/array.c.
 */
#include "module.h"
#include "core/text.h"

static const dict_entry_t array_table[] = {
    {VQ(__name__), VQ(array)},
    {VQ(array), V_OBJ(&type_array)},
};
MODULE(array, array_table);
