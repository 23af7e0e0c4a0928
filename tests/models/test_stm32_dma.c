// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 DMA: directions, sizes, circular and double-buffer mode, flags, priorities, errors, time.
#include "rig.h"
#include <string.h>

enum { DMA1 = 0x40026000, DMA2 = 0x40026400, USART2 = 0x40004400, ADC1 = 0x40012000,
       RAM = 0x20000000, CCM = 0x10000000 };
enum { LISR = 0x00, HISR = 0x04, LIFCR = 0x08, HIFCR = 0x0C };
enum { CR = 0x10, NDTR = 0x14, PAR = 0x18, M0AR = 0x1C, M1AR = 0x20, FCR = 0x24, STRIDE = 0x18 };
enum { EN = 1, TEIE = 4, HTIE = 8, TCIE = 16, M2P = 1 << 6, M2M = 2 << 6, CIRC = 1 << 8,
       PINC = 1 << 9, MINC = 1 << 10, P16 = 1 << 11, P32 = 2 << 11, M32 = 2 << 13, DBM = 1 << 18,
       CT = 1 << 19 };
enum { FEIF = 1, TEIF = 8, HTIF = 16, TCIF = 32 };

static const soc_t soc = {
    .name = "dma",
    .mems = (const soc_mem_t[]){{"sram", MEM_RAM, RAM, 0x10000}, {"ccm", MEM_RAM, CCM, 0x10000},
                                {NULL}},
    .clks = (const soc_clk_t[]){{"hclk", 168000000}, {"pclk1", 42000000}, {"pclk2", 84000000},
                                {NULL}},
    .parts = (const soc_part_t[]){{"stm32-dma", "dma1", DMA1, "hclk", 1},
                                  {"stm32-dma", "dma2", DMA2, "hclk", 2},
                                  {"stm32-usart", "usart2", USART2, "pclk1"},
                                  {"stm32-adc", "adc", ADC1, "pclk2"},
                                  {NULL}},
    .wires = (const soc_wire_t[]){{"usart2.dma_tx", "dma1.rq.6.4"},
                                  {"usart2.dma_rx", "dma1.rq.5.4"},
                                  {"adc.dma1", "dma2.rq.0.0"},
                                  {"dma2.last.0.0", "adc.last1"},
                                  {NULL}},
};

static machine_t *dma_machine(void)
{
    machine_t *m = rig_new(&soc);
    rig_start(m);
    return m;
}

static uint64_t at168(uint64_t cycles) { return (cycles * PS_PER_S + 167999999) / 168000000; }

static void put(machine_t *m, uint32_t to, const void *bytes, unsigned n)
{
    g_assert_true(bus_poke(m->bus, to, bytes, n));
}

static void check(machine_t *m, uint32_t at, const void *bytes, unsigned n)
{
    uint8_t got[64];
    g_assert_cmpuint(n, <=, sizeof got);
    g_assert_true(bus_peek(m->bus, at, got, n));
    g_assert_cmpmem(got, n, bytes, n);
}

static void stream(machine_t *m, uint32_t s, uint32_t n, uint32_t par, uint32_t m0, uint32_t cr)
{
    wr(m, s + NDTR, n);
    wr(m, s + PAR, par);
    wr(m, s + M0AR, m0);
    wr(m, s + CR, cr);
    wr(m, s + CR, cr | EN);
}

// Memory to memory on DMA2 through the FIFO, bytes in, words out.
static void test_memory_to_memory(void)
{
    machine_t *m = dma_machine();
    const char text[] = "seventeen bytes!!";
    put(m, RAM, text, 17);
    wr(m, DMA2 + FCR, 4 | 3);
    stream(m, DMA2, 17, RAM, RAM + 0x100, M2M | PINC | MINC | M32 | TCIE | HTIE);
    rig_run(m, PS_PER_US);
    check(m, RAM + 0x100, text, 17);
    g_assert_cmphex(rd(m, DMA2 + LISR), ==, TCIF | HTIF);
    g_assert_cmphex(rd(m, DMA2 + CR) & EN, ==, 0);
    g_assert_cmphex(rd(m, DMA2 + NDTR), ==, 0);
    g_assert_true(rig_level(m, "dma2.irq.0"));
    wr(m, DMA2 + LIFCR, TCIF | HTIF);
    g_assert_false(rig_level(m, "dma2.irq.0"));
    // DMA1 cannot, nor can direct mode.
    wr(m, DMA1 + FCR, 4 | 3);
    stream(m, DMA1, 4, RAM, RAM + 0x200, M2M | PINC | MINC);
    g_assert_cmphex(rd(m, DMA1 + LISR), ==, FEIF);
    wr(m, DMA2 + FCR, 0);
    stream(m, DMA2, 4, RAM, RAM + 0x200, M2M | PINC | MINC);
    g_assert_cmphex(rd(m, DMA2 + LISR), ==, FEIF);
    machine_free(m);
}

