// SPDX-License-Identifier: GPL-2.0-or-later
// Where our data files are: boards, their pictures, firmware images. See data_path in board.h.
#include "board.h"
#include "paths.h"
#include <string.h>

static void add_tree(GPtrArray *dirs)
{
    g_ptr_array_add(dirs, g_strdup(PATH_SOURCE));
    g_ptr_array_add(dirs, g_strdup(PATH_BUILD));
}

GPtrArray *data_dirs(void)
{
    GPtrArray *dirs = g_ptr_array_new_with_free_func(g_free);
    const char *wanted = g_getenv("SOLDERLESS_DATA");
    if (wanted && *wanted)
        g_ptr_array_add(dirs, g_strdup(wanted));
    g_autofree char *exe = g_file_read_link("/proc/self/exe", NULL);
    bool in_tree = exe && g_str_has_prefix(exe, PATH_BUILD "/");
    if (in_tree)
        add_tree(dirs);
    if (exe) { // installed anywhere: bin/solderless and share/solderless
        g_autofree char *bin = g_path_get_dirname(exe), *prefix = g_path_get_dirname(bin);
        g_ptr_array_add(dirs, g_build_filename(prefix, "share", "solderless", NULL));
    }
    g_ptr_array_add(dirs, g_strdup(PATH_DATA));
    if (!in_tree)
        add_tree(dirs);
    return dirs;
}

char *data_path(const char *relative, GError **error)
{
    g_autoptr(GPtrArray) dirs = data_dirs();
    for (guint i = 0; i < dirs->len; i++) {
        g_autofree char *path = g_build_filename(dirs->pdata[i], relative, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&path);
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "%s: not found; SOLDERLESS_DATA may name the folder that holds it", relative);
    return NULL;
}
