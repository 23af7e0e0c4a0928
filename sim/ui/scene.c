// SPDX-License-Identifier: GPL-2.0-or-later
// The scene: layout, state and pointer. The drawing itself is in scene_draw.c. See scene.h.
#include "scene_private.h"
#include <math.h>
#include <string.h>

enum {
    MARGIN = 24,
    BOARD_HEIGHT = 560,
    CARD_WIDTH = 236,
    CARD_HEIGHT = 272,
    CARD_GAP = 16,
    THERMOMETER_HEIGHT = 192,
    THERMOMETER_LEAST = 120,
};

G_DEFINE_QUARK(solderless-scene-error, scene_error)

static void add_widget(scene_t *sc, part_t *p, int prop, widget_kind_t kind, rect_t box)
{
    widget_t w = {.part = p, .prop = prop, .kind = kind, .box = box, .shown = NAN};
    g_array_append_val(sc->widgets, w);
}

// The box of the SVG element with this id, in pixels; FALSE if the picture has none.
static bool svg_box(const board_view_t *v, const char *id, rect_t *box)
{
    g_autofree char *element = g_strconcat("#", id, NULL);
    // Asked at the picture's own size: librsvg does not scale the geometry of one with a size.
    RsvgRectangle view = {0, 0, v->box.w, v->box.h}, ink;
    gdouble w, h;
    if (rsvg_handle_get_intrinsic_size_in_pixels(v->svg, &w, &h) && w > 0 && h > 0) {
        view.width = w;
        view.height = h;
    }
    if (!rsvg_handle_has_sub(v->svg, element) ||
        !rsvg_handle_get_geometry_for_layer(v->svg, element, &view, &ink, NULL, NULL))
        return false;
    double x = v->box.w / view.width, y = v->box.h / view.height;
    *box = (rect_t){v->box.x + ink.x * x, v->box.y + ink.y * y, ink.width * x, ink.height * y};
    return true;
}

static bool has_prop(const part_t *p, const char *name) { return part_prop_find(p, name) >= 0; }

// A card shows one plate for three axes, and a dial instead of the field that it turns.
static widget_kind_t kind_in_space(const part_t *p, const part_prop_t *prop)
{
    if (!strcmp(prop->name, "accelX") && has_prop(p, "accelY") && has_prop(p, "accelZ"))
        return WIDGET_TILT;
    return !strcmp(prop->name, "heading") ? WIDGET_DIAL : WIDGET_NONE;
}

static widget_kind_t kind_on_card(const part_t *p, const part_prop_t *prop)
{
    bool in_space = has_prop(p, "heading") || has_prop(p, "accelZ");
    if (prop->kind == PROP_SWITCH)
        return WIDGET_BUTTON;
    if (in_space)
        return kind_in_space(p, prop);
    // One widget for all that it shows; what the board shows is in its picture.
    if (prop->kind == PROP_OUTPUT && p->cls->show)
        return prop == p->cls->props && !p->on_board ? WIDGET_LIGHTS : WIDGET_NONE;
    if (prop->kind == PROP_OUTPUT)
        return prop->unit && *prop->unit ? WIDGET_VALUE : WIDGET_NONE;
    return strstr(prop->unit ? prop->unit : "", "°") ? WIDGET_THERMOMETER : WIDGET_SLIDER;
}

static widget_kind_t kind_of(const part_t *p, const part_prop_t *prop, bool on_board)
{
    if (on_board && p->cls->show)
        return prop == p->cls->props ? WIDGET_MATRIX : WIDGET_NONE;
    bool led = !strcmp(p->cls->name, "led") && !strcmp(prop->name, "brightness");
    if (prop->kind == PROP_SWITCH)
        return WIDGET_BUTTON;
    if (led)
        return on_board ? WIDGET_GLOW : WIDGET_LAMP;
    return on_board ? WIDGET_NONE : kind_on_card(p, prop);
}

static double height_of(widget_kind_t kind)
{
    switch (kind) {
    case WIDGET_NONE: return 0;
    case WIDGET_THERMOMETER: return THERMOMETER_HEIGHT;
    case WIDGET_TILT:
    case WIDGET_DIAL: return 156;
    case WIDGET_LIGHTS: return 160;
    default: return 48;
    }
}

// The id in the picture: a name "pyb.led1" is the board's led1 (see diagram_build).
static const char *svg_id(const part_t *p)
{
    const char *dot = strrchr(p->name, '.');
    return dot ? dot + 1 : p->name;
}

