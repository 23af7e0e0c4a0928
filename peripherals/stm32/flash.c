// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 embedded flash memory interface (RM0090 chapter 3) and the fixed bytes of the system memory:
// unique id, flash size, erased one-time-programmable area, option bytes.
//
// Modelled: access control (wait states, prefetch and both caches; the engine counts their cycles), both
// key sequences, programming by 8, 16 and 32 bits with its errors, sector and mass erase, write
// protection, interrupts, and durations (data sheet tables 39, typical values). Fetching from
// flash while it is busy stalls the CPU, so code in flash stands still until the end. (A loop wholly
// inside the instruction cache would go on in the chip.) A write while busy waits likewise; data that
// code in RAM reads from busy flash come at once here. A reset in the middle leaves a word with some of
// its bits programmed, a sector partly erased (3.6.3: "the contents are not protected").
//
// To test what a power cut does: the properties of the part "flash" are "cut-at" (0: never) and, to read,
// "steps" so far, both since the last power-on; see power_cut.h. At that step the line "flash.power_fail"
// goes high and holds the chip in reset, and machine_run returns MACHINE_PAUSE. machine_reset(m, true)
// brings the power back, and so does "cut-at" when it is set again.
// Not modelled: programming by 64 bits (needs an external supply), read-out protection, OTP writes.
#include "machine.h"
#include "power_cut.h"
#include <string.h>

enum { FLASH_ACR = 0x00, FLASH_KEYR = 0x04, FLASH_OPTKEYR = 0x08, FLASH_SR = 0x0C, FLASH_CR = 0x10,
       FLASH_OPTCR = 0x14 };
enum { ACR_LATENCY = 7, ACR_PRFTEN = 1 << 8, ACR_ICEN = 1 << 9, ACR_DCEN = 1 << 10 };
enum { SR_EOP = 1 << 0, SR_OPERR = 1 << 1, SR_WRPERR = 1 << 4, SR_PGAERR = 1 << 5,
       SR_PGPERR = 1 << 6, SR_PGSERR = 1 << 7, SR_BSY = 1 << 16 };
enum { CR_PG = 1 << 0, CR_SER = 1 << 1, CR_MER = 1 << 2, CR_STRT = 1 << 16, CR_EOPIE = 1 << 24,
       CR_ERRIE = 1 << 25 };
#define CR_LOCK (1u << 31)
enum { OPTCR_OPTLOCK = 1 << 0, OPTCR_OPTSTRT = 1 << 1 };
enum { SECTORS = 12 };
enum { PROGRAM_US = 16 };

static const uint32_t sector_start[SECTORS + 1] = {
    0x00000, 0x04000, 0x08000, 0x0C000, 0x10000, 0x20000, 0x40000,
    0x60000, 0x80000, 0xA0000, 0xC0000, 0xE0000, 0x100000,
};
// Milliseconds by PSIZE (8, 16, 32 bits): 16, 64 and 128 KB sectors, the whole chip.
static const uint16_t erase_ms[4][3] = {
    {400, 300, 250}, {1200, 700, 550}, {2000, 1300, 1000}, {16000, 11000, 8000},
};

typedef struct {
    uint32_t offset, value;
    unsigned size; // 0: none
} store_t;

typedef struct {
    part_t p;
    mem_t *mem;
    line_t *irq;
    event_t done;            // saved: the operation ends
    uint64_t done_ps;        // saved: then
    store_t waiting;         // saved: a write that waits for the end
    store_t now;             // saved: the one in progress ...
    uint32_t before;         // saved: ... and what was there before
    uint32_t first, count;   // saved: bytes that the erase in progress clears
    line_t *power_fail;
    uint32_t steps;          // saved: begun since power-on, two for each operation
    uint32_t cut_at;         // saved: the power fails at this one
    bool off;                // saved: without power
    uint32_t protect;        // saved: nWRP in force, bit n = 0: sector n cannot be written
    uint8_t key, optkey;     // saved: keys accepted so far; KEY_DEAD after a wrong one
} stm32_flash_t;
enum { KEY_DEAD = 0xFF };

static void update_irq(stm32_flash_t *f)
{
    uint32_t sr = R(&f->p, FLASH_SR), cr = R(&f->p, FLASH_CR);
    line_set(f->irq, (sr & SR_EOP && cr & CR_EOPIE) || (sr & SR_OPERR && cr & CR_ERRIE));
}

static void fail(stm32_flash_t *f, uint32_t error, const char *what)
{
    machine_report(f->p.m, REPORT_GUEST_ERROR, 0, "flash: %s", what);
    R(&f->p, FLASH_SR) |= error | (R(&f->p, FLASH_CR) & CR_ERRIE ? SR_OPERR : 0);
    update_irq(f);
}

