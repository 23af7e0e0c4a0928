/* SPDX-License-Identifier: MIT
 * str_methods.c: the type str, and the methods that bytes and bytearray share with it. Letters are those of
 * ASCII; other characters are passed through unchanged.
 */
#include "args.h"
#include "heap.h"
#include "text.h"

/* ---- indices: characters in str, bytes elsewhere ---- */

static size_t length_of(val_t v) { return is_str(v) ? str_length(str_of(v)) : chars_of(v).n; }

static size_t char_index(val_t v, size_t offset) { /* of a byte offset */
    if (!is_str(v) || str_of(v)->flags & STR_ASCII)
        return offset;
    return utf8_count(str_of(v)->data, offset);
}

/* The part args[2] .. args[3] of self, for find() and its like; false if it begins behind the end. */
static bool part_of(unsigned n, const val_t *args, chars_t *part, size_t *offset) {
    chars_t c = chars_of(args[0]);
    size_t len = length_of(args[0]);
    slice_t s = {&type_slice, n > 2 ? args[2] : V_NONE, n > 3 ? args[3] : V_NONE, V_NONE};
    span_t span;
    slice_resolve(&s, len, &span);
    size_t from = (size_t)span.start, to = (size_t)span.stop;
    bool inside = n <= 2 || args[2] == V_NONE || int_sign(args[2]) < 0 || (is_int(args[2]) && (size_t)int_of(args[2]) <= len);
    if (from > to)
        inside = false;
    if (is_str(args[0]) && inside) {
        from = str_offset(str_of(args[0]), from);
        to = str_offset(str_of(args[0]), to);
    }
    *offset = from;
    part->p = c.p + from;
    part->n = inside ? to - from : 0;
    return inside;
}

/* ---- slots ---- */

static val_t str_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(object), ARG_OBJ, {.v = VQ(empty)}},
        {Q(encoding), ARG_OBJ, {.v = V_UNDEF}},
        {Q(errors), ARG_OBJ, {.v = V_UNDEF}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (!a[1].v)
        return op_str(a[0].v);
    return call_method(call_1(V_OBJ(&type_bytes), a[0].v), Q(decode), 1, &a[1].v);
}

static val_t str_unary(unary_t op, val_t self) {
    if (op == UN_LEN)
        return V_INT(str_length(str_of(self)));
    if (op == UN_BOOL)
        return V_BOOL(str_of(self)->len);
    return op == UN_HASH ? V_INT(str_hash(str_of(self))) : V_UNDEF;
}

static val_t str_binary(op_t op, val_t a, val_t b) {
    op &= OP_MASK;
    if (op == OP_MOD && native_of(a, &type_str))
        return str_percent(native_of(a, &type_str), b);
    if (op == OP_MUL) {
        val_t s = native_of(a, &type_str), times = s ? b : a;
        return is_integer(times) ? text_repeat(s ? s : native_of(b, &type_str), times) : V_UNDEF;
    }
    if (op == OP_CONTAINS)
        return V_BOOL(chars_find(chars_of(a), chars_arg(b, a), false) != SIZE_MAX);
    val_t x = native_of(a, &type_str), y = native_of(b, &type_str);
    if (!x || !y)
        return V_UNDEF;
    if (op == OP_ADD)
        return str_concat(x, y);
    if (op == OP_EQ || op == OP_NE)
        return V_BOOL(str_equal(str_of(x), str_of(y)) == (op == OP_EQ));
    return op >= OP_LT && op <= OP_GE ? text_compare(op, chars_of(x), chars_of(y)) : V_UNDEF;
}

static const char *step_chars(const char *p, intptr_t by) {
    for (; by > 0; by--)
        while ((*++p & 0xc0) == 0x80)
            ;
    for (; by < 0; by++)
        while ((*--p & 0xc0) == 0x80)
            ;
    return p;
}

