// SPDX-License-Identifier: GPL-2.0-or-later
// DHT22 (AM2302; Aosong's data sheet) and DHT11 sensors of temperature and humidity, on one wire of
// their own. Pins VCC, SDA, NC, GND. A diagram says which by the part's type (dht11) or by the
// attribute `model`. SDA has its pull-up on the part, as breakout boards have.
//
// The host holds SDA low for at least 0.8 ms (DHT11: 18 ms) and lets go. 30 us later the sensor
// answers: 80 us low, 80 us high, 40 bits, each 50 us low and then high for 26 us (0) or 70 us (1),
// 50 us low. Bytes: humidity, temperature, sum. The DHT22 sends tenths, with a sign bit; the DHT11
// whole degrees and percents from 0 to 50 and 20 to 90. It measures when it is asked, but not
// within 2 s (1 s) of the measurement before: then it sends that one again. The first second after
// power-on is not for asking: it answers, and that is reported. Attribute `badChecksum` "1" spoils
// the sum, so that a program's answer to it can be tried. Not modelled: the sensor's error and how
// slowly it follows.
#include "machine.h"
#include <math.h>
#include <string.h>

#define SUPPLY_MV  3000
#define SETTLE_PS  (1 * PS_PER_S)
#define GO_PS      (30 * PS_PER_US)
#define ANSWER_PS  (80 * PS_PER_US)
#define BIT_LOW_PS (50 * PS_PER_US)
#define ZERO_PS    (26 * PS_PER_US)
#define ONE_PS     (70 * PS_PER_US)

enum { CELSIUS, HUMIDITY };
// Edges: the answer's low and high; each bit's low and high; low; let go.
enum { BITS = 40, LAST_EDGE = 2 + 2 * BITS + 1 };

typedef struct {
    const char *model;
    uint64_t start_ps, interval_ps;
    double low, high, dry, wet; // range
} kind_t;

static const kind_t kinds[] = {
    {"dht22", 800 * PS_PER_US, 2 * PS_PER_S, -40, 80, 0, 100},
    {"dht11", 18 * PS_PER_MS, 1 * PS_PER_S, 0, 50, 20, 90},
};

typedef struct {
    part_t p;
    pin_t *vcc, *sda, *gnd;
    const kind_t *kind;
    event_t edge;
    uint8_t spoil;                // added to the sum
    uint8_t data[5];              // saved: of the last measurement
    bool on, low, measured, busy; // saved: has supply; SDA's level; there is one; it is sending
    bool told, early, brief;      // saved: reported
    uint8_t at;                   // saved: next edge
    uint64_t since_ps, fell_ps, measured_ps; // saved
} dht22_t;

static void measure(dht22_t *t)
{
    double c = CLAMP(t->p.prop[CELSIUS], t->kind->low, t->kind->high);
    double rh = CLAMP(t->p.prop[HUMIDITY], t->kind->dry, t->kind->wet);
    memset(t->data, 0, sizeof t->data);
    if (t->kind == &kinds[0]) {
        unsigned tenths = (unsigned)lround(fabs(c) * 10), wet = (unsigned)lround(rh * 10);
        t->data[0] = (uint8_t)(wet >> 8);
        t->data[1] = (uint8_t)wet;
        t->data[2] = (uint8_t)(tenths >> 8 | (c < 0 && tenths ? 0x80 : 0));
        t->data[3] = (uint8_t)tenths;
    } else {
        t->data[0] = (uint8_t)lround(rh);
        t->data[2] = (uint8_t)lround(c);
    }
    t->measured = true;
    t->measured_ps = machine_now_ps(t->p.m);
}

// ---- The answer --------------------------------------------------------------------------------

static void drive(dht22_t *t, bool low)
{
    if (low)
        pin_drive(t->sda, DRIVE_STRONG, pin_mv(t->gnd));
    else if (t->on)
        pin_drive(t->sda, DRIVE_PULL, pin_mv(t->vcc));
    else
        pin_release(t->sda);
}

// How long SDA stays as edge `at` makes it. Even edges fall.
static uint64_t length_ps(const dht22_t *t, unsigned at)
{
    if (at < 2)
        return ANSWER_PS;
    unsigned n = (at - 2) / 2;
    if (at % 2 == 0)
        return BIT_LOW_PS;
    return t->data[n / 8] << n % 8 & 0x80 ? ONE_PS : ZERO_PS;
}

static void edge(void *ctx, uint64_t now_ps)
{
    dht22_t *t = ctx;
    unsigned at = t->at++;
    drive(t, at % 2 == 0);
    t->busy = at < LAST_EDGE;
    t->fell_ps = now_ps; // should the host hold the wire down now
    if (t->busy)
        machine_at(t->p.m, &t->edge, now_ps + length_ps(t, at));
}

