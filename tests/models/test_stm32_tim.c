// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 timers: exact times of updates, matches, edges and captures. The clock is HSI, 16 MHz, so a
// prescaler of 16 gives microseconds. Counting begins one clock cycle after CEN.
#include "chip.h"

enum { TIM1 = 0x40010000, TIM2 = 0x40000000, TIM3 = 0x40000400, TIM4 = 0x40000800,
       TIM5 = 0x40000C00, TIM6 = 0x40001000 };
enum { CR1 = 0x00, CR2 = 0x04, SMCR = 0x08, DIER = 0x0C, SR = 0x10, EGR = 0x14, CCMR1 = 0x18,
       CCMR2 = 0x1C, CCER = 0x20, CNT = 0x24, PSC = 0x28, ARR = 0x2C, RCR = 0x30, CCR1 = 0x34,
       CCR2 = 0x38, BDTR = 0x44, DCR = 0x48, DMAR = 0x4C };
enum { GPIOA = 0x40020000, GPIOB = 0x40020400, GPIOE = 0x40021000 };
#define TICK 62500u // ps of a 16 MHz cycle
#define US   PS_PER_US

static chip_t *start(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, 0x40023830, 0x1FF);
    wr(c, 0x40023840, 0x1FF);
    wr(c, 0x40023844, 0x70003);
    return c;
}

static void base(chip_t *c, uint32_t tim, uint32_t psc, uint32_t arr)
{
    wr(c, tim + PSC, psc - 1);
    wr(c, tim + ARR, arr);
    wr(c, tim + EGR, 1);
    wr(c, tim + SR, 0);
}

// Alternate function of one pin.
static void af(chip_t *c, uint32_t port, unsigned pin, unsigned function)
{
    uint32_t afr = port + 0x20 + pin / 8 * 4;
    wr(c, afr, (rd(c, afr) & ~(15u << pin % 8 * 4)) | function << pin % 8 * 4);
    wr(c, port, (rd(c, port) & ~(3u << 2 * pin)) | 2u << 2 * pin);
}

typedef struct {
    uint64_t ps[64];
    bool level[64];
    unsigned n;
} edges_t;

static void on_edge(void *ctx, net_t *net, bool high, uint64_t ps)
{
    edges_t *e = ctx;
    g_assert_cmpuint(e->n, <, 64);
    e->ps[e->n] = ps;
    e->level[e->n++] = high;
}

static void watch(chip_t *c, const char *pin, edges_t *e)
{
    memset(e, 0, sizeof *e);
    net_watch(chip_pin(c, pin)->net, on_edge, e);
}

static void test_registers(void)
{
    chip_t *c = start();
    g_assert_cmphex(rd(c, TIM2 + ARR), ==, 0xFFFFFFFF);
    g_assert_cmphex(rd(c, TIM3 + ARR), ==, 0xFFFF);
    wr(c, TIM3 + CCR1, 0x12345678);
    g_assert_cmphex(rd(c, TIM3 + CCR1), ==, 0x5678);
    wr(c, TIM6 + CCER, 0xFFFF); // a basic timer has no channels
    g_assert_cmphex(rd(c, TIM6 + CCER), ==, 0);
    wr(c, TIM3 + SMCR, 0xFFFF);
    g_assert_cmphex(rd(c, TIM3 + SMCR), ==, 0xFFF7);
    chip_free(c);
}

static void test_update(void)
{
    chip_t *c = start();
    base(c, TIM3, 16, 999); // 1 ms
    wr(c, TIM3 + DIER, 1);
    wr(c, TIM3 + CR1, 1);
    run_to(c, TICK + 250 * US - 1);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 249);
    run_to(c, TICK + 250 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 250);
    run_to(c, TICK + 1000 * US - 1);
    g_assert_false(level(c, "irq.29"));
    run_to(c, TICK + 1000 * US);
    g_assert_true(level(c, "irq.29"));
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 1);
    wr(c, TIM3 + SR, ~1u);
    g_assert_false(level(c, "irq.29"));
    run_to(c, TICK + 2000 * US);
    g_assert_true(level(c, "irq.29"));
    wr(c, TIM3 + CR1, 0);
    run_for(c, 5000 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    chip_free(c);
}

