/* SPDX-License-Identifier: MIT
 * text.c: what str, bytes and bytearray have in common: searching, splitting, joining.
 */
#include "text.h"
#include "args.h"
#include "heap.h"

chars_t chars_of(val_t v) {
    chars_t c;
    if (is_exact(v, &type_bytearray)) {
        const array_t *a = (array_t *)v;
        c.p = a->raw ? (const char *)a->raw->data : "";
        c.n = a->n;
    } else {
        c.p = str_of(v)->data;
        c.n = str_of(v)->len;
    }
    return c;
}

chars_t chars_arg(val_t v, val_t like) {
    chars_t c;
    if (is_str(like)) {
        c.p = str_arg(v, &c.n);
        return c;
    }
    if (native_of(v, &type_str))
        raise_type("a bytes-like object is required, not 'str'");
    buffer_t b;
    op_buffer(v, &b, false);
    c.p = b.data;
    c.n = b.size;
    return c;
}

val_t chars_new(val_t like, const char *p, size_t n) {
    if (is_exact(like, &type_bytearray))
        return bytearray_new(p, n);
    if (!is_str(like))
        return n == str_of(like)->len && p == str_of(like)->data ? like : bytes_new(p, n);
    return n == str_of(like)->len && p == str_of(like)->data ? like : str_new(p, n);
}

size_t chars_find(chars_t hay, chars_t needle, bool last) {
    if (needle.n > hay.n)
        return SIZE_MAX;
    if (needle.n == 0)
        return last ? hay.n : 0;
    size_t end = hay.n - needle.n;
    if (last) {
        for (size_t i = end + 1; i-- > 0;)
            if (memcmp(hay.p + i, needle.p, needle.n) == 0)
                return i;
        return SIZE_MAX;
    }
    for (size_t i = 0; i <= end; i++) {
        const char *p = memchr(hay.p + i, needle.p[0], end - i + 1);
        if (!p)
            return SIZE_MAX;
        i = (size_t)(p - hay.p);
        if (memcmp(p, needle.p, needle.n) == 0)
            return i;
    }
    return SIZE_MAX;
}

val_t text_compare(op_t op, chars_t a, chars_t b) {
    if (op == OP_EQ || op == OP_NE)
        return V_BOOL((a.n == b.n && memcmp(a.p, b.p, a.n) == 0) == (op == OP_EQ));
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    if (c == 0)
        c = (a.n > b.n) - (a.n < b.n);
    return V_BOOL(op == OP_LT ? c < 0 : op == OP_LE ? c <= 0 : op == OP_GT ? c > 0 : c >= 0);
}

val_t text_repeat(val_t self, val_t times) {
    chars_t c = chars_of(self);
    intptr_t t = int_sign(times) <= 0 ? 0 : int_arg(times);
    if (c.n && (size_t)t > (UINT32_MAX / 2) / c.n)
        raise_memory();
    size_t n = c.n * (size_t)t;
    if (n == 0)
        return chars_new(self, "", 0);
    if (t == 1 && !is_exact(self, &type_bytearray))
        return self;
    str_t *s = str_alloc(is_str(self) ? &type_str : &type_bytes, n);
    if (c.n == 1)
        memset(s->data, c.p[0], n);
    else
        for (size_t i = 0; i < n; i += c.n)
            memcpy(s->data + i, c.p, c.n);
    if (is_str(self))
        s->flags = str_of(self)->flags & STR_ASCII;
    return is_exact(self, &type_bytearray) ? bytearray_new(s->data, n) : V_OBJ(s);
}

val_t text_join(val_t sep, val_t iterable) {
    size_t n;
    const val_t *items;
    if (!seq_items(iterable, &n, &items)) {
        iterable = list_from(iterable);
        seq_items(iterable, &n, &items);
    }
    size_t size = 0;
    chars_t s = chars_of(sep);
    for (size_t i = 0; i < n; i++)
        size += chars_arg(items[i], sep).n + (i ? s.n : 0);
    str_t *r = str_alloc(is_str(sep) ? &type_str : &type_bytes, size);
    char *to = r->data;
    s = chars_of(sep);
    for (size_t i = 0; i < n; i++) {
        chars_t c = chars_arg(items[i], sep);
        if (i) {
            memcpy(to, s.p, s.n);
            to += s.n;
        }
        memcpy(to, c.p, c.n);
        to += c.n;
    }
    if (is_exact(sep, &type_bytearray))
        return bytearray_new(r->data, size);
    return size || !is_str(sep) ? str_finish(r) : VQ(empty);
}

