/* SPDX-License-Identifier: MIT
 * file.c: open() and file objects: text (str, UTF-8) and binary (bytes). Reading goes through a small buffer in the object;
 * writing goes straight to the port. Ends of lines are not changed.
 */
#include "file.h"
#include "args.h"
#include "heap.h"
#include "ops.h"
#include "ports/fsys.h"

enum { BUFFER = ADDER_FILE_BUFFER };

typedef struct file {
    const type_t *type;
    fsys_file_t file;
    bool open;
    uint8_t at, len; /* what of the buffer is still to be read */
    uint8_t buffer[BUFFER];
} file_t;

static bool is_text(const file_t *f) { return f->type == &type_TextIOWrapper; }

static intptr_t checked(intptr_t result)
{
    if (result < 0)
        raise_os((int)-result);
    return result;
}

static file_t *file_of(val_t self)
{
    file_t *f = (file_t *)obj_of(self);
    if (!f->open)
        raise_value("I/O operation on closed file");
    return f;
}

/* ---- open and close ---- */

static unsigned parse_mode(const char *mode, bool *text)
{
    unsigned flags = 0;
    bool plus = false, binary = false, t = false;
    for (const char *p = mode; *p; p++) {
        switch (*p) {
        case 'r': flags = flags ? ~0u : FSYS_READ; break;
        case 'w': flags = flags ? ~0u : FSYS_WRITE | FSYS_CREATE | FSYS_TRUNCATE; break;
        case 'a': flags = flags ? ~0u : FSYS_WRITE | FSYS_CREATE | FSYS_APPEND; break;
        case 'x': flags = flags ? ~0u : FSYS_WRITE | FSYS_CREATE | FSYS_EXCLUSIVE; break;
        case '+': plus = true; break;
        case 'b': binary = true; break;
        case 't': t = true; break;
        default: flags = ~0u;
        }
    }
    if (!flags || flags == ~0u || (binary && t))
        raise_value("invalid mode");
    *text = !binary;
    return plus ? flags | FSYS_READ | FSYS_WRITE : flags;
}

