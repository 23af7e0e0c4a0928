/* SPDX-License-Identifier: MIT
 * neopixel_pin.c: pins of neopixel are those of machine.
 */
#include "neopixel.h"

unsigned neopixel_pin(val_t v)
{
    unsigned pin = (unsigned)pin_arg(v)->number;
    hal_pin_write(pin, false);
    hal_pin_config(pin, HAL_OUT, HAL_PULL_NONE, 0);
    return pin;
}
