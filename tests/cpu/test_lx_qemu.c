// SPDX-License-Identifier: GPL-2.0-or-later
// Every instruction of the LX106 on random operands, words that are no instruction, and random
// programs, against QEMU's lx106. All cases are one image; each sets all registers, runs, and stores
// all registers and what an exception left behind. QEMU prints its data RAM at the end.
//
// Left to other tests, because QEMU does them otherwise or not at all: interrupts, WAITI, returns from
// exceptions, debug exceptions, narrow accesses to instruction memory and all to where nothing is.
#include "lx.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum {
    PER_ROW = 20, ILLEGAL = 300, PROGRAMS = 400, PROGRAM_INS = 60,
    OUT_WORDS = 22, // a0-a15, SAR, PS, DEPC (the place of an exception), EXCCAUSE, EXCVADDR, case
    SCRATCH_BYTES = 1024,
};
#define OUT LX_DRAM
#define SCRATCH (LX_DRAM + LX_DRAM_SIZE - SCRATCH_BYTES - 1024)
#define START (LX_IRAM + 0x100)

enum { SR_SAR = 3, SR_EPC1 = 177, SR_DEPC = 192, SR_EXCSAVE1 = 209, SR_EXCSAVE2 = 210,
       SR_EXCSAVE3 = 211, SR_PS = 230, SR_EXCCAUSE = 232, SR_EXCVADDR = 238 };

typedef struct gen {
    lx_asm_t a;
    GRand *rand;
    unsigned cases;
    uint32_t in[17];     // a0-a15, SAR
    uint32_t in_at, out_at, end_literal;
    GArray *where;       // uint32_t: address of each case's code
} gen_t;

static uint32_t rnd(gen_t *g) { return g_rand_int(g->rand); }
static unsigned pick(gen_t *g, unsigned n) { return rnd(g) % n; }

// Values near what matters are more likely than they would be.
static uint32_t value(gen_t *g)
{
    static const uint32_t special[] = {0, 1, UINT32_MAX, 0x80000000, 0x7FFFFFFF, 0x8000, 0xFFFF,
                                       0x10000, 31, 32, 33, 0xFFFF8000};
    switch (pick(g, 3)) {
    case 0: return special[pick(g, G_N_ELEMENTS(special))];
    case 1: return (int32_t)rnd(g) >> pick(g, 32);
    default: return rnd(g);
    }
}

// ---- Around a case ----------------------------------------------------------------------------------

static void vectors(gen_t *g)
{
    static const uint32_t offsets[] = {0x30, 0x50, 0x70};
    for (unsigned i = 0; i < 3; i++) {
        g->a.at = LX_IRAM + offsets[i];
        lx_j(&g->a, LX_IRAM + 0x80);
    }
    g->a.at = LX_IRAM + 0x80; // keeps EPC1 in DEPC, returns to the end of the case
    lx_sr(&g->a, LX_OP_wsr, SR_EXCSAVE2, 0);
    lx_sr(&g->a, LX_OP_rsr, SR_EPC1, 0);
    lx_sr(&g->a, LX_OP_wsr, SR_DEPC, 0);
    lx_sr(&g->a, LX_OP_rsr, SR_EXCSAVE3, 0);
    lx_sr(&g->a, LX_OP_wsr, SR_EPC1, 0);
    lx_sr(&g->a, LX_OP_rsr, SR_EXCSAVE2, 0);
    lx_row(&g->a, LX_OP_rfe, 0, 0, 0, 0);
    g->a.at = START;
    lx_j(&g->a, START + 12);
    lx_align(&g->a, 4);
    uint32_t pool = g->a.at;
    lx_word_at(&g->a, LX_IRAM);
    lx_word_at(&g->a, LX_PS_UM);
    lx_l32r(&g->a, 2, pool);
    lx_sr(&g->a, LX_OP_wsr, 231, 2);
    for (unsigned region = 0; region < 8; region++) { // attributes that the cases read
        lx_movi(&g->a, 2, region);
        lx_emit(&g->a, 0x010030 | 2 << 12 | 2 << 8, 3); // slli a2, a2, 29
        lx_movi(&g->a, 3, region == 7 ? 15 : 2);
        lx_row(&g->a, LX_OP_witlb, 0, 2, 3, 0);
        lx_row(&g->a, LX_OP_wdtlb, 0, 2, 3, 0);
    }
}

