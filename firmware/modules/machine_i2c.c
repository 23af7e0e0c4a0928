/* SPDX-License-Identifier: MIT
 * machine_i2c.c: machine.I2C (the chip's controllers) and machine.SoftI2C (any two pins). Both do transfers; all methods that
 * programs call are built on those.
 */
#include "machine.h"

typedef struct i2c {
    const type_t *type;
    uint8_t id;        /* of the controller */
    uint8_t scl, sda;  /* pins */
    uint32_t hz;
    uint32_t half_us;  /* half a clock period of the software one */
    uint32_t timeout_us;
} i2c_t;

static i2c_t *i2c_of(val_t self) { return (i2c_t *)obj_of(self); }

/* ---- by software: pins are open drain, so writing high lets go ---- */

static int soft_scl_high(i2c_t *b)
{
    hal_pin_write(b->scl, true);
    hal_delay_us(b->half_us);
    if (hal_pin_read(b->scl))
        return 0;
    uint32_t start = hal_ticks_us(); /* the device stretches the clock */
    while (!hal_pin_read(b->scl))
        if (hal_ticks_us() - start > b->timeout_us)
            return -E_TIMEDOUT;
    return 0;
}

static void soft_scl_low(i2c_t *b)
{
    hal_pin_write(b->scl, false);
    hal_delay_us(b->half_us);
}

static int soft_start(i2c_t *b)
{
    hal_pin_write(b->sda, true);
    int result = soft_scl_high(b);
    hal_pin_write(b->sda, false);
    hal_delay_us(b->half_us);
    soft_scl_low(b);
    return result;
}

static int soft_stop(i2c_t *b)
{
    hal_pin_write(b->sda, false);
    hal_delay_us(b->half_us);
    int result = soft_scl_high(b);
    hal_pin_write(b->sda, true);
    hal_delay_us(b->half_us);
    return result;
}

/* 1: acknowledged, 0: not. */
static int soft_write_byte(i2c_t *b, uint8_t byte)
{
    for (int bit = 7; bit >= 0; bit--) {
        hal_pin_write(b->sda, byte >> bit & 1);
        int result = soft_scl_high(b);
        if (result < 0)
            return result;
        soft_scl_low(b);
    }
    hal_pin_write(b->sda, true);
    int result = soft_scl_high(b);
    bool ack = !hal_pin_read(b->sda);
    soft_scl_low(b);
    return result < 0 ? result : ack;
}

static int soft_read_byte(i2c_t *b, uint8_t *byte, bool nack)
{
    unsigned value = 0;
    hal_pin_write(b->sda, true);
    for (int bit = 7; bit >= 0; bit--) {
        int result = soft_scl_high(b);
        if (result < 0)
            return result;
        value = value << 1 | hal_pin_read(b->sda);
        soft_scl_low(b);
    }
    *byte = (uint8_t)value;
    hal_pin_write(b->sda, nack);
    int result = soft_scl_high(b);
    soft_scl_low(b);
    hal_pin_write(b->sda, true);
    return result;
}

static int soft_transfer(i2c_t *b, unsigned addr, uint8_t *data, size_t len, unsigned flags)
{
    int result = 0;
    if (!(flags & HAL_I2C_CONTINUE)) {
        result = soft_start(b);
        if (result >= 0)
            result = soft_write_byte(b, (uint8_t)(addr << 1 | (flags & HAL_I2C_READ)));
        if (result <= 0) {
            soft_stop(b);
            return result < 0 ? result : -E_NODEV;
        }
    }
    int acks = 0;
    for (size_t i = 0; i < len; i++) {
        result = flags & HAL_I2C_READ ? soft_read_byte(b, &data[i], i == len - 1) : soft_write_byte(b, data[i]);
        if (result < 0)
            return result;
        acks += flags & HAL_I2C_READ ? 1 : result;
        if (!(flags & HAL_I2C_READ) && !result)
            break;
    }
    if (flags & HAL_I2C_STOP)
        result = soft_stop(b);
    return result < 0 ? result : acks;
}

/* ---- making ---- */

