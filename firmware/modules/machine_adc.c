/* SPDX-License-Identifier: MIT
 * machine_adc.c: machine.ADC and machine.PWM.
 */
#include "machine.h"

/* ---- ADC ---- */

typedef struct adc {
    const type_t *type;
    uintptr_t channel;
} adc_t;

static unsigned adc_raw(val_t self, unsigned *bits)
{
    int raw = hal_adc_read((unsigned)((adc_t *)obj_of(self))->channel, bits);
    if (raw < 0)
        raise_os(-raw);
    return (unsigned)raw;
}

/* pyb.ADC is the same with read() in the chip's own steps. */
static val_t adc_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("ADC needs a pin or channel");
    int channel;
    if (is_int(args[0])) {
        channel = (int)int_of(args[0]);
        if (channel < 0)
            raise_value("no such channel");
    } else {
        const pin_t *pin = pin_arg(args[0]);
        channel = hal_adc_channel(pin->number);
        if (channel < 0)
            raise_format(&type_ValueError, "Pin(%q) has no ADC", pin->name);
        hal_pin_config(pin->number, HAL_ANALOG, HAL_PULL_NONE, 0);
    }
    adc_t *adc = HEAP_NEW(type, adc_t);
    adc->channel = (uintptr_t)channel;
    unsigned bits;
    adc_raw(V_OBJ(adc), &bits); /* so that a wrong channel is refused at once */
    return V_OBJ(adc);
}

static void adc_print(out_t *out, val_t self, print_t how)
{
    out_printf(out, "<ADC channel=%u>", (unsigned)((adc_t *)obj_of(self))->channel);
}

static val_t adc_read_u16(val_t self)
{
    unsigned bits, raw = adc_raw(self, &bits);
    raw <<= 16 - bits; /* the high bits again below, so that full scale is 65535 */
    return V_INT(raw | raw >> bits);
}

static val_t adc_read_uv(val_t self)
{
    unsigned bits, raw = adc_raw(self, &bits);
    return int_from((intmax_t)raw * ADDER_ADC_UV / ((1 << bits) - 1));
}

static val_t adc_read(val_t self)
{
    unsigned bits;
    return V_INT(adc_raw(self, &bits));
}

static const dict_entry_t adc_table[] = {
    METHOD_1(read_u16, adc_read_u16),
    METHOD_1(read_uv, adc_read_uv),
    METHOD_1(read, adc_read),
    {VQ(CORE_TEMP), V_INT(HAL_ADC_TEMP)},
    {VQ(CORE_VREF), V_INT(HAL_ADC_VREF)},
    {VQ(CORE_VBAT), V_INT(HAL_ADC_VBAT)},
    {VQ(VREF), V_INT(65535)},
};
static const dict_t adc_attrs = ROM_DICT(adc_table);
const type_t type_ADC = {TYPE_HEAD, .name = Q(ADC), .attrs = &adc_attrs, .make = adc_make, .print = adc_print};

/* ---- PWM ---- */

typedef struct pwm {
    const type_t *type;
    val_t pin;
} pwm_t;

static val_t pwm_pins; /* list of pins that run, to be stopped at a soft reset */

static unsigned pwm_number(val_t self) { return (unsigned)((const pin_t *)obj_of(((pwm_t *)obj_of(self))->pin))->number; }

static void pwm_change(unsigned pin, uint32_t hz, uint32_t duty)
{
    int result = hal_pwm_set(pin, hz, duty > 65536 ? 65536 : duty);
    if (result == -E_INVAL)
        raise_value("this pin has no PWM at this frequency");
    if (result < 0)
        raise_os(-result);
}

#if ADDER_PWM_10
static uint32_t duty_from_10(intmax_t duty) { return duty >= 1023 ? 65536 : (uint32_t)(duty * 64); }
#endif

static void pwm_init_args(val_t self, unsigned n, unsigned nkw, const val_t *args)
{
    enum { FREQ, DUTY_U16, DUTY_NS, DUTY };
    static const arg_spec_t specs[] = {
        {Q(freq), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(duty_u16), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(duty_ns), ARG_INT | ARG_KEYWORD, {.i = -1}},
#if ADDER_PWM_10
        {Q(duty), ARG_INT | ARG_KEYWORD, {.i = -1}},
#endif
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(self), &hz, &duty);
    if (a[FREQ].i == 0 || a[FREQ].i < -1)
        raise_value("invalid frequency");
    if (a[FREQ].i > 0)
        hz = (uint32_t)a[FREQ].i;
    if (hz == 0)
        hz = 1000;
    if (a[DUTY_NS].i >= 0)
        duty = (uint32_t)(((uint64_t)a[DUTY_NS].i * hz * 65536 + 500000000) / 1000000000);
    if (a[DUTY_U16].i >= 0)
        duty = (uint32_t)(a[DUTY_U16].i >= 65535 ? 65536 : a[DUTY_U16].i);
#if ADDER_PWM_10
    if (a[DUTY].i >= 0)
        duty = duty_from_10(a[DUTY].i);
#endif
    pwm_change(pwm_number(self), hz, duty);
}