val_t file_open(unsigned n, unsigned nkw, const val_t *args)
{
    enum { FILE_, MODE };
    static const arg_spec_t specs[] = {
        {Q(file), ARG_OBJ | ARG_REQUIRED},
        {Q(mode), ARG_OBJ, {.v = VQ(r)}},
        {Q(buffering), ARG_INT, {.i = -1}},
        {Q(encoding), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    bool text;
    unsigned flags = parse_mode(str_arg(a[MODE].v, NULL), &text);
    const char *path = str_arg(a[FILE_].v, NULL);
    file_t *f = heap_alloc_final(text ? &type_TextIOWrapper : &type_FileIO, sizeof *f);
    memset((char *)f + sizeof f->type, 0, sizeof *f - sizeof f->type);
    checked(fsys_open(&f->file, path, flags));
    f->open = true;
    return V_OBJ(f);
}

static int close_file(file_t *f)
{
    if (!f->open)
        return 0;
    f->open = false;
    return fsys_close(&f->file);
}

static void file_finalise(val_t self) { close_file((file_t *)obj_of(self)); }

static val_t file_close(val_t self)
{
    checked(close_file((file_t *)obj_of(self)));
    return V_NONE;
}

static val_t file_enter(val_t self) { return self; }

static val_t file_exit(unsigned n, const val_t *args)
{
    file_close(args[0]);
    return V_NONE;
}

/* ---- reading ---- */

/* Make sure that the buffer has something; false at the end of the file. */
static bool fill(file_t *f)
{
    if (f->at < f->len)
        return true;
    f->at = 0;
    f->len = (uint8_t)checked(fsys_read(&f->file, f->buffer, BUFFER));
    return f->len != 0;
}

static size_t read_bytes(file_t *f, uint8_t *to, size_t len)
{
    size_t done = f->len - f->at;
    if (done > len)
        done = len;
    memcpy(to, f->buffer + f->at, done);
    f->at = (uint8_t)(f->at + done);
    while (done < len) {
        intptr_t n = checked(fsys_read(&f->file, to + done, len - done));
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return done;
}

static val_t result_of(file_t *f, builder_t *b) { return is_text(f) ? builder_str(b) : builder_bytes(b); }

static val_t read_all(file_t *f)
{
    builder_t b;
    builder_init(&b, BUFFER);
    while (fill(f)) {
        builder_add(&b, (const char *)f->buffer + f->at, f->len - f->at);
        f->at = f->len;
    }
    return result_of(f, &b);
}

/* So many characters: bytes that begin one are counted, and the rest of the last is taken too. */
static val_t read_characters(file_t *f, size_t count)
{
    builder_t b;
    builder_init(&b, count < BUFFER ? count : BUFFER);
    while (fill(f)) {
        uint8_t c = f->buffer[f->at];
        bool begins = (c & 0xc0) != 0x80;
        if (begins && count-- == 0)
            break;
        builder_char(&b, (char)c);
        f->at++;
    }
    return builder_str(&b);
}

static val_t file_read(unsigned n, const val_t *args)
{
    file_t *f = file_of(args[0]);
    intptr_t len = n > 1 && args[1] != V_NONE ? int_arg(args[1]) : -1;
    if (len < 0)
        return read_all(f);
    if (is_text(f))
        return read_characters(f, (size_t)len);
    str_t *s = str_alloc(&type_bytes, (size_t)len);
    size_t got = read_bytes(f, (uint8_t *)s->data, (size_t)len);
    return got == (size_t)len ? str_finish(s) : bytes_new(s->data, got);
}

static val_t file_readinto(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[1], &buf, true);
    size_t len = n > 2 ? (size_t)int_arg(args[2]) : buf.size;
    return V_INT(read_bytes(file_of(args[0]), buf.data, len < buf.size ? len : buf.size));
}

static val_t read_line(file_t *f, size_t most)
{
    builder_t b;
    builder_init(&b, 32);
    while (b.len < most && fill(f)) {
        const uint8_t *from = f->buffer + f->at;
        size_t have = f->len - f->at;
        if (have > most - b.len)
            have = most - b.len;
        const uint8_t *end = memchr(from, '\n', have);
        size_t take = end ? (size_t)(end - from) + 1 : have;
        builder_add(&b, (const char *)from, take);
        f->at = (uint8_t)(f->at + take);
        if (end)
            break;
    }
    return result_of(f, &b);
}

static val_t file_readline(unsigned n, const val_t *args)
{
    intptr_t most = n > 1 ? int_arg(args[1]) : -1;
    return read_line(file_of(args[0]), most < 0 ? SIZE_MAX : (size_t)most);
}

static val_t file_next(val_t self)
{
    file_t *f = file_of(self);
    return fill(f) ? read_line(f, SIZE_MAX) : V_UNDEF;
}

static val_t file_readlines(unsigned n, const val_t *args)
{
    val_t lines = list_new(0, NULL), line;
    while ((line = file_next(args[0])) != V_UNDEF)
        list_append(list_of(lines), line);
    return lines;
}

/* ---- writing ---- */

/* The port's position is behind what is in the buffer: bring it back to where the program thinks it is. */
static void drop_buffer(file_t *f)
{
    if (f->at < f->len)
        checked(fsys_seek(&f->file, f->at - f->len, 1));
    f->at = f->len = 0;
}

static val_t file_write(val_t self, val_t data)
{
    file_t *f = file_of(self);
    buffer_t buf;
    if (is_text(f) != is_a(data, &type_str))
        raise_format(&type_TypeError, is_text(f) ? "str is needed, not %T" : "bytes-like object is needed, not %T", data);
    op_buffer(data, &buf, false);
    drop_buffer(f);
    intptr_t done = checked(fsys_write(&f->file, buf.data, buf.size));
    if ((size_t)done < buf.size)
        raise_os(E_NOSPC);
    return is_text(f) ? V_INT(str_length(str_of(native_of(data, &type_str)))) : V_INT(done);
}

static val_t file_flush(val_t self)
{
    checked(fsys_flush(&file_of(self)->file));
    return V_NONE;
}

/* ---- position ---- */

static val_t file_seek(unsigned n, const val_t *args)
{
    file_t *f = file_of(args[0]);
    intptr_t whence = n > 2 ? int_arg(args[2]) : 0;
    if (whence < 0 || whence > 2)
        raise_value("invalid whence");
    drop_buffer(f);
    return int_from(checked(fsys_seek(&f->file, int_arg(args[1]), (int)whence)));
}

static val_t file_tell(val_t self)
{
    file_t *f = file_of(self);
    return int_from(checked(fsys_seek(&f->file, 0, 1)) - (f->len - f->at));
}

static void file_print(out_t *out, val_t self, print_t how)
{
    out_printf(out, "<io.%q %p>", type_of(self)->name, (void *)obj_of(self));
}

static const dict_entry_t file_table[] = {
    METHOD_V(read, file_read, 1, 2),
    METHOD_V(readinto, file_readinto, 2, 3),
    METHOD_V(readline, file_readline, 1, 2),
    METHOD_V(readlines, file_readlines, 1, 2),
    METHOD_2(write, file_write),
    METHOD_1(flush, file_flush),
    METHOD_1(close, file_close),
    METHOD_V(seek, file_seek, 2, 3),
    METHOD_1(tell, file_tell),
    METHOD_1(__enter__, file_enter),
    METHOD_V(__exit__, file_exit, 1, 4),
};
static const dict_t file_attrs = ROM_DICT(file_table);

#define FILE_SLOTS                                                                                                     \
    .attrs = &file_attrs, .flags = T_HAS_DEL | T_NO_SUBCLASS, .print = file_print, .iter = file_enter,                 \
    .next = file_next, .finalise = file_finalise
const type_t type_FileIO = {TYPE_HEAD, .name = Q(FileIO), FILE_SLOTS};
const type_t type_TextIOWrapper = {TYPE_HEAD, .name = Q(TextIOWrapper), FILE_SLOTS};
