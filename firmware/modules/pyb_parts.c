/* SPDX-License-Identifier: MIT
 * pyb_parts.c: pyb.ADCAll, DAC, ExtInt, Accel.
 */
#include "pyb.h"

/* ---- ADCAll: the chip's own channels ---- */

enum { VREFINT_MV = 1210, SUPPLY_MV = 3300, ADC_MAX = 4095, TEMP_25_MV = 760, TEMP_UV_PER_DEGREE = 2500 };

static unsigned adc_read(unsigned channel)
{
    unsigned bits;
    int raw = hal_adc_read(channel, &bits);
    if (raw < 0)
        raise_os(-raw);
    return (unsigned)raw;
}

static val_t adcall_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 2);
    if (int_arg(args[0]) != 12)
        raise_value("resolution must be 12");
    return V_OBJ(HEAP_NEW(type, obj_t));
}

/* The supply, from what the reference reads. */
static real_t supply(void)
{
    unsigned raw = adc_read(HAL_ADC_VREF);
    return raw ? (real_t)VREFINT_MV * ADC_MAX / (real_t)raw / 1000 : 0;
}

static val_t adcall_vref(val_t self) { return float_new(supply()); }

static val_t adcall_core_vref(val_t self)
{
    return float_new((real_t)adc_read(HAL_ADC_VREF) * SUPPLY_MV / ADC_MAX / 1000);
}

static val_t adcall_core_temp(val_t self)
{
    real_t mv = (real_t)adc_read(HAL_ADC_TEMP) * SUPPLY_MV / ADC_MAX;
    return float_new((mv - TEMP_25_MV) * 1000 / TEMP_UV_PER_DEGREE + 25);
}

static val_t adcall_vbat(val_t self)
{
    return float_new((real_t)adc_read(HAL_ADC_VBAT) * 2 * SUPPLY_MV / ADC_MAX / 1000);
}

static val_t adcall_channel(val_t self, val_t channel)
{
    intptr_t n = int_arg(channel);
    if (n < 0 || n > 18)
        raise_value("no such channel");
    return V_INT(adc_read((unsigned)n));
}

static const dict_entry_t adcall_table[] = {
    METHOD_1(read_vref, adcall_vref),
    METHOD_1(read_core_vref, adcall_core_vref),
    METHOD_1(read_core_temp, adcall_core_temp),
    METHOD_1(read_core_vbat, adcall_vbat),
    METHOD_2(read_channel, adcall_channel),
};
static const dict_t adcall_attrs = ROM_DICT(adcall_table);
const type_t type_ADCAll = {TYPE_HEAD, .name = Q(ADCAll), .attrs = &adcall_attrs, .make = adcall_make};

/* ---- DAC: 1 on X5, 2 on X6 ---- */

typedef struct dac {
    const type_t *type;
    uint8_t pin, bits;
} dac_t;

static val_t dac_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { PORT, BITS };
    static const arg_spec_t specs[] = {{Q(port), ARG_OBJ | ARG_REQUIRED}, {Q(bits), ARG_INT, {.i = 8}}};
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t id = a[PORT].v;
    const pin_t *pin = pin_arg(id == V_INT(1) ? VQ(X5) : id == V_INT(2) ? VQ(X6) : id);
    if (a[BITS].i != 8 && a[BITS].i != 12)
        raise_value("bits must be 8 or 12");
    if (hal_dac_write((unsigned)pin->number, 0) < 0)
        raise_format(&type_ValueError, "Pin(%q) has no DAC", pin->name);
    dac_t *dac = HEAP_NEW(type, dac_t);
    dac->pin = (uint8_t)pin->number;
    dac->bits = (uint8_t)a[BITS].i;
    return V_OBJ(dac);
}

static val_t dac_write(val_t self, val_t value)
{
    const dac_t *dac = (dac_t *)obj_of(self);
    hal_dac_write(dac->pin, ((unsigned)int_arg(value) & ((1u << dac->bits) - 1)) << (12 - dac->bits));
    return V_NONE;
}

static const dict_entry_t dac_table[] = {METHOD_2(write, dac_write)};
static const dict_t dac_attrs = ROM_DICT(dac_table);
const type_t type_DAC = {TYPE_HEAD, .name = Q(DAC), .attrs = &dac_attrs, .make = dac_make};

/* ---- ExtInt: the callback gets the line's number ---- */

typedef struct extint {
    const type_t *type;
    val_t pin, callback, edges;
} extint_t;

static extint_t *extint_of(val_t self) { return (extint_t *)obj_of(self); }
static unsigned extint_pin(val_t self) { return (unsigned)pin_arg(extint_of(self)->pin)->number; }

static val_t extint_enable(val_t self)
{
    extint_t *e = extint_of(self);
    pin_watch(extint_pin(self), (unsigned)int_of(e->edges), e->callback, V_INT(extint_pin(self) % 16));
    return V_NONE;
}

static val_t extint_disable(val_t self)
{
    pin_watch(extint_pin(self), 0, V_NONE, V_NONE);
    return V_NONE;
}

