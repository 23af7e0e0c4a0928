// SPDX-License-Identifier: GPL-2.0-or-later
// Exceptions of the LX106: causes, vectors and what each leaves behind, interrupts and their levels,
// CCOMPARE0, WAITI, debug registers, and code that changes while it runs.
#include "lx.h"
#include <string.h>

#define CODE (LX_IRAM + 0x1000)
#define DATA (LX_DRAM + 0x1000)

enum {
    SR_IBREAKENABLE = 96, SR_IBREAKA = 128, SR_DBREAKA = 144, SR_DBREAKC = 160, SR_EPC1 = 177,
    SR_INTSET = 226, SR_INTCLEAR = 227, SR_INTENABLE = 228, SR_PS = 230, SR_CCOUNT = 234,
    SR_ICOUNT = 236, SR_ICOUNTLEVEL = 237, SR_CCOMPARE = 240,
};

typedef struct scene {
    lx_stand_t *k;
    lx106_t *c;
    lx_asm_t a;
    uint8_t code[0x1000];
} scene_t;

// Code at CODE; every vector ends the run with its offset as the exit code.
static scene_t *scene_new(void)
{
    static const uint32_t vectors[] = {0x10, 0x20, 0x30, 0x50, 0x70};
    scene_t *s = g_new0(scene_t, 1);
    s->k = lx_new();
    s->c = s->k->c;
    s->a = (lx_asm_t){s->code, CODE, CODE, sizeof s->code};
    for (unsigned i = 0; i < G_N_ELEMENTS(vectors); i++) {
        uint8_t code[16] = {0};
        lx_asm_t v = {code, LX_IRAM + vectors[i], LX_IRAM + vectors[i], sizeof code};
        lx_movi(&v, 2, 1);
        lx_movi(&v, 3, vectors[i]);
        lx_row(&v, LX_OP_simcall, 0, 0, 0, 0);
        lx_put(s->k, v.base, code, 16);
    }
    return s;
}

static void scene_free(scene_t *s)
{
    lx_free(s->k);
    g_free(s);
}

static void op(scene_t *s, unsigned op, unsigned r, unsigned as, unsigned t, unsigned imm8)
{
    lx_row(&s->a, op, r, as, t, imm8);
}

static void wsr(scene_t *s, unsigned sr, unsigned t) { lx_sr(&s->a, LX_OP_wsr, sr, t); }

static void finish(scene_t *s, int code)
{
    lx_movi(&s->a, 2, 1);
    lx_movi(&s->a, 3, code);
    op(s, LX_OP_simcall, 0, 0, 0, 0);
}

static void start(scene_t *s)
{
    lx_put(s->k, CODE, s->code, s->a.at - CODE);
    lx_start(s->k, CODE);
    s->c->a[4] = DATA;
    s->c->a[5] = LX_PART;
}

static int go(scene_t *s)
{
    g_assert_cmpint(lx_run(s->k, 1000000), ==, MACHINE_EXIT);
    return s->k->m->exit_code;
}

// ---- Causes -----------------------------------------------------------------------------------------

typedef struct access_case {
    unsigned op;
    uint32_t address;
    int cause; // -1: none
} access_case_t;

static const access_case_t accesses[] = {
    {LX_OP_l8ui, DATA + 1, -1}, {LX_OP_l16ui, DATA + 2, -1}, {LX_OP_s8i, DATA + 3, -1},
    {LX_OP_l32i, LX_IRAM + 0x800, -1}, {LX_OP_s32i, LX_IRAM + 0x800, -1},
    {LX_OP_l32i, LX_ROM + 8, -1}, {LX_OP_l32i, LX_FLASH + 8, -1}, {LX_OP_l32i, LX_PART, -1},
    {LX_OP_l8ui, LX_PART, -1},
    {LX_OP_l8ui, LX_IRAM + 0x800, LX_LOAD_STORE_ERROR}, {LX_OP_l16si, LX_FLASH, LX_LOAD_STORE_ERROR},
    {LX_OP_l16ui, LX_ROM, LX_LOAD_STORE_ERROR}, {LX_OP_s8i, LX_IRAM + 0x800, LX_LOAD_STORE_ERROR},
    {LX_OP_s16i, LX_FLASH, LX_LOAD_STORE_ERROR},
    {LX_OP_l32i, DATA + 2, LX_UNALIGNED}, {LX_OP_l16ui, DATA + 1, LX_UNALIGNED},
    {LX_OP_s32i, DATA + 1, LX_UNALIGNED}, {LX_OP_l16ui, LX_IRAM + 1, LX_UNALIGNED},
    {LX_OP_l32i, 0, LX_LOAD_PROHIBITED}, {LX_OP_l8ui, 0x1FFFFFFF, LX_LOAD_PROHIBITED},
    {LX_OP_s32i, 0, LX_STORE_PROHIBITED}, {LX_OP_s8i, 5, LX_STORE_PROHIBITED},
    {LX_OP_s32i, LX_ROM, LX_STORE_PROHIBITED}, {LX_OP_s32i, LX_FLASH, LX_STORE_PROHIBITED},
    {LX_OP_l32i, 0x70000000, LX_DATA_ADDRESS}, {LX_OP_s32i, 0x50000000, LX_DATA_ADDRESS},
};

