/* SPDX-License-Identifier: MIT
 * bytes.c: the types bytes and bytearray. The methods that they share with str are in str_methods.c.
 */
#include "args.h"
#include "heap.h"
#include "text.h"

/* ---- making ---- */

val_t bytearray_new(const void *data, size_t n) {
    array_t *a = HEAP_NEW(&type_bytearray, array_t);
    a->typecode = 'B';
    a->raw = heap_alloc(&type_raw, sizeof(raw_t) + (n ? n : 1));
    a->raw->size = n;
    if (data && n)
        memcpy(a->raw->data, data, n);
    a->n = n;
    return V_OBJ(a);
}

static char byte_arg(val_t v) {
    intptr_t i = int_arg(v);
    if (i < 0 || i > 255)
        raise_value("bytes value out of range");
    return (char)i;
}

/* The bytes that bytes(...) or bytearray(...) ask for. */
static val_t bytes_from(unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(source), ARG_OBJ, {.v = V_UNDEF}},
        {Q(encoding), ARG_OBJ, {.v = V_UNDEF}},
        {Q(errors), ARG_OBJ, {.v = V_UNDEF}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t v = a[0].v;
    if (!v)
        return bytes_new(NULL, 0);
    if (native_of(v, &type_str)) {
        if (!a[1].v)
            raise_type("string argument without an encoding");
        size_t len;
        const char *s = str_arg(v, &len);
        return bytes_new(s, len);
    }
    if (is_integer(v)) {
        intptr_t size = int_arg(v);
        if (size < 0)
            raise_value("negative count");
        str_t *s = str_alloc(&type_bytes, (size_t)size);
        memset(s->data, 0, (size_t)size);
        return V_OBJ(s);
    }
    val_t f = type_of(v)->flags & T_CLASS ? op_special(v, Q(__bytes__)) : V_UNDEF;
    if (f)
        return call_1(f, v);
    buffer_t buf;
    if (type_of(v)->buffer && !(type_of(v)->flags & T_CLASS)) {
        op_buffer(v, &buf, false);
        return bytes_new(buf.data, buf.size);
    }
    builder_t b;
    builder_init(&b, 16);
    val_t it = op_iter(v);
    while ((v = op_next(it)))
        builder_char(&b, byte_arg(v));
    return builder_bytes(&b);
}

static val_t bytes_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    if (n == 1 && !nkw && is_exact(args[0], &type_bytes))
        return args[0];
    return bytes_from(n, nkw, args);
}

static val_t bytearray_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    val_t b = bytes_from(n, nkw, args);
    return bytearray_new(str_of(b)->data, str_of(b)->len);
}

/* ---- slots of both ---- */

static val_t self_of(val_t v) { /* V_UNDEF if it is neither */
    val_t s = native_of(v, &type_bytes);
    return s ? s : native_of(v, &type_bytearray);
}

static val_t bytes_unary(unary_t op, val_t self) {
    if (op == UN_LEN)
        return V_INT(chars_of(self).n);
    if (op == UN_HASH)
        return is_exact(self, &type_bytes) ? V_INT(str_hash(str_of(self))) : V_NONE;
    return V_UNDEF;
}

static void extend(array_t *a, const char *p, size_t n) {
    size_t need = a->n + n;
    if (need > a->raw->size) {
        size_t cap = need + need / 4 + 8;
        if (heap_resize(a->raw, sizeof(raw_t) + cap)) {
            a->raw->size = cap;
        } else {
            raw_t *raw = heap_alloc_raw(&type_raw, sizeof *raw + cap);
            raw->size = cap;
            memcpy(raw->data, a->raw->data, a->n);
            a->raw = raw;
        }
    }
    memmove(a->raw->data + a->n, p, n);
    a->n = need;
}

