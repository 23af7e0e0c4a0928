// SPDX-License-Identifier: GPL-2.0-or-later
// The STM32F405 as a whole, driven by its registers without a CPU: bus clocks, alternate functions,
// interrupt and request wires between the models.
#include "rig.h"
#include "xfer.h"
#include <string.h>

enum { RCC = 0x40023800, AHB1ENR = RCC + 0x30, APB1ENR = RCC + 0x40, APB2ENR = RCC + 0x44,
       BDCR = RCC + 0x70, CSR = RCC + 0x74 };
enum { GPIOA = 0x40020000, GPIOB = 0x40020400, GPIOC = 0x40020800, MODER = 0, OTYPER = 4,
       PUPDR = 12, AFRL = 32, AFRH = 36 };
enum { DMA1 = 0x40026000, DMA2 = 0x40026400, ADC1 = 0x40012000, DAC = 0x40007400, I2C1 = 0x40005400,
       SPI1 = 0x40013000, USART6 = 0x40011400, RTC = 0x40002800, PWR = 0x40007000,
       EXTI = 0x40013C00, RAM = 0x20000000 };

static machine_t *chip(soc_t *soc)
{
    *soc = *soc_find("stm32f405");
    soc->cpu = NULL;
    machine_t *m = rig_new(soc);
    rig_start(m);
    wr(m, AHB1ENR, 0x006001FF);
    wr(m, APB1ENR, 1 << 21 | 1 << 28 | 1 << 29);
    wr(m, APB2ENR, 1 << 5 | 1 << 8 | 1 << 12 | 1 << 14);
    return m;
}

static void set_bits(machine_t *m, uint32_t address, uint32_t clear, uint32_t set)
{
    wr(m, address, (rd(m, address) & ~clear) | set);
}

static void alternate(machine_t *m, uint32_t port, unsigned pin, unsigned af)
{
    set_bits(m, port + MODER, 3u << 2 * pin, 2u << 2 * pin);
    set_bits(m, port + (pin < 8 ? AFRL : AFRH), 15u << pin % 8 * 4, af << pin % 8 * 4);
}

static pin_t *pin(machine_t *m, const char *part, const char *name)
{
    return part_pin(machine_part(m, part), name);
}

static void after(machine_t *m, uint64_t ps) { rig_run(m, machine_now_ps(m) + ps); }

// A model without its bus clock reads 0 and keeps nothing.
static void test_bus_clock(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    wr(m, USART6 + 8, 0x8B);
    wr(m, APB2ENR, 0);
    g_assert_cmphex(rd(m, USART6 + 8), ==, 0);
    wr(m, USART6 + 8, 1);
    wr(m, APB2ENR, 1 << 5);
    g_assert_cmphex(rd(m, USART6 + 8), ==, 0x8B);
    machine_free(m);
}

// USART6 on PC6 and PC7 at 16 MHz / 139: a byte, looped back on the board, and its interrupt.
static void test_usart(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    pin_connect(pin(m, "gpioc", "PC6"), pin(m, "gpioc", "PC7"));
    alternate(m, GPIOC, 6, 8);
    alternate(m, GPIOC, 7, 8);
    wr(m, USART6 + 8, 139);
    wr(m, USART6 + 12, 1 << 13 | 1 << 5 | 1 << 3 | 1 << 2);
    g_assert_true(pin_level(pin(m, "gpioc", "PC6")));
    wr(m, USART6 + 4, 0x42);
    after(m, 20 * 8687500 - 1); // idle preamble and frame
    g_assert_false(rig_level(m, "irq.71"));
    after(m, 1);
    g_assert_true(rig_level(m, "irq.71"));
    g_assert_cmphex(rd(m, USART6 + 4), ==, 0x42);
    g_assert_false(rig_level(m, "irq.71"));
    machine_free(m);
}

