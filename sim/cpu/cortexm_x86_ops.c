// SPDX-License-Identifier: GPL-2.0-or-later
// Code of x86-64 for what Thumb instructions do: flags and conditions, registers, sums, shifts.
#include "cortexm_x86.h"

// ---- Flags -----------------------------------------------------------------------------------------

// The instruction needs flags. Those of the guest are in memory whenever they are needed.
void tr_use(tr_t *t, unsigned flags) { t->uses[t->i] |= flags; }

void tr_before(tr_t *t, uint8_t *site)
{
    tr_use(t, FLAG_ALL);
    if (t->colds == TR_MOST_COLD) {
        t->failed = true;
        return;
    }
    t->cold[t->colds++] = (cold_t){.site = site, .ins = t->i};
}

static unsigned tr_set(tr_t *t, unsigned flags)
{
    t->sets[t->i] |= flags;
    return t->need[t->i] & flags;
}

// eax is the result of an addition or a subtraction that the host's flags are of.
static void tr_set_sum(tr_t *t, host_t host)
{
    unsigned need = tr_set(t, FLAG_ALL);
    if (need & FLAG_C)
        emit_set(&t->x, host == HOST_SUB ? J_AE : J_B, AT(c));
    if (need & FLAG_V)
        emit_set(&t->x, J_O, AT(v));
    if (need & FLAG_NZ)
        emit_store(&t->x, EAX, AT(nz));
    t->host = host;
}

// eax is the result of something logical; `tested`: the host's Z and S are its.
static void tr_set_nz(tr_t *t, bool tested)
{
    if (tr_set(t, FLAG_NZ))
        emit_store(&t->x, EAX, AT(nz));
    t->host = tested ? HOST_NZ : HOST_NONE;
}

void tr_set_c(tr_t *t, unsigned cc)
{
    if (tr_set(t, FLAG_C))
        emit_set(&t->x, cc, AT(c));
}

void tr_set_c_const(tr_t *t, bool v)
{
    if (tr_set(t, FLAG_C))
        emit_store_byte(&t->x, AT(c), v);
}

static void jump(tr_t *t, sites_t *s, unsigned cc) { s->at[s->n++] = emit_jcc(&t->x, cc); }

void tr_here(tr_t *t, const sites_t *s)
{
    for (unsigned i = 0; i < s->n; i++)
        emit_here(&t->x, s->at[i]);
}

// The host's condition for that of the guest; -1: its flags do not tell.
static int host_condition(host_t host, unsigned cond)
{
    static const int8_t of_sub[] = {J_E, J_NE, J_AE, J_B, J_S, J_NS, J_O, J_NO, J_A, J_BE, J_GE, J_L, J_G, J_LE};
    static const int8_t of_add[] = {J_E, J_NE, J_B, J_AE, J_S, J_NS, J_O, J_NO, -1, -1, J_GE, J_L, J_G, J_LE};
    static const int8_t of_nz[] = {J_E, J_NE, -1, -1, J_S, J_NS, -1, -1, -1, -1, -1, -1, -1, -1};
    switch (host) {
    case HOST_SUB: return of_sub[cond];
    case HOST_ADD: return of_add[cond];
    case HOST_NZ: return of_nz[cond];
    case HOST_NONE: break;
    }
    return -1;
}

static void cmp_zero(tr_t *t, unsigned offset) // cmp dword [rbx + offset], 0
{
    emit_3(&t->x, 0x83, 0x7B, offset);
    emit_1(&t->x, 0);
}

// eax = N ^ V
static void load_less(tr_t *t)
{
    emit_load(&t->x, EAX, AT(nz));
    emit_shift(&t->x, X_SHR, EAX, 31);
    emit_load_byte(&t->x, ECX, AT(v));
    emit_op(&t->x, X_XOR, EAX, ECX);
}

