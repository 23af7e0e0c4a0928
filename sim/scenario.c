// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios: reading and checking the YAML. Running is in scenario_run.c.
#include "scenario.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

G_DEFINE_QUARK(solderless-scenario-error, scenario_error)

typedef struct loader {
    const char *path;
    char *dir;
    yaml_document_t *doc;
    GError **error;
} loader_t;

static bool fail(loader_t *l, const yaml_node_t *at, const char *format, ...) G_GNUC_PRINTF(3, 4);
static bool fail(loader_t *l, const yaml_node_t *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(l->error, scenario_error_quark(), 0, "%s:%zu: %s", l->path,
                at ? at->start_mark.line + 1 : 1, text);
    return false;
}

static const char *scalar(const yaml_node_t *n)
{
    return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static bool is_quoted(const yaml_node_t *n)
{
    return n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static bool number(const yaml_node_t *n, double *value)
{
    const char *text = scalar(n);
    char *end = NULL;
    if (!text || !*text || is_quoted(n))
        return false;
    *value = g_ascii_strtod(text, &end);
    return !*end && isfinite(*value);
}

static yaml_node_t *get(loader_t *l, const yaml_node_t *map, const char *key)
{
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const char *k = scalar(yaml_document_get_node(l->doc, p->key));
        if (k && !strcmp(k, key))
            return yaml_document_get_node(l->doc, p->value);
    }
    return NULL;
}

// Every key of `map` must be one of `keys` (NULL-terminated).
static bool only_keys(loader_t *l, const yaml_node_t *map, const char *what,
                      const char *const *keys)
{
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        yaml_node_t *node = yaml_document_get_node(l->doc, p->key);
        const char *k = scalar(node);
        if (!k || !g_strv_contains(keys, k))
            return fail(l, node, "Invalid %s key '%s'", what, k ? k : "(not a string)");
    }
    return true;
}

static bool get_string(loader_t *l, const yaml_node_t *map, const char *key, bool required,
                       char **to)
{
    yaml_node_t *n = get(l, map, key);
    if (!n && !required)
        return true;
    if (!n)
        return fail(l, map, "'%s' is missing", key);
    if (!scalar(n))
        return fail(l, n, "'%s' must be a string", key);
    g_free(*to);
    *to = g_strdup(scalar(n));
    return true;
}

static bool get_path(loader_t *l, const yaml_node_t *map, const char *key, char **to)
{
    g_autofree char *name = NULL;
    if (!get_string(l, map, key, false, &name))
        return false;
    if (name)
        *to = g_path_is_absolute(name) ? g_strdup(name) : g_build_filename(l->dir, name, NULL);
    return true;
}

// ---- One function per command -------------------------------------------------------------------------

static bool parse_delay(const char *text, uint64_t *ps)
{
    static const struct {
        const char *name;
        double ps;
    } units[] = {{"ns", PS_PER_NS}, {"us", PS_PER_US}, {"ms", PS_PER_MS}, {"s", PS_PER_S}};
    char *end = NULL;
    double n = g_ascii_strtod(text, &end);
    if (end == text || !isfinite(n) || n < 0)
        return false;
    while (*end == ' ')
        end++;
    if (!*end && n == 0) {
        *ps = 0;
        return true;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
        if (!strcmp(end, units[i].name) && n * units[i].ps < 1.8e19) {
            *ps = (uint64_t)llround(n * units[i].ps);
            return true;
        }
    return false;
}

static bool read_delay(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    double bare;
    bool is_number = number(n, &bare) && bare != 0; // a bare 0 is accepted
    if (!scalar(n) || is_number || !parse_delay(scalar(n), &s->delay_ps))
        return fail(l, n, "delay must be a string such as \"500ms\" (units: ns, us, ms, s)");
    return true;
}

static bool read_wait_serial(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    if (!scalar(n) || !*scalar(n))
        return fail(l, n, "wait-serial must be a string that is not empty");
    s->text = g_bytes_new(scalar(n), strlen(scalar(n)));
    return true;
}

static bool read_write_serial(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    if (scalar(n)) {
        s->text = g_bytes_new(scalar(n), n->data.scalar.length);
        return true;
    }
    if (n->type != YAML_SEQUENCE_NODE || n->data.sequence.items.start == n->data.sequence.items.top)
        return fail(l, n, "write-serial must be a string or a list of bytes that is not empty");
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(l->doc, *i);
        double value;
        if (!number(item, &value) || value < 0 || value > 255 || value != floor(value))
            return fail(l, item, "write-serial: a byte is a number from 0 to 255");
        uint8_t b = value;
        g_byte_array_append(bytes, &b, 1);
    }
    s->text = g_bytes_new(bytes->data, bytes->len);
    return true;
}

