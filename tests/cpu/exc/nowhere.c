// SPDX-License-Identifier: GPL-2.0-or-later
// A vector table that nobody can read: no handler to go to.
#include "guest.h"

void image(void)
{
    VTOR = 0x30000000;
    __asm__ volatile("udf #1");
}
