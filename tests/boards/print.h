// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers on the serial line, for the bare programs; each has its own put().
#pragma once
#include <stdint.h>

static void put(char c);

// NAME and the number in hexadecimal, on a line.
static void print(const char *name, uint32_t value)
{
    while (*name)
        put(*name++);
    for (int i = 28; i >= 0; i -= 4)
        if (value >> i || i == 0)
            put("0123456789abcdef"[value >> i & 15]);
    put('\n');
}
