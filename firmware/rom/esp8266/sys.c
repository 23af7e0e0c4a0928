// SPDX-License-Identifier: MIT
// Tables of exceptions and interrupts, tasks, software timers (on FRC2), watchdog, resets, time.
#include "rom.h"

enum { CAUSES = 64, INTS = 15, INT_FRC2 = 10, INT_WDT = 8 };

// ---- Tables that programs read and write --------------------------------------------------------------------------

void _xtos_unhandled_exception(void);
void _xtos_unhandled_interrupt(void *n);
void _xtos_syscall_handler(void);
void _xtos_alloca_handler(void);
void _xtos_l1int_handler(void);
void _xtos_cause3_handler(void);
void _xtos_p_none(exc_frame_t *frame, unsigned cause);

void (*xtos_exc_handlers[CAUSES])(void) SECTION(".data.xtos_exc_handlers") = {
    [0] = _xtos_unhandled_exception, [1] = _xtos_syscall_handler, [2 ... 3] = _xtos_unhandled_exception,
    [4] = _xtos_l1int_handler, [5] = _xtos_alloca_handler, [6 ... 11] = _xtos_unhandled_exception,
    [12 ... 15] = _xtos_cause3_handler, [16 ... CAUSES - 1] = _xtos_unhandled_exception,
};
exc_handler_t xtos_c_handlers[CAUSES] SECTION(".data.xtos_c_handlers") = {[0 ... CAUSES - 1] = _xtos_p_none};

uint32_t xtos_ints[2] SECTION(".data.xtos_ints") = {0, 0xFFFFFFFF}; // enabled; let through by priority

typedef struct int_handler {
    handler_t handler;
    void *arg;
} int_handler_t;
#define UNHANDLED(n) {_xtos_unhandled_interrupt, (void *)(n)}
int_handler_t xtos_int_handlers[INTS] SECTION(".data.xtos_int_handlers") = { // the last one first
    UNHANDLED(14), UNHANDLED(13), UNHANDLED(12), UNHANDLED(11), UNHANDLED(10), UNHANDLED(9), UNHANDLED(8), UNHANDLED(7),
    UNHANDLED(6), UNHANDLED(5), UNHANDLED(4), UNHANDLED(3), UNHANDLED(2), UNHANDLED(1), UNHANDLED(0),
};
#define MASKS(n) {~((2u << (n)) - 1), 1u << (n)}
const uint32_t xtos_int_masks[INTS][2] SECTION(".data.xtos_int_masks") = { // may come while it is served; its own
    MASKS(14), MASKS(13), MASKS(12), MASKS(11), MASKS(10), MASKS(9), MASKS(8), MASKS(7),
    MASKS(6), MASKS(5), MASKS(4), MASKS(3), MASKS(2), MASKS(1), MASKS(0),
};
const uint8_t xtos_int_types[16] SECTION(".data.xtos_int_types") = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3};

uint32_t saved_intlevel SECTION(".bss.saved_intlevel");
void (*user_start)(void) SECTION(".bss.user_start");

handler_t _xtos_set_interrupt_handler_arg(unsigned n, handler_t handler, void *arg)
{
    if (n >= INTS || xtos_int_types[n] >= 3)
        return NULL;
    int_handler_t *h = &xtos_int_handlers[INTS - 1 - n], old = *h;
    *h = handler ? (int_handler_t){handler, arg} : (int_handler_t)UNHANDLED(n);
    return old.handler == _xtos_unhandled_interrupt ? NULL : old.handler;
}

handler_t _xtos_set_interrupt_handler(unsigned n, handler_t handler);
handler_t _xtos_set_interrupt_handler(unsigned n, handler_t handler)
{
    return _xtos_set_interrupt_handler_arg(n, handler, (void *)n);
}

handler_t ets_isr_attach(unsigned n, handler_t handler, void *arg)
{
    return _xtos_set_interrupt_handler_arg(n, handler, arg);
}
void ets_isr_mask(unsigned mask) { _xtos_ints_off(mask); }
void ets_isr_unmask(unsigned mask) { _xtos_ints_on(mask); }

void ets_set_user_start(void (*start)(void));
void ets_set_user_start(void (*start)(void)) { user_start = start; }

// ---- Time ---------------------------------------------------------------------------------------------------------

uint32_t cpu_mhz SECTION(".data.cpu_mhz") = 80;

void ets_update_cpu_frequency(uint32_t mhz);
uint32_t ets_get_cpu_frequency(void);
void ets_update_cpu_frequency(uint32_t mhz) { cpu_mhz = mhz; }
uint32_t ets_get_cpu_frequency(void) { return cpu_mhz; }

