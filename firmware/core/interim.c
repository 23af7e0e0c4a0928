/* SPDX-License-Identifier: MIT
 * interim.c: the least that the interpreter needs of types whose own files have not come yet. Every
 * definition here is weak and gives way to the real one; the file goes when the last has come.
 */
#include "args.h"
#include "heap.h"
#include "module.h"
#include "ops.h"
#include "vm.h"

#define WEAK __attribute__((weak))

/* ---- str, bytes ---- */
static val_t str_binary_(op_t op, val_t a, val_t b) {
    if ((op & OP_MASK) == OP_MUL && is_int(b)) {
        val_t r = VQ(empty);
        for (intptr_t i = int_of(b); i > 0; i--)
            r = str_concat(r, a);
        return r;
    }
    if (!is_str(a) || !is_str(b))
        return V_UNDEF;
    switch (op & OP_MASK) {
    case OP_ADD:
        return str_concat(a, b);
    case OP_EQ:
        return V_BOOL(str_equal(str_of(a), str_of(b)));
    case OP_LT:
        return V_BOOL(strcmp(str_of(a)->data, str_of(b)->data) < 0);
    case OP_CONTAINS:
        return V_BOOL(strstr(str_of(a)->data, str_of(b)->data) != NULL);
    default:
        return V_UNDEF;
    }
}
static val_t str_unary_(unary_t op, val_t a) {
    return op == UN_LEN ? V_INT(str_length(str_of(a))) : op == UN_HASH ? V_INT(str_hash(str_of(a)))
                                                                       : V_UNDEF;
}
static val_t str_index_(val_t s, val_t key, val_t value) {
    if (value)
        raise_type("'str' object doesn't support item assignment");
    if (is_exact(key, &type_slice)) {
        span_t sp;
        slice_resolve((slice_t *)key, str_of(s)->len, &sp);
        val_t r = VQ(empty);
        for (size_t i = 0; i < sp.count; i++)
            r = str_concat(r, str_new(str_of(s)->data + sp.start + (intptr_t)i * sp.step, 1));
        return r;
    }
    return str_new(str_of(s)->data + index_resolve(key, str_of(s)->len, "string"), 1);
}
static val_t str_next_(iterator_t *it) {
    const str_t *s = str_of(it->over);
    return it->pos < s->len ? str_new(s->data + it->pos++, 1) : V_UNDEF;
}
static val_t str_iter_(val_t s) { return iterator_new(s, str_next_); }
static val_t str_make_(const type_t *t, unsigned n, unsigned nkw, const val_t *a) {
    return n ? op_str(a[0]) : VQ(empty);
}
static val_t str_join_(val_t sep, val_t seq) {
    val_t it = op_iter(seq), v, r = V_UNDEF;
    while ((v = op_next(it)))
        r = r ? str_concat(str_concat(r, sep), v) : v;
    return r ? r : VQ(empty);
}
static val_t str_upper_(val_t s) {
    str_t *r = str_alloc(&type_str, str_of(s)->len);
    for (unsigned i = 0; i < r->len; i++) {
        char c = str_of(s)->data[i];
        r->data[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return str_finish(r);
}
static const dict_entry_t str_table_[] = {METHOD_2(join, str_join_), METHOD_1(upper, str_upper_)};
static const dict_t str_attrs_ = ROM_DICT(str_table_);
const type_t type_str WEAK = {TYPE_HEAD, .name = Q(str), .attrs = &str_attrs_, .trace = TRACE_LEAF,
    .make = str_make_, .print = str_print, .binary = str_binary_, .unary = str_unary_,
    .index = str_index_, .iter = str_iter_};
const type_t type_bytes WEAK = {TYPE_HEAD, .name = Q(bytes), .trace = TRACE_LEAF, .print = str_print};
WEAK val_t str_format_value(val_t v, const str_t *spec) { return op_str(v); }

/* ---- dict, set ---- */
static void dict_print_(out_t *out, val_t v, print_t how) {
    unsigned pos = 0;
    val_t k, x;
    const char *sep = "{";
    while (dict_next(dict_of(v), &pos, &k, &x)) {
        out_printf(out, "%s%v: %v", sep, k, x);
        sep = ", ";
    }
    out_text(out, pos ? "}" : "{}");
}
static val_t dict_index_(val_t d, val_t key, val_t value) {
    if (value == V_UNDEF || value == V_NOTIMPLEMENTED) {
        val_t v = value ? dict_delete(dict_of(d), key) : dict_get(dict_of(d), key);
        if (!v)
            raise_key(key);
        return v;
    }
    dict_set(dict_of(d), key, value);
    return V_NONE;
}
static val_t dict_unary_(unary_t op, val_t d) {
    return op == UN_LEN ? V_INT(dict_len(dict_of(d))) : op == UN_HASH ? V_NONE : V_UNDEF;
}
static val_t dict_binary_(op_t op, val_t a, val_t b) {
    return (op & OP_MASK) == OP_CONTAINS ? V_BOOL(dict_get(dict_of(a), b) != V_UNDEF) : V_UNDEF;
}
static val_t dict_list_(val_t d, int what) {
    unsigned pos = 0;
    val_t l = list_new(0, NULL), k[2];
    while (dict_next(dict_of(d), &pos, &k[0], &k[1]))
        list_append(list_of(l), what == 0 ? k[0] : what == 1 ? k[1] : tuple_new(2, k));
    return l;
}
static val_t dict_keys_(val_t d) { return dict_list_(d, 0); }
static val_t dict_values_(val_t d) { return dict_list_(d, 1); }
static val_t dict_items_(val_t d) { return dict_list_(d, 2); }
static val_t dict_get_(unsigned n, const val_t *a) {
    val_t v = dict_get(dict_of(a[0]), a[1]);
    return v ? v : n > 2 ? a[2] : V_NONE;
}
static val_t dict_iter_(val_t d) { return op_iter(dict_keys_(d)); }
static val_t dict_make_(const type_t *t, unsigned n, unsigned nkw, const val_t *a) {
    val_t d = dict_new(0);
    if (n)
        dict_update(dict_of(d), dict_of(a[0]));
    for (unsigned i = 0; i < nkw; i++)
        dict_set(dict_of(d), a[n + 2 * i], a[n + 2 * i + 1]);
    return d;
}
static const dict_entry_t dict_table_[] = {METHOD_1(keys, dict_keys_), METHOD_1(values, dict_values_),
    METHOD_1(items, dict_items_), METHOD_V(get, dict_get_, 2, 3)};
static const dict_t dict_attrs_ = ROM_DICT(dict_table_);
const type_t type_dict WEAK = {TYPE_HEAD, .name = Q(dict), .attrs = &dict_attrs_,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .make = dict_make_, .print = dict_print_,
    .index = dict_index_, .unary = dict_unary_, .binary = dict_binary_, .iter = dict_iter_};

static void set_print_(out_t *out, val_t v, print_t how) {
    unsigned pos = 0;
    val_t k;
    const char *sep = "{";
    while (set_next(set_of(v), &pos, &k)) {
        out_printf(out, "%s%v", sep, k);
        sep = ", ";
    }
    out_text(out, pos ? "}" : "set()");
}
static val_t set_make_(const type_t *t, unsigned n, unsigned nkw, const val_t *a) {
    val_t s = set_new(t);
    val_t it = n ? op_iter(a[0]) : V_UNDEF, v;
    while (it && (v = op_next(it)))
        set_add(set_of(s), v);
    return s;
}
static val_t set_iter_(val_t s) {
    unsigned pos = 0;
    val_t l = list_new(0, NULL), k;
    while (set_next(set_of(s), &pos, &k))
        list_append(list_of(l), k);
    return op_iter(l);
}
static val_t set_unary_(unary_t op, val_t s) {
    return op == UN_LEN ? V_INT(set_len(set_of(s))) : op == UN_HASH ? V_NONE : V_UNDEF;
}
static val_t set_binary_(op_t op, val_t a, val_t b) {
    return (op & OP_MASK) == OP_CONTAINS ? V_BOOL(set_has(set_of(a), b)) : V_UNDEF;
}
const type_t type_set WEAK = {TYPE_HEAD, .name = Q(set), .trace = TRACE_WORDS, .trace_from = 1,
    .trace_to = 3, .make = set_make_, .print = set_print_, .iter = set_iter_, .unary = set_unary_,
    .binary = set_binary_};
const type_t type_frozenset WEAK = {TYPE_HEAD, .name = Q(frozenset), .trace = TRACE_WORDS,
    .trace_from = 1, .trace_to = 3};

#define BARE(sym, name_) const type_t type_##sym WEAK = {TYPE_HEAD, .name = name_, .flags = T_NO_SUBCLASS}
BARE(none, Q(NoneType));
BARE(ellipsis, Q(ellipsis));
BARE(notimplemented, Q(NotImplementedType));
BARE(bool, Q(bool));
BARE(complex, Q(complex));
BARE(bytearray, Q(bytearray));
BARE(memoryview, Q(memoryview));
BARE(dict_view, Q(dict_view));

/* ---- builtins ---- */
static val_t print_(unsigned n, unsigned nkw, const val_t *a) {
    val_t end = args_keyword(nkw, a + n, Q(end)), sep = args_keyword(nkw, a + n, Q(sep));
    for (unsigned i = 0; i < n; i++) {
        if (i)
            out_value(&out_console, sep ? sep : VQ(space), PRINT_STR);
        out_value(&out_console, a[i], PRINT_STR);
    }
    out_value(&out_console, end ? end : VQ(newline), PRINT_STR);
    return V_NONE;
}
QNAME(space, " ")
QNAME(newline, "\n")
static val_t len_(val_t v) { return V_INT(op_len(v)); }
static val_t next_(unsigned n, const val_t *a) {
    val_t v = op_next(a[0]);
    if (v)
        return v;
    if (n > 1)
        return a[1];
    raise_new(&type_StopIteration, adder.stop_value != V_NONE, &adder.stop_value);
}
static val_t isinstance_(val_t v, val_t c) { return V_BOOL(op_isinstance(type_of(v), c)); }
static val_t issubclass_(val_t v, val_t c) { return V_BOOL(op_isinstance((const type_t *)v, c)); }
static val_t getattr_(unsigned n, const val_t *a) {
    val_t v = op_find_attr(a[0], str_intern_val(a[1]));
    return v ? v : n > 2 ? a[2] : op_get_attr(a[0], str_intern_val(a[1]));
}
static val_t hasattr_(val_t o, val_t name) { return V_BOOL(op_find_attr(o, str_intern_val(name)) != V_UNDEF); }
static val_t setattr_(val_t o, val_t name, val_t v) {
    op_set_attr(o, str_intern_val(name), v);
    return V_NONE;
}
static val_t callable_(val_t v) { return V_BOOL(op_callable(v)); }
static val_t hash_(val_t v) { return V_INT(op_hash(v)); }
static val_t sum_(val_t v) {
    val_t s = V_INT(0), it = op_iter(v), x;
    while ((x = op_next(it)))
        s = op_binary(OP_ADD, s, x);
    return s;
}
static val_t globals_(void) { return V_OBJ(vm_globals()); }
static val_t exec_(unsigned n, const val_t *a) {
    reader_t r;
    size_t len;
    const char *s = str_arg(a[0], &len);
    reader_text(&r, s, len);
    vm_exec(&r, Q(lt_string), MODE_FILE, n > 1 ? dict_of(a[1]) : vm_globals());
    return V_NONE;
}
static val_t eval_(unsigned n, const val_t *a) {
    reader_t r;
    size_t len;
    const char *s = str_arg(a[0], &len);
    reader_text(&r, s, len);
    return vm_exec(&r, Q(lt_string), MODE_EVAL, n > 1 ? dict_of(a[1]) : vm_globals());
}
QNAME(lt_string, "<string>")
static val_t id_(val_t v) { return int_from((intmax_t)v); }
#define TYPE(name) {VQ(name), V_OBJ(&type_##name)}
static const dict_entry_t builtins_table_[] = {
    FUNC_K(print, print_, 0, ARGS_ANY), FUNC_1(len, len_), FUNC_1(iter, op_iter),
    FUNC_V(next, next_, 1, 2), FUNC_1(repr, op_repr), FUNC_2(isinstance, isinstance_),
    FUNC_2(issubclass, issubclass_), FUNC_V(getattr, getattr_, 2, 3), FUNC_2(hasattr, hasattr_),
    FUNC_3(setattr, setattr_), FUNC_1(callable, callable_), FUNC_1(hash, hash_), FUNC_1(sum, sum_),
    FUNC_0(globals, globals_), FUNC_V(exec, exec_, 1, 3), FUNC_V(eval, eval_, 1, 3), FUNC_1(id, id_),
    TYPE(object), TYPE(type), TYPE(int), TYPE(float), TYPE(str), TYPE(bytes), TYPE(list),
    TYPE(tuple), TYPE(dict), TYPE(set), TYPE(range), TYPE(property), TYPE(staticmethod),
    TYPE(classmethod), TYPE(super), TYPE(bool), TYPE(BaseException), TYPE(Exception),
    TYPE(SystemExit), TYPE(KeyboardInterrupt), TYPE(GeneratorExit), TYPE(StopIteration),
    TYPE(ArithmeticError), TYPE(OverflowError), TYPE(ZeroDivisionError), TYPE(AssertionError),
    TYPE(AttributeError), TYPE(ImportError), TYPE(LookupError), TYPE(IndexError), TYPE(KeyError),
    TYPE(MemoryError), TYPE(NameError), TYPE(UnboundLocalError), TYPE(OSError), TYPE(RuntimeError),
    TYPE(NotImplementedError), TYPE(SyntaxError), TYPE(IndentationError), TYPE(TypeError),
    TYPE(ValueError), TYPE(StopAsyncIteration),
    {VQ(NotImplemented), V_NOTIMPLEMENTED}, {VQ(Ellipsis), V_ELLIPSIS},
};
const dict_t builtins_dict WEAK = ROM_DICT(builtins_table_);
