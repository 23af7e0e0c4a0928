// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 RTC: calendar with its rollovers, protection, shadow registers, alarms, wake-up timer,
// backup domain.
#include "rig.h"

enum { RTC = 0x40002800, TR = 0x00, DR = 0x04, CR = 0x08, ISR = 0x0C, PRER = 0x10, WUTR = 0x14,
       ALRMAR = 0x1C, ALRMBR = 0x20, WPR = 0x24, SSR = 0x28, SHIFTR = 0x2C, ALRMASSR = 0x44,
       BKP0R = 0x50 };
enum { BYPSHAD = 1 << 5, FMT = 1 << 6, ALRAE = 1 << 8, ALRBE = 1 << 9, WUTE = 1 << 10,
       ALRAIE = 1 << 12, ALRBIE = 1 << 13, WUTIE = 1 << 14, ADD1H = 1 << 16, SUB1H = 1 << 17 };
enum { ALRAWF = 1, WUTWF = 4, INITS = 16, RSF = 32, INITF = 64, INIT = 128, ALRAF = 256,
       ALRBF = 512, WUTF = 1024 };

static const soc_t soc = {
    .name = "rtc",
    .clks = (const soc_clk_t[]){{"rtcclk", 32768}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-rtc", "rtc", RTC, "rtcclk"}, {NULL}},
};

// Time of `n` ticks of 32768 Hz, rounded up.
static uint64_t ticks(uint64_t n)
{
    return n / 32768 * PS_PER_S + (n % 32768 * PS_PER_S + 32767) / 32768;
}

static void unlock(machine_t *m)
{
    wr(m, RTC + WPR, 0xCA);
    wr(m, RTC + WPR, 0x53);
}

static machine_t *rtc_machine(void)
{
    machine_t *m = rig_new(&soc);
    rig_start(m);
    line_set(machine_line(m, "rtc.dbp"), true);
    unlock(m);
    return m;
}

// Sets the calendar; seconds begin 4 ticks after this returns. Ends on a tick of rtcclk.
static uint64_t set_time(machine_t *m, uint32_t dr, uint32_t tr, uint32_t prer)
{
    uint64_t n = clk_ticks(machine_clk(m, "rtcclk"), machine_now_ps(m)) + 1;
    rig_run(m, ticks(n));
    wr(m, RTC + ISR, ~0u);
    g_assert_cmphex(rd(m, RTC + ISR) & INITF, ==, 0);
    rig_run(m, ticks(n + 2));
    g_assert_cmphex(rd(m, RTC + ISR) & INITF, ==, INITF);
    wr(m, RTC + PRER, prer);
    wr(m, RTC + PRER, prer);
    wr(m, RTC + TR, tr);
    wr(m, RTC + DR, dr);
    wr(m, RTC + ISR, ~(uint32_t)INIT);
    return n + 6;
}

static void check_time(machine_t *m, uint32_t dr, uint32_t tr)
{
    g_assert_cmphex(rd(m, RTC + TR), ==, tr);
    g_assert_cmphex(rd(m, RTC + DR), ==, dr);
}

enum { PRER_LSE = 127 << 16 | 255 };

static void test_reset(void)
{
    machine_t *m = rtc_machine();
    g_assert_cmphex(rd(m, RTC + PRER), ==, 0x007F00FF);
    g_assert_cmphex(rd(m, RTC + WUTR), ==, 0xFFFF);
    g_assert_cmphex(rd(m, RTC + ISR) & 7, ==, 7);
    check_time(m, 0x002101, 0);
    rig_run(m, PS_PER_S);
    check_time(m, 0x002101, 1);
    machine_free(m);
}

// Each row is one second apart: before and after.
static void test_rollovers(void)
{
    const struct {
        uint32_t dr, tr, dr_after, tr_after;
    } rows[] = {
        {0x002101, 0x000009, 0x002101, 0x000010}, {0x002101, 0x000059, 0x002101, 0x000100},
        {0x002101, 0x095959, 0x002101, 0x100000}, {0x23E131, 0x235959, 0x232201, 0x000000},
        {0x248228, 0x235959, 0x24A229, 0x000000}, {0x24A229, 0x235959, 0x24C301, 0x000000},
        {0x234228, 0x235959, 0x236301, 0x000000}, {0x00E229, 0x235959, 0x002301, 0x000000},
        {0x23F231, 0x235959, 0x242101, 0x000000}, {0x998430, 0x235959, 0x99A501, 0x000000},
        {0x99F231, 0x235959, 0x002101, 0x000000},
    };
    machine_t *m = rtc_machine();
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t start = set_time(m, rows[i].dr, rows[i].tr, PRER_LSE);
        rig_run(m, ticks(start + 32768) - 1);
        check_time(m, rows[i].dr, rows[i].tr);
        rig_run(m, ticks(start + 32768));
        check_time(m, rows[i].dr_after, rows[i].tr_after);
    }
    machine_free(m);
}

