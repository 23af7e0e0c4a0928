// SPDX-License-Identifier: GPL-2.0-or-later
// Auto-reset circuit: all states of DTR and RTS, the way of a computer into the boot loader.
#include "../stand.h"
#include "serial.h"

typedef struct {
    stand_t *r;
    pin_t *dtr, *rts, *en, *io0;
} rig_t;

static void rig_open(rig_t *g)
{
    g->r = stand_new();
    stand_part(g->r, "auto-reset", "auto", NULL);
    pin_t **const pins[] = {&g->dtr, &g->rts, &g->en, &g->io0};
    static const char *const names[] = {"DTR", "RTS", "EN", "IO0"};
    for (unsigned i = 0; i < 4; i++) {
        g_autofree char *probe = g_strdup_printf("probe:%s", names[i]);
        g_autofree char *pin = g_strdup_printf("auto:%s", names[i]);
        *pins[i] = stand_pin(g->r, probe);
        stand_wire(g->r, probe, pin);
        pin_drive(*pins[i], DRIVE_PULL, 3300); // what is on the board
    }
    stand_start(g->r);
}

// Lines of the computer, asserted or not; then the levels of EN and IO0.
static void expect(rig_t *g, bool dtr, bool rts, bool en, bool io0)
{
    pin_set(g->dtr, !dtr);
    pin_set(g->rts, !rts);
    g_assert_cmpint(pin_level(g->en), ==, en);
    g_assert_cmpint(pin_level(g->io0), ==, io0);
}

static void states(void)
{
    rig_t g;
    rig_open(&g);
    g_assert_true(pin_level(g.en) && pin_level(g.io0));
    expect(&g, false, false, true, true);
    expect(&g, true, false, true, false);
    expect(&g, true, true, true, true); // a program that opens the port: no reset
    expect(&g, false, true, false, true);
    expect(&g, false, false, true, true);
    stand_free(g.r);
}

static void saw_release(void *ctx, net_t *net, bool level, uint64_t ps)
{
    rig_t *g = ctx;
    if (level)
        g_assert_false(pin_level(g->io0)); // low before the chip wakes and looks at it
}

static void into_the_boot_loader(void)
{
    rig_t g;
    rig_open(&g);
    expect(&g, false, true, false, true); // reset
    net_watch(g.en->net, saw_release, &g);
    expect(&g, true, true, false, true); // on the way
    stand_run(g.r, 500 * PS_PER_MS);     // slow, or far away
    g_assert_false(pin_level(g.en));
    expect(&g, true, false, true, false);
    net_unwatch(g.en->net, saw_release, &g);
    expect(&g, false, false, true, true);
    stand_free(g.r);
}

static void count_resets(void *ctx, net_t *net, bool level, uint64_t ps) { *(int *)ctx += !level; }

// A program opens the port and goes away: both lines at once, and no reset of it.
static void both_at_once(void)
{
    static const struct {
        uint32_t lines;
        int resets;
    } steps[] = {{SERIAL_DTR | SERIAL_RTS, 0}, {0, 0}, {SERIAL_RTS, 1}, {SERIAL_DTR, 1}, {SERIAL_RTS, 2},
                 {SERIAL_DTR | SERIAL_RTS, 2}, {0, 2}};
    stand_t *r = stand_new();
    part_t *s = stand_part(r, "serial-monitor", "s", NULL);
    part_t *a = stand_part(r, "auto-reset", "auto", NULL);
    stand_wire(r, "s:DTR", "auto:DTR");
    stand_wire(r, "s:RTS", "auto:RTS");
    stand_wire(r, "probe:EN", "auto:EN");
    stand_start(r);
    pin_drive(stand_pin(r, "probe:EN"), DRIVE_PULL, 3300);
    int resets = 0;
    net_watch(part_pin(a, "EN")->net, count_resets, &resets);
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        serial_control(s, (serial_control_t){SERIAL_LINES, steps[i].lines});
        stand_run(r, 20 * PS_PER_MS);
        g_assert_cmpint(resets, ==, steps[i].resets);
    }
    g_assert_true(pin_level(part_pin(a, "EN")));
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/auto-reset/states", states);
    g_test_add_func("/auto-reset/into-the-boot-loader", into_the_boot_loader);
    g_test_add_func("/auto-reset/both-at-once", both_at_once);
    return g_test_run();
}
