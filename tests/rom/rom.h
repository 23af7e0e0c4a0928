// SPDX-License-Identifier: GPL-2.0-or-later
// Our mask ROM of the ESP8266 in a machine: functions called at their documented addresses, whole
// boots.
#pragma once
#include "cpu/lx106_int.h"
#include "image.h"
#include "machine.h"
#include <string.h>

#define ROM_IN   0x3FFE8000u // operands of a batch
#define ROM_OUT  0x3FFF0000u // results
#define ROM_TEXT 0x3FFF8000u // a pointer, and text from ROM_PUT_CHAR where it points
#define ROM_DATA 0x3FFF9000u // for a test's own use, 8 KB
#define ROM_CODE 0x40100000u
#define ROM_PUT_CHAR (ROM_CODE + 0x84) // void (char)
#define ROM_CATCH (ROM_CODE + 0xC0)    // a handler of exceptions
#define ROM_FREE  (ROM_CODE + 0x100)   // for a test's own code
enum { ROM_BATCH = 2048 };   // calls with four words of operands and two of result

typedef struct rom {
    machine_t *m;
    lx106_t *c;
    GString *reports;
    uint32_t main; // where the ROM's main is
    uint32_t ps;   // while a function runs; at first with all interrupts locked
    bool caught;
} rom_t;

extern const char *rom_file; // --args: the ELF

rom_t *rom_new(void);    // ready to be started
void rom_start(rom_t *r);
rom_t *rom_booted(void); // its data is in RAM and no image is running: functions can be called
void rom_free(rom_t *r);
void rom_jump(rom_t *r, uint32_t pc);
// Calls function(a2, a3 ...) and returns a2 with a3 above it.
uint64_t rom_call(rom_t *r, uint32_t function, unsigned n, ...); // n uint32_t
// n times: operands at ROM_IN, 16 bytes each, results at ROM_OUT, 8 bytes each. Cycles that it
// took.
uint64_t rom_batch(rom_t *r, uint32_t function, const uint32_t (*in)[4], uint64_t *out, unsigned n);
void rom_put(rom_t *r, uint32_t address, const void *bytes, uint32_t n);
void rom_get(rom_t *r, uint32_t address, void *bytes, uint32_t n);
// From now on an exception of this cause ends rom_call, which returns EPC1 and the cause.
void rom_catch(rom_t *r, unsigned cause);
void rom_clear_text(rom_t *r);
char *rom_text(rom_t *r); // to be freed

// What a test of arithmetic has: a ROM to call, numbers that are the same each time, one batch.
typedef struct rom_fixture {
    rom_t *r;
    GRand *rand;
    uint32_t in[ROM_BATCH][4];
    uint64_t out[ROM_BATCH];
} rom_fixture_t;
void rom_set_up(rom_fixture_t *f, gconstpointer data);
void rom_tear_down(rom_fixture_t *f, gconstpointer data);
