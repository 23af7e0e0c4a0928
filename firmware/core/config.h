/* SPDX-License-Identifier: MIT
 * config.h: what a build may choose. Every option has a default; a port overrides it in its config.h, which the build
 * names with -DADDER_PORT_CONFIG="...". The same sources serve every port: no other file tests for
 * a machine.
 */
#ifndef ADDER_CONFIG_H
#define ADDER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef ADDER_PORT_CONFIG
#include ADDER_PORT_CONFIG
#endif

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

/* Longest path of a file, with its NUL. */
#ifndef ADDER_PATH_MAX
#define ADDER_PATH_MAX 256
#endif

/* Words in which a port keeps an open file and a directory that is being read. */
#ifndef ADDER_FILE_WORDS
#define ADDER_FILE_WORDS 12
#endif
#ifndef ADDER_DIR_WORDS
#define ADDER_DIR_WORDS 8
#endif

/* Bytes of an open file's read buffer, at most 255. */
#ifndef ADDER_FILE_BUFFER
#define ADDER_FILE_BUFFER 128
#endif

/* Nesting that the collector marks without a second walk through the heap: 8 bytes of C stack each. */
#ifndef ADDER_MARK_DEPTH
#define ADDER_MARK_DEPTH 48
#endif

/* Words of a block of the compiler's memory. */
#ifndef ADDER_ARENA_WORDS
#define ADDER_ARENA_WORDS 62
#endif

/* math: hyperbolic, gamma and error functions, expm1, log1p: 8 KB of libm. */
#ifndef ADDER_MATH_SPECIAL
#define ADDER_MATH_SPECIAL 1
#endif

/* What an ADC reads as full scale, in microvolts. */
#ifndef ADDER_ADC_UV
#define ADDER_ADC_UV 3300000
#endif

/* PWM.duty(): 0 to 1023, as MicroPython has it on the ESP8266. */
#ifndef ADDER_PWM_10
#define ADDER_PWM_10 0
#endif

/* RTC.memory(): some bytes that outlive resets and deep sleep. */
#ifndef ADDER_RTC_MEMORY
#define ADDER_RTC_MEMORY 0
#endif

/* The compiler knows of the first 32 registers times this, at most 8, which are bound; the others are checked each time. A
 * copy lies on the C stack for each nested block. */
#ifndef ADDER_BOUND_WORDS
#define ADDER_BOUND_WORDS 8
#endif

/* Where the interpreter's loop goes: a port may put it in RAM (.ramfunc) if flash is slow. */
#ifndef ADDER_HOT
#define ADDER_HOT
#endif

/* Where its table of addresses goes: a port may put it in RAM (.data) if flash is slow. */
#ifndef ADDER_HOT_DATA
#define ADDER_HOT_DATA
#endif

/* FIELD(p, field): a field of what may be a constant, in hot code. A port whose flash can be loaded by words only cuts it
 * out of a word; fields do not cross words. */
#ifndef ADDER_WORD_FIELDS
#define ADDER_WORD_FIELDS 0
#endif
#if ADDER_WORD_FIELDS
typedef uint32_t __attribute__((may_alias)) field_word_t;
#define FIELD(p, field)                                                                                                \
    ({                                                                                                                 \
        uint32_t word_ = ((const field_word_t *)(p))[offsetof(__typeof__(*(p)), field) / 4];                           \
        __asm__("" : "+r"(word_)); /* or it becomes a load of the field alone */                                       \
        (__typeof__((p)->field))(word_ >> offsetof(__typeof__(*(p)), field) % 4 * 8);                                  \
    })
#else
#define FIELD(p, field) ((p)->field)
#endif

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NOINLINE    __attribute__((noinline))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
