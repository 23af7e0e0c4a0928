// SPDX-License-Identifier: GPL-2.0-or-later
// The ROM's floating point against the host's, bit by bit; no number is only required to be no
// number, and quiet.
#include "rom.h"
#include <math.h>

typedef union single {
    uint32_t bits;
    float f;
} single_t;
typedef union number {
    uint64_t bits;
    double f;
} number_t;

// Any bits; special values; near others, so that differences and halves are hit.
static uint64_t bits(GRand *rand, unsigned exponent_bits, unsigned fraction_bits, uint64_t other)
{
    uint64_t x = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
    uint64_t sign = x >> 63 << (exponent_bits + fraction_bits),
             fraction = (UINT64_C(1) << fraction_bits) - 1;
    uint64_t top = ((UINT64_C(1) << exponent_bits) - 1) << fraction_bits, bias = top >> 1 & top;
    switch (g_rand_int_range(rand, 0, 12)) {
    case 0: return sign;
    case 1: return sign | top;
    case 2: return sign | top | (x & fraction);
    case 3:
        return sign | (x & fraction) >> g_rand_int_range(rand, 0, (int)fraction_bits); // denormal
    case 4: return other ^ (x & 7);
    case 5: return sign | (other + ((uint64_t)g_rand_int_range(rand, -60, 60) << fraction_bits));
    case 6:
        return sign | (bias + ((uint64_t)g_rand_int_range(rand, -40, 80) << fraction_bits)) |
               (x & fraction & x << 20);
    case 7: return sign | (top - ((x & 3) << fraction_bits)) | (x >> 8 & fraction);
    case 8: return sign | bias | (fraction & ~(x & 7));
    case 9:
        return sign | (bias + ((uint64_t)g_rand_int_range(rand, -30, 30) << fraction_bits)) |
               (x & fraction);
    default: return x >> (63 - exponent_bits - fraction_bits);
    }
}
static uint32_t single(GRand *rand, uint32_t other) { return (uint32_t)bits(rand, 8, 23, other); }
static uint64_t number(GRand *rand, uint64_t other) { return bits(rand, 11, 52, other); }

typedef enum { ONE, TWO } shape_t; // words of an operand and of the result
typedef struct row {
    const char *name;
    uint32_t function;
    shape_t from, to;
    unsigned operands;
    bool to_int;
    uint64_t (*host)(uint64_t a, uint64_t b);
} row_t;

#define S(x) ((single_t){.bits = (uint32_t)(x)}.f)
#define D(x) ((number_t){.bits = (x)}.f)
#define OF_S(x) ((single_t){.f = (x)}.bits)
#define OF_D(x) ((number_t){.f = (x)}.bits)
static uint64_t adds(uint64_t a, uint64_t b) { return OF_S(S(a) + S(b)); }
static uint64_t subs(uint64_t a, uint64_t b) { return OF_S(S(a) - S(b)); }
static uint64_t muls(uint64_t a, uint64_t b) { return OF_S(S(a) * S(b)); }
static uint64_t addd(uint64_t a, uint64_t b) { return OF_D(D(a) + D(b)); }
static uint64_t subd(uint64_t a, uint64_t b) { return OF_D(D(a) - D(b)); }
static uint64_t muld(uint64_t a, uint64_t b) { return OF_D(D(a) * D(b)); }
static uint64_t divd(uint64_t a, uint64_t b) { return OF_D(D(a) / D(b)); }
static uint64_t to_s(uint64_t a, uint64_t b) { return OF_S((float)D(a)); }
static uint64_t to_d(uint64_t a, uint64_t b) { return OF_D((double)S(a)); }
static uint64_t of_u(uint64_t a, uint64_t b) { return OF_S((float)(uint32_t)a); }
static uint64_t of_i(uint64_t a, uint64_t b) { return OF_S((float)(int32_t)a); }
static uint64_t of_ud(uint64_t a, uint64_t b) { return OF_D((double)(uint32_t)a); }
static uint64_t of_id(uint64_t a, uint64_t b) { return OF_D((double)(int32_t)a); }
// What is out of range becomes the nearest there is, but a negative number for which there are 32
// bits wraps round.
static uint64_t unsigned_of(double x)
{
    if (isnan(x) || x >= 4294967296.0)
        return UINT32_MAX;
    return x <= -4294967296.0 ? 0x80000000u : (uint32_t)(int64_t)x;
}
static uint64_t fix_us(uint64_t a, uint64_t b) { return unsigned_of((double)S(a)); }
static uint64_t fix_ud(uint64_t a, uint64_t b) { return unsigned_of(D(a)); }
static uint64_t fix_d(uint64_t a, uint64_t b)
{
    double x = D(a);
    return isnan(x) || x >= 2147483648.0 ? INT32_MAX
           : x <= -2147483649.0          ? 0x80000000u
                                         : (uint32_t)(int32_t)x;
}

static const row_t rows[] = {
    {"__addsf3", 0x4000C180, ONE, ONE, 2, false, adds},
    {"__subsf3", 0x4000C268, ONE, ONE, 2, false, subs},
    {"__mulsf3", 0x4000C3DC, ONE, ONE, 2, false, muls},
    {"__adddf3", 0x4000C538, TWO, TWO, 2, false, addd},
    {"__subdf3", 0x4000C688, TWO, TWO, 2, false, subd},
    {"__muldf3", 0x4000C8F0, TWO, TWO, 2, false, muld},
    {"__divdf3", 0x4000CB94, TWO, TWO, 2, false, divd},
    {"__truncdfsf2", 0x4000CD5C, TWO, ONE, 1, false, to_s},
    {"__extendsfdf2", 0x4000CDFC, ONE, TWO, 1, false, to_d},
    {"__fixunssfsi", 0x4000C4C4, ONE, ONE, 1, true, fix_us},
    {"__fixdfsi", 0x4000CCB8, TWO, ONE, 1, true, fix_d},
    {"__fixunsdfsi", 0x4000CD00, TWO, ONE, 1, true, fix_ud},
};

