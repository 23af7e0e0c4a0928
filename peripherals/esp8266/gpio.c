// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 GPIO ("ESP8266 Technical Reference", GPIO; registers as in the SDK's gpio_register.h).
//
// Modelled: GPIO0 to GPIO15 with the functions and pulls that IO_MUX selects (iomux.c), push-pull
// and open drain, set and clear registers, the five kinds of interrupt and their status, the boot
// straps, the calibration of the RTC clock against the APB clock. Pads of peripherals come from the
// chip's table; one that two pins select sits on the pin that selected it last (reported).
// Sigma-delta output: the pin is driven at the mean voltage; its edges, at up to 80 MHz, are not
// drawn.
// Straps: IN 16, 17, 18 are GPIO2, GPIO0, GPIO15 when the reset pin was released (or at power-on);
// other resets leave them. IN 31:29 reads 6, as on modules with a flash chip.
// GPIO6 to GPIO11 lead to the flash chip on the module. SPI0 does not drive them here (spi.c);
// software that takes one of the four pins every flash chip needs is told so.
// Not modelled: OE and the sleep bits of IO_MUX (stored). Only GPIO15 has a pull-down.
//
// Pins GPIO0 ... GPIO15. Line in: off (deep sleep), all pins float. Lines out: irq; wake: a level
// that a pin with its wake-up bit waits for.
#include "machine.h"
#include <string.h>

enum { OUT = 0x00, OUT_W1TS = 0x04, OUT_W1TC = 0x08, ENABLE = 0x0C, ENABLE_W1TS = 0x10,
       ENABLE_W1TC = 0x14, IN = 0x18, STATUS = 0x1C, STATUS_W1TS = 0x20, STATUS_W1TC = 0x24,
       PIN0 = 0x28, SIGMA_DELTA = 0x68, RTC_CALIB_SYNC = 0x6C, RTC_CALIB_VALUE = 0x70 };
enum { PIN_SIGMA_DELTA = 1 << 0, PIN_OPEN_DRAIN = 1 << 2, PIN_WAKE = 1 << 10 };
enum { MUX_PULL_DOWN = 1 << 6, MUX_PULL_UP = 1 << 7 };
enum { SD_ENABLE = 1 << 16 };
#define CALIB_START (1u << 31)
enum { PINS = 16, FUNCTIONS = 8, SDIO_STRAP = 6, STRAPS = 3 };

typedef enum { INT_OFF, INT_RISING, INT_FALLING, INT_ANY, INT_LOW, INT_HIGH } int_type_t;

typedef struct {
    part_t p;
    pin_t *pins[PINS];
    part_t *iomux;
    pad_t *pads[PINS][FUNCTIONS]; // from the chip's table
    pad_t *routed[PINS];          // in use, or NULL
    line_t *irq, *wake, *off;
    clk_t *apb, *rtc;
    uint16_t level;               // saved: of the pins
    uint8_t straps;               // saved
    event_t latch;                // saved: power-on is over
    uint64_t calib_from, calib_to; // saved: ticks of the RTC clock
} esp8266_gpio_t;

static esp8266_gpio_t *of(part_t *p) { return (esp8266_gpio_t *)p; }

// ---- Pins ---------------------------------------------------------------------------------------

// Where IO_MUX has the register of each GPIO.
static const uint8_t mux_at[PINS] = {0x34, 0x18, 0x38, 0x14, 0x3C, 0x40, 0x1C, 0x20,
                                     0x24, 0x28, 0x2C, 0x30, 0x04, 0x08, 0x0C, 0x10};

static uint32_t mux(const esp8266_gpio_t *g, unsigned i)
{
    return g->iomux ? R(g->iomux, mux_at[i]) : 0;
}

static unsigned function(const esp8266_gpio_t *g, unsigned i)
{
    uint32_t v = mux(g, i);
    return (v >> 4 & 3) | (v >> 8 & 1) << 2;
}

// The number of the function that is GPIO.
static bool is_gpio(const esp8266_gpio_t *g, unsigned i)
{
    bool plain = i == 0 || i == 2 || i == 4 || i == 5;
    return function(g, i) == (plain ? 0 : 3);
}

