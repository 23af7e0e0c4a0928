/* SPDX-License-Identifier: MIT
 * clock.c: clock tree (HSE 12 MHz, PLL), flash wait states, and time from SysTick.
 *
 * SysTick counts the milliseconds and, read in between, the microseconds. While hal_wait sleeps, one period
 * of SysTick is stretched to many milliseconds, so that an idle board wakes ten times a second and not a
 * thousand times. LOAD takes effect when the counter wraps, so no cycle is lost by that.
 */
#include "stm32f4.h"

enum { HSE_HZ = 12000000, HSI_HZ = 16000000, FULL_HZ = 168000000, STRETCH_MS = 99, NEAR_CYCLES = 1000 };

static struct {
    uint32_t hz;       /* HCLK */
    uint32_t per_us;   /* cycles */
    uint32_t per_ms;
    uint8_t apb1, apb2; /* dividers, as shifts */

    volatile uint32_t ms;     /* at the start of SysTick's period */
    volatile uint32_t high;   /* wraps of ms */
    volatile uint32_t length; /* ms that the period brings */
    volatile uint32_t next_length;
    volatile uint32_t load;   /* cycles of the period, less one */
    volatile uint32_t offset; /* cycles of the millisecond that were over when the period began */
    volatile bool woken;
    volatile bool timer_on;
    volatile uint32_t timer_at;
} clock;

/* ---- clock tree ---- */

static bool start_hse(void)
{
    RCC->cr |= RCC_CR_HSEON;
    return wait_for(&RCC->cr, RCC_CR_HSERDY, RCC_CR_HSERDY, 200000);
}

/* Back to the 16 MHz RC oscillator, from which any setting can be reached. */
static void use_hsi(void)
{
    RCC->cr |= RCC_CR_HSION;
    wait_for(&RCC->cr, 2, 2, 10000);
    RCC->cfgr = 0;
    wait_for(&RCC->cfgr, 0xc, 0, 10000);
    RCC->cr &= ~(uint32_t)RCC_CR_PLLON;
    wait_for(&RCC->cr, RCC_CR_PLLRDY, 0, 10000);
}

/* PLL: the input divided to 1 MHz, times n, divided by p; VCO 192 to 432 MHz [7.3.2]. */
static bool start_pll(uint32_t mhz)
{
    for (uint32_t p = 2; p <= 8; p += 2) {
        uint32_t vco = mhz * p;
        if (vco < 192 || vco > 432)
            continue;
        uint32_t q = (vco + 47) / 48; /* 48 MHz or less for USB and RNG */
        RCC->pllcfgr = (HSE_HZ / 1000000) | vco << 6 | (p / 2 - 1) << 16 | 1 << 22 | q << 24;
        RCC->cr |= RCC_CR_PLLON;
        return wait_for(&RCC->cr, RCC_CR_PLLRDY, RCC_CR_PLLRDY, 200000);
    }
    return false;
}

static uint32_t shift_below(uint32_t hz, uint32_t limit)
{
    uint32_t shift = 0;
    while (hz >> shift > limit)
        shift++;
    return shift;
}

static void use_hz(uint32_t hz)
{
    use_hsi();
    uint32_t source = 0; /* HSI */
    if (hz != HSI_HZ && start_hse()) {
        if (hz == HSE_HZ)
            source = 1;
        else if (start_pll(hz / 1000000))
            source = 2;
    }
    if (!source)
        hz = HSI_HZ;
    /* Wait states at 2.7-3.6 V: one for each 30 MHz [3.5.1]; buses at most 42 and 84 MHz. */
    FLASH->acr = FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN | (hz - 1) / 30000000;
    wait_for(&FLASH->acr, 7, (hz - 1) / 30000000, 1000);
    clock.apb1 = (uint8_t)shift_below(hz, 42000000);
    clock.apb2 = (uint8_t)shift_below(hz, 84000000);
    RCC->cfgr = (clock.apb1 ? 3u + clock.apb1 : 0) << 10 | (clock.apb2 ? 3u + clock.apb2 : 0) << 13 | source;
    wait_for(&RCC->cfgr, 0xc, source << 2, 10000);
    clock.hz = hz;
    clock.per_us = hz / 1000000;
    clock.per_ms = hz / 1000;
}

