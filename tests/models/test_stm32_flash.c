// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 flash: keys, programming and its errors, erase times, access control, fixed bytes.
#include "chip.h"

enum { ACR = 0x40023C00, KEYR = ACR + 4, OPTKEYR = ACR + 8, SR = ACR + 0xC, CR = ACR + 0x10,
       OPTCR = ACR + 0x14 };
enum { BSY = 1 << 16, PG = 1, SER = 2, MER = 4, STRT = 1 << 16 };

static chip_t *start(bool unlock)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    if (unlock) {
        wr(c, KEYR, 0x45670123);
        wr(c, KEYR, 0xCDEF89AB);
        g_assert_cmphex(rd(c, CR), ==, 0);
    }
    return c;
}

static void test_keys(void)
{
    chip_t *c = start(false);
    g_assert_cmphex(rd(c, CR), ==, 0x80000000);
    wr(c, CR, PG);
    g_assert_cmphex(rd(c, CR), ==, 0x80000000);
    wr(c, KEYR, 0x45670123);
    wr(c, KEYR, 0x45670123);
    wr(c, KEYR, 0x45670123); // dead until reset
    wr(c, KEYR, 0xCDEF89AB);
    g_assert_cmphex(rd(c, CR), ==, 0x80000000);
    machine_reset(c->m, false);
    wr(c, KEYR, 0x45670123);
    wr(c, KEYR, 0xCDEF89AB);
    g_assert_cmphex(rd(c, CR), ==, 0);
    wr(c, CR, 0x80000000);
    g_assert_cmphex(rd(c, CR), ==, 0x80000000);
    chip_free(c);
}

static void test_program(void)
{
    chip_t *c = start(true);
    wr(c, CR, PG | 2 << 8);
    wr(c, 0x08004000, 0x12345678);
    g_assert_cmphex(rd(c, SR), ==, BSY);
    run_to(c, 16 * PS_PER_US - 1);
    g_assert_cmphex(rd(c, SR), ==, BSY);
    run_to(c, 16 * PS_PER_US);
    g_assert_cmphex(rd(c, SR), ==, 0);
    g_assert_cmphex(rd(c, 0x08004000), ==, 0x12345678);
    g_assert_cmphex(rd(c, 0x00004000), ==, 0x12345678); // the alias
    wr(c, 0x08004000, 0xFFFF0000); // bits only clear
    run_for(c, 16 * PS_PER_US);
    g_assert_cmphex(rd(c, 0x08004000), ==, 0x12340000);
    // A second write while busy waits for the first.
    wr(c, 0x08004010, 1);
    wr(c, 0x08004014, 2);
    run_for(c, 16 * PS_PER_US);
    g_assert_cmphex(rd(c, SR), ==, BSY);
    run_for(c, 16 * PS_PER_US);
    g_assert_cmphex(rd(c, SR), ==, 0);
    g_assert_cmphex(rd(c, 0x08004014), ==, 2);
    chip_free(c);
}

static void test_errors(void)
{
    chip_t *c = start(true);
    wr(c, CR, 1 << 25); // ERRIE
    wr(c, 0x08004000, 0);
    g_assert_cmphex(rd(c, SR), ==, 1 << 7 | 2); // PGSERR, OPERR
    g_assert_true(level(c, "irq.4"));
    wr(c, SR, 1 << 7 | 2);
    g_assert_cmphex(rd(c, SR), ==, 0);
    g_assert_false(level(c, "irq.4"));
    wr(c, CR, PG | 1 << 8);
    wr(c, 0x08004000, 0);
    g_assert_cmphex(rd(c, SR), ==, 1 << 6); // PGPERR
    wr(c, SR, 1 << 6);
    wr_size(c, 0x08004001, 2, 0);
    g_assert_cmphex(rd(c, SR), ==, 1 << 5); // PGAERR
    wr(c, SR, 1 << 5);
    g_assert_cmphex(rd(c, 0x08004000), ==, 0xFFFFFFFF);
    wr(c, OPTKEYR, 0x08192A3B);
    wr(c, OPTKEYR, 0x4C5D6E7F);
    wr(c, OPTCR, 0x0FFDAAEC | 2); // protect sector 1
    run_for(c, PS_PER_S);
    wr_size(c, 0x08004000, 2, 0);
    g_assert_cmphex(rd(c, SR), ==, 1 << 4); // WRPERR
    wr_size(c, 0x08000000, 2, 0);
    g_assert_cmphex(rd(c, SR), ==, 1 << 4 | BSY);
    chip_free(c);
}

