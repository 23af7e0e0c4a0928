// SPDX-License-Identifier: GPL-2.0-or-later
// The rest of the ROM that needs no peripheral: where everything is, strings, printf, exceptions,
// interrupts, tasks.
#include "rom.h"
#include <stdio.h>

static const char *entries_file;

enum { A = ROM_DATA, B = ROM_DATA + 0x400, C = ROM_DATA + 0x800 };

// ---- Addresses ---------------------------------------------------------------------------------

static uint32_t symbol(const image_t *image, const char *name)
{
    for (unsigned i = 0; i < image->symbols->len; i++) {
        const image_symbol_t *s = &g_array_index(image->symbols, image_symbol_t, i);
        if (strcmp(s->name, name) == 0)
            return s->address;
    }
    g_error("the ROM has no symbol %s", name);
}

// Every row of the table: the function or its jump stands there, data lies there, or it is said to
// be missing.
static void places(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    g_file_get_contents(entries_file, &text, NULL, &error);
    g_assert_no_error(error);
    image_t *image = image_load(rom_file, NULL, &error);
    g_assert_no_error(error);
    rom_t *r = rom_booted();
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    unsigned rows = 0;
    for (char **l = lines; *l; l++) {
        char name[64];
        uint32_t address, word = 0;
        if (sscanf(*l, "%x %63[^\n!=]", &address, name) != 2)
            continue;
        rows++;
        uint32_t is = symbol(image, name);
        if (is == address)
            continue;
        g_assert_cmphex(address, >=, 0x40000000);
        rom_get(r, address, &word, 3);
        g_assert_cmphex(word & 0x3F, ==, 6); // J
        g_assert_cmphex(address + 4 + (uint32_t)((int32_t)(word << 8) >> 14), ==, is);
    }
    g_assert_cmpuint(rows, >, 350);
    image_free(image);
    rom_free(r);
}

static void expect_words(rom_t *r, uint32_t address, unsigned n, const uint32_t *want)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t is;
        rom_get(r, address + 4 * i, &is, 4);
        g_assert_cmphex(is, ==, want[i]);
    }
}
#define WORDS(r, address, ...)                                                                     \
    expect_words(r, address, sizeof(uint32_t[]){__VA_ARGS__} / 4, (uint32_t[]){__VA_ARGS__})

// What programs read and overwrite.
static void tables(void)
{
    rom_t *r = rom_booted();
    WORDS(r, 0x40001000, 0xFFF0C101);
    WORDS(r, 0x4000E328, 0x3FFFC000);
    WORDS(r, 0x3FFFC200, 0, 0xFFFFFFFF);
    WORDS(r, 0x3FFFC2F0, 0xFFFFFFFE, 1);
    WORDS(r, 0x3FFFC2F0 - 8 * 13, 0xFFFFC000, 1 << 13);
    WORDS(r, 0x3FFFC6F8, 0x3FFFC2F8);
    WORDS(r, 0x3FFFC704, 80);
    WORDS(r, 0x3FFFC714, 0x3FFFC718, 0x1640EF, 0x400000, 0x10000, 0x1000, 0x100, 0xFFFF);
    WORDS(r, 0x3FFFC730, 0x3FFFC734);
    WORDS(r, 0x3FFFCCF0, 0xC66363A5); // S[0] = 63, times 2, 1, 1, 3
    WORDS(r, 0x3FFFD0F0, 0x08040201, 0x80402010);
    WORDS(r, 0x3FFFD100, 0x51F4A750);
    WORDS(r, 0x3FFFD500, 0xD56A0952);
    WORDS(r, 0x3FFFD650, 0x01010101, 0x01010101, 0x01010101, 0x03030101);
    WORDS(r, 0x3FFFD85C, 0x33323130, 0x37363534, 0x42413938, 0x46454443);
    for (unsigned n = 0; n < 15; n++)
        WORDS(r, 0x3FFFC278 - 8 * n + 4, n);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40006B08, 0), ==, 0x3FFFC734);
    for (unsigned i = 0; i < 70; i++) { // all can be called, but for three empty places
        uint32_t f;
        rom_get(r, 0x3FFFC734 + 4 * i, &f, 4);
        g_assert_true((f == 0) == (i == 5 || i == 23 || i == 24));
        if (f && (i < 36 || i > 39))
            g_assert_cmpuint((uint32_t)rom_call(r, f, 2, i == 17 ? 2412 : 0, 0), ==,
                             i == 17 ? 1 : 0);
    }
    uint32_t read,
        write_bits; // BBPLL through the table: the SDK's settings for a crystal of 26 MHz
    rom_get(r, 0x3FFFC734 + 144, &read, 4);
    rom_get(r, 0x3FFFC734 + 156, &write_bits, 4);
    rom_call(r, write_bits, 6, 0x67, 4, 1, 7, 0, 0x88);
    rom_call(r, write_bits, 6, 0x67, 4, 2, 7, 4, 9);
    rom_call(r, write_bits, 6, 0x67, 4, 2, 3, 0, 1);
    g_assert_cmphex((uint32_t)rom_call(r, read, 3, 0x67, 4, 1), ==, 0x88);
    g_assert_cmphex((uint32_t)rom_call(r, read, 3, 0x67, 4, 2), ==, 0x91);
    g_assert_cmpfloat(clk_hz(machine_clk(r->m, "cpu")), ==, 80e6);
    rom_free(r);
}

