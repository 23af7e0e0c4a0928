/* SPDX-License-Identifier: MIT
 * tim.c: timers [17-20]: PWM on pins, hardware timers with an interrupt.
 */
#include "stm32f4.h"

enum { TIMERS = 15, CHANNELS = 4, PWM_MODE_1 = 6 << 4 | 1 << 3 /* with preload */ };

static const struct {
    tim_regs_t *regs;
    uint8_t irq, apb, enable_bit, channels, alt;
} info[TIMERS] = {
    {0},
    {(tim_regs_t *)0x40010000, IRQ_TIM1_UP_TIM10, 2, 0, 4, 1},
    {(tim_regs_t *)0x40000000, IRQ_TIM2, 1, 0, 4, 1},
    {(tim_regs_t *)0x40000400, IRQ_TIM3, 1, 1, 4, 2},
    {(tim_regs_t *)0x40000800, IRQ_TIM4, 1, 2, 4, 2},
    {(tim_regs_t *)0x40000c00, IRQ_TIM5, 1, 3, 4, 2},
    {(tim_regs_t *)0x40001000, IRQ_TIM6_DAC, 1, 4, 0, 0},
    {(tim_regs_t *)0x40001400, IRQ_TIM7, 1, 5, 0, 0},
    {(tim_regs_t *)0x40010400, IRQ_TIM8_UP_TIM13, 2, 1, 4, 3},
    {(tim_regs_t *)0x40014000, IRQ_TIM1_BRK_TIM9, 2, 16, 2, 3},
    {(tim_regs_t *)0x40014400, IRQ_TIM1_UP_TIM10, 2, 17, 1, 3},
    {(tim_regs_t *)0x40014800, IRQ_TIM1_TRG_TIM11, 2, 18, 1, 3},
    {(tim_regs_t *)0x40001800, IRQ_TIM8_BRK_TIM12, 1, 6, 2, 9},
    {(tim_regs_t *)0x40001c00, IRQ_TIM8_UP_TIM13, 1, 7, 1, 9},
    {(tim_regs_t *)0x40002000, IRQ_TIM8_TRG_TIM14, 1, 8, 1, 9},
};

/* Which channel of which timer a pin can be. A pin's first row is what PWM takes. */
static const struct {
    uint8_t pin, timer, channel;
} outputs[] = {
    {PIN(A, 0), 5, 1}, {PIN(A, 1), 5, 2}, {PIN(A, 2), 5, 3}, {PIN(A, 3), 5, 4}, {PIN(A, 5), 2, 1},
    {PIN(A, 6), 3, 1}, {PIN(A, 7), 3, 2}, {PIN(A, 8), 1, 1}, {PIN(A, 9), 1, 2}, {PIN(A, 10), 1, 3},
    {PIN(A, 11), 1, 4}, {PIN(A, 15), 2, 1}, {PIN(B, 0), 3, 3}, {PIN(B, 1), 3, 4}, {PIN(B, 3), 2, 2},
    {PIN(B, 4), 3, 1}, {PIN(B, 5), 3, 2}, {PIN(B, 6), 4, 1}, {PIN(B, 7), 4, 2}, {PIN(B, 8), 4, 3},
    {PIN(B, 9), 4, 4}, {PIN(B, 10), 2, 3}, {PIN(B, 11), 2, 4}, {PIN(B, 14), 12, 1}, {PIN(B, 15), 12, 2},
    {PIN(C, 6), 8, 1}, {PIN(C, 7), 8, 2}, {PIN(C, 8), 8, 3}, {PIN(C, 9), 8, 4},
    /* second choices, for pyb.Timer */
    {PIN(A, 0), 2, 1}, {PIN(A, 1), 2, 2}, {PIN(A, 2), 2, 3}, {PIN(A, 3), 2, 4}, {PIN(A, 2), 9, 1},
    {PIN(A, 3), 9, 2}, {PIN(A, 6), 13, 1}, {PIN(A, 7), 14, 1}, {PIN(B, 8), 10, 1}, {PIN(B, 9), 11, 1},
    {PIN(C, 6), 3, 1}, {PIN(C, 7), 3, 2}, {PIN(C, 8), 3, 3}, {PIN(C, 9), 3, 4},
};
enum { OUTPUTS = sizeof outputs / sizeof outputs[0] };

