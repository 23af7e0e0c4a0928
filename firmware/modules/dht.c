/* SPDX-License-Identifier: MIT
 * dht.c: the module dht: sensors DHT11 and DHT22 on a pin (Aosong's data sheets). measure() takes about 25 ms, 5 of them
 * with interrupts off, because the answer's bits differ by 40 us.
 */
#include "machine.h"
#include "number.h"

enum { START_MS = 18, ANSWER_US = 100, BIT_US = 150, ONE_US = 48 }; /* a high that is longer is a 1 */

typedef struct dht {
    const type_t *type;
    uint8_t pin;
    uint8_t data[5]; /* humidity, temperature, sum */
} dht_t;

static const type_t type_DHT11;
static dht_t *dht_of(val_t self) { return (dht_t *)obj_of(self); }

static val_t dht_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 1);
    unsigned pin = (unsigned)pin_arg(args[0])->number;
    dht_t *d = HEAP_NEW(type, dht_t);
    d->pin = (uint8_t)pin;
    memset(d->data, 0, sizeof d->data);
    hal_pin_write(pin, true);
    hal_pin_config(pin, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    return V_OBJ(d);
}

/* How long the pin stays at `level`, in ticks of the finest counter; negative: longer than `most`. Other clocks may
 * stand still while interrupts are off. */
static ADDER_HOT int stays(unsigned pin, bool level, uint32_t most)
{
    uint32_t start = hal_ticks_cpu(), now = start;
    while (hal_pin_read(pin) == level) {
        now = hal_ticks_cpu();
        if (now - start > most)
            return -1;
    }
    return (int)(now - start);
}

/* Answer and bits, with interrupts off; false: the sensor was silent. */
static ADDER_HOT __attribute__((noinline)) bool receive(unsigned pin, uint32_t per_us, uint8_t data[5])
{
    uint32_t answer = ANSWER_US * per_us, bit = BIT_US * per_us;
    if (stays(pin, true, answer) < 0 || stays(pin, false, answer) < 0 || stays(pin, true, answer) < 0)
        return false;
    for (unsigned i = 0; i < 40; i++) {
        int high = stays(pin, false, bit) < 0 ? -1 : stays(pin, true, bit);
        if (high < 0)
            return false;
        data[i / 8] = (uint8_t)(data[i / 8] << 1 | (high > (int)(ONE_US * per_us)));
    }
    return true;
}

static val_t dht_measure(val_t self)
{
    unsigned pin = dht_of(self)->pin;
    uint8_t data[5] = {0};
    uint32_t start = hal_ticks_cpu();
    hal_pin_write(pin, false);
    hal_delay_us(START_MS * 1000);
    uint32_t per_us = (hal_ticks_cpu() - start) / (START_MS * 1000);
    uint32_t state = hal_irq_disable();
    hal_pin_write(pin, true);
    bool answered = receive(pin, per_us, data);
    hal_irq_restore(state);
    if (!answered)
        raise_os(E_TIMEDOUT);
    if (((data[0] + data[1] + data[2] + data[3]) & 0xff) != data[4])
        raise_text(&type_Exception, "checksum error");
    memcpy(dht_of(self)->data, data, sizeof data);
    return V_NONE;
}

static val_t dht_humidity(val_t self)
{
    const dht_t *d = dht_of(self);
    return d->type == &type_DHT11 ? V_INT(d->data[0]) : float_new((real_t)(d->data[0] << 8 | d->data[1]) / 10);
}

static val_t dht_temperature(val_t self)
{
    const dht_t *d = dht_of(self);
    if (d->type == &type_DHT11)
        return V_INT(d->data[2]);
    real_t celsius = (real_t)((d->data[2] & 0x7f) << 8 | d->data[3]) / 10;
    return float_new(d->data[2] & 0x80 ? -celsius : celsius);
}

static const dict_entry_t dht_class_table[] = {
    METHOD_1(measure, dht_measure),
    METHOD_1(humidity, dht_humidity),
    METHOD_1(temperature, dht_temperature),
};
static const dict_t dht_attrs = ROM_DICT(dht_class_table);
static const type_t type_DHT11 = {TYPE_HEAD, .name = Q(DHT11), .attrs = &dht_attrs, .make = dht_make};
static const type_t type_DHT22 = {TYPE_HEAD, .name = Q(DHT22), .attrs = &dht_attrs, .make = dht_make};

static const dict_entry_t dht_table[] = {{VQ(DHT11), V_OBJ(&type_DHT11)}, {VQ(DHT22), V_OBJ(&type_DHT22)}};
MODULE(dht, dht_table);
