// SPDX-License-Identifier: GPL-2.0-or-later
// DS18B20 digital thermometer on 1-Wire (Maxim data sheet 19-7487). Pins VCC, DQ, GND; the bus
// needs its pull-up (4.7 kilohms, or the one inside the chip for short wires).
//
// Attributes `deviceID`, 12 hexadecimal digits in the order in which the bytes come after the
// family code (two sensors on one wire need two), and `familyCode`. Modelled: all ROM and function
// commands, conversions of 93.75 to 750 ms at four resolutions (bits below the resolution are 0),
// alarm flag, EEPROM of three bytes with its 10 ms, and parasite power: VCC tied to GND, DQ held by
// less than 200 ohms while it converts or writes, else it browns out and shows its 85 degrees; 960
// us of low on DQ do the same. Not modelled: the sensor's error, self-heating, the wear of the
// EEPROM.
#include "machine.h"
#include "xfer.h"
#include <math.h>
#include <string.h>

enum {
    ALARM_CODES = 2, // TH, TL, configuration: what the EEPROM keeps
    CONFIG = 4,
    CRC = 8,
    SCRATCHPAD = 9,
};

enum {
    CONVERT = 0x44,
    COPY = 0x48,
    WRITE = 0x4E,
    READ_SUPPLY = 0xB4,
    RECALL = 0xB8,
    READ = 0xBE,
    NONE = 0,
};

#define SUPPLY_MV     3000
#define STRONG_OHMS   200.0
#define CONVERSION_PS (750 * PS_PER_MS)
#define EEPROM_PS     (10 * PS_PER_MS)
#define HOLD_PS       (10 * PS_PER_US) // to the strong pull-up, after the command
#define STARVE_PS     (960 * PS_PER_US)

typedef struct {
    part_t p;
    pin_t *vcc, *dq, *gnd;
    onewire_t wire;
    event_t done, strong, starved;
    uint8_t scratch[SCRATCHPAD]; // saved
    uint8_t eeprom[3];           // saved; outlives the supply
    uint8_t command, at, shift;  // saved: function command and its bits
    uint8_t busy;                // saved: CONVERT or COPY while it takes its time
    bool on, parasite, alarm;    // saved
    bool told, browned;          // saved: reported
} ds18b20_t;

static void seal(ds18b20_t *t)
{
    t->scratch[CRC] = onewire_crc(t->scratch, CRC);
}

static void recall(ds18b20_t *t)
{
    memcpy(t->scratch + ALARM_CODES, t->eeprom, sizeof t->eeprom);
    seal(t);
}

static void power_up(ds18b20_t *t)
{
    static const uint8_t values[SCRATCHPAD] = {0x50, 0x05, 0, 0, 0, 0xFF, 0x0C, 0x10}; // 85 degrees
    memcpy(t->scratch, values, sizeof values);
    recall(t);
    t->busy = NONE;
    t->alarm = false;
    machine_cancel(t->p.m, &t->done);
    machine_cancel(t->p.m, &t->strong);
    onewire_power(&t->wire, false);
    onewire_power(&t->wire, t->on);
}

// ---- Conversion and EEPROM ---------------------------------------------------------------------

static unsigned resolution(const ds18b20_t *t)
{
    return t->scratch[CONFIG] >> 5 & 3;
}

static void convert(ds18b20_t *t)
{
    int step = 8 >> resolution(t); // in sixteenths of a degree
    int value = step * (int)floor(t->p.prop[0] * 16 / step + 0.5);
    int8_t whole = (int8_t)(value >> 4);
    t->scratch[0] = value & 0xFF;
    t->scratch[1] = value >> 8 & 0xFF;
    t->alarm =
        whole >= (int8_t)t->scratch[ALARM_CODES] || whole <= (int8_t)t->scratch[ALARM_CODES + 1];
    seal(t);
}

static void done(void *ctx, uint64_t now_ps)
{
    ds18b20_t *t = ctx;
    if (t->busy == CONVERT)
        convert(t);
    else
        memcpy(t->eeprom, t->scratch + ALARM_CODES, sizeof t->eeprom);
    t->busy = NONE;
}

static bool held_high(const ds18b20_t *t)
{
    return pin_level(t->dq) && pin_ohms(t->dq) <= STRONG_OHMS;
}

static void check_strong(void *ctx, uint64_t now_ps)
{
    ds18b20_t *t = ctx;
    if (!t->busy || !t->parasite || held_high(t))
        return;
    if (!t->browned) {
        t->browned = true;
        machine_report(t->p.m, REPORT_WARNING, 0,
                       "%s: on parasite power it needs DQ driven high while it works", t->p.name);
    }
    power_up(t);
}

static void start(ds18b20_t *t, uint8_t what, uint64_t ps)
{
    uint64_t now = machine_now_ps(t->p.m);
    t->busy = what;
    machine_at(t->p.m, &t->done, now + ps);
    if (t->parasite) // from the end of the command's last slot
        machine_at(t->p.m, &t->strong, now + HOLD_PS + PS_PER_US * 60);
}

// ---- Function commands -------------------------------------------------------------------------

static void selected(void *ctx)
{
    ds18b20_t *t = ctx;
    t->command = NONE;
    t->at = 0;
}

static int slot(void *ctx)
{
    ds18b20_t *t = ctx;
    switch (t->command) {
    case READ:
        return t->at < SCRATCHPAD * 8 ? t->scratch[t->at >> 3] >> (t->at & 7) & 1 : 1;
    case READ_SUPPLY:
        return !t->parasite;
    case CONVERT:
    case COPY:
        return !t->busy;
    case RECALL:
        return 1;
    default:
        return -1; // a command or data is coming in
    }
}

