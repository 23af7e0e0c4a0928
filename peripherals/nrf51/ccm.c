// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 CCM (encryption and authentication of Bluetooth low energy packets) and AAR (resolution of
// private addresses), which share an address, an interrupt and registers (nRF51 Series Reference
// Manual v3.0, chapters CCM and AAR; Bluetooth Core Specification 4.0, vol. 6 part E and vol. 3 part H
// 2.2.2). ENABLE says which it is.
//
// Modelled: both directions of CCM with a MIC of 4 bytes, packets of up to 27 bytes of text, ERROR for
// wrong lengths and for a start while busy, MICSTATUS; AAR with up to 16 keys. A key stream takes
// 50 us at most; a packet is modelled as done 8.5 us for each block after CRYPT, whatever the radio
// does meanwhile; a key of AAR takes 6 us. Memory is read and written at the end.
#include "aes.h"
#include <string.h>

enum { KSGEN = 0x000, CRYPT = 0x004, STOP = 0x008 }; // AAR: START at 0x000
enum { ENDKSGEN = 0x100, ENDCRYPT = 0x104, ERROR = 0x108 };
enum { AAR_END = 0x100, RESOLVED = 0x104, NOTRESOLVED = 0x108 };
enum { MICSTATUS = 0x400, ENABLE = 0x500, MODE = 0x504, CNFPTR = 0x508, INPTR = 0x50C,
       OUTPTR = 0x510, SCRATCHPTR = 0x514 }; // AAR: STATUS, NIRK, IRKPTR, ADDRPTR
enum { IS_CCM = 2, IS_AAR = 3 };
enum { HEADER = 3, TEXT_MAX = 27, MIC = 4 }; // S0, LENGTH, S1
static const uint64_t keystream_ps = 50 * PS_PER_US, block_ps = 8500 * PS_PER_NS,
                      irk_ps = 6 * PS_PER_US;

typedef struct {
    nrf_t n;
    event_t keystream, crypt, resolve; // saved
} nrf51_ccm_t;

// ---- CCM ----------------------------------------------------------------------------------------

typedef struct { // in memory at CNFPTR
    uint8_t key[16], counter[8], direction, iv[8];
} config_t;

// Block 0 of RFC 3610 with L = 2, M = 4, or counter block i.
static void make_block(const config_t *c, uint8_t flags, uint16_t number, uint8_t b[16])
{
    b[0] = flags;
    memcpy(b + 1, c->counter, 5);
    b[5] = (b[5] & 0x7F) | (uint8_t)(c->direction << 7);
    memcpy(b + 6, c->iv, 8);
    b[14] = number >> 8;
    b[15] = number & 0xFF;
}

static void make_mic(const config_t *c, uint8_t header, const uint8_t *text, unsigned n,
                     uint8_t mic[MIC])
{
    uint8_t x[16];
    make_block(c, 0x49, n, x);
    aes128(c->key, x, x);
    x[1] ^= 1; // one byte of additional data: the header without NESN, SN and MD
    x[2] ^= header & 0xE3;
    aes128(c->key, x, x);
    for (unsigned i = 0; i < n; i += 16) {
        for (unsigned k = 0; k < 16 && i + k < n; k++)
            x[k] ^= text[i + k];
        aes128(c->key, x, x);
    }
    uint8_t s[16];
    make_block(c, 0x01, 0, s);
    aes128(c->key, s, s);
    for (unsigned k = 0; k < MIC; k++)
        mic[k] = x[k] ^ s[k];
}

static void apply_stream(const config_t *c, uint8_t *text, unsigned n)
{
    for (unsigned i = 0; i < n; i += 16) {
        uint8_t s[16];
        make_block(c, 0x01, i / 16 + 1, s);
        aes128(c->key, s, s);
        for (unsigned k = 0; k < 16 && i + k < n; k++)
            text[i + k] ^= s[k];
    }
}

// FALSE: a length that cannot be.
static bool crypt_packet(part_t *p)
{
    config_t c;
    uint8_t packet[HEADER + TEXT_MAX + MIC], mic[MIC];
    bool decrypt = R(p, MODE) & 1;
    if (!nrf_dma_read(p, R(p, CNFPTR), &c, sizeof c) || !nrf_dma_read(p, R(p, INPTR), packet, HEADER))
        return false;
    unsigned length = packet[1];
    unsigned text = decrypt && length ? length - MIN(length, MIC) : length;
    if (text > TEXT_MAX || (decrypt && length && length <= MIC) ||
        !nrf_dma_read(p, R(p, INPTR) + HEADER, packet + HEADER, length))
        return false;
    c.direction &= 1;
    if (decrypt && length) {
        apply_stream(&c, packet + HEADER, text);
        make_mic(&c, packet[0], packet + HEADER, text, mic);
        R(p, MICSTATUS) = !memcmp(mic, packet + HEADER + text, MIC);
        packet[1] = text;
    } else if (length) { // an empty packet goes through as it is
        make_mic(&c, packet[0], packet + HEADER, text, mic);
        apply_stream(&c, packet + HEADER, text);
        memcpy(packet + HEADER + text, mic, MIC);
        packet[1] = text + MIC;
    } else {
        R(p, MICSTATUS) = 1;
    }
    return nrf_dma_write(p, R(p, OUTPTR), packet, HEADER + packet[1]);
}

