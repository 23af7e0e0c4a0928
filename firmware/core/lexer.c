/* SPDX-License-Identifier: MIT
 * lexer.c: source text to tokens. Indentation becomes TK_INDENT and TK_DEDENT; f-strings are given
 * as their raw text, which the parser takes apart.
 */
#include "lexer.h"

static const str_t *const keywords[] = { /* ORDER TOK */
    Q(False), Q(None), Q(True), Q(and), Q(as), Q(assert), Q(async), Q(await), Q(break), Q(class),
    Q(continue), Q(def), Q(del), Q(elif), Q(else), Q(except), Q(finally), Q(for), Q(from),
    Q(global), Q(if), Q(import), Q(in), Q(is), Q(lambda), Q(nonlocal), Q(not), Q(or), Q(pass),
    Q(raise), Q(return), Q(try), Q(while), Q(with), Q(yield)};

void lexer_error(lexer_t *lx, const type_t *type, const char *text) {
    val_t e = exc_make(type, text);
    exc_add_traceback(e, lx->file, lx->line, NULL);
    raise(e);
}

static _Noreturn void bad(lexer_t *lx, const char *text) {
    lexer_error(lx, &type_SyntaxError, text);
}

/* ---- characters ---- */

static int read_char(lexer_t *lx) { return lx->reader->get(lx->reader); }

static void advance(lexer_t *lx) {
    if (lx->c0 == '\n')
        lx->next_line++;
    lx->c0 = lx->c1;
    lx->c1 = lx->c2;
    lx->c2 = lx->c2 < 0 ? -1 : read_char(lx);
    if (lx->c0 == '\r') { /* "\r\n" and "\r" end a line like "\n" */
        if (lx->c1 == '\n') {
            lx->c1 = lx->c2;
            lx->c2 = lx->c2 < 0 ? -1 : read_char(lx);
        }
        lx->c0 = '\n';
    }
}

void lexer_init(lexer_t *lx, reader_t *reader, const str_t *file) {
    memset(lx, 0, sizeof *lx);
    lx->reader = reader;
    lx->file = file;
    lx->line = lx->next_line = 1;
    lx->line_start = true;
    builder_init(&lx->text, 48);
    lx->c0 = lx->c1 = lx->c2 = ' ';
    advance(lx);
    advance(lx);
    advance(lx);
    if (lx->c0 == 0xef && lx->c1 == 0xbb && lx->c2 == 0xbf) { /* byte order mark */
        advance(lx);
        advance(lx);
        advance(lx);
    }
    lx->next_line = 1;
}

static bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}
static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static void keep(lexer_t *lx) {
    builder_char(&lx->text, (char)lx->c0);
    advance(lx);
}

/* ---- white space and indentation ---- */

static void skip_comment(lexer_t *lx) {
    while (lx->c0 >= 0 && lx->c0 != '\n')
        advance(lx);
}

/* Before a token inside a line; true if a line ended that counts. */
static void skip_space(lexer_t *lx) {
    for (;;) {
        if (lx->c0 == ' ' || lx->c0 == '\t' || lx->c0 == '\f') {
            advance(lx);
        } else if (lx->c0 == '#') {
            skip_comment(lx);
        } else if (lx->c0 == '\\' && (lx->c1 == '\n' || lx->c1 == '\r')) {
            advance(lx);
            advance(lx);
        } else if (lx->c0 == '\n' && lx->brackets) {
            advance(lx);
        } else {
            return;
        }
    }
}

