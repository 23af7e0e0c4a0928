// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128, encryption of one block (FIPS 197), for the peripherals that share the chip's AES core, and
// their way to memory.
#pragma once
#include "nrf51.h"

void aes128(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);

// EasyDMA: bytes through the bus. FALSE, reported once, where no memory is.
bool nrf_dma_read(part_t *p, uint32_t address, void *to, unsigned n);
bool nrf_dma_write(part_t *p, uint32_t address, const void *from, unsigned n);
