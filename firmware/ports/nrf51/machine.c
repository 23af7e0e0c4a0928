/* SPDX-License-Identifier: MIT
 * machine.c: reset and its causes, unique id, random numbers, watchdog, sleep, calendar.
 */
#include "nrf51.h"
#include "../../modules/calendar.h"

static hal_cause_t cause;

void reset_cause_init(void)
{
    uint32_t why = POWER_RESETREAS;
    POWER_RESETREAS = why; /* written bits are cleared */
    cause = why & RESETREAS_DOG ? HAL_WDT_RESET : why & RESETREAS_OFF ? HAL_DEEPSLEEP_RESET : why ? HAL_HARD_RESET
                                                                                                  : HAL_PWRON_RESET;
}

hal_cause_t hal_reset_cause(void) { return cause; }

_Noreturn void hal_reset(void)
{
    hal_stdout_flush();
    __asm volatile("dsb" ::: "memory");
    SCB_AIRCR = 0x05fa0004;
    for (;;) {
    }
}

_Noreturn void hal_bootloader(void) { hal_reset(); } /* there is none: the interface chip writes the flash */

unsigned hal_unique_id(uint8_t id[16])
{
    for (unsigned i = 0; i < 8; i++)
        id[i] = (uint8_t)(FICR_DEVICEID(i / 4) >> i % 4 * 8);
    return 8;
}

uint32_t hal_random(void)
{
    uint32_t value = 0;
    RNG_CONFIG = 1; /* without bias [21.1.1] */
    RNG_START = 1;
    for (unsigned i = 0; i < 4; i++) {
        RNG_VALRDY = 0;
        wait_event(&RNG_VALRDY, 100000);
        value = value << 8 | (RNG_VALUE & 0xff);
    }
    PERIPHERAL(ID_RNG, 4) = 1; /* stop */
    return value;
}

/* ---- watchdog [20]: 32,768 Hz ---- */

int hal_wdt_start(uint32_t ms)
{
    if (ms == 0 || ms > 100000000)
        return -E_INVAL;
    WDT_CRV = (uint32_t)((uint64_t)ms * 32768 / 1000) - 1;
    WDT_RREN = 1;
    WDT_CONFIG = 1; /* goes on while the CPU sleeps */
    WDT_START = 1;
    return 0;
}

void hal_wdt_feed(void) { WDT_RR0 = WDT_RELOAD; }

/* ---- sleep ---- */

void hal_sleep(uint32_t ms)
{
    hal_stdout_flush();
    hal_wait(hal_ticks_ms() + (ms ? ms : HAL_FOREVER_MS));
}

/* System OFF knows no time: until then light sleep, and then a reset. Without a time: OFF, until a pin that senses. */
_Noreturn void hal_deepsleep(uint32_t ms)
{
    hal_stdout_flush();
    if (ms) {
        uint32_t until = hal_ticks_ms() + ms;
        while ((int32_t)(until - hal_ticks_ms()) > 0)
            hal_wait(until);
        hal_reset();
    }
    POWER_SYSTEMOFF = 1;
    for (;;)
        __asm volatile("wfi");
}

/* ---- calendar: from the time since power-on; the chip has no battery to remember more ---- */

static int64_t rtc_offset_us;

void hal_rtc_get(hal_datetime_t *t)
{
    int64_t us = (int64_t)hal_uptime_us() + rtc_offset_us;
    calendar_date(us / 1000000, t);
    t->us = (uint32_t)(us % 1000000);
}

void hal_rtc_set(const hal_datetime_t *t)
{
    rtc_offset_us = calendar_seconds(t) * 1000000 + t->us - (int64_t)hal_uptime_us();
}