static void causes(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(accesses); i++) {
        const access_case_t *t = &accesses[i];
        scene_t *s = scene_new();
        op(s, LX_OP_nop_n, 0, 0, 0, 0);
        uint32_t at = s->a.at;
        op(s, t->op, 0, 6, 7, 0);
        finish(s, 1);
        start(s);
        s->c->a[6] = t->address;
        int code = go(s);
        g_assert_cmpint(code, ==, t->cause < 0 ? 1 : 0x50);
        if (t->cause >= 0) {
            g_assert_cmpint(s->c->exccause, ==, t->cause);
            g_assert_cmphex(s->c->excvaddr, ==, t->address);
            g_assert_cmphex(s->c->epc[1], ==, at);
            g_assert_cmphex(s->c->ps, ==, LX_PS_UM | LX_PS_EXCM);
        }
        scene_free(s);
    }
}

// Jumps to where no code can be.
static void fetches(void)
{
    static const struct { uint32_t address; unsigned cause; } t[] = {
        {0x100, LX_FETCH_PROHIBITED}, {DATA, LX_FETCH_ERROR}, {0x70000000, LX_FETCH_ADDRESS},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(t); i++) {
        scene_t *s = scene_new();
        op(s, LX_OP_jx, 0, 6, 0, 0);
        start(s);
        s->c->a[6] = t[i].address;
        g_assert_cmphex(go(s), ==, 0x50);
        g_assert_cmpuint(s->c->exccause, ==, t[i].cause);
        g_assert_cmphex(s->c->excvaddr, ==, t[i].address);
        g_assert_cmphex(s->c->epc[1], ==, t[i].address);
        scene_free(s);
    }
}

static void vectors(void)
{
    scene_t *s = scene_new(); // PS.UM = 0
    op(s, LX_OP_syscall, 0, 0, 0, 0);
    start(s);
    s->c->ps = 0;
    g_assert_cmphex(go(s), ==, 0x30);
    g_assert_cmpuint(s->c->exccause, ==, LX_SYSCALL);
    scene_free(s);

    s = scene_new(); // inside another
    op(s, LX_OP_ill, 0, 0, 0, 0);
    start(s);
    s->c->ps = LX_PS_UM | LX_PS_EXCM;
    s->c->epc[1] = 0x1234;
    g_assert_cmphex(go(s), ==, 0x70);
    g_assert_cmphex(s->c->depc, ==, CODE);
    g_assert_cmphex(s->c->epc[1], ==, 0x1234);
    scene_free(s);

    s = scene_new(); // BREAK
    op(s, LX_OP_break, 0, 1, 2, 0);
    start(s);
    g_assert_cmphex(go(s), ==, 0x10);
    g_assert_cmphex(s->c->epc[2], ==, CODE);
    g_assert_cmphex(s->c->eps[2], ==, LX_PS_UM);
    g_assert_cmphex(s->c->ps, ==, LX_PS_UM | LX_PS_EXCM | 2);
    g_assert_cmpuint(s->c->debugcause, ==, LX_DEBUG_BREAK);
    scene_free(s);

    s = scene_new(); // BREAK at its own level does nothing
    op(s, LX_OP_rsil, 0, 2, 6, 0);
    op(s, LX_OP_break_n, 0, 1, 0, 0);
    finish(s, 1);
    start(s);
    g_assert_cmpint(go(s), ==, 1);
    scene_free(s);
}