static bool inside(const mem_t *mem, uint32_t address)
{
    return address - mem->base < mem->size || (mem->alias_on && address - mem->alias < mem->size);
}

// Code in flash stands still from the next fetch on. The power may go in the middle of it.
static void busy_for(stm32_flash_t *f, uint64_t ps, bool access)
{
    machine_t *m = f->p.m;
    if (f->now.size || f->count)
        f->steps += 2;
    if (f->cut_at && f->cut_at == f->steps - 1)
        ps /= 2;
    ps += machine_now_ps(m);
    f->done_ps = ps;
    R(&f->p, FLASH_SR) |= SR_BSY;
    machine_at(m, &f->done, ps);
    if (access || (m->cpu && inside(f->mem, m->cpu->cls->pc(m->cpu))))
        machine_stall(m, ps);
}

// ---- Programming ------------------------------------------------------------------------------------

static unsigned sector_of(uint32_t offset)
{
    unsigned s = 0;
    while (s + 1 < SECTORS && offset >= sector_start[s + 1])
        s++;
    return s;
}

static void program(stm32_flash_t *f, uint32_t offset, unsigned size, uint32_t value, bool access)
{
    part_t *p = &f->p;
    uint32_t cr = R(p, FLASH_CR);
    if (!(cr & CR_PG)) {
        fail(f, SR_PGSERR, "a write without FLASH_CR.PG");
    } else if (size != 1u << (cr >> 8 & 3)) {
        fail(f, SR_PGPERR, "a write whose size is not FLASH_CR.PSIZE");
    } else if (offset & (size - 1)) {
        fail(f, SR_PGAERR, "an unaligned write");
    } else if (!(f->protect >> sector_of(offset) & 1)) {
        fail(f, SR_WRPERR, "a write to a protected sector");
    } else {
        f->now = (store_t){offset, value, size};
        f->before = 0;
        for (unsigned i = 0; i < size; i++) { // bits can only be cleared
            f->before |= (uint32_t)f->mem->data[offset + i] << 8 * i;
            f->mem->data[offset + i] &= value >> 8 * i;
        }
        bus_code_changed(p->m->bus, f->mem, offset, size);
        busy_for(f, PROGRAM_US * PS_PER_US, access);
    }
}

// A store to the memory, by the CPU or a DMA.
static void flash_store(part_t *p, mem_t *mem, uint32_t offset, unsigned size, uint32_t value)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    if (!(R(p, FLASH_SR) & SR_BSY)) {
        program(f, offset, size, value, false);
        return;
    }
    f->waiting = (store_t){offset, value, size};
    machine_stall(p->m, f->done_ps);
}

// ---- Erasing ----------------------------------------------------------------------------------------

static void erase(stm32_flash_t *f)
{
    part_t *p = &f->p;
    uint32_t cr = R(p, FLASH_CR), psize = cr >> 8 & 3, sector = cr >> 3 & 15, row = 3;
    if (psize == 3) {
        fail(f, SR_PGPERR, "PSIZE of 64 bits needs the external supply VPP");
        return;
    }
    if (cr & CR_MER ? f->protect != (1u << SECTORS) - 1
                    : sector < SECTORS && !(f->protect >> sector & 1)) {
        fail(f, SR_WRPERR, "an erase of a protected sector");
        return;
    }
    if (cr & CR_MER) {
        f->first = 0;
        f->count = f->mem->size;
    } else {
        if (sector >= SECTORS) {
            fail(f, SR_PGSERR, "an erase of a sector that does not exist");
            return;
        }
        f->first = sector_start[sector];
        f->count = sector_start[sector + 1] - f->first;
        row = sector < 4 ? 0 : sector == 4 ? 1 : 2;
    }
    busy_for(f, erase_ms[row][psize] * PS_PER_MS, false);
}

// ---- The end of an operation ------------------------------------------------------------------------

// The power has gone in the middle of it.
static void complete_half(stm32_flash_t *f)
{
    power_cut_noise_t n = power_cut_noise_begin(f->p.m, f->steps);
    uint8_t *data = f->mem->data;
    for (unsigned i = 0; i < f->now.size; i++)
        data[f->now.offset + i] = f->before >> 8 * i & (f->now.value >> 8 * i | power_cut_noise(&n));
    bus_code_changed(f->p.m->bus, f->mem, f->now.offset, f->now.size);
    power_cut_erase(data + f->first, f->count, &n);
    bus_code_changed(f->p.m->bus, f->mem, f->first, f->count);
    f->now.size = f->count = 0;
}

static void power_fails(stm32_flash_t *f, const char *when)
{
    f->off = true;
    machine_report(f->p.m, REPORT_NOTE, 0, "flash: the power fails at step %u, %s", f->cut_at, when);
    line_set(f->power_fail, true);
    machine_pause(f->p.m);
}

