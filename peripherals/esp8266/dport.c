// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 DPORT: what Espressif's headers call the registers at 0x3FF00000 (there is no manual;
// offsets and bits after the SDK's eagle_soc.h, the mask ROM's Cache_Read_Enable and esptool).
//
// Modelled:
// - CACHE_CTRL: the flash cache on and off, its flush with the handshake, which megabyte of the
//   flash chip the window at 0x40200000 shows, 16 or 32 KB. With BANKS, which say whether the
//   instruction RAM at 0x40108000 and 0x4010C000 is RAM or cache, this decides what the engine
//   sees. A cache without its bank finds nothing: the window is off.
// - CTL bit 0: the core at twice the peripherals' clock.
// - NMI and EDGE_INT: the way from WDT, FRC1 and FRC2 to the core. NMI = 0xF, as the SDK's
//   NmiTimSetFunc writes it, leads FRC1 to the NMI instead of to interrupt 9; other values are not
//   understood.
// - CLOCK_GATE bit 3: the watchdog stands still. The other bits are stored.
// - INT_STATUS, who of SPI0, SPI1 and I2S asks for interrupt 2.
// - IO_SWAP bits 2 and 3: TXD with RTS and RXD with CTS of a UART.
// - the eFuse words from which esptool and the SDK make the MAC address: attribute `mac`; without
//   it one of Espressif's 5c:cf:7f:xx:xx:xx, by the seed.
// Not modelled (reported when used): the other swaps, map bit 24 of CACHE_CTRL. That SPI0 also has
// to let the cache through (its CTRL0 bit 17) is not looked at.
//
// Lines in: wdt, frc1, frc2, spi0, spi1, i2s. Out: int_wdt, int_frc1, int_frc2, nmi, swap_uart0,
// swap_uart1, wdt_stop.
#include "machine.h"
#include <string.h>

enum { NMI = 0x00, EDGE_INT = 0x04, CACHE_CTRL = 0x0C, CTL = 0x14, CLOCK_GATE = 0x18,
       INT_STATUS = 0x20, BANKS = 0x24, IO_SWAP = 0x28, MAC0 = 0x50, MAC1 = 0x54, CHIP_ID = 0x58,
       OUI = 0x5C };
enum { CACHE_FLUSH = 1 << 0, CACHE_EMPTY = 1 << 1, CACHE_ENABLE = 1 << 8, CACHE_UNIT_AT = 16,
       CACHE_MAP_EVEN2 = 1 << 24, CACHE_MAP_ODD = 1 << 25, CACHE_32K = 1 << 26 };
enum { BANK_4010C000 = 1 << 3, BANK_40108000 = 1 << 4 };
enum { CTL_DOUBLE = 1 << 0, GATE_WDT_STOP = 1 << 3, NMI_MASK = 0x1F, NMI_FRC1 = 0xF };
enum { SWAP_UART0 = 1 << 2, SWAP_UART1 = 1 << 3 };
enum { LINE_BYTES = 32, MB = 1 << 20 };

typedef enum { EDGE_WDT, EDGE_FRC1, EDGE_FRC2, EDGES } edge_t;

typedef struct {
    part_t p;
    mem_t *flash, *bank1, *bank2;
    clk_t *apb, *cpu;
    line_t *in[EDGES], *out[EDGES], *nmi, *swap[2], *wdt_stop;
    uint32_t flushes; // saved
    uint8_t mac[6];
} esp8266_dport_t;

static esp8266_dport_t *of(part_t *p) { return (esp8266_dport_t *)p; }

// ---- Flash cache --------------------------------------------------------------------------------

static void set_bank(part_t *p, mem_t *mem, bool cache)
{
    if (!mem || mem->off == cache)
        return;
    mem->off = cache;
    bus_timing_changed(p->m->bus, mem);
}

static uint32_t window_offset(const part_t *p, const mem_t *flash)
{
    uint32_t ctrl = R(p, CACHE_CTRL);
    uint32_t at = (ctrl >> CACHE_UNIT_AT & 7) * 2 * MB + (ctrl & CACHE_MAP_ODD ? MB : 0);
    return at % flash->size;
}

