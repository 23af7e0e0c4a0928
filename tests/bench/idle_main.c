// SPDX-License-Identifier: GPL-2.0-or-later
// An image that sleeps for an hour: TIM2 wakes it once a second, as a data logger's would. Ends by
// itself after 3600 wake-ups.
#include "start.h"

enum { SECONDS = 3600, HSI_HZ = 16000000, TIM2_IRQ = 28 };

#define RCC_APB1ENR REGISTER(0x40023840)
#define TIM2_CR1 REGISTER(0x40000000)
#define TIM2_DIER REGISTER(0x4000000C)
#define TIM2_SR REGISTER(0x40000010)
#define TIM2_EGR REGISTER(0x40000014)
#define TIM2_PSC REGISTER(0x40000028)
#define TIM2_ARR REGISTER(0x4000002C)
#define NVIC_ISER0 REGISTER(0xE000E100)

static volatile uint32_t seconds;

void tim2_interrupt(void)
{
    TIM2_SR = 0;
    seconds++;
}

int main(void)
{
    RCC_APB1ENR |= 1u;
    TIM2_PSC = HSI_HZ / 1000 - 1;
    TIM2_ARR = 1000 - 1;
    TIM2_EGR = 1;
    TIM2_SR = 0;
    TIM2_DIER = 1;
    NVIC_ISER0 = 1u << TIM2_IRQ;
    TIM2_CR1 = 1;
    while (seconds < SECONDS) {
        __asm__ volatile("wfi");
    }
    start_print("seconds", seconds);
    return 0;
}