// Nobody asks for an hour; then the count and the flags are those of an hour later.
static void test_lazy(void)
{
    chip_t *c = start();
    base(c, TIM2, 16, 999999); // 1 s
    wr(c, TIM2 + CCR1, 500000);
    wr(c, TIM2 + CCMR1, 3 << 4); // toggle
    wr(c, TIM2 + CR1, 1);
    g_assert_cmpuint(event_next_ps(&c->m->events), ==, PS_NEVER);
    run_to(c, TICK + 3600 * PS_PER_S + 123456 * US);
    g_assert_cmphex(rd(c, TIM2 + SR), ==, 0x1F);
    g_assert_cmpuint(rd(c, TIM2 + CNT), ==, 123456);
    g_assert_false(level(c, "tim2.oc1")); // 3600 matches
    run_for(c, PS_PER_S);
    g_assert_cmpuint(rd(c, TIM2 + CNT), ==, 123456);
    g_assert_true(level(c, "tim2.oc1"));
    chip_free(c);
}

// The bus clock changes in the middle: the count goes on at the new speed.
static void test_clock_change(void)
{
    chip_t *c = start();
    base(c, TIM3, 16, 0xFFFF);
    wr(c, TIM3 + CR1, 1);
    run_to(c, TICK + 100 * US);
    wr(c, 0x40023808, 8 << 4); // HPRE = 2: 8 MHz
    run_for(c, 100 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 150);
    wr(c, 0x40023808, 8 << 4 | 5 << 10); // PPRE1 = 4: the timer's clock is twice PCLK1
    run_for(c, 100 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 175);
    wr(c, 0x40023840, 0); // gated: stands still
    run_for(c, 100 * US);
    wr(c, 0x40023840, 2);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 175);
    chip_free(c);
}

static void test_preload(void)
{
    chip_t *c = start();
    base(c, TIM3, 16, 99);
    wr(c, TIM3 + CR1, 1 | 1 << 7); // ARPE
    run_to(c, TICK + 50 * US);
    wr(c, TIM3 + ARR, 9);
    wr(c, TIM3 + PSC, 31); // from the next update on
    run_to(c, TICK + 99 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 99);
    run_to(c, TICK + 100 * US + 10 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 5); // two microseconds each
    run_to(c, TICK + 100 * US + 20 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    // Without preload a shorter period is missed and the counter runs to the top.
    wr(c, TIM3 + CR1, 1);
    wr(c, TIM3 + ARR, 1000);
    run_for(c, 1000 * US);
    wr(c, TIM3 + SR, 0);
    wr(c, TIM3 + ARR, 100);
    run_for(c, (0xFFFF - 500) * 2 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0xFFFF);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 0);
    run_for(c, 2 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 0);
    chip_free(c);
}

static void test_directions(void)
{
    chip_t *c = start();
    wr(c, TIM3 + CR1, 1 << 4); // down
    base(c, TIM3, 16, 9);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 9);
    wr(c, TIM3 + DIER, 1);
    wr(c, TIM3 + CR1, 1 << 4 | 1);
    run_for(c, TICK + 3 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 6);
    run_for(c, 7 * US - 1);
    g_assert_false(level(c, "irq.29"));
    run_for(c, 1);
    g_assert_true(level(c, "irq.29"));
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 9);
    wr(c, TIM3 + CR1, 0);
    wr(c, TIM3 + CR1, 3 << 5); // centre-aligned
    wr(c, TIM3 + EGR, 1);
    wr(c, TIM3 + SR, 0);
    wr(c, TIM3 + CR1, 3 << 5 | 1);
    run_for(c, TICK + 9 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 9);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 1); // overflow
    g_assert_cmphex(rd(c, TIM3 + CR1) & 1 << 4, ==, 1 << 4);
    wr(c, TIM3 + SR, 0);
    run_for(c, 4 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 5);
    run_for(c, 5 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 1); // underflow
    g_assert_cmphex(rd(c, TIM3 + CR1) & 1 << 4, ==, 0);
    chip_free(c);
}

