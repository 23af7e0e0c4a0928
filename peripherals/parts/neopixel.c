// SPDX-License-Identifier: GPL-2.0-or-later
// Chain of WS2812B lights (WorldSemi data sheet WS2812B): one, a strip or a ring. Pins VDD (also VCC),
// VSS (also GND), DIN, DOUT. Attribute `pixels`: how many; 1 without it, 16 of a wokwi-led-ring.
//
// A bit is a high pulse: shorter than 0.6 us a 0, else a 1; 24 of them, green first, are one
// light. What comes after the last light goes on to DOUT. 50 us of low latch all lights at once. A
// pulse below 0.15 us is not seen, one above 5 us is no bit and is reported. `brightness` is the mean
// of all colours of all lights, 0 to 1; `red0`, `green0`, `blue0` are the first light's. The text is a
// line "rrggbb" for each light. Not modelled: the current of the lights, the input's threshold at
// a 5 V supply (3.3 V logic is understood).
#include "machine.h"
#include <math.h>
#include <string.h>

#define SHORTEST_PS (150 * PS_PER_NS)
#define ONE_PS      (600 * PS_PER_NS)
#define LONGEST_PS  (5 * PS_PER_US)
#define LATCH_PS    (50 * PS_PER_US)
#define SUPPLY_MV   2700
#define MOST        4096

typedef struct {
    part_t p;
    pin_t *vdd, *vss, *din, *dout;
    event_t latch;
    unsigned pixels;
    uint32_t *shown, *next; // saved: 0xGGRRBB of each light; `next` is what has come in
    unsigned bits;          // saved: taken since the last latch
    bool high, pass, told;  // saved
    uint64_t rose_ps;       // saved
} neopixel_t;

static bool supplied(const neopixel_t *n)
{
    return pin_supplied(n->vdd, n->vss, SUPPLY_MV);
}

static void latched(void *ctx, uint64_t now_ps)
{
    neopixel_t *n = ctx;
    for (unsigned i = 0; i < n->bits / 24; i++)
        n->shown[i] = n->next[i];
    n->bits = 0;
    n->pass = false;
}

static void take_bit(neopixel_t *n, bool bit)
{
    uint32_t *light = &n->next[n->bits / 24];
    *light = (*light << 1 | bit) & 0xFFFFFF;
    n->bits++;
}

static void fell(neopixel_t *n, uint64_t width_ps)
{
    machine_at(n->p.m, &n->latch, machine_now_ps(n->p.m) + LATCH_PS);
    if (n->pass || width_ps < SHORTEST_PS)
        return;
    if (width_ps <= LONGEST_PS) {
        take_bit(n, width_ps >= ONE_PS);
    } else if (!n->told && n->bits) {
        n->told = true;
        machine_report(n->p.m, REPORT_WARNING, 0, "%s: a pulse of %.1f us is no bit", n->p.name,
                       (double)width_ps / PS_PER_US);
    }
}

static void din_changed(void *ctx, pin_t *pin)
{
    neopixel_t *n = ctx;
    bool high = pin_level(pin) && isfinite(pin_ohms(pin));
    if (!supplied(n) || high == n->high)
        return;
    n->high = high;
    if (high) {
        machine_cancel(n->p.m, &n->latch);
        n->rose_ps = machine_now_ps(n->p.m);
        n->pass = n->bits == n->pixels * 24;
    } else {
        fell(n, machine_now_ps(n->p.m) - n->rose_ps);
    }
    pin_set(n->dout, high && n->pass);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    neopixel_t *n = ctx;
    if (supplied(n)) {
        pin_set(n->dout, false);
        return;
    }
    for (unsigned i = 0; i < n->pixels; i++)
        n->shown[i] = 0;
    n->bits = 0;
    n->high = n->pass = false;
    machine_cancel(n->p.m, &n->latch);
    pin_release(n->dout);
}

// ---- What is seen -------------------------------------------------------------------------------

static double read_brightness(part_t *p, unsigned index)
{
    const neopixel_t *n = (neopixel_t *)p;
    uint64_t sum = 0;
    for (unsigned i = 0; i < n->pixels; i++)
        sum += (n->shown[i] & 0xFF) + (n->shown[i] >> 8 & 0xFF) + (n->shown[i] >> 16);
    return (double)sum / (n->pixels * 3.0 * 255);
}

static double read_first(part_t *p, unsigned index)
{
    static const uint8_t shift[] = {8, 16, 0}; // red, green, blue
    return ((neopixel_t *)p)->shown[0] >> shift[index - 1] & 0xFF;
}

static void show(part_t *p, GString *to)
{
    const neopixel_t *n = (neopixel_t *)p;
    for (unsigned i = 0; i < n->pixels; i++)
        g_string_append_printf(to, "%02x%02x%02x\n", n->shown[i] >> 8 & 0xFF, n->shown[i] >> 16,
                               n->shown[i] & 0xFF);
}

// ---- The part -----------------------------------------------------------------------------------

static bool neopixel_init(part_t *p, GError **error)
{
    neopixel_t *n = (neopixel_t *)p;
    const char *type = part_attr(p, "type");
    double pixels;
    if (!*part_attr(p, "pixels"))
        part_set_attr(p, "pixels", type && !strcmp(type, "wokwi-led-ring") ? "16" : "1");
    if (!part_attr_double(p, "pixels", &pixels, error))
        return false;
    if (!(pixels >= 1 && pixels <= MOST && pixels == floor(pixels))) {
        g_set_error(error, part_error_quark(), 0, "%s: 'pixels' must be from 1 to %d", p->name, MOST);
        return false;
    }
    n->pixels = (unsigned)pixels;
    n->shown = g_new0(uint32_t, n->pixels);
    n->next = g_new0(uint32_t, n->pixels);
    event_init(&n->latch, "neopixel latch", latched, n);
    n->vdd = part_pin(p, "VDD");
    n->vss = part_pin(p, "VSS");
    n->din = part_pin(p, "DIN");
    n->dout = part_pin(p, "DOUT");
    pin_connect(n->vdd, part_pin(p, "VCC"));
    pin_connect(n->vss, part_pin(p, "GND"));
    n->vdd->changed = n->vss->changed = supply_changed;
    n->din->changed = din_changed;
    n->vdd->ctx = n->vss->ctx = n->din->ctx = n;
    n->din->edges = true;
    return true;
}

static void finish(part_t *p)
{
    neopixel_t *n = (neopixel_t *)p;
    g_free(n->shown);
    g_free(n->next);
}

static const char *const neopixel_pins[] = {"VDD", "VSS", "DIN", "DOUT", "VCC", "GND", NULL};
static const char *const neopixel_attrs[] = {"pixels=", "label=", NULL};
static const part_prop_t neopixel_props[] = {
    {.name = "brightness", .max = 1, .kind = PROP_OUTPUT, .read = read_brightness},
    {.name = "red0", .max = 255, .step = 1, .kind = PROP_OUTPUT, .read = read_first},
    {.name = "green0", .max = 255, .step = 1, .kind = PROP_OUTPUT, .read = read_first},
    {.name = "blue0", .max = 255, .step = 1, .kind = PROP_OUTPUT, .read = read_first},
    {0},
};

const part_class_t neopixel_class = {
    .name = "neopixel",
    .alias = "wokwi-neopixel wokwi-led-ring",
    .brief = "WS2812B light, or a chain of them",
    .size = sizeof(neopixel_t),
    .pins = neopixel_pins,
    .attrs = neopixel_attrs,
    .props = neopixel_props,
    .init = neopixel_init,
    .finish = finish,
    .show = show,
};
