/* SPDX-License-Identifier: MIT
 * microbit_bus.c: microbit.i2c, microbit.spi and microbit.uart: one of each.
 */
#include "microbit.h"

static uint8_t pin_number(val_t v, uint8_t usual) { return v == V_NONE ? usual : edge_pin_arg(v)->pin; }

/* ---- I2C: the sensors are on the same bus, unless a program has moved it to other pins ---- */

enum { TIMEOUT_US = 50000, SLOW_HZ = 100000 };
static struct {
    uint32_t hz;
    uint8_t scl, sda;
    enum { BUS_OFF, BUS_INTERNAL, BUS_PROGRAM } is;
} i2c;

static void i2c_start(void)
{
    uint8_t scl = i2c.is == BUS_PROGRAM ? i2c.scl : HAL_NO_PIN, sda = i2c.is == BUS_PROGRAM ? i2c.sda : HAL_NO_PIN;
    hal_i2c_init(0, i2c.is == BUS_PROGRAM ? i2c.hz : SLOW_HZ, &scl, &sda);
}

void bus_internal(void)
{
    if (i2c.is == BUS_INTERNAL)
        return;
    i2c.is = BUS_INTERNAL;
    i2c_start();
}

static void bus_program(void)
{
    if (i2c.is == BUS_PROGRAM || !i2c.hz) {
        if (!i2c.hz)
            bus_internal();
        return;
    }
    i2c.is = BUS_PROGRAM;
    i2c_start();
}

static val_t i2c_init(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, FREQ, SDA, SCL };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(freq), ARG_INT, {.i = SLOW_HZ}},
        {Q(sda), ARG_OBJ, {.v = V_NONE}},
        {Q(scl), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[FREQ].i <= 0)
        raise_value("invalid frequency");
    i2c.hz = (uint32_t)a[FREQ].i;
    i2c.scl = pin_number(a[SCL].v, HAL_NO_PIN);
    i2c.sda = pin_number(a[SDA].v, HAL_NO_PIN);
    i2c.is = BUS_PROGRAM;
    i2c_start();
    return V_NONE;
}

static val_t i2c_scan(val_t self)
{
    val_t found = list_new(0, NULL);
    bus_program();
    for (unsigned addr = 0x08; addr < 0x78; addr++)
        if (hal_i2c_transfer(0, addr, NULL, 0, HAL_I2C_STOP, TIMEOUT_US) >= 0)
            list_append(list_of(found), V_INT(addr));
    return found;
}

static unsigned address_arg(val_t v)
{
    intptr_t addr = int_arg(v);
    if (addr < 0 || addr > 127)
        raise_value("invalid address");
    return (unsigned)addr;
}

static val_t i2c_read(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, ADDR, COUNT, REPEAT };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(addr), ARG_OBJ | ARG_REQUIRED},
        {Q(n), ARG_INT | ARG_REQUIRED},
        {Q(repeat), ARG_BOOL, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    unsigned addr = address_arg(a[ADDR].v);
    if (a[COUNT].i < 0)
        raise_value("negative count");
    str_t *s = str_alloc(&type_bytes, (size_t)a[COUNT].i);
    bus_program();
    int result = hal_i2c_transfer(0, addr, (uint8_t *)s->data, s->len, HAL_I2C_READ | HAL_I2C_STOP, TIMEOUT_US);
    if (result < 0)
        raise_os(-result);
    return str_finish(s);
}

static val_t i2c_write(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, ADDR, BUF, REPEAT };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(addr), ARG_OBJ | ARG_REQUIRED},
        {Q(buf), ARG_OBJ | ARG_REQUIRED},
        {Q(repeat), ARG_BOOL, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    buffer_t buf;
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    unsigned addr = address_arg(a[ADDR].v);
    op_buffer(a[BUF].v, &buf, false);
    bus_program();
    int result = hal_i2c_transfer(0, addr, buf.data, buf.size, a[REPEAT].b ? 0 : HAL_I2C_STOP, TIMEOUT_US);
    if (result < 0)
        raise_os(-result);
    if ((size_t)result < buf.size)
        raise_os(E_IO);
    return V_NONE;
}

static const dict_entry_t i2c_table[] = {
    METHOD_K(init, i2c_init, 1, 4),
    METHOD_1(scan, i2c_scan),
    METHOD_K(read, i2c_read, 3, 4),
    METHOD_K(write, i2c_write, 3, 4),
};
static const dict_t i2c_attrs = ROM_DICT(i2c_table);
static const type_t type_i2c = {TYPE_HEAD, .name = Q(MicroBitI2C), .attrs = &i2c_attrs};
const obj_t microbit_i2c = {&type_i2c};

/* ---- SPI ---- */

static bool spi_open;

static val_t spi_init(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, BAUDRATE, BITS, MODE, SCLK, MOSI, MISO };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(baudrate), ARG_INT, {.i = 1000000}},
        {Q(bits), ARG_INT, {.i = 8}},
        {Q(mode), ARG_INT, {.i = 0}},
        {Q(sclk), ARG_OBJ, {.v = V_NONE}},
        {Q(mosi), ARG_OBJ, {.v = V_NONE}},
        {Q(miso), ARG_OBJ, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[BITS].i != 8 || a[MODE].i < 0 || a[MODE].i > 3 || a[BAUDRATE].i <= 0)
        raise_value("invalid SPI parameters");
    hal_spi_config_t config = {
        (uint32_t)a[BAUDRATE].i, a[MODE].i >> 1, a[MODE].i & 1, 8, 0, pin_number(a[SCLK].v, HAL_NO_PIN),
        pin_number(a[MOSI].v, HAL_NO_PIN), pin_number(a[MISO].v, HAL_NO_PIN)};
    int result = hal_spi_init(0, &config);
    if (result < 0)
        raise_os(-result);
    spi_open = true;
    return V_NONE;
}

