/* SPDX-License-Identifier: MIT
 * heap.c: the heap and its mark-sweep collector; heap.h explains the bitmaps and the rules.
 *
 * A sweep: allocated blocks that are not marked become free, marked ones lose the mark, free ones
 * stay: block' = block & mark, mark' = block ^ mark. Neighbouring free blocks are joined when a
 * run is taken for allocation.
 */
#include "heap.h"
#include "dict.h"
#include "port.h"
#include "seq.h"

enum {
    BITS = 8 * sizeof(uintptr_t),
    SMALL = 8,       /* cells: bigger blocks do not use up the current run */
    MARK_DEPTH = ADDER_MARK_DEPTH, /* nesting that is marked without a second walk through the heap */
};

#define H     (adder.heap)
#define BIT(i) ((uintptr_t)1 << ((i) % BITS))

static inline bool bit_get(const uintptr_t *map, uint32_t i) { return map[i / BITS] & BIT(i); }
static inline void bit_set(uintptr_t *map, uint32_t i) { map[i / BITS] |= BIT(i); }
static inline void bit_clear(uintptr_t *map, uint32_t i) { map[i / BITS] &= ~BIT(i); }
static inline uint32_t cell_of(uintptr_t p) { return (uint32_t)((p - H.base) / HEAP_CELL); }
static inline uintptr_t addr_of(uint32_t cell) { return H.base + (uintptr_t)cell * HEAP_CELL; }
static inline unsigned lowest(uintptr_t w) { return (unsigned)__builtin_ctzl(w); }

typedef enum { FIND_BLOCK, FIND_FREE, FIND_ANY } find_t;

static inline uintptr_t find_word(find_t what, uint32_t w) {
    switch (what) {
    case FIND_BLOCK:
        return H.block[w];
    case FIND_FREE:
        return H.mark[w] & ~H.block[w];
    default:
        return H.mark[w] | H.block[w];
    }
}

/* First cell from `from` on whose bits are as asked; H.cells if none (a sentinel block is there). */
static uint32_t find(find_t what, uint32_t from) {
    uint32_t w = from / BITS;
    uintptr_t bits = find_word(what, w) & ~(BIT(from) - 1);
    while (!bits) {
        if (++w >= H.words)
            return H.cells;
        bits = find_word(what, w);
    }
    uint32_t cell = w * BITS + lowest(bits);
    return cell < H.cells ? cell : H.cells;
}

static void clear_marks(uint32_t from, uint32_t to) {
    while (from < to) {
        if (from % BITS == 0 && to - from >= BITS) {
            H.mark[from / BITS] = 0;
            from += BITS;
        } else {
            bit_clear(H.mark, from++);
        }
    }
}

void heap_init(void *memory, size_t size, void *stack_top) {
    memset(&H, 0, sizeof H);
    uintptr_t start = ((uintptr_t)memory + HEAP_CELL - 1) & ~(uintptr_t)(HEAP_CELL - 1);
    size -= start - (uintptr_t)memory;
    size_t cells = size / HEAP_CELL;
    size_t words;
    for (;; cells--) { /* bitmaps with room for the sentinel, and the cells, fit in size */
        words = cells / BITS + 1;
        size_t maps = (2 * words * sizeof(uintptr_t) + HEAP_CELL - 1) & ~(size_t)(HEAP_CELL - 1);
        if (maps + cells * HEAP_CELL <= size) {
            H.base = start + maps;
            break;
        }
    }
    H.block = (uintptr_t *)start;
    H.mark = H.block + words;
    H.words = (uint32_t)words;
    H.cells = (uint32_t)cells;
    memset(H.block, 0, 2 * words * sizeof(uintptr_t));
    bit_set(H.block, H.cells);
    H.cur = H.base;
    H.end = addr_of(H.cells);
    H.scan = H.cells;
    adder.stack_top = stack_top;
}

/* ---- marking ---- */

