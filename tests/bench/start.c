// SPDX-License-Identifier: GPL-2.0-or-later
// What the benchmark's images need to run on an STM32F405 or (a Cortex-M0) an nRF51822: vector table,
// memory, clock. They print and end through semihosting (Arm, Semihosting for AArch32 and AArch64), so that they run on any simulator
// of the chip.
#include "start.h"

#include <stddef.h>

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, STOPPED_APPLICATION_EXIT = 0x20026 };
enum { TIM2_VECTOR = 16 + 28 };

#define RCC_CR REGISTER(0x40023800)
#define RCC_PLLCFGR REGISTER(0x40023804)
#define RCC_CFGR REGISTER(0x40023808)
#define FLASH_ACR REGISTER(0x40023C00)
#define DEMCR REGISTER(0xE000EDFC)
#define DWT_CTRL REGISTER(0xE0001000)
#define DWT_CYCCNT REGISTER(0xE0001004)

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

void reset(void);

static void semihosting(uint32_t operation, const void *parameter)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

static void stop(int code)
{
    const uint32_t block[] = {STOPPED_APPLICATION_EXIT, (uint32_t)code};
    semihosting(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

#if __ARM_ARCH == 6
// The nRF51822 runs at 16 MHz; TIMER0 counts its cycles.
#define TIMER0(offset) REGISTER(0x40008000 + (offset))

void start_clock(void)
{
    TIMER0(0x508) = 3; // 32 bits
    TIMER0(0x510) = 0; // no prescaler
    TIMER0(0x000) = 1;
}

uint32_t start_cycles(void)
{
    TIMER0(0x040) = 1;
    return TIMER0(0x540);
}
#else
// 168 MHz from a crystal of 12 MHz, five wait states, prefetch and both caches, as firmware of the
// pyboard sets them. Where no clock control answers, as in QEMU, goes on without.
void start_clock(void)
{
    RCC_CR |= 1u << 16; // HSE on
    if ((RCC_CR & 1u << 16) == 0) {
        return;
    }
    while ((RCC_CR & 1u << 17) == 0) {
    }
    RCC_PLLCFGR = 12u | 336u << 6 | 0u << 16 | 1u << 22 | 7u << 24; // M, N, P = 2, from HSE, Q
    RCC_CR |= 1u << 24;
    while ((RCC_CR & 1u << 25) == 0) {
    }
    FLASH_ACR = 5u | 1u << 8 | 1u << 9 | 1u << 10;
    RCC_CFGR = 2u | 5u << 10 | 4u << 13; // PLL; APB1 / 4, APB2 / 2
    while ((RCC_CFGR & 3u << 2) != 2u << 2) {
    }
}

uint32_t start_cycles(void)
{
    DEMCR |= 1u << 24; // trace on
    DWT_CTRL |= 1u;
    return DWT_CYCCNT;
}
#endif

void start_print(const char *name, uint32_t value)
{
    char digits[] = " 00000000\n";
    for (int i = 8; i > 0; i--) {
        digits[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    semihosting(SYS_WRITE0, name);
    semihosting(SYS_WRITE0, digits);
}

void reset(void)
{
    uint32_t *to = data_start;
    for (const uint32_t *from = data_load; to < data_end;) {
        *to++ = *from++;
    }
    for (to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    stop(main());
}

static void fault(void)
{
    stop(1);
}

__attribute__((weak)) void tim2_interrupt(void)
{
    stop(2);
}

__attribute__((section(".vectors"), used)) static const void *const VECTORS[TIM2_VECTOR + 1] = {
    stack_top,           (const void *)reset, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault,
    [TIM2_VECTOR] = (const void *)tim2_interrupt,
};
