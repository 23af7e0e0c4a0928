// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 timers TIM1-TIM14 (RM0090 chapters 17-20). The variant says which kind, see `kinds`.
//
// Modelled: up, down and centre-aligned counting, prescaler, auto-reload and compare preloads,
// repetition counter, one-pulse mode, update generation and its gates; output compare in all modes,
// PWM, polarity, complementary outputs, main output enable with idle levels, break input; input capture
// with prescalers, overcapture, XOR input; slave modes (encoder, reset, gated, trigger, external
// clock 1), external clock 2, TRGO and the internal triggers; interrupts and DMA requests with bursts.
// Not modelled (reported): dead time, lock levels, preloaded commutation (CCPC), OCxREF clear, remaps.
// Input filters and the few cycles of synchronisation are taken as none.
//
// Nothing ticks: the counter's state belongs to `epoch_tick` of the timer's clock and catch_up() brings it
// to now. Events are scheduled only for what somebody can notice: an interrupt, a request, an edge.
//
// Pads ch1-ch4, ch1n-ch3n, etr, bkin. Lines in: itr0-3, clken. Lines out: irq, or irq_up irq_cc irq_trg
// irq_brk of the advanced ones; trgo; oc1-4, the reference levels; pulses dma_up dma_cc1-4 dma_trg
// dma_com.
#include "machine.h"

enum { TIM_CR1 = 0x00, TIM_CR2 = 0x04, TIM_SMCR = 0x08, TIM_DIER = 0x0C, TIM_SR = 0x10,
       TIM_EGR = 0x14, TIM_CCMR1 = 0x18, TIM_CCMR2 = 0x1C, TIM_CCER = 0x20, TIM_CNT = 0x24,
       TIM_PSC = 0x28, TIM_ARR = 0x2C, TIM_RCR = 0x30, TIM_CCR1 = 0x34, TIM_BDTR = 0x44,
       TIM_DCR = 0x48, TIM_DMAR = 0x4C, TIM_OR = 0x50 };
enum { CR1_CEN = 1 << 0, CR1_UDIS = 1 << 1, CR1_URS = 1 << 2, CR1_OPM = 1 << 3, CR1_DIR = 1 << 4,
       CR1_CMS = 3 << 5, CR1_ARPE = 1 << 7 };
enum { CR2_CCPC = 1 << 0, CR2_CCDS = 1 << 3, CR2_TI1S = 1 << 7 };
enum { SMCR_ECE = 1 << 14, SMCR_ETP = 1 << 15 };
// Bits of SR; DIER has the interrupt's enable in the same place and the request's 8 higher.
enum { UIF = 1 << 0, CC1IF = 1 << 1, COMIF = 1 << 5, TIF = 1 << 6, BIF = 1 << 7, CC1OF = 1 << 9 };
enum { BDTR_OSSI = 1 << 10, BDTR_OSSR = 1 << 11, BDTR_BKE = 1 << 12, BDTR_BKP = 1 << 13,
       BDTR_AOE = 1 << 14, BDTR_MOE = 1 << 15 };
enum { CCER_E = 1, CCER_P = 2, CCER_NE = 4, CCER_NP = 8 };
enum { CHANNELS = 4, UPDATE_REQUEST = 0, TRIGGER_REQUEST = 6, COM_REQUEST = 5, REQUESTS = 7 };

typedef enum { SLAVE_OFF, ENCODER_1, ENCODER_2, ENCODER_3, SLAVE_RESET, SLAVE_GATED, SLAVE_TRIGGER,
               SLAVE_CLOCK } slave_t;
typedef enum { MASTER_RESET, MASTER_ENABLE, MASTER_UPDATE, MASTER_COMPARE, MASTER_OC1 } master_t;
typedef enum { OC_FROZEN, OC_ACTIVE, OC_INACTIVE, OC_TOGGLE, OC_FORCE_LOW, OC_FORCE_HIGH, OC_PWM1,
               OC_PWM2 } oc_mode_t;

