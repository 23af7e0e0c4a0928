/* SPDX-License-Identifier: MIT
 * microbit_image.c: microbit.Image and the built-in pictures.
 */
#include "microbit.h"

/* ---- built-in ---- */

typedef struct picture { /* as image_t with mono set */
    const type_t *type;
    uint8_t w, h, mono, unused;
    uint32_t dots; /* bit 24 is the upper left one */
} picture_t;

#define PICTURE(name, a, b, c, d, e)                                                                                    \
    static const picture_t picture_##name = {                                                                           \
        &type_Image, 5, 5, 1, 0, 0b##a << 20 | 0b##b << 15 | 0b##c << 10 | 0b##d << 5 | 0b##e};

PICTURE(HEART, 01010, 11111, 11111, 01110, 00100)
PICTURE(HEART_SMALL, 00000, 01010, 01110, 00100, 00000)
PICTURE(HAPPY, 00000, 01010, 00000, 10001, 01110)
PICTURE(SMILE, 00000, 00000, 00000, 10001, 01110)
PICTURE(SAD, 00000, 01010, 00000, 01110, 10001)
PICTURE(CONFUSED, 00000, 01010, 00000, 01010, 10101)
PICTURE(ANGRY, 10001, 01010, 00000, 11111, 10101)
PICTURE(ASLEEP, 00000, 11011, 00000, 01110, 00000)
PICTURE(SURPRISED, 01010, 00000, 00100, 01010, 00100)
PICTURE(SILLY, 10001, 00000, 11111, 00011, 00011)
PICTURE(FABULOUS, 11111, 11011, 00000, 01010, 01110)
PICTURE(MEH, 01010, 00000, 00010, 00100, 01000)
PICTURE(YES, 00000, 00001, 00010, 10100, 01000)
PICTURE(NO, 10001, 01010, 00100, 01010, 10001)
PICTURE(CLOCK12, 00100, 00100, 00100, 00000, 00000)
PICTURE(CLOCK1, 00010, 00010, 00100, 00000, 00000)
PICTURE(CLOCK2, 00000, 00011, 00100, 00000, 00000)
PICTURE(CLOCK3, 00000, 00000, 00111, 00000, 00000)
PICTURE(CLOCK4, 00000, 00000, 00100, 00011, 00000)
PICTURE(CLOCK5, 00000, 00000, 00100, 00010, 00010)
PICTURE(CLOCK6, 00000, 00000, 00100, 00100, 00100)
PICTURE(CLOCK7, 00000, 00000, 00100, 01000, 01000)
PICTURE(CLOCK8, 00000, 00000, 00100, 11000, 00000)
PICTURE(CLOCK9, 00000, 00000, 11100, 00000, 00000)
PICTURE(CLOCK10, 00000, 11000, 00100, 00000, 00000)
PICTURE(CLOCK11, 01000, 01000, 00100, 00000, 00000)
PICTURE(ARROW_N, 00100, 01110, 10101, 00100, 00100)
PICTURE(ARROW_NE, 00111, 00011, 00101, 01000, 10000)
PICTURE(ARROW_E, 00100, 00010, 11111, 00010, 00100)
PICTURE(ARROW_SE, 10000, 01000, 00101, 00011, 00111)
PICTURE(ARROW_S, 00100, 00100, 10101, 01110, 00100)
PICTURE(ARROW_SW, 00001, 00010, 10100, 11000, 11100)
PICTURE(ARROW_W, 00100, 01000, 11111, 01000, 00100)
PICTURE(ARROW_NW, 11100, 11000, 10100, 00010, 00001)
PICTURE(TRIANGLE, 00000, 00100, 01010, 11111, 00000)
PICTURE(TRIANGLE_LEFT, 10000, 11000, 10100, 10010, 11111)
PICTURE(CHESSBOARD, 01010, 10101, 01010, 10101, 01010)
PICTURE(DIAMOND, 00100, 01010, 10001, 01010, 00100)
PICTURE(DIAMOND_SMALL, 00000, 00100, 01010, 00100, 00000)
PICTURE(SQUARE, 11111, 10001, 10001, 10001, 11111)
PICTURE(SQUARE_SMALL, 00000, 01110, 01010, 01110, 00000)
PICTURE(RABBIT, 10100, 10100, 11110, 11010, 11110)
PICTURE(COW, 10001, 10001, 11111, 01110, 00100)
PICTURE(MUSIC_CROTCHET, 00100, 00100, 00100, 11100, 11100)
PICTURE(MUSIC_QUAVER, 00100, 00110, 00101, 11100, 11100)
PICTURE(MUSIC_QUAVERS, 01111, 01001, 01001, 11011, 11011)
PICTURE(PITCHFORK, 10101, 10101, 11111, 00100, 00100)
PICTURE(XMAS, 00100, 01110, 00100, 01110, 11111)
PICTURE(PACMAN, 01111, 11010, 11100, 11110, 01111)
PICTURE(TARGET, 00100, 01110, 11011, 01110, 00100)
PICTURE(TSHIRT, 11011, 11111, 01110, 01110, 01110)
PICTURE(ROLLERSKATE, 00011, 00011, 11111, 11111, 01010)
PICTURE(DUCK, 01100, 11100, 01111, 01110, 00000)
PICTURE(HOUSE, 00100, 01110, 11111, 01110, 01010)
PICTURE(TORTOISE, 00000, 01110, 11111, 01010, 00000)
PICTURE(BUTTERFLY, 11011, 11111, 00100, 11111, 11011)
PICTURE(STICKFIGURE, 00100, 11111, 00100, 01010, 10001)
PICTURE(GHOST, 01110, 10101, 11111, 11111, 10101)
PICTURE(SWORD, 00100, 00100, 00100, 01110, 00100)
PICTURE(GIRAFFE, 11000, 01000, 01000, 01110, 01010)
PICTURE(SKULL, 01110, 10101, 11111, 01110, 01110)
PICTURE(UMBRELLA, 01110, 11111, 00100, 10100, 01100)
PICTURE(SNAKE, 11000, 11011, 01010, 01110, 00000)

