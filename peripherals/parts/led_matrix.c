// SPDX-License-Identifier: GPL-2.0-or-later
// LED matrix that is driven by multiplexing, as on the BBC micro:bit: 25 red LEDs that look like 5 rows
// of 5 and are wired as 3 rows of 9 columns. Pins ROW1 to ROW3 (anodes, high = on), COL1 to COL9
// (cathodes, low = on). Attribute `map`: the row and the column of the wiring for each LED of the
// picture, two digits each, from the top left to the bottom right.
//
// A LED lights while its row is high and its column low by more than its forward voltage, and what
// stands behind the pins lets a current through (see led.c). What the eye sees is the mean over a
// whole scan: from one switching-on of its row to the next, so that the picture is steady whatever
// the firmware's scan rate is. A row that is not switched for 1/20 s counts as its own scan.
//
// Properties x0y0 to x4y4: brightness of one LED, 1 = on for a third of the time, the most that three
// rows can share. The text is 5 rows of digits: 0 off, 9 full, each step 1.9 times as bright as the
// one below, as the firmware's own levels are.
//
// The LEDs are also photodiodes: property light is what shines on the display, from 0.1 lux (full
// moon) to 10000 (daylight). A LED whose cathode lies above its anode, or below it by less than its
// own voltage in the light, passes a current in proportion to the light. That is too little to matter
// where a pin drives, but discharges a column that floats while rows are driven: firmware drives the
// rows low and a column high, lets the column go, and after some milliseconds finds a voltage that is
// the lower the brighter it is. Capacitance and current are estimates for such LEDs, not from a data
// sheet; the micro:bit's firmware then reads 184 at 300 lux.
//
// Not modelled: the load of many LEDs on one row pin; what a lit LED charges a floating column to; rows
// that float; the light of the LEDs themselves; that the capacitance of a LED changes with its voltage.
#include "machine.h"
#include <math.h>

enum { ROWS = 3, COLUMNS = 9, SIDE = 5, LEDS = SIDE * SIDE };

#define FORWARD_MV 1800
#define OHMS       220   // resistor of each column
#define DARK_MA    0.1
#define FULL_MA    1.0
#define LONGEST_PS (PS_PER_S / 20) // a scan
#define STEP       1.9             // from one digit to the next
#define FARADS       80e-12 // of a column: pin, trace, three LEDs
#define AMPS_PER_LUX 70e-12 // of a LED
#define OPEN_MV      1400   // a LED's own voltage in the light

typedef struct {
    double light; // saved: now, 0 to 1
    double sum;   // saved: light x picoseconds in the present scan, up to `since_ps` of its row
    double seen;  // saved: mean of the last scan
} light_t;

typedef struct {
    part_t p;
    pin_t *row[ROWS], *column[COLUMNS];
    light_t led[ROWS][COLUMNS];
    bool high[ROWS];         // saved: rows
    uint64_t start_ps[ROWS]; // saved: of the present scan
    uint64_t since_ps[ROWS]; // saved
    uint8_t at[LEDS];        // row x COLUMNS + column of each LED of the picture
    bool wired[ROWS][COLUMNS];
} matrix_t;

// ---- As light sensors -----------------------------------------------------------------------------

// Has the LEDs of a column that floats pass their currents.
static void set_leak(matrix_t *x, unsigned c)
{
    pin_t *column = x->column[c];
    unsigned leds = 0;
    if (isfinite(pin_ohms(column)))
        return;
    for (unsigned r = 0; r < ROWS; r++)
        leds += x->wired[r][c] && isfinite(pin_ohms(x->row[r])) &&
                pin_mv(column) > pin_mv(x->row[r]) - OPEN_MV;
    pin_leak(column, (leak_t){.amps = -AMPS_PER_LUX * leds * x->p.prop[LEDS]});
}

static void set_leaks(matrix_t *x)
{
    for (unsigned c = 0; c < COLUMNS; c++)
        set_leak(x, c);
}

static void light_changed(part_t *p, unsigned index) { set_leaks((matrix_t *)p); }

// ---- As lights --------------------------------------------------------------------------------------

// Ends the scan at `end`, or at the last of the full ones that follow it before `now`.
static void end_long_scan(matrix_t *x, unsigned r, uint64_t end, uint64_t now)
{
    uint64_t more = (now - end) / LONGEST_PS;
    for (unsigned c = 0; c < COLUMNS; c++) {
        light_t *l = &x->led[r][c];
        double sum = l->sum + l->light * (double)(end - x->since_ps[r]);
        l->seen = more ? l->light : sum / LONGEST_PS;
        l->sum = 0;
    }
    x->start_ps[r] = x->since_ps[r] = end + more * LONGEST_PS;
}

// Brings the sums of a row up to now.
static void advance(matrix_t *x, unsigned r)
{
    uint64_t now = machine_now_ps(x->p.m), end = x->start_ps[r] + LONGEST_PS;
    if (now >= end)
        end_long_scan(x, r, end, now);
    double passed = (double)(now - x->since_ps[r]);
    for (unsigned c = 0; c < COLUMNS; c++)
        x->led[r][c].sum += x->led[r][c].light * passed;
    x->since_ps[r] = now;
}

