// SPDX-License-Identifier: GPL-2.0-or-later
// Decoding of a block of Thumb code: where it ends, what each instruction costs, which memory it
// touches. Capstone names the instructions and the registers that they read and write; loads, stores
// and block ends are read from the encodings (ARM DDI 0403, chapter A5).
//
// A block ends where Unicorn's do: behind a branch, an instruction that changes the state, and at the
// edge of a translation page of 1 KB.
#include "cortexm_int.h"
#include <string.h>

#define PAGE 1024u
#define MAX_INS 512

// What the costs of neighbours depend on.
typedef struct facts {
    unsigned id;
    uint32_t read, written;       // core registers
    uint32_t fp_read, fp_written; // single registers
    uint32_t fp_addend;           // of fp_read: the addend of a multiply-accumulate
    bool fp_arithmetic;
} facts_t;

static void add_register(unsigned reg, uint32_t *core, uint32_t *fp)
{
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        *core |= 1u << (reg - ARM_REG_R0);
    else if (reg == ARM_REG_SP)
        *core |= 1u << 13;
    else if (reg == ARM_REG_LR)
        *core |= 1u << 14;
    else if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31)
        *fp |= 1u << (reg - ARM_REG_S0);
    else if (reg >= ARM_REG_D0 && reg <= ARM_REG_D15)
        *fp |= 3u << 2 * (reg - ARM_REG_D0);
}

static bool is_mac(unsigned id)
{
    switch (id) {
    case ARM_INS_VMLA: case ARM_INS_VMLS: case ARM_INS_VNMLA: case ARM_INS_VNMLS:
    case ARM_INS_VFMA: case ARM_INS_VFMS: case ARM_INS_VFNMA: case ARM_INS_VFNMS:
        return true;
    default:
        return false;
    }
}

static bool is_fp_arithmetic(unsigned id)
{
    switch (id) {
    case ARM_INS_VADD: case ARM_INS_VSUB: case ARM_INS_VMUL: case ARM_INS_VNMUL:
    case ARM_INS_VDIV: case ARM_INS_VSQRT: case ARM_INS_VCVT: case ARM_INS_VCVTB:
    case ARM_INS_VCVTT: case ARM_INS_VCVTR:
        return true;
    default:
        return is_mac(id);
    }
}

// ---- Loads and stores -------------------------------------------------------------------------------

static void transfer(cm_ins_t *i, bool load, unsigned base, unsigned size, unsigned count)
{
    i->load = load;
    i->store = !load;
    i->base = base;
    i->size = size;
    i->count = count;
}

static void multiple(cm_ins_t *i, bool load, unsigned base, unsigned list, bool down, bool writeback)
{
    unsigned n = __builtin_popcount(list);
    transfer(i, load, base, 4, n);
    i->list = list;
    i->disp = down ? -4 * (int)n : 0;
    i->writeback = writeback ? (down ? -4 * (int)n : 4 * (int)n) : 0;
    if (load && list & 0x8000)
        i->kind = INS_BRANCH;
}

static void decode_mem16(cm_ins_t *i, unsigned h)
{
    static const uint8_t sizes[8] = {4, 2, 1, 1, 4, 2, 1, 2};
    unsigned low = h & 7, middle = h >> 3 & 7, high = h >> 8 & 7, imm5 = h >> 6 & 31;
    bool load = h >> 11 & 1;
    switch (h >> 12) {
    case 4:
        if ((h & 0xF800) == 0x4800) {
            transfer(i, true, 15, 4, 1);
            i->disp = (h & 0xFF) * 4;
            i->rt = high;
        }
        return;
    case 5:
        transfer(i, (h >> 9 & 7) >= 3, middle, sizes[h >> 9 & 7], 1);
        i->index = h >> 6 & 7;
        i->rt = low;
        return;
    case 6: case 7: case 8:
        transfer(i, load, middle, h >> 12 == 8 ? 2 : h >> 12 == 7 ? 1 : 4, 1);
        i->disp = imm5 * i->size;
        i->rt = low;
        return;
    case 9:
        transfer(i, load, 13, 4, 1);
        i->disp = (h & 0xFF) * 4;
        i->rt = high;
        return;
    case 0xB:
        if ((h & 0xFE00) == 0xB400)
            multiple(i, false, 13, (h & 0xFF) | (h & 0x100) << 6, true, true);
        else if ((h & 0xFE00) == 0xBC00)
            multiple(i, true, 13, (h & 0xFF) | (h & 0x100) << 7, false, true);
        return;
    case 0xC:
        multiple(i, load, high, h & 0xFF, false, !load || !(h >> high & 1));
        return;
    }
}