typedef struct range_words {
    const uintptr_t *p, *end;
} words_t;

typedef struct marker {
    words_t stack[MARK_DEPTH];
    unsigned depth;
    bool overflow;
} marker_t;

static words_t children(uintptr_t p) {
    const uintptr_t *w = (const uintptr_t *)p;
    const type_t *type = (const type_t *)w[0];
    switch (FIELD(type, trace)) {
    case TRACE_WORDS:
        return (words_t){w + FIELD(type, trace_from), w + FIELD(type, trace_to)};
    case TRACE_VALS:
        return (words_t){w + 2, w + 2 + w[1]};
    default:
        return (words_t){NULL, NULL};
    }
}

static void mark_loop(marker_t *m) {
    while (m->depth) {
        words_t *top = &m->stack[m->depth - 1];
        const uintptr_t *p = top->p, *end = top->end;
        words_t child = {NULL, NULL};
        while (p < end) {
            uintptr_t v = *p++;
            if ((v & (HEAP_CELL - 1)) || !heap_has((void *)v))
                continue;
            uint32_t cell = cell_of(v);
            if (!bit_get(H.block, cell) || bit_get(H.mark, cell))
                continue;
            bit_set(H.mark, cell);
            child = children(v);
            if (child.p < child.end)
                break;
        }
        top->p = p;
        if (p == end) /* done with it, so that chains need no depth */
            m->depth--;
        if (child.p < child.end) {
            if (m->depth < MARK_DEPTH)
                m->stack[m->depth++] = child;
            else
                m->overflow = true;
        }
    }
}

static void mark_words(marker_t *m, const uintptr_t *p, const uintptr_t *end) {
    m->stack[m->depth++] = (words_t){p, end};
    mark_loop(m);
}

static void mark_value(marker_t *m, uintptr_t v) { mark_words(m, &v, &v + 1); }

/* A word of the C stack may point anywhere into a block: find where it begins. */
static void mark_maybe(marker_t *m, uintptr_t v) {
    if (!heap_has((void *)v))
        return;
    uint32_t cell = cell_of(v);
    uint32_t w = cell / BITS;
    uintptr_t bits = (H.block[w] | H.mark[w]) & (BIT(cell) | (BIT(cell) - 1));
    while (!bits) {
        if (w-- == 0)
            return;
        bits = H.block[w] | H.mark[w];
    }
    cell = w * BITS + (BITS - 1 - (unsigned)__builtin_clzl(bits));
    if (bit_get(H.block, cell))
        mark_value(m, addr_of(cell));
}

/* Everything between here and the outermost frame; registers have been spilled by the caller. */
__attribute__((noinline, no_sanitize("address"))) static void mark_stack(marker_t *m) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(sizeof(uintptr_t) - 1);
    for (const uintptr_t *p = (const uintptr_t *)here; (const char *)p < adder.stack_top; p++)
        mark_maybe(m, *p);
}

static void mark_roots(marker_t *m) {
    const val_t own[] = {
        V_OBJ(adder.modules), adder.path, adder.argv, V_OBJ(adder.main), adder.memory_error,
        adder.last, adder.stop_value, V_OBJ(adder.chunk), V_OBJ(adder.interned),
        adder.compiler_root,
    };
    mark_words(m, own, own + COUNT_OF(own));
    for (unsigned i = 0; i < adder.root_count; i++)
        mark_value(m, *adder.roots[i]);
    for (unsigned i = 0; i < SCHEDULE_MAX; i++) {
        mark_value(m, adder.scheduled[i].fn);
        mark_value(m, adder.scheduled[i].arg);
    }
    adder.spare = NULL;
    val_t *top = adder.top;
    for (stack_chunk_t *c = adder.chunk; c; c = c->prev) {
        if (c != adder.chunk)
            top = c->saved_top;
        memset(top, 0, (size_t)((char *)c->end - (char *)top));
        mark_value(m, (uintptr_t)c);
        mark_words(m, c->words, top);
    }
    mark_stack(m);
}