static void enable_clock(unsigned id)
{
    *(info[id].apb == 1 ? &RCC->apb1enr : &RCC->apb2enr) |= 1u << info[id].enable_bit;
}

static bool clock_enabled(unsigned id)
{
    return *(info[id].apb == 1 ? &RCC->apb1enr : &RCC->apb2enr) >> info[id].enable_bit & 1;
}

static bool is_wide(unsigned id) { return id == 2 || id == 5; }

/* ---- channels ---- */

static void set_channel(unsigned id, unsigned channel, uint32_t compare)
{
    tim_regs_t *t = info[id].regs;
    unsigned shift = (channel - 1) % 2 * 8;
    reg_t *ccmr = &t->ccmr[(channel - 1) / 2];
    t->ccr[channel - 1] = compare;
    *ccmr = (*ccmr & ~(0xffu << shift)) | (uint32_t)PWM_MODE_1 << shift;
    t->ccer |= 1u << (channel - 1) * 4;
    if (id == 1 || id == 8)
        t->bdtr |= TIM_BDTR_MOE;
}

static void start_counter(unsigned id, uint32_t prescaler, uint32_t period)
{
    tim_regs_t *t = info[id].regs;
    t->psc = prescaler;
    t->arr = period;
    t->cr1 |= TIM_CR1_ARPE;
    t->egr = TIM_EGR_UG; /* take them over now */
    t->sr = 0;
    t->cr1 |= TIM_CR1_CEN;
}

/* ---- PWM ---- */

static int find_output(unsigned pin)
{
    for (int i = 0; i < OUTPUTS; i++)
        if (outputs[i].pin == pin)
            return i;
    return -1;
}

/* Prescaler and period for a frequency, with as many steps as possible. */
static bool divide(unsigned id, uint32_t hz, uint32_t *prescaler, uint32_t *period)
{
    uint64_t ticks = clock_timer_hz(info[id].apb);
    if (!hz || hz > ticks / 2)
        return false;
    ticks = (ticks + hz / 2) / hz;
    uint64_t most = is_wide(id) ? 0x100000000 : 0x10000;
    uint64_t divider = (ticks + most - 1) / most;
    *prescaler = (uint32_t)(divider - 1);
    *period = (uint32_t)((ticks + divider / 2) / divider - 1);
    return divider <= 0x10000;
}

static bool is_running(int output)
{
    unsigned id = outputs[output].timer, channel = outputs[output].channel;
    return clock_enabled(id) && info[id].regs->cr1 & TIM_CR1_CEN && info[id].regs->ccer >> (channel - 1) * 4 & 1 &&
           hal_pin_mode(outputs[output].pin) == HAL_ALT;
}

int hal_pwm_set(unsigned pin, uint32_t hz, uint32_t duty)
{
    int i = find_output(pin);
    uint32_t prescaler, period;
    if (i < 0 || !divide(outputs[i].timer, hz, &prescaler, &period))
        return -E_INVAL;
    unsigned id = outputs[i].timer;
    tim_regs_t *t = info[id].regs;
    enable_clock(id);
    /* Channels of the same timer share the frequency; they keep their share of the period. */
    if (!(t->cr1 & TIM_CR1_CEN) || t->psc != prescaler || t->arr != period) {
        uint64_t before = (uint64_t)t->arr + 1;
        for (unsigned c = 0; c < info[id].channels; c++)
            if (t->ccer >> c * 4 & 1)
                t->ccr[c] = (uint32_t)(t->ccr[c] * ((uint64_t)period + 1) / before);
        set_channel(id, outputs[i].channel, (uint32_t)(((uint64_t)period + 1) * duty >> 16));
        start_counter(id, prescaler, period);
    } else {
        set_channel(id, outputs[i].channel, (uint32_t)(((uint64_t)period + 1) * duty >> 16));
    }
    hal_pin_config(pin, HAL_ALT, HAL_PULL_NONE, info[id].alt);
    return 0;
}