static void erase_takes(chip_t *c, uint32_t cr, uint64_t ms)
{
    wr(c, CR, cr | 1 << 24);
    wr(c, CR, cr | 1 << 24 | STRT);
    run_for(c, ms * PS_PER_MS - 1);
    g_assert_cmphex(rd(c, SR), ==, BSY);
    run_for(c, 1);
    g_assert_cmphex(rd(c, SR), ==, 1); // EOP
    g_assert_true(level(c, "irq.4"));
    g_assert_cmphex(rd(c, CR), ==, cr | 1 << 24);
    wr(c, SR, 1);
}

static void test_erase(void)
{
    chip_t *c = start(true);
    uint8_t zeros[64] = {0};
    bus_poke(c->m->bus, 0x0800C000 - 32, zeros, 64); // end of sector 2, begin of 3
    bus_poke(c->m->bus, 0x080FFFC0, zeros, 64);
    erase_takes(c, SER | 3 << 3 | 2 << 8, 250);
    g_assert_cmphex(rd(c, 0x0800BFFC), ==, 0);
    g_assert_cmphex(rd(c, 0x0800C000), ==, 0xFFFFFFFF);
    erase_takes(c, SER | 2 << 3 | 0 << 8, 400);
    g_assert_cmphex(rd(c, 0x0800BFFC), ==, 0xFFFFFFFF);
    erase_takes(c, SER | 4 << 3 | 1 << 8, 700);
    g_assert_cmphex(rd(c, 0x080FFFFC), ==, 0);
    erase_takes(c, SER | 11 << 3 | 2 << 8, 1000);
    g_assert_cmphex(rd(c, 0x080FFFFC), ==, 0xFFFFFFFF);
    erase_takes(c, MER | 2 << 8, 8000);
    chip_free(c);
}

static void test_timing(void)
{
    chip_t *c = start(false);
    const mem_timing_t *t = &bus_mem_named(c->m->bus, "flash")->timing;
    g_assert_cmpuint(t->wait_states, ==, 0);
    g_assert_cmpuint(t->icache_lines, ==, 0);
    wr(c, ACR, 5 | 7 << 8);
    g_assert_cmpuint(t->wait_states, ==, 5);
    g_assert_cmpuint(t->line_bytes, ==, 16);
    g_assert_cmpuint(t->icache_lines, ==, 64);
    g_assert_cmpuint(t->dcache_lines, ==, 8);
    g_assert_true(t->prefetch);
    chip_free(c);
}

static void test_identity(void)
{
    chip_t *c = start(false);
    g_assert_cmphex(rd(c, 0x1FFF7A20) >> 16, ==, 1024);
    uint32_t id = rd(c, 0x1FFF7A10) ^ rd(c, 0x1FFF7A14) ^ rd(c, 0x1FFF7A18);
    chip_t *other = chip_new("stm32f405");
    machine_free(other->m);
    other->m = machine_new(&other->soc, 2, NULL);
    g_assert_cmphex(rd(other, 0x1FFF7A10) ^ rd(other, 0x1FFF7A14) ^ rd(other, 0x1FFF7A18), !=, id);
    chip_free(other);
    chip_free(c);
}

// What a refused erase meant to clear stays, also after the next operation.
static void test_refused_erase(void)
{
    chip_t *c = start(true);
    const uint32_t refused[] = {SER | 3 << 8, SER | 12 << 3, MER | 3 << 8};
    bus_poke(c->m->bus, 0x08020000, "kept", 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++) {
        wr(c, CR, refused[i] | STRT);
        g_assert_cmphex(rd(c, SR) & 0xF2, !=, 0);
        g_assert_cmphex(rd(c, SR) & BSY, ==, 0);
        wr(c, SR, 0xF3);
        wr(c, CR, PG);
        wr_size(c, 0x08004000 + i, 1, 0);
        run_for(c, PS_PER_MS);
        g_assert_cmphex(rd(c, 0x08020000), ==, 0x7470656B);
    }
    chip_free(c);
}

static void set_cut(chip_t *c, uint32_t step)
{
    part_t *flash = machine_part(c->m, "flash");
    g_assert_true(part_prop_set(flash, part_prop_find(flash, "cut-at"), step, NULL));
}

static unsigned steps(chip_t *c)
{
    part_t *flash = machine_part(c->m, "flash");
    return (unsigned)part_prop_get(flash, part_prop_find(flash, "steps"));
}

