// SPDX-License-Identifier: GPL-2.0-or-later
// Thumb instructions (ARMv7-M ARM A5, A7.7) as code of x86-64: integers, without DSP and floating point.
#include "cortexm_x86.h"

// ---- 16 bits ---------------------------------------------------------------------------------------

static void data_processing16(tr_t *t, bool flags)
{
    unsigned op = t->h >> 6 & 15, m = t->h >> 3 & 7, d = t->h & 7;
    static const uint8_t shifts[] = {[2] = 0, [3] = 1, [4] = 2, [7] = 3};
    tr_load(t, EAX, d);
    tr_load(t, ECX, m);
    switch (op) {
    case 0: tr_logic(t, OP_AND, d, flags); break;
    case 1: tr_logic(t, OP_EOR, d, flags); break;
    case 2: case 3: case 4: case 7:
        tr_shift_by_register(t, shifts[op], flags);
        tr_move(t, d, flags);
        break;
    case 5: tr_sum(t, OP_ADC, d, flags); break;
    case 6: tr_sum(t, OP_SBC, d, flags); break;
    case 8: tr_logic(t, OP_AND, TR_NOWHERE, true); break;
    case 9: // RSB d, m, #0
        emit_op(&t->x, X_XOR, EAX, EAX);
        tr_sum(t, OP_SUB, d, flags);
        break;
    case 10: tr_sum(t, OP_SUB, TR_NOWHERE, true); break;
    case 11: tr_sum(t, OP_ADD, TR_NOWHERE, true); break;
    case 12: tr_logic(t, OP_ORR, d, flags); break;
    case 13:
        emit_3(&t->x, 0x0F, 0xAF, 0xC1); // imul eax, ecx
        tr_move(t, d, flags);
        break;
    case 14: tr_logic(t, OP_BIC, d, flags); break;
    case 15:
        emit_mov(&t->x, EAX, ECX);
        emit_2(&t->x, 0xF7, 0xD0); // not eax
        tr_move(t, d, flags);
        break;
    }
}

static void high16(tr_t *t)
{
    unsigned op = t->h >> 8 & 3, m = t->h >> 3 & 15, d = (t->h & 7) | (t->h >> 4 & 8);
    switch (op) {
    case 0:
        tr_load(t, EAX, d);
        tr_load(t, ECX, m);
        if (d == 15) {
            emit_op(&t->x, X_ADD, EAX, ECX);
            tr_end_indirect(t);
        } else {
            tr_sum(t, OP_ADD, d, false);
        }
        break;
    case 1:
        tr_load(t, EAX, d);
        tr_load(t, ECX, m);
        tr_sum(t, OP_SUB, TR_NOWHERE, true);
        break;
    case 2:
        tr_load(t, EAX, m);
        if (d == 15)
            tr_end_indirect(t);
        else
            tr_store(t, EAX, d);
        break;
    case 3: // BX, BLX
        if (m == 15 || t->h & 7) {
            t->failed = true;
            return;
        }
        tr_load(t, EAX, m);
        tr_check_target(t);
        if (t->h & 0x80)
            emit_store_imm(&t->x, REG(14), (t->pc - 2) | 1);
        tr_end_indirect(t);
        break;
    }
}

static void extend(tr_t *t, unsigned op) // SXTH, SXTB, UXTH, UXTB, of eax
{
    static const uint8_t ops[] = {0xBF, 0xBE, 0xB7, 0xB6};
    emit_3(&t->x, 0x0F, ops[op], 0xC0);
    t->host = HOST_NONE;
}

// Swaps neighbours of `n` bits in eax.
static void swap_bits(tr_t *t, unsigned n, uint32_t mask)
{
    emit_mov(&t->x, ECX, EAX);
    emit_shift(&t->x, X_SHR, EAX, n);
    emit_op_imm(&t->x, X_AND, EAX, mask);
    emit_op_imm(&t->x, X_AND, ECX, mask);
    emit_shift(&t->x, X_SHL, ECX, n);
    emit_op(&t->x, X_OR, EAX, ECX);
}

static void reverse(tr_t *t, unsigned op, unsigned d) // REV, REV16, RBIT, REVSH, of eax
{
    emit_2(&t->x, 0x0F, 0xC8); // bswap eax
    if (op == 1)
        emit_shift(&t->x, X_ROR, EAX, 16);
    if (op == 2) {
        swap_bits(t, 4, 0x0F0F0F0F);
        swap_bits(t, 2, 0x33333333);
        swap_bits(t, 1, 0x55555555);
    }
    if (op == 3)
        emit_shift(&t->x, X_SAR, EAX, 16);
    tr_move(t, d, false);
}