static size_t char_size(const char *p) {
    unsigned char c = (unsigned char)*p;
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static val_t str_slice(val_t self, const slice_t *key) {
    const str_t *s = str_of(self);
    span_t sp;
    slice_resolve(key, str_length(s), &sp);
    if (!sp.count)
        return VQ(empty);
    const char *p = s->data + str_offset(s, (size_t)sp.start);
    if (sp.step == 1) {
        size_t n = s->flags & STR_ASCII ? sp.count : (size_t)(step_chars(p, (intptr_t)sp.count) - p);
        return n == s->len ? self : str_new(p, n);
    }
    builder_t b;
    builder_init(&b, sp.count);
    for (size_t i = 0; i < sp.count; i++) {
        if (i)
            p = step_chars(p, sp.step);
        builder_add(&b, p, char_size(p));
    }
    return builder_str(&b);
}

static val_t str_index_slot(val_t self, val_t key, val_t value) {
    if (value)
        raise_format(&type_TypeError, "'str' object doesn't support item %s",
                     value == V_NOTIMPLEMENTED ? "deletion" : "assignment");
    if (is_exact(key, &type_slice))
        return str_slice(self, (slice_t *)key);
    const str_t *s = str_of(self);
    size_t i = index_resolve(key, str_length(s), "string");
    const char *p = s->data + str_offset(s, i);
    return str_new(p, char_size(p));
}

static val_t str_next(iterator_t *it) {
    const str_t *s = str_of(it->over);
    if (it->pos >= s->len)
        return V_UNDEF;
    const char *p = s->data + it->pos;
    size_t n = char_size(p);
    it->pos += n;
    return str_new(p, n);
}
static val_t str_iter(val_t self) { return iterator_new(self, str_next); }

static bool str_buffer(val_t self, buffer_t *buf, bool writable) {
    buf->data = str_of(self)->data;
    buf->size = str_of(self)->len;
    buf->typecode = 'B';
    buf->writable = false;
    return !writable;
}

/* ---- searching ---- */

/* What is looked for: a text, or in bytes a number too, which then is put into byte. */
static chars_t needle_of(const val_t *args, char *byte) {
    if (is_str(args[0]) || !is_integer(args[1]))
        return chars_arg(args[1], args[0]);
    *byte = (char)int_arg(args[1]);
    return (chars_t){byte, 1};
}

static size_t find_in(unsigned n, const val_t *args, bool last) {
    char byte;
    chars_t hay, needle = needle_of(args, &byte);
    size_t offset;
    if (!part_of(n, args, &hay, &offset))
        return SIZE_MAX;
    size_t i = chars_find(hay, needle, last);
    return i == SIZE_MAX ? i : char_index(args[0], i + offset);
}

static val_t text_find(unsigned n, const val_t *args) { return V_INT((intptr_t)find_in(n, args, false)); }
static val_t text_rfind(unsigned n, const val_t *args) { return V_INT((intptr_t)find_in(n, args, true)); }

static val_t found(size_t i) {
    if (i == SIZE_MAX)
        raise_value("substring not found");
    return V_INT(i);
}
static val_t text_index(unsigned n, const val_t *args) { return found(find_in(n, args, false)); }
static val_t text_rindex(unsigned n, const val_t *args) { return found(find_in(n, args, true)); }

static val_t text_count(unsigned n, const val_t *args) {
    char byte;
    chars_t hay, needle = needle_of(args, &byte);
    size_t offset, count = 0, i;
    if (!part_of(n, args, &hay, &offset))
        return V_INT(0);
    if (!needle.n)
        return V_INT((is_str(args[0]) ? utf8_count(hay.p, hay.n) : hay.n) + 1);
    while ((i = chars_find(hay, needle, false)) != SIZE_MAX) {
        count++;
        hay.p += i + needle.n;
        hay.n -= i + needle.n;
    }
    return V_INT(count);
}

static bool ends(chars_t part, chars_t what, bool at_end) {
    return part.n >= what.n && memcmp(at_end ? part.p + part.n - what.n : part.p, what.p, what.n) == 0;
}

static val_t starts_or_ends(unsigned n, const val_t *args, bool at_end) {
    chars_t part;
    size_t offset;
    bool inside = part_of(n, args, &part, &offset);
    val_t t = native_of(args[1], &type_tuple);
    if (!t)
        return V_BOOL(ends(part, chars_arg(args[1], args[0]), at_end) && inside);
    for (size_t i = 0; i < tuple_of(t)->n; i++)
        if (ends(part, chars_arg(tuple_of(t)->v[i], args[0]), at_end) && inside)
            return V_TRUE;
    return V_FALSE;
}
static val_t text_startswith(unsigned n, const val_t *args) { return starts_or_ends(n, args, false); }
static val_t text_endswith(unsigned n, const val_t *args) { return starts_or_ends(n, args, true); }

/* ---- changing ---- */

/* The text in b, of the type of like. */
static val_t built(val_t like, builder_t *b) {
    if (is_str(like))
        return builder_str(b);
    val_t r = builder_bytes(b);
    return is_exact(like, &type_bytes) ? r : bytearray_new(str_of(r)->data, str_of(r)->len);
}

static val_t text_replace(unsigned n, const val_t *args) {
    val_t self = args[0];
    chars_t c = chars_of(self), from = chars_arg(args[1], self), to = chars_arg(args[2], self);
    intptr_t max = n > 3 ? int_arg(args[3]) : -1;
    builder_t b;
    if (max == 0 || (from.n && chars_find(c, from, false) == SIZE_MAX))
        return chars_new(self, c.p, c.n);
    builder_init(&b, c.n + to.n);
    size_t i;
    while (max-- != 0 && (i = chars_find(c, from, false)) != SIZE_MAX) {
        builder_add(&b, c.p, i);
        builder_add(&b, to.p, to.n);
        c.p += i + from.n;
        c.n -= i + from.n;
        if (!from.n) { /* between all characters */
            if (!c.n)
                break;
            i = is_str(self) ? char_size(c.p) : 1;
            builder_add(&b, c.p, i);
            c.p += i;
            c.n -= i;
        }
    }
    builder_add(&b, c.p, c.n);
    return built(self, &b);
}

static bool in_set(const char *p, chars_t set, size_t size) {
    for (size_t i = 0; i + size <= set.n; i++)
        if (memcmp(set.p + i, p, size) == 0)
            return true;
    return false;
}

enum { LEFT = 1, RIGHT = 2 };
static val_t strip(unsigned n, const val_t *args, int sides) {
    chars_t c = chars_of(args[0]), set = {" \t\n\v\f\r", 6};
    if (n > 1 && args[1] != V_NONE)
        set = chars_arg(args[1], args[0]);
    const char *p = c.p, *end = c.p + c.n;
    bool str = is_str(args[0]);
    while (sides & LEFT && p < end) {
        size_t size = str ? char_size(p) : 1;
        if (!in_set(p, set, size))
            break;
        p += size;
    }
    while (sides & RIGHT && p < end) {
        const char *last = str ? step_chars(end, -1) : end - 1;
        if (!in_set(last, set, (size_t)(end - last)))
            break;
        end = last;
    }
    return chars_new(args[0], p, (size_t)(end - p));
}
static val_t text_strip(unsigned n, const val_t *args) { return strip(n, args, LEFT | RIGHT); }
static val_t text_lstrip(unsigned n, const val_t *args) { return strip(n, args, LEFT); }
static val_t text_rstrip(unsigned n, const val_t *args) { return strip(n, args, RIGHT); }

static val_t text_removeprefix(val_t self, val_t what) {
    chars_t c = chars_of(self), w = chars_arg(what, self);
    size_t cut = ends(c, w, false) ? w.n : 0;
    return chars_new(self, c.p + cut, c.n - cut);
}
static val_t text_removesuffix(val_t self, val_t what) {
    chars_t c = chars_of(self), w = chars_arg(what, self);
    return chars_new(self, c.p, c.n - (ends(c, w, true) ? w.n : 0));
}

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_letter(char c) { return is_upper((char)(c & ~32)) && !(c & 0x80); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

typedef enum { UPPER, LOWER, SWAP, TITLE, CAPITAL } case_t;
static val_t convert(val_t self, case_t how) {
    chars_t c = chars_of(self);
    str_t *s = str_alloc(is_str(self) ? &type_str : &type_bytes, c.n);
    bool inside = false; /* a word */
    for (size_t i = 0; i < c.n; i++) {
        char x = c.p[i];
        if (is_letter(x)) {
            bool up = how == UPPER || (how == SWAP && is_lower(x)) || (how >= TITLE && !inside);
            x = (char)(up ? x & ~32 : x | 32);
        }
        inside = how == CAPITAL || is_letter(c.p[i]);
        s->data[i] = x;
    }
    if (is_exact(self, &type_bytearray))
        return bytearray_new(s->data, c.n);
    return c.n || !is_str(self) ? str_finish(s) : VQ(empty);
}
static val_t text_upper(val_t self) { return convert(self, UPPER); }
static val_t text_lower(val_t self) { return convert(self, LOWER); }
static val_t text_swapcase(val_t self) { return convert(self, SWAP); }
static val_t text_title(val_t self) { return convert(self, TITLE); }
static val_t text_capitalize(val_t self) { return convert(self, CAPITAL); }

/* ---- asking ---- */

static val_t all_are(val_t self, bool (*is)(char)) {
    chars_t c = chars_of(self);
    for (size_t i = 0; i < c.n; i++)
        if (!is(c.p[i]))
            return V_FALSE;
    return V_BOOL(c.n);
}
static bool is_word(char c) { return is_letter(c) || is_digit(c); }
static bool is_ascii(char c) { return !(c & 0x80); }
static bool is_printable(char c) { return c & 0x80 || (c >= 32 && c != 127); }
static val_t text_isspace(val_t self) { return all_are(self, is_space); }
static val_t text_isdigit(val_t self) { return all_are(self, is_digit); }
static val_t text_isalpha(val_t self) { return all_are(self, is_letter); }
static val_t text_isalnum(val_t self) { return all_are(self, is_word); }
static val_t none_is_not(val_t self, bool (*is)(char)) { return V_BOOL(!chars_of(self).n || all_are(self, is) == V_TRUE); }
static val_t text_isprintable(val_t self) { return none_is_not(self, is_printable); }
static val_t text_isascii(val_t self) { return none_is_not(self, is_ascii); }
static val_t has_case(val_t self, bool upper) {
    chars_t c = chars_of(self);
    bool any = false;
    for (size_t i = 0; i < c.n; i++) {
        if (upper ? is_lower(c.p[i]) : is_upper(c.p[i]))
            return V_FALSE;
        any |= is_letter(c.p[i]);
    }
    return V_BOOL(any);
}
static val_t text_isupper(val_t self) { return has_case(self, true); }
static val_t text_islower(val_t self) { return has_case(self, false); }
static val_t text_istitle(val_t self) {
    chars_t c = chars_of(self);
    bool any = false, inside = false;
    for (size_t i = 0; i < c.n; i++) {
        if (is_letter(c.p[i]) && is_upper(c.p[i]) == inside)
            return V_FALSE;
        inside = is_letter(c.p[i]);
        any |= inside;
    }
    return V_BOOL(any);
}
static val_t str_isidentifier(val_t self) {
    chars_t c = chars_of(self);
    for (size_t i = 0; i < c.n; i++)
        if (!(is_letter(c.p[i]) || c.p[i] == '_' || c.p[i] & 0x80 || (i && is_digit(c.p[i]))))
            return V_FALSE;
    return V_BOOL(c.n);
}

/* ---- padding ---- */

static val_t pad(unsigned n, const val_t *args, int where) {
    val_t self = args[0];
    chars_t c = chars_of(self), fill = {" ", 1};
    intptr_t width = int_arg(args[1]), len = (intptr_t)length_of(self);
    if (n > 2)
        fill = chars_arg(args[2], self);
    if ((is_str(self) && n > 2 ? length_of(args[2]) : fill.n) != 1)
        raise_type("the fill character must be exactly one character long");
    if (width <= len)
        return chars_new(self, c.p, c.n);
    size_t room = (size_t)(width - len);
    size_t left = where == LEFT ? 0 : where == RIGHT ? room : room / 2 + (room & (size_t)width & 1);
    builder_t b;
    builder_init(&b, c.n + room * fill.n);
    for (size_t i = 0; i <= room; i++) {
        if (i == left)
            builder_add(&b, c.p, c.n);
        if (i < room)
            builder_add(&b, fill.p, fill.n);
    }
    return built(self, &b);
}
static val_t text_ljust(unsigned n, const val_t *args) { return pad(n, args, LEFT); }
static val_t text_rjust(unsigned n, const val_t *args) { return pad(n, args, RIGHT); }
static val_t text_center(unsigned n, const val_t *args) { return pad(n, args, LEFT | RIGHT); }

static val_t text_zfill(val_t self, val_t width) {
    chars_t c = chars_of(self);
    intptr_t w = int_arg(width), len = (intptr_t)length_of(self);
    if (w <= len)
        return chars_new(self, c.p, c.n);
    size_t room = (size_t)(w - len), sign = c.n && (c.p[0] == '-' || c.p[0] == '+');
    str_t *s = str_alloc(is_str(self) ? &type_str : &type_bytes, c.n + room);
    memset(s->data, '0', sign + room);
    memcpy(s->data, c.p, sign);
    memcpy(s->data + sign + room, c.p + sign, c.n - sign);
    return is_exact(self, &type_bytearray) ? bytearray_new(s->data, s->len) : str_finish(s);
}

static val_t partition(val_t self, val_t sep, bool last) {
    chars_t c = chars_of(self), s = chars_arg(sep, self);
    if (!s.n)
        raise_value("empty separator");
    size_t i = chars_find(c, s, last);
    val_t empty = chars_new(self, "", 0), whole = chars_new(self, c.p, c.n);
    val_t parts[3] = {last ? empty : whole, empty, last ? whole : empty};
    if (i != SIZE_MAX) {
        parts[0] = chars_new(self, c.p, i);
        parts[1] = chars_new(self, s.p, s.n);
        parts[2] = chars_new(self, c.p + i + s.n, c.n - i - s.n);
    }
    return tuple_new(3, parts);
}
static val_t text_partition(val_t self, val_t sep) { return partition(self, sep, false); }
static val_t text_rpartition(val_t self, val_t sep) { return partition(self, sep, true); }

static val_t text_expandtabs(unsigned n, const val_t *args) {
    chars_t c = chars_of(args[0]);
    intptr_t size = n > 1 ? int_arg(args[1]) : 8, column = 0;
    builder_t b;
    builder_init(&b, c.n);
    for (size_t i = 0; i < c.n; i++) {
        if (c.p[i] == '\t') {
            for (intptr_t k = size > 0 ? size - column % size : 0; k > 0; k--, column++)
                builder_char(&b, ' ');
            continue;
        }
        builder_char(&b, c.p[i]);
        column = c.p[i] == '\n' || c.p[i] == '\r' ? 0 : column + (!is_str(args[0]) || (c.p[i] & 0xc0) != 0x80);
    }
    return built(args[0], &b);
}

static val_t str_encode(unsigned n, unsigned nkw, const val_t *args) {
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(encoding), ARG_OBJ, {.v = V_NONE}},
        {Q(errors), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    return bytes_new(str_of(args[0])->data, str_of(args[0])->len);
}

static const dict_entry_t str_table[] = {
    METHOD_K(format, str_format_method, 1, ARGS_ANY),
    METHOD_2(join, text_join),
    METHOD_K(split, text_split, 1, 3),
    METHOD_V(strip, text_strip, 1, 2),
    METHOD_V(find, text_find, 2, 4),
    METHOD_V(startswith, text_startswith, 2, 4),
    METHOD_V(endswith, text_endswith, 2, 4),
    METHOD_V(replace, text_replace, 3, 4),
    METHOD_K(encode, str_encode, 1, 3),
    METHOD_1(upper, text_upper),
    METHOD_1(lower, text_lower),
    METHOD_1(isdigit, text_isdigit),
    METHOD_V(index, text_index, 2, 4),
    METHOD_V(count, text_count, 2, 4),
    METHOD_V(rfind, text_rfind, 2, 4),
    METHOD_V(rindex, text_rindex, 2, 4),
    METHOD_K(rsplit, text_rsplit, 1, 3),
    METHOD_V(splitlines, text_splitlines, 1, 2),
    METHOD_V(lstrip, text_lstrip, 1, 2),
    METHOD_V(rstrip, text_rstrip, 1, 2),
    METHOD_2(partition, text_partition),
    METHOD_2(rpartition, text_rpartition),
    METHOD_V(center, text_center, 2, 3),
    METHOD_V(ljust, text_ljust, 2, 3),
    METHOD_V(rjust, text_rjust, 2, 3),
    METHOD_2(zfill, text_zfill),
    METHOD_1(title, text_title),
    METHOD_1(capitalize, text_capitalize),
    METHOD_1(swapcase, text_swapcase),
    METHOD_1(casefold, text_lower),
    METHOD_1(isspace, text_isspace),
    METHOD_1(isalpha, text_isalpha),
    METHOD_1(isalnum, text_isalnum),
    METHOD_1(isdecimal, text_isdigit),
    METHOD_1(isnumeric, text_isdigit),
    METHOD_1(isupper, text_isupper),
    METHOD_1(islower, text_islower),
    METHOD_1(istitle, text_istitle),
    METHOD_1(isascii, text_isascii),
    METHOD_1(isprintable, text_isprintable),
    METHOD_1(isidentifier, str_isidentifier),
    METHOD_2(removeprefix, text_removeprefix),
    METHOD_2(removesuffix, text_removesuffix),
    METHOD_V(expandtabs, text_expandtabs, 1, 2),
};
const dict_t str_attrs = ROM_DICT(str_table);

/* bytes and bytearray: their own methods are in their attrs, this finds the shared ones. */
val_t text_attr(val_t self, str_t *name, val_t value) {
    if (value || name == Q(encode) || name == Q(format))
        return V_UNDEF;
    val_t v = dict_get_str(&str_attrs, name);
    return v ? method_new(self, v) : V_UNDEF;
}

const type_t type_str = {TYPE_HEAD, .name = Q(str), .attrs = &str_attrs, .make = str_make,
    .print = str_print, .unary = str_unary, .binary = str_binary, .index = str_index_slot,
    .iter = str_iter, .buffer = str_buffer};