// LDRD, STRD, exclusives and table branches: 1110 100x x1xx.
static void decode_double(cm_ins_t *i, unsigned h, unsigned h2)
{
    unsigned base = h & 15;
    bool load = h >> 4 & 1, pre = h >> 8 & 1, up = h >> 7 & 1, writeback = h >> 5 & 1;
    int imm = (h2 & 0xFF) * 4;
    i->rt = h2 >> 12;
    i->rt2 = h2 >> 8 & 15;
    if (pre || writeback) {
        transfer(i, load, base, 4, 2);
        i->disp = pre ? (up ? imm : -imm) : 0;
        i->writeback = writeback ? (up ? imm : -imm) : 0;
    } else if (!up) { // LDREX, STREX
        transfer(i, load, base, 4, 1);
        i->disp = imm;
    } else if (load && (h2 & 0xE0) == 0) { // TBB, TBH
        i->kind = INS_BRANCH;
        transfer(i, true, base, h2 >> 4 & 1 ? 2 : 1, 1);
        i->index = h2 & 15;
        i->shift = h2 >> 4 & 1;
    } else { // LDREXB/H, STREXB/H
        transfer(i, load, base, (h2 >> 4 & 3) == 1 ? 2 : 1, 1);
    }
}

// Single loads and stores: 1111 100x.
static void decode_single(cm_ins_t *i, unsigned h, unsigned h2)
{
    unsigned base = h & 15, size = h >> 5 & 3, rt = h2 >> 12;
    bool load = h >> 4 & 1;
    int imm8 = h2 & 0xFF;
    if (size == 3 || (load && rt == 15 && size != 2))
        return; // undefined, or a preload hint
    transfer(i, load, base, 1 << size, 1);
    i->rt = rt;
    if (base == 15)
        i->disp = h >> 7 & 1 ? (int)(h2 & 0xFFF) : -(int)(h2 & 0xFFF);
    else if (h >> 7 & 1)
        i->disp = h2 & 0xFFF;
    else if (h2 >> 11 & 1) {
        int offset = h2 >> 9 & 1 ? imm8 : -imm8;
        i->disp = h2 >> 10 & 1 ? offset : 0;
        i->writeback = h2 >> 8 & 1 ? offset : 0;
    } else {
        i->index = h2 & 15;
        i->shift = h2 >> 4 & 3;
    }
    if (load && rt == 15)
        i->kind = INS_BRANCH;
}

// VLDR, VSTR, VLDM, VSTM: 1110 110x, coprocessors 10 and 11.
static void decode_fp(cm_ins_t *i, unsigned h, unsigned h2)
{
    bool pre = h >> 8 & 1, up = h >> 7 & 1, writeback = h >> 5 & 1, load = h >> 4 & 1;
    int imm = (h2 & 0xFF) * 4;
    if (!pre && !up)
        return; // VMOV of two registers
    bool is_single = pre && !writeback;
    unsigned words = is_single ? 1 + (h2 >> 8 & 1) : h2 & 0xFF;
    transfer(i, load, h & 15, 4, words);
    if (is_single)
        i->disp = up ? imm : -imm;
    else
        i->disp = pre ? -imm : 0;
    i->writeback = writeback && !is_single ? (up ? imm : -imm) : 0;
}

static void decode_mem(cm_ins_t *i, unsigned h, unsigned h2)
{
    if (i->len == 2)
        decode_mem16(i, h);
    else if ((h & 0xFE40) == 0xE800)
        multiple(i, h >> 4 & 1, h & 15, h2, (h >> 7 & 3) == 2, h >> 5 & 1);
    else if ((h & 0xFE40) == 0xE840)
        decode_double(i, h, h2);
    else if ((h & 0xFE00) == 0xF800)
        decode_single(i, h, h2);
    else if ((h & 0xFE00) == 0xEC00 && (h2 & 0xE00) == 0xA00)
        decode_fp(i, h, h2);
}

// ---- Block ends -------------------------------------------------------------------------------------

