// SPDX-License-Identifier: GPL-2.0-or-later
// Unit test of world.c and air.c: machines in lock-step, with talkers that answer each other as fast as
// the air allows; losses, noise, cut carriers; pauses at any time do not change what happens.
#include "soc.h"
#include "world.h"
#include <string.h>

enum { TALKERS = 3 };

static const soc_t no_chip = {.name = "none"};

typedef struct {
    air_port_t port;
    event_t send, notice;
    GString *log;
    GQueue heard;      // of const air_packet_t *
    char name;
    uint64_t ramp_ps;  // from the decision to the first bit
    uint64_t send_ps;  // the decision stands: it sends then; 0 = none
    unsigned answers;  // still to give
    uint64_t tag;
} talker_t;

typedef struct {
    world_t *w;
    GString *log;
    talker_t talkers[TALKERS];
} talk_t;

static uint64_t silent_until(void *ctx, uint64_t now_ps)
{
    const talker_t *t = ctx;
    return t->send_ps ? MAX(now_ps, t->send_ps) : now_ps + t->ramp_ps;
}

static void decide(talker_t *t, uint64_t now_ps)
{
    if (t->send_ps)
        return;
    t->send_ps = now_ps + t->ramp_ps;
    machine_at(t->port.m, &t->send, t->send_ps);
}

static void on_send(void *ctx, uint64_t now_ps)
{
    talker_t *t = ctx;
    air_packet_t p = {.start_ps = now_ps + PS_PER_US, .cut_ps = PS_NEVER, .bit_ps = PS_PER_US,
                      .bits = 80, .mhz = 2400, .tag = ++t->tag, .data = {t->name}};
    t->send_ps = 0;
    air_send(&t->port, &p);
}

// As late as AIR_NOTICE_PS after the decision: what a radio does at the very earliest.
static void on_heard(void *ctx, const air_packet_t *p)
{
    talker_t *t = ctx;
    uint64_t notice = p->start_ps - PS_PER_US + AIR_NOTICE_PS;
    g_assert_cmpuint(machine_now_ps(t->port.m), <, notice); // nothing comes in the past
    g_queue_push_tail(&t->heard, (gpointer)p);
    if (!event_pending(&t->notice))
        machine_at(t->port.m, &t->notice, notice);
}

static void on_notice(void *ctx, uint64_t now_ps)
{
    talker_t *t = ctx;
    const air_packet_t *p = g_queue_pop_head(&t->heard), *next = g_queue_peek_head(&t->heard);
    g_string_append_printf(t->log, "%c<%c@%" G_GUINT64_FORMAT " ", t->name, p->data[0],
                           now_ps / PS_PER_NS);
    if (next)
        machine_at(t->port.m, &t->notice, next->start_ps - PS_PER_US + AIR_NOTICE_PS);
    if (t->answers) {
        t->answers--;
        decide(t, now_ps);
    }
}

static void net_open(talk_t *n, const uint64_t *ramps_us)
{
    memset(n, 0, sizeof *n);
    n->w = world_new();
    n->log = g_string_new(NULL);
    for (unsigned i = 0; i < TALKERS; i++) {
        g_autoptr(GError) error = NULL;
        talker_t *t = &n->talkers[i];
        machine_t *m = machine_new(&no_chip, 1, &error);
        g_assert_no_error(error);
        world_add(n->w, m);
        t->port = (air_port_t){.m = m, .silent_until = silent_until, .heard = on_heard, .ctx = t};
        t->name = (char)('a' + i);
        t->log = g_string_new(NULL);
        t->ramp_ps = ramps_us[i] * PS_PER_US;
        t->answers = 40;
        event_init(&t->send, "send", on_send, t);
        event_init(&t->notice, "notice", on_notice, t);
        air_join(m->air, &t->port);
        g_assert_true(machine_start(m, &error));
    }
}

static char *net_close(talk_t *n)
{
    GString *all = g_string_new(NULL);
    for (unsigned i = 0; i < TALKERS; i++) {
        g_string_append(all, n->talkers[i].log->str);
        g_string_free(n->talkers[i].log, TRUE);
        g_queue_clear(&n->talkers[i].heard);
    }
    world_free(n->w);
    g_string_free(n->log, TRUE);
    return g_string_free(all, FALSE);
}