static uint32_t conf(const esp8266_gpio_t *g, unsigned i) { return R(&g->p, PIN0 + 4 * i); }
static int_type_t int_type(const esp8266_gpio_t *g, unsigned i) { return conf(g, i) >> 7 & 7; }

static void drive_pull(esp8266_gpio_t *g, unsigned i)
{
    uint32_t v = mux(g, i);
    if (v & MUX_PULL_UP)
        pin_drive(g->pins[i], DRIVE_PULL, NET_VDD_MV);
    else if (v & MUX_PULL_DOWN && i == 15)
        pin_drive(g->pins[i], DRIVE_PULL, 0);
    else
        pin_release(g->pins[i]);
}

static void drive_level(esp8266_gpio_t *g, unsigned i, bool level)
{
    if (level && conf(g, i) & PIN_OPEN_DRAIN)
        drive_pull(g, i);
    else
        pin_set(g->pins[i], level);
}

static void drive(esp8266_gpio_t *g, unsigned i)
{
    part_t *p = &g->p;
    pad_t *pad = g->routed[i];
    uint32_t sd = R(p, SIGMA_DELTA);
    if (g->off->level) {
        pin_release(g->pins[i]);
        return;
    }
    if (!is_gpio(g, i)) {
        if (pad && pad->pin == g->pins[i] && pad->enabled)
            drive_level(g, i, pad->level);
        else
            drive_pull(g, i);
    } else if (!(R(p, ENABLE) >> i & 1)) {
        drive_pull(g, i);
    } else if (!(conf(g, i) & PIN_SIGMA_DELTA)) {
        drive_level(g, i, R(p, OUT) >> i & 1);
    } else {
        uint32_t duty = sd & SD_ENABLE ? sd & 255 : 0;
        pin_drive(g->pins[i], DRIVE_STRONG, (int32_t)(duty * NET_VDD_MV / 256));
    }
}

static void drive_changed(esp8266_gpio_t *g, uint32_t changed)
{
    while (changed) {
        unsigned i = __builtin_ctz(changed);
        changed &= changed - 1;
        drive(g, i);
    }
}

// Software or a peripheral may look at each edge: a transfer through the pin must be drawn.
static void set_edges(esp8266_gpio_t *g, unsigned i)
{
    bool input = is_gpio(g, i) && !(R(&g->p, ENABLE) >> i & 1);
    g->pins[i]->edges = input || int_type(g, i) || (g->routed[i] && g->routed[i]->edges);
}

static void pad_changed(void *gpio, int index, pad_t *pad)
{
    set_edges(gpio, index);
    drive(gpio, index);
}

static void route(esp8266_gpio_t *g, unsigned i, pad_t *pad)
{
    pad_t *old = g->routed[i];
    g->routed[i] = pad;
    if (old && old->pin == g->pins[i])
        pad_route(old, NULL, NULL, NULL, 0);
    drive(g, i); // before the peripheral sees its new pin
    if (!pad)
        return;
    if (pad->pin)
        machine_report(g->p.m, REPORT_WARNING, (uintptr_t)pad,
                       "%s is on %s and %s at once; only the latter is modelled", pad->name,
                       pad->pin->name, g->pins[i]->name);
    pad_route(pad, g->pins[i], pad_changed, g, i);
}

// Function, pulls or direction of a pin changed.
static void configure(esp8266_gpio_t *g, unsigned i)
{
    pad_t *pad = is_gpio(g, i) ? NULL : g->pads[i][function(g, i)];
    if (pad != g->routed[i])
        route(g, i, pad);
    set_edges(g, i);
    drive(g, i);
}

static void off_changed(void *ctx, int arg, bool off) { drive_changed(ctx, 0xFFFF); }

