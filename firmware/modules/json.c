/* SPDX-License-Identifier: MIT
 * json.c: the module json. Text is written as UTF-8, only what JSON demands is escaped.
 */
#include "args.h"
#include "heap.h"
#include "module.h"
#include "vm.h"

/* ---- writing ---- */

typedef struct writer {
    out_t *out;
    const str_t *comma, *colon;
} writer_t;

static void write_text(out_t *out, const str_t *s) {
    out_text(out, "\"");
    for (size_t i = 0; i < s->len; i++) {
        static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
        unsigned char c = (unsigned char)s->data[i];
        const char *e = c ? strchr(from, c) : NULL;
        if (e)
            out_printf(out, "\\%c", to[e - from]);
        else if (c < 32)
            out_printf(out, "\\u%04x", (unsigned)c);
        else
            out->write(out, s->data + i, 1);
    }
    out_text(out, "\"");
}

static void write_value(writer_t *w, val_t v);

static void write_key(writer_t *w, val_t k) {
    if (native_of(k, &type_str)) {
        write_text(w->out, str_of(native_of(k, &type_str)));
        return;
    }
    if (!is_imm(k) && !is_integer(k) && !native_of(k, &type_float))
        raise_type("keys must be str, int, float, bool or None");
    out_text(w->out, "\"");
    write_value(w, k);
    out_text(w->out, "\"");
}

static void write_dict(writer_t *w, const dict_t *d) {
    unsigned pos = 0;
    val_t k, v;
    out_text(w->out, "{");
    for (bool first = true; dict_next(d, &pos, &k, &v); first = false) {
        if (!first)
            out_printf(w->out, "%q", w->comma);
        write_key(w, k);
        out_printf(w->out, "%q", w->colon);
        write_value(w, v);
    }
    out_text(w->out, "}");
}

static void write_value(writer_t *w, val_t v) {
    size_t n;
    const val_t *items;
    val_t base;
    vm_check_stack();
    if (v == V_NONE) {
        out_text(w->out, "null");
    } else if (is_bool(v)) {
        out_text(w->out, v == V_TRUE ? "true" : "false");
    } else if (is_integer(v)) {
        int_print(w->out, native_of(v, &type_int), PRINT_STR);
    } else if ((base = native_of(v, &type_float))) {
        real_t x = float_of(base);
        if (x - x != 0)
            out_text(w->out, x != x ? "NaN" : x > 0 ? "Infinity" : "-Infinity");
        else
            out_value(w->out, base, PRINT_STR);
    } else if ((base = native_of(v, &type_str))) {
        write_text(w->out, str_of(base));
    } else if ((base = native_of(v, &type_dict))) {
        write_dict(w, dict_of(base));
    } else if (seq_items(v, &n, &items)) {
        out_text(w->out, "[");
        for (size_t i = 0; i < n; i++) {
            if (i)
                out_printf(w->out, "%q", w->comma);
            write_value(w, items[i]);
        }
        out_text(w->out, "]");
    } else {
        raise_format(&type_TypeError, "object of type %T is not JSON serializable", v);
    }
}

QNAME(comma_space, ", ")
QNAME(colon_space, ": ")

static val_t dumps(val_t v, val_t separators) {
    builder_t b;
    builder_init(&b, 64);
    writer_t w = {&b.out, Q(comma_space), Q(colon_space)};
    size_t n;
    const val_t *items;
    if (separators && separators != V_NONE) {
        if (!seq_items(separators, &n, &items) || n != 2)
            raise_value("separators must be (item, key)");
        str_arg(items[0], NULL);
        str_arg(items[1], NULL);
        w.comma = str_of(items[0]);
        w.colon = str_of(items[1]);
    }
    write_value(&w, v);
    return builder_str(&b);
}

static val_t json_dumps(unsigned n, unsigned nkw, const val_t *args) {
    return dumps(args[0], args_keyword(nkw, args + n, Q(separators)));
}
static val_t json_dump(unsigned n, unsigned nkw, const val_t *args) {
    val_t text = dumps(args[0], args_keyword(nkw, args + n, Q(separators)));
    call_method(args[1], Q(write), 1, &text);
    return V_NONE;
}

/* ---- reading ---- */

typedef struct parser {
    const char *p, *end;
} parser_t;

