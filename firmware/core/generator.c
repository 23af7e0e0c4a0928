/* SPDX-License-Identifier: MIT
 * generator.c: generators and coroutines. A suspended one keeps its window; resuming copies it to
 * the value stack, yielding copies it back.
 */
#include "heap.h"
#include "opcodes.h"
#include "ops.h"
#include "vm.h"
#include "vm_help.h"

static generator_t *gen_of(val_t v) { return (generator_t *)v; }
static const code_t *gen_code(const generator_t *g) { return ((function_t *)g->fn)->code; }

val_t generator_new(function_t *f, const val_t *r) {
    const code_t *code = f->code;
    const type_t *type = code->flags & CODE_COROUTINE ? &type_coroutine : &type_generator;
    generator_t *g = heap_alloc(type, sizeof *g + code->regs * sizeof(val_t));
    g->n = code->regs + 3u;
    g->fn = V_OBJ(f);
    g->pc = V_INT(0);
    g->started = V_FALSE;
    memcpy(g->regs, r, code->regs * sizeof(val_t));
    return V_OBJ(g);
}

void generator_finish(val_t v) {
    generator_t *g = gen_of(v);
    memset(g->regs, 0, gen_code(g)->regs * sizeof(val_t));
    g->fn = V_NONE;
    g->pc = V_INT(0);
}

static _Noreturn void already_running(void) { raise_value("generator already executing"); }

/* Window and head on the stack at r; returns where to go on. */
static const uint32_t *load(generator_t *g, val_t *r, uint32_t link) {
    const uint32_t *pc = code_start(gen_code(g)) + int_of(g->pc);
    values_copy(r, g->regs, gen_code(g)->regs);
    r[-4] = V_OBJ(g);
    r[-3] = g->fn;
    r[-1] = link;
    g->pc = V_NONE;
    return pc;
}

/* What the yield expression gives when the generator goes on. */
static void deliver(generator_t *g, val_t *r, const uint32_t *pc, val_t value) {
    if (g->started == V_TRUE) {
        if ((*pc & 255) == I_YIELDFROM)
            r[(*pc >> 16 & 255) + 1] = value;
        else
            r[pc[-1] >> 8 & 255] = value;
    }
    g->started = V_TRUE;
}

const uint32_t *vm_enter_generator(run_t *run, val_t v, const uint32_t *pc) {
    generator_t *g = gen_of(v);
    if (g->fn == V_NONE)
        return NULL;
    if (g->pc == V_NONE)
        already_running();
    unsigned regs = gen_code(g)->regs;
    val_t *r = adder.top + FRAME_HEAD;
    uint32_t link = LINK_FOR | (uint32_t)(r - run->r) << 8;
    if (r + regs + FRAME_SLACK > adder.stack_end) {
        r = vm_new_chunk(regs, run->r);
        run->chunk = adder.chunk;
        link |= LINK_CHUNK;
    }
    const uint32_t *to = load(g, r, link);
    r[-2] = (val_t)pc;
    deliver(g, r, to, V_NONE);
    run->r = r;
    return to;
}

void vm_leave_generator(val_t *r, const uint32_t *pc) {
    generator_t *g = gen_of(r[-4]);
    values_copy(g->regs, r, gen_code(g)->regs);
    g->pc = V_INT(pc - code_start(gen_code(g)));
}

/* An exception for a generator that waits in yield from: first to the one it waits for. Returns true
 * if that one took it: *result is what it yielded, or V_UNDEF if it has ended. Otherwise *exc is
 * what to raise in the outer one. */
static bool throw_inner(generator_t *g, const uint32_t *pc, val_t *exc, val_t *result) {
    val_t inner = g->regs[*pc >> 16 & 255];
    catch_t c;
    g->pc = V_NONE; /* running */
    val_t at = V_INT(pc - code_start(gen_code(g)));
    if (TRY(c)) {
        const type_t *t = type_of(inner);
        bool is_gen = t == &type_generator || t == &type_coroutine;
        bool taken = true;
        if (is_a(*exc, &type_GeneratorExit)) {
            val_t close = is_gen ? V_UNDEF : op_find_attr(inner, Q(close));
            if (is_gen)
                generator_close(inner);
            else if (close)
                call_0(close);
            taken = false;
        } else if (is_gen) {
            *result = generator_resume(inner, V_NONE, *exc);
        } else {
            val_t throw = op_find_attr(inner, Q(throw));
            if (throw)
                *result = call_1(throw, *exc);
            taken = throw != V_UNDEF;
        }
        catch_end(&c);
        g->pc = at;
        return taken;
    }
    g->pc = at;
    if (is_a(c.exc, &type_StopIteration)) {
        adder.stop_value = exc_value(c.exc);
        *result = V_UNDEF;
        return true;
    }
    *exc = c.exc;
    return false;
}

