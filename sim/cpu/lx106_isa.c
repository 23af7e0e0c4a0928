// SPDX-License-Identifier: GPL-2.0-or-later
// Decoder and disassembler of the LX106, from the table lx106_isa.def.
#include "lx106_int.h"
#include <stdio.h>
#include <string.h>

#define W_R LX_W_R
#define W_S LX_W_S
#define W_T LX_W_T
#define R_R LX_R_R
#define R_S LX_R_S
#define R_T LX_R_T
#define R_0 LX_R_0
#define LATE LX_LATE
#define LINK LX_LINK
#define ENDS LX_ENDS

const lx_row_t lx_rows[LX_ROWS] = {
#define LX(id, name, operands, match, mask, imm, flags, cycles, ...) \
    {name, operands, match, mask, flags, LX_IMM_##imm, cycles},
#include "lx106_isa.def"
#undef LX
};

// ---- Special registers ------------------------------------------------------------------------------

enum { SR_R = 1, SR_W = 2, SR_X = 4, SR_ALL = 7 };

static const struct sr {
    uint8_t number, access;
    const char *name, *write_name; // write_name: where it differs
} sr_rows[] = {
    {3, SR_ALL, "sar"}, {5, SR_ALL, "litbase"}, {89, SR_W, "mmid"}, {96, SR_ALL, "ibreakenable"},
    {104, SR_ALL, "ddr"}, {128, SR_ALL, "ibreaka0"}, {144, SR_ALL, "dbreaka0"},
    {160, SR_ALL, "dbreakc0"}, {176, SR_R | SR_W, "176"}, {177, SR_ALL, "epc1"},
    {178, SR_ALL, "epc2"}, {179, SR_ALL, "epc3"}, {192, SR_ALL, "depc"}, {194, SR_ALL, "eps2"},
    {195, SR_ALL, "eps3"}, {208, SR_R, "208"}, {209, SR_ALL, "excsave1"},
    {210, SR_ALL, "excsave2"}, {211, SR_ALL, "excsave3"}, {226, SR_R | SR_W, "interrupt", "intset"},
    {227, SR_W, "intclear"}, {228, SR_ALL, "intenable"}, {230, SR_ALL, "ps"},
    {231, SR_ALL, "vecbase"}, {232, SR_ALL, "exccause"}, {233, SR_R, "debugcause"},
    {234, SR_ALL, "ccount"}, {235, SR_R, "prid"}, {236, SR_ALL, "icount"},
    {237, SR_ALL, "icountlevel"}, {238, SR_ALL, "excvaddr"}, {240, SR_ALL, "ccompare0"},
};

static const struct sr *sr_find(unsigned op, unsigned number)
{
    unsigned access = op == LX_OP_rsr ? SR_R : op == LX_OP_wsr ? SR_W : SR_X;
    for (unsigned i = 0; i < G_N_ELEMENTS(sr_rows); i++)
        if (sr_rows[i].number == number)
            return sr_rows[i].access & access ? &sr_rows[i] : NULL;
    return NULL;
}

bool lx_sr_valid(unsigned op, unsigned sr) { return sr_find(op, sr); }

// ---- Decoder ----------------------------------------------------------------------------------------

static const int32_t b4const[16] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
static const int32_t b4constu[16] = {32768, 65536, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};

static int32_t sext(uint32_t v, unsigned bits) { return (int32_t)(v << (32 - bits)) >> (32 - bits); }

static void immediate(lx_insn_t *i, unsigned kind, uint32_t pc, uint32_t w)
{
    unsigned r = i->r, s = i->s, t = i->t, imm8 = w >> 16 & 0xFF;
    switch (kind) {
    case LX_IMM_NONE: break;
    case LX_IMM_S8: i->imm = sext(imm8, 8); break;
    case LX_IMM_S8_256: i->imm = (uint32_t)sext(imm8, 8) << 8; break;
    case LX_IMM_ADDI_N: i->imm = t ? t : UINT32_MAX; break;
    case LX_IMM_S12: i->imm = sext(s << 8 | imm8, 12); break;
    case LX_IMM_MOVI_N:
        i->imm = (t & 7) << 4 | r;
        if (i->imm >= 96)
            i->imm -= 128;
        break;
    case LX_IMM_S_BIT4: i->imm = s + (w & 0x10); break;
    case LX_IMM_SLLI: i->imm = 32 - (t + (w >> 16 & 0x10)); break;
    case LX_IMM_SRAI: i->imm = s + (w >> 16 & 0x10); break;
    case LX_IMM_S: i->imm = s; break;
    case LX_IMM_EXTUI:
        i->imm = s + (w >> 12 & 0x10);
        i->second = (w >> 20 & 15) + 1;
        break;
    case LX_IMM_L32R:
        i->imm = ((pc + 3) & ~3u) + (0xFFFC0000 | (w >> 8 & 0xFFFF) << 2);
        i->second = i->imm;
        break;
    case LX_IMM_U8: i->imm = imm8; break;
    case LX_IMM_U8_2: i->imm = imm8 * 2; break;
    case LX_IMM_U8_4: i->imm = imm8 * 4; break;
    case LX_IMM_R_4: i->imm = r * 4; break;
    case LX_IMM_J18: i->second = pc + 4 + sext(w >> 6, 18); break;
    case LX_IMM_CALL18:
        i->second = (pc & ~3u) + 4 + (uint32_t)sext(w >> 6, 18) * 4;
        i->imm = pc + 3;
        break;
    case LX_IMM_RETURN: i->imm = pc + 3; break;
    case LX_IMM_B12: i->second = pc + 4 + sext(w >> 12, 12); break;
    case LX_IMM_B_N: i->second = pc + 4 + ((t & 3) << 4 | r); break;
    case LX_IMM_B4: i->imm = b4const[r]; break;
    case LX_IMM_B4U: i->imm = b4constu[r]; break;
    case LX_IMM_B8: break;
    case LX_IMM_B8_BIT: i->imm = t + (r & 1) * 16; break;
    case LX_IMM_SR: i->imm = w >> 8 & 0xFF; break;
    }
    if (kind >= LX_IMM_B4 && kind <= LX_IMM_B8_BIT)
        i->second = pc + 4 + sext(imm8, 8);
}

bool lx_decode(uint32_t pc, uint32_t word, lx_insn_t *i)
{
    unsigned op0 = word & 15;
    *i = (lx_insn_t){.len = op0 >= 8 && op0 <= 13 ? 2 : 3, .t = word >> 4 & 15,
                     .s = word >> 8 & 15, .r = word >> 12 & 15};
    word &= i->len == 2 ? 0xFFFF : 0xFFFFFF;
    for (unsigned n = 0; n < LX_ROWS; n++) {
        const lx_row_t *row = &lx_rows[n];
        if ((word & row->mask) != row->match)
            continue;
        i->op = n;
        immediate(i, row->imm, pc, word);
        return row->imm != LX_IMM_SR || lx_sr_valid(n, i->imm);
    }
    return false;
}

// ---- Disassembler -----------------------------------------------------------------------------------

static void put_number(GString *to, int32_t v)
{
    if (v > -256 && v < 256)
        g_string_append_printf(to, "%d", v);
    else
        g_string_append_printf(to, "0x%x", (uint32_t)v);
}

void lx_format(const lx_insn_t *i, char *to, size_t n)
{
    const lx_row_t *row = &lx_rows[i->op];
    g_autoptr(GString) text = g_string_new(row->name);
    if (row->imm == LX_IMM_SR) {
        const struct sr *sr = sr_find(i->op, i->imm);
        bool w = i->op == LX_OP_wsr && sr->write_name;
        g_string_append_printf(text, ".%s a%u", w ? sr->write_name : sr->name, i->t);
    }
    for (const char *p = row->operands; *p; p++) {
        g_string_append(text, p == row->operands ? " " : ", ");
        switch (*p) {
        case 'r': g_string_append_printf(text, "a%u", i->r); break;
        case 's': g_string_append_printf(text, "a%u", i->s); break;
        case 't': g_string_append_printf(text, "a%u", i->t); break;
        case 'i': put_number(text, i->imm); break;
        case 'w': put_number(text, i->second); break;
        case 'x': g_string_append_printf(text, "0x%x", i->second); break;
        case 'S': put_number(text, i->s); break;
        case 'T': put_number(text, i->t); break;
        }
    }
    g_strlcpy(to, text->str, n);
}
