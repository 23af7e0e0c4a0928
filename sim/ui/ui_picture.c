// SPDX-License-Identifier: GPL-2.0-or-later
// The headless picture: the scene as a PNG file. A module of its own, see ui.h.
#include "scene.h"
#include "ui.h"

typedef struct ui_picture {
    ui_t ui;
    scene_t *scene;
} ui_picture_t;

static ui_t *open_picture(session_t *s, GError **error)
{
    scene_t *scene = scene_new(s, error);
    if (!scene)
        return NULL;
    ui_picture_t *p = g_new0(ui_picture_t, 1);
    *p = (ui_picture_t){.ui = {.cls = &ui_module, .session = s}, .scene = scene};
    return &p->ui;
}

static GBytes *png(ui_t *ui, const char *part, GError **error)
{
    return scene_png(((ui_picture_t *)ui)->scene, part, error);
}

static void close_picture(ui_t *ui)
{
    scene_free(((ui_picture_t *)ui)->scene);
    g_free(ui);
}

const ui_class_t ui_module = {
    .name = "picture", .open = open_picture, .png = png, .close = close_picture};
