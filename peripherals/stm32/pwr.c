// SPDX-License-Identifier: GPL-2.0-or-later
// STM32F405 power controller (RM0090 chapter 5).
//
// Modelled: the backup domain's write protection, stop mode (all clocks but LSI and LSE stand still; it
// ends through EXTI, on HSI) and standby (ends through the wake-up pin or the RTC, by a reset), their
// flags, VOS as a value. SRAM keeps its bytes over standby. The supply never drops, so the voltage
// detector has nothing to tell.
//
// Lines in: "cpu.deepsleep", wake (EXTI saw an enabled edge), wkup (the pin), rtc (alarm, wake-up timer,
// tamper). Lines out: dbp, stop (to RCC).
#include "machine.h"

enum { PWR_CR = 0x00, PWR_CSR = 0x04 };
enum { CR_LPDS = 1 << 0, CR_PDDS = 1 << 1, CR_CWUF = 1 << 2, CR_CSBF = 1 << 3,
       CR_DBP = 1 << 8, CR_FPDS = 1 << 9, CR_VOS = 1 << 14 };
enum { CSR_WUF = 1 << 0, CSR_SBF = 1 << 1, CSR_BRR = 1 << 3, CSR_EWUP = 1 << 8, CSR_BRE = 1 << 9,
       CSR_VOSRDY = 1 << 14 };
// Data sheet table 27, typical: regulator in main mode, in low-power mode, flash powered down as well.
enum { WAKE_MAIN_US = 13, WAKE_LOW_US = 17, WAKE_FLASH_US = 110, WAKE_STANDBY_US = 375 };

typedef enum { RUN, STOP, WAKING, STANDBY, STANDBY_WAKING } state_t;

typedef struct {
    part_t p;
    line_t *dbp, *stop;
    event_t awake; // saved
    state_t state; // saved
    bool from_standby; // saved: the reset that comes ends standby
} stm32_pwr_t;

static void cr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    stm32_pwr_t *w = (stm32_pwr_t *)p;
    uint32_t *cr = &R(p, PWR_CR);
    if (*cr & CR_CWUF)
        R(p, PWR_CSR) &= ~CSR_WUF;
    if (*cr & CR_CSBF)
        R(p, PWR_CSR) &= ~CSR_SBF;
    *cr &= ~(CR_CWUF | CR_CSBF);
    line_set(w->dbp, *cr & CR_DBP);
}

static void csr_write(part_t *p, const part_reg_t *reg, unsigned n, uint32_t old)
{
    if (R(p, PWR_CSR) & CSR_BRE) // the backup regulator is ready at once
        R(p, PWR_CSR) |= CSR_BRR;
    else
        R(p, PWR_CSR) &= ~CSR_BRR;
}

static void deepsleep(void *ctx, int arg, bool level)
{
    stm32_pwr_t *w = ctx;
    if (level && w->state == RUN) {
        w->state = R(&w->p, PWR_CR) & CR_PDDS ? STANDBY : STOP;
        line_set(w->stop, true);
    } else if (!level && w->state != RUN) { // the core woke by itself: a debugger, a reset
        machine_cancel(w->p.m, &w->awake);
        w->state = RUN;
        line_set(w->stop, false);
    }
}

static void wake_after(stm32_pwr_t *w, state_t next, unsigned us)
{
    w->state = next;
    machine_at(w->p.m, &w->awake, machine_now_ps(w->p.m) + us * PS_PER_US);
}

static void wake(void *ctx, int arg, bool level)
{
    stm32_pwr_t *w = ctx;
    uint32_t cr = R(&w->p, PWR_CR);
    if (level && w->state == STOP)
        wake_after(w, WAKING, cr & CR_FPDS ? WAKE_FLASH_US : cr & CR_LPDS ? WAKE_LOW_US : WAKE_MAIN_US);
}

// `pin`: the wake-up pin counts only when enabled.
static void wake_standby(void *ctx, int pin, bool level)
{
    stm32_pwr_t *w = ctx;
    if (!level || (pin && !(R(&w->p, PWR_CSR) & CSR_EWUP)))
        return;
    R(&w->p, PWR_CSR) |= CSR_WUF;
    if (w->state == STANDBY)
        wake_after(w, STANDBY_WAKING, WAKE_STANDBY_US);
}

static void awake(void *ctx, uint64_t now)
{
    stm32_pwr_t *w = ctx;
    if (w->state == STANDBY_WAKING) {
        w->from_standby = true;
        machine_want_reset(w->p.m);
    }
    w->state = RUN;
    line_set(w->stop, false);
}

static bool pwr_init(part_t *p, GError **error)
{
    stm32_pwr_t *w = (stm32_pwr_t *)p;
    w->dbp = part_line(p, "dbp");
    w->stop = part_line(p, "stop");
    part_line(p, "pvd"); // never rises: the supply does not drop
    event_init(&w->awake, "pwr wake-up", awake, w);
    line_listen(machine_line(p->m, "cpu.deepsleep"), deepsleep, w, 0);
    line_listen(part_line(p, "wake"), wake, w, 0);
    line_listen(part_line(p, "wkup"), wake_standby, w, 1);
    line_listen(part_line(p, "rtc"), wake_standby, w, 0);
    return true;
}

static void pwr_reset(part_t *p, bool power)
{
    stm32_pwr_t *w = (stm32_pwr_t *)p;
    uint32_t flags = R(p, PWR_CSR) & (CSR_WUF | CSR_SBF | CSR_EWUP | CSR_BRE | CSR_BRR);
    R(p, PWR_CR) = CR_VOS;
    R(p, PWR_CSR) = CSR_VOSRDY | (power ? 0 : flags) | (w->from_standby ? CSR_SBF : 0);
    w->from_standby = false;
    w->state = RUN;
    machine_cancel(p->m, &w->awake);
    line_set(w->stop, false);
    line_set(w->dbp, false);
}

static const part_reg_t pwr_regs[] = {
    {"CR", PWR_CR, .reset = CR_VOS, .ro = 0xFFFFBC00, .write = cr_write},
    {"CSR", PWR_CSR, .reset = CSR_VOSRDY, .ro = 0xFFFFFCFF, .write = csr_write},
    {0},
};

const part_class_t stm32_pwr_class = {
    .name = "stm32-pwr",
    .brief = "STM32F405 power controller",
    .size = sizeof(stm32_pwr_t),
    .regs = pwr_regs,
    .mmio_size = 0x400,
    .init = pwr_init,
    .reset = pwr_reset,
    .keeps_registers = true,
};