static void set_cache(part_t *p)
{
    esp8266_dport_t *d = of(p);
    uint32_t ctrl = R(p, CACHE_CTRL), banks = R(p, BANKS);
    set_bank(p, d->bank1, banks & BANK_40108000);
    set_bank(p, d->bank2, banks & BANK_4010C000);
    if (!d->flash)
        return;
    mem_t *flash = d->flash, before = *flash;
    bool wide = ctrl & CACHE_32K && banks & BANK_40108000;
    flash->off = !(ctrl & CACHE_ENABLE) || !(banks & BANK_4010C000);
    if (!flash->off) {
        flash->window_offset = window_offset(p, flash);
        flash->timing.icache_lines = (wide ? 2 : 1) * 16384 / LINE_BYTES;
    }
    flash->timing.line_bytes = LINE_BYTES;
    flash->timing.flushes = d->flushes;
    if (flash->off != before.off || flash->window_offset != before.window_offset ||
        memcmp(&flash->timing, &before.timing, sizeof before.timing))
        bus_timing_changed(p->m->bus, flash);
}

static void cache_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t *ctrl = &R(p, CACHE_CTRL);
    if (*ctrl & ~old & CACHE_FLUSH)
        of(p)->flushes++;
    *ctrl = *ctrl & CACHE_FLUSH ? *ctrl | CACHE_EMPTY : *ctrl & ~(uint32_t)CACHE_EMPTY;
    set_cache(p);
}

static void banks_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    set_cache(p);
}

// ---- Clocks and pins ----------------------------------------------------------------------------

static void set_cpu_clock(part_t *p, uint64_t now)
{
    esp8266_dport_t *d = of(p);
    clk_set(d->cpu, d->apb->num * (R(p, CTL) & CTL_DOUBLE ? 2 : 1), d->apb->den, now);
}

static void apb_changed(void *ctx, clk_t *clk, bool before, uint64_t now)
{
    if (!before)
        set_cpu_clock(ctx, now);
}

static void ctl_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    set_cpu_clock(p, machine_now_ps(p->m));
}

static void gate_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    line_set(of(p)->wdt_stop, R(p, CLOCK_GATE) & GATE_WDT_STOP);
}

static void swap_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    line_set(of(p)->swap[0], R(p, IO_SWAP) & SWAP_UART0);
    line_set(of(p)->swap[1], R(p, IO_SWAP) & SWAP_UART1);
}

// ---- Interrupts ---------------------------------------------------------------------------------

static void update_edges(part_t *p)
{
    esp8266_dport_t *d = of(p);
    bool nmi = (R(p, NMI) & NMI_MASK) == NMI_FRC1;
    for (unsigned i = 0; i < EDGES; i++) {
        bool on = d->in[i]->level && R(p, EDGE_INT) >> i & 1;
        if (i == EDGE_FRC1) {
            line_set(d->nmi, on && nmi);
            on = on && !nmi;
        }
        line_set(d->out[i], on);
    }
}

static void edge_in(void *ctx, int which, bool level) { update_edges(ctx); }

static void edges_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    update_edges(p);
}

static void nmi_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    uint32_t choice = R(p, NMI) & NMI_MASK;
    if (choice && choice != NMI_FRC1)
        machine_unmodelled(p->m, p->base + NMI, "a source of the NMI other than FRC1");
    update_edges(p);
}

static uint32_t int_status_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return (part_line(p, "spi0")->level ? 1u << 4 : 0) |
           (part_line(p, "spi1")->level ? 1u << 7 : 0) |
           (part_line(p, "i2s")->level ? 1u << 9 : 0);
}

// ---- eFuse --------------------------------------------------------------------------------------

static bool read_mac(part_t *p, GError **error)
{
    uint8_t *mac = of(p)->mac;
    const char *text = part_attr(p, "mac");
    uint32_t x = (p->m->seed + 1) * 0x9E3779B1u;
    const uint8_t made[6] = {0x5C, 0xCF, 0x7F, x >> 24, x >> 16, x >> 8};
    memcpy(mac, made, sizeof made);
    if (!text || !*text)
        return true;
    g_auto(GStrv) part = g_strsplit(text, ":", -1);
    bool ok = g_strv_length(part) == 6;
    for (unsigned i = 0; ok && i < 6; i++) {
        ok = strlen(part[i]) == 2 && g_ascii_isxdigit(part[i][0]) && g_ascii_isxdigit(part[i][1]);
        mac[i] = ok ? g_ascii_xdigit_value(part[i][0]) << 4 | g_ascii_xdigit_value(part[i][1]) : 0;
    }
    if (!ok || mac[0] & 1)
        g_set_error(error, part_error_quark(), 0,
                    "%s: 'mac' must be such as \"5c:cf:7f:12:34:56\" and no group address, "
                    "not \"%s\"",
                    p->name, text);
    return ok && !(mac[0] & 1);
}

