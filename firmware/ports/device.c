/* SPDX-License-Identifier: MIT
 * device.c: what all boards share: port.h on top of hal.h, and the life of a board: boot.py, main.py, prompt, soft reset.
 */
#include "device.h"
#include "fsys.h"
#include "../core/port.h"
#include "../core/repl.h"

static repl_t repl;
char device_main[DEVICE_MAIN_MAX];

/* ---- terminal ---- */

void port_write(const char *text, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n') {
            hal_stdout_write(text + start, i - start);
            hal_stdout_write("\r", 1);
            start = i;
        }
    }
    hal_stdout_write(text + start, len - start);
}

/* Nothing is written while a tool has the prompt: it may send at any moment, and many chips hear little while their flash
 * is busy. It closes its files, or leaves raw mode. */
int port_read(void)
{
    int c;
    while ((c = hal_stdin_get()) < 0) {
        vm_poll();
        uint32_t idle_ms = repl.raw ? HAL_FOREVER_MS : fsys_idle();
        if (!hal_stdin_ready())
            hal_wait(hal_ticks_ms() + idle_ms);
    }
    return c;
}

void port_interrupt_char(int c) { hal_stdin_interrupt_char(c); }

void port_fatal(const char *why)
{
    static const char head[] = "\r\nfatal: ";
    hal_stdout_write(head, sizeof head - 1);
    hal_stdout_write(why, strlen(why));
    hal_stdout_write("\r\n", 2);
    hal_stdout_flush();
    hal_reset();
}

/* ---- source files ---- */

path_kind_t port_path_kind(const char *path)
{
    fsys_stat_t stat;
    if (fsys_stat(path, &stat) < 0)
        return PATH_NONE;
    return stat.is_dir ? PATH_DIR : PATH_FILE;
}

typedef struct source {
    const type_t *type; /* &type_raw */
    uintptr_t size;
    fsys_file_t file;
    uint16_t at, len;
    uint8_t buffer[ADDER_FILE_BUFFER];
} source_t;

static int source_get(reader_t *r)
{
    source_t *s = r->data;
    if (s->at == s->len) {
        intptr_t n = fsys_read(&s->file, s->buffer, sizeof s->buffer);
        if (n < 0)
            raise_os((int)-n);
        s->at = 0;
        s->len = (uint16_t)n;
        if (n == 0)
            return -1;
    }
    return s->buffer[s->at++];
}

void port_open(reader_t *r, const char *path)
{
    r->data = NULL;
    source_t *s = heap_alloc_raw(&type_raw, sizeof *s);
    s->size = sizeof *s - 2 * sizeof(uintptr_t);
    memset(&s->file, 0, sizeof s->file);
    s->at = s->len = 0;
    int result = fsys_open(&s->file, path, FSYS_READ);
    if (result < 0)
        raise_os(-result);
    r->data = s;
    r->get = source_get;
}

void port_close(reader_t *r)
{
    source_t *s = r->data;
    if (s)
        fsys_close(&s->file);
    r->data = NULL;
}

/* ---- life ---- */

QNAME(empty, "")
QNAME(slash_lib, "/lib")

static bool exists(const char *path) { return port_path_kind(path) == PATH_FILE; }

_Noreturn void device_run(void *heap, size_t heap_size, void *stack_top, size_t stack_size)
{
    int disk = fsys_mount();
    bool first = true;
    for (;;) {
        hal_stdin_interrupt_char(-1);
        vm_init(heap, heap_size, stack_top, stack_size);
        list_append(list_of(adder.path), VQ(empty));
        list_append(list_of(adder.path), VQ(slash_lib));
        memcpy(device_main, "main.py", 8);
        if (first)
            board_init();
        first = false;
        if (disk < 0)
            out_printf(&out_console, "the flash disk cannot be used: error %d\n", -disk);
        if (exists("boot.py"))
            repl_run_file("boot.py");
        if (!repl.raw && exists(device_main))
            repl_run_file(device_main);
        repl_run(&repl);
        static const char text[] = "MPY: soft reboot\n"; /* tools wait for these words */
        port_write(text, sizeof text - 1);
        device_modules_deinit();
        heap_finish();
        fsys_reset();
    }
}
