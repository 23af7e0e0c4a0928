/* SPDX-License-Identifier: MIT
 * str_format.c: format() of native types with its little language, and str.format.
 */
#include "args.h"
#include "format.h"
#include "heap.h"
#include "text.h"
#include "vm.h"

const fspec_t format_no_spec = {" ", 1, 0, '-', false, 0, 0, 0, -1};

/* ---- laying out ---- */

static void add_fill(builder_t *b, const fspec_t *f, intptr_t n) {
    while (n-- > 0)
        builder_add(b, f->fill, f->fill_size);
}

/* prefix (sign, 0x) and body, padded to the width. */
static void lay_out(builder_t *b, const fspec_t *f, char align, chars_t prefix, chars_t body) {
    intptr_t room = f->width - (intptr_t)(prefix.n + utf8_count(body.p, body.n));
    if (f->align)
        align = f->align;
    intptr_t left = room <= 0 || align == '<' || align == '=' ? 0 : align == '^' ? room / 2 : room;
    add_fill(b, f, left);
    builder_add(b, prefix.p, prefix.n);
    if (align == '=')
        add_fill(b, f, left = room);
    builder_add(b, body.p, body.n);
    add_fill(b, f, room - left);
}

/* Digits in groups of `every`, at least min characters wide; digits.n of them before `rest`. */
static chars_t group_digits(chars_t digits, size_t whole, unsigned every, char sep, intptr_t min) {
    size_t rest = digits.n - whole;
    size_t len = whole + (whole - 1) / every;
    while ((intptr_t)(len + rest) < min) { /* zeros in front are grouped too */
        whole++;
        len = whole + (whole - 1) / every;
    }
    size_t zeros = whole + rest - digits.n;
    str_t *s = str_alloc(&type_bytes, len + rest);
    char *to = s->data;
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % every == 0)
            *to++ = sep;
        *to++ = i < zeros ? '0' : digits.p[i - zeros];
    }
    memcpy(to, digits.p + digits.n - rest, rest);
    return (chars_t){s->data, len + rest};
}

static unsigned add_sign(char *to, char sign, bool negative) {
    if (!negative && sign == '-')
        return 0;
    *to = negative ? '-' : sign;
    return 1;
}

/* ---- numbers ---- */

void format_int(builder_t *b, const fspec_t *f, val_t v) {
    char prefix[4];
    unsigned base = 10;
    char type = f->type ? f->type : 'd';
    switch (type | 32) {
    case 'b': base = 2; break;
    case 'o': base = 8; break;
    case 'x': base = 16; break;
    }
    if (f->group == ',' && base != 10)
        raise_value("cannot specify ',' with this type");
    v = int_unary(UN_POS, v);
    bool negative = int_sign(v) < 0;
    unsigned n = add_sign(prefix, f->sign, negative);
    str_t *s = str_of(int_to_str(v, base));
    chars_t digits = {s->data + negative, s->len - negative};
    if (type == 'X')
        for (size_t i = 0; i < s->len; i++)
            if (s->data[i] >= 'a')
                s->data[i] -= 32;
    if (f->alternate && base != 10) {
        prefix[n++] = '0';
        prefix[n++] = type;
    }
    if (f->group)
        digits = group_digits(digits, digits.n, base == 10 ? 3 : 4, f->group,
                              f->fill[0] == '0' && f->align == '=' ? f->width - (intptr_t)n : 0);
    lay_out(b, f, '>', (chars_t){prefix, n}, digits);
}

