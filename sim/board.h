// SPDX-License-Identifier: GPL-2.0-or-later
// Boards and diagrams: data that says which chip, which parts and which wires.
//
// boards/<name>/board.json describes a board; diagram.json (Wokwi's grammar) places boards and parts
// and wires them. Both use the same parts/connections grammar. Errors carry "file:line: what".
#pragma once
#include "machine.h"

typedef struct board_serial { // the serial connection that people see as the prompt
    const char *tx, *rx;      // pins of the board: "Y1"
    uint32_t baud;
} board_serial_t;

typedef struct board {
    char *name, *title, *dir; // owned
    char *picture;            // path of the SVG
    char *firmware;           // default image's file name, or NULL
    char *soc;
    double width, height;     // of the picture, in its units
    GHashTable *pins;         // silkscreen name -> chip pin ("X1" -> "PA0") or "GND" / "3V3" / "5V"
    GPtrArray *parts;         // of diagram_part_t: on-board parts
    GPtrArray *connections;   // of diagram_wire_t
    board_serial_t serial;
    uint32_t fs_base, fs_size; // the file system in flash; size 0 = none
} board_t;

typedef struct diagram_part {
    char *id, *type;
    double left, top, rotate;
    GHashTable *attrs; // string -> string
    int line;          // in its file
} diagram_part_t;

typedef struct diagram_wire {
    char *from, *to, *color;
    int line;
} diagram_wire_t;

typedef struct diagram {
    char *path;
    GPtrArray *parts;       // diagram_part_t
    GPtrArray *connections; // diagram_wire_t
    board_t *board;         // of its board part
    char *board_id;
} diagram_t;

GPtrArray *board_names(void); // of char *, sorted: all boards that are installed
board_t *board_load(const char *name, GError **error);
void board_free(board_t *b);
diagram_t *diagram_load(const char *path, GError **error);
diagram_t *diagram_of_board(const char *board_name, GError **error); // nothing but the board
void diagram_free(diagram_t *d);
// A pin by the names of the diagram: "led1:A", or a board's pin "board:X19" by its silkscreen name
// (with or without a repeat such as "GND.1"), or a chip pin "board:PA13".
pin_t *diagram_pin(diagram_t *d, machine_t *m, const char *part_colon_pin, GError **error);
// Makes the machine: chip, on-board parts, external parts, wires. Not started. Where the board has a
// serial connection, the part "serialMonitor" (class serial-monitor) is on it, wired unless the diagram
// wires "$serialMonitor" itself.
machine_t *diagram_build(diagram_t *d, uint32_t seed, GError **error);
// Directories that hold our data: $SOLDERLESS_DATA, beside the program's source tree, installed.
char *data_path(const char *relative, GError **error);
