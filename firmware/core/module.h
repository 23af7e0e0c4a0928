/* SPDX-License-Identifier: MIT
 * module.h: modules. Native ones are listed in modules/meson.build, which generates the table.
 */
#ifndef ADDER_MODULE_H
#define ADDER_MODULE_H

#include "ops.h"

extern const dict_t modules_native;  /* name -> module_t, generated */
extern const dict_t errno_names;     /* of the module errno: name -> number */
extern const dict_t builtins_dict;   /* names visible everywhere: built-in functions and types */

val_t module_new(const str_t *name); /* empty Python module, entered in sys.modules */
val_t module_import(const str_t *name); /* by absolute dotted name: the last module of the path */

#endif
