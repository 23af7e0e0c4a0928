/* SPDX-License-Identifier: MIT
 * vm_init.c: starting, what comes from interrupts, limits of the C stack.
 */
#include "heap.h"
#include "module.h"
#include "port.h"
#include "vm.h"
#include "vm_frame.h"

void vm_init(void *memory, size_t heap_size, void *stack_top, size_t stack_size) {
    memset(&adder, 0, sizeof adder);
    adder.stack_limit = (char *)stack_top - stack_size + stack_size / 8;
    heap_init(memory, heap_size, stack_top);
    adder.last = adder.stop_value = V_NONE;
    vm_new_chunk(0, NULL);
    adder.memory_error = exc_new(&type_MemoryError, 0, NULL);
    adder.modules = dict_of(dict_new(0));
    adder.path = list_new(0, NULL);
    adder.argv = list_new(0, NULL);
    adder.main = (dict_t *)((module_t *)module_new(Q(__main__)))->dict;
}

void vm_need_stack(size_t bytes) {
    char here;
    if (UNLIKELY((uintptr_t)&here < (uintptr_t)adder.stack_limit + bytes))
        raise_text(&type_RuntimeError, "maximum recursion depth exceeded");
}

void vm_check_stack(void) { vm_need_stack(0); }

dict_t *vm_globals(void) { return adder.run ? frame_fn(adder.run->r)->globals : adder.main; }

/* ---- interrupts ---- */

/* Interrupt: make all activations of the loop look. */
static void attract(void) {
    for (run_t *r = adder.run; r; r = r->prev)
        r->poll = 1;
}

void vm_interrupt(void) {
    adder.pend.interrupt = 1;
    attract();
}

bool vm_schedule(val_t fn, val_t arg) {
    unsigned next = (adder.schedule_in + 1u) % SCHEDULE_MAX;
    if (next == adder.schedule_out)
        return false;
    adder.scheduled[adder.schedule_in].fn = fn;
    adder.scheduled[adder.schedule_in].arg = arg;
    adder.schedule_in = (uint8_t)next;
    adder.pend.callback = 1;
    attract();
    return true;
}

static void run_scheduled(void) {
    adder.schedule_lock++;
    adder.pend.callback = 0;
    while (adder.schedule_out != adder.schedule_in) {
        unsigned i = adder.schedule_out;
        val_t fn = adder.scheduled[i].fn, arg = adder.scheduled[i].arg;
        adder.schedule_out = (uint8_t)((i + 1) % SCHEDULE_MAX);
        call_protected(fn, 1, &arg);
    }
    adder.schedule_lock--;
}

void vm_poll(void) {
    if (adder.pend.interrupt) {
        adder.pend.interrupt = 0;
        raise_new(&type_KeyboardInterrupt, 0, NULL);
    }
    if (adder.pend.callback && !adder.schedule_lock)
        run_scheduled();
}

/* ---- the prompt ---- */

/* Compound statements and decorators: what follows may belong to them even if they could end here. */
static bool begins_block(const char *text, size_t len) {
    static const char words[][6] = {"async", "class", "def", "for", "if", "try", "while", "with"};
    size_t n = 0;
    while (n < len && text[n] >= 'a' && text[n] <= 'z')
        n++;
    for (unsigned i = 0; i < COUNT_OF(words); i++)
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return true;
    return len && text[0] == '@';
}

bool vm_needs_more(const char *text, size_t len) {
    int depth = 0;
    char quote = 0;
    bool triple = false;
    const char *end = text + len;
    for (const char *p = text; p < end; p++) {
        char c = *p;
        if (quote) {
            if (c == '\\') {
                p++;
            } else if (c == quote && (!triple || (end - p > 2 && p[1] == c && p[2] == c))) {
                p += triple ? 2 : 0;
                quote = 0;
            } else if (c == '\n' && !triple) {
                quote = 0;
            }
            continue;
        }
        if (c == '\'' || c == '"') {
            quote = c;
            triple = end - p > 2 && p[1] == c && p[2] == c;
            p += triple ? 2 : 0;
        } else if (c == '#') {
            while (p + 1 < end && p[1] != '\n')
                p++;
        } else if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (c == ')' || c == ']' || c == '}') {
            depth--;
        } else if (c == '\\' && p + 1 == end) {
            return true;
        }
    }
    if ((quote && triple) || depth > 0)
        return true;
    /* a block goes on until an empty line */
    return begins_block(text, len) && !(len > 1 && end[-1] == '\n' && end[-2] == '\n');
}
