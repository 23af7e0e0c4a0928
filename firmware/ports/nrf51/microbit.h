/* SPDX-License-Identifier: MIT
 * microbit.h: what the modules microbit, music and radio want of this port beside hal.h.
 */
#ifndef ADDER_MICROBIT_H
#define ADDER_MICROBIT_H

#include "../hal.h"

/* pwm.c: PWM with a period in microseconds; three pins at most, which share it. Duty in 1/65536. */
int microbit_pwm(unsigned pin, uint32_t period_us, uint32_t duty);

/* display.c: the picture, row by row, brightness 0 to 9; shown all the time while it is on. */
enum { DISPLAY_SIDE = 5, DISPLAY_PIXELS = 25, DISPLAY_BRIGHTEST = 9, DISPLAY_TICK_MS = 6 };
extern uint8_t display_pixels[DISPLAY_PIXELS];
void display_power(bool on); /* off: the pins of the columns are free for other things */
bool display_is_on(void);
unsigned display_light(void); /* what shines on it, 0 dark to 255; takes 12 ms, in which it is dark */
void microbit_tick(void); /* interrupt, every 6 ms, also while the display is off: implemented by the module */

/* radio.c: memory is (queue + 2) slots. */
typedef struct microbit_radio {
    uint8_t length, queue, channel, power, group;
    uint8_t rate; /* 0: 1 Mbit/s, 1: 2 Mbit/s, 2: 250 kbit/s */
    uint32_t address;
} microbit_radio_t;
#define RADIO_SLOT(length) ((length) + 6u)
void microbit_radio_on(const microbit_radio_t *c, uint8_t *memory);
void microbit_radio_off(void);
void microbit_radio_send(const uint8_t *head, size_t head_len, const uint8_t *data, size_t len); /* waits */
const uint8_t *microbit_radio_get(size_t *len, int *rssi, uint32_t *us); /* the oldest; NULL: none */
void microbit_radio_drop(void);

void timer1_handler(void);
void radio_handler(void);

#endif
