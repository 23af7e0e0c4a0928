/* SPDX-License-Identifier: MIT
 * builtins.c: the built-in functions and the table of all built-in names; None and its like.
 */
#include "args.h"
#include "heap.h"
#include "iterators.h"
#include "lineedit.h"
#include "module.h"
#include "help.h"
#include "modules/file.h"
#include "sort.h"
#include "text.h"
#include "vm.h"

QNAME(space, " ")
QNAME(line_feed, "\n")
QNAME(lt_string, "<string>")

/* ---- input and output ---- */

static val_t builtin_print(unsigned n, unsigned nkw, const val_t *args) {
    val_t sep = VQ(space), end = VQ(line_feed), file = V_NONE;
    for (unsigned i = 0; i < nkw; i++) {
        val_t name = args[n + 2 * i], v = args[n + 2 * i + 1];
        if (name == VQ(sep))
            sep = v == V_NONE ? sep : v;
        else if (name == VQ(end))
            end = v == V_NONE ? end : v;
        else if (name == VQ(file))
            file = v;
        else if (name != VQ(flush))
            raise_type("unexpected keyword argument");
    }
    str_arg(sep, NULL);
    str_arg(end, NULL);
    builder_t b;
    out_t *out = &out_console;
    if (file != V_NONE) {
        builder_init(&b, 32);
        out = &b.out;
    }
    for (unsigned i = 0; i < n; i++) {
        if (i)
            out_value(out, sep, PRINT_STR);
        out_value(out, args[i], PRINT_STR);
    }
    out_value(out, end, PRINT_STR);
    if (file != V_NONE) {
        val_t text = builder_str(&b);
        call_method(file, Q(write), 1, &text);
    }
    return V_NONE;
}

static val_t builtin_input(unsigned n, const val_t *args) {
    builder_t b;
    line_edit_t e = {.prompt = n ? str_of(op_str(args[0]))->data : ""};
    builder_init(&b, 32);
    int how = line_edit(&e, &b);
    if (how == 3)
        raise_new(&type_KeyboardInterrupt, 0, NULL);
    if ((how == 4 || how == -1) && !b.len)
        raise_new(&type_EOFError, 0, NULL);
    return builder_str(&b);
}

/* ---- code ---- */

static dict_t *globals_arg(unsigned n, const val_t *args, unsigned i) {
    if (n <= i || args[i] == V_NONE)
        return vm_globals();
    val_t d = native_of(args[i], &type_dict);
    if (!d)
        raise_type("globals must be a dict");
    return dict_of(d);
}

static val_t run_text(val_t code, vm_mode_t mode, dict_t *globals) {
    if (is_exact(code, &type_function)) { /* of compile() */
        function_t *f = (function_t *)heap_alloc(&type_function, sizeof *f);
        *f = *(function_t *)code;
        f->globals = globals;
        return call_0(V_OBJ(f));
    }
    reader_t r;
    buffer_t buf;
    op_buffer(code, &buf, false);
    while (mode == MODE_EVAL && buf.size && (*(char *)buf.data == ' ' || *(char *)buf.data == '\t')) {
        buf.data = (char *)buf.data + 1;
        buf.size--;
    }
    reader_text(&r, buf.data, buf.size);
    return vm_exec(&r, Q(lt_string), mode, globals);
}

/* locals, if given, are names that code sees and sets: globals and they in one dict, then taken apart. */
static val_t run_with_locals(unsigned n, const val_t *args, vm_mode_t mode) {
    dict_t *globals = globals_arg(n, args, 1);
    if (n < 3 || args[2] == V_NONE || native_of(args[2], &type_dict) == V_OBJ(globals))
        return run_text(args[0], mode, globals);
    dict_t *locals = globals_arg(n, args, 2);
    dict_t *both = dict_of(dict_copy(globals));
    dict_update(both, locals);
    val_t r = run_text(args[0], mode, both);
    unsigned pos = 0;
    val_t k, v;
    while (dict_next(both, &pos, &k, &v))
        if (dict_get(globals, k) != v || dict_get(locals, k))
            dict_set(locals, k, v);
    return r;
}

