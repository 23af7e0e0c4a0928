// SPDX-License-Identifier: GPL-2.0-or-later
// Traces: the hash, and VCD files read back by a parser of our own.
#include "../stand.h"
#include "trace.h"
#include "xfer.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

// ---- A reader of VCD files ----------------------------------------------------------------------

typedef struct {
    char *path; // "probe.a"
    char id[8];
    GString *history; // "0@0 1@500 ..."
} signal_t;

typedef struct {
    GPtrArray *signals; // of signal_t *
    uint64_t end_ps;
} vcd_t;

static void signal_free(gpointer p)
{
    signal_t *s = p;
    g_free(s->path);
    g_string_free(s->history, TRUE);
    g_free(s);
}

static void read_declaration(vcd_t *v, const char *keyword, char **words, GPtrArray *scopes)
{
    if (!strcmp(keyword, "$timescale"))
        g_assert_cmpstr(words[0], ==, "1");
    if (!strcmp(keyword, "$scope")) {
        g_assert_cmpstr(words[0], ==, "module");
        g_ptr_array_add(scopes, g_strdup(words[1]));
    }
    if (!strcmp(keyword, "$upscope"))
        g_ptr_array_set_size(scopes, scopes->len - 1);
    if (!strcmp(keyword, "$var")) {
        g_assert_cmpstr(words[0], ==, "wire");
        g_assert_cmpstr(words[1], ==, "1");
        g_assert_cmpuint(scopes->len, ==, 1);
        signal_t *s = g_new0(signal_t, 1);
        g_strlcpy(s->id, words[2], sizeof s->id);
        s->path = g_strdup_printf("%s.%s", (char *)scopes->pdata[0], words[3]);
        s->history = g_string_new("");
        g_ptr_array_add(v->signals, s);
    }
}

static void read_change(vcd_t *v, const char *word)
{
    g_assert_true(*word == '0' || *word == '1');
    for (guint i = 0; i < v->signals->len; i++) {
        signal_t *s = v->signals->pdata[i];
        if (!strcmp(s->id, word + 1)) {
            g_string_append_printf(s->history, "%c@%" G_GUINT64_FORMAT " ", *word, v->end_ps);
            return;
        }
    }
    g_error("no signal has the code of '%s'", word);
}

static vcd_t vcd_read(const char *path)
{
    vcd_t v = {.signals = g_ptr_array_new_with_free_func(signal_free)};
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) words = g_strsplit_set(g_strchomp(text), " \n", -1);
    g_autoptr(GPtrArray) scopes = g_ptr_array_new_with_free_func(g_free);
    bool defined = false, first = true;
    for (char **w = words; *w; w++) {
        if (!strcmp(*w, "$dumpvars") || !strcmp(*w, "$end"))
            continue;
        if (**w == '$') {
            const char *keyword = *w;
            char **body = w + 1;
            g_assert_false(defined);
            while (*w && strcmp(*w, "$end"))
                w++;
            g_assert_nonnull(*w);
            defined = !strcmp(keyword, "$enddefinitions");
            read_declaration(&v, keyword, body, scopes);
        } else if (**w == '#') {
            uint64_t ps = g_ascii_strtoull(*w + 1, NULL, 10);
            g_assert_true(first || ps > v.end_ps); // time goes forward
            v.end_ps = ps;
            first = false;
        } else {
            g_assert_true(defined);
            read_change(&v, *w);
        }
    }
    g_assert_true(defined);
    return v;
}

static const char *history(const vcd_t *v, const char *path)
{
    for (guint i = 0; i < v->signals->len; i++) {
        const signal_t *s = v->signals->pdata[i];
        if (!strcmp(s->path, path))
            return s->history->str;
    }
    return NULL;
}

// ---- Tests --------------------------------------------------------------------------------------

typedef struct {
    stand_t *r;
    trace_t *t;
    pin_t *a, *b;
    char *path;
} rig_t;

static rig_t rig_new(void)
{
    rig_t g = {.r = stand_new()};
    stand_wire(g.r, "probe:a", "probe:a2");
    stand_wire(g.r, "probe:b.1", "probe:b2");
    stand_pin(g.r, "probe:alone");
    g.a = stand_pin(g.r, "probe:a");
    g.b = stand_pin(g.r, "probe:b.1");
    pin_set(g.b, true);
    stand_start(g.r);
    g.t = trace_new(g.r->m);
    g.path = g_build_filename(g_get_tmp_dir(), "solderless-test-XXXXXX.vcd", NULL);
    int fd = g_mkstemp(g.path);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    return g;
}

static void rig_free(rig_t *g)
{
    trace_free(g->t);
    stand_free(g->r);
    g_remove(g->path);
    g_free(g->path);
}