// RFE, RFI and RFDE go back with the right PS.
static void returns(void)
{
    scene_t *s = scene_new();
    op(s, LX_OP_rfi, 0, 3, 1, 0);
    start(s);
    s->c->epc[3] = CODE + 0x100;
    s->c->eps[3] = LX_PS_UM | 1;
    lx_asm_t a = {s->code + 0x100, CODE + 0x100, CODE + 0x100, 0x100};
    lx_row(&a, LX_OP_rfe, 0, 0, 0, 0);
    lx_put(s->k, CODE + 0x100, s->code + 0x100, 3);
    s->c->epc[1] = CODE + 0x200;
    s->a.at = CODE + 0x200;
    finish(s, 1);
    lx_put(s->k, CODE, s->code, 0x300);
    s->c->ps = 0x1F;
    g_assert_cmpint(go(s), ==, 1);
    g_assert_cmphex(s->c->ps, ==, LX_PS_UM | 1);
    scene_free(s);

    s = scene_new();
    op(s, LX_OP_rfde, 0, 0, 0, 0);
    op(s, LX_OP_ill_n, 0, 0, 0, 0);
    uint32_t back = s->a.at;
    finish(s, 1);
    start(s);
    s->c->depc = back;
    s->c->ps = LX_PS_UM | LX_PS_EXCM;
    g_assert_cmpint(go(s), ==, 1);
    g_assert_cmphex(s->c->ps, ==, LX_PS_UM | LX_PS_EXCM);
    scene_free(s);
}

// ---- Interrupts -------------------------------------------------------------------------------------

// Raised by a store: taken at the very next instruction, or when it is let through.
static void interrupt_is_exact(void)
{
    scene_t *s = scene_new();
    for (unsigned i = 0; i < 4; i++)
        op(s, LX_OP_addi_n, 8, 8, 1, 0);
    op(s, LX_OP_s32i, 0, 5, 7, LX_RAISE / 4);
    uint32_t at = s->a.at;
    for (unsigned i = 0; i < 4; i++)
        op(s, LX_OP_addi_n, 8, 8, 1, 0);
    finish(s, 1);
    start(s);
    s->c->a[7] = 1 << 4;
    s->c->intenable = 1 << 4;
    g_assert_cmphex(go(s), ==, 0x50);
    g_assert_cmpuint(s->c->exccause, ==, LX_LEVEL1);
    g_assert_cmphex(s->c->epc[1], ==, at);
    g_assert_cmpuint(s->c->a[8], ==, 4);
    g_assert_cmphex(s->c->interrupt, ==, 1 << 4); // a level: stays
    scene_free(s);
}

// Masked by INTENABLE, INTLEVEL and EXCM; taken when the mask goes.
static void masks(void)
{
    for (unsigned how = 0; how < 4; how++) {
        scene_t *s = scene_new();
        op(s, LX_OP_s32i, 0, 5, 7, LX_RAISE / 4);
        for (unsigned i = 0; i < 3; i++)
            op(s, LX_OP_addi_n, 8, 8, 1, 0);
        uint32_t at = s->a.at;
        if (how == 0)
            wsr(s, SR_INTENABLE, 7);
        else if (how == 1)
            op(s, LX_OP_rsil, 0, 0, 9, 0);
        else if (how == 2)
            wsr(s, SR_PS, 10);
        else
            op(s, LX_OP_rfe, 0, 0, 0, 0);
        uint32_t next = how == 3 ? CODE + 0x100 : s->a.at;
        op(s, LX_OP_addi_n, 8, 8, 1, 0);
        finish(s, 1);
        start(s);
        s->c->a[7] = 1 << 9; // an edge
        s->c->a[10] = LX_PS_UM;
        s->c->intenable = how ? 1 << 9 : 0;
        s->c->ps = how == 1 ? LX_PS_UM | 1 : how >= 2 ? LX_PS_UM | LX_PS_EXCM : LX_PS_UM;
        s->c->epc[1] = CODE + 0x100;
        g_assert_cmphex(go(s), ==, 0x50);
        g_assert_cmpuint(s->c->a[8], ==, 3);
        g_assert_cmphex(s->c->epc[1], ==, next);
        g_assert_cmphex(at, <, next);
        scene_free(s);
    }
}