sites_t tr_unless(tr_t *t, unsigned cond)
{
    sites_t s = {.n = 0};
    int cc = host_condition(t->host, cond);
    tr_use(t, FLAG_ALL);
    if (cc >= 0) {
        jump(t, &s, cc ^ 1);
        return s;
    }
    t->host = HOST_NONE;
    switch (cond) {
    case 0: cmp_zero(t, AT(nz)); jump(t, &s, J_NE); break;
    case 1: cmp_zero(t, AT(nz)); jump(t, &s, J_E); break;
    case 2: emit_cmp_byte(&t->x, AT(c), 0); jump(t, &s, J_E); break;
    case 3: emit_cmp_byte(&t->x, AT(c), 0); jump(t, &s, J_NE); break;
    case 4: cmp_zero(t, AT(nz)); jump(t, &s, J_NS); break;
    case 5: cmp_zero(t, AT(nz)); jump(t, &s, J_S); break;
    case 6: emit_cmp_byte(&t->x, AT(v), 0); jump(t, &s, J_E); break;
    case 7: emit_cmp_byte(&t->x, AT(v), 0); jump(t, &s, J_NE); break;
    case 8: // C and not Z
        emit_cmp_byte(&t->x, AT(c), 0);
        jump(t, &s, J_E);
        cmp_zero(t, AT(nz));
        jump(t, &s, J_E);
        break;
    case 9: { // not C, or Z
        emit_cmp_byte(&t->x, AT(c), 0);
        uint8_t *yes = emit_jcc(&t->x, J_E);
        cmp_zero(t, AT(nz));
        jump(t, &s, J_NE);
        emit_here(&t->x, yes);
        break;
    }
    case 10: load_less(t); jump(t, &s, J_NE); break;
    case 11: load_less(t); jump(t, &s, J_E); break;
    case 12: // not Z, and N = V
        load_less(t);
        jump(t, &s, J_NE);
        cmp_zero(t, AT(nz));
        jump(t, &s, J_E);
        break;
    case 13: { // Z, or N != V
        load_less(t);
        uint8_t *yes = emit_jcc(&t->x, J_NE);
        cmp_zero(t, AT(nz));
        jump(t, &s, J_NE);
        emit_here(&t->x, yes);
        break;
    }
    }
    return s;
}

// ---- Registers -------------------------------------------------------------------------------------

void tr_load(tr_t *t, unsigned to, unsigned reg)
{
    if (reg == 15)
        emit_imm(&t->x, to, t->pc);
    else
        emit_load(&t->x, to, REG(reg));
}

// All bits of SP, as Unicorn has it.
void tr_store(tr_t *t, unsigned from, unsigned reg)
{
    if (reg == 15)
        t->failed = true;
    emit_store(&t->x, from, REG(reg));
}

// ---- Arithmetic ------------------------------------------------------------------------------------

// reg `to` = eax op ecx
void tr_sum(tr_t *t, sum_t op, unsigned to, bool flags)
{
    host_t host = HOST_SUB;
    t->host = HOST_NONE;
    switch (op) {
    case OP_ADD:
        emit_op(&t->x, X_ADD, EAX, ECX);
        host = HOST_ADD;
        break;
    case OP_ADC:
        tr_use(t, FLAG_C);
        emit_load_byte(&t->x, EDX, AT(c));
        emit_3(&t->x, 0x80, 0xC2, 0xFF); // add dl, 0xFF: carry
        emit_op(&t->x, X_ADC, EAX, ECX);
        host = HOST_ADD;
        break;
    case OP_SUB:
        emit_op(&t->x, X_SUB, EAX, ECX);
        break;
    case OP_SBC:
        tr_use(t, FLAG_C);
        emit_cmp_byte(&t->x, AT(c), 1); // borrow
        emit_op(&t->x, X_SBB, EAX, ECX);
        break;
    case OP_RSB:
        emit_op(&t->x, X_SUB, ECX, EAX);
        emit_mov(&t->x, EAX, ECX);
        break;
    }
    if (flags)
        tr_set_sum(t, host);
    if (to < 16)
        tr_store(t, EAX, to);
}

void tr_sum_imm(tr_t *t, sum_t op, unsigned to, unsigned from, uint32_t imm, bool flags)
{
    tr_load(t, EAX, from);
    if (op == OP_ADD || op == OP_SUB) {
        t->host = HOST_NONE;
        emit_op_imm(&t->x, op == OP_ADD ? X_ADD : X_SUB, EAX, imm);
        if (flags)
            tr_set_sum(t, op == OP_ADD ? HOST_ADD : HOST_SUB);
        if (to < 16)
            tr_store(t, EAX, to);
        return;
    }
    emit_imm(&t->x, ECX, imm);
    tr_sum(t, op, to, flags);
}