static void mark_all(void) {
    marker_t m;
    m.depth = 0;
    m.overflow = false;
    __builtin_unwind_init(); /* callee-saved registers go to this frame */
    mark_roots(&m);
    while (m.overflow) {
        m.overflow = false;
        for (uint32_t c = find(FIND_BLOCK, 0); c < H.cells; c = find(FIND_BLOCK, c + 1))
            if (bit_get(H.mark, c)) {
                words_t w = children(addr_of(c));
                mark_words(&m, w.p, w.end);
            }
    }
}

/* ---- sweeping ---- */

static void finalise_dead(bool all) {
    for (uint32_t c = find(FIND_BLOCK, 0); c < H.cells; c = find(FIND_BLOCK, c + 1)) {
        obj_t *o = (obj_t *)addr_of(c);
        if ((all || !bit_get(H.mark, c)) && (FIELD(o->type, flags) & T_HAS_DEL) && o->type->finalise) {
            o->type->finalise((val_t)o);
            o->type = &type_raw; /* once is enough */
            H.finals--;
        }
    }
}

#if ADDER_HOSTILE
static void poison_dead(void) {
    for (uint32_t c = find(FIND_BLOCK, 0); c < H.cells; c = find(FIND_BLOCK, c + 1))
        if (!bit_get(H.mark, c)) {
            uint32_t end = find(FIND_ANY, c + 1);
            memset((void *)addr_of(c), 0xdb, (size_t)(end - c) * HEAP_CELL);
        }
}
#endif

/* The run that is being filled looks like part of the block before it: say that it is free. */
static void put_run_back(void) {
    if (H.cur < H.end)
        bit_set(H.mark, cell_of(H.cur));
    H.cur = H.end = 0;
}

void heap_collect(void) {
    if (H.running)
        return;
    H.running = true;
    put_run_back();
    mark_all();
    if (H.finals)
        finalise_dead(false);
    str_forget_dead();
#if ADDER_HOSTILE
    poison_dead();
#endif
    bit_set(H.mark, H.cells); /* the sentinel stays */
    for (uint32_t w = 0; w < H.words; w++) {
        uintptr_t b = H.block[w], k = H.mark[w];
        H.block[w] = b & k;
        H.mark[w] = b ^ k;
    }
    bit_clear(H.mark, H.cells);
    H.scan = 0;
    H.allocated = 0;
    H.collections++;
    type_flush();
    H.running = false;
}

bool heap_is_marked(const void *p) { return !heap_has(p) || bit_get(H.mark, cell_of((uintptr_t)p)); }

void heap_finish(void) {
    if (H.finals)
        finalise_dead(true);
}

/* ---- allocating ---- */

/* The free run at or after `from` with at least n cells, joined to one; H.cells if none. */
static uint32_t find_run(uint32_t from, uint32_t n, uint32_t *end) {
    for (;;) {
        uint32_t s = find(FIND_FREE, from);
        if (s == H.cells)
            return s;
        uint32_t e = find(FIND_BLOCK, s + 1);
        uint32_t run = H.cur < H.end ? cell_of(H.cur) : H.cells;
        if (run > s && run < e) /* the run being filled begins right behind */
            e = run;
        clear_marks(s + 1, e);
        if (e - s >= n) {
            *end = e;
            return s;
        }
        from = e;
    }
}

static bool refill(uint32_t n) {
    uint32_t e;
    if (n > SMALL) { /* a place of its own; handed over as a run of exactly this size */
        uint32_t s = find_run(H.scan, n, &e);
        if (s == H.cells)
            return false;
        put_run_back();
        bit_clear(H.mark, s);
        if (e - s > n)
            bit_set(H.mark, s + n);
        H.cur = addr_of(s);
        H.end = addr_of(s + n);
        return true;
    }
    uint32_t s = find_run(H.scan, n, &e);
    if (s == H.cells)
        return false;
    put_run_back();
    bit_clear(H.mark, s);
    H.cur = addr_of(s);
    H.end = addr_of(e);
    H.scan = e;
    H.allocated += (e - s) * HEAP_CELL;
    return true;
}

