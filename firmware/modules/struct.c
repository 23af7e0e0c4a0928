/* SPDX-License-Identifier: MIT
 * struct.c: the module struct.
 */
#include "args.h"
#include "core/text.h"
#include "heap.h"
#include "module.h"

typedef struct layout {
    const char *p, *end;
    bool big, aligned;
    size_t at;       /* offset of the item */
    size_t count;    /* repetitions, length of 's' */
    size_t size;     /* of one item */
    char type;
} layout_t;

static void begin(layout_t *l, val_t format) {
    buffer_t buf;
    op_buffer(format, &buf, false);
    l->p = buf.data;
    l->end = l->p + buf.size;
    l->at = 0;
    l->big = l->aligned = false;
    if (l->p == l->end || !strchr("@=<>!", *l->p) || *l->p == '@')
        l->aligned = true;
    if (l->p < l->end && *l->p && strchr("@=<>!", *l->p)) {
        l->big = *l->p == '>' || *l->p == '!';
        l->p++;
    }
}

static size_t item_size(char type, bool native) {
    switch (type) {
    case 'x':
    case 'c':
    case 's':
    case '?':
    case 'b':
    case 'B': return 1;
    case 'l':
    case 'L': return native ? sizeof(long) : 4;
    case 'n':
    case 'N':
    case 'P':
    case 'O': return sizeof(val_t);
    case 'e': return 2;
    default: return array_item_size(type);
    }
}

/* The next item: type, count, size and offset; false at the end. */
static bool next(layout_t *l) {
    while (l->p < l->end && (*l->p == ' ' || *l->p == '\n' || *l->p == '\t'))
        l->p++;
    if (l->p == l->end)
        return false;
    l->count = 1;
    if (*l->p >= '0' && *l->p <= '9') {
        l->count = 0;
        while (l->p < l->end && *l->p >= '0' && *l->p <= '9') {
            if (l->count > UINT32_MAX / 20)
                raise_value("struct too large");
            l->count = l->count * 10 + (size_t)(*l->p++ - '0');
        }
    }
    l->type = l->p < l->end ? *l->p++ : 0;
    l->size = item_size(l->type, l->aligned);
    if (!l->size || l->type == 'e')
        raise_value("bad typecode");
    if (l->aligned)
        l->at = (l->at + l->size - 1) / l->size * l->size;
    return true;
}

static size_t total(val_t format, size_t *values) {
    layout_t l;
    size_t n = 0;
    begin(&l, format);
    while (next(&l)) {
        l.at += l.count * l.size;
        n += l.type == 'x' ? 0 : l.type == 's' ? 1 : l.count;
    }
    if (values)
        *values = n;
    return l.at;
}

static char code_of(const layout_t *l) { /* as array.c has it, of the same size */
    if (l->type == '?')
        return 'B';
    if (l->type == 'l' || l->type == 'n')
        return l->size == 4 ? 'i' : 'q';
    if (l->type == 'L' || l->type == 'N' || l->type == 'P')
        return l->size == 4 ? 'I' : 'Q';
    return l->type;
}

static void reverse(uint8_t *p, size_t n) {
    for (size_t i = 0, j = n; i + 1 < j; i++) {
        uint8_t t = p[--j];
        p[j] = p[i];
        p[i] = t;
    }
}

static val_t load(const layout_t *l, const uint8_t *p) {
    uint8_t bytes[8];
    if (l->type == 'c')
        return bytes_new(p, 1);
    if (l->type == '?')
        return V_BOOL(*p);
    memcpy(bytes, p, l->size);
    if (l->big)
        reverse(bytes, l->size);
    return array_get(bytes, code_of(l), 0);
}

static void store(const layout_t *l, uint8_t *p, val_t v) {
    if (l->type == 'c') {
        buffer_t buf;
        op_buffer(v, &buf, false);
        if (buf.size != 1)
            raise_value("char format requires a bytes object of length 1");
        *p = *(uint8_t *)buf.data;
        return;
    }
    if (l->type == '?')
        v = V_INT(op_is_true(v));
    array_put(p, code_of(l), 0, v);
    if (l->big)
        reverse(p, l->size);
}

static val_t unpack(val_t format, const uint8_t *data) {
    size_t n;
    total(format, &n);
    val_t t = tuple_new(n, NULL);
    layout_t l;
    begin(&l, format);
    for (size_t i = 0; next(&l);) {
        if (l.type == 's')
            tuple_of(t)->v[i++] = bytes_new(data + l.at, l.count);
        else if (l.type != 'x')
            for (size_t k = 0; k < l.count; k++)
                tuple_of(t)->v[i++] = load(&l, data + l.at + k * l.size);
        l.at += l.count * l.size;
    }
    return t;
}

static void pack(val_t format, uint8_t *data, unsigned n, const val_t *args) {
    size_t values, size = total(format, &values);
    if (values != n)
        raise_format(&type_ValueError, "pack expected %u items for packing (got %u)", (unsigned)values, n);
    memset(data, 0, size);
    layout_t l;
    begin(&l, format);
    while (next(&l)) {
        if (l.type == 's') {
            buffer_t buf;
            op_buffer(*args++, &buf, false);
            memcpy(data + l.at, buf.data, buf.size < l.count ? buf.size : l.count);
        } else if (l.type != 'x') {
            for (size_t k = 0; k < l.count; k++)
                store(&l, data + l.at + k * l.size, *args++);
        }
        l.at += l.count * l.size;
    }
}

/* Where in the buffer the structure is. */
static uint8_t *place(val_t buffer, val_t offset, size_t size, bool writable) {
    buffer_t buf;
    op_buffer(buffer, &buf, writable);
    intptr_t at = offset ? int_arg(offset) : 0;
    if (at < 0)
        at += (intptr_t)buf.size;
    if (at < 0 || (size_t)at > buf.size || buf.size - (size_t)at < size)
        raise_value("buffer too small");
    return (uint8_t *)buf.data + at;
}

static val_t struct_calcsize(val_t format) { return V_INT(total(format, NULL)); }
static val_t struct_pack(unsigned n, const val_t *args) {
    str_t *s = str_alloc(&type_bytes, total(args[0], NULL));
    pack(args[0], (uint8_t *)s->data, n - 1, args + 1);
    return V_OBJ(s);
}
static val_t struct_pack_into(unsigned n, const val_t *args) {
    uint8_t *p = place(args[1], args[2], total(args[0], NULL), true);
    pack(args[0], p, n - 3, args + 3);
    return V_NONE;
}
static val_t struct_unpack(val_t format, val_t data) {
    return unpack(format, place(data, V_UNDEF, total(format, NULL), false));
}
static val_t struct_unpack_from(unsigned n, const val_t *args) {
    return unpack(args[0], place(args[1], n > 2 ? args[2] : V_UNDEF, total(args[0], NULL), false));
}

static const dict_entry_t struct_table[] = {
    {VQ(__name__), VQ(struct)},
    FUNC_1(calcsize, struct_calcsize),
    FUNC_V(pack, struct_pack, 1, ARGS_ANY),
    FUNC_V(pack_into, struct_pack_into, 3, ARGS_ANY),
    FUNC_2(unpack, struct_unpack),
    FUNC_V(unpack_from, struct_unpack_from, 2, 3),
};
MODULE(struct, struct_table);