static bool decode_end16(cm_ins_t *i, unsigned h)
{
    if ((h & 0xF000) == 0xD000) {
        i->kind = (h & 0xF00) == 0xF00 ? INS_SVC : (h & 0xF00) == 0xE00 ? INS_UNDEFINED : INS_BRANCH;
        return true;
    }
    if ((h & 0xF800) == 0xE000 || (h & 0xFF00) == 0x4700 || (h & 0xF500) == 0xB100 ||
        (h & 0xFD87) == 0x4487) // B; BX, BLX; CBZ, CBNZ; ADD, MOV to PC
        return i->kind = INS_BRANCH, true;
    if ((h & 0xFF00) == 0xBE00)
        return i->kind = INS_BKPT, true;
    if ((h & 0xFFE8) == 0xB660)
        return i->kind = INS_MASK, true;
    if ((h & 0xFF0F) == 0xBF00) {
        switch (h >> 4 & 15) {
        case 1: return i->kind = INS_YIELD, true;
        case 2: return i->kind = INS_WFE, true;
        case 3: return i->kind = INS_WFI, true;
        case 4: i->kind = INS_SEV; return false;
        }
    } else if ((h & 0xFF00) == 0xBF00)
        i->kind = INS_IT;
    return false;
}

static bool decode_end32(cm_ins_t *i, unsigned h, unsigned h2)
{
    if ((h & 0xF800) == 0xF000 && h2 & 0x8000) {
        bool conditional = !(h2 & 0x5000);
        if (!conditional || (h >> 7 & 7) != 7) { // B, BL, B<cond>
            i->kind = INS_BRANCH;
            return true;
        }
        if ((h & 0xFFF0) == 0xF7F0)
            return i->kind = INS_UNDEFINED, true;
        if ((h & 0xFFE0) == 0xF380)
            return i->kind = INS_MASK, true; // MSR
        if (h == 0xF3AF && (h2 & 0xFF00) == 0x8000) {
            switch (h2 & 0xFF) {
            case 1: return i->kind = INS_YIELD, true;
            case 2: return i->kind = INS_WFE, true;
            case 3: return i->kind = INS_WFI, true;
            case 4: i->kind = INS_SEV; return false;
            }
        }
        return h == 0xF3BF && (h2 & 0xFFF0) == 0x8F60; // ISB
    }
    if ((h & 0xFFD0) == 0xFB90 && (h2 & 0xF0) == 0xF0) { // SDIV, UDIV
        i->kind = INS_DIV;
        i->is_signed = !(h >> 5 & 1);
        i->base = h & 15;
        i->index = h2 & 15;
        return false;
    }
    return (h & 0xFFF0) == 0xEEE0 && (h2 & 0xF10) == 0xA10; // VMSR
}

// What ARMv6-M has (ARM DDI 0419, A5). Unicorn lets some of the rest pass.
static bool v6m_has(unsigned len, unsigned h, unsigned h2)
{
    if (len == 2) {
        bool it = (h & 0xFF00) == 0xBF00 && h & 15;
        return !it && (h & 0xF500) != 0xB100; // CBZ, CBNZ
    }
    return ((h & 0xF800) == 0xF000 && (h2 & 0xD000) == 0xD000) ||  // BL
           ((h & 0xFFE0) == 0xF380 && (h2 & 0xD000) == 0x8000) ||  // MSR
           (h == 0xF3EF && (h2 & 0xF000) == 0x8000) ||             // MRS
           (h == 0xF3BF && h2 >= 0x8F40 && h2 <= 0x8F6F);          // DSB, DMB, ISB
}

// ---- One instruction --------------------------------------------------------------------------------

static uint8_t it_advance(uint8_t it) { return it & 7 ? (it & 0xE0) | (it << 1 & 0x1F) : 0; }

static facts_t look(cortexm_t *c, const uint8_t *code, uint32_t address, cm_ins_t *i)
{
    facts_t f = {0};
    cs_regs read, written;
    uint8_t reads, writes;
    const uint8_t *at = code;
    size_t left = i->len;
    uint64_t where = address;
    if (!cs_disasm_iter(c->disassembler, &at, &left, &where, c->insn)) {
        // Capstone does not know all of them; Unicorn decides whether they are undefined.
        return f;
    }
    f.id = c->insn->id;
    if (cs_regs_access(c->disassembler, c->insn, read, &reads, written, &writes))
        return f;
    for (unsigned n = 0; n < reads; n++)
        add_register(read[n], &f.read, &f.fp_read);
    for (unsigned n = 0; n < writes; n++)
        add_register(written[n], &f.written, &f.fp_written);
    f.fp_arithmetic = is_fp_arithmetic(f.id);
    if (is_mac(f.id))
        f.fp_addend = f.fp_written;
    return f;
}

static bool is_single_transfer(const cm_ins_t *i)
{
    return (i->load || i->store) && i->count == 1 && !i->list && i->kind == INS_PLAIN && !i->fp;
}

