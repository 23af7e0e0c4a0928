/* SPDX-License-Identifier: MIT
 * re_match.c: the matcher of the module re: runs a program (re.h) over a text and goes back where it does not fit.
 */
#include "re.h"
#include "vm.h"

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

static const uint8_t op_words[] = {
#define OP(name, words) words,
    RE_OPS(OP)
#undef OP
};

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

raw_t *re_find(const regex_t *re, val_t text, intptr_t at, how_t how) {
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
        return NULL;
    }
    size_t keep = re->groups * 2u * sizeof(intptr_t);
    heap_resize(slots, sizeof *slots + keep);
    slots->size = keep;
    return slots;
}
