// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 radio: states and times of one, and two or three that hear each other in one world.
#include "nrf51.h"
#include "world.h"

enum { RADIO = 0x40001000 };
enum { TXEN = RADIO, RXEN = RADIO + 0x04, START = RADIO + 0x08, STOP = RADIO + 0x0C,
       DISABLE = RADIO + 0x10, RSSISTART = RADIO + 0x14, BCSTART = RADIO + 0x1C };
enum { READY = RADIO + 0x100, ADDRESS = RADIO + 0x104, PAYLOAD = RADIO + 0x108, END = RADIO + 0x10C,
       DISABLED = RADIO + 0x110, DEVMATCH = RADIO + 0x114, DEVMISS = RADIO + 0x118,
       RSSIEND = RADIO + 0x11C, BCMATCH = RADIO + 0x128, SHORTS = RADIO + 0x200 };
enum { CRCSTATUS = RADIO + 0x400, RXMATCH = RADIO + 0x408, RXCRC = RADIO + 0x40C,
       PACKETPTR = RADIO + 0x504, FREQUENCY = RADIO + 0x508, TXPOWER = RADIO + 0x50C,
       MODE = RADIO + 0x510, PCNF0 = RADIO + 0x514, PCNF1 = RADIO + 0x518, BASE0 = RADIO + 0x51C,
       BASE1 = RADIO + 0x520, PREFIX0 = RADIO + 0x524, TXADDRESS = RADIO + 0x52C,
       RXADDRESSES = RADIO + 0x530, CRCCNF = RADIO + 0x534, CRCPOLY = RADIO + 0x538,
       CRCINIT = RADIO + 0x53C, TIFS = RADIO + 0x544, RSSISAMPLE = RADIO + 0x548,
       STATE = RADIO + 0x550, DATAWHITEIV = RADIO + 0x554, BCC = RADIO + 0x560, DAB = RADIO + 0x600,
       DAP = RADIO + 0x620, DACNF = RADIO + 0x640 };
enum { BUFFER = NRF_RAM + 0x100, CHAIN_US = 4 };
enum { SHORT_READY_START = 1, SHORT_END_DISABLE = 2, SHORT_DISABLED_RXEN = 8, SHORT_RSSI = 16,
       SHORT_END_START = 32, SHORT_BC = 64 };

typedef struct {
    world_t *w;
    chip_t *c[3];
    unsigned n;
} room_t;

// 1 Mbit/s, 8 bits of LENGTH, base address of 4 bytes, CRC of 2: as drivers of small boards have it.
static void configure(chip_t *c)
{
    wr(c, PACKETPTR, BUFFER);
    wr(c, FREQUENCY, 7);
    wr(c, PCNF0, 8);
    wr(c, PCNF1, 4 << 16 | 64);
    wr(c, BASE0, 0x75626974);
    wr(c, BASE1, 0xC2C2C2C2);
    wr(c, PREFIX0, 0x44332211);
    wr(c, RXADDRESSES, 1);
    wr(c, CRCCNF, 2);
    wr(c, CRCINIT, 0xFFFF);
    wr(c, CRCPOLY, 0x11021);
}

static void open_air(room_t *a, unsigned n)
{
    *a = (room_t){.w = world_new(), .n = n};
    for (unsigned i = 0; i < n; i++) {
        a->c[i] = chip_new("nrf51822");
        world_add(a->w, a->c[i]->m);
        chip_start(a->c[i]);
        configure(a->c[i]);
    }
}

static void close_air(room_t *a)
{
    for (unsigned i = 0; i < a->n; i++) {
        g_assert_cmpstr(a->c[i]->reports->str, ==, "");
        g_string_free(a->c[i]->reports, TRUE);
    }
    world_free(a->w);
    for (unsigned i = 0; i < a->n; i++)
        g_free(a->c[i]);
}

static void go(room_t *a, uint64_t ps)
{
    g_assert_cmpint(world_run(a->w, ps, NULL), ==, MACHINE_TIME);
}

// The event of chip `i` comes at exactly this time.
static void comes(room_t *a, unsigned i, uint32_t address, uint64_t ps)
{
    go(a, ps - 1);
    g_assert_cmpuint(rd(a->c[i], address), ==, 0);
    go(a, ps);
    g_assert_true(event(a->c[i], address));
}

static void listen_from_now(room_t *a, unsigned i, uint32_t shorts)
{
    wr(a->c[i], SHORTS, shorts | SHORT_READY_START);
    task(a->c[i], RXEN);
}

