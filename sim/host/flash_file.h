// SPDX-License-Identifier: GPL-2.0-or-later
// A board's flash in a file on the host: what the board writes is in the file at once, and stays there
// whatever becomes of the simulator.
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

typedef struct flash_file flash_file_t;

// The bytes at `memory` (whole pages) become those of the file. A file that is missing or empty is made,
// erased; *fresh tells. NULL with error: another size, in use by another run, no room on the disk.
flash_file_t *flash_file_open(const char *path, void *memory, size_t size, bool *fresh, GError **error);
void flash_file_close(flash_file_t *f); // what is at `memory` is then lost; NULL is fine
