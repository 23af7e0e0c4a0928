// SPDX-License-Identifier: GPL-2.0-or-later
// What all nRF51 peripherals have in common (nRF51 Series Reference Manual, chapter "Peripheral
// interface"): tasks, events, shortcuts, interrupts, power, PPI, and the choice of pins by PSEL.
//
// A model's struct begins with nrf_t. Its register table has the rows of the macros below, and its
// nrf_desc_t says what each task does and which shortcuts there are:
//
//     static void start(part_t *p, unsigned n) { ... }
//     static const nrf_desc_t desc = {
//         .tasks = (const nrf_task_t[]){{0x000, start}, {0x004, stop}, {0}},
//         .shorts = (const nrf_short_t[]){{0, 0x104, 0x000}, {0}},
//     };
//     init:  nrf_init(p, &desc)      reset:  nrf_reset(p)      wires: "rng.irq" -> "irq.13"
//
// nrf_event(p, 0x104) is all that a model does when something happened: the event register is set,
// the interrupt follows, shortcuts and PPI channels run their tasks, at the same time. A task is run
// by the same write of 1 to its register whoever asks: the CPU, a shortcut or a PPI channel. Such a
// write may come while the model is inside a hook of its own: leave the state consistent before
// nrf_event, and do not use p->written after it.
#pragma once
#include "machine.h"

enum { NRF_SHORTS_AT = 0x200, NRF_INTEN_AT = 0x300, NRF_INTENSET_AT = 0x304,
       NRF_INTENCLR_AT = 0x308, NRF_POWER_AT = 0xFFC, NRF_SIZE = 0x1000 };
#define NRF_NO_PIN UINT32_MAX // PSEL: disconnected

typedef struct nrf_task {
    uint16_t offset; // of the first
    void (*run)(part_t *p, unsigned n);
    uint16_t count; // 0 or 1: one; n counts them
} nrf_task_t;

typedef struct nrf_short {
    uint8_t bit;
    uint16_t event, task;
} nrf_short_t;

typedef struct nrf_desc {
    const nrf_task_t *tasks;   // ends with run == NULL
    const nrf_short_t *shorts; // ends with event == 0; NULL = none
    // What an event does besides; NULL = always to PPI. RTC routes only what EVTEN allows.
    bool (*routed)(part_t *p, uint16_t event);
} nrf_desc_t;

typedef struct nrf {
    part_t p;
    const nrf_desc_t *desc;
    line_t *irq;     // "name.irq"
    part_t *ppi;     // NULL: the chip of a test may have none
    uint32_t events; // saved: EVENTS registers, bit n for the one at 0x100 + 4 n
} nrf_t;

void nrf_init(part_t *p, const nrf_desc_t *desc);
void nrf_reset(part_t *p);
void nrf_event(part_t *p, uint16_t offset);
// Runs a task of this part as a shortcut does.
void nrf_task(part_t *p, uint16_t offset);
static inline bool nrf_event_is(const part_t *p, uint16_t offset) { return p->r[offset / 4] & 1; }
// An event that somebody waits for: its interrupt, a shortcut of it, or a PPI channel is on. What
// nobody waits for need not be scheduled as long as a read of its register finds it.
bool nrf_event_wanted(part_t *p, uint16_t offset);

// Rows of the register table.
#define NRF_TASK(name, offset) {"TASKS_" name, offset, .ro = ~0u, .write = nrf_task_write}
#define NRF_TASKS(name, offset, n) \
    {"TASKS_" name, offset, .count = n, .ro = ~0u, .write = nrf_task_write}
#define NRF_EVENT(name, offset) \
    {"EVENTS_" name, offset, .ro = ~1u, .w0c = 1, .write = nrf_event_write}
#define NRF_EVENTS(name, offset, n) \
    {"EVENTS_" name, offset, .count = n, .ro = ~1u, .w0c = 1, .write = nrf_event_write}
#define NRF_SHORTS(bits) {"SHORTS", NRF_SHORTS_AT, .ro = ~(uint32_t)(bits)}
#define NRF_INTEN(bits) \
    {"INTEN", NRF_INTEN_AT, .ro = ~(uint32_t)(bits), .write = nrf_inten_write}, \
    {"INTENSET", NRF_INTENSET_AT, .ro = ~0u, .read = nrf_inten_read, .write = nrf_inten_write}, \
    {"INTENCLR", NRF_INTENCLR_AT, .ro = ~0u, .read = nrf_inten_read, .write = nrf_inten_write}
// Not in the manual, but in Nordic's headers and used by drivers: 0 resets the peripheral.
#define NRF_POWER {"POWER", NRF_POWER_AT, .reset = 1, .ro = ~1u, .write = nrf_power_write}

void nrf_task_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old);
void nrf_event_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old);
uint32_t nrf_inten_read(part_t *p, const part_reg_t *reg, unsigned n);
void nrf_inten_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old);
void nrf_power_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old);

// ---- Pins (gpio.c) ------------------------------------------------------------------------------
// Puts a pad of a peripheral on pin P0.<psel>, where it overrides OUT and, while the pad is enabled,
// DIR; the pin's DRIVE setting stays in force (S0D1 is open drain). Above 31 (NRF_NO_PIN): takes it
// off. A pin that two peripherals choose belongs to the one that chose it last (reported).
void nrf_psel(machine_t *m, pad_t *pad, uint32_t psel);
// The pin P0.<index> itself, for analog inputs and for transfers.
pin_t *nrf_pin(machine_t *m, unsigned index);
// Somebody looks at each edge of the pin: transfers there must be drawn. Each true wants its false.
void nrf_pin_edges(machine_t *m, unsigned index, bool wanted);

// ---- PPI (ppi.c) --------------------------------------------------------------------------------
void nrf_ppi_event(part_t *ppi, uint32_t event_address);
bool nrf_ppi_listens(part_t *ppi, uint32_t event_address);