static void test_pwm(void)
{
    chip_t *c = start();
    edges_t e;
    watch(c, "gpioa:PA0", &e);
    af(c, GPIOA, 0, 2); // TIM5_CH1
    base(c, TIM5, 16, 999);
    wr(c, TIM5 + CCMR1, 6 << 4 | 8); // PWM 1, preload
    wr(c, TIM5 + CCR1, 250);
    wr(c, TIM5 + EGR, 1);
    wr(c, TIM5 + CCER, 1);
    wr(c, TIM5 + CR1, 1);
    run_to(c, TICK + 1500 * US);
    wr(c, TIM5 + CCR1, 600); // from the next period on
    run_to(c, TICK + 3000 * US);
    const uint64_t at[] = {0, 250 * US + TICK, 1000 * US + TICK, 1250 * US + TICK, 2000 * US + TICK,
                           2600 * US + TICK, 3000 * US + TICK};
    g_assert_cmpuint(e.n, ==, G_N_ELEMENTS(at));
    for (unsigned i = 0; i < e.n; i++) {
        g_assert_cmpuint(e.ps[i], ==, at[i]);
        g_assert_cmpint(e.level[i], ==, i % 2 == 0);
    }
    wr(c, TIM5 + CCER, 3); // inverted: low while the reference is high
    g_assert_false(pin_level(chip_pin(c, "gpioa:PA0")));
    wr(c, TIM5 + CCER, 0);
    g_assert_cmpint(chip_pin(c, "gpioa:PA0")->drive, ==, DRIVE_NONE);
    chip_free(c);
}

static void test_pwm_extremes(void)
{
    chip_t *c = start();
    edges_t e;
    af(c, GPIOA, 0, 2);
    base(c, TIM5, 16, 9);
    wr(c, TIM5 + CCMR1, 6 << 4);
    wr(c, TIM5 + CCER, 1);
    wr(c, TIM5 + CR1, 1);
    watch(c, "gpioa:PA0", &e);
    run_for(c, 100 * US);
    g_assert_cmpuint(e.n, ==, 0); // 0 %
    wr(c, TIM5 + CCR1, 10);
    run_for(c, 100 * US);
    g_assert_cmpuint(e.n, ==, 1); // 100 %
    wr(c, TIM5 + CCMR1, 7 << 4);
    run_for(c, 100 * US);
    g_assert_cmpuint(e.n, ==, 2); // 0 % in PWM mode 2
    wr(c, TIM5 + CCMR1, 5 << 4);  // forced
    g_assert_true(e.level[2]);
    chip_free(c);
}

// Centre-aligned PWM: high for 2 * CCR of 2 * ARR counts, around the bottom.
static void test_pwm_centered(void)
{
    chip_t *c = start();
    edges_t e;
    af(c, GPIOA, 0, 2);
    wr(c, TIM5 + CR1, 1 << 5);
    base(c, TIM5, 16, 100);
    wr(c, TIM5 + CCMR1, 6 << 4);
    wr(c, TIM5 + CCR1, 30);
    wr(c, TIM5 + CCER, 1);
    wr(c, TIM5 + CR1, 1 << 5 | 1);
    watch(c, "gpioa:PA0", &e);
    run_for(c, TICK + 400 * US);
    g_assert_cmpuint(e.n, ==, 4);
    g_assert_cmpuint(e.ps[0], ==, TICK + 30 * US);
    g_assert_cmpuint(e.ps[1], ==, TICK + 170 * US);
    g_assert_cmpuint(e.ps[2], ==, TICK + 230 * US);
    g_assert_cmpuint(e.ps[3], ==, TICK + 370 * US);
    g_assert_false(e.level[0]);
    g_assert_cmphex(rd(c, TIM5 + SR) & 2, ==, 2);
    chip_free(c);
}

static void test_one_pulse(void)
{
    chip_t *c = start();
    base(c, TIM3, 16, 49);
    wr(c, TIM3 + DIER, 1);
    wr(c, TIM3 + CR1, 1 << 3 | 1);
    run_for(c, TICK + 50 * US - 1);
    g_assert_cmphex(rd(c, TIM3 + CR1), ==, 9);
    run_for(c, 1);
    g_assert_cmphex(rd(c, TIM3 + CR1), ==, 8);
    g_assert_true(level(c, "irq.29"));
    run_for(c, 500 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    chip_free(c);
}

static void test_update_gates(void)
{
    chip_t *c = start();
    wr(c, TIM3 + EGR, 1);
    g_assert_cmphex(rd(c, TIM3 + SR), ==, 1);
    wr(c, TIM3 + SR, 0);
    wr(c, TIM3 + CR1, 1 << 2); // URS
    wr(c, TIM3 + EGR, 1);
    g_assert_cmphex(rd(c, TIM3 + SR), ==, 0);
    wr(c, TIM3 + CR1, 1 << 1 | 1); // UDIS
    wr(c, TIM3 + ARR, 9);
    run_for(c, 100 * US);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1, ==, 0);
    chip_free(c);
}

