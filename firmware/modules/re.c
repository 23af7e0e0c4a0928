/* SPDX-License-Identifier: MIT
 * re.c: the module re. A pattern is compiled to a short program, which a backtracking matcher runs with its stack in the
 * heap, so that long texts need no C stack. Supported: . ^ $ \b \B \d \w \s and their opposites, classes [a-z] [^...],
 * groups, (?:...), |, * + ? {m,n} and the lazy ones, \1 to \9. Text is matched by bytes; a character outside of ASCII
 * counts as one for '.' and negated classes.
 */
#include "args.h"
#include "core/text.h"
#include "heap.h"
#include "module.h"
#include "vm.h"

/* ---- programs: 16-bit words, an instruction and its operands ---- */

enum {
    I_CHAR,   /* c */
    I_ANY,    /* not a line feed */
    I_ALL,    /* DOTALL */
    I_CLASS,  /* n, 16 words of bits (ASCII); n & 1: negated */
    I_SPLIT,  /* to, other: try first `to`, then `other`; absolute */
    I_JUMP,   /* to */
    I_SAVE,   /* slot */
    I_START, I_END, I_WORD, I_NOT_WORD,
    I_BACK,   /* group */
    I_EMPTY_CHECK, /* slot: leave the loop if nothing was matched since that slot was saved */
    I_MATCH
};
enum { CLASS_WORDS = 8, SLOTS_MAX = 100, IGNORECASE = 2, MULTILINE = 8, DOTALL = 16 };

typedef struct regex {
    const type_t *type;
    val_t pattern;
    raw_t *code;
    uint16_t n;      /* words of code */
    uint16_t groups; /* with group 0 */
    uint16_t slots;  /* positions that are saved: 2 for each group, then loops' */
    uint16_t flags;
    val_t names;     /* dict: name -> number */
} regex_t;

typedef struct compiler {
    regex_t *re;
    const char *p, *end;
    unsigned loops;
} compiler_t;

static const type_t type_regex, type_match;

static uint16_t *code_of(const regex_t *re) { return (uint16_t *)re->code->data; }

static _Noreturn void bad(const char *why) { raise_format(&type_ValueError, "error in regex: %s", why); }

static unsigned emit(compiler_t *c, unsigned w) {
    regex_t *re = c->re;
    if ((re->n + 1u) * 2 > re->code->size) {
        raw_t *raw = heap_alloc(&type_raw, sizeof *raw + re->code->size * 2);
        raw->size = re->code->size * 2;
        memcpy(raw->data, re->code->data, re->n * 2u);
        re->code = raw;
    }
    if (re->n > 30000)
        bad("too long");
    code_of(re)[re->n] = (uint16_t)w;
    return re->n++;
}

/* Make room for n words at `at`; jumps behind it are moved. */
static void insert(compiler_t *c, unsigned at, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        emit(c, 0);
    uint16_t *w = code_of(c->re);
    memmove(w + at + n, w + at, (c->re->n - n - at) * 2u);
    for (unsigned i = at + n; i < c->re->n;) {
        unsigned op = w[i];
        unsigned jumps = op == I_SPLIT ? 2 : op == I_JUMP ? 1 : 0;
        for (unsigned k = 1; k <= jumps; k++)
            if (w[i + k] >= at)
                w[i + k] = (uint16_t)(w[i + k] + n);
        i += op == I_CLASS ? 2 + CLASS_WORDS : op == I_SPLIT ? 3 : op == I_CHAR || op == I_JUMP || op == I_SAVE || op == I_BACK || op == I_EMPTY_CHECK ? 2 : 1;
    }
}

/* ---- classes ---- */

static void add_range(uint16_t *bits, unsigned from, unsigned to) {
    for (; from <= to && from < 128; from++)
        bits[from / 16] |= (uint16_t)(1u << from % 16);
}

static void add_named(uint16_t *bits, char name) {
    uint16_t set[CLASS_WORDS] = {0};
    switch (name | 32) {
    case 'd': add_range(set, '0', '9'); break;
    case 's':
        add_range(set, '\t', '\r');
        add_range(set, ' ', ' ');
        break;
    default:
        add_range(set, '0', '9');
        add_range(set, 'a', 'z');
        add_range(set, 'A', 'Z');
        add_range(set, '_', '_');
    }
    for (int i = 0; i < CLASS_WORDS; i++)
        bits[i] |= name & 32 ? set[i] : (uint16_t)~set[i];
}