// Power comes, a word is programmed and sector 1 erased; what the two hold in the end.
static void cut(chip_t *c, uint32_t step, uint32_t word, uint32_t *got, uint8_t *sector)
{
    uint8_t *data = bus_mem_named(c->m->bus, "flash")->data;
    memset(data + 0x4000, 0x5A, 0x4000);
    memset(data + 0x8000, 0xFF, 4);
    set_cut(c, step);
    machine_reset(c->m, true);
    unsigned ms = 0;
    wr(c, KEYR, 0x45670123);
    wr(c, KEYR, 0xCDEF89AB);
    wr(c, CR, PG | 2 << 8);
    wr(c, 0x08008000, word);
    bool on = machine_run(c->m, machine_now_ps(c->m) + PS_PER_MS) == MACHINE_TIME;
    if (on) {
        wr(c, CR, SER | 1 << 3 | 2 << 8);
        wr(c, CR, SER | 1 << 3 | 2 << 8 | STRT);
        while (on && ms++ < 300)
            on = machine_run(c->m, machine_now_ps(c->m) + PS_PER_MS) == MACHINE_TIME;
    }
    g_assert_cmpint(on, ==, step == 0 || step > 4);
    g_assert_cmpuint(steps(c), ==, step == 1 || step == 2 ? 2 : 4);
    memcpy(got, data + 0x8000, 4);
    memcpy(sector, data + 0x4000, 0x4000);
}

static void test_power_cuts(void)
{
    chip_t *c = start(false);
    uint8_t sector[0x4000], again[0x4000];
    uint32_t word;
    unsigned kinds[3] = {0}; // of pages: as they were, erased, neither
    cut(c, 1, 0x12345678, &word, sector);
    g_assert_cmphex(word & 0x12345678, ==, 0x12345678);
    g_assert_cmphex(word, !=, 0x12345678);
    g_assert_cmphex(word, !=, 0xFFFFFFFF);
    g_assert_cmphex(sector[0], ==, 0x5A);
    cut(c, 2, 0x12345678, &word, sector);
    g_assert_cmphex(word, ==, 0x12345678);
    g_assert_cmphex(sector[0], ==, 0x5A);
    cut(c, 3, 0x12345678, &word, sector);
    g_assert_cmphex(word, ==, 0x12345678);
    for (unsigned page = 0; page < sizeof sector; page += 256) {
        unsigned same = 0, erased = 0;
        for (unsigned i = 0; i < 256; i++) {
            same += sector[page + i] == 0x5A;
            erased += sector[page + i] == 0xFF;
        }
        kinds[same == 256 ? 0 : erased == 256 ? 1 : 2]++;
    }
    for (unsigned i = 0; i < 3; i++)
        g_assert_cmpuint(kinds[i], >, 8);
    cut(c, 3, 0x12345678, &word, again); // the same cut leaves the same bytes
    g_assert_cmpmem(sector, sizeof sector, again, sizeof again);
    // Without power nothing goes on; with it all does.
    for (unsigned step = 4; step <= 5; step++) {
        cut(c, step, 0x12345678, &word, sector);
        g_assert_cmphex(sector[0], ==, 0xFF);
        g_assert_cmphex(sector[sizeof sector - 1], ==, 0xFF);
        set_cut(c, 0);
    }
    g_assert_cmpuint(steps(c), ==, 4);
    chip_free(c);
}

// A reset in the middle: the contents are not protected.
static void test_reset_in_the_middle(void)
{
    chip_t *c = start(true);
    uint8_t *data = bus_mem_named(c->m->bus, "flash")->data;
    unsigned kept = 0;
    memset(data + 0x4000, 0, 0x4000);
    wr(c, CR, SER | 1 << 3 | 2 << 8);
    wr(c, CR, SER | 1 << 3 | 2 << 8 | STRT);
    run_for(c, 100 * PS_PER_MS);
    machine_reset(c->m, false);
    for (unsigned i = 0; i < 0x4000; i++)
        kept += data[0x4000 + i] == 0;
    g_assert_cmpuint(kept, >, 0x400);
    g_assert_cmpuint(kept, <, 0x3C00);
    run_for(c, PS_PER_S);
    g_assert_cmphex(rd(c, SR), ==, 0);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-flash/keys", test_keys);
    g_test_add_func("/stm32-flash/program", test_program);
    g_test_add_func("/stm32-flash/errors", test_errors);
    g_test_add_func("/stm32-flash/erase", test_erase);
    g_test_add_func("/stm32-flash/timing", test_timing);
    g_test_add_func("/stm32-flash/identity", test_identity);
    g_test_add_func("/stm32-flash/refused-erase", test_refused_erase);
    g_test_add_func("/stm32-flash/power-cuts", test_power_cuts);
    g_test_add_func("/stm32-flash/reset-in-the-middle", test_reset_in_the_middle);
    return g_test_run();
}
