/* SPDX-License-Identifier: MIT
 * lexer.h: source text to tokens, read byte by byte.
 */
#ifndef ADDER_LEXER_H
#define ADDER_LEXER_H

#include "ops.h"
#include "vm.h"

/* ORDER TOK: augmented operators and operators follow the order of op_t; keywords that of lexer.c. */
typedef enum {
    TK_EOF, TK_NEWLINE, TK_INDENT, TK_DEDENT, TK_NAME, TK_NUMBER, TK_STRING, TK_FSTRING,
    TK_PLUS, TK_MINUS, TK_STAR, TK_SLASH, TK_DSLASH, TK_PERCENT, TK_DSTAR, TK_AT, TK_AMP, TK_BAR,
    TK_CARET, TK_SHL, TK_SHR, TK_LT, TK_LE, TK_GT, TK_GE, TK_EQ, TK_NE,
    TK_APLUS, TK_AMINUS, TK_ASTAR, TK_ASLASH, TK_ADSLASH, TK_APERCENT, TK_ADSTAR, TK_AAT, TK_AAMP,
    TK_ABAR, TK_ACARET, TK_ASHL, TK_ASHR,
    TK_TILDE, TK_ASSIGN, TK_WALRUS, TK_ARROW, TK_LPAR, TK_RPAR, TK_LBRACKET, TK_RBRACKET,
    TK_LBRACE, TK_RBRACE, TK_COMMA, TK_COLON, TK_SEMICOLON, TK_DOT, TK_ELLIPSIS,
    TK_FALSE, TK_NONE, TK_TRUE, TK_AND, TK_AS, TK_ASSERT, TK_ASYNC, TK_AWAIT, TK_BREAK, TK_CLASS,
    TK_CONTINUE, TK_DEF, TK_DEL, TK_ELIF, TK_ELSE, TK_EXCEPT, TK_FINALLY, TK_FOR, TK_FROM,
    TK_GLOBAL, TK_IF, TK_IMPORT, TK_IN, TK_IS, TK_LAMBDA, TK_NONLOCAL, TK_NOT, TK_OR, TK_PASS,
    TK_RAISE, TK_RETURN, TK_TRY, TK_WHILE, TK_WITH, TK_YIELD
} token_t;

enum { MAX_INDENT = 40 };

typedef struct lexer {
    reader_t *reader;
    const str_t *file;
    uint32_t line;         /* of the token */
    uint32_t next_line;    /* of the next character */
    int c0, c1, c2;        /* next characters, -1 at the end */
    token_t token;
    val_t value;           /* name (interned), number, string */
    bool raw;              /* an f-string with r prefix */
    bool line_start;       /* at the beginning of a line */
    bool started;          /* a token of the statement has been seen */
    uint8_t brackets;      /* open ones */
    uint8_t depth;         /* of indentation */
    int8_t dedents;        /* tokens still to be given */
    uint16_t indent[MAX_INDENT];
    builder_t text;
} lexer_t;

void lexer_init(lexer_t *lx, reader_t *reader, const str_t *file);
void lexer_next(lexer_t *lx);
_Noreturn void lexer_error(lexer_t *lx, const type_t *type, const char *text);
/* Text of a str literal with its escapes, for the literal parts of f-strings. */
void lexer_unescape(lexer_t *lx, builder_t *to, const char *text, const char *end, bool raw);

#endif