// 128 ticks a step, 256 steps a second, counting down.
static void test_subseconds(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0, PRER_LSE);
    for (unsigned i = 0; i < 300; i += 37) {
        rig_run(m, ticks(start + 128 * i));
        g_assert_cmpuint(rd(m, RTC + SSR), ==, 255 - i % 256);
        check_time(m, 0x002101, i / 256);
        rig_run(m, ticks(start + 128 * (i + 1)) - 1);
        g_assert_cmpuint(rd(m, RTC + SSR), ==, 255 - i % 256);
        rd(m, RTC + DR);
    }
    machine_free(m);
}

static void test_shadow(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0x000059, PRER_LSE);
    rig_run(m, ticks(start + 32767));
    g_assert_cmphex(rd(m, RTC + TR), ==, 0x000059); // locks the shadow registers ...
    rig_run(m, ticks(start + 65536));
    g_assert_cmphex(rd(m, RTC + TR), ==, 0x000059);
    rd(m, RTC + DR); // ... until DR is read
    g_assert_cmphex(rd(m, RTC + TR), ==, 0x000101);
    wr(m, RTC + CR, BYPSHAD);
    rig_run(m, ticks(start + 3 * 32768));
    g_assert_cmphex(rd(m, RTC + TR), ==, 0x000102);
    g_assert_cmphex(rd(m, RTC + ISR) & RSF, ==, 0);
    wr(m, RTC + CR, 0);
    wr(m, RTC + ISR, (uint32_t)~(INIT | RSF));
    g_assert_cmphex(rd(m, RTC + ISR) & RSF, ==, 0);
    rig_run(m, ticks(start + 3 * 32768 + 2));
    g_assert_cmphex(rd(m, RTC + ISR) & RSF, ==, RSF);
    machine_free(m);
}

static void test_twelve_hours(void)
{
    machine_t *m = rtc_machine();
    wr(m, RTC + CR, FMT);
    uint64_t start = set_time(m, 0x002101, 0x115959, PRER_LSE);
    rig_run(m, ticks(start + 32768));
    check_time(m, 0x002101, 1 << 22 | 0x120000);
    start = set_time(m, 0x002101, 1 << 22 | 0x125959, PRER_LSE);
    rig_run(m, ticks(start + 32768));
    check_time(m, 0x002101, 1 << 22 | 0x010000);
    start = set_time(m, 0x002101, 1 << 22 | 0x115959, PRER_LSE);
    rig_run(m, ticks(start + 32768));
    check_time(m, 0x004102, 0x120000);
    machine_free(m);
}

static void test_hour_adjustment(void)
{
    machine_t *m = rtc_machine();
    set_time(m, 0x002101, 0x233000, PRER_LSE);
    wr(m, RTC + CR, ADD1H);
    g_assert_cmphex(rd(m, RTC + CR), ==, 0);
    check_time(m, 0x004102, 0x003000);
    wr(m, RTC + CR, SUB1H);
    check_time(m, 0x002101, 0x233000);
    machine_free(m);
}