// ---- Memory, strings, numbers ------------------------------------------------------------------

static void memory(void)
{
    rom_t *r = rom_booted();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    uint8_t a[256], b[256], is[256];
    for (unsigned i = 0; i < 3000; i++) {
        for (unsigned k = 0; k < sizeof a; k++)
            a[k] = (uint8_t)g_rand_int(rand);
        unsigned from = g_rand_int(rand) % 100, to = g_rand_int(rand) % 100,
                 n = g_rand_int(rand) % 150, c = g_rand_int(rand) & 255;
        memcpy(b, a, sizeof b);
        rom_put(r, A, a, sizeof a);
        uint32_t function[] = {0x400018C4, 0x400018A4, 0x4000E04C, 0x4000E190};
        unsigned k = i % 4;
        if (k & 1)
            memset(b + to, (int)c, n);
        else
            memmove(b + to, b + from, n);
        uint32_t back = (uint32_t)rom_call(r, function[k], 3, A + to, k & 1 ? c : A + from, n);
        g_assert_cmphex(back, ==, A + to);
        rom_get(r, A, is, sizeof is);
        g_assert_cmpmem(is, sizeof is, b, sizeof b);
        rom_put(r, B, b, sizeof b);
        b[from] ^= c & 1;
        rom_put(r, B, b, sizeof b);
        int32_t order = (int32_t)rom_call(r, i & 4 ? 0x400018D4 : 0x4000DEA8, 3, A, B, 256);
        rom_get(r, A, is, sizeof is);
        int want = memcmp(is, b, 256);
        g_assert_cmpint((order > 0) - (order < 0), ==, (want > 0) - (want < 0));
        memset(a + to, 0, n);
        rom_put(r, A, a, sizeof a);
        rom_call(r, 0x400018B4, 3, C + to, A + from, n);
        rom_get(r, C + to, is, n);
        g_assert_cmpmem(is, n, a + from, n);
    }
    uint32_t word = 0x12345678; // words of instruction memory
    rom_put(r, ROM_FREE + 0x100, &word, 4);
    rom_call(r, 0x4000DF48, 3, ROM_FREE, ROM_FREE + 0x100, 4);
    WORDS(r, ROM_FREE, word);
    rom_free(r);
}

