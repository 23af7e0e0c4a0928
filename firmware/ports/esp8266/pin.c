/* SPDX-License-Identifier: MIT
 * pin.c: GPIO0 to 15 with their pads, GPIO16, which belongs to the RTC, changes of pins, and the bit stream for
 * WS2812-like parts. Pads pull up only, GPIO16 down only. GPIO6 to 11 carry the flash: they are left alone.
 */
#include "esp8266.h"

enum { RTC_PIN = 16, FLASH_PINS = 0x0fc0 };

/* Registers of the pads; the function GPIO is 0 for these, 3 for the others. */
static const uint32_t pads[RTC_PIN] = {0x34, 0x18, 0x38, 0x14, 0x3c, 0x40, 0x1c, 0x20,
                                       0x24, 0x28, 0x2c, 0x30, 0x04, 0x08, 0x0c, 0x10};
enum { FUNCTION_0 = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 };

static uint32_t gpio_function(unsigned pin) { return FUNCTION_0 >> pin & 1 ? 0 : IOMUX_FUNCTION_BITS(3); }

static void rtc_pin_config(hal_pin_mode_t mode, hal_pull_t pull)
{
    RTC_PAD = (RTC_PAD & ~(uint32_t)(RTC_PAD_FUNCTION | RTC_PAD_PULL_DOWN)) | RTC_PAD_GPIO |
              (pull == HAL_PULL_DOWN ? RTC_PAD_PULL_DOWN : 0);
    RTC_GPIO_CONF &= ~1u;
    RTC_GPIO_ENABLE = (RTC_GPIO_ENABLE & ~1u) | (mode == HAL_OUT);
}

void hal_pin_config(unsigned pin, hal_pin_mode_t mode, hal_pull_t pull, unsigned alt)
{
    if (pin == RTC_PIN) {
        rtc_pin_config(mode, pull);
        return;
    }
    if (pin > RTC_PIN || FLASH_PINS >> pin & 1)
        return;
    bool open_drain = mode == HAL_OPEN_DRAIN || mode == HAL_ALT_OPEN_DRAIN;
    bool out = mode == HAL_OUT || mode == HAL_OPEN_DRAIN;
    uint32_t function = mode == HAL_ALT || mode == HAL_ALT_OPEN_DRAIN ? IOMUX_FUNCTION_BITS(alt) : gpio_function(pin);
    uint32_t state = irq_off();
    GPIO_PIN(pin) = (GPIO_PIN(pin) & ~(uint32_t)GPIO_PIN_OPEN_DRAIN) | (open_drain ? GPIO_PIN_OPEN_DRAIN : 0);
    *(out ? &GPIO_ENABLE_SET : &GPIO_ENABLE_CLR) = 1u << pin;
    IOMUX(pads[pin]) = function | (pull == HAL_PULL_UP ? IOMUX_PULL_UP : 0);
    irq_back(state);
}

hal_pin_mode_t hal_pin_mode(unsigned pin)
{
    if (pin == RTC_PIN)
        return RTC_GPIO_ENABLE & 1 ? HAL_OUT : HAL_IN;
    if (pin > RTC_PIN)
        return HAL_ANALOG;
    if ((IOMUX(pads[pin]) & IOMUX_FUNCTION) != gpio_function(pin))
        return HAL_ALT;
    if (!(GPIO_ENABLE >> pin & 1))
        return HAL_IN;
    return GPIO_PIN(pin) & GPIO_PIN_OPEN_DRAIN ? HAL_OPEN_DRAIN : HAL_OUT;
}

hal_pull_t hal_pin_pull(unsigned pin)
{
    if (pin == RTC_PIN)
        return RTC_PAD & RTC_PAD_PULL_DOWN ? HAL_PULL_DOWN : HAL_PULL_NONE;
    return pin < RTC_PIN && IOMUX(pads[pin]) & IOMUX_PULL_UP ? HAL_PULL_UP : HAL_PULL_NONE;
}

