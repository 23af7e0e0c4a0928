/* SPDX-License-Identifier: MIT
 * str.c: making, comparing and interning strings; UTF-8; slots of str and bytes that the
 * interpreter needs. Methods are in str_methods.c and bytes.c.
 */
#include "str.h"
#include "heap.h"
#include "ops.h"

/* ---- UTF-8 ---- */

unsigned utf8_encode(char *to, uint32_t c) {
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (unsigned i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf00u >> n & 0xff) | c);
    return n;
}

uint32_t utf8_decode(const char **p, const char *end) {
    const unsigned char *s = (const unsigned char *)*p;
    uint32_t c = *s++;
    if (c >= 0xc0) {
        unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        c &= 0x3fu >> more;
        while (more-- && s < (const unsigned char *)end && (*s & 0xc0) == 0x80)
            c = c << 6 | (*s++ & 0x3f);
    }
    *p = (const char *)s;
    return c;
}

size_t utf8_count(const char *p, size_t n) {
    size_t count = 0;
    while (n--)
        count += (*p++ & 0xc0) != 0x80;
    return count;
}

static bool is_ascii(const char *s, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (s[i] & 0x80)
            return false;
    return true;
}

size_t str_length(const str_t *s) {
    return s->flags & STR_ASCII ? s->len : utf8_count(s->data, s->len);
}

size_t str_offset(const str_t *s, size_t index) {
    if (s->flags & STR_ASCII)
        return index;
    size_t i = 0;
    while (index--) {
        i++;
        while (i < s->len && (s->data[i] & 0xc0) == 0x80)
            i++;
    }
    return i;
}

/* ---- making ---- */

str_t *str_alloc(const type_t *type, size_t len) {
    if (len >= UINT32_MAX - 64)
        raise_memory();
    str_t *s = heap_alloc_raw(type, offsetof(str_t, data) + len + 1);
    s->len = (uint32_t)len;
    s->hash = 0;
    s->flags = 0;
    s->data[len] = 0;
    return s;
}

val_t str_finish(str_t *s) {
    if (s->type == &type_str && is_ascii(s->data, s->len))
        s->flags = STR_ASCII;
    return V_OBJ(s);
}

val_t str_new(const char *text, size_t len) {
    if (len == 0)
        return VQ(empty);
    str_t *s = str_alloc(&type_str, len);
    memcpy(s->data, text, len);
    return str_finish(s);
}
QNAME(empty, "")

val_t str_from(const char *text) { return str_new(text, strlen(text)); }

val_t bytes_new(const void *data, size_t len) {
    str_t *s = str_alloc(&type_bytes, len);
    if (len)
        memcpy(s->data, data, len);
    return V_OBJ(s);
}

val_t str_concat(val_t a, val_t b) {
    const str_t *x = str_of(a), *y = str_of(b);
    if (!x->len && x->type == y->type)
        return b;
    if (!y->len)
        return a;
    str_t *s = str_alloc(x->type, (size_t)x->len + y->len);
    memcpy(s->data, x->data, x->len);
    memcpy(s->data + x->len, y->data, y->len);
    s->flags = x->flags & y->flags & STR_ASCII;
    return V_OBJ(s);
}

const char *str_arg(val_t v, size_t *len) {
    val_t s = native_of(v, &type_str);
    if (!s)
        raise_format(&type_TypeError, "expected str, not %T", v);
    if (len)
        *len = str_of(s)->len;
    return str_of(s)->data;
}

/* ---- hashing, equality, interning ---- */

unsigned str_hash_bytes(const char *text, size_t len) {
    uint32_t h = 5381;
    for (size_t i = 0; i < len; i++)
        h = h * 33 ^ (unsigned char)text[i];
    h = (h ^ h >> 16) & 0xffff;
    return h ? h : 1;
}

unsigned str_hash(const str_t *s) {
    if (!s->hash)
        ((str_t *)s)->hash = (uint16_t)str_hash_bytes(s->data, s->len);
    return s->hash;
}

bool str_equal(const str_t *a, const str_t *b) {
    if (a == b)
        return true;
    if (a->flags & b->flags & STR_INTERNED)
        return false;
    return a->len == b->len && (!a->hash || !b->hash || a->hash == b->hash) &&
           memcmp(a->data, b->data, a->len) == 0;
}

extern const str_t *const str_rom[];
extern const uint16_t str_rom_size;

/* The table begins with small hashes and ends with large ones; a place that is taken: the next. */
static str_t *find_rom(const char *text, size_t len, unsigned hash) {
    for (unsigned i = hash * str_rom_size >> 16;; i++) {
        const str_t *s = str_rom[i < str_rom_size ? i : i - str_rom_size];
        if (!s)
            return NULL;
        if (s->hash == hash && s->len == len && memcmp(s->data, text, len) == 0)
            return (str_t *)s;
    }
}

