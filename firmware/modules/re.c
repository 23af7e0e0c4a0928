/* SPDX-License-Identifier: MIT
 * re.c: the module re. A pattern is compiled to a short program (re_compile.c), which a backtracking matcher
 * (re_match.c) runs with its stack in the heap, so that long texts need no C stack. Supported: . ^ $ \b \B \d \w \s
 * and their opposites, classes [a-z] [^...], groups, (?:...), |, * + ? {m,n} and the lazy ones, \1 to \9. Text is
 * matched by bytes; a character outside of ASCII counts as one for '.' and negated classes.
 */
#include "args.h"
#include "core/text.h"
#include "heap.h"
#include "module.h"
#include "re.h"
#include "vm.h"

static const type_t type_regex, type_match;

static val_t regex_new(val_t pattern, unsigned flags) {
    if (is_exact(pattern, &type_regex))
        return pattern;
    regex_t *re = HEAP_NEW(&type_regex, regex_t);
    re->pattern = pattern;
    re->flags = (uint16_t)flags;
    re_compile_pattern(re);
    return V_OBJ(re);
}

typedef struct match {
    const type_t *type;
    val_t text, re;
    raw_t *slots; /* intptr_t pairs */
} match_t;

/* From `at` on; the new match or V_UNDEF. */
static val_t find(const regex_t *re, val_t text, intptr_t at, how_t how) {
    raw_t *slots = re_find(re, text, at, how);
    if (!slots)
        return V_UNDEF;
    match_t *r = HEAP_NEW(&type_match, match_t);
    r->text = text;
    r->re = V_OBJ(re);
    r->slots = slots;
    return V_OBJ(r);
}

/* ---- match objects ---- */

static intptr_t bound(const match_t *m, size_t group, int end) { return ((intptr_t *)m->slots->data)[group * 2 + (size_t)end]; }
static size_t group_count(const match_t *m) { return ((regex_t *)m->re)->groups; }

static size_t group_arg(const match_t *m, unsigned n, const val_t *args, unsigned i) {
    if (n <= i)
        return 0;
    val_t v = args[i];
    if (native_of(v, &type_str)) {
        v = dict_get(dict_of(((regex_t *)m->re)->names), v);
        if (!v)
            raise_text(&type_IndexError, "no such group");
    }
    intptr_t g = int_arg(v);
    if (g < 0 || (size_t)g >= group_count(m))
        raise_text(&type_IndexError, "no such group");
    return (size_t)g;
}

static val_t piece(val_t text, intptr_t from, intptr_t to) {
    buffer_t b;
    op_buffer(text, &b, false);
    return native_of(text, &type_str) ? str_new((char *)b.data + from, (size_t)(to - from))
                                      : bytes_new((char *)b.data + from, (size_t)(to - from));
}

static val_t group_value(const match_t *m, size_t g, val_t none) {
    intptr_t from = bound(m, g, 0), to = bound(m, g, 1);
    return from < 0 || to < 0 ? none : piece(m->text, from, to);
}

static val_t match_group(unsigned n, const val_t *args) {
    const match_t *m = (match_t *)args[0];
    if (n <= 2)
        return group_value(m, group_arg(m, n, args, 1), V_NONE);
    val_t t = tuple_new(n - 1, NULL);
    for (unsigned i = 1; i < n; i++)
        tuple_of(t)->v[i - 1] = V_NONE;
    for (unsigned i = 1; i < n; i++)
        tuple_of(t)->v[i - 1] = group_value(m, group_arg(m, n, args, i), V_NONE);
    return t;
}
static val_t match_groups(unsigned n, const val_t *args) {
    const match_t *m = (match_t *)args[0];
    val_t l = list_new(0, NULL);
    for (size_t i = 1; i < group_count(m); i++)
        list_append(list_of(l), group_value(m, i, n > 1 ? args[1] : V_NONE));
    return tuple_from(l);
}
static val_t match_groupdict(val_t self) {
    const match_t *m = (match_t *)self;
    val_t d = dict_new(0), k, v;
    unsigned pos = 0;
    while (dict_next(dict_of(((regex_t *)m->re)->names), &pos, &k, &v))
        dict_set(dict_of(d), k, group_value(m, (size_t)int_of(v), V_NONE));
    return d;
}

/* Positions are of characters. */
static val_t position(const match_t *m, size_t g, int end) {
    intptr_t at = bound(m, g, end);
    val_t s = native_of(m->text, &type_str);
    if (at < 0 || !s || str_of(s)->flags & STR_ASCII)
        return V_INT(at);
    return V_INT(utf8_count(str_of(s)->data, (size_t)at));
}
static val_t match_start(unsigned n, const val_t *args) {
    return position((match_t *)args[0], group_arg((match_t *)args[0], n, args, 1), 0);
}
static val_t match_end(unsigned n, const val_t *args) {
    return position((match_t *)args[0], group_arg((match_t *)args[0], n, args, 1), 1);
}
static val_t match_span(unsigned n, const val_t *args) {
    const val_t both[] = {match_start(n, args), match_end(n, args)};
    return tuple_new(2, both);
}
static val_t match_index(val_t self, val_t key, val_t value) {
    const val_t args[] = {self, key};
    if (value)
        raise_type("match objects cannot be changed");
    return match_group(2, args);
}
static val_t match_get_string(val_t self) { return ((match_t *)self)->text; }

