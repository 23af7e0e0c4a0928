// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 IO_MUX ("ESP8266 Technical Reference", GPIO; names as in the SDK's eagle_soc.h): one
// register for each pad. What they do is in gpio.c, which looks at these registers; here they are
// kept.
//
// After a reset each pad has function 0. Pull-ups are then on where people measure a high level at
// start-up (GPIO0 to 3 and 6 to 14), and the pull-down of GPIO15; GPIO4 and 5 float. CONF: the
// clocks of SPI, stored.
//
// Lines out: 0 ... 15, a pulse when the register of that GPIO is written.
#include "machine.h"

enum { PADS = 16, PULL_DOWN = 1 << 6, PULL_UP = 1 << 7 };

typedef struct {
    part_t p;
    line_t *changed[PADS]; // in the order of the registers
} esp8266_iomux_t;

// The GPIO of each register from 0x04 on.
static const uint8_t gpios[PADS] = {12, 13, 14, 15, 3, 1, 6, 7, 8, 9, 10, 11, 0, 2, 4, 5};

static void pad_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (p->r[reg->offset / 4] != old)
        line_pulse(((esp8266_iomux_t *)p)->changed[reg->offset / 4 - 1]);
}

static bool iomux_init(part_t *p, GError **error)
{
    for (unsigned i = 0; i < PADS; i++) {
        char name[4];
        g_snprintf(name, sizeof name, "%u", gpios[i]);
        ((esp8266_iomux_t *)p)->changed[i] = part_line(p, name);
    }
    return true;
}

#define PAD(name, offset, pulls) {name, offset, .reset = pulls, .ro = ~0x1FFu, .write = pad_write}
static const part_reg_t iomux_regs[] = {
    {"CONF", 0x00},
    PAD("MTDI", 0x04, PULL_UP),
    PAD("MTCK", 0x08, PULL_UP),
    PAD("MTMS", 0x0C, PULL_UP),
    PAD("MTDO", 0x10, PULL_DOWN),
    PAD("U0RXD", 0x14, PULL_UP),
    PAD("U0TXD", 0x18, PULL_UP),
    PAD("SD_CLK", 0x1C, PULL_UP),
    PAD("SD_DATA0", 0x20, PULL_UP),
    PAD("SD_DATA1", 0x24, PULL_UP),
    PAD("SD_DATA2", 0x28, PULL_UP),
    PAD("SD_DATA3", 0x2C, PULL_UP),
    PAD("SD_CMD", 0x30, PULL_UP),
    PAD("GPIO0", 0x34, PULL_UP),
    PAD("GPIO2", 0x38, PULL_UP),
    PAD("GPIO4", 0x3C, 0),
    PAD("GPIO5", 0x40, 0),
    {0},
};

const part_class_t esp8266_iomux_class = {
    .name = "esp8266-iomux",
    .brief = "ESP8266 functions and pulls of the pads",
    .size = sizeof(esp8266_iomux_t),
    .regs = iomux_regs,
    .mmio_size = 0x100,
    .init = iomux_init,
};