static void done(void *ctx, uint64_t now)
{
    stm32_flash_t *f = ctx;
    part_t *p = &f->p;
    bool counts = f->now.size || f->count;
    if (counts && f->cut_at && f->cut_at == f->steps - 1) {
        complete_half(f);
        power_fails(f, "half way");
        return;
    }
    f->now.size = 0;
    R(p, FLASH_SR) &= ~SR_BSY;
    R(p, FLASH_CR) &= ~CR_STRT;
    if (R(p, FLASH_OPTCR) & OPTCR_OPTSTRT) {
        R(p, FLASH_OPTCR) &= ~OPTCR_OPTSTRT;
        f->protect = R(p, FLASH_OPTCR) >> 16 & 0xFFF;
    }
    if (f->count) {
        memset(f->mem->data + f->first, 0xFF, f->count);
        bus_code_changed(p->m->bus, f->mem, f->first, f->count);
        f->count = 0;
    }
    if (counts && f->cut_at && f->cut_at == f->steps) {
        power_fails(f, "just done");
        return;
    }
    if (R(p, FLASH_CR) & CR_EOPIE)
        R(p, FLASH_SR) |= SR_EOP;
    update_irq(f);
    store_t w = f->waiting;
    f->waiting.size = 0;
    if (w.size)
        program(f, w.offset, w.size, w.value, true);
}

// ---- Registers --------------------------------------------------------------------------------------

static void check_latency(stm32_flash_t *f)
{
    part_t *p = &f->p;
    double hz = clk_hz(p->clk);
    unsigned ws = R(p, FLASH_ACR) & ACR_LATENCY, need = hz > 30e6 ? (unsigned)((hz - 1) / 30e6) : 0;
    if (ws < need)
        machine_report(p->m, REPORT_GUEST_ERROR, p->base | 1,
                       "flash: %u wait states at HCLK %.3f MHz, which needs %u", ws, hz / 1e6, need);
}

static void hclk_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (!before)
        check_latency(ctx);
}

static void update_timing(stm32_flash_t *f)
{
    uint32_t acr = R(&f->p, FLASH_ACR);
    f->mem->timing = (mem_timing_t){
        .wait_states = acr & ACR_LATENCY,
        .line_bytes = 16,
        .icache_lines = acr & ACR_ICEN ? 64 : 0,
        .dcache_lines = acr & ACR_DCEN ? 8 : 0,
        .prefetch = acr & ACR_PRFTEN,
    };
    bus_timing_changed(f->p.m->bus, f->mem);
}

static void acr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    if (R(p, FLASH_ACR) == old)
        return;
    update_timing(f);
    if ((R(p, FLASH_ACR) ^ old) & ACR_LATENCY)
        check_latency(f);
}

// Two keys in a row; a wrong one locks the register until the next reset (3.6.1).
static bool key_write(part_t *p, uint32_t offset, uint8_t *step, uint32_t key1, uint32_t key2)
{
    uint32_t v = R(p, offset);
    R(p, offset) = 0;
    if (*step == 0 && v == key1) {
        *step = 1;
    } else if (*step == 1 && v == key2) {
        *step = 0;
        return true;
    } else {
        *step = KEY_DEAD;
        machine_report(p->m, REPORT_GUEST_ERROR, p->base + offset,
                       "flash: wrong key 0x%08x; locked until the next reset", v);
    }
    return false;
}

static void keyr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    if (key_write(p, FLASH_KEYR, &f->key, 0x45670123, 0xCDEF89AB))
        R(p, FLASH_CR) &= ~CR_LOCK;
}

static void optkeyr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    if (key_write(p, FLASH_OPTKEYR, &f->optkey, 0x08192A3B, 0x4C5D6E7F))
        R(p, FLASH_OPTCR) &= ~OPTCR_OPTLOCK;
}

static void sr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update_irq((stm32_flash_t *)p);
}

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    uint32_t *cr = &R(p, FLASH_CR);
    if (old & CR_LOCK || R(p, FLASH_SR) & SR_BSY) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base | 2, "flash: FLASH_CR is written while %s",
                       old & CR_LOCK ? "locked" : "busy");
        *cr = old;
        return;
    }
    update_irq(f);
    if (!(*cr & CR_STRT))
        return;
    if (*cr & (CR_SER | CR_MER) && !(*cr & CR_PG))
        erase(f);
    else
        fail(f, SR_PGSERR, "FLASH_CR.STRT without SER or MER, or with PG");
    if (!(R(p, FLASH_SR) & SR_BSY))
        *cr &= ~CR_STRT;
}

