// SPDX-License-Identifier: GPL-2.0-or-later
// The board's file system, written from the host: a FAT volume in the board's flash.
#pragma once
#include "board.h"

// Makes a fresh file system with boot.py as the firmware makes it, and PROGRAM (a .py file, stored as
// main.py, or a folder, stored with its subfolders) in it. Error: too large, unreadable, no file system.
bool files_put(machine_t *m, const board_t *b, const char *program, GError **error);