unsigned image_pixel(const image_t *image, int x, int y)
{
    if (x < 0 || y < 0 || x >= image->w || y >= image->h)
        return 0;
    if (image->mono)
        return ((const picture_t *)image)->dots >> (24 - 5 * y - x) & 1 ? DISPLAY_BRIGHTEST : 0;
    return image->pixels[y * image->w + x];
}

/* ---- making ---- */

static const image_t *image_of(val_t v) { return (const image_t *)obj_of(v); }

static image_t *image_new(intptr_t w, intptr_t h)
{
    if (w < 0 || h < 0 || w > 255 || h > 255)
        raise_value("image is too large");
    image_t *image = heap_alloc(&type_Image, sizeof *image + (size_t)(w * h));
    image->w = (uint8_t)w;
    image->h = (uint8_t)h;
    return image;
}

static const image_t *image_arg(val_t v)
{
    if (!is_image(v))
        raise_format(&type_TypeError, "expected an Image, not %T", v);
    return image_of(v);
}

static bool ends_row(char c) { return c == ':' || c == '\n'; }

/* "09090:99999": rows of digits; a blank is a 0. */
static val_t image_parse(const char *text, size_t len)
{
    intptr_t w = 0, h = 0, x = 0;
    for (size_t i = 0; i < len; i++) {
        bool ends = ends_row(text[i]);
        if (!ends && text[i] != ' ' && (text[i] < '0' || text[i] > '9'))
            raise_value("unexpected character in Image definition");
        x += !ends;
        w = x > w ? x : w;
        h += ends;
        x = ends ? 0 : x;
    }
    image_t *image = image_new(w, h + (x != 0));
    intptr_t y = 0;
    x = 0;
    for (size_t i = 0; i < len; i++) {
        if (ends_row(text[i])) {
            x = 0;
            y++;
        } else {
            image->pixels[y * w + x++] = text[i] == ' ' ? 0 : (uint8_t)(text[i] - '0');
        }
    }
    return V_OBJ(image);
}