static void keystream_done(void *ctx, uint64_t now) { nrf_event(ctx, ENDKSGEN); }

static void crypt_done(void *ctx, uint64_t now)
{
    nrf_event(ctx, crypt_packet(ctx) ? ENDCRYPT : ERROR);
}

static void start_crypt(part_t *p, unsigned n)
{
    nrf51_ccm_t *c = (nrf51_ccm_t *)p;
    if (R(p, ENABLE) != IS_CCM)
        return;
    uint8_t length = 0;
    if (event_pending(&c->keystream) || event_pending(&c->crypt)) { // too early
        machine_cancel(p->m, &c->keystream);
        machine_cancel(p->m, &c->crypt);
        nrf_event(p, ERROR);
        return;
    }
    nrf_dma_read(p, R(p, INPTR) + 1, &length, 1);
    uint64_t blocks = (MIN(length, TEXT_MAX + MIC) + 15) / 16 + 1;
    machine_at(p->m, &c->crypt, machine_now_ps(p->m) + blocks * block_ps);
}

// ---- AAR ----------------------------------------------------------------------------------------

// ah() of the specification: the last three bytes of e(IRK, 0 ... 0 prand).
static bool resolves(const uint8_t irk[16], const uint8_t address[6])
{
    uint8_t block[16] = {0};
    for (unsigned i = 0; i < 3; i++)
        block[13 + i] = address[5 - i];
    aes128(irk, block, block);
    return block[13] == address[2] && block[14] == address[1] && block[15] == address[0];
}

static void resolve_done(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    uint8_t address[6], irk[16];
    bool found = false;
    if (nrf_dma_read(p, R(p, OUTPTR) + HEADER, address, sizeof address))
        for (uint32_t i = 0; i < MIN(R(p, MODE) & 0x1F, 16) && !found; i++) {
            if (!nrf_dma_read(p, R(p, CNFPTR) + 16 * i, irk, sizeof irk))
                break;
            found = resolves(irk, address);
            R(p, MICSTATUS) = i;
        }
    nrf_event(p, found ? RESOLVED : NOTRESOLVED);
    nrf_event(p, AAR_END);
}

// ---- Tasks and registers ------------------------------------------------------------------------

// KSGEN of CCM, START of AAR.
static void begin(part_t *p, unsigned n)
{
    nrf51_ccm_t *c = (nrf51_ccm_t *)p;
    uint64_t now = machine_now_ps(p->m);
    if (R(p, ENABLE) == IS_CCM)
        machine_at(p->m, &c->keystream, now + keystream_ps);
    else if (R(p, ENABLE) == IS_AAR)
        machine_at(p->m, &c->resolve, now + MAX(R(p, MODE) & 0x1F, 1) * irk_ps);
}

static void stop(part_t *p, unsigned n)
{
    nrf51_ccm_t *c = (nrf51_ccm_t *)p;
    machine_cancel(p->m, &c->keystream);
    machine_cancel(p->m, &c->crypt);
    machine_cancel(p->m, &c->resolve);
}

static void enable_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, ENABLE) != old)
        stop(p, 0);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{KSGEN, begin}, {CRYPT, start_crypt}, {STOP, stop}, {0}},
    .shorts = (const nrf_short_t[]){{0, ENDKSGEN, CRYPT}, {0}},
};

static bool ccm_init(part_t *p, GError **error)
{
    nrf51_ccm_t *c = (nrf51_ccm_t *)p;
    nrf_init(p, &desc);
    event_init(&c->keystream, "ccm key stream", keystream_done, c);
    event_init(&c->crypt, "ccm", crypt_done, c);
    event_init(&c->resolve, "aar", resolve_done, c);
    return true;
}

static void ccm_reset(part_t *p, bool power)
{
    nrf_reset(p);
    stop(p, 0);
}

static const part_reg_t ccm_regs[] = {
    NRF_TASK("KSGEN", KSGEN),
    NRF_TASK("CRYPT", CRYPT),
    NRF_TASK("STOP", STOP),
    NRF_EVENT("ENDKSGEN", ENDKSGEN),
    NRF_EVENT("ENDCRYPT", ENDCRYPT),
    NRF_EVENT("ERROR", ERROR),
    NRF_SHORTS(1),
    NRF_INTEN(7),
    {"MICSTATUS", MICSTATUS, .ro = ~0u},
    {"ENABLE", ENABLE, .ro = ~3u, .write = enable_write},
    {"MODE", MODE, .reset = 1, .ro = ~0x1Fu},
    {"CNFPTR", CNFPTR},
    {"INPTR", INPTR},
    {"OUTPTR", OUTPTR},
    {"SCRATCHPTR", SCRATCHPTR},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_ccm_class = {
    .name = "nrf51-ccm",
    .brief = "nRF51 CCM and AAR",
    .size = sizeof(nrf51_ccm_t),
    .regs = ccm_regs,
    .mmio_size = NRF_SIZE,
    .init = ccm_init,
    .reset = ccm_reset,
};