static void test_protection(void)
{
    machine_t *m = rtc_machine();
    wr(m, RTC + WPR, 0xFF);
    wr(m, RTC + CR, FMT);
    g_assert_cmphex(rd(m, RTC + CR), ==, 0);
    wr(m, RTC + WPR, 0x53);
    wr(m, RTC + WPR, 0xCA);
    wr(m, RTC + CR, FMT);
    g_assert_cmphex(rd(m, RTC + CR), ==, 0);
    wr(m, RTC + BKP0R, 0x1234); // DBP is enough
    g_assert_cmphex(rd(m, RTC + BKP0R), ==, 0x1234);
    unlock(m);
    wr(m, RTC + CR, FMT);
    g_assert_cmphex(rd(m, RTC + CR), ==, FMT);
    line_set(machine_line(m, "rtc.dbp"), false);
    wr(m, RTC + CR, 0);
    wr(m, RTC + BKP0R + 4 * 19, 1);
    g_assert_cmphex(rd(m, RTC + CR), ==, FMT);
    g_assert_cmphex(rd(m, RTC + BKP0R + 4 * 19), ==, 0);
    machine_free(m);
}

// Backup registers and the calendar live through a reset, not through power-on or BDRST.
static void test_backup_domain(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x23F231, 0x120000, PRER_LSE);
    g_assert_cmphex(rd(m, RTC + ISR) & INITS, ==, INITS);
    for (unsigned i = 0; i < 20; i++)
        wr(m, RTC + BKP0R + 4 * i, 0x1000 + i);
    rig_run(m, ticks(start + 32768));
    machine_reset(m, false);
    rig_run(m, ticks(start + 2 * 32768));
    check_time(m, 0x23F231, 0x120002);
    for (unsigned i = 0; i < 20; i++)
        g_assert_cmphex(rd(m, RTC + BKP0R + 4 * i), ==, 0x1000 + i);
    wr(m, RTC + CR, FMT);
    g_assert_cmphex(rd(m, RTC + CR), ==, 0); // protected again
    line_pulse(machine_line(m, "rtc.bdrst"));
    check_time(m, 0x002101, 0);
    g_assert_cmphex(rd(m, RTC + BKP0R), ==, 0);
    wr(m, RTC + BKP0R, 5);
    machine_reset(m, true);
    g_assert_cmphex(rd(m, RTC + BKP0R), ==, 0);
    machine_free(m);
}

// A: every minute at second 2. B: on one day of the week at a time.
static void test_alarms(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0x000000, PRER_LSE);
    g_assert_cmphex(rd(m, RTC + ISR) & ALRAWF, ==, ALRAWF);
    wr(m, RTC + ALRMAR, 1u << 31 | 1 << 23 | 1 << 15 | 2);
    wr(m, RTC + ALRMBR, 1 << 30 | 2 << 24 | 0x000000);
    wr(m, RTC + CR, ALRAE | ALRAIE | ALRBE | ALRBIE);
    g_assert_cmphex(rd(m, RTC + ISR) & ALRAWF, ==, 0);
    wr(m, RTC + ALRMAR, 0); // no effect while it is on
    for (unsigned i = 0; i < 2; i++) {
        rig_run(m, ticks(start + (60 * i + 2) * 32768) - 1);
        g_assert_false(rig_level(m, "rtc.alarm"));
        rig_run(m, ticks(start + (60 * i + 2) * 32768));
        g_assert_true(rig_level(m, "rtc.alarm"));
        g_assert_cmphex(rd(m, RTC + ISR) & (ALRAF | ALRBF), ==, ALRAF);
        wr(m, RTC + ISR, ~(uint32_t)(ALRAF | INIT));
        g_assert_false(rig_level(m, "rtc.alarm"));
    }
    wr(m, RTC + CR, ALRBE | ALRBIE);
    rig_run(m, ticks(start + (uint64_t)86400 * 32768) - 1);
    g_assert_cmphex(rd(m, RTC + ISR) & ALRBF, ==, 0);
    rig_run(m, ticks(start + (uint64_t)86400 * 32768));
    g_assert_cmphex(rd(m, RTC + ISR) & ALRBF, ==, ALRBF);
    machine_free(m);
}

