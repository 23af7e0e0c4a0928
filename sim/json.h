// SPDX-License-Identifier: GPL-2.0-or-later
// JSON files whose errors name a line. json-glib parses; the text is kept beside the tree, and a
// value carries its place in it.
#pragma once
#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct json_doc {
    char *path, *text;
    JsonParser *parser;
} json_doc_t;

typedef struct json_at { // a value of the document
    const json_doc_t *doc;
    JsonNode *node;
    const char *text; // where it begins
} json_at_t;

// NULL with "path:line: what" when the file cannot be read or is not JSON with an object as its
// root.
json_doc_t *json_doc_load(const char *path, GError **error);
void json_doc_free(json_doc_t *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_doc_t, json_doc_free)
json_at_t json_root(const json_doc_t *d);
int json_line(json_at_t at);
// Sets "path:line: what" and gives FALSE.
bool json_fail(json_at_t at, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

bool json_is_object(json_at_t at);
bool json_is_array(json_at_t at);
// FALSE if the object `at` has no such member.
bool json_member(json_at_t at, const char *name, json_at_t *value);
// Walks an array: `item->node` NULL at first; FALSE at the end.
bool json_next(json_at_t array, unsigned *i, json_at_t *item);
// Names of an object's members, in the order of the file; free the list, not the names.
GList *json_names(json_at_t at);

// Members with a type: TRUE and `*to` untouched when the member is missing and not `required`.
bool json_string(json_at_t at, const char *name, bool required, const char **to, GError **error);
bool json_number(json_at_t at, const char *name, bool required, double *to, GError **error);
bool json_flag(json_at_t at, const char *name, bool *to, GError **error); // true or false
// A string, number or boolean as text; FALSE with error for anything else. The caller frees it.
char *json_text(json_at_t at, const char *what, GError **error);
