/* SPDX-License-Identifier: MIT
 * complete.c: completion of names at the prompt: of globals and built-in names, of attributes after dots, of modules after
 * import. Evaluates attributes, but calls nothing.
 */
#include "lineedit.h"
#include "module.h"
#include "state.h"

/* What is being looked for, and what was found so far. */
typedef struct matches {
    const char *prefix;
    size_t len;
    const str_t *first; /* found first; `common` of its bytes are those of all */
    size_t common;
    unsigned count;
    builder_t *list;
} matches_t;

static void match(matches_t *m, const str_t *name)
{
    if (name->len < m->len || memcmp(name->data, m->prefix, m->len) != 0 ||
        (m->len == 0 && name->data[0] == '_'))
        return;
    if (m->count++ == 0) {
        m->first = name;
        m->common = name->len;
    }
    size_t same = m->len;
    while (same < m->common && same < name->len && name->data[same] == m->first->data[same])
        same++;
    m->common = same;
    if (m->list->len)
        builder_add(m->list, "  ", 2);
    builder_add(m->list, name->data, name->len);
}

static void match_dict(matches_t *m, const dict_t *d)
{
    unsigned pos = 0;
    val_t key;
    while (d && dict_next(d, &pos, &key, NULL))
        if (is_str(key))
            match(m, str_of(key));
}

static void match_type(matches_t *m, const type_t *type)
{
    if (type->mro) {
        for (size_t i = 0; i < type->mro->n; i++)
            match_dict(m, ((const type_t *)obj_of(type->mro->v[i]))->attrs);
        return;
    }
    for (; type; type = type->base)
        match_dict(m, type->attrs);
}

static void match_attributes(matches_t *m, val_t obj)
{
    if (is_exact(obj, &type_module)) {
        match_dict(m, ((module_t *)obj_of(obj))->dict);
        return;
    }
    if (is_a(obj, &type_type)) {
        match_type(m, (const type_t *)obj_of(obj));
        return;
    }
    if (type_of(obj)->flags & T_HAS_DICT)
        match_dict(m, instance_dict(obj));
    match_type(m, type_of(obj));
}

static bool is_name_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (uint8_t)c >= 0x80;
}

/* Does the text before the name say `import` or `from`? */
static bool after_import(const char *text, size_t end)
{
    size_t at = 0;
    while (at < end && text[at] == ' ')
        at++;
    return (end - at >= 7 && memcmp(text + at, "import ", 7) == 0) ||
           (end - at == 5 && memcmp(text + at, "from ", 5) == 0);
}

static val_t global(const char *name, size_t len)
{
    str_t *s = str_intern(name, len);
    val_t v = dict_get_str(adder.main, s);
    return v != V_UNDEF ? v : dict_get_str(&builtins_dict, s);
}

/* An attribute whose getter may raise: then there is none. */
static val_t attribute(val_t obj, const str_t *name)
{
    catch_t c;
    volatile val_t found = V_UNDEF;
    if (TRY(c)) {
        found = op_find_attr(obj, name);
        catch_end(&c);
    }
    return found;
}

/* The object that the dotted path names; V_UNDEF if there is none. */
static val_t follow(const char *path, size_t len)
{
    size_t end = 0;
    while (end < len && path[end] != '.')
        end++;
    if (end == 0)
        return V_UNDEF;
    val_t v = global(path, end);
    while (v != V_UNDEF && end < len) {
        size_t start = ++end;
        while (end < len && path[end] != '.')
            end++;
        v = attribute(v, str_intern(path + start, end - start));
    }
    return v;
}

void complete(const char *text, size_t len, builder_t *more, builder_t *list)
{
    size_t name = len, path;
    while (name && is_name_char(text[name - 1]))
        name--;
    for (path = name; path && (is_name_char(text[path - 1]) || text[path - 1] == '.');)
        path--;
    matches_t m = {.prefix = text + name, .len = len - name, .list = list};
    if (path < name) {
        val_t obj = follow(text + path, name - 1 - path);
        if (obj != V_UNDEF)
            match_attributes(&m, obj);
    } else if (after_import(text, name)) {
        match_dict(&m, &modules_native);
        match_dict(&m, adder.modules);
    } else if (m.len) {
        match_dict(&m, adder.main);
        match_dict(&m, &builtins_dict);
    }
    if (m.count == 1)
        list->len = 0; /* nothing to choose from */
    if (m.count && m.common > m.len)
        builder_add(more, m.first->data + m.len, m.common - m.len);
}