/* Big blocks: leave the current run alone and cut from another. */
static uintptr_t alloc_big(uint32_t n) {
    uintptr_t cur = H.cur, end = H.end;
    H.cur = H.end = 0;
    bool found = refill(n);
    uintptr_t p = H.cur;
    H.cur = cur;
    H.end = end;
    return found ? p : 0;
}

NOINLINE static uintptr_t alloc_slow(uint32_t n) {
    if (H.locked || H.running)
        raise_memory();
    if (H.threshold && H.allocated >= H.threshold && !H.disabled)
        heap_collect();
    for (int attempt = 0;; attempt++) {
        if (n > SMALL) {
            uintptr_t p = alloc_big(n);
            if (p)
                return p;
            if ((H.end - H.cur) / HEAP_CELL >= n)
                break;
        } else if (refill(n)) {
            break;
        }
        if (attempt || H.disabled)
            raise_memory();
        heap_collect();
    }
    uintptr_t p = H.cur;
    H.cur += (uintptr_t)n * HEAP_CELL;
    return p;
}

static inline uintptr_t alloc_cells(size_t size) {
#if ADDER_HOSTILE
    put_run_back(); /* heap_quick finds nothing and comes here */
    H.scan = 0;
    if (!H.locked && !H.disabled)
        heap_collect();
#endif
    if (size > (size_t)H.cells * HEAP_CELL)
        raise_memory();
    uint32_t n = (uint32_t)((size + HEAP_CELL - 1) / HEAP_CELL);
    uintptr_t p = H.cur;
    if (LIKELY((uintptr_t)n * HEAP_CELL <= H.end - p))
        H.cur = p + (uintptr_t)n * HEAP_CELL;
    else
        p = alloc_slow(n);
    bit_set(H.block, cell_of(p));
#if ADDER_HOSTILE
    put_run_back();
#endif
    return p;
}

void *heap_alloc_raw(const type_t *type, size_t size) {
    obj_t *o = (obj_t *)alloc_cells(size);
    o->type = type;
    return o;
}

void *heap_alloc(const type_t *type, size_t size) {
    uintptr_t *w = (uintptr_t *)alloc_cells(size);
    uintptr_t *end = w + ((size + HEAP_CELL - 1) / HEAP_CELL) * 2;
    w[0] = (uintptr_t)type;
    for (uintptr_t *p = w + 1; p < end; p++)
        *p = 0;
    return w;
}

void *heap_alloc_final(const type_t *type, size_t size) {
    void *p = heap_alloc(type, size);
    H.finals++;
    return p;
}

/* The top of the highest free run with room for it; 0: none. */
static uintptr_t cut_high(uint32_t n) {
    uint32_t e, start = 0, end = 0;
    for (uint32_t s = find_run(0, n, &e); s < H.cells; s = find_run(e, n, &e)) {
        start = s;
        end = e;
    }
    if ((H.end - H.cur) / HEAP_CELL >= n && cell_of(H.end) > end)
        return H.end -= (uintptr_t)n * HEAP_CELL;
    if (!end)
        return 0;
    if (start == end - n)
        bit_clear(H.mark, start);
    return addr_of(end - n);
}

void *heap_alloc_high(const type_t *type, size_t size) {
    uint32_t n = (uint32_t)((size + HEAP_CELL - 1) / HEAP_CELL);
    if (size > (size_t)H.cells * HEAP_CELL || H.locked || H.running)
        raise_memory();
    uintptr_t p = ADDER_HOSTILE ? 0 : cut_high(n);
    if (!p && !H.disabled) {
        heap_collect();
        p = cut_high(n);
    }
    if (!p)
        raise_memory();
    bit_set(H.block, cell_of(p));
    memset((void *)p, 0, (size_t)n * HEAP_CELL);
    *(uintptr_t *)p = (uintptr_t)type;
    return (void *)p;
}