// A case begins: g->in is filled when its code is known, in end_case.
static void begin_case(gen_t *g)
{
    lx_asm_t *a = &g->a;
    uint32_t over = ((a->at + 3 + 3) & ~3u) + 4 * 3 + sizeof g->in;
    lx_j(a, over);
    lx_align(a, 4);
    uint32_t pool = a->at;
    g->in_at = pool + 12;
    g->out_at = OUT + g->cases * OUT_WORDS * 4;
    g_assert_cmpuint(g->out_at, <, SCRATCH - OUT_WORDS * 4);
    lx_word_at(a, g->in_at);
    lx_word_at(a, g->out_at);
    g->end_literal = a->at;
    lx_word_at(a, 0);
    for (unsigned i = 0; i < 17; i++) {
        g->in[i] = value(g);
        lx_word_at(a, 0);
    }
    g->in[16] %= 33;
    g_assert_cmpuint(a->at, ==, over);
    lx_l32r(a, 2, g->end_literal);
    lx_sr(a, LX_OP_wsr, SR_EXCSAVE3, 2);
    lx_movi(a, 2, 0);
    lx_sr(a, LX_OP_wsr, SR_DEPC, 2);
    lx_sr(a, LX_OP_wsr, SR_EXCCAUSE, 2);
    lx_sr(a, LX_OP_wsr, SR_EXCVADDR, 2);
    lx_movi(a, 2, LX_PS_UM);
    lx_sr(a, LX_OP_wsr, SR_PS, 2);
    lx_l32r(a, 1, pool);
    lx_row(a, LX_OP_l32i, 0, 1, 2, 16);
    lx_sr(a, LX_OP_wsr, SR_SAR, 2);
    for (unsigned i = 0; i < 16; i++)
        if (i != 1)
            lx_row(a, LX_OP_l32i, 0, 1, i, i);
    lx_row(a, LX_OP_l32i, 0, 1, 1, 1);
    g_array_append_val(g->where, a->at);
}

static void poke(gen_t *g, uint32_t address, uint32_t v)
{
    memcpy(g->a.code + (address - g->a.base), &v, 4);
}

static void store_sr(gen_t *g, unsigned sr, unsigned word)
{
    lx_sr(&g->a, LX_OP_rsr, sr, 0);
    lx_row(&g->a, LX_OP_s32i, 0, 1, 0, word);
}

static void end_case(gen_t *g)
{
    lx_asm_t *a = &g->a;
    poke(g, g->end_literal, a->at);
    for (unsigned i = 0; i < 17; i++)
        poke(g, g->in_at + 4 * i, g->in[i]);
    lx_sr(a, LX_OP_wsr, SR_EXCSAVE1, 1);
    lx_l32r(a, 1, g->end_literal - 4);
    for (unsigned i = 0; i < 16; i++)
        if (i != 1)
            lx_row(a, LX_OP_s32i, 0, 1, i, i);
    store_sr(g, SR_EXCSAVE1, 1);
    store_sr(g, SR_SAR, 16);
    store_sr(g, SR_PS, 17);
    store_sr(g, SR_DEPC, 18);
    store_sr(g, SR_EXCCAUSE, 19);
    store_sr(g, SR_EXCVADDR, 20);
    g->cases++;
}

