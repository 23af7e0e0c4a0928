/* SPDX-License-Identifier: MIT
 * onewire.h: the 1-Wire bus, for onewire.c and for modules of its devices. Pins are numbers.
 */
#ifndef ADDER_ONEWIRE_H
#define ADDER_ONEWIRE_H

#include "machine.h"

extern const type_t type_OneWire;

unsigned onewire_pin(val_t wire);       /* of a OneWire; TypeError */
const uint8_t *onewire_rom(val_t rom);  /* eight bytes; ValueError */
bool onewire_reset(unsigned pin);       /* whether somebody answered */
void onewire_must_reset(unsigned pin);  /* OneWireError if nobody did */
void onewire_select(unsigned pin, const uint8_t rom[8]); /* after a reset */
void onewire_select_all(unsigned pin);  /* likewise: skip ROM */
uint8_t onewire_read(unsigned pin);
void onewire_write(unsigned pin, unsigned byte);
uint8_t onewire_crc8(const uint8_t *data, size_t n); /* of data and its CRC: 0 */
val_t onewire_scan(unsigned pin);       /* list of bytearrays */

#endif