static void misc16(tr_t *t)
{
    unsigned h = t->h;
    if ((h & 0xFF00) == 0xB000) {
        tr_sum_imm(t, h & 0x80 ? OP_SUB : OP_ADD, 13, 13, (h & 0x7F) * 4, false);
    } else if ((h & 0xF500) == 0xB100 && !t->ins->cond) { // CBZ, CBNZ
        uint32_t to = t->pc + ((h >> 3 & 31) | (h >> 4 & 32)) * 2;
        tr_load(t, EAX, h & 7);
        emit_test(&t->x, EAX);
        uint8_t *no = emit_jcc(&t->x, h & 0x800 ? J_E : J_NE);
        tr_chain(t, to, true);
        emit_here(&t->x, no);
        tr_chain(t, t->b->end, false);
        t->ended = true;
    } else if ((h & 0xFF00) == 0xB200) {
        tr_load(t, EAX, h >> 3 & 7);
        extend(t, h >> 6 & 3);
        tr_move(t, h & 7, false);
    } else if ((h & 0xFF00) == 0xBA00) {
        tr_load(t, EAX, h >> 3 & 7);
        reverse(t, h >> 6 & 3, h & 7);
        t->failed |= (h >> 6 & 3) == 2;
    } else if ((h & 0xFF00) != 0xBF00 || (!(h & 15) && (h >> 4 & 15))) {
        t->failed = true; // not IT, NOP
    }
}

void tr_thumb16(tr_t *t)
{
    unsigned h = t->h, d = h & 7, m = h >> 3 & 7;
    bool flags = !t->ins->cond;
    switch (h >> 12) {
    case 0: case 1:
        if (h >> 11 == 3) {
            unsigned n = h >> 6 & 7;
            if (h & 0x400) {
                tr_sum_imm(t, h & 0x200 ? OP_SUB : OP_ADD, d, m, n, flags);
            } else {
                tr_load(t, EAX, m);
                tr_load(t, ECX, n);
                tr_sum(t, h & 0x200 ? OP_SUB : OP_ADD, d, flags);
            }
        } else {
            tr_load(t, EAX, m);
            tr_shift_imm(t, EAX, h >> 11, h >> 6 & 31, flags);
            tr_move(t, d, flags);
        }
        break;
    case 2: case 3:
        d = h >> 8 & 7;
        switch (h >> 11 & 3) {
        case 0:
            emit_imm(&t->x, EAX, h & 0xFF);
            tr_move(t, d, flags);
            break;
        case 1: tr_sum_imm(t, OP_SUB, TR_NOWHERE, d, h & 0xFF, true); break;
        case 2: tr_sum_imm(t, OP_ADD, d, d, h & 0xFF, flags); break;
        case 3: tr_sum_imm(t, OP_SUB, d, d, h & 0xFF, flags); break;
        }
        break;
    case 4:
        (h & 0x400) ? high16(t) : data_processing16(t, flags);
        break;
    case 10:
        if (h & 0x800) {
            tr_sum_imm(t, OP_ADD, h >> 8 & 7, 13, (h & 0xFF) * 4, false);
        } else {
            emit_imm(&t->x, EAX, (t->pc & ~3u) + (h & 0xFF) * 4);
            tr_store(t, EAX, h >> 8 & 7);
        }
        break;
    case 11: misc16(t); break;
    case 13:
        if ((h >> 8 & 15) >= 14 || t->ins->cond)
            t->failed = true;
        else
            tr_end_conditional(t, h >> 8 & 15, t->pc + (int8_t)h * 2);
        break;
    case 14:
        tr_end_direct(t, t->pc + ((int32_t)(h << 21) >> 20));
        break;
    default: t->failed = true;
    }
}

// ---- 32 bits ---------------------------------------------------------------------------------------

static uint32_t expand(unsigned imm12, int *carry)
{
    uint32_t v = imm12 & 0xFF;
    *carry = -1;
    switch (imm12 >> 8) {
    case 0: return v;
    case 1: return v | v << 16;
    case 2: return v << 8 | v << 24;
    case 3: return v * 0x01010101u;
    }
    v = 0x80 | (imm12 & 0x7F);
    unsigned n = imm12 >> 7;
    v = v >> n | v << (32 - n);
    *carry = v >> 31;
    return v;
}

