// SPDX-License-Identifier: GPL-2.0-or-later
// Prints where the window draws a control, so that a test can move a real mouse there.
// Usage: where TARGET FIRMWARE PART PROP VALUE...  prints "x y" for each value, in pixels of the scene.
// FIRMWARE may be empty: the board's own.
#include "session.h"
#include "ui/scene.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc < 6) {
        fprintf(stderr, "usage: where TARGET FIRMWARE PART PROP VALUE...\n");
        return 2;
    }
    session_options_t o = {.target = argv[1], .firmware = *argv[2] ? argv[2] : NULL, .seed = 1};
    session_t *s = session_open(&o, &error);
    scene_t *scene = s ? scene_new(s, &error) : NULL;
    int code = scene ? 0 : 2;
    if (!scene)
        fprintf(stderr, "where: %s\n", error->message);
    for (int i = 5; scene && i < argc; i++) {
        double x, y;
        if (scene_find(scene, argv[3], argv[4], g_ascii_strtod(argv[i], NULL), &x, &y))
            printf("%.0f %.0f\n", x, y);
        else
            code = 1;
    }
    scene_free(scene);
    session_close(s);
    return code;
}
