/* SPDX-License-Identifier: MIT
 * dict.c: storage of dict and set (dict.h explains it). Both share the code here: a set's entries
 * are one word, a dict's two. Methods are in dict_methods.c and set_methods.c.
 */
#include "dict.h"
#include "heap.h"
#include "ops.h"

enum { LINEAR = 8, FIRST = 3, MAX_ENTRIES = (1 << 21) - 1, MAX_DEAD = 1000 };

const dict_block_t dict_no_entries = {&type_vals, 0};

static inline val_t *entry(const dict_t *d, unsigned stride, unsigned i) {
    return ((vals_t *)d->block)->v + i * stride;
}
static inline unsigned capacity(const dict_t *d, unsigned stride) {
    return (unsigned)(d->block->words / stride);
}

/* ---- the index table: entry number + 1, 0 where free ---- */

static inline unsigned width(const dict_t *d, unsigned stride) {
    unsigned cap = capacity(d, stride);
    return cap < 255 ? 1 : cap < 65535 ? 2 : 4;
}

static inline uint32_t slot_get(const raw_t *index, unsigned w, uint32_t slot) {
    return w == 1 ? index->data[slot]
           : w == 2 ? ((const uint16_t *)index->data)[slot]
                    : ((const uint32_t *)index->data)[slot];
}

static void index_add(raw_t *index, unsigned w, uint32_t hash, uint32_t n) {
    uint32_t mask = (uint32_t)(index->size / w) - 1;
    while (slot_get(index, w, hash & mask))
        hash++;
    if (w == 1)
        index->data[hash & mask] = (uint8_t)(n + 1);
    else if (w == 2)
        ((uint16_t *)index->data)[hash & mask] = (uint16_t)(n + 1);
    else
        ((uint32_t *)index->data)[hash & mask] = n + 1;
}

static inline uint32_t hash_key(val_t key) {
    uint32_t h = is_str(key) ? str_hash(str_of(key)) : op_hash(key);
    return h ^ h >> 7;
}

/* New index for the present entries; none if they are few. */
static void reindex(dict_t *d, unsigned stride) {
    unsigned cap = capacity(d, stride);
    if (cap <= LINEAR) {
        d->index = NULL;
        return;
    }
    unsigned w = width(d, stride);
    uint32_t slots = 16;
    while (slots < cap + cap / 3)
        slots *= 2;
    raw_t *index = heap_alloc(&type_raw, sizeof *index + slots * w);
    index->size = slots * w;
    unsigned used = d->used;
    for (unsigned i = 0; i < used; i++) {
        val_t key = *entry(d, stride, i);
        if (key)
            index_add(index, w, hash_key(key), i);
        if (d->used != used) /* a __hash__ changed the dict */
            raise_text(&type_RuntimeError, "changed while growing");
    }
    d->index = index;
}

/* Move to a block with room for cap entries, leaving out the deleted ones. */
static void rebuild(dict_t *d, unsigned stride, unsigned cap) {
    if (cap > MAX_ENTRIES)
        raise_memory();
    size_t size = sizeof(vals_t) + cap * stride * sizeof(val_t);
    if (!d->dead && d->used && heap_resize(d->block, size)) {
        d->block->words = cap * stride;
    } else {
        vals_t *block = vals_new(cap * stride);
        unsigned n = 0;
        for (unsigned i = 0; i < d->used; i++) {
            const val_t *e = entry(d, stride, i);
            if (e[0])
                memcpy(block->v + n++ * stride, e, stride * sizeof(val_t));
        }
        d->block = (dict_block_t *)block;
        adder.epoch += d->dead != 0; /* entry numbers may come again with other names */
        d->used = n;
        d->dead = 0;
    }
    d->index = NULL;
    reindex(d, stride);
}

/* ---- searching ---- */

static bool same_key(val_t a, val_t b) {
    if (a == b)
        return true;
    if (is_int(a) && is_int(b))
        return false;
    if (is_str(a) && is_str(b))
        return str_equal(str_of(a), str_of(b));
    return op_equal(a, b);
}

static int find_linear(const dict_t *d, unsigned stride, val_t key) {
    for (unsigned i = 0; i < d->used; i++) {
        val_t k = *entry(d, stride, i);
        if (k && same_key(k, key))
            return (int)i;
    }
    return -1;
}

static int find_indexed(const dict_t *d, unsigned stride, val_t key, uint32_t hash, bool by_pointer) {
    const raw_t *index = d->index;
    unsigned w = width(d, stride);
    uint32_t mask = (uint32_t)(index->size / w) - 1;
    for (;; hash++) {
        uint32_t n = slot_get(index, w, hash & mask);
        if (!n)
            return -1;
        val_t k = *entry(d, stride, n - 1);
        if (k == key || (!by_pointer && k && same_key(k, key)))
            return (int)n - 1;
        if (d->index != index) /* an __eq__ changed the dict */
            raise_text(&type_RuntimeError, "changed while searching");
    }
}

static int find_name(const dict_t *d, unsigned stride, const str_t *name) {
    if (d->index)
        return find_indexed(d, stride, V_OBJ(name), hash_key(V_OBJ(name)), !d->mixed);
    for (unsigned i = 0, n = d->used; i < n; i++)
        if (*entry(d, stride, i) == V_OBJ(name))
            return (int)i;
    return d->mixed ? find_linear(d, stride, V_OBJ(name)) : -1;
}

