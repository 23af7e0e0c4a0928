// SPDX-License-Identifier: GPL-2.0-or-later
// WFI, WFE, SEV, SEVONPEND, SLEEPONEXIT, SysTick: when the core wakes, and what time has passed.
#include "guest.h"

static volatile unsigned taken, ticks;
void irq0(void)
{
    BOX_LOWER = 0;
    taken++;
}
void systick(void) { ticks++; }

static inline void wfi(void) { __asm__ volatile("wfi" : : : "memory"); }
static inline void wfe(void) { __asm__ volatile("wfe" : : : "memory"); }
static inline void sev(void) { __asm__ volatile("sev" : : : "memory"); }

// Raises line 0 after `delay` cycles, sleeps, and tells how long that took.
static uint32_t sleep(uint32_t delay, void (*how)(void))
{
    BOX_DELAY = delay;
    uint32_t start = BOX_CYCLE;
    BOX_LATER = 0;
    how();
    return BOX_CYCLE - start;
}
static void by_wfi(void) { wfi(); }
static void by_wfe(void)
{
    sev();
    wfe(); // clears the event register, whatever it was
    wfe();
}

static void interrupts(void)
{
    enable_irq(0, 0x80);
    uint32_t counter = CYCCNT;
    uint32_t slept = sleep(100000, by_wfi);
    EQ(taken, 1);
    EQ(slept - 100000 < 100, 1);
    EQ(CYCCNT - counter < 200, 1); // the cycle counter stood still
    // Masked: wakes, and is taken when it is unmasked.
    set_primask(1);
    slept = sleep(5000, by_wfi);
    EQ(slept - 5000 < 100, 1);
    EQ(taken, 1);
    EQ(ISPR & 1, 1);
    set_primask(0);
    EQ(taken, 2);
}

static void events(void)
{
    sev();
    wfe(); // does not sleep
    uint32_t slept = sleep(5000, by_wfe);
    EQ(slept - 5000 < 100, 1);
    EQ(taken, 3);
    ICER = 1;
    SCR = 1u << 4; // SEVONPEND: also for disabled interrupts
    slept = sleep(5000, by_wfe);
    EQ(slept - 5000 < 100, 1);
    EQ(taken, 3);
    BOX_LOWER = 0;
    ICPR = 1;
    SCR = 0;
    ISER = 1;
}

// The handler of line 1 counts to three and then lets the thread go on.
static volatile unsigned rounds;
void irq1(void)
{
    BOX_LOWER = 1;
    if (++rounds == 3) {
        SCR = 0;
        return;
    }
    BOX_DELAY = 1000;
    BOX_LATER = 1;
}

static void on_exit(void)
{
    enable_irq(1, 0x80);
    SCR = 2;
    BOX_DELAY = 1000;
    uint32_t start = BOX_CYCLE;
    BOX_LATER = 1;
    wfi();
    uint32_t slept = BOX_CYCLE - start;
    EQ(rounds, 3);
    EQ(slept - 3000 < 200, 1);
}

static void systick_times(void)
{
    SYST_RVR = 999;
    SYST_CVR = 0;
    SYST_CSR = 7;
    uint32_t start = BOX_CYCLE;
    while (ticks < 20)
        wfi();
    uint32_t gone = BOX_CYCLE - start;
    SYST_CSR = 0;
    EQ(gone - 20000 < 60, 1);
    // Two readings in a row differ by the cycles between them.
    SYST_CSR = 5;
    uint32_t a, b;
    __asm__ volatile("ldr %0, [%2]\n nop\n nop\n ldr %1, [%2]\n"
                     : "=&r"(a), "=&r"(b) : "r"(&SYST_CVR));
    EQ(a - b, 4);
    SYST_CSR = 0;
}

void image(void)
{
    interrupts();
    events();
    on_exit();
    systick_times();
}
