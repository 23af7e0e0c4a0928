// SPDX-License-Identifier: GPL-2.0-or-later
// The ROM's arithmetic on integers, against the host's.
#include "rom.h"

// Numbers of all sizes, and those near powers of two.
static uint32_t word(GRand *rand)
{
    uint32_t x = g_rand_int(rand) >> g_rand_int_range(rand, 0, 32);
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0: return (1u << g_rand_int_range(rand, 0, 32)) + (uint32_t)g_rand_int_range(rand, -2, 3);
    case 1: return ~x;
    default: return x;
    }
}

typedef uint64_t (*host_t)(uint64_t a, uint64_t b);

// Of two words, or of two pairs.
static void compare(rom_fixture_t *f, uint32_t function, unsigned words, bool divides, host_t host,
                    unsigned batches)
{
    uint64_t mask = words == 1 ? UINT32_MAX : UINT64_MAX;
    for (unsigned batch = 0; batch < batches; batch++) {
        for (unsigned i = 0; i < ROM_BATCH; i++) {
            for (unsigned k = 0; k < 4; k++)
                f->in[i][k] = word(f->rand);
            if (words == 2 && g_rand_boolean(f->rand))
                f->in[i][3] = 0;
            if (divides && f->in[i][words] == 0)
                f->in[i][words] = 1;
        }
        rom_batch(f->r, function, f->in, f->out, ROM_BATCH);
        for (unsigned i = 0; i < ROM_BATCH; i++) {
            uint32_t *in = f->in[i];
            uint64_t a = in[0] | (words == 2 ? (uint64_t)in[1] << 32 : 0);
            uint64_t b = in[words] | (words == 2 ? (uint64_t)in[3] << 32 : 0);
            if ((f->out[i] & mask) != (host(a, b) & mask))
                g_error("%08x(%" G_GINT64_MODIFIER "x, %" G_GINT64_MODIFIER
                        "x): %" G_GINT64_MODIFIER "x, not %" G_GINT64_MODIFIER "x",
                        function, a, b, f->out[i] & mask, host(a, b) & mask);
        }
    }
}

static uint64_t udiv(uint64_t a, uint64_t b) { return a / b; }
static uint64_t umod(uint64_t a, uint64_t b) { return a % b; }
static uint64_t mul(uint64_t a, uint64_t b) { return a * b; }
static uint64_t sdiv32(uint64_t a, uint64_t b)
{
    return (int32_t)a == INT32_MIN && (int32_t)b == -1 ? a : (uint32_t)((int32_t)a / (int32_t)b);
}
static uint64_t sdiv64(uint64_t a, uint64_t b)
{
    return (int64_t)a == INT64_MIN && b == UINT64_MAX ? a : (uint64_t)((int64_t)a / (int64_t)b);
}

static void words(rom_fixture_t *f, gconstpointer data)
{
    compare(f, 0x4000E21C, 1, true, udiv, 100);
    compare(f, 0x4000E268, 1, true, umod, 100);
    compare(f, 0x4000DC88, 1, true, sdiv32, 100);
}

static void pairs(rom_fixture_t *f, gconstpointer data)
{
    compare(f, 0x40000650, 2, false, mul, 100);
    compare(f, 0x4000D310, 2, true, udiv, 50);
    compare(f, 0x4000D770, 2, true, umod, 50);
    compare(f, 0x4000CE60, 2, true, sdiv64, 50);
}

static void product(rom_fixture_t *f, gconstpointer data)
{
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t a = word(f->rand), b = word(f->rand);
        g_assert_cmphex(rom_call(f->r, 0x4000DCF0, 2, a, b), ==, (uint64_t)a * b);
    }
}

// Cycles of a call: a promise.
static void cycles(rom_fixture_t *f, gconstpointer data)
{
    static const struct {
        const char *name;
        uint32_t function, in[4];
        unsigned most;
    } rows[] = {
        {"1234 / 10", 0x4000E21C, {1234, 10}, 75},
        {"4e9 / 3", 0x4000E21C, {4000000000, 3}, 195},
        {"1e12 / 1000", 0x4000D310, {0xD4A51000, 0xE8, 1000, 0}, 510},
        {"1e18 / 1e6", 0x4000D310, {0xA7640000, 0xDE0B6B3, 1000000, 0}, 680},
    };
    for (unsigned k = 0; k < G_N_ELEMENTS(rows); k++) {
        for (unsigned i = 0; i < ROM_BATCH; i++)
            memcpy(f->in[i], rows[k].in, 16);
        uint64_t n = rom_batch(f->r, rows[k].function, f->in, f->out, ROM_BATCH) / ROM_BATCH - 18;
        g_test_message("%s: %u cycles", rows[k].name, (unsigned)n);
        g_assert_cmpuint(n, <=, rows[k].most);
    }
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    rom_file = argv[1];
    static const struct {
        const char *name;
        void (*test)(rom_fixture_t *, gconstpointer);
    } tests[] = {
        {"/rom/int/words", words}, {"/rom/int/pairs", pairs}, {"/rom/int/product", product},
                 {"/rom/int/cycles", cycles}};
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, rom_fixture_t, NULL, rom_set_up, tests[i].test, rom_tear_down);
    return g_test_run();
}