// What a kind has: writable bits of its registers (data sheet table 6 and the register maps).
typedef struct {
    uint8_t channels;
    bool wide, advanced;
    uint16_t cr1, cr2, smcr, dier, ccer;
    uint16_t ccmr1, ccmr2;
} kind_t;
static const kind_t kinds[] = {
    {4, false, true, 0x3FF, 0x7FFD, 0xFFF7, 0x7FFF, 0x3FFF, 0xFFFF, 0xFFFF}, // 0: TIM1, TIM8
    {4, true, false, 0x3FF, 0x00F8, 0xFFF7, 0x5F5F, 0xBBBB, 0xFFFF, 0xFFFF}, // 1: TIM2, TIM5
    {4, false, false, 0x3FF, 0x00F8, 0xFFF7, 0x5F5F, 0xBBBB, 0xFFFF, 0xFFFF}, // 2: TIM3, TIM4
    {2, false, false, 0x38F, 0x0000, 0x00F7, 0x0047, 0x00BB, 0x7F7F, 0x0000}, // 3: TIM9, TIM12
    {1, false, false, 0x38F, 0x0000, 0x0000, 0x0003, 0x000B, 0x007F, 0x0000}, // 4: TIM10, 11, 13, 14
    {0, false, false, 0x08F, 0x0070, 0x0000, 0x0101, 0x0000, 0x0000, 0x0000}, // 5: TIM6, TIM7
};

typedef struct stm32_tim stm32_tim_t;

typedef struct {
    stm32_tim_t *t;
    unsigned n;
    pad_t *pad, *npad;
    line_t *oc;
    uint32_t ccr;      // saved: in force
    bool ref;          // saved: OCxREF
    bool level;        // saved: of the pad, as an input
    uint8_t captures;  // saved: edges since the last capture, for the prescaler
} channel_t;

struct stm32_tim {
    part_t p;
    const kind_t *kind;
    channel_t ch[CHANNELS];
    pad_t *etr, *bkin;
    line_t *irq, *irq_up, *irq_cc, *irq_trg, *irq_brk, *trgo, *request[REQUESTS];
    event_t event;        // saved
    uint64_t epoch_tick;  // saved: the state below is that of this tick of the clock
    uint32_t cnt;         // saved
    uint32_t phase;       // saved: the prescaler's count
    uint32_t psc, arr;    // saved: in force
    uint32_t rep;         // saved: overflows to let pass before the next update
    bool clocked;         // saved: RCC's enable
    bool gate;            // saved: level of the trigger input, for the gated mode
    bool itr[4];          // saved
    bool etr_level;       // saved
    uint8_t etr_edges;    // saved: for its prescaler
    uint8_t burst;        // saved: registers of the DMA burst done
    line_t *burst_line;   // the request that the burst answers
};

static uint32_t cr1(const stm32_tim_t *t) { return R(&t->p, TIM_CR1); }
static slave_t slave(const stm32_tim_t *t) { return R(&t->p, TIM_SMCR) & 7; }
static master_t master(const stm32_tim_t *t) { return R(&t->p, TIM_CR2) >> 4 & 7; }
static bool centered(const stm32_tim_t *t) { return cr1(t) & CR1_CMS; }
static bool down(const stm32_tim_t *t) { return cr1(t) & CR1_DIR; }
static uint32_t top(const stm32_tim_t *t) { return t->kind->wide ? UINT32_MAX : 0xFFFF; }

static uint32_t ccmr(const stm32_tim_t *t, unsigned c)
{
    return R(&t->p, TIM_CCMR1 + c / 2 * 4) >> c % 2 * 8 & 0xFF;
}
static uint32_t ccer(const stm32_tim_t *t, unsigned c) { return R(&t->p, TIM_CCER) >> 4 * c & 15; }
static bool is_input(const stm32_tim_t *t, unsigned c) { return ccmr(t, c) & 3; }
static oc_mode_t oc_mode(const stm32_tim_t *t, unsigned c) { return ccmr(t, c) >> 4 & 7; }

// The clock counts time now (and not edges of some input).
static bool runs(const stm32_tim_t *t)
{
    slave_t s = slave(t);
    return t->clocked && cr1(t) & CR1_CEN && t->arr && !(R(&t->p, TIM_SMCR) & SMCR_ECE) &&
           (s == SLAVE_OFF || s == SLAVE_RESET || s == SLAVE_TRIGGER || (s == SLAVE_GATED && t->gate));
}

static void request(stm32_tim_t *t, unsigned i)
{
    if (!(R(&t->p, TIM_DIER) >> (i + 8) & 1))
        return;
    t->burst = 0;
    t->burst_line = t->request[i];
    line_pulse(t->request[i]);
}