static val_t builtin_eval(unsigned n, const val_t *args) { return run_with_locals(n, args, MODE_EVAL); }
static val_t builtin_exec(unsigned n, const val_t *args) {
    run_with_locals(n, args, MODE_FILE);
    return V_NONE;
}

static val_t builtin_compile(unsigned n, const val_t *args) {
    reader_t r;
    buffer_t buf;
    const char *mode = str_arg(args[2], NULL);
    vm_mode_t m = strcmp(mode, "eval") == 0 ? MODE_EVAL : strcmp(mode, "single") == 0 ? MODE_SINGLE : MODE_FILE;
    op_buffer(args[0], &buf, false);
    str_arg(args[1], NULL);
    reader_text(&r, buf.data, buf.size);
    return vm_compile(&r, str_intern_val(args[1]), m, vm_globals());
}

static val_t builtin_globals(void) { return V_OBJ(vm_globals()); }

/* ---- attributes ---- */

static const str_t *name_arg(val_t v) {
    str_arg(v, NULL);
    return str_intern_val(native_of(v, &type_str));
}

/* V_UNDEF if there is none. */
static val_t find_attr(val_t obj, val_t name) {
    const str_t *s = name_arg(name);
    catch_t c;
    val_t v = V_UNDEF;
    if (TRY(c)) {
        v = op_find_attr(obj, s);
        catch_end(&c);
    } else if (!is_a(c.exc, &type_AttributeError)) {
        raise(c.exc);
    }
    return v;
}

static val_t builtin_getattr(unsigned n, const val_t *args) {
    if (n == 2)
        return op_get_attr(args[0], name_arg(args[1]));
    val_t v = find_attr(args[0], args[1]);
    return v ? v : args[2];
}
static val_t builtin_hasattr(val_t obj, val_t name) { return V_BOOL(find_attr(obj, name) != V_UNDEF); }
static val_t builtin_setattr(val_t obj, val_t name, val_t value) {
    op_set_attr(obj, name_arg(name), value);
    return V_NONE;
}
static val_t builtin_delattr(val_t obj, val_t name) {
    op_del_attr(obj, name_arg(name));
    return V_NONE;
}

static void add_names(set_t *to, const dict_t *d) {
    unsigned pos = 0;
    val_t k;
    while (d && dict_next(d, &pos, &k, NULL))
        if (is_str(k))
            set_add(to, k);
}

static void add_class_names(set_t *to, const type_t *t) {
    for (size_t i = 0; t->mro && i < t->mro->n; i++)
        add_names(to, ((const type_t *)t->mro->v[i])->attrs);
    for (; t && !t->mro; t = t->base)
        add_names(to, t->attrs);
}

static val_t builtin_dir(unsigned n, const val_t *args) {
    set_t *names = set_of(set_new(&type_set));
    if (!n) {
        add_names(names, vm_globals());
    } else if (is_exact(args[0], &type_module)) {
        add_names(names, ((module_t *)args[0])->dict);
    } else if (is_exact(args[0], &type_type)) {
        add_class_names(names, (const type_t *)args[0]);
    } else {
        const type_t *t = type_of(args[0]);
        if (t->flags & T_HAS_DICT)
            add_names(names, instance_dict(args[0]));
        add_class_names(names, t);
        if (t == &type_bytes || t == &type_bytearray)
            add_names(names, &str_attrs);
    }
    val_t l = list_from(V_OBJ(names));
    list_sort(list_of(l), V_NONE, false);
    return l;
}

static val_t builtin_vars(unsigned n, const val_t *args) {
    return n ? op_get_attr(args[0], Q(__dict__)) : builtin_globals();
}