static void mux_changed(void *ctx, int i, bool level)
{
    esp8266_gpio_t *g = ctx;
    part_t *p = &g->p;
    if (!level)
        return;
    configure(g, i);
    unsigned f = function(g, i);
    if (!is_gpio(g, i) && !g->pads[i][f] && f && !(f == 1 && i >= 6 && i <= 11)) {
        g_autofree char *text = g_strdup_printf("function %u of GPIO%d", f, i);
        machine_unmodelled(p->m, p->base + PIN0 + 4 * i, text);
    }
    if (is_gpio(g, i) && (i == 6 || i == 7 || i == 8 || i == 11))
        machine_report(g->p.m, REPORT_GUEST_ERROR, (uintptr_t)g->pins[i],
                       "GPIO%d is a wire to the flash chip, and is taken from it", i);
}

// ---- Interrupts ---------------------------------------------------------------------------------

// Levels that are asked for set their bits again as long as they last.
static void update(esp8266_gpio_t *g)
{
    uint32_t low = 0, high = 0, wake = 0;
    for (unsigned i = 0; i < PINS; i++) {
        uint32_t bit = 1u << i;
        low |= int_type(g, i) == INT_LOW ? bit : 0;
        high |= int_type(g, i) == INT_HIGH ? bit : 0;
        wake |= conf(g, i) & PIN_WAKE ? bit : 0;
    }
    uint32_t now = (g->level & high) | (~g->level & low);
    R(&g->p, STATUS) |= now;
    line_set(g->irq, R(&g->p, STATUS));
    line_set(g->wake, now & wake);
}

static void pin_changed(void *ctx, pin_t *pin)
{
    esp8266_gpio_t *g = ctx;
    unsigned i = pin->index;
    bool level = pin_level(pin);
    if (level == (g->level >> i & 1))
        return;
    g->level ^= 1 << i;
    int_type_t type = int_type(g, i);
    if (type == INT_ANY || type == (level ? INT_RISING : INT_FALLING))
        R(&g->p, STATUS) |= 1u << i;
    if (type != INT_OFF)
        update(g);
    if (g->routed[i] && g->routed[i]->pin == pin)
        pad_input(g->routed[i]);
}

// ---- Straps -------------------------------------------------------------------------------------

static uint32_t strap_levels(const esp8266_gpio_t *g)
{
    return (g->level >> 2 & 1) | (g->level & 1) << 1 | (g->level >> 15 & 1) << 2;
}

static void latch(void *ctx, uint64_t now)
{
    esp8266_gpio_t *g = ctx;
    g->straps = strap_levels(g);
}

static void nrst_changed(void *ctx, int arg, bool level)
{
    if (!level)
        latch(ctx, 0);
}

static uint32_t in_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    esp8266_gpio_t *g = of(p);
    uint32_t straps = event_pending(&g->latch) ? strap_levels(g) : g->straps;
    return g->level | straps << 16 | (uint32_t)SDIO_STRAP << 29;
}

// ---- Calibration of the RTC clock ---------------------------------------------------------------

static void calib_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_gpio_t *g = of(p);
    uint32_t sync = R(p, RTC_CALIB_SYNC), periods = sync & 0x3FF;
    if (!(sync & ~old & CALIB_START))
        return;
    R(p, RTC_CALIB_VALUE) = 0;
    g->calib_from = clk_ticks(g->rtc, machine_now_ps(p->m)) + 1;
    g->calib_to = g->calib_from + (periods ? periods : 0x400);
}

static uint32_t calib_value_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    esp8266_gpio_t *g = of(p);
    uint64_t now = machine_now_ps(p->m);
    if (!g->calib_to || clk_ticks(g->rtc, now) < g->calib_to)
        return 0;
    if (!R(p, RTC_CALIB_VALUE)) {
        uint64_t ps = clk_ps(g->rtc, g->calib_to) - clk_ps(g->rtc, g->calib_from);
        uint64_t cycles = (uint64_t)((double)ps * clk_hz(g->apb) / PS_PER_S + 0.5);
        R(p, RTC_CALIB_VALUE) = 3u << 30 | (cycles & 0xFFFFF);
    }
    return R(p, RTC_CALIB_VALUE);
}

// ---- Registers ----------------------------------------------------------------------------------

