// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 TIMER and RTC: counting, widths, compare, capture, shortcuts; the RTC's delays.
#include "nrf51.h"

enum { T0 = 0x40008000, T1 = 0x40009000, RTC0 = 0x4000B000, RTC1 = 0x40011000 };
enum { START = 0, STOP = 4, COUNT = 8, CLEAR = 12, RTC_CLEAR = 8, TRIGOVRFLW = 12, CAPTURE = 0x40,
       COMPARE = 0x140, SHORTS = 0x200, INTENSET = 0x304, MODE = 0x504, BITMODE = 0x508,
       PRESCALER = 0x510, CC = 0x540, EVTENSET = 0x344, COUNTER = 0x504, RTC_PRESCALER = 0x508 };
enum { W16, W8, W24, W32 };

static chip_t *started(void)
{
    chip_t *c = chip_new("nrf51822");
    chip_start(c);
    return c;
}

static uint32_t captured(chip_t *c, uint32_t timer)
{
    task(c, timer + CAPTURE + 12);
    return rd(c, timer + CC + 12);
}

static void counts(void)
{
    chip_t *c = started();
    wr(c, T0 + BITMODE, W32);
    wr(c, T0 + PRESCALER, 0);
    task(c, T0 + START);
    run_to(c, US);
    g_assert_cmpuint(captured(c, T0), ==, 16);
    run_to(c, US + 62499);
    g_assert_cmpuint(captured(c, T0), ==, 16);
    run_to(c, US + 62500);
    g_assert_cmpuint(captured(c, T0), ==, 17);
    task(c, T0 + STOP);
    run_to(c, 2 * US);
    g_assert_cmpuint(captured(c, T0), ==, 17);
    task(c, T0 + START);
    run_to(c, 3 * US);
    g_assert_cmpuint(captured(c, T0), ==, 33);
    task(c, T0 + CLEAR);
    g_assert_cmpuint(captured(c, T0), ==, 0);
    run_to(c, 3 * US + PS_PER_MS);
    g_assert_cmpuint(captured(c, T0), ==, 16000);
    chip_done(c);
}

static void prescaler(void)
{
    chip_t *c = started();
    for (unsigned p = 0; p <= 9; p++) {
        uint64_t from = machine_now_ps(c->m);
        task(c, T1 + STOP);
        wr(c, T1 + PRESCALER, p);
        task(c, T1 + CLEAR);
        task(c, T1 + START);
        run_to(c, from + PS_PER_MS);
        g_assert_cmpuint(captured(c, T1), ==, 16000 >> p);
    }
    chip_free(c);
}

// The counter wraps at its width, and compares then too.
static void widths(void)
{
    static const struct {
        unsigned mode, bits;
    } rows[] = {{W8, 8}, {W16, 16}, {W24, 24}, {W32, 32}};
    chip_t *c = started();
    wr(c, T0 + PRESCALER, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t from = machine_now_ps(c->m), wrap = UINT64_C(62500) << rows[i].bits;
        wr(c, T0 + BITMODE, rows[i].mode);
        task(c, T0 + CLEAR);
        task(c, T0 + START);
        event(c, T0 + COMPARE);
        wr(c, T0 + CC, 0);
        event_comes(c, T0 + COMPARE, from + wrap);
        g_assert_cmpuint(captured(c, T0), ==, 0);
    }
    wr(c, T1 + BITMODE, W32);
    g_assert_true(reported(c, "timer1 has only 16 bits"));
    chip_free(c);
}

static void compare(void)
{
    chip_t *c = started();
    wr(c, T0 + CC, 100);
    wr(c, T0 + CC + 4, 150);
    wr(c, T0 + CC + 8, 150);
    wr(c, T0 + SHORTS, 1 << 1 | 1 << 8 << 2); // COMPARE1 clears, COMPARE2 stops
    wr(c, T0 + INTENSET, 1 << 16);
    task(c, T0 + START);
    event_comes(c, T0 + COMPARE, 100 * US);
    g_assert_false(level(c, "irq.8"));
    run_to(c, 149 * US);
    g_assert_false(event(c, T0 + COMPARE + 4));
    event_comes(c, T0 + COMPARE + 4, 150 * US);
    g_assert_true(event(c, T0 + COMPARE + 8));
    g_assert_cmpuint(captured(c, T0), ==, 0);
    run_to(c, PS_PER_MS);
    g_assert_cmpuint(captured(c, T0), ==, 0); // stopped
    wr(c, T0 + SHORTS, 1 << 0);
    task(c, T0 + START);
    for (unsigned i = 1; i <= 5; i++) // the period is CC
        event_comes(c, T0 + COMPARE, PS_PER_MS + i * 100 * US);
    run_to(c, PS_PER_MS + 600 * US);
    g_assert_true(level(c, "irq.8"));
    chip_free(c);
}

static void counter_mode(void)
{
    chip_t *c = started();
    wr(c, T0 + MODE, 1);
    wr(c, T0 + CC, 3);
    task(c, T0 + COUNT); // not started: not counted
    task(c, T0 + START);
    run_to(c, PS_PER_MS);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_false(event(c, T0 + COMPARE));
        task(c, T0 + COUNT);
    }
    g_assert_true(event(c, T0 + COMPARE));
    g_assert_cmpuint(captured(c, T0), ==, 3);
    chip_free(c);
}

// ---- RTC ----------------------------------------------------------------------------------------

static uint64_t lf_start; // when the clock began

// Edge n of the clock.
static uint64_t edge(uint64_t n) { return lf_start + (n * PS_PER_S + 32767) / 32768; }

