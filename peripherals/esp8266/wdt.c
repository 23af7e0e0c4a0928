// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 watchdog (no manual; registers as in the SDK's task_wdt.c and esp-open-rtos).
//
// Modelled: two stages. The first ends 2^OP times 0.8 ms after the start or the last feeding and
// asks for interrupt 8 (a pulse); the second ends 2^OP_ND times 0.8 ms later and resets the chip,
// which then tells reason 4. 0x73 to FEED begins anew. It stands still while the clock gate of
// DPORT says so, and the chip starts with it off.
// The unit of 0.8 ms is that of comments in the SDK, whose values 11 and 13 make 1.6 s and 6.5 s;
// nobody has measured it closely. CTL bits 2:1 other than 0 (interrupt, then reset) are reported,
// as their meaning is not known; the length of the reset (bits 5:3) is stored. COUNT reads the time
// since the last feeding in that unit, STATUS the stage: guesses.
//
// Line in: stop. Lines out: irq, reset (pulses).
#include "machine.h"

enum { CTL = 0x00, OP = 0x04, OP_ND = 0x08, COUNT = 0x0C, STAGE = 0x10, FEED = 0x14,
       INT_CLR = 0x18 };
enum { CTL_ENABLE = 1 << 0, CTL_MODE = 3 << 1, FEED_VALUE = 0x73 };
#define UNIT_PS (800 * PS_PER_US)

typedef struct {
    part_t p;
    line_t *irq, *reset, *stop;
    event_t due;      // saved: the end of the stage
    uint64_t fed_ps;  // saved
    uint64_t left_ps; // saved: while it stands still
} esp8266_wdt_t;

static esp8266_wdt_t *of(part_t *p) { return (esp8266_wdt_t *)p; }
static bool enabled(const part_t *p) { return R(p, CTL) & CTL_ENABLE; }
static uint64_t stage_ps(const part_t *p, uint32_t reg) { return UNIT_PS << (R(p, reg) & 15); }

static void wait_for(part_t *p, uint64_t ps)
{
    esp8266_wdt_t *w = of(p);
    w->left_ps = ps;
    if (enabled(p) && !w->stop->level)
        machine_at(p->m, &w->due, machine_now_ps(p->m) + ps);
    else
        machine_cancel(p->m, &w->due);
}

static void begin(part_t *p)
{
    of(p)->fed_ps = machine_now_ps(p->m);
    R(p, STAGE) = 0;
    wait_for(p, stage_ps(p, OP));
}

static void due(void *ctx, uint64_t now)
{
    part_t *p = ctx;
    esp8266_wdt_t *w = of(p);
    if (R(p, STAGE) == 0) {
        R(p, STAGE) = 1;
        wait_for(p, stage_ps(p, OP_ND));
        line_pulse(w->irq);
        return;
    }
    machine_report(p->m, REPORT_NOTE, 0, "wdt: the watchdog resets the chip");
    line_pulse(w->reset);
    machine_want_reset(p->m);
}

static void stopped(void *ctx, int arg, bool stop)
{
    part_t *p = ctx;
    esp8266_wdt_t *w = of(p);
    if (!stop) {
        wait_for(p, w->left_ps);
    } else if (event_pending(&w->due)) {
        w->left_ps = w->due.when_ps - machine_now_ps(p->m);
        machine_cancel(p->m, &w->due);
    }
}

static void ctl_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if ((R(p, CTL) ^ old) & CTL_ENABLE)
        begin(p);
}

static void feed_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (p->written == FEED_VALUE)
        begin(p);
    R(p, FEED) = 0;
}

static uint32_t count_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    return enabled(p) ? (machine_now_ps(p->m) - of(p)->fed_ps) / UNIT_PS : 0;
}

static bool wdt_init(part_t *p, GError **error)
{
    esp8266_wdt_t *w = of(p);
    w->irq = part_line(p, "irq");
    w->reset = part_line(p, "reset");
    w->stop = part_line(p, "stop");
    line_listen(w->stop, stopped, p, 0);
    event_init(&w->due, "wdt", due, p);
    return true;
}

static void wdt_reset(part_t *p, bool power)
{
    machine_cancel(p->m, &of(p)->due);
    of(p)->left_ps = 0;
}

static const part_reg_t wdt_regs[] = {
    {"CTL", CTL, .ro = ~0x3Fu, .unimp = CTL_MODE, .write = ctl_write},
    {"OP", OP, .ro = ~15u},
    {"OP_ND", OP_ND, .ro = ~15u},
    {"COUNT", COUNT, .ro = ~0u, .read = count_read},
    {"STAGE", STAGE, .ro = ~0u},
    {"FEED", FEED, .write = feed_write},
    {"INT_CLR", INT_CLR},
    {"1C", 0x1C, .count = 57},
    {0},
};

const part_class_t esp8266_wdt_class = {
    .name = "esp8266-wdt",
    .brief = "ESP8266 watchdog",
    .size = sizeof(esp8266_wdt_t),
    .regs = wdt_regs,
    .mmio_size = 0x100,
    .init = wdt_init,
    .reset = wdt_reset,
};
