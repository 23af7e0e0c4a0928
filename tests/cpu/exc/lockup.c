// SPDX-License-Identifier: GPL-2.0-or-later
// A fault inside the HardFault handler.
#include "guest.h"

__attribute__((noinline)) void fatal(void) { __asm__ volatile("udf #0"); }
void hard(void) { fatal(); }
void image(void) { __asm__ volatile("udf #1"); }
