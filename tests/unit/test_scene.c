// SPDX-License-Identifier: GPL-2.0-or-later
// The scene's cards: where controls lie, and what a pointer there sets. No drawing but for one
// picture.
#include "session.h"
#include "ui/scene.h"
#include <glib/gstdio.h>
#include <math.h>

typedef struct {
    char *dir, *diagram, *image;
    session_t *s;
    scene_t *scene;
} stage_t;

// A pyboard whose program is nothing but a vector table, with parts in the given JSON rows.
static stage_t stage_new(const char *parts)
{
    static const uint32_t nothing[] = {0x20001000, 0x08000009, 0xE7FEE7FE};
    g_autoptr(GError) error = NULL;
    stage_t st = {.dir = g_dir_make_tmp("scene-XXXXXX", &error)};
    st.diagram = g_build_filename(st.dir, "diagram.json", NULL);
    st.image = g_build_filename(st.dir, "nothing.bin", NULL);
    g_autofree char *text =
        g_strdup_printf("{\"version\": 1, \"parts\": [{\"id\": \"pyb\", \"type\": "
                        "\"board-pyboard\"}, %s], \"connections\": []}",
                        parts);
    g_file_set_contents(st.diagram, text, -1, &error);
    g_file_set_contents(st.image, (const char *)nothing, sizeof nothing, &error);
    session_options_t o = {.target = st.diagram, .firmware = st.image, .seed = 1};
    st.s = session_open(&o, &error);
    g_assert_no_error(error);
    st.scene = scene_new(st.s, &error);
    g_assert_no_error(error);
    return st;
}

static void stage_free(stage_t *st)
{
    scene_free(st->scene);
    session_close(st->s);
    g_unlink(st->diagram);
    g_unlink(st->image);
    g_rmdir(st->dir);
    g_free(st->diagram);
    g_free(st->image);
    g_free(st->dir);
}

static double get(stage_t *st, const char *part, const char *prop)
{
    part_t *p = machine_part(st->s->m, part);
    return part_prop_get(p, part_prop_find(p, prop));
}

// Presses where `value` is drawn.
static void press(stage_t *st, const char *part, const char *prop, double value, double within)
{
    double x, y;
    g_assert_true(scene_find(st->scene, part, prop, value, &x, &y));
    g_assert_true(scene_pointer_down(st->scene, x, y));
    scene_pointer_up(st->scene);
    g_assert_cmpfloat_with_epsilon(get(st, part, prop), value, within);
}

// A thermometer and a slider share a card, and neither takes the other's pointer.
static void two_quantities(void)
{
    static const double celsius[] = {-40, -0.5, 24, 80}, humidity[] = {0, 33.3, 100};
    stage_t st = stage_new(
        "{\"id\": \"air\", \"type\": \"wokwi-dht22\", \"attrs\": {\"humidity\": \"50\"}}");
    for (unsigned i = 0; i < G_N_ELEMENTS(celsius); i++) {
        press(&st, "air", "celsius", celsius[i], 0.11);
        g_assert_cmpfloat(get(&st, "air", "humidity"), ==, 50);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(humidity); i++) {
        press(&st, "air", "humidity", humidity[i], 0.11);
        g_assert_cmpfloat_with_epsilon(get(&st, "air", "celsius"), 80, 0.11);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) png = scene_png(st.scene, "air", &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(png, NULL), 4, "\x89PNG", 4);
    stage_free(&st);
}

// A thermometer alone has the whole height.
static void one_quantity(void)
{
    stage_t st =
        stage_new("{\"id\": \"a\", \"type\": \"ds18b20\"}, {\"id\": \"b\", \"type\": \"dht22\"}");
    double x, top, bottom, small_top, small_bottom;
    scene_find(st.scene, "a", "celsius", 125, &x, &top);
    scene_find(st.scene, "a", "celsius", -55, &x, &bottom);
    scene_find(st.scene, "b", "celsius", 80, &x, &small_top);
    scene_find(st.scene, "b", "celsius", -40, &x, &small_bottom);
    g_assert_cmpfloat(bottom - top, ==, 142);
    g_assert_cmpfloat(small_bottom - small_top, ==, 110);
    press(&st, "a", "celsius", 60, 0.7);
    stage_free(&st);
}

// Each factor of ten takes the same way.
static void logarithmic(void)
{
    stage_t st = stage_new("{\"id\": \"light\", \"type\": \"wokwi-photoresistor-sensor\"}");
    double x1, x10, x100, y;
    scene_find(st.scene, "light", "lux", 1, &x1, &y);
    scene_find(st.scene, "light", "lux", 10, &x10, &y);
    scene_find(st.scene, "light", "lux", 100, &x100, &y);
    g_assert_cmpfloat_with_epsilon(x10 - x1, x100 - x10, 1e-9);
    for (double lux = 0.1; lux < 60000; lux *= 7)
        press(&st, "light", "lux", lux, lux / 15);
    stage_free(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scene/two-quantities", two_quantities);
    g_test_add_func("/scene/one-quantity", one_quantity);
    g_test_add_func("/scene/logarithmic", logarithmic);
    return g_test_run();
}
