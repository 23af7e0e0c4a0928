/* SPDX-License-Identifier: MIT
 * neopixel.c: the module neopixel: a strip of WS2812 lights on a pin of the micro:bit.
 */
#include "microbit.h"

typedef struct strip {
    const type_t *type;
    const edge_pin_t *pin;
    uintptr_t n;
    uint8_t colours[]; /* green, red, blue, as the lights want them */
} strip_t;

static const type_t type_NeoPixel;
static strip_t *strip_of(val_t self) { return (strip_t *)obj_of(self); }

static val_t strip_make(const type_t *type, unsigned n, unsigned nkw, const val_t *args)
{
    args_check(n, nkw, 2, 2);
    const edge_pin_t *pin = edge_pin_arg(args[0]);
    intptr_t count = int_arg(args[1]);
    if (count <= 0 || count > 4000)
        raise_value("invalid number of pixels");
    strip_t *s = heap_alloc(type, sizeof *s + 3 * (size_t)count);
    s->pin = pin;
    s->n = (uintptr_t)count;
    hal_pin_write(pin->pin, false);
    edge_pin_use(pin, PIN_WRITE_DIGITAL);
    return V_OBJ(s);
}

static val_t strip_index(val_t self, val_t key, val_t value)
{
    strip_t *s = strip_of(self);
    uint8_t *c = s->colours + 3 * index_resolve(key, s->n, "NeoPixel");
    if (value == V_NOTIMPLEMENTED)
        raise_type("pixels cannot be deleted");
    if (!value) {
        const val_t rgb[3] = {V_INT(c[1]), V_INT(c[0]), V_INT(c[2])};
        return tuple_new(3, rgb);
    }
    size_t n;
    const val_t *v;
    static const uint8_t order[3] = {1, 0, 2};
    if (!seq_items(value, &n, &v) || n != 3)
        raise_value("expected 3 colours");
    for (unsigned i = 0; i < 3; i++)
        if ((uintptr_t)int_arg(v[i]) > 255)
            raise_value("colours must be 0 to 255");
    for (unsigned i = 0; i < 3; i++)
        c[order[i]] = (uint8_t)int_of(v[i]);
    return V_NONE;
}

static val_t strip_unary(unary_t op, val_t self) { return op == UN_LEN ? V_INT(strip_of(self)->n) : V_UNDEF; }

static val_t strip_show(val_t self)
{
    static const uint32_t timing_ns[4] = {400, 850, 800, 450};
    strip_t *s = strip_of(self);
    hal_bitstream(s->pin->pin, timing_ns, s->colours, 3 * s->n);
    hal_delay_us(60); /* the lights take over what they have */
    return V_NONE;
}

static val_t strip_clear(val_t self)
{
    memset(strip_of(self)->colours, 0, 3 * strip_of(self)->n);
    return strip_show(self);
}

static const dict_entry_t strip_table[] = {
    METHOD_1(show, strip_show),
    METHOD_1(write, strip_show),
    METHOD_1(clear, strip_clear),
};
static const dict_t strip_attrs = ROM_DICT(strip_table);
static const type_t type_NeoPixel = {TYPE_HEAD, .name = Q(NeoPixel), .attrs = &strip_attrs, .make = strip_make,
                                     .index = strip_index, .unary = strip_unary};

static const dict_entry_t neopixel_table[] = {{VQ(NeoPixel), V_OBJ(&type_NeoPixel)}};
MODULE(neopixel, neopixel_table);
