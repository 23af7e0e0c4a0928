// SPDX-License-Identifier: GPL-2.0-or-later
// I2C: the same target behind a hardware controller's calls and behind toggled pins, byte for byte;
// repeated starts, several targets, a bus without pull-ups, and the edges that are drawn.
#include "../stand.h"
#include "xfer.h"
#include <string.h>

#define BIT (10 * PS_PER_US) // 100 kHz

typedef struct {
    i2c_target_t t;
    uint8_t own;
    unsigned refuse_after; // bytes that it acknowledges
    uint8_t next;          // what it sends
    GString *log;
} device_t;

static bool on_start(void *ctx, uint8_t address7, bool read)
{
    device_t *d = ctx;
    if (address7 == d->own)
        g_string_append_printf(d->log, "[%c", read ? 'r' : 'w');
    return address7 == d->own;
}

static bool on_write(void *ctx, uint8_t byte)
{
    device_t *d = ctx;
    g_string_append_printf(d->log, " %02x", byte);
    return d->refuse_after-- > 0;
}

static uint8_t on_read(void *ctx)
{
    device_t *d = ctx;
    d->next = (uint8_t)(d->next * 5 + 3);
    g_string_append_printf(d->log, " =%02x", d->next);
    return d->next;
}

static void on_stop(void *ctx) { g_string_append(((device_t *)ctx)->log, "] "); }

typedef struct {
    stand_t *r;
    pin_t *scl, *sda; // the controller's
    device_t d[2];
    bool by_pins;
} bus_rig_t;

static void rig_init(bus_rig_t *b, bool by_pins, bool pull_ups)
{
    *b = (bus_rig_t){.r = stand_new(), .by_pins = by_pins};
    b->scl = stand_pin(b->r, "probe:scl");
    b->sda = stand_pin(b->r, "probe:sda");
    if (pull_ups) {
        stand_part(b->r, "resistor", "r1", "value=4700");
        stand_part(b->r, "resistor", "r2", "value=4700");
        stand_wire(b->r, "probe:scl", "r1:1");
        stand_wire(b->r, "probe:sda", "r2:1");
        stand_wire(b->r, "probe:3v3", "r1:2");
        stand_wire(b->r, "probe:3v3", "r2:2");
        pin_set(stand_pin(b->r, "probe:3v3"), true);
    }
    for (unsigned i = 0; i < 2; i++) {
        device_t *d = &b->d[i];
        *d = (device_t){.own = 0x20 + i, .refuse_after = 100, .log = g_string_new("")};
        d->t = (i2c_target_t){
            .start = on_start, .write = on_write, .read = on_read, .stop = on_stop, .ctx = d};
        g_autofree char *scl = g_strdup_printf("probe:scl%u", i),
                        *sda = g_strdup_printf("probe:sda%u", i);
        stand_wire(b->r, "probe:scl", scl);
        stand_wire(b->r, "probe:sda", sda);
        i2c_target_attach(&d->t, stand_pin(b->r, scl), stand_pin(b->r, sda));
    }
    stand_start(b->r);
}

static void rig_clear(bus_rig_t *b)
{
    for (unsigned i = 0; i < 2; i++)
        g_string_free(b->d[i].log, TRUE);
    stand_free(b->r);
}

// ---- A controller made of pins ------------------------------------------------------------------

static void line(bus_rig_t *b, pin_t *pin, bool high)
{
    if (high)
        pin_release(pin);
    else
        pin_set(pin, false);
    stand_run(b->r, BIT / 4);
}

static bool clock_bit(bus_rig_t *b, bool out)
{
    line(b, b->sda, out);
    line(b, b->scl, true);
    bool in = pin_level(b->sda);
    line(b, b->scl, false);
    return in;
}

static bool bang_write(bus_rig_t *b, uint8_t byte)
{
    for (int i = 7; i >= 0; i--)
        clock_bit(b, byte >> i & 1);
    return !clock_bit(b, true);
}

// ---- Either way ---------------------------------------------------------------------------------

static bool start(bus_rig_t *b, uint8_t address, bool read)
{
    if (!b->by_pins) {
        stand_run(b->r, 10 * BIT);
        return i2c_start(b->scl, b->sda, address, read, BIT) == I2C_ACK;
    }
    line(b, b->sda, true);
    line(b, b->scl, true);
    line(b, b->sda, false);
    line(b, b->scl, false);
    return bang_write(b, address << 1 | read);
}

static bool write_byte(bus_rig_t *b, uint8_t byte)
{
    if (b->by_pins)
        return bang_write(b, byte);
    stand_run(b->r, 9 * BIT);
    return i2c_write(b->scl, b->sda, byte, BIT) == I2C_ACK;
}

static uint8_t read_byte(bus_rig_t *b, bool ack)
{
    uint8_t byte = 0;
    if (!b->by_pins) {
        stand_run(b->r, 9 * BIT);
        return i2c_read(b->scl, b->sda, ack, BIT);
    }
    for (int i = 0; i < 8; i++)
        byte = byte << 1 | clock_bit(b, true);
    clock_bit(b, !ack);
    return byte;
}

