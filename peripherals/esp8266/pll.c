// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 internal I2C masters at 0x60000D00, through which software sets the analog blocks of the
// chip, and the one of those that matters here: the PLL of the digital clocks, slave 0x67 of master
// 4 (no manual; after the SDK's rom_i2c_writeReg and measurements published with nosdk8266).
//
// Modelled: transfers with their busy bit, the registers of all slaves (they read what was written
// last), and the clock "apb" that the PLL makes of the crystal: attribute `crystal_hz`.
//   register 1, 2: 0x08, 0x81   crystal x 2          (reset: 80 MHz of 40, 52 MHz of 26)
//                  0x88, 0x91   crystal x 40 / 13    (80 MHz of 26)
//                  0xC8, 0x91   crystal x 80 / 13    (160 MHz: everything at twice its clock)
//                  0x88, 0xF1   crystal x 40 / 16    (65 MHz of 26)
// Others are reported and change nothing. A transfer takes 2 us (an estimate); then the PLL has its
// new frequency at once. The other analog blocks have no effect.
#include "machine.h"
#include <string.h>

enum { MASTERS = 5, LAST = 0x50 };
enum { I2C_WRITE = 1 << 24, I2C_BUSY = 1 << 25 };
enum { PLL_MASTER = 4, PLL_SLAVE = 0x67, PLL_DIVIDE = 1, PLL_MULTIPLY = 2 };
enum { TRANSFER_US = 2 };

typedef struct {
    part_t p;
    clk_t *apb;
    double crystal_hz;
    uint64_t busy_until[MASTERS];          // saved
    uint8_t slave[MASTERS][128][256];      // saved: registers
} esp8266_pll_t;

static esp8266_pll_t *of(part_t *p) { return (esp8266_pll_t *)p; }

static void set_clock(part_t *p)
{
    static const struct {
        uint8_t reg1, reg2, num, den;
    } rows[] = {{0x08, 0x81, 2, 1}, {0x88, 0x91, 40, 13}, {0xC8, 0x91, 80, 13},
                {0x88, 0xF1, 40, 16},
                // On the way to another:
                {0x88, 0x81, 0, 0}, {0x08, 0x91, 0, 0}, {0xC8, 0x81, 0, 0}};
    const uint8_t *r = of(p)->slave[PLL_MASTER][PLL_SLAVE];
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].reg1 == r[PLL_DIVIDE] && rows[i].reg2 == r[PLL_MULTIPLY]) {
            if (rows[i].num)
                clk_set(of(p)->apb, (uint64_t)of(p)->crystal_hz * rows[i].num, rows[i].den,
                        machine_now_ps(p->m));
            return;
        }
    g_autofree char *text = g_strdup_printf("PLL registers 1 and 2 = 0x%02x, 0x%02x", r[PLL_DIVIDE],
                                            r[PLL_MULTIPLY]);
    machine_unmodelled(p->m, p->base + 4 * PLL_MASTER, text);
}

static bool busy(part_t *p, unsigned n) { return machine_now_ps(p->m) < of(p)->busy_until[n]; }

static uint32_t i2c_register_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return R(p, 4 * n) | (busy(p, n) ? I2C_BUSY : 0);
}

static void i2c_register_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_pll_t *l = of(p);
    uint32_t v = R(p, 4 * n) & ~(uint32_t)I2C_BUSY;
    uint8_t *to = &l->slave[n][v & 127][v >> 8 & 255];
    l->busy_until[n] = machine_now_ps(p->m) + TRANSFER_US * PS_PER_US;
    if (v & I2C_WRITE)
        *to = v >> 16;
    R(p, 4 * n) = (v & 0xFF00FFFF) | (uint32_t)*to << 16;
    if (v & I2C_WRITE && n == PLL_MASTER && (v & 127) == PLL_SLAVE)
        set_clock(p);
}

static bool pll_init(part_t *p, GError **error)
{
    of(p)->apb = part_clk(p, "apb");
    return true;
}

static bool pll_wired(part_t *p, GError **error)
{
    double hz;
    if (!part_attr_double(p, "crystal_hz", &hz, error))
        return false;
    if (hz < 1e6 || hz > 80e6) {
        g_set_error(error, part_error_quark(), 0, "%s: 'crystal_hz' must be 1000000 to 80000000",
                    p->name);
        return false;
    }
    of(p)->crystal_hz = hz;
    return true;
}

static void pll_reset(part_t *p, bool power)
{
    esp8266_pll_t *l = of(p);
    memset(l->slave, 0, sizeof l->slave);
    memset(l->busy_until, 0, sizeof l->busy_until);
    l->slave[PLL_MASTER][PLL_SLAVE][PLL_DIVIDE] = 0x08;
    l->slave[PLL_MASTER][PLL_SLAVE][PLL_MULTIPLY] = 0x81;
    set_clock(p);
}

static const part_reg_t pll_regs[] = {
    {"I2C", 0x00, .count = MASTERS, .read = i2c_register_read, .write = i2c_register_write},
    {"14", 0x14, .count = (LAST - 0x14) / 4},
    {0},
};

static const char *const pll_attrs[] = {"crystal_hz=26000000", NULL};

const part_class_t esp8266_pll_class = {
    .name = "esp8266-pll",
    .brief = "ESP8266 internal I2C masters and PLL",
    .size = sizeof(esp8266_pll_t),
    .regs = pll_regs,
    .mmio_size = LAST,
    .attrs = pll_attrs,
    .init = pll_init,
    .wired = pll_wired,
    .reset = pll_reset,
};