static val_t builtin_isinstance(val_t v, val_t classes) { return V_BOOL(op_isinstance(type_of(v), classes)); }
static val_t builtin_issubclass(val_t v, val_t classes) {
    if (!is_exact(v, &type_type))
        raise_type("issubclass() arg 1 must be a class");
    return V_BOOL(op_isinstance((const type_t *)v, classes));
}
static val_t builtin_callable(val_t v) { return V_BOOL(op_callable(v)); }
static val_t builtin_id(val_t v) { return int_from((intmax_t)(intptr_t)v); }
static val_t builtin_hash(val_t v) { return int_from((int32_t)op_hash(v)); }
static val_t builtin_len(val_t v) { return int_from_u(op_len(v)); }

/* ---- iteration ---- */

static val_t builtin_iter(unsigned n, const val_t *args) {
    return n == 1 ? op_iter(args[0]) : iter_calls(args[0], args[1]);
}

static val_t builtin_next(unsigned n, const val_t *args) {
    val_t v = op_next(args[0]);
    if (v)
        return v;
    if (n > 1)
        return args[1];
    raise_new(&type_StopIteration, adder.stop_value != V_NONE, &adder.stop_value);
}

static val_t builtin_sum(unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(iterable), ARG_OBJ | ARG_REQUIRED},
        {Q(start), ARG_OBJ, {.v = V_INT(0)}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t it = op_iter(a[0].v), sum = a[1].v, v;
    while ((v = op_next(it)))
        sum = op_binary(OP_ADD, sum, v);
    return sum;
}

static val_t all_or_any(val_t iterable, bool stop_at) {
    val_t it = op_iter(iterable), v;
    while ((v = op_next(it)))
        if (op_is_true(v) == stop_at)
            return V_BOOL(stop_at);
    return V_BOOL(!stop_at);
}
static val_t builtin_any(val_t v) { return all_or_any(v, true); }
static val_t builtin_all(val_t v) { return all_or_any(v, false); }

static val_t extreme(unsigned n, unsigned nkw, const val_t *args, bool max) {
    val_t key = args_keyword(nkw, args + n, Q(key)), other = args_keyword(nkw, args + n, Q(default));
    if ((key != V_UNDEF) + 0u + (other != V_UNDEF) != nkw)
        raise_type("unexpected keyword argument");
    val_t it = n == 1 ? op_iter(args[0]) : V_UNDEF, best = V_UNDEF, best_key = V_UNDEF;
    for (unsigned i = 0;; i++) {
        val_t v = it ? op_next(it) : i < n ? args[i] : V_UNDEF;
        if (!v)
            break;
        val_t k = key && key != V_NONE ? call_1(key, v) : v;
        if (!best || (max ? op_less(best_key, k) : op_less(k, best_key))) {
            best = v;
            best_key = k;
        }
    }
    if (!best && !other)
        raise_value("arg is an empty sequence");
    return best ? best : other;
}
static val_t builtin_min(unsigned n, unsigned nkw, const val_t *args) { return extreme(n, nkw, args, false); }
static val_t builtin_max(unsigned n, unsigned nkw, const val_t *args) { return extreme(n, nkw, args, true); }

static val_t builtin_sorted(unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(iterable), ARG_OBJ | ARG_REQUIRED},
        {Q(key), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(reverse), ARG_BOOL | ARG_KEYWORD, {.v = 0}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t l = list_from(a[0].v);
    list_sort(list_of(l), a[1].v, a[2].b);
    return l;
}

/* ---- numbers and text ---- */

static val_t builtin_abs(val_t v) { return op_unary(UN_ABS, v); }
static val_t builtin_divmod(val_t a, val_t b) { return op_binary(OP_DIVMOD, a, b); }
static val_t builtin_pow(unsigned n, const val_t *args) {
    return n == 2 || args[2] == V_NONE ? op_binary(OP_POW, args[0], args[1]) : int_pow_mod(args[0], args[1], args[2]);
}

