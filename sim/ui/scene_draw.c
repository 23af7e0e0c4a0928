// SPDX-License-Identifier: GPL-2.0-or-later
// Drawing the scene with cairo and librsvg. See scene.h.
#include "scene_private.h"
#include <errno.h>
#include <math.h>
#include <string.h>

typedef struct rgb {
    double r, g, b;
} rgb_t;

static const rgb_t background = {0.106, 0.118, 0.145}, card_fill = {0.153, 0.169, 0.204},
                   ink = {0.902, 0.914, 0.937}, faint = {0.545, 0.576, 0.639},
                   mercury = {0.910, 0.255, 0.235}, accent = {0.290, 0.620, 0.900};

static void set(cairo_t *cr, rgb_t c, double alpha) { cairo_set_source_rgba(cr, c.r, c.g, c.b, alpha); }

static void rounded(cairo_t *cr, const rect_t *r, double radius)
{
    cairo_new_sub_path(cr);
    cairo_arc(cr, r->x + r->w - radius, r->y + radius, radius, -G_PI_2, 0);
    cairo_arc(cr, r->x + r->w - radius, r->y + r->h - radius, radius, 0, G_PI_2);
    cairo_arc(cr, r->x + radius, r->y + r->h - radius, radius, G_PI_2, G_PI);
    cairo_arc(cr, r->x + radius, r->y + radius, radius, G_PI, 3 * G_PI_2);
    cairo_close_path(cr);
}

static void text(cairo_t *cr, double x, double y, double size, rgb_t color, bool bold, const char *s)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
    set(cr, color, 1);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, s);
    cairo_new_path(cr); // the text's end is no point of the next shape
}

// ---- What never changes -------------------------------------------------------------------------------

// "OUT to X19, VCC to 3V3": where the part's pins go, from the diagram.
static char *wiring(scene_t *sc, const part_t *p)
{
    GString *s = g_string_new(NULL);
    g_autofree char *prefix = g_strconcat(p->name, ":", NULL);
    const diagram_t *d = scene_board_of(sc, p)->session->diagram;
    for (guint i = 0; i < d->connections->len; i++) {
        const diagram_wire_t *w = d->connections->pdata[i];
        bool from = g_str_has_prefix(w->from, prefix);
        if (!from && !g_str_has_prefix(w->to, prefix))
            continue;
        const char *near = strchr(from ? w->from : w->to, ':'), *far = from ? w->to : w->from;
        far = strchr(far, ':') ? strchr(far, ':') : far - 1;
        bool rail = g_ascii_isdigit(far[1]) && strchr(far, 'V');
        if (rail || !strncmp(far + 1, "GND", 3))
            continue; // supplies are not worth the room
        g_string_append_printf(s, "%s%s \u2192 %s", s->len ? ", " : "", near + 1, far + 1);
    }
    return g_string_free(s, FALSE);
}

static void draw_ticks(cairo_t *cr, const widget_t *w)
{
    const part_prop_t *p = &w->part->cls->props[w->prop];
    double range = p->max - p->min, step = range > 120 ? 20 : range > 50 ? 10 : range / 5;
    if (fabs(widget_position(w, p->min + step) - widget_position(w, p->min)) < 12) // labels are 10 high
        step *= 2;
    for (double v = ceil(p->min / step) * step; v <= p->max + step / 1000; v += step) {
        double y = widget_position(w, v);
        set(cr, faint, 0.8);
        cairo_set_line_width(cr, 1);
        cairo_move_to(cr, w->box.x + 46, floor(y) + 0.5);
        cairo_rel_line_to(cr, 8, 0);
        cairo_stroke(cr);
        g_autofree char *label = g_strdup_printf("%g", v == 0 ? 0 : v);
        text(cr, w->box.x + 60, y + 3.5, 10, faint, false, label);
    }
}

static void draw_card(scene_t *sc, cairo_t *cr, const card_t *c)
{
    rounded(cr, &c->box, 12);
    set(cr, card_fill, 1);
    cairo_fill(cr);
    text(cr, c->box.x + 16, c->box.y + 28, 15, ink, true, c->part->cls->name);
    g_autofree char *wires = wiring(sc, c->part);
    g_autofree char *line = g_strdup_printf("%s%s%s", c->part->name, *wires ? "   " : "", wires);
    text(cr, c->box.x + 16, c->box.y + 46, 11, faint, false, line);
}

