/* SPDX-License-Identifier: MIT
 * pin.c: GPIO [14], changes of pins, and the bit stream for WS2812-like parts. A pin's state is in its PIN_CNF.
 *
 * Changes come from the DETECT signal: each watched pin is set to sense the level that it does not have. Each change is one
 * PORT event [15.2.2], whichever pin it was.
 */
#include "nrf51.h"

static uint32_t watch_rising, watch_falling, watch_level;

void hal_pin_config(unsigned pin, hal_pin_mode_t mode, hal_pull_t pull, unsigned alt)
{
    static const uint32_t pulls[] = {0, CNF_PULL_UP, CNF_PULL_DOWN};
    static const uint32_t modes[] = {0, CNF_OUTPUT, CNF_OUTPUT | CNF_DRIVE_S0D1, 0, CNF_DRIVE_S0D1, CNF_DISCONNECT};
    GPIO_CNF(pin) = (GPIO_CNF(pin) & CNF_SENSE) | modes[mode] | pulls[pull];
}

hal_pin_mode_t hal_pin_mode(unsigned pin)
{
    uint32_t cnf = GPIO_CNF(pin);
    bool open_drain = (cnf & CNF_DRIVE) == CNF_DRIVE_S0D1;
    if (cnf & CNF_OUTPUT)
        return open_drain ? HAL_OPEN_DRAIN : HAL_OUT;
    return cnf & CNF_DISCONNECT ? HAL_ANALOG : open_drain ? HAL_ALT_OPEN_DRAIN : HAL_IN;
}

hal_pull_t hal_pin_pull(unsigned pin)
{
    switch (GPIO_CNF(pin) & CNF_PULL) {
    case CNF_PULL_UP: return HAL_PULL_UP;
    case CNF_PULL_DOWN: return HAL_PULL_DOWN;
    default: return HAL_PULL_NONE;
    }
}

unsigned hal_pin_alt(unsigned pin) { return 0; }
bool hal_pin_read(unsigned pin) { return GPIO_IN >> pin & 1; }
bool hal_pin_out(unsigned pin) { return GPIO_OUT >> pin & 1; }

void hal_pin_write(unsigned pin, bool level)
{
    if (level)
        GPIO_OUTSET = 1u << pin;
    else
        GPIO_OUTCLR = 1u << pin;
}

/* ---- changes ---- */

/* Sense the other level than the one it has. */
static void sense(unsigned pin)
{
    bool high = hal_pin_read(pin);
    watch_level = (watch_level & ~(1u << pin)) | (uint32_t)high << pin;
    GPIO_CNF(pin) = (GPIO_CNF(pin) & ~(uint32_t)CNF_SENSE) | (high ? CNF_SENSE_LOW : CNF_SENSE_HIGH);
}

int hal_pin_irq(unsigned pin, unsigned edges)
{
    uint32_t state = hal_irq_disable(), mask = 1u << pin;
    watch_rising = edges & HAL_RISING ? watch_rising | mask : watch_rising & ~mask;
    watch_falling = edges & HAL_FALLING ? watch_falling | mask : watch_falling & ~mask;
    if (edges) {
        if (GPIO_CNF(pin) & CNF_DISCONNECT)
            GPIO_CNF(pin) &= ~(uint32_t)CNF_DISCONNECT;
        sense(pin);
        GPIOTE_PORT = 0;
        GPIOTE_INTENSET = GPIOTE_INT_PORT;
        irq_enable(ID_GPIOTE, PRIORITY_PIN);
    } else {
        GPIO_CNF(pin) &= ~(uint32_t)CNF_SENSE;
    }
    hal_irq_restore(state);
    return 0;
}

void gpiote_handler(void)
{
    GPIOTE_PORT = 0;
    uint32_t changed;
    while ((changed = (GPIO_IN ^ watch_level) & (watch_rising | watch_falling)) != 0) {
        for (unsigned pin = 0; changed >> pin; pin++) {
            uint32_t mask = 1u << pin;
            if (!(changed & mask))
                continue;
            bool rose = !(watch_level & mask);
            sense(pin);
            if ((rose ? watch_rising : watch_falling) & mask) {
                hal_wake();
                hal_on_pin(pin);
            }
        }
    }
}

/* ---- bit stream ---- */

/* 16 MHz: a bit of 1.25 us is 20 cycles, so the loop is written out. Stores to GPIO and loads take 2 cycles, taken branches 3.
 * One turn: high for 6 (a zero) or 13 cycles (a one), 20 in all; 0.38 and 0.81 us. */
__attribute__((noinline)) static void stream_fast(uint32_t mask, const uint8_t *data, size_t len)
{
    reg_t *set = &GPIO_OUTSET; /* OUTCLR is the word behind it */
    for (; len--; data++) {
        uint32_t bits = (uint32_t)*data << 24, count = 8;
        __asm volatile("1: str %[mask], [%[set]]\n" /* high: cycle 0 is the end of this store */
                       "lsl %[bits], %[bits], #1\n"  /* 1: the bit goes to carry */
                       "bcs 2f\n"                    /* 2; taken: 4 */
                       "nop\n"                       /* 3 */
                       "nop\n"                       /* 4 */
                       "str %[mask], [%[set], #4]\n" /* 6: low */
                       "nop\n nop\n nop\n"           /* 9 */
                       "nop\n nop\n"                 /* 11 */
                       "b 3f\n"                      /* 14 */
                       "2: nop\n nop\n nop\n"        /* 7 */
                       "nop\n nop\n nop\n nop\n"     /* 11 */
                       "str %[mask], [%[set], #4]\n" /* 13: low */
                       "nop\n"                       /* 14 */
                       "3: sub %[count], %[count], #1\n" /* 15 */
                       "bne 1b\n"                    /* 18, and the store: 20 */
                       : [bits] "+l"(bits), [count] "+l"(count)
                       : [mask] "l"(mask), [set] "l"(set)
                       : "cc", "memory");
    }
}

/* Slower ones: by the counter, about 3 us a step. */
static void stream_slow(uint32_t mask, const uint32_t timing_ns[4], const uint8_t *data, size_t len)
{
    uint32_t cycles[4], start = hal_ticks_cpu();
    for (unsigned i = 0; i < 4; i++)
        cycles[i] = timing_ns[i] / 125 * 2;
    for (; len--; data++) {
        for (uint32_t bit = 0x80; bit; bit >>= 1) {
            unsigned one = *data & bit ? 2 : 0;
            GPIO_OUTSET = mask;
            while (hal_ticks_cpu() - start < cycles[one]) {
            }
            GPIO_OUTCLR = mask;
            while (hal_ticks_cpu() - start < cycles[one] + cycles[one + 1]) {
            }
            start += cycles[one] + cycles[one + 1];
        }
    }
}

void hal_bitstream(unsigned pin, const uint32_t timing_ns[4], const uint8_t *data, size_t len)
{
    uint32_t state = hal_irq_disable();
    if (timing_ns[0] + timing_ns[1] < 2000)
        stream_fast(1u << pin, data, len);
    else
        stream_slow(1u << pin, timing_ns, data, len);
    hal_irq_restore(state);
}
