// SPDX-License-Identifier: GPL-2.0-or-later
// Tests of ESP8266 models.
#pragma once
#include "chip.h"

#define US PS_PER_US
#define MS PS_PER_MS

// At 80 MHz, as after the PLL is set.
static inline chip_t *esp8266_new(void)
{
    chip_t *c = chip_new("esp8266ex");
    chip_start(c);
    clk_set(machine_clk(c->m, "apb"), 80000000, 1, machine_now_ps(c->m));
    clk_set(machine_clk(c->m, "cpu"), 80000000, 1, machine_now_ps(c->m));
    return c;
}
