/* SPDX-License-Identifier: MIT
 * rtc.c: the calendar clock [26] on the 32.768 kHz crystal; deep sleep with its wake-up timer. A crystal takes up to two seconds to start:
 * until then the time is counted from power-on, and if it does not start within five, the LSI oscillator takes its place.
 */
#include "stm32f4.h"
#include "../../modules/calendar.h"

/* A mark in a backup register tells that the clock runs and was set. */
enum { ASYNC = 127, SYNC_LSE = 255, SYNC_LSI = 249, MARK = 0xadde, FIRST_YEAR = 2000, PATIENCE_US = 5000000 };

static struct {
    bool running;
    int64_t start_seconds; /* the time at power-on, while the clock does not run */
} rtc;

static void unlock(void)
{
    RTC->wpr = 0xca;
    RTC->wpr = 0x53;
}

static void lock(void) { RTC->wpr = 0xff; }

static bool enter_init(void)
{
    unlock();
    RTC->isr |= RTC_ISR_INIT;
    return wait_for(&RTC->isr, RTC_ISR_INITF, RTC_ISR_INITF, 100000);
}

static void leave_init(void)
{
    RTC->isr &= ~(uint32_t)RTC_ISR_INIT;
    lock();
}

static void start_lsi(void)
{
    RCC->csr |= RCC_CSR_LSION;
    wait_for(&RCC->csr, RCC_CSR_LSIRDY, RCC_CSR_LSIRDY, 100000);
}

void rtc_init(void)
{
    static const hal_datetime_t first = {2015, 1, 1, 3, 0, 0, 0, 0};
    RCC->apb1enr |= RCC_APB1_PWR;
    PWR->cr |= PWR_CR_DBP;
    rtc.start_seconds = calendar_seconds(&first);
    uint32_t bdcr = RCC->bdcr;
    if (bdcr & RCC_BDCR_RTCEN && RTC->bkpr[0] == MARK) {
        if ((bdcr & RCC_BDCR_RTCSEL) == RCC_BDCR_RTCSEL_LSI)
            start_lsi(); /* a reset turns it off */
        rtc.running = true;
    } else {
        RCC->bdcr |= RCC_BDCR_LSEON;
    }
}

static void write_time(const hal_datetime_t *t);

/* Start the clock when its oscillator is there. */
static void start(bool at_once)
{
    if (rtc.running)
        return;
    uint64_t up_us = hal_uptime_us();
    bool lse = RCC->bdcr & RCC_BDCR_LSERDY;
    if (!lse && !at_once && up_us < PATIENCE_US)
        return;
    if (!lse)
        start_lsi();
    RCC->bdcr |= (lse ? RCC_BDCR_RTCSEL_LSE : RCC_BDCR_RTCSEL_LSI) | RCC_BDCR_RTCEN;
    if (!enter_init())
        return;
    RTC->prer = lse ? SYNC_LSE : SYNC_LSI;
    RTC->prer |= ASYNC << 16;
    RTC->cr |= RTC_CR_BYPSHAD;
    leave_init();
    hal_datetime_t now;
    calendar_date(rtc.start_seconds + (int64_t)(up_us / 1000000), &now);
    write_time(&now);
    RTC->bkpr[0] = MARK;
    rtc.running = true;
}

void rtc_poll(void) { start(false); }

static uint32_t bcd(uint32_t v) { return v / 10 << 4 | v % 10; }
static uint32_t from_bcd(uint32_t v) { return (v >> 4) * 10 + (v & 15); }

static void write_time(const hal_datetime_t *t)
{
    if (!enter_init())
        return;
    RTC->tr = bcd(t->hour) << 16 | bcd(t->minute) << 8 | bcd(t->second);
    RTC->dr = bcd(t->year - FIRST_YEAR) << 16 | (t->weekday + 1u) << 13 | bcd(t->month) << 8 | bcd(t->day);
    leave_init();
}

void hal_rtc_set(const hal_datetime_t *t)
{
    start(false);
    if (rtc.running)
        write_time(t);
    else
        rtc.start_seconds = calendar_seconds(t) - (int64_t)(hal_uptime_us() / 1000000);
}

void hal_rtc_get(hal_datetime_t *t)
{
    start(false);
    if (!rtc.running) {
        uint64_t up_us = hal_uptime_us();
        calendar_date(rtc.start_seconds + (int64_t)(up_us / 1000000), t);
        t->us = (uint32_t)(up_us % 1000000);
        return;
    }
    /* Shadow registers are off: read until two looks agree [26.3.6]. */
    uint32_t time, date, ssr;
    unsigned tries = 0;
    do {
        time = RTC->tr;
        date = RTC->dr;
        ssr = RTC->ssr;
    } while ((time != RTC->tr || date != RTC->dr || ssr != RTC->ssr) && tries++ < 10);
    t->year = (uint16_t)(FIRST_YEAR + from_bcd(date >> 16 & 0xff));
    t->month = (uint8_t)from_bcd(date >> 8 & 0x1f);
    t->day = (uint8_t)from_bcd(date & 0x3f);
    t->weekday = (uint8_t)((date >> 13 & 7) ? (date >> 13 & 7) - 1 : 0);
    t->hour = (uint8_t)from_bcd(time >> 16 & 0x3f);
    t->minute = (uint8_t)from_bcd(time >> 8 & 0x7f);
    t->second = (uint8_t)from_bcd(time & 0x7f);
    uint32_t sync = RTC->prer & 0x7fff;
    t->us = ssr <= sync ? (sync - ssr) * 1000000u / (sync + 1) : 0;
}

/* ---- deep sleep: Standby [5.3.5]; waking is a reset ---- */

void rtc_wakeup_handler(void)
{
    RTC->isr &= ~(uint32_t)RTC_ISR_WUTF;
    EXTI->pr = 1u << 22;
}

_Noreturn void hal_deepsleep(uint32_t ms)
{
    hal_irq_disable();
    if (ms) {
        start(true);
        /* The wake-up timer counts RTCCLK / 16 up to 32 s, then seconds. */
        bool seconds = ms > 31000;
        unlock();
        RTC->cr &= ~(uint32_t)(RTC_CR_WUTE | 7);
        wait_for(&RTC->isr, RTC_ISR_WUTWF, RTC_ISR_WUTWF, 100000);
        uint32_t count = seconds ? (ms + 500) / 1000 : (uint32_t)((uint64_t)ms * 2048 / 1000);
        RTC->wutr = count > 0x10000 ? 0xffff : count ? count - 1 : 0;
        RTC->isr &= ~(uint32_t)RTC_ISR_WUTF;
        RTC->cr |= (seconds ? 4u : 0) | RTC_CR_WUTIE | RTC_CR_WUTE;
        lock();
    }
    PWR->cr |= PWR_CR_PDDS | PWR_CR_CWUF;
    SCB->scr |= SCR_SLEEPDEEP;
    for (;;)
        __asm volatile("dsb\n wfi" ::: "memory");
}
