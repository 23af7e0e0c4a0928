/* SPDX-License-Identifier: MIT
 * vm.c: the interpreter's loop. Instructions: opcodes.h; frames: vm_frame.h.
 *
 * Quick paths are written out here for small ints, floats, lists, dicts, instances and Python
 * functions; everything else goes through ops.h. Python functions called from Python code, __init__
 * and generators in for loops run in the same activation of the loop.
 *
 * run.pc is brought up to date before anything that may raise.
 */
#include "vm.h"
#include "class.h"
#include "heap.h"
#include "module.h"
#include "opcodes.h"
#include "vm_frame.h"
#include "vm_help.h"

#define A (w >> 8 & 255)
#define B (w >> 16 & 255)
#define C (w >> 24)
#define I ((int32_t)w >> 16)
#define J ((int32_t)w >> 8)
#define SB ((int8_t)(w >> 16))

#define SAVE()  (run.pc = pc)
#define NAME(x) str_of(k[x])
#define NEXT()                                                                                     \
    do {                                                                                           \
        w = *pc++;                                                                                 \
        goto *jump[w & 255];                                                                       \
    } while (0)
#define POLL()                                                                                     \
    do {                                                                                           \
        if (UNLIKELY(run.poll)) {                                                                  \
            SAVE();                                                                                \
            run.poll = 0;                                                                          \
            vm_poll();                                                                             \
        }                                                                                          \
    } while (0)
/* r has changed: the code's constants, the end of the window */
#define ENTER_FRAME()                                                                              \
    do {                                                                                           \
        const code_t *code_ = frame_fn(r)->code;                                                   \
        k = code_->consts->v;                                                                      \
        run.r = r;                                                                                 \
        adder.top = r + code_->regs;                                                               \
    } while (0)

/* A Python function with just the arguments it wants: they stay where they are. */
#define QUICK_CALL()                                                                               \
    do {                                                                                           \
        if (LIKELY(is_exact(a[0], &type_function))) {                                              \
            const code_t *code_ = ((function_t *)a[0])->code;                                      \
            val_t *top_ = a + 3 + code_->regs;                                                     \
            if (LIKELY(code_->quick == n) && LIKELY(top_ + FRAME_SLACK <= adder.stack_end)) {      \
                a[1] = (val_t)pc;                                                                  \
                a[2] = (w & 0xff00ff00u) | LINK_CALL;                                              \
                r = a + 3;                                                                         \
                pc = code_start(code_);                                                            \
                k = code_->consts->v;                                                              \
                run.r = r;                                                                         \
                adder.top = top_;                                                                  \
                NEXT();                                                                            \
            }                                                                                      \
        }                                                                                          \
    } while (0)

/* An address the compiler can't compute, so it stays in a register or on the stack: to load it from
 * flash each time costs wait states. */
#define HIDE(variable, address)                                                                    \
    do {                                                                                           \
        variable = (address);                                                                      \
        __asm__ volatile("" : "+r"(variable));                                                     \
    } while (0)

#define BOTH_INT(x, y) ((x) & (y) & 1)

static inline bool truth(val_t v) {
    return v == V_TRUE || (v != V_FALSE && v != V_NONE && op_is_true(v));
}

static inline val_t new_float(real_t x) {
    float_obj_t *f = heap_quick(&type_float);
    f->value = x;
    return V_OBJ(f);
}

/* Operands of float arithmetic, if at least one is a float and the other a float or small int. */
static inline bool two_reals(val_t x, val_t y, real_t *a, real_t *b) {
    if (is_float(x)) {
        *a = float_of(x);
        if (is_float(y))
            *b = float_of(y);
        else if (is_int(y))
            *b = (real_t)int_of(y);
        else
            return false;
        return true;
    }
    if (!is_int(x) || !is_float(y))
        return false;
    *a = (real_t)int_of(x);
    *b = float_of(y);
    return true;
}