// Four bytes through SPI1 and DMA2 streams 0 and 3, PA7 joined to PA6.
static void test_spi_dma(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    pin_connect(pin(m, "gpioa", "PA6"), pin(m, "gpioa", "PA7"));
    for (unsigned i = 5; i < 8; i++)
        alternate(m, GPIOA, i, 5);
    g_assert_true(bus_poke(m->bus, RAM, "\x12\x34\x56\x78", 4));
    wr(m, DMA2 + 0x14, 4);
    wr(m, DMA2 + 0x18, SPI1 + 12);
    wr(m, DMA2 + 0x1C, RAM + 16);
    wr(m, DMA2 + 0x10, 3u << 25 | 1 << 10 | 1 << 4 | 1);
    wr(m, DMA2 + 0x14 + 0x48, 4);
    wr(m, DMA2 + 0x18 + 0x48, SPI1 + 12);
    wr(m, DMA2 + 0x1C + 0x48, RAM);
    wr(m, DMA2 + 0x10 + 0x48, 3u << 25 | 1 << 10 | 1 << 6 | 1);
    wr(m, SPI1 + 4, 3);
    wr(m, SPI1 + 0, 1 << 9 | 1 << 8 | 1 << 6 | 1 << 2);
    after(m, 5 * PS_PER_US);
    uint8_t got[4] = {0};
    g_assert_true(bus_peek(m->bus, RAM + 16, got, 4));
    g_assert_cmpmem(got, 4, "\x12\x34\x56\x78", 4);
    g_assert_true(rig_level(m, "irq.56"));
    machine_free(m);
}

static bool target_start(void *ctx, uint8_t address, bool read) { return address == 0x18; }
static bool target_write(void *ctx, uint8_t byte)
{
    *(uint8_t *)ctx = byte;
    return true;
}
static uint8_t target_read(void *ctx) { return *(uint8_t *)ctx; }

// I2C1 on PB6 and PB7 with the chip's own pull-ups, and its event interrupt.
static void test_i2c(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    uint8_t memory = 0;
    i2c_target_t target = {.start = target_start, .write = target_write, .read = target_read,
                           .ctx = &memory};
    pin_connect(pin(m, "gpiob", "PB6"), rig_pin(m, 0));
    pin_connect(pin(m, "gpiob", "PB7"), rig_pin(m, 1));
    i2c_target_attach(&target, rig_pin(m, 0), rig_pin(m, 1));
    set_bits(m, GPIOB + PUPDR, 15 << 12, 5 << 12);
    set_bits(m, GPIOB + OTYPER, 0, 3 << 6);
    alternate(m, GPIOB, 6, 4);
    alternate(m, GPIOB, 7, 4);
    wr(m, I2C1 + 4, 16 | 1 << 9);
    wr(m, I2C1 + 0x1C, 80); // 100 kHz
    wr(m, I2C1, 1);
    wr(m, I2C1, 1 << 8 | 1);
    after(m, 10 * PS_PER_US);
    g_assert_cmphex(rd(m, I2C1 + 0x14), ==, 1);
    g_assert_true(rig_level(m, "irq.31"));
    wr(m, I2C1 + 0x10, 0x30);
    after(m, 90 * PS_PER_US);
    g_assert_cmphex(rd(m, I2C1 + 0x14), ==, 2);
    g_assert_cmphex(rd(m, I2C1 + 0x18), ==, 7);
    wr(m, I2C1 + 0x10, 0x77);
    after(m, 90 * PS_PER_US);
    g_assert_cmphex(memory, ==, 0x77);
    machine_free(m);
}

// The DAC's voltage on PA4 is what channel 4 of the ADC reads; DMA2 stream 0 fetches it.
static void test_dac_adc(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    set_bits(m, GPIOA + MODER, 0, 3 << 8);
    wr(m, DAC, 1);
    wr(m, DAC + 8, 1000);
    wr(m, DMA2 + 0x14, 1);
    wr(m, DMA2 + 0x18, ADC1 + 0x4C);
    wr(m, DMA2 + 0x1C, RAM);
    wr(m, DMA2 + 0x10, 1 << 13 | 1 << 11 | 1);
    wr(m, ADC1 + 0x34, 4);
    after(m, PS_PER_US);
    wr(m, ADC1 + 8, 1 << 30 | 1 << 8 | 1);
    after(m, 15 * 125000 + PS_PER_US); // 15 cycles of 16 MHz / 2
    uint16_t got = 0;
    g_assert_true(bus_peek(m->bus, RAM, &got, 2));
    g_assert_cmpint(abs(got - 1000), <=, 1);
    machine_free(m);
}

static uint8_t i2c_byte(machine_t *m, uint32_t cr1)
{
    wr(m, I2C1, cr1);
    after(m, 100 * PS_PER_US);
    g_assert_cmphex(rd(m, I2C1 + 0x14) & 1 << 6, ==, 1 << 6);
    return rd(m, I2C1 + 0x10);
}

