// SPDX-License-Identifier: GPL-2.0-or-later
// The benchmark's workload.
#pragma once

#include <stdint.h>

// Runs the workload so many times over; the checksum depends on ROUNDS only.
uint32_t mix_run(uint32_t rounds);