#define ARITHMETIC(name, flag, int_case, real_case)                                                \
    L_##name: {                                                                                    \
        val_t x = r[B], y = r[C];                                                                  \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            int_case                                                                               \
        } else {                                                                                   \
            real_t fa, fb;                                                                         \
            if (two_reals(x, y, &fa, &fb)) {                                                       \
                SAVE();                                                                            \
                r[A] = new_float(real_case);                                                       \
                NEXT();                                                                            \
            }                                                                                      \
        }                                                                                          \
        SAVE();                                                                                    \
        r[A] = op_binary((op_t)(OP_##flag), x, y);                                                   \
        NEXT();                                                                                    \
    }
#define ADD_INT                                                                                    \
    intptr_t sum;                                                                                  \
    if (LIKELY(!__builtin_add_overflow((intptr_t)x, (intptr_t)(y - 1), &sum))) {                   \
        r[A] = (val_t)sum;                                                                         \
        NEXT();                                                                                    \
    }
#define SUB_INT                                                                                    \
    intptr_t sum;                                                                                  \
    if (LIKELY(!__builtin_sub_overflow((intptr_t)x, (intptr_t)(y - 1), &sum))) {                   \
        r[A] = (val_t)sum;                                                                         \
        NEXT();                                                                                    \
    }
#define MUL_INT                                                                                    \
    intptr_t product;                                                                              \
    if (LIKELY(!__builtin_mul_overflow(int_of(x), (intptr_t)(y - 1), &product))) {                 \
        r[A] = (val_t)product | 1;                                                                 \
        NEXT();                                                                                    \
    }

/* Operators whose quick case is small ints only. */
#define INTEGER(name, flag, condition, result)                                                     \
    L_##name: {                                                                                    \
        val_t x = r[B], y = r[C];                                                                  \
        if (LIKELY(BOTH_INT(x, y)) && (condition)) {                                               \
            r[A] = (result);                                                                       \
            NEXT();                                                                                \
        }                                                                                          \
        SAVE();                                                                                    \
        r[A] = op_binary((op_t)(OP_##flag), x, y);                                                 \
        NEXT();                                                                                    \
    }

#define COMPARE(name, sign)                                                                        \
    L_##name: {                                                                                    \
        val_t x = r[B], y = r[C];                                                                  \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            r[A] = V_BOOL((intptr_t)x sign (intptr_t)y);                                           \
            NEXT();                                                                                \
        }                                                                                          \
        SAVE();                                                                                    \
        r[A] = op_binary(OP_##name, x, y);                                                         \
        NEXT();                                                                                    \
    }

#define JUMP_COMPARE(name, op, sign)                                                               \
    L_##name: {                                                                                    \
        val_t x = r[A], y = r[B];                                                                  \
        real_t fa, fb;                                                                             \
        if (LIKELY(BOTH_INT(x, y))) {                                                              \
            cond = (intptr_t)x sign (intptr_t)y;                                                   \
        } else if (two_reals(x, y, &fa, &fb)) {                                                    \
            cond = fa sign fb;                                                                     \
        } else {                                                                                   \
            SAVE();                                                                                \
            cond = truth(op_binary(op, x, y));                                                     \
        }                                                                                          \
        goto jump_if;                                                                              \
    }

#define JUMP_COMPARE_I(name, op, sign)                                                             \
    L_##name: {                                                                                    \
        val_t x = r[A];                                                                            \
        if (LIKELY(is_int(x))) {                                                                   \
            cond = int_of(x) sign SB;                                                              \
        } else {                                                                                   \
            SAVE();                                                                                \
            cond = truth(op_binary(op, x, V_INT(SB)));                                             \
        }                                                                                          \
        goto jump_if;                                                                              \
    }

