// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 2.4 GHz radio (nRF51 Series Reference Manual v3.0, chapter RADIO). Other boards in the same
// world hear it bit by bit (sim/air.h).
//
// Modelled: all states and tasks; ramp-up 140 us (TX) and 138 us (RX), ramp-down; the four modes; S0,
// LENGTH, S1, static and longest payload, both bit orders, whitening, CRC of 1 to 3 bytes with any
// polynomial, with or without the address; eight logical addresses; all shortcuts; READY, ADDRESS,
// PAYLOAD, END, DISABLED, DEVMATCH, DEVMISS, RSSIEND, BCMATCH; TIFS between END and the next READY; RSSI
// from the strongest carrier, collisions, packets that are cut off, sensitivity.
// A bit leaves 1 us after it was due (transmit chain) and is known to the receiver 3 us after it came
// (receive chain). EasyDMA reads a packet's memory at START and writes it at PAYLOAD.
// Not modelled: the tone of TEST (reported), carrier drift, OVERRIDE (stored), the need for the 16 MHz
// crystal (the RC oscillator works as well).
//
// Properties: loss, between this board and the middle of the room; see sim/air.h.
#include "aes.h"
#include "radio_packet.h"
#include <string.h>

enum { TXEN = 0x000, RXEN = 0x004, START = 0x008, STOP = 0x00C, DISABLE = 0x010, RSSISTART = 0x014,
       RSSISTOP = 0x018, BCSTART = 0x01C, BCSTOP = 0x020 };
enum { READY = 0x100, ADDRESS = 0x104, PAYLOAD = 0x108, END = 0x10C, DISABLED = 0x110,
       DEVMATCH = 0x114, DEVMISS = 0x118, RSSIEND = 0x11C, BCMATCH = 0x128 };
enum { CRCSTATUS = 0x400, RXMATCH = 0x408, RXCRC = 0x40C, DAI = 0x410, PACKETPTR = 0x504,
       FREQUENCY = 0x508, TXPOWER = 0x50C, MODE = 0x510, TXADDRESS = 0x52C, RXADDRESSES = 0x530,
       TEST = 0x540, TIFS = 0x544, RSSISAMPLE = 0x548, STATE = 0x550, BCC = 0x560, DAB = 0x600,
       DAP = 0x620, DACNF = 0x640, OVERRIDE = 0x724 };
enum { IS_DISABLED = 0, IS_RXRU = 1, IS_RXIDLE = 2, IS_RX = 3, IS_RXDISABLE = 4, IS_TXRU = 9,
       IS_TXIDLE = 10, IS_TX = 11, IS_TXDISABLE = 12 };
enum { TX_RAMP_US = 140, RX_RAMP_US = 138, RSSI_FLOOR = 127, COMING_MAX = 16 };
static const uint64_t tx_chain_ps = 1 * PS_PER_US, rx_chain_ps = 3 * PS_PER_US;
static const uint64_t rssi_ps = 8800 * PS_PER_NS;
G_STATIC_ASSERT(AIR_NOTICE_PS == 4 * PS_PER_US); // both chains

// By MODE: Nrf_1Mbit, Nrf_2Mbit, Nrf_250Kbit, Ble_1Mbit (product specification, radio).
static const struct {
    uint64_t bit_ps, tx_off_ps, rx_off_ps;
    int sensitivity_dbm;
} modes[4] = {
    {1 * PS_PER_US, 10 * PS_PER_US, 1 * PS_PER_US, -90},
    {500 * PS_PER_NS, 5 * PS_PER_US, 1 * PS_PER_US, -85},
    {4 * PS_PER_US, 10 * PS_PER_US, 1 * PS_PER_US, -96},
    {1 * PS_PER_US, 10 * PS_PER_US, 1 * PS_PER_US, -93},
};

// What of a packet the next event of `step` is about.
typedef enum { AT_ADDRESS, AT_HEADER, AT_DEVICE, AT_PAYLOAD, AT_END } at_t;

