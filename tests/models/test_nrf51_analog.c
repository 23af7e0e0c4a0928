// SPDX-License-Identifier: GPL-2.0-or-later
// nRF51 ADC, comparator and thermometer.
#include "nrf51.h"

enum { ADC = 0x40007000, TEMP = 0x4000C000, LPCOMP = 0x40013000 };
enum { ADC_END = ADC + 0x100, BUSY = ADC + 0x400, ADC_ENABLE = ADC + 0x500, CONFIG = ADC + 0x504,
       RESULT = ADC + 0x508 };
enum { CMP_READY = LPCOMP + 0x100, DOWN = LPCOMP + 0x104, UP = LPCOMP + 0x108,
       CROSS = LPCOMP + 0x10C, CMP_RESULT = LPCOMP + 0x400, CMP_ENABLE = LPCOMP + 0x500,
       CMP_PSEL = LPCOMP + 0x504, REFSEL = LPCOMP + 0x508, ANADETECT = LPCOMP + 0x520 };
enum { PIN0 = 3, AIN4 = 1 << 12 }; // P0.03
enum { WHOLE = 0 << 2, TWO_THIRDS = 1 << 2, THIRD = 2 << 2, VDD_TWO_THIRDS = 5 << 2,
       VDD_THIRD = 6 << 2 };
enum { BAND_GAP = 0 << 5, EXTERNAL = 1 << 5, HALF_VDD = 2 << 5, THIRD_VDD = 3 << 5 };

static uint32_t convert(chip_t *c, uint32_t config)
{
    wr(c, CONFIG, config);
    task(c, ADC);
    run_for(c, 68 * US);
    g_assert_true(event(c, ADC_END));
    return rd(c, RESULT);
}

static void test_adc_times(void)
{
    static const unsigned times_us[] = {20, 36, 68};
    chip_t *c = nrf51_new();
    task(c, ADC); // switched off
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, ADC_END));
    wr(c, ADC_ENABLE, 1);
    for (unsigned resolution = 0; resolution < 3; resolution++) {
        uint64_t now = machine_now_ps(c->m);
        wr(c, CONFIG, resolution | AIN4);
        task(c, ADC);
        g_assert_cmpuint(rd(c, BUSY), ==, 1);
        event_comes(c, ADC_END, now + times_us[resolution] * US);
        g_assert_cmpuint(rd(c, BUSY), ==, 0);
    }
    task(c, ADC);
    task(c, ADC + 4);
    g_assert_cmpuint(rd(c, BUSY), ==, 0);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, ADC_END));
    chip_done(c);
}

static void test_adc_codes(void)
{
    chip_t *c = nrf51_new();
    wr(c, ADC_ENABLE, 1);
    g_assert_cmphex(rd(c, CONFIG), ==, 0x18);
    feed(c, PIN0, 900);
    g_assert_cmpuint(convert(c, 2 | WHOLE | BAND_GAP | AIN4), ==, 768);
    g_assert_cmpuint(convert(c, 1 | WHOLE | BAND_GAP | AIN4), ==, 384);
    g_assert_cmpuint(convert(c, 0 | WHOLE | BAND_GAP | AIN4), ==, 192);
    g_assert_cmpuint(convert(c, 2 | TWO_THIRDS | BAND_GAP | AIN4), ==, 512);
    g_assert_cmpuint(convert(c, 2 | THIRD | BAND_GAP | AIN4), ==, 256);
    g_assert_cmpuint(convert(c, 2 | WHOLE | HALF_VDD | AIN4), ==, 559); // 900 / 1650
    g_assert_cmpuint(convert(c, 2 | THIRD | THIRD_VDD | AIN4), ==, 279); // 300 / 1100
    g_assert_cmpuint(convert(c, 2 | VDD_THIRD | BAND_GAP), ==, 939);
    g_assert_cmpuint(convert(c, 2 | VDD_TWO_THIRDS | BAND_GAP), ==, 1023); // more than full scale
    feed(c, 0, 1800); // AREF0
    g_assert_cmpuint(convert(c, 2 | WHOLE | EXTERNAL | AIN4 | 1 << 16), ==, 512);
    feed(c, 6, 1000); // AREF1
    g_assert_cmpuint(convert(c, 2 | WHOLE | EXTERNAL | AIN4 | 2 << 16), ==, 922);
    g_assert_cmpuint(convert(c, 2 | WHOLE | BAND_GAP), ==, 0); // no input
    chip_done(c);
}

// Each input is on its own pin.
static void test_adc_inputs(void)
{
    static const uint8_t pins[8] = {26, 27, 1, 2, 3, 4, 5, 6};
    chip_t *c = nrf51_new();
    wr(c, ADC_ENABLE, 1);
    for (unsigned i = 0; i < 8; i++)
        feed(c, pins[i], 100 * ((int)i + 1));
    for (unsigned i = 0; i < 8; i++)
        g_assert_cmpuint(convert(c, 2 | WHOLE | BAND_GAP | 1u << (8 + i)), ==,
                         (100 * (i + 1) * 1024 + 600) / 1200);
    chip_done(c);
}

