// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware that lets the CPU and the models of the STM32F405 meet: clocks, interrupts, flash that is
// erased by code in flash, stop mode, the watchdog. Results go to RAM; the second run ends by semihosting.
#include "results.h"

#define REG(a) (*(volatile uint32_t *)(a))
#define CYCLES REG(0xE0001004)

enum { RCC = 0x40023800, FLASH = 0x40023C00, PWR = 0x40007000, RTC = 0x40002800, IWDG = 0x40003000,
       TIM3 = 0x40000400, GPIOA = 0x40020000, EXTI = 0x40013C00, SYST = 0xE000E010 };

__attribute__((section(".results"))) volatile results_t results;
static volatile uint32_t ticks;

void reset(void);

static void finish(void)
{
    register uint32_t r0 __asm__("r0") = 0x18; // SYS_EXIT
    register uint32_t r1 __asm__("r1") = 0x20026;
    __asm__ volatile("bkpt 0xAB" : : "r"(r0), "r"(r1) : "memory");
    for (;;) {
    }
}

static void fault(void)
{
    for (;;) {
    }
}

static void systick(void) { ticks++; }

static void pin_edge(void)
{
    REG(EXTI + 0x14) = 1;
    results.edges++;
}

static void rtc_wakeup(void)
{
    REG(EXTI + 0x14) = 1 << 22;
    REG(RTC + 0x08) = 0;
    REG(RTC + 0x0C) = ~(1u << 10 | 1u << 7);
    results.wakes++;
}

static void timer(void)
{
    REG(TIM3 + 0x10) = 0;
    results.timer_irqs++;
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + 82])(void) = {
    (void (*)(void))0x20020000, reset, fault, fault, fault, fault, fault,
    [15] = systick, [16 + 3] = rtc_wakeup, [16 + 6] = pin_edge, [16 + 29] = timer,
};

// 168 MHz from 12 MHz.
static void start_clock(void)
{
    uint32_t from = CYCLES;
    REG(FLASH) = 5 | 7 << 8;
    REG(RCC) |= 1 << 16;
    while (!(REG(RCC) & 1 << 17)) {
    }
    results.hse_cycles = CYCLES - from;
    REG(RCC + 4) = 12 | 336 << 6 | 1 << 22 | 7 << 24;
    REG(RCC) |= 1 << 24;
    while (!(REG(RCC) & 1 << 25)) {
    }
    REG(RCC + 8) = 5 << 10 | 4 << 13 | 2;
    while ((REG(RCC + 8) & 12) != 8) {
    }
}

static void timer_and_systick(void)
{
    REG(SYST + 4) = 168000 - 1;
    REG(SYST + 8) = 0;
    REG(SYST) = 7;
    REG(TIM3 + 0x28) = 83;
    REG(TIM3 + 0x2C) = 99;
    REG(TIM3 + 0x14) = 1;
    REG(TIM3 + 0x10) = 0;
    REG(TIM3 + 0x0C) = 1;
    REG(0xE000E100) = 1 << 29;
    REG(TIM3) = 1;
    for (uint32_t from = ticks; ticks < from + 10;) {
    }
    REG(TIM3) = 0;
}

static void flash(void)
{
    REG(FLASH + 4) = 0x45670123;
    REG(FLASH + 4) = 0xCDEF89AB;
    uint32_t from = CYCLES, first = ticks;
    REG(FLASH + 0x10) = 2 | 11 << 3 | 2 << 8;
    REG(FLASH + 0x10) |= 1 << 16;
    while (REG(FLASH + 0x0C) & 1 << 16) {
    }
    results.erase_cycles = CYCLES - from;
    results.erase_ticks = ticks - first;
    REG(FLASH + 0x10) = 1 | 2 << 8;
    from = CYCLES;
    for (uint32_t i = 0; i < 16; i++)
        REG(0x080E0000 + 4 * i) = i;
    while (REG(FLASH + 0x0C) & 1 << 16) {
    }
    results.program_cycles = CYCLES - from;
    results.programmed = REG(0x080E0014);
    REG(FLASH + 0x10) = 1u << 31;
}

static void own_edges(void)
{
    REG(GPIOA) = 0xA8000001;
    REG(EXTI + 0x00) = 1;
    REG(EXTI + 0x08) = 1;
    REG(EXTI + 0x0C) = 1;
    REG(0xE000E100) = 1 << 6;
    for (int i = 0; i < 3; i++) {
        REG(GPIOA + 0x18) = 1;
        REG(GPIOA + 0x18) = 1 << 16;
    }
    __asm__ volatile("dsb\n isb");
}

// The RTC on LSI wakes after (2047 + 1) * 16 / 32000 s.
static void stop_mode(void)
{
    REG(SYST) = 0;
    REG(PWR) |= 1 << 8;
    REG(RCC + 0x74) |= 1;
    while (!(REG(RCC + 0x74) & 2)) {
    }
    REG(RCC + 0x70) = 2 << 8 | 1 << 15;
    REG(RTC + 0x24) = 0xCA;
    REG(RTC + 0x24) = 0x53;
    REG(RTC + 0x08) = 0;
    while (!(REG(RTC + 0x0C) & 4)) {
    }
    REG(RTC + 0x14) = 2047;
    REG(EXTI + 0x00) |= 1 << 22;
    REG(EXTI + 0x08) |= 1 << 22;
    REG(0xE000E100) = 1 << 3;
    REG(RTC + 0x08) = 1 << 14 | 1 << 10;
    REG(0xE000ED10) = 4; // SLEEPDEEP
    uint32_t from = CYCLES;
    __asm__ volatile("dsb\n wfi\n isb");
    results.stop_cycles = CYCLES - from;
    results.stop_cfgr = REG(RCC + 8);
}

void reset(void)
{
    results.csr[results.run++] = REG(RCC + 0x74); // RAM is zero at power-on here
    if (results.run == 2)
        finish();
    REG(RCC + 0x74) = 1 << 24;
    REG(0xE000EDFC) |= 1 << 24;
    REG(0xE0001000) |= 1;
    start_clock();
    REG(RCC + 0x30) |= 0x1FF;
    REG(RCC + 0x40) |= 1 << 1 | 1 << 28;
    REG(RCC + 0x44) |= 1 << 14;
    timer_and_systick();
    flash();
    own_edges();
    stop_mode();
    REG(IWDG) = 0xCCCC; // 512 ms
    for (;;) {
    }
}