typedef struct {
    nrf_t n;
    air_port_t port;
    event_t ramp, step, rssi, count, notice; // saved
    at_t at;                // saved
    uint64_t since_ps;      // saved: it has been able to hear a packet's beginning since then
    uint64_t free_ps;       // saved: TIFS: the next READY comes no earlier
    uint64_t end_bits;      // saved: bits up to and with the CRC
    uint64_t payload_bits;  // saved: bits up to and with the payload
    uint64_t base_ps;       // saved: the packet's first bit
    uint64_t tag;           // saved: of packets sent
    const air_packet_t *in; // the packet that is being received, or NULL
    const air_packet_t *coming[COMING_MAX]; // that have begun, in order, not yet noticed
    unsigned coming_count;
    uint64_t address_ps;    // saved: time of the last ADDRESS
    bool counting;          // saved: the bit counter is on
} nrf51_radio_t;

static nrf51_radio_t *of(part_t *p) { return (nrf51_radio_t *)p; }

static unsigned mode(const part_t *p) { return R(p, MODE) & 3; }
static uint64_t bit_ps(const part_t *p) { return modes[mode(p)].bit_ps; }

// ---- States -------------------------------------------------------------------------------------

static void set_state(part_t *p, uint32_t state) { R(p, STATE) = state; }

static void ramp_at(part_t *p, uint64_t ps) { machine_at(p->m, &of(p)->ramp, ps); }

// What is on its way is given up: a carrier is cut off, a packet is lost.
static void abandon(part_t *p)
{
    nrf51_radio_t *r = of(p);
    if (R(p, STATE) == IS_TX && event_pending(&r->step))
        air_cut(&r->port, r->tag, machine_now_ps(p->m) + tx_chain_ps);
    machine_cancel(p->m, &r->step);
    machine_cancel(p->m, &r->count);
    r->in = NULL;
}

static void ramp_up(part_t *p, uint32_t state, unsigned us)
{
    nrf51_radio_t *r = of(p);
    if (R(p, STATE) != IS_DISABLED)
        return;
    set_state(p, state);
    ramp_at(p, MAX(machine_now_ps(p->m) + us * PS_PER_US, r->free_ps));
}

static void task_txen(part_t *p, unsigned n) { ramp_up(p, IS_TXRU, TX_RAMP_US); }
static void task_rxen(part_t *p, unsigned n) { ramp_up(p, IS_RXRU, RX_RAMP_US); }

static void ramped(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    uint32_t state = R(p, STATE);
    bool up = state == IS_TXRU || state == IS_RXRU;
    set_state(p, state == IS_TXRU ? IS_TXIDLE : state == IS_RXRU ? IS_RXIDLE : IS_DISABLED);
    nrf_event(p, up ? READY : DISABLED);
}

static void task_disable(part_t *p, unsigned n)
{
    uint32_t state = R(p, STATE);
    bool sends = state >= IS_TXRU;
    if (state == IS_RXDISABLE || state == IS_TXDISABLE)
        return;
    if (state == IS_DISABLED) { // at once
        nrf_event(p, DISABLED);
        return;
    }
    abandon(p);
    machine_cancel(p->m, &of(p)->rssi);
    set_state(p, sends ? IS_TXDISABLE : IS_RXDISABLE);
    ramp_at(p, machine_now_ps(p->m) + (sends ? modes[mode(p)].tx_off_ps : modes[mode(p)].rx_off_ps));
}

static void task_stop(part_t *p, unsigned n)
{
    uint32_t state = R(p, STATE);
    if (state != IS_TX && state != IS_RX)
        return;
    abandon(p);
    set_state(p, state == IS_TX ? IS_TXIDLE : IS_RXIDLE);
}

// ---- Steps through a packet ---------------------------------------------------------------------

// The next step when bit number `bit` is through.
static void step_at(part_t *p, at_t at, uint64_t bit)
{
    nrf51_radio_t *r = of(p);
    uint64_t chain = r->in ? rx_chain_ps : 0;
    r->at = at;
    machine_at(p->m, &r->step, r->base_ps + bit * bit_ps(p) + chain);
}

