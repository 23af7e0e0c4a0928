// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F2/F4 DMA controller (RM0090 chapter 10).
//
// Modelled: 8 streams with 8 request channels each, priorities, direct and FIFO mode with packing,
// sizes and increments, peripheral bursts, circular and double-buffer mode, memory-to-memory, half,
// complete, transfer and configuration errors. Variant 2 is DMA2: its peripheral port is on the bus
// matrix. DMA1 reaches nothing but APB1 with that port, so it has no memory-to-memory transfers.
// The core-coupled memory is out of reach for both.
// Time: the peripheral port serves one stream at a time; a beat takes the cycles of AN4031 without
// competing masters: arbitration and address 2, bus matrix 1, data 1, on APB two more cycles of
// that bus. The memory port works beside it, through the FIFO, and costs nothing more.
// Approximations: a memory item moves at the same instant as the peripheral item that fills or
// empties the FIFO; memory is read when it is needed, not ahead; FIFO and direct-mode overruns
// cannot happen.
// Not modelled (reported): peripheral flow control.
//
// Lines in: rq.S.C, level requests of channel C of stream S; a pulse (up and down at the same time)
// counts as one request. Lines out: irq.S; last.S.C, high while the next transfer is the last one.
#include "machine.h"
#include <string.h>

enum { STREAMS = 8, CHANNELS = 8, FIFO_BYTES = 16, STRIDE = 0x18 };
enum { DMA_LISR = 0x00, DMA_HISR = 0x04, DMA_LIFCR = 0x08, DMA_HIFCR = 0x0C, DMA_SCR = 0x10,
       DMA_SNDTR = 0x14, DMA_SPAR = 0x18, DMA_SM0AR = 0x1C, DMA_SM1AR = 0x20, DMA_SFCR = 0x24 };
enum { FEIF = 1 << 0, DMEIF = 1 << 2, TEIF = 1 << 3, HTIF = 1 << 4, TCIF = 1 << 5 };
enum { CR_EN = 1 << 0, CR_DMEIE = 1 << 1, CR_TEIE = 1 << 2, CR_HTIE = 1 << 3, CR_TCIE = 1 << 4,
       CR_PFCTRL = 1 << 5, CR_CIRC = 1 << 8, CR_PINC = 1 << 9, CR_MINC = 1 << 10,
       CR_PINCOS = 1 << 15, CR_DBM = 1 << 18, CR_CT = 1 << 19 };
enum { FCR_DMDIS = 1 << 2, FCR_FEIE = 1 << 7 };
enum { PERIPHERAL_TO_MEMORY, MEMORY_TO_PERIPHERAL, MEMORY_TO_MEMORY };

typedef struct stm32_dma stm32_dma_t;

typedef struct stream {
    stm32_dma_t *d;
    unsigned n;
    line_t *irq, *rq[CHANNELS], *last[CHANNELS];
    uint64_t rose_ps[CHANNELS]; // saved: when each request line last went up
    uint64_t granted_ps;        // saved: when the last request was granted
    uint32_t initial;           // saved: NDTR when the stream was enabled
    uint32_t pointer_p, pointer_m; // saved: next addresses
    uint8_t fifo[FIFO_BYTES], level; // saved
    uint8_t beats;              // saved: left of the burst that was granted
    bool pulse;                 // saved: a request came as a pulse
    bool half;                  // saved: HTIF was set in this round
} stream_t;

struct stm32_dma {
    part_t p;
    stream_t stream[STREAMS];
    clk_t *pclk1, *pclk2;
    event_t event;      // saved: the current beat is complete
    uint64_t free_tick; // saved: of hclk, when the peripheral port is free again
    int current;        // saved: stream that is being served, or -1
    uint64_t ungranted_tick; // saved: before the current grant: free_tick ...
    uint8_t ungranted_beats; // saved: ... and the stream's
    bool ungranted_pulse;    // saved
    bool serving;       // inside a beat's accesses
};

static uint32_t *sr(stream_t *s, uint32_t offset) { return &R(&s->d->p, offset + s->n * STRIDE); }