// 4 cycles for each item through the peripheral port on the bus matrix.
static void test_time(void)
{
    machine_t *m = dma_machine();
    put(m, RAM, "\1\2\3\4", 4);
    stream(m, DMA2, 4, RAM, RAM + 0x100, PINC | MINC);
    line_set(machine_line(m, "dma2.rq.0.0"), true);
    rig_run(m, at168(4) - 1);
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 4);
    rig_run(m, at168(4));
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 3);
    for (unsigned i = 1; i < 4; i++) {
        rig_run(m, at168(4 + 4 * i) - 1);
        g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 4 - i);
        rig_run(m, at168(4 + 4 * i));
        g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 3 - i);
    }
    check(m, RAM + 0x100, "\1\2\3\4", 4);
    machine_free(m);
}

// One item for each pulse of the request of the selected channel only.
static void test_channel_and_pulses(void)
{
    machine_t *m = dma_machine();
    stream(m, DMA2 + 3 * STRIDE, 8, RAM, RAM + 0x100, 5 << 25 | MINC);
    line_pulse(machine_line(m, "dma2.rq.3.4"));
    rig_run(m, PS_PER_US);
    g_assert_cmpuint(rd(m, DMA2 + 3 * STRIDE + NDTR), ==, 8);
    line_pulse(machine_line(m, "dma2.rq.3.5"));
    rig_run(m, 2 * PS_PER_US);
    g_assert_cmpuint(rd(m, DMA2 + 3 * STRIDE + NDTR), ==, 7);
    machine_free(m);
}

// Circular: half and complete in each round, count and addresses start again.
static void test_circular(void)
{
    machine_t *m = dma_machine();
    wr(m, RAM, 0x11);
    stream(m, DMA2, 4, RAM, RAM + 0x100, CIRC | MINC | HTIE);
    for (unsigned i = 1; i <= 6; i++) {
        wr(m, RAM, 0x10 + i);
        line_pulse(machine_line(m, "dma2.rq.0.0"));
        rig_run(m, i * PS_PER_US);
        uint32_t expect = i == 2 || i == 6 ? HTIF : i == 4 ? TCIF : 0;
        g_assert_cmphex(rd(m, DMA2 + LISR), ==, expect);
        g_assert_cmpint(rig_level(m, "dma2.irq.0"), ==, expect == HTIF);
        wr(m, DMA2 + LIFCR, HTIF | TCIF);
    }
    check(m, RAM + 0x100, "\x15\x16\x13\x14", 4);
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 2);
    // Switched off: TCIF tells that the stream has stopped, the count stays.
    wr(m, DMA2 + CR, CIRC | MINC);
    g_assert_cmphex(rd(m, DMA2 + LISR), ==, TCIF);
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 2);
    machine_free(m);
}

static void test_double_buffer(void)
{
    machine_t *m = dma_machine();
    wr(m, DMA2 + M1AR, RAM + 0x200);
    stream(m, DMA2, 2, RAM, RAM + 0x100, DBM | MINC);
    line_t *rq = machine_line(m, "dma2.rq.0.0");
    for (unsigned i = 1; i <= 5; i++) {
        wr(m, RAM, i);
        line_pulse(rq);
        rig_run(m, i * PS_PER_US);
        g_assert_cmpuint(!!(rd(m, DMA2 + CR) & CT), ==, i / 2 % 2);
        if (i == 2)
            wr(m, DMA2 + M0AR, RAM + 0x300); // not in use now
    }
    check(m, RAM + 0x100, "\1\2", 2);
    check(m, RAM + 0x200, "\3\4", 2);
    check(m, RAM + 0x300, "\5", 1);
    machine_free(m);
}

