/* SPDX-License-Identifier: MIT
 * help.h: help(), for the table of built-in functions.
 */
#ifndef ADDER_HELP_H
#define ADDER_HELP_H

#include "object.h"

val_t core_help(unsigned n, const val_t *args);

#endif
