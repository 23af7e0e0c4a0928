// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 RTC block: what stays on in deep sleep (no manual; registers after the SDK's eagle_soc.h
// and its sleep code as esp-open-rtos and others have written it down).
//
// Modelled: the counter of the slow clock, which is an RC oscillator of 150 to 170 kHz on parts and
// exactly 1/6 MHz here (6 us a tick); reset by software (CTRL0 bit 31); the reason of the last
// reset; light and deep sleep; interrupt 3; GPIO16; scratch registers. The memory "rtcram" and all
// registers here keep their values through everything but power-on.
//
// Sleep begins when a 1 is written to SLP_CTL bit 20, which clears itself. It is deep when bit 5 of
// the register at 0x44 is set, as the SDK does for deep sleep only; CTRL0 does not tell the two
// apart. WAKE bit 3 (SDK: 8) lets the alarm end it, when COUNTER has reached SLP_VAL: one that lies
// less than 2^31 ticks behind is due at once, and 3.5 hours is as long as it can be.
// - Light: the core stands still until the alarm, or until a GPIO with its wake-up bit has its
//   level; then STATE bit 0 is set. The peripherals go on meanwhile, which they do not on parts.
// - Deep: everything but this block is off: pins float, memories (not RTC RAM) lose their contents.
//   The alarm pulls GPIO16 low for a while, which resets the chip where the board joins it to RST.
//   Any reset by that pin is then told as a wake-up: reason 5, WAKE 13:8 = 8.
// GPIO16, unless XPD_DCDC_CONF 1:0 is 1, is the output XPD_DCDC: high, but low in that pulse. Its
// high is weak here, so that a reset button on the same wire is no short circuit. The length of the
// pulse is an estimate.
//
// Pin GPIO16. Lines in: wdt, wake. Lines out: irq, off (deep sleep).
#include "machine.h"
#include <string.h>

enum { CTRL0 = 0x00, SLP_VAL = 0x04, SLP_CTL = 0x08, REASON = 0x14, WAKE = 0x18, COUNTER = 0x1C,
       INT_ENA = 0x20, INT_CLR = 0x24, STATE = 0x28, SCRATCH = 0x30, POWER_DOWN = 0x44,
       GPIO_OUT = 0x68, GPIO_ENABLE = 0x74, GPIO_IN = 0x8C, GPIO_CONF = 0x90, XPD_DCDC_CONF = 0xA0,
       END = 0x100 };
#define CTRL0_RESET (1u << 31)
enum { SLP_CTL_SLEEP = 1 << 20, WAKE_TIMER = 1 << 3, WAKE_REASON_AT = 8, POWER_DOWN_DEEP = 1 << 5 };
enum { STATE_WOKEN = 1 << 0 };
enum { CONF_FUNCTION = 3, CONF_GPIO = 1, CONF_PULL_UP = 1 << 2, CONF_PULL_DOWN = 1 << 3 };
enum { POWER_ON = 1, EXTERNAL = 2, SOFTWARE = 3, WATCHDOG = 4, DEEP_SLEEP = 5 };
enum { CLOCK_NUM = 1000000, CLOCK_DEN = 6, PULSE_US = 100 };

typedef enum { AWAKE, LIGHT, DEEP, PULSE } sleep_t;

typedef struct {
    part_t p;
    pin_t *gpio16;
    clk_t *clock;
    line_t *irq, *off;
    event_t alarm;  // saved
    event_t pulse;  // saved: the low level of GPIO16 ends
    uint64_t epoch; // saved: tick of the clock at power-on
    sleep_t sleep;  // saved
    bool low;       // saved: GPIO16 is pulled low by the alarm
    uint8_t coming; // saved: the reason of the reset that is about to come
} esp8266_rtc_t;

static esp8266_rtc_t *of(part_t *p) { return (esp8266_rtc_t *)p; }

static uint64_t ticks(part_t *p)
{
    return clk_ticks(of(p)->clock, machine_now_ps(p->m)) - of(p)->epoch;
}

static void update(part_t *p) { line_set(of(p)->irq, R(p, STATE) & R(p, INT_ENA)); }

// ---- GPIO16 -------------------------------------------------------------------------------------