static const dict_entry_t match_table[] = {
    METHOD_V(group, match_group, 1, ARGS_ANY),
    METHOD_V(groups, match_groups, 1, 2),
    METHOD_1(groupdict, match_groupdict),
    METHOD_V(start, match_start, 1, 2),
    METHOD_V(end, match_end, 1, 2),
    METHOD_V(span, match_span, 1, 2),
    PROPERTY(string, match_get_string, NULL),
};
static const dict_t match_attrs = ROM_DICT(match_table);
static const type_t type_match = {TYPE_HEAD, .name = Q(match), .attrs = &match_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 4, .index = match_index};

/* ---- patterns ---- */

static val_t or_none(val_t v) { return v ? v : V_NONE; }
static regex_t *regex_of(val_t v) { return (regex_t *)v; }

static val_t regex_match(unsigned n, const val_t *args) { return or_none(find(regex_of(args[0]), args[1], 0, MATCH)); }
static val_t regex_search(unsigned n, const val_t *args) { return or_none(find(regex_of(args[0]), args[1], 0, SEARCH)); }
static val_t regex_fullmatch(unsigned n, const val_t *args) { return or_none(find(regex_of(args[0]), args[1], 0, FULL)); }

/* The next match behind m; an empty one may not stand where m ended. */
static val_t find_after(const regex_t *re, val_t text, val_t m) {
    if (!m)
        return find(re, text, 0, SEARCH);
    intptr_t from = bound((match_t *)m, 0, 0), end = bound((match_t *)m, 0, 1);
    buffer_t b;
    op_buffer(text, &b, false);
    if (from == end && end < (intptr_t)b.size) {
        /* nothing was matched: a longer match may begin here only one further on */
        end++;
        while (end < (intptr_t)b.size && is_str(re->pattern) && (((char *)b.data)[end] & 0xc0) == 0x80)
            end++;
    } else if (from == end) {
        return V_UNDEF;
    }
    return find(re, text, end, SEARCH);
}

static val_t regex_split(unsigned n, const val_t *args) {
    const regex_t *re = regex_of(args[0]);
    intptr_t max = n > 2 ? int_arg(args[2]) : 0, at = 0;
    val_t l = list_new(0, NULL), m = V_UNDEF;
    for (intptr_t i = 0; (!max || i < max) && (m = find_after(re, args[1], m)); i++) {
        list_append(list_of(l), piece(args[1], at, bound((match_t *)m, 0, 0)));
        for (size_t g = 1; g < re->groups; g++)
            list_append(list_of(l), group_value((match_t *)m, g, V_NONE));
        at = bound((match_t *)m, 0, 1);
    }
    buffer_t b;
    op_buffer(args[1], &b, false);
    list_append(list_of(l), piece(args[1], at, (intptr_t)b.size));
    return l;
}

static val_t regex_findall(unsigned n, const val_t *args) {
    const regex_t *re = regex_of(args[0]);
    val_t l = list_new(0, NULL), m = V_UNDEF, empty = piece(args[1], 0, 0);
    while ((m = find_after(re, args[1], m))) {
        const val_t with_default[] = {m, empty};
        list_append(list_of(l), re->groups == 1 ? group_value((match_t *)m, 0, empty)
                                : re->groups == 2 ? group_value((match_t *)m, 1, empty) : match_groups(2, with_default));
    }
    return l;
}

static val_t regex_finditer(unsigned n, const val_t *args) {
    val_t l = list_new(0, NULL), m = V_UNDEF;
    while ((m = find_after(regex_of(args[0]), args[1], m)))
        list_append(list_of(l), m);
    return op_iter(l);
}

/* \1, \g<1>, \g<name> in the replacement */
static void add_template(builder_t *b, const match_t *m, val_t template) {
    chars_t t = chars_arg(template, native_of(m->text, &type_str) ? VQ(empty) : m->text);
    const char *p = t.p, *end = t.p + t.n;
    while (p < end) {
        if (*p != '\\' || p + 1 == end) {
            builder_char(b, *p++);
            continue;
        }
        p++;
        val_t which = V_UNDEF;
        if (*p >= '0' && *p <= '9') {
            which = V_INT(*p++ - '0');
        } else if (*p == 'g' && end - p > 2 && p[1] == '<') {
            const char *name = p + 2, *close = memchr(name, '>', (size_t)(end - name));
            if (!close)
                raise_value("missing >");
            if (!int_parse(name, (size_t)(close - name), 10, &which))
                which = V_OBJ(str_intern(name, (size_t)(close - name)));
            p = close + 1;
        } else {
            static const char from[] = "nrt\\", to[] = "\n\r\t\\";
            const char *e = *p ? strchr(from, *p) : NULL;
            if (!e)
                builder_char(b, '\\');
            builder_char(b, e ? to[e - from] : *p);
            p++;
            continue;
        }
        val_t v = group_value(m, group_arg(m, 1, &which, 0), V_NONE);
        if (v != V_NONE)
            builder_add(b, str_of(v)->data, str_of(v)->len);
    }
}