static void nmi(void)
{
    scene_t *s = scene_new();
    op(s, LX_OP_s32i, 0, 5, 7, LX_RAISE / 4);
    uint32_t at = s->a.at;
    op(s, LX_OP_nop_n, 0, 0, 0, 0);
    finish(s, 1);
    start(s);
    s->c->a[7] = 1 << 14;
    s->c->ps = LX_PS_UM | LX_PS_EXCM | 3;
    g_assert_cmphex(go(s), ==, 0x20);
    g_assert_cmphex(s->c->epc[3], ==, at);
    g_assert_cmphex(s->c->eps[3], ==, LX_PS_UM | LX_PS_EXCM | 3);
    g_assert_cmphex(s->c->interrupt, ==, 0);
    scene_free(s);
}

// Level bits follow their lines, edges stay until INTCLEAR, software is set by INTSET.
static void pending(void)
{
    scene_t *s = scene_new();
    op(s, LX_OP_s32i, 0, 5, 7, LX_RAISE / 4);
    op(s, LX_OP_s32i, 0, 5, 7, LX_LOWER / 4);
    lx_sr(&s->a, LX_OP_rsr, SR_INTSET, 8);
    lx_movi(&s->a, 9, -1);
    wsr(s, SR_INTSET, 9);
    lx_sr(&s->a, LX_OP_rsr, SR_INTSET, 10);
    wsr(s, SR_INTCLEAR, 9);
    lx_sr(&s->a, LX_OP_rsr, SR_INTSET, 11);
    finish(s, 1);
    start(s);
    s->c->a[7] = 0x3FFF; // all but the NMI, which would come
    g_assert_cmpint(go(s), ==, 1);
    g_assert_cmphex(s->c->a[8], ==, 0x3F00);
    g_assert_cmphex(s->c->a[10], ==, 0x3F00 | 1 << 7);
    g_assert_cmphex(s->c->a[11], ==, 0);
    scene_free(s);
}

// CCOMPARE0 in straight code, in a loop without an exit, and in WAITI: always on time.
static void timer(void)
{
    for (unsigned how = 0; how < 3; how++) {
        scene_t *s = scene_new();
        wsr(s, SR_CCOMPARE, 7);
        if (how == 2)
            op(s, LX_OP_waiti, 0, 0, 0, 0);
        for (unsigned i = 0; i < 300 && how == 0; i++)
            op(s, LX_OP_addi_n, 8, 8, 1, 0);
        if (how == 1)
            lx_j(&s->a, s->a.at);
        finish(s, 1);
        start(s);
        s->c->intenable = LX_INT_TIMER;
        s->c->a[7] = how == 2 ? 5000000 : 200;
        // The first instruction of the vector reads the time.
        uint8_t code[12];
        lx_asm_t v = {code, LX_IRAM + 0x50, LX_IRAM + 0x50, sizeof code};
        lx_sr(&v, LX_OP_rsr, SR_CCOUNT, 9);
        lx_movi(&v, 2, 1);
        lx_row(&v, LX_OP_simcall, 0, 0, 0, 0);
        lx_put(s->k, LX_IRAM + 0x50, code, 9);
        machine_stop_t stop = MACHINE_TIME;
        for (unsigned i = 0; i < 100 && stop == MACHINE_TIME; i++)
            stop = lx_run(s->k, 100000);
        g_assert_cmpint(stop, ==, MACHINE_EXIT);
        g_assert_cmpuint(s->c->a[9], >=, s->c->a[7] + LX_ENTRY);
        g_assert_cmpuint(s->c->a[9], <=, s->c->a[7] + LX_ENTRY + 4); // the jump is longest
        g_assert_cmphex(s->c->interrupt, ==, LX_INT_TIMER);
        if (how == 2)
            g_assert_cmpuint(s->k->m->host_idle, >=, 1);
        scene_free(s);
    }
}