static void test_repetition(void)
{
    chip_t *c = start();
    wr(c, TIM1 + RCR, 2);
    base(c, TIM1, 16, 9);
    wr(c, TIM1 + DIER, 1);
    wr(c, TIM1 + CR1, 1);
    run_for(c, TICK + 30 * US - 1);
    g_assert_false(level(c, "irq.25"));
    run_for(c, 1);
    g_assert_true(level(c, "irq.25"));
    wr(c, TIM1 + SR, 0);
    wr(c, TIM1 + DIER, 0);
    run_for(c, 300 * US - 1); // 10 updates that nobody waits for: the phase is right after them
    wr(c, TIM1 + SR, 0);
    wr(c, TIM1 + DIER, 1);
    run_for(c, 1);
    g_assert_true(level(c, "irq.25"));
    chip_free(c);
}

static void test_capture(void)
{
    chip_t *c = start();
    af(c, GPIOB, 6, 2);     // TIM4_CH1
    wr(c, GPIOA, 1 << 8 | 0xA8000000); // PA4 drives it
    pin_connect(chip_pin(c, "gpiob:PB6"), chip_pin(c, "gpioa:PA4"));
    base(c, TIM4, 16, 0xFFFF);
    wr(c, TIM4 + CCMR1, 1 | 2 << 8); // IC1 and IC2 both from TI1
    wr(c, TIM4 + CCER, 1 | 1 << 4 | 2 << 4); // rising, falling
    wr(c, TIM4 + DIER, 2);
    wr(c, TIM4 + CR1, 1);
    run_to(c, TICK + 100 * US);
    wr(c, GPIOA + 0x18, 1 << 4);
    g_assert_true(level(c, "irq.30"));
    run_to(c, TICK + 137 * US);
    wr(c, GPIOA + 0x18, 1 << 20);
    g_assert_cmphex(rd(c, TIM4 + SR), ==, 6);
    g_assert_cmpuint(rd(c, TIM4 + CCR1), ==, 100);
    g_assert_cmphex(rd(c, TIM4 + SR), ==, 4); // reading took the flag
    g_assert_false(level(c, "irq.30"));
    g_assert_cmpuint(rd(c, TIM4 + CCR2), ==, 137);
    for (unsigned i = 0; i < 2; i++) {
        run_for(c, 10 * US);
        wr(c, GPIOA + 0x18, 1 << 4);
        run_for(c, 10 * US);
        wr(c, GPIOA + 0x18, 1 << 20);
    }
    g_assert_cmphex(rd(c, TIM4 + SR), ==, 6 | 6 << 8); // overcapture
    g_assert_cmpuint(rd(c, TIM4 + CCR1), ==, 167);
    wr(c, TIM4 + SR, 0);
    wr(c, TIM4 + CCMR1, 1 | 2 << 2); // each fourth edge
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(rd(c, TIM4 + SR) & 2, ==, 0);
        wr(c, GPIOA + 0x18, 1 << 4);
        wr(c, GPIOA + 0x18, 1 << 20);
    }
    g_assert_cmphex(rd(c, TIM4 + SR) & 2, ==, 2);
    chip_free(c);
}

static void quadrature(chip_t *c, int steps)
{
    static const uint8_t gray[4] = {0, 1, 3, 2}; // bit 0 = A (PA4), bit 1 = B (PA5)
    static int at;
    if (steps == 0)
        at = 0;
    for (int i = 0; i < ABS(steps); i++) {
        at = (at + (steps > 0 ? 1 : 3)) & 3;
        wr(c, GPIOA + 0x14, gray[at] << 4);
    }
}

