// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 AES electronic codebook (nRF51 Series Reference Manual v3.0, chapter ECB): one block of AES-128
// in 8.5 us. ECBDATAPTR: key, clear text and cipher text, 16 bytes each; memory is read and written at
// the end. Not modelled: the abort when CCM or AAR want the AES core at the same time.
#include "aes.h"

enum { STARTECB = 0x000, STOPECB = 0x004, ENDECB = 0x100, ERRORECB = 0x104, ECBDATAPTR = 0x504 };
static const uint64_t block_ps = 8500 * PS_PER_NS;

typedef struct {
    nrf_t n;
    event_t done; // saved
} nrf51_ecb_t;

static void done(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    uint8_t block[48];
    uint32_t at = R(p, ECBDATAPTR);
    bool ok = nrf_dma_read(p, at, block, 32);
    if (ok)
        aes128(block, block + 16, block + 32);
    ok = ok && nrf_dma_write(p, at + 32, block + 32, 16);
    nrf_event(p, ok ? ENDECB : ERRORECB);
}

static void start(part_t *p, unsigned n)
{
    nrf51_ecb_t *e = (nrf51_ecb_t *)p;
    if (!event_pending(&e->done))
        machine_at(p->m, &e->done, machine_now_ps(p->m) + block_ps);
}

static void stop(part_t *p, unsigned n)
{
    nrf51_ecb_t *e = (nrf51_ecb_t *)p;
    if (!event_pending(&e->done))
        return;
    machine_cancel(p->m, &e->done);
    nrf_event(p, ERRORECB);
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{STARTECB, start}, {STOPECB, stop}, {0}},
};

static bool ecb_init(part_t *p, GError **error)
{
    nrf_init(p, &desc);
    event_init(&((nrf51_ecb_t *)p)->done, "ecb", done, p);
    return true;
}

static void ecb_reset(part_t *p, bool power)
{
    nrf_reset(p);
    machine_cancel(p->m, &((nrf51_ecb_t *)p)->done);
}

static const part_reg_t ecb_regs[] = {
    NRF_TASK("STARTECB", STARTECB),
    NRF_TASK("STOPECB", STOPECB),
    NRF_EVENT("ENDECB", ENDECB),
    NRF_EVENT("ERRORECB", ERRORECB),
    NRF_INTEN(3),
    {"ECBDATAPTR", ECBDATAPTR},
    NRF_POWER,
    {0},
};

const part_class_t nrf51_ecb_class = {
    .name = "nrf51-ecb",
    .brief = "nRF51 AES-128",
    .size = sizeof(nrf51_ecb_t),
    .regs = ecb_regs,
    .mmio_size = NRF_SIZE,
    .init = ecb_init,
    .reset = ecb_reset,
};