static void file(void)
{
    g_autoptr(GError) error = NULL;
    rig_t g = rig_new();
    trace_all(g.t);
    trace_net(g.t, g.a->net); // once is enough
    g_assert_true(trace_vcd(g.t, g.path, &error));
    stand_run(g.r, 100);
    pin_set(g.a, true);
    pin_set(g.b, false);
    stand_run(g.r, 400);
    pin_set(g.a, false);
    pin_set(g.a, true);
    pin_set(g.a, false); // within one instant
    stand_run(g.r, 1000);
    g_assert_true(trace_vcd_end(g.t, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(trace_edges(g.t), ==, 5);
    vcd_t v = vcd_read(g.path);
    g_assert_cmpuint(v.signals->len, ==, 2);
    g_assert_cmpstr(history(&v, "probe.a"), ==, "0@0 1@100 0@500 1@500 0@500 ");
    g_assert_cmpstr(history(&v, "probe.b_1"), ==, "1@0 0@100 ");
    g_assert_cmpuint(v.end_ps, ==, 1500);
    g_ptr_array_unref(v.signals);
    rig_free(&g);
}

// Edges of a byte come when it is over; the file has them in order all the same.
static void late_edges(void)
{
    g_autoptr(GError) error = NULL;
    rig_t g = rig_new();
    trace_all(g.t);
    g_assert_true(trace_vcd(g.t, g.path, &error));
    for (unsigned i = 0; i < 3; i++) {
        stand_run(g.r, 15 * PS_PER_MS);
        uint64_t now = machine_now_ps(g.r->m);
        pin_set(g.a, !pin_level(g.a));
        net_draw(g.b->net, false, now - 2000);
        net_draw(g.b->net, true, now - 1000);
        net_draw(g.b->net, true, now - 500); // no edge
    }
    stand_run(g.r, 100 * PS_PER_MS);
    g_assert_true(trace_vcd_end(g.t, &error));
    vcd_t v = vcd_read(g.path);
    g_assert_cmpstr(history(&v, "probe.a"), ==, "0@0 1@15000000000 0@30000000000 1@45000000000 ");
    g_assert_cmpstr(history(&v, "probe.b_1"), ==, "1@0 0@14999998000 1@14999999000 0@29999998000 "
                    "1@29999999000 0@44999998000 1@44999999000 ");
    g_ptr_array_unref(v.signals);
    rig_free(&g);
}

static uint64_t hash_of(uint64_t first_ps, bool swap, bool with_file)
{
    rig_t g = rig_new();
    trace_net(g.t, swap ? g.b->net : g.a->net); // the order of watching does not matter
    trace_net(g.t, swap ? g.a->net : g.b->net);
    if (with_file)
        g_assert_true(trace_vcd(g.t, g.path, NULL));
    stand_run(g.r, first_ps);
    pin_set(g.a, true);
    stand_run(g.r, 1000);
    pin_set(g.b, false);
    uint64_t hash = trace_hash(g.t);
    rig_free(&g);
    return hash;
}

static void hashes(void)
{
    uint64_t hash = hash_of(500, false, false);
    g_assert_cmphex(hash, ==, hash_of(500, false, true));
    g_assert_cmphex(hash, ==, hash_of(500, true, false));
    g_assert_cmphex(hash, !=, hash_of(501, false, false));
    // By hand: two nets with one edge each.
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t joined = UINT64_C(0xcbf29ce484222325);
    for (unsigned net = 0; net < 2; net++) {
        uint64_t h = UINT64_C(0xcbf29ce484222325), ps = net ? 1500 : 500, id = net;
        for (unsigned i = 0; i < 8; i++)
            h = (h ^ (ps >> 8 * i & 0xFF)) * prime;
        h = (h ^ !net) * prime;
        for (unsigned i = 0; i < 4; i++)
            joined = (joined ^ (id >> 8 * i & 0xFF)) * prime;
        for (unsigned i = 0; i < 8; i++)
            joined = (joined ^ (h >> 8 * i & 0xFF)) * prime;
    }
    g_assert_cmphex(hash, ==, joined);
}

static void many_signals(void)
{
    rig_t g = rig_new();
    for (unsigned i = 0; i < 300; i++) { // codes of two characters
        g_autofree char *name = g_strdup_printf("probe:s%u", i);
        trace_net(g.t, stand_pin(g.r, name)->net);
    }
    g_assert_true(trace_vcd(g.t, g.path, NULL));
    stand_run(g.r, 10);
    pin_set(stand_pin(g.r, "probe:s200"), true);
    g_assert_true(trace_vcd_end(g.t, NULL));
    vcd_t v = vcd_read(g.path);
    g_assert_cmpuint(v.signals->len, ==, 300);
    g_assert_cmpstr(history(&v, "probe.s200"), ==, "0@0 1@10 ");
    g_assert_cmpstr(history(&v, "probe.s106"), ==, "0@0 ");
    g_ptr_array_unref(v.signals);
    rig_free(&g);
}

static void files_that_cannot_be_written(void)
{
    g_autoptr(GError) error = NULL;
    rig_t g = rig_new();
    trace_all(g.t);
    g_assert_false(trace_vcd(g.t, "/nonexistent/x.vcd", &error));
    g_assert_cmpstr(error->message, ==, "/nonexistent/x.vcd: No such file or directory");
    g_clear_error(&error);
    g_assert_true(trace_vcd(g.t, "/dev/full", &error)); // every write says: disk full
    for (unsigned i = 0; i < 20000; i++) {
        pin_set(g.a, i & 1);
        stand_run(g.r, 10 * PS_PER_US);
    }
    g_assert_false(trace_vcd_end(g.t, &error));
    g_assert_cmpstr(error->message, ==, "/dev/full: No space left on device");
    rig_free(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/file", file);
    g_test_add_func("/trace/late-edges", late_edges);
    g_test_add_func("/trace/hashes", hashes);
    g_test_add_func("/trace/many-signals", many_signals);
    g_test_add_func("/trace/files-that-cannot-be-written", files_that_cannot_be_written);
    return g_test_run();
}
