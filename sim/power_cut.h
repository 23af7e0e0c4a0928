// SPDX-License-Identifier: GPL-2.0-or-later
// What a flash memory holds after its power has gone in the middle of an erase or a program. Models of
// flash count the steps of what changes their contents, two for each operation, "half way" and "done", and
// let the power fail at the step that a test chooses. The same step leaves the same bytes, whatever else
// the board drew.
#pragma once
#include "machine.h"

typedef uint64_t power_cut_noise_t;

power_cut_noise_t power_cut_noise_begin(const machine_t *m, uint32_t step);
uint32_t power_cut_noise(power_cut_noise_t *n);
// An erase leaves each 256 bytes as they were, erased, or neither (random).
void power_cut_erase(uint8_t *data, uint32_t count, power_cut_noise_t *n);
