/* SPDX-License-Identifier: MIT
 * format.h: values as text by a specification, for format() (str_format.c) and % (str_percent.c).
 */
#ifndef ADDER_FORMAT_H
#define ADDER_FORMAT_H

#include "str.h"

typedef struct fspec {
    const char *fill;   /* one character */
    size_t fill_size;
    char align;         /* < > = ^, or 0 */
    char sign;          /* + - space */
    bool alternate;
    char group;         /* , _ or 0 */
    char type;          /* or 0 */
    intptr_t width;
    intptr_t precision; /* -1: none */
} fspec_t;

extern const fspec_t format_no_spec;

void format_int(builder_t *b, const fspec_t *f, val_t v);
void format_real(builder_t *b, const fspec_t *f, real_t x);
void format_text(builder_t *b, const fspec_t *f, val_t s);
void format_char(builder_t *b, const fspec_t *f, val_t v); /* with the number v */
val_t format_convert(val_t v, char how); /* the text of v: s, r, a */
intptr_t format_number(const char **p, const char *end); /* digits from *p on; 0: none */

#endif