static void asked(dht22_t *t, uint64_t now)
{
    if (now - t->since_ps < SETTLE_PS && !t->early) {
        t->early = true;
        machine_report(t->p.m, REPORT_WARNING, 0,
                       "%s is asked %.0f ms after power-on; its data sheet wants one second",
                       t->p.name, (double)(now - t->since_ps) / PS_PER_MS);
    }
    if (!t->measured || now - t->measured_ps >= t->kind->interval_ps)
        measure(t);
    unsigned sum = t->data[0] + t->data[1] + t->data[2] + t->data[3];
    t->data[4] = (uint8_t)(sum + t->spoil);
    t->busy = true;
    t->at = 0;
    machine_at(t->p.m, &t->edge, now + GO_PS);
}

static void let_go(dht22_t *t, uint64_t now)
{
    uint64_t width = now - t->fell_ps;
    if (width >= t->kind->start_ps) {
        asked(t, now);
    } else if (width > 100 * PS_PER_US && !t->brief) { // short ones may be the host's trials
        t->brief = true;
        machine_report(t->p.m, REPORT_WARNING, 0, "%s: a start of %.2f ms is shorter than %.1f ms",
                       t->p.name, (double)width / PS_PER_MS, (double)t->kind->start_ps / PS_PER_MS);
    }
}

static void sda_edge(void *ctx, pin_t *pin)
{
    dht22_t *t = ctx;
    uint64_t now = machine_now_ps(t->p.m);
    bool low = !pin_level(pin);
    if (low == t->low)
        return;
    t->low = low;
    if (!t->on && low && isfinite(pin_ohms(pin)) && now && !t->told) {
        t->told = true;
        machine_report(t->p.m, REPORT_WARNING, 0, "%s is asked, but has no supply at VCC and GND",
                       t->p.name);
    }
    if (!t->on || t->busy)
        return;
    if (low)
        t->fell_ps = now;
    else
        let_go(t, now);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    dht22_t *t = ctx;
    bool on = pin_supplied(t->vcc, t->gnd, SUPPLY_MV);
    if (on == t->on)
        return;
    machine_cancel(t->p.m, &t->edge);
    t->since_ps = t->fell_ps = machine_now_ps(t->p.m);
    t->measured = false;
    t->on = on;
    t->busy = true; // the rise by its own pull-up is no request
    drive(t, false);
    t->busy = false;
}

// ---- The part ----------------------------------------------------------------------------------

static bool dht22_init(part_t *p, GError **error)
{
    dht22_t *t = (dht22_t *)p;
    const char *type = part_attr(p, "type");
    if (!*part_attr(p, "model"))
        part_set_attr(p, "model", type && strstr(type, "dht11") ? "dht11" : "dht22");
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (!g_ascii_strcasecmp(part_attr(p, "model"), kinds[i].model))
            t->kind = &kinds[i];
    if (!t->kind) {
        g_set_error(error, part_error_quark(), 0, "%s: 'model' must be dht22 or dht11, not '%s'",
                    p->name, part_attr(p, "model"));
        return false;
    }
    t->spoil = strcmp(part_attr(p, "badChecksum"), "1") == 0;
    event_init(&t->edge, "dht22 edge", edge, t);
    t->vcc = part_pin(p, "VCC");
    t->sda = part_pin(p, "SDA");
    t->gnd = part_pin(p, "GND");
    t->vcc->changed = t->gnd->changed = supply_changed;
    t->sda->edge = sda_edge;
    t->sda->edge_ctx = t->vcc->ctx = t->gnd->ctx = t;
    t->low = !pin_level(t->sda);
    return true;
}

static const char *const dht22_pins[] = {"VCC", "SDA", "NC", "GND", NULL};
static const char *const dht22_attrs[] = {"model=", "badChecksum=0", "label=", NULL};
static const part_prop_t dht22_props[] = {
    {.name = "celsius", .alias = "temperature", .unit = "\u00b0C", .min = -40, .max = 80,
     .def = 24, .step = 0.1},
    {.name = "humidity", .unit = "%", .max = 100, .def = 40, .step = 0.1},
    {0},
};

const part_class_t dht22_class = {
    .name = "dht22",
    .alias = "wokwi-dht22 dht11 wokwi-dht11",
    .brief = "DHT22 or DHT11 sensor of temperature and humidity",
    .size = sizeof(dht22_t),
    .pins = dht22_pins,
    .attrs = dht22_attrs,
    .props = dht22_props,
    .init = dht22_init,
};
