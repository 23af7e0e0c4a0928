/* SPDX-License-Identifier: MIT
 * ast.h: the syntax tree of one statement. Nodes live in an arena of blocks that the collector
 * reads as values; the whole arena is given back when the statement has been compiled.
 */
#ifndef ADDER_AST_H
#define ADDER_AST_H

#include "lexer.h"

/* NODE(kind, fields): how many of a..d a node has. */
#define NODE_KINDS(NODE)                                                                           \
    /* expressions */                                                                              \
    NODE(NAME, 1)       /* v: name */                                                              \
    NODE(CONST, 1)      /* v */                                                                    \
    NODE(FSTRING, 1)    /* a: list of CONST and FORMAT */                                          \
    NODE(FORMAT, 2)     /* a: value, b: spec (FSTRING) or NULL; op: conversion s, r, a or 0 */     \
    NODE(TUPLE, 1)      /* a: list */                                                              \
    NODE(LIST, 1)                                                                                  \
    NODE(SET, 1)                                                                                   \
    NODE(DICT, 1)       /* a: list of PAIR; key NULL: ** */                                        \
    NODE(PAIR, 2)                                                                                  \
    NODE(BINARY, 2)     /* op: op_t */                                                             \
    NODE(UNARY, 1)      /* op: unary_t */                                                          \
    NODE(NOT, 1)                                                                                   \
    NODE(AND, 2)                                                                                   \
    NODE(OR, 2)                                                                                    \
    NODE(COMPARE, 2)    /* a: first, b: list of COMPARISON */                                      \
    NODE(COMPARISON, 1) /* op: compare_t, a: right side */                                         \
    NODE(COND, 3)       /* a if b else c */                                                        \
    NODE(LAMBDA, 3)     /* a: list of PARAM, b: body expression, c: scope */                       \
    NODE(CALL, 2)       /* a: function, b: list of arguments, STAR, DSTAR, KEYWORD */              \
    NODE(KEYWORD, 2)    /* v: name, b: value */                                                    \
    NODE(STAR, 1)                                                                                  \
    NODE(DSTAR, 1)                                                                                 \
    NODE(ATTR, 2)       /* a: object, b: NAME */                                                   \
    NODE(INDEX, 2)                                                                                 \
    NODE(SLICE, 3)                                                                                 \
    NODE(COMP, 4)       /* op: comp_t; a: element, b: value (dict), c: list of clauses, d: scope */\
    NODE(CLAUSE_FOR, 2) /* a: target, b: iterable */                                               \
    NODE(CLAUSE_IF, 1)                                                                             \
    NODE(YIELD, 1)                                                                                 \
    NODE(YIELD_FROM, 1) /* also await */                                                           \
    NODE(WALRUS, 2)     /* a: NAME, b: value */                                                    \
    /* statements */                                                                               \
    NODE(EXPR, 1)                                                                                  \
    NODE(ASSIGN, 2)     /* a: list of targets, b: value */                                         \
    NODE(AUGMENT, 2)    /* op */                                                                   \
    NODE(ANNOTATION, 1) /* a: target without value: makes a name local */                          \
    NODE(RETURN, 1)                                                                                \
    NODE(RAISE, 2)                                                                                 \
    NODE(ASSERT, 2)                                                                                \
    NODE(DEL, 1)                                                                                   \
    NODE(PASS, 0)                                                                                  \
    NODE(BREAK, 0)                                                                                 \
    NODE(CONTINUE, 0)                                                                              \
    NODE(GLOBAL, 1)     /* a: list of NAME */                                                      \
    NODE(NONLOCAL, 1)                                                                              \
    NODE(IF, 3)                                                                                    \
    NODE(WHILE, 3)                                                                                 \
    NODE(FOR, 4)        /* a: target, b: iterable, c: body, d: else; op: async */                  \
    NODE(TRY, 4)        /* a: body, b: list of HANDLER, c: else, d: finally */                     \
    NODE(HANDLER, 3)    /* a: classes or NULL, b: NAME or NULL, c: body */                         \
    NODE(WITH, 3)       /* a: context, b: target or NULL, c: body; op: async */                    \
    NODE(BLOCK, 0)      /* a block that is read when code is made for it */                        \
    NODE(DEF, 5)        /* a: list of PARAM, b: body, c: scope, d: NAME, e: decorators; op: async */ \
    NODE(PARAM, 2)      /* v: name, b: default or NULL; op: param_t */                             \
    NODE(CLASS, 5)      /* a: list of bases, b: body, c: scope, d: NAME, e: decorators */          \
    NODE(IMPORT, 2)     /* v: dotted name, b: NAME after as, or NULL */                            \
    NODE(FROM, 2)       /* v: dotted name or 0, b: list of ALIAS, NULL: *; op: level */            \
    NODE(ALIAS, 2)      /* v: name, b: NAME after as, or NULL */