static int find(const dict_t *d, unsigned stride, val_t key) {
    if (is_interned(key))
        return find_name(d, stride, str_of(key));
    uint32_t hash = hash_key(key); /* also refuses what cannot be hashed */
    return d->index ? find_indexed(d, stride, key, hash, false) : find_linear(d, stride, key);
}

/* ---- changing ---- */

static val_t *append(dict_t *d, unsigned stride, val_t key) {
    unsigned cap = capacity(d, stride);
    if (!cap) { /* the first entries of an instance, most often */
        d->block = (dict_block_t *)vals_new(FIRST * stride);
    } else if (UNLIKELY(d->used == cap)) {
        if (d->dead > d->used / 4)
            rebuild(d, stride, cap);
        else
            rebuild(d, stride, cap * 2);
    }
    uint32_t hash = d->index ? hash_key(key) : 0;
    if (!is_interned(key))
        d->mixed = 1;
    val_t *e = entry(d, stride, d->used);
    e[0] = key;
    if (d->index)
        index_add(d->index, width(d, stride), hash, d->used);
    d->used++;
    return e;
}

static void clear(dict_t *d) {
    d->block = (dict_block_t *)&dict_no_entries;
    d->index = NULL;
    d->used = d->dead = d->mixed = 0;
}

static val_t remove_at(dict_t *d, unsigned stride, unsigned i) {
    val_t *e = entry(d, stride, i);
    val_t old = e[stride - 1];
    if (!heap_has(d->block))
        raise_type("read-only");
    e[0] = e[stride - 1] = V_UNDEF;
    d->dead++;
    if (d->dead == d->used) {
        d->used = d->dead = 0;
        if (d->index)
            memset(((raw_t *)d->index)->data, 0, ((raw_t *)d->index)->size);
    } else if (d->dead >= MAX_DEAD) {
        rebuild(d, stride, capacity(d, stride));
    }
    return old;
}

/* ---- dict ---- */

val_t dict_new(unsigned cap) {
    dict_t *d = HEAP_NEW(&type_dict, dict_t);
    clear(d);
    if (cap)
        rebuild(d, 2, cap);
    return V_OBJ(d);
}

int dict_find_str(const dict_t *d, const str_t *name) { return find_name(d, 2, name); }
int dict_find(const dict_t *d, val_t key) { return find(d, 2, key); }

val_t dict_get(const dict_t *d, val_t key) {
    int i = find(d, 2, key);
    return i < 0 ? V_UNDEF : d->block->e[i].value;
}

val_t dict_get_str(const dict_t *d, const str_t *name) {
    int i = find_name(d, 2, name);
    return i < 0 ? V_UNDEF : d->block->e[i].value;
}

static void set_at(dict_t *d, int i, val_t key, val_t value) {
    if (UNLIKELY(!heap_has(d)))
        raise_type("read-only");
    if (i >= 0)
        d->block->e[i].value = value;
    else
        append(d, 2, key)[1] = value;
}

void dict_set(dict_t *d, val_t key, val_t value) { set_at(d, find(d, 2, key), key, value); }

void dict_set_str(dict_t *d, const str_t *name, val_t value) {
    set_at(d, find_name(d, 2, name), V_OBJ(name), value);
}

val_t dict_delete(dict_t *d, val_t key) {
    int i = find(d, 2, key);
    return i < 0 ? V_UNDEF : remove_at(d, 2, (unsigned)i);
}

void dict_clear(dict_t *d) { clear(d); }

void dict_update(dict_t *d, const dict_t *from) {
    unsigned pos = 0;
    val_t k, v;
    while (dict_next(from, &pos, &k, &v))
        dict_set(d, k, v);
}

val_t dict_copy(const dict_t *d) {
    val_t to = dict_new(dict_len(d));
    dict_update(dict_of(to), d);
    return to;
}

bool dict_next(const dict_t *d, unsigned *pos, val_t *key, val_t *value) {
    while (*pos < d->used) {
        const dict_entry_t *e = &d->block->e[(*pos)++];
        if (e->key) {
            if (key)
                *key = e->key;
            if (value)
                *value = e->value;
            return true;
        }
    }
    return false;
}

/* ---- set ---- */

val_t set_new(const type_t *type) {
    set_t *s = HEAP_NEW(type, set_t);
    clear((dict_t *)s);
    return V_OBJ(s);
}

bool set_has(const set_t *s, val_t key) { return find((const dict_t *)s, 1, key) >= 0; }

bool set_add(set_t *s, val_t key) {
    if (set_has(s, key))
        return false;
    append((dict_t *)s, 1, key);
    return true;
}

bool set_remove(set_t *s, val_t key) {
    int i = find((dict_t *)s, 1, key);
    if (i >= 0)
        remove_at((dict_t *)s, 1, (unsigned)i);
    return i >= 0;
}

void set_clear(set_t *s) { clear((dict_t *)s); }

bool set_next(const set_t *s, unsigned *pos, val_t *key) {
    while (*pos < s->used) {
        *key = s->keys->v[(*pos)++];
        if (*key)
            return true;
    }
    return false;
}
