/* SPDX-License-Identifier: MIT
 * nrf51.h: what the files of this port share with each other. Modules see hal.h and microbit.h only.
 *
 * Who has which timer: TIMER0 time (clock.c), TIMER1 the display, TIMER2 PWM; RTC1 the calendar's crystal is not needed.
 */
#ifndef ADDER_NRF51_H
#define ADDER_NRF51_H

#include "../hal.h"
#include "regs.h"

enum { PIN_COUNT = 31, CLOCK_HZ = 16000000, PIN_TX = 24, PIN_RX = 25, PIN_SCL = 0, PIN_SDA = 30 };

/* clock.c */
void clock_init(void);
void timer0_handler(void);

/* uart.c */
void console_init(void);
void console_restore(void); /* the prompt again, whatever a program has done with the UART */
void console_panic(const char *text); /* without interrupts; for faults */
void uart0_handler(void);

/* pin.c */
void gpiote_handler(void);

/* pwm.c */
void timer2_handler(void);

/* machine.c */
void reset_cause_init(void);

/* start.c */
void reset_handler(void);
int main(void);

/* An event that hardware should report within some steps of waiting; false: it did not. */
static inline bool wait_event(reg_t *event, uint32_t steps)
{
    while (!*event)
        if (!steps--)
            return false;
    return true;
}

#endif