static void start_count(part_t *p)
{
    nrf51_radio_t *r = of(p);
    uint64_t due = r->address_ps + R(p, BCC) * bit_ps(p), now = machine_now_ps(p->m);
    if (r->counting && due >= now && event_pending(&r->step))
        machine_at(p->m, &r->count, due);
}

static void counted(void *ctx, uint64_t now) { nrf_event(ctx, BCMATCH); }

static void task_bcstart(part_t *p, unsigned n)
{
    of(p)->counting = true;
    start_count(p);
}

static void task_bcstop(part_t *p, unsigned n)
{
    of(p)->counting = false;
    machine_cancel(p->m, &of(p)->count);
}

static void address_seen(part_t *p, uint64_t now)
{
    of(p)->address_ps = now;
    start_count(p);
    nrf_event(p, ADDRESS);
}

static void packet_over(part_t *p, uint64_t now)
{
    nrf51_radio_t *r = of(p);
    bool sent = R(p, STATE) == IS_TX;
    r->free_ps = R(p, TIFS) ? now + R(p, TIFS) * PS_PER_US : 0;
    r->in = NULL;
    machine_cancel(p->m, &r->count);
    set_state(p, sent ? IS_TXIDLE : IS_RXIDLE);
    nrf_event(p, END);
}

// ---- Sending ------------------------------------------------------------------------------------

static void send(part_t *p)
{
    nrf51_radio_t *r = of(p);
    uint64_t now = machine_now_ps(p->m);
    uint8_t memory[PACKET_MAX] = {0};
    air_packet_t out = {.start_ps = now + tx_chain_ps, .cut_ps = PS_NEVER, .bit_ps = bit_ps(p),
                        .mhz = 2400 + (R(p, FREQUENCY) & 0x7F), .modulation = mode(p),
                        .dbm = (int8_t)R(p, TXPOWER), .tag = ++r->tag};
    stream_t s = stream_open(p, &of(p)->port, &out, NULL);
    unsigned bytes = !!s.l.s0 + !!s.l.length + !!s.l.s1, length;
    uint32_t at = R(p, PACKETPTR);
    nrf_dma_read(p, at, memory, bytes);
    stream_address(&s, packet_address(p, &s.l, R(p, TXADDRESS) & 7));
    stream_header(&s, memory, &length);
    unsigned payload = packet_payload(&s.l, length);
    nrf_dma_read(p, at + bytes, memory + bytes, payload);
    for (unsigned i = 0; i < payload; i++)
        stream_field(&s, memory[bytes + i], 8);
    r->payload_bits = s.at;
    stream_crc(&s);
    out.bits = r->end_bits = s.at;
    r->base_ps = now;
    air_send(&r->port, &out);
    step_at(p, AT_ADDRESS, packet_address_bits(&s.l));
}

static void sent(part_t *p, uint64_t now)
{
    nrf51_radio_t *r = of(p);
    switch (r->at) {
    case AT_ADDRESS:
        step_at(p, AT_PAYLOAD, r->payload_bits);
        address_seen(p, now);
        break;
    case AT_PAYLOAD:
        step_at(p, AT_END, r->end_bits);
        nrf_event(p, PAYLOAD);
        break;
    default:
        packet_over(p, now);
    }
}

// ---- Receiving ----------------------------------------------------------------------------------

static bool listening(const part_t *p)
{
    return R(p, STATE) == IS_RX;
}

// A packet has begun somewhere. Its address will tell whether it is for us.
static void hear(part_t *p, const air_packet_t *in)
{
    nrf51_radio_t *r = of(p);
    uint32_t mhz = 2400 + (R(p, FREQUENCY) & 0x7F);
    if (!listening(p) || in->start_ps < r->since_ps || in->mhz != mhz || in->modulation != mode(p))
        return;
    double strength = air_level_dbm(&r->port, in);
    bool stronger = r->in && r->at == AT_ADDRESS &&
                    strength >= air_level_dbm(&r->port, r->in) + PACKET_MARGIN_DB;
    if (strength < modes[mode(p)].sensitivity_dbm || (r->in && !stronger))
        return;
    packet_layout_t l = packet_layout(p);
    r->in = in;
    r->base_ps = in->start_ps;
    step_at(p, AT_ADDRESS, packet_address_bits(&l));
}