static void strings(void)
{
    static const char *const texts[] = {"", "a", "ab", "abc", "abd", "abcabc", "bca", "\xFF"};
    rom_t *r = rom_booted();
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        for (unsigned k = 0; k < G_N_ELEMENTS(texts); k++) {
            const char *a = texts[i], *b = texts[k], *found = strstr(a, b);
            rom_put(r, A, a, (uint32_t)strlen(a) + 1);
            rom_put(r, B, b, (uint32_t)strlen(b) + 1);
            int order = (int32_t)rom_call(r, 0x40002AA8, 2, A, B),
                two = (int32_t)rom_call(r, 0x40002AB8, 3, A, B, 2);
            g_assert_true((order > 0) == (strcmp(a, b) > 0) && (order < 0) == (strcmp(a, b) < 0));
            g_assert_true((two > 0) == (strncmp(a, b, 2) > 0) &&
                          (two < 0) == (strncmp(a, b, 2) < 0));
            g_assert_cmphex((uint32_t)rom_call(r, 0x40002AD8, 2, A, B), ==,
                            found ? A + (uint32_t)(found - a) : 0);
            g_assert_cmpuint((uint32_t)rom_call(r, 0x40002AC8, 1, A), ==, strlen(a));
            char copy[8], want[8];
            rom_call(r, 0x40002A88, 2, C, A);
            rom_get(r, C, copy, (uint32_t)strlen(a) + 1);
            g_assert_cmpstr(copy, ==, a);
            rom_call(r, 0x40002A98, 3, C, B, 5);
            rom_get(r, C, copy, 5);
            strncpy(want, b, 5);
            g_assert_cmpmem(copy, 5, want, 5);
        }
    rom_put(r, A, "18:fe:34:0a:BC:5d", 18);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40002AF8, 2, B, A), ==, 0);
    WORDS(r, B, 0x0A34FE18);
    rom_put(r, A, "18:fg", 6);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40002AF8, 2, B, A), ==, 1);
    rom_free(r);
}

static void numbers(void)
{
    rom_t *r = rom_booted();
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400031B4, 2, 13, 8), ==, 16);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x400031B4, 2, 16, 8), ==, 16);
    rom_call(r, 0x400005F0, 1, 42);
    uint64_t x = 42;
    for (unsigned i = 0; i < 100; i++) {
        x = x * UINT64_C(0x5851F42D4C957F2D) + 1;
        g_assert_cmphex((uint32_t)rom_call(r, 0x40000600, 0), ==, x >> 32 & 0x7FFFFFFF);
    }
    rom_catch(r, 0);
    static const struct {
        uint32_t function;
        unsigned words;
    } divisions[] = {{0x4000DC88, 1}, {0x4000E21C, 1}, {0x4000E268, 1},
                     {0x4000CE60, 2}, {0x4000D310, 2}, {0x4000D770, 2}};
    for (unsigned i = 0; i < G_N_ELEMENTS(divisions); i++) { // ILL, in the ROM
        bool pair = divisions[i].words == 2;
        uint64_t caught = rom_call(r, divisions[i].function, 4, 5, pair ? 1 : 0, 0, 0);
        g_assert_cmphex((uint32_t)caught >> 16, ==, 0x4000);
        g_assert_cmpuint(caught >> 32, ==, 0);
    }
    rom_free(r);
}

// ---- printf ------------------------------------------------------------------------------------

static void expect_printed(rom_t *r, const char *format, uint32_t arg, const char *want)
{
    uint32_t args[6] = {0, 0, arg, 7, 0, 0};
    rom_put(r, A, format, (uint32_t)strlen(format) + 1);
    // va_list is {stack, registers, index}; arguments 2 to 5 are in the register area
    rom_put(r, B, args, sizeof args);
    rom_clear_text(r);
    uint32_t n = (uint32_t)rom_call(r, 0x40001F00, 5, ROM_PUT_CHAR, A, B, B, 8);
    g_autofree char *is = rom_text(r);
    g_assert_cmpstr(is, ==, want);
    g_assert_cmpuint(n, ==, strlen(want));
}

