/* SPDX-License-Identifier: MIT
 * radio.c: RADIO [17]: packets of a length byte and up to 251 more, always listening unless it sends. The queue lies in memory
 * of the module: slots of a packet, its signal strength and its time; the last slot is for sending.
 */
#include <string.h>
#include "microbit.h"
#include "nrf51.h"

static struct {
    uint8_t *slots;
    uint8_t size_of_queue; /* slots that packets come into: one more than may wait */
    uint8_t length;
    volatile uint8_t in, out; /* equal: empty; `in` is being filled */
} queue;

static uint8_t *slot(unsigned i) { return queue.slots + i * RADIO_SLOT(queue.length); }
static unsigned after(unsigned i) { return i + 1u == queue.size_of_queue ? 0 : i + 1u; }

static void listen(void)
{
    RADIO_PACKETPTR = (uint32_t)slot(queue.in);
    RADIO_END = 0;
    RADIO_START = 1;
}

static void disable(void)
{
    RADIO_DISABLED = 0;
    RADIO_DISABLE = 1;
    wait_event(&RADIO_DISABLED, 100000);
    RADIO_DISABLED = 0;
}

static void start_receiver(void)
{
    RADIO_PACKETPTR = (uint32_t)slot(queue.in);
    RADIO_READY = RADIO_END = 0;
    RADIO_SHORTS = RADIO_READY_START | RADIO_ADDRESS_RSSISTART;
    RADIO_INTENSET = RADIO_INT_END;
    RADIO_RXEN = 1;
}

void radio_handler(void)
{
    if (!RADIO_END)
        return;
    RADIO_END = 0;
    uint8_t *p = slot(queue.in);
    unsigned next = after(queue.in);
    if (RADIO_CRCSTATUS == 1 && p[0] <= queue.length && next != queue.out) {
        uint32_t us = hal_ticks_us();
        p[1 + queue.length] = (uint8_t)RADIO_RSSISAMPLE;
        memcpy(p + 2 + queue.length, &us, sizeof us);
        queue.in = (uint8_t)next;
        hal_wake();
    }
    listen();
}

void microbit_radio_on(const microbit_radio_t *c, uint8_t *memory)
{
    static const int8_t dbm[8] = {-30, -20, -16, -12, -8, -4, 0, 4};
    irq_off(ID_RADIO);
    queue.slots = memory;
    queue.length = c->length;
    queue.size_of_queue = (uint8_t)(c->queue + 1);
    queue.in = queue.out = 0;
    RADIO_POWER = 1;
    RADIO_TXPOWER = (uint32_t)dbm[c->power] & 0xff;
    RADIO_FREQUENCY = c->channel;
    RADIO_MODE = c->rate;
    RADIO_BASE0 = c->address;
    RADIO_PREFIX0 = c->group;
    RADIO_TXADDRESS = 0;
    RADIO_RXADDRESSES = 1;
    RADIO_PCNF0 = 8;                                                  /* a length of 8 bits, nothing else in front */
    RADIO_PCNF1 = c->length | 4u << 16 | 1u << 24 | 1u << 25;         /* 4 bytes of base address, big endian, whitening */
    RADIO_CRCCNF = 2;
    RADIO_CRCINIT = 0xffff;
    RADIO_CRCPOLY = 0x11021;
    RADIO_DATAWHITEIV = 18;
    start_receiver();
    irq_enable(ID_RADIO, PRIORITY_CLOCK);
}

void microbit_radio_off(void)
{
    irq_off(ID_RADIO);
    disable();
    RADIO_POWER = 0;
}

void microbit_radio_send(const uint8_t *head, size_t head_len, const uint8_t *data, size_t len)
{
    uint8_t *p = slot(queue.size_of_queue);
    p[0] = (uint8_t)(head_len + len);
    memcpy(p + 1, head, head_len);
    memcpy(p + 1 + head_len, data, len);
    irq_off(ID_RADIO);
    RADIO_SHORTS = 0;
    disable();
    RADIO_PACKETPTR = (uint32_t)p;
    RADIO_SHORTS = RADIO_READY_START | RADIO_END_DISABLE;
    RADIO_END = RADIO_DISABLED = 0;
    RADIO_TXEN = 1;
    wait_event(&RADIO_DISABLED, 200000);
    RADIO_DISABLED = RADIO_END = 0;
    start_receiver();
    irq_enable(ID_RADIO, PRIORITY_CLOCK);
}

const uint8_t *microbit_radio_get(size_t *len, int *rssi, uint32_t *us)
{
    if (queue.in == queue.out)
        return NULL;
    const uint8_t *p = slot(queue.out);
    *len = p[0];
    *rssi = -(int)p[1 + queue.length];
    memcpy(us, p + 2 + queue.length, sizeof *us);
    return p + 1;
}

void microbit_radio_drop(void) { queue.out = (uint8_t)after(queue.out); }