// What the receiver makes of it is decided when it notices, not when the air happens to tell.
static void notice_next(nrf51_radio_t *r)
{
    if (r->coming_count)
        machine_at(r->n.p.m, &r->notice, r->coming[0]->start_ps + rx_chain_ps);
}

static void heard(void *ctx, const air_packet_t *in)
{
    nrf51_radio_t *r = ctx;
    if (r->coming_count == COMING_MAX)
        return; // so many at once spoil each other
    r->coming[r->coming_count++] = in;
    notice_next(r);
}

static void noticed(void *ctx, uint64_t now)
{
    nrf51_radio_t *r = ctx;
    const air_packet_t *in = r->coming[0];
    r->coming_count--;
    memmove(r->coming, r->coming + 1, r->coming_count * sizeof r->coming[0]);
    notice_next(r);
    hear(ctx, in);
}

static void match_address(part_t *p, uint64_t now)
{
    nrf51_radio_t *r = of(p);
    stream_t s = stream_open(p, &r->port, NULL, r->in);
    uint64_t address = stream_address(&s, 0);
    for (unsigned i = 0; i < 8; i++) {
        if (!(R(p, RXADDRESSES) >> i & 1) || packet_address(p, &s.l, i) != address)
            continue;
        R(p, RXMATCH) = i;
        step_at(p, AT_HEADER, s.at + packet_header_bits(&s.l));
        address_seen(p, now);
        return;
    }
    r->in = NULL; // somebody else's: goes on listening
}

static void read_header(part_t *p)
{
    nrf51_radio_t *r = of(p);
    uint8_t memory[3] = {0};
    unsigned length;
    stream_t s = stream_open(p, &r->port, NULL, r->in);
    stream_address(&s, 0);
    stream_header(&s, memory, &length);
    unsigned payload = packet_payload(&s.l, length);
    r->payload_bits = s.at + 8 * payload;
    r->end_bits = r->payload_bits + 8 * s.l.crc;
    if (R(p, DACNF) & 0xFF && payload >= 6)
        step_at(p, AT_DEVICE, s.at + 48);
    else
        step_at(p, AT_PAYLOAD, r->payload_bits);
}

// All of the packet, into `memory`; TRUE: its CRC is right.
static bool read_packet(part_t *p, uint8_t memory[PACKET_MAX], unsigned *bytes, bool with_crc)
{
    nrf51_radio_t *r = of(p);
    unsigned length;
    stream_t s = stream_open(p, &r->port, NULL, r->in);
    stream_address(&s, 0);
    *bytes = stream_header(&s, memory, &length);
    while (s.at < r->payload_bits)
        memory[(*bytes)++] = stream_field(&s, 0, 8);
    if (!with_crc)
        return true;
    uint32_t computed = s.crc;
    R(p, RXCRC) = stream_crc(&s);
    return R(p, RXCRC) == computed;
}

// Device address match: the first 48 bits of the payload and the TxAdd bit of S0 against the list.
static void match_device(part_t *p)
{
    uint8_t memory[PACKET_MAX] = {0};
    unsigned bytes;
    read_packet(p, memory, &bytes, false);
    packet_layout_t l = packet_layout(p);
    const uint8_t *a = memory + !!l.s0 + !!l.length + !!l.s1;
    uint32_t low = a[0] | a[1] << 8 | a[2] << 16 | (uint32_t)a[3] << 24, high = a[4] | a[5] << 8;
    bool tx_add = memory[0] >> 6 & 1;
    step_at(p, AT_PAYLOAD, of(p)->payload_bits);
    for (unsigned i = 0; i < 8; i++) {
        uint32_t cnf = R(p, DACNF) >> i;
        if (!(cnf & 1) || (cnf >> 8 & 1) != tx_add || R(p, DAB + 4 * i) != low ||
            (R(p, DAP + 4 * i) & 0xFFFF) != high)
            continue;
        R(p, DAI) = i;
        nrf_event(p, DEVMATCH);
        return;
    }
    nrf_event(p, DEVMISS);
}

