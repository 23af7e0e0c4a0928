/* SPDX-License-Identifier: MIT
 * sys.c: the module sys, with the terminal as stdin, stdout and stderr.
 */
#include "heap.h"
#include "module.h"
#include "port.h"

#ifndef ADDER_VERSION
#define ADDER_VERSION "0"
#endif
#ifndef ADDER_BOARD_ID
#define ADDER_BOARD_ID "host"
#endif
#ifndef ADDER_BOARD
#define ADDER_BOARD "host"
#endif

/* ---- stdin, stdout, stderr: constant objects; bytes: the binary sides of them, called buffer ---- */

typedef struct stream {
    const type_t *type;
    bool bytes;
    const struct stream *buffer;
} stream_t;

static bool is_bytes(val_t self) { return ((stream_t *)self)->bytes; }

static val_t result(val_t self, builder_t *b) { return is_bytes(self) ? builder_bytes(b) : builder_str(b); }

static val_t stream_write(unsigned n, const val_t *args) {
    buffer_t buf;
    op_buffer(args[1], &buf, false);
    port_write(buf.data, buf.size);
    return is_bytes(args[0]) || !is_str(args[1]) ? V_INT(buf.size) : V_INT(str_length(str_of(args[1])));
}

/* Up to most bytes (characters, as text), until end (or -1); the end of the input ends it too. */
static val_t read_until(val_t self, intptr_t most, int end) {
    builder_t b;
    builder_init(&b, 16);
    while (most != 0) {
        int c = port_read();
        if (c < 0)
            break;
        builder_char(&b, (char)c);
        most--;
        if (!is_bytes(self)) /* the rest of a character */
            for (int rest, more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0; more > 0 && (rest = port_read()) >= 0; more--)
                builder_char(&b, (char)rest);
        if (c == end)
            break;
    }
    return result(self, &b);
}

static val_t stream_read(unsigned n, const val_t *args) {
    return read_until(args[0], n > 1 && args[1] != V_NONE ? int_arg(args[1]) : -1, -1);
}
static val_t stream_readline(unsigned n, const val_t *args) {
    return read_until(args[0], n > 1 ? int_arg(args[1]) : -1, '\n');
}
static val_t stream_readinto(unsigned n, const val_t *args) {
    buffer_t buf;
    op_buffer(args[1], &buf, true);
    size_t len = n > 2 ? (size_t)int_arg(args[2]) : buf.size, i = 0;
    for (int c; i < len && i < buf.size && (c = port_read()) >= 0; i++)
        ((uint8_t *)buf.data)[i] = (uint8_t)c;
    return V_INT(i);
}
static val_t stream_next(val_t self) {
    val_t line = read_until(self, -1, '\n');
    return str_of(line)->len ? line : V_UNDEF;
}
static val_t stream_iter(val_t self) { return self; }
static val_t stream_flush(val_t self) { return V_NONE; }
static val_t stream_get_buffer(val_t self) {
    const stream_t *s = (stream_t *)self;
    return V_OBJ(s->buffer ? s->buffer : s);
}

static const dict_entry_t stream_table[] = {
    METHOD_V(write, stream_write, 2, 2),
    METHOD_V(read, stream_read, 1, 2),
    METHOD_V(readline, stream_readline, 1, 2),
    METHOD_V(readinto, stream_readinto, 2, 3),
    METHOD_1(flush, stream_flush),
    METHOD_1(close, stream_flush),
    PROPERTY(buffer, stream_get_buffer, NULL),
};
static const dict_t stream_attrs = ROM_DICT(stream_table);
static const type_t type_stream = {TYPE_HEAD, .name = Q(Terminal), .attrs = &stream_attrs,
    .flags = T_NO_SUBCLASS, .iter = stream_iter, .next = stream_next};
static const stream_t terminal_bytes = {&type_stream, true, NULL};
static const stream_t terminal_in = {&type_stream, false, &terminal_bytes};
static const stream_t terminal_out = {&type_stream, false, &terminal_bytes};
static const stream_t terminal_err = {&type_stream, false, &terminal_bytes};

/* ---- values ---- */

static val_t sys_get_machine(val_t self) { return str_from(ADDER_BOARD); }
static const dict_entry_t implementation_table[] = {
    {VQ(name), VQ(micropython)},
    {VQ(version), TUPLE_OBJ(4, V_INT(1), V_INT(28), V_INT(0), VQ(empty))},
    PROPERTY(_machine, sys_get_machine, NULL),
};
static const dict_t implementation_dict = ROM_DICT(implementation_table);
static const module_t implementation = {&type_module, Q(implementation), &implementation_dict};

static val_t sys_get_version(val_t self) { return str_from("3.4.0; Adder v" ADDER_VERSION); }
static val_t sys_get_platform(val_t self) { return str_from(ADDER_BOARD_ID); }
static val_t sys_get_maxsize(val_t self) { return int_from(INTPTR_MAX); }
static val_t sys_get_path(val_t self) { return adder.path; }
static void sys_set_path(val_t self, val_t v) { adder.path = list_from(v); }
static val_t sys_get_argv(val_t self) { return adder.argv; }
static void sys_set_argv(val_t self, val_t v) { adder.argv = list_from(v); }
static val_t sys_get_modules(val_t self) { return V_OBJ(adder.modules); }

static val_t sys_exit(unsigned n, const val_t *args) { raise_new(&type_SystemExit, n, args); }

static val_t sys_print_exception(unsigned n, const val_t *args) {
    if (!is_exc(args[0]))
        raise_type("not an exception");
    if (n < 2 || is_exact(args[1], &type_stream)) {
        exc_print(&out_console, args[0]);
        return V_NONE;
    }
    builder_t b;
    builder_init(&b, 64);
    exc_print(&b.out, args[0]);
    val_t text = builder_str(&b);
    call_method(args[1], Q(write), 1, &text);
    return V_NONE;
}

static val_t sys_intern(val_t s) {
    str_arg(s, NULL);
    return V_OBJ(str_intern_val(s));
}
static val_t sys_getsizeof(val_t v) {
    return is_obj(v) && heap_has(obj_of(v)) ? V_INT(heap_size(obj_of(v))) : V_INT(0);
}

static const dict_entry_t sys_table[] = {
    {VQ(__name__), VQ(sys)},
    PROPERTY(argv, sys_get_argv, sys_set_argv),
    PROPERTY(path, sys_get_path, sys_set_path),
    PROPERTY(modules, sys_get_modules, NULL),
    PROPERTY(version, sys_get_version, NULL),
    {VQ(version_info), TUPLE_OBJ(3, V_INT(3), V_INT(4), V_INT(0))},
    {VQ(implementation), V_OBJ(&implementation)},
    PROPERTY(platform, sys_get_platform, NULL),
    {VQ(byteorder), VQ(little)},
    PROPERTY(maxsize, sys_get_maxsize, NULL),
    FUNC_V(exit, sys_exit, 0, 1),
    FUNC_V(print_exception, sys_print_exception, 1, 2),
    FUNC_1(intern, sys_intern),
    FUNC_1(getsizeof, sys_getsizeof),
    {VQ(stdin), V_OBJ(&terminal_in)},
    {VQ(stdout), V_OBJ(&terminal_out)},
    {VQ(stderr), V_OBJ(&terminal_err)},
};
MODULE(sys, sys_table);
