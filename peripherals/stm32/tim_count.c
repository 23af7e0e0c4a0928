// SPDX-License-Identifier: GPL-2.0-or-later
// The counter of the STM32F405's timers (RM0090 chapters 17-20): periods, updates and compare matches,
// brought to any time in one go. The model is tim.c.
#include "tim.h"

bool tim_runs(const stm32_tim_t *t)
{
    slave_t s = tim_slave(t);
    return t->clocked && tim_cr1(t) & CR1_CEN && t->arr && !(R(&t->p, TIM_SMCR) & SMCR_ECE) &&
           (s == SLAVE_OFF || s == SLAVE_RESET || s == SLAVE_TRIGGER || (s == SLAVE_GATED && t->gate));
}

void tim_request(stm32_tim_t *t, unsigned i)
{
    if (!(R(&t->p, TIM_DIER) >> (i + 8) & 1))
        return;
    t->burst = 0;
    t->burst_line = t->request[i];
    line_pulse(t->request[i]);
}

void tim_set_flag(stm32_tim_t *t, uint32_t flag) { R(&t->p, TIM_SR) |= flag; }

static void compare_match(stm32_tim_t *t, unsigned c, bool counting_down)
{
    channel_t *ch = &t->ch[c];
    switch (tim_oc_mode(t, c)) {
    case OC_ACTIVE: ch->ref = true; break;
    case OC_INACTIVE: ch->ref = false; break;
    case OC_TOGGLE: ch->ref = !ch->ref; break;
    default: break;
    }
    uint32_t cms = (tim_cr1(t) & CR1_CMS) >> 5; // 1: flags while counting down, 2: up, 3: both
    if ((cms == 1 && !counting_down) || (cms == 2 && counting_down))
        return;
    tim_set_flag(t, CC1IF << c);
    if (!(R(&t->p, TIM_CR2) & CR2_CCDS))
        tim_request(t, 1 + c);
    if (c == 0 && tim_master(t) == MASTER_COMPARE)
        line_pulse(t->trgo);
}

static bool in_span(uint32_t v, uint32_t low, uint32_t high) { return v >= low && v <= high; }

// The counter took all values low ... high; `ended`: the period ended here, for compare values beyond.
static void match_span(stm32_tim_t *t, uint32_t low, uint32_t high, bool counting_down, bool ended)
{
    for (unsigned c = 0; c < t->kind->channels; c++)
        if (!tim_is_input(t, c) && (in_span(t->ch[c].ccr, low, high) || (ended && t->ch[c].ccr > t->arr)))
            compare_match(t, c, counting_down);
}

void tim_load(stm32_tim_t *t)
{
    part_t *p = &t->p;
    t->psc = R(p, TIM_PSC);
    t->arr = R(p, TIM_ARR);
    t->rep = R(p, TIM_RCR);
    for (unsigned c = 0; c < t->kind->channels; c++)
        t->ch[c].ccr = R(p, TIM_CCR1 + 4 * c);
}

static void update_effects(stm32_tim_t *t)
{
    tim_set_flag(t, UIF);
    tim_request(t, UPDATE_REQUEST);
    if (R(&t->p, TIM_CR2) & CR2_CCDS)
        for (unsigned c = 0; c < t->kind->channels; c++)
            tim_request(t, 1 + c);
    if (t->kind->advanced && R(&t->p, TIM_BDTR) & BDTR_AOE)
        R(&t->p, TIM_BDTR) |= BDTR_MOE;
}

// Overflow or underflow.
static void overflow(stm32_tim_t *t)
{
    if (t->rep) {
        t->rep--;
        return;
    }
    if (tim_cr1(t) & CR1_UDIS)
        return;
    tim_load(t);
    update_effects(t);
    if (tim_cr1(t) & CR1_OPM)
        R(&t->p, TIM_CR1) &= ~CR1_CEN;
    if (tim_master(t) == MASTER_UPDATE)
        line_pulse(t->trgo);
}

uint64_t tim_to_boundary(stm32_tim_t *t)
{
    if (!tim_centered(t))
        return tim_down(t) ? (uint64_t)t->cnt + 1
                       : (uint64_t)(t->cnt <= t->arr ? t->arr : tim_top(t)) - t->cnt + 1;
    if (!tim_down(t) && t->cnt >= t->arr) // the period was made shorter
        R(&t->p, TIM_CR1) |= CR1_DIR;
    if (tim_down(t) && t->cnt == 0)
        R(&t->p, TIM_CR1) &= ~CR1_DIR;
    return tim_down(t) ? t->cnt : t->arr - t->cnt;
}

