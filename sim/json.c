// SPDX-License-Identifier: GPL-2.0-or-later
// JSON with lines: see json.h. json-glib does not say where a node came from, so the text, which is
// known to be well-formed by then, is walked beside the tree.
#include "json.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static GQuark quark(void) { return g_quark_from_static_string("solderless-json-error"); }

// ---- Walking the text ---------------------------------------------------------------------------

static const char *skip_space(const char *s)
{
    for (;;) {
        if (*s && strchr(" \t\r\n", *s))
            s++;
        else if (s[0] == '/' && s[1] == '/')
            s += strcspn(s, "\n");
        else if (s[0] == '/' && s[1] == '*') {
            s = strstr(s + 2, "*/");
            if (!s)
                return "";
            s += 2;
        } else
            return s;
    }
}

// Over a string; `quote` is at its first character.
static const char *skip_string(const char *s)
{
    char quote = *s++;
    while (*s && *s != quote)
        s += s[0] == '\\' && s[1] ? 2 : 1;
    return *s ? s + 1 : s;
}

static const char *skip_value(const char *s)
{
    int depth = 0;
    do {
        s = skip_space(s);
        if (*s == '"' || *s == '\'')
            s = skip_string(s);
        else if (*s == '{' || *s == '[')
            depth++, s++;
        else if (*s == '}' || *s == ']')
            depth--, s++;
        else if (*s && strchr(",:", *s))
            s++;
        else
            s += strcspn(s, " \t\r\n,:{}[]\"'/");
        if (*s == '/' && s[1] != '/' && s[1] != '*')
            s++;
    } while (*s && depth > 0);
    return s;
}

// Deeper than any of our files, and not so deep that the parser's recursion could run out of stack.
static bool too_deep(const char *s)
{
    for (int depth = 0; *s; s = skip_space(s)) {
        if (*s == '"' || *s == '\'') {
            s = skip_string(s);
            continue;
        }
        depth += (*s == '{' || *s == '[') - (*s == '}' || *s == ']');
        if (depth > 64)
            return true;
        s++;
    }
    return false;
}

// ---- Documents ----------------------------------------------------------------------------------

json_doc_t *json_doc_load(const char *path, GError **error)
{
    g_autoptr(GError) inner = NULL;
    json_doc_t *d = g_new0(json_doc_t, 1);
    gsize n;
    d->path = g_strdup(path);
    if (!g_file_get_contents(path, &d->text, &n, &inner)) {
        g_set_error(error, quark(), 0, "%s: %s", path, g_strerror(
                    inner->code == G_FILE_ERROR_NOENT ? ENOENT : inner->code == G_FILE_ERROR_ISDIR
                    ? EISDIR : inner->code == G_FILE_ERROR_ACCES ? EACCES : EIO));
        json_doc_free(d);
        return NULL;
    }
    if (strlen(d->text) != n || !g_utf8_validate(d->text, n, NULL)) {
        g_set_error(error, quark(), 0, "%s:1: this is not a text file", path);
        json_doc_free(d);
        return NULL;
    }
    if (too_deep(d->text)) {
        g_set_error(error, quark(), 0, "%s:1: brackets are nested too deep", path);
        json_doc_free(d);
        return NULL;
    }
    d->parser = json_parser_new();
    if (!json_parser_load_from_data(d->parser, d->text, n, &inner)) {
        // "<data>:3:17: Parse error: what"
        const char *place = strchr(inner->message, ':'), *what = strstr(inner->message, "error: ");
        g_set_error(error, quark(), 0, "%s:%d: %s", path, place ? MAX(atoi(place + 1), 1) : 1,
                    what ? what + strlen("error: ") : inner->message);
        json_doc_free(d);
        return NULL;
    }
    json_at_t root = json_root(d);
    if (!root.node || !json_is_object(root)) {
        json_fail(root, error, "expected an object in braces");
        json_doc_free(d);
        return NULL;
    }
    return d;
}

void json_doc_free(json_doc_t *d)
{
    if (!d)
        return;
    g_clear_object(&d->parser);
    g_free(d->text);
    g_free(d->path);
    g_free(d);
}

json_at_t json_root(const json_doc_t *d)
{
    return (json_at_t){d, json_parser_get_root(d->parser), skip_space(d->text)};
}

