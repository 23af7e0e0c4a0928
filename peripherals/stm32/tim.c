// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 timers TIM1-TIM14 (RM0090 chapters 17-20). The variant says which kind, see `kinds`. Counting is
// in tim_count.c, inputs in tim_input.c.
//
// Modelled: up, down and centre-aligned counting, prescaler, auto-reload and compare preloads,
// repetition counter, one-pulse mode, update generation and its gates; output compare in all modes,
// PWM, polarity, complementary outputs, main output enable with idle levels, break input; input capture
// with prescalers, overcapture, XOR input; slave modes (encoder, reset, gated, trigger, external
// clock 1), external clock 2, TRGO and the internal triggers; interrupts and DMA requests with bursts.
// Not modelled (reported): dead time, lock levels, preloaded commutation (CCPC), OCxREF clear, remaps.
// Input filters and the few cycles of synchronisation are taken as none.
//
// Nothing ticks: the counter's state belongs to `epoch_tick` of the timer's clock and tim_catch_up() brings it
// to now. Events are scheduled only for what somebody can notice: an interrupt, a request, an edge.
//
// Pads ch1-ch4, ch1n-ch3n, etr, bkin. Lines in: itr0-3, clken. Lines out: irq, or irq_up irq_cc irq_trg
// irq_brk of the advanced ones; trgo; oc1-4, the reference levels; pulses dma_up dma_cc1-4 dma_trg
// dma_com.
#include "tim.h"

static const kind_t kinds[] = {
    {4, false, true, 0x3FF, 0x7FFD, 0xFFF7, 0x7FFF, 0x3FFF, 0xFFFF, 0xFFFF}, // 0: TIM1, TIM8
    {4, true, false, 0x3FF, 0x00F8, 0xFFF7, 0x5F5F, 0xBBBB, 0xFFFF, 0xFFFF}, // 1: TIM2, TIM5
    {4, false, false, 0x3FF, 0x00F8, 0xFFF7, 0x5F5F, 0xBBBB, 0xFFFF, 0xFFFF}, // 2: TIM3, TIM4
    {2, false, false, 0x38F, 0x0000, 0x00F7, 0x0047, 0x00BB, 0x7F7F, 0x0000}, // 3: TIM9, TIM12
    {1, false, false, 0x38F, 0x0000, 0x0000, 0x0003, 0x000B, 0x007F, 0x0000}, // 4: TIM10, 11, 13, 14
    {0, false, false, 0x08F, 0x0070, 0x0000, 0x0101, 0x0000, 0x0000, 0x0000}, // 5: TIM6, TIM7
};

// ---- What others see --------------------------------------------------------------------------------

static bool pwm_level(const stm32_tim_t *t, unsigned c)
{
    uint32_t ccr = t->ch[c].ccr;
    return tim_down(t) ? t->cnt <= ccr : t->cnt < ccr;
}

static void update_ref(stm32_tim_t *t, unsigned c)
{
    channel_t *ch = &t->ch[c];
    switch (tim_is_input(t, c) ? OC_FROZEN : tim_oc_mode(t, c)) {
    case OC_FORCE_LOW: ch->ref = false; break;
    case OC_FORCE_HIGH: ch->ref = true; break;
    case OC_PWM1: ch->ref = pwm_level(t, c); break;
    case OC_PWM2: ch->ref = !pwm_level(t, c); break;
    default: break;
    }
}

// Output control of the advanced timers (RM0090 table 99), without dead time.
static void drive_channel(stm32_tim_t *t, unsigned c)
{
    channel_t *ch = &t->ch[c];
    uint32_t e = tim_ccer(t, c), bdtr = R(&t->p, TIM_BDTR), ois = R(&t->p, TIM_CR2) >> (8 + 2 * c);
    bool main_on = !t->kind->advanced || bdtr & BDTR_MOE;
    if (tim_is_input(t, c)) {
        pad_drive(ch->pad, false, false);
        pad_drive(ch->npad, false, false);
        return;
    }
    if (!main_on) {
        bool idle = bdtr & BDTR_OSSI;
        pad_drive(ch->pad, idle && e & CCER_E, ois & 1);
        pad_drive(ch->npad, idle && e & CCER_NE, ois >> 1 & 1);
        return;
    }
    bool off_state = t->kind->advanced && bdtr & BDTR_OSSR && e & (CCER_E | CCER_NE);
    bool p = e & CCER_P, np = e & CCER_NP;
    pad_drive(ch->pad, e & CCER_E || off_state, e & CCER_E ? ch->ref ^ p : p);
    bool nref = e & CCER_E ? !ch->ref : ch->ref;
    pad_drive(ch->npad, t->kind->advanced && (e & CCER_NE || off_state), e & CCER_NE ? nref ^ np : np);
}

