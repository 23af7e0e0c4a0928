/* SPDX-License-Identifier: MIT
 * radio.c: the module radio: short messages to all boards around that use the same channel, address and group.
 */
#include "microbit.h"

enum { STRING_HEAD = 3, RATES = 3 };
static const uint8_t string_head[STRING_HEAD] = {1, 0, 1}; /* what marks a str */

static const microbit_radio_t usual = {.length = 32, .queue = 3, .channel = 7, .power = 6, .group = 0, .rate = 0,
                                       .address = 0x75626974};
static microbit_radio_t config;
static bool is_on, is_configured;
static val_t buffers; /* raw_t: a root of the heap */

static microbit_radio_t *settings(void)
{
    if (!is_configured)
        config = usual;
    is_configured = true;
    return &config;
}

static val_t radio_on(void)
{
    microbit_radio_t *c = settings();
    if (is_on)
        return V_NONE;
    size_t size = (c->queue + 2u) * RADIO_SLOT(c->length);
    heap_root(&buffers);
    raw_t *raw = heap_alloc(&type_raw, sizeof *raw + size);
    raw->size = size;
    buffers = V_OBJ(raw);
    microbit_radio_on(c, (uint8_t *)raw->data);
    is_on = true;
    return V_NONE;
}

static val_t radio_off(void)
{
    microbit_radio_off();
    is_on = false;
    buffers = 0;
    return V_NONE;
}

void radio_forget(void)
{
    if (is_on)
        radio_off();
    is_configured = false;
}

static intptr_t limited(intptr_t value, intptr_t min, intptr_t max)
{
    if (value < min || value > max)
        raise_value("value out of range");
    return value;
}

static val_t radio_config(unsigned n, unsigned nkw, const val_t *args)
{
    enum { LENGTH, QUEUE, CHANNEL, POWER, ADDRESS, GROUP, RATE };
    static const arg_spec_t specs[] = {
        {Q(length), ARG_INT | ARG_KEYWORD, {.i = -1}},   {Q(queue), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(channel), ARG_INT | ARG_KEYWORD, {.i = -1}},  {Q(power), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(address), ARG_OBJ | ARG_KEYWORD, {.v = V_NONE}}, {Q(group), ARG_INT | ARG_KEYWORD, {.i = -1}},
        {Q(data_rate), ARG_INT | ARG_KEYWORD, {.i = -1}},
    };
    static const struct {
        uint8_t arg, min, max;
    } limits[] = {{LENGTH, 1, 251}, {QUEUE, 1, 254}, {CHANNEL, 0, 83}, {POWER, 0, 7}, {GROUP, 0, 255}, {RATE, 0, RATES - 1}};
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    for (unsigned i = 0; i < COUNT_OF(limits); i++)
        if (a[limits[i].arg].i != -1)
            limited(a[limits[i].arg].i, limits[i].min, limits[i].max);
    microbit_radio_t *c = settings();
    uint8_t *const fields[] = {&c->length, &c->queue, &c->channel, &c->power, &c->group, &c->rate};
    for (unsigned i = 0; i < COUNT_OF(limits); i++)
        if (a[limits[i].arg].i != -1)
            *fields[i] = (uint8_t)a[limits[i].arg].i;
    if (a[ADDRESS].v != V_NONE)
        c->address = uint32_arg(a[ADDRESS].v);
    if (is_on) { /* what was received and not fetched is lost */
        radio_off();
        radio_on();
    }
    return V_NONE;
}

static val_t radio_reset(void)
{
    config = usual;
    is_configured = true;
    if (is_on) {
        radio_off();
        radio_on();
    }
    return V_NONE;
}

static void check_on(void)
{
    if (!is_on)
        raise_value("radio is not enabled");
}

static void send(const uint8_t *head, size_t head_len, const void *data, size_t len)
{
    check_on();
    size_t room = config.length - head_len;
    microbit_radio_send(head, head_len, data, len < room ? len : room);
}

static val_t radio_send_bytes(val_t data)
{
    buffer_t buf;
    op_buffer(data, &buf, false);
    send(NULL, 0, buf.data, buf.size);
    return V_NONE;
}

static val_t radio_send(val_t text)
{
    size_t len;
    const char *data = str_arg(text, &len);
    check_on();
    if (config.length < STRING_HEAD)
        raise_value("messages are too short for text");
    send(string_head, STRING_HEAD, data, len);
    return V_NONE;
}

typedef struct {
    const uint8_t *data;
    size_t len;
    int rssi;
    uint32_t us;
} message_t;

/* The oldest message; stays until it is dropped. */
static bool oldest(message_t *m)
{
    check_on();
    m->data = microbit_radio_get(&m->len, &m->rssi, &m->us);
    return m->data != NULL;
}

static val_t radio_receive_bytes(void)
{
    message_t m;
    if (!oldest(&m))
        return V_NONE;
    val_t v = bytes_new(m.data, m.len);
    microbit_radio_drop();
    return v;
}

static val_t radio_receive_bytes_into(val_t to)
{
    buffer_t buf;
    message_t m;
    op_buffer(to, &buf, true);
    if (!oldest(&m))
        return V_NONE;
    memcpy(buf.data, m.data, m.len < buf.size ? m.len : buf.size);
    microbit_radio_drop();
    return V_INT(m.len);
}

static val_t radio_receive(void)
{
    message_t m;
    if (!oldest(&m))
        return V_NONE;
    bool good = m.len >= STRING_HEAD && memcmp(m.data, string_head, STRING_HEAD) == 0;
    val_t v = good ? str_new((const char *)m.data + STRING_HEAD, m.len - STRING_HEAD) : V_UNDEF;
    microbit_radio_drop();
    if (!good)
        raise_value("received packet is not a string");
    return v;
}

static val_t radio_receive_full(void)
{
    message_t m;
    if (!oldest(&m))
        return V_NONE;
    const val_t all[3] = {bytes_new(m.data, m.len), V_INT(m.rssi), int_from_u(m.us)};
    microbit_radio_drop();
    return tuple_new(3, all);
}

static const dict_entry_t radio_table[] = {
    FUNC_0(on, radio_on),
    FUNC_0(off, radio_off),
    FUNC_K(config, radio_config, 0, 0),
    FUNC_0(reset, radio_reset),
    FUNC_1(send, radio_send),
    FUNC_1(send_bytes, radio_send_bytes),
    FUNC_0(receive, radio_receive),
    FUNC_0(receive_bytes, radio_receive_bytes),
    FUNC_1(receive_bytes_into, radio_receive_bytes_into),
    FUNC_0(receive_full, radio_receive_full),
    {VQ(RATE_1MBIT), V_INT(0)},
    {VQ(RATE_2MBIT), V_INT(1)},
    {VQ(RATE_250KBIT), V_INT(2)},
};
MODULE(radio, radio_table);
