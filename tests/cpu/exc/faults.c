// SPDX-License-Identifier: GPL-2.0-or-later
// Each fault: which handler, status registers, address, and where it says that it happened; enabled
// and escalated.
#include "guest.h"

typedef struct {
    uint32_t number, cfsr, hfsr, bfar, pc, count;
} seen_t;
static volatile seen_t seen;
static volatile uint32_t resume; // where to go on; 0: behind the instruction

// Called with the frame's address.
__attribute__((used)) void note(uint32_t *frame)
{
    seen.number = ipsr();
    seen.cfsr = CFSR;
    seen.hfsr = HFSR;
    seen.bfar = BFAR;
    seen.pc = frame[6];
    seen.count++;
    CFSR = CFSR;
    HFSR = HFSR;
    if (resume)
        frame[6] = resume & ~1u;
    else
        frame[6] += *(uint16_t *)frame[6] >= 0xE800 ? 4 : 2;
    frame[7] |= 1u << 24;
    frame[7] &= ~0x0600FC00u;
}

#define HANDLER(name) \
    __attribute__((naked)) void name(void) \
    { \
        __asm__("tst lr, #4\n" \
                "ite eq\n" \
                "mrseq r0, msp\n" \
                "mrsne r0, psp\n" \
                "b note\n"); \
    }
HANDLER(hard)
HANDLER(mem)
HANDLER(bus)
HANDLER(usage)

#define HERE(symbol) extern const char symbol[]
HERE(at_load);
HERE(at_store);
HERE(at_store_next);
HERE(at_udf);
HERE(at_ldm);
HERE(at_unaligned);
HERE(at_div);
HERE(at_cop);
HERE(at_fp);
HERE(at_scs);
HERE(at_fetch);
HERE(at_xn);
HERE(at_arm);
HERE(at_bkpt);

__attribute__((noinline)) static void load(void)
{
    __asm__ volatile("ldr r0, =0x60000004\n movs r1, #1\n at_load: ldr r1, [r0, #4]\n"
                     : : : "r0", "r1");
}
__attribute__((noinline)) static void store(void)
{
    __asm__ volatile("ldr r0, =0x60000004\n movs r1, #1\n at_store: str r1, [r0]\n"
                     "at_store_next: nop\n nop\n" : : : "r0", "r1");
}
__attribute__((noinline)) static void undefined(void) { __asm__ volatile("at_udf: udf #7"); }
__attribute__((noinline)) static void multiple(void)
{
    __asm__ volatile("ldr r0, =0x20000101\n at_ldm: ldm r0, {r1, r2}\n" : : : "r0", "r1", "r2");
}
__attribute__((noinline)) static void unaligned(void)
{
    __asm__ volatile("ldr r0, =0x20000101\n at_unaligned: ldr r1, [r0]\n" : : : "r0", "r1");
}
__attribute__((noinline)) static uint32_t divide(void)
{
    uint32_t v;
    __asm__ volatile("movs r0, #77\n movs r1, #0\n at_div: udiv %0, r0, r1\n"
                     : "=r"(v) : : "r0", "r1");
    return v;
}
__attribute__((noinline)) static void coprocessor(void)
{
    __asm__ volatile("at_cop: mcr p5, #0, r0, c1, c0, #0");
}
__attribute__((noinline)) static void floating(void)
{
    __asm__ volatile("nop\n at_fp: vadd.f32 s0, s1, s2" : : : "s0");
}
__attribute__((noinline)) static void scs(void)
{
    __asm__ volatile("ldr r0, =0xE000ED00\n at_scs: ldr r0, [r0]\n" : : : "r0");
}
__attribute__((noinline)) static void fetch(void)
{
    resume = (uint32_t)at_fetch;
    __asm__ volatile("ldr r0, =0x60000001\n bx r0\n at_fetch: nop\n" : : : "r0");
}
__attribute__((noinline)) static void never(void)
{
    resume = (uint32_t)at_xn;
    __asm__ volatile("ldr r0, =0x40000001\n bx r0\n at_xn: nop\n" : : : "r0");
}
__attribute__((noinline)) static void arm(void)
{
    resume = (uint32_t)at_arm;
    __asm__ volatile("ldr r0, =0x08000100\n bx r0\n at_arm: nop\n" : : : "r0");
}
__attribute__((noinline)) static void breakpoint(void) { __asm__ volatile("at_bkpt: bkpt #1"); }

static void check(int line, unsigned number, uint32_t cfsr, uint32_t hfsr, const void *pc)
{
    guest_eq(line, seen.count, 1);
    guest_eq(line, seen.number, number);
    guest_eq(line, seen.cfsr, cfsr);
    guest_eq(line, seen.hfsr, hfsr);
    guest_eq(line, seen.pc, (uint32_t)pc);
    seen.count = 0;
    resume = 0;
}
#define CHECK(number, cfsr, hfsr, pc) check(__LINE__, number, cfsr, hfsr, pc)

static void all(unsigned bus_n, unsigned mem_n, unsigned usage_n, uint32_t forced)
{
    load();
    EQ(seen.bfar, 0x60000008);
    CHECK(bus_n, 0x8200, forced, at_load);
    store();
    CHECK(bus_n, 0x0400, forced, at_store_next);
    fetch();
    CHECK(bus_n, 0x0100, forced, (void *)0x60000000);
    never();
    CHECK(mem_n, 1, forced, (void *)0x40000000);
    undefined();
    CHECK(usage_n, 0x10000, forced, at_udf);
    arm();
    CHECK(usage_n, 0x20000, forced, (void *)0x08000100);
    coprocessor();
    CHECK(usage_n, 0x80000, forced, at_cop);
    CPACR = 0;
    floating();
    CPACR = 0xFu << 20;
    CHECK(usage_n, 0x80000, forced, at_fp);
    unaligned();
    EQ(seen.count, 0);
    CCR |= 1u << 3;
    unaligned();
    CHECK(usage_n, 0x1000000, forced, at_unaligned);
    multiple();
    CHECK(usage_n, 0x1000000, forced, at_ldm);
    CCR &= ~(1u << 3);
    EQ(divide(), 0);
    EQ(seen.count, 0);
    CCR |= 1u << 4;
    divide();
    CCR &= ~(1u << 4);
    CHECK(usage_n, 0x2000000, forced, at_div);
}

static void unprivileged(void)
{
    set_control(1);
    scs();
    __asm__ volatile("svc #0"); // back
    EQ(seen.bfar, 0xE000ED00);
    CHECK(5, 0x8200, 0, at_scs);
}
void svc(void) { set_control(0); }

// In a handler, faults of no higher priority escalate.
void irq0(void)
{
    undefined();
    CHECK(3, 0x10000, 1u << 30, at_udf);
}

void image(void)
{
    all(3, 3, 3, 1u << 30);
    breakpoint();
    CHECK(3, 0, 1u << 31, at_bkpt);
    SHCSR = 7u << 16;
    all(5, 4, 6, 0);
    unprivileged();
    SHPR(6) = 0x80;
    enable_irq(0, 0x80);
    ISPR = 1;
    EQ(IABR & 1, 0);
}
