/* SPDX-License-Identifier: MIT
 * pin.c: GPIO, external interrupts and the bit stream for WS2812-like parts. A pin's number is port * 16 + bit.
 */
#include "stm32f4.h"

static inline gpio_regs_t *gpio(unsigned pin) { return GPIO(pin / 16); }

static void set_field(reg_t *reg, unsigned shift, uint32_t mask, uint32_t value)
{
    uint32_t state = hal_irq_disable();
    *reg = (*reg & ~(mask << shift)) | value << shift;
    hal_irq_restore(state);
}

void pins_init(void)
{
    RCC->ahb1enr |= 1 << PORT_A | 1 << PORT_B | 1 << PORT_C | 1 << PORT_D; /* all that the package has */
}

void hal_pin_config(unsigned pin, hal_pin_mode_t mode, hal_pull_t pull, unsigned alt)
{
    /* mode -> MODER, OTYPER [8.4.1, 8.4.2] */
    static const uint8_t moder[] = {0, 1, 1, 2, 2, 3}, open_drain[] = {0, 0, 1, 0, 1, 0};
    gpio_regs_t *g = gpio(pin);
    unsigned bit = pin % 16;
    set_field(&g->otyper, bit, 1, open_drain[mode]);
    set_field(&g->ospeedr, bit * 2, 3, mode == HAL_IN || mode == HAL_ANALOG ? 0 : 2);
    set_field(&g->pupdr, bit * 2, 3, pull);
    set_field(&g->afr[bit / 8], bit % 8 * 4, 15, alt);
    set_field(&g->moder, bit * 2, 3, moder[mode]);
}

hal_pin_mode_t hal_pin_mode(unsigned pin)
{
    gpio_regs_t *g = gpio(pin);
    bool od = g->otyper >> pin % 16 & 1;
    switch (g->moder >> pin % 16 * 2 & 3) {
    case 0: return HAL_IN;
    case 1: return od ? HAL_OPEN_DRAIN : HAL_OUT;
    case 2: return od ? HAL_ALT_OPEN_DRAIN : HAL_ALT;
    default: return HAL_ANALOG;
    }
}

hal_pull_t hal_pin_pull(unsigned pin) { return gpio(pin)->pupdr >> pin % 16 * 2 & 3; }

unsigned hal_pin_alt(unsigned pin)
{
    unsigned bit = pin % 16;
    return gpio(pin)->afr[bit / 8] >> bit % 8 * 4 & 15;
}

bool hal_pin_read(unsigned pin) { return gpio(pin)->idr >> pin % 16 & 1; }
bool hal_pin_out(unsigned pin) { return gpio(pin)->odr >> pin % 16 & 1; }
void hal_pin_write(unsigned pin, bool level) { gpio(pin)->bsrr = 1u << (pin % 16 + (level ? 0 : 16)); }

/* ---- external interrupts [12.2] ---- */

static uint8_t line_port[16];

static unsigned line_irq(unsigned line)
{
    return line < 5 ? IRQ_EXTI0 + line : line < 10 ? IRQ_EXTI9_5 : IRQ_EXTI15_10;
}

int hal_pin_irq(unsigned pin, unsigned edges)
{
    unsigned line = pin % 16, port = pin / 16;
    uint32_t mask = 1u << line;
    RCC->apb2enr |= RCC_APB2_SYSCFG;
    uint32_t state = hal_irq_disable();
    if (!edges) {
        if (line_port[line] == port)
            EXTI->imr &= ~mask;
    } else {
        EXTI->imr &= ~mask;
        line_port[line] = (uint8_t)port;
        reg_t *select = &SYSCFG->exticr[line / 4];
        *select = (*select & ~(15u << line % 4 * 4)) | port << line % 4 * 4;
        EXTI->rtsr = (EXTI->rtsr & ~mask) | (edges & HAL_RISING ? mask : 0);
        EXTI->ftsr = (EXTI->ftsr & ~mask) | (edges & HAL_FALLING ? mask : 0);
        EXTI->pr = mask;
        EXTI->imr |= mask;
        irq_priority(line_irq(line), PRIORITY_PIN);
        irq_enable(line_irq(line));
    }
    hal_irq_restore(state);
    return 0;
}

static void serve(uint32_t lines)
{
    lines &= EXTI->pr & EXTI->imr;
    EXTI->pr = lines;
    for (unsigned line = 0; lines >> line; line++) {
        if (lines >> line & 1) {
            hal_wake();
            hal_on_pin(line_port[line] * 16u + line);
        }
    }
}

void exti0_handler(void) { serve(1); }
void exti1_handler(void) { serve(2); }
void exti2_handler(void) { serve(4); }
void exti3_handler(void) { serve(8); }
void exti4_handler(void) { serve(16); }
void exti9_5_handler(void) { serve(0x3e0); }
void exti15_10_handler(void) { serve(0xfc00); }

/* ---- bit stream ---- */

static inline void wait_until(uint32_t start, uint32_t cycles)
{
    while (DWT->cyccnt - start < cycles) {
    }
}

void hal_bitstream(unsigned pin, const uint32_t timing_ns[4], const uint8_t *data, size_t len)
{
    reg_t *bsrr = &gpio(pin)->bsrr;
    uint32_t high = 1u << pin % 16, low = high << 16, cycles[4];
    for (unsigned i = 0; i < 4; i++) /* the loop itself takes some cycles */
        cycles[i] = (uint32_t)((uint64_t)timing_ns[i] * clock_hz() / 1000000000u);
    uint32_t state = hal_irq_disable(), start = DWT->cyccnt;
    for (; len--; data++) {
        for (uint32_t mask = 0x80; mask; mask >>= 1) {
            unsigned one = *data & mask ? 2 : 0;
            *bsrr = high;
            wait_until(start, cycles[one]);
            *bsrr = low;
            wait_until(start, cycles[one] + cycles[one + 1]);
            start += cycles[one] + cycles[one + 1];
        }
    }
    hal_irq_restore(state);
}
