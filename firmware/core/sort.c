/* SPDX-License-Identifier: MIT
 * sort.c: stable sorting: insertion sort of short runs, then merging from the bottom up, so without recursion. Half
 * as much memory as the list is needed besides. If a comparison or key raises, the list keeps all its items.
 */
#include "sort.h"
#include "heap.h"
#include "ops.h"
#include "vm.h"

enum { RUN = 6 };

typedef struct sorter {
    val_t *keys, *items;   /* the same block if there is no key function */
    val_t *keys2, *items2; /* the left run while it is merged */
    bool reverse;
    /* a hole in items at `to`, as long as items2 from `from` to `end`: to be filled again on an error */
    size_t to, from, end;
} sorter_t;

static bool before(const sorter_t *s, val_t a, val_t b) { return s->reverse ? op_less(b, a) : op_less(a, b); }

/* Moves within the block: the list is complete at any time. */
static void insertion(sorter_t *s, size_t from, size_t end) {
    for (size_t i = from + 1; i < end; i++) {
        val_t key = s->keys[i], item = s->items[i];
        size_t j = i;
        while (j > from && before(s, key, s->keys[j - 1]))
            j--;
        memmove(s->items + j + 1, s->items + j, (i - j) * sizeof(val_t));
        s->items[j] = item;
        if (s->keys != s->items) {
            memmove(s->keys + j + 1, s->keys + j, (i - j) * sizeof(val_t));
            s->keys[j] = key;
        }
    }
}

static void merge(sorter_t *s, size_t left, size_t right, size_t end) {
    bool keyed = s->keys != s->items;
    if (!before(s, s->keys[right], s->keys[right - 1]))
        return; /* in order already */
    size_t n = right - left;
    memcpy(s->items2, s->items + left, n * sizeof(val_t));
    if (keyed)
        memcpy(s->keys2, s->keys + left, n * sizeof(val_t));
    s->to = left;
    s->from = 0;
    s->end = n;
    while (s->from < n && right < end) {
        bool take_right = before(s, s->keys[right], s->keys2[s->from]);
        size_t i = take_right ? right++ : s->from++;
        val_t item = take_right ? s->items[i] : s->items2[i];
        if (keyed)
            s->keys[s->to] = take_right ? s->keys[i] : s->keys2[i];
        s->items[s->to++] = item;
    }
    n -= s->from;
    memcpy(s->items + s->to, s->items2 + s->from, n * sizeof(val_t));
    if (keyed)
        memcpy(s->keys + s->to, s->keys2 + s->from, n * sizeof(val_t));
    s->from = s->end = 0;
}

static NOINLINE void sort(sorter_t *s, size_t n, val_t key) {
    if (key != V_NONE) {
        vals_t *keys = vals_new(n);
        for (size_t i = 0; i < n; i++)
            keys->v[i] = call_1(key, s->items[i]);
        s->keys = keys->v;
    }
    if (n > RUN) {
        size_t half = RUN;
        while (half * 2 < n)
            half *= 2;
        s->items2 = s->keys2 = vals_new(half)->v;
        if (s->keys != s->items)
            s->keys2 = vals_new(half)->v;
    }
    for (size_t i = 0; i < n; i += RUN)
        insertion(s, i, i + RUN < n ? i + RUN : n);
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t i = 0; i + width < n; i += 2 * width)
            merge(s, i, i + width, n - i > 2 * width ? i + 2 * width : n);
        vm_poll();
    }
}

void list_sort(list_t *l, val_t key, bool reverse) {
    vals_t *volatile items = l->items;
    volatile size_t n = l->n;
    volatile sorter_t s = {.keys = items->v, .items = items->v, .reverse = reverse};
    vals_t *empty = vals_new(0);
    catch_t c;
    bool failed = false;
    l->items = empty;
    l->n = 0;
    if (TRY(c)) {
        sort((sorter_t *)&s, n, key);
        catch_end(&c);
    } else {
        failed = true;
        if (s.end > s.from)
            memcpy(s.items + s.to, s.items2 + s.from, (s.end - s.from) * sizeof(val_t));
    }
    bool changed = l->n || l->items != empty;
    l->items = items;
    l->n = n;
    if (failed)
        raise(c.exc);
    if (changed)
        raise_value("list modified during sort");
}