// What an instruction costs because of the one before it.
static void pair(const cortexm_t *c, const cm_ins_t *p, const facts_t *pf, cm_ins_t *i,
                 const facts_t *f)
{
    if (c->v6m)
        return;
    bool together = p->cond == i->cond && (!i->cond || p->it >> 4 == i->it >> 4);
    if ((i->load || i->store) && i->base != 15) {
        uint32_t address = 1u << i->base | (i->index != CM_NO_REG ? 1u << i->index : 0);
        bool made = pf->written & address;
        bool stack = i->list && i->base == 13;
        if (made && !p->load && !p->store && !stack)
            i->cost++; // the address register was made just before
        if (!made && together && is_single_transfer(p) && is_single_transfer(i) && i->cost > 1)
            i->cost--; // the address phase overlaps
    } else if (i->load && together && is_single_transfer(p) && is_single_transfer(i)) {
        i->cost--;
    }
    // Manual 7.2.3: a result of floating-point arithmetic used by the next instruction: +1. The addend of
    // a multiply-accumulate is needed one cycle later.
    if (pf->fp_arithmetic && pf->fp_written & (f->fp_read & ~f->fp_addend))
        i->cost++;
    if (i->kind == INS_IT && p->len == 2 && p->kind != INS_IT)
        i->cost = 0; // folded into the 16-bit instruction before it
}

// Decodes into *i; TRUE when the block ends behind it. *taken: more cycles when it branches.
static bool decode(cortexm_t *c, const uint8_t *code, uint32_t address, cm_ins_t *i, facts_t *f,
                   unsigned *taken)
{
    unsigned h = code[0] | code[1] << 8, h2 = i->len == 4 ? code[2] | code[3] << 8 : 0;
    i->base = i->index = CM_NO_REG;
    i->count = 1;
    *f = look(c, code, address, i);
    i->fp = i->len == 4 && (h & 0xEC00) == 0xEC00 && (h2 & 0xE00) == 0xA00;
    bool ends = i->len == 2 ? decode_end16(i, h) : decode_end32(i, h, h2);
    if (c->v6m && !v6m_has(i->len, h, h2)) {
        i->kind = INS_UNDEFINED;
        i->fp = false;
        ends = true;
    }
    if (i->kind == INS_PLAIN)
        decode_mem(i, h, h2);
    if (i->base == 15 && i->load)
        i->literal = ((address + 4) & ~3u) + i->disp;
    ends |= i->kind == INS_BRANCH;
    i->cost = cm_cost(c, f->id, i, taken);
    i->skip = 1;
    return ends;
}

// ---- A block ----------------------------------------------------------------------------------------

// Code in memories on the system bus shares it with data. (Cortex-M0 has only one; its table knows.)
static bool on_system_bus(uint32_t address)
{
    return address >= 0x20000000 && address < 0xE0000000;
}

bool cm_block_needs_probe(const cm_ins_t *i)
{
    return i->kind == INS_DIV || i->kind == INS_SEV ||
           (i->cond && (i->cost != i->skip || i->load || i->store));
}

static void add_lines(cortexm_t *c, cm_block_t *b)
{
    if (b->mem != c->flash.mem || !b->mem)
        return;
    uint32_t start, last = UINT32_MAX;
    bus_mem_at(c->cpu.m->bus, b->address, &start);
    b->line0 = start / 16;
    b->lines = (start + (b->end - b->address) - 1) / 16 - b->line0 + 1;
    b->line_cum = g_new0(uint16_t, b->lines);
    b->literal = g_new(uint32_t, b->n);
    b->line_last = b->line0 + b->lines - 1;
    unsigned entered = 0;
    for (unsigned n = 0; n < b->n; n++) {
        const cm_ins_t *i = &b->ins[n];
        unsigned line = (start + i->offset + i->len - 1) / 16 - b->line0;
        while (entered < line)
            b->line_cum[++entered] = i->cum;
        uint32_t at;
        if (i->load && i->base == 15 && bus_mem_at(c->cpu.m->bus, i->literal, &at) == b->mem &&
            at / 16 != last)
            b->literal[b->literals++] = last = at / 16;
    }
    b->last_cum = b->line_cum[b->lines - 1];
    b->is_simple = b->lines <= 2 && !b->literals;
}