/* A text of x with the given type and precision, in the heap. */
static chars_t real_text(real_t x, char type, intptr_t precision, bool alternate) {
    size_t size = 48, len;
    if (precision > 10000)
        raise_value("precision too big");
    for (;; size = (size_t)precision + (ADDER_DOUBLE ? 340 : 60)) {
        str_t *s = str_alloc(&type_bytes, size);
        if (float_format(x, type, (int)precision, alternate, s->data, size, &len))
            return (chars_t){s->data, len};
    }
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* No type letter: as repr, or like 'g' but with at least one digit behind the point. */
static chars_t plain_real(real_t x, const fspec_t *f) {
    if (f->precision < 0) {
        str_t *s = str_alloc(&type_bytes, FLOAT_TEXT_MAX);
        return (chars_t){s->data, float_repr(x, s->data)};
    }
    intptr_t precision = f->precision ? f->precision : 1;
    chars_t t = real_text(x, 'g', precision, f->alternate);
    size_t whole = 0;
    while (whole < t.n && is_digit(t.p[whole]))
        whole++;
    if (whole < t.n || whole == 0)
        return t;
    if ((intptr_t)whole < precision) {
        str_t *s = str_alloc(&type_bytes, t.n + 2);
        memcpy(s->data, t.p, t.n);
        memcpy(s->data + t.n, ".0", 2);
        return (chars_t){s->data, t.n + 2};
    }
    t = real_text(x, 'e', precision - 1, false); /* 1e+02 for 100.0 and precision 3 */
    const char *e = memchr(t.p, 'e', t.n), *end = e;
    if (precision > 1)
        while (end[-1] == '0')
            end--;
    if (end[-1] == '.')
        end--;
    size_t tail = (size_t)(t.p + t.n - e);
    memmove((char *)end, e, tail);
    return (chars_t){t.p, (size_t)(end - t.p) + tail};
}

void format_real(builder_t *b, const fspec_t *f, real_t x) {
    char prefix[2];
    char type = f->type;
    bool negative = __builtin_signbit(x) && x == x;
    bool percent = type == '%';
    unsigned n = add_sign(prefix, f->sign, negative);
    if (negative)
        x = -x;
    if (percent) {
        type = 'f';
        x *= 100;
    }
    chars_t t;
    if (type)
        t = real_text(x, type == 'n' ? 'g' : type, f->precision < 0 ? 6 : f->precision, f->alternate);
    else
        t = plain_real(x, f);
    if (percent) {
        str_t *s = str_alloc(&type_bytes, t.n + 1);
        memcpy(s->data, t.p, t.n);
        s->data[t.n++] = '%';
        t.p = s->data;
    }
    size_t whole = 0;
    while (whole < t.n && is_digit(t.p[whole]))
        whole++;
    if (f->group && whole)
        t = group_digits(t, whole, 3, f->group, f->fill[0] == '0' && f->align == '=' ? f->width - (intptr_t)n : 0);
    lay_out(b, f, '>', (chars_t){prefix, n}, t);
}

void format_text(builder_t *b, const fspec_t *f, val_t s) {
    const str_t *t = str_of(s);
    size_t n = t->len;
    if (f->precision >= 0 && (size_t)f->precision < str_length(t))
        n = str_offset(t, (size_t)f->precision);
    lay_out(b, f, '<', (chars_t){"", 0}, (chars_t){t->data, n});
}

/* ---- format(v, spec) ---- */

intptr_t format_number(const char **p, const char *end) {
    intptr_t n = 0;
    for (; *p < end && is_digit(**p); ++*p) {
        if (n > 0xffffff)
            raise_value("too many decimal digits in format string");
        n = n * 10 + (**p - '0');
    }
    return n;
}

static bool is_align(const char *p, const char *end) { return p < end && *p && strchr("<>=^", *p); }

static void parse_spec(fspec_t *f, const char *p, const char *end) {
    *f = format_no_spec;
    if (p == end)
        return;
    const char *q = p + 1;
    while (q < end && (*q & 0xc0) == 0x80)
        q++;
    if (is_align(q, end)) {
        f->fill = p;
        f->fill_size = (size_t)(q - p);
        f->align = *q;
        p = q + 1;
    } else if (is_align(p, end)) {
        f->align = *p++;
    }
    if (p < end && (*p == '+' || *p == '-' || *p == ' '))
        f->sign = *p++;
    if (p < end && *p == '#') {
        f->alternate = true;
        p++;
    }
    if (p < end && *p == '0') {
        if (!f->align) {
            f->fill = "0";
            f->align = '=';
        } else if (f->fill == format_no_spec.fill) {
            f->fill = "0";
        }
        p++;
    }
    f->width = format_number(&p, end);
    if (p < end && (*p == ',' || *p == '_'))
        f->group = *p++;
    if (p < end && *p == '.') {
        p++;
        if (p == end || !is_digit(*p))
            raise_value("format specifier missing precision");
        f->precision = format_number(&p, end);
    }
    if (p < end)
        f->type = *p++;
    if (p < end)
        raise_value("invalid format specifier");
}

static _Noreturn void bad_type(char type, val_t v) {
    raise_format(&type_ValueError, "unknown format code '%c' for object of type '%T'", type, v);
}

void format_char(builder_t *b, const fspec_t *f, val_t v) {
    char utf8[4];
    intptr_t c = int_arg(v);
    if (c < 0 || c > 0x10ffff)
        raise_text(&type_OverflowError, "%c arg not in range(0x110000)");
    lay_out(b, f, '<', (chars_t){"", 0}, (chars_t){utf8, utf8_encode(utf8, (uint32_t)c)});
}

static void add_value(builder_t *b, val_t v, const char *spec, size_t len) {
    fspec_t f;
    parse_spec(&f, spec, spec + len);
    val_t real = native_of(v, &type_float);
    if (real || is_integer(v)) {
        if (!real && (!f.type || strchr("bdoxXn", f.type))) {
            if (f.precision >= 0)
                raise_value("precision not allowed in integer format specifier");
            format_int(b, &f, is_bool(v) ? v : native_of(v, &type_int));
        } else if (!real && f.type == 'c') {
            format_char(b, &f, v);
        } else if (!f.type || strchr("eEfFgGn%", f.type)) {
            format_real(b, &f, float_arg(v));
        } else {
            bad_type(f.type, v);
        }
        return;
    }
    if (f.type && f.type != 's')
        bad_type(f.type, v);
    if (f.align == '=' && f.fill != format_no_spec.fill && f.fill[0] == '0')
        f.align = '<';
    else if (f.align == '=')
        raise_value("'=' alignment not allowed in string format specifier");
    format_text(b, &f, op_str(v));
}

val_t str_format_value(val_t v, const str_t *spec) {
    if (!spec->len)
        return op_str(v);
    builder_t b;
    builder_init(&b, 24);
    add_value(&b, v, spec->data, spec->len);
    return builder_str(&b);
}

/* ---- str.format ---- */

typedef struct formatter {
    unsigned n, nkw;
    const val_t *args;  /* behind the format string */
    int next;           /* automatic numbering: the next one; -1: numbers are given */
} formatter_t;

val_t str_ascii(val_t text) {
    const str_t *s = str_of(text);
    if (s->flags & STR_ASCII)
        return text;
    builder_t b;
    builder_init(&b, s->len * 2);
    for (const char *p = s->data, *end = p + s->len; p < end;) {
        uint32_t c = utf8_decode(&p, end);
        if (c < 0x80)
            builder_char(&b, (char)c);
        else if (c < 0x100)
            out_printf(&b.out, "\\x%02x", (unsigned)c);
        else if (c < 0x10000)
            out_printf(&b.out, "\\u%04x", (unsigned)c);
        else
            out_printf(&b.out, "\\U%08x", (unsigned)c);
    }
    return builder_str(&b);
}

val_t format_convert(val_t v, char how) {
    switch (how) {
    case 'r': return op_repr(v);
    case 's': return op_str(v);
    case 'a': return str_ascii(op_repr(v));
    default: raise_value("unknown format_convert specifier");
    }
}

static bool all_digits(const char *p, const char *end) {
    for (const char *q = p; q < end; q++)
        if (!is_digit(*q))
            return false;
    return p < end;
}

/* The value of a field's name: 0, name, empty; then .attr and [key] any number of times. */
static val_t field_value(formatter_t *f, const char *p, const char *end) {
    const char *q = p;
    while (q < end && *q != '.' && *q != '[')
        q++;
    val_t v;
    if (p == q || all_digits(p, q)) {
        bool automatic = p == q;
        if (f->next != 0 && automatic != (f->next > 0))
            raise_value("cannot switch between automatic and manual field numbering");
        intptr_t i = automatic ? f->next : format_number(&p, q);
        f->next = automatic ? f->next + 1 : -1;
        if ((size_t)i >= f->n)
            raise_text(&type_IndexError, "replacement index out of range for positional args tuple");
        v = f->args[i];
    } else {
        const str_t *name = str_intern(p, (size_t)(q - p));
        v = args_keyword(f->nkw, f->args + f->n, name);
        if (!v)
            raise_key(V_OBJ(name));
    }
    while (q < end) {
        p = q + 1;
        if (*q == '.') {
            for (q = p; q < end && *q != '.' && *q != '['; q++)
                ;
            v = op_get_attr(v, str_intern(p, (size_t)(q - p)));
        } else if (*q == '[') {
            for (q = p; q < end && *q != ']'; q++)
                ;
            if (q == end)
                raise_value("expected ']' in format string");
            const char *d = p;
            v = op_get_item(v, all_digits(p, q) ? V_INT(format_number(&d, q)) : str_new(p, (size_t)(q - p)));
            q++;
        } else {
            raise_value("only '.' or '[' may follow ']' in format field specifier");
        }
    }
    return v;
}

static val_t format_fields(formatter_t *f, const char *p, const char *end, int depth) {
    builder_t b;
    builder_init(&b, (size_t)(end - p) + 16);
    if (depth > 2)
        raise_value("max string recursion exceeded");
    while (p < end) {
        const char *from = p;
        while (p < end && *p != '{' && *p != '}')
            p++;
        builder_add(&b, from, (size_t)(p - from));
        if (p == end)
            break;
        if (p + 1 < end && p[1] == *p && (depth == 1 || *p == '}')) { /* {{ and }} */
            builder_char(&b, *p);
            p += 2;
            continue;
        }
        if (*p == '}')
            raise_value("single '}' encountered in format string");
        const char *name = ++p;
        int nested = 0;
        while (p < end && (nested || (*p != '!' && *p != ':' && *p != '}'))) {
            nested += (*p == '[') - (*p == ']');
            p++;
        }
        const char *name_end = p;
        char how = 0;
        if (p < end && *p == '!') {
            how = p + 1 < end ? p[1] : 0;
            p += 2;
        }
        const char *spec = p;
        if (p < end && *p == ':') {
            spec = ++p;
            for (nested = 0; p < end && (nested || *p != '}'); p++)
                nested += (*p == '{') - (*p == '}');
        }
        if (p >= end || *p != '}')
            raise_value("expected '}' before end of string");
        val_t v = field_value(f, name, name_end);
        if (how)
            v = format_convert(v, how);
        val_t text = spec == p ? VQ(empty) : format_fields(f, spec, p, depth + 1);
        v = op_format(v, text);
        builder_add(&b, str_of(v)->data, str_of(v)->len);
        p++;
    }
    return builder_str(&b);
}

val_t str_format_method(unsigned n, unsigned nkw, const val_t *args) {
    const str_t *s = str_of(args[0]);
    formatter_t f = {n - 1, nkw, args + 1, 0};
    vm_check_stack();
    return format_fields(&f, s->data, s->data + s->len, 1);
}
