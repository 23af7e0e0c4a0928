/* SPDX-License-Identifier: MIT
 * array.c: the types array (of the module array) and memoryview, and reading and writing machine types, which the
 * module struct uses too.
 */
#include "args.h"
#include "heap.h"
#include "text.h"

/* ---- machine types ---- */

unsigned array_item_size(char typecode) {
    switch (typecode) {
    case 'b':
    case 'B': return 1;
    case 'h':
    case 'H': return 2;
    case 'i':
    case 'I':
    case 'f': return 4;
    case 'l':
    case 'L': return sizeof(long);
    case 'q':
    case 'Q':
    case 'd': return 8;
    case 'O':
    case 'P': return sizeof(val_t);
    default: return 0;
    }
}

val_t array_get(const void *data, char typecode, size_t i) {
    unsigned size = array_item_size(typecode);
    const char *p = (const char *)data + i * size;
    if (typecode == 'f') {
        float f;
        memcpy(&f, p, 4);
        return float_new((real_t)f);
    }
    if (typecode == 'd') {
        double d;
        memcpy(&d, p, 8);
        return float_new((real_t)d);
    }
    if (typecode == 'O') {
        val_t v;
        memcpy(&v, p, sizeof v);
        return v;
    }
    uint64_t u = 0;
    memcpy(&u, p, size); /* little endian, as all our machines are */
    if (typecode >= 'a') {
        unsigned up = 64 - size * 8;
        return int_from((int64_t)(u << up) >> up);
    }
    return int_from_u(u);
}

void array_put(void *data, char typecode, size_t i, val_t v) {
    unsigned size = array_item_size(typecode);
    char *p = (char *)data + i * size;
    if (typecode == 'f') {
        float f = (float)float_arg(v);
        memcpy(p, &f, 4);
    } else if (typecode == 'd') {
        double d = (double)float_arg(v);
        memcpy(p, &d, 8);
    } else if (typecode == 'O') {
        memcpy(p, &v, sizeof v);
    } else {
        uint8_t bytes[8];
        intptr_t top;
        if (!is_int(v)) {
            int_arg(is_exact(v, &type_int) ? V_INT(0) : v); /* TypeError if it is no int */
            if (!is_exact(v, &type_int))
                v = V_INT(int_arg(v));
        }
        bool fits = int_to_bytes(v, bytes, size, false);
        top = (int8_t)bytes[size - 1];
        if (typecode >= 'a' ? v != V_INT(0) && fits && (top < 0) != (int_sign(v) < 0) : int_sign(v) < 0)
            fits = false;
        if (!fits)
            raise_text(&type_OverflowError, "value out of range");
        memcpy(p, bytes, size);
    }
}

/* ---- array ---- */

static val_t array_new(char typecode, const void *data, size_t n) {
    unsigned size = array_item_size(typecode);
    array_t *a = HEAP_NEW(&type_array, array_t);
    a->typecode = (unsigned char)typecode;
    /* an array of objects must be traced */
    a->raw = heap_alloc(typecode == 'O' ? &type_vals : &type_raw, sizeof(raw_t) + (n ? n * size : 1));
    a->raw->size = typecode == 'O' ? n : n * size;
    if (data && n)
        memcpy(a->raw->data, data, n * size);
    a->n = n;
    return V_OBJ(a);
}

static void array_reserve(array_t *a, size_t n) {
    unsigned size = array_item_size((char)a->typecode), unit = a->typecode == 'O' ? 1 : size;
    if (n * unit <= a->raw->size)
        return;
    array_t *bigger = (array_t *)array_new((char)a->typecode, NULL, n + n / 4 + 4);
    memcpy(bigger->raw->data, a->raw->data, a->n * size);
    a->raw = bigger->raw;
}

static void array_add(array_t *a, val_t v) {
    array_reserve(a, a->n + 1);
    array_put(a->raw->data, (char)a->typecode, a->n, v);
    a->n++;
}

static void add_all(array_t *a, val_t from) {
    unsigned size = array_item_size((char)a->typecode);
    buffer_t buf;
    if (is_exact(from, &type_array) && ((array_t *)from)->typecode == a->typecode) {
        size_t n = ((array_t *)from)->n;
        array_reserve(a, a->n + n);
        memcpy(a->raw->data + a->n * size, ((array_t *)from)->raw->data, n * size);
        a->n += n;
    } else if (is_exact(from, &type_bytes) || is_exact(from, &type_bytearray)) {
        op_buffer(from, &buf, false);
        if (buf.size % size)
            raise_value("bytes length not a multiple of item size");
        array_reserve(a, a->n + buf.size / size);
        memcpy(a->raw->data + a->n * size, buf.data, buf.size);
        a->n += buf.size / size;
    } else {
        val_t it = op_iter(from), v;
        while ((v = op_next(it)))
            array_add(a, v);
    }
}