// WAITI sleeps until a line rises, and costs nothing meanwhile.
static void waiti(void)
{
    scene_t *s = scene_new();
    op(s, LX_OP_s32i, 0, 5, 7, LX_TIMER / 4);
    op(s, LX_OP_waiti, 0, 0, 0, 0);
    uint32_t at = s->a.at;
    finish(s, 1);
    start(s);
    s->c->a[7] = 50000;
    s->c->intenable = 1 << 8;
    g_assert_cmphex(go(s), ==, 0x50);
    g_assert_cmphex(s->c->epc[1], ==, at);
    g_assert_cmpuint(s->c->cycles, >=, 50000);
    g_assert_cmpuint(s->c->cycles, <, 50100);
    g_assert_cmpuint(s->k->m->host_idle, ==, 1);
    scene_free(s);

    s = scene_new(); // nothing can wake it
    op(s, LX_OP_waiti, 0, 0, 0, 0);
    finish(s, 1);
    start(s);
    g_assert_cmpint(lx_run(s->k, 1000000), ==, MACHINE_TIME);
    g_assert_true(machine_asleep(s->k->m));
    scene_free(s);
}

// ---- Debug registers --------------------------------------------------------------------------------

static void ibreak(void)
{
    scene_t *s = scene_new();
    wsr(s, SR_IBREAKA, 7);
    wsr(s, SR_IBREAKENABLE, 8);
    for (unsigned i = 0; i < 8; i++)
        op(s, LX_OP_addi_n, 9, 9, 1, 0);
    finish(s, 1);
    start(s);
    s->c->a[7] = CODE + 6 + 2 * 5;
    s->c->a[8] = 1;
    g_assert_cmphex(go(s), ==, 0x10);
    g_assert_cmphex(s->c->epc[2], ==, CODE + 16);
    g_assert_cmpuint(s->c->debugcause, ==, LX_DEBUG_IBREAK);
    g_assert_cmpuint(s->c->a[9], ==, 5);
    scene_free(s);
}

static void dbreak(void)
{
    for (unsigned store = 0; store < 2; store++) {
        scene_t *s = scene_new();
        wsr(s, SR_DBREAKA, 7);
        wsr(s, SR_DBREAKC, 8);
        op(s, LX_OP_s32i_n, 1, 4, 9, 0); // elsewhere
        op(s, LX_OP_l32i_n, 1, 4, 9, 0);
        op(s, store ? LX_OP_l32i_n : LX_OP_s32i_n, 2, 4, 10, 0); // the other direction
        uint32_t at = s->a.at;
        op(s, store ? LX_OP_s32i_n : LX_OP_l32i_n, 2, 4, 4, 0);
        finish(s, 1);
        start(s);
        s->c->a[7] = DATA + 8;
        s->c->a[8] = (store ? 1u << 31 : 1u << 30) | 0x3C;
        g_assert_cmphex(go(s), ==, 0x10);
        g_assert_cmphex(s->c->epc[2], ==, at);
        g_assert_cmpuint(s->c->debugcause, ==, LX_DEBUG_DBREAK);
        g_assert_cmphex(lx_word(s->k, DATA + 8), ==, 0); // not done
        g_assert_cmphex(s->c->a[4], ==, DATA);
        scene_free(s);
    }
}

static void icount(void)
{
    scene_t *s = scene_new();
    wsr(s, SR_ICOUNT, 7);
    wsr(s, SR_ICOUNTLEVEL, 8);
    for (unsigned i = 0; i < 8; i++)
        op(s, LX_OP_addi_n, 9, 9, 1, 0);
    finish(s, 1);
    start(s);
    s->c->a[7] = (uint32_t)-4;
    s->c->a[8] = 2;
    g_assert_cmphex(go(s), ==, 0x10);
    g_assert_cmpuint(s->c->a[9], ==, 3);
    g_assert_cmpuint(s->c->debugcause, ==, LX_DEBUG_ICOUNT);
    scene_free(s);
}

// ---- Debugger ---------------------------------------------------------------------------------------

