// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 non-volatile memory controller (nRF51 Series Reference Manual, chapter NVMC) with the flash
// and the UICR behind it.
//
// Modelled: writing of words, which can only clear bits, erasing of pages, of everything and of the
// UICR, blocks protected by MPU.PROTENSET; durations as the greatest of the product specification. The
// CPU stands still meanwhile when its code is in flash; code in RAM goes on and sees READY = 0.
// A store that is not allowed (not enabled, not a word, protected) is a bus error.
#include "nrf51.h"
#include <string.h>

enum { NVMC_READY = 0x400, NVMC_CONFIG = 0x504, NVMC_ERASEPAGE = 0x508, NVMC_ERASEALL = 0x50C,
       NVMC_ERASEPCR0 = 0x510, NVMC_ERASEUICR = 0x514 };
enum { WEN = 1, EEN = 2 };
enum { PAGE = 1024, BLOCK = 4096 };
#define WRITE_PS (UINT64_C(46300) * PS_PER_NS)
#define ERASE_PS (UINT64_C(22300) * PS_PER_US)

typedef struct {
    nrf_t n;
    mem_t *flash, *uicr;
    uint64_t ready_ps; // saved: busy until then
} nrf51_nvmc_t;

static bool busy(const nrf51_nvmc_t *f) { return machine_now_ps(f->n.p.m) < f->ready_ps; }

static void refuse(nrf51_nvmc_t *f, const char *what, uint32_t offset)
{
    machine_report(f->n.p.m, REPORT_GUEST_ERROR, 0, "NVMC: %s, at 0x%08x", what, offset);
}

// The operation begins when the one before has ended.
static void take(nrf51_nvmc_t *f, uint64_t duration_ps)
{
    machine_t *m = f->n.p.m;
    f->ready_ps = MAX(f->ready_ps, machine_now_ps(m)) + duration_ps;
    if (m->cpu && m->cpu->cls->pc(m->cpu) - f->flash->base < f->flash->size)
        machine_stall(m, f->ready_ps);
}

// MPU: one bit for each 4 KB.
static bool protected(const nrf51_nvmc_t *f, uint32_t offset)
{
    part_t *power = machine_part(f->n.p.m, "power");
    uint32_t block = offset / BLOCK;
    return power && R(power, block < 32 ? 0x600 : 0x604) >> block % 32 & 1;
}

static bool may_store(part_t *p, mem_t *mem, uint32_t offset, unsigned size)
{
    nrf51_nvmc_t *f = (nrf51_nvmc_t *)p;
    const char *why = (R(p, NVMC_CONFIG) & 3) != WEN ? "a write that CONFIG does not enable"
                      : size != 4 || offset & 3      ? "a write that is not a word"
                      : mem == f->flash && protected(f, offset) ? "a write to a protected block"
                                                                : NULL;
    if (why)
        refuse(f, why, mem->base + offset);
    return !why;
}

static void store(part_t *p, mem_t *mem, uint32_t offset, unsigned size, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        mem->data[offset + i] &= value >> 8 * i;
    bus_code_changed(p->m->bus, mem, offset, 4);
    take((nrf51_nvmc_t *)p, WRITE_PS);
}

static void erase(nrf51_nvmc_t *f, mem_t *mem, uint32_t offset, uint32_t n)
{
    memset(mem->data + offset, 0xFF, n);
    bus_code_changed(f->n.p.m->bus, mem, offset, n);
}

static bool may_erase(nrf51_nvmc_t *f, uint32_t address)
{
    if ((R(&f->n.p, NVMC_CONFIG) & 3) == EEN)
        return true;
    refuse(f, "an erase that CONFIG does not enable", address);
    return false;
}

static void page_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_nvmc_t *f = (nrf51_nvmc_t *)p;
    uint32_t offset = (p->written - f->flash->base) & ~(uint32_t)(PAGE - 1);
    if (!may_erase(f, p->written))
        return;
    if (offset >= f->flash->size) {
        refuse(f, "an erase of what is no page of the flash", p->written);
    } else if (protected(f, offset)) {
        refuse(f, "an erase of a protected block", p->written);
    } else {
        erase(f, f->flash, offset, PAGE);
        take(f, ERASE_PS);
    }
}

static void all_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    nrf51_nvmc_t *f = (nrf51_nvmc_t *)p;
    if (!(p->written & 1) || !may_erase(f, f->uicr->base))
        return;
    if (reg->offset == NVMC_ERASEALL)
        erase(f, f->flash, 0, f->flash->size);
    erase(f, f->uicr, 0, f->uicr->size);
    take(f, ERASE_PS);
}

static uint32_t ready_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return !busy((nrf51_nvmc_t *)p);
}

static const nrf_desc_t desc = {.tasks = (const nrf_task_t[]){{0}}};

static bool nvmc_init(part_t *p, GError **error)
{
    nrf51_nvmc_t *f = (nrf51_nvmc_t *)p;
    nrf_init(p, &desc);
    f->flash = bus_mem_named(p->m->bus, "flash");
    f->uicr = bus_mem_named(p->m->bus, "uicr");
    f->flash->writer = f->uicr->writer = p;
    f->flash->store = f->uicr->store = store;
    f->flash->may_store = f->uicr->may_store = may_store;
    return true;
}

static void nvmc_reset(part_t *p, bool power) { ((nrf51_nvmc_t *)p)->ready_ps = 0; }

static const part_reg_t nvmc_regs[] = {
    {"READY", NVMC_READY, .ro = ~0u, .read = ready_read},
    {"CONFIG", NVMC_CONFIG, .ro = ~3u},
    {"ERASEPAGE", NVMC_ERASEPAGE, .write = page_write},
    {"ERASEALL", NVMC_ERASEALL, .ro = ~0u, .write = all_write},
    {"ERASEPCR0", NVMC_ERASEPCR0, .write = page_write},
    {"ERASEUICR", NVMC_ERASEUICR, .ro = ~0u, .write = all_write},
    {0},
};

const part_class_t nrf51_nvmc_class = {
    .name = "nrf51-nvmc",
    .brief = "nRF51 non-volatile memory controller",
    .size = sizeof(nrf51_nvmc_t),
    .regs = nvmc_regs,
    .mmio_size = NRF_SIZE,
    .init = nvmc_init,
    .reset = nvmc_reset,
};