static void command(ds18b20_t *t, uint8_t byte)
{
    t->command = byte;
    t->at = 0;
    if (t->busy)
        return; // it does one thing at a time
    if (byte == CONVERT)
        start(t, CONVERT, CONVERSION_PS >> (3 - resolution(t)));
    else if (byte == COPY)
        start(t, COPY, EEPROM_PS);
    else if (byte == RECALL)
        recall(t);
}

static void bit(void *ctx, bool value)
{
    ds18b20_t *t = ctx;
    if (t->command != NONE && t->command != WRITE) {
        t->at += t->at < SCRATCHPAD * 8;
        return;
    }
    t->shift = (uint8_t)(t->shift >> 1 | value << 7);
    if (++t->at % 8)
        return;
    if (t->command == NONE) {
        command(t, t->shift);
        return;
    }
    unsigned n = t->at / 8 - 1;
    if (n < 3) {
        t->scratch[ALARM_CODES + n] = n == 2 ? (t->shift & 0x60) | 0x1F : t->shift;
        seal(t);
    }
    t->at = MIN(t->at, 24u);
}

static bool in_alarm(void *ctx)
{
    return ((ds18b20_t *)ctx)->alarm;
}

// ---- Supply ------------------------------------------------------------------------------------

static void set_power(ds18b20_t *t, bool on)
{
    if (on == t->on)
        return;
    t->on = on;
    power_up(t);
}

static void starved(void *ctx, uint64_t now_ps)
{
    set_power(ctx, false);
}

static void supply_changed(void *ctx, pin_t *pin)
{
    ds18b20_t *t = ctx;
    bool supplied = pin_supplied(t->vcc, t->gnd, SUPPLY_MV);
    bool grounded = isfinite(pin_ohms(t->gnd)) && isfinite(pin_ohms(t->vcc)) &&
                    pin_mv(t->gnd) == pin_mv(t->vcc);
    bool charged = grounded && pin_level(t->dq) && isfinite(pin_ohms(t->dq));
    t->parasite = !supplied && grounded;
    if (supplied || charged || !grounded)
        machine_cancel(t->p.m, &t->starved);
    else if (t->on && !event_pending(&t->starved))
        machine_at(t->p.m, &t->starved, machine_now_ps(t->p.m) + STARVE_PS);
    if (!t->parasite || charged)
        set_power(t, supplied || charged);
}

static void dq_changed(void *ctx, pin_t *pin)
{
    ds18b20_t *t = ctx;
    supply_changed(t, pin);
    if (t->busy && t->parasite && !event_pending(&t->strong))
        check_strong(t, machine_now_ps(t->p.m));
    if (t->on || t->told || pin_level(pin) || !isfinite(pin_ohms(t->dq)) || t->parasite ||
        machine_now_ps(t->p.m) == 0)
        return;
    t->told = true;
    machine_report(t->p.m, REPORT_WARNING, 0, "%s is asked, but has no supply at VCC and GND",
                   t->p.name);
}

// ---- The part ----------------------------------------------------------------------------------

static bool hex_attr(part_t *p, const char *name, uint8_t *to, unsigned n, GError **error)
{
    const char *text = part_attr(p, name);
    bool fits = strlen(text) == 2 * n;
    for (unsigned i = 0; fits && i < 2 * n; i++)
        fits = g_ascii_isxdigit(text[i]);
    for (unsigned i = 0; fits && i < n; i++)
        to[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
                          g_ascii_xdigit_value(text[2 * i + 1]));
    if (!fits)
        g_set_error(error, part_error_quark(), 0,
                    "%s: '%s' must be %u hexadecimal digits, not '%s'", p->name, name, 2 * n, text);
    return fits;
}

static bool ds18b20_init(part_t *p, GError **error)
{
    ds18b20_t *t = (ds18b20_t *)p;
    if (!hex_attr(p, "familyCode", t->wire.rom, 1, error) ||
        !hex_attr(p, "deviceID", t->wire.rom + 1, 6, error))
        return false;
    t->wire.rom[7] = onewire_crc(t->wire.rom, 7);
    memcpy(t->eeprom, (uint8_t[]){0x4B, 0x46, 0x7F}, 3); // the data sheet's power-up state
    event_init(&t->done, "ds18b20 done", done, t);
    event_init(&t->strong, "ds18b20 strong pull-up", check_strong, t);
    event_init(&t->starved, "ds18b20 starved", starved, t);
    t->vcc = part_pin(p, "VCC");
    t->dq = part_pin(p, "DQ");
    t->gnd = part_pin(p, "GND");
    t->vcc->changed = t->gnd->changed = supply_changed;
    t->dq->changed = dq_changed;
    t->vcc->ctx = t->gnd->ctx = t->dq->ctx = t;
    t->wire.slot = slot;
    t->wire.bit = bit;
    t->wire.selected = selected;
    t->wire.alarm = in_alarm;
    t->wire.ctx = t;
    onewire_attach(&t->wire, t->dq);
    return true;
}

static const char *const ds18b20_pins[] = {"VCC", "DQ", "GND", NULL};
static const char *const ds18b20_attrs[] = {"deviceID=010203040506", "familyCode=28",
                                            "label=", NULL};
static const part_prop_t ds18b20_props[] = {
    {.name = "celsius", .alias = "temperature", .unit = "\u00b0C", .min = -55, .max = 125,
     .def = 22, .step = 0.1},
    {0},
};

const part_class_t ds18b20_class = {
    .name = "ds18b20",
    .alias = "wokwi-ds18b20 board-ds18b20",
    .brief = "DS18B20 digital temperature sensor on 1-Wire",
    .size = sizeof(ds18b20_t),
    .pins = ds18b20_pins,
    .attrs = ds18b20_attrs,
    .props = ds18b20_props,
    .init = ds18b20_init,
};