static void debugger(void)
{
    scene_t *s = scene_new();
    const cpu_class_t *cls = s->c->cpu.cls;
    for (unsigned i = 0; i < 8; i++)
        op(s, LX_OP_addi_n, 9, 9, 1, 0);
    op(s, LX_OP_s32i_n, 2, 4, 9, 0);
    finish(s, 1);
    start(s);
    g_assert_true(cls->breakpoint(&s->c->cpu, CODE + 6, true));
    g_assert_cmpint(lx_run(s->k, 1000), ==, MACHINE_BREAK);
    g_assert_cmphex(cls->pc(&s->c->cpu), ==, CODE + 6);
    g_assert_cmpuint(s->c->a[9], ==, 3);
    g_assert_cmpint(machine_step(s->k->m), ==, MACHINE_BREAK);
    g_assert_cmphex(cls->pc(&s->c->cpu), ==, CODE + 8);
    g_assert_true(cls->breakpoint(&s->c->cpu, CODE + 6, false));
    g_assert_true(cls->watchpoint(&s->c->cpu, DATA + 8, 4, WATCH_WRITE));
    g_assert_cmpint(lx_run(s->k, 1000), ==, MACHINE_BREAK);
    g_assert_cmphex(s->c->cpu.stop_address, ==, DATA + 8);
    g_assert_cmphex(cls->pc(&s->c->cpu), ==, CODE + 18); // behind the store
    g_assert_cmphex(lx_word(s->k, DATA + 8), ==, 8);
    char text[64];
    g_assert_cmpuint(cls->disassemble(&s->c->cpu, CODE, text, sizeof text), ==, 2);
    g_assert_cmpstr(text, ==, "addi.n a9, a9, 1");
    g_assert_true(cls->watchpoint(&s->c->cpu, DATA + 8, 4, WATCH_NONE));
    cls->reg_set(&s->c->cpu, 16, CODE);
    g_assert_cmphex(cls->reg_get(&s->c->cpu, 16), ==, CODE);
    for (unsigned i = 0; cls->regs[i].name; i++)
        if (!strcmp(cls->regs[i].name, "vecbase"))
            g_assert_cmphex(cls->reg_get(&s->c->cpu, i), ==, LX_IRAM);
    g_assert_cmpint(go(s), ==, 1);
    scene_free(s);
}

// Watching the run changes nothing in it.
static void stepping_is_the_same(void)
{
    uint64_t cycles[3];
    for (unsigned how = 0; how < 3; how++) {
        scene_t *s = scene_new();
        for (unsigned i = 0; i < 20; i++) {
            op(s, LX_OP_l32i_n, 0, 4, 8, 0);
            op(s, LX_OP_add, 8, 8, 9, 0);
            op(s, LX_OP_mull, 9, 9, 8, 0);
            op(s, LX_OP_s32i, 0, 4, 9, 0);
            op(s, LX_OP_beqz_n, 0, 10, 8, 0);
        }
        finish(s, 1);
        start(s);
        machine_stop_t stop = MACHINE_BREAK;
        const cpu_class_t *cls = s->c->cpu.cls;
        for (unsigned i = 0; i < 1000 && stop == MACHINE_BREAK && how; i++) {
            if (how == 2) // code is decoded anew from the middle
                cls->breakpoint(&s->c->cpu, CODE + i, i & 1);
            stop = machine_step(s->k->m);
        }
        if (!how)
            go(s);
        else
            g_assert_cmpint(stop, ==, MACHINE_EXIT);
        cycles[how] = s->c->cycles;
        scene_free(s);
    }
    g_assert_cmpuint(cycles[1], ==, cycles[0]);
    // Decoded anew between a load and its use, the cycle between them is lost; see lx_drop_blocks.
    g_assert_cmpuint(cycles[2], <=, cycles[0]);
    g_assert_cmpuint(cycles[2], >=, cycles[0] - 60);
}

// ---- Code that changes ------------------------------------------------------------------------------