// Words from memory leave as half-words.
static void test_unpacking(void)
{
    machine_t *m = dma_machine();
    put(m, RAM, "abcdefgh", 8);
    wr(m, DMA2 + FCR, 4 | 1);
    stream(m, DMA2, 4, RAM + 0x100, RAM, M2P | MINC | PINC | P16 | M32);
    line_set(machine_line(m, "dma2.rq.0.0"), true);
    rig_run(m, PS_PER_US);
    check(m, RAM + 0x100, "abcdefgh", 8);
    machine_free(m);
}

// FIFO mode: memory is written when the threshold (here half = 8 bytes) is reached.
static void test_fifo_threshold(void)
{
    machine_t *m = dma_machine();
    wr(m, RAM, 0x44434241);
    wr(m, DMA2 + FCR, 4 | 1);
    stream(m, DMA2, 100, RAM, RAM + 0x100, MINC | P32 | M32);
    line_pulse(machine_line(m, "dma2.rq.0.0"));
    rig_run(m, PS_PER_US);
    check(m, RAM + 0x100, "\0\0\0\0", 4);
    g_assert_cmphex(rd(m, DMA2 + FCR) >> 3 & 7, ==, 1);
    line_pulse(machine_line(m, "dma2.rq.0.0"));
    rig_run(m, 2 * PS_PER_US);
    check(m, RAM + 0x100, "ABCDABCD", 8);
    g_assert_cmphex(rd(m, DMA2 + FCR) >> 3 & 7, ==, 4);
    line_pulse(machine_line(m, "dma2.rq.0.0"));
    rig_run(m, 3 * PS_PER_US);
    wr(m, DMA2 + CR, 0); // the rest goes out when the stream is switched off
    check(m, RAM + 0x108, "ABCD", 4);
    machine_free(m);
}

// All ask at once: the higher priority first, then the lower number.
static void test_priority(void)
{
    machine_t *m = dma_machine();
    line_t *rq1 = machine_line(m, "dma2.rq.1.0"), *rq2 = machine_line(m, "dma2.rq.2.0");
    stream(m, DMA2 + 1 * STRIDE, 2, RAM, RAM + 0x100, MINC);
    stream(m, DMA2 + 2 * STRIDE, 2, RAM, RAM + 0x200, MINC | 1 << 16);
    stream(m, DMA2, 1, RAM, RAM + 0x300, MINC);
    line_pulse(machine_line(m, "dma2.rq.0.0"));
    line_set(rq1, true);
    line_set(rq2, true);
    rig_run(m, at168(8));
    g_assert_cmpuint(rd(m, DMA2 + 2 * STRIDE + NDTR), ==, 0);
    g_assert_cmpuint(rd(m, DMA2 + 1 * STRIDE + NDTR), ==, 2);
    rig_run(m, at168(20));
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 0);
    g_assert_cmpuint(rd(m, DMA2 + 1 * STRIDE + NDTR), ==, 0);
    machine_free(m);
}

static void test_errors(void)
{
    machine_t *m = dma_machine();
    const uint32_t bad[][2] = {{RAM, CCM}, {RAM, 0x30000000}, {0x30000000, RAM}};
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        stream(m, DMA2, 4, bad[i][0], bad[i][1], MINC | TEIE);
        line_pulse(machine_line(m, "dma2.rq.0.0"));
        rig_run(m, machine_now_ps(m) + PS_PER_US);
        g_assert_cmphex(rd(m, DMA2 + LISR), ==, TEIF);
        g_assert_true(rig_level(m, "dma2.irq.0"));
        g_assert_cmphex(rd(m, DMA2 + CR) & EN, ==, 0);
        wr(m, DMA2 + LIFCR, TEIF);
    }
    // The peripheral port of DMA1 ends at APB1.
    stream(m, DMA1 + 4 * STRIDE, 4, ADC1 + 0x4C, RAM, MINC);
    line_pulse(machine_line(m, "dma1.rq.4.0"));
    rig_run(m, machine_now_ps(m) + PS_PER_US);
    g_assert_cmphex(rd(m, DMA1 + HISR), ==, TEIF);
    machine_free(m);
}

static void test_locked(void)
{
    machine_t *m = dma_machine();
    stream(m, DMA2, 4, RAM, RAM + 0x100, MINC);
    wr(m, DMA2 + NDTR, 9);
    wr(m, DMA2 + PAR, 9);
    wr(m, DMA2 + M0AR, 9);
    wr(m, DMA2 + CR, EN | PINC | TCIE);
    g_assert_cmphex(rd(m, DMA2 + NDTR), ==, 4);
    g_assert_cmphex(rd(m, DMA2 + PAR), ==, RAM);
    g_assert_cmphex(rd(m, DMA2 + M0AR), ==, RAM + 0x100);
    g_assert_cmphex(rd(m, DMA2 + CR), ==, EN | MINC | TCIE);
    machine_free(m);
}

