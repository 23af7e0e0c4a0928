// SPDX-License-Identifier: GPL-2.0-or-later
// Tests of UART models: the other end of the lines of a chip.
#pragma once
#include "chip.h"
#include "xfer.h"

typedef struct {
    chip_t *c;
    uart_rx_t rx; // of what the chip sends: change its format at will
    uart_tx_t tx;
    pin_t *in, *out, *other;
    GString *got;
    unsigned errors;
    uint64_t last_ps; // when the last frame came
} line_rig_t;

static inline void on_frame(void *ctx, uint16_t data, unsigned errors, uint64_t now)
{
    line_rig_t *l = ctx;
    g_string_append_c(l->got, data);
    l->errors |= errors;
    l->last_ps = now;
}

// `tx` and `rx`: the pins on which the chip sends and receives; `other`: one more, that the rig may
// drive.
static inline line_rig_t *line_rig(const char *soc, const char *tx, const char *rx,
                                   const char *other, uint64_t bit_ps)
{
    static const part_class_t outside = {.name = "outside", .size = sizeof(part_t)};
    line_rig_t *l = g_new0(line_rig_t, 1);
    l->c = chip_new(soc);
    l->got = g_string_new(NULL);
    part_t *p = machine_add_part(l->c->m, &outside, "outside", NULL);
    l->in = part_add_pin(p, "IN", NULL, NULL);
    l->out = part_add_pin(p, "OUT", NULL, NULL);
    l->other = part_add_pin(p, "OTHER", NULL, NULL);
    pin_connect(l->in, chip_pin(l->c, tx));
    pin_connect(l->out, chip_pin(l->c, rx));
    pin_connect(l->other, chip_pin(l->c, other));
    pin_set(l->out, true);
    chip_start(l->c);
    l->rx = (uart_rx_t){.format = {.bits = 8, .parity = 'n', .half_stops = 2, .bit_ps = bit_ps},
                        .frame = on_frame, .ctx = l};
    uart_rx_attach(&l->rx, l->in);
    uart_tx_attach(&l->tx, l->out);
    return l;
}

static inline void rig_free(line_rig_t *l)
{
    g_assert_cmpstr(l->c->reports->str, ==, "");
    uart_rx_attach(&l->rx, NULL);
    uart_tx_attach(&l->tx, NULL);
    chip_free(l->c);
    g_string_free(l->got, TRUE);
    g_free(l);
}

// A frame to the chip, and the time that it takes.
static inline void send(line_rig_t *l, uint8_t byte, uint64_t bit, char parity)
{
    uart_frame_t f = {.data = byte, .bits = 8, .parity = parity, .half_stops = 2, .bit_ps = bit};
    uart_tx_send(&l->tx, &f, machine_now_ps(l->c->m));
    run_for(l->c, uart_frame_ps(&f));
}