static void make_backdrop(scene_t *sc)
{
    sc->backdrop = cairo_image_surface_create(CAIRO_FORMAT_RGB24, sc->width, sc->height);
    cairo_t *cr = cairo_create(sc->backdrop);
    set(cr, background, 1);
    cairo_paint(cr);
    for (guint i = 0; i < sc->boards->len; i++) {
        const board_view_t *v = &g_array_index(sc->boards, board_view_t, i);
        RsvgRectangle view = {v->box.x, v->box.y, v->box.w, v->box.h};
        rsvg_handle_render_document(v->svg, cr, &view, NULL);
    }
    for (guint i = 0; i < sc->cards->len; i++)
        draw_card(sc, cr, &g_array_index(sc->cards, card_t, i));
    for (guint i = 0; i < sc->widgets->len; i++) {
        const widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        if (w->kind == WIDGET_THERMOMETER)
            draw_ticks(cr, w);
    }
    cairo_destroy(cr);
}

// ---- What changes -------------------------------------------------------------------------------------

static rgb_t led_color(const part_t *p)
{
    static const struct {
        const char *name;
        rgb_t color;
    } colors[] = {
        {"red", {1, 0.16, 0.12}},    {"green", {0.20, 1, 0.25}}, {"blue", {0.25, 0.45, 1}},
        {"yellow", {1, 0.85, 0.15}}, {"orange", {1, 0.55, 0.1}}, {"white", {1, 1, 0.95}},
        {"purple", {0.75, 0.3, 1}},
    };
    const char *name = part_attr(p, "color");
    for (unsigned i = 0; name && i < G_N_ELEMENTS(colors); i++)
        if (!strcmp(colors[i].name, name))
            return colors[i].color;
    return colors[0].color;
}

// Light: a glow around the LED and a bright core. The eye sees about the square root of the duty.
static void draw_light(cairo_t *cr, rgb_t c, double x, double y, double radius, double brightness)
{
    double seen = sqrt(CLAMP(brightness, 0, 1));
    if (seen <= 0)
        return;
    cairo_pattern_t *glow = cairo_pattern_create_radial(x, y, radius * 0.2, x, y, radius * 4);
    cairo_pattern_add_color_stop_rgba(glow, 0, c.r, c.g, c.b, 0.9 * seen);
    cairo_pattern_add_color_stop_rgba(glow, 0.3, c.r, c.g, c.b, 0.45 * seen);
    cairo_pattern_add_color_stop_rgba(glow, 0.6, c.r, c.g, c.b, 0.12 * seen);
    cairo_pattern_add_color_stop_rgba(glow, 1, c.r, c.g, c.b, 0);
    cairo_set_source(cr, glow);
    cairo_set_operator(cr, CAIRO_OPERATOR_ADD); // light adds up: red shows on a red board, too
    cairo_arc(cr, x, y, radius * 4, 0, 2 * G_PI);
    cairo_fill(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    cairo_pattern_destroy(glow);
    cairo_pattern_t *core = cairo_pattern_create_radial(x, y, 0, x, y, radius * 0.75);
    cairo_pattern_add_color_stop_rgba(core, 0, 1, 1, 1, seen);
    cairo_pattern_add_color_stop_rgba(core, 0.45, c.r * 0.35 + 0.65, c.g * 0.35 + 0.65,
                                      c.b * 0.35 + 0.65, seen);
    cairo_pattern_add_color_stop_rgba(core, 1, c.r, c.g, c.b, 0.9 * seen);
    cairo_set_source(cr, core);
    cairo_arc(cr, x, y, radius * 0.75, 0, 2 * G_PI);
    cairo_fill(cr);
    cairo_pattern_destroy(core);
}

static void draw_glow(cairo_t *cr, const widget_t *w)
{
    draw_light(cr, led_color(w->part), w->box.x + w->box.w / 2, w->box.y + w->box.h / 2,
               MAX(w->box.w, w->box.h) / 2, w->shown);
}

static void draw_lamp(cairo_t *cr, const widget_t *w)
{
    rgb_t c = led_color(w->part);
    double x = w->box.x + 24, y = w->box.y + 24;
    set(cr, (rgb_t){c.r * 0.25, c.g * 0.25, c.b * 0.25}, 1);
    cairo_arc(cr, x, y, 12, 0, 2 * G_PI);
    cairo_fill(cr);
    draw_light(cr, c, x, y, 12, w->shown);
    g_autofree char *label = g_strdup_printf("%.0f %%", w->shown * 100);
    text(cr, w->box.x + 64, y + 5, 13, ink, false, label);
}

static void draw_button(cairo_t *cr, const widget_t *w)
{
    if (w->on_card) {
        rect_t cap = {w->box.x, w->box.y + 4, w->box.w, w->box.h - 12};
        rounded(cr, &cap, 8);
        set(cr, w->shown ? accent : faint, w->shown ? 1 : 0.35);
        cairo_fill(cr);
        text(cr, cap.x + 14, cap.y + cap.h / 2 + 5, 13, ink, false,
             w->part->cls->props[w->prop].name);
    } else if (w->shown) {
        rect_t ring = {w->box.x - 3, w->box.y - 3, w->box.w + 6, w->box.h + 6};
        rounded(cr, &ring, 5);
        set(cr, accent, 0.30);
        cairo_fill_preserve(cr);
        set(cr, accent, 1);
        cairo_set_line_width(cr, 2);
        cairo_stroke(cr);
    }
}

static char *value_text(const widget_t *w)
{
    const part_prop_t *p = &w->part->cls->props[w->prop];
    int decimals = p->step >= 1 ? 0 : p->step <= 0 ? fabs(w->shown) < 10 : p->step >= 0.1 ? 1 : 2;
    return g_strdup_printf("%.*f %s", decimals, w->shown, p->unit ? p->unit : "");
}

static void draw_thermometer(cairo_t *cr, const widget_t *w)
{
    const rect_t *b = &w->box;
    double x = b->x + 30, bulb = b->y + b->h - 28, top = b->y + 6;
    rect_t tube = {x - 9, top, 18, bulb - top};
    rounded(cr, &tube, 9);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, bulb, 18, 0, 2 * G_PI);
    set(cr, ink, 0.92);
    cairo_fill(cr);
    double y = widget_position(w, w->shown);
    set(cr, mercury, 1);
    cairo_rectangle(cr, x - 4, y, 8, bulb - y);
    cairo_fill(cr);
    cairo_arc(cr, x, bulb, 13, 0, 2 * G_PI);
    cairo_fill(cr);
    // The handle: a triangle that says "drag me".
    set(cr, accent, 1);
    cairo_move_to(cr, x - 12, y);
    cairo_rel_line_to(cr, -11, -7);
    cairo_rel_line_to(cr, 0, 14);
    cairo_close_path(cr);
    cairo_fill(cr);
    g_autofree char *label = value_text(w);
    text(cr, b->x + 92, b->y + b->h / 2 + 2, 24, ink, true, label);
    text(cr, b->x + 92, b->y + b->h / 2 + 22, 10, faint, false, "drag the thermometer");
}