static val_t bytes_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_MOD && self_of(a)) {
        val_t format = str_new(chars_of(self_of(a)).p, chars_of(self_of(a)).n), r = str_percent(format, b);
        return chars_new(self_of(a), str_of(r)->data, str_of(r)->len);
    }
    if (op == OP_MUL) {
        val_t s = self_of(a), times = s ? b : a;
        if (!is_integer(times))
            return V_UNDEF;
        val_t r = text_repeat(s ? s : self_of(b), times);
        if (inplace && s && is_exact(s, &type_bytearray)) {
            *(array_t *)s = *(array_t *)r;
            return s;
        }
        return r;
    }
    if (op == OP_CONTAINS) {
        char c;
        chars_t needle = {&c, 1};
        if (is_integer(b))
            c = byte_arg(b);
        else
            needle = chars_arg(b, a);
        return V_BOOL(chars_find(chars_of(a), needle, false) != SIZE_MAX);
    }
    val_t x = self_of(a);
    buffer_t buf;
    if (!x || !type_of(b)->buffer || native_of(b, &type_str))
        return V_UNDEF;
    op_buffer(b, &buf, false);
    chars_t c = chars_of(x), d = {buf.data, buf.size};
    if (op >= OP_LT && op <= OP_NE)
        return text_compare(op, c, d);
    if (op != OP_ADD)
        return V_UNDEF;
    bool mutable = is_exact(x, &type_bytearray);
    if (mutable && inplace) {
        extend((array_t *)x, d.p, d.n);
        return a;
    }
    str_t *s = str_alloc(&type_bytes, c.n + d.n);
    memcpy(s->data, c.p, c.n);
    memcpy(s->data + c.n, d.p, d.n);
    return mutable ? bytearray_new(s->data, s->len) : V_OBJ(s);
}

/* bytearray: replace the count bytes at `at`. */
static void splice(array_t *a, size_t at, size_t count, const char *p, size_t n) {
    str_t *copy = NULL;
    if (p >= (char *)a->raw->data && p <= (char *)a->raw->data + a->raw->size) { /* out of itself */
        copy = str_of(bytes_new(p, n));
        p = copy->data;
    }
    size_t tail = a->n - at - count;
    if (n > count)
        extend(a, (const char *)a->raw->data, n - count); /* room; the bytes don't matter */
    memmove(a->raw->data + at + n, a->raw->data + at + count, tail);
    memcpy(a->raw->data + at, p, n);
    a->n = at + n + tail;
}

static val_t bytearray_set(val_t self, val_t key, val_t value) {
    array_t *a = (array_t *)self;
    bool del = value == V_NOTIMPLEMENTED;
    if (!is_exact(key, &type_slice)) {
        size_t i = index_resolve(key, a->n, "bytearray");
        if (del)
            splice(a, i, 1, "", 0);
        else
            a->raw->data[i] = (uint8_t)byte_arg(value);
        return V_NONE;
    }
    span_t s;
    val_t from = del ? bytes_new(NULL, 0) : bytes_from(1, 0, &value);
    slice_resolve((slice_t *)key, a->n, &s);
    const str_t *f = str_of(from);
    if (s.step == 1) {
        splice(a, (size_t)s.start, s.count, f->data, f->len);
        return V_NONE;
    }
    if (del) {
        if (s.step < 0) {
            s.start += (intptr_t)(s.count - 1) * s.step;
            s.step = -s.step;
        }
        for (size_t i = s.count; i-- > 0;)
            splice(a, (size_t)(s.start + (intptr_t)i * s.step), 1, "", 0);
        return V_NONE;
    }
    if (f->len != s.count)
        raise_value("attempt to assign bytes of wrong size to extended slice");
    for (size_t i = 0; i < s.count; i++)
        a->raw->data[s.start + (intptr_t)i * s.step] = (uint8_t)f->data[i];
    return V_NONE;
}

static val_t bytes_index(val_t self, val_t key, val_t value) {
    if (value && is_exact(self, &type_bytearray))
        return bytearray_set(self, key, value);
    if (value)
        raise_format(&type_TypeError, "'bytes' object doesn't support item %s",
                     value == V_NOTIMPLEMENTED ? "deletion" : "assignment");
    chars_t c = chars_of(self);
    if (!is_exact(key, &type_slice))
        return V_INT((uint8_t)c.p[index_resolve(key, c.n, is_exact(self, &type_bytes) ? "bytes" : "bytearray")]);
    span_t s;
    slice_resolve((slice_t *)key, c.n, &s);
    if (s.step == 1)
        return chars_new(self, c.p + s.start, s.count);
    str_t *r = str_alloc(&type_bytes, s.count);
    for (size_t i = 0; i < s.count; i++)
        r->data[i] = c.p[s.start + (intptr_t)i * s.step];
    return is_exact(self, &type_bytes) ? V_OBJ(r) : bytearray_new(r->data, s.count);
}

