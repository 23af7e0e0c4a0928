// SPDX-License-Identifier: GPL-2.0-or-later
// The STM32F405's address map, a waveform by timer and DMA, and what outlives a reset.
#include "chip.h"

enum { GPIOA = 0x40020000, TIM1 = 0x40010000, DMA2 = 0x40026400, SRAM = 0x20000000 };

static chip_t *start(void)
{
    chip_t *c = chip_new("stm32f405");
    chip_start(c);
    wr(c, 0x40023830, 0x006001FF);
    wr(c, 0x40023840, 0x36FEC9FF);
    wr(c, 0x40023844, 0x00075F33);
    return c;
}

// Parts, memories and unmodelled blocks do not lie on each other.
static void test_addresses(void)
{
    chip_t *c = start();
    for (guint i = 0; i < c->m->parts->len; i++) {
        part_t *p = c->m->parts->pdata[i];
        for (guint k = 0; p->base && k < c->m->parts->len; k++) {
            part_t *q = c->m->parts->pdata[k];
            if (k != i && q->base - p->base < p->cls->mmio_size)
                g_error("%s lies on %s", q->name, p->name);
        }
        for (const soc_unmodelled_t *u = c->soc.unmodelled; p->base && u->name; u++)
            if (p->base - u->base < u->size || u->base - p->base < p->cls->mmio_size)
                g_error("%s lies on %s", p->name, u->name);
        g_assert_true(!p->base || !bus_mem_at(c->m->bus, p->base, NULL));
    }
    uint32_t v = 1;
    g_assert_true(bus_read(c->m->bus, 0x40006400, 4, &v)); // CAN1: known, not modelled
    g_assert_cmphex(v, ==, 0);
    g_assert_true(reported(c, "CAN1"));
    g_assert_false(bus_read(c->m->bus, 0x60000000, 4, &v));
    chip_free(c);
}

static unsigned changes;
static void count_change(void *ctx, net_t *net, bool high, uint64_t ps) { changes++; }

// A timer's updates let the DMA write a waveform to a port.
static void test_timer_dma_port(void)
{
    chip_t *c = start();
    static const uint32_t wave[4] = {1 << 3, 1 << 19, 1 << 3, 1 << 19};
    bus_poke(c->m->bus, SRAM, wave, sizeof wave);
    wr(c, GPIOA, 0xA8000000 | 1 << 6);
    net_watch(chip_pin(c, "gpioa:PA3")->net, count_change, NULL);
    uint32_t stream = DMA2 + 0x10 + 5 * 0x18; // TIM1_UP: stream 5, channel 6
    wr(c, stream + 4, 4);
    wr(c, stream + 8, GPIOA + 0x18);
    wr(c, stream + 12, SRAM);
    wr(c, stream, 6 << 25 | 2 << 13 | 2 << 11 | 1 << 10 | 1 << 8 | 1 << 6 | 1);
    wr(c, TIM1 + 0x28, 15);
    wr(c, TIM1 + 0x2C, 9);
    wr(c, TIM1 + 0x14, 1);
    wr(c, TIM1 + 0x0C, 1 << 8);
    wr(c, TIM1, 1);
    run_for(c, PS_PER_MS);
    g_assert_cmpuint(changes, >=, 99); // one each 10 us
    g_assert_cmpuint(changes, <=, 100);
    chip_free(c);
}

static void test_backup_survives(void)
{
    chip_t *c = start();
    wr(c, 0x40007000, 1 << 8 | 0x4000); // DBP
    wr(c, 0x40002850, 0xDEADBEEF);      // RTC_BKP0R
    machine_reset(c->m, false);
    wr(c, 0x40023840, 1 << 28);
    g_assert_cmphex(rd(c, 0x40002850), ==, 0xDEADBEEF);
    wr(c, 0x40002850, 0); // closed again
    g_assert_cmphex(rd(c, 0x40002850), ==, 0xDEADBEEF);
    chip_free(c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32f405-map/addresses", test_addresses);
    g_test_add_func("/stm32f405-map/timer-dma-port", test_timer_dma_port);
    g_test_add_func("/stm32f405-map/backup-survives", test_backup_survives);
    return g_test_run();
}
