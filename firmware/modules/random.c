/* SPDX-License-Identifier: MIT
 * random.c: the module random: xorshift (Marsaglia 2003) with 64 bits of state (adder.random, 0: not
 * seeded yet), seeded by the port's random numbers.
 */
#include "args.h"
#include "heap.h"
#include "module.h"
#include "ports/hal.h"
#include "state.h"

static uint32_t next(void) {
    if (!adder.random)
        adder.random = (uint64_t)hal_random() << 32 | hal_random() | 1;
    adder.random ^= adder.random << 13;
    adder.random ^= adder.random >> 7;
    adder.random ^= adder.random << 17;
    return (uint32_t)((adder.random * 0x2545f4914f6cdd1du) >> 32);
}

static val_t bits(size_t n) {
    uint8_t bytes[8];
    str_t *s = NULL;
    uint8_t *p = bytes;
    size_t size = (n + 7) / 8;
    if (size > sizeof bytes) {
        s = str_alloc(&type_bytes, size);
        p = (uint8_t *)s->data;
    }
    for (size_t i = 0; i < size; i++)
        p[i] = (uint8_t)(next() >> 24);
    if (n % 8)
        p[size - 1] &= (uint8_t)((1u << n % 8) - 1);
    return int_from_bytes(p, size, false, false);
}

/* 0 .. n-1, every one equally likely */
static val_t below(val_t n) {
    val_t len = call_method(n, Q(bit_length), 0, NULL);
    for (;;) {
        val_t v = bits((size_t)int_of(len));
        if (int_binary(OP_LT, v, n) == V_TRUE)
            return v;
    }
}
static size_t index_below(size_t n) { return (size_t)int_of(below(V_INT(n))); }

static val_t random_getrandbits(val_t n) {
    intptr_t k = int_arg(n);
    if (k < 0)
        raise_value("number of bits must be non-negative");
    return k ? bits((size_t)k) : V_INT(0);
}

static val_t random_seed(unsigned n, const val_t *args) {
    adder.random = 0;
    if (n && args[0] != V_NONE) {
        uint32_t h = is_integer(args[0]) ? uint32_arg(args[0]) : op_hash(args[0]);
        adder.random = ((uint64_t)h * 0x9e3779b97f4a7c15u ^ 0x6a09e667f3bcc909u) | 1;
        for (int i = 0; i < 8; i++)
            next();
    }
    return V_NONE;
}

static real_t fraction(void) {
    uint64_t m = (uint64_t)next() << 32 | next();
    int n = ADDER_DOUBLE ? 53 : 24;
    return (real_t)(m >> (64 - n)) / (real_t)((uint64_t)1 << n);
}
static val_t random_random(void) { return float_new(fraction()); }
static val_t random_uniform(val_t a, val_t b) {
    real_t x = float_arg(a), y = float_arg(b);
    return float_new(x + (y - x) * fraction());
}

static val_t random_randrange(unsigned n, const val_t *args) {
    val_t start = n > 1 ? args[0] : V_INT(0), stop = n > 1 ? args[1] : args[0], step = n > 2 ? args[2] : V_INT(1);
    val_t width = int_binary(OP_SUB, stop, start);
    if (!width || !is_integer(step))
        raise_type("integers are needed");
    if (int_sign(step) == 0)
        raise_value("zero step");
    /* how many: ceil(width / step) */
    val_t count = int_unary(UN_NEG, int_binary(OP_FLOORDIV, int_unary(UN_NEG, width), step));
    if (int_sign(count) <= 0)
        raise_value("empty range");
    return int_binary(OP_ADD, start, int_binary(OP_MUL, step, below(count)));
}
static val_t random_randint(val_t a, val_t b) {
    const val_t args[] = {a, op_binary(OP_ADD, b, V_INT(1))};
    return random_randrange(2, args);
}

static val_t random_choice(val_t seq) {
    size_t n = op_len(seq);
    if (!n)
        raise_text(&type_IndexError, "empty sequence");
    return op_get_item(seq, V_INT(index_below(n)));
}
static val_t random_shuffle(val_t seq) {
    for (size_t i = op_len(seq); i > 1; i--) {
        val_t a = V_INT(i - 1), b = V_INT(index_below(i));
        val_t t = op_get_item(seq, a);
        op_set_item(seq, a, op_get_item(seq, b));
        op_set_item(seq, b, t);
    }
    return V_NONE;
}
static val_t random_sample(val_t seq, val_t count) {
    list_t *l = list_of(list_from(seq));
    intptr_t k = int_arg(count);
    if (k < 0 || (size_t)k > l->n)
        raise_value("sample larger than population or negative");
    for (size_t i = 0; i < (size_t)k; i++) {
        size_t j = i + index_below(l->n - i);
        val_t t = l->items->v[i];
        l->items->v[i] = l->items->v[j];
        l->items->v[j] = t;
    }
    list_resize(l, (size_t)k);
    return V_OBJ(l);
}

static const dict_entry_t random_table[] = {
    {VQ(__name__), VQ(random)},
    FUNC_V(seed, random_seed, 0, 1),
    FUNC_1(getrandbits, random_getrandbits),
    FUNC_0(random, random_random),
    FUNC_2(uniform, random_uniform),
    FUNC_V(randrange, random_randrange, 1, 3),
    FUNC_2(randint, random_randint),
    FUNC_1(choice, random_choice),
    FUNC_1(shuffle, random_shuffle),
    FUNC_2(sample, random_sample),
};
MODULE(random, random_table);
