// SPDX-License-Identifier: GPL-2.0-or-later
// DHT22 and DHT11: the times of the answer, values, sum, the interval between measurements, starts
// that are too short, supply.
#include "../stand.h"
#include <string.h>

#define US PS_PER_US
#define MS PS_PER_MS

typedef struct {
    stand_t *r;
    part_t *part;
    pin_t *sda, *vcc;
} dht_t;

static dht_t dht_new(const char *cls, const char *attrs)
{
    dht_t t = {.r = stand_new()};
    t.part = stand_part(t.r, cls, "d", attrs);
    t.sda = stand_pin(t.r, "probe:sda");
    t.vcc = stand_pin(t.r, "probe:vcc");
    stand_wire(t.r, "probe:sda", "d:SDA");
    stand_wire(t.r, "probe:vcc", "d:VCC");
    stand_wire(t.r, "probe:gnd", "d:GND");
    stand_start(t.r);
    pin_set(stand_pin(t.r, "probe:gnd"), false);
    pin_set(t.vcc, true);
    stand_run(t.r, PS_PER_S);
    return t;
}

static void ask(dht_t *t, uint64_t ps)
{
    pin_set(t->sda, false);
    stand_run(t->r, ps);
    pin_release(t->sda);
}

// The wire is at `level` until `ps` from now, to the picosecond, and then is not.
static void stays(dht_t *t, bool level, uint64_t ps)
{
    g_assert_cmpint(pin_level(t->sda), ==, level);
    stand_run(t->r, ps - 1);
    g_assert_cmpint(pin_level(t->sda), ==, level);
    stand_run(t->r, 1);
    g_assert_cmpint(pin_level(t->sda), ==, !level);
}

// The whole answer, each edge at its time; a high that is not 26 us long must be 70.
static void answer(dht_t *t, uint8_t data[5])
{
    stays(t, true, 30 * US);
    stays(t, false, 80 * US);
    stays(t, true, 80 * US);
    memset(data, 0, 5);
    for (unsigned i = 0; i < 40; i++) {
        stays(t, false, 50 * US);
        stand_run(t->r, 26 * US - 1);
        g_assert_true(pin_level(t->sda));
        stand_run(t->r, 1);
        bool one = pin_level(t->sda);
        if (one)
            stays(t, true, 44 * US);
        data[i / 8] |= (uint8_t)(one << (7 - i % 8));
    }
    stays(t, false, 50 * US);
    stand_run(t->r, MS);
    g_assert_true(pin_level(t->sda));
    g_assert_cmpuint(t->r->m->events.count, ==, 0);
}

static void expect(dht_t *t, uint64_t start_ps, const uint8_t expected[4])
{
    uint8_t data[5];
    ask(t, start_ps);
    answer(t, data);
    g_assert_cmpmem(data, 4, expected, 4);
    g_assert_cmphex(data[4], ==, (data[0] + data[1] + data[2] + data[3]) & 0xFF);
}

static void set(dht_t *t, double celsius, double humidity)
{
    stand_set(t->part, "temperature", celsius);
    stand_set(t->part, "humidity", humidity);
    stand_run(t->r, 2 * PS_PER_S);
}

static void values(void)
{
    static const struct {
        double celsius, humidity;
        uint8_t data[4];
    } rows[] = {
        {24, 40, {0x01, 0x90, 0x00, 0xF0}},
        {35.1, 65.2, {0x02, 0x8C, 0x01, 0x5F}}, // the data sheet's
        {-10.1, 65.2, {0x02, 0x8C, 0x80, 0x65}},
        {-40, 0, {0, 0, 0x81, 0x90}},
        {80, 100, {0x03, 0xE8, 0x03, 0x20}},
        {-0.04, 50, {0x01, 0xF4, 0, 0}},
    };
    dht_t t = dht_new("dht22", NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (i) // the first row is what it begins with
            set(&t, rows[i].celsius, rows[i].humidity);
        expect(&t, MS, rows[i].data);
    }
    g_assert_cmpuint(t.r->reports->len, ==, 0);
    stand_free(t.r);
}

static void dht11_values(void)
{
    static const char *const classes[] = {"dht11", "wokwi-dht22"};
    for (unsigned i = 0; i < 2; i++) { // as a diagram names its type, or by attribute
        dht_t t = dht_new(classes[i], i ? "model=DHT11" : "type=dht11");
        expect(&t, 18 * MS, (uint8_t[]){40, 0, 24, 0});
        set(&t, 33.6, 70.4);
        expect(&t, 18 * MS, (uint8_t[]){70, 0, 34, 0});
        set(&t, -20, 5); // outside of what it can
        expect(&t, 18 * MS, (uint8_t[]){20, 0, 0, 0});
        stand_free(t.r);
    }
}

