/* SPDX-License-Identifier: MIT
 * machine.c: reset and its causes, unique id, random numbers, watchdog, deep sleep, DAC.
 */
#include "stm32f4.h"

static hal_cause_t cause;

void reset_cause_init(void)
{
    uint32_t csr = RCC->csr;
    RCC->apb1enr |= RCC_APB1_PWR;
    if (PWR->csr & PWR_CSR_SBF) {
        cause = HAL_DEEPSLEEP_RESET;
        PWR->cr |= PWR_CR_CSBF;
    } else if (csr & (RCC_CSR_IWDGRSTF | RCC_CSR_WWDGRSTF)) {
        cause = HAL_WDT_RESET;
    } else if (csr & RCC_CSR_PORRSTF) {
        cause = HAL_PWRON_RESET;
    } else {
        cause = HAL_HARD_RESET;
    }
    RCC->csr |= RCC_CSR_RMVF;
}

hal_cause_t hal_reset_cause(void) { return cause; }

_Noreturn void hal_reset(void)
{
    __asm volatile("dsb" ::: "memory");
    SCB->aircr = 0x05fa0004;
    for (;;) {
    }
}

/* The boot loader in system memory, entered as after a reset. */
_Noreturn void hal_bootloader(void)
{
    hal_stdout_flush();
    hal_irq_disable();
    SYSTICK->ctrl = 0;
    for (unsigned i = 0; i < 3; i++) {
        NVIC->icer[i] = ~0u;
        NVIC->icpr[i] = ~0u;
    }
    RCC->cr |= RCC_CR_HSION;
    RCC->cfgr = 0;
    RCC->apb2enr |= RCC_APB2_SYSCFG;
    SYSCFG->memrmp = 1;
    const uint32_t *vectors = (const uint32_t *)0x1fff0000;
    __asm volatile("cpsie i\n msr msp, %0\n bx %1" ::"r"(vectors[0]), "r"(vectors[1]));
    for (;;) {
    }
}

unsigned hal_unique_id(uint8_t id[16])
{
    for (unsigned i = 0; i < 12; i++)
        id[i] = UNIQUE_ID[i];
    return 12;
}

uint32_t hal_random(void)
{
    RCC->ahb2enr |= RCC_AHB2_RNG;
    RNG->cr |= RNG_CR_RNGEN;
    for (unsigned tries = 0; tries < 4; tries++) {
        if (wait_for(&RNG->sr, RNG_SR_DRDY, RNG_SR_DRDY, 10000) && !(RNG->sr & (RNG_SR_SEIS | RNG_SR_CEIS)))
            return RNG->dr;
        RNG->sr = 0; /* a seed error: start over [24.3.2] */
        RNG->cr = 0;
        RNG->cr = RNG_CR_RNGEN;
    }
    return hal_ticks_cpu() * 2654435761u;
}

/* ---- watchdog [21]: LSI, about 32 kHz ---- */

int hal_wdt_start(uint32_t ms)
{
    uint32_t prescaler = 0, ticks = ms * 8; /* at LSI / 4 */
    if (ms == 0 || ms > 32000)
        return -E_INVAL;
    while (ticks > 4096) {
        ticks = (ticks + 1) / 2;
        prescaler++;
    }
    IWDG->kr = 0xcccc;
    IWDG->kr = 0x5555;
    IWDG->pr = prescaler;
    IWDG->rlr = ticks - 1;
    wait_for(&IWDG->sr, 3, 0, 200000);
    IWDG->kr = 0xaaaa;
    return 0;
}

void hal_wdt_feed(void) { IWDG->kr = 0xaaaa; }

/* ---- sleep ---- */

void hal_sleep(uint32_t ms)
{
    hal_stdout_flush();
    hal_wait(hal_ticks_ms() + (ms ? ms : HAL_FOREVER_MS));
}

/* ---- DAC [14] ---- */

int hal_dac_write(unsigned pin, unsigned value)
{
    if (pin != PIN(A, 4) && pin != PIN(A, 5))
        return -E_INVAL;
    RCC->apb1enr |= RCC_APB1_DAC;
    hal_pin_config(pin, HAL_ANALOG, HAL_PULL_NONE, 0);
    if (pin == PIN(A, 4)) {
        DAC->cr |= 1;
        DAC->dhr12r1 = value;
    } else {
        DAC->cr |= 1 << 16;
        DAC->dhr12r2 = value;
    }
    return 0;
}
