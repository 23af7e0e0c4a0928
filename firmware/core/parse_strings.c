/* SPDX-License-Identifier: MIT
 * parse_strings.c: literals of text: f-strings, and adjacent ones that are one.
 */
#include "parser.h"
#include "heap.h"

static node_t *fstring_part(parser_t *p, const char *s, const char *end, bool raw, const char **rest,
                            bool in_spec);

/* The end of an expression inside braces: at }, !r or : outside of brackets and strings. */
static const char *expr_end(parser_t *p, const char *s, const char *end) {
    int depth = 0;
    for (; s < end; s++) {
        char c = *s;
        if (c == '\'' || c == '"') {
            const char *q = s + 1;
            while (q < end && *q != c)
                q += *q == '\\' ? 2 : 1;
            s = q;
        } else if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (depth && (c == ')' || c == ']' || c == '}')) {
            depth--;
        } else if (!depth && (c == '}' || c == ':')) {
            return s;
        } else if (!depth && c == '!' && s + 1 < end && s[1] != '=') {
            return s;
        }
    }
    parse_error(p, "f-string: expecting '}'");
}

static node_t *sub_expression(parser_t *p, const char *s, const char *e) {
    parser_t inner = *p; /* the same context, another text */
    reader_t r;
    /* brackets make newlines inside triple-quoted strings count as space */
    builder_t b;
    builder_init(&b, (size_t)(e - s) + 2);
    builder_char(&b, '(');
    builder_add(&b, s, (size_t)(e - s));
    builder_char(&b, ')');
    str_t *text = str_of(builder_str(&b));
    reader_text(&r, text->data, text->len);
    lexer_init(&inner.lx, &r, p->lx.file);
    inner.lx.line = inner.lx.next_line = p->lx.line;
    lexer_next(&inner.lx);
    node_t *n = parse_expr_list(&inner);
    if (inner.lx.token != TK_NEWLINE && inner.lx.token != TK_EOF)
        parse_error(p, "f-string: invalid syntax");
    (void)text->data[0]; /* alive until here */
    return n;
}

static node_t *fstring_field(parser_t *p, const char *s, const char *end, bool raw, const char **rest) {
    const char *e = expr_end(p, s, end);
    const char *stop = e;
    node_t *debug = NULL;
    const char *q = e; /* {x=} */
    while (q > s && (q[-1] == ' ' || q[-1] == '\t'))
        q--;
    if (q - s > 1 && q[-1] == '=' && !strchr("=!<>", q[-2])) {
        debug = parse_const(p, str_new(s, (size_t)(e - s)));
        stop = q - 1;
    }
    const char *only = s;
    while (only < stop && (*only == ' ' || *only == '\n' || *only == '\t'))
        only++;
    if (only == stop)
        parse_error(p, "f-string: empty expression not allowed");
    node_t *n = parse_new(p, N_FORMAT);
    n->a = sub_expression(p, s, stop);
    if (e < end && *e == '!') {
        n->op = (uint8_t)e[1];
        e += 2;
        if (!n->op || !strchr("sra", n->op))
            parse_error(p, "f-string: invalid conversion character");
    } else if (debug && *e == '}') {
        n->op = 'r';
    }
    if (e < end && *e == ':')
        n->b = fstring_part(p, e + 1, end, raw, &e, true);
    if (e >= end || *e != '}')
        parse_error(p, "f-string: expecting '}'");
    *rest = e + 1;
    if (!debug)
        return n;
    debug->next = n;
    return debug;
}

/* Literal text and fields up to the end (in a format spec: up to the closing brace). */
static node_t *fstring_part(parser_t *p, const char *s, const char *end, bool raw, const char **rest,
                            bool in_spec) {
    vm_check_stack();
    node_list_t parts = {0};
    builder_t b;
    builder_init(&b, 16);
    while (s < end && !(in_spec && *s == '}')) {
        if ((*s == '{' || *s == '}') && s + 1 < end && s[1] == *s && !in_spec) {
            builder_char(&b, *s);
            s += 2;
        } else if (*s == '{') {
            if (b.len) {
                list_add(&parts, parse_const(p, builder_str(&b)));
                builder_init(&b, 16);
            }
            node_t *n = fstring_field(p, s + 1, end, raw, &s);
            list_add(&parts, n);
            if (n->next)
                parts.last = n->next;
        } else if (*s == '}') {
            parse_error(p, "f-string: single '}' is not allowed");
        } else {
            const char *q = s;
            while (q < end && *q != '{' && *q != '}')
                if (*q == '\\' && !raw && q + 1 < end)
                    q += q[1] == '{' || q[1] == '}' ? 1 : 2;
                else
                    q++;
            lexer_unescape(&p->lx, &b, s, q, raw);
            s = q;
        }
    }
    if (b.len)
        list_add(&parts, parse_const(p, builder_str(&b)));
    *rest = s;
    node_t *n = parse_new(p, N_FSTRING);
    n->a = parts.first;
    return n;
}

enum { SHORT_STRING = 10 };

/* Adjacent literals are one. */
node_t *parse_strings(parser_t *p) {
    node_list_t parts = {0};
    bool format = false;
    while (p->lx.token == TK_STRING || p->lx.token == TK_FSTRING) {
        node_t *n;
        if (p->lx.token == TK_FSTRING) {
            const str_t *s = str_of(p->lx.value);
            const char *rest;
            n = fstring_part(p, s->data, s->data + s->len, p->lx.raw, &rest, false)->a;
            (void)s->data[0];
            format = true;
        } else {
            val_t v = p->lx.value;
            if (is_str(v) && str_of(v)->len <= SHORT_STRING) /* the same text may come again and again: notes, names */
                v = V_OBJ(str_intern_val(v));
            n = parse_const(p, v);
        }
        for (node_t *next; n; n = next) {
            next = n->next;
            n->next = NULL;
            if (n->kind == N_CONST && parts.last && parts.last->kind == N_CONST) {
                if (obj_of(parts.last->v)->type != obj_of(n->v)->type)
                    parse_error(p, "cannot mix bytes and nonbytes literals");
                parts.last->v = str_concat(parts.last->v, n->v);
            } else {
                list_add(&parts, n);
            }
        }
        lexer_next(&p->lx);
    }
    if (!format)
        return parts.first;
    node_t *n = parse_new(p, N_FSTRING);
    n->a = parts.first;
    return n;
}
