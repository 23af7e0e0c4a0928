// SPDX-License-Identifier: GPL-2.0-or-later
// A bare program for the pyboard with the demo's sensors: waits for a letter on UART6 and does
// what it stands for, so that test_pyboard.c can play with the board around it. Runs on HSI, 16
// MHz.
#include "print.h"

#define REG(address) (*(volatile uint32_t *)(address))
#define GPIO(port, offset) REG(0x40020000 + 0x400 * ((port) - 'A') + (offset))
enum { MODER = 0x00, OTYPER = 0x04, PUPDR = 0x0C, IDR = 0x10, BSRR = 0x18, AFRL = 0x20 };
enum { INPUT, OUTPUT, ALTERNATE, ANALOG };

#define RCC_AHB1ENR REG(0x40023830)
#define RCC_APB1ENR REG(0x40023840)
#define RCC_APB2ENR REG(0x40023844)
#define UART(offset) REG(0x40011400 + (offset))
#define ADC(offset) REG(0x40012000 + (offset))
#define I2C(offset) REG(0x40005400 + (offset))
#define TIM2(offset) REG(0x40000000 + (offset))

void reset(void);
extern const uint32_t vectors[];
__attribute__((section(".vectors"), used))
const uint32_t vectors[2] = {0x20020000, (uint32_t)reset};

static void pin(char port, unsigned n, unsigned mode, unsigned af)
{
    GPIO(port, AFRL + n / 8 * 4) =
        (GPIO(port, AFRL + n / 8 * 4) & ~(15u << n % 8 * 4)) | af << n % 8 * 4;
    GPIO(port, MODER) = (GPIO(port, MODER) & ~(3u << 2 * n)) | mode << 2 * n;
}

static void set(char port, unsigned n, unsigned level)
{
    GPIO(port, BSRR) = 1u << (n + (level ? 0 : 16));
}
static unsigned get(char port, unsigned n) { return GPIO(port, IDR) >> n & 1; }

static void put(char c)
{
    while (!(UART(0) & 0x80))
        ;
    UART(4) = c;
}

// ---- Things to do -------------------------------------------------------------------------------

static uint32_t adc(void)
{
    pin('C', 0, ANALOG, 0);
    ADC(0x08) = 1;         // on
    ADC(0x34) = 10;        // one conversion, of channel 10
    ADC(0x08) = 1 | 1 << 30;
    while (!(ADC(0x00) & 2))
        ;
    return ADC(0x4C);
}

static uint32_t i2c_by_hardware(uint8_t address, uint8_t reg)
{
    GPIO('B', OTYPER) |= 3 << 6;
    pin('B', 6, ALTERNATE, 4);
    pin('B', 7, ALTERNATE, 4);
    I2C(0x00) = 1 << 15; // reset of the peripheral
    I2C(0x00) = 0;
    I2C(0x04) = 16;      // MHz
    I2C(0x1C) = 80;      // 100 kHz
    I2C(0x20) = 17;
    I2C(0x00) = 1;
    I2C(0x00) = 1 | 1 << 8; // START
    while (!(I2C(0x14) & 1))
        ;
    I2C(0x10) = address << 1;
    while (!(I2C(0x14) & (1 << 1 | 1 << 10)))
        ;
    if (I2C(0x14) & 1 << 10) {
        I2C(0x14) = 0;
        I2C(0x00) = 1 | 1 << 9;
        return 0xEEEE; // nobody
    }
    (void)I2C(0x18);
    I2C(0x10) = reg;
    while (!(I2C(0x14) & 1 << 2)) // BTF
        ;
    I2C(0x00) = 1 | 1 << 8;
    while (!(I2C(0x14) & 1))
        ;
    I2C(0x10) = address << 1 | 1;
    I2C(0x00) = 1 | 1 << 10 | 1 << 11; // ACK, POS: the second of two bytes is refused
    while (!(I2C(0x14) & 1 << 1))
        ;
    (void)I2C(0x18);
    I2C(0x00) = 1 | 1 << 11;
    while (!(I2C(0x14) & 1 << 2))
        ;
    I2C(0x00) = 1 | 1 << 9 | 1 << 11; // STOP
    uint32_t high = I2C(0x10);
    return high << 8 | I2C(0x10);
}

static void wait(void)
{
    for (volatile int i = 0; i < 4; i++)
        ;
}

