/* SPDX-License-Identifier: MIT
 * time.c: the module time. Ticks wrap at 2**30 milliseconds or microseconds, so that they are small ints everywhere and their
 * differences as well. time() counts seconds from 1970.
 */
#include "calendar.h"
#include "module.h"
#include "state.h"
#include "vm.h"
#include "wait.h"

enum { TICKS_BITS = 30 };
static const intptr_t ticks_mask = (1 << TICKS_BITS) - 1;

/* ---- sleeping ---- */

void wait_us(uint64_t us)
{
    uint64_t end = hal_uptime_us() + us;
    vm_poll();
    for (;;) {
        uint64_t now = hal_uptime_us();
        if (now >= end)
            return;
        uint64_t left = end - now;
        if (left < 2000) {
            hal_delay_us((uint32_t)left);
            return;
        }
        /* Up to the last whole millisecond asleep, the rest by counting. */
        uint64_t ms = left / 1000 - 1;
        hal_wait(hal_ticks_ms() + (uint32_t)(ms > HAL_FOREVER_MS ? HAL_FOREVER_MS : ms));
        vm_poll();
    }
}

static val_t time_sleep(val_t seconds)
{
    if (is_int(seconds)) {
        if (int_of(seconds) > 0)
            wait_us((uint64_t)int_of(seconds) * 1000000);
    } else {
        real_t s = float_arg(seconds);
        if (s > 0)
            wait_us((uint64_t)(s * REAL_C(1000000.0)));
    }
    return V_NONE;
}

static val_t time_sleep_ms(val_t ms)
{
    intptr_t n = int_arg(ms);
    if (n > 0)
        wait_us((uint64_t)n * 1000);
    return V_NONE;
}

static val_t time_sleep_us(val_t us)
{
    intptr_t n = int_arg(us);
    if (n > 0)
        wait_us((uint64_t)n);
    return V_NONE;
}

/* ---- ticks ---- */

static val_t time_ticks_ms(void) { return V_INT(hal_uptime_us() / 1000 & (uint64_t)ticks_mask); }
static val_t time_ticks_us(void) { return V_INT(hal_uptime_us() & (uint64_t)ticks_mask); }
static val_t time_ticks_cpu(void) { return V_INT(hal_ticks_cpu() & (uint32_t)ticks_mask); }

static val_t time_ticks_add(val_t ticks, val_t delta)
{
    intptr_t d = int_arg(delta), half = (ticks_mask + 1) / 2;
    if (d >= half || d <= -half) {
        raise_text(&type_OverflowError, "ticks interval overflow");
    }
    return V_INT((int_arg(ticks) + d) & ticks_mask);
}

static val_t time_ticks_diff(val_t a, val_t b)
{
    intptr_t half = (ticks_mask + 1) / 2;
    return V_INT(((int_arg(a) - int_arg(b) + half) & ticks_mask) - half);
}

/* ---- calendar ---- */

static int64_t now_seconds(uint32_t *us)
{
    hal_datetime_t t;
    hal_rtc_get(&t);
    *us = t.us;
    return calendar_seconds(&t);
}

static val_t time_time(void)
{
    uint32_t us;
    return int_from(now_seconds(&us));
}

static val_t time_time_ns(void)
{
    uint32_t us;
    int64_t seconds = now_seconds(&us);
    return int_from(seconds * 1000000000 + (int64_t)us * 1000);
}

static val_t time_localtime(unsigned n, const val_t *args)
{
    hal_datetime_t t;
    uint32_t us;
    calendar_date(n && args[0] != V_NONE ? int64_arg(args[0]) : now_seconds(&us), &t);
    val_t fields[8] = {V_INT(t.year), V_INT(t.month), V_INT(t.day), V_INT(t.hour), V_INT(t.minute), V_INT(t.second),
                       V_INT(t.weekday), V_INT(calendar_yearday(&t))};
    return tuple_new(8, fields);
}

static val_t time_mktime(val_t fields)
{
    size_t n;
    const val_t *v;
    if (!seq_items(fields, &n, &v) || n < 6)
        raise_type("mktime needs a tuple of 8 or 9");
    hal_datetime_t t = {.year = (uint16_t)int_arg(v[0]), .month = 1, .day = 1};
    /* Other fields may be out of range: they are added as they are. */
    intptr_t month = int_arg(v[1]) - 1;
    intptr_t years = month >= 0 ? month / 12 : -((11 - month) / 12);
    t.year = (uint16_t)(t.year + years);
    t.month = (uint8_t)(month - years * 12 + 1);
    int64_t seconds = calendar_seconds(&t);
    return int_from(seconds + (int64_t)(int_arg(v[2]) - 1) * 86400 + (int64_t)int_arg(v[3]) * 3600 +
                    (int64_t)int_arg(v[4]) * 60 + int_arg(v[5]));
}

static const dict_entry_t time_table[] = {
    FUNC_1(sleep, time_sleep),
    FUNC_1(sleep_ms, time_sleep_ms),
    FUNC_1(sleep_us, time_sleep_us),
    FUNC_0(ticks_ms, time_ticks_ms),
    FUNC_0(ticks_us, time_ticks_us),
    FUNC_0(ticks_cpu, time_ticks_cpu),
    FUNC_2(ticks_add, time_ticks_add),
    FUNC_2(ticks_diff, time_ticks_diff),
    FUNC_0(time, time_time),
    FUNC_0(time_ns, time_time_ns),
    FUNC_V(localtime, time_localtime, 0, 1),
    FUNC_V(gmtime, time_localtime, 0, 1),
    FUNC_1(mktime, time_mktime),
};
MODULE(time, time_table);
