/* SPDX-License-Identifier: MIT
 * device.h: from a port's main() into the life that all boards share.
 */
#ifndef ADDER_DEVICE_H
#define ADDER_DEVICE_H

#include "hal.h"

_Noreturn void device_run(void *heap, size_t heap_size, void *stack_top, size_t stack_size);
/* What runs after boot.py; main.py unless pyb.main() said otherwise. */
enum { DEVICE_MAIN_MAX = 64 };
extern char device_main[DEVICE_MAIN_MAX];
/* Of the board's own module, such as pyb: at power-on, and before a soft reset. */
void board_init(void);
void board_deinit(void);
/* Modules that hold on to hardware: called before a soft reset. modules/machine.c */
void device_modules_deinit(void);

#endif
