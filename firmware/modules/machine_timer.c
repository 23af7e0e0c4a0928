/* SPDX-License-Identifier: MIT
 * machine_timer.c: machine.Timer: any number of timers with a resolution of a millisecond. Callbacks run between two
 * instructions of the program.
 */
#include "machine.h"

enum { ONE_SHOT, PERIODIC };

typedef struct timer {
    const type_t *type;
    val_t callback;
    volatile uint32_t due_ms;
    uint32_t period_ms;
    uint8_t mode;
    volatile bool running;
} timer_t;

/* All that run, and places for more. Only the program changes which are there: a collection may be under way when the
 * interrupt comes. */
static val_t timers; /* vals_t */

static vals_t *table(void) { return (vals_t *)obj_of(timers); }

/* Tell the port when the next one is due. With interrupts off. */
static void ask_port(void)
{
    bool any = false;
    uint32_t soonest = 0;
    for (uintptr_t i = 0; timers && i < table()->n; i++) {
        const timer_t *t = (timer_t *)obj_of(table()->v[i]);
        if (t && t->running && (!any || (int32_t)(t->due_ms - soonest) < 0)) {
            any = true;
            soonest = t->due_ms;
        }
    }
    hal_soft_timer(any, soonest);
}

void hal_on_soft_timer(void)
{
    uint32_t now = hal_ticks_ms();
    for (uintptr_t i = 0; timers && i < table()->n; i++) {
        timer_t *t = (timer_t *)obj_of(table()->v[i]);
        if (!t || !t->running || (int32_t)(now - t->due_ms) < 0)
            continue;
        t->running = t->mode == PERIODIC;
        t->due_ms += t->period_ms;
        if ((int32_t)(now - t->due_ms) >= 0) /* turns were missed while interrupts were off */
            t->due_ms = now + t->period_ms;
        if (t->callback != V_NONE)
            vm_schedule(t->callback, V_OBJ(t));
    }
    ask_port();
}

/* A place for the timer; those of timers that have run down are free. */
static void enter(timer_t *t)
{
    if (!timers) {
        timers = V_OBJ(vals_new(4));
        heap_root(&timers);
    }
    uintptr_t at = 0, n = table()->n;
    while (at < n && table()->v[at] && table()->v[at] != V_OBJ(t) && ((timer_t *)obj_of(table()->v[at]))->running)
        at++;
    for (uintptr_t i = at; i < n; i++)
        if (table()->v[i] == V_OBJ(t))
            at = i;
    if (at == n) {
        vals_t *larger = vals_new(n * 2);
        memcpy(larger->v, table()->v, n * sizeof(val_t));
        timers = V_OBJ(larger);
    }
    table()->v[at] = V_OBJ(t);
}

static void stop(timer_t *t)
{
    uint32_t state = hal_irq_disable();
    t->running = false;
    ask_port();
    hal_irq_restore(state);
}

void timer_deinit(void)
{
    hal_soft_timer(false, 0);
    timers = 0;
}

static void start(timer_t *t, unsigned n, unsigned nkw, const val_t *args)
{
    enum { MODE, PERIOD, FREQ, CALLBACK, TICK_HZ };
    static const arg_spec_t specs[] = {
        {Q(mode), ARG_INT | ARG_KEYWORD, {.i = PERIODIC}},
        {Q(period), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(freq), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(callback), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(tick_hz), ARG_INT | ARG_KEYWORD, {.i = 1000}},
        {Q(hard), ARG_BOOL | ARG_KEYWORD, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    int64_t period = a[PERIOD].i;
    if (a[FREQ].v != V_NONE) {
        real_t hz = float_arg(a[FREQ].v);
        if (!(hz > 0))
            raise_value("invalid frequency");
        period = (int64_t)(REAL_C(1000.0) / hz);
    } else if (a[TICK_HZ].i > 0) {
        period = period * 1000 / a[TICK_HZ].i;
    }
    if (a[PERIOD].i < 0 && a[FREQ].v == V_NONE)
        raise_value("period or freq is needed");
    if (period > 0x3fffffff)
        raise_value("period too long");
    if (a[CALLBACK].v != V_NONE && !op_callable(a[CALLBACK].v))
        raise_type("callback must be callable");
    stop(t);
    enter(t);
    t->mode = (uint8_t)a[MODE].i;
    t->period_ms = period < 1 ? 1 : (uint32_t)period;
    t->callback = a[CALLBACK].v;
    uint32_t state = hal_irq_disable();
    t->due_ms = hal_ticks_ms() + t->period_ms;
    t->running = true;
    ask_port();
    hal_irq_restore(state);
}

static val_t timer_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n > 1)
        raise_type("too many arguments");
    if (n && int_arg(args[0]) != -1)
        raise_value("only Timer(-1), which is a timer of its own each time");
    timer_t *t = HEAP_NEW(type, timer_t);
    t->callback = V_NONE;
    if (nkw) {
        start(t, 0, nkw, args + n);
    }
    return V_OBJ(t);
}

static val_t timer_init(unsigned n, unsigned nkw, const val_t *args)
{
    start((timer_t *)obj_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t timer_stop(val_t self)
{
    stop((timer_t *)obj_of(self));
    return V_NONE;
}

static void timer_print(out_t *out, val_t self, print_t how)
{
    const timer_t *t = (timer_t *)obj_of(self);
    if (t->running)
        out_printf(out, "Timer(mode=%s, period=%u)", t->mode == PERIODIC ? "PERIODIC" : "ONE_SHOT", (unsigned)t->period_ms);
    else
        out_text(out, "Timer()");
}

static const dict_entry_t timer_table[] = {
    METHOD_K(init, timer_init, 1, 1),
    METHOD_1(deinit, timer_stop),
    {VQ(ONE_SHOT), V_INT(ONE_SHOT)},
    {VQ(PERIODIC), V_INT(PERIODIC)},
};
static const dict_t timer_attrs = ROM_DICT(timer_table);
const type_t type_Timer = {TYPE_HEAD, .name = Q(Timer), .attrs = &timer_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                           .trace_to = 2, .make = timer_make, .print = timer_print};
