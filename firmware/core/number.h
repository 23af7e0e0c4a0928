/* SPDX-License-Identifier: MIT
 * number.h: int (small and big), float, complex.
 */
#ifndef ADDER_NUMBER_H
#define ADDER_NUMBER_H

#include "object.h"

/* ---- float ---- */
typedef struct float_obj {
    const type_t *type;
    real_t value;
} float_obj_t;
val_t float_new(real_t x);
static inline bool is_float(val_t v) { return is_exact(v, &type_float); }
static inline real_t float_of(val_t v) { return ((float_obj_t *)v)->value; }
/* int, bool, float and objects with __float__; TypeError otherwise. */
real_t float_arg(val_t v);
/* A number (int, bool, float) as real; false for other types. */
bool float_try(val_t v, real_t *x);
val_t float_binary(op_t op, val_t a, val_t b);
/* round(x, digits); digits None: an int. */
val_t float_round(val_t x, val_t digits);
/* Shortest text that reads back as x, as repr() gives: "1.5", "1e+20", "nan". Returns its length. */
enum { FLOAT_TEXT_MAX = 32 };
unsigned float_repr(real_t x, char *buf);
/* format() with type 'e', 'f', 'g' (or upper case), precision digits; false if buf is too small. */
bool float_format(real_t x, char type, int precision, bool alternate, char *buf, size_t size, size_t *len);
/* Text as a float: false if it is not one as a whole. */
bool float_parse(const char *text, size_t len, real_t *x);

/* ---- int ---- */
val_t int_from(intmax_t i);   /* small or big */
val_t int_from_u(uintmax_t i);
val_t int_from_real(real_t x); /* truncates; OverflowError, ValueError for inf and nan */
/* Python's int as a C one: TypeError if v is no int (bool is one; __index__ is asked),
 * OverflowError if it does not fit. */
intptr_t int_arg(val_t v);
int64_t int64_arg(val_t v);
uint32_t uint32_arg(val_t v); /* wraps: the low 32 bits, for registers and masks */
bool is_integer(val_t v);     /* int of any size or bool */
/* int(text, base): false if it is not a number as a whole. base 0: by prefix. */
bool int_parse(const char *text, size_t len, unsigned base, val_t *result);
/* All operators where at least one operand is an int or bool and the fast paths of the VM do not
 * apply: overflow, division, shifts, big ints. V_UNDEF if the other operand is no integer. */
val_t int_binary(op_t op, val_t a, val_t b);
val_t int_unary(unary_t op, val_t a);
val_t int_pow_mod(val_t a, val_t b, val_t m); /* pow(a, b, m) */
int int_sign(val_t v); /* -1, 0, 1 */
void int_print(out_t *out, val_t v, print_t how);
/* Digits in a base 2..36, lower case, no prefix. */
val_t int_to_str(val_t v, unsigned base);
val_t int_from_bytes(const uint8_t *p, size_t n, bool big_endian, bool is_signed);
/* Low n bytes in two's complement; false if the value does not fit in n bytes. */
bool int_to_bytes(val_t v, uint8_t *p, size_t n, bool big_endian);

#endif