static void add_cum(cm_block_t *b)
{
    for (unsigned n = 0; n < b->n; n++) {
        cm_ins_t *i = &b->ins[n];
        unsigned least = i->cond ? MIN(i->cost, i->skip) : i->cost;
        i->cum = b->cost;
        i->extra_max = (i->kind == INS_DIV ? 10 : 0) + (i->cost - least);
        b->cost += least;
        b->worst += least + i->extra_max;
        if (i->fp)
            b->flags |= BF_FP;
    }
}

static void add_costs(cortexm_t *c, cm_block_t *b, unsigned taken)
{
    b->taken = taken;
    b->worst += taken + 1 + 16 * (b->lines + b->literals); // at most 15 wait states each
    const cm_ins_t *last = &b->ins[b->n - 1];
    if (last->kind == INS_MASK)
        b->flags |= BF_MASK;
    if (b->it_out)
        b->flags |= BF_IT;
    b->flags |= BF_LOOK;
    if (c->v6m && last->kind == INS_UNDEFINED)
        b->flags |= BF_EXACT; // finds it before Unicorn runs it
    // A branch to an unaligned 32-bit instruction.
    b->entry = !c->v6m && b->ins[0].len == 4 && b->address & 2;
}

cm_block_t *cm_block_decode(cortexm_t *c, uint32_t address, uint8_t it)
{
    uint32_t offset;
    mem_t *mem = bus_mem_at(c->cpu.m->bus, address, &offset);
    if (!mem || address & 1 || mem->size - offset < 2)
        return NULL;
    cm_ins_t ins[MAX_INS];
    unsigned n = 0, taken = 0, run = 0;
    uint32_t at = 0, edge = (address & ~(PAGE - 1)) + PAGE - address;
    edge = MIN(edge, mem->size - offset);
    facts_t before = {0}, now;
    for (bool ends = false; !ends && n < MAX_INS && at < edge;) {
        const uint8_t *code = mem->data + offset + at;
        unsigned len = code[1] >= 0xE8 ? 4 : 2;
        if (at + len > edge && (n || mem->size - offset < at + len))
            break; // Unicorn leaves an instruction across the edge to the next block
        cm_ins_t *i = &ins[n];
        *i = (cm_ins_t){.offset = at, .len = len, .it = it, .cond = it & 15};
        ends = decode(c, code, address + at, i, &now, &taken);
        if (n)
            pair(c, &ins[n - 1], &before, i, &now);
        if ((i->load || i->store) && on_system_bus(address) && !c->v6m)
            i->cost += 1;
        // Assumption of the third rule: one cycle for each run of three.
        run = len == 4 && (address + at) & 2 ? run + 1 : 0;
        if (run == 3 && !c->v6m)
            i->cost++;
        it = i->kind == INS_IT ? code[0] : it_advance(it);
        before = now;
        at += len;
        n++;
    }
    if (!n)
        return NULL;
    cm_block_t *b = g_new0(cm_block_t, 1);
    *b = (cm_block_t){.address = address, .end = address + at, .it = ins[0].it, .it_out = it, .n = n,
                      .mem = mem, .bytes = mem->data + offset};
    b->ins = g_memdup2(ins, n * sizeof *ins);
    if (mem->kind == MEM_RAM)
        b->copy = g_memdup2(b->bytes, at);
    add_cum(b);
    add_lines(c, b);
    add_costs(c, b, taken);
    return b;
}

void cm_block_free(cm_block_t *b)
{
    g_free(b->ins);
    g_free(b->copy);
    g_free(b->line_cum);
    g_free(b->literal);
    g_free(b);
}

unsigned cm_disassemble(cpu_t *cpu, uint32_t address, char *to, size_t n)
{
    cortexm_t *c = (cortexm_t *)cpu;
    uint8_t bytes[4];
    address &= ~1u;
    if (!bus_peek(cpu->m->bus, address, bytes, 2))
        return 0;
    unsigned len = bytes[1] >= 0xE8 ? 4 : 2;
    if (len == 4 && !bus_peek(cpu->m->bus, address + 2, bytes + 2, 2))
        return 0;
    const uint8_t *at = bytes;
    size_t left = len;
    uint64_t where = address;
    if (cs_disasm_iter(c->disassembler, &at, &left, &where, c->insn))
        g_snprintf(to, n, "%s%s%s", c->insn->mnemonic, *c->insn->op_str ? " " : "", c->insn->op_str);
    else if (len == 2)
        g_snprintf(to, n, ".short 0x%04x", bytes[0] | bytes[1] << 8);
    else
        g_snprintf(to, n, ".short 0x%04x, 0x%04x", bytes[0] | bytes[1] << 8,
                   bytes[2] | bytes[3] << 8);
    return len;
}
