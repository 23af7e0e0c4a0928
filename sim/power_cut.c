// SPDX-License-Identifier: GPL-2.0-or-later
// See power_cut.h.
#include "power_cut.h"
#include <string.h>

enum { PAGE = 256 };

power_cut_noise_t power_cut_noise_begin(const machine_t *m, uint32_t step)
{
    return ((uint64_t)m->seed << 32 | step) * UINT64_C(0x9E3779B97F4A7C15);
}

uint32_t power_cut_noise(power_cut_noise_t *n)
{
    *n = *n * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *n >> 33;
}

void power_cut_erase(uint8_t *data, uint32_t count, power_cut_noise_t *n)
{
    for (uint32_t page = 0; page < count; page += PAGE) {
        uint32_t how = power_cut_noise(n) % 3;
        if (how == 1)
            memset(data + page, 0xFF, MIN(PAGE, count - page));
        for (uint32_t i = page; how == 2 && i < page + PAGE && i < count; i++)
            data[i] = power_cut_noise(n);
    }
}
