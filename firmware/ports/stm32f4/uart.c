/* SPDX-License-Identifier: MIT
 * uart.c: USART1-6 with interrupt-driven receivers, and the prompt on USART6 (Y1 TX, Y2 RX) with a transmit buffer.
 * What the prompt has received waits in the CCM: so much that a paste goes on while a sector of the flash is erased.
 */
#include "stm32f4.h"
#include "../../core/vm.h"

enum { CONSOLE = 6, CONSOLE_BAUD = 115200, RX_SIZE = 16384, TX_SIZE = 512, UART_COUNT = 6 };

typedef struct uart_info {
    usart_regs_t *regs;
    uint8_t irq, apb, enable_bit, alt, tx, rx;
} uart_info_t;

static const uart_info_t info[UART_COUNT] = {
    {(usart_regs_t *)0x40011000, IRQ_USART1, 2, 4, 7, PIN(B, 6), PIN(B, 7)},
    {(usart_regs_t *)0x40004400, IRQ_USART2, 1, 17, 7, PIN(A, 2), PIN(A, 3)},
    {(usart_regs_t *)0x40004800, IRQ_USART3, 1, 18, 7, PIN(B, 10), PIN(B, 11)},
    {(usart_regs_t *)0x40004c00, IRQ_UART4, 1, 19, 8, PIN(A, 0), PIN(A, 1)},
    {(usart_regs_t *)0x40005000, IRQ_UART5, 1, 20, 8, PIN(C, 12), PIN(D, 2)},
    {(usart_regs_t *)0x40011400, IRQ_USART6, 2, 5, 8, PIN(C, 6), PIN(C, 7)},
};

typedef struct uart {
    uint8_t *buffer; /* of the receiver */
    uint32_t size;
    volatile uint32_t in, out; /* count on; the difference is what is waiting */
    uint32_t baud;
    uint32_t data_mask;
    usart_regs_t *regs;        /* for code in RAM */
    uint32_t in_before;        /* the flash became busy */
} uart_t;

static uart_t uarts[UART_COUNT];
static uint8_t console_rx[RX_SIZE] __attribute__((section(".ccm")));
static uint8_t console_tx[TX_SIZE];
static volatile uint32_t tx_in, tx_out;
static volatile int interrupt_char = -1;

static uint32_t baud_divider(unsigned i)
{
    uint32_t clock = info[i].apb == 1 ? clock_apb1_hz() : clock_apb2_hz();
    return (clock + uarts[i].baud / 2) / uarts[i].baud;
}

int hal_uart_init(unsigned id, const hal_uart_config_t *config, uint8_t *rx_buffer, size_t size)
{
    unsigned i = id - 1;
    if (i >= UART_COUNT)
        return -E_NODEV;
    unsigned width = config->bits + (config->parity >= 0);
    if ((width != 8 && width != 9) || config->baud == 0)
        return -E_INVAL;
    const uart_info_t *u = &info[i];
    *(u->apb == 1 ? &RCC->apb1enr : &RCC->apb2enr) |= 1u << u->enable_bit;
    irq_off(u->irq);
    uart_t *s = &uarts[i];
    s->buffer = rx_buffer;
    s->size = size;
    s->in = s->out = 0;
    s->baud = config->baud;
    s->regs = u->regs;
    s->data_mask = (1u << (config->bits > 8 ? 8 : config->bits)) - 1;
    if (baud_divider(i) < 16 || baud_divider(i) > 0xffff)
        return -E_INVAL;
    u->regs->cr1 = 0;
    u->regs->brr = baud_divider(i);
    u->regs->cr2 = config->stop == 2 ? 2 << 12 : 0;
    u->regs->cr3 = 0;
    u->regs->cr1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE |
                   (width == 9 ? USART_CR1_M : 0) |
                   (config->parity >= 0 ? USART_CR1_PCE | (config->parity ? USART_CR1_PS : 0) : 0);
    hal_pin_config(u->tx, HAL_ALT, HAL_PULL_UP, u->alt);
    hal_pin_config(u->rx, HAL_ALT, HAL_PULL_UP, u->alt);
    irq_priority(u->irq, PRIORITY_UART);
    irq_enable(u->irq);
    return 0;
}

void hal_uart_deinit(unsigned id)
{
    irq_off(info[id - 1].irq);
    info[id - 1].regs->cr1 = 0;
    uarts[id - 1].buffer = NULL;
}

bool hal_uart_is_console(unsigned id) { return id == CONSOLE; }

void uart_clock_changed(void)
{
    for (unsigned i = 0; i < UART_COUNT; i++)
        if (uarts[i].baud)
            info[i].regs->brr = baud_divider(i);
}

/* ---- interrupts ---- */

static void receive(unsigned i, uint8_t c)
{
    uart_t *s = &uarts[i];
    hal_wake();
    if (i == CONSOLE - 1 && c == interrupt_char) {
        s->out = s->in; /* what was typed before is no longer wanted */
        vm_interrupt();
        return;
    }
    if (!s->buffer || s->in - s->out == s->size)
        return;
    s->buffer[s->in % s->size] = c & s->data_mask;
    s->in++;
    if (i != CONSOLE - 1)
        hal_on_uart(i + 1);
}