// eax op ecx, the operations that a constant and a shifted register have in common.
static void data_processing32(tr_t *t, unsigned op, unsigned n, unsigned d, bool s)
{
    switch (op) {
    case 0: tr_logic(t, OP_AND, d == 15 ? TR_NOWHERE : d, s); break;
    case 1: tr_logic(t, OP_BIC, d, s); break;
    case 2:
    case 3:
        if (n != 15) {
            tr_logic(t, op == 2 ? OP_ORR : OP_ORN, d, s);
        } else {
            emit_mov(&t->x, EAX, ECX);
            if (op == 3)
                emit_2(&t->x, 0xF7, 0xD0);
            tr_move(t, d, s);
        }
        break;
    case 4: tr_logic(t, OP_EOR, d == 15 ? TR_NOWHERE : d, s); break;
    case 8: tr_sum(t, OP_ADD, d == 15 ? TR_NOWHERE : d, s); break;
    case 10: tr_sum(t, OP_ADC, d, s); break;
    case 11: tr_sum(t, OP_SBC, d, s); break;
    case 13: tr_sum(t, OP_SUB, d == 15 ? TR_NOWHERE : d, s); break;
    case 14: tr_sum(t, OP_RSB, d, s); break;
    default: t->failed = true;
    }
    if (d == 15 && !s)
        t->failed = true;
}

static void modified_immediate(tr_t *t)
{
    unsigned op = t->h >> 5 & 15, n = t->h & 15, d = t->h2 >> 8 & 15;
    bool s = t->h >> 4 & 1;
    int carry;
    uint32_t v = expand((t->h & 0x400) << 1 | (t->h2 >> 4 & 0x700) | (t->h2 & 0xFF), &carry);
    tr_load(t, EAX, n);
    emit_imm(&t->x, ECX, v);
    if (s && op < 8 && carry >= 0)
        tr_set_c_const(t, carry);
    data_processing32(t, op, n, d, s);
}

static void shifted_register(tr_t *t)
{
    unsigned op = t->h >> 5 & 15, n = t->h & 15, d = t->h2 >> 8 & 15, m = t->h2 & 15;
    bool s = t->h >> 4 & 1;
    if (m == 13 || m == 15 || t->h2 & 0x8000) {
        t->failed = true;
        return;
    }
    tr_load(t, ECX, m);
    tr_shift_imm(t, ECX, t->h2 >> 4 & 3, (t->h2 >> 10 & 0x1C) | (t->h2 >> 6 & 3), s && op < 8);
    tr_load(t, EAX, n);
    data_processing32(t, op, n, d, s);
}

static void plain_immediate(tr_t *t)
{
    unsigned op = t->h >> 4 & 31, n = t->h & 15, d = t->h2 >> 8 & 15;
    uint32_t imm12 = (t->h & 0x400) << 1 | (t->h2 >> 4 & 0x700) | (t->h2 & 0xFF), imm16 = n << 12 | imm12;
    unsigned lsb = (t->h2 >> 10 & 0x1C) | (t->h2 >> 6 & 3), width = t->h2 & 31;
    if (op >= 16 && (t->h & 0x400 || t->h2 & 0x20)) {
        t->failed = true;
        return;
    }
    switch (op) {
    case 0:
    case 10:
        if (n == 15) {
            emit_imm(&t->x, EAX, (t->pc & ~3u) + (op ? -imm12 : imm12));
            tr_store(t, EAX, d);
        } else {
            tr_sum_imm(t, op ? OP_SUB : OP_ADD, d, n, imm12, false);
        }
        break;
    case 4:
        emit_imm(&t->x, EAX, imm16);
        tr_store(t, EAX, d);
        break;
    case 12:
        tr_load(t, EAX, d);
        emit_op_imm(&t->x, X_AND, EAX, 0xFFFF);
        emit_op_imm(&t->x, X_OR, EAX, imm16 << 16);
        tr_move(t, d, false);
        break;
    case 20: // SBFX
    case 28: // UBFX
        if (lsb + width > 31) {
            t->failed = true;
            return;
        }
        tr_load(t, EAX, n);
        if (31 - width - lsb)
            emit_shift(&t->x, X_SHL, EAX, 31 - width - lsb);
        if (31 - width)
            emit_shift(&t->x, op == 20 ? X_SAR : X_SHR, EAX, 31 - width);
        tr_move(t, d, false);
        break;
    case 22: { // BFI, BFC
        if (width < lsb) {
            t->failed = true;
            return;
        }
        uint32_t mask = (width - lsb == 31 ? ~0u : (1u << (width - lsb + 1)) - 1) << lsb;
        tr_load(t, EAX, d);
        emit_op_imm(&t->x, X_AND, EAX, ~mask);
        if (n != 15) {
            tr_load(t, ECX, n);
            if (lsb)
                emit_shift(&t->x, X_SHL, ECX, lsb);
            emit_op_imm(&t->x, X_AND, ECX, mask);
            emit_op(&t->x, X_OR, EAX, ECX);
        }
        tr_move(t, d, false);
        break;
    }
    default: t->failed = true;
    }
}

