// SPDX-License-Identifier: GPL-2.0-or-later
// Tasks, events, shortcuts and interrupts of all nRF51 peripherals: see nrf51.h.
#include "nrf51.h"

enum { EVENTS_AT = 0x100 };

static uint32_t event_bit(uint16_t offset) { return 1u << (offset - EVENTS_AT) / 4; }

static void update_irq(nrf_t *n)
{
    line_set(n->irq, n->events & R(&n->p, NRF_INTEN_AT));
}

void nrf_init(part_t *p, const nrf_desc_t *desc)
{
    nrf_t *n = (nrf_t *)p;
    n->desc = desc;
    n->irq = part_line(p, "irq");
    n->ppi = machine_part(p->m, "ppi"); // its row comes first in the chip's table
}

void nrf_reset(part_t *p)
{
    nrf_t *n = (nrf_t *)p;
    n->events = 0;
    update_irq(n);
}

void nrf_task(part_t *p, uint16_t offset) { part_mmio_write(p, offset, 4, 1); }

void nrf_event(part_t *p, uint16_t offset)
{
    nrf_t *n = (nrf_t *)p;
    R(p, offset) = 1;
    n->events |= event_bit(offset);
    update_irq(n);
    const nrf_short_t *s = n->desc->shorts;
    for (uint32_t on = s ? R(p, NRF_SHORTS_AT) : 0; on && s->event; s++)
        if (s->event == offset && on >> s->bit & 1)
            nrf_task(p, s->task);
    if (n->ppi && (!n->desc->routed || n->desc->routed(p, offset)))
        nrf_ppi_event(n->ppi, p->base + offset);
}

bool nrf_event_wanted(part_t *p, uint16_t offset)
{
    nrf_t *n = (nrf_t *)p;
    if (R(p, NRF_INTEN_AT) & event_bit(offset))
        return true;
    const nrf_short_t *s = n->desc->shorts;
    for (uint32_t on = s ? R(p, NRF_SHORTS_AT) : 0; on && s->event; s++)
        if (s->event == offset && on >> s->bit & 1)
            return true;
    return n->ppi && nrf_ppi_listens(n->ppi, p->base + offset);
}

void nrf_task_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (!(p->written & 1))
        return;
    for (const nrf_task_t *t = ((nrf_t *)p)->desc->tasks; t->run; t++) {
        unsigned i = (reg->offset + 4 * n - t->offset) / 4;
        if (reg->offset + 4 * n >= t->offset && i < MAX(t->count, 1)) {
            t->run(p, i);
            return;
        }
    }
}

void nrf_event_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint16_t offset = reg->offset + 4 * n;
    if (!R(p, offset))
        ((nrf_t *)p)->events &= ~event_bit(offset);
    update_irq((nrf_t *)p);
}

uint32_t nrf_inten_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return R(p, NRF_INTEN_AT);
}

void nrf_inten_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    const part_reg_t *inten = reg;
    while (inten->offset != NRF_INTEN_AT) // the rows of NRF_INTEN stand together
        inten--;
    uint32_t bits = p->written & ~inten->ro;
    if (reg->offset == NRF_INTENSET_AT)
        R(p, NRF_INTEN_AT) |= bits;
    else if (reg->offset == NRF_INTENCLR_AT)
        R(p, NRF_INTEN_AT) &= ~bits;
    update_irq((nrf_t *)p);
}

void nrf_power_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, NRF_POWER_AT) == old)
        return;
    part_reset(p, false);
    R(p, NRF_POWER_AT) = !old;
}
