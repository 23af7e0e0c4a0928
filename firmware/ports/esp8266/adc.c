/* SPDX-License-Identifier: MIT
 * adc.c: the one analogue input TOUT, 0 to 1.0 V: eight raw samples of the SAR converter, each made straight by the
 * formula of Espressif's driver, and their mean.
 */
#include "esp8266.h"

enum { BITS = 10, SAMPLES = 8 };

int hal_adc_channel(unsigned pin) { return pin == PIN_TOUT ? 0 : -E_INVAL; }

static uint32_t straight(uint32_t raw)
{
    uint32_t x = ~raw & 0x7ff;
    int32_t low = ((int32_t)(x & 0xff) - 21) * 279 / 256;
    return (x & 0x700) + (uint32_t)(low < 0 ? 0 : low > 255 ? 255 : low);
}

int hal_adc_read(unsigned channel, unsigned *bits)
{
    if (channel != 0)
        return -E_INVAL;
    *bits = BITS;
    SAR_INPUT |= SAR_TOUT;
    if (!wait_for(&SAR_CONTROL, SAR_BUSY, 0, 100000))
        return -E_TIMEDOUT;
    SAR_CONTROL &= ~(uint32_t)SAR_START;
    SAR_CONTROL |= SAR_START;
    hal_delay_us(2);
    if (!wait_for(&SAR_CONTROL, SAR_BUSY, 0, 100000))
        return -E_TIMEDOUT;
    uint32_t sum = 0;
    for (unsigned i = 0; i < SAMPLES; i++)
        sum += straight(SAR_SAMPLE(i));
    SAR_INPUT &= ~(uint32_t)SAR_TOUT;
    uint32_t value = ((sum + 8) >> 4) * 12 / 11;
    return value > 1023 ? 1023 : (int)value;
}

int hal_dac_write(unsigned pin, unsigned value12) { return -E_NODEV; }