static void update_irqs(stm32_tim_t *t)
{
    uint32_t on = R(&t->p, TIM_SR) & R(&t->p, TIM_DIER) & 0xFF;
    if (!t->kind->advanced) {
        line_set(t->irq, on);
        return;
    }
    line_set(t->irq_up, on & UIF);
    line_set(t->irq_cc, on & 0x1E);
    line_set(t->irq_trg, on & (TIF | COMIF));
    line_set(t->irq_brk, on & BIF);
}

// Somebody can notice each overflow.
static bool overflow_matters(stm32_tim_t *t)
{
    uint32_t dier = R(&t->p, TIM_DIER), sr = R(&t->p, TIM_SR);
    if (tim_cr1(t) & CR1_UDIS)
        return false;
    return (dier & UIF && !(sr & UIF)) || dier >> 8 & UIF || tim_cr1(t) & CR1_OPM ||
           tim_master(t) == MASTER_UPDATE || (R(&t->p, TIM_CR2) & CR2_CCDS && dier & 0x1E00) ||
           (t->kind->advanced && R(&t->p, TIM_BDTR) & BDTR_AOE);
}

static bool channel_matters(stm32_tim_t *t, unsigned c)
{
    uint32_t dier = R(&t->p, TIM_DIER), sr = R(&t->p, TIM_SR), flag = CC1IF << c;
    if (tim_is_input(t, c))
        return false;
    oc_mode_t mode = tim_oc_mode(t, c);
    bool moves = mode != OC_FROZEN && mode != OC_FORCE_LOW && mode != OC_FORCE_HIGH;
    return (dier & flag && !(sr & flag)) || dier >> 8 & flag ||
           (moves && (tim_ccer(t, c) & (CCER_E | CCER_NE) || tim_master(t) == MASTER_OC1 + c)) ||
           (c == 0 && tim_master(t) == MASTER_COMPARE);
}

static void schedule(stm32_tim_t *t)
{
    if (!tim_runs(t)) {
        machine_cancel(t->p.m, &t->event);
        return;
    }
    uint64_t boundary = tim_to_boundary(t), n = overflow_matters(t) ? boundary : UINT64_MAX;
    for (unsigned c = 0; c < t->kind->channels; c++) {
        uint32_t v = t->ch[c].ccr;
        if (!channel_matters(t, c))
            continue;
        if (tim_down(t) ? v < t->cnt : v > t->cnt && v <= t->arr)
            n = MIN(n, tim_down(t) ? t->cnt - v : v - t->cnt);
        else
            n = MIN(n, boundary);
    }
    uint64_t per = (uint64_t)t->psc + 1;
    machine_at(t->p.m, &t->event, n == UINT64_MAX ? PS_NEVER
               : clk_ps(t->p.clk, t->epoch_tick + (n * per > t->phase ? n * per - t->phase : 1)));
}

void tim_settle(stm32_tim_t *t)
{
    for (unsigned c = 0; c < t->kind->channels; c++) {
        update_ref(t, c);
        drive_channel(t, c);
        line_set(t->ch[c].oc, t->ch[c].ref);
    }
    if (tim_master(t) == MASTER_ENABLE)
        line_set(t->trgo, tim_cr1(t) & CR1_CEN && (tim_slave(t) != SLAVE_GATED || t->gate));
    else if (tim_master(t) >= MASTER_OC1)
        line_set(t->trgo, t->ch[tim_master(t) - MASTER_OC1].ref);
    else
        line_set(t->trgo, false);
    update_irqs(t);
    schedule(t);
}

static void due(void *ctx, uint64_t now)
{
    tim_catch_up(ctx);
    tim_settle(ctx);
}

static void clken_line(void *ctx, int arg, bool level)
{
    stm32_tim_t *t = ctx;
    tim_catch_up(t);
    t->clocked = level;
    schedule(t);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (before)
        tim_catch_up(ctx);
    else
        schedule(ctx);
}

// ---- Registers --------------------------------------------------------------------------------------

static uint32_t writable(stm32_tim_t *t, uint32_t offset)
{
    const kind_t *k = t->kind;
    switch (offset) {
    case TIM_CR1: return k->cr1;
    case TIM_CR2: return k->cr2;
    case TIM_SMCR: return k->smcr;
    case TIM_DIER: return k->dier;
    case TIM_CCMR1: return k->ccmr1;
    case TIM_CCMR2: return k->ccmr2;
    case TIM_CCER: return k->ccer;
    case TIM_CNT:
    case TIM_ARR: return tim_top(t);
    case TIM_RCR: return k->advanced ? 0xFF : 0;
    case TIM_BDTR: return k->advanced ? 0xFFFF : 0;
    case TIM_DCR: return k->cr2 & CR2_CCDS ? 0x1F1F : 0;
    default: return 0xFFFF;
    }
}