static void stop(bus_rig_t *b)
{
    if (!b->by_pins) {
        stand_run(b->r, BIT);
        i2c_stop(b->scl, b->sda, BIT);
        return;
    }
    line(b, b->sda, false);
    line(b, b->scl, true);
    line(b, b->sda, true);
}

static void both_ways(gconstpointer by_pins)
{
    bus_rig_t b;
    rig_init(&b, by_pins != NULL, true);
    g_assert_true(i2c_bus_ready(b.scl, b.sda));
    g_assert_true(start(&b, 0x20, false));
    g_assert_true(write_byte(&b, 0xA5));
    g_assert_true(write_byte(&b, 0x00));
    g_assert_true(start(&b, 0x20, true)); // repeated
    g_assert_cmphex(read_byte(&b, true), ==, 0x03);
    g_assert_cmphex(read_byte(&b, true), ==, 0x12);
    g_assert_cmphex(read_byte(&b, false), ==, 0x5D);
    stop(&b);
    g_assert_cmpstr(b.d[0].log->str, ==, "[w a5 00[r =03 =12 =5d] ");
    g_assert_cmpstr(b.d[1].log->str, ==, "");
    g_assert_true(i2c_bus_ready(b.scl, b.sda));

    g_assert_false(start(&b, 0x33, false)); // nobody
    g_assert_false(write_byte(&b, 0x12));
    stop(&b);
    g_string_truncate(b.d[0].log, 0);

    // The first of them is left when the second is addressed.
    g_assert_true(start(&b, 0x20, false));
    b.d[0].refuse_after = 1;
    g_assert_true(write_byte(&b, 1));
    g_assert_false(write_byte(&b, 2));
    g_assert_true(start(&b, 0x21, true));
    g_assert_cmphex(read_byte(&b, false), ==, 0x03);
    stop(&b);
    g_assert_cmpstr(b.d[0].log->str, ==, "[w 01 02] ");
    g_assert_cmpstr(b.d[1].log->str, ==, "[r =03] ");
    g_assert_cmpuint(b.r->reports->len, ==, 0);
    rig_clear(&b);
}

static void no_pull_ups(void)
{
    bus_rig_t b;
    rig_init(&b, false, false);
    g_assert_false(i2c_bus_ready(b.scl, b.sda));
    g_assert_cmpint(i2c_start(b.scl, b.sda, 0x20, false, BIT), ==, I2C_STUCK);
    pin_drive(b.scl, DRIVE_PULL, NET_VDD_MV); // the chip's own pull-ups will do
    pin_drive(b.sda, DRIVE_PULL, NET_VDD_MV);
    g_assert_cmpint(i2c_start(b.scl, b.sda, 0x20, false, BIT), ==, I2C_ACK);
    g_assert_cmpstr(b.d[0].log->str, ==, "[w");
    rig_clear(&b);
}

// ---- Edges --------------------------------------------------------------------------------------

// Understands a bus by its edges alone, from what watchers are told.
typedef struct {
    net_t *scl, *sda;
    bool c, d;
    uint64_t last_ps;
    unsigned bits, byte;
    GString *seen;
} probe_t;

static void watch(void *ctx, net_t *net, bool level, uint64_t ps)
{
    probe_t *p = ctx;
    g_assert_cmpuint(ps, >=, p->last_ps);
    p->last_ps = ps;
    if (net == p->sda) {
        if (p->c && p->d != level) {
            g_string_append(p->seen, level ? "P" : "S");
            p->bits = p->byte = 0;
        }
        p->d = level;
        return;
    }
    if (level && !p->c) {
        if (p->bits < 8)
            p->byte = p->byte << 1 | p->d;
        else
            g_string_append_printf(p->seen, " %02x%c", p->byte & 0xFF, p->d ? '-' : '+');
        p->bits = p->bits == 8 ? 0 : p->bits + 1;
    }
    p->c = level;
}

static void drawn_edges(gconstpointer by_pins)
{
    bus_rig_t b;
    rig_init(&b, by_pins != NULL, true);
    probe_t p = {
        .scl = b.scl->net, .sda = b.sda->net, .c = true, .d = true, .seen = g_string_new("")};
    net_watch(b.scl->net, watch, &p);
    net_watch(b.sda->net, watch, &p);
    start(&b, 0x20, false);
    write_byte(&b, 0xA5);
    start(&b, 0x20, true);
    read_byte(&b, true);
    read_byte(&b, false);
    stop(&b);
    g_assert_cmpstr(p.seen->str, ==, "S 40+ a5+S 41+ 03+ 12-P");
    g_string_free(p.seen, TRUE);
    rig_clear(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/xfer-i2c/hardware", NULL, both_ways);
    g_test_add_data_func("/xfer-i2c/pins", "", both_ways);
    g_test_add_func("/xfer-i2c/no-pull-ups", no_pull_ups);
    g_test_add_data_func("/xfer-i2c/drawn-by-hardware", NULL, drawn_edges);
    g_test_add_data_func("/xfer-i2c/drawn-by-pins", "", drawn_edges);
    return g_test_run();
}