static void branch32(tr_t *t)
{
    unsigned s = t->h >> 10 & 1, j1 = t->h2 >> 13 & 1, j2 = t->h2 >> 11 & 1;
    if (!(t->h2 & 0x1000)) { // B<cond>.W, or what is none
        unsigned cond = t->h >> 6 & 15;
        if ((t->h == 0xF3BF && (t->h2 & 0xFFE0) == 0x8F40) || (t->h == 0xF3AF && t->h2 == 0x8000))
            return; // DSB, DMB, NOP
        if (t->h2 & 0x4000 || cond >= 14 || t->ins->cond) {
            t->failed = true;
            return;
        }
        uint32_t d = s << 20 | j2 << 19 | j1 << 18 | (t->h & 0x3F) << 12 | (t->h2 & 0x7FF) << 1;
        tr_end_conditional(t, cond, t->pc + (uint32_t)((int32_t)(d << 11) >> 11));
        return;
    }
    uint32_t i1 = !(j1 ^ s), i2 = !(j2 ^ s);
    uint32_t d = s << 24 | i1 << 23 | i2 << 22 | (t->h & 0x3FF) << 12 | (t->h2 & 0x7FF) << 1;
    if (t->h2 & 0x4000)
        emit_store_imm(&t->x, REG(14), t->pc | 1);
    tr_end_direct(t, t->pc + (uint32_t)((int32_t)(d << 7) >> 7));
}

static void data_register(tr_t *t)
{
    unsigned op = t->h >> 4 & 15, n = t->h & 15, d = t->h2 >> 8 & 15, m = t->h2 & 15;
    if ((t->h2 & 0xF000) != 0xF000) {
        t->failed = true;
    } else if (op < 8 && !(t->h2 & 0xF0)) {
        tr_load(t, EAX, n);
        tr_load(t, ECX, m);
        tr_shift_by_register(t, op >> 1, op & 1);
        tr_move(t, d, op & 1);
    } else if (op < 6 && (t->h2 & 0xC0) == 0x80 && op != 2 && op != 3) { // SXTH UXTH - - SXTB UXTB, added to n
        static const uint8_t ops[] = {0, 2, 0, 0, 1, 3};
        unsigned turn = t->h2 >> 4 & 3;
        tr_load(t, EAX, m);
        if (turn)
            emit_shift(&t->x, X_ROR, EAX, turn * 8);
        extend(t, ops[op]);
        if (n != 15) {
            tr_load(t, ECX, n);
            emit_op(&t->x, X_ADD, EAX, ECX);
        }
        tr_move(t, d, false);
    } else if (op == 9 && (t->h2 & 0xC0) == 0x80) {
        tr_load(t, EAX, m);
        reverse(t, t->h2 >> 4 & 3, d);
    } else if (op == 11 && (t->h2 & 0xF0) == 0x80) { // CLZ
        tr_load(t, EAX, m);
        emit_imm(&t->x, ECX, 63);
        emit_3(&t->x, 0x0F, 0xBD, 0xC0); // bsr eax, eax
        emit_3(&t->x, 0x0F, 0x44, 0xC1); // cmove eax, ecx
        emit_op_imm(&t->x, X_XOR, EAX, 31);
        tr_move(t, d, false);
    } else {
        t->failed = true;
    }
}