static void drive_gpio16(part_t *p)
{
    esp8266_rtc_t *r = of(p);
    uint32_t conf = R(p, XPD_DCDC_CONF);
    if ((conf & CONF_FUNCTION) != CONF_GPIO) {
        if (r->low)
            pin_set(r->gpio16, false);
        else
            pin_drive(r->gpio16, DRIVE_PULL, NET_VDD_MV);
    } else if (R(p, GPIO_ENABLE) & 1) {
        pin_set(r->gpio16, R(p, GPIO_OUT) & 1);
    } else if (conf & CONF_PULL_UP) {
        pin_drive(r->gpio16, DRIVE_PULL, NET_VDD_MV);
    } else if (conf & CONF_PULL_DOWN) {
        pin_drive(r->gpio16, DRIVE_PULL, 0);
    } else {
        pin_release(r->gpio16);
    }
    // Software may look at each edge.
    r->gpio16->edges = (conf & CONF_FUNCTION) == CONF_GPIO && !(R(p, GPIO_ENABLE) & 1);
}

static void gpio16_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    drive_gpio16(p);
}

static uint32_t gpio_in_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return pin_level(of(p)->gpio16);
}

// ---- Sleep --------------------------------------------------------------------------------------

static void forget(part_t *p, const char *memory)
{
    mem_t *mem = bus_mem_named(p->m->bus, memory);
    for (uint32_t i = 0; mem && i < mem->size; i += 4) {
        uint32_t word = machine_random(p->m);
        memcpy(mem->data + i, &word, 4);
    }
    if (mem)
        bus_code_changed(p->m->bus, mem, 0, mem->size);
}

static void power_down(part_t *p)
{
    static const char *const memories[] = {"dram", "iram", "iram1", "iram2"};
    esp8266_rtc_t *r = of(p);
    r->sleep = DEEP;
    machine_stall(p->m, PS_NEVER);
    line_set(r->off, true);
    for (guint i = 0; i < p->m->parts->len; i++) {
        part_t *other = p->m->parts->pdata[i];
        if (other->on_chip && other != p)
            part_reset(other, false);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(memories); i++)
        forget(p, memories[i]);
}

static void set_alarm(part_t *p)
{
    esp8266_rtc_t *r = of(p);
    int32_t left = (int32_t)(R(p, SLP_VAL) - (uint32_t)ticks(p));
    uint64_t now = machine_now_ps(p->m);
    if ((r->sleep == LIGHT || r->sleep == DEEP) && R(p, WAKE) & WAKE_TIMER)
        machine_at(p->m, &r->alarm,
                   left <= 0 ? now : clk_ps(r->clock, r->epoch + ticks(p) + (uint32_t)left));
    else
        machine_cancel(p->m, &r->alarm);
}

static void wake_up(part_t *p)
{
    esp8266_rtc_t *r = of(p);
    r->sleep = AWAKE;
    p->m->stall_ps = 0;
    R(p, STATE) |= STATE_WOKEN;
    set_alarm(p);
    update(p);
}

static void alarm_due(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    esp8266_rtc_t *r = of(p);
    R(p, WAKE) = (R(p, WAKE) & 0x3F) | WAKE_TIMER << WAKE_REASON_AT;
    if (r->sleep == LIGHT) {
        wake_up(p);
        return;
    }
    r->low = true;
    machine_at(p->m, &r->pulse, now + PULSE_US * PS_PER_US);
    drive_gpio16(p);
}

static void pulse_over(void *ctx, uint64_t now)
{
    of(ctx)->low = false;
    drive_gpio16(ctx);
}

static void gpio_wakes(void *ctx, int arg, bool level)
{
    if (level && of(ctx)->sleep == LIGHT)
        wake_up(ctx);
}

static void slp_ctl_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    esp8266_rtc_t *r = of(p);
    bool sleep = p->written & SLP_CTL_SLEEP;
    R(p, SLP_CTL) &= ~(uint32_t)SLP_CTL_SLEEP;
    if (!sleep || r->sleep != AWAKE)
        return;
    if (R(p, POWER_DOWN) & POWER_DOWN_DEEP) {
        power_down(p);
    } else {
        r->sleep = LIGHT;
        machine_stall(p->m, PS_NEVER);
        if (part_line(p, "wake")->level)
            wake_up(p);
    }
    set_alarm(p);
}

static void alarm_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    set_alarm(p);
}

// ---- Resets -------------------------------------------------------------------------------------

static void nrst_changed(void *ctx, int arg, bool level)
{
    if (level)
        of(ctx)->coming = of(ctx)->sleep == DEEP ? DEEP_SLEEP : EXTERNAL;
}

static void dog_bites(void *ctx, int arg, bool level)
{
    if (level)
        of(ctx)->coming = WATCHDOG;
}

