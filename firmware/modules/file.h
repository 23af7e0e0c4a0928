/* SPDX-License-Identifier: MIT
 * file.h: open() and the file objects, on top of ports/fsys.h.
 */
#ifndef ADDER_FILE_H
#define ADDER_FILE_H

#include "object.h"

extern const type_t type_FileIO, type_TextIOWrapper;

/* open(file, mode="r", buffering=-1, encoding=None): for the table of built-in functions. */
val_t file_open(unsigned n, unsigned nkw, const val_t *args);
#define FILE_OPEN_ROW FUNC_K(open, file_open, 1, 4)

#endif
