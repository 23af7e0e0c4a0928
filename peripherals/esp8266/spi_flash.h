// SPDX-License-Identifier: GPL-2.0-or-later
// The serial flash chip on the module: what spi.c puts on its wires comes here, bit by bit or by
// bytes.
//
// To test what a power cut does to a file system, the chip counts the steps of what changes its
// contents: every program or erase is two steps, "half way" and "done". At step `cut_at` the power
// fails: the contents are as they are then, the line "spi0.power_fail" goes high and holds the chip
// in reset, a note says what was cut, and machine_run returns MACHINE_PAUSE. Of a program cut half
// way, half of the bytes are there and some bits of the next; an erase leaves each 256 bytes as
// they were, erased, or neither (random, by the seed and the step).
//
// From outside these are properties of the part spi0: "cut-at" (0: never) and, to read, "steps" so
// far; both count from the last power-on. So a test runs once to learn the number of steps, then
// once for each of them: it sets "cut-at", runs until MACHINE_PAUSE, and starts anew, in one of
// three ways: a new machine with the bytes of the memory "flash" of this one; machine_reset(m,
// true); or "cut-at" set again, which does the same and which a scenario can do too (set-control).
// The RAM of the same machine keeps its bytes.
#pragma once
#include "machine.h"

enum { SPI_FLASH_PAGE = 256 };

typedef struct spi_flash_op spi_flash_op_t;
typedef enum {
    SPI_FLASH_IDLE,
    SPI_FLASH_PROGRAM,
    SPI_FLASH_ERASE,
    SPI_FLASH_STATUS,
} spi_flash_work_t;

typedef struct spi_flash {
    machine_t *m;
    mem_t *mem;
    line_t *power_fail;
    event_t event;         // saved: the operation is done, or cut
    uint64_t ready_ps;     // saved: it is waking up until then
    spi_flash_work_t work; // saved
    uint32_t first, count; // saved: bytes that it changes
    uint32_t steps;        // saved: begun since power-on, two for each operation
    uint32_t cut_at;       // saved: the power fails at this one
    uint8_t status[3];     // saved, not volatile; WIP and WEL in the first
    uint8_t new_status[3]; // saved: what a write of the status makes of them
    bool keep_status;      // saved: that write is to outlive the power
    uint8_t kept[3];       // saved: what is behind the status registers when power comes
    bool volatile_write;   // saved: opcode 50 has come
    bool asleep, off;      // saved: in deep power-down; without power
    bool reset_enabled;    // saved: opcode 66 has come
    // One transaction, from select to deselect.
    const spi_flash_op_t *op; // saved: NULL: the chip does not listen
    uint32_t at;              // saved: bytes so far
    uint32_t address;         // saved
    uint8_t in, out, bits;    // saved: shift registers
    uint8_t page[SPI_FLASH_PAGE]; // saved: what is to be programmed ...
    uint32_t page_bytes;          // saved: ... and how many bytes of it have come
} spi_flash_t;

void spi_flash_init(spi_flash_t *f, machine_t *m, mem_t *mem, line_t *power_fail);
void spi_flash_power(spi_flash_t *f); // the power comes, maybe after it had gone
void spi_flash_select(spi_flash_t *f);
uint32_t spi_flash_bits(spi_flash_t *f, uint32_t out, unsigned n); // the highest of n goes first
void spi_flash_deselect(spi_flash_t *f);