// A loop whose body overwrites its own next instruction: the new one runs at once.
static void self_modifying(void)
{
    scene_t *s = scene_new();
    lx_movi(&s->a, 6, 3);
    op(s, LX_OP_nop_n, 0, 0, 0, 0);
    op(s, LX_OP_nop, 0, 0, 0, 0);
    uint32_t top = s->a.at; // at 8
    g_assert_cmphex(top % 4, ==, 0);
    op(s, LX_OP_s32i, 0, 7, 8, 0); // 3 bytes
    op(s, LX_OP_nop_n, 0, 0, 0, 0);
    op(s, LX_OP_nop, 0, 0, 0, 0); // ends at 16
    op(s, LX_OP_addi_n, 9, 9, 1, 0); // at 16: overwritten by addi.n a9, a9, 2 twice
    op(s, LX_OP_nop_n, 0, 0, 0, 0);
    op(s, LX_OP_addi_n, 6, 6, 0, 0);
    lx_emit(&s->a, 0x56 | 6 << 8 | ((top - s->a.at - 4) & 0xFFF) << 12, 3);
    finish(s, 1);
    start(s);
    s->c->a[7] = top + 8;
    uint8_t patch[4];
    lx_asm_t p = {patch, 0, 0, 4};
    lx_row(&p, LX_OP_addi_n, 9, 9, 2, 0);
    lx_row(&p, LX_OP_addi_n, 9, 9, 5, 0);
    memcpy(&s->c->a[8], patch, 4);
    g_assert_cmpint(go(s), ==, 1);
    g_assert_cmpuint(s->c->a[9], ==, 3 * 7);
    scene_free(s);
}

// A part writes flash, moves the window, or turns it off (with and without a cache) between two calls
// of the same function there; off and on again changes nothing but the time.
static void flash_changes(void)
{
    for (unsigned how = 0; how < 5; how++) {
        scene_t *s = scene_new();
        uint8_t code[8];
        lx_asm_t f = {code, LX_FLASH, LX_FLASH, 8};
        lx_movi(&f, 9, 1);
        lx_row(&f, LX_OP_ret_n, 0, 0, 0, 0);
        lx_put(s->k, LX_FLASH, code, 5);
        lx_movi(&(lx_asm_t){code, 0, 0, 3}, 9, 2);
        lx_put(s->k, LX_FLASH + LX_FLASH_SIZE / 2, code, 5);
        op(s, LX_OP_callx0, 0, 7, 0, 0);
        op(s, LX_OP_add_n, 10, 10, 9, 0);
        lx_j(&s->a, CODE);
        start(s);
        lx_flash(s->k, how == 3 ? 0 : 1024);
        s->c->a[7] = LX_FLASH;
        lx_run(s->k, 10000);
        g_assert_cmpuint(s->c->a[9], ==, 1);
        mem_t *mem = bus_mem_named(s->k->m->bus, "flash");
        if (how == 0) {
            bus_poke(s->k->m->bus, LX_FLASH, code, 3);
        } else {
            mem->window_offset = how == 1 ? LX_FLASH_SIZE / 2 : 0;
            mem->off = how >= 2;
            bus_timing_changed(s->k->m->bus, mem);
            mem->off = how == 2 || how == 3;
            bus_timing_changed(s->k->m->bus, mem);
        }
        if (how == 2 || how == 3) {
            g_assert_cmphex(go(s), ==, 0x50);
            g_assert_cmpuint(s->c->exccause, ==, LX_ILLEGAL);
            g_assert_cmpuint(s->k->reports->len, ==, 1);
        } else {
            size_t used = s->c->used;
            lx_run(s->k, 10000);
            g_assert_cmpuint(s->c->a[9], ==, how == 4 ? 1 : 2);
            g_assert_true(how != 4 || s->c->used == used); // nothing was decoded anew
        }
        scene_free(s);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lx106/exc/causes", causes);
    g_test_add_func("/lx106/exc/fetches", fetches);
    g_test_add_func("/lx106/exc/vectors", vectors);
    g_test_add_func("/lx106/exc/returns", returns);
    g_test_add_func("/lx106/exc/interrupt-is-exact", interrupt_is_exact);
    g_test_add_func("/lx106/exc/masks", masks);
    g_test_add_func("/lx106/exc/nmi", nmi);
    g_test_add_func("/lx106/exc/pending", pending);
    g_test_add_func("/lx106/exc/timer", timer);
    g_test_add_func("/lx106/exc/waiti", waiti);
    g_test_add_func("/lx106/exc/ibreak", ibreak);
    g_test_add_func("/lx106/exc/dbreak", dbreak);
    g_test_add_func("/lx106/exc/icount", icount);
    g_test_add_func("/lx106/exc/debugger", debugger);
    g_test_add_func("/lx106/exc/stepping-is-the-same", stepping_is_the_same);
    g_test_add_func("/lx106/exc/self-modifying", self_modifying);
    g_test_add_func("/lx106/exc/flash-changes", flash_changes);
    return g_test_run();
}
