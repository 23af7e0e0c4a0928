// SPDX-License-Identifier: GPL-2.0-or-later
// The board's file system, written from the host: a FAT volume in the board's flash.
#pragma once
#include "board.h"

// Makes a fresh file system with PROGRAM in it: a .py file is stored as main.py, a folder with its
// subfolders. Error: too large, unreadable, no file system on this board.
GQuark files_error_quark(void);
bool files_put(machine_t *m, const board_t *b, const char *program, GError **error);
