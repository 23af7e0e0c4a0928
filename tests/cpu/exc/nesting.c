// SPDX-License-Identifier: GPL-2.0-or-later
// Who preempts whom: priorities, groups, PRIMASK, BASEPRI, FAULTMASK, NMI, levels, PendSV, ICSR.
#include "guest.h"

static volatile unsigned order, trace[16];
static void mark(unsigned n) { trace[order++ & 15] = n; }
static void (*volatile in_irq0)(void);

static void expect(int line, unsigned n, const uint8_t *want)
{
    guest_eq(line, order, n);
    for (unsigned i = 0; i < n; i++)
        guest_eq(line, trace[i], want[i]);
    order = 0;
}
#define EXPECT(...) \
    expect(__LINE__, sizeof(uint8_t[]){__VA_ARGS__}, (const uint8_t[]){__VA_ARGS__})

void irq0(void)
{
    mark(16);
    EQ(ipsr(), 16);
    if (in_irq0)
        in_irq0();
    mark(116);
}
void irq1(void)
{
    mark(17);
    if (!(IABR & 1))
        EQ(ICSR >> 11 & 1, 1); // RETTOBASE
}
void irq2(void) { mark(18); }
void irq3(void)
{
    static unsigned n;
    mark(19);
    if (++n == 2) // a level that stays is taken again
        BOX_LOWER = 3;
}
void pendsv(void) { mark(14); }
void nmi(void) { mark(2); }

static void pend_all(void)
{
    ISPR = 6;
    ICSR = PENDSVSET;
    mark(50);
}

static void preemption(void)
{
    enable_irq(0, 0x80);
    enable_irq(1, 0x40);
    enable_irq(2, 0x80);
    SHPR(14) = 0xF0;
    in_irq0 = pend_all;
    ISPR = 1;
    EXPECT(16, 17, 50, 116, 18, 14); // 17 at once, the others when it is over
    AIRCR = 0x05FA0000 | 6 << 8;     // one bit of group: 0x40 and 0x00 alike
    ISPR = 1;
    EXPECT(16, 17, 50, 116, 18, 14); // 0x40 is in group 0, 0x80 in group 1
    IPR(0) = 0x70;
    ISPR = 1;
    EXPECT(16, 50, 116, 17, 18, 14); // now both are in group 0
    AIRCR = 0x05FA0000;
    IPR(0) = 0x80;
    in_irq0 = 0;
}

static void masks(void)
{
    set_primask(1);
    ISPR = 7;
    EXPECT();
    EQ(ICSR & 0x1FF000, 17 << 12);
    set_primask(0);
    EXPECT(17, 16, 116, 18);
    set_basepri(0x80);
    ISPR = 7;
    EXPECT(17);
    set_basepri(0x90);
    EXPECT(16, 116, 18);
    set_basepri(0);
    set_faultmask(1);
    ISPR = 2;
    ICSR = 1u << 31;
    EXPECT(2); // the NMI, nobody else
    BOX_RAISE = 255; // its line
    BOX_LOWER = 255;
    EXPECT(2);
    set_faultmask(0);
    EXPECT(17);
    // MSR BASEPRI_MAX only raises.
    set_basepri(0x40);
    __asm__ volatile("msr basepri_max, %0" : : "r"(0x80));
    ISPR = 1;
    EXPECT();
    set_basepri(0);
    EXPECT(16, 116);
    __asm__ volatile("cpsid i");
    ISPR = 1;
    EXPECT();
    __asm__ volatile("cpsie i");
    EXPECT(16, 116);
}

static void levels(void)
{
    enable_irq(3, 0x20);
    BOX_RAISE = 3;
    EXPECT(19, 19);
    ICER = 8;
    BOX_RAISE = 3;
    EQ(ISPR & 8, 8);
    ICPR = 8; // the line is still up
    EQ(ISPR & 8, 8);
    BOX_LOWER = 3;
    EQ(ISPR & 8, 8);
    ICPR = 8;
    EQ(ISPR & 8, 0);
    ISER = 8;
    EXPECT();
}

static void unmask_in_the_middle(void)
{
    // What pends behind PRIMASK is taken between CPSIE and the instruction after the next.
    uint32_t got;
    order = 0;
    set_primask(1);
    ISPR = 2;
    __asm__ volatile("ldr r0, [%1]\n"
                     "cpsie i\n"
                     "nop\n"
                     "ldr %0, [%1]\n"
                     "subs %0, %0, r0\n"
                     : "=&r"(got) : "r"(&order) : "r0", "memory");
    EQ(got, 1);
    EXPECT(17);
}

void image(void)
{
    preemption();
    masks();
    levels();
    unmask_in_the_middle();
}
