// SPDX-License-Identifier: GPL-2.0-or-later
// Windows of ESP8266 registers that nobody has written down: the radio's analog and digital parts.
// Software sets them up and looks at some of them; what it needs is that they read what was written
// last. The first access is reported as not modelled, once for the whole radio. The variant is an
// offset whose bit 31 always reads 1 (the "ready" that the SDK's calibration waits for), or 0.
#include "machine.h"

enum { RADIO = 0x60000400 };

static void tell(part_t *p)
{
    if (!p->peeking)
        machine_unmodelled(p->m, RADIO, "the radio");
}

static uint32_t store_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    tell(p);
    return R(p, 4 * n) | (p->variant && 4 * n == p->variant ? 1u << 31 : 0);
}

static void store_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old) { tell(p); }

static const part_reg_t store_regs[] = {
    {"REG", 0, .count = 128, .read = store_read, .write = store_write},
    {0},
};

const part_class_t esp8266_store_class = {
    .name = "esp8266-store",
    .brief = "ESP8266 registers of the radio, kept but not modelled",
    .size = sizeof(part_t),
    .regs = store_regs,
    .mmio_size = 0x200,
};
