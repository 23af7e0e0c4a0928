/* SPDX-License-Identifier: MIT
 * microbit_display.c: microbit.display: pictures one after the other and scrolling text. Both go on by themselves, in the
 * interrupt that also drives the rows; waiting for the end is up to the caller.
 */
#include "microbit.h"

typedef enum { IDLE, SHOWING, SCROLLING } doing_t;

static struct {
    volatile uint8_t doing;
    bool loop, clear, monospace;
    uint16_t delay_ms, passed_ms;
    uint16_t at;      /* item or character */
    uint8_t column;   /* of the character; all columns are through: blank ones at the end */
} show;
static val_t items; /* str, tuple or list that is shown; a root of the heap */

/* ---- in the interrupt ---- */

static void put_image(const image_t *image)
{
    for (int i = 0; i < DISPLAY_PIXELS; i++)
        display_pixels[i] = (uint8_t)image_pixel(image, i % DISPLAY_SIDE, i / DISPLAY_SIDE);
}

static void put_char(unsigned c)
{
    for (unsigned y = 0; y < DISPLAY_SIDE; y++)
        for (unsigned x = 0; x < DISPLAY_SIDE; x++)
            display_pixels[y * DISPLAY_SIDE + x] = font_row(c, y) >> (4 - x) & 1 ? DISPLAY_BRIGHTEST : 0;
}

/* An Image or a str, which shows its first character; others are blank. */
static void put_item(val_t v)
{
    if (is_image(v))
        put_image((const image_t *)obj_of(v));
    else
        put_char(is_str(v) && str_of(v)->len ? (uint8_t)str_of(v)->data[0] : ' ');
}

static void clear(void) { memset(display_pixels, 0, sizeof display_pixels); }

/* The next picture; false: there was none. */
static bool next_item(void)
{
    size_t n;
    const val_t *v;
    if (is_str(items)) {
        if (show.at >= str_of(items)->len)
            return false;
        put_char((uint8_t)str_of(items)->data[show.at++]);
        return true;
    }
    if (!seq_items(items, &n, &v) || show.at >= n)
        return false;
    put_item(v[show.at++]);
    return true;
}

static void shift_in(unsigned bits)
{
    for (unsigned y = 0; y < DISPLAY_SIDE; y++) {
        uint8_t *row = &display_pixels[y * DISPLAY_SIDE];
        for (unsigned x = 0; x < DISPLAY_SIDE - 1; x++)
            row[x] = row[x + 1];
        row[DISPLAY_SIDE - 1] = bits >> y & 1 ? DISPLAY_BRIGHTEST : 0;
    }
}

/* A character's columns and a blank one; behind the last, so many that the display is dark. */
static bool next_column(void)
{
    const str_t *s = str_of(items);
    unsigned first = 0, width = DISPLAY_SIDE, bits = 0;
    if (show.at >= s->len) {
        shift_in(0);
        return ++show.column < DISPLAY_SIDE;
    }
    unsigned c = (uint8_t)s->data[show.at];
    if (!show.monospace)
        font_trim(c, &first, &width);
    for (unsigned y = 0; y < DISPLAY_SIDE && show.column < width; y++)
        bits |= (font_row(c, y) >> (4 - first - show.column) & 1) << y;
    shift_in(bits);
    if (show.column++ >= width) {
        show.column = 0;
        show.at++;
    }
    return true;
}

static void step(void)
{
    if (show.doing == SCROLLING ? next_column() : next_item())
        return;
    show.at = 0;
    show.column = 0;
    if (show.loop)
        return;
    if (show.clear)
        clear();
    show.doing = IDLE;
}

void display_tick(unsigned ms)
{
    if (show.doing == IDLE)
        return;
    show.passed_ms = (uint16_t)(show.passed_ms + ms);
    if (show.passed_ms < show.delay_ms)
        return;
    show.passed_ms = show.delay_ms ? show.passed_ms % show.delay_ms : 0;
    step();
    hal_wake();
}

/* ---- starting ---- */

void display_reset(void)
{
    show.doing = IDLE;
    items = 0;
    clear();
    display_power(true);
}

static void begin(doing_t what, val_t v, intptr_t delay_ms)
{
    if (delay_ms < 0 || delay_ms > 60000)
        raise_value("invalid delay");
    heap_root(&items);
    show.doing = IDLE;
    items = v;
    show.at = show.column = 0;
    show.passed_ms = 0;
    show.delay_ms = (uint16_t)delay_ms;
    if (what == SCROLLING)
        clear();
    else
        step();
    show.doing = (uint8_t)what;
}

/* Until it has come to its end; Ctrl-C and other exceptions stop it. */
static void wait_end(void)
{
    catch_t c;
    if (TRY(c)) {
        while (show.doing != IDLE) {
            vm_poll();
            hal_wait(hal_ticks_ms() + 1000);
        }
        catch_end(&c);
    } else {
        show.doing = IDLE;
        raise(c.exc);
    }
}

