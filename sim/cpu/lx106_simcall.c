// SPDX-License-Identifier: GPL-2.0-or-later
// SIMCALL, for programs that run on simulators only (Xtensa ISA, SIMCALL; numbers as the "sim" machine
// of QEMU and the Xtensa tools have them): write to standard output or error, exit. On the chip, and
// without --semihosting, it does nothing.
#include "lx106_int.h"

enum { SYS_EXIT = 1, SYS_WRITE = 4, ENOSYS_XTENSA = 88, EBADF_XTENSA = 9 };

static void write_console(lx106_t *c, uint32_t address, uint32_t n)
{
    machine_t *m = c->cpu.m;
    char bytes[256];
    while (n) {
        uint32_t piece = MIN(n, sizeof bytes);
        if (!bus_peek(m->bus, address, bytes, piece))
            return;
        if (m->console)
            m->console(m->console_ctx, bytes, piece);
        address += piece;
        n -= piece;
    }
}

void lx_simcall(lx106_t *c)
{
    uint32_t fd = c->a[3], n = c->a[5];
    if (!c->cpu.m->semihosting)
        return;
    switch (c->a[2]) {
    case SYS_EXIT:
        c->cpu.exit_code = c->a[3] & 0xFF;
        c->exit_wanted = true;
        c->limit = 0;
        return;
    case SYS_WRITE:
        if (fd == 1 || fd == 2)
            write_console(c, c->a[4], n);
        c->a[2] = fd == 1 || fd == 2 ? n : UINT32_MAX;
        c->a[3] = fd == 1 || fd == 2 ? 0 : EBADF_XTENSA;
        return;
    default:
        c->a[2] = UINT32_MAX;
        c->a[3] = ENOSYS_XTENSA;
    }
}