static void send(room_t *a, unsigned i, const void *bytes, uint8_t n, uint32_t shorts)
{
    poke(a->c[i], BUFFER, &n, 1);
    poke(a->c[i], BUFFER + 1, bytes, n);
    wr(a->c[i], SHORTS, shorts | SHORT_READY_START);
    task(a->c[i], TXEN);
}

// ---- One alone ----------------------------------------------------------------------------------

static void test_states(void)
{
    room_t a;
    open_air(&a, 1);
    chip_t *c = a.c[0];
    g_assert_cmpuint(rd(c, STATE), ==, 0);
    task(c, TXEN);
    g_assert_cmpuint(rd(c, STATE), ==, 9);
    task(c, RXEN); // not now
    comes(&a, 0, READY, 140 * US);
    g_assert_cmpuint(rd(c, STATE), ==, 10);
    poke(c, BUFFER, "\3abc", 4);
    task(c, START);
    g_assert_cmpuint(rd(c, STATE), ==, 11);
    comes(&a, 0, ADDRESS, (140 + 8 + 40) * US);
    comes(&a, 0, PAYLOAD, (188 + 32) * US);
    comes(&a, 0, END, (220 + 16) * US);
    g_assert_cmpuint(rd(c, STATE), ==, 10);
    task(c, START); // again, then given up
    go(&a, 300 * US);
    task(c, DISABLE);
    g_assert_cmpuint(rd(c, STATE), ==, 12);
    comes(&a, 0, DISABLED, 310 * US);
    g_assert_cmpuint(rd(c, STATE), ==, 0);
    go(&a, 1000 * US);
    g_assert_false(event(c, END));
    task(c, RXEN);
    g_assert_cmpuint(rd(c, STATE), ==, 1);
    comes(&a, 0, READY, 1138 * US);
    g_assert_cmpuint(rd(c, STATE), ==, 2);
    task(c, START);
    g_assert_cmpuint(rd(c, STATE), ==, 3);
    task(c, STOP);
    g_assert_cmpuint(rd(c, STATE), ==, 2);
    task(c, DISABLE);
    g_assert_cmpuint(rd(c, STATE), ==, 4);
    comes(&a, 0, DISABLED, 1139 * US);
    task(c, DISABLE); // is already
    g_assert_true(event(c, DISABLED));
    close_air(&a);
}

static void test_rates(void)
{
    static const unsigned bit_ns[] = {1000, 500, 4000, 1000};
    for (unsigned mode = 0; mode < 4; mode++) {
        room_t a;
        open_air(&a, 1);
        wr(a.c[0], MODE, mode);
        send(&a, 0, "abcdefgh", 8, SHORT_END_DISABLE);
        uint64_t bit = bit_ns[mode] * PS_PER_NS, at = 140 * US + 48 * bit;
        comes(&a, 0, ADDRESS, at);
        comes(&a, 0, PAYLOAD, at += 72 * bit);
        comes(&a, 0, END, at += 16 * bit);
        comes(&a, 0, DISABLED, at + (mode == 1 ? 5 : 10) * US);
        close_air(&a);
    }
}

static void test_interframe_space(void)
{
    room_t a;
    open_air(&a, 1);
    wr(a.c[0], TIFS, 200);
    send(&a, 0, "x", 1, SHORT_END_DISABLE | SHORT_DISABLED_RXEN);
    go(&a, 140 * US);
    event(a.c[0], READY);
    comes(&a, 0, END, (140 + 48 + 16 + 16) * US);
    comes(&a, 0, READY, (220 + 200) * US);
    close_air(&a);
}

// ---- Two and more -------------------------------------------------------------------------------

static void test_packet(void)
{
    static const uint8_t text[] = "hello, world";
    room_t a;
    open_air(&a, 2);
    chip_t *rx = a.c[1];
    wr(rx, RADIO + 0x304, 1 << 3); // END
    listen_from_now(&a, 1, SHORT_RSSI);
    go(&a, 200 * US);
    event(rx, READY);
    send(&a, 0, text, 12, SHORT_END_DISABLE);
    uint64_t at = (200 + 140 + 48 + CHAIN_US) * US;
    comes(&a, 1, ADDRESS, at);
    comes(&a, 1, RSSIEND, at + 8800 * PS_PER_NS);
    g_assert_cmpuint(rd(rx, RSSISAMPLE), ==, 40); // 0 dBm, 20 dB lost at both ends
    comes(&a, 1, PAYLOAD, at + 104 * US);
    g_assert_false(level(rx, "irq.1"));
    comes(&a, 1, END, at + 120 * US);
    g_assert_cmpuint(rd(rx, CRCSTATUS), ==, 1);
    g_assert_cmpuint(rd(rx, RXMATCH), ==, 0);
    g_assert_cmpuint(rd(rx, STATE), ==, 2);
    uint8_t got[13];
    peek(rx, BUFFER, got, 13);
    g_assert_cmpuint(got[0], ==, 12);
    g_assert_cmpmem(got + 1, 12, text, 12);
    close_air(&a);
}