static const uint64_t quick[TALKERS] = {0, 1, 3}, slow[TALKERS] = {140, 139, 0};

static char *conversation(const uint64_t *ramps_us, GRand *rand)
{
    talk_t n;
    net_open(&n, ramps_us);
    decide(&n.talkers[0], PS_PER_US);
    const uint64_t end = 10 * PS_PER_MS;
    for (uint64_t now = 0; now < end;) {
        now = rand ? now + g_rand_int_range(rand, 1, 30000000) : end;
        now = MIN(now, end);
        g_assert_cmpint(world_run(n.w, now, NULL), ==, MACHINE_TIME);
        g_assert_cmpuint(world_now_ps(n.w), ==, now);
    }
    return net_close(&n);
}

// Wherever it is paused, the same is heard at the same times.
static void test_slices(void)
{
    g_autofree char *whole = conversation(quick, NULL), *other = conversation(slow, NULL);
    g_assert_nonnull(strstr(whole, "b<a@5000 "));
    g_assert_nonnull(strstr(whole, "c<a@5000 c<b@10000 "));
    g_assert_cmpuint(strlen(whole), >, 500);
    g_assert_cmpstr(whole, !=, other);
    for (unsigned seed = 1; seed <= 20; seed++) {
        GRand *rand = g_rand_new_with_seed(seed);
        g_autofree char *a = conversation(quick, rand), *b = conversation(slow, rand);
        g_assert_cmpstr(a, ==, whole);
        g_assert_cmpstr(b, ==, other);
        g_rand_free(rand);
    }
}

static void stop_here(void *ctx, uint64_t now_ps) { machine_pause(ctx); }

// One pauses: exactly there, and all others have reached that time when the run returns.
static void test_pause(void)
{
    talk_t n;
    machine_t *which = NULL;
    event_t e = {0};
    net_open(&n, slow);
    event_init(&e, "pause", stop_here, n.talkers[1].port.m);
    machine_at(n.talkers[1].port.m, &e, 5001 * PS_PER_NS);
    g_assert_cmpint(world_run(n.w, PS_PER_MS, &which), ==, MACHINE_PAUSE);
    g_assert_true(which == n.talkers[1].port.m);
    g_assert_cmpuint(world_now_ps(n.w), ==, 5001 * PS_PER_NS);
    g_assert_cmpint(world_run(n.w, PS_PER_MS, &which), ==, MACHINE_TIME);
    g_assert_cmpuint(world_now_ps(n.w), ==, PS_PER_MS);
    g_assert_true(world_asleep(n.w));
    g_free(net_close(&n));
}

// ---- The air alone ------------------------------------------------------------------------------

static const air_packet_t *last_heard;
static void remember(void *ctx, const air_packet_t *p) { last_heard = p; }
static uint64_t never(void *ctx, uint64_t now_ps) { return PS_NEVER; }

typedef struct {
    air_t *air;
    machine_t *m[TALKERS];
    air_port_t ports[TALKERS];
} room_t;

static void room_open(room_t *r)
{
    *r = (room_t){.air = air_new()};
    for (unsigned i = 0; i < TALKERS; i++) {
        r->m[i] = machine_new(&no_chip, 1, NULL);
        r->ports[i] = (air_port_t){.m = r->m[i], .silent_until = never, .heard = remember};
        air_join(r->air, &r->ports[i]);
    }
    last_heard = NULL;
}

static void room_close(room_t *r)
{
    for (unsigned i = 0; i < TALKERS; i++)
        machine_free(r->m[i]);
    air_free(r->air);
}

static air_packet_t ones(uint64_t start_ps, uint16_t mhz, int8_t dbm)
{
    air_packet_t p = {.start_ps = start_ps, .cut_ps = PS_NEVER, .bit_ps = PS_PER_US, .bits = 800,
                      .mhz = mhz, .dbm = dbm, .tag = start_ps};
    memset(p.data, 0xFF, sizeof p.data);
    return p;
}

static unsigned zeros(const air_port_t *at, const air_packet_t *p, unsigned from, unsigned to)
{
    unsigned n = 0;
    for (unsigned i = from; i < to; i++)
        n += !air_bit(at, p, i, 10);
    return n;
}