static val_t round_int(val_t v, intptr_t digits) {
    if (digits >= 0)
        return v;
    val_t unit = int_binary(OP_POW, V_INT(10), V_INT(-digits));
    val_t rest = int_binary(OP_MOD, v, unit), down = int_binary(OP_SUB, v, rest);
    val_t twice = int_binary(OP_MUL, rest, V_INT(2));
    bool up = int_binary(OP_GT, twice, unit) == V_TRUE;
    if (int_binary(OP_EQ, twice, unit) == V_TRUE)
        up = int_binary(OP_AND, int_binary(OP_FLOORDIV, down, unit), V_INT(1)) == V_INT(1);
    return up ? int_binary(OP_ADD, down, unit) : down;
}

static val_t builtin_round(unsigned n, const val_t *args) {
    val_t v = args[0], digits = n > 1 ? args[1] : V_NONE;
    val_t f = type_of(v)->flags & T_CLASS ? op_special(v, Q(__round__)) : V_UNDEF;
    if (f)
        return n > 1 ? call_2(f, v, digits) : call_1(f, v);
    if (native_of(v, &type_float))
        return float_round(native_of(v, &type_float), digits);
    if (!is_integer(v))
        raise_format(&type_TypeError, "type %T doesn't define __round__ method", v);
    v = int_unary(UN_POS, is_bool(v) ? v : native_of(v, &type_int));
    return digits == V_NONE ? v : round_int(v, int_arg(digits));
}

static val_t with_prefix(val_t v, char type) {
    val_t f = op_special(v, Q(__index__));
    if (f)
        v = call_1(f, v);
    if (!is_integer(v))
        raise_format(&type_TypeError, "'%T' object cannot be interpreted as an integer", v);
    const char spec[] = {'#', type};
    return str_format_value(v, str_of(str_new(spec, 2)));
}
static val_t builtin_bin(val_t v) { return with_prefix(v, 'b'); }
static val_t builtin_oct(val_t v) { return with_prefix(v, 'o'); }
static val_t builtin_hex(val_t v) { return with_prefix(v, 'x'); }

static val_t builtin_chr(val_t v) {
    char utf8[4];
    intptr_t c = int_arg(v);
    if (c < 0 || c > 0x10ffff)
        raise_value("chr() arg not in range(0x110000)");
    return str_new(utf8, utf8_encode(utf8, (uint32_t)c));
}

static val_t builtin_ord(val_t v) {
    val_t s = native_of(v, &type_str);
    if (s && str_length(str_of(s)) == 1) {
        const char *p = str_of(s)->data;
        return V_INT(utf8_decode(&p, p + str_of(s)->len));
    }
    if (!s && (is_exact(v, &type_bytes) || is_exact(v, &type_bytearray)) && chars_of(v).n == 1)
        return V_INT((uint8_t)chars_of(v).p[0]);
    if (!type_of(v)->buffer || !type_of(v)->unary)
        raise_format(&type_TypeError, "ord() expected string of length 1, but %T found", v);
    raise_format(&type_TypeError, "ord() expected a character, but string of length %u found", (unsigned)op_len(v));
}

static val_t builtin_format(unsigned n, const val_t *args) {
    if (n > 1)
        str_arg(args[1], NULL);
    return op_format(args[0], n > 1 ? args[1] : VQ(empty));
}
static val_t builtin_ascii(val_t v) { return str_ascii(op_repr(v)); }

/* ---- None and its like ---- */

static val_t none_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    args_check(n, nkw, 0, 0);
    return type == &type_none ? V_NONE : type == &type_ellipsis ? V_ELLIPSIS : V_NOTIMPLEMENTED;
}
const type_t type_none = {TYPE_HEAD, .name = Q(NoneType), .flags = T_NO_SUBCLASS, .make = none_make};
const type_t type_ellipsis = {TYPE_HEAD, .name = Q(ellipsis), .flags = T_NO_SUBCLASS, .make = none_make};
const type_t type_notimplemented = {TYPE_HEAD, .name = Q(NotImplementedType), .flags = T_NO_SUBCLASS, .make = none_make};

/* ---- all built-in names ---- */

