/* SPDX-License-Identifier: MIT
 * cortexm.c: what the hardware layer of every Cortex-M port has from the core: the interrupt mask.
 */
#include "hal.h"

uint32_t hal_irq_disable(void)
{
    uint32_t state;
    __asm volatile("mrs %0, primask\n cpsid i" : "=r"(state)::"memory");
    return state;
}

void hal_irq_restore(uint32_t state) { __asm volatile("msr primask, %0" ::"r"(state) : "memory"); }