/* At the start of a line: its indentation; blank lines are passed over. */
static void read_indent(lexer_t *lx) {
    unsigned column;
    for (;;) {
        column = 0;
        for (;; advance(lx)) {
            if (lx->c0 == ' ')
                column++;
            else if (lx->c0 == '\t')
                column = (column + 8) & ~7u;
            else if (lx->c0 == '\f')
                column = 0;
            else
                break;
        }
        if (lx->c0 == '#')
            skip_comment(lx);
        if (lx->c0 != '\n')
            break;
        advance(lx);
    }
    lx->line = lx->next_line;
    if (lx->c0 < 0)
        column = 0;
    lx->line_start = false;
    if (column > lx->indent[lx->depth]) {
        if (lx->depth + 1 == MAX_INDENT || column > UINT16_MAX)
            lexer_error(lx, &type_IndentationError, "too many levels of indentation");
        lx->indent[++lx->depth] = (uint16_t)column;
        lx->dedents = -1;
        return;
    }
    while (column < lx->indent[lx->depth]) {
        lx->depth--;
        lx->dedents++;
    }
    if (column != lx->indent[lx->depth])
        lexer_error(lx, &type_IndentationError, "unindent does not match any outer indentation level");
}

/* ---- numbers ---- */

static void digits(lexer_t *lx, bool hex) {
    for (;;) {
        if (lx->c0 == '_' && (is_digit(lx->c1) || (hex && is_letter(lx->c1))))
            advance(lx);
        else if (is_digit(lx->c0) || (hex && is_letter(lx->c0) && lx->c0 < 0x80))
            keep(lx);
        else
            return;
    }
}

static void read_number(lexer_t *lx) {
    bool is_float = false;
    lx->text.len = 0;
    if (lx->c0 == '0' && is_letter(lx->c1) && lx->c1 != 'e' && lx->c1 != 'E' && lx->c1 != 'j' &&
        lx->c1 != 'J' && lx->c1 != '_') {
        keep(lx);
        keep(lx);
        if (lx->c0 == '_')
            advance(lx);
        digits(lx, true);
    } else {
        digits(lx, false);
        if (lx->c0 == '.') {
            is_float = true;
            keep(lx);
            digits(lx, false);
        }
        if ((lx->c0 == 'e' || lx->c0 == 'E') &&
            (is_digit(lx->c1) || ((lx->c1 == '+' || lx->c1 == '-') && is_digit(lx->c2)))) {
            is_float = true;
            keep(lx);
            keep(lx);
            digits(lx, false);
        }
    }
    const char *s = lx->text.s->data;
    size_t n = lx->text.len;
    lx->token = TK_NUMBER;
    bool imaginary = lx->c0 == 'j' || lx->c0 == 'J';
    if (is_float || imaginary) {
        real_t x;
        if (!float_parse(s, n, &x))
            bad(lx, "invalid number");
        lx->value = float_new(x);
        if (imaginary) {
            const val_t parts[] = {V_INT(0), lx->value};
            if (!type_complex.make)
                bad(lx, "complex numbers not supported");
            lx->value = type_complex.make(&type_complex, 2, 0, parts);
            advance(lx);
        }
    } else {
        bool zeros = s[0] == '0' && n > 1 && is_digit((unsigned char)s[1]);
        for (size_t i = 0; zeros && i < n; i++)
            if (s[i] != '0')
                bad(lx, "leading zeros in decimal integer literals are not permitted");
        if (!int_parse(s, n, zeros ? 10 : 0, &lx->value))
            bad(lx, "invalid number");
    }
    if (is_letter(lx->c0))
        bad(lx, "invalid decimal literal");
}

/* ---- strings ---- */