// While it samples it conducts through 540 kilohms to 0.6 V: with 80 pF a time constant of 43.2 us.
static void test_adc_loads_what_floats(void)
{
    chip_t *c = nrf51_new();
    pin_t *pin = gpio_pin(c, 4); // AIN5
    pin_add_farads(pin, 80e-12);
    pin_set(pin, true);
    wr(c, ADC_ENABLE, 1);
    g_assert_cmpuint(convert(c, 2 | THIRD | THIRD_VDD | 1 << 13), ==, 1023); // driven: not loaded
    pin_release(pin);
    run_for(c, PS_PER_MS);
    g_assert_cmpint(pin_mv(pin), ==, 3300);
    g_assert_cmpuint(convert(c, 2 | THIRD | THIRD_VDD | 1 << 13), ==, 360); // 1159 mV
    run_for(c, PS_PER_MS);
    g_assert_cmpint(pin_mv(pin), ==, 1159); // as the conversion left it
    task(c, ADC);
    run_for(c, 10 * US);
    task(c, ADC + 4); // stopped
    g_assert_cmpint(pin_mv(pin), ==, 1044);
    run_for(c, PS_PER_MS);
    g_assert_cmpint(pin_mv(pin), ==, 1044);
    for (unsigned i = 0; i < 10; i++)
        convert(c, 2 | THIRD | THIRD_VDD | 1 << 13);
    g_assert_cmpint(pin_mv(pin), >=, 599);
    g_assert_cmpint(pin_mv(pin), <=, 601);
    chip_done(c);
}

static void test_temperature(void)
{
    static const struct {
        double celsius;
        int32_t value;
    } rows[] = {{24, 96}, {25.25, 101}, {-3.25, -13}, {0, 0}};
    chip_t *c = nrf51_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t now = machine_now_ps(c->m);
        part_prop_set(machine_part(c->m, "temp"), 0, rows[i].celsius, NULL);
        task(c, TEMP);
        event_comes(c, TEMP + 0x100, now + 36 * US);
        g_assert_cmpint((int32_t)rd(c, TEMP + 0x508), ==, rows[i].value);
    }
    task(c, TEMP);
    task(c, TEMP + 4);
    run_for(c, PS_PER_MS);
    g_assert_false(event(c, TEMP + 0x100));
    chip_done(c);
}

static void test_comparator(void)
{
    chip_t *c = nrf51_new();
    feed(c, PIN0, 1000);
    wr(c, CMP_PSEL, 4);
    wr(c, REFSEL, 3); // 4/8 of 3.3 V
    wr(c, LPCOMP + 0x200, 1); // READY, SAMPLE
    wr(c, CMP_ENABLE, 1);
    task(c, LPCOMP);
    event_comes(c, CMP_READY, 140 * US);
    g_assert_cmpuint(rd(c, CMP_RESULT), ==, 0);
    feed(c, PIN0, 1600);
    g_assert_false(event(c, CROSS));
    feed(c, PIN0, 1700);
    g_assert_true(event(c, UP));
    g_assert_true(event(c, CROSS));
    g_assert_false(event(c, DOWN));
    task(c, LPCOMP + 8);
    g_assert_cmpuint(rd(c, CMP_RESULT), ==, 1);
    feed(c, PIN0, 100);
    g_assert_true(event(c, DOWN));
    g_assert_true(event(c, CROSS));
    wr(c, REFSEL, 7); // AREF0
    feed(c, 0, 50);
    g_assert_true(event(c, UP));
    event(c, CROSS);
    task(c, LPCOMP + 4);
    feed(c, PIN0, 0);
    g_assert_false(event(c, CROSS));
    chip_done(c);
}

static void on_detect(void *ctx, int arg, bool is)
{
    *(unsigned *)ctx += is;
}

static void test_comparator_wakes(void)
{
    static const unsigned expected[] = {2, 1, 1}; // CROSS, UP, DOWN
    for (unsigned detect = 0; detect < 3; detect++) {
        unsigned n = 0;
        chip_t *c = nrf51_new();
        line_listen(machine_line(c->m, "lpcomp.anadetect"), on_detect, &n, 0);
        feed(c, PIN0, 0);
        wr(c, CMP_PSEL, 4);
        wr(c, REFSEL, 3);
        wr(c, ANADETECT, detect);
        wr(c, CMP_ENABLE, 1);
        task(c, LPCOMP);
        run_for(c, PS_PER_MS);
        feed(c, PIN0, 3000);
        g_assert_cmpuint(n, ==, detect != 2);
        feed(c, PIN0, 0);
        g_assert_cmpuint(n, ==, expected[detect]);
        chip_free(c);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nrf51/adc/times", test_adc_times);
    g_test_add_func("/nrf51/adc/codes", test_adc_codes);
    g_test_add_func("/nrf51/adc/inputs", test_adc_inputs);
    g_test_add_func("/nrf51/adc/loads-what-floats", test_adc_loads_what_floats);
    g_test_add_func("/nrf51/temp", test_temperature);
    g_test_add_func("/nrf51/lpcomp", test_comparator);
    g_test_add_func("/nrf51/lpcomp/wakes", test_comparator_wakes);
    return g_test_run();
}
