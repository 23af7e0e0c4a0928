/* SPDX-License-Identifier: MIT
 * neopixel.h: what the module neopixel wants of a port's pins.
 */
#ifndef ADDER_NEOPIXEL_H
#define ADDER_NEOPIXEL_H

#include "machine.h"

/* The pin that an argument means, now a low output. neopixel_pin.c; on the micro:bit microbit_pin.c */
unsigned neopixel_pin(val_t v);

#endif
