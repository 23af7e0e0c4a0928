/* SPDX-License-Identifier: MIT
 * config.h: what a build may choose. Every option has a default; a port overrides it with -DNAME=value.
 * The same sources serve every port: no other file tests for a machine.
 */
#ifndef ADDER_CONFIG_H
#define ADDER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A type instead of a macro, so that Q(bool) can be passed through other macros. */
#undef bool
typedef _Bool bool;

/* ADDER_DOUBLE: floats are C doubles (host) or C floats (devices: 8-byte float objects). */
#ifndef ADDER_DOUBLE
#if UINTPTR_MAX > 0xffffffffu
#define ADDER_DOUBLE 1
#else
#define ADDER_DOUBLE 0
#endif
#endif

#if ADDER_DOUBLE
typedef double real_t;
#define REAL_C(x) x          /* a literal: REAL_C(0.5) */
#define REAL_FN(name) name   /* a libm function: REAL_FN(sin)(x) */
#else
typedef float real_t;
#define REAL_C(x)     x##f
#define REAL_FN(name) name##f
#endif

/* ADDER_HOSTILE: collect garbage at every allocation, and poison what was freed. For tests. */
#ifndef ADDER_HOSTILE
#define ADDER_HOSTILE 0
#endif

/* Words of a chunk of the value stack. Chunks are added as calls nest; frames never move. */
#ifndef ADDER_STACK_CHUNK
#define ADDER_STACK_CHUNK 256
#endif

/* Python calls that may nest before RuntimeError (each takes its window of registers in the heap). */
#ifndef ADDER_MAX_DEPTH
#define ADDER_MAX_DEPTH 1000
#endif

/* Entries of the method cache, a power of two; three words each. */
#ifndef ADDER_METHOD_CACHE
#define ADDER_METHOD_CACHE 64
#endif

/* Where the interpreter's loop goes: a port may put it in RAM (.ramfunc) if flash is slow. */
#ifndef ADDER_HOT
#define ADDER_HOT
#endif

/* Where its table of addresses goes: RAM (.data) spares wait states of the flash. */
#ifndef ADDER_HOT_DATA
#ifdef __arm__
#define ADDER_HOT_DATA __attribute__((section(".data.hot")))
#else
#define ADDER_HOT_DATA
#endif
#endif

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NOINLINE    __attribute__((noinline))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
