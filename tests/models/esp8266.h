// SPDX-License-Identifier: GPL-2.0-or-later
// Tests of ESP8266 models.
#pragma once
#include "chip.h"

#define US PS_PER_US
#define MS PS_PER_MS

enum { ESP_PLL = 0x60000D10, ESP_PLL_26MHZ_1 = 0x01880167, ESP_PLL_26MHZ_2 = 0x01910267 };

// At 80 MHz, as after the PLL is set.
static inline void esp8266_pll(chip_t *c)
{
    wr(c, ESP_PLL, ESP_PLL_26MHZ_1);
    wr(c, ESP_PLL, ESP_PLL_26MHZ_2);
    g_assert_cmpfloat(clk_hz(machine_clk(c->m, "apb")), ==, 80e6);
}

static inline chip_t *esp8266_new(void)
{
    chip_t *c = chip_new("esp8266ex");
    chip_start(c);
    esp8266_pll(c);
    return c;
}

static inline pin_t *esp_pin(chip_t *c, unsigned n)
{
    g_autofree char *name = g_strdup_printf(n == 16 ? "rtc:GPIO%u" : "gpio:GPIO%u", n);
    return chip_pin(c, name);
}
