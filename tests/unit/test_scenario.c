// SPDX-License-Identifier: GPL-2.0-or-later
// Reading scenarios: every command, and every mistake with its file and line.
#include "scenario.h"
#include <glib/gstdio.h>
#include <string.h>

static scenario_t *load(const char *text, GError **error)
{
    g_autofree char *dir = g_dir_make_tmp("scenario-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "test.yaml", NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    scenario_t *s = scenario_load(path, error);
    g_remove(path);
    g_rmdir(dir);
    return s;
}

static const char all_commands[] = "name: all\n"
                                   "version: 1\n"
                                   "author: somebody\n"
                                   "timeout: 2 s\n"
                                   "steps:\n"
                                   "  - name: first\n"
                                   "    delay: 1.5ms\n"
                                   "  - delay: 0\n"
                                   "  - wait-serial: 'caf\xc3\xa9'\n"
                                   "  - write-serial: \"a\\n\"\n"
                                   "  - write-serial: [3, 255, 0]\n"
                                   "  - expect-pin: {part-id: led1, name: A, value: 1}\n"
                                   "  - expect-pin: {part-id: led1, pin: A, value: 0}\n"
                                   "  - set-control: {part-id: t, control: celsius, value: -3.5}\n"
                                   "  - expect-control:\n"
                                   "      part-id: led1\n"
                                   "      control: brightness\n"
                                   "      value: 0.5\n"
                                   "      tolerance: 0.01\n"
                                   "  - take-screenshot: {part-id: b, save-to: b.png}\n"
                                   "  - expect-display: {part-id: d, rows: [09, '?+']}\n"
                                   "  - wait-display: {part-id: d, rows: ['1']}\n"
                                   "  - wait-control: {part-id: b, name: c, value: 1, tolerance: 2}\n";

static void test_all(void)
{
    g_autoptr(GError) error = NULL;
    scenario_t *s = load(all_commands, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(s->name, ==, "all");
    g_assert_cmpuint(s->timeout_ps, ==, 2 * PS_PER_S);
    g_assert_cmpuint(s->steps->len, ==, 13);
    const scenario_step_t *step = (const scenario_step_t *)s->steps->data;
    g_assert_cmpstr(step[0].title, ==, "first");
    g_assert_cmpuint(step[0].delay_ps, ==, 1500 * PS_PER_US);
    g_assert_cmpuint(step[1].delay_ps, ==, 0);
    g_assert_cmpuint(g_bytes_get_size(step[2].text), ==, 5);
    gsize n;
    const uint8_t *bytes = g_bytes_get_data(step[4].text, &n);
    g_assert_cmpmem(bytes, n, "\x03\xff\x00", 3);
    g_assert_cmpint(step[5].kind, ==, STEP_EXPECT_PIN);
    g_assert_cmpstr(step[6].pin, ==, "A");
    g_assert_cmpfloat(step[7].value, ==, -3.5);
    g_assert_cmpfloat(step[8].tolerance, ==, 0.01);
    g_assert_true(g_str_has_suffix(step[9].save_to, "/b.png"));
    g_assert_cmpint(step[9].line, ==, 20);
    g_assert_cmpint(step[10].kind, ==, STEP_EXPECT_DISPLAY);
    g_assert_cmpstr(g_bytes_get_data(step[10].text, NULL), ==, "09\n?+\n");
    g_assert_cmpint(step[11].kind, ==, STEP_WAIT_DISPLAY);
    g_assert_cmpint(step[12].kind, ==, STEP_WAIT_CONTROL);
    g_assert_cmpfloat(step[12].tolerance, ==, 2);
    scenario_free(s);
}

static void test_two_commands(void)
{
    // Both are read in a fixed order of commands, not of lines: delay comes first.
    scenario_t *s = load("name: x\nversion: 1\nsteps:\n  - wait-serial: a\n    delay: 1s\n", NULL);
    g_assert_nonnull(s);
    g_assert_cmpint(g_array_index(s->steps, scenario_step_t, 0).kind, ==, STEP_DELAY);
    scenario_free(s);
}

static const struct {
    const char *text, *message; // the message ends with this
} mistakes[] = {
    {"", "1: a scenario is a map with name, version and steps"},
    {"- a\n", "1: a scenario is a map with name, version and steps"},
    {"name: x\nversion: 2\nsteps: []\n", "2: 'version' must be 1"},
    {"name: x\nversion: '1'\nsteps: []\n", "2: 'version' must be 1"},
    {"version: 1\nsteps: []\n", "1: 'name' is missing"},
    {"name: x\nversion: 1\n", "1: 'steps' must be a list"},
    {"name: x\nversion: 1\nsteps: {a: b}\n", "3: 'steps' must be a list"},
    {"name: x\nversion: 1\nbogus: 1\nsteps: []\n", "3: Invalid scenario key 'bogus'"},
    {"name: x\nversion: 1\nsteps:\n  - bogus: 1\n", "4: Invalid scenario step key 'bogus'"},
    {"name: x\nversion: 1\nsteps:\n  - name: y\n", "4: the step has no command"},
    {"name: x\nversion: 1\nsteps:\n  - delay: 100\n",
     "4: delay must be a string such as \"500ms\" (units: ns, us, ms, s)"},
    {"name: x\nversion: 1\nsteps:\n  - delay: -1ms\n",
     "4: delay must be a string such as \"500ms\" (units: ns, us, ms, s)"},
    {"name: x\nversion: 1\nsteps:\n  - delay: 1h\n",
     "4: delay must be a string such as \"500ms\" (units: ns, us, ms, s)"},
    {"name: x\nversion: 1\nsteps:\n  - wait-serial: [1]\n",
     "4: wait-serial must be a string that is not empty"},
    {"name: x\nversion: 1\nsteps:\n  - write-serial: []\n",
     "4: write-serial must be a string or a list of bytes that is not empty"},
    {"name: x\nversion: 1\nsteps:\n  - write-serial: [256]\n",
     "4: write-serial: a byte is a number from 0 to 255"},
    {"name: x\nversion: 1\nsteps:\n  - expect-pin: {part-id: a, name: b}\n", "4: 'value' is missing"},
    {"name: x\nversion: 1\nsteps:\n  - expect-pin: {part-id: a, name: b, value: 2}\n",
     "4: expect-pin: value must be 0 or 1"},
    {"name: x\nversion: 1\nsteps:\n  - expect-pin: {part-id: a, name: b, expected: 1}\n",
     "4: Invalid expect-pin key 'expected'"},
    {"name: x\nversion: 1\nsteps:\n  - set-control: {part-id: a, control: b, value: hot}\n",
     "4: 'value' must be a number"},
    {"name: x\nversion: 1\nsteps:\n  - expect-display: [1]\n",
     "4: a display must be a map with part-id and rows"},
    {"name: x\nversion: 1\nsteps:\n  - wait-display: {part-id: d}\n", "4: 'rows' must be a list of texts"},
    {"name: x\nversion: 1\nsteps:\n  - wait-display: {part-id: d, rows: []}\n",
     "4: 'rows' must be a list of texts"},
    {"name: x\nversion: 1\nsteps:\n  - wait-display: {part-id: d, rows: [[1]]}\n", "4: a row must be a text"},
    {"name: x\nversion: 1\nsteps:\n  - wait-display: {part-id: d, row: a}\n", "4: Invalid display key 'row'"},
    {"name: x\nversion: 1\nsteps:\n  - take-screenshot: {part-id: a}\n",
     "4: take-screenshot needs save-to or compare-with"},
};

static void test_mistakes(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(load(mistakes[i].text, &error));
        g_autofree char *end = g_strconcat("test.yaml:", mistakes[i].message, NULL);
        if (!g_str_has_suffix(error->message, end))
            g_error("%s: got '%s'", end, error->message);
    }
}

static void test_not_yaml(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(load("name: [1\nsteps: }\n", &error));
    g_assert_nonnull(strstr(error->message, "test.yaml:2:"));
    g_clear_error(&error);
    g_assert_null(scenario_load("/no/such/file.yaml", &error));
    g_assert_cmpstr(error->message, ==, "/no/such/file.yaml: No such file or directory");
}

// Any cut or changed byte gives a scenario or an error, nothing else.
static void test_mutations(void)
{
    GRand *rand = g_rand_new_with_seed(7);
    for (int i = 0; i < 400; i++) {
        g_autofree char *text = g_strdup(all_commands);
        size_t n = strlen(text);
        text[g_rand_int_range(rand, 0, n)] = g_rand_int_range(rand, 1, 256);
        if (i % 3 == 0)
            text[g_rand_int_range(rand, 0, n)] = 0;
        g_autoptr(GError) error = NULL;
        scenario_t *s = load(text, &error);
        g_assert_true((s != NULL) != (error != NULL));
        scenario_free(s);
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scenario/all-commands", test_all);
    g_test_add_func("/scenario/two-commands", test_two_commands);
    g_test_add_func("/scenario/mistakes", test_mistakes);
    g_test_add_func("/scenario/not-yaml", test_not_yaml);
    g_test_add_func("/scenario/mutations", test_mutations);
    return g_test_run();
}