static void cr1_written(stm32_tim_t *t, uint32_t old)
{
    uint32_t now = tim_cr1(t);
    if (tim_centered(t) || (tim_slave(t) >= ENCODER_1 && tim_slave(t) <= ENCODER_3)) // DIR is then a status
        R(&t->p, TIM_CR1) = (now & ~CR1_DIR) | (old & CR1_DIR);
    if (now & ~old & CR1_CEN) // 17.3.2: counting begins one cycle later
        t->epoch_tick = tim_now_tick(t) + 1;
    if (!(now & CR1_ARPE))
        t->arr = R(&t->p, TIM_ARR);
}

static void load_unbuffered(stm32_tim_t *t)
{
    for (unsigned c = 0; c < t->kind->channels; c++)
        if (!tim_is_input(t, c) && !(tim_ccmr(t, c) & 8))
            t->ch[c].ccr = R(&t->p, TIM_CCR1 + 4 * c);
}

static void egr_written(stm32_tim_t *t)
{
    uint32_t egr = R(&t->p, TIM_EGR);
    R(&t->p, TIM_EGR) = 0;
    for (unsigned c = 0; c < t->kind->channels; c++) {
        if (!(egr >> (1 + c) & 1))
            continue;
        if (tim_is_input(t, c)) {
            tim_capture(t, c);
        } else {
            tim_set_flag(t, CC1IF << c);
            tim_request(t, 1 + c);
        }
    }
    if (egr & COMIF && t->kind->advanced) {
        tim_set_flag(t, COMIF);
        tim_request(t, COM_REQUEST);
    }
    if (egr & TIF && t->kind->smcr)
        tim_trigger(t);
    if (egr & BIF && t->kind->advanced)
        tim_break(t);
    if (egr & UIF)
        tim_reinit(t);
}

// Every register: the past is counted with the old value, then the new one takes effect.
static void reg_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    uint32_t offset = reg->offset, now = R(p, offset) & writable(t, offset);
    R(p, offset) = old;
    tim_catch_up(t);
    old = R(p, offset); // tim_catch_up may have changed it
    R(p, offset) = now;
    switch (offset) {
    case TIM_CR1: cr1_written(t, old); break;
    case TIM_SMCR: t->gate = tim_trigger_level(t); break;
    case TIM_EGR: egr_written(t); break;
    case TIM_CCMR1:
    case TIM_CCMR2: load_unbuffered(t); break;
    case TIM_CNT: t->cnt = now; break;
    case TIM_ARR:
        if (!(tim_cr1(t) & CR1_ARPE))
            t->arr = now;
        break;
    }
    tim_settle(t);
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    R(p, TIM_SR) = old;
    tim_catch_up(t);
    R(p, TIM_SR) &= p->written | ~p->lanes;
    tim_settle(t);
}

static uint32_t sr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    if (!p->peeking)
        due(p, 0);
    return R(p, TIM_SR);
}

static uint32_t cr1_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    if (!p->peeking)
        due(p, 0);
    return R(p, TIM_CR1);
}

static uint32_t cnt_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    if (!p->peeking)
        due(t, 0);
    return t->cnt;
}

static uint32_t ccr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    if (!p->peeking && tim_is_input(t, n)) {
        tim_catch_up(t);
        R(p, TIM_SR) &= ~(CC1IF << n);
        tim_settle(t);
    }
    return R(p, TIM_CCR1 + 4 * n);
}

static void ccr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    uint32_t now = R(p, TIM_CCR1 + 4 * n) & tim_top(t);
    R(p, TIM_CCR1 + 4 * n) = old;
    tim_catch_up(t);
    if (tim_is_input(t, n) || n >= t->kind->channels)
        return;
    R(p, TIM_CCR1 + 4 * n) = now;
    load_unbuffered(t);
    tim_settle(t);
}

// 17.3.21: accesses to DMAR go to one register after the other, DBL + 1 of them for each request.
static uint32_t burst_offset(stm32_tim_t *t)
{
    uint32_t dcr = R(&t->p, TIM_DCR), offset = ((dcr & 31) + t->burst) * 4;
    t->burst++;
    return offset < TIM_DMAR ? offset : TIM_OR;
}

static void burst_next(stm32_tim_t *t)
{
    if (t->burst > (R(&t->p, TIM_DCR) >> 8 & 31))
        t->burst = 0;
    else if (t->burst_line)
        line_pulse(t->burst_line);
}