static void draw_slider(cairo_t *cr, const widget_t *w)
{
    double y = w->box.y + 30, x = widget_position(w, w->shown);
    g_autofree char *value = value_text(w);
    g_autofree char *label = g_strdup_printf("%s  %s", w->part->cls->props[w->prop].name, value);
    text(cr, w->box.x, w->box.y + 14, 12, ink, false, label);
    rect_t track = {w->box.x, y - 3, w->box.w, 6};
    rounded(cr, &track, 3);
    set(cr, faint, 0.5);
    cairo_fill(cr);
    set(cr, accent, 1);
    cairo_arc(cr, x, y, 8, 0, 2 * G_PI);
    cairo_fill(cr);
}

static void draw_plate(cairo_t *cr, double x, double y, double radius)
{
    set(cr, background, 1);
    cairo_arc(cr, x, y, radius, 0, 2 * G_PI);
    cairo_fill_preserve(cr);
    set(cr, faint, 0.7);
    cairo_set_line_width(cr, 2);
    cairo_stroke(cr);
}

// A ball that rolls to where the board hangs down.
static void draw_tilt(cairo_t *cr, const widget_t *w)
{
    double x, y, radius, g[3];
    widget_round(w, &x, &y, &radius);
    for (int i = 0; i < 3; i++)
        g[i] = part_prop_get(w->part, w->prop + i);
    draw_plate(cr, x, y, radius);
    set(cr, faint, 0.35);
    cairo_set_line_width(cr, 1);
    cairo_arc(cr, x, y, radius / 2, 0, 2 * G_PI);
    cairo_stroke(cr);
    cairo_move_to(cr, x - radius, y);
    cairo_line_to(cr, x + radius, y);
    cairo_move_to(cr, x, y - radius);
    cairo_line_to(cr, x, y + radius);
    cairo_stroke(cr);
    double length = MAX(1, hypot(g[0], g[1]));
    cairo_pattern_t *ball = cairo_pattern_create_radial(-4, -4, 1, 0, 0, 11);
    cairo_pattern_add_color_stop_rgb(ball, 0, 0.75, 0.90, 1);
    cairo_pattern_add_color_stop_rgb(ball, 1, accent.r, accent.g, accent.b);
    cairo_save(cr);
    cairo_translate(cr, x + g[0] / length * (radius - 11), y + g[1] / length * (radius - 11));
    cairo_set_source(cr, ball);
    cairo_arc(cr, 0, 0, 11, 0, 2 * G_PI);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_pattern_destroy(ball);
    for (int i = 0; i < 3; i++) {
        g_autofree char *label = g_strdup_printf("%c %5.2f g", 'x' + i, g[i] == 0 ? 0 : g[i]);
        text(cr, x + radius + 10, y - 14 + 18 * i, 12, ink, false, label);
    }
}

