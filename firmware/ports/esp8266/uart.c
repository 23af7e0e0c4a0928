/* SPDX-License-Identifier: MIT
 * uart.c: UART0, the prompt's (GPIO1 TX, GPIO3 RX; or swapped to GPIO15 and GPIO13 by a program), and UART1, which can
 * only send (GPIO2). Receiving is by interrupt into a buffer; sending goes through the hardware's 128 bytes.
 *
 * While the flash is busy there are no interrupts; the flash's code calls uart_drain meanwhile.
 */
#include "esp8266.h"
#include "../../core/vm.h"

enum { RX_SIZE = 256, CONSOLE_BAUD = 115200, FIFO = 126, RX_THRESHOLD = 16, RX_PAUSE = 2 };
enum { PAD_TX0 = 0x18, PAD_RX0 = 0x14, PAD_GPIO2 = 0x38 };

static struct {
    volatile uint8_t *buffer; /* the console's or a program's */
    uint32_t size;
    volatile uint32_t in, out; /* places; equal: empty */
    volatile int interrupt_char;
    volatile bool interrupted; /* it came */
    bool is_console;
    uint32_t baud[2];
} uart;
static uint8_t console_rx[RX_SIZE];

static void configure(unsigned n, const hal_uart_config_t *c)
{
    uint32_t stop = c->stop == 2 ? 3 : 1, parity = c->parity < 0 ? 0 : UART_CONF0_PARITY | (c->parity & 1 ? UART_CONF0_ODD : 0);
    uart.baud[n] = c->baud;
    UART_INT_ENA(n) = 0;
    UART_CLKDIV(n) = (APB_HZ + c->baud / 2) / c->baud;
    uint32_t conf = (c->bits - 5u) << UART_CONF0_BITS_POS | stop << UART_CONF0_STOP_POS | parity;
    UART_CONF0(n) = conf | UART_CONF0_RX_RESET | UART_CONF0_TX_RESET;
    UART_CONF0(n) = conf;
    UART_CONF1(n) = UART_CONF1_TIMEOUT_EN | RX_PAUSE << UART_CONF1_TIMEOUT_POS | RX_THRESHOLD << UART_CONF1_RXFULL_POS |
                    1 << UART_CONF1_TXEMPTY_POS;
    UART_INT_CLR(n) = 0x1ff;
}

static void receive_into(uint8_t *buffer, size_t size)
{
    uart.buffer = buffer;
    uart.size = size;
    uart.in = uart.out = 0;
    UART_INT_ENA(0) = UART_INT_RXFULL | UART_INT_TIMEOUT | UART_INT_OVERFLOW;
    int_enable(INT_UART);
}

static void console_restore(void)
{
    static const hal_uart_config_t usual = {CONSOLE_BAUD, 8, 1, -1, 1, 3};
    uint32_t state = irq_off();
    hal_stdout_flush();
    uart.is_console = true;
    IOMUX(PAD_TX0) = 0;
    IOMUX(PAD_RX0) = IOMUX_PULL_UP;
    configure(0, &usual);
    receive_into(console_rx, RX_SIZE);
    irq_back(state);
}

void console_init(void)
{
    uart.interrupt_char = -1;
    uart.baud[0] = CONSOLE_BAUD;
    console_restore();
}

int hal_uart_init(unsigned id, const hal_uart_config_t *config, uint8_t *rx_buffer, size_t size)
{
    if (id > 1)
        return -E_NODEV;
    if (config->baud < 300 || config->baud > 5000000 || config->bits < 5 || config->bits > 8)
        return -E_INVAL;
    uint8_t tx = id ? 2 : 1;
    if ((config->tx != HAL_NO_PIN && config->tx != tx) || (config->rx != HAL_NO_PIN && (id || config->rx != 3)))
        return -E_INVAL;
    uint32_t state = irq_off();
    if (id == 0) {
        /* On its own pins, one character that interrupts and the prompt go on working. */
        hal_stdout_flush();
        configure(0, config);
        receive_into(rx_buffer, size);
    } else {
        IOMUX(PAD_GPIO2) = IOMUX_FUNCTION_BITS(2);
        configure(1, config);
    }
    irq_back(state);
    return 0;
}

