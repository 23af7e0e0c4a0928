// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter's loop of the LX106: one label per row of lx106_isa.def, threaded.
#include "lx106_int.h"
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word_t;
typedef uint16_t __attribute__((may_alias)) half_t;

// What the handlers use.
#define OP (op->op)
#define AR (c->a[OP.r])
#define AS (c->a[OP.s])
#define AT (c->a[OP.t])
#define IMM (OP.imm)
#define SAR (c->sar)
#define MASK (UINT32_MAX >> (32 - OP.x))
#define GO() goto *(&&do_add + OP.go)
// The state as the outside may see it, at the start of this instruction.
#define SYNC() (c->cycles = base + OP.cum, c->blk = blk, c->at = op)

// What goes beyond a peripheral or a register of the system may have changed the limit.
#define LOOK(n) \
    do { \
        limit = one ? 0 : c->limit; \
        op += n; \
        if (base + blk->bound > limit) \
            goto leave; \
        GO(); \
    } while (0)
#define CALL(...) \
    do { \
        SYNC(); \
        __VA_ARGS__; \
        LOOK(1); \
    } while (0)

#define RAISE_AT(cause, address) \
    do { \
        SYNC(); \
        c->pc = blk->pc + OP.off; \
        lx_raise(c, cause, address); \
        return; \
    } while (0)
#define RAISE(cause) RAISE_AT(cause, c->excvaddr)
#define BREAK(cause) \
    do { \
        SYNC(); \
        if (lx_break(c, cause)) \
            return; \
    } while (0)

// Aligned and inside is one comparison: what is not aligned has high bits behind the rotation.
#define RAM_INDEX(address, bits) (((address) - ram_base) >> (bits) | ((address) - ram_base) << (32 - (bits)))

#define SLOW_LOAD(to, address, size, type) \
    do { \
        uint32_t value; \
        SYNC(); \
        int more = lx_load(c, address, size, &value, OP.x); \
        if (more < 0) \
            return; \
        to = (uint32_t)(type)value; \
        base += more; \
        LOOK(1); \
    } while (0)
#define LOAD32(to, address_) \
    do { \
        uint32_t address = address_, i = RAM_INDEX(address, 2); \
        if (__builtin_expect(i >= ram_words, 0)) \
            SLOW_LOAD(to, address, 4, uint32_t); \
        to = ((const word_t *)ram)[i]; \
    } while (0)
#define LOAD16(to, address_, type) \
    do { \
        uint32_t address = address_, i = RAM_INDEX(address, 1); \
        if (__builtin_expect(i >= 2 * ram_words, 0)) \
            SLOW_LOAD(to, address, 2, type); \
        to = (uint32_t)(type)((const half_t *)ram)[i]; \
    } while (0)
#define LOAD8(to, address_) \
    do { \
        uint32_t address = address_, i = address - ram_base; \
        if (__builtin_expect(i >= 4 * ram_words, 0)) \
            SLOW_LOAD(to, address, 1, uint8_t); \
        to = ram[i]; \
    } while (0)
#define STORE(address_, value, size, index, inside, type) \
    do { \
        uint32_t address = address_, i = index; \
        if (__builtin_expect(i >= inside, 0)) { \
            SYNC(); \
            int more = lx_store(c, address, size, value, OP.x); \
            if (more < 0) \
                return; \
            base += more; \
            LOOK(1); \
        } \
        ((type *)ram)[i] = value; \
    } while (0)
#define STORE32(address, value) STORE(address, value, 4, RAM_INDEX(address, 2), ram_words, word_t)
#define STORE16(address, value) STORE(address, value, 2, RAM_INDEX(address, 1), 2 * ram_words, half_t)
#define STORE8(address, value) STORE(address, value, 1, address - ram_base, 4 * ram_words, uint8_t)

// To the target of the link behind this operation.
#define TAKE() \
    do { \
        const lx_block_t *to = op[1].link.to; \
        uint64_t then = base + OP.cum + 1 + LX_REFILL; \
        if (__builtin_expect(then + to->bound > limit, 0)) \
            goto take_slow; \
        base = then; \
        blk = to; \
        op = blk->ops; \
        GO(); \
    } while (0)
#define JUMP(target_) \
    do { \
        jump = target_; \
        const lx_block_t *to = c->cache[lx_hash(jump)]; \
        base += OP.cum + 1 + LX_REFILL; \
        if (__builtin_expect(to->pc != jump || base + to->bound > limit, 0)) \
            goto jump_slow; \
        blk = to; \
        op = blk->ops; \
        GO(); \
    } while (0)
#define RETURN_FROM(target) \
    do { \
        SYNC(); \
        uint32_t back = target; \
        limit = one ? 0 : c->limit; \
        JUMP(back); \
    } while (0)
#define END() goto end

#define LITERAL() \
    do { \
        AT = *op[1].link.literal; \
        op++; \
    } while (0)
#define LITERAL_LINE() \
    do { \
        if (__builtin_expect(c->tag[op[1].link.slot] != op[1].link.target, 0)) { \
            SYNC(); \
            int more = lx_load(c, IMM, 4, &c->a[OP.t], 0); \
            if (more < 0) \
                return; \
            base += more - LX_SLOW_LOAD; /* that is in `cum` */ \
            LOOK(2); \
        } \
    } while (0)