ADDER_HOT val_t vm_run(val_t *entry, const uint32_t *start, val_t exc) {
    ADDER_HOT_DATA static const void *const labels[] = {
#define OP(name, words) &&L_##name,
        OPCODES(OP)
#undef OP
    };
    const void *const *jump;
    run_t run;
    const uint32_t *pc;
    val_t *r;
    const val_t *k;
    uint32_t w;
    bool cond;

    run.prev = adder.run;
    run.r = entry;
    run.pc = start;
    run.chunk = adder.chunk;
    run.poll = adder.pending != 0;
    catch_begin(&run.c);
    adder.run = &run;
    if (jump_set(run.c.jump) != 0) {
        adder.catcher = &run.c;
        adder.run = &run;
        vm_set_chunk(run.chunk);
        pc = vm_unwind(&run); /* or raises in our caller */
        r = run.r;
        k = frame_fn(r)->code->consts->v;
        HIDE(jump, labels);
        NEXT();
    }
    if (exc)
        raise(exc);
    r = entry;
    pc = start;
    k = frame_fn(r)->code->consts->v;
    HIDE(jump, labels);
    NEXT();

    L_NOP:
    NEXT();

    L_CLEAR: {
        for (val_t *p = r + A, *end = r + B; p < end; p++)
            *p = V_UNDEF;
        NEXT();
    }

    L_MOVE:
    r[A] = r[B];
    NEXT();

    L_LOADI:
    r[A] = (val_t)(intptr_t)I;
    NEXT();

    L_LOADK:
    r[A] = k[w >> 16];
    NEXT();

    L_CHECK:
    if (UNLIKELY(r[A] == V_UNDEF)) {
        SAVE();
        raise_format(&type_UnboundLocalError, "local variable '%q' referenced before assignment",
                     NAME(w >> 16));
    }
    NEXT();

    /* ---- names ---- */

    L_GETGLOBAL: {
        const dict_t *d = frame_fn(r)->globals;
        const str_t *name = NAME(*pc & 0xffff);
        unsigned hint = B;
        if (LIKELY(hint < d->used && d->block->e[hint].key == V_OBJ(name))) {
            r[A] = d->block->e[hint].value;
        } else {
            SAVE();
            r[A] = vm_get_global((uint32_t *)pc - 1, d, name);
        }
        pc++;
        NEXT();
    }

    L_GETBUILTIN: {
        const dict_t *d = frame_fn(r)->globals;
        if (LIKELY(d->used == *pc >> 16 && C == adder.epoch)) {
            r[A] = builtins_dict.block->e[B].value;
        } else {
            SAVE();
            r[A] = vm_get_global((uint32_t *)pc - 1, d, NAME(*pc & 0xffff));
        }
        pc++;
        NEXT();
    }

    L_SETGLOBAL: {
        dict_t *d = frame_fn(r)->globals;
        const str_t *name = NAME(*pc);
        unsigned hint = B;
        if (LIKELY(hint < d->used && d->block->e[hint].key == V_OBJ(name))) {
            d->block->e[hint].value = r[A];
        } else {
            SAVE();
            vm_set_global((uint32_t *)pc - 1, d, name, r[A]);
        }
        pc++;
        NEXT();
    }

    L_DELGLOBAL:
    SAVE();
    if (!dict_delete(frame_fn(r)->globals, k[*pc]))
        raise_format(&type_NameError, "name '%q' is not defined", NAME(*pc));
    pc++;
    NEXT();

    L_GETNAME: {
        SAVE();
        val_t v = dict_get_str(dict_of(r[0]), NAME(*pc));
        r[A] = v ? v : vm_find_global(frame_fn(r)->globals, NAME(*pc));
        pc++;
        NEXT();
    }

    L_SETNAME:
    SAVE();
    dict_set_str(dict_of(r[0]), NAME(*pc), r[A]);
    pc++;
    NEXT();

    L_DELNAME:
    SAVE();
    if (!dict_delete(dict_of(r[0]), k[*pc]))
        raise_format(&type_NameError, "name '%q' is not defined", NAME(*pc));
    pc++;
    NEXT();

    L_MKCELL:
    SAVE();
    r[A] = cell_new(r[A]);
    NEXT();

    L_NEWCELL:
    SAVE();
    r[A] = cell_new(V_UNDEF);
    NEXT();

    L_GETCELL: {
        val_t v = ((cell_t *)r[B])->value;
        if (UNLIKELY(!v)) {
            SAVE();
            vm_unbound(NAME(*pc));
        }
        r[A] = v;
        pc++;
        NEXT();
    }

    L_SETCELL:
    ((cell_t *)r[A])->value = r[B];
    NEXT();

    L_GETFREE: {
        val_t v = ((cell_t *)frame_fn(r)->cells->v[B])->value;
        if (UNLIKELY(!v)) {
            SAVE();
            vm_unbound(NAME(*pc));
        }
        r[A] = v;
        pc++;
        NEXT();
    }

    L_SETFREE:
    ((cell_t *)frame_fn(r)->cells->v[A])->value = r[B];
    NEXT();

    /* ---- attributes and items ---- */

    L_GETATTR: {
        val_t obj = r[B];
        const str_t *name = NAME(*pc);
        if (LIKELY(is_obj(obj))) {
            const dict_t *d = NULL;
            if (FIELD(obj_of(obj)->type, flags) & T_HAS_DICT)
                d = (const dict_t *)obj;
            else if (obj_of(obj)->type == &type_module)
                d = ((module_t *)obj)->dict;
            unsigned hint = C;
            if (d && hint < d->used && d->block->e[hint].key == V_OBJ(name) &&
                LIKELY(!is_exact(d->block->e[hint].value, &type_getset))) {
                r[A] = d->block->e[hint].value;
                pc++;
                NEXT();
            }
        }
        SAVE();
        r[A] = vm_get_attr((uint32_t *)pc - 1, obj, name);
        pc++;
        NEXT();
    }

    L_SETATTR: {
        val_t obj = r[A];
        const str_t *name = NAME(*pc);
        if (LIKELY(is_obj(obj))) {
            unsigned flags = FIELD(obj_of(obj)->type, flags);
            if ((flags & (T_HAS_DICT | T_HAS_SETATTR | T_EXC)) == T_HAS_DICT) {
                dict_t *d = (dict_t *)obj;
                unsigned hint = C;
                if (LIKELY(hint < d->used && d->block->e[hint].key == V_OBJ(name))) {
                    d->block->e[hint].value = r[B];
                    pc++;
                    NEXT();
                }
            }
        }
        SAVE();
        vm_set_attr((uint32_t *)pc - 1, obj, name, r[B]);
        pc++;
        NEXT();
    }

    L_DELATTR:
    SAVE();
    op_del_attr(r[A], NAME(*pc));
    pc++;
    NEXT();

    L_METHOD: {
        val_t obj = r[B];
        if (LIKELY(is_obj(obj))) { /* a function that the cache knows, and no instance hides it */
            const type_t *t = obj_of(obj)->type;
            unsigned flags = FIELD(t, flags);
            if (flags & T_HAS_DICT ? (flags & (T_CLASS | T_SHADOWED | T_NATIVE_BASE)) == T_CLASS && !adder.classes_changed
                                   : !t->attr && t != &type_type && t != &type_module) {
                const method_cache_t *c = &adder.cache[method_hash(t, NAME(*pc))];
                if (LIKELY(c->type == t && c->name == NAME(*pc)) && c->value && is_obj(c->value) &&
                    FIELD(obj_of(c->value)->type, flags) & T_FUNCTION) {
                    val_t *to = &r[A];
                    to[0] = c->value;
                    to[3] = obj;
                    pc++;
                    NEXT();
                }
            }
        }
        SAVE();
        vm_get_method(obj, NAME(*pc), &r[A]);
        pc++;
        NEXT();
    }

    L_GETITEM: {
        val_t obj = r[B], key = r[C];
        if (LIKELY(is_obj(obj))) {
            const type_t *t = obj_of(obj)->type;
            if (is_int(key)) {
                intptr_t i = int_of(key);
                if (t == &type_list) {
                    const list_t *l = list_of(obj);
                    if (i < 0)
                        i += (intptr_t)l->n;
                    if (LIKELY((uintptr_t)i < l->n)) {
                        r[A] = l->items->v[i];
                        NEXT();
                    }
                } else if (t == &type_tuple) {
                    const vals_t *l = tuple_of(obj);
                    if (i < 0)
                        i += (intptr_t)l->n;
                    if (LIKELY((uintptr_t)i < l->n)) {
                        r[A] = l->v[i];
                        NEXT();
                    }
                }
            }
            if (t == &type_dict) {
                SAVE();
                val_t v = dict_get(dict_of(obj), key);
                if (UNLIKELY(!v))
                    raise_key(key);
                r[A] = v;
                NEXT();
            }
        }
        SAVE();
        r[A] = op_get_item(obj, key);
        NEXT();
    }

    L_SETITEM: {
        val_t obj = r[A], key = r[B];
        if (LIKELY(is_obj(obj))) {
            if (is_int(key) && obj_of(obj)->type == &type_list) {
                list_t *l = list_of(obj);
                intptr_t i = int_of(key);
                if (i < 0)
                    i += (intptr_t)l->n;
                if (LIKELY((uintptr_t)i < l->n)) {
                    l->items->v[i] = r[C];
                    NEXT();
                }
            } else if (obj_of(obj)->type == &type_dict) {
                SAVE();
                dict_set(dict_of(obj), key, r[C]);
                NEXT();
            }
        }
        SAVE();
        op_set_item(obj, key, r[C]);
        NEXT();
    }

    L_DELITEM:
    SAVE();
    op_del_item(r[A], r[B]);
    NEXT();

    /* ---- operators ---- */

    ARITHMETIC(ADD, ADD, ADD_INT, fa + fb)
    ARITHMETIC(SUB, SUB, SUB_INT, fa - fb)
    ARITHMETIC(MUL, MUL, MUL_INT, fa * fb)
    ARITHMETIC(IADD, ADD | OP_INPLACE, ADD_INT, fa + fb)
    ARITHMETIC(ISUB, SUB | OP_INPLACE, SUB_INT, fa - fb)
    ARITHMETIC(IMUL, MUL | OP_INPLACE, MUL_INT, fa * fb)

    L_TRUEDIV:
    L_ITRUEDIV: {
        val_t x = r[B], y = r[C];
        real_t fa, fb;
        SAVE();
        if (two_reals(x, y, &fa, &fb) && fb != 0)
            r[A] = float_new(fa / fb);
        else if (ADDER_DOUBLE == 0 && BOTH_INT(x, y) && y != V_INT(0))
            r[A] = float_new((real_t)int_of(x) / (real_t)int_of(y));
        else
            r[A] = op_binary((w & 255) == I_TRUEDIV ? OP_TRUEDIV : (op_t)(OP_TRUEDIV | OP_INPLACE), x, y);
        NEXT();
    }

    INTEGER(FLOORDIV, FLOORDIV, (intptr_t)y > 1, V_INT(floor_div(int_of(x), int_of(y))))
    INTEGER(IFLOORDIV, FLOORDIV | OP_INPLACE, (intptr_t)y > 1, V_INT(floor_div(int_of(x), int_of(y))))
    INTEGER(MOD, MOD, (intptr_t)y > 1, V_INT(floor_mod(int_of(x), int_of(y))))
    INTEGER(IMOD, MOD | OP_INPLACE, (intptr_t)y > 1, V_INT(floor_mod(int_of(x), int_of(y))))
    INTEGER(AND, AND, true, x & y)
    INTEGER(IAND, AND | OP_INPLACE, true, x & y)
    INTEGER(OR, OR, true, x | y)
    INTEGER(IOR, OR | OP_INPLACE, true, x | y)
    INTEGER(XOR, XOR, true, (x ^ y) | 1)
    INTEGER(IXOR, XOR | OP_INPLACE, true, (x ^ y) | 1)
    INTEGER(RSHIFT, RSHIFT, (uintptr_t)int_of(y) < 31, ((val_t)((intptr_t)x >> int_of(y))) | 1)
    INTEGER(IRSHIFT, RSHIFT | OP_INPLACE, (uintptr_t)int_of(y) < 31, ((val_t)((intptr_t)x >> int_of(y))) | 1)
    INTEGER(LSHIFT, LSHIFT, shift_fits(x, y), V_INT((uintptr_t)int_of(x) << int_of(y)))
    INTEGER(ILSHIFT, LSHIFT | OP_INPLACE, shift_fits(x, y), V_INT((uintptr_t)int_of(x) << int_of(y)))

    L_POW:
    L_MATMUL:
    SAVE();
    r[A] = op_binary((op_t)((w & 255) - I_ADD + OP_ADD), r[B], r[C]);
    NEXT();

    L_IPOW:
    L_IMATMUL:
    SAVE();
    r[A] = op_binary((op_t)(((w & 255) - I_IADD + OP_ADD) | OP_INPLACE), r[B], r[C]);
    NEXT();

    L_ADDI:
    L_IADDI: {
        val_t x = r[B];
        intptr_t sum;
        if (LIKELY(is_int(x)) && LIKELY(!__builtin_add_overflow((intptr_t)x, (intptr_t)(C * 2), &sum))) {
            r[A] = (val_t)sum;
            NEXT();
        }
        SAVE();
        r[A] = op_binary((w & 255) == I_ADDI ? OP_ADD : (op_t)(OP_ADD | OP_INPLACE), x, V_INT(C));
        NEXT();
    }

    L_SUBI:
    L_ISUBI: {
        val_t x = r[B];
        intptr_t sum;
        if (LIKELY(is_int(x)) && LIKELY(!__builtin_sub_overflow((intptr_t)x, (intptr_t)(C * 2), &sum))) {
            r[A] = (val_t)sum;
            NEXT();
        }
        SAVE();
        r[A] = op_binary((w & 255) == I_SUBI ? OP_SUB : (op_t)(OP_SUB | OP_INPLACE), x, V_INT(C));
        NEXT();
    }

    COMPARE(LT, <)
    COMPARE(LE, <=)
    COMPARE(GT, >)
    COMPARE(GE, >=)
    COMPARE(EQ, ==)
    COMPARE(NE, !=)

    L_IN:
    SAVE();
    r[A] = V_BOOL(op_contains(r[C], r[B]));
    NEXT();

    L_NOTIN:
    SAVE();
    r[A] = V_BOOL(!op_contains(r[C], r[B]));
    NEXT();

    L_IS:
    r[A] = V_BOOL(r[B] == r[C]);
    NEXT();

    L_ISNOT:
    r[A] = V_BOOL(r[B] != r[C]);
    NEXT();

    L_UNARY: {
        val_t x = r[B];
        if (C == UN_NEG && is_int(x) && (intptr_t)x != INTPTR_MIN + 1) {
            r[A] = (val_t)(2 - (intptr_t)x);
            NEXT();
        }
        SAVE();
        r[A] = op_unary((unary_t)C, x);
        NEXT();
    }

    L_NOT:
    SAVE();
    r[A] = V_BOOL(!truth(r[B]));
    NEXT();

    /* ---- jumps ---- */

    L_JUMP:
    pc += J;
    POLL();
    NEXT();

    L_JTRUE: {
        val_t v = r[A];
        if (v != V_TRUE) {
            SAVE();
            if (!truth(v))
                NEXT();
        }
        pc += I;
        POLL();
        NEXT();
    }

    L_JFALSE: {
        val_t v = r[A];
        if (v == V_TRUE)
            NEXT();
        SAVE();
        if (!truth(v)) {
            pc += I;
            POLL();
        }
        NEXT();
    }

    L_JNONE:
    if (r[A] == V_NONE) {
        pc += I;
        POLL();
    }
    NEXT();

    L_JNOTNONE:
    if (r[A] != V_NONE) {
        pc += I;
        POLL();
    }
    NEXT();

    JUMP_COMPARE(JLT, OP_LT, <)
    JUMP_COMPARE(JLE, OP_LE, <=)
    JUMP_COMPARE(JGT, OP_GT, >)
    JUMP_COMPARE(JGE, OP_GE, >=)
    JUMP_COMPARE(JEQ, OP_EQ, ==)
    JUMP_COMPARE(JNE, OP_NE, !=)
    JUMP_COMPARE_I(JLTI, OP_LT, <)
    JUMP_COMPARE_I(JLEI, OP_LE, <=)
    JUMP_COMPARE_I(JGTI, OP_GT, >)
    JUMP_COMPARE_I(JGEI, OP_GE, >=)
    JUMP_COMPARE_I(JEQI, OP_EQ, ==)
    JUMP_COMPARE_I(JNEI, OP_NE, !=)

    L_JIN:
    SAVE();
    cond = op_contains(r[B], r[A]);
    goto jump_if;

    L_JNOTIN:
    SAVE();
    cond = !op_contains(r[B], r[A]);
    goto jump_if;

    L_JIS:
    cond = r[A] == r[B];
    goto jump_if;

    L_JISNOT:
    cond = r[A] != r[B];

jump_if:
    if (cond == (bool)C) {
        pc += (int32_t)*pc + 1;
        POLL();
    } else {
        pc++;
    }
    NEXT();

    /* ---- iteration ---- */

    L_GETITER:
    SAVE();
    r[A] = op_iter(r[B]);
    NEXT();

    L_FORRANGE:
    SAVE();
    vm_for_range(&r[A], B);
    NEXT();

    L_FORITER: {
        val_t it = r[A];
        val_t v;
        if (LIKELY(is_int(it))) { /* a range: turns left, next value, step */
            if (it == V_INT(0)) {
                pc++;
                NEXT();
            }
            val_t *s = &r[A];
            s[0] = it - 2;
            v = s[1];
            s[1] = v + s[2];
        } else if (obj_of(it)->type == &type_iterator) {
            SAVE();
            v = ((iterator_t *)it)->next((iterator_t *)it);
        } else if (obj_of(it)->type == &type_generator) {
            SAVE();
            const uint32_t *to = vm_enter_generator(&run, it, pc);
            if (to) {
                pc = to;
                r = run.r;
                ENTER_FRAME();
                NEXT();
            }
            v = V_UNDEF;
        } else {
            SAVE();
            v = op_next(it);
        }
        if (v) {
            r[B] = v;
            pc += (int32_t)*pc + 1;
            POLL();
        } else {
            pc++;
        }
        NEXT();
    }

    L_YIELD: {
        val_t v = r[B];
        unsigned kind = r[-1] & LINK_KIND;
        vm_leave_generator(r, pc);
        if (kind == LINK_RESUME) {
            adder.run = run.prev;
            catch_end(&run.c);
            return v;
        }
        pc = (const uint32_t *)r[-2]; /* at the FORITER's second word */
        r = vm_caller(&run, r);
        ENTER_FRAME();
        w = pc[-1];
        r[B] = v;
        pc += (int32_t)*pc + 1;
        POLL();
        NEXT();
    }

    L_YIELDFROM: {
        SAVE();
        val_t v = vm_delegate(&r[B]);
        if (!v) {
            r[A] = adder.stop_value;
            NEXT();
        }
        /* yield v; what is sent goes to B+1, and this instruction is executed again */
        unsigned kind = r[-1] & LINK_KIND;
        vm_leave_generator(r, pc - 1);
        if (kind == LINK_RESUME) {
            adder.run = run.prev;
            catch_end(&run.c);
            return v;
        }
        pc = (const uint32_t *)r[-2];
        r = vm_caller(&run, r);
        ENTER_FRAME();
        w = pc[-1];
        r[B] = v;
        pc += (int32_t)*pc + 1;
        POLL();
        NEXT();
    }

    L_AWAITABLE:
    SAVE();
    r[A] = vm_awaitable(r[B]);
    NEXT();

    /* ---- calls ---- */

    {
        val_t *a;
        unsigned n, nkw;
        val_t f;
        val_t *base;
        uint32_t kind;

        L_CALLM:
        a = &r[A];
        n = B + 1;
        if (LIKELY(a[3] != V_UNDEF))
            QUICK_CALL();
        nkw = 0;
        if (UNLIKELY(!a[3])) { /* what METHOD found takes no self */
            n--;
            values_copy(a + 3, a + 4, n);
        }
        goto call;

        L_CALLK:
        a = &r[A];
        n = B;
        nkw = *pc & 255;
        if (*pc & 256) {
            if (a[3])
                n++;
            else
                values_copy(a + 3, a + 4, n + 2 * nkw);
        }
        pc++;
        goto call;

        L_CALL:
        a = &r[A];
        n = B;
        QUICK_CALL();
        nkw = 0;

    call:
        base = a + 3;
        kind = LINK_CALL;
    call_again:
        f = a[0];
        if (LIKELY(is_exact(f, &type_function))) {
            function_t *fn;
            const code_t *code;
        call_function:
            fn = (function_t *)f;
            code = fn->code;
            if (UNLIKELY(base + code->regs + 2 * FRAME_SLACK > adder.stack_end) || nkw ||
                UNLIKELY(!(code->flags & CODE_SIMPLE)) || UNLIKELY(n != code->params)) {
                SAVE();
                base = vm_call_slowly(&run, &kind, f, base, n, nkw);
                if (!base) { /* a generator: it stands in place of the function */
                    if (kind == LINK_MAKE)
                        raise_type("__init__() should return None");
                    r[C] = a[0];
                    NEXT();
                }
            }
            base[-3] = f;
            base[-2] = (val_t)pc;
            base[-1] = (w & 0xff00ff00u) | kind;
            r = base;
            pc = code_start(code);
            k = code->consts->v;
            run.r = r;
            adder.top = r + code->regs;
            NEXT();
        }
        SAVE();
        if (is_exact(f, &type_native)) {
            const native_t *nat = (const native_t *)f;
            val_t v;
            if (FIELD(nat, form) == n && !nkw && n - 1 < 2)
                v = n == 1 ? nat->fn.f1(base[0]) : nat->fn.f2(base[0], base[1]);
            else
                v = vm_call_native(nat, n, nkw, base);
            r[C] = v;
            NEXT();
        }
        if (is_exact(f, &type_method)) {
            method_t *m = (method_t *)f;
            values_copy_up(base + 1, base, n + 2 * nkw);
            a[0] = m->fn;
            base[0] = m->self;
            n++;
            goto call_again;
        }
        if (is_exact(f, &type_type)) {
            const type_t *cls = (const type_t *)f;
            val_t init = FIELD(cls, flags) & T_CLASS ? class_init_of(cls) : V_UNDEF;
            if (init && is_exact(init, &type_function)) {
                val_t obj = class_instance(cls, n, nkw, base);
                values_copy_up(base + 2, base, n + 2 * nkw);
                a[0] = obj;
                base[1] = obj;
                base = a + 4;
                n++;
                kind = LINK_MAKE;
                f = init;
                goto call_function;
            }
        }
        r[C] = call(f, n, nkw, base);
        NEXT();

        L_CALLX:
        SAVE();
        r[C] = vm_call_unpacked(&r[A]);
        NEXT();
    }

    {
        val_t v;
        L_RETNONE:
        v = V_NONE;
        goto leave;
        L_RETURN:
        v = r[A];
    leave:;
        uint32_t link = (uint32_t)r[-1];
        if (LIKELY((link & 255) == LINK_CALL)) {
            pc = (const uint32_t *)r[-2];
            r -= (link >> 8 & 255) + 3;
            r[link >> 24] = v;
            ENTER_FRAME();
            NEXT();
        }
        switch (link & LINK_KIND) {
        case LINK_CALL: {
            pc = (const uint32_t *)r[-2];
            r = vm_caller(&run, r);
            r[link >> 24] = v;
            break;
        }
        case LINK_MAKE: {
            if (v != V_NONE) {
                SAVE();
                raise_type("__init__() should return None");
            }
            pc = (const uint32_t *)r[-2];
            r = vm_caller(&run, r);
            r[link >> 24] = r[link >> 8 & 255];
            break;
        }
        case LINK_FOR: /* the loop is over */
            generator_finish(r[-4]);
            pc = (const uint32_t *)r[-2] + 1;
            r = vm_caller(&run, r);
            break;
        case LINK_RESUME:
            generator_finish(r[-4]);
            adder.stop_value = v;
            v = V_UNDEF;
            /* fall through */
        default:
            adder.run = run.prev;
            catch_end(&run.c);
            return v;
        }
        ENTER_FRAME();
        NEXT();
    }

    /* ---- building ---- */

    L_LIST:
    SAVE();
    r[A] = list_new(C, &r[B]);
    NEXT();

    L_TUPLE:
    SAVE();
    r[A] = tuple_new(C, &r[B]);
    NEXT();

    L_SET:
    SAVE();
    r[A] = vm_build_set(C, &r[B]);
    NEXT();

    L_DICT:
    SAVE();
    r[A] = vm_build_dict(C, &r[B]);
    NEXT();

    L_LISTADD:
    SAVE();
    list_append(list_of(r[A]), r[B]);
    NEXT();

    L_LISTEXT:
    SAVE();
    list_extend(list_of(r[A]), r[B]);
    NEXT();

    L_SETADD:
    SAVE();
    set_add(set_of(r[A]), r[B]);
    NEXT();

    L_SETEXT: {
        SAVE();
        vm_set_extend(r[A], r[B]);
        NEXT();
    }

    L_DICTSET:
    SAVE();
    dict_set(dict_of(r[A]), r[B], r[C]);
    NEXT();

    L_DICTEXT:
    SAVE();
    vm_dict_extend(dict_of(r[A]), r[B], C);
    NEXT();

    L_TOTUPLE:
    SAVE();
    r[A] = tuple_new(list_of(r[B])->n, list_of(r[B])->items->v);
    NEXT();

    L_SLICE: {
        const val_t *s = &r[B];
        SAVE();
        r[A] = slice_new(s[0], s[1], s[2]);
        NEXT();
    }

    L_FORMAT:
    SAVE();
    r[A] = vm_format(&r[B], C);
    NEXT();

    L_CONCAT:
    SAVE();
    r[A] = vm_concat(&r[B], C);
    NEXT();

    L_UNPACK: {
        val_t v = r[A];
        val_t *to = &r[B];
        unsigned n = C;
        if (LIKELY(is_tuple(v)) && tuple_of(v)->n == n) {
            const val_t *from = tuple_of(v)->v;
            for (unsigned i = 0; i < n; i++)
                to[i] = from[i];
            NEXT();
        }
        SAVE();
        vm_unpack(v, to, n, false, 0);
        NEXT();
    }

    L_UNPACKX:
    SAVE();
    vm_unpack(r[A], &r[B], C, true, *pc);
    pc++;
    NEXT();

    L_FUNC:
    SAVE();
    r[A] = vm_make_function(r, k[*pc], B);
    pc++;
    NEXT();

    L_CLASS:
    SAVE();
    r[C] = vm_make_class(&r[A], B, NAME(*pc));
    pc++;
    NEXT();

    L_IMPORT:
    SAVE();
    r[A] = op_import(NAME(*pc), C ? V_TRUE : V_NONE, B, frame_fn(r)->globals);
    pc++;
    NEXT();

    L_IMPORTFROM:
    SAVE();
    r[A] = vm_import_from(r[B], NAME(*pc));
    pc++;
    NEXT();

    L_IMPORTALL:
    SAVE();
    vm_import_all(r[A], frame_fn(r)->globals);
    NEXT();

    /* ---- exceptions ---- */

    L_RAISE:
    SAVE();
    vm_raise(r[A], B == 255 ? V_UNDEF : r[B]);

    L_RERAISE:
    SAVE();
    if (r[A] == V_NONE)
        raise_text(&type_RuntimeError, "No active exception to reraise");
    raise(r[A]);

    L_EXCMATCH:
    SAVE();
    r[A] = V_BOOL(exc_match(r[B], r[C]));
    NEXT();

    L_ENDFINALLY:
    if (r[A] == V_INT(1)) {
        SAVE();
        raise((&r[A])[1]);
    }
    NEXT();

    L_WITHENTER:
    SAVE();
    vm_with_enter(&r[A], &r[B], C);
    NEXT();

    L_WITHEXIT:
    SAVE();
    vm_with_exit(&r[A], C);
    NEXT();

    L_WITHSWALLOW:
    SAVE();
    if ((&r[A])[1] == V_INT(1) && truth(r[B]))
        (&r[A])[1] = V_INT(0);
    NEXT();

    L_ANEXT:
    SAVE();
    r[A] = call_method(r[B], C ? Q(__aiter__) : Q(__anext__), 0, NULL);
    NEXT();

    L_PRINT:
    SAVE();
    vm_print_result(r[A], frame_fn(r)->globals);
    NEXT();
}
