/* SPDX-License-Identifier: MIT
 * pyb_timer.c: pyb.Timer, the chip's hardware timers with callbacks and PWM channels, and pyb.Servo.
 */
#include "pyb.h"

enum { TIMER_MAX = 15 };
enum { MODE_UP, MODE_DOWN, MODE_CENTER };
enum { CHANNEL_PWM, CHANNEL_PWM_INVERTED };

typedef struct hw_timer {
    const type_t *type;
    val_t callback;
    uint8_t id;
    uint32_t prescaler, period;
    volatile bool called;
} hw_timer_t;

static val_t timers; /* vals_t: the objects by number */

static hw_timer_t *timer_of(val_t self) { return (hw_timer_t *)obj_of(self); }

/* ---- callbacks ---- */

static val_t run_callback(val_t self)
{
    hw_timer_t *t = timer_of(self);
    t->called = false;
    if (t->callback != V_NONE)
        call_1(t->callback, self);
    return V_NONE;
}
static const val_t run_callback_fn = NATIVE_FN1(run_callback);

void hal_on_timer(unsigned id)
{
    val_t v = timers && id < TIMER_MAX ? ((vals_t *)obj_of(timers))->v[id] : 0;
    if (v && timer_of(v)->callback != V_NONE && !timer_of(v)->called)
        timer_of(v)->called = vm_schedule(run_callback_fn, v);
}

void pyb_timer_deinit(void)
{
    for (unsigned id = 0; timers && id < TIMER_MAX; id++)
        if (((vals_t *)obj_of(timers))->v[id])
            hal_timer_stop(id);
    timers = 0;
}

/* ---- making ---- */

/* The prescaler and period that come nearest to a frequency, the period as long as possible. */
static void set_freq(hw_timer_t *t, val_t freq)
{
    real_t hz = float_arg(freq);
    uint32_t source = hal_timer_source_hz(t->id), most = t->id == 2 || t->id == 5 ? 0x3fffffff : 0xffff;
    if (!(hz > 0) || hz > (real_t)source)
        raise_value("invalid frequency");
    real_t ticks = (real_t)source / hz;
    uint32_t prescaler = (uint32_t)(ticks / ((real_t)most + 1));
    if (prescaler > 0xffff)
        raise_value("invalid frequency");
    t->prescaler = prescaler;
    uint32_t period = is_int(freq) ? (source + (uint32_t)int_of(freq) * (prescaler + 1) / 2) /
                                         ((uint32_t)int_of(freq) * (prescaler + 1))
                                   : (uint32_t)(ticks / (real_t)(prescaler + 1) + REAL_C(0.5));
    t->period = period ? period - 1 : 0;
}

static void start(hw_timer_t *t, unsigned n, unsigned nkw, const val_t *args)
{
    enum { FREQ, PRESCALER, PERIOD, TICK_HZ, MODE, DIV, CALLBACK };
    static const arg_spec_t specs[] = {
        {Q(freq), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(prescaler), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(period), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(tick_hz), ARG_INT | ARG_KEYWORD, {.i = 1000}},
        {Q(mode), ARG_INT | ARG_KEYWORD, {.i = MODE_UP}},
        {Q(div), ARG_INT | ARG_KEYWORD, {.i = 1}},
        {Q(callback), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[FREQ].v != V_NONE) {
        set_freq(t, a[FREQ].v);
    } else if (a[PRESCALER].i >= 0 && a[PERIOD].i > 0) {
        t->prescaler = (uint32_t)a[PRESCALER].i;
        t->period = (uint32_t)a[PERIOD].i;
    } else {
        raise_type("freq, or prescaler and period, are needed");
    }
    t->callback = a[CALLBACK].v;
    int result = hal_timer_start(t->id, t->prescaler, t->period, t->callback != V_NONE);
    if (result < 0)
        raise_os(-result);
}

static val_t timer_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("Timer needs a number");
    intptr_t id = int_arg(args[0]);
    if (id < 1 || id >= TIMER_MAX || !hal_timer_source_hz((unsigned)id))
        raise_format(&type_ValueError, "Timer(%d) doesn't exist", (int)id);
    if (!timers) {
        timers = V_OBJ(vals_new(TIMER_MAX));
        heap_root(&timers);
    }
    val_t *place = &((vals_t *)obj_of(timers))->v[id];
    if (!*place) {
        hw_timer_t *t = HEAP_NEW(type, hw_timer_t);
        t->callback = V_NONE;
        t->id = (uint8_t)id;
        *place = V_OBJ(t);
    }
    if (n > 1 || nkw)
        start(timer_of(*place), n - 1, nkw, args + 1);
    return *place;
}

