// SPDX-License-Identifier: GPL-2.0-or-later
// The board's file system, written from the host: a FAT volume in the board's flash; or, where the
// board has none that we know, a script appended to its firmware.
#pragma once
#include "board.h"

// Puts PROGRAM into the board's file system, a fresh one where there is none: a .py file is stored as
// main.py, a folder with its subfolders. Error: too large, unreadable, no file system on this board.
// A board whose firmware takes an appended script gets the .py file (of a folder: its main.py) at
// that place in flash: the magic, 16 bits with its length, its text, zeros up to 16 bytes. `again`: an
// earlier run may have put another one there.
GQuark files_error_quark(void);
bool files_put(machine_t *m, const board_t *b, const char *program, bool again,
               GError **error);