// Within two seconds of a measurement comes the same again.
static void interval(void)
{
    uint8_t data[5];
    dht_t t = dht_new("dht22", "celsius=20");
    ask(&t, MS);
    uint64_t measured = machine_now_ps(t.r->m);
    answer(&t, data);
    g_assert_cmphex(data[3], ==, 200);
    stand_set(t.part, "celsius", 25);
    ask(&t, measured + 2 * PS_PER_S - 1 - machine_now_ps(t.r->m));
    answer(&t, data);
    g_assert_cmphex(data[3], ==, 200);
    ask(&t, MS);
    answer(&t, data);
    g_assert_cmphex(data[3], ==, 250);
    stand_free(t.r);
}

static void short_starts(void)
{
    dht_t t = dht_new("dht22", NULL);
    uint8_t data[5];
    ask(&t, 800 * US - 1);
    stand_run(t.r, 30 * US);
    g_assert_true(pin_level(t.sda));
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==, "d: a start of 0.80 ms is shorter than 0.8 ms");
    ask(&t, 800 * US);
    answer(&t, data);
    stand_free(t.r);
    t = dht_new("dht11", "model=dht11");
    ask(&t, 18 * MS - 1);
    stand_run(t.r, 30 * US);
    g_assert_true(pin_level(t.sda));
    stand_free(t.r);
}

static void bad_sum(void)
{
    uint8_t data[5];
    dht_t t = dht_new("dht22", "badChecksum=1");
    ask(&t, MS);
    answer(&t, data);
    g_assert_cmphex(data[4], ==, ((data[0] + data[1] + data[2] + data[3]) & 0xFF) + 1);
    stand_free(t.r);
}

// A host that holds the wire down while the sensor sends: both pull, and there is no second answer.
static void held_down(void)
{
    dht_t t = dht_new("dht22", NULL);
    ask(&t, MS);
    stand_run(t.r, MS);
    pin_set(t.sda, false);
    stand_run(t.r, 10 * MS);
    pin_release(t.sda);
    g_assert_true(pin_level(t.sda));
    uint64_t asked = machine_now_ps(t.r->m); // that was long enough for a start of its own
    stand_run(t.r, 30 * US);
    g_assert_false(pin_level(t.sda));
    g_assert_cmpuint(machine_now_ps(t.r->m), ==, asked + 30 * US);
    stand_free(t.r);
}

static void supply(void)
{
    uint8_t data[5];
    dht_t t = dht_new("dht22", NULL);
    pin_release(t.vcc);
    stand_run(t.r, MS);
    pin_drive(t.sda, DRIVE_PULL, NET_VDD_MV);
    ask(&t, MS);
    stand_run(t.r, 30 * US);
    g_assert_cmpuint(t.r->reports->len, ==, 1);
    g_assert_cmpstr(t.r->reports->pdata[0], ==, "d is asked, but has no supply at VCC and GND");
    pin_set(t.vcc, true);
    stand_run(t.r, 10 * MS);
    ask(&t, MS); // it answers, but so early it should not be asked
    answer(&t, data);
    g_assert_cmpuint(t.r->reports->len, ==, 2);
    g_assert_cmpstr(t.r->reports->pdata[1], ==,
                    "d is asked 11 ms after power-on; its data sheet wants one second");
    ask(&t, MS); // power lost in the middle of an answer
    stand_run(t.r, 100 * US);
    pin_release(t.vcc);
    pin_drive(t.sda, DRIVE_PULL, NET_VDD_MV);
    g_assert_true(pin_level(t.sda));
    g_assert_cmpuint(t.r->m->events.count, ==, 0);
    stand_free(t.r);
}

static void bad_model(void)
{
    g_autoptr(GError) error = NULL;
    stand_t *r = stand_new();
    part_t *p = machine_add_part(r->m, part_class_find("dht22"), "d", NULL);
    part_set_attr(p, "model", "dht33");
    g_assert_false(part_init(p, &error));
    g_assert_cmpstr(error->message, ==, "d: 'model' must be dht22 or dht11, not 'dht33'");
    stand_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dht22/values", values);
    g_test_add_func("/dht22/dht11-values", dht11_values);
    g_test_add_func("/dht22/interval", interval);
    g_test_add_func("/dht22/short-starts", short_starts);
    g_test_add_func("/dht22/bad-sum", bad_sum);
    g_test_add_func("/dht22/held-down", held_down);
    g_test_add_func("/dht22/supply", supply);
    g_test_add_func("/dht22/bad-model", bad_model);
    return g_test_run();
}