void ets_delay_us(uint32_t us)
{
    uint32_t start = ccount(), cycles = us * cpu_mhz;
    while (ccount() - start < cycles) {}
}

// ---- Tasks: a queue for each of 32 priorities, the highest first --------------------------------------------------

typedef struct event {
    uint32_t signal, argument;
} ets_event_t;
typedef void (*task_t)(ets_event_t *event);
static struct task {
    task_t task;
    ets_event_t *queue;
    uint8_t size, first, count;
} tasks[32];
static uint32_t ready; // priorities with events
static void (*idle)(void *arg);
static void *idle_arg;

void ets_set_idle_cb(void (*callback)(void *arg), void *arg);
void ets_task(task_t task, uint8_t priority, ets_event_t *queue, uint8_t size);
int ets_post(uint8_t priority, uint32_t signal, uint32_t argument);
void ets_run(void);

void ets_set_idle_cb(void (*callback)(void *arg), void *arg)
{
    idle = callback;
    idle_arg = arg;
}

void ets_task(task_t task, uint8_t priority, ets_event_t *queue, uint8_t size)
{
    if (priority < 32)
        tasks[priority] = (struct task){task, queue, size, 0, 0};
}

// Restores the level rather than taking it away: these are called with interrupts locked, too.
static uint32_t lock(void)
{
    uint32_t ps;
    __asm__ volatile("rsil %0, 3" : "=a"(ps) : : "memory");
    return ps;
}
static void unlock(uint32_t ps) { __asm__ volatile("wsr %0, ps\n rsync" : : "a"(ps) : "memory"); }

int ets_post(uint8_t priority, uint32_t signal, uint32_t argument)
{
    if (priority >= 32)
        return 1;
    uint32_t ps = lock();
    struct task *t = &tasks[priority];
    bool full = t->count >= t->size;
    if (!full) {
        unsigned at = t->first + t->count++;
        t->queue[at < t->size ? at : at - t->size] = (ets_event_t){signal, argument};
        ready |= BIT(priority);
    }
    unlock(ps);
    return full;
}

static unsigned highest(uint32_t bits) { return 31 - (unsigned)__builtin_clz(bits); }

void ets_run(void)
{
    for (;;) {
        uint32_t ps = lock();
        if (!ready) {
            unlock(ps);
            if (idle)
                idle(idle_arg);
            continue;
        }
        unsigned priority = highest(ready);
        struct task *t = &tasks[priority];
        ets_event_t event = t->queue[t->first];
        t->first = t->first + 1 == t->size ? 0 : t->first + 1;
        if (!--t->count)
            ready &= ~BIT(priority);
        unlock(ps);
        t->task(&event);
    }
}

// ---- Timers: a list by time, on FRC2 at APB / 256 (312.5 kHz at 80 MHz) -------------------------------------------

typedef struct ets_timer {
    struct ets_timer *next; // -1: armed never or disarmed
    uint32_t expires, period;
    handler_t function;
    void *arg;
} ets_timer_t;
#define UNLISTED ((ets_timer_t *)-1)
static ets_timer_t *timers;

void ets_timer_setfn(ets_timer_t *t, handler_t function, void *arg);
void timer_insert(uint32_t expires, ets_timer_t *t);
void ets_timer_arm(ets_timer_t *t, uint32_t ms, bool repeat);
void ets_timer_disarm(ets_timer_t *t);
void ets_timer_done(ets_timer_t *t);
void ets_timer_handler_isr(void *arg);
void ets_timer_init(void);

static void set_alarm(void)
{
    if (!timers)
        return;
    uint32_t soonest = FRC2_COUNT + 2; // a count that is over would not come again for hours
    FRC2_ALARM = (int32_t)(timers->expires - soonest) > 0 ? timers->expires : soonest;
}

static void take_out(ets_timer_t *t)
{
    ets_timer_t **at = &timers;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    t->next = UNLISTED;
}

void ets_timer_setfn(ets_timer_t *t, handler_t function, void *arg)
{
    t->function = function;
    t->arg = arg;
    t->period = t->expires = 0;
    t->next = UNLISTED;
}

void timer_insert(uint32_t expires, ets_timer_t *t)
{
    ets_timer_t **at = &timers;
    while (*at && (int32_t)((*at)->expires - expires) <= 0)
        at = &(*at)->next;
    t->expires = expires;
    t->next = *at;
    *at = t;
    if (timers == t)
        set_alarm();
}