static _Noreturn void bad(void) { raise_value("syntax error in JSON"); }

static void skip_space(parser_t *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool take(parser_t *s, char c) {
    skip_space(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static unsigned hex4(parser_t *s) {
    unsigned v = 0;
    if (s->end - s->p < 4)
        bad();
    for (int i = 0; i < 4; i++) {
        char c = *s->p++;
        unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) : 16;
        if (d > 15)
            bad();
        v = v << 4 | d;
    }
    return v;
}

static val_t read_text(parser_t *s) { /* behind the quote */
    builder_t b;
    builder_init(&b, 16);
    for (;;) {
        const char *from = s->p;
        while (s->p < s->end && *s->p != '"' && *s->p != '\\')
            s->p++;
        builder_add(&b, from, (size_t)(s->p - from));
        if (s->p == s->end)
            bad();
        if (*s->p++ == '"')
            return builder_str(&b);
        static const char from_chars[] = "\"\\/nrtbf", to_chars[] = "\"\\/\n\r\t\b\f";
        char c = s->p < s->end ? *s->p++ : 0;
        const char *e = c ? strchr(from_chars, c) : NULL;
        if (e) {
            builder_char(&b, to_chars[e - from_chars]);
        } else if (c == 'u') {
            char utf8[4];
            uint32_t code = hex4(s);
            if (code >= 0xd800 && code < 0xdc00 && s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u') {
                s->p += 2;
                code = 0x10000 + ((code & 0x3ff) << 10) + (hex4(s) & 0x3ff);
            }
            builder_add(&b, utf8, utf8_encode(utf8, code));
        } else {
            bad();
        }
    }
}

static val_t read_word(parser_t *s) {
    static const struct {
        const char *word;
        val_t v;
    } words[] = {{"true", V_TRUE}, {"false", V_FALSE}, {"null", V_NONE}};
    const char *from = s->p;
    bool is_float = false;
    while (s->p < s->end && ((*s->p | 32) >= 'a' ? (*s->p | 32) <= 'z' : *s->p == '-' || *s->p == '+' || *s->p == '.' || (*s->p >= '0' && *s->p <= '9'))) {
        is_float |= *s->p == '.' || (*s->p | 32) == 'e' || (*s->p | 32) == 'n';
        s->p++;
    }
    size_t n = (size_t)(s->p - from);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (n == strlen(words[i].word) && memcmp(from, words[i].word, n) == 0)
            return words[i].v;
    real_t x;
    val_t v;
    if (is_float ? !float_parse(from, n, &x) : !int_parse(from, n, 10, &v))
        bad();
    return is_float ? float_new(x) : v;
}

static val_t read_value(parser_t *s) {
    vm_check_stack();
    if (take(s, '"'))
        return read_text(s);
    if (take(s, '[')) {
        val_t l = list_new(0, NULL);
        if (take(s, ']'))
            return l;
        do
            list_append(list_of(l), read_value(s));
        while (take(s, ','));
        if (!take(s, ']'))
            bad();
        return l;
    }
    if (take(s, '{')) {
        val_t d = dict_new(0);
        if (take(s, '}'))
            return d;
        do {
            if (!take(s, '"'))
                bad();
            val_t k = read_text(s);
            if (!take(s, ':'))
                bad();
            dict_set(dict_of(d), k, read_value(s));
        } while (take(s, ','));
        if (!take(s, '}'))
            bad();
        return d;
    }
    return read_word(s);
}

static val_t json_loads(val_t text) {
    buffer_t b;
    op_buffer(text, &b, false);
    parser_t s = {b.data, (char *)b.data + b.size};
    val_t v = read_value(&s);
    skip_space(&s);
    if (s.p != s.end)
        bad();
    return v;
}
static val_t json_load(val_t stream) { return json_loads(call_method(stream, Q(read), 0, NULL)); }

static const dict_entry_t json_table[] = {
    {VQ(__name__), VQ(json)},
    FUNC_K(dumps, json_dumps, 1, 1),
    FUNC_K(dump, json_dump, 2, 2),
    FUNC_1(loads, json_loads),
    FUNC_1(load, json_load),
    {VQ(JSONDecodeError), V_OBJ(&type_ValueError)},
};
MODULE(json, json_table);
