// SPDX-License-Identifier: GPL-2.0-or-later
// What the parts of the STM32F405's timers share: tim.c (the model), tim_count.c and tim_input.c.
#pragma once
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

static inline uint32_t tim_cr1(const stm32_tim_t *t) { return R(&t->p, TIM_CR1); }
static inline slave_t tim_slave(const stm32_tim_t *t) { return R(&t->p, TIM_SMCR) & 7; }
static inline master_t tim_master(const stm32_tim_t *t) { return R(&t->p, TIM_CR2) >> 4 & 7; }
static inline bool tim_centered(const stm32_tim_t *t) { return tim_cr1(t) & CR1_CMS; }
static inline bool tim_down(const stm32_tim_t *t) { return tim_cr1(t) & CR1_DIR; }
static inline uint32_t tim_top(const stm32_tim_t *t) { return t->kind->wide ? UINT32_MAX : 0xFFFF; }

static inline uint32_t tim_ccmr(const stm32_tim_t *t, unsigned c)
{
    return R(&t->p, TIM_CCMR1 + c / 2 * 4) >> c % 2 * 8 & 0xFF;
}
static inline uint32_t tim_ccer(const stm32_tim_t *t, unsigned c) { return R(&t->p, TIM_CCER) >> 4 * c & 15; }
static inline bool tim_is_input(const stm32_tim_t *t, unsigned c) { return tim_ccmr(t, c) & 3; }
static inline oc_mode_t tim_oc_mode(const stm32_tim_t *t, unsigned c) { return tim_ccmr(t, c) >> 4 & 7; }

// ---- tim_count.c

// The clock counts time now (and not edges of some input).
bool tim_runs(const stm32_tim_t *t);
uint64_t tim_now_tick(stm32_tim_t *t);
void tim_catch_up(stm32_tim_t *t); // brings the state to now
void tim_count(stm32_tim_t *t, uint64_t n);
// Counts to the next place where something other than one step happens.
uint64_t tim_to_boundary(stm32_tim_t *t);
void tim_load(stm32_tim_t *t); // what was written ahead comes into force
// Reinitialises the counter (UG, the reset mode); UIF depends on URS (17.4.1).
void tim_reinit(stm32_tim_t *t);
void tim_set_flag(stm32_tim_t *t, uint32_t flag); // of SR
void tim_request(stm32_tim_t *t, unsigned i);     // to the DMA, if DIER has it on

// ---- tim_input.c

void tim_capture(stm32_tim_t *t, unsigned c);
void tim_trigger(stm32_tim_t *t); // an active edge of the trigger input
uint32_t tim_trigger_level(stm32_tim_t *t);
void tim_break(stm32_tim_t *t);
// Listeners of pads and lines.
void tim_channel_pad(void *channel, pad_t *pad, bool level);
void tim_etr_pad(void *ctx, pad_t *pad, bool raw);
void tim_bkin_pad(void *ctx, pad_t *pad, bool level);
void tim_itr_line(void *ctx, int i, bool level);

// ---- tim.c

// After anything happened: levels, interrupts, the next event.
void tim_settle(stm32_tim_t *t);