static int hex_value(int c) {
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Text between from and end, with escapes, to the builder; bytes: \x is a byte, no \u. */
static void unescape(lexer_t *lx, builder_t *to, const char *from, const char *end, bool bytes) {
    static const char letters[] = "abfnrtv\\'\"", codes[] = "\a\b\f\n\r\t\v\\'\"";
    for (const char *p = from; p < end;) {
        if (*p != '\\' || p + 1 == end) {
            builder_char(to, *p++);
            continue;
        }
        char c = p[1];
        const char *known = strchr(letters, c);
        p += 2;
        if (c == '\n') {
            continue;
        } else if (c && known) {
            builder_char(to, codes[known - letters]);
        } else if (c == 'x' || (!bytes && (c == 'u' || c == 'U'))) {
            int n = c == 'x' ? 2 : c == 'u' ? 4 : 8;
            uint32_t code = 0;
            for (int i = 0; i < n; i++, p++) {
                int h = p < end ? hex_value((unsigned char)*p) : -1;
                if (h < 0)
                    bad(lx, "truncated escape in string");
                code = code << 4 | (uint32_t)h;
            }
            if (code > 0x10ffff)
                bad(lx, "illegal character in string");
            char utf8[4];
            if (bytes)
                builder_char(to, (char)code);
            else
                builder_add(to, utf8, utf8_encode(utf8, code));
        } else if (c >= '0' && c <= '7') {
            uint32_t code = (uint32_t)(c - '0');
            for (int i = 0; i < 2 && p < end && *p >= '0' && *p <= '7'; i++)
                code = code * 8 + (uint32_t)(*p++ - '0');
            char utf8[4];
            if (bytes)
                builder_char(to, (char)code);
            else
                builder_add(to, utf8, utf8_encode(utf8, code));
        } else {
            builder_char(to, '\\');
            builder_char(to, c);
        }
    }
}

void lexer_unescape(lexer_t *lx, builder_t *to, const char *text, const char *end, bool raw) {
    if (raw)
        builder_add(to, text, (size_t)(end - text));
    else
        unescape(lx, to, text, end, false);
}

static void read_string(lexer_t *lx, bool raw, bool bytes, bool format) {
    int quote = lx->c0;
    bool triple = lx->c1 == quote && lx->c2 == quote;
    advance(lx);
    if (triple) {
        advance(lx);
        advance(lx);
    }
    lx->text.len = 0;
    bool escapes = false;
    for (;;) {
        if (lx->c0 < 0 || (lx->c0 == '\n' && !triple)) {
            bad(lx, triple ? "unterminated triple-quoted string literal" : "unterminated string literal");
        } else if (lx->c0 == quote && (!triple || (lx->c1 == quote && lx->c2 == quote))) {
            break;
        } else if (lx->c0 == '\\') {
            escapes = true;
            keep(lx);
            if (lx->c0 >= 0)
                keep(lx);
        } else {
            if (bytes && lx->c0 >= 0x80)
                bad(lx, "bytes can only contain ASCII literal characters");
            keep(lx);
        }
    }
    for (int i = triple ? 3 : 1; i; i--)
        advance(lx);
    const char *s = lx->text.s->data;
    lx->token = format ? TK_FSTRING : TK_STRING;
    lx->raw = raw;
    if (escapes && !raw && !format) {
        builder_t b;
        builder_init(&b, lx->text.len);
        unescape(lx, &b, s, s + lx->text.len, bytes);
        lx->value = bytes ? builder_bytes(&b) : builder_str(&b);
    } else {
        lx->value = bytes ? bytes_new(s, lx->text.len) : str_new(s, lx->text.len);
    }
}

/* A prefix like rb or f before a quote? Then the string is read. */
static bool read_prefixed_string(lexer_t *lx) {
    int a = lx->c0 | 32, b = lx->c1;
    if (b == '"' || b == '\'') {
        if (a != 'r' && a != 'b' && a != 'f' && a != 'u')
            return false;
        advance(lx);
        read_string(lx, a == 'r', a == 'b', a == 'f');
        return true;
    }
    b |= 32;
    if ((lx->c2 != '"' && lx->c2 != '\'') ||
        !((a == 'r' && (b == 'b' || b == 'f')) || (b == 'r' && (a == 'b' || a == 'f'))))
        return false;
    advance(lx);
    advance(lx);
    read_string(lx, true, a == 'b' || b == 'b', a == 'f' || b == 'f');
    return true;
}

/* ---- names and operators ---- */

static void read_name(lexer_t *lx) {
    lx->text.len = 0;
    while (is_letter(lx->c0) || is_digit(lx->c0))
        keep(lx);
    str_t *name = str_intern(lx->text.s->data, lx->text.len);
    lx->value = V_OBJ(name);
    lx->token = TK_NAME;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (keywords[i] == name)
            lx->token = (token_t)(TK_FALSE + i);
}

static void read_operator(lexer_t *lx) {
    static const struct {
        char text[4];
        uint8_t token;
    } operators[] = {
        /* longer ones first */
        {"**=", TK_ADSTAR}, {"//=", TK_ADSLASH}, {">>=", TK_ASHR}, {"<<=", TK_ASHL},
        {"...", TK_ELLIPSIS}, {"**", TK_DSTAR}, {"//", TK_DSLASH}, {">>", TK_SHR}, {"<<", TK_SHL},
        {"<=", TK_LE}, {">=", TK_GE}, {"==", TK_EQ}, {"!=", TK_NE}, {"->", TK_ARROW},
        {":=", TK_WALRUS}, {"+=", TK_APLUS}, {"-=", TK_AMINUS}, {"*=", TK_ASTAR}, {"/=", TK_ASLASH},
        {"%=", TK_APERCENT}, {"@=", TK_AAT}, {"&=", TK_AAMP}, {"|=", TK_ABAR}, {"^=", TK_ACARET},
        {"+", TK_PLUS}, {"-", TK_MINUS}, {"*", TK_STAR}, {"/", TK_SLASH}, {"%", TK_PERCENT},
        {"@", TK_AT}, {"&", TK_AMP}, {"|", TK_BAR}, {"^", TK_CARET}, {"<", TK_LT}, {">", TK_GT},
        {"~", TK_TILDE}, {"=", TK_ASSIGN}, {"(", TK_LPAR}, {")", TK_RPAR}, {"[", TK_LBRACKET},
        {"]", TK_RBRACKET}, {"{", TK_LBRACE}, {"}", TK_RBRACE}, {",", TK_COMMA}, {":", TK_COLON},
        {";", TK_SEMICOLON}, {".", TK_DOT},
    };
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        const char *t = operators[i].text;
        if (lx->c0 != t[0] || (t[1] && lx->c1 != t[1]) || (t[1] && t[2] && lx->c2 != t[2]))
            continue;
        for (size_t n = strlen(t); n; n--)
            advance(lx);
        lx->token = operators[i].token;
        if (lx->token == TK_LPAR || lx->token == TK_LBRACKET || lx->token == TK_LBRACE) {
            if (++lx->brackets == 200)
                bad(lx, "too many nested parentheses");
        } else if (lx->token == TK_RPAR || lx->token == TK_RBRACKET || lx->token == TK_RBRACE) {
            if (!lx->brackets)
                bad(lx, "unmatched bracket");
            lx->brackets--;
        }
        return;
    }
    bad(lx, "invalid character");
}

