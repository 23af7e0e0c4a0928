// SPDX-License-Identifier: GPL-2.0-or-later
// Where a Cortex-M image starts (ARMv6-M and ARMv7-M Architecture Reference Manual, B1.5.5: the vector
// table). Firmware may begin behind a SoftDevice or a boot loader that is not in the image. It is
// started with the vectors that it begins with, as they would do.
#include "cortexm_int.h"
#include "../machine.h"

static bool code_and_stack(bus_t *bus, uint32_t at, const uint32_t vectors[2])
{
    uint32_t offset;
    mem_t *stack = bus_mem_at(bus, vectors[0] - 4, &offset);
    mem_t *code = bus_mem_at(bus, vectors[1] & ~1u, &offset);
    return stack && stack->kind == MEM_RAM && code && code->kind == MEM_FLASH && vectors[1] & 1 &&
           vectors[1] >= at;
}

bool cm_find_boot(cpu_t *c, const image_t *image, uint32_t flash, GError **error)
{
    machine_t *m = c->m;
    uint32_t vectors[2];
    if (!bus_peek(m->bus, m->boot_address, vectors, 8) || vectors[1] != UINT32_MAX)
        return true;
    for (guint i = 0; i < image->segments->len; i++) {
        uint32_t at = g_array_index(image->segments, image_segment_t, i).address;
        if (at < flash || at % 256 || !bus_peek(m->bus, at, vectors, 8) ||
            !code_and_stack(m->bus, at, vectors))
            continue;
        m->boot_address = at;
        machine_report(m, REPORT_NOTE, 0,
                       "nothing at 0x%x, where the CPU starts: taking the vectors at 0x%x, as a "
                       "SoftDevice or boot loader would", m->soc->boot_address, at);
        return true;
    }
    g_set_error(error, machine_error_quark(), 0,
                "nothing at 0x%x, where the CPU starts, and no other vector table", m->soc->boot_address);
    return false;
}