// OUT, ENABLE and STATUS, each with a register that sets and one that clears bits.
static void triple_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_gpio_t *g = of(p);
    uint32_t base = reg->offset / 0xC, which = reg->offset; // 0x00, 0x0C, then 0x1C
    base = which >= STATUS ? STATUS : base * 0xC;
    uint32_t *r = &R(p, base), before = which == base ? old : *r, bits = p->written & 0xFFFF;
    if (which != base) {
        R(p, which) = 0;
        *r = which == base + 4 ? before | bits : before & ~bits;
    }
    uint32_t changed = (before ^ *r) & 0xFFFF;
    if (base == OUT)
        drive_changed(g, changed);
    else if (base == STATUS)
        update(g);
    for (unsigned i = 0; base == ENABLE && i < PINS; i++)
        if (changed >> i & 1)
            configure(g, i);
}

static void pin_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    configure(of(p), n);
    update(of(p));
}

static void sigma_delta_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    for (unsigned i = 0; i < PINS; i++)
        if (conf(of(p), i) & PIN_SIGMA_DELTA)
            drive(of(p), i);
}

static bool gpio_init(part_t *p, GError **error)
{
    esp8266_gpio_t *g = of(p);
    for (unsigned i = 0; i < PINS; i++) {
        char name[8];
        g_snprintf(name, sizeof name, "GPIO%u", i);
        g->pins[i] = part_add_pin(p, name, pin_changed, g);
        for (const soc_af_t *af = p->m->soc->afs; af && af->pin; af++)
            if (!strcmp(af->pin, name))
                g->pads[i][af->af] = machine_pad(p->m, af->pad);
        g_snprintf(name, sizeof name, "mux.%u", i);
        line_listen(part_line(p, name), mux_changed, g, i);
    }
    g->irq = part_line(p, "irq");
    g->wake = part_line(p, "wake");
    g->off = part_line(p, "off");
    line_listen(g->off, off_changed, g, 0);
    g->apb = part_clk(p, "apb");
    g->rtc = part_clk(p, "rtc");
    event_init(&g->latch, "boot straps", latch, g);
    line_listen(machine_line(p->m, "nrst.assert"), nrst_changed, g, 0);
    g->iomux = machine_part(p->m, "iomux"); // its row comes first in the chip's table
    return true;
}

// At power-on the straps are read when the rest of the board has its levels.
static void gpio_reset(part_t *p, bool power)
{
    esp8266_gpio_t *g = of(p);
    g->calib_to = 0;
    for (unsigned i = 0; i < PINS; i++)
        configure(g, i);
    update(g);
    if (power)
        machine_at(p->m, &g->latch, machine_now_ps(p->m));
}

#define TRIPLE(name, offset) \
    {name, offset, .ro = 0xFFFF0000, .write = triple_write}, \
    {name "_W1TS", (offset) + 4, .write = triple_write}, \
    {name "_W1TC", (offset) + 8, .write = triple_write}
static const part_reg_t gpio_regs[] = {
    TRIPLE("OUT", OUT),
    TRIPLE("ENABLE", ENABLE),
    {"IN", IN, .ro = ~0u, .read = in_read},
    TRIPLE("STATUS", STATUS),
    {"PIN", PIN0, .count = PINS, .ro = ~0x785u, .write = pin_write},
    {"SIGMA_DELTA", SIGMA_DELTA, .ro = ~0x1FFFFu, .write = sigma_delta_write},
    {"RTC_CALIB_SYNC", RTC_CALIB_SYNC, .write = calib_write},
    {"RTC_CALIB_VALUE", RTC_CALIB_VALUE, .ro = ~0u, .read = calib_value_read},
    {0},
};

const part_class_t esp8266_gpio_class = {
    .name = "esp8266-gpio",
    .brief = "ESP8266 general-purpose inputs and outputs",
    .size = sizeof(esp8266_gpio_t),
    .regs = gpio_regs,
    .mmio_size = 0x100,
    .init = gpio_init,
    .reset = gpio_reset,
};