static void place_board_part(scene_t *sc, const board_view_t *v, part_t *p)
{
    rect_t box;
    if (!svg_box(v, svg_id(p), &box))
        return;
    for (int i = 0; p->cls->props && p->cls->props[i].name; i++) {
        widget_kind_t kind = kind_of(p, &p->cls->props[i], true);
        if (kind != WIDGET_NONE)
            add_widget(sc, p, i, kind, box);
    }
}

// What is missing on a card for all widgets of the part; its thermometer gives that up.
static double missing(const part_t *p, double room)
{
    double all = 0;
    for (int i = 0; p->cls->props && p->cls->props[i].name; i++)
        all += height_of(kind_of(p, &p->cls->props[i], false));
    return CLAMP(all - room, 0, THERMOMETER_HEIGHT - THERMOMETER_LEAST);
}

// A card for an external part that has something to show or to set.
static void place_card(scene_t *sc, board_view_t *v, part_t *p)
{
    unsigned rows = MAX(1, ((unsigned)v->box.h + CARD_GAP) / (CARD_HEIGHT + CARD_GAP));
    rect_t card = {v->box.x + v->box.w + MARGIN + (v->cards / rows) * (CARD_WIDTH + CARD_GAP),
                   v->box.y + (v->cards % rows) * (CARD_HEIGHT + CARD_GAP), CARD_WIDTH, CARD_HEIGHT};
    double y = card.y + 64, give = missing(p, card.y + card.h - y);
    guint before = sc->widgets->len;
    for (int i = 0; p->cls->props && p->cls->props[i].name; i++) {
        widget_kind_t kind = kind_of(p, &p->cls->props[i], false);
        double h = height_of(kind) - (kind == WIDGET_THERMOMETER ? give : 0);
        if (!h || y + h > card.y + card.h)
            continue;
        add_widget(sc, p, i, kind, (rect_t){card.x + 16, y, card.w - 32, h});
        g_array_index(sc->widgets, widget_t, sc->widgets->len - 1).on_card = true;
        y += h;
    }
    if (sc->widgets->len == before)
        return;
    card_t c = {.part = p, .box = card};
    g_array_append_val(sc->cards, c);
    v->cards++;
    sc->width = MAX(sc->width, card.x + card.w + MARGIN);
}

static bool load_svg(board_view_t *v, double y, double height, GError **error)
{
    const board_t *b = v->session->diagram->board;
    v->svg = rsvg_handle_new_from_file(b->picture, error);
    if (!v->svg) {
        g_prefix_error(error, "%s: ", b->picture);
        return false;
    }
    gdouble w = 0, h = 0;
    if (!rsvg_handle_get_intrinsic_size_in_pixels(v->svg, &w, &h) || w <= 0 || h <= 0) {
        w = b->width > 0 ? b->width : 1;
        h = b->height > 0 ? b->height : 1;
    }
    v->box = (rect_t){MARGIN, y, round(height * w / h), height};
    return true;
}

// A part of the board or the chip; on the board it may have the board's id before its own.
static part_t *board_part(session_t *s, const char *name)
{
    g_autofree char *full = g_strconcat(s->diagram->board_id, ".", name, NULL);
    part_t *p = machine_part(s->m, full);
    return p ? p : machine_part(s->m, name);
}

static void place_parts(scene_t *sc, board_view_t *v)
{
    session_t *s = v->session;
    for (guint i = 0; i < s->m->parts->len; i++) {
        part_t *p = s->m->parts->pdata[i];
        if (p->on_board)
            place_board_part(sc, v, p);
        else if (!p->on_chip)
            place_card(sc, v, p);
    }
    const GPtrArray *controls = s->diagram->board->controls;
    for (guint i = 0; i < controls->len; i++) {
        part_t *p = board_part(s, controls->pdata[i]);
        if (p)
            place_card(sc, v, p);
    }
}

scene_t *scene_new(session_t *s, GError **error)
{
    scene_t *sc = g_new0(scene_t, 1);
    sc->session = s;
    sc->boards = g_array_new(FALSE, TRUE, sizeof(board_view_t));
    sc->widgets = g_array_new(FALSE, TRUE, sizeof(widget_t));
    sc->cards = g_array_new(FALSE, TRUE, sizeof(card_t));
    sc->held = -1;
    double height = s->boards->len > 1 ? CARD_HEIGHT : BOARD_HEIGHT, y = MARGIN;
    g_array_set_size(sc->boards, s->boards->len);
    for (guint i = 0; i < s->boards->len; i++) {
        board_view_t *v = &g_array_index(sc->boards, board_view_t, i);
        v->session = s->boards->pdata[i];
        if (!load_svg(v, y, height, error)) {
            scene_free(sc);
            return NULL;
        }
        sc->width = MAX(sc->width, v->box.x + v->box.w + MARGIN);
        place_parts(sc, v);
        y += height + CARD_GAP;
    }
    sc->height = y - CARD_GAP + MARGIN;
    return sc;
}