static val_t soft_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args);

static val_t hard_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { ID, SCL, SDA, FREQ, TIMEOUT };
    if (n == 0) /* as older programs call SoftI2C: I2C(scl=..., sda=...) */
        return soft_make(&type_SoftI2C, n, nkw, args);
    static const arg_spec_t specs[] = {
        {Q(id), ARG_OBJ | ARG_REQUIRED},
        {Q(scl), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(sda), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(freq), ARG_INT | ARG_KEYWORD, {.i = 400000}},
        {Q(timeout), ARG_INT | ARG_KEYWORD, {.i = 50000}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    int id = is_str(a[ID].v) ? hal_bus_id(HAL_BUS_I2C, str_of(a[ID].v)->data) : (int)int_arg(a[ID].v);
    i2c_t *b = HEAP_NEW(type, i2c_t);
    b->id = (uint8_t)id;
    b->scl = a[SCL].v == V_NONE ? HAL_NO_PIN : (uint8_t)pin_arg(a[SCL].v)->number;
    b->sda = a[SDA].v == V_NONE ? HAL_NO_PIN : (uint8_t)pin_arg(a[SDA].v)->number;
    b->hz = (uint32_t)a[FREQ].i;
    b->timeout_us = (uint32_t)a[TIMEOUT].i;
    int result = id < 0 || a[FREQ].i <= 0 ? -E_NODEV : hal_i2c_init((unsigned)id, b->hz, &b->scl, &b->sda);
    if (result < 0)
        raise_format(&type_ValueError, "I2C(%v) doesn't exist", a[ID].v);
    return V_OBJ(b);
}

static val_t soft_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { SCL, SDA, FREQ, TIMEOUT };
    static const arg_spec_t specs[] = {
        {Q(scl), ARG_OBJ | ARG_REQUIRED},
        {Q(sda), ARG_OBJ | ARG_REQUIRED},
        {Q(freq), ARG_INT | ARG_KEYWORD, {.i = 400000}},
        {Q(timeout), ARG_INT | ARG_KEYWORD, {.i = 50000}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[FREQ].i <= 0)
        raise_value("invalid frequency");
    i2c_t *b = HEAP_NEW(type, i2c_t);
    b->scl = (uint8_t)pin_arg(a[SCL].v)->number;
    b->sda = (uint8_t)pin_arg(a[SDA].v)->number;
    b->hz = (uint32_t)a[FREQ].i;
    b->half_us = (uint32_t)(500000 / a[FREQ].i);
    b->timeout_us = (uint32_t)a[TIMEOUT].i;
    hal_pin_write(b->scl, true);
    hal_pin_write(b->sda, true);
    hal_pin_config(b->scl, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    hal_pin_config(b->sda, HAL_OPEN_DRAIN, HAL_PULL_UP, 0);
    hal_pin_write(b->scl, true);
    hal_pin_write(b->sda, true);
    return V_OBJ(b);
}

static void i2c_print(out_t *out, val_t self, print_t how)
{
    i2c_t *b = i2c_of(self);
    const pin_t *scl = (const pin_t *)obj_of(pin_by_number(b->scl)), *sda = (const pin_t *)obj_of(pin_by_number(b->sda));
    if (b->type == &type_SoftI2C)
        out_printf(out, "SoftI2C(scl=%q, sda=%q, freq=%u)", scl->name, sda->name, (unsigned)b->hz);
    else
        out_printf(out, "I2C(%u, scl=%q, sda=%q, freq=%u)", b->id, scl->name, sda->name, (unsigned)b->hz);
}

/* ---- transfers ---- */

static int transfer(val_t self, unsigned addr, void *data, size_t len, unsigned flags)
{
    i2c_t *b = i2c_of(self);
    vm_poll();
    return b->type == &type_SoftI2C ? soft_transfer(b, addr, data, len, flags)
                                    : hal_i2c_transfer(b->id, addr, data, len, flags, b->timeout_us);
}

static int checked(int result)
{
    if (result < 0)
        raise_os(-result);
    return result;
}

static unsigned address(val_t v)
{
    intptr_t a = int_arg(v);
    if (a < 0 || a > 127)
        raise_value("address must be 0 to 127");
    return (unsigned)a;
}

static val_t i2c_scan(val_t self)
{
    val_t found = list_new(0, NULL);
    for (unsigned a = 0x08; a < 0x78; a++) {
        int result = transfer(self, a, NULL, 0, HAL_I2C_STOP);
        if (result >= 0)
            list_append(list_of(found), V_INT(a));
        else if (result != -E_NODEV)
            raise_os(-result);
    }
    return found;
}

static bool wants_stop(unsigned n, unsigned at, const val_t *args) { return n <= at || op_is_true(args[at]); }

static val_t i2c_readfrom(unsigned n, const val_t *args)
{
    intptr_t len = int_arg(args[2]);
    if (len < 0)
        raise_value("negative length");
    str_t *s = str_alloc(&type_bytes, (size_t)len);
    checked(transfer(args[0], address(args[1]), s->data, (size_t)len,
                     HAL_I2C_READ | (wants_stop(n, 3, args) ? HAL_I2C_STOP : 0)));
    return str_finish(s);
}

static val_t i2c_readfrom_into(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[2], &buf, true);
    checked(transfer(args[0], address(args[1]), buf.data, buf.size,
                     HAL_I2C_READ | (wants_stop(n, 3, args) ? HAL_I2C_STOP : 0)));
    return V_NONE;
}

static val_t i2c_writeto(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[2], &buf, false);
    return V_INT(checked(transfer(args[0], address(args[1]), buf.data, buf.size,
                                  wants_stop(n, 3, args) ? HAL_I2C_STOP : 0)));
}