static unsigned direction(stream_t *s) { return *sr(s, DMA_SCR) >> 6 & 3; }
static unsigned channel(stream_t *s) { return *sr(s, DMA_SCR) >> 25 & 7; }
static unsigned psize(stream_t *s) { return 1u << (*sr(s, DMA_SCR) >> 11 & 3); }
static bool direct(stream_t *s) { return !(*sr(s, DMA_SFCR) & FCR_DMDIS); }
// In direct mode the memory is accessed as the peripheral is (10.3.12).
static unsigned msize(stream_t *s)
{
    return direct(s) ? psize(s) : 1u << (*sr(s, DMA_SCR) >> 13 & 3);
}

// ---- Flags and lines ----------------------------------------------------------------------------

static unsigned flag_shift(const stream_t *s)
{
    static const uint8_t shift[4] = {0, 6, 16, 22};
    return shift[s->n & 3];
}

static uint32_t *flag_reg(stream_t *s) { return &R(&s->d->p, s->n < 4 ? DMA_LISR : DMA_HISR); }

static void update(stream_t *s)
{
    uint32_t flags = *flag_reg(s) >> flag_shift(s), cr = *sr(s, DMA_SCR);
    bool on = cr & CR_EN && *sr(s, DMA_SNDTR) == 1;
    for (unsigned c = 0; c < CHANNELS; c++)
        line_set(s->last[c], on && c == channel(s));
    line_set(s->irq, (flags & TCIF && cr & CR_TCIE) || (flags & HTIF && cr & CR_HTIE) ||
                         (flags & TEIF && cr & CR_TEIE) || (flags & DMEIF && cr & CR_DMEIE) ||
                         (flags & FEIF && *sr(s, DMA_SFCR) & FCR_FEIE));
}

static void raise_flags(stream_t *s, uint32_t flags)
{
    *flag_reg(s) |= flags << flag_shift(s);
    update(s);
}

// ---- Accesses -----------------------------------------------------------------------------------

static bool reachable(stream_t *s, uint32_t address, bool peripheral_port)
{
    if (address >= 0x10000000 && address < 0x10010000)
        return false; // CCM is on the CPU's data bus only
    if (peripheral_port && s->d->p.variant != 2)
        return address >= 0x40000000 && address < 0x40010000;
    return true;
}

static bool load(stream_t *s, uint32_t address, unsigned size, bool peripheral_port, uint8_t *to)
{
    uint32_t value = 0;
    if (!reachable(s, address, peripheral_port) || !bus_read(s->d->p.m->bus, address, size, &value))
        return false;
    for (unsigned i = 0; i < size; i++)
        to[i] = value >> 8 * i;
    return true;
}

static bool store(stream_t *s, uint32_t address, unsigned size, bool peripheral_port,
                  const uint8_t *from)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint32_t)from[i] << 8 * i;
    return reachable(s, address, peripheral_port) &&
           bus_write(s->d->p.m->bus, address, size, value);
}

static unsigned access_cycles(stm32_dma_t *d, uint32_t address)
{
    clk_t *apb = address >> 16 == 0x4000 ? d->pclk1 : address >> 16 == 0x4001 ? d->pclk2 : NULL;
    unsigned ratio = apb && apb->num ? (unsigned)(clk_hz(d->p.clk) / clk_hz(apb) + 0.5) : 0;
    return 4 + 2 * ratio;
}

// ---- FIFO ---------------------------------------------------------------------------------------

// Writes FIFO bytes to memory: whole items, and with `all` the odd rest too. FALSE: bus error.
static bool drain(stream_t *s, bool all)
{
    unsigned size = msize(s), done = 0;
    while (s->level - done >= size || (all && s->level > done)) {
        while (s->level - done < size)
            size /= 2;
        if (!store(s, s->pointer_m, size, false, s->fifo + done))
            return false;
        if (!s->level)
            return true; // the store went to our own registers, or to the RCC's, and ended the stream
        done += size;
        if (*sr(s, DMA_SCR) & CR_MINC)
            s->pointer_m += size;
    }
    s->level -= done;
    memmove(s->fifo, s->fifo + done, s->level);
    return true;
}

// Reads memory until the FIFO is full or holds all that is still to be sent.
static bool fill(stream_t *s)
{
    unsigned size = msize(s), room = direct(s) ? size : FIFO_BYTES;
    uint32_t rest = *sr(s, DMA_SNDTR) * psize(s);
    while (s->level + size <= room && s->level < rest) {
        if (!load(s, s->pointer_m, size, false, s->fifo + s->level))
            return false;
        s->level += size;
        if (*sr(s, DMA_SCR) & CR_MINC)
            s->pointer_m += size;
    }
    return true;
}

