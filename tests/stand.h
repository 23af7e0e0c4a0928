// SPDX-License-Identifier: GPL-2.0-or-later
// A test stand: a machine without a CPU, on which parts are placed, wired and probed. Time
// advances by events only.
#pragma once
#include "machine.h"

typedef struct rig {
    machine_t *m;
    part_t *probe;      // a part whose pins are made by stand_pin("probe:NAME")
    GPtrArray *reports; // of char *: what the machine reported
} stand_t;

stand_t *stand_new(void);
void stand_free(stand_t *r);
// `attrs`: "name=value name=value" or NULL. Ends the test when the part is refused.
part_t *stand_part(stand_t *r, const char *cls, const char *name, const char *attrs);
pin_t *stand_pin(stand_t *r, const char *part_colon_pin); // ends the test when there is none
void stand_wire(stand_t *r, const char *a, const char *b);
void stand_start(stand_t *r);
void stand_run(stand_t *r, uint64_t ps); // that much further
void stand_set(part_t *p, const char *prop, double value);
double stand_get(part_t *p, const char *prop);
