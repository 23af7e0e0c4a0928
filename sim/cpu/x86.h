// SPDX-License-Identifier: GPL-2.0-or-later
// Writing machine code of x86-64: the few forms that the translator needs. Registers eax ecx edx esi edi
// are scratch; rbx, r14 and r15 are the translator's. All operands are 32 bits unless said.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct x86 {
    uint8_t *at;
} emit_t;

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };
// Of emit_op and emit_op_imm.
enum { X_ADD, X_OR, X_ADC, X_SBB, X_AND, X_SUB, X_XOR, X_CMP };
// Conditions.
enum { J_O, J_NO, J_B, J_AE, J_E, J_NE, J_BE, J_A, J_S, J_NS, J_L = 12, J_GE, J_LE, J_G };
// Of emit_shift.
enum { X_ROL, X_ROR, X_RCL, X_RCR, X_SHL, X_SHR, X_SAR = 7 };

static inline void emit_1(emit_t *x, unsigned b) { *x->at++ = b; }

static inline void emit_2(emit_t *x, unsigned a, unsigned b)
{
    emit_1(x, a);
    emit_1(x, b);
}

static inline void emit_3(emit_t *x, unsigned a, unsigned b, unsigned c)
{
    emit_2(x, a, b);
    emit_1(x, c);
}

static inline void emit_32(emit_t *x, uint32_t v)
{
    memcpy(x->at, &v, 4);
    x->at += 4;
}

static inline void emit_64(emit_t *x, uint64_t v)
{
    memcpy(x->at, &v, 8);
    x->at += 8;
}

// mov reg, imm
static inline void emit_imm(emit_t *x, unsigned reg, uint32_t v)
{
    emit_1(x, 0xB8 + reg);
    emit_32(x, v);
}

// mov reg (64 bits), imm
static inline void emit_imm64(emit_t *x, unsigned reg, uint64_t v)
{
    emit_2(x, 0x48, 0xB8 + reg);
    emit_64(x, v);
}

// op to, from
static inline void emit_op(emit_t *x, unsigned op, unsigned to, unsigned from)
{
    emit_2(x, op << 3 | 3, 0xC0 | to << 3 | from);
}

static inline void emit_op_imm(emit_t *x, unsigned op, unsigned to, uint32_t v)
{
    emit_2(x, 0x81, 0xC0 | op << 3 | to);
    emit_32(x, v);
}

// test to, to
static inline void emit_test(emit_t *x, unsigned reg) { emit_2(x, 0x85, 0xC0 | reg << 3 | reg); }

static inline void emit_test_imm(emit_t *x, unsigned reg, uint32_t v)
{
    emit_2(x, 0xF7, 0xC0 | reg);
    emit_32(x, v);
}

static inline void emit_mov(emit_t *x, unsigned to, unsigned from) { emit_2(x, 0x8B, 0xC0 | to << 3 | from); }

// reg, [rbx + offset]
static inline void emit_load(emit_t *x, unsigned reg, unsigned offset) { emit_3(x, 0x8B, 0x43 | reg << 3, offset); }
static inline void emit_store(emit_t *x, unsigned reg, unsigned offset) { emit_3(x, 0x89, 0x43 | reg << 3, offset); }

// op reg, [rbx + offset]
static inline void emit_op_mem(emit_t *x, unsigned op, unsigned reg, unsigned offset)
{
    emit_3(x, op << 3 | 3, 0x43 | reg << 3, offset);
}

// mov dword [rbx + offset], imm
static inline void emit_store_imm(emit_t *x, unsigned offset, uint32_t v)
{
    emit_3(x, 0xC7, 0x43, offset);
    emit_32(x, v);
}

// mov byte [rbx + offset], imm
static inline void emit_store_byte(emit_t *x, unsigned offset, unsigned v)
{
    emit_3(x, 0xC6, 0x43, offset);
    emit_1(x, v);
}

// cmp byte [rbx + offset], imm
static inline void emit_cmp_byte(emit_t *x, unsigned offset, unsigned v)
{
    emit_3(x, 0x80, 0x7B, offset);
    emit_1(x, v);
}

// movzx reg, byte [rbx + offset]
static inline void emit_load_byte(emit_t *x, unsigned reg, unsigned offset)
{
    emit_2(x, 0x0F, 0xB6);
    emit_2(x, 0x43 | reg << 3, offset);
}

// setcc byte [rbx + offset]
static inline void emit_set(emit_t *x, unsigned cc, unsigned offset)
{
    emit_2(x, 0x0F, 0x90 | cc);
    emit_2(x, 0x43, offset);
}

// reg by n, 1 to 31
static inline void emit_shift(emit_t *x, unsigned how, unsigned reg, unsigned n)
{
    emit_3(x, 0xC1, 0xC0 | how << 3 | reg, n);
}

// reg (64 bits) by n, 1 to 63
static inline void emit_shift64(emit_t *x, unsigned how, unsigned reg, unsigned n)
{
    emit_1(x, 0x48);
    emit_shift(x, how, reg, n);
}

// reg (64 bits) by cl
static inline void emit_shift64_cl(emit_t *x, unsigned how, unsigned reg)
{
    emit_3(x, 0x48, 0xD3, 0xC0 | how << 3 | reg);
}

// A forward branch: returns what emit_here needs.
static inline uint8_t *emit_jcc(emit_t *x, unsigned cc)
{
    emit_2(x, 0x0F, 0x80 | cc);
    emit_32(x, 0);
    return x->at - 4;
}

static inline uint8_t *emit_jmp(emit_t *x)
{
    emit_1(x, 0xE9);
    emit_32(x, 0);
    return x->at - 4;
}

static inline void emit_to(uint8_t *site, const uint8_t *to)
{
    int32_t d = to - (site + 4);
    memcpy(site, &d, 4);
}

static inline void emit_here(emit_t *x, uint8_t *site) { emit_to(site, x->at); }