// ---- Streams ------------------------------------------------------------------------------------

static void stop(stream_t *s, uint32_t flags)
{
    *sr(s, DMA_SCR) &= ~CR_EN;
    s->pulse = false;
    s->beats = 0;
    s->level = 0;
    raise_flags(s, flags);
}

static void rewind_memory(stream_t *s)
{
    uint32_t cr = *sr(s, DMA_SCR);
    s->pointer_m = *sr(s, (cr & CR_DBM && cr & CR_CT) ? DMA_SM1AR : DMA_SM0AR);
}

// All items of a round are moved (10.3.9, 10.3.10).
static void round_over(stream_t *s)
{
    uint32_t *cr = sr(s, DMA_SCR);
    if (!(*cr & (CR_CIRC | CR_DBM)) || direction(s) == MEMORY_TO_MEMORY) {
        stop(s, TCIF);
        return;
    }
    if (*cr & CR_DBM)
        *cr ^= CR_CT;
    *sr(s, DMA_SNDTR) = s->initial;
    s->pointer_p = *sr(s, DMA_SPAR);
    s->half = false;
    rewind_memory(s);
    raise_flags(s, TCIF);
}

static void step_peripheral(stream_t *s)
{
    uint32_t cr = *sr(s, DMA_SCR);
    if (!*sr(s, DMA_SNDTR))
        return; // reset by its own access
    if (cr & CR_PINC)
        s->pointer_p += cr & CR_PINCOS ? 4 : psize(s);
    --*sr(s, DMA_SNDTR);
}

// One item through the peripheral port. FALSE: bus error.
static bool beat(stream_t *s)
{
    unsigned size = psize(s);
    uint32_t address = s->pointer_p;
    if (direction(s) == MEMORY_TO_PERIPHERAL) {
        if (s->level < size && !fill(s))
            return false;
        uint8_t item[4];
        memcpy(item, s->fifo, size);
        s->level -= size;
        memmove(s->fifo, s->fifo + size, s->level);
        bool ok = store(s, address, size, true, item);
        step_peripheral(s);
        return ok;
    }
    // The `last` line must be up while the peripheral's register is read: count afterwards.
    if (!load(s, address, size, true, s->fifo + s->level))
        return false;
    s->level += size;
    step_peripheral(s);
    unsigned threshold = direct(s) ? size : 4 * ((*sr(s, DMA_SFCR) & 3) + 1);
    return (s->level < threshold && *sr(s, DMA_SNDTR)) || drain(s, !*sr(s, DMA_SNDTR));
}

static bool wants(stream_t *s)
{
    if (!(*sr(s, DMA_SCR) & CR_EN) || !*sr(s, DMA_SNDTR))
        return false;
    return direction(s) == MEMORY_TO_MEMORY || s->beats || s->pulse || s->rq[channel(s)]->level;
}

// Requests of the same instant compete: takes back a grant that was made just now.
static void ungrant(stm32_dma_t *d)
{
    stream_t *s = &d->stream[d->current];
    d->free_tick = d->ungranted_tick;
    s->beats = d->ungranted_beats;
    s->pulse |= d->ungranted_pulse;
    d->current = -1;
}

// Grants the next beat when the controller is free: priority level, then the lower stream number.
static void arbitrate(stm32_dma_t *d)
{
    uint64_t now = machine_now_ps(d->p.m);
    if (d->serving || !d->p.clk->num)
        return;
    if (d->current >= 0 && d->stream[d->current].granted_ps == now)
        ungrant(d);
    if (d->current >= 0)
        return;
    stream_t *best = NULL;
    for (unsigned i = 0; i < STREAMS; i++) {
        stream_t *s = &d->stream[i];
        if (wants(s) && (!best || (*sr(s, DMA_SCR) >> 16 & 3) > (*sr(best, DMA_SCR) >> 16 & 3)))
            best = s;
    }
    if (!best) {
        machine_cancel(d->p.m, &d->event);
        return;
    }
    d->ungranted_tick = d->free_tick;
    d->ungranted_beats = best->beats;
    d->ungranted_pulse = best->pulse;
    if (!best->beats) {
        unsigned burst = *sr(best, DMA_SCR) >> 21 & 3;
        best->beats = burst && !direct(best) ? 2u << burst : 1;
        best->pulse = false;
    }
    best->granted_ps = now;
    d->free_tick = MAX(clk_tick_from(d->p.clk, now), d->free_tick) + access_cycles(d, best->pointer_p);
    d->current = best->n;
    machine_at(d->p.m, &d->event, clk_ps(d->p.clk, d->free_tick));
}

