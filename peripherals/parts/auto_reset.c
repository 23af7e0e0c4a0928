// SPDX-License-Identifier: GPL-2.0-or-later
// Auto-reset: the two transistors between a USB-serial bridge and an ESP8266, by which a computer resets
// the chip and chooses how it starts (schematics of the NodeMCU DevKit 1.0 and of the Feather HUZZAH).
//
// DTR and RTS are low when the computer asserts them. RTS low and DTR high pull EN low; DTR low and RTS
// high pull IO0 low; when both are low, or both high, neither transistor conducts. EN and IO0 are open
// collectors. Both lines never change at once: from reset (EN low) to the boot loader (IO0 low) a computer
// passes through "both low", where EN is let go already, and on the boards the capacitor at EN bridges that
// moment. Here EN stays low for as long as it lasts: a program that is slow, or far away behind a network,
// finds the same circuit as one that is not.
#include "machine.h"

typedef struct {
    part_t p;
    pin_t *dtr, *rts, *en, *io0;
    bool held; // saved: EN is low
} auto_reset_t;

static void pull(pin_t *pin, bool low)
{
    pin_drive(pin, low ? DRIVE_STRONG : DRIVE_NONE, 0);
}

static void changed(void *ctx, pin_t *pin)
{
    auto_reset_t *a = ctx;
    bool dtr = pin_level(a->dtr), rts = pin_level(a->rts), passing = !dtr && !rts;
    pull(a->io0, !dtr && rts); // before EN is let go: the chip looks at it then
    a->held = (dtr && !rts) || (passing && a->held);
    pull(a->en, a->held);
}

static bool auto_reset_init(part_t *p, GError **error)
{
    auto_reset_t *a = (auto_reset_t *)p;
    pin_t **const pins[] = {&a->dtr, &a->rts, &a->en, &a->io0};
    for (unsigned i = 0; p->cls->pins[i]; i++)
        *pins[i] = part_pin(p, p->cls->pins[i]);
    a->dtr->changed = a->rts->changed = changed;
    a->dtr->ctx = a->rts->ctx = a;
    return true;
}

static bool auto_reset_wired(part_t *p, GError **error)
{
    auto_reset_t *a = (auto_reset_t *)p;
    changed(a, a->dtr);
    return true;
}

static const char *const auto_reset_pins[] = {"DTR", "RTS", "EN", "IO0", NULL};

const part_class_t auto_reset_class = {
    .name = "auto-reset",
    .brief = "resets an ESP8266 by the modem lines DTR and RTS",
    .size = sizeof(auto_reset_t),
    .pins = auto_reset_pins,
    .init = auto_reset_init,
    .wired = auto_reset_wired,
};