static void test_encoder(void)
{
    chip_t *c = start();
    af(c, GPIOB, 6, 2);
    af(c, GPIOB, 7, 2);
    wr(c, GPIOA, 1 << 8 | 1 << 10 | 0xA8000000);
    pin_connect(chip_pin(c, "gpiob:PB6"), chip_pin(c, "gpioa:PA4"));
    pin_connect(chip_pin(c, "gpiob:PB7"), chip_pin(c, "gpioa:PA5"));
    wr(c, TIM4 + ARR, 999);
    wr(c, TIM4 + CCMR1, 1 | 1 << 8);
    wr(c, TIM4 + SMCR, 3);
    wr(c, TIM4 + CR1, 1);
    quadrature(c, 0);
    quadrature(c, 10);
    g_assert_cmpuint(rd(c, TIM4 + CNT), ==, 10);
    quadrature(c, -3);
    g_assert_cmpuint(rd(c, TIM4 + CNT), ==, 7);
    g_assert_cmphex(rd(c, TIM4 + CR1), ==, 0x11);
    quadrature(c, -9);
    g_assert_cmpuint(rd(c, TIM4 + CNT), ==, 998);
    run_for(c, PS_PER_S); // time does not count
    g_assert_cmpuint(rd(c, TIM4 + CNT), ==, 998);
    chip_free(c);
}

// TIM3's updates clock TIM2: a 48-bit counter.
static void test_chain(void)
{
    chip_t *c = start();
    base(c, TIM3, 16, 999);
    wr(c, TIM3 + CR2, 2 << 4); // TRGO = update
    wr(c, TIM2 + SMCR, 7 | 2 << 4); // clocked by ITR2 = TIM3
    wr(c, TIM2 + CR1, 1);
    wr(c, TIM3 + CR1, 1);
    run_for(c, TICK + 7500 * US);
    g_assert_cmpuint(rd(c, TIM2 + CNT), ==, 7);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 500);
    chip_free(c);
}

static void test_slave_modes(void)
{
    chip_t *c = start();
    base(c, TIM2, 16, 999);
    base(c, TIM3, 16, 9999);
    wr(c, TIM2 + CR2, 4 << 4); // TRGO = OC1REF
    wr(c, TIM2 + CCMR1, 6 << 4);
    wr(c, TIM2 + CCR1, 300);
    wr(c, TIM3 + SMCR, 5 | 1 << 4); // gated by ITR1 = TIM2
    wr(c, TIM3 + CR1, 1);
    wr(c, TIM2 + CR1, 1);
    run_for(c, TICK + 1000 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 300);
    run_for(c, 100 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 400);
    g_assert_cmphex(rd(c, TIM3 + SR) & 1 << 6, ==, 1 << 6);
    wr(c, TIM3 + SMCR, 4 | 1 << 4); // reset by it
    run_for(c, 950 * US);           // the edge was 50 us ago
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 50);
    wr(c, TIM3 + CR1, 0);
    wr(c, TIM3 + CNT, 0);
    wr(c, TIM3 + SMCR, 6 | 1 << 4); // started by it
    run_for(c, 900 * US);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 0);
    run_for(c, 100 * US);
    g_assert_cmphex(rd(c, TIM3 + CR1), ==, 1);
    g_assert_cmpuint(rd(c, TIM3 + CNT), ==, 50);
    chip_free(c);
}

static void test_complementary(void)
{
    chip_t *c = start();
    pin_t *pos = chip_pin(c, "gpioe:PE9"), *neg = chip_pin(c, "gpioe:PE8");
    af(c, GPIOE, 9, 1);
    af(c, GPIOE, 8, 1);
    af(c, GPIOE, 15, 1); // BKIN
    base(c, TIM1, 16, 99);
    wr(c, TIM1 + CCMR1, 6 << 4);
    wr(c, TIM1 + CCR1, 40);
    wr(c, TIM1 + CCER, 5);
    wr(c, TIM1 + CR1, 1);
    g_assert_cmpint(pos->drive, ==, DRIVE_NONE);
    wr(c, TIM1 + BDTR, 1 << 15);
    g_assert_true(pin_level(pos));
    g_assert_false(pin_level(neg));
    run_for(c, TICK + 40 * US);
    g_assert_false(pin_level(pos));
    g_assert_true(pin_level(neg));
    wr(c, TIM1 + CR2, 1 << 9);                                     // OIS1N
    wr(c, TIM1 + BDTR, 1 << 15 | 1 << 12 | 1 << 13 | 1 << 10); // break on high, OSSI
    wr(c, TIM1 + DIER, 1 << 7);
    pin_set(chip_pin(c, "gpioe:PE15"), true);
    g_assert_true(level(c, "irq.24"));
    g_assert_cmphex(rd(c, TIM1 + BDTR) & 1 << 15, ==, 0);
    g_assert_false(pin_level(pos));
    g_assert_true(pin_level(neg));
    chip_free(c);
}

