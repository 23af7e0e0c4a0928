/* SPDX-License-Identifier: MIT
 * microbit_pin.c: pin0 to pin20 of the edge connector. What a pin is used for is remembered, because pulls and modes follow the
 * methods that are called. machine.Pin knows the same pins.
 */
#include "microbit.h"
#include "neopixel.h"

enum { PULL_NONE = 0, PULL_DOWN = 1, PULL_UP = 3, PERIOD_US = 20000, AUTOMATIC = 0xff };

const edge_pin_t edge_pins[EDGE_PINS] = {
    {&type_edge_touch, 0, 3}, {&type_edge_touch, 1, 2}, {&type_edge_touch, 2, 1}, {&type_edge_analog, 3, 4},
    {&type_edge_analog, 4, 5}, {&type_edge_digital, 5, 17}, {&type_edge_digital, 6, 12}, {&type_edge_digital, 7, 11},
    {&type_edge_digital, 8, 18}, {&type_edge_digital, 9, 10}, {&type_edge_analog, 10, 6}, {&type_edge_digital, 11, 26},
    {&type_edge_digital, 12, 20}, {&type_edge_digital, 13, 23}, {&type_edge_digital, 14, 22}, {&type_edge_digital, 15, 21},
    {&type_edge_digital, 16, 16}, {&type_edge_digital, 17, 0xff}, {&type_edge_digital, 18, 0xff},
    {&type_edge_digital, 19, 0}, {&type_edge_digital, 20, 30},
};

static uint8_t uses[EDGE_PINS];
static uint32_t period_us = PERIOD_US;

static const edge_pin_t *edge_of(val_t v) { return (const edge_pin_t *)obj_of(v); }

/* Columns of the display. */
static bool shows(const edge_pin_t *p) { return p->pin >= 4 && p->pin <= 12 && display_is_on(); }

static const edge_pin_t *free_pin(val_t v)
{
    const edge_pin_t *p = edge_of(v);
    if (shows(p))
        raise_format(&type_ValueError, "Pin %d in display mode", p->number);
    return p;
}

const edge_pin_t *edge_pin_arg(val_t v)
{
    const type_t *t = type_of(v);
    if (t != &type_edge_digital && t != &type_edge_analog && t != &type_edge_touch)
        raise_type("expecting a pin");
    return free_pin(v);
}

void edge_pin_use(const edge_pin_t *p, pin_use_t use)
{
    if (uses[p->number] == use)
        return;
    if (uses[p->number] == PIN_WRITE_ANALOG || uses[p->number] == PIN_MUSIC)
        hal_pwm_stop(p->pin);
    uses[p->number] = (uint8_t)use;
    switch (use) {
    case PIN_READ_DIGITAL: hal_pin_config(p->pin, HAL_IN, p->pin == 17 || p->pin == 26 ? HAL_PULL_UP : HAL_PULL_DOWN, 0); break;
    case PIN_TOUCH: hal_pin_config(p->pin, HAL_IN, HAL_PULL_NONE, 0); break; /* 10 Mohm on the board pull up */
    case PIN_WRITE_DIGITAL: hal_pin_config(p->pin, HAL_OUT, HAL_PULL_NONE, 0); break;
    case PIN_READ_ANALOG: hal_pin_config(p->pin, HAL_ANALOG, HAL_PULL_NONE, 0); break;
    default: break;
    }
}

unsigned neopixel_pin(val_t v)
{
    const edge_pin_t *pin = edge_pin_arg(v);
    hal_pin_write(pin->pin, false);
    edge_pin_use(pin, PIN_WRITE_DIGITAL);
    return pin->pin;
}

void edge_pin_reset(void)
{
    for (unsigned i = 0; i < EDGE_PINS; i++) {
        if (uses[i] == PIN_WRITE_ANALOG || uses[i] == PIN_MUSIC)
            hal_pwm_stop(edge_pins[i].pin);
        if (uses[i])
            hal_pin_config(edge_pins[i].pin, HAL_IN, HAL_PULL_NONE, 0);
        uses[i] = PIN_UNUSED;
    }
    period_us = PERIOD_US;
}

/* ---- digital ---- */

static val_t pin_read_digital(val_t self)
{
    const edge_pin_t *p = free_pin(self);
    edge_pin_use(p, PIN_READ_DIGITAL);
    return V_INT(hal_pin_read(p->pin));
}

static val_t pin_write_digital(val_t self, val_t value)
{
    const edge_pin_t *p = free_pin(self);
    intptr_t level = int_arg(value);
    if (level != 0 && level != 1)
        raise_value("value must be 0 or 1");
    hal_pin_write(p->pin, level);
    edge_pin_use(p, PIN_WRITE_DIGITAL);
    hal_pin_write(p->pin, level);
    return V_NONE;
}