static void i2c_address(machine_t *m, uint8_t byte)
{
    wr(m, I2C1, 1 << 10 | 1 << 8 | 1);
    after(m, 10 * PS_PER_US);
    g_assert_cmphex(rd(m, I2C1 + 0x14) & 1, ==, 1);
    wr(m, I2C1 + 0x10, byte);
    after(m, 90 * PS_PER_US);
    g_assert_cmphex(rd(m, I2C1 + 0x14) & 2, ==, 2);
}

// The MCP9808 on I2C1: 25.5 degrees, and its identity, as its data sheet has them.
static void test_mcp9808(void)
{
    soc_t soc = *soc_find("stm32f405");
    soc.cpu = NULL;
    g_autoptr(GError) error = NULL;
    machine_t *m = rig_new(&soc);
    part_t *sensor = machine_add_part(m, part_class_find("mcp9808"), "sensor", &error);
    g_assert_no_error(error);
    g_assert_true(part_init(sensor, &error));
    pin_connect(pin(m, "gpiob", "PB6"), part_pin(sensor, "SCL"));
    pin_connect(pin(m, "gpiob", "PB7"), part_pin(sensor, "SDA"));
    pin_connect(rig_pin(m, 0), part_pin(sensor, "VDD"));
    pin_connect(rig_pin(m, 1), part_pin(sensor, "GND"));
    pin_set(rig_pin(m, 0), true);
    pin_set(rig_pin(m, 1), false);
    rig_start(m);
    g_assert_true(part_prop_set(sensor, 0, 25.5, NULL));
    wr(m, AHB1ENR, 2);
    wr(m, APB1ENR, 1 << 21);
    set_bits(m, GPIOB + PUPDR, 15 << 12, 5 << 12);
    set_bits(m, GPIOB + OTYPER, 0, 3 << 6);
    alternate(m, GPIOB, 6, 4);
    alternate(m, GPIOB, 7, 4);
    after(m, 300 * PS_PER_MS);
    wr(m, I2C1 + 4, 16);
    wr(m, I2C1 + 0x1C, 80);
    wr(m, I2C1, 1);
    const uint16_t rows[][2] = {{5, 0x0198}, {6, 0x0054}};
    for (unsigned i = 0; i < 2; i++) {
        i2c_address(m, 0x30);
        rd(m, I2C1 + 0x18);
        wr(m, I2C1 + 0x10, rows[i][0]);
        after(m, 90 * PS_PER_US);
        i2c_address(m, 0x31);
        rd(m, I2C1 + 0x18);
        uint16_t high = i2c_byte(m, 1 << 10 | 1), value = high << 8 | i2c_byte(m, 1 << 9 | 1);
        g_assert_cmphex(value & 0x1FFF, ==, rows[i][1]);
        after(m, 100 * PS_PER_US);
        g_assert_cmphex(rd(m, I2C1 + 0x18), ==, 0);
    }
    machine_free(m);
}

// TIM2's update each millisecond starts a conversion, without software.
static void test_timer_adc(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    const uint32_t tim2 = 0x40000000;
    set_bits(m, APB1ENR, 0, 1);
    wr(m, tim2 + 0x28, 15);
    wr(m, tim2 + 0x2C, 999);
    wr(m, tim2 + 0x14, 1);
    wr(m, tim2 + 0x04, 2 << 4);
    wr(m, ADC1 + 8, 1 << 28 | 6 << 24 | 1);
    wr(m, tim2, 1);
    // The timer begins one cycle after CEN; then the next edge of 8 MHz, and 15 cycles of it.
    for (unsigned i = 1; i <= 3; i++) {
        rig_run(m, i * PS_PER_MS + 16 * 125000 - 1);
        g_assert_cmphex(rd(m, ADC1) & 2, ==, 0);
        rig_run(m, i * PS_PER_MS + 16 * 125000);
        g_assert_cmphex(rd(m, ADC1) & 2, ==, 2);
        rd(m, ADC1 + 0x4C);
    }
    machine_free(m);
}