val_t generator_resume(val_t v, val_t value, val_t exc) {
    generator_t *g = gen_of(v);
    adder.stop_value = V_NONE;
    if (g->fn == V_NONE) {
        if (exc)
            raise(exc);
        return V_UNDEF;
    }
    if (g->pc == V_NONE)
        already_running();
    if (g->started == V_FALSE && value != V_NONE)
        raise_type("can't send non-None value to a just-started generator");
    vm_check_stack();
    const uint32_t *pc = code_start(gen_code(g)) + int_of(g->pc);
    if (exc && g->started == V_TRUE && (*pc & 255) == I_YIELDFROM) {
        val_t result = V_UNDEF;
        if (throw_inner(g, pc, &exc, &result)) {
            if (result)
                return result;
            g->regs[*pc >> 8 & 255] = adder.stop_value; /* the end of yield from */
            g->pc += 2;
            exc = V_UNDEF;
            g->started = V_FALSE; /* nothing to deliver */
        }
    }
    unsigned regs = gen_code(g)->regs;
    val_t *top = adder.top;
    stack_chunk_t *chunk = adder.chunk;
    val_t *r = top + FRAME_HEAD;
    if (!chunk || r + regs + FRAME_SLACK > adder.stack_end)
        r = vm_new_chunk(regs, NULL);
    pc = load(g, r, LINK_RESUME);
    adder.top = r + regs;
    if (exc && g->started == V_FALSE) { /* not begun: it ends at once */
        g->pc = V_INT(0);
        generator_finish(v);
        if (adder.chunk != chunk)
            vm_drop_chunk();
        adder.top = top;
        raise(exc);
    }
    deliver(g, r, pc, value);
    val_t result = vm_run(r, exc ? pc + ((*pc & 255) == I_YIELDFROM) : pc, exc);
    if (adder.chunk != chunk)
        vm_drop_chunk();
    adder.top = top;
    return result;
}

val_t generator_close(val_t v) {
    generator_t *g = gen_of(v);
    if (g->fn == V_NONE)
        return V_NONE;
    catch_t c;
    if (TRY(c)) {
        val_t e = exc_new(&type_GeneratorExit, 0, NULL);
        val_t r = generator_resume(v, V_NONE, e);
        if (r)
            raise_text(&type_RuntimeError, "generator ignored GeneratorExit");
        catch_end(&c);
    } else if (!is_a(c.exc, &type_GeneratorExit) && !is_a(c.exc, &type_StopIteration)) {
        raise(c.exc);
    }
    return V_NONE;
}

val_t vm_delegate(val_t *it) {
    const type_t *t = type_of(it[0]);
    val_t value = it[1];
    it[1] = V_NONE;
    if (t == &type_generator || t == &type_coroutine)
        return generator_resume(it[0], value, V_UNDEF);
    if (value == V_NONE)
        return op_next(it[0]);
    catch_t c;
    if (TRY(c)) {
        val_t v = call_method(it[0], Q(send), 1, &value);
        catch_end(&c);
        return v;
    }
    if (!is_a(c.exc, &type_StopIteration))
        raise(c.exc);
    adder.stop_value = exc_value(c.exc);
    return V_UNDEF;
}

val_t vm_awaitable(val_t v) {
    const type_t *t = type_of(v);
    if (t == &type_generator || t == &type_coroutine)
        return v;
    val_t f = op_find_attr(v, Q(__await__));
    return op_iter(f ? call_0(f) : v);
}

/* ---- methods ---- */

static val_t stop_or(val_t v) {
    if (!v)
        raise_new(&type_StopIteration, adder.stop_value != V_NONE, &adder.stop_value);
    return v;
}

static val_t generator_next(val_t self) { return generator_resume(self, V_NONE, V_UNDEF); }
static val_t generator_iter(val_t self) { return self; }
static val_t generator_send(val_t self, val_t value) {
    return stop_or(generator_resume(self, value, V_UNDEF));
}

static val_t generator_throw(unsigned n, const val_t *args) {
    val_t e = args[1];
    if (n > 2 && is_exc(args[2]))
        e = args[2];
    else if (is_exact(e, &type_type) && ((const type_t *)e)->flags & T_EXC)
        e = call(e, n > 2 && args[2] != V_NONE, 0, args + 2);
    if (!is_exc(e))
        raise_type("exceptions must derive from BaseException");
    return stop_or(generator_resume(args[0], V_NONE, e));
}

static void generator_print(out_t *out, val_t self, print_t how) {
    const generator_t *g = gen_of(self);
    out_printf(out, "<%T object '%q' at %p>", self,
               g->fn == V_NONE ? Q(finished) : gen_code(g)->name, (void *)self);
}

static const dict_entry_t generator_table[] = {
    METHOD_2(send, generator_send),
    METHOD_V(throw, generator_throw, 2, 4),
    METHOD_1(close, generator_close),
};
static const dict_t generator_attrs = ROM_DICT(generator_table);

const type_t type_generator = {TYPE_HEAD, .name = Q(generator), .attrs = &generator_attrs,
    .flags = T_NO_SUBCLASS, .trace = TRACE_VALS, .print = generator_print, .iter = generator_iter,
    .next = generator_next};
const type_t type_coroutine = {TYPE_HEAD, .name = Q(coroutine), .attrs = &generator_attrs,
    .flags = T_NO_SUBCLASS, .trace = TRACE_VALS, .print = generator_print, .iter = generator_iter,
    .next = generator_next};