static void optcr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    uint32_t *optcr = &R(p, FLASH_OPTCR);
    if (old & OPTCR_OPTLOCK || R(p, FLASH_SR) & SR_BSY) {
        machine_report(p->m, REPORT_GUEST_ERROR, p->base | 3,
                       "flash: FLASH_OPTCR is written while %s",
                       old & OPTCR_OPTLOCK ? "locked" : "busy");
        *optcr = old;
        return;
    }
    if ((*optcr ^ old) & 0xFF00)
        machine_unmodelled(p->m, p->base + FLASH_OPTCR, "flash read-out protection");
    if (*optcr & OPTCR_OPTSTRT)
        busy_for(f, erase_ms[0][2] * PS_PER_MS, false);
}

// ---- The part ---------------------------------------------------------------------------------------

static void put32(uint8_t *to, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = v >> 8 * i;
}

// RM0090 39.1: place on the wafer, its number, and seven characters of the lot's number.
static void fill_system_memory(machine_t *m)
{
    mem_t *mem = bus_mem_named(m->bus, "system");
    if (!mem)
        return;
    memset(mem->data, 0xFF, mem->size);
    uint32_t mixed = (m->seed + 1) * 0x9E3779B1u;
    uint8_t *uid = mem->data + 0x7A10;
    put32(uid, (mixed >> 24 & 0x3F) << 16 | (mixed >> 16 & 0x3F));
    uid[4] = 1 + (mixed >> 8 & 15);
    g_autofree char *lot = g_strdup_printf("%07u", mixed % 10000000);
    memcpy(uid + 5, lot, 7);
    put32(mem->data + 0x7A20, (bus_mem_named(m->bus, "flash")->size / 1024) << 16 | 0xFFFF);
    put32(mem->data + 0xC000, 0xFFFFAAEF);
    put32(mem->data + 0xC008, 0xFFFF0FFF);
}

enum { PROP_CUT_AT };

// Another step for the cut brings the power back (between two runs: see machine_reset).
static void cut_changed(part_t *p, unsigned index)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    f->cut_at = (uint32_t)part_prop_get(p, PROP_CUT_AT);
    if (f->off)
        machine_reset(p->m, true);
}

static double steps_read(part_t *p, unsigned index) { return ((stm32_flash_t *)p)->steps; }

static bool flash_init(part_t *p, GError **error)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    f->mem = bus_mem_named(p->m->bus, "flash");
    f->mem->writer = p;
    f->mem->store = flash_store;
    f->irq = part_line(p, "irq");
    f->power_fail = part_line(p, "power_fail");
    event_init(&f->done, "flash operation", done, f);
    cut_changed(p, PROP_CUT_AT);
    clk_listen(p->clk, hclk_changed, f);
    fill_system_memory(p->m);
    return true;
}

static void flash_reset(part_t *p, bool power)
{
    stm32_flash_t *f = (stm32_flash_t *)p;
    if (event_pending(&f->done)) {
        machine_cancel(p->m, &f->done);
        complete_half(f);
    }
    f->waiting.size = 0;
    f->key = f->optkey = 0;
    if (power) {
        f->protect = 0xFFF;
        f->steps = 0;
        f->off = false;
        line_set(f->power_fail, false);
    }
    R(p, FLASH_OPTCR) = (R(p, FLASH_OPTCR) & ~0x0FFF0000u) | f->protect << 16;
    update_timing(f);
    update_irq(f);
}

static const part_reg_t flash_regs[] = {
    {"ACR", FLASH_ACR, .ro = 0xFFFFE0F8, .write = acr_write},
    {"KEYR", FLASH_KEYR, .write = keyr_write},
    {"OPTKEYR", FLASH_OPTKEYR, .write = optkeyr_write},
    {"SR", FLASH_SR, .ro = 0xFFFFFF0C, .w1c = 0xF3, .write = sr_write},
    {"CR", FLASH_CR, .reset = 0x80000000, .ro = 0x7CFEFC80, .write = cr_write},
    {"OPTCR", FLASH_OPTCR, .reset = 0x0FFFAAED, .ro = 0xF0000010, .write = optcr_write},
    {0},
};

static const part_prop_t flash_props[] = {
    [PROP_CUT_AT] = {"cut-at", "", 0, 1e9, 0, 1, PROP_RANGE, NULL, cut_changed, NULL},
    {"steps", "", 0, 1e9, 0, 1, PROP_OUTPUT, NULL, NULL, steps_read},
    {0},
};

const part_class_t stm32_flash_class = {
    .name = "stm32-flash",
    .brief = "STM32F405 flash interface",
    .size = sizeof(stm32_flash_t),
    .regs = flash_regs,
    .mmio_size = 0x400,
    .props = flash_props,
    .init = flash_init,
    .reset = flash_reset,
};
