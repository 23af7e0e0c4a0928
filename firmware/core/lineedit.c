/* SPDX-License-Identifier: MIT
 * lineedit.c: see lineedit.h. Understands ANSI keys; writes only what changed. Bytes of UTF-8 characters stay together.
 */
#include "lineedit.h"
#include "port.h"

enum { CTRL_A = 1, CTRL_B, CTRL_C, CTRL_D, CTRL_E, CTRL_F, CTRL_K = 11, CTRL_N = 14, CTRL_P = 16, CTRL_U = 21,
       CTRL_W = 23, ESC = 27, DELETE = 127, WIDTH = 4 };
/* Keys of more than one byte. */
enum { KEY_UP = 256, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END, KEY_DELETE, KEY_OTHER };

typedef struct editor {
    const line_edit_t *how;
    builder_t *text;
    size_t start; /* of the line in the text */
    size_t at;    /* cursor */
    int recalled; /* line of the history that is shown, -1: none */
} editor_t;

static void put(const char *s, size_t n)
{
    if (n)
        port_write(s, n);
}

static char *chars(editor_t *e) { return e->text->s->data; }
static bool is_continuation(char c) { return ((uint8_t)c & 0xc0) == 0x80; }

static size_t columns(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !is_continuation(s[i]);
    return count;
}

static void move_left(size_t count)
{
    char code[12] = "\x1b[";
    unsigned n = 2;
    if (!count)
        return;
    if (count < 4) {
        put("\b\b\b", count);
        return;
    }
    for (size_t unit = 1000; unit; unit /= 10)
        if (count >= unit)
            code[n++] = (char)('0' + count / unit % 10);
    code[n++] = 'D';
    put(code, n);
}

/* Show the line from the cursor on, and put the cursor back. */
static void show_rest(editor_t *e, bool erase)
{
    size_t rest = e->text->len - e->at;
    put(chars(e) + e->at, rest);
    if (erase)
        put("\x1b[K", 3);
    move_left(columns(chars(e) + e->at, rest));
}

static void set_cursor(editor_t *e, size_t at)
{
    if (at < e->at)
        move_left(columns(chars(e) + at, e->at - at));
    else
        put(chars(e) + e->at, at - e->at);
    e->at = at;
}

static void insert(editor_t *e, const char *s, size_t n)
{
    builder_add(e->text, s, n);
    char *p = chars(e);
    memmove(p + e->at + n, p + e->at, e->text->len - n - e->at);
    memcpy(p + e->at, s, n);
    put(s, n);
    e->at += n;
    if (e->at < e->text->len && !is_continuation(s[n - 1]))
        show_rest(e, false);
    else if (e->at < e->text->len)
        show_rest(e, true);
}

/* Take out the characters between from and to; the cursor ends up there. */
static void erase(editor_t *e, size_t from, size_t to)
{
    set_cursor(e, from);
    memmove(chars(e) + from, chars(e) + to, e->text->len - to);
    e->text->len -= to - from;
    show_rest(e, true);
}

static size_t before(editor_t *e, size_t at)
{
    while (at > e->start && is_continuation(chars(e)[--at])) {
    }
    return at;
}

static size_t after(editor_t *e, size_t at)
{
    if (at < e->text->len)
        at++;
    while (at < e->text->len && is_continuation(chars(e)[at]))
        at++;
    return at;
}

/* ---- history ---- */

void history_add(history_t *h, const char *text, size_t len)
{
    if (!len || len + 1 > ADDER_HISTORY || (h->used && strlen(h->text) == len && memcmp(h->text, text, len) == 0))
        return;
    size_t keep = h->used;
    while (keep + len + 1 > ADDER_HISTORY) { /* the oldest line goes */
        keep--;
        while (keep && h->text[keep - 1])
            keep--;
    }
    memmove(h->text + len + 1, h->text, keep);
    memcpy(h->text, text, len);
    h->text[len] = 0;
    h->used = (uint16_t)(keep + len + 1);
}

static const char *history_line(const history_t *h, int number)
{
    size_t at = 0;
    for (; number > 0 && at < h->used; number--)
        at += strlen(h->text + at) + 1;
    return at < h->used ? h->text + at : NULL;
}

static void recall(editor_t *e, int number)
{
    const history_t *h = e->how->history;
    const char *line = h && number >= 0 ? history_line(h, number) : "";
    if (!line || number < -1)
        return;
    e->recalled = number;
    set_cursor(e, e->start);
    e->text->len = e->start;
    put("\x1b[K", 3);
    if (*line)
        insert(e, line, strlen(line));
}

