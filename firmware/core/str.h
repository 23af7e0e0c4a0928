/* SPDX-License-Identifier: MIT
 * str.h: str and bytes (the same layout), and interned strings.
 *
 * str is UTF-8. Strings marked ASCII are indexed directly, others are walked. Data is followed by
 * a NUL that is not counted.
 *
 * Interned strings are unique: two of them are equal only if they are the same object. Every
 * name in code is interned. Those the C sources mention are constants in flash: Q(name) is a
 * `const str_t *`, VQ(name) the same as a val_t. A script (gen_strings.py) collects every Q(x),
 * VQ(x), METHOD_n(x,...), FUNC_n(x,...), PROPERTY(x,...), MODULE(x,...) of the sources and writes
 * strings.c and strings_gen.h in the build directory. Text that is no identifier is declared once,
 * anywhere in a source file of the firmware: QNAME(lt_module_gt, "<module>"), then Q(lt_module_gt).
 */
#ifndef ADDER_STR_H
#define ADDER_STR_H

#include "object.h"

struct str {
    const type_t *type; /* &type_str or &type_bytes */
    uint32_t len;       /* bytes */
    uint16_t hash;      /* 0: not computed yet */
    uint8_t flags;      /* STR_* */
    char data[];
};
enum { STR_INTERNED = 1, STR_ASCII = 2 };

#define Q(name)           (&q_##name)
#define VQ(name)          V_OBJ(&q_##name)
#define QNAME(name, text) /* read by gen_strings.py */
#ifndef ADDER_STRINGS
#define ADDER_STRINGS "strings_gen.h"
#endif
#include ADDER_STRINGS

static inline str_t *str_of(val_t v) { return (str_t *)v; }
static inline bool is_str(val_t v) { return is_exact(v, &type_str); }
static inline bool is_interned(val_t v) { return is_str(v) && (FIELD(str_of(v), flags) & STR_INTERNED); }

val_t str_new(const char *text, size_t len);   /* copies; sets STR_ASCII */
val_t str_from(const char *text);              /* NUL-terminated */
str_t *str_alloc(const type_t *type, size_t len); /* data to be filled in, then str_finish */
val_t str_finish(str_t *s);                    /* sets flags; returns the value */
val_t bytes_new(const void *data, size_t len);

/* The unique string; V_OBJ(result) is the value. */
str_t *str_intern(const char *text, size_t len);
str_t *str_intern_val(val_t s);
/* For the collector: drop interned strings that were not marked. */
void str_forget_dead(void);
unsigned str_hash(const str_t *s);             /* 16 bits, never 0 */
unsigned str_hash_bytes(const char *text, size_t len);
bool str_equal(const str_t *a, const str_t *b);
/* Characters (code points). */
size_t str_length(const str_t *s);
size_t str_offset(const str_t *s, size_t index); /* byte offset of a character */
unsigned utf8_encode(char *to, uint32_t c);      /* bytes written, 1..4 */
uint32_t utf8_decode(const char **p, const char *end);
size_t utf8_count(const char *p, size_t n);       /* characters in n bytes */

/* Text of a str argument (subclasses too); raises TypeError for other types. */
const char *str_arg(val_t v, size_t *len);
val_t str_concat(val_t a, val_t b);

/* ---- string builder, also the out_t that print functions write to ---- */
struct out {
    void (*write)(out_t *out, const char *text, size_t len);
};

typedef struct builder {
    out_t out; /* pass &b.out where an out_t is wanted */
    str_t *s;  /* buffer so far, grown by doubling */
    size_t len;
    size_t cap;
} builder_t;
void builder_init(builder_t *b, size_t capacity);
void builder_add(builder_t *b, const char *text, size_t len);
void builder_char(builder_t *b, char c);
val_t builder_str(builder_t *b);   /* takes the buffer */
val_t builder_bytes(builder_t *b);

extern out_t out_console; /* standard output, through port.h */
void out_text(out_t *out, const char *text);
/* Small printf: %d %u %x %c %s, %p, %ld %lu %lx (intptr), %% ; %q str_t*, %v repr of a val_t, %V its str,
 * %T type name of a val_t. Widths and zero padding for numbers (%02x). */
void out_printf(out_t *out, const char *fmt, ...);
void out_vprintf(out_t *out, const char *fmt, __builtin_va_list ap);
val_t str_printf(const char *fmt, ...);
void out_value(out_t *out, val_t v, print_t how); /* print any value */
void str_print(out_t *out, val_t v, print_t how); /* slot of str and bytes */
/* format(v, spec) for native types, the work of f-strings and str.format (str_format.c). */
val_t str_format_value(val_t v, const str_t *spec);

#endif
