/* SPDX-License-Identifier: MIT
 * str_percent.c: the % operator of str.
 */
#include "args.h"
#include "format.h"
#include "text.h"

typedef struct percent {
    val_t args;    /* tuple, or a single value */
    size_t next;
    bool by_key;
} percent_t;

static val_t next_arg(percent_t *p) {
    if (!is_tuple(p->args) && p->next++ == 0)
        return p->args;
    if (!is_tuple(p->args) || p->next >= tuple_of(p->args)->n)
        raise_type("not enough arguments for format string");
    return tuple_of(p->args)->v[p->next++];
}

static intptr_t star_or_number(percent_t *p, const char **s, const char *end) {
    if (*s < end && **s == '*') {
        ++*s;
        return int_arg(next_arg(p));
    }
    return format_number(s, end);
}

static void add_integer(builder_t *b, fspec_t *f, val_t v) {
    if (!is_integer(v)) {
        val_t index = op_special(v, Q(__index__));
        if (!index)
            raise_format(&type_TypeError, "%%%c format: an integer is required, not %T", f->type, v);
        v = call_1(index, v);
    }
    v = int_unary(UN_POS, is_bool(v) ? v : native_of(v, &type_int));
    if (f->precision <= 0) {
        format_int(b, f, v);
        return;
    }
    fspec_t digits = format_no_spec; /* at least so many digits */
    digits.type = f->type;
    digits.sign = f->sign;
    digits.alternate = f->alternate;
    digits.fill = "0";
    digits.align = '=';
    digits.width = f->precision + (int_sign(v) < 0 || f->sign != '-') + (f->alternate && f->type != 'd' ? 2 : 0);
    builder_t t;
    builder_init(&t, 16);
    format_int(&t, &digits, v);
    f->precision = -1;
    f->fill = " ";
    if (f->align != '<')
        f->align = '>';
    format_text(b, f, builder_str(&t));
}

static void add_percent(builder_t *b, fspec_t *f, val_t v) {
    switch (f->type) {
    case 's':
    case 'r':
    case 'a':
        f->fill = " ";
        if (f->align == '=')
            f->align = 0;
        if (!f->align)
            f->align = '>';
        format_text(b, f, format_convert(v, f->type));
        return;
    case 'c':
        f->fill = " ";
        if (f->align != '<')
            f->align = '>';
        if (native_of(v, &type_str)) {
            if (str_length(str_of(native_of(v, &type_str))) != 1)
                raise_type("%c requires int or char");
            format_text(b, f, native_of(v, &type_str));
        } else {
            format_char(b, f, v);
        }
        return;
    case 'i':
    case 'u':
    case 'd':
        if (native_of(v, &type_float))
            v = int_from_real(float_arg(v));
        f->type = 'd'; /* fall through */
    case 'x':
    case 'X':
    case 'o':
        add_integer(b, f, v);
        return;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        format_real(b, f, float_arg(v));
        return;
    default:
        raise_format(&type_ValueError, "unsupported format character '%c'", f->type);
    }
}

/* Flags, width and precision; returns what is behind them. */
static const char *read_spec(percent_t *a, fspec_t *f, const char *p, const char *end) {
    for (; p < end && *p && strchr("-+ #0", *p); p++) {
        switch (*p) {
        case '-': f->align = '<'; break;
        case '+': f->sign = '+'; break;
        case ' ': if (f->sign != '+') f->sign = ' '; break;
        case '#': f->alternate = true; break;
        default:
            f->fill = "0";
            if (!f->align)
                f->align = '=';
        }
    }
    f->width = star_or_number(a, &p, end);
    if (f->width < 0) {
        f->width = -f->width;
        f->align = '<';
    }
    if (f->align == '<')
        f->fill = " ";
    if (p < end && *p == '.') {
        p++;
        f->precision = star_or_number(a, &p, end);
        if (f->precision < 0)
            f->precision = 0;
    }
    return p;
}

val_t str_percent(val_t format, val_t args) {
    const char *p = str_of(format)->data, *end = p + str_of(format)->len;
    percent_t a = {native_of(args, &type_tuple) ? native_of(args, &type_tuple) : args, 0, false};
    builder_t b;
    builder_init(&b, str_of(format)->len + 16);
    while (p < end) {
        const char *q = memchr(p, '%', (size_t)(end - p));
        builder_add(&b, p, (size_t)((q ? q : end) - p));
        if (!q)
            break;
        p = q + 1;
        fspec_t f = format_no_spec;
        val_t v = V_UNDEF;
        if (p < end && *p == '(') {
            const char *key = ++p;
            for (int open = 1; p < end && (open += (*p == '(') - (*p == ')')); p++)
                ;
            if (p >= end)
                raise_value("incomplete format key");
            v = op_get_item(args, str_new(key, (size_t)(p - key)));
            p++;
            a.by_key = true;
        }
        p = read_spec(&a, &f, p, end);
        while (p < end && (*p == 'l' || *p == 'h'))
            p++;
        if (p == end)
            raise_value("incomplete format");
        f.type = *p++;
        if (f.type == '%') {
            builder_char(&b, '%');
            continue;
        }
        add_percent(&b, &f, v ? v : next_arg(&a));
    }
    bool left_over = is_tuple(a.args) ? a.next < tuple_of(a.args)->n : !a.next && !native_of(args, &type_dict) && !type_of(args)->index;
    if (left_over && !a.by_key)
        raise_type("not all arguments converted during string formatting");
    return builder_str(&b);
}
