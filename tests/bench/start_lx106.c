// SPDX-License-Identifier: GPL-2.0-or-later
// What the benchmark's images need to run on an LX106: the start, and output and exit through SIMCALL,
// so that they run on any simulator of the core.
#include "start.h"

#include <stddef.h>

enum { SYS_EXIT = 1, SYS_WRITE = 4 };

extern uint32_t bss_start[], bss_end[];

void begin(void);
uint32_t __umodsi3(uint32_t a, uint32_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);
void *memcpy(void *to, const void *from, size_t n);

// The core cannot divide, and Debian's libgcc leaves out what the ESP8266 has in its ROM.
uint32_t __umodsi3(uint32_t a, uint32_t b)
{
    uint32_t shift = b != 0 && a >= b ? (uint32_t)(__builtin_clz(b) - __builtin_clz(a)) : 0;
    for (b <<= shift;; b >>= 1) {
        if (a >= b) {
            a -= b;
        }
        if (shift-- == 0) {
            return a;
        }
    }
}

__asm__(".section .start, \"ax\"\n"
        ".global start\n"
        ".align 4\n"
        "start:\n"
        "    movi a0, 1\n"
        "    slli a1, a0, 30\n" // 0x40000000: the end of data RAM
        "    movi a0, 0x20\n"
        "    wsr.ps a0\n"
        "    call0 begin\n"
        ".text\n");

uint64_t __muldi3(uint64_t a, uint64_t b)
{
    uint32_t a0 = (uint32_t)a & 0xFFFF, a1 = (uint32_t)a >> 16;
    uint32_t b0 = (uint32_t)b & 0xFFFF, b1 = (uint32_t)b >> 16;
    uint32_t low = a0 * b0, middle = a0 * b1, cross = a1 * b0 + (low >> 16);
    uint32_t high = a1 * b1 + (cross >> 16);
    middle += cross & 0xFFFF;
    high += (middle >> 16) + (uint32_t)a * (uint32_t)(b >> 32) + (uint32_t)(a >> 32) * (uint32_t)b;
    return (uint64_t)high << 32 | (middle << 16 | (low & 0xFFFF));
}

void *memcpy(void *to, const void *from, size_t n)
{
    char *t = to;
    for (const char *f = from; n > 0; n--) {
        *t++ = *f++;
    }
    return to;
}

static uint32_t simcall(uint32_t number, uint32_t a, uint32_t b, uint32_t n)
{
    register uint32_t a2 __asm__("a2") = number;
    register uint32_t a3 __asm__("a3") = a;
    register uint32_t a4 __asm__("a4") = b;
    register uint32_t a5 __asm__("a5") = n;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

void start_clock(void)
{
}

uint32_t start_cycles(void)
{
    uint32_t cycles;
    __asm__ volatile("rsr.ccount %0" : "=r"(cycles));
    return cycles;
}

void start_print(const char *name, uint32_t value)
{
    char digits[] = " 00000000\n";
    uint32_t n = 0;
    for (int i = 8; i > 0; i--) {
        digits[i] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    while (name[n] != 0) {
        n++;
    }
    simcall(SYS_WRITE, 1, (uint32_t)name, n);
    simcall(SYS_WRITE, 1, (uint32_t)digits, sizeof digits - 1);
}

void begin(void)
{
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    int code = main();
    for (;;) {
        simcall(SYS_EXIT, (uint32_t)code, 0, 0);
    }
}