static void printing(void)
{
    static const char *const formats[] = {"%d",   "%5d|",   "%05d", "%-6d|",  "%u",   "%x",
                                          "%08x", "%X",     "%.4x", "%8.3d|", "%c",   "%o",
                                          "%i",   "%%%d%%", "%ld",  "%-04x|", "plain"};
    static const uint32_t values[] = {0,          1,          65,         255,       12345,
                                      0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xDEADBEEF};
    rom_t *r = rom_booted();
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++)
        for (unsigned k = 0; k < G_N_ELEMENTS(values); k++) {
            char want[64];
            bool is_char = strchr(formats[i], 'c');
            if (is_char && (values[k] & 0xFF) == 0)
                continue;
            g_autofree char *format =
                g_strdelimit(g_strdup(formats[i]), "l", 'h'); // a long is 64 bits here
            for (char *h = strchr(format, 'h'); h && format[1] == 'h'; h = NULL)
                memmove(h, h + 1, strlen(h));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(want, sizeof want, i == 16 ? "plain" : format, values[k]);
#pragma GCC diagnostic pop
            expect_printed(r, formats[i], values[k], want);
        }
    rom_put(r, C, "text", 5);
    expect_printed(r, "<%s>", C, "<text>");
    expect_printed(r, "<%6s>", C, "<  text>");
    expect_printed(r, "<%-6s>", C, "<text  >");
    expect_printed(r, "<%.2s>", C, "<te>");
    expect_printed(r, "%s", 0, "<null>");
    expect_printed(r, "%p %d", 0x3FFE8000, "3ffe8000 7");
    expect_printed(r, "%q", 1, "%q");
    expect_printed(r, "end %", 1, "end ");
    rom_call(r, 0x4000242C, 1, ROM_PUT_CHAR); // ets_install_putc1
    rom_clear_text(r);
    rom_put(r, A, "a%d-%s\n", 8);
    rom_call(r, 0x400024CC, 3, A, -3, C);
    for (unsigned i = 0; i < 3; i++) // twice the same, once another
        rom_call(r, i < 2 ? 0x40005668 : 0x400050FC, 0);
    g_autofree char *is = rom_text(r);
    g_assert_cmpstr(is, ==,
                    "a-3-text\nrom: 0x40005668 is not there\nrom: 0x400050fc is not there\n");
    rom_free(r);
}

// ---- Exceptions, interrupts, tasks -------------------------------------------------------------

static void exceptions(void)
{
    rom_t *r = rom_booted();
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000454, 2, 64, ROM_CATCH), ==, 0);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000454, 2, 28, 0x40100123), ==, 0);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000454, 2, 28, 0), ==, 0x40100123);
    static const uint8_t load[] = {0x88, 0x02, 0x0D, 0xF0}; // l32i.n a8, a2, 0; ret.n
    rom_put(r, ROM_FREE, load, sizeof load);
    rom_catch(r, 28);
    g_assert_cmphex(rom_call(r, ROM_FREE, 1, 4), ==, ROM_FREE | UINT64_C(28) << 32);
    rom_catch(r, 9);
    g_assert_cmphex(rom_call(r, ROM_FREE, 1, A + 2), ==, ROM_FREE | UINT64_C(9) << 32);

    // A handler that steps over the instruction: everything else is as it was.
    static const uint8_t skip[] = {0x38, 0x02, 0x2B, 0x33,
                                   0x39, 0x02, 0x0D, 0xF0}; // l32i.n a3; addi.n 2; s32i.n; ret.n
    rom_put(r, ROM_FREE + 0x20, skip, sizeof skip);
    rom_call(r, 0x40000454, 2, 28, ROM_FREE + 0x20);
    for (unsigned i = 2; i < 15; i++)
        r->c->a[i] = 0x1000 + i;
    r->c->sar = 17;
    r->caught = false;
    g_assert_cmphex((uint32_t)rom_call(r, ROM_FREE, 1, 8), ==, 8);
    for (unsigned i = 3; i < 15; i++)
        if (i != 12)
            g_assert_cmphex(r->c->a[i], ==, 0x1000 + i);
    g_assert_cmphex(r->c->sar, ==, 17);
    rom_free(r);
}

static void pulse(rom_t *r, unsigned n)
{
    g_autofree char *name = g_strdup_printf("irq.%u", n);
    line_set(machine_line(r->m, name), true);
    line_set(machine_line(r->m, name), false);
}

