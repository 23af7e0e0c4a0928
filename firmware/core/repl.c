/* SPDX-License-Identifier: MIT
 * repl.c: the prompt. Friendly mode is for people; raw mode (Ctrl-A) takes a whole program and answers with marks that a
 * program can find; in raw-paste mode (Ctrl-E, 'A', Ctrl-A within raw mode) the program comes with flow control.
 */
#include "repl.h"
#include "port.h"

#ifndef ADDER_VERSION
#define ADDER_VERSION "0"
#endif
#ifndef ADDER_BOARD
#define ADDER_BOARD "host"
#endif

enum { CTRL_A = 1, CTRL_B, CTRL_C, CTRL_D, CTRL_E, PASTE_WINDOW = 256 };

QNAME(lt_stdin_gt, "<stdin>")

static void put(const char *text) { port_write(text, strlen(text)); }

void repl_banner(void)
{
    put("Adder v" ADDER_VERSION "; " ADDER_BOARD "\nType \"help()\" for more information.\n");
}

/* ---- running ----
 * NOINLINE: what reads a program has given its stack back when the program runs. */

static bool is_exit(val_t exc) { return is_a(exc, &type_SystemExit); }

/* Run what the reader gives. The exception, or V_UNDEF. */
NOINLINE static val_t run(reader_t *r, const str_t *file, vm_mode_t mode)
{
    catch_t c;
    port_interrupt_char(CTRL_C);
    if (TRY(c)) {
        vm_exec(r, file, mode, adder.main);
        vm_poll(); /* an interrupt that came at the very end belongs to the program */
        catch_end(&c);
        port_interrupt_char(-1);
        return V_UNDEF;
    }
    port_interrupt_char(-1);
    return c.exc;
}

bool repl_run_file(const char *path)
{
    reader_t r = {0};
    catch_t c;
    if (TRY(c)) {
        port_open(&r, path);
        catch_end(&c);
    } else {
        exc_print(&out_console, c.exc);
        return false;
    }
    val_t exc = run(&r, str_intern(path, strlen(path)), MODE_FILE);
    port_close(&r);
    if (exc == V_UNDEF || is_exit(exc))
        return true;
    exc_print(&out_console, exc);
    return false;
}

/* ---- friendly ---- */

/* Indentation of the next line: of the last one, one step more after a colon. */
static unsigned next_indent(const char *text, size_t len)
{
    size_t start = len, end = len;
    while (start && text[start - 1] != '\n')
        start--;
    unsigned indent = 0;
    while (start + indent < end && text[start + indent] == ' ')
        indent++;
    while (end > start && text[end - 1] == ' ')
        end--;
    return end > start && text[end - 1] == ':' ? indent + 4 : indent;
}

/* An empty line ends a block: it shows as a second newline. */
static bool needs_more(builder_t *text, size_t line_start)
{
    bool empty = line_start && text->len == line_start;
    if (empty)
        builder_char(text, '\n');
    bool more = vm_needs_more(text->s->data, text->len);
    text->len -= empty;
    return more;
}

/* Read a statement of one or more lines. Returns as line_edit does. */
NOINLINE static int read_statement(repl_t *repl, builder_t *text)
{
    line_edit_t how = {.prompt = ">>> ", .history = &repl->history, .at_prompt = true};
    for (;;) {
        size_t start = text->len;
        int end = line_edit(&how, text);
        history_add(&repl->history, text->s->data + start, text->len - start);
        if (end != '\r')
            return end == CTRL_D && how.before ? '\r' : end;
        if (!needs_more(text, start))
            return end;
        how.before = "";
        how.prompt = "... ";
        how.indent = next_indent(text->s->data, text->len);
        builder_char(text, '\n');
    }
}

/* Lines as they come, until Ctrl-D; false: Ctrl-C. */
NOINLINE static bool read_paste(builder_t *text)
{
    put("\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\n=== ");
    for (;;) {
        int c = port_read();
        if (c < 0 || c == CTRL_C || c == CTRL_D) {
            put("\n");
            return c == CTRL_D;
        }
        char byte = (char)(c == '\r' ? '\n' : c);
        builder_char(text, byte);
        port_write(&byte, 1);
        if (byte == '\n')
            put("=== ");
    }
}

typedef enum { GO_ON, OTHER_MODE, SOFT_RESET, END } next_t;

NOINLINE static next_t friendly_statement(repl_t *repl)
{
    builder_t text;
    builder_init(&text, 64);
    vm_mode_t mode = MODE_SINGLE;
    switch (read_statement(repl, &text)) {
    case CTRL_A:
        repl->raw = true;
        return OTHER_MODE;
    case CTRL_B:
        repl_banner();
        return GO_ON;
    case CTRL_C:
        return GO_ON;
    case CTRL_D:
        return SOFT_RESET;
    case CTRL_E:
        if (!read_paste(&text))
            return GO_ON;
        mode = MODE_FILE;
        break;
    case -1:
        return END;
    default:
        break;
    }
    reader_t r;
    reader_text(&r, text.s->data, text.len);
    val_t exc = text.len ? run(&r, Q(lt_stdin_gt), mode) : V_UNDEF;
    if (exc == V_UNDEF)
        return GO_ON;
    if (is_exit(exc))
        return SOFT_RESET;
    exc_print(&out_console, exc);
    return GO_ON;
}