/* ---- splitting ---- */

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void add_piece(val_t list, val_t self, const char *p, size_t n) {
    list_append(list_of(list), chars_new(self, p, n));
}

static val_t split_space(val_t self, intptr_t max) {
    chars_t c = chars_of(self);
    val_t list = list_new(0, NULL);
    const char *p = c.p, *end = c.p + c.n;
    for (;;) {
        while (p < end && is_space(*p))
            p++;
        if (p == end)
            return list;
        const char *from = p;
        if (max-- == 0) {
            while (end > from && is_space(end[-1]))
                end--;
            if (is_str(self) || end > from)
                add_piece(list, self, from, (size_t)(c.p + c.n - from));
            return list;
        }
        while (p < end && !is_space(*p))
            p++;
        add_piece(list, self, from, (size_t)(p - from));
    }
}

static val_t rsplit_space(val_t self, intptr_t max) {
    chars_t c = chars_of(self);
    val_t list = list_new(0, NULL);
    const char *end = c.p + c.n;
    for (;;) {
        while (end > c.p && is_space(end[-1]))
            end--;
        if (end == c.p)
            return list;
        if (max-- == 0) {
            add_piece(list, self, c.p, (size_t)(end - c.p));
            return list;
        }
        const char *to = end;
        while (end > c.p && !is_space(end[-1]))
            end--;
        add_piece(list, self, end, (size_t)(to - end));
    }
}

static val_t split(val_t self, val_t sep, intptr_t max) {
    chars_t c = chars_of(self), s = chars_arg(sep, self);
    val_t list = list_new(0, NULL);
    if (!s.n)
        raise_value("empty separator");
    for (size_t i; max-- != 0 && (i = chars_find(c, s, false)) != SIZE_MAX;) {
        add_piece(list, self, c.p, i);
        c.p += i + s.n;
        c.n -= i + s.n;
    }
    add_piece(list, self, c.p, c.n);
    return list;
}

static val_t rsplit(val_t self, val_t sep, intptr_t max) {
    chars_t c = chars_of(self), s = chars_arg(sep, self);
    val_t list = list_new(0, NULL);
    if (!s.n)
        raise_value("empty separator");
    for (size_t i; max-- != 0 && (i = chars_find(c, s, true)) != SIZE_MAX;) {
        add_piece(list, self, c.p + i + s.n, c.n - i - s.n);
        c.n = i;
    }
    add_piece(list, self, c.p, c.n);
    return list;
}

static const arg_spec_t split_specs[] = {
    {Q(self), ARG_OBJ | ARG_REQUIRED},
    {Q(sep), ARG_OBJ, {.v = V_NONE}},
    {Q(maxsplit), ARG_INT, {.i = -1}},
};

val_t text_split(unsigned n, unsigned nkw, const val_t *args) {
    arg_t a[COUNT_OF(split_specs)];
    args_parse(n, nkw, args, COUNT_OF(split_specs), split_specs, a);
    return a[1].v == V_NONE ? split_space(a[0].v, a[2].i) : split(a[0].v, a[1].v, a[2].i);
}

val_t text_rsplit(unsigned n, unsigned nkw, const val_t *args) {
    arg_t a[COUNT_OF(split_specs)];
    args_parse(n, nkw, args, COUNT_OF(split_specs), split_specs, a);
    val_t list = a[1].v == V_NONE ? rsplit_space(a[0].v, a[2].i) : rsplit(a[0].v, a[1].v, a[2].i);
    list_t *l = list_of(list);
    for (size_t i = 0, j = l->n; i + 1 < j; i++) {
        val_t t = l->items->v[--j];
        l->items->v[j] = l->items->v[i];
        l->items->v[i] = t;
    }
    return list;
}

val_t text_splitlines(unsigned n, const val_t *args) {
    bool keep = n > 1 && op_is_true(args[1]);
    chars_t c = chars_of(args[0]);
    val_t list = list_new(0, NULL);
    const char *p = c.p, *end = c.p + c.n;
    while (p < end) {
        const char *from = p;
        while (p < end && *p != '\n' && *p != '\r')
            p++;
        const char *to = p;
        if (p < end)
            p += *p == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
        add_piece(list, args[0], from, (size_t)((keep ? p : to) - from));
    }
    return list;
}
