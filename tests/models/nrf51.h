// SPDX-License-Identifier: GPL-2.0-or-later
// Tests of nRF51 models: tasks, events and the pins of the chip.
#pragma once
#include "chip.h"

#define US PS_PER_US
enum { NRF_GPIO = 0x50000000, NRF_PPI = 0x4001F000, NRF_RAM = 0x20000000 };

static inline chip_t *nrf51_new(void)
{
    chip_t *c = chip_new("nrf51822");
    chip_start(c);
    return c;
}

static inline void task(chip_t *c, uint32_t address) { wr(c, address, 1); }

// Whether the event is there; it is cleared.
static inline bool event(chip_t *c, uint32_t address)
{
    bool is = rd(c, address) & 1;
    wr(c, address, 0);
    return is;
}

// Runs until the event comes, checks that it does at `ps` and clears it.
static inline void event_comes(chip_t *c, uint32_t address, uint64_t ps)
{
    run_to(c, ps - 1);
    g_assert_cmpuint(rd(c, address), ==, 0);
    run_to(c, ps);
    g_assert_cmpuint(rd(c, address), ==, 1);
    wr(c, address, 0);
}

static inline void poke(chip_t *c, uint32_t address, const void *bytes, uint32_t n)
{
    g_assert_true(bus_poke(c->m->bus, address, bytes, n));
}

static inline void peek(chip_t *c, uint32_t address, void *bytes, uint32_t n)
{
    g_assert_true(bus_peek(c->m->bus, address, bytes, n));
}

static inline pin_t *gpio_pin(chip_t *c, unsigned n)
{
    g_autofree char *name = g_strdup_printf("gpio:P0.%02u", n);
    return chip_pin(c, name);
}

// A voltage from outside.
static inline void feed(chip_t *c, unsigned pin, int32_t mv)
{
    pin_drive(gpio_pin(c, pin), DRIVE_SOURCE, mv);
}