static void serve(void *ctx, uint64_t now)
{
    stm32_dma_t *d = ctx;
    stream_t *s = &d->stream[d->current];
    if (wants(s)) {
        s->beats--;
        d->serving = true;
        bool ok = beat(s);
        d->serving = false;
        if (!(*sr(s, DMA_SCR) & CR_EN)) {
            s->beats = 0; // it has switched itself off
        } else if (!ok) {
            stop(s, TEIF);
        } else if (!*sr(s, DMA_SNDTR)) {
            s->beats = 0;
            round_over(s);
        } else {
            bool half = !s->half && 2 * (s->initial - *sr(s, DMA_SNDTR)) >= s->initial;
            s->half |= half;
            raise_flags(s, half ? HTIF : 0);
        }
    }
    d->current = -1;
    arbitrate(d);
}

static void requested(void *ctx, int arg, bool level)
{
    stream_t *s = ctx;
    uint64_t now = machine_now_ps(s->d->p.m);
    if (level)
        s->rose_ps[arg] = now;
    else if (s->rose_ps[arg] == now && (unsigned)arg == channel(s) && *sr(s, DMA_SCR) & CR_EN &&
             !s->d->serving)
        s->pulse = true;
    arbitrate(s->d);
}

// ---- Registers ----------------------------------------------------------------------------------

static void enable(stream_t *s)
{
    uint32_t cr = *sr(s, DMA_SCR);
    bool memory = direction(s) == MEMORY_TO_MEMORY;
    s->initial = *sr(s, DMA_SNDTR);
    s->pointer_p = *sr(s, DMA_SPAR);
    s->level = s->beats = 0;
    s->half = s->pulse = false;
    rewind_memory(s);
    // 10.3.13: memory bursts must fit into the FIFO threshold; sizes and direction must exist.
    unsigned burst = cr >> 23 & 3, threshold = 4 * ((*sr(s, DMA_SFCR) & 3) + 1);
    if (direction(s) == 3 || (cr >> 11 & 3) == 3 || (cr >> 13 & 3) == 3 ||
        (memory && (direct(s) || s->d->p.variant != 2 || cr & (CR_CIRC | CR_DBM))) ||
        (!direct(s) && burst && threshold % ((2u << burst) * msize(s))))
        stop(s, FEIF);
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_dma_t *d = (stm32_dma_t *)p;
    stream_t *s = &d->stream[n];
    const uint32_t always = CR_EN | CR_DMEIE | CR_TEIE | CR_HTIE | CR_TCIE;
    uint32_t *cr = sr(s, DMA_SCR);
    if (old & CR_EN)
        *cr = (old & ~always) | (*cr & always);
    if (*cr & ~old & CR_EN) {
        enable(s);
    } else if (old & ~*cr & CR_EN) { // the FIFO is emptied, then TCIF tells the end (10.3.16)
        if (direction(s) != MEMORY_TO_PERIPHERAL)
            drain(s, true);
        stop(s, TCIF);
    }
    update(s);
    arbitrate(d);
}

static bool locked(part_t *p, const part_reg_t *reg, unsigned n)
{
    uint32_t cr = *sr(&((stm32_dma_t *)p)->stream[n], DMA_SCR);
    if (!(cr & CR_EN))
        return false;
    uint32_t other = cr & CR_CT ? DMA_SM0AR : DMA_SM1AR; // in double-buffer mode that one is free
    if (cr & CR_DBM && reg->offset == other)
        return false;
    machine_report(p->m, REPORT_GUEST_ERROR, p->base + reg->offset + n * STRIDE,
                   "%s.%s of stream %u is written while the stream is enabled: no effect", p->name,
                   reg->name, n);
    return true;
}