int json_line(json_at_t at)
{
    int line = 1;
    for (const char *s = at.doc->text; s < at.text; s++)
        line += *s == '\n';
    return line;
}

bool json_fail(json_at_t at, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, quark(), 0, "%s:%d: %s", at.doc->path, json_line(at), what);
    return false;
}

// ---- Values -------------------------------------------------------------------------------------

bool json_is_object(json_at_t at) { return JSON_NODE_HOLDS_OBJECT(at.node); }
bool json_is_array(json_at_t at) { return JSON_NODE_HOLDS_ARRAY(at.node); }

bool json_member(json_at_t at, const char *name, json_at_t *value)
{
    JsonObject *object = json_node_get_object(at.node);
    if (!json_object_has_member(object, name))
        return false;
    *value = (json_at_t){at.doc, json_object_get_member(object, name), at.text};
    size_t n = strlen(name);
    for (const char *s = skip_space(at.text + 1); *s == '"' || *s == '\'';) {
        const char *key = s + 1;
        s = skip_space(skip_string(s));
        s = skip_space(*s == ':' ? s + 1 : s);
        if (!strncmp(key, name, n) && (key[n] == '"' || key[n] == '\'')) {
            value->text = s;
            return true;
        }
        s = skip_space(skip_value(s));
        s = skip_space(*s == ',' ? s + 1 : s);
    }
    return true;
}

bool json_next(json_at_t array, unsigned *i, json_at_t *item)
{
    JsonArray *a = json_node_get_array(array.node);
    if (*i >= json_array_get_length(a))
        return false;
    const char *s = array.text + 1;
    if (*i > 0) {
        s = skip_space(skip_value(item->text));
        s = *s == ',' ? s + 1 : s;
    }
    *item = (json_at_t){array.doc, json_array_get_element(a, (*i)++), skip_space(s)};
    return true;
}

GList *json_names(json_at_t at) { return json_object_get_members(json_node_get_object(at.node)); }

// 1 there, 0 not there, -1 missing or not a plain value of that type.
static int plain_member(json_at_t at, const char *name, bool required, bool number,
                        json_at_t *value, GError **error)
{
    if (!json_member(at, name, value)) {
        if (required)
            json_fail(at, error, "'%s' is missing", name);
        return required ? -1 : 0;
    }
    bool plain = JSON_NODE_HOLDS_VALUE(value->node);
    GType type = plain ? json_node_get_value_type(value->node) : G_TYPE_INVALID;
    if (number ? type == G_TYPE_INT64 || type == G_TYPE_DOUBLE : type == G_TYPE_STRING)
        return 1;
    json_fail(*value, error, "'%s' must be a %s", name, number ? "number" : "string");
    return -1;
}

bool json_string(json_at_t at, const char *name, bool required, const char **to, GError **error)
{
    json_at_t value;
    int found = plain_member(at, name, required, false, &value, error);
    if (found > 0)
        *to = json_node_get_string(value.node);
    return found >= 0;
}

bool json_number(json_at_t at, const char *name, bool required, double *to, GError **error)
{
    json_at_t value;
    int found = plain_member(at, name, required, true, &value, error);
    if (found > 0)
        *to = json_node_get_double(value.node);
    return found >= 0;
}

bool json_flag(json_at_t at, const char *name, bool *to, GError **error)
{
    json_at_t value;
    if (!json_member(at, name, &value))
        return true;
    if (!JSON_NODE_HOLDS_VALUE(value.node) ||
        json_node_get_value_type(value.node) != G_TYPE_BOOLEAN)
        return json_fail(value, error, "'%s' must be true or false", name);
    *to = json_node_get_boolean(value.node);
    return true;
}

char *json_text(json_at_t at, const char *what, GError **error)
{
    GType type =
        JSON_NODE_HOLDS_VALUE(at.node) ? json_node_get_value_type(at.node) : G_TYPE_INVALID;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (type == G_TYPE_STRING)
        return g_strdup(json_node_get_string(at.node));
    if (type == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(at.node) ? "1" : "0");
    if (type == G_TYPE_INT64)
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(at.node));
    if (type == G_TYPE_DOUBLE)
        return g_strdup(g_ascii_dtostr(number, sizeof number, json_node_get_double(at.node)));
    json_fail(at, error, "%s must be a string", what);
    return NULL;
}