static val_t bytes_next(iterator_t *it) {
    chars_t c = chars_of(it->over);
    return it->pos < c.n ? V_INT((uint8_t)c.p[it->pos++]) : V_UNDEF;
}
static val_t bytes_iter(val_t self) { return iterator_new(self, bytes_next); }

static bool bytes_buffer(val_t self, buffer_t *buf, bool writable) {
    chars_t c = chars_of(self);
    buf->data = (void *)(uintptr_t)c.p;
    buf->size = c.n;
    buf->typecode = 'B';
    buf->writable = is_exact(self, &type_bytearray);
    return buf->writable || !writable;
}

static void bytearray_print(out_t *out, val_t self, print_t how) {
    chars_t c = chars_of(self);
    out_text(out, "bytearray(");
    out_value(out, bytes_new(c.p, c.n), PRINT_REPR);
    out_text(out, ")");
}

/* ---- methods ---- */

static void check_utf8(const char *p, const char *end) {
    while (p < end) {
        unsigned char c = (unsigned char)*p++;
        unsigned more = c < 0x80 ? 0 : c < 0xc2 ? 9 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 9;
        unsigned char second = p < end ? (unsigned char)*p : 0;
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second >= 0xa0) || (c == 0xf0 && second < 0x90) ||
            (c == 0xf4 && second >= 0x90))
            more = 9;
        if (more > (size_t)(end - p))
            raise_text(&type_UnicodeError, "invalid UTF-8");
        for (; more; more--)
            if ((*p++ & 0xc0) != 0x80)
                raise_text(&type_UnicodeError, "invalid UTF-8");
    }
}

static val_t bytes_decode(unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(encoding), ARG_OBJ, {.v = V_NONE}},
        {Q(errors), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    chars_t c = chars_of(a[0].v);
    bool lenient = a[2].v != V_NONE && strcmp(str_arg(a[2].v, NULL), "strict") != 0;
    if (!lenient) {
        check_utf8(c.p, c.p + c.n);
        return str_new(c.p, c.n);
    }
    bool ignore = strcmp(str_arg(a[2].v, NULL), "ignore") == 0;
    builder_t b;
    builder_init(&b, c.n);
    for (size_t i = 0; i < c.n;) { /* what is wrong is left out or replaced */
        unsigned char x = (unsigned char)c.p[i];
        size_t size = x < 0x80 ? 1 : x < 0xc2 ? 0 : x < 0xe0 ? 2 : x < 0xf0 ? 3 : x < 0xf5 ? 4 : 0;
        bool good = size && i + size <= c.n;
        for (size_t k = 1; good && k < size; k++)
            good = (c.p[i + k] & 0xc0) == 0x80;
        if (good)
            builder_add(&b, c.p + i, size);
        else if (!ignore)
            builder_add(&b, "\xef\xbf\xbd", 3);
        i += good ? size : 1;
    }
    return builder_str(&b);
}

static val_t bytes_hex(unsigned n, const val_t *args) {
    chars_t c = chars_of(args[0]);
    char sep = 0;
    intptr_t every = n > 2 ? int_arg(args[2]) : 1;
    if (n > 1) {
        chars_t s = chars_arg(args[1], is_exact(args[1], &type_bytes) ? args[0] : VQ(empty));
        if (s.n != 1)
            raise_value("sep must be length 1");
        sep = s.p[0];
    }
    builder_t b;
    builder_init(&b, c.n * 3);
    for (size_t i = 0; i < c.n; i++) {
        if (sep && i && every && (every > 0 ? (intptr_t)(c.n - i) % every : (intptr_t)i % -every) == 0)
            builder_char(&b, sep);
        out_printf(&b.out, "%02x", (unsigned)(uint8_t)c.p[i]);
    }
    return builder_str(&b);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static val_t bytes_fromhex(val_t cls, val_t text) {
    size_t len;
    const char *p = str_arg(text, &len), *end = p + len;
    builder_t b;
    builder_init(&b, len / 2);
    while (p < end) {
        if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
            p++;
            continue;
        }
        int hi = hex_digit(*p), lo = p + 1 < end ? hex_digit(p[1]) : -1;
        if (hi < 0 || lo < 0)
            raise_value("non-hex digit found");
        builder_char(&b, (char)(hi << 4 | lo));
        p += 2;
    }
    val_t r = builder_bytes(&b);
    return cls == V_OBJ(&type_bytes) ? r : call_1(cls, r);
}