static void draw_dial(cairo_t *cr, const widget_t *w)
{
    static const char *const names[] = {"N", "E", "S", "W"};
    double x, y, radius;
    widget_round(w, &x, &y, &radius);
    draw_plate(cr, x, y, radius);
    for (int i = 0; i < 36; i++) {
        double a = i * G_PI / 18, in = i % 9 ? 4 : 8;
        set(cr, faint, i % 9 ? 0.5 : 1);
        cairo_move_to(cr, x + (radius - in) * sin(a), y - (radius - in) * cos(a));
        cairo_line_to(cr, x + (radius - 1) * sin(a), y - (radius - 1) * cos(a));
        cairo_stroke(cr);
        if (i % 9 == 0)
            text(cr, x + (radius - 18) * sin(a) - 4, y - (radius - 18) * cos(a) + 4, 11, faint, true,
                 names[i / 9]);
    }
    double a = w->shown * G_PI / 180, long_side = radius * 0.62;
    for (int half = 0; half < 2; half++) { // where the board's top points, and its other end
        double s = half ? -sin(a) : sin(a), c = half ? -cos(a) : cos(a);
        set(cr, half ? ink : mercury, 1);
        cairo_move_to(cr, x + long_side * s, y - long_side * c);
        cairo_line_to(cr, x + 7 * c, y + 7 * s);
        cairo_line_to(cr, x - 7 * c, y - 7 * s);
        cairo_close_path(cr);
        cairo_fill(cr);
    }
    g_autofree char *label = g_strdup_printf("%.0f\u00b0", w->shown);
    text(cr, x + radius + 12, y + 8, 22, ink, true, label);
}

// A display of digits, over its LEDs in the picture: evenly spread over their box.
static void draw_matrix(cairo_t *cr, const widget_t *w)
{
    g_autofree char *shown = widget_text(w);
    g_auto(GStrv) rows = g_strsplit(g_strchomp(shown), "\n", -1);
    unsigned n = g_strv_length(rows), columns = n ? (unsigned)strlen(rows[0]) : 0;
    double size = n > 1 ? w->box.h / (3.5 * n) : w->box.h / 2;
    for (unsigned r = 0; r < n; r++)
        for (unsigned c = 0; c < columns && rows[r][c]; c++) {
            double seen = (rows[r][c] - '0') / 9.0;
            double x = w->box.x + size * 0.6 +
                       (columns > 1 ? c * (w->box.w - size * 1.2) / (columns - 1) : 0);
            double y = w->box.y + size * 0.97 + (n > 1 ? r * (w->box.h - size * 1.94) / (n - 1) : 0);
            draw_light(cr, led_color(w->part), x, y, size * 0.8, seen * seen);
        }
}

static void draw_lights(cairo_t *cr, const widget_t *w)
{
    g_autofree char *shown = widget_text(w);
    g_auto(GStrv) rows = g_strsplit(g_strchomp(shown), "\n", -1);
    unsigned n = g_strv_length(rows), columns = n > 32 ? 16 : 8;
    double pitch = w->box.w / columns, size = pitch * 0.36;
    for (unsigned i = 0; i < n; i++) {
        unsigned rgb = (unsigned)g_ascii_strtoull(rows[i], NULL, 16);
        rgb_t c = {(rgb >> 16) / 255.0, (rgb >> 8 & 0xFF) / 255.0, (rgb & 0xFF) / 255.0};
        double most = MAX(c.r, MAX(c.g, c.b));
        double x = w->box.x + (i % columns + 0.5) * pitch;
        double y = w->box.y + 16 + (double)(i / columns) * pitch;
        if (y + size > w->box.y + w->box.h)
            break;
        set(cr, background, 1);
        cairo_arc(cr, x, y, size, 0, 2 * G_PI);
        cairo_fill(cr);
        if (most > 0)
            draw_light(cr, (rgb_t){c.r / most, c.g / most, c.b / most}, x, y, size, most);
    }
}