static val_t pwm_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("PWM needs a pin");
    pwm_t *pwm = HEAP_NEW(type, pwm_t);
    pwm->pin = V_OBJ(pin_arg(args[0]));
    pwm_init_args(V_OBJ(pwm), n - 1, nkw, args + 1);
    if (!pwm_pins) {
        pwm_pins = list_new(0, NULL);
        heap_root(&pwm_pins);
    }
    if (!op_contains(pwm_pins, pwm->pin))
        list_append(list_of(pwm_pins), pwm->pin);
    return V_OBJ(pwm);
}

void pwm_deinit(void)
{
    for (uintptr_t i = 0; pwm_pins && i < list_of(pwm_pins)->n; i++)
        hal_pwm_stop((unsigned)((const pin_t *)obj_of(list_of(pwm_pins)->items->v[i]))->number);
    pwm_pins = 0;
}

static val_t pwm_init(unsigned n, unsigned nkw, const val_t *args)
{
    pwm_init_args(args[0], n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t pwm_off(val_t self)
{
    hal_pwm_stop(pwm_number(self));
    return V_NONE;
}

static val_t pwm_freq(unsigned n, const val_t *args)
{
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(args[0]), &hz, &duty);
    if (n == 1)
        return int_from(hz);
    if (int_arg(args[1]) <= 0)
        raise_value("invalid frequency");
    pwm_change(pwm_number(args[0]), (uint32_t)int_arg(args[1]), duty);
    return V_NONE;
}

static val_t pwm_duty_u16(unsigned n, const val_t *args)
{
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(args[0]), &hz, &duty);
    if (n == 1)
        return V_INT(duty > 65535 ? 65535 : duty);
    intptr_t wanted = int_arg(args[1]);
    if (wanted < 0 || wanted > 65536)
        raise_value("duty_u16 must be 0 to 65535");
    pwm_change(pwm_number(args[0]), hz ? hz : 1000, wanted >= 65535 ? 65536 : (uint32_t)wanted);
    return V_NONE;
}

#if ADDER_PWM_10
static val_t pwm_duty(unsigned n, const val_t *args)
{
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(args[0]), &hz, &duty);
    if (n == 1)
        return V_INT(duty > 65535 ? 1023 : duty / 64);
    intptr_t wanted = int_arg(args[1]);
    if (wanted < 0 || wanted > 1023)
        raise_value("duty must be 0 to 1023");
    pwm_change(pwm_number(args[0]), hz ? hz : 1000, duty_from_10(wanted));
    return V_NONE;
}
#endif

static val_t pwm_duty_ns(unsigned n, const val_t *args)
{
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(args[0]), &hz, &duty);
    if (!hz)
        hz = 1000;
    if (n == 1)
        return int_from((intmax_t)duty * 1000000000 / hz / 65536);
    intptr_t ns = int_arg(args[1]);
    if (ns < 0)
        raise_value("invalid duty");
    pwm_change(pwm_number(args[0]), hz, (uint32_t)(((uint64_t)ns * hz * 65536 + 500000000) / 1000000000));
    return V_NONE;
}

static void pwm_print(out_t *out, val_t self, print_t how)
{
    uint32_t hz, duty;
    hal_pwm_get(pwm_number(self), &hz, &duty);
    out_printf(out, "PWM(%v, freq=%u, duty_u16=%u)", ((pwm_t *)obj_of(self))->pin, (unsigned)hz,
               (unsigned)(duty > 65535 ? 65535 : duty));
}

static const dict_entry_t pwm_table[] = {
    METHOD_K(init, pwm_init, 1, 1),
    METHOD_1(deinit, pwm_off),
    METHOD_V(freq, pwm_freq, 1, 2),
#if ADDER_PWM_10
    METHOD_V(duty, pwm_duty, 1, 2),
#endif
    METHOD_V(duty_u16, pwm_duty_u16, 1, 2),
    METHOD_V(duty_ns, pwm_duty_ns, 1, 2),
};
static const dict_t pwm_attrs = ROM_DICT(pwm_table);
const type_t type_PWM = {TYPE_HEAD, .name = Q(PWM), .attrs = &pwm_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                         .trace_to = 2, .make = pwm_make, .print = pwm_print};
