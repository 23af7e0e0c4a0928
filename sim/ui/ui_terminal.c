// SPDX-License-Identifier: GPL-2.0-or-later
// The terminal view: the prompt on all rows but the last, which shows the LEDs and the controls. For
// machines without a display. A LED matrix takes three more rows, two rows of LEDs in each (half
// blocks). It uses the scroll region (DECSTBM) and cursor save and restore of every VT100 heir.
#include "ui.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MATRIX_ROWS = 3 }; // of the screen, for 5 rows of LEDs

typedef struct ui_terminal {
    ui_t ui;
    unsigned short rows, columns;
    unsigned picture; // rows above the status line that show the display
    const part_t *display; // or NULL
    char *shown; // what is on the screen below the prompt
} ui_terminal_t;

static bool available(GError **error)
{
    if (isatty(STDOUT_FILENO))
        return true;
    g_set_error(error, session_error_quark(), 0, "standard output is not a terminal");
    return false;
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
    t->picture = t->display && t->rows >= MATRIX_ROWS + 6 ? MATRIX_ROWS : 0;
    // Line feeds make room at the bottom; setting the region homes the cursor, so save it.
    g_autoptr(GString) s = g_string_new(NULL);
    for (unsigned i = 0; first && i <= t->picture; i++)
        g_string_append_c(s, '\n');
    if (first)
        g_string_append_printf(s, "\033[%uA", t->picture + 1);
    g_string_append_printf(s, "\0337\033[1;%ur\0338", t->rows - 1 - t->picture);
    put(s->str);
    g_clear_pointer(&t->shown, g_free);
}

// The color of a digit among the 256 of a terminal: from almost black to bright red.
static int red_of(char digit)
{
    static const uint8_t colors[] = {235, 52, 52, 88, 88, 124, 124, 160, 160, 196};
    return colors[g_ascii_isdigit(digit) ? digit - '0' : 0];
}

// The lines of the display, each with its place on the screen; two rows of digits in each.
static void add_picture(const ui_terminal_t *t, GString *to)
{
    g_autoptr(GString) text = g_string_new(NULL);
    t->display->cls->show((part_t *)t->display, text);
    g_auto(GStrv) rows = g_strsplit(text->str, "\n", -1);
    unsigned n = g_strv_length(rows);
    for (unsigned line = 0; line < t->picture; line++) {
        const char *up = 2 * line < n ? rows[2 * line] : "";
        const char *low = 2 * line + 1 < n ? rows[2 * line + 1] : "";
        g_string_append_printf(to, "\033[%u;1H  ", t->rows - t->picture + line);
        for (unsigned c = 0; up[c]; c++)
            g_string_append_printf(to, "\033[38;5;%d;48;5;%dm\u2580\u2580\033[0m ", red_of(up[c]),
                                   *low ? red_of(low[c]) : 0);
        g_string_append(to, "\033[K");
    }
}

static ui_t *open_terminal(session_t *s, GError **error)
{
    ui_terminal_t *t = g_new0(ui_terminal_t, 1);
    t->ui = (ui_t){.cls = &ui_terminal, .session = s};
    for (guint i = 0; i < s->m->parts->len && !t->display; i++) {
        const part_t *p = s->m->parts->pdata[i];
        if (p->on_board && p->cls->show)
            t->display = p;
    }
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

static bool is_control(const session_t *s, const part_t *p)
{
    const char *dot = strrchr(p->name, '.'), *id = dot ? dot + 1 : p->name;
    return g_ptr_array_find_with_equal_func(s->diagram->board->controls, id, g_str_equal, NULL);
}

static void add_part(GString *line, part_t *p, bool control, unsigned *width, unsigned columns)
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
        } else if (prop->kind == PROP_RANGE && (control || (!p->on_board && !p->on_chip))) {
            if (control && part_prop_find(p, "heading") >= 0 && strcmp(prop->name, "heading"))
                continue; // instead of the field that it turns
            plain = g_strdup_printf(" %s %.4g%s", control && p->on_board ? prop->name : p->name, value,
                                    prop->unit ? prop->unit : "");
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
        bool control = is_control(ui->session, p);
        if (!p->on_chip || control)
            add_part(line, p, control, &width, t->columns - 16);
    }
    g_string_append(line, "  Ctrl-] leaves");
    g_autoptr(GString) s = g_string_new(NULL);
    if (t->picture)
        add_picture(t, s);
    g_string_append_printf(s, "\033[%d;1H\033[7m%s\033[K\033[0m", t->rows, line->str);
    if (g_strcmp0(s->str, t->shown) == 0)
        return true;
    g_free(t->shown);
    t->shown = g_strdup(s->str);
    g_string_prepend(s, "\0337");
    g_string_append(s, "\0338");
    put(s->str);
    return true;
}

static void close_terminal(ui_t *ui)
{
    ui_terminal_t *t = (ui_terminal_t *)ui;
    g_autoptr(GString) s = g_string_new("\0337\033[r");
    for (unsigned i = 0; i <= t->picture; i++)
        g_string_append_printf(s, "\033[%u;1H\033[K", t->rows - i);
    g_string_append(s, "\0338");
    put(s->str);
    g_free(t->shown);
    g_free(t);
}

const ui_class_t ui_terminal = {
    .name = "terminal",
    .available = available,
    .open = open_terminal,
    .frame = frame,
    .close = close_terminal,
};