// ---- Counting ---------------------------------------------------------------------------------------

static void set_flag(stm32_tim_t *t, uint32_t flag) { R(&t->p, TIM_SR) |= flag; }

static void compare_match(stm32_tim_t *t, unsigned c, bool counting_down)
{
    channel_t *ch = &t->ch[c];
    switch (oc_mode(t, c)) {
    case OC_ACTIVE: ch->ref = true; break;
    case OC_INACTIVE: ch->ref = false; break;
    case OC_TOGGLE: ch->ref = !ch->ref; break;
    default: break;
    }
    uint32_t cms = (cr1(t) & CR1_CMS) >> 5; // 1: flags while counting down, 2: up, 3: both
    if ((cms == 1 && !counting_down) || (cms == 2 && counting_down))
        return;
    set_flag(t, CC1IF << c);
    if (!(R(&t->p, TIM_CR2) & CR2_CCDS))
        request(t, 1 + c);
    if (c == 0 && master(t) == MASTER_COMPARE)
        line_pulse(t->trgo);
}

static bool in_span(uint32_t v, uint32_t low, uint32_t high) { return v >= low && v <= high; }

// The counter took all values low ... high; `ended`: the period ended here, for compare values beyond.
static void match_span(stm32_tim_t *t, uint32_t low, uint32_t high, bool counting_down, bool ended)
{
    for (unsigned c = 0; c < t->kind->channels; c++)
        if (!is_input(t, c) && (in_span(t->ch[c].ccr, low, high) || (ended && t->ch[c].ccr > t->arr)))
            compare_match(t, c, counting_down);
}

static void load_preloads(stm32_tim_t *t)
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
    set_flag(t, UIF);
    request(t, UPDATE_REQUEST);
    if (R(&t->p, TIM_CR2) & CR2_CCDS)
        for (unsigned c = 0; c < t->kind->channels; c++)
            request(t, 1 + c);
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
    if (cr1(t) & CR1_UDIS)
        return;
    load_preloads(t);
    update_effects(t);
    if (cr1(t) & CR1_OPM)
        R(&t->p, TIM_CR1) &= ~CR1_CEN;
    if (master(t) == MASTER_UPDATE)
        line_pulse(t->trgo);
}

// Counts to the next place where something other than one step happens.
static uint64_t to_boundary(stm32_tim_t *t)
{
    if (!centered(t))
        return down(t) ? (uint64_t)t->cnt + 1
                       : (uint64_t)(t->cnt <= t->arr ? t->arr : top(t)) - t->cnt + 1;
    if (!down(t) && t->cnt >= t->arr) // the period was made shorter
        R(&t->p, TIM_CR1) |= CR1_DIR;
    if (down(t) && t->cnt == 0)
        R(&t->p, TIM_CR1) &= ~CR1_DIR;
    return down(t) ? t->cnt : t->arr - t->cnt;
}

