// SPDX-License-Identifier: GPL-2.0-or-later
// The ROM in a machine: see rom.h.
#include "rom.h"

const char *rom_file;

// For a batch: a12 operands, a13 results, a14 how many, a15 function.
static const uint8_t many[] = {
    0x28, 0x0C,       // l32i.n a2, a12, 0
    0x38, 0x1C,       // l32i.n a3, a12, 4
    0x48, 0x2C,       // l32i.n a4, a12, 8
    0x58, 0x3C,       // l32i.n a5, a12, 12
    0xC0, 0x0F, 0x00, // callx0 a15
    0x29, 0x0D,       // s32i.n a2, a13, 0
    0x39, 0x1D,       // s32i.n a3, a13, 4
    0xC2, 0xCC, 0x10, // addi a12, a12, 16
    0x8B, 0xDD,       // addi.n a13, a13, 8
    0x0B, 0xEE,       // addi.n a14, a14, -1
    0x56, 0x6E, 0xFE, // bnez a14, the start
    0x0C, 0x12,       // movi.n a2, 1
    0x00, 0x51, 0x00, // simcall: exit
    0x06, 0xFF, 0xFF, // j .
};
static const uint8_t once[] = {
    0xC0, 0x0F, 0x00, // callx0 a15
    0xCD, 0x02,       // mov.n a12, a2
    0x0C, 0x12,       // movi.n a2, 1
    0x00, 0x51, 0x00, // simcall
    0x06, 0xFF, 0xFF, // j .
};
// Puts the character a2 where the word at ROM_TEXT points to.
static const uint8_t put_char[] = {
    0x00, 0x80, 0xFF, 0x3F, // the literal ROM_TEXT
    0x31, 0xFF, 0xFF, // l32r a3, it
    0x48, 0x03,       // l32i.n a4, a3, 0
    0x22, 0x44, 0x00, // s8i a2, a4, 0
    0x1B, 0x44,       // addi.n a4, a4, 1
    0x49, 0x03,       // s32i.n a4, a3, 0
    0x0D, 0xF0,       // ret.n
};
// void (frame, cause): ends the run with EPC1 in a12 and the cause in a3.
static const uint8_t catch[] = {
    0xC8, 0x02,       // l32i.n a12, a2, 0
    0x0C, 0x12,       // movi.n a2, 1
    0x00, 0x51, 0x00, // simcall
    0x06, 0xFF, 0xFF, // j .
};
enum { MANY = ROM_CODE, ONCE = ROM_CODE + 0x40, STACK = 0x3FFFFF00 };

static void keep_report(void *ctx, report_t kind, const char *text)
{
    g_string_append_printf(((rom_t *)ctx)->reports, "%s\n", text);
}

rom_t *rom_new(void)
{
    g_autoptr(GError) error = NULL;
    rom_t *r = g_new0(rom_t, 1);
    r->reports = g_string_new(NULL);
    r->m = machine_new(soc_find("esp8266ex"), 1, &error);
    g_assert_no_error(error);
    r->m->report = keep_report;
    r->m->report_ctx = r;
    r->m->semihosting = true;
    r->c = (lx106_t *)r->m->cpu;
    image_t *image = image_load(rom_file, NULL, &error);
    g_assert_no_error(error);
    for (unsigned i = 0; i < image->symbols->len; i++)
        if (strcmp(g_array_index(image->symbols, image_symbol_t, i).name, "main") == 0)
            r->main = g_array_index(image->symbols, image_symbol_t, i).address;
    machine_load_rom(r->m, image, &error);
    g_assert_no_error(error);
    return r;
}

void rom_start(rom_t *r)
{
    g_autoptr(GError) error = NULL;
    machine_start(r->m, &error);
    g_assert_no_error(error);
}

rom_t *rom_booted(void)
{
    rom_t *r = rom_new();
    rom_start(r);
    for (unsigned n = 0; lx_pc(r->c) != r->main; n++) {
        g_assert_cmpuint(n, <, 100000);
        machine_step(r->m);
    }
    uint32_t mhz;
    rom_get(r, 0x3FFFC704, &mhz, 4);
    g_assert_cmpuint(mhz, ==, 80);
    rom_put(r, MANY, many, sizeof many);
    rom_put(r, ONCE, once, sizeof once);
    rom_put(r, ROM_PUT_CHAR - 4, put_char, sizeof put_char);
    rom_put(r, ROM_CATCH, catch, sizeof catch);
    r->ps = LX_PS_UM | LX_PS_LEVEL;
    return r;
}

