// SPDX-License-Identifier: GPL-2.0-or-later
// The engine interface: what executes instructions. gdb, trace, scenarios and the machine use only
// this, so an engine may be an emulator library, an interpreter or a translator.
//
// Cycles are those of the CPU clock (machine->cpu_clk) since power-on, sleep included: they are the
// machine's time. The engine keeps them exact even inside an access to a peripheral.
#pragma once
#include "bus.h"
#include "image.h"
#include "soc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cpu cpu_t;

typedef enum {
    CPU_DEADLINE, // reached the cycle it was to run to, or was cut
    CPU_SLEEP,    // waits for an interrupt or event: time may jump to the next event
    CPU_BREAK,    // a breakpoint, watchpoint or completed step; see cpu_t.stop_address
    CPU_RESET,    // the core asked for a system reset (AIRCR.SYSRESETREQ)
    CPU_LOCKUP,   // fault inside a fault handler: nothing runs until reset (reported)
    CPU_EXIT,     // the program ended itself through semihosting; see cpu_t.exit_code
} cpu_stop_t;

typedef enum { WATCH_NONE, WATCH_WRITE = 1, WATCH_READ = 2, WATCH_ACCESS = 3 } watch_t;

typedef struct cpu_reg_desc {
    const char *name; // gdb's name
    uint8_t bits;
} cpu_reg_desc_t;

typedef struct cpu_class {
    const char *name; // "cortex-m4f", "cortex-m0"
    image_arch_t arch; // of the images that it runs
    cpu_t *(*create)(machine_t *m, const soc_t *soc, GError **error);
    void (*destroy)(cpu_t *c);
    void (*reset)(cpu_t *c, bool power); // fetches the vectors
    // Runs until `until` cycles, taking interrupts at the exact instruction.
    cpu_stop_t (*run)(cpu_t *c, uint64_t until);
    uint64_t (*cycles)(const cpu_t *c);
    // From inside a call-back during run: end the slice at `until` at the latest (maybe now).
    void (*cut)(cpu_t *c, uint64_t until);
    // Time passes without instructions (sleep): cycles become `to`.
    void (*skip)(cpu_t *c, uint64_t to);
    void (*irq)(cpu_t *c, unsigned line, bool level); // external interrupt request line
    void (*event)(cpu_t *c);                          // wakes WFE (RXEV)
    // Bytes behind the bus or their timing changed.
    void (*code_changed)(cpu_t *c, uint32_t address, uint32_t n);
    void (*timing_changed)(cpu_t *c, const mem_t *mem);
    // Nothing may be where reset fetches the vectors: finds those that a boot loader would start an image
    // with, whose flash begins at `flash`, and sets machine_t.boot_address. FALSE: there are none. May be NULL.
    bool (*find_boot)(cpu_t *c, const image_t *image, uint32_t flash, GError **error);
    // Debugger. Registers by index into `regs`. pc is exact whenever run() has returned, and inside
    // call-backs it is the address of the instruction that makes the access.
    const cpu_reg_desc_t *regs; // ends with name == NULL
    uint64_t (*reg_get)(cpu_t *c, unsigned i);
    void (*reg_set)(cpu_t *c, unsigned i, uint64_t value);
    uint32_t (*pc)(cpu_t *c);
    cpu_stop_t (*step)(cpu_t *c); // one instruction (or one exception entry), exactly
    bool (*breakpoint)(cpu_t *c, uint32_t address, bool on);
    bool (*watchpoint)(cpu_t *c, uint32_t address, uint32_t n, watch_t kind);
    // Text of the instruction at `address` into `to`; returns its length in bytes, 0 = cannot read.
    unsigned (*disassemble)(cpu_t *c, uint32_t address, char *to, size_t n);
} cpu_class_t;

struct cpu { // first member of every engine's struct
    const cpu_class_t *cls;
    machine_t *m;
    uint32_t stop_address; // of CPU_BREAK by a watchpoint: the data address
    int exit_code;         // of CPU_EXIT
    bool in_run;
    bool debugger;       // attached: BKPT stops the run instead of faulting
    bool lockup_may_end; // an NMI or a watchdog may still free a locked-up core
};

const cpu_class_t *cpu_class_find(const char *name); // NULL if there is none