// Writes data RAM to standard output, and exits.
static void finish(gen_t *g)
{
    lx_asm_t *a = &g->a;
    lx_j(a, ((a->at + 3 + 3) & ~3u) + 8);
    lx_align(a, 4);
    uint32_t pool = a->at;
    lx_word_at(a, LX_DRAM);
    lx_word_at(a, LX_DRAM_SIZE);
    lx_movi(a, 2, 4);
    lx_movi(a, 3, 1);
    lx_l32r(a, 4, pool);
    lx_l32r(a, 5, pool + 4);
    lx_row(a, LX_OP_simcall, 0, 0, 0, 0);
    lx_movi(a, 2, 1);
    lx_movi(a, 3, 0);
    lx_row(a, LX_OP_simcall, 0, 0, 0, 0);
    lx_j(a, a->at);
}

// ---- Cases of one instruction -----------------------------------------------------------------------

static bool is_load_store(unsigned op) { return op > LX_OP_l32r && op <= LX_OP_s32i_n; }

static bool left_out(unsigned op)
{
    switch (op) {
    case LX_OP_simcall: case LX_OP_break: case LX_OP_break_n: case LX_OP_rfe: case LX_OP_rfde:
    case LX_OP_rfi: case LX_OP_waiti: case LX_OP_rer: case LX_OP_wer:
        return true;
    default:
        return op == LX_OP_witlb || op == LX_OP_wdtlb;
    }
}

// Random bits in the fields of a row.
static uint32_t random_word(gen_t *g, unsigned op)
{
    uint32_t w = (rnd(g) & ~lx_rows[op].mask & 0xFFFFFF) | lx_rows[op].match;
    if (op == LX_OP_slli && !(w & 0x1000F0)) // a shift by 32 is reserved
        w |= 0x10;
    return w;
}

// Special registers that may be written here without more following from it.
static unsigned harmless_sr(gen_t *g, unsigned op)
{
    static const uint8_t rw[] = {3, 178, 179, 192, 194, 195, 209, 210, 232, 238};
    static const uint8_t ro[] = {176, 208, 235, 177, 211, 231, 230, 5, 160, 128, 144};
    static const uint8_t none[] = {0, 1, 4, 100, 180, 193, 212, 241, 255, 97, 161};
    if (pick(g, 8) == 0)
        return none[pick(g, sizeof none)];
    return op == LX_OP_rsr && pick(g, 2) ? ro[pick(g, sizeof ro)] : rw[pick(g, sizeof rw)];
}

// The word of one instruction whose jumps go to `pc` + len + 3, and that finds in g->in what it needs.
static uint32_t one_word(gen_t *g, unsigned op)
{
    const lx_row_t *row = &lx_rows[op];
    uint32_t w = random_word(g, op), pc = g->a.at;
    unsigned s = w >> 8 & 15;
    switch (row->imm) {
    case LX_IMM_J18: w = (w & 0x3F) | 2 << 6; break;
    case LX_IMM_CALL18: w = (w & 0x3F) | ((pc + 6 - (pc & ~3u) - 4) / 4) << 6; break;
    case LX_IMM_B12: w = (w & 0xFFF) | 2 << 12; break;
    case LX_IMM_B_N: w = (w & 0xFCF & ~0x30u) | 1 << 12; break;
    case LX_IMM_B4: case LX_IMM_B4U: case LX_IMM_B8: case LX_IMM_B8_BIT:
        w = (w & 0xFFFF) | 2 << 16;
        if (pick(g, 3) == 0)
            g->in[s] = g->in[w >> 4 & 15];
        break;
    case LX_IMM_L32R: w = (w & 0xFF) | (0xFFFF - pick(g, 20)) << 8; break;
    case LX_IMM_SR:
        w = (w & 0xFF00FF) | harmless_sr(g, op) << 8;
        if (op != LX_OP_rsr && (w >> 8 & 0xFF) > 192) // EPS, EXCCAUSE: QEMU keeps all bits
            g->in[w >> 4 & 15] &= 0x3F;
        break;
    }
    lx_insn_t i;
    lx_decode(pc, w, &i);
    if (op == LX_OP_jx || op == LX_OP_callx0)
        g->in[s] = pc + 6;
    if (op == LX_OP_ret || op == LX_OP_ret_n)
        g->in[0] = pc + i.len + 3;
    if (is_load_store(op))
        g->in[s] = SCRATCH + (pick(g, SCRATCH_BYTES) & (pick(g, 8) ? ~3u : ~0u)) - i.imm;
    return w;
}

