/* SPDX-License-Identifier: MIT
 * heapq.c: the module heapq: a binary heap in a list, the smallest item first.
 */
#include "module.h"

static list_t *heap_arg(val_t v) {
    val_t l = native_of(v, &type_list);
    if (!l)
        raise_type("heap must be a list");
    return list_of(l);
}

static void check(const list_t *l, size_t n) {
    if (l->n != n)
        raise_text(&type_RuntimeError, "list changed size during heap operation");
}

static void up(list_t *l, size_t i) {
    size_t n = l->n;
    val_t v = l->items->v[i];
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        bool less = op_less(v, l->items->v[parent]);
        check(l, n);
        if (!less)
            break;
        l->items->v[i] = l->items->v[parent];
        l->items->v[i = parent] = v;
    }
}

static void down(list_t *l, size_t i) {
    size_t n = l->n;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && op_less(l->items->v[child + 1], l->items->v[child]))
            child++;
        check(l, n);
        bool less = op_less(l->items->v[child], l->items->v[i]);
        check(l, n);
        if (!less)
            break;
        val_t t = l->items->v[i];
        l->items->v[i] = l->items->v[child];
        l->items->v[child] = t;
    }
}

static val_t heapq_heappush(val_t heap, val_t v) {
    list_t *l = heap_arg(heap);
    list_append(l, v);
    up(l, l->n - 1);
    return V_NONE;
}

static val_t replace_first(list_t *l, val_t v) {
    val_t first = l->items->v[0];
    l->items->v[0] = v;
    down(l, 0);
    return first;
}

static val_t heapq_heappop(val_t heap) {
    list_t *l = heap_arg(heap);
    if (!l->n)
        raise_text(&type_IndexError, "empty heap");
    val_t last = l->items->v[l->n - 1];
    list_resize(l, l->n - 1);
    return l->n ? replace_first(l, last) : last;
}

static val_t heapq_heapify(val_t heap) {
    list_t *l = heap_arg(heap);
    for (size_t i = l->n / 2; i-- > 0;)
        down(l, i);
    return V_NONE;
}

static val_t heapq_heapreplace(val_t heap, val_t v) {
    list_t *l = heap_arg(heap);
    if (!l->n)
        raise_text(&type_IndexError, "empty heap");
    return replace_first(l, v);
}

static val_t heapq_heappushpop(val_t heap, val_t v) {
    list_t *l = heap_arg(heap);
    return l->n && op_less(l->items->v[0], v) ? replace_first(l, v) : v;
}

static const dict_entry_t heapq_table[] = {
    {VQ(__name__), VQ(heapq)},
    FUNC_2(heappush, heapq_heappush),
    FUNC_1(heappop, heapq_heappop),
    FUNC_1(heapify, heapq_heapify),
    FUNC_2(heapreplace, heapq_heapreplace),
    FUNC_2(heappushpop, heapq_heappushpop),
};
MODULE(heapq, heapq_table);
