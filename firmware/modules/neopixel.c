/* SPDX-License-Identifier: MIT
 * neopixel.c: the module neopixel: a strip of WS2812 lights on a pin, three or four colours each.
 */
#include "neopixel.h"

typedef struct strip {
    const type_t *type;
    uint32_t n;
    uint8_t pin, bpp;
    bool slow;         /* 400 kHz */
    uint8_t colours[]; /* green, red, blue (, white), as the lights want them */
} strip_t;

static const type_t type_NeoPixel;
static strip_t *strip_of(val_t self) { return (strip_t *)obj_of(self); }

static val_t strip_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    enum { PIN, COUNT, BPP, TIMING };
    static const arg_spec_t specs[] = {
        {Q(pin), ARG_OBJ | ARG_REQUIRED},
        {Q(n), ARG_INT | ARG_REQUIRED},
        {Q(bpp), ARG_INT, {.i = 3}},
        {Q(timing), ARG_INT, {.i = 1}},
    };
    arg_t a[COUNT_OF(specs)];
    args_parse(n, nkw, args, COUNT_OF(specs), specs, a);
    if (a[COUNT].i <= 0 || a[COUNT].i > 4000 || a[BPP].i < 3 || a[BPP].i > 4)
        raise_value("invalid number of pixels");
    unsigned pin = neopixel_pin(a[PIN].v);
    strip_t *s = heap_alloc(type, sizeof *s + (size_t)(a[BPP].i * a[COUNT].i));
    s->pin = (uint8_t)pin;
    s->n = (uint32_t)a[COUNT].i;
    s->bpp = (uint8_t)a[BPP].i;
    s->slow = !a[TIMING].i;
    return V_OBJ(s);
}

static const uint8_t order[4] = {1, 0, 2, 3};

static const char bad_colours[] = "expected 3 or 4 colours, 0 to 255";

static void set_colours(strip_t *s, uint8_t *c, val_t value)
{
    size_t n;
    const val_t *v;
    if (!seq_items(value, &n, &v) || n != s->bpp)
        raise_value(bad_colours);
    for (unsigned i = 0; i < s->bpp; i++)
        if ((uintptr_t)int_arg(v[i]) > 255)
            raise_value(bad_colours);
    for (unsigned i = 0; i < s->bpp; i++)
        c[order[i]] = (uint8_t)int_of(v[i]);
}

static val_t strip_index(val_t self, val_t key, val_t value)
{
    strip_t *s = strip_of(self);
    uint8_t *c = s->colours + s->bpp * index_resolve(key, s->n, "NeoPixel");
    if (value == V_NOTIMPLEMENTED)
        raise_type("pixels cannot be deleted");
    if (!value) {
        val_t colours[4];
        for (unsigned i = 0; i < s->bpp; i++)
            colours[i] = V_INT(c[order[i]]);
        return tuple_new(s->bpp, colours);
    }
    set_colours(s, c, value);
    return V_NONE;
}

static val_t strip_unary(unary_t op, val_t self) { return op == UN_LEN ? V_INT(strip_of(self)->n) : V_UNDEF; }

static val_t strip_show(val_t self)
{
    strip_t *s = strip_of(self);
    unsigned slow = s->slow;
    const uint32_t timing_ns[4] = {400u << slow, 850u << slow, 800u << slow, 450u << slow};
    hal_bitstream(s->pin, timing_ns, s->colours, s->bpp * s->n);
    hal_delay_us(60); /* the lights take over what they have */
    return V_NONE;
}

static val_t strip_fill(val_t self, val_t value)
{
    strip_t *s = strip_of(self);
    for (uint32_t i = 0; i < s->n; i++)
        set_colours(s, s->colours + i * s->bpp, value);
    return V_NONE;
}

static val_t strip_clear(val_t self)
{
    memset(strip_of(self)->colours, 0, strip_of(self)->bpp * strip_of(self)->n);
    return strip_show(self);
}

static const dict_entry_t strip_table[] = {
    METHOD_1(show, strip_show),
    METHOD_1(write, strip_show),
    METHOD_1(clear, strip_clear),
    METHOD_2(fill, strip_fill),
};
static const dict_t strip_attrs = ROM_DICT(strip_table);
static const type_t type_NeoPixel = {TYPE_HEAD, .name = Q(NeoPixel), .attrs = &strip_attrs, .make = strip_make,
                                     .index = strip_index, .unary = strip_unary};

static const dict_entry_t neopixel_table[] = {{VQ(NeoPixel), V_OBJ(&type_NeoPixel)}};
MODULE(neopixel, neopixel_table);