static void multiply(tr_t *t)
{
    unsigned op = t->h >> 4 & 7, n = t->h & 15, a = t->h2 >> 12, d = t->h2 >> 8 & 15, m = t->h2 & 15;
    unsigned sub = t->h2 >> 4 & 15;
    emit_t *x = &t->x;
    tr_load(t, EAX, n);
    tr_load(t, ECX, m);
    t->host = HOST_NONE;
    if (op == 0 && sub < 2) {
        emit_3(x, 0x0F, 0xAF, 0xC1); // imul eax, ecx
        if (sub) {
            tr_load(t, ECX, a);
            emit_op(x, X_SUB, ECX, EAX);
            emit_mov(x, EAX, ECX);
        } else if (a != 15) {
            tr_load(t, ECX, a);
            emit_op(x, X_ADD, EAX, ECX);
        }
        tr_move(t, d, false);
    } else if (op == 1 && sub < 4) { // SMULxy, SMLAxy
        if (sub & 2)
            emit_shift(x, X_SAR, EAX, 16);
        else
            extend(t, 0);
        if (sub & 1)
            emit_shift(x, X_SAR, ECX, 16);
        else
            emit_3(x, 0x0F, 0xBF, 0xC9); // movsx ecx, cx
        emit_3(x, 0x0F, 0xAF, 0xC1);
        if (a != 15) {
            tr_load(t, ECX, a);
            emit_op(x, X_ADD, EAX, ECX);
            uint8_t *none = emit_jcc(x, J_NO);
            emit_store_byte(x, AT(q), 1);
            emit_here(x, none);
        }
        tr_move(t, d, false);
    } else {
        t->failed = true;
    }
}

static uint64_t divide(uint32_t n, uint32_t d, bool is_signed)
{
    uint32_t q = 0;
    if (d && is_signed)
        q = d == UINT32_MAX ? -n : (uint32_t)((int32_t)n / (int32_t)d);
    else if (d)
        q = n / d;
    return q | (uint64_t)cm_divide_cycles(n, d, is_signed) << 32;
}

static void long_multiply(tr_t *t)
{
    unsigned op = t->h >> 4 & 7, n = t->h & 15, lo = t->h2 >> 12, hi = t->h2 >> 8 & 15, m = t->h2 & 15;
    unsigned sub = t->h2 >> 4 & 15;
    emit_t *x = &t->x;
    t->host = HOST_NONE;
    if ((op == 1 || op == 3) && sub == 15) { // SDIV, UDIV
        emit_load(x, EDI, REG(n));
        emit_load(x, ESI, REG(m));
        if (n == 15 || m == 15 || n == 13 || m == 13 || hi == 13 || lo != 15)
            t->failed = true;
        if (t->c->div0_trap) {
            emit_test(x, ESI);
            tr_before(t, emit_jcc(x, J_E));
        }
        emit_imm(x, EDX, op == 1);
        tr_call(t, (uintptr_t)divide);
        tr_store(t, EAX, hi);
        emit_shift64(x, X_SHR, EAX, 32);
        emit_3(x, 0x49, 0x01, 0xC7); // add r15, rax
        return;
    }
    if ((op != 0 && op != 2 && op != 4 && op != 6) || sub || hi == lo) {
        t->failed = true;
        return;
    }
    tr_load(t, EAX, n);
    tr_load(t, ECX, m);
    emit_2(x, 0xF7, (op & 2 ? 0xE0 : 0xE8) | ECX); // mul, imul ecx: edx:eax
    if (op & 4) {
        emit_op_mem(x, X_ADD, EAX, REG(lo));
        emit_op_mem(x, X_ADC, EDX, REG(hi));
    }
    tr_store(t, EAX, lo);
    tr_store(t, EDX, hi);
}

void tr_thumb32(tr_t *t)
{
    unsigned h = t->h;
    if ((h & 0xFE00) == 0xEA00)
        shifted_register(t);
    else if ((h & 0xF800) == 0xF000 && t->h2 & 0x8000)
        branch32(t);
    else if ((h & 0xFA00) == 0xF000)
        modified_immediate(t);
    else if ((h & 0xFA00) == 0xF200)
        plain_immediate(t);
    else if ((h & 0xFF00) == 0xFA00)
        data_register(t);
    else if ((h & 0xFF80) == 0xFB00)
        multiply(t);
    else if ((h & 0xFF80) == 0xFB80)
        long_multiply(t);
    else
        t->failed = true;
}

