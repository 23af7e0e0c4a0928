// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 programmable peripheral interconnect (nRF51 Series Reference Manual, chapter PPI): an event
// of one peripheral runs a task of another without the CPU.
//
// Modelled: 16 channels with free ends, the 12 fixed ones, channel groups with their tasks. Channels
// are synchronised to the 16 MHz clock: a task runs at the first edge after its event, which is one
// period later for an event that came on an edge. Tasks of the same edge run in the order of their
// events.
#include "nrf51.h"

enum { PPI_CHG_EN = 0x000, PPI_CHEN = 0x500, PPI_CHENSET = 0x504, PPI_CHENCLR = 0x508,
       PPI_CH = 0x510, PPI_CHG = 0x800 };
enum { FREE = 16, FIXED_FIRST = 20, CHANNELS = 32, GROUPS = 4 };
#define CHANNEL_BITS 0xFFF0FFFFu

// Channels 20 to 31.
static const struct {
    uint32_t event, task;
} fixed[CHANNELS - FIXED_FIRST] = {
    {0x40008140, 0x40001000}, // TIMER0 COMPARE[0] -> RADIO TXEN
    {0x40008140, 0x40001004}, // TIMER0 COMPARE[0] -> RADIO RXEN
    {0x40008144, 0x40001010}, // TIMER0 COMPARE[1] -> RADIO DISABLE
    {0x40001128, 0x4000F000}, // RADIO BCMATCH -> AAR START
    {0x40001100, 0x4000F000}, // RADIO READY -> CCM KSGEN
    {0x40001104, 0x4000F004}, // RADIO ADDRESS -> CCM CRYPT
    {0x40001104, 0x40008044}, // RADIO ADDRESS -> TIMER0 CAPTURE[1]
    {0x4000110C, 0x40008048}, // RADIO END -> TIMER0 CAPTURE[2]
    {0x4000B140, 0x40001000}, // RTC0 COMPARE[0] -> RADIO TXEN
    {0x4000B140, 0x40001004}, // RTC0 COMPARE[0] -> RADIO RXEN
    {0x4000B140, 0x40008008}, // RTC0 COMPARE[0] -> TIMER0 CLEAR
    {0x4000B140, 0x40008000}, // RTC0 COMPARE[0] -> TIMER0 START
};

typedef struct {
    nrf_t n;
    struct channel {
        part_t *ppi;
        event_t edge; // saved: the task is due
    } channels[CHANNELS];
} nrf51_ppi_t;

static uint32_t event_of(const part_t *p, unsigned channel)
{
    return channel >= FIXED_FIRST ? fixed[channel - FIXED_FIRST].event
                                  : R(p, PPI_CH + 8 * channel);
}

static uint32_t task_of(const part_t *p, unsigned channel)
{
    return channel >= FIXED_FIRST ? fixed[channel - FIXED_FIRST].task
                                  : R(p, PPI_CH + 8 * channel + 4);
}

// A task's address that is none is harmless in the chip.
static void run_task(void *ctx, uint64_t now)
{
    struct channel *c = ctx;
    part_t *p = c->ppi;
    unsigned channel = c - ((nrf51_ppi_t *)p)->channels;
    uint32_t address = task_of(p, channel);
    part_t *to = bus_part_at(p->m->bus, address);
    if (to && !(address & 3) && address - to->base < 0x100)
        part_mmio_write(to, address - to->base, 4, 1);
    else
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + PPI_CH + 8 * channel,
                       "PPI channel %u leads to 0x%08x, which is no task", channel, address);
}

void nrf_ppi_event(part_t *p, uint32_t event_address)
{
    for (uint32_t on = R(p, PPI_CHEN); on; on &= on - 1) {
        unsigned channel = __builtin_ctz(on);
        event_t *edge = &((nrf51_ppi_t *)p)->channels[channel].edge;
        if (event_of(p, channel) == event_address && !event_pending(edge))
            machine_at(p->m, edge, clk_ps(p->clk, clk_ticks(p->clk, machine_now_ps(p->m)) + 1));
    }
}

bool nrf_ppi_listens(part_t *p, uint32_t event_address)
{
    for (uint32_t on = R(p, PPI_CHEN); on; on &= on - 1)
        if (event_of(p, __builtin_ctz(on)) == event_address)
            return true;
    return false;
}

// ---- Registers ----------------------------------------------------------------------------------

static uint32_t chen_read(part_t *p, const part_reg_t *reg, unsigned n) { return R(p, PPI_CHEN); }

static void chen_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t bits = p->written & CHANNEL_BITS;
    if (reg->offset == PPI_CHENSET)
        R(p, PPI_CHEN) |= bits;
    else
        R(p, PPI_CHEN) &= ~bits;
}

// Tasks CHG[n].EN at even, CHG[n].DIS at odd places.
static void group_task(part_t *p, unsigned n)
{
    uint32_t bits = R(p, PPI_CHG + 4 * (n / 2));
    if (n & 1)
        R(p, PPI_CHEN) &= ~bits;
    else
        R(p, PPI_CHEN) |= bits;
}

static const nrf_desc_t desc = {
    .tasks = (const nrf_task_t[]){{PPI_CHG_EN, group_task, 2 * GROUPS}, {0}},
};

static bool ppi_init(part_t *p, GError **error)
{
    nrf51_ppi_t *ppi = (nrf51_ppi_t *)p;
    nrf_init(p, &desc);
    for (unsigned i = 0; i < CHANNELS; i++) {
        ppi->channels[i].ppi = p;
        event_init(&ppi->channels[i].edge, "ppi channel", run_task, &ppi->channels[i]);
    }
    return true;
}

static void ppi_reset(part_t *p, bool power)
{
    for (unsigned i = 0; i < CHANNELS; i++)
        machine_cancel(p->m, &((nrf51_ppi_t *)p)->channels[i].edge);
}

static const part_reg_t ppi_regs[] = {
    NRF_TASKS("CHG", PPI_CHG_EN, 2 * GROUPS),
    {"CHEN", PPI_CHEN, .ro = ~CHANNEL_BITS},
    {"CHENSET", PPI_CHENSET, .ro = ~0u, .read = chen_read, .write = chen_write},
    {"CHENCLR", PPI_CHENCLR, .ro = ~0u, .read = chen_read, .write = chen_write},
    {"CH", PPI_CH, .count = 2 * FREE}, // EEP and TEP in turn
    {"CHG", PPI_CHG, .count = GROUPS, .ro = ~CHANNEL_BITS},
    {0},
};

const part_class_t nrf51_ppi_class = {
    .name = "nrf51-ppi",
    .brief = "nRF51 programmable peripheral interconnect",
    .size = sizeof(nrf51_ppi_t),
    .regs = ppi_regs,
    .mmio_size = NRF_SIZE,
    .init = ppi_init,
    .reset = ppi_reset,
};
