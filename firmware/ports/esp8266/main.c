/* SPDX-License-Identifier: MIT
 * main.c: brings the chip up and hands over to the life that all boards share.
 */
#include "esp8266.h"
#include "rtc.h"
#include "../device.h"

extern uint8_t _heap_start, _heap_end, _stack_top, _stack_bottom;
int main(void);

void board_init(void) {}
void board_deinit(void) {}

int main(void)
{
    reset_cause_init();
    clock_init();
    console_init();
    hal_pin_config(2, HAL_IN, HAL_PULL_UP, 0); /* a copy of what UART0 sends, by the ROM: a light flickers with it */
    rtc_init();
    hal_irq_restore(0);
    /* Some bytes of the stack are kept for interrupts. */
    device_run(&_heap_start, (size_t)(&_heap_end - &_heap_start), &_stack_top,
               (size_t)(&_stack_top - &_stack_bottom) - 512);
}
