// SPDX-License-Identifier: GPL-2.0-or-later
// The log of a flash disk (firmware/fs/disk_log.c) on a flash in memory whose supply fails at random moments, in the
// middle of words and of erases: what was written before is there, a group as a whole or not at all.
#include "disk_log.h"

#include <glib.h>
#include <string.h>

enum { BLOCKS = DISK_LOG_BLOCKS, BLOCK = DISK_LOG_BLOCK, LOG_BYTES = DISK_LOG_SECTORS * DISK_LOG_SECTOR };

typedef enum { ANYWHERE, IN_ERASE, AFTER_ERASE, JUST_DONE } when_t;

typedef struct bench {
    uint8_t *home, *log;
    GRand *rand;
    int64_t steps_left; // then the supply fails, in the middle of a step; negative: never
    bool off;
    when_t when; // the next erase is cut; something soon after it; what comes behind the end of a group
    unsigned erases, programs, erases_cut;
    uint8_t (*now)[BLOCK]; // what the disk holds
    uint8_t (*next)[BLOCK]; // and what it will, when the group that is being written is complete
} bench_t;

static bool power_goes(bench_t *b)
{
    if (b->off)
        return true;
    b->off = b->steps_left == 0;
    b->steps_left -= b->steps_left > 0;
    return b->off;
}

static bool program(void *context, uint32_t offset, const uint32_t *words, uint32_t count)
{
    bench_t *b = context;
    g_assert_cmpuint(offset % 4, ==, 0);
    g_assert_cmpuint(offset + count * 4, <=, LOG_BYTES);
    uint32_t *to = (uint32_t *)(void *)(b->log + offset);
    for (uint32_t i = 0; i < count; i++) {
        bool was_off = b->off;
        g_assert_cmphex(to[i], ==, 0xFFFFFFFF); // each word once between erases
        b->programs++;
        if (power_goes(b)) {
            if (!was_off)
                to[i] &= words[i] | g_rand_int(b->rand);
            return false;
        }
        to[i] &= words[i];
    }
    bool record = count == 4 && offset % DISK_LOG_SECTOR >= 128, last = words[0] >> 16 && words[1];
    b->off |= b->when == JUST_DONE && record && last;
    return !b->off;
}

static bool erase(void *context, unsigned sector)
{
    bench_t *b = context;
    uint8_t *at = b->log + sector * DISK_LOG_SECTOR;
    bool was_off = b->off;
    g_assert_cmpuint(sector, <, DISK_LOG_SECTORS);
    b->erases++;
    b->off |= b->when == IN_ERASE;
    if (!power_goes(b)) {
        memset(at, 0xFF, DISK_LOG_SECTOR);
        if (b->when == AFTER_ERASE)
            b->steps_left = g_rand_int_range(b->rand, 0, 20000);
        return true;
    }
    b->erases_cut++;
    for (unsigned i = 0; !was_off && i < DISK_LOG_SECTOR; i += 16) {
        unsigned how = g_rand_int_range(b->rand, 0, 3);
        if (how == 1)
            memset(at + i, 0xFF, 16);
        for (unsigned k = 0; how == 2 && k < 16; k++)
            at[i + k] = (uint8_t)g_rand_int(b->rand);
    }
    return false;
}

static bench_t bench_new(uint32_t seed)
{
    bench_t b = {.home = g_malloc(BLOCKS * BLOCK), .log = g_malloc(LOG_BYTES), .steps_left = -1,
                 .rand = g_rand_new_with_seed(seed)};
    for (unsigned i = 0; i < BLOCKS * BLOCK; i++)
        b.home[i] = (uint8_t)g_rand_int(b.rand);
    memset(b.log, 0xFF, LOG_BYTES);
    b.now = g_memdup2(b.home, BLOCKS * BLOCK);
    b.next = g_memdup2(b.home, BLOCKS * BLOCK);
    return b;
}

static void bench_free(bench_t *b)
{
    g_free(b->home);
    g_free(b->log);
    g_free(b->now);
    g_free(b->next);
    g_rand_free(b->rand);
}

static void mount(bench_t *b, disk_log_t *l)
{
    disk_log_flash_t flash = {b, b->home, b->log, BLOCKS, program, erase};
    b->off = false;
    disk_log_mount(l, &flash);
}

static void check(bench_t *b, const disk_log_t *l)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        g_assert_cmpmem(disk_log_block(l, i), BLOCK, b->now[i], BLOCK);
}

