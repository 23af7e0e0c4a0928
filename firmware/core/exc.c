/* SPDX-License-Identifier: MIT
 * exc.c: exception types and objects, raising, catching, printing.
 */
#include "args.h"
#include "heap.h"
#include "module.h"
#include "ops.h"
#include "port.h"
#include "vm_frame.h"

/* ---- catching and raising ---- */

void catch_begin(catch_t *c) {
    c->prev = adder.catcher;
    c->run = adder.run;
    c->top = adder.top;
    c->chunk = adder.chunk;
    adder.catcher = c;
}

void catch_end(catch_t *c) { adder.catcher = c->prev; }

void raise(val_t e) {
    catch_t *c = adder.catcher;
    if (!c)
        port_fatal("exception with nobody to catch it");
    c->exc = e;
    adder.catcher = c->prev;
    adder.run = c->run;
    adder.top = c->top;
    vm_set_chunk(c->chunk);
    jump_to(c->jump);
}

void raise_new(const type_t *type, unsigned n, const val_t *args) { raise(exc_new(type, n, args)); }
void raise_text(const type_t *type, const char *text) { raise(exc_make(type, text)); }
void raise_type(const char *text) { raise_text(&type_TypeError, text); }
void raise_value(const char *text) { raise_text(&type_ValueError, text); }
void raise_key(val_t key) { raise_new(&type_KeyError, 1, &key); }

void raise_os(int errno_value) {
    val_t v = V_INT(errno_value);
    raise_new(&type_OSError, 1, &v);
}

void raise_format(const type_t *type, const char *fmt, ...) {
    builder_t b;
    builder_init(&b, 40);
    __builtin_va_list ap;
    __builtin_va_start(ap, fmt);
    out_vprintf(&b.out, fmt, ap);
    __builtin_va_end(ap);
    val_t text = builder_str(&b);
    raise_new(type, 1, &text);
}

void raise_memory(void) {
    exc_t *e = exc_of(adder.memory_error);
    if (!e)
        port_fatal("out of memory at start");
    e->traceback = e->cause = V_UNDEF;
    raise(V_OBJ(e));
}

/* ---- objects ---- */

val_t exc_new(const type_t *type, unsigned n, const val_t *args) {
    exc_t *e = HEAP_NEW(type, exc_t);
    e->inst.block = (dict_block_t *)&dict_no_entries;
    e->args = (vals_t *)&tuple_empty;
    e->args = tuple_of(tuple_new(n, args));
    return V_OBJ(e);
}

val_t exc_make(const type_t *type, const char *text) {
    val_t s = str_from(text);
    return exc_new(type, 1, &s);
}

bool is_exc(val_t v) { return is_obj(v) && v && (obj_of(v)->type->flags & T_EXC); }

val_t exc_value(val_t e) { return exc_of(e)->args->n ? exc_of(e)->args->v[0] : V_NONE; }

bool exc_match(val_t e, val_t classes) {
    if (is_exact(classes, &type_type)) {
        if (!(((const type_t *)classes)->flags & T_EXC))
            raise_type("catching classes that do not inherit from BaseException is not allowed");
        return is_a(e, (const type_t *)classes);
    }
    if (!is_tuple(classes))
        raise_type("catching classes that do not inherit from BaseException is not allowed");
    const vals_t *t = tuple_of(classes);
    for (size_t i = 0; i < t->n; i++)
        if (exc_match(e, t->v[i]))
            return true;
    return false;
}

void exc_add_traceback(val_t v, const str_t *file, unsigned line, const str_t *function) {
    exc_t *e = exc_of(v);
    catch_t c;
    if (TRY(c)) { /* with no memory left, a shorter traceback has to do */
        if (!e->traceback)
            e->traceback = list_new(0, NULL);
        list_t *l = list_of(e->traceback);
        list_reserve(l, l->n + 3);
        list_append(l, V_OBJ(file));
        list_append(l, V_INT(line));
        list_append(l, function ? V_OBJ(function) : V_NONE);
        catch_end(&c);
    }
}

void exc_print(out_t *out, val_t v) {
    exc_t *e = exc_of(v);
    if (e->cause && e->cause != V_NONE && is_exc(e->cause)) {
        exc_print(out, e->cause);
        out_text(out, "\nThe above exception was the direct cause of the following exception:\n\n");
    }
    if (e->traceback) {
        const list_t *l = list_of(e->traceback);
        out_text(out, "Traceback (most recent call last):\n");
        for (size_t i = l->n; i >= 3; i -= 3) {
            const val_t *t = &l->items->v[i - 3];
            out_printf(out, "  File \"%q\", line %V", str_of(t[0]), t[1]);
            if (t[2] != V_NONE) /* a syntax error is in no function */
                out_printf(out, ", in %q", str_of(t[2]));
            out_text(out, "\n");
        }
    }
    out_printf(out, "%q", e->inst.type->name);
    if (e->args->n || (e->inst.type->flags & T_CLASS)) {
        val_t text = op_str(v);
        if (str_of(text)->len)
            out_printf(out, ": %V", text);
    }
    out_text(out, "\n");
}

static val_t exc_make_slot(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, ARGS_ANY);
    return exc_new(type, n, args);
}