static void ctrl0_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (!(R(p, CTRL0) & CTRL0_RESET))
        return;
    R(p, CTRL0) &= ~CTRL0_RESET;
    of(p)->coming = SOFTWARE;
    machine_want_reset(p->m);
}

// ---- Registers ----------------------------------------------------------------------------------

static uint32_t counter_read(part_t *p, const part_reg_t *reg, unsigned n) { return ticks(p); }

static void int_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (reg->offset == INT_CLR) {
        R(p, STATE) &= ~p->written;
        R(p, INT_CLR) = 0;
    }
    update(p);
}

static bool rtc_init(part_t *p, GError **error)
{
    esp8266_rtc_t *r = of(p);
    r->gpio16 = part_add_pin(p, "GPIO16", NULL, NULL);
    r->clock = part_clk(p, "rtc");
    clk_set(r->clock, CLOCK_NUM, CLOCK_DEN, 0);
    r->irq = part_line(p, "irq");
    r->off = part_line(p, "off");
    event_init(&r->alarm, "rtc alarm", alarm_due, r);
    event_init(&r->pulse, "wake-up pulse", pulse_over, r);
    line_listen(machine_line(p->m, "nrst.assert"), nrst_changed, r, 0);
    line_listen(part_line(p, "wdt"), dog_bites, r, 0);
    line_listen(part_line(p, "wake"), gpio_wakes, r, 0);
    return true;
}

static void power_on(part_t *p)
{
    esp8266_rtc_t *r = of(p);
    mem_t *ram = bus_mem_named(p->m->bus, "rtcram");
    machine_cancel(p->m, &r->pulse);
    r->low = false;
    r->epoch = clk_ticks(r->clock, machine_now_ps(p->m));
    if (ram)
        memset(ram->data, 0, ram->size);
}

static void rtc_reset(part_t *p, bool power)
{
    esp8266_rtc_t *r = of(p);
    uint8_t reason = power ? POWER_ON : r->coming ? r->coming : EXTERNAL;
    if (power)
        power_on(p);
    R(p, REASON) = reason;
    R(p, WAKE) = (R(p, WAKE) & 0x3F) | (reason == DEEP_SLEEP ? WAKE_TIMER << WAKE_REASON_AT : 0);
    R(p, STATE) = R(p, INT_ENA) = 0;
    r->coming = 0;
    r->sleep = AWAKE;
    set_alarm(p);
    line_set(r->off, false);
    drive_gpio16(p);
    update(p);
}

static const part_reg_t rtc_regs[] = {
    {"CTRL0", CTRL0, .write = ctrl0_write},
    {"SLP_VAL", SLP_VAL, .write = alarm_write},
    {"SLP_CTL", SLP_CTL, .write = slp_ctl_write},
    {"XTAL_WAIT", 0x0C},
    {"RESET_CTL", 0x10},
    {"REASON", REASON, .ro = ~0u},
    {"WAKE", WAKE, .ro = 0x3F00, .write = alarm_write},
    {"COUNTER", COUNTER, .ro = ~0u, .read = counter_read},
    {"INT_ENA", INT_ENA, .write = int_write},
    {"INT_CLR", INT_CLR, .write = int_write},
    {"STATE", STATE, .ro = ~0u},
    {"2C", 0x2C},
    {"SCRATCH", SCRATCH, .count = 4},
    {"40", 0x40},
    {"POWER_DOWN", POWER_DOWN},
    {"48", 0x48, .count = 8},
    {"GPIO_OUT", GPIO_OUT, .write = gpio16_write},
    {"6C", 0x6C, .count = 2},
    {"GPIO_ENABLE", GPIO_ENABLE, .write = gpio16_write},
    {"78", 0x78, .count = 5},
    {"GPIO_IN", GPIO_IN, .ro = ~0u, .read = gpio_in_read},
    {"GPIO_CONF", GPIO_CONF},
    {"94", 0x94, .count = 3},
    {"XPD_DCDC_CONF", XPD_DCDC_CONF, .write = gpio16_write},
    {"A4", 0xA4, .count = (END - 0xA4) / 4},
    {0},
};

const part_class_t esp8266_rtc_class = {
    .name = "esp8266-rtc",
    .brief = "ESP8266 slow clock, sleep, resets, GPIO16",
    .size = sizeof(esp8266_rtc_t),
    .regs = rtc_regs,
    .mmio_size = END,
    .init = rtc_init,
    .reset = rtc_reset,
    .keeps_registers = true,
};
