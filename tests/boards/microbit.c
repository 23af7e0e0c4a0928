// SPDX-License-Identifier: GPL-2.0-or-later
// A bare program for the micro:bit: waits for a letter on the serial line and does what it stands
// for, so that test_microbit.c can measure the chip from outside. Runs on the RC oscillator, 16 MHz.
#include "print.h"

#define REG(address) (*(volatile uint32_t *)(address))
#define UART(offset) REG(0x40002000 + (offset))
#define TIMER0(offset) REG(0x40008000 + (offset))
#define RTC1(offset) REG(0x40011000 + (offset))
#define NVMC(offset) REG(0x4001E000 + (offset))
#define GPIO(offset) REG(0x50000000 + (offset))
#define RESETREAS REG(0x40000400)
enum { TX = 24, RX = 25, CC0 = 0x540, CAPTURE0 = 0x40 };

void reset(void), hard_fault(void);
uint32_t volatile_loop(uint32_t turns);
extern const uint32_t vectors[];
__attribute__((section(".vectors"), used))
const uint32_t vectors[4] = {0x20004000, (uint32_t)reset, 0, (uint32_t)hard_fault};

static void put(char c)
{
    UART(0x11C) = 0;
    UART(0x51C) = c;
    while (!UART(0x11C))
        ;
}

static uint32_t now(void)
{
    TIMER0(CAPTURE0) = 1;
    return TIMER0(CC0);
}

// ---- Loops: what 1000 turns take longer than none, in cycles -------------------------------------

static __attribute__((noinline)) uint32_t short_loop(uint32_t turns)
{
    uint32_t from = now();
    __asm__ volatile("1: subs %0, #1\n bne 1b\n" : "+l"(turns));
    return now() - from;
}

static __attribute__((noinline)) uint32_t long_loop(uint32_t turns)
{
    uint32_t from = now();
    __asm__ volatile("1: nop\n nop\n nop\n subs %0, #1\n bne 1b\n" : "+l"(turns));
    return now() - from;
}

// What compilers make of `while (t) { nop(); nop(); nop(); t--; }`: the known loop of 500 ns.
static __attribute__((noinline)) uint32_t delay_loop(uint32_t turns)
{
    uint32_t from = now();
    __asm__ volatile("1: nop\n nop\n nop\n subs %0, #1\n cmp %0, #0\n bne 1b\n" : "+l"(turns));
    return now() - from;
}

// The test disassembles it and adds up its instructions.
__attribute__((noinline)) uint32_t volatile_loop(uint32_t turns)
{
    volatile uint32_t count = 0;
    do
        count += 3;
    while (--turns);
    return count;
}

static __attribute__((noinline)) uint32_t timed_volatile(uint32_t turns)
{
    uint32_t from = now();
    volatile_loop(turns);
    return now() - from;
}

// ---- Clocks --------------------------------------------------------------------------------------

// Cycles of one second of the RTC.
static uint32_t second(void)
{
    REG(0x40000104) = 0;
    REG(0x40000008) = 1; // LFCLKSTART
    while (!REG(0x40000104))
        ;
    RTC1(0x000) = 1;
    while (!RTC1(0x504))
        ;
    uint32_t from = now();
    while (RTC1(0x504) < 1 + 32768)
        ;
    return now() - from;
}

// A word written to flash, from outside: how long the CPU stood still.
static uint32_t flash_write(void)
{
    NVMC(0x504) = 1;
    uint32_t from = now();
    REG(0x3F000) = 0x1234;
    uint32_t took = now() - from;
    NVMC(0x504) = 0;
    return took;
}

static uint32_t flash_erase(void)
{
    NVMC(0x504) = 2;
    uint32_t from = now();
    NVMC(0x508) = 0x3F000;
    uint32_t took = now() - from;
    NVMC(0x504) = 0;
    return took;
}

__attribute__((used)) void note(uint32_t *frame)
{
    print("fault ", *(volatile uint16_t *)frame[6]);
    frame[6] += 2;
}

__attribute__((naked)) void hard_fault(void) { __asm__("mov r0, sp\n b note\n"); }

static char get(void)
{
    while (!UART(0x108))
        ;
    UART(0x108) = 0;
    return (char)UART(0x518);
}

// Takes a line, then sends it back.
static void line(void)
{
    static char text[2048];
    unsigned n = 0;
    do
        text[n] = get();
    while (text[n++] != '\n');
    for (unsigned i = 0; i < n; i++)
        put(text[i]);
}

static void lock_up(void)
{
    __asm__ volatile("msr msp, %0\n udf #0" : : "r"(0x30000000)); // no stack: a fault while stacking
}

static void turn(char letter)
{
    switch (letter) {
    case 's': print("short ", short_loop(1001) - short_loop(1)); break;
    case 'l': print("long ", long_loop(1001) - long_loop(1)); break;
    case 'd': print("delay ", delay_loop(1001) - delay_loop(1)); break;
    case 'v': print("volatile ", timed_volatile(1001) - timed_volatile(1)); break;
    case 'r': print("second ", second()); break;
    case 'w': print("write ", flash_write()); break;
    case 'e': print("erase ", flash_erase()); break;
    case 'f': print("flash ", REG(0x3F000)); break;
    case 'h': // into flash, which is not enabled
        __asm__ volatile("str %0, [%1]" : : "l"(0), "l"(0x3F000) : "memory");
        break;
    case '>': line(); break;
    case 'k': lock_up(); break;
    case 'q': REG(0xE000ED0C) = 0x05FA0004; break; // SYSRESETREQ
    case '9': UART(0x524) = 0x00275000; break;     // 9600 baud
    default: put(letter); break;
    }
}

__attribute__((noreturn)) void reset(void)
{
    TIMER0(0x508) = 3; // 32 bits, 16 MHz
    TIMER0(0x510) = 0;
    TIMER0(0x000) = 1;
    GPIO(0x508) = 1 << TX;
    GPIO(0x518) = 1 << TX;
    UART(0x50C) = TX;
    UART(0x514) = RX;
    UART(0x524) = 0x01D7E000; // 115200
    UART(0x500) = 4;
    UART(0x000) = 1;
    UART(0x008) = 1;
    print("ready ", RESETREAS);
    RESETREAS = 0xFFFFFFFF;
    for (;;)
        turn(get());
}