// A second sender on the carrier spoils the bits that it covers, unless it is much weaker.
static void test_collision(void)
{
    room_t r;
    room_open(&r);
    air_packet_t a = ones(0, 2407, 0), b = ones(300 * PS_PER_US, 2407, 0);
    air_send(&r.ports[0], &a);
    air_deliver(r.air);
    const air_packet_t *p = last_heard;
    g_assert_nonnull(p);
    g_assert_cmpuint(zeros(&r.ports[2], p, 0, 800), ==, 0);
    b.bits = 200;
    air_send(&r.ports[1], &b);
    air_deliver(r.air);
    g_assert_cmpuint(zeros(&r.ports[2], p, 0, 300), ==, 0);
    g_assert_cmpuint(zeros(&r.ports[2], p, 300, 500), >, 50);
    g_assert_cmpuint(zeros(&r.ports[2], p, 500, 800), ==, 0);
    g_assert_cmpuint(zeros(&r.ports[1], p, 0, 800), ==, 0); // its own sender does not count
    g_assert_cmpfloat(air_strongest_dbm(&r.ports[2], 2407, 400 * PS_PER_US), ==, 0);
    g_assert_cmpfloat(air_strongest_dbm(&r.ports[2], 2407, 801 * PS_PER_US), ==, AIR_SILENCE_DBM);
    g_assert_cmpfloat(air_strongest_dbm(&r.ports[2], 2408, 400 * PS_PER_US), ==, AIR_SILENCE_DBM);
    room_close(&r);

    room_open(&r);
    r.ports[1].loss_db = 30;
    air_send(&r.ports[0], &a);
    air_send(&r.ports[1], &b);
    air_deliver(r.air);
    g_assert_true(last_heard->from == &r.ports[1]); // in the order of their starts
    g_assert_cmpuint(last_heard->number, ==, 2);
    g_assert_cmpuint(zeros(&r.ports[2], last_heard, 0, 200), >, 50); // the weak one is drowned ...
    g_assert_cmpfloat(air_level_dbm(&r.ports[2], last_heard), ==, -30);
    room_close(&r);
}

// After the carrier is gone there is noise; a cut in the same slice counts as well.
static void test_cut(void)
{
    for (unsigned later = 0; later < 2; later++) {
        room_t r;
        room_open(&r);
        air_packet_t a = ones(0, 2407, 0);
        air_send(&r.ports[0], &a);
        if (later)
            air_deliver(r.air);
        air_cut(&r.ports[0], a.tag, 250 * PS_PER_US);
        air_deliver(r.air);
        g_assert_cmpuint(air_end_ps(last_heard), ==, 250 * PS_PER_US);
        g_assert_cmpuint(zeros(&r.ports[1], last_heard, 0, 250), ==, 0);
        g_assert_cmpuint(zeros(&r.ports[1], last_heard, 250, 800), >, 150);
        room_close(&r);
    }
}

// Packets of long ago are forgotten, and a port that nobody else hears may send as well.
static void test_many(void)
{
    room_t r;
    room_open(&r);
    for (uint64_t i = 0; i < 1000; i++) {
        air_packet_t a = ones(i * PS_PER_MS, 2407, 0);
        air_send(&r.ports[i % TALKERS], &a);
        air_deliver(r.air);
        g_assert_cmpuint(last_heard->number, ==, i + 1);
        g_assert_cmpuint(zeros(&r.ports[(i + 1) % TALKERS], last_heard, 0, 800), ==, 0);
    }
    air_port_t alone = {.m = r.m[0]};
    air_packet_t a = ones(0, 2407, 0);
    air_join(NULL, &alone);
    air_send(&alone, &a);
    air_cut(&alone, a.tag, 0);
    g_assert_cmpfloat(air_strongest_dbm(&alone, 2407, 0), ==, AIR_SILENCE_DBM);
    room_close(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/world/slices", test_slices);
    g_test_add_func("/world/pause", test_pause);
    g_test_add_func("/air/collision", test_collision);
    g_test_add_func("/air/cut", test_cut);
    g_test_add_func("/air/many", test_many);
    return g_test_run();
}