// A whole line through the USART, looped back on its half-duplex wire, without software.
static void test_usart(void)
{
    machine_t *m = dma_machine();
    put(m, RAM, "Hello", 5);
    rig_pull_up(m, 0);
    rig_route(m, 0, "usart2.tx", true);
    wr(m, USART2 + 0x08, 42); // 1 Mbit/s
    wr(m, USART2 + 0x14, 1 << 3 | 1 << 6 | 1 << 7);
    wr(m, USART2 + 0x0C, 1 << 13 | 1 << 3 | 1 << 2);
    stream(m, DMA1 + 5 * STRIDE, 5, USART2 + 4, RAM + 0x100, 4 << 25 | MINC);
    stream(m, DMA1 + 6 * STRIDE, 5, USART2 + 4, RAM, 4 << 25 | MINC | M2P);
    rig_run(m, 59 * PS_PER_US); // idle preamble and 4.9 frames of 10 us
    g_assert_cmpuint(rd(m, DMA1 + 5 * STRIDE + NDTR), ==, 1);
    g_assert_cmpuint(rd(m, DMA1 + 6 * STRIDE + NDTR), ==, 0);
    rig_run(m, 61 * PS_PER_US);
    check(m, RAM + 0x100, "Hello", 5);
    g_assert_cmphex(rd(m, DMA1 + HISR), ==, (TCIF | HTIF) << 6 | (TCIF | HTIF) << 16);
    machine_free(m);
}

// A continuous conversion with DDS = 0 ends its requests with the DMA's last transfer, no overrun.
static void test_adc(void)
{
    machine_t *m = dma_machine();
    stream(m, DMA2, 10, ADC1 + 0x4C, RAM, MINC | P16 | 1 << 13);
    wr(m, ADC1 + 0x08, 1 | 1 << 1 | 1 << 8 | 1 << 30);
    rig_run(m, 20 * PS_PER_US);
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 0);
    g_assert_cmphex(rd(m, DMA2 + LISR), ==, TCIF | HTIF);
    g_assert_cmphex(rd(m, ADC1) & 1 << 5, ==, 0);
    g_assert_false(rig_level(m, "adc.dma1"));
    machine_free(m);
}

// A stream whose target is its own control register switches itself off and stops cleanly.
static void test_own_registers(void)
{
    machine_t *m = dma_machine();
    put(m, RAM, (const uint8_t[16]){0}, 16);
    wr(m, DMA2 + FCR, 4);
    stream(m, DMA2, 4, RAM, DMA2 + CR, M2M | P32 | M32);
    rig_run(m, at168(1000));
    g_assert_cmphex(rd(m, DMA2 + CR) & EN, ==, 0);
    g_assert_cmpuint(rd(m, DMA2 + NDTR), ==, 3);
    g_assert_cmphex(rd(m, DMA2 + FCR) >> 3 & 7, ==, 4); // the FIFO is empty
    put(m, RAM, "next", 4); // and the stream works again
    stream(m, DMA2, 1, RAM, RAM + 64, M2M | P32 | M32);
    rig_run(m, at168(2000));
    check(m, RAM + 64, "next", 4);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-dma/memory-to-memory", test_memory_to_memory);
    g_test_add_func("/stm32-dma/time", test_time);
    g_test_add_func("/stm32-dma/channel-and-pulses", test_channel_and_pulses);
    g_test_add_func("/stm32-dma/circular", test_circular);
    g_test_add_func("/stm32-dma/double-buffer", test_double_buffer);
    g_test_add_func("/stm32-dma/unpacking", test_unpacking);
    g_test_add_func("/stm32-dma/fifo-threshold", test_fifo_threshold);
    g_test_add_func("/stm32-dma/priority", test_priority);
    g_test_add_func("/stm32-dma/errors", test_errors);
    g_test_add_func("/stm32-dma/locked", test_locked);
    g_test_add_func("/stm32-dma/usart", test_usart);
    g_test_add_func("/stm32-dma/adc", test_adc);
    g_test_add_func("/stm32-dma/own-registers", test_own_registers);
    return g_test_run();
}
