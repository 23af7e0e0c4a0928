// SPDX-License-Identifier: GPL-2.0-or-later
// A bare program for the NodeMCU that takes the place of its mask ROM: waits for a letter on the
// serial line and does what it stands for, so that test_nodemcu.c can measure the chip from
// outside. No constant data: bytes cannot be loaded from where it lies.
#include <stdbool.h>
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define UART(offset) REG(0x60000000 + (offset))
#define GPIO(offset) REG(0x60000300 + (offset))
#define FRC1(offset) REG(0x60000600 + (offset))
#define RTC(offset) REG(0x60000700 + (offset))
#define WDT(offset) REG(0x60000900 + (offset))
#define DPORT(offset) REG(0x3FF00000 + (offset))
#define PLL REG(0x60000D10)
#define MICROSECONDS REG(0x3FF20C00)
#define RTC_RAM REG(0x60001200)
#define KEPT REG(0x3FFEA000) // in data RAM
enum { LED = 1 << 2, INT_UART = 1 << 5, INT_FRC1 = 1 << 9 };

void begin(void), interrupt(uint32_t ccount), nmi(uint32_t ccount);
void toggle(void);
extern uint32_t flash_code[];
extern volatile uint32_t flash_word[];

// What the interrupt handlers leave behind.
static volatile uint32_t entered, taken, echo;

// ---- Vectors and start --------------------------------------------------------------------------

#define SAVE "addi a1, a1, -64\n" \
    "s32i a2, a1, 0\n s32i a3, a1, 4\n s32i a4, a1, 8\n s32i a5, a1, 12\n s32i a6, a1, 16\n" \
    "s32i a7, a1, 20\n s32i a8, a1, 24\n s32i a9, a1, 28\n s32i a10, a1, 32\n s32i a11, a1, 36\n" \
    "mov a2, a0\n rsr.sar a0\n s32i a0, a1, 40\n"
#define RESTORE "l32i a0, a1, 40\n wsr.sar a0\n" \
    "l32i a2, a1, 0\n l32i a3, a1, 4\n l32i a4, a1, 8\n l32i a5, a1, 12\n l32i a6, a1, 16\n" \
    "l32i a7, a1, 20\n l32i a8, a1, 24\n l32i a9, a1, 28\n l32i a10, a1, 32\n l32i a11, a1, 36\n" \
    "l32i a0, a1, 44\n addi a1, a1, 64\n"

__asm__(".section .vectors, \"ax\"\n"
        ".org 0x20\n j nmi_entry\n"
        ".org 0x50\n j user_entry\n"
        ".org 0x80\n"
        ".global reset\n"
        "reset:\n"
        "movi a0, 1\n slli a1, a0, 30\n" // 0x40000000: the end of data RAM
        "movi a0, 0x2F\n wsr.ps a0\n rsync\n"
        "call0 begin\n"
        "user_entry:\n"
        "wsr.excsave1 a0\n rsr.ccount a0\n" SAVE
        "rsr.excsave1 a0\n s32i a0, a1, 44\n call0 interrupt\n" RESTORE "rfe\n"
        "nmi_entry:\n"
        "wsr.excsave3 a0\n rsr.ccount a0\n" SAVE
        "rsr.excsave3 a0\n s32i a0, a1, 44\n call0 nmi\n" RESTORE "rfi 3\n"
        // a2: GPIO_OUT_W1TS, a4: the pin. Eight stores, back to back.
        ".text\n.align 4\n.global toggle\n"
        "toggle:\n movi a2, 0x18\n slli a2, a2, 26\n addmi a2, a2, 0x300\n movi a4, 4\n"
        ".rept 4\n s32i a4, a2, 8\n s32i a4, a2, 4\n .endr\n ret\n"
        // Eight lines of the cache, and a word in each of two megabytes.
        ".section .flash, \"ax\"\n.global flash_code\n.align 32\n"
        "flash_code:\n .rept 127\n nop.n\n .endr\n ret.n\n"
        ".global flash_word\n.align 32\n flash_word: .word 0x11111111\n"
        ".section .flash1, \"ax\"\n.align 32\n .space 256\n .word 0x22222222\n"
        ".text\n");

static uint32_t cycles(void)
{
    uint32_t n;
    __asm__ volatile("rsr.ccount %0" : "=r"(n));
    return n;
}

static void enable(uint32_t interrupts)
{
    __asm__ volatile("wsr.intenable %0\n rsync" ::"r"(interrupts));
}

static void sleep_until_interrupt(void) { __asm__ volatile("waiti 0" ::: "memory"); }

static void sleep_until_nmi(void) { __asm__ volatile("waiti 15" ::: "memory"); }

static void no_interrupts(void)
{
    uint32_t old;
    __asm__ volatile("rsil %0, 15" : "=r"(old)::"memory");
}

// ---- Serial line --------------------------------------------------------------------------------

static void put(char c)
{
    while ((UART(0x1C) >> 16 & 0xFF) >= 126)
        ;
    UART(0) = (uint8_t)c;
}

