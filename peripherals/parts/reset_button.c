// SPDX-License-Identifier: GPL-2.0-or-later
// Reset button: holds the chip in reset while pressed. It has no pins; it acts on the machine's
// line "nrst.assert".
#include "machine.h"

static void pressed_changed(part_t *p, unsigned index)
{
    line_set(machine_line(p->m, "nrst.assert"), p->prop[0] != 0);
}

static const char *const reset_button_attrs[] = {"color=black", "label=", NULL};
static const part_prop_t reset_button_props[] = {
    {.name = "pressed", .max = 1, .step = 1, .kind = PROP_SWITCH, .changed = pressed_changed},
    {0},
};

const part_class_t reset_button_class = {
    .name = "reset-button",
    .brief = "button that holds the chip in reset",
    .size = sizeof(part_t),
    .attrs = reset_button_attrs,
    .props = reset_button_props,
};