static void received(part_t *p, uint64_t now)
{
    nrf51_radio_t *r = of(p);
    uint8_t memory[PACKET_MAX] = {0};
    unsigned bytes;
    switch (r->at) {
    case AT_ADDRESS:
        match_address(p, now);
        break;
    case AT_HEADER:
        read_header(p);
        break;
    case AT_DEVICE:
        match_device(p);
        break;
    case AT_PAYLOAD:
        read_packet(p, memory, &bytes, false);
        nrf_dma_write(p, R(p, PACKETPTR), memory, bytes);
        step_at(p, AT_END, r->end_bits);
        nrf_event(p, PAYLOAD);
        break;
    case AT_END:
        R(p, CRCSTATUS) = read_packet(p, memory, &bytes, true);
        packet_over(p, now);
        break;
    }
}

static void stepped(void *ctx, uint64_t now)
{
    if (R((part_t *)ctx, STATE) == IS_TX)
        sent(ctx, now);
    else
        received(ctx, now);
}

static void task_start(part_t *p, unsigned n)
{
    uint32_t state = R(p, STATE);
    if (state == IS_TXIDLE) {
        set_state(p, IS_TX);
        send(p);
    } else if (state == IS_RXIDLE) {
        set_state(p, IS_RX);
        of(p)->since_ps = machine_now_ps(p->m);
    }
}

// ---- Signal strength ----------------------------------------------------------------------------

static void rssi_done(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    double dbm = air_strongest_dbm(&of(p)->port, 2400 + (R(p, FREQUENCY) & 0x7F), now - rx_chain_ps);
    R(p, RSSISAMPLE) = (uint32_t)CLAMP(-dbm, 0, RSSI_FLOOR);
    nrf_event(p, RSSIEND);
}

static void task_rssistart(part_t *p, unsigned n)
{
    if (R(p, STATE) == IS_RX)
        machine_at(p->m, &of(p)->rssi, machine_now_ps(p->m) + rssi_ps);
}

static void task_rssistop(part_t *p, unsigned n) { machine_cancel(p->m, &of(p)->rssi); }

// ---- The air ------------------------------------------------------------------------------------

// When it may next send, or cut off what it sends.
static uint64_t silent_until(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    switch (R(p, STATE)) {
    case IS_TXRU: return MAX(now, of(p)->ramp.when_ps);
    case IS_TXIDLE:
    case IS_TX: return now;
    default: return now + TX_RAMP_US * PS_PER_US;
    }
}

static void loss_changed(part_t *p, unsigned index) { of(p)->port.loss_db = p->prop[0]; }

// ---- The part -----------------------------------------------------------------------------------

static void test_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, TEST))
        machine_unmodelled(p->m, p->base + TEST, "RADIO.TEST: constant carrier, PLL lock");
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{TXEN, task_txen}, {RXEN, task_rxen}, {START, task_start},
                                  {STOP, task_stop}, {DISABLE, task_disable},
                                  {RSSISTART, task_rssistart}, {RSSISTOP, task_rssistop},
                                  {BCSTART, task_bcstart}, {BCSTOP, task_bcstop}, {0}},
    .shorts = (const nrf_short_t[]){{0, READY, START}, {1, END, DISABLE}, {2, DISABLED, TXEN},
                                    {3, DISABLED, RXEN}, {4, ADDRESS, RSSISTART}, {5, END, START},
                                    {6, ADDRESS, BCSTART}, {8, DISABLED, RSSISTOP}, {0}},
};

static bool radio_init(part_t *p, GError **error)
{
    nrf51_radio_t *r = of(p);
    nrf_init(p, &desc);
    r->port = (air_port_t){.m = p->m, .silent_until = silent_until, .heard = heard, .ctx = r,
                           .loss_db = p->prop[0]};
    event_init(&r->ramp, "radio ramp", ramped, r);
    event_init(&r->step, "radio", stepped, r);
    event_init(&r->rssi, "radio rssi", rssi_done, r);
    event_init(&r->notice, "radio carrier", noticed, r);
    event_init(&r->count, "radio bit counter", counted, r);
    return true;
}