static uint32_t efuse_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    const uint8_t *mac = of(p)->mac;
    switch (reg->offset) {
    case MAC0: return (uint32_t)mac[5] << 24;
    case MAC1: return mac[3] << 8 | mac[4];
    case CHIP_ID: return 0xB000; // an ESP8266, and whose it is stands in OUI
    default: return mac[0] << 16 | mac[1] << 8 | mac[2];
    }
}

// ---- The part -----------------------------------------------------------------------------------

static bool dport_init(part_t *p, GError **error)
{
    static const char *const ins[] = {"wdt", "frc1", "frc2"};
    static const char *const outs[] = {"int_wdt", "int_frc1", "int_frc2"};
    esp8266_dport_t *d = of(p);
    d->flash = bus_mem_named(p->m->bus, "flash");
    d->bank1 = bus_mem_named(p->m->bus, "iram1");
    d->bank2 = bus_mem_named(p->m->bus, "iram2");
    d->apb = part_clk(p, "apb");
    d->cpu = part_clk(p, "cpu");
    clk_listen(d->apb, apb_changed, p);
    for (unsigned i = 0; i < EDGES; i++) {
        d->in[i] = part_line(p, ins[i]);
        d->out[i] = part_line(p, outs[i]);
        line_listen(d->in[i], edge_in, p, i);
    }
    d->nmi = part_line(p, "nmi");
    d->swap[0] = part_line(p, "swap_uart0");
    d->swap[1] = part_line(p, "swap_uart1");
    d->wdt_stop = part_line(p, "wdt_stop");
    return true;
}

static bool dport_wired(part_t *p, GError **error) { return read_mac(p, error); }

static void dport_reset(part_t *p, bool power)
{
    of(p)->flushes++;
    set_cache(p);
    set_cpu_clock(p, machine_now_ps(p->m));
    gate_write(p, NULL, 0, 0);
    swap_write(p, NULL, 0, 0);
    update_edges(p);
}

static const part_reg_t dport_regs[] = {
    {"NMI", NMI, .write = nmi_write},
    {"EDGE_INT", EDGE_INT, .write = edges_write},
    {"08", 0x08},
    {"CACHE_CTRL", CACHE_CTRL, .ro = 1 << 9, .unimp = CACHE_MAP_EVEN2, .write = cache_write},
    {"10", 0x10},
    {"CTL", CTL, .write = ctl_write},
    {"CLOCK_GATE", CLOCK_GATE, .write = gate_write},
    {"1C", 0x1C},
    {"INT_STATUS", INT_STATUS, .ro = ~0u, .read = int_status_read},
    {"BANKS", BANKS, .write = banks_write},
    {"IO_SWAP", IO_SWAP, .unimp = ~(uint32_t)(SWAP_UART0 | SWAP_UART1), .write = swap_write},
    {"2C", 0x2C, .count = 9},
    {"EFUSE_MAC0", MAC0, .ro = ~0u, .read = efuse_read},
    {"EFUSE_MAC1", MAC1, .ro = ~0u, .read = efuse_read},
    {"EFUSE_CHIP_ID", CHIP_ID, .ro = ~0u, .read = efuse_read},
    {"EFUSE_OUI", OUI, .ro = ~0u, .read = efuse_read},
    {"60", 0x60, .count = 40},
    {0},
};

static const char *const dport_attrs[] = {"mac=", NULL};

const part_class_t esp8266_dport_class = {
    .name = "esp8266-dport",
    .brief = "ESP8266 cache control, clock doubler, interrupt gates, eFuse",
    .size = sizeof(esp8266_dport_t),
    .regs = dport_regs,
    .mmio_size = 0x100,
    .attrs = dport_attrs,
    .init = dport_init,
    .wired = dport_wired,
    .reset = dport_reset,
};