// reg `to` = eax op ecx; the carry is set already.
void tr_logic(tr_t *t, logic_t op, unsigned to, bool flags)
{
    static const uint8_t ops[] = {X_AND, X_AND, X_OR, X_OR, X_XOR};
    if (op == OP_BIC || op == OP_ORN)
        emit_2(&t->x, 0xF7, 0xD1); // not ecx
    emit_op(&t->x, ops[op], EAX, ECX);
    t->host = HOST_NONE;
    if (flags)
        tr_set_nz(t, true);
    if (to < 16)
        tr_store(t, EAX, to);
}

// reg `to` = eax
void tr_move(tr_t *t, unsigned to, bool flags)
{
    t->host = HOST_NONE;
    if (flags) {
        emit_test(&t->x, EAX);
        tr_set_nz(t, true);
    }
    tr_store(t, EAX, to);
}

// ---- Shifts ----------------------------------------------------------------------------------------

// `reg` of the host by a constant as instructions have it: type 0 LSL, 1 LSR, 2 ASR, 3 ROR; 0 is 32, or RRX.
void tr_shift_imm(tr_t *t, unsigned reg, unsigned type, unsigned n, bool carry)
{
    static const uint8_t ops[] = {X_SHL, X_SHR, X_SAR, X_ROR};
    t->host = HOST_NONE;
    if (type == 0 && !n)
        return;
    if (type == 3 && !n) { // RRX
        tr_use(t, FLAG_C);
        emit_load_byte(&t->x, EDX, AT(c));
        emit_3(&t->x, 0x80, 0xC2, 0xFF);      // carry
        emit_2(&t->x, 0xD1, 0xC0 | X_RCR << 3 | reg);
        if (carry)
            tr_set_c(t, J_B);
        return;
    }
    if (n) {
        emit_shift(&t->x, ops[type], reg, n);
        if (carry)
            tr_set_c(t, J_B);
        return;
    }
    // by 32
    emit_shift(&t->x, ops[type], reg, 31);
    emit_2(&t->x, 0xD1, 0xC0 | ops[type] << 3 | reg);
    if (carry)
        tr_set_c(t, J_B);
}

// eax by cl, 0 to 255.
void tr_shift_by_register(tr_t *t, unsigned type, bool carry)
{
    emit_t *x = &t->x;
    t->host = HOST_NONE;
    emit_3(x, 0x0F, 0xB6, 0xC9);           // movzx ecx, cl
    unsigned need = carry ? tr_set(t, FLAG_C) : 0;
    if (carry)
        tr_use(t, FLAG_C); // kept when by 0
    if (type == 3) {
        emit_2(x, 0xD3, 0xC0 | X_ROR << 3 | EAX);
        if (need) {
            emit_test(x, ECX);
            uint8_t *none = emit_jcc(x, J_E);
            emit_3(x, 0x0F, 0xBA, 0xE0), emit_1(x, 31); // bt eax, 31
            emit_set(x, J_B, AT(c));
            emit_here(x, none);
        }
        return;
    }
    emit_op_imm(x, X_CMP, ECX, 63);
    emit_imm(x, EDX, 63);
    emit_3(x, 0x0F, 0x47, 0xCA); // cmova ecx, edx
    if (type == 0) {
        emit_shift64_cl(x, X_SHL, EAX); // the upper half was clear
        if (need) {
            emit_test(x, ECX);
            uint8_t *none = emit_jcc(x, J_E);
            emit_2(x, 0x48, 0x0F), emit_3(x, 0xBA, 0xE0, 32); // bt rax, 32
            emit_set(x, J_B, AT(c));
            emit_here(x, none);
        }
        emit_mov(x, EAX, EAX);
        return;
    }
    emit_shift64(x, X_SHL, EAX, 32);
    emit_shift64_cl(x, type == 1 ? X_SHR : X_SAR, EAX);
    if (need) {
        emit_test(x, ECX);
        uint8_t *none = emit_jcc(x, J_E);
        emit_2(x, 0x48, 0x0F), emit_3(x, 0xBA, 0xE0, 31); // bt rax, 31
        emit_set(x, J_B, AT(c));
        emit_here(x, none);
    }
    emit_shift64(x, X_SHR, EAX, 32);
}

