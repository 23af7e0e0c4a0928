// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU and the models of the STM32F405 together; see image.c.
#include "machine.h"
#include "results.h"

static const char *elf;

static machine_t *boot(void)
{
    GError *error = NULL;
    machine_t *m = machine_new(soc_find("stm32f405"), 1, &error);
    g_assert_no_error(error);
    m->semihosting = true;
    image_t *image = image_load(elf, NULL, &error);
    g_assert_no_error(error);
    machine_load(m, image, &error);
    g_assert_no_error(error);
    machine_start(m, &error);
    g_assert_no_error(error);
    return m;
}

static results_t results(machine_t *m)
{
    results_t r;
    bus_peek(m->bus, 0x20000000, &r, sizeof r);
    return r;
}

#define IN(v, low, high) \
    G_STMT_START { g_assert_cmpuint(v, >=, low); g_assert_cmpuint(v, <=, high); } G_STMT_END

// Power-on: 2.2 ms of clocks, 10 ms of timers, 1 s of flash, 1.024 s of stop mode, 512 ms of watchdog.
static void test_all(void)
{
    machine_t *m = boot();
    g_assert_cmpint(machine_run(m, 10 * PS_PER_S), ==, MACHINE_EXIT);
    results_t r = results(m);
    g_assert_cmphex(r.csr[0], ==, 0x0E000000);
    IN(r.hse_cycles, 32000, 32050);           // 2 ms of 16 MHz
    IN(r.timer_irqs, 99, 100);
    IN(r.erase_cycles, 168000000, 168000200); // 128 KB by words: 1 s
    IN(r.erase_ticks, 1, 2);                  // code in flash stood still all the time
    IN(r.program_cycles, 43008, 43500);       // 16 * 16 us
    g_assert_cmpuint(r.programmed, ==, 5);
    g_assert_cmpuint(r.edges, ==, 6);
    g_assert_cmpuint(r.wakes, ==, 1);
    IN(r.stop_cycles, 1, 200);                // a second went by, but not for the CPU
    g_assert_cmphex(r.stop_cfgr, ==, 5 << 10 | 4 << 13); // it runs on HSI
    g_assert_cmpuint(r.run, ==, 2);
    g_assert_cmphex(r.csr[1], ==, 0x24000000); // IWDGRSTF, PINRSTF
    IN(machine_now_ps(m) / PS_PER_MS, 2540, 2560);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    elf = argv[1];
    g_test_add_func("/chip/all", test_all);
    return g_test_run();
}
