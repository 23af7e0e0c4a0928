/* SPDX-License-Identifier: MIT
 * machine_uart.c: machine.UART.
 */
#include "machine.h"

enum { IRQ_RX = 1, RX_BUFFER = 256 };

typedef struct uart {
    const type_t *type;
    val_t buffer;  /* raw_t: what came in */
    val_t handler; /* irq(): called after bytes came in; None */
    uint8_t id;
    hal_uart_config_t config;
    uint32_t rxbuf;
    uint32_t timeout_ms, timeout_char_ms;
    volatile bool called; /* the handler waits to be run */
} uart_t;

enum { UART_MAX = 8 };
static val_t uarts; /* vals_t: the objects in use, by id */

static uart_t *uart_of(val_t self) { return (uart_t *)obj_of(self); }

static uart_t *uart_by_id(unsigned id)
{
    vals_t *all = (vals_t *)obj_of(uarts);
    return uarts && id < UART_MAX && all->v[id] ? uart_of(all->v[id]) : NULL;
}

/* The handler has a turn: bytes that come from now on call it again. */
static val_t run_handler(val_t self)
{
    uart_of(self)->called = false;
    if (uart_of(self)->handler != V_NONE)
        call_1(uart_of(self)->handler, self);
    return V_NONE;
}
static const val_t run_handler_fn = NATIVE_FN1(run_handler);

void hal_on_uart(unsigned id)
{
    uart_t *u = uart_by_id(id);
    if (u && u->handler != V_NONE && !u->called)
        u->called = vm_schedule(run_handler_fn, V_OBJ(u));
}

void uart_deinit(void)
{
    for (unsigned id = 0; id < UART_MAX; id++)
        if (uart_by_id(id))
            hal_uart_deinit(id);
    uarts = 0;
}

/* ---- making ---- */

enum { BAUDRATE, BITS, PARITY, STOP, TIMEOUT, TIMEOUT_CHAR, RXBUF, TX, RX, INIT_COUNT };

static void configure(uart_t *u, unsigned n, unsigned nkw, const val_t *args)
{
    static const arg_spec_t specs[INIT_COUNT] = {
        {Q(baudrate), ARG_INT, {.i = -1}},
        {Q(bits), ARG_INT, {.i = -1}},
        {Q(parity), ARG_OBJ, {.v = V_ELLIPSIS}},
        {Q(stop), ARG_INT, {.i = -1}},
        {Q(timeout), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(timeout_char), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(rxbuf), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(tx), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
        {Q(rx), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}},
    };
    arg_t a[INIT_COUNT];
    args_parse(n, nkw, args, INIT_COUNT, specs, a);
    hal_uart_config_t *c = &u->config;
    if (a[BAUDRATE].i >= 0)
        c->baud = (uint32_t)a[BAUDRATE].i;
    if (a[BITS].i >= 0)
        c->bits = (uint8_t)a[BITS].i;
    if (a[PARITY].v != V_ELLIPSIS)
        c->parity = a[PARITY].v == V_NONE ? -1 : (int8_t)(int_arg(a[PARITY].v) & 1);
    if (a[STOP].i >= 0)
        c->stop = (uint8_t)a[STOP].i;
    if (a[TIMEOUT].i >= 0)
        u->timeout_ms = (uint32_t)a[TIMEOUT].i;
    if (a[TIMEOUT_CHAR].i >= 0)
        u->timeout_char_ms = (uint32_t)a[TIMEOUT_CHAR].i;
    if (a[RXBUF].i > 0)
        u->rxbuf = (uint32_t)a[RXBUF].i;
    if (a[TX].v != V_NONE)
        c->tx = (uint8_t)pin_arg(a[TX].v)->number;
    if (a[RX].v != V_NONE)
        c->rx = (uint8_t)pin_arg(a[RX].v)->number;
    if (c->stop < 1 || c->stop > 2)
        raise_value("stop must be 1 or 2");
    raw_t *raw = heap_alloc_raw(&type_raw, sizeof(raw_t) + u->rxbuf);
    raw->size = u->rxbuf;
    int result = hal_uart_init(u->id, c, raw->data, u->rxbuf);
    u->buffer = V_OBJ(raw);
    if (result == -E_NODEV)
        raise_format(&type_ValueError, "UART(%d) doesn't exist", u->id);
    if (result < 0)
        raise_value("the UART cannot do that");
}

static val_t uart_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    if (n < 1)
        raise_type("UART needs an id");
    int id = is_str(args[0]) ? hal_bus_id(HAL_BUS_UART, str_of(args[0])->data) : (int)int_arg(args[0]);
    if (id < 0 || id >= UART_MAX)
        raise_format(&type_ValueError, "UART(%v) doesn't exist", args[0]);
    if (hal_uart_is_console((unsigned)id))
        raise_format(&type_ValueError, "UART(%v) is the prompt", args[0]);
    if (!uarts) {
        uarts = V_OBJ(vals_new(UART_MAX));
        heap_root(&uarts);
    }
    uart_t *u = uart_by_id((unsigned)id);
    if (!u) { /* there is one object for each UART: a second UART(1) means the first */
        u = HEAP_NEW(type, uart_t);
        u->buffer = u->handler = V_NONE;
        u->id = (uint8_t)id;
        u->config = (hal_uart_config_t){9600, 8, 1, -1, HAL_NO_PIN, HAL_NO_PIN};
        u->rxbuf = RX_BUFFER;
    }
    if (n > 1 || nkw || u->buffer == V_NONE)
        configure(u, n - 1, nkw, args + 1);
    ((vals_t *)obj_of(uarts))->v[id] = V_OBJ(u);
    return V_OBJ(u);
}