static bool is_named(char c) { return c && strchr("dDwWsS", c); }

static unsigned escaped(compiler_t *c) { /* behind the backslash */
    static const char from[] = "nrtfv0a", to[] = "\n\r\t\f\v\0\a";
    if (c->p == c->end)
        bad("backslash at the end");
    char x = *c->p++;
    if (x == 'x' && c->end - c->p >= 2) {
        val_t v;
        if (!int_parse(c->p, 2, 16, &v))
            bad("bad escape");
        c->p += 2;
        return (unsigned)int_of(v);
    }
    const char *e = x ? strchr(from, x) : NULL;
    return (unsigned char)(e ? to[e - from] : x);
}

static void fold(uint16_t *bits) { /* both cases of each letter */
    for (unsigned i = 'a'; i <= 'z'; i++)
        if ((bits[i / 16] >> i % 16 | bits[(i - 32) / 16] >> (i - 32) % 16) & 1) {
            add_range(bits, i, i);
            add_range(bits, i - 32, i - 32);
        }
}

static void emit_class(compiler_t *c, const uint16_t *bits, bool negated, bool wide) {
    emit(c, I_CLASS);
    emit(c, negated | (unsigned)wide << 1); /* wide: also what is not ASCII */
    for (int i = 0; i < CLASS_WORDS; i++)
        emit(c, negated ? (uint16_t)~bits[i] : bits[i]);
}

static void compile_class(compiler_t *c) { /* behind the '[' */
    uint16_t bits[CLASS_WORDS] = {0};
    bool negated = c->p < c->end && *c->p == '^', wide = false;
    c->p += negated;
    for (bool first = true; first || (c->p < c->end && *c->p != ']'); first = false) {
        if (c->p == c->end)
            bad("missing ]");
        unsigned from = (unsigned char)*c->p++;
        if (from == '\\' && c->p < c->end && is_named(*c->p)) {
            wide |= !(*c->p & 32);
            add_named(bits, *c->p++);
            continue;
        }
        if (from == '\\')
            from = c->p < c->end && *c->p == 'b' ? (c->p++, '\b') : escaped(c);
        unsigned to = from;
        if (c->end - c->p > 1 && c->p[0] == '-' && c->p[1] != ']') {
            c->p++;
            to = (unsigned char)*c->p++;
            if (to == '\\')
                to = escaped(c);
            if (to < from)
                bad("bad range");
        }
        wide |= from >= 128 || to >= 128;
        add_range(bits, from, to);
    }
    if (c->p == c->end)
        bad("missing ]");
    c->p++;
    if (c->re->flags & IGNORECASE)
        fold(bits);
    emit_class(c, bits, negated, wide != negated);
}

/* ---- compiling ---- */

static void compile_either(compiler_t *c);

static void compile_group(compiler_t *c) { /* behind the '(' */
    unsigned group = 0;
    vm_check_stack();
    if (c->end - c->p > 1 && c->p[0] == '?') {
        c->p++;
        if (*c->p == ':') {
            c->p++;
        } else if (c->end - c->p > 2 && c->p[0] == 'P' && c->p[1] == '<') {
            const char *name = c->p += 2;
            while (c->p < c->end && *c->p != '>')
                c->p++;
            if (c->p == c->end)
                bad("missing >");
            dict_set(dict_of(c->re->names), V_OBJ(str_intern(name, (size_t)(c->p - name))), V_INT(c->re->groups));
            c->p++;
            group = c->re->groups++;
        } else {
            bad("unknown extension");
        }
    } else {
        group = c->re->groups++;
    }
    if (group * 2 + 2 > SLOTS_MAX)
        bad("too many groups");
    if (group) {
        emit(c, I_SAVE);
        emit(c, group * 2);
    }
    compile_either(c);
    if (c->p == c->end || *c->p++ != ')')
        bad("missing )");
    if (group) {
        emit(c, I_SAVE);
        emit(c, group * 2 + 1);
    }
}

static void emit_char(compiler_t *c, unsigned x) {
    bool letter = (x | 32) >= 'a' && (x | 32) <= 'z';
    if (letter && c->re->flags & IGNORECASE) {
        uint16_t bits[CLASS_WORDS] = {0};
        add_range(bits, x, x);
        fold(bits);
        emit_class(c, bits, false, false);
        return;
    }
    emit(c, I_CHAR);
    emit(c, x);
}