static val_t i2c_writevto(unsigned n, const val_t *args)
{
    size_t count;
    const val_t *parts;
    bool stop = wants_stop(n, 3, args);
    if (!seq_items(args[2], &count, &parts))
        raise_type("a list or tuple of buffers is needed");
    int acks = 0;
    for (size_t i = 0; i < count; i++) {
        buffer_t buf;
        op_buffer(parts[i], &buf, false);
        acks += checked(transfer(args[0], address(args[1]), buf.data, buf.size,
                                 (i ? HAL_I2C_CONTINUE : 0) | (stop && i == count - 1 ? HAL_I2C_STOP : 0)));
    }
    return V_INT(acks);
}

/* ---- memory of a device ---- */

enum { M_SELF, M_ADDR, M_MEMADDR, M_DATA, M_ADDRSIZE, M_COUNT };

static void mem_args(unsigned n, unsigned nkw, const val_t *args, arg_t *a, bool length)
{
    const arg_spec_t specs[M_COUNT] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(addr), ARG_OBJ | ARG_REQUIRED},
        {Q(memaddr), ARG_INT | ARG_REQUIRED},
        {length ? Q(nbytes) : Q(buf), ARG_OBJ | ARG_REQUIRED},
        {Q(addrsize), ARG_INT | ARG_KEYWORD, {.i = 8}},
    };
    args_parse(n, nkw, args, M_COUNT, specs, a);
    if (a[M_ADDRSIZE].i < 8 || a[M_ADDRSIZE].i > 32 || a[M_ADDRSIZE].i % 8)
        raise_value("invalid addrsize");
}

/* Say which memory address is meant: start, device, address bytes, no stop. */
static void mem_address(const arg_t *a)
{
    uint8_t bytes[4];
    size_t len = (size_t)a[M_ADDRSIZE].i / 8;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(a[M_MEMADDR].i >> (len - 1 - i) * 8);
    int acks = transfer(a[M_SELF].v, address(a[M_ADDR].v), bytes, len, 0);
    if (acks >= 0 && (size_t)acks < len) {
        transfer(a[M_SELF].v, 0, NULL, 0, HAL_I2C_CONTINUE | HAL_I2C_STOP);
        acks = -E_IO;
    }
    checked(acks);
}