static bool radio_wired(part_t *p, GError **error)
{
    air_join(p->m->air, &of(p)->port);
    return true;
}

static void radio_reset(part_t *p, bool power)
{
    nrf51_radio_t *r = of(p);
    if (event_pending(&r->step)) // the registers are reset already: no state to ask
        air_cut(&r->port, r->tag, machine_now_ps(p->m) + tx_chain_ps);
    machine_cancel(p->m, &r->ramp);
    machine_cancel(p->m, &r->step);
    machine_cancel(p->m, &r->rssi);
    machine_cancel(p->m, &r->count);
    machine_cancel(p->m, &r->notice); // its ramp-up takes longer than they do
    nrf_reset(p);
    r->in = NULL;
    r->coming_count = 0;
    r->counting = false;
    r->free_ps = 0;
}

static const part_reg_t radio_regs[] = {
    NRF_TASK("TXEN", TXEN),
    NRF_TASK("RXEN", RXEN),
    NRF_TASK("START", START),
    NRF_TASK("STOP", STOP),
    NRF_TASK("DISABLE", DISABLE),
    NRF_TASK("RSSISTART", RSSISTART),
    NRF_TASK("RSSISTOP", RSSISTOP),
    NRF_TASK("BCSTART", BCSTART),
    NRF_TASK("BCSTOP", BCSTOP),
    NRF_EVENTS("READY", READY, 8), // to RSSIEND
    NRF_EVENT("BCMATCH", BCMATCH),
    NRF_SHORTS(0x17F),
    NRF_INTEN(0x4FF),
    {"CRCSTATUS", CRCSTATUS, .ro = ~0u},
    {"RXMATCH", RXMATCH, .ro = ~0u},
    {"RXCRC", RXCRC, .ro = ~0u},
    {"DAI", DAI, .ro = ~0u},
    {"PACKETPTR", PACKETPTR},
    {"FREQUENCY", FREQUENCY, .reset = 2, .ro = ~0x7Fu},
    {"TXPOWER", TXPOWER, .ro = ~0xFFu},
    {"MODE", MODE, .ro = ~3u},
    {"PCNF0", PCNF0, .ro = ~0xF010Fu},
    {"PCNF1", PCNF1, .ro = ~0x307FFFFu},
    {"BASE0", BASE0},
    {"BASE1", BASE1},
    {"PREFIX0", PREFIX0},
    {"PREFIX1", PREFIX1},
    {"TXADDRESS", TXADDRESS, .ro = ~7u},
    {"RXADDRESSES", RXADDRESSES, .ro = ~0xFFu},
    {"CRCCNF", CRCCNF, .ro = ~0x103u},
    {"CRCPOLY", CRCPOLY, .ro = ~0xFFFFFFu},
    {"CRCINIT", CRCINIT, .ro = ~0xFFFFFFu},
    {"TEST", TEST, .ro = ~3u, .write = test_write},
    {"TIFS", TIFS, .ro = ~0xFFu},
    {"RSSISAMPLE", RSSISAMPLE, .ro = ~0u},
    {"STATE", STATE, .ro = ~0u},
    {"DATAWHITEIV", DATAWHITEIV, .reset = 0x40, .ro = ~0x3Fu},
    {"BCC", BCC},
    {"DAB", DAB, .count = 8},
    {"DAP", DAP, .count = 8, .ro = ~0xFFFFu},
    {"DACNF", DACNF, .ro = ~0xFFFFu},
    {"OVERRIDE", OVERRIDE, .count = 5},
    NRF_POWER,
    {0},
};

static const part_prop_t radio_props[] = {
    {"loss", "dB", 0, 120, 20, 1, .changed = loss_changed},
    {0},
};

const part_class_t nrf51_radio_class = {
    .name = "nrf51-radio",
    .brief = "nRF51 2.4 GHz radio",
    .size = sizeof(nrf51_radio_t),
    .regs = radio_regs,
    .mmio_size = NRF_SIZE,
    .props = radio_props,
    .init = radio_init,
    .wired = radio_wired,
    .reset = radio_reset,
};
