// SPDX-License-Identifier: MIT
// GPIO: pins, their interrupts and wake-ups. Chains of DMA descriptors.
#include "rom.h"

enum { INT_GPIO = 4, PINS = 16, PIN_TYPE = 7 << 7, PIN_WAKEUP = BIT(10) };

typedef void (*gpio_handler_t)(uint32_t pins, void *arg);
static gpio_handler_t handler;
static void *handler_arg;

void gpio_init(void);
void gpio_output_set(uint32_t set, uint32_t clear, uint32_t enable, uint32_t disable);
uint32_t gpio_input_get(void);
void gpio_register_set(uint32_t offset, uint32_t value);
uint32_t gpio_register_get(uint32_t offset);
uint32_t gpio_intr_pending(void);
void gpio_intr_ack(uint32_t pins);
void gpio_pin_intr_state_set(uint32_t pin, uint32_t type);
void gpio_intr_handler_register(gpio_handler_t function, void *arg);
void gpio_pin_wakeup_enable(uint32_t pin, uint32_t type);
void gpio_pin_wakeup_disable(void);
void gpio_intr_test(void);

void gpio_init(void)
{
    handler = NULL;
    ets_isr_mask(BIT(INT_GPIO));
    for (unsigned i = 0; i < PINS; i++)
        GPIO_PIN(i) = 0;
    GPIO_STATUS_CLR = 0xFFFF;
}

void gpio_output_set(uint32_t set, uint32_t clear, uint32_t enable, uint32_t disable)
{
    GPIO_OUT_SET = set;
    GPIO_OUT_CLR = clear;
    GPIO_ENABLE_SET = enable;
    GPIO_ENABLE_CLR = disable;
}

uint32_t gpio_input_get(void) { return GPIO_IN; }
void gpio_register_set(uint32_t offset, uint32_t value) { GPIO(offset) = value; }
uint32_t gpio_register_get(uint32_t offset) { return GPIO(offset); }
uint32_t gpio_intr_pending(void) { return GPIO_STATUS; }
void gpio_intr_ack(uint32_t pins) { GPIO_STATUS_CLR = pins; }

void gpio_pin_intr_state_set(uint32_t pin, uint32_t type)
{
    if (pin < PINS)
        GPIO_PIN(pin) = (GPIO_PIN(pin) & ~(uint32_t)PIN_TYPE) | (type & 7) << 7;
}

static void serve(void *arg)
{
    (void)arg;
    uint32_t pins = GPIO_STATUS;
    if (handler)
        handler(pins, handler_arg);
}

void gpio_intr_handler_register(gpio_handler_t function, void *arg)
{
    handler = function;
    handler_arg = arg;
    ets_isr_attach(INT_GPIO, serve, NULL);
}

// Only a level (4 low, 5 high) wakes.
void gpio_pin_wakeup_enable(uint32_t pin, uint32_t type)
{
    if (pin < PINS && (type == 4 || type == 5))
        GPIO_PIN(pin) = (GPIO_PIN(pin) & ~(uint32_t)PIN_TYPE) | type << 7 | PIN_WAKEUP;
}

void gpio_pin_wakeup_disable(void)
{
    for (unsigned i = 0; i < PINS; i++)
        if (GPIO_PIN(i) & PIN_WAKEUP)
            GPIO_PIN(i) &= ~(uint32_t)(PIN_TYPE | PIN_WAKEUP);
}

void gpio_intr_test(void) { GPIO_STATUS_SET = 0xFFFF; }

// ---- Descriptors --------------------------------------------------------------------------------------------------

typedef struct lldesc {
    uint32_t size : 12, length : 12, offset : 5, sosf : 1, eof : 1, owner : 1;
    uint8_t *buffer;
    struct lldesc *next;
} lldesc_t;

int lldesc_num2link(lldesc_t *link, unsigned n);
lldesc_t *lldesc_set_owner(lldesc_t *link, unsigned n, unsigned owner);
lldesc_t *lldesc_build_chain(uint8_t *descriptors, uint32_t room, uint8_t *buffers, uint32_t bytes, uint32_t each,
                             bool is_owner, lldesc_t **first, int *number);

// n in an array become a chain.
int lldesc_num2link(lldesc_t *link, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        link[i].next = i + 1 < n ? &link[i + 1] : NULL;
    return 0;
}

lldesc_t *lldesc_set_owner(lldesc_t *link, unsigned n, unsigned owner)
{
    for (unsigned i = 0; i < n && link; i++, link = link->next)
        link->owner = owner & 1;
    return link;
}

// A descriptor for each of the pieces of `each` bytes into which the buffers are cut. The last one; how many there
// are goes to *number.
lldesc_t *lldesc_build_chain(uint8_t *descriptors, uint32_t room, uint8_t *buffers, uint32_t bytes, uint32_t each,
                             bool is_owner, lldesc_t **first, int *number)
{
    lldesc_t *d = (lldesc_t *)descriptors, *last = NULL;
    int n = 0;
    for (; each && room >= sizeof *d && bytes >= each; room -= sizeof *d, bytes -= each, buffers += each, n++) {
        d[n] = (lldesc_t){.size = each, .length = each, .owner = is_owner, .buffer = buffers};
        if (last)
            last->next = &d[n];
        last = &d[n];
    }
    if (first)
        *first = n ? d : NULL;
    if (number)
        *number = n;
    return last;
}