// What both sides must agree on, one after the other: nothing comes, or with a wrong CRC.
static void test_disagreements(void)
{
    static const struct {
        uint32_t address, value;
        bool seen; // the address at least
    } rows[] = {{FREQUENCY, 8, false},       {MODE, 3, false},          {BASE0, 0x75626975, false},
                {PREFIX0, 0x12, false},      {RXADDRESSES, 0xFE, false}, {CRCINIT, 0xFFFE, true},
                {CRCPOLY, 0x1021 ^ 2, true}, {CRCCNF, 0x102, true},     {PCNF1, 0x02040040, true},
                {PCNF1, 0x00040003, true},   {PCNF1, 0x00040140, true}, {PCNF0, 0x108, true}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        room_t a;
        open_air(&a, 2);
        wr(a.c[1], rows[i].address, rows[i].value);
        listen_from_now(&a, 1, 0);
        go(&a, 200 * US);
        send(&a, 0, "hello", 5, SHORT_END_DISABLE);
        go(&a, 20 * PS_PER_MS);
        g_assert_cmpint(event(a.c[1], ADDRESS), ==, rows[i].seen);
        g_assert_cmpint(event(a.c[1], END), ==, rows[i].seen);
        g_assert_cmpuint(rd(a.c[1], CRCSTATUS), ==, 0);
        close_air(&a);
    }
}

// And what they may agree on.
static void test_agreements(void)
{
    static const struct {
        uint32_t pcnf0, pcnf1, crccnf;
    } rows[] = {{8, 0x00040040, 2},     {8, 0x01040040, 2},     {8, 0x02040040, 1},
                {8, 0x03040040, 0x103}, {0x00108, 0x00030040, 3}, {0x30106, 0x02020040, 3},
                {0x80108, 0x01040040, 0}, {8, 0x00040310, 2},     {0, 0x00040740, 0x102}};
    static const uint8_t memory[16] = {5, 7, 3, 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm'};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        room_t a;
        open_air(&a, 2);
        for (unsigned k = 0; k < 2; k++) {
            wr(a.c[k], PCNF0, rows[i].pcnf0);
            wr(a.c[k], PCNF1, rows[i].pcnf1);
            wr(a.c[k], CRCCNF, rows[i].crccnf);
            wr(a.c[k], DATAWHITEIV, 24);
        }
        poke(a.c[0], BUFFER, memory, sizeof memory);
        listen_from_now(&a, 1, 0);
        go(&a, 200 * US);
        wr(a.c[0], SHORTS, SHORT_READY_START);
        task(a.c[0], TXEN);
        go(&a, 2 * PS_PER_MS);
        g_assert_true(event(a.c[1], END));
        g_assert_cmpuint(rd(a.c[1], CRCSTATUS), ==, 1);
        unsigned fields = !!(rows[i].pcnf0 & 0xFF) + !!(rows[i].pcnf0 & 0x100) +
                          !!(rows[i].pcnf0 & 0xF0000);
        unsigned length = !(rows[i].pcnf0 & 0xFF) ? 0 : memory[!!(rows[i].pcnf0 & 0x100)];
        unsigned n = fields + length + (rows[i].pcnf1 >> 8 & 0xFF);
        uint8_t got[16] = {0};
        peek(a.c[1], BUFFER, got, sizeof got);
        g_assert_cmpmem(got, n, memory, n);
        g_assert_cmpuint(got[n], ==, 0);
        close_air(&a);
    }
}