static unsigned pulses;
static uint64_t last_pulse;
static void count_pulse(void *ctx, int arg, bool high)
{
    pulses += high;
    last_pulse = machine_now_ps(ctx);
}

// DMA requests of updates and matches; a burst asks for each of its registers.
static void test_requests(void)
{
    chip_t *c = start();
    line_listen(machine_line(c->m, "dma1.rq.2.5"), count_pulse, c->m, 0); // TIM3_UP, TIM3_CH4
    base(c, TIM3, 16, 99);
    wr(c, TIM3 + DIER, 1 << 8);
    wr(c, TIM3 + DCR, 13 | 2 << 8); // CCR1, CCR2, CCR3
    wr(c, TIM3 + CR1, 1);
    pulses = 0;
    run_for(c, TICK + 100 * US);
    g_assert_cmpuint(pulses, ==, 1);
    g_assert_cmpuint(last_pulse, ==, TICK + 100 * US);
    wr(c, TIM3 + DMAR, 11);
    wr(c, TIM3 + DMAR, 22);
    g_assert_cmpuint(pulses, ==, 3);
    wr(c, TIM3 + DMAR, 33);
    g_assert_cmpuint(pulses, ==, 3);
    g_assert_cmpuint(rd(c, TIM3 + CCR1), ==, 11);
    g_assert_cmpuint(rd(c, TIM3 + CCR2), ==, 22);
    g_assert_cmpuint(rd(c, TIM3 + CCR2 + 4), ==, 33);
    wr(c, TIM3 + DIER, 1 << 12); // CC4DE
    wr(c, TIM3 + CCR2 + 8, 70);
    pulses = 0;
    run_to(c, TICK + 470 * US);
    g_assert_cmpuint(pulses, ==, 4);
    g_assert_cmpuint(last_pulse, ==, TICK + 470 * US);
    chip_free(c);
}

// UDIS holds a new period back. A read months later must not count each of the old ones.
static void test_updates_off(void)
{
    chip_t *c = start();
    base(c, TIM2, 1, 2);
    wr(c, TIM2 + CR1, 1 | 2 | 1 << 7);
    wr(c, TIM2 + ARR, 1000000);
    run_for(c, 6000000 * PS_PER_S);
    g_assert_cmpuint(rd(c, TIM2 + CNT), <=, 2);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-tim/registers", test_registers);
    g_test_add_func("/stm32-tim/update", test_update);
    g_test_add_func("/stm32-tim/lazy", test_lazy);
    g_test_add_func("/stm32-tim/clock-change", test_clock_change);
    g_test_add_func("/stm32-tim/preload", test_preload);
    g_test_add_func("/stm32-tim/directions", test_directions);
    g_test_add_func("/stm32-tim/pwm", test_pwm);
    g_test_add_func("/stm32-tim/pwm-extremes", test_pwm_extremes);
    g_test_add_func("/stm32-tim/pwm-centered", test_pwm_centered);
    g_test_add_func("/stm32-tim/one-pulse", test_one_pulse);
    g_test_add_func("/stm32-tim/update-gates", test_update_gates);
    g_test_add_func("/stm32-tim/repetition", test_repetition);
    g_test_add_func("/stm32-tim/capture", test_capture);
    g_test_add_func("/stm32-tim/encoder", test_encoder);
    g_test_add_func("/stm32-tim/chain", test_chain);
    g_test_add_func("/stm32-tim/slave-modes", test_slave_modes);
    g_test_add_func("/stm32-tim/complementary", test_complementary);
    g_test_add_func("/stm32-tim/requests", test_requests);
    g_test_add_func("/stm32-tim/updates-off", test_updates_off);
    return g_test_run();
}
