// SPDX-License-Identifier: GPL-2.0-or-later
// The scene: the picture of a board and its parts, and what a pointer does on it. The window draws it
// on the screen, the headless picture makes a PNG of it; both are the same drawing.
//
// On the left is the board's SVG with lit LEDs; elements of the SVG whose id is a part's id are that
// part (a button to press). On the right is a card for each external part with its controls, and
// for the parts that board.json lists in "controls": a thermometer for a temperature, a plate with a
// ball for an accelerometer, a dial for a direction, a slider for another quantity; a lamp for a LED,
// a row of lights, a number.
#pragma once
#include "../session.h"
#include <cairo.h>

typedef struct scene scene_t;

scene_t *scene_new(session_t *s, GError **error);
void scene_free(scene_t *sc);
int scene_width(const scene_t *sc); // pixels
int scene_height(const scene_t *sc);
// Whether anything visible has changed since the last scene_draw.
bool scene_changed(scene_t *sc);
// Draws everything; `to` is an ARGB32 or RGB24 image surface of the scene's size.
void scene_draw(scene_t *sc, cairo_surface_t *to);
// A PNG file of the whole scene, or of one part of it (`part` not NULL).
GBytes *scene_png(scene_t *sc, const char *part, GError **error);
// Pointer with the first button, in pixels of the scene. Down: TRUE if something was hit.
bool scene_pointer_down(scene_t *sc, double x, double y);
void scene_pointer_move(scene_t *sc, double x, double y);
void scene_pointer_up(scene_t *sc);
// Where a control is drawn: the middle of the thermometer's scale at `value`, or of the button.
// FALSE if there is no such control. For tests that move a real mouse.
bool scene_find(scene_t *sc, const char *part, const char *prop, double value, double *x, double *y);