unsigned hal_pin_alt(unsigned pin)
{
    uint32_t pad = pin < RTC_PIN ? IOMUX(pads[pin]) : 0;
    return (pad >> 4 & 3) | (pad >> 6 & 4);
}

IN_IRAM bool hal_pin_read(unsigned pin)
{
    return pin < RTC_PIN ? GPIO_IN >> pin & 1 : pin == RTC_PIN && RTC_GPIO_IN & 1;
}
bool hal_pin_out(unsigned pin) { return pin < RTC_PIN ? GPIO_OUT >> pin & 1 : RTC_GPIO_OUT & 1; }

IN_IRAM void hal_pin_write(unsigned pin, bool level)
{
    if (pin == RTC_PIN)
        RTC_GPIO_OUT = (RTC_GPIO_OUT & ~1u) | level;
    else if (pin > RTC_PIN)
        return;
    else if (level)
        GPIO_OUT_SET = 1u << pin;
    else
        GPIO_OUT_CLR = 1u << pin;
}

/* ---- changes: the hardware's types of interrupt 1 and 2 are rising and falling, 3 both ---- */

int hal_pin_irq(unsigned pin, unsigned edges)
{
    if (pin >= RTC_PIN)
        return edges ? -E_INVAL : 0;
    uint32_t state = irq_off();
    GPIO_PIN(pin) = (GPIO_PIN(pin) & ~(uint32_t)GPIO_PIN_INT) | edges << GPIO_PIN_INT_POS;
    GPIO_STATUS_CLR = 1u << pin;
    int_enable(INT_GPIO);
    irq_back(state);
    return 0;
}

IN_IRAM void pin_handler(void)
{
    uint32_t changed = GPIO_STATUS & 0xffff;
    GPIO_STATUS_CLR = changed;
    hal_wake();
    for (unsigned pin = 0; changed >> pin; pin++)
        if (changed >> pin & 1)
            hal_on_pin(pin);
}

/* ---- bit stream: times by the cycle counter; periods have no gaps, and a pulse is measured from its own edge ---- */

enum { EDGE_CYCLES = 13 }; /* from the end of the wait to the falling edge */

static IN_IRAM void stream(reg_t *set, uint32_t on, reg_t *clear, uint32_t off, const uint32_t high[2],
                           const uint32_t period[2], const uint8_t *data, size_t len)
{
    uint32_t start = cpu_cycles();
    for (; len--; data++) {
        for (uint32_t bits = *data | 0x100; !(bits & 0x10000); bits <<= 1) {
            unsigned one = bits >> 7 & 1;
            uint32_t h = high[one], p = period[one];
            *set = on;
            uint32_t edge = cpu_cycles();
            while (cpu_cycles() - edge < h) {
            }
            *clear = off;
            while (cpu_cycles() - start < p) {
            }
            start += p;
        }
    }
}

void hal_bitstream(unsigned pin, const uint32_t timing_ns[4], const uint8_t *data, size_t len)
{
    uint32_t high[2], period[2], mhz = clock_mhz();
    for (unsigned i = 0; i < 2; i++) {
        high[i] = (timing_ns[2 * i] * mhz + 500) / 1000;
        period[i] = high[i] + (timing_ns[2 * i + 1] * mhz + 500) / 1000;
        high[i] = high[i] > EDGE_CYCLES ? high[i] - EDGE_CYCLES : 0;
    }
    uint32_t state = irq_off();
    if (pin < RTC_PIN) {
        stream(&GPIO_OUT_SET, 1u << pin, &GPIO_OUT_CLR, 1u << pin, high, period, data, len);
    } else {
        uint32_t low = RTC_GPIO_OUT & ~1u;
        stream(&RTC_GPIO_OUT, low | 1, &RTC_GPIO_OUT, low, high, period, data, len);
    }
    irq_back(state);
}