static void spi_check(void)
{
    if (!spi_open)
        raise_value("SPI not initialised");
}

static val_t spi_write(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    spi_check();
    hal_spi_transfer(0, buf.data, NULL, buf.size);
    return V_NONE;
}

static val_t spi_read(unsigned n, const val_t *args)
{
    intptr_t count = int_arg(args[1]), out = n > 2 ? int_arg(args[2]) : 0;
    if (count < 0)
        raise_value("negative count");
    spi_check();
    str_t *s = str_alloc(&type_bytes, (size_t)count);
    memset(s->data, (int)out, (size_t)count);
    hal_spi_transfer(0, (uint8_t *)s->data, (uint8_t *)s->data, s->len);
    return str_finish(s);
}

static val_t spi_write_readinto(val_t self, val_t out, val_t in)
{
    buffer_t from, to;
    op_buffer(out, &from, false);
    op_buffer(in, &to, true);
    if (from.size != to.size)
        raise_value("buffers must be the same length");
    spi_check();
    hal_spi_transfer(0, from.data, to.data, from.size);
    return V_NONE;
}

static const dict_entry_t spi_table[] = {
    METHOD_K(init, spi_init, 1, 7),
    METHOD_2(write, spi_write),
    METHOD_V(read, spi_read, 2, 3),
    METHOD_3(write_readinto, spi_write_readinto),
};
static const dict_t spi_attrs = ROM_DICT(spi_table);
static const type_t type_spi = {TYPE_HEAD, .name = Q(MicroBitSPI), .attrs = &spi_attrs};
const obj_t microbit_spi = {&type_spi};

/* ---- UART: the prompt's; until a program has called init, 115200 baud over the interface chip ---- */

enum { RX_BUFFER = 64, EVEN = 0, ODD = 1 };
static val_t rx_buffer; /* raw_t while a program has the UART */

static val_t uart_init(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, BAUDRATE, BITS, PARITY, STOP, TX, RX };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(baudrate), ARG_INT, {.i = 9600}},
        {Q(bits), ARG_INT, {.i = 8}},
        {Q(parity), ARG_OBJ, {.v = V_NONE}},
        {Q(stop), ARG_INT, {.i = 1}},
        {Q(tx), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(rx), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    hal_uart_config_t config = {
        (uint32_t)a[BAUDRATE].i, (uint8_t)a[BITS].i, (uint8_t)a[STOP].i,
        a[PARITY].v == V_NONE ? -1 : (int8_t)int_arg(a[PARITY].v), pin_number(a[TX].v, HAL_NO_PIN),
        pin_number(a[RX].v, HAL_NO_PIN)};
    heap_root(&rx_buffer);
    raw_t *raw = heap_alloc_raw(&type_raw, sizeof *raw + RX_BUFFER);
    raw->size = RX_BUFFER;
    int result = hal_uart_init(0, &config, (uint8_t *)raw->data, RX_BUFFER);
    if (result < 0)
        raise_value("invalid UART parameters");
    rx_buffer = V_OBJ(raw);
    return V_NONE;
}

void bus_reset(void)
{
    if (rx_buffer)
        hal_uart_deinit(0);
    rx_buffer = 0;
    memset(&i2c, 0, sizeof i2c);
    spi_open = false;
}

static val_t uart_any(val_t self) { return V_INT(hal_uart_any(0)); }

/* What has come, n bytes at most; None if there is nothing. */
static val_t uart_take(size_t n, bool line)
{
    builder_t b;
    size_t waiting = hal_uart_any(0);
    if (!waiting)
        return V_NONE;
    builder_init(&b, waiting < n ? waiting : n);
    int c;
    while (b.len < n && (c = hal_uart_get(0)) >= 0) {
        builder_char(&b, (char)c);
        if (line && c == '\n')
            break;
    }
    return builder_bytes(&b);
}

static val_t uart_read(unsigned n, const val_t *args) { return uart_take(n > 1 ? (size_t)int_arg(args[1]) : SIZE_MAX, false); }
static val_t uart_readline(val_t self) { return uart_take(SIZE_MAX, true); }

static val_t uart_readinto(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[1], &buf, true);
    size_t limit = n > 2 ? (size_t)int_arg(args[2]) : buf.size, done = 0;
    int c;
    while (done < buf.size && done < limit && (c = hal_uart_get(0)) >= 0)
        ((uint8_t *)buf.data)[done++] = (uint8_t)c;
    return done ? V_INT(done) : V_NONE;
}

static val_t uart_write(val_t self, val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    for (size_t i = 0; i < buf.size; i++)
        while (!hal_uart_put(0, ((const uint8_t *)buf.data)[i]))
            vm_poll();
    return V_INT(buf.size);
}

static const dict_entry_t uart_table[] = {
    METHOD_K(init, uart_init, 1, 5),
    METHOD_1(any, uart_any),
    METHOD_V(read, uart_read, 1, 2),
    METHOD_V(readall, uart_read, 1, 1),
    METHOD_1(readline, uart_readline),
    METHOD_V(readinto, uart_readinto, 2, 3),
    METHOD_2(write, uart_write),
    {VQ(EVEN), V_INT(EVEN)},
    {VQ(ODD), V_INT(ODD)},
};
static const dict_t uart_attrs = ROM_DICT(uart_table);
static const type_t type_uart = {TYPE_HEAD, .name = Q(MicroBitUART), .attrs = &uart_attrs};
const obj_t microbit_uart = {&type_uart};
