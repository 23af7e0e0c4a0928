/* SPDX-License-Identifier: MIT
 * parser.h: what the parts of the parser share. They call each other downwards: statements
 * (parse_stmt.c), operators (parser.c), primaries (parse_primary.c), text (parse_strings.c);
 * lists and brackets lead up again. All raise SyntaxError.
 */
#ifndef ADDER_PARSER_H
#define ADDER_PARSER_H

#include "ast.h"

typedef struct node_list {
    node_t *first, *last;
} node_list_t;

/* parser.c: nodes and tokens */
void list_add(node_list_t *l, node_t *n);
_Noreturn void parse_error(parser_t *p, const char *text);
node_t *parse_node(parser_t *p, kind_t kind, uint32_t line);
node_t *parse_new(parser_t *p, kind_t kind); /* in the token's line */
node_t *parse_new_after(parser_t *p, kind_t kind); /* the same, and go past the token */
node_t *parse_const(parser_t *p, val_t v);
node_t *parse_name_node(parser_t *p, val_t name);
bool parse_accept(parser_t *p, token_t t);
void parse_expect(parser_t *p, token_t t, const char *what);
val_t parse_identifier(parser_t *p);

/* parser.c: expressions, from what binds closest */
node_t *parse_arith(parser_t *p);
node_t *parse_or(parser_t *p);
node_t *parse_no_cond(parser_t *p); /* the condition in a comprehension */
node_t *parse_expr(parser_t *p);
node_t *parse_named(parser_t *p);   /* or name := expression */
node_t *parse_star_or_named(parser_t *p);
node_t *parse_yield(parser_t *p);
node_t *parse_expr_list(parser_t *p);
node_t *parse_targets(parser_t *p);
void parse_check_target(parser_t *p, node_t *n, bool deleting);
op_t parse_augmented_op(token_t t);

/* parse_primary.c */
node_t *parse_primary(parser_t *p);
node_t *parse_arguments(parser_t *p); /* behind the opening bracket, with the closing one */

/* parse_strings.c: all literals of text that stand side by side */
node_t *parse_strings(parser_t *p);

/* parse_stmt.c */
node_t *parse_params(parser_t *p, token_t end);

#endif
