/* SPDX-License-Identifier: MIT
 * clock.c: time, alarms, waiting, the CPU's clock.
 *
 * Time is the microsecond counter of the MAC, which never stops: 32 bits, and here the upper half. FRC2, which counts
 * the 80 MHz bus clock divided by 16, makes the alarm: for whoever is first of hal_wait, the soft timer, and the next
 * look at the counter before it wraps. Neither changes with the CPU's clock.
 */
#include "esp8266.h"

enum { TICKS_PER_US = 5, FAR_US = 400000000, NEAR_TICKS = 20 };

static struct {
    uint32_t last, high;     /* the counter when it was last looked at, and its wraps */
    uint32_t base, ms;       /* the counter when `ms` began */
    uint32_t mhz;
    volatile bool woken;
    volatile bool waiting, timer_on;
    uint32_t wait_at, timer_at;
} clock;

/* With interrupts off. Called at least once a wrap, by the alarm. */
static IN_IRAM uint32_t now_us(void)
{
    uint32_t now = WDEV_US;
    if (now < clock.last)
        clock.high++;
    clock.last = now;
    return now;
}

static IN_IRAM uint32_t now_ms(void)
{
    uint32_t passed = now_us() - clock.base;
    if (passed >= 64000) {
        uint32_t ms = passed / 1000;
        clock.ms += ms;
        clock.base += ms * 1000;
        passed -= ms * 1000;
    }
    while (passed >= 8000) {
        passed -= 8000;
        clock.base += 8000;
        clock.ms += 8;
    }
    while (passed >= 1000) {
        passed -= 1000;
        clock.base += 1000;
        clock.ms++;
    }
    return clock.ms;
}

IN_IRAM uint32_t hal_ticks_ms(void)
{
    uint32_t state = irq_off();
    uint32_t ms = now_ms();
    irq_back(state);
    return ms;
}

uint64_t hal_uptime_us(void)
{
    uint32_t state = irq_off();
    uint32_t low = now_us(), high = clock.high;
    irq_back(state);
    return (uint64_t)high << 32 | low;
}

IN_IRAM uint32_t hal_ticks_us(void) { return WDEV_US; }
IN_IRAM uint32_t hal_ticks_cpu(void) { return cpu_cycles(); }

IN_IRAM void clock_delay_cycles(uint32_t cycles)
{
    uint32_t start = cpu_cycles();
    while (cpu_cycles() - start < cycles) {
    }
}

IN_IRAM void hal_delay_us(uint32_t us)
{
    uint32_t start = cpu_cycles(), cycles = us * clock.mhz;
    if (us > 1000000) { /* the cycles do not fit a word */
        start = WDEV_US;
        while (WDEV_US - start < us) {
        }
        return;
    }
    while (cpu_cycles() - start < cycles) {
    }
}

/* ---- alarms ---- */

static IN_IRAM uint32_t us_until(uint32_t at_ms, uint32_t least)
{
    int32_t left = (int32_t)(at_ms - clock.ms);
    if (left <= 0)
        return 0;
    if (left >= FAR_US / 1000)
        return least;
    int32_t us = (int32_t)(clock.base + (uint32_t)left * 1000 - clock.last);
    return us < 0 ? 0 : (uint32_t)us < least ? (uint32_t)us : least;
}

/* With interrupts off. */
static IN_IRAM void arm(void)
{
    uint32_t us = FAR_US;
    now_ms();
    if (clock.waiting)
        us = us_until(clock.wait_at, us);
    if (clock.timer_on)
        us = us_until(clock.timer_at, us);
    uint32_t ticks = us * TICKS_PER_US;
    FRC2_ALARM = FRC2_COUNT + (ticks > NEAR_TICKS ? ticks : NEAR_TICKS);
}

void hal_soft_timer(bool on, uint32_t at_ms)
{
    uint32_t state = irq_off();
    clock.timer_on = on;
    clock.timer_at = at_ms;
    if (on)
        arm();
    irq_back(state);
}

IN_IRAM void frc2_handler(void)
{
    FRC2_CLEAR = 0;
    if (clock.timer_on && (int32_t)(now_ms() - clock.timer_at) >= 0) {
        clock.timer_on = false;
        hal_on_soft_timer();
        clock.woken = true;
    }
    arm();
}

/* ---- sleep ---- */

IN_IRAM void hal_wake(void) { clock.woken = true; }

IN_IRAM void hal_wait(uint32_t until_ms)
{
    for (;;) {
        uint32_t state = irq_off();
        if (clock.woken || (int32_t)(now_ms() - until_ms) >= 0) {
            clock.woken = clock.waiting = false;
            irq_back(state);
            return;
        }
        clock.waiting = true;
        clock.wait_at = until_ms;
        arm();
        __asm volatile("waiti 0" ::: "memory"); /* now the handlers run */
        irq_back(state);
    }
}

void hal_idle(void) { __asm volatile("waiti 0" ::: "memory"); }

/* ---- the CPU's clock ---- */

void clock_init(void)
{
    clock.mhz = 80;
    clock.last = clock.base = WDEV_US;
    FRC2_CTRL = FRC_ENABLE | FRC_DIV16;
    FRC2_LOAD = 0;
    DPORT_EDGE_INT |= EDGE_INT_FRC2;
    arm();
    int_enable(INT_FRC2);
}

uint32_t clock_mhz(void) { return clock.mhz; }

unsigned hal_freq(uint32_t hz[4])
{
    hz[0] = clock.mhz * 1000000;
    return 1;
}

int hal_set_freq(uint32_t hz)
{
    if (hz != 80000000 && hz != 160000000)
        return -E_INVAL;
    clock.mhz = hz / 1000000;
    DPORT_CPU_CLOCK = (DPORT_CPU_CLOCK & ~1u) | (hz == 160000000);
    return 0;
}