static void compile_atom(compiler_t *c) {
    char x = *c->p++;
    uint16_t bits[CLASS_WORDS] = {0};
    switch (x) {
    case '.': emit(c, c->re->flags & DOTALL ? I_ALL : I_ANY); return;
    case '^': emit(c, I_START); return;
    case '$': emit(c, I_END); return;
    case '[': compile_class(c); return;
    case '(': compile_group(c); return;
    case '*':
    case '+':
    case '?': bad("nothing to repeat");
    case '\\': break;
    default:
        emit_char(c, (unsigned char)x);
        while (x & 0x80 && c->p < c->end && (*c->p & 0xc0) == 0x80)
            emit_char(c, (unsigned char)*c->p++);
        return;
    }
    x = c->p < c->end ? *c->p : 0;
    if (is_named(x)) {
        add_named(bits, x);
        emit_class(c, bits, false, !(x & 32));
        c->p++;
    } else if (x == 'b' || x == 'B') {
        emit(c, x == 'b' ? I_WORD : I_NOT_WORD);
        c->p++;
    } else if (x == 'A' || x == 'Z') {
        emit(c, x == 'A' ? I_START : I_END);
        c->p++;
    } else if (x >= '1' && x <= '9') {
        emit(c, I_BACK);
        emit(c, (unsigned)(x - '0'));
        c->p++;
    } else {
        emit_char(c, escaped(c));
    }
}

static bool read_count(compiler_t *c, unsigned *min, unsigned *max) { /* {m}, {m,}, {,n}, {m,n} */
    const char *p = c->p + 1;
    unsigned n[2] = {0, UINT16_MAX};
    bool any = false, comma = false;
    for (; p < c->end && *p != '}'; p++) {
        if (*p == ',' && !comma) {
            comma = true;
        } else if (*p >= '0' && *p <= '9') {
            unsigned *which = &n[comma];
            *which = (any && *which != UINT16_MAX ? *which : 0) * 10 + (unsigned)(*p - '0');
            any = true;
            if (*which > 1000)
                bad("repeat count too large");
        } else {
            return false;
        }
    }
    if (p == c->end || (!any && !comma))
        return false;
    c->p = p + 1;
    *min = n[0];
    *max = comma ? n[1] : n[0];
    return true;
}

static void set_split(compiler_t *c, unsigned at, unsigned first, unsigned second, bool lazy) {
    uint16_t *w = code_of(c->re);
    w[at] = I_SPLIT;
    w[at + 1] = (uint16_t)(lazy ? second : first);
    w[at + 2] = (uint16_t)(lazy ? first : second);
}

/* What begins at `at` any number of times. A turn that matches nothing ends the loop. */
static void make_star(compiler_t *c, unsigned at, bool lazy) {
    const uint16_t *w = code_of(c->re);
    unsigned op = w[at], len = c->re->n - at;
    if ((op == I_CLASS && len == 2 + CLASS_WORDS) || (op == I_CHAR && len == 2) || ((op == I_ANY || op == I_ALL) && len == 1)) {
        insert(c, at, 3); /* always matches something: no check needed, and less to go back to */
        emit(c, I_JUMP);
        emit(c, at);
        set_split(c, at, at + 3, c->re->n, lazy);
        return;
    }
    unsigned slot = SLOTS_MAX + c->loops++;
    insert(c, at, 5); /* split, save */
    code_of(c->re)[at + 3] = I_SAVE;
    code_of(c->re)[at + 4] = (uint16_t)slot;
    emit(c, I_EMPTY_CHECK);
    emit(c, slot);
    emit(c, I_JUMP);
    emit(c, at);
    set_split(c, at, at + 3, c->re->n, lazy);
}

static void make_optional(compiler_t *c, unsigned at, bool lazy) {
    insert(c, at, 3);
    set_split(c, at, at + 3, c->re->n, lazy);
}