static void single(gen_t *g, unsigned op)
{
    begin_case(g);
    while (op == LX_OP_call0 && g->a.at % 4 != 2) // its target is a word's address
        lx_row(&g->a, LX_OP_nop_n, 0, 0, 0, 0), lx_align(&g->a, 2);
    unsigned op0 = lx_rows[op].match & 15;
    lx_emit(&g->a, one_word(g, op), op0 >= 8 && op0 <= 13 ? 2 : 3);
    lx_row(&g->a, LX_OP_addi, 0, 3, 3, 1);
    end_case(g);
}

static void illegal(gen_t *g)
{
    uint32_t w;
    lx_insn_t i;
    begin_case(g);
    do {
        w = rnd(g) & 0xFFFFFF;
        if (pick(g, 2))
            w &= ~0xFu; // most rows are there
    } while (lx_decode(g->a.at, w, &i) || (w & 0xFFFEFF) == 0xF1E010 || w == 0xF1E000);
    lx_emit(&g->a, w, i.len);
    lx_row(&g->a, LX_OP_addi, 0, 3, 3, 1);
    end_case(g);
}

// ---- Programs ---------------------------------------------------------------------------------------

// What may be in a program. Not SSL and SSA8B: where they set 32, QEMU 7.2 shifts right by 0 if SRL
// follows in the same block.
static unsigned program_op(gen_t *g)
{
    unsigned op;
    do
        op = pick(g, LX_ROWS);
    while (left_out(op) || lx_rows[op].flags & LX_ENDS || lx_rows[op].imm == LX_IMM_SR ||
           op == LX_OP_rsil || op == LX_OP_ssl || op == LX_OP_ssa8b);
    return op;
}

// Instructions whose branches lead to one of the next few. a1 points to scratch memory.
static void program(gen_t *g)
{
    uint32_t at[PROGRAM_INS + 1], words[PROGRAM_INS];
    unsigned ops[PROGRAM_INS], lens[PROGRAM_INS];
    begin_case(g);
    g->in[1] = SCRATCH + 256;
    at[0] = g->a.at;
    for (unsigned i = 0; i < PROGRAM_INS; i++) {
        const lx_row_t *row = &lx_rows[ops[i] = program_op(g)];
        uint32_t w = random_word(g, ops[i]);
        lens[i] = (w & 15) >= 8 && (w & 15) <= 13 ? 2 : 3;
        if (is_load_store(ops[i])) {
            w = (w & ~0xF00u) | 0x100;
            if (lens[i] == 3)
                w &= 0x3FFFFF & ~0x030000u; // within scratch, aligned
        }
        unsigned target = row->flags & LX_W_R ? w >> 12 & 15 : row->flags & LX_W_S ? w >> 8 & 15
                          : row->flags & LX_W_T ? w >> 4 & 15 : 0;
        if (target == 1) // not a1
            w ^= row->flags & LX_W_R ? 0x2000 : row->flags & LX_W_S ? 0x200 : 0x20;
        words[i] = w;
        at[i + 1] = at[i] + lens[i];
    }
    for (unsigned i = 0; i < PROGRAM_INS; i++) {
        const lx_row_t *row = &lx_rows[ops[i]];
        unsigned far = i + 1 + pick(g, 6), to = MIN(far, PROGRAM_INS);
        if (at[to] < at[i] + 4) // not reachable: to the second next
            to = MIN(i + 2, PROGRAM_INS);
        uint32_t d = at[to] - at[i] - 4, w = words[i];
        if (row->imm == LX_IMM_L32R)
            w = (w & 0xFF) | (0xFFFF - pick(g, 20)) << 8;
        else if (row->flags & LX_LINK && (int32_t)d < 0)
            w = lens[i] == 2 ? 0xF03D : 0x20F0;
        else if (row->imm == LX_IMM_B12)
            w = (w & 0xFFF) | d << 12;
        else if (row->imm == LX_IMM_B_N)
            w = (w & 0xFCF) | (d & 15) << 12 | (d >> 4 & 3) << 4;
        else if (row->flags & LX_LINK)
            w = (w & 0xFFFF) | d << 16;
        lx_emit(&g->a, w, lens[i]);
    }
    end_case(g);
}

