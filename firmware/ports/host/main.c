/* SPDX-License-Identifier: MIT
 * main.c: Adder on a computer: `adder [-h] [-X heap=BYTES] [FILE.py | -c PROGRAM] [ARGUMENT...]`; without a program, a prompt.
 */
#include "../../core/port.h"
#include "../../core/repl.h"
#include "../device.h"
#include "../fsys.h"
#include "host.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#ifndef ADDER_VERSION
#define ADDER_VERSION "0"
#endif

enum { HEAP = 64 << 20, STACK = 1 << 20 };

static struct {
    struct termios before;
    bool is_terminal, raw;
    unsigned at, len; /* bytes that were read ahead */
    uint8_t ahead[4096];
} terminal;

char device_main[DEVICE_MAIN_MAX];
void board_init(void) {}
void board_deinit(void) {}

/* ---- terminal ---- */

static void restore_terminal(void)
{
    if (terminal.is_terminal && terminal.raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.before);
}

void host_terminal(bool on)
{
    terminal.is_terminal = tcgetattr(STDIN_FILENO, &terminal.before) == 0;
    terminal.raw = on;
    if (terminal.is_terminal && on) {
        struct termios raw = terminal.before;
        raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON);
        raw.c_oflag &= ~(tcflag_t)OPOST;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN | ISIG);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        atexit(restore_terminal);
    }
}

/* The byte may have come already, behind what started the program. */
static void look_for_interrupt(int c)
{
    memmove(terminal.ahead, terminal.ahead + terminal.at, terminal.len - terminal.at);
    terminal.len -= terminal.at;
    terminal.at = 0;
    while (terminal.len < sizeof terminal.ahead && host_stdin_wait(0)) {
        ssize_t n = read(STDIN_FILENO, terminal.ahead + terminal.len, sizeof terminal.ahead - terminal.len);
        if (n <= 0)
            break;
        terminal.len += (unsigned)n;
    }
    for (unsigned i = 0; i < terminal.len; i++) {
        if (terminal.ahead[i] == c) {
            terminal.at = i + 1;
            vm_interrupt();
        }
    }
}

/* The next byte; -1 at the end of the input, which must not be waited for here. */
static int read_byte(void)
{
    uint8_t c;
    if (terminal.at < terminal.len)
        return terminal.ahead[terminal.at++];
    return read(STDIN_FILENO, &c, 1) == 1 ? c : -1;
}

/* While a program runs, the terminal makes a signal of Ctrl-C. */
void port_interrupt_char(int c)
{
    struct termios now;
    if (!terminal.is_terminal || !terminal.raw || tcgetattr(STDIN_FILENO, &now) != 0)
        return;
    now.c_lflag = c >= 0 ? now.c_lflag | ISIG : now.c_lflag & ~(tcflag_t)ISIG;
    if (c >= 0)
        now.c_cc[VINTR] = (cc_t)c;
    now.c_cc[VQUIT] = now.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &now);
    if (c >= 0)
        look_for_interrupt(c);
}