// TIM6's updates make DMA1 stream 5 feed the DAC from a circular buffer.
static void test_timer_dac(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    const uint32_t tim6 = 0x40001000;
    const uint16_t table[4] = {0, 1000, 2000, 3000};
    g_assert_true(bus_poke(m->bus, RAM, table, sizeof table));
    set_bits(m, APB1ENR, 0, 1 << 4);
    set_bits(m, GPIOA + MODER, 0, 3 << 8);
    wr(m, DMA1 + 0x14 + 0x78, 4);
    wr(m, DMA1 + 0x18 + 0x78, DAC + 8);
    wr(m, DMA1 + 0x1C + 0x78, RAM);
    wr(m, DMA1 + 0x10 + 0x78, 7u << 25 | 1 << 13 | 1 << 11 | 1 << 10 | 1 << 8 | 1 << 6 | 1);
    wr(m, DAC, 1 << 12 | 1 << 2 | 1);
    wr(m, tim6 + 0x2C, 159); // 10 us
    wr(m, tim6 + 0x04, 2 << 4);
    wr(m, tim6, 1);
    for (unsigned i = 1; i <= 9; i++) {
        rig_run(m, i * 10 * PS_PER_US + PS_PER_US);
        if (i > 1) // the first trigger converts what was there before
            g_assert_cmpuint(rd(m, DAC + 0x2C), ==, table[(i - 2) % 4]);
    }
    g_assert_cmpint(pin_mv(pin(m, "gpioa", "PA4")), ==, (3000 * 3300 + 2047) / 4095);
    machine_free(m);
}

// The RTC on the internal oscillator wakes through EXTI line 22; the backup domain opens by PWR_CR.
static void test_rtc(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    wr(m, RTC + 0x50, 1);
    g_assert_cmphex(rd(m, RTC + 0x50), ==, 0);
    wr(m, PWR, 1 << 8);
    wr(m, RTC + 0x50, 1);
    g_assert_cmphex(rd(m, RTC + 0x50), ==, 1);
    wr(m, CSR, 1);
    after(m, PS_PER_MS);
    wr(m, BDCR, 1 << 15 | 2 << 8);
    g_assert_cmpfloat(clk_hz(machine_clk(m, "rtcclk")), ==, 32000);
    wr(m, RTC + 0x24, 0xCA);
    wr(m, RTC + 0x24, 0x53);
    wr(m, RTC + 0x14, 199); // of 2 kHz
    wr(m, RTC + 0x08, 1 << 14 | 1 << 10);
    wr(m, EXTI + 8, 1 << 22);
    wr(m, EXTI + 0, 1 << 22);
    after(m, 99 * PS_PER_MS);
    g_assert_false(rig_level(m, "irq.3"));
    after(m, 2 * PS_PER_MS);
    g_assert_true(rig_level(m, "irq.3"));
    machine_reset(m, false);
    g_assert_cmphex(rd(m, RTC + 0x50), ==, 1);
    machine_free(m);
}

// All rows of the table name pads that a model owns, and pins that a port has.
static void test_table(void)
{
    soc_t soc;
    machine_t *m = chip(&soc);
    for (const soc_af_t *af = soc.afs; af->pin; af++) {
        char port[8] = "gpio?";
        port[4] = af->pin[1] - 'A' + 'a';
        g_assert_nonnull(pin(m, port, af->pin));
        g_auto(GStrv) pad = g_strsplit(af->pad, ".", 2);
        if (!machine_part(m, pad[0]))
            g_test_message("%s: no part for %s", af->pin, af->pad);
        g_assert_nonnull(machine_part(m, pad[0]));
    }
    machine_free(m);
}

static void check_line(machine_t *m, const char *name)
{
    g_auto(GStrv) words = g_strsplit(name, ".", 2);
    if (!machine_part(m, words[0]) || g_hash_table_contains(m->lines, name))
        return;
    g_test_message("no model knows the line %s", name);
    g_test_fail();
}

// Both ends of each wire are lines that a model made by itself. Parts that are not modelled are
// exempt.
static void test_wires(void)
{
    soc_t soc = *soc_find("stm32f405");
    const soc_wire_t *wires = soc.wires;
    soc.cpu = NULL;
    soc.wires = NULL;
    machine_t *m = rig_new(&soc);
    rig_start(m);
    for (; wires->from; wires++) {
        check_line(m, wires->from);
        check_line(m, wires->to);
    }
    machine_free(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stm32f405/bus-clock", test_bus_clock);
    g_test_add_func("/stm32f405/usart", test_usart);
    g_test_add_func("/stm32f405/spi-dma", test_spi_dma);
    g_test_add_func("/stm32f405/i2c", test_i2c);
    g_test_add_func("/stm32f405/dac-adc", test_dac_adc);
    g_test_add_func("/stm32f405/mcp9808", test_mcp9808);
    g_test_add_func("/stm32f405/timer-adc", test_timer_adc);
    g_test_add_func("/stm32f405/timer-dac", test_timer_dac);
    g_test_add_func("/stm32f405/rtc", test_rtc);
    g_test_add_func("/stm32f405/table", test_table);
    g_test_add_func("/stm32f405/wires", test_wires);
    return g_test_run();
}
