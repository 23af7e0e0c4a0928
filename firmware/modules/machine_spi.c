/* SPDX-License-Identifier: MIT
 * machine_spi.c: machine.SPI and machine.SoftSPI.
 */
#include "machine.h"

enum { MSB, LSB };

typedef struct spi {
    const type_t *type;
    uint8_t id;
    hal_spi_config_t config;
    uint32_t half_us; /* of the software one */
} spi_t;

static spi_t *spi_of(val_t self) { return (spi_t *)obj_of(self); }

static uint8_t soft_byte(spi_t *b, uint8_t out)
{
    const hal_spi_config_t *c = &b->config;
    unsigned in = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned bit = c->lsb_first ? i : 7 - i;
        if (!c->phase)
            hal_pin_write(c->mosi, out >> bit & 1);
        hal_delay_us(b->half_us);
        hal_pin_write(c->sck, !c->polarity);
        if (c->phase)
            hal_pin_write(c->mosi, out >> bit & 1);
        else if (c->miso != HAL_NO_PIN)
            in |= (unsigned)hal_pin_read(c->miso) << bit;
        hal_delay_us(b->half_us);
        hal_pin_write(c->sck, c->polarity);
        if (c->phase && c->miso != HAL_NO_PIN)
            in |= (unsigned)hal_pin_read(c->miso) << bit;
    }
    return (uint8_t)in;
}

/* Send tx (or the byte fill), receive into rx (or nowhere). */
static void transfer(spi_t *b, const uint8_t *tx, uint8_t fill, uint8_t *rx, size_t len)
{
    vm_poll();
    if (b->type == &type_SoftSPI) {
        for (size_t i = 0; i < len; i++) {
            uint8_t in = soft_byte(b, tx ? tx[i] : fill);
            if (rx)
                rx[i] = in;
        }
        return;
    }
    if (!tx && rx) { /* sends what stands in the buffer */
        memset(rx, fill, len);
        tx = rx;
    }
    hal_spi_transfer(b->id, tx, rx, len);
}

enum { BAUDRATE, POLARITY, PHASE, BITS, FIRSTBIT, SCK, MOSI, MISO, INIT_COUNT };

