// SPDX-License-Identifier: GPL-2.0-or-later
// Parts: what a model is. A peripheral of a chip, a LED and a sensor are all parts.
//
// A class is one const table in one file; peripherals/meson.build is the list of all. An instance is
// allocated zeroed with `size` bytes (its struct begins with a part_t). Parts never include each
// other: they meet at nets, pads and lines, at bus addresses, and at transfers.
#pragma once
#include "clk.h"
#include "event.h"
#include "line.h"
#include "net.h"
#include <glib.h>

typedef struct machine machine_t;
typedef struct part_class part_class_t;
typedef struct part_reg part_reg_t;

GQuark part_error_quark(void);

// ---- Registers --------------------------------------------------------------------------------------
// One row per register, or per array of equal registers. Storage is part->r[offset / 4].
// All masks zero: a plain read-write register. Order of a write: the mask rules make the new value
// from the old one, it is stored, then `write` runs.
struct part_reg {
    const char *name; // the reference manual's
    uint16_t offset;  // bytes from the part's base, a multiple of 4
    uint16_t count;   // 0 or 1: one; else that many ...
    uint16_t stride;  // ... this many bytes apart (0 = 4)
    uint32_t reset;
    uint32_t ro;     // bits that a write does not change (read-only and reserved)
    uint32_t w1c;    // bits cleared by writing 1 (a 0 leaves them)
    uint32_t w0c;    // bits cleared by writing 0 (a 1 leaves them): ST's rc_w0
    uint32_t unimp;  // bits whose effect is not modelled: setting one is reported once
    // Value that a read gives; NULL = the stored one. Side effects belong here. `n`: which of `count`.
    uint32_t (*read)(part_t *p, const part_reg_t *reg, unsigned n);
    // After the store. `old` is the value before; the new one is in p->r[]; `p->written` is the raw
    // word that was written (lanes outside `p->lanes` are zero).
    void (*write)(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old);
};

// ---- Properties: physical quantities that a person or a scenario sets, or looks at -------------------
// An attribute of a property's name (or alias) is its value at the start.
typedef enum { PROP_RANGE, PROP_SWITCH, PROP_OUTPUT } prop_kind_t;
typedef struct part_prop {
    const char *name; // "celsius", "pressed", "position", "brightness"
    const char *unit; // "\u00b0C", "lux", "" ...
    double min, max, def, step; // no step and min above 0: people see it on a logarithmic scale
    prop_kind_t kind; // PROP_SWITCH: 0/1, momentary. PROP_OUTPUT: read only.
    const char *alias; // another accepted name (Wokwi's "temperature"), or NULL
    void (*changed)(part_t *p, unsigned index);   // after the value changed; may be NULL
    double (*read)(part_t *p, unsigned index);    // PROP_OUTPUT: the value now; NULL = stored
} part_prop_t;

struct part_class {
    const char *name;  // "stm32-usart", "led", "tmp36"; Wokwi's name is an alias
    const char *alias; // other names, with spaces between: "wokwi-led"; or NULL
    const char *brief; // one line for `solderless parts`
    size_t size;       // of the instance struct
    const part_reg_t *regs; // ends with name == NULL; NULL = no registers
    uint32_t mmio_size;     // bytes of address space; 0 = none
    const part_prop_t *props;    // ends with name == NULL; NULL = none
    const char *const *pins;     // NULL-terminated; more may be added in init with part_add_pin
    const char *const *attrs;    // NULL-terminated names of accepted attributes, "name=default"
    // Everything is named and wired afterwards; pins exist. FALSE with `error` set: the board is wrong.
    bool (*init)(part_t *p, GError **error);
    // All parts exist and are wired (look up what you need: nets, lines of others). May be NULL.
    bool (*wired)(part_t *p, GError **error);
    // To the state after reset; registers are already at their reset values. `power`: power-on.
    void (*reset)(part_t *p, bool power);
    bool keeps_registers; // a reset that is not power-on leaves the registers alone (RTC, RCC_CSR)
    // What a display shows, as lines of text (a LED matrix: rows of digits); NULL: it is no display.
    void (*show)(part_t *p, GString *to);
    void (*finish)(part_t *p); // frees what init allocated; may be NULL
    // Instead of regs, for parts whose address space is not a register file. size is 1, 2 or 4.
    uint32_t (*mmio_read)(part_t *p, uint32_t offset, unsigned size);
    void (*mmio_write)(part_t *p, uint32_t offset, unsigned size, uint32_t value);
};

struct part {
    const part_class_t *cls;
    machine_t *m;
    char *name;      // owned: "usart1", "led1"
    uint32_t base;   // bus address of the registers, or 0
    uint32_t variant; // from the chip's table; what it means is the model's
    clk_t *clk;      // its kernel clock, from the chip's table, or NULL
    uint32_t *r;     // saved: registers, mmio_size / 4 words
    uint32_t written, lanes; // during a write hook: raw word and mask of the written lanes
    uint32_t access;         // size in bytes of the access during a hook
    bool off;        // its bus clock is gated: reads give 0, writes are lost (reported)
    bool peeking;    // during a side-effect-free read by a debugger: read hooks must not change state
    GPtrArray *pins; // of pin_t *
    double *prop;    // saved: values, in the order of cls->props
    GHashTable *attrs; // string -> string
    // Placement on the picture, in its units; from board.json / diagram.json.
    double left, top, rotate;
    bool on_board;   // part of board.json
    bool on_chip;    // from the chip's table
    uint16_t *reg_row; // internal: word offset -> row + 1
};

// Shorthand used by models: R(p, USART_SR) is the stored word of that register.
#define R(p, offset) ((p)->r[(offset) / 4])

const part_class_t *part_class_find(const char *name_or_alias); // NULL if there is none
extern const part_class_t *const part_classes[];                // all, NULL-terminated (generated)

part_t *part_new(machine_t *m, const part_class_t *cls, const char *name); // zero state, not inited
void part_free(part_t *p); // after cls->finish
bool part_init(part_t *p, GError **error);   // pins, registers, class init; set attributes before
void part_set_attr(part_t *p, const char *name, const char *value); // before part_init (or wired)
void part_reset(part_t *p, bool power);      // registers to reset values, then class reset

uint32_t part_mmio_read(part_t *p, uint32_t offset, unsigned size);
void part_mmio_write(part_t *p, uint32_t offset, unsigned size, uint32_t value);

pin_t *part_add_pin(part_t *p, const char *name, pin_fn_t changed, void *ctx);
pin_t *part_pin(part_t *p, const char *name); // NULL if there is none
// Lines and pads of this part: "name.signal" in the machine, made at first use.
line_t *part_line(part_t *p, const char *signal);
pad_t *part_pad(part_t *p, const char *signal, void (*input)(void *, pad_t *, bool), void *ctx);
clk_t *part_clk(part_t *p, const char *clk_name); // a clock of the machine by name, never NULL

int part_prop_find(const part_t *p, const char *name_or_alias); // index or -1
double part_prop_get(part_t *p, unsigned index);
// Clamps to min..max. FALSE with error for an output.
bool part_prop_set(part_t *p, unsigned index, double value, GError **error);

const char *part_attr(const part_t *p, const char *name); // value or default of cls->attrs, or NULL
// Which way a sensor is mounted: three of the part's attribute such as "-x-y+z", each as sign x (1 for x, 2 for
// y, 3 for z) of the board.
bool part_attr_axes(const part_t *p, const char *name, int axis[3], GError **error);
bool part_attr_double(const part_t *p, const char *name, double *value, GError **error);
