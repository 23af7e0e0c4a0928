/* SPDX-License-Identifier: MIT
 * dict.h: dict, also the namespace of modules, classes and instances, and set.
 *
 * Entries stand in insertion order in one block; up to 8 are searched one by one, more through an
 * index table (open addressing) of 8, 16 or 32-bit entry numbers. A deleted entry keeps its place
 * with key V_UNDEF until the block is rebuilt. Because entries stay where they are, code can
 * remember the number of an entry as a hint: if block->e[hint].key is still the name, it is the one.
 */
#ifndef ADDER_DICT_H
#define ADDER_DICT_H

#include "object.h"

typedef struct dict_entry {
    val_t key, value;
} dict_entry_t;

typedef struct dict_block {
    const type_t *type; /* &type_vals */
    uintptr_t words;    /* 2 * capacity */
    dict_entry_t e[];
} dict_block_t;

struct dict {
    const type_t *type;  /* &type_dict */
    dict_block_t *block; /* never NULL */
    void *index;         /* raw block, or NULL for a linear search */
    uint32_t used : 21, dead : 10, /* entries in use, deleted ones among them */
        mixed : 1;       /* some key is not an interned str: names need a full comparison */
};

/* A set is a dict of keys; entries are single words. */
typedef struct set {
    const type_t *type; /* &type_set or &type_frozenset */
    vals_t *keys;       /* never NULL */
    void *index;
    uint32_t used : 21, dead : 10, mixed : 1;
} set_t;

extern const dict_block_t dict_no_entries;

/* A constant dict over an array of entries (all keys interned strings), or over the first `count` of them. */
#define ROM_DICT(table) ROM_DICT_OF(table, COUNT_OF(table))
#define ROM_DICT_OF(table, count)                                                                  \
    {&type_dict, (dict_block_t *)((uintptr_t)(table) - offsetof(dict_block_t, e)), NULL, count, 0, 0}

val_t dict_new(unsigned capacity); /* as a value: V_OBJ of a dict_t */
static inline dict_t *dict_of(val_t v) { return (dict_t *)v; }
static inline unsigned dict_len(const dict_t *d) { return d->used - d->dead; }

val_t dict_get(const dict_t *d, val_t key);             /* V_UNDEF if missing; hashes any key */
val_t dict_get_str(const dict_t *d, const str_t *name); /* name must be interned */
int dict_find_str(const dict_t *d, const str_t *name);  /* entry number, -1 if missing */
int dict_find(const dict_t *d, val_t key);
void dict_set(dict_t *d, val_t key, val_t value);
void dict_set_str(dict_t *d, const str_t *name, val_t value);
val_t dict_delete(dict_t *d, val_t key); /* the old value, V_UNDEF if missing */
void dict_clear(dict_t *d);
void dict_update(dict_t *d, const dict_t *from);
val_t dict_copy(const dict_t *d);
/* Iterate: unsigned pos = 0; while (dict_next(d, &pos, &k, &v)) ... ; k, v may be NULL. */
bool dict_next(const dict_t *d, unsigned *pos, val_t *key, val_t *value);

val_t set_new(const type_t *type); /* type_set or type_frozenset */
static inline set_t *set_of(val_t v) { return (set_t *)v; }
static inline unsigned set_len(const set_t *s) { return s->used - s->dead; }
bool set_has(const set_t *s, val_t key);
bool set_add(set_t *s, val_t key);    /* false if it was there */
bool set_remove(set_t *s, val_t key); /* false if it was not */
void set_clear(set_t *s);
bool set_next(const set_t *s, unsigned *pos, val_t *key);

#endif
