// SPDX-License-Identifier: GPL-2.0-or-later
// A chip from its real table, without CPU, for tests of models: registers and time.
#pragma once
#include "machine.h"
#include <string.h>

typedef struct chip {
    machine_t *m;
    soc_t soc;
    GString *reports; // all lines of reports, "kind text\n"
} chip_t;

static inline void chip_report(void *ctx, report_t kind, const char *text)
{
    static const char *const kinds[] = {"note", "warning", "unmodelled", "guest-error"};
    g_string_append_printf(((chip_t *)ctx)->reports, "%s %s\n", kinds[kind], text);
}

// Not started: parts may be added and wired first.
static inline chip_t *chip_new(const char *name)
{
    chip_t *c = g_new0(chip_t, 1);
    GError *error = NULL;
    c->soc = *soc_find(name);
    c->soc.cpu = NULL;
    c->reports = g_string_new(NULL);
    c->m = machine_new(&c->soc, 1, &error);
    g_assert_no_error(error);
    c->m->report = chip_report;
    c->m->report_ctx = c;
    return c;
}

static inline void chip_start(chip_t *c)
{
    GError *error = NULL;
    machine_start(c->m, &error);
    g_assert_no_error(error);
}

static inline void chip_free(chip_t *c)
{
    machine_free(c->m);
    g_string_free(c->reports, TRUE);
    g_free(c);
}

// The same, after a test in which nothing was to be reported.
static inline void chip_done(chip_t *c)
{
    g_assert_cmpstr(c->reports->str, ==, "");
    chip_free(c);
}

static inline uint32_t rd(chip_t *c, uint32_t address)
{
    uint32_t v = 0;
    g_assert_true(bus_read(c->m->bus, address, 4, &v));
    return v;
}

static inline void wr(chip_t *c, uint32_t address, uint32_t value)
{
    g_assert_true(bus_write(c->m->bus, address, 4, value));
}

static inline void wr_size(chip_t *c, uint32_t address, unsigned size, uint32_t value)
{
    g_assert_true(bus_write(c->m->bus, address, size, value));
}

static inline void set_bits(chip_t *c, uint32_t address, uint32_t bits)
{
    wr(c, address, rd(c, address) | bits);
}

static inline void run_to(chip_t *c, uint64_t ps)
{
    machine_run(c->m, ps);
    g_assert_cmpuint(machine_now_ps(c->m), ==, ps);
}

static inline void run_for(chip_t *c, uint64_t ps) { run_to(c, machine_now_ps(c->m) + ps); }

static inline bool level(chip_t *c, const char *line) { return machine_line(c->m, line)->level; }

static inline bool reported(chip_t *c, const char *text) { return strstr(c->reports->str, text); }

static inline pin_t *chip_pin(chip_t *c, const char *part_colon_pin)
{
    GError *error = NULL;
    pin_t *pin = machine_pin(c->m, part_colon_pin, &error);
    g_assert_no_error(error);
    return pin;
}