static val_t image_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 0, 3);
    if (n == 0)
        return V_OBJ(image_new(DISPLAY_SIDE, DISPLAY_SIDE));
    if (n == 1) {
        size_t len;
        const char *text = str_arg(args[0], &len);
        return image_parse(text, len);
    }
    image_t *image = image_new(int_arg(args[0]), int_arg(args[1]));
    if (n == 3) {
        buffer_t buf;
        op_buffer(args[2], &buf, false);
        size_t count = (size_t)image->w * image->h;
        if (buf.size != count)
            raise_value("image data is incorrect size");
        for (size_t i = 0; i < count; i++) {
            uint8_t v = ((const uint8_t *)buf.data)[i];
            image->pixels[i] = v > DISPLAY_BRIGHTEST ? DISPLAY_BRIGHTEST : v;
        }
    }
    return V_OBJ(image);
}

/* ---- questions and changes ---- */

static val_t image_width(val_t self) { return V_INT(image_of(self)->w); }
static val_t image_height(val_t self) { return V_INT(image_of(self)->h); }

static void check_place(const image_t *image, intptr_t x, intptr_t y)
{
    if (x < 0 || y < 0)
        raise_value("index cannot be negative");
    if (x >= image->w || y >= image->h)
        raise_value("index too large");
}

static unsigned brightness_arg(val_t v)
{
    intptr_t b = int_arg(v);
    if (b < 0 || b > DISPLAY_BRIGHTEST)
        raise_value("brightness out of bounds");
    return (unsigned)b;
}

static image_t *writable(val_t self)
{
    if (image_of(self)->mono)
        raise_type("image cannot be modified (try copying first)");
    return (image_t *)obj_of(self);
}

static val_t image_get_pixel(val_t self, val_t x, val_t y)
{
    check_place(image_of(self), int_arg(x), int_arg(y));
    return V_INT(image_pixel(image_of(self), (int)int_of(x), (int)int_of(y)));
}

static val_t image_set_pixel(unsigned n, const val_t *args)
{
    image_t *image = writable(args[0]);
    check_place(image, int_arg(args[1]), int_arg(args[2]));
    image->pixels[int_of(args[2]) * image->w + int_of(args[1])] = (uint8_t)brightness_arg(args[3]);
    return V_NONE;
}

static val_t image_fill(val_t self, val_t value)
{
    image_t *image = writable(self);
    memset(image->pixels, (int)brightness_arg(value), (size_t)image->w * image->h);
    return V_NONE;
}

/* A new image of w by h dots, whose dot (0, 0) is (x, y) of this one. */
static val_t part(const image_t *from, intptr_t x, intptr_t y, intptr_t w, intptr_t h)
{
    image_t *image = image_new(w, h);
    for (intptr_t i = 0; i < w * h; i++)
        image->pixels[i] = (uint8_t)image_pixel(from, (int)(x + i % w), (int)(y + i / w));
    return V_OBJ(image);
}

static intptr_t near(val_t v) /* so that sums of places do not overflow */
{
    intptr_t i = int_arg(v);
    return i > 1000 ? 1000 : i < -1000 ? -1000 : i;
}

static val_t image_copy(val_t self) { return part(image_of(self), 0, 0, image_of(self)->w, image_of(self)->h); }

static val_t shifted(val_t self, intptr_t x, intptr_t y)
{
    return part(image_of(self), x, y, image_of(self)->w, image_of(self)->h);
}
static val_t image_shift_left(val_t self, val_t n) { return shifted(self, near(n), 0); }
static val_t image_shift_right(val_t self, val_t n) { return shifted(self, -near(n), 0); }
static val_t image_shift_up(val_t self, val_t n) { return shifted(self, 0, near(n)); }
static val_t image_shift_down(val_t self, val_t n) { return shifted(self, 0, -near(n)); }

