/* SPDX-License-Identifier: MIT
 * esp8266.h: what the files of this port share with each other. Modules see hal.h only (esp.c: espflash.h too).
 *
 * Code is in the flash, which the CPU sees through a cache, and its speed hangs on that. IN_IRAM marks what must run
 * while the flash is busy or at an exact speed: it may call and read nothing that is in the flash. Constants of such
 * functions are literals or in RAM (IN_DRAM).
 */
#ifndef ADDER_ESP8266_H
#define ADDER_ESP8266_H

#include "../hal.h"
#include "regs.h"

#define IN_IRAM __attribute__((noinline, section(".iram.text")))
#define IN_DRAM __attribute__((section(".data.const")))

enum { PIN_COUNT = 17, PIN_TOUT = 17, APB_HZ = 80000000 };

/* clock.c */
void clock_init(void);
uint32_t clock_mhz(void);
void clock_delay_cycles(uint32_t cycles);
void frc2_handler(void);

/* uart.c */
void console_init(void);
void console_panic(const char *text); /* without interrupts; for faults */
void uart_handler(void);
void uart_drain(void); /* with interrupts off: take what has come in */
void uart_drained(void);

/* pin.c */
void pin_handler(void);

/* pwm.c */
void frc1_handler(void);

/* machine.c */
void reset_cause_init(void);

/* start.c */
typedef struct frame { /* what the vectors save; vectors.S knows it */
    uint32_t pc, ps, sar, a0, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a1, cause, address;
} frame_t;
void begin(void);

static inline void int_enable(unsigned n) { WRITE_SR(intenable, READ_SR(intenable) | 1u << n); }
static inline void int_disable(unsigned n) { WRITE_SR(intenable, READ_SR(intenable) & ~(1u << n)); }

static inline uint32_t irq_off(void)
{
    uint32_t state;
    __asm volatile("rsil %0, 1" : "=a"(state)::"memory");
    return state;
}
static inline void irq_back(uint32_t state) { WRITE_SR(ps, state); }
static inline uint32_t cpu_cycles(void) { return READ_SR(ccount); }

/* A bit that hardware should set within some steps of waiting; false: it did not. */
static inline bool wait_for(reg_t *reg, uint32_t mask, uint32_t value, uint32_t steps)
{
    while ((*reg & mask) != value)
        if (!steps--)
            return false;
    return true;
}

#endif
