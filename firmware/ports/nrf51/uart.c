/* SPDX-License-Identifier: MIT
 * uart.c: UART0 [29], the only one: the prompt's on the pins to the interface chip, until a program takes it for itself.
 * Receiving is by interrupt into a buffer; the hardware holds six bytes more. Sending waits for each byte.
 */
#include "nrf51.h"
#include "../../core/vm.h"

enum { RX_SIZE = 64 };

static struct {
    volatile uint8_t *buffer; /* the console's or a program's */
    uint16_t size;
    volatile uint16_t in, out; /* places; equal: empty */
    volatile int16_t interrupt_char;
    bool sending;              /* a byte was given to the transmitter */
    bool is_console;
    uint8_t mask;
} uart;
static uint8_t console_rx[RX_SIZE];

static void configure(uint32_t baud, uint32_t config, unsigned tx, unsigned rx, uint8_t *buffer, size_t size)
{
    hal_stdout_flush();
    irq_off(ID_UART0);
    UART_ENABLE = 0;
    hal_pin_write(tx, true);
    hal_pin_config(tx, HAL_OUT, HAL_PULL_NONE, 0);
    hal_pin_config(rx, HAL_IN, HAL_PULL_UP, 0);
    UART_PSELTXD = tx;
    UART_PSELRXD = rx;
    UART_PSELRTS = UART_PSELCTS = PSEL_NONE;
    /* 2^32 / 16 MHz, and the chip has the upper 20 bits */
    UART_BAUDRATE = (uint32_t)(((uint64_t)baud << 32) / CLOCK_HZ + 0x800) & 0xfffff000u;
    UART_CONFIG = config;
    uart.buffer = buffer;
    uart.size = (uint16_t)size;
    uart.in = uart.out = 0;
    uart.sending = false;
    UART_ENABLE = UART_ENABLED;
    UART_TXDRDY = UART_RXDRDY = UART_ERROR = 0;
    UART_STARTTX = 1;
    UART_STARTRX = 1;
    UART_INTENSET = UART_INT_RXDRDY | UART_INT_ERROR;
    irq_enable(ID_UART0, PRIORITY_UART);
}

void console_init(void)
{
    uart.interrupt_char = -1;
    console_restore();
}

void console_restore(void)
{
    if (uart.is_console)
        return;
    uart.is_console = true;
    uart.mask = 0xff;
    configure(115200, 0, PIN_TX, PIN_RX, console_rx, RX_SIZE);
}

int hal_uart_init(unsigned id, const hal_uart_config_t *config, uint8_t *rx_buffer, size_t size)
{
    if (id != 0)
        return -E_NODEV;
    if (config->baud < 1200 || config->baud > 1000000 || config->bits < 7 || config->bits > 8 || config->stop != 1 ||
        config->parity > 0) /* the parity bit is even [29.7] */
        return -E_INVAL;
    unsigned tx = config->tx == HAL_NO_PIN ? PIN_TX : config->tx, rx = config->rx == HAL_NO_PIN ? PIN_RX : config->rx;
    /* On its own pins, one character that interrupts and the prompt go on working. */
    uart.is_console = tx == PIN_TX && rx == PIN_RX;
    uart.mask = config->bits == 7 ? 0x7f : 0xff;
    configure(config->baud, config->parity == 0 ? UART_PARITY : 0, tx, rx, rx_buffer, size);
    return 0;
}

void hal_uart_deinit(unsigned id)
{
    uart.is_console = false;
    console_restore();
}

bool hal_uart_is_console(unsigned id) { return false; }

/* ---- receiving ---- */

static unsigned after(unsigned place) { return place + 1 == uart.size ? 0 : place + 1; }

static void receive(uint8_t c)
{
    hal_wake();
    if (uart.is_console && c == uart.interrupt_char) {
        uart.out = uart.in; /* what was typed before is no longer wanted */
        vm_interrupt();
        return;
    }
    unsigned next = after(uart.in);
    if (next == uart.out)
        return;
    uart.buffer[uart.in] = c & uart.mask;
    uart.in = (uint16_t)next;
    if (uart.buffer != console_rx)
        hal_on_uart(0);
}

void uart0_handler(void)
{
    if (UART_ERROR) {
        UART_ERROR = 0;
        UART_ERRORSRC = UART_ERRORSRC; /* written bits are cleared */
    }
    while (UART_RXDRDY) {
        UART_RXDRDY = 0;
        receive((uint8_t)UART_RXD);
    }
}

size_t hal_uart_any(unsigned id) { return uart.in >= uart.out ? uart.in - uart.out : uart.size - uart.out + uart.in; }

int hal_uart_get(unsigned id)
{
    if (uart.in == uart.out)
        return -1;
    int c = uart.buffer[uart.out];
    uart.out = (uint16_t)after(uart.out);
    return c;
}

/* ---- sending ---- */

bool hal_uart_sent(unsigned id) { return !uart.sending || UART_TXDRDY; }

bool hal_uart_put(unsigned id, uint8_t byte)
{
    if (!hal_uart_sent(id))
        return false;
    UART_TXDRDY = 0;
    uart.sending = true;
    UART_TXD = byte;
    return true;
}

void hal_uart_break(unsigned id) {}

static void put(uint8_t byte)
{
    for (uint32_t steps = 0; !hal_uart_put(0, byte) && steps < 100000; steps++) {
    }
}

/* ---- the prompt ---- */

/* While a program has the UART on other pins, nothing is typed and what is printed is lost. */
int hal_stdin_get(void) { return uart.buffer == console_rx || uart.is_console ? hal_uart_get(0) : -1; }
bool hal_stdin_ready(void) { return (uart.buffer == console_rx || uart.is_console) && hal_uart_any(0); }

/* It may have come already, behind what started the program. */
void hal_stdin_interrupt_char(int c)
{
    uart.interrupt_char = (int16_t)c;
    for (unsigned i = uart.out; c >= 0 && uart.is_console && i != uart.in; i = after(i)) {
        if (uart.buffer[i] == c) {
            uart.out = (uint16_t)after(i);
            vm_interrupt();
        }
    }
}

void hal_stdout_write(const char *data, size_t len)
{
    for (size_t i = 0; i < len && uart.is_console; i++)
        put((uint8_t)data[i]);
}

void hal_stdout_flush(void)
{
    for (uint32_t steps = 0; uart.sending && !UART_TXDRDY && steps < 100000; steps++) {
    }
}

void console_panic(const char *text)
{
    if (UART_ENABLE != UART_ENABLED)
        return;
    for (; *text; text++)
        put((uint8_t)*text);
    hal_stdout_flush();
}
