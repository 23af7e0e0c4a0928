// SPDX-License-Identifier: GPL-2.0-or-later
// Accesses of the Cortex-M engine to peripherals, and what follows from them on *fast*.
//
// On *fast* nothing can stop a block once it runs. When an access to a peripheral asks for it (its
// interrupt is to be taken at the next instruction, an event became due inside the block, or nobody
// answered), the block is *split*: registers are saved inside the call-back, RAM too when the rest of
// the block stores, the rest runs into the void (its accesses to peripherals are ignored), and then
// everything is put back and the accessing instruction is finished on *exact*, where the accesses that
// it has already made are answered from a log.
#include "cortexm_int.h"
#include <string.h>

// ---- Splits -----------------------------------------------------------------------------------------

// May what still runs from instruction n on change RAM? On *exact* that is conditional ones only.
static bool rest_stores(const cortexm_t *c, unsigned n)
{
    const cm_block_t *b = c->blk;
    for (; n < b->n && (c->cur == c->fast || b->ins[n].cond); n++)
        if (b->ins[n].store)
            return true;
    return false;
}

static void save_ram(cortexm_t *c, bool restore)
{
    bus_t *bus = c->cpu.m->bus;
    size_t n = 0, at = 0;
    for (unsigned i = 0; i < bus_mem_count(bus); i++)
        n += bus_mem(bus, i)->kind == MEM_RAM ? bus_mem(bus, i)->size : 0;
    if (!c->ram_copy)
        c->ram_copy = g_malloc(n);
    for (unsigned i = 0; i < bus_mem_count(bus); i++) {
        mem_t *mem = bus_mem(bus, i);
        if (mem->kind != MEM_RAM)
            continue;
        if (restore)
            memcpy(mem->data, c->ram_copy + at, mem->size);
        else
            memcpy(c->ram_copy + at, mem->data, mem->size);
        at += mem->size;
    }
}

void cm_split(cortexm_t *c, cm_split_t why, unsigned ins, uint32_t address)
{
    c->split = why;
    c->gate = 0;
    c->split_ins = ins;
    c->split_address = address;
    uc_context_save(c->cur, c->split_context);
    bool again = why == SPLIT_STOP || c->blk->ins[ins].count > 1;
    c->ram_saved = c->blk == &c->none || rest_stores(c, again ? ins : ins + 1);
    if (c->ram_saved)
        save_ram(c, false);
}

// ---- Memory accesses --------------------------------------------------------------------------------

// Address of access `sub` of an instruction, from the registers as they are now.
uint32_t cm_address_of(cortexm_t *c, const cm_ins_t *i, unsigned sub)
{
    if (i->base == 15)
        return i->literal;
    uint32_t at = cm_get(c, i->base) + i->disp;
    if (i->index != CM_NO_REG)
        at += cm_get(c, i->index) << i->shift;
    return at + sub * i->size;
}

// Which instruction of the running block makes this access.
unsigned cm_accessor(cortexm_t *c, uint32_t address, bool write)
{
    const cm_block_t *b = c->blk;
    if (c->cur == c->exact)
        return c->next ? c->next - 1 : 0;
    for (unsigned n = c->next, sub = c->sub; n < b->n; n++, sub = 0) {
        const cm_ins_t *i = &b->ins[n];
        if (!(write ? i->store : i->load) || i->base == 15 || (i->cond && n != c->probed))
            continue;
        uint32_t at = cm_address_of(c, i, 0);
        if (address < at + sub * i->size || address >= at + i->count * i->size)
            continue;
        sub = (address - at) / i->size + 1;
        c->next = sub == i->count ? n + 1 : n;
        c->sub = sub == i->count ? 0 : sub;
        return n;
    }
    // Not by a known instruction: keep to the first one that is not behind us.
    return MIN(c->next, b->n - 1u);
}

unsigned cm_wait_cycles(cortexm_t *c, uint32_t address, bool write)
{
    const struct soc_wait *w = c->last_wait;
    if (!w || address - w->base >= w->size) {
        for (w = c->soc->waits; w && w->size && address - w->base >= w->size; w++)
            ;
        if (!w || !w->size)
            return 0;
        c->last_wait = w;
    }
    return write ? w->write : w->read;
}

// Bit-band aliases: 32 MB at +32 MB stand for the bits of 1 MB.
static bool bit_band(const cortexm_t *c, uint32_t address, uint32_t *byte, unsigned *bit)
{
    uint32_t region = address & 0xFE000000;
    if (c->v6m || (region != 0x22000000 && region != 0x42000000))
        return false;
    uint32_t offset = address & 0x01FFFFFF;
    *byte = (region - 0x02000000) + offset / 32;
    *bit = offset / 4 % 8;
    return true;
}

