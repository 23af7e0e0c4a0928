// SPDX-License-Identifier: GPL-2.0-or-later
// Nets: strengths, hysteresis, contention, links, watchers, pads; and what a toggle costs.
#include "../stand.h"

static void strongest_wins(void)
{
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a"), *b = stand_pin(r, "probe:b"), *c = stand_pin(r, "probe:c");
    stand_wire(r, "probe:a", "probe:b");
    stand_wire(r, "probe:c", "probe:b");
    g_assert_true(a->net == c->net);
    g_assert_cmpstr(b->net->name, ==, "probe:c");
    g_assert_cmpint(pin_mv(a), ==, 0);
    g_assert_true(isinf(pin_ohms(a)));
    pin_drive(a, DRIVE_PULL, 3300);
    g_assert_true(pin_level(b));
    g_assert_cmpfloat(pin_ohms(b), ==, NET_PULL_OHMS);
    pin_drive(b, DRIVE_SOURCE, 1234);
    g_assert_cmpint(pin_mv(c), ==, 1234);
    pin_set(c, false);
    g_assert_cmpint(pin_mv(a), ==, 0);
    g_assert_cmpint(a->net->strength, ==, DRIVE_STRONG);
    pin_release(c);
    g_assert_cmpint(pin_mv(a), ==, 1234);
    pin_release(b);
    g_assert_cmpint(pin_mv(a), ==, 3300);
    pin_release(a); // keeps its charge
    g_assert_cmpint(pin_mv(a), ==, 3300);
    g_assert_cmpint(a->net->strength, ==, DRIVE_NONE);
    g_assert_cmpuint(r->reports->len, ==, 0);
    stand_free(r);
}

static void hysteresis(void)
{
    static const struct {
        int mv;
        bool level;
    } rows[] = {{0, false},   {2310, false}, {2311, true}, {1650, true},
                {990, true},  {989, false},  {1650, false}, {2310, false}, {3300, true}};
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        pin_drive(a, DRIVE_SOURCE, rows[i].mv);
        g_assert_cmpint(pin_level(a), ==, rows[i].level);
    }
    stand_free(r);
}

static void contention(void)
{
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a"), *b = stand_pin(r, "probe:b");
    stand_wire(r, "probe:a", "probe:b");
    stand_start(r);
    pin_set(a, true);
    pin_set(b, false);
    g_assert_cmpint(pin_mv(a), ==, 1650);
    g_assert_true(a->net->contention);
    pin_release(b); // a hand-over within the same instant is no news
    stand_run(r, PS_PER_US);
    g_assert_cmpuint(r->reports->len, ==, 0);
    for (int i = 0; i < 3; i++) {
        pin_set(b, false);
        stand_run(r, PS_PER_US);
        pin_release(b);
        stand_run(r, PS_PER_US);
        g_assert_cmpuint(r->reports->len, ==, 1);
    }
    g_assert_cmpstr(r->reports->pdata[0], ==,
                    "short circuit: probe:a drives 3300 mV against probe:b at 0 mV");
    g_assert_false(a->net->contention);
    stand_free(r);
}

// R ohms from 3.3 V to x, 2 R from x to y, R from y to ground: 3/4 and 1/4 of the voltage.
static void divider(void)
{
    stand_t *r = stand_new();
    pin_t *top = stand_pin(r, "probe:top"), *bottom = stand_pin(r, "probe:bottom");
    pin_t *x = stand_pin(r, "probe:x"), *y = stand_pin(r, "probe:y");
    stand_part(r, "resistor", "r1", "value=1000");
    stand_part(r, "wokwi-resistor", "r2", "value=2000");
    stand_part(r, "resistor", "r3", "value=1000");
    stand_wire(r, "probe:top", "r1:1");
    stand_wire(r, "probe:x", "r1:2");
    stand_wire(r, "probe:x", "r2:1");
    stand_wire(r, "probe:y", "r2:2");
    stand_wire(r, "probe:y", "r3:1");
    stand_wire(r, "probe:bottom", "r3:2");
    stand_start(r);
    g_assert_true(isinf(pin_ohms(x)));
    pin_set(top, true);
    g_assert_cmpint(pin_mv(x), ==, 3300); // no way down yet
    g_assert_cmpint(pin_mv(bottom), ==, 3300);
    g_assert_cmpfloat_with_epsilon(pin_ohms(bottom), 4000, 1e-6);
    pin_set(bottom, false);
    g_assert_cmpint(pin_mv(x), ==, 2475);
    g_assert_cmpint(pin_mv(y), ==, 825);
    g_assert_cmpfloat_with_epsilon(pin_ohms(x), 750, 1e-6); // 1000 parallel 3000
    g_assert_cmpint(x->net->strength, ==, DRIVE_PULL);
    pin_set(x, false); // beats the network
    g_assert_cmpint(pin_mv(x), ==, 0);
    g_assert_cmpint(pin_mv(y), ==, 0);
    pin_release(x);
    g_assert_cmpint(pin_mv(y), ==, 825);
    pin_set(top, false);
    g_assert_cmpint(pin_mv(x), ==, 0);
    g_assert_cmpuint(r->reports->len, ==, 0);
    stand_free(r);
}