static val_t timer_init(unsigned n, unsigned nkw, const val_t *args)
{
    start(timer_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t timer_stop(val_t self)
{
    hal_timer_stop(timer_of(self)->id);
    timer_of(self)->callback = V_NONE;
    return V_NONE;
}

static void timer_print(out_t *out, val_t self, print_t how)
{
    const hw_timer_t *t = timer_of(self);
    out_printf(out, "Timer(%u, prescaler=%u, period=%u)", t->id, (unsigned)t->prescaler, (unsigned)t->period);
}

static void restart(hw_timer_t *t) { hal_timer_start(t->id, t->prescaler, t->period, t->callback != V_NONE); }

static val_t timer_callback(val_t self, val_t fn)
{
    if (fn != V_NONE && !op_callable(fn))
        raise_type("callback must be callable");
    timer_of(self)->callback = fn;
    restart(timer_of(self));
    return V_NONE;
}

static val_t timer_counter(unsigned n, const val_t *args) { return int_from_u(hal_timer_counter(timer_of(args[0])->id)); }
static val_t timer_source_freq(val_t self) { return int_from_u(hal_timer_source_hz(timer_of(self)->id)); }

static val_t timer_freq(unsigned n, const val_t *args)
{
    hw_timer_t *t = timer_of(args[0]);
    uint32_t source = hal_timer_source_hz(t->id);
    uint64_t ticks = (uint64_t)(t->prescaler + 1) * (t->period + 1);
    if (n == 1)
        return source % ticks == 0 ? int_from_u(source / ticks) : float_new((real_t)source / (real_t)ticks);
    set_freq(t, args[1]);
    restart(t);
    return V_NONE;
}

static val_t timer_period(unsigned n, const val_t *args)
{
    if (n == 1)
        return int_from_u(timer_of(args[0])->period);
    timer_of(args[0])->period = (uint32_t)int_arg(args[1]);
    restart(timer_of(args[0]));
    return V_NONE;
}

static val_t timer_prescaler(unsigned n, const val_t *args)
{
    if (n == 1)
        return int_from_u(timer_of(args[0])->prescaler);
    timer_of(args[0])->prescaler = (uint32_t)int_arg(args[1]);
    restart(timer_of(args[0]));
    return V_NONE;
}

/* ---- channels ---- */

typedef struct channel {
    const type_t *type;
    val_t timer, pin;
    uint8_t number;
    uint32_t width;
} channel_t;

static channel_t *channel_of(val_t self) { return (channel_t *)obj_of(self); }

static void set_width(channel_t *c, uint32_t width)
{
    c->width = width;
    int result = hal_timer_pwm(timer_of(c->timer)->id, c->number,
                               c->pin == V_NONE ? HAL_NO_PIN : (unsigned)pin_arg(c->pin)->number, width);
    if (result < 0)
        raise_value("the pin is not on this channel");
}

static uint32_t width_of_percent(channel_t *c, val_t percent)
{
    real_t p = float_arg(percent);
    if (!(p >= 0))
        p = 0;
    real_t period = (real_t)timer_of(c->timer)->period + 1;
    return p >= 100 ? (uint32_t)period : (uint32_t)(p * period / 100);
}

static val_t channel_width(unsigned n, const val_t *args)
{
    if (n == 1)
        return int_from_u(channel_of(args[0])->width);
    set_width(channel_of(args[0]), (uint32_t)int_arg(args[1]));
    return V_NONE;
}

static val_t channel_percent(unsigned n, const val_t *args)
{
    channel_t *c = channel_of(args[0]);
    if (n == 1)
        return float_new((real_t)c->width * 100 / ((real_t)timer_of(c->timer)->period + 1));
    set_width(c, width_of_percent(c, args[1]));
    return V_NONE;
}

static const dict_entry_t channel_table[] = {
    METHOD_V(pulse_width, channel_width, 1, 2),
    METHOD_V(compare, channel_width, 1, 2),
    METHOD_V(pulse_width_percent, channel_percent, 1, 2),
};
static const dict_t channel_attrs = ROM_DICT(channel_table);
static const type_t type_channel = {TYPE_HEAD, .name = Q(TimerChannel), .attrs = &channel_attrs, .trace = TRACE_WORDS,
                                    .trace_from = 1, .trace_to = 3};

static val_t timer_channel(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, NUMBER, MODE, PIN_, WIDTH, PERCENT };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(channel), ARG_INT | ARG_REQUIRED},
        {Q(mode), ARG_INT, {.i = CHANNEL_PWM}},
        {Q(pin), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(pulse_width), ARG_INT | ARG_KEYWORD, {.i = 0}},
        {Q(pulse_width_percent), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[NUMBER].i < 1 || a[NUMBER].i > 4)
        raise_value("channel must be 1 to 4");
    if (a[MODE].i != CHANNEL_PWM)
        raise_value("only Timer.PWM");
    channel_t *c = HEAP_NEW(&type_channel, channel_t);
    c->timer = args[0];
    c->pin = a[PIN_].v == V_NONE ? V_NONE : V_OBJ(pin_arg(a[PIN_].v));
    c->number = (uint8_t)a[NUMBER].i;
    set_width(c, a[PERCENT].v == V_NONE ? (uint32_t)a[WIDTH].i : width_of_percent(c, a[PERCENT].v));
    return V_OBJ(c);
}