static void uart_print(out_t *out, val_t self, print_t how)
{
    const uart_t *u = uart_of(self);
    static const char *const parities[] = {"None", "0", "1"};
    out_printf(out, "UART(%u, baudrate=%u, bits=%u, parity=%s, stop=%u, timeout=%u, timeout_char=%u, rxbuf=%u)", u->id,
               (unsigned)u->config.baud, u->config.bits, parities[u->config.parity + 1], u->config.stop,
               (unsigned)u->timeout_ms, (unsigned)u->timeout_char_ms, (unsigned)u->rxbuf);
}

static val_t uart_init(unsigned n, unsigned nkw, const val_t *args)
{
    configure(uart_of(args[0]), n - 1, nkw, args + 1);
    return V_NONE;
}

static val_t uart_off(val_t self)
{
    uart_t *u = uart_of(self);
    if (u->buffer != V_NONE)
        hal_uart_deinit(u->id);
    u->buffer = V_NONE;
    ((vals_t *)obj_of(uarts))->v[u->id] = 0;
    return V_NONE;
}

static uart_t *uart_open(val_t self)
{
    if (uart_of(self)->buffer == V_NONE)
        raise_value("the UART is off");
    return uart_of(self);
}

/* ---- reading ---- */

static val_t uart_any(val_t self) { return V_INT(hal_uart_any(uart_open(self)->id)); }

/* Wait for a byte at most so long; -1: none came. */
static int wait_byte(uart_t *u, uint32_t timeout_ms)
{
    uint32_t end = hal_ticks_ms() + timeout_ms;
    int c;
    while ((c = hal_uart_get(u->id)) < 0) {
        vm_poll();
        if (!timeout_ms || (int32_t)(hal_ticks_ms() - end) >= 0)
            return -1;
        hal_wait(end);
    }
    return c;
}

/* Read up to len bytes (until a newline if wanted); the time between bytes has its own limit. */
static size_t read_bytes(uart_t *u, uint8_t *to, size_t len, bool line)
{
    size_t n = 0;
    while (n < len) {
        int c = wait_byte(u, n ? u->timeout_char_ms : u->timeout_ms);
        if (c < 0)
            break;
        to[n++] = (uint8_t)c;
        if (line && c == '\n')
            break;
    }
    return n;
}

static val_t read_growing(uart_t *u, bool line)
{
    builder_t b;
    uint8_t piece[32];
    size_t n;
    builder_init(&b, 32);
    while ((n = read_bytes(u, piece, sizeof piece, line)) > 0) {
        builder_add(&b, (const char *)piece, n);
        if (n < sizeof piece)
            break;
    }
    return b.len ? builder_bytes(&b) : V_NONE;
}

static val_t uart_read(unsigned n, const val_t *args)
{
    uart_t *u = uart_open(args[0]);
    if (n == 1)
        return read_growing(u, false);
    intptr_t len = int_arg(args[1]);
    if (len < 0)
        return read_growing(u, false);
    str_t *s = str_alloc(&type_bytes, (size_t)len);
    size_t got = read_bytes(u, (uint8_t *)s->data, (size_t)len, false);
    return got ? bytes_new(s->data, got) : V_NONE;
}

static val_t uart_readline(val_t self) { return read_growing(uart_open(self), true); }

static val_t uart_readinto(unsigned n, const val_t *args)
{
    buffer_t buf;
    op_buffer(args[1], &buf, true);
    size_t len = n > 2 ? (size_t)int_arg(args[2]) : buf.size;
    size_t got = read_bytes(uart_open(args[0]), buf.data, len < buf.size ? len : buf.size, false);
    return got ? V_INT(got) : V_NONE;
}

/* ---- writing ---- */

static val_t uart_write(val_t self, val_t data)
{
    uart_t *u = uart_open(self);
    buffer_t buf;
    op_buffer(data, &buf, false);
    for (size_t i = 0; i < buf.size; i++)
        while (!hal_uart_put(u->id, ((const uint8_t *)buf.data)[i]))
            vm_poll();
    return V_INT(buf.size);
}

static val_t uart_txdone(val_t self) { return V_BOOL(hal_uart_sent(uart_open(self)->id)); }

static val_t uart_flush(val_t self)
{
    while (!hal_uart_sent(uart_open(self)->id))
        vm_poll();
    return V_NONE;
}

static val_t uart_sendbreak(val_t self)
{
    hal_uart_break(uart_open(self)->id);
    return V_NONE;
}

static val_t uart_irq(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, HANDLER };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(handler), ARG_OBJ, {.v = V_NONE}},
        {Q(trigger), ARG_INT, {.i = IRQ_RX}},
        {Q(hard), ARG_BOOL | ARG_KEYWORD, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    uart_of(args[0])->handler = a[HANDLER].v;
    return V_NONE;
}

static const dict_entry_t uart_table[] = {
    METHOD_K(init, uart_init, 1, 5),
    METHOD_1(deinit, uart_off),
    METHOD_1(any, uart_any),
    METHOD_V(read, uart_read, 1, 2),
    METHOD_1(readline, uart_readline),
    METHOD_V(readinto, uart_readinto, 2, 3),
    METHOD_2(write, uart_write),
    METHOD_1(txdone, uart_txdone),
    METHOD_1(flush, uart_flush),
    METHOD_1(sendbreak, uart_sendbreak),
    METHOD_K(irq, uart_irq, 1, 3),
    {VQ(IRQ_RX), V_INT(IRQ_RX)},
    {VQ(IRQ_RXIDLE), V_INT(IRQ_RX)},
};
static const dict_t uart_attrs = ROM_DICT(uart_table);
const type_t type_UART = {TYPE_HEAD, .name = Q(UART), .attrs = &uart_attrs, .trace = TRACE_WORDS, .trace_from = 1,
                          .trace_to = 3, .make = uart_make, .print = uart_print};
