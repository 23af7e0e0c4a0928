/* SPDX-License-Identifier: MIT
 * stm32f4.h: what the files of this port share with each other. Modules see hal.h only.
 */
#ifndef ADDER_STM32F4_H
#define ADDER_STM32F4_H

#include "../hal.h"
#include "regs.h"

enum { PORT_A, PORT_B, PORT_C, PORT_D, PORT_COUNT = 9 };
#define PIN(port, bit) ((PORT_##port) * 16 + (bit))

/* Code that lies in RAM: the flash may be busy. It calls only its like, and reads no constants. */
#define IN_RAM __attribute__((section(".ramfunc"), noinline, long_call))

/* clock.c */
void clock_init(void);
uint32_t clock_hz(void);      /* HCLK */
uint32_t clock_apb1_hz(void);
uint32_t clock_apb2_hz(void);
uint32_t clock_timer_hz(unsigned apb); /* timers run at twice their bus if it is divided */
typedef struct clock_stall {
    uint32_t us, cycles;
} clock_stall_t;
void clock_stall_begin(clock_stall_t *stall); /* before what may stop the CPU for long, 25 s at most */
void clock_stall_end(const clock_stall_t *stall);
void systick_handler(void);

/* uart.c */
void console_init(void);
void uart_clock_changed(void);
/* With interrupts off while the flash cannot be read: what is received meanwhile is taken by looking, from code in RAM. */
void uart_stall_begin(void);
void uart_poll(void);
void uart_stall_end(void);
void console_panic(const char *text); /* without interrupts; for faults */
void usart1_handler(void);
void usart2_handler(void);
void usart3_handler(void);
void uart4_handler(void);
void uart5_handler(void);
void usart6_handler(void);

/* pin.c */
void pins_init(void);
void exti0_handler(void);
void exti1_handler(void);
void exti2_handler(void);
void exti3_handler(void);
void exti4_handler(void);
void exti9_5_handler(void);
void exti15_10_handler(void);

/* tim.c */
void tim1_brk_tim9_handler(void);
void tim1_up_tim10_handler(void);
void tim1_trg_tim11_handler(void);
void tim2_handler(void);
void tim3_handler(void);
void tim4_handler(void);
void tim5_handler(void);
void tim6_handler(void);
void tim7_handler(void);
void tim8_brk_tim12_handler(void);
void tim8_up_tim13_handler(void);
void tim8_trg_tim14_handler(void);

/* machine.c */
void reset_cause_init(void);

/* rtc.c */
void rtc_init(void);
void rtc_poll(void); /* from time to time: the crystal may have started */
void rtc_wakeup_handler(void);

/* start.c */
void reset_handler(void);
int main(void);

/* A bit that hardware should set within some steps of waiting; false: it did not. */
static inline bool wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t value, uint32_t steps)
{
    while ((*reg & mask) != value)
        if (!steps--)
            return false;
    return true;
}

#endif
