/* SPDX-License-Identifier: MIT
 * io.c: the module io: StringIO and BytesIO, and the names of files' types. StringIO counts positions in bytes.
 */
#include "args.h"
#include "file.h"
#include "heap.h"
#include "module.h"

typedef struct memory_file {
    const type_t *type;
    str_t *s;    /* room; len is its size. NULL: closed */
    size_t n, at;
} memory_file_t;

static const type_t type_StringIO, type_BytesIO;

static memory_file_t *file_of(val_t v) {
    memory_file_t *f = (memory_file_t *)v;
    if (!f->s)
        raise_value("I/O operation on closed file");
    return f;
}

static val_t result(const memory_file_t *f, size_t from, size_t n) {
    return f->type == &type_StringIO ? str_new(f->s->data + from, n) : bytes_new(f->s->data + from, n);
}

static void put(memory_file_t *f, const char *p, size_t n) {
    size_t end = f->at + n;
    if (end < n)
        raise_memory();
    if (end > f->s->len) {
        str_t *s = str_alloc(&type_bytes, end + end / 4 + 16);
        memcpy(s->data, f->s->data, f->n);
        f->s = s;
    }
    if (f->at > f->n)
        memset(f->s->data + f->n, 0, f->at - f->n);
    memmove(f->s->data + f->at, p, n);
    f->at = end;
    if (end > f->n)
        f->n = end;
}

static val_t io_write(val_t self, val_t v) {
    memory_file_t *f = file_of(self);
    buffer_t b;
    bool text = native_of(v, &type_str) != V_UNDEF;
    if (text != (f->type == &type_StringIO))
        raise_format(&type_TypeError, text ? "a bytes-like object is required, not '%T'" : "string argument expected, got '%T'", v);
    op_buffer(v, &b, false);
    put(f, b.data, b.size);
    return text ? V_INT(str_length(str_of(native_of(v, &type_str)))) : V_INT(b.size);
}

static val_t io_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 1);
    memory_file_t *f = HEAP_NEW(type, memory_file_t);
    bool preset = n && args[0] != V_NONE && !is_int(args[0]); /* an int is room to set aside */
    f->s = str_alloc(&type_bytes, n && is_int(args[0]) && int_of(args[0]) > 0 ? (size_t)int_of(args[0]) : 16);
    if (preset) {
        io_write(V_OBJ(f), args[0]);
        f->at = 0;
    }
    return V_OBJ(f);
}

static size_t left(const memory_file_t *f) { return f->at < f->n ? f->n - f->at : 0; }

/* So many bytes, or, of text, characters. */
static val_t take(memory_file_t *f, size_t n) {
    const char *p = f->s->data + f->at;
    size_t have = left(f), size = n < have ? n : have;
    if (f->type == &type_StringIO && n < have)
        for (size = 0; n > 0 && size < have; n--)
            do
                size++;
            while (size < have && (p[size] & 0xc0) == 0x80);
    val_t v = have ? result(f, f->at, size) : result(f, 0, 0);
    f->at += size;
    return v;
}

static val_t io_read(unsigned n, const val_t *args) {
    intptr_t most = n > 1 && args[1] != V_NONE ? int_arg(args[1]) : -1;
    return take(file_of(args[0]), most < 0 ? SIZE_MAX : (size_t)most);
}
static val_t io_readline(unsigned n, const val_t *args) {
    memory_file_t *f = file_of(args[0]);
    size_t have = left(f);
    const char *p = f->s->data + f->at, *end = have ? memchr(p, '\n', have) : NULL;
    size_t size = end ? (size_t)(end - p) + 1 : have;
    if (n > 1 && args[1] != V_NONE && int_arg(args[1]) >= 0 && (size_t)int_arg(args[1]) < size)
        size = (size_t)int_arg(args[1]);
    val_t v = size ? result(f, f->at, size) : result(f, 0, 0);
    f->at += size;
    return v;
}
static val_t io_next(val_t self) { return left(file_of(self)) ? io_readline(1, &self) : V_UNDEF; }
static val_t io_readlines(val_t self) { return list_from(self); }
static val_t io_readinto(unsigned n, const val_t *args) {
    memory_file_t *f = file_of(args[0]);
    buffer_t b;
    op_buffer(args[1], &b, true);
    size_t size = n > 2 ? (size_t)int_arg(args[2]) : b.size;
    size = size < b.size ? size : b.size;
    size = size < left(f) ? size : left(f);
    memcpy(b.data, f->s->data + f->at, size);
    f->at += size;
    return V_INT(size);
}
static val_t io_seek(unsigned n, const val_t *args) {
    memory_file_t *f = file_of(args[0]);
    intptr_t to = int_arg(args[1]), whence = n > 2 ? int_arg(args[2]) : 0;
    to += whence == 1 ? (intptr_t)f->at : whence == 2 ? (intptr_t)f->n : 0;
    if (to < 0)
        raise_value("negative seek position");
    f->at = (size_t)to;
    return V_INT(to);
}
static val_t io_tell(val_t self) { return V_INT(file_of(self)->at); }
static val_t io_getvalue(val_t self) { return result(file_of(self), 0, file_of(self)->n); }
static val_t io_truncate(unsigned n, const val_t *args) {
    memory_file_t *f = file_of(args[0]);
    size_t size = n > 1 && args[1] != V_NONE ? (size_t)int_arg(args[1]) : f->at;
    if (size < f->n)
        f->n = size;
    return V_INT(size);
}
static val_t io_flush(val_t self) {
    file_of(self);
    return V_NONE;
}
static val_t io_close(val_t self) {
    ((memory_file_t *)self)->s = NULL;
    return V_NONE;
}
static val_t io_enter(val_t self) {
    file_of(self);
    return self;
}
static val_t io_exit(unsigned n, const val_t *args) { return io_close(args[0]); }
static val_t io_get_closed(val_t self) { return V_BOOL(!((memory_file_t *)self)->s); }

static const dict_entry_t memory_table[] = {
    METHOD_2(write, io_write),
    METHOD_V(read, io_read, 1, 2),
    METHOD_V(readline, io_readline, 1, 2),
    METHOD_1(readlines, io_readlines),
    METHOD_V(readinto, io_readinto, 2, 3),
    METHOD_V(seek, io_seek, 2, 3),
    METHOD_1(tell, io_tell),
    METHOD_1(getvalue, io_getvalue),
    METHOD_V(truncate, io_truncate, 1, 2),
    METHOD_1(flush, io_flush),
    METHOD_1(close, io_close),
    METHOD_1(__enter__, io_enter),
    METHOD_V(__exit__, io_exit, 1, 4),
    PROPERTY(closed, io_get_closed, NULL),
};
static const dict_t memory_attrs = ROM_DICT(memory_table);
#define MEMORY_SLOTS                                                                               \
    .attrs = &memory_attrs, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2, .make = io_make, \
    .iter = io_enter, .next = io_next
static const type_t type_StringIO = {TYPE_HEAD, .name = Q(StringIO), MEMORY_SLOTS};
static const type_t type_BytesIO = {TYPE_HEAD, .name = Q(BytesIO), MEMORY_SLOTS};

static const dict_entry_t io_table[] = {
    {VQ(__name__), VQ(io)},
    {VQ(StringIO), V_OBJ(&type_StringIO)},
    {VQ(BytesIO), V_OBJ(&type_BytesIO)},
    {VQ(FileIO), V_OBJ(&type_FileIO)},
    {VQ(TextIOWrapper), V_OBJ(&type_TextIOWrapper)},
    FUNC_K(open, file_open, 1, 4),
};
MODULE(io, io_table);