/* Repeats are made by compiling the same text again. */
static void compile_repeat(compiler_t *c) {
    const char *from = c->p;
    unsigned at = c->re->n, groups = c->re->groups, min = 1, max = 1;
    compile_atom(c);
    unsigned groups_after = c->re->groups;
    const char *atom_end = c->p;
    if (c->p == c->end)
        return;
    if (*c->p == '*' || *c->p == '+' || *c->p == '?') {
        min = *c->p == '+';
        max = *c->p == '?' ? 1 : UINT16_MAX;
        c->p++;
    } else if (*c->p != '{' || !read_count(c, &min, &max)) {
        return;
    }
    if (max < min)
        bad("bad repeat interval");
    bool lazy = c->p < c->end && *c->p == '?';
    c->p += lazy;
    const char *behind = c->p, *end = c->end;
    c->re->n = (uint16_t)at;
    unsigned copies = max == UINT16_MAX ? (min ? min : 1) : max;
    for (unsigned i = 0; i < copies; i++) {
        unsigned here = c->re->n;
        c->p = from;
        c->end = atom_end;
        c->re->groups = (uint16_t)groups;
        compile_atom(c);
        if (max == UINT16_MAX && i + 1 == copies) {
            if (min == 0) {
                make_star(c, here, lazy);
            } else { /* one, then any number */
                unsigned star = c->re->n;
                c->p = from;
                c->re->groups = (uint16_t)groups;
                compile_atom(c);
                make_star(c, star, lazy);
            }
        } else if (i >= min) {
            make_optional(c, here, lazy); /* each is optional of its own; all the same text, so the order is right */
        }
    }
    c->re->groups = (uint16_t)groups_after;
    c->p = behind;
    c->end = end;
}

static void compile_either(compiler_t *c) {
    unsigned at = c->re->n;
    for (;;) {
        while (c->p < c->end && *c->p != '|' && *c->p != ')')
            compile_repeat(c);
        if (c->p == c->end || *c->p != '|')
            return;
        c->p++;
        insert(c, at, 3);
        emit(c, I_JUMP);
        unsigned jump = emit(c, 0);
        set_split(c, at, at + 3, c->re->n, false);
        compile_either(c); /* the rest is the other alternative */
        code_of(c->re)[jump] = c->re->n;
        return;
    }
}

static val_t regex_new(val_t pattern, unsigned flags) {
    if (is_exact(pattern, &type_regex))
        return pattern;
    regex_t *re = HEAP_NEW(&type_regex, regex_t);
    buffer_t b;
    op_buffer(pattern, &b, false);
    re->pattern = pattern;
    re->names = dict_new(0);
    re->code = heap_alloc(&type_raw, sizeof(raw_t) + 32);
    re->code->size = 32;
    re->groups = 1;
    re->flags = (uint16_t)flags;
    compiler_t c = {re, b.data, (char *)b.data + b.size, 0};
    compile_either(&c);
    if (c.p < c.end)
        bad("unbalanced )");
    emit(&c, I_MATCH);
    re->slots = (uint16_t)(SLOTS_MAX + c.loops);
    return V_OBJ(re);
}

/* ---- matching ---- */

/* The stack of what to go back to: pairs of words: (pc, position) to try, or (~slot, old value) to restore. */
typedef struct matcher {
    const regex_t *re;
    const char *text;
    intptr_t len;
    intptr_t *slots; /* -1: not set */
    raw_t *stack;
    size_t top;
} matcher_t;

static void push(matcher_t *m, intptr_t a, intptr_t b) {
    if ((m->top + 2) * sizeof(int32_t) > m->stack->size) {
        raw_t *raw = heap_alloc(&type_raw, sizeof *raw + m->stack->size * 2);
        raw->size = m->stack->size * 2;
        memcpy(raw->data, m->stack->data, m->top * sizeof(int32_t));
        heap_free(m->stack);
        m->stack = raw;
    }
    int32_t *s = (int32_t *)m->stack->data;
    s[m->top++] = (int32_t)a;
    s[m->top++] = (int32_t)b;
}

static bool is_word(const matcher_t *m, intptr_t at) {
    if (at < 0 || at >= m->len)
        return false;
    char c = m->text[at];
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c & 0x80;
}

static intptr_t char_size(const matcher_t *m, intptr_t at) {
    intptr_t n = 1;
    if ((m->text[at] & 0xc0) == 0xc0 && is_str(m->re->pattern))
        while (at + n < m->len && (m->text[at + n] & 0xc0) == 0x80)
            n++;
    return n;
}