static void print(char name, uint32_t value)
{
    put(name);
    put(' ');
    for (int i = 28; i >= 0; i -= 4)
        if (value >> i || i == 0) {
            uint32_t digit = value >> i & 15;
            put((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    put('\n');
}

static void flush(void)
{
    while (UART(0x1C) >> 16 & 0xFFF)
        ;
}

// ---- FRC1 ---------------------------------------------------------------------------------------

// From the store that starts the timer to the first instruction of the handler's that tells the
// time.
static uint32_t frc1(uint32_t load, bool as_nmi)
{
    taken = 0;
    FRC1(0x08) = 0;
    FRC1(0x0C) = 1;
    FRC1(0x00) = load;
    DPORT(0x04) = 1 << 1;
    DPORT(0x00) = as_nmi ? 0xF : 0;
    enable(as_nmi ? 0 : INT_FRC1);
    uint32_t from = cycles();
    FRC1(0x08) = 1 << 7;
    while (!taken)
        if (as_nmi)
            sleep_until_nmi();
        else
            sleep_until_interrupt();
    no_interrupts();
    DPORT(0x04) = 0;
    return entered - from;
}

void interrupt(uint32_t ccount)
{
    uint32_t pending;
    __asm__ volatile("rsr.interrupt %0" : "=r"(pending));
    if (pending & INT_FRC1) {
        __asm__ volatile("wsr.intclear %0" ::"r"(INT_FRC1));
        entered = ccount;
        taken = 1;
        FRC1(0x08) = 0;
    }
    if (pending & INT_UART) {
        while (UART(0x1C) & 0xFF) {
            uint32_t byte = UART(0);
            if (byte == 'q')
                echo = 0;
            UART(0) = byte;
        }
        UART(0x10) = 0x1FF;
    }
}

void nmi(uint32_t ccount)
{
    entered = ccount;
    taken = 1;
    FRC1(0x08) = 0;
}

static void do_frc1(bool as_nmi)
{
    for (uint32_t load = 1000; load < 1008; load++)
        print('f', frc1(load, as_nmi));
}

static void do_echo(void)
{
    echo = 1;
    UART(0x24) = 0x6001; // at each byte
    UART(0x10) = 0x1FF;
    UART(0x0C) = 1;
    enable(INT_UART);
    while (echo)
        sleep_until_interrupt();
    no_interrupts();
    UART(0x0C) = 0;
}

// ---- Flash --------------------------------------------------------------------------------------

static void cache_off(void) { DPORT(0x0C) &= ~(1u << 8); }

static void cache_on(uint32_t map)
{
    REG(0x60000208) = 1 << 24 | 1 << 13 | 0x101; // four wires at 40 MHz
    DPORT(0x24) |= 0x18;
    DPORT(0x0C) = 0;
    DPORT(0x0C) = 1;
    while (!(DPORT(0x0C) & 2))
        ;
    DPORT(0x0C) = 0;
    DPORT(0x0C) = 1u << 26 | 1u << 8 | map;
}

static __attribute__((noinline)) uint32_t run_flash(void)
{
    uint32_t from = cycles();
    ((void (*)(void))flash_code)();
    return cycles() - from;
}

static void do_flash(void)
{
    cache_on(0);
    print('a', run_flash()); // from the chip
    print('b', run_flash()); // from the cache
    print('c', *flash_word);
    cache_off();
    cache_on(1u << 25); // the second megabyte
    print('d', *flash_word);
    cache_off();
    cache_on(0);
    print('e', run_flash());
    cache_off();
    print('g', *flash_word); // nothing there
}

// ---- Sleep and resets ---------------------------------------------------------------------------

static void do_light_sleep(void)
{
    flush();
    RTC(0x24) = 0x7F;
    RTC(0x18) = 8;
    uint32_t from = MICROSECONDS;
    RTC(0x04) = RTC(0x1C) + 1000;
    RTC(0x08) = 1 << 20;
    while (!(RTC(0x28) & 3))
        ;
    print('l', MICROSECONDS - from);
}

static void do_deep_sleep(void)
{
    RTC_RAM = 0x12345678;
    KEPT = 0x12345678;
    GPIO(0x10) = LED; // an output, until the power goes
    GPIO(0x08) = LED;
    flush();
    RTC(0xA0) = 3;
    RTC(0x18) = 8;
    RTC(0x44) = 0x20;
    RTC(0x04) = RTC(0x1C) + 16667; // 100 ms
    RTC(0x08) = 1 << 20;
    for (;;)
        ;
}

static void do_watchdog(void)
{
    flush();
    WDT(0x04) = WDT(0x08) = 1;
    WDT(0) = 0x39;
    for (;;)
        ;
}

static void act(char what)
{
    switch (what) {
    case 'f': do_frc1(false); break;
    case 'n': do_frc1(true); break;
    case 't': toggle(); put('t'); put('\n'); break;
    case 'x': DPORT(0x14) = 1; print('x', 160); break;
    case 'e': do_echo(); break;
    case 'c': do_flash(); break;
    case 'l': do_light_sleep(); break;
    case 'd': do_deep_sleep(); break;
    case 'w': do_watchdog(); break;
    case 'r': flush(); RTC(0) = 1u << 31; break;
    case 's': print('s', GPIO(0x18) >> 16); break;
    }
}

void begin(void)
{
    no_interrupts();
    PLL = 0x01880167;
    while (PLL & 1u << 25)
        ;
    PLL = 0x01910267;
    while (PLL & 1u << 25)
        ;
    REG(0x60000818) = 1 << 7; // U0TXD with its pull-up
    GPIO(0x0C) = LED;
    GPIO(0x04) = LED;
    taken = echo = 0;
    print('r', (RTC(0x14) & 15) << 8 | (RTC(0x18) >> 8 & 63));
    print('m', RTC_RAM);
    print('k', KEPT);
    for (;;) {
        if (UART(0x1C) & 0xFF)
            act((char)UART(0));
    }
}