static void interrupts(void)
{
    static const uint8_t nothing[] = {0x0D, 0xF0};
    static const uint8_t soft[] = {0x20, 0xE2, 0x13, 0x10, 0x20, 0x00,
                                   0xF0, 0x20, 0x00, 0x0D, 0xF0}; // wsr.intset, rsync, nop, ret
    rom_t *r = rom_booted();
    rom_put(r, ROM_FREE, nothing, sizeof nothing);
    rom_put(r, ROM_FREE + 0x20, soft, sizeof soft);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000F88, 3, 14, ROM_PUT_CHAR, 'N'), ==,
                    0); // the NMI is not attached so
    for (unsigned n = 7; n < 14; n++)
        g_assert_cmphex((uint32_t)rom_call(r, 0x40000F88, 3, n, ROM_PUT_CHAR, 'A' + n), ==, 0);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000F88, 3, 9, ROM_PUT_CHAR, 'x'), ==, ROM_PUT_CHAR);
    rom_call(r, 0x40000FA8, 1, 0x3F80);
    rom_call(r, 0x40000F98, 1, 1 << 12);
    WORDS(r, 0x3FFFC200, 0x2F80, 0xFFFFFFFF);
    g_assert_cmphex(r->c->intenable, ==, 0x2F80);
    rom_clear_text(r);
    pulse(r, 8), pulse(r, 13), pulse(r, 9), pulse(r, 12), pulse(r, 10);
    r->ps = LX_PS_UM;
    rom_call(r, ROM_FREE, 0);
    rom_call(r, ROM_FREE + 0x20, 1, 1 << 7);
    g_autofree char *is = rom_text(r);
    g_assert_cmpstr(is, ==, "NKxIH"); // 13, 10, 9, 8; then 7
    g_assert_cmphex(r->c->intenable, ==, 0x2F80);
    rom_free(r);
}

// A handler that lets another interrupt come: only a higher number does.
static void nesting(void)
{
    static const uint8_t handler[] = {
        0x12, 0xC1, 0xF0, // addi a1, a1, -16
        0x09, 0x01,       // s32i.n a0, a1, 0
        0xC9, 0x11,       // s32i.n a12, a1, 4
        0xCD, 0x02,       // mov.n a12, a2
        0x22, 0xA0, 0x80, // movi a2, 128
        0x20, 0xE2, 0x13, // wsr.intset a2
        0x10, 0x20, 0x00, // rsync
        0xF0, 0x20, 0x00, // nop
        0x2D, 0x0C,       // mov.n a2, a12
        0xC8, 0x11,       // l32i.n a12, a1, 4
        0x08, 0x01,       // l32i.n a0, a1, 0
        0x12, 0xC1, 0x10, // addi a1, a1, 16
        0x06, 0x00, 0x00, // j, filled in
    };
    static const uint8_t nothing[] = {0x0D, 0xF0};
    rom_t *r = rom_booted();
    uint8_t code[sizeof handler];
    memcpy(code, handler, sizeof code);
    uint32_t at = ROM_FREE + (uint32_t)sizeof code - 3, j = 6 | ((ROM_PUT_CHAR - at - 4) & 0x3FFFF)
                                                                    << 6;
    memcpy(code + sizeof code - 3, &j, 3);
    rom_put(r, ROM_FREE, code, sizeof code);
    rom_put(r, ROM_FREE + 0x80, nothing, sizeof nothing);
    rom_call(r, 0x40000F88, 3, 7, ROM_PUT_CHAR, '7');
    rom_call(r, 0x40000F88, 3, 2, ROM_FREE, '2');
    rom_call(r, 0x40000F88, 3, 9, ROM_FREE, '9');
    rom_call(r, 0x40000FA8, 1, 1 << 7 | 1 << 9 | 1 << 2);
    rom_clear_text(r);
    pulse(r, 9);
    r->ps = LX_PS_UM;
    rom_call(r, ROM_FREE + 0x80, 0);
    g_autofree char *after = rom_text(r);
    g_assert_cmpstr(after, ==, "97"); // 7 had to wait
    rom_free(r);
}

static void locks(void)
{
    rom_t *r = rom_booted();
    r->ps = LX_PS_UM;
    rom_call(r, 0x40000F74, 0);
    g_assert_cmphex(r->c->ps & 0xF, ==, 3);
    rom_call(r, 0x40000F80, 0);
    g_assert_cmphex(r->c->ps & 0xF, ==, 0);
    r->ps = LX_PS_UM | 1;
    g_assert_cmphex((uint32_t)rom_call(r, 0x4000DBFC, 1, 5) & 0xF, ==, 1);
    g_assert_cmphex(r->c->ps & 0xF, ==, 5);
    r->ps = LX_PS_UM | 4;
    rom_call(r, 0x4000DC18, 1, 2);
    g_assert_cmphex(r->c->ps & 0xF, ==, 4);
    rom_call(r, 0x4000056C, 1, LX_PS_UM | 1);
    g_assert_cmphex(r->c->ps, ==, LX_PS_UM | 1);
    rom_call(r, 0x40000FA8, 1, 0x30);
    g_assert_cmphex((uint32_t)rom_call(r, 0x40000574, 1, 0x10), ==, UINT32_MAX); // priorities
    g_assert_cmphex(r->c->intenable, ==, 0x10);
    rom_free(r);
}

