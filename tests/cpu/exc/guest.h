// SPDX-License-Identifier: GPL-2.0-or-later
// What the test images share. A handler is a function of the name below; those that an image does not
// define end it as failed. The box is a peripheral of the test's chip: see test_exc.c.
#pragma once
#include <stdint.h>

#define REG(a) (*(volatile uint32_t *)(a))

#define BOX_DONE REG(0x40000000)  // ends the test: 0 = passed
#define BOX_RAISE REG(0x40000004) // interrupt line n up (255: NMI) ...
#define BOX_LOWER REG(0x40000008) // ... and down
#define BOX_DELAY REG(0x4000000C)
#define BOX_LATER REG(0x40000010) // line n up, BOX_DELAY cycles from this store on
#define BOX_LINE REG(0x40000018)  // of a failed check, with ...
#define BOX_GOT REG(0x4000001C)
#define BOX_WANT REG(0x40000020)
#define BOX_CYCLE REG(0x40000024) // now

#define CYCCNT REG(0xE0001004)
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define ISER REG(0xE000E100)
#define ICER REG(0xE000E180)
#define ISPR REG(0xE000E200)
#define ICPR REG(0xE000E280)
#define IABR REG(0xE000E300)
#define IPR(n) (*(volatile uint8_t *)(0xE000E400 + (n)))
#define ICSR REG(0xE000ED04)
#define VTOR REG(0xE000ED08)
#define AIRCR REG(0xE000ED0C)
#define SCR REG(0xE000ED10)
#define CCR REG(0xE000ED14)
#define SHPR(n) (*(volatile uint8_t *)(0xE000ED18 + (n) - 4)) // by exception number
#define SHCSR REG(0xE000ED24)
#define CFSR REG(0xE000ED28)
#define HFSR REG(0xE000ED2C)
#define BFAR REG(0xE000ED38)
#define CPACR REG(0xE000ED88)
#define FPCCR REG(0xE000EF34)
#define FPCAR REG(0xE000EF38)
#define DEMCR REG(0xE000EDFC)

#define PENDSVSET (1u << 28)

#define EQ(got, want) guest_eq(__LINE__, (uint32_t)(got), (uint32_t)(want))
void guest_eq(int line, uint32_t got, uint32_t want);

static inline uint32_t ipsr(void)
{
    uint32_t v;
    __asm__ volatile("mrs %0, ipsr" : "=r"(v));
    return v;
}
static inline void set_primask(uint32_t v)
{
    __asm__ volatile("msr primask, %0" : : "r"(v) : "memory");
}
static inline void set_basepri(uint32_t v)
{
    __asm__ volatile("msr basepri, %0" : : "r"(v) : "memory");
}
static inline void set_faultmask(uint32_t v)
{
    __asm__ volatile("msr faultmask, %0" : : "r"(v) : "memory");
}
static inline void set_control(uint32_t v)
{
    __asm__ volatile("msr control, %0\nisb" : : "r"(v) : "memory");
}
static inline uint32_t control(void)
{
    uint32_t v;
    __asm__ volatile("mrs %0, control" : "=r"(v));
    return v;
}

static inline void enable_irq(unsigned n, uint8_t priority)
{
#if __ARM_ARCH >= 7
    IPR(n) = priority;
#else // words only
    volatile uint32_t *word = &REG(0xE000E400 + (n & ~3u));
    *word = (*word & ~(0xFFu << 8 * (n & 3))) | (uint32_t)priority << 8 * (n & 3);
#endif
    ISER = 1u << n;
}

void image(void); // the test; returns when it has passed
void nmi(void), hard(void), mem(void), bus(void), usage(void), svc(void), debug(void), pendsv(void),
    systick(void), irq0(void), irq1(void), irq2(void), irq3(void);