static void setup_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stream_t *s = &((stm32_dma_t *)p)->stream[n];
    if (locked(p, reg, n))
        *sr(s, reg->offset) = old;
}

static void fcr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stream_t *s = &((stm32_dma_t *)p)->stream[n];
    if (*sr(s, DMA_SCR) & CR_EN)
        *sr(s, DMA_SFCR) = (old & ~FCR_FEIE) | (*sr(s, DMA_SFCR) & FCR_FEIE);
    update(s);
}

// FS: how full the FIFO is, in quarters; 4 = empty, 5 = full.
static uint32_t fcr_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    stream_t *s = &((stm32_dma_t *)p)->stream[n];
    uint32_t fs = s->level == 0 ? 4 : s->level >= FIFO_BYTES ? 5 : s->level / 4;
    return (*sr(s, DMA_SFCR) & ~0x38u) | fs << 3;
}

static void ifcr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_dma_t *d = (stm32_dma_t *)p;
    bool high = reg->offset == DMA_HIFCR;
    R(p, high ? DMA_HISR : DMA_LISR) &= ~p->written;
    R(p, reg->offset) = 0;
    for (unsigned i = 0; i < 4; i++)
        update(&d->stream[4 * high + i]);
}

static void clock_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    stm32_dma_t *d = ctx;
    if (before)
        return;
    if (d->current >= 0)
        machine_at(d->p.m, &d->event, clk_ps(clk, d->free_tick));
    arbitrate(d);
}

// ---- The part -----------------------------------------------------------------------------------

static bool dma_init(part_t *p, GError **error)
{
    stm32_dma_t *d = (stm32_dma_t *)p;
    char name[16];
    for (unsigned i = 0; i < STREAMS; i++) {
        stream_t *s = &d->stream[i];
        s->d = d;
        s->n = i;
        s->granted_ps = PS_NEVER;
        g_snprintf(name, sizeof name, "irq.%u", i);
        s->irq = part_line(p, name);
        for (unsigned c = 0; c < CHANNELS; c++) {
            g_snprintf(name, sizeof name, "rq.%u.%u", i, c);
            s->rq[c] = part_line(p, name);
            line_listen(s->rq[c], requested, s, c);
            g_snprintf(name, sizeof name, "last.%u.%u", i, c);
            s->last[c] = part_line(p, name);
            s->rose_ps[c] = PS_NEVER;
        }
    }
    d->pclk1 = part_clk(p, "pclk1");
    d->pclk2 = part_clk(p, "pclk2");
    d->current = -1;
    event_init(&d->event, "dma beat", serve, d);
    clk_listen(p->clk, clock_changed, d);
    return true;
}

static void dma_reset(part_t *p, bool power)
{
    stm32_dma_t *d = (stm32_dma_t *)p;
    machine_cancel(p->m, &d->event);
    d->current = -1;
    for (unsigned i = 0; i < STREAMS; i++)
        stop(&d->stream[i], 0);
}

#define EACH(name_, offset_, ...) {name_, offset_, .count = STREAMS, .stride = STRIDE, __VA_ARGS__}

static const part_reg_t dma_regs[] = {
    {"LISR", DMA_LISR, .ro = ~0u},
    {"HISR", DMA_HISR, .ro = ~0u},
    {"LIFCR", DMA_LIFCR, .write = ifcr_write},
    {"HIFCR", DMA_HIFCR, .write = ifcr_write},
    EACH("SxCR", DMA_SCR, .ro = 0xF0100000, .unimp = CR_PFCTRL, .write = cr_write),
    EACH("SxNDTR", DMA_SNDTR, .ro = ~0xFFFFu, .write = setup_write),
    EACH("SxPAR", DMA_SPAR, .write = setup_write),
    EACH("SxM0AR", DMA_SM0AR, .write = setup_write),
    EACH("SxM1AR", DMA_SM1AR, .write = setup_write),
    EACH("SxFCR", DMA_SFCR, .reset = 0x21, .ro = ~0x87u, .read = fcr_read, .write = fcr_write),
    {NULL},
};

const part_class_t stm32_dma_class = {
    .name = "stm32-dma",
    .brief = "STM32F2/F4 direct memory access controller",
    .size = sizeof(stm32_dma_t),
    .regs = dma_regs,
    .mmio_size = 0x400,
    .init = dma_init,
    .reset = dma_reset,
};