static void short_through_contact(void)
{
    stand_t *r = stand_new();
    part_t *button = stand_part(r, "pushbutton", "b", "bounce=0");
    stand_wire(r, "probe:a", "b:1.l");
    stand_wire(r, "probe:b", "b:2.r");
    stand_start(r);
    pin_set(stand_pin(r, "probe:a"), true);
    pin_set(stand_pin(r, "probe:b"), false);
    stand_run(r, PS_PER_US);
    g_assert_cmpuint(r->reports->len, ==, 0);
    stand_set(button, "pressed", 1);
    stand_run(r, PS_PER_US);
    g_assert_cmpuint(r->reports->len, ==, 1);
    g_assert_nonnull(strstr(r->reports->pdata[0], "short circuit: a closed contact"));
    stand_free(r);
}

// More unknown nets in one network than can be solved: told, and no crash.
static void large_network(void)
{
    stand_t *r = stand_new();
    for (int i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("r%d", i), *left = g_strdup_printf("r%d:1", i);
        g_autofree char *last = g_strdup_printf("r%d:2", i - 1);
        stand_part(r, "resistor", name, NULL);
        stand_wire(r, i ? last : "probe:top", left);
    }
    pin_set(stand_pin(r, "probe:top"), true);
    g_assert_cmpint(pin_mv(stand_pin(r, "r0:2")), ==, 3300);
    g_assert_cmpuint(r->reports->len, >=, 1);
    stand_free(r);
}

typedef struct {
    uint64_t ps[8];
    bool level[8];
    unsigned n;
} log_t;

static void log_edge(void *ctx, net_t *net, bool level, uint64_t ps)
{
    log_t *log = ctx;
    log->ps[log->n] = ps;
    log->level[log->n++ % 8] = level;
}

static void watchers(void)
{
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a");
    log_t log = {.n = 0};
    g_assert_false(net_watched(a->net));
    a->edges = true;
    g_assert_true(net_watched(a->net));
    a->edges = false;
    net_watch(a->net, log_edge, &log);
    g_assert_true(net_watched(a->net));
    stand_start(r);
    pin_set(a, true);
    pin_drive(a, DRIVE_STRONG, 3200); // no change of level
    stand_run(r, 500);
    pin_set(a, false);
    net_draw(a->net, true, 100);
    g_assert_cmpuint(log.n, ==, 3);
    g_assert_true(log.level[0] && !log.level[1] && log.level[2]);
    g_assert_cmpuint(log.ps[1], ==, 500);
    g_assert_cmpuint(log.ps[2], ==, 100);
    net_unwatch(a->net, log_edge, &log);
    pin_set(a, true);
    g_assert_cmpuint(log.n, ==, 3);
    stand_free(r);
}

// A pin that answers from its call-back: watchers see both changes, in order.
static void answer(void *ctx, pin_t *pin)
{
    if (pin_level(pin))
        pin_drive(pin, DRIVE_STRONG, 0);
}

static void answer_from_callback(void)
{
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a"), *b = stand_pin(r, "probe:b");
    stand_wire(r, "probe:a", "probe:b");
    log_t log = {.n = 0};
    net_watch(a->net, log_edge, &log);
    b->changed = answer;
    pin_drive(a, DRIVE_PULL, 3300);
    g_assert_false(pin_level(a));
    g_assert_cmpuint(log.n, ==, 2);
    g_assert_true(log.level[0] && !log.level[1]);
    stand_free(r);
}

static void pad_output(void *gpio, int index, pad_t *pad)
{
    g_assert_cmpint(index, ==, 7);
    pin_set(gpio, pad->level);
}

static void pad_changed(void *ctx, pad_t *pad, bool level) { *(int *)ctx = level; }

static void pads(void)
{
    stand_t *r = stand_new();
    pin_t *a = stand_pin(r, "probe:a");
    int input = -1;
    pad_t *pad = machine_pad(r->m, "usart1.tx");
    pad->input = pad_changed;
    pad->ctx = &input;
    pad->idle = true;
    pad_drive(pad, true, false); // goes nowhere
    g_assert_true(pad_level(pad));
    pad_route(pad, a, pad_output, a, 7);
    g_assert_cmpint(input, ==, 0);
    pad_drive(pad, true, true);
    g_assert_true(pin_level(a) && pad_level(pad));
    pin_set(a, false);
    pad_input(pad);
    g_assert_cmpint(input, ==, 0);
    pad_route(pad, NULL, NULL, NULL, 0);
    g_assert_cmpint(input, ==, 1);
    stand_free(r);
}

// Printed, not judged: tests never depend on the host's time.
static void cost_of_a_toggle(void)
{
    stand_t *r = stand_new();
    stand_wire(r, "probe:a", "probe:b");
    pin_t *a = stand_pin(r, "probe:a");
    GTimer *timer = g_timer_new();
    int n = 2000000;
    for (int i = 0; i < n; i++)
        pin_set(a, i & 1);
    g_test_message("%.1f ns a toggle", g_timer_elapsed(timer, NULL) * 1e9 / n);
    g_timer_destroy(timer);
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/strongest-wins", strongest_wins);
    g_test_add_func("/net/hysteresis", hysteresis);
    g_test_add_func("/net/contention", contention);
    g_test_add_func("/net/divider", divider);
    g_test_add_func("/net/short-through-contact", short_through_contact);
    g_test_add_func("/net/large-network", large_network);
    g_test_add_func("/net/watchers", watchers);
    g_test_add_func("/net/answer-from-callback", answer_from_callback);
    g_test_add_func("/net/pads", pads);
    g_test_add_func("/net/cost-of-a-toggle", cost_of_a_toggle);
    return g_test_run();
}