/* ---- keys ---- */

static int read_key(void)
{
    int c = port_read();
    if (c != ESC)
        return c;
    c = port_read();
    if (c != '[' && c != 'O')
        return c < 0 ? c : KEY_OTHER;
    int digit = 0;
    for (c = port_read(); c >= '0' && c <= ';'; c = port_read())
        digit = digit ? digit : c;
    switch (c) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    case '~': return digit == '1' || digit == '7' ? KEY_HOME : digit == '4' || digit == '8' ? KEY_END
                     : digit == '3' ? KEY_DELETE : KEY_OTHER;
    default: return c < 0 ? c : KEY_OTHER;
    }
}

static bool only_blanks(editor_t *e, size_t end)
{
    for (size_t i = e->start; i < end; i++)
        if (chars(e)[i] != ' ')
            return false;
    return true;
}

static void backspace(editor_t *e)
{
    if (e->at == e->start)
        return;
    size_t from = before(e, e->at);
    if (only_blanks(e, e->at)) /* a step of indentation */
        from = e->start + (e->at - e->start - 1) / WIDTH * WIDTH;
    erase(e, from, e->at);
}

static void tab(editor_t *e)
{
    if (!e->how->at_prompt || only_blanks(e, e->at)) {
        insert(e, "    ", WIDTH - (columns(chars(e) + e->start, e->at - e->start) & (WIDTH - 1)));
        return;
    }
    builder_t more, list;
    builder_init(&more, 16);
    builder_init(&list, 16);
    complete(chars(e) + e->start, e->at - e->start, &more, &list);
    if (more.len) {
        insert(e, more.s->data, more.len);
    } else if (list.len) {
        put("\n", 1);
        put(list.s->data, list.len);
        put("\n", 1);
        put(e->how->prompt, strlen(e->how->prompt));
        put(chars(e) + e->start, e->at - e->start);
        show_rest(e, false);
    }
}

static size_t word_start(editor_t *e)
{
    size_t at = e->at;
    while (at > e->start && chars(e)[at - 1] == ' ')
        at--;
    while (at > e->start && chars(e)[at - 1] != ' ')
        at--;
    return at;
}

static void edit_key(editor_t *e, int key)
{
    switch (key) {
    case 8:
    case DELETE: backspace(e); break;
    case CTRL_D:
    case KEY_DELETE: erase(e, e->at, after(e, e->at)); break;
    case CTRL_B:
    case KEY_LEFT: set_cursor(e, before(e, e->at)); break;
    case CTRL_F:
    case KEY_RIGHT: set_cursor(e, after(e, e->at)); break;
    case CTRL_A:
    case KEY_HOME: set_cursor(e, e->start); break;
    case CTRL_E:
    case KEY_END: set_cursor(e, e->text->len); break;
    case CTRL_K: erase(e, e->at, e->text->len); break;
    case CTRL_U: erase(e, e->start, e->at); break;
    case CTRL_W: erase(e, word_start(e), e->at); break;
    case CTRL_P:
    case KEY_UP: recall(e, e->recalled + 1); break;
    case CTRL_N:
    case KEY_DOWN: recall(e, e->recalled - 1); break;
    case '\t': tab(e); break;
    default:
        if (key >= 32 && key < 256) {
            char c = (char)key;
            insert(e, &c, 1);
        }
    }
}

int line_edit(const line_edit_t *how, builder_t *text)
{
    editor_t e = {how, text, text->len, text->len, -1};
    put(how->prompt, strlen(how->prompt));
    for (unsigned i = 0; i < how->indent; i++)
        insert(&e, " ", 1);
    for (;;) {
        int key = read_key();
        bool empty = e.text->len == e.start;
        if (key == '\n')
            key = '\r';
        if (key == '\r' && how->at_prompt && how->before && only_blanks(&e, e.text->len))
            e.at = e.text->len = e.start; /* blanks of the automatic indentation */
        if (key == '\r' || key < 0 || key == CTRL_C || (key == CTRL_D && empty)) {
            if (key == '\r')
                set_cursor(&e, e.text->len);
            put("\n", 1);
            return key;
        }
        if (empty && how->at_prompt && !how->before && (key == CTRL_A || key == CTRL_B || key == CTRL_E)) {
            put("\n", 1);
            return key;
        }
        edit_key(&e, key);
    }
}