typedef enum {
#define NODE(kind, fields) N_##kind,
    NODE_KINDS(NODE)
#undef NODE
    N_COUNT
} kind_t;

/* Comparisons: the op_t ones, and these. */
typedef enum { CMP_IN = OP_COUNT, CMP_NOT_IN, CMP_IS, CMP_IS_NOT } compare_t;
typedef enum { COMP_LIST, COMP_SET, COMP_DICT, COMP_GENERATOR } comp_t;
typedef enum { PARAM_POS_ONLY, PARAM_PLAIN, PARAM_KW_ONLY, PARAM_ARGS, PARAM_KWARGS } param_t;

typedef struct node node_t;
struct node {
    uint8_t kind, op;
    uint16_t line;
    node_t *next; /* in a list */
    union {
        node_t *a;
        val_t v;
    };
    node_t *b;
    union {
        node_t *c;
        struct scope *scope; /* of LAMBDA, DEF, CLASS */
    };
    union {
        node_t *d;
        struct scope *comp_scope;
    };
    node_t *e;
};

/* Memory for trees, scopes and symbols: zeroed, until arena_free. The arena is the chain of
 * blocks at adder.compiler_root. */
void *arena_alloc(size_t size);
/* Free all blocks made since the mark. */
val_t arena_mark(void);
void arena_release(val_t mark);

typedef struct parser {
    lexer_t lx;
    bool in_function; /* for yield, return, await */
    bool begun;       /* the first token has been read */
    bool no_in;       /* reading the target of a for: `in` ends it */
    uint8_t streaming; /* so many levels of blocks are left to the generator: BLOCK */
    dict_t *consts;   /* names given values by const() */
} parser_t;

void parser_init(parser_t *p, reader_t *r, const str_t *file);
/* The next logical line or compound statement of the file; NULL at the end. */
node_t *parse_statement(parser_t *p);
/* eval: one expression and nothing else. */
node_t *parse_eval(parser_t *p);
/* Interactive: one statement; NULL if there is nothing. */
node_t *parse_single(parser_t *p);

/* Streaming: the parser stands at a BLOCK. True: statements follow in lines of their own. */
bool parse_block_begin(parser_t *p);
node_t *parse_block_statement(parser_t *p, bool lines);
bool parse_block_more(parser_t *p);
/* What follows such a block: else, or an elif if there may be one; NULL: nothing. */
node_t *parse_block_else(parser_t *p, bool elif);

/* ---- scopes ---- */
enum {
    SYM_BOUND = 1,    /* assigned here */
    SYM_PARAM = 2,
    SYM_GLOBAL = 4,   /* declared global */
    SYM_NONLOCAL = 8,
    SYM_USED = 16,
    SYM_CELL = 32,    /* taken by an inner function */
    SYM_FREE = 64,    /* taken from an outer function */
    SYM_CHECK = 128   /* unbound by del or except ... as: reading must check */
};

typedef struct symbol {
    struct symbol *next;
    const str_t *name;
    uint8_t flags;
    uint8_t reg;   /* register of a local or of its cell */
    uint8_t index; /* of a free variable in the function's cells */
} symbol_t;

typedef enum { SCOPE_MODULE, SCOPE_FUNCTION, SCOPE_CLASS, SCOPE_COMP } scope_kind_t;

typedef struct scope {
    uint8_t kind;
    bool generator, is_async;
    bool walrus;        /* contains := */
    uint8_t frees;      /* free variables so far */
    struct scope *parent, *child, *sibling;
    symbol_t *symbols;
} scope_t;

/* Find out what the names of a statement mean. */
scope_t *scope_analyse(parser_t *p, node_t *statement);
symbol_t *scope_find(const scope_t *s, const str_t *name);

#endif
