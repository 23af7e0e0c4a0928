// SPDX-License-Identifier: GPL-2.0-or-later
// The window: an SDL2 shell around the scene. The prompt stays in the terminal. A module of its own, see
// ui.h; module.c has looked whether there is a display.
#include "scene.h"
#include "ui.h"
#include <SDL.h>
#include <stdlib.h>
#include <string.h>

typedef struct ui_window {
    ui_t ui;
    scene_t *scene;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    cairo_surface_t *surface;
    bool exposed; // the picture must be shown again although nothing on it changed
} ui_window_t;

static void close_window(ui_t *ui)
{
    ui_window_t *w = (ui_window_t *)ui;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    g_clear_pointer(&w->surface, cairo_surface_destroy);
    scene_free(w->scene);
    g_free(w);
}

static bool create(ui_window_t *w, const char *title)
{
    int width = scene_width(w->scene), height = scene_height(w->scene);
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0)
        return false;
    // When the display cannot be reached, SDL may fall back to a driver that shows nothing.
    if (!getenv("SDL_VIDEODRIVER") && !strcmp(SDL_GetCurrentVideoDriver(), "offscreen")) {
        SDL_SetError("the display does not answer");
        return false;
    }
    w->window = SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width,
                                 height, SDL_WINDOW_RESIZABLE);
    if (!w->window)
        return false;
    w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (!w->renderer)
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    if (!w->renderer)
        return false;
    SDL_RenderSetLogicalSize(w->renderer, width, height);
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888,
                                   SDL_TEXTUREACCESS_STREAMING, width, height);
    w->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    return w->texture && cairo_surface_status(w->surface) == CAIRO_STATUS_SUCCESS;
}

static ui_t *open_window(session_t *s, GError **error)
{
    ui_window_t *w = g_new0(ui_window_t, 1);
    w->ui = (ui_t){.cls = &ui_module, .session = s};
    w->scene = scene_new(s, error);
    if (!w->scene) {
        g_free(w);
        return NULL;
    }
    g_autofree char *title = g_strdup_printf("Solderless: %s", s->diagram->board->title);
    if (!create(w, title)) {
        g_set_error(error, session_error_quark(), 0, "cannot open a window: %s", SDL_GetError());
        close_window(&w->ui);
        return NULL;
    }
    w->exposed = true;
    return &w->ui;
}

static bool handle(ui_window_t *w, const SDL_Event *e)
{
    switch (e->type) { // mouse positions are in the logical size, that is, the scene's pixels
    case SDL_QUIT:
        return false;
    case SDL_WINDOWEVENT:
        w->exposed = true;
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (e->button.button == SDL_BUTTON_LEFT)
            scene_pointer_down(w->scene, e->button.x, e->button.y);
        break;
    case SDL_MOUSEMOTION:
        scene_pointer_move(w->scene, e->motion.x, e->motion.y);
        break;
    case SDL_MOUSEBUTTONUP:
        if (e->button.button == SDL_BUTTON_LEFT)
            scene_pointer_up(w->scene);
        break;
    }
    return true;
}

static bool frame(ui_t *ui)
{
    ui_window_t *w = (ui_window_t *)ui;
    SDL_Event e;
    while (SDL_PollEvent(&e))
        if (!handle(w, &e))
            return false;
    if (scene_changed(w->scene) || w->exposed) {
        scene_draw(w->scene, w->surface);
        SDL_UpdateTexture(w->texture, NULL, cairo_image_surface_get_data(w->surface),
                          cairo_image_surface_get_stride(w->surface));
        SDL_RenderClear(w->renderer);
        SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
        SDL_RenderPresent(w->renderer);
        w->exposed = false;
    }
    return true;
}

const ui_class_t ui_module = {
    .name = "window", .open = open_window, .frame = frame, .close = close_window};
