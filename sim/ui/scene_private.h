// SPDX-License-Identifier: GPL-2.0-or-later
// What scene.c (layout, pointer) and scene_draw.c (drawing) share.
#pragma once
#include "scene.h"
#include <librsvg/rsvg.h>

typedef struct rect {
    double x, y, w, h; // pixels
} rect_t;

typedef enum {
    WIDGET_NONE,
    WIDGET_GLOW,        // a LED of the board: light drawn over the picture
    WIDGET_LAMP,        // an external LED
    WIDGET_BUTTON,      // held while the pointer is down
    WIDGET_THERMOMETER, // a temperature, dragged up and down
    WIDGET_SLIDER,      // any other quantity
    WIDGET_TILT,        // three axes of acceleration: a ball on a plate, dragged
    WIDGET_DIAL,        // a direction in degrees, dragged around
    WIDGET_MATRIX,      // a display of digits on the board: light drawn over the picture
    WIDGET_LIGHTS,      // a display of colours: a chain of lights
    WIDGET_VALUE,       // a quantity to look at
} widget_kind_t;

typedef struct widget {
    part_t *part;
    int prop;
    widget_kind_t kind;
    rect_t box;
    bool on_card; // else on the board's picture
    double shown; // value at the last scene_changed; of a display or of three axes: their hash
} widget_t;

typedef struct card {
    part_t *part;
    rect_t box;
} card_t;

// A board with the cards of its parts to the right of it. Several boards stand one below the other.
typedef struct board_view {
    session_t *session;
    RsvgHandle *svg;
    rect_t box;     // of the board's picture
    unsigned cards;
} board_view_t;

struct scene {
    session_t *session;
    GArray *boards;  // board_view_t
    int width, height;
    GArray *widgets; // widget_t
    GArray *cards;   // card_t
    int held;        // widget under the pressed pointer, or -1
    cairo_surface_t *backdrop; // all that never changes
};

GQuark scene_error_quark(void);
const board_view_t *scene_board_of(const scene_t *sc, const part_t *p);
// Where `value` lies on the widget's scale: y of a thermometer, x of a slider.
bool widget_is_live(widget_kind_t kind); // reacts to the pointer
// Middle and radius of the round part of a tilt plate or a dial.
void widget_round(const widget_t *w, double *x, double *y, double *radius);
char *widget_text(const widget_t *w); // what a display shows; g_free
double widget_position(const widget_t *w, double value);