// Known values: CRC-16/CCITT-FALSE and CRC-24/BLE of "123456789", whitening of channel 37.
static void received_crc(uint32_t pcnf1, uint32_t crccnf, uint32_t init, uint32_t poly, uint32_t crc)
{
    room_t a;
    open_air(&a, 2);
    for (unsigned k = 0; k < 2; k++) {
        wr(a.c[k], PCNF0, 0);
        wr(a.c[k], PCNF1, pcnf1);
        wr(a.c[k], CRCCNF, crccnf);
        wr(a.c[k], CRCINIT, init);
        wr(a.c[k], CRCPOLY, poly);
    }
    poke(a.c[0], BUFFER, "123456789", 9);
    listen_from_now(&a, 1, 0);
    go(&a, 200 * US);
    wr(a.c[0], SHORTS, SHORT_READY_START);
    task(a.c[0], TXEN);
    go(&a, 2 * PS_PER_MS);
    g_assert_cmpuint(rd(a.c[1], CRCSTATUS), ==, 1);
    g_assert_cmphex(rd(a.c[1], RXCRC), ==, crc);
    close_air(&a);
}

static void test_crc(void)
{
    received_crc(0x01040909, 0x102, 0xFFFF, 0x11021, 0x29B1);
    received_crc(0x00040909, 0x103, 0x555555, 0x00065B, 0x6A5A43); // C25A56 with its bits reversed
}

static void test_whitening(void)
{
    static const uint8_t channel37[8] = {0x8D, 0xD2, 0x57, 0xA1, 0x3D, 0xA7, 0x66, 0xB0};
    room_t a;
    open_air(&a, 2);
    for (unsigned k = 0; k < 2; k++) {
        wr(a.c[k], PCNF0, 0);
        wr(a.c[k], PCNF1, 0x00040808 | (k ? 0 : 1 << 25)); // the receiver shows what was on the air
        wr(a.c[k], CRCCNF, 0);
    }
    wr(a.c[0], DATAWHITEIV, 37);
    listen_from_now(&a, 1, 0);
    go(&a, 200 * US);
    wr(a.c[0], SHORTS, SHORT_READY_START);
    task(a.c[0], TXEN);
    go(&a, 2 * PS_PER_MS);
    uint8_t got[8];
    peek(a.c[1], BUFFER, got, 8);
    g_assert_cmpmem(got, 8, channel37, 8);
    close_air(&a);
}

static void test_logical_addresses(void)
{
    room_t a;
    open_air(&a, 2);
    wr(a.c[0], TXADDRESS, 3);
    wr(a.c[1], RXADDRESSES, 0x0E);
    listen_from_now(&a, 1, 0);
    go(&a, 200 * US);
    send(&a, 0, "x", 1, 0);
    go(&a, PS_PER_MS);
    g_assert_true(event(a.c[1], END));
    g_assert_cmpuint(rd(a.c[1], RXMATCH), ==, 3);
    close_air(&a);
}

// Who begins to listen in the middle of a packet hears the next one only.
static void test_late(void)
{
    room_t a;
    open_air(&a, 2);
    send(&a, 0, "first", 5, SHORT_END_START);
    go(&a, 10 * US);
    listen_from_now(&a, 1, 0); // hears from 148 us on, the packet began at 141
    uint64_t length = (48 + 48 + 16) * US;
    go(&a, 140 * US + length + 47 * US);
    g_assert_false(event(a.c[1], ADDRESS));
    comes(&a, 1, ADDRESS, 140 * US + length + (48 + CHAIN_US) * US);
    close_air(&a);
}

// Two at once spoil each other; the much stronger one gets through.
static void test_collision(void)
{
    for (unsigned weak = 0; weak < 2; weak++) {
        room_t a;
        open_air(&a, 3);
        if (weak)
            wr(a.c[1], TXPOWER, 0xD8); // -40 dBm
        listen_from_now(&a, 2, 0);
        go(&a, 200 * US);
        send(&a, 0, "a long packet of thirty letters", 31, SHORT_END_DISABLE);
        go(&a, 250 * US);
        send(&a, 1, "another one that comes in between", 33, SHORT_END_DISABLE);
        go(&a, PS_PER_MS);
        g_assert_true(event(a.c[2], END));
        g_assert_cmpuint(rd(a.c[2], CRCSTATUS), ==, weak);
        close_air(&a);
    }
}

static void test_cut_off(void)
{
    room_t a;
    open_air(&a, 2);
    listen_from_now(&a, 1, 0);
    go(&a, 200 * US);
    send(&a, 0, "a long packet of thirty letters", 31, 0);
    go(&a, (340 + 48 + 40) * US);
    task(a.c[0], DISABLE);
    go(&a, 10 * PS_PER_MS);
    g_assert_true(event(a.c[1], END));
    g_assert_cmpuint(rd(a.c[1], CRCSTATUS), ==, 0);
    char got[4];
    peek(a.c[1], BUFFER + 1, got, 4); // what came before
    g_assert_cmpmem(got, 4, "a lo", 4);
    close_air(&a);
}