int hal_pwm_get(unsigned pin, uint32_t *hz, uint32_t *duty)
{
    int i = find_output(pin);
    *hz = *duty = 0;
    if (i < 0)
        return -E_INVAL;
    if (!is_running(i))
        return 0;
    const tim_regs_t *t = info[outputs[i].timer].regs;
    uint64_t ticks = ((uint64_t)t->psc + 1) * ((uint64_t)t->arr + 1);
    uint64_t period = (uint64_t)t->arr + 1;
    *hz = (uint32_t)((clock_timer_hz(info[outputs[i].timer].apb) + ticks / 2) / ticks);
    *duty = (uint32_t)((((uint64_t)t->ccr[outputs[i].channel - 1] << 16) + period - 1) / period);
    return 0;
}

void hal_pwm_stop(unsigned pin)
{
    int i = find_output(pin);
    if (i < 0 || !is_running(i))
        return;
    tim_regs_t *t = info[outputs[i].timer].regs;
    t->ccer &= ~(1u << (outputs[i].channel - 1) * 4);
    if (!t->ccer)
        t->cr1 &= ~(uint32_t)TIM_CR1_CEN;
    hal_pin_config(pin, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_write(pin, false);
}

/* ---- timers ---- */

uint32_t hal_timer_source_hz(unsigned id) { return id >= 1 && id < TIMERS ? clock_timer_hz(info[id].apb) : 0; }

int hal_timer_start(unsigned id, uint32_t prescaler, uint32_t period, bool interrupt)
{
    if (id < 1 || id >= TIMERS)
        return -E_NODEV;
    tim_regs_t *t = info[id].regs;
    enable_clock(id);
    t->dier &= ~(uint32_t)TIM_DIER_UIE;
    start_counter(id, prescaler, period);
    if (interrupt) {
        irq_priority(info[id].irq, PRIORITY_TIMER);
        irq_enable(info[id].irq);
        t->dier |= TIM_DIER_UIE;
    }
    return 0;
}

void hal_timer_stop(unsigned id)
{
    tim_regs_t *t = info[id].regs;
    t->dier = 0;
    t->ccer = 0;
    t->cr1 = 0;
}

uint32_t hal_timer_counter(unsigned id) { return info[id].regs->cnt; }

int hal_timer_pwm(unsigned id, unsigned channel, unsigned pin, uint32_t compare)
{
    if (channel > info[id].channels)
        return -E_INVAL;
    if (pin != HAL_NO_PIN) {
        unsigned i = 0;
        while (i < OUTPUTS && !(outputs[i].pin == pin && outputs[i].timer == id && outputs[i].channel == channel))
            i++;
        if (i == OUTPUTS)
            return -E_INVAL;
    }
    set_channel(id, channel, compare);
    if (pin != HAL_NO_PIN)
        hal_pin_config(pin, HAL_ALT, HAL_PULL_NONE, info[id].alt);
    return 0;
}

static void serve(unsigned id)
{
    tim_regs_t *t = info[id].regs;
    if (!clock_enabled(id) || !(t->dier & TIM_DIER_UIE) || !(t->sr & TIM_SR_UIF))
        return;
    t->sr = ~(uint32_t)TIM_SR_UIF;
    hal_wake();
    hal_on_timer(id);
}

void tim1_brk_tim9_handler(void) { serve(9); }

void tim1_up_tim10_handler(void)
{
    serve(1);
    serve(10);
}

void tim1_trg_tim11_handler(void) { serve(11); }
void tim2_handler(void) { serve(2); }
void tim3_handler(void) { serve(3); }
void tim4_handler(void) { serve(4); }
void tim5_handler(void) { serve(5); }
void tim6_handler(void) { serve(6); }
void tim7_handler(void) { serve(7); }
void tim8_brk_tim12_handler(void) { serve(12); }

void tim8_up_tim13_handler(void)
{
    serve(8);
    serve(13);
}

void tim8_trg_tim14_handler(void) { serve(14); }
