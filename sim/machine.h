// SPDX-License-Identifier: GPL-2.0-or-later
// A machine: one board under simulation. It owns time, the CPU, the bus, all parts and nets. There is
// no global state: any number of machines live in one process.
//
// Inputs from outside (keys, sliders, bytes) are applied between two calls of machine_run, at
// machine_now_ps(); same image, same inputs at the same times, same run, to the cycle.
#pragma once
#include "bus.h"
#include "clk.h"
#include "cpu.h"
#include "event.h"
#include "image.h"
#include "net.h"
#include "part.h"
#include "soc.h"

typedef enum {
    MACHINE_TIME,   // reached the time asked for
    MACHINE_PAUSE,  // machine_pause was called
    MACHINE_BREAK,  // breakpoint, watchpoint, step
    MACHINE_LOCKUP, // the CPU is locked up and no event can free it (a watchdog still could)
    MACHINE_EXIT,   // semihosting exit; m->exit_code
    MACHINE_FATAL,  // --strict and something unmodelled was used, or time stands still (reported)
} machine_stop_t;

typedef enum { REPORT_NOTE, REPORT_WARNING, REPORT_UNMODELLED, REPORT_GUEST_ERROR } report_t;

typedef void (*report_fn_t)(void *ctx, report_t kind, const char *text);

GQuark machine_error_quark(void);

struct machine {
    event_queue_t events;
    uint64_t now_ps;  // saved: while the CPU is not running; use machine_now_ps
    uint64_t until_ps; // of the running slice
    uint64_t stall_ps; // saved: the CPU stands still until then
    uint64_t still_ps; // the guard against time that stands still: latest time reached ...
    uint32_t still;    // ... and what has happened since at no later one
    bus_t *bus;
    cpu_t *cpu;
    clk_t *cpu_clk;
    const soc_t *soc;
    uint32_t boot_address; // where the vector table is fetched at reset: the chip's, if nobody sets it
    image_t *image;     // the firmware: for symbols; owned
    image_t *rom;       // the mask ROM, likewise, or NULL
    GPtrArray *parts;   // part_t *, owned, in the order of creation
    GPtrArray *nets;    // net_t *, owned
    GHashTable *clks, *lines, *pads; // name -> clk_t *, line_t *, pad_t *; owned
    GHashTable *by_name; // part name -> part_t *
    GHashTable *reported; // what has been reported once
    bool strict, fatal, pause, reset_wanted, in_event, started;
    bool semihosting;
    bool halted;        // held in reset
    bool idle;          // no instruction has run since time last went on
    int exit_code;
    uint32_t seed;      // of everything random on the board
    uint64_t random_state[2];
    report_fn_t report;
    void *report_ctx;
    void (*console)(void *ctx, const char *text, size_t n); // semihosting output
    void *console_ctx;
    struct air *air;    // between radios (air.h), or NULL: this board is alone
    uint64_t host_idle; // statistics: slices that slept
};

// A machine with the chip's memories, clocks, parts and wires, not yet reset. More parts are added and
// wired before machine_start. NULL with error when the chip's table is wrong.
machine_t *machine_new(const soc_t *soc, uint32_t seed, GError **error);
void machine_free(machine_t *m);
// Adds a part of class `cls`. The caller sets attributes, then part_init, then wires its pins.
// NULL with error: duplicate name.
part_t *machine_add_part(machine_t *m, const part_class_t *cls, const char *name, GError **error);
// Copies the image's segments into memories. Error: a segment where no memory is (names the address).
bool machine_load(machine_t *m, image_t *image, GError **error); // takes the image
bool machine_load_rom(machine_t *m, image_t *image, GError **error); // likewise; into mask ROM only
bool machine_start(machine_t *m, GError **error); // `wired` of all parts, then power-on reset
void machine_reset(machine_t *m, bool power);     // between runs; from hooks use machine_want_reset
// At the end of the current instruction or event. Who asks also pulses a line that says why
// ("iwdg.reset"), which the model of the reset controller listens to. A reset that the core asked for
// (SYSRESETREQ) pulses "cpu.sysresetreq"; a core that locks up pulses "cpu.lockup". The line "nrst.assert" high holds the chip in reset.
void machine_want_reset(machine_t *m);

uint64_t machine_now_ps(const machine_t *m); // exact, also inside hooks
machine_stop_t machine_run(machine_t *m, uint64_t until_ps);
machine_stop_t machine_step(machine_t *m);   // one instruction
// The bus stalls: after the current instruction the CPU does nothing until `until_ps` (events go on).
void machine_stall(machine_t *m, uint64_t until_ps);
// The CPU sleeps, stands still or is held, and no event will come: only the world outside can wake it.
bool machine_asleep(const machine_t *m);
// Nothing happens on the board before this time, unless somebody outside does something.
uint64_t machine_wakes_ps(const machine_t *m);
void machine_pause(machine_t *m);            // ends machine_run at the end of the instruction or event

// Event helpers in the machine's queue.
static inline void machine_at(machine_t *m, event_t *e, uint64_t ps) { event_at(&m->events, e, ps); }
static inline void machine_cancel(machine_t *m, event_t *e) { event_cancel(&m->events, e); }

part_t *machine_part(machine_t *m, const char *name); // NULL if there is none
clk_t *machine_clk(machine_t *m, const char *name);   // made (stopped) at first use
line_t *machine_line(machine_t *m, const char *name); // made at first use
pad_t *machine_pad(machine_t *m, const char *name);   // made at first use
// "part:pin" -> pin; NULL with error naming what is wrong.
pin_t *machine_pin(machine_t *m, const char *part_colon_pin, GError **error);
uint32_t machine_random(machine_t *m); // deterministic, from the seed

// Reports. `once_key` non-zero: only the first of that key (an address, say) is told.
void machine_report(machine_t *m, report_t kind, uint64_t once_key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
// A register or bits that no model covers: told once with address, PC and symbol; --strict ends the run.
void machine_unmodelled(machine_t *m, uint32_t address, const char *what);
// "main+0x1c" or "0x08001234" of an address.
const char *machine_where(machine_t *m, uint32_t address, char *to, size_t n);
