/* SPDX-License-Identifier: MIT
 * adc.c: single conversions of ADC1 [13], 12 bits.
 */
#include "stm32f4.h"

enum { CHANNEL_TEMP = 16, CHANNEL_VREF = 17, CHANNEL_VBAT = 18, BITS = 12 };
/* Sampling times in SMPR's code: pins 15 cycles; the chip's own sources want 10 us: 480 cycles. */
enum { SAMPLE_PIN = 1, SAMPLE_SLOW = 7 };

int hal_adc_channel(unsigned pin)
{
    if (pin < PIN(A, 8))
        return (int)pin;
    if (pin == PIN(B, 0) || pin == PIN(B, 1))
        return 8 + (int)(pin - PIN(B, 0));
    if (pin >= PIN(C, 0) && pin <= PIN(C, 5))
        return 10 + (int)(pin - PIN(C, 0));
    return -E_INVAL;
}

static void start_adc(void)
{
    RCC->apb2enr |= RCC_APB2_ADC1;
    if (ADC1->cr2 & ADC_CR2_ADON)
        return;
    /* 84 MHz / 4 = 21 MHz, below the 36 MHz of the data sheet */
    ADC_CCR = ADC_CCR_ADCPRE_4;
    ADC1->cr1 = 0;
    ADC1->cr2 = ADC_CR2_ADON;
    hal_delay_us(3);
}

static void set_sampling(unsigned channel, uint32_t code)
{
    reg_t *smpr = &ADC1->smpr[channel < 10]; /* SMPR1 has channels 10 to 18 */
    unsigned shift = channel % 10 * 3;
    *smpr = (*smpr & ~(7u << shift)) | code << shift;
}

int hal_adc_read(unsigned channel, unsigned *bits)
{
    static const uint8_t internal[] = {CHANNEL_TEMP, CHANNEL_VREF, CHANNEL_VBAT};
    if (channel >= HAL_ADC_TEMP && channel <= HAL_ADC_VBAT)
        channel = internal[channel - HAL_ADC_TEMP];
    if (channel > CHANNEL_VBAT)
        return -E_INVAL;
    start_adc();
    bool slow = channel >= CHANNEL_TEMP;
    /* On the F405, channel 16 is the temperature, and 18 is VBAT; switching VBAT on takes the place of the former. */
    uint32_t sources = !slow ? 0 : channel == CHANNEL_VBAT ? ADC_CCR_VBATE : ADC_CCR_TSVREFE;
    if (slow && (ADC_CCR & (ADC_CCR_TSVREFE | ADC_CCR_VBATE)) != sources) {
        ADC_CCR = ADC_CCR_ADCPRE_4 | sources;
        hal_delay_us(10);
    }
    set_sampling(channel, slow ? SAMPLE_SLOW : SAMPLE_PIN);
    ADC1->sqr[0] = 0; /* one conversion */
    ADC1->sqr[2] = channel;
    ADC1->sr = 0;
    ADC1->cr2 |= ADC_CR2_SWSTART;
    *bits = BITS;
    if (!wait_for(&ADC1->sr, ADC_SR_EOC, ADC_SR_EOC, 100000))
        return -E_TIMEDOUT;
    return (int)(ADC1->dr & 0xfff);
}
