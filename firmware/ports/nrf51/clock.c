/* SPDX-License-Identifier: MIT
 * clock.c: the 16 MHz crystal and time.
 *
 * TIMER0 counts the crystal's periods in 32 bits and is never stopped, so that time is right to 62.5 ns whatever the CPU
 * does: it goes on while the CPU sleeps and while it waits for the flash. CC0: end of hal_wait; CC1: reading the counter;
 * CC2: wrap (every 268 s), for the upper half; CC3: the soft timer.
 */
#include "nrf51.h"

enum { PER_MS = CLOCK_HZ / 1000, FAR_MS = 0x40000000 / PER_MS, WAIT = 0, READ = 1, WRAP = 2, SOFT = 3 };

static struct {
    uint32_t high;           /* wraps of the counter */
    uint32_t base, ms;       /* the counter when `ms` began */
    volatile bool woken;
    volatile bool timer_on;
    uint32_t timer_at;
} clock;

static inline uint32_t counter(void)
{
    TIMER_CAPTURE(ID_TIMER0, READ) = 1;
    return TIMER_CC(ID_TIMER0, READ);
}

void clock_init(void)
{
    CLOCK_HFCLKSTARTED = 0;
    CLOCK_HFCLKSTART = 1;
    wait_event(&CLOCK_HFCLKSTARTED, 100000);
    TIMER_MODE(ID_TIMER0) = 0;
    TIMER_BITMODE(ID_TIMER0) = TIMER_BITMODE_32;
    TIMER_PRESCALER(ID_TIMER0) = 0;
    TIMER_CC(ID_TIMER0, WRAP) = 0;
    TIMER_CLEAR(ID_TIMER0) = 1;
    TIMER_COMPARE(ID_TIMER0, WRAP) = 0;
    TIMER_INTENSET(ID_TIMER0) = TIMER_INT(WRAP);
    TIMER_START(ID_TIMER0) = 1;
    irq_enable(ID_TIMER0, PRIORITY_CLOCK);
}

unsigned hal_freq(uint32_t hz[4])
{
    hz[0] = CLOCK_HZ;
    return 1;
}

int hal_set_freq(uint32_t hz) { return hz == CLOCK_HZ ? 0 : -E_INVAL; }

/* ---- time ---- */

/* With interrupts off. Called at least once a wrap, by its interrupt. */
static uint32_t now_ms(void)
{
    uint32_t passed = counter() - clock.base;
    if (passed >= PER_MS) {
        uint32_t ms = passed / PER_MS;
        clock.base += ms * PER_MS;
        clock.ms += ms;
    }
    return clock.ms;
}

uint32_t hal_ticks_ms(void)
{
    uint32_t state = hal_irq_disable();
    uint32_t ms = now_ms();
    hal_irq_restore(state);
    return ms;
}

uint64_t hal_uptime_us(void)
{
    uint32_t state = hal_irq_disable();
    uint32_t low = counter(), high = clock.high;
    if (TIMER_COMPARE(ID_TIMER0, WRAP) && low < 0x80000000u) /* not counted yet */
        high++;
    hal_irq_restore(state);
    return ((uint64_t)high << 32 | low) >> 4;
}

uint32_t hal_ticks_us(void) { return (uint32_t)hal_uptime_us(); }

uint32_t hal_ticks_cpu(void)
{
    uint32_t state = hal_irq_disable();
    uint32_t now = counter();
    hal_irq_restore(state);
    return now;
}

void hal_delay_us(uint32_t us)
{
    uint32_t start = hal_ticks_cpu();
    for (; us > 1000; us -= 1000) {
        while (hal_ticks_cpu() - start < PER_MS) {
        }
        start += PER_MS;
    }
    while (hal_ticks_cpu() - start < us * 16) {
    }
}

/* Let a compare register fire at a time; false: it is there already. With interrupts off. */
static bool set_alarm(unsigned n, uint32_t at_ms)
{
    int32_t left = (int32_t)(at_ms - now_ms());
    if (left <= 0)
        return false;
    uint32_t at = clock.base + (uint32_t)(left > FAR_MS ? FAR_MS : left) * PER_MS;
    TIMER_COMPARE(ID_TIMER0, n) = 0;
    TIMER_CC(ID_TIMER0, n) = at;
    TIMER_INTENSET(ID_TIMER0) = TIMER_INT(n);
    return (int32_t)(at - counter()) > 2;
}

void hal_soft_timer(bool on, uint32_t at_ms)
{
    uint32_t state = hal_irq_disable();
    clock.timer_on = on;
    clock.timer_at = at_ms;
    if (!on)
        TIMER_INTENCLR(ID_TIMER0) = TIMER_INT(SOFT);
    else if (!set_alarm(SOFT, at_ms)) /* at once, but not from here */
        set_alarm(SOFT, now_ms() + 1);
    hal_irq_restore(state);
}

static void soft_timer(void)
{
    TIMER_INTENCLR(ID_TIMER0) = TIMER_INT(SOFT);
    if (!clock.timer_on)
        return;
    uint32_t state = hal_irq_disable();
    bool due = (int32_t)(now_ms() - clock.timer_at) >= 0;
    hal_irq_restore(state);
    if (due) {
        clock.timer_on = false;
        hal_on_soft_timer();
        clock.woken = true;
    } else { /* it was farther away than the counter reaches */
        hal_soft_timer(true, clock.timer_at);
    }
}

void timer0_handler(void)
{
    if (TIMER_COMPARE(ID_TIMER0, WRAP)) {
        uint32_t state = hal_irq_disable();
        TIMER_COMPARE(ID_TIMER0, WRAP) = 0;
        clock.high++;
        now_ms();
        hal_irq_restore(state);
    }
    if (TIMER_COMPARE(ID_TIMER0, WAIT)) {
        TIMER_COMPARE(ID_TIMER0, WAIT) = 0;
        TIMER_INTENCLR(ID_TIMER0) = TIMER_INT(WAIT);
    }
    if (TIMER_COMPARE(ID_TIMER0, SOFT)) {
        TIMER_COMPARE(ID_TIMER0, SOFT) = 0;
        soft_timer();
    }
}

/* ---- sleep ---- */

void hal_wake(void) { clock.woken = true; }

void hal_wait(uint32_t until_ms)
{
    for (;;) {
        uint32_t state = hal_irq_disable();
        if (clock.woken || !set_alarm(WAIT, until_ms)) {
            bool early = !clock.woken && (int32_t)(now_ms() - until_ms) < 0; /* some cycles are left */
            clock.woken = false;
            TIMER_INTENCLR(ID_TIMER0) = TIMER_INT(WAIT);
            hal_irq_restore(state);
            if (early)
                continue;
            return;
        }
        __asm volatile("dsb\n wfi" ::: "memory");
        hal_irq_restore(state); /* now the handlers run */
    }
}

void hal_idle(void) { __asm volatile("dsb\n wfi" ::: "memory"); }
