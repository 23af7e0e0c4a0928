// SPDX-License-Identifier: GPL-2.0-or-later
// The address map: memories in a short list, parts in an array sorted by base. See bus.h.
#include "bus.h"
#include "machine.h"
#include <string.h>
#include <unistd.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ERASED_PIECE = 1 << 16 }; // a multiple of every host's page size

struct bus {
    machine_t *m;
    GPtrArray *mems;  // mem_t *, owned
    GPtrArray *parts; // part_t *, sorted by base
    part_t *last;     // hit last time
};

bus_t *bus_new(machine_t *m)
{
    bus_t *b = g_new0(bus_t, 1);
    b->m = m;
    b->mems = g_ptr_array_new();
    b->parts = g_ptr_array_new();
    return b;
}

// The engine maps whole pages of the host's buffer.
static size_t host_size(uint32_t size)
{
    size_t page = sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

void bus_free(bus_t *b)
{
    for (guint i = 0; i < b->mems->len; i++) {
        mem_t *mem = b->mems->pdata[i];
        // Ordinary memory again, as the allocator expects it.
        if (mem->kind == MEM_FLASH)
            mmap(mem->data, host_size(mem->size), PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        free(mem->data);
        g_free(mem->name);
        g_free(mem);
    }
    g_ptr_array_unref(b->mems);
    g_ptr_array_unref(b->parts);
    g_free(b);
}

// Erased flash takes none of the host's memory until it is written: all of it is one piece of a file, over
// and over, of which each page is copied at its first write. What cannot be mapped so is filled.
static void fill_erased(uint8_t *data, size_t bytes)
{
    size_t done = 0;
    uint8_t *piece = g_malloc(ERASED_PIECE);
    memset(piece, 0xFF, ERASED_PIECE);
    int fd = memfd_create("erased flash", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, piece, ERASED_PIECE) == ERASED_PIECE)
        while (done < bytes && mmap(data + done, MIN(ERASED_PIECE, bytes - done), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_FIXED, fd, 0) != MAP_FAILED)
            done += MIN(ERASED_PIECE, bytes - done);
    memset(data + done, 0xFF, bytes - done);
    if (fd >= 0)
        close(fd);
    g_free(piece);
}

mem_t *bus_add_mem(bus_t *b, const char *name, mem_kind_t kind, uint32_t base, uint32_t size)
{
    mem_t *mem = g_new0(mem_t, 1);
    mem->name = g_strdup(name);
    mem->kind = kind;
    mem->base = base;
    mem->size = size;
    size_t bytes = host_size(size);
    mem->data = aligned_alloc(sysconf(_SC_PAGESIZE), bytes);
    if (!mem->data)
        g_error("no memory for %s (%zu bytes)", name, bytes);
    if (kind == MEM_FLASH)
        fill_erased(mem->data, bytes);
    else
        memset(mem->data, 0, bytes);
    g_ptr_array_add(b->mems, mem);
    return mem;
}

static gint by_base(gconstpointer a, gconstpointer b)
{
    const part_t *x = *(part_t *const *)a, *y = *(part_t *const *)b;
    return x->base < y->base ? -1 : x->base > y->base;
}

void bus_add_part(bus_t *b, part_t *p)
{
    g_ptr_array_add(b->parts, p);
    g_ptr_array_sort(b->parts, by_base);
}

mem_t *bus_mem_at(const bus_t *b, uint32_t address, uint32_t *offset)
{
    for (guint i = 0; i < b->mems->len; i++) {
        mem_t *mem = b->mems->pdata[i];
        uint32_t at = address - mem->base;
        if (at >= mem->size && mem->alias_on)
            at = address - mem->alias;
        if (at < mem->size) {
            if (offset)
                *offset = at;
            return mem;
        }
    }
    return NULL;
}

mem_t *bus_mem_named(const bus_t *b, const char *name)
{
    for (guint i = 0; i < b->mems->len; i++) {
        mem_t *mem = b->mems->pdata[i];
        if (!strcmp(mem->name, name))
            return mem;
    }
    return NULL;
}

unsigned bus_mem_count(const bus_t *b) { return b->mems->len; }
mem_t *bus_mem(const bus_t *b, unsigned i) { return b->mems->pdata[i]; }

part_t *bus_part_at(const bus_t *b, uint32_t address)
{
    part_t *p = b->last;
    if (p && address - p->base < p->cls->mmio_size)
        return p;
    guint low = 0, high = b->parts->len;
    while (low < high) {
        guint mid = (low + high) / 2;
        p = b->parts->pdata[mid];
        if (address - p->base < p->cls->mmio_size && address >= p->base) {
            ((bus_t *)b)->last = p; // a cache, not state
            return p;
        }
        if (address < p->base)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

// A peripheral that the chip has and we do not model.
static bool known_unmodelled(bus_t *b, uint32_t address, const char *what)
{
    const soc_unmodelled_t *u = b->m->soc ? b->m->soc->unmodelled : NULL;
    for (; u && u->name; u++)
        if (address - u->base < u->size) {
            g_autofree char *text = g_strdup_printf("%s of %s", what, u->name);
            machine_unmodelled(b->m, address, text);
            return true;
        }
    return false;
}

static uint32_t get(const uint8_t *at, unsigned size)
{
    uint32_t v = 0;
    memcpy(&v, at, size); // little-endian guests on little-endian hosts
    return v;
}

bool bus_read(bus_t *b, uint32_t address, unsigned size, uint32_t *value)
{
    uint32_t offset;
    part_t *p = bus_part_at(b, address);
    if (p) {
        *value = part_mmio_read(p, address - p->base, size);
        return true;
    }
    mem_t *mem = bus_mem_at(b, address, &offset);
    if (mem && mem->size - offset >= size) {
        *value = get(mem->data + offset, size);
        return true;
    }
    *value = 0;
    return known_unmodelled(b, address, "read");
}

bool bus_write(bus_t *b, uint32_t address, unsigned size, uint32_t value)
{
    uint32_t offset;
    part_t *p = bus_part_at(b, address);
    if (p) {
        part_mmio_write(p, address - p->base, size, value);
        return true;
    }
    mem_t *mem = bus_mem_at(b, address, &offset);
    if (mem && mem->size - offset >= size) {
        if (mem->kind == MEM_RAM) {
            memcpy(mem->data + offset, &value, size);
            bus_code_changed(b, mem, offset, size);
            return true;
        }
        if (!mem_takes(mem, offset, size))
            return false;
        mem->store(mem->writer, mem, offset, size, value);
        return true;
    }
    return known_unmodelled(b, address, "write");
}

bool bus_peek(bus_t *b, uint32_t address, void *to, uint32_t n)
{
    uint8_t *out = to;
    while (n) {
        uint32_t offset;
        mem_t *mem = bus_mem_at(b, address, &offset);
        part_t *p = mem ? NULL : bus_part_at(b, address);
        uint32_t chunk = 1;
        if (mem) {
            chunk = MIN(n, mem->size - offset);
            memcpy(out, mem->data + offset, chunk);
        } else if (p) {
            chunk = n >= 4 && !(address & 3) ? 4 : 1;
            p->peeking = true;
            uint32_t v = p->off ? 0 : part_mmio_read(p, address - p->base, chunk);
            p->peeking = false;
            memcpy(out, &v, chunk);
        } else {
            return false;
        }
        address += chunk;
        out += chunk;
        n -= chunk;
    }
    return true;
}

bool bus_poke(bus_t *b, uint32_t address, const void *from, uint32_t n)
{
    const uint8_t *in = from;
    while (n) {
        uint32_t offset;
        mem_t *mem = bus_mem_at(b, address, &offset);
        part_t *p = mem ? NULL : bus_part_at(b, address);
        uint32_t chunk = 1;
        if (mem) {
            chunk = MIN(n, mem->size - offset);
            memcpy(mem->data + offset, in, chunk);
            bus_code_changed(b, mem, offset, chunk);
        } else if (p) {
            chunk = n >= 4 && !(address & 3) ? 4 : n >= 2 && !(address & 1) ? 2 : 1;
            part_mmio_write(p, address - p->base, chunk, get(in, chunk));
        } else {
            return false;
        }
        address += chunk;
        in += chunk;
        n -= chunk;
    }
    return true;
}

void bus_code_changed(bus_t *b, mem_t *mem, uint32_t offset, uint32_t n)
{
    cpu_t *c = b->m->cpu;
    if (c && c->cls->code_changed)
        c->cls->code_changed(c, mem->base + offset, n);
}

void bus_timing_changed(bus_t *b, mem_t *mem)
{
    cpu_t *c = b->m->cpu;
    if (c && c->cls->timing_changed)
        c->cls->timing_changed(c, mem);
}