// Sub-seconds: all fields masked, SS compared in full at 100.
static void test_alarm_subseconds(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0, PRER_LSE);
    wr(m, RTC + ALRMAR, 0x80808080);
    wr(m, RTC + ALRMASSR, 15 << 24 | 100);
    wr(m, RTC + CR, ALRAE);
    rig_run(m, ticks(start + 155 * 128) - 1);
    g_assert_cmphex(rd(m, RTC + ISR) & ALRAF, ==, 0);
    rig_run(m, ticks(start + 155 * 128));
    g_assert_cmphex(rd(m, RTC + ISR) & ALRAF, ==, ALRAF);
    machine_free(m);
}

static void test_wakeup(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0, PRER_LSE);
    // RTC / 16, 2048 counts: 1 s.
    uint64_t first = (start / 16 + 2048) * 16;
    wr(m, RTC + WUTR, 2047);
    wr(m, RTC + CR, WUTE | WUTIE);
    g_assert_cmphex(rd(m, RTC + ISR) & WUTWF, ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        rig_run(m, ticks(first + i * 32768) - 1);
        g_assert_false(rig_level(m, "rtc.wakeup"));
        rig_run(m, ticks(first + i * 32768));
        g_assert_true(rig_level(m, "rtc.wakeup"));
        wr(m, RTC + ISR, ~(uint32_t)(WUTF | INIT));
        g_assert_false(rig_level(m, "rtc.wakeup"));
    }
    wr(m, RTC + CR, 0);
    wr(m, RTC + WUTR, 1); // at the second beginning of a second, the first is near
    wr(m, RTC + CR, WUTE | 4);
    rig_run(m, ticks(start + 4 * 32768) - 1);
    g_assert_cmphex(rd(m, RTC + ISR) & WUTF, ==, 0);
    rig_run(m, ticks(start + 4 * 32768));
    g_assert_cmphex(rd(m, RTC + ISR) & WUTF, ==, WUTF);
    machine_free(m);
}

// Without its clock the calendar stands still.
static void test_clock_stops(void)
{
    machine_t *m = rtc_machine();
    uint64_t start = set_time(m, 0x002101, 0, PRER_LSE);
    rig_run(m, ticks(start + 2 * 32768));
    clk_set(machine_clk(m, "rtcclk"), 0, 1, machine_now_ps(m));
    rig_run(m, 100 * PS_PER_S);
    check_time(m, 0x002101, 2);
    clk_set(machine_clk(m, "rtcclk"), 32768, 1, machine_now_ps(m));
    rig_run(m, 101 * PS_PER_S);
    check_time(m, 0x002101, 3);
    machine_free(m);
}

static void test_start_attribute(void)
{
    g_autoptr(GError) error = NULL;
    machine_t *m = rig_new(&soc);
    part_set_attr(machine_part(m, "rtc"), "start", "2024-02-29T12:34:56");
    rig_start(m);
    check_time(m, 0x248229, 0x123456); // a Thursday
    machine_free(m);
    m = rig_new(&soc);
    part_set_attr(machine_part(m, "rtc"), "start", "2023-02-29T12:34:56");
    g_assert_false(machine_start(m, &error));
    g_assert_nonnull(strstr(error->message, "2023-02-29"));
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-rtc/reset", test_reset);
    g_test_add_func("/stm32-rtc/rollovers", test_rollovers);
    g_test_add_func("/stm32-rtc/subseconds", test_subseconds);
    g_test_add_func("/stm32-rtc/shadow", test_shadow);
    g_test_add_func("/stm32-rtc/twelve-hours", test_twelve_hours);
    g_test_add_func("/stm32-rtc/hour-adjustment", test_hour_adjustment);
    g_test_add_func("/stm32-rtc/protection", test_protection);
    g_test_add_func("/stm32-rtc/backup-domain", test_backup_domain);
    g_test_add_func("/stm32-rtc/alarms", test_alarms);
    g_test_add_func("/stm32-rtc/alarm-subseconds", test_alarm_subseconds);
    g_test_add_func("/stm32-rtc/wakeup", test_wakeup);
    g_test_add_func("/stm32-rtc/clock-stops", test_clock_stops);
    g_test_add_func("/stm32-rtc/start-attribute", test_start_attribute);
    return g_test_run();
}
