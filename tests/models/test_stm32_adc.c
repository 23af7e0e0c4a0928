// SPDX-License-Identifier: GPL-2.0-or-later
// STM32 ADC: conversion times to the picosecond, sequences, triggers, flags, requests, channels.
#include "rig.h"

enum { ADC1 = 0x40012000, ADC2 = 0x40012100, ADC3 = 0x40012200, CSR = 0x40012300,
       CCR = 0x40012304 };
enum { SR = 0x00, CR1 = 0x04, CR2 = 0x08, SMPR1 = 0x0C, SMPR2 = 0x10, JOFR1 = 0x14, HTR = 0x24,
       LTR = 0x28, SQR1 = 0x2C, SQR2 = 0x30, SQR3 = 0x34, JSQR = 0x38, JDR1 = 0x3C, DR = 0x4C };
enum { AWD = 1, EOC = 2, JEOC = 4, JSTRT = 8, STRT = 16, OVR = 32 };
enum { ADON = 1, CONT = 2, DMA = 1 << 8, DDS = 1 << 9, EOCS = 1 << 10, ALIGN = 1 << 11,
       JSWSTART = 1 << 22, SWSTART = 1 << 30 };
enum { EOCIE = 1 << 5, SCAN = 1 << 8, AWDSGL = 1 << 9, JAUTO = 1 << 10, DISCEN = 1 << 11,
       AWDEN = 1 << 23 };

static const soc_t soc = {
    .name = "adc",
    .mems = (const soc_mem_t[]){{"system", MEM_ROM, 0x1FFF0000, 0x8000}, {NULL}},
    .clks = (const soc_clk_t[]){{"pclk2", 84000000}, {NULL}},
    .parts = (const soc_part_t[]){{"stm32-adc", "adc", ADC1, "pclk2"}, {NULL}},
};

enum { PA0, PA1, PA2, PA3, N_ANALOG };

// Pins PA0-PA3 with 0.5, 1.0, 1.5 and 2.0 V on them. ADCCLK = 84 MHz / 4 = 21 MHz.
static machine_t *adc_machine(void)
{
    machine_t *m = rig_new(&soc);
    part_t *rig = machine_part(m, "rig");
    rig->on_chip = true;
    for (int i = 0; i < N_ANALOG; i++) {
        g_autofree char *name = g_strdup_printf("PA%d", i);
        pin_drive(part_add_pin(rig, name, NULL, NULL), DRIVE_SOURCE, 500 * (i + 1));
    }
    rig_start(m);
    wr(m, CCR, 1 << 16);
    return m;
}

// Time of `n` cycles of ADCCLK at 21 MHz, rounded up.
static uint64_t adcclk(uint64_t n) { return (n * PS_PER_S + 20999999) / 21000000; }

static unsigned code(unsigned mv) { return (mv * 4096 + 1650) / 3300; }

// 3 cycles of sampling and 12 of conversion; the voltage counts at the end of the sampling time.
static void test_time(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + SQR3, 1);
    wr(m, ADC1 + CR2, ADON);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    g_assert_cmphex(rd(m, ADC1 + CR2), ==, ADON);
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT);
    rig_run(m, adcclk(3));
    pin_drive(part_pin(machine_part(m, "rig"), "PA1"), DRIVE_SOURCE, 3000);
    rig_run(m, adcclk(15) - 1);
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT);
    rig_run(m, adcclk(15));
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT | EOC);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(1000));
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT);
    machine_free(m);
}

// A start between two edges of ADCCLK waits for the next one.
static void test_alignment_to_adcclk(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + SMPR2, 7); // 480 cycles for channel 0
    wr(m, ADC1 + CR2, ADON);
    rig_run(m, adcclk(10) + 1);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(11 + 492) - 1);
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
    rig_run(m, adcclk(11 + 492));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
    machine_free(m);
}

static void test_resolution(void)
{
    machine_t *m = adc_machine();
    uint64_t n = 0;
    for (unsigned res = 0; res < 4; res++) {
        unsigned bits = 12 - 2 * res;
        for (unsigned left = 0; left < 2; left++) {
            wr(m, ADC1 + CR1, res << 24);
            wr(m, ADC1 + SQR3, 3);
            wr(m, ADC1 + CR2, ADON | SWSTART | (left ? ALIGN : 0));
            rig_run(m, adcclk(n += 3 + bits) - 1);
            g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
            rig_run(m, adcclk(n));
            g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
            unsigned expect = code(2000) >> (12 - bits);
            if (left)
                expect <<= bits == 6 ? 2 : 16 - bits;
            g_assert_cmphex(rd(m, ADC1 + DR), ==, expect);
        }
    }
    machine_free(m);
}