static uint32_t dmar_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    if (p->peeking)
        return 0;
    uint32_t v = part_mmio_read(p, burst_offset(t), 4);
    burst_next(t);
    return v;
}

static void dmar_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    part_mmio_write(p, burst_offset(t), 4, p->written);
    burst_next(t);
}

// ---- The part ---------------------------------------------------------------------------------------

static void init_channels(stm32_tim_t *t)
{
    char name[16];
    for (unsigned c = 0; c < CHANNELS; c++) {
        channel_t *ch = &t->ch[c];
        ch->t = t;
        ch->n = c;
        g_snprintf(name, sizeof name, "ch%u", c + 1);
        ch->pad = part_pad(&t->p, name, tim_channel_pad, ch);
        g_snprintf(name, sizeof name, "ch%un", c + 1);
        ch->npad = part_pad(&t->p, name, NULL, NULL);
        g_snprintf(name, sizeof name, "oc%u", c + 1);
        ch->oc = part_line(&t->p, name);
    }
}

static bool tim_init(part_t *p, GError **error)
{
    static const char *const requests[REQUESTS] = {"dma_up",  "dma_cc1", "dma_cc2", "dma_cc3",
                                                   "dma_cc4", "dma_com", "dma_trg"};
    stm32_tim_t *t = (stm32_tim_t *)p;
    g_assert(p->variant < G_N_ELEMENTS(kinds));
    t->kind = &kinds[p->variant];
    init_channels(t);
    t->etr = part_pad(p, "etr", tim_etr_pad, t);
    t->bkin = part_pad(p, "bkin", tim_bkin_pad, t);
    t->irq = part_line(p, "irq");
    t->irq_up = part_line(p, "irq_up");
    t->irq_cc = part_line(p, "irq_cc");
    t->irq_trg = part_line(p, "irq_trg");
    t->irq_brk = part_line(p, "irq_brk");
    t->trgo = part_line(p, "trgo");
    for (unsigned i = 0; i < REQUESTS; i++)
        t->request[i] = part_line(p, requests[i]);
    for (int i = 0; i < 4; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "itr%d", i);
        line_listen(part_line(p, name), tim_itr_line, t, i);
    }
    line_listen(part_line(p, "clken"), clken_line, t, 0);
    event_init(&t->event, p->name, due, t);
    clk_listen(p->clk, clock_changed, t);
    return true;
}

static void tim_reset(part_t *p, bool power)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    R(p, TIM_ARR) = tim_top(t);
    tim_load(t);
    t->cnt = t->phase = 0;
    t->epoch_tick = tim_now_tick(t);
    t->gate = false;
    t->burst = t->etr_edges = 0;
    t->burst_line = NULL;
    t->etr_level = pad_level(t->etr);
    for (unsigned c = 0; c < CHANNELS; c++) {
        t->ch[c].ref = false;
        t->ch[c].captures = 0;
    }
    tim_settle(t);
}

static const part_reg_t tim_regs[] = {
    {"CR1", TIM_CR1, .read = cr1_read, .write = reg_write},
    {"CR2", TIM_CR2, .unimp = CR2_CCPC, .write = reg_write},
    {"SMCR", TIM_SMCR, .write = reg_write},
    {"DIER", TIM_DIER, .write = reg_write},
    {"SR", TIM_SR, .w0c = 0x1EFF, .read = sr_read, .write = sr_write},
    {"EGR", TIM_EGR, .write = reg_write},
    {"CCMR1", TIM_CCMR1, .write = reg_write},
    {"CCMR2", TIM_CCMR2, .write = reg_write},
    {"CCER", TIM_CCER, .write = reg_write},
    {"CNT", TIM_CNT, .read = cnt_read, .write = reg_write},
    {"PSC", TIM_PSC, .write = reg_write},
    {"ARR", TIM_ARR, .write = reg_write},
    {"RCR", TIM_RCR, .write = reg_write},
    {"CCR", TIM_CCR1, .count = CHANNELS, .read = ccr_read, .write = ccr_write},
    {"BDTR", TIM_BDTR, .unimp = 0x3FF, .write = reg_write},
    {"DCR", TIM_DCR, .write = reg_write},
    {"DMAR", TIM_DMAR, .read = dmar_read, .write = dmar_write},
    {"OR", TIM_OR, .unimp = 0xFFFFFFFF},
    {0},
};

const part_class_t stm32_tim_class = {
    .name = "stm32-tim",
    .brief = "STM32F4 timer",
    .size = sizeof(stm32_tim_t),
    .regs = tim_regs,
    .mmio_size = 0x400,
    .init = tim_init,
    .reset = tim_reset,
};