static void write_all(const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

void port_write(const char *text, size_t len)
{
    if (!terminal.raw) {
        fwrite(text, 1, len, stdout);
        return;
    }
    for (const char *end; len; len -= (size_t)(end - text), text = end) {
        bool newline = *text == '\n';
        if (newline)
            write_all("\r", 1);
        const char *next = memchr(text + newline, '\n', len - newline);
        end = next ? next : text + len;
        write_all(text, (size_t)(end - text));
    }
}

void hal_stdout_write(const char *data, size_t len) { port_write(data, len); }
void hal_stdout_flush(void) { fflush(stdout); }

bool host_stdin_wait(int timeout_ms)
{
    struct pollfd p = {STDIN_FILENO, POLLIN, 0};
    return poll(&p, 1, timeout_ms) > 0;
}

bool hal_stdin_ready(void) { return terminal.at < terminal.len || host_stdin_wait(0); }

int hal_stdin_get(void)
{
    return hal_stdin_ready() ? read_byte() : -1;
}

int port_read(void)
{
    fflush(stdout);
    for (;;) {
        vm_poll();
        if (terminal.at < terminal.len || host_stdin_wait(100)) /* a signal ends the waiting */
            return read_byte();
    }
}

void hal_stdin_interrupt_char(int c) { port_interrupt_char(c); }

_Noreturn void port_fatal(const char *why)
{
    fflush(stdout);
    fprintf(stderr, "adder: fatal: %s\n", why);
    abort();
}

/* ---- source files ---- */

path_kind_t port_path_kind(const char *path)
{
    fsys_stat_t stat;
    if (fsys_stat(path, &stat) < 0)
        return PATH_NONE;
    return stat.is_dir ? PATH_DIR : PATH_FILE;
}

static int source_get(reader_t *r)
{
    return getc((FILE *)r->data);
}

void port_open(reader_t *r, const char *path)
{
    fsys_file_t probe = {0};
    int result = fsys_open(&probe, path, FSYS_READ);
    r->data = NULL;
    if (result < 0)
        raise_os(-result);
    fsys_close(&probe);
    r->data = fopen(path, "r");
    r->get = source_get;
}

void port_close(reader_t *r)
{
    if (r->data)
        fclose(r->data);
    r->data = NULL;
}

/* ---- the program ---- */

/* The exit code that an exception means; prints all but SystemExit. */
static int exit_code(val_t exc)
{
    if (!is_a(exc, &type_SystemExit)) {
        fflush(stdout);
        exc_print(&out_console, exc);
        return 1;
    }
    val_t code = exc_value(exc);
    if (is_int(code))
        return (int)int_of(code);
    if (code == V_NONE)
        return 0;
    out_printf(&out_console, "%V\n", code);
    return 1;
}

static int run(reader_t *r, const char *name)
{
    catch_t c;
    int code = 0;
    if (TRY(c)) {
        vm_exec(r, str_intern(name, strlen(name)), MODE_FILE, adder.main);
        catch_end(&c);
    } else {
        code = exit_code(c.exc);
    }
    return code;
}

static int run_path(const char *path)
{
    reader_t r = {0};
    catch_t c;
    if (TRY(c)) {
        port_open(&r, path);
        catch_end(&c);
    } else {
        return exit_code(c.exc);
    }
    int code = run(&r, path);
    port_close(&r);
    return code;
}

static void prompt(void *heap, size_t heap_size, void *stack_top)
{
    static repl_t repl;
    host_terminal(true);
    while (repl_run(&repl)) {
        static const char text[] = "MPY: soft reboot\n";
        port_write(text, sizeof text - 1);
        device_modules_deinit();
        heap_finish();
        vm_init(heap, heap_size, stack_top, STACK);
        list_append(list_of(adder.path), str_new("", 0));
    }
}

/* sys.path begins with the program's folder, "" for the prompt and -c; sys.argv with the program. */
static void set_path_and_argv(const char *program, int argc, char **argv)
{
    const char *slash = program ? strrchr(program, '/') : NULL;
    list_append(list_of(adder.path), str_new(program, slash ? (size_t)(slash - program) : 0));
    for (int i = 0; i < argc; i++)
        list_append(list_of(adder.argv), str_from(argv[i]));
}

static void usage(FILE *to)
{
    fputs("usage: adder [-h] [-V] [-X heap=BYTES] [FILE.py | -c PROGRAM] [ARGUMENT...]\n"
          "Runs a Python program, or without one gives a prompt.\n",
          to);
}

int main(int argc, char **argv)
{
    size_t heap_size = HEAP;
    const char *command = NULL;
    int opt;
    while ((opt = getopt(argc, argv, "+hVX:c:")) != -1) {
        switch (opt) {
        case 'h': usage(stdout); return 0;
        case 'V': puts("Adder " ADDER_VERSION); return 0;
        case 'X':
            if (strncmp(optarg, "heap=", 5) == 0 && (heap_size = strtoul(optarg + 5, NULL, 0)) >= 8192)
                break;
            fprintf(stderr, "adder: -X %s: heap=BYTES, 8192 or more, is all there is\n", optarg);
            return 2;
        case 'c': command = optarg; break;
        default: usage(stderr); return 2;
        }
        if (command)
            break;
    }
    void *heap = calloc(1, heap_size);
    if (!heap) {
        fputs("adder: not enough memory\n", stderr);
        return 2;
    }
    host_on_interrupt(vm_interrupt);
    vm_init(heap, heap_size, __builtin_frame_address(0), STACK);
    int code = 0;
    const char *program = command ? NULL : argv[optind];
    set_path_and_argv(program, argc - optind, argv + optind);
    if (command) {
        reader_t r;
        reader_text(&r, command, strlen(command));
        code = run(&r, "<string>");
    } else if (program) {
        code = run_path(program);
    } else {
        prompt(heap, heap_size, __builtin_frame_address(0));
    }
    device_modules_deinit();
    heap_finish();
    fflush(stdout);
    free(heap);
    return code;
}