/* ENOENT of 2; V_UNDEF for what has no name. */
static val_t errno_name(val_t number) {
    unsigned pos = 0;
    val_t name, value;
    while (dict_next(&errno_names, &pos, &name, &value))
        if (value == number)
            return name;
    return V_UNDEF;
}

static void exc_print_slot(out_t *out, val_t self, print_t how) {
    exc_t *e = exc_of(self);
    size_t n = e->args->n;
    if (how == PRINT_STR) {
        val_t name = n == 1 && is_a(self, &type_OSError) ? errno_name(e->args->v[0]) : V_UNDEF;
        if (name)
            out_printf(out, "[Errno %V] %V", e->args->v[0], name);
        else if (n == 1)
            out_value(out, e->args->v[0], is_a(self, &type_KeyError) ? PRINT_REPR : PRINT_STR);
        else if (n == 2 && is_a(self, &type_OSError))
            out_printf(out, "[Errno %V] %V", e->args->v[0], e->args->v[1]);
        else if (n)
            out_value(out, V_OBJ(e->args), PRINT_REPR);
        return;
    }
    out_printf(out, "%q", e->inst.type->name);
    if (n == 1)
        out_printf(out, "(%v)", e->args->v[0]);
    else
        out_value(out, V_OBJ(e->args), PRINT_REPR);
}

/* ---- attributes ---- */

static val_t exc_init(unsigned n, unsigned nkw, const val_t *args) {
    exc_of(args[0])->args = tuple_of(tuple_new(n - 1, args + 1));
    return V_NONE;
}
static val_t exc_get_args(val_t self) { return V_OBJ(exc_of(self)->args); }
static void exc_set_args(val_t self, val_t value) { exc_of(self)->args = tuple_of(tuple_from(value)); }
static val_t exc_get_value(val_t self) { return exc_value(self); }
static val_t exc_get_cause(val_t self) { return exc_of(self)->cause ? exc_of(self)->cause : V_NONE; }
static void exc_set_cause(val_t self, val_t value) { exc_of(self)->cause = value; }
static val_t exc_get_traceback(val_t self) { return V_NONE; }
static val_t exc_with_traceback(val_t self, val_t tb) { return self; }
static val_t os_get_errno(val_t self) { return exc_value(self); }
static val_t os_get_strerror(val_t self) {
    return exc_of(self)->args->n > 1 ? exc_of(self)->args->v[1] : V_NONE;
}

static const dict_entry_t exc_table[] = {
    METHOD_K(__init__, exc_init, 1, ARGS_ANY),
    PROPERTY(args, exc_get_args, exc_set_args),
    PROPERTY(__cause__, exc_get_cause, exc_set_cause),
    PROPERTY(__traceback__, exc_get_traceback, NULL),
    METHOD_2(with_traceback, exc_with_traceback),
};
static const dict_t exc_attrs = ROM_DICT(exc_table);
static const dict_entry_t value_table[] = {PROPERTY(value, exc_get_value, NULL)};
static const dict_t value_attrs = ROM_DICT(value_table);
static const dict_entry_t code_table[] = {PROPERTY(code, exc_get_value, NULL)};
static const dict_t code_attrs = ROM_DICT(code_table);
static const dict_entry_t errno_table[] = {
    PROPERTY(errno, os_get_errno, NULL),
    PROPERTY(strerror, os_get_strerror, NULL),
};
static const dict_t errno_attrs = ROM_DICT(errno_table);

#define EXC_TYPE(name_, base_, attrs_)                                                             \
    const type_t type_##name_ = {TYPE_HEAD, .name = Q(name_), .attrs = attrs_, .base = base_,      \
        .flags = T_EXC | T_HAS_DICT, .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 7,         \
        .make = exc_make_slot, .print = exc_print_slot}
#define EXC(name_, base_) EXC_TYPE(name_, &type_##base_, NULL)

EXC_TYPE(BaseException, NULL, &exc_attrs);
EXC(Exception, BaseException);
EXC_TYPE(SystemExit, &type_BaseException, &code_attrs);
EXC(KeyboardInterrupt, BaseException);
EXC(GeneratorExit, BaseException);
EXC_TYPE(StopIteration, &type_Exception, &value_attrs);
EXC(StopAsyncIteration, Exception);
EXC(ArithmeticError, Exception);
EXC(OverflowError, ArithmeticError);
EXC(ZeroDivisionError, ArithmeticError);
EXC(AssertionError, Exception);
EXC(AttributeError, Exception);
EXC(EOFError, Exception);
EXC(ImportError, Exception);
EXC(ModuleNotFoundError, ImportError);
EXC(LookupError, Exception);
EXC(IndexError, LookupError);
EXC(KeyError, LookupError);
EXC(MemoryError, Exception);
EXC(NameError, Exception);
EXC(UnboundLocalError, NameError);
EXC_TYPE(OSError, &type_Exception, &errno_attrs);
EXC(RuntimeError, Exception);
EXC(NotImplementedError, RuntimeError);
EXC(RecursionError, RuntimeError);
EXC(SyntaxError, Exception);
EXC(IndentationError, SyntaxError);
EXC(TypeError, Exception);
EXC(ValueError, Exception);
EXC(UnicodeError, ValueError);