static val_t image_crop(unsigned n, const val_t *args)
{
    return part(image_of(args[0]), near(args[1]), near(args[2]), near(args[3]), near(args[4]));
}

static val_t image_invert(val_t self)
{
    image_t *image = (image_t *)obj_of(image_copy(self));
    for (size_t i = 0; i < (size_t)image->w * image->h; i++)
        image->pixels[i] = (uint8_t)(DISPLAY_BRIGHTEST - image->pixels[i]);
    return V_OBJ(image);
}

/* blit(src, x, y, w, h, xdest=0, ydest=0) */
static val_t image_blit(unsigned n, const val_t *args)
{
    image_t *to = writable(args[0]);
    intptr_t at[6] = {0};
    for (unsigned i = 0; i < 6 && i + 2 < n; i++)
        at[i] = near(args[i + 2]);
    if (at[2] < 0 || at[3] < 0)
        raise_value("size cannot be negative");
    const image_t *from = image_of(part(image_arg(args[1]), at[0], at[1], at[2] > 255 ? 255 : at[2], at[3] > 255 ? 255 : at[3]));
    for (int y = 0; y < from->h; y++)
        for (int x = 0; x < from->w; x++)
            if (x + at[4] >= 0 && x + at[4] < to->w && y + at[5] >= 0 && y + at[5] < to->h)
                to->pixels[(y + at[5]) * to->w + x + at[4]] = (uint8_t)image_pixel(from, x, y);
    return V_NONE;
}

/* ---- operators ---- */

static val_t combined(const image_t *a, const image_t *b, op_t op)
{
    if (a->w != b->w || a->h != b->h)
        raise_value("images must be the same size");
    image_t *sum = image_new(a->w, a->h);
    for (int i = 0; i < a->w * a->h; i++) {
        int x = (int)image_pixel(a, i % a->w, i / a->w), y = (int)image_pixel(b, i % a->w, i / a->w);
        int v = op == OP_ADD ? x + y : x - y;
        sum->pixels[i] = (uint8_t)(v < 0 ? 0 : v > DISPLAY_BRIGHTEST ? DISPLAY_BRIGHTEST : v);
    }
    return V_OBJ(sum);
}

static val_t dimmed(const image_t *a, real_t factor)
{
    if (factor < 0)
        raise_value("brightness multiplier must not be negative");
    image_t *image = image_new(a->w, a->h);
    for (int i = 0; i < a->w * a->h; i++) {
        real_t v = (real_t)image_pixel(a, i % a->w, i / a->w) * factor + REAL_C(0.5);
        image->pixels[i] = (uint8_t)(v > DISPLAY_BRIGHTEST ? DISPLAY_BRIGHTEST : (unsigned)v);
    }
    return V_OBJ(image);
}

static bool same(const image_t *a, const image_t *b)
{
    if (a->w != b->w || a->h != b->h)
        return false;
    for (int i = 0; i < a->w * a->h; i++)
        if (image_pixel(a, i % a->w, i / a->w) != image_pixel(b, i % a->w, i / a->w))
            return false;
    return true;
}

static val_t image_binary(op_t op, val_t a, val_t b)
{
    real_t factor;
    op &= OP_MASK | OP_REFLECTED;
    if ((op == OP_ADD || op == OP_SUB) && is_image(a) && is_image(b))
        return combined(image_of(a), image_of(b), op);
    if (op == OP_EQ)
        return is_image(b) ? V_BOOL(same(image_of(a), image_of(b))) : V_UNDEF;
    if (op == OP_MUL && float_try(b, &factor))
        return dimmed(image_of(a), factor);
    if (op == OP_TRUEDIV && float_try(b, &factor)) {
        if (factor == 0)
            raise_text(&type_ZeroDivisionError, "divide by zero");
        return dimmed(image_of(a), 1 / factor);
    }
    return V_UNDEF;
}

