// SPDX-License-Identifier: GPL-2.0-or-later
// Boards and diagrams: data that says which chip, which parts and which wires.
//
// boards/<name>/board.json describes a board; diagram.json (Wokwi's grammar) places boards and
// parts and wires them. Both use the same parts/connections grammar. Errors carry "file:line:
// what".
//
// In a board file the end points of connections are "chip:PA13", "board:X9" (a header pin), "led1:A" or
// "$serialMonitor:DTR"; in a diagram "led1:A", "<id of the board>:X9", "<id of the board>:PA13" and
// "$serialMonitor:TX". "GND" finds "GND.1", "GND.7" finds "GND".
#pragma once
#include "machine.h"

#define BOARD_PX_PER_MM (96 / 25.4) // the unit of places in diagrams, as in Wokwi

typedef struct board_pin { // a hole of a header, or a name without a place
    char *name;
    char *target;  // a chip pin "PA0", or "GND", "3V3", "5V" (driven), "NRST" (input), "NC"
    double x, y;   // on the picture, in mm from its left top corner
    bool placed;
    int line;
} board_pin_t;

typedef struct board_serial { // the serial connection that people see as the prompt
    char *tx, *rx;            // pins of the board: "Y1"; NULL = none
    uint32_t baud;
} board_serial_t;

typedef struct board_chip_attr { // what the chip sees of the board: crystals
    char *part, *name, *value;
    int line;
} board_chip_attr_t;

typedef struct board {
    char *name, *title, *dir, *path; // owned; path of board.json
    char *picture;            // path of the SVG
    char *firmware;           // default image's file name, or NULL
    char *soc;
    double width, height;     // of the picture, in mm
    GPtrArray *pins;          // of board_pin_t, in the order of the file
    GPtrArray *chip_attrs;    // of board_chip_attr_t
    GPtrArray *parts;         // of diagram_part_t: on-board parts
    GPtrArray *connections;   // of diagram_wire_t
    GPtrArray *warnings;      // of char *: "file:line: what"
    board_serial_t serial;
    uint32_t fs_base, fs_size; // the file system in flash; size 0 = none
    uint32_t fs_log;           // address of the firmware's disk log (firmware/fs/disk_log.h); 0 = none
    uint32_t fs_journal;       // address of its journal (firmware/fs/journal.h); 0 = none
    uint32_t script_base, script_size; // where a script is appended to the firmware; size 0 = nowhere
    char *script_magic;       // begins its header
    char *package;            // Debian package that has the firmware, or NULL: it is ours
    uint16_t block_ids[8];    // of a universal HEX; ends with 0
    GPtrArray *controls;      // of char *: parts of the board or the chip that people drag, in order
} board_t;

typedef struct diagram_part {
    char *id, *type;
    const part_class_t *cls; // NULL: the board itself
    double left, top, rotate;
    bool hide;
    GHashTable *attrs; // string -> string
    int line;          // in its file
} diagram_part_t;

typedef struct diagram_wire {
    char *from, *to, *color;
    int line;
} diagram_wire_t;

// One board with what is wired to it. A file with several boards gives one of these for each.
typedef struct diagram {
    char *path;
    GPtrArray *parts;       // diagram_part_t
    GPtrArray *connections; // diagram_wire_t
    GPtrArray *warnings;    // of char *: "file:line: what", those of the board included
    board_t *board;         // of its board part
    char *board_id;
    struct diagram *next;   // of the next board in the same file, or NULL; owned
} diagram_t;

GPtrArray *board_names(void); // of char *, sorted: all boards that are installed
board_t *board_load(const char *name, GError **error);
board_t *board_load_file(const char *path, GError **error); // a board.json anywhere
void board_free(board_t *b);
const board_pin_t *board_pin(const board_t *b, const char *name); // NULL if there is none
// The diagram of the first board, with those of the others behind it. Parts go with the board that
// they are wired to (by more than a supply), those without wires with the first. Wires between boards
// are an error, but for those that join supplies.
diagram_t *diagram_load(const char *path, GError **error);
diagram_t *diagram_of_board(const char *board_name, GError **error); // nothing but the board
void diagram_free(diagram_t *d); // and those behind it
// A pin by the names of the diagram: "led1:A", or a board's pin "board:X19" by its silkscreen name
// (with or without a repeat such as "GND.1"), or a chip pin "board:PA13".
pin_t *diagram_pin(diagram_t *d, machine_t *m, const char *part_colon_pin, GError **error);
// Makes the machine: chip, on-board parts, external parts, wires. Not started. The board itself
// is a part too, named as in the diagram, with the header pins as its pins. An on-board part has
// its id as its name; where the diagram uses that id, it is "<id of the board>.<id>". Where the
// board has a serial connection, the part "serialMonitor" (class serial-monitor) is on it, wired
// unless the diagram wires "$serialMonitor" itself.
machine_t *diagram_build(diagram_t *d, uint32_t seed, GError **error);
// Directories that hold our data: $SOLDERLESS_DATA, then the source and build tree for a program
// that runs from there, then what is installed.
char *data_path(const char *relative, GError **error);
GPtrArray *data_dirs(void); // of char *

// ---- Between board.c, diagram.c and diagram_split.c ---------------------------------------------
struct json_at;
diagram_t *diagram_new(const char *path); // empty
const diagram_part_t *diagram_find(const GPtrArray *parts, const char *id); // NULL if there is none
// Gives each board its own diagram, and loads the boards. `at`: the list of parts, for messages.
bool diagram_split(diagram_t *d, struct json_at at, GError **error);
void diagram_part_free(gpointer part);
void diagram_wire_free(gpointer wire);
// Reads "parts" and "connections" of `root`. Types are looked up among the classes, and as boards
// (cls NULL) where `boards`.
bool diagram_read_parts(struct json_at root, GPtrArray *parts, GPtrArray *warnings, bool boards,
                        GError **error);
bool diagram_read_wires(struct json_at root, GPtrArray *wires, GError **error);
// Splits "part:pin" of wires and finds the part in `parts`; gives FALSE with error "line: what"
// when neither the part nor what `other` accepts is there. `other` judges the remaining names.
typedef enum { NAME_OK, NAME_NO_PART, NAME_NO_PIN } name_check_t;
typedef name_check_t (*name_check_fn_t)(const void *ctx, const char *part, const char *pin);
bool diagram_check_wires(const char *path, const GPtrArray *wires, const GPtrArray *parts,
                         name_check_fn_t other, const void *ctx, GError **error);