#define TYPE(name) {VQ(name), V_OBJ(&type_##name)}
static const dict_entry_t builtins_table[] = {
    FUNC_K(print, builtin_print, 0, ARGS_ANY),
    FUNC_1(len, builtin_len),
    TYPE(range), TYPE(int), TYPE(str), TYPE(list), TYPE(dict), TYPE(tuple), TYPE(float), TYPE(bool), TYPE(complex),
    TYPE(bytes), TYPE(bytearray), TYPE(set), TYPE(object), TYPE(type), TYPE(super), TYPE(property),
    FUNC_2(isinstance, builtin_isinstance),
    FUNC_V(getattr, builtin_getattr, 2, 3),
    FUNC_2(hasattr, builtin_hasattr),
    FUNC_3(setattr, builtin_setattr),
    FUNC_2(delattr, builtin_delattr),
    FUNC_K(min, builtin_min, 1, ARGS_ANY),
    FUNC_K(max, builtin_max, 1, ARGS_ANY),
    FUNC_1(abs, builtin_abs),
    FUNC_K(sum, builtin_sum, 1, 2),
    FUNC_1(any, builtin_any),
    FUNC_1(all, builtin_all),
    FUNC_V(iter, builtin_iter, 1, 2),
    FUNC_V(next, builtin_next, 1, 2),
    FUNC_K(sorted, builtin_sorted, 1, 1),
    TYPE(enumerate), TYPE(zip), TYPE(map), TYPE(filter), TYPE(reversed),
    FUNC_1(chr, builtin_chr),
    FUNC_1(ord, builtin_ord),
    FUNC_1(repr, op_repr),
    FUNC_1(hex, builtin_hex),
    FUNC_1(bin, builtin_bin),
    FUNC_1(oct, builtin_oct),
    FUNC_V(round, builtin_round, 1, 2),
    FUNC_V(pow, builtin_pow, 2, 3),
    FUNC_2(divmod, builtin_divmod),
    FUNC_1(callable, builtin_callable),
    FUNC_2(issubclass, builtin_issubclass),
    FUNC_1(hash, builtin_hash),
    FUNC_1(id, builtin_id),
    FUNC_V(format, builtin_format, 1, 2),
    FUNC_1(ascii, builtin_ascii),
    FUNC_V(dir, builtin_dir, 0, 1),
    FUNC_V(vars, builtin_vars, 0, 1),
    FUNC_0(globals, builtin_globals),
    FUNC_0(locals, builtin_globals),
    FUNC_V(help, core_help, 0, 1),
    FUNC_V(input, builtin_input, 0, 1),
    FUNC_K(open, file_open, 1, 4),
    FUNC_V(eval, builtin_eval, 1, 3),
    FUNC_V(exec, builtin_exec, 1, 3),
    FUNC_V(compile, builtin_compile, 3, 3),
    TYPE(frozenset), TYPE(slice), TYPE(memoryview), TYPE(staticmethod), TYPE(classmethod),
    TYPE(Exception), TYPE(ValueError), TYPE(TypeError), TYPE(KeyError), TYPE(IndexError),
    TYPE(OSError), TYPE(RuntimeError), TYPE(AttributeError), TYPE(StopIteration), TYPE(KeyboardInterrupt),
    TYPE(NotImplementedError), TYPE(ZeroDivisionError), TYPE(BaseException), TYPE(SystemExit),
    TYPE(GeneratorExit), TYPE(StopAsyncIteration), TYPE(ArithmeticError), TYPE(OverflowError),
    TYPE(AssertionError), TYPE(EOFError), TYPE(ImportError), TYPE(ModuleNotFoundError), TYPE(LookupError),
    TYPE(MemoryError), TYPE(NameError), TYPE(UnboundLocalError), TYPE(RecursionError), TYPE(SyntaxError),
    TYPE(IndentationError), TYPE(UnicodeError),
    {VQ(NotImplemented), V_NOTIMPLEMENTED},
    {VQ(Ellipsis), V_ELLIPSIS},
};
const dict_t builtins_dict = ROM_DICT(builtins_table);
MODULE(builtins, builtins_table);
