/* SPDX-License-Identifier: MIT
 * fat_files.h: fsys.h on the flash disk's FAT.
 */
#ifndef ADDER_FAT_FILES_H
#define ADDER_FAT_FILES_H

#include "fsys.h"

/* Mount the flash disk; a disk without a file system is formatted and gets boot.py and main.py. */
int fat_files_init(void);
/* Write what waits, if nothing was written for a while: the prompt calls it when idle. Returns the milliseconds until
 * it wants to be called again, or HAL_FOREVER_MS. */
uint32_t fat_files_idle(void);
/* Soft reset: all files have been closed; back to the root directory. */
void fat_files_reset(void);

#endif