// A group of blocks with random contents, most of them among the first `spread`. False: the power has gone.
static bool write_group(bench_t *b, disk_log_t *l, unsigned count, unsigned spread)
{
    uint8_t data[BLOCK] __attribute__((aligned(4)));
    bool seen[BLOCKS] = {0};
    memcpy(b->next, b->now, BLOCKS * BLOCK);
    if (!disk_log_begin(l, count))
        return false;
    for (unsigned i = 0; i < count; i++) {
        unsigned block;
        do {
            block = (unsigned)g_rand_int_range(b->rand, 0, (int)(i < spread / 2 ? spread : BLOCKS));
        } while (seen[block]);
        seen[block] = true;
        memset(data, g_rand_int_range(b->rand, 0, 256), sizeof data);
        memcpy(b->next[block], data, BLOCK);
        if (!disk_log_append(l, block, data))
            return false;
    }
    memcpy(b->now, b->next, BLOCKS * BLOCK);
    return true;
}

// Without cuts, mounted again and again. Wear: a sector is erased for each hundred blocks, not for each write.
static void test_plain(void)
{
    bench_t b = bench_new(1);
    disk_log_t l;
    unsigned blocks = 0;
    mount(&b, &l);
    check(&b, &l);
    for (unsigned i = 0; i < 2000; i++) {
        unsigned count = (unsigned)g_rand_int_range(b.rand, 1, i % 50 ? 8 : DISK_LOG_GROUP + 1);
        g_assert_true(write_group(&b, &l, count, 8));
        blocks += count;
        if (i % 10 == 0)
            check(&b, &l);
        if (i % 100 == 0) {
            mount(&b, &l);
            check(&b, &l);
        }
    }
    g_assert_cmpuint(b.erases, <, blocks / 100);
    g_assert_cmpuint(b.programs, <, blocks * 2 * 132);
    g_assert_false(disk_log_begin(&l, 0));
    g_assert_false(disk_log_begin(&l, DISK_LOG_GROUP + 1));
    bench_free(&b);
}

// All of the disk in use, so that each sector has most to take over, and the largest groups: there is always room.
static void test_full(void)
{
    bench_t b = bench_new(2);
    disk_log_t l;
    mount(&b, &l);
    for (unsigned i = 0; i < 300; i++) {
        unsigned count = i < 20 ? DISK_LOG_GROUP : (unsigned)g_rand_int_range(b.rand, 1, DISK_LOG_GROUP + 1);
        g_assert_true(write_group(&b, &l, count, i % 3 ? 1 : BLOCKS));
    }
    // The worst: one block a whole sector long, then all others are in the oldest.
    for (unsigned i = 0; i < 600; i++)
        g_assert_true(write_group(&b, &l, 1, 2));
    check(&b, &l);
    mount(&b, &l);
    check(&b, &l);
    bench_free(&b);
}

static void test_cuts(gconstpointer garbage)
{
    unsigned olds = 0, news = 0, erases = 0;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        bench_t b = bench_new(seed);
        disk_log_t l;
        for (unsigned i = 0; garbage && i < LOG_BYTES; i++)
            b.log[i] = (uint8_t)g_rand_int(b.rand);
        mount(&b, &l);
        check(&b, &l);
        for (unsigned i = 0; i < 60; i++) {
            b.when = g_rand_int_range(b.rand, 0, 4);
            b.steps_left = b.when == ANYWHERE ? g_rand_int_range(b.rand, 0, i % 4 ? 3000 : 100000) : -1;
            while (write_group(&b, &l, (unsigned)g_rand_int_range(b.rand, 1, 40), 20)) {
            }
            unsigned before = b.erases, programs = b.programs;
            b.steps_left = -1;
            b.when = ANYWHERE;
            mount(&b, &l);
            g_assert_true(b.erases == before && b.programs == programs); // mounting changes nothing
            bool all_new = true, all_old = true;
            for (unsigned k = 0; k < BLOCKS; k++) {
                all_new &= memcmp(disk_log_block(&l, k), b.next[k], BLOCK) == 0;
                all_old &= memcmp(disk_log_block(&l, k), b.now[k], BLOCK) == 0;
            }
            g_assert_true(all_new || all_old);
            olds += all_old;
            news += all_new && !all_old;
            if (all_new)
                memcpy(b.now, b.next, BLOCKS * BLOCK);
        }
        erases += b.erases_cut;
        bench_free(&b);
    }
    g_test_message("%u old, %u new, %u erases cut", olds, news, erases);
    g_assert_cmpuint(olds, >, 1000);
    g_assert_cmpuint(news, >, 500);
    g_assert_cmpuint(erases, >, 500);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/disk-log/plain", test_plain);
    g_test_add_func("/disk-log/full", test_full);
    g_test_add_data_func("/disk-log/cuts", NULL, test_cuts);
    g_test_add_data_func("/disk-log/cuts-after-garbage", "garbage", test_cuts);
    return g_test_run();
}