static void draw_value(cairo_t *cr, const widget_t *w)
{
    g_autofree char *value = value_text(w);
    text(cr, w->box.x, w->box.y + 14, 12, faint, false, w->part->cls->props[w->prop].name);
    text(cr, w->box.x, w->box.y + 40, 22, ink, true, value);
}

void scene_draw(scene_t *sc, cairo_surface_t *to)
{
    static void (*const draw[])(cairo_t *, const widget_t *) = {
        [WIDGET_GLOW] = draw_glow,       [WIDGET_LAMP] = draw_lamp,
        [WIDGET_BUTTON] = draw_button,   [WIDGET_THERMOMETER] = draw_thermometer,
        [WIDGET_SLIDER] = draw_slider,   [WIDGET_TILT] = draw_tilt,
        [WIDGET_DIAL] = draw_dial,       [WIDGET_MATRIX] = draw_matrix,
        [WIDGET_LIGHTS] = draw_lights,   [WIDGET_VALUE] = draw_value,
    };
    if (!sc->backdrop)
        make_backdrop(sc);
    cairo_t *cr = cairo_create(to);
    cairo_set_source_surface(cr, sc->backdrop, 0, 0);
    cairo_paint(cr);
    for (guint i = 0; i < sc->widgets->len; i++) {
        const widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        draw[w->kind](cr, w);
    }
    cairo_destroy(cr);
    cairo_surface_flush(to);
}

// ---- PNG ----------------------------------------------------------------------------------------------

// The picture of a part, by its name in the machine or as scenarios name it ("two.display").
static bool part_box(scene_t *sc, const char *name, rect_t *box, GError **error)
{
    if (!name) {
        *box = (rect_t){0, 0, sc->width, sc->height};
        return true;
    }
    part_t *p;
    const session_t *s = session_find_part(sc->session, name, &p);
    for (guint i = 0; s && !p && i < sc->boards->len; i++) {
        const board_view_t *v = &g_array_index(sc->boards, board_view_t, i);
        if (v->session != s)
            continue;
        *box = v->box;
        return true;
    }
    for (guint i = 0; p && i < sc->cards->len; i++) {
        const card_t *c = &g_array_index(sc->cards, card_t, i);
        if (c->part == p) {
            *box = c->box;
            return true;
        }
    }
    for (guint i = 0; p && i < sc->widgets->len; i++) {
        const widget_t *w = &g_array_index(sc->widgets, widget_t, i);
        if (w->part == p) {
            *box = (rect_t){w->box.x - 4, w->box.y - 4, w->box.w + 8, w->box.h + 8};
            return true;
        }
    }
    g_set_error(error, scene_error_quark(), 0, "there is no picture of part '%s'", name);
    return false;
}

static cairo_status_t append(void *to, const unsigned char *bytes, unsigned int n)
{
    g_byte_array_append(to, bytes, n);
    return CAIRO_STATUS_SUCCESS;
}

GBytes *scene_png(scene_t *sc, const char *part, GError **error)
{
    rect_t box;
    if (!part_box(sc, part, &box, error))
        return NULL;
    scene_changed(sc); // latch what is shown
    cairo_surface_t *all = cairo_image_surface_create(CAIRO_FORMAT_RGB24, sc->width, sc->height);
    scene_draw(sc, all);
    cairo_surface_t *cut = cairo_image_surface_create(CAIRO_FORMAT_RGB24, ceil(box.w), ceil(box.h));
    cairo_t *cr = cairo_create(cut);
    cairo_set_source_surface(cr, all, -floor(box.x), -floor(box.y));
    cairo_paint(cr);
    cairo_destroy(cr);
    GByteArray *bytes = g_byte_array_new();
    cairo_status_t status = cairo_surface_write_to_png_stream(cut, append, bytes);
    cairo_surface_destroy(cut);
    cairo_surface_destroy(all);
    if (status != CAIRO_STATUS_SUCCESS) {
        g_set_error(error, scene_error_quark(), 0, "PNG: %s", cairo_status_to_string(status));
        g_byte_array_unref(bytes);
        return NULL;
    }
    return g_byte_array_free_to_bytes(bytes);
}