static unsigned clock_bit(unsigned out)
{
    set('B', 7, out);
    wait();
    set('B', 6, 1);
    wait();
    unsigned in = get('B', 7);
    set('B', 6, 0);
    return in;
}

static void start(void)
{
    set('B', 7, 1);
    wait();
    set('B', 6, 1);
    wait();
    set('B', 7, 0);
    wait();
    set('B', 6, 0);
}

static unsigned write_byte(uint8_t byte)
{
    for (int i = 7; i >= 0; i--)
        clock_bit(byte >> i & 1);
    return !clock_bit(1);
}

static uint32_t read_byte(unsigned ack)
{
    uint32_t byte = 0;
    for (int i = 0; i < 8; i++)
        byte = byte << 1 | clock_bit(1);
    clock_bit(!ack);
    return byte;
}

static uint32_t i2c_by_pins(uint8_t address, uint8_t reg)
{
    GPIO('B', OTYPER) |= 3 << 6;
    set('B', 6, 1);
    set('B', 7, 1);
    pin('B', 6, OUTPUT, 0);
    pin('B', 7, OUTPUT, 0);
    start();
    unsigned there = write_byte(address << 1);
    write_byte(reg);
    start();
    write_byte(address << 1 | 1);
    uint32_t value = read_byte(1) << 8;
    value |= read_byte(0);
    set('B', 7, 0);
    wait();
    set('B', 6, 1);
    wait();
    set('B', 7, 1);
    return there ? value : 0xEEEE;
}

// The yellow LED at a quarter, 1 kHz.
static void pwm(void)
{
    pin('A', 15, ALTERNATE, 1);
    TIM2(0x28) = 15;
    TIM2(0x2C) = 999;
    TIM2(0x34) = 250;
    TIM2(0x18) = 6 << 4;
    TIM2(0x20) = 1;
    TIM2(0x14) = 1;
    TIM2(0x00) = 1;
}

// 'U' at 115200 baud on Y1, made by delays: 139 cycles a bit.
static void uart_by_pins(void)
{
    set('C', 6, 1);
    pin('C', 6, OUTPUT, 0);
    uint32_t from = REG(0xE0001004);
    for (unsigned bit = 0, frame = 0x200 | 'U' << 1; bit < 10; bit++, frame >>= 1, from += 139) {
        set('C', 6, frame & 1);
        while (REG(0xE0001004) - from < 139)
            ;
    }
    pin('C', 6, ALTERNATE, 8);
}

static void turn(char letter)
{
    switch (letter) {
    case 'a': print("adc ", adc()); break;
    case 'i': print("hard ", i2c_by_hardware(0x18, 5)); break;
    case 'b': print("pins ", i2c_by_pins(0x18, 5)); break;
    case 'n': print("hard ", i2c_by_hardware(0x55, 5)); break;
    case 'm': print("pins ", i2c_by_pins(0x55, 5)); break;
    case 's': print("switch ", get('B', 3)); break;
    case 'p': pwm(); break;
    case 'v': uart_by_pins(); break;
    case '1': set('A', 13, 1); break;
    case '0': set('A', 13, 0); break;
    case 'x': // power for the accelerometer, then look for it
        pin('B', 5, OUTPUT, 0);
        set('B', 5, 1);
        print("hard ", i2c_by_hardware(0x4C, 7));
        break;
    default: put(letter); break;
    }
}

__attribute__((noreturn)) void reset(void)
{
    RCC_AHB1ENR = 0xF;
    RCC_APB1ENR = 1 << 21 | 1 << 0;
    RCC_APB2ENR = 1 << 8 | 1 << 5;
    REG(0xE000EDFC) |= 1 << 24; // cycle counter
    REG(0xE0001000) |= 1;
    pin('C', 6, ALTERNATE, 8);
    pin('C', 7, ALTERNATE, 8);
    UART(0x08) = 139;
    UART(0x0C) = 1 << 13 | 3 << 2;
    GPIO('B', PUPDR) = (GPIO('B', PUPDR) & ~(3u << 6)) | 1 << 6;
    pin('B', 3, INPUT, 0);
    pin('A', 13, OUTPUT, 0);
    print("ready ", 0);
    for (;;) {
        while (!(UART(0) & 0x20))
            ;
        turn((char)UART(4));
    }
}
