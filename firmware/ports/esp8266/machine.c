/* SPDX-License-Identifier: MIT
 * machine.c: reset and its causes, unique id, random numbers, watchdog, sleep.
 */
#include "esp8266.h"
#include "rtc.h"

enum { REASON_POWER = 1, REASON_EXTERNAL, REASON_SOFTWARE, REASON_WATCHDOG, REASON_SLEEP, WAKE_ALARM = 8 };

static hal_cause_t cause;

/* A wake from deep sleep comes through the reset pin: the RTC tells it from others. */
void reset_cause_init(void)
{
    uint32_t reason = RTC_REASON & 15;
    cause = reason == REASON_SLEEP      ? HAL_DEEPSLEEP_RESET
            : reason == REASON_WATCHDOG ? HAL_WDT_RESET
            : reason == REASON_SOFTWARE ? HAL_SOFT_RESET
            : reason == REASON_EXTERNAL ? HAL_HARD_RESET
                                        : HAL_PWRON_RESET;
}

hal_cause_t hal_reset_cause(void) { return cause; }

_Noreturn void hal_reset(void)
{
    irq_off();
    RTC_CTRL |= RTC_CTRL_RESET;
    for (;;) {
    }
}

/* The ROM enters its boot loader by the level of GPIO0 at reset, which software cannot hold. */
_Noreturn void hal_bootloader(void) { hal_reset(); }

unsigned hal_unique_id(uint8_t id[16])
{
    uint32_t low = EFUSE_MAC(0) >> 24 | (EFUSE_MAC(1) & 0xffffff) << 8;
    for (unsigned i = 0; i < 4; i++)
        id[i] = (uint8_t)(low >> 8 * i);
    return 4;
}

uint32_t hal_random(void) { return WDEV_RANDOM; }

/* ---- watchdog: the time doubles with each step of its register ---- */

enum { WDT_FEED_VALUE = 0x73, WDT_STEP_US = 800, WDT_LOWEST = 6, WDT_HIGHEST = 15 };

int hal_wdt_start(uint32_t ms)
{
    uint32_t step = WDT_LOWEST;
    if (ms == 0)
        return -E_INVAL;
    while (step < WDT_HIGHEST && ((uint32_t)WDT_STEP_US << step) / 1000 < ms)
        step++;
    if (((uint32_t)WDT_STEP_US << step) / 1000 < ms)
        return -E_INVAL;
    WDT_CTRL &= ~1u;
    WDT_OP = step;
    WDT_OP2 = 1;
    WDT_CTRL = 0x38;
    WDT_FEED = WDT_FEED_VALUE;
    WDT_CTRL = 0x39;
    return 0;
}

void hal_wdt_feed(void) { WDT_FEED = WDT_FEED_VALUE; }

/* ---- sleep ---- */

void hal_sleep(uint32_t ms)
{
    hal_stdout_flush();
    hal_wait(hal_ticks_ms()); /* what came before does not end it */
    hal_wait(hal_ticks_ms() + (ms ? ms : HAL_FOREVER_MS));
}

/* GPIO16 pulls low when the time has come; a wire leads from it to RST. Without a time nothing but RST wakes the chip.
 */
_Noreturn void hal_deepsleep(uint32_t ms)
{
    hal_stdout_flush();
    irq_off();
    rtc_save();
    RTC_PAD = (RTC_PAD & ~(uint32_t)RTC_PAD_FUNCTION) | RTC_PAD_WAKE;
    RTC_ALARM = RTC_COUNTER + (ms ? rtc_ticks((uint64_t)ms * 1000) : 0);
    RTC_WAKE = ms ? WAKE_ALARM : 0;
    RTC_CTRL &= ~0x30u; /* set, the chip only dozes */
    RTC_POWER_DOWN = RTC_POWER_DOWN_DEEP;
    RTC_SCRATCH(0) = 5;
    RTC_SLEEP = RTC_SLEEP_ENTER;
    for (;;)
        __asm volatile("waiti 1");
}