/* Let SysTick begin a period with the LOAD of now. */
static void restart_counter(void)
{
    SYSTICK->val = 0;
    while (!SYSTICK->val) {
    }
}

static void systick_start(void)
{
    clock.length = clock.next_length = 1;
    clock.load = clock.per_ms - 1;
    clock.offset = 0;
    SYSTICK->load = clock.load;
    SYSTICK->ctrl = SYSTICK_ENABLE | SYSTICK_TICKINT | SYSTICK_CLKSOURCE;
    restart_counter();
}

void clock_init(void)
{
    RCC->apb1enr |= RCC_APB1_PWR;
    PWR->cr |= PWR_CR_VOS;
    use_hz(FULL_HZ);
    DEMCR |= 1 << 24; /* the cycle counter */
    DWT->cyccnt = 0;
    DWT->ctrl |= 1;
    SCB->shpr[15 - 4] = PRIORITY_TICK << 4;
    systick_start();
}

uint32_t clock_hz(void) { return clock.hz; }
uint32_t clock_apb1_hz(void) { return clock.hz >> clock.apb1; }
uint32_t clock_apb2_hz(void) { return clock.hz >> clock.apb2; }

uint32_t clock_timer_hz(unsigned apb)
{
    unsigned shift = apb == 1 ? clock.apb1 : clock.apb2;
    return clock.hz >> (shift ? shift - 1 : 0);
}

unsigned hal_freq(uint32_t hz[4])
{
    hz[0] = hz[1] = clock.hz;
    hz[2] = clock_apb1_hz();
    hz[3] = clock_apb2_hz();
    return 4;
}

int hal_set_freq(uint32_t hz)
{
    bool direct = hz == HSI_HZ || hz == HSE_HZ;
    if (!direct && (hz % 1000000 || hz < 24000000 || hz > FULL_HZ))
        return -E_INVAL;
    hal_stdout_flush();
    uint32_t state = hal_irq_disable();
    use_hz(hz);
    systick_start();
    uart_clock_changed();
    hal_irq_restore(state);
    return clock.hz == hz ? 0 : -E_IO;
}

/* ---- time ---- */

void systick_handler(void)
{
    uint32_t before = clock.ms;
    clock.ms += clock.length;
    if (clock.ms < before)
        clock.high++;
    clock.length = clock.next_length;
    clock.load = clock.length * clock.per_ms - 1; /* what the counter has just reloaded */
    clock.offset = 0;
    clock.next_length = 1;
    SYSTICK->load = clock.per_ms - 1; /* for the period after this one */
    if (clock.timer_on && (int32_t)(clock.ms - clock.timer_at) >= 0) {
        clock.timer_on = false;
        hal_on_soft_timer();
        clock.woken = true;
    }
}

/* Milliseconds, and cycles of the current one. With interrupts off. */
static uint32_t now(uint32_t *cycles)
{
    uint32_t ms = clock.ms, load = clock.load, offset = clock.offset, value = SYSTICK->val;
    if (SCB->icsr & ICSR_PENDSTSET) { /* wrapped, and not yet counted */
        value = SYSTICK->val;
        ms += clock.length;
        load = clock.next_length * clock.per_ms - 1;
        offset = 0;
    }
    if (value > load) /* the cycle after a write, before the reload */
        value = load;
    *cycles = offset + (load - value);
    return ms;
}

uint32_t hal_ticks_ms(void)
{
    uint32_t state = hal_irq_disable(), cycles;
    uint32_t ms = now(&cycles);
    ms += cycles / clock.per_ms;
    hal_irq_restore(state);
    return ms;
}

uint32_t hal_ticks_us(void)
{
    uint32_t state = hal_irq_disable(), cycles;
    uint32_t ms = now(&cycles);
    hal_irq_restore(state);
    return ms * 1000 + cycles / clock.per_us;
}

