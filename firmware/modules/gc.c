/* SPDX-License-Identifier: MIT
 * gc.c: the module gc.
 */
#include "heap.h"
#include "module.h"

static val_t gc_collect(void) {
    size_t used, now, free, largest;
    heap_stats(&used, &free, &largest);
    heap_collect();
    heap_stats(&now, &free, &largest);
    return V_INT(used > now ? (used - now) / HEAP_CELL : 0);
}
static val_t gc_enable(void) {
    adder.heap.disabled = false;
    return V_NONE;
}
static val_t gc_disable(void) {
    adder.heap.disabled = true;
    return V_NONE;
}
static val_t gc_isenabled(void) { return V_BOOL(!adder.heap.disabled); }

static val_t gc_mem_free(void) {
    size_t used, free, largest;
    heap_stats(&used, &free, &largest);
    return V_INT(free);
}
static val_t gc_mem_alloc(void) {
    size_t used, free, largest;
    heap_stats(&used, &free, &largest);
    return V_INT(used);
}

static val_t gc_threshold(unsigned n, const val_t *args) {
    if (!n)
        return adder.heap.threshold ? int_from_u(adder.heap.threshold) : V_INT(-1);
    intptr_t t = int_arg(args[0]);
    adder.heap.threshold = t < 0 ? 0 : (uint32_t)t;
    return V_NONE;
}

static const dict_entry_t gc_table[] = {
    {VQ(__name__), VQ(gc)},
    FUNC_0(collect, gc_collect),
    FUNC_0(enable, gc_enable),
    FUNC_0(disable, gc_disable),
    FUNC_0(isenabled, gc_isenabled),
    FUNC_0(mem_free, gc_mem_free),
    FUNC_0(mem_alloc, gc_mem_alloc),
    FUNC_V(threshold, gc_threshold, 0, 1),
};
MODULE(gc, gc_table);