const board_view_t *scene_board_of(const scene_t *sc, const part_t *p)
{
    const board_view_t *v = &g_array_index(sc->boards, board_view_t, 0);
    while (v->session->m != p->m)
        v++;
    return v;
}

void scene_free(scene_t *sc)
{
    if (!sc)
        return;
    for (guint i = 0; i < sc->boards->len; i++)
        g_clear_object(&g_array_index(sc->boards, board_view_t, i).svg);
    g_array_unref(sc->boards);
    g_clear_pointer(&sc->backdrop, cairo_surface_destroy);
    g_array_unref(sc->widgets);
    g_array_unref(sc->cards);
    g_free(sc);
}

int scene_width(const scene_t *sc) { return sc->width; }
int scene_height(const scene_t *sc) { return sc->height; }

char *widget_text(const widget_t *w)
{
    GString *text = g_string_new(NULL);
    w->part->cls->show(w->part, text);
    return g_string_free(text, FALSE);
}

static double value_of(const widget_t *w)
{
    if (w->kind == WIDGET_MATRIX || w->kind == WIDGET_LIGHTS) {
        g_autofree char *text = widget_text(w);
        return g_str_hash(text);
    }
    double value = part_prop_get(w->part, w->prop);
    for (int i = 1; w->kind == WIDGET_TILT && i < 3; i++)
        value = value * 16001 + part_prop_get(w->part, w->prop + i);
    return value;
}

bool scene_changed(scene_t *sc)
{
    bool changed = false;
    for (guint i = 0; i < sc->widgets->len; i++) {
        widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        double value = value_of(w);
        if (w->kind == WIDGET_GLOW || w->kind == WIDGET_LAMP)
            value = round(value * 255) / 255; // steps that an eye could tell apart
        if (value != w->shown) {
            w->shown = value;
            changed = true;
        }
    }
    return changed;
}

// ---- Pointer ------------------------------------------------------------------------------------------

static bool inside(const rect_t *r, double x, double y, double slack)
{
    return x >= r->x - slack && x < r->x + r->w + slack && y >= r->y - slack &&
           y < r->y + r->h + slack;
}

// The scale along which a thermometer or slider is dragged.
static void scale_of(const widget_t *w, double *from, double *to)
{
    if (w->kind == WIDGET_THERMOMETER) {
        *from = w->box.y + w->box.h - 40; // the top of the bulb
        *to = w->box.y + 10;
    } else {
        *from = w->box.x;
        *to = w->box.x + w->box.w;
    }
}

static bool logarithmic(const part_prop_t *p) { return p->step == 0 && p->min > 0; }

double widget_position(const widget_t *w, double value)
{
    const part_prop_t *p = &w->part->cls->props[w->prop];
    double from, to;
    scale_of(w, &from, &to);
    double part = (value - p->min) / (p->max - p->min);
    if (logarithmic(p))
        part = log(value / p->min) / log(p->max / p->min);
    return from + part * (to - from);
}

bool widget_is_live(widget_kind_t kind)
{
    return kind == WIDGET_BUTTON || kind == WIDGET_THERMOMETER || kind == WIDGET_SLIDER ||
           kind == WIDGET_TILT || kind == WIDGET_DIAL;
}

void widget_round(const widget_t *w, double *x, double *y, double *radius)
{
    *radius = 64;
    *x = w->box.x + *radius + 8;
    *y = w->box.y + *radius + 8;
}

static void set_step(widget_t *w, int prop, double value)
{
    double step = w->part->cls->props[prop].step;
    part_prop_set(w->part, prop, step > 0 ? round(value / step) * step : value, NULL);
}

// The board lies still in the hand: gravity along its three directions, 1 g together. X is to the
// right, Y down, and Z keeps the sign that it has on the table.
static void drag_tilt(widget_t *w, double dx, double dy)
{
    double length = hypot(dx, dy), most = MAX(1, length);
    double up = w->part->cls->props[w->prop + 2].def < 0 ? -1 : 1;
    dx /= most;
    dy /= most;
    set_step(w, w->prop, dx);
    set_step(w, w->prop + 1, dy);
    set_step(w, w->prop + 2, up * sqrt(MAX(0, 1 - dx * dx - dy * dy)));
}