/* The table of run-time strings: words of 0 (free), 1 (was in use) or a pointer. */
static uintptr_t *ram_table(uint32_t *mask) {
    *mask = (uint32_t)(adder.interned->size / sizeof(uintptr_t)) - 1;
    return (uintptr_t *)adder.interned->data;
}

static void grow_table(void) {
    uint32_t size = 16;
    uint32_t mask;
    if (adder.interned) { /* count the living ones; forgotten ones take no room in the new table */
        uintptr_t *old = ram_table(&mask);
        uint32_t live = 0;
        for (uint32_t i = 0; i <= mask; i++)
            live += old[i] > 1;
        while (size < live * 2 + 8)
            size *= 2;
    }
    raw_t *raw = heap_alloc(&type_raw, sizeof *raw + size * sizeof(uintptr_t));
    raw->size = size * sizeof(uintptr_t);
    uintptr_t *to = (uintptr_t *)raw->data;
    uint32_t count = 0;
    if (adder.interned) {
        uintptr_t *old = ram_table(&mask);
        for (uint32_t i = 0; i <= mask; i++) {
            if (old[i] <= 1)
                continue;
            uint32_t h = ((str_t *)old[i])->hash;
            while (to[h & (size - 1)])
                h++;
            to[h & (size - 1)] = old[i];
            count++;
        }
        heap_free(adder.interned);
    }
    adder.interned = raw;
    adder.interned_count = count;
}

/* Finds or adds; s: the string object to add, or 0 to make one. */
static str_t *intern(const char *text, size_t len, str_t *s) {
    unsigned hash = str_hash_bytes(text, len);
    str_t *found = find_rom(text, len, hash);
    if (found)
        return found;
    uint32_t mask;
    if (!adder.interned)
        grow_table();
    uintptr_t *table = ram_table(&mask);
    for (uint32_t i = hash; table[i & mask]; i++) {
        found = (str_t *)table[i & mask];
        if ((uintptr_t)found > 1 && found->hash == hash && found->len == len &&
            memcmp(found->data, text, len) == 0)
            return found;
    }
    if (!s) {
        s = str_alloc(&type_str, len);
        memcpy(s->data, text, len);
        str_finish(s);
    }
    if ((adder.interned_count + 1) * 4 > (adder.interned->size / sizeof(uintptr_t)) * 3)
        grow_table();
    table = ram_table(&mask);
    s->hash = (uint16_t)hash;
    s->flags |= STR_INTERNED;
    uint32_t i = hash;
    while (table[i & mask] > 1)
        i++;
    if (!table[i & mask])
        adder.interned_count++;
    table[i & mask] = (uintptr_t)s;
    return s;
}

str_t *str_intern(const char *text, size_t len) { return intern(text, len, NULL); }

str_t *str_intern_val(val_t v) {
    str_t *s = str_of(v);
    return s->flags & STR_INTERNED ? s : intern(s->data, s->len, s);
}

void str_forget_dead(void) {
    if (!adder.interned)
        return;
    uint32_t mask;
    uintptr_t *table = ram_table(&mask);
    for (uint32_t i = 0; i <= mask; i++)
        if (table[i] > 1 && !heap_is_marked((void *)table[i]))
            table[i] = 1;
}

/* ---- builder ---- */

static void builder_write(out_t *out, const char *text, size_t len) {
    builder_add((builder_t *)out, text, len);
}

void builder_init(builder_t *b, size_t capacity) {
    b->out.write = builder_write;
    b->len = 0;
    b->cap = capacity ? capacity : 16;
    b->s = str_alloc(&type_str, b->cap);
}

void builder_add(builder_t *b, const char *text, size_t len) {
    if (len > b->cap - b->len) {
        size_t cap = b->cap + b->cap / 2 + len;
        if (heap_resize(b->s, offsetof(str_t, data) + cap + 1)) {
            b->s->len = (uint32_t)cap;
        } else {
            str_t *s = str_alloc(&type_str, cap);
            memcpy(s->data, b->s->data, b->len);
            heap_free(b->s);
            b->s = s;
        }
        b->cap = cap;
    }
    memcpy(b->s->data + b->len, text, len);
    b->len += len;
}

void builder_char(builder_t *b, char c) { builder_add(b, &c, 1); }

static str_t *builder_done(builder_t *b) {
    str_t *s = b->s;
    b->s = NULL;
    s->len = (uint32_t)b->len;
    s->data[b->len] = 0;
    s->hash = 0;
    heap_resize(s, offsetof(str_t, data) + b->len + 1);
    return s;
}

val_t builder_str(builder_t *b) { return b->len ? str_finish(builder_done(b)) : VQ(empty); }

val_t builder_bytes(builder_t *b) {
    str_t *s = builder_done(b);
    s->type = &type_bytes;
    return V_OBJ(s);
}