// The step at the boundary.
static void cross(stm32_tim_t *t)
{
    bool was_down = down(t);
    if (centered(t)) {
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

// Steps inside a period: 0 < n < to_boundary().
static void move(stm32_tim_t *t, uint64_t n)
{
    if (down(t)) {
        t->cnt -= n;
        match_span(t, t->cnt, t->cnt + (n - 1), true, false);
    } else {
        t->cnt += n;
        match_span(t, t->cnt - (n - 1), t->cnt, false, false);
    }
}

static void count(stm32_tim_t *t, uint64_t n)
{
    while (n && t->arr) {
        uint64_t d = to_boundary(t);
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
    if (cr1(t) & CR1_UDIS) // nothing is loaded, nothing stops
        return true;
    bool same = t->psc == R(p, TIM_PSC) && t->arr == R(p, TIM_ARR) && !(cr1(t) & CR1_OPM);
    for (unsigned c = 0; c < t->kind->channels; c++)
        same &= is_input(t, c) || t->ch[c].ccr == R(p, TIM_CCR1 + 4 * c);
    return same;
}

// `k` whole periods, of which nobody looked at the single ones.
static void skip_periods(stm32_tim_t *t, uint64_t k)
{
    uint64_t overflows = centered(t) ? 2 * k : k, reload = R(&t->p, TIM_RCR);
    for (unsigned c = 0; c < t->kind->channels; c++) {
        channel_t *ch = &t->ch[c];
        if (is_input(t, c))
            continue;
        bool twice = centered(t) && ch->ccr && ch->ccr < t->arr, ref = ch->ref;
        compare_match(t, c, ((cr1(t) & CR1_CMS) >> 5) == 1);
        if (oc_mode(t, c) == OC_TOGGLE)
            ch->ref = ref ^ (!twice && k & 1);
    }
    if (overflows <= t->rep) {
        t->rep -= overflows;
    } else if (!(cr1(t) & CR1_UDIS)) {
        t->rep = reload - (overflows - t->rep - 1) % (reload + 1);
        update_effects(t);
    }
}

static uint64_t now_tick(stm32_tim_t *t)
{
    return clk_ticks(t->p.clk, machine_now_ps(t->p.m));
}

// Brings the state to now.
static void catch_up(stm32_tim_t *t)
{
    uint64_t now = now_tick(t);
    if (now <= t->epoch_tick)
        return;
    uint64_t dt = now - t->epoch_tick;
    t->epoch_tick = now;
    while (dt && runs(t)) {
        uint64_t per = (uint64_t)t->psc + 1, d = to_boundary(t), ticks = d * per - t->phase;
        if (t->phase >= per || dt < ticks) {
            uint64_t total = t->phase + dt;
            t->phase = total % per;
            if (total >= per)
                count(t, total / per);
            return;
        }
        count(t, d);
        t->phase = 0;
        dt -= ticks;
        per = (uint64_t)t->psc + 1;
        uint64_t period = (centered(t) ? 2 * (uint64_t)t->arr : (uint64_t)t->arr + 1) * per;
        if (period && dt >= period && t->cnt <= t->arr && steady(t) && runs(t)) {
            skip_periods(t, dt / period);
            dt %= period;
        }
    }
}

// ---- What others see --------------------------------------------------------------------------------

static bool pwm_level(const stm32_tim_t *t, unsigned c)
{
    uint32_t ccr = t->ch[c].ccr;
    return down(t) ? t->cnt <= ccr : t->cnt < ccr;
}

static void update_ref(stm32_tim_t *t, unsigned c)
{
    channel_t *ch = &t->ch[c];
    switch (is_input(t, c) ? OC_FROZEN : oc_mode(t, c)) {
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
    uint32_t e = ccer(t, c), bdtr = R(&t->p, TIM_BDTR), ois = R(&t->p, TIM_CR2) >> (8 + 2 * c);
    bool main_on = !t->kind->advanced || bdtr & BDTR_MOE;
    if (is_input(t, c)) {
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
    if (cr1(t) & CR1_UDIS)
        return false;
    return (dier & UIF && !(sr & UIF)) || dier >> 8 & UIF || cr1(t) & CR1_OPM ||
           master(t) == MASTER_UPDATE || (R(&t->p, TIM_CR2) & CR2_CCDS && dier & 0x1E00) ||
           (t->kind->advanced && R(&t->p, TIM_BDTR) & BDTR_AOE);
}

static bool channel_matters(stm32_tim_t *t, unsigned c)
{
    uint32_t dier = R(&t->p, TIM_DIER), sr = R(&t->p, TIM_SR), flag = CC1IF << c;
    if (is_input(t, c))
        return false;
    oc_mode_t mode = oc_mode(t, c);
    bool moves = mode != OC_FROZEN && mode != OC_FORCE_LOW && mode != OC_FORCE_HIGH;
    return (dier & flag && !(sr & flag)) || dier >> 8 & flag ||
           (moves && (ccer(t, c) & (CCER_E | CCER_NE) || master(t) == MASTER_OC1 + c)) ||
           (c == 0 && master(t) == MASTER_COMPARE);
}

static void schedule(stm32_tim_t *t)
{
    if (!runs(t)) {
        machine_cancel(t->p.m, &t->event);
        return;
    }
    uint64_t boundary = to_boundary(t), n = overflow_matters(t) ? boundary : UINT64_MAX;
    for (unsigned c = 0; c < t->kind->channels; c++) {
        uint32_t v = t->ch[c].ccr;
        if (!channel_matters(t, c))
            continue;
        if (down(t) ? v < t->cnt : v > t->cnt && v <= t->arr)
            n = MIN(n, down(t) ? t->cnt - v : v - t->cnt);
        else
            n = MIN(n, boundary);
    }
    uint64_t per = (uint64_t)t->psc + 1;
    machine_at(t->p.m, &t->event, n == UINT64_MAX ? PS_NEVER
               : clk_ps(t->p.clk, t->epoch_tick + (n * per > t->phase ? n * per - t->phase : 1)));
}

// After anything happened: levels, interrupts, the next event.
static void settle(stm32_tim_t *t)
{
    for (unsigned c = 0; c < t->kind->channels; c++) {
        update_ref(t, c);
        drive_channel(t, c);
        line_set(t->ch[c].oc, t->ch[c].ref);
    }
    if (master(t) == MASTER_ENABLE)
        line_set(t->trgo, cr1(t) & CR1_CEN && (slave(t) != SLAVE_GATED || t->gate));
    else if (master(t) >= MASTER_OC1)
        line_set(t->trgo, t->ch[master(t) - MASTER_OC1].ref);
    else
        line_set(t->trgo, false);
    update_irqs(t);
    schedule(t);
}

static void due(void *ctx, uint64_t now)
{
    catch_up(ctx);
    settle(ctx);
}

// Reinitialises the counter (UG, the reset mode); UIF depends on URS (17.4.1).
static void reinit(stm32_tim_t *t)
{
    t->phase = 0;
    if (!(cr1(t) & CR1_UDIS)) {
        load_preloads(t);
        if (!(cr1(t) & CR1_URS))
            update_effects(t);
        if (master(t) == MASTER_UPDATE)
            line_pulse(t->trgo);
    }
    if (centered(t))
        R(&t->p, TIM_CR1) &= ~CR1_DIR;
    t->cnt = down(t) ? t->arr : 0;
    if (master(t) == MASTER_RESET)
        line_pulse(t->trgo);
}

// ---- Inputs -----------------------------------------------------------------------------------------

static void capture(stm32_tim_t *t, unsigned c)
{
    uint32_t flag = CC1IF << c;
    if (R(&t->p, TIM_SR) & flag)
        set_flag(t, CC1OF << c);
    R(&t->p, TIM_CCR1 + 4 * c) = t->ch[c].ccr = t->cnt;
    set_flag(t, flag);
    request(t, 1 + c);
    if (c == 0 && master(t) == MASTER_COMPARE)
        line_pulse(t->trgo);
}

// An edge on the input of channel c that its polarity lets through.
static void input_edge(stm32_tim_t *t, unsigned c)
{
    channel_t *ch = &t->ch[c];
    if (!(ccer(t, c) & CCER_E))
        return;
    if (++ch->captures >= 1u << (ccmr(t, c) >> 2 & 3)) {
        ch->captures = 0;
        capture(t, c);
    }
}

static void external_count(stm32_tim_t *t)
{
    if (!t->clocked || !(cr1(t) & CR1_CEN))
        return;
    if (t->phase++ >= t->psc) {
        t->phase = 0;
        count(t, 1);
    }
}

// An active edge of the trigger input.
static void trigger(stm32_tim_t *t)
{
    set_flag(t, TIF);
    request(t, TRIGGER_REQUEST);
    for (unsigned c = 0; c < t->kind->channels; c++)
        if ((ccmr(t, c) & 3) == 3)
            input_edge(t, c);
    switch (slave(t)) {
    case SLAVE_RESET: reinit(t); break;
    case SLAVE_TRIGGER: R(&t->p, TIM_CR1) |= CR1_CEN; break;
    case SLAVE_CLOCK: external_count(t); break;
    default: break;
    }
}

// Trigger source `ts` (SMCR.TS) changed its level; polarity is applied.
static void trigger_input(stm32_tim_t *t, unsigned ts, bool level, bool both_edges)
{
    if ((R(&t->p, TIM_SMCR) >> 4 & 7) != ts || slave(t) == SLAVE_OFF)
        return;
    bool changed = t->gate != level;
    t->gate = level;
    if (slave(t) == SLAVE_GATED) {
        if (changed)
            set_flag(t, TIF);
    } else if (level || both_edges) {
        trigger(t);
    }
}

static bool polarity_passes(stm32_tim_t *t, unsigned c, bool rising)
{
    uint32_t e = ccer(t, c) & (CCER_P | CCER_NP);
    return e == (CCER_P | CCER_NP) || rising == !(e & CCER_P);
}

static bool fp_level(stm32_tim_t *t, unsigned c)
{
    return t->ch[c].level ^ !!(ccer(t, c) & CCER_P);
}

// Quadrature: TI1 ahead of TI2 counts up. Mode 1 counts edges of TI1, 2 those of TI2, 3 both.
static void encoder_edge(stm32_tim_t *t, unsigned ti)
{
    if (slave(t) < ENCODER_1 || slave(t) > ENCODER_3 || !(slave(t) & (1u << ti)))
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
        unsigned s = ccmr(t, c) & 3;
        if (((s == 1 && c == ti) || (s == 2 && other[c] == ti)) && polarity_passes(t, c, level))
            input_edge(t, c);
    }
    if (ti > 1)
        return;
    bool both = ccer(t, ti) & CCER_NP && ccer(t, ti) & CCER_P;
    if (ti == 0)
        trigger_input(t, 4, true, true);
    trigger_input(t, 5 + ti, level ^ (ccer(t, ti) & CCER_P && !both), both);
    encoder_edge(t, ti);
}

static bool listens(stm32_tim_t *t)
{
    bool any = slave(t) != SLAVE_OFF;
    for (unsigned c = 0; c < t->kind->channels; c++)
        any |= is_input(t, c);
    return any;
}

static void channel_pad(void *ctx, pad_t *pad, bool level)
{
    channel_t *ch = ctx;
    stm32_tim_t *t = ch->t;
    if (ch->level == level)
        return;
    bool exclusive = R(&t->p, TIM_CR2) & CR2_TI1S && ch->n < 3;
    ch->level = level;
    if (!t->clocked || !listens(t))
        return;
    catch_up(t);
    if (ch->n != 0 || !exclusive)
        input_changed(t, ch->n, level);
    if (exclusive) // TI1 is the XOR of the first three
        input_changed(t, 0, t->ch[0].level ^ t->ch[1].level ^ t->ch[2].level);
    settle(t);
}

static void etr_pad(void *ctx, pad_t *pad, bool raw)
{
    stm32_tim_t *t = ctx;
    uint32_t smcr = R(&t->p, TIM_SMCR);
    bool level = raw ^ !!(smcr & SMCR_ETP);
    if (level == t->etr_level)
        return;
    t->etr_level = level;
    if (!t->clocked || (slave(t) == SLAVE_OFF && !(smcr & SMCR_ECE)))
        return;
    unsigned prescaler = smcr >> 12 & 3;
    if (prescaler && !(level && ++t->etr_edges >= 1u << prescaler))
        return;
    t->etr_edges = 0;
    catch_up(t);
    trigger_input(t, 7, level, false);
    if (smcr & SMCR_ECE && level)
        external_count(t);
    settle(t);
}

static void do_break(stm32_tim_t *t)
{
    R(&t->p, TIM_BDTR) &= ~BDTR_MOE;
    set_flag(t, BIF);
}

static void bkin_pad(void *ctx, pad_t *pad, bool level)
{
    stm32_tim_t *t = ctx;
    uint32_t bdtr = R(&t->p, TIM_BDTR);
    if (!t->clocked || !(bdtr & BDTR_BKE) || level != !!(bdtr & BDTR_BKP) || !pad->pin)
        return;
    catch_up(t);
    do_break(t);
    settle(t);
}

static void itr_line(void *ctx, int i, bool level)
{
    stm32_tim_t *t = ctx;
    t->itr[i] = level;
    if (!t->clocked || slave(t) == SLAVE_OFF || (R(&t->p, TIM_SMCR) >> 4 & 7) != (unsigned)i)
        return;
    catch_up(t);
    trigger_input(t, i, level, false);
    settle(t);
}

static void clken_line(void *ctx, int arg, bool level)
{
    stm32_tim_t *t = ctx;
    catch_up(t);
    t->clocked = level;
    schedule(t);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (before)
        catch_up(ctx);
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
    case TIM_ARR: return top(t);
    case TIM_RCR: return k->advanced ? 0xFF : 0;
    case TIM_BDTR: return k->advanced ? 0xFFFF : 0;
    case TIM_DCR: return k->cr2 & CR2_CCDS ? 0x1F1F : 0;
    default: return 0xFFFF;
    }
}

static uint32_t trigger_level(stm32_tim_t *t)
{
    unsigned ts = R(&t->p, TIM_SMCR) >> 4 & 7;
    return ts < 4 ? t->itr[ts] : ts == 7 ? t->etr_level : ts == 4 ? false : fp_level(t, ts - 5);
}

static void cr1_written(stm32_tim_t *t, uint32_t old)
{
    uint32_t now = cr1(t);
    if (centered(t) || (slave(t) >= ENCODER_1 && slave(t) <= ENCODER_3)) // DIR is then a status
        R(&t->p, TIM_CR1) = (now & ~CR1_DIR) | (old & CR1_DIR);
    if (now & ~old & CR1_CEN) // 17.3.2: counting begins one cycle later
        t->epoch_tick = now_tick(t) + 1;
    if (!(now & CR1_ARPE))
        t->arr = R(&t->p, TIM_ARR);
}

static void load_unbuffered(stm32_tim_t *t)
{
    for (unsigned c = 0; c < t->kind->channels; c++)
        if (!is_input(t, c) && !(ccmr(t, c) & 8))
            t->ch[c].ccr = R(&t->p, TIM_CCR1 + 4 * c);
}

static void egr_written(stm32_tim_t *t)
{
    uint32_t egr = R(&t->p, TIM_EGR);
    R(&t->p, TIM_EGR) = 0;
    for (unsigned c = 0; c < t->kind->channels; c++) {
        if (!(egr >> (1 + c) & 1))
            continue;
        if (is_input(t, c)) {
            capture(t, c);
        } else {
            set_flag(t, CC1IF << c);
            request(t, 1 + c);
        }
    }
    if (egr & COMIF && t->kind->advanced) {
        set_flag(t, COMIF);
        request(t, COM_REQUEST);
    }
    if (egr & TIF && t->kind->smcr)
        trigger(t);
    if (egr & BIF && t->kind->advanced)
        do_break(t);
    if (egr & UIF)
        reinit(t);
}

// Every register: the past is counted with the old value, then the new one takes effect.
static void reg_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    uint32_t offset = reg->offset, now = R(p, offset) & writable(t, offset);
    R(p, offset) = old;
    catch_up(t);
    old = R(p, offset); // catch_up may have changed it
    R(p, offset) = now;
    switch (offset) {
    case TIM_CR1: cr1_written(t, old); break;
    case TIM_SMCR: t->gate = trigger_level(t); break;
    case TIM_EGR: egr_written(t); break;
    case TIM_CCMR1:
    case TIM_CCMR2: load_unbuffered(t); break;
    case TIM_CNT: t->cnt = now; break;
    case TIM_ARR:
        if (!(cr1(t) & CR1_ARPE))
            t->arr = now;
        break;
    }
    settle(t);
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    R(p, TIM_SR) = old;
    catch_up(t);
    R(p, TIM_SR) &= p->written | ~p->lanes;
    settle(t);
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
    if (!p->peeking && is_input(t, n)) {
        catch_up(t);
        R(p, TIM_SR) &= ~(CC1IF << n);
        settle(t);
    }
    return R(p, TIM_CCR1 + 4 * n);
}

static void ccr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    uint32_t now = R(p, TIM_CCR1 + 4 * n) & top(t);
    R(p, TIM_CCR1 + 4 * n) = old;
    catch_up(t);
    if (is_input(t, n) || n >= t->kind->channels)
        return;
    R(p, TIM_CCR1 + 4 * n) = now;
    load_unbuffered(t);
    settle(t);
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
        ch->pad = part_pad(&t->p, name, channel_pad, ch);
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
    t->etr = part_pad(p, "etr", etr_pad, t);
    t->bkin = part_pad(p, "bkin", bkin_pad, t);
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
        line_listen(part_line(p, name), itr_line, t, i);
    }
    line_listen(part_line(p, "clken"), clken_line, t, 0);
    event_init(&t->event, p->name, due, t);
    clk_listen(p->clk, clock_changed, t);
    return true;
}

static void tim_reset(part_t *p, bool power)
{
    stm32_tim_t *t = (stm32_tim_t *)p;
    R(p, TIM_ARR) = top(t);
    load_preloads(t);
    t->cnt = t->phase = 0;
    t->epoch_tick = now_tick(t);
    t->gate = false;
    t->burst = t->etr_edges = 0;
    t->burst_line = NULL;
    t->etr_level = pad_level(t->etr);
    for (unsigned c = 0; c < CHANNELS; c++) {
        t->ch[c].ref = false;
        t->ch[c].captures = 0;
    }
    settle(t);
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