void heap_lock(void) {
    put_run_back(); /* so that the next allocation has to ask */
    H.locked++;
}

void heap_unlock(void) {
    if (H.locked && --H.locked == 0)
        H.scan = 0;
}

static uint32_t block_end(uint32_t cell) {
    uint32_t e = find(FIND_ANY, cell + 1);
    uint32_t run = H.cur < H.end ? cell_of(H.cur) : H.cells;
    return run > cell && run < e ? run : e;
}

size_t heap_size(const void *block) {
    if (!heap_has(block))
        return 0;
    uint32_t c = cell_of((uintptr_t)block);
    return (size_t)(block_end(c) - c) * HEAP_CELL;
}

bool heap_resize(void *block, size_t size) {
    if (!heap_has(block) || size > (size_t)H.cells * HEAP_CELL)
        return false;
    uint32_t s = cell_of((uintptr_t)block);
    uint32_t e = block_end(s);
    uint32_t n = (uint32_t)((size + HEAP_CELL - 1) / HEAP_CELL);
    if (s + n <= e) {
        if (s + n < e) {
            if (H.cur < H.end && e == cell_of(H.cur))
                H.cur = addr_of(s + n);
            else
                bit_set(H.mark, s + n);
        }
        return true;
    }
    if (H.cur < H.end && e == cell_of(H.cur)) {
        if (addr_of(s + n) > H.end)
            return false;
        H.cur = addr_of(s + n);
    } else {
        if (e == H.cells || bit_get(H.block, e))
            return false;
        uint32_t f = find(FIND_BLOCK, e);
        uint32_t run = H.cur < H.end ? cell_of(H.cur) : H.cells;
        if (run > e && run < f) /* the run being filled lies in it */
            f = run;
        if (s + n > f)
            return false;
        clear_marks(e, f);
        if (s + n < f)
            bit_set(H.mark, s + n);
        if (H.scan > e && H.scan < s + n)
            H.scan = s + n;
    }
    memset((void *)addr_of(e), 0, (size_t)(s + n - e) * HEAP_CELL);
    return true;
}

void heap_free(void *block) {
    if (!heap_has(block) || ADDER_HOSTILE)
        return;
    uint32_t c = cell_of((uintptr_t)block);
    uintptr_t end = addr_of(block_end(c));
    bit_clear(H.block, c);
    if (end == H.cur && H.cur < H.end)
        H.cur = (uintptr_t)block; /* it was the last one: allocate from there again */
    else
        bit_set(H.mark, c);
    if (c < H.scan && !(H.cur < H.end && H.cur == (uintptr_t)block))
        H.scan = c;
}

void heap_root(val_t *variable) {
    for (unsigned i = 0; i < adder.root_count; i++)
        if (adder.roots[i] == variable)
            return;
    if (adder.root_count == HEAP_ROOTS)
        port_fatal("too many roots");
    adder.roots[adder.root_count++] = variable;
}

void heap_stats(size_t *used, size_t *free_bytes, size_t *largest) {
    size_t free_cells = 0, most = 0;
    put_run_back();
    for (uint32_t s = find(FIND_FREE, 0); s < H.cells;) {
        uint32_t e = find(FIND_BLOCK, s + 1);
        clear_marks(s + 1, e);
        free_cells += e - s;
        if (e - s > most)
            most = e - s;
        s = find(FIND_FREE, e);
    }
    H.scan = 0;
    *free_bytes = free_cells * HEAP_CELL;
    *used = (H.cells - free_cells) * HEAP_CELL;
    *largest = most * HEAP_CELL;
}