uint64_t hal_uptime_us(void)
{
    uint32_t state = hal_irq_disable(), cycles;
    uint32_t ms = now(&cycles), high = clock.high + (ms < clock.ms);
    hal_irq_restore(state);
    return ((uint64_t)high << 32 | ms) * 1000 + cycles / clock.per_us;
}

uint32_t hal_ticks_cpu(void) { return DWT->cyccnt; }

void hal_delay_us(uint32_t us)
{
    uint32_t start = hal_ticks_us();
    while (hal_ticks_us() - start < us) {
    }
}

void hal_soft_timer(bool on, uint32_t at_ms)
{
    uint32_t state = hal_irq_disable();
    clock.timer_on = on;
    clock.timer_at = at_ms;
    if (on && (int32_t)(clock.ms - at_ms) >= 0)
        clock.timer_at = clock.ms + 1;
    hal_irq_restore(state);
}

/* While the flash is busy the CPU stands still, and SysTick's interrupts come as one. The cycle counter goes on: it tells
 * how many milliseconds are missing. */
void clock_stall_begin(clock_stall_t *stall)
{
    stall->us = hal_ticks_us();
    stall->cycles = DWT->cyccnt;
}

void clock_stall_end(const clock_stall_t *stall)
{
    uint32_t real_us = (DWT->cyccnt - stall->cycles) / clock.per_us;
    uint32_t state = hal_irq_disable();
    uint32_t missing = (real_us - (hal_ticks_us() - stall->us) + 500) / 1000;
    if (missing < 0x10000) {
        if (clock.ms + missing < clock.ms)
            clock.high++;
        clock.ms += missing;
    }
    hal_irq_restore(state);
}

/* ---- sleep ---- */

void hal_wake(void) { clock.woken = true; }

/* Make the period after the current one long. With interrupts off. */
static void stretch(uint32_t ms)
{
    uint32_t most = 0x1000000 / clock.per_ms;
    most = most > STRETCH_MS ? STRETCH_MS : most;
    clock.next_length = ms > most ? most : ms;
    SYSTICK->load = clock.next_length * clock.per_ms - 1;
}

/* End a long period at the next whole millisecond. With interrupts off and none of SysTick pending. */
static void shrink(void)
{
    if (clock.next_length != 1) {
        clock.next_length = 1;
        SYSTICK->load = clock.per_ms - 1;
    }
    if (clock.length == 1)
        return;
    uint32_t cycles;
    uint32_t ms = now(&cycles);
    clock.ms = ms + cycles / clock.per_ms;
    if (clock.ms < ms)
        clock.high++;
    clock.length = 1;
    clock.offset = cycles % clock.per_ms;
    clock.load = clock.per_ms - 1 - clock.offset;
    SYSTICK->load = clock.load ? clock.load : 1;
    restart_counter();
    SYSTICK->load = clock.per_ms - 1;
}

void hal_wait(uint32_t until_ms)
{
    rtc_poll();
    for (;;) {
        uint32_t state = hal_irq_disable();
        bool near = SYSTICK->val < NEAR_CYCLES, ticked = SCB->icsr & ICSR_PENDSTSET;
        if (near && !ticked) { /* if it wrapped while LOAD is changed, nobody would know which one it has taken */
            hal_irq_restore(state);
            continue;
        }
        if (!ticked && (clock.woken || (int32_t)(until_ms - hal_ticks_ms()) <= 0)) {
            shrink();
            clock.woken = false;
            hal_irq_restore(state);
            return;
        }
        if (!ticked) {
            uint32_t until = until_ms;
            if (clock.timer_on && (int32_t)(clock.timer_at - until) < 0)
                until = clock.timer_at;
            int32_t left = (int32_t)(until - clock.ms - clock.length); /* after this period */
            if (left > 1 && clock.next_length == 1)
                stretch((uint32_t)left);
            __asm volatile("dsb\n wfi" ::: "memory");
        }
        hal_irq_restore(state); /* now the handlers run */
    }
}

void hal_idle(void) { __asm volatile("dsb\n wfi" ::: "memory"); }