// Tasks by priority, their events in order; a full queue says so.
static void tasks(void)
{
    static const uint8_t task[] = {0x28, 0x02, 0x06, 0x00, 0x00}; // l32i.n a2, a2, 0; j put_char
    static const uint8_t idle[] = {0x0C, 0x12, 0x00, 0x51, 0x00, 0x06, 0xFF, 0xFF}; // simcall: exit
    rom_t *r = rom_booted();
    uint8_t code[sizeof task];
    memcpy(code, task, sizeof code);
    uint32_t j = 6 | ((ROM_PUT_CHAR - (ROM_FREE + 2) - 4) & 0x3FFFF) << 6;
    memcpy(code + 2, &j, 3);
    rom_put(r, ROM_FREE, code, sizeof code);
    rom_put(r, ROM_FREE + 0x20, idle, sizeof idle);
    rom_call(r, 0x40000DD0, 4, ROM_FREE, 3, A, 2);
    rom_call(r, 0x40000DD0, 4, ROM_FREE, 20, B, 4);
    rom_call(r, 0x40000DC0, 2, ROM_FREE + 0x20, 0);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40000E24, 3, 3, 'a', 0), ==, 0);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40000E24, 3, 20, 'X', 0), ==, 0);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40000E24, 3, 3, 'b', 0), ==, 0);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40000E24, 3, 3, 'c', 0), ==, 1);
    g_assert_cmpuint((uint32_t)rom_call(r, 0x40000E24, 3, 20, 'Y', 0), ==, 0);
    rom_clear_text(r);
    r->caught = true; // ends inside
    rom_call(r, 0x40000E04, 0);
    g_autofree char *is = rom_text(r);
    g_assert_cmpstr(is, ==, "XYab");
    rom_free(r);
}

static void delay(void)
{
    rom_t *r = rom_booted();
    for (unsigned mhz = 80; mhz <= 160; mhz += 80) {
        rom_call(r, 0x40002F04, 1, mhz);
        g_assert_cmpuint((uint32_t)rom_call(r, 0x40002F0C, 0), ==, mhz);
        uint64_t before = r->m->cpu->cls->cycles(r->m->cpu);
        rom_call(r, 0x40002ECC, 1, 1000);
        uint64_t n = r->m->cpu->cls->cycles(r->m->cpu) - before;
        g_assert_cmpuint(n, >=, 1000 * mhz);
        g_assert_cmpuint(n, <, 1000 * mhz + 100);
    }
    rom_free(r);
}

static void descriptors(void)
{
    rom_t *r = rom_booted();
    uint32_t first;
    uint32_t args[2] = {C, C + 4};
    g_assert_cmphex((uint32_t)rom_call(r, 0x40004F40, 8, A, 36, B, 300, 100, 1, args[0], args[1]),
                    ==, A + 24);
    rom_get(r, C, &first, 4);
    g_assert_cmphex(first, ==, A);
    WORDS(r, C + 4, 3);
    WORDS(r, A, 0x80064064, B, A + 12, 0x80064064, B + 100, A + 24, 0x80064064, B + 200, 0);
    rom_call(r, 0x4000507C, 3, A, 2, 0);
    WORDS(r, A, 0x00064064);
    WORDS(r, A + 24, 0x80064064);
    rom_call(r, 0x40005050, 2, A, 2);
    WORDS(r, A + 20, 0);
    rom_free(r);
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*test)(void);
    } tests[] = {
        {"places", places},
        {"tables", tables},
        {"memory", memory},
        {"strings", strings},
        {"numbers", numbers},
        {"printing", printing},
        {"exceptions", exceptions},
        {"interrupts", interrupts},
        {"nesting", nesting},
        {"locks", locks},
        {"tasks", tasks},
        {"delay", delay},
        {"descriptors", descriptors},
    };
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    entries_file = argv[2];
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/rom/functions/%s", tests[i].name);
        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}
