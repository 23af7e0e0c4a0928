// SPDX-License-Identifier: GPL-2.0-or-later
// The terminal view: the prompt on all rows but the last, which shows the LEDs. For machines without
// a display. It uses the scroll region (DECSTBM) and cursor save and restore of every VT100 heir.
#include "ui.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef struct ui_terminal {
    ui_t ui;
    unsigned short rows, columns;
    char *shown; // the status line on the screen
} ui_terminal_t;

static const char *unavailable(void)
{
    return isatty(STDOUT_FILENO) ? NULL : "standard output is not a terminal";
}

static void put(const char *s)
{
    size_t n = strlen(s);
    while (n) {
        ssize_t done = write(STDOUT_FILENO, s, n);
        if (done <= 0)
            return; // the run loop notices that the terminal is gone
        s += done;
        n -= done;
    }
}

// Keeps the last row out of scrolling; again after each change of the window's size.
static void set_region(ui_terminal_t *t)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 3)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    if (size.ws_row == t->rows && size.ws_col == t->columns)
        return;
    bool first = !t->rows;
    t->rows = size.ws_row;
    t->columns = size.ws_col;
    // A line feed makes room at the bottom; setting the region homes the cursor, so save it.
    g_autofree char *s = g_strdup_printf("%s\0337\033[1;%dr\0338", first ? "\n\033[A" : "",
                                         t->rows - 1);
    put(s);
    g_clear_pointer(&t->shown, g_free);
}

static ui_t *open_terminal(session_t *s, GError **error)
{
    ui_terminal_t *t = g_new0(ui_terminal_t, 1);
    t->ui = (ui_t){.cls = &ui_terminal, .session = s};
    set_region(t);
    return &t->ui;
}

static const char *led_color(const part_t *p)
{
    static const char *const colors[][2] = {{"red", "31"},    {"green", "32"}, {"yellow", "33"},
                                            {"orange", "33"}, {"blue", "34"},  {"white", "37"}};
    const char *name = part_attr(p, "color");
    for (unsigned i = 0; name && i < G_N_ELEMENTS(colors); i++)
        if (!strcmp(colors[i][0], name))
            return colors[i][1];
    return "31";
}

static void add_part(GString *line, part_t *p, unsigned *width, unsigned columns)
{
    static const char *const steps[] = {"○", "◔", "◑", "◕", "●"};
    for (int i = 0; p->cls->props && p->cls->props[i].name; i++) {
        const part_prop_t *prop = &p->cls->props[i];
        double value = part_prop_get(p, i);
        g_autofree char *plain = NULL, *colored = NULL;
        if (!strcmp(prop->name, "brightness")) {
            int step = value <= 0 ? 0 : (int)CLAMP(ceil(value * 4), 1, 4);
            plain = g_strdup_printf(" %s  ", p->name);
            colored = g_strdup_printf(" \033[%s;1m%s\033[0;7m %s", led_color(p), steps[step], p->name);
        } else if (prop->kind == PROP_SWITCH && value) {
            plain = g_strdup_printf(" [%s]", p->name);
        } else if (prop->kind == PROP_RANGE && !p->on_board) {
            plain = g_strdup_printf(" %s %g%s", p->name, value, prop->unit ? prop->unit : "");
        }
        unsigned n = plain ? g_utf8_strlen(plain, -1) : 0;
        if (!n || *width + n > columns)
            continue;
        g_string_append(line, colored ? colored : plain);
        *width += n;
    }
}

static bool frame(ui_t *ui)
{
    ui_terminal_t *t = (ui_terminal_t *)ui;
    machine_t *m = ui->session->m;
    set_region(t);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "%s %.0fs", ui->session->diagram->board->name,
                    floor((double)machine_now_ps(m) / PS_PER_S));
    unsigned width = line->len;
    for (guint i = 0; i < m->parts->len; i++) {
        part_t *p = m->parts->pdata[i];
        if (!p->on_chip)
            add_part(line, p, &width, t->columns - 16);
    }
    g_string_append(line, "  Ctrl-] leaves");
    if (g_strcmp0(line->str, t->shown) == 0)
        return true;
    g_autofree char *s = g_strdup_printf("\0337\033[%d;1H\033[7m%s\033[K\033[0m\0338", t->rows,
                                         line->str);
    put(s);
    g_free(t->shown);
    t->shown = g_strdup(line->str);
    return true;
}

static void close_terminal(ui_t *ui)
{
    ui_terminal_t *t = (ui_terminal_t *)ui;
    g_autofree char *s = g_strdup_printf("\0337\033[r\033[%d;1H\033[K\0338", t->rows);
    put(s);
    g_free(t->shown);
    g_free(t);
}

const ui_class_t ui_terminal = {
    .name = "terminal",
    .brief = "the prompt in the terminal, LEDs in its last line",
    .unavailable = unavailable,
    .open = open_terminal,
    .frame = frame,
    .close = close_terminal,
};
