/* SPDX-License-Identifier: MIT
 * text.h: what str, bytes and bytearray share (str_methods.c, text.c), and bytearray itself.
 */
#ifndef ADDER_TEXT_H
#define ADDER_TEXT_H

#include "ops.h"

typedef struct chars {
    const char *p;
    size_t n;
} chars_t;

/* bytearray and array.array: items of a machine type. */
typedef struct array {
    const type_t *type;
    raw_t *raw;      /* capacity is raw->size; NULL if empty */
    uintptr_t n;     /* items */
    uintptr_t typecode;
} array_t;
val_t bytearray_new(const void *data, size_t n);
extern const type_t type_array;
/* array.c: the slots and methods of both, and of memoryview */
unsigned array_item_size(char typecode); /* 0: no such type */
val_t array_get(const void *data, char typecode, size_t i);
void array_put(void *data, char typecode, size_t i, val_t v);

/* Characters of v, which must be a str if like is one, else bytes-like; TypeError otherwise. */
chars_t chars_arg(val_t v, val_t like);
chars_t chars_of(val_t self); /* of str, bytes, bytearray */
val_t chars_new(val_t like, const char *p, size_t n); /* of the type of like */
/* Byte offset of the first (last) needle in hay, SIZE_MAX if there is none. */
size_t chars_find(chars_t hay, chars_t needle, bool last);

extern const dict_t str_attrs; /* methods of str; bytes and bytearray have most of them too */
val_t text_attr(val_t self, str_t *name, val_t value); /* attr slot of bytes and bytearray */
val_t text_compare(op_t op, chars_t a, chars_t b);
val_t text_repeat(val_t self, val_t times);
val_t text_join(val_t sep, val_t iterable);
val_t text_split(unsigned n, unsigned nkw, const val_t *args);
val_t text_rsplit(unsigned n, unsigned nkw, const val_t *args);
val_t text_splitlines(unsigned n, const val_t *args);

/* str_format.c */
val_t str_format_method(unsigned n, unsigned nkw, const val_t *args);
val_t str_percent(val_t format, val_t args);
val_t str_ascii(val_t text); /* with escapes for what is not ASCII */

#endif