static void end_scan(matrix_t *x, unsigned r)
{
    double length = (double)(x->since_ps[r] - x->start_ps[r]);
    for (unsigned c = 0; length > 0 && c < COLUMNS; c++) {
        x->led[r][c].seen = x->led[r][c].sum / length;
        x->led[r][c].sum = 0;
    }
    x->start_ps[r] = x->since_ps[r];
}

static void set_light(matrix_t *x, unsigned r, unsigned c)
{
    double mv = pin_mv(x->row[r]) - pin_mv(x->column[c]) - FORWARD_MV;
    double ma = mv / (pin_ohms(x->row[r]) + pin_ohms(x->column[c]) + OHMS);
    x->led[r][c].light = ma < DARK_MA ? 0 : MIN(1, ma / FULL_MA);
}

static void row_changed(void *ctx, pin_t *pin)
{
    matrix_t *x = ctx;
    unsigned r = (unsigned)pin->index;
    bool high = pin_level(pin);
    advance(x, r);
    if (high && !x->high[r])
        end_scan(x, r);
    x->high[r] = high;
    for (unsigned c = 0; c < COLUMNS; c++)
        set_light(x, r, c);
    set_leaks(x);
}

static void column_changed(void *ctx, pin_t *pin)
{
    matrix_t *x = ctx;
    for (unsigned r = 0; r < ROWS; r++) {
        advance(x, r);
        set_light(x, r, (unsigned)pin->index - ROWS);
    }
    set_leak(x, (unsigned)pin->index - ROWS);
}

// ---- What is seen -------------------------------------------------------------------------------

static double brightness(matrix_t *x, unsigned led)
{
    unsigned r = x->at[led] / COLUMNS, c = x->at[led] % COLUMNS;
    advance(x, r);
    return MIN(1, x->led[r][c].seen * ROWS);
}

static double read_brightness(part_t *p, unsigned index)
{
    return brightness((matrix_t *)p, index);
}

static char digit(double brightness)
{
    if (brightness <= 0)
        return '0';
    return (char)('0' + CLAMP(lround(9 + log(brightness) / log(STEP)), 0, 9));
}

static void show(part_t *p, GString *to)
{
    for (unsigned i = 0; i < LEDS; i++) {
        g_string_append_c(to, digit(brightness((matrix_t *)p, i)));
        if (i % SIDE == SIDE - 1)
            g_string_append_c(to, '\n');
    }
}

// ---- The part -----------------------------------------------------------------------------------

static bool read_map(matrix_t *x, GError **error)
{
    g_auto(GStrv) words = g_strsplit(part_attr(&x->p, "map"), " ", -1);
    unsigned n = 0;
    for (char **w = words; *w; w++) {
        unsigned row = (unsigned)((*w)[0] - '1'), column = **w ? (unsigned)((*w)[1] - '1') : 0;
        if (!**w)
            continue;
        if (row >= ROWS || column >= COLUMNS || (*w)[2] || n == LEDS)
            break;
        x->at[n++] = (uint8_t)(row * COLUMNS + column);
        x->wired[row][column] = true;
        if (n == LEDS && !w[1])
            return true;
    }
    g_set_error(error, part_error_quark(), 0,
                "%s: 'map' must have 25 places, each a row from 1 to 3 and a column from 1 to 9",
                x->p.name);
    return false;
}

static bool led_matrix_init(part_t *p, GError **error)
{
    matrix_t *x = (matrix_t *)p;
    for (unsigned i = 0; i < ROWS + COLUMNS; i++) {
        pin_t *pin = p->pins->pdata[i];
        *(i < ROWS ? &x->row[i] : &x->column[i - ROWS]) = pin;
        pin->changed = i < ROWS ? row_changed : column_changed;
        pin->ctx = x;
        if (i >= ROWS)
            pin_add_farads(pin, FARADS);
    }
    return read_map(x, error);
}

static const char *const led_matrix_pins[] = {"ROW1", "ROW2", "ROW3", "COL1", "COL2", "COL3", "COL4",
                                              "COL5", "COL6", "COL7", "COL8", "COL9", NULL};
static const char *const led_matrix_attrs[] = {
    "map=11 24 12 25 13 34 35 36 37 38 22 19 23 39 21 18 17 16 15 14 33 27 31 26 32", "color=red",
    "label=", NULL};

#define LIGHT(place) {.name = place, .max = 1, .kind = PROP_OUTPUT, .read = read_brightness}
#define LINE(y)                                                                                   \
    LIGHT("x0y" y), LIGHT("x1y" y), LIGHT("x2y" y), LIGHT("x3y" y), LIGHT("x4y" y)
static const part_prop_t led_matrix_props[] = {LINE("0"), LINE("1"), LINE("2"),
                                               LINE("3"), LINE("4"),
    {.name = "light", .unit = "lux", .min = 0.1, .max = 10000, .def = 300, .alias = "lux",
     .changed = light_changed},
    {0}};

const part_class_t led_matrix_class = {
    .name = "led-matrix",
    .brief = "5 x 5 red LEDs, multiplexed as 3 rows of 9 columns; they also sense light",
    .size = sizeof(matrix_t),
    .pins = led_matrix_pins,
    .attrs = led_matrix_attrs,
    .props = led_matrix_props,
    .init = led_matrix_init,
    .show = show,
};