static val_t i2c_readfrom_mem(unsigned n, unsigned nkw, const val_t *args)
{
    arg_t a[M_COUNT];
    mem_args(n, nkw, args, a, true);
    intptr_t len = int_arg(a[M_DATA].v);
    if (len < 0)
        raise_value("negative length");
    str_t *s = str_alloc(&type_bytes, (size_t)len);
    mem_address(a);
    checked(transfer(args[0], address(a[M_ADDR].v), s->data, (size_t)len, HAL_I2C_READ | HAL_I2C_STOP));
    return str_finish(s);
}

static val_t i2c_readfrom_mem_into(unsigned n, unsigned nkw, const val_t *args)
{
    arg_t a[M_COUNT];
    buffer_t buf;
    mem_args(n, nkw, args, a, false);
    op_buffer(a[M_DATA].v, &buf, true);
    mem_address(a);
    checked(transfer(args[0], address(a[M_ADDR].v), buf.data, buf.size, HAL_I2C_READ | HAL_I2C_STOP));
    return V_NONE;
}

static val_t i2c_writeto_mem(unsigned n, unsigned nkw, const val_t *args)
{
    arg_t a[M_COUNT];
    buffer_t buf;
    mem_args(n, nkw, args, a, false);
    op_buffer(a[M_DATA].v, &buf, false);
    mem_address(a);
    int acks = checked(transfer(args[0], address(a[M_ADDR].v), buf.data, buf.size, HAL_I2C_CONTINUE | HAL_I2C_STOP));
    if ((size_t)acks < buf.size)
        raise_os(E_IO);
    return V_NONE;
}

/* ---- single steps, of the software one only ---- */

static val_t i2c_start(val_t self)
{
    checked(soft_start(i2c_of(self)));
    return V_NONE;
}

static val_t i2c_stop(val_t self)
{
    checked(soft_stop(i2c_of(self)));
    return V_NONE;
}

static val_t i2c_write(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    return V_INT(checked(soft_transfer(i2c_of(self), 0, buf.data, buf.size, HAL_I2C_CONTINUE)));
}

static val_t i2c_readinto(unsigned n, const val_t *args)
{
    buffer_t buf;
    bool nack = wants_stop(n, 2, args);
    op_buffer(args[1], &buf, true);
    for (size_t i = 0; i < buf.size; i++)
        checked(soft_read_byte(i2c_of(args[0]), (uint8_t *)buf.data + i, nack && i == buf.size - 1));
    return V_NONE;
}

static val_t i2c_deinit(val_t self) { return V_NONE; }

#define COMMON_METHODS                                                                                                 \
    METHOD_1(scan, i2c_scan), METHOD_V(readfrom, i2c_readfrom, 3, 4),                                                  \
        METHOD_V(readfrom_into, i2c_readfrom_into, 3, 4), METHOD_V(writeto, i2c_writeto, 3, 4),                        \
        METHOD_V(writevto, i2c_writevto, 3, 4), METHOD_K(readfrom_mem, i2c_readfrom_mem, 4, 4),                        \
        METHOD_K(readfrom_mem_into, i2c_readfrom_mem_into, 4, 4), METHOD_K(writeto_mem, i2c_writeto_mem, 4, 4),        \
        METHOD_1(deinit, i2c_deinit)

static const dict_entry_t i2c_table[] = {COMMON_METHODS};
static const dict_t i2c_attrs = ROM_DICT(i2c_table);
const type_t type_I2C = {TYPE_HEAD, .name = Q(I2C), .attrs = &i2c_attrs, .make = hard_make, .print = i2c_print};

static const dict_entry_t soft_i2c_table[] = {
    COMMON_METHODS,
    METHOD_1(start, i2c_start),
    METHOD_1(stop, i2c_stop),
    METHOD_2(write, i2c_write),
    METHOD_V(readinto, i2c_readinto, 2, 3),
};
static const dict_t soft_i2c_attrs = ROM_DICT(soft_i2c_table);
const type_t type_SoftI2C = {TYPE_HEAD, .name = Q(SoftI2C), .attrs = &soft_i2c_attrs, .make = soft_make, .print = i2c_print};
