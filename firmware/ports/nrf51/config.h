/* SPDX-License-Identifier: MIT
 * config.h: what the micro:bit's build chooses, to live in 16 KB of RAM; the options are explained in core/config.h.
 */
#ifndef ADDER_NRF51_CONFIG_H
#define ADDER_NRF51_CONFIG_H

#define ADDER_BOARD    "micro:bit with nRF51822"
#define ADDER_BOARD_ID "microbit"

#define ADDER_JUMP_WORDS   10 /* jump.c */
#define ADDER_STACK_CHUNK  96
#define ADDER_MAX_DEPTH    200
#define ADDER_METHOD_CACHE 16
#define ADDER_MARK_DEPTH   16
#define ADDER_ARENA_WORDS  30
#define ADDER_BOUND_WORDS  1
#define ADDER_HISTORY      127
#define ADDER_PATH_MAX     64
#define ADDER_FILE_WORDS   3
#define ADDER_DIR_WORDS    1
#define ADDER_FILE_BUFFER  32
#define ADDER_MATH_SPECIAL 0

#endif