// Scan of four channels with an end of conversion each; with EOCS = 0 only one at the end.
static void test_scan(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + SQR1, 3 << 20);
    wr(m, ADC1 + SQR3, 3 | 2 << 5 | 1 << 10 | 0 << 15);
    wr(m, ADC1 + CR1, SCAN);
    wr(m, ADC1 + CR2, ADON | EOCS | SWSTART);
    for (int i = 0; i < 4; i++) {
        rig_run(m, adcclk(15 * (i + 1)));
        g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
        g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(500 * (4 - i)));
    }
    rig_run(m, adcclk(100));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(100 + 45));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
    rig_run(m, adcclk(100 + 60));
    g_assert_cmphex(rd(m, ADC1 + SR) & (EOC | OVR), ==, EOC);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(500));
    machine_free(m);
}

static void test_continuous_overrun(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + CR2, ADON | CONT | EOCS | SWSTART);
    rig_run(m, adcclk(15));
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(500));
    rig_run(m, adcclk(30));
    pin_drive(part_pin(machine_part(m, "rig"), "PA0"), DRIVE_SOURCE, 600);
    g_assert_cmphex(rd(m, ADC1 + SR) & (EOC | OVR), ==, EOC);
    rig_run(m, adcclk(45)); // not read in time
    g_assert_cmphex(rd(m, ADC1 + SR) & (EOC | OVR), ==, EOC | OVR);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(500));
    wr(m, ADC1 + CR2, ADON | CONT | EOCS | SWSTART); // ignored while OVR is set
    rig_run(m, adcclk(100));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
    wr(m, ADC1 + SR, 0);
    wr(m, ADC1 + CR2, ADON | CONT | EOCS | SWSTART);
    rig_run(m, adcclk(115));
    g_assert_cmphex(rd(m, ADC1 + SR) & (EOC | OVR), ==, EOC);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(600));
    machine_free(m);
}

// Three channels in groups of two: a trigger each.
static void test_discontinuous(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + SQR1, 2 << 20);
    wr(m, ADC1 + SQR3, 0 | 1 << 5 | 2 << 10);
    wr(m, ADC1 + CR1, SCAN | DISCEN | 1 << 13);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(100));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, 0);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(1000));
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(115));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(1500));
    machine_free(m);
}

// Triggers: edge by edge, and only the selected one.
static void test_external_trigger(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC2 + SQR3, 2);
    wr(m, ADC2 + CR1, EOCIE);
    wr(m, ADC2 + CR2, ADON | 6 << 24 | 2 << 28); // falling edges of TIM2_TRGO
    line_set(machine_line(m, "adc.ext.6"), true);
    line_pulse(machine_line(m, "adc.ext.5"));
    rig_run(m, adcclk(20));
    g_assert_cmphex(rd(m, ADC2 + SR), ==, 0);
    line_set(machine_line(m, "adc.ext.6"), false);
    rig_run(m, adcclk(35));
    g_assert_cmphex(rd(m, ADC2 + SR), ==, EOC | STRT);
    g_assert_true(rig_level(m, "adc.irq"));
    g_assert_cmphex(rd(m, CSR), ==, (EOC | STRT) << 8);
    g_assert_cmpuint(rd(m, ADC2 + DR), ==, code(1500));
    g_assert_false(rig_level(m, "adc.irq"));
    machine_free(m);
}

// An injected group interrupts a regular conversion, which is then made again from its start.
static void test_injected(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + SQR3, 0);
    wr(m, ADC1 + CR1, SCAN);
    wr(m, ADC1 + JSQR, 1 << 20 | 1 << 10 | 3 << 15); // two: channels 1 and 3
    wr(m, ADC1 + JOFR1, 0);
    wr(m, ADC1 + JOFR1 + 4, 0xFFF);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(10));
    wr(m, ADC1 + CR2, ADON | JSWSTART);
    rig_run(m, adcclk(40) - 1);
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT | JSTRT);
    rig_run(m, adcclk(40));
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT | JSTRT | JEOC);
    g_assert_cmpuint(rd(m, ADC1 + JDR1), ==, code(1000));
    g_assert_cmphex(rd(m, ADC1 + JDR1 + 4), ==, (code(2000) - 0xFFF) & 0xFFFF);
    rig_run(m, adcclk(55));
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
    g_assert_cmpuint(rd(m, ADC1 + DR), ==, code(500));
    machine_free(m);
}

static void test_auto_injected(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + CR1, JAUTO);
    wr(m, ADC1 + JSQR, 3 << 15);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(30));
    g_assert_cmphex(rd(m, ADC1 + SR), ==, STRT | JSTRT | JEOC | EOC);
    g_assert_cmpuint(rd(m, ADC1 + JDR1), ==, code(2000));
    machine_free(m);
}