void ets_timer_arm(ets_timer_t *t, uint32_t ms, bool repeat)
{
    uint32_t ps = lock(), ticks = ms * 312 + ms / 2;
    take_out(t);
    t->period = repeat ? ticks : 0;
    timer_insert(FRC2_COUNT + ticks, t);
    unlock(ps);
}

void ets_timer_disarm(ets_timer_t *t)
{
    uint32_t ps = lock();
    take_out(t);
    unlock(ps);
}

void ets_timer_done(ets_timer_t *t)
{
    t->function = NULL;
    t->arg = NULL;
}

void ets_timer_handler_isr(void *arg)
{
    (void)arg;
    FRC2_INT = 1;
    while (timers && (int32_t)(FRC2_COUNT - timers->expires) >= 0) {
        ets_timer_t *t = timers;
        timers = t->next;
        t->next = UNLISTED;
        if (t->period)
            timer_insert(t->expires + t->period, t);
        if (t->function)
            t->function(t->arg);
    }
    set_alarm();
}

void ets_timer_init(void)
{
    timers = NULL;
    ets_isr_attach(INT_FRC2, ets_timer_handler_isr, NULL);
    DPORT_EDGE_INTS |= BIT(2);
    FRC2_LOAD = 0;
    FRC2_CTRL = 0x88; // on, by 256
    ets_isr_unmask(BIT(INT_FRC2));
}

// ---- Watchdog -----------------------------------------------------------------------------------------------------

static uint32_t wdt_mode; // 0: off

uint32_t ets_wdt_get_mode(void);
void ets_wdt_enable(uint32_t mode, uint32_t first, uint32_t second);
uint32_t ets_wdt_disable(void);
void ets_wdt_restore(uint32_t mode);
void ets_wdt_init(void);

static void wdt_feed(void) { WDT(0x14) = 0x73; }
static void wdt_interrupt(void *arg)
{
    (void)arg;
    WDT(0x18) = 1;
    wdt_feed();
}

uint32_t ets_wdt_get_mode(void) { return wdt_mode; }

// Time-outs in seconds, as the program means them: 3, 6 or 12.
static uint32_t wdt_time(uint32_t seconds) { return seconds <= 3 ? 11 : seconds <= 6 ? 12 : 13; }

// mode 1: an interrupt that feeds it; 2: reset after the second time; 3: both.
void ets_wdt_enable(uint32_t mode, uint32_t first, uint32_t second)
{
    wdt_mode = mode;
    WDT(0x00) &= ~1u;
    WDT(0x04) = wdt_time(first);
    WDT(0x08) = wdt_time(second);
    WDT(0x00) = 0x38;
    wdt_feed();
    if (mode == 1 || mode == 3) {
        ets_isr_attach(INT_WDT, wdt_interrupt, NULL);
        DPORT_EDGE_INTS |= BIT(0);
        ets_isr_unmask(BIT(INT_WDT));
    }
    WDT(0x00) = 0x39;
}

uint32_t ets_wdt_disable(void)
{
    uint32_t mode = wdt_mode;
    WDT(0x00) &= ~1u;
    wdt_feed();
    ets_isr_mask(BIT(INT_WDT));
    DPORT_EDGE_INTS &= ~BIT(0);
    wdt_mode = 0;
    return mode;
}

void ets_wdt_restore(uint32_t mode)
{
    if (mode)
        ets_wdt_enable(mode, 3, 6);
}

void ets_wdt_init(void)
{
    wdt_mode = 0;
    WDT(0x00) &= ~1u;
    wdt_feed();
}

// ---- Real-time clock: resets --------------------------------------------------------------------------------------

void software_reset(void);
void save_rxbcn_mactime(uint32_t time);
void save_tsf_us(uint32_t us);

// 1 power, 2 pin, 3 software, 4 watchdog, 5 woken from deep sleep, 6 the other kind of wake-up; 0 unknown
uint32_t rtc_get_reset_reason(void)
{
    uint32_t reason = RTC(0x14) & 15;
    if (reason == 5) {
        uint32_t woken = RTC(0x18) >> 8 & 0x3F;
        reason = woken == 1 ? 6 : woken == 8 ? 5 : 0;
    }
    RTC(0x08) &= ~BIT(21);
    return reason;
}

void software_reset(void)
{
    RTC(0x00) |= BIT(31);
    for (;;) {}
}

static uint32_t rxbcn_mactime, tsf_us;
void save_rxbcn_mactime(uint32_t time) { rxbcn_mactime = time; }
void save_tsf_us(uint32_t us) { tsf_us = us; }
