/* SPDX-License-Identifier: MIT
 * espflash.h: the flash chip, for the flash disk and the module esp. Addresses and lengths in whole words, data
 * aligned.
 */
#ifndef ADDER_ESP8266_FLASH_H
#define ADDER_ESP8266_FLASH_H

#include <stdbool.h>
#include <stdint.h>

enum { FLASH_SECTOR = 4096, FLASH_USER_START = 0x100000 };

bool flash_read(uint32_t address, void *to, uint32_t len);
bool flash_program(uint32_t address, const void *from, uint32_t len); /* clears bits */
bool flash_erase(uint32_t sector);
uint32_t flash_id(void);   /* JEDEC: maker, kind, size in three bytes from the lowest up */
uint32_t flash_size(void); /* bytes */

#endif
