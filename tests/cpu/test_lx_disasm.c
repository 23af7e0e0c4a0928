// SPDX-License-Identifier: GPL-2.0-or-later
// The LX106's disassembler against objdump of binutils, on random words: for each row of the table,
// and words of all kinds. What is no instruction to us is none to objdump, which prints such as excw.
#include "lx.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

enum { PER_ROW = 60, ANY = 20000, BASE = 0x40200000 };

static uint32_t any_word(GRand *rand, unsigned i)
{
    uint32_t w = g_rand_int(rand) & 0xFFFFFF;
    if (i < PER_ROW * LX_ROWS) {
        const lx_row_t *row = &lx_rows[i / PER_ROW];
        w = (w & ~row->mask) | row->match;
    } else if (i % 2) {
        w &= ~0xFu; // where most rows are
    }
    return w;
}

// "0x..:\t<bytes> \t<text>" gives its address and text; FALSE: another kind of line.
static bool parse(char *line, uint32_t *address, char **text)
{
    char *end, *tab;
    *address = g_ascii_strtoull(line, &end, 16);
    if (end == line || *end != ':' || !(tab = strchr(end + 2, '\t')))
        return false;
    *text = g_strstrip(tab + 1);
    for (char *p = *text; *p; p++)
        if (*p == '\t')
            *p = ' ';
    char *note = strstr(*text, " (");
    if (note)
        *note = 0;
    return true;
}

static char *run_objdump(const lx_asm_t *a)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    char *out = NULL;
    g_close(g_file_open_tmp("lx106-XXXXXX.bin", &path, &error), NULL);
    g_assert_no_error(error);
    g_file_set_contents(path, (const char *)a->code, a->at - a->base, &error);
    g_assert_no_error(error);
    g_autofree char *at = g_strdup_printf("--adjust-vma=0x%x", a->base);
    g_autoptr(GSubprocess) objdump = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "xtensa-lx106-elf-objdump", "-D", "-z", "-b",
        "binary", "-m", "xtensa", at, path, NULL);
    g_assert_no_error(error);
    g_subprocess_communicate_utf8(objdump, NULL, NULL, &out, NULL, &error);
    g_assert_no_error(error);
    g_unlink(path);
    return out;
}

static void words(void)
{
    enum { N = PER_ROW * LX_ROWS + ANY };
    GRand *rand = g_rand_new_with_seed(4);
    lx_asm_t a = {g_malloc0(3 * N), BASE, BASE, 3 * N};
    GHashTable *ours = g_hash_table_new_full(NULL, NULL, NULL, g_free); // address -> text
    lx_insn_t insn;
    for (unsigned i = 0; i < N; i++) {
        char text[64] = "excw";
        uint32_t w = any_word(rand, i);
        if (!(lx_decode(a.at, w, &insn)) && (w & 15) >= 8)
            continue; // objdump's idea of the length would be another
        bool legal = lx_decode(a.at, w, &insn);
        if (legal)
            lx_format(&insn, text, sizeof text);
        if (legal && (insn.op == LX_OP_rer || insn.op == LX_OP_wer))
            text[3] = 0; // objdump does not know their operands
        g_hash_table_insert(ours, GUINT_TO_POINTER(a.at), g_strdup(text));
        lx_emit(&a, w, insn.len);
    }
    g_autofree char *out = run_objdump(&a);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    unsigned seen = 0, bad = 0;
    for (char **l = lines; *l && bad < 20; l++) {
        uint32_t at;
        char *text;
        if (!parse(*l, &at, &text))
            continue;
        const char *mine = g_hash_table_lookup(ours, GUINT_TO_POINTER(at));
        seen++;
        if (mine && !strcmp(mine, text))
            continue;
        bad++;
        g_test_message("0x%08x: '%s', objdump has '%s'", at, mine ? mine : "(not a start)", text);
    }
    g_assert_cmpuint(bad, ==, 0);
    g_assert_cmpuint(seen, ==, g_hash_table_size(ours));
    g_assert_cmpuint(seen, >, PER_ROW * LX_ROWS);
    g_hash_table_unref(ours);
    g_free(a.code);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lx106/disassembler/words", words);
    return g_test_run();
}
