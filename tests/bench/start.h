// SPDX-License-Identifier: GPL-2.0-or-later
// What start.c and start_lx106.c give to the benchmark's images.
#pragma once

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

// The image itself. Its result is the exit code.
int main(void);

// Sets 168 MHz where there is a clock control.
void start_clock(void);
// CPU cycles where there is a counter, else 0.
uint32_t start_cycles(void);
// Prints NAME and VALUE as eight hexadecimal digits, through semihosting.
void start_print(const char *name, uint32_t value);
// The vector of TIM2 (not on the LX106), for the image that wants it.
void tim2_interrupt(void);