static const dict_entry_t timer_table[] = {
    METHOD_K(init, timer_init, 1, 1),
    METHOD_1(deinit, timer_stop),
    METHOD_2(callback, timer_callback),
    METHOD_V(counter, timer_counter, 1, 1),
    METHOD_1(source_freq, timer_source_freq),
    METHOD_V(freq, timer_freq, 1, 2),
    METHOD_V(period, timer_period, 1, 2),
    METHOD_V(prescaler, timer_prescaler, 1, 2),
    METHOD_K(channel, timer_channel, 2, 3),
    {VQ(UP), V_INT(MODE_UP)},
    {VQ(DOWN), V_INT(MODE_DOWN)},
    {VQ(CENTER), V_INT(MODE_CENTER)},
    {VQ(PWM), V_INT(CHANNEL_PWM)},
};
static const dict_t timer_attrs = ROM_DICT(timer_table);
const type_t type_pyb_Timer = {TYPE_HEAD, .name = Q(Timer), .attrs = &timer_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                               .trace_to = 2, .make = timer_make, .print = timer_print};

/* ---- Servo: a pulse of 0.64 to 2.42 ms every 20 ms on X1 to X4 ---- */

enum { SERVO_MIN_US = 640, SERVO_MAX_US = 2420, SERVO_CENTRE_US = 1500, SERVO_RANGE_US = 1000, SERVO_HZ = 50 };

typedef struct servo {
    const type_t *type;
    uint8_t number;
    uint16_t pulse_us;
} servo_t;

static const str_t *const servo_pins[] = {Q(X1), Q(X2), Q(X3), Q(X4)};

static servo_t *servo_of(val_t self) { return (servo_t *)obj_of(self); }

static void servo_set(servo_t *s, intptr_t us)
{
    us = us < SERVO_MIN_US ? SERVO_MIN_US : us > SERVO_MAX_US ? SERVO_MAX_US : us;
    s->pulse_us = (uint16_t)us;
    unsigned pin = (unsigned)pin_arg(V_OBJ(servo_pins[s->number - 1]))->number;
    hal_pwm_set(pin, SERVO_HZ, (uint32_t)((uint64_t)us * SERVO_HZ * 65536 / 1000000));
}

static val_t servo_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 1);
    intptr_t number = int_arg(args[0]);
    if (number < 1 || number > (intptr_t)COUNT_OF(servo_pins))
        raise_format(&type_ValueError, "Servo(%d) doesn't exist", (int)number);
    servo_t *s = HEAP_NEW(type, servo_t);
    s->number = (uint8_t)number;
    servo_set(s, SERVO_CENTRE_US);
    return V_OBJ(s);
}

static val_t servo_pulse_width(unsigned n, const val_t *args)
{
    if (n == 1)
        return V_INT(servo_of(args[0])->pulse_us);
    servo_set(servo_of(args[0]), int_arg(args[1]));
    return V_NONE;
}

/* 90 degrees, or 100 per cent, are a millisecond from the centre. */
static val_t servo_scaled(unsigned n, const val_t *args, intptr_t full)
{
    intptr_t offset = servo_of(args[0])->pulse_us - SERVO_CENTRE_US;
    if (n == 1)
        return V_INT(offset * full / SERVO_RANGE_US);
    servo_set(servo_of(args[0]), SERVO_CENTRE_US + int_arg(args[1]) * SERVO_RANGE_US / full);
    return V_NONE;
}

static val_t servo_angle(unsigned n, const val_t *args) { return servo_scaled(n, args, 90); }
static val_t servo_speed(unsigned n, const val_t *args) { return servo_scaled(n, args, 100); }

static const dict_entry_t servo_table[] = {
    METHOD_V(pulse_width, servo_pulse_width, 1, 2),
    METHOD_V(angle, servo_angle, 1, 3),
    METHOD_V(speed, servo_speed, 1, 3),
};
static const dict_t servo_attrs = ROM_DICT(servo_table);
const type_t type_Servo = {TYPE_HEAD, .name = Q(Servo), .attrs = &servo_attrs, .make = servo_make};
