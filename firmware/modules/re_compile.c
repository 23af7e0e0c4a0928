/* SPDX-License-Identifier: MIT
 * re_compile.c: patterns of the module re, made into programs (re.h).
 */
#include "re.h"
#include "dict.h"
#include "exc.h"
#include "vm.h"

typedef struct compiler {
    regex_t *re;
    const char *p, *end;
    unsigned loops;
} compiler_t;

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

void re_compile_pattern(regex_t *re) {
    buffer_t b;
    op_buffer(re->pattern, &b, false);
    re->names = dict_new(0);
    re->code = heap_alloc(&type_raw, sizeof(raw_t) + 32);
    re->code->size = 32;
    re->groups = 1;
    compiler_t c = {re, b.data, (char *)b.data + b.size, 0};
    compile_either(&c);
    if (c.p < c.end)
        bad("unbalanced )");
    emit(&c, I_MATCH);
    re->slots = (uint16_t)(SLOTS_MAX + c.loops);
}
