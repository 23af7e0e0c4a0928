// SPDX-License-Identifier: GPL-2.0-or-later
// A chip: one const table that places models. peripherals/<family>/<soc>.c holds each.
#pragma once
#include "bus.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct soc_mem {
    const char *name;
    mem_kind_t kind;
    uint32_t base, size;
    uint32_t alias; // second address; with alias_on
    bool alias_on;
    uint32_t window; // how much of it the CPU sees at a time; 0: all (bus.h)
} soc_mem_t;

typedef struct soc_part {
    const char *cls, *name;
    uint32_t base;
    const char *clk;      // kernel clock, or NULL
    uint32_t variant;     // what it means is the model's (number of channels, port index ...)
    const char *attrs;    // "name=value name=value", or NULL
} soc_part_t;

typedef struct soc_wire { // a line drives another line: "usart1.irq" -> "irq.37"
    const char *from, *to;
} soc_wire_t;

#define SOC_ANALOG 16 // as `af`: the pad of the pin's analog mode
typedef struct soc_af { // alternate function `af` of pin `pin` is the pad `pad`
    const char *pin;
    uint8_t af;
    const char *pad;
} soc_af_t;

typedef struct soc_clk { // a clock node and its frequency at reset
    const char *name;
    uint64_t hz;
} soc_clk_t;

typedef struct soc_unmodelled { // known to exist, not modelled: reads 0, reported once, no bus error
    const char *name;
    uint32_t base, size;
} soc_unmodelled_t;

typedef struct soc {
    const char *name, *brief;
    const char *cpu;        // cpu_class name; NULL: no CPU, time advances by events only (tests)
    unsigned irq_lines;     // external interrupts; lines "irq.0" ... are made for them
    unsigned priority_bits; // NVIC
    uint32_t systick_calib; // what SYST_CALIB reads
    bool fpu;
    uint32_t boot_address;  // where the vector table is fetched at reset, or the first instruction
    // Image of the mask ROM (in MEM_ROM) that loads the firmware from the flash at its address 0, the name
    // of a file under firmware/; NULL: the CPU starts in the firmware.
    const char *rom;
    const char *cpu_clk;    // name of the clock that counts CPU cycles
    // Extra cycles of a CPU access to peripherals, by address: rows end with size 0.
    const struct soc_wait {
        uint32_t base, size;
        uint8_t read, write;
    } *waits;
    const soc_mem_t *mems;      // each table ends with a NULL name / from / pin
    const soc_clk_t *clks;
    const soc_part_t *parts;
    const soc_wire_t *wires;
    const soc_af_t *afs;
    const soc_unmodelled_t *unmodelled;
} soc_t;

const soc_t *soc_find(const char *name);   // NULL if there is none
extern const soc_t *const soc_list[];      // all, NULL-terminated (generated)