static void soft_configure(spi_t *b)
{
    hal_spi_config_t *c = &b->config;
    if (c->sck == HAL_NO_PIN || c->mosi == HAL_NO_PIN)
        raise_value("SoftSPI needs sck and mosi");
    b->half_us = (500000 + c->baud - 1) / c->baud;
    if (c->baud >= 500000)
        b->half_us = 0; /* as fast as it goes */
    hal_pin_config(c->sck, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_write(c->sck, c->polarity);
    hal_pin_config(c->mosi, HAL_OUT, HAL_PULL_NONE, 0);
    if (c->miso != HAL_NO_PIN)
        hal_pin_config(c->miso, HAL_IN, HAL_PULL_NONE, 0);
}

static uint8_t pin_or(val_t v, uint8_t otherwise)
{
    return v == V_NONE ? otherwise : (uint8_t)pin_arg(v)->number;
}

/* Arguments that are left out keep what is there. */
static void configure(spi_t *b, unsigned n, unsigned nkw, const val_t *args)
{
    static const arg_spec_t specs[INIT_COUNT] = {
        {Q(baudrate), ARG_INT, {.i = -1}},
        {Q(polarity), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(phase), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(bits), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(firstbit), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(sck), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(mosi), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(miso), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[INIT_COUNT];
    args_parse(n, nkw, args, INIT_COUNT, specs, a);
    hal_spi_config_t *c = &b->config;
    if (a[BAUDRATE].i >= 0)
        c->baud = (uint32_t)a[BAUDRATE].i;
    if (a[POLARITY].i >= 0)
        c->polarity = a[POLARITY].i != 0;
    if (a[PHASE].i >= 0)
        c->phase = a[PHASE].i != 0;
    if (a[BITS].i >= 0)
        c->bits = (uint8_t)a[BITS].i;
    if (a[FIRSTBIT].i >= 0)
        c->lsb_first = a[FIRSTBIT].i == LSB;
    c->sck = pin_or(a[SCK].v, c->sck);
    c->mosi = pin_or(a[MOSI].v, c->mosi);
    c->miso = pin_or(a[MISO].v, c->miso);
    if (c->bits != 8 || c->baud == 0)
        raise_value("bits must be 8, baudrate positive");
    if (b->type == &type_SoftSPI) {
        soft_configure(b);
        return;
    }
    int result = hal_spi_init(b->id, c);
    if (result == -E_NODEV)
        raise_format(&type_ValueError, "SPI(%d) doesn't exist", b->id);
    if (result < 0)
        raise_os(-result);
}

static spi_t *spi_new(const type_t *type, uint32_t baud)
{
    spi_t *b = HEAP_NEW(type, spi_t);
    b->config = (hal_spi_config_t){baud, 0, 0, 8, 0, HAL_NO_PIN, HAL_NO_PIN, HAL_NO_PIN};
    return b;
}

static val_t hard_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("SPI needs an id");
    int id = is_str(args[0]) ? hal_bus_id(HAL_BUS_SPI, str_of(args[0])->data) : (int)int_arg(args[0]);
    if (id < 0 || id > 255)
        raise_format(&type_ValueError, "SPI(%v) doesn't exist", args[0]);
    spi_t *b = spi_new(type, 1000000);
    b->id = (uint8_t)id;
    configure(b, n - 1, nkw, args + 1);
    return V_OBJ(b);
}

static val_t soft_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    spi_t *b = spi_new(type, 500000);
    configure(b, n, nkw, args);
    return V_OBJ(b);
}

static void spi_print(out_t *out, val_t self, print_t how)
{
    const spi_t *b = spi_of(self);
    const hal_spi_config_t *c = &b->config;
    if (b->type == &type_SoftSPI)
        out_text(out, "SoftSPI(");
    else
        out_printf(out, "SPI(%u, ", b->id);
    out_printf(out, "baudrate=%u, polarity=%u, phase=%u, bits=%u, firstbit=%u)", (unsigned)c->baud, c->polarity, c->phase,
               c->bits, c->lsb_first);
}

static val_t spi_init(unsigned n, unsigned nkw, const val_t *args)
{
    configure(spi_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t spi_deinit(val_t self)
{
    if (spi_of(self)->type == &type_SPI)
        hal_spi_deinit(spi_of(self)->id);
    return V_NONE;
}

static uint8_t fill_of(unsigned n, const val_t *args) { return n > 2 ? (uint8_t)int_arg(args[2]) : 0; }

static val_t spi_read(unsigned n, const val_t *args)
{
    intptr_t len = int_arg(args[1]);
    if (len < 0)
        raise_value("negative length");
    str_t *s = str_alloc(&type_bytes, (size_t)len);
    transfer(spi_of(args[0]), NULL, fill_of(n, args), (uint8_t *)s->data, (size_t)len);
    return str_finish(s);
}

static val_t spi_readinto(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[1], &buf, true);
    transfer(spi_of(args[0]), NULL, fill_of(n, args), buf.data, buf.size);
    return V_NONE;
}

static val_t spi_write(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    transfer(spi_of(self), buf.data, 0, NULL, buf.size);
    return V_NONE;
}

static val_t spi_write_readinto(val_t self, val_t from, val_t to)
{
    buffer_t tx, rx;
    op_buffer(from, &tx, false);
    op_buffer(to, &rx, true);
    if (tx.size != rx.size)
        raise_value("buffers must be the same length");
    transfer(spi_of(self), tx.data, 0, rx.data, rx.size);
    return V_NONE;
}

static const dict_entry_t spi_table[] = {
    METHOD_K(init, spi_init, 1, 2),
    METHOD_1(deinit, spi_deinit),
    METHOD_V(read, spi_read, 2, 3),
    METHOD_V(readinto, spi_readinto, 2, 3),
    METHOD_2(write, spi_write),
    METHOD_3(write_readinto, spi_write_readinto),
    {VQ(MSB), V_INT(MSB)},
    {VQ(LSB), V_INT(LSB)},
};
static const dict_t spi_attrs = ROM_DICT(spi_table);
const type_t type_SPI = {TYPE_HEAD, .name = Q(SPI), .attrs = &spi_attrs, .make = hard_make, .print = spi_print};
const type_t type_SoftSPI = {TYPE_HEAD, .name = Q(SoftSPI), .attrs = &spi_attrs, .make = soft_make, .print = spi_print};