static val_t array_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 2);
    size_t len;
    const char *code = str_arg(args[0], &len);
    if (len != 1 || !array_item_size(code[0]))
        raise_value("bad typecode");
    val_t a = array_new(code[0], NULL, 0);
    if (n > 1)
        add_all((array_t *)a, args[1]);
    return a;
}

static void array_print(out_t *out, val_t self, print_t how) {
    const array_t *a = (array_t *)self;
    out_printf(out, "array('%c'", (int)a->typecode);
    for (size_t i = 0; i < a->n; i++)
        out_printf(out, i ? ", %v" : ", [%v", array_get(a->raw->data, (char)a->typecode, i));
    out_text(out, a->n ? "])" : ")");
}

static val_t array_unary(unary_t op, val_t self) {
    return op == UN_LEN ? V_INT(((array_t *)self)->n) : op == UN_HASH ? V_NONE : V_UNDEF;
}

static val_t items_of(val_t v) { return list_from(v); }

static val_t array_binary(op_t op, val_t a, val_t b) {
    bool inplace = op & OP_INPLACE;
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(op_contains(items_of(a), b));
    if (op == OP_MUL && is_exact(a, &type_array) && is_integer(b)) {
        array_t *x = (array_t *)a, *r = (array_t *)array_new((char)x->typecode, NULL, 0);
        for (intptr_t i = int_arg(b); i > 0; i--)
            add_all(r, a);
        return V_OBJ(r);
    }
    if (!is_exact(a, &type_array) || !type_of(b)->buffer)
        return V_UNDEF;
    array_t *x = (array_t *)a;
    if (op == OP_ADD) {
        array_t *r = inplace ? x : (array_t *)array_new((char)x->typecode, x->raw->data, x->n);
        add_all(r, b);
        return V_OBJ(r);
    }
    if (op >= OP_LT && op <= OP_NE && is_exact(b, &type_array))
        return op_binary(op, items_of(a), items_of(b));
    return V_UNDEF;
}

static void array_splice(array_t *a, size_t at, size_t count, const void *p, size_t n) {
    unsigned size = array_item_size((char)a->typecode);
    size_t tail = a->n - at - count;
    array_reserve(a, a->n - count + n);
    memmove(a->raw->data + (at + n) * size, a->raw->data + (at + count) * size, tail * size);
    if (n)
        memcpy(a->raw->data + at * size, p, n * size);
    a->n = at + n + tail;
}

static val_t array_slice(array_t *a, const slice_t *key, val_t value) {
    span_t s;
    unsigned size = array_item_size((char)a->typecode);
    slice_resolve(key, a->n, &s);
    if (!value) {
        array_t *r = (array_t *)array_new((char)a->typecode, NULL, s.count);
        for (size_t i = 0; i < s.count; i++)
            memcpy(r->raw->data + i * size, a->raw->data + (size_t)(s.start + (intptr_t)i * s.step) * size, size);
        return V_OBJ(r);
    }
    if (s.step != 1)
        raise_text(&type_NotImplementedError, "only slices with step 1 are supported");
    if (value == V_NOTIMPLEMENTED) {
        array_splice(a, (size_t)s.start, s.count, NULL, 0);
        return V_NONE;
    }
    array_t *from = (array_t *)array_new((char)a->typecode, NULL, 0);
    add_all(from, value);
    array_splice(a, (size_t)s.start, s.count, from->raw->data, from->n);
    return V_NONE;
}

static val_t array_index(val_t self, val_t key, val_t value) {
    array_t *a = (array_t *)self;
    if (is_exact(key, &type_slice))
        return array_slice(a, (slice_t *)key, value);
    size_t i = index_resolve(key, a->n, "array");
    if (!value)
        return array_get(a->raw->data, (char)a->typecode, i);
    if (value == V_NOTIMPLEMENTED)
        array_splice(a, i, 1, NULL, 0);
    else
        array_put(a->raw->data, (char)a->typecode, i, value);
    return V_NONE;
}

static val_t array_next(iterator_t *it) {
    const array_t *a = (array_t *)it->over;
    return it->pos < a->n ? array_get(a->raw->data, (char)a->typecode, it->pos++) : V_UNDEF;
}
static val_t array_iter(val_t self) { return iterator_new(self, array_next); }

static bool array_buffer(val_t self, buffer_t *buf, bool writable) {
    array_t *a = (array_t *)self;
    buf->data = a->raw->data;
    buf->typecode = (char)a->typecode;
    buf->size = a->n * array_item_size(buf->typecode);
    buf->writable = true;
    return true;
}

