// SPDX-License-Identifier: GPL-2.0-or-later
// The front ends that are modules, as the program knows them. A module is loaded once and stays, because
// its libraries keep state for the life of the process.
#include "ui.h"
#include "paths.h"

enum { WINDOW, PICTURE };

static struct module {
    const char *file, *offers;
    const ui_class_t *cls; // once it is loaded
} modules[] = {
    [WINDOW] = {"solderless-window.so", "the window"},
    [PICTURE] = {"solderless-picture.so", "the picture of the board"},
};

// Beside the program, or where they are installed with it. Programs of tests are deeper in the build tree.
static char *find(const char *file)
{
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = exe ? g_path_get_dirname(exe) : g_strdup(".");
    g_autofree char *prefix = g_path_get_dirname(dir);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(paths, g_build_filename(dir, file, NULL));
    g_ptr_array_add(paths, g_build_filename(prefix, PATH_LIBRARIES, "solderless", file, NULL));
    if (exe && g_str_has_prefix(exe, PATH_TREE "/"))
        g_ptr_array_add(paths, g_build_filename(PATH_TREE, file, NULL));
    guint i = 0;
    while (i < paths->len && !g_file_test(paths->pdata[i], G_FILE_TEST_EXISTS))
        i++;
    return g_strdup(paths->pdata[i < paths->len ? i : 0]); // the first one for the error's text
}

static const ui_class_t *load(struct module *m, GError **error)
{
    if (m->cls)
        return m->cls;
    g_autofree char *path = find(m->file);
    // Bound at once: what is missing is told now, not in the middle of a run.
    GModule *module = g_module_open(path, G_MODULE_BIND_LOCAL);
    gpointer cls = NULL;
    if (module && g_module_symbol(module, "ui_module", &cls))
        return m->cls = cls;
    g_set_error(error, session_error_quark(), 0, "%s cannot be loaded: %s", m->offers, g_module_error());
    return NULL;
}

static bool window_available(GError **error)
{
    const char *driver = g_getenv("SDL_VIDEODRIVER");
    if (g_getenv("DISPLAY") || g_getenv("WAYLAND_DISPLAY") || (driver && *driver))
        return load(&modules[WINDOW], error);
    g_set_error(error, session_error_quark(), 0, "no display");
    return false;
}

static ui_t *window_open(session_t *s, GError **error)
{
    const ui_class_t *cls = load(&modules[WINDOW], error);
    return cls ? cls->open(s, error) : NULL;
}

static bool picture_available(GError **error) { return load(&modules[PICTURE], error); }

static ui_t *picture_open(session_t *s, GError **error)
{
    const ui_class_t *cls = load(&modules[PICTURE], error);
    return cls ? cls->open(s, error) : NULL;
}

const ui_class_t ui_window = {.name = "window", .available = window_available, .open = window_open};
const ui_class_t ui_picture = {.name = "picture", .available = picture_available, .open = picture_open};
