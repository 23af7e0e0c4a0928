/* SPDX-License-Identifier: MIT
 * config.h: what the pyboard's build chooses; the options are explained in core/config.h.
 */
#ifndef ADDER_STM32F4_CONFIG_H
#define ADDER_STM32F4_CONFIG_H

#define ADDER_BOARD    "pyboard v1.1 with STM32F405RG"
#define ADDER_BOARD_ID "pyboard"

/* The interpreter's table of addresses is in RAM: it spares 5 cycles of flash per instruction. */
#define ADDER_HOT_DATA __attribute__((section(".data.hot")))

#endif
