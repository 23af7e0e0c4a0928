// SPDX-License-Identifier: GPL-2.0-or-later
// What tests of on-chip models share: a machine of a few models without a CPU, a part with loose
// pins that takes the place of the GPIO, and short register accesses.
#pragma once
#include "machine.h"
#include <glib.h>

enum { RIG_PINS = 16 };

typedef struct {
    part_t p;
    pad_t *pad[RIG_PINS];
    bool open_drain[RIG_PINS], pull_up[RIG_PINS];
} rig_t;

static inline void rig_drive(void *ctx, int index, pad_t *pad)
{
    rig_t *rig = ctx;
    pin_t *pin = rig->p.pins->pdata[index];
    if (pad && pad->enabled && !(rig->open_drain[index] && pad->level))
        pin_set(pin, pad->level);
    else if (rig->pull_up[index])
        pin_drive(pin, DRIVE_PULL, NET_VDD_MV);
    else
        pin_release(pin);
}

static inline void rig_changed(void *ctx, pin_t *pin)
{
    rig_t *rig = ctx;
    if (rig->pad[pin->index])
        pad_input(rig->pad[pin->index]);
}

// Makes a machine from the table, without its start, and gives it a part "rig" with pins 0 to 15.
static inline machine_t *rig_new(const soc_t *soc)
{
    static const part_class_t rig_class = {.name = "rig", .size = sizeof(rig_t)};
    g_autoptr(GError) error = NULL;
    machine_t *m = machine_new(soc, 1, &error);
    g_assert_no_error(error);
    rig_t *rig = (rig_t *)machine_add_part(m, &rig_class, "rig", &error);
    g_assert_no_error(error);
    for (int i = 0; i < RIG_PINS; i++) {
        g_autofree char *name = g_strdup_printf("%d", i);
        part_add_pin(&rig->p, name, rig_changed, rig);
    }
    return m;
}

static inline void rig_start(machine_t *m)
{
    g_autoptr(GError) error = NULL;
    machine_start(m, &error);
    g_assert_no_error(error);
}

static inline pin_t *rig_pin(machine_t *m, int index)
{
    return machine_part(m, "rig")->pins->pdata[index];
}

static inline void rig_pull_up(machine_t *m, int index)
{
    rig_t *rig = (rig_t *)machine_part(m, "rig");
    rig->pull_up[index] = true;
    rig_drive(rig, index, rig->pad[index]);
}

static inline void rig_route(machine_t *m, int index, const char *pad, bool open_drain)
{
    rig_t *rig = (rig_t *)machine_part(m, "rig");
    rig->pad[index] = machine_pad(m, pad);
    rig->open_drain[index] = open_drain;
    pad_route(rig->pad[index], rig_pin(m, index), rig_drive, rig, index);
    rig_drive(rig, index, rig->pad[index]);
}

static inline uint32_t rd(machine_t *m, uint32_t address)
{
    uint32_t value = 0;
    g_assert_true(bus_read(m->bus, address, 4, &value));
    return value;
}

static inline void wr(machine_t *m, uint32_t address, uint32_t value)
{
    g_assert_true(bus_write(m->bus, address, 4, value));
}

static inline bool rig_level(machine_t *m, const char *line)
{
    return machine_line(m, line)->level;
}

// Lets time pass to `ps` and checks that the run ended there.
static inline void rig_run(machine_t *m, uint64_t ps)
{
    g_assert_cmpint(machine_run(m, ps), ==, MACHINE_TIME);
    g_assert_cmpuint(machine_now_ps(m), ==, ps);
}