static val_t array_append(val_t self, val_t v) {
    array_add((array_t *)self, v);
    return V_NONE;
}
static val_t array_extend(val_t self, val_t from) {
    add_all((array_t *)self, from);
    return V_NONE;
}
static val_t array_pop(unsigned n, const val_t *args) {
    array_t *a = (array_t *)args[0];
    if (!a->n)
        raise_text(&type_IndexError, "pop from empty array");
    size_t i = n > 1 ? index_resolve(args[1], a->n, "array") : a->n - 1;
    val_t v = array_get(a->raw->data, (char)a->typecode, i);
    array_splice(a, i, 1, NULL, 0);
    return v;
}
static val_t array_insert(val_t self, val_t at, val_t v) {
    array_t *a = (array_t *)self;
    intptr_t i = int_arg(at), n = (intptr_t)a->n;
    uint8_t item[8];
    i = i < 0 ? (i + n < 0 ? 0 : i + n) : i > n ? n : i;
    array_put(item, (char)a->typecode, 0, v);
    array_splice(a, (size_t)i, 0, item, 1);
    return V_NONE;
}
static val_t array_tobytes(val_t self) {
    const array_t *a = (array_t *)self;
    return bytes_new(a->raw->data, a->n * array_item_size((char)a->typecode));
}
static val_t array_tolist(val_t self) { return list_from(self); }
static val_t array_find(val_t self, val_t v) {
    val_t l = items_of(self);
    return call_method(l, Q(index), 1, &v);
}
static val_t array_count(val_t self, val_t v) {
    val_t l = items_of(self);
    return call_method(l, Q(count), 1, &v);
}
static val_t array_remove(val_t self, val_t v) {
    array_splice((array_t *)self, (size_t)int_of(array_find(self, v)), 1, NULL, 0);
    return V_NONE;
}
static val_t array_get_typecode(val_t self) {
    char c = (char)((array_t *)self)->typecode;
    return str_new(&c, 1);
}
static val_t array_get_itemsize(val_t self) { return V_INT(array_item_size((char)((array_t *)self)->typecode)); }

static const dict_entry_t array_table[] = {
    METHOD_2(append, array_append),
    METHOD_2(extend, array_extend),
    METHOD_V(pop, array_pop, 1, 2),
    METHOD_3(insert, array_insert),
    METHOD_2(remove, array_remove),
    METHOD_2(index, array_find),
    METHOD_2(count, array_count),
    METHOD_1(tobytes, array_tobytes),
    METHOD_1(tolist, array_tolist),
    METHOD_2(frombytes, array_extend),
    PROPERTY(typecode, array_get_typecode, NULL),
    PROPERTY(itemsize, array_get_itemsize, NULL),
};
static const dict_t array_attrs = ROM_DICT(array_table);
const type_t type_array = {TYPE_HEAD, .name = Q(array), .attrs = &array_attrs, .trace = TRACE_WORDS,
    .trace_from = 1, .trace_to = 2, .make = array_make, .print = array_print, .unary = array_unary,
    .binary = array_binary, .index = array_index, .iter = array_iter, .buffer = array_buffer};

/* ---- memoryview: a part of another object's memory, which is looked up again at each use ---- */

typedef struct view {
    const type_t *type;
    val_t base;
    size_t offset, n; /* bytes; items */
    char typecode;
    bool writable;
} view_t;

static val_t view_new(val_t base, size_t offset, size_t n, char typecode, bool writable) {
    view_t *v = HEAP_NEW(&type_memoryview, view_t);
    v->base = base;
    v->offset = offset;
    v->n = n;
    v->typecode = typecode;
    v->writable = writable;
    return V_OBJ(v);
}

static val_t view_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 1, 1);
    buffer_t buf;
    if (native_of(args[0], &type_str))
        raise_type("memoryview: a bytes-like object is required");
    op_buffer(args[0], &buf, false);
    if (is_exact(args[0], &type_memoryview)) {
        const view_t *v = (view_t *)args[0];
        return view_new(v->base, v->offset, v->n, v->typecode, v->writable);
    }
    return view_new(args[0], 0, buf.size / array_item_size(buf.typecode), buf.typecode, buf.writable);
}

static uint8_t *view_data(const view_t *v) {
    buffer_t buf;
    op_buffer(v->base, &buf, false);
    if (v->offset + v->n * array_item_size(v->typecode) > buf.size)
        raise_text(&type_IndexError, "memory behind the memoryview has become smaller");
    return (uint8_t *)buf.data + v->offset;
}

