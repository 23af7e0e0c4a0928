// SPDX-License-Identifier: GPL-2.0-or-later
// The list of engines.
#include "../cpu.h"
#include <string.h>

extern const cpu_class_t cortexm0_cpu, cortexm4f_cpu, lx106_cpu;

static const cpu_class_t *const classes[] = {
    &cortexm0_cpu,
    &cortexm4f_cpu,
    &lx106_cpu,
    NULL,
};

const cpu_class_t *cpu_class_find(const char *name)
{
    for (const cpu_class_t *const *c = classes; *c; c++)
        if (!strcmp((*c)->name, name))
            return *c;
    return NULL;
}
