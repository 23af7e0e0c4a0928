// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128 (FIPS 197) and EasyDMA: see aes.h. The S-box is computed as the standard defines it: the
// inverse in GF(2^8), then an affine map.
#include "aes.h"
#include <string.h>

static uint8_t times2(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1B : 0)); }

static uint8_t rotate(uint8_t x, unsigned n) { return (uint8_t)(x << n | x >> (8 - n)); }

// 3 generates all of GF(2^8) but 0, and 0xF6 is its inverse: both run through it side by side.
static void make_sbox(uint8_t sbox[256])
{
    uint8_t p = 1, q = 1;
    do {
        p ^= times2(p);
        q ^= (uint8_t)(q << 1);
        q ^= (uint8_t)(q << 2);
        q ^= (uint8_t)(q << 4);
        q ^= q & 0x80 ? 0x09 : 0;
        sbox[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63;
    } while (p != 1);
    sbox[0] = 0x63;
}

static void next_key(uint8_t key[16], const uint8_t sbox[256], uint8_t *rcon)
{
    for (unsigned i = 0; i < 4; i++)
        key[i] ^= sbox[key[12 + (i + 1) % 4]];
    key[0] ^= *rcon;
    *rcon = times2(*rcon);
    for (unsigned i = 4; i < 16; i++)
        key[i] ^= key[i - 4];
}

static void mix_columns(uint8_t s[16])
{
    for (uint8_t *c = s; c < s + 16; c += 4) {
        uint8_t all = c[0] ^ c[1] ^ c[2] ^ c[3], first = c[0];
        for (unsigned i = 0; i < 4; i++) {
            uint8_t next = i < 3 ? c[i + 1] : first;
            c[i] ^= all ^ times2(c[i] ^ next);
        }
    }
}

void aes128(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
    uint8_t sbox[256], round_key[16], s[16], t[16], rcon = 1;
    make_sbox(sbox);
    memcpy(round_key, key, 16);
    for (unsigned i = 0; i < 16; i++)
        s[i] = in[i] ^ round_key[i];
    for (unsigned round = 1; round <= 10; round++) {
        for (unsigned i = 0; i < 16; i++) // S-box, and row r goes r columns to the left
            t[i] = sbox[s[(i + 4 * (i % 4)) % 16]];
        memcpy(s, t, 16);
        if (round < 10)
            mix_columns(s);
        next_key(round_key, sbox, &rcon);
        for (unsigned i = 0; i < 16; i++)
            s[i] ^= round_key[i];
    }
    memcpy(out, s, 16);
}

// ---- EasyDMA ------------------------------------------------------------------------------------

static bool nowhere(part_t *p, uint32_t address)
{
    machine_report(p->m, REPORT_GUEST_ERROR, p->base, "%s: there is no memory at 0x%08x", p->name,
                   address);
    return false;
}

bool nrf_dma_read(part_t *p, uint32_t address, void *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t v;
        if (!bus_mem_at(p->m->bus, address + i, NULL) || !bus_read(p->m->bus, address + i, 1, &v))
            return nowhere(p, address + i);
        ((uint8_t *)to)[i] = v;
    }
    return true;
}

bool nrf_dma_write(part_t *p, uint32_t address, const void *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        mem_t *mem = bus_mem_at(p->m->bus, address + i, NULL);
        if (!mem || mem->kind != MEM_RAM ||
            !bus_write(p->m->bus, address + i, 1, ((const uint8_t *)from)[i]))
            return nowhere(p, address + i);
    }
    return true;
}