static void test_watchdog(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + HTR, code(1200));
    wr(m, ADC1 + LTR, code(800));
    wr(m, ADC1 + CR1, AWDEN);
    wr(m, ADC1 + SQR3, 1);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(15));
    g_assert_cmphex(rd(m, ADC1 + SR) & AWD, ==, 0);
    wr(m, ADC1 + SQR3, 0);
    wr(m, ADC1 + CR1, AWDEN | AWDSGL | 1); // only channel 1 is watched
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(30));
    g_assert_cmphex(rd(m, ADC1 + SR) & AWD, ==, 0);
    wr(m, ADC1 + CR1, AWDEN | AWDSGL | 0);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, adcclk(45));
    g_assert_cmphex(rd(m, ADC1 + SR) & AWD, ==, AWD);
    machine_free(m);
}

// With DDS = 0 no request follows the DMA's last transfer.
static void test_dma(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC3 + CR2, ADON | CONT | DMA | SWSTART);
    rig_run(m, adcclk(15));
    g_assert_true(rig_level(m, "adc.dma3"));
    rd(m, ADC3 + DR);
    g_assert_false(rig_level(m, "adc.dma3"));
    rig_run(m, adcclk(30));
    line_set(machine_line(m, "adc.last3"), true);
    g_assert_true(rig_level(m, "adc.dma3"));
    rd(m, ADC3 + DR);
    line_set(machine_line(m, "adc.last3"), false);
    rig_run(m, adcclk(100));
    g_assert_false(rig_level(m, "adc.dma3"));
    g_assert_cmphex(rd(m, ADC3 + SR) & OVR, ==, 0);
    wr(m, ADC3 + CR2, 0);
    wr(m, ADC3 + CR2, ADON | CONT | DMA | DDS | SWSTART);
    rig_run(m, adcclk(115));
    g_assert_true(rig_level(m, "adc.dma3"));
    rig_run(m, adcclk(130)); // not served: overrun, no more requests
    g_assert_false(rig_level(m, "adc.dma3"));
    g_assert_cmphex(rd(m, ADC3 + SR) & OVR, ==, OVR);
    machine_free(m);
}

static unsigned convert(machine_t *m, unsigned channel)
{
    wr(m, ADC1 + SQR3, channel);
    wr(m, ADC1 + CR2, ADON | SWSTART);
    rig_run(m, machine_now_ps(m) + 2 * PS_PER_US);
    g_assert_cmphex(rd(m, ADC1 + SR) & EOC, ==, EOC);
    return rd(m, ADC1 + DR);
}

// Sensor, reference, battery, and the calibration values that firmware computes with.
static void test_internal_channels(void)
{
    machine_t *m = adc_machine();
    part_t *adc = machine_part(m, "adc");
    uint16_t vref = 0, cal30 = 0, cal110 = 0;
    g_assert_true(bus_peek(m->bus, 0x1FFF7A2A, &vref, 2));
    g_assert_true(bus_peek(m->bus, 0x1FFF7A2C, &cal30, 2));
    g_assert_true(bus_peek(m->bus, 0x1FFF7A2E, &cal110, 2));
    g_assert_cmpuint(vref, ==, code(1210));
    g_assert_cmpuint(convert(m, 16), ==, 0);
    wr(m, CCR, 1 << 16 | 1 << 22 | 1 << 23);
    g_assert_cmpuint(convert(m, 17), ==, vref);
    g_assert_cmpuint(convert(m, 16), ==, cal30);
    g_assert_true(part_prop_set(adc, part_prop_find(adc, "celsius"), 110, NULL));
    g_assert_cmpuint(convert(m, 16), ==, cal110);
    g_assert_true(part_prop_set(adc, part_prop_find(adc, "vbat"), 3, NULL));
    g_assert_cmpuint(convert(m, 18), ==, code(1500));
    machine_free(m);
}

// Channels 19 to 31 do not exist: they convert to 0.
static void test_no_channel(void)
{
    machine_t *m = adc_machine();
    wr(m, ADC1 + CR2, ADON);
    wr(m, ADC1 + SMPR1, 0x07FFFFFF);
    for (unsigned channel = 19; channel < 32; channel++)
        g_assert_cmpuint(convert(m, channel), ==, 0);
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32-adc/time", test_time);
    g_test_add_func("/stm32-adc/alignment-to-adcclk", test_alignment_to_adcclk);
    g_test_add_func("/stm32-adc/resolution", test_resolution);
    g_test_add_func("/stm32-adc/scan", test_scan);
    g_test_add_func("/stm32-adc/continuous-overrun", test_continuous_overrun);
    g_test_add_func("/stm32-adc/discontinuous", test_discontinuous);
    g_test_add_func("/stm32-adc/external-trigger", test_external_trigger);
    g_test_add_func("/stm32-adc/injected", test_injected);
    g_test_add_func("/stm32-adc/auto-injected", test_auto_injected);
    g_test_add_func("/stm32-adc/watchdog", test_watchdog);
    g_test_add_func("/stm32-adc/dma", test_dma);
    g_test_add_func("/stm32-adc/internal-channels", test_internal_channels);
    g_test_add_func("/stm32-adc/no-channel", test_no_channel);
    return g_test_run();
}