// The step at the boundary.
static void cross(stm32_tim_t *t)
{
    bool was_down = tim_down(t);
    if (tim_centered(t)) {
        t->cnt = was_down ? 0 : t->arr;
        match_span(t, t->cnt, t->cnt, was_down, !was_down);
        R(&t->p, TIM_CR1) ^= CR1_DIR;
        overflow(t);
        return;
    }
    bool beyond = !was_down && t->cnt > t->arr; // runs through to the top without an overflow
    match_span(t, 1, 0, was_down, !beyond);     // only compare values beyond the period
    if (!beyond)
        overflow(t);
    t->cnt = was_down ? t->arr : 0;
    match_span(t, t->cnt, t->cnt, was_down, false);
}

// Steps inside a period: 0 < n < tim_to_boundary().
static void move(stm32_tim_t *t, uint64_t n)
{
    if (tim_down(t)) {
        t->cnt -= n;
        match_span(t, t->cnt, t->cnt + (n - 1), true, false);
    } else {
        t->cnt += n;
        match_span(t, t->cnt - (n - 1), t->cnt, false, false);
    }
}

void tim_count(stm32_tim_t *t, uint64_t n)
{
    while (n && t->arr) {
        uint64_t d = tim_to_boundary(t);
        if (n < d) {
            move(t, n);
            return;
        }
        if (d > 1)
            move(t, d - 1);
        cross(t);
        n -= d;
    }
}

// Nothing of the next period differs from this one.
static bool steady(stm32_tim_t *t)
{
    part_t *p = &t->p;
    if (tim_cr1(t) & CR1_UDIS) // nothing is loaded, nothing stops
        return true;
    bool same = t->psc == R(p, TIM_PSC) && t->arr == R(p, TIM_ARR) && !(tim_cr1(t) & CR1_OPM);
    for (unsigned c = 0; c < t->kind->channels; c++)
        same &= tim_is_input(t, c) || t->ch[c].ccr == R(p, TIM_CCR1 + 4 * c);
    return same;
}

// `k` whole periods, of which nobody looked at the single ones.
static void skip_periods(stm32_tim_t *t, uint64_t k)
{
    uint64_t overflows = tim_centered(t) ? 2 * k : k, reload = R(&t->p, TIM_RCR);
    for (unsigned c = 0; c < t->kind->channels; c++) {
        channel_t *ch = &t->ch[c];
        if (tim_is_input(t, c))
            continue;
        bool twice = tim_centered(t) && ch->ccr && ch->ccr < t->arr, ref = ch->ref;
        compare_match(t, c, ((tim_cr1(t) & CR1_CMS) >> 5) == 1);
        if (tim_oc_mode(t, c) == OC_TOGGLE)
            ch->ref = ref ^ (!twice && k & 1);
    }
    if (overflows <= t->rep) {
        t->rep -= overflows;
    } else if (!(tim_cr1(t) & CR1_UDIS)) {
        t->rep = reload - (overflows - t->rep - 1) % (reload + 1);
        update_effects(t);
    }
}

uint64_t tim_now_tick(stm32_tim_t *t)
{
    return clk_ticks(t->p.clk, machine_now_ps(t->p.m));
}

void tim_catch_up(stm32_tim_t *t)
{
    uint64_t now = tim_now_tick(t);
    if (now <= t->epoch_tick)
        return;
    uint64_t dt = now - t->epoch_tick;
    t->epoch_tick = now;
    while (dt && tim_runs(t)) {
        uint64_t per = (uint64_t)t->psc + 1, d = tim_to_boundary(t), ticks = d * per - t->phase;
        if (t->phase >= per || dt < ticks) {
            uint64_t total = t->phase + dt;
            t->phase = total % per;
            if (total >= per)
                tim_count(t, total / per);
            return;
        }
        tim_count(t, d);
        t->phase = 0;
        dt -= ticks;
        per = (uint64_t)t->psc + 1;
        uint64_t period = (tim_centered(t) ? 2 * (uint64_t)t->arr : (uint64_t)t->arr + 1) * per;
        if (period && dt >= period && t->cnt <= t->arr && steady(t) && tim_runs(t)) {
            skip_periods(t, dt / period);
            dt %= period;
        }
    }
}

void tim_reinit(stm32_tim_t *t)
{
    t->phase = 0;
    if (!(tim_cr1(t) & CR1_UDIS)) {
        tim_load(t);
        if (!(tim_cr1(t) & CR1_URS))
            update_effects(t);
        if (tim_master(t) == MASTER_UPDATE)
            line_pulse(t->trgo);
    }
    if (tim_centered(t))
        R(&t->p, TIM_CR1) &= ~CR1_DIR;
    t->cnt = tim_down(t) ? t->arr : 0;
    if (tim_master(t) == MASTER_RESET)
        line_pulse(t->trgo);
}