static val_t regex_sub(unsigned n, const val_t *args) {
    intptr_t max = n > 3 ? int_arg(args[3]) : 0, at = 0;
    val_t text = args[2], m = V_UNDEF;
    buffer_t b;
    builder_t out;
    builder_init(&out, 32);
    for (intptr_t i = 0; (!max || i < max) && (m = find_after(regex_of(args[0]), text, m)); i++) {
        op_buffer(text, &b, false);
        builder_add(&out, (char *)b.data + at, (size_t)(bound((match_t *)m, 0, 0) - at));
        if (op_callable(args[1])) {
            chars_t c = chars_arg(call_1(args[1], m), native_of(text, &type_str) ? VQ(empty) : text);
            builder_add(&out, c.p, c.n);
        } else {
            add_template(&out, (match_t *)m, args[1]);
        }
        at = bound((match_t *)m, 0, 1);
    }
    op_buffer(text, &b, false);
    builder_add(&out, (char *)b.data + at, b.size - (size_t)at);
    return native_of(text, &type_str) ? builder_str(&out) : builder_bytes(&out);
}

static void regex_print(out_t *out, val_t self, print_t how) { out_printf(out, "re.compile(%v)", regex_of(self)->pattern); }
static val_t regex_get_pattern(val_t self) { return regex_of(self)->pattern; }
static val_t regex_get_groups(val_t self) { return V_INT(regex_of(self)->groups - 1); }

static const dict_entry_t regex_table[] = {
    METHOD_V(match, regex_match, 2, 2),
    METHOD_V(search, regex_search, 2, 2),
    METHOD_V(fullmatch, regex_fullmatch, 2, 2),
    METHOD_V(split, regex_split, 2, 3),
    METHOD_V(findall, regex_findall, 2, 2),
    METHOD_V(finditer, regex_finditer, 2, 2),
    METHOD_V(sub, regex_sub, 3, 4),
    PROPERTY(pattern, regex_get_pattern, NULL),
    PROPERTY(groups, regex_get_groups, NULL),
};
static const dict_t regex_attrs = ROM_DICT(regex_table);
static const type_t type_regex = {TYPE_HEAD, .name = Q(regex), .attrs = &regex_attrs, .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 5, .print = regex_print};

/* ---- the module: the same with a pattern as first argument, flags as last ---- */

static val_t re_compile(unsigned n, const val_t *args) { return regex_new(args[0], n > 1 ? (unsigned)int_arg(args[1]) : 0); }

#define RE_FN(name, fixed, most)                                                                                       \
    static val_t re_##name(unsigned n, unsigned nkw, const val_t *args) {                                              \
        val_t a[5], flags = args_keyword(nkw, args + n, Q(flags));                                                     \
        if (n > most)                                                                                                  \
            flags = args[--n];                                                                                         \
        memcpy(a, args, n * sizeof *a);                                                                                \
        a[0] = regex_new(args[0], flags ? (unsigned)int_arg(flags) : 0);                                               \
        return regex_##name(n, a);                                                                                     \
    }
RE_FN(match, 2, 2)
RE_FN(search, 2, 2)
RE_FN(fullmatch, 2, 2)
RE_FN(split, 2, 3)
RE_FN(findall, 2, 2)
RE_FN(finditer, 2, 2)
RE_FN(sub, 3, 4)

static const dict_entry_t re_table[] = {
    {VQ(__name__), VQ(re)},
    FUNC_V(compile, re_compile, 1, 2),
    FUNC_K(match, re_match, 2, 3),
    FUNC_K(search, re_search, 2, 3),
    FUNC_K(fullmatch, re_fullmatch, 2, 3),
    FUNC_K(split, re_split, 2, 4),
    FUNC_K(findall, re_findall, 2, 3),
    FUNC_K(finditer, re_finditer, 2, 3),
    FUNC_K(sub, re_sub, 3, 5),
    {VQ(IGNORECASE), V_INT(IGNORECASE)},
    {VQ(I), V_INT(IGNORECASE)},
    {VQ(MULTILINE), V_INT(MULTILINE)},
    {VQ(M), V_INT(MULTILINE)},
    {VQ(DOTALL), V_INT(DOTALL)},
    {VQ(S), V_INT(DOTALL)},
};
MODULE(re, re_table);