void hal_uart_deinit(unsigned id)
{
    if (id == 0)
        console_restore();
    else
        IOMUX(PAD_GPIO2) = IOMUX_PULL_UP;
}

bool hal_uart_is_console(unsigned id) { return false; }

/* ---- receiving ---- */

static inline uint32_t after(uint32_t place) { return place + 1 == uart.size ? 0 : place + 1; }

IN_IRAM void uart_drain(void)
{
    while (UART_STATUS(0) & UART_STATUS_COUNT) {
        uint8_t c = (uint8_t)UART_FIFO(0);
        if (c == uart.interrupt_char) {
            uart.out = uart.in; /* what was typed before is no longer wanted */
            uart.interrupted = true;
            continue;
        }
        uint32_t next = after(uart.in);
        if (next == uart.out)
            continue;
        uart.buffer[uart.in] = c;
        uart.in = next;
    }
}

/* What uart_drain has found, once the flash can be read again. */
void uart_drained(void)
{
    hal_wake();
    if (uart.interrupted) {
        uart.interrupted = false;
        vm_interrupt();
    }
}

IN_IRAM void uart_handler(void)
{
    uint32_t before = uart.in;
    UART_INT_CLR(0) = UART_INT_RXFULL | UART_INT_TIMEOUT | UART_INT_OVERFLOW;
    uart_drain();
    uart_drained();
    if (uart.buffer != console_rx && uart.in != before)
        hal_on_uart(0);
}

size_t hal_uart_any(unsigned id)
{
    return id ? 0 : uart.in >= uart.out ? uart.in - uart.out : uart.size - uart.out + uart.in;
}

int hal_uart_get(unsigned id)
{
    if (id || uart.in == uart.out)
        return -1;
    int c = uart.buffer[uart.out];
    uart.out = after(uart.out);
    return c;
}

/* ---- sending ---- */

static uint32_t waiting(unsigned n) { return UART_STATUS(n) >> UART_STATUS_TX_POS & UART_STATUS_COUNT; }

/* The last byte is still on its way when the buffer is empty. */
bool hal_uart_sent(unsigned id)
{
    if (waiting(id))
        return false;
    hal_delay_us(12000000 / uart.baud[id]);
    return true;
}

bool hal_uart_put(unsigned id, uint8_t byte)
{
    if (waiting(id) >= FIFO)
        return false;
    UART_FIFO(id) = byte;
    return true;
}

void hal_uart_break(unsigned id)
{
    while (waiting(id)) {
    }
    hal_delay_us(12000000 / uart.baud[id]);
    UART_CONF0(id) |= UART_CONF0_BREAK;
    hal_delay_us(14000000 / uart.baud[id]);
    UART_CONF0(id) &= ~(uint32_t)UART_CONF0_BREAK;
}

/* ---- the prompt ---- */

int hal_stdin_get(void) { return hal_uart_get(0); }
bool hal_stdin_ready(void) { return uart.in != uart.out; }

/* It may have come already, behind what started the program. */
void hal_stdin_interrupt_char(int c)
{
    uart.interrupt_char = c;
    for (uint32_t i = uart.out; c >= 0 && i != uart.in; i = after(i)) {
        if (uart.buffer[i] == c) {
            uart.out = after(i);
            vm_interrupt();
        }
    }
}

void hal_stdout_write(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        while (!hal_uart_put(0, (uint8_t)data[i])) {
        }
}

void hal_stdout_flush(void)
{
    while (waiting(0)) {
    }
    hal_delay_us(12000000 / uart.baud[0]);
}

void console_panic(const char *text)
{
    for (; *text; text++)
        while (!hal_uart_put(0, (uint8_t)*text)) {
        }
    hal_stdout_flush();
}
