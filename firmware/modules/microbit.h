/* SPDX-License-Identifier: MIT
 * microbit.h: what the files of the module microbit and its friends (music, neopixel, radio) share.
 */
#ifndef ADDER_MODULES_MICROBIT_H
#define ADDER_MODULES_MICROBIT_H

#include "machine.h"
#include "ports/nrf51/microbit.h"

/* ---- images, microbit_image.c ---- */
/* A picture with brightnesses 0 to 9. Those in flash keep a bit for each pixel, in the word behind the head. */
typedef struct image {
    const type_t *type; /* &type_Image */
    uint8_t w, h, mono, unused;
    uint8_t pixels[];
} image_t;
extern const type_t type_Image;
static inline bool is_image(val_t v) { return is_exact(v, &type_Image); }
unsigned image_pixel(const image_t *image, int x, int y); /* 0 outside */
/* Row y of a character's picture, five bits, the leftmost is 16;the columns in use: the first and how many. */
unsigned font_row(unsigned c, unsigned y);
void font_trim(unsigned c, unsigned *first, unsigned *width);

/* ---- display, microbit_display.c ---- */
extern const obj_t microbit_display;
void display_tick(unsigned ms); /* interrupt */
void display_say(val_t text); /* scrolls it and waits */
void display_reset(void);

/* ---- pins, microbit_pin.c ---- */
typedef struct edge_pin {
    const type_t *type;
    uint8_t number; /* on the edge connector */
    uint8_t pin;    /* of the chip */
} edge_pin_t;
enum { EDGE_PINS = 21 };
typedef enum {
    PIN_UNUSED, PIN_READ_DIGITAL, PIN_WRITE_DIGITAL, PIN_READ_ANALOG, PIN_WRITE_ANALOG, PIN_TOUCH, PIN_MUSIC
} pin_use_t;
extern const edge_pin_t edge_pins[EDGE_PINS];
extern const type_t type_edge_digital, type_edge_analog, type_edge_touch;
const edge_pin_t *edge_pin_arg(val_t v); /* also refuses the display's pins while that is on */
void edge_pin_use(const edge_pin_t *p, pin_use_t use);
void edge_pin_reset(void);

/* ---- sensors, microbit_sensors.c ---- */
extern const obj_t microbit_accelerometer, microbit_compass;
void sensors_reset(void);

/* ---- buses, microbit_bus.c ---- */
extern const obj_t microbit_i2c, microbit_spi, microbit_uart;
void bus_internal(void); /* the I2C bus is on its own pins, for the sensors */
void bus_reset(void);

/* ---- other modules ---- */
void music_tick(unsigned ms); /* interrupt */
void music_reset(void);
void radio_forget(void); /* soft reset */

/* Wait, with interrupts' work going on, until it is this time or Ctrl-C. */
void microbit_sleep(uint32_t ms);

#endif