/* ---- raw ---- */

/* Source that comes while it is compiled; the other side may send as much as the windows given to it. */
typedef struct paste {
    unsigned window; /* bytes that may still come */
    bool ended;
} paste_t;

static int paste_get(reader_t *r)
{
    paste_t *p = r->data;
    if (p->ended)
        return -1;
    if (p->window == 0) {
        put("\x01");
        p->window = PASTE_WINDOW;
    }
    int c = port_read();
    p->window--;
    if (c == CTRL_D || c == CTRL_C || c < 0) {
        p->ended = true;
        if (c == CTRL_D)
            put("\x04");
        if (c == CTRL_C)
            raise_new(&type_KeyboardInterrupt, 0, NULL);
        return -1;
    }
    return c;
}

/* The compiler gave up early: say so, and let pass what is still under way. */
static void paste_drain(paste_t *p)
{
    if (p->ended)
        return;
    put("\x04");
    for (int c = 0; c >= 0 && c != CTRL_C && c != CTRL_D;)
        c = port_read();
}

/* The compiled program, or V_UNDEF and the exception. */
NOINLINE static val_t try_compile(reader_t *r, val_t *exc)
{
    catch_t c;
    volatile val_t code = V_UNDEF;
    if (TRY(c)) {
        code = vm_compile(r, Q(lt_stdin_gt), MODE_FILE, adder.main);
        catch_end(&c);
    } else {
        *exc = c.exc;
    }
    return code;
}

/* Call it; the exception, or V_UNDEF. */
NOINLINE static val_t try_call(val_t code)
{
    catch_t c;
    port_interrupt_char(CTRL_C);
    if (TRY(c)) {
        call_0(code);
        vm_poll(); /* an interrupt that came at the very end belongs to the program */
        catch_end(&c);
        port_interrupt_char(-1);
        return V_UNDEF;
    }
    port_interrupt_char(-1);
    return c.exc;
}

/* Run, and print the marks: after the output, and after the error. False: SystemExit. */
static bool run_marked(reader_t *r, paste_t *paste)
{
    val_t exc = V_UNDEF, code = try_compile(r, &exc);
    if (paste)
        paste_drain(paste);
    if (code != V_UNDEF)
        exc = try_call(code);
    bool exit = exc != V_UNDEF && is_exit(exc);
    put("\x04");
    if (exc != V_UNDEF && !exit)
        exc_print(&out_console, exc);
    put("\x04");
    return !exit;
}

static bool raw_paste(void)
{
    static const char accept[] = {'R', 1, (char)(PASTE_WINDOW & 0xff), (char)(PASTE_WINDOW >> 8)};
    port_write(accept, sizeof accept);
    paste_t paste = {PASTE_WINDOW, false};
    reader_t r = {paste_get, &paste, NULL, NULL};
    return run_marked(&r, &paste);
}

NOINLINE static next_t raw_program(repl_t *repl)
{
    builder_t text;
    builder_init(&text, 64);
    put(">");
    for (;;) {
        int c = port_read();
        if (c < 0)
            return END;
        if (c == CTRL_A) {
            if (text.len == 2 && text.s->data[0] == CTRL_E) {
                if (text.s->data[1] == 'A')
                    return raw_paste() ? GO_ON : SOFT_RESET;
                port_write("R\0", 2); /* a mode we do not know */
                text.len = 0;
                continue;
            }
            return OTHER_MODE;
        } else if (c == CTRL_B) {
            repl->raw = false;
            put("\n");
            return OTHER_MODE;
        } else if (c == CTRL_C) {
            text.len = 0;
        } else if (c == CTRL_D) {
            break;
        } else {
            builder_char(&text, (char)c);
        }
    }
    put("OK");
    if (!text.len) {
        put("\n");
        return SOFT_RESET;
    }
    reader_t r;
    reader_text(&r, text.s->data, text.len);
    return run_marked(&r, NULL) ? GO_ON : SOFT_RESET;
}

/* ---- both ---- */

/* Nothing that goes wrong in the prompt itself may end it. */
static next_t guarded(repl_t *repl)
{
    catch_t c;
    volatile next_t next = GO_ON;
    if (TRY(c)) {
        next = repl->raw ? raw_program(repl) : friendly_statement(repl);
        catch_end(&c);
    } else {
        exc_print(&out_console, c.exc);
    }
    return next;
}

bool repl_run(repl_t *repl)
{
    for (;;) {
        if (repl->raw)
            put("raw REPL; CTRL-B to exit\n");
        else
            repl_banner();
        next_t next;
        do {
            next = guarded(repl);
        } while (next == GO_ON);
        if (next != OTHER_MODE)
            return next == SOFT_RESET;
    }
}
