/* SPDX-License-Identifier: MIT
 * rtc.c: the calendar, and memory that survives resets and deep sleep.
 *
 * While the chip is awake, time is that of clock.c. Through resets and sleep goes the RTC's counter, of an RC
 * oscillator of some 160 kHz, whose period is measured against the 80 MHz of the bus when it is needed. What links the
 * two is kept in the RTC's memory: the calendar at a count. RTC().memory() is there too; the first half is left to
 * others.
 */
#include "esp8266.h"
#include "rtc.h"
#include "../../modules/calendar.h"

enum { PERIODS = 256, MAGIC = 0x41646472, CALIB_US_SHIFT = 16 };
enum { WORD_MAGIC = 0x80, WORD_COUNT, WORD_US_LOW, WORD_US_HIGH, WORD_USED, WORD_DATA };
enum { MEMORY_SIZE = (0x100 - WORD_DATA) * 4 };
#define CALIB_START (1u << 31)

static int64_t offset_us; /* calendar time less time since power-on */

/* Microseconds of a tick, in 1/65536. */
static uint32_t period(void)
{
    static uint32_t measured;
    if (!measured) {
        RTC_CALIB_SYNC = 0;
        RTC_CALIB_SYNC = PERIODS;
        RTC_CALIB_SYNC = PERIODS | CALIB_START;
        uint32_t steps = 1000000;
        while (!(RTC_CALIB_VALUE & CALIB_START) && steps)
            steps--;
        uint32_t cycles = RTC_CALIB_VALUE & 0xfffff; /* at 80 MHz */
        measured = steps && cycles ? (uint32_t)(((uint64_t)cycles << CALIB_US_SHIFT) / 80 / PERIODS) : 6 << CALIB_US_SHIFT;
    }
    return measured;
}

uint32_t rtc_ticks(uint64_t us) { return (uint32_t)((us << CALIB_US_SHIFT) / period()); }

static int64_t calendar_us(void) { return (int64_t)hal_uptime_us() + offset_us; }

void rtc_save(void)
{
    int64_t us = calendar_us();
    RTC_RAM(WORD_COUNT) = RTC_COUNTER;
    RTC_RAM(WORD_US_LOW) = (uint32_t)us;
    RTC_RAM(WORD_US_HIGH) = (uint32_t)((uint64_t)us >> 32);
}

void rtc_init(void)
{
    int64_t us = 946684800ll * 1000000; /* 1 January 2000 */
    if (RTC_RAM(WORD_MAGIC) == MAGIC) {
        uint32_t passed = RTC_COUNTER - RTC_RAM(WORD_COUNT);
        us = (int64_t)((uint64_t)RTC_RAM(WORD_US_HIGH) << 32 | RTC_RAM(WORD_US_LOW));
        us += (int64_t)((uint64_t)passed * period() >> CALIB_US_SHIFT);
    } else {
        RTC_RAM(WORD_MAGIC) = MAGIC;
        RTC_RAM(WORD_USED) = 0;
    }
    offset_us = us - (int64_t)hal_uptime_us();
    rtc_save();
}

void hal_rtc_get(hal_datetime_t *t)
{
    int64_t us = calendar_us();
    calendar_date(us / 1000000, t);
    t->us = (uint32_t)(us % 1000000);
    rtc_save(); /* a reset may come at any time; the count is good for seven hours */
}

void hal_rtc_set(const hal_datetime_t *t)
{
    offset_us = calendar_seconds(t) * 1000000 + t->us - (int64_t)hal_uptime_us();
    rtc_save();
}

/* ---- memory: words only ---- */

size_t hal_rtc_memory_size(void) { return MEMORY_SIZE; }

size_t hal_rtc_memory_read(uint8_t *to)
{
    size_t used = RTC_RAM(WORD_USED) <= MEMORY_SIZE ? RTC_RAM(WORD_USED) : 0;
    for (size_t i = 0; i < used; i++)
        to[i] = (uint8_t)(RTC_RAM(WORD_DATA + i / 4) >> i % 4 * 8);
    return used;
}

void hal_rtc_memory_write(const uint8_t *from, size_t len)
{
    uint32_t word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint32_t)from[i] << i % 4 * 8;
        if (i % 4 == 3 || i == len - 1) {
            RTC_RAM(WORD_DATA + i / 4) = word;
            word = 0;
        }
    }
    RTC_RAM(WORD_USED) = (uint32_t)len;
}
