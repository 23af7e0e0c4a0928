// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 watchdog and quadrature decoder.
#include "nrf51.h"

enum { WDT = 0x40010000, TIMEOUT = WDT + 0x100, RUNSTATUS = WDT + 0x400, REQSTATUS = WDT + 0x404,
       CRV = WDT + 0x504, RREN = WDT + 0x508, WDT_CONFIG = WDT + 0x50C, RR = WDT + 0x600,
       RESETREAS = 0x40000400, RELOAD = 0x6E524635 };
enum { QDEC = 0x40012000, SAMPLERDY = QDEC + 0x100, REPORTRDY = QDEC + 0x104, ACCOF = QDEC + 0x108,
       QDEC_SHORTS = QDEC + 0x200, QDEC_ENABLE = QDEC + 0x500, LEDPOL = QDEC + 0x504,
       SAMPLEPER = QDEC + 0x508, SAMPLE = QDEC + 0x50C, REPORTPER = QDEC + 0x510,
       ACC = QDEC + 0x514, ACCREAD = QDEC + 0x518, PSELLED = QDEC + 0x51C, PSELA = QDEC + 0x520,
       PSELB = QDEC + 0x524, DBFEN = QDEC + 0x528, LEDPRE = QDEC + 0x540, ACCDBL = QDEC + 0x544,
       ACCDBLREAD = QDEC + 0x548 };
enum { PIN_A = 1, PIN_B = 2, PIN_LED = 3 };

// ---- Watchdog -----------------------------------------------------------------------------------

static void test_wdt_bites(void)
{
    chip_t *c = nrf51_new();
    wr(c, CRV, 32767);
    task(c, WDT);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 1);
    run_to(c, PS_PER_S - 1);
    g_assert_cmpuint(rd(c, RESETREAS), ==, 0);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 1);
    run_to(c, PS_PER_S);
    g_assert_cmpuint(rd(c, RESETREAS), ==, 2);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 0);
    g_assert_cmphex(rd(c, CRV), ==, UINT32_MAX);
    g_assert_true(reported(c, "the watchdog resets the chip"));
    chip_free(c);
}

static void test_wdt_interrupt(void)
{
    chip_t *c = nrf51_new();
    wr(c, CRV, 32767);
    wr(c, WDT + 0x304, 1);
    task(c, WDT);
    run_to(c, PS_PER_S);
    g_assert_true(level(c, "irq.16"));
    g_assert_cmpuint(rd(c, TIMEOUT), ==, 1);
    run_to(c, PS_PER_S + 61 * US); // two periods are 61.04 us
    g_assert_cmpuint(rd(c, RESETREAS), ==, 0);
    run_to(c, PS_PER_S + 62 * US);
    g_assert_cmpuint(rd(c, RESETREAS), ==, 2);
    chip_free(c);
}

// All enabled requests must come; its configuration is locked.
static void test_wdt_reload(void)
{
    chip_t *c = nrf51_new();
    wr(c, CRV, 32767);
    wr(c, RREN, 5);
    task(c, WDT);
    wr(c, CRV, 100);
    wr(c, RREN, 1);
    g_assert_cmpuint(rd(c, CRV), ==, 32767);
    g_assert_cmpuint(rd(c, RREN), ==, 5);
    run_to(c, 900 * PS_PER_MS);
    wr(c, RR, RELOAD);
    wr(c, RR + 4, RELOAD); // not enabled
    wr(c, RR + 8, RELOAD + 1);
    g_assert_cmpuint(rd(c, REQSTATUS), ==, 4);
    wr(c, RR + 8, RELOAD);
    g_assert_cmpuint(rd(c, REQSTATUS), ==, 5);
    run_to(c, 1900 * PS_PER_MS - 1);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 1);
    run_to(c, 1900 * PS_PER_MS);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 0);
    chip_free(c);
}

static void test_wdt_sleep(void)
{
    for (unsigned runs = 0; runs < 2; runs++) {
        chip_t *c = nrf51_new();
        wr(c, CRV, 32767);
        wr(c, WDT_CONFIG, runs);
        task(c, WDT);
        run_to(c, 400 * PS_PER_MS);
        line_set(machine_line(c->m, "cpu.sleeping"), true);
        run_to(c, 900 * PS_PER_MS);
        line_set(machine_line(c->m, "cpu.sleeping"), false);
        run_to(c, 1499 * PS_PER_MS);
        g_assert_cmpuint(rd(c, RUNSTATUS), ==, !runs);
        run_to(c, 1501 * PS_PER_MS);
        g_assert_cmpuint(rd(c, RUNSTATUS), ==, 0);
        chip_free(c);
    }
}

// It goes on through a soft reset, not through one by the pin.
static void test_wdt_resets(void)
{
    chip_t *c = nrf51_new();
    wr(c, CRV, 32767);
    task(c, WDT);
    run_to(c, 500 * PS_PER_MS);
    line_pulse(machine_line(c->m, "cpu.sysresetreq"));
    machine_reset(c->m, false);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 1);
    machine_reset(c->m, false);
    g_assert_cmpuint(rd(c, RUNSTATUS), ==, 0);
    run_to(c, 2 * PS_PER_S);
    g_assert_cmpuint(rd(c, RESETREAS) & 2, ==, 0);
    chip_free(c);
}

// ---- Quadrature decoder -------------------------------------------------------------------------

// Phases of a turn forwards: 00 01 11 10.
static void turn_to(chip_t *c, unsigned place)
{
    static const uint8_t code[4] = {0, 1, 3, 2};
    pin_set(gpio_pin(c, PIN_A), code[place & 3] >> 1);
    pin_set(gpio_pin(c, PIN_B), code[place & 3] & 1);
}

