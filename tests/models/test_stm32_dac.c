// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 DAC: registers, triggers and their latency, waves, requests, and its way to the pin.
#include "rig.h"
#include <string.h>

enum { DAC = 0x40007400, CR = 0x00, SWTRIGR = 0x04, DHR12R1 = 0x08, DHR12L1 = 0x0C, DHR8R1 = 0x10,
       DHR12R2 = 0x14, DHR12RD = 0x20, DHR12LD = 0x24, DHR8RD = 0x28, DOR1 = 0x2C, DOR2 = 0x30,
       SR = 0x34 };
enum { EN = 1, TEN = 4, SOFTWARE = 7 << 3, NOISE = 1 << 6, TRIANGLE = 2 << 6, DMAEN = 1 << 12,
       DMAUDRIE = 1 << 13 };

static const soc_t soc = {
    .name = "dac",
    .clks = (const soc_clk_t[]){{"pclk1", 42000000}, {"hclk", 168000000}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-gpio", "gpioa", 0x40020000, "hclk"},
                                  {"stm32-dac", "dac", DAC, "pclk1"},
                                  {NULL}},
    .afs = (const soc_af_t[]){{"PA4", SOC_ANALOG, "dac.out1"}, {"PA5", SOC_ANALOG, "dac.out2"},
                              {NULL}},
};

static machine_t *dac_machine(void)
{
    machine_t *m = rig_new(&soc);
    rig_start(m);
    return m;
}

static uint64_t at42(uint64_t cycles) { return (cycles * PS_PER_S + 41999999) / 42000000; }

// From the next edge of the clock `cycles` further.
static void pass(machine_t *m, unsigned cycles)
{
    rig_run(m, at42(clk_ticks(machine_clk(m, "pclk1"), machine_now_ps(m)) + cycles));
}

static void test_write(void)
{
    const struct {
        uint32_t reg, value, dor1, dor2;
    } rows[] = {
        {DHR12R1, 0x123, 0x123, 0}, {DHR12L1, 0x4560, 0x456, 0}, {DHR8R1, 0x78, 0x780, 0},
        {DHR12R2, 0x321, 0x780, 0x321}, {DHR12RD, 0x07650ABC, 0xABC, 0x765},
        {DHR12LD, 0x12304560, 0x456, 0x123}, {DHR8RD, 0x2211, 0x110, 0x220},
    };
    machine_t *m = dac_machine();
    wr(m, DAC + CR, EN | EN << 16);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint32_t before = rd(m, DAC + DOR1);
        wr(m, DAC + rows[i].reg, rows[i].value);
        g_assert_cmphex(rd(m, DAC + DOR1), ==, before);
        pass(m, 1);
        g_assert_cmphex(rd(m, DAC + DOR1), ==, rows[i].dor1);
        g_assert_cmphex(rd(m, DAC + DOR2), ==, rows[i].dor2);
    }
    machine_free(m);
}

// The pin carries the voltage while it is in analog mode and the channel is on.
static void test_pin(void)
{
    machine_t *m = dac_machine();
    pin_t *pin = part_pin(machine_part(m, "gpioa"), "PA4");
    wr(m, DAC + DHR12R1, 2048);
    wr(m, DAC + CR, EN);
    pass(m, 1);
    g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
    wr(m, 0x40020000, 0xA8000000 | 3 << 8);
    g_assert_cmpint(pin->drive, ==, DRIVE_SOURCE);
    g_assert_cmpint(pin_mv(pin), ==, 1650);
    wr(m, DAC + DHR12R1, 4095);
    pass(m, 1);
    g_assert_cmpint(pin_mv(pin), ==, 3300);
    wr(m, DAC + CR, 0);
    g_assert_cmpint(pin->drive, ==, DRIVE_NONE);
    machine_free(m);
}