static void drag_round(widget_t *w, double x, double y)
{
    double cx, cy, radius;
    widget_round(w, &cx, &cy, &radius);
    if (w->kind == WIDGET_TILT) {
        drag_tilt(w, (x - cx) / radius, (y - cy) / radius);
        return;
    }
    double degrees = atan2(x - cx, cy - y) * 180 / G_PI;
    set_step(w, w->prop, degrees < 0 ? degrees + 360 : degrees);
}

static void drag(widget_t *w, double x, double y)
{
    if (w->kind == WIDGET_TILT || w->kind == WIDGET_DIAL) {
        drag_round(w, x, y);
        return;
    }
    const part_prop_t *p = &w->part->cls->props[w->prop];
    double from, to;
    scale_of(w, &from, &to);
    double at = ((w->kind == WIDGET_THERMOMETER ? y : x) - from) / (to - from);
    at = CLAMP(at, 0, 1);
    double value = p->min + at * (p->max - p->min);
    double step = p->step > 0 ? p->step : (p->max - p->min) / 1000;
    if (logarithmic(p)) {
        value = p->min * pow(p->max / p->min, at);
        step = pow(10, floor(log10(value)) - 1); // two digits that count
    }
    part_prop_set(w->part, w->prop, round(value / step) * step, NULL);
}

// A pointer may be so far beside the box: buttons are small, and half of a slider's knob (of 8 pixels) is
// outside where the value is at an end.
static double slack_of(widget_kind_t kind)
{
    return kind == WIDGET_BUTTON ? 4 : kind == WIDGET_SLIDER ? 8 : 0;
}

bool scene_pointer_down(scene_t *sc, double x, double y)
{
    for (guint i = 0; i < sc->widgets->len; i++) {
        widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        if (!widget_is_live(w->kind) || !inside(&w->box, x, y, slack_of(w->kind)))
            continue;
        sc->held = i;
        if (w->kind == WIDGET_BUTTON)
            part_prop_set(w->part, w->prop, 1, NULL);
        else
            drag(w, x, y);
        return true;
    }
    return false;
}

void scene_pointer_move(scene_t *sc, double x, double y)
{
    if (sc->held < 0)
        return;
    widget_t *w = &g_array_index(sc->widgets, widget_t, sc->held);
    if (w->kind != WIDGET_BUTTON)
        drag(w, x, y);
}

void scene_pointer_up(scene_t *sc)
{
    if (sc->held < 0)
        return;
    widget_t *w = &g_array_index(sc->widgets, widget_t, sc->held);
    if (w->kind == WIDGET_BUTTON)
        part_prop_set(w->part, w->prop, 0, NULL);
    sc->held = -1;
}

// On a tilt plate each axis has its own value; on a dial a direction has its place.
static void find_round(const widget_t *w, int prop, double value, double *x, double *y)
{
    double cx, cy, radius, angle = value * G_PI / 180;
    widget_round(w, &cx, &cy, &radius);
    if (w->kind == WIDGET_DIAL) {
        *x = cx + radius * 0.8 * sin(angle);
        *y = cy - radius * 0.8 * cos(angle);
        return;
    }
    *x = cx + radius * (prop == w->prop ? value : part_prop_get(w->part, w->prop));
    *y = cy + radius * (prop == w->prop + 1 ? value : part_prop_get(w->part, w->prop + 1));
}

bool scene_find(scene_t *sc, const char *part, const char *prop, double value, double *x, double *y)
{
    for (guint i = 0; i < sc->widgets->len; i++) {
        const widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        int which = part_prop_find(w->part, prop);
        bool second = w->kind == WIDGET_TILT && which == w->prop + 1;
        if (strcmp(w->part->name, part) != 0 || (which != w->prop && !second))
            continue;
        if (w->kind == WIDGET_TILT || w->kind == WIDGET_DIAL) {
            find_round(w, which, value, x, y);
            return true;
        }
        *x = w->box.x + (w->kind == WIDGET_THERMOMETER ? 30 : w->box.w / 2);
        *y = w->box.y + w->box.h / 2;
        if (w->kind == WIDGET_THERMOMETER)
            *y = widget_position(w, value);
        else if (w->kind == WIDGET_SLIDER)
            *x = widget_position(w, value);
        return true;
    }
    return false;
}