/* Pictures that come from an iterator, which may have no end: with waiting only. */
static void show_iterator(val_t iterator, intptr_t delay_ms, bool clear_after)
{
    val_t v;
    while ((v = op_next(iterator)) != V_UNDEF) {
        put_item(v);
        microbit_sleep((uint32_t)delay_ms);
    }
    if (clear_after)
        clear();
}

static val_t display_show(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, VALUE, DELAY, WAIT, LOOP, CLEAR };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(value), ARG_OBJ | ARG_REQUIRED},
        {Q(delay), ARG_INT, {.i = 400}},
        {Q(wait), ARG_BOOL | ARG_KEYWORD, {.b = true}},
        {Q(loop), ARG_BOOL | ARG_KEYWORD, {.b = false}},
        {Q(clear), ARG_BOOL | ARG_KEYWORD, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t v = a[VALUE].v;
    if (is_integer(v) || is_float(v))
        v = op_str(v);
    show.loop = a[LOOP].b;
    show.clear = a[CLEAR].b;
    bool one = is_image(v) || (is_str(v) && str_of(v)->len == 1);
    if (one && !a[LOOP].b && !(is_str(v) && a[CLEAR].b)) {
        show.doing = IDLE;
        put_item(v);
        return V_NONE;
    }
    size_t count;
    const val_t *all;
    if (is_image(v))
        v = tuple_new(1, &v);
    if (!is_str(v) && !seq_items(v, &count, &all)) {
        show.doing = IDLE;
        if (a[WAIT].b && !a[LOOP].b) {
            show_iterator(op_iter(v), a[DELAY].i, a[CLEAR].b);
            return V_NONE;
        }
        v = list_from(v);
    }
    begin(SHOWING, v, a[DELAY].i);
    if (a[WAIT].b)
        wait_end();
    return V_NONE;
}

static val_t display_scroll(unsigned n, unsigned nkw, const val_t *args)
{
    enum { SELF, VALUE, DELAY, WAIT, LOOP, MONOSPACE };
    static const arg_spec_t specs[] = {
        {Q(self), ARG_OBJ | ARG_REQUIRED},
        {Q(value), ARG_OBJ | ARG_REQUIRED},
        {Q(delay), ARG_INT, {.i = 150}},
        {Q(wait), ARG_BOOL | ARG_KEYWORD, {.b = true}},
        {Q(loop), ARG_BOOL | ARG_KEYWORD, {.b = false}},
        {Q(monospace), ARG_BOOL | ARG_KEYWORD, {.b = false}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    val_t text = is_str(a[VALUE].v) ? a[VALUE].v : op_str(a[VALUE].v);
    show.loop = a[LOOP].b;
    show.clear = true;
    show.monospace = a[MONOSPACE].b;
    begin(SCROLLING, text, a[DELAY].i);
    if (a[WAIT].b)
        wait_end();
    return V_NONE;
}

void display_say(val_t text)
{
    show.loop = show.monospace = false;
    show.clear = true;
    begin(SCROLLING, text, 120);
    wait_end();
}

static val_t display_clear(val_t self)
{
    show.doing = IDLE;
    clear();
    return V_NONE;
}

static unsigned place(val_t x, val_t y)
{
    if ((uintptr_t)int_arg(x) >= DISPLAY_SIDE || (uintptr_t)int_arg(y) >= DISPLAY_SIDE)
        raise_value("index out of bounds");
    return (unsigned)(int_of(y) * DISPLAY_SIDE + int_of(x));
}

static val_t display_get_pixel(val_t self, val_t x, val_t y) { return V_INT(display_pixels[place(x, y)]); }

static val_t display_set_pixel(unsigned n, const val_t *args)
{
    intptr_t brightness = int_arg(args[3]);
    if (brightness < 0 || brightness > DISPLAY_BRIGHTEST)
        raise_value("brightness out of bounds");
    display_pixels[place(args[1], args[2])] = (uint8_t)brightness;
    return V_NONE;
}

static val_t display_on(val_t self)
{
    display_power(true);
    return V_NONE;
}

static val_t display_off(val_t self)
{
    display_power(false);
    return V_NONE;
}

static val_t display_is_on_(val_t self) { return V_BOOL(display_is_on()); }

static val_t display_read_light_level(val_t self) { return V_INT(display_light()); }

static const dict_entry_t display_table[] = {
    METHOD_K(show, display_show, 2, 3),
    METHOD_K(scroll, display_scroll, 2, 3),
    METHOD_1(clear, display_clear),
    METHOD_3(get_pixel, display_get_pixel),
    METHOD_V(set_pixel, display_set_pixel, 4, 4),
    METHOD_1(on, display_on),
    METHOD_1(off, display_off),
    METHOD_1(is_on, display_is_on_),
    METHOD_1(read_light_level, display_read_light_level),
};
static const dict_t display_attrs = ROM_DICT(display_table);
static const type_t type_display = {TYPE_HEAD, .name = Q(MicroBitDisplay), .attrs = &display_attrs};
const obj_t microbit_display = {&type_display};