void rom_catch(rom_t *r, unsigned cause)
{
    rom_call(r, 0x40000454, 2, cause, ROM_CATCH);
    r->caught = true;
}

void rom_clear_text(rom_t *r)
{
    uint32_t at = ROM_TEXT + 4;
    rom_put(r, ROM_TEXT, &at, 4);
}

char *rom_text(rom_t *r)
{
    uint32_t end;
    rom_get(r, ROM_TEXT, &end, 4);
    char *text = g_malloc0(end - ROM_TEXT - 3);
    rom_get(r, ROM_TEXT + 4, text, end - ROM_TEXT - 4);
    return text;
}

void rom_free(rom_t *r)
{
    machine_free(r->m);
    g_string_free(r->reports, true);
    g_free(r);
}

void rom_put(rom_t *r, uint32_t address, const void *bytes, uint32_t n)
{
    g_assert_true(bus_poke(r->m->bus, address, bytes, n));
}

void rom_get(rom_t *r, uint32_t address, void *bytes, uint32_t n)
{
    g_assert_true(bus_peek(r->m->bus, address, bytes, n));
}

void rom_jump(rom_t *r, uint32_t pc)
{
    r->c->pc = pc;
    r->c->blk = NULL; // what it knows of where it stood
    r->c->nocross = r->c->mid = r->c->waiting = false;
}

static uint64_t run(rom_t *r, uint32_t pc, uint32_t function)
{
    uint64_t start = r->m->cpu->cls->cycles(r->m->cpu);
    r->c->a[1] = STACK;
    r->c->a[15] = function;
    r->c->ps = r->ps;
    rom_jump(r, pc);
    machine_stop_t stop = machine_run(r->m, machine_now_ps(r->m) + UINT64_C(20000000000000));
    if (stop != MACHINE_EXIT)
        g_error("stopped (%d) at %08x, exccause %u, epc1 %08x, excvaddr %08x, epc2 %08x, a0 %08x, "
                "a15 %08x\n%s",
                stop, lx_pc(r->c), r->c->exccause, r->c->epc[1], r->c->excvaddr, r->c->epc[2],
                r->c->a[0], r->c->a[15], r->reports->str);
    return r->m->cpu->cls->cycles(r->m->cpu) - start;
}

uint64_t rom_call(rom_t *r, uint32_t function, unsigned n, ...)
{
    va_list args;
    va_start(args, n);
    for (unsigned i = 0; i < n; i++) {
        uint32_t arg = va_arg(args, uint32_t);
        if (i < 6)
            r->c->a[2 + i] = arg;
        else
            rom_put(r, STACK + 4 * (i - 6), &arg, 4);
    }
    va_end(args);
    run(r, ONCE, function);
    g_assert_true(r->caught || r->c->a[1] == STACK);
    return r->c->a[12] | (uint64_t)r->c->a[3] << 32;
}

uint64_t rom_batch(rom_t *r, uint32_t function, const uint32_t (*in)[4], uint64_t *out, unsigned n)
{
    g_assert_cmpuint(n, <=, ROM_BATCH);
    rom_put(r, ROM_IN, in, n * 16);
    r->c->a[12] = ROM_IN;
    r->c->a[13] = ROM_OUT;
    r->c->a[14] = n;
    uint64_t cycles = run(r, MANY, function);
    g_assert_cmphex(r->c->a[1], ==, STACK);
    rom_get(r, ROM_OUT, out, n * 8);
    return cycles;
}

void rom_set_up(rom_fixture_t *f, gconstpointer data)
{
    f->r = rom_booted();
    f->rand = g_rand_new_with_seed(1);
}

void rom_tear_down(rom_fixture_t *f, gconstpointer data)
{
    g_rand_free(f->rand);
    rom_free(f->r);
}