static val_t extint_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { PIN_, MODE, PULL, CALLBACK };
    static const arg_spec_t specs[] = {
        {Q(pin), ARG_OBJ | ARG_REQUIRED},
        {Q(mode), ARG_INT | ARG_REQUIRED},
        {Q(pull), ARG_INT | ARG_REQUIRED},
        {Q(callback), ARG_OBJ | ARG_REQUIRED},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[MODE].i < 1 || a[MODE].i > 3 || a[PULL].i < 0 || a[PULL].i > 2)
        raise_value("invalid mode or pull");
    extint_t *e = HEAP_NEW(type, extint_t);
    e->pin = V_OBJ(pin_arg(a[PIN_].v));
    e->callback = a[CALLBACK].v;
    e->edges = V_INT(a[MODE].i);
    hal_pin_config(extint_pin(V_OBJ(e)), HAL_IN, (hal_pull_t)a[PULL].i, 0);
    if (e->callback != V_NONE)
        extint_enable(V_OBJ(e));
    return V_OBJ(e);
}

static val_t extint_line(val_t self) { return V_INT(extint_pin(self) % 16); }

static val_t extint_swint(val_t self)
{
    vm_schedule(extint_of(self)->callback, extint_line(self));
    return V_NONE;
}

static const dict_entry_t extint_table[] = {
    METHOD_1(enable, extint_enable),
    METHOD_1(disable, extint_disable),
    METHOD_1(line, extint_line),
    METHOD_1(swint, extint_swint),
    {VQ(IRQ_RISING), V_INT(HAL_RISING)},
    {VQ(IRQ_FALLING), V_INT(HAL_FALLING)},
    {VQ(IRQ_RISING_FALLING), V_INT(HAL_RISING | HAL_FALLING)},
};
static const dict_t extint_attrs = ROM_DICT(extint_table);
const type_t type_ExtInt = {TYPE_HEAD, .name = Q(ExtInt), .attrs = &extint_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                            .trace_to = 4, .make = extint_make};

/* ---- Accel: the MMA7660 on I2C 1, powered by a pin ---- */

enum { ACCEL_ADDR = 0x4c, ACCEL_BUS = 1, REG_X = 0, REG_TILT = 3, REG_MODE = 7, ACCEL_TIMEOUT_US = 10000 };

static int accel_read_register(uint8_t reg)
{
    uint8_t value;
    int result = hal_i2c_transfer(ACCEL_BUS, ACCEL_ADDR, &reg, 1, 0, ACCEL_TIMEOUT_US);
    if (result >= 0)
        result = hal_i2c_transfer(ACCEL_BUS, ACCEL_ADDR, &value, 1, HAL_I2C_READ | HAL_I2C_STOP, ACCEL_TIMEOUT_US);
    if (result < 0)
        raise_os(-result);
    return value;
}

static val_t accel_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 0);
    unsigned power = (unsigned)pin_arg(VQ(MMA_AVDD))->number;
    uint8_t scl = HAL_NO_PIN, sda = HAL_NO_PIN, start[2] = {REG_MODE, 1};
    hal_i2c_init(ACCEL_BUS, 400000, &scl, &sda);
    hal_pin_config(power, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_write(power, false);
    wait_us(30000); /* so that it starts afresh */
    hal_pin_write(power, true);
    wait_us(30000);
    int result = hal_i2c_transfer(ACCEL_BUS, ACCEL_ADDR, start, 2, HAL_I2C_STOP, ACCEL_TIMEOUT_US);
    if (result < 0)
        raise_os(-result);
    wait_us(30000);
    return V_OBJ(HEAP_NEW(type, obj_t));
}

/* Six bits with a sign; bit 6 says that the value was just changing. */
static val_t accel_axis(uint8_t reg)
{
    int value = accel_read_register(reg);
    for (unsigned tries = 0; value & 0x40 && tries < 10; tries++)
        value = accel_read_register(reg);
    return V_INT(((value & 0x3f) ^ 0x20) - 0x20);
}

static val_t accel_x(val_t self) { return accel_axis(REG_X); }
static val_t accel_y(val_t self) { return accel_axis(REG_X + 1); }
static val_t accel_z(val_t self) { return accel_axis(REG_X + 2); }
static val_t accel_tilt(val_t self) { return V_INT(accel_read_register(REG_TILT)); }

static val_t accel_filtered(val_t self)
{
    intptr_t sum[3] = {0, 0, 0};
    for (unsigned i = 0; i < 4; i++)
        for (unsigned axis = 0; axis < 3; axis++)
            sum[axis] += int_of(accel_axis((uint8_t)(REG_X + axis)));
    val_t all[3] = {V_INT(sum[0]), V_INT(sum[1]), V_INT(sum[2])};
    return tuple_new(3, all);
}

static const dict_entry_t accel_table[] = {
    METHOD_1(x, accel_x),
    METHOD_1(y, accel_y),
    METHOD_1(z, accel_z),
    METHOD_1(tilt, accel_tilt),
    METHOD_1(filtered_xyz, accel_filtered),
};
static const dict_t accel_attrs = ROM_DICT(accel_table);
const type_t type_Accel = {TYPE_HEAD, .name = Q(Accel), .attrs = &accel_attrs, .make = accel_make};
