/* SPDX-License-Identifier: MIT
 * display.c: the 5x5 picture. Its LEDs are wired as 3 rows (P0.13 to P0.15, high: on) of 9 columns (P0.04 to P0.12, low: on).
 *
 * TIMER1 runs at 1 MHz and starts a row every 6 ms, 55 pictures a second; within it the LEDs of each brightness go out at
 * their time, an interrupt for each brightness that the row has. Columns that are dark are driven high.
 *
 * LEDs also sense light: with the rows low a column that was driven high and then floats loses its charge the sooner the
 * brighter it is. After 4 ms the ADC reads what is left, at the three columns that it has inputs for.
 */
#include "microbit.h"
#include "nrf51.h"

enum { ROWS = 3, COLUMNS = 9, ROW_US = DISPLAY_TICK_MS * 1000, ROW_PIN = 13, COLUMN_PIN = 4, NONE = 0xff };
enum { ROW_MASK = 7 << ROW_PIN, COLUMN_MASK = 0x1ff << COLUMN_PIN };

/* Which pixel of the picture a LED is. */
static const uint8_t pixel_at[ROWS][COLUMNS] = {
    {0, 2, 4, 19, 18, 17, 16, 15, 11},
    {14, 10, 12, 1, 3, 23, 21, NONE, NONE},
    {22, 24, 20, 5, 6, 7, 8, 9, 13},
};
/* How long a LED is on: each step is 1.9 times the one below, which looks even to the eye. */
static const uint16_t on_us[DISPLAY_BRIGHTEST + 1] = {0, 35, 67, 128, 242, 460, 875, 1662, 3158, ROW_US};

uint8_t display_pixels[DISPLAY_PIXELS];
static struct {
    bool on, started;
    uint8_t row, level;      /* of what goes out next */
    uint16_t begun;          /* when the LEDs of the row went on */
    uint32_t going;          /* their columns */
} display;

/* Columns of the row with brightness `level`; *next is the lowest one above it. */
static uint32_t columns_of(unsigned level, unsigned *next)
{
    uint32_t found = 0;
    *next = DISPLAY_BRIGHTEST;
    for (unsigned c = 0; c < COLUMNS; c++) {
        unsigned pixel = pixel_at[display.row][c], l = pixel == NONE ? 0 : display_pixels[pixel];
        if (l == level)
            found |= 1u << (COLUMN_PIN + c);
        else if (l > level && l < *next)
            *next = l;
    }
    return found;
}

/* Have an interrupt when the LEDs of this brightness go out. */
static void arm(unsigned level)
{
    unsigned next;
    display.level = (uint8_t)level;
    TIMER_COMPARE(ID_TIMER1, 1) = 0;
    if (level == DISPLAY_BRIGHTEST) {
        TIMER_INTENCLR(ID_TIMER1) = TIMER_INT(1);
        return;
    }
    TIMER_CC(ID_TIMER1, 1) = display.begun + on_us[level];
    TIMER_INTENSET(ID_TIMER1) = TIMER_INT(1);
    display.going = columns_of(level, &next);
}

static void next_row(void)
{
    unsigned first;
    display.row = display.row + 1 == ROWS ? 0 : display.row + 1;
    if (!display.on) {
        TIMER_INTENCLR(ID_TIMER1) = TIMER_INT(1);
        return;
    }
    GPIO_OUTCLR = ROW_MASK;
    uint32_t dark = columns_of(0, &first);
    GPIO_OUTCLR = COLUMN_MASK & ~dark;
    GPIO_OUTSET = dark;
    GPIO_OUTSET = 1u << (ROW_PIN + display.row);
    TIMER_CAPTURE(ID_TIMER1, 2) = 1;
    display.begun = (uint16_t)TIMER_CC(ID_TIMER1, 2);
    arm(first);
}

static void go_out(void)
{
    unsigned next;
    GPIO_OUTSET = display.going;
    columns_of(display.level, &next);
    arm(next);
}

void timer1_handler(void)
{
    if (TIMER_COMPARE(ID_TIMER1, 0)) {
        TIMER_COMPARE(ID_TIMER1, 0) = 0;
        next_row();
        microbit_tick();
    } else if (TIMER_COMPARE(ID_TIMER1, 1)) {
        go_out();
    }
}

bool display_is_on(void) { return display.on; }

static void start(void)
{
    TIMER_BITMODE(ID_TIMER1) = TIMER_BITMODE_16;
    TIMER_PRESCALER(ID_TIMER1) = 4;
    TIMER_CC(ID_TIMER1, 0) = ROW_US;
    TIMER_SHORTS(ID_TIMER1) = 1;
    TIMER_INTENSET(ID_TIMER1) = TIMER_INT(0);
    TIMER_CLEAR(ID_TIMER1) = 1;
    TIMER_START(ID_TIMER1) = 1;
    irq_enable(ID_TIMER1, PRIORITY_DISPLAY);
    display.started = true;
}

void display_power(bool on)
{
    for (unsigned pin = COLUMN_PIN; on != display.on && pin < ROW_PIN + ROWS; pin++) {
        hal_pin_write(pin, pin < ROW_PIN);
        hal_pin_config(pin, on ? HAL_OUT : HAL_IN, HAL_PULL_NONE, 0);
    }
    display.on = on;
    if (!display.started)
        start();
}

/* ---- light ---- */

enum { LIGHT_COLUMNS = 3, LIGHT_US = 4000, DARK = 338, BRIGHT = 75 }; /* readings of a column, of 1023 */

/* What is left on a column. The interrupt of the next row is late by less than a row. While the display is off a program may
 * have its pins: they are given back as they were. */
static int column_left(unsigned column)
{
    uint32_t pins = ROW_MASK | 1u << column, was[ROWS], cnf = GPIO_CNF(column), out;
    unsigned bits;
    irq_off(ID_TIMER1);
    out = GPIO_OUT & pins;
    GPIO_OUTCLR = ROW_MASK;
    GPIO_OUTSET = 1u << column;
    hal_pin_config(column, HAL_OUT, HAL_PULL_NONE, 0);
    for (unsigned r = 0; r < ROWS; r++) {
        was[r] = GPIO_CNF(ROW_PIN + r);
        hal_pin_config(ROW_PIN + r, HAL_OUT, HAL_PULL_NONE, 0);
    }
    hal_delay_us(5);
    hal_pin_config(column, HAL_ANALOG, HAL_PULL_NONE, 0);
    hal_delay_us(LIGHT_US);
    int left = hal_adc_read((unsigned)hal_adc_channel(column), &bits);
    GPIO_OUTCLR = pins & ~out;
    GPIO_CNF(column) = cnf;
    for (unsigned r = 0; r < ROWS; r++)
        GPIO_CNF(ROW_PIN + r) = was[r];
    GPIO_OUTSET = out;
    NVIC_ISER = 1u << ID_TIMER1;
    return left;
}

unsigned display_light(void)
{
    int left = 0;
    for (unsigned c = 0; c < LIGHT_COLUMNS; c++)
        left += column_left(COLUMN_PIN + c);
    int level = (DARK - left / LIGHT_COLUMNS) * 255 / (DARK - BRIGHT);
    return (unsigned)(level < 0 ? 0 : level > 255 ? 255 : level);
}
