// SPDX-License-Identifier: GPL-2.0-or-later
// The journal of a flash disk (firmware/fs/journal.c) on a flash in memory whose supply fails at random moments, in the
// middle of erases and programs, also while the journal is mounted: a group is there as a whole or not at all.
#include "journal.h"

#include <glib.h>
#include <string.h>

enum { SECTOR = JOURNAL_SECTOR, SECTORS = 24, FIRST = JOURNAL_SIZE, END = FIRST + SECTORS * SECTOR };

typedef struct bench {
    uint8_t flash[END];
    uint8_t now[SECTORS][SECTOR], next[SECTORS][SECTOR]; // what the disk holds; and will, when the group is complete
    GRand *rand;
    int64_t steps_left; // then the supply fails, in the middle of a step; negative: never
    bool off;
    unsigned erases;
} bench_t;

// 0: goes on; 1: the power goes in the middle of this; 2: it has gone.
static int power(bench_t *b)
{
    if (b->off)
        return 2;
    b->off = b->steps_left == 0;
    b->steps_left -= b->steps_left > 0;
    return b->off;
}

static bool flash_read(void *context, uint32_t address, void *to, uint32_t len)
{
    bench_t *b = context;
    g_assert_cmpuint(address + len, <=, END);
    memcpy(to, b->flash + address, len);
    return !b->off;
}

static bool flash_program(void *context, uint32_t address, const void *from, uint32_t len)
{
    bench_t *b = context;
    int how = power(b);
    g_assert_cmpuint(address / 256, ==, (address + len - 1) / 256);
    uint32_t done = how == 0 ? len : how == 1 ? (uint32_t)g_rand_int_range(b->rand, 0, (int)len + 1) : 0;
    for (uint32_t i = 0; i < done; i++)
        b->flash[address + i] &= ((const uint8_t *)from)[i];
    return how == 0;
}

static bool flash_erase(void *context, uint32_t address)
{
    bench_t *b = context;
    int how = power(b);
    g_assert_cmpuint(address % SECTOR, ==, 0);
    b->erases++;
    for (uint32_t page = address; how < 2 && page < address + SECTOR; page += 256) {
        int kind = how == 0 ? 1 : g_rand_int_range(b->rand, 0, 3);
        for (uint32_t i = page; kind && i < page + 256; i++)
            b->flash[i] = kind == 1 ? 0xFF : (uint8_t)g_rand_int(b->rand);
    }
    return how == 0;
}

static void mount(bench_t *b, journal_t *j)
{
    journal_flash_t flash = {b, 0, FIRST, END, flash_read, flash_program, flash_erase};
    journal_mount(j, &flash);
}

static bool holds(const bench_t *b, const journal_t *j, const uint8_t (*what)[SECTOR])
{
    for (unsigned i = 0; i < SECTORS; i++)
        if (memcmp(b->flash + journal_find(j, FIRST + i * SECTOR), what[i], SECTOR) != 0)
            return false;
    return true;
}

// Some sectors, some of them twice, that are seen at once. False: the power has gone.
static bool write_group(bench_t *b, journal_t *j, unsigned count)
{
    uint32_t data[SECTOR / 4];
    memcpy(b->next, b->now, sizeof b->next);
    for (unsigned i = 0; i < count; i++) {
        unsigned n = (unsigned)g_rand_int_range(b->rand, 0, SECTORS);
        memset(data, 0xFF, sizeof data);
        for (unsigned k = 0; k < SECTOR / 4; k += (unsigned)g_rand_int_range(b->rand, 1, 600))
            data[k] = g_rand_int(b->rand);
        memcpy(b->next[n], data, SECTOR);
        if (!journal_put(j, FIRST + n * SECTOR, data))
            return false;
        g_assert_cmpmem(b->flash + journal_find(j, FIRST + n * SECTOR), SECTOR, data, SECTOR);
    }
    if (!journal_commit(j))
        return false;
    memcpy(b->now, b->next, sizeof b->now);
    return true;
}

static bench_t *bench_new(uint32_t seed)
{
    bench_t *b = g_new0(bench_t, 1);
    b->rand = g_rand_new_with_seed(seed);
    b->steps_left = -1;
    memset(b->flash, 0xFF, FIRST);
    memset(b->now, 0, sizeof b->now);
    return b;
}

static void bench_free(bench_t *b)
{
    g_rand_free(b->rand);
    g_free(b);
}

static void test_plain(void)
{
    bench_t *b = bench_new(1);
    journal_t j;
    mount(b, &j);
    for (unsigned i = 0; i < 300; i++) {
        g_assert_true(write_group(b, &j, (unsigned)g_rand_int_range(b->rand, 0, 40))); // also more than one group
        g_assert_true(holds(b, &j, b->now));
        unsigned erases = b->erases;
        if (i % 7 == 0)
            mount(b, &j);
        g_assert_cmpuint(b->erases, ==, erases); // nothing was left to do
    }
    bench_free(b);
}

static void test_cuts(void)
{
    unsigned olds = 0, news = 0;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        bench_t *b = bench_new(seed);
        journal_t j;
        mount(b, &j);
        for (unsigned i = 0; i < 100; i++) {
            b->steps_left = g_rand_int_range(b->rand, 0, 600);
            while (write_group(b, &j, (unsigned)g_rand_int_range(b->rand, 1, JOURNAL_SPARES + 1))) {
            }
            while (g_rand_int_range(b->rand, 0, 3) == 0) { // it goes again while this one is put right
                b->off = false;
                b->steps_left = g_rand_int_range(b->rand, 0, 60);
                mount(b, &j);
            }
            b->off = false;
            b->steps_left = -1;
            mount(b, &j);
            bool is_new = holds(b, &j, b->next);
            g_assert_true(is_new || holds(b, &j, b->now));
            news += is_new;
            olds += !is_new;
            if (is_new)
                memcpy(b->now, b->next, sizeof b->now);
        }
        bench_free(b);
    }
    g_test_message("%u old, %u new", olds, news);
    g_assert_cmpuint(olds, >, 500);
    g_assert_cmpuint(news, >, 500);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal/plain", test_plain);
    g_test_add_func("/journal/cuts", test_cuts);
    return g_test_run();
}