static void test_distance(void)
{
    static const struct {
        double loss;
        bool heard;
    } rows[] = {{0, true}, {70, true}, {71, false}}; // -90 dBm at 1 Mbit/s
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        room_t a;
        open_air(&a, 2);
        part_prop_set(machine_part(a.c[1]->m, "radio"), 0, rows[i].loss, NULL);
        listen_from_now(&a, 1, SHORT_RSSI);
        go(&a, 200 * US);
        send(&a, 0, "x", 1, 0);
        go(&a, PS_PER_MS);
        g_assert_cmpint(event(a.c[1], END), ==, rows[i].heard);
        if (rows[i].heard)
            g_assert_cmpuint(rd(a.c[1], RSSISAMPLE), ==, 20 + rows[i].loss);
        close_air(&a);
    }
}

static void test_bit_counter(void)
{
    room_t a;
    open_air(&a, 2);
    wr(a.c[1], BCC, 24);
    listen_from_now(&a, 1, SHORT_BC);
    go(&a, 200 * US);
    send(&a, 0, "abcdef", 6, 0);
    comes(&a, 1, ADDRESS, (340 + 48 + CHAIN_US) * US);
    comes(&a, 1, BCMATCH, (340 + 48 + 24 + CHAIN_US) * US);
    close_air(&a);
}

static void test_device_address(void)
{
    for (unsigned match = 0; match < 2; match++) {
        room_t a;
        open_air(&a, 2);
        for (unsigned k = 0; k < 2; k++)
            wr(a.c[k], PCNF0, 0x108); // S0, LENGTH
        poke(a.c[0], BUFFER, "\x40\x08" "123456xy", 10);
        wr(a.c[1], DAB + 8, 0x34333231);
        wr(a.c[1], DAP + 8, 0x3635);
        wr(a.c[1], DACNF, 4 | (match ? 4 << 8 : 0));
        listen_from_now(&a, 1, 0);
        go(&a, 200 * US);
        wr(a.c[0], SHORTS, SHORT_READY_START);
        task(a.c[0], TXEN);
        comes(&a, 1, match ? DEVMATCH : DEVMISS, (340 + 48 + 16 + 48 + CHAIN_US) * US);
        go(&a, PS_PER_MS);
        g_assert_false(event(a.c[1], match ? DEVMISS : DEVMATCH));
        g_assert_true(event(a.c[1], END));
        close_air(&a);
    }
}

// A pointer to nowhere is reported, not followed.
static void test_bad_pointer(void)
{
    room_t a;
    open_air(&a, 2);
    wr(a.c[0], PACKETPTR, 0x30000000);
    wr(a.c[1], PACKETPTR, 0x00000100); // flash
    listen_from_now(&a, 1, 0);
    go(&a, 200 * US);
    wr(a.c[0], SHORTS, SHORT_READY_START);
    task(a.c[0], TXEN);
    go(&a, PS_PER_MS);
    for (unsigned k = 0; k < 2; k++) {
        g_assert_true(reported(a.c[k], "radio: there is no memory"));
        g_string_truncate(a.c[k]->reports, 0);
    }
    close_air(&a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/radio/states", test_states);
    g_test_add_func("/nrf51/radio/rates", test_rates);
    g_test_add_func("/nrf51/radio/interframe-space", test_interframe_space);
    g_test_add_func("/nrf51/radio/packet", test_packet);
    g_test_add_func("/nrf51/radio/disagreements", test_disagreements);
    g_test_add_func("/nrf51/radio/agreements", test_agreements);
    g_test_add_func("/nrf51/radio/crc", test_crc);
    g_test_add_func("/nrf51/radio/whitening", test_whitening);
    g_test_add_func("/nrf51/radio/logical-addresses", test_logical_addresses);
    g_test_add_func("/nrf51/radio/late", test_late);
    g_test_add_func("/nrf51/radio/collision", test_collision);
    g_test_add_func("/nrf51/radio/cut-off", test_cut_off);
    g_test_add_func("/nrf51/radio/distance", test_distance);
    g_test_add_func("/nrf51/radio/bit-counter", test_bit_counter);
    g_test_add_func("/nrf51/radio/device-address", test_device_address);
    g_test_add_func("/nrf51/radio/bad-pointer", test_bad_pointer);
    return g_test_run();
}