static bool read_value(loader_t *l, yaml_node_t *n, const char *key, double *value)
{
    yaml_node_t *v = get(l, n, key);
    if (!v)
        return fail(l, n, "'%s' is missing", key);
    if (!number(v, value))
        return fail(l, v, "'%s' must be a number", key);
    return true;
}

// `name` is what Wokwi's scenarios say today, `alias` what they said before.
static bool read_target(loader_t *l, yaml_node_t *n, const char *alias, scenario_step_t *s)
{
    if (!get_string(l, n, "part-id", true, &s->part) || !get_string(l, n, alias, false, &s->pin) ||
        !get_string(l, n, "name", !s->pin, &s->pin))
        return false;
    return true;
}

static bool read_expect_pin(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    static const char *const keys[] = {"part-id", "name", "pin", "value", NULL};
    if (n->type != YAML_MAPPING_NODE)
        return fail(l, n, "expect-pin must be a map with part-id, name and value");
    if (!only_keys(l, n, "expect-pin", keys) || !read_target(l, n, "pin", s) ||
        !read_value(l, n, "value", &s->value))
        return false;
    if (s->value != 0 && s->value != 1)
        return fail(l, n, "expect-pin: value must be 0 or 1");
    return true;
}

static bool read_display(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    static const char *const keys[] = {"part-id", "rows", NULL};
    if (n->type != YAML_MAPPING_NODE)
        return fail(l, n, "a display must be a map with part-id and rows");
    if (!only_keys(l, n, "display", keys) || !get_string(l, n, "part-id", true, &s->part))
        return false;
    yaml_node_t *rows = get(l, n, "rows");
    if (!rows || rows->type != YAML_SEQUENCE_NODE ||
        rows->data.sequence.items.start == rows->data.sequence.items.top)
        return fail(l, rows ? rows : n, "'rows' must be a list of texts");
    g_autoptr(GString) text = g_string_new(NULL);
    for (yaml_node_item_t *i = rows->data.sequence.items.start; i < rows->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(l->doc, *i);
        if (!scalar(item))
            return fail(l, item, "a row must be a text");
        g_string_append_printf(text, "%s\n", scalar(item));
    }
    s->text = g_bytes_new(text->str, text->len + 1); // with its end
    return true;
}

static bool read_control(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    static const char *const keys[] = {"part-id", "name", "control", "value", NULL};
    static const char *const expect_keys[] = {"part-id", "name",      "control",
                                              "value",   "tolerance", NULL};
    bool expect = s->kind != STEP_SET_CONTROL;
    if (n->type != YAML_MAPPING_NODE)
        return fail(l, n, "set-control must be a map with part-id, control and value");
    if (!only_keys(l, n, expect ? "control" : "set-control", expect ? expect_keys : keys))
        return false;
    if (expect && get(l, n, "tolerance") && !read_value(l, n, "tolerance", &s->tolerance))
        return false;
    return read_target(l, n, "control", s) && read_value(l, n, "value", &s->value);
}

static bool read_screenshot(loader_t *l, yaml_node_t *n, scenario_step_t *s)
{
    static const char *const keys[] = {"part-id", "save-to", "compare-with", NULL};
    if (n->type != YAML_MAPPING_NODE)
        return fail(l, n, "take-screenshot must be a map with part-id and save-to or compare-with");
    if (!only_keys(l, n, "take-screenshot", keys) ||
        !get_string(l, n, "part-id", true, &s->part) || !get_path(l, n, "save-to", &s->save_to) ||
        !get_path(l, n, "compare-with", &s->compare_with))
        return false;
    if (!s->save_to && !s->compare_with)
        return fail(l, n, "take-screenshot needs save-to or compare-with");
    return true;
}

// In the order in which a step that holds two commands picks the one that runs.
static const struct command {
    const char *key;
    step_kind_t kind;
    bool (*read)(loader_t *l, yaml_node_t *value, scenario_step_t *s);
} commands[] = {
    {"delay", STEP_DELAY, read_delay},
    {"expect-pin", STEP_EXPECT_PIN, read_expect_pin},
    {"expect-control", STEP_EXPECT_CONTROL, read_control},
    {"set-control", STEP_SET_CONTROL, read_control},
    {"wait-serial", STEP_WAIT_SERIAL, read_wait_serial},
    {"write-serial", STEP_WRITE_SERIAL, read_write_serial},
    {"wait-control", STEP_WAIT_CONTROL, read_control},
    {"expect-display", STEP_EXPECT_DISPLAY, read_display},
    {"wait-display", STEP_WAIT_DISPLAY, read_display},
    {"take-screenshot", STEP_SCREENSHOT, read_screenshot},
};

