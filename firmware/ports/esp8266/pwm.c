/* SPDX-License-Identifier: MIT
 * pwm.c: PWM by software on up to eight pins, which share one frequency. FRC1 interrupts at each change of level: a
 * period is a list of moments, each with the pins that go high and low there. A new list is taken over when a period
 * begins.
 */
#include "esp8266.h"

enum { CHANNELS = 8, FULL = 65536, RATE = APB_HZ, LEAST = 480 /* ticks between two interrupts: 6 us */, MOST = 0x7fffff,
       RELOAD = 50 /* ticks that reading and loading take */ };

typedef struct step {
    uint32_t ticks; /* to the next one */
    uint32_t set, clear;
} step_t;

typedef struct list {
    step_t steps[CHANNELS + 1];
    uint32_t n, ticks; /* ticks: of the period */
} list_t;

static struct {
    struct {
        uint32_t duty;
        uint8_t pin;
        bool used;
    } channel[CHANNELS];
    uint32_t hz;
    list_t lists[2];
    volatile uint32_t current, wanted; /* lists */
    uint32_t step, left; /* left: of a step longer than the counter */
    bool running;
} pwm;

static int find(unsigned pin)
{
    for (int i = 0; i < CHANNELS; i++)
        if (pwm.channel[i].used && pwm.channel[i].pin == pin)
            return i;
    return -1;
}

/* ---- the interrupt ---- */

/* The counter went through 0 a while ago and goes on from its end: the time since then is taken off. */
static IN_IRAM void load(uint32_t ticks)
{
    uint32_t now = ticks > MOST ? MOST / 2 : ticks, late = MOST - FRC1_COUNT + RELOAD;
    pwm.left = ticks > MOST ? ticks - now : 0;
    FRC1_LOAD = now > late + RELOAD ? now - late : RELOAD;
}

IN_IRAM void frc1_handler(void)
{
    FRC1_CLEAR = 0;
    if (pwm.left) {
        load(pwm.left);
        return;
    }
    uint32_t i = pwm.step;
    if (i == 0)
        pwm.current = pwm.wanted;
    const list_t *l = &pwm.lists[pwm.current];
    const step_t *s = &l->steps[i];
    GPIO_OUT_SET = s->set;
    GPIO_OUT_CLR = s->clear;
    pwm.step = i + 1 < l->n ? i + 1 : 0;
    load(s->ticks);
}

/* ---- lists ---- */

/* All high at the start, then one after the other low. Levels that never change are not in it. */
static void make(list_t *l)
{
    uint32_t period = RATE / pwm.hz, at[CHANNELS + 1], mask[CHANNELS + 1], n = 1;
    at[0] = mask[0] = 0;
    uint32_t set = 0, clear = 0;
    for (unsigned i = 0; i < CHANNELS; i++) {
        if (!pwm.channel[i].used)
            continue;
        uint32_t pin = 1u << pwm.channel[i].pin;
        uint32_t high = (uint32_t)(((uint64_t)period * pwm.channel[i].duty + FULL / 2) / FULL);
        if (pwm.channel[i].duty == 0 || high < LEAST / 2) {
            clear |= pin;
            continue;
        }
        set |= pin;
        if (high + LEAST / 2 >= period)
            continue;
        if (high < LEAST)
            high = LEAST;
        if (high > period - LEAST)
            high = period - LEAST;
        uint32_t j = n; /* sorted; what is too close becomes one */
        while (j > 1 && at[j - 1] > high)
            j--;
        if (j > 1 && high - at[j - 1] < LEAST) {
            mask[j - 1] |= pin;
        } else if (j < n && at[j] - high < LEAST) {
            mask[j] |= pin;
        } else {
            for (uint32_t k = n++; k > j; k--) {
                at[k] = at[k - 1];
                mask[k] = mask[k - 1];
            }
            at[j] = high;
            mask[j] = pin;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        l->steps[i] = (step_t){(i + 1 < n ? at[i + 1] : period) - at[i], i ? 0 : set, i ? mask[i] : clear};
    l->n = n;
    l->ticks = period;
}

static void update(void)
{
    while (pwm.running && pwm.current != pwm.wanted) { /* the last change has not been taken over: at most a period */
    }
    bool any = false;
    for (unsigned i = 0; i < CHANNELS; i++)
        any |= pwm.channel[i].used;
    if (!any) {
        FRC1_CTRL = 0;
        DPORT_EDGE_INT &= ~(uint32_t)EDGE_INT_FRC1;
        int_disable(INT_FRC1);
        pwm.running = false;
        return;
    }
    uint32_t next = !pwm.current;
    make(&pwm.lists[next]);
    pwm.wanted = next;
    if (!pwm.running) {
        uint32_t state = irq_off();
        pwm.current = next;
        pwm.step = pwm.left = 0;
        pwm.running = true;
        FRC1_CTRL = FRC_ENABLE;
        DPORT_EDGE_INT |= EDGE_INT_FRC1;
        int_enable(INT_FRC1);
        FRC1_LOAD = LEAST;
        irq_back(state);
    }
}

/* ---- hal.h ---- */

int hal_pwm_set(unsigned pin, uint32_t hz, uint32_t duty)
{
    int i = find(pin);
    if (pin >= 16 || hz == 0 || hz > 40000)
        return -E_INVAL;
    for (int c = 0; i < 0 && c < CHANNELS; c++)
        if (!pwm.channel[c].used)
            i = c;
    if (i < 0)
        return -E_INVAL;
    if (pwm.channel[i].used && pwm.hz == hz && pwm.channel[i].duty == duty)
        return 0;
    bool fresh = !pwm.channel[i].used;
    pwm.channel[i].used = true;
    pwm.channel[i].pin = (uint8_t)pin;
    pwm.channel[i].duty = duty;
    pwm.hz = hz;
    if (fresh)
        hal_pin_config(pin, HAL_OUT, HAL_PULL_NONE, 0);
    update();
    return 0;
}

int hal_pwm_get(unsigned pin, uint32_t *hz, uint32_t *duty)
{
    int i = find(pin);
    *hz = i < 0 ? 0 : pwm.hz;
    *duty = i < 0 ? 0 : pwm.channel[i].duty;
    return 0;
}

void hal_pwm_stop(unsigned pin)
{
    int i = find(pin);
    if (i < 0)
        return;
    pwm.channel[i].used = false;
    update();
    while (pwm.running && pwm.current != pwm.wanted) {
    }
    hal_pin_write(pin, false);
}
