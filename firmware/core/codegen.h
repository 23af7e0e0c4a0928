/* SPDX-License-Identifier: MIT
 * codegen.h: the state of compiling one function, shared by codegen.c (names, functions), gen_emit.c
 * (instructions), gen_expr.c, gen_display.c, gen_stmt.c and gen_flow.c.
 */
#ifndef ADDER_CODEGEN_H
#define ADDER_CODEGEN_H

#include "ast.h"
#include "func.h"
#include "opcodes.h"

typedef struct label {
    int32_t pos;  /* -1: not placed yet */
    int32_t last; /* last jump waiting for it, -1: none */
} label_t;
#define LABEL {-1, -1}

/* Levels of a module's blocks that are compiled as they are read, which takes less of the heap and more of the C stack. */
enum { STREAMED_LEVELS = 2 };

enum { EXIT_NONE, EXIT_RAISE, EXIT_RETURN, EXIT_BREAK, EXIT_CONTINUE };

/* What surrounds the statement being compiled: loops, and finally blocks to go through. */
typedef struct context {
    struct context *outer;
    label_t *on_break, *on_continue; /* loop */
    label_t *finally;                /* or a finally block */
    uint8_t reg;                     /* of the block: kind of exit (EXIT_*), value in the next */
    uint8_t exits;                   /* bits of EXIT_* that are used */
} context_t;

enum { MAX_REGS = 248, REG_NONE = 255, BOUND_WORDS = ADDER_BOUND_WORDS };

typedef struct bound {
    uint32_t w[BOUND_WORDS]; /* a bit for each register that is bound for certain */
} bound_t;

typedef struct gen {
    parser_t *parser;
    scope_t *scope; /* the innermost one, maybe of a comprehension */
    scope_t *frame; /* the one that has this code's frame */
    str_t *name;
    raw_t *ins;
    uint32_t n;            /* instruction words */
    list_t *consts;
    raw_t *lines, *handlers;
    uint32_t lines_n, handlers_n;
    uint32_t line, last_line, last_pc, first_line;
    context_t *context;
    unsigned next, max;    /* registers */
    unsigned first_temp;   /* those below are locals */
    unsigned check_from, check_to; /* locals to be cleared at the start */
    int exc_reg;           /* exception being handled, for a bare raise; -1 */
    bound_t bound;
    bool interactive;
} gen_t;

/* ---- gen_emit.c ---- */
static inline uint32_t *gen_words(gen_t *g) { return (uint32_t *)g->ins->data; }
uint32_t emit(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c); /* its position */
void emit_i(gen_t *g, opcode_t op, unsigned a, int i);
void emit_x(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c, uint32_t x);
void emit_jump(gen_t *g, opcode_t op, unsigned a, unsigned b, unsigned c, label_t *to);
void place(gen_t *g, label_t *l);
/* The code from here on handles what is raised between start and end; the exception is in reg. */
void add_handler(gen_t *g, uint32_t start, uint32_t end, unsigned reg);
unsigned constant(gen_t *g, val_t v);
void load_value(gen_t *g, val_t v, unsigned dst);
unsigned alloc(gen_t *g, unsigned n); /* n registers in a row; free: g->next = the first one */

/* ---- codegen.c ---- */
_Noreturn void gen_error(gen_t *g, const char *text);

typedef enum { VAR_LOCAL, VAR_CELL, VAR_FREE, VAR_GLOBAL, VAR_NAME } var_t;
var_t resolve_name(gen_t *g, const str_t *name, symbol_t **sym);
void bound_set(gen_t *g, unsigned reg);
void bound_clear(gen_t *g, unsigned reg);
void bound_all(gen_t *g); /* code that is never reached */
void bound_meet(bound_t *b, const bound_t *other); /* b: what both have */
void load_name(gen_t *g, const str_t *name, unsigned dst);
void store_name(gen_t *g, const str_t *name, unsigned src);
void delete_name(gen_t *g, const str_t *name);
/* The register of a local that can be used as it is; -1 if it must be loaded. */
int local_reg(gen_t *g, const node_t *n);
void bind_symbols(gen_t *g, scope_t *s); /* registers for the names of a comprehension */

typedef enum { CODE_FUNCTION, CODE_LAMBDA, CODE_GENEXP, CODE_CLASS, CODE_MODULE } code_kind_t;
/* Compile an inner function and emit what makes it: function object in dst. */
void gen_function(gen_t *g, node_t *n, code_kind_t kind, unsigned dst);

/* ---- gen_expr.c ---- */
void expr(gen_t *g, node_t *n, unsigned dst);
unsigned operand(gen_t *g, node_t *n);
unsigned scratch(gen_t *g, unsigned dst); /* a register to build the value in that is meant for dst */
void move_to(gen_t *g, unsigned dst, unsigned src);
void cond_jump(gen_t *g, node_t *n, bool sense, label_t *to);
/* dst = left op right; temp: a register that may be used on the way. */
void gen_binary(gen_t *g, op_t op, bool inplace, unsigned dst, unsigned left, node_t *right,
                unsigned temp);
/* yield from or await (op: GETITER, AWAITABLE) what is in `from`, its result to dst; in it and the next: what is delegated to. */
void gen_delegate(gen_t *g, opcode_t op, unsigned it, unsigned from, unsigned dst);

/* ---- gen_display.c ---- */
unsigned node_count(const node_t *list);
bool has_star(const node_t *list);
void expr_display(gen_t *g, node_t *n, unsigned dst);
void expr_dict(gen_t *g, node_t *n, unsigned dst);
void expr_fstring(gen_t *g, node_t *n, unsigned dst);
void expr_comp(gen_t *g, node_t *n, unsigned dst);
void gen_comp_body(gen_t *g, node_t *n, unsigned iter, unsigned dst); /* of a generator, too */

/* ---- gen_stmt.c ---- */
void statements(gen_t *g, node_t *n);
void statements_of_file(gen_t *g); /* all that the parser has still to read */
/* The else (maybe an elif) of a statement, n: only when its block has been read can this be. */
node_t *block_else(gen_t *g, const node_t *body, node_t *n, bool elif);
void store(gen_t *g, node_t *target, unsigned src);
/* The register of a local variable that a value can be computed into directly; -1 if none. */
int target_reg(gen_t *g, node_t *n);

/* ---- gen_flow.c ---- */
void gen_exit(gen_t *g, unsigned kind, unsigned reg); /* EXIT_*; reg: the value to return */
void gen_return(gen_t *g, node_t *n);
void gen_if(gen_t *g, node_t *n);
void gen_while(gen_t *g, node_t *n);
void gen_for_statement(gen_t *g, node_t *n);
void gen_try(gen_t *g, node_t *n);
void gen_with(gen_t *g, node_t *n);
void gen_raise(gen_t *g, node_t *n);
void gen_assert(gen_t *g, node_t *n);
/* A for loop: body(g, data) is called to compile what is inside. */
void gen_for(gen_t *g, node_t *target, node_t *iterable, int iter, bool is_async,
             void (*body)(gen_t *g, void *data), void *data, context_t *ctx);
/* The iterator of a for loop in register it (and the next two). */
void gen_iterator(gen_t *g, node_t *n, unsigned it);

#endif