// Software: one cycle. Lines: three.
static void test_triggers(void)
{
    machine_t *m = dac_machine();
    wr(m, DAC + CR, EN | TEN | SOFTWARE);
    wr(m, DAC + DHR12R1, 100);
    pass(m, 10);
    g_assert_cmpuint(rd(m, DAC + DOR1), ==, 0);
    wr(m, DAC + SWTRIGR, 3);
    g_assert_cmphex(rd(m, DAC + SWTRIGR), ==, 0);
    pass(m, 1);
    g_assert_cmpuint(rd(m, DAC + DOR1), ==, 100);
    wr(m, DAC + CR, EN | TEN | 4 << 3);
    wr(m, DAC + DHR12R1, 200);
    line_pulse(machine_line(m, "dac.trig.3"));
    pass(m, 5);
    g_assert_cmpuint(rd(m, DAC + DOR1), ==, 100);
    line_pulse(machine_line(m, "dac.trig.4"));
    pass(m, 2);
    g_assert_cmpuint(rd(m, DAC + DOR1), ==, 100);
    pass(m, 1);
    g_assert_cmpuint(rd(m, DAC + DOR1), ==, 200);
    machine_free(m);
}

static uint32_t step(machine_t *m)
{
    wr(m, DAC + SWTRIGR, 1);
    pass(m, 1);
    return rd(m, DAC + DOR1);
}

// Amplitude 3 upon 10: up and down again.
static void test_triangle(void)
{
    const unsigned expect[] = {10, 11, 12, 13, 12, 11, 10, 11, 12};
    machine_t *m = dac_machine();
    wr(m, DAC + DHR12R1, 10);
    wr(m, DAC + CR, EN | TEN | SOFTWARE | TRIANGLE | 1 << 8);
    for (unsigned i = 0; i < G_N_ELEMENTS(expect); i++)
        g_assert_cmpuint(step(m), ==, expect[i]);
    machine_free(m);
}

// The shift register starts with 0xAAA and comes back after 4095 steps; the sum stops at 4095.
static void test_noise(void)
{
    machine_t *m = dac_machine();
    wr(m, DAC + CR, EN | TEN | SOFTWARE | NOISE | 11 << 8);
    g_assert_cmphex(step(m), ==, 0xAAA);
    unsigned n = 1;
    while (step(m) != 0xAAA)
        g_assert_cmpuint(++n, <=, 4095);
    g_assert_cmpuint(n, ==, 4095);
    wr(m, DAC + DHR12R1, 4000);
    for (unsigned i = 0; i < 50; i++)
        g_assert_cmpuint(step(m), >=, 4000);
    machine_free(m);
}

static void test_requests(void)
{
    machine_t *m = dac_machine();
    wr(m, DAC + CR, (EN | TEN | DMAEN | DMAUDRIE) << 16);
    line_pulse(machine_line(m, "dac.trig.0"));
    g_assert_true(rig_level(m, "dac.dma2"));
    g_assert_false(rig_level(m, "dac.dma1"));
    wr(m, DAC + DHR12R2, 7);
    g_assert_false(rig_level(m, "dac.dma2"));
    line_pulse(machine_line(m, "dac.trig.0"));
    g_assert_false(rig_level(m, "dac.irq"));
    line_pulse(machine_line(m, "dac.trig.0")); // not served
    g_assert_true(rig_level(m, "dac.irq"));
    g_assert_false(rig_level(m, "dac.dma2"));
    g_assert_cmphex(rd(m, DAC + SR), ==, 1u << 29);
    wr(m, DAC + SR, 1u << 29);
    g_assert_false(rig_level(m, "dac.irq"));
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-dac/write", test_write);
    g_test_add_func("/stm32-dac/pin", test_pin);
    g_test_add_func("/stm32-dac/triggers", test_triggers);
    g_test_add_func("/stm32-dac/triangle", test_triangle);
    g_test_add_func("/stm32-dac/noise", test_noise);
    g_test_add_func("/stm32-dac/requests", test_requests);
    return g_test_run();
}
