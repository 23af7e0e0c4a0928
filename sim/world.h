// SPDX-License-Identifier: GPL-2.0-or-later
// A world: machines that run together, in one simulated time, and the air between their radios.
//
// Machines run one after the other in slices. A slice is never longer than the time in which
// something that one of them does could be noticed by another (air_horizon_ps), so the order does not
// matter, nothing arrives in the past, and the same world runs the same to the cycle, wherever it is
// paused on the way. While no radio is near sending, or all boards sleep, slices are long.
// A world of one machine is that machine.
#pragma once
#include "air.h"
#include "machine.h"

typedef struct world world_t;

world_t *world_new(void);
void world_free(world_t *w); // frees its machines
air_t *world_air(world_t *w);
// Takes the machine: before machine_start, so that its radios find the air.
void world_add(world_t *w, machine_t *m);
unsigned world_count(const world_t *w);
machine_t *world_machine(const world_t *w, unsigned i);

// The time that all machines have reached.
uint64_t world_now_ps(const world_t *w);
// Runs all to `until_ps`. When one stops for another reason the others catch up with it, and
// *which (may be NULL) tells which one it was.
machine_stop_t world_run(world_t *w, uint64_t until_ps, machine_t **which);
// Nothing will happen any more unless somebody outside does something.
bool world_asleep(const world_t *w);
