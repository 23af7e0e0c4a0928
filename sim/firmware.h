// SPDX-License-Identifier: GPL-2.0-or-later
// What a board runs: finds its image, and puts image and mask ROM into the memories.
#pragma once
#include "board.h"

GQuark firmware_error_quark(void);
// The board's own image: ours, or where its Debian package puts it. NULL with error: there is none.
char *firmware_own(const board_t *b, GError **error);
// Loads an image of any format. Where a mask ROM boots the flash, what is for RAM becomes an image in the
// flash as a programmer would write it. Symbols come from the image, or from the .elf beside it.
bool firmware_load(machine_t *m, const board_t *b, const char *path, GError **error);
// The flash already holds something. If that is this image, takes its symbols.
void firmware_recognise(machine_t *m, const board_t *b, const char *path);
// The memory that images go to, or NULL.
mem_t *firmware_flash(machine_t *m);
// Loads the mask ROM: `path`, an ELF file or a dump of all its bytes; NULL: ours, if the chip has one.
bool firmware_load_rom(machine_t *m, const char *path, GError **error);
