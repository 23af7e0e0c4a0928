// SPDX-License-Identifier: GPL-2.0-or-later
// What the image measured.
#pragma once
#include <stdint.h>

typedef struct results {
    uint32_t csr[2];       // RCC_CSR at the start of each run
    uint32_t hse_cycles;   // of HSI until the crystal was ready
    uint32_t timer_irqs;   // of TIM3, each 100 us, in 10 ms of SysTick
    uint32_t erase_cycles, erase_ticks; // one sector; ticks of SysTick meanwhile
    uint32_t program_cycles, programmed; // 16 words; the one at index 5
    uint32_t edges;        // interrupts by the pin that the program itself drives
    uint32_t stop_cycles, stop_cfgr; // of the CPU in stop mode; RCC_CFGR afterwards
    uint32_t wakes;        // interrupts of the RTC's wake-up timer
    uint32_t run;          // 1 after power-on, 2 after the watchdog
} results_t;