#define LINE() \
    do { \
        if (__builtin_expect(c->tag[OP.slot] != OP.imm, 0)) { \
            if (c->flash_off) \
                CACHE_OFF(); \
            base += lx_miss(c, OP.slot, OP.imm); \
            if (!one && base + blk->bound > limit) { \
                op++; \
                c->mid = true; \
                goto leave; \
            } \
        } \
    } while (0)
#define CACHE_OFF() \
    do { \
        machine_report(c->cpu.m, REPORT_GUEST_ERROR, blk->pc + OP.off, \
                       "code in flash while the cache is off"); \
        RAISE(LX_ILLEGAL); \
    } while (0)

static inline uint32_t lx_nsa(uint32_t v)
{
    v ^= (int32_t)v >> 31;
    return v ? __builtin_clz(v) - 1 : 31;
}

// BREAK: TRUE when it does anything.
static bool lx_break(lx106_t *c, unsigned cause)
{
    c->pc = lx_pc(c);
    if (c->cpu.debugger) {
        c->break_wanted = true;
        c->blk = NULL;
        c->nocross = true;
        return true;
    }
    if ((c->ps & LX_PS_LEVEL) >= 2)
        return false;
    lx_raise_debug(c, cause);
    return true;
}

// Links `from` to its target's block. FALSE: there is none to be had now.
static bool link_to(lx106_t *c, const lx_slot_t *from)
{
    lx_link_t *l = (lx_link_t *)&from[1].link; // a cache
    if (l->to == &c->none) {
        lx_block_t *b = lx_find(c, l->target);
        if (b)
            l->to = b;
    }
    return l->to != &c->none;
}

static void run_from(lx106_t *c, const lx_slot_t *op, bool one)
{
    static const int32_t table[LX_OPS] = {
#define LX(id, ...) &&do_##id - &&do_add,
#define LXI(id, ...) &&do_##id - &&do_add,
#include "lx106_isa.def"
#undef LX
#undef LXI
    };
    if (!op) {
        memcpy(c->handler, table, sizeof table);
        return;
    }
    const lx_block_t *blk = c->blk;
    uint64_t base = c->cycles - OP.cum, limit = one ? 0 : c->limit;
    uint8_t *const ram = c->ram;
    const uint32_t ram_base = c->ram_base, ram_words = c->ram_words;
    uint32_t jump;
    GO();

#define LX(id, name, operands, match, mask, imm, flags, cycles, ...) \
do_##id: \
    { \
        __VA_ARGS__; \
        op += (flags) & LX_LINK ? 2 : 1; \
        GO(); \
    }
#define LXI(id, ...) \
do_##id: \
    { \
        __VA_ARGS__; \
        op++; \
        GO(); \
    }
#define LINK LX_LINK
#define W_R 0
#define W_S 0
#define W_T 0
#define R_R 0
#define R_S 0
#define R_T 0
#define R_0 0
#define LATE 0
#define ENDS 0
#include "lx106_isa.def"

take_slow:
    if (!one && op[1].link.to == &c->none && link_to(c, op))
        TAKE();
    base += OP.cum + 1 + LX_REFILL;
    c->pc = op[1].link.target;
    goto leave_block;
end: // the block was cut: no jump, nothing is fetched anew
    if (!one && link_to(c, op)) {
        const lx_block_t *to = op[1].link.to;
        if (base + OP.cum - to->cross + to->bound <= limit) {
            base += OP.cum - to->cross;
            blk = to;
            op = blk->ops;
            GO();
        }
    }
    base += OP.cum;
    c->nocross = true;
    c->pc = op[1].link.target;
    goto leave_block;
jump_slow:
    c->pc = jump;
    if (!one) {
        const lx_block_t *to = lx_find(c, jump);
        if (to && base + to->bound <= limit) {
            blk = to;
            op = blk->ops;
            GO();
        }
    }
leave_block:
    c->cycles = base;
    c->blk = NULL;
    return;
leave:
    c->cycles = base + OP.cum;
    c->blk = blk;
    c->at = one ? c->one_next : op;
}

void lx_handlers(lx106_t *c) { run_from(c, NULL, false); }

// A copy of the instruction (with what enters its lines), and the stop behind it.
static void copy_one(lx106_t *c)
{
    const lx_slot_t *from = c->at;
    unsigned n = 0;
    while (from->op.id == LX_OP_line)
        c->one[n++] = *from++;
    bool two = from->op.id < LX_ROWS ? lx_rows[from->op.id].flags & LX_LINK
                                     : from->op.id == LX_OP_end || from->op.id >= LX_OP_l32r_ram;
    c->one[n++] = *from++;
    if (two)
        c->one[n++] = *from++;
    c->one_next = from;
    c->one[n].op = (lx_op_t){.go = c->handler[LX_OP_stop], .id = LX_OP_stop};
    if (from - c->blk->ops < c->blk->n) {
        c->one[n].op.cum = from->op.cum;
        c->one[n].op.off = from->op.off;
    }
}

void lx_exec(lx106_t *c, bool one)
{
    if (one)
        copy_one(c);
    run_from(c, one ? c->one : c->at, one);
}
