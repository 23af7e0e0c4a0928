// SPDX-License-Identifier: GPL-2.0-or-later
// ESP8266 WDEV: the Wi-Fi MAC's registers at 0x3FF20000, of which a few serve everybody (no manual;
// after the SDK's code and esp-open-rtos).
//
// Modelled: the free-running counter of microseconds, the 64-bit timer of the MAC, the random
// numbers (from the run's seed), which UART asks for interrupt 5. The counters begin at the reset.
// Not modelled: the MAC itself. Its registers keep what is written; the first access is reported.
//
// Lines in: uart0, uart1.
#include "machine.h"

enum { UART_INT = 0x0020, COUNT = 0x0C00, RANDOM = 0x0E44, TIMER_LOW = 0x1048, TIMER_HIGH = 0x104C,
       SIZE = 0x2000 };

typedef struct {
    part_t p;
    line_t *uart[2];
    uint64_t epoch_ps; // saved: of the reset
} esp8266_wdev_t;

static esp8266_wdev_t *of(part_t *p) { return (esp8266_wdev_t *)p; }

static uint64_t microseconds(part_t *p)
{
    return (machine_now_ps(p->m) - of(p)->epoch_ps) / PS_PER_US;
}

// One row for all: most of the window is storage.
static uint32_t wdev_read(part_t *p, const part_reg_t *reg, unsigned n)
{
    switch (4 * n) {
    case UART_INT: return of(p)->uart[0]->level | of(p)->uart[1]->level << 2;
    case COUNT:
    case TIMER_LOW: return microseconds(p);
    case TIMER_HIGH: return microseconds(p) >> 32;
    case RANDOM:
        if (!p->peeking)
            R(p, RANDOM) = machine_random(p->m);
        return R(p, RANDOM);
    default:
        if (!p->peeking)
            machine_unmodelled(p->m, p->base, "the Wi-Fi MAC");
        return R(p, 4 * n);
    }
}

static void wdev_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    machine_unmodelled(p->m, p->base, "the Wi-Fi MAC");
}

static bool wdev_init(part_t *p, GError **error)
{
    of(p)->uart[0] = part_line(p, "uart0");
    of(p)->uart[1] = part_line(p, "uart1");
    return true;
}

static void wdev_reset(part_t *p, bool power) { of(p)->epoch_ps = machine_now_ps(p->m); }

static const part_reg_t wdev_regs[] = {
    {"REG", 0, .count = SIZE / 4, .read = wdev_read, .write = wdev_write},
    {0},
};

const part_class_t esp8266_wdev_class = {
    .name = "esp8266-wdev",
    .brief = "ESP8266 microsecond counter, random numbers, Wi-Fi MAC window",
    .size = sizeof(esp8266_wdev_t),
    .regs = wdev_regs,
    .mmio_size = SIZE,
    .init = wdev_init,
    .reset = wdev_reset,
};
