/* SPDX-License-Identifier: MIT
 * ds18x20.c: the module ds18x20: thermometers DS18B20, DS1822 and DS18S20 on a OneWire (their data sheets' chapters on
 * the memory and the temperature register).
 */
#include "number.h"
#include "onewire.h"
#include "seq.h"
#include "text.h"

enum { CONVERT = 0x44, WRITE_SCRATCH = 0x4e, READ_SCRATCH = 0xbe, SCRATCH = 9 };
enum { DS18S20 = 0x10, DS1822 = 0x22, DS18B20 = 0x28 };

typedef struct ds {
    const type_t *type;
    val_t wire;
} ds_t;

static const type_t type_DS18X20;
static unsigned wire_of(val_t self) { return onewire_pin(((ds_t *)obj_of(self))->wire); }

static val_t ds_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 1, 1);
    onewire_pin(args[0]); /* it is one */
    ds_t *d = HEAP_NEW(type, ds_t);
    d->wire = args[0];
    return V_OBJ(d);
}

static val_t ds_scan(val_t self)
{
    val_t all = onewire_scan(wire_of(self)), found = list_new(0, NULL);
    for (size_t i = 0; i < list_of(all)->n; i++) {
        val_t rom = list_of(all)->items->v[i];
        uint8_t family = onewire_rom(rom)[0];
        if (family == DS18S20 || family == DS1822 || family == DS18B20)
            list_append(list_of(found), rom);
    }
    return found;
}

static val_t ds_convert_temp(val_t self)
{
    unsigned pin = wire_of(self);
    onewire_must_reset(pin);
    onewire_select_all(pin);
    onewire_write(pin, CONVERT);
    return V_NONE;
}

static void command(val_t self, val_t rom, unsigned byte)
{
    unsigned pin = wire_of(self);
    const uint8_t *bytes = onewire_rom(rom);
    onewire_must_reset(pin);
    onewire_select(pin, bytes);
    onewire_write(pin, byte);
}

static void read_scratch(val_t self, val_t rom, uint8_t to[SCRATCH])
{
    command(self, rom, READ_SCRATCH);
    for (unsigned i = 0; i < SCRATCH; i++)
        to[i] = onewire_read(wire_of(self));
    if (onewire_crc8(to, SCRATCH))
        raise_text(&type_Exception, "CRC error");
}

static val_t ds_read_scratch(val_t self, val_t rom)
{
    uint8_t s[SCRATCH];
    read_scratch(self, rom, s);
    return bytearray_new(s, SCRATCH);
}

static val_t ds_write_scratch(val_t self, val_t rom, val_t data)
{
    buffer_t buf;
    command(self, rom, WRITE_SCRATCH);
    op_buffer(data, &buf, false);
    for (size_t i = 0; i < buf.size; i++)
        onewire_write(wire_of(self), ((const uint8_t *)buf.data)[i]);
    return V_NONE;
}

static val_t ds_read_temp(val_t self, val_t rom)
{
    uint8_t s[SCRATCH];
    read_scratch(self, rom, s);
    int raw = (int16_t)(s[0] | s[1] << 8);
    if (onewire_rom(rom)[0] != DS18S20)
        return float_new((real_t)raw / 16);
    if (!s[7]) /* counts of a degree: never 0 in a real one */
        raise_value("not a DS18S20");
    return float_new((real_t)(raw >> 1) - (real_t)0.25 + (real_t)(s[7] - s[6]) / (real_t)s[7]);
}

static const dict_entry_t ds_table[] = {
    METHOD_1(scan, ds_scan),
    METHOD_1(convert_temp, ds_convert_temp),
    METHOD_2(read_scratch, ds_read_scratch),
    METHOD_3(write_scratch, ds_write_scratch),
    METHOD_2(read_temp, ds_read_temp),
};
static const dict_t ds_attrs = ROM_DICT(ds_table);
static const type_t type_DS18X20 = {TYPE_HEAD, .name = Q(DS18X20), .attrs = &ds_attrs, .make = ds_make,
                                    .trace = TRACE_WORDS, .trace_from = 1, .trace_to = 2};

static const dict_entry_t ds18x20_table[] = {{VQ(DS18X20), V_OBJ(&type_DS18X20)}};
MODULE(ds18x20, ds18x20_table);