static chip_t *with_lfclk(void)
{
    chip_t *c = started();
    task(c, 0x40000008);
    lf_start = 390 * US;
    run_to(c, lf_start);
    return c;
}

static void rtc_counts(void)
{
    chip_t *c = with_lfclk();
    task(c, RTC1 + START); // in force at edge 1
    run_to(c, edge(2) - 1);
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 0);
    run_to(c, edge(2));
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 1);
    run_to(c, edge(1 + 32768));
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 32768);
    // Tasks take 15 to 46 us: here the rest of the period and one more, from its second half.
    run_to(c, edge(40000) + 20 * US);
    task(c, RTC1 + RTC_CLEAR);
    run_to(c, edge(40002) - 1);
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 40000);
    run_to(c, edge(40002));
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 0);
    run_to(c, edge(40010) + 10 * US); // and from its first half
    task(c, RTC1 + STOP);
    run_to(c, edge(50000));
    g_assert_cmpuint(rd(c, RTC1 + COUNTER), ==, 9);
    chip_done(c);
}

static void rtc_prescaler(void)
{
    chip_t *c = with_lfclk();
    wr(c, RTC0 + RTC_PRESCALER, 32); // 993 Hz
    task(c, RTC0 + START);
    run_to(c, edge(1 + 33) - 1);
    wr(c, RTC0 + RTC_PRESCALER, 5); // running: kept
    g_assert_cmpuint(rd(c, RTC0 + RTC_PRESCALER), ==, 32);
    g_assert_cmpuint(rd(c, RTC0 + COUNTER), ==, 0);
    run_to(c, edge(1 + 33));
    g_assert_cmpuint(rd(c, RTC0 + COUNTER), ==, 1);
    run_to(c, edge(1 + 33 * 1000));
    g_assert_cmpuint(rd(c, RTC0 + COUNTER), ==, 1000);
    chip_free(c);
}

static void rtc_compare(void)
{
    chip_t *c = with_lfclk();
    wr(c, RTC1 + EVTENSET, 1 << 16);
    wr(c, RTC1 + INTENSET, 1 << 17);
    task(c, RTC1 + START);
    run_to(c, edge(11));
    wr(c, RTC1 + CC, 12);      // COUNTER + 2
    wr(c, RTC1 + CC + 4, 11);  // COUNTER + 1, in the first half
    wr(c, RTC1 + CC + 8, 12);  // neither enabled: no event
    event_comes(c, RTC1 + COMPARE + 4, edge(12));
    g_assert_false(level(c, "irq.17"));
    event_comes(c, RTC1 + COMPARE, edge(13));
    g_assert_false(event(c, RTC1 + COMPARE + 8));
    run_to(c, edge(20) + 20 * US);
    wr(c, RTC1 + CC, 20); // COUNTER + 1, too late
    run_to(c, edge(30));
    g_assert_false(event(c, RTC1 + COMPARE));
    run_to(c, edge(30) + 20 * US);
    wr(c, RTC1 + CC, 31); // COUNTER + 2
    event_comes(c, RTC1 + COMPARE, edge(32));
    chip_free(c);
}

static void rtc_tick_overflow(void)
{
    chip_t *c = with_lfclk();
    wr(c, RTC0 + INTENSET, 3);
    task(c, RTC0 + START);
    event_comes(c, RTC0 + 0x100, edge(2));
    event_comes(c, RTC0 + 0x100, edge(3));
    task(c, RTC0 + TRIGOVRFLW); // in force at edge 4
    run_to(c, edge(4));
    g_assert_cmphex(rd(c, RTC0 + COUNTER), ==, 0xFFFFF0);
    event_comes(c, RTC0 + 0x104, edge(4 + 16));
    g_assert_cmphex(rd(c, RTC0 + COUNTER), ==, 0);
    g_assert_true(level(c, "irq.11")); // TICK still stands
    chip_free(c);
}

// Timer and RTC measure one second alike, to a tick.
static void agree(void)
{
    chip_t *c = with_lfclk();
    wr(c, T0 + BITMODE, W32);
    wr(c, T0 + PRESCALER, 0);
    wr(c, RTC1 + EVTENSET, 1 << 16 | 1 << 17);
    wr(c, RTC1 + CC, 100);
    wr(c, RTC1 + CC + 4, 100 + 32768);
    wr(c, NRF_PPI + 0x510, RTC1 + COMPARE);
    wr(c, NRF_PPI + 0x514, T0 + START);
    wr(c, NRF_PPI + 0x518, RTC1 + COMPARE + 4);
    wr(c, NRF_PPI + 0x51C, T0 + CAPTURE);
    wr(c, NRF_PPI + 0x504, 3);
    task(c, RTC1 + START);
    run_to(c, 2 * PS_PER_S);
    g_assert_cmpuint(rd(c, T0 + CC) - 16000000 + 1, <=, 2);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/timer/counts", counts);
    g_test_add_func("/nrf51/timer/prescaler", prescaler);
    g_test_add_func("/nrf51/timer/widths", widths);
    g_test_add_func("/nrf51/timer/compare", compare);
    g_test_add_func("/nrf51/timer/counter", counter_mode);
    g_test_add_func("/nrf51/rtc/counts", rtc_counts);
    g_test_add_func("/nrf51/rtc/prescaler", rtc_prescaler);
    g_test_add_func("/nrf51/rtc/compare", rtc_compare);
    g_test_add_func("/nrf51/rtc/tick", rtc_tick_overflow);
    g_test_add_func("/nrf51/rtc/agree", agree);
    return g_test_run();
}