static bool view_buffer(val_t self, buffer_t *buf, bool writable) {
    const view_t *v = (view_t *)self;
    buf->data = view_data(v);
    buf->size = v->n * array_item_size(v->typecode);
    buf->typecode = v->typecode;
    buf->writable = v->writable;
    return v->writable || !writable;
}

static val_t view_slice(const view_t *v, const slice_t *key, val_t value) {
    span_t s;
    unsigned size = array_item_size(v->typecode);
    slice_resolve(key, v->n, &s);
    if (s.step != 1)
        raise_text(&type_NotImplementedError, "only slices with step 1 are supported");
    size_t offset = v->offset + (size_t)s.start * size;
    if (!value)
        return view_new(v->base, offset, s.count, v->typecode, v->writable);
    buffer_t buf;
    op_buffer(value, &buf, false);
    if (buf.size != s.count * size)
        raise_value("memoryview assignment: lvalue and rvalue have different structures");
    memmove(view_data(v) + (size_t)s.start * size, buf.data, buf.size);
    return V_NONE;
}

static val_t view_index(val_t self, val_t key, val_t value) {
    const view_t *v = (view_t *)self;
    if (value == V_NOTIMPLEMENTED || (value && !v->writable))
        raise_type(value == V_NOTIMPLEMENTED ? "cannot delete memory" : "cannot modify read-only memory");
    if (is_exact(key, &type_slice))
        return view_slice(v, (slice_t *)key, value);
    size_t i = index_resolve(key, v->n, "memoryview");
    if (!value)
        return array_get(view_data(v), v->typecode, i);
    array_put(view_data(v), v->typecode, i, value);
    return V_NONE;
}

static val_t view_unary(unary_t op, val_t self) { return op == UN_LEN ? V_INT(((view_t *)self)->n) : V_UNDEF; }

static val_t view_binary(op_t op, val_t a, val_t b) {
    op &= OP_MASK;
    if (op == OP_CONTAINS)
        return V_BOOL(op_contains(items_of(a), b));
    buffer_t x, y;
    if (op != OP_EQ || !type_of(a)->buffer || !type_of(b)->buffer || is_str(a) || is_str(b))
        return V_UNDEF;
    op_buffer(a, &x, false);
    op_buffer(b, &y, false);
    return V_BOOL(x.size == y.size && memcmp(x.data, y.data, x.size) == 0);
}

static val_t view_next(iterator_t *it) {
    const view_t *v = (view_t *)it->over;
    return it->pos < v->n ? array_get(view_data(v), v->typecode, it->pos++) : V_UNDEF;
}
static val_t view_iter(val_t self) { return iterator_new(self, view_next); }

static val_t view_tobytes(val_t self) {
    const view_t *v = (view_t *)self;
    return bytes_new(view_data(v), v->n * array_item_size(v->typecode));
}
static val_t view_hex(val_t self) {
    val_t b = view_tobytes(self);
    return call_method(b, Q(hex), 0, NULL);
}
static val_t view_get_itemsize(val_t self) { return V_INT(array_item_size(((view_t *)self)->typecode)); }
static val_t view_get_nbytes(val_t self) {
    return V_INT(((view_t *)self)->n * array_item_size(((view_t *)self)->typecode));
}
static val_t view_get_readonly(val_t self) { return V_BOOL(!((view_t *)self)->writable); }

static val_t view_cast(unsigned n, const val_t *args) {
    const view_t *v = (view_t *)args[0];
    size_t len, bytes = v->n * array_item_size(v->typecode);
    const char *code = str_arg(args[1], &len);
    unsigned size = len == 1 && code[0] != 'O' ? array_item_size(code[0]) : 0;
    if (!size || bytes % size)
        raise_value("memoryview: bad typecode or length not a multiple of it");
    return view_new(v->base, v->offset, bytes / size, code[0], v->writable);
}

static const dict_entry_t view_table[] = {
    METHOD_1(tobytes, view_tobytes),
    METHOD_1(tolist, array_tolist),
    METHOD_1(hex, view_hex),
    METHOD_V(cast, view_cast, 2, 2),
    PROPERTY(itemsize, view_get_itemsize, NULL),
    PROPERTY(nbytes, view_get_nbytes, NULL),
    PROPERTY(readonly, view_get_readonly, NULL),
};
static const dict_t view_attrs = ROM_DICT(view_table);
const type_t type_memoryview = {TYPE_HEAD, .name = Q(memoryview), .attrs = &view_attrs,
    .flags = T_NO_SUBCLASS, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .make = view_make,
    .unary = view_unary, .binary = view_binary, .index = view_index, .iter = view_iter,
    .buffer = view_buffer};