static bool same(const row_t *row, uint64_t is, uint64_t want)
{
    if (is == want)
        return true;
    if (row->to_int)
        return false;
    if (row->to == ONE)
        return isnan(S(is)) && isnan(S(want)) && is >> 22 & 1;
    return isnan(D(is)) && isnan(D(want)) && is >> 51 & 1;
}

static void compare(rom_fixture_t *f, const row_t *row)
{
    uint64_t mask = row->to == ONE ? UINT32_MAX : UINT64_MAX;
    for (unsigned i = 0; i < ROM_BATCH; i++) {
        uint64_t a, b;
        if (row->from == ONE) {
            a = single(f->rand, 0x3F800000);
            b = single(f->rand, (uint32_t)a);
            f->in[i][0] = (uint32_t)a, f->in[i][1] = (uint32_t)b;
        } else {
            a = row->to == ONE && g_rand_boolean(f->rand)
                    ? OF_D((double)S(single(f->rand, 0))) ^ (g_rand_int(f->rand) & 1)
                    : number(f->rand, UINT64_C(0x3FF0000000000000));
            b = number(f->rand, a);
            memcpy(f->in[i], &a, 8);
            memcpy(f->in[i] + 2, &b, 8);
        }
    }
    rom_batch(f->r, row->function, f->in, f->out, ROM_BATCH);
    for (unsigned i = 0; i < ROM_BATCH; i++) {
        uint64_t a = f->in[i][0], b = f->in[i][1], is = f->out[i] & mask;
        if (row->from == TWO) {
            memcpy(&a, f->in[i], 8);
            memcpy(&b, f->in[i] + 2, 8);
        }
        uint64_t want = row->host(a, b);
        if (!same(row, is, want))
            g_error("%s(%" G_GINT64_MODIFIER "x, %" G_GINT64_MODIFIER "x): %" G_GINT64_MODIFIER
                    "x, not %" G_GINT64_MODIFIER "x",
                    row->name, a, b, is, want);
    }
}

static void all(rom_fixture_t *f, gconstpointer data)
{
    for (unsigned i = 0; i < 150; i++)
        compare(f, data);
}

static void of_int(rom_fixture_t *f, gconstpointer data)
{
    static const row_t from_int[] = {
        {"__floatunsisf", 0x4000E2A4, ONE, ONE, 1, false, of_u},
        {"__floatsisf", 0x4000E2AC, ONE, ONE, 1, false, of_i},
        {"__floatunsidf", 0x4000E2E8, ONE, TWO, 1, false, of_ud},
        {"__floatsidf", 0x4000E2F0, ONE, TWO, 1, false, of_id},
    };
    for (unsigned k = 0; k < G_N_ELEMENTS(from_int); k++)
        for (unsigned batch = 0; batch < 50; batch++) {
            for (unsigned i = 0; i < ROM_BATCH; i++) {
                uint32_t x = g_rand_int(f->rand) >> g_rand_int_range(f->rand, 0, 32);
                f->in[i][0] = i < 2 ? i - 1 : x & 1 ? x : -x;
            }
            rom_batch(f->r, from_int[k].function, f->in, f->out, ROM_BATCH);
            for (unsigned i = 0; i < ROM_BATCH; i++) {
                uint64_t is = from_int[k].to == ONE ? (uint32_t)f->out[i] : f->out[i];
                g_assert_cmphex(is, ==, from_int[k].host(f->in[i][0], 0));
            }
        }
}

// Cycles of a call with ordinary numbers, without the loop around it: a promise.
static void cycles(rom_fixture_t *f, gconstpointer data)
{
    static const struct {
        unsigned row, most;
    } promised[] = {{0, 55}, {1, 58}, {2, 57}, {3, 86}, {4, 89}, {5, 127}, {6, 320}};
    for (unsigned k = 0; k < G_N_ELEMENTS(promised); k++) {
        const row_t *row = &rows[promised[k].row];
        for (unsigned i = 0; i < ROM_BATCH; i++) {
            double a = g_rand_double_range(f->rand, -1000, 1000),
                   b = g_rand_double_range(f->rand, -1000, 1000);
            if (row->from == ONE) {
                f->in[i][0] = OF_S((float)a), f->in[i][1] = OF_S((float)b);
            } else {
                memcpy(f->in[i], &a, 8);
                memcpy(f->in[i] + 2, &b, 8);
            }
        }
        uint64_t n = rom_batch(f->r, row->function, f->in, f->out, ROM_BATCH) / ROM_BATCH - 18;
        g_test_message("%s: %u cycles", row->name, (unsigned)n);
        g_assert_cmpuint(n, <=, promised[k].most);
    }
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/rom/float/%s", rows[i].name);
        g_test_add(path, rom_fixture_t, &rows[i], rom_set_up, all, rom_tear_down);
    }
    g_test_add("/rom/float/of-int", rom_fixture_t, NULL, rom_set_up, of_int, rom_tear_down);
    g_test_add("/rom/float/cycles", rom_fixture_t, NULL, rom_set_up, cycles, rom_tear_down);
    return g_test_run();
}
