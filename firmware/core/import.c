/* SPDX-License-Identifier: MIT
 * import.c: modules and importing. Native modules come first, then files along sys.path:
 * name/__init__.py, name.py; then a folder name/ without __init__.py, which is a package of one folder, its __path__.
 * Old names with a u (utime) find the native module without it.
 */
#include "heap.h"
#include "module.h"
#include "port.h"
#include "vm_help.h"

static void module_print(out_t *out, val_t self, print_t how) {
    out_printf(out, "<module '%q'>", ((module_t *)self)->name);
}

const type_t type_module = {TYPE_HEAD, .name = Q(module), .flags = T_NO_SUBCLASS,
    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 3, .print = module_print};

val_t module_new(const str_t *name) {
    module_t *m = HEAP_NEW(&type_module, module_t);
    m->name = name;
    m->dict = dict_of(dict_new(0));
    dict_set_str((dict_t *)m->dict, Q(__name__), V_OBJ(name));
    dict_set(adder.modules, V_OBJ(name), V_OBJ(m));
    return V_OBJ(m);
}

static val_t run_file(const str_t *name, val_t path, val_t package) {
    val_t m = module_new(name);
    dict_t *d = (dict_t *)((module_t *)m)->dict;
    if (package)
        dict_set_str(d, Q(__path__), package);
    dict_set_str(d, Q(__file__), path);
    reader_t r;
    port_open(&r, str_of(path)->data);
    catch_t c;
    if (TRY(c)) {
        vm_exec(&r, str_of(path), MODE_FILE, d);
        catch_end(&c);
        port_close(&r);
    } else {
        port_close(&r);
        dict_delete(adder.modules, V_OBJ(name));
        raise(c.exc);
    }
    return m;
}

static val_t path_in(val_t dir, const char *part) {
    const str_t *d = str_of(dir);
    return d->len ? str_printf("%q%s%s", d, d->data[d->len - 1] == '/' ? "" : "/", part) : str_from(part);
}

/* Look in one directory; V_UNDEF if there is nothing. */
static val_t find_in(const str_t *name, val_t dir, const char *part) {
    val_t base = path_in(dir, part);
    if (port_path_kind(str_of(base)->data) == PATH_DIR) {
        val_t init = str_printf("%V/__init__.py", base);
        if (port_path_kind(str_of(init)->data) == PATH_FILE)
            return run_file(name, init, base);
    }
    val_t file = str_printf("%V.py", base);
    if (port_path_kind(str_of(file)->data) == PATH_FILE)
        return run_file(name, file, V_UNDEF);
    return V_UNDEF;
}

/* The same for a folder without __init__.py. */
static val_t find_folder_in(const str_t *name, val_t dir, const char *part) {
    val_t base = path_in(dir, part);
    if (port_path_kind(str_of(base)->data) != PATH_DIR)
        return V_UNDEF;
    val_t m = module_new(name);
    dict_set_str((dict_t *)((module_t *)m)->dict, Q(__path__), base);
    return m;
}

static val_t find_along_path(const str_t *name, const char *part,
                             val_t (*find)(const str_t *name, val_t dir, const char *part)) {
    val_t m = V_UNDEF;
    const list_t *path = list_of(adder.path);
    for (size_t i = 0; i < path->n && !m; i++)
        if (is_str(path->items->v[i]))
            m = find(name, path->items->v[i], part);
    return m;
}

/* One part of a dotted name; parent is the package it is in, or V_UNDEF. */
static val_t load(const str_t *name, val_t parent, const char *part) {
    val_t m = dict_get(adder.modules, V_OBJ(name));
    if (m)
        return m;
    if (!parent) {
        if ((m = dict_get_str(&modules_native, name)))
            return m;
        m = find_along_path(name, part, find_in);
        if (!m && part[0] == 'u')
            m = dict_get_str(&modules_native, str_intern(part + 1, strlen(part + 1)));
        return m ? m : find_along_path(name, part, find_folder_in);
    }
    if (!is_exact(parent, &type_module))
        return V_UNDEF;
    const dict_t *d = ((module_t *)parent)->dict;
    val_t path = dict_get_str(d, Q(__path__));
    val_t attr = dict_get_str(d, str_intern(part, strlen(part)));
    if (!path) /* native packages hold their submodules as attributes */
        return attr && is_exact(attr, &type_module) ? attr : V_UNDEF;
    m = find_in(name, path, part);
    if (!m)
        m = find_folder_in(name, path, part);
    if (m)
        dict_set_str((dict_t *)d, str_intern(part, strlen(part)), m);
    return m;
}

/* Import all parts of a dotted name; returns the first or the last. */
static val_t import_path(const str_t *name, bool last) {
    val_t parent = V_UNDEF, first = V_UNDEF;
    size_t start = 0;
    for (size_t i = 0; i <= name->len; i++) {
        if (i < name->len && name->data[i] != '.')
            continue;
        str_t *part = str_intern(name->data + start, i - start);
        val_t m = load(i == name->len ? name : str_intern(name->data, i), parent, part->data);
        if (!m)
            raise_format(&type_ImportError, "no module named '%q'", name);
        if (!first)
            first = m;
        parent = m;
        start = i + 1;
    }
    return last ? parent : first;
}

val_t module_import(const str_t *name) { return import_path(name, true); }

/* fromlist V_NONE: the first module of the path, as `import a.b` binds it; otherwise the last. */
val_t op_import(const str_t *name, val_t fromlist, unsigned level, dict_t *globals) {
    if (!level)
        return import_path(name, fromlist != V_NONE);
    val_t own = dict_get_str(globals, Q(__name__));
    if (!own || !is_str(own))
        raise_text(&type_ImportError, "can't perform relative import");
    const char *base = str_of(own)->data;
    size_t len = str_of(own)->len;
    if (dict_get_str(globals, Q(__path__)))
        level--;
    while (level--) {
        while (len && base[len - 1] != '.')
            len--;
        if (len)
            len--;
        else if (level || !name->len)
            raise_text(&type_ImportError, "can't perform relative import");
    }
    val_t full = name->len && len ? str_printf("%V.%q", str_new(base, len), name)
                 : len ? str_new(base, len) : V_OBJ(name);
    return import_path(str_intern_val(full), true);
}

val_t vm_import_from(val_t module, const str_t *name) {
    val_t v = op_find_attr(module, name);
    if (v)
        return v;
    if (is_exact(module, &type_module)) {
        const module_t *m = (const module_t *)module;
        val_t full = str_printf("%q.%q", m->name, name);
        if ((v = load(str_intern_val(full), module, name->data)))
            return v;
    }
    raise_format(&type_ImportError, "cannot import name '%q'", name);
}

void vm_import_all(val_t module, dict_t *globals) {
    const dict_t *d = ((module_t *)module)->dict;
    val_t all = dict_get_str(d, Q(__all__)), k;
    if (all) {
        val_t it = op_iter(all);
        while ((k = op_next(it))) {
            str_arg(k, NULL);
            dict_set_str(globals, str_intern_val(k), op_get_attr(module, str_intern_val(k)));
        }
        return;
    }
    unsigned pos = 0;
    while (dict_next(d, &pos, &k, NULL))
        if (is_str(k) && str_of(k)->data[0] != '_')
            dict_set_str(globals, str_of(k), op_get_attr(module, str_of(k)));
}
