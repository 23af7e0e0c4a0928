/* SPDX-License-Identifier: MIT
 * print.c: formatted output without stdio, and printing of any value.
 */
#include "ops.h"
#include "port.h"
#include "str.h"

static void console_write(out_t *out, const char *text, size_t len) {
    port_write(text, len);
}
out_t out_console = {console_write};

void out_text(out_t *out, const char *text) { out->write(out, text, strlen(text)); }

static void pad(out_t *out, char c, int n) {
    while (n-- > 0)
        out->write(out, &c, 1);
}

typedef struct spec {
    int width;
    bool zero, left;
} spec_t;

static void out_number(out_t *out, uintptr_t n, unsigned base, bool negative, spec_t sp) {
    char buf[24];
    char *p = buf + sizeof buf;
    do {
        *--p = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    int len = (int)(buf + sizeof buf - p) + negative;
    if (!sp.zero && !sp.left)
        pad(out, ' ', sp.width - len);
    if (negative)
        out->write(out, "-", 1);
    if (sp.zero)
        pad(out, '0', sp.width - len);
    out->write(out, p, (size_t)(buf + sizeof buf - p));
    if (sp.left)
        pad(out, ' ', sp.width - len);
}

void out_vprintf(out_t *out, const char *fmt, __builtin_va_list ap) {
    for (;;) {
        const char *p = strchr(fmt, '%');
        size_t n = p ? (size_t)(p - fmt) : strlen(fmt);
        if (n)
            out->write(out, fmt, n);
        if (!p)
            return;
        fmt = p + 1;
        spec_t sp = {0, false, false};
        if (*fmt == '-') {
            sp.left = true;
            fmt++;
        }
        if (*fmt == '0') {
            sp.zero = true;
            fmt++;
        }
        while (*fmt >= '0' && *fmt <= '9')
            sp.width = sp.width * 10 + (*fmt++ - '0');
        bool is_long = *fmt == 'l';
        if (is_long)
            fmt++;
        char c = *fmt++;
        switch (c) {
        case 'd': {
            intptr_t i = is_long ? __builtin_va_arg(ap, intptr_t) : __builtin_va_arg(ap, int);
            out_number(out, i < 0 ? (uintptr_t)0 - (uintptr_t)i : (uintptr_t)i, 10, i < 0, sp);
            break;
        }
        case 'u':
        case 'x': {
            uintptr_t u = is_long ? __builtin_va_arg(ap, uintptr_t) : __builtin_va_arg(ap, unsigned);
            out_number(out, u, c == 'x' ? 16 : 10, false, sp);
            break;
        }
        case 'p':
            out_text(out, "0x");
            out_number(out, (uintptr_t)__builtin_va_arg(ap, void *), 16, false, sp);
            break;
        case 'c': {
            char ch = (char)__builtin_va_arg(ap, int);
            out->write(out, &ch, 1);
            break;
        }
        case 's': {
            const char *s = __builtin_va_arg(ap, const char *);
            size_t len = strlen(s);
            if (!sp.left)
                pad(out, ' ', sp.width - (int)len);
            out->write(out, s, len);
            if (sp.left)
                pad(out, ' ', sp.width - (int)len);
            break;
        }
        case 'q': {
            const str_t *s = __builtin_va_arg(ap, const str_t *);
            out->write(out, s->data, s->len);
            break;
        }
        case 'v':
            out_value(out, __builtin_va_arg(ap, val_t), PRINT_REPR);
            break;
        case 'V':
            out_value(out, __builtin_va_arg(ap, val_t), PRINT_STR);
            break;
        case 'T': {
            const str_t *s = type_of(__builtin_va_arg(ap, val_t))->name;
            out->write(out, s->data, s->len);
            break;
        }
        default:
            out->write(out, &c, 1);
        }
    }
}

void out_printf(out_t *out, const char *fmt, ...) {
    __builtin_va_list ap;
    __builtin_va_start(ap, fmt);
    out_vprintf(out, fmt, ap);
    __builtin_va_end(ap);
}

val_t str_printf(const char *fmt, ...) {
    builder_t b;
    builder_init(&b, 32);
    __builtin_va_list ap;
    __builtin_va_start(ap, fmt);
    out_vprintf(&b.out, fmt, ap);
    __builtin_va_end(ap);
    return builder_str(&b);
}

void out_value(out_t *out, val_t v, print_t how) {
    static const char *const words[V_IMM_COUNT] = {"False", "True", "None", "Ellipsis",
                                                   "NotImplemented"};
    if (is_int(v)) {
        out_printf(out, "%ld", (intptr_t)int_of(v));
    } else if (is_imm(v)) {
        out_text(out, words[v >> 2]);
    } else {
        const type_t *type = type_of(v);
        vm_check_stack();
        if (type->print)
            type->print(out, v, how);
        else
            out_printf(out, "<%q object at %p>", type->name, (void *)v);
    }
}

static val_t to_str(val_t v, print_t how) {
    if (how == PRINT_STR && is_str(v))
        return v;
    builder_t b;
    builder_init(&b, 16);
    out_value(&b.out, v, how);
    return builder_str(&b);
}

val_t op_repr(val_t v) { return to_str(v, PRINT_REPR); }
val_t op_str(val_t v) { return to_str(v, PRINT_STR); }

/* Quotes as repr() writes them: ' unless the text has ' and no ". */
static char quote_for(const str_t *s) {
    return memchr(s->data, '\'', s->len) && !memchr(s->data, '"', s->len) ? '"' : '\'';
}

void str_print(out_t *out, val_t v, print_t how) {
    const str_t *s = str_of(v);
    bool bytes = s->type == &type_bytes;
    if (how == PRINT_STR && !bytes) {
        out->write(out, s->data, s->len);
        return;
    }
    char quote = quote_for(s);
    out_printf(out, bytes ? "b%c" : "%c", quote);
    const char *plain = s->data, *end = s->data + s->len;
    for (const char *p = s->data; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 32 && c < 127 && c != '\\' && c != (unsigned char)quote)
            continue;
        if (c >= 0x80 && !bytes)
            continue;
        if (p > plain)
            out->write(out, plain, (size_t)(p - plain));
        plain = p + 1;
        static const char from[] = "\n\r\t\\", to[] = "nrt\\";
        const char *e = c ? strchr(from, c) : NULL;
        if (e)
            out_printf(out, "\\%c", to[e - from]);
        else if (c == (unsigned char)quote)
            out_printf(out, "\\%c", c);
        else
            out_printf(out, "\\x%02x", c);
    }
    if (end > plain)
        out->write(out, plain, (size_t)(end - plain));
    out->write(out, &quote, 1);
}