static val_t bytearray_append(val_t self, val_t v) {
    char c = byte_arg(v);
    extend((array_t *)self, &c, 1);
    return V_NONE;
}
static val_t bytearray_extend(val_t self, val_t v) {
    val_t b = bytes_from(1, 0, &v);
    extend((array_t *)self, str_of(b)->data, str_of(b)->len);
    return V_NONE;
}
static val_t bytearray_insert(val_t self, val_t at, val_t v) {
    array_t *a = (array_t *)self;
    intptr_t i = int_arg(at), n = (intptr_t)a->n;
    char c = byte_arg(v);
    i = i < 0 ? (i + n < 0 ? 0 : i + n) : i > n ? n : i;
    splice(a, (size_t)i, 0, &c, 1);
    return V_NONE;
}
static val_t bytearray_pop(unsigned n, const val_t *args) {
    array_t *a = (array_t *)args[0];
    if (!a->n)
        raise_text(&type_IndexError, "pop from empty bytearray");
    size_t i = n > 1 ? index_resolve(args[1], a->n, "bytearray") : a->n - 1;
    val_t v = V_INT(a->raw->data[i]);
    splice(a, i, 1, "", 0);
    return v;
}
static val_t bytearray_clear(val_t self) {
    ((array_t *)self)->n = 0;
    return V_NONE;
}
static val_t bytearray_copy(val_t self) { return bytearray_new(((array_t *)self)->raw->data, ((array_t *)self)->n); }
static val_t bytearray_reverse(val_t self) {
    array_t *a = (array_t *)self;
    for (size_t i = 0, j = a->n; i + 1 < j; i++) {
        uint8_t t = a->raw->data[--j];
        a->raw->data[j] = a->raw->data[i];
        a->raw->data[i] = t;
    }
    return V_NONE;
}

static const dict_entry_t bytearray_table[] = {
    METHOD_2(append, bytearray_append),
    METHOD_2(extend, bytearray_extend),
    METHOD_3(insert, bytearray_insert),
    METHOD_V(pop, bytearray_pop, 1, 2),
    METHOD_1(clear, bytearray_clear),
    METHOD_1(copy, bytearray_copy),
    METHOD_1(reverse, bytearray_reverse),
    /* from here on those of bytes */
    METHOD_K(decode, bytes_decode, 1, 3),
    METHOD_V(hex, bytes_hex, 1, 3),
    CLASS_METHOD(fromhex, NATIVE_FN2(bytes_fromhex)),
};
enum { CHANGING = 7 };
static const dict_t bytearray_attrs = ROM_DICT(bytearray_table);
static const dict_t bytes_attrs = {&type_dict,
    (dict_block_t *)((uintptr_t)(bytearray_table + CHANGING) - offsetof(dict_block_t, e)), NULL,
    COUNT_OF(bytearray_table) - CHANGING, 0, 0};

const type_t type_bytes = {TYPE_HEAD, .name = Q(bytes), .attrs = &bytes_attrs, .make = bytes_make,
    .print = str_print, .unary = bytes_unary, .binary = bytes_binary, .attr = text_attr,
    .index = bytes_index, .iter = bytes_iter, .buffer = bytes_buffer};
const type_t type_bytearray = {TYPE_HEAD, .name = Q(bytearray), .attrs = &bytearray_attrs,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .make = bytearray_make,
    .print = bytearray_print, .unary = bytes_unary, .binary = bytes_binary, .attr = text_attr,
    .index = bytes_index, .iter = bytes_iter, .buffer = bytes_buffer};