// ---- Both machines ----------------------------------------------------------------------------------

static void put_segment(GByteArray *elf, unsigned i, uint32_t address, uint32_t offset, uint32_t n)
{
    uint32_t *p = (uint32_t *)(void *)(elf->data + 52 + 32 * i);
    memcpy(p, (uint32_t[]){1, offset, address, address, n, n, 7, 4}, 32);
}

// An ELF file with the image at its place, and at 0x50000000, where QEMU starts, a jump to it.
static char *write_elf(gen_t *g)
{
    static const uint8_t ident[16] = {0x7F, 'E', 'L', 'F', 1, 1, 1};
    uint8_t stub[16];
    lx_asm_t a = {stub, 0x50000000, 0x50000000, sizeof stub};
    GByteArray *elf = g_byte_array_new();
    uint32_t n = g->a.at - g->a.base;
    lx_j(&a, a.base + 8);
    lx_align(&a, 4);
    lx_word_at(&a, START);
    lx_l32r(&a, 0, a.base + 4);
    lx_row(&a, LX_OP_jx, 0, 0, 0, 0);
    lx_align(&a, 16);
    g_byte_array_set_size(elf, 128);
    memset(elf->data, 0, 128);
    memcpy(elf->data, ident, sizeof ident);
    memcpy(elf->data + 16, (uint32_t[]){94 << 16 | 2, 1, 0x50000000, 52, 0, 0x300, 32 << 16 | 52, 2,
                                        0}, 36);
    put_segment(elf, 0, 0x50000000, 128, sizeof stub);
    put_segment(elf, 1, g->a.base, 128 + sizeof stub, n);
    g_byte_array_append(elf, stub, sizeof stub);
    g_byte_array_append(elf, g->a.code, n);
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("lx106-XXXXXX.elf", &path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(write(fd, elf->data, elf->len), ==, elf->len);
    close(fd);
    g_byte_array_unref(elf);
    return path;
}

static GBytes *run_qemu(gen_t *g)
{
    g_autofree char *path = write_elf(g);
    g_autoptr(GError) error = NULL;
    GBytes *out = NULL;
    g_autoptr(GSubprocess) qemu = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "timeout", "60", "qemu-system-xtensa", "-M", "sim",
        "-cpu", "lx106", "-semihosting", "-display", "none", "-serial", "none", "-monitor", "none",
        "-kernel", path, NULL);
    g_assert_no_error(error);
    g_subprocess_communicate(qemu, NULL, NULL, &out, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_subprocess_get_exit_status(qemu), ==, 0);
    g_unlink(path);
    return out;
}

typedef enum { FAST, EXACT, SLICED } way_t;

// Runs the image on our engine; gives its data RAM and the cycles that it took.
static uint8_t *run_ours(gen_t *g, way_t way, uint64_t *cycles)
{
    lx_stand_t *k = lx_new();
    machine_stop_t stop = MACHINE_TIME;
    lx_put(k, LX_IRAM, g->a.code, g->a.at - g->a.base);
    lx_start(k, START);
    k->c->exact_only = way == EXACT;
    for (unsigned i = 0; stop == MACHINE_TIME && i < 4000000; i++)
        stop = lx_run(k, way == SLICED ? 1 + i % 61 : 1000000);
    g_assert_cmpint(stop, ==, MACHINE_EXIT);
    *cycles = k->c->cycles;
    uint8_t *ram = g_malloc(LX_DRAM_SIZE);
    g_assert_true(bus_peek(k->m->bus, LX_DRAM, ram, LX_DRAM_SIZE));
    for (guint i = 0; i < k->reports->len; i++)
        g_test_message("%s", (char *)k->reports->pdata[i]);
    lx_free(k);
    return ram;
}

