// SPDX-License-Identifier: GPL-2.0-or-later
// Inputs of the STM32F405's timers (RM0090 chapters 17-20): captures, triggers and slave modes, encoders,
// break. The model is tim.c.
#include "tim.h"

void tim_capture(stm32_tim_t *t, unsigned c)
{
    uint32_t flag = CC1IF << c;
    if (R(&t->p, TIM_SR) & flag)
        tim_set_flag(t, CC1OF << c);
    R(&t->p, TIM_CCR1 + 4 * c) = t->ch[c].ccr = t->cnt;
    tim_set_flag(t, flag);
    tim_request(t, 1 + c);
    if (c == 0 && tim_master(t) == MASTER_COMPARE)
        line_pulse(t->trgo);
}

// An edge on the input of channel c that its polarity lets through.
static void input_edge(stm32_tim_t *t, unsigned c)
{
    channel_t *ch = &t->ch[c];
    if (!(tim_ccer(t, c) & CCER_E))
        return;
    if (++ch->captures >= 1u << (tim_ccmr(t, c) >> 2 & 3)) {
        ch->captures = 0;
        tim_capture(t, c);
    }
}

static void external_count(stm32_tim_t *t)
{
    if (!t->clocked || !(tim_cr1(t) & CR1_CEN))
        return;
    if (t->phase++ >= t->psc) {
        t->phase = 0;
        tim_count(t, 1);
    }
}

void tim_trigger(stm32_tim_t *t)
{
    tim_set_flag(t, TIF);
    tim_request(t, TRIGGER_REQUEST);
    for (unsigned c = 0; c < t->kind->channels; c++)
        if ((tim_ccmr(t, c) & 3) == 3)
            input_edge(t, c);
    switch (tim_slave(t)) {
    case SLAVE_RESET: tim_reinit(t); break;
    case SLAVE_TRIGGER: R(&t->p, TIM_CR1) |= CR1_CEN; break;
    case SLAVE_CLOCK: external_count(t); break;
    default: break;
    }
}

// Trigger source `ts` (SMCR.TS) changed its level; polarity is applied.
static void trigger_input(stm32_tim_t *t, unsigned ts, bool level, bool both_edges)
{
    if ((R(&t->p, TIM_SMCR) >> 4 & 7) != ts || tim_slave(t) == SLAVE_OFF)
        return;
    bool changed = t->gate != level;
    t->gate = level;
    if (tim_slave(t) == SLAVE_GATED) {
        if (changed)
            tim_set_flag(t, TIF);
    } else if (level || both_edges) {
        tim_trigger(t);
    }
}

static bool polarity_passes(stm32_tim_t *t, unsigned c, bool rising)
{
    uint32_t e = tim_ccer(t, c) & (CCER_P | CCER_NP);
    return e == (CCER_P | CCER_NP) || rising == !(e & CCER_P);
}

static bool fp_level(stm32_tim_t *t, unsigned c)
{
    return t->ch[c].level ^ !!(tim_ccer(t, c) & CCER_P);
}

// Quadrature: TI1 ahead of TI2 counts up. Mode 1 counts edges of TI1, 2 those of TI2, 3 both.
static void encoder_edge(stm32_tim_t *t, unsigned ti)
{
    if (tim_slave(t) < ENCODER_1 || tim_slave(t) > ENCODER_3 || !(tim_slave(t) & (1u << ti)))
        return;
    if ((fp_level(t, 0) == fp_level(t, 1)) == (ti == 0))
        R(&t->p, TIM_CR1) |= CR1_DIR;
    else
        R(&t->p, TIM_CR1) &= ~CR1_DIR;
    external_count(t);
}

static void input_changed(stm32_tim_t *t, unsigned ti, bool level)
{
    static const uint8_t other[CHANNELS] = {1, 0, 3, 2};
    for (unsigned c = 0; c < t->kind->channels; c++) {
        unsigned s = tim_ccmr(t, c) & 3;
        if (((s == 1 && c == ti) || (s == 2 && other[c] == ti)) && polarity_passes(t, c, level))
            input_edge(t, c);
    }
    if (ti > 1)
        return;
    bool both = tim_ccer(t, ti) & CCER_NP && tim_ccer(t, ti) & CCER_P;
    if (ti == 0)
        trigger_input(t, 4, true, true);
    trigger_input(t, 5 + ti, level ^ (tim_ccer(t, ti) & CCER_P && !both), both);
    encoder_edge(t, ti);
}

static bool listens(stm32_tim_t *t)
{
    bool any = tim_slave(t) != SLAVE_OFF;
    for (unsigned c = 0; c < t->kind->channels; c++)
        any |= tim_is_input(t, c);
    return any;
}

void tim_channel_pad(void *ctx, pad_t *pad, bool level)
{
    channel_t *ch = ctx;
    stm32_tim_t *t = ch->t;
    if (ch->level == level)
        return;
    bool exclusive = R(&t->p, TIM_CR2) & CR2_TI1S && ch->n < 3;
    ch->level = level;
    if (!t->clocked || !listens(t))
        return;
    tim_catch_up(t);
    if (ch->n != 0 || !exclusive)
        input_changed(t, ch->n, level);
    if (exclusive) // TI1 is the XOR of the first three
        input_changed(t, 0, t->ch[0].level ^ t->ch[1].level ^ t->ch[2].level);
    tim_settle(t);
}

void tim_etr_pad(void *ctx, pad_t *pad, bool raw)
{
    stm32_tim_t *t = ctx;
    uint32_t smcr = R(&t->p, TIM_SMCR);
    bool level = raw ^ !!(smcr & SMCR_ETP);
    if (level == t->etr_level)
        return;
    t->etr_level = level;
    if (!t->clocked || (tim_slave(t) == SLAVE_OFF && !(smcr & SMCR_ECE)))
        return;
    unsigned prescaler = smcr >> 12 & 3;
    if (prescaler && !(level && ++t->etr_edges >= 1u << prescaler))
        return;
    t->etr_edges = 0;
    tim_catch_up(t);
    trigger_input(t, 7, level, false);
    if (smcr & SMCR_ECE && level)
        external_count(t);
    tim_settle(t);
}

void tim_break(stm32_tim_t *t)
{
    R(&t->p, TIM_BDTR) &= ~BDTR_MOE;
    tim_set_flag(t, BIF);
}

void tim_bkin_pad(void *ctx, pad_t *pad, bool level)
{
    stm32_tim_t *t = ctx;
    uint32_t bdtr = R(&t->p, TIM_BDTR);
    if (!t->clocked || !(bdtr & BDTR_BKE) || level != !!(bdtr & BDTR_BKP) || !pad->pin)
        return;
    tim_catch_up(t);
    tim_break(t);
    tim_settle(t);
}

void tim_itr_line(void *ctx, int i, bool level)
{
    stm32_tim_t *t = ctx;
    t->itr[i] = level;
    if (!t->clocked || tim_slave(t) == SLAVE_OFF || (R(&t->p, TIM_SMCR) >> 4 & 7) != (unsigned)i)
        return;
    tim_catch_up(t);
    trigger_input(t, i, level, false);
    tim_settle(t);
}

uint32_t tim_trigger_level(stm32_tim_t *t)
{
    unsigned ts = R(&t->p, TIM_SMCR) >> 4 & 7;
    return ts < 4 ? t->itr[ts] : ts == 7 ? t->etr_level : ts == 4 ? false : fp_level(t, ts - 5);
}
