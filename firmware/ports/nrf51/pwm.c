/* SPDX-License-Identifier: MIT
 * pwm.c: PWM on up to three pins, which share one period, without the CPU: TIMER2's compare events toggle the pins through
 * PPI and GPIOTE (channel i of all three; PPI channels 2i and 2i+1). CC3 ends the period and sets all pins, CC0 to CC2 clear
 * theirs. What changes is changed at the start of a period, when all pins are high.
 */
#include "nrf51.h"
#include "microbit.h"

enum { CHANNELS = 3, PERIOD = 3 };

static struct {
    struct {
        uint8_t pin;  /* HAL_NO_PIN: free */
        uint32_t duty; /* of 65536 */
    } channel[CHANNELS];
    uint32_t period_us;
    bool running, used;
} pwm;

static int find(unsigned pin)
{
    for (int i = 0; i < CHANNELS; i++)
        if (pwm.used && pwm.channel[i].pin == pin)
            return i;
    return -1;
}

/* Compare registers from the wanted duties; the timer stands still and the pins go high. */
static void load(void)
{
    unsigned shift = 0; /* the period in 16 bits */
    while ((pwm.period_us * 16 >> shift) > 0xffff)
        shift++;
    uint32_t period = pwm.period_us * 16 >> shift;
    TIMER_STOP(ID_TIMER2) = 1;
    TIMER_CLEAR(ID_TIMER2) = 1;
    TIMER_BITMODE(ID_TIMER2) = TIMER_BITMODE_16;
    TIMER_PRESCALER(ID_TIMER2) = shift;
    TIMER_SHORTS(ID_TIMER2) = 1u << PERIOD;
    TIMER_CC(ID_TIMER2, PERIOD) = period;
    bool any = false;
    for (unsigned i = 0; i < CHANNELS; i++) {
        unsigned pin = pwm.channel[i].pin;
        uint32_t compare = (uint32_t)((uint64_t)period * pwm.channel[i].duty >> 16), both = 3u << 2 * i;
        PPI_CHENCLR = both;
        GPIOTE_CONFIG(i) = 0;
        if (pin == HAL_NO_PIN)
            continue;
        if (compare == 0 || compare >= period) { /* no edges: a plain output */
            hal_pin_write(pin, compare != 0);
            continue;
        }
        any = true;
        TIMER_CC(ID_TIMER2, i) = compare;
        GPIOTE_CONFIG(i) = GPIOTE_TASK | pin << GPIOTE_PSEL_POS | GPIOTE_TOGGLE | GPIOTE_INIT_HIGH;
        PPI_EEP(2 * i) = (uint32_t)&TIMER_COMPARE(ID_TIMER2, i);
        PPI_TEP(2 * i) = (uint32_t)&GPIOTE_OUT(i);
        PPI_EEP(2 * i + 1) = (uint32_t)&TIMER_COMPARE(ID_TIMER2, PERIOD);
        PPI_TEP(2 * i + 1) = (uint32_t)&GPIOTE_OUT(i);
        PPI_CHENSET = both;
    }
    pwm.running = any;
    if (any)
        TIMER_START(ID_TIMER2) = 1;
}

void timer2_handler(void)
{
    TIMER_COMPARE(ID_TIMER2, PERIOD) = 0;
    TIMER_INTENCLR(ID_TIMER2) = TIMER_INT(PERIOD);
    load();
}

/* At once if nothing runs, else when the period is over. */
static void change(void)
{
    uint32_t state = hal_irq_disable();
    if (!pwm.running) {
        load();
    } else {
        TIMER_COMPARE(ID_TIMER2, PERIOD) = 0;
        TIMER_INTENSET(ID_TIMER2) = TIMER_INT(PERIOD);
        irq_enable(ID_TIMER2, PRIORITY_DISPLAY);
    }
    hal_irq_restore(state);
}

int microbit_pwm(unsigned pin, uint32_t period_us, uint32_t duty)
{
    if (!pwm.used) {
        for (unsigned i = 0; i < CHANNELS; i++)
            pwm.channel[i].pin = HAL_NO_PIN;
        pwm.used = true;
    }
    int i = find(pin);
    if (i < 0)
        i = find(HAL_NO_PIN);
    if (i < 0 || period_us < 20 || period_us > 0x4000000)
        return -E_INVAL;
    if (pwm.channel[i].pin == pin && pwm.channel[i].duty == duty && pwm.period_us == period_us)
        return 0;
    pwm.channel[i].pin = (uint8_t)pin;
    pwm.channel[i].duty = duty;
    pwm.period_us = period_us;
    hal_pin_config(pin, HAL_OUT, HAL_PULL_NONE, 0);
    change();
    return 0;
}

int hal_pwm_set(unsigned pin, uint32_t hz, uint32_t duty) { return hz ? microbit_pwm(pin, 1000000 / hz, duty) : -E_INVAL; }

int hal_pwm_get(unsigned pin, uint32_t *hz, uint32_t *duty)
{
    int i = find(pin);
    *hz = i < 0 ? 0 : (1000000 + pwm.period_us / 2) / pwm.period_us;
    *duty = i < 0 ? 0 : pwm.channel[i].duty;
    return 0;
}

void hal_pwm_stop(unsigned pin)
{
    int i = find(pin);
    if (i < 0)
        return;
    uint32_t state = hal_irq_disable();
    PPI_CHENCLR = 3u << 2 * i;
    GPIOTE_CONFIG(i) = 0;
    pwm.channel[i].pin = HAL_NO_PIN;
    hal_irq_restore(state);
    hal_pin_write(pin, false);
    hal_pin_config(pin, HAL_IN, HAL_PULL_NONE, 0);
}
