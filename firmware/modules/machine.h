/* SPDX-License-Identifier: MIT
 * machine.h: what the files of the modules machine and pyb share.
 */
#ifndef ADDER_MACHINE_H
#define ADDER_MACHINE_H

#include "args.h"
#include "module.h"
#include "state.h"
#include "vm.h"
#include "ports/hal.h"
#include "wait.h"

/* ---- Pin ---- */
/* There is one object for each pin of the chip, a constant; its state is in the hardware. */
typedef struct pin {
    const type_t *type; /* &type_Pin */
    uintptr_t number;
    const str_t *name;
} pin_t;
extern const type_t type_Pin, type_Signal;
/* Generated from the board's description (gen_pins.py). */
extern const pin_t machine_pins[];
extern const unsigned machine_pin_count;
extern const dict_t machine_pins_board, machine_pins_cpu;

/* The pin that an argument means: a Pin, a name of the board or the chip, a number. ValueError if there is none. */
const pin_t *pin_arg(val_t v);
val_t pin_by_number(unsigned number);
void pin_deinit(void); /* soft reset: interrupts off */
/* Watch a pin: the function is called soon with the argument. handler None: stop. */
void pin_watch(unsigned number, unsigned edges, val_t handler, val_t arg);

extern const type_t type_ADC, type_PWM, type_I2C, type_SoftI2C, type_SPI, type_SoftSPI, type_UART, type_Timer, type_RTC,
    type_WDT;
void timer_deinit(void);
void uart_deinit(void);
void pwm_deinit(void);



/* ---- functions of machine that pyb has under its own names ---- */
val_t machine_reset(void);
val_t machine_unique_id(void);
val_t machine_freq(unsigned n, const val_t *args);
val_t machine_bootloader(unsigned n, const val_t *args);
val_t machine_lightsleep(unsigned n, const val_t *args);
val_t machine_deepsleep(unsigned n, const val_t *args);
val_t machine_disable_irq(void);
val_t machine_enable_irq(unsigned n, const val_t *args);

#endif