static void step_clear(gpointer p)
{
    scenario_step_t *s = p;
    g_free(s->title);
    g_clear_pointer(&s->text, g_bytes_unref);
    g_free(s->serial);
    g_free(s->part);
    g_free(s->pin);
    g_free(s->save_to);
    g_free(s->compare_with);
}

static bool read_step(loader_t *l, yaml_node_t *node, GArray *steps)
{
    const char *keys[G_N_ELEMENTS(commands) + 3] = {"name", "serial"};
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        keys[i + 2] = commands[i].key;
    if (node->type != YAML_MAPPING_NODE)
        return fail(l, node, "a step must be a map such as \"- delay: 100ms\"");
    if (!only_keys(l, node, "scenario step", keys))
        return false;
    scenario_step_t s = {.line = node->start_mark.line + 1};
    bool ok = get_string(l, node, "name", false, &s.title);
    const struct command *c = NULL;
    yaml_node_t *value = NULL;
    for (unsigned i = 0; ok && !value && i < G_N_ELEMENTS(commands); i++)
        if ((value = get(l, node, commands[i].key)))
            c = &commands[i];
    if (ok && !value)
        ok = fail(l, node, "the step has no command");
    if (ok) {
        s.kind = c->kind;
        ok = c->read(l, value, &s) && get_string(l, node, "serial", false, &s.serial);
    }
    if (ok && s.serial && s.kind != STEP_WAIT_SERIAL && s.kind != STEP_WRITE_SERIAL)
        ok = fail(l, node, "'serial' goes with wait-serial and write-serial only");
    if (ok)
        g_array_append_val(steps, s);
    else
        step_clear(&s);
    return ok;
}

static bool read_timeout(loader_t *l, yaml_node_t *root, scenario_t *s)
{
    yaml_node_t *n = get(l, root, "timeout");
    if (n && (!scalar(n) || !parse_delay(scalar(n), &s->timeout_ps) || !s->timeout_ps))
        return fail(l, n, "timeout must be a string such as \"30s\"");
    return true;
}

static bool read_root(loader_t *l, yaml_node_t *root, scenario_t *s)
{
    static const char *const keys[] = {"name",    "version", "author",   "steps",
                                       "board",   "program", "diagram", "firmware", "timeout", NULL};
    if (!root || root->type != YAML_MAPPING_NODE)
        return fail(l, root, "a scenario is a map with name, version and steps");
    if (!only_keys(l, root, "scenario", keys) || !get_string(l, root, "name", true, &s->name) ||
        !get_string(l, root, "board", false, &s->board) ||
        !get_path(l, root, "program", &s->target) || !get_path(l, root, "diagram", &s->diagram) || !get_string(l, root, "firmware", false, &s->firmware) ||
        !read_timeout(l, root, s))
        return false;
    double version;
    yaml_node_t *v = get(l, root, "version");
    if (!v || !number(v, &version) || version != 1)
        return fail(l, v ? v : root, "'version' must be 1");
    yaml_node_t *steps = get(l, root, "steps");
    if (!steps || steps->type != YAML_SEQUENCE_NODE)
        return fail(l, steps ? steps : root, "'steps' must be a list");
    for (yaml_node_item_t *i = steps->data.sequence.items.start;
         i < steps->data.sequence.items.top; i++)
        if (!read_step(l, yaml_document_get_node(l->doc, *i), s->steps))
            return false;
    return true;
}

scenario_t *scenario_load(const char *path, GError **error)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        g_set_error(error, scenario_error_quark(), 0, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    yaml_parser_t parser;
    yaml_document_t doc;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_file(&parser, f);
    scenario_t *s = NULL;
    if (!yaml_parser_load(&parser, &doc)) {
        g_set_error(error, scenario_error_quark(), 0, "%s:%zu: %s", path,
                    parser.problem_mark.line + 1, parser.problem ? parser.problem : "not YAML");
    } else {
        s = g_new0(scenario_t, 1);
        s->path = g_strdup(path);
        s->steps = g_array_new(FALSE, TRUE, sizeof(scenario_step_t));
        g_array_set_clear_func(s->steps, step_clear);
        g_autofree char *dir = g_path_get_dirname(path);
        loader_t l = {path, dir, &doc, error};
        if (!read_root(&l, yaml_document_get_root_node(&doc), s))
            g_clear_pointer(&s, scenario_free);
        yaml_document_delete(&doc);
    }
    yaml_parser_delete(&parser);
    fclose(f);
    return s;
}

void scenario_free(scenario_t *s)
{
    if (!s)
        return;
    g_array_unref(s->steps);
    g_free(s->path);
    g_free(s->name);
    g_free(s->board);
    g_free(s->target);
    g_free(s->diagram);
    g_free(s->firmware);
    g_free(s);
}