void lexer_next(lexer_t *lx) {
    if (lx->line_start)
        read_indent(lx);
    if (lx->dedents < 0) {
        lx->dedents = 0;
        lx->token = TK_INDENT;
        return;
    }
    if (lx->dedents > 0) {
        lx->dedents--;
        lx->token = TK_DEDENT;
        return;
    }
    skip_space(lx);
    lx->line = lx->next_line;
    if (lx->c0 < 0) {
        if (lx->brackets)
            bad(lx, "unexpected end of file");
        if (lx->token == TK_NEWLINE || lx->token == TK_DEDENT || !lx->started) {
            lx->line_start = true;
            read_indent(lx);
            if (lx->dedents > 0) {
                lx->dedents--;
                lx->token = TK_DEDENT;
            } else {
                lx->token = TK_EOF;
            }
        } else {
            lx->token = TK_NEWLINE;
        }
        return;
    }
    lx->started = true;
    if (lx->c0 == '\n') {
        advance(lx);
        lx->token = TK_NEWLINE;
        lx->line_start = true;
    } else if (is_letter(lx->c0)) {
        if (!read_prefixed_string(lx))
            read_name(lx);
    } else if (is_digit(lx->c0) || (lx->c0 == '.' && is_digit(lx->c1))) {
        read_number(lx);
    } else if (lx->c0 == '"' || lx->c0 == '\'') {
        read_string(lx, false, false, false);
    } else {
        read_operator(lx);
    }
}