static bool bus_access(cortexm_t *c, uint32_t address, unsigned size, bool write, uint32_t *value)
{
    uint32_t byte;
    unsigned bit;
    bus_t *bus = c->cpu.m->bus;
    if (address >> 20 == 0xE00 && (write ? cm_scs_write(c, address, size, *value)
                                         : cm_scs_read(c, address, size, value)))
        return true;
    if (bit_band(c, address, &byte, &bit)) {
        // The bus matrix reads, changes and writes the word of the access's size.
        uint32_t v, at = byte & ~(size - 1);
        unsigned shift = (byte - at) * 8 + bit;
        if (!bus_read(bus, at, size, &v))
            return false;
        if (!write)
            return *value = v >> shift & 1, true;
        v = (v & ~(1u << shift)) | (*value & 1) << shift;
        return bus_write(bus, at, size, v);
    }
    return write ? bus_write(bus, address, size, *value) : bus_read(bus, address, size, value);
}

// Does *fast* have to stop behind the access that instruction n has just made?
static bool must_stop(cortexm_t *c, unsigned n)
{
    if (c->attention) { // asks for a look; most often there is nothing
        if (c->reset_wanted || c->locked || c->exit_wanted || c->dirty->len || cm_exact_only(c) ||
            cm_exc_pending(c))
            return true;
        c->attention = false;
        cm_set_limit(c, c->until);
    }
    return c->cycles + c->blk->worst > c->limit && (n + 1 < c->blk->n || c->sub);
}

static uint32_t access_part(cortexm_t *c, uint32_t address, unsigned size, bool write, uint32_t value)
{
    cm_path_leave(c);
    if (c->split || c->blk == &c->none)
        return 0;
    unsigned n = cm_accessor(c, address, write);
    if (c->replay_state == REPLAY_RUNS && c->replay < c->log_n)
        return c->log[c->replay++];
    if (c->cur == c->fast && n != c->log_ins)
        c->log_n = 0;
    c->log_ins = n;
    c->access_now = cm_ins_time(c, n);
    c->in_access = true;
    bool ok = bus_access(c, address, size, write, &value) ||
              (write && cm_exc_store_fault(c, address));
    c->in_access = false;
    c->cycles += cm_wait_cycles(c, address, write);
    if (c->log_n < CM_LOG)
        c->log[c->log_n++] = value;
    c->replay = c->log_n;
    if (!ok)
        cm_split(c, SPLIT_FAULT, n, address);
    else if (c->cur == c->fast && must_stop(c, n))
        cm_split(c, SPLIT_AFTER, n, address);
    if (c->cur == c->fast && !c->sub)
        c->log_ins = UINT_MAX; // the instruction has made all its accesses
    return value;
}

uint64_t cm_mmio_read(uc_engine *uc, uint64_t offset, unsigned size, void *user)
{
    cm_region_t *r = user;
    uint32_t address = r->base + (uint32_t)offset;
    if (size == 8) {
        uint64_t low = access_part(r->c, address, 4, false, 0);
        return low | (uint64_t)access_part(r->c, address + 4, 4, false, 0) << 32;
    }
    return access_part(r->c, address, size, false, 0);
}

void cm_mmio_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *user)
{
    cm_region_t *r = user;
    uint32_t address = r->base + (uint32_t)offset;
    access_part(r->c, address, size == 8 ? 4 : size, true, value);
    if (size == 8)
        access_part(r->c, address + 4, 4, true, value >> 32);
}

// Puts everything back to where the block was split: before the accessing instruction, on *exact*.
void cm_uc_rejoin(cortexm_t *c)
{
    cm_split_t why = c->split;
    if (c->ram_saved)
        save_ram(c, true);
    c->ram_saved = false;
    c->split = SPLIT_NONE;
    c->part_next = 1;
    cm_set_limit(c, c->limit);
    if (why == SPLIT_STOP) {
        uc_context_restore(c->cur, c->split_context);
        return;
    }
    cm_uc_use(c, true);
    uc_context_restore(c->exact, c->split_context);
    c->next = c->split_ins;
    c->sub = 0;
    c->resume = c->blk->address + c->blk->ins[c->split_ins].offset;
    c->replay_state = why == SPLIT_FAULT ? REPLAY_NONE : REPLAY_ARMED;
    c->replay = 0;
}