static val_t pin_set_pull(val_t self, val_t value)
{
    const edge_pin_t *p = free_pin(self);
    intptr_t pull = int_arg(value);
    if (pull != PULL_NONE && pull != PULL_DOWN && pull != PULL_UP)
        raise_value("invalid pull");
    edge_pin_use(p, PIN_READ_DIGITAL);
    hal_pin_config(p->pin, HAL_IN, pull == PULL_UP ? HAL_PULL_UP : pull == PULL_DOWN ? HAL_PULL_DOWN : HAL_PULL_NONE, 0);
    return V_NONE;
}

static val_t pin_get_pull(val_t self)
{
    static const uint8_t pulls[] = {PULL_NONE, PULL_UP, PULL_DOWN};
    const edge_pin_t *p = edge_of(self);
    if (uses[p->number] != PIN_READ_DIGITAL)
        raise_value("Pin is not in read mode");
    return V_INT(pulls[hal_pin_pull(p->pin)]);
}


static val_t pin_get_mode(val_t self)
{
    static const str_t *const names[] = {Q(unused), Q(read_digital), Q(write_digital), Q(read_analog), Q(write_analog),
                                         Q(touch), Q(music)};
    const edge_pin_t *p = edge_of(self);
    return shows(p) ? VQ(display) : V_OBJ(names[uses[p->number]]);
}

/* ---- analogue ---- */

static val_t pin_read_analog(val_t self)
{
    const edge_pin_t *p = free_pin(self);
    unsigned bits;
    edge_pin_use(p, PIN_READ_ANALOG);
    int value = hal_adc_read((unsigned)hal_adc_channel(p->pin), &bits);
    if (value < 0)
        raise_os(-value);
    return V_INT(value);
}

static void set_pwm(const edge_pin_t *p, uint32_t period, uint32_t duty)
{
    if (microbit_pwm(p->pin, period, duty) < 0) {
        uses[p->number] = PIN_UNUSED;
        raise_value("only three pins can have PWM at a time");
    }
}

static val_t pin_write_analog(val_t self, val_t value)
{
    const edge_pin_t *p = free_pin(self);
    intptr_t duty = int_arg(value);
    if (duty < 0 || duty > 1023)
        raise_value("value must be between 0 and 1023");
    edge_pin_use(p, PIN_WRITE_ANALOG);
    set_pwm(p, period_us, duty == 1023 ? 65536 : (uint32_t)duty * 64);
    return V_NONE;
}

static val_t set_period(val_t self, intptr_t us)
{
    const edge_pin_t *p = edge_of(self);
    uint32_t hz, duty;
    if (us < 256 || us > 60000000)
        raise_value("invalid period");
    period_us = (uint32_t)us;
    hal_pwm_get(p->pin, &hz, &duty);
    if (hz)
        set_pwm(p, period_us, duty);
    return V_NONE;
}

static val_t pin_set_period_us(val_t self, val_t us) { return set_period(self, int_arg(us)); }

static val_t pin_set_period(val_t self, val_t ms)
{
    return set_period(self, int_arg(ms) > 60000 ? -1 : int_of(ms) * 1000);
}

static val_t pin_get_period_us(val_t self) { return V_INT(period_us); }

/* ---- touch ---- */

static val_t pin_is_touched(val_t self)
{
    const edge_pin_t *p = free_pin(self);
    edge_pin_use(p, PIN_TOUCH);
    return V_BOOL(!hal_pin_read(p->pin));
}

static void pin_print(out_t *out, val_t self, print_t how) { out_printf(out, "<pin%d>", edge_of(self)->number); }

#define DIGITAL                                                                                                             \
    METHOD_1(read_digital, pin_read_digital), METHOD_2(write_digital, pin_write_digital), METHOD_2(set_pull, pin_set_pull), \
        METHOD_1(get_pull, pin_get_pull), METHOD_1(get_mode, pin_get_mode), METHOD_2(write_analog, pin_write_analog),       \
        METHOD_2(set_analog_period, pin_set_period), METHOD_2(set_analog_period_microseconds, pin_set_period_us),           \
        METHOD_1(get_analog_period_microseconds, pin_get_period_us), {VQ(NO_PULL), V_INT(PULL_NONE)},                       \
        {VQ(PULL_UP), V_INT(PULL_UP)}, {VQ(PULL_DOWN), V_INT(PULL_DOWN)}

static const dict_entry_t digital_table[] = {DIGITAL};
static const dict_entry_t analog_table[] = {METHOD_1(read_analog, pin_read_analog)};
static const dict_entry_t touch_table[] = {METHOD_1(is_touched, pin_is_touched)};
static const dict_t digital_attrs = ROM_DICT(digital_table), analog_attrs = ROM_DICT(analog_table),
                    touch_attrs = ROM_DICT(touch_table);
const type_t type_edge_digital = {TYPE_HEAD, .name = Q(MicroBitDigitalPin), .attrs = &digital_attrs, .print = pin_print};
const type_t type_edge_analog = {TYPE_HEAD, .name = Q(MicroBitAnalogDigitalPin), .attrs = &analog_attrs,
                                 .base = &type_edge_digital, .print = pin_print};
const type_t type_edge_touch = {TYPE_HEAD, .name = Q(MicroBitTouchPin), .attrs = &touch_attrs, .base = &type_edge_analog,
                                .print = pin_print};
