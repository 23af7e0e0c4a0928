// SPDX-License-Identifier: GPL-2.0-or-later
// Buzzer or small loudspeaker. Pins 1 (-) and 2 (+).
//
// Properties, all to be looked at: `frequency`, of the last full period of the voltage between the
// pins, 0 when there was none for 1/20 s; `duty`, the part of that period in which the voltage was
// high; `sounds`, whether there is a tone that people hear (20 Hz to 20 kHz). An audio output that
// works by PWM shows its carrier's frequency, and the present sample as the duty. Not modelled: the
// sound itself, the resonance of a piezo disc.
#include "machine.h"
#include <math.h>

#define HIGH_MV   1000             // between the pins
#define SILENT_PS (PS_PER_S / 20)

typedef struct {
    part_t p;
    pin_t *minus, *plus;
    bool high;                   // saved
    bool heard;                  // saved: there was a rise
    uint64_t rose_ps, fell_ps;   // saved: last edges
    uint64_t period_ps, high_ps; // saved: of the last full period; 0 = none
} buzzer_t;

static void pin_changed(void *ctx, pin_t *pin)
{
    buzzer_t *b = ctx;
    bool driven = isfinite(pin_ohms(b->plus)) && isfinite(pin_ohms(b->minus));
    bool high = driven && pin_mv(b->plus) - pin_mv(b->minus) >= HIGH_MV;
    uint64_t now = machine_now_ps(b->p.m);
    if (high == b->high)
        return;
    b->high = high;
    if (!high) {
        b->fell_ps = now;
        return;
    }
    bool full = b->heard && now - b->rose_ps < SILENT_PS;
    b->period_ps = full ? now - b->rose_ps : 0;
    b->high_ps = full ? b->fell_ps - b->rose_ps : 0;
    b->heard = true;
    b->rose_ps = now;
}

static bool silent(const buzzer_t *b)
{
    return !b->period_ps || machine_now_ps(b->p.m) - b->rose_ps >= SILENT_PS;
}

static double read_frequency(part_t *p, unsigned index)
{
    const buzzer_t *b = (buzzer_t *)p;
    return silent(b) ? 0 : (double)PS_PER_S / (double)b->period_ps;
}

static double read_duty(part_t *p, unsigned index)
{
    const buzzer_t *b = (buzzer_t *)p;
    return silent(b) ? b->high : (double)b->high_ps / (double)b->period_ps;
}

static double read_sounds(part_t *p, unsigned index)
{
    double hz = read_frequency(p, 0);
    return hz >= 20 && hz <= 20000;
}

static bool buzzer_init(part_t *p, GError **error)
{
    buzzer_t *b = (buzzer_t *)p;
    b->minus = part_pin(p, "1");
    b->plus = part_pin(p, "2");
    b->minus->changed = b->plus->changed = pin_changed;
    b->minus->ctx = b->plus->ctx = b;
    return true;
}

static const char *const buzzer_pins[] = {"1", "2", NULL};
static const char *const buzzer_attrs[] = {"mode=smooth", "volume=1.0", "label=", NULL};
static const part_prop_t buzzer_props[] = {
    {.name = "frequency", .unit = "Hz", .max = 1e6, .step = 1, .kind = PROP_OUTPUT,
     .read = read_frequency},
    {.name = "duty", .max = 1, .step = 0.01, .kind = PROP_OUTPUT, .read = read_duty},
    {.name = "sounds", .max = 1, .step = 1, .kind = PROP_OUTPUT, .read = read_sounds},
    {0},
};

const part_class_t buzzer_class = {
    .name = "buzzer",
    .alias = "wokwi-buzzer",
    .brief = "buzzer or loudspeaker: shows the frequency of its tone",
    .size = sizeof(buzzer_t),
    .pins = buzzer_pins,
    .attrs = buzzer_attrs,
    .props = buzzer_props,
    .init = buzzer_init,
};