/* One instruction that looks at the text: the new position, or -1. */
static intptr_t step(const matcher_t *m, const uint16_t *w, intptr_t at) {
    bool more = at < m->len;
    unsigned c = more ? (unsigned char)m->text[at] : 0;
    bool lines = m->re->flags & MULTILINE, hit;
    switch (*w) {
    case I_CHAR: return more && c == w[1] ? at + 1 : -1;
    case I_ANY: return more && c != '\n' ? at + char_size(m, at) : -1;
    case I_ALL: return more ? at + char_size(m, at) : -1;
    case I_CLASS:
        hit = more && (c < 128 ? w[2 + c / 16] >> c % 16 & 1 : w[1] >> 1 & 1);
        return hit ? at + char_size(m, at) : -1;
    case I_START: return at == 0 || (lines && m->text[at - 1] == '\n') ? at : -1;
    case I_END:
        return !more || (at + 1 == m->len && c == '\n') || (lines && c == '\n') ? at : -1;
    case I_WORD: return is_word(m, at) != is_word(m, at - 1) ? at : -1;
    case I_NOT_WORD: return is_word(m, at) == is_word(m, at - 1) ? at : -1;
    default: { /* I_BACK */
        intptr_t from = m->slots[w[1] * 2], to = m->slots[w[1] * 2 + 1];
        if (from < 0 || to < 0 || to - from > m->len - at || memcmp(m->text + at, m->text + from, (size_t)(to - from)))
            return -1;
        return at + to - from;
    }
    }
}

static const uint8_t op_words[] = {2, 1, 1, 2 + CLASS_WORDS, 3, 2, 2, 1, 1, 1, 1, 2, 2, 1};

static bool run(matcher_t *m, intptr_t at, bool whole) {
    const uint16_t *code = code_of(m->re);
    unsigned pc = 0, turns = 0;
    m->top = 0;
    for (unsigned i = 0; i < m->re->slots; i++)
        m->slots[i] = -1;
    m->slots[0] = at;
    for (;;) {
        const uint16_t *w = code + pc;
        bool fail = false;
        if ((++turns & 1023) == 0)
            vm_poll();
        switch (*w) {
        case I_MATCH:
            fail = whole && at != m->len;
            if (!fail) {
                m->slots[1] = at;
                return true;
            }
            break;
        case I_SPLIT:
            push(m, w[2], at);
            pc = w[1];
            break;
        case I_JUMP: pc = w[1]; break;
        case I_SAVE:
            push(m, ~(intptr_t)w[1], m->slots[w[1]]);
            m->slots[w[1]] = at;
            pc += 2;
            break;
        case I_EMPTY_CHECK:
            pc += m->slots[w[1]] == at ? 4 : 2; /* past the jump back */
            break;
        default: {
            intptr_t to = step(m, w, at);
            fail = to < 0;
            at = fail ? at : to;
            pc += op_words[*w];
        }
        }
        while (fail) {
            const int32_t *s = (int32_t *)m->stack->data;
            if (!m->top)
                return false;
            m->top -= 2;
            int32_t a = s[m->top], b = s[m->top + 1];
            if (a < 0) {
                m->slots[~a] = b;
            } else {
                pc = (unsigned)a;
                at = b;
                fail = false;
            }
        }
    }
}

typedef struct match {
    const type_t *type;
    val_t text, re;
    raw_t *slots; /* intptr_t pairs */
} match_t;

typedef enum { MATCH, SEARCH, FULL } how_t;

/* From `at` on; the new match or V_UNDEF. */
static val_t find(const regex_t *re, val_t text, intptr_t at, how_t how) {
    matcher_t m = {.re = re};
    buffer_t b;
    if (is_str(re->pattern) != (native_of(text, &type_str) != V_UNDEF))
        raise_type("can't mix str and bytes patterns");
    op_buffer(text, &b, false);
    m.text = b.data;
    m.len = (intptr_t)b.size;
    raw_t *slots = heap_alloc(&type_raw, sizeof *slots + re->slots * sizeof(intptr_t));
    slots->size = re->slots * sizeof(intptr_t);
    m.slots = (intptr_t *)slots->data;
    m.stack = heap_alloc(&type_raw, sizeof(raw_t) + 32 * sizeof(int32_t));
    m.stack->size = 32 * sizeof(int32_t);
    bool ok = false;
    for (; at <= m.len && !(ok = run(&m, at, how == FULL)) && how == SEARCH;)
        at += at < m.len ? char_size(&m, at) : 1;
    heap_free(m.stack);
    if (!ok) {
        heap_free(slots);
        return V_UNDEF;
    }
    size_t keep = re->groups * 2u * sizeof(intptr_t);
    heap_resize(slots, sizeof *slots + keep);
    slots->size = keep;
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