static chip_t *qdec_bench(void)
{
    chip_t *c = nrf51_new();
    wr(c, NRF_GPIO + 0x700 + 4 * PIN_A, 0);
    wr(c, NRF_GPIO + 0x700 + 4 * PIN_B, 0);
    wr(c, PSELA, PIN_A);
    wr(c, PSELB, PIN_B);
    turn_to(c, 0);
    wr(c, QDEC_ENABLE, 1);
    return c;
}

static void test_qdec_counts(void)
{
    chip_t *c = qdec_bench();
    task(c, QDEC);
    run_to(c, 200 * US); // the first sample is only taken
    for (unsigned i = 1; i <= 7; i++) {
        turn_to(c, i);
        run_for(c, 128 * US);
        g_assert_cmpint((int32_t)rd(c, SAMPLE), ==, 1);
        g_assert_cmpint((int32_t)rd(c, ACC), ==, (int)i);
    }
    turn_to(c, 6);
    run_for(c, 128 * US);
    g_assert_cmpint((int32_t)rd(c, SAMPLE), ==, -1);
    turn_to(c, 8); // two at once: nobody knows which way
    run_for(c, 128 * US);
    g_assert_cmpint((int32_t)rd(c, SAMPLE), ==, 2);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 6);
    g_assert_cmpint((int32_t)rd(c, ACCDBL), ==, 1);
    task(c, QDEC + 8);
    g_assert_cmpint((int32_t)rd(c, ACCREAD), ==, 6);
    g_assert_cmpint((int32_t)rd(c, ACCDBLREAD), ==, 1);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 0);
    g_assert_cmpint((int32_t)rd(c, ACCDBL), ==, 0);
    task(c, QDEC + 4);
    turn_to(c, 9);
    run_for(c, PS_PER_MS);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 0);
    chip_free(c);
}

static void test_qdec_reports(void)
{
    chip_t *c = qdec_bench();
    wr(c, SAMPLEPER, 1); // 256 us
    wr(c, REPORTPER, 0); // 10 samples
    wr(c, QDEC_SHORTS, 1); // REPORTRDY, READCLRACC
    task(c, QDEC);
    event_comes(c, SAMPLERDY, 256 * US);
    run_to(c, 11 * 256 * US); // nothing has moved: no report
    g_assert_false(event(c, REPORTRDY));
    turn_to(c, 3);
    event_comes(c, REPORTRDY, 20 * 256 * US);
    g_assert_cmpint((int32_t)rd(c, ACCREAD), ==, -1);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 0);
    chip_free(c);
}

static void test_qdec_overflow(void)
{
    chip_t *c = qdec_bench();
    task(c, QDEC);
    run_to(c, 200 * US);
    for (unsigned i = 1; i <= 1023; i++) {
        turn_to(c, i);
        run_for(c, 128 * US);
    }
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 1023);
    g_assert_false(event(c, ACCOF));
    turn_to(c, 1024);
    run_for(c, 128 * US);
    g_assert_true(event(c, ACCOF));
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 1023);
    chip_free(c);
}

// A change counts when it has lasted for two samples.
static void test_qdec_filter(void)
{
    chip_t *c = qdec_bench();
    wr(c, DBFEN, 1);
    task(c, QDEC);
    run_to(c, 200 * US);
    turn_to(c, 1);
    run_for(c, 128 * US);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 0);
    turn_to(c, 0); // it was noise
    run_for(c, 256 * US);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 0);
    turn_to(c, 1);
    run_for(c, 256 * US);
    g_assert_cmpint((int32_t)rd(c, ACC), ==, 1);
    chip_free(c);
}

static void test_qdec_led(void)
{
    for (unsigned polarity = 0; polarity < 2; polarity++) {
        chip_t *c = qdec_bench();
        wr(c, QDEC_ENABLE, 0);
        wr(c, NRF_GPIO + 0x700 + 4 * PIN_LED, 1);
        wr(c, PSELLED, PIN_LED);
        wr(c, LEDPOL, polarity);
        wr(c, LEDPRE, 50);
        wr(c, QDEC_ENABLE, 1);
        task(c, QDEC);
        run_to(c, 77 * US);
        g_assert_cmpint(pin_level(gpio_pin(c, PIN_LED)), !=, polarity);
        run_to(c, 78 * US);
        g_assert_cmpint(pin_level(gpio_pin(c, PIN_LED)), ==, polarity);
        run_to(c, 128 * US);
        g_assert_cmpint(pin_level(gpio_pin(c, PIN_LED)), !=, polarity);
        chip_free(c);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/wdt/bites", test_wdt_bites);
    g_test_add_func("/nrf51/wdt/interrupt", test_wdt_interrupt);
    g_test_add_func("/nrf51/wdt/reload", test_wdt_reload);
    g_test_add_func("/nrf51/wdt/sleep", test_wdt_sleep);
    g_test_add_func("/nrf51/wdt/resets", test_wdt_resets);
    g_test_add_func("/nrf51/qdec/counts", test_qdec_counts);
    g_test_add_func("/nrf51/qdec/reports", test_qdec_reports);
    g_test_add_func("/nrf51/qdec/overflow", test_qdec_overflow);
    g_test_add_func("/nrf51/qdec/filter", test_qdec_filter);
    g_test_add_func("/nrf51/qdec/led", test_qdec_led);
    return g_test_run();
}
