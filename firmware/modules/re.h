/* SPDX-License-Identifier: MIT
 * re.h: programs of the module re, between what makes them of patterns (re_compile.c), the matcher that runs them
 * (re_match.c) and the objects (re.c).
 */
#ifndef ADDER_RE_H
#define ADDER_RE_H

#include "heap.h"
#include "ops.h"

/* An instruction and its operands, 16-bit words: OP(name, words). */
#define RE_OPS(OP)                                                                                 \
    OP(CHAR, 2)         /* c */                                                                    \
    OP(ANY, 1)          /* not a line feed */                                                      \
    OP(ALL, 1)          /* DOTALL */                                                               \
    OP(CLASS, 2 + CLASS_WORDS) /* n, bits (ASCII); n & 1: negated */                               \
    OP(SPLIT, 3)        /* to, other: try first `to`, then `other`; absolute */                    \
    OP(JUMP, 2)         /* to */                                                                   \
    OP(SAVE, 2)         /* slot */                                                                 \
    OP(START, 1) OP(END, 1) OP(WORD, 1) OP(NOT_WORD, 1)                                            \
    OP(BACK, 2)         /* group */                                                                \
    OP(EMPTY_CHECK, 2)  /* slot: leave the loop if nothing was matched since that slot was saved */ \
    OP(MATCH, 1)
enum {
#define OP(name, words) I_##name,
    RE_OPS(OP)
#undef OP
};
enum { CLASS_WORDS = 8, SLOTS_MAX = 100, IGNORECASE = 2, MULTILINE = 8, DOTALL = 16 };

typedef struct regex {
    const type_t *type;
    val_t pattern;
    raw_t *code;
    uint16_t n;      /* words of code */
    uint16_t groups; /* with group 0 */
    uint16_t slots;  /* positions that are saved: 2 for each group, then loops' */
    uint16_t flags;
    val_t names;     /* dict: name -> number */
} regex_t;

static inline uint16_t *code_of(const regex_t *re) { return (uint16_t *)re->code->data; }

/* Fills in the program and what belongs to it; pattern and flags are there. ValueError if it is not a pattern. */
void re_compile_pattern(regex_t *re);

typedef enum { MATCH, SEARCH, FULL } how_t;
/* A match from `at` on; returns its positions (intptr_t pairs for each group, -1: none) or NULL. */
raw_t *re_find(const regex_t *re, val_t text, intptr_t at, how_t how);

#endif