static void serve(unsigned i)
{
    usart_regs_t *regs = info[i].regs;
    uint32_t sr = regs->sr;
    if (sr & (USART_SR_RXNE | USART_SR_ORE))
        receive(i, (uint8_t)regs->dr);
    if (i == CONSOLE - 1 && sr & USART_SR_TXE && regs->cr1 & USART_CR1_TXEIE) {
        if (tx_out != tx_in)
            regs->dr = console_tx[tx_out++ % TX_SIZE];
        if (tx_out == tx_in)
            regs->cr1 &= ~(uint32_t)USART_CR1_TXEIE;
        if (tx_in - tx_out == TX_SIZE / 2 || tx_in == tx_out)
            hal_wake();
    }
}

void usart1_handler(void) { serve(0); }
void usart2_handler(void) { serve(1); }
void usart3_handler(void) { serve(2); }
void uart4_handler(void) { serve(3); }
void uart5_handler(void) { serve(4); }
void usart6_handler(void) { serve(5); }

/* ---- machine.UART ---- */

size_t hal_uart_any(unsigned id) { return uarts[id - 1].in - uarts[id - 1].out; }

int hal_uart_get(unsigned id)
{
    uart_t *s = &uarts[id - 1];
    if (s->in == s->out)
        return -1;
    int c = s->buffer[s->out % s->size];
    s->out++;
    return c;
}

bool hal_uart_put(unsigned id, uint8_t byte)
{
    usart_regs_t *regs = info[id - 1].regs;
    if (!(regs->sr & USART_SR_TXE))
        return false;
    regs->dr = byte;
    return true;
}

bool hal_uart_sent(unsigned id) { return info[id - 1].regs->sr & USART_SR_TC; }
void hal_uart_break(unsigned id) { info[id - 1].regs->cr1 |= USART_CR1_SBK; }

/* ---- the prompt ---- */

void console_init(void)
{
    static const hal_uart_config_t config = {CONSOLE_BAUD, 8, 1, -1, HAL_NO_PIN, HAL_NO_PIN};
    hal_uart_init(CONSOLE, &config, console_rx, RX_SIZE);
}

int hal_stdin_get(void) { return hal_uart_get(CONSOLE); }
bool hal_stdin_ready(void) { return hal_uart_any(CONSOLE) != 0; }

/* In what has been taken without looking. */
static void find_interrupt_char(uint32_t from)
{
    uart_t *s = &uarts[CONSOLE - 1];
    for (uint32_t i = from; i != s->in; i++) {
        if (s->buffer[i % s->size] == interrupt_char) {
            s->out = i + 1;
            vm_interrupt();
        }
    }
}

/* It may have come already, behind what started the program. */
void hal_stdin_interrupt_char(int c)
{
    interrupt_char = c;
    find_interrupt_char(uarts[CONSOLE - 1].out);
}

/* Send what is in the buffer without the interrupt: in handlers and with interrupts off. */
static void drain(usart_regs_t *regs)
{
    while (tx_out != tx_in) {
        wait_for(&regs->sr, USART_SR_TXE, USART_SR_TXE, 1000000);
        regs->dr = console_tx[tx_out++ % TX_SIZE];
    }
}

static bool interrupts_masked(void)
{
    uint32_t ipsr, primask;
    __asm volatile("mrs %0, ipsr\n mrs %1, primask" : "=r"(ipsr), "=r"(primask));
    return ipsr || primask;
}

void hal_stdout_write(const char *data, size_t len)
{
    usart_regs_t *regs = info[CONSOLE - 1].regs;
    for (size_t i = 0; i < len; i++) {
        while (tx_in - tx_out == TX_SIZE) {
            if (interrupts_masked())
                drain(regs);
            else
                hal_idle();
        }
        console_tx[tx_in++ % TX_SIZE] = (uint8_t)data[i];
        if (!(regs->cr1 & USART_CR1_TXEIE)) {
            uint32_t state = hal_irq_disable();
            regs->cr1 |= USART_CR1_TXEIE;
            hal_irq_restore(state);
        }
    }
}

void hal_stdout_flush(void)
{
    usart_regs_t *regs = info[CONSOLE - 1].regs;
    if (interrupts_masked())
        drain(regs);
    while (tx_out != tx_in)
        hal_idle();
    wait_for(&regs->sr, USART_SR_TC, USART_SR_TC, 1000000);
}

/* ---- while the flash is busy ---- */

void uart_stall_begin(void)
{
    for (unsigned i = 0; i < UART_COUNT; i++)
        uarts[i].in_before = uarts[i].in;
}

IN_RAM void uart_poll(void)
{
    for (uart_t *s = uarts; s != uarts + UART_COUNT; s++) {
        if (!s->buffer || !(s->regs->sr & (USART_SR_RXNE | USART_SR_ORE)))
            continue;
        uint32_t c = s->regs->dr;
        if (s->in - s->out != s->size)
            s->buffer[s->in++ % s->size] = (uint8_t)(c & s->data_mask);
    }
}

void uart_stall_end(void)
{
    for (unsigned i = 0; i < UART_COUNT; i++) {
        if (uarts[i].in == uarts[i].in_before)
            continue;
        hal_wake();
        if (i == CONSOLE - 1)
            find_interrupt_char(uarts[i].in_before);
        else
            hal_on_uart(i + 1);
    }
}

void console_panic(const char *text)
{
    usart_regs_t *regs = info[CONSOLE - 1].regs;
    if (!(regs->cr1 & USART_CR1_UE))
        return;
    drain(regs);
    for (; *text; text++) {
        wait_for(&regs->sr, USART_SR_TXE, USART_SR_TXE, 1000000);
        regs->dr = (uint8_t)*text;
    }
    wait_for(&regs->sr, USART_SR_TC, USART_SR_TC, 1000000);
}
