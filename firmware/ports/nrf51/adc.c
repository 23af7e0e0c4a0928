/* SPDX-License-Identifier: MIT
 * adc.c: ADC [31], 10 bits against the supply, and TEMP [22].
 */
#include "nrf51.h"

enum { BITS = 10 };

int hal_adc_channel(unsigned pin)
{
    if (pin >= 1 && pin <= 6)
        return (int)pin + 1; /* AIN2 to AIN7 */
    return pin == 26 || pin == 27 ? (int)pin - 26 : -E_INVAL;
}

/* The chip's own temperature in quarters of a degree. */
static int read_temperature(void)
{
    TEMP_DATARDY = 0;
    TEMP_START = 1;
    bool ready = wait_event(&TEMP_DATARDY, 10000);
    TEMP_STOP = 1;
    return ready ? (int)TEMP_TEMP : -1000;
}

int hal_adc_read(unsigned channel, unsigned *bits)
{
    uint32_t config;
    if (channel < 8) /* a third of the pin against a third of the supply */
        config = ADC_INPSEL_PIN_THIRD | ADC_REFSEL_SUPPLY_THIRD | 1u << (ADC_PSEL_POS + channel);
    else if (channel == HAL_ADC_VBAT) /* a third of the supply against 1.2 V */
        config = ADC_INPSEL_SUPPLY_THIRD | ADC_REFSEL_VBG;
    else if (channel == HAL_ADC_TEMP)
        return *bits = BITS, read_temperature();
    else
        return -E_INVAL;
    *bits = BITS;
    ADC_CONFIG = config | ADC_RES_10;
    ADC_ENABLE = 1;
    ADC_END = 0;
    ADC_START = 1;
    bool ready = wait_event(&ADC_END, 10000);
    int result = ready ? (int)ADC_RESULT : -E_TIMEDOUT;
    ADC_STOP = 1;
    ADC_ENABLE = 0; /* as erratum advice has it: it takes current otherwise */
    return result;
}

int hal_dac_write(unsigned pin, unsigned value12) { return -E_NODEV; }
