/* SPDX-License-Identifier: MIT
 * machine_rtc.c: machine.RTC and machine.WDT.
 */
#include "machine.h"

/* ---- RTC: (year, month, day, weekday 1-7, hour, minute, second, 1/256 s that are left of it) ---- */

enum { RTC_FIELDS = 8 };

static val_t rtc_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 1);
    return V_OBJ(HEAP_NEW(type, obj_t));
}

static val_t rtc_datetime(unsigned n, const val_t *args)
{
    hal_datetime_t t;
    if (n == 1) {
        hal_rtc_get(&t);
        val_t fields[RTC_FIELDS] = {V_INT(t.year), V_INT(t.month), V_INT(t.day), V_INT(t.weekday + 1), V_INT(t.hour),
                                    V_INT(t.minute), V_INT(t.second), V_INT(255 - (t.us * 256ull / 1000000))};
        return tuple_new(RTC_FIELDS, fields);
    }
    size_t count;
    const val_t *v;
    if (!seq_items(args[1], &count, &v) || count != RTC_FIELDS)
        raise_type("a tuple of 8 is needed");
    static const int16_t low[7] = {2000, 1, 1, 0, 0, 0, 0}, high[7] = {2099, 12, 31, 7, 23, 59, 59};
    for (unsigned i = 0; i < 7; i++)
        if (int_arg(v[i]) < low[i] || int_arg(v[i]) > high[i])
            raise_value("no such date or time");
    t = (hal_datetime_t){(uint16_t)int_of(v[0]), (uint8_t)int_of(v[1]), (uint8_t)int_of(v[2]),
                         (uint8_t)(int_of(v[3]) ? int_of(v[3]) - 1 : 0), (uint8_t)int_of(v[4]), (uint8_t)int_of(v[5]),
                         (uint8_t)int_of(v[6]), 0};
    hal_rtc_set(&t);
    return V_NONE;
}

static val_t rtc_init(unsigned n, const val_t *args) { return n > 1 ? rtc_datetime(n, args) : V_NONE; }

#if ADDER_RTC_MEMORY
static val_t rtc_memory(unsigned n, const val_t *args)
{
    if (n == 1) {
        str_t *s = str_alloc(&type_bytes, hal_rtc_memory_size());
        return bytes_new(s->data, hal_rtc_memory_read((uint8_t *)s->data));
    }
    buffer_t buf;
    op_buffer(args[1], &buf, false);
    if (buf.size > hal_rtc_memory_size())
        raise_value("buffer too long");
    hal_rtc_memory_write(buf.data, buf.size);
    return V_NONE;
}
#endif

static const dict_entry_t rtc_table[] = {
#if ADDER_RTC_MEMORY
    METHOD_V(memory, rtc_memory, 1, 2),
#endif
    METHOD_V(datetime, rtc_datetime, 1, 2),
    METHOD_V(init, rtc_init, 1, 2),
};
static const dict_t rtc_attrs = ROM_DICT(rtc_table);
const type_t type_RTC = {TYPE_HEAD, .name = Q(RTC), .attrs = &rtc_attrs, .make = rtc_make};

/* ---- WDT: once started it cannot be stopped ---- */

static val_t wdt_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { ID, TIMEOUT };
    static const arg_spec_t specs[] = {
        {Q(id), ARG_INT, {.i = 0}},
        {Q(timeout), ARG_INT, {.i = 5000}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[ID].i != 0)
        raise_format(&type_ValueError, "WDT(%d) doesn't exist", (int)a[ID].i);
    val_t self = V_OBJ(HEAP_NEW(type, obj_t));
    if (a[TIMEOUT].i <= 0 || hal_wdt_start((uint32_t)a[TIMEOUT].i) < 0)
        raise_value("timeout out of range");
    return self;
}

static val_t wdt_feed(val_t self)
{
    hal_wdt_feed();
    return V_NONE;
}

static const dict_entry_t wdt_table[] = {METHOD_1(feed, wdt_feed)};
static const dict_t wdt_attrs = ROM_DICT(wdt_table);
const type_t type_WDT = {TYPE_HEAD, .name = Q(WDT), .attrs = &wdt_attrs, .make = wdt_make};