// Names the first case that differs.
static void compare(gen_t *g, const uint8_t *ours, const uint8_t *theirs)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < g->cases && bad < 10; i++) {
        uint32_t a[OUT_WORDS], b[OUT_WORDS], at = g_array_index(g->where, uint32_t, i), word = 0;
        memcpy(a, ours + i * sizeof a, sizeof a);
        memcpy(b, theirs + i * sizeof b, sizeof b);
        for (unsigned w = 0; w < OUT_WORDS; w++)
            if (a[w] != b[w]) {
                char text[64] = "no instruction";
                lx_insn_t insn;
                memcpy(&word, g->a.code + (at - g->a.base), 3);
                if (lx_decode(at, word, &insn))
                    lx_format(&insn, text, sizeof text);
                g_test_message("case %u at 0x%08x, %06x %s: word %u is 0x%08x, QEMU has 0x%08x", i, at,
                               word, text, w, a[w], b[w]);
                bad++;
            }
    }
    g_assert_cmpuint(bad, ==, 0);
    g_assert_cmpmem(ours, LX_DRAM_SIZE, theirs, LX_DRAM_SIZE); // what was stored too
}

static void check(gen_t *g)
{
    uint64_t fast, exact, sliced;
    finish(g);
    g_autoptr(GBytes) theirs = run_qemu(g);
    g_autofree uint8_t *ours = run_ours(g, FAST, &fast);
    g_assert_cmpuint(g_bytes_get_size(theirs), ==, LX_DRAM_SIZE);
    compare(g, ours, g_bytes_get_data(theirs, NULL));
    g_autofree uint8_t *again = run_ours(g, EXACT, &exact);
    g_assert_cmpmem(ours, LX_DRAM_SIZE, again, LX_DRAM_SIZE);
    g_autofree uint8_t *third = run_ours(g, SLICED, &sliced);
    g_assert_cmpmem(ours, LX_DRAM_SIZE, third, LX_DRAM_SIZE);
    g_assert_cmpuint(exact, ==, fast);
    g_assert_cmpuint(sliced, ==, fast);
}

static gen_t *gen_new(uint32_t seed)
{
    gen_t *g = g_new0(gen_t, 1);
    g->rand = g_rand_new_with_seed(seed);
    g->where = g_array_new(false, false, 4);
    g->a = (lx_asm_t){g_malloc0(LX_IRAM_SIZE), LX_IRAM, LX_IRAM, LX_IRAM_SIZE};
    vectors(g);
    return g;
}

static void gen_free(gen_t *g)
{
    g_rand_free(g->rand);
    g_array_unref(g->where);
    g_free(g->a.code);
    g_free(g);
}

static void instructions(void)
{
    gen_t *g = gen_new(1);
    for (unsigned op = 0; op < LX_ROWS; op++)
        for (unsigned i = 0; i < PER_ROW && !left_out(op); i++)
            single(g, op);
    check(g);
    gen_free(g);
}

static void no_instructions(void)
{
    gen_t *g = gen_new(2);
    for (unsigned i = 0; i < ILLEGAL; i++)
        illegal(g);
    check(g);
    gen_free(g);
}

static void programs(void)
{
    gen_t *g = gen_new(3);
    for (unsigned i = 0; i < PROGRAMS; i++)
        program(g);
    check(g);
    gen_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lx106/qemu/instructions", instructions);
    g_test_add_func("/lx106/qemu/no-instructions", no_instructions);
    g_test_add_func("/lx106/qemu/programs", programs);
    return g_test_run();
}