static val_t image_unary(unary_t op, val_t self) { return op == UN_HASH ? V_NONE : V_UNDEF; }

static void image_print(out_t *out, val_t self, print_t how)
{
    const image_t *image = image_of(self);
    char row[2] = ":";
    out_text(out, how == PRINT_REPR ? "Image('" : "Image(\n    '");
    for (int y = 0; y < image->h; y++) {
        for (int x = 0; x < image->w; x++) {
            row[0] = (char)('0' + image_pixel(image, x, y));
            out_text(out, row);
        }
        out_text(out, how == PRINT_REPR ? ":" : y == image->h - 1 ? ":'\n" : ":'\n    '");
    }
    out_text(out, how == PRINT_REPR ? "')" : ")");
}

/* ---- tables ---- */

#define CLOCK(n) V_OBJ(&picture_CLOCK##n)
#define ARROW(n) V_OBJ(&picture_ARROW_##n)

static const dict_entry_t image_table[] = {
    METHOD_1(width, image_width),
    METHOD_1(height, image_height),
    METHOD_3(get_pixel, image_get_pixel),
    METHOD_V(set_pixel, image_set_pixel, 4, 4),
    METHOD_2(fill, image_fill),
    METHOD_1(copy, image_copy),
    METHOD_2(shift_left, image_shift_left),
    METHOD_2(shift_right, image_shift_right),
    METHOD_2(shift_up, image_shift_up),
    METHOD_2(shift_down, image_shift_down),
    METHOD_V(crop, image_crop, 5, 5),
    METHOD_1(invert, image_invert),
    METHOD_V(blit, image_blit, 6, 8),
    {VQ(HEART), V_OBJ(&picture_HEART)},
    {VQ(HEART_SMALL), V_OBJ(&picture_HEART_SMALL)},
    {VQ(HAPPY), V_OBJ(&picture_HAPPY)},
    {VQ(SMILE), V_OBJ(&picture_SMILE)},
    {VQ(SAD), V_OBJ(&picture_SAD)},
    {VQ(CONFUSED), V_OBJ(&picture_CONFUSED)},
    {VQ(ANGRY), V_OBJ(&picture_ANGRY)},
    {VQ(ASLEEP), V_OBJ(&picture_ASLEEP)},
    {VQ(SURPRISED), V_OBJ(&picture_SURPRISED)},
    {VQ(SILLY), V_OBJ(&picture_SILLY)},
    {VQ(FABULOUS), V_OBJ(&picture_FABULOUS)},
    {VQ(MEH), V_OBJ(&picture_MEH)},
    {VQ(YES), V_OBJ(&picture_YES)},
    {VQ(NO), V_OBJ(&picture_NO)},
    {VQ(CLOCK12), V_OBJ(&picture_CLOCK12)},
    {VQ(CLOCK1), V_OBJ(&picture_CLOCK1)},
    {VQ(CLOCK2), V_OBJ(&picture_CLOCK2)},
    {VQ(CLOCK3), V_OBJ(&picture_CLOCK3)},
    {VQ(CLOCK4), V_OBJ(&picture_CLOCK4)},
    {VQ(CLOCK5), V_OBJ(&picture_CLOCK5)},
    {VQ(CLOCK6), V_OBJ(&picture_CLOCK6)},
    {VQ(CLOCK7), V_OBJ(&picture_CLOCK7)},
    {VQ(CLOCK8), V_OBJ(&picture_CLOCK8)},
    {VQ(CLOCK9), V_OBJ(&picture_CLOCK9)},
    {VQ(CLOCK10), V_OBJ(&picture_CLOCK10)},
    {VQ(CLOCK11), V_OBJ(&picture_CLOCK11)},
    {VQ(ARROW_N), V_OBJ(&picture_ARROW_N)},
    {VQ(ARROW_NE), V_OBJ(&picture_ARROW_NE)},
    {VQ(ARROW_E), V_OBJ(&picture_ARROW_E)},
    {VQ(ARROW_SE), V_OBJ(&picture_ARROW_SE)},
    {VQ(ARROW_S), V_OBJ(&picture_ARROW_S)},
    {VQ(ARROW_SW), V_OBJ(&picture_ARROW_SW)},
    {VQ(ARROW_W), V_OBJ(&picture_ARROW_W)},
    {VQ(ARROW_NW), V_OBJ(&picture_ARROW_NW)},
    {VQ(TRIANGLE), V_OBJ(&picture_TRIANGLE)},
    {VQ(TRIANGLE_LEFT), V_OBJ(&picture_TRIANGLE_LEFT)},
    {VQ(CHESSBOARD), V_OBJ(&picture_CHESSBOARD)},
    {VQ(DIAMOND), V_OBJ(&picture_DIAMOND)},
    {VQ(DIAMOND_SMALL), V_OBJ(&picture_DIAMOND_SMALL)},
    {VQ(SQUARE), V_OBJ(&picture_SQUARE)},
    {VQ(SQUARE_SMALL), V_OBJ(&picture_SQUARE_SMALL)},
    {VQ(RABBIT), V_OBJ(&picture_RABBIT)},
    {VQ(COW), V_OBJ(&picture_COW)},
    {VQ(MUSIC_CROTCHET), V_OBJ(&picture_MUSIC_CROTCHET)},
    {VQ(MUSIC_QUAVER), V_OBJ(&picture_MUSIC_QUAVER)},
    {VQ(MUSIC_QUAVERS), V_OBJ(&picture_MUSIC_QUAVERS)},
    {VQ(PITCHFORK), V_OBJ(&picture_PITCHFORK)},
    {VQ(XMAS), V_OBJ(&picture_XMAS)},
    {VQ(PACMAN), V_OBJ(&picture_PACMAN)},
    {VQ(TARGET), V_OBJ(&picture_TARGET)},
    {VQ(TSHIRT), V_OBJ(&picture_TSHIRT)},
    {VQ(ROLLERSKATE), V_OBJ(&picture_ROLLERSKATE)},
    {VQ(DUCK), V_OBJ(&picture_DUCK)},
    {VQ(HOUSE), V_OBJ(&picture_HOUSE)},
    {VQ(TORTOISE), V_OBJ(&picture_TORTOISE)},
    {VQ(BUTTERFLY), V_OBJ(&picture_BUTTERFLY)},
    {VQ(STICKFIGURE), V_OBJ(&picture_STICKFIGURE)},
    {VQ(GHOST), V_OBJ(&picture_GHOST)},
    {VQ(SWORD), V_OBJ(&picture_SWORD)},
    {VQ(GIRAFFE), V_OBJ(&picture_GIRAFFE)},
    {VQ(SKULL), V_OBJ(&picture_SKULL)},
    {VQ(UMBRELLA), V_OBJ(&picture_UMBRELLA)},
    {VQ(SNAKE), V_OBJ(&picture_SNAKE)},
    {VQ(ALL_CLOCKS), TUPLE_OBJ(12, CLOCK(12), CLOCK(1), CLOCK(2), CLOCK(3), CLOCK(4), CLOCK(5), CLOCK(6), CLOCK(7), CLOCK(8),
                               CLOCK(9), CLOCK(10), CLOCK(11))},
    {VQ(ALL_ARROWS), TUPLE_OBJ(8, ARROW(N), ARROW(NE), ARROW(E), ARROW(SE), ARROW(S), ARROW(SW), ARROW(W), ARROW(NW))},
};
static const dict_t image_attrs = ROM_DICT(image_table);
const type_t type_Image = {TYPE_HEAD, .name = Q(Image), .attrs = &image_attrs, .flags = T_NO_SUBCLASS, .make = image_make,
                           .binary = image_binary, .unary = image_unary, .print = image_print};
